"""Static checks of the rules: what can never fire, what clashes, what may run away, what shows no example."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import process_time
from typing import Any, Literal

import regex

from casextract.rulebook.loading import VOCABULARY, Rulebook
from casextract.rulebook.models import OPEN, PATTERNS, BuiltInRule, MetricRule, Rule, StatusRule
from casextract.rulebook.vocabulary import names_in

FindingSeverity = Literal["error", "warning"]

WORDS = ("words", "before", "after")
"""Fields that hold words where they hold a list."""

_SCOPE: Mapping[str, tuple[str, ...]] = {
    "segmentation": ("kind", "field", "stands", "value"),
    "topics": ("topic",),
    "units": ("implied", "only_after", "only_before"),
    "words": ("role",),
}
"""Concern to the fields that keep two rules apart, so that they may share a word; elsewhere a word has one owner."""

_ABOUT = ("id", "intent", "disabled", "examples", "counterexamples", "order")

PROBE_LENGTH = 1000
"""Characters of a probe; a clause is far shorter."""
PROBE_SECONDS = 0.5
"""What of the processor a pattern may take on a probe before it counts as running away; a sound one takes milliseconds.
"""
_PATIENCE = 4.0
"""Seconds by the clock after which a search is stopped."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a rule that its author should mend (error) or look at (warning)."""

    severity: FindingSeverity
    rule_id: str
    code: str
    message: str


def findings(rulebook: Rulebook) -> list[Finding]:
    """All findings, in the order of the rules."""
    found = [
        *_without_examples(rulebook),
        *_words(rulebook),
        *_unit_tables(rulebook),
        *_names(rulebook),
        *_shadowed(rulebook),
        *_patterns(rulebook),
        *_out_of_order(rulebook),
    ]
    position = {rule.id: i for i, rule in enumerate(itertools.chain(*rulebook.rules.values()))}
    return [*sorted(found, key=lambda f: position[f.rule_id]), *_vocabulary(rulebook), *_lexicon(rulebook)]


def _vocabulary(rulebook: Rulebook) -> Iterator[Finding]:
    """Lists of words that no pattern names."""
    used = {
        name
        for rule in itertools.chain(*rulebook.rules.values())
        for field in PATTERNS
        if isinstance(pattern := rule.written.get(field), str)
        for name in names_in(pattern)
    }
    for name in rulebook.vocabulary:
        if name not in used:
            yield Finding("warning", f"{VOCABULARY}:{name}", "unused_list", "no pattern names it; take it away")


def _lexicon(rulebook: Rulebook) -> Iterator[Finding]:
    """Lines of the user dictionary that are no entry, and words that stand there twice."""
    seen: set[str] = set()
    for entry in lexicon_entries(rulebook):
        where = f"lexicon.txt:{entry.line}"
        if not entry.sound:
            message = (
                f"{entry.word!r} is no entry; write: WORD FREQUENCY TAG, with # SENTENCE with ⟦WORD⟧ as its example"
            )
            yield Finding("error", where, "bad_entry", message)
        elif entry.word in seen:
            yield Finding("error", where, "repeated_word", f"{entry.word!r} stands there twice; take one away")
        seen.add(entry.word)


@dataclass(frozen=True, slots=True)
class LexiconEntry:
    """A line of the user dictionary: the word, whether the line has jieba's form, and its example if it has one."""

    line: int
    word: str
    sound: bool
    example: str | None


_ENTRY = regex.compile(r"(?P<word>\S+)(?: +\d+)?(?: +[a-z]+)?")


def lexicon_entries(rulebook: Rulebook) -> Iterator[LexiconEntry]:
    """The entries of `lexicon.txt`; the example of an entry stands behind a # and holds the word in ⟦⟧."""
    for number, line in enumerate(rulebook.files.get("lexicon.txt", "").splitlines(), 1):
        content, _, comment = line.partition("#")
        if content.strip():
            m = _ENTRY.fullmatch(content.strip())
            example = comment.strip() if OPEN in comment else None
            yield LexiconEntry(number, m["word"] if m else content.strip(), m is not None, example)


def _without_examples(rulebook: Rulebook) -> Iterator[Finding]:
    for rule in itertools.chain(*rulebook.rules.values()):
        if isinstance(rule, BuiltInRule) and rule.decides in ("correction", "scope"):
            # Made by a person: no text shows it.
            continue
        if not rule.examples:
            yield Finding("error", rule.id, "no_example", "has no example; add a sentence in which it must speak")
        if not rule.counterexamples:
            yield Finding("error", rule.id, "no_counterexample", "has no counterexample; add one in which it must not")


