"""Patterns compiled by the engine that runs them fastest.

The standard library's `re` matches the patterns of this package two to three times as fast as `regex`, but knows neither
`\\p{Han}` nor look-behind of variable width. The former is spelled out, alternatives behind which to look are taken one by
one; what still needs `regex` goes to it. Compiling takes long beside matching: `on_demand` leaves it until a text asks.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

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


Refusal = Callable[[regex.error], Exception]


def on_demand(source: str, flags: int = 0, refusal: Refusal | None = None) -> re.Pattern[str]:
    """A pattern that is compiled when it is first asked something, for what many a text never asks.

    Where it is no pattern, that asking raises `regex.error`, or what `refusal` makes of it.
    """
    return cast("re.Pattern[str]", _OnDemand(source, flags, refusal))


_METHODS = ("match", "search", "fullmatch", "finditer", "findall", "sub", "split")


class _OnDemand:
    """Stands for a compiled pattern; once compiled, asking it costs what asking the pattern does."""

    __slots__ = ("_flags", "_refusal", "groupindex", "pattern", *_METHODS)

    def __init__(self, source: str, flags: int, refusal: Refusal | None) -> None:
        self.pattern, self._flags, self._refusal = source, flags, refusal

    def __getattr__(self, name: str) -> Any:
        # Python comes here for a slot that is not filled yet.
        if name not in self.__slots__:
            raise AttributeError(name)
        try:
            compiled = compile_regex(self.pattern, self._flags)
        except regex.error as error:
            raise self._refusal(error) if self._refusal is not None else error from error
        self.groupindex = compiled.groupindex
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(self, name)


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


def choice(sources: Sequence[str], refusal: Refusal | None = None) -> Choice:
    """Patterns, each of which compiles by itself, as one choice, compiled `on_demand`."""
    engines: dict[bool, list[str]] = {}
    for i, source in enumerate(sources):
        engines.setdefault(_is_for_re(source), []).append(marked(i, source))
    return Choice(tuple(on_demand("|".join(parts), 0, refusal) for parts in engines.values()))


def _is_for_re(source: str) -> bool:
    """Whether `re` will take a pattern, by its look-behinds. A guess that fails costs speed, never a match: see `compile_regex`."""
    try:
        return all(re.compile(look) for look in _look_behinds(_spelled(source)))
    except re.error:
        return False


def _look_behinds(source: str) -> Iterator[str]:
    """Each look-behind of a pattern by itself."""
    starts: list[int | None] = []
    at = 0
    for token, inside in _tokens(source):
        if not inside and token.startswith("("):
            starts.append(at if token in _LOOK_BEHIND else None)
        at += len(token)
        if not inside and token == ")" and starts and (start := starts.pop()) is not None:
            yield source[start:at]


def marked(index: int, source: str) -> str:
    """The pattern with an empty group behind it, `lastgroup` of a match, that says which alternative matched."""
    return f"(?:{source})(?P<r{index}>)"


def screened(source: str, boundary: str = "") -> str:
    """The pattern behind a look-ahead for the characters it can begin with, so that a search passes over the others fast.

    `boundary` is asked between the two. `source` has no numbered references.
    """
    pattern = regex.compile(source, regex.MULTILINE)
    alphabet = {*source, *"0123456789"}
    # Look-behind has nothing to look at here, and what can begin with a character it does not name can begin with any.
    unnamed = any(pattern.match(c, partial=True) is not None for c in _UNNAMED - alphabet)
    if "(?<=" in source or unnamed or _FROM_TO.search(source) is not None:
        return f"{boundary}(?:{source})"
    first = "".join(sorted(c for c in alphabet if pattern.match(c, partial=True) is not None))
    return f"(?=[{re.escape(first)}]){boundary}(?:{source})"


_UNNAMED = frozenset("\ue000龘ſ㊿\u2002")
_FROM_TO = re.compile(r"[^\W\d]-[^\W\d]")
"""A range of letters, which stands for characters that are not written."""


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
