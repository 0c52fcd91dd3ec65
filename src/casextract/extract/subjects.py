"""The subject of a number: the noun phrase it counts or measures, found by the grammar around it.

A count is followed by what it counts (1.2万名农村老人) or preceded by it (护理型床位1755张); shares, sums and lengths
of time are preceded by what they measure. Where the clause does not say it, the number shares the subject of its
neighbour (14.7万户29.9万人, 床位52万张,比上年增长17%): `casextract.extract.subject_sharing`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from casextract.extract.noun_phrase import (
    JOINING,
    agent_and_verb,
    bare_end,
    is_people,
    is_person,
    only_verbs,
    verb_first,
)
from casextract.extract.sentence import Slot
from casextract.extract.subject_finders import (
    NAMED,
    acted_on,
    among,
    before_change,
    before_comma,
    behind,
    behind_of,
    benefit_before,
    deed_within,
    deedless_behind,
    granted,
    in_front,
    list_in_front,
    measure_in_front,
    money_behind,
    money_behind_of,
    named,
    own_topic,
    paid_next,
    people_behind,
    rate_before,
    received,
    said_before,
    target,
    thing_behind,
    thing_behind_of,
    time_name,
    topic,
)
from casextract.records import Dimension

SubjectFinder = Callable[[Slot], str | None]


def subject_of(slot: Slot) -> tuple[str | None, str]:
    """The subject in simplified characters, or None where the clause does not say it, and how it was found."""
    unit = slot.reading.unit
    if unit.rule.noun:
        return unit.canonical, "the unit"
    if unit.dimension == "money":
        return _of_money(slot)
    if unit.dimension == "count":
        return _of_count(slot)
    found = next(((phrase, find) for find in _finders(slot, unit.dimension) if (phrase := find(slot))), None)
    return (found[0], _HOW[found[1]]) if found else _UNSAID


_UNSAID: tuple[None, str] = (None, "unsaid")


def _of_count(slot: Slot) -> tuple[str | None, str]:
    """What a count counts."""
    reading, grammar = slot.reading, slot.grammar
    unit = reading.unit.canonical
    for find in _ORDER["count"]:
        found = find(slot)
        if found is None or (unit in _ALONE and not is_people(found, grammar)):
            continue
        if find is not behind and find is not received:
            if unit in _PEOPLE_UNITS and NAMED.search(slot.text, max(0, reading.start - 4), reading.start):
                # 主任杨某等3人, 救援队一行7人: who they are is said by names; 留守儿童、孤寡老人等80人 by nouns.
                listed = list_in_front(slot)
                return (listed, _HOW[in_front]) if listed else _UNSAID
            if not _countable(found, slot):
                continue
        if find is in_front and unit in _PEOPLE_UNITS and (whole := _people_of(found, slot)) is not None:
            return whole, _HOW[among]
        if not verb_first(found, grammar):
            return found, _HOW[find]
    return _UNSAID


def _people_of(phrase: str, slot: Slot) -> str | None:
    """Who they are of whom a phrase tells no more than what they are like: 党员中大专以上学历17人."""
    if is_person(phrase, slot.grammar):
        return None
    whole = among(slot)
    return whole if whole is not None and is_person(whole, slot.grammar) else None


def _of_money(slot: Slot) -> tuple[str | None, str]:
    """What a sum is called or pays for (Guidelines, "Settled by comparing annotators")."""
    phrases = slot.grammar.phrases
    if (gained := phrases.gained.search(_said(slot))) is not None:
        return gained.group(), _HOW[in_front]
    vague: str | None = None
    for find in _ORDER["money"]:
        found = find(slot)
        if found is None:
            continue
        if find is in_front:
            if found.endswith(_SPENDING_ENDS) and (better := _paid_for(slot)) is not None:
                return better
            found = phrases.giving.sub("", found)
            if agent_and_verb(found, slot.grammar) or _pays(found, slot):
                vague = ""
                continue
        if phrases.only_how_much.fullmatch(found) or (find is in_front and only_verbs(found, slot.grammar)):
            vague = found if vague is None else vague
            continue
        return found, _HOW[find]
    if (benefit := benefit_before(slot, vague)) is not None:
        return benefit, "the benefit named before"
    return (vague, _HOW[in_front]) if vague else _UNSAID


def _paid_for(slot: Slot) -> tuple[str, str] | None:
    """What a sum pays for, which says more than that it was spent: 总投资5亿元的产业园, 投资36万元对食堂进行改造."""
    return next(((phrase, _HOW[find]) for find in _PAID_FOR if (phrase := find(slot))), None)


def _said(slot: Slot) -> str:
    """What stands in front of a number, without what stands between a thing and its value."""
    return bare_end(slot.text[slot.previous_end : slot.reading.start], slot.grammar)


def _pays(phrase: str, slot: Slot) -> bool:
    """Whether a phrase names who spent a sum, not who got it (Guidelines, "Settled"): 组织部从党费中划拨20万元."""
    kind = slot.grammar.lexicon.noun(phrase, slot.grammar.words)
    if kind is None or kind.name not in _PAYERS or not phrase.endswith(kind.word):
        return False
    before, _, behind = slot.text[slot.previous_end : slot.reading.start].rpartition(phrase)
    gets = slot.grammar.phrases.recipient_mark.search(before) is not None
    return not gets and any(slot.grammar.words.is_verb(t) for t in slot.grammar.words.cut(behind))


_PAYERS = frozenset(["body", "institution"])
_PEOPLE_UNITS = frozenset(["人", "名", "位", "户", "口", "个人", "人次", "户次", "户人"])


def _countable(phrase: str, slot: Slot) -> bool:
    """Whether a phrase that does not stand right behind the number can be what is counted in that unit.

    People are counted by nouns of people (Guidelines, "Settled": null where only an event or a verb says who they
    were); those who act are not what is counted in things.
    """
    unit, grammar = slot.reading.unit.canonical, slot.grammar
    if grammar.phrases.pointing.fullmatch(phrase):
        return False
    if unit not in _HAPPENS and only_verbs(phrase, grammar) and not _is_object(phrase, slot):
        # 取缔34家, 结案35件: a verb says what was done to them.
        return False
    kind = grammar.lexicon.noun(phrase, grammar.words)
    people = is_person(phrase, grammar)
    if unit in _PEOPLE_UNITS:
        if not people and slot.text[slot.previous_end : slot.reading.start].endswith(f"{phrase}的"):
            # 其中有就业意愿的187万人: what describes them is not who they are.
            return False
        if people or phrase.endswith(("数", "规模", "人次", "量", "能力")):
            return True
        if kind is not None and kind.name in _SITES and kind.word != "家" and phrase.endswith(kind.word):
            return False
        words, tokens = grammar.words, grammar.words.cut(phrase)
        deed = words.is_predicate(tokens[0]) or (len(tokens) == 1 and words.is_nominal(tokens[0]))
        return (unit == "人次" or not deed) and not any(t in words.functions and t not in JOINING for t in tokens)
    return not (people and unit not in _OF_BEINGS and phrase.endswith("们"))


def _is_object(phrase: str, slot: Slot) -> bool:
    """Whether a verb stands right in front of the phrase, so that it names what was acted on: 接听来电9327个."""
    said = slot.text[slot.previous_end : slot.reading.start].rpartition(phrase)[0]
    tokens = slot.grammar.words.cut(said) if said else ()
    return bool(tokens) and slot.grammar.words.is_verb(tokens[-1])


_HAPPENS = frozenset(["次", "场", "场次", "期", "批", "批次", "轮", "趟", "遍", "课时", "人次", "项"])
"""Units that count what is done: a verb names it (巡查3次)."""
_OF_BEINGS = frozenset(["个", "家"])
_SITES = frozenset(["institution", "facility", "territory"])
"""Classes of nouns that name where people are, not who they are."""


def _finders(slot: Slot, dimension: Dimension) -> tuple[SubjectFinder, ...]:
    """Where to look for the subject, the surest place first."""
    if dimension != "percent":
        return _ORDER.get(dimension, (in_front, behind))
    front = in_front(slot)
    if front and slot.grammar.phrases.names_share.search(front):
        return (in_front,)
    if slot.grammar.phrases.base_of.search(slot.text, slot.previous_end, slot.reading.start):
        # 按照本人工资的百分之一缴纳失业保险费: the whole is named in front, what is paid behind.
        return (acted_on, behind_of, in_front, behind)
    if front is None:
        return (behind_of, people_behind, among, said_before, rate_before)
    verb = only_verbs(front, slot.grammar)
    return (behind_of, said_before, in_front, people_behind) if verb else (behind_of, in_front, people_behind)


_SPENDING = frozenset(
    ["投资", "总投资", "投入", "总投入", "价值", "总价值", "出资", "支出", "计划投资", "预计投资", "项目总投资"]
)
"""Words that say no more of a sum than that it is spent."""
_SPENDING_ENDS = tuple(_SPENDING)
_ALONE = frozenset(["人", "口", "户"])
"""Units that say by themselves that people or households are counted: a subject of them is a noun of people."""
_ORDER: Mapping[Dimension, tuple[SubjectFinder, ...]] = {
    "count": (behind, in_front, received, among, topic, own_topic),
    "age": (behind, named, in_front, received, topic, own_topic),
    "money": (
        money_behind,
        money_behind_of,
        granted,
        in_front,
        behind_of,
        target,
        paid_next,
        said_before,
        before_change,
        own_topic,
    ),
    "duration": (deed_within, thing_behind_of, thing_behind, time_name, deedless_behind),
    "area": (measure_in_front, behind_of, thing_behind, in_front, behind),
    "multiple": (behind_of, in_front, behind),
    "length": (measure_in_front, behind_of, thing_behind, in_front, behind),
}
_PAID_FOR: tuple[SubjectFinder, ...] = (behind_of, target, paid_next, before_comma)
_HOW: Mapping[SubjectFinder, str] = {
    behind: "the phrase behind the number",
    behind_of: "the phrase behind 的",
    thing_behind_of: "the phrase behind 的",
    named: "the name in front",
    said_before: "the object that the verb had before",
    paid_next: "what the next clause does with the sum",
    money_behind_of: "the phrase behind 的",
    money_behind: "what the sum is",
    granted: "the benefit granted",
    in_front: "the phrase before the number",
    time_name: "the phrase before the number",
    received: "what is received",
    topic: "the topic of the sentence",
    target: "what the sum is for",
    before_comma: "the topic of the clause before",
    thing_behind: "the noun right behind the number",
    deedless_behind: "the phrase behind the number",
    people_behind: "the phrase behind the number",
    measure_in_front: "the extent named before the number",
    rate_before: "the rate that the sentence speaks of",
    acted_on: "the object of the verb behind",
    before_change: "what the clause before ends with",
    own_topic: "the topic of the clause",
    among: "the whole named in front",
    deed_within: "the deed within the time",
}
