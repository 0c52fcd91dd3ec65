"""A document's tables put together again from the indicators that their cells became."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from casextract.records import Indicator


@dataclass(frozen=True, slots=True)
class TableRead:
    """One table: its heads, and a label and as many cells for each row; where a cell holds no number there is None."""

    doc_id: str
    number: int
    """Of the table in its document, from 1."""
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Indicator | None, ...]], ...]


def frames_of(indicators: Iterable[Indicator]) -> list[TableRead]:
    """The tables whose cells the indicators, in document order, are. Numbers of sentences are passed over."""
    tables: dict[tuple[str, int], list[Indicator]] = {}
    for indicator in indicators:
        if indicator.table is not None:
            tables.setdefault((indicator.doc_id, indicator.table), []).append(indicator)
    return [_frame(doc_id, number, cells) for (doc_id, number), cells in tables.items()]


def _frame(doc_id: str, number: int, cells: list[Indicator]) -> TableRead:
    columns: dict[str, None] = {}
    rows: list[tuple[str, dict[str, Indicator]]] = []
    for cell in cells:
        label, head = cell.row or "", cell.column or ""
        # Two rows may have one label, as two columns may have one head: what is taken already begins a new one.
        if not rows or rows[-1][0] != label or head in rows[-1][1]:
            rows.append((label, {}))
        columns.setdefault(head)
        rows[-1][1][head] = cell
    return TableRead(
        doc_id, number, tuple(columns), tuple((label, tuple(found.get(c) for c in columns)) for label, found in rows)
    )
