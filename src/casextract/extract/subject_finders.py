"""Where the subject of a number can stand: behind it, in front, in the clause before, by its verb. Each finder looks in
one place."""

from __future__ import annotations

import re

from casextract.extract.grammar import Grammar
from casextract.extract.noun_phrase import (
    AGENTS,
    BRACKETED,
    CLAUSE_MARKS,
    NUMERALS,
    PEOPLE_CLASSES,
    PERSONS,
    TO_LAST_MARK,
    TOTALS,
    bare_end,
    is_money,
    names,
    names_nothing,
    noun_behind,
    noun_in_front,
    only_verbs,
    opening,
    tells,
)
from casextract.extract.sentence import Slot
from casextract.records import Dimension
from casextract.rulebook.patterns import on_demand

_REACH = 30
_LEAD = on_demand(
    r"(?:/[\p{Han}·./、/]{1,6}(?=[^\p{Han}]|$)|每[年月日天次人户]{1,2}(?!\p{Han}))?(?:\(含\))?(?:[及或]以[上下]|以上|以下|以内|之内|左右|上下|不等|有余|多|余)?"
    r"(?:\([^()]{0,8}\))?(?P<de>[的之])?"
)
_WINDOW = on_demand(r"(?:[^.,，;:。!?、\n\d”》)(\s“|]|“[^“”,。]{1,14}”){1,30}")
_DEED = on_demand(r"(?:以内|之内|内)(?:[,，])?(?P<deed>[\p{Han}“”]{2,12})")
_CELL = on_demand(
    r"(?:^|[|\n])\s*(?P<name>\p{Han}[\p{Han}()]{1,14})\s*(?:\|\s*|\n\s*(?=\d))(?:[\d.,]+[\p{Han}/·]*\s*\|\s*)*$"
)
_WHOLE = on_demand(r"占(?!地|用|有)[^,，。;\d]{0,24}$")


def benefit_before(slot: Slot, vague: str | None) -> str | None:
    """The benefit that the sentence, or the one in front, names before a sum without a name: 发放津贴的标准:每月30元.

    `vague`: the word beside the sum that says how much, but not of what.
    """
    text, start, grammar = slot.text, slot.reading.start, slot.grammar
    said = text[slot.previous_end : start]
    own = said.lstrip(" ,，;:的")
    if "处" in said or said.startswith("、") or (vague and not own.startswith(vague)):
        return None
    if not (vague or "每" in said or names_nothing(said, grammar)):
        return None
    low = max(0, start - _BENEFIT_REACH)
    last = next(reversed(list(grammar.phrases.benefit.finditer(text, low, start))), None)
    if last is None or "\n\n" in text[last.end() : start]:
        return None
    return _phrase_to(last, low, "money", grammar)


def _phrase_to(found: re.Match[str], low: int, dimension: Dimension, grammar: Grammar) -> str | None:
    """The noun phrase that ends with what a pattern found, not from before `low`."""
    window = found.string[max(low, found.start() - 16) : found.end()]
    mark = TO_LAST_MARK.match(window[: -len(found.group())])
    return noun_in_front(window[mark.end() :] if mark else window, dimension, False, grammar)


_BENEFIT_REACH = 120
"""Characters over which the name of a benefit is looked for."""


def list_in_front(slot: Slot) -> str | None:
    """The last of the people listed in front of 等 and a number, if a noun names them."""
    text, grammar = slot.text, slot.grammar
    low = max(slot.previous_end, slot.reading.start - _REACH)
    named = NAMED.search(text, max(0, slot.reading.start - 4), slot.reading.start)
    window = text[low : named.start() if named else slot.reading.start]
    mark = TO_LAST_MARK.match(window)
    phrase = noun_in_front(window[mark.end() :] if mark else window, "count", False, grammar) if window else None
    kind = grammar.lexicon.noun(phrase, grammar.words) if phrase else None
    return phrase if kind is not None and kind.name in PEOPLE_CLASSES else None


