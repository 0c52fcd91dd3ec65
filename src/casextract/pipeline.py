"""The one place that chains the stages. Every engine calls `run`, so one machine and many give the same tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import regex

from casextract.assemble import Records, assemble
from casextract.extract import Grammar, compile_grammar, extract
from casextract.load import Source
from casextract.normalise import Text, normalise
from casextract.records import Stage
from casextract.rulebook.loading import Rulebook
from casextract.rulebook.patterns import watched
from casextract.segment import Segmenter, compile_segmenter, segment


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The rules compiled for every stage."""

    segmenter: Segmenter
    grammar: Grammar


def prepare(rulebook: Rulebook, lazy: bool = False) -> Pipeline:
    """Compile the rules once. Raises RuleError where a pattern does not compile.

    With `lazy`, a pattern is compiled, and refused, when a text first asks for it: for rules known to be sound, at half
    the start.
    """
    # Patterns of others may never come to an end.
    with watched(rulebook.laid_over):
        try:
            return Pipeline(compile_segmenter(rulebook, lazy), compile_grammar(rulebook, lazy))
        except regex.error:
            # Patterns joined into one do not tell which of them is bad.
            return Pipeline(compile_segmenter(rulebook), compile_grammar(rulebook))


def run(source: Source, pipeline: Pipeline) -> Records:
    """One article from its decoded text to its records."""
    return run_normalised(normalise(source), pipeline)


def run_normalised(text: Text, pipeline: Pipeline, begin: Callable[[Stage], None] = lambda stage: None) -> Records:
    """The same from the normalised text, for a caller that needs that as well.

    `begin` is told each stage before it begins.
    """
    begin("segment")
    segmentation = segment(text, pipeline.segmenter)
    begin("extract")
    extraction = extract(segmentation, pipeline.grammar)
    begin("record")
    return assemble(extraction)
