"""Last stage: `Extraction` to the validated records of the contract, with offsets mapped back to the raw text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from casextract.extract import Extraction, Quantity
from casextract.extract.model import CellOf, NumeralSpan
from casextract.language import display
from casextract.load import Mark, Source
from casextract.normalise import Text
from casextract.records import TABLES, Bound, Case, Document, Indicator, Measure, Numeral, Problem, Record
from casextract.segment import CaseSpan, MeasureSpan, Segmentation


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
    source = extraction.segmentation.text.source
    making = _Making(extraction.segmentation.text)
    cases, case_ids = _cases(making, extraction.segmentation.cases)
    measures, measure_ids = _measures(making, extraction.segmentation.measures, case_ids)
    spans = [_within(making.text, q.start, q.end) for q in extraction.quantities]
    ids = [f"{source.doc_id}.i{start:06d}" for start, _ in spans]
    rows = [
        _indicator_row(making, q, own, span, ids, case_ids, measure_ids)
        for q, own, span in zip(extraction.quantities, ids, spans, strict=True)
    ]
    indicators, refused = _indicators(making, rows)
    numerals = _numerals(making, extraction.numerals, ids, refused)
    document = _document(extraction.segmentation, len(cases), len(measures), len(indicators), numerals)
    problems = (*source.problems, *extraction.segmentation.problems, *extraction.problems, *making.problems)
    return Records((document,), tuple(cases), tuple(measures), tuple(indicators), tuple(numerals), problems)


class _Making:
    """What the making of each record needs: the text, what is printed where, whom to tell of an unsound one."""

    def __init__(self, text: Text) -> None:
        self.text, self.source = text, text.source
        self.doc_id = text.source.doc_id
        self.problems: list[Problem] = []
        self._pages = [m for m in text.source.marks if m.kind == "page"]
        self._blocks = [m for m in text.source.marks if m.path is not None]
        self._doubtful = [m for m in text.source.marks if m.kind == "doubtful"]

    def place(self, start: int) -> dict[str, Any]:
        """The page and the path of a raw offset."""
        return {"page": _level_at(self._pages, start), "path": _path_at(self._blocks, start)}

    def is_doubtful(self, start: int, end: int) -> bool:
        """Whether the loader could not decide what stands there; it has said so in `problems`."""
        return any(m.start < end and start < m.end for m in self._doubtful)

    def refuse(self, what: str, span: tuple[int, int], reasons: str, remedy: str) -> None:
        """Tell why what stands at a raw span makes no record."""
        start, end = span
        printed = self.source.text[start:end][:40] if what in ("case", "measure") else self.source.text[start:end]
        message = f"{printed!r} is no sound {what}: {reasons}; {remedy}"
        self.problems.append(_problem(self.source.path, self.doc_id, f"invalid_{what}", message, start, end))


def _cases(making: _Making, spans: Sequence[CaseSpan]) -> tuple[list[Case], list[str | None]]:
    """The sound cases, and the identifier of each, None of one that is not."""
    cases: list[Case] = []
    ids: list[str | None] = []
    text, norm = making.text, making.text.norm
    for c in spans:
        try:
            start, end = _span_of(text, c.start, c.end)
            case = Case(
                case_id=f"{making.doc_id}.c{c.ordinal:03d}",
                doc_id=making.doc_id,
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
                **making.place(start),
            )
        except (ValueError, IndexError) as error:
            making.refuse("case", _within(text, c.start, c.end), _reasons(error), _check(c.rule_id))
            ids.append(None)
        else:
            cases.append(case)
            ids.append(case.case_id)
    return cases, ids


def _measures(
    making: _Making, spans: Sequence[MeasureSpan], case_ids: Sequence[str | None]
) -> tuple[list[Measure], list[str | None]]:
    """The sound measures, and the identifier of each, None of one that is not."""
    measures: list[Measure] = []
    ids: list[str | None] = []
    text, norm = making.text, making.text.norm
    first: dict[int, int] = {}
    for i, m in enumerate(spans):
        first.setdefault(m.case, i)
        case_id = case_ids[m.case]
        try:
            start, end = _span_of(text, m.start, m.end)
            if case_id is None:
                raise ValueError("its case is none")
            measure = Measure(
                measure_id=f"{case_id}.m{i + 1 - first[m.case]:03d}",
                case_id=case_id,
                doc_id=making.doc_id,
                parent_id=ids[m.parent] if m.parent is not None else None,
                level=m.level,
                ordinal=m.ordinal,
                marker=m.marker,
                label=norm[slice(*m.label)].strip() if m.label else None,
                start=start,
                end=end,
                text=norm[m.start : m.end],
                rule_id=m.rule_id,
                **making.place(start),
            )
        except (ValueError, IndexError) as error:
            making.refuse("measure", _within(text, m.start, m.end), _reasons(error), _check(m.rule_id))
            ids.append(None)
        else:
            measures.append(measure)
            ids.append(measure.measure_id)
    return measures, ids


def _check(rule_id: object) -> str:
    return f"check the text or the rule {rule_id}"


def _indicator_row(
    making: _Making,
    q: Quantity,
    own: str,
    span: tuple[int, int],
    ids: Sequence[str],
    case_ids: Sequence[str | None],
    measure_ids: Sequence[str | None],
) -> dict[str, Any]:
    """The columns of a quantity; `own` is its identifier, `span` its raw span, `ids` the identifiers of all."""
    start, end = span
    return {
        "indicator_id": own,
        "doc_id": making.doc_id,
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
        "time": _quoted(making.text, q.time) if q.time else None,
        "period_start": q.period[0],
        "period_end": q.period[1],
        **_cell_columns(q.cell, ids),
        "text": making.source.text[start:end],
        "sentence": _sentence(making.text, q),
        "start": start,
        "end": end,
        "rule_id": q.rule_id,
        "rules": list(q.rules),
        **making.place(start),
    }


def _cell_columns(cell: CellOf | None, ids: Sequence[str]) -> dict[str, Any]:
    """The columns that only a cell of a table fills."""
    if cell is None:
        return {"table": None, "row": None, "column": None, "part_of": []}
    return {"table": cell.table, "row": cell.row, "column": cell.column, "part_of": [ids[k] for k in cell.wholes]}


def _indicators(making: _Making, rows: list[dict[str, Any]]) -> tuple[list[Indicator], Container[int]]:
    """The sound indicators that are not in doubt, and the indices of the rows that are not sound."""
    indicators, refused = _validated(_INDICATORS, rows)
    for i, reasons in refused.items():
        making.refuse("indicator", (rows[i]["start"], rows[i]["end"]), reasons, _check(rows[i]["rule_id"]))
    gone = {row["indicator_id"] for i, row in enumerate(rows) if i in refused or making.is_doubtful(*_raw(row))}
    if gone:
        indicators = [
            r.model_copy(update={"baseline_id": None}) if r.baseline_id in gone else r
            for r in indicators
            if r.indicator_id not in gone
        ]
    return indicators, refused


def _raw(row: dict[str, Any]) -> tuple[int, int]:
    return row["start"], row["end"]


def _numerals(
    making: _Making, spans: Sequence[NumeralSpan], ids: Sequence[str], refused: Container[int | None]
) -> list[Numeral]:
    """What became of each numeral, in order; `refused` are the indices of quantities that make no indicator."""
    rows: list[dict[str, Any]] = []
    for n in spans:
        start, end = _within(making.text, n.start, n.end)
        lost = n.quantity in refused or making.is_doubtful(start, end)
        rows.append(
            {
                "doc_id": making.doc_id,
                "start": start,
                "end": end,
                "text": making.source.text[start:end],
                "value": n.value,
                "context": n.context,
                "disposition": "unresolved" if lost else n.disposition,
                "reason": None if lost else n.reason,
                "rule_id": n.rule_id,
                "indicator_id": ids[n.quantity] if n.quantity is not None and not lost else None,
            }
        )
    rows += _unread_numerals(making.source)
    rows.sort(key=lambda row: row["start"])
    numerals, unsound = _validated(_NUMERALS, rows)
    for i, reasons in unsound.items():
        making.refuse("numeral", _raw(rows[i]), reasons, "a fault of casextract: please report it")
    return numerals


def _document(
    segmentation: Segmentation, cases: int, measures: int, indicators: int, numerals: Sequence[Numeral]
) -> Document:
    source, meta = segmentation.text.source, segmentation.meta
    return Document(
        doc_id=source.doc_id,
        source_path=source.path,
        sha256=source.sha256,
        media_type=source.media_type,
        encoding=source.encoding,
        ocr=source.confidence is not None,
        ocr_confidence=round(source.confidence, 4) if source.confidence is not None else None,
        script=segmentation.text.script,
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
        case_count=cases,
        measure_count=measures,
        indicator_count=indicators,
        unresolved_count=sum(n.disposition == "unresolved" for n in numerals),
        duplicate_of=None,
    )


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
    first, last = text.raw_span(start, end)
    if not 0 <= first < last <= len(text.source.text):
        raise ValueError(f"[{first}, {last}) is no span of {len(text.source.text)} characters")
    return first, last


def _within(text: Text, start: int, end: int) -> tuple[int, int]:
    """The same; of a span that is none, the empty one at the place that comes nearest."""
    try:
        return _span_of(text, start, end)
    except (ValueError, IndexError):
        at = min(max(start, 0), len(text.source.text))
        return at, at


def _sentence(text: Text, q: Quantity) -> str:
    """The sentence of a number as printed; of a cell, what its table prints for it, a line for each."""
    if q.cell is None:
        return _quoted(text, q.sentence)
    return "\n".join(_quoted(text, span).strip() for span in q.cell.printed)


def _quoted(text: Text, span: tuple[int, int]) -> str:
    """The raw text of a span; nothing where the span lies outside, which the number's own span is asked about."""
    try:
        return text.raw(*span)
    except IndexError:
        return ""


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
