"""Run the examples and counterexamples that the rules carry, each in simplified and in traditional characters.

An example of an extraction rule is a table: `text` is a sentence with ⟦…⟧ around what the rule must find, `kind` and
`published_on` may say what document it stands in, `province` in whose case (in a counterexample too, if it is written
as a table), and every other key is a column of `indicators` (of `numerals` for an exclusion) with the value it must
have. The sentence is read by the same stages as an article, and the rule's id must be among the rules that spoke. A
rule of `words`, and one of `times` that governs nothing, does not speak for itself: its example must come out with it
and not without it, its counterexample must be the same either way. Examples of segmentation and topics are executed by
`segment.check_example`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, Literal, get_args

from casextract.assemble import Records, assemble
from casextract.errors import CasextractError
from casextract.extract import Grammar, compile_grammar, extract
from casextract.load import Meta, Source
from casextract.load.source import Mark
from casextract.load.table_structure import read_tables
from casextract.normalise import normalise
from casextract.records import Indicator, Kind, Numeral
from casextract.rulebook.checks import lexicon_entries
from casextract.rulebook.loading import Rulebook
from casextract.rulebook.models import (
    CLOSE,
    OPEN,
    BuiltInRule,
    Example,
    ExclusionRule,
    IntentName,
    IntentRule,
    PhraseRule,
    Rule,
    SegmentationRule,
    TableRule,
    TimeRule,
    TopicRule,
    WordRule,
)
from casextract.rulebook.patterns import compile_regex
from casextract.segment import (
    Block,
    CaseSpan,
    Intent,
    Segmentation,
    Segmenter,
    check_example,
    compile_segmenter,
    scope_of,
    segment,
)

ScriptName = Literal["hans", "hant"]
Role = Literal["example", "counterexample"]

SCRIPTS: tuple[ScriptName, ...] = get_args(ScriptName)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One example after it was run in one script."""

    rule_id: str
    concern: str
    role: Role
    script: ScriptName
    text: str
    """As it was read, the brackets included."""
    failures: tuple[str, ...]
    """What differs from what the rule promises; empty if nothing does."""


class ExampleError(CasextractError, ValueError):
    """An example that cannot be run as it is written. The message says what to mend."""


def run_examples(rulebook: Rulebook, only: Collection[str] | None = None) -> Iterator[Outcome]:
    """Run the examples and counterexamples of all rules, or of the rules `only` names, in both scripts.

    Raises RuleError where the rules do not compile.
    """
    grammar = compile_grammar(rulebook)
    segmenter: Segmenter | None = None
    for concern, rules in rulebook.rules.items():
        for rule in rules:
            if only is None or rule.id in only:
                if isinstance(rule, BuiltInRule) and rule.decides in ("case", "measure", "block", "scope"):
                    segmenter = segmenter or compile_segmenter(rulebook)
                    run = _run_scope if rule.decides == "scope" else _run_articles
                    yield from run(concern, rule, segmenter)
                    continue
                away = rule.unless if isinstance(rule, BuiltInRule) else (rule.id,) if _is_silent(rule) else ()
                without = compile_grammar(without_rules(rulebook, away)) if away else grammar
                yield from _run_rule(concern, rule, without if isinstance(rule, BuiltInRule) else grammar, without)
    yield from _run_lexicon(rulebook, only, grammar)


def _run_lexicon(rulebook: Rulebook, only: Collection[str] | None, grammar: Grammar) -> Iterator[Outcome]:
    """An entry with an example must come out of it as one word."""
    words = grammar.words
    for entry in lexicon_entries(rulebook):
        rule_id = f"lexicon.{entry.word}"
        if entry.example is None or (only is not None and rule_id not in only):
            continue
        try:
            text, span = unmarked(entry.example)
        except ExampleError as error:
            yield Outcome(rule_id, "lexicon", "example", "hans", entry.example, (str(error),))
            continue
        found, at = [], 0
        for token in words.cut(text):
            found.append((at, at + len(token)))
            at += len(token)
        failures = (
            () if span in found else (f"it is cut as {' / '.join(words.cut(text))}; give the word a higher frequency",)
        )
        yield Outcome(rule_id, "lexicon", "example", "hans", entry.example, failures)


