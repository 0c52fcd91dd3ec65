"""Of many patterns the first that matches at a place, with what must stand in front of each.

This is what decides of every numeral whether it is set aside, so it is what the extraction does most often.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from casextract.rulebook.patterns import (
    Refusal,
    alternatives_of,
    can_begin,
    can_end,
    in_class,
    is_for_re,
    marked,
    on_demand,
)


class Choice:
    """Patterns in order, of which the first that matches counts.

    Those that `re` takes are joined into one. One that looks behind over a variable width is two: what must stand in
    front is searched for up to the place, and only where the characters on either side of the place can belong to it.
    """

    __slots__ = ("_between", "_joined", "_opening", "_others", "_reach")

    def __init__(self, joined: re.Pattern[str], others: Sequence[_Behind]) -> None:
        """`joined` has an empty group `r<i>` for each of its patterns; `others` are in order of their index."""
        self._joined, self._others = joined, others
        self._between: dict[str, tuple[_Behind, ...]] = {}
        # Three of four fronts begin with a quotation mark or the like, which most stretches of text do not hold.
        self._opening = on_demand(
            in_class({o.opening for o in others if o.opening}) if any(o.opening for o in others) else r"(?!)"
        )
        self._reach = max((o.reach for o in others if o.opening), default=0)

    def match(self, text: str, at: int) -> tuple[int, int] | None:
        """The index of the first pattern that matches at an offset, and the end of its match."""
        best: tuple[int, int] | None = None
        m = self._joined.match(text, at)
        if m is not None:
            assert m.lastgroup is not None
            best = (int(m.lastgroup[1:]), m.end())
        neighbours = text[at - 1 : at + 1] if at else text[:1]
        possible = self._between.get(neighbours)
        if possible is None:
            possible = self._between[neighbours] = tuple(o for o in self._others if o.fits(neighbours))
        opened: bool | None = None
        for other in possible:
            if best is not None and other.index > best[0]:
                break
            if other.opening:
                if opened is None:
                    opened = self._opening.search(text, at - self._reach, at) is not None
                if not opened:
                    continue
            # Where the text begins first, `search` begins there.
            if other.front.search(text, at - other.reach, at) is not None:
                m = other.body.match(text, at)
                if m is not None:
                    return other.index, m.end()
        return best


@dataclass(frozen=True, slots=True)
class _Behind:
    """A pattern and what must stand in front of it."""

    index: int
    front: re.Pattern[str]
    body: re.Pattern[str]
    reach: int
    """How far the front is looked for."""
    opening: str
    """The character that every front begins with, where there is such a one."""
    last: Callable[[str], bool]
    """Whether the front can end with a character."""
    first: Callable[[str], bool]
    """Whether the body can begin with a character."""

    def fits(self, neighbours: str) -> bool:
        """Whether a match can lie between two characters, or begin the text before one."""
        return self.first(neighbours[-1:]) and (len(neighbours) < 2 or self.last(neighbours[0]))


def choice(sources: Sequence[tuple[str | None, str]], refusal: Refusal | None = None) -> Choice:
    """Patterns, each with what must stand in front of it or None, as one choice, compiled `on_demand`."""
    joined: list[str] = []
    others: list[_Behind] = []
    for i, (front, body) in enumerate(sources):
        if front is None or is_for_re(f"(?<={front})"):
            # Looking behind costs more than looking at the digit that a pattern begins with.
            digit = r"(?=\d)" if body.startswith(r"\d") else ""
            joined.append(marked(i, body if front is None else f"{digit}(?<={front})(?:{body})"))
        else:
            others.append(
                _Behind(
                    i,
                    on_demand(rf"(?:{front})\Z", 0, refusal),
                    on_demand(body, 0, refusal),
                    _reach(front),
                    _opening(front),
                    can_end(front),
                    can_begin(body),
                )
            )
    return Choice(on_demand("|".join(joined) or r"(?!)", 0, refusal), others)


_REACH = 240
"""How far what must stand in front of a place is looked for at most."""
_ENDLESS = re.compile(r"[*+]|,\}|\)\{")
"""What repeats without end, or repeats more than a character."""


def _reach(source: str) -> int:
    """No fewer characters than the longest match has, but for those that have no longest one."""
    if _ENDLESS.search(source) is not None:
        return _REACH
    longest = max((len(a) + sum(map(int, re.findall(r"(\d+)\}", a))) for a in alternatives_of(source)), default=_REACH)
    return min(_REACH, longest)


def _opening(source: str) -> str:
    """The character that every match begins with; empty where the pattern does not say so plainly."""
    plain = len(alternatives_of(source)) == 1 and not source[:1].isalnum() and re.escape(source[0]) == source[0]
    return source[0] if plain and source[1:2] not in "?*{" else ""
