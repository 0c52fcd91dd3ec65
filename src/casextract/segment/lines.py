"""The text cut into lines: paragraphs and headings, also where a page has run all of them together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import pairwise
from typing import Final

import regex

from casextract.load import Mark
from casextract.normalise import Text
from casextract.places.gazetteer import PlaceMention
from casextract.rulebook.patterns import on_demand
from casextract.segment.compiled import Form, Segmenter

_LINE: Final = on_demand(r"[^\n]+")
_SENTENCE_END: Final = on_demand(r"[。!?…]++[”’)】》」]*+(?P<gap>\s++)?")
_BREAK: Final = on_demand(r"[。!?…]++[”’)】》」]*+\s*+|\s++")
_TITLE_MAX: Final = 72
"""A longer line is no heading."""
WEAK: Final = 90
"""Openers of this order and above are weak evidence."""
_TITLE_MIN, _PREFIX_MAX, _LEAD_MAX = 4, 9, 12
_LATE_MAX: Final = 160
"""How far into a paragraph the place that opens a case may stand."""
NUMBER: Final = on_demand(
    r"(?:[一二三四五六七八九十]{1,3}\s?[、.．]|\([一二三四五六七八九十]{1,3}\)|\d{1,2}\s?[、.．](?!\d))\s*"
)
_CLAUSE_END: Final = on_demand(r"[,、。!?;]")
_ENTRY: Final = on_demand(r"(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\))\s*[^\n]{8}")
_WORDLESS: Final = on_demand(r"[^\p{L}\p{N}\s“”《》()【】\[\]]{3,}+(?=\s|$)|-(?:\s-){2,}+(?=\s|$)")
_OPENING: Final = frozenset("【[(《")
_GAP: Final = on_demand(r"\s++")
_PUNCTUATION: Final = ",。;:"
_PERIODS: Final = frozenset("。;!?")
_SUFFIX: Final = on_demand(r"(?:自治[区州县旗]|特别行政区|地区|[省市区县州盟旗])$")
_RUN_SHARE, _RUN_MIN, _RUN_LONG, _TIGHT_SHARE = 0.4, 60, 2500, 0.8
"""A line is run together when it holds this share of the text and this many characters, or very many."""


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph or heading: [start, end) without blanks around it; `stop` is where the next line starts.

    `tentative` lines were cut out of a longer one because a place stands at their start; they are joined again where they open
    no case. `mark` is what the file says of the line: "heading", "caption" or nothing.
    """

    start: int
    end: int
    stop: int
    tentative: bool = False
    mark: str | None = None

    @property
    def length(self) -> int:
        """Characters without blanks around."""
        return self.end - self.start


def cut_lines(text: Text, segmenter: Segmenter, within: tuple[str, ...]) -> list[Line]:
    """All lines of a text, in order; together with the blanks behind each they tile it from the first line on."""
    norm = text.norm
    spans: list[tuple[int, int, bool]] = []
    for m in _LINE.finditer(norm):
        start, end = _trim(norm, m.start(), m.end())
        if start == end:
            # A blank line. A pattern that asks for more than one character of text would go back over long ones.
            continue
        if end - start >= _RUN_LONG or (end - start >= _RUN_MIN and end - start >= _RUN_SHARE * len(norm)):
            points = list(_cuts(norm, start, end, segmenter, within))
            edges = [(start, False), *points, (end, False)]
            for (a, tentative), (b, _) in pairwise(edges):
                x, y = _trim(norm, a, b)
                if x < y:
                    spans.append((x, y, tentative))
        else:
            spans.append((start, end, False))
    if not spans:
        return []
    marks = _marks(text)
    stops = [s for s, _, _ in spans[1:]] + [len(norm)]
    return [
        Line(a, b, stop, tentative, next((kind for s, e, kind in marks if s < b and a < e), None) if marks else None)
        for (a, b, tentative), stop in zip(spans, stops, strict=True)
    ]


def heading_like(norm: str, line: Line) -> bool:
    """Whether a line can be a heading: short, and no sentence that ends or goes on."""
    if line.mark == "heading":
        return True
    return (
        line.length <= _TITLE_MAX and norm[line.end - 1] not in "。;,、…:~" and "。" not in norm[line.start : line.end]
    )


def first_sentence(norm: str, start: int, end: int) -> int:
    """The offset behind the first sentence of a stretch, its closing quotation mark included."""
    m = _SENTENCE_END.search(norm, start, end)
    if m is None:
        return end
    behind: int = m.start("gap")
    return behind if behind >= 0 else int(m.end())


