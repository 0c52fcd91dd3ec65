"""Documents that tell one practice: what place they speak of and where the case begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from casextract.places.model import Place, PlaceMention
from casextract.rulebook.patterns import on_demand
from casextract.segment.kinds import Nature, opening_paragraphs
from casextract.segment.openings import Opening
from casextract.segment.page import Page
from casextract.segment.starts import Start, choose_title

_WINDOW: Final = 3000
"""How many characters are read for the place of a document that does not open with one."""
_OPENING: Final = 300
_SCATTERED: Final = 3
"""Places in so many provinces are no document's own."""
_DATELINE: Final = on_demand(r"\d{1,2}月\d{1,2}日电")


def place_of(
    page: Page, openings: Sequence[Opening], region: str | None, nature: Nature
) -> tuple[PlaceMention | None, Place | None]:
    """The place a document speaks of: its title's, its opening's, or the one it names most."""
    if region is not None:
        return _place_in_region(page, region)
    first = opening_paragraphs(page)
    opened = [
        o.mention for o in openings if o.line in first and o.shape in ("opener", "inline") and o.mention is not None
    ]
    for found in reversed(_named(page)):
        place = page.resolve(found)
        if not place.ambiguous:
            # The text may say more exactly than its title where in that place.
            inside = [(m, p) for m in opened if place.contains(p := page.resolve(m)) and p.place is None]
            return inside[0] if inside else (found, place)
    for mention in opened:
        return mention, page.resolve(mention)
    return _most_named(page, nature)


def _place_in_region(page: Page, region: str) -> tuple[PlaceMention | None, Place | None]:
    """The place in a region whose words the page uses: the first named, else the region."""
    unit = page.rules.gazetteer.province(region)
    province = Place(unit.name, None, None, None, unit.code) if unit is not None else None
    start = _body_start(page)
    for found in (*_named(page), *page.places(start, min(len(page.norm), start + _OPENING))):
        place = page.resolve(found)
        if province is not None and province.contains(place) and place.city:
            return found, place
    return None, province


def _most_named(page: Page, nature: Nature) -> tuple[PlaceMention | None, Place | None]:
    """The most exact place that most mentions of the opening lie in, bodies counted twice."""
    counts: Counter[Place] = Counter()
    mentions: dict[Place, PlaceMention] = {}
    start = _body_start(page)
    window = _WINDOW if nature == "practice" else _OPENING
    for found in page.places(start, min(len(page.norm), start + window)):
        place = page.resolve(found)
        if place.ambiguous or _DATELINE.match(page.norm, found.end):
            continue
        counts[place] += 2 if found.agency else 1
        mentions.setdefault(place, found)
    if not counts or (nature != "practice" and len({p.province for p in counts}) >= _SCATTERED):
        return None, None
    total = sum(counts.values())
    for place in sorted(counts, key=_exactness, reverse=True):
        if 2 * sum(n for other, n in counts.items() if place.contains(other)) > total:
            return mentions[place], place
    best = max(counts, key=lambda p: counts[p])
    return mentions[best], best


def _body_start(page: Page) -> int:
    first = page.frame.body[0]
    return page.lines[first].start if first < len(page.lines) else 0


def _exactness(place: Place) -> int:
    return sum(name is not None for name in (place.province, place.city, place.county, place.place))


def _named(page: Page) -> tuple[PlaceMention, ...]:
    """The places of the title."""
    return page.places(*page.frame.title) if page.frame.title else ()


def single_start(page: Page, mention: PlaceMention | None, place: Place | None, rule_id: str) -> Start | None:
    """The whole document as one case: from its title on where it has one, else from its first paragraph."""
    frame = page.frame
    body = next((k for k in range(*frame.body) if k not in frame.roles and k != frame.title_line), None)
    if body is None:
        return None
    line, title = body, None
    if frame.title_line is not None and frame.title is not None:
        line = frame.title_line
        title = choose_title(page, frame.title)
    opening = Opening(line, "single", mention, page.lines[line].start, rule_id)
    return Start(line, body, title, opening, place, mention)
