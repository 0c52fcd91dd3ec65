"""Which value of a table another is an item of, by how the labels of their rows are numbered: 一、, (一), 1., (1), A,
I."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import numeric

from casextract.extract.tables.lines import CellLine
from casextract.extract.tables.numbering import NUMBERED


def items(lines: Sequence[CellLine]) -> dict[int, int]:
    """Where the number of an item starts to where that of the value it is an item of does, column by column.

    Items stand under the nearest row above that is numbered in a style of more weight; the first of them under a row
    without a number that stands right above it; a row without a number under the numbered one above it.
    """
    found: dict[int, int] = {}
    above: dict[tuple[int, int], list[tuple[int, int]]] = {}
    last: dict[tuple[int, int], int | None] = {}
    for line in lines:
        column = line.of.table, line.place[1]
        path = above.setdefault(column, [])
        m = NUMBERED.match((line.of.row or "").rpartition(" / ")[2])
        style = m.lastgroup if m is not None else None
        weight = int(style[1]) if style is not None else None
        if m is not None and style is not None and weight is not None:
            while path and path[-1][0] >= weight:
                path.pop()
            plain = last.get(column)
            if plain is not None and _is_first(m[style]):
                path.append((weight - 1, plain))
        if path:
            found[line.number] = path[-1][1]
        if weight is not None:
            path.append((weight, line.number))
        last[column] = line.number if weight is None else None
    return found


def _is_first(number: str) -> bool:
    return number in ("A", "I") or (len(number) == 1 and numeric(number, 0) == 1)
