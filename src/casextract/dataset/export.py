"""A dataset in the formats of other tools: CSV, Excel, JSON Lines, SQLite and DuckDB.

The files of an export are written aside and put in place when all are there: a full disk leaves the former ones.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from casextract.dataset import workbook
from casextract.dataset.read import FLAT, Dataset
from casextract.dataset.schema import Column, columns
from casextract.dataset.workbook import LIST_SEPARATOR
from casextract.dataset.writing import replacing
from casextract.errors import CasextractError
from casextract.language import Language
from casextract.records import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

ExportFormat = Literal["csv", "xlsx", "jsonl", "sqlite", "duckdb"]

_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""A text that begins with one of these is a formula to some spreadsheet; the full-width forms are to those of East
Asia."""

_SUFFIXES: Mapping[str, ExportFormat] = {
    ".xlsx": "xlsx",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".duckdb": "duckdb",
    ".csv": "csv",
    ".jsonl": "jsonl",
}


class ExportError(CasextractError, ValueError):
    """An export that cannot be made. The message says what to do instead."""


@dataclass(frozen=True, slots=True)
class Export:
    """What an export gave."""

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()
    """What the format could not hold."""


def export(
    dataset: Dataset,
    target: Path | str,
    format: str | None = None,
    *,
    language: Language = "en",
    with_repeats: bool = False,
    force: bool = False,
) -> Export:
    """Write `dataset` to `target`: a file, for `csv` and `jsonl` a folder with one file a table.

    A target that is named `….csv` or `….jsonl` is one file, of the flat view: a row for each indicator with its case
    and document.

    `format` goes by the suffix of `target` if it is None. A file of the same name is replaced if it is as an
    export has written it (see `overwriting`), or with `force`. The workbook is for
    reading: its heads and codes are in `language`, and numbers of documents that repeat an earlier one are left out
    unless `with_repeats`; the other formats are for programs and hold everything under the names of the data
    dictionary.

    Raises ExportError where the format is unknown or needs a package that is not installed, SheetError where a sheet
    cannot hold its table, WriteError where the system refuses.
    """
    target = Path(target)
    chosen = format or _SUFFIXES.get(target.suffix.lower())
    if chosen is None:
        raise ExportError(
            f"{target}: the name does not say the format; give one of {', '.join(get_args(ExportFormat))}"
        )
    if chosen not in get_args(ExportFormat):
        raise ExportError(f"unknown format {chosen!r}; there are {', '.join(get_args(ExportFormat))}")
    if target.is_dir() and chosen not in _TEXTS:
        raise ExportError(f"{target}: is a folder; {chosen} is written to a file, name it")
    tables = ("flat", *TABLES)
    if chosen not in _TEXTS:
        files = [target]
    elif target.suffix.lower() == f".{chosen}" and not target.is_dir():
        tables, files = ("flat",), [target]
    elif target.is_file():
        raise ExportError(f"{target}: is a file; {chosen} is written to a folder, one file a table")
    else:
        files = [target / f"{name}.{chosen}" for name in tables]
    notes: Sequence[str] = ()
    try:
        with overwriting(files, force) as asides:
            if chosen == "xlsx":
                notes = workbook.write(dataset, asides[0], language, with_repeats=with_repeats)
            elif chosen in _DATABASES:
                _DATABASES[chosen](dataset, asides[0])
            else:
                for name, aside in zip(tables, asides, strict=True):
                    _TEXTS[chosen](*_sheet(dataset, name), aside)
        return Export(tuple(files), tuple(notes))
    except ModuleNotFoundError as error:
        raise ExportError(
            f"{chosen} needs {error.name}; install it with: pip install 'casextract[{chosen}]'"
        ) from error


WRITTEN = ".casextract-export.json"
"""Beside an export: the names and digests of what was written there, so that nothing else is ever replaced."""


@contextmanager
def overwriting(files: Sequence[Path], force: bool = False) -> Iterator[list[Path]]:
    """Paths to write files of one folder to, none of which is there unless an export has written it as it is, or with
    `force`.

    All are put in place, and the record of what was written with them, if nothing is raised.

    Raises ExportError for one that somebody else has written, or has changed since, WriteError where the system
    refuses.
    """
    record = files[0].parent / WRITTEN
    try:
        written = json.loads(record.read_bytes())
    except (OSError, ValueError):
        written = {}
    if not isinstance(written, dict):
        written = {}
    for file in files:
        if not force and os.path.lexists(file) and written.get(file.name) != _sha256(file):
            raise ExportError(f"{file}: is there already and no export has written it so; name another, or use --force")
    with replacing([*files, record]) as asides:
        *paths, kept = asides
        yield paths
        written.update((file.name, _sha256(path)) for file, path in zip(files, paths, strict=True))
        kept.write_text(json.dumps(written, indent=0, ensure_ascii=False), encoding="utf-8")