def _run_rule(concern: str, rule: Rule, grammar: Grammar, without: Grammar) -> Iterator[Outcome]:
    for role, example in rule.trials:
        for script in SCRIPTS:
            shown = traditional(example.text) if script == "hant" else example.text
            try:
                failures = _check(rule, role, example.model_copy(update={"text": shown}), grammar, without)
            except ExampleError as error:
                failures = [str(error)]
            yield Outcome(rule.id, concern, role, script, shown, tuple(failures))


def _run_articles(concern: str, rule: Rule, segmenter: Segmenter) -> Iterator[Outcome]:
    """What the segmenter decides by itself, read in a whole article: what begins at the mark carries the id."""
    for role, example in rule.trials:
        for script in SCRIPTS:
            shown = traditional(example.text) if script == "hant" else example.text
            text, span = unmarked(shown)
            marks = (Mark(*span, example.marked_as),) if span and example.marked_as else ()
            found = segment(normalise(replace(_source(text), marks=marks)), segmenter)
            starts = {start for start, rule_id in _segments(found) if rule_id == rule.id}
            if role == "counterexample":
                failures = [f"the rule speaks of {text[at : at + 12]!r}" for at in sorted(starts)]
            elif span is None:
                failures = [f"nothing is marked; put {OPEN}{CLOSE} around what the rule must find"]
            else:
                failures = [] if span[0] in starts else [f"nothing of the rule begins at {text[slice(*span)]!r}"]
            yield Outcome(rule.id, concern, role, script, shown, tuple(failures))


def _run_scope(concern: str, rule: Rule, segmenter: Segmenter) -> Iterator[Outcome]:
    """What weighs for an article's scope: the rule speaks, of the place at the mark where it speaks of one."""
    for role, example in rule.trials:
        for script in SCRIPTS:
            shown = traditional(example.text) if script == "hant" else example.text
            text, span = unmarked(shown)
            source = normalise(_source(text))
            seen = [e.words for e in scope_of(source, segmenter) if e.rule_id == rule.id]
            marked = normalise(_source(text[slice(*span)])).norm if span is not None else ""
            failures = [f"the rule speaks of {words!r}" for words in seen] if role == "counterexample" else []
            if role == "example" and not any(words == marked or words.isdigit() for words in seen):
                failures = [f"the rule does not speak of {marked!r}, but of {seen}"]
            yield Outcome(rule.id, concern, role, script, shown, tuple(failures))


def _segments(found: Segmentation) -> Iterator[tuple[int, str | None]]:
    """Where each block, case and measure begins, with its rule."""
    yield from ((b.start, b.rule_id) for b in found.blocks)
    yield from ((c.start, c.rule_id) for c in found.cases)
    yield from ((m.start, m.rule_id) for m in found.measures)


