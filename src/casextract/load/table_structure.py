"""What a table's cells are: heads, labels, values; and what is printed around it that speaks of it.

Only layout is read here - where the numbers begin, which cells span others, which lines stand right above and below -
so that it holds for every format and both scripts. What a head or a label means is for the extraction to say.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from casextract.language.word_lists import word_lists
from casextract.load.table_cells import CellKind, kind_of
from casextract.load.tables import Cell, Span, Table, grid
from casextract.load.text_tables import tables_in

ABOVE = 3
"""Lines above a table that may be its caption."""

BELOW = 8
"""Lines below a table that may be its notes."""

_NOTE = re.compile(
    r"[(（\[【*]{0,2}(?:[注註](?:\d{1,2}|[一二三四五六七八九十])?(?:释|釋)?|[说說]明|[备備][注註]|(?:数据|數據|资料|資料)[来來]源)\s*[:：.、】\])）\d]|^\s*(?:\*|①|注\s)"
)
_NUMBERED = re.compile(r"\s*(?:[①-⑳]|[(（]?\d{1,2}[)）]?\s?[.、．)）]|\*)")
_TABLE_NAME = re.compile(
    r"(?:[附续續]?表\s?[-\d一二三四五六七八九十.—–]{1,6})|(?:[统統][计計]表|[情状狀][况況况](?:一[览覽])?表?|一[览覽]表|[汇匯彙][总總]表|明[细細]表|[对對](?:照|比)表|[标標][准準]表?|表)\s*(?:[(（].*[)）])?\s*$"
)
_UNIT_LINE = re.compile(r"[(（\[【]?\s*(?:[计計]量)?[单單]位\s*[:：]")
_SENTENCE = re.compile(r"[。！？；!?;]\s*$")


def read_tables(text: str, known: Sequence[Table]) -> tuple[Table, ...]:
    """All tables of a text in order: the `known` ones, which its loader printed, and those the text itself shows."""
    found = sorted([*known, *tables_in(text, [(t.start, t.end) for t in known])], key=lambda t: t.start)
    if not found:
        return ()
    lines = [m.span() for m in _FILLED_LINE.finditer(text)]
    starts = [a for a, _ in lines]
    found = list(_over_pages(found, text))
    edges = [0, *(t.end for t in found)]
    done = []
    for n, table in enumerate(found):
        behind = found[n + 1].start if n + 1 < len(found) else len(text)
        before = lines[bisect_left(starts, edges[n]) : bisect_left(starts, table.start)]
        after = lines[bisect_left(starts, table.end) : bisect_left(starts, behind)]
        done.append(structured(table, text, before[-ABOVE:], after[:BELOW]))
    return tuple(done)


_CONTINUED = re.compile(
    word_lists("casextract.load", "tables").filled(r"[(（]?(?:{goes_on}).{0,30}|.{0,30}[(（](?:{goes_on}).{0,4}")
)
"""What a page prints over the part of a table that goes on from the page before."""


def _over_pages(tables: Sequence[Table], text: str) -> Iterator[Table]:
    """The tables, those that go on overleaf in one: with the same heads, or with none, as many columns, and nothing in
    between but what says so."""
    current: Table | None = None
    for table in tables:
        if current is not None and (joined := _joined(current, table, text)) is not None:
            current = joined
            continue
        if current is not None:
            yield current
        current = table
    if current is not None:
        yield current


def _joined(first: Table, second: Table, text: str) -> Table | None:
    """Both as one table; None where the second is one of its own."""
    if first.columns != second.columns or first.fault or second.fault:
        return None
    gap = [(m.start() + first.end, m.end() + first.end) for m in _FILLED_LINE.finditer(text[first.end : second.start])]
    lines = [text[a:b].strip() for a, b in gap]
    if any(_CONTINUED.fullmatch(line) is None and _UNIT_LINE.match(line) is None for line in lines):
        return None
    head, own = structured(first, text, (), ()).head, structured(second, text, (), ()).head
    again = 0
    if own:
        heads, others = _printed_rows(first, head, text), _printed_rows(second, own, text)
        if not heads or heads != others:
            return None
        again = own.stop
    elif not head or (lines and not any(_CONTINUED.fullmatch(line) for line in lines)):
        return None
    rows = first.rows
    moved = tuple(c._replace(row=c.row + rows) for c in second.cells)
    return replace(
        first,
        end=max(first.end, second.end),
        cells=(*first.cells, *moved),
        repeats=(*first.repeats, *range(rows, rows + again)),
        between=(*first.between, *gap),
    )


def _printed_rows(table: Table, rows: range, text: str) -> list[str]:
    return ["".join(text[c.start : c.end].split()) for c in table.cells if c.row in rows and c.end > c.start]


_FILLED_LINE = re.compile(r"[^\s][^\r\n\f]*")


def structured(table: Table, text: str, before: Sequence[Span], after: Sequence[Span]) -> Table:
    """The table with its caption, heads, labels, body and notes told apart.

    `before` and `after` are the spans of the lines of `text` above it (the nearest last) and below it, up to the next
    table.
    """
    kinds = {c: kind_of(text[c.start : c.end]) for c in table.cells}
    places = grid(table)
    caption = [*_caption(text, before)]
    notes = [*_notes(text, after)]
    first, last = 0, len(places)
    while last - first > 1 and (above := _above_heads(places[first], kinds, text)):
        caption += [(cell.start, cell.end) for cell in above]
        first += 1
    while last - first > 1 and (span := _alone(places[last - 1], kinds)) is not None and _is_note(text, span):
        notes.insert(0, (span.start, span.end))
        last -= 1
    head = range(first, _head_end(places, kinds, first, last, text))
    body = range(head.stop, last)
    counters = tuple(c for c in range(table.columns) if _counts_rows(c, places, kinds, body, text))
    values = tuple(c for c in range(table.columns) if c not in counters and _is_valued(c, places, kinds, body))
    if len(values) > 1 and values[0] == 0 and _classes(places, body, text):
        values = values[1:]
    labels = _labels(places, kinds, head, body, text, values, counters)
    fault = None
    numbers = [c for c, kind in kinds.items() if kind == "number" and c.row in body]
    if not numbers:
        fault = "no cell of it holds a number"
    elif not labels and not head:
        fault = "its numbers have neither heads nor labels"
    return replace(
        table,
        caption=tuple(caption),
        notes=tuple(notes),
        head=head,
        body=body,
        labels=labels,
        values=values,
        counters=counters,
        fault=table.fault or fault,
    )


def _alone(row: Sequence[Cell | None], kinds: dict[Cell, CellKind]) -> Cell | None:
    """The only cell of a row that holds something; None where there are more, or none, or it is a value."""
    found = {c for c in row if c is not None and kinds[c] != "empty"}
    only = next(iter(found), None)
    return only if len(found) == 1 and only is not None and kinds[only] == "text" else None


_FILLED_IN = re.compile(r"(?:[编編填制批]\S{0,3}|[单單]位|[来來]源|[时時][间間]|日期)\s*[:：]|^\d{4}年")


def _above_heads(row: Sequence[Cell | None], kinds: dict[Cell, CellKind], text: str) -> list[Cell]:
    """The cells of a row that stands above the heads and speaks of the whole table: its name, or who filled it in and
    when."""
    only = _alone(row, kinds)
    if only is not None:
        return [only] if _over_all(row, only) else []
    filled = list(dict.fromkeys(c for c in row if c is not None and kinds[c] != "empty"))
    said = [c for c in filled if _FILLED_IN.search(text[c.start : c.end].strip())]
    numbers = any(kinds[c] == "number" for c in filled)
    return (
        filled
        if said and not numbers and any(":" in text[c.start : c.end] or "：" in text[c.start : c.end] for c in said)
        else []
    )


def _over_all(row: Sequence[Cell | None], cell: Cell) -> bool:
    """Whether a cell stands over the whole table: it spans it, or all else in its row is empty."""
    return cell.column_span >= len(row) or (cell.row_span == 1 and cell.column_span == 1) or cell.column > 0


def _is_note(text: str, cell: Cell) -> bool:
    printed = text[cell.start : cell.end].strip()
    return _NOTE.match(printed) is not None or (cell.column_span > 2 and len(printed) > 30)


def _caption(text: str, before: Sequence[Span]) -> list[Span]:
    """The lines right above that name the table or its unit, in order."""
    found: list[Span] = []
    named = False
    for start, end in reversed(before[-ABOVE:]):
        line = text[start:end].strip()
        unit = _UNIT_LINE.search(line) is not None and len(line) <= 40
        if _SENTENCE.search(line) or len(line) > 60 or (named and not unit):
            break
        name = _TABLE_NAME.search(line) is not None
        if not (unit or name or not found or _UNIT_LINE.search(text[slice(*found[0])])):
            break
        found.insert(0, (start, end))
        named = named or not unit
        if name:
            # 表3 may stand alone, its name on the next line: both were taken, or this is the whole.
            break
    return found


def _notes(text: str, after: Sequence[Span]) -> list[Span]:
    """The lines right below that are notes: one that says so, and what is numbered behind it."""
    found: list[Span] = []
    for start, end in after[:BELOW]:
        line = text[start:end].strip()
        if not (_NOTE.match(line) or (found and _NUMBERED.match(line))):
            break
        found.append((start, end))
    return found


def _head_end(places: list[list[Cell | None]], kinds: dict[Cell, CellKind], first: int, last: int, text: str) -> int:
    """The first row of values: heads are the rows above it that hold no number, and what their cells reach down to."""
    row = first
    while row < last and not (
        _has_value(places[row], kinds) and not (row > first and _numbers_columns(places[row], kinds, text))
    ):
        row += 1
    if row == last:
        return first + 1 if last - first > 1 else first
    if row == first:
        return first
    # A row of years alone over rows that begin with a label is a head; what has one cell is the heading of a section.
    end = first + 1
    while end < row:
        reached = any(c is not None and c.row < end <= c.row + c.row_span - 1 for c in places[end])
        filled = {c for c in places[end] if c is not None and c.row == end and kinds[c] != "empty"}
        if _numbers_columns(places[end], kinds, text):
            end += 1
            continue
        if len(filled) < 2 and not reached and not (filled and _has_blank_label(places[end], kinds)):
            break
        open_above = any(c is not None and c.column_span > 1 for c in places[end - 1]) or reached
        blanks = any(c is None or kinds[c] == "empty" for c in places[end - 1])
        units = all(kinds[c] != "text" or _is_unit(text[c.start : c.end]) for c in filled if c.column > 0)
        if not (open_above or blanks or units or _has_blank_label(places[end], kinds)):
            break
        end += 1
    return end


_UNIT_WORD = re.compile(r"[(（]?[^\s()（）]{1,8}[)）]?")


def _is_unit(text: str) -> bool:
    return _UNIT_WORD.fullmatch(text.strip()) is not None and text.strip()[:1] in "(（"


def _has_blank_label(row: Sequence[Cell | None], kinds: dict[Cell, CellKind]) -> bool:
    return row[0] is None or kinds[row[0]] == "empty"


def _numbers_columns(row: Sequence[Cell | None], kinds: dict[Cell, CellKind], text: str) -> bool:
    """Whether a row below the heads only numbers the columns: 甲, 1, 2, 3."""
    numbers = [text[c.start : c.end].strip() for c in row if c is not None and kinds[c] == "number"]
    signs = all(kinds[c] != "text" or len(text[c.start : c.end].strip()) <= 2 for c in row if c is not None)
    return len(numbers) > 1 and (len(numbers) >= len(row) - 2 or signs) and _in_order(numbers)


def _in_order(numbers: Sequence[str]) -> bool:
    """Whether numbers are 1, 2, 3 … or go on like that from the first one."""
    plain = [unicodedata.normalize("NFKC", n).strip("().、 ") for n in numbers]
    if not all(n.isascii() and n.isdigit() and len(n) < 4 for n in plain):
        return False
    return [int(n) for n in plain] == list(range(int(plain[0]), int(plain[0]) + len(plain))) and int(plain[0]) <= 1


def _counts_rows(
    column: int, places: list[list[Cell | None]], kinds: dict[Cell, CellKind], body: range, text: str
) -> bool:
    """Whether a column in front of the labels only numbers the rows."""
    if column > 1 or column + 1 >= (len(places[0]) if places else 0):
        return False
    cells = dict.fromkeys(c for r in body if (c := places[r][column]) is not None and kinds[c] == "number")
    labels = [kinds[c] for r in body if (c := places[r][column + 1]) is not None]
    said = [c for r in body if (c := places[r][column]) is not None and kinds[c] == "text"]
    return (
        len(cells) > 1
        and len(said) <= len(cells) // 2
        and labels.count("text") * 2 > len(labels)
        and _in_order([text[c.start : c.end].strip() for c in cells])
    )


def _has_value(row: Sequence[Cell | None], kinds: dict[Cell, CellKind]) -> bool:
    return any(c is not None and kinds[c] == "number" for c in row)


def _labels(
    places: list[list[Cell | None]],
    kinds: dict[Cell, CellKind],
    head: range,
    body: range,
    text: str,
    values: tuple[int, ...],
    counters: tuple[int, ...],
) -> tuple[int, ...]:
    """The columns of labels: those in front of the first column of values, and those further on that begin anew."""
    width = len(places[0]) if places else 0
    if not values:
        return ()
    first = min(values)
    leading = tuple(c for c in range(first) if c not in counters)
    if first == 0:
        # Years or numbers in front: they are labels where a head says what stands behind them.
        classes = _classes(places, body, text)
        front = [kinds[c] for r in body if (c := places[r][0]) is not None and not classes]
        leading = (0,) if width > 1 and "number" not in front else ()
    heads = {_said(places, head, column, text) for column in leading}
    again = tuple(
        column
        for column in range(first + 1, width)
        if column not in values and column < values[-1] and (not head or _said(places, head, column, text) in heads)
    )
    return (*leading, *again)


_OWN_UNIT = re.compile(r"\D*\d[\d,.]*(?:\s?[-~至到—–]\s?\d[\d,.]*)?[^\W\d_]+(?:以[上下]|及以[上下]|以[内內]|\(含\))?")


def _classes(places: list[list[Cell | None]], body: range, text: str) -> bool:
    """Whether the first column holds the classes that the rows are of (80—89周岁), each with its unit."""
    front = [c for r in body if (c := places[r][0]) is not None and c.end > c.start]
    return len(front) > 1 and all(_OWN_UNIT.fullmatch(text[c.start : c.end].strip()) for c in front)


def _is_valued(column: int, places: list[list[Cell | None]], kinds: dict[Cell, CellKind], body: range) -> bool:
    """Whether a column holds values: half of what is in it are numbers."""
    found = [kinds[c] for r in body if (c := places[r][column]) is not None and c.column_span == 1]
    numbers, texts = found.count("number"), found.count("text") + found.count("date")
    return numbers > 0 and numbers + found.count("year") >= texts


def _said(places: list[list[Cell | None]], head: range, column: int, text: str) -> str:
    return "".join("".join(text[c.start : c.end].split()) for r in head if (c := places[r][column]) is not None)
