"""Tables of a web page: those of data are read by their cells, those that lay out the page are left to its text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from casextract.load.html_tree import child_elements, elements
from casextract.load.stacked_cells import Stack, unstacked
from casextract.load.table_cells import kind_of, lays_out
from casextract.load.tables import Entry

MOST_SPANNED = 200
"""Rows or columns that one cell may take; pages that say more mean all there are."""

_INNER = "table, article, section, h1, h2, h3, h4, h5, h6, ul, ol, form, nav, iframe"


class Row(NamedTuple):
    """A row of a table and where its `<tr>` stands below the `<table>`."""

    path: str
    entries: list[Entry]


def data_rows(table: Any, lines_of: Callable[[Any], list[str]]) -> list[Row] | None:
    """The rows of a `<table>`; None where it lays out the page. `lines_of` gives the lines of a cell."""
    if table.get_attribute("role") in ("presentation", "none"):
        return None
    if table.query_selector("table") is not None:
        # Asked first: of many tables inside of each other the outermost would read all the rows.
        return None
    rows = list(elements(table, "tr"))
    cells = [[c for c in child_elements(r) if c.tag in ("td", "th")] for r in rows]
    if sum(len(row) > 1 for row in cells) < 2 or any(
        c.query_selector(_INNER) is not None for row in cells for c in row
    ):
        return None
    found = [
        Row(path, entries)
        for path, row in zip(_paths(rows), cells, strict=True)
        for entries in unstacked([[_stack(c, lines_of) for c in row]])
    ]
    texts = [[e.text for e in row.entries] for row in found]
    if lays_out(texts):
        return None
    said = bool(table.query_selector_all("th, caption, thead"))
    numbers = sum(kind_of(t) == "number" for row in texts for t in row)
    return found if said or numbers else None


def _paths(rows: Sequence[Any]) -> list[str]:
    """Where each row stands below its table; as elsewhere, a number only where there are several of the same name."""
    groups = [row.parent for row in rows]
    alike = Counter(id_ for id_ in _numbers(groups))
    seen: Counter[int] = Counter()
    paths = []
    for group, own in zip(groups, _numbers(groups), strict=True):
        seen[own] += 1
        step = f"tr[{seen[own]}]" if alike[own] > 1 else "tr"
        paths.append(step if group.tag == "table" else f"{group.tag}/{step}")
    return paths


def _numbers(groups: Sequence[Any]) -> list[int]:
    """A number for each group of rows: the same for rows of one element."""
    known: list[Any] = []
    numbers = []
    for group in groups:
        if not known or known[-1] != group:
            known.append(group)
        numbers.append(len(known) - 1)
    return numbers


def _stack(cell: Any, lines_of: Callable[[Any], list[str]]) -> Stack:
    plain = cell.text or ""
    shown = plain.lstrip("\r\n\t ")
    indent = len(shown) - len(shown.lstrip("\xa0\u3000\u2002\u2003 "))
    return Stack(tuple(lines_of(cell)), _span(cell, "rowspan"), _span(cell, "colspan"), indent)


def _span(cell: Any, name: str) -> int:
    value = (cell.get_attribute(name) or "1").strip()
    return min(int(value), MOST_SPANNED) if value.isascii() and value.isdigit() and int(value) > 0 else 1
