"""A dataset as an Excel workbook for an analyst: the numbers first, in her language, then the tables, then what columns
and codes mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from errno import EIO
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from casextract.dataset.read import FLAT, Dataset
from casextract.dataset.schema import columns
from casextract.dataset.selection import Selection, select
from casextract.errors import CasextractError
from casextract.language import Language, label, labels
from casextract.records import TABLES

READ_FIRST = (
    "where",
    "topics",
    "metric",
    "subject",
    "value",
    "value_high",
    "unit",
    "bound",
    "per",
    "status",
    "baseline_value",
    "time",
    "sentence",
    "document_title",
    "issue",
    "published_on",
)
"""Columns of the first sheet that are read and printed."""

_LAST = (
    "duplicate_of",
    "rules",
    "rule_id",
    "indicator_id",
    "case_id",
    "measure_id",
    "doc_id",
    "baseline_id",
    "start",
    "end",
    "path",
)
"""Columns that tie the tables together, which nobody reads first."""

TABLES_BEHIND = ("cases", "measures", "documents", "numerals", "problems")
LIST_SEPARATOR = "; "
ROWS = 1_048_576
"""Rows of a sheet."""
CELL = 32_767
"""Characters of a cell."""
LARGE = 200_000
"""Rows of all sheets from which on they are written as they come: Excel tables ask for the whole workbook in memory."""

_WIDEST, _NARROWEST = 60, 8
_CODES = {
    "topics": "topic",
    "metric": "metric",
    "bound": "bound",
    "status": "status",
    "dimension": "dimension",
    "currency": "currency",
    "direction": "direction",
    "kind": "kind",
    "script": "script",
    "disposition": "disposition",
    "reason": "reason",
    "severity": "severity",
    "stage": "stage",
    "corrected": "field",
}
"""Columns that hold codes, and the kind of the codes' names."""

_EXPLAINED = (
    "topic",
    "metric",
    "bound",
    "status",
    "dimension",
    "currency",
    "direction",
    "disposition",
    "reason",
    "kind",
)


