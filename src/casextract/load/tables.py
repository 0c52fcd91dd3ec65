"""The one model of a table, whatever file it comes from: its cells by row and column, each with its span in the text.

A loader prints a table into the text, a line for each row and a tab between cells, and says where the cells stand; a
table that stands in a text already (pipes, tabs, blanks) is only pointed at. What is head, label, caption and note is
read once for all formats, in `table_structure`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple

from pydantic import PlainSerializer, PlainValidator

Span = tuple[int, int]
"""Start and end in `Source.text`."""


class Cell(NamedTuple):
    """A cell: where it stands in the grid (from 0) and in the text; an empty one has an empty span."""

    row: int
    column: int
    start: int
    end: int
    row_span: int = 1
    column_span: int = 1
    indent: int = 0
    """How far the text is set in; more than in the row above makes it a part of that row."""

    def covers(self, row: int, column: int) -> bool:
        """Whether a place of the grid belongs to the cell."""
        return 0 <= row - self.row < self.row_span and 0 <= column - self.column < self.column_span


Rows = Annotated[
    range,
    PlainValidator(lambda v: v if isinstance(v, range) else range(*v)),
    PlainSerializer(lambda r: [r.start, r.stop]),
]
"""Rows of a table; as JSON, which goes from stage to stage by pipe, the first and one past the last."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an article; spans are offsets into `Source.text`, rows and columns count from 0."""

    start: int
    end: int
    cells: tuple[Cell, ...]
    """By row, then by column."""
    caption: tuple[Span, ...] = ()
    """What is printed above and speaks of all of it: its name, its unit."""
    notes: tuple[Span, ...] = ()
    """What is printed below it and is no row."""
    head: Rows = range(0)
    """The rows that hold the heads of the columns."""
    body: Rows = range(0)
    """The rows of values."""
    labels: tuple[int, ...] = ()
    """The columns that say what a row is of; a label speaks of the columns behind it, up to the next one."""
    values: tuple[int, ...] = ()
    """The columns of values."""
    counters: tuple[int, ...] = ()
    """The columns that do no more than number the rows."""
    repeats: tuple[int, ...] = ()
    """Rows that print the heads once more, where the table goes on overleaf."""
    between: tuple[Span, ...] = ()
    """What stands between the pages of it and is no row of it: 续表, its unit once more."""
    fault: str | None = None
    """Why its cells cannot be read, where they cannot."""

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return max((c.row + c.row_span for c in self.cells), default=0)

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return max((c.column + c.column_span for c in self.cells), default=0)

    def shifted(self, by: int) -> Table:
        """The same table in a text in which it stands `by` characters further on."""
        return replace(
            self,
            start=self.start + by,
            end=self.end + by,
            cells=tuple(c._replace(start=c.start + by, end=c.end + by) for c in self.cells),
            caption=tuple((a + by, b + by) for a, b in self.caption),
            notes=tuple((a + by, b + by) for a, b in self.notes),
            between=tuple((a + by, b + by) for a, b in self.between),
        )


class Entry(NamedTuple):
    """A cell as a file has it: its text, on one line, and how many rows and columns it takes."""

    text: str
    row_span: int = 1
    column_span: int = 1
    indent: int = 0


def printed(rows: Sequence[Sequence[Entry]]) -> tuple[list[str], tuple[Cell, ...]]:
    """The lines that a table prints, and its cells with offsets into those lines joined by line feeds.

    `rows` holds the cells that begin in each row; cells that reach over several rows push those of the next ones aside.
    """
    lines: list[str] = []
    cells: list[Cell] = []
    taken: dict[int, int] = {}
    """Column to the row up to which a cell from above takes it."""
    offset = 0
    for number, row in enumerate(rows):
        line = "\t".join(entry.text for entry in row).rstrip("\t")
        at, column = 0, 0
        for entry in row:
            while taken.get(column, 0) > number:
                column += 1
            start = min(at, len(line))
            end = min(at + len(entry.text), len(line))
            reach = min(entry.row_span, len(rows) - number)
            cells.append(Cell(number, column, offset + start, offset + end, reach, entry.column_span, entry.indent))
            for c in range(column, column + entry.column_span):
                taken[c] = number + entry.row_span
            at += len(entry.text) + 1
            column += entry.column_span
        lines.append(line)
        offset += len(line) + 1
    return lines, tuple(cells)


def grid(table: Table) -> list[list[Cell | None]]:
    """The cells by place: a cell that takes several places stands in each of them."""
    width = table.columns
    places: list[list[Cell | None]] = [[None] * width for _ in range(table.rows)]
    for cell in table.cells:
        for row in range(cell.row, cell.row + cell.row_span):
            for column in range(cell.column, cell.column + cell.column_span):
                places[row][column] = cell
    return places


def row_spans(table: Table) -> Iterator[Span]:
    """The stretch of text that the cells of each row fill; rows without text are left out."""
    filled: dict[int, Span] = {}
    for c in table.cells:
        if c.end > c.start:
            first, _ = filled.get(c.row, (c.start, c.end))
            filled[c.row] = (first, c.end)
    for row in sorted(filled):
        yield filled[row]
