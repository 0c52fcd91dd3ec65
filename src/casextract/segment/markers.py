"""The markers of a case's body that belong to a series, with the number each says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from casextract.segment.page import Line, Page

_ORDINALS: Final = {c: i for i, c in enumerate("一二三四五六七八九十", 1)}
_WORDS: Final = {
    "首先": 1,
    "其次": 2,
    "再次": 3,
    "再者": 3,
    "然后": 3,
    "最后": 4,
    "一方面": 1,
    "另一方面": 2,
    "再一方面": 3,
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
}
SECTION_RANK: Final = 40
"""Markers of this rank and below divide a case into sections; finer ones number what stands inside."""


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a case, whose steps are looked for.

    `lines` are its lines, `captions` and `lead` say which of them (by index) are captions (an abstract and the words
    above it among them) and the case's own opening paragraph; [start, end) is its span.
    """

    page: Page
    lines: Sequence[Line]
    captions: frozenset[int]
    lead: int | None
    start: int
    end: int

    def passed_over(self, k: int) -> bool:
        """Whether a line is a caption or the lead, and so opens nothing."""
        return k in self.captions or k == self.lead


class Item(NamedTuple):
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


def find_markers(body: Body) -> list[Item]:
    """The markers of a body in text order, those of its captions and those of no series left out."""
    page = body.page
    heads = {line.start for line in body.lines}
    held = [(body.lines[i].start, body.lines[i].end) for i in body.captions]
    found: list[Item] = []
    for m in page.rules.markers.finditer(page.norm, body.start, body.end):
        form = page.rules.rule_of("marker", m)
        n = ordinal_of(next(filter(None, m.groups())))
        at_line = m.start() in heads
        if n == 0 or (form.rule.stands == "line" and not at_line) or any(a <= m.start() < b for a, b in held):
            continue
        assert form.rule.level is not None
        kind = ".".join(form.id.split(".")[:2])
        found.append(Item(m.start(), m.end(), kind, form.rule.level, n, at_line, form.rule.series, form.id))
    return _in_series(found)


def _in_series(items: list[Item]) -> list[Item]:
    """Keep the markers that belong to a series: one follows the other, or a numbered line stands at its start."""
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
    return [item for i, item in enumerate(items) if i in good]


def _run(items: Sequence[Item], run: Sequence[int]) -> Sequence[int]:
    """A run of consecutive ordinals, or nothing where it is no series."""
    first = items[run[0]]
    if first.series:
        return run if first.n == 1 and len(run) >= 2 else ()
    if first.n == 1:
        # One alone is believed at the start of a line, or where a finer series begins under it.
        under = items[run[0] + 1] if run[0] + 1 < len(items) else None
        parent = under is not None and first.rank <= SECTION_RANK and under.rank > first.rank and under.n == 1
        return run if len(run) >= 2 or first.at_line or parent else ()
    # A series whose beginning is missing is believed where its numbers stand at the start of lines and are small.
    if first.at_line and first.rank <= SECTION_RANK:
        return run
    return ()
