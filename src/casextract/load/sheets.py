"""Sheets that are tables: a CSV file, or a workbook's sheets one below the other, each block of filled rows a table.

What a sheet prints is read, not what it stores: a number by its format (12.5% and not 0.125), merged cells as one,
hidden rows, columns and sheets not at all.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, Literal

from casextract.load.encodings import decode
from casextract.load.metadata import clean
from casextract.load.source import Article, LoadError, Mark, Meta, Note
from casextract.load.table_cells import kind_of
from casextract.load.tables import Entry, Table, printed

MOST_CELLS = 2_000_000
"""Cells from which a sheet is refused: it is a database, and no table that somebody printed."""

_DAMAGE = (zipfile.BadZipFile, LookupError, ValueError, TypeError, OSError, SyntaxError, AttributeError)
_DECIMALS = re.compile(r"0\.(0+)")
_LITERALS = re.compile(r'"([^"]*)"|\[[^\]]*\]|\\(.)|_.|\*.')


def load_sheet(data: bytes, kind: Literal["csv", "tsv", "xlsx"], encoding: str | None = None) -> Article | None:
    """The tables of a sheet or a workbook as one article; None where no cell of it holds a number.

    Raises LoadError: `broken_file` where it is damaged, `too_large` where it is a database.
    """
    notes: tuple[Note, ...] = ()
    codec: str | None = None
    if kind == "xlsx":
        sheets = list(_workbook(data))
    else:
        decoded = decode(data, encoding)
        notes, codec = decoded.notes, decoded.encoding
        sheets = [("", _rows_of_text(decoded.text, kind))]
    sheets = [(name, rows) for name, rows in sheets if any(e.text for row in rows for e in row)]
    numbers = sum(kind_of(e.text) == "number" for _, rows in sheets for row in rows for e in row)
    if not numbers:
        return None
    lines: list[str] = []
    marks: list[Mark] = []
    tables: list[Table] = []
    offset = 0
    for name, rows in sheets:
        if len(sheets) > 1:
            marks.append(Mark(offset, offset + len(name), "heading", 1))
            lines.append(name)
            offset += len(name) + 1
        for block in _blocks(rows):
            texts, cells = printed(block)
            if len(block) > 1 and sum(len([e for e in row if e.text]) > 1 for row in block) > 1:
                tables.append(Table(0, len("\n".join(texts)), cells).shifted(offset))
                kind_of_line: Literal["table_row", "paragraph"] = "table_row"
            else:
                kind_of_line = "paragraph"
            for text in texts:
                marks.append(Mark(offset, offset + len(text), kind_of_line))
                offset += len(text) + 1
            lines += texts
    text = "\n".join(lines) + "\n"
    first = next((line for line in lines if line.strip()), "")
    title = clean(first) if "\t" not in first and len(first) < 60 else None
    return Article(
        text, tuple(m for m in marks if m.end > m.start), Meta(title=title), notes, codec, tables=tuple(tables)
    )


def _blocks(rows: Sequence[Sequence[Entry]]) -> Iterator[list[Sequence[Entry]]]:
    """The rows in blocks of filled ones."""
    block: list[Sequence[Entry]] = []
    reach = 0
    for row in rows:
        if any(e.text for e in row) or reach > 0:
            block.append(row)
        elif block:
            yield block
            block = []
        reach = max([reach - 1, *(e.row_span - 1 for e in row)])
    if block:
        yield block


def _rows_of_text(text: str, kind: str) -> list[list[Entry]]:
    head = text[:4096].split("\n", 1)[0] if text[:4096].count(",") == 0 else text[:4096]
    delimiter = "\t" if kind == "tsv" else max(",;\t|", key=head.count)
    csv.field_size_limit(1 << 24)
    try:
        rows = [
            [_entry(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise LoadError("broken_file", f"the table is damaged ({error}); save it again") from None
    if sum(map(len, rows)) > MOST_CELLS:
        raise LoadError("too_large", f"more than {MOST_CELLS:,} cells are a database; export the table that you need")
    return rows


def _entry(text: str, row_span: int = 1, column_span: int = 1, indent: int = 0) -> Entry:
    shown = text.strip("\r\n\t")
    blanks = len(shown) - len(shown.lstrip(" \xa0\u3000"))
    return Entry(" ".join(text.split()), row_span, column_span, indent + blanks)


def _workbook(data: bytes) -> Iterator[tuple[str, list[list[Entry]]]]:
    """The visible sheets of a workbook by name, their rows up to the last filled one."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                if sheet.max_row * sheet.max_column > MOST_CELLS:
                    message = f"more than {MOST_CELLS:,} cells are a database; export the table that you need"
                    raise LoadError("too_large", message)
                yield sheet.title, list(_sheet(sheet))
    except (InvalidFileException, *_DAMAGE) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise LoadError("broken_file", f"the workbook is damaged ({reason}); open it and save it again") from None


