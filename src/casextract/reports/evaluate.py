"""How well a dataset agrees with gold annotations: precision, recall and F1 with counts and intervals, and floors under
them.

The rules of matching are those of the annotation guideline: a case or measure is found if it starts where the gold one
does, up to three characters that are no blanks; an indicator is found if it touches a gold one of equal value. Gold
indicators that are not core are neither rewarded nor punished.

Intervals are 95% Wilson score intervals: of right/all for a share, of tp/(tp+fp) for precision, of tp/(tp+fn) for
recall. F1 is a rising function of tp/(tp+fp+fn), so its interval is that function of the interval of this share.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from casextract.dataset.read import Dataset
from casextract.dataset.writing import write_text
from casextract.language import Language, label, labels
from casextract.reports.gold import GoldError, gold_digest, read_gold

if TYPE_CHECKING:
    from rich.console import RenderableType

Row = Mapping[str, Any]

TOLERANCE = 3
"""Characters, blanks not counted, by which the start of a case or measure may be off."""

ATTRIBUTES = ("unit", "dimension", "metric", "bound", "per", "status", "subject", "time")
STRICT = frozenset({"unit", "dimension", "metric", "bound", "per", "status"})
"""Attributes that must all be right for an indicator to count as strictly right."""

FUNDS = frozenset({"investment", "fundraising", "allowance", "savings", "funds_other"})
FAMILIES = ("beds", "funds", "coverage_rate", "time_limit")
"""What the project is asked about by name: a metric, or `funds` for all of them about money."""

_Z = 1.959963984540054
_PLACES = ("province", "city", "county")


@dataclass(slots=True)
class Tally:
    """Counts of one figure: found, invented and missed, or, where nothing can be invented, right among all."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    share: bool = False
    """The figure is a plain share, tp right and fn wrong."""

    def add(self, other: Tally) -> None:
        """Count what `other` has counted."""
        self.tp, self.fp, self.fn, self.share = self.tp + other.tp, self.fp + other.fp, self.fn + other.fn, other.share

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 where nothing was found."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Share of what was to be found that was; 1 where there was nothing."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def value(self) -> float:
        """F1, or the share."""
        if self.share:
            return self.recall
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95% interval of `value`."""
        if self.share:
            return wilson(self.tp, self.tp + self.fn)
        low, high = wilson(self.tp, self.tp + self.fp + self.fn)
        return 2 * low / (1 + low), 2 * high / (1 + high)

    def to_dict(self) -> dict[str, Any]:
        """The figure with its counts, rounded to four digits."""
        low, high = (round(x, 4) for x in self.interval)
        if self.share:
            return {
                "accuracy": round(self.value, 4),
                "interval": [low, high],
                "right": self.tp,
                "of": self.tp + self.fn,
            }
        return {
            "f1": round(self.value, 4),
            "interval": [low, high],
            "precision": round(self.precision, 4),
            "precision_interval": _rounded(wilson(self.tp, self.tp + self.fp)),
            "recall": round(self.recall, 4),
            "recall_interval": _rounded(wilson(self.tp, self.tp + self.fn)),
            "tp": self.tp,
            "fp": self.fp,
            "fn": self.fn,
        }


@dataclass(frozen=True, slots=True)
class Miss:
    """One disagreement."""

    document: str
    figure: str
    start: int
    message: str


@dataclass(slots=True)
class Evaluation:
    """The figures of a dataset against gold."""

    gold_digest: str
    figures: dict[str, Tally] = field(default_factory=dict)
    metrics: dict[str, Tally] = field(default_factory=dict)
    """Indicators by metric: found with the right value and as this metric."""
    documents: dict[str, dict[str, Tally]] = field(default_factory=dict)
    """The figures of each document, by source path."""
    misses: list[Miss] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    """Gold documents that the dataset does not have."""

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON would have it."""
        return {
            "gold_digest": self.gold_digest,
            "figures": {k: t.to_dict() for k, t in _ordered(self.figures)},
            "metrics": {k: t.to_dict() for k, t in sorted(self.metrics.items())},
            "documents": {
                name: {k: t.to_dict() for k, t in _ordered(figures)} for name, figures in sorted(self.documents.items())
            },
            "absent": self.absent,
        }


