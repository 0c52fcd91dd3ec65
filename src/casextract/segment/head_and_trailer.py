"""What stands before and behind the article: metadata, outline, trailer and noise, and what they say of the document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from casextract.load import Meta
from casextract.rulebook.patterns import on_demand
from casextract.segment.compiled import Segmenter
from casextract.segment.lines import Line, heading_like
from casextract.segment.model import BlockKind

_KEYWORD_SIGNS: Final = on_demand(r"[;,、\s]+")
_LEADERS: Final = on_demand(r"[\s.·…\d\-—]+$")
_DATE: Final = on_demand(r"(?P<y>(?:19|20)\d\d|(?<!\d)1[01]\d(?=年))[年./-](?P<m>\d{1,2})[月./-](?P<d>\d{1,2})")
_HAN: Final = on_demand(r"\p{Han}")
_HEAD_LINES, _META_MAX = 40, 160
_TITLE_MIN, _TITLE_SURE, _TITLE_LONG, _TITLE_LINES = 4, 6, 10, 3
_BODY_MIN: Final = 60
_SUBTITLE: Final = on_demand(r"[—–-]{1,3}\s*(?=\S)")
_TITLE_MARKS: Final = on_demand(r"[。;]|[:,]$")


@dataclass(frozen=True, slots=True)
class Frame:
    """The roles of the lines around the body, by line index, and the metadata found."""

    roles: dict[int, tuple[BlockKind, str | None]]
    meta: Meta
    title: tuple[int, int] | None
    title_line: int | None
    body: tuple[int, int]
    """The first line of the body (preamble included) and one past its last."""


def body_like(norm: str, line: Line) -> bool:
    """Whether a line is running text."""
    return (line.length >= _BODY_MIN and ("。" in norm[line.start : line.end] or line.length > 120)) or (
        line.length >= 25 and norm[line.end - 1] in "。;" and line.mark != "heading"
    )


def read_frame(norm: str, lines: Sequence[Line], segmenter: Segmenter, stated: Meta) -> Frame:
    """Find the head and the trailer of a document."""
    roles: dict[int, tuple[BlockKind, str | None]] = {}
    for i, line in enumerate(lines):
        if (form := segmenter.whole("noise", norm, line.start, line.end)) is not None:
            roles[i] = ("noise", form.id)
    first = _head(norm, lines, segmenter, roles)
    last = _tail(norm, lines, segmenter, roles, first)
    found: dict[str, str] = {}
    for i in sorted(roles):
        if roles[i][0] in ("metadata", "trailer"):
            _collect(norm, lines[i], segmenter, found)
    title_line = _title(norm, lines, segmenter, roles, first)
    if title_line is None:
        title_line = _title_behind(norm, lines, segmenter, roles, last)
    title = (lines[title_line].start, lines[title_line].end) if title_line is not None else None
    subtitle = None
    if title_line is not None:
        roles[title_line] = ("metadata", "meta.title")
        nxt = title_line + 1
        if nxt < len(lines) and nxt not in roles and nxt < first and _SUBTITLE.match(norm, lines[nxt].start):
            roles[nxt] = ("metadata", "meta.subtitle")
            subtitle = norm[lines[nxt].start : lines[nxt].end].lstrip("—–- ")
    keywords = tuple(k for k in _KEYWORD_SIGNS.split(found.get("keywords", "")) if k)
    meta = Meta(
        title=stated.title or (norm[title[0] : title[1]] if title else None),
        subtitle=stated.subtitle or subtitle,
        publisher=stated.publisher or found.get("publisher"),
        issue=stated.issue or found.get("issue"),
        published_on=stated.published_on or _date(found.get("published_on")),
        byline=stated.byline or found.get("byline"),
        keywords=stated.keywords or keywords,
    )
    return Frame(roles, meta, title, title_line, (first, last))


def _head(
    norm: str, lines: Sequence[Line], segmenter: Segmenter, roles: dict[int, tuple[BlockKind, str | None]]
) -> int:
    """Give the lines of the head their roles; return the first line that is none of them."""
    i = 0
    last_head = -1
    while i < min(len(lines), _HEAD_LINES):
        line = lines[i]
        if i in roles:
            i += 1
            continue
        if (hit := segmenter.first("outline", norm, line.start, line.end)) is not None:
            end = _outline(norm, lines, i, hit[1].end())
            for k in range(i, end):
                roles[k] = ("outline", hit[0].id)
            i = last_head = end
            last_head -= 1
            continue
        hit = segmenter.first("metadata", norm, line.start, line.end)
        if (
            hit is not None
            and line.length <= _META_MAX
            and not ("。" in norm[line.start : line.end] and line.length > _BODY_MIN)
        ):
            roles[i] = ("metadata", hit[0].id)
            last_head = i
        elif body_like(norm, line):
            break
        i += 1
    return last_head + 1


def _outline(norm: str, lines: Sequence[Line], at: int, behind: int) -> int:
    """One past the last line of the outline that line `at` opens."""
    if behind < lines[at].end:
        return at + 1
    entries: set[str] = set()
    i = at + 1
    while i < len(lines):
        line = lines[i]
        entry = _LEADERS.sub("", norm[line.start : line.end]).replace(" ", "")
        if body_like(norm, line) or entry in entries:
            # The body starts where the first entry comes again.
            return i
        if entry:
            entries.add(entry)
        i += 1
    return at + 1


def _tail(
    norm: str, lines: Sequence[Line], segmenter: Segmenter, roles: dict[int, tuple[BlockKind, str | None]], first: int
) -> int:
    """Give the lines behind the body their roles; return one past the last line of the body."""
    last_body = max(
        (i for i in range(first, len(lines)) if body_like(norm, lines[i]) and i not in roles), default=first - 1
    )
    start: int | None = None
    half = len(norm) // 2
    for i in range(first, len(lines)):
        line = lines[i]
        m = segmenter.trailers.match(norm, line.start, line.end)
        if m is None:
            continue
        form = segmenter.rule_of("trailer", m)
        hard = form.rule.order <= 10 and line.start >= half
        if i > last_body or hard or (i == last_body and line.length <= 160 and i > first):
            start = i
            for k in range(i, len(lines)):
                if k not in roles:
                    roles[k] = ("trailer", form.id)
            break
    return start if start is not None else len(lines)


def _title(
    norm: str, lines: Sequence[Line], segmenter: Segmenter, roles: dict[int, tuple[BlockKind, str | None]], first: int
) -> int | None:
    """The line that is the document's title: the first of the head that is neither metadata nor running text."""
    found: list[int] = []
    for i, line in enumerate(lines[: first + _TITLE_LINES]):
        if i in roles:
            continue
        if not heading_like(norm, line):
            break
        if line.mark == "heading":
            return i
        if (
            len(_HAN.findall(norm, line.start, line.end)) >= _TITLE_MIN
            and not _SUBTITLE.match(norm, line.start)
            and not segmenter.first("label", norm, line.start, line.end)
        ):
            found.append(i)
    if not found or len(norm[lines[found[0]].start : lines[found[0]].end]) >= _TITLE_SURE:
        return found[0] if found else None
    # A very short line first is the name of a column or a site, where a longer one follows.
    return next((i for i in found if lines[i].length >= _TITLE_LONG), found[0])


