"""The bases of a rate: what a number is given for, each or on average (GUIDELINES, per)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from casextract.extract.grammar import PERIODS_SAID, Grammar
from casextract.extract.model import Quantity
from casextract.extract.sentence import CLAUSE_END, Slot
from casextract.rulebook.patterns import on_demand

SLASH_STARTS = frozenset("/／每")
"""What the bases behind a unit begin with."""


class Basis(NamedTuple):
    """One basis: its name in the record, the rule that named it and the rule's group."""

    name: str
    rule_id: str
    group: str


def bases_of(slot: Slot, before: Quantity | None) -> list[Basis]:
    """The bases of a rate, outermost first, each once.

    A basis governs every number behind it in its clause; 元/人·月 behind the unit says the same. `before` is the number
    in front in the same sentence, which a bare classifier refers to (床位200张,每张补助3000元).
    """
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    if reading.unit.dimension in ("age", "ratio", "multiple"):
        return []
    low = slot.clause[0]
    slashed = text[reading.end : reading.end + 1] in SLASH_STARTS
    if not slashed and grammar.phrases.sign.search(text, low, reading.start) is None:
        return _periods_said(slot)
    if "每" in text[slot.previous_end : reading.start]:
        # 每人每月826元、每人每年7452元: a number with its own basis does not take that of the one before.
        low = _deed_before(slot, before) or slot.previous_end
    # 人均收入的20倍加40个月的工资: an average reaches over a number of another kind no further.
    other = before is not None and before.end == slot.previous_end and before.dimension != reading.unit.dimension
    found = [*_each(slot, low, before), *_named(text[slot.previous_end if other else low : reading.start], grammar)]
    if slashed and (slash := grammar.phrases.slash.match(text, reading.end)) is not None:
        behind = list(_known((slash["a"], slash["b"]), grammar))
        # 每月182元/人: the recipient is the outer basis wherever it stands.
        found = [*(b for b in behind if b.group == "recipient"), *found, *(b for b in behind if b.group != "recipient")]
    if reading.unit.dimension == "percent":
        return [basis for basis in _each(slot, low, before) if basis.group == "time"]
    if not any(basis.group == "time" for basis in found):
        found += _periods_said(slot)
    return found


