"""Words of a window of text and their classes, by jieba with the rules' user dictionary; loaded when the first window
is cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from casextract.extract import jieba_dictionary


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The cutter for one user dictionary and the word classes of the rules.

    What a word is the rules say first; jieba's dictionary speaks of the verbs that no rule names.
    """

    lexicon: str
    verbs: frozenset[str]
    nominals: frozenset[str]
    functions: frozenset[str]

    def cut(self, phrase: str) -> tuple[str, ...]:
        """The words of a phrase of normalised text, in order; their concatenation is the phrase."""
        return _cutter(self.lexicon)(phrase)

    def is_verb(self, word: str) -> bool:
        """Whether the rules say that the word ends a noun phrase as its verb (建成, 参与)."""
        return word in self.verbs

    def is_nominal(self, word: str) -> bool:
        """Whether the rules say that the word is a verb that also stands inside noun phrases (服务, 救助)."""
        return word in self.nominals

    def is_predicate(self, word: str) -> bool:
        """Whether jieba's dictionary has the word as a verb. Weaker evidence than the rules: 需求 and 分散 are verbs
        there."""
        return word in self.verbs or (
            word in jieba_dictionary.verbs() and word not in self.nominals and word not in self.functions
        )

    def is_adjective(self, word: str) -> bool:
        """Whether jieba's dictionary has the word as an adjective (优异, 宽泛)."""
        return word in jieba_dictionary.adjectives()


@cache
def _cutter(lexicon: str) -> Callable[[str], tuple[str, ...]]:
    loaded: list[jieba_dictionary.Cut] = []

    # Articles of a genre repeat their phrases: remembering what was cut is most of the speed.
    @lru_cache(maxsize=1 << 15)
    def cut(phrase: str) -> tuple[str, ...]:
        if not loaded:
            loaded.append(jieba_dictionary.load(lexicon))
        return _suffixed(loaded[0](phrase))

    return cut


_SUFFIXES = frozenset("率度量额数费期券型点站院所室员者制")


def _suffixed(tokens: list[str]) -> tuple[str, ...]:
    """Join a suffix that the dictionary leaves alone to the word it makes a noun of (响应 率, 护理 型)."""
    joined: list[str] = []
    for token in tokens:
        if token in _SUFFIXES and joined and len(joined[-1]) > 1 and "\u4e00" <= joined[-1][0] <= "\u9fff":
            joined[-1] += token
        else:
            joined.append(token)
    return tuple(joined)