NAMED = on_demand(r"(?:等|一行|等共|一行共)\s?$")


def behind(slot: Slot) -> str | None:
    """The noun phrase that follows the number."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    lead = _LEAD.match(text, reading.end)
    start = lead.end() if lead else reading.end
    start += text[start : start + 1] == " "
    m = _WINDOW.match(text, start)
    if m is None:
        return None
    closing = text[m.end() : m.end() + 1]
    if (
        closing == "、"
        and reading.unit.dimension == "count"
        and (named := grammar.phrases.examples_of.match(text, start)) is not None
    ):
        # 低保对象、特困人员等困难群众: the items are examples of what stands behind 等.
        first = grammar.words.cut(named.group().partition("、")[0])
        phrase = opening(grammar.words.cut(named["np"]), grammar, closed=False)
        if phrase is not None and not any(grammar.words.is_verb(t) for t in first):
            return phrase
    if (
        closing == "("
        and (bracket := BRACKETED.match(text, m.end())) is not None
        and not any(grammar.words.is_predicate(t) for t in grammar.words.cut(m.group()))
    ):
        # 乡镇(街道)综合养老机构: the noun goes on behind the alternative in brackets.
        further = _WINDOW.match(text, bracket.end())
        cut = grammar.words.cut(further.group()) if further else ()
        phrase = opening(cut, grammar, closed=False) if cut and not grammar.words.is_predicate(cut[0]) else None
        if phrase is not None and len(phrase) > 1:
            return phrase
    closed = closing in ",，;。!?、\n"
    printed = text[reading.end - 1 : reading.end] == reading.unit.canonical[-1:]
    whole = printed and reading.unit.canonical in _NOUN_UNITS and not (lead and lead["de"])
    found = noun_behind(m.group(), closed, reading.unit.dimension == "count", whole, grammar)
    if reading.unit.dimension != "count" or found is None:
        return found
    if found in _AIMS and ((lead and lead["de"]) or text[start] == "为"):
        return None
    if closing == "、" and not names(found, grammar) and (item := _further_item(text, start, grammar)):
        return item
    return found


def _further_item(text: str, start: int, grammar: Grammar) -> str | None:
    """The noun at the end of a row of modifiers: 400户高龄、独居、困难老人, 27件受益明确、感受直接的实事."""
    m = _ITEMS.match(text, start)
    if m is None:
        return None
    for item in m["items"].split("、")[1:]:
        phrase = item.rsplit("的", 1)[-1]
        cut = opening(grammar.words.cut(phrase), grammar, closed=True)
        if cut is not None and names(cut, grammar):
            return cut
    return None


_ITEMS = on_demand(r"(?P<items>[^,，。;:!?\d\n、]{1,14}(?:、[^,，。;:!?\d\n、]{1,20}){1,5})")
_NOUN_UNITS = frozenset(["人", "人次", "户", "户次", "场次", "天", "年", "月", "小时", "分钟", "周"])
"""Units that are nouns by themselves: no noun need follow them."""


def deedless_behind(slot: Slot) -> str | None:
    """The phrase behind the number, if there is no verb in it."""
    phrase, words = behind(slot), slot.grammar.words
    return (
        phrase if phrase and not any(words.is_predicate(t) or t in words.functions for t in words.cut(phrase)) else None
    )


def people_behind(slot: Slot) -> str | None:
    """The phrase behind a share, if there is no verb in it or it names people: 七成受访老人, not 三成没有年假."""
    phrase = behind(slot)
    if phrase is None or slot.grammar.phrases.beings.search(phrase) is not None:
        return phrase
    return deedless_behind(slot)


def thing_behind_of(slot: Slot) -> str | None:
    """What lasts so long, behind 的. Somebody who did something so long is not measured: 住了30年的居民."""
    phrase, grammar = behind_of(slot), slot.grammar
    kind = grammar.lexicon.noun(phrase, grammar.words) if phrase else None
    return None if kind is not None and kind.name in AGENTS else phrase


def thing_behind(slot: Slot) -> str | None:
    """What lasts so long, named right behind the time: 5年过渡期, 40多年党龄."""
    if slot.text[slot.reading.end : slot.reading.end + 1] in _MARKS:
        return None
    phrase = behind(slot)
    return phrase if phrase and slot.grammar.lexicon.noun(phrase, slot.grammar.words) is not None else None


_MARKS = frozenset(",，;。!?、\n()以之内后前")


def behind_of(slot: Slot) -> str | None:
    """The noun behind 的: 80%的服务费用, 4个小时的时间币, 8至20课时不等的手语课程."""
    text, reading = slot.text, slot.reading
    lead = _LEAD.match(text, reading.end)
    if lead is None or lead["de"] is None:
        return None
    phrase = behind(slot)
    return None if phrase in slot.grammar.generics or phrase in _AIMS else phrase


_AIMS = frozenset(
    ["范围", "基础", "基数", "限", "时间", "任务", "目标", "目标任务", "比例", "标准", "水平", "规模", "速度", "价格"]
)
"""Behind 的 they say of the number what it is to be, not what it counts."""


def money_behind(slot: Slot) -> str | None:
    """What a sum is: 10万元启动资金, 1万元运营补助."""
    text, reading = slot.text, slot.reading
    phrase = behind(slot)
    if (
        phrase is None
        or text[reading.end : reading.end + 1] in CLAUSE_MARKS
        or text[reading.end : reading.end + 1] == "的"
    ):
        return None
    if is_money(phrase, slot.grammar):
        return phrase
    # 捐赠20万元善款。: the noun fills the clause up to its mark; a verb there would be the clause's.
    end = text.find(phrase, reading.end) + len(phrase)
    closed = text[end : end + 1] in CLAUSE_MARKS
    return phrase if closed and slot.grammar.lexicon.noun(phrase, slot.grammar.words) is not None else None


def money_behind_of(slot: Slot) -> str | None:
    """What a sum is, behind 的: 10万元的奖金."""
    phrase = behind_of(slot)
    return phrase if phrase and is_money(phrase, slot.grammar) else None


def granted(slot: Slot) -> str | None:
    """The benefit that is granted by the sum: 按每人每年1200元发放误工补助."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    m = grammar.phrases.granted.match(text, reading.end)
    phrase = opening(grammar.words.cut(m["np"]), grammar, closed=True) if m else None
    return phrase if phrase and grammar.phrases.money_noun.search(phrase) else None


