"""Second stage: `Source` to `Text`, simplified and width-folded, with a map back to the raw offsets."""

from __future__ import annotations

from dataclasses import dataclass

from casextract.load import Source
from casextract.records import Script


@dataclass(frozen=True, slots=True)
class Text:
    """The normalised text of one article. Later stages work on `norm` and map back once, when a record is made."""

    source: Source
    norm: str
    script: Script
    starts: tuple[int, ...] | None = None
    """Raw offset of the first raw character behind each character of `norm`; None where the map is the identity."""
    ends: tuple[int, ...] | None = None
    """Raw offset one past the last raw character behind each character of `norm`; None as above."""

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Map the half-open span [start, end) of `norm` (start < end) to raw offsets."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def raw(self, start: int, end: int) -> str:
        """The raw characters behind [start, end) of `norm`."""
        a, b = self.raw_span(start, end)
        return self.source.text[a:b]
