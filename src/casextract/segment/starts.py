"""Where the cases of a document begin, and where each of them happened.

Every line is asked whether it can open a case: as a numbered case, as a heading that names a place, or as a paragraph
whose first sentence says what a place set out to do. A document uses one of these forms; the one that accounts for it
is chosen, and what does not fit it (captions, places in passing, lists of cases to come) opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from casextract.places.model import Place, PlaceMention
from casextract.rulebook.patterns import on_demand
from casextract.segment.openings import LATE_MAX, NUMBER, Opening, Shape, first_sentence, is_strong, sets_out, stem_of
from casextract.segment.page import Line, Page

_BODY_MIN, _ADJOINING, _LISTED_MIN = 12, 3, 3
_BODY_NAME_MAX: Final = 24
_INLINE_TITLE: Final = on_demand(r"(?:(?!\s{2})[^。\n]){2,70}")


@dataclass(frozen=True, slots=True)
class Start:
    """The beginning of a case: its first line, its heading's lines and the first line of its body."""

    line: int
    body: int
    title: tuple[int, int] | None
    opening: Opening
    place: Place | None
    mention: PlaceMention | None
    implicit: bool = False
    """Whether it tells of no place's practice among cases that do."""


def choose_starts(page: Page, openings: Sequence[Opening]) -> list[Start]:
    """The openings that do begin a case, in order. Fewer than two mean that the document is no collection."""
    places = {o.line: page.resolve(o.mention) for o in openings if o.mention is not None}
    labelled = _with_body(page, [o for o in openings if o.shape == "label"])
    if len(labelled) >= 2:
        return [_start(page, o) for o in labelled]
    headed = _headings(page, openings, places)
    opened = _openers(page, openings, places)
    if len(headed) >= 2 and len(opened) <= 2 * len(headed):
        return _titled_before(page, [_start(page, o) for o in headed])
    if len(opened) >= 2:
        return [_start(page, o) for o in opened]
    if len(listed := _listed(page, openings)) >= _LISTED_MIN:
        return [_entry(page, o) for o in listed]
    # One alone is a case of a collection that goes on elsewhere, if its heading is plain or the preamble says so.
    alone = [
        o
        for o in headed or opened
        if o.shape in ("apart", "inline", "label")
        or (_announced(page, o) and (o.shape != "opener" or _opens_strongly(page, o)))
    ]
    return [_start(page, o) for o in alone]


def _titled_before(page: Page, starts: list[Start]) -> list[Start]:
    """Where every case's title stands above its place, the first line of the page is the first case's title, not the
    page's."""
    first, rest = starts[0], starts[1:]
    above = first.line - 1
    if (
        first.opening.shape == "alone"
        and first.title is None
        and above == page.frame.title_line
        and all(s.opening.shape == "alone" and s.line < s.opening.line for s in rest)
    ):
        return [replace(first, line=above, title=_span(page, above)), *rest]
    return starts


def _listed(page: Page, openings: Sequence[Opening]) -> list[Opening]:
    """The numbered one-line entries that name a place each, one right behind the other."""
    found: list[Opening] = []
    for o in openings:
        if (
            not o.numbered
            or o.shape not in ("run", "apart", "alone", "inline")
            or not page.is_heading(page.lines[o.line])
        ):
            continue
        if found and o.line != found[-1].line + 1:
            if len(found) >= _LISTED_MIN:
                break
            found = []
        found.append(o)
    return found


def _entry(page: Page, o: Opening) -> Start:
    """An entry of a list: its title is the whole line without its number."""
    line = page.lines[o.line]
    number = NUMBER.match(page.norm, line.start, line.end)
    title = (number.end() if number is not None else line.start, line.end)
    mention = o.mention
    return Start(o.line, o.line + 1, title, o, page.resolve(mention) if mention else None, mention)


def without_passing(page: Page, starts: Sequence[Start]) -> list[Start]:
    """No starts where sentences of one press report, printed without line breaks, were taken for cases."""
    if len(starts) < 2 or any(s.opening.shape != "opener" for s in starts):
        return list(starts)
    cut = all(page.norm[page.lines[s.line].start - 1 : page.lines[s.line].start] != "\n" for s in starts[1:])
    first = page.lines[page.frame.body[0]].start
    press = page.search("dateline", first, min(len(page.norm), first + LATE_MAX)) is not None
    before = range(page.frame.body[0], starts[0].line)
    late = any(page.is_body(page.lines[k]) for k in before if k not in page.frame.roles)
    weak = 2 * sum(not _opens_strongly(page, s.opening) for s in starts) > len(starts)
    one = len({(s.place.province, s.place.city) for s in starts if s.place is not None}) == 1
    return (
        [] if cut and (press or (late and weak and one)) and not _announced(page, starts[0].opening) else list(starts)
    )


