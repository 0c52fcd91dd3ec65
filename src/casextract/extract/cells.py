"""Cells of tables: each value as a phrase of its label, its head and its unit, which is then read as a sentence is.

A cell alone is a bare number. What it is of stands elsewhere: in the row's label, the column's head, a column of units, the caption. Here
these are put together into a line of plain words - 2021年,养老机构床位503.6万张 - so that the rules for sentences decide what it measures
and what kind of statement it makes; the record then points back to the cell, and to the head or caption that named its time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from casextract.extract.explanation import Step
from casextract.extract.grammar import Grammar
from casextract.extract.heads import Said, Unit, read_head, reading_of, rule_that_says, unit_of, units_in
from casextract.extract.model import CellOf, NumeralSpan, Quantity
from casextract.load.table_cells import CellKind, kind_of
from casextract.load.tables import Cell, Span, Table, grid
from casextract.normalise import Text
from casextract.records import Direction, Problem
from casextract.rulebook.models import HeadRole, TableRule
from casextract.rulebook.patterns import on_demand

_VALUE = on_demand(
    r"(?P<sign>[-−–—+＋↑↓▲▼△]\s?)?(?P<bound>[≥≤><约近])?\s?(?P<money>[¥$])?\s?(?P<number>\d[\d,， ]*(?:\.\d+)?)"
    r"(?:\s?[-~至到—–]\s?(?P<second>\d[\d,，]*(?:\.\d+)?))?(?P<rest>.*)"
)
_NOTE_MARK = on_demand(r"\s*[*＊①-⑳a-z]{1,2}|\s*[\[(【〔]\s?(?:注?\d{1,2}|[a-z*])\s?[\])】〕]")
_BOUND_WORDS = {"≥": "不低于", "≤": "不超过", ">": "超过", "<": "低于", "约": "约", "近": "近"}
_MINUS = frozenset("-−–—↓▼")
_DIGITS = on_demand(r"\d[\d,，.]*")
_YEAR = on_demand(r"(?:19|20)\d{2}")
_NAMES_YEAR = on_demand(r"(?:19|20)\d{2}|[今去上本当前明]年|民国")
_HAN = on_demand(r"\p{Han}")
_REST_OF_DATE = on_demand(r"^(?:年度|年|度|底|末)(?![^\s]{0,1}[院校])")
_TABLE_NUMBER = on_demand(r"^(?:[附续]?表\s?[-\d一二三四五六七八九十.—–]{1,6}|\d{1,2}[-–—]\d{1,2})[\s:、.]*")
_TABLE_KIND = on_demand(r"(?:基本)?(?:情况|统计|一览|汇总|明细|对照|对比|构成|分布|数据)*(?:月报|季报|年报)?表?$")
_ASIDE = on_demand(r"\([^()]*\)|\[[^\[\]]*\]")
_MARKS = on_demand(r"[,，;；。:：、“”\"'‘’]+")
_NUMBER_OF = on_demand(r"(?<=[^\s]{2})(?:总数量|总个数|数量|个数|总数|数)$")
_SPOKEN: tuple[HeadRole, ...] = ("total", "part", "change", "either", "before", "current")
_OF_HEADS: tuple[HeadRole, ...] = ("qualifier",)
_ADDS_NOTHING: tuple[HeadRole, ...] = ("plain", "change", "planned", "total")
"""What a head says beside a noun: it is no part of the subject then."""
_SAYS_WHEN: tuple[HeadRole, ...] = ("before", "current")
_NAMES_COUNT = on_demand(r"(?:[数率额量]|人次|占比|比[例重]|百分比|面积|增幅|增速|降幅|增长|[同环]比)$")
_PART_OF_YEAR = on_demand(r"\d{1,2}[-~—至]?(?:\d{1,2})?月|第?[一二三四]季度|[上下]半年")
_PER_ROUND = on_demand(r"每[百千万十]")
_ADDED = frozenset({"count", "money", "area", "length", "duration"})
"""Dimensions whose parts add up to a sum."""


class Line(NamedTuple):
    """A cell as a line of plain words, [start, end) of the sheet's text, and what the words do not say."""

    start: int
    end: int
    number: int
    """Where its number starts."""
    time: Span | None
    """Where the line names its time, and …"""
    time_printed: Span | None
    """… where the article does."""
    subject: str | None
    counted: str | None
    """What decides its metric: the subject, or what a total is the total of."""
    cell: Span
    """The number with its unit as the cell prints it."""
    numeral: Span
    value: float | None
    """The number as printed, before its unit; None of a range."""
    negative: bool
    changes: bool
    """Whether it is a column of change."""
    either: bool
    """Whether its head leaves open which way."""
    planned: TableRule | None
    rules: tuple[str, ...]
    of: CellOf
    place: tuple[int, int]
    """Row and column."""
    before: tuple[int, int] | None
    """The cell beside it that holds the value of the year before, if a head says so."""
    wholes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All tables of an article: a text with a line for each value, and what becomes of the numerals that are none."""

    text: str = ""
    lines: tuple[Line, ...] = ()
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
    lines: list[Line] = []
    aside: list[NumeralSpan] = []
    problems: list[Problem] = []
    prose = text.norm
    at = 0
    for number, table in enumerate(text.source.tables, 1):
        reader = _Reader(text, _in_norm(table, text), number, named, grammar)
        for phrase, line in reader.values():
            written.append(phrase)
            lines.append(_moved(line, at))
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
    kept: list[Line] = []
    for i, line in enumerate(sheet.lines):
        quantity = of_line.get(i)
        if quantity is None:
            numerals.append(NumeralSpan(*line.numeral, "unresolved", value=line.value, context="cell"))
            continue
        places[line.of.table, *line.place] = len(found)
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


def with_subjects(quantities: Sequence[Quantity], lines: Sequence[Line]) -> list[Quantity]:
    """The quantities of the lines' values with the subjects that labels and heads give them; the others as they are."""
    subjects = {line.number: line.counted for line in lines}
    return [q._replace(subject=subjects[q.start]) if q.start in subjects else q for q in quantities]


