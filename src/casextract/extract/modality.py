"""Modality: whether a clause tells what is done, what is to come, what is demanded or what is supposed.

A state is set by a cue, a word of a class of `rules/lexicon/cues.txt`, or by a date that lies behind or ahead; it holds
for the numbers behind it to the end of the sentence, unless another cue takes its place. What is demanded or supposed
holds for its clause. Sentences that only carry on, and the items of a list, begin in the state that the one before
ended in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

from casextract.extract.grammar import Grammar
from casextract.extract.periods import Moment, is_plan_period
from casextract.extract.sentence import Sentence, Slot, TimeSpan
from casextract.rulebook.patterns import on_demand
from casextract.rulebook.vocabulary import CHINESE

State = Literal["done", "to_come", "demanded", "supposed"]


class Cue(NamedTuple):
    """What sets a state, from its end on."""

    start: int
    end: int
    state: State
    word: str
    weak: bool = False
    """It does not end what is to come."""
    reach: int | None = None
    """Where the bracket that it stands in closes: behind it the cue says nothing."""


class Stance(NamedTuple):
    """The state that a number stands in, and the words that set it."""

    state: State | None
    word: str = ""


NEUTRAL: Final = Stance(None)
_IN_CLAUSE: Final = frozenset({"demanded", "supposed"})
_QUOTED: Final = on_demand(r"《[^《》]{0,80}》")
_ANNOUNCES: Final = on_demand(r"[::]\s*$")


def cues_of(sentence: Sentence, moment: Callable[[TimeSpan], Moment]) -> tuple[Cue, ...]:
    """The cues of a sentence in order: words of the lexicon, and dates by whether they lie ahead."""
    text, grammar = sentence.text, sentence.grammar
    cues = grammar.lexicon.cues
    quoted = (
        [m.span() for m in _QUOTED.finditer(text, *sentence.span)]
        if "《" in text[sentence.start : sentence.end]
        else []
    )
    found: list[Cue] = []
    for m in grammar.lexicon.cue.finditer(text, *sentence.span):
        word, start, end = m.group(), m.start(), m.end()
        name = cues[word]
        if any(a < start < b for a, b in quoted):
            continue
        if name == "to_come_before_verb":
            if _verb_follows(text, start, end, grammar):
                found.append(Cue(start, end, "to_come", word))
        elif name == "done_unless_to_come":
            found.append(Cue(start, end, "done", word, weak=True))
        elif name in ("done", "to_come", "demanded", "supposed"):
            found.append(Cue(start, end, name, word))  # type: ignore[arg-type]
    if quoted:
        found += [
            Cue(*m.span(), "to_come", m.group()) for m in grammar.phrases.plan_says.finditer(text, *sentence.span)
        ]
    for time in sentence.times:
        word = text[time.start : time.end]
        if not (time.governs or is_plan_period(word)):
            continue
        when = moment(time)
        if grammar.phrases.as_of.match(word):
            found.append(Cue(time.start, time.end, "done", word))
        elif when.future or (when.future is None and grammar.phrases.until.match(word)):
            found.append(Cue(time.start, time.end, "to_come", word))
        elif when.past and when.future is False:
            found.append(Cue(time.start, time.end, "done", word))
    found.sort(key=lambda cue: (cue.start, cue.end))
    if "(" in text[sentence.start : sentence.end]:
        found = [cue._replace(reach=_bracket_end(sentence, cue.start)) for cue in found]
    return tuple(found)


def _bracket_end(sentence: Sentence, at: int) -> int | None:
    """Where the bracket that holds a place closes; None where it stands in none."""
    text = sentence.text
    opened = text.rfind("(", sentence.start, at)
    if opened < 0 or text.find(")", opened, at) >= 0:
        return None
    closed = text.find(")", at, sentence.end)
    return closed if closed >= 0 else None


def _verb_follows(text: str, start: int, end: int, grammar: Grammar) -> bool:
    """Whether the cue at a place is the verb's auxiliary: what stands behind it is a verb, a preposition or an
    adverb."""
    if grammar.phrases.other_word.search(text, max(0, start - 6), end):
        return False
    words = grammar.words
    for token in words.cut(text[end : end + 12].split(",")[0])[:1]:
        if grammar.lexicon.cues.get(token) == "no_verb":
            return False
        if token[:1].isdigit() or token[:1] in CHINESE:
            # 计划三年内建成, but 将12户纳入.
            return end - start > 1
        if (
            "adverb" in (grammar.lexicon.cues.get(token), grammar.lexicon.cues.get(token[0]))
            or token in words.functions
        ):
            return True
        return words.is_verb(token) or words.is_nominal(token) or words.is_predicate(token)
    return False


def stance_of(slot: Slot, cues: Sequence[Cue], carried: Stance) -> Stance:
    """The state of a number: what the cues in front of it leave. `carried` is what its sentence began with."""
    stance = carried
    for cue in cues:
        if cue.end > slot.reading.start:
            break
        if cue.reach is not None and cue.reach < slot.reading.start:
            continue
        stance = _after(stance, cue, slot.clause[0])
    return stance


def _after(stance: Stance, cue: Cue, clause: int) -> Stance:
    if cue.weak and stance.state == "to_come":
        return stance
    if cue.state in _IN_CLAUSE and (cue.start < clause or stance.state == "to_come"):
        return stance
    return Stance(cue.state, cue.word)


def carried_over(before: Sentence | None, cues: Sequence[Cue], carried: Stance, sentence: Sentence) -> Stance:
    """The state that a sentence begins in, behind the one before it, whose cues and beginning are given."""
    if before is None:
        return NEUTRAL
    text = sentence.text
    gap = text[before.end : sentence.start]
    last = carried
    for cue in cues:
        if cue.reach is None:
            last = _after(last, cue, before.end)
    if last.state != "to_come":
        return NEUTRAL
    phrases = sentence.grammar.phrases
    item = phrases.item.match(text, sentence.start) is not None
    if "\n" in gap:
        listed = item and (_ANNOUNCES.search(text[before.start : before.end]) or phrases.item.match(text, before.start))
        return last if listed else NEUTRAL
    return last if not gap.strip() and (item or phrases.carries_on.match(text, sentence.start)) else NEUTRAL
