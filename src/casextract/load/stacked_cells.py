"""Rows of a table that a converter has stacked into one: a cell of labels line by line, and cells of as many values."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

from casextract.load.table_cells import kind_of
from casextract.load.tables import Entry


class Stack(NamedTuple):
    """A cell as its lines, with the rows and columns it takes."""

    lines: tuple[str, ...]
    row_span: int = 1
    column_span: int = 1
    indent: int = 0

    @property
    def entry(self) -> Entry:
        """The cell with its lines joined."""
        return Entry(" ".join(self.lines), self.row_span, self.column_span, self.indent)


def unstacked(rows: Sequence[Sequence[Stack]]) -> list[list[Entry]]:
    """The rows of a table, each stacked row as the rows that it holds."""
    done: list[list[Entry]] = []
    for row in rows:
        done += _rows_of(row) or [[cell.entry for cell in row]]
    return done


def _rows_of(row: Sequence[Stack]) -> list[list[Entry]] | None:
    """The rows that a stacked row holds; None where it is no such row, or its cells do not agree on their number."""
    if any(cell.row_span > 1 for cell in row):
        return None
    values = [_values(cell) for cell in row]
    depth = max((len(v) for v in values if v is not None), default=0)
    if depth < 2:
        return None
    columns: list[list[list[str]]] = []
    own = depth
    """How many rows the cells on the left of a label's values have; groups that stand side by side may differ."""
    for cell, value in reversed(list(zip(row, values, strict=True))):
        if value is not None:
            if columns and len(value) != own and not _is_label(columns[-1]):
                return None
            own = len(value)
            columns.append(value)
            continue
        lines = _unwrapped([line.strip() for line in cell.lines if line.strip()], own)
        if lines is None:
            return None
        columns.append([[line, *[""] * (cell.column_span - 1)] for line in lines])
    columns.reverse()
    empty = [[""] * len(column[0]) for column in columns]
    return [
        [
            Entry(text)
            for column, none in zip(columns, empty, strict=True)
            for text in (column[n] if n < len(column) else none)
        ]
        for n in range(depth)
    ]


def _is_label(column: Sequence[Sequence[str]]) -> bool:
    return any(kind_of(line[0]) == "text" for line in column)


def _values(cell: Stack) -> list[list[str]] | None:
    """The values of a cell row by row, one for each of its columns; None where it holds something else."""
    lines = [line.split() for line in cell.lines if line.strip()]
    tokens = [token for line in lines for token in line]
    if len(tokens) < 2 or any(kind_of(t) not in ("number", "year", "gap") for t in tokens):
        return None
    if cell.column_span == 1:
        return [[token] for token in tokens]
    if len(tokens) % cell.column_span:
        return None
    return [tokens[n : n + cell.column_span] for n in range(0, len(tokens), cell.column_span)]


def _unwrapped(lines: list[str], count: int) -> list[str] | None:
    """As many labels as there are rows: of lines that are too few, one ran several labels of a narrow cell together."""
    if len(lines) >= count:
        return lines if len(lines) == count else None
    best: tuple[int, int, list[str]] | None = None
    for at, line in enumerate(lines):
        parts = count - len(lines) + 1
        width = ceil(len(line) / parts)
        pieces = [line[n : n + width] for n in range(0, len(line), width)]
        alike = sum(any(c in other for other in pieces[:n] + pieces[n + 1 :]) for n, p in enumerate(pieces) for c in p)
        if len(pieces) == parts and alike and (best is None or alike > best[0]):
            best = (alike, at, pieces)
    return None if best is None else lines[: best[1]] + best[2] + lines[best[1] + 1 :]
