"""Whether a number is itself a rise or a fall (GUIDELINES, direction). The value stays as printed."""

from __future__ import annotations

from casextract.extract.frame import Frame
from casextract.extract.model import Quantity

_REACH = 24
"""How far in front of a number the word for its change may begin."""


def directed(frame: Frame, quantity: Quantity) -> Quantity:
    """The quantity with its direction: that of the first rule whose words stand beside it. A level of a change has
    none."""
    if quantity.status == "baseline" or quantity.baseline is not None:
        return quantity
    slot = frame.slot
    window = slot.text[max(slot.clause[0], slot.previous_end, quantity.start - _REACH) : quantity.start].rstrip(" ")
    for rule, before, without, follows in slot.grammar.directions:
        if rule.dimensions and quantity.dimension not in rule.dimensions:
            continue
        if before is not None and before.search(window) is None:
            continue
        if without is not None and without.search(window) is not None:
            continue
        if follows is not None and follows.match(slot.text, quantity.end) is None:
            continue
        return quantity._replace(direction=rule.direction, rules=(*quantity.rules, rule.id))
    return quantity
