"""The number in front that says what another measures whose own words do not (比上年少20万元, 当中8家)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from casextract.extract.frame import Frame
from casextract.extract.grammar import Grammar
from casextract.extract.model import Quantity
from casextract.extract.noun_phrase import bare_end
from casextract.rulebook.patterns import on_demand

_REACH = 60
"""Characters between a number and the one that it goes on from: half of those in the silver shares stand within 25."""
_SAME_SUM = on_demand(r"\s?\([\p{Han}\s]{0,8}")
_LOOKED_AT = 4
"""Numbers in front that are asked."""


def compared_with(frame: Frame, earlier: Sequence[Quantity]) -> Quantity | None:
    """The sum in front in the sentence that a sum is the change of (人均补差102元,比上年提高19元)."""
    quantity, verb = frame.quantity, frame.verb
    if quantity.dimension != "money" or not earlier:
        return None
    last = earlier[-1]
    if last.dimension == "money" and _SAME_SUM.fullmatch(frame.slot.text, last.end, quantity.start) is not None:
        # 16亿坡元(约89亿港元): the same sum in other money.
        return last
    if verb is None or verb.name != "change":
        return None
    if not bare_end(frame.before, frame.slot.grammar).endswith(verb.word):
        return None
    before = next((q for q in reversed(earlier[-_LOOKED_AT:]) if q.dimension == "money"), None)
    if before is None or before.sentence != quantity.sentence or quantity.start - before.end > _REACH:
        return None
    # Another verb between them says of the second sum what it is itself.
    own = frame.slot.grammar.lexicon.last_verb(frame.before[: -len(verb.word)].rpartition(verb.word)[0])
    return before if before.end <= frame.slot.clause[0] or own is None else None


def antecedent_of(frame: Frame, earlier: Sequence[Quantity]) -> Quantity | None:
    """The nearest number in front, of the same kind and in the same paragraph, that a number without a noun goes on
    from."""
    quantity, text = frame.quantity, frame.slot.text
    if frame.head is not None or not _says_nothing(quantity.subject, frame.slot.grammar):
        return None
    for before in reversed(earlier[-_LOOKED_AT:]):
        between = text[before.end : quantity.start]
        if len(between) > _REACH or "\n" in between:
            return None
        if before.dimension == quantity.dimension and (before.unit == quantity.unit or quantity.dimension == "money"):
            return before
    return None


def item_of(frame: Frame, earlier: Sequence[Quantity], wholes: Mapping[int, int]) -> Quantity | None:
    """The value of a table that a value is an item of, where both are of one unit."""
    start = wholes.get(frame.quantity.start)
    if start is None:
        return None
    whole = next((q for q in reversed(earlier) if q.start == start), None)
    return whole if whole is not None and whole.unit == frame.quantity.unit else None


def _says_nothing(subject: str | None, grammar: Grammar) -> bool:
    """Whether a phrase has no noun that could be counted: 相比, 新入库."""
    words = grammar.words
    return not subject or all(words.is_predicate(t) or t in words.functions for t in words.cut(subject))
