"""Where the cases of a document begin, and where each of them happened.

Every line is asked whether it can open a case: as a numbered case, as a heading that names a place, or as a paragraph
whose first sentence says what a place set out to do. A document uses one of these forms; the one that accounts for it is
chosen, and what does not fit it (captions, places in passing, lists of cases to come) opens nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from casextract.places.gazetteer import Gazetteer, Place, PlaceMention, Surroundings
from casextract.rulebook.patterns import on_demand
from casextract.segment.compiled import Segmenter
from casextract.segment.head_and_trailer import Frame
from casextract.segment.lines import (
    NUMBER,
    Line,
    first_sentence,
    heading_like,
    is_strong,
    late_place,
    match_place,
    stem_of,
)

Shape = Literal["label", "apart", "run", "alone", "inline", "opener", "single"]
_ORNAMENT: Final = on_demand(r"[\s☉◎●○■□◆◇▲△★☆※*#>•·【\[(《“—–-]{0,6}")
_REST: Final = on_demand(r"[\s:】\])》”—–-]*")
_BODY_MIN, _ADJOINING = 12, 3
_LEAD_MAX: Final = 160
"""How far into a paragraph the place that opens a case may stand."""
_INLINE_TITLE: Final = on_demand(r"[^。\n]{2,70}")


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


@dataclass(frozen=True, slots=True)
class Start:
    """The beginning of a case: its first line, its heading's lines and the first line of its body."""

    line: int
    body: int
    title: tuple[int, int] | None
    opening: Opening
    place: Place | None
    mention: PlaceMention | None


def find_openings(
    norm: str, lines: Sequence[Line], frame: Frame, segmenter: Segmenter, within: tuple[str, ...]
) -> list[Opening]:
    """All lines between head and trailer that may open a case, in order."""
    found: list[Opening] = []
    first, last = frame.body
    indices = list(range(first, last))
    if frame.title_line is not None and frame.title_line < first:
        indices.insert(0, frame.title_line)
    for i in indices:
        if i in frame.roles and i != frame.title_line:
            continue
        if (opening := _opening(norm, i, lines[i], segmenter, within)) is not None:
            found.append(opening)
    return found


def _opening(norm: str, i: int, line: Line, segmenter: Segmenter, within: tuple[str, ...]) -> Opening | None:
    at, end = line.start, line.end
    label = segmenter.first("label", norm, at, end)
    numbered = False
    if label is not None:
        at = label[1].end()
    elif (number := NUMBER.match(norm, at, end)) is not None:
        at, numbered = number.end(), True
    ornament = _ORNAMENT.match(norm, at, end)
    place_at = ornament.end() if ornament else at
    mention = match_place(norm, place_at, end, segmenter, within, cut=line.tentative)
    title_like = heading_like(norm, line)
    if mention is None:
        if label is not None:
            return Opening(i, "label", None, label[1].end(), label[0].id, True)
        return None if title_like else _late_opening(norm, i, line, segmenter, within)
    behind = mention.agency_end
    apart = segmenter.first("heading", norm, behind, end)
    if label is not None:
        return Opening(i, "label", mention, behind, label[0].id, True)
    if title_like:
        if _REST.fullmatch(norm, behind, end):
            return Opening(i, "alone", mention, behind, "heading.place_alone", numbered)
        if apart is not None:
            return Opening(i, "apart", mention, behind, apart[0].id, numbered)
        return Opening(i, "run", mention, behind, "heading.run_together", numbered)
    if apart is not None and norm[behind : apart[1].end()].strip() and apart[1].end() > behind:
        return Opening(i, "inline", mention, behind, apart[0].id, numbered)
    for at in dict.fromkeys((behind, mention.end)):
        opener = segmenter.first("opener", norm, at, end)
        # A short name is believed before a verb of setting out only.
        if opener is not None and (is_strong(opener) or not mention.short):
            return Opening(i, "opener", mention, behind, opener[0].id, numbered)
    return _late_opening(norm, i, line, segmenter, within) if numbered else None


def _late_opening(norm: str, i: int, line: Line, segmenter: Segmenter, within: tuple[str, ...]) -> Opening | None:
    """A paragraph whose first sentence reaches its place behind a period or a clause of occasion."""
    found = late_place(norm, line.start, line.end, segmenter, within)
    return None if found is None else Opening(i, "opener", found[0], found[0].agency_end, found[1])


def choose_starts(
    norm: str,
    lines: Sequence[Line],
    frame: Frame,
    openings: Sequence[Opening],
    segmenter: Segmenter,
    context: Surroundings,
) -> list[Start]:
    """The openings that do begin a case, in order. Fewer than two mean that the document is no collection."""
    places = {o.line: segmenter.gazetteer.resolve(o.mention, context) for o in openings if o.mention is not None}
    labelled = _with_body(norm, lines, frame, [o for o in openings if o.shape == "label"])
    if len(labelled) >= 2:
        return [_start(norm, lines, frame, o, segmenter, context) for o in labelled]
    headed = _headings(norm, lines, frame, openings, places, segmenter)
    opened = _openers(norm, lines, frame, openings, places, segmenter)
    if len(headed) >= 2 and len(opened) <= 2 * len(headed):
        return [_start(norm, lines, frame, o, segmenter, context) for o in headed]
    if len(opened) >= 2:
        return [_start(norm, lines, frame, o, segmenter, context) for o in opened]
    # One alone is a case of a collection that goes on elsewhere, if its heading is plain or the preamble says so.
    alone = [
        o
        for o in headed or opened
        if o.shape in ("apart", "inline", "label") or _announced(norm, lines, frame, o, segmenter)
    ]
    return [_start(norm, lines, frame, o, segmenter, context) for o in alone]


