"""A dataset in the formats of other tools: CSV, Excel, JSON Lines, SQLite and DuckDB.

Every export is written aside and renamed, so a half-written file never carries the final name.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args
from unicodedata import east_asian_width

from casextract.dataset.read import FLAT, Dataset
from casextract.dataset.schema import Column, columns
from casextract.errors import CasextractError, writing
from casextract.records import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

Format = Literal["csv", "xlsx", "jsonl", "sqlite", "duckdb"]

LIST_SEPARATOR = "; "
"""Between the elements of a list where a cell holds one text (CSV and Excel)."""

_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""A text that begins with one of these is a formula to some spreadsheet; the full-width forms are to those of East Asia."""

_SUFFIXES: Mapping[str, Format] = {
    ".xlsx": "xlsx", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".db": "sqlite", ".duckdb": "duckdb",
}  # fmt: skip

FLAT_SHEET = "indicators with case and place"
_EXCEL_ROWS = 1_048_576
_EXCEL_CELL = 32_767
_WIDEST, _NARROWEST = 60, 8


class ExportError(CasextractError, ValueError):
    """An export that cannot be made. The message says what to do instead."""


@dataclass(frozen=True, slots=True)
class Export:
    """What an export gave."""

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()
    """What the format could not hold."""


def export(dataset: Dataset, target: Path, format: Format | None = None) -> Export:
    """Write `dataset` to `target`: a folder for `csv` and `jsonl`, a file for the others.

    `format` goes by the suffix of `target` if it is None. A file of the same name is replaced.

    Raises ExportError where the format is unknown, cannot hold the dataset, or needs a package that is not installed,
    WriteError where the system refuses.
    """
    chosen = format or _SUFFIXES.get(target.suffix.lower())
    if chosen is None:
        raise ExportError(f"{target}: the name does not say the format; give one of {', '.join(get_args(Format))}")
    if chosen not in get_args(Format):
        raise ExportError(f"unknown format {chosen!r}; there are {', '.join(get_args(Format))}")
    if target.is_dir() and chosen not in ("csv", "jsonl"):
        raise ExportError(f"{target}: is a folder; {chosen} is written to a file, name it")
    if target.is_file() and chosen in ("csv", "jsonl"):
        raise ExportError(f"{target}: is a file; {chosen} is written to a folder, one file a table")
    try:
        with writing(target):
            return _WRITERS[chosen](dataset, target)
    except ModuleNotFoundError as error:
        extra = {"xlsx": "excel"}.get(chosen, chosen)
        raise ExportError(f"{chosen} needs {error.name}; install it with: pip install 'casextract[{extra}]'") from error


def _csv(dataset: Dataset, target: Path) -> Export:
    files = []
    target.mkdir(parents=True, exist_ok=True)
    for name, described, table in _sheets(dataset):
        path = target / f"{name}.csv"
        # The byte order mark is what tells Excel that this is UTF-8.
        with _aside(path) as aside, aside.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(c.name for c in described)
            writer.writerows([_csv_cell(v) for v in row] for row in _rows(table))
        files.append(path)
    return Export(tuple(files))


def _csv_cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = LIST_SEPARATOR.join(value) if isinstance(value, list) else value
    if isinstance(text, str) and text[:1] in _FORMULA and text:
        return "'" + text
    return text


def _jsonl(dataset: Dataset, target: Path) -> Export:
    files = []
    target.mkdir(parents=True, exist_ok=True)
    for name, described, table in _sheets(dataset):
        path = target / f"{name}.jsonl"
        names = [c.name for c in described]
        with _aside(path) as aside, aside.open("w", encoding="utf-8", newline="\n") as file:
            for row in _rows(table):
                record = dict(zip(names, map(_json_value, row), strict=True))
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
        files.append(path)
    return Export(tuple(files))


