"""Digests and round-ups: several reports in one document, each behind its own dateline or led by its own place."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from casextract.places.model import Place, PlaceMention
from casextract.segment.dominant_place import dominant_place
from casextract.segment.openings import Opening, first_sentence
from casextract.segment.page import Line, Page
from casextract.segment.starts import Start, title_before

_LED_MAX: Final = 20
"""So far into a paragraph stands the place that leads it."""
_ROUND_UP_MIN: Final = 3
_DISTINCT: Final = 0.7
"""Of the paragraphs that a place leads, this share must be led by places of their own."""


def digest_starts(page: Page, starts: Sequence[Start]) -> list[Start]:
    """The reports of a digest as cases; the starts already found where the document is none, or they account for more of it."""
    reports = _reports(page)
    if len(reports) >= 2 and len(reports) >= len(starts):
        return reports
    if len(starts) < 2 or all(s.opening.shape == "opener" for s in starts):
        led = _round_up(page)
        if len(led) > len(starts):
            return led
    return list(starts)


def _reports(page: Page) -> list[Start]:
    """The lines that begin with a dateline or a byline of their own, the title line before each included."""
    body = range(*page.frame.body)
    lines = [
        k
        for k in body
        if k not in page.frame.roles
        and _printed_line(page, page.lines[k])
        and _dateline(page, page.lines[k]) is not None
    ]
    if len(lines) < 2:
        return []
    ends = [*lines[1:], page.frame.body[1]]
    return [_report(page, k, end) for k, end in zip(lines, ends, strict=True)]


def _printed_line(page: Page, line: Line) -> bool:
    """Whether the file breaks the line here, too."""
    return line.start == 0 or "\n" in page.norm[max(0, line.start - 2) : line.start]


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
    """The paragraphs that tell of a place each, in a document that goes from place to place."""
    led: list[tuple[int, PlaceMention, Place]] = []
    for k in range(*page.frame.body):
        line = page.lines[k]
        if k in page.frame.roles or page.is_heading(line):
            continue
        if (mention := _leading_place(page, line)) is not None:
            led.append((k, mention, page.resolve(mention)))
    own = [x for i, x in enumerate(led) if not i or not _overlap(led[i - 1][2], x[2])]
    distinct = {(place.province, place.city) for _, _, place in own}
    if len(distinct) < _ROUND_UP_MIN or len(distinct) < _DISTINCT * len(led):
        return []
    return [
        Start(k, k, None, Opening(k, "led", mention, mention.agency_end, "case.led"), place, mention)
        for k, mention, place in own
    ]


def _overlap(a: Place, b: Place) -> bool:
    return a.contains(b) or b.contains(a)


def _leading_place(page: Page, line: Line) -> PlaceMention | None:
    """The place a paragraph begins with, behind a date, a clause of occasion or a preposition; none of a list of places."""
    sentence = first_sentence(page.norm, line.start, line.end)
    found = page.places(line.start, min(sentence, line.start + 2 * _LED_MAX))
    if not found or found[0].start - line.start > _LED_MAX:
        return None
    first = found[0]
    listed = (
        any(b.start - a.end <= 1 for a, b in pairwise(found[:2])) or page.norm[first.end : first.end + 1] in "、和与等"
    )
    return None if listed or page.resolve(first).ambiguous else first
