"""The unit of a value whose cell prints none: its head, the column of units, its label, the row it is part of, the
caption."""

from __future__ import annotations

from casextract.extract.tables.heads import StatedUnit, unit_of
from casextract.extract.tables.layout import Chain, Layout, plain
from casextract.load.tables import Cell
from casextract.rulebook.patterns import on_demand

_NAMES_COUNT = on_demand(r"(?:[数率额量]|人次|占比|比[例重]|百分比|面积|增幅|增速|降幅|增长|[同环]比)$")
_PER_ROUND = on_demand(r"每[百千万十]")

Known = tuple[StatedUnit | None, str | None]
"""A unit, and the rule that knew it where none is printed at all."""


def unit_for(layout: Layout, cell: Cell, heads: Chain, labels: Chain, whole: int | None) -> Known:
    """The unit of a value, from the nearest that says one. `whole` is the row that the value's row is part of."""
    beside = _in_unit_column(layout, cell)
    of_head = layout.implied(heads)
    if of_head is not None and of_head.unit == "%" and all(said.unit is None for _, said in heads[-1:]):
        # A column of change or of shares is one whatever its rows are counted in.
        return unit_of("%", layout.grammar), of_head.id
    base = beside[0] if beside and all(said.unit is None for _, said in heads) else None
    if of_head is not None and of_head.unit == "元" and base is not None and base.dimension == "count":
        # A price under 标准, in a row whose unit is 具: so much for each.
        return unit_of(f"元/{base.text.removeprefix('每')}", layout.grammar), "table.unit_column"
    stated = [*(said.unit for _, said in reversed(heads)), *beside, *(said.unit for _, said in reversed(labels))]
    units = [u for u in stated if u is not None]
    full = next((u for u in units if not u.multiplies), None)
    if full is not None:
        return full, "table.unit_column" if full in beside else None
    multiplier = units[0] if units else None
    if whole is not None and multiplier is None and not layout.units and of_head is None:
        # A part is counted as the whole is.
        of_whole = [said.unit for _, said in layout.labels(whole, cell.column) if said.unit is not None]
        if of_whole and layout.implied(labels[-1:]) is None:
            return of_whole[-1], None
    return _by_caption(layout, heads, labels, multiplier)


def _in_unit_column(layout: Layout, cell: Cell) -> list[StatedUnit | None]:
    """What the nearest column of units says in the value's row, one in front of it first."""
    columns = sorted(layout.unit_columns, key=lambda c: (c > cell.column, abs(c - cell.column)))
    found = [layout.places[cell.row][k] for k in columns[:1]]
    return [unit_of(layout.text_of(c), layout.grammar) for c in found if c is not None]


def _by_caption(layout: Layout, heads: Chain, labels: Chain, multiplier: StatedUnit | None) -> Known:
    """The unit of what heads and labels name, as the caption of the table prints it."""
    implied = layout.implied(heads) or layout.implied(labels)
    known = unit_of(implied.unit, layout.grammar) if implied is not None and implied.unit else None
    named = [u for u in layout.units if not u.multiplies]
    one = len({u.text for u in named}) == 1
    if known is None or implied is None:
        return (named[0], None) if one else (None, None)
    if one and named[0].dimension != known.dimension and not _names_count(heads, labels):
        # 单位:万元 over rows of places or people: they are what the money is for.
        return named[0], None
    if alike := _alike(named, known):
        if _PER_ROUND.search("".join(said.words for _, said in labels)) is None:
            return alike, None
        # 每千人口床位数 in a table of 万张 is no multiple.
        return known, implied.id
    return _multiplied(layout, known, multiplier), implied.id


def _alike(named: list[StatedUnit], known: StatedUnit) -> StatedUnit | None:
    """The unit of the caption that counts what `known` counts."""
    same = next((u for u in named if u.canonical == known.canonical), None)
    if same is None and (len(named) == 1 or known.canonical == "个"):
        return next((u for u in named if u.dimension == known.dimension), None)
    return same


def _multiplied(layout: Layout, known: StatedUnit, multiplier: StatedUnit | None) -> StatedUnit:
    multiplier = multiplier or next((u for u in layout.units if u.multiplies), None)
    if multiplier is not None and known.dimension in ("count", "money"):
        return known._replace(text=multiplier.text + known.text)
    return known


def _names_count(heads: Chain, labels: Chain) -> bool:
    """Whether a head or a label says outright what its numbers are: 户数, 增长率."""
    return any(_NAMES_COUNT.search(plain(said.words)) is not None for _, said in (*heads, *labels))
