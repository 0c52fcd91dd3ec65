"""First pass over a text: every numeral becomes a reading (number, unit, span) or is set aside with its reason."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from casextract.extract.grammar import Grammar, Unit
from casextract.extract.numbers import NUMERAL, Number, read_number
from casextract.records import Currency
from casextract.rulebook.models import UnitRule
from casextract.rulebook.patterns import on_demand
from casextract.segment import Block

_RANGE = on_demand(
    r"(?:个|家|名|人|元|万元|亿元|%|张|岁|周岁|次|天|小时|年|公里|平方米|项|户|倍)?(?:/\p{Han}{1,2})?\ ?(?P<sign>[~～至到]|[-—–―]{1,2})\ ?(?=\d|[一二两三四五六七八九十半])"
)
_CHANGING = on_demand(
    r"(?:[从由](?:原来的?|\d{4}年的?)?|(?:增加|减少|提高|降低|下降|上升|扩大|缩短|压缩|增|减|升|降)(?:了|约)?)$"
)
_RATIO_BEHIND = on_demand(r"(?:的)?(?:比例|比(?!如)|配|标准)")
_RATIO_BEFORE = on_demand(r"(?:按照?|比例|配比|达到?|为|不低于|或)[^,。;\d]{0,4}$")
_YEAR_LIKE = on_demand(r"(?:19[5-9]|20[0-4])\d(?!\d)")
_PHRASE = on_demand(r"[\p{Han}()]{0,14}")
_HUNDREDTHS = on_demand(r"(?P<base>[百千万])分之(?=\d|[一二两三四五六七八九十零百])")
_FRACTION = on_demand(r"分之(?=\d|[一二两三四五六七八九十])")
_RATIO = on_demand(r"(\d+(?:\.\d+)?)[:∶](\d+(?:\.\d+)?)(?![\d:])")
_HALF = on_demand(r"半(?=个?(?:小时|月|年|天|日|学期))(?<![上下前后大多][半])")
_LIST_GAP = on_demand(r"[、和与及或]")
_MONEY_SIGN = on_demand(
    r"(?P<hk>HK\$|港币|港幣|港元)|(?P<mo>MOP\$?|澳门币|澳门元)|(?P<tw>NT\$|新台币|台币)|(?P<us>US\$|美元)|(?P<cn>¥|¥|RMB|人民币)|(?P<any>\$)"
)
_SIGN_CURRENCY: dict[str, Currency] = {"hk": "HKD", "mo": "MOP", "tw": "TWD", "us": "USD", "cn": "CNY"}
_FRACTION_REACH = 24
_SIGN_ENDS = frozenset("$币幣元P¥¥B ")
"""What `_MONEY_SIGN` can end with, and a blank."""
_TENTHS = {c: i for i, c in enumerate("零一二三四五六七八九") if i} | {"半": 5}
_PARTS = {("年", "月"): 12, ("月", "天"): 30, ("天", "小时"): 24, ("小时", "分钟"): 60, ("分钟", "秒"): 60}
_RATIO_RULE = UnitRule(id="unit.ratio", intent="two numbers with a colon are a ratio", dimension="ratio", words=("比",))
_SUM_SAID = on_demand(r"(?:资金|[保助补贴善]金|投入|投资|支出|拨款|筹资|经费|预算|款)(?:约|近|超|达|共|为|了)*$")
_SUM_ENDS = on_demand(r"[,，。;、)\n]|$")
_UNSAID = frozenset({"metadata", "trailer", "noise", "outline"})
_TITLES = frozenset({"meta.title", "meta.subtitle"})


class Reading(NamedTuple):
    """A quantity as read: the number and its unit, before anything is asked of the words around it."""

    start: int
    end: int
    numerals: tuple[tuple[int, int], ...]
    value: float
    value_high: float | None
    over: bool
    unit: Unit
    chinese: bool
    currency: Currency | None = None


class SetAside(NamedTuple):
    """A numeral that measures nothing, or that nothing is known of (`reason` None)."""

    start: int
    end: int
    reason: str | None
    rule_id: str | None


@dataclass(frozen=True, slots=True)
class Scan:
    """What the pass found, each in text order."""

    readings: tuple[Reading, ...]
    aside: tuple[SetAside, ...]


def scan(text: str, blocks: Sequence[Block], currency: Currency, grammar: Grammar) -> Scan:
    """Read every numeral of normalised text once, from left to right. `currency` is the document's own."""
    readings: list[Reading] = []
    aside: list[SetAside] = []
    waiting: list[Number] = []
    starts = [b.start for b in blocks]
    fractions, colons = "分之" in text, ":" in text or "∶" in text
    at = 0
    for anchor in _anchors(text):
        if anchor < at:
            continue
        block = blocks[bisect_right(starts, anchor) - 1] if blocks else None
        if block is not None and block.kind in _UNSAID and block.rule_id not in _TITLES:
            m = NUMERAL.match(text, anchor)
            at = m.end() if m else anchor + 1
            aside.append(SetAside(anchor, at, block.kind, block.rule_id))
            continue
        found: Reading | Number | None = _percent_words(text, anchor, grammar) if fractions else None
        if found is None and colons:
            found = _ratio(text, anchor, grammar)
        if found is None:
            excluded = _excluded(text, anchor, currency, grammar)
            if excluded is not None:
                # A pattern that ends inside a run of digits sets the whole run aside: no digit may be lost.
                end = excluded.end
                while end < len(text) and NUMERAL.fullmatch(text, end - 1, end + 1):
                    end += 1
                if end != excluded.end:
                    excluded = excluded._replace(end=end)
                aside.append(excluded)
                at = excluded.end
                continue
            found = _quantity(text, anchor, currency, grammar)
        if isinstance(found, Reading):
            shared = _shared(waiting, found, text)
            readings.extend(shared)
            if not shared:
                aside.extend(map(_unread, waiting))
            waiting.clear()
            readings.append(found)
            at = found.end
            continue
        number = found
        if number is None:
            m = NUMERAL.match(text, anchor)
            at = m.end() if m else anchor + 1
            aside.append(
                SetAside(anchor, at, "word", None) if at - anchor < 3 and m else SetAside(anchor, at, None, None)
            )
            continue
        at = number.end
        if waiting and not _LIST_GAP.fullmatch(text, waiting[-1].end, number.start):
            aside.extend(map(_unread, waiting))
            waiting.clear()
        if not number.chinese and _LIST_GAP.match(text, number.end):
            waiting.append(number)
            continue
        aside.extend(map(_unread, waiting))
        waiting.clear()
        aside.append(_unread(number))
    aside.extend(map(_unread, waiting))
    return Scan(tuple(readings), tuple(sorted(aside, key=lambda a: a.start)))