def _announced(norm: str, lines: Sequence[Line], frame: Frame, o: Opening, segmenter: Segmenter) -> bool:
    """Whether the text before a case says that cases were gathered."""
    first = frame.title[0] if frame.title else lines[frame.body[0]].start
    return any(form.pattern.search(norm, first, lines[o.line].start) for form in segmenter.forms["collection"])


def _with_body(norm: str, lines: Sequence[Line], frame: Frame, openings: Sequence[Opening]) -> list[Opening]:
    """Leave out the openings that running text does not follow: the entries of a list."""
    kept: list[Opening] = []
    again: set[str] = set()
    listed: set[int] = set()
    for opening in reversed(openings):
        # An entry of a list comes again as a heading.
        printed = NUMBER.sub("", norm[lines[opening.line].start : lines[opening.line].end])
        if printed in again:
            listed.add(opening.line)
        again.add(printed)
    openings = [o for o in openings if o.line not in listed]
    for i, opening in enumerate(openings):
        end = openings[i + 1].line if i + 1 < len(openings) else frame.body[1]
        own = lines[opening.line]
        if not heading_like(norm, own) or any(
            lines[k].length >= _BODY_MIN and not heading_like(norm, lines[k])
            for k in range(opening.line + 1, end)
            if k not in frame.roles
        ):
            kept.append(opening)
    return kept


def _headings(
    norm: str,
    lines: Sequence[Line],
    frame: Frame,
    openings: Sequence[Opening],
    places: dict[int, Place],
    segmenter: Segmenter,
) -> list[Opening]:
    shaped = [o for o in openings if o.shape in ("apart", "run", "alone", "inline")]
    scores = {o.line: _score(norm, lines, o, segmenter) for o in shaped}
    likely: list[Opening] = []
    for o in shaped:
        if scores[o.line] < 1:
            continue
        # A line right behind a heading that speaks of the same place is its title or a caption.
        if (
            likely
            and _adjoins(norm, lines, likely[-1].line, o.line)
            and _inside(places[o.line], places[likely[-1].line])
        ):
            continue
        likely.append(o)
    kept: list[Opening] = []
    for o in _with_body(norm, lines, frame, likely):
        score = scores[o.line]
        place = places[o.line]
        if kept and _inside(place, places[kept[-1].line]):
            score -= 3 if o.shape in ("run", "alone") else 2
        if score >= 1:
            kept.append(o)
    if kept and kept[0].line == frame.title_line:
        # The first line is a case's heading if others look like it, or the text takes it up, and none lies in its place;
        # else it is the document's title.
        others = kept[1:]
        alike = any(o.shape == kept[0].shape for o in others) or (bool(others) and _echo(norm, lines, kept[0]))
        if not alike or any(_inside(places[o.line], places[kept[0].line]) for o in others):
            kept = others
    return kept


def _adjoins(norm: str, lines: Sequence[Line], line: int, other: int) -> bool:
    """Whether no running text stands between two lines."""
    return other - line <= _ADJOINING and all(heading_like(norm, lines[k]) for k in range(line, other))


def _score(norm: str, lines: Sequence[Line], o: Opening, segmenter: Segmenter) -> int:
    """How much speaks for a line being a case's heading and not a caption or a mention in passing."""
    line = lines[o.line]
    score = {"apart": 2, "run": 0, "alone": 1, "inline": 2, "label": 3, "opener": 0, "single": 0}[o.shape]
    score += 2 * (line.mark == "heading") - 9 * (line.mark == "caption") + o.numbered
    if o.shape in ("run", "apart") and is_strong(segmenter.first("opener", norm, o.behind, line.end)):
        score += 1
    if o.shape != "inline" and segmenter.search("caption", norm, line.start, line.end):
        score -= 3
    if o.mention is not None and _echo(norm, lines, o):
        score += 2
    return score


def _echo(norm: str, lines: Sequence[Line], o: Opening) -> bool:
    """Whether the text behind a heading takes up its place at once."""
    assert o.mention is not None
    stem = stem_of(o.mention)
    for k in range(o.line + 1, min(o.line + 4, len(lines))):
        if not heading_like(norm, lines[k]):
            return stem in norm[lines[k].start : min(lines[k].end, lines[k].start + 90)]
    return False