def in_cell(step: Step, sheet: Sheet) -> Step | None:
    """A step of the explanation of a line's value, as one of its cell; None where it is of another number of the line."""
    line = next((line for line in sheet.lines if line.number == step.start), None)
    return None if line is None else replace(step, start=line.cell[0])


def _adds_up(part: Quantity, whole: Quantity) -> bool:
    return (
        part.dimension in _ADDED
        and not part.per
        and (part.unit, part.dimension, part.per) == (whole.unit, whole.dimension, whole.per)
    )


def _as_cell(quantity: Quantity, line: Line) -> Quantity:
    time = None
    if quantity.time is not None and line.time is not None and line.time[0] <= quantity.time[0] < line.time[1]:
        time = line.time_printed
    value, high = quantity.value, quantity.value_high
    if line.negative:
        value, high = (-value, None) if high is None else (-high, -value)
    rules = tuple(dict.fromkeys([*line.rules, *quantity.rules]))
    quantity = quantity._replace(
        start=line.cell[0], end=line.cell[1], sentence=line.cell, subject=line.subject, value=value, value_high=high, time=time,
        period=quantity.period if time is not None else (None, None), baseline=None, rules=rules, cell=line.of,
    )  # fmt: skip
    if line.changes:
        # 增长 -1.5% is a rise of less than nothing, 增减 tells by the sign.
        by_sign: Direction = "down" if line.negative else "up"
        direction = by_sign if line.either else quantity.direction or by_sign
        quantity = quantity._replace(direction=direction)
    if line.planned is not None:
        quantity = quantity._replace(status="target", rules=(*rules, line.planned.id))
    return quantity


def _moved(line: Line, by: int) -> Line:
    time = (line.time[0] + by, line.time[1] + by) if line.time is not None else None
    return line._replace(start=line.start + by, end=line.end + by, number=line.number + by, time=time)


def _in_norm(table: Table, text: Text) -> Table:
    """The same table in offsets into the normalised text."""
    cells = []
    for cell in table.cells:
        start, end = text.norm_span(cell.start, cell.end)
        cells.append(cell._replace(start=start, end=end))
    start, end = text.norm_span(table.start, table.end)
    return replace(
        table, start=start, end=end, cells=tuple(cells), caption=tuple(text.norm_span(*s) for s in table.caption),
        notes=tuple(text.norm_span(*s) for s in table.notes),
    )  # fmt: skip


def _title_span(norm: str, title: str | None) -> Span | None:
    at = norm.find(title) if title else -1
    return (at, at + len(title)) if title and at >= 0 else None


