"""Last stage: `Extraction` to the validated records of the contract, with offsets mapped back to the raw text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from casextract import display
from casextract.extract import Extraction, Quantity
from casextract.load import Mark, Source
from casextract.normalise import Text
from casextract.records import TABLES, Bound, Case, Document, Indicator, Measure, Numeral, Problem, Record


@dataclass(frozen=True, slots=True)
class Records:
    """The rows one document adds to each table."""

    documents: tuple[Document, ...] = ()
    cases: tuple[Case, ...] = ()
    measures: tuple[Measure, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    numerals: tuple[Numeral, ...] = ()
    problems: tuple[Problem, ...] = ()

    def _repr_html_(self) -> str:
        """The indicators, for a notebook."""
        names = ("metric", "subject", "value", "unit", "bound", "per", "status", "time", "text")
        counts = ", ".join(f"{len(self.table(t)):,} {t}" for t in TABLES)
        return display.table(names, ([getattr(i, n) for n in names] for i in self.indicators), counts)

    def table(self, name: str) -> tuple[Record, ...]:
        """The rows of the table of this name."""
        rows: tuple[Record, ...] = getattr(self, name)
        return rows


def assemble(extraction: Extraction) -> Records:
    """Make the records of one document.

    What breaks an invariant of its record costs that record and no article: a row of `problems` says what it was and
    why. What belonged to such a case or measure belongs to none; the numeral of such a quantity is `unresolved`.
    """
    segmentation, problems = extraction.segmentation, []
    text = segmentation.text
    source, norm = text.source, text.norm
    pages = [m for m in source.marks if m.kind == "page"]
    blocks = [m for m in source.marks if m.path is not None]
    doc_id = source.doc_id

    def place(start: int) -> dict[str, Any]:
        return {"page": _level_at(pages, start), "path": _path_at(blocks, start)}

    def refuse(what: str, span: tuple[int, int], error: Exception, rule_id: str | None) -> None:
        start, end = _within(text, *span)
        message = f"{source.text[start:end][:40]!r} is no sound {what}: {_reasons(error)}; "
        message += f"check the text or the rule {rule_id}"
        problems.append(_problem(source.path, doc_id, f"invalid_{what}", message, start, end))

    case_ids: list[str | None] = []
    cases = []
    for c in segmentation.cases:
        try:
            start, end = _span_of(text, c.start, c.end)
            case = Case(
                case_id=f"{doc_id}.c{c.ordinal:03d}",
                doc_id=doc_id,
                ordinal=c.ordinal,
                implicit=c.implicit,
                title=text.raw(*c.title) if c.title else None,
                lead=norm[slice(*c.lead)].strip() if c.lead else None,
                province=c.province,
                city=c.city,
                county=c.county,
                place=c.place,
                adcode=c.adcode,
                agency=c.agency,
                brands=list(c.brands),
                topics=list(c.topics),
                start=start,
                end=end,
                text=norm[c.start : c.end],
                rule_id=c.rule_id,
                **place(start),
            )
        except (ValueError, IndexError) as error:
            refuse("case", (c.start, c.end), error, c.rule_id)
            case_ids.append(None)
        else:
            cases.append(case)
            case_ids.append(case.case_id)
    measure_ids: list[str | None] = []
    first: dict[int, int] = {}
    measures = []
    for i, m in enumerate(segmentation.measures):
        first.setdefault(m.case, i)
        case_id = case_ids[m.case]
        try:
            start, end = _span_of(text, m.start, m.end)
            if case_id is None:
                raise ValueError("its case is none")
            measure = Measure(
                measure_id=f"{case_id}.m{i + 1 - first[m.case]:03d}",
                case_id=case_id,
                doc_id=doc_id,
                parent_id=measure_ids[m.parent] if m.parent is not None else None,
                level=m.level,
                ordinal=m.ordinal,
                marker=m.marker,
                label=norm[slice(*m.label)].strip() if m.label else None,
                start=start,
                end=end,
                text=norm[m.start : m.end],
                rule_id=m.rule_id,
                **place(start),
            )
        except (ValueError, IndexError) as error:
            refuse("measure", (m.start, m.end), error, m.rule_id)
            measure_ids.append(None)
        else:
            measures.append(measure)
            measure_ids.append(measure.measure_id)
    spans = [_within(text, q.start, q.end) for q in extraction.quantities]
    ids = [f"{doc_id}.i{start:06d}" for start, _ in spans]
    rows = [
        {
            "indicator_id": own,
            "doc_id": doc_id,
            "case_id": case_ids[q.case] if q.case is not None else None,
            "measure_id": measure_ids[q.measure] if q.measure is not None else None,
            "metric": q.metric,
            "dimension": q.dimension,
            "subject": q.subject,
            "value": q.value,
            "value_high": q.value_high,
            "value_min": _least(q),
            "value_max": _greatest(q),
            "unit": q.unit,
            "currency": q.currency,
            "bound": q.bound,
            "per": list(q.per),
            "status": q.status,
            "direction": q.direction,
            "baseline_id": ids[q.baseline] if q.baseline is not None else None,
            "time": text.raw(*q.time) if q.time else None,
            "period_start": q.period[0],
            "period_end": q.period[1],
            "table": q.cell.table if q.cell else None,
            "row": q.cell.row if q.cell else None,
            "column": q.cell.column if q.cell else None,
            "part_of": [ids[k] for k in q.cell.wholes] if q.cell else [],
            "text": source.text[start:end],
            "sentence": _sentence(text, q),
            "start": start,
            "end": end,
            "rule_id": q.rule_id,
            "rules": list(q.rules),
            **place(start),
        }
        for q, own, (start, end) in zip(extraction.quantities, ids, spans, strict=True)
    ]
    indicators, refused = _validated(_INDICATORS, rows)
    doubtful = [m for m in source.marks if m.kind == "doubtful"]
    # The loader has said in `problems` what it could not decide.
    doubted = {i for i, (a, b) in enumerate(spans) if any(m.start < b and a < m.end for m in doubtful)} - refused.keys()
    for i, reasons in refused.items():
        start, end = spans[i]
        message = (
            f"{source.text[start:end]!r} is no sound indicator: {reasons}; "
            f"check the text or the rule {rows[i]['rule_id']}"
        )
        problems.append(_problem(source.path, doc_id, "invalid_indicator", message, start, end))
    if refused or doubted:
        gone = {ids[i] for i in (*refused, *doubted)}
        indicators = [
            r.model_copy(update={"baseline_id": None}) if r.baseline_id in gone else r
            for r in indicators
            if r.indicator_id not in gone
        ]
    accounts: list[dict[str, Any]] = []
    for n in extraction.numerals:
        start, end = _within(text, n.start, n.end)
        lost = n.quantity in refused or any(m.start < end and start < m.end for m in doubtful)
        accounts.append(
            {
                "doc_id": doc_id,
                "start": start,
                "end": end,
                "text": source.text[start:end],
                "value": n.value,
                "context": n.context,
                "disposition": "unresolved" if lost else n.disposition,
                "reason": None if lost else n.reason,
                "rule_id": n.rule_id,
                "indicator_id": ids[n.quantity] if n.quantity is not None and not lost else None,
            }
        )
    accounts += _unread_numerals(source)
    accounts.sort(key=lambda row: row["start"])
    numerals, unsound = _validated(_NUMERALS, accounts)
    for i, reasons in unsound.items():
        start, end = accounts[i]["start"], accounts[i]["end"]
        message = f"{source.text[start:end]!r} is no sound numeral: {reasons}; a fault of casextract: please report it"
        problems.append(_problem(source.path, doc_id, "invalid_numeral", message, start, end))
    meta = segmentation.meta
    document = Document(
        doc_id=doc_id,
        source_path=source.path,
        sha256=source.sha256,
        media_type=source.media_type,
        encoding=source.encoding,
        ocr=source.confidence is not None,
        ocr_confidence=round(source.confidence, 4) if source.confidence is not None else None,
        script=text.script,
        kind=segmentation.kind,
        title=meta.title,
        subtitle=meta.subtitle,
        publisher=meta.publisher,
        issue=meta.issue,
        published_on=meta.published_on,
        byline=meta.byline,
        keywords=list(meta.keywords),
        text=source.text,
        char_count=len(source.text),
        case_count=len(cases),
        measure_count=len(measures),
        indicator_count=len(indicators),
        unresolved_count=sum(n.disposition == "unresolved" for n in numerals),
        duplicate_of=None,
    )
    problems = [*source.problems, *segmentation.problems, *extraction.problems, *problems]
    return Records((document,), tuple(cases), tuple(measures), tuple(indicators), tuple(numerals), tuple(problems))


def _unread_numerals(source: Source) -> Iterator[dict[str, Any]]:
    """Rows for the digits in what is no text of the article: page numbers, running heads, the addresses of links."""
    for mark in source.marks:
        for m in _DIGITS.finditer(source.text, mark.start, mark.end) if mark.kind == "unread" else ():
            yield {
                "doc_id": source.doc_id,
                "start": m.start(),
                "end": m.end(),
                "text": m[0],
                "disposition": "set_aside",
                "value": None,
                "reason": "not_text",
                "rule_id": None,
                "indicator_id": None,
            }


_DIGITS = re.compile(r"\d+")

# One call for all rows of a table takes a third less than one for each.
_INDICATORS = TypeAdapter(list[Indicator])
_NUMERALS = TypeAdapter(list[Numeral])


_Row = TypeVar("_Row", bound=Record)


def _validated(many: TypeAdapter[list[_Row]], rows: list[dict[str, Any]]) -> tuple[list[_Row], dict[int, str]]:
    """The sound rows as records, and why the others are not, by their index."""
    try:
        return many.validate_python(rows), {}
    except ValidationError as error:
        refused: dict[int, str] = {}
        for e in error.errors():
            at = int(e["loc"][0])
            refused[at] = f"{refused[at]}; {e['msg']}" if at in refused else str(e["msg"])
    return many.validate_python([row for i, row in enumerate(rows) if i not in refused]), refused


def _reasons(error: Exception) -> str:
    return "; ".join(e["msg"] for e in error.errors()) if isinstance(error, ValidationError) else str(error)


def _span_of(text: Text, start: int, end: int) -> tuple[int, int]:
    """A span of the normalised text in the raw one. Raises ValueError where it holds nothing, or lies outside."""
    if not 0 <= start < end <= len(text.norm):
        raise ValueError(f"[{start}, {end}) is no span of {len(text.norm)} characters")
    return text.raw_span(start, end)


def _within(text: Text, start: int, end: int) -> tuple[int, int]:
    """The same; of a span that is none, the empty one at the place that comes nearest."""
    try:
        return _span_of(text, start, end)
    except ValueError:
        at = min(max(start, 0), len(text.source.text))
        return at, at


def _sentence(text: Text, q: Quantity) -> str:
    """The sentence of a number as printed; of a cell, what its table prints for it, a line for each."""
    if q.cell is None:
        return text.raw(*q.sentence)
    return "\n".join(text.raw(*span).strip() for span in q.cell.printed)


def _least(q: Quantity) -> float | None:
    """The least value that the words allow; None where they set no limit."""
    return q.value if q.value_high is not None or q.bound in _FROM else None


def _greatest(q: Quantity) -> float | None:
    """The greatest value that the words allow; None where they set no limit."""
    return q.value_high if q.value_high is not None else q.value if q.bound in _UP_TO else None


_FROM: frozenset[Bound] = frozenset({"exact", "over", "at_least"})
_UP_TO: frozenset[Bound] = frozenset({"exact", "nearly", "at_most", "under"})


def _level_at(marks: list[Mark], start: int) -> int | None:
    i = bisect_right(marks, start, key=lambda m: m.start) - 1
    return marks[i].level if i >= 0 and start < marks[i].end else None


def _path_at(marks: list[Mark], start: int) -> str | None:
    i = bisect_right(marks, start, key=lambda m: m.start) - 1
    return marks[i].path if i >= 0 and start < marks[i].end else None


def _problem(path: str, doc_id: str, code: str, message: str, start: int, end: int) -> Problem:
    return Problem(
        source_path=path,
        doc_id=doc_id,
        stage="record",
        severity="warning",
        code=code,
        message=message,
        start=start,
        end=end,
    )
