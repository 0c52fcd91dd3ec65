"""The day an article of a page was published: as the head states it, as it is printed, by a script or the address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

from casextract.language.word_lists import word_lists
from casextract.load.html_tree import elements
from casextract.load.metadata import parse_date
from casextract.load.page_blocks import (
    BANNER,
    CLOCK,
    DATE_LABEL,
    SOURCE_LABEL,
    WEEKDAY,
    Candidate,
    PageBlock,
    days_in,
    is_apart,
)

_PAGE = word_lists("casextract.load", "page")

# The names of dates differ by site; what they are of is in their words: the surest first.
_DATE_NAMES = (
    re.compile(
        r"pub(?:lish|lished|lication)?[-_:. ]?(?:date|time|at)?$|firstpublish|article:published|ld:datepublished"
        r"|publish_?(?:date|time)|pub_?(?:date|time)|citation_(?:publication_)?date|release|issued"
    ),
    re.compile(
        r"created?$|create_?(?:at|date|time)|date\.created|dcterms\.date|dc\.date$|^date$|:create_at"
        r"|^(?:article|og|apub)?:?time$"
    ),
    re.compile(
        r"(?:date|time)_?(?:update|modif)|(?:update|modif|modified|lastmod)\w*_?(?:date|time)|article:modified|og:updated"
        r"|ld:datemodified|^lastmod"
    ),
)

# Offices in Taiwan write the years of the Republic without its name, where a label says that it is a date.
_REPUBLIC_DAY = re.compile(r"\s*(?P<y>1[01]\d)\s?[-/.年]\s?(?P<m>\d{1,2})\s?[-/.月]\s?(?P<d>\d{1,2})(?!\d)")

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

_ENGLISH_DAY = re.compile(
    rf"(?<!\w)(?:(?P<m>{'|'.join(_MONTHS)})[a-z]*\.?\s+(?P<d>\d{{1,2}}),?\s+"
    rf"|(?P<d2>\d{{1,2}})\s+(?P<m2>{'|'.join(_MONTHS)})[a-z]*\.?,?\s+)(?P<y>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)

_CHINESE_DAY = re.compile(
    "(?P<y>[一二][〇零○OＯo九一二三四五六七八]{3})年(?P<m>[一二三四五六七八九十元]{1,3})月"
    "(?P<d>[一二三四五六七八九十廿]{1,3})日"
)

_NOT_PUBLISHED = re.compile(_PAGE.filled(r"(?:{not_published})\s?(?:{date_words})?\s*[:：]?\s*$"))

_ADDRESS_DAY = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)[-/_]?(?P<m>0[1-9]|1[0-2])[-/_]?(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"
)

_SCRIPTED = re.compile(
    r"(?:publish_?time|pub_?date|pub_?time|create_?time|createTime|datePublished|publishDate|oriCreateTime)"
    r"""["']?\s*[:=]\s*["'](?P<day>(?:19|20)\d\d[-/年.]\d{1,2}[-/月.]\d{1,2})""",
    re.IGNORECASE,
)

_WECHAT_TIME = re.compile(r"""(?:var\s+ct|ori_create_time|create_timestamp)\s*[:=]\s*["']?(?P<s>1\d{9})\b""")

_CHINA = timezone(timedelta(hours=8))


def stated_day(said: Mapping[str, str], kind: int) -> date | None:
    """The first day that the head states under a name of this kind."""
    names = (n for n in said if _DATE_NAMES[kind].search(n))
    return next((day for n in names if (day := parse_date(said[n]) or _seconds(said[n])) is not None), None)


def recorded_day(record: Mapping[str, str]) -> date | None:
    """The day that the record over a document names."""
    return parse_date(record.get("published")) or parse_date(record.get("written"))


def printed_dates(head: Sequence[PageBlock], tail: Sequence[PageBlock]) -> Iterator[Candidate]:
    """The days that blocks print, each with how sure it is that of publication."""
    yield from _in_several_blocks(head)
    for far, blocks in ((0, head), (10, tail)):
        for n, block in enumerate(blocks):
            before = blocks[n - 1].text.strip() if n else ""
            yield from _in_digits(block.text, before, far)
            yield from _of_the_republic(block.text, far)
            yield from _in_english(block.text, far)
            for c in _CHINESE_DAY.finditer(block.text):
                if len(block.text) < 40 and (day := _chinese_day(c)) is not None:
                    yield Candidate(far + 3, day)


