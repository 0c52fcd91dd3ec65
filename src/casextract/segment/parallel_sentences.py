"""Topic sentences inside a paragraph that holds a whole case: sentences whose first clauses are built alike.

Four kinds of likeness: the same frame (在…方面, 第一轮…), short sentences of aim with what was done behind each
(建强队伍。…), the same beginning (老年…, 老年…), the same sign in heads of four characters (党建领治, 居民自治,
服务善治).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from casextract.rulebook.patterns import on_demand
from casextract.segment.markers import Body, Item
from casextract.segment.page import Line, Page

_SENTENCE: Final = on_demand(r"(?<=[。!?;:]”?)\s*(?=[^\s。!?;:”])")
_CLAUSE: Final = on_demand(r"[^,。;:!?\n]++")
_CLAUSE_MAX, _SAME_MIN, _HEAD = 20, 3, 4
"""A topic clause is no longer; so many of them make a series; heads of so many characters share a sign."""
_PREFIXES: Final = (4, 3, 2)
_AIM_MIN, _AIM_MAX, _DEED_LENGTH, _AIMS_SHARE = 6, 27, 1.4, 0.6
"""A sentence of aim is of such a length, what was done at least so many times as long; so many of the sentences begin
with a verb."""


class _Opening(NamedTuple):
    start: int
    clause: str


def parallel_sentences(body: Body) -> list[Item]:
    """The sentences of a body's longest paragraph that run parallel to each other, in text order; none where fewer than
    three do."""
    page = body.page
    lines = [line for k, line in enumerate(body.lines) if k not in body.captions and not page.is_heading(line)]
    if not lines:
        return []
    line = max(lines, key=lambda x: x.length)
    openings = list(_openings(page, line, body))
    found = (
        _framed(page, openings, line.end)
        or _aimed(page, openings, line.end)
        or _begun_alike(page, openings)
        or _signed_alike(openings)
    )
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


def _behind_front(page: Page, opening: _Opening, end: int) -> _Opening:
    """A sentence without what stands in front of it and is not its own."""
    front = page.first("front", opening.start, end)
    return opening if front is None else opening._replace(start=int(front[1].end()))


def _framed(page: Page, openings: Sequence[_Opening], end: int) -> list[_Opening]:
    """Sentences in the same frame: 在…方面, in …; the first round, the second."""
    frames: dict[str, list[_Opening]] = defaultdict(list)
    for opening in openings:
        for o in (opening, _behind_front(page, opening, end)):
            if (frame := page.first("topic_frame", o.start, end)) is not None:
                frames[frame[0].id].append(o)
                break
    best = max(frames.values(), key=len, default=[])
    return best if len(best) >= _SAME_MIN else []


def _aimed(page: Page, openings: Sequence[_Opening], end: int) -> list[_Opening]:
    """Short sentences that say an aim, each with a longer one behind it that says what was done; most begin with its
    verb."""
    if not openings:
        return []
    stops = [*(o.start for o in openings[1:]), end]
    whole = [(o, page.norm[o.start : stop].rstrip()) for o, stop in zip(openings, stops, strict=True)]
    found: list[_Opening] = []
    aims = 0
    for (opening, printed), (_, after) in pairwise(whole[1:]):
        o = _behind_front(page, opening, end)
        sentence = printed[o.start - opening.start :]
        if (
            not _AIM_MIN <= len(sentence) <= _AIM_MAX
            or sentence[-1] != "。"
            or len(after) < _DEED_LENGTH * len(sentence)
        ):
            continue
        if sentence.count(",") > 1 or any(c.isdigit() for c in sentence) or sentence.count("“") != sentence.count("”"):
            continue
        if page.first("continuation", o.start, end) or page.search("report_of_words", o.start, o.start + len(sentence)):
            continue
        found.append(o)
        aims += page.first("aim_sentence", o.start, o.start + len(sentence)) is not None
    return found if len(found) >= _SAME_MIN and aims >= _AIMS_SHARE * len(found) else []


def _begun_alike(page: Page, openings: Sequence[_Opening]) -> list[_Opening]:
    """Sentences that begin with the same noun, no agent, and go on differently."""
    short = [o for o in openings if len(o.clause) <= _CLAUSE_MAX and not any(c.isdigit() for c in o.clause)]
    for length in _PREFIXES:
        groups: dict[str, list[_Opening]] = defaultdict(list)
        for o in short:
            groups[o.clause[:length]].append(o)
        for group in groups.values():
            different = {o.clause[length : length + 2] for o in group}
            if (
                len(group) < _SAME_MIN
                or len(different) < len(group)
                or any(
                    page.rules.whole("agent", page.norm, group[0].start, group[0].start + length)
                    for length in _PREFIXES
                )
            ):
                continue
            if page.first("front", group[0].start, group[0].start + _CLAUSE_MAX):
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
