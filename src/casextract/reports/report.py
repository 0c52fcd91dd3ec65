"""A dataset as one page for the browser: what came in, charts, and a table to search, with filters that act on all of
them.

The page is one file that asks for nothing from outside: data, styles and the libraries it draws with (`static/vendor`)
are inside. The numbers are packed (columns of indices into lists of what recurs, gzip), so that a thousand documents
stay below five megabytes.
"""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader

from casextract import __version__
from casextract.dataset.read import Dataset
from casextract.dataset.selection import EVERYTHING, Number, Selection, select
from casextract.language import Language, labels, translated
from casextract.reports.problems import found

PACKED = 4_300_000
"""Characters that the packed data may take: with the libraries and the frame the page stays below five megabytes."""

REACHES = (80, 48, 28, 16, 8, 0)
"""Characters either side of a number that its clause is cut to, where whole sentences are too much."""

_BORDER = "，；。：,;:!?！？\n"
"""What ends a clause."""

PROBLEMS_LISTED = 500

_VENDOR = ("vega.min.js", "vega-lite.min.js", "tabulator.min.js")
_CODES = ("metric", "topic", "status", "bound", "dimension", "currency", "severity", "kind")

_TILES: Mapping[str, tuple[int, int]] = {
    "新疆维吾尔自治区": (0, 1),
    "西藏自治区": (1, 4),
    "青海省": (2, 3),
    "甘肃省": (3, 2),
    "内蒙古自治区": (5, 1),
    "宁夏回族自治区": (4, 2),
    "黑龙江省": (9, 0),
    "吉林省": (9, 1),
    "辽宁省": (9, 2),
    "北京市": (7, 2),
    "天津市": (8, 2),
    "河北省": (6, 2),
    "山西省": (5, 2),
    "陕西省": (4, 3),
    "河南省": (6, 3),
    "山东省": (7, 3),
    "四川省": (3, 4),
    "重庆市": (4, 4),
    "湖北省": (5, 4),
    "安徽省": (6, 4),
    "江苏省": (7, 4),
    "上海市": (8, 4),
    "云南省": (2, 5),
    "贵州省": (3, 5),
    "湖南省": (4, 5),
    "江西省": (5, 5),
    "浙江省": (7, 5),
    "广西壮族自治区": (3, 6),
    "广东省": (5, 6),
    "福建省": (6, 6),
    "台湾省": (8, 6),
    "海南省": (3, 7),
    "香港特别行政区": (6, 7),
    "澳门特别行政区": (5, 7),
}
"""Where each province stands on a map of equal squares: column from the west, row from the north."""


@dataclass(frozen=True, slots=True)
class Report:
    """A page and what it does not hold."""

    html: str
    numbers: int
    """Numbers that it shows."""
    repeated: int
    """Numbers left out because their document repeats an earlier one."""
    undated: int
    """Numbers left out because the date of their document is not known."""
    shortened: int | None
    """Characters either side of the number that sentences were cut to; None where they are whole."""


def report(dataset: Dataset, language: Language = "en", selection: Selection = EVERYTHING) -> Report:
    """The page of a dataset, or of what a selection asks for."""
    chosen = select(dataset, selection)
    numbers = [n | {"at": at} for n, at in zip(chosen.numbers, _positions(dataset, chosen.numbers), strict=True)]
    packed, shortened = _packed(numbers)
    style = _file("report.css")
    html = (
        _templates()
        .get_template("report.html")
        .render(
            language=language,
            t=labels("report", language),
            version=__version__,
            digest=dataset.digest,
            facts=_facts(dataset, chosen.numbers, chosen.repeated, language),
            narrowed=_narrowed(selection, language),
            problems=_problems(dataset, language),
            documents=_documents(dataset, chosen.numbers, language),
            packed=packed,
            names=_embedded(_names(language)),
            style=_file("vendor/tabulator.min.css") + style,
            script=_file("report.js"),
            libraries=[_library(name) for name in _VENDOR],
            shortened=shortened,
            script_digest=_digest(_file("report.js")),
        )
    )
    return Report(html, len(numbers), chosen.repeated, chosen.undated, shortened)


def _facts(dataset: Dataset, numbers: Sequence[Number], repeated: int, language: Language) -> list[tuple[str, str]]:
    """What came in, in figures."""
    documents = {n["doc_id"] for n in numbers}
    issues = {n["issue"] for n in numbers} - {None}
    places = {n["where"] for n in numbers} - {""}
    severities = [s for s in dataset.problems.arrow(["severity"])["severity"].to_pylist() if s != "info"]
    words = labels("report", language)
    figures = {
        "documents": len(documents),
        "issues": len(issues),
        "places": len(places),
        "cases": len({n["case_id"] for n in numbers} - {None}),
        "numbers": len(numbers),
        "repeats": repeated,
        "problems": len(severities),
    }
    return [(words[name], f"{figure:,}") for name, figure in figures.items()]


def _narrowed(selection: Selection, language: Language) -> list[tuple[str, str]]:
    """What the report was narrowed to."""
    words = labels("report", language)
    asked = {"place": selection.place, "topic": selection.topic, "metric": selection.metric, "since": selection.since}
    return [(words[name], str(value)) for name, value in asked.items() if value]


def _problems(dataset: Dataset, language: Language) -> list[tuple[str, str]]:
    names = labels("severity", language)
    return [(names[p.severity], translated(p.told, language)) for p in found(dataset)[:PROBLEMS_LISTED]]


