"""What files say about their article in fields of their own: dates as dates, names without the site's ornaments."""

from __future__ import annotations

import re
from datetime import date

from casextract.language.word_lists import word_lists

_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:\s*[-/.年]\s*)(\d{1,2})(?:\s*[-/.月]\s*)(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d{1,5}(?:\D|$))")
_KEYWORDS = re.compile(r"[,，;；、|\n]+|\s{2,}")
_ORNAMENT = re.compile(r"\s*(?:[|｜_]|\s[-–]|[-–—]{1,2}\s|——)\s*")


_PLATFORM = re.compile(
    word_lists("casextract.load", "publishers").filled("{nobody_in_particular}"),
    re.IGNORECASE,
)


def is_platform(name: str) -> bool:
    """Whether a name is one of a platform on which anybody writes, or says that there is none."""
    return _PLATFORM.fullmatch(name) is not None


def parse_date(value: str | None) -> date | None:
    """The first calendar date in a field: 2022-02-24, 2022/2/24, 2022年2月24日, 20220224, with or without a time."""
    if not value:
        return None
    for match in (*_DATE.finditer(value), *_COMPACT.finditer(value)):
        try:
            return date(*(int(g) for g in match.groups()))
        except ValueError:
            continue
    return None


def split_keywords(value: str | None) -> tuple[str, ...]:
    """The keywords of a field that separates them by commas, semicolons or 、, each once, in order."""
    parts = (p.strip() for p in _KEYWORDS.split(value or ""))
    return tuple(dict.fromkeys(p for p in parts if p))


def clean(value: str | None) -> str | None:
    """A field's value on one line, or None where it is blank."""
    line = " ".join((value or "").split())
    return line or None


def page_title(title: str | None, heading: str | None) -> str | None:
    """The article's title out of a page's `<title>` ("title - column - site"): the heading, where the two agree."""
    title, heading = clean(title), clean(heading)
    if title is None or (heading is not None and (heading in title or title in heading)):
        return heading or title
    return _ORNAMENT.split(title)[0] or title
