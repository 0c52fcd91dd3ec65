"""Patterns compiled by the engine that runs them fastest.

The standard library's `re` matches the patterns of this package two to three times as fast as `regex`, but knows neither
`\\p{Han}` nor look-behind of variable width. The former is spelled out, alternatives behind which to look are taken one by
one; what still needs `regex` goes to it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import regex

HAN = (
    "\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufa6d"
    "\ufa70-\ufad9\U00016fe2-\U00016fe3\U00016ff0-\U00016ff6\U00020000-\U0003ffff"
)
"""The ranges of `\\p{Han}`, to stand in a character class; of the two planes for ideographs all code points."""

_LOOK_BEHIND = ("(?<=", "(?<!")


def compile_regex(source: str, flags: int = 0) -> re.Pattern[str]:
    """Compile a pattern in the syntax of `regex`. `flags` are those of `re`. Raises `regex.error` where it is no pattern."""
    try:
        with warnings.catch_warnings():
            # What `re` warns of (nested sets) means something else to `regex`.
            warnings.simplefilter("error", FutureWarning)
            return re.compile(_spelled(source), flags)
    except (re.error, FutureWarning):
        return cast("re.Pattern[str]", regex.compile(source, flags))


@dataclass(frozen=True, slots=True)
class Choice:
    """Patterns in order of which the first that matches counts; those of one engine are joined into one."""

    parts: tuple[re.Pattern[str], ...]

    def match(self, text: str, at: int) -> tuple[int, int] | None:
        """The index of the first pattern that matches at an offset, and the end of its match."""
        best: tuple[int, int] | None = None
        for part in self.parts:
            m = part.match(text, at)
            if m is not None:
                assert m.lastgroup is not None
                index = int(m.lastgroup[1:])
                if best is None or index < best[0]:
                    best = (index, m.end())
        return best


def choice(sources: Sequence[str]) -> Choice:
    """Patterns, each of which compiles by itself, as one choice."""
    engines: dict[bool, list[str]] = {}
    for i, source in enumerate(sources):
        engines.setdefault(isinstance(compile_regex(source), re.Pattern), []).append(marked(i, source))
    return Choice(tuple(compile_regex("|".join(parts)) for parts in engines.values()))


def marked(index: int, source: str) -> str:
    """The pattern with an empty group behind it, `lastgroup` of a match, that says which alternative matched."""
    return f"(?:{source})(?P<r{index}>)"


def screened(source: str, boundary: str = "") -> str:
    """The pattern behind a look-ahead for the characters it can begin with, so that a search passes over the others fast.

    `boundary` is asked between the two. `source` has no numbered references.
    """
    pattern = regex.compile(source, regex.MULTILINE)
    alphabet = {*source, *"0123456789"}
    # Look-behind has nothing to look at here, and what can begin with an unnamed character can begin with any.
    if "(?<=" in source or pattern.match("\ue000", partial=True) is not None:
        return f"{boundary}(?:{source})"
    first = "".join(sorted(c for c in alphabet if pattern.match(c, partial=True) is not None))
    return f"(?=[{re.escape(first)}]){boundary}(?:{source})"


def _spelled(source: str) -> str:
    """The pattern with `\\p{Han}` as ranges and without alternatives inside look-behind."""
    if r"\p{Han}" not in source and "(?<" not in source:
        return source
    parts: list[str] = []
    stack: list[int] = []
    """Where in `parts` each open bracket stands."""
    for token, inside in _tokens(source):
        if token == r"\p{Han}":
            parts.append(HAN if inside else f"[{HAN}]")
            continue
        parts.append(token)
        if not inside and token.startswith("("):
            stack.append(len(parts) - 1)
        elif not inside and token == ")" and stack:
            start = stack.pop()
            if parts[start] in _LOOK_BEHIND:
                parts[start:] = [_one_by_one(parts[start], "".join(parts[start + 1 : -1]))]
    return "".join(parts)


def _one_by_one(sign: str, source: str) -> str:
    """A look-behind with alternatives as look-behinds with one alternative each."""
    alternatives = _alternatives(source)
    if len(alternatives) == 1 and source.startswith("(?:") and source.endswith(")"):
        alternatives = _alternatives(source[3:-1]) or alternatives
    looks = [f"{sign}{a})" for a in alternatives]
    if sign == "(?<!":
        return "".join(looks)
    return f"(?:{'|'.join(looks)})" if len(looks) > 1 else looks[0]


def _alternatives(source: str) -> list[str]:
    """The alternatives of a pattern; none where its brackets do not match."""
    found, depth = [""], 0
    for token, inside in _tokens(source):
        if not inside:
            depth += token.startswith("(") - (token == ")")
            if depth < 0:
                return []
        if token == "|" and not inside and depth == 0:
            found.append("")
        else:
            found[-1] += token
    return found


def _tokens(source: str) -> Iterator[tuple[str, bool]]:
    """The pattern in pieces (escapes, opening brackets with what makes them, single characters) and whether in a class."""
    at, inside = 0, False
    while at < len(source):
        m = _TOKEN.match(source, at)
        assert m is not None
        token = m.group()
        if not inside and token == "[":
            # A bracket that comes first in a class is a member of it.
            token = m.group() + source[at + 1 : at + 2] * (source[at + 1 : at + 2] == "^")
            token += "]" * source.startswith("]", at + len(token))
            inside = True
            yield token, True
        elif inside and token == "]":
            inside = False
            yield token, True
        elif inside and token.startswith("("):
            token = "("
            yield token, True
        else:
            yield token, inside
        at += len(token)


_TOKEN = re.compile(r"\\p\{Han\}|\\.|\(\?(?:<?[=!]|[:>])|[^\\()\[\]|]+|.", re.DOTALL)
