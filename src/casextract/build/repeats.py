"""Repeats: the same article on another site, in the other script or with another trailer.

Works on normalised texts, so the script makes no difference. An article is the set of its clauses; rensa's MinHash
estimates how much of two sets is common. Articles whose signatures share a band are compared, not all with all; which
do is kept in sorted arrays, because rensa's own index takes 1.8 kB an article and a build of many holds it to the end.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from operator import eq

SIMILAR = 0.75
"""Share of clauses (Jaccard) from which an article repeats another. Lower, and an excerpt would hide the whole
article."""

FEWEST = 8
"""Clauses below which only an equal text counts: short notes are alike without being repeats."""

_PERMUTATIONS = 64
_BANDS = 16  # Rows of 4: finds 0.75 in 99.8 of 100, and lets few pairs below 0.3 through to be compared.
_SEED = 20220224
_CLAUSE = re.compile(r"\w{3,}")


class RepeatIndex:
    """The articles seen so far. Feed it in the order in which articles count as earlier; each costs a kilobyte."""

    def __init__(self) -> None:
        """An empty index."""
        self._bands = _Bands()
        self._ids: list[str] = []
        self._signatures: list[array[int]] = []
        self._short: dict[str, str] = {}

    def add(self, doc_id: str, norm_text: str) -> str | None:
        """Take in an article (its normalised text); gives the id of the earlier one it repeats, or None.

        An article that repeats a repeat is given the first of them.
        """
        clauses = _clauses(norm_text)
        if len(clauses) < FEWEST:
            # Compared by all their words: clauses leave out what is short, and a number of one digit may be all that
            # differs.
            earlier = self._short.setdefault("".join(norm_text.split()), doc_id)
            return earlier if earlier != doc_id and clauses else None
        signature = _signature(clauses)
        bands = _bands_of(signature)
        shares = [(_share(self._signatures[n], signature), -n) for n in self._bands.sharing(bands)]
        share, number = max(shares, default=(0.0, 0))
        if share >= SIMILAR:
            return self._ids[-number]
        self._bands.insert(len(self._ids), bands)
        self._ids.append(doc_id)
        self._signatures.append(signature)
        return None


class _Bands:
    """Which articles have a band: the older ones in sorted arrays, the newest in a table until there are enough to sort
    in."""

    def __init__(self) -> None:
        import numpy as np

        self._keys, self._numbers = np.empty(0, np.int64), np.empty(0, np.int32)
        self._new: dict[int, list[int]] = {}

    def sharing(self, bands: Sequence[int]) -> set[int]:
        """The numbers of the articles that have one of the bands."""
        found: set[int] = set()
        starts, ends = self._keys.searchsorted(bands, "left"), self._keys.searchsorted(bands, "right")
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            found.update(self._numbers[start:end].tolist())
        for band in bands:
            found.update(self._new.get(band, ()))
        return found

    def insert(self, number: int, bands: Sequence[int]) -> None:
        """Take in an article."""
        for band in bands:
            self._new.setdefault(band, []).append(number)
        if len(self._new) >= _UNSORTED:
            self._sort()

    def _sort(self) -> None:
        import numpy as np

        new = sorted((band, number) for band, numbers in self._new.items() for number in numbers)
        keys = np.concatenate([self._keys, np.fromiter((b for b, _ in new), np.int64, len(new))])
        numbers = np.concatenate([self._numbers, np.fromiter((n for _, n in new), np.int32, len(new))])
        # Two sorted runs, which a stable sort merges in one pass.
        order = keys.argsort(kind="stable")
        self._keys, self._numbers = keys[order], numbers[order]
        self._new = {}


_UNSORTED = 1 << 15
"""Bands that are held unsorted at most."""


def _clauses(norm_text: str) -> list[str]:
    """The different clauses of a text, white space apart; sorted, so that the same set is the same list."""
    return sorted(set(_CLAUSE.findall("".join(norm_text.split()))))


def _signature(clauses: list[str]) -> array[int]:
    """The MinHash of a set of clauses."""
    from rensa import RMinHash

    minhash = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
    minhash.update(clauses)
    return array("I", minhash.digest())


def _bands_of(signature: array[int]) -> list[int]:
    """A number for each band of a signature; equal for equal bands, and hardly ever else."""
    rows = _PERMUTATIONS // _BANDS
    return [hash((i, *signature[i : i + rows])) for i in range(0, _PERMUTATIONS, rows)]


def _share(one: array[int], other: array[int]) -> float:
    """The share of clauses that two articles have in common (Jaccard), by their signatures."""
    return float(sum(map(eq, one, other))) / _PERMUTATIONS
