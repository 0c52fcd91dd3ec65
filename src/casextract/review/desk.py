"""The reviewer's desk: a dataset with its log of corrections as it stands now, and what may be added to the log.

A dataset holds what the log said when it was built; `live` brings its rows up to the log of this moment, without
building. Nothing here knows of a browser.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import filelock

from casextract.assemble import Records
from casextract.dataset.read import Dataset
from casextract.errors import CasextractError
from casextract.load import load_bytes
from casextract.pipeline import Pipeline, run
from casextract.records import Case, Indicator, Measure, Record
from casextract.reports.explain import explain, sentence_around, sources_of
from casextract.review.applying import ADDED_RULE, correct
from casextract.review.corrections import (
    EDITABLE,
    Action,
    Anchor,
    Correction,
    CorrectionError,
    Target,
    anchor_at,
    anchor_of,
    append,
    in_force,
    read_log,
)
from casextract.rulebook.loading import Rulebook

RARE = 3
"""A rule that decided fewer numbers of the dataset than this is worth a look."""


class ConflictError(CasextractError):
    """Somebody else has changed the record since the page showed it."""


class UnreadError(CasextractError):
    """The marked characters are no number that the rules can read."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the page asks to be written down; offsets are those of the document's text."""

    doc_id: str
    action: Action
    target: Target = "indicator"
    start: int | None = None
    end: int | None = None
    field: str | None = None
    old: Any = None
    new: Any = None
    undoes: str | None = None
    comment: str = ""