class SheetError(CasextractError, ValueError):
    """A sheet cannot hold the table. The message says what to do instead."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    table: str
    """Name of the Excel table, and of the sheet where a message speaks of it."""
    names: Sequence[str]
    rows: Iterable[Mapping[str, Any]]
    count: int
    printed: int
    """Columns that are printed."""


def write(dataset: Dataset, target: Path, language: Language, *, with_repeats: bool = False) -> list[str]:
    """Write the workbook; what had to be left out or cut, in English.

    Raises SheetError where a sheet cannot hold its table.
    """
    sheets, repeated = _sheets(dataset, language, with_repeats)
    large = sum(s.count for s in sheets) > LARGE
    notes = [f"{repeated:,} numbers of repeated documents left out; --with-repeats keeps them"] if repeated else []
    for sheet in sheets:
        if sheet.count >= ROWS:
            raise SheetError(
                f"{sheet.table}: {sheet.count:,} rows, and a sheet holds {ROWS - 1:,}; export to sqlite or duckdb"
            )
    with book_at(target, {"constant_memory": large, "strings_to_formulas": False}) as book:
        book.set_properties({"created": datetime(2000, 1, 1), "title": dataset.package["title"]})
        formats = _Formats(book)
        for i, sheet in enumerate(sheets):
            cut = _fill(book.add_worksheet(sheet.name), sheet, language, formats, as_table=not large)
            if cut:
                notes.append(f"{sheet.table}: {cut} texts cut to the {CELL:,} characters that a cell holds")
            if i == 0:
                _explain(book.add_worksheet(label("sheet", "about", language)), dataset, repeated, language, formats)
    return notes


@contextmanager
def book_at(target: Path, options: Mapping[str, Any]) -> Iterator[Any]:
    """A workbook of xlsxwriter with these options; `target` is written in one go when it is full. Raises OSError where
    the system refuses."""
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxFileError

    content = _Archive()
    book = xlsxwriter.Workbook(content, dict(options))
    yield book
    try:
        book.close()
    except XlsxFileError as error:
        said = error.args[0] if error.args else error
        why = getattr(said, "strerror", None) or str(said)
        raise OSError(getattr(said, "errno", None) or EIO, why) from error
    target.write_bytes(content.getbuffer())


class _Archive(BytesIO):
    """An archive in memory that stays open: one half made would complain of a closed file when it is collected."""

    def close(self) -> None:
        """Nothing: the memory goes with the object."""


def numbers_columns() -> list[str]:
    """The columns of the first sheet: what is read, then all else of the flat view, what ties the tables together
    last."""
    flat = [name for name, _, _ in _flat_columns() if name not in READ_FIRST]
    return [*READ_FIRST, *(n for n in flat if n not in _LAST), *(n for n in _LAST if n in flat)]


def _sheets(dataset: Dataset, language: Language, with_repeats: bool) -> tuple[list[_Sheet], int]:
    chosen = select(dataset, Selection(repeats=with_repeats))
    names = numbers_columns()
    sheets = [
        _Sheet(
            label("sheet", "numbers", language), "numbers", names, chosen.numbers, len(chosen.numbers), len(READ_FIRST)
        )
    ]
    for name in TABLES_BEHIND:
        known = [c.name for c in columns(name)]
        own = sorted(known, key=lambda n: n in _LAST or n in ("sha256", "parent_id"))
        rows = (row for batch in dataset[name].arrow().to_batches(max_chunksize=4096) for row in batch.to_pylist())
        sheets.append(_Sheet(label("table", name, language), name, own, rows, len(dataset[name]), len(own)))
    return sheets, chosen.repeated


def _fill(sheet: Any, content: _Sheet, language: Language, formats: _Formats, *, as_table: bool) -> int:
    """Write one sheet; the number of texts that had to be cut."""
    heads = [label("field", name, language) for name in content.names]
    _set_up(sheet, content)
    widths = [_width(head) + 4 for head in heads]
    cut = 0
    for i, head in enumerate(heads):
        sheet.write_string(0, i, head, formats.head)
        sheet.write_comment(0, i, _meaning(content.names[i], language), {"x_scale": 2, "y_scale": 1.2})
    for r, row in enumerate(content.rows, 1):
        values = [_shown(name, row[name], language) for name in content.names]
        if content.table in _READ:
            lines = max(
                _lines(str(v), _WIDTHS.get(n, _WIDEST))
                for n, v in zip(content.names, values, strict=True)
                if n in _FOLDED
            )
            sheet.set_row(r, _LINE * min(lines, _MOST_LINES))
        for i, (name, value) in enumerate(zip(content.names, values, strict=True)):
            if value in (None, ""):
                continue
            if isinstance(value, bool):
                sheet.write_boolean(r, i, value, formats.plain)
            elif isinstance(value, int | float):
                sheet.write_number(r, i, value, formats.number(value) if name in _AMOUNTS else formats.plain)
            elif isinstance(value, date):
                sheet.write_datetime(r, i, value, formats.date)
            else:
                if len(value) > CELL:
                    cut += 1
                    value = value[: CELL - 1] + "…"
                # Written as a string a formula is no formula.
                sheet.write_string(
                    r, i, value, formats.folded if content.table in _READ and name in _FOLDED else formats.plain
                )
            if r <= _SAMPLE:
                widths[i] = max(widths[i], _width(str(value)))
    for i, width in enumerate(widths):
        sheet.set_column(i, i, min(_WIDTHS.get(content.names[i], _WIDEST), max(_NARROWEST, width + 1)))
    if as_table and content.count:
        sheet.add_table(
            0,
            0,
            content.count,
            len(heads) - 1,
            {
                "name": content.table,
                "style": "Table Style Light 9",
                "columns": [{"header": head, "header_format": formats.head} for head in heads],
            },
        )
    else:
        sheet.autofilter(0, 0, content.count, len(heads) - 1)
    return cut


_AMOUNTS = frozenset({"value", "value_high", "value_min", "value_max", "baseline_value", "char_count"})
_FOLDED = frozenset({"where", "topics", "subject", "sentence", "document_title", "time", "message", "source_path"})
"""Columns whose texts are read, and folded for it; the rows of the sheets that are printed are as high as that
takes."""

_WIDTHS = {
    "where": 20,
    "topics": 16,
    "metric": 12,
    "subject": 20,
    "per": 10,
    "time": 12,
    "sentence": 48,
    "document_title": 18,
    "issue": 12,
    "message": 80,
}
"""Widest that a column may be, so that a page's width holds what is read at a size that can be read."""

_READ = ("numbers", "problems")
_LINE, _MOST_LINES = 15, 8
"""Height of a line in points, and the lines that a row may have."""

