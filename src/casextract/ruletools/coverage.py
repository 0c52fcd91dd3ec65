"""How often each rule spoke in a dataset, and in which documents.

Rules of the extraction are named in the tables. Rules of segmentation decide much that no row names (what a heading is,
where the trailer begins), so the articles are segmented again with every form listened to; a form has spoken where it
matched at a place at which the segmenter tried it. A rule of `words` has spoken where an indicator would be another
without it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

import regex

from casextract.assemble import assemble
from casextract.dataset.read import Dataset
from casextract.extract import Grammar, compile_grammar, extract
from casextract.normalise import normalise
from casextract.records import Indicator
from casextract.reports.explain import sources_of
from casextract.rulebook.loading import Rulebook
from casextract.ruletools.examples import without_rules
from casextract.segment import Segmentation, Segmenter, compile_segmenter, segment


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one rule did in a dataset."""

    rule_id: str
    concern: str
    fired: int
    """Rows that the rule made, set aside or took part in; places where its form matched; indicators that need it."""
    documents: tuple[str, ...]
    """Source paths of the documents, in order."""


def coverage(dataset: Dataset, rulebook: Rulebook) -> list[Coverage]:
    """The coverage of every rule, in the order of the rules; zero for rules that only their own examples show.

    Raises DatasetError where a table is damaged, RuleError where the rules do not compile.
    """
    fired: Counter[str] = Counter()
    where: dict[str, set[str]] = {}
    paths = {row["doc_id"]: row["source_path"] for row in _rows(dataset, "documents", "doc_id", "source_path")}
    for rule_id, doc_id in (*_named(dataset, rulebook), *_heard(dataset, rulebook)):
        fired[rule_id] += 1
        where.setdefault(rule_id, set()).add(paths[doc_id])
    return [
        Coverage(rule.id, concern, fired[rule.id], tuple(sorted(where.get(rule.id, ()))))
        for concern, rules in rulebook.rules.items()
        for rule in rules
    ]


def _named(dataset: Dataset, rulebook: Rulebook) -> Iterator[tuple[str, str]]:
    """Each time a rule of the extraction, or of a topic, is named in the tables: its id and the document."""
    for row in _rows(dataset, "indicators", "doc_id", "rules", "rule_id"):
        for rule_id in dict.fromkeys([*row["rules"], row["rule_id"]]):
            yield rule_id, row["doc_id"]
    segmentation = {rule.id for rule in rulebook.segmentation}
    for row in _rows(dataset, "numerals", "doc_id", "rule_id", "disposition"):
        if row["disposition"] == "set_aside" and row["rule_id"] not in {None, *segmentation}:
            yield row["rule_id"], row["doc_id"]
    topics: dict[str, list[str]] = {}
    for rule in rulebook.topics:
        topics.setdefault(rule.topic, []).append(rule.id)
    for row in _rows(dataset, "cases", "doc_id", "topics"):
        for topic in row["topics"]:
            for rule_id in topics.get(topic, ()):
                yield rule_id, row["doc_id"]


def _heard(dataset: Dataset, rulebook: Rulebook) -> Iterator[tuple[str, str]]:
    """Each time a rule of segmentation or of words spoke when the articles were read again."""
    heard: set[tuple[str, int]] = set()
    segmenter = _listening(compile_segmenter(rulebook), heard)
    grammar = compile_grammar(rulebook)
    lacking = {rule.id: compile_grammar(without_rules(rulebook, {rule.id})) for rule in rulebook.words}
    for source in sources_of(dataset):
        heard.clear()
        segmentation = segment(normalise(source), segmenter)
        # Markers and trailers are searched all at once; what came of them names the rule.
        heard |= {(b.rule_id, b.start) for b in segmentation.blocks if b.rule_id is not None}
        heard |= {(m.rule_id, m.start) for m in segmentation.measures}
        heard |= {(e.rule_id, 0) for e in segmentation.intent.evidence}
        heard |= {(s.rule_id, s.start) for s in segmentation.intent.sections}
        yield from ((rule_id, source.doc_id) for rule_id, _ in sorted(heard))
        full = _indicators(segmentation, grammar)
        for rule_id, lack in lacking.items():
            for _ in full - _indicators(segmentation, lack):
                yield rule_id, source.doc_id


def _indicators(segmentation: Segmentation, grammar: Grammar) -> set[str]:
    def said(row: Indicator) -> str:
        return row.model_dump_json(exclude={"baseline_id", "part_of"})

    return {said(row) for row in assemble(extract(segmentation, grammar)).indicators}


class _Listener:
    """A pattern that notes where it matched."""

    def __init__(self, pattern: regex.Pattern[str], rule_id: str, heard: set[tuple[str, int]]) -> None:
        self.pattern = pattern.pattern
        self._pattern, self._rule_id, self._heard = pattern, rule_id, heard

    def match(self, *args: Any) -> regex.Match[str] | None:
        return self._note(self._pattern.match(*args))

    def search(self, *args: Any) -> regex.Match[str] | None:
        return self._note(self._pattern.search(*args))

    def fullmatch(self, *args: Any) -> regex.Match[str] | None:
        return self._note(self._pattern.fullmatch(*args))

    def finditer(self, *args: Any) -> Iterator[regex.Match[str]]:
        for m in self._pattern.finditer(*args):
            self._heard.add((self._rule_id, m.start()))
            yield m

    def _note(self, m: regex.Match[str] | None) -> regex.Match[str] | None:
        if m is not None:
            self._heard.add((self._rule_id, m.start()))
        return m


def _listening(segmenter: Segmenter, heard: set[tuple[str, int]]) -> Segmenter:
    forms = {
        kind: tuple(replace(f, pattern=cast("regex.Pattern[str]", _Listener(f.pattern, f.id, heard))) for f in found)
        for kind, found in segmenter.forms.items()
    }
    return replace(segmenter, forms=forms)


def _rows(dataset: Dataset, table: str, *columns: str) -> Iterator[dict[str, Any]]:
    for batch in dataset[table].arrow(list(columns)).to_batches():
        yield from batch.to_pylist()