def _json_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _xlsx(dataset: Dataset, target: Path) -> Export:
    import xlsxwriter

    notes = []
    target.parent.mkdir(parents=True, exist_ok=True)
    with _aside(target) as aside:
        # In memory a large workbook would need many times its size; rows are written in order, so they need not be kept.
        book = xlsxwriter.Workbook(str(aside), {"constant_memory": True, "strings_to_formulas": False})
        with closing(book):
            book.set_properties({"created": datetime(2000, 1, 1), "title": dataset.package["title"]})
            formats = {
                "head": book.add_format({"bold": True, "bottom": 1, "bg_color": "#DDE8F0", "valign": "top"}),
                "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            }
            for name, described, table in _sheets(dataset):
                if table.num_rows >= _EXCEL_ROWS:
                    raise ExportError(
                        f"{name}: {table.num_rows:,} rows, and a sheet holds {_EXCEL_ROWS - 1:,}; export to sqlite or duckdb"
                    )
                sheet = book.add_worksheet(FLAT_SHEET if name == "flat" else name)
                cut = _fill_sheet(sheet, described, table, formats)
                if cut:
                    notes.append(f"{name}: {cut} texts cut to the {_EXCEL_CELL:,} characters that a cell holds")
    return Export((target,), tuple(notes))


def _fill_sheet(sheet: Any, described: Sequence[Column], table: pa.Table, formats: Mapping[str, Any]) -> int:
    """Write one sheet; the number of texts that had to be cut."""
    sample = table.slice(0, 200).to_pylist()
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, table.num_rows, len(described) - 1)
    for i, column in enumerate(described):
        texts = [column.name + "  ", *(_excel_text(row[column.name]) for row in sample)]
        sheet.set_column(i, i, min(_WIDEST, max(_NARROWEST, *(_width(t) for t in texts)) + 1))
        sheet.write_string(0, i, column.name, formats["head"])
        sheet.write_comment(0, i, _note(column), {"x_scale": 2, "y_scale": 1.2})
    cut = 0
    for r, row in enumerate(_rows(table), 1):
        for i, value in enumerate(row):
            if isinstance(value, bool):
                sheet.write_boolean(r, i, value)
            elif isinstance(value, int | float):
                sheet.write_number(r, i, value)
            elif isinstance(value, date):
                sheet.write_datetime(r, i, value, formats["date"])
            elif value not in (None, [], ""):
                text = _excel_text(value)
                if len(text) > _EXCEL_CELL:
                    cut += 1
                    text = text[: _EXCEL_CELL - 1] + "…"
                # Written as a string a formula is no formula.
                sheet.write_string(r, i, text)
    return cut


def _excel_text(value: Any) -> str:
    if value is None:
        return ""
    return LIST_SEPARATOR.join(value) if isinstance(value, list) else str(value)


def _note(column: Column) -> str:
    parts = [column.zh, column.description]
    if column.enum:
        parts.append(" | ".join(column.enum))
    return "\n".join(parts)


def _width(text: str) -> int:
    """Columns that the longest line of a text takes on a screen."""
    return max(sum(2 if east_asian_width(c) in "WF" else 1 for c in line) for line in (text[:200].splitlines() or [""]))


def _sqlite(dataset: Dataset, target: Path) -> Export:
    target.parent.mkdir(parents=True, exist_ok=True)
    with _aside(target) as aside, closing(sqlite3.connect(aside)) as connection:
        for name in TABLES:
            described = columns(name)
            connection.execute(_create_table(name, described, _SQLITE_TYPES))
            places = ", ".join("?" * len(described))
            rows = ([_sqlite_value(v) for v in row] for row in _rows(dataset[name].arrow()))
            connection.executemany(f'INSERT INTO "{name}" VALUES ({places})', rows)
            for column in described:
                if column.references or column.name == "doc_id":
                    connection.execute(f'CREATE INDEX "{name}_{column.name}" ON "{name}" ("{column.name}")')
        connection.execute(_create_flat())
        connection.execute(
            'CREATE TABLE "columns" ("table" TEXT, "column" TEXT, "description" TEXT, "description_zh" TEXT)'
        )
        connection.executemany('INSERT INTO "columns" VALUES (?, ?, ?, ?)', _dictionary())
        connection.commit()
    return Export((target,))


