"""What the words around a reading say: its bound, its bases (`per`) and the clause and sentence it stands in."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import regex

from casextract.extract.grammar import Grammar
from casextract.extract.scan import Reading
from casextract.extract.words import Words
from casextract.records import Bound

_SENTENCE_END = regex.compile(r"[。!?]+[”’)》]*|(?<![,、(“《])\n+|\n{2,}")
_CLAUSE_END = regex.compile(r"(?<!\d),|,(?!\d{3}(?!\d))|[，;。!?\n]|:(?! ?\d)")
_EACH = regex.compile(r"每(?!当|逢|况|每|项都)")
_AVERAGE = regex.compile(r"(?P<time>[年月日])?(?P<who>[人户床村])均|(?P<who>[周日月年])均(?!衡|等|价|可|已|为|达|有|需|应|能|由|在|设|建|实|按|不|未|获|被|纳|享|得|以)")
# 月标准, 年标准 and 月保障标准 name the period of a standard without 每.
_STANDARD = regex.compile(r"(?<![\d零〇一二两三四五六七八九十今去本上当每个去明前])(?P<time>[年月日])(?:\p{Han}{0,4})(?:标准|预算)")
_CLASSIFIER = regex.compile(r"[一1]?(?:个|名|位|户|家|所|处|张|支|间|套|座|条|件|项|座|只|块|片|辆|台|对|宗)?")
_SLASH = regex.compile(r"(?:[/／]|每)(?P<a>\p{Han}{1,3}?|千人|万人|张床位|平方米)(?:[./·•、/每 ]+(?P<b>[人户年月天日次]))?(?=[^\p{Han}]|标准|左右|以上|以内|的|提高|给|发|补|计|$|不等|至|~|到|调|增|执行)")
_BREAKS_SCOPE = regex.compile(r"[,，;:。!?\n]")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The half-open spans in normalised text that a reading's words are looked for in."""

    sentence: tuple[int, int]
    clause: tuple[int, int]
    previous_end: int
    """End of the reading before it in the clause, or the clause's start."""