def _documents(dataset: Dataset, numbers: Sequence[Number], language: Language) -> list[dict[str, Any]]:
    """The documents of the numbers, and those that repeat one of them."""
    shown = {n["doc_id"] for n in numbers}
    kinds = labels("kind", language)
    wanted = [
        "doc_id",
        "title",
        "issue",
        "publisher",
        "published_on",
        "kind",
        "source_path",
        "duplicate_of",
        "indicator_count",
    ]
    return [
        row | {"kind": kinds[row["kind"]], "repeats": row["duplicate_of"] is not None}
        for row in dataset.documents.arrow(wanted).to_pylist()
        if row["doc_id"] in shown or row["duplicate_of"] in shown
    ]


def _positions(dataset: Dataset, numbers: Sequence[Number]) -> Iterable[int]:
    """Where each number begins in its sentence; -1 where it is not found."""
    wanted = {n["doc_id"] for n in numbers}
    texts = {
        row["doc_id"]: row["text"]
        for batch in dataset.documents.arrow(["doc_id", "text"]).to_batches()
        for row in batch.to_pylist()
        if row["doc_id"] in wanted
    }
    for n in numbers:
        low, high = max(0, n["end"] - len(n["sentence"])), n["start"] + len(n["sentence"])
        at = texts[n["doc_id"]].find(n["sentence"], low, high)
        yield n["start"] - at if at >= 0 else -1


def _packed(numbers: Sequence[Number]) -> tuple[str, int | None]:
    """The numbers as the page unpacks them, and what sentences were cut to so that they fit."""
    packed = ""
    for reach in (None, *REACHES):
        packed = _squeezed(_columns(numbers, reach))
        if len(packed) <= PACKED:
            return packed, reach
    return packed, REACHES[-1]


def _squeezed(content: Any) -> str:
    return _gzipped(json.dumps(content, ensure_ascii=False, separators=(",", ":")))


def _gzipped(text: str) -> str:
    return b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def _digest(script: str) -> str:
    """How a policy names the one script that may run."""
    return f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"


@cache
def _library(name: str) -> str:
    return _gzipped(_file(f"vendor/{name}"))


class _List:
    """What recurs, each once, and the index of each."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._known: dict[Any, int] = {}

    def index(self, key: Any, value: Any = None) -> int:
        at = self._known.setdefault(key, len(self.values))
        if at == len(self.values):
            self.values.append(key if value is None else value)
        return at


_WORDS = (
    "where",
    "province",
    "metric",
    "subject",
    "unit",
    "bound",
    "status",
    "time",
    "dimension",
    "currency",
    "baseline_unit",
)
"""Columns whose values recur."""


def _columns(numbers: Sequence[Number], reach: int | None) -> dict[str, Any]:
    lists = {name: _List() for name in (*_WORDS, "topics", "per", "doc", "sentence")}
    columns: dict[str, list[Any]] = {
        name: [] for name in (*lists, "value", "value_high", "baseline_value", "text", "baseline_text", "at")
    }
    for n in numbers:
        for name in _WORDS:
            columns[name].append(lists[name].index(n[name] or ""))
        topics, per = tuple(n["topics"] or ()), tuple(n["per"] or ())
        columns["topics"].append(lists["topics"].index(topics, list(topics)))
        columns["per"].append(lists["per"].index(per, list(per)))
        published = n["published_on"].isoformat() if n["published_on"] else ""
        document = [n["document_title"] or "", n["issue"] or "", published, n["source_path"]]
        columns["doc"].append(lists["doc"].index(n["doc_id"], document))
        sentence, at = _quoted(n, reach)
        columns["sentence"].append(lists["sentence"].index(sentence))
        columns["at"].append(at)
        for name in ("value", "value_high", "baseline_value"):
            columns[name].append(_short(n[name]))
        columns["text"].append(n["text"])
        columns["baseline_text"].append(n["baseline_text"] or "")
    return {"lists": {name: found.values for name, found in lists.items()}, "columns": columns}


def _quoted(number: Number, reach: int | None) -> tuple[str, int]:
    """The sentence of a number and where it begins in it, cut to so many characters either side."""
    sentence, at = number["sentence"], number["at"]
    if reach is None:
        return sentence, at
    if at < 0:
        return sentence[: 2 * reach], at
    end = at + len(number["text"])
    # Numbers of one clause share it, and so the page holds it once.
    clause = max(sentence.rfind(c, 0, at) for c in _BORDER) + 1
    close = min((found for c in _BORDER if (found := sentence.find(c, end)) >= 0), default=len(sentence))
    low, high = max(clause, at - reach), min(close, end + reach)
    before, behind = "…" if low else "", "…" if high < len(sentence) else ""
    return before + sentence[low:high] + behind, at - low + len(before)


def _short(value: float | None) -> float | int | None:
    return int(value) if value is not None and value == int(value) else value


def _names(language: Language) -> dict[str, Any]:
    """What the script needs in words."""
    tiles = [[name, *at] for name, at in _TILES.items()]
    return {
        "language": language,
        "words": labels("report", language),
        "fields": labels("field", language),
        "codes": {kind: labels(kind, language) for kind in _CODES},
        "tiles": tiles,
    }


def _embedded(content: Any) -> str:
    # Inside a script nothing is unescaped, so the one character that could end it must not stand there.
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("casextract.reports"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _file(name: str) -> str:
    return resources.files("casextract.reports").joinpath("static", name).read_text(encoding="utf-8")