def _sheet(sheet: Any) -> Iterator[list[Entry]]:
    columns = [c for c in range(1, sheet.max_column + 1) if not _hidden_column(sheet, c)]
    rows = [r for r in range(1, sheet.max_row + 1) if not sheet.row_dimensions[r].hidden]
    spans = {(m.min_row, m.min_col): m for m in sheet.merged_cells.ranges}
    covered = {
        (r, c) for m in spans.values() for r in range(m.min_row, m.max_row + 1) for c in range(m.min_col, m.max_col + 1)
    }
    covered -= set(spans)
    for r in rows:
        row = []
        for c in columns:
            if (r, c) in covered:
                continue
            cell, merged = sheet.cell(r, c), spans.get((r, c))
            down = sum(merged.min_row <= x <= merged.max_row for x in rows) if merged else 1
            right = sum(merged.min_col <= x <= merged.max_col for x in columns) if merged else 1
            indent = int(cell.alignment.indent or 0) if cell.alignment is not None else 0
            row.append(_entry(shown(cell.value, cell.number_format or "General"), down, right, indent))
        yield row


def _hidden_column(sheet: Any, column: int) -> bool:
    from openpyxl.utils import get_column_letter

    letter = get_column_letter(column)
    return letter in sheet.column_dimensions and bool(sheet.column_dimensions[letter].hidden)


def shown(value: Any, form: str) -> str:
    """What a cell with this value prints under a number format: of the format the percent sign, decimals, thousands and
    literals."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, datetime | date | time):
        return _shown_date(value, form)
    if not isinstance(value, int | float):
        return str(value)
    pattern = form.split(";")[0]
    plain = _LITERALS.sub("", pattern)
    decimals = _DECIMALS.search(plain)
    places = len(decimals[1]) if decimals else 0
    front = "".join(a or b for a, b in _LITERALS.findall(re.split(r"[0#?]", pattern)[0]))
    tail = re.split(r"[0#?.,%]+", pattern)[-1] if re.search(r"[0#?]", pattern) else ""
    behind = "".join(a or b for a, b in _LITERALS.findall(tail))
    if "%" in plain:
        return f"{front}{value * 100:.{places}f}%{behind}"
    if not re.search(r"[0#]", plain):
        text = f"{value:.10g}" if isinstance(value, float) else str(value)
        return text if "e" not in text else f"{value:.10f}".rstrip("0").rstrip(".")
    return (
        f"{front}{value:,.{places}f}{behind}"
        if "#,#" in plain or "0,0" in plain
        else f"{front}{value:.{places}f}{behind}"
    )


def _shown_date(value: datetime | date | time, form: str) -> str:
    if isinstance(value, time):
        return value.isoformat("minutes")
    plain = _LITERALS.sub(lambda m: m[1] or m[2] or "", form.lower())
    chinese = "年" in plain
    parts = [(f"{value.year}", "y", "年", "-"), (f"{value.month}", "m", "月", "-"), (f"{value.day}", "d", "日", "")]
    kept = [p for p in parts if p[1] in plain] or parts
    if chinese:
        return "".join(number + sign for number, _, sign, _ in kept)
    return "-".join(number if key == "y" else number.zfill(2) for number, key, _, _ in kept)