def _title_behind(
    norm: str, lines: Sequence[Line], segmenter: Segmenter, roles: dict[int, tuple[BlockKind, str | None]], last: int
) -> int | None:
    """A title that a page prints behind its article: a line before one of metadata."""
    for i in range(last, len(lines) - 1):
        line = lines[i]
        if (
            heading_like(norm, line)
            and line.length >= _TITLE_LONG
            and segmenter.trailers.match(norm, line.start, line.end) is None
            and segmenter.first("metadata", norm, lines[i + 1].start, lines[i + 1].end)
            and _DATE.search(norm, lines[i + 1].start, lines[i + 1].end)
        ):
            return i
    return None


def _collect(norm: str, line: Line, segmenter: Segmenter, found: dict[str, str]) -> None:
    """Take the fields that a line of metadata holds; the first statement of a field stands."""
    for form in segmenter.forms["metadata"]:
        if form.rule.field is None:
            continue
        at = line.start
        while at < line.end:
            m = form.pattern.search(norm, at, line.end)
            if m is None:
                break
            value = (m.group("value") or "").strip(" :")
            if value and (m.start() == line.start or not norm[m.start() - 1].isalnum() or form.rule.field != "byline"):
                found.setdefault(form.rule.field, value)
            publisher = m.groupdict().get("publisher") if form.rule.field == "issue" else None
            if publisher:
                found.setdefault("publisher", publisher.strip("《》"))
            at = max(m.end(), at + 1)


def _date(printed: str | None) -> date | None:
    if printed is None or (m := _DATE.search(printed)) is None:
        return None
    try:
        year = int(m["y"])
        # Taiwan counts the years from 1912.
        return date(year if year > 1000 else year + 1911, int(m["m"]), int(m["d"]))
    except ValueError:
        return None
