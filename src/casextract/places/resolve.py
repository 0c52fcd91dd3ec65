"""Deciding which unit a mention means, with what the document says elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from casextract.places.divisions import Divisions
from casextract.places.model import NOWHERE, Division, Place, PlaceMention, Surroundings

RECENT: Final = 2021
"""Without a date, a unit that ended from this year on is kept as printed, an older one becomes its successor."""


def surroundings(
    divisions: Divisions,
    mentions: Iterable[PlaceMention],
    *,
    home: Iterable[PlaceMention] = (),
    year: int | None = None,
) -> Surroundings:
    """What a document's mentions say about place.

    Args:
        mentions: the document's mentions; ambiguous ones are left out of the counts.
        home: mentions in its title or preamble, which decide before the counts.
        year: the year of the document, so that a unit that existed then keeps its name.
    """
    provinces: Counter[str] = Counter()
    cities: Counter[str] = Counter()
    for mention in mentions:
        found = {divisions.above(unit) for unit in mention.candidates}
        if len({province for province, _ in found}) == 1:
            provinces[next(iter(found))[0]] += 1
            if len(found) == 1 and (city := next(iter(found))[1]):
                cities[city] += 1
    named: dict[str, None] = {}
    for mention in home:
        if len(mention.candidates) == 1:
            province, city = divisions.above(mention.candidates[0])
            named.update(dict.fromkeys(code for code in (city, province) if code))
    return Surroundings(dict(provinces), dict(cities), tuple(named), year)


def resolve(divisions: Divisions, mention: PlaceMention, context: Surroundings = NOWHERE) -> Place:
    """Which unit a mention means.

    Args:
        mention: what ``match_at`` or ``find`` returned.
        context: the document's surroundings, from ``surroundings``.

    Returns:
        The place. Its ``ambiguous`` names what is left when nothing decides.
    """
    pool = {
        unit.code + unit.name: unit for unit in (_as_of(divisions, unit, context.year) for unit in mention.candidates)
    }
    candidates = list(pool.values())
    if len(candidates) > 1:
        candidates = _decide(divisions, candidates, context)
    places = [_place(divisions, unit, mention) for unit in candidates]
    if len(places) == 1:
        return places[0]
    common = [
        _same(values)
        for values in zip(*((p.province, p.city, p.county, p.place, p.adcode) for p in places), strict=True)
    ]
    rivals = sorted(
        (unit.code, "".join((p.province or "", p.city or "", p.county or "")))
        for unit, p in zip(candidates, places, strict=True)
    )
    ambiguous = tuple(f"{name} {code}" for code, name in rivals)
    return Place(common[0], common[1], common[2], common[3], common[4], ambiguous)


def _decide(divisions: Divisions, candidates: list[Division], context: Surroundings) -> list[Division]:
    """The candidates the surroundings speak for: home, then counts of the city, then of the province."""
    above = [divisions.above(unit) for unit in candidates]
    for code in context.home:
        near = [unit for unit, (province, city) in zip(candidates, above, strict=True) if code in (city, province)]
        if len(near) == 1:
            return near
    for position, counts in ((1, context.cities), (0, context.provinces)):
        scores = [counts.get(pair[position], 0) for pair in above]
        top = max(scores)
        if top and scores.count(top) == 1:
            return [candidates[scores.index(top)]]
    living = [unit for unit in candidates if unit.status != "former"]
    if living and all(unit.status != "former" or unit.ended < RECENT for unit in candidates):
        return living
    return candidates


def _as_of(divisions: Divisions, unit: Division, year: int | None) -> Division:
    """A unit that had ended by then as its successor; every other as it is."""
    if unit.status != "former" or unit.ended >= (RECENT if year is None else year):
        return unit
    return divisions.successor(unit)


def _place(divisions: Divisions, unit: Division, mention: PlaceMention) -> Place:
    """The fields of a place for the unit a mention means."""
    chain = divisions.ancestors(unit)
    names = {step.level: step for step in reversed(chain)}
    county: str | None = names["county"].name if "county" in names else None
    code = unit.code or divisions.ancestors(unit)[1].code
    if unit.level == "area":
        county = mention.names[-1]
        printed = [entry for name in mention.names[:-1] for entry in divisions.forms.get(name, ())]
        cities = [divisions.units[at] for at, _ in printed if divisions.units[at].level == "city"]
        if "city" not in names and cities:
            names["city"], code = cities[0], cities[0].code
    elif mention.area is not None:
        county = mention.area
    city = names["city"].name if "city" in names else None
    return Place(names["province"].name, city, county, mention.place, code)


def _same(values: tuple[str | None, ...]) -> str | None:
    return values[0] if all(value == values[0] for value in values) else None
