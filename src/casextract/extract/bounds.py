"""What the words around a reading say: its bound, its bases (`per`) and the clause and sentence it stands in."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import NamedTuple

from casextract.extract.grammar import Grammar
from casextract.extract.quantities import Reading
from casextract.extract.words import Words
from casextract.records import Bound
from casextract.rulebook.patterns import on_demand

# Each begins with a class of characters, which `re` seeks many times as fast as alternatives.
# An ASCII full stop ends a sentence where a page has ASCII punctuation: behind an ideograph or a unit, not in 3.5.
_SENTENCE_END = on_demand(
    r"[.。!?\n](?:(?<=[\p{Han}%)”]\.)(?=[\s\p{Han}“(]|$)|(?<=[。!?])[。!?]*[”’)》]*|(?<=\n)(?:(?<![,、(“《]\n)\n*|\n+))"
)
_CLAUSE_END = on_demand(
    r"[.,，;。!?:\n](?:(?<=[，;。!?\n])|(?<=,)(?:(?<!\d,)|(?!\d{3}(?!\d)))|(?<=:)(?! ?\d)|(?<=[\p{Han}%)”]\.)(?=[\s\p{Han}“(]|$))"
)
_EACH = on_demand(r"每(?!当|逢|况|每|项都)")
_AVERAGE = on_demand(
    r"(?P<time>[年月日])?(?P<who>[人户床村])均|(?P<span>[周日月年])均(?!衡|等|价|可|已|为|达|有|需|应|能|由|在|设|建|实|按|不|未|获|被|纳|享|得|以)"
)
# 月标准, 年标准 and 月保障标准 name the period of a standard without 每.
_STANDARD = on_demand(
    r"(?<![\d零〇一二两三四五六七八九十今去本上当每个去明前])(?P<time>[年月日])(?:\p{Han}{0,4})(?:标准|预算)"
)
_CLASSIFIER = on_demand(
    r"[一1]?(?:个|名|位|户|家|所|处|张|支|间|套|座|条|件|项|座|只|块|片|辆|台|对|宗|份|盒|顿|届|门|级|栋|幢)?"
)
_SLASH = on_demand(
    r"(?:[/／]|每)(?P<a>\p{Han}{1,3}?|千人|万人|张床位|平方米)(?:[./·•、/每 ]+(?P<b>[人户年月天日次]))?(?=[^\p{Han}]|标准|左右|以上|以内|的|提高|给|发|补|计|$|不等|至|~|到|调|增|执行)"
)
_BASIS_SIGN = on_demand(r"[每均标预]")
"""What no basis in front of a number goes without: 每, 均, 标准 or 预算."""
_SLASH_STARTS = frozenset("/／每")
_BREAKS_SCOPE = on_demand(r"[,，;:。!?\n]")


class Surroundings(NamedTuple):
    """The half-open spans in normalised text that a reading's words are looked for in."""

    sentence: tuple[int, int]
    clause: tuple[int, int]
    previous_end: int
    """End of the reading before it in the clause, or the clause's start."""


class Sentences:
    """The sentences of a text, found once."""

    __slots__ = ("_bounds", "_clause_ends", "_known", "_text")

    def __init__(self, text: str) -> None:
        """Find the ends of sentences and clauses of normalised text."""
        self._text = text
        self._clause_ends = [m.start() for m in _CLAUSE_END.finditer(text)]
        self._bounds = [0, *[m.end() for m in _SENTENCE_END.finditer(text)], len(text)]
        self._known = (0, 0)
        """The sentence asked for last: the next number is often in it too."""

    def around(self, start: int, end: int) -> tuple[int, int]:
        """The sentence that holds [start, end), without blanks at its ends."""
        if self._known[0] <= start and end <= self._known[1]:
            return self._known
        i = bisect_right(self._bounds, start) - 1
        low, high = self._bounds[i], self._bounds[min(i + 1, len(self._bounds) - 1)]
        high = max(high, end)
        while low < start and self._text[low].isspace():
            low += 1
        while high > end and self._text[high - 1].isspace():
            high -= 1
        self._known = (low, high)
        return low, high

    def clause(self, start: int, end: int, sentence: tuple[int, int]) -> tuple[int, int]:
        """The clause of a sentence, between its marks, that holds [start, end)."""
        ends = self._clause_ends
        before, behind = bisect_left(ends, start) - 1, bisect_left(ends, end)
        low = max(ends[before] + 1, sentence[0]) if before >= 0 else sentence[0]
        high = ends[behind] if behind < len(ends) and ends[behind] < max(sentence[1], end) else sentence[1]
        return low, high


def surroundings(text: str, sentences: Sentences, reading: Reading, previous: Reading | None) -> Surroundings:
    """Find the sentence and the clause (between commas) of a reading."""
    sentence = sentences.around(reading.start, reading.end)
    low, high = sentences.clause(reading.start, reading.end, sentence)
    before = max(low, previous.end) if previous is not None else low
    return Surroundings(sentence, (low, high), before)