def _opens_strongly(page: Page, o: Opening) -> bool:
    """Whether a paragraph's place sets out to do something."""
    return o.mention is not None and sets_out(page, o.mention, page.lines[o.line].end)


def _announced(page: Page, o: Opening) -> bool:
    """Whether the text before a case says that cases were gathered."""
    first = page.frame.title[0] if page.frame.title else page.lines[page.frame.body[0]].start
    return any(
        form.pattern.search(page.norm, first, page.lines[o.line].start) for form in page.rules.forms["collection"]
    )


def _with_body(page: Page, openings: Sequence[Opening]) -> list[Opening]:
    """Leave out the openings that running text does not follow: the entries of a list."""
    kept: list[Opening] = []
    again: set[str] = set()
    listed: set[int] = set()
    for opening in reversed(openings):
        # An entry of a list comes again as a heading.
        printed = NUMBER.sub("", page.norm[page.lines[opening.line].start : page.lines[opening.line].end])
        if printed in again:
            listed.add(opening.line)
        again.add(printed)
    openings = [o for o in openings if o.line not in listed]
    for i, opening in enumerate(openings):
        end = openings[i + 1].line if i + 1 < len(openings) else page.frame.body[1]
        own = page.lines[opening.line]
        below = (
            page.lines[k].length
            for k in range(opening.line + 1, end)
            if k not in page.frame.roles and not page.is_heading(page.lines[k])
        )
        if not page.is_heading(own) or sum(below) >= _BODY_MIN:
            kept.append(opening)
    return kept


def _headings(
    page: Page,
    openings: Sequence[Opening],
    places: dict[int, Place],
) -> list[Opening]:
    shaped = [o for o in openings if o.shape in ("apart", "run", "alone", "inline")]
    scores = {o.line: _score(page, o) for o in shaped}
    likely: list[Opening] = []
    for o in shaped:
        if scores[o.line] < 1:
            continue
        # A line right behind a heading that speaks of the same place is its title or a caption.
        if likely and _adjoins(page, likely[-1].line, o.line) and _inside(places[o.line], places[likely[-1].line]):
            continue
        likely.append(o)
    kept: list[Opening] = []
    for o in _with_body(page, likely):
        score = scores[o.line]
        place = places[o.line]
        if kept and _inside(place, places[kept[-1].line]):
            score -= 3 if o.shape in ("run", "alone") else 2
        if score >= 1:
            kept.append(o)
    if kept and kept[0].line == page.frame.title_line:
        # The first line is a case's heading if others look like it, or the text takes it up, and none lies in its
        # place; else it is the document's title.
        others = kept[1:]
        alike = any(o.shape == kept[0].shape for o in others) or (bool(others) and _echo(page, kept[0]))
        if not alike or any(_inside(places[o.line], places[kept[0].line]) for o in others):
            kept = others
    return kept


def _adjoins(page: Page, line: int, other: int) -> bool:
    """Whether no running text stands between two lines."""
    return other - line <= _ADJOINING and all(page.is_heading(page.lines[k]) for k in range(line, other))


def _score(page: Page, o: Opening) -> int:
    """How much speaks for a line being a case's heading and not a caption or a mention in passing."""
    line = page.lines[o.line]
    score = {"apart": 2, "run": 0, "alone": 1, "inline": 2, "label": 3, "opener": 0}.get(o.shape, 0)
    score += 2 * (line.mark == "heading") - 9 * (line.mark == "caption") + o.numbered
    if o.shape in ("run", "apart") and is_strong(page.first("opener", o.behind, line.end)):
        score += 1
    if o.shape != "inline" and page.search("caption", line.start, line.end):
        score -= 3
    if o.mention is not None and _echo(page, o):
        score += 2
    return score


