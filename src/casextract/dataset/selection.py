"""The numbers of a dataset as a reader wants them: with place, topic and source beside each, and only those asked
for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from casextract.dataset.read import Dataset
from casextract.errors import CasextractError
from casextract.language import LANGUAGES, label, labels
from casextract.normalise import simplify

PLACES = ("province", "city", "county", "place")

Number = dict[str, Any]
"""A row of the flat view with `where`, the whole name of the place, beside its columns."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which numbers are asked for; what is left open asks for all. Words that are given all have to be met."""

    place: str | None = None
    """Part of the name of a place, or the beginning of its code."""
    topic: str | None = None
    """A code, or part of its name in English or Chinese."""
    metric: str | None = None
    """The same for what is measured."""
    since: date | None = None
    """Only of documents published on that day or later."""
    words: tuple[str, ...] = ()
    """Each stands in the place, the topic, the metric, the subject, the titles or the sentence."""
    repeats: bool = False
    """Also of documents that repeat an earlier one."""


EVERYTHING = Selection()


@dataclass(frozen=True, slots=True)
class Selected:
    """What a selection gave."""

    numbers: tuple[Number, ...]
    repeated: int
    """Numbers left out because their document repeats an earlier one."""
    undated: int
    """Numbers left out because `since` asks for a date that their document lacks."""


class SelectionError(CasextractError, ValueError):
    """A selection asks for a metric or topic by a name that none has. The message lists the codes."""


def select(dataset: Dataset, selection: Selection = EVERYTHING) -> Selected:
    """The numbers of a dataset that a selection asks for, in document order.

    Raises SelectionError for a metric or topic that neither the dataset nor the language has.
    """
    _check(dataset, selection)
    found: list[Number] = []
    repeated = undated = 0
    for batch in dataset.flat().to_batches():
        for row in batch.to_pylist():
            row["where"] = " ".join(row[p] for p in PLACES if row[p])
            if not _asked_for(row, selection):
                continue
            if row["duplicate_of"] is not None and not selection.repeats:
                repeated += 1
            elif selection.since is not None and row["published_on"] is None:
                undated += 1
            elif selection.since is None or row["published_on"] >= selection.since:
                found.append(row)
    return Selected(tuple(found), repeated, undated)


def _check(dataset: Dataset, selection: Selection) -> None:
    """An analyst's own rules may give codes that nobody has named, so the dataset is asked as well."""
    import pyarrow.compute as pc

    if selection.metric:
        own = dataset.indicators.arrow(["metric"])["metric"].unique().to_pylist()
        codes = {*labels("metric", "en"), *own}
        if not any(_names(selection.metric, "metric", code) for code in codes):
            raise SelectionError(f"no metric is called {selection.metric}; take one of {', '.join(sorted(codes))}")
    if selection.topic:
        own = pc.list_flatten(dataset.cases.arrow(["topics"])["topics"]).unique().to_pylist()
        codes = {*labels("topic", "en"), *own}
        if not any(_names(selection.topic, "topic", code) for code in codes):
            raise SelectionError(f"no topic is called {selection.topic}; take one of {', '.join(sorted(codes))}")


def _asked_for(row: Number, selection: Selection) -> bool:
    if selection.place and not (
        selection.place in row["where"]
        or (selection.place.isdigit() and (row["adcode"] or "").startswith(selection.place))
    ):
        return False
    if selection.topic and not any(_names(selection.topic, "topic", topic) for topic in row["topics"] or ()):
        return False
    if selection.metric and not _names(selection.metric, "metric", row["metric"]):
        return False
    return not selection.words or all(_stands_in(word, row) for word in selection.words)


def _names(word: str, kind: str, code: str) -> bool:
    """Whether a word is a code, or part of its name in one of the languages."""
    return word.lower() == code or any(word.lower() in label(kind, code, language).lower() for language in LANGUAGES)


def _stands_in(word: str, row: Number) -> bool:
    if _names(word, "metric", row["metric"]) or any(_names(word, "topic", topic) for topic in row["topics"] or ()):
        return True
    # Subjects and places are simplified already; what is printed may not be.
    plain = (row["where"], row["subject"], row["agency"], row["measure_label"])
    printed: Sequence[str | None] = (row["sentence"], row["case_title"], row["document_title"])
    if any(word in text for text in (*plain, *printed) if text):
        return True
    return row["script"] != "hans" and any(_simplified(word) in _simplified(text) for text in printed if text)


@cache
def _simplified(text: str) -> str:
    return simplify(text)[0]
