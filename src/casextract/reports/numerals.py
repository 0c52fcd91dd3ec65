"""The ledger of numerals: what became of each, and the work list of those nobody could account for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import regex

from casextract.dataset.read import Dataset
from casextract.reports.explain import sentence_around
from casextract.rulebook.models import CLOSE, OPEN

_ARABIC = regex.compile(r"\p{Nd}")
_HAN = regex.compile(r"\p{Han}{1,2}|[A-Za-z℃%‰/]{1,4}")


CELL = "table cell"
"""The form of all numerals that stand in cells of tables which could not be read."""
NOTE = "mark of a note"
"""The form of those in square brackets: [3], ［12］."""
ALONE = "number alone on a line"
"""The form of those that have a line to themselves: page numbers, cells of a table that came as lines."""
BARE = "number without a unit"
"""The form of those behind which a mark stands where a unit would."""
_OPENED, _CLOSED = frozenset("[［〔【"), frozenset("]］〕】")
_MULTIPLIERS = frozenset("万萬亿億")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One numeral in its sentence, marked as a rule's example marks it."""

    source_path: str
    start: int
    end: int
    marked: str


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """Numerals that look alike: N for Arabic digits, 一 for Chinese ones, and what stands behind them."""

    form: str
    places: tuple[Occurrence, ...]


def balance(dataset: Dataset) -> Counter[tuple[str, str | None]]:
    """How many numerals there are of each disposition and reason."""
    return Counter((row["disposition"], row["reason"]) for row in _rows(dataset, "numerals", "disposition", "reason"))


def unresolved_share(dataset: Dataset) -> float:
    """The share of numerals that nobody could account for, from 0 to 1; 0 where there are none."""
    counts = balance(dataset)
    unresolved = sum(count for (disposition, _), count in counts.items() if disposition == "unresolved")
    return unresolved / max(counts.total(), 1)


def forms(dataset: Dataset, disposition: str = "unresolved", reason: str | None = None) -> list[LookAlikes]:
    """The numerals of one disposition (and reason) by form, the most frequent first, ties in order of the form."""
    documents = {row["doc_id"]: row for row in _rows(dataset, "documents", "doc_id", "source_path", "text")}
    places: dict[str, list[Occurrence]] = {}
    for row in _rows(dataset, "numerals", "doc_id", "start", "end", "text", "disposition", "reason", "context"):
        if row["disposition"] == disposition and reason in (None, row["reason"]):
            document = documents[row["doc_id"]]
            text, start, end = document["text"], row["start"], row["end"]
            low, high = sentence_around(text, start, end)
            marked = (text[low:start] + OPEN + text[start:end] + CLOSE + text[end:high]).strip().replace("\n", " ")
            places.setdefault(CELL if row["context"] == "cell" else form_of(text, start, end), []).append(
                Occurrence(document["source_path"], start, end, marked)
            )
    return [LookAlikes(form, tuple(found)) for form, found in sorted(places.items(), key=lambda f: (-len(f[1]), f[0]))]


def form_of(text: str, start: int, end: int) -> str:
    """The form of the numeral [start, end) of `text`: 120座 gives N座, 3.5万 without a unit N万; one without a unit is
    named by what is around it."""
    head = "N" if _ARABIC.match(text, start, end) else "一"
    if text[start - 1 : start] in _OPENED and text[end : end + 1] in _CLOSED:
        return NOTE
    if text[end - 1 : end] in _MULTIPLIERS and end - start > 1:
        return head + text[end - 1]
    behind = _HAN.match(text, end)
    if behind is not None:
        return f"{head}{behind[0]}"
    line = text[text.rfind("\n", 0, start) + 1 : start] + text[end:].partition("\n")[0]
    return BARE if line.strip(" \t\r　|") else ALONE


def _rows(dataset: Dataset, table: str, *columns: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = dataset[table].arrow(list(columns)).to_pylist()
    return rows