def _unread(text: Text, table: Table) -> Problem:
    source = text.source
    return Problem(
        source_path=source.path, doc_id=source.doc_id, stage="extract", severity="warning", code="table_unread",
        message=f"a table could not be read: {table.fault}; its numbers are unresolved: look at the page, or enter them by hand",
        start=table.start, end=table.end,
    )  # fmt: skip


class _Source(NamedTuple):
    """A stretch of the article that may name the time of a cell."""

    span: Span
    text: str


@dataclass(eq=False)
class _Reader:
    """One table, its spans in normalised text."""

    text: Text
    table: Table
    number: int
    title: Span | None
    grammar: Grammar
    aside: list[NumeralSpan] = field(default_factory=list)
    hidden: list[Span] = field(default_factory=list)
    """Stretches inside kept cells and captions that hold units, which are no numbers."""

    def __post_init__(self) -> None:
        self.norm = self.text.norm
        self.places = grid(self.table)
        self.kinds: dict[Cell, CellKind] = {c: kind_of(self.norm[c.start : c.end]) for c in self.table.cells}
        self.said: dict[Cell, Said] = {}
        self.units = [u for span in self.table.caption for u in units_in(self._printed(span), self.grammar)]
        for span in self.table.caption:
            self._hide(span, self.units)
        self.unit_columns = frozenset(c for c in range(self.table.columns) if self._holds_units(c))
        self.chains = {c: self._heads(c) for c in range(self.table.columns)}
        self.sections = self._sections()
        self.taken: set[Cell] = set()
        self.row_wholes = {group: self._row_wholes(group) for group in self._groups()}
        self.column_wholes = self._column_wholes()

    def _printed(self, span: Span) -> str:
        return self.norm[span[0] : span[1]]

    def _cell_text(self, cell: Cell) -> str:
        return self.norm[cell.start : cell.end]

    # What the cells are.

    def values(self) -> Iterator[tuple[str, Line]]:
        """The lines of the values, with the text of each; what holds a number and is no value is set aside."""
        fixed = self.table.fault is not None
        for cell in self.table.cells:
            kind = self.kinds[cell]
            in_body = cell.row in self.table.body
            label = cell.column in self.table.labels or not in_body
            if kind == "year" and (label or cell.column not in self.table.values) and not fixed:
                self._set_aside(cell, "year", _Role("date", "table.year"))
            elif kind not in ("number", "year") or (label and kind == "year"):
                continue
            elif fixed:
                self.taken.add(cell)
                self.aside.append(NumeralSpan(*self._digits(cell), "unresolved", context="cell"))
            elif (
                (label and (cell.row in self.table.head or not in_body))
                or cell.column in self.table.counters
                or self._column_says(cell.column, "counter")
            ):
                self._set_aside(cell, "counter", _Role("list_marker", "table.counter"))
            elif (code := self._column_says(cell.column, "code")) is not None:
                self._set_aside(cell, "code", _Role(code.reason or "code", code.id))
            elif cell.column in self.table.labels:
                continue
            else:
                self.taken.add(cell)
                found = self._line(cell)
                if found is None:
                    self.aside.append(NumeralSpan(*self._digits(cell), "unresolved", context="cell"))
                else:
                    yield found

    def _set_aside(self, cell: Cell, kind: str, role: _Role) -> None:
        self.taken.add(cell)
        self.aside.append(NumeralSpan(*self._digits(cell), "set_aside", role.reason, role.rule_id))

    def _digits(self, cell: Cell) -> Span:
        found = list(_DIGITS.finditer(self.norm, cell.start, cell.end))
        return (found[0].start(), found[-1].end()) if found else (cell.start, cell.end)

    def _column_says(self, column: int, role: HeadRole) -> TableRule | None:
        chain = self.chains[column]
        words = chain[-1][1].words if chain else ""
        return rule_that_says(role, words, self.grammar) if words else None

    def without(self, prose: str) -> str:
        """The article's text with what is read here, and all that stands between cells, as line feeds."""
        blank = ["\n"] * (self.table.end - self.table.start)
        for cell in self.table.cells:
            if cell not in self.taken:
                blank[cell.start - self.table.start : cell.end - self.table.start] = prose[cell.start : cell.end]
        for cell, said in self.said.items():
            if said.unit is not None and cell not in self.taken:
                self._hide((cell.start, cell.end), [said.unit])
        for column in self.unit_columns:
            units = {c for r in self.table.body if (c := self.places[r][column]) is not None}
            self.hidden += [(c.start, c.end) for c in units]
        prose = prose[: self.table.start] + "".join(blank) + prose[self.table.end :]
        for start, end in self.hidden:
            prose = prose[:start] + "\n" * (end - start) + prose[end:]
        return prose

    def _hide(self, span: Span, units: Sequence[Unit]) -> None:
        """Keep the words of units from being read as numbers: 亿元 in a head is none."""
        for unit in units:
            at = self.norm.rfind(unit.text, *span)
            if at >= 0:
                self.hidden.append((at, at + len(unit.text)))

    # Heads, labels, units.

    def _read(self, cell: Cell, below: bool = False) -> Said:
        known = self.said.get(cell)
        if known is None:
            known = self.said[cell] = read_head(self._cell_text(cell), self.grammar, below)
        return known

    def _heads(self, column: int) -> list[tuple[Cell, Said]]:
        """The heads over a column from the outermost in."""
        chain: list[tuple[Cell, Said]] = []
        for row in self.table.head:
            cell = self.places[row][column]
            if (cell is None or self.kinds[cell] == "empty") and row + 1 < self.table.head.stop:
                cell = self._head_on_the_left(row, column)
            if cell is None or self.kinds[cell] in ("empty", "number", "gap") or any(cell is c for c, _ in chain):
                continue
            chain.append((cell, self._read(cell, bool(chain))))
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
        units = sum(unit_of(self._cell_text(c), self.grammar) is not None for c in body)
        head = "".join(
            self._cell_text(c) for r in self.table.head if (c := self.places[r][column]) is not None and c.row == r
        )
        named = rule_that_says("unit_column", "".join(head.split()), self.grammar) is not None
        return units * 2 > len(body) and (named or (units == len(body) and column > 0))

    def _groups(self) -> list[tuple[int, ...]]:
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

    def _group_of(self, column: int) -> tuple[int, ...]:
        return next((g for g in reversed(self._groups()) if g[0] < column), ())

    def _labels(self, row: int, column: int) -> list[tuple[Cell, Said]]:
        """The labels of a value from the outermost in, the heading of its section first."""
        chain: list[tuple[Cell, Said]] = []
        group = self._group_of(column)
        if (section := self.sections.get(row)) is not None:
            chain.append((section, self._read(section)))
        for label_column in group:
            cell = self.places[row][label_column]
            above = row
            while (
                (cell is None or self.kinds[cell] == "empty")
                and label_column != group[-1]
                and above > self.table.body.start
            ):
                # A label that is printed once holds for the rows below it.
                above -= 1
                cell = self.places[above][label_column]
            if cell is not None and self.kinds[cell] not in ("empty", "gap") and all(cell is not c for c, _ in chain):
                chain.append((cell, self._read(cell)))
        if not group and not self.table.head:
            left = [c for k in range(column) if (c := self.places[row][k]) is not None and self.kinds[c] == "text"]
            chain += [(left[-1], self._read(left[-1]))] if left else []
        return chain

    def _sections(self) -> dict[int, Cell]:
        """The heading of the section that each row stands in: a row of the body that has a label and no value."""
        found: dict[int, Cell] = {}
        current: Cell | None = None
        for row in self.table.body:
            filled = {c for c in self.places[row] if c is not None and self.kinds[c] not in ("empty", "gap")}
            only = next(iter(filled)) if len(filled) == 1 else None
            if only is not None and self.kinds[only] == "text" and only.row == row and only.row_span == 1:
                current = only
            elif current is not None:
                found[row] = current
        return found

    def _unit(
        self, cell: Cell, heads: Sequence[tuple[Cell, Said]], labels: Sequence[tuple[Cell, Said]]
    ) -> tuple[Unit | None, str | None]:
        """The unit of a value for which its cell prints none, and the rule that knew it where none is printed at all."""
        multiplier: Unit | None = None
        columns = sorted((c for c in self.unit_columns), key=lambda c: (c > cell.column, abs(c - cell.column)))
        printed = [
            unit_of(self._cell_text(c), self.grammar)
            for k in columns[:1]
            if (c := self.places[cell.row][k]) is not None
        ]
        stated = [
            *(said.unit for _, said in reversed(heads)),
            *printed,
            *(said.unit for _, said in reversed(labels)),
        ]
        of_head = self._implied(heads)
        if of_head is not None and of_head.unit == "%" and all(said.unit is None for _, said in heads[-1:]):
            # A column of change or of shares is one whatever its rows are counted in.
            return unit_of("%", self.grammar), of_head.id
        base = printed[0] if printed and all(said.unit is None for _, said in heads) else None
        if of_head is not None and of_head.unit == "元" and base is not None and base.dimension == "count":
            # A price under 标准, in a row whose unit is 具: so much for each.
            return unit_of(f"元/{base.text.removeprefix('每')}", self.grammar), "table.unit_column"
        for unit in stated:
            if unit is not None and not unit.multiplies:
                return unit, "table.unit_column" if unit in printed else None
            multiplier = multiplier or unit
        whole = self.row_wholes.get(self._group_of(cell.column), {}).get(cell.row)
        if whole is not None and multiplier is None and not self.units and self._implied(heads) is None:
            # A part is counted as the whole is.
            of_whole = [said.unit for _, said in self._labels(whole, cell.column) if said.unit is not None]
            if of_whole and self._implied(labels[-1:]) is None:
                return of_whole[-1], None
        implied = self._implied(heads) or self._implied(labels)
        known = unit_of(implied.unit, self.grammar) if implied is not None and implied.unit else None
        named = [u for u in self.units if not u.multiplies]
        multiplier = multiplier or next((u for u in self.units if u.multiplies), None)
        if known is None:
            return (named[0], None) if len({u.text for u in named}) == 1 else (None, None)
        assert implied is not None
        one = len({u.text for u in named}) == 1
        if one and named[0].dimension != known.dimension and not self._names_count(heads, labels):
            # 单位:万元 over rows of places or people: they are what the money is for.
            return named[0], None
        alike = [u for u in named if u.canonical == known.canonical]
        alike = alike or (
            [u for u in named if u.dimension == known.dimension] if len(named) == 1 or known.canonical == "个" else []
        )
        if alike and _PER_ROUND.search("".join(said.words for _, said in labels)) is None:
            return alike[0], None
        if alike:
            # 每千人口床位数 in a table of 万张 is no multiple.
            return known, implied.id
        if multiplier is not None and known.dimension in ("count", "money"):
            return known._replace(text=multiplier.text + known.text), implied.id
        return known, implied.id

    def _names_count(self, heads: Sequence[tuple[Cell, Said]], labels: Sequence[tuple[Cell, Said]]) -> bool:
        """Whether a head or a label says outright what its numbers are: 户数, 增长率."""
        return any(_NAMES_COUNT.search(_plain(said.words)) is not None for _, said in (*heads, *labels))

    def _implied(self, chain: Sequence[tuple[Cell, Said]]) -> TableRule | None:
        for _, said in reversed(chain):
            if said.words and (rule := rule_that_says("unit", _plain(said.words), self.grammar)) is not None:
                return rule
        return None

    # A value in words.

    def _line(self, cell: Cell) -> tuple[str, Line] | None:
        m = _VALUE.fullmatch(self.norm, cell.start, cell.end)
        if m is None:
            return None
        heads, labels = self.chains[cell.column], self._labels(cell.row, cell.column)
        rest = m["rest"]
        mark = _NOTE_MARK.fullmatch(rest) if rest.strip() else None
        own = "" if mark is not None else rest.strip()
        number = _plain_number(m["number"]) + (f"~{_plain_number(m['second'])}" if m["second"] else "")
        rules: list[str] = []
        unit: Unit | None = None
        if own and reading_of(number + own, "CNY", self.grammar) is None:
            unit, rule = self._unit(cell, heads, labels)
            if unit is None or not unit_of(own + unit.text, self.grammar):
                return None
            # 5万 under a head that says 元.
            own += unit.text
            end = m.start("rest") + len(rest.rstrip())
        elif own:
            end = m.start("rest") + len(rest.rstrip())
        else:
            unit, rule = self._unit(cell, heads, labels)
            if unit is None:
                return None
            own = unit.text
            rules += [rule] if rule is not None else []
            end = m.end("second") if m["second"] else m.end("number")
            while self.norm[end - 1] in " ,，":
                end -= 1
        time, source = self._time(heads, labels)
        before_text = f"{time}," if time else ""
        words, subject, counted, said = self._words(heads, labels, "元" in own)
        rules += said
        bound = _BOUND_WORDS.get(m["bound"] or "", "")
        sign = {"¥": "¥", "$": "$"}.get(m["money"] or "", "")
        sign = sign or (unit.front if unit is not None else "")
        front = before_text + words + bound + sign
        phrase = front + number + own
        start = m.start("sign") if m["sign"] and m["sign"].strip() in "-−–—+＋" else m.start("number")
        start = m.start("money") if m["money"] and start == m.start("number") else start
        if mark is not None and (digits := _DIGITS.search(rest)) is not None:
            at = m.start("rest")
            self.aside.append(
                NumeralSpan(at + digits.start(), at + digits.end(), "set_aside", "list_marker", "table.counter")
            )
        named = [_plain(s.words) for _, s in reversed([*labels, *heads])] + [self._caption_noun()]
        planned = next((r for w in named if w and (r := rule_that_says("planned", w, self.grammar))), None)
        negative = (m["sign"] or " ")[0] in _MINUS
        numeral = m.start("number"), m.end("second") if m["second"] else m.end("number")
        of = CellOf(self.number, _joined(labels), _joined(heads), self._sentence(cell), ())
        wholes = [(row, cell.column) for row in self._row_parents(cell)]
        wholes += [(cell.row, column) for column in self.column_wholes.get(cell.column, ())]
        return phrase, Line(
            0, len(phrase), len(front), (0, len(time)) if time else None, source, subject, counted, (start, end), numeral,
            None if m["second"] else float(_plain_number(m["number"])),
            negative, "table.change" in said, "table.change.either" in said, planned, tuple(rules), of, (cell.row, cell.column), self._before(cell), tuple(wholes),
        )  # fmt: skip

    def _words(
        self, heads: Sequence[tuple[Cell, Said]], labels: Sequence[tuple[Cell, Said]], money: bool
    ) -> tuple[str, str | None, str | None, list[str]]:
        """The words in front of a value, its subject, what its metric goes by, and the rules of heads that have spoken."""
        label_words = [w for _, said in labels if (w := _plain(self._timeless(said.words)))]
        head_words = [w for _, said in heads if (w := _plain(self._timeless(said.words)))]
        rules = [
            rule.id
            for _, said in (*labels, *heads)
            for role in _SPOKEN
            if (rule := rule_that_says(role, _plain(said.words), self.grammar)) is not None
        ]
        rules += [r.id for w in head_words for role in _OF_HEADS if (r := rule_that_says(role, w, self.grammar))]
        label = _without_part(label_words[-1], self.grammar) if label_words else ""
        total = bool(label) and rule_that_says("total", label, self.grammar) is not None
        outer = [_without_part(w, self.grammar) for w in label_words[:-1]]
        if label and rule_that_says("plain", label, self.grammar) is not None and outer:
            label = outer[-1] + label
        elif not label and outer:
            label = outer[-1]
        if not _HAN.search(label) and any(_HAN.search(w) for w in outer):
            # A column of labels in another language says the same again.
            label, outer = next(w for w in reversed(outer) if _HAN.search(w)), []
        nouns: list[str] = []
        for words in head_words:
            bare = _without_part(words, self.grammar)
            said_of = {r for r in _ADDS_NOTHING if rule_that_says(r, bare, self.grammar) is not None}
            if "plain" in said_of:
                rules.append("table.plain")
            elif not said_of or (said_of == {"total"} and not label):
                noun = _NUMBER_OF.sub("", bare)
                if not (nouns and nouns[-1].endswith(noun)):
                    # 养老机构 over 机构 says the same again.
                    nouns.append(noun)
        head = "".join(nouns)
        noun = _NUMBER_OF.sub("", label)
        first = bool(head) and rule_that_says("qualifier", head, self.grammar) is not None
        subject = noun if not head or noun.endswith(head) else head + noun if first else noun + head
        spoken = "".join(head_words)
        words = spoken + label if first else ("" if total else label) + spoken
        caption = self._caption_noun()
        if not self._counts(head):
            # What is counted may be said in the label, or once, above the table.
            counted = noun if self._counts(label) and not total else caption or subject
        else:
            counted = head if total else subject
        kind = self._implied(heads) or self._implied(labels)
        if money and not (kind is not None and kind.unit == "元"):
            words, counted = caption + words, subject
        elif not self._counts(label) and not self._counts(head):
            words = caption + words
        return _MARKS.sub("", words), subject or None, counted or None, list(dict.fromkeys(rules))

    def _caption_noun(self) -> str:
        """What the table is of by its name: 社会组织登记 of 表8 2024年社会组织登记情况."""
        for span in reversed(self.table.caption):
            text = self._printed(span)
            if units_in(text, self.grammar) and ":" in text and len(text) < 16:
                continue
            words = _plain(self._timeless(_TABLE_NUMBER.sub("", text.strip())))
            return _TABLE_KIND.sub("", _ASIDE.sub("", words))
        return ""

    def _counts(self, words: str) -> bool:
        return bool(words) and rule_that_says("unit", words, self.grammar) is not None

    def _timeless(self, words: str) -> str:
        """Words without the dates they name, which the line says first."""
        for start, end in reversed([s for s, _ in _times(words, self.grammar)]):
            words = words[:start] + words[end:]
        return "" if _YEAR.fullmatch(words) else _REST_OF_DATE.sub("", words)

    def _time(self, heads: Sequence[tuple[Cell, Said]], labels: Sequence[tuple[Cell, Said]]) -> tuple[str, Span | None]:
        """The time of a value in words, and where it is printed: by its head, its label, the caption or the title."""
        cells = [*(c for c, _ in reversed(heads)), *(c for c, _ in reversed(labels))]
        spans = [(c.start, c.end) for c in cells]
        if not any(rule_that_says("before", _plain(said.words), self.grammar) for _, said in heads):
            # What caption and title name is not the time of 上期.
            spans += [*reversed(self.table.caption), *([self.title] if self.title else [])]
        found: tuple[str, Span] | None = None
        for start, end in spans:
            text = self.norm[start:end]
            times = _times(text, self.grammar)
            if len(times) > 1 and _PART_OF_YEAR.match(times[-1][1]) is not None:
                # 2022年…统计月报(3月份): the month is the time, of that year.
                times.reverse()
            for (low, high), time in times:
                if found is None:
                    found = time, (start + low, start + high)
                elif (year := _YEAR.search(time)) is not None:
                    return f"{year[0]}年{found[0]}", found[1]
                if _NAMES_YEAR.search(found[0]):
                    return found
        return found if found is not None else ("", None)

    def _sentence(self, cell: Cell) -> tuple[Span, ...]:
        """Caption, heads and row as they are printed."""
        rows = [*self.table.head, cell.row]
        spans = [
            (c[0].start, c[-1].end)
            for r in rows
            if (c := [x for x in self.table.cells if x.row == r and x.end > x.start])
        ]
        return (*self.table.caption, *spans)

    # Sums and comparisons.

    def _row_parents(self, cell: Cell) -> tuple[int, ...]:
        parent = self.row_wholes.get(self._group_of(cell.column), {}).get(cell.row)
        return () if parent is None else (parent,)

    def _row_wholes(self, group: tuple[int, ...]) -> dict[int, int]:
        """Row to the row that it is part of, by what its label says: 合计 sums up, 其中 takes apart, and so does an indent."""
        parents: dict[int, int] = {}
        if not group:
            return parents
        rows: list[tuple[int, str, int]] = []
        for row in self.table.body:
            cell = self.places[row][group[-1]]
            filled = any(
                c is not None and self.kinds[c] in ("number", "year") and c.column not in self.table.labels
                for c in self.places[row]
            )
            if cell is not None and self.kinds[cell] != "empty" and filled:
                words = _plain(self._read(cell).words)
                rows.append((row, words, cell.indent))
        indents = {indent for _, _, indent in rows}
        top: int | None = None
        open_rows: list[int] = []
        for i, (row, words, indent) in enumerate(rows):
            if rule_that_says("total", words, self.grammar) is not None:
                if open_rows:
                    parents |= dict.fromkeys(open_rows, row)
                    open_rows = []
                else:
                    top = row
                    continue
                if "小计" in words:
                    open_rows.append(row)
                continue
            above = next((r for r, w, n in reversed(rows[:i]) if n < indent), None) if len(indents) > 1 else None
            if rule_that_says("part", words, self.grammar) is not None:
                before = [r for r, w, n in rows[:i] if rule_that_says("part", w, self.grammar) is None]
                above = above if above is not None else before[-1] if before else None
            elif above is not None and i and rows[i - 1][0] in parents and indent >= rows[i - 1][2] > min(indents):
                above = parents[rows[i - 1][0]] if indent == rows[i - 1][2] else above
            if above is not None:
                parents[row] = above
            elif top is not None:
                parents[row] = top
            else:
                open_rows.append(row)
        return parents

    def _column_wholes(self) -> dict[int, tuple[int, ...]]:
        """Column to those that it is part of: under one head, a total sums up the others, 其中 takes the one before apart."""
        wholes: dict[int, tuple[int, ...]] = {}
        columns = [c for c in self.table.values if self.chains[c]]
        for column in columns:
            chain = self.chains[column]
            words = _plain(chain[-1][1].words)
            if rule_that_says("part", words, self.grammar) is not None:
                before = [
                    c
                    for c in columns
                    if c < column and rule_that_says("part", _plain(self.chains[c][-1][1].words), self.grammar) is None
                ]
                wholes[column] = (before[-1],) if before else ()
                continue
            totals = [
                c for c in columns
                if c != column and [x for x, _ in self.chains[c][:-1]] == [x for x, _ in chain[:-1]]
                and rule_that_says("total", _plain(self.chains[c][-1][1].words), self.grammar) is not None
            ]  # fmt: skip
            if totals and rule_that_says("total", words, self.grammar) is None:
                wholes[column] = (totals[0],)
        return wholes

    def _before(self, cell: Cell) -> tuple[int, int] | None:
        """The cell of the same row that holds the value of the year before."""
        own = self.chains[cell.column]
        if not own:
            return None
        mine, year = self._kept(own), self._year(own)
        for column in self.table.values:
            other = self.chains[column]
            if column == cell.column or not other or self._group_of(column) != self._group_of(cell.column):
                continue
            if self._kept(other) != mine:
                continue
            its = self._year(other)
            if year is not None and its is not None and its == year - 1:
                return cell.row, column
            said = rule_that_says("before", _plain(other[-1][1].words), self.grammar)
            if (
                said is not None
                and its is None
                and rule_that_says("before", _plain(own[-1][1].words), self.grammar) is None
            ):
                return cell.row, column
        return None

    def _kept(self, chain: Sequence[tuple[Cell, Said]]) -> tuple[str, ...]:
        """What heads say besides the time: it must be the same for a value and the one of the year before."""
        words = [_plain(self._timeless(said.words)) for _, said in chain]
        kept = []
        for said in words:
            for role in _SAYS_WHEN:
                if (pattern := next((p for r, p in self.grammar.heads if r.says == role), None)) is not None:
                    said = pattern.sub("", said)
            kept.append(said)
        return tuple(w for w in kept if w)

    def _year(self, chain: Sequence[tuple[Cell, Said]]) -> int | None:
        found = [m for c, _ in reversed(chain) if (m := _YEAR.search(self._cell_text(c))) is not None]
        return int(found[0][0]) if found else None