class Desk:
    """One dataset and one log. Every call reads the log anew, so that two pages, or a page and an editor, may share
    it."""

    def __init__(
        self,
        dataset: Dataset,
        log: Path,
        rules: Callable[[], tuple[Pipeline, Rulebook]],
        who: str,
        now: Callable[[], str],
    ) -> None:
        """`rules` is called when the first explanation is asked for, `now` gives the time of a correction (ISO
        8601)."""
        self.log = log
        self.who = who
        self._dataset = dataset
        self._rules = rules
        self._now = now
        self._explained: dict[str, Any] = {}
        read_log(log)

    @cached_property
    def _articles(self) -> Mapping[str, Records]:
        return {r.documents[0].doc_id: r for r in self._dataset.articles()}

    @cached_property
    def _rule_counts(self) -> Mapping[str, int]:
        return Counter(self._dataset.indicators.arrow(["rule_id"])["rule_id"].to_pylist())

    def documents(self) -> list[dict[str, Any]]:
        """The documents in order, each with its counts and how many of its numbers somebody has looked at."""
        log = read_log(self.log)
        reviewed: dict[str, set[Any]] = {}
        for c in in_force(log):
            if c.target == "indicator":
                reviewed.setdefault(c.source_path, set()).add(c.place)
        wanted = [
            "doc_id",
            "source_path",
            "title",
            "kind",
            "published_on",
            "case_count",
            "indicator_count",
            "unresolved_count",
        ]
        rows = self._dataset.documents.arrow(wanted).to_pylist()
        return [
            {
                **row,
                "published_on": str(row["published_on"] or ""),
                "reviewed": len(reviewed.get(row["source_path"], ())),
            }
            for row in rows
        ]

    def article(self, doc_id: str) -> dict[str, Any]:
        """All that the page shows of a document. Raises KeyError where there is none."""
        log = read_log(self.log)
        base = self._articles[doc_id]
        document = base.documents[0]
        own = [c for c in log if c.source_path == document.source_path]
        records = live(base, own)
        state = _reviewed(records, own)
        marks = [*self._indicators(records, state), *_others(records)]
        return {
            "doc_id": doc_id,
            "title": document.title or document.source_path,
            "source_path": document.source_path,
            "pieces": pieces(document.text, [(m["start"], m["end"]) for m in marks] + _borders(records)),
            "marks": sorted(marks, key=lambda m: (m["start"], m["end"])),
            "cases": [_section(c, EDITABLE["case"]) for c in records.cases],
            "measures": [_section(m, EDITABLE["measure"]) for m in records.measures],
            "problems": [{"severity": p.severity, "code": p.code, "message": p.message} for p in records.problems],
            "log": [_told(c) for c in reversed(own)][:50],
            "count": len(own),
        }

    def explanation(self, doc_id: str, start: int) -> list[dict[str, Any]]:
        """How the number at `start` became what the rules make of it: one entry a decision. Empty where there is no
        number."""
        if doc_id not in self._explained:
            pipeline, rulebook = self._rules()
            source = next(s for s in sources_of(self._dataset) if s.doc_id == doc_id)
            self._explained = {doc_id: ({e.start: e for e in explain(source, pipeline, rulebook)}, rulebook)}
        found, rulebook = self._explained[doc_id]
        if start not in found:
            return []
        reasons: list[dict[str, Any]] = found[start].to_dict()["reasons"]
        for reason in reasons:
            rules = [r for i in (reason["rule"] or "").split() if (r := rulebook.find(i)) is not None]
            reason["examples"] = [str(getattr(e, "text", e)) for _, r in rules for e in r.examples][:6]
        return reasons

    def record(self, request: Request) -> Correction:
        """Write down what the page asks, and return it.

        Raises ConflictError where the record is no longer what the page showed, KeyError for an unknown document and
        ValueError for a request that is no correction.
        """
        with _alone(self.log):
            correction = self._made(request)
            append(self.log, [correction])
        return correction

    def _made(self, request: Request) -> Correction:
        base = self._articles[request.doc_id]
        document = base.documents[0]
        log = read_log(self.log)
        common = {
            "id": secrets.token_hex(5),
            "who": self.who,
            "when": self._now(),
            "source_path": document.source_path,
            "action": request.action,
            "target": request.target,
            "comment": request.comment,
        }
        if request.action == "undo":
            if all(c.id != request.undoes for c in log):
                raise ConflictError("what is to be undone is not in the log")
            return Correction(**common, undoes=request.undoes)
        if request.start is None or request.end is None:
            raise ValueError("start and end are missing")
        records = live(base, [c for c in log if c.source_path == document.source_path])
        row = _at(records, request.target, request.start)
        if request.action == "add":
            if request.target == "indicator" and not request.new:
                request = replace(
                    request, new=self._read(document.text[request.start : request.end], document.source_path)
                )
            new = {k: _quoted(document.text, v) if k == "end" else v for k, v in (request.new or {}).items()}
            return Correction(**common, anchor=_quoted(document.text, request), new=new)
        if row is None:
            raise ConflictError("the record is no longer there")
        anchor = anchor_of(document.text, row)
        if request.action in ("accept", "reject"):
            return Correction(**common, anchor=anchor, old=_snapshot(row, request.target))
        now = _json(getattr(row, request.field or "", None))
        new = request.new
        if request.field in ("start", "end") and isinstance(new, dict):
            new = _quoted(document.text, new).model_dump()
        elif now != request.old:
            raise ConflictError(f"{request.field} is {now!r} now")
        return Correction(**common, anchor=anchor, field=request.field, old=now, new=new)

    def _read(self, text: str, source_path: str) -> dict[str, Any]:
        return read_number(text, source_path, self._rules()[0])

    def _indicators(self, records: Records, state: Mapping[int, str]) -> Iterator[dict[str, Any]]:
        for i in records.indicators:
            yield {
                "id": i.indicator_id,
                "start": i.start,
                "end": i.end,
                "what": "indicator",
                "rule_id": i.rule_id,
                "case_id": i.case_id,
                "corrected": i.corrected,
                "review": state.get(i.start),
                "doubt": self._doubt(i),
                "sentence": i.sentence,
                "fields": _fields(i, EDITABLE["indicator"]),
            }

    def _doubt(self, i: Indicator) -> int:
        """How much there is to doubt in an indicator, for the order in which one looks: the least certain first."""
        catch_all = i.rule_id.rsplit(".", 1)[-1] in ("other", "none", "any")
        return (
            2 * (self._rule_counts.get(i.rule_id, 0) < RARE)
            + 2 * catch_all
            + (i.subject is None)
            + (i.bound != "exact")
        )