def in_front(slot: Slot) -> str | None:
    """The noun phrase that the number follows."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    low = max(slot.previous_end, reading.start - _REACH)
    window = text[low : reading.start]
    if "(" in window:
        # What stands behind a bracket names the thing (镇(街道)服务平台覆盖率), unless it is only a verb:
        # 资金(含各类补贴)支出.
        tail = BRACKETED.split(window)[-1]
        window = (
            tail
            if any(not grammar.words.is_nominal(t) for t in grammar.words.cut(bare_end(tail, grammar)))
            else BRACKETED.sub("", window)
        )
    mark = TO_LAST_MARK.match(window)
    inner = bare_end(window[mark.end() :] if mark else window, grammar)
    if not inner and not window.strip() and (cell := _CELL.search(text, max(0, low - 40), reading.start)) is not None:
        # A table: the name stands in the cell before.
        inner = cell["name"]
    if not inner and mark is not None and window[mark.end() - 1] in ":|":
        # 拨款总金额:106万元 and cells of a table: the name stands before the mark.
        rest = window[: mark.end() - 1]
        before = TO_LAST_MARK.match(rest)
        inner = bare_end(rest[before.end() :] if before else rest, grammar)
    whole = _WHOLE.search(inner) if "占" in inner else None
    if whole is not None:
        # 60岁以上人口占常住人口的23.4%: the part is named before 占.
        inner = bare_end(inner[: whole.start()], grammar)
    if not inner:
        return None
    dimension = reading.unit.dimension
    if dimension == "count" and text[reading.end : reading.end + 1].isdigit() and ("、" in window or "等" in window):
        # 康复护理等5大类47项服务: the list exemplifies what the next number counts.
        return None
    return noun_in_front(inner, dimension, reading.unit.canonical in PERSONS, grammar)


def received(slot: Slot) -> str | None:
    """What so many people receive: 25559人享受城乡低保."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    if reading.unit.canonical in PERSONS:
        return None
    m = grammar.phrases.received.match(text[reading.end : slot.clause[1]])
    return opening(grammar.words.cut(m["np"]), grammar, closed=True) if m else None


