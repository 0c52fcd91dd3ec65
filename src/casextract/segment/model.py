"""The values of the third stage: typed blocks that tile the text, cases and measures (offsets into `norm`)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal, NamedTuple

from casextract.load import Meta
from casextract.normalise import Text
from casextract.records import Kind, Problem
from casextract.rulebook.models import IntentName, Tense

BlockKind = Literal["metadata", "outline", "preamble", "heading", "body", "caption", "trailer", "noise"]


class Block(NamedTuple):
    """A stretch of the text with one role; the blocks of a document tile it without gap or overlap."""

    start: int
    end: int
    kind: BlockKind
    rule_id: str | None = None


@dataclass(frozen=True, slots=True)
class CaseSpan:
    """A case by the guideline, section Cases."""

    start: int
    end: int
    ordinal: int
    implicit: bool
    title: tuple[int, int] | None
    lead: tuple[int, int] | None
    province: str | None
    city: str | None
    county: str | None
    place: str | None
    adcode: str | None
    agency: str | None
    brands: tuple[str, ...]
    topics: tuple[str, ...]
    rule_id: str


class MeasureSpan(NamedTuple):
    """A measure by the guideline, section Measures. `case` and `parent` are indices into the segmentation's tuples."""

    start: int
    end: int
    case: int
    parent: int | None
    level: int
    ordinal: int
    marker: str | None
    label: tuple[int, int] | None
    rule_id: str


class Evidence(NamedTuple):
    """What speaks for an intent: the rule, the words that it saw, and their weight."""

    rule_id: str
    words: str
    weight: float


class Section(NamedTuple):
    """A stretch of the text under a heading that says whether it tells what was done or what is to be done."""

    start: int
    end: int
    tense: Tense
    rule_id: str


@dataclass(frozen=True, slots=True)
class Intent:
    """What a document is written for, the evidence for it, and the sections whose headings say more, in order."""

    name: IntentName = "news"
    evidence: tuple[Evidence, ...] = ()
    sections: tuple[Section, ...] = ()

    def section_at(self, at: int) -> Section | None:
        """The section that holds an offset."""
        i = bisect_right(self.sections, at, key=lambda s: s.start) - 1
        return self.sections[i] if i >= 0 and at < self.sections[i].end else None


@dataclass(frozen=True, slots=True)
class Segmentation:
    """What the segmenter makes of a text. `meta` joins the file's statements with those found in the text's head."""

    text: Text
    kind: Kind
    meta: Meta
    blocks: tuple[Block, ...]
    cases: tuple[CaseSpan, ...]
    measures: tuple[MeasureSpan, ...]
    problems: tuple[Problem, ...] = ()
    intent: Intent = Intent()
