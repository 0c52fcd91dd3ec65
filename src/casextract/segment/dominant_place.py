"""The place a document speaks of most: its mentions weighed by where they stand and what stands with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from casextract.places.model import Place, PlaceMention
from casextract.segment.page import Page

_WINDOW: Final = 3000
"""How many characters of the body are read."""
_OPENING: Final = 300
_TITLE_WEIGHT, _OPENING_WEIGHT, _BODY_WEIGHT, _AGENCY_WEIGHT, _ASIDE_WEIGHT = 4.0, 2.0, 1.0, 1.0, 0.25
"""Calibrated on the development half of S1 and S3: a title says more than an opening, a dateline where the paper sits,
a venue or an award's name least."""
_INSIDE, _INNER_CITY, _INNER_PROVINCE = 0.5, 0.3, 0.5
"""The place that a document speaks of holds more than this share of what it names; one inside its city or province that
share of what is inside."""


_MUNICIPALITIES: Final = frozenset(("11", "12", "31", "50"))
"""The first digits of their codes."""
_LEADS, _ACTS = 7, 0.3
"""A title begins with a place that stands so near its start; it acts where it holds this share of what is named."""


class DominantPlace(NamedTuple):
    """The place with its first mention, its share of the weight of all mentions, that weight and how many provinces are
    named.

    `in_title`, `opens`: whether the title, or the text's opening, names it.
    """

    place: Place | None
    mention: PlaceMention | None
    share: float
    weight: float
    provinces: int
    in_title: bool
    opens: bool

    @property
    def of_a_city(self) -> bool:
        """Whether the place is a city, a municipality or lies in one."""
        place = self.place
        if place is None or place.city is not None or place.county is not None:
            return place is not None
        return place.adcode is not None and place.adcode[:2] in _MUNICIPALITIES


NOTHING_NAMED: Final = DominantPlace(None, None, 0.0, 0.0, 0, False, False)


class _Named(NamedTuple):
    place: Place
    mention: PlaceMention
    weight: float


def dominant_place(page: Page, title: tuple[int, int] | None, body: tuple[int, int] | None) -> DominantPlace:
    """The most exact place in which most of the weight of all mentions lies.

    Where the title names a place that the text does not belie, that is the one, or a more exact one inside it.
    """
    named = list(_named(page, title, body))
    if not named:
        return NOTHING_NAMED
    weights: dict[Place, float] = defaultdict(float)
    first: dict[Place, PlaceMention] = {}
    for place, mention, weight in named:
        weights[place] += weight
        first.setdefault(place, mention)
    total = sum(weights.values())
    best = _best(weights, total)
    led = named[0] if title is not None and named[0].mention.start - title[0] <= _LEADS else None
    if led is not None and not _related(led.place, best) and _inside(weights, led.place) >= _ACTS * total:
        # Who acts stands first in a title; whom it helps may be named more often.
        within = {p: w for p, w in weights.items() if led.place.contains(p)}
        best = _best(within, sum(within.values()))
    share = _inside(weights, best) / total
    in_title = title is not None and any(
        best.contains(n.place) or n.place.contains(best) for n in named if title[0] <= n.mention.start < title[1]
    )
    opens = body is not None and any(n.place == best and n.mention.start < body[0] + _OPENING for n in named)
    return DominantPlace(best, first.get(best), share, total, len({p.province for p in weights}), in_title, opens)


def _related(a: Place, b: Place) -> bool:
    return a.contains(b) or b.contains(a)


def _best(weights: Mapping[Place, float], total: float) -> Place:
    """The most exact place with most of the weight; inside it, a more exact one that weighs as much as all else
    there."""
    best = next(
        (
            place
            for place in sorted(weights, key=lambda p: (-exactness(p), -weights[p]))
            if _inside(weights, place) > _INSIDE * total
        ),
        None,
    )
    if best is None:
        best = max(weights, key=lambda p: _inside(weights, p))
    inner = [p for p in weights if p != best and best.contains(p) and (p.city or p.county) is not None]
    if inner and best.county is None:
        closest = max(inner, key=lambda p: (_inside(weights, p), exactness(p)))
        # The counties of a municipality lie in it as others do in a city.
        enough = _INNER_PROVINCE if best.city is None and closest.city is not None else _INNER_CITY
        rivals = sum(w for p, w in weights.items() if p in inner and not (closest.contains(p) or p.contains(closest)))
        if rivals < _inside(weights, closest) >= enough * _inside(weights, best):
            best = closest
    return _with_city(best, weights)


def _with_city(place: Place, weights: Mapping[Place, float]) -> Place:
    """A functional area with the city that another mention of it names."""
    if place.city is not None or place.county is None:
        return place
    fuller = (p for p in weights if p.city and (p.province, p.county) == (place.province, place.county))
    return next((replace(p, place=place.place) for p in fuller), place)


def _inside(weights: Mapping[Place, float], outer: Place) -> float:
    return sum(weight for place, weight in weights.items() if outer.contains(place))


def exactness(place: Place) -> int:
    """How many levels of a place are known."""
    return sum(name is not None for name in (place.province, place.city, place.county, place.place))


def body_span(page: Page) -> tuple[int, int] | None:
    """The body of a document, its title apart."""
    frame = page.frame
    body = [k for k in range(*frame.body) if k not in frame.roles and k != frame.title_line]
    return (page.lines[body[0]].start, page.lines[body[-1]].stop) if body else None


def _named(page: Page, title: tuple[int, int] | None, body: tuple[int, int] | None) -> Iterator[_Named]:
    """What title and body name, a place that nothing decides left out."""
    if title is not None:
        yield from _weighed(page, *title, _TITLE_WEIGHT, _TITLE_WEIGHT)
    if body is not None:
        yield from _weighed(page, body[0], min(body[1], body[0] + _WINDOW), _OPENING_WEIGHT, _BODY_WEIGHT)


def _weighed(page: Page, start: int, end: int, opening: float, body: float) -> Iterator[_Named]:
    for mention in page.places(start, end):
        place = page.resolve(mention)
        if place.ambiguous:
            continue
        if _is_aside(page, mention):
            weight = _ASIDE_WEIGHT
        else:
            weight = (opening if mention.start < start + _OPENING else body) + _AGENCY_WEIGHT * bool(mention.agency)
        yield _Named(place, mention, weight)


def _is_aside(page: Page, mention: PlaceMention) -> bool:
    """Whether a place is only where a report was sent from or a meeting was held, or begins a quoted name."""
    before = page.norm[max(0, mention.start - 1) : mention.start]
    hit = page.first("aside", mention.end, len(page.norm))
    if hit is not None and (before == "在" or not hit[0].rule.weak):
        return True
    return before == "“" and page.norm[mention.end : mention.end + 1] != "”"
