"""What the words beside a number say of its truth: exact, about, at least, at most (GUIDELINES, bound)."""

from __future__ import annotations

from casextract.extract.bases import SLASH_STARTS
from casextract.extract.grammar import Grammar
from casextract.extract.sentence import Slot
from casextract.records import Bound
from casextract.rulebook.patterns import on_demand

_BREAKS_SCOPE = on_demand(r"[,，;:。!?\n]")


def bound_of(slot: Slot) -> tuple[Bound, str | None]:
    """The bound and the rule that set it; of two words the nearer one counts."""
    hint = slot.reading.hint
    if hint is not None:
        return hint, "number.more"
    before, behind = _in_front(slot), _behind(slot)
    if behind is not None and (before is None or behind[0] < before[0]):
        return behind[1:]
    return before[1:] if before is not None else ("exact", None)


def _in_front(slot: Slot) -> tuple[int, Bound, str] | None:
    """The last word in front of the number that speaks of it: its distance, bound and rule."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    window = text[max(slot.previous_end, reading.start - 18) : reading.start]
    near: tuple[int, Bound, str] | None = None
    trimmed = window.rstrip(" ")
    for m in grammar.bounds_before.finditer(window):
        word = grammar.bound_words[m.group()]
        gap = window[m.end() :]
        distance = len(gap)
        if (
            distance > 0
            and m.end() != len(trimmed)
            and not (
                grammar.phrases.currency_word.fullmatch(gap)
                or (len(m.group()) > 1 and _passable(gap, word.rule.reach, grammar))
            )
        ):
            continue
        if word.rule.dimensions and reading.unit.dimension not in word.rule.dimensions:
            continue
        start = reading.start - len(window) + m.start()
        if word.not_after is not None and word.not_after.search(text[max(0, start - 4) : start]):
            continue
        if word.not_before is not None and word.not_before.match(text, start + len(m.group())):
            continue
        near = (distance, word.rule.bound, word.rule.id)
    return near


def _behind(slot: Slot) -> tuple[int, Bound, str] | None:
    """The word right behind the number and its unit, likewise."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    behind = reading.end
    if (
        reading.end == reading.numerals[-1].end
        and (rest := grammar.phrases.rest_of_list.match(text, behind)) is not None
        and text.startswith(reading.unit.word, rest.end())
    ):
        # 60、70岁以上: what stands behind the unit speaks of all that share it.
        behind = rest.end() + len(reading.unit.word)
    if (
        text[behind : behind + 1] in SLASH_STARTS
        and (slash := slot.grammar.phrases.slash.match(text, behind)) is not None
    ):
        behind = slash.end()
    behind += text[behind : behind + 1] == " "
    after = grammar.bounds_after.match(text, behind) if text[behind : behind + 1] in grammar.bounds_starts else None
    if after is None:
        return None
    word = grammar.bound_words_after[after.group()]
    if word.rule.dimensions and reading.unit.dimension not in word.rule.dimensions:
        return None
    if word.not_before is not None and word.not_before.match(text, after.end()):
        return None
    return reading.end - reading.numerals[-1][1], word.rule.bound, word.rule.id


def shared_bound(text: str, bound: Bound, start: int, grammar: Grammar) -> tuple[Bound, str | None]:
    """The bound that a word in front of the list's first number, at `start`, gives to the numbers behind it as well."""
    m = next(
        (
            m
            for m in grammar.bounds_before.finditer(text, max(0, start - 6), start)
            if m.end() == start and len(m.group()) > 1
        ),
        None,
    )
    if m is None or grammar.bound_words[m.group()].rule.bound != bound:
        return "exact", None
    return bound, grammar.bound_words[m.group()].rule.id


def _passable(gap: str, reach: int, grammar: Grammar) -> bool:
    """Whether a bound's word reaches over the gap: bases always, other words within the rule's reach."""
    if grammar.phrases.bound_reaches.match(gap):
        return len(gap) <= 16
    return len(gap) <= reach and not _BREAKS_SCOPE.search(gap)