def _words(rulebook: Rulebook) -> Iterator[Finding]:
    for concern, rules in rulebook.rules.items():
        owner: dict[tuple[Any, ...], str] = {}
        for rule in rules:
            scope = tuple(getattr(rule, name) for name in _SCOPE.get(concern, ()))
            for name in WORDS:
                words = getattr(rule, name, None)
                if not isinstance(words, tuple):
                    continue
                for word in words:
                    first = owner.setdefault((name, scope, word), rule.id)
                    if first != rule.id:
                        message = f"{word!r} also belongs to {first}; take it from one of them"
                        yield Finding("error", rule.id, "clashing_word", message)
                for word in sorted({w for w in words if words.count(w) > 1}):
                    yield Finding("error", rule.id, "repeated_word", f"{word!r} stands in {name} twice; take one away")


def _unit_tables(rulebook: Rulebook) -> Iterator[Finding]:
    for rule in rulebook.units:
        for name, table in (("canonical", rule.canonical), ("factor", rule.factor)):
            for word in table:
                if word not in rule.words:
                    message = f"{name} speaks of {word!r}, which is none of its words; add it or take it away"
                    yield Finding("error", rule.id, "unknown_word", message)


def _names(rulebook: Rulebook) -> Iterator[Finding]:
    """Units and metrics that a rule asks for and that nothing gives."""
    dimensions: dict[str, set[str]] = {}
    for rule in rulebook.units:
        for word in rule.words:
            dimensions.setdefault(rule.canonical.get(word, word), set()).add(rule.dimension)
    metrics = {rule.metric for rule in rulebook.metrics}
    for metric_rule in rulebook.metrics:
        for unit in metric_rule.units:
            if unit not in dimensions:
                message = f"no unit rule gives {unit!r}; name the unit as the record writes it, or add it to units.toml"
                yield Finding("error", metric_rule.id, "unknown_unit", message)
            elif metric_rule.dimension not in dimensions[unit]:
                has = ", ".join(sorted(dimensions[unit]))
                yield Finding(
                    "error",
                    metric_rule.id,
                    "other_dimension",
                    f"{unit!r} is of {has}, never of {metric_rule.dimension}",
                )
    for status_rule in rulebook.status:
        for metric in status_rule.metrics:
            if metric not in metrics:
                message = f"no metric rule gives {metric!r}; see casextract rules list --concern metrics"
                yield Finding("error", status_rule.id, "unknown_metric", message)


def _shadowed(rulebook: Rulebook) -> Iterator[Finding]:
    """Rules behind one that holds whenever they do."""
    asked: list[tuple[tuple[MetricRule | StatusRule, ...], str]] = [
        (rulebook.metrics, "metric"),
        (rulebook.status, "status"),
    ]
    for given, outcome in asked:
        rules = sorted(given, key=lambda r: r.order)
        for i, later in enumerate(rules):
            for earlier in rules[:i]:
                if _implies(later, earlier, outcome):
                    message = (
                        f"can never fire: {earlier.id} is asked before it and holds whenever it does; "
                        "give it a lower order"
                    )
                    yield Finding("error", later.id, "shadowed", message)
                    break


def _out_of_order(rulebook: Rulebook) -> Iterator[Finding]:
    """Rules that stand behind one of their file which is asked after them: who reads the file should read them as they
    are asked."""
    last: dict[tuple[str, str], tuple[int, str]] = {}
    for concern, rules in rulebook.rules.items():
        for rule in rules:
            order: int | None = getattr(rule, "order", None)
            if order is None:
                continue
            family = {"segmentation": "kind", "metrics": "dimension"}.get(concern)
            scope = (rule.origin.partition(": ")[0], getattr(rule, family) if family else rule.id.partition(".")[0])
            before, rule_id = last.get(scope, (order, rule.id))
            if order < before:
                message = f"stands behind {rule_id}, which is asked after it; put it before"
                yield Finding("warning", rule.id, "out_of_order", message)
            else:
                last[scope] = order, rule.id


def _implies(special: Rule, general: Rule, outcome: str) -> bool:
    """Whether every condition of `general` holds wherever those of `special` do."""
    for name, field in type(general).model_fields.items():
        if name in _ABOUT or name == outcome:
            continue
        wanted, given = getattr(general, name), getattr(special, name)
        if wanted == given or (not field.is_required() and wanted == field.default):
            continue
        if isinstance(wanted, tuple) and given and set(given) <= set(wanted):
            continue
        if name == "at_least" and given is not None and given >= wanted:
            continue
        if name == "at_most" and given is not None and given <= wanted:
            continue
        if name == "per" and wanted == "some" and given in ("time", "recipient", "place"):
            continue
        return False
    return True


def patterns_of(rule: Rule) -> Iterator[tuple[str, str]]:
    """The patterns of a rule, each with the name of its field."""
    for name in PATTERNS:
        value = getattr(rule, name, None)
        if isinstance(value, str):
            yield name, value