def topic(slot: Slot) -> str | None:
    """What the sentence opens with, where the number's own clause has a verb and nothing else
    (床位从无到有,已建成3100张)."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    if (
        not grammar.phrases.bare_verb.fullmatch(text, slot.clause[0], reading.start)
        or slot.previous_end != slot.clause[0]
    ):
        return None
    before = max((text.rfind(c, slot.sentence.start, slot.clause[0] - 1) for c in ",，;"), default=-1)
    m = _WINDOW.match(text, max(before + 1, slot.sentence.start))
    return opening(grammar.words.cut(m.group()), grammar, closed=False) if m and m.end() < reading.start else None


def among(slot: Slot) -> str | None:
    """The whole of which the number is a part, named in front by 中: 网站中有31个开通了英文版, 机构中,有165间."""
    text, start, grammar = slot.text, slot.reading.start, slot.grammar
    low = max(slot.sentence.start, start - _REACH)
    m = grammar.phrases.among.search(text, low, start)
    if m is None:
        return None
    whole = BRACKETED.sub("", m["np"][1:] if text[m.start("np") - 1].isdigit() else m["np"])
    return noun_in_front(bare_end(whole, grammar), slot.reading.unit.dimension, False, grammar)


def named(slot: Slot) -> str | None:
    """Who is so old, by name: 刘某今年63岁."""
    m = slot.grammar.phrases.named_age.search(slot.text, slot.clause[0], slot.reading.start)
    return m["np"] if m else None


def said_before(slot: Slot) -> str | None:
    """The object that the verb in front of the number had when it was said before: 按下列比例增发抚恤金:…,增发35%."""
    text, start, grammar = slot.text, slot.reading.start, slot.grammar
    verb = bare_end(text[slot.previous_end : start], grammar).rstrip(" ,，")
    tokens = grammar.words.cut(verb)
    if not tokens or len(tokens[-1]) < 2 or not only_verbs(tokens[-1], grammar):
        return None
    verb = tokens[-1]
    low = max(0, start - _SAID_REACH)
    at = text.rfind(verb, low, slot.clause[0])
    while at >= 0:
        m = _OBJECT_OF.match(text, at + len(verb))
        phrase = opening(grammar.words.cut(m["np"]), grammar, closed=True) if m else None
        if phrase is not None and grammar.lexicon.noun(phrase, grammar.words) is not None:
            return phrase
        at = text.rfind(verb, low, at)
    return None


_SAID_REACH = 240
"""Characters over which a verb is looked for that is said again: half a page of a regulation's items."""
_OBJECT_OF = on_demand(r"(?P<np>\p{Han}{2,14})(?=[,，。;:、(\n])")


