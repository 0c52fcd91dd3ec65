"""Tables of a Word document: their cells with what is merged, stacked rows set apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from docx.oxml.ns import qn

from casextract.load.stacked_cells import Stack, unstacked
from casextract.load.table_cells import lays_out
from casextract.load.tables import Entry

_TBL, _TR, _TC = (qn(f"w:{n}") for n in ("tbl", "tr", "tc"))
_VAL = qn("w:val")
_DELETED = f"{qn('w:trPr')}/{qn('w:del')}"
_PROPERTIES, _SPAN, _MERGE = (qn(f"w:{n}") for n in ("tcPr", "gridSpan", "vMerge"))


def data_rows(table: Any, lines_of: Callable[[Any], list[str]]) -> list[list[Entry]] | None:
    """The cells of a `w:tbl` row by row; None where it lays out the page. `lines_of` gives the lines of a cell."""
    rows = [r for r in table.iter(_TR) if next(r.iterancestors(_TBL)) is table and r.find(_DELETED) is None]
    cells = [[c for c in row.iter(_TC) if next(c.iterancestors(_TR)) is row] for row in rows]
    if sum(len(row) > 1 for row in cells) < 2 or any(True for row in cells for c in row for _ in c.iter(_TBL)):
        return None
    stacks = _stacks(cells, lines_of)
    entries = unstacked(stacks)
    return None if lays_out([[e.text for e in row] for row in entries]) else entries


def _stacks(rows: Sequence[Sequence[Any]], lines_of: Callable[[Any], list[str]]) -> list[list[Stack]]:
    """The cells that begin in each row: what Word goes on merging from the row above belongs to the cell there."""
    found: list[list[Stack]] = []
    begun: dict[int, tuple[int, int]] = {}
    """Column to the row and index of the cell that may be merged downwards there."""
    for number, row in enumerate(rows):
        found.append([])
        column = 0
        for cell in row:
            properties = cell.find(_PROPERTIES)
            span = _value(properties, _SPAN)
            width = int(span) if span.isdigit() and int(span) > 0 else 1
            merge = properties.find(_MERGE) if properties is not None else None
            if merge is not None and merge.get(_VAL, "continue") == "continue" and column in begun:
                above, index = begun[column]
                found[above][index] = found[above][index]._replace(row_span=number - above + 1)
            else:
                begun[column] = (number, len(found[number]))
                found[number].append(Stack(tuple(lines_of(cell)), 1, width, _indent(cell)))
            column += width
    return found


def _value(properties: Any, name: str) -> str:
    found = properties.find(name) if properties is not None else None
    return (found.get(_VAL) or "") if found is not None else ""


def _indent(cell: Any) -> int:
    """How far a cell's first paragraph is set in: by its style of paragraph, in characters, or by blanks."""
    mark = next(iter(cell.iter(qn("w:ind"))), None)
    twips = (
        (mark.get(qn("w:left")) or mark.get(qn("w:start")) or mark.get(qn("w:firstLine")) or "0")
        if mark is not None
        else "0"
    )
    text = next((t.text for t in cell.iter(qn("w:t")) if t.text), "")
    blanks = len(text) - len(text.lstrip(" \xa0\u3000"))
    # A character of body text is some 210 twentieths of a point wide.
    return blanks + (round(int(twips) / 210) if twips.lstrip("-").isdigit() else 0)
