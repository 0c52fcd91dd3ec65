"""Applies corrections to the records of one document, and tells of those that find nothing to correct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from casextract.assemble import Records
from casextract.records import Case, Indicator, Measure, Numeral, Problem, Record
from casextract.review.corrections import EDITABLE, Anchor, Correction

ADDED_RULE = "review.added"
REJECTED_RULE = "review.rejected"


def correct(records: Records, corrections: Sequence[Correction]) -> Records:
    """The records of one article with its corrections applied; what could not be applied is a row of `problems`.

    A corrected row names the fields in `corrected` and keeps its rule. A correction that no longer fits is
    `stale_correction` (warning), one that the rules now agree with `obsolete_correction` (info).
    """
    if not corrections or not records.documents:
        return records
    desk = _Application(records)
    for c in corrections:
        desk.apply(c)
    return desk.finish()


class _StaleError(Exception):
    """Why a correction cannot be applied."""


class _ObsoleteError(Exception):
    """The rules now say what the correction does."""


class _Application:
    """The rows of one article while they are corrected."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.text = records.documents[0].text
        self.indicators = {i.start: i for i in records.indicators}
        self.cases = {c.start: c for c in records.cases}
        self.measures = {m.start: m for m in records.measures}
        self.numerals = list(records.numerals)
        self.problems: list[Problem] = list(records.problems)
        self.moved = False
        """Whether cases or measures changed, so that identifiers and what lies in what must be found again."""

    def apply(self, c: Correction) -> None:
        assert c.anchor is not None
        span = c.anchor.find(self.text)
        try:
            if span is None:
                raise _StaleError(f"the sentence {_short(c.anchor.sentence)} is no longer in the article")
            match c.target:
                case "indicator":
                    self._indicator(c, span)
                case "case" | "measure":
                    self._section(c, span)
        except _StaleError as reason:
            advice = "correct it again, or remove it with casextract corrections prune"
            self._problem(c, "stale_correction", "warning", f"{reason}; {advice}", span)
        except _ObsoleteError:
            self._problem(c, "obsolete_correction", "info", "the rules now give what was corrected", span)

    def _indicator(self, c: Correction, span: tuple[int, int]) -> None:
        found = self.indicators.get(span[0])
        there = found if found is not None and found.end == span[1] else None
        if c.action == "add":
            self._add(c, span, there)
            return
        if c.action == "reject":
            if there is None:
                raise _ObsoleteError
            _same(c.old, there)
            del self.indicators[span[0]]
            self._set_aside(there)
            return
        if there is None:
            raise _StaleError(f"no indicator is read from {c.anchor.text if c.anchor else ''!r} any more")
        if c.action == "accept":
            _same(c.old, there)
            return
        assert c.field is not None
        self.indicators[span[0]] = _changed(c, there, c.field)

    def _add(self, c: Correction, span: tuple[int, int], there: Indicator | None) -> None:
        new = {k: v for k, v in c.new.items() if k in EDITABLE["indicator"]}
        if there is not None:
            if all(_plain(getattr(there, k)) == v for k, v in new.items()):
                raise _ObsoleteError
            raise _StaleError("an indicator with other values is read there now")
        if any(i.start < span[1] and span[0] < i.end for i in self.indicators.values()):
            raise _StaleError("an indicator that overlaps it is read there now")
        assert c.anchor is not None
        document = self.records.documents[0]
        try:
            row = Indicator.model_validate(
                _dated(
                    {
                        "indicator_id": f"{document.doc_id}.i{span[0]:06d}",
                        "doc_id": document.doc_id,
                        "case_id": None,
                        "measure_id": None,
                        "metric": "count_other",
                        "dimension": "count",
                        "subject": None,
                        "value_high": None,
                        "value_min": None,
                        "value_max": None,
                        "unit": "",
                        "currency": None,
                        "bound": "exact",
                        "per": [],
                        "status": "achieved",
                        "baseline_id": None,
                        "time": None,
                        "period_start": None,
                        "period_end": None,
                        "table": None,
                        "row": None,
                        "column": None,
                        "part_of": [],
                        "page": None,
                        "path": None,
                        "text": self.text[slice(*span)],
                        "sentence": c.anchor.sentence,
                        "start": span[0],
                        "end": span[1],
                        "rule_id": ADDED_RULE,
                        "rules": [ADDED_RULE],
                        **new,
                        "corrected": sorted(new),
                    }
                )
            )
        except ValidationError as error:
            raise _StaleError(
                "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            ) from error
        self.indicators[span[0]] = limited(row)
        self.moved = True
        kept = [n for n in self.numerals if n.end <= span[0] or n.start >= span[1]]
        own = [n for n in self.numerals if n.start < span[1] and span[0] < n.end]
        spans = [(max(n.start, span[0]), min(n.end, span[1])) for n in own] or [span]
        for start, end in spans:
            kept.append(
                Numeral.model_validate(
                    {
                        **(own[0].model_dump() if own else {}),
                        "doc_id": document.doc_id,
                        "start": start,
                        "end": end,
                        "text": self.text[start:end],
                        "disposition": "indicator",
                        "reason": None,
                        "rule_id": ADDED_RULE,
                        "indicator_id": row.indicator_id,
                    }
                )
            )
        self.numerals = sorted(kept, key=lambda n: n.start)

    def _set_aside(self, gone: Indicator) -> None:
        self.numerals = [
            n.model_copy(
                update={
                    "disposition": "set_aside",
                    "reason": "rejected",
                    "rule_id": REJECTED_RULE,
                    "indicator_id": None,
                }
            )
            if n.indicator_id == gone.indicator_id
            else n
            for n in self.numerals
        ]
        for start, i in self.indicators.items():
            if i.baseline_id == gone.indicator_id:
                self.indicators[start] = i.model_copy(update={"baseline_id": None})
            elif gone.indicator_id in i.part_of:
                kept = [k for k in i.part_of if k != gone.indicator_id]
                self.indicators[start] = i.model_copy(update={"part_of": kept})

    def _section(self, c: Correction, span: tuple[int, int]) -> None:
        """A case or a measure opened, closed, moved or changed."""
        rows: dict[int, Any] = self.cases if c.target == "case" else self.measures
        there = rows.get(span[0])
        if c.action == "add":
            if there is not None:
                raise _ObsoleteError
            rows[span[0]] = self._opened(c, span)
            self.moved = True
            return
        if there is None:
            raise _ObsoleteError if c.action == "reject" else _StaleError(f"no {c.target} begins there any more")
        if c.action == "accept":
            return
        self.moved = True
        if c.action == "reject":
            del rows[span[0]]
        elif c.field in ("start", "end"):
            moved = self._border(c, there)
            del rows[span[0]]
            rows[moved.start] = moved
        else:
            assert c.field is not None
            rows[span[0]] = _changed(c, there, c.field)

    def _border(self, c: Correction, there: Case | Measure) -> Case | Measure:
        """The record with the border that is quoted in `new`: it starts with those words, or ends with them."""
        try:
            span = Anchor.model_validate(c.new).find(self.text)
        except ValidationError as error:
            raise _StaleError("the new border is no anchor") from error
        if span is None:
            raise _StaleError("the words at the new border are no longer in the article")
        start, end = (span[0], there.end) if c.field == "start" else (there.start, span[1])
        if end <= start:
            raise _StaleError("the new border leaves nothing between start and end")
        if (there.start, there.end) == (start, end):
            raise _ObsoleteError
        assert c.field is not None
        return there.model_copy(update={"start": start, "end": end, "corrected": _named(there.corrected, c.field)})

    def _opened(self, c: Correction, span: tuple[int, int]) -> Case | Measure:
        """A new case or measure: to the end that is quoted, or to where the next one of its kind, or what holds it,
        ends."""
        document = self.records.documents[0]
        end = self._end_behind(c, span)
        new = {k: v for k, v in c.new.items() if k in EDITABLE[c.target] and k not in ("start", "end")}
        common = {
            "doc_id": document.doc_id,
            "ordinal": 1,
            "start": span[0],
            "end": end,
            "text": self.text[span[0] : end].strip(),
            "page": None,
            "path": None,
            "rule_id": ADDED_RULE,
            "corrected": sorted(new),
        }
        try:
            if c.target == "case":
                blank = dict.fromkeys(("title", "lead", "province", "city", "county", "place", "adcode", "agency"))
                return Case.model_validate(
                    {**blank, "case_id": "new", "implicit": False, "brands": [], "topics": [], **common, **new}
                )
            blank = dict.fromkeys(("parent_id", "marker", "label"))
            return Measure.model_validate({**blank, "measure_id": "new", "case_id": "", "level": 1, **common, **new})
        except ValidationError as error:
            raise _StaleError(
                "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            ) from error

    def _end_behind(self, c: Correction, span: tuple[int, int]) -> int:
        quoted = c.new.get("end")
        if quoted is not None:
            try:
                end = Anchor.model_validate(quoted).find(self.text)
            except ValidationError as error:
                raise _StaleError("the end is no anchor") from error
            if end is None or end[1] <= span[0]:
                raise _StaleError("the words at its end are not behind its start")
            return end[1]
        rows: dict[int, Any] = self.cases if c.target == "case" else self.measures
        holder = next((r for r in self.cases.values() if r.start <= span[0] < r.end), None)
        limit: int = holder.end if holder is not None else len(self.text)
        return min(limit, *(start for start in rows if start > span[0]), limit)

    def finish(self) -> Records:
        indicators = tuple(i for _, i in sorted(self.indicators.items()))
        cases = tuple(c for _, c in sorted(self.cases.items()))
        measures = tuple(m for _, m in sorted(self.measures.items()))
        if self.moved:
            cases = _numbered_cases(cases, self.text)
            measures = _numbered_measures(measures, cases, self.text)
            indicators = tuple(_housed(i, cases, measures) for i in indicators)
        document = self.records.documents[0].model_copy(
            update={
                "case_count": len(cases),
                "measure_count": len(measures),
                "indicator_count": len(indicators),
                "unresolved_count": sum(n.disposition == "unresolved" for n in self.numerals),
            }
        )
        return replace(
            self.records,
            documents=(document,),
            cases=cases,
            measures=measures,
            indicators=indicators,
            numerals=tuple(self.numerals),
            problems=tuple(self.problems),
        )

    def _problem(self, c: Correction, code: str, severity: Any, message: str, span: tuple[int, int] | None) -> None:
        document = self.records.documents[0]
        self.problems.append(
            Problem(
                source_path=document.source_path,
                doc_id=document.doc_id,
                stage="correct",
                severity=severity,
                code=code,
                message=f"correction {c.id} ({c.action}{f' {c.field}' if c.field else ''}): {message}",
                start=span[0] if span else None,
                end=span[1] if span else None,
            )
        )


def told_of(problem: Problem) -> str | None:
    """The id of the correction that a row of `problems` speaks of, or None where it speaks of none."""
    if problem.code not in ("stale_correction", "obsolete_correction"):
        return None
    return problem.message.removeprefix("correction ").split(" ", 1)[0].rstrip(":")


def lost_file(c: Correction) -> Problem:
    """The row for a correction whose file is not among the inputs."""
    message = f"correction {c.id}: {c.source_path} is not among the inputs; remove it with casextract corrections prune"
    return Problem(
        source_path=c.source_path,
        doc_id=None,
        stage="correct",
        severity="warning",
        code="stale_correction",
        message=message,
        start=None,
        end=None,
    )


def _changed(c: Correction, there: Any, field: str) -> Any:
    """The record with one field as corrected. Raises where the rules no longer give the old value, or give the new
    one."""
    now = _plain(getattr(there, field))
    if now == c.new:
        raise _ObsoleteError
    if now != c.old:
        raise _StaleError(f"{field} was {c.old!r} when it was corrected to {c.new!r}, and is {now!r} now")
    row = {**there.model_dump(), field: c.new, "corrected": _named(there.corrected, field)}
    if field == "dimension" and c.new != "money":
        row["currency"] = None
    elif field == "dimension":
        row["currency"] = row["currency"] or "CNY"
    try:
        made = type(there).model_validate(_dated(row))
    except ValidationError as error:
        raise _StaleError("; ".join(str(e["msg"]) for e in error.errors())) from error
    return limited(made) if isinstance(made, Indicator) else made


def limited(row: Indicator) -> Indicator:
    """The indicator with the least and the greatest value that its value and bound allow."""
    least = row.value if row.value_high is not None or row.bound in ("exact", "over", "at_least") else None
    up_to = row.value if row.bound in ("exact", "nearly", "at_most", "under") else None
    return row.model_copy(
        update={"value_min": least, "value_max": row.value_high if row.value_high is not None else up_to}
    )


def _same(old: Any, there: Record) -> None:
    """Raise where a record that was accepted or rejected is no longer what the reviewer saw."""
    for field, value in (old or {}).items():
        now = _plain(getattr(there, field, None))
        if now != value:
            raise _StaleError(f"{field} was {value!r} when it was reviewed, and is {now!r} now")


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    """The row with dates where JSON had text; a whole number where a column holds floats is one."""
    for field in ("period_start", "period_end"):
        if isinstance(row.get(field), str):
            row[field] = date.fromisoformat(row[field])
    for field in ("value", "value_high"):
        if isinstance(row.get(field), int):
            row[field] = float(row[field])
    return row


def _named(corrected: Sequence[str], field: str) -> list[str]:
    return sorted({*corrected, field})


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:39]}…")


