"""Cells of tables: each value as a phrase of its label, its head and its unit, which is then read as a sentence is.

A cell alone is a bare number. What it is of stands elsewhere: in the row's label, the column's head, a column of units,
the caption. Here these are put together into a line of plain words - 2021年,养老机构床位503.6万张 - so that the rules
for sentences decide what it measures and what kind of statement it makes; the record then points back to the cell, and
to the head or caption that named its time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from casextract.extract.explanation import Step
from casextract.extract.grammar import Grammar
from casextract.extract.model import NumeralSpan, Quantity
from casextract.extract.numbers import NUMERAL
from casextract.extract.tables.heads import StatedUnit
from casextract.extract.tables.layout import Layout, normalised
from casextract.extract.tables.lines import CellLine, line_of
from casextract.extract.tables.sums import column_wholes, row_wholes
from casextract.load.table_cells import figures_in
from casextract.load.tables import Cell, Span, Table
from casextract.normalise import Text
from casextract.records import Direction, Problem
from casextract.rulebook.models import HeadRole, TableRule

_ADDED = frozenset({"count", "money", "area", "length", "duration"})
"""Dimensions whose parts add up to a sum."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All tables of an article: a text with a line for each value, and what becomes of the numerals that are none."""

    text: str = ""
    lines: tuple[CellLine, ...] = ()
    prose: str = ""
    """The article with line feeds in the place of what is read here; heads, labels and passages in cells are left."""
    aside: tuple[NumeralSpan, ...] = ()
    problems: tuple[Problem, ...] = ()


def sheet_of(text: Text, title: str | None, grammar: Grammar) -> Sheet:
    """Put every value of an article's tables into words. `title` is the article's, which may name the time."""
    if not text.source.tables:
        return Sheet(prose=text.norm)
    named = _title_span(text.norm, title)
    written: list[str] = []
    lines: list[CellLine] = []
    aside: list[NumeralSpan] = []
    problems: list[Problem] = []
    prose = text.norm
    at = 0
    for number, table in enumerate(text.source.tables, 1):
        reader = _Reader(Layout(text.norm, normalised(table, text), grammar), number, named)
        for phrase, line in reader.values():
            written.append(phrase)
            lines.append(line.moved(at))
            at += len(phrase) + 1
        aside += reader.aside
        prose = reader.without(prose)
        if table.fault is not None and any(n.context == "cell" for n in reader.aside):
            problems.append(_unread(text, table))
    return Sheet("\n".join(written), tuple(lines), prose, tuple(aside), tuple(problems))


def in_article(quantities: Sequence[Quantity], sheet: Sheet) -> tuple[list[Quantity], list[NumeralSpan]]:
    """The quantities read from a sheet's lines as cells of the article, and what became of the values' numerals.

    A line may hold other numbers than its value (60岁以上老年人): they are left to the text of the head or label.
    """
    by_number = {line.number: i for i, line in enumerate(sheet.lines)}
    of_line = {i: q for q in quantities if (i := by_number.get(q.start)) is not None}
    places: dict[tuple[int, int, int], int] = {}
    found: list[Quantity] = []
    numerals: list[NumeralSpan] = []
    kept: list[CellLine] = []
    for i, line in enumerate(sheet.lines):
        quantity = of_line.get(i)
        if quantity is None:
            numerals.append(NumeralSpan(*line.numeral, "unresolved", value=line.value, context="cell"))
            continue
        places.setdefault((line.of.table, *line.place), len(found))
        numerals.append(NumeralSpan(*line.numeral, "indicator", None, quantity.rule_id, len(found), line.value))
        found.append(_as_cell(quantity, line))
        kept.append(line)
    for i, (line, quantity) in enumerate(zip(kept, found, strict=True)):
        wholes = [k for row, column in line.wholes if (k := places.get((line.of.table, row, column))) is not None]
        wholes = [k for k in wholes if _adds_up(quantity, found[k])]
        before = places.get((line.of.table, *line.before)) if line.before is not None else None
        if before is not None and (found[before].unit, found[before].per) != (quantity.unit, quantity.per):
            before = None
        assert quantity.cell is not None
        found[i] = quantity._replace(baseline=before, cell=quantity.cell._replace(wholes=tuple(wholes)))
    return found, numerals