def _sha256(path: Path) -> str:
    """The digest of a file; no digest of what is none."""
    if not path.is_file():
        return "no file"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _csv(described: Sequence[Column], table: pa.Table, path: Path) -> None:
    # The byte order mark is what tells Excel that this is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(c.name for c in described)
        writer.writerows([_csv_cell(v) for v in row] for row in _rows(table))


def _csv_cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = LIST_SEPARATOR.join(value) if isinstance(value, list) else value
    if isinstance(text, str) and text[:1] in _FORMULA and text:
        return "'" + text
    return text


def _jsonl(described: Sequence[Column], table: pa.Table, path: Path) -> None:
    names = [c.name for c in described]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in _rows(table):
            record = dict(zip(names, map(_json_value, row), strict=True))
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _json_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _sqlite(dataset: Dataset, path: Path) -> None:
    with _refusals(sqlite3.Error), closing(sqlite3.connect(path)) as connection:
        for name in TABLES:
            described = columns(name)
            connection.execute(_create_table(name, described, _SQLITE_TYPES))
            places = ", ".join("?" * len(described))
            rows = ([_sqlite_value(v) for v in row] for row in _rows(dataset[name].arrow()))
            connection.executemany(f'INSERT INTO "{name}" VALUES ({places})', rows)
            for column in described:
                if (column.references and column.type != "list") or column.name == "doc_id":
                    connection.execute(f'CREATE INDEX "{name}_{column.name}" ON "{name}" ("{column.name}")')
        connection.execute(_create_flat())
        connection.execute(
            'CREATE TABLE "columns" ("table" TEXT, "column" TEXT, "description" TEXT, "description_zh" TEXT)'
        )
        connection.executemany('INSERT INTO "columns" VALUES (?, ?, ?, ?)', _described_columns())
        connection.commit()


_SQLITE_TYPES = {
    "string": "TEXT",
    "integer": "INTEGER",
    "number": "REAL",
    "boolean": "INTEGER",
    "date": "TEXT",
    "list": "TEXT",
}


def _sqlite_value(value: Any) -> Any:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return _json_value(value)


def _duckdb(dataset: Dataset, path: Path) -> None:
    import duckdb

    with _refusals(duckdb.Error), closing(duckdb.connect(str(path))) as connection:
        for name in TABLES:
            connection.register("incoming", dataset[name].arrow())
            connection.execute(_create_table(name, columns(name), _DUCKDB_TYPES, references=False))
            connection.execute(f'INSERT INTO "{name}" SELECT * FROM incoming')
            connection.unregister("incoming")
        connection.execute(_create_flat())
        for table, column, english, chinese in _described_columns():
            text = f"{english} / {chinese}".replace("'", "''")
            connection.execute(f'COMMENT ON COLUMN "{table}"."{column}" IS \'{text}\'')


_DUCKDB_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "list": "VARCHAR[]",
}


def _create_table(name: str, described: Sequence[Column], types: Mapping[str, str], *, references: bool = True) -> str:
    lines = []
    for c in described:
        line = f'"{c.name}" {types[c.type]}'
        line += " PRIMARY KEY" if c.primary_key else "" if c.nullable else " NOT NULL"
        if references and c.references and c.type != "list":
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


def _described_columns() -> list[tuple[str, str, str, str]]:
    return [(table, c.name, c.description, c.zh) for table in TABLES for c in columns(table)]


def _sheet(dataset: Dataset, name: str) -> tuple[Sequence[Column], pa.Table]:
    """The flat view or a table, with the description of its columns."""
    return (_flat_columns(), dataset.flat()) if name == "flat" else (columns(name), dataset[name].arrow())


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
def _refusals(refusal: type[Exception]) -> Iterator[None]:
    """Turn what a database says of a disk that is full into what the system would have said."""
    try:
        yield
    except refusal as error:
        raise OSError(errno.EIO, " ".join(str(error).split())) from error


_TEXTS: Mapping[str, Callable[[Sequence[Column], pa.Table, Path], None]] = {"csv": _csv, "jsonl": _jsonl}
_DATABASES: Mapping[str, Callable[[Dataset, Path], None]] = {"sqlite": _sqlite, "duckdb": _duckdb}