def _periods_said(slot: Slot) -> list[Basis]:
    """The period that a sum or a count is the measure of, said without 每 (年收入3万元, 一天挣80元)."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    if reading.unit.dimension not in ("money", "count", "duration"):
        return []
    window = text[max(slot.clause[0] - 1, slot.sentence.start, slot.previous_end) : reading.start]
    said, name = None, "period_of"
    for m in grammar.phrases.period_of.finditer(window):
        said = m
    if said is None and reading.unit.dimension == "money":
        # One month is a length of time itself, and so the reading before.
        said, name = grammar.phrases.one_period.search(text[slot.clause[0] : reading.start]), "one_period"
    return [Basis(said["time"], PERIODS_SAID[name], "said")] if said is not None else []


def _deed_before(slot: Slot, before: Quantity | None) -> int | None:
    """Where the 每 stands whose deed the number in front is part of (每满1年每月增加2元); None where it is of none."""
    if before is None or before.end != slot.previous_end:
        return None
    phrases, end = slot.grammar.phrases, before.start
    for m in phrases.each.finditer(slot.text, slot.clause[0], end):
        if phrases.deed.fullmatch(slot.text, m.end(), end) is not None:
            return m.start()
    return None


def _each(slot: Slot, low: int, before: Quantity | None) -> Iterator[Basis]:
    """The bases behind 每, from `low` to the number."""
    text, end, grammar = slot.text, slot.reading.start, slot.grammar
    window = text[low:end]
    if "每" in window:
        for m in grammar.phrases.each.finditer(window):
            if slot.reading.unit.dimension == "duration" and grammar.phrases.until_then.search(window, m.end()):
                # 每年秋季开学后一个月内: what happens each year is what the term runs from.
                continue
            start = low + m.end()
            deed = grammar.phrases.deed.match(text, start, end)
            basis = _basis_at(text, deed.end() if deed is not None else start, end, grammar, before)
            if basis is not None:
                yield basis


def _named(window: str, grammar: Grammar) -> Iterator[Basis]:
    """The bases of averages (人均, 月人均) and of the names of standards (月标准) in what stands in front of a
    number."""
    if "均" in window:
        for m in list(grammar.phrases.average.finditer(window))[-1:]:
            yield from _known((m["who"] or m["span"], m["time"]), grammar)
    if "标准" in window or "预算" in window:
        for m in grammar.phrases.standard.finditer(window):
            rule = grammar.basis_rules.get(m["time"])
            if rule is not None:
                yield Basis(m["time"], rule.id, rule.group)


def _known(parts: Sequence[str | None], grammar: Grammar) -> Iterator[Basis]:
    """The parts that a rule has as a basis."""
    for part in parts:
        rule = grammar.basis_rules.get(part) if part else None
        if rule is not None and part is not None:
            yield Basis(rule.basis or part, rule.id, rule.group)


def parallel_basis(slot: Slot, quantities: Sequence[Quantity]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The basis of the sum in front and its rules, where both are said in the same words
    (每餐补助2元,80岁以上的补助4元)."""
    text, start = slot.text, slot.reading.start
    last = next((q for q in reversed(quantities[-3:]) if q.dimension == "money"), None)
    if last is None or not last.per or last.sentence != slot.sentence.span or last.start < 2:
        return (), ()
    if slot.grammar.phrases.raised.search(text, max(0, start - 4), start):
        # 每人每月620元,比上年增加15元: the step has the basis of what was raised.
        return last.per, tuple(r for r in last.rules if r.startswith("basis."))
    if slot.grammar.phrases.part_under.search(text, last.end, start):
        # 每月伙食费300元,其中村里出210元: a part has the basis of the whole.
        return last.per, tuple(r for r in last.rules if r.startswith("basis."))
    if text[last.start - 2 : last.start] != text[start - 2 : start] or slot.grammar.phrases.total.search(
        text, slot.clause[0], start
    ):
        return (), ()
    return last.per, tuple(r for r in last.rules if r.startswith("basis."))


def _basis_at(text: str, start: int, end: int, grammar: Grammar, before: Quantity | None) -> Basis | None:
    """The basis named behind 每 at `start`."""
    window = text[start : min(end, start + 18)]
    direct = grammar.bases.match(window)
    if direct is not None:
        rest = window[direct.end() :]
        word, rule = direct.group(), grammar.basis_rules[direct.group()]
        if rule.group == "rate":
            return Basis(_round_number(word), rule.id, rule.group)
        if rule.group in ("time", "occasion") or (word in ("人", "户") and not rest.startswith(("口", "员", "家庭"))):
            return Basis(rule.basis or word, rule.id, rule.group)
    counted = _counted_basis(window, grammar)
    if counted is not None:
        return counted
    m = grammar.phrases.classifier.match(window)
    classifier = m.group() if m is not None else ""
    timed = grammar.bases.match(window, len(classifier))
    if timed is not None and classifier and grammar.basis_rules[timed.group()].group == "time":
        return Basis(timed.group(), grammar.basis_rules[timed.group()].id, "time")
    head = _head(window[len(classifier) :], grammar)
    if head is not None:
        return _headed_basis(head, grammar)
    return _classifier_basis(classifier, text, start, grammar, before)


def _round_number(word: str) -> str:
    """A rate's basis in short: 十万人口 → 十万人."""
    noun = "户" if "户" in word else "张" if "张" in word else "人"
    return ("十" if word[0] == "十" else "") + word.lstrip("十")[0] + noun


