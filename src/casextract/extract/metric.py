"""What a number measures: the first metric rule, in order, whose conditions all hold of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from casextract.extract.frame import Frame
from casextract.extract.grammar import Condition, Grammar
from casextract.records import Bound, Dimension
from casextract.rulebook.models import MetricRule, Per

ANTECEDENT: Final = "metric.antecedent"
"""The id of what decides where a number goes on from another."""


def metric_of(frame: Frame) -> tuple[str, str]:
    """The metric and the id of the rule that decided."""
    won = next(metric_rules(frame), None)
    if (before := frame.compared) is not None or (
        won is not None and won.last_resort and (before := frame.antecedent) is not None
    ):
        return before.metric, ANTECEDENT
    if won is not None:
        return won.metric, won.id
    # The shipped rules end with a rule for every dimension; an overlay may have disabled it.
    dimension = frame.quantity.dimension
    return "count_other" if dimension == "count" else dimension, "metric.none"


def metric_rules(frame: Frame) -> Iterator[MetricRule]:
    """The metric rules whose conditions hold, in order: the first decides."""
    slot, quantity = frame.slot, frame.quantity
    value, subject = slot.reading.value, quantity.subject
    for rule, c in _open_metrics(slot.grammar, quantity.dimension, quantity.unit, quantity.bound, frame.fitting):
        if (
            (rule.at_least is not None and value < rule.at_least)
            or (rule.at_most is not None and value > rule.at_most)
            or (rule.head and (frame.head is None or frame.head.name not in rule.head))
            or (rule.verb and (frame.verb is None or frame.verb.name not in rule.verb))
            or (c.sentence is not None and c.sentence.search(frame.sentence) is None)
            or (c.subject is not None and (not subject or c.subject.search(subject) is None))
            or (c.before is not None and c.before.search(frame.before) is None)
            or (c.follows is not None and c.follows.match(slot.text, quantity.end, slot.clause[1]) is None)
            or (c.after is not None and c.after.search(frame.after) is None)
        ):
            continue
        yield rule


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
