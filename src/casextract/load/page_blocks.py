"""The blocks of a page's text, and how labels, dates and hours stand in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import regex

from casextract.language.word_lists import word_lists

_PAGE = word_lists("casextract.load", "page")

SHORT: Final = 220
"""Characters that such a block has at most."""


@dataclass(frozen=True, slots=True)
class PageBlock:
    """A block of a page's text: its own pieces in order, a cell of a table each or a text between two tags."""

    text: str
    pieces: tuple[str, ...]
    level: int
    """Of a heading, 0 for others."""
    linked: bool
    """Whether it is nothing but links."""
    kept: bool
    """Whether it belongs to the article."""
    after: str = ""
    """The text of the next block."""


class Candidate(NamedTuple):
    """Something found, and how sure it is."""

    rank: int
    """The lower, the surer."""
    value: Any


def best(found: Iterator[Candidate]) -> Any:
    """The surest, and of equally sure ones the first."""
    return min(found, key=lambda f: f.rank, default=Candidate(0, None)).value


SENTENCE = re.compile("[。！？；]")

CONTROL = re.compile(_PAGE.filled(r"(?:{controls}|[:：]|[\[【\]】|｜/()（）>»·,，、]|\d+|{more_controls}|\s)+"))

BANNER = re.compile(_PAGE.filled("{banner}"))

WEEKDAY = re.compile(_PAGE.filled("{weekday}"))

SOURCE_LABEL = re.compile(
    _PAGE.filled(
        r"(?:(?:{what_is_printed})\s*)?(?:{source})\s*(?:于|於)?\s*[:：|丨/]\s*"
        r"|(?:{published_by})\s*(?:{kinds_of_bodies})\s*[:：]\s*"
        r"|(?<!\w)(?:{taken_from})\s*[:：]?\s*(?=[《“])"
    )
)

DATE_LABEL = re.compile(
    _PAGE.filled(
        r"(?:(?:{first_time})?(?:{published})\s?(?:的)?\s?(?:{date_or_time})|{published_on}"
        r"|(?<!\w)日\s*期|(?<!\w)时\s*间|(?<!\w)時\s*間|(?<!\w)Date|Published(?:\s+on)?|Time)\s*[:：]?\s*"
    ),
    re.IGNORECASE,
)

CLOCK = re.compile(
    r"\s*[TＴ]?\s*[(（]?\d{1,2}\s?[:：时時]\s?\d{2}(?:\s?[:：分]\s?\d{2})?秒?[)）]?(?:\s?[AaPp][Mm])?(?:\.\d+)?"
    r"(?:Z|[+-]\d\d:?\d\d)?"
)

_DAY = regex.compile(
    _PAGE.filled(
        r"(?<![\d.])(?:(?P<y>(?:19|20)\d\d)|(?:{republic})\s?(?P<roc>\d{2,3}))"
        r"(?:\s?[-–/.年]\s{0,2}(?P<m>\d{1,2})\s?[-–/.月]\s{0,2}(?P<d>\d{1,2})(?!\d)(?:\s?[日号號])?"
        r"|\s{1,2}(?P<m2>\d{1,2})\s?/\s{0,2}(?P<d2>\d{1,2})(?=\s+\d{1,2}:\d\d)"
        r"|(?P<m4>\d\d)\s?/\s?(?P<d4>\d\d)(?=\s*\d\d:\d\d)"
        r"|(?P<m3>(?:0[1-9]|1[0-2]))(?P<d3>(?:0[1-9]|[12]\d|3[01]))(?!\d))"
    )
)


def days_in(text: str) -> Iterator[Any]:
    """The days that a text names in digits."""
    yield from _DAY.finditer(text)


def is_apart(before: str, behind: str) -> bool:
    """Whether a date has nothing but names, counters and signs beside it, and is in no sentence."""
    rest = before + " " + CLOCK.sub("", behind, count=1)
    return len(rest.strip()) <= 40 and not SENTENCE.search(rest) and not re.search("[，,]", rest)


def is_masthead(block: PageBlock) -> bool:
    """Whether a block names date or source of an article: with a label, or the day with its hour."""
    text = block.text
    if len(text) > SHORT or BANNER.search(text):
        return False
    if SOURCE_LABEL.match(text) or (DATE_LABEL.match(text) and next(days_in(text), None) is not None):
        return True
    return any(
        CLOCK.match(text, m.end()) is not None
        or SOURCE_LABEL.search(text)
        or is_apart(text[: m.start()], text[m.end() :])
        for m in days_in(text)
    ) and not SENTENCE.search(text)
