"""The steps of a case: sections by their headings, markers or topic sentences, and the steps enumerated inside them.

A case's sections are told by their form. Markers rank by their kind and nest by the course of their series; paragraphs
without markers count as sections when they open with short sentences that run parallel to one another.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from casextract.rulebook.patterns import on_demand
from casextract.segment.markers import SECTION_RANK, Body, Item, find_markers
from casextract.segment.nesting import NestedMeasure, nest
from casextract.segment.page import Line, Page
from casextract.segment.parallel_sentences import parallel_sentences
from casextract.segment.stacks import stacks_in

_TOPIC_END: Final = on_demand(r"[。!?]")
_TOPIC_MAX: Final = 46
_REST_MIN: Final = 6
_HEADING_RANK, _TOPIC_RANK, _SERIES_RANK = 25, 35, 80
_SECTION_MAX, _LONE_HEADING_MAX, _SENTENCE_MIN, _SHORT_TOPIC = 45, 30, 15, 24
_TOLD_MIN, _TOLD_SHARE = 2, 0.6
"""Topic sentences that open this share of the paragraphs are the sections."""
_BULLETS: Final = "●◆■★▲◎○•"
_HEADS: Final = f"“《【{_BULLETS}"
_BULLET: Final = on_demand(rf"[{_BULLETS}]\s*")
_OPENING: Final = 40
"""So far into a paragraph a press report's dateline stands."""
_QUOTE: Final = on_demand(r"“[^”]{12,}”")
_QUOTED_MAX: Final = 0.4
"""More of a paragraph in somebody's words is a quotation."""
_SCENES: Final = frozenset(("report_of_words.scene", "report_of_words.advice"))
_DEEDS_SAID: Final = 2
_ADVICE_MAX: Final = 40
"""So far behind a marker it is looked who says what ought to be done."""
_MOST: Final = 0.6
_PARALLEL: Final = 0.6
"""Lengths whose spread stays below this share of their median run parallel."""
_FIGURE: Final = on_demand(r"\d[\d.,]*+(?:万|亿|%|个百分点|余|多|人|家|元|名|户|张|所|处)")


def find_steps(body: Body, *, topics: bool = True) -> list[NestedMeasure]:
    """The steps of a case, in text order, each within the body's span.

    Without `topics` topic sentences are not looked for.
    """
    items = [i for i in find_markers(body) if not (i.series and _is_advice(body, i.start))]
    at_lines = [i for i in items if i.at_line and not i.series]
    headings = _headings(body, items)
    parallel: list[Item] = []
    marked = {i.start for i in items if i.at_line}
    if topics and (not at_lines or min(i.rank for i in at_lines) >= _SERIES_RANK):
        parallel = _topics(body, marked)
    if headings and not _are_captions(body, headings, parallel):
        return nest(body, _merged(items, headings))
    told = _told(body, parallel, marked) if topics and not at_lines else []
    few = len({*told, *parallel}) < _TOLD_MIN or _holds_most(body)
    if topics and not items and few and (sentences := parallel_sentences(body)):
        return nest(body, sentences)
    if told and not (items and len(told) == 1):
        return nest(body, _merged(items, told))
    if parallel and body.lead is not None:
        # What the lead enumerates announces the sections.
        items = [i for i in items if i.start >= body.lines[body.lead].end]
    return nest(body, _merged(items, parallel))


def _holds_most(body: Body) -> bool:
    """Whether one paragraph holds most of a case."""
    lengths = [line.length for k, line in enumerate(body.lines) if k not in body.captions]
    return bool(lengths) and max(lengths) > _MOST * sum(lengths)


def _merged(items: Sequence[Item], others: Sequence[Item]) -> list[Item]:
    return sorted([*items, *others], key=lambda i: i.start)


def _told(body: Body, parallel: Sequence[Item], marked: set[int]) -> list[Item]:
    """The paragraphs that tell what was done, and topic sentences with them, unless the topic sentences account for
    all."""
    deeds = _deeds(body, marked)
    starts = {i.start for i in deeds} | {i.start for i in parallel}
    if len(parallel) >= _TOLD_MIN and len(parallel) >= _TOLD_SHARE * len(starts):
        return []
    by_start = {i.start: i for i in (*deeds, *parallel)}
    told = [by_start[at] for at in sorted(starts)]
    return told if len(deeds) > 0 else []


