"""Corrections in the forms of others: annotations for `evaluate`, and the files of Label Studio and doccano, both ways.

What comes back is compared with the dataset as it stands with its log: a number that is gone was rejected, a new one
was missed, another label is another metric. Nothing is taken over that could not be placed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casextract.assemble import Records
from casextract.dataset.writing import write_text
from casextract.errors import CasextractError
from casextract.records import Indicator
from casextract.reports.explain import sentence_around
from casextract.review.corrections import EDITABLE, Correction, anchor_at, anchor_of, in_force
from casextract.rulebook.models import CLOSE, OPEN

Sign = Callable[[], Mapping[str, str]]
"""Gives each correction its `id`, `who` and `when`."""


class ExchangeError(CasextractError):
    """A file of another program that cannot be read. The message names the file, the place and the remedy."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The numbers of a document that a reviewer has spoken of."""

    records: Records
    """With the log applied."""
    places: Mapping[tuple[int, int], str]
    """Their spans, with the action that counts."""


def reviewed(records: Records, log: Iterable[Correction]) -> Reviewed:
    """What of a document was reviewed; `records` are as the log leaves them, `log` the document's own lines."""
    text = records.documents[0].text
    places: dict[tuple[int, int], str] = {}
    for c in in_force(log):
        span = c.anchor.find(text) if c.anchor is not None and c.target == "indicator" else None
        if span is not None:
            places[span] = "reject" if c.action == "reject" else places.get(span, c.action)
    return Reviewed(records, places)


def annotation(found: Reviewed) -> dict[str, Any]:
    """The annotation of a document in the form of the gold files: core is what somebody has accepted, corrected or
    added.

    Numbers that nobody has looked at are not core, so that they are neither rewarded nor punished (GUIDELINES,
    Marginal); a rejected one is left out, so that a rule that reads it is wrong.
    """
    records, document = found.records, found.records.documents[0]
    kept = ("title", "province", "city", "county", "place", "adcode", "implicit")
    cases = [{"start": c.start, "end": c.end, **{k: getattr(c, k) for k in kept}} for c in records.cases]
    number = {c.case_id: n for n, c in enumerate(records.cases)}
    measures = [
        {"start": m.start, "case": number[m.case_id], "level": m.level, "label": m.label} for m in records.measures
    ]
    return {
        "doc": document.source_path,
        "cases": cases,
        "measures": measures,
        "indicators": [annotated(i, (i.start, i.end) in found.places) for i in records.indicators],
    }


def annotated(i: Indicator, core: bool) -> dict[str, Any]:
    """An indicator as gold has it."""
    names = (
        "start",
        "end",
        "text",
        "value",
        "value_high",
        "unit",
        "dimension",
        "metric",
        "bound",
        "per",
        "status",
        "subject",
        "time",
    )
    return {name: getattr(i, name) for name in names} | {"currency": i.currency, "core": core}


def to_gold(documents: Iterable[Reviewed], folder: Path) -> list[Path]:
    """Write an annotation for each document of which something was reviewed. Raises WriteError where the folder takes
    none."""
    written = []
    for found in documents:
        if found.places:
            path = folder / f"{Path(found.records.documents[0].source_path).name}.json"
            write_text(path, json.dumps(annotation(found), ensure_ascii=False, indent=1) + "\n")
            written.append(path)
    return written


def numbers(found: Reviewed, by_rules: Records) -> tuple[str, str, list[dict[str, Any]], list[dict[str, Any]]]:
    """What `evaluate_numbers` asks of a document: what the rules alone make of the reviewed numbers, and what is
    right."""
    document = found.records.documents[0]

    def touched(i: Indicator) -> bool:
        return any(i.start < end and start < i.end for start, end in found.places)

    made = [i.model_dump() for i in by_rules.indicators if touched(i)]
    right = [annotated(i, core=True) for i in found.records.indicators if (i.start, i.end) in found.places]
    return document.source_path, document.text, made, right


_CONCERN_OF = {
    "metric": "metrics",
    "status": "status",
    "bound": "bounds",
    "per": "bases",
    "time": "times",
    "unit": "units",
    "value": "units",
    "dimension": "units",
    "subject": "words",
}


