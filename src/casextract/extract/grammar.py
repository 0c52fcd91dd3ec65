"""The rules of the quantity grammar compiled into the few patterns and tables that the scan uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any, Final, TypeVar

import regex

from casextract.extract.endings import Endings, lengths_by_character
from casextract.extract.lexicon import Lexicon
from casextract.extract.words import Words
from casextract.records import Currency, Dimension
from casextract.rulebook.first_match import Choice, choice
from casextract.rulebook.loading import Rulebook
from casextract.rulebook.models import (
    BasisRule,
    BoundRule,
    CurrencyRule,
    DirectionRule,
    ExclusionRule,
    MetricRule,
    Rule,
    RuleError,
    StatusRule,
    TableRule,
    TimeRule,
    UnitRule,
)
from casextract.rulebook.patterns import compile_regex, in_class, marked, on_demand, screened
from casextract.rulebook.vocabulary import CHINESE

Compile = Callable[[Rule, str | None], "re.Pattern[str] | None"]
"""Makes a pattern of a rule."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit word with what its rule says of it."""

    word: str
    canonical: str
    dimension: Dimension
    factor: float
    currency: Currency | None
    rule: UnitRule
    not_before: re.Pattern[str] | None
    only_before: re.Pattern[str] | None
    only_after: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """A currency by the names and signs that stand beside a number."""

    code: Currency
    rule: CurrencyRule


@dataclass(frozen=True, slots=True)
class BoundWord:
    """One word that sets a bound, with the conditions of its rule."""

    rule: BoundRule
    not_after: re.Pattern[str] | None
    not_before: re.Pattern[str] | None


class Phrases:
    """The phrases of a rulebook by name, each a compiled pattern; one that no rule has matches nothing."""

    def __init__(self, patterns: Mapping[str, re.Pattern[str]]) -> None:
        """Name each pattern."""
        self.__dict__.update(patterns)

    def __getattr__(self, name: str) -> re.Pattern[str]:
        """What no rule has: Python comes here for it alone."""
        return _NEVER


_NEVER: Final = on_demand(r"(?!)")
PERIODS_SAID: Final = {"period_of": "phrase.period_of", "one_period": "phrase.one_period"}
"""The phrases that name a period without saying each, and the ids of their rules."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A status or metric rule with its patterns compiled."""

    rule: StatusRule | MetricRule
    before: re.Pattern[str] | None
    clause: re.Pattern[str] | None
    after: re.Pattern[str] | None
    follows: re.Pattern[str] | None
    subject: re.Pattern[str] | None
    without: re.Pattern[str] | None
    sentence: re.Pattern[str] | None


@dataclass(frozen=True, slots=True, eq=False)
class Grammar:
    """All that the extractor knows of the language."""

    units: Mapping[str, tuple[Unit, ...]]
    """Word to what it may be the unit of, those first that stand only beside certain words."""
    unit_lengths: Mapping[str, tuple[int, ...]]
    """First character of a unit to the lengths of the units that begin with it, the longest first."""
    implied: re.Pattern[str] | None
    implied_units: Mapping[str, Unit]
    money_signs: Endings
    """Names and signs of currencies in front of a number."""
    money_before: Mapping[str, Money]
    money_behind: re.Pattern[str]
    """A currency named behind 元, perhaps in brackets (group `name`)."""
    money_names: Mapping[str, Money]
    money_of_region: Mapping[str, Currency]
    """Full name of a province to the money of its sums."""
    money_evidence: Mapping[Currency, tuple[str, ...]]
    """Currency to the words that speak for it where no place does."""
    exclusions: Choice
    exclusion_rules: tuple[ExclusionRule, ...]
    spans: re.Pattern[str]
    """Stretches of which no numeral measures anything: addresses, codes, markup."""
    span_rules: tuple[ExclusionRule, ...]
    bounds_before: re.Pattern[str]
    bounds_ends: frozenset[str]
    """The characters that those words end with."""
    bound_words: Mapping[str, BoundWord]
    bounds_after: re.Pattern[str]
    bounds_starts: frozenset[str]
    """The characters that those words begin with."""
    bound_words_after: Mapping[str, BoundWord]
    directions: tuple[tuple[DirectionRule, re.Pattern[str] | None, re.Pattern[str] | None, re.Pattern[str] | None], ...]
    """Each rule with what must stand in front, what must not, and what must follow."""
    times: re.Pattern[str]
    time_rules: tuple[TimeRule, ...]
    bases: re.Pattern[str]
    basis_rules: Mapping[str, BasisRule]
    basis_groups: Mapping[str, str]
    """Id of a basis rule to the group it belongs to."""
    phrases: Phrases
    """The forms of words that the code asks for."""
    statuses: tuple[Condition, ...]
    metrics: Mapping[Dimension, tuple[Condition, ...]]
    words: Words
    links: Endings
    generics: frozenset[str]
    lexicon: Lexicon
    heads: tuple[tuple[TableRule, re.Pattern[str]], ...]
    """What heads and labels of tables say, in order."""