def with_subjects(quantities: Sequence[Quantity], lines: Sequence[CellLine]) -> list[Quantity]:
    """The quantities of the lines' values with the subjects that labels and heads give them; the others as they are."""
    subjects = {line.number: line.counted for line in lines}
    return [q._replace(subject=subjects[q.start]) if q.start in subjects else q for q in quantities]


def in_cell(step: Step, sheet: Sheet) -> Step | None:
    """A step of the explanation of a line's value, as one of its cell; None where it is of another number of the
    line."""
    line = next((line for line in sheet.lines if line.number == step.start), None)
    return None if line is None else replace(step, start=line.cell[0])


def _adds_up(part: Quantity, whole: Quantity) -> bool:
    return (
        part.dimension in _ADDED
        and not part.per
        and part.value <= whole.value
        and (part.unit, part.dimension, part.per) == (whole.unit, whole.dimension, whole.per)
    )


def _as_cell(quantity: Quantity, line: CellLine) -> Quantity:
    time = None
    if quantity.time is not None and line.time is not None and line.time[0] <= quantity.time[0] < line.time[1]:
        time = line.time_printed
    value, high = quantity.value, quantity.value_high
    if line.negative:
        value, high = (-value, None) if high is None else (-high, -value)
    rules = tuple(dict.fromkeys([*line.rules, *quantity.rules]))
    quantity = quantity._replace(
        start=line.cell[0],
        end=line.cell[1],
        sentence=line.cell,
        subject=line.subject,
        value=value,
        value_high=high,
        time=time,
        period=quantity.period if time is not None else (None, None),
        baseline=None,
        rules=rules,
        cell=line.of,
    )
    if line.changes:
        # 增长 -1.5% is a rise of less than nothing, 增减 tells by the sign.
        by_sign: Direction = "down" if line.negative else "up"
        direction = by_sign if line.either else quantity.direction or by_sign
        quantity = quantity._replace(direction=direction)
    if line.summed and quantity.metric == "allowance" and not quantity.per:
        quantity = quantity._replace(metric="investment")
        if quantity.status == "standard":
            quantity = quantity._replace(status="achieved")
    if line.rated and quantity.dimension == "percent":
        quantity = quantity._replace(metric="completion_rate")
    if line.done is not None:
        if quantity.status == "target":
            quantity = quantity._replace(status="achieved", rules=(*rules, line.done.id))
    elif line.planned is not None:
        quantity = quantity._replace(status="target", rules=(*rules, line.planned.id))
    return quantity


def _title_span(norm: str, title: str | None) -> Span | None:
    at = norm.find(title) if title else -1
    return (at, at + len(title)) if title and at >= 0 else None


def _unread(text: Text, table: Table) -> Problem:
    source = text.source
    return Problem(
        source_path=source.path,
        doc_id=source.doc_id,
        stage="extract",
        severity="warning",
        code="table_unread",
        message=(
            f"a table could not be read: {table.fault}; its numbers are unresolved: "
            "look at the page, or enter them by hand"
        ),
        start=table.start,
        end=table.end,
    )


