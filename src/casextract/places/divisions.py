"""The table of divisions: administrative units of China, current and former, and the forms their names are written in.

The facts are ``rules/divisions.csv`` (see ``rules/divisions.md`` for its columns and sources).

A name is only believed as far as its form proves it. 济南 may stand alone; 合作 is a word, so it counts as 合作市 or
behind 甘南; 城区 counts behind 晋城市 only. Which form proves how much is a column of the table, not a list in here.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from io import StringIO
from typing import Final, NamedTuple

from casextract.places.model import Division, PlacesError

COLUMNS: Final = (
    "code",
    "name",
    "level",
    "parent",
    "alone",
    "short",
    "word",
    "guard",
    "status",
    "successor",
    "ended",
    "kind",
)
RANK: Final = {"province": 0, "city": 1, "county": 2, "area": 3}
STATUSES: Final = ("current", "former", "functional")


class Proof(IntEnum):
    """What a form of a name proves."""

    FULL = 0
    """Counts anywhere."""
    EDGE = 1
    """Needs a word edge before it."""
    ALONE = 2
    """The same: the short form of a province or city."""
    BOTH = 3
    """Needs an edge on both sides: the short form of a county."""
    BEHIND = 4
    """Needs its parent before it."""
    WORD = 5
    """Needs its parent before it and an edge after it."""
    DIRECT = 6
    """The full name is a common noun and needs its immediate parent before it."""


_PROOF: Final = {"": Proof.FULL, "edge": Proof.EDGE, "parent": Proof.DIRECT}


class Divisions:
    """All units of the table and the forms their names are written in. Immutable once made; make one a process."""

    __slots__ = ("_lineages", "_parents", "begins", "by_code", "forms", "lengths", "starts", "units")

    def __init__(self, rows: Iterable[Sequence[str]], source: str = "divisions.csv") -> None:
        """Compile the rows.

        Args:
            rows: the cells of each row in the order of ``COLUMNS``, without the header. A later row with the code,
                name and status of an earlier one replaces it.
            source: what to call the table in an error.

        Raises:
            PlacesError: a row is malformed or names a parent or successor that is not there.
        """
        read = _read_rows(rows, source)
        self.units: tuple[Division, ...] = tuple(row.unit for row in read)
        self.by_code = _by_code(self.units)
        _check_relations(self.units, self.by_code, source)
        self.forms: Mapping[str, tuple[tuple[int, Proof], ...]] = _forms(read)
        self.lengths = _lengths(self.forms, source)
        self.starts = self._starts()
        self.begins = _begins(self.starts)
        self._lineages: dict[int, frozenset[int]] = {}
        self._parents = frozenset(unit.parent for unit in self.units if unit.level == "county")

    @classmethod
    def from_text(cls, text: str, source: str = "divisions.csv") -> Divisions:
        """Compile the table from its text, header line included.

        Raises:
            PlacesError: the text does not hold a usable table.
        """
        reader = csv.reader(StringIO(text))
        try:
            header = next(reader, [])
            if tuple(header) != COLUMNS:
                raise PlacesError(f"{source}:1: the header is {','.join(header)!r}; it must be {','.join(COLUMNS)!r}")
            return cls(reader, source)
        except csv.Error as error:
            raise PlacesError(f"{source}:{reader.line_num}: not a CSV table: {error}") from error

    def _starts(self) -> frozenset[str]:
        """The first two characters of the forms that a chain of names can begin with."""
        return frozenset(
            form[:2]
            for form, entries in self.forms.items()
            if min(proof for _, proof in entries) <= Proof.BOTH
            or any(self.units[index].level == "city" for index, _ in entries)
        )

    def lineage(self, index: int) -> frozenset[int]:
        """The indices of a unit and all above it; for a former unit also of its successor and all above that."""
        known = self._lineages.get(index)
        if known is not None:
            return known
        seen: set[int] = set()
        queue = [index]
        while queue:
            at = queue.pop()
            if at not in seen:
                seen.add(at)
                unit = self.units[at]
                queue.extend(self.by_code[code] for code in (unit.parent, unit.successor) if code)
        lineage = self._lineages[index] = frozenset(seen)
        return lineage

    def codes(self, index: int) -> frozenset[str]:
        """The codes of a unit and all above it."""
        return frozenset(self.units[at].code for at in self.lineage(index))

    def ancestors(self, unit: Division) -> tuple[Division, ...]:
        """The unit and what is above it by today's or, for a former unit, by its own time's hierarchy."""
        chain = [unit]
        while chain[-1].parent and len(chain) < 5:
            chain.append(self.units[self.by_code[chain[-1].parent]])
        return tuple(chain)

    def above(self, unit: Division) -> tuple[str, str]:
        """The codes of the province and the city of a unit, the city ``""`` where there is none."""
        chain = self.ancestors(unit)
        city = next((step.code for step in chain if step.level == "city"), "")
        return next((step.code for step in chain if step.level == "province"), ""), city

    def has_counties(self, indices: tuple[int, ...]) -> bool:
        """Whether one of some units has counties below it in the table."""
        return any(self.units[index].code in self._parents for index in indices)

    def successor(self, unit: Division) -> Division:
        """The unit that a former one became part of."""
        return self.units[self.by_code[unit.successor]]

    def province(self, code: str) -> Division | None:
        """The province, municipality or region with a code."""
        index = self.by_code.get(code)
        return self.units[index] if index is not None and self.units[index].level == "province" else None


class _Row(NamedTuple):
    """A row read: the unit, the forms of its name and what its full name proves."""

    unit: Division
    alone: str
    short: str
    word: str
    proof: Proof


def _read_rows(rows: Iterable[Sequence[str]], source: str) -> list[_Row]:
    read: dict[tuple[str, str, str], _Row] = {}
    for number, cells in enumerate(rows, 2):
        try:
            code, name, level, parent, alone, short, word, guard, status, successor, ended, kind = cells
            unit = Division(code, name, level, parent, status, successor, int(ended or 0), kind)
        except ValueError as error:
            raise PlacesError(f"{source}:{number}: {error}; a row holds {','.join(COLUMNS)}") from error
        if level not in RANK or guard not in _PROOF or status not in STATUSES:
            raise PlacesError(f"{source}:{number}: unknown level {level!r}, guard {guard!r} or status {status!r}")
        read[code, name, status] = _Row(unit, alone, short, word, _PROOF[guard])
    return list(read.values())


def _by_code(units: Iterable[Division]) -> dict[str, int]:
    """The index of the unit a code stands for.

    Parts of Hong Kong, Macao and Taiwan share the code of the whole, which stands first; a code that passed from a
    former unit to a current one belongs to the current one, which stands first too.
    """
    by_code: dict[str, int] = {}
    for index, unit in enumerate(units):
        if unit.code and unit.status != "functional":
            by_code.setdefault(unit.code, index)
    return by_code


def _check_relations(units: Iterable[Division], by_code: Mapping[str, int], source: str) -> None:
    for unit in units:
        for code in (unit.parent, unit.successor):
            if code and code not in by_code:
                raise PlacesError(f"{source}: {unit.name}: no row has the code {code} of its parent or successor")
        if unit.status == "former" and not unit.successor:
            raise PlacesError(f"{source}: {unit.name}: a former unit needs a successor")


def _forms(rows: Sequence[_Row]) -> dict[str, tuple[tuple[int, Proof], ...]]:
    """The forms of all names, with the units each may mean and what it proves of them."""
    forms: dict[str, tuple[tuple[int, Proof], ...]] = {}
    for index, row in enumerate(rows):
        unit = row.unit
        forms[unit.name] = (*forms.get(unit.name, ()), (index, row.proof))
        bare = row.proof if unit.level == "area" else Proof.BOTH if unit.level == "county" else Proof.ALONE
        for joined, given in ((row.alone, bare), (row.short, Proof.BEHIND), (row.word, Proof.WORD)):
            for form in joined.split("|") if joined else ():
                # 景宁县, 恩施州 carry a suffix and are as good as the full name.
                full = len(form) > 2 and form[-1] in "县州旗" and given in (Proof.ALONE, Proof.BOTH)
                forms[form] = (*forms.get(form, ()), (index, Proof.FULL if full else given))
    return forms


def _lengths(forms: Iterable[str], source: str) -> dict[str, list[int]]:
    """The lengths of the forms that begin with two characters, the longest first."""
    lengths: dict[str, set[int]] = {}
    for form in forms:
        if len(form) < 2:
            raise PlacesError(f"{source}: the form {form!r} is a single character; a form has two at least")
        lengths.setdefault(form[:2], set()).add(len(form))
    return {pair: sorted(sizes, reverse=True) for pair, sizes in lengths.items()}


def _begins(starts: Iterable[str]) -> re.Pattern[str]:
    """A pattern that passes over most characters at once; which of the pairs it lets through begin a name is looked
    up."""
    pairs = set(starts)
    first, second = ("".join(sorted({pair[i] for pair in pairs})) for i in (0, 1))
    return re.compile(f"[{re.escape(first)}](?=[{re.escape(second)}])" if pairs else "(?!)")
