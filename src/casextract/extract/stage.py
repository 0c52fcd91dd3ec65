"""The stage: one segmented article to all its numbers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from time import process_time
from typing import NamedTuple

from casextract.extract.bounds import Sentences, Surroundings, bases_of, bound_of, shared_bound, surroundings
from casextract.extract.changes import link_changes
from casextract.extract.grammar import Grammar
from casextract.extract.metric import Evidence, evidence_of, is_marginal, metric_of, status_of
from casextract.extract.model import Extraction, NumeralSpan, Quantity, Step
from casextract.extract.periods import TimeSpan, governing, period_of, times_in
from casextract.extract.quantities import Reading, scan
from casextract.extract.subjects import respective_subjects, share_subjects, subject_of
from casextract.records import Currency, Problem
from casextract.rulebook.patterns import on_demand
from casextract.segment import CaseSpan, MeasureSpan, Segmentation

_LIST_SIGN = on_demand(r"\s?[、和及与或]\s?")


def extract(
    segmentation: Segmentation, grammar: Grammar, steps: list[Step] | None = None, limit: float | None = None
) -> Extraction:
    """Read all numbers of one article. With `steps`, every decision is appended to it for `explain`.

    `limit` is the processor time in seconds that the article may take; None allows a minute and a millisecond for each
    character, a hundred times what the slowest text is known to need. What is not read by then is `unresolved`, and a row of
    `problems` says from where on: a hostile text may cost its own numbers, never the build.
    """
    deadline = process_time() + (60 + len(segmentation.text.norm) / 1000 if limit is None else limit)
    text = segmentation.text.norm
    currency = currency_of(segmentation)
    found = scan(text, segmentation.blocks, currency, grammar)
    sentences = Sentences(text)
    words = grammar.words
    reference = segmentation.meta.published_on or _issued(segmentation.meta.issue)
    times: dict[tuple[int, int], tuple[TimeSpan, ...]] = {}
    moments: dict[TimeSpan | None, _Moment] = {None: _Moment((None, None), None, False)}
    starts = [r.start for r in found.readings]
    case_starts = [c.start for c in segmentation.cases]
    measure_starts = [m.start for m in segmentation.measures]
    quantities: list[Quantity] = []
    evidence: list[Evidence] = []
    numerals = [
        NumeralSpan(a.start, a.end, "set_aside" if a.reason else "unresolved", a.reason, a.rule_id) for a in found.aside
    ]
    previous: Reading | None = None
    problems: list[Problem] = []
    for read, reading in enumerate(found.readings):
        if read % _BETWEEN_LOOKS == 0 and process_time() > deadline:
            numerals.extend(NumeralSpan(a, b, "unresolved") for r in found.readings[read:] for a, b in r.numerals)
            problems.append(_out_of_time(segmentation, reading.start))
            break
        at = surroundings(text, sentences, reading, previous)
        previous = reading
        bound, bound_rule = bound_of(text, reading, at, grammar)
        last = quantities[-1] if quantities else None
        if (
            bound == "exact"
            and last is not None
            and last.sentence == at.sentence
            and _LIST_SIGN.fullmatch(text, last.end, reading.start)
        ):
            # 低于1170元、1050元: the word in front of a list speaks of all its numbers.
            bound, bound_rule = shared_bound(text, last.bound, last.start, grammar)
        before = (last.unit, last.subject) if last is not None and last.sentence == at.sentence else None
        per, per_rules = bases_of(text, reading, at, grammar, words, before)
        if not per and reading.unit.dimension == "money":
            per, per_rules = _parallel_basis(text, reading, at, quantities)
        marginal = is_marginal(text, reading, bound, per)
        if marginal is not None:
            numerals.extend(NumeralSpan(a, b, "set_aside", marginal, reading.unit.rule.id) for a, b in reading.numerals)
            _note(steps, reading, "set aside", reading.unit.rule.id, text[reading.start : reading.end], marginal)
            continue
        subject, how = subject_of(text, reading, at, grammar, words)
        if at.sentence not in times:
            behind = bisect_left(starts, at.sentence[1])
            times[at.sentence] = times_in(text, *at.sentence, starts[behind - 1], grammar)
        time = governing(text, times[at.sentence], reading, at.sentence)
        moment = moments.get(time)
        if moment is None:
            assert time is not None
            moment = moments[time] = _moment(period_of(text[time.start : time.end], reference), reference)
        case = _innermost(segmentation.cases, case_starts, reading.start)
        if reading.currency is not None and case is not None and reading.unit.currency is None:
            # A collection may tell of Hong Kong and of the mainland: 元 is the money of the case's place.
            own = _CURRENCIES.get(segmentation.cases[case].province or "")
            if own is not None and "人民币" not in text[max(0, reading.start - 4) : reading.start]:
                reading = reading._replace(currency=own)
        rules = [reading.unit.rule.id, bound_rule, *per_rules, time.rule_id if time else None]
        unit = reading.unit
        quantities.append(
            Quantity(
                reading.start, reading.end, at.sentence, reading.value, reading.value_high, unit.canonical, unit.dimension, "",
                bound, reading.currency, per, "achieved", subject, (time.start, time.end) if time else None, moment.period, case,
                _measure(segmentation.measures, measure_starts, reading.start), None, "",
                tuple(dict.fromkeys([r for r in rules if r is not None])),
            )
        )  # fmt: skip
        groups = frozenset([grammar.basis_groups.get(r, "other") for r in per_rules])
        evidence.append(
            evidence_of(text, reading, at, bound, per, groups, subject, segmentation.kind, moment.future, moment.past)
        )
        if steps is not None:
            _note_reading(steps, evidence[-1], bound_rule, per_rules, time, moment.period, how)
    quantities = share_subjects(text, respective_subjects(text, quantities))
    for i, (q, e) in enumerate(zip(quantities, evidence, strict=True)):
        if q.subject != e.subject:
            e = e._replace(subject=q.subject)
            _note(steps, e.reading, "subject", None, "shared with its neighbours", q.subject or "none")
        metric, metric_rule, rivals = metric_of(e, grammar, steps is not None)
        status, status_rule = status_of(e, metric, grammar)
        quantities[i] = Quantity(
            q.start, q.end, q.sentence, q.value, q.value_high, q.unit, q.dimension, metric, q.bound, q.currency, q.per, status,
            q.subject, q.time, q.period, q.case, q.measure, None, metric_rule, (*q.rules, status_rule, metric_rule),
        )  # fmt: skip
        if steps is not None:
            _note(steps, e.reading, "metric", metric_rule, text[q.start : q.end], metric)
            for rival in rivals:
                _note(steps, e.reading, "outranked", rival, text[q.start : q.end], f"{metric_rule} has the lower order")
            _note(steps, e.reading, "status", status_rule, e.before[-20:], status)
    decided, quantities = quantities, link_changes(text, quantities)
    for i, e in enumerate(evidence):
        numerals.extend(NumeralSpan(a, b, "indicator", None, quantities[i].rule_id, i) for a, b in e.reading.numerals)
    if steps is not None:
        for q, was in zip(quantities, decided, strict=True):
            for role, now, then in (("status", q.status, was.status), ("metric", q.metric, was.metric)):
                if now != then:
                    steps.append(
                        Step(q.start, role, "change.from_to", text[q.start : q.end], f"{now} (part of a comparison)")
                    )
            if q.baseline is not None:
                old = quantities[q.baseline]
                steps.append(
                    Step(
                        q.start,
                        "baseline",
                        "change.from_to",
                        text[old.start : old.end],
                        "the old value of the comparison",
                    )
                )
    numerals.sort(key=lambda n: n.start)
    return Extraction(segmentation, tuple(quantities), tuple(numerals), tuple(problems))


_BETWEEN_LOOKS = 64
"""Readings between two looks at the clock."""


def _out_of_time(segmentation: Segmentation, start: int) -> Problem:
    source = segmentation.text.source
    first, _ = segmentation.text.raw_span(start, start + 1)
    return Problem(
        source_path=source.path, doc_id=source.doc_id, stage="extract", severity="error", code="time_limit",
        message="reading the numbers took too long; those from here on are unresolved: split the document or look for a broken page",
        start=first, end=len(source.text),
    )  # fmt: skip


_CURRENCIES: dict[str, Currency] = {"香港特别行政区": "HKD", "澳门特别行政区": "MOP", "台湾省": "TWD"}


def currency_of(segmentation: Segmentation) -> Currency:
    """The document's own currency: that of Hong Kong, Macao or Taiwan where its cases or its head say so, else CNY."""
    provinces = {c.province for c in segmentation.cases if c.province}
    if len(provinces) == 1:
        return _CURRENCIES.get(next(iter(provinces)), "CNY")
    if provinces:
        return "CNY"
    text = segmentation.text.norm
    counts: dict[Currency, int] = {
        "HKD": text.count("香港") + text.count("港元"),
        "MOP": text.count("澳门"),
        "TWD": text.count("台湾") + text.count("卫生福利部") + text.count("新台币"),
    }
    best = max(counts, key=lambda c: counts[c])
    return best if segmentation.text.script == "hant" and counts[best] >= 2 else "CNY"


