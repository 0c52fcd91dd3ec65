"""Several articles in one file: cut where the file says so itself, else left in one piece.

An article is known by its masthead: the lines under its title that name date, author, issue, source or keywords. A file
is cut only where two mastheads or more are followed by an article each; a title that the table of contents announces,
or that the file marks as a heading of the first order, needs less of one, and may be followed by less. A contents list
alone is no evidence: speeches and collections of cases have one, too.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

from casextract.language.word_lists import word_lists
from casextract.load.source import Article, Mark, Meta, Note, shown

SHORTEST = 300
"""Characters that an article has at least, from its masthead to the next."""

SHORTEST_BULLETIN = 60
"""The same for one whose title is marked as such."""

_WORDS = word_lists("casextract.load", "masthead")
_KINDS = {
    "date": re.compile(
        _WORDS.filled(r"(?:{date_label}\s*[:：]\s*)?(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}")
    ),
    "issue": re.compile(r"\D{0,20}(?:19|20)\d\d\s*年\s*第?\s*\d{1,2}\s*期"),
    "keywords": re.compile(_WORDS.filled(r"{keywords}\s*[:：]")),
    "byline": re.compile(_WORDS.filled(r"\W{0,3}(?:{roles})\s*[/／:：]|{own_staff}")),
    "source": re.compile(_WORDS.filled(r"{source}\s*[:：]")),
}
_BYLINE_INSIDE = re.compile(_WORDS.filled(r"(?:{roles_inside})\s*[/／:：]|{own_staff}"))
_CONTENTS = re.compile(_WORDS.filled("{contents}"), re.IGNORECASE)
_ENTRY = re.compile(
    r"(?:\d{1,3}\s*[./、]?\s*)?(?P<title>\S.*?)(?:[.·…⋯\s]{2,}+|\s*[/／(（]\s*)?(?P<page>\d{1,3})?\s*[)）]?$"
)
_SUBTITLE = re.compile("[—─\\-–]{1,}|[(（]")
_LONG = 60


@dataclass(frozen=True, slots=True)
class _Row:
    start: int
    text: str
    top: bool = False
    """A heading of the first order, as the file says."""


def split(page: Article) -> tuple[Article, ...]:
    """The articles of a file in order, as pages of their own whose texts tile the file's text; mostly just the one."""
    rows = list(_rows(page))
    starts = list(_starts(rows, _announced(rows), len(page.text)))
    if len(starts) < 2:
        return (page,)
    if page.text[: starts[0]].strip():
        starts.insert(0, 0)
    else:
        starts[0] = 0
    ends = [*starts[1:], len(page.text)]
    return tuple(_part(page, a, b, n, len(starts)) for n, (a, b) in enumerate(zip(starts, ends, strict=True), 1))


def _rows(page: Article) -> Iterator[_Row]:
    unread = [m for m in page.marks if m.kind == "unread"]
    tops = [m.start for m in page.marks if m.kind == "heading" and m.level == 1]
    for m in re.finditer(r"[^\r\n\f]+", page.text):
        text = (shown(page.text, *m.span(), unread) if unread else m[0]).strip()
        if text:
            top = bisect_left(tops, m.start()) < bisect_left(tops, m.end())
            yield _Row(m.start(), text, top)


def _starts(rows: list[_Row], announced: frozenset[str], length: int) -> Iterator[int]:
    """Where the articles begin that have a masthead and enough text behind it."""
    found: list[tuple[int, int, int]] = []
    several = sum(row.top for row in rows) > 1
    n = 0
    while n < len(rows):
        kinds, after = _masthead(rows, n)
        if not kinds:
            n += 1
            continue
        title = _title(rows, n)
        marked = several and title is not None and rows[title].top
        enough = 1 if title is not None and (marked or _bare(rows[title].text) in announced) else 2
        least = SHORTEST_BULLETIN if marked else SHORTEST
        if n == 0:
            # A file may begin with a masthead, its title left off.
            found.append((0, rows[after].start if after < len(rows) else length, least))
        elif title is not None and len(kinds) >= enough:
            found.append((rows[title].start, rows[after].start if after < len(rows) else length, least))
        n = after
    for k, (start, body, least) in enumerate(found):
        end = found[k + 1][0] if k + 1 < len(found) else length
        if end - body >= least:
            yield start


def _masthead(rows: list[_Row], n: int) -> tuple[set[str], int]:
    """The kinds of masthead line from row n on, and the row behind them."""
    kinds: set[str] = set()
    while n < len(rows) and len(rows[n].text) <= _LONG:
        here = {kind for kind, pattern in _KINDS.items() if pattern.match(rows[n].text)}
        if not here:
            break
        if _BYLINE_INSIDE.search(rows[n].text):
            here.add("byline")
        kinds |= here
        n += 1
    return kinds, n


def _title(rows: list[_Row], n: int) -> int | None:
    """The row of the title above a masthead that begins at row n."""
    title = n - 1
    if title > 0 and _SUBTITLE.match(rows[title].text):
        title -= 1
    if title < 0 or len(rows[title].text) > _LONG or rows[title].text[-1] in "。；，":
        return None
    return title


def _announced(rows: list[_Row]) -> frozenset[str]:
    """The titles in the table of contents, if the file begins with one."""
    head = next((n for n, row in enumerate(rows[:40]) if _CONTENTS.fullmatch(row.text)), None)
    if head is None:
        return frozenset()
    entries = []
    for row in rows[head + 1 : head + 200]:
        match = _ENTRY.fullmatch(row.text) if len(row.text) <= _LONG else None
        if match is None:
            break
        entries.append(_bare(match["title"]))
    return frozenset(entries)


def _bare(title: str) -> str:
    return re.sub(r"[\W_]+", "", title)


def _part(page: Article, start: int, end: int, number: int, count: int) -> Article:
    marks = [m for m in page.marks[: bisect_left(page.marks, end, key=lambda m: m.start)] if m.end > start]
    own = tuple(_shifted(m, start, end) for m in marks)
    place = Note("info", "split_file", f"article {number} of {count} in the file: its characters {start} to {end}")
    # What the file says of itself holds for all of it, its title aside.
    meta = Meta(publisher=page.meta.publisher, issue=page.meta.issue, published_on=page.meta.published_on)
    return replace(
        page,
        text=page.text[start:end],
        marks=own,
        meta=meta,
        notes=(*page.notes, place) if number == 1 else (place,),
        tables=tuple(t.shifted(-start) for t in page.tables if start <= t.start and t.end <= end),
    )


def _shifted(mark: Mark, start: int, end: int) -> Mark:
    return replace(mark, start=max(0, mark.start - start), end=min(mark.end, end) - start)
