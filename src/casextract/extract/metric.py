"""Decisions by rules in order: whether a reading is marginal, what it measures, and what kind of statement it makes."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from casextract.extract.bounds import Surroundings
from casextract.extract.grammar import Condition, Grammar
from casextract.extract.quantities import Reading
from casextract.records import Bound, Dimension, Kind, Status
from casextract.rulebook.models import MetricRule, Per, StatusRule
from casextract.rulebook.patterns import on_demand

_SENTENCE_REACH = 300
"""A sentence without end is a list or a broken page; what stands further off says nothing of the number."""


class Evidence(NamedTuple):
    """What the rules of metric and status may look at. A tuple, because one is made for every number."""

    text: str
    reading: Reading
    at: Surroundings
    bound: Bound
    per: tuple[str, ...]
    fitting: frozenset[Per]
    """The answers of `per` conditions that are right of this number."""
    subject: str | None
    kind: Kind
    future: bool | None
    past: bool
    before: str
    """The clause before the number."""
    sentence: str
    """The sentence before the number."""
    after: str
    """The clause behind the number and its unit."""


def evidence_of(
    text: str, reading: Reading, at: Surroundings, bound: Bound, per: tuple[str, ...], per_groups: frozenset[str],
    subject: str | None, kind: Kind, future: bool | None, past: bool,
) -> Evidence:  # fmt: skip
    """Gather the evidence, with what many rules look at cut out once. `per_groups` are the groups of the bases in `per`."""
    start, end = reading.start, reading.end
    low = at.clause[0]
    if reading.unit.dimension == "percent" and low != at.previous_end:
        # A share with a name of its own (占比60%、覆盖率65%) is not measured by the words in front of its neighbour.
        own = text[at.previous_end : start]
        if "率" in own or "占" in own or "比" in own:
            low = at.previous_end
    return Evidence(
        text, reading, at, bound, per, _fitting(per, per_groups), subject, kind, future, past, text[low:start],
        text[max(at.sentence[0], start - _SENTENCE_REACH) : start], text[end : at.clause[1]],
    )  # fmt: skip


_BARE = on_demand(r"[百千万亿]+$")


def is_marginal(text: str, reading: Reading, bound: Bound, per: tuple[str, ...]) -> str | None:
    """The reason to set a reading aside as marginal (GUIDELINES, Marginal), or None to keep it."""
    if not reading.chinese or reading.unit.rule.small == "keep":
        return None
    if reading.value < 10 and reading.unit.rule.small == "level":
        return "level"
    if bound != "exact" or (per and reading.unit.rule.small != "level"):
        return None
    if reading.value < 10:
        return "small_count"
    written = text[reading.start : reading.numerals[-1][1]]
    return "slogan" if _BARE.fullmatch(written) or (written == "十" and reading.unit.rule.small == "level") else None


def metric_of(e: Evidence, grammar: Grammar, rivals: bool = False) -> tuple[str, str, tuple[str, ...]]:
    """The metric, the rule that decided, and (with `rivals`) the later rules that would have spoken too."""
    won: MetricRule | None = None
    others: list[str] = []
    unit, value = e.reading.unit, e.reading.value
    for rule, c in _open_metrics(grammar, unit.dimension, unit.canonical, e.bound, e.fitting):
        if (
            (rule.at_least is not None and value < rule.at_least)
            or (rule.at_most is not None and value > rule.at_most)
            or (c.sentence is not None and c.sentence.search(e.sentence) is None)
            or (c.subject is not None and (not e.subject or c.subject.search(e.subject) is None))
            or (c.before is not None and c.before.search(e.before) is None)
            or (c.follows is not None and c.follows.match(e.text, e.reading.end, e.at.clause[1]) is None)
            or (c.after is not None and c.after.search(e.after) is None)
        ):
            continue
        if won is None:
            won = rule
            if not rivals:
                break
        elif rule.metric != won.metric:
            others.append(rule.id)
    if won is None:
        # The shipped rules end with a rule for every dimension; an overlay may have disabled it.
        return "count_other" if unit.dimension == "count" else unit.dimension, "metric.none", ()
    return won.metric, won.id, tuple(others)


@lru_cache(maxsize=4096)
def _open_metrics(
    grammar: Grammar, dimension: Dimension, canonical: str, bound: Bound, fitting: frozenset[Per]
) -> tuple[tuple[MetricRule, Condition], ...]:
    """The metric rules that are left to ask of a number of which so much is known, with their conditions."""
    return tuple(
        (rule, c)
        for c in grammar.metrics.get(dimension, ())
        if isinstance(rule := c.rule, MetricRule)
        and (not rule.units or canonical in rule.units)
        and (not rule.bounds or bound in rule.bounds)
        and rule.per in fitting
    )


def status_of(e: Evidence, metric: str, grammar: Grammar) -> tuple[Status, str]:
    """The status and the rule that decided."""
    for rule, c in _open_statuses(
        grammar, e.reading.unit.dimension, metric, e.kind, e.bound, e.fitting, e.future, e.past
    ):
        if (
            (c.before is None or c.before.search(e.sentence) is not None)
            and (c.clause is None or c.clause.search(e.before) is not None)
            and (c.after is None or c.after.search(e.after) is not None)
            and (c.follows is None or c.follows.match(e.text, e.reading.end) is not None)
            and (c.without is None or c.without.search(e.sentence) is None)
        ):
            return rule.status, rule.id
    return "achieved", "status.none"


@lru_cache(maxsize=4096)
def _open_statuses(
    grammar: Grammar, dimension: Dimension, metric: str, kind: Kind, bound: Bound, fitting: frozenset[Per],
    future: bool | None, past: bool,
) -> tuple[tuple[StatusRule, Condition], ...]:  # fmt: skip
    """The status rules that are left to ask of a number of which so much is known, with their conditions."""
    return tuple(
        (rule, c)
        for c in grammar.statuses
        if isinstance(rule := c.rule, StatusRule)
        and (not rule.dimensions or dimension in rule.dimensions)
        and (not rule.metrics or metric in rule.metrics)
        and (not rule.kinds or kind in rule.kinds)
        and (not rule.bounds or bound in rule.bounds)
        and (rule.future is None or bool(future) == rule.future)
        and (rule.past is None or past == rule.past)
        and rule.per in fitting
    )


_OF_PLACE = frozenset({"place", "occasion", "other"})


@lru_cache(maxsize=4096)
def _fitting(per: tuple[str, ...], groups: frozenset[str]) -> frozenset[Per]:
    """The answers of `per` conditions that bases with these names and groups give."""
    fits: set[Per] = {"any", "some" if per else "none"}
    if "time" in groups:
        fits.add("timed")
        if len(per) == 1:
            fits.add("time")
    if "人" in per or "户" in per:
        fits.add("recipient")
    # 每10张床位 is named by its number.
    if not groups.isdisjoint(_OF_PLACE) or any(p[0].isdigit() for p in per):
        fits.add("place")
    return frozenset(fits)
