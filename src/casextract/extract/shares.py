"""Shares, halves and ratios that have a form of their own: 百分之八十, 三分之一, 3/4, 过半, 八五折, 1:0.5."""

from __future__ import annotations

from typing import NamedTuple

from casextract.extract.grammar import Grammar, Phrases, Unit
from casextract.extract.numbers import DIGITS, Number, read_number
from casextract.extract.reading import Numeral, Reading, is_measured, unit_at
from casextract.records import Bound
from casextract.rulebook.models import UnitRule
from casextract.rulebook.patterns import on_demand

_RATIO_CHAIN = on_demand(r"\d+(?:\.\d+)?(?: ?[:∶] ?\d+(?:\.\d+)?){2,}")
_REACH = 24
RATIO_RULE = UnitRule(id="unit.ratio", intent="two numbers with a colon are a ratio", dimension="ratio", words=("比",))
_RATIO_UNIT = Unit("比", "比", "ratio", 1.0, None, RATIO_RULE, None, None)


class Share(NamedTuple):
    """A part of a whole in hundredths, with where it stands and what its words say of its bound."""

    start: int
    end: int
    value: float
    hint: Bound | None
    high: float | None = None
    """The upper value where two neighbouring digits stand for a range (百分之七八)."""


def share_at(text: str, start: int, grammar: Grammar) -> Reading | None:
    """The share in words, fractions or 折 that starts at `start`, with the second end of a range of shares, or None."""
    phrases = grammar.phrases
    if phrases.share_begins.match(text, start) is None:
        return None
    unit = next(iter(grammar.units.get("%", ())), None)
    first = _share(text, start, phrases) if unit is not None else None
    if first is None or unit is None:
        return None
    sign = phrases.share_range.match(text, first.end)
    second = _second(text, sign.end(), grammar) if sign is not None and first.high is None else None
    if second is None or second.value <= first.value or second.high is not None:
        numerals = (Numeral(first.start, first.end, first.value),)
        return Reading(first.start, first.end, numerals, first.value, first.high, first.hint, unit, False)
    both = (
        Numeral(first.start, first.end, first.value),
        Numeral(second.start, second.end, second.value),
    )
    return Reading(first.start, second.end, both, first.value, second.value, first.hint or second.hint, unit, False)


def _second(text: str, at: int, grammar: Grammar) -> Share | None:
    """The share behind a range sign; 百分之 may be left out, then no other unit may follow."""
    found = _share(text, at, grammar.phrases)
    if found is not None:
        return found
    number = read_number(text, at)
    if number is None or number.value > 100 or number.high is not None:
        return None
    behind = unit_at(text, number, grammar, lenient=True)
    if behind is None:
        return Share(number.start, number.end, number.value, number.hint)
    if behind.unit.canonical == "%":
        return Share(number.start, behind.end, number.value * behind.unit.factor, number.hint)
    return None


def _share(text: str, start: int, phrases: Phrases) -> Share | None:
    for read in (_parts_of, _fraction, _slashed, _half, _discount):
        found = read(text, start, phrases)
        if found is not None:
            return found
    return None


def _parts_of(text: str, start: int, phrases: Phrases) -> Share | None:
    """百分之N, 千分之N, 万分之N, and 百分之负N."""
    m = phrases.hundredths.match(text, start)
    number = read_number(text, m.end()) if m is not None else None
    if m is None or number is None:
        return None
    factor = {"百": 1.0, "千": 0.1, "万": 0.01}[m["base"]]
    high = None if number.high is None else round(number.high * factor, 6)
    if m["minus"] and high is not None:
        return None
    value = round(-number.value * factor if m["minus"] else number.value * factor, 6)
    return Share(start, number.end, value, number.hint, high)


def _fraction(text: str, start: int, phrases: Phrases) -> Share | None:
    """N分之M."""
    if "分之" not in text[start : start + _REACH] or text[start] not in "二三四五六七八九十23456789":
        return None
    whole = read_number(text, start)
    m = phrases.fraction.match(text, whole.end) if whole is not None else None
    if m is None or whole is None or whole.value == 0 or whole.high is not None:
        return None
    part = read_number(text, m.end())
    if part is None or part.value > whole.value or part.high is not None:
        return None
    return Share(start, part.end, round(100 * part.value / whole.value, 4), part.hint)


