"""The spans of a document put together from the starts of its cases: cases, their measures, and the role of every
line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from casextract.places.model import Place, PlaceMention
from casextract.records import Problem
from casextract.segment.captions import abstracts_in, caption_outside, captions_in
from casextract.segment.markers import Body
from casextract.segment.measures import find_steps
from casextract.segment.model import Block, BlockKind, CaseSpan, MeasureSpan
from casextract.segment.nesting import NestedMeasure
from casextract.segment.openings import first_sentence
from casextract.segment.page import Page
from casextract.segment.starts import Start
from casextract.segment.topics import agency_of, brands_of, topics_of

_LEAD_TOPIC_MAX: Final = 46
_PARAGRAPHS_MIN: Final = 4
"""A report of so many paragraphs has a lead."""
Role = tuple[BlockKind, str | None]


class CaseParts(NamedTuple):
    """A case with its steps and the roles of its lines, by line index."""

    case: CaseSpan
    steps: list[NestedMeasure]
    roles: dict[int, Role]


def case_parts(page: Page, start: Start, end: int, ordinal: int) -> CaseParts:
    """The case that begins at a start and ends before line `end`."""
    lines, frame = page.lines, page.frame
    captions = captions_in(page, start.body, end)
    behind = end
    while end - 1 in captions and end - 1 >= max(start.body, start.line + 1):
        # Captions behind the last sentence belong to no case.
        end -= 1
    roles: dict[int, Role] = dict.fromkeys(range(start.line, start.body), ("heading", start.opening.rule_id))
    roles |= {k: ("body", None) for k in range(start.body, end) if k not in frame.roles}
    roles |= {k: ("caption", rule_id) for k, rule_id in captions.items() if k < behind}
    passed = captions | abstracts_in(page, start.body, end)
    lead = _lead(page, start, range(start.body, end), passed)
    span = (lines[start.line].start, lines[end - 1].stop)
    body = Body(
        page,
        lines[start.body : end],
        frozenset(k - start.body for k in passed if k < end),
        lead - start.body if lead is not None else None,
        _steps_begin(page, start, end, span),
        span[1],
    )
    steps = _from(find_steps(body), span[0])
    roles |= _step_headings(page, steps, range(start.body, end))
    lead_span = (lines[lead].start, lines[lead].end) if lead is not None else None
    case = _case_span(
        page,
        span,
        ordinal,
        start.title,
        lead_span,
        start.place,
        start.mention,
        start.opening.rule_id,
        implicit=start.implicit,
    )
    return CaseParts(case, steps, roles)


def implicit_parts(page: Page, place: Place | None, *, topics: bool, news: bool, titled: bool) -> CaseParts:
    """All of a document without a case of its own, so that its measures and numbers are kept.

    Topic sentences are looked for with `topics`; `news` has a lead, and a press report's title (`titled`) is
    the case's.
    """
    lines, frame = page.lines, page.frame
    first, last = frame.body
    while first < last and (first in frame.roles or first == frame.title_line):
        first += 1
    if first >= last:
        # Nothing but a title and metadata: then these are what the document says.
        first, last = 0, len(lines)
    title = frame.title if titled and frame.title_line is not None and frame.title_line < first else None
    begin = frame.title_line if title is not None and frame.title_line is not None else first
    span = (lines[begin].start, lines[last - 1].stop)
    passed = abstracts_in(page, first, last)
    running = (k - first for k in range(first, last) if not page.is_heading(lines[k]) and k not in passed)
    lead = next(running, None) if news else None
    body = Body(page, lines[first:last], frozenset(k - first for k in passed), lead, lines[first].start, span[1])
    steps = find_steps(body, topics=topics)
    roles: dict[int, Role] = dict.fromkeys(range(first, last), ("body", None))
    roles |= _step_headings(page, steps, range(first, last))
    if title is not None:
        roles[begin] = ("heading", "meta.title")
    case = _case_span(page, span, 1, title, None, place, None, "case.implicit", implicit=True)
    return CaseParts(case, steps, roles)


def measure_spans(page: Page, parts: Sequence[CaseParts]) -> tuple[MeasureSpan, ...]:
    """The steps of all cases as measures of the document."""
    measures: list[MeasureSpan] = []
    for case, part in enumerate(parts):
        base = len(measures)
        for s in part.steps:
            marker = page.text.raw(*s.marker).strip() if s.marker else None
            parent = base + s.parent if s.parent is not None else None
            measures.append(MeasureSpan(s.start, s.end, case, parent, s.level, s.ordinal, marker, s.label, s.rule_id))
    return tuple(measures)


def tile(page: Page, parts: Iterable[CaseParts]) -> tuple[Block, ...]:
    """The blocks of a document: a line's role by head and trailer, else by its case, else preamble or caption."""
    roles: dict[int, Role] = {}
    for part in parts:
        roles |= part.roles
    blocks: list[Block] = []
    for k, line in enumerate(page.lines):
        role = page.frame.roles.get(k) or roles.get(k) or _outside(page, k)
        blocks.append(Block(line.start if k else 0, line.stop, *role))
    return tuple(blocks)


