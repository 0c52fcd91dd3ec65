"""The values of places: a unit of the table, a mention in a text, what a document says of place, and the place
decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from casextract.errors import CasextractError


class PlacesError(CasextractError, ValueError):
    """The table of divisions cannot be used; the message names the file, the line and the remedy."""


@dataclass(frozen=True, slots=True)
class Division:
    """One row of the table: an administrative unit, current or former, or a functional area.

    ``level`` is one of ``province city county area``; ``status`` one of ``current former functional``. ``code`` of an
    area is that of the smallest official unit that contains it. ``ended`` is the year a former unit ceased, else 0.
    """

    code: str
    name: str
    level: str
    parent: str
    status: str
    successor: str
    ended: int
    kind: str


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place expression as a text prints it.

    ``text[start:end]`` is the expression with the place below county level; ``candidates`` are the units the last
    official name (or functional area) can mean, none ruled out by the names before it, at least one. ``area`` is a
    functional area as printed that the table does not hold, ``place`` the place below county level (旺庄街道).
    ``agency`` is the body that follows, ``""`` if none, and ends at ``agency_end`` (else equal to ``end``).
    """

    start: int
    end: int
    text: str
    names: tuple[str, ...]
    candidates: tuple[Division, ...]
    area: str | None = None
    place: str | None = None
    agency: str | None = None
    agency_end: int = -1

    @property
    def short(self) -> bool:
        """Whether the last name is printed without the word for its kind (济南 and not 济南市)."""
        return self.area is None and self.place is None and self.names[-1][-1] not in "省市县区州盟旗"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a document says about place: how often each province and city code is meant, its year, and its home.

    ``home`` holds codes of provinces or cities named in the title or preamble; they decide before any count.
    """

    provinces: Mapping[str, int] = field(default_factory=dict)
    cities: Mapping[str, int] = field(default_factory=dict)
    home: tuple[str, ...] = ()
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A resolved place in the terms of the ``cases`` table.

    ``ambiguous`` is empty, or holds the full names and codes between which nothing decided (``江苏省南京市鼓楼区
    320106``); then the fields hold what the candidates have in common, and ``adcode`` is None unless they share it.
    """

    province: str | None
    city: str | None
    county: str | None
    place: str | None
    adcode: str | None
    ambiguous: tuple[str, ...] = ()

    def contains(self, other: Place) -> bool:
        """Whether another place is this one or lies in it, by the names of both."""
        mine = (self.province, self.city, self.county, self.place)
        theirs = (other.province, other.city, other.county, other.place)
        return any(mine) and all(name is None or name == theirs[at] for at, name in enumerate(mine))


NOWHERE: Final = Surroundings()
