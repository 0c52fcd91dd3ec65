"""Dates and periods: which one a number belongs to, and its first and last day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import NamedTuple

from casextract.extract.sentence import Slot, TimeSpan
from casextract.rulebook.patterns import on_demand

_YEAR = on_demand(r"((?:19|20)\d{2})|([一二][〇零九][〇零一二三四五六七八九]{2})")
_MONTH = on_demand(r"(\d{1,2}|十[一二]?|[一二三四五六七八九]) ?月")
_DAY = on_demand(r"月(?:份)? ?(\d{1,2}) ?[日号]")
_DIGITS = "〇一二三四五六七八九"
_SPAN = on_demand(rf"(?<=[\d年月日号度{_DIGITS}十])(?: ?[-~—–/]+ ?|至|到)(?=\d|[次翌]年|[{_DIGITS}十]+月)")
_PLAN = on_demand(r"十([一二三四五六])五")
_QUARTERS = on_demand(r"(?:([一二三四1-4])(?:[至到~\-—–、和])第?)?([一二三四1-4])个?季度|[Qq]([1-4])")
_FIRST_QUARTERS = on_demand(r"前([一二两三1-3])个?季度")
_FIRST_MONTHS = on_demand(r"前(\d{1,2}|十[一二]?|[一二两三四五六七八九])个月")
_UNTIL = on_demand(r"截[至止]|到|至")
_BARE_MONTH = on_demand(r"(\d{1,2})月?(?:份|底)?")
_BARE_DAY = on_demand(r"(\d{1,2})[日号](?:期间|间)?")
_SHORT_YEAR = on_demand(r"(\d{2})(?:年度?|[学财](?:政)?年度?|会计年度)?(?:[底末])?")
_YEAR_END = on_demand(r"[年底]底|年末|年底|末$")
_REPUBLIC = on_demand(r"(?:民国)?(\d{2,3})年")
_END_ALONE = on_demand(r"年[底末]")
_LAST_YEAR = on_demand(r"去年|上年")
_OWN_YEAR = on_demand(r"[今去前明]年|上年|本年")
"""Years that are counted from the document's date."""
_FISCAL = on_demand(r"财政?年度?|会计年度")
_SCHOOL = on_demand(r"学年")


def governing(slot: Slot) -> TimeSpan | None:
    """The time of its sentence that a number belongs to: the nearest governing one in front of it.

    A time bound to one number by 的 (2019年的20%) governs no other, and none in a comparison (是2021年的3.5倍); the
    date on which something was told (8月2日从民政局获悉) governs none, nor does the year of a quantity that a share is
    taken of (上年度平均工资的3%). An age has no time. The period of a five-year plan does not govern (`governs` is
    False), but says when.
    """
    text, reading, sentence, phrases = slot.text, slot.reading, slot.sentence, slot.grammar.phrases
    if reading.unit.dimension == "age":
        # GUIDELINES, time: an age has none.
        return None
    now = False
    for time in reversed(sentence.times):
        if time.end > reading.start:
            continue
        if time.resets:
            if is_plan_period(text[time.start : time.end]):
                return time if not now else None
            now = True
            continue
        if not time.governs:
            continue
        if now and not phrases.runs_on.search(text[time.start : time.end]):
            return None
        bound = phrases.bound_to.match(text, time.end)
        if bound is not None and (bound.end() < reading.start or reading.unit.dimension == "multiple"):
            continue
        if phrases.told.match(text, time.end):
            continue
        if reading.unit.dimension in ("percent", "multiple") and phrases.part_of.fullmatch(
            text, time.start, reading.start
        ):
            continue
        if (share := phrases.share_of.match(text, time.start)) is not None and share.end() < reading.start:
            continue
        if (ground := phrases.built_on.match(text, time.end)) is not None and ground.end() <= reading.start:
            continue
        return time
    return None


class Moment(NamedTuple):
    """A period, and whether it lies in the document's future or past; None where that cannot be told."""

    period: tuple[date | None, date | None]
    future: bool | None
    past: bool


UNDATED = Moment((None, None), None, False)
"""Of a number without a time."""


def moment_of(written: str, reference: date | None, year: int | None = None) -> Moment:
    """When a time expression is, seen from the document's date. `year` is the one named in front of it or in the
    title."""
    period = period_of(written, reference, year)
    first, last = period[0], period[1] or period[0]
    if last is None or reference is None:
        return Moment(period, None, False)
    future = last > reference and (first is None or first > reference or last.year > reference.year)
    return Moment(period, future, last < reference)


_ISSUE = on_demand(r"((?:19|20)\d{2})\s*年?\D{0,3}(\d{1,2})?")


def issued(issue: str | None) -> date | None:
    """The first day of the month that a magazine's issue (2022年2期) names."""
    m = _ISSUE.search(issue) if issue else None
    return date(int(m[1]), min(max(int(m[2] or 12), 1), 12), 1) if m else None


def named_year(text: str) -> int | None:
    """The year that a text names, where it names one only."""
    found = {
        int(m[1]) if m[1] else _in_digits(m[2]) for m in _YEAR.finditer(text) if text[m.end() : m.end() + 1] == "年"
    }
    return found.pop() if len(found) == 1 else None


def is_plan_period(written: str) -> bool:
    """Whether a time is the period of a five-year plan, which says when but names no date (GUIDELINES, time)."""
    return _PLAN.search(written) is not None


