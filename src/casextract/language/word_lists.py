"""Lists of words that the patterns of a room name: read from `words.toml` beside its modules.

What an analyst may add to stands in `rules/`. Here stand words that are nobody's rule: what pages print around an
article, what may stand beside a name. `load`, which runs without rules, has no other place for them.

An entry is an alternative of a pattern, and alternatives are tried in the order in which they stand; a string stands
for its characters.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

FILE = "words.toml"

_NAMED = re.compile(r"(?<!\\[pP])\{([a-z][a-z_]+)\}")
"""A name in braces; `\\p{Han}` is none, nor is `{2,3}`."""


class WordLists:
    """The lists of one table of a room's file."""

    def __init__(self, lists: Mapping[str, tuple[str, ...]]) -> None:
        """`lists`: name to alternatives."""
        self._lists = lists

    def __getitem__(self, name: str) -> tuple[str, ...]:
        """A list by its name."""
        return self._lists[name]

    def get(self, name: str) -> tuple[str, ...]:
        """A list by its name; empty where there is none of that name."""
        return self._lists.get(name, ())

    def set_of(self, name: str) -> frozenset[str]:
        """A list as a set, for words that are looked up and not searched for."""
        return frozenset(self._lists[name])

    def filled(self, pattern: str) -> str:
        """The pattern with `a|b|c` in the place of each name in braces.

        Raises KeyError with a name that stands for nothing.
        """
        return _NAMED.sub(lambda m: "|".join(self._lists[m[1]]), pattern)

    @property
    def names(self) -> tuple[str, ...]:
        """What the lists are called, in the order in which they stand."""
        return tuple(self._lists)


@cache
def word_lists(room: str, table: str) -> WordLists:
    """The lists under `[table]` in the file of a room (`casextract.load`)."""
    content = tomllib.loads(files(room).joinpath(FILE).read_text(encoding="utf-8"))
    return WordLists({name: tuple(words) for name, words in content[table].items()})