def own_topic(slot: Slot) -> str | None:
    """What the clause is about, where its verb has no other object: 保障房已开工1.8万套. One who acts is not what is
    counted."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    behind = text[reading.end : reading.end + 2]
    if behind[:1] not in CLAUSE_MARKS or behind[1:] in NUMERALS:
        # Another number right behind: the noun that both count may follow that one.
        return None
    m = _WINDOW.match(text, slot.previous_end)
    phrase = opening(grammar.words.cut(m.group()), grammar, closed=False) if m else None
    kind = grammar.lexicon.noun(phrase, grammar.words) if phrase else None
    return None if kind is None or kind.name in AGENTS else phrase


def target(slot: Slot) -> str | None:
    """What a sum is spent on: 投资36万元对老年食堂进行改造."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    m = grammar.phrases.target.match(text[reading.end : slot.clause[1]])
    if m is not None:
        return opening(grammar.words.cut(m["np"]), grammar, closed=False)
    # 200万元建起了这个700多平方米的食堂: the object of any verb is what was paid for, if it is a thing that the lexicon
    # knows.
    rest = text[reading.end : slot.clause[1]]
    tokens = grammar.words.cut(rest)
    words = grammar.words
    if len(tokens) < 2 or not (
        words.is_verb(tokens[0]) or words.is_predicate(tokens[0]) or (words.is_nominal(tokens[0]) and tokens[1] == "的")
    ):
        return None
    return _paid_thing(rest[len(tokens[0]) :], grammar)


def _paid_thing(said: str, grammar: Grammar) -> str | None:
    """The object of a verb, if it is a thing that a sum can pay for."""
    phrase = opening(grammar.words.cut(_ONE.sub("", said).rsplit("的", 1)[-1].lstrip("了")), grammar, closed=True)
    kind = grammar.lexicon.noun(phrase, grammar.words) if phrase else None
    return phrase if kind is not None and kind.name in _PAID else None


def paid_next(slot: Slot) -> str | None:
    """What the next clause does with the sum: 投入16万元,安装监控设备; 筹资3860万元,新建一所敬老院."""
    text, grammar = slot.text, slot.grammar
    m = _NEXT_CLAUSE.match(text, slot.clause[1], slot.sentence.end)
    if m is None:
        return None
    words, tokens = grammar.words, grammar.words.cut(m["said"])
    at = next((i for i, t in enumerate(tokens) if t not in words.functions), len(tokens))
    if at >= len(tokens) - 1 or not (
        words.is_verb(tokens[at]) or words.is_predicate(tokens[at]) or words.is_nominal(tokens[at])
    ):
        return None
    return _paid_thing("".join(tokens[at + 1 :]), grammar)


_NEXT_CLAUSE = on_demand(r"[,，](?P<said>[^,，。;:!?\n\d]{4,24})(?=[,，。;!?\n]|$)")
_ONE = on_demand(r"^[了]?一\p{Han}(?=\p{Han}{2})")


_PAID = frozenset(["facility", "institution", "project", "thing", "service", "bed", "fund", "grant"])
"""Classes of nouns that name what a sum can pay for."""


def deed_within(slot: Slot) -> str | None:
    """What is done within a time: 24小时内先行救助. A time that is itself the topic (办理时限) goes before."""
    text, reading = slot.text, slot.reading
    m = _DEED.match(text, reading.end)
    if m is None:
        return None
    topic = in_front(slot)
    if topic and slot.grammar.phrases.points_in_time.search(topic):
        topic = None
    if topic and slot.grammar.phrases.names_time.search(topic):
        return topic
    whole = text[m.end() : m.end() + 1] in CLAUSE_MARKS
    if not whole or len(m["deed"]) > _DEED_MAX or slot.grammar.phrases.to_somebody.match(m["deed"]):
        # The deed is a clause with somebody and something in it, of which no noun is measured.
        return None
    deed = slot.grammar.phrases.adverb.sub("", m["deed"]) if topic else m["deed"]
    return f"{topic or ''}{deed}"


_DEED_MAX = 8
"""Characters of a deed that can stand for what is done: longer ones are clauses. Calibrated on regulations of S4."""


