"""Where a title ends that a page has joined to its article without a line break.

Told by what an article opens with: its dateline or byline, a date, a lead-in, somebody's words; or by the title itself,
printed twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from casextract.rulebook.patterns import on_demand
from casextract.segment.page import TITLE_MAX, Page

_TITLE_MIN: Final = 8
_SPEECH: Final = on_demand(r"“[^“”]*[,。!?][^“”]*”")
_SPEECH_MIN: Final = 12
_SIGNS: Final = frozenset("。()")
_HALF: Final = on_demand(r"(?P<half>\p{Han}{5,10}) ")
_DAY: Final = on_demand(r"(?:(?:19|20)\d\d年)?\d{1,2}月\d{1,2}日\s?(?:电|讯|消息)")
_CRY: Final = on_demand(r"[!?]")


def glued_title(page: Page, start: int, end: int) -> tuple[int, int] | None:
    """The title at an offset where a title is announced: where it begins and ends; None where nothing is, or nothing
    ends it."""
    label = page.first("title_label", start, end)
    if label is None:
        return _signed_title(page, start, end)
    begin = int(label[1].end())
    stop = min(end, begin + TITLE_MAX + _TITLE_MIN)
    period = page.norm.find("。", begin, stop)
    stop = period if period >= 0 else stop
    twice = _printed_twice(page.norm, begin, end)
    if twice is not None:
        return begin, twice
    found = min((at for at in _ends(page, begin, stop) if at >= begin + _TITLE_MIN), default=None)
    if found is None:
        cries = (
            m.end()
            for m in _CRY.finditer(page.norm, begin + _TITLE_MIN, stop)
            if page.norm[m.end() : m.end() + 1] != "”"
        )
        found = next(cries, None) or _couplet(page.norm, begin, stop)
    return (begin, found) if found is not None else None


def _signed_title(page: Page, start: int, end: int) -> tuple[int, int] | None:
    """The title in front of a paper's name and its 讯, 电 or reporter, where no sentence ends before."""
    stop = min(end, start + TITLE_MAX)
    hit = page.search("article_start", start + _TITLE_MIN, min(end, stop + TITLE_MAX))
    if hit is None or hit[0].id != "article_start.paper" or hit[1].start() > stop:
        return None
    at = hit[1].start()
    return (start, at) if not _SIGNS.intersection(page.norm[start:at]) else None


def _couplet(norm: str, begin: int, stop: int) -> int | None:
    """Where a title of two halves of one length ends."""
    m = _HALF.match(norm, begin, stop)
    end = m.end() + len(m["half"]) if m is not None else 0
    return end if m is not None and end < stop and norm[m.end() : end].isalpha() else None


def _printed_twice(norm: str, begin: int, end: int) -> int | None:
    """Where a title ends that stands there a second time."""
    for length in range(TITLE_MAX, _TITLE_MIN - 1, -1):
        title = norm[begin : begin + length].strip()
        if begin + 2 * length <= end and len(title) == length and norm.startswith(title, begin + length):
            return begin + length
    return None


def _behind_place(page: Page, begin: int, at: int) -> int:
    """Where an article begins that opens at an offset, with the place in front of its dateline."""
    if _DAY.match(page.norm, at) is None:
        return at
    return next((m.start for m in page.places(begin, at) if m.end == at and m.start > begin), at)


def _ends(page: Page, begin: int, stop: int) -> Iterator[int]:
    """The offsets at which an article may begin."""
    norm = page.norm
    after = begin + _TITLE_MIN
    for form in page.rules.forms["dateline"]:
        yield from (m.start() for m in form.pattern.finditer(norm, after, min(len(norm), stop + TITLE_MAX)))
    for form in page.rules.forms["lead_in"]:
        if form.id != "lead_in.clause":
            yield from (m.start() for m in form.pattern.finditer(norm, after, stop))
    for form in page.rules.forms["article_start"]:
        yield from (
            _behind_place(page, begin, m.start())
            for m in form.pattern.finditer(norm, after, stop + TITLE_MAX)
            if m.start() < stop
        )
    yield from (
        m.start() for m in _SPEECH.finditer(norm, after, len(norm)) if m.start() < stop and len(m.group()) > _SPEECH_MIN
    )