ORDER = (
    "cases",
    "region",
    "adcode",
    "title",
    "measures L1",
    "measures L2",
    "indicators",
    "strict",
    *(f"· {f}" for f in FAMILIES),
    *ATTRIBUTES,
    "grounded",
)
"""The figures in the order they are shown."""


def evaluate(dataset: Dataset, gold: Path) -> Evaluation:
    """Score `dataset` against the annotations (`*.json`) in the folder `gold`.

    A gold document is the one in the dataset whose file has the same stem. Where annotations carry `range`, only what
    starts inside it counts. Raises GoldError where the folder holds no annotations or a file cannot be used.
    """
    annotations = read_gold(gold)
    tables = {t: _by_document(dataset[t].arrow().to_pylist()) for t in ("cases", "measures", "indicators")}
    documents = {PurePosixPath(d["source_path"]).stem: d for d in dataset.documents.arrow().to_pylist()}
    result = Evaluation(gold_digest(gold))
    for annotation in annotations:
        document = documents.get(PurePosixPath(annotation.doc).stem)
        score = _Score()
        if document is None:
            name = annotation.doc
            result.absent.append(name)
            score.count("indicators", fn=sum(r.core for r in annotation.indicators))
            score.count("cases", fn=len(annotation.cases))
        else:
            name = document["source_path"]
            rows = {t: table.get(document["doc_id"], []) for t, table in tables.items()}
            _score_document(document, rows, annotation.model_dump(), score)
        _collect(result, name, score)
    return result


def evaluate_numbers(documents: Iterable[tuple[str, str, Sequence[Row], Sequence[Row]]]) -> Evaluation:
    """Score single numbers: of each document its name, its text, the indicators found and those that are right."""
    result = Evaluation("")
    for name, text, found, wanted in documents:
        score = _Score()
        _score_indicators(found, wanted, text, score)
        _collect(result, name, score)
    return result


