"""Decisions by rules in order: whether a reading is marginal, what it measures, and what kind of statement it makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from casextract.extract.context import Surroundings
from casextract.extract.grammar import Condition, Grammar
from casextract.extract.scan import Reading
from casextract.patterns import on_demand
from casextract.records import Bound, Dimension, Kind, Status
from casextract.rulebook import MetricRule, StatusRule

_SENTENCE_REACH = 300
"""A sentence without end is a list or a broken page; what stands further off says nothing of the number."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the rules of metric and status may look at."""

    text: str
    reading: Reading
    at: Surroundings
    bound: Bound
    per: tuple[str, ...]
    per_groups: frozenset[str]
    subject: str | None
    kind: Kind
    future: bool | None
    past: bool
    before: str = field(init=False)
    """The clause before the number."""
    sentence: str = field(init=False)
    """The sentence before the number."""
    after: str = field(init=False)
    """The clause behind the number and its unit."""

    def __post_init__(self) -> None:
        """Cut out what many rules look at, once."""
        start, end = self.reading.start, self.reading.end
        # A share with a name of its own (占比60%、覆盖率65%) is not measured by the words in front of its neighbour.
        own = self.text[self.at.previous_end : start]
        named = self.reading.unit.dimension == "percent" and any(c in own for c in "率占比")
        low = self.at.previous_end if named else self.at.clause[0]
        object.__setattr__(self, "before", self.text[low:start])
        object.__setattr__(self, "sentence", self.text[max(self.at.sentence[0], start - _SENTENCE_REACH) : start])
        object.__setattr__(self, "after", self.text[end : self.at.clause[1]])


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
    for condition in grammar.metrics_of(e.reading.unit):
        rule = condition.rule
        assert isinstance(rule, MetricRule)
        if won is not None and not rivals:
            break
        if not _metric_holds(condition, rule, e):
            continue
        if won is None:
            won = rule
        elif rule.metric != won.metric:
            others.append(rule.id)
    if won is None:
        # The shipped rules end with a rule for every dimension; an overlay may have disabled it.
        return "count_other" if e.reading.unit.dimension == "count" else e.reading.unit.dimension, "metric.none", ()
    return won.metric, won.id, tuple(others)


def _metric_holds(c: Condition, rule: MetricRule, e: Evidence) -> bool:
    if rule.bounds and e.bound not in rule.bounds:
        return False
    if rule.per != "any" and not _per_fits(rule.per, e):
        return False
    if rule.at_least is not None and e.reading.value < rule.at_least:
        return False
    if rule.at_most is not None and e.reading.value > rule.at_most:
        return False
    if c.sentence is not None and not c.sentence.search(e.sentence):
        return False
    if c.subject is not None and not (e.subject and c.subject.search(e.subject)):
        return False
    if c.before is not None and not c.before.search(e.before):
        return False
    if c.follows is not None and not c.follows.match(e.text, e.reading.end, e.at.clause[1]):
        return False
    return c.after is None or c.after.search(e.after) is not None


def status_of(e: Evidence, metric: str, grammar: Grammar) -> tuple[Status, str]:
    """The status and the rule that decided."""
    for c in _open_statuses(grammar, e.reading.unit.dimension, metric, e.kind, e.bound):
        rule = c.rule
        assert isinstance(rule, StatusRule)
        if rule.future is not None and (e.future or False) != rule.future:
            continue
        if rule.future is True and e.future is None:
            continue
        if rule.past is not None and e.past != rule.past:
            continue
        if rule.per != "any" and not _per_fits(rule.per, e):
            continue
        if c.before is not None and not c.before.search(e.sentence):
            continue
        if c.clause is not None and not c.clause.search(e.before):
            continue
        if c.after is not None and not c.after.search(e.after):
            continue
        if c.follows is not None and not c.follows.match(e.text, e.reading.end):
            continue
        if c.without is not None and c.without.search(e.sentence):
            continue
        return rule.status, rule.id
    return "achieved", "status.none"


@lru_cache(maxsize=4096)
def _open_statuses(
    grammar: Grammar, dimension: Dimension, metric: str, kind: Kind, bound: Bound
) -> tuple[Condition, ...]:
    """The conditions of status rules that are left to ask of a number of which so much is known."""
    return tuple(
        c
        for c in grammar.statuses
        if isinstance(c.rule, StatusRule)
        and (not c.rule.dimensions or dimension in c.rule.dimensions)
        and (not c.rule.metrics or metric in c.rule.metrics)
        and (not c.rule.kinds or kind in c.rule.kinds)
        and (not c.rule.bounds or bound in c.rule.bounds)
    )


_OF_PLACE = frozenset({"place", "occasion", "other"})


def _per_fits(wanted: str, e: Evidence) -> bool:
    match wanted:
        case "any":
            return True
        case "none":
            return not e.per
        case "some":
            return bool(e.per)
        case "time":
            return "time" in e.per_groups and len(e.per) == 1
        case "timed":
            return "time" in e.per_groups
        case "recipient":
            return "人" in e.per or "户" in e.per
        case _:
            # 每10张床位 is named by its number.
            return not e.per_groups.isdisjoint(_OF_PLACE) or any(p[0].isdigit() for p in e.per)