def _echo(page: Page, o: Opening) -> bool:
    """Whether the text behind a heading takes up its place at once."""
    assert o.mention is not None
    stem = stem_of(o.mention)
    for k in range(o.line + 1, min(o.line + 4, len(page.lines))):
        if not page.is_heading(page.lines[k]):
            return stem in page.norm[page.lines[k].start : min(page.lines[k].end, page.lines[k].start + 90)]
    return False


def _openers(
    page: Page,
    openings: Sequence[Opening],
    places: dict[int, Place],
) -> list[Opening]:
    candidates = [o for o in openings if o.shape == "opener"]
    kept: list[Opening] = []
    for i, o in enumerate(candidates):
        place = places[o.line]
        rest = [places[n.line] for n in candidates[i + 1 :]]
        if not kept and rest and 2 * sum(_inside(p, place) and p != place for p in rest) > len(rest):
            # The region all others belong to: the overview.
            continue
        if kept and (_inside(place, places[kept[-1].line]) or _inside(places[kept[-1].line], place)):
            continue
        kept.append(o)
    return kept


def _inside(inner: Place, outer: Place) -> bool:
    """Whether a place is another or lies in it."""
    pairs = (
        (outer.province, inner.province),
        (outer.city, inner.city),
        (outer.county, inner.county),
        (outer.place, inner.place),
    )
    return all(a is None or a == b for a, b in pairs)


class _Head(NamedTuple):
    """Where a case's heading begins, where its body does, and its title."""

    line: int
    body: int
    title: tuple[int, int] | None


def _start(page: Page, o: Opening) -> Start:
    """The heading, title and place of a case that opens at a line."""
    head = _HEADS[o.shape](page, o)
    if head.title is not None and o.shape in ("apart", "label"):
        head = _title_goes_on(page, head)
    place = page.resolve(o.mention) if o.mention is not None else None
    mention, place = _refine(page, head.body, o.mention, place)
    return Start(head.line, head.body, head.title, o, place, mention)


def _opener_head(page: Page, o: Opening) -> _Head:
    """A paragraph opens the case: the heading without a place before it, if there is one, is its title."""
    before = title_before(page, o.line)
    if before is None:
        return _Head(o.line, o.line, None)
    return _Head(before, o.line, _span(page, before))


def _inline_head(page: Page, o: Opening) -> _Head:
    """The title stands on the paragraph's own line, up to the first period."""
    end = page.lines[o.line].end
    hit = page.first("heading", o.behind, end)
    m = _INLINE_TITLE.match(page.norm, hit[1].end() if hit else o.behind, end)
    # A period ends it, or more than a blank, where a page has joined it to the text by tags.
    title = m.span() if m is not None and m.end() < end and page.norm[m.end()] in "。 " else None
    return _Head(o.line, o.line, title)


def _alone_head(page: Page, o: Opening) -> _Head:
    """The place is a line of its own: the title stands behind it, or before."""
    behind = _title_behind(page, o.line)
    if behind is not None:
        return _Head(o.line, behind + 1, _span(page, behind))
    before = title_before(page, o.line)
    if before is not None:
        return _Head(before, o.line + 1, _span(page, before))
    return _Head(o.line, o.line + 1, None)


def _run_head(page: Page, o: Opening) -> _Head:
    return _Head(o.line, o.line + 1, _span(page, o.line))


def _label_head(page: Page, o: Opening) -> _Head:
    """A numbered case: its title stands behind the label or on the next line, or its text behind the label."""
    own = page.lines[o.line]
    if not page.is_heading(own):
        return _Head(o.line, o.line, None)
    if o.mention is not None:
        return _apart_head(page, o)
    if o.behind < own.end:
        return _Head(o.line, o.line + 1, (o.behind, own.end))
    return _titled_behind(page, o)


def _apart_head(page: Page, o: Opening) -> _Head:
    """The title stands behind the place on the same line, or on the next."""
    end = page.lines[o.line].end
    hit = page.first("heading", o.behind, end)
    start = hit[1].end() if hit else (o.mention.start if o.mention else o.behind)
    return _Head(o.line, o.line + 1, (start, end)) if start < end else _titled_behind(page, o)


def _titled_behind(page: Page, o: Opening) -> _Head:
    behind = _title_behind(page, o.line)
    if behind is None:
        return _Head(o.line, o.line + 1, None)
    return _Head(o.line, behind + 1, _span(page, behind))