def _counted_basis(window: str, grammar: Grammar) -> Basis | None:
    """The basis that is named with a number of its own (每10张床位, 每两年)."""
    m = grammar.phrases.counted.match(window)
    if m is None or m.end() >= len(window):
        return None
    unit = m["c"] or ""
    if unit in ("名", "位", "人"):
        return Basis(m["n"] + "人", "basis.person", "other")
    rest = window[m.end() :]
    timed = grammar.bases.match(rest)
    noun = timed.group() if timed and grammar.basis_rules[timed.group()].group == "time" else _head(rest, grammar)
    return Basis(m["n"] + (unit if unit != "个" else "") + ("" if unit == "户" else noun or ""), "basis.place", "other")


def _headed_basis(head: str, grammar: Grammar) -> Basis:
    """The basis that is a noun. Any person is 人, any household 户: the end of the noun tells."""
    named = grammar.basis_rules.get(head)
    if named is None:
        tail = next((head[i:] for i in range(1, len(head)) if head[i:] in grammar.basis_rules), None)
        if tail and (len(tail) > 1 or grammar.basis_rules[tail].group == "recipient"):
            named, head = grammar.basis_rules[tail], tail
    return Basis(named.basis or head, named.id, named.group) if named else Basis(head, "basis.place", "place")


def _classifier_basis(word: str, text: str, start: int, grammar: Grammar, before: Quantity | None) -> Basis | None:
    """The basis behind whose 每 no noun stands: a recipient (每名), or what a bare classifier refers to
    (普通床位每张)."""
    own = grammar.basis_rules.get(word)
    if own is not None and own.group == "recipient":
        return Basis(own.basis or word, own.id, own.group)
    if grammar.phrases.bare_classifier.fullmatch(word) is None:
        return None
    left = CLAUSE_END.split(text[max(0, start - 14) : start - 1])[-1].rstrip("按对给在")
    noun = _last_noun(left, grammar) or (_last_noun(before.subject, grammar) if before and before.subject else None)
    if noun is not None:
        return Basis(noun, "basis.thing", "other")
    return Basis(own.basis or word, own.id, own.group) if own else None


_NOUN_WINDOW = on_demand(r"[\p{Han}]{0,14}")


def _head(window: str, grammar: Grammar) -> str | None:
    """The head noun of the phrase at the window's start, without modifiers and bracketed alternatives."""
    m = _NOUN_WINDOW.match(window)
    phrase = m.group().split("每")[0] if m else ""
    kept: list[str] = []
    # A bound of one character is part of a word (小 in 小区) unless the number follows.
    limit = next(
        (m for m in grammar.bounds_before.finditer(phrase) if len(m.group()) > 1 or m.end() == len(phrase)), None
    )
    for token in grammar.words.cut(phrase[: limit.start()] if limit else phrase):
        if grammar.words.is_verb(token) or token in grammar.words.functions or grammar.phrases.no_head.fullmatch(token):
            break
        rule = grammar.basis_rules.get(token)
        if rule is not None and rule.group == "time":
            break
        kept.append(token)
        if rule is not None and (rule.group in ("recipient", "place")):
            break
    while kept and grammar.words.is_nominal(kept[-1]):
        kept.pop()
    if not kept:
        return None
    head = kept[-1]
    if len(head) == 1 and len(kept) > 1 and grammar.phrases.short_head.fullmatch(head):
        head = kept[-2] + head
    return head


_HAN_WORD = on_demand(r"\p{Han}{2,}")


def _last_noun(phrase: str, grammar: Grammar) -> str | None:
    """The noun a phrase ends with, or None where it ends with something else."""
    tokens = grammar.words.cut(phrase)
    last = tokens[-1] if tokens else ""
    if (
        not last
        or grammar.words.is_verb(last)
        or last in grammar.words.functions
        or grammar.words.is_nominal(last)
        or not _HAN_WORD.fullmatch(last)
    ):
        return None
    return next(
        (
            last[i:]
            for i in range(len(last))
            if last[i:] in grammar.basis_rules and grammar.basis_rules[last[i:]].group == "other"
        ),
        last,
    )
