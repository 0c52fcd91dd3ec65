"""Documents that are no collection: whether they tell one practice or present none, and what place they speak of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

from casextract.places.gazetteer import Place, PlaceMention, Surroundings
from casextract.rulebook.patterns import on_demand
from casextract.segment.compiled import Segmenter
from casextract.segment.head_and_trailer import Frame
from casextract.segment.lines import Line, first_sentence, heading_like, is_strong
from casextract.segment.starts import Opening, Start, choose_title

Nature = Literal["practice", "plan", "report"]
_OPENING_PARAGRAPHS: Final = 3
_WINDOW: Final = 3000
"""How many characters are read for the place of a document that does not open with one."""
_REGION_MIN: Final = 2
_OPENING: Final = 300
_SCATTERED: Final = 3
"""Places in so many provinces are no document's own."""
_DATELINE: Final = on_demand(r"\d{1,2}月\d{1,2}日电")


def nature_of(
    norm: str,
    lines: Sequence[Line],
    frame: Frame,
    openings: Sequence[Opening],
    region: str | None,
    segmenter: Segmenter,
) -> tuple[Nature, str]:
    """Whether a document tells one practice (then it is a case) or is a plan or a report, and the rule that says so."""
    title = frame.meta.title
    if title and (hit := segmenter.search("plan", title, 0, len(title))) is not None:
        return "plan", hit[0].id
    if title and (hit := segmenter.search("report", title, 0, len(title))) is not None:
        return "report", hit[0].id
    first = _paragraphs(norm, lines, frame)
    for k in first:
        if (hit := segmenter.search("announcement", norm, lines[k].start, lines[k].end)) is not None:
            return "report", hit[0].id
    if region is not None:
        # A page of these regions reports policy; a practice is told with the body's name first.
        return "report", "region.evidence"
    if any(o.line in first and o.shape in ("opener", "inline") for o in openings):
        return "practice", "case.single"
    for k in first:
        sentence = first_sentence(norm, lines[k].start, lines[k].end)
        if (hit := segmenter.search("actor", norm, lines[k].start, sentence)) is not None:
            return "practice", hit[0].id
        hit = segmenter.first("opener", norm, lines[k].start, sentence)
        if hit is not None and is_strong(hit):
            return "practice", hit[0].id
        for m in segmenter.gazetteer.find(norm, lines[k].start, lines[k].end):
            opener = segmenter.first("opener", norm, m.agency_end, lines[k].end)
            if m.agency or is_strong(opener):
                return "practice", "case.single"
    return "report", "case.implicit"


def _paragraphs(norm: str, lines: Sequence[Line], frame: Frame) -> list[int]:
    """The first paragraphs of the body."""
    found: list[int] = []
    for k in range(*frame.body):
        if k not in frame.roles and not heading_like(norm, lines[k]):
            found.append(k)
            if len(found) == _OPENING_PARAGRAPHS:
                break
    return found


def region_of(norm: str, segmenter: Segmenter) -> str | None:
    """The code of the region whose peculiar words a page uses: at least two of them, more than of any other."""
    weights: Counter[str] = Counter()
    for form in segmenter.forms["region"]:
        words = {m.group() for m in form.pattern.finditer(norm)}
        if form.rule.value is not None and len(words) >= _REGION_MIN:
            weights[form.rule.value] += len(words)
    best = weights.most_common(1)
    return best[0][0] if best else None


def place_of(
    norm: str,
    lines: Sequence[Line],
    frame: Frame,
    openings: Sequence[Opening],
    region: str | None,
    nature: Nature,
    segmenter: Segmenter,
    context: Surroundings,
) -> tuple[PlaceMention | None, Place | None]:
    """The place a document speaks of: its title's, its opening's, or the one it names most."""
    gazetteer = segmenter.gazetteer
    if region is not None:
        name = next((u for u in gazetteer.units if u.code == region and u.level == "province"), None)
        province = Place(name.name, None, None, None, name.code) if name is not None else None
        start = lines[frame.body[0]].start if frame.body[0] < len(lines) else 0
        for found in (*_named(norm, frame, segmenter), *gazetteer.find(norm, start, min(len(norm), start + _OPENING))):
            place = gazetteer.resolve(found, context)
            if province is not None and province.contains(place) and place.city:
                return found, place
        return None, province
    first = _paragraphs(norm, lines, frame)
    opened = [
        o.mention for o in openings if o.line in first and o.shape in ("opener", "inline") and o.mention is not None
    ]
    for found in reversed(_named(norm, frame, segmenter)):
        place = gazetteer.resolve(found, context)
        if not place.ambiguous:
            # The text may say more exactly than its title where in that place.
            inside = [(m, p) for m in opened if place.contains(p := gazetteer.resolve(m, context)) and p.place is None]
            return inside[0] if inside else (found, place)
    for mention in opened:
        return mention, gazetteer.resolve(mention, context)
    counts: Counter[Place] = Counter()
    mentions: dict[Place, PlaceMention] = {}
    start = lines[frame.body[0]].start if frame.body[0] < len(lines) else 0
    window = _WINDOW if nature == "practice" else _OPENING
    for found in gazetteer.find(norm, start, min(len(norm), start + window)):
        place = gazetteer.resolve(found, context)
        if place.ambiguous or _DATELINE.match(norm, found.end):
            continue
        counts[place] += 2 if found.agency else 1
        mentions.setdefault(place, found)
    if not counts or (nature != "practice" and len({p.province for p in counts}) >= _SCATTERED):
        return None, None
    # The most exact place that most mentions lie in.
    total = sum(counts.values())
    for place in sorted(counts, key=_exactness, reverse=True):
        if 2 * sum(n for other, n in counts.items() if place.contains(other)) > total:
            return mentions[place], place
    best = max(counts, key=lambda p: counts[p])
    return mentions[best], best


def _exactness(place: Place) -> int:
    return sum(name is not None for name in (place.province, place.city, place.county, place.place))


def _named(norm: str, frame: Frame, segmenter: Segmenter) -> tuple[PlaceMention, ...]:
    """The places of the title."""
    return segmenter.gazetteer.find(norm, *frame.title) if frame.title else ()


def single_start(
    norm: str,
    lines: Sequence[Line],
    frame: Frame,
    mention: PlaceMention | None,
    place: Place | None,
    rule_id: str,
    segmenter: Segmenter,
) -> Start | None:
    """The whole document as one case: from its title on where it has one, else from its first paragraph."""
    body = frame.body[0]
    while body < frame.body[1] and (body in frame.roles or body == frame.title_line):
        body += 1
    if body >= frame.body[1]:
        return None
    line, title = body, None
    if frame.title_line is not None and frame.title is not None:
        line = frame.title_line
        title = choose_title(norm, frame.title, segmenter)
    opening = Opening(line, "single", mention, lines[line].start, rule_id)
    return Start(line, body, title, opening, place, mention)