_ANCHOR = on_demand(
    rf"(?=[\d零〇一二两三四五六七八九十百千万亿廿卅几数半])(?:{NUMERAL.pattern}|[几数](?=[十百千万亿])|{_HALF.pattern})"
)


def _anchors(text: str) -> list[int]:
    return [m.start() for m in _ANCHOR.finditer(text)]


def _excluded(text: str, start: int, currency: Currency, grammar: Grammar) -> SetAside | None:
    found = grammar.exclusions.match(text, start)
    if found is None or found[1] == start:
        return None
    index, end = found
    rule = grammar.exclusion_rules[index]
    if rule.currency is not None and rule.currency != currency:
        return None
    return SetAside(start, end, rule.reason, rule.id)


def _unread(number: Number) -> SetAside:
    if number.chinese:
        return SetAside(number.start, number.end, "word", None)
    return SetAside(number.start, number.end, None, None)


def _shared(waiting: list[Number], found: Reading, text: str) -> list[Reading]:
    """Numbers of a list that stand before one with a unit (1、2、3名) share it, where nothing else stands between."""
    if not waiting or not _LIST_GAP.fullmatch(text, waiting[-1].end, found.start):
        return []
    return [
        found._replace(start=n.start, end=n.end, numerals=((n.start, n.end),), value=n.value * found.unit.factor, value_high=None, over=n.over, chinese=n.chinese)
        for n in waiting
    ]  # fmt: skip


