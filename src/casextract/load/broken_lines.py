"""Sentences that line ends, page numbers and running heads cut in two: found, and marked so that they are read as one.

The text stays as it is; what is not to be read gets a mark. A line end is taken out only where the line cannot end
there (behind a comma, in front of a full stop, inside a number, brackets or a word of grammar), or where the lines of
the text are filled to one width. Where a number may have been cut and nothing decides, the stretch is `doubtful`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import regex

from casextract.load.source import Article, Mark, Note, shown

FULL = 3
"""Columns that a line may lack and still be full: what may begin no line, or a Latin word, moves to the next."""

WRAPPED = 0.4
"""Share of full lines, among those that end without a full stop or with one, from which a text is set to a width. In 60
texts with a line for each paragraph it is 0.15 at most."""

NARROWEST, WIDEST = 16, 160
"""Columns, two to an ideograph, of a text that is set to a width."""

PROSE = 24
"""Columns from which a line without punctuation may still be running text."""

HEAD = 80
"""Columns that a running head has at most."""

_LINES = re.compile(r"[^\r\n\f\v\x85\u2028\u2029]+")
_WIDE = re.compile("[\u1100-\u11ff\u2014\u2018-\u201f\u2026\u2e80-\uffef]")
_BOUND = frozenset({"heading", "table_row", "caption"})
_OWN = _BOUND | {"list_item"}
_STOP = regex.compile(r"[。！？!?；;：:…](?:[”’」』）)》】\]]|[¹²³⁰⁴-⁹])*$")
_INNER = re.compile("[，。；、,]")
_OPEN_END = re.compile(r"[，、,（(“‘《〈「『【〔]$")
_CLOSING = re.compile(r"[，。、；：？！”’》〉」』】〕）)％%‰,;:?!]|\.(?!\d)")
_MARKER = re.compile(
    r"第?[一二三四五六七八九十百]{1,4}[、.．章节節条條]|[（(][一二三四五六七八九十\d]{1,4}[）)]|\d{1,3}[.、．）)](?!\d)|[①-⒛⒜-ⓩ㈠-㈩]"
    r"|[●■◆○□◇※•·▲★☆\-*+>#|]\s?|\s*$"
)
_ENDS_IN_DIGIT = re.compile(r"\d[\d,，]*[.．]?\d*[.．]?$")
_NUMBERED = re.compile(r"(?:[图圖表例之篇期號号章]|附件|材料|专栏|專欄)\s?\d+$")
_LABELLED = re.compile(r"[^\W\d](?:\s*[^\W\d]){1,7}\s?[:：]")
_BEGINS_WITH_NUMBER = re.compile(r"\d+|[.．]\d+")
_SCALE = re.compile("[十百千万萬亿億余餘多几幾]")
_RANGE = re.compile(r"[∶:：/／~～×—–\-至]{1,2}\s?\d")
_CHINESE_NUMERAL_END = re.compile("(?<![第之])[一二三四五六七八九十百千万萬亿億两兩几幾]{1,9}$")
_CHINESE_NUMBER = re.compile("[一二三四五六七八九十百千万萬亿億两兩零〇]{1,9}(?![、.．是要])")
_CHINESE_SCALE = re.compile("[十百千万萬亿億]")
# Words of grammar that govern what comes behind them, or lean on what stands before.
_GOVERNS = re.compile("[的和与與及或为為在由从從向把被对對将將以于於并並且而之至约約近达達共超]$")
_LEANS = re.compile("的(?!确|確)|了(?![解望却])|[着著](?![力手眼重实實])|[们們]")
_BRACKETS = {"（": "）", "(": ")", "《": "》", "“": "”", "「": "」", "【": "】"}
_PAGE = re.compile(
    r"[\s\-–—―－·•.~～|/]*(?P<a>第\s?)?(?P<n>\d{1,4})(?P<b>\s?[页頁])?(?P<c>\s?[/／|]\s?\d{1,4}|[\s，,]*共\s?\d{1,4}\s?[页頁])?[\s\-–—―－·•.~～|/]*"
    r"|(?:P(?:age|\.)\s?)(?P<p>\d{1,4})(?:\s?(?:of|/)\s?\d{1,4})?",
    re.IGNORECASE,
)
_CELLS = re.compile(r"\t|\S(?: {3,}|\u3000{2,})\S")
_FOLD_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class _Row:
    """A line with something on it, without the blanks around."""

    start: int
    end: int
    text: str
    indent: int
    width: int
    """Columns, the indent included."""
    blank: bool
    """Whether an empty line stands before it."""
    leaf: bool
    """Whether a new page begins before it, as a form feed says."""
    bound: bool
    """Whether the file says that it is a line of its own: a heading, a caption, a row of a table."""
    item: bool


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the whole text shows of how its lines are set."""

    width: int | None
    """Columns of a full line; None where a line is a paragraph."""
    indents: bool
    """Whether paragraphs begin with an indent."""
    blanks: bool
    """Whether empty lines stand between paragraphs."""


