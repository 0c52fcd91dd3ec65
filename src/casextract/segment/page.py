"""The value that is carried through the stage: the text, the rules, its lines and what stands around the article.

Each step of the stage takes a `Page` and gives a fuller one: `cut_lines` its lines, `read_frame` its frame, `stage`
what the document says of place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from casextract.load import Meta
from casextract.normalise import Text
from casextract.places.model import NOWHERE, Place, PlaceMention, Surroundings
from casextract.segment.compiled import CompiledRule, Segmenter
from casextract.segment.model import BlockKind

TITLE_MAX: Final = 72
"""A longer line is no heading."""
_BODY_MIN, _BODY_SURE, _SENTENCE_MIN = 60, 120, 25
"""A line of these lengths is running text with a period in it, without one, and with one at its end."""


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph or heading: [start, end) without blanks around it; `stop` is where the next line starts.

    `tentative` lines were cut out of a longer one because a place stands at their start; they are joined again where
    they open no case. `mark` is what the file says of the line: "heading", "caption" or nothing.
    """

    start: int
    end: int
    stop: int
    tentative: bool = False
    mark: str | None = None

    @property
    def length(self) -> int:
        """Characters without blanks around."""
        return self.end - self.start


NO_META: Final = Meta()


@dataclass(frozen=True, slots=True)
class HeadAndTrailer:
    """The roles of the lines around the body, by line index, and the metadata found."""

    roles: Mapping[int, tuple[BlockKind, str | None]] = field(default_factory=dict)
    meta: Meta = NO_META
    title: tuple[int, int] | None = None
    title_line: int | None = None
    body: tuple[int, int] = (0, 0)
    """The first line of the body (preamble included) and one past its last."""


NO_FRAME: Final = HeadAndTrailer()


@dataclass(frozen=True, slots=True)
class Page:
    """One article on its way through the stage. All offsets are into `norm`."""

    text: Text
    norm: str
    rules: Segmenter
    within: tuple[str, ...] = ()
    """The codes of the provinces and cities that its first lines name."""
    lines: tuple[Line, ...] = ()
    frame: HeadAndTrailer = NO_FRAME
    context: Surroundings = NOWHERE

    def first(self, kind: str, start: int, end: int) -> tuple[CompiledRule, re.Match[str]] | None:
        """The first form of a kind that matches at `start`, reading up to `end`."""
        return self.rules.first(kind, self.norm, start, end)

    def search(self, kind: str, start: int, end: int) -> tuple[CompiledRule, re.Match[str]] | None:
        """The first form of a kind that is found between two offsets."""
        return self.rules.search(kind, self.norm, start, end)

    def whole(self, kind: str, line: Line) -> CompiledRule | None:
        """The first form of a kind that is all of a line."""
        return self.rules.whole(kind, self.norm, line.start, line.end)

    def place_at(self, start: int, end: int) -> PlaceMention | None:
        """The place expression that starts at an offset, helped by what the first lines name."""
        return self.rules.gazetteer.match_at(self.norm, start, end, within=self.within)

    def places(self, start: int, end: int) -> tuple[PlaceMention, ...]:
        """All place expressions between two offsets."""
        return self.rules.gazetteer.find(self.norm, start, end)

    def resolve(self, mention: PlaceMention) -> Place:
        """Which unit a mention means in this document."""
        return self.rules.gazetteer.resolve(mention, self.context)

    def printed(self, line: Line) -> str:
        """The characters of a line."""
        return self.norm[line.start : line.end]

    def is_heading(self, line: Line) -> bool:
        """Whether a line can be a heading: short, and no sentence that ends or goes on."""
        if line.mark == "heading":
            return True
        return (
            line.length <= TITLE_MAX
            and self.norm[line.end - 1] not in "。;,、…:~"
            and "。" not in self.norm[line.start : line.end]
        )

    def is_printed(self, line: Line) -> bool:
        """Whether the file breaks the line where this one begins."""
        gap = self._gap(line)
        return len(gap) == line.start or "\n" in gap

    def is_paragraph(self, line: Line) -> bool:
        """Whether the file sets a line apart: breaks it there, or leaves more than a blank, as tags and indents do."""
        return self.is_printed(line) or len(self._gap(line)) > 1

    def _gap(self, line: Line) -> str:
        """The blanks in front of a line."""
        before = line.start
        while before and self.norm[before - 1].isspace():
            before -= 1
        return self.norm[before : line.start]

    def is_body(self, line: Line) -> bool:
        """Whether a line is running text."""
        return (
            line.length >= _BODY_MIN and ("。" in self.norm[line.start : line.end] or line.length > _BODY_SURE)
        ) or (line.length >= _SENTENCE_MIN and self.norm[line.end - 1] in "。;" and line.mark != "heading")

    def trailer_at(self, line: Line) -> re.Match[str] | None:
        """The trailer that a line begins with."""
        return self.rules.trailers.match(self.norm, line.start, line.end)

    def marked(self, line: Line) -> bool:
        """Whether a line begins with the marker of a measure."""
        return self.rules.markers.match(self.norm, line.start, line.end) is not None