class Sentences:
    """The sentences of a text, found once."""

    __slots__ = ("_bounds", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._bounds = [0, *(m.end() for m in _SENTENCE_END.finditer(text)), len(text)]

    def around(self, start: int, end: int) -> tuple[int, int]:
        """The sentence that holds [start, end), without blanks at its ends."""
        i = bisect_right(self._bounds, start) - 1
        low, high = self._bounds[i], self._bounds[min(i + 1, len(self._bounds) - 1)]
        high = max(high, end)
        while low < start and self._text[low].isspace():
            low += 1
        while high > end and self._text[high - 1].isspace():
            high -= 1
        return low, high


def surroundings(text: str, sentences: Sentences, reading: Reading, previous: Reading | None) -> Surroundings:
    """Find the sentence and the clause (between commas) of a reading."""
    sentence = sentences.around(reading.start, reading.end)
    low = reading.start
    while low > sentence[0] and not _CLAUSE_END.match(text, low - 1):
        low -= 1
    m = _CLAUSE_END.search(text, reading.end, max(sentence[1], reading.end))
    high = m.start() if m else sentence[1]
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
        if distance > 0 and m.end() != len(trimmed) and (len(m.group()) == 1 or not _passable(gap, word.rule.reach)):
            continue
        if word.rule.dimensions and reading.unit.dimension not in word.rule.dimensions:
            continue
        start = reading.start - len(window) + m.start()
        if word.not_after is not None and word.not_after.search(text[max(0, start - 4) : start]):
            continue
        if word.not_before is not None and word.not_before.match(text, start + len(m.group())):
            continue
        near = (distance, word.rule.bound, word.rule.id)
    slash = _SLASH.match(text, reading.end)
    behind = slash.end() if slash else reading.end
    m = grammar.bounds_after.match(text, behind + (text[behind : behind + 1] == " "))
    if m is not None:
        word = grammar.bound_words_after[m.group()]
        fits = not word.rule.dimensions or reading.unit.dimension in word.rule.dimensions
        if fits and not (word.not_before is not None and word.not_before.match(text, m.end())):
            distance = reading.end - reading.numerals[-1][1]
            if near is None or distance < near[0]:
                return word.rule.bound, word.rule.id
    if near is not None:
        return near[1], near[2]
    return "exact", None


_PASSABLE_PER = regex.compile(r"^(?:可|可达|为|达|达到|人民币|港币|按|每[\p{Han}()]{1,6}|平均|一次性|:)*$")


def _passable(gap: str, reach: int) -> bool:
    """Whether a bound's word reaches over the gap: bases always, other words within the rule's reach."""
    if _PASSABLE_PER.match(gap):
        return len(gap) <= 16
    return len(gap) <= reach and "的" not in gap and not _BREAKS_SCOPE.search(gap)


def bases_of(text: str, reading: Reading, at: Surroundings, grammar: Grammar, words: Words) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The bases of a rate, outermost first, and the rules that named them (GUIDELINES, per).

    A basis governs every number behind it in its clause; 元/人·月 behind the unit says the same.
    """
    if reading.unit.dimension in ("age", "percent", "ratio"):
        return (), ()
    found: list[tuple[str, str, str]] = []
    low = at.clause[0]
    window = text[low : reading.start]
    if "每" in window:
        for m in _EACH.finditer(window):
            basis = _basis_at(text, low + m.end(), reading.start, grammar, words)
            if basis is not None:
                found.append(basis)
    if "均" in window:
        for m in _AVERAGE.finditer(window):
            for part in (m["who"], m["time"]):
                rule = grammar.basis_rules.get(part) if part else None
                if rule is not None and part is not None:
                    found.append((rule.basis or part, rule.id, rule.group))
    if "标准" in window or "预算" in window:
        for m in _STANDARD.finditer(window):
            rule = grammar.basis_rules.get(m["time"])
            if rule is not None:
                found.append((m["time"], rule.id, rule.group))
    m = _SLASH.match(text, reading.end)
    if m is not None:
        for part in (m["a"], m["b"]):
            rule = grammar.basis_rules.get(part) if part else None
            if rule is not None and part is not None:
                found.append((rule.basis or part, rule.id, rule.group))
    if not found:
        return (), ()
    # Recipients and places stand outside the times, whatever the order in print (每月每人).
    found.sort(key=lambda f: f[2] == "time")
    names = dict.fromkeys(name for name, _, _ in found)
    return tuple(names), tuple(dict.fromkeys(rule_id for _, rule_id, _ in found))


_COUNTED_BASIS = regex.compile(r"(?P<n>\d+|[两二三四五六七八九十百千万]+)(?P<c>个|名|位|户|张|人)?")


def _basis_at(text: str, start: int, end: int, grammar: Grammar, words: Words) -> tuple[str, str, str] | None:
    """The basis named behind 每 at `start`: name, rule and group."""
    window = text[start : min(end, start + 18)]
    direct = grammar.bases.match(window)
    if direct is not None:
        rule = grammar.basis_rules[direct.group()]
        rest = window[direct.end() :]
        if rule.group == "time" or direct.group() in ("人", "户") and not rest.startswith(("口", "员", "家庭")) or direct.group()[0] in "百千万":
            name = rule.basis or direct.group()
            if direct.group()[0] in "百千万":
                name = direct.group()[0] + {"basis.thousands": "人"}.get(rule.id, "") if "户" not in direct.group() and "张" not in direct.group() else direct.group()
                name = ("十" if window.startswith("十") else "") + name
            return name, rule.id, rule.group
    counted = _COUNTED_BASIS.match(window)
    if counted is not None and counted.end() < len(window):
        unit = counted["c"] or ""
        if unit in ("名", "位", "人"):
            return counted["n"] + "人", "basis.person", "other"
        return counted["n"] + (unit if unit not in ("个",) else "") + ("" if unit in ("户",) else _head(window[counted.end() :], grammar, words) or ""), "basis.place", "other"
    classifier = _CLASSIFIER.match(window)
    assert classifier is not None
    head = _head(window[classifier.end() :], grammar, words)
    if head is not None:
        suffix = next((head[i:] for i in range(len(head)) if head[i:] in grammar.basis_rules), None)
        if suffix is not None:
            rule = grammar.basis_rules[suffix]
            return rule.basis or suffix, rule.id, rule.group
        return head, "basis.place", "place"
    if direct is not None:
        rule = grammar.basis_rules[direct.group()]
        return rule.basis or direct.group(), rule.id, rule.group
    return None


_BRACKET = regex.compile(r"\([^()]{0,12}\)")
_HEAD_STOP = regex.compile(r"[每\d,，;:。!?、“”(年月]|(?:至少|不少于|最多|不超过|平均|分别|均|都|可|将|应|须|需|要|给予|按|为|由|在|有|设|配|建|选|发|拨|补|奖|派|投|安排|明确|成立|拥有|提供|一次性|高标准|最高|开展|组织|享受|领取|缴|收|增|减|上门|走访|约|近|超|[一二三四五六七八九两十]+[个名张次处家支])")


def _head(window: str, grammar: Grammar, words: Words) -> str | None:
    """The head noun of the phrase at the window's start, without modifiers and bracketed alternatives."""
    stop = _HEAD_STOP.search(window)
    phrase = window[: stop.start()] if stop else window
    if not phrase:
        return None
    head = ""
    for token in words.cut(phrase):
        if token in grammar.functions or (token in grammar.verbs and head):
            break
        head = token
        joined = token
    if not head:
        return None
    _ = joined
    m = next((phrase[i:] for i in range(len(phrase)) if phrase[i:] in grammar.basis_rules), None)
    return m or head