def _check(rule: Rule, role: Role, example: Example, grammar: Grammar, without: Grammar) -> list[str]:
    """What comes out of one example that differs from what it promises. Raises ExampleError."""
    if isinstance(rule, SegmentationRule | TopicRule | IntentRule):
        # Forms are compared with normalised text; the brackets pass through.
        text = normalise(_source(example.text)).norm
        failure = check_example(rule, text if role == "counterexample" else example.model_copy(update={"text": text}))
        return [failure] if failure is not None else []
    if isinstance(rule, PhraseRule):
        text, span = unmarked(normalise(_source(example.text)).norm)
        hits = [m.span() for m in compile_regex(rule.pattern).finditer(text)]
        if role == "counterexample":
            return [f"it matches {text[slice(*hits[0])]!r}"] if hits else []
        return [] if span in hits else [f"it matches {[text[slice(*hit)] for hit in hits]}, not what is marked"]
    text, span = unmarked(example.text)
    expected = example.expected

    def read(grammar: Grammar) -> Records:
        return read_sentence(
            text,
            grammar,
            kind=example.kind,
            published_on=example.published_on,
            province=example.province,
            intent=example.intent,
        )

    if role == "counterexample":
        if expected:
            raise ExampleError(
                f"a counterexample promises nothing but silence; take away {', '.join(sorted(expected))}"
            )
        if _is_silent(rule):
            same = read(grammar).indicators == read(without).indicators
            return [] if same else ["the records change when the rule is taken away"]
        return [f"the rule speaks of {spoken!r}" for spoken in _spoken_of(rule.id, read(grammar))]
    if span is None:
        raise ExampleError(f"nothing is marked; put {OPEN}{CLOSE} around what the rule must find")
    set_aside = (isinstance(rule, BuiltInRule) and rule.decides == "numeral") or (
        isinstance(rule, TableRule) and rule.reason is not None
    )
    if isinstance(rule, ExclusionRule) or set_aside:
        return _check_numerals(rule.id, text, span, expected, read(grammar))
    if _is_silent(rule):
        failures = _check_indicator(None, text, span, expected, read(grammar))
        if not failures and not _check_indicator(None, text, span, expected, read(without)):
            failures = ["it comes out without the rule as well; choose a sentence that needs it"]
        return failures
    return _check_indicator(rule.id, text, span, expected, read(grammar))


def _is_silent(rule: Rule) -> bool:
    """Whether the rule leaves its id in no record, so that it shows only in what changes without it."""
    return isinstance(rule, WordRule) or (isinstance(rule, TimeRule) and not rule.governs)


def without_rules(rulebook: Rulebook, ids: Collection[str]) -> Rulebook:
    """The same rules, some left out."""
    kept: dict[str, Any] = {c: tuple(r for r in rules if r.id not in ids) for c, rules in rulebook.rules.items()}
    return replace(rulebook, **kept)


def read_sentence(
    text: str,
    grammar: Grammar,
    *,
    kind: Kind = "other",
    published_on: date | None = None,
    province: str | None = None,
    intent: IntentName | None = None,
) -> Records:
    """The records of a plain sentence, read as the body of an article of this kind and date, with one implicit case."""
    return assemble(
        extract(as_segmentation(text, kind=kind, published_on=published_on, province=province, intent=intent), grammar)
    )


def as_segmentation(
    text: str,
    *,
    kind: Kind = "other",
    published_on: date | None = None,
    province: str | None = None,
    intent: IntentName | None = None,
) -> Segmentation:
    """A plain sentence as the segmenter would hand it on: one block of body, one implicit case (of this province).

    Where nothing says what the document is written for, a plan is written as one and all else as news.
    """
    norm = normalise(_source(text))
    end = len(norm.norm)
    case = CaseSpan(
        start=0,
        end=end,
        ordinal=1,
        implicit=True,
        title=None,
        lead=None,
        province=province,
        city=None,
        county=None,
        place=None,
        adcode=None,
        agency=None,
        brands=(),
        topics=(),
        rule_id="example",
    )
    blocks, cases = ((Block(0, end, "body"),), (case,)) if end else ((), ())
    return Segmentation(
        norm,
        kind,
        Meta(published_on=published_on),
        blocks,
        cases,
        (),
        (),
        Intent(intent or ("plan" if kind == "plan" else "news")),
    )


def _source(text: str) -> Source:
    tables = read_tables(text, ())
    return Source("example", "example.txt", "0" * 64, "text/plain", "utf-8", text, tables=tables)


