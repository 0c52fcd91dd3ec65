"""What sums up what in a table, and where the value of the year before stands."""

from __future__ import annotations

from typing import NamedTuple

from casextract.extract.tables.layout import Chain, Layout, plain
from casextract.extract.tables.numbering import number_style
from casextract.extract.tables.wording import timeless, year_of
from casextract.load.tables import Cell
from casextract.rulebook.models import HeadRole

_SAYS_WHEN: tuple[HeadRole, ...] = ("before", "current")


class _Row(NamedTuple):
    row: int
    words: str
    """Of its innermost label."""
    indent: int
    printed: str


def row_wholes(layout: Layout, group: tuple[int, ...]) -> dict[int, int]:
    """Row to the row that it is part of, by what its label says: 合计 sums up, 其中 takes apart, and so does an
    indent."""
    parents: dict[int, int] = {}
    if not group:
        return parents
    rows = _labelled_rows(layout, group[-1])
    top: int | None = None
    """A total that stands above what it sums up."""
    leading: int | None = None
    """A subtotal that does."""
    subtotals: list[int] = []
    since: list[int] = []
    """Rows that no sum has taken yet."""
    for i, row in enumerate(rows):
        if layout.says("total", row.words) is not None:
            if "小计" in row.words:
                parents |= dict.fromkeys(since, row.row)
                leading = None if since else row.row
                subtotals.append(row.row)
                if top is not None:
                    parents[row.row] = top
            elif since or subtotals:
                parents |= dict.fromkeys([*subtotals, *since], row.row)
                subtotals, leading = [], None
            else:
                top = row.row
            since = []
            continue
        above = _taken_from(layout, rows, i, parents)
        if above is None:
            above = leading
        if above is not None:
            parents[row.row] = above
            continue
        since.append(row.row)
        if top is not None:
            parents[row.row] = top
    return parents


def _labelled_rows(layout: Layout, column: int) -> list[_Row]:
    """The rows of the body that have a label in a column and a value."""
    rows = []
    for row in layout.table.body:
        if row in layout.table.repeats:
            continue
        cell = layout.places[row][column]
        filled = any(
            c is not None and layout.kinds[c] in ("number", "year") and c.column not in layout.table.labels
            for c in layout.places[row]
        )
        if cell is not None and layout.kinds[cell] != "empty" and filled:
            rows.append(_Row(row, plain(layout.read(cell).words), cell.indent, layout.text_of(cell)))
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
    return above if above is not None else _item_of(rows, i)


def _item_of(rows: list[_Row], i: int) -> int | None:
    """The row that row `i` is an item of by its number: 1. under 一、."""
    own = number_style(rows[i].printed)
    if own is None:
        return None
    above = [(r.row, style) for r in rows[:i] if (style := number_style(r.printed)) is not None]
    return next((row for row, style in reversed(above) if style < own), None)


def column_wholes(layout: Layout) -> dict[int, tuple[int, ...]]:
    """Column to those that it is part of: under one head, a total sums up the others, 其中 takes the one before
    apart."""
    wholes: dict[int, tuple[int, ...]] = {}
    words = {c: plain(layout.heads[c][-1][1].words) for c in layout.table.values if layout.heads[c]}
    for column, own in words.items():
        if layout.says("part", own) is not None:
            before = [c for c, w in words.items() if c < column and layout.says("part", w) is None]
            wholes[column] = (before[-1],) if before else ()
            continue
        whole = _column_whole(layout, words, column)
        if whole is not None:
            wholes[column] = (whole,)
    return wholes


def _column_whole(layout: Layout, words: dict[int, str], column: int) -> int | None:
    """The column that sums up another: the total under the same heads, or under the nearest of them; what 其中 stands
    over is part of the column before."""
    mine = _above(layout, column)
    own_total = layout.says("total", words[column]) is not None
    best: tuple[int, int] | None = None
    for other, said in words.items():
        its = _above(layout, other)
        if other == column or layout.says("total", said) is None or its != mine[: len(its)]:
            continue
        if (not own_total or len(its) < len(mine)) and (best is None or len(its) > best[0]):
            best = len(its), other
    if best is not None:
        return best[1]
    for depth, cell in enumerate(mine):
        if layout.says("part", plain(layout.read(cell).words)) is None:
            continue
        outside = [c for c in words if c < column and _above(layout, c)[: depth + 1] != mine[: depth + 1]]
        return outside[-1] if outside else None
    chain = [plain(said.words) for _, said in layout.heads[column]]
    for other in words:
        its_words = [plain(said.words) for _, said in layout.heads[other]]
        if len(its_words) != len(chain) or len(chain) < 2:
            continue
        apart = [k for k, (a, b) in enumerate(zip(its_words, chain, strict=True)) if a != b]
        if len(apart) == 1 and layout.says("total", its_words[apart[0]]) is not None:
            return other
    return None


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
