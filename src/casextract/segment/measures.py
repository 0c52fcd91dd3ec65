"""The steps of a case: sections by their headings, markers or topic sentences, and the steps enumerated inside them.

A case's sections are told by their form. Markers rank by their kind and nest by the course of their series; paragraphs
without markers count as sections when they open with short sentences that run parallel to one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

from casextract.rulebook.patterns import on_demand
from casextract.segment.compiled import Segmenter
from casextract.segment.head_and_trailer import body_like
from casextract.segment.lines import Line, heading_like

_ORDINALS: Final = {c: i for i, c in enumerate("一二三四五六七八九十", 1)}
_WORDS: Final = {
    "首先": 1, "其次": 2, "再次": 3, "再者": 3, "然后": 3, "最后": 4, "一方面": 1, "另一方面": 2, "再一方面": 3,
    "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10,
}  # fmt: skip
_LOOSE: Final = frozenset(("首先", "其次", "再次", "再者", "然后", "最后"))
_TOPIC_END: Final = on_demand(r"[。!?]")
_LABEL_END: Final = on_demand(r"[。!?;\n]|——")
_TOPIC_MAX: Final = 46
_REST_MIN: Final = 6
_HEADING_RANK, _TOPIC_RANK = 25, 35
_LEVEL_MAX: Final = 4
_SECTION_MAX, _LONE_HEADING_MAX, _SENTENCE_MIN, _SHORT_TOPIC = 45, 30, 15, 24
_PARALLEL: Final = 0.6
"""Lengths whose spread stays below this share of their median run parallel."""
_FIGURE: Final = on_demand(r"\d[\d.,]*+(?:万|亿|%|个百分点|余|多|人|家|元|名|户|张|所|处)")


class Step(NamedTuple):
    """A measure found: `parent` is an index into the steps of the case."""

    start: int
    end: int
    parent: int | None
    level: int
    ordinal: int
    marker: tuple[int, int] | None
    label: tuple[int, int] | None
    rule_id: str


class _Item(NamedTuple):
    """Something that may open a step. `n` is its place in its series; 0 where it has no number."""

    start: int
    behind: int
    kind: str
    rank: int
    n: int
    at_line: bool
    series: bool
    rule_id: str


def ordinal_of(printed: str) -> int:
    """The number a marker's ordinal says, 0 where it says none."""
    if printed in _WORDS:
        return _WORDS[printed]
    if printed.isascii() and printed.isdigit():
        return int(printed)
    if len(printed) == 1:
        if "①" <= printed <= "⑳":
            return ord(printed) - ord("①") + 1
        if "❶" <= printed <= "❿":
            return ord(printed) - ord("❶") + 1
        if "a" <= printed <= "h":
            return ord(printed) - ord("a") + 1
    tens, ten, ones = printed.partition("十")
    if ten:
        return (_ORDINALS.get(tens, 1) if tens else 1) * 10 + (_ORDINALS.get(ones, 0) if ones else 0)
    return _ORDINALS.get(printed, 0)


def find_steps(
    norm: str,
    lines: Sequence[Line],
    captions: frozenset[int],
    lead: int | None,
    segmenter: Segmenter,
    start: int,
    end: int,
    *,
    topics: bool = True,
) -> list[Step]:
    """The steps of a case.

    `lines` are the lines of its body, `captions` and `lead` say which of them (by index) are captions and the lead, and
    [start, end) is the body's span. Without `topics` topic sentences are not looked for. Steps come in text order, each
    within the span.
    """
    items = _markers(norm, segmenter, start, end, lines, captions)
    at_lines = [i for i in items if i.at_line and not i.series]
    headings = _headings(norm, lines, captions, lead, segmenter, items)
    parallel: list[_Item] = []
    if topics and (not at_lines or min(i.rank for i in at_lines) >= 80):
        parallel = _topics(norm, lines, captions, lead, segmenter, {i.start for i in items if i.at_line})
    if headings and not _are_captions(norm, lines, headings, parallel):
        items = sorted([*items, *headings], key=lambda i: i.start)
    elif parallel:
        if lead is not None:
            # What the lead enumerates announces the sections.
            items = [i for i in items if i.start >= lines[lead].end]
        items = sorted([*items, *parallel], key=lambda i: i.start)
    return _nest(norm, items, lines, start, end)


def _markers(
    norm: str, segmenter: Segmenter, start: int, end: int, lines: Sequence[Line], captions: frozenset[int]
) -> list[_Item]:
    heads = {line.start for line in lines}
    held = [(lines[i].start, lines[i].end) for i in captions]
    found: list[_Item] = []
    for m in segmenter.markers.finditer(norm, start, end):
        form = segmenter.rule_of("marker", m)
        n = ordinal_of(next(filter(None, m.groups())))
        at_line = m.start() in heads
        if n == 0 or (form.rule.stands == "line" and not at_line) or any(a <= m.start() < b for a, b in held):
            continue
        assert form.rule.level is not None
        kind = ".".join(form.id.split(".")[:2])
        found.append(_Item(m.start(), m.end(), kind, form.rule.level, n, at_line, form.rule.series, form.id))
    return _in_series(found)


