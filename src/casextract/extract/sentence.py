"""The sentences of an article: each with its clauses and dates found once, shared by all numbers that stand in it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from casextract.extract.grammar import Grammar
from casextract.extract.reading import Reading
from casextract.rulebook.patterns import on_demand

# Each begins with a class of characters, which `re` seeks many times as fast as alternatives.
# An ASCII full stop ends a sentence where a page has ASCII punctuation: behind an ideograph or a unit, not in 3.5.
_SENTENCE_END = on_demand(
    r"[.。!?\n](?:(?<=[\p{Han}%)”]\.)(?=[\s\p{Han}“(]|$)|(?<=[。!?])[。!?]*[”’)》]*|(?<=\n)(?:(?<![,、(“《]\n)\n*|\n+))"
)
CLAUSE_END: re.Pattern[str] = on_demand(
    r"[.,，;。!?:\n](?:(?<=[，;。!?\n])|(?<=,)(?:(?<!\d,)|(?!\d{3}(?!\d)))|(?<=:)(?! "
    r"?\d)|(?<=[\p{Han}%)”]\.)(?=[\s\p{Han}“(]|$))"
)
"""A mark that ends a clause."""
_QUOTED = on_demand(r"《[^《》]{0,80}》|“[^“”]{0,40}”(?!期间|时期|末|以来)")


class TimeSpan(NamedTuple):
    """A date or period in normalised text; `governs` is False for those that only serve a comparison."""

    start: int
    end: int
    governs: bool
    rule_id: str
    resets: bool = False
    """It takes the place of a date in front and is no time itself (目前)."""


class Sentence:
    """A stretch of normalised text, [start, end), that ends with a full stop or its like, without blanks at its ends.

    What is asked of it by every number in it is found when it is first asked for, and kept.
    """

    __slots__ = ("_clause_ends", "_last", "_times", "end", "grammar", "start", "text")

    def __init__(
        self, text: str, start: int, end: int, last: int, clause_ends: Sequence[int], grammar: Grammar
    ) -> None:
        """`text` is the whole article, `last` where the sentence's last number starts, `clause_ends` those of the
        article."""
        self.text, self.start, self.end, self.grammar = text, start, end, grammar
        self._last, self._clause_ends = last, clause_ends
        self._times: tuple[TimeSpan, ...] | None = None

    @property
    def span(self) -> tuple[int, int]:
        """Its start and end."""
        return self.start, self.end

    @property
    def times(self) -> tuple[TimeSpan, ...]:
        """Its dates and periods in order, without those in titles and quotations and those behind its last number."""
        if self._times is None:
            self._times = tuple(self._find_times())
        return self._times

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """The clause, between the sentence's marks, that holds [start, end)."""
        ends = self._clause_ends
        before, behind = bisect_left(ends, start) - 1, bisect_left(ends, end)
        low = max(ends[before] + 1, self.start) if before >= 0 else self.start
        high = ends[behind] if behind < len(ends) and ends[behind] < max(self.end, end) else self.end
        return low, high

    def _find_times(self) -> list[TimeSpan]:
        text, grammar = self.text, self.grammar
        inner = text[self.start : self.end]
        quoted = [m.span() for m in _QUOTED.finditer(text, *self.span)] if "《" in inner or "“" in inner else []
        found = []
        for m in grammar.times.finditer(text, *self.span):
            if m.start() >= self._last:
                break
            if any(a <= m.start() and m.end() <= b for a, b in quoted):
                continue
            assert m.lastgroup is not None
            rule = grammar.time_rules[int(m.lastgroup[1:])]
            low, high = m.span()
            while high > low and text[high - 1] in " ,":
                high -= 1
            found.append(TimeSpan(low, high, rule.governs, rule.id, rule.resets))
        return found


class Slot(NamedTuple):
    """A number where it stands: its reading, its sentence, the clause between two marks, and where the number before
    ends."""

    sentence: Sentence
    reading: Reading
    clause: tuple[int, int]
    previous_end: int
    """End of the reading before it in the clause, or the clause's start."""

    @property
    def text(self) -> str:
        """The article's normalised text."""
        return self.sentence.text

    @property
    def grammar(self) -> Grammar:
        """The grammar that reads it."""
        return self.sentence.grammar


class Sentences:
    """The sentences of an article, made as its numbers ask for them, in order."""

    __slots__ = ("_bounds", "_clause_ends", "_grammar", "_known", "_readings", "_starts", "_text")

    def __init__(self, text: str, readings: Sequence[Reading], grammar: Grammar) -> None:
        """Find the ends of sentences and clauses of normalised text in which the readings, in order, stand."""
        self._text, self._grammar, self._readings = text, grammar, readings
        self._starts = [r.start for r in readings]
        self._clause_ends = [m.start() for m in CLAUSE_END.finditer(text)]
        ends = [m.end() for m in _SENTENCE_END.finditer(text)]
        self._bounds = [0, *_no_longer(ends, self._clause_ends, self._starts, len(text)), len(text)]
        self._known: Sentence | None = None
        """The sentence asked for last: the next number is often in it too."""

    @property
    def text(self) -> str:
        """The normalised text that they are of."""
        return self._text

    def slot(self, index: int) -> Slot:
        """Where the reading with this index stands."""
        reading = self._readings[index]
        sentence = self._around(reading.start, reading.end)
        low, high = sentence.clause(reading.start, reading.end)
        before = max(low, self._readings[index - 1].end) if index else low
        return Slot(sentence, reading, (low, high), before)

    def _around(self, start: int, end: int) -> Sentence:
        known = self._known
        if known is not None and known.start <= start and end <= known.end:
            return known
        i = bisect_right(self._bounds, start) - 1
        low, high = self._bounds[i], self._bounds[min(i + 1, len(self._bounds) - 1)]
        high = max(high, end)
        while low < start and self._text[low].isspace():
            low += 1
        while high > end and self._text[high - 1].isspace():
            high -= 1
        last = self._starts[bisect_left(self._starts, high) - 1]
        self._known = Sentence(self._text, low, high, last, self._clause_ends, self._grammar)
        return self._known


LONGEST = 800
"""Characters from which a sentence is cut; the longest of 2,069 in real articles has 303. Every number asks what stands
in its sentence, so a text without full stops would take quadratic time, and each of its rows would repeat it."""


def _no_longer(ends: Sequence[int], clause_ends: Sequence[int], numbers: Sequence[int], length: int) -> Iterator[int]:
    """The ends of sentences with more between those that lie too far apart: behind a clause if there is one, else
    before a number."""
    last = 0
    for end in (*ends, length):
        while end - last > LONGEST:
            i = bisect_left(clause_ends, last + LONGEST) - 1
            if i >= 0 and clause_ends[i] >= last + LONGEST // 2:
                last = clause_ends[i] + 1
            else:
                i = bisect_right(numbers, last + LONGEST) - 1
                last = numbers[i] if i >= 0 and numbers[i] >= last + LONGEST // 2 else last + LONGEST
            yield last
        if end < length:
            yield end
        last = end
