"""A value of a table as a line of plain words, and what the words do not say of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from casextract.extract.model import CellOf, NumeralSpan
from casextract.extract.tables.heads import MULTIPLIER, reading_of, unit_of
from casextract.extract.tables.layout import Chain, Layout, plain
from casextract.extract.tables.sums import value_before
from casextract.extract.tables.units import unit_for
from casextract.extract.tables.wording import caption_noun, time_of, wording_of
from casextract.load.tables import Cell, Span
from casextract.rulebook.models import TableRule
from casextract.rulebook.patterns import on_demand

_VALUE = on_demand(
    r"(?P<sign>[-−–—+＋↑↓▲▼△]\s?)?(?P<bound>[≥≤><约近])?\s?(?P<money>[¥$])?\s?(?P<number>\d[\d,， ]*(?:\.\d+)?)"
    r"(?:\s?[-~至到—–]\s?(?P<second>\d[\d,，]*(?:\.\d+)?))?(?P<rest>.*)"
)
_NOTE_MARK = on_demand(r"\s*[*＊①-⑳a-z]{1,2}|\s*[\[(【〔]\s?(?:注?\d{1,2}|[a-z*])\s?[\])】〕]")
_BOUND_WORDS = {"≥": "不低于", "≤": "不超过", ">": "超过", "<": "低于", "约": "约", "近": "近"}
_MINUS = frozenset("-−–—↓▼")
_SIGNS = frozenset("-−–—+＋")
DIGITS = on_demand(r"\d[\d,，.]*")


class CellLine(NamedTuple):
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
    done: TableRule | None
    """The rule by which its head says that it was reached."""
    rated: bool
    """Whether its head names the share of an aim that was reached, whatever its row counts."""
    summed: bool
    """Whether it is an amount that others add up to or that is added up itself: no standard for one recipient is."""
    rules: tuple[str, ...]
    of: CellOf
    place: tuple[int, int]
    """Row and column."""
    before: tuple[int, int] | None
    """The cell beside it that holds the value of the year before, if a head says so."""
    wholes: tuple[tuple[int, int], ...]

    def moved(self, by: int) -> CellLine:
        """The line as it stands `by` characters further on."""
        time = (self.time[0] + by, self.time[1] + by) if self.time is not None else None
        return self._replace(start=self.start + by, end=self.end + by, number=self.number + by, time=time)


class Written(NamedTuple):
    """A value as a line that starts at 0, the text of that line, and the number of a note printed behind the value."""

    text: str
    line: CellLine
    note: NumeralSpan | None


class _Unit(NamedTuple):
    """What stands behind the number in the line, and in front of it: a sign of money."""

    text: str
    front: str
    rules: list[str]
    end: int
    """Where the value ends in its cell."""


def line_of(
    layout: Layout,
    cell: Cell,
    table: int,
    title: Span | None,
    row_whole: int | None,
    column_wholes: tuple[int, ...],
) -> Written | None:
    """The value of a cell in words; None where no unit is known for it.

    `table` counts the article's tables from 1, `title` is where the article's title stands. `row_whole` and
    `column_wholes` are the row and the columns that those of the cell are part of.
    """
    m = _VALUE.fullmatch(layout.norm, cell.start, cell.end)
    if m is None:
        return None
    heads, labels = layout.heads[cell.column], layout.labels(cell.row, cell.column)
    note = _NOTE_MARK.fullmatch(m["rest"]) if m["rest"].strip() else None
    number = _plain_number(m["number"]) + (f"~{_plain_number(m['second'])}" if m["second"] else "")
    unit = _unit(layout, cell, heads, labels, row_whole, m, number, "" if note is not None else m["rest"].strip())
    if unit is None:
        return None
    time, time_printed = time_of(layout, heads, labels, title)
    wording = wording_of(layout, heads, labels, "元" in unit.text)
    front = (f"{time}," if time else "") + wording.front + _BOUND_WORDS.get(m["bound"] or "", "")
    front += m["money"] or unit.front
    phrase = front + number + unit.text
    named = [plain(said.words) for _, said in reversed([*labels, *heads])] + [caption_noun(layout)]
    line = CellLine(
        start=0,
        end=len(phrase),
        number=len(front),
        time=(0, len(time)) if time else None,
        time_printed=time_printed,
        subject=wording.subject,
        counted=wording.counted,
        cell=(_start(m), unit.end),
        numeral=(m.start("number"), m.end("second") if m["second"] else m.end("number")),
        value=None if m["second"] else float(_plain_number(m["number"])),
        negative=(m["sign"] or " ")[0] in _MINUS,
        changes="table.change" in wording.rules,
        either="table.change.either" in wording.rules,
        planned=next((r for w in named if w and (r := layout.says("planned", w))), None),
        done=next((r for _, said in heads if (r := layout.says("done", plain(said.words)))), None),
        rated=any(
            layout.says("done", w) is not None and (r := layout.says("unit", w)) is not None and r.unit == "%"
            for _, said in heads[-1:]
            if (w := plain(said.words))
        ),
        summed=row_whole is not None or "table.total" in wording.rules or MULTIPLIER.match(unit.text) is not None,
        rules=(*unit.rules, *wording.rules),
        of=CellOf(table, _joined(labels), _joined(heads), _sentence(layout, cell), ()),
        place=(cell.row, cell.column),
        before=value_before(layout, cell),
        wholes=(
            *([(row_whole, cell.column)] if row_whole is not None else []),
            *((cell.row, column) for column in column_wholes),
        ),
    )
    return Written(phrase, line, _note(m) if note is not None else None)


def _unit(
    layout: Layout,
    cell: Cell,
    heads: Chain,
    labels: Chain,
    whole: int | None,
    m: Any,
    number: str,
    own: str,
) -> _Unit | None:
    """The unit that the cell prints behind its number (`own`), that of its head, or both (5万 under a head that says
    元)."""
    printed_end = m.start("rest") + len(m["rest"].rstrip())
    if own and reading_of(number + own, "CNY", layout.grammar) is not None:
        return _Unit(own, "", [], printed_end)
    unit, rule = unit_for(layout, cell, heads, labels, whole)
    if unit is None or (own and not unit_of(own + unit.text, layout.grammar)):
        return None
    if own:
        return _Unit(own + unit.text, unit.front, [], printed_end)
    end = m.end("second") if m["second"] else m.end("number")
    while layout.norm[end - 1] in " ,，":
        end -= 1
    return _Unit(unit.text, unit.front, [rule] if rule is not None else [], end)


def _start(m: Any) -> int:
    """Where a value begins: at its sign or, without one, at the sign of its money."""
    if m["sign"] and m["sign"].strip() in _SIGNS:
        return int(m.start("sign"))
    return int(m.start("money") if m["money"] else m.start("number"))


def _note(m: Any) -> NumeralSpan | None:
    """The number of a note behind a value, which measures nothing."""
    digits = DIGITS.search(m["rest"])
    if digits is None:
        return None
    at = m.start("rest")
    return NumeralSpan(at + digits.start(), at + digits.end(), "set_aside", "list_marker", "table.counter")


def _sentence(layout: Layout, cell: Cell) -> tuple[Span, ...]:
    """Caption, heads and row as they are printed."""
    rows = [*layout.table.head, cell.row]
    of_rows = [[x for x in layout.table.cells if x.row == r and x.end > x.start] for r in rows]
    return (*layout.table.caption, *((c[0].start, c[-1].end) for c in of_rows if c))


def _plain_number(printed: str) -> str:
    return "".join(c for c in printed if c.isdigit() or c == ".")


def _joined(chain: Chain) -> str | None:
    """The labels or heads of a cell as printed, the outermost first."""
    return " / ".join(" ".join(said.printed.split()) for _, said in chain) or None
