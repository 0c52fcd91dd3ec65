"""What sums up what in a table, and where the value of the year before stands."""

from __future__ import annotations

from typing import NamedTuple

from casextract.extract.tables.layout import Chain, Layout, plain
from casextract.extract.tables.wording import timeless, year_of
from casextract.load.tables import Cell
from casextract.rulebook.models import HeadRole

_SAYS_WHEN: tuple[HeadRole, ...] = ("before", "current")


class _Row(NamedTuple):
    row: int
    words: str
    """Of its innermost label."""
    indent: int


def row_wholes(layout: Layout, group: tuple[int, ...]) -> dict[int, int]:
    """Row to the row that it is part of, by what its label says: 合计 sums up, 其中 takes apart, and so does an indent."""
    parents: dict[int, int] = {}
    if not group:
        return parents
    rows = _labelled_rows(layout, group[-1])
    top: int | None = None
    open_rows: list[int] = []
    for i, row in enumerate(rows):
        if layout.says("total", row.words) is not None:
            if not open_rows:
                top = row.row
                continue
            parents |= dict.fromkeys(open_rows, row.row)
            open_rows = [row.row] if "小计" in row.words else []
            continue
        above = _taken_from(layout, rows, i, parents)
        if above is not None:
            parents[row.row] = above
        elif top is not None:
            parents[row.row] = top
        else:
            open_rows.append(row.row)
    return parents


def _labelled_rows(layout: Layout, column: int) -> list[_Row]:
    """The rows of the body that have a label in a column and a value."""
    rows = []
    for row in layout.table.body:
        cell = layout.places[row][column]
        filled = any(
            c is not None and layout.kinds[c] in ("number", "year") and c.column not in layout.table.labels
            for c in layout.places[row]
        )
        if cell is not None and layout.kinds[cell] != "empty" and filled:
            rows.append(_Row(row, plain(layout.read(cell).words), cell.indent))
    return rows


def _taken_from(layout: Layout, rows: list[_Row], i: int, parents: dict[int, int]) -> int | None:
    """The row that row `i` is taken from, by its indent or by 其中."""
    row = rows[i]
    indents = {r.indent for r in rows}
    above = next((r.row for r in reversed(rows[:i]) if r.indent < row.indent), None) if len(indents) > 1 else None
    if layout.says("part", row.words) is not None:
        if above is not None:
            return above
        return next((r.row for r in reversed(rows[:i]) if layout.says("part", r.words) is None), None)
    last = rows[i - 1] if i else None
    if above is not None and last is not None and last.row in parents and row.indent == last.indent > min(indents):
        return parents[last.row]
    return above


def column_wholes(layout: Layout) -> dict[int, tuple[int, ...]]:
    """Column to those that it is part of: under one head, a total sums up the others, 其中 takes the one before apart."""
    wholes: dict[int, tuple[int, ...]] = {}
    words = {c: plain(layout.heads[c][-1][1].words) for c in layout.table.values if layout.heads[c]}
    for column, own in words.items():
        if layout.says("part", own) is not None:
            before = [c for c, w in words.items() if c < column and layout.says("part", w) is None]
            wholes[column] = (before[-1],) if before else ()
            continue
        totals = [
            c
            for c, w in words.items()
            if c != column and _above(layout, c) == _above(layout, column) and layout.says("total", w) is not None
        ]
        if totals and layout.says("total", own) is None:
            wholes[column] = (totals[0],)
    return wholes


def _above(layout: Layout, column: int) -> list[Cell]:
    """The heads over the innermost one."""
    return [cell for cell, _ in layout.heads[column][:-1]]


def value_before(layout: Layout, cell: Cell) -> tuple[int, int] | None:
    """The place in the same row that holds the value of the year before."""
    own = layout.heads[cell.column]
    if not own:
        return None
    mine, year = _kept(layout, own), year_of(layout, own)
    for column in layout.table.values:
        other = layout.heads[column]
        if column == cell.column or not other or layout.group_of(column) != layout.group_of(cell.column):
            continue
        if _kept(layout, other) != mine:
            continue
        its = year_of(layout, other)
        if its is None and _says_before(layout, other) and not _says_before(layout, own):
            return cell.row, column
        if year is not None and its == year - 1:
            return cell.row, column
    return None


def _says_before(layout: Layout, chain: Chain) -> bool:
    return layout.says("before", plain(chain[-1][1].words)) is not None


def _kept(layout: Layout, chain: Chain) -> tuple[str, ...]:
    """What heads say besides the time: it must be the same for a value and the one of the year before."""
    kept = []
    for _, head in chain:
        said = plain(timeless(layout, head.words))
        for role in _SAYS_WHEN:
            if (pattern := next((p for r, p in layout.grammar.heads if r.says == role), None)) is not None:
                said = pattern.sub("", said)
        kept.append(said)
    return tuple(w for w in kept if w)
