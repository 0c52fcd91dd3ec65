"""The text cut into lines: paragraphs and headings, also where a page has run all of them together."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import pairwise
from typing import Final

from casextract.load import Mark
from casextract.normalise import Text
from casextract.rulebook.patterns import on_demand
from casextract.segment.page import Line, Page
from casextract.segment.run_together import cuts

_LINE: Final = on_demand(r"[^\n]+")
_DATED: Final = on_demand(r"(?P<date>(?:19|20)\d\d-\d{1,2}-\d{1,2})\s+(?=\p{Han}[^\n]{20})")
_RUN_SHARE, _RUN_MIN, _RUN_LONG = 0.4, 60, 2500
"""A line is run together when it holds this share of the text and this many characters, or very many."""


def cut_lines(page: Page) -> tuple[Line, ...]:
    """All lines of a text, in order; together with the blanks behind each they tile it from the first line on."""
    norm = page.norm
    spans: list[tuple[int, int, bool]] = []
    for m in _LINE.finditer(norm):
        start, end = _trim(norm, m.start(), m.end())
        if start == end:
            # A blank line. A pattern that asks for more than one character of text would go back over long ones.
            continue
        if end - start >= _RUN_LONG or (end - start >= _RUN_MIN and end - start >= _RUN_SHARE * len(norm)):
            edges = [(start, False), *cuts(page, start, end), (end, False)]
            for (a, tentative), (b, _) in pairwise(edges):
                x, y = _trim(norm, a, b)
                if x < y:
                    spans.append((x, y, tentative))
        elif (dated := _DATED.match(norm, start, end)) is not None:
            # A page prints the date in front of its first paragraph.
            spans += [(start, dated.end("date"), False), (dated.end(), end, False)]
        else:
            spans.append((start, end, False))
    if not spans:
        return ()
    marks = _marks(page.text)
    stops = [s for s, _, _ in spans[1:]] + [len(norm)]
    return tuple(
        Line(a, b, stop, tentative, next((kind for s, e, kind in marks if s < b and a < e), None) if marks else None)
        for (a, b, tentative), stop in zip(spans, stops, strict=True)
    )


def join_tentative(page: Page, keep: frozenset[int]) -> tuple[Page, list[int]]:
    """Join the tentative lines that begin neither a case nor its body (`keep`) to the line before them.

    Returns the page and, for each line there was (and one past the last), the index of the line it is now in.
    """
    frame = page.frame
    where: list[int] = []
    joined: list[Line] = []
    for k, line in enumerate(page.lines):
        if line.tentative and k not in keep and k not in frame.roles and joined and (k - 1) not in frame.roles:
            joined[-1] = replace(joined[-1], end=line.end, stop=line.stop)
        else:
            joined.append(line)
        where.append(len(joined) - 1)
    where.append(len(joined))
    if len(joined) == len(page.lines):
        return page, where
    moved = replace(
        frame,
        roles={where[k]: role for k, role in frame.roles.items()},
        title_line=where[frame.title_line] if frame.title_line is not None else None,
        body=(where[frame.body[0]], where[frame.body[1]]),
    )
    return replace(page, lines=tuple(joined), frame=moved), where


def _trim(norm: str, start: int, end: int) -> tuple[int, int]:
    while start < end and norm[start].isspace():
        start += 1
    while end > start and norm[end - 1].isspace():
        end -= 1
    return start, end


def _marks(text: Text) -> list[tuple[int, int, str]]:
    """The headings and captions that the file states, in offsets into `norm`."""
    wanted: list[Mark] = [m for m in text.source.marks if m.kind in ("heading", "caption")]
    if not wanted:
        return []
    if text.starts is None:
        return [(m.start, m.end, m.kind) for m in wanted]
    return [(bisect_right(text.starts, m.start - 1), bisect_right(text.starts, m.end - 1), m.kind) for m in wanted]