def read_number(text: str, source_path: str, pipeline: Pipeline) -> dict[str, Any]:
    """The fields of a number, read from nothing but its own characters. Raises UnreadError where the rules make no
    single number of them."""
    loaded = load_bytes(text.encode(), source_path, "utf-8")
    found = [i for source in loaded.sources for i in run(source, pipeline).indicators]
    if len(found) != 1:
        raise UnreadError(f"no rule reads {text!r} as a number: give its value and unit")
    return {k: v for k, v in _fields(found[0], EDITABLE["indicator"]).items() if v not in (None, [])}


def live_articles(
    articles: Iterable[Records], log: Sequence[Correction]
) -> Iterator[tuple[Records, tuple[Correction, ...]]]:
    """Each article as the log leaves it, with its own lines of the log."""
    for base in articles:
        own = tuple(c for c in log if c.source_path == base.documents[0].source_path)
        yield live(base, own), own


def live(base: Records, log: Sequence[Correction]) -> Records:
    """The records of an article as they will be when it is built with `log`, its own corrections, from rows that were
    built with an earlier or the same log."""
    effective = {(*c.place, c.field if c.action == "change" else "whole"): c for c in in_force(log)}
    chains: dict[tuple[Any, ...], list[Correction]] = {}
    for c in log:
        if c.action != "undo":
            chains.setdefault((*c.place, c.field if c.action == "change" else "whole"), []).append(c)
    found = (_wanted(_anchored(base, chain[0]), chain, effective.get(key)) for key, chain in chains.items())
    quiet = replace(base, problems=tuple(p for p in base.problems if p.code != "stale_correction"))
    return correct(quiet, [c for c in found if c is not None])


def _wanted(
    row: Indicator | Case | Measure | None, chain: Sequence[Correction], now: Correction | None
) -> Correction | None:
    """What brings a row (None: it is not there) to where its lines of the log leave it; `now` is the one in force."""
    if chain[0].action == "change" and row is not None:
        return _changed_to(row, chain, now)
    if now is None:
        return _undone(row, chain)
    if now.action == "change":
        # Of a record that the log has added itself, or of one that is gone: then it is told as stale.
        return now
    if now.action in ("reject", "add") and (now.action == "reject") == (row is not None):
        return now.model_copy(update={"old": None})
    return None


def _changed_to(
    row: Indicator | Case | Measure, chain: Sequence[Correction], now: Correction | None
) -> Correction | None:
    """The change of a field from what it is to what it shall be; None where it is so already."""
    value = _json(getattr(row, chain[0].field or ""))
    known = [v for c in chain for v in (c.old, c.new)]
    target = now.new if now is not None else chain[0].old
    if value in known and value != target and not isinstance(target, dict):
        return chain[0].model_copy(update={"old": value, "new": target})
    return now if now is not None and (isinstance(now.new, dict) or value not in known) else None


def _undone(row: Indicator | Case | Measure | None, chain: Sequence[Correction]) -> Correction | None:
    """What takes back lines of the log that are no longer in force: a rejected record comes back, an added one goes."""
    gone = _last(chain, "reject")
    if row is None and gone is not None and gone.target == "indicator":
        return gone.model_copy(update={"action": "add", "new": gone.old})
    if row is not None and getattr(row, "rule_id", "") == ADDED_RULE:
        return chain[0].model_copy(update={"action": "reject", "old": None})
    return None


def _last(chain: Sequence[Correction], action: Action) -> Correction | None:
    return next((c for c in reversed(chain) if c.action == action), None)


def _anchored(records: Records, c: Correction) -> Indicator | Case | Measure | None:
    span = c.anchor.find(records.documents[0].text) if c.anchor is not None else None
    return _at(records, c.target, span[0]) if span is not None else None