_Verdict = Literal["join", "doubt", "end"]


def join_lines(page: Article) -> Article:
    """The article with marks on the line ends, page numbers and running heads that are not to be read, and notes on
    doubts."""
    rows = list(_rows(page))
    if len(rows) < 2:
        return page
    furniture = _furniture(rows)
    body = [n for n in range(len(rows)) if n not in furniture]
    layout = _layout([rows[n] for n in body])
    marks: list[Mark] = []
    notes: list[Note] = []
    at = 0
    while at + 1 < len(body):
        a, b = rows[body[at]], rows[body[at + 1]]
        verdict = _verdict(a, b, layout, page_cut=body[at + 1] - body[at] > 1 or b.leaf)
        if verdict == "end" and (across := _across_a_number(rows, body, at, layout)) is not None:
            verdict, b = across, rows[body[at + 2]]
            at += 1
        if verdict == "join":
            marks.append(_joint(page.text, a, b))
        elif verdict == "doubt":
            note = _doubt(page.text, a, b)
            marks.append(Mark(note.start or 0, note.end or 0, "doubtful"))
            notes.append(note)
        at += 1
    joined = [m for m in marks if m.kind != "doubtful"]
    apart = (row for n in furniture for row in (rows[n],) if not any(m.start <= row.start < m.end for m in joined))
    marks += (Mark(row.start, row.end, "unread") for row in apart)
    if not marks:
        return page
    order = tuple(sorted((*page.marks, *marks), key=lambda m: (m.start, -m.end)))
    return replace(page, marks=order, notes=(*page.notes, *notes))


def _across_a_number(rows: Sequence[_Row], body: Sequence[int], at: int, layout: _Layout) -> _Verdict | None:
    """Whether a row goes on behind a bare number: it is one of a page, if there is another that goes on counting.

    None where the number, if it is one, ends the row.
    """
    if at + 2 >= len(body) or (number := _page_number(rows[body[at + 1]])) is None:
        return None
    a = rows[body[at]]
    across = _verdict(a, rows[body[at + 2]], layout, page_cut=True)
    if across == "join" and (_is_sure(rows[body[at + 1]]) or _counted(rows, body[at + 1], number)):
        return "join"
    return "doubt" if across != "end" and _ENDS_IN_DIGIT.search(a.text) is not None else None


def _joint(text: str, a: _Row, b: _Row) -> Mark:
    """The mark between two rows that are one line: Latin words and numbers keep a blank."""
    letters = text[a.end - 1].isascii() and text[a.end - 1].isalpha() and b.text[0].isascii()
    return Mark(a.end, b.start, "gap" if letters and b.text[0].isalnum() else "unread")


def _doubt(text: str, a: _Row, b: _Row) -> Note:
    """What is told of two rows that may share a number."""
    digits = _ENDS_IN_DIGIT.search(a.text) or _CHINESE_NUMERAL_END.search(a.text)
    rest = _BEGINS_WITH_NUMBER.match(b.text) or _CHINESE_NUMBER.match(b.text)
    start = a.end - len(digits[0]) if digits else a.end
    end = b.start + (len(rest[0]) if rest else 1)
    printed = " ".join(text[start:end].split())
    message = (
        f"{printed!r} may be one number that the end of a line cut in two; it was not read: join the lines in the "
        "file, or put an empty line between them"
    )
    return Note("warning", "broken_line", message, start, end)