_SAMPLE = 200
"""Rows that the width of a column is measured on."""


def _set_up(sheet: Any, content: _Sheet) -> None:
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&L&A&R&P / &N")
    sheet.print_area(0, 0, max(content.count, 1), content.printed - 1)
    sheet.hide_gridlines(2)


def _shown(name: str, value: Any, language: Language) -> Any:
    """A value as a cell shows it: codes by their names, lists as text."""
    kind = _CODES.get(name)
    if isinstance(value, list):
        return LIST_SEPARATOR.join(label(kind, v, language) if kind else v for v in value)
    return label(kind, value, language) if kind and isinstance(value, str) else value


class _Formats:
    """The cell formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self.head = book.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#DDE8F0", "valign": "top", "text_wrap": True}
        )
        self.plain = book.add_format({"valign": "top"})
        self.folded = book.add_format({"valign": "top", "text_wrap": True})
        self.date = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self._numbers: dict[int, Any] = {}

    def number(self, value: float) -> Any:
        """With thousands, and as many decimals as the value has."""
        decimals = 0 if value == int(value) else len(f"{value:.6f}".rstrip("0").partition(".")[2])
        if decimals not in self._numbers:
            pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
            self._numbers[decimals] = self._book.add_format({"num_format": pattern, "valign": "top"})
        return self._numbers[decimals]


def _explain(sheet: Any, dataset: Dataset, repeated: int, language: Language, formats: _Formats) -> None:
    """The sheet that says what one looks at: the dataset, how to read it, every column, every code."""
    sheet.set_column(0, 0, 22, formats.folded)
    sheet.set_column(1, 1, 26, formats.folded)
    sheet.set_column(2, 2, 80, formats.folded)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    rows = iter(range(1_000))

    def line(*cells: Any, format: Any = None) -> None:
        r = next(rows)
        for i, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(r, i, cell, format or formats.number(cell))
            elif cell:
                sheet.write_string(r, i, cell, format or formats.folded)

    def word(code: str) -> str:
        return label("sheet", code, language)

    line(word("about"), format=formats.title)
    for name in TABLES:
        line(label("table", name, language), len(dataset[name]))
    line(word("left_out"), repeated)
    line(word("contents"), dataset.digest)
    line()
    line(word("how_to_read"), format=formats.title)
    for rule in ("read_status", "read_per", "read_bound", "read_value"):
        line(word(rule + "_head"), "", word(rule))
    line()
    line(word("columns"), format=formats.title)
    line(word("column"), word("name_in_files"), word("meaning"), format=formats.head)
    for name in numbers_columns():
        line(label("field", name, language), name, _meaning(name, language))
    line()
    line(word("codes"), format=formats.title)
    line(word("kind_of_code"), word("code"), word("name"), format=formats.head)
    for kind in _EXPLAINED:
        for code, name in labels(kind, language).items():
            line(label("field", {"topic": "topics"}.get(kind, kind), language), code, name)


@cache
def _meaning(name: str, language: Language) -> str:
    """What a column holds, from the data dictionary."""
    if name == "where":
        return label("sheet", "where", language)
    for column in _described():
        if column[0] == name:
            return column[2] if language == "zh" else column[1]
    raise KeyError(name)


@cache
def _described() -> tuple[tuple[str, str, str], ...]:
    """Every column that a sheet can show, with its description in both languages; those of the numbers first."""
    tables = [(c.name, c.description, c.zh) for table in TABLES for c in columns(table)]
    return (*_flat_columns(), *tables)


def _flat_columns() -> Iterator[tuple[str, str, str]]:
    for column in columns("indicators"):
        yield column.name, column.description, column.zh
    for origin, names in FLAT.items():
        known = {c.name: c for c in columns("indicators" if origin == "baseline" else origin)}
        before = ("baseline: ", "原值:") if origin == "baseline" else ("", "")
        for name, source in names.items():
            yield name, before[0] + known[source].description, before[1] + known[source].zh


def _lines(text: str, width: int) -> int:
    """Lines that a text takes in a column of a width."""
    return sum(-(-max(_columns(line), 1) // width) for line in text.split("\n"))


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _width(text: str) -> int:
    """Columns that a text takes; a Chinese character takes two. A long text is folded, so its first characters say
    enough."""
    return max(
        (sum(2 if east_asian_width(c) in "WF" else 1 for c in line) for line in text[:120].splitlines()), default=0
    )
