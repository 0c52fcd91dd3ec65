"""Tables with an article in each row: .csv, .tsv, .jsonl, .json and .xlsx, as databases and collectors of pages write
them."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, Literal

from casextract.language.word_lists import word_lists
from casextract.load.encodings import decode
from casextract.load.metadata import clean, parse_date, split_keywords
from casextract.load.source import Article, Columns, LoadError, Meta, Note

RowsFormat = Literal["csv", "tsv", "jsonl", "json", "xlsx"]

_COLUMNS = word_lists("casextract.load", "columns")
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {name: _COLUMNS[name] for name in _COLUMNS.names}
_PAGE = re.compile(r"<(?:!doctype|html|body|div|p|br|span|article|section|table|h[1-6])\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """A row of a table: its article, or why it has none."""

    number: int
    """Of the row, from 1, the heading not counted; in .jsonl that of the line."""
    page: Article | None = None
    error: LoadError | None = None


def article_rows(data: bytes, kind: RowsFormat, columns: Columns, encoding: str | None = None) -> Iterator[ArticleRow]:
    """The articles of a table.

    Raises LoadError: `no_text_column` where the user named a column that it does not have, `not_an_article` (a warning)
    where no column is named and none has the name of one that holds articles, `broken_file` where it is no sound table.
    """
    codec: str | None = None
    notes: tuple[Note, ...] = ()
    if kind == "xlsx":
        rows = _sheets(data, columns)
    else:
        decoded = decode(data, encoding)
        codec, notes = decoded.encoding, decoded.notes
        rows = _objects(decoded.text, kind) if kind in ("jsonl", "json") else _cells(decoded.text, kind)
    chosen: dict[str, str] | None = None
    for number, row in rows:
        if isinstance(row, LoadError):
            yield ArticleRow(number, error=row)
            continue
        if chosen is None or kind in ("jsonl", "json"):
            chosen = _chosen(tuple(row), columns)
        page = _page(row, chosen)
        if page is None:
            message = f"the column {chosen['text']!r} is empty in this row; it was passed over"
            yield ArticleRow(number, error=LoadError("empty_row", message, "info"))
        else:
            yield ArticleRow(number, replace(page, encoding=codec, notes=(*notes, *page.notes)))
            notes = ()


def _chosen(names: Sequence[str], columns: Columns) -> dict[str, str]:
    """The column of each field, as the user named it, or by its usual name."""
    found: dict[str, str] = {}
    by_name = {re.sub(r"[\s\-]+", "_", name.strip().lower()): name for name in names}
    for field, usual in _NAMES.items():
        said = getattr(columns, field, None)
        if said is not None:
            if said not in names:
                raise LoadError(
                    "no_text_column", f"there is no column {said!r}; it has {', '.join(map(repr, names[:20]))}"
                )
            found[field] = said
        else:
            name = next((by_name[u] for u in usual if u in by_name), None)
            if name is not None:
                found[field] = name
    if "text" not in found:
        shown = ", ".join(map(repr, names[:20]))
        message = (
            f"no column is called what one of articles is called ({shown}), so it was taken for data and not read; "
            "name it with --text-column if it is one"
        )
        raise LoadError("not_an_article", message, "warning")
    return found


def _page(row: Mapping[str, Any], chosen: Mapping[str, str]) -> Article | None:
    """The article of a row; cells with the markup of a page are read as one."""
    said = {field: row.get(name) for field, name in chosen.items()}
    text = str(said["text"] or "")
    if not text.strip():
        return None
    page = Article(text)
    if _PAGE.search(text):
        from casextract.load.html import load_html

        page = load_html(text.encode(), "utf-8")
    published = said.get("date")
    if isinstance(published, datetime):
        published = published.date()
    meta = Meta(
        title=clean(_printed(said.get("title"))) or page.meta.title,
        publisher=clean(_printed(said.get("source"))) or page.meta.publisher,
        published_on=published if isinstance(published, date) else _day(published) or page.meta.published_on,
        byline=clean(_printed(said.get("byline"))) or page.meta.byline,
        keywords=split_keywords(_printed(said.get("keywords"))) or page.meta.keywords,
    )
    return replace(page, meta=meta)


def _day(value: Any) -> date | None:
    """A day as text, or in seconds or milliseconds since 1970 as databases keep it."""
    printed = _printed(value)
    if printed is not None and re.fullmatch(r"\d{10}|\d{13}", printed):
        return datetime.fromtimestamp(int(printed[:10])).date()
    return parse_date(printed)


def _printed(value: Any) -> str | None:
    if value is None:
        return None
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _cells(text: str, kind: RowsFormat) -> Iterator[tuple[int, dict[str, Any] | LoadError]]:
    header = text.split("\n", 1)[0]
    delimiter = "\t" if kind == "tsv" else max(",;\t|", key=header.count)
    csv.field_size_limit(1 << 27)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip() for name in next(reader, [])]
        if not any(names):
            raise LoadError("no_text", "the table has no row of names; put one on top")
        number = 0
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            number += 1
            if len(cells) > len(names):
                message = (
                    f"the row has {len(cells)} cells under {len(names)} names: a mark of quotation is missing, or a "
                    f"{delimiter!r} too many"
                )
                yield number, LoadError("broken_row", message)
                continue
            yield number, dict(zip(names, cells, strict=False))
    except csv.Error as error:
        raise LoadError("broken_file", f"the table is damaged ({error}); save it again") from None


def _objects(text: str, kind: RowsFormat) -> Iterator[tuple[int, dict[str, Any] | LoadError]]:
    if kind == "json":
        try:
            said = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise LoadError("not_an_article", f"it is no sound JSON ({error}) and was not read", "warning") from None
        items = (
            said
            if isinstance(said, list)
            else next((v for v in said.values() if _is_table(v)), [said])
            if isinstance(said, dict)
            else []
        )
        if not _is_table(items):
            raise LoadError("not_an_article", "it is JSON, but no list of articles; it was not read", "warning")
        yield from enumerate(items, 1)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, LoadError("broken_row", f"line {number} is no JSON ({error}); the others were read")
            continue
        yield (
            number,
            item
            if isinstance(item, dict)
            else LoadError("broken_row", f"line {number} is no JSON object; the others were read"),
        )


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _sheets(data: bytes, columns: Columns) -> Iterator[tuple[int, dict[str, Any] | LoadError]]:
    """The rows of the first sheet that has a column of articles; else those of the first."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets]
        book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError, SyntaxError) as error:
        reason = " ".join(str(error).split())[:200]
        raise LoadError("broken_file", f"the workbook is damaged ({reason}); open it and save it again") from None
    tables = [
        [[str(c).strip() if c is not None else "" for c in rows[0]], *rows[1:]]
        for rows in sheets
        if rows and any(rows[0])
    ]
    if not tables:
        raise LoadError("no_text", "the workbook is empty, or has no row of names on top")

    def holds(names: list[str]) -> bool:
        try:
            return "text" in _chosen(names, columns)
        except LoadError:
            return False

    names, *rows = next((t for t in tables if holds(t[0])), tables[0])
    for number, row in enumerate(rows, 1):
        if any(cell is not None for cell in row):
            yield number, dict(zip(names, row, strict=False))
    if not rows:
        raise LoadError("no_text", "the workbook has names and no row below them")
