"""What a loader made of an article, without what no later stage and no table could take.

Loaders read what strangers wrote. Whatever they get wrong costs the part that is wrong: it is left out, or shown as
unreadable, and a row of `problems` says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

from casextract.load.source import Mark, Source, problem
from casextract.load.tables import Table
from casextract.records import Problem

_HALF = re.compile("[\ud800-\udfff]")

LARGEST_GRID = 4_000_000
"""Places of a table, cells that reach over many counted as often; the largest of a yearbook has some thousands."""


def sound(source: Source) -> Source:
    """The article without halves of characters, parts that lie outside its text and values that are none."""
    problems: list[Problem] = []

    def note(code: str, message: str) -> None:
        problems.append(problem(source.path, "warning", code, message, doc_id=source.doc_id))

    text, halves = _HALF.subn("\ufffd", source.text)
    said: dict[str, Any] = {}
    for field in fields(source.meta):
        value = getattr(source.meta, field.name)
        if not _is_sound(field.name, value):
            name = field.name
            note("invalid_meta", f"what the file states as {name} is no such thing and was left out; check the file")
            said[name] = field.default
        elif isinstance(value, str | tuple):
            said[field.name] = _whole(value)
            halves += said[field.name] != value
    meta = replace(source.meta, **said)
    if halves:
        note("half_character", "half of a character stands alone here; the place is unreadable, fetch the file again")
    marks = tuple(m for m in source.marks if _mark_fits(m, len(text)))
    if len(marks) < len(source.marks):
        count = len(source.marks) - len(marks)
        note("invalid_mark", f"{count} marks of the layout lie outside the text and were left out; check the headings")
    tables = tuple(t for t in source.tables if _table_fits(t, len(text)))
    if len(tables) < len(source.tables):
        count = len(source.tables) - len(tables)
        note("invalid_table", f"{count} tables cannot be what the file says, and are read as text; check their numbers")
    confidence = source.confidence
    if confidence is not None and not 0 <= confidence <= 1:
        note("invalid_meta", "how sure the reading of the picture is, is not known; check its numbers")
        confidence = 0.0
    if not problems:
        return source
    return replace(
        source,
        text=text,
        meta=meta,
        marks=marks,
        tables=tables,
        confidence=confidence,
        problems=(*source.problems, *problems),
    )


def _whole(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    return tuple(_HALF.sub("\ufffd", word) for word in value)


def _is_sound(name: str, value: Any) -> bool:
    check = _CHECKS.get(name)
    return check(value) if check is not None else value is None or isinstance(value, str)


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "published_on": lambda value: value is None or isinstance(value, date),
    "keywords": lambda value: isinstance(value, tuple) and all(isinstance(word, str) for word in value),
}


def _mark_fits(mark: Mark, length: int) -> bool:
    return 0 <= mark.start <= mark.end <= length


def _table_fits(table: Table, length: int) -> bool:
    spans = [(table.start, table.end), *((c.start, c.end) for c in table.cells), *table.caption, *table.notes]
    return (
        all(0 <= a <= b <= length for a, b in spans)
        and all(min(c.row, c.column) >= 0 and min(c.row_span, c.column_span) >= 1 for c in table.cells)
        and math.prod((table.rows, table.columns)) <= LARGEST_GRID
    )