def bound_of(text: str, reading: Reading, at: Surroundings, grammar: Grammar) -> tuple[Bound, str | None]:
    """The bound and the rule that set it; of two words the nearer one counts (GUIDELINES, bound)."""
    if reading.over:
        return "over", "number.more"
    window = text[max(at.previous_end, reading.start - 18) : reading.start]
    near: tuple[int, Bound, str] | None = None
    trimmed = window.rstrip(" ")
    for m in grammar.bounds_before.finditer(window):
        word = grammar.bound_words[m.group()]
        gap = window[m.end() :]
        distance = len(gap)
        if (
            distance > 0
            and m.end() != len(trimmed)
            and not (_CURRENCY_WORD.fullmatch(gap) or (len(m.group()) > 1 and _passable(gap, word.rule.reach)))
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
    behind = reading.end
    if text[behind : behind + 1] in _SLASH_STARTS and (slash := _SLASH.match(text, behind)) is not None:
        behind = slash.end()
    behind += text[behind : behind + 1] == " "
    after = grammar.bounds_after.match(text, behind) if text[behind : behind + 1] in grammar.bounds_starts else None
    if after is not None:
        word = grammar.bound_words_after[after.group()]
        fits = not word.rule.dimensions or reading.unit.dimension in word.rule.dimensions
        if fits and not (word.not_before is not None and word.not_before.match(text, after.end())):
            distance = reading.end - reading.numerals[-1][1]
            if near is None or distance < near[0]:
                return word.rule.bound, word.rule.id
    if near is not None:
        return near[1], near[2]
    return "exact", None


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


_CURRENCY_WORD = on_demand(r"(?:人民币|港币|新台币|台币|澳门币|HK\$|NT\$|MOP|\$|¥) ?")
_PASSABLE_PER = on_demand(r"^(?:可|可达|为|达|达到|人民币|港币|按|每[\p{Han}()]{1,6}|平均|一次性|:)*$")


def _passable(gap: str, reach: int) -> bool:
    """Whether a bound's word reaches over the gap: bases always, other words within the rule's reach."""
    if _PASSABLE_PER.match(gap):
        return len(gap) <= 16
    return len(gap) <= reach and not _BREAKS_SCOPE.search(gap)


def bases_of(
    text: str, reading: Reading, at: Surroundings, grammar: Grammar, words: Words, before: tuple[str, str | None] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The bases of a rate, outermost first, and the rules that named them (GUIDELINES, per).

    A basis governs every number behind it in its clause; 元/人·月 behind the unit says the same. `before` is the unit and the
    subject of the number in front, which a bare classifier refers to (床位200张,每张补助3000元).
    """
    if reading.unit.dimension in ("age", "ratio", "multiple"):
        return (), ()
    low = at.clause[0]
    slashed = text[reading.end : reading.end + 1] in _SLASH_STARTS
    if not slashed and _BASIS_SIGN.search(text, low, reading.start) is None:
        return (), ()
    found: list[tuple[str, str, str]] = []
    window = text[low : reading.start]
    if "每" in text[at.previous_end : reading.start]:
        # 每人每月826元、每人每年7452元: a number with its own basis does not take that of the one before.
        low = at.previous_end
        window = text[low : reading.start]
    if "每" in window:
        for m in _EACH.finditer(window):
            basis = _basis_at(text, low + m.end(), reading.start, grammar, words, before)
            if basis is not None:
                found.append(basis)
    if "均" in window:
        for m in list(_AVERAGE.finditer(window))[-1:]:
            for part in (m["who"] or m["span"], m["time"]):
                rule = grammar.basis_rules.get(part) if part else None
                if rule is not None and part is not None:
                    found.append((rule.basis or part, rule.id, rule.group))
    if "标准" in window or "预算" in window:
        for m in _STANDARD.finditer(window):
            rule = grammar.basis_rules.get(m["time"])
            if rule is not None:
                found.append((m["time"], rule.id, rule.group))
    if slashed and (slash := _SLASH.match(text, reading.end)) is not None:
        for part in (slash["a"], slash["b"]):
            rule = grammar.basis_rules.get(part) if part else None
            if rule is not None and part is not None:
                found.append((rule.basis or part, rule.id, rule.group))
    if not found:
        return (), ()
    if reading.unit.dimension == "percent":
        found = [f for f in found if f[2] == "time"]
    names = dict.fromkeys(name for name, _, _ in found)
    return tuple(names), tuple(dict.fromkeys(rule_id for _, rule_id, _ in found))


_COUNTED_BASIS = on_demand(r"(?P<n>\d+|[两二三四五六七八九十百千万]+)(?P<c>个|名|位|户|张|人)?")


def _basis_at(
    text: str, start: int, end: int, grammar: Grammar, words: Words, before: tuple[str, str | None] | None
) -> tuple[str, str, str] | None:
    """The basis named behind 每 at `start`: name, rule and group."""
    window = text[start : min(end, start + 18)]
    direct = grammar.bases.match(window)
    if direct is not None:
        word = direct.group()
        rule = grammar.basis_rules[word]
        if rule.group == "rate":
            return (
                ("十" if word[0] == "十" else "")
                + word.lstrip("十")[0]
                + ("户" if "户" in word else "张" if "张" in word else "人"),
                rule.id,
                rule.group,
            )
        rest = window[direct.end() :]
        if rule.group in ("time", "occasion") or (word in ("人", "户") and not rest.startswith(("口", "员", "家庭"))):
            return rule.basis or word, rule.id, rule.group
    counted = _COUNTED_BASIS.match(window)
    if counted is not None and counted.end() < len(window):
        unit = counted["c"] or ""
        if unit in ("名", "位", "人"):
            return counted["n"] + "人", "basis.person", "other"
        rest = window[counted.end() :]
        timed = grammar.bases.match(rest)
        noun = (
            timed.group()
            if timed and grammar.basis_rules[timed.group()].group == "time"
            else _head(rest, grammar, words)
        )
        return (
            counted["n"] + (unit if unit != "个" else "") + ("" if unit == "户" else noun or ""),
            "basis.place",
            "other",
        )
    classifier = _CLASSIFIER.match(window)
    assert classifier is not None
    timed = grammar.bases.match(window, classifier.end())
    if timed is not None and classifier.end() and grammar.basis_rules[timed.group()].group == "time":
        return timed.group(), grammar.basis_rules[timed.group()].id, "time"
    head = _head(window[classifier.end() :], grammar, words)
    if head is not None:
        named = grammar.basis_rules.get(head)
        if named is None:
            # Any person is 人, any household 户: the end of the noun tells.
            tail = next((head[i:] for i in range(1, len(head)) if head[i:] in grammar.basis_rules), None)
            named = (
                grammar.basis_rules[tail]
                if tail and (len(tail) > 1 or grammar.basis_rules[tail].group == "recipient")
                else None
            )
            head = tail if named is not None and tail is not None else head
        return (named.basis or head, named.id, named.group) if named else (head, "basis.place", "place")
    word = classifier.group()
    own = grammar.basis_rules.get(word)
    if own is not None and own.group == "recipient":
        return own.basis or word, own.id, own.group
    if word in _STANDS_FOR:
        # A bare classifier stands for the noun in front of it (普通床位每张) or of the number in front.
        left = _CLAUSE_END.split(text[max(0, start - 14) : start - 1])[-1].rstrip("按对给在")
        noun = _last_noun(left, grammar, words) or (
            _last_noun(before[1], grammar, words) if before and before[1] else None
        )
        if noun is not None:
            return noun, "basis.thing", "other"
        return (own.basis or word, own.id, own.group) if own else None
    return None


_STANDS_FOR = frozenset("个张件套处家所份间台辆座")
_NOUN_WINDOW = on_demand(r"[\p{Han}]{0,14}")


def _head(window: str, grammar: Grammar, words: Words) -> str | None:
    """The head noun of the phrase at the window's start, without modifiers and bracketed alternatives."""
    m = _NOUN_WINDOW.match(window)
    phrase = m.group().split("每")[0] if m else ""
    kept: list[str] = []
    limit = grammar.bounds_before.search(phrase)
    for token in words.cut(phrase[: limit.start()] if limit else phrase):
        if words.is_verb(token) or token in words.functions or token in _NO_HEAD:
            break
        rule = grammar.basis_rules.get(token)
        if rule is not None and rule.group == "time":
            break
        kept.append(token)
        if rule is not None and (rule.group in ("recipient", "place")):
            break
    while kept and words.is_nominal(kept[-1]):
        kept.pop()
    if not kept:
        return None
    head = kept[-1]
    if len(head) == 1 and len(kept) > 1 and head in "院站点室所堂园店厅":
        head = kept[-2] + head
    return head


_HAN_WORD = on_demand(r"\p{Han}{2,}")
_NO_HEAD = frozenset(
    {
        "至少",
        "最多",
        "最高",
        "不少于",
        "不超过",
        "不低于",
        "平均",
        "一次性",
        "约",
        "近",
        "超过",
        "任期",
        "售价",
        "价格",
        "收费",
        "费用",
        "面积",
        "金额",
        "规模",
        "时长",
        "时间",
        "经费",
    }
)


def _last_noun(phrase: str, grammar: Grammar, words: Words) -> str | None:
    """The noun a phrase ends with, or None where it ends with something else."""
    tokens = words.cut(phrase)
    last = tokens[-1] if tokens else ""
    if (
        not last
        or words.is_verb(last)
        or last in words.functions
        or words.is_nominal(last)
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
