"""What stands before and behind the article: metadata, outline, trailer and noise, and what they say of the
document."""

from __future__ import annotations

from datetime import date
from typing import Final

from casextract.load import Meta, is_platform
from casextract.rulebook.patterns import on_demand
from casextract.segment.model import BlockKind
from casextract.segment.page import HeadAndTrailer, Line, Page
from casextract.segment.stacks import is_dated, is_signed, leads_up

Roles = dict[int, tuple[BlockKind, str | None]]
_KEYWORD_SIGNS: Final = on_demand(r"[;,、\s]+")
_LEADERS: Final = on_demand(r"(?<![\s.·…\d\-—])[\s.·…\d\-—]++$")
_DATE: Final = on_demand(r"(?P<y>(?:19|20)\d\d|(?<!\d)1[01]\d(?=年))[年./-](?P<m>\d{1,2})[月./-](?P<d>\d{1,2})")
_HAN: Final = on_demand(r"\p{Han}")
_HEAD_LINES, _META_MAX = 40, 160
_TITLE_MIN, _TITLE_SURE, _TITLE_LONG, _TITLE_LINES = 4, 6, 10, 3
_BODY_MIN: Final = 60
_SUBTITLE: Final = on_demand(r"[—–-]{1,3}\s*(?=\S)")
_NUMBER: Final = on_demand(r"\d{1,3}\s?[、.．](?!\d)\s*")
_TITLE_MARKS: Final = on_demand(r"[。;]|[:,]$")


def read_frame(page: Page, stated: Meta) -> HeadAndTrailer:
    """Find the head and the trailer of a document."""
    roles: Roles = {}
    for i, line in enumerate(page.lines):
        if (form := page.whole("noise", line)) is not None:
            roles[i] = ("noise", form.id)
    signed = [i for i, line in enumerate(page.lines) if i not in roles and is_signed(page, line)]
    dated = [i for i in range(1, len(page.lines) - 1) if i not in roles and _dates_report(page, i)]
    first = _head(page, roles, reports=len(signed) > 1 or len(dated) > 1)
    last = _tail(page, roles, first)
    # A byline in the body heads one of several reports, or ends the only one.
    roles |= {i: ("metadata", "meta.byline") for i in signed if first <= i < last and i not in roles}
    if len(dated) > 1:
        roles |= {i: ("metadata", "meta.date") for i in dated if first <= i < last and i not in roles}
    found: dict[str, str] = {}
    for i in sorted(roles):
        if roles[i][0] in ("metadata", "trailer"):
            _collect(page, page.lines[i], found)
    title_line = _title(page, roles, first)
    if len(dated) > 1 and title_line == dated[0] - 1:
        # It heads the first report, and nothing heads the page.
        title_line = None
    elif title_line is None:
        title_line = _title_behind(page, roles, last)
    title = _title_span(page, page.lines[title_line]) if title_line is not None else None
    subtitle = None
    if title_line is not None:
        roles[title_line] = ("metadata", "meta.title")
        nxt = title_line + 1
        if _title_goes_below(page, roles, title_line):
            roles[nxt] = ("metadata", "meta.title")
            title = _title_span(page, page.lines[nxt])
            nxt += 1
        if (
            nxt < len(page.lines)
            and nxt not in roles
            and nxt < first
            and _SUBTITLE.match(page.norm, page.lines[nxt].start)
        ):
            roles[nxt] = ("metadata", "meta.subtitle")
            subtitle = page.norm[page.lines[nxt].start : page.lines[nxt].end].lstrip("—–- ")
    keywords = tuple(k for k in _KEYWORD_SIGNS.split(found.get("keywords", "")) if k)
    meta = Meta(
        title=stated.title or (page.norm[title[0] : title[1]] if title else None),
        subtitle=stated.subtitle or subtitle,
        publisher=stated.publisher or found.get("publisher"),
        issue=stated.issue or found.get("issue"),
        published_on=stated.published_on or _date(found.get("published_on")),
        byline=stated.byline or found.get("byline"),
        keywords=stated.keywords or keywords,
    )
    return HeadAndTrailer(roles, meta, title, title_line, (first, last))


def _head(page: Page, roles: Roles, *, reports: bool) -> int:
    """Give the lines of the head their roles; return the first line that is none of them.

    Where several `reports` are signed, the lines above the first byline are its heading.
    """
    i = 0
    last_head = -1
    while i < min(len(page.lines), _HEAD_LINES):
        line = page.lines[i]
        if i in roles:
            i += 1
            continue
        if (hit := page.first("outline", line.start, line.end)) is not None:
            end = _outline(page, i, hit[1].end())
            for k in range(i, end):
                roles[k] = ("outline", hit[0].id)
            i = last_head = end
            last_head -= 1
            continue
        hit = page.first("metadata", line.start, line.end)
        if (
            hit is not None
            and line.length <= _META_MAX
            and not ("。" in page.printed(line) and line.length > _BODY_MIN)
        ):
            roles[i] = ("metadata", hit[0].id)
            last_head = last_head if reports and hit[0].rule.field in ("byline", "published_on") else i
        elif page.is_body(line):
            break
        i += 1
    return last_head + 1


