"""The stage: one segmented article to all its numbers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from time import process_time
from typing import NamedTuple

from casextract.extract.antecedents import antecedent_of, compared_with, item_of
from casextract.extract.bases import bases_of, parallel_basis
from casextract.extract.bounds import bound_of, shared_bound
from casextract.extract.changes import link_changes
from casextract.extract.currency import currency_of, money_of_case
from casextract.extract.direction import directed
from casextract.extract.explanation import NOBODY, Observer, Trace
from casextract.extract.frame import Frame, frame_of, is_marginal, with_words
from casextract.extract.grammar import Grammar
from casextract.extract.metric import metric_of
from casextract.extract.modality import NEUTRAL, Cue, Stance, carried_over, cues_of, stance_of
from casextract.extract.model import Extraction, NumeralSpan, Quantity
from casextract.extract.periods import UNDATED, Moment, governing, issued, moment_of, named_year
from casextract.extract.quantities import scan
from casextract.extract.sentence import Sentence, Sentences, Slot, TimeSpan
from casextract.extract.status import status_of
from casextract.extract.subject_sharing import respective_subjects, share_subjects
from casextract.extract.subjects import subject_of
from casextract.extract.tables.lines import CellLine
from casextract.extract.tables.outline import items
from casextract.extract.tables.sheet import in_article, in_cell, sheet_of, with_subjects
from casextract.records import Bound, Currency, Problem
from casextract.rulebook.patterns import on_demand
from casextract.segment import Block, MeasureSpan, Segmentation

_BETWEEN_LOOKS = 64
"""Readings between two looks at the clock."""


def extract(
    segmentation: Segmentation, grammar: Grammar, observer: Observer = NOBODY, limit: float | None = None
) -> Extraction:
    """Read all numbers of one article. `observer` hears of every decision.

    `limit` is the processor time in seconds that the article may take; None allows a minute and a millisecond for each
    character, a hundred times what the slowest text is known to need. What is not read by then is `unresolved`, and a
    row of `problems` says from where on: a hostile text may cost its own numbers, never the build.
    """
    deadline = process_time() + (60 + len(segmentation.text.norm) / 1000 if limit is None else limit)
    currency = currency_of(segmentation, grammar)
    sheet = sheet_of(segmentation.text, segmentation.meta.title, grammar)
    prose = _read(segmentation, sheet.prose, segmentation.blocks, (), currency, grammar, observer, deadline)
    if not sheet.text and not sheet.aside:
        return Extraction(segmentation, prose.quantities, prose.numerals, prose.problems)
    told = Trace() if observer is not NOBODY else NOBODY
    cells = _read(segmentation, sheet.text, (), sheet.lines, currency, grammar, told, deadline)
    if isinstance(told, Trace):
        for step in told.steps:
            if (moved := in_cell(step, sheet)) is not None:
                observer.told(moved)
    read, of_values = in_article(cells.quantities, sheet)
    quantities, numerals = _merged(prose, read, [*sheet.aside, *of_values])
    problems = (*prose.problems, *sheet.problems, *cells.problems)
    return Extraction(segmentation, quantities, numerals, problems)


class _Numbers(NamedTuple):
    """What became of the numbers of one text, in its offsets."""

    quantities: tuple[Quantity, ...]
    numerals: tuple[NumeralSpan, ...]
    problems: tuple[Problem, ...]


def _read(
    segmentation: Segmentation,
    text: str,
    blocks: Sequence[Block],
    lines: Sequence[CellLine],
    currency: Currency,
    grammar: Grammar,
    observer: Observer,
    deadline: float,
) -> _Numbers:
    """Read the numbers of a text: the article's own, or that of the `lines` into which its tables were put."""
    found = scan(text, blocks, currency, grammar)
    numerals = [
        NumeralSpan(a.start, a.end, "set_aside" if a.reason else "unresolved", a.reason, a.rule_id, None, a.value)
        for a in found.aside
    ]
    problems: list[Problem] = []
    article = _Article(segmentation, Sentences(text, found.readings, grammar), observer, lines)
    for index, reading in enumerate(found.readings):
        if index % _BETWEEN_LOOKS == 0 and process_time() > deadline:
            numerals.extend(
                NumeralSpan(n.start, n.end, "unresolved", value=n.value)
                for r in found.readings[index:]
                for n in r.numerals
            )
            problems.append(_out_of_time(segmentation, article.in_document(reading.start)))
            break
        marginal = article.read(index)
        if marginal is not None:
            numerals.extend(
                NumeralSpan(n.start, n.end, "set_aside", marginal, reading.unit.rule.id, None, n.value)
                for n in reading.numerals
            )
    shared = share_subjects(
        text, respective_subjects(text, [frame.quantity for frame in article.frames], grammar), grammar
    )
    shared = with_subjects(shared, lines)
    wholes = items(lines)
    decided: list[Quantity] = []
    for frame, quantity in zip(article.frames, shared, strict=True):
        decided.append(_decided(frame, quantity, decided, wholes, observer))
    compared = link_changes(text, decided, grammar.phrases) if not lines else decided
    linked = [directed(f, q) for f, q in zip(article.frames, compared, strict=True)]
    for was, now in zip(decided, linked, strict=True):
        if was != now:
            observer.compared(text, was, now, linked[now.baseline] if now.baseline is not None else None)
    for i, frame in enumerate(article.frames):
        numerals.extend(
            NumeralSpan(n.start, n.end, "indicator", None, linked[i].rule_id, i, n.value)
            for n in frame.slot.reading.numerals
        )
    numerals.sort(key=lambda n: n.start)
    return _Numbers(tuple(linked), tuple(numerals), tuple(problems))