def period_of(written: str, reference: date | None, year: int | None = None) -> tuple[date | None, date | None]:
    """First and last day that a time expression of normalised text covers, as far as they are said.

    `reference` is the document's date: it resolves 今年, 去年 and 年底. `year` is the one that the sentence or the
    title names, to which a quarter or a month without a year belongs. An open end (自…以来, 截至…, …前) is None, except
    that 以来 ends at the reference. Returns (None, None) where the expression cannot be resolved; no period ends before
    it starts.
    """
    plan = _PLAN.search(written)
    if plan is not None:
        first = 2001 + 5 * (_DIGITS.index(plan[1]))
        if "末" in written:
            return date(first + 4, 12, 1), date(first + 4, 12, 31)
        return date(first, 1, 1), date(first + 4, 12, 31)
    halves = _SPAN.split(written, maxsplit=1)
    if len(halves) == 2:
        return _between(halves[0], halves[1], written, reference, year)
    low = _single(written, reference, None, year)
    if low is None:
        return None, None
    first_day, last_day = low
    if "以来" in written or "起" in written or "至今" in written or "开始" in written:
        return first_day, reference if reference is not None and reference >= first_day else None
    if _UNTIL.match(written) or (written.endswith("前") and written[:1] != "前"):
        return None, last_day
    return first_day, last_day


def _between(
    start: str, end: str, written: str, reference: date | None, year: int | None
) -> tuple[date | None, date | None]:
    """The days of a span: 2019年至2021年, 4—9月, 3月5日至20日, 2023-24财政年度."""
    if "月" in end and _MONTH.fullmatch(start + "月") is not None:
        start += "月"
    low = _single(start, reference, None, year)
    high = _single(end, reference, low, year)
    if low is not None and high is not None and high[1] < low[0] and _YEAR.search(end) is None and "月" in end:
        # 11月至2月 runs into the next year.
        high = _single(end, reference, (_next_year(low[0]), _next_year(low[1])), year)
    if low is None or high is None:
        return (low[0] if low else None), (high[1] if high else None)
    if high[1] < low[0]:
        return None, None
    if high[0].year == low[0].year + 1 and _FISCAL.search(written) is not None:
        # Hong Kong's financial year begins in April.
        return date(low[0].year, 4, 1), date(high[0].year, 3, 31)
    if high[0].year == low[0].year + 1 and _SCHOOL.search(written) is not None:
        return date(low[0].year, 9, 1), date(high[0].year, 8, 31)
    return low[0], high[1]


def _next_year(day: date) -> date:
    return date(day.year + 1, day.month, min(day.day, 28))


def _single(
    written: str, reference: date | None, before: tuple[date, date] | None, named: int | None
) -> tuple[date, date] | None:
    year = _year(written, reference, before, named)
    if year is None or not 1900 <= year <= 2100:
        return None
    if before is not None and (day := _BARE_DAY.fullmatch(written)) is not None:
        return _day(before[0].year, before[0].month, int(day[1]))
    if before is not None and _BARE_MONTH.fullmatch(written) is not None and "年" not in written:
        bare = _BARE_MONTH.fullmatch(written)
        assert bare is not None
        return _months(year, int(bare[1]), int(bare[1]))
    if "上半年" in written:
        return _months(year, 1, 6)
    if "下半年" in written:
        return _months(year, 7, 12)
    first = _FIRST_QUARTERS.search(written)
    if first is not None:
        return _months(year, 1, 3 * _number(first[1]))
    until = _FIRST_MONTHS.search(written)
    if until is not None:
        return _months(year, 1, _number(until[1]))
    quarter = _QUARTERS.search(written)
    if quarter is not None:
        last = _number(quarter[2] or quarter[3])
        return _months(year, 3 * (_number(quarter[1]) if quarter[1] else last) - 2, 3 * last)
    months = _MONTH.findall(written)
    if months:
        month = _number(months[-1])
        day = _DAY.search(written)
        return (_day(year, month, int(day[1])) if day is not None else None) or _months(year, month, month)
    if _YEAR_END.search(written):
        return _months(year, 12, 12)
    return _months(year, 1, 12)


def _number(written: str) -> int:
    """A month or a quarter: 3, 三, 十一."""
    if written.isdecimal():
        return int(written)
    if written[0] == "十":
        return 10 + (_DIGITS.index(written[1]) if len(written) > 1 else 0)
    return 2 if written == "两" else _DIGITS.index(written)


def _months(year: int, first: int, last: int) -> tuple[date, date] | None:
    if not 1 <= first <= last <= 12:
        return None
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def _day(year: int, month: int, day: int) -> tuple[date, date] | None:
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
        return None
    return date(year, month, day), date(year, month, day)


def _in_digits(written: str) -> int:
    return int("".join(str(max(_DIGITS.find(c), 0)) for c in written))


def _year(written: str, reference: date | None, before: tuple[date, date] | None, named: int | None) -> int | None:
    m = _YEAR.search(written)
    if m is not None:
        return int(m[1]) if m[1] else _in_digits(m[2])
    if before is not None:
        short = _SHORT_YEAR.fullmatch(written)
        if short is not None and ("年" in written or int(short[1]) > 12):
            # 2021-22年
            return before[0].year // 100 * 100 + int(short[1])
        return before[0].year + (written[:2] in ("次年", "翌年"))
    republic = _REPUBLIC.match(written)
    if republic is not None:
        return int(republic[1]) + 1911
    if named is not None and _OWN_YEAR.search(written) is None:
        return named
    if reference is None:
        return None
    if _END_ALONE.fullmatch(written):
        # A bare 年末 of a report is the end of the last full year.
        return reference.year - (reference.month <= 6)
    if _LAST_YEAR.search(written):
        return reference.year - 1
    if "前年" in written:
        return reference.year - 2
    if "明年" in written:
        return reference.year + 1
    return reference.year
