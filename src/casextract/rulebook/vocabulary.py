"""What a pattern of a rule may name: `{grant}` a list of words, `{N}` a numeral.

The lists stand in `rules/vocabulary.toml`; an overlay's words are added to the shipped ones. The macros are the few
classes that are no lists. All are put in when the rules are read, so that stages and checks see the same pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

ARABIC = r"\d{1,3}+(?:(?:,\d{3})++(?![\d,])|(?:\ \d{3})++(?!\d)|\d*+)(?:\.\d++)?"
"""A number in digits: groups of three may be set apart by commas, in Hong Kong also by blanks."""
CHINESE = r"[零〇一二两三四五六七八九十百千万亿廿卅]"
"""A character of a Chinese numeral."""

MACROS: Mapping[str, str] = {
    "N": rf"(?:(?:{ARABIC})[万亿千百]?|{CHINESE}++)",
    "D": r"\d++(?:\.\d++)?",
    "C": "[零〇一二两三四五六七八九十百千]",
    "Y": (
        r"(?:(?:19|20)\d{2}|[一二][〇零九][〇零一二三四五六七八九]{2}"
        r"|(?:民国)?(?:1[01]\d|一[〇一二][〇一二三四五六七八九])(?= ?年))"
    ),
    "M": "(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])",
}
"""Any numeral, digits, a Chinese digit, a year, a month."""

NAME = re.compile(r"[a-z][a-z_]+")
_NAMED = re.compile(r"(?<!\\[pP])\{([A-Z]|[a-z][a-z_]+)\}")
"""A name in braces; `\\p{Han}` is none, nor is `{2,3}`."""


CLASSES = ("U", "L")
"""Macros that the rules of units give their meaning: any unit word, one in Latin letters."""


def one_of(words: Iterable[str]) -> str:
    """The words as a pattern, the longest first, under their first characters, so that what begins with none is left at
    once."""
    by_first: dict[str, set[str]] = {}
    for word in words:
        by_first.setdefault(word[0], set()).add(word[1:])
    branches = []
    for first, rests in sorted(by_first.items()):
        tails = "|".join(map(re.escape, sorted(rests, key=lambda w: (-len(w), w))))
        branches.append(re.escape(first) + (f"(?:{tails})" if tails else ""))
    return f"(?:{'|'.join(branches)})" if branches else r"(?!)"


def expand(
    pattern: str, lists: Mapping[str, tuple[str, ...]], classes: Mapping[str, str] = MappingProxyType({})
) -> str:
    """The pattern with its names put in, the longest word of a list first.

    Raises KeyError with a name that stands for nothing.
    """

    def meaning(m: re.Match[str]) -> str:
        name = m[1]
        if name in MACROS:
            return MACROS[name]
        if name in classes:
            return classes[name]
        return f"(?:{'|'.join(map(re.escape, sorted(lists[name], key=lambda w: (-len(w), w))))})"

    return _NAMED.sub(meaning, pattern)


def names_in(pattern: str) -> set[str]:
    """The lists that a pattern names."""
    return {name for name in _NAMED.findall(pattern) if name not in MACROS and name not in CLASSES}