def compile_grammar(rulebook: Rulebook, lazy: bool = False) -> Grammar:
    """Compile the extraction rules. Raises RuleError, naming the rule, where a pattern does not compile.

    With `lazy`, a pattern is compiled, and refused, when a text first asks for it.
    """
    compiled = partial(_compiled, lazy=lazy)
    lexicon = Lexicon.of(rulebook)
    units, implied = _units(rulebook, compiled)
    before = {w: _bound_word(r, compiled) for r in rulebook.bounds for w in r.before}
    after = {w: _bound_word(r, compiled) for r in rulebook.bounds for w in r.after}
    exclusions = [r for r in _in_order(rulebook.exclusions) if not r.spans]
    spans = [r for r in _in_order(rulebook.exclusions) if r.spans]
    times = _in_order(rulebook.times)
    bases = {w: r for r in rulebook.bases for w in r.words}
    words = _words(rulebook)
    return Grammar(
        units=units,
        unit_lengths=lengths_by_character(units),
        implied=on_demand(_alternatives(implied)) if implied else None,
        implied_units=implied,
        **_moneys(rulebook),
        exclusions=choice([_exclusion(r, compiled) for r in exclusions], partial(_one_of, "exclusions")),
        exclusion_rules=tuple(exclusions),
        spans=on_demand(screened(_marked([_span(r, compiled) for r in spans])), re.MULTILINE),
        span_rules=tuple(spans),
        bounds_before=on_demand(_alternatives(before)),
        bounds_ends=frozenset(w[-1] for w in before),
        bound_words=before,
        bounds_after=on_demand(_alternatives(after)),
        bounds_starts=frozenset(w[0] for w in after),
        bound_words_after=after,
        directions=tuple(
            (r, compiled(r, r.before), compiled(r, r.without), compiled(r, r.follows))
            for r in _in_order(rulebook.directions)
        ),
        times=on_demand(screened(_marked([_time(r, compiled) for r in times])), 0, partial(_one_of, "times")),
        time_rules=tuple(times),
        bases=on_demand(_alternatives(bases)),
        basis_rules=bases,
        basis_groups={r.id: r.group for r in rulebook.bases} | dict.fromkeys(PERIODS_SAID.values(), "said"),
        phrases=Phrases({r.id.rpartition(".")[2]: p for r in rulebook.phrases if (p := compiled(r, r.pattern))}),
        statuses=tuple(_condition(r, compiled) for r in _in_order(rulebook.status)),
        metrics=_metrics(rulebook, compiled),
        words=Words(
            rulebook.files.get("lexicon.txt", "") + _as_entries(lexicon.nouns),
            words["verb"],
            words["nominal"],
            words["function"],
        ),
        links=Endings.of(words["link"]),
        generics=words["generic"],
        lexicon=lexicon,
        heads=tuple(
            (rule, pattern)
            for rule in _in_order(rulebook.tables)
            if (pattern := compiled(rule, rule.pattern)) is not None
        ),
    )


_R = TypeVar("_R", bound=Rule)


def _in_order(rules: Iterable[_R]) -> list[_R]:
    """The rules of a concern as they are tried."""
    return sorted(rules, key=attrgetter("order"))


def _marked(patterns: Sequence[str]) -> str:
    """The patterns as alternatives that say which of them it was; one that matches nothing where there are none."""
    return "|".join(marked(i, pattern) for i, pattern in enumerate(patterns)) or r"(?!)"


def _units(rulebook: Rulebook, compiled: Compile) -> tuple[dict[str, tuple[Unit, ...]], dict[str, Unit]]:
    """The units by their words, those that ask for something beside them first, and the ones that go without saying."""
    units: dict[str, tuple[Unit, ...]] = {}
    implied: dict[str, Unit] = {}
    for rule in (*rulebook.units, *map(_unit_rule, rulebook.currencies)):
        for word in rule.words:
            unit = Unit(
                word,
                rule.canonical.get(word, word),
                rule.dimension,
                rule.factor.get(word, 1.0),
                rule.currency,
                rule,
                compiled(rule, rule.not_before),
                compiled(rule, rule.only_before),
                compiled(rule, f"(?:{rule.only_after})$" if rule.only_after else None),
            )
            if rule.implied:
                implied.setdefault(word, unit)
            else:
                narrow = unit.only_after is not None or unit.only_before is not None
                units[word] = (unit, *units.get(word, ())) if narrow else (*units.get(word, ()), unit)
    return units, implied


def _moneys(rulebook: Rulebook) -> dict[str, Any]:
    """What the grammar knows of currencies."""
    moneys = [(Money(r.code, r), r) for r in rulebook.currencies]
    before = {sign: money for money, r in moneys for sign in (*r.signs, *r.names)}
    names = {name: money for money, r in moneys for name in r.names}
    return {
        "money_signs": Endings.of(before),
        "money_before": before,
        "money_behind": on_demand(rf"(?:\(?:?(?P<name>{_alternatives(names)})\)?)" if names else r"(?!)"),
        "money_names": names,
        "money_of_region": {region: r.code for r in rulebook.currencies for region in r.regions},
        "money_evidence": {r.code: r.evidence for r in rulebook.currencies if r.evidence},
    }