def _note_reading(
    steps: list[Step], e: Evidence, bound_rule: str | None, per_rules: Sequence[str], time: TimeSpan | None,
    period: tuple[date | None, date | None], how: str,
) -> None:  # fmt: skip
    """Say what was read of one number, before anything is decided."""
    text, reading, at = e.text, e.reading, e.at
    value = f"{reading.value:g}" + ("" if reading.value_high is None else f" to {reading.value_high:g}")
    _note(steps, reading, "number", None, text[reading.start : reading.end], value)
    _note(steps, reading, "unit", reading.unit.rule.id, reading.unit.word, reading.unit.canonical)
    _note(steps, reading, "bound", bound_rule, text[at.previous_end : reading.start][-12:], e.bound)
    before = text[at.clause[0] : reading.start][-20:]
    _note(steps, reading, "per", " ".join(per_rules) or None, before, " ".join(e.per) or "none")
    said = text[time.start : time.end] if time else ""
    _note(
        steps, reading, "time", time.rule_id if time else None, said, f"{period[0]} to {period[1]}" if time else "none"
    )
    _note(steps, reading, "subject", None, how, e.subject or "none")


def _note(steps: list[Step] | None, reading: Reading, role: str, rule_id: str | None, text: str, outcome: str) -> None:
    if steps is not None:
        steps.append(Step(reading.start, role, rule_id, text, outcome))