def _headings(body: Body, items: Sequence[Item]) -> list[Item]:
    """Unnumbered section headings: lines of their own, at least two, each followed by text."""
    page = body.page
    numbered = [i for i in items if i.at_line and not i.series]
    coarse = [i for i in numbered if i.rank <= SECTION_RANK]
    # Where sections are numbered throughout, a line without a number is none of them.
    only_plain = bool(coarse) and sum(i.n == 1 for i in coarse if i.kind == coarse[0].kind) < 2
    marked = {i.start for i in numbered}
    tall = _tall_headings(body, marked)
    found: list[Item] = []
    plain = 0
    double = -1
    for k, line in enumerate(body.lines[:-1]):
        if body.passed_over(k) or k <= double or line.start in marked:
            continue
        section = page.whole("section", line)
        if section is None:
            follows = k + tall.get(line.start, 1)
            if (
                follows == k + 1
                and 0 < k < len(body.lines) - 2
                and page.is_body(body.lines[k - 1])
                and page.is_heading(body.lines[k + 1])
            ):
                # A heading may have a second line.
                follows = k + 2 if body.lines[k + 1].start not in marked else k + 1
            # The last entry of a list is no heading, whatever follows the list.
            after = body.lines[follows]
            listed = (
                line.start not in tall
                and k > 0
                and k - 1 not in body.captions
                and body.lines[k - 1].start not in marked
                and page.is_heading(body.lines[k - 1])
            )
            if only_plain or not _may_head(page, line, after, marked):
                continue
            if listed and line.mark != "heading" and not page.is_body(after):
                continue
            double = follows - 1
        plain += section is not None
        rule_id = section.id if section is not None else "section.heading"
        bullet = _BULLET.match(page.norm, line.start, line.end)
        behind = bullet.end() if bullet is not None else line.start
        found.append(Item(line.start, behind, "heading", _HEADING_RANK, 0, True, False, rule_id))
    if len(found) == 1 and not plain:
        # One alone must stand between paragraphs.
        k = next(k for k, line in enumerate(body.lines) if line.start == found[0].start)
        if k == 0 or not page.is_body(body.lines[k - 1]) or body.lines[k].length > _LONE_HEADING_MAX:
            return []
    return found


def _tall_headings(body: Body, marked: set[int]) -> dict[int, int]:
    """The headings of several lines, as many as another has, by the offset of the first, with the number of their
    lines."""
    page = body.page
    if not body.lines:
        return {}
    first = bisect_left(page.lines, body.lines[0].start, key=lambda line: line.start)
    stacks = [
        s
        for s in stacks_in(page, first, first + len(body.lines))
        if not any(
            page.lines[k].start in marked or page.lines[k].length > _SECTION_MAX or body.passed_over(k - first)
            for k in range(s.start, s.end)
        )
    ]
    alike = Counter(s.end - s.start for s in stacks)
    return {page.lines[s.start].start: s.body - s.start for s in stacks if s.end - s.start > 1 < alike[s.end - s.start]}


def _deeds(body: Body, marked: set[int]) -> list[Item]:
    """The paragraphs behind the lead that tell what was done; scenes, quotations, overviews and results tell nothing of
    it."""
    page = body.page
    found: list[Item] = []
    for k, line in enumerate(body.lines):
        if body.passed_over(k) or line.start in marked or page.is_heading(line) or not page.is_body(line):
            continue
        if not page.is_paragraph(line):
            # Where a page has run its lines together, what a blank cuts off is no paragraph.
            continue
        if not found and (page.first("overview", line.start, line.end) or _press_opening(page, line)):
            continue
        if _tells_deeds(page, line):
            found.append(Item(line.start, line.start, "topic", _TOPIC_RANK, 0, True, False, "paragraph.deed"))
    return found


def _press_opening(page: Page, line: Line) -> bool:
    """Whether a paragraph opens a press report: it is its lead."""
    return page.search("dateline", line.start, min(line.end, line.start + _OPENING)) is not None


def _is_advice(body: Body, at: int) -> bool:
    """Whether a sentence says what ought to be done in the words of somebody who does not do it."""
    norm = body.page.norm
    begin = norm.rfind("。", body.start, at) + 1 or body.start
    behind = norm.find("。", at, body.end)
    stop = min(at + _ADVICE_MAX, behind if behind >= 0 else body.end)
    said = body.page.search("report_of_words", begin, stop)
    return said is not None and said[0].id == "report_of_words.advice"