def as_example(c: Correction) -> tuple[str, str, dict[str, Any]]:
    """The concern of rules that a correction speaks to, its sentence with the number marked, and what a rule would say.

    Raises ExchangeError for a correction of a case or measure, which has no number to mark.
    """
    if c.anchor is None or c.target != "indicator":
        raise ExchangeError(f"correction {c.id} is of no number; write the rule from a sentence: casextract rules new")
    a = c.anchor
    low = max((a.sentence.rfind(mark, 0, a.at) for mark in "。!?\n"), default=-1) + 1
    sentence = f"{a.sentence[low : a.at]}{OPEN}{a.text}{CLOSE}{a.sentence[a.at + len(a.text) :]}".strip()
    if c.action == "reject":
        return "exclusions", sentence, {"reason": "name"}
    if c.action == "add":
        return "units", sentence, {k: c.new[k] for k in ("dimension",) if k in c.new}
    concern = _CONCERN_OF.get(c.field or "", "metrics")
    own = {"metrics": "metric", "status": "status", "bounds": "bound"}.get(concern)
    return concern, sentence, {own: c.new} if own is not None and own == c.field else {}


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled stretch of a document: half-open, in characters of its text."""

    start: int
    end: int
    label: str


def to_label_studio(articles: Iterable[Records]) -> list[dict[str, Any]]:
    """Tasks of Label Studio (a Labels tag `label` over a Text tag `text`), with the indicators as predictions.

    Its offsets count UTF-16 units, as a browser does.
    """
    tasks = []
    for records in articles:
        document = records.documents[0]
        units = _utf16(document.text)
        results = [
            {
                "id": i.indicator_id,
                "from_name": "label",
                "to_name": "text",
                "type": "labels",
                "value": {"start": units[i.start], "end": units[i.end], "text": i.text, "labels": [i.metric]},
            }
            for i in records.indicators
        ]
        data = {"text": document.text, "doc_id": document.doc_id, "source_path": document.source_path}
        tasks.append({"data": data, "predictions": [{"model_version": "casextract", "result": results}]})
    return tasks


def from_label_studio(path: Path) -> Iterator[tuple[str, list[Span]]]:
    """The source path of each task and its labels: those of the latest annotation that was not skipped.

    A task nobody has annotated is passed over. Raises ExchangeError where the file is no export of Label Studio.
    """
    for n, task in enumerate(_list(path)):
        try:
            done = [a for a in task.get("annotations", []) if not a.get("was_cancelled")]
            if not done:
                continue
            back = {unit: at for at, unit in enumerate(_utf16(task["data"]["text"]))}
            spans = []
            for r in done[-1]["result"]:
                if r.get("type") == "labels":
                    value = r["value"]
                    spans.append(Span(back[value["start"]], back[value["end"]], value["labels"][0]))
            yield task["data"]["source_path"], spans
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            raise ExchangeError(
                f"{path}: task {n + 1} is not as Label Studio exports it ({error!r}); export as JSON, not JSON-MIN"
            ) from error


def to_doccano(articles: Iterable[Records]) -> Iterator[str]:
    """Lines of doccano's sequence labelling (JSONL): text, labels as [start, end, metric]."""
    for records in articles:
        document = records.documents[0]
        label = [[i.start, i.end, i.metric] for i in records.indicators]
        line = {"text": document.text, "label": label, "source_path": document.source_path, "doc_id": document.doc_id}
        yield json.dumps(line, ensure_ascii=False)


def from_doccano(path: Path) -> Iterator[tuple[str, list[Span]]]:
    """The source path of each line and its labels. Raises ExchangeError where the file is no export of doccano."""
    for n, line in enumerate(_text(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            meta = row.get("meta") or row.get("metadata") or {}
            spans = [Span(int(a), int(b), str(name)) for a, b, name in row.get("label", row.get("labels", []))]
            yield row.get("source_path") or meta["source_path"], spans
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ExchangeError(
                f"{path}:{n}: not as doccano exports it ({error!r}); export as JSONL with text and labels"
            ) from error


def compared(
    records: Records, spans: Sequence[Span], sign: Sign, read: Callable[[str], dict[str, Any]]
) -> list[Correction]:
    """The corrections that make the indicators of a document those of `spans`.

    `read` gives the fields of a number from its characters; it raises a CasextractError for one that cannot be read,
    which is then left to the caller.
    """
    document = records.documents[0]
    text, path = document.text, document.source_path
    wanted = {(s.start, s.end): s.label for s in spans}
    made: list[Correction] = []
    for i in records.indicators:
        label = wanted.pop((i.start, i.end), None)
        common = {**sign(), "source_path": path, "anchor": anchor_of(text, i)}
        if label is None:
            made.append(Correction(**common, action="reject", old=snapshot(i)))
        elif label != i.metric:
            made.append(Correction(**common, action="change", field="metric", old=i.metric, new=label))
        else:
            made.append(Correction(**common, action="accept", old=snapshot(i)))
    for (start, end), label in sorted(wanted.items()):
        low, high = sentence_around(text, start, end)
        anchor = anchor_at(text, start, end, low, text[low : max(high, end)])
        new = {**read(text[start:end]), "metric": label}
        made.append(Correction(**sign(), source_path=path, anchor=anchor, action="add", new=new))
    return made


def snapshot(i: Indicator) -> dict[str, Any]:
    """The fields of an indicator that can be corrected, as JSON has them."""
    return {n: plain(getattr(i, n)) for n in EDITABLE["indicator"] if hasattr(i, n)}


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _utf16(text: str) -> list[int]:
    """For each offset in characters, its end included, the offset in UTF-16 units."""
    at, units = 0, [0]
    for c in text:
        at += 2 if ord(c) > 0xFFFF else 1
        units.append(at)
    return units


def _list(path: Path) -> list[Any]:
    try:
        found = json.loads(_text(path))
    except ValueError as error:
        raise ExchangeError(f"{path}: no JSON ({error}); export the project as JSON") from error
    if not isinstance(found, list):
        raise ExchangeError(f"{path}: not a list of tasks; export the project as JSON")
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ExchangeError(f"{path}: cannot be read ({error}); check the path") from error