def _cuts(norm: str, start: int, end: int, segmenter: Segmenter, within: tuple[str, ...]) -> Iterator[tuple[int, bool]]:
    """Where a run-together line is to be cut, with whether the cut is tentative."""
    look = cache(partial(_look, norm, end, segmenter, within))
    # A place inside a sentence begins a heading only if the text takes it up again as a sentence's subject.
    breaks = {m.end(): m.start() for m in _BREAK.finditer(norm, start, end)}
    # Without a blank behind any sentence, lines were joined by nothing at all: paragraphs look like sentences.
    tight = end - start >= _TIGHT_SHARE * len(norm) and not any(
        norm[a] in _PERIODS and norm[b - 1] == " " for b, a in breaks.items()
    )
    glued = _glued(norm, start, end, breaks, segmenter, within, tight)
    body = _outline_end(norm, start, end, segmenter)
    labels = {
        m.start()
        for form in segmenter.forms["label"]
        for m in form.pattern.finditer(norm, start, end)
        if ":" in m.group()
    }
    done = since = start
    heading = False
    for at in sorted({start, *glued, *breaks, *labels, *([body] if body is not None else [])}):
        if at >= end or (at < done and at > start):
            continue
        before = breaks.get(at, at)
        gap = at > start and norm[at - 1] == " "
        sentence = before < at and norm[before] != " "
        bound = at == start or before < at
        number = NUMBER.match(norm, at, end) if sentence else None
        place_at = number.end() if number is not None else at
        place_at += norm[place_at : place_at + 1] in _OPENING
        mention = glued.get(at) or (look(place_at) if bound else None)
        again = _taken_up(norm, mention, end, segmenter, look) if mention is not None else None
        if at == start:
            cut, tentative = False, False
        elif at == body or (bound and ((sentence and gap) or segmenter.trailers.match(norm, at, end))):
            cut, tentative = True, False
        elif mention is not None and (
            again is not None
            or (bound and segmenter.first("heading", norm, mention.agency_end, end))
            or at in glued
            or (bound and is_strong(segmenter.first("opener", norm, mention.agency_end, end)))
            or (
                (gap or tight)
                and bound
                and not mention.short
                and segmenter.first("opener", norm, mention.agency_end, end)
            )
        ):
            cut, tentative = True, True
        elif tight and (at in labels or (sentence and late_place(norm, at, end, segmenter, within))):
            cut, tentative, mention = True, at not in labels, None
        elif gap and (
            segmenter.first("metadata", norm, at, end)
            or segmenter.first("label", norm, at, end)
            or segmenter.first("outline", norm, at, end)
            or _WORDLESS.match(norm, at, end)
            or _WORDLESS.match(norm, since, before)
            or (heading and (segmenter.first("lead_in", norm, at, end) or _body_begins(norm, since, before, at, end)))
        ):
            cut, tentative, mention = True, False, None
        else:
            continue
        if cut:
            yield at, tentative
        since, heading = at, mention is not None
        done = mention.agency_end if mention is not None else at
        if again is not None:
            # Cut the heading from the sentence that takes it up.
            yield again, True
            since, heading, done = again, False, again + 1


def _body_begins(norm: str, since: int, before: int, at: int, end: int) -> bool:
    """Whether the first stretch with punctuation begins behind a blank: a heading is free of it."""
    chunk_end = norm.find(" ", at, end)
    chunk = norm[at : end if chunk_end < 0 else chunk_end]
    return any(c in chunk for c in _PUNCTUATION) and not any(c in norm[since:before] for c in _PUNCTUATION)


def late_place(
    norm: str, start: int, end: int, segmenter: Segmenter, within: tuple[str, ...]
) -> tuple[PlaceMention, str] | None:
    """The place a first sentence reaches behind a period or a clause of occasion, and the rule of what it sets out to do."""
    hit = segmenter.first("lead_in", norm, start, end)
    if hit is None:
        return None
    tries = [int(hit[1].end())]
    for m in _CLAUSE_END.finditer(norm, start, min(end, start + _LATE_MAX)):
        if m.group() in "。!?":
            break
        if m.group() == ",":
            tries.append(m.end())
    for at in dict.fromkeys(tries):
        at += norm[at : at + 1] == " "
        mention = segmenter.gazetteer.match_at(norm, at, end, within=within)
        if mention is None:
            continue
        for behind in dict.fromkeys((mention.agency_end, mention.end)):
            opener = segmenter.first("opener", norm, behind, end)
            if opener is not None and is_strong(opener):
                return mention, opener[0].id
        return None
    return None


def is_strong(hit: tuple[Form, regex.Match[str]] | None) -> bool:
    """Whether an opener is one that is believed by itself."""
    return hit is not None and hit[0].rule.order < WEAK


def match_place(
    norm: str, start: int, end: int, segmenter: Segmenter, within: tuple[str, ...], *, cut: bool = False
) -> PlaceMention | None:
    """The place expression at an offset; where the text was `cut` there, nothing before it is looked at."""
    mention = segmenter.gazetteer.match_at(norm, start, end, within=within)
    if mention is None and cut:
        alone = segmenter.gazetteer.match_at(norm[start:end], 0, within=within)
        if alone is not None:
            return replace(alone, start=start, end=alone.end + start, agency_end=alone.agency_end + start)
    return mention