def _slashed(text: str, start: int, phrases: Phrases) -> Share | None:
    """3/4, where the words beside it say that it is a share and no date."""
    if text[start] in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞":
        number = read_number(text, start)
        if number is None or not (number.end == len(text) or phrases.share_behind.match(text, number.end)):
            return None
        return Share(start, number.end, round(100 * number.value, 4), None)
    m = phrases.slashed.match(text, start)
    if (
        m is None
        or (text[start - 1 : start].isalnum() and text[start - 1].isascii())
        or text[start - 1 : start] in ("/", ".")
    ):
        return None
    part, whole = int(m["part"]), int(m["whole"])
    if part >= whole:
        return None
    behind = phrases.share_behind.match(text, m.end())
    before = phrases.share_before.search(text, max(0, start - 16), start)
    if behind is None and m.end() < len(text):
        return None
    if before is None and (behind is None or not behind.group()):
        return None
    return Share(start, m.end(), round(100 * part / whole, 4), None)


def _half(text: str, start: int, phrases: Phrases) -> Share | None:
    """一半, 半数, 过半, 减半."""
    m = phrases.half_words.match(text, start)
    if m is None:
        return None
    if m.group() == "半" and text[start - 1 : start] not in ("过", "减"):
        return None
    hint: Bound | None = (
        "over"
        if len(m.group()) == 3 or (text[start - 1 : start] == "过" and text[start - 2 : start] != "不过")
        else None
    )
    return Share(start, m.end(), 50.0, hint)


def _discount(text: str, start: int, phrases: Phrases) -> Share | None:
    """七折, 八五折, 8.5折: what is left of a price."""
    if "折" not in text[start : start + 5]:
        return None
    m = phrases.discount.match(text, start)
    if m is None:
        return None
    written = m["digits"]
    digits = "5" if written == "对" else "".join(str(DIGITS.get(c, c)) for c in written)
    if len(digits) == 2 and int(digits[1]) - int(digits[0]) == 1 and not written.isdecimal():
        # 三四折 is three or four tenths, 三四 of a hundred, or both.
        return Share(start, m.end(), float(digits[0]) * 10, None, float(digits[1]) * 10)
    value = float(digits) if len(digits) == 2 else float(digits) * 10
    return Share(start, m.end(), value, None)


def ratio_at(text: str, start: int, phrases: Phrases) -> Reading | None:
    """Two numbers with a colon or 比 between them, where the words beside them speak of a ratio."""
    near = text[start : start + _REACH]
    m = phrases.ratio.match(text, start) if ":" in near or "∶" in near or "比" in near else None
    if m is not None:
        if start and (text[start - 1].isdigit() or text[start - 1] in ".:∶"):
            return None
        a, b = float(m[1]), float(m[2])
    else:
        m = phrases.chinese_ratio.match(text, start) if "比" in near else None
        first, second = (read_number(m[i], 0) for i in (1, 2)) if m is not None else (None, None)
        if m is None or first is None or second is None:
            return None
        if (first.end, second.end) != (len(m[1]), len(m[2])) or first.high is not None or second.high is not None:
            return None
        a, b = first.value, second.value
    ratio_like = phrases.ratio_behind.match(text, m.end()) or phrases.ratio_before.search(
        text, max(0, start - 8), start
    )
    said = "比" in m.group()
    if a == 0 or (len(m[2]) == 2 and b < 60 and a <= 24 and not ratio_like):
        return None
    if not ratio_like and (said or a != 1):
        return None
    numerals = (Numeral(start, m.end(), round(b / a, 6)),)
    return Reading(start, m.end(), numerals, round(b / a, 6), None, None, _RATIO_UNIT, chinese=False)


def ratio_chain(text: str, start: int) -> int | None:
    """The end of three or more numbers with colons, which are no ratio of two; None where there is none."""
    m = _RATIO_CHAIN.match(text, start)
    return m.end() if m is not None else None


def half_at(text: str, start: int, grammar: Grammar) -> Reading | None:
    """半 in front of a measure: 半小时, 半个月, 半公里, and 半月, which leaves 个 out."""
    if grammar.phrases.no_half_behind.search(text, max(0, start - 1), start) is not None:
        return None
    low = max(0, start - _REACH)
    at = start + 1 - low
    for prefix in ("", "个"):
        window = text[low : start + 1] + prefix + text[start + 1 : start + _REACH]
        number = Number(start - low, at, 0.5, None, (), True)
        found = unit_at(window, number, grammar, lenient=window.startswith("日", at))
        if found is not None and is_measured(found.unit) and found.end > at:
            end = found.end - len(prefix) + low
            value = (0.5 + found.more) * found.unit.factor
            return Reading(start, end, (Numeral(start, start + 1, 0.5),), value, None, found.hint, found.unit, True)
    return None
