"""The segmentation rules compiled, and the check of a rule's examples."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import regex

from casextract.places.gazetteer import Gazetteer
from casextract.places.model import PlacesError
from casextract.rulebook.loading import Rulebook
from casextract.rulebook.models import CLOSE, OPEN, Example, IntentRule, Rule, RuleError, SegmentationRule, TopicRule
from casextract.rulebook.patterns import compile_regex, first_characters, in_class, marked, on_demand, screened

BEHIND_PLACE: Final = frozenset(("heading", "opener", "aside"))
ANYWHERE: Final = frozenset(
    (
        "caption",
        "deed",
        "result",
        "report_of_words",
        "dateline",
        "article_start",
        "state_body",
        "plan",
        "report",
        "announcement",
        "actor",
        "collection",
        "region",
        "brand",
        "target",
        "aim",
        "done",
    )
)
WHOLE_LINE: Final = frozenset(("noise", "section", "rubric", "agent"))
INSIDE_LINE: Final = frozenset(("trailer", "marker"))
# Characters behind which a marker or a trailer may stand inside a line.
_BEFORE: Final = r"\s。;:!?,、…”’)】》」|"
_BOUNDARY: Final = rf"(?:^|(?<=[{_BEFORE}]))"
_STRICT_BOUNDARY: Final = r"(?:^|(?<=[\s。;:!?…”’)】》」]))"
_GLUED: Final = r"(?<=\p{Han})"
_GROUPS: Final = ("value", "name", "n")


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A compiled rule."""

    rule: SegmentationRule
    pattern: re.Pattern[str]

    @property
    def id(self) -> str:
        """The rule's id."""
        return self.rule.id


@dataclass(frozen=True, slots=True)
class Markers:
    """All markers as one pattern; the group `r<i>` of a match says that `forms["marker"][i]` spoke."""

    pattern: re.Pattern[str]
    before: re.Pattern[str]
    """The character in front of a place where one can begin, by what is behind it."""
    glued: re.Pattern[str]
    """The first character of one that may stand behind an ideograph."""

    def finditer(self, text: str, start: int, end: int) -> Iterator[re.Match[str]]:
        """The markers between two offsets, none overlapping another. Only where one can begin the whole pattern is
        asked."""
        places = {start, *(m.end() for m in self.before.finditer(text, start, end))}
        places.update(m.start() for m in self.glued.finditer(text, start, end))
        reached = start
        for at in sorted(places):
            if at >= reached and (m := self.pattern.match(text, at, end)) is not None:
                yield m
                reached = m.end()

    def match(self, text: str, start: int, end: int) -> re.Match[str] | None:
        """The marker that begins at `start`."""
        return self.pattern.match(text, start, end)


@dataclass(frozen=True, slots=True)
class Segmenter:
    """All that `segment` needs, compiled once."""

    forms: Mapping[str, tuple[CompiledRule, ...]]
    """By kind, in the order in which they are tried."""
    topics: tuple[TopicRule, ...]
    markers: Markers
    trailers: re.Pattern[str]
    """All trailers as one pattern, groups as those of the markers."""
    topic_words: re.Pattern[str]
    topics_of: Mapping[str, tuple[int, ...]]
    """A word of any topic to the indices of the topics it is evidence for."""
    gazetteer: Gazetteer
    intents: tuple[tuple[IntentRule, re.Pattern[str]], ...]
    """The evidence for intents and sections, each rule with its pattern."""

    def first(self, kind: str, text: str, pos: int, end: int) -> tuple[CompiledRule, re.Match[str]] | None:
        """The first form of a kind that matches at `pos`, reading up to `end`."""
        for form in self.forms[kind]:
            if (m := form.pattern.match(text, pos, end)) is not None:
                return form, m
        return None

    def search(self, kind: str, text: str, pos: int, end: int) -> tuple[CompiledRule, re.Match[str]] | None:
        """The first form of a kind that is found between `pos` and `end`."""
        for form in self.forms[kind]:
            if (m := form.pattern.search(text, pos, end)) is not None:
                return form, m
        return None

    def rule_of(self, kind: str, m: re.Match[str]) -> CompiledRule:
        """The form that a match of `markers` or `trailers` comes from."""
        assert m.lastgroup is not None
        return self.forms[kind][int(m.lastgroup[1:])]

    def whole(self, kind: str, text: str, pos: int, end: int) -> CompiledRule | None:
        """The first form of a kind that matches all between `pos` and `end`."""
        for form in self.forms[kind]:
            if form.pattern.fullmatch(text, pos, end) is not None:
                return form
        return None