def _outline_end(norm: str, start: int, end: int, segmenter: Segmenter) -> int | None:
    """Where an outline on the same line as the text is over: at the first entry that comes again."""
    if segmenter.first("outline", norm, start, end) is None:
        return None
    seen: set[str] = set()
    for m in _ENTRY.finditer(norm, start, end):
        entry = m.group().replace(" ", "")
        if entry in seen:
            return int(m.start())
        seen.add(entry)
    return None


def _glued(
    norm: str,
    start: int,
    end: int,
    breaks: Mapping[int, int],
    segmenter: Segmenter,
    within: tuple[str, ...],
    tight: bool,
) -> dict[int, PlaceMention]:
    """Headings glued to what stands before them, by offset: told by the sentence glued behind that takes their place up.

    In a `tight` line, a full name with a blank behind it is one as well.
    """
    found: dict[int, PlaceMention] = {}
    for again in segmenter.gazetteer.find(norm, start, end):
        if tight and not again.short and norm[again.end : again.end + 1] == " " and again.start not in breaks:
            found[again.start] = again
        if again.start in breaks or not _sets_out(norm, again, end, segmenter):
            continue
        stem = stem_of(again)
        at = norm.rfind(stem, max(start, again.start - _TITLE_MAX), again.start - _TITLE_MIN)
        if at < 0 or not _PERIODS.isdisjoint(norm[at : again.start]):
            continue
        for begin in range(max(start, at - _PREFIX_MAX), at + 1):
            mention = match_place(norm, begin, end, segmenter, within, cut=True)
            if mention is not None and mention.end >= at + len(stem):
                if begin not in breaks and segmenter.first("heading", norm, mention.agency_end, end):
                    found[begin] = mention
                break
    return found


def _sets_out(norm: str, mention: PlaceMention, end: int, segmenter: Segmenter) -> bool:
    """Whether a place is the subject of what it sets out to do."""
    return any(is_strong(segmenter.first("opener", norm, at, end)) for at in (mention.agency_end, mention.end))


def _look(norm: str, end: int, segmenter: Segmenter, within: tuple[str, ...], at: int) -> PlaceMention | None:
    return segmenter.gazetteer.match_at(norm, at, end, within=within)


def _taken_up(
    norm: str, mention: PlaceMention, end: int, segmenter: Segmenter, look: Callable[[int], PlaceMention | None]
) -> int | None:
    """Where the text behind a heading begins that takes up its place, before a sentence is over."""
    behind = mention.agency_end
    stem = stem_of(mention)
    at = norm.find(stem, behind + _TITLE_MIN, min(end, behind + 2 * _TITLE_MAX))
    if at < 0 or not _PERIODS.isdisjoint(norm[behind:at]):
        return None
    # The name may be printed in full there: 山东省济南市 takes up 济南.
    for begin in range(max(behind, at - _PREFIX_MAX), at + 1):
        again = look(begin)
        if again is not None and again.end >= at + len(stem):
            if not again.agency and not _sets_out(norm, again, end, segmenter):
                return None
            break
    else:
        return None
    # A period or a clause of occasion leads up to the place.
    for m in _GAP.finditer(norm, behind, begin):
        hit = segmenter.first("lead_in", norm, m.end(), begin)
        if hit is None or any(c in norm[behind : m.start()] for c in _PUNCTUATION):
            continue
        if hit[1].end() == begin or any(c in norm[m.end() : begin] for c in _PUNCTUATION):
            return int(m.end())
    for lead in range(max(behind, begin - _LEAD_MAX), begin):
        hit = segmenter.first("lead_in", norm, lead, begin)
        if hit is not None and hit[1].end() == begin and all(c not in norm[behind:lead] for c in _PUNCTUATION):
            return lead
    return begin if all(c not in norm[behind:begin] for c in _PUNCTUATION) else None


def stem_of(mention: PlaceMention) -> str:
    """The last name of a place without its kind: 济南 of 山东省济南市."""
    stem = _SUFFIX.sub("", mention.names[-1])
    return stem if len(stem) >= 2 else mention.names[-1]


def _trim(norm: str, start: int, end: int) -> tuple[int, int]:
    while start < end and norm[start].isspace():
        start += 1
    while end > start and norm[end - 1].isspace():
        end -= 1
    return start, end


def _marks(text: Text) -> list[tuple[int, int, str]]:
    """The headings and captions that the file states, in offsets into `norm`."""
    wanted: list[Mark] = [m for m in text.source.marks if m.kind in ("heading", "caption")]
    if not wanted:
        return []
    if text.starts is None:
        return [(m.start, m.end, m.kind) for m in wanted]
    return [(bisect_right(text.starts, m.start - 1), bisect_right(text.starts, m.end - 1), m.kind) for m in wanted]
