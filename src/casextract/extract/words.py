"""Words of a window of text, by jieba with the rules' user dictionary; loaded when the first window is cut."""

from __future__ import annotations

import io
import logging
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Words:
    """A cutter for one user dictionary. Results are remembered: articles of a genre repeat their phrases."""

    __slots__ = ("_cut",)

    def __init__(self, lexicon: str) -> None:
        self._cut = _cutter(lexicon)

    def cut(self, phrase: str) -> tuple[str, ...]:
        """The words of a phrase of normalised text, in order; their concatenation is the phrase."""
        return self._cut(phrase)


@cache
def _cutter(lexicon: str) -> Callable[[str], tuple[str, ...]]:
    tokenizer: list[Any] = []

    @lru_cache(maxsize=65536)
    def cut(phrase: str) -> tuple[str, ...]:
        if not tokenizer:
            tokenizer.append(_tokenizer(lexicon))
        return tuple(tokenizer[0].lcut(phrase, HMM=False))

    return cut


def _tokenizer(lexicon: str) -> Any:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    lines = [line.split("#")[0].strip() for line in lexicon.splitlines()]
    tokenizer.initialize()
    tokenizer.load_userdict(io.StringIO("\n".join(line for line in lines if line)))
    return tokenizer