def compile_segmenter(rulebook: Rulebook, lazy: bool = False) -> Segmenter:
    """Compile the rules of segmentation, the topics and the table of divisions.

    Raises RuleError where a pattern does not compile or the table cannot be used. With `lazy`, a pattern is compiled,
    and refused, when a text first asks for it.
    """
    forms: dict[str, list[CompiledRule]] = {kind: [] for kind in _kinds()}
    for rule in rulebook.segmentation:
        forms[rule.kind].append(CompiledRule(rule, compile_pattern(rule, lazy)))
    ordered = {kind: tuple(sorted(found, key=lambda f: f.rule.order)) for kind, found in forms.items()}
    topics = rulebook.topics
    words: dict[str, list[int]] = {}
    for i, topic in enumerate(topics):
        for word in topic.words:
            words.setdefault(word, []).append(i)
    # The standard library's engine is five times as fast on a plain alternation; longest first.
    alternatives = "|".join(map(re.escape, sorted(words, key=lambda w: (-len(w), w))))
    return Segmenter(
        ordered,
        topics,
        _markers(ordered["marker"]),
        _join(ordered["trailer"], lambda _: _STRICT_BOUNDARY),
        re.compile(alternatives or r"(?!)"),
        {w: tuple(i) for w, i in words.items()},
        _gazetteer(rulebook),
        tuple((rule, _compiled(rule, rule.pattern, lazy)) for rule in rulebook.intents),
    )


def compile_pattern(rule: SegmentationRule, lazy: bool = False) -> re.Pattern[str]:
    """The pattern of a rule, or the alternatives of its words. Raises RuleError where there is none or it is bad.

    With `lazy`, whether it is bad is seen when it is first asked something.
    """
    if (rule.pattern is None) == (not rule.words):
        raise RuleError(f"{rule.origin}: give either a pattern or words")
    pattern = _compiled(
        rule, rule.pattern if rule.pattern is not None else "|".join(map(regex.escape, rule.words)), lazy
    )
    if lazy:
        return pattern
    if rule.kind == "marker" and ("n" not in pattern.groupindex or rule.level is None):
        raise RuleError(f"{rule.origin}: a marker needs a group 'n' and a level")
    return pattern


def _compiled(rule: Rule, source: str, lazy: bool) -> re.Pattern[str]:
    if lazy:
        return on_demand(source, re.MULTILINE, lambda error: RuleError(f"{rule.origin}: bad pattern: {error}"))
    try:
        return compile_regex(source, re.MULTILINE)
    except regex.error as error:
        raise RuleError(f"{rule.origin}: bad pattern: {error}") from error


def check_example(rule: SegmentationRule | TopicRule | IntentRule, example: Example | str) -> str | None:
    """Whether a rule passes an example (a table) or a counterexample (a text), given in normalised text.

    Returns None where it does, else what went wrong. How examples are written: see SegmentationRule and TopicRule.
    """
    wanted = not isinstance(example, str)
    printed = example if isinstance(example, str) else example.text
    start, end = printed.find(OPEN), printed.find(CLOSE) - 1
    text = printed.replace(OPEN, "").replace(CLOSE, "")
    if isinstance(rule, TopicRule):
        weight = sum(text.count(word) for word in rule.words)
        if (weight >= rule.threshold) != wanted:
            return f"evidence weighs {weight}, the threshold is {rule.threshold}: {text!r}"
        return None
    marked = start >= 0
    if isinstance(rule, IntentRule):
        hits = [m.span() for m in _compiled(rule, rule.pattern, lazy=False).finditer(text)]
        if wanted:
            return None if (start, end) in hits else f"must match {text[start:end]!r} in {text!r}"
        return f"must not match in {text!r}" if hits else None
    if wanted and not marked:
        return f"the example needs brackets around what the rule must match: {text!r}"
    pattern = compile_pattern(rule)
    spans = list(_tried(rule, pattern, text, start if marked else None, end if marked else None))
    if not wanted:
        hit = next((m for m in spans if not marked or rule.kind in BEHIND_PLACE or m.start() == start), None)
        return None if hit is None else f"must not match, but matches {hit.group()!r} in {text!r}"
    if rule.kind in BEHIND_PLACE:
        hit = next(iter(spans), None)
    else:
        hit = next((m for m in spans if m.span() == (start, end)), None)
    if hit is None:
        found = [m.group() for m in spans]
        return f"must match {text[start:end]!r} in {text!r}, but finds {found}"
    expected = example.expected if isinstance(example, Example) else {}
    for group in _GROUPS:
        if group in expected and hit.groupdict().get(group) != str(expected[group]):
            return f"group {group!r} must hold {expected[group]!r}, but holds {hit.groupdict().get(group)!r}"
    unknown = set(expected) - set(_GROUPS)
    return f"unknown key {', '.join(sorted(unknown))} in an example" if unknown else None


