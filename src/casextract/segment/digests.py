"""Digests and round-ups: several reports in one document, each behind its own dateline, signed by its own byline, about
its own place, or led by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Final

from casextract.places.model import Place, PlaceMention
from casextract.segment.dominant_place import DominantPlace, dominant_place
from casextract.segment.kinds import kind_of
from casextract.segment.model import BlockKind
from casextract.segment.openings import Opening, find_openings, first_sentence
from casextract.segment.page import Line, Page
from casextract.segment.stacks import HeadingStack, stacks_in, title_in
from casextract.segment.starts import Start, title_before

_LED_MAX: Final = 20
"""So far into a paragraph stands the place that leads it."""
_ROUND_UP_MIN: Final = 3
_DISTINCT: Final = 0.7
"""Of the paragraphs that a place leads, this share must be led by places of their own."""
_SENTENCE_ENDS: Final = "。!?;"
_OWN: Final = 0.6
"""A section tells of its own place when that holds this share of what the section names."""


def digest_starts(page: Page, starts: Sequence[Start]) -> list[Start]:
    """The reports of a digest as cases; the starts already found where the document is none, or they account for more
    of it."""
    reports = _reports(page)
    if len(reports) >= 2 and len(reports) >= len(starts):
        return reports
    loose = len(starts) < 2 or all(s.opening.shape == "opener" for s in starts)
    signed = [s for s in stacks_in(page, *page.frame.body) if s.signed]
    if len(signed) >= 2 and (loose or len(signed) > len(starts)):
        return _told_apart(page, signed, "case.signed")
    if loose:
        if sections := _sections(page):
            return _told_apart(page, sections, "case.section")
        led = _round_up(page)
        if len(led) > len(starts):
            return led
    return list(starts)


def _told_apart(page: Page, stacks: Sequence[HeadingStack], rule_id: str) -> list[Start]:
    """A start for each of the reports below headings; those of no place's practice that follow each other are one."""
    ends = [*(s.start for s in stacks[1:]), page.frame.body[1]]
    found: list[Start] = []
    for stack, end in zip(stacks, ends, strict=True):
        start = _told(page, stack, end, rule_id)
        if not (start.implicit and found and found[-1].implicit):
            found.append(start)
    return found if any(not s.implicit for s in found) else []


def _told(page: Page, stack: HeadingStack, end: int, rule_id: str) -> Start:
    """The report below a heading: a case where it tells of one place's practice."""
    heading = (page.lines[stack.start].start, page.lines[stack.end - 1].end)
    title = page.lines[title_in(page, stack)]
    found = _dominant(page, stack, end)
    opening = Opening(stack.start, "led", found.mention, heading[0], rule_id)
    roles: dict[int, tuple[BlockKind, str | None]] = dict(page.frame.roles)
    roles |= {k: ("noise", None) for k in range(len(page.lines)) if not stack.start <= k < end}
    meta = replace(page.frame.meta, title=page.norm[heading[0] : heading[1]])
    frame = replace(page.frame, roles=roles, meta=meta, title=heading, body=(stack.body, end))
    stop = page.lines[end - 1].stop
    norm = " " * heading[0] + page.norm[heading[0] : stop] + " " * (len(page.norm) - stop)
    alone = replace(page, norm=norm, frame=frame)
    kind = kind_of(alone, find_openings(alone), None, found)
    only = found.provinces == 1 and not kind.national
    # People of one province in a report on the country make no case of the province.
    exact = found.of_a_city or found.in_title
    if found.place is None or not exact or not (kind.nature == "practice" or only):
        return Start(stack.start, stack.start, None, replace(opening, mention=None), None, None, implicit=True)
    return Start(stack.start, stack.body, (title.start, title.end), opening, found.place, found.mention)


def _dominant(page: Page, stack: HeadingStack, end: int) -> DominantPlace:
    heading = (page.lines[stack.start].start, page.lines[stack.end - 1].end)
    return dominant_place(page, heading, (page.lines[stack.body].start, page.lines[end - 1].stop))


def _sections(page: Page) -> list[HeadingStack]:
    """The sections of a feature that goes from place to place under headings that name none; none where it is of one
    place."""
    first, last = page.frame.body
    stacks = [s for s in stacks_in(page, first, last) if s.start != page.frame.title_line]
    if len(stacks) < 2 or (page.frame.title is not None and page.places(*page.frame.title)):
        return []
    ends = [*(s.start for s in stacks[1:]), last]
    found = [_dominant(page, s, end) for s, end in zip(stacks, ends, strict=True)]
    own = [d.place for d in found if d.place is not None and (d.place.city or d.place.county) and d.share >= _OWN]
    apart = all(not _overlap(a, b) and (a.province, a.city) != (b.province, b.city) for a, b in combinations(own, 2))
    return stacks if len(own) == len(stacks) and apart else []


