"""Where a line that a page has run together is cut: at headings, at sentences that open a case, at metadata and
trailers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from casextract.places.model import PlaceMention
from casextract.rulebook.patterns import on_demand
from casextract.segment.glued_title import glued_title
from casextract.segment.openings import NUMBER, is_strong, late_place, match_place, sets_out, stem_of
from casextract.segment.page import TITLE_MAX, Page

_BREAK: Final = on_demand(r"[。!?…]++[”’)】》」]*+\s*+|\s++")
_TITLE_MIN, _PREFIX_MAX, _LEAD_MAX = 4, 9, 12
_ENTRY: Final = on_demand(r"(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\))\s*[^\n]{8}")
_WORDLESS: Final = on_demand(r"[^\p{L}\p{N}\s“”《》()【】\[\]]{3,}+(?=\s|$)|-(?:\s-){2,}+(?=\s|$)")
_OPENING: Final = frozenset("【[(《")
_GAP: Final = on_demand(r"\s++")
_PUNCTUATION: Final = ",。;:"
_PERIODS: Final = frozenset("。;!?")
_DATELINE_MAX: Final = 300
"""So far into a text its dateline is looked for."""
_CAPTION: Final = on_demand(r"[^。!?“”\n]{4,60}[。 ]\s?\p{Han}{2,12}\s?(?:摄|供图)\s*(?=\p{Han}|\d)")
"""A caption with its credit, run together with the report below."""
_TIGHT_SHARE: Final = 0.8
"""A line that holds this share of the text may be all of it, joined by nothing at all."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A run-together line: [start, end) of the page, and where it may be cut."""

    page: Page
    start: int
    end: int
    breaks: Mapping[int, int]
    """Offsets behind a sentence's end or a blank, with the offset of what ends there."""
    tight: bool
    """Without a blank behind any sentence lines were joined by nothing at all: paragraphs look like sentences."""
    glued: Mapping[int, PlaceMention]
    labels: frozenset[int]
    body: int | None
    """Where the text begins behind an outline on the same line."""
    datelines: frozenset[int]
    """Where press reports begin."""
    look: Callable[[int], PlaceMention | None]
    """The place at an offset, remembered."""


class _Point(NamedTuple):
    """An offset of a run with what stands around it."""

    at: int
    before: int
    """Offset of the sentence end or the blank that ends at `at`."""
    gap: bool
    """A blank stands before it."""
    sentence: bool
    """A sentence ends before it."""
    bound: bool
    """A word ends before it."""


def cuts(page: Page, start: int, end: int) -> Iterator[tuple[int, bool]]:
    """Where a run-together line is to be cut, with whether the cut is tentative."""
    run = _run(page, start, end)
    done = since = start
    if (title := glued_title(page, start, end)) is not None:
        yield title[1], False
        done = since = title[1]
    elif (caption := _CAPTION.match(page.norm, start, end)) is not None and not page.norm[:start].strip():
        yield caption.end(), False
        done = since = caption.end()
    in_heading = False
    points = {
        start,
        *run.glued,
        *run.breaks,
        *run.labels,
        *run.datelines,
        *([run.body] if run.body is not None else []),
    }
    for at in sorted(points):
        if at >= end or (at < done and at > start):
            continue
        point = _point(run, at)
        mention = _place_at(run, point)
        again = _taken_up(run, mention) if mention is not None else None
        if at != start:
            if (surely := _surely_cut(run, point)) or _opens(run, point, mention, again):
                yield at, not surely
            elif _new_sentence_in_tight(run, point):
                mention = None
                yield at, at not in run.labels
            elif point.gap and _new_line(run, point, since, in_heading):
                mention = None
                yield at, False
            else:
                continue
        since, in_heading = at, mention is not None
        done = max(done, mention.agency_end if mention is not None else at)
        if again is not None:
            # Cut the heading from the sentence that takes it up.
            yield again, True
            since, in_heading, done = again, False, again + 1


def _run(page: Page, start: int, end: int) -> _Run:
    norm = page.norm
    breaks = {m.end(): m.start() for m in _BREAK.finditer(norm, start, end)}
    tight = end - start >= _TIGHT_SHARE * len(norm) and not any(
        norm[a] in _PERIODS and norm[b - 1] == " " for b, a in breaks.items()
    )
    labels = frozenset(
        m.start()
        for form in page.rules.forms["label"]
        for m in form.pattern.finditer(norm, start, end)
        if ":" in m.group()
    )

    datelines = frozenset(
        m.start()
        for form in page.rules.forms["dateline"]
        for m in form.pattern.finditer(norm, start, min(end, start + _DATELINE_MAX))
    )

    @cache
    def look(at: int) -> PlaceMention | None:
        return page.place_at(at, end)

    glued = _glued(page, start, end, breaks, tight)
    return _Run(page, start, end, breaks, tight, glued, labels, _outline_end(page, start, end), datelines, look)


def _point(run: _Run, at: int) -> _Point:
    norm = run.page.norm
    before = run.breaks.get(at, at)
    return _Point(
        at,
        before,
        gap=at > run.start and norm[at - 1] == " ",
        sentence=before < at and norm[before] != " ",
        bound=at == run.start or before < at,
    )


def _place_at(run: _Run, point: _Point) -> PlaceMention | None:
    """The place at a point, behind the number of a case and an opening bracket."""
    number = NUMBER.match(run.page.norm, point.at, run.end) if point.sentence else None
    at = number.end() if number is not None else point.at
    at += run.page.norm[at : at + 1] in _OPENING
    return run.glued.get(point.at) or (run.look(at) if point.bound else None)