def _tells_deeds(page: Page, line: Line) -> bool:
    """Whether a paragraph tells what a body did, more than what came of it, in its own words."""
    quotes = [m.span() for m in _QUOTE.finditer(page.norm, line.start, line.end)]
    said = page.search("report_of_words", line.start, line.end)
    if sum(b - a for a, b in quotes) > _QUOTED_MAX * line.length or (said is not None and said[0].id in _SCENES):
        return False
    if any(
        form.id == "result.opening" and form.pattern.match(page.norm, line.start, line.end)
        for form in page.rules.forms["result"]
    ):
        return False
    deeds = _count(page, "deed", line, quotes)
    # What somebody only speaks of is done where more is told than one thing.
    return deeds >= (1 if said is None else _DEEDS_SAID) and deeds >= _count(page, "result", line, quotes)


def _count(page: Page, kind: str, line: Line, quotes: Sequence[tuple[int, int]]) -> int:
    """How often rules of a kind speak in a paragraph, outside of what is quoted."""
    return sum(
        1
        for form in page.rules.forms[kind]
        for m in form.pattern.finditer(page.norm, line.start, line.end)
        if not any(a <= m.start() < b for a, b in quotes)
    )


def _are_captions(body: Body, headings: Sequence[Item], topics: Sequence[Item]) -> bool:
    """Whether the unnumbered lines taken for headings are captions, because topic sentences behind them run more
    parallel."""
    if len(topics) < 2 or any(h.rule_id != "section.heading" for h in headings):
        return False
    ends = {line.start: line.end for line in body.lines}
    norm = body.page.norm
    lengths = [_topic_end(norm, t.start, ends[t.start]) - t.start for t in topics]
    if max(lengths) > _SHORT_TOPIC:
        return False
    if len(headings) == 1:
        return _spread(lengths) < _PARALLEL
    begun = {t.start for t in topics}
    heads = {h.start for h in headings}
    behind = [after.start for line, after in pairwise(body.lines) if line.start in heads]
    if 3 * sum(at in begun for at in behind) < 2 * len(behind):
        return False
    return 2 * _spread(lengths) < _spread([ends[h.start] - h.start for h in headings])


def _topic_end(norm: str, start: int, end: int) -> int:
    m = _TOPIC_END.search(norm, start, end)
    return end if m is None else int(m.start())


def _spread(lengths: Sequence[int]) -> float:
    return (max(lengths) - min(lengths)) / median(lengths)


def _may_head(page: Page, line: Line, following: Line, marked: set[int]) -> bool:
    """Whether a line without a number can be the heading of the text behind it."""
    if line.mark == "heading":
        return True
    first = page.norm[line.start]
    if not page.is_heading(line) or not 3 <= line.length <= _SECTION_MAX or not (first.isalnum() or first in _HEADS):
        return False
    if page.first("metadata", line.start, line.end) is not None:
        return False
    if page.norm[following.start] in ",、;。":
        # What goes on with a pause was torn apart by what stands between.
        return False
    return (
        page.is_body(following)
        or following.start in marked
        or (following.length >= _SENTENCE_MIN and not page.is_heading(following))
    )


def _topics(body: Body, marked: set[int]) -> list[Item]:
    """Paragraphs that open with a topic sentence, recognised by running parallel to each other."""
    page = body.page
    shapes: list[tuple[Item, str]] = []
    paragraphs = 0
    for k, line in enumerate(body.lines):
        if body.passed_over(k) or line.start in marked or page.is_heading(line):
            continue
        paragraphs += 1
        m = _TOPIC_END.search(page.norm, line.start, line.end)
        if m is None:
            continue
        topic = page.norm[line.start : m.start()]
        if not 3 <= len(topic) <= _TOPIC_MAX or line.end - m.end() < _REST_MIN or ";" in topic:
            continue
        if page.first("continuation", line.start, line.end) or _FIGURE.search(topic) or _press_opening(page, line):
            continue
        if topic.count("“") > topic.count("”"):
            # The sentence that ends is somebody's.
            continue
        if page.search("report_of_words", line.start, line.end):
            continue
        shapes.append((Item(line.start, line.start, "topic", _TOPIC_RANK, 0, True, False, "topic.parallel"), topic))
    if len(shapes) < 2:
        return [s for s, topic in shapes if paragraphs <= 2 and len(topic) <= 24]
    middle = median(len(t) for _, t in shapes)
    return [s for s, t in shapes if len(t) <= 2 * middle + 4]