def time_name(slot: Slot) -> str | None:
    """What the time is of, named in front of it by a noun: 办理时限, 任期. One who acts, or what is done, is not
    measured."""
    phrase, grammar = in_front(slot), slot.grammar
    if phrase is None or grammar.phrases.points_in_time.search(phrase):
        return None
    kind = grammar.lexicon.noun(phrase, grammar.words)
    if kind is not None and kind.name in AGENTS and phrase.endswith(kind.word):
        return None
    if kind is not None or grammar.phrases.names_time.search(phrase) or not tells(phrase, grammar):
        return phrase
    words, tokens = grammar.words, grammar.words.cut(phrase)
    if (len(tokens[-1]) == 1 or not words.is_predicate(tokens[-1])) and not any(t in words.functions for t in tokens):
        return phrase
    first = len(tokens)
    while first and (words.is_nominal(tokens[first - 1]) or words.is_predicate(tokens[first - 1])):
        first -= 1
    deed = "".join(tokens[first:])
    return deed if len(deed) > 1 and not grammar.phrases.has.match(deed) else None


def before_comma(slot: Slot) -> str | None:
    """The topic of the clause in front: 幸福院是民生项目之一,总投资20万元."""
    text, start = slot.text, slot.clause[0]
    if slot.previous_end != start or start == slot.sentence.start:
        return None
    before = max((text.rfind(c, slot.sentence.start, start - 1) for c in ",，;"), default=-1)
    m = _WINDOW.match(text, max(before + 1, slot.sentence.start))
    phrase = opening(slot.grammar.words.cut(m.group()), slot.grammar, closed=False) if m else None
    kind = slot.grammar.lexicon.noun(phrase, slot.grammar.words) if phrase else None
    return (
        phrase if kind is not None and kind.name in ("facility", "project", "institution", "thing", "event") else None
    )


def rate_before(slot: Slot) -> str | None:
    """The rate that the sentence speaks of, where the number's clause names nothing:
    入学率稳步提高,由2019年的90%提高到95%."""
    text, start, grammar = slot.text, slot.reading.start, slot.grammar
    low = max(slot.sentence.start, start - _BENEFIT_REACH)
    last = next(reversed(list(grammar.phrases.rate.finditer(text, low, start))), None)
    if last is None:
        return None
    phrase = _phrase_to(last, low, "percent", grammar)
    return phrase if phrase and len(phrase) > 2 else None


def acted_on(slot: Slot) -> str | None:
    """The object of the verb right behind the number."""
    text, reading, words = slot.text, slot.reading, slot.grammar.words
    lead = _LEAD.match(text, reading.end)
    m = _WINDOW.match(text, lead.end() if lead else reading.end)
    tokens = list(words.cut(m.group())) if m else []
    at = next((i for i, t in enumerate(tokens) if t not in words.functions), len(tokens))
    if at >= len(tokens) - 1 or not words.is_predicate(tokens[at]):
        return None
    return opening(tokens[at + 1 :], slot.grammar, closed=True)


def before_change(slot: Slot) -> str | None:
    """What the clause in front ends with, where the number's own names nothing: 增加免税额,由现时3万元增至4万元.

    A verb said again names nothing either: 按比例提取互助金,累计提取687万元.
    """
    text, start = slot.text, slot.clause[0]
    if slot.previous_end != start or start == slot.sentence.start:
        return None
    before = max((text.rfind(c, slot.sentence.start, start - 1) for c in ",，;。"), default=-1)
    inner = text[max(before + 1, slot.sentence.start) : start - 1]
    said = bare_end(text[start : slot.reading.start], slot.grammar).strip()
    for adverb in TOTALS:
        said = said.removeprefix(adverb)
    if not inner or (said and said not in inner):
        return None
    phrase = noun_in_front(bare_end(inner, slot.grammar), slot.reading.unit.dimension, False, slot.grammar)
    return phrase if phrase and is_money(phrase, slot.grammar) else None


def measure_in_front(slot: Slot) -> str | None:
    """The extent that the number is of, named in front of it: 建筑面积, 海拔."""
    phrase = in_front(slot)
    return phrase if phrase and slot.grammar.phrases.extent.search(phrase) else None
