"""What kind of statement a number makes: the first status rule, in order, whose conditions all hold of it."""

from __future__ import annotations

from functools import lru_cache

from casextract.extract.frame import Frame
from casextract.extract.grammar import Condition, Grammar
from casextract.records import Bound, Dimension, Kind, Status
from casextract.rulebook.models import IntentName, Modality, Per, StatusRule


def status_of(frame: Frame) -> tuple[Status, str]:
    """The status and the id of the rule that decided. The metric must be known by then."""
    slot, quantity = frame.slot, frame.quantity
    for rule, c in _open_statuses(
        slot.grammar,
        quantity.dimension,
        quantity.metric,
        frame.kind,
        quantity.bound,
        frame.fitting,
        frame.future,
        frame.past,
        frame.intent,
        frame.stance.state or "none",
        quantity.value_high is not None,
    ):
        if (
            (c.before is None or c.before.search(frame.sentence) is not None)
            and (c.clause is None or c.clause.search(frame.before) is not None)
            and (c.after is None or c.after.search(frame.after) is not None)
            and (c.follows is None or c.follows.match(slot.text, quantity.end) is not None)
            and (c.without is None or c.without.search(frame.sentence) is None)
        ):
            return rule.status, rule.id
    return "achieved", "status.none"


@lru_cache(maxsize=4096)
def _open_statuses(
    grammar: Grammar,
    dimension: Dimension,
    metric: str,
    kind: Kind,
    bound: Bound,
    fitting: frozenset[Per],
    future: bool | None,
    past: bool,
    intent: IntentName,
    state: Modality,
    ranged: bool,
) -> tuple[tuple[StatusRule, Condition], ...]:
    """The status rules that are left to ask of a number of which so much is known, with their conditions."""
    return tuple(
        (rule, c)
        for c in grammar.statuses
        if isinstance(rule := c.rule, StatusRule)
        and (not rule.dimensions or dimension in rule.dimensions)
        and (not rule.metrics or metric in rule.metrics)
        and (not rule.kinds or kind in rule.kinds)
        and (not rule.bounds or bound in rule.bounds)
        and (not rule.states or state in rule.states)
        and (not rule.intents or intent in rule.intents)
        and (rule.ranged is None or ranged == rule.ranged)
        and (rule.future is None or bool(future) == rule.future)
        and (rule.past is None or past == rule.past)
        and rule.per in fitting
    )