def _surely_cut(run: _Run, point: _Point) -> bool:
    """Whether a line begins at a point whatever the text says: behind a sentence and a blank, at a trailer."""
    return (
        point.at == run.body
        or point.at in run.datelines
        or (
            point.bound
            and (
                (point.sentence and point.gap) or bool(run.page.rules.trailers.match(run.page.norm, point.at, run.end))
            )
        )
    )


def _opens(run: _Run, point: _Point, mention: PlaceMention | None, again: int | None) -> bool:
    """Whether a place at a point may open a case.

    A place inside a sentence begins a heading only if the text takes it up again as a sentence's subject.
    """
    if mention is None:
        return False
    if again is not None or point.at in run.glued:
        return True
    if not point.bound:
        return False
    page, behind = run.page, mention.agency_end
    if page.first("heading", behind, run.end):
        return True
    opener = page.first("opener", behind, run.end)
    return is_strong(opener) or ((point.gap or run.tight) and not mention.short and opener is not None)


def _new_sentence_in_tight(run: _Run, point: _Point) -> bool:
    """Whether a labelled case or a sentence that reaches its place late begins in a line joined by nothing at all."""
    return run.tight and (
        point.at in run.labels or (point.sentence and late_place(run.page, point.at, run.end) is not None)
    )


def _new_line(run: _Run, point: _Point, since: int, in_heading: bool) -> bool:
    """Whether what stands behind a blank is a line of its own: metadata, a label, an outline, what follows a
    heading."""
    page, at, end = run.page, point.at, run.end
    return bool(
        page.first("metadata", at, end)
        or page.first("label", at, end)
        or page.first("outline", at, end)
        or _WORDLESS.match(page.norm, at, end)
        or _WORDLESS.match(page.norm, since, point.before)
        or (in_heading and (page.first("lead_in", at, end) or _body_begins(page.norm, since, point.before, at, end)))
    )


def _body_begins(norm: str, since: int, before: int, at: int, end: int) -> bool:
    """Whether the first stretch with punctuation begins behind a blank: a heading is free of it."""
    chunk_end = norm.find(" ", at, end)
    chunk = norm[at : end if chunk_end < 0 else chunk_end]
    return any(c in chunk for c in _PUNCTUATION) and not any(c in norm[since:before] for c in _PUNCTUATION)


def _outline_end(page: Page, start: int, end: int) -> int | None:
    """Where an outline on the same line as the text is over: at the first entry that comes again."""
    if page.first("outline", start, end) is None:
        return None
    seen: set[str] = set()
    for m in _ENTRY.finditer(page.norm, start, end):
        entry = m.group().replace(" ", "")
        if entry in seen:
            return int(m.start())
        seen.add(entry)
    return None


def _glued(page: Page, start: int, end: int, breaks: Mapping[int, int], tight: bool) -> dict[int, PlaceMention]:
    """Headings glued to what stands before them, by offset: told by the sentence glued behind that takes their place
    up.

    In a `tight` line, a full name with a blank behind it is one as well.
    """
    norm, found = page.norm, dict[int, PlaceMention]()
    for again in page.places(start, end):
        if tight and not again.short and norm[again.end : again.end + 1] == " " and again.start not in breaks:
            found[again.start] = again
        if again.start in breaks or not sets_out(page, again, end):
            continue
        stem = stem_of(again)
        at = norm.rfind(stem, max(start, again.start - TITLE_MAX), again.start - _TITLE_MIN)
        if at < 0 or not _PERIODS.isdisjoint(norm[at : again.start]):
            continue
        for begin in range(max(start, at - _PREFIX_MAX), at + 1):
            mention = match_place(page, begin, end, cut=True)
            if mention is not None and mention.end >= at + len(stem):
                if begin not in breaks and page.first("heading", mention.agency_end, end):
                    found[begin] = mention
                break
    return found


def _taken_up(run: _Run, mention: PlaceMention) -> int | None:
    """Where the text behind a heading begins that takes up its place, before a sentence is over."""
    page, norm, end = run.page, run.page.norm, run.end
    behind = mention.agency_end
    stem = stem_of(mention)
    at = norm.find(stem, behind + _TITLE_MIN, min(end, behind + 2 * TITLE_MAX))
    if at < 0 or not _PERIODS.isdisjoint(norm[behind:at]):
        return None
    # The name may be printed in full there: 山东省济南市 takes up 济南.
    for begin in range(max(behind, at - _PREFIX_MAX), at + 1):
        again = run.look(begin)
        if again is not None and again.end >= at + len(stem):
            if not again.agency and not sets_out(page, again, end):
                return None
            break
    else:
        return None
    # A period or a clause of occasion leads up to the place.
    for m in _GAP.finditer(norm, behind, begin):
        hit = page.first("lead_in", m.end(), begin)
        if hit is None or any(c in norm[behind : m.start()] for c in _PUNCTUATION):
            continue
        if hit[1].end() == begin or any(c in norm[m.end() : begin] for c in _PUNCTUATION):
            return int(m.end())
    for lead in range(max(behind, begin - _LEAD_MAX), begin):
        hit = page.first("lead_in", lead, begin)
        if hit is not None and hit[1].end() == begin and all(c not in norm[behind:lead] for c in _PUNCTUATION):
            return lead
    return begin if all(c not in norm[behind:begin] for c in _PUNCTUATION) else None
