"""Lines that are no text of a case: under or over a picture, by a scene or a credit they name, by a place in front, or
as the file says; an abstract with the words above it.
"""

from __future__ import annotations

from typing import Final

from casextract.segment.openings import first_sentence
from casextract.segment.page import Line, Page

_CAPTION_MAX: Final = 90


def captions_in(page: Page, start: int, end: int) -> dict[int, str]:
    """The lines of a case's body, from line `start` up to `end`, that are captions, with the rule that says so."""
    found: dict[int, str] = {}
    for k in range(start, end):
        if k not in page.frame.roles and (rule_id := _caption_in(page, page.lines[k], first=k == start)) is not None:
            found[k] = rule_id
    return found


def abstracts_in(page: Page, start: int, end: int) -> dict[int, str]:
    """The lines from `start` up to `end` that are a rubric, and the paragraph below one, its abstract, with the
    rule."""
    found: dict[int, str] = {}
    for k in range(start, end):
        if k in page.frame.roles or (form := page.whole("rubric", page.lines[k])) is None:
            continue
        found[k] = form.id
        if k + 1 < end and k + 1 not in page.frame.roles and not page.is_heading(page.lines[k + 1]):
            found[k + 1] = form.id
    return found


def caption_outside(page: Page, line: Line) -> str | None:
    """The rule by which a line outside all cases is a caption."""
    if line.length > _CAPTION_MAX or not page.is_heading(line):
        return None
    hit = page.search("caption", line.start, line.end)
    if hit is not None:
        return hit[0].id
    return "caption.marked" if line.mark == "caption" else None


def _caption_in(page: Page, line: Line, *, first: bool) -> str | None:
    if line.mark == "caption":
        return "caption.marked"
    if line.mark == "heading" or line.length > _CAPTION_MAX:
        return None
    heading = page.is_heading(line)
    if not heading and not _one_sentence(page, line):
        return None
    if heading and page.whole("section", line):
        return None
    hit = page.search("caption", line.start, line.end)
    if heading and hit is not None:
        return hit[0].id
    placed = page.rules.gazetteer.match_at(page.norm, line.start, line.end, within=page.context.home) is not None
    if heading:
        return "caption.place" if placed and not page.marked(line) else None
    if hit is None or first:
        return None
    if placed or hit[0].rule.certain or _dated(page, line):
        return hit[0].id
    return None


def _one_sentence(page: Page, line: Line) -> bool:
    """Whether a line is one sentence, a picture's credit behind it left out."""
    stop = first_sentence(page.norm, line.start, line.end)
    return stop >= line.end or page.first("picture_credit", stop, line.end) is not None


def _dated(page: Page, line: Line) -> bool:
    """Whether a line begins with the date of a scene."""
    return (
        page.norm[line.start].isdigit()
        and "年" in page.norm[line.start : line.start + 6]
        and page.first("metadata", line.start, line.end) is None
    )