def _numbered_cases(cases: Sequence[Case], text: str) -> tuple[Case, ...]:
    """Cases in order, none reaching into the next, with ordinals and identifiers anew."""
    found = []
    for n, case in enumerate(cases, 1):
        end = min(case.end, cases[n].start) if n < len(cases) else case.end
        found.append(
            case.model_copy(
                update={
                    "case_id": f"{case.doc_id}.c{n:03d}",
                    "ordinal": n,
                    "end": end,
                    "text": case.text if end == case.end and case.rule_id != ADDED_RULE else text[case.start : end],
                }
            )
        )
    return tuple(found)


def _numbered_measures(measures: Sequence[Measure], cases: Sequence[Case], text: str) -> tuple[Measure, ...]:
    """Measures in their cases, each with the section above it, numbered anew; what lies in no case is none."""
    found: list[Measure] = []
    for case in cases:
        own = [m for m in measures if case.start <= m.start < case.end]
        above: dict[int, str] = {}
        counts: dict[str | None, int] = {}
        for n, m in enumerate(own, 1):
            measure_id = f"{case.case_id}.m{n:03d}"
            parent = next((above[level] for level in range(m.level - 1, 0, -1) if level in above), None)
            counts[parent] = counts.get(parent, 0) + 1
            above = {level: one for level, one in above.items() if level < m.level} | {m.level: measure_id}
            follower = next((o.start for o in own[n:] if o.level <= m.level), case.end)
            end = min(m.end, follower)
            update = {
                "measure_id": measure_id,
                "case_id": case.case_id,
                "parent_id": parent,
                "ordinal": counts[parent],
                "end": end,
                "text": m.text if end == m.end else text[m.start : end],
            }
            found.append(m.model_copy(update=update))
    return tuple(found)


def _housed(i: Indicator, cases: Sequence[Case], measures: Sequence[Measure]) -> Indicator:
    """The indicator with the case and the innermost measure that hold it."""
    case = next((c.case_id for c in cases if c.start <= i.start < c.end), None)
    inner = [m for m in measures if m.start <= i.start < m.end]
    measure = max(inner, key=lambda m: m.start).measure_id if inner else None
    if (i.case_id, i.measure_id) == (case, measure):
        return i
    return i.model_copy(update={"case_id": case, "measure_id": measure})