def _openers(
    norm: str,
    lines: Sequence[Line],
    frame: Frame,
    openings: Sequence[Opening],
    places: dict[int, Place],
    segmenter: Segmenter,
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


def _start(
    norm: str, lines: Sequence[Line], frame: Frame, o: Opening, segmenter: Segmenter, context: Surroundings
) -> Start:
    """The heading, title and place of a case that opens at a line."""
    gazetteer = segmenter.gazetteer
    line, body = o.line, o.line + 1
    title: tuple[int, int] | None = None
    own = lines[o.line]
    if o.shape == "opener":
        body = o.line
        before = _heading_before(norm, lines, frame, o.line, segmenter)
        if before is not None:
            line, title = before, (lines[before].start, lines[before].end)
    elif o.shape == "inline":
        body = o.line
        hit = segmenter.first("heading", norm, o.behind, own.end)
        start = hit[1].end() if hit else o.behind
        m = _INLINE_TITLE.match(norm, start, own.end)
        if m is not None and m.end() < own.end and norm[m.end()] == "。":
            title = m.span()
    elif o.shape == "alone":
        title_line = _title_behind(norm, lines, frame, o.line)
        before = _heading_before(norm, lines, frame, o.line, segmenter) if title_line is None else None
        if title_line is not None:
            title, body = (lines[title_line].start, lines[title_line].end), title_line + 1
        elif before is not None:
            line, title = before, (lines[before].start, lines[before].end)
    elif o.shape == "run":
        title = (own.start, own.end)
    elif o.shape == "label" and o.mention is None:
        title = (o.behind, own.end) if o.behind < own.end and heading_like(norm, own) else None
        if not heading_like(norm, own):
            body = o.line
        elif title is None:
            title_line = _title_behind(norm, lines, frame, o.line)
            if title_line is not None:
                title, body = (lines[title_line].start, lines[title_line].end), title_line + 1
    else:
        hit = segmenter.first("heading", norm, o.behind, own.end)
        start = hit[1].end() if hit else (o.mention.start if o.mention else o.behind)
        title = (start, own.end) if start < own.end else None
        if title is not None and o.shape == "label" and not heading_like(norm, own):
            title, body = None, o.line
        elif title is None:
            title_line = _title_behind(norm, lines, frame, o.line)
            if title_line is not None:
                title, body = (lines[title_line].start, lines[title_line].end), title_line + 1
    if title is not None and o.shape in ("apart", "label"):
        # A long title may go on in the next line.
        nxt = body
        if nxt + 1 < frame.body[1] and lines[nxt].tentative is False and norm[title[1] - 1] in "—–-":
            title, body = (title[0], lines[nxt].end), nxt + 1
    mention = o.mention
    place = gazetteer.resolve(mention, context) if mention is not None else None
    mention, place = _refine(norm, lines, body, mention, place, gazetteer, context)
    return Start(line, body, title, o, place, mention)


def choose_title(norm: str, span: tuple[int, int], segmenter: Segmenter) -> tuple[int, int]:
    """A document's title without the place, where a colon or the like sets the place apart."""
    for mention in reversed(segmenter.gazetteer.find(norm, *span)):
        apart = segmenter.first("heading", norm, mention.agency_end, span[1])
        if (
            apart is not None
            and apart[1].end() < span[1]
            and norm[apart[1].start() : apart[1].end()].strip(" ") in (":", "|", "——")
        ):
            return apart[1].end(), span[1]
    return span


def _title_behind(norm: str, lines: Sequence[Line], frame: Frame, i: int) -> int | None:
    """The title on the line behind a place that stands alone."""
    k = i + 1
    if k + 1 < frame.body[1] and k not in frame.roles and heading_like(norm, lines[k]) and lines[k].mark != "caption":
        return k
    return None


def _heading_before(norm: str, lines: Sequence[Line], frame: Frame, i: int, segmenter: Segmenter) -> int | None:
    """The heading without a place on the line before a paragraph that opens a case."""
    k = i - 1
    if k < frame.body[0] or k in frame.roles or lines[k].stop != lines[i].start:
        return None
    line = lines[k]
    if not heading_like(norm, line) or line.mark == "caption" or line.length < 4:
        return None
    if segmenter.search("caption", norm, line.start, line.end) or segmenter.whole(
        "section", norm, line.start, line.end
    ):
        return None
    return k


def _refine(
    norm: str,
    lines: Sequence[Line],
    body: int,
    mention: PlaceMention | None,
    place: Place | None,
    gazetteer: Gazetteer,
    context: Surroundings,
) -> tuple[PlaceMention | None, Place | None]:
    """Let the first sentence decide an ambiguous place; where the heading names none, take the first it names."""
    if body >= len(lines):
        return mention, place
    line = lines[body]
    sentence = first_sentence(norm, line.start, line.end)
    for found in gazetteer.find(norm, line.start, min(sentence, line.start + 2 * _LEAD_MAX)):
        other = gazetteer.resolve(found, context)
        if place is None:
            return found, other
        if other.ambiguous:
            continue
        if not place.ambiguous or not _shares(place, other):
            break
        return mention, replace(other, place=place.place or other.place)
    return mention, place


def _shares(place: Place, other: Place) -> bool:
    """Whether one of the meanings of an ambiguous place is the other's."""
    return other.adcode in place.ambiguous
