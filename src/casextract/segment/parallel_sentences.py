"""Topic sentences inside a paragraph that holds a whole case: sentences whose first clauses are built alike.

Three kinds of likeness: the same frame (在…方面, 第一轮…), the same beginning (老年…, 老年…), the same sign in heads of four
characters (党建领治, 居民自治, 服务善治).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from casextract.rulebook.patterns import on_demand
from casextract.segment.markers import Body, Item
from casextract.segment.page import Line, Page

_SENTENCE: Final = on_demand(r"(?<=[。!?;:]”?)\s*(?=[^\s。!?;:”])")
_CLAUSE: Final = on_demand(r"[^,。;:!?\n]++")
_FRAME: Final = on_demand(
    r"在[^,。;]{2,20}(?:方面|领域|环节|阶段|过程中|层面|上)(?=,)|第[一二三四五六七八九十](?=[轮批期步类级层])"
)
_AGENT: Final = on_demand(
    r".*?(?:[省市县区州旗镇乡村]|街道|社区|局|厅|会|院|站|中心|公司|部门|党委|支部|政府|项目|活动|我们|该|当地|这)$"
)
_CLAUSE_MAX, _SAME_MIN, _HEAD = 20, 3, 4
"""A topic clause is no longer; so many of them make a series; heads of so many characters share a sign."""
_PREFIXES: Final = (4, 3, 2)


class _Opening(NamedTuple):
    start: int
    clause: str


def parallel_sentences(body: Body) -> list[Item]:
    """The sentences of a body's longest paragraph that run parallel to each other, in text order; none where fewer than three do."""
    page = body.page
    lines = [line for k, line in enumerate(body.lines) if k not in body.captions and not page.is_heading(line)]
    if not lines:
        return []
    line = max(lines, key=lambda x: x.length)
    openings = list(_openings(page, line, body))
    found = _framed(openings) or _begun_alike(page, openings) or _signed_alike(openings)
    return [Item(o.start, o.start, "topic", 35, 0, True, False, "topic.sentence") for o in found]


def _openings(page: Page, line: Line, body: Body) -> Sequence[_Opening]:
    """The sentences of a paragraph with their first clauses."""
    found = []
    begin = max(line.start, body.start)
    for at in (begin, *(m.end() for m in _SENTENCE.finditer(page.norm, begin, line.end))):
        clause = _CLAUSE.match(page.norm, at, line.end)
        if clause is not None:
            found.append(_Opening(at, clause.group()))
    return found


def _framed(openings: Sequence[_Opening]) -> list[_Opening]:
    """Sentences in the same frame: 在…方面, in …; the first round, the second."""
    frames: dict[str, list[_Opening]] = defaultdict(list)
    for o in openings:
        m = _FRAME.match(o.clause + ",")
        if m is not None:
            frames["第" if o.clause.startswith("第") else "在"].append(o)
    best = max(frames.values(), key=len, default=[])
    return best if len(best) >= _SAME_MIN else []


def _begun_alike(page: Page, openings: Sequence[_Opening]) -> list[_Opening]:
    """Sentences that begin with the same noun, no agent, and go on differently."""
    short = [o for o in openings if len(o.clause) <= _CLAUSE_MAX and not any(c.isdigit() for c in o.clause)]
    for length in _PREFIXES:
        groups: dict[str, list[_Opening]] = defaultdict(list)
        for o in short:
            groups[o.clause[:length]].append(o)
        for prefix, group in groups.items():
            different = {o.clause[length : length + 2] for o in group}
            if len(group) < _SAME_MIN or len(different) < len(group) or _AGENT.match(prefix) is not None:
                continue
            if page.first("continuation", group[0].start, group[0].start + _CLAUSE_MAX) or page.place_at(
                group[0].start, group[0].start + _CLAUSE_MAX
            ):
                continue
            return group
    return []


def _signed_alike(openings: Sequence[_Opening]) -> list[_Opening]:
    """Sentences whose heads of four characters share one of them: the sign by which a practice counts its steps."""
    best: list[_Opening] = []
    for at in range(1, _HEAD):
        groups: dict[str, list[_Opening]] = defaultdict(list)
        for o in openings:
            if len(o.clause) > _HEAD and o.clause[:_HEAD].isalpha():
                groups[o.clause[at]].append(o)
        for group in groups.values():
            heads = {o.clause[:at] for o in group}
            if len(group) > max(_SAME_MIN, len(best)) and len(heads) == len(group):
                best = group
    return best
