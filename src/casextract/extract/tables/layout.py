"""Where things stand in one table: its heads, labels, sections and columns of units, in offsets of the normalised
text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from casextract.extract.grammar import Grammar
from casextract.extract.tables.heads import Said, StatedUnit, read_head, rule_that_says, unit_of, units_in
from casextract.load.table_cells import CellKind, kind_of
from casextract.load.tables import Cell, Span, Table, grid
from casextract.normalise import Text
from casextract.rulebook.models import HeadRole, TableRule

Chain = Sequence[tuple[Cell, Said]]
"""The heads over a value, or the labels in front of it, from the outermost in."""


@dataclass(eq=False)
class Layout:
    """One table as its heads and labels order it. `table` holds spans of `norm`."""

    norm: str
    table: Table
    grammar: Grammar
    said: dict[Cell, Said] = field(default_factory=dict)
    """The heads and labels that were read."""

    def __post_init__(self) -> None:
        """Read what orders the table: the units of its caption, its columns of units, its heads and groups of
        labels."""
        self.places = grid(self.table)
        self.kinds: dict[Cell, CellKind] = {c: kind_of(self.norm[c.start : c.end]) for c in self.table.cells}
        self.units: list[StatedUnit] = [
            u for span in self.table.caption for u in units_in(self.printed(span), self.grammar)
        ]
        """Those that the caption names."""
        self.unit_columns = frozenset(c for c in range(self.table.columns) if self._holds_units(c))
        self.heads: dict[int, Chain] = {c: self._heads(c) for c in range(self.table.columns)}
        """The heads over each column."""
        self.label_groups = self._label_groups()
        self._section_of = self._sections()

    def printed(self, span: Span) -> str:
        """The text of a span."""
        return self.norm[span[0] : span[1]]

    def text_of(self, cell: Cell) -> str:
        """The text of a cell."""
        return self.norm[cell.start : cell.end]

    def read(self, cell: Cell, below: bool = False) -> Said:
        """What a head or a label says; `below`: it stands under another head."""
        known = self.said.get(cell)
        if known is None:
            known = self.said[cell] = read_head(self.text_of(cell), self.grammar, below)
        return known

    def says(self, role: HeadRole, words: str) -> TableRule | None:
        """The rule by which the words of a head or a label have a role."""
        return rule_that_says(role, words, self.grammar)

    def implied(self, chain: Chain) -> TableRule | None:
        """The rule that knows from the words of heads or labels what is counted, the innermost first."""
        for _, said in reversed(chain):
            if said.words and (rule := self.says("unit", plain(said.words))) is not None:
                return rule
        return None

    def group_of(self, column: int) -> tuple[int, ...]:
        """The columns of labels that speak of a column."""
        return next((g for g in reversed(self.label_groups) if g[0] < column), ())

    def labels(self, row: int, column: int) -> Chain:
        """The labels of a value from the outermost in, the heading of its section first."""
        chain: list[tuple[Cell, Said]] = []
        group = self.group_of(column)
        if (section := self._section_of.get(row)) is not None:
            chain.append((section, self.read(section)))
        for label_column in group:
            cell = self.places[row][label_column]
            above = row
            # A label that is printed once holds for the rows below it.
            while self._is_blank(cell) and label_column != group[-1] and above > self.table.body.start:
                above -= 1
                cell = self.places[above][label_column] if above not in self.table.repeats else None
            if cell is not None and self.kinds[cell] not in ("empty", "gap") and all(cell is not c for c, _ in chain):
                chain.append((cell, self.read(cell)))
        if not group and not self.table.head:
            left = [c for k in range(column) if (c := self.places[row][k]) is not None and self.kinds[c] == "text"]
            chain += [(left[-1], self.read(left[-1]))] if left else []
        return chain

    def _is_blank(self, cell: Cell | None) -> bool:
        return cell is None or self.kinds[cell] == "empty"

    def _heads(self, column: int) -> Chain:
        """The heads over a column from the outermost in."""
        chain: list[tuple[Cell, Said]] = []
        for row in self.table.head:
            cell = self.places[row][column]
            if self._is_blank(cell) and row + 1 < self.table.head.stop:
                cell = self._head_on_the_left(row, column)
            if cell is None or self.kinds[cell] in ("empty", "number", "gap") or any(cell is c for c, _ in chain):
                continue
            chain.append((cell, self.read(cell, bool(chain))))
        return chain

    def _head_on_the_left(self, row: int, column: int) -> Cell | None:
        """The head of a group of columns, where a file does not say how far it reaches."""
        first = min(self.table.values, default=0)
        for c in range(column - 1, first - 1, -1):
            cell = self.places[row][c]
            if cell is not None and self.kinds[cell] != "empty":
                below = self.places[row + 1][c]
                return cell if below is not None and below is not cell and self.kinds[below] != "empty" else None
        return None

    def _holds_units(self, column: int) -> bool:
        if column in self.table.values or column in self.table.counters:
            return False
        body = [c for r in self.table.body if (c := self.places[r][column]) is not None and self.kinds[c] == "text"]
        units = sum(unit_of(self.text_of(c), self.grammar) is not None for c in body)
        head = "".join(
            self.text_of(c) for r in self.table.head if (c := self.places[r][column]) is not None and c.row == r
        )
        named = self.says("unit_column", "".join(head.split())) is not None
        return units * 2 > len(body) and (named or (units == len(body) and column > 0))

    def _label_groups(self) -> list[tuple[int, ...]]:
        """The columns of labels in groups: those of each group stand side by side."""
        groups: list[list[int]] = []
        for column in self.table.labels:
            if column in self.unit_columns:
                continue
            if groups and all(c in self.table.labels for c in range(groups[-1][-1], column)):
                groups[-1].append(column)
            else:
                groups.append([column])
        return [tuple(g) for g in groups]

    def _sections(self) -> dict[int, Cell]:
        """The heading of the section that each row stands in: a row of the body that has a label and no value."""
        found: dict[int, Cell] = {}
        current: Cell | None = None
        for row in self.table.body:
            if row in self.table.repeats:
                continue
            filled = {c for c in self.places[row] if c is not None and self.kinds[c] not in ("empty", "gap")}
            only = next(iter(filled)) if len(filled) == 1 else None
            if only is not None and self.kinds[only] == "text" and only.row == row and only.row_span == 1:
                current = only
            elif current is not None:
                found[row] = current
        return found


def normalised(table: Table, text: Text) -> Table:
    """The same table in offsets into the normalised text."""
    cells = []
    for cell in table.cells:
        start, end = text.norm_span(cell.start, cell.end)
        cells.append(cell._replace(start=start, end=end))
    start, end = text.norm_span(table.start, table.end)
    return replace(
        table,
        start=start,
        end=end,
        cells=tuple(cells),
        caption=tuple(text.norm_span(*s) for s in table.caption),
        notes=tuple(text.norm_span(*s) for s in table.notes),
        between=tuple(text.norm_span(*s) for s in table.between),
    )


def plain(words: str) -> str:
    """Words without the blanks between them."""
    return "".join(words.split())
