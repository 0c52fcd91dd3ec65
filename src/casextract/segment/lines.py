"""The text cut into lines: paragraphs and headings, also where a page has run all of them together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import regex

from casextract.load import Mark
from casextract.normalise import Text
from casextract.segment.forms import Segmenter

_LINE: Final = regex.compile(r"[^\n]*\S[^\n]*")
_SENTENCE_END: Final = regex.compile(r"[。!?…]++[”’)】》」]*+(?P<gap>\s++)?")
_BREAK: Final = regex.compile(r"[。!?…]++[”’)】》」]*+\s*+|\s++")
_TITLE_MAX: Final = 72
"""A longer line is no heading."""
_RUN_SHARE, _RUN_MIN, _RUN_LONG = 0.4, 160, 2500
"""A line is run together when it holds this share of the text and this many characters, or very many."""


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph or heading: [start, end) without blanks around it; `stop` is where the next line starts.

    `soft` lines were cut out of a longer one because a place stands at their start; they are joined again where they open
    no case. `mark` is what the file says of the line: "heading", "caption" or nothing.
    """

    start: int
    end: int
    stop: int
    soft: bool = False
    mark: str | None = None

    @property
    def length(self) -> int:
        """Characters without blanks around."""
        return self.end - self.start


def cut_lines(text: Text, segmenter: Segmenter, within: tuple[str, ...]) -> list[Line]:
    """All lines of a text, in order; together with the blanks behind each they tile it from the first line on."""
    norm = text.norm
    spans: list[tuple[int, int, bool]] = []
    for m in _LINE.finditer(norm):
        start, end = _trim(norm, m.start(), m.end())
        if end - start >= _RUN_LONG or (end - start >= _RUN_MIN and end - start >= _RUN_SHARE * len(norm)):
            points = list(_cuts(norm, start, end, segmenter, within))
            edges = [(start, False), *points, (end, False)]
            for (a, soft), (b, _) in pairwise(edges):
                x, y = _trim(norm, a, b)
                if x < y:
                    spans.append((x, y, soft))
        else:
            spans.append((start, end, False))
    marks = _marks(text)
    stops = [s for s, _, _ in spans[1:]] + [len(norm)]
    return [
        Line(a, b, stop, soft, next((kind for s, e, kind in marks if s < b and a < e), None) if marks else None)
        for (a, b, soft), stop in zip(spans, stops, strict=True)
    ]


def heading_like(norm: str, line: Line) -> bool:
    """Whether a line can be a heading: short, and no sentence that ends or goes on."""
    if line.mark == "heading":
        return True
    return (
        line.length <= _TITLE_MAX and norm[line.end - 1] not in "。;,、…:~" and "。" not in norm[line.start : line.end]
    )


def first_sentence(norm: str, start: int, end: int) -> int:
    """The offset behind the first sentence of a stretch, its closing quotation mark included."""
    m = _SENTENCE_END.search(norm, start, end)
    if m is None:
        return end
    behind: int = m.start("gap")
    return behind if behind >= 0 else int(m.end())


def _cuts(norm: str, start: int, end: int, segmenter: Segmenter, within: tuple[str, ...]) -> Iterator[tuple[int, bool]]:
    """Where a run-together line is to be cut, with whether the cut is soft."""
    trailers = {m.start() for m in segmenter.trailers.finditer(norm, start, end)}
    since, free_until = start, start
    place_end = start
    mention = segmenter.gazetteer.match_at(norm, start, end, within=within)
    heading = mention is not None
    if mention is not None:
        place_end = mention.agency_end
    for m in _BREAK.finditer(norm, start, end):
        at = m.end()
        if at >= end or at <= place_end:
            continue
        sentence = norm[m.start()] not in " \t"
        gap = norm[at - 1] in " \t"
        mention = segmenter.gazetteer.match_at(norm, at, end, within=within)
        behind = mention is not None and (
            segmenter.first("opener", norm, mention.agency_end, end)
            or segmenter.first("heading", norm, mention.agency_end, end)
        )
        if at in trailers or (sentence and gap):
            yield at, False
            since, heading, place_end = at, bool(mention), mention.agency_end if mention else at
        elif behind and mention is not None:
            yield at, True
            since, heading, place_end = at, True, mention.agency_end
        elif (gap and segmenter.first("metadata", norm, at, end)) or (
            gap and heading and segmenter.first("lead_in", norm, at, end)
        ):
            yield at, False
            since, heading, place_end = at, False, at
        elif gap and heading and at >= free_until:
            # A heading is free of punctuation; the first stretch that is not belongs to the body.
            chunk_end = norm.find(" ", at, end)
            chunk = norm[at : end if chunk_end < 0 else chunk_end]
            if any(c in chunk for c in ",。;:") and not any(c in norm[since : m.start()] for c in ",。;:"):
                yield at, False
                since, heading, place_end = at, False, at
            free_until = at


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
