"""A number with its unit, as read: the values of the first pass, and the units that stand behind a number."""

from __future__ import annotations

from typing import NamedTuple

from casextract.extract.grammar import Grammar, Unit
from casextract.extract.numbers import CAPITALS, DIGITS, NINE, Number, read_number
from casextract.records import Bound, Currency
from casextract.rulebook.patterns import on_demand
from casextract.rulebook.vocabulary import CHINESE

ARROW = on_demand(r"\s?(?:→|⇒|➔|➜|➝|⟶|⮕|-{1,2}>|=>|—>)\s?")
"""A sign that an old value became a new one."""


class Numeral(NamedTuple):
    """A numeral inside a reading, and the number that was read in it before its unit was asked."""

    start: int
    end: int
    value: float | None


class Reading(NamedTuple):
    """A quantity as read: the number and its unit, before anything is asked of the words around it."""

    start: int
    end: int
    numerals: tuple[Numeral, ...]
    value: float
    value_high: float | None
    hint: Bound | None
    """What the number's own words and signs (余, 几, 来, 80+) say of its bound."""
    unit: Unit
    chinese: bool
    currency: Currency | None = None
    named: bool = False
    """Whether the currency is named beside the sum."""
    implied: bool = False
    """Whether the unit goes without saying; the span ends at the number then."""


class SetAside(NamedTuple):
    """A numeral that measures nothing, or that nothing is known of (`reason` None). `value` is the number read in it,
    if any."""

    start: int
    end: int
    reason: str | None
    rule_id: str | None
    value: float | None = None


class UnitFound(NamedTuple):
    """A unit behind a number: where it ends, what a 半 beside it adds to the number, and what 多 or + says of the
    bound."""

    unit: Unit
    end: int
    more: float = 0.0
    hint: Bound | None = None


_LONGEST_UNIT = 12


def unit_at(
    text: str, number: Number, grammar: Grammar, *, lenient: bool = False, front: int | None = None
) -> UnitFound | None:
    """The longest unit behind the number, one blank, a plus sign or 个半 between them.

    With `lenient` the words that must or must not stand beside a unit are not asked: a unit before a range sign stands
    there as the one behind the second number does. `front` is where the words in front of the number end, if not at its
    start.
    """
    at, hint = number.end, None
    if text[at : at + 1] == "+":
        at, hint = at + 1, "at_least"
    if text[at : at + 1] == " ":
        at += 1
        if text[at : at + 1] in ("余", "多"):
            at, hint = at + 1, "over"
    if text.startswith("(含)", at):
        # 60(含)岁: the bracket belongs to the bound.
        at += 3
    front = number.start if front is None else front
    # 个 by itself is a unit too: 三个半月.
    inside = grammar.phrases.inside_unit.match(text, at)
    found = None
    if inside is None or text[at] != "个":
        found = _word_at(text, at, "", number, grammar, lenient, front)
    if found is None and inside is not None:
        for prefix in ("个", ""):
            found = _word_at(text, inside.end(), prefix, number, grammar, lenient, front)
            if found is not None and is_measured(found[0]):
                more = 0.5 if inside["half"] else 0.0
                bound: Bound | None = "over" if inside["over"] else "about" if inside["about"] else None
                return UnitFound(*found, more, bound)
        found = _word_at(text, at, "", number, grammar, lenient, front) if text[at] == "个" else None
    if found is None:
        return None
    unit, end = found
    bound = "at_least" if hint == "at_least" else "over" if hint else None
    if "半" in unit.word:
        return UnitFound(unit, end, 0.5, bound)
    if "多" in unit.word or unit.word.startswith("余"):
        return UnitFound(unit, end, 0.0, "over")
    if (is_measured(unit) or unit.word == "块") and text[end : end + 1] in ("半", "多"):
        if grammar.phrases.half_behind.match(text, end):
            return UnitFound(unit, end + 1, 0.5, bound)
        if grammar.phrases.over_behind.match(text, end):
            return UnitFound(unit, end + 1, 0.0, "over")
    return UnitFound(unit, end, 0.0, bound)


def is_measured(unit: Unit) -> bool:
    """Whether the unit is of a continuous measure, of which there are halves (公里, 斤, 小时), not of things one
    counts."""
    return unit.rule.small == "keep" and unit.dimension not in ("money", "percent", "ratio")


def _word_at(
    text: str, at: int, prefix: str, number: Number, grammar: Grammar, lenient: bool, front: int
) -> tuple[Unit, int] | None:
    window = prefix + text[at : at + _LONGEST_UNIT]
    for length in grammar.unit_lengths.get(window[:1], ()):
        for unit in grammar.units.get(window[:length], ()):
            # At the text's end the slice is shorter than asked for.
            end = at + len(unit.word) - len(prefix)
            if unit.word[-1].isascii() and unit.word[-1].isalnum() and _goes_on(text, end):
                continue
            if number.chinese and not unit.rule.chinese:
                continue
            if lenient or _stands(unit, text, front, end):
                return unit, end
    return None


def _goes_on(text: str, end: int) -> bool:
    """Whether a Latin letter or a digit follows: then letters in front of it are no unit."""
    return text[end : end + 1].isascii() and text[end : end + 1].isalnum()