def _patterns(rulebook: Rulebook) -> Iterator[Finding]:
    for concern in rulebook.rules:
        for rule in rulebook.rules[concern]:
            for name, pattern in patterns_of(rule):
                slow = slow_probe(pattern)
                if slow is not None:
                    message = (
                        f"{name} runs away on {slow[:12]!r} repeated ({PROBE_LENGTH} characters take more than "
                        f"{PROBE_SECONDS} s); bound its repetitions or make them possessive (++)"
                    )
                    yield Finding("error", rule.id, "runaway_pattern", message)
                elif (inner := nested_quantifier(pattern)) is not None:
                    message = f"{name} repeats {inner!r}, which repeats in itself; make the inner one possessive (++)"
                    yield Finding("warning", rule.id, "nested_quantifier", message)


_BOUNDED = regex.compile(r"\{\d*,?\d+\}[+?]?")
_UNBOUNDED = regex.compile(r"(?:[*+]|\{\d*,\})(?P<possessive>\+)?")
_DIVIDED = regex.compile(r"\((?:\?:)?(?:\\[^\w\s]|[^\W\d_]|[,:;、。])(?![?*+{|])[^|]*\)")
_SAMPLES = {
    r"\d": "1",
    r"\p{N}": "1",
    r"\w": "工",
    r"\p{L}": "工",
    r"\p{Han}": "工",
    r"\s": " ",
    r"\S": "工",
    r"\D": "工",
    ".": "工",
}


def nested_quantifier(pattern: str) -> str | None:
    """A group that repeats without bound and holds something that does so too, neither possessive; None if there is
    none.

    A group that opens with a fixed character is let pass: that character divides one round from the next.
    """
    opened: list[tuple[int, bool]] = []
    inside = [False]
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 2
            continue
        if char == "[":
            at = _class_end(pattern, at)
            continue
        if char == "(":
            opened.append((at, pattern.startswith("(?>", at)))
            inside.append(False)
        elif char == ")" and opened:
            start, atomic = opened.pop()
            repeats = inside.pop() and not atomic
            quantifier = _UNBOUNDED.match(pattern, at + 1)
            divided = _DIVIDED.match(pattern, start) is not None
            if repeats and not divided and quantifier is not None and quantifier["possessive"] is None:
                return pattern[start : at + 1]
            inside[-1] = inside[-1] or repeats
        elif (bounded := _BOUNDED.match(pattern, at)) is not None:
            at = bounded.end()
            continue
        elif (quantifier := _UNBOUNDED.match(pattern, at)) is not None:
            inside[-1] = inside[-1] or quantifier["possessive"] is None
            at = quantifier.end()
            continue
        at += 1
    return None


def _class_end(pattern: str, at: int) -> int:
    """The offset behind the character class that opens at `at`."""
    at += 2 if pattern.startswith("[^", at) else 1
    first = True
    while at < len(pattern) and (first or pattern[at] != "]"):
        at += 2 if pattern[at] == "\\" else 1
        first = False
    return at + 1


def slow_probe(pattern: str) -> str | None:
    """The probe on which the pattern runs away, or None. A pattern that does not compile is not judged here."""
    try:
        compiled = regex.compile(pattern)
    except regex.error:
        return None
    literals = _literals(pattern)
    for seed in _seeds(pattern, literals):
        # What repeats, then something no pattern of the genre takes: the engine must give up every way it tried. Behind
        # it the pattern's own characters, lest the engine see at once that one it needs is missing.
        probe = (seed * PROBE_LENGTH)[:PROBE_LENGTH] + "\x00\n" + literals
        if _runs_away(compiled, probe):
            return probe
    return None


def _runs_away(pattern: regex.Pattern[str], text: str) -> bool:
    """Whether a search takes more of the processor than `PROBE_SECONDS`: how long it takes by the clock, the load
    decides as well."""
    for _ in range(3):
        begun, stopped = process_time(), False
        try:
            pattern.search(text, timeout=_PATIENCE)
        except TimeoutError:
            stopped = True
        if process_time() - begun > PROBE_SECONDS:
            return True
        if not stopped:
            return False
    # A machine that gave it less in so many seconds tells nothing.
    return False


def _literals(pattern: str) -> str:
    """The letters and digits of a pattern, those of its escapes left out."""
    return "".join(c for c in regex.sub(r"\\p\{\w+\}|\\.|\(\?P?<\w+>|\{[\d,]*\}", "", pattern) if c.isalnum())


def _seeds(pattern: str, literals: str) -> list[str]:
    """Characters and pairs that the pattern itself is made of."""
    singles = [sample for sign, sample in _SAMPLES.items() if sign in pattern]
    unique = list(dict.fromkeys([*singles, *literals[:8], "1", "一", ","]))
    return unique + ["".join(pair) for pair in itertools.permutations([*unique[:5], ","], 2)]
