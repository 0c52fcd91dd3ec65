"""The values of the fourth stage, in offsets into the normalised text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from casextract.records import Bound, Currency, Dimension, Direction, Disposition, Problem, Status
from casextract.segment import Segmentation

Span = tuple[int, int]
"""Start and end in normalised text."""


class CellOf(NamedTuple):
    """Where a quantity stands that is a cell of a table."""

    table: int
    """Which table of the article, from 1."""
    row: str | None
    """The row's labels, the outermost first."""
    column: str | None
    """The column's heads, the outermost first."""
    printed: tuple[Span, ...]
    """Caption, heads and row."""
    wholes: tuple[int, ...]
    """The quantities that it is part of."""


class Quantity(NamedTuple):
    """An indicator in offsets into `norm`. `case`, `measure` and `baseline` are indices into the tuples they name.

    Made of a reading in its sentence, then given what is decided of it step by step. A tuple, because it is the value
    most often made anew with a field changed: five times as fast as a dataclass.
    """

    start: int
    end: int
    sentence: tuple[int, int]
    value: float
    value_high: float | None
    unit: str
    dimension: Dimension
    currency: Currency | None = None
    bound: Bound = "exact"
    per: tuple[str, ...] = ()
    subject: str | None = None
    metric: str = ""
    status: Status = "achieved"
    time: tuple[int, int] | None = None
    period: tuple[date | None, date | None] = (None, None)
    case: int | None = None
    measure: int | None = None
    direction: Direction | None = None
    baseline: int | None = None
    rule_id: str = ""
    rules: tuple[str, ...] = ()
    cell: CellOf | None = None


class NumeralSpan(NamedTuple):
    """A numeral and what became of it; `quantity` is an index into `Extraction.quantities`."""

    start: int
    end: int
    disposition: Disposition
    reason: str | None = None
    rule_id: str | None = None
    quantity: int | None = None
    value: float | None = None
    """The number that was read; None where it holds several, or one that cannot be read."""
    context: str | None = None
    """Where an unresolved one stands, if that is known: `cell`."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """All numbers of one article, in document order."""

    segmentation: Segmentation
    quantities: tuple[Quantity, ...]
    numerals: tuple[NumeralSpan, ...]
    problems: tuple[Problem, ...] = ()