def unmarked(text: str) -> tuple[str, tuple[int, int] | None]:
    """The text without its brackets, and the span they marked (None without brackets). Raises ExampleError."""
    if OPEN not in text and CLOSE not in text:
        return text, None
    if text.count(OPEN) != 1 or text.count(CLOSE) != 1 or text.index(CLOSE) < text.index(OPEN):
        raise ExampleError(f"mark one stretch, as in 建成{OPEN}12家{CLOSE}; the text is {text!r}")
    start = text.index(OPEN)
    end = text.index(CLOSE) - len(OPEN)
    if end == start:
        raise ExampleError(f"the brackets in {text!r} hold nothing")
    return text.replace(OPEN, "").replace(CLOSE, ""), (start, end)


def traditional(text: str) -> str:
    """The text in traditional characters (OpenCC `s2t`)."""
    converted: str = _converter().convert(text)
    return converted


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("s2t")


def _spoken_of(rule_id: str, records: Records) -> list[str]:
    return [
        *(i.text for i in records.indicators if rule_id in i.rules),
        *(n.text for n in records.numerals if n.rule_id == rule_id and n.disposition == "set_aside"),
    ]


def _check_indicator(
    rule_id: str | None, text: str, span: tuple[int, int], expected: Mapping[str, Any], records: Records
) -> list[str]:
    unknown = set(expected) - set(Indicator.model_fields)
    if unknown:
        raise ExampleError(f"indicators have no column {', '.join(sorted(unknown))}; see casextract schema")
    found = next((i for i in records.indicators if (i.start, i.end) == span), None)
    if found is None:
        return [f"{text[slice(*span)]!r} does not come out; {_what_came(text, span, records)}"]
    failures = [
        f"{name} is {getattr(found, name)!r}, not {value!r}"
        for name, value in expected.items()
        if not _same(getattr(found, name), value)
    ]
    if rule_id is not None and rule_id not in found.rules:
        failures.append(f"the rule does not speak; those that do: {', '.join(found.rules)}")
    return failures


def _check_numerals(
    rule_id: str, text: str, span: tuple[int, int], expected: Mapping[str, Any], records: Records
) -> list[str]:
    unknown = set(expected) - set(Numeral.model_fields)
    if unknown:
        raise ExampleError(f"numerals have no column {', '.join(sorted(unknown))}; see casextract schema")
    inside = [n for n in records.numerals if n.start < span[1] and n.end > span[0]]
    if not inside:
        return [f"no numeral is found in {text[slice(*span)]!r}"]
    failures = []
    for numeral in inside:
        if numeral.disposition != "set_aside" or numeral.rule_id != rule_id:
            by = f" by {numeral.rule_id}" if numeral.rule_id else ""
            failures.append(f"{numeral.text!r} is {numeral.disposition}{by}, not set aside by the rule")
        failures += [
            f"{numeral.text!r}: {name} is {getattr(numeral, name)!r}, not {value!r}"
            for name, value in expected.items()
            if not _same(getattr(numeral, name), value)
        ]
    return failures


def _what_came(text: str, span: tuple[int, int], records: Records) -> str:
    near = [f"{i.text!r} ({i.metric})" for i in records.indicators if i.start < span[1] and i.end > span[0]]
    near += [
        f"{n.text!r} ({n.reason or n.disposition}{', ' + n.rule_id if n.rule_id else ''})"
        for n in records.numerals
        if n.start < span[1] and n.end > span[0] and n.disposition != "indicator"
    ]
    return "there is " + ", ".join(near) if near else "nothing is found there"


def _same(actual: Any, expected: Any) -> bool:
    if isinstance(expected, bool) or isinstance(actual, bool):
        return actual is expected
    if isinstance(expected, int | float) and isinstance(actual, int | float):
        return abs(actual - expected) <= 1e-9 * max(1.0, abs(expected))
    if isinstance(expected, list):
        return list(actual) == expected
    # What is copied from the page as printed is in the page's script.
    return (
        bool(actual == expected)
        or (isinstance(expected, str) and actual == traditional(expected))
        or (actual is None and expected == "")
    )