def _merged(
    prose: _Numbers, cells: Sequence[Quantity], of_cells: Sequence[NumeralSpan]
) -> tuple[tuple[Quantity, ...], tuple[NumeralSpan, ...]]:
    """The numbers of sentences and of cells in the order of the article."""
    both = [*prose.quantities, *cells]
    order = sorted(range(len(both)), key=lambda i: both[i].start)
    where = {old: new for new, old in enumerate(order)}
    shift = len(prose.quantities)

    def settled(index: int) -> Quantity:
        quantity, by = both[index], 0 if index < shift else shift
        if quantity.baseline is not None:
            quantity = quantity._replace(baseline=where[quantity.baseline + by])
        if quantity.cell is not None:
            wholes = tuple(where[k + by] for k in quantity.cell.wholes)
            quantity = quantity._replace(cell=quantity.cell._replace(wholes=wholes))
        return quantity

    numerals = [n if n.quantity is None else n._replace(quantity=where[n.quantity]) for n in prose.numerals]
    numerals += [n if n.quantity is None else n._replace(quantity=where[n.quantity + shift]) for n in of_cells]
    return tuple(settled(i) for i in order), tuple(sorted(numerals, key=lambda n: n.start))


_LIST_SIGN = on_demand(r"\s?[、和与及或]\s?")


@dataclass(slots=True, eq=False)
class _Article:
    """The numbers of one article, read one after the other: what is said of one may hold for the next."""

    segmentation: Segmentation
    sentences: Sentences
    observer: Observer
    lines: Sequence[CellLine] = ()
    """Of a text into which tables were put, its lines."""
    frames: list[Frame] = field(default_factory=list)
    quantities: list[Quantity] = field(default_factory=list)
    """The quantities of the frames."""
    listed_from: int = 0
    """Where the list of numbers with one bound begins that the last quantity belongs to."""
    moments: dict[TimeSpan, Moment] = field(default_factory=dict)
    sentence: Sentence | None = None
    """The sentence of the last number, its cues, and the state that it began in."""
    cues: tuple[Cue, ...] = ()
    carried: Stance = NEUTRAL
    reference: date | None = field(init=False)
    """The document's date."""
    case_starts: list[int] = field(init=False)
    measure_starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        segmentation = self.segmentation
        self.reference = segmentation.meta.published_on or issued(segmentation.meta.issue)
        self.case_starts = [c.start for c in segmentation.cases]
        self.measure_starts = [m.start for m in segmentation.measures]

    def in_document(self, at: int) -> int:
        """Where an offset of the text that is read stands in the article."""
        if not self.lines:
            return at
        i = bisect_right(self.lines, at, key=lambda line: line.start) - 1
        return self.lines[i].cell[0]

    def read(self, index: int) -> str | None:
        """Read what the words beside the next number say, and keep it as a frame; or return why it is marginal."""
        slot = self.sentences.slot(index)
        quantity, grammar = _quantity_of(slot), slot.grammar
        last = self.quantities[-1] if self.quantities else None
        beside = last if last is not None and last.sentence == quantity.sentence else None
        bound, bound_rule = self._bound(slot, beside)
        bases = bases_of(slot, beside)
        per = tuple(dict.fromkeys(basis.name for basis in bases))
        per_rules = tuple(dict.fromkeys(basis.rule_id for basis in bases))
        if not per and quantity.dimension == "money":
            per, per_rules = parallel_basis(slot, self.quantities)
        marginal = is_marginal(slot, bound, per)
        if marginal is not None:
            self.observer.set_aside(slot, marginal)
            return marginal
        subject, how = subject_of(slot)
        time = governing(slot)
        moment = self._moment(time, slot.sentence)
        if time is not None and not time.governs:
            time = None
        rules = [slot.reading.unit.rule.id, bound_rule, *per_rules, time.rule_id if time else None]
        quantity = self._placed(quantity, slot)._replace(
            bound=bound,
            per=per,
            subject=subject,
            time=(time.start, time.end) if time else None,
            period=moment.period,
            rules=tuple(dict.fromkeys([r for r in rules if r is not None])),
        )
        groups = frozenset([grammar.basis_groups.get(r, "other") for r in per_rules])
        self.frames.append(frame_of(slot, quantity, groups, self.segmentation, self._stance(slot), moment))
        if last is None or last.bound != bound or not _LIST_SIGN.fullmatch(slot.text, last.end, quantity.start):
            self.listed_from = quantity.start
        self.quantities.append(quantity)
        self.observer.read(slot, quantity, bound_rule, per_rules, time, how)
        return None

    def _bound(self, slot: Slot, beside: Quantity | None) -> tuple[Bound, str | None]:
        bound, rule = bound_of(slot)
        if bound == "exact" and beside is not None and _LIST_SIGN.fullmatch(slot.text, beside.end, slot.reading.start):
            # 低于1170元、1050元: the word in front of a list speaks of all its numbers.
            return shared_bound(slot.text, beside.bound, self.listed_from, slot.grammar)
        return bound, rule

    def _stance(self, slot: Slot) -> Stance:
        sentence = slot.sentence
        if sentence is not self.sentence:
            cues = cues_of(sentence, partial(self._moment, sentence=sentence))
            # A cell says nothing of the next one.
            self.carried = NEUTRAL if self.lines else carried_over(self.sentence, self.cues, self.carried, sentence)
            self.sentence, self.cues = sentence, cues
        stance = stance_of(slot, self.cues, self.carried)
        if (
            stance.state is None
            and (section := self.segmentation.intent.section_at(self.in_document(slot.reading.start))) is not None
        ):
            return Stance(section.tense, section.rule_id)
        return stance

    def _moment(self, time: TimeSpan | None, sentence: Sentence) -> Moment:
        if time is None:
            return UNDATED
        known = self.moments.get(time)
        if known is None:
            written = self.sentences.text[time.start : time.end]
            known = self.moments[time] = moment_of(written, self.reference, self._year_of(time, sentence))
        return known

    def _year_of(self, time: TimeSpan, sentence: Sentence) -> int | None:
        """The year that a time without one belongs to: that of the time in front in its sentence, else the title's."""
        text = sentence.text
        earlier = [t for t in sentence.times if t.governs and t.end <= time.start]
        years = (named_year(text[t.start : t.end]) for t in reversed(earlier))
        return next((y for y in years if y is not None), None) or named_year(self.segmentation.meta.title or "")

    def _placed(self, quantity: Quantity, slot: Slot) -> Quantity:
        """The quantity in its case, with that case's money, and its measure."""
        segmentation, start = self.segmentation, self.in_document(slot.reading.start)
        measure = _measure(segmentation.measures, self.measure_starts, start)
        i = bisect_right(self.case_starts, start) - 1
        if i < 0 or start >= segmentation.cases[i].end:
            return quantity._replace(measure=measure)
        currency = money_of_case(slot.reading, segmentation.cases[i], slot.grammar)
        return quantity._replace(case=i, measure=measure, currency=currency)