def _words(rulebook: Rulebook) -> dict[str, frozenset[str]]:
    """The words of the rules by their role."""
    roles = ("verb", "nominal", "function", "link", "generic")
    return {role: frozenset(w for r in rulebook.words if r.role == role for w in r.words) for role in roles}


def _metrics(rulebook: Rulebook, compiled: Compile) -> dict[Dimension, tuple[Condition, ...]]:
    """The conditions of metrics by dimension, in order."""
    found: dict[Dimension, list[Condition]] = {}
    for rule in _in_order(rulebook.metrics):
        found.setdefault(rule.dimension, []).append(_condition(rule, compiled))
    return {dimension: tuple(conditions) for dimension, conditions in found.items()}


def _unit_rule(rule: CurrencyRule) -> UnitRule:
    """What a currency's own words are as units behind a number."""
    words = rule.words
    return UnitRule.model_construct(
        id=rule.id,
        intent=rule.intent,
        dimension="money",
        words=words,
        canonical=dict.fromkeys(words, "元"),
        factor=rule.factor,
        currency=rule.code,
        small="keep",
    )


_WORD_MIN = 3
"""Nouns of so many characters are cut as one word; shorter ones jieba knows, and knows how common they are."""


def _as_entries(nouns: Iterable[str]) -> str:
    """The longer nouns as entries of jieba's user dictionary."""
    return "".join(f"{noun} 2000 n\n" for noun in nouns if len(noun) >= _WORD_MIN and _HAN_ONLY.fullmatch(noun))


_HAN_ONLY = on_demand(r"\p{Han}+")


def _bound_word(rule: BoundRule, compiled: Compile) -> BoundWord:
    return BoundWord(
        rule, compiled(rule, f"(?:{rule.not_after})$" if rule.not_after else None), compiled(rule, rule.not_before)
    )


def _exclusion(rule: ExclusionRule, compiled: Compile) -> tuple[str | None, str]:
    """What must stand in front of an excluded numeral, and what it is."""
    body = rule.pattern or _alternatives(rule.words)
    if rule.words and not rule.pattern:
        # A word may begin before its numeral (统一, 进一步): the numeral is what is set aside.
        heads: dict[str, list[str]] = {}
        for word in rule.words:
            for i, c in enumerate(word):
                if c in CHINESE:
                    heads.setdefault(word[i:], []).append(word)
        # The numeral is compared before what is in front of it: it rarely fits.
        parts = [
            regex.escape(b) + ("" if b in words else "(?:" + "|".join(f"(?<={regex.escape(w)})" for w in words) + ")")
            for b, words in heads.items()
        ]
        body = "|".join(sorted(parts, key=lambda p: -len(p.partition("(")[0])))
        # Most numerals are ruled out by their first character, before each word is tried.
        body = f"(?={in_class({b[0] for b in heads})})(?:{body})"
    front = rule.before or None
    compiled(rule, body if front is None else f"(?<={front})(?:{body})")
    return front, body


def _span(rule: ExclusionRule, compiled: Compile) -> str:
    compiled(rule, rule.pattern)
    return rule.pattern or _alternatives(rule.words)


def _condition(rule: StatusRule | MetricRule, compiled: Compile) -> Condition:
    status = rule if isinstance(rule, StatusRule) else None
    metric = rule if isinstance(rule, MetricRule) else None
    return Condition(
        rule,
        compiled(rule, rule.before),
        compiled(rule, status.clause if status else None),
        compiled(rule, rule.after),
        compiled(rule, rule.follows),
        compiled(rule, metric.subject if metric else None),
        compiled(rule, status.without if status else None),
        compiled(rule, metric.sentence if metric else None),
    )


def _time(rule: TimeRule, compiled: Compile) -> str:
    compiled(rule, rule.pattern)
    return rule.pattern


def _compiled(rule: Rule, pattern: str | None, *, lazy: bool) -> re.Pattern[str] | None:
    if pattern is None:
        return None

    def refusal(error: regex.error) -> RuleError:
        return RuleError(f"{rule.origin}: the pattern {pattern!r} does not compile: {error}; mend it")

    if lazy:
        return on_demand(pattern, 0, refusal)
    try:
        return compile_regex(pattern)
    except regex.error as error:
        raise refusal(error) from error


def _one_of(concern: str, error: regex.error) -> RuleError:
    return RuleError(f"a pattern of the {concern} does not compile: {error}; casextract rules check names the rule")


def _alternatives(words: Iterable[str]) -> str:
    """The words as an alternation, longest first, so that the longest match wins."""
    return "|".join(map(regex.escape, sorted(set(words), key=lambda w: (-len(w), w))))