def _dates_report(page: Page, i: int) -> bool:
    """Whether a line is a date between a heading and its text."""
    above, below = page.lines[i - 1], page.lines[i + 1]
    return (
        is_dated(page, page.lines[i])
        and page.is_heading(above)
        and page.first("metadata", above.start, above.end) is None
        and not page.is_heading(below)
    )


def _outline(page: Page, at: int, behind: int) -> int:
    """One past the last line of the outline that line `at` opens."""
    if behind < page.lines[at].end:
        return at + 1
    entries: set[str] = set()
    i = at + 1
    while i < len(page.lines):
        line = page.lines[i]
        entry = _LEADERS.sub("", page.printed(line)).replace(" ", "")
        if page.is_body(line) or entry in entries:
            # The body starts where the first entry comes again.
            return i
        if entry:
            entries.add(entry)
        i += 1
    return at + 1


def _tail(page: Page, roles: Roles, first: int) -> int:
    """Give the lines behind the body their roles; return one past the last line of the body."""
    last_body = max(
        (i for i in range(first, len(page.lines)) if page.is_body(page.lines[i]) and i not in roles), default=first - 1
    )
    start: int | None = None
    half = len(page.norm) // 2
    for i in range(first, len(page.lines)):
        line = page.lines[i]
        m = page.trailer_at(line)
        if m is None:
            continue
        form = page.rules.rule_of("trailer", m)
        hard = form.rule.certain and line.start >= half
        if i > last_body or hard or (i == last_body and line.length <= 160 and i > first):
            start = i
            for k in range(i, len(page.lines)):
                if k not in roles:
                    roles[k] = ("trailer", form.id)
            break
    return start if start is not None else len(page.lines)


def _title_span(page: Page, line: Line) -> tuple[int, int]:
    """A title without the words that announce it."""
    label = page.first("title_label", line.start, line.end)
    if label is not None and label[1].end() < line.end:
        return label[1].end(), line.end
    # The number of an article in a volume is no part of its title.
    number = _NUMBER.match(page.norm, line.start, line.end) if line.mark == "heading" else None
    return (number.end() if number is not None and number.end() < line.end else line.start), line.end


def _title(page: Page, roles: Roles, first: int) -> int | None:
    """The line that is the document's title: the first of the head that is neither metadata nor running text."""
    found: list[int] = []
    for i, line in enumerate(page.lines[: first + _TITLE_LINES]):
        if i in roles:
            continue
        if not page.is_heading(line):
            break
        if line.mark == "heading" or page.first("title_label", line.start, line.end):
            return i
        if page.search("dateline", line.start, line.end) or ((i > 0 or len(page.lines) > 1) and _numbered(page, line)):
            # The article begins.
            break
        if (
            len(_HAN.findall(page.norm, line.start, line.end)) >= _TITLE_MIN
            and page.whole("rubric", line) is None
            and not _SUBTITLE.match(page.norm, line.start)
            and not page.first("label", line.start, line.end)
        ):
            found.append(i)
    if not found or len(page.norm[page.lines[found[0]].start : page.lines[found[0]].end]) >= _TITLE_SURE:
        return found[0] if found else None
    # A very short line first is the name of a column or a site, where a longer one follows.
    return next((i for i in found if page.lines[i].length >= _TITLE_LONG), found[0])


def _title_goes_below(page: Page, roles: Roles, k: int) -> bool:
    """Whether the line only leads up to the title, which stands below it (全县已办起三十处——)."""
    return (
        leads_up(page, page.lines[k])
        and k + 2 < len(page.lines)
        and k + 1 not in roles
        and page.is_heading(page.lines[k + 1])
        and not leads_up(page, page.lines[k + 1])
    )


def _numbered(page: Page, line: Line) -> bool:
    """Whether a line carries a marker of a series: an excerpt that begins in the middle has no title."""
    m = page.rules.markers.match(page.norm, line.start, line.end)
    return m is not None and not page.rules.rule_of("marker", m).rule.series


def _title_behind(page: Page, roles: Roles, last: int) -> int | None:
    """A title that a page prints behind its article: a line before one of metadata."""
    for i in range(last, len(page.lines) - 1):
        line = page.lines[i]
        if (
            page.is_heading(line)
            and line.length >= _TITLE_LONG
            and page.trailer_at(line) is None
            and page.first("metadata", page.lines[i + 1].start, page.lines[i + 1].end)
            and _DATE.search(page.norm, page.lines[i + 1].start, page.lines[i + 1].end)
        ):
            return i
    return None


def _collect(page: Page, line: Line, found: dict[str, str]) -> None:
    """Take the fields that a line of metadata holds; the first statement of a field stands."""
    for form in page.rules.forms["metadata"]:
        if form.rule.field is None:
            continue
        at = line.start
        while at < line.end:
            m = form.pattern.search(page.norm, at, line.end)
            if m is None:
                break
            value = (m.group("value") or "").strip(" :")
            if (
                value
                and (m.start() == line.start or not page.norm[m.start() - 1].isalnum() or form.rule.field != "byline")
                and (form.rule.field != "publisher" or not is_platform(value))
            ):
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