def _quantity_of(slot: Slot) -> Quantity:
    """A reading in its sentence as a quantity of which nothing is decided yet."""
    reading = slot.reading
    unit = reading.unit
    return Quantity(
        start=reading.start,
        end=reading.end,
        sentence=slot.sentence.span,
        value=reading.value,
        value_high=reading.value_high,
        unit=unit.canonical,
        dimension=unit.dimension,
        currency=reading.currency,
    )


def _decided(
    frame: Frame, quantity: Quantity, earlier: Sequence[Quantity], wholes: Mapping[int, int], observer: Observer
) -> Quantity:
    """The quantity with its metric and its status. It may have taken its neighbour's subject; `earlier` are decided."""
    if quantity.subject != frame.quantity.subject:
        frame = frame._replace(quantity=quantity)
        observer.shared(frame)
    frame = with_words(frame)
    frame = frame._replace(
        antecedent=item_of(frame, earlier, wholes) or antecedent_of(frame, earlier),
        compared=compared_with(frame, earlier),
    )
    metric, metric_rule = metric_of(frame)
    frame = frame._replace(quantity=quantity._replace(metric=metric, rule_id=metric_rule))
    status, status_rule = status_of(frame)
    decided = frame.quantity._replace(status=status, rules=(*quantity.rules, status_rule, metric_rule))
    if observer is not NOBODY:
        observer.decided(frame._replace(quantity=decided))
    return decided


def _out_of_time(segmentation: Segmentation, start: int) -> Problem:
    source = segmentation.text.source
    first, _ = segmentation.text.raw_span(start, start + 1)
    return Problem(
        source_path=source.path,
        doc_id=source.doc_id,
        stage="extract",
        severity="error",
        code="time_limit",
        message=(
            "reading the numbers took too long; those from here on are unresolved: "
            "split the document or look for a broken page"
        ),
        start=first,
        end=len(source.text),
    )


def _measure(measures: Sequence[MeasureSpan], starts: list[int], at: int) -> int | None:
    i = bisect_right(starts, at) - 1
    while i >= 0:
        if measures[i].end > at:
            return i
        i = measures[i].parent if measures[i].parent is not None else i - 1  # type: ignore[assignment]
        if i >= 0 and measures[i].level == 1 and measures[i].end <= at:
            return None
    return None
