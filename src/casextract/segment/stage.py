"""The stage: one article's text to its segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from casextract.normalise import Text
from casextract.places.model import Place
from casextract.records import Kind
from casextract.rulebook.patterns import on_demand
from casextract.segment.cases import ambiguous_place, case_parts, implicit_parts, measure_spans, tile
from casextract.segment.compiled import Segmenter
from casextract.segment.digests import digest_starts
from casextract.segment.dominant_place import body_span, dominant_place
from casextract.segment.head_and_trailer import read_frame
from casextract.segment.intents import with_intent
from casextract.segment.kinds import DocumentKind, kind_of, region_of, sets_targets
from casextract.segment.lines import cut_lines, join_tentative
from casextract.segment.model import Block, Evidence, Segmentation
from casextract.segment.openings import Opening, find_openings
from casextract.segment.page import Page
from casextract.segment.single_case import issuer_place, place_of, single_start
from casextract.segment.starts import Start, choose_starts, without_passing

_YEAR: Final = on_demand(r"(?<!\d)(?P<year>(?:19[89]|20[0-3])\d)年(?!代)")
_TITLED, _UNTITLED = 0.65, 0.75
"""An article is on one place that holds this share of what it names, with the title naming it and without."""
_HOME: Final = 400
"""The first characters of a text, whose places are believed to be its own."""


def segment(text: Text, segmenter: Segmenter) -> Segmentation:
    """Split one article into blocks, cases and measures.

    Returns blocks that tile `text.norm`, cases in order and disjoint, and measures that lie in their cases. Total:
    every text has a segmentation; what could not be decided is a row of `problems`.
    """
    # The row of a table opens neither a case nor a measure.
    whole, text = text, text.without_tables()
    page, openings = _read(text, segmenter)
    if not page.lines:
        blocks = (Block(0, len(text.norm), "noise" if text is whole else "body"),) if text.norm else ()
        return Segmentation(whole, "other", text.source.meta, blocks, (), ())
    page, starts = _joined(page, choose_starts(page, openings))
    starts = digest_starts(page, without_passing(page, starts))
    if _of_one_place(page, starts):
        starts = []
    kind, place = DocumentKind("practice", "case.single"), None
    if len(starts) < 2:
        starts, kind, place = _alone(page, starts)
        if not starts and place is None and not kind.national:
            place = issuer_place(page, whole.norm)
    page = _title_of_case(page, starts)
    ends = [*(s.line for s in starts[1:]), page.frame.body[1]]
    parts = [case_parts(page, start, end, i) for i, (start, end) in enumerate(zip(starts, ends, strict=False), 1)]
    if not parts:
        news = kind.intent in ("news", "report")
        topics = news or (kind.nature == "plan" and place is None)
        parts = [implicit_parts(page, place, topics=topics, news=news, titled=_titled(page, kind))]
    problems = tuple(p for start in starts if (p := ambiguous_place(page, start)) is not None)
    segmentation = Segmentation(
        text,
        _document_kind(page, starts, kind),
        page.frame.meta,
        tile(page, parts),
        tuple(p.case for p in parts),
        measure_spans(page, parts),
        problems,
    )
    return replace(with_intent(segmentation, segmenter), text=whole)


def scope_of(text: Text, segmenter: Segmenter) -> tuple[Evidence, ...]:
    """What speaks for an article's telling of one place, and for its telling of the country: the evidence that is
    weighed."""
    page, _ = _read(text.without_tables(), segmenter)
    if not page.lines:
        return ()
    dominant = dominant_place(page, page.frame.title, body_span(page))
    kind = kind_of(page, find_openings(page), None, dominant)
    return (*kind.local, *kind.national)


def _read(text: Text, segmenter: Segmenter) -> tuple[Page, list[Opening]]:
    """The page with its lines, its head and trailer and what it says of place, and the lines that may open a case."""
    gazetteer = segmenter.gazetteer
    home = gazetteer.find(text.norm, 0, min(len(text.norm), _HOME))
    page = Page(text, text.norm, segmenter, gazetteer.surroundings((), home=home).home)
    page = replace(page, lines=cut_lines(page))
    if not page.lines:
        return page, []
    page = replace(page, frame=read_frame(page, text.source.meta))
    openings = find_openings(page)
    year = page.frame.meta.published_on.year if page.frame.meta.published_on else _latest_year(text.norm)
    title = page.places(*page.frame.title) if page.frame.title else ()
    mentions = [o.mention for o in openings if o.mention is not None]
    return replace(page, context=gazetteer.surroundings([*mentions, *home], home=title, year=year)), openings


def _latest_year(norm: str) -> int | None:
    """The latest year that an undated text names: it was not written before."""
    return max((int(m["year"]) for m in _YEAR.finditer(norm)), default=None)


def _joined(page: Page, starts: Sequence[Start]) -> tuple[Page, list[Start]]:
    """The page with the cuts undone that no case came of."""
    page, where = join_tentative(page, frozenset(k for s in starts for k in (s.line, s.body)))
    return page, [
        replace(s, line=where[s.line], body=where[s.body], opening=replace(s.opening, line=where[s.opening.line]))
        for s in starts
    ]


def _of_one_place(page: Page, starts: Sequence[Start]) -> bool:
    """Whether paragraphs taken for cases by the places they begin with stand in an article on one city or county."""
    if len(starts) < 2 or any(s.opening.shape not in ("opener", "led") for s in starts):
        return False
    found = dominant_place(page, page.frame.title, body_span(page))
    if found.place is None or not found.of_a_city or found.share < (_TITLED if found.in_title else _UNTITLED):
        return False
    outer = found.place
    return not all(s.place is not None and s.place != outer and outer.contains(s.place) for s in starts)


def _alone(page: Page, starts: list[Start]) -> tuple[list[Start], DocumentKind, Place | None]:
    """A document that is no collection: the one case it tells or none, its kind, and the place of one without a
    case."""
    openings = find_openings(page)
    dominant = dominant_place(page, page.frame.title, body_span(page))
    region = region_of(page, dominant)
    kind = kind_of(page, openings, region, dominant)
    mention, place = place_of(page, openings, region, dominant)
    if kind.nature != "practice" and not (starts and starts[0].opening.shape != "opener"):
        return [], kind, place if kind.of_one_place(dominant) or region is not None else None
    if starts and _late(page, starts[0]):
        return starts, kind, None
    single = single_start(page, mention, place, kind.rule_id)
    return ([single] if single is not None else []), kind, place


def _late(page: Page, start: Start) -> bool:
    """Whether running text stands before the only case found: a preamble."""
    return any(page.is_body(page.lines[k]) for k in range(page.frame.body[0], start.line) if k not in page.frame.roles)


def _title_of_case(page: Page, starts: Sequence[Start]) -> Page:
    """The page without the role of its title line where that is a case's first line; of several cases it is none of the
    page's."""
    if not starts or starts[0].line != page.frame.title_line:
        return page
    roles = {k: role for k, role in page.frame.roles.items() if k != page.frame.title_line}
    frame = replace(page.frame, roles=roles)
    if len(starts) > 1 and page.text.source.meta.title is None and starts[0].opening.line == starts[0].line:
        frame = replace(frame, meta=replace(frame.meta, title=None))
    return replace(page, frame=frame)


def _titled(page: Page, kind: DocumentKind) -> bool:
    """Whether the title of a news article stands in its text, as Markdown heads it or a page announces it; else it is
    about the text."""
    k = page.frame.title_line
    if k is None or not (kind.press or kind.intent == "news"):
        return False
    line = page.lines[k]
    marked = line.mark == "heading" and page.text.source.media_type == "text/markdown"
    return marked or page.first("title_label", line.start, line.end) is not None


def _document_kind(page: Page, starts: Sequence[Start], kind: DocumentKind) -> Kind:
    if starts:
        return "case_collection" if len(starts) > 1 else "single_case"
    return "plan" if sets_targets(page, kind.nature) else "other"
