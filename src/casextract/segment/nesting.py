"""The levels and parents of a case's steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from casextract.rulebook.patterns import on_demand
from casextract.segment.markers import Body, Item

_LABEL_END: Final = on_demand(r"[。!?;\n]|——")
_LEVEL_MAX: Final = 4


class NestedMeasure(NamedTuple):
    """A measure found: `parent` is an index into the steps of the case."""

    start: int
    end: int
    parent: int | None
    level: int
    ordinal: int
    marker: tuple[int, int] | None
    label: tuple[int, int] | None
    rule_id: str


def nest(body: Body, items: Sequence[Item]) -> list[NestedMeasure]:
    """Levels and parents: a marker belongs to the series that goes on behind it, else to the coarser marker before
    it."""
    steps: list[NestedMeasure] = []
    stack: list[tuple[Item, int]] = []
    counts: dict[int | None, int] = {}
    ends = {line.start: line.end for line in body.lines}
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
        following = items[i + 1].start if i + 1 < len(items) else body.end
        label = _label(body.page.norm, item, ends.get(item.start, body.end), following)
        marker = (item.start, item.behind) if item.behind > item.start else None
        steps.append(NestedMeasure(item.start, body.end, parent, depth, counts[parent], marker, label, item.rule_id))
    return _closed(steps)


def _goes_on(items: Sequence[Item], i: int, top: Item) -> bool:
    """Whether the series of `top` is taken up again behind item `i` before a new series of its kind begins."""
    if top.n == 0:
        return False
    for later in items[i + 1 :]:
        if later.kind == top.kind:
            return later.n == top.n + 1
        if later.rank < min(top.rank, items[i].rank):
            return False
    return False


def _label(norm: str, item: Item, line_end: int, following: int) -> tuple[int, int] | None:
    limit = min(following, line_end) if following > item.start else line_end
    start = item.behind
    m = _LABEL_END.search(norm, start, limit)
    stop = m.start() if m is not None else limit
    while start < stop and norm[start] in " ,、:":
        start += 1
    while stop > start and norm[stop - 1] in " ,;:、。":
        stop -= 1
    return (start, stop) if start < stop else None


def _closed(steps: list[NestedMeasure]) -> list[NestedMeasure]:
    """Let each step end where the next one that is not below it begins."""
    closed: list[NestedMeasure] = []
    following: list[int | None] = [None] * (_LEVEL_MAX + 1)
    for step in reversed(steps):
        end = following[step.level]
        closed.append(step if end is None else step._replace(end=end))
        following[step.level :] = [step.start] * (_LEVEL_MAX + 1 - step.level)
    return closed[::-1]
