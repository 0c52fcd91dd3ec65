"""Lines that may open a case: a numbered case, a heading that names a place, a paragraph that says what a place set out
to do.

A line is asked on its own; which of the openings found do begin a case is decided in `starts`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Literal

from casextract.places.model import PlaceMention
from casextract.rulebook.patterns import on_demand
from casextract.segment.compiled import CompiledRule
from casextract.segment.page import Line, Page

Shape = Literal["label", "apart", "run", "alone", "inline", "opener", "single", "dateline", "led"]
NUMBER: Final = on_demand(
    r"(?:[一二三四五六七八九十]{1,3}\s?[、.．]|\([一二三四五六七八九十]{1,3}\)|\d{1,3}\s?[、.．](?!\d))\s*"
)
_SENTENCE_END: Final = on_demand(r"[。!?…]++[”’)】》」]*+(?P<gap>\s++)?")
_CLAUSE_END: Final = on_demand(r"[,、。!?;]")
_SUFFIX: Final = on_demand(r"(?:自治[区州县旗]|特别行政区|地区|[省市区县州盟旗])$")
_ORNAMENT: Final = on_demand(r"[\s☉◎●○■□◆◇▲△★☆※*#>•·【\[(《“—–-]{0,6}")
_REST: Final = on_demand(r"[\s:】\])》”—–-]*")
_PLACE_LINE_MAX: Final = 40
LATE_MAX: Final = 160
"""How far into a paragraph the place that opens a case may stand."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A line that may open a case."""

    line: int
    shape: Shape
    mention: PlaceMention | None
    behind: int
    """Offset behind the place and its agency (behind the label where there is no place)."""
    rule_id: str
    numbered: bool = False


def find_openings(page: Page) -> list[Opening]:
    """All lines between head and trailer that may open a case, in order."""
    first, last = page.frame.body
    indices = list(range(first, last))
    if page.frame.title_line is not None and page.frame.title_line < first:
        indices.insert(0, page.frame.title_line)
    asked = (i for i in indices if i not in page.frame.roles or i == page.frame.title_line)
    return [opening for i in asked if (opening := _opening(page, i, page.lines[i])) is not None]


def _opening(page: Page, i: int, line: Line) -> Opening | None:
    at, end = line.start, line.end
    label = page.first("label", at, end)
    number = NUMBER.match(page.norm, at, end) if label is None else None
    numbered = number is not None
    if label is not None:
        at = label[1].end()
    elif number is not None:
        at = number.end()
    ornament = _ORNAMENT.match(page.norm, at, end)
    mention = match_place(page, ornament.end() if ornament else at, end, cut=line.tentative)
    if label is not None:
        return Opening(i, "label", mention, mention.agency_end if mention else label[1].end(), label[0].id, True)
    if mention is None:
        return None if page.is_heading(line) else _late_opening(page, i, line)
    if page.is_heading(line) or _is_place_line(page, i, mention):
        return _heading_opening(page, i, line, mention, numbered)
    return _paragraph_opening(page, i, line, mention, numbered)


def _heading_opening(page: Page, i: int, line: Line, mention: PlaceMention, numbered: bool) -> Opening:
    """A heading that names a place: alone, set apart from the title behind it, or run together with it."""
    behind, end = mention.agency_end, line.end
    if _is_place_line(page, i, mention) or _REST.fullmatch(page.norm, behind, end):
        return Opening(i, "alone", mention, behind, "heading.place_alone", numbered)
    if (apart := page.first("heading", behind, end)) is not None:
        return Opening(i, "apart", mention, behind, apart[0].id, numbered)
    return Opening(i, "run", mention, behind, "heading.run_together", numbered)


def _is_place_line(page: Page, i: int, mention: PlaceMention) -> bool:
    """Whether a line ends with a colon behind a place, or behind a body that a title line follows (某市社会工作站:)."""
    line = page.lines[i]
    if page.norm[line.end - 1] != ":" or line.length > _PLACE_LINE_MAX:
        return False
    titled = i + 2 < page.frame.body[1] and page.is_heading(page.lines[i + 1]) and page.is_body(page.lines[i + 2])
    return titled or _REST.fullmatch(page.norm, mention.agency_end, line.end) is not None


