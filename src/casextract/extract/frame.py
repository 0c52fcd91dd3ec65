"""A number in its clause with all that is known of it: what the rules of metric and status look at."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from casextract.extract.lexicon import RATES, Classed
from casextract.extract.modality import Stance
from casextract.extract.model import Quantity
from casextract.extract.noun_phrase import bare_end
from casextract.extract.periods import Moment
from casextract.extract.sentence import Slot
from casextract.records import Bound, Kind
from casextract.rulebook.models import IntentName, Per
from casextract.rulebook.patterns import on_demand
from casextract.segment import Segmentation

_SENTENCE_REACH = 300
"""A sentence without end is a list or a broken page; what stands further off says nothing of the number."""


class Frame(NamedTuple):
    """The evidence for one number. A tuple, because one is made for every number."""

    slot: Slot
    quantity: Quantity
    """What is decided of the number so far."""
    fitting: frozenset[Per]
    """The answers of `per` conditions that are right of this number."""
    kind: Kind
    intent: IntentName
    stance: Stance
    """The state of modality that the number stands in."""
    head: Classed | None
    """The noun of the lexicon that says what the number counts or measures, with its class."""
    verb: Classed | None
    """The verb of the lexicon that governs the number, with its class."""
    future: bool | None
    """Whether the number's time lies after the document's date; None where that cannot be told."""
    past: bool
    """Whether it is known to lie before it."""
    before: str
    """The clause before the number."""
    sentence: str
    """The sentence before the number."""
    after: str
    """The clause behind the number and its unit."""
    antecedent: Quantity | None = None
    """The number that it goes on from, where its own words name nothing."""
    compared: Quantity | None = None
    """The sum that it is the change of."""


def frame_of(
    slot: Slot, quantity: Quantity, groups: frozenset[str], document: Segmentation, stance: Stance, moment: Moment
) -> Frame:
    """Gather the evidence, with what many rules look at cut out once. `groups` are those of the bases in `per`."""
    text, start = slot.text, slot.reading.start
    low = slot.clause[0]
    if quantity.dimension == "percent" and low != slot.previous_end:
        # A share with a name of its own (占比60%、覆盖率65%) is not measured by the words in front of its neighbour.
        own = text[slot.previous_end : start]
        if slot.grammar.phrases.share_of_its_own.search(own) is not None:
            low = slot.previous_end
    return Frame(
        slot,
        quantity,
        _fitting(quantity.per, groups),
        document.kind,
        document.intent.name,
        stance,
        None,
        None,
        moment.future,
        moment.past,
        text[low:start],
        text[max(slot.sentence.start, start - _SENTENCE_REACH) : start],
        text[quantity.end : slot.clause[1]],
    )


def with_words(frame: Frame) -> Frame:
    """The frame with the classes of the noun that the number counts and of the verb that governs it."""
    lexicon = frame.slot.grammar.lexicon
    return frame._replace(head=_head(frame), verb=lexicon.last_verb(frame.before))


def _head(frame: Frame) -> Classed | None:
    """The class of the noun that says what a number counts or measures."""
    dimension = frame.quantity.dimension
    if dimension == "count":
        return _counted(frame)
    grammar, subject = frame.slot.grammar, frame.quantity.subject
    named = _rate(frame) if dimension == "percent" else None
    if named is not None and named.name.startswith(RATES):
        return named
    return (grammar.lexicon.noun(subject, grammar.words) if subject else None) or named


def _rate(frame: Frame) -> Classed | None:
    """The noun in front of a share: the name of a rate stands before its value, a subject may be what the rate is
    of."""
    grammar = frame.slot.grammar
    named = grammar.lexicon.noun(bare_end(frame.before, grammar), grammar.words)
    if (named is None or not named.name.startswith(RATES)) and (
        m := grammar.phrases.rate_in_front.search(frame.before)
    ) is not None:
        # 失业率全年平均为5%: what stands between says nothing of the rate.
        return grammar.lexicon.noun(frame.before[: m.end()], grammar.words)
    return named


def _counted(frame: Frame) -> Classed | None:
    """What is counted: the subject; the first noun behind, where the subject is of no class or a list in front has its
    count."""
    grammar, subject, lexicon = frame.slot.grammar, frame.quantity.subject, frame.slot.grammar.lexicon
    if frame.before.endswith("等") and (counted := _first_noun(frame)) is not None:
        # 民政局等5个单位创新案例: what is counted was listed, and stands right behind.
        return counted
    found = lexicon.noun(subject, grammar.words) if subject else None
    if subject and frame.after.startswith(subject):
        # 44家养老院获赠: a clause goes on behind its noun; what ends with a noun of several characters may be one
        # compound.
        sure = found is not None and (len(found.word) > 1 or found.name == "facility")
        found = lexicon.before_verb(grammar.words.cut(subject), grammar.words, sure) or found
    if (
        found is not None
        and found.name == "person"
        and subject
        and grammar.phrases.general_classifier.match(frame.quantity.unit)
    ):
        # 18个县副书记: 个 counts the places, seldom the people that they describe.
        first = lexicon.noun(grammar.words.cut(subject)[0], grammar.words)
        found = first or found
    if found is not None and not found.name.startswith(RATES):
        return found
    return _first_noun(frame) or _last_noun(frame)


def _last_noun(frame: Frame) -> Classed | None:
    """The class of the noun that stands last between the number in front and this one, where none stands behind."""
    slot = frame.slot
    if slot.grammar.phrases.no_noun_behind.match(frame.after) is None:
        return None
    bare = bare_end(slot.text[slot.previous_end : slot.reading.start], slot.grammar)
    found = slot.grammar.lexicon.noun(bare, slot.grammar.words) if bare else None
    # 全县共有15处: a place in front is where they are, not what is counted.
    return found if found is not None and len(found.word) > 1 else None


def _first_noun(frame: Frame) -> Classed | None:
    """The class of the noun that stands right behind the number, before any verb."""
    grammar = frame.slot.grammar
    m = grammar.phrases.noun_behind.match(frame.after)
    tokens = grammar.words.cut(m["np"]) if m is not None else ()
    if not tokens or (
        grammar.words.is_verb(tokens[0])
        and (len(tokens) != 3 or grammar.phrases.compound_ends.fullmatch(tokens[2]) is None)
    ):
        return None
    return grammar.lexicon.first_noun(tokens, grammar.words)


_BARE = on_demand(r"[百千万亿]+$")


def is_marginal(slot: Slot, bound: Bound, per: tuple[str, ...]) -> str | None:
    """The reason to set a reading aside as marginal (GUIDELINES, Marginal), or None to keep it."""
    reading = slot.reading
    if not reading.chinese or reading.unit.rule.small == "keep":
        return None
    if reading.value < 10 and reading.unit.rule.small == "level":
        return "level"
    if bound != "exact" or (per and reading.unit.rule.small != "level"):
        return None
    if 0 <= reading.value < 10 and reading.value == int(reading.value):
        return "small_count"
    written = slot.text[reading.start : reading.numerals[-1][1]]
    return "slogan" if _BARE.fullmatch(written) or (written == "十" and reading.unit.rule.small == "level") else None


_OF_PLACE = frozenset({"place", "occasion", "other"})


@lru_cache(maxsize=4096)
def _fitting(per: tuple[str, ...], groups: frozenset[str]) -> frozenset[Per]:
    """The answers of `per` conditions that bases with these names and groups give."""
    fits: set[Per] = {"any", "some" if per else "none"}
    fits.add("timed" if "time" in groups else "once")
    if "time" in groups and len(per) == 1:
        fits.add("time")
    if "said" in groups:
        fits.add("said")
    if "人" in per or "户" in per:
        fits.add("recipient")
    # 每10张床位 is named by its number.
    if not groups.isdisjoint(_OF_PLACE) or any(p[0].isdigit() for p in per):
        fits.add("place")
    return frozenset(fits)