_SQLITE_TYPES = {
    "string": "TEXT", "integer": "INTEGER", "number": "REAL", "boolean": "INTEGER", "date": "TEXT", "list": "TEXT",
}  # fmt: skip


def _sqlite_value(value: Any) -> Any:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return _json_value(value)


def _duckdb(dataset: Dataset, target: Path) -> Export:
    import duckdb

    target.parent.mkdir(parents=True, exist_ok=True)
    with _aside(target) as aside, closing(duckdb.connect(str(aside))) as connection:
        for name in TABLES:
            connection.register("incoming", dataset[name].arrow())
            connection.execute(_create_table(name, columns(name), _DUCKDB_TYPES, references=False))
            connection.execute(f'INSERT INTO "{name}" SELECT * FROM incoming')
            connection.unregister("incoming")
        connection.execute(_create_flat())
        for table, column, english, chinese in _dictionary():
            text = f"{english} / {chinese}".replace("'", "''")
            connection.execute(f'COMMENT ON COLUMN "{table}"."{column}" IS \'{text}\'')
    return Export((target,))


_DUCKDB_TYPES = {
    "string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE", "list": "VARCHAR[]",
}  # fmt: skip


def _create_table(name: str, described: Sequence[Column], types: Mapping[str, str], *, references: bool = True) -> str:
    lines = []
    for c in described:
        line = f'"{c.name}" {types[c.type]}'
        line += " PRIMARY KEY" if c.primary_key else "" if c.nullable else " NOT NULL"
        if references and c.references:
            table, column = c.references.split(".")
            line += f' REFERENCES "{table}" ("{column}")'
        lines.append(line)
    return f'CREATE TABLE "{name}" ({", ".join(lines)})'


def _create_flat() -> str:
    """The flat view in SQL, with the columns and the order of `Dataset.flat`."""
    selected = ["i.*"]
    selected += [f'{origin}."{source}" AS "{name}"' for origin, names in FLAT.items() for name, source in names.items()]
    return (
        f'CREATE VIEW "flat" AS SELECT {", ".join(selected)} FROM "indicators" AS i '
        'LEFT JOIN "cases" AS cases ON cases.case_id = i.case_id '
        'LEFT JOIN "measures" AS measures ON measures.measure_id = i.measure_id '
        'LEFT JOIN "documents" AS documents ON documents.doc_id = i.doc_id '
        'LEFT JOIN "indicators" AS baseline ON baseline.indicator_id = i.baseline_id'
    )


def _dictionary() -> list[tuple[str, str, str, str]]:
    return [(table, c.name, c.description, c.zh) for table in TABLES for c in columns(table)]


def _sheets(dataset: Dataset) -> Iterator[tuple[str, Sequence[Column], pa.Table]]:
    """The flat view and the tables, with the description of their columns."""
    yield "flat", _flat_columns(), dataset.flat()
    for name in TABLES:
        yield name, columns(name), dataset[name].arrow()


def _flat_columns() -> list[Column]:
    described = list(columns("indicators"))
    for origin, names in FLAT.items():
        table = "indicators" if origin == "baseline" else origin
        known = {c.name: c for c in columns(table)}
        prefix = ("baseline: ", "基期:") if origin == "baseline" else ("", "")
        described += [
            replace(
                known[source],
                name=name,
                description=prefix[0] + known[source].description,
                zh=prefix[1] + known[source].zh,
            )
            for name, source in names.items()
        ]
    return described


def _rows(table: pa.Table) -> Iterable[tuple[Any, ...]]:
    for batch in table.to_batches(max_chunksize=4096):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


@contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """A name beside `target` to write to; it becomes `target` if nothing is raised, and goes away otherwise."""
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    aside.unlink(missing_ok=True)
    try:
        yield aside
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


_WRITERS: Mapping[Format, Callable[[Dataset, Path], Export]] = {
    "csv": _csv, "xlsx": _xlsx, "jsonl": _jsonl, "sqlite": _sqlite, "duckdb": _duckdb,
}  # fmt: skip
