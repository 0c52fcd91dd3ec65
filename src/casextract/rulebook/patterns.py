"""Patterns compiled by the engine that runs them fastest.

The standard library's `re` matches the patterns of this package two to three times as fast as `regex`, but knows
neither `\\p{Han}` nor look-behind of variable width. The former is spelled out, alternatives behind which to look are
taken one by one; what still needs `regex` goes to it. Compiling takes long beside matching: `on_demand` leaves it until
a text asks.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from typing import Any, cast

import regex

HAN = (
    "\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufa6d"
    "\ufa70-\ufad9\U00016fe2-\U00016fe3\U00016ff0-\U00016ff6\U00020000-\U0003ffff"
)
"""The ranges of `\\p{Han}`, to stand in a character class; of the two planes for ideographs all code points."""

_LOOK_BEHIND = ("(?<=", "(?<!")


def compile_regex(source: str, flags: int = 0) -> re.Pattern[str]:
    """Compile a pattern in the syntax of `regex`.

    `flags` are those of `re`. Raises `regex.error` where it is no pattern.
    """
    if _watched.get():
        return cast("re.Pattern[str]", _Watched(regex.compile(source, flags)))
    try:
        with warnings.catch_warnings():
            # What `re` warns of (nested sets) means something else to `regex`.
            warnings.simplefilter("error", FutureWarning)
            return re.compile(_spelled(source), flags)
    except (re.error, FutureWarning):
        return cast("re.Pattern[str]", regex.compile(source, flags))


_METHODS = ("match", "search", "fullmatch", "finditer", "findall", "sub", "split")

PATTERN_SECONDS = 5.0
"""Seconds that one question to a watched pattern may take; the shipped ones answer in microseconds."""

_watched: ContextVar[bool] = ContextVar("watched", default=False)


@contextmanager
def watched(whether: bool = True) -> Iterator[None]:
    """Have the patterns made in here watched: asking one raises TimeoutError after `PATTERN_SECONDS`.

    For patterns of others: only those of `regex` can be watched, which takes two to three times as long as `re`.
    """
    token = _watched.set(whether)
    try:
        yield
    finally:
        _watched.reset(token)


class _Watched:
    """Stands for a compiled pattern; every question has an end."""

    __slots__ = ("flags", "groupindex", "groups", "pattern", *_METHODS)

    def __init__(self, compiled: Any) -> None:
        for name in ("flags", "groupindex", "groups", "pattern"):
            setattr(self, name, getattr(compiled, name))
        for name in _METHODS:
            setattr(self, name, partial(getattr(compiled, name), timeout=PATTERN_SECONDS))


Refusal = Callable[[regex.error], Exception]


def on_demand(source: str, flags: int = 0, refusal: Refusal | None = None) -> re.Pattern[str]:
    """A pattern that is compiled when it is first asked something, for what many a text never asks.

    Where it is no pattern, that asking raises `regex.error`, or what `refusal` makes of it.
    """
    return cast("re.Pattern[str]", _OnDemand(source, flags, refusal))


class _OnDemand:
    """Stands for a compiled pattern; once compiled, asking it costs what asking the pattern does."""

    __slots__ = ("_flags", "_refusal", "_watched", "groupindex", "pattern", *_METHODS)

    def __init__(self, source: str, flags: int, refusal: Refusal | None) -> None:
        self.pattern, self._flags, self._refusal, self._watched = source, flags, refusal, _watched.get()

    def __getattr__(self, name: str) -> Any:
        # Python comes here for a slot that is not filled yet.
        if name not in self.__slots__:
            raise AttributeError(name)
        try:
            with watched(self._watched):
                compiled = compile_regex(self.pattern, self._flags)
        except regex.error as error:
            if self._refusal is None:
                raise
            raise self._refusal(error) from error
        self.groupindex = compiled.groupindex
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(self, name)


def is_for_re(source: str) -> bool:
    """Whether `re` will take a pattern, by its look-behinds.

    A guess that fails costs speed, never a match: see `compile_regex`.
    """
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
    """The pattern behind a look-ahead for the characters it can begin with, so that a search passes over the others
    fast.

    `boundary` is asked between the two. `source` has no numbered references.
    """
    first = first_characters(source)
    return f"{boundary}(?:{source})" if first is None else f"(?={in_class(first)}){boundary}(?:{source})"


def in_class(characters: Iterable[str]) -> str:
    """The class of some characters, at least one."""
    return f"[{re.escape(''.join(sorted(characters)))}]"


def first_characters(source: str) -> frozenset[str] | None:
    """The characters a match can begin with; None where it can begin with any, or where that cannot be told."""
    begins = can_begin(source)
    named = {*source, *"0123456789 \n\r\t\f\v"}
    for low, high in ((ord(a), ord(b)) for a, b in _FROM_TO.findall(source)):
        if high - low <= _WIDEST:
            named.update(map(chr, range(low, high + 1)))
        elif begins(chr((low + high) // 2)):
            return None
    return None if any(map(begins, _UNNAMED - named)) else frozenset(filter(begins, named))


_FROM_TO = re.compile(r"([^\\\]\[\s])-([^\\\]\[\s])")
"""A range of a class, which stands for characters that are not written.

What only looks like one adds characters to try.
"""
_WIDEST = 256
_UNNAMED = frozenset("\ue000龘ſ㊿\u2002")
"""Of each sort of character one that no pattern names: what can begin with it can begin with any of its sort."""


def can_begin(source: str) -> Callable[[str], bool]:
    """Whether a match can begin with a character, by what `regex` says of a text that goes on behind it."""
    if "(?<=" in source:
        # What is looked for behind has nothing to look at here.
        return lambda c: True
    pattern = regex.compile(source, regex.MULTILINE)
    # Few characters stand beside numbers, in many combinations.
    return cache(lambda c: pattern.match(c, partial=True) is not None)


def can_end(source: str) -> Callable[[str], bool]:
    """Whether a match can end with a character: the same, read backwards."""
    return can_begin(source) if "(?<=" in source else can_begin(f"(?r)(?:{source})")


def _spelled(source: str) -> str:
    """The pattern with `\\p{Han}` as ranges, without the class of all that is no word, and without alternatives inside
    look-behind."""
    # What `re` takes for a part of a word is what is a letter or a number to Unicode, and the low line.
    source = source.replace(r"[^\p{L}\p{N}]", r"[\W_]")
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
    alternatives = alternatives_of(source)
    if len(alternatives) == 1 and source.startswith("(?:") and source.endswith(")"):
        alternatives = alternatives_of(source[3:-1]) or alternatives
    looks = [f"{sign}{a})" for a in alternatives]
    if sign == "(?<!":
        return "".join(looks)
    return f"(?:{'|'.join(looks)})" if len(looks) > 1 else looks[0]


def alternatives_of(source: str) -> list[str]:
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
    """The pattern in pieces (escapes, opening brackets with their marks, single characters) and whether in a class."""
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