def _rows(page: Article) -> Iterator[_Row]:
    kinds = [m for m in page.marks if m.kind in _OWN]
    unread = [m for m in page.marks if m.kind == "unread"]
    at = k = 0
    for m in _LINES.finditer(page.text):
        line = m[0]
        text = line.strip()
        if not text:
            continue
        start = m.start() + len(line) - len(line.lstrip())
        end = start + len(text)
        if unread and not (text := shown(page.text, start, end, unread).strip()):
            continue
        while k < len(kinds) and kinds[k].end <= start:
            k += 1
        kind = kinds[k].kind if k < len(kinds) and kinds[k].start < end else None
        gap = page.text[at : m.start()]
        indent = _columns(line[: start - m.start()])
        yield _Row(
            start,
            end,
            text,
            indent,
            indent + _columns(text),
            blank=at > 0 and len(re.findall(r"\r\n|[\r\n\v\x85\u2028\u2029]", gap)) > 1,
            leaf="\f" in gap,
            bound=kind in _BOUND,
            item=kind == "list_item",
        )
        at = m.end()


def _columns(text: str) -> int:
    return len(text) + len(_WIDE.findall(text)) + text.count("\u3000")


def _furniture(rows: Sequence[_Row]) -> frozenset[int]:
    """The rows that are page numbers or running heads by themselves, wherever they stand."""
    numbers = {
        n for n, row in enumerate(rows) if _page_number(row) is not None and (_is_sure(row) or _at_leaf(rows, n))
    }
    counts = Counter(_FOLD_DIGITS.sub("#", row.text) for row in rows)
    cuts = Counter(_FOLD_DIGITS.sub("#", row.text) for n, row in enumerate(rows) if _cuts_prose(rows, n))
    heads = set()
    for n, row in enumerate(rows):
        if row.bound or row.width > HEAD or n in numbers or _STOP.search(row.text) or _INNER.search(row.text):
            continue
        folded = _FOLD_DIGITS.sub("#", row.text)
        # The first one may be the title.
        at_page = n >= 3 and (n - 1 in numbers or n + 1 in numbers or _at_leaf(rows, n))
        if counts[folded] > 1 and not row.text.isdigit() and (at_page or (cuts[folded] > 1 and _cuts_prose(rows, n))):
            heads.add(n)
    return frozenset(numbers | heads)


def _cuts_prose(rows: Sequence[_Row], n: int) -> bool:
    """Whether a row stands between running text that has not ended and running text."""
    if not 0 < n < len(rows) - 1:
        return False
    before, after = rows[n - 1], rows[n + 1]
    running = _INNER.search(before.text) and (_INNER.search(after.text) or _STOP.search(after.text))
    return bool(running) and _STOP.search(before.text) is None and not _MARKER.match(after.text)


def _at_leaf(rows: Sequence[_Row], n: int) -> bool:
    return rows[n].leaf or (n + 1 < len(rows) and rows[n + 1].leaf)


def _page_number(row: _Row) -> int | None:
    m = _PAGE.fullmatch(row.text)
    return int(m["n"] or m["p"]) if m and not (row.bound or row.item) else None


def _is_sure(row: _Row) -> bool:
    """Whether a page number says that it is one: by its words, or by dashes on both sides."""
    m = _PAGE.fullmatch(row.text)
    return m is not None and bool(m["p"] or (m["a"] and m["b"]) or re.fullmatch(r"([\-–—―－·•~～]).*\1", row.text))


def _counted(rows: Sequence[_Row], n: int, number: int) -> bool:
    """Whether the number before or after stands alone on a line some way off."""
    return any(
        abs(k - n) > 2 and (other := _page_number(row)) is not None and other - number == (1 if k > n else -1)
        for k, row in enumerate(rows)
    )


def _layout(rows: Sequence[_Row]) -> _Layout:
    lines = [r for r in rows if not (r.bound or r.item or _CELLS.search(r.text))]
    ended = [b for a, b in pairwise(lines) if _STOP.search(a.text)]
    indents = len(ended) > 1 and sum(b.indent >= 2 for b in ended) > 0.6 * len(ended)
    blanks = len(ended) > 1 and sum(b.blank for b in ended) > 0.6 * len(ended)
    # The last line of a paragraph says nothing of the width.
    follow = [a for a, b in pairwise(lines) if not b.blank]
    widths = Counter(a.width for a in follow if NARROWEST <= a.width <= WIDEST)
    if not widths:
        return _Layout(None, indents, blanks)
    width = max(widths, key=lambda w: (sum(widths[w - k] for k in range(FULL + 1)), w))
    full = [a for a in follow if width - FULL <= a.width <= width]
    longer = sum(r.width > width + 2 for r in lines)
    wrapped = (
        len(full) >= min(3, len(follow))
        and len(full) >= 2
        and len(full) >= WRAPPED * len(follow)
        and longer <= 0.05 * len(lines)
        and 2 * sum(_STOP.search(a.text) is None for a in full) >= len(full)
        and any(_INNER.search(a.text) for a in full)
    )
    return _Layout(width if wrapped else None, indents, blanks)