def _in_series(items: list[_Item]) -> list[_Item]:
    """Keep the markers that belong to a series: one follows the other, or a numbered line stands at its start."""
    kept: list[_Item] = []
    by_kind: dict[str, list[int]] = {}
    for i, item in enumerate(items):
        by_kind.setdefault(item.kind, []).append(i)
    good: set[int] = set()
    for kind, indices in by_kind.items():
        run: list[int] = []
        last_n = 0
        for i in [*indices, -1]:
            n = items[i].n if i >= 0 else 0
            loose = kind == "marker.first_next" and last_n > 1
            follows = i >= 0 and (n == last_n + 1 or (loose and n > last_n))
            if run and not follows:
                good.update(_run(items, run))
                run = []
            if i >= 0 and ((follows and run) or n == 1 or items[i].at_line):
                run.append(i)
                last_n = n
            else:
                last_n = 0
    return [item for i, item in enumerate(items) if i in good] or kept


def _run(items: Sequence[_Item], run: Sequence[int]) -> Sequence[int]:
    """A run of consecutive ordinals, or nothing where it is no series."""
    first = items[run[0]]
    if first.series:
        return run if first.n == 1 and len(run) >= 2 else ()
    if first.n == 1:
        # One alone is believed at the start of a line, or where a finer series begins under it.
        under = items[run[0] + 1] if run[0] + 1 < len(items) else None
        parent = under is not None and first.rank <= 40 and under.rank > first.rank and under.n == 1
        return run if len(run) >= 2 or first.at_line or parent else ()
    # A series whose beginning is missing is believed where its numbers stand at the start of lines and are small.
    if first.at_line and first.rank <= 40:
        return run
    return ()


def _headings(
    norm: str,
    lines: Sequence[Line],
    captions: frozenset[int],
    lead: int | None,
    segmenter: Segmenter,
    items: Sequence[_Item],
) -> list[_Item]:
    """Unnumbered section headings: lines of their own, at least two, each followed by text."""
    numbered = [i for i in items if i.at_line and not i.series]
    coarse = [i for i in numbered if i.rank <= 40]
    # Where sections are numbered throughout, a line without a number is none of them.
    only_plain = bool(coarse) and sum(i.n == 1 for i in coarse if i.kind == coarse[0].kind) < 2
    marked = {i.start for i in numbered}
    found: list[_Item] = []
    plain = 0
    double = -1
    for k, line in enumerate(lines[:-1]):
        if k in captions or k in (lead, double) or line.start in marked:
            continue
        section = segmenter.whole("section", norm, line.start, line.end)
        if section is None:
            follows = k + 1
            if 0 < k < len(lines) - 2 and body_like(norm, lines[k - 1]) and heading_like(norm, lines[k + 1]):
                # A heading may have a second line.
                follows = k + 2 if lines[k + 1].start not in marked else k + 1
            # The last entry of a list is no heading, whatever follows the list.
            after = lines[follows]
            listed = (
                k > 0
                and k - 1 not in captions
                and lines[k - 1].start not in marked
                and heading_like(norm, lines[k - 1])
            )
            if only_plain or not _may_head(norm, line, after, marked, segmenter):
                continue
            if listed and line.mark != "heading" and not body_like(norm, after):
                continue
            double = follows - 1
        plain += section is not None
        rule_id = section.id if section is not None else "section.heading"
        found.append(_Item(line.start, line.start, "heading", _HEADING_RANK, 0, True, False, rule_id))
    if len(found) == 1 and not plain:
        # One alone must stand between paragraphs.
        k = next(k for k, line in enumerate(lines) if line.start == found[0].start)
        if k == 0 or not body_like(norm, lines[k - 1]) or lines[k].length > _LONE_HEADING_MAX:
            return []
    return found


def _are_captions(norm: str, lines: Sequence[Line], headings: Sequence[_Item], topics: Sequence[_Item]) -> bool:
    """Whether the unnumbered lines taken for headings are captions, because topic sentences behind them run more parallel."""
    if len(topics) < 2 or any(h.rule_id != "section.heading" for h in headings):
        return False
    ends = {line.start: line.end for line in lines}
    lengths = [_topic_end(norm, t.start, ends[t.start]) - t.start for t in topics]
    if max(lengths) > _SHORT_TOPIC:
        return False
    if len(headings) == 1:
        return _spread(lengths) < _PARALLEL
    begun = {t.start for t in topics}
    heads = {h.start for h in headings}
    behind = [after.start for line, after in pairwise(lines) if line.start in heads]
    if 3 * sum(at in begun for at in behind) < 2 * len(behind):
        return False
    return 2 * _spread(lengths) < _spread([ends[h.start] - h.start for h in headings])


def _topic_end(norm: str, start: int, end: int) -> int:
    m = _TOPIC_END.search(norm, start, end)
    return end if m is None else int(m.start())


def _spread(lengths: Sequence[int]) -> float:
    return (max(lengths) - min(lengths)) / median(lengths)


