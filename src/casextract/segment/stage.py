"""The stage: one article's text to its segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from casextract.normalise import Text
from casextract.places.gazetteer import Place, PlaceMention, Surroundings
from casextract.records import Kind, Problem
from casextract.segment.compiled import Segmenter
from casextract.segment.head_and_trailer import Frame, body_like, read_frame
from casextract.segment.lines import Line, cut_lines, first_sentence, heading_like
from casextract.segment.measures import Step, find_steps
from casextract.segment.model import Block, BlockKind, CaseSpan, MeasureSpan, Segmentation
from casextract.segment.single_case import Nature, nature_of, place_of, region_of, single_start
from casextract.segment.starts import Start, choose_starts, find_openings
from casextract.segment.topics import brands_of, topics_of

_CAPTION_MAX = 90
_LEAD_TOPIC_MAX = 46
_AGENCY_WINDOW = 120
_OFFICE_ENDS = "局厅站院会"


def segment(text: Text, segmenter: Segmenter) -> Segmentation:
    """Split one article into blocks, cases and measures.

    Returns blocks that tile `text.norm`, cases in order and disjoint, and measures that lie in their cases. Total: every
    text has a segmentation; what could not be decided is a row of `problems`.
    """
    norm = text.norm
    home = segmenter.gazetteer.find(norm, 0, min(len(norm), 400))
    within = _codes(segmenter.gazetteer.surroundings((), home=home))
    lines = cut_lines(text, segmenter, within)
    if not lines:
        blocks = (Block(0, len(norm), "noise"),) if norm else ()
        return Segmentation(text, "other", text.source.meta, blocks, (), ())
    frame = read_frame(norm, lines, segmenter, text.source.meta)
    openings = find_openings(norm, lines, frame, segmenter, within)
    year = frame.meta.published_on.year if frame.meta.published_on else None
    title = segmenter.gazetteer.find(norm, *frame.title) if frame.title else ()
    mentions = [o.mention for o in openings if o.mention is not None]
    context = segmenter.gazetteer.surroundings([*mentions, *home], home=title, year=year)
    starts = choose_starts(norm, lines, frame, openings, segmenter, context)
    lines, frame, starts = _join_tentative(lines, frame, starts)
    place: Place | None = None
    nature: Nature = "practice"
    if len(starts) < 2:
        region = region_of(norm, segmenter)
        openings = find_openings(norm, lines, frame, segmenter, within)
        nature, rule_id = nature_of(norm, lines, frame, openings, region, segmenter)
        if nature != "practice" and not (starts and starts[0].opening.shape != "opener"):
            starts = []
            _, place = place_of(norm, lines, frame, openings, region, nature, segmenter, context)
        elif not starts or not _late(norm, lines, frame, starts[0]):
            mention, place = place_of(norm, lines, frame, openings, region, nature, segmenter, context)
            single = single_start(norm, lines, frame, mention, place, rule_id, segmenter)
            starts = [single] if single is not None else []
    if starts and starts[0].line == frame.title_line:
        roles = {k: role for k, role in frame.roles.items() if k != frame.title_line}
        frame = replace(frame, roles=roles)
    return _Assembly(text, segmenter, lines, frame, starts, context, nature, place).build()


def _late(norm: str, lines: Sequence[Line], frame: Frame, start: Start) -> bool:
    """Whether running text stands before the only case found: a preamble."""
    return any(body_like(norm, lines[k]) for k in range(frame.body[0], start.line) if k not in frame.roles)


def _codes(context: Surroundings) -> tuple[str, ...]:
    return context.home


def _join_tentative(lines: list[Line], frame: Frame, starts: list[Start]) -> tuple[list[Line], Frame, list[Start]]:
    """Join the tentative lines that begin neither a case nor its body to the line before them."""
    keep = {k for s in starts for k in (s.line, s.body)} | set(frame.roles)
    where: dict[int, int] = {}
    joined: list[Line] = []
    for k, line in enumerate(lines):
        if line.tentative and k not in keep and joined and (k - 1) not in frame.roles:
            joined[-1] = replace(joined[-1], end=line.end, stop=line.stop)
        else:
            joined.append(line)
        where[k] = len(joined) - 1
    where[len(lines)] = len(joined)
    if len(joined) == len(lines):
        return lines, frame, starts
    roles = {where[k]: role for k, role in frame.roles.items()}
    title_line = where[frame.title_line] if frame.title_line is not None else None
    moved = replace(frame, roles=roles, title_line=title_line, body=(where[frame.body[0]], where[frame.body[1]]))
    return joined, moved, [replace(s, line=where[s.line], body=where[s.body]) for s in starts]


_AIMS_MIN = 4
_AIMS_RATIO = 3


def _from(steps: Sequence[Step], start: int) -> list[Step]:
    """The steps that begin at `start` or behind it: a number in front of a case's heading belongs to what was before."""
    kept = [i for i, step in enumerate(steps) if step.start >= start]
    if len(kept) == len(steps):
        return list(steps)
    where = {old: new for new, old in enumerate(kept)}
    return [steps[i]._replace(parent=None if (p := steps[i].parent) is None else where.get(p)) for i in kept]