def _percent_words(text: str, start: int, grammar: Grammar) -> Reading | None:
    """百分之N, 千分之N and N分之M as shares."""
    unit = grammar.units.get("%")
    if unit is None or "分之" not in text[start : start + _FRACTION_REACH]:
        return None
    m = _HUNDREDTHS.match(text, start)
    if m is not None:
        number = read_number(text, m.end())
        if number is None:
            return None
        factor = {"百": 1.0, "千": 0.1, "万": 0.01}[m["base"]]
        return Reading(
            start,
            number.end,
            ((start, number.end),),
            round(number.value * factor, 6),
            None,
            number.over,
            unit,
            chinese=False,
        )
    whole = read_number(text, start) if text[start] in "二三四五六七八九十23456789" else None
    m = _FRACTION.match(text, whole.end) if whole else None
    if m is None or whole is None or whole.value == 0:
        return None
    part = read_number(text, m.end())
    if part is None or part.value > whole.value:
        return None
    return Reading(
        start,
        part.end,
        ((start, part.end),),
        round(100 * part.value / whole.value, 4),
        None,
        part.over,
        unit,
        chinese=False,
    )


def _ratio(text: str, start: int, grammar: Grammar) -> Reading | None:
    near = text[start : start + _FRACTION_REACH]
    m = _RATIO.match(text, start) if ":" in near or "∶" in near else None
    if m is None or (start and (text[start - 1].isdigit() or text[start - 1] in ".:")):
        return None
    a, b = float(m[1]), float(m[2])
    ratio_like = _RATIO_BEHIND.match(text, m.end()) or _RATIO_BEFORE.search(text, max(0, start - 8), start)
    if a == 0 or (len(m[2]) == 2 and b < 60 and a <= 24 and not ratio_like) or not (ratio_like or a == 1):
        return None
    unit = Unit("比", "比", "ratio", 1.0, None, _RATIO_RULE, None, None)
    return Reading(start, m.end(), ((start, m.end()),), round(b / a, 6), None, False, unit, chinese=False)


def _quantity(text: str, start: int, currency: Currency, grammar: Grammar) -> Reading | Number | None:
    """Read a number, a range sign with a second number, and the unit. Returns the bare number where no unit follows."""
    first = read_number(text, start)
    if first is None:
        return None
    signed = _signed(text, start)
    unit, end = _unit_at(text, first, grammar)
    m = _RANGE.match(text, first.end)
    if m is not None:
        second = read_number(text, m.end())
        unit_2, end_2 = _unit_at(text, second, grammar) if second is not None else (None, first.end)
        # 从1.2万元到4.5万元不等 is a range all the same.
        if second is not None and (text.startswith("不等", end_2) or not _from_to(text, start, m["sign"])):
            if unit_2 is None and signed is not None:
                unit_2, end_2 = grammar.units.get("元"), second.end
            low, high = first.value, second.value
            if first.scale == 1 and second.scale > 1 and low * second.scale <= high and low < 1000:
                low *= second.scale
            if (
                unit_2 is not None
                and low < high
                and (unit is None or unit.canonical == unit_2.canonical or unit.rule.small == "level")
            ):
                both = ((first.start, first.end), (second.start, second.end))
                return _reading(
                    start,
                    end_2,
                    both,
                    low,
                    high,
                    first.over or second.over,
                    unit_2,
                    first.chinese and second.chinese,
                    signed,
                    currency,
                )
    if unit is None and signed is not None:
        unit, end = grammar.units.get("元"), first.end
    if unit is None:
        unit, end = _implied_unit(text, first, grammar)
    if unit is None:
        return first
    value = first.value
    over = first.over
    if "半" in unit.word:
        value += 0.5
    if unit.word == "成" and text[end : end + 1] in _TENTHS and text[end : end + 1]:
        value += _TENTHS[text[end]] / 10
        end += 1
    if "多" in unit.word or unit.word.startswith("余"):
        over = True
    spans: tuple[tuple[int, int], ...] = ((first.start, first.end),)
    rest = read_number(text, end) if unit.dimension == "duration" and end < len(text) and first.high is None else None
    if rest is not None:
        smaller, stop = _unit_at(text, rest, grammar)
        part = _PARTS.get((unit.canonical, smaller.canonical)) if smaller is not None else None
        if part is not None:
            # 1年6个月 is one length of time, in its larger unit.
            value, end, spans = round(value + rest.value / part, 6), stop, (*spans, (rest.start, rest.end))
    return _reading(start, end, spans, value, first.high, over, unit, first.chinese, signed, currency)