@dataclass(eq=False)
class _Reader:
    """One table: its values, what is set aside, and what of it is left to be read as text."""

    layout: Layout
    number: int
    """Of the table among those of the article, from 1."""
    title: Span | None
    aside: list[NumeralSpan] = field(default_factory=list)
    taken: set[Cell] = field(default_factory=set)

    def values(self) -> Iterator[tuple[str, CellLine]]:
        """The lines of the values, with the text of each; what holds a number and is no value is set aside."""
        row_parents = {group: row_wholes(self.layout, group) for group in self.layout.label_groups}
        column_parents = column_wholes(self.layout)
        for cell in self.layout.table.cells:
            if self.layout.kinds[cell] not in ("number", "year"):
                continue
            if self.layout.table.fault is not None:
                if not (self._is_label(cell) and self.layout.kinds[cell] == "year"):
                    self._take(cell, NumeralSpan(*self._digits(cell), "unresolved", context="cell"))
                continue
            if (role := self._role(cell)) is not None:
                self._take(cell, NumeralSpan(*self._digits(cell), "set_aside", role.reason, role.rule_id))
                continue
            if cell.column in self.layout.table.labels:
                continue
            row_whole = row_parents.get(self.layout.group_of(cell.column), {}).get(cell.row)
            for start, end in figures_in(self.layout.norm, cell.start, cell.end):
                own = cell._replace(start=start, end=end)
                of = column_parents.get(cell.column, ())
                found = line_of(self.layout, own, self.number, self.title, row_whole, of)
                if found is None:
                    self._take(cell, NumeralSpan(*self._digits(own), "unresolved", context="cell"))
                    continue
                self._take(cell, found.note)
                yield found.text, found.line

    def _is_label(self, cell: Cell) -> bool:
        """Whether a cell stands in front of the values, or above or below them."""
        table = self.layout.table
        return cell.column in table.labels or cell.row not in table.body or cell.row in table.repeats

    def _role(self, cell: Cell) -> _Role | None:
        """Why the number of a cell is no value: a year, what numbers the rows, a code."""
        table = self.layout.table
        if self.layout.kinds[cell] == "year" and (self._is_label(cell) or cell.column not in table.values):
            return _Role("date", "table.year")
        outside = cell.row not in table.body or cell.row in table.repeats
        if (self._is_label(cell) and outside) or cell.column in table.counters or self._column_says(cell, "counter"):
            return _Role("list_marker", "table.counter")
        code = self._column_says(cell, "code")
        return _Role(code.reason or "code", code.id) if code is not None else None

    def _take(self, cell: Cell, numeral: NumeralSpan | None) -> None:
        """Take a cell out of the text, with what becomes of its numeral."""
        self.taken.add(cell)
        if numeral is not None:
            self.aside.append(numeral)

    def _digits(self, cell: Cell) -> Span:
        # The whole cell is taken: no numeral of it, in Chinese either, may lie outside.
        found = list(NUMERAL.finditer(self.layout.norm, cell.start, cell.end))
        return (found[0].start(), found[-1].end()) if found else (cell.start, cell.end)

    def _column_says(self, cell: Cell, role: HeadRole) -> TableRule | None:
        chain = self.layout.heads[cell.column]
        words = chain[-1][1].words if chain else ""
        return self.layout.says(role, words) if words else None

    def without(self, prose: str) -> str:
        """The article's text with what is read here, and all that stands between cells, as line feeds."""
        table = self.layout.table
        blank = ["\n"] * (table.end - table.start)
        for cell in table.cells:
            if cell not in self.taken:
                blank[cell.start - table.start : cell.end - table.start] = prose[cell.start : cell.end]
        for start, end in table.between:
            blank[start - table.start : end - table.start] = prose[start:end]
        prose = prose[: table.start] + "".join(blank) + prose[table.end :]
        for start, end in self._printed_units():
            prose = prose[:start] + "\n" * (end - start) + prose[end:]
        return prose

    def _printed_units(self) -> Iterator[Span]:
        """Where kept cells and captions print units, which are no numbers: 亿元 in a head is none."""
        layout, table = self.layout, self.layout.table
        for span in table.caption:
            yield from self._places_of(span, layout.units)
        for cell, said in layout.said.items():
            if said.unit is not None and cell not in self.taken:
                yield from self._places_of((cell.start, cell.end), [said.unit])
        for column in layout.unit_columns:
            yield from {(c.start, c.end) for r in table.body if (c := layout.places[r][column]) is not None}

    def _places_of(self, span: Span, units: Sequence[StatedUnit]) -> Iterator[Span]:
        for unit in units:
            at = self.layout.norm.rfind(unit.text, *span)
            if at >= 0:
                yield at, at + len(unit.text)


class _Role(NamedTuple):
    """Why a cell's number is set aside."""

    reason: str
    rule_id: str
