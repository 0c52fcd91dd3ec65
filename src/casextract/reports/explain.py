"""Why a number became what it is: every decision on the way, with the rule that took it.

The stages run again over the article, this time with a trace; nothing is guessed from the finished record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from casextract.assemble import assemble
from casextract.dataset.read import Dataset
from casextract.extract import Step, Trace, extract
from casextract.load import Meta, Source, reread
from casextract.normalise import normalise
from casextract.pipeline import Pipeline
from casextract.records import Indicator, Numeral
from casextract.rulebook.loading import Rulebook
from casextract.segment import Segmentation, segment

_REACH = 40
"""Characters either side of a numeral that are shown where no sentence is known."""
_ENDS = "。!?!?;;\n"


@dataclass(frozen=True, slots=True)
class Reason:
    """One decision: its role (unit, bound, metric ...), what was seen, what came of it, the rule with its intent."""

    role: str
    saw: str
    outcome: str
    rule_id: str | None
    intent: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What became of one number and why. Offsets count characters of the document's text."""

    source_path: str
    start: int
    end: int
    text: str
    sentence: str
    verdict: str
    indicator: Indicator | None
    reasons: tuple[Reason, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {
            "source_path": self.source_path,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "sentence": self.sentence,
            "verdict": self.verdict,
            "indicator": self.indicator.model_dump(mode="json") if self.indicator else None,
            "reasons": [
                {"role": r.role, "saw": r.saw, "outcome": r.outcome, "rule": r.rule_id, "intent": r.intent}
                for r in self.reasons
            ],
        }


def explain(source: Source, pipeline: Pipeline, rulebook: Rulebook) -> list[Explanation]:
    """Explain every number of an article, in order."""
    return explain_segmentation(segment(normalise(source), pipeline.segmenter), pipeline, rulebook)


def explain_segmentation(segmentation: Segmentation, pipeline: Pipeline, rulebook: Rulebook) -> list[Explanation]:
    """Explain every number of an article that is segmented already, in order."""
    trace = Trace()
    extraction = extract(segmentation, pipeline.grammar, trace)
    records = assemble(extraction)
    text = segmentation.text
    by_start: dict[int, list[Step]] = {}
    for step in trace.steps:
        by_start.setdefault(text.raw_span(step.start, step.start + 1)[0], []).append(step)
    indicators = {i.indicator_id: i for i in records.indicators}
    explained: list[Explanation] = []
    seen: set[str] = set()
    for numeral in records.numerals:
        found = indicators.get(numeral.indicator_id) if numeral.indicator_id is not None else None
        if found is None:
            explained.append(_aside(numeral, by_start.get(numeral.start, []), source=text.source, rulebook=rulebook))
        elif found.indicator_id not in seen:
            # A range has two numerals and one explanation.
            seen.add(found.indicator_id)
            explained.append(_indicator(found, by_start.get(found.start, []), text.source.path, rulebook))
    return explained


def sources_of(dataset: Dataset) -> list[Source]:
    """The articles of a dataset as the segmenter needs them.

    What the file said by its layout (headings of a page, rows of its tables) is not kept in the tables, so a case may
    begin elsewhere than in the build. What the text itself shows is found again: Markdown, broken lines, tables of
    blanks and bars.
    """
    wanted = ["doc_id", "source_path", "sha256", "media_type", "encoding", "text", "title", "publisher", "published_on"]
    rows = dataset.documents.arrow(wanted).to_pylist()
    return [
        reread(
            Source(
                row["doc_id"],
                row["source_path"],
                row["sha256"],
                row["media_type"],
                row["encoding"],
                row["text"],
                meta=Meta(title=row["title"], publisher=row["publisher"], published_on=row["published_on"]),
            )
        )
        for row in rows
    ]


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of the sentence that holds [start, end), cut to a readable length."""
    low = max((text.rfind(c, 0, start) for c in _ENDS), default=-1) + 1
    highs = [at for c in _ENDS if (at := text.find(c, end)) >= 0]
    high = min(highs, default=len(text) - 1) + 1
    return max(low, start - _REACH), min(high, end + _REACH)


def _indicator(found: Indicator, steps: list[Step], path: str, rulebook: Rulebook) -> Explanation:
    reasons = tuple(_reason(step, rulebook) for step in steps)
    verdict = f"indicator: {found.metric}"
    return Explanation(path, found.start, found.end, found.text, found.sentence, verdict, found, reasons)


def _aside(numeral: Numeral, steps: list[Step], *, source: Source, rulebook: Rulebook) -> Explanation:
    reasons = tuple(_reason(step, rulebook) for step in steps)
    if not reasons:
        outcome = numeral.reason or "no rule knows it: no unit behind it, and nothing that sets it aside"
        role = "set aside" if numeral.reason else "unresolved"
        step = Step(numeral.start, role, numeral.rule_id, numeral.text, outcome)
        reasons = (_reason(step, rulebook),)
    verdict = f"set aside: {numeral.reason}" if numeral.disposition == "set_aside" else numeral.disposition
    sentence = source.text[slice(*sentence_around(source.text, numeral.start, numeral.end))].strip()
    return Explanation(source.path, numeral.start, numeral.end, numeral.text, sentence, verdict, None, reasons)


def _reason(step: Step, rulebook: Rulebook) -> Reason:
    intents = [
        found[1].intent for rule_id in (step.rule_id or "").split() if (found := rulebook.find(rule_id)) is not None
    ]
    return Reason(step.role, step.text, step.outcome, step.rule_id, "; ".join(intents) or None)