def _verdict(a: _Row, b: _Row, layout: _Layout, page_cut: bool) -> _Verdict:
    """Whether the text of one row goes on in the next; `page_cut` where a page ends between them."""
    if a.bound or b.bound or b.item or _CELLS.search(a.text) or _CELLS.search(b.text):
        return "end"
    near = page_cut or not b.blank
    full = layout.width is not None and a.width >= layout.width - FULL and near
    # What a quotation begins with may stand first on a full line; elsewhere it opens a paragraph.
    listed = _MARKER.match(b.text) is not None or (b.text[0] in "“「『" and not full)
    if _STOP.search(a.text):
        return _behind_a_stop(a, b, layout, full and not listed)
    inner = _INNER.search(a.text) is not None
    prose = inner or a.width >= PROSE
    if near and _CHINESE_NUMERAL_END.search(a.text) and _CHINESE_NUMBER.match(b.text) and not listed:
        return "join" if prose or full else "doubt"
    if _ENDS_IN_DIGIT.search(a.text):
        return _number_verdict(a, b, full or (page_cut and prose), prose, near)
    if not near or listed or (_LABELLED.match(b.text) and not full):
        return "end"
    if full or _goes_on(a, b, prose, inner):
        return "join"
    running = inner and (_INNER.search(b.text) or _STOP.search(b.text)) and not _is_set_in(b, layout)
    # Behind the end of a page, or where every paragraph is indented, running text that has not ended goes on.
    return "join" if running and (page_cut or layout.indents) else "end"


def _behind_a_stop(a: _Row, b: _Row, layout: _Layout, may_go_on: bool) -> _Verdict:
    """A full line may end with its sentence, and the paragraph go on all the same."""
    set_apart = _is_set_in(b, layout) or (layout.blanks and b.blank)
    told = layout.indents or layout.blanks
    return "join" if may_go_on and told and not set_apart and a.text[-1] not in ":：" else "end"


def _is_set_in(row: _Row, layout: _Layout) -> bool:
    return layout.indents and row.indent >= 2


def _number_verdict(a: _Row, b: _Row, sure: bool, prose: bool, near: bool) -> _Verdict:
    """The same behind a line that ends in a digit."""
    number = _BEGINS_WITH_NUMBER.match(b.text)
    if _NUMBERED.search(a.text) or (_LABELLED.match(b.text) and not sure):
        return "end"
    if regex.fullmatch(r"[^\p{L}]+", a.text) or regex.fullmatch(r"[^\p{L}%％‰]+", b.text):
        # A cell of a table, or the number of a page.
        return "end"
    if number is not None and not _MARKER.match(b.text):
        # No line ends with a decimal point.
        if near and (sure or prose or regex.search(r"\p{Han}.*\d[.．]$", a.text)):
            return "join"
        return "doubt" if near or prose else "end"
    unit = number is None and (
        _SCALE.match(b.text)
        or _RANGE.match(b.text)
        or _CLOSING.match(b.text)
        or (prose and regex.match(r"\p{Han}", b.text))
    )
    return "join" if near and prose and unit and not _MARKER.match(b.text) else "end"


def _goes_on(a: _Row, b: _Row, prose: bool, inner: bool) -> bool:
    """Whether the words alone show that a line cannot end, or the next not begin, where they do."""
    if _OPEN_END.search(a.text) or _CLOSING.match(b.text):
        return True
    if _unclosed(a.text, b.text):
        return True
    if not prose:
        return False
    if _CHINESE_NUMERAL_END.search(a.text) and _CHINESE_SCALE.match(b.text):
        return True
    return inner and bool(_GOVERNS.search(a.text) or _LEANS.match(b.text))


def _unclosed(before: str, after: str) -> bool:
    """Whether a bracket or quotation mark opens in one line and closes in the other."""
    for opening, closing in _BRACKETS.items():
        at = before.rfind(opening)
        if at >= 0 and closing not in before[at:]:
            end = after.find(closing)
            again = after.find(opening)
            if end >= 0 and (again < 0 or end < again):
                return True
    return False
