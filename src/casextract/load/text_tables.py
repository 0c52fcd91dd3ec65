"""Tables that a plain text prints: with pipes (Markdown), with tabs, or with blanks that line its columns up."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from casextract.load.table_cells import kind_of
from casextract.load.tables import Cell, Span, Table

_LINE = re.compile(r"[^\r\n\f]+")
_PIPE = re.compile(r"(?<!\\)[|｜│┃]")
_RULE = re.compile(r"[\s|｜│┃+:=\-─━═—┼├┤┬┴┌┐└┘╋┣┫┳┻┏┓┗┛]{3,}")
_DELIMITER = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_FIELD = re.compile(r"[^\s\u3000](?:[^\t\n]*?[^\s\u3000])??(?=\t|[ \xa0]{2}|[ \xa0]?\u3000|\s*$)")
_WORD = re.compile(r"\S+")
_TAB = re.compile(r"\t")
_GAP = re.compile(r"[^\s\u3000](?:  |\xa0\xa0|\u3000)[ \xa0\u3000]*[^\s\u3000]")
_BLANKS = " \t\xa0\u3000"
_MARKUP = re.compile(r"(\*{1,3}|_{1,3}|`+)(?=\S)(?P<inner>.*?\S)\1")
_STOP = "。！？；"
_LONG_FIELD = 60
"""Characters from which a field is a passage of running text."""


class Field(NamedTuple):
    """A stretch of a row with white on both sides: its offsets, and where it stands on the line."""

    start: int
    end: int
    left: int
    right: int
    """Columns of a terminal, in which an ideograph takes two; points on a page."""


class PrintedRow(NamedTuple):
    """A line as its fields."""

    start: int
    end: int
    fields: tuple[Field, ...]


_LOOSE = re.compile(
    r"[ \t]*(?P<label>\S*?[^\s\d.,%]\S*(?: ?\([^()]*\))?)(?: (?P<unit>[^\s\d]{1,4}))?(?P<values>(?: "
    r"+(?:[-+]?\d[\d,]*(?:\.\d+)?%?|[-—]))+)[ \t]*"
)
LONGEST_LOOSE = 400
"""Characters of such a row; a page is at most some two hundred wide."""
FEWEST_LOOSE = 4
"""Rows of label, unit and values with one blank between them from which they are a table: a line of prose may end in a
number."""


def tables_in(text: str, taken: Sequence[Span]) -> Iterator[Table]:
    """The tables that a text prints outside the stretches `taken`, in order."""
    lined = list(_lined_tables(text, taken))
    loose = _loose_tables(text, [*taken, *((t.start, t.end) for t in lined)])
    yield from sorted([*lined, *loose], key=lambda t: t.start)


def _loose_tables(text: str, taken: Sequence[Span]) -> Iterator[Table]:
    """Tables of which a copy has left one blank between the cells: a label, perhaps a unit, and values in each row."""
    block: list[re.Match[str] | Span] = []
    for match in _LINE.finditer(text):
        start, end = match.span()
        if not text[start:end].strip(_BLANKS):
            continue
        # Most lines do not end as a value does; the pattern is for the others.
        ends = text[start:end].rstrip(_BLANKS)[-1] in "0123456789%-—"
        free = not any(a < end and start < b for a, b in taken)
        row = _LOOSE.fullmatch(text, start, end) if ends and free and end - start <= LONGEST_LOOSE else None
        if row is not None:
            block.append(row)
        elif block and _may_be_label(text, start, end, True) and not any(a < end and start < b for a, b in taken):
            block.append((start, end))
        else:
            yield from _loose_table(text, block)
            block = []
            if _LOOSE_HEAD.fullmatch(text, start, end):
                block = [(start, end)]
    yield from _loose_table(text, block)


# Up to seven words, written so that there is one way to read each line: a long line without a stop must not be tried in
# all its divisions.
_LOOSE_HEAD = re.compile(r"[ \t]*(?!(?:\S+ ){7})[^\s\d。，,；](?: ?[^\s。，,；]){1,83}[ \t]*")


def _loose_table(text: str, block: list[re.Match[str] | Span]) -> Iterator[Table]:
    while block and not isinstance(block[-1], re.Match):
        block.pop()
    rows = [row for row in block if isinstance(row, re.Match)]
    if len(rows) < FEWEST_LOOSE:
        return
    first = next(n for n, row in enumerate(block) if isinstance(row, re.Match))
    units = any(row["unit"] for row in rows)
    values = [[m.span() for m in _WORD.finditer(text, *row.span("values"))] for row in rows]
    width = max(map(len, values)) + 1 + units
    cells: list[Cell] = []
    at = 0
    if first and (head := block[first - 1]) is not None and not isinstance(head, re.Match):
        names = _joined_names([m.span() for m in _WORD.finditer(text, *head)], text, width)
        if names is not None:
            cells += [Cell(0, c, *span) for c, span in enumerate(names)]
            at = 1
    found = iter(values)
    for row in block[first:]:
        if not isinstance(row, re.Match):
            cells += [Cell(at, 0, *row), *(Cell(at, c, row[1], row[1]) for c in range(1, width))]
        else:
            own = next(found)
            spans = [
                row.span("label"),
                *([row.span("unit") if row["unit"] else (row.end("label"),) * 2] if units else []),
                *own,
            ]
            spans += [(spans[-1][1], spans[-1][1])] * (width - len(spans))
            cells += [Cell(at, c, *span) for c, span in enumerate(spans)]
        at += 1
    yield Table(min(c.start for c in cells), max(c.end for c in cells), tuple(cells))


def _joined_names(names: list[Span], text: str, width: int) -> list[Span] | None:
    """The heads of a loose table, letters set apart joined (指 标 单 位); None where they are not as many as the
    columns."""
    if len(names) == width:
        return names
    single = all(b - a == 1 for a, b in names)
    if single and len(names) == 2 * width:
        return [(names[2 * n][0], names[2 * n + 1][1]) for n in range(width)]
    return None


def _lined_tables(text: str, taken: Sequence[Span]) -> Iterator[Table]:
    block: list[Span] = []
    held: Span | None = None
    piped = False
    edges = sorted(taken)
    for match in _LINE.finditer(text):
        line = match.span()
        inside = any(a < line[1] and line[0] < b for a, b in edges) if edges else False
        pipes = not inside and _PIPE.search(text, *line) is not None
        fits = not inside and (
            pipes or _may_be_row(text, *line) or (block and _RULE.fullmatch(text, *line) is not None)
        )
        far = bool(block) and text.count("\n", (held or block[-1])[1], line[0]) > 1
        if block and not (fits or inside or far or piped or held) and _may_be_label(text, *line):
            # The heading of a section of rows, or a label whose values are on the next line.
            held = line
            continue
        if block and (not fits or far or pipes != piped):
            yield from _table(text, block, piped)
            block = []
        if fits:
            piped = pipes
            block += [held, line] if held is not None and block else [line]
        held = None
    if block:
        yield from _table(text, block, piped)


def _may_be_row(text: str, start: int, end: int) -> bool:
    """Whether a line has two fields or more."""
    return "\t" in text[start:end].strip() or _GAP.search(text, start, end) is not None


_NO_LABEL = re.compile(
    r"[\s\u3000]*(?:[附续續]?表\s?\d|[(（]?[单單]位|[注註]|[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）])"
)


def _may_be_label(text: str, start: int, end: int, numbered: bool = False) -> bool:
    """Whether a line by itself may be the label of rows; `numbered` lets it be a heading with a number, as in long
    tables."""
    line = text[start:end].strip(_BLANKS)
    short = 0 < len(line) <= 20 and line[-1] not in _STOP + ",，、:："
    return short and (_NO_LABEL.match(line) is None or (numbered and line[0] not in "附续續表注註"))


def _table(text: str, block: list[Span], piped: bool) -> Iterator[Table]:
    if piped:
        yield from _pipe_table(text, block)
    else:
        yield from _aligned_table(text, block)


def _pipe_table(text: str, block: list[Span]) -> Iterator[Table]:
    rules = [k for k, (a, b) in enumerate(block) if _RULE.fullmatch(text, a, b)]
    framed = all(text[a:b].strip()[:1] in "|｜│┃" and text[a:b].strip()[-1:] in "|｜│┃" for a, b in block)
    rows = [_pipe_row(text, *span) for k, span in enumerate(block) if k not in rules]
    if len(rows) < 2:
        return
    width = Counter(len(row) for row in rows).most_common(1)[0][0]
    values = sum(kind_of(text[a:b]) == "number" for row in rows for a, b in row)
    delimited = any(_DELIMITER.fullmatch(text, *block[k]) and "-" in text[slice(*block[k])] for k in rules)
    if width < 2 or not (delimited or (framed and values) or values * 2 >= len(rows)):
        return
    # As Markdown has it: a row that is short lacks cells at its end, and what is too much is left out of the grid.
    widest = max(len(row) for row in rows)
    # 合计 over several columns of labels is printed as one: its values end with those of the others.
    for row in rows[1:]:
        values = all(kind_of(text[a:b]) in ("number", "gap", "empty") for a, b in row[1:])
        if 2 < len(row) < widest and values and kind_of(text[slice(*row[0])]) == "text" and row[-1][1] > row[-1][0]:
            row[1:1] = [(row[0][1], row[0][1])] * (widest - len(row))
    cells = [
        Cell(r, c, *(row[c] if c < len(row) else (row[-1][1], row[-1][1])))
        for r, row in enumerate(rows)
        for c in range(widest)
    ]
    yield Table(block[0][0], block[-1][1], tuple(cells))


def _pipe_row(text: str, start: int, end: int) -> list[Span]:
    while start < end and text[start] in _BLANKS:
        start += 1
    while end > start and text[end - 1] in _BLANKS:
        end -= 1
    bars = [m.start() for m in _PIPE.finditer(text, start, end)]
    edges = [start - 1, *bars, end]
    if bars and bars[0] == start:
        edges.pop(0)
    if bars and bars[-1] == end - 1:
        edges.pop()
    return [_trimmed(text, a + 1, b) for a, b in itertools.pairwise(edges)]


def _trimmed(text: str, start: int, end: int) -> Span:
    """A cell without the blanks and the signs of emphasis around it."""
    while start < end and text[start] in _BLANKS:
        start += 1
    while end > start and text[end - 1] in _BLANKS:
        end -= 1
    bold = _MARKUP.fullmatch(text, start, end)
    return bold.span("inner") if bold is not None else (start, end)


def _aligned_table(text: str, block: list[Span]) -> Iterator[Table]:
    rows = [_fields(text, *span) for span in block if not _RULE.fullmatch(text, *span)]
    # Running text may come first or last: it has one long field.
    while rows and _is_prose(text, rows[0]):
        rows.pop(0)
    while rows and _is_prose(text, rows[-1]):
        rows.pop()
    # A caption may be set with blanks too.
    while len(rows) > 2 and _NO_LABEL.match(text, rows[0].start, rows[0].end):
        rows.pop(0)
    table = lined_up(text, rows)
    if table is not None:
        yield table


def lined_up(text: str, rows: Sequence[PrintedRow]) -> Table | None:
    """The table that rows of fields are, if they hold values; with a fault where the fields stand in no columns."""
    if len(rows) < 2 or any(_is_prose(text, row) for row in rows):
        return None
    kinds = [[kind_of(text[f.start : f.end]) for f in row.fields] for row in rows]
    numbered = sum("number" in k for k in kinds)
    if numbered < max(1, len(rows) // 2) or (numbered < 2 and "number" in kinds[0]):
        return None
    if sum(k.count("number") for k in kinds) < 2:
        return None
    cells = _by_tabs(text, rows) or _by_place(rows)
    fault = None if cells else "its rows do not line up in columns"
    return Table(rows[0].start, rows[-1].end, cells or _by_count(rows), fault=fault)


def _is_prose(text: str, row: PrintedRow) -> bool:
    return any(_width(text, f) > _LONG_FIELD or text[f.end - 1] in _STOP for f in row.fields)


def _width(text: str, field: Field) -> float:
    """Characters of a field, Latin letters for a quarter: a label in two languages is no passage."""
    return sum(1.0 if c > "\u2e80" else 0.25 for c in text[field.start : field.end])


def _fields(text: str, start: int, end: int) -> PrintedRow:
    columns = [0]
    for c in text[start:end]:
        wide = 8 - columns[-1] % 8 if c == "\t" else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        columns.append(columns[-1] + wide)
    fields = tuple(
        Field(*m.span(), columns[m.start() - start], columns[m.end() - start])
        for m in _FIELD.finditer(text, start, end)
    )
    return PrintedRow(start, end, fields)


def _by_tabs(text: str, rows: Sequence[PrintedRow]) -> tuple[Cell, ...]:
    """The cells where one tab stands between two of them throughout; nothing where tabs only line columns up."""
    split: list[list[Span]] = []
    for row in rows:
        edges = [
            row.start - 1,
            *(m.start() for m in _TAB.finditer(text, row.start, row.end)),
            row.end,
        ]
        split.append([_trimmed_plain(text, a + 1, b) for a, b in itertools.pairwise(edges)])
    widths = {len(s) for s, row in zip(split, rows, strict=True) if len(row.fields) > 1}
    widest = max(widths)
    split = [s if len(s) == widest else [*s[:1], *[(s[0][1], s[0][1])] * (widest - 1)] for s in split]
    if len(widths) != 1 or widths == {1}:
        return ()
    indents = [_indent(text, row.start, s[0]) for row, s in zip(rows, split, strict=True)]
    return tuple(
        Cell(r, c, *span, indent=indents[r] if c == 0 else 0) for r, s in enumerate(split) for c, span in enumerate(s)
    )


def _trimmed_plain(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in _BLANKS:
        start += 1
    while end > start and text[end - 1] in _BLANKS:
        end -= 1
    return start, end


def _indent(text: str, start: int, first: Span) -> int:
    return sum(2 if c == "\u3000" else 1 for c in text[start : first[0]] if c != "\t") if first[1] > first[0] else 0


def _by_place(rows: Sequence[PrintedRow]) -> tuple[Cell, ...]:
    """The cells where columns are told by where they stand: a field belongs to the columns that it stands over."""
    width = Counter(len(row.fields) for row in rows).most_common(1)[0][0]
    width = max(width, Counter(len(row.fields) for row in rows[1:]).most_common(1)[0][0])
    full = [row.fields for row in rows if len(row.fields) == width]
    if width < 2 or len(full) * 2 < len(rows):
        return ()
    left = [min(row[c].left for row in full) for c in range(width)]
    right = [max(row[c].right for row in full) for c in range(width)]
    apart = all(right[c] <= left[c + 1] for c in range(width - 1))
    cells: list[Cell] = []
    for r, row in enumerate(rows):
        if len(row.fields) == width:
            cells += [Cell(r, c, f.start, f.end, indent=f.left if c == 0 else 0) for c, f in enumerate(row.fields)]
            continue
        if len(row.fields) > width or not apart:
            return ()
        taken = -1
        for f in row.fields:
            over = [c for c in range(width) if f.left < right[c] and left[c] < f.right and c > taken]
            near = over or [
                min(
                    (c for c in range(taken + 1, width)),
                    key=lambda c: abs(f.left + f.right - left[c] - right[c]),
                    default=-1,
                )
            ]
            if near[0] < 0:
                return ()
            cells += [Cell(r, c, f.start, f.start) for c in range(taken + 1, near[0])]
            cells.append(
                Cell(
                    r, near[0], f.start, f.end, column_span=near[-1] - near[0] + 1, indent=f.left if near[0] == 0 else 0
                )
            )
            taken = near[-1]
        cells += [Cell(r, c, row.end, row.end) for c in range(taken + 1, width)]
    return tuple(cells)


def _by_count(rows: Sequence[PrintedRow]) -> tuple[Cell, ...]:
    return tuple(Cell(r, c, f.start, f.end) for r, row in enumerate(rows) for c, f in enumerate(row.fields))