_HEADS: Final[Mapping[Shape, Callable[[Page, Opening], _Head]]] = {
    "opener": _opener_head,
    "inline": _inline_head,
    "alone": _alone_head,
    "run": _run_head,
    "label": _label_head,
    "apart": _apart_head,
}


def _span(page: Page, k: int) -> tuple[int, int]:
    return page.lines[k].start, page.lines[k].end


def _title_goes_on(page: Page, head: _Head) -> _Head:
    """A long title may go on in the next line."""
    assert head.title is not None
    goes_on = (
        head.body + 1 < page.frame.body[1]
        and not page.lines[head.body].tentative
        and page.norm[head.title[1] - 1] in "—–-"
    )
    return _Head(head.line, head.body + 1, (head.title[0], page.lines[head.body].end)) if goes_on else head


def choose_title(page: Page, span: tuple[int, int]) -> tuple[int, int]:
    """A document's title without the place, where a colon or the like sets the place apart."""
    for mention in reversed(page.places(*span)):
        apart = page.first("heading", mention.agency_end, span[1])
        if (
            apart is not None
            and apart[1].end() < span[1]
            and page.norm[apart[1].start() : apart[1].end()].strip(" ") in (":", "|", "——")
        ):
            return apart[1].end(), span[1]
    return _without_body(page, span)


def _without_body(page: Page, span: tuple[int, int]) -> tuple[int, int]:
    """A title without the body or the place below county level that a colon sets apart in front of it."""
    colon = page.norm.find(":", span[0], min(span[1], span[0] + _BODY_NAME_MAX))
    if colon < 0 or colon + 1 >= span[1]:
        return span
    body = page.rules.whole("agent", page.norm, span[0], colon)
    behind = colon + 1 + (page.norm[colon + 1] == " ")
    return (behind, span[1]) if body is not None and body.id == "agent.body" else span


def _title_behind(page: Page, i: int) -> int | None:
    """The title on the line behind a place that stands alone."""
    k = i + 1
    if (
        k + 1 < page.frame.body[1]
        and k not in page.frame.roles
        and page.is_heading(page.lines[k])
        and page.lines[k].mark != "caption"
    ):
        return k
    return None


def title_before(page: Page, i: int) -> int | None:
    """The heading without a place on the line before a paragraph that opens a case."""
    k = i - 1
    if k < page.frame.body[0] or k in page.frame.roles or page.lines[k].stop != page.lines[i].start:
        return None
    line = page.lines[k]
    if not page.is_heading(line) or line.mark == "caption" or line.length < 4:
        return None
    if page.search("caption", line.start, line.end) or page.whole("section", line):
        return None
    return k


def _refine(
    page: Page, body: int, mention: PlaceMention | None, place: Place | None
) -> tuple[PlaceMention | None, Place | None]:
    """Let the first sentence decide an ambiguous place; where the heading names none, take the first it names."""
    if body >= len(page.lines):
        return mention, place
    line = page.lines[body]
    sentence = first_sentence(page.norm, line.start, line.end)
    for found in page.places(line.start, min(sentence, line.start + 2 * LATE_MAX)):
        other = page.resolve(found)
        if place is None:
            return found, other
        if other.ambiguous:
            continue
        if _namesake_below(mention, place, other) or _opens_below(page, found, place, other, line):
            return found, other
        if not place.ambiguous or not _shares(place, other):
            break
        return mention, replace(other, place=place.place or other.place)
    return mention, place


def _namesake_below(mention: PlaceMention | None, place: Place, other: Place) -> bool:
    """Whether a heading's short name of a prefecture is the city of that name in it, as the text says."""
    inner = other.county
    return (
        mention is not None
        and place.county is None
        and inner is not None
        and place.contains(other)
        and inner.startswith(stem_of(mention))
    )


def _opens_below(page: Page, found: PlaceMention, place: Place, other: Place, line: Line) -> bool:
    """Whether the text opens with a county of the heading's city, named in full, as the one that acts."""
    return (
        found.start == line.start
        and len(found.names) > 1
        and place.city is not None
        and place.county is None
        and other.county is not None
        and place.contains(other)
        and page.first("opener", found.agency_end, line.end) is not None
    )


def _shares(place: Place, other: Place) -> bool:
    """Whether one of the meanings of an ambiguous place is the other's."""
    return other.adcode in place.ambiguous
