"""Dates and periods: which one a number belongs to, and its first and last day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import NamedTuple

from casextract.extract.sentence import Slot, TimeSpan
from casextract.rulebook.patterns import on_demand

_YEAR = on_demand(r"((?:19|20)\d{2})|([一二][〇零九][〇零一二三四五六七八九]{2})")
_MONTH = on_demand(r"(\d{1,2}) ?月")
_DAY = on_demand(r"月(?:份)? ?(\d{1,2}) ?[日号]")
_SPAN = on_demand(r"(?<=[\d年月日])(?:[-~—–]+|至|到)(?=\d)")
_PLAN = on_demand(r"十([一二三四五六])五")
_QUARTER = on_demand(r"(前)?第?([一二三四])季度")
_UNTIL = on_demand(r"截[至止]|到|至")
_BARE_MONTH = on_demand(r"(\d{1,2})月?(?:份|底)?")
_YEAR_END = on_demand(r"[年底]底|年末|年底|末$")
_REPUBLIC = on_demand(r"(?:民国)?(\d{2,3})年")
_END_ALONE = on_demand(r"年[底末]")
_LAST_YEAR = on_demand(r"去年|上年")
_DIGITS = "〇一二三四五六七八九"


def governing(slot: Slot) -> TimeSpan | None:
    """The time of its sentence that a number belongs to: the nearest governing one in front of it.

    A time bound to one number by 的 (2019年的20%) governs no other, and none in a comparison (是2021年的3.5倍); a semicolon ends
    the reach of a time that does not open the sentence.
    """
    text, reading, sentence = slot.text, slot.reading, slot.sentence
    for time in reversed(sentence.times):
        if time.end > reading.start or not time.governs:
            continue
        bound = _BOUND_TO.match(text, time.end)
        if bound is not None and (bound.end() < reading.start or reading.unit.dimension == "multiple"):
            continue
        if (
            ";" in text[time.end : reading.start]
            and time.rule_id not in _SPANS
            and text[sentence.start : time.start].strip("“( ")
        ):
            continue
        return time
    return None


_SPANS = frozenset({"time.since", "time.until", "time.span"})
_BOUND_TO = on_demand(r"的(?:约|近|超|不足)?(?=[\d一二两三四五六七八九十百])")


class Moment(NamedTuple):
    """A period, and whether it lies in the document's future or past; None where that cannot be told."""

    period: tuple[date | None, date | None]
    future: bool | None
    past: bool


UNDATED = Moment((None, None), None, False)
"""Of a number without a time."""


def moment_of(written: str, reference: date | None) -> Moment:
    """When a time expression is, seen from the document's date."""
    period = period_of(written, reference)
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


def period_of(written: str, reference: date | None) -> tuple[date | None, date | None]:
    """First and last day that a time expression of normalised text covers, as far as they are said.

    `reference` is the document's date: it resolves 今年, 去年 and 年底. An open end (自…以来, 截至…, …前) is None, except that
    以来 ends at the reference. Returns (None, None) where the expression cannot be resolved.
    """
    plan = _PLAN.search(written)
    if plan is not None:
        first = 2001 + 5 * (_DIGITS.index(plan[1]))
        if "末" in written:
            return date(first + 4, 12, 1), date(first + 4, 12, 31)
        return date(first, 1, 1), date(first + 4, 12, 31)
    halves = _SPAN.split(written, maxsplit=1)
    low = _single(halves[0], reference, None)
    if len(halves) == 2:
        high = _single(halves[1], reference, low)
        return (low[0] if low else None), (high[1] if high else None)
    if low is None:
        return None, None
    first_day, last_day = low
    if "以来" in written or "起" in written or "至今" in written or "开始" in written:
        return first_day, reference if reference is not None and reference >= first_day else None
    if _UNTIL.match(written) or written.endswith("前"):
        return None, last_day
    return first_day, last_day


def _single(written: str, reference: date | None, before: tuple[date, date] | None) -> tuple[date, date] | None:
    year = _year(written, reference, before)
    if year is None or not 1900 <= year <= 2100:
        return None
    months = [int(m) for m in _MONTH.findall(written)]
    bare = _BARE_MONTH.fullmatch(written) if before is not None or not months else None
    if bare is not None and before is not None and not months:
        months = [int(bare[1])]
    if "上半年" in written:
        return date(year, 1, 1), date(year, 6, 30)
    if "下半年" in written:
        return date(year, 7, 1), date(year, 12, 31)
    quarter = _QUARTER.search(written)
    if quarter is not None:
        n = "一二三四".index(quarter[2]) + 1
        return date(year, 1 if quarter[1] else 3 * n - 2, 1), date(year, 3 * n, monthrange(year, 3 * n)[1])
    if months and 1 <= months[-1] <= 12:
        month = months[-1]
        last = monthrange(year, month)[1]
        day = _DAY.search(written)
        if day is not None and 1 <= int(day[1]) <= last:
            return date(year, month, int(day[1])), date(year, month, int(day[1]))
        return date(year, month, 1), date(year, month, last)
    if _YEAR_END.search(written):
        return date(year, 12, 1), date(year, 12, 31)
    return date(year, 1, 1), date(year, 12, 31)


def _year(written: str, reference: date | None, before: tuple[date, date] | None) -> int | None:
    m = _YEAR.search(written)
    if m is not None:
        return int(m[1]) if m[1] else int("".join(str(max(_DIGITS.find(c), 0)) for c in m[2]))
    republic = _REPUBLIC.match(written)
    if republic is not None:
        return int(republic[1]) + 1911
    if before is not None:
        return before[0].year
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