class _Assembly:
    """The spans of one document put together from the starts of its cases."""

    def __init__(
        self,
        text: Text,
        segmenter: Segmenter,
        lines: Sequence[Line],
        frame: Frame,
        starts: Sequence[Start],
        context: Surroundings,
        nature: Nature,
        place: Place | None,
    ) -> None:
        self.text, self.norm, self.segmenter = text, text.norm, segmenter
        self.lines, self.frame, self.starts = lines, frame, starts
        self.context, self.nature, self.place = context, nature, place
        self.kinds: list[tuple[BlockKind, str | None]] = [("preamble", None)] * len(lines)
        self.problems: list[Problem] = []

    def build(self) -> Segmentation:
        lines = self.lines
        cases: list[CaseSpan] = []
        measures: list[MeasureSpan] = []
        for i, start in enumerate(self.starts):
            end = self.starts[i + 1].line if i + 1 < len(self.starts) else self.frame.body[1]
            self._case(start, end, cases, measures)
        if not cases:
            self._implicit(cases, measures)
        self._preamble_captions()
        for k, role in self.frame.roles.items():
            self.kinds[k] = role
        blocks: list[Block] = []
        for k, line in enumerate(lines):
            blocks.append(Block(line.start if k else 0, line.stop, *self.kinds[k]))
        return Segmentation(
            self.text,
            self._kind(cases),
            self.frame.meta,
            tuple(blocks),
            tuple(cases),
            tuple(measures),
            tuple(self.problems),
        )

    def _preamble_captions(self) -> None:
        """Give the captions that stand outside all cases their role."""
        for k, line in enumerate(self.lines):
            if self.kinds[k][0] != "preamble" or line.length > _CAPTION_MAX or not heading_like(self.norm, line):
                continue
            hit = self.segmenter.search("caption", self.norm, line.start, line.end)
            if hit is not None or line.mark == "caption":
                self.kinds[k] = ("caption", hit[0].id if hit is not None else "caption.marked")

    def _kind(self, cases: Sequence[CaseSpan]) -> Kind:
        explicit = sum(not c.implicit for c in cases)
        if explicit:
            return "case_collection" if explicit > 1 else "single_case"
        return "plan" if self._sets_targets() else "other"

    def _sets_targets(self) -> bool:
        """Whether a document without a case of its own is a plan or a speech: by its title, else by what its body speaks of."""
        title = self.frame.meta.title
        if title and self.segmenter.search("target", title, 0, len(title)) is not None:
            return True
        if self.nature == "practice":
            return False
        first, last = self.frame.body
        body = self.norm[self.lines[first].start : self.lines[last - 1].stop] if first < last else ""
        aims = sum(1 for form in self.segmenter.forms["aim"] for _ in form.pattern.finditer(body))
        done = sum(1 for form in self.segmenter.forms["done"] for _ in form.pattern.finditer(body))
        return aims >= _AIMS_MIN and aims >= _AIMS_RATIO * done

    def _case(self, start: Start, end: int, cases: list[CaseSpan], measures: list[MeasureSpan]) -> None:
        norm, lines = self.norm, self.lines
        for k in range(start.line, start.body):
            self.kinds[k] = ("heading", start.opening.rule_id)
        captions = self._captions(start, end)
        while end - 1 in captions and end - 1 >= start.body:
            end -= 1
            self.kinds[end] = ("caption", captions[end])
        body = range(start.body, end)
        lead = self._lead(start, body, captions)
        span = (lines[start.line].start, lines[end - 1].stop)
        own = [lines[k] for k in body]
        shift = start.body
        for k in body:
            if k in self.frame.roles:
                continue
            self.kinds[k] = ("caption", captions[k]) if k in captions else ("body", None)
        begin = lines[start.body].start if start.body < end else span[1]
        if start.opening.shape == "inline" and start.title is not None:
            begin = start.title[1]
        elif start.opening.shape == "opener" and start.opening.line == start.body:
            # The number of a case is no marker of a measure.
            begin = max(begin, start.opening.behind)
        steps = find_steps(
            norm, own, frozenset(k - shift for k in captions if k < end), lead - shift if lead is not None else None,
            self.segmenter, begin, span[1],
        )  # fmt: skip
        steps = _from(steps, span[0])
        lead_span = (lines[lead].start, lines[lead].end) if lead is not None else None
        place, mention = start.place, start.mention
        if place is not None and place.ambiguous:
            self._ambiguous(start, place)
        cases.append(
            self._span(span, len(cases) + 1, False, start.title, lead_span, place, mention, start.opening.rule_id)
        )
        self._add(steps, len(cases) - 1, measures)
        self._mark_headings(steps, body)

    def _mark_headings(self, steps: Sequence[Step], body: range) -> None:
        """Give the lines that are a step's heading their role."""
        begun = {step.start: step.rule_id for step in steps}
        for k in body:
            line = self.lines[k]
            if line.start in begun and heading_like(self.norm, line):
                self.kinds[k] = ("heading", begun[line.start])

    def _implicit(self, cases: list[CaseSpan], measures: list[MeasureSpan]) -> None:
        lines = self.lines
        first, last = self.frame.body
        while first < last and (first in self.frame.roles or first == self.frame.title_line):
            first += 1
        if not self.norm.strip():
            return
        if first >= last:
            # Nothing but a title and metadata: then these are what the document says.
            first, last = 0, len(lines)
        for k in range(first, last):
            self.kinds[k] = ("body", None)
        span = (lines[first].start, lines[last - 1].stop)
        own = [lines[k] for k in range(first, last)]
        steps = find_steps(
            self.norm,
            own,
            frozenset(),
            None,
            self.segmenter,
            *span,
            topics=self.nature == "plan" and self.place is None,
        )
        self._mark_headings(steps, range(first, last))
        cases.append(self._span(span, 1, True, None, None, self.place, None, "case.implicit"))
        self._add(steps, 0, measures)

    def _span(
        self,
        span: tuple[int, int],
        ordinal: int,
        implicit: bool,
        title: tuple[int, int] | None,
        lead: tuple[int, int] | None,
        place: Place | None,
        mention: PlaceMention | None,
        rule_id: str,
    ) -> CaseSpan:
        norm = self.norm
        head = [title] if title else []
        brands = brands_of(norm, [*head, lead or span], self.segmenter)
        agency = self._agency(lead or span, place, mention)
        return CaseSpan(
            span[0], span[1], ordinal, implicit, title, lead,
            place.province if place else None, place.city if place else None, place.county if place else None,
            place.place if place else None, place.adcode if place else None,
            agency, brands, topics_of(norm, span, title, self.segmenter), rule_id,
        )  # fmt: skip

    def _agency(self, opening: tuple[int, int], place: Place | None, mention: PlaceMention | None) -> str | None:
        """The body that acts: of the heading, else of the first sentences, named or taken for granted (县民政局)."""
        start, end = opening[0], min(opening[1], opening[0] + _AGENCY_WINDOW)
        gazetteer = self.segmenter.gazetteer
        for found in (mention, *gazetteer.find(self.norm, start, end)):
            if found is None or not found.agency:
                continue
            if found is mention or place is None or place.contains(gazetteer.resolve(found, self.context)):
                below = found.place or ""
                return found.text.removesuffix(below if found.agency.startswith(below) else "") + found.agency
        hit = self.segmenter.search("actor", self.norm, start, end)
        return str(hit[1].group()) if hit is not None and hit[1].group()[-1] in _OFFICE_ENDS else None

    def _captions(self, start: Start, end: int) -> dict[int, str]:
        """The lines of a case's body that are captions, with the rule that says so."""
        norm, found = self.norm, {}
        for k in range(start.body, end):
            line = self.lines[k]
            if k in self.frame.roles:
                continue
            if line.mark == "caption":
                found[k] = "caption.marked"
                continue
            if line.mark == "heading" or line.length > _CAPTION_MAX:
                continue
            open_end = heading_like(norm, line)
            if not open_end and first_sentence(norm, line.start, line.end) < line.end:
                continue
            hit = self.segmenter.search("caption", norm, line.start, line.end)
            placed = self.segmenter.gazetteer.match_at(norm, line.start, line.end, within=self.context.home) is not None
            if open_end and self.segmenter.whole("section", norm, line.start, line.end):
                continue
            if open_end and hit is not None:
                found[k] = hit[0].id
            elif open_end and placed and not self.segmenter.markers.match(norm, line.start, line.end):
                found[k] = "caption.place"
            elif (hit is not None and (placed or hit[0].rule.order <= 10) and k > start.body) or (
                hit is not None
                and k > start.body
                and norm[line.start].isdigit()
                and self.segmenter.first("metadata", norm, line.start, line.end) is None
                and "年" in norm[line.start : line.start + 6]
            ):
                found[k] = hit[0].id
        return found

    def _lead(self, start: Start, body: Sequence[int], captions: dict[int, str]) -> int | None:
        """The case's own opening paragraph."""
        norm = self.norm
        for k in body:
            line = self.lines[k]
            if k in captions or k in self.frame.roles:
                continue
            if heading_like(norm, line):
                return None
            if self.segmenter.markers.match(norm, line.start, line.end):
                return None
            if start.opening.shape in ("opener", "inline"):
                return k
            sentence = first_sentence(norm, line.start, line.end)
            if sentence - line.start <= _LEAD_TOPIC_MAX and sentence < line.end:
                placed = self.segmenter.gazetteer.match_at(norm, line.start, line.end, within=self.context.home)
                if placed is None and self.segmenter.first("continuation", norm, line.start, line.end) is None:
                    return None
            return k
        return None

    def _add(self, steps: Sequence[Step], case: int, measures: list[MeasureSpan]) -> None:
        base = len(measures)
        for s in steps:
            marker = self.text.raw(*s.marker).strip() if s.marker else None
            parent = base + s.parent if s.parent is not None else None
            measures.append(MeasureSpan(s.start, s.end, case, parent, s.level, s.ordinal, marker, s.label, s.rule_id))

    def _ambiguous(self, start: Start, place: Place) -> None:
        source = self.text.source
        line = self.lines[start.line]
        raw = self.text.raw_span(line.start, line.end)
        printed = start.mention.text if start.mention else ""
        self.problems.append(
            Problem(
                source_path=source.path, doc_id=source.doc_id, stage="segment", severity="warning", code="ambiguous_place",
                message=f"{printed!r} may be any of {', '.join(place.ambiguous)} and nothing in the document decides; name the city or the province",
                start=raw[0], end=raw[1],
            )
        )  # fmt: skip
