"""How often each rule spoke in a dataset, and in which documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from casextract.dataset import Dataset
from casextract.rulebook import Rulebook, TopicRule


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one rule did in a dataset."""

    rule_id: str
    concern: str
    fired: int
    """Rows that the rule made, set aside or took part in."""
    documents: tuple[str, ...]
    """Source paths of the documents, in order."""


def coverage(dataset: Dataset, rulebook: Rulebook) -> list[Coverage]:
    """The coverage of every rule, in the order of the rules; zero for rules that only their own examples show.

    Raises DatasetError where a table is damaged.
    """
    fired: Counter[str] = Counter()
    where: dict[str, set[str]] = {}
    topics: dict[str, list[str]] = {}
    for rule in rulebook.of("topics"):
        assert isinstance(rule, TopicRule)
        topics.setdefault(rule.topic, []).append(rule.id)
    for rule_id, doc_id in _spoken(dataset, topics):
        fired[rule_id] += 1
        where.setdefault(rule_id, set()).add(doc_id)
    paths = {row["doc_id"]: row["source_path"] for row in _rows(dataset, "documents", "doc_id", "source_path")}
    return [
        Coverage(rule.id, concern, fired[rule.id], tuple(sorted(paths[d] for d in where.get(rule.id, ()))))
        for concern, rules in rulebook.rules.items()
        for rule in rules
    ]


def _spoken(dataset: Dataset, topics: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Each time a rule spoke: its id and the document."""
    for row in _rows(dataset, "indicators", "doc_id", "rules", "rule_id"):
        for rule_id in dict.fromkeys([*row["rules"], row["rule_id"]]):
            yield rule_id, row["doc_id"]
    for row in _rows(dataset, "numerals", "doc_id", "rule_id", "disposition"):
        if row["disposition"] == "set_aside" and row["rule_id"] is not None:
            yield row["rule_id"], row["doc_id"]
    for table in ("cases", "measures"):
        for row in _rows(dataset, table, "doc_id", "rule_id"):
            yield row["rule_id"], row["doc_id"]
    for row in _rows(dataset, "cases", "doc_id", "topics"):
        for topic in row["topics"]:
            for rule_id in topics.get(topic, ()):
                yield rule_id, row["doc_id"]


def _rows(dataset: Dataset, table: str, *columns: str) -> Iterator[dict[str, Any]]:
    for batch in dataset[table].arrow(list(columns)).to_batches():
        yield from batch.to_pylist()