def _may_head(norm: str, line: Line, following: Line, marked: set[int], segmenter: Segmenter) -> bool:
    """Whether a line without a number can be the heading of the text behind it."""
    if line.mark == "heading":
        return True
    first = norm[line.start]
    if (
        not heading_like(norm, line)
        or not 3 <= line.length <= _SECTION_MAX
        or not (first.isalnum() or first in "“《【")
    ):
        return False
    if segmenter.first("metadata", norm, line.start, line.end) is not None:
        return False
    if norm[following.start] in ",、;。":
        # What goes on with a pause was torn apart by what stands between.
        return False
    return (
        body_like(norm, following)
        or following.start in marked
        or (following.length >= _SENTENCE_MIN and not heading_like(norm, following))
    )


def _topics(
    norm: str,
    lines: Sequence[Line],
    captions: frozenset[int],
    lead: int | None,
    segmenter: Segmenter,
    marked: set[int],
) -> list[_Item]:
    """Paragraphs that open with a topic sentence, recognised by running parallel to each other."""
    shapes: list[tuple[_Item, str]] = []
    paragraphs = 0
    for k, line in enumerate(lines):
        if k in captions or k == lead or line.start in marked or heading_like(norm, line):
            continue
        paragraphs += 1
        m = _TOPIC_END.search(norm, line.start, line.end)
        if m is None:
            continue
        topic = norm[line.start : m.start()]
        if not 3 <= len(topic) <= _TOPIC_MAX or line.end - m.end() < _REST_MIN or ";" in topic:
            continue
        if segmenter.first("continuation", norm, line.start, line.end) or _FIGURE.search(topic):
            continue
        shapes.append((_Item(line.start, line.start, "topic", _TOPIC_RANK, 0, True, False, "topic.parallel"), topic))
    if len(shapes) < 2:
        return [s for s, topic in shapes if paragraphs <= 2 and len(topic) <= 24]
    middle = median(len(t) for _, t in shapes)
    return [s for s, t in shapes if len(t) <= 2 * middle + 4]


def _nest(norm: str, items: Sequence[_Item], lines: Sequence[Line], start: int, end: int) -> list[Step]:
    """Levels and parents: a marker belongs to the series that goes on behind it, else to the coarser marker before it."""
    steps: list[Step] = []
    stack: list[tuple[_Item, int]] = []
    counts: dict[int | None, int] = {}
    ends = {line.start: line.end for line in lines}
    for i, item in enumerate(items):
        if not steps and item.n > 1 and item.at_line:
            # The text begins in the middle: the coarser series that goes on later has a step before its first.
            coarser = {later.kind: later for later in items[i + 1 :] if later.rank < item.rank and later.n > 1}
            stack = [(later, -1) for later in sorted(coarser.values(), key=lambda c: c.rank)]
        while stack:
            top = stack[-1][0]
            if stack[-1][1] < 0 and top.kind != item.kind:
                break
            if top.kind == item.kind and (item.n == 0 or item.n != 1 or top.n == 0):
                stack.pop()
                break
            if any(s.kind == item.kind for s, _ in stack) and (item.n > 1 or item.n == 0):
                stack.pop()
                continue
            if top.rank < item.rank or _goes_on(items, i, top):
                break
            stack.pop()
        depth = len(stack) + 1
        parent = stack[-1][1] if stack and stack[-1][1] >= 0 else None
        stack.append((item, len(steps)))
        if depth > _LEVEL_MAX:
            stack.pop()
            continue
        counts[parent] = counts.get(parent, 0) + 1
        following = items[i + 1].start if i + 1 < len(items) else end
        label = _label(norm, item, ends.get(item.start, end), following)
        marker = (item.start, item.behind) if item.behind > item.start else None
        steps.append(Step(item.start, end, parent, depth, counts[parent], marker, label, item.rule_id))
    return _closed(steps)


def _goes_on(items: Sequence[_Item], i: int, top: _Item) -> bool:
    """Whether the series of `top` is taken up again behind item `i` before a new series of its kind begins."""
    if top.n == 0:
        return False
    for later in items[i + 1 :]:
        if later.kind == top.kind:
            return later.n == top.n + 1
        if later.rank < min(top.rank, items[i].rank):
            return False
    return False


def _label(norm: str, item: _Item, line_end: int, following: int) -> tuple[int, int] | None:
    limit = min(following, line_end) if following > item.start else line_end
    start = item.behind
    m = _LABEL_END.search(norm, start, limit)
    stop = m.start() if m is not None else limit
    while start < stop and norm[start] in " ,、:":
        start += 1
    while stop > start and norm[stop - 1] in " ,;:、。":
        stop -= 1
    return (start, stop) if start < stop else None


def _closed(steps: list[Step]) -> list[Step]:
    """Let each step end where the next one that is not below it begins."""
    closed: list[Step] = []
    following: list[int | None] = [None] * (_LEVEL_MAX + 1)
    for step in reversed(steps):
        end = following[step.level]
        closed.append(step if end is None else step._replace(end=end))
        following[step.level :] = [step.start] * (_LEVEL_MAX + 1 - step.level)
    return closed[::-1]