def _in_several_blocks(head: Sequence[PageBlock]) -> Iterator[Candidate]:
    """Year, day and hour may stand in blocks of their own."""
    for n in range(len(head) - 1):
        group = [b.text.strip() for b in head[n : n + 3] if len(b.text) <= 12]
        if len(group) > 1 and re.fullmatch(r"(?:19|20)\d\d", group[0]):
            m = next(days_in(" ".join(group)), None)
            if m is not None and (day := _real(*_numbers(m))) is not None:
                yield Candidate(1, day)


def _in_digits(text: str, before: str, far: int) -> Iterator[Candidate]:
    """The days of a block in digits; `before` is the block in front of it."""
    for m in days_in(text):
        day = _real(*_numbers(m))
        if day is None or _NOT_PUBLISHED.search(text[: m.start()]):
            continue
        rank = _rank(text, m.start(), m.end(), before, far)
        if rank is not None:
            yield Candidate(rank, day)


def _rank(text: str, start: int, end: int, before_block: str, far: int) -> int | None:
    """How sure a day at [start, end) of a block is that of publication; None where it is not."""
    before, behind = text[:start], text[end:]
    labelled = any(label.end() >= len(before.rstrip()) - 1 for label in DATE_LABEL.finditer(before))
    if labelled or (before_block and DATE_LABEL.fullmatch(before_block)):
        return far
    clock = CLOCK.match(behind) is not None
    if BANNER.search(before[-12:]) or (BANNER.search(text) and not clock):
        return None
    if far:
        return 11 if is_apart(before, behind) or (clock and len(text) < 100) else None
    if clock and len(text) < 160:
        return 1
    if WEEKDAY.search(text):
        # The day of a newspaper's issue, or of somebody's visit.
        return 6
    return 2 if is_apart(before, behind) or _source_near(text) else None


def _of_the_republic(text: str, far: int) -> Iterator[Candidate]:
    for label in DATE_LABEL.finditer(text):
        r = _REPUBLIC_DAY.match(text, label.end())
        if r is not None and (day := _real(str(int(r["y"]) + 1911), r["m"], r["d"])) is not None:
            yield Candidate(far, day)


def _in_english(text: str, far: int) -> Iterator[Candidate]:
    for e in _ENGLISH_DAY.finditer(text) if len(text) <= 80 else ():
        month = _MONTHS.index((e["m"] or e["m2"]).lower()[:3]) + 1
        if (day := _real(e["y"], str(month), e["d"] or e["d2"])) is not None:
            yield Candidate(far + 2, day)


def day_of_time_element(tree: Any) -> date | None:
    """The day of the first `<time>`."""
    stamp = tree.document.query_selector("time[datetime]")
    return parse_date(stamp.get_attribute("datetime")) if stamp is not None else None


def scripted_day(tree: Any) -> date | None:
    """The day that a script of the page prints: WeChat's pages state it nowhere else."""
    for node in elements(tree.document, "script"):
        text = node.text or ""
        if (m := _WECHAT_TIME.search(text)) is not None:
            return _seconds(m["s"])
        if (m := _SCRIPTED.search(text)) is not None:
            return parse_date(m["day"])
    return None


def day_in_address(tree: Any, said: Mapping[str, str]) -> date | None:
    """The day in the page's own address."""
    link = tree.document.query_selector('link[rel="canonical"]')
    addresses = [link.get_attribute("href") if link is not None else None, said.get("og:url")]
    for m in (m for a in addresses if a for m in _ADDRESS_DAY.finditer(a)):
        if (day := _real(m["y"], m["m"], m["d"])) is not None:
            return day
    return None


def _seconds(value: str) -> date | None:
    """The day of a moment in seconds or milliseconds since 1970."""
    m = re.fullmatch(r"\s*(1\d{9})(?:\d{3})?\s*", value)
    return datetime.fromtimestamp(int(m[1]), _CHINA).date() if m else None


def _source_near(text: str) -> bool:
    return len(text) <= 120 and SOURCE_LABEL.search(text) is not None


def _numbers(m: Any) -> tuple[str, str, str]:
    year = m["y"] or str(int(m["roc"]) + 1911)
    return year, m["m"] or m["m2"] or m["m3"] or m["m4"], m["d"] or m["d2"] or m["d3"] or m["d4"]


def _real(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _chinese_day(m: re.Match[str]) -> date | None:
    digits = str.maketrans("〇零○OＯo一二三四五六七八九", "000000123456789")

    def number(text: str) -> str:
        if text == "元":
            return "1"
        text = text.replace("廿", "二十")
        tens, ten, ones = text.partition("十")
        return text.translate(digits) if not ten else f"{tens.translate(digits) or 1}{ones.translate(digits) or 0}"

    return _real(m["y"].translate(digits), number(m["m"]), number(m["d"]))