def _stands(unit: Unit, text: str, start: int, end: int) -> bool:
    """Whether the words beside the number and its unit let the unit be one."""
    if unit.not_before is not None and unit.not_before.match(text, end):
        return False
    if unit.only_before is None and unit.only_after is None:
        return True
    if unit.only_before is not None and unit.only_before.match(text, end):
        return True
    return unit.only_after is not None and unit.only_after.search(text[max(0, start - _REACH) : start]) is not None


_REACH = 24
"""How far in front of a number a unit's condition is looked for."""

_PARTS = {
    ("年", "月"): 12,
    ("月", "天"): 30,
    ("天", "小时"): 24,
    ("小时", "分钟"): 60,
    ("小时", "分"): 60,
    ("分钟", "秒"): 60,
    ("岁", "月"): 12,
    ("公里", "米"): 1000,
    ("米", "厘米"): 100,
    ("公斤", "克"): 1000,
    ("斤", "两"): 10,
    ("丈", "尺"): 10,
    ("尺", "寸"): 10,
}
"""Two units of one compound to how many of the smaller make one of the larger."""
_JOINT = on_demand(r"零|又|加| ")
_PART_BEGINS = on_demand(rf"(?:{_JOINT.pattern})?(?:\d|{CHINESE})")
"""What the smaller unit of a compound begins with: asked first, because few numbers have one."""
_MONEY_SCALE = {"角": 10, "毛": 10, "分": 100}
_TENTHS = {c: i for i, c in enumerate(NINE, start=1)} | {"两": 2, "半": 5} | CAPITALS


class Compound(NamedTuple):
    """What smaller units behind the first add to a number (1年6个月, 3元5角): the value, the end, and the numerals."""

    value: float
    end: int
    numerals: tuple[Numeral, ...]


def compound(text: str, value: float, unit: Unit, end: int, grammar: Grammar) -> Compound:
    """The number with the smaller units that follow it at once, in its own unit."""
    numerals: list[Numeral] = []
    if unit.dimension == "money":
        return _money_compound(text, value, unit, end, grammar)
    if unit.word == "成" and text[end : end + 1] in _TENTHS and text[end : end + 1]:
        part = float(_TENTHS[text[end]])
        return Compound(round(value + part / 10, 6), end + 1, (Numeral(end, end + 1, part),))
    if grammar.phrases.by_tens.fullmatch(unit.word) and (m := grammar.phrases.tenths.match(text, end)) is not None:
        # 1米2, 一米七五, 三斤七: tenths and hundredths without their unit; hundredths only of metres.
        written = "".join(str(DIGITS.get(c, c)) for c in m["digits"])
        if unit.canonical == "米" or (len(written) == 1 and not m["digits"].isdecimal()):
            part = int(written) / 10 ** len(written)
            return Compound(round(value + part, 6), m.end(), (Numeral(m.start(), m.end(), part),))
    if unit.word == "斤" and (m := grammar.phrases.jin_tenths.match(text, end)) is not None:
        # 三斤八两: 八两 by itself is two digits in a row.
        part = float(m["digit"]) if m["digit"].isdecimal() else float(_TENTHS[m["digit"]])
        return Compound(round(value + part / 10, 6), m.end(), (Numeral(m.start(), m.end() - 1, part),))
    share, larger = 1.0, unit.canonical
    while _PART_BEGINS.match(text, end) is not None:
        joint = _JOINT.match(text, end)
        rest = read_number(text, joint.end() if joint else end) if end < len(text) else None
        if rest is None or rest.high is not None:
            break
        smaller = unit_at(text, rest, grammar, lenient=True)
        part_of = _PARTS.get((larger, smaller.unit.canonical)) if smaller is not None else None
        if smaller is None or part_of is None or rest.value >= part_of:
            break
        share *= part_of
        # 1年6个月 is one length of time, in its larger unit.
        value = round(value + (rest.value + smaller.more) / share, 6)
        numerals.append(Numeral(rest.start, rest.end, rest.value))
        larger, end = smaller.unit.canonical, smaller.end
    return Compound(value, end, tuple(numerals))


def _money_compound(text: str, value: float, unit: Unit, end: int, grammar: Grammar) -> Compound:
    """3元5角8分, 三块五: the number in `unit`, whose factor is that of its first unit."""
    numerals: list[Numeral] = []
    scale = round(1 / unit.factor) if unit.factor < 1 else 1
    if scale not in (1, 10) or len(unit.word) > 1:
        return Compound(value, end, ())
    while scale < 100 and (m := grammar.phrases.money_part.match(text, end)) is not None:
        # The smaller unit may be left out (三块五, 两元五), but not before a mark of a list or behind a zero.
        if m["unit"] is None and (m["zero"] or (unit.word == unit.canonical and text[m.end() : m.end() + 1] == "、")):
            break
        own = _MONEY_SCALE[m["unit"]] if m["unit"] else scale * 10
        if own <= scale:
            break
        digit = float(_TENTHS.get(m["digit"], 0)) if not m["digit"].isdecimal() else float(m["digit"])
        value += digit / own / unit.factor
        numerals.append(Numeral(m.start(), m.end("digit"), digit))
        scale, end = own, m.end()
    if text.startswith("整", end) and not text.startswith("整体", end):
        end += 1
    return Compound(round(value, 6), end, tuple(numerals))
