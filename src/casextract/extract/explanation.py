"""Who listens while numbers are read: nobody, or a trace that writes down every decision for `explain`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from casextract.extract.frame import Frame
from casextract.extract.metric import ANTECEDENT, metric_rules
from casextract.extract.model import Quantity
from casextract.extract.sentence import Slot, TimeSpan


class Observer:
    """Hears of each decision when it is taken. This one forgets it at once."""

    def told(self, step: Step) -> None:
        """A step that another observer wrote down."""

    def set_aside(self, slot: Slot, reason: str) -> None:
        """The reading is marginal and makes no quantity."""

    def read(
        self,
        slot: Slot,
        quantity: Quantity,
        bound_rule: str | None,
        per_rules: Sequence[str],
        time: TimeSpan | None,
        how: str,
    ) -> None:
        """All that the words beside the number say is read; `how` its subject was found."""

    def shared(self, frame: Frame) -> None:
        """The quantity took the subject of its neighbour."""

    def decided(self, frame: Frame) -> None:
        """Metric and status are decided; the quantity's last two rules say by what."""

    def compared(self, text: str, before: Quantity, after: Quantity, old: Quantity | None) -> None:
        """A comparison made another quantity of it; `old` is the value it is compared with, where one is."""


NOBODY = Observer()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an explanation: at which numeral, in what role, which rule, what it saw and what came of it."""

    start: int
    role: str
    rule_id: str | None
    text: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Trace(Observer):
    """Writes down every decision as a step."""

    steps: list[Step] = field(default_factory=list)

    def _note(self, start: int, role: str, rule_id: str | None, text: str, outcome: str) -> None:
        self.steps.append(Step(start, role, rule_id, text, outcome))

    def told(self, step: Step) -> None:
        """Write it down too."""
        self.steps.append(step)

    def set_aside(self, slot: Slot, reason: str) -> None:
        """Say that a reading is marginal and why."""
        reading = slot.reading
        self._note(reading.start, "set aside", reading.unit.rule.id, _printed(slot), reason)

    def read(
        self,
        slot: Slot,
        quantity: Quantity,
        bound_rule: str | None,
        per_rules: Sequence[str],
        time: TimeSpan | None,
        how: str,
    ) -> None:
        """Say what was read of one number, before anything is decided."""
        text, reading, start = slot.text, slot.reading, slot.reading.start
        value = f"{reading.value:g}" + ("" if reading.value_high is None else f" to {reading.value_high:g}")
        self._note(start, "number", None, _printed(slot), value)
        self._note(start, "unit", reading.unit.rule.id, reading.unit.word, reading.unit.canonical)
        self._note(start, "bound", bound_rule, text[slot.previous_end : start][-12:], quantity.bound)
        before = text[slot.clause[0] : start][-20:]
        self._note(start, "per", " ".join(per_rules) or None, before, " ".join(quantity.per) or "none")
        said, rule = (text[time.start : time.end], time.rule_id) if time else ("", None)
        self._note(start, "time", rule, said, _days(quantity.period) if time else "none")
        self._note(start, "subject", None, how, quantity.subject or "none")

    def shared(self, frame: Frame) -> None:
        """Say whose subject a number took."""
        quantity = frame.quantity
        self._note(quantity.start, "subject", None, "shared with its neighbours", quantity.subject or "none")

    def decided(self, frame: Frame) -> None:
        """Say what decided metric and status, and which rules came too late."""
        quantity, printed = frame.quantity, _printed(frame.slot)
        status_rule, metric_rule = quantity.rules[-2:]
        self._note(quantity.start, "metric", metric_rule, printed, quantity.metric)
        if metric_rule == ANTECEDENT and (before := frame.compared or frame.antecedent) is not None:
            self._note(quantity.start, "antecedent", None, frame.slot.text[before.start : before.end], before.metric)
        for rule in metric_rules(frame):
            if rule.metric != quantity.metric:
                self._note(quantity.start, "outranked", rule.id, printed, f"{metric_rule} has the lower order")
        for role, found in (("noun", frame.head), ("verb", frame.verb)):
            if found is not None:
                self._note(quantity.start, role, None, found.word, found.name)
        if frame.stance.state is not None:
            self._note(quantity.start, "state", None, frame.stance.word, frame.stance.state)
        self._note(quantity.start, "intent", None, "what the document is written for", frame.intent)
        self._note(quantity.start, "status", status_rule, frame.before[-20:], quantity.status)

    def compared(self, text: str, before: Quantity, after: Quantity, old: Quantity | None) -> None:
        """Say what a comparison changed."""
        printed = text[after.start : after.end]
        for role, was, now in (("status", before.status, after.status), ("metric", before.metric, after.metric)):
            if was != now:
                self._note(after.start, role, "change.from_to", printed, f"{now} (part of a comparison)")
        if old is not None:
            printed = text[old.start : old.end]
            self._note(after.start, "baseline", "change.from_to", printed, "the old value of the comparison")


def _printed(slot: Slot) -> str:
    return slot.text[slot.reading.start : slot.reading.end]


def _days(period: tuple[date | None, date | None]) -> str:
    return f"{period[0]} to {period[1]}"