def _at(records: Records, target: Target, start: int) -> Indicator | Case | Measure | None:
    rows: Mapping[Target, Sequence[Indicator | Case | Measure]] = {
        "indicator": records.indicators,
        "case": records.cases,
        "measure": records.measures,
    }
    return next((r for r in rows[target] if r.start == start), None)


def _snapshot(row: Record, target: Target) -> dict[str, Any]:
    return _fields(row, [f for f in EDITABLE[target] if f not in ("start", "end")])


def _fields(row: Record, names: Sequence[str]) -> dict[str, Any]:
    return {n: _json(getattr(row, n)) for n in names if hasattr(row, n)}


def _json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _quoted(text: str, where: Request | Mapping[str, Any]) -> Anchor:
    """The anchor of a stretch of text that was chosen on the page."""
    start, end = (where["start"], where["end"]) if isinstance(where, Mapping) else (where.start, where.end)
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= len(text):
        raise ValueError("start and end do not lie in the document")
    low, high = sentence_around(text, start, end)
    return anchor_at(text, start, end, low, text[low : max(high, end)])


def _reviewed(records: Records, log: Sequence[Correction]) -> dict[int, str]:
    """What was last said of each number, by its offset."""
    found: dict[int, str] = {}
    text = records.documents[0].text
    for c in in_force(log):
        span = c.anchor.find(text) if c.anchor is not None and c.target == "indicator" else None
        if span is not None:
            found[span[0]] = c.action
    return found


def _others(records: Records) -> Iterator[dict[str, Any]]:
    """The numerals that are no indicator, each with what is said of it."""
    text = records.documents[0].text
    for n in records.numerals:
        if n.disposition != "indicator":
            low, high = sentence_around(text, n.start, n.end)
            yield {
                "id": f"n{n.start}",
                "start": n.start,
                "end": n.end,
                "what": n.disposition,
                "rule_id": n.rule_id,
                "reason": n.reason,
                "sentence": text[low:high].strip(),
                "doubt": 9 if n.disposition == "unresolved" else 0,
                "review": "reject" if n.reason == "rejected" else None,
                "fields": {},
            }


def _section(row: Case | Measure, names: Sequence[str]) -> dict[str, Any]:
    own = row.case_id if isinstance(row, Case) else row.measure_id
    return {
        "id": own,
        "start": row.start,
        "end": row.end,
        "rule_id": row.rule_id,
        "corrected": row.corrected,
        "fields": _fields(row, [n for n in names if n not in ("start", "end")]),
        "implicit": row.implicit if isinstance(row, Case) else False,
    }


def _borders(records: Records) -> list[tuple[int, int]]:
    return [*((c.start, c.end) for c in records.cases), *((m.start, m.end) for m in records.measures)]


def pieces(text: str, spans: Sequence[tuple[int, int]]) -> list[list[Any]]:
    """The text cut at every border: [offset, characters] each, so that a page need not count characters as Python
    does."""
    cuts = sorted({0, len(text), *(b for span in spans for b in span)})
    return [[a, text[a:b]] for a, b in pairwise(cuts)]


def _told(c: Correction) -> dict[str, Any]:
    return {
        "id": c.id,
        "action": c.action,
        "target": c.target,
        "field": c.field,
        "old": c.old,
        "new": c.new,
        "who": c.who,
        "when": c.when,
        "undoes": c.undoes,
        "text": c.anchor.text if c.anchor else "",
        "comment": c.comment,
    }


@contextmanager
def _alone(log: Path) -> Iterator[None]:
    """Only one writer at a time, of all pages and processes.

    The lock file stays: who removed it could take away what another holds.
    """
    try:
        with filelock.FileLock(f"{log}.lock", timeout=10):
            yield
    except filelock.Timeout as error:
        raise CorrectionError(f"{log}: another program keeps it locked; try again") from error


def dumps(value: Any) -> bytes:
    """JSON as the page reads it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
