"""Words that a text may end with, the longest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Endings:
    """Words that a text may end with."""

    words: frozenset[str]
    lengths: Mapping[str, tuple[int, ...]]
    """Last character of a word to the lengths of the words that end with it, the longest first."""

    @staticmethod
    def of(words: Iterable[str]) -> Endings:
        """The endings that these words, none empty, are."""
        kept = frozenset(words)
        return Endings(kept, lengths_by_character(kept, -1))

    def start(self, text: str) -> int | None:
        """Where the longest of the words that `text` ends with starts, or None where it ends with none."""
        for length in self.lengths.get(text[-1:], ()):
            if length <= len(text) and text[-length:] in self.words:
                return len(text) - length
        return None


def lengths_by_character(words: Iterable[str], at: int = 0) -> dict[str, tuple[int, ...]]:
    """The character at an index of the words to the lengths of the words that have it there, the longest first."""
    found: dict[str, set[int]] = {}
    for word in words:
        found.setdefault(word[at], set()).add(len(word))
    return {first: tuple(sorted(lengths, reverse=True)) for first, lengths in found.items()}