def _paragraph_opening(page: Page, i: int, line: Line, mention: PlaceMention, numbered: bool) -> Opening | None:
    """A paragraph that begins with a place: set apart from a title on the same line, or the subject of its first
    sentence."""
    behind, end = mention.agency_end, line.end
    apart = page.first("heading", behind, end)
    if apart is not None and page.norm[behind : apart[1].end()].strip() and apart[1].end() > behind:
        return Opening(i, "inline", mention, behind, apart[0].id, numbered)
    for at in dict.fromkeys((behind, mention.end)):
        opener = page.first("opener", at, end)
        # A short name is believed before a verb of setting out only; an office that speaks opens no case.
        if opener is not None and (is_strong(opener) or not (mention.short or _speaks(page, mention, end))):
            return Opening(i, "opener", mention, behind, opener[0].id, numbered)
    return _late_opening(page, i, line) if numbered else None


def _speaks(page: Page, mention: PlaceMention, end: int) -> bool:
    """Whether what stands behind a place is an office or a person with what they say."""
    clause = _CLAUSE_END.search(page.norm, mention.end, end)
    stop = clause.end() if clause is not None else end
    return mention.agency is not None and page.search("report_of_words", mention.agency_end, stop) is not None


def _late_opening(page: Page, i: int, line: Line) -> Opening | None:
    """A paragraph whose first sentence reaches its place behind a period or a clause of occasion."""
    found = late_place(page, line.start, line.end)
    return None if found is None else Opening(i, "opener", found[0], found[0].agency_end, found[1])


def late_place(page: Page, start: int, end: int) -> tuple[PlaceMention, str] | None:
    """The place a first sentence reaches behind a period or a clause of occasion, and the rule of what it sets out to
    do."""
    hit = page.first("lead_in", start, end)
    if hit is None:
        return None
    tries = [int(hit[1].end())]
    for m in _CLAUSE_END.finditer(page.norm, start, min(end, start + LATE_MAX)):
        if m.group() in "。!?":
            break
        if m.group() == ",":
            tries.append(m.end())
    for at in dict.fromkeys(tries):
        at += page.norm[at : at + 1] == " "
        mention = page.place_at(at, end)
        if mention is None:
            continue
        for behind in dict.fromkeys((mention.agency_end, mention.end)):
            opener = page.first("opener", behind, end)
            if opener is not None and is_strong(opener):
                return mention, opener[0].id
        return None
    return None


def is_strong(hit: tuple[CompiledRule, re.Match[str]] | None) -> bool:
    """Whether an opener is one that is believed by itself."""
    return hit is not None and not hit[0].rule.weak


def sets_out(page: Page, mention: PlaceMention, end: int) -> bool:
    """Whether a place is the subject of what it sets out to do."""
    return any(is_strong(page.first("opener", at, end)) for at in (mention.agency_end, mention.end))


def match_place(page: Page, start: int, end: int, *, cut: bool = False) -> PlaceMention | None:
    """The place expression at an offset; where the text was `cut` there, nothing before it is looked at."""
    mention = page.place_at(start, end)
    if mention is None and cut:
        alone = page.rules.gazetteer.match_at(page.norm[start:end], 0, within=page.within)
        if alone is not None:
            return replace(alone, start=start, end=alone.end + start, agency_end=alone.agency_end + start)
    return mention


def stem_of(mention: PlaceMention) -> str:
    """The last name of a place without its kind: 济南 of 山东省济南市."""
    stem = _SUFFIX.sub("", mention.names[-1])
    return stem if len(stem) >= 2 else mention.names[-1]


def first_sentence(norm: str, start: int, end: int) -> int:
    """The offset behind the first sentence of a stretch, its closing quotation mark included."""
    m = _SENTENCE_END.search(norm, start, end)
    if m is None:
        return end
    behind: int = m.start("gap")
    return behind if behind >= 0 else int(m.end())
