"""Headings of one or more lines: the lines without a sentence that stand right above running text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from casextract.segment.page import Line, Page

_LINES_MAX: Final = 4
"""A heading in print has no more lines: place, title, subtitle, byline."""
_WEAK_ENDS: Final = "—–-"


class HeadingStack(NamedTuple):
    """The lines of a heading, [start, end) by line index; `body` is the line of the text below, `signed` whether a
    byline ends it."""

    start: int
    end: int
    body: int
    signed: bool


def stacks_in(page: Page, first: int, last: int) -> list[HeadingStack]:
    """The headings between two lines, each with all of its lines, in order."""
    return list(_stacks(page, first, last))


def _stacks(page: Page, first: int, last: int) -> Iterator[HeadingStack]:
    start: int | None = None
    signed = False
    for k in range(first, last):
        line = page.lines[k]
        if is_byline(page, k):
            signed = start is not None
            continue
        runs = page.is_body(line) or (signed and not page.is_heading(line))
        if start is not None and k - start <= _LINES_MAX and runs:
            end = k - 1 if signed else k
            yield HeadingStack(start, end, k, signed)
        if k in page.frame.roles or not page.is_heading(line) or page.whole("rubric", line) is not None:
            start, signed = None, False
        elif start is None or signed or _set_apart(page, start, k):
            start, signed = k, False


def is_byline(page: Page, k: int) -> bool:
    """Whether a line in the body says who wrote what stands below it, or when."""
    role, line = page.frame.roles.get(k), page.lines[k]
    return role is not None and role[0] == "metadata" and (is_signed(page, line) or is_dated(page, line))


def is_signed(page: Page, line: Line) -> bool:
    """Whether a line is a byline and nothing else."""
    hit = page.first("metadata", line.start, line.end)
    return hit is not None and hit[0].rule.field == "byline" and hit[1].end() == line.end and page.is_heading(line)


def is_dated(page: Page, line: Line) -> bool:
    """Whether a line is a date and nothing else."""
    hit = page.first("metadata", line.start, line.end)
    return hit is not None and hit[0].id in ("meta.date", "meta.month") and hit[1].end() == line.end


def title_in(page: Page, stack: HeadingStack) -> int:
    """The line of a heading that is its title: the first, or the one below a line that only leads up to it (a person
    ——)."""
    k = stack.start
    return k + 1 if k + 1 < stack.end and leads_up(page, page.lines[k]) else k


def leads_up(page: Page, line: Line) -> bool:
    """Whether a line ends with a dash: what it says is about the title below."""
    return page.norm[line.end - 1] in _WEAK_ENDS


def _set_apart(page: Page, start: int, k: int) -> bool:
    """Whether a blank line stands before line `k`, but none between the lines of the heading before it."""
    blank = _blank_before(page, k)
    return blank and not (k - start > 1 and _blank_before(page, start + 1))


def _blank_before(page: Page, k: int) -> bool:
    return page.norm[page.lines[k - 1].end : page.lines[k].start].count("\n") > 1
