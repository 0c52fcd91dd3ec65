"""Repeats: the same article on another site, in the other script or with another trailer.

Works on normalised texts, so the script makes no difference. An article is the set of its clauses; rensa's MinHash
estimates how much of two sets is common, its LSH index finds the candidates without comparing all with all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rensa import RMinHash

SIMILAR = 0.75
"""Share of clauses (Jaccard) from which an article repeats another. Lower, and an excerpt would hide the whole article."""

FEWEST = 8
"""Clauses below which only an equal text counts: short notes are alike without being repeats."""

_PERMUTATIONS = 64
_BANDS = 16  # Rows of 4: finds 0.75 in 99.8 of 100, and lets few pairs below 0.3 through to be compared.
_SEED = 20220224
_CLAUSE = re.compile(r"\w{3,}")


class RepeatIndex:
    """The articles seen so far. Feed it in the order in which articles count as earlier; each costs about a kilobyte."""

    def __init__(self) -> None:
        """An empty index."""
        from rensa import RMinHashLSH

        self._index = RMinHashLSH(threshold=SIMILAR, num_perm=_PERMUTATIONS, num_bands=_BANDS)
        self._ids: list[str] = []
        self._signatures: list[RMinHash] = []
        self._short: dict[str, str] = {}

    def add(self, doc_id: str, norm_text: str) -> str | None:
        """Take in an article (its normalised text); gives the id of the earlier one it repeats, or None.

        An article that repeats a repeat is given the first of them.
        """
        clauses = _clauses(norm_text)
        if len(clauses) < FEWEST:
            earlier = self._short.setdefault("\n".join(clauses), doc_id)
            return earlier if earlier != doc_id and clauses else None
        signature = _signature(clauses)
        shares = [(self._signatures[n].jaccard(signature), -n) for n in self._index.query(signature)]
        share, number = max(shares, default=(0.0, 0))
        if share >= SIMILAR:
            return self._ids[-number]
        self._index.insert(len(self._ids), signature)
        self._ids.append(doc_id)
        self._signatures.append(signature)
        return None


def _clauses(norm_text: str) -> list[str]:
    """The different clauses of a text, white space apart; sorted, so that the same set is the same list."""
    return sorted(set(_CLAUSE.findall("".join(norm_text.split()))))


def _signature(clauses: list[str]) -> RMinHash:
    from rensa import RMinHash

    signature = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
    signature.update(clauses)
    return signature