def _outside(page: Page, k: int) -> Role:
    rule_id = caption_outside(page, page.lines[k])
    return ("preamble", None) if rule_id is None else ("caption", rule_id)


def ambiguous_place(page: Page, start: Start) -> Problem | None:
    """The problem of a case whose place may be any of several units."""
    if start.place is None or not start.place.ambiguous:
        return None
    source, line = page.text.source, page.lines[start.line]
    raw = page.text.raw_span(line.start, line.end)
    printed = start.mention.text if start.mention else ""
    message = (
        f"{printed!r} may be any of {', '.join(start.place.ambiguous)} and nothing in the document decides; "
        "name the city or the province"
    )
    return Problem(
        source_path=source.path,
        doc_id=source.doc_id,
        stage="segment",
        severity="warning",
        code="ambiguous_place",
        message=message,
        start=raw[0],
        end=raw[1],
    )


def _steps_begin(page: Page, start: Start, end: int, span: tuple[int, int]) -> int:
    """Where steps may begin: behind the title, and behind the number of a case, which is no marker of a measure."""
    begin = page.lines[start.body].start if start.body < end else span[1]
    if start.opening.shape == "inline" and start.title is not None:
        return start.title[1]
    if start.opening.shape == "opener" and start.opening.line == start.body:
        return max(begin, start.opening.behind)
    return begin


def _from(steps: Sequence[NestedMeasure], start: int) -> list[NestedMeasure]:
    """The steps that begin at `start` or behind it: a number in front of a case's heading belongs to what was
    before."""
    kept = [i for i, step in enumerate(steps) if step.start >= start]
    if len(kept) == len(steps):
        return list(steps)
    where = {old: new for new, old in enumerate(kept)}
    return [steps[i]._replace(parent=None if (p := steps[i].parent) is None else where.get(p)) for i in kept]


def _step_headings(page: Page, steps: Sequence[NestedMeasure], body: range) -> dict[int, Role]:
    """The lines that are a step's heading."""
    begun = {step.start: step.rule_id for step in steps}
    return {
        k: ("heading", begun[page.lines[k].start])
        for k in body
        if page.lines[k].start in begun and page.is_heading(page.lines[k])
    }


def _lead(page: Page, start: Start, body: Iterable[int], captions: dict[int, str]) -> int | None:
    """The case's own opening paragraph, by line index."""
    k = next((k for k in body if k not in captions and k not in page.frame.roles), None)
    if k is None:
        return None
    line = page.lines[k]
    if page.is_heading(line) or page.marked(line):
        return None
    if start.opening.shape in ("opener", "inline", "dateline", "led"):
        return k
    if any(page.first(kind, line.start, line.end) for kind in ("dateline", "overview", "report_of_words")):
        return k
    sentence = first_sentence(page.norm, line.start, line.end)
    if sentence - line.start <= _LEAD_TOPIC_MAX and sentence < line.end:
        placed = page.rules.gazetteer.match_at(page.norm, line.start, line.end, within=page.context.home)
        told = (
            start.opening.shape == "single"
            and sum(page.is_body(page.lines[x]) for x in body if x not in captions) >= _PARAGRAPHS_MIN
        )
        if placed is None and not told and page.first("continuation", line.start, line.end) is None:
            return None
    return k


def _case_span(
    page: Page,
    span: tuple[int, int],
    ordinal: int,
    title: tuple[int, int] | None,
    lead: tuple[int, int] | None,
    place: Place | None,
    mention: PlaceMention | None,
    rule_id: str,
    *,
    implicit: bool = False,
) -> CaseSpan:
    where = place or Place(None, None, None, None, None)
    return CaseSpan(
        *span,
        ordinal,
        implicit,
        title,
        lead,
        where.province,
        where.city,
        where.county,
        where.place,
        where.adcode,
        agency=agency_of(page, lead or span, place, mention),
        brands=brands_of(page, [*([title] if title else []), lead or span]),
        topics=topics_of(page, span, title),
        rule_id=rule_id,
    )