_TOTAL = on_demand(r"共|累计|合计|总计|全[市县区省]")


def _parallel_basis(
    text: str, reading: Reading, at: Surroundings, quantities: Sequence[Quantity]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The basis of the sum in front, where both are said in the same words (每餐补助2元,80岁以上的补助4元)."""
    last = next((q for q in reversed(quantities[-3:]) if q.dimension == "money"), None)
    if last is None or not last.per or last.sentence != at.sentence or last.start < 2:
        return (), ()
    if text[last.start - 2 : last.start] != text[reading.start - 2 : reading.start] or _TOTAL.search(
        text, at.clause[0], reading.start
    ):
        return (), ()
    return last.per, tuple(r for r in last.rules if r.startswith("basis."))


_ISSUE = on_demand(r"((?:19|20)\d{2})\s*年?\D{0,3}(\d{1,2})?")


def _issued(issue: str | None) -> date | None:
    """The first day of the month that a magazine's issue (2022年2期) names."""
    m = _ISSUE.search(issue) if issue else None
    return date(int(m[1]), min(max(int(m[2] or 12), 1), 12), 1) if m else None


class _Moment(NamedTuple):
    """A period, and whether it lies in the document's future or past; None where that cannot be told."""

    period: tuple[date | None, date | None]
    future: bool | None
    past: bool


def _moment(period: tuple[date | None, date | None], reference: date | None) -> _Moment:
    first, last = period[0], period[1] or period[0]
    if last is None or reference is None:
        return _Moment(period, None, False)
    future = last > reference and (first is None or first > reference or last.year > reference.year)
    return _Moment(period, future, last < reference)


def _innermost(cases: Sequence[CaseSpan], starts: list[int], at: int) -> int | None:
    i = bisect_right(starts, at) - 1
    return i if i >= 0 and at < cases[i].end else None


def _measure(measures: Sequence[MeasureSpan], starts: list[int], at: int) -> int | None:
    i = bisect_right(starts, at) - 1
    while i >= 0:
        if measures[i].end > at:
            return i
        i = measures[i].parent if measures[i].parent is not None else i - 1  # type: ignore[assignment]
        if i >= 0 and measures[i].level == 1 and measures[i].end <= at:
            return None
    return None
