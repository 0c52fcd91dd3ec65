"""Documents that tell one practice: what place they speak of and where the case begins."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final

from casextract.places.model import Place, PlaceMention
from casextract.rulebook.patterns import on_demand
from casextract.segment.dominant_place import DominantPlace
from casextract.segment.kinds import opening_paragraphs
from casextract.segment.openings import Opening
from casextract.segment.page import Line, Page
from casextract.segment.starts import Start, choose_title

_OPENING: Final = 300
_CREDIT_MAX: Final = 120
_CREDIT: Final = on_demand(r"(?:[((][^()]{1,40}(?:提供|供图|摄)[))]|(?<=[。!?])\s?\p{Han}{2,20}(?:提供|供图|摄))\s*$")
_BEFORE_DATELINE: Final = 60
"""A caption or an advertisement above a report is no longer than this."""


def place_of(
    page: Page, openings: Sequence[Opening], region: str | None, dominant: DominantPlace
) -> tuple[PlaceMention | None, Place | None]:
    """The place a document speaks of: its title's, its opening's, or the one it names most."""
    if region is not None:
        return _place_in_region(page, region)
    if dominant.place is not None:
        return dominant.mention, dominant.place
    # A name that nothing decides is kept, and reported.
    first = opening_paragraphs(page)
    opened = (o.mention for o in openings if o.line in first and o.shape in ("opener", "inline"))
    mention = next((m for m in opened if m is not None), None)
    return mention, page.resolve(mention) if mention is not None else None


def _place_in_region(page: Page, region: str) -> tuple[PlaceMention | None, Place | None]:
    """The place in a region whose words the page uses: the first named, else the region."""
    unit = page.rules.gazetteer.province(region)
    province = Place(unit.name, None, None, None, unit.code) if unit is not None else None
    first = page.frame.body[0]
    start = page.lines[first].start if first < len(page.lines) else 0
    named = page.places(*page.frame.title) if page.frame.title else ()
    for found in (*named, *page.places(start, min(len(page.norm), start + _OPENING))):
        place = page.resolve(found)
        if province is not None and province.contains(place) and place.city:
            return found, place
    return None, province


def issuer_place(page: Page, whole: str) -> Place | None:
    """The place of the office that issued a document whose text names none: in its metadata, else in the head of its
    tables.

    `whole` is the text with its tables.
    """
    lines = [page.lines[k] for k, (kind, _) in sorted(page.frame.roles.items()) if kind == "metadata"]
    offices = (m for line in lines for m in page.places(line.start, line.end) if m.agency)
    above = page.rules.gazetteer.find(whole, 0, min(len(whole), _OPENING))
    hidden = (m for m in above if page.norm[m.start].isspace() and whole[m.start - 1] == ":")
    found = next(chain(offices, hidden), None)
    place = page.resolve(found) if found is not None else None
    return place if place is not None and not place.ambiguous else None


def single_start(page: Page, mention: PlaceMention | None, place: Place | None, rule_id: str) -> Start | None:
    """The whole document as one case: from its title on where it has one, else from its dateline or first paragraph."""
    frame = page.frame
    lines = [k for k in range(*frame.body) if k not in frame.roles and k != frame.title_line]
    if not lines:
        return None
    body = _dateline_start(page, lines)
    line, title = body, None
    if frame.title_line is not None and frame.title is not None:
        line = frame.title_line
        title = choose_title(page, frame.title)
    opening = Opening(line, "single", mention, page.lines[line].start, rule_id)
    return Start(line, body, title, opening, place, mention)


def _dateline_start(page: Page, lines: Sequence[int]) -> int:
    """The first line behind captions with a credit, or with a report's dateline where one sentence stands before it."""
    k = next((k for k in lines if not _credited(page, page.lines[k])), lines[0])
    rest = [x for x in lines if x >= k]
    line = page.lines[k]
    if len(rest) < 2 or (page.norm[line.end - 1] != "。" and page.search("caption", line.start, line.end) is None):
        return k
    after = page.lines[rest[1]]
    return rest[1] if line.length <= _BEFORE_DATELINE and page.first("dateline", after.start, after.end) else k


def _credited(page: Page, line: Line) -> bool:
    """Whether a line is a caption that ends with who took or gave the picture."""
    return line.length <= _CREDIT_MAX and _CREDIT.search(page.norm, line.start, line.end) is not None
