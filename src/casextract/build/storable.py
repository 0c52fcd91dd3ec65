"""Records that a table can hold: one that it cannot costs itself, not its article."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from casextract.assemble import Records
from casextract.dataset.write import to_batch
from casextract.records import TABLES, Indicator, Problem, Record

_Row = TypeVar("_Row", bound=Record)

PLACED = ("cases", "measures", "indicators", "numerals")
"""Tables of stretches of the text."""

_KEYS = {"cases": "case_id", "measures": "measure_id", "indicators": "indicator_id"}


def storable(records: Records) -> Records:
    """The records without those that no table takes, each of which becomes a row of `problems`.

    What belonged to such a record belongs to none; the numeral of such an indicator is `unresolved`. A document that no
    table takes is given as it is.
    """
    refused: list[Problem] = []
    lost: dict[str, set[str]] = {}
    for table, key in _KEYS.items():
        lost[key] = {getattr(row, key) for row in _refused(records, table, refused)}

    def kept(rows: tuple[_Row, ...], table: str, fresh: Callable[[_Row], dict[str, Any]]) -> tuple[_Row, ...]:
        whole = (r for r in rows if table not in _KEYS or getattr(r, _KEYS[table]) not in lost[_KEYS[table]])
        return tuple(r.model_copy(update=new) if (new := fresh(r)) else r for r in whole)

    def without(row: Any, *references: tuple[str, str]) -> dict[str, Any]:
        return {name: None for name, key in references if getattr(row, name) in lost[key]}

    cases = kept(records.cases, "cases", lambda c: {})
    measures = tuple(m for m in records.measures if m.case_id not in lost["case_id"])
    lost["measure_id"] |= {m.measure_id for m in records.measures if m.case_id in lost["case_id"]}
    measures = kept(measures, "measures", lambda m: without(m, ("parent_id", "measure_id")))
    severed = (("case_id", "case_id"), ("measure_id", "measure_id"), ("baseline_id", "indicator_id"))

    def of_indicator(i: Indicator) -> dict[str, Any]:
        wholes = [p for p in i.part_of if p not in lost["indicator_id"]]
        return without(i, *severed) | ({"part_of": wholes} if wholes != i.part_of else {})

    indicators = kept(records.indicators, "indicators", of_indicator)
    bad = {id(n) for n in _refused(records, "numerals", refused)}
    numerals = kept(
        tuple(n for n in records.numerals if id(n) not in bad),
        "numerals",
        lambda n: (
            {"disposition": "unresolved", "reason": None, "indicator_id": None}
            if n.indicator_id in lost["indicator_id"]
            else {}
        ),
    )
    documents = tuple(
        d.model_copy(
            update={
                "case_count": len(cases),
                "measure_count": len(measures),
                "indicator_count": len(indicators),
                "unresolved_count": sum(n.disposition == "unresolved" for n in numerals),
            }
        )
        for d in records.documents
    )
    problems = tuple(p if _fits("problems", p) else _spelled(p) for p in (*records.problems, *refused))
    return Records(documents, cases, measures, indicators, numerals, problems)


def _refused(records: Records, table: str, told: list[Problem]) -> Iterator[Any]:
    """The rows of a table that it does not take, each told of."""
    document = records.documents[0]
    what = table[:-1]
    for row in records.table(table):
        why = _refusal(table, row)
        if why is None and row.end > len(document.text):  # type: ignore[attr-defined]
            why = "it lies behind the text"
        if why is None:
            continue
        start, end = row.start, row.end  # type: ignore[attr-defined]
        if not 0 <= start <= end <= len(document.text):
            start = end = None
        told.append(
            Problem(
                source_path=document.source_path,
                doc_id=document.doc_id,
                stage="record",
                severity="warning",
                code=f"invalid_{what}",
                start=start,
                end=end,
                message=f"no table takes this {what} ({why}); a fault of casextract: please report it",
            )
        )
        yield row


def _refusal(table: str, row: Record) -> str | None:
    """Why a table does not take a row; None where it does."""
    try:
        to_batch(table, [row])
    except MemoryError:
        raise
    except Exception as error:  # Arrow raises whatever the value suggests; all of it means the same.
        return str(error).encode("utf-8", "backslashreplace").decode()
    return None


def _fits(table: str, row: Record) -> bool:
    return _refusal(table, row) is None


def _spelled(row: Problem) -> Problem:
    """The row with halves of characters spelled out."""
    return row.model_copy(
        update={
            name: value.encode("utf-8", "backslashreplace").decode()
            for name in TABLES["problems"].model_fields
            if isinstance(value := getattr(row, name), str)
        }
    )