def _reports(page: Page) -> list[Start]:
    """The lines that begin with a dateline or a byline of their own, the title line before each included."""
    body = range(*page.frame.body)
    lines = [
        k
        for k in body
        if k not in page.frame.roles and page.is_printed(page.lines[k]) and _dateline(page, page.lines[k]) is not None
    ]
    if len(lines) < 2:
        return []
    ends = [*lines[1:], page.frame.body[1]]
    return [_report(page, k, end) for k, end in zip(lines, ends, strict=True)]


def _dateline(page: Page, line: Line) -> str | None:
    hit = page.first("dateline", line.start, line.end)
    return hit[0].id if hit is not None and hit[1].end() < line.end else None


def _report(page: Page, k: int, end: int) -> Start:
    before = title_before(page, k)
    title = (page.lines[before].start, page.lines[before].end) if before is not None else None
    stop = page.lines[end - 1].stop if end > k else page.lines[k].stop
    found = dominant_place(page, title, (page.lines[k].start, stop))
    opening = Opening(k, "dateline", found.mention, page.lines[k].start, _dateline(page, page.lines[k]) or "")
    return Start(k if before is None else before, k, title, opening, found.place, found.mention)


def _round_up(page: Page) -> list[Start]:
    """The paragraphs that tell of a place each, in a document that goes from place to place.

    A paragraph that itself goes from place to place is no place's case; those of them that follow each other are one.
    """
    led: list[tuple[int, PlaceMention, Place]] = []
    mixed: set[int] = set()
    for k in range(*page.frame.body):
        line = page.lines[k]
        if k in page.frame.roles or page.is_heading(line):
            continue
        if (mention := _leading_place(page, line)) is not None:
            place = page.resolve(mention)
            led.append((k, mention, place))
            if _goes_on_elsewhere(page, line, place):
                mixed.add(k)
    own = [x for i, x in enumerate(led) if not i or not _overlap(led[i - 1][2], x[2])]
    distinct = {(place.province, place.city) for _, _, place in own}
    many = len(distinct) >= _ROUND_UP_MIN and len(distinct) >= _DISTINCT * len(led)
    if not many and not _two_places(page, own):
        return []
    found: list[Start] = []
    for k, mention, place in own:
        if k not in mixed:
            found.append(Start(k, k, None, Opening(k, "led", mention, mention.agency_end, "case.led"), place, mention))
        elif not (found and found[-1].implicit):
            found.append(
                Start(k, k, None, Opening(k, "led", None, page.lines[k].start, "case.led"), None, None, implicit=True)
            )
    return found


def _two_places(page: Page, own: Sequence[tuple[int, PlaceMention, Place]]) -> bool:
    """Whether a feature whose title names no place tells of two from its first paragraph on, and of no other."""
    if len(own) != 2 or own[0][2].province == own[1][2].province:
        return False
    paragraphs = (
        k for k in range(*page.frame.body) if k not in page.frame.roles and not page.is_heading(page.lines[k])
    )
    first = next(paragraphs, None)
    if first != own[0][0] or (page.frame.title is not None and page.places(*page.frame.title)):
        return False
    named = [page.resolve(m) for m in page.places(page.lines[first].start, page.lines[page.frame.body[1] - 1].stop)]
    return all(any(_overlap(place, p) for _, _, p in own) for place in named if not place.ambiguous)


def _goes_on_elsewhere(page: Page, line: Line, place: Place) -> bool:
    """Whether most of what a paragraph names lies outside the place that leads it, each behind the end of a
    sentence."""
    others = {
        other
        for m in page.places(first_sentence(page.norm, line.start, line.end), line.end)
        if not (other := page.resolve(m)).ambiguous and not _overlap(other, place)
        if page.norm[m.start - 1] in _SENTENCE_ENDS
    }
    return len(others) > 0


def _overlap(a: Place, b: Place) -> bool:
    return a.contains(b) or b.contains(a)


def _leading_place(page: Page, line: Line) -> PlaceMention | None:
    """The place a paragraph begins with, behind a date, a clause of occasion, a preposition or the words of a scene;
    none of a list of places, nor one of which a body of the country speaks.
    """
    sentence = first_sentence(page.norm, line.start, line.end)
    dated = page.search("article_start", line.start, min(line.end, line.start + _LED_MAX // 2)) is not None
    furthest = 3 * _LED_MAX if dated else _LED_MAX
    found = page.places(line.start, min(sentence, line.start + furthest + _LED_MAX))
    if not found or found[0].start - line.start > furthest:
        return None
    first = found[0]
    listed = (
        any(b.start - a.end <= 1 for a, b in pairwise(found[:2])) or page.norm[first.end : first.end + 1] in "、和与等"
    )
    if listed or page.resolve(first).ambiguous:
        return None
    return None if page.search("state_body", line.start, first.start) is not None else first