class _Role(NamedTuple):
    reason: str
    rule_id: str


def _times(text: str, grammar: Grammar) -> list[tuple[Span, str]]:
    """The dates that a head, a label or a caption names for its values, with what they are in a sentence."""
    if (bare := _YEAR.fullmatch(text.strip())) is not None:
        start = text.index(bare[0])
        return [((start, start + 4), f"{bare[0]}年")]
    found = []
    for m in grammar.times.finditer(text):
        assert m.lastgroup is not None
        if grammar.time_rules[int(m.lastgroup[1:])].governs:
            found.append((m.span(), m[0].strip(" ,")))
    return found


def _plain(words: str) -> str:
    return "".join(words.split())


def _without_part(words: str, grammar: Grammar) -> str:
    """A label without the 其中 that it begins with."""
    for rule, pattern in grammar.heads:
        if rule.says == "part" and (m := pattern.match(words)) is not None:
            return words[m.end() :].lstrip(":：")
    return words


def _plain_number(printed: str) -> str:
    return "".join(c for c in printed if c.isdigit() or c == ".")


def _joined(chain: Sequence[tuple[Cell, Said]]) -> str | None:
    """The labels or heads of a cell as printed, the outermost first."""
    return " / ".join(" ".join(said.printed.split()) for _, said in chain) or None