def _collect(result: Evaluation, name: str, score: _Score) -> None:
    """Add what a document counts to the whole."""
    result.documents[name] = score.figures
    result.misses += [Miss(name, *miss) for miss in score.misses]
    for target, part in ((result.figures, score.figures), (result.metrics, score.metrics)):
        for figure, tally in part.items():
            target.setdefault(figure, Tally()).add(tally)


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95% Wilson score interval of a share; (0, 1) where there is nothing to go by."""
    if of == 0:
        return 0.0, 1.0
    share, z2 = right / of, _Z * _Z
    middle = share + z2 / (2 * of)
    spread = _Z * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    # At the ends the exact bounds are 0 and 1, which rounding would miss by a hair.
    low = (middle - spread) / (1 + z2 / of) if right > 0 else 0.0
    high = (middle + spread) / (1 + z2 / of) if right < of else 1.0
    return low, high


@dataclass(frozen=True, slots=True)
class Floors:
    """The least value each figure may have, and the gold it was measured on."""

    gold_digest: str
    figures: Mapping[str, float]


def read_floors(path: Path) -> Floors:
    """Read pinned floors. Raises GoldError where the file is not one `pin` has written."""
    try:
        content = json.loads(path.read_bytes())
        return Floors(content["gold_digest"], {str(k): float(v) for k, v in content["floors"].items()})
    except FileNotFoundError:
        raise GoldError(f"{path}: no such file; make it with --pin") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GoldError(
            f"{path}: no floors can be read from it ({error}); write it anew with --pin --allow-lower"
        ) from error


def falls(result: Evaluation, floors: Floors) -> list[str]:
    """What is wrong with `result` by `floors`: other gold, a figure below its floor or gone.

    Empty where all is well.
    """
    found = []
    if floors.gold_digest != result.gold_digest:
        found.append("the gold is not the one that the floors were pinned on")
    for figure, floor in floors.figures.items():
        tally = result.figures.get(figure)
        if tally is None:
            found.append(f"{figure}: not measured any more, the floor is {floor:.4f}")
        elif _pinned(tally) < floor:
            found.append(f"{figure}: {_pinned(tally):.4f} is below the floor {floor:.4f}")
    return found


def pin(path: Path, result: Evaluation, *, allow_lower: bool = False) -> list[str]:
    """Write the figures of `result` as floors to `path`; what would be lowered stops it and is returned, unless
    allowed.

    Raises GoldError where `path` holds something else, WriteError where it cannot be written.
    """
    new = {figure: _pinned(tally) for figure, tally in _ordered(result.figures)}
    if path.exists() and not allow_lower:
        lowered = [
            f"{figure}: {floor:.4f} would become {new[figure]:.4f}" if figure in new else f"{figure}: would be dropped"
            for figure, floor in read_floors(path).figures.items()
            if figure not in new or new[figure] < floor
        ]
        if lowered:
            return lowered
    content = {"gold_digest": result.gold_digest, "floors": new}
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return []


def markdown(result: Evaluation) -> str:
    """The figures as Markdown tables: all, by metric, by document."""
    parts = [
        _table("figure", _ordered(result.figures)),
        "### By metric",
        "",
        _table("metric", sorted(result.metrics.items())),
    ]
    parts += ["### By document", ""]
    shown = ("cases", "measures L1", "measures L2", "indicators", "strict")
    head = "| document | " + " | ".join(shown) + " |\n|---|" + "--:|" * len(shown)
    rows = []
    for name, figures in sorted(result.documents.items()):
        cells = [f"{figures[f].value:.3f} ({_counts(figures[f])})" if f in figures else "–" for f in shown]
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join([*parts, head, *rows]) + "\n"


def terminal(result: Evaluation, language: Language = "en") -> RenderableType:
    """The figures for a terminal."""
    from rich.console import Group
    from rich.table import Table

    words = labels("printed", language)
    parts: list[RenderableType] = []
    for kind, tallies in (("figure", _ordered(result.figures)), ("metric", sorted(result.metrics.items()))):
        table = Table(words[kind], words["score"], "95%", "P", "R", words["counts"])
        for name, t in tallies:
            low, high = t.interval
            p, r = ("", "") if t.share else (f"{t.precision:.3f}", f"{t.recall:.3f}")
            shown = name if language == "en" else label(kind, name, language)
            table.add_row(
                shown, f"{t.value:.3f}", words["range"].format(low=low, high=high), p, r, _counts(t, language)
            )
        parts.append(table)
    return Group(*parts)


def _table(title: str, tallies: Iterable[tuple[str, Tally]]) -> str:
    lines = [f"| {title} | value | 95% interval | precision | recall | counts |", "|---|--:|---|--:|--:|---|"]
    for name, t in tallies:
        low, high = t.interval
        p, r = ("", "") if t.share else (f"{t.precision:.3f}", f"{t.recall:.3f}")
        lines.append(f"| {name} | {t.value:.3f} | {low:.3f} to {high:.3f} | {p} | {r} | {_counts(t)} |")
    return "\n".join(lines) + "\n"


def _counts(tally: Tally, language: Language = "en") -> str:
    words = labels("printed", language)
    if tally.share:
        return words["of"].format(right=tally.tp, all=tally.tp + tally.fn)
    return words["errors"].format(tp=tally.tp, fp=tally.fp, fn=tally.fn)


class _Score:
    """The counts of one document."""

    def __init__(self) -> None:
        self.figures: dict[str, Tally] = {}
        self.metrics: dict[str, Tally] = {}
        self.misses: list[tuple[str, int, str]] = []

    def count(self, figure: str, *, tp: int = 0, fp: int = 0, fn: int = 0) -> None:
        self.figures.setdefault(figure, Tally()).add(Tally(tp, fp, fn))

    def check(self, figure: str, right: bool) -> bool:
        self.figures.setdefault(figure, Tally(share=True)).add(Tally(tp=right, fn=not right, share=True))
        return right

    def miss(self, figure: str, start: int, message: str) -> None:
        self.misses.append((figure, start, message))


def _score_document(document: Row, rows: Mapping[str, Sequence[Row]], annotation: Row, score: _Score) -> None:
    text: str = document["text"]
    low, high = annotation["range"] or (0, len(text))

    def inside(records: Iterable[Row]) -> list[Row]:
        return [r for r in records if low <= r["start"] < high]

    _score_cases(rows["cases"], inside(rows["cases"]), inside(annotation["cases"]), text, score)
    for level in (1, 2):
        figure = f"measures L{level}"
        # Level 2 stands for all enumeration inside a section, however deep it is printed.
        found = [m for m in inside(rows["measures"]) if min(m["level"], 2) == level]
        wanted = [m for m in inside(annotation["measures"]) if min(m["level"], 2) == level]
        pairs = _paired(found, wanted, text)
        score.count(figure, tp=len(pairs), fp=len(found) - len(pairs), fn=len(wanted) - len(pairs))
        _report(figure, found, wanted, pairs, text, score)
    _score_indicators(inside(rows["indicators"]), inside(annotation["indicators"]), text, score)


def _score_cases(
    all_found: Sequence[Row], found: Sequence[Row], wanted: Sequence[Row], text: str, score: _Score
) -> None:
    pairs = _paired([c for c in found if not c["implicit"]], [c for c in wanted if not c.get("implicit")], text)
    # Where an implicit case begins is not asked, so its start may lie before the range.
    pairs += zip((c for c in all_found if c["implicit"]), (c for c in wanted if c.get("implicit")), strict=False)
    paired = {id(p) for p, _ in pairs}
    score.count("cases", tp=len(pairs), fp=sum(id(c) not in paired for c in found), fn=len(wanted) - len(pairs))
    for p, g in pairs:
        if not score.check("region", all((p[k] or None) == (g.get(k) or None) for k in _PLACES)):
            score.miss("region", g["start"], f"{[p[k] for k in _PLACES]}, gold {[g.get(k) for k in _PLACES]}")
        for name in ("adcode", "title"):
            if not score.check(name, (p[name] or None) == (g.get(name) or None)):
                score.miss(name, g["start"], f"{p[name]!r}, gold {g.get(name)!r}")
    _report("cases", found, wanted, pairs, text, score)


def _score_indicators(found: Sequence[Row], wanted: Sequence[Row], text: str, score: _Score) -> None:
    for p in found:
        grounded = 0 <= p["start"] < p["end"] <= len(text) and text[p["start"] : p["end"]] == p["text"]
        if not score.check("grounded", grounded):
            score.miss("grounded", p["start"], f"{p['text']!r} is not what the text holds there")
    taken: set[int] = set()
    for p in found:
        g = _gold_of(p, wanted)
        if g is not None and not g["core"]:
            continue
        _count_metric(p, g, score)
        if g is None or g["start"] in taken:
            score.count("indicators", fp=1)
            score.count("strict", fp=1)
            score.miss("indicators", p["start"], f"wrong: {p['value']} {p['unit']} in {_context(text, p)!r}")
            continue
        taken.add(g["start"])
        score.count("indicators", tp=1)
        wrong = [k for k in ATTRIBUTES if not score.check(k, _same_attribute(k, p[k], g.get(k)))]
        strict = STRICT.isdisjoint(wrong)
        score.count("strict", tp=strict, fp=not strict, fn=not strict)
        for k in wrong:
            score.miss(k, g["start"], f"{p[k]!r}, gold {g.get(k)!r} in {_context(text, p)!r}")
        for family in _families(g["metric"]):
            same = family in _families(p["metric"])
            _tally(score, family).add(Tally(tp=same, fn=not same))
    for g in wanted:
        if g["core"] and g["start"] not in taken:
            score.count("indicators", fn=1)
            score.count("strict", fn=1)
            for family in _families(g["metric"]):
                _tally(score, family).add(Tally(fn=1))
            score.miss("indicators", g["start"], f"missed: {g['text']!r} in {_context(text, g)!r}")


def _families(metric: str) -> tuple[str, ...]:
    """The figures a metric counts in: its own, and its family if it has one."""
    family = "funds" if metric in FUNDS else metric
    return (metric, f"· {family}") if family in FAMILIES else (metric,)


def _tally(score: _Score, family: str) -> Tally:
    target = score.figures if family.startswith("·") else score.metrics
    return target.setdefault(family, Tally())


def _count_metric(p: Row, g: Row | None, score: _Score) -> None:
    """Count a record that claims a metric which the gold number it belongs to has not."""
    for family in _families(p["metric"]):
        if g is None or family not in _families(g["metric"]):
            _tally(score, family).add(Tally(fp=1))


def _gold_of(p: Row, wanted: Sequence[Row]) -> Row | None:
    """The gold indicator a record stands for: one it touches, of equal value, else one that is not core."""
    touching = [g for g in wanted if p["start"] < g["end"] and g["start"] < p["end"]]
    for g in touching:
        if _same_number(p["value"], g["value"]) and _same_number(p["value_high"], g.get("value_high")):
            return g
    return next((g for g in touching if not g["core"]), None)


TITLE_LABEL = "原标题"
"""Stands before a title taken over and is no part of it; a start on either side of it is the same."""


def _paired(found: Sequence[Row], wanted: Sequence[Row], text: str) -> list[tuple[Row, Row]]:
    """Each gold record with the first record left that starts close enough."""
    left, pairs = list(found), []
    for g in wanted:
        for i, p in enumerate(left):
            first, last = sorted((p["start"], g["start"]))
            if sum(not c.isspace() for c in text[first:last].replace(TITLE_LABEL, "")) <= TOLERANCE:
                pairs.append((left.pop(i), g))
                break
    return pairs


def _report(
    figure: str, found: Sequence[Row], wanted: Sequence[Row], pairs: Sequence[tuple[Row, Row]], text: str, score: _Score
) -> None:
    paired = {id(r) for pair in pairs for r in pair}
    for records, verdict in ((wanted, "missed"), (found, "invented")):
        for r in records:
            if id(r) not in paired:
                score.miss(figure, r["start"], f"{verdict}: {text[r['start'] : r['start'] + 24]!r}")


def _same_number(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is None and other is None
    return abs(float(one) - float(other)) <= 1e-6 * max(1.0, abs(float(other)))


def _same_attribute(name: str, found: Any, gold: Any) -> bool:
    match name:
        case "per":
            return list(found or []) == list(gold or [])
        case "subject" | "time":
            # Where a noun phrase or a date begins is a matter of taste; that one holds the other is not.
            return (bool(found) and (found in gold or gold in found)) if gold else not found
        case _:
            return bool(found == gold)


def _context(text: str, row: Row) -> str:
    return text[max(0, row["start"] - 18) : row["end"] + 12].replace("\n", "⏎")


def _by_document(rows: Iterable[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["doc_id"], []).append(row)
    return grouped


def _ordered(figures: Mapping[str, Tally]) -> list[tuple[str, Tally]]:
    return [(name, figures[name]) for name in ORDER if name in figures]


def _pinned(tally: Tally) -> float:
    """A figure as a floor: cut, not rounded, to four digits, so that what was measured never lies below it."""
    return math.floor(tally.value * 10_000 + 1e-6) / 10_000


def _ratio(part: int, of: int) -> float:
    return part / of if of else 1.0


def _rounded(interval: tuple[float, float]) -> list[float]:
    return [round(x, 4) for x in interval]


__all__ = [
    "Evaluation",
    "Floors",
    "GoldError",
    "Miss",
    "Tally",
    "evaluate",
    "falls",
    "gold_digest",
    "markdown",
    "pin",
    "read_floors",
    "terminal",
    "wilson",
]