def _tried(
    rule: SegmentationRule, pattern: re.Pattern[str], text: str, start: int | None, end: int | None
) -> Iterable[re.Match[str]]:
    """The matches of a pattern where a rule of this kind is tried."""
    kind = rule.kind
    if kind in BEHIND_PLACE:
        m = pattern.match(text, end if end is not None else 0)
        return [] if m is None else [m]
    if kind in ANYWHERE:
        return list(pattern.finditer(text))
    if kind in INSIDE_LINE:
        boundary = _marker_boundary(rule) if kind == "marker" else _STRICT_BOUNDARY
        return list(compile_regex(f"{boundary}(?:{pattern.pattern})", regex.MULTILINE).finditer(text))
    if kind in WHOLE_LINE:
        m = pattern.fullmatch(text)
        return [] if m is None else [m]
    lines = [0] + [m.end() for m in regex.finditer("\n", text)]
    return [m for at in lines if (m := pattern.match(text, at)) is not None]


def _marker_boundary(rule: SegmentationRule) -> str:
    """Where a marker may stand."""
    if rule.stands == "line":
        return "^"
    if rule.stands == "glued":
        return _GLUED
    return _STRICT_BOUNDARY if rule.level is not None and rule.level < 60 else _BOUNDARY


def _markers(forms: Sequence[CompiledRule]) -> Markers:
    def first(glued: bool) -> str:
        """What matches the first character of the markers that are glued to what is before them, or of the others."""
        found = [first_characters(f.pattern.pattern) for f in forms if (_marker_boundary(f.rule) == _GLUED) == glued]
        known = [c for c in found if c is not None]
        if not found:
            return r"(?!)"
        return in_class(frozenset().union(*known)) if len(known) == len(found) else r"[\s\S]"

    return Markers(
        _join(forms, _marker_boundary), on_demand(rf"[{_BEFORE}](?={first(glued=False)})"), on_demand(first(glued=True))
    )


def _join(forms: Sequence[CompiledRule], boundary: Callable[[SegmentationRule], str]) -> re.Pattern[str]:
    """The forms as one pattern. An empty group behind each alternative says which one matched."""
    grouped: dict[str, list[str]] = {}
    for i, form in enumerate(forms):
        # Forms name their groups alike, which `re` does not take: only the number of the form is named.
        unnamed = re.sub(r"\(\?P<\w+>", "(", form.pattern.pattern)
        grouped.setdefault(boundary(form.rule), []).append(marked(i, unnamed))
    # The boundary stands before all its alternatives, so that most positions cost one test.
    return on_demand(
        "|".join(screened("|".join(parts), b) for b, parts in grouped.items()) or r"(?!)",
        re.MULTILINE,
        lambda error: RuleError(
            f"a pattern of the segmentation does not compile: {error}; casextract rules check names the rule"
        ),
    )


def _kinds() -> tuple[str, ...]:
    from typing import get_args

    return get_args(SegmentationRule.model_fields["kind"].annotation)


def _gazetteer(rulebook: Rulebook) -> Gazetteer:
    table = rulebook.files.get("divisions.csv")
    if table is None:
        raise RuleError("divisions.csv: not found beside the rule files; the table of administrative units is needed")
    try:
        return Gazetteer.from_text(table)
    except PlacesError as error:
        raise RuleError(str(error)) from error