def _reading(
    start: int, end: int, numerals: tuple[tuple[int, int], ...], low: float, high: float | None, over: bool, unit: Unit,
    chinese: bool, signed: Currency | None, currency: Currency,
) -> Reading:  # fmt: skip
    money = (unit.currency or signed or currency) if unit.dimension == "money" else None
    factor = unit.factor
    return Reading(
        start, end, numerals, low * factor, None if high is None else high * factor, over, unit, chinese, money
    )


def _from_to(text: str, start: int, sign: str) -> bool:
    """由20%到10% tells a change, 160元至300元 a range: 从 or 由 right before makes 到 and 至 the former."""
    return sign in "到至" and _CHANGING.search(text, max(0, start - 8), start) is not None


def _signed(text: str, start: int) -> Currency | None:
    """The currency that stands before the number ($, 港币, 新台币)."""
    if text[start - 1 : start] not in _SIGN_ENDS:
        return None
    window = text[max(0, start - 4) : start].rstrip()
    m = next((m for m in _MONEY_SIGN.finditer(window) if m.end() == len(window)), None)
    if m is None:
        return None
    assert m.lastgroup is not None
    return _SIGN_CURRENCY.get(m.lastgroup, "HKD")


def _unit_at(text: str, number: Number, grammar: Grammar) -> tuple[Unit | None, int]:
    """The longest unit behind the number (one blank allowed), and where it ends."""
    at = number.end
    if text[at : at + 1] == " ":
        at += 1
    if text[at : at + 1] in "余多" and at > number.end:
        at += 1
    for length in grammar.unit_lengths.get(text[at : at + 1], ()):
        unit = grammar.units.get(text[at : at + length])
        if unit is None:
            continue
        # At the text's end the slice is shorter than asked for.
        end = at + len(unit.word)
        if number.chinese and not unit.rule.chinese:
            continue
        if unit.not_before is not None and unit.not_before.match(text, end):
            continue
        if unit.only_before is not None and not unit.only_before.match(text, end):
            continue
        return unit, end
    return None, number.end


_NOUN_REACH = 12


def _implied_unit(text: str, number: Number, grammar: Grammar) -> tuple[Unit | None, int]:
    """A unit that goes without saying behind an Arabic number; the span ends at the number.

    A noun that needs no classifier (12万城乡居民), or money where a sum is spoken of and 元 is left out (支出低保金3347万).
    """
    if (
        number.scale >= 10**4
        and _SUM_ENDS.match(text, number.end)
        and _SUM_SAID.search(text, max(0, number.start - 12), number.start)
    ):
        return grammar.units.get("元"), number.end
    if number.chinese or grammar.implied is None or number.value < 2:
        return None, number.end
    if _YEAR_LIKE.fullmatch(text, number.start, number.end):
        return None, number.end
    stop = _PHRASE.match(text, number.end)
    assert stop is not None
    phrase = stop.group()[: _NOUN_REACH + 2]
    m = grammar.implied.search(phrase)
    if m is None or any(c in phrase[: m.start()] for c in "和与及对为是在由被"):
        return None, number.end
    return grammar.implied_units[m.group()], number.end
