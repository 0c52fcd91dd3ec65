"""The shipped rules: every example and counterexample holds in both scripts, and no rule is dead or dangerous."""

from __future__ import annotations

from collections import defaultdict

import pytest

from casextract.rulebook.models import CONCERNS, load_rulebook
from casextract.ruletools.checks import PATTERNS, findings
from casextract.ruletools.examples import Outcome, run_examples

RULEBOOK = load_rulebook()
RULES = [(concern, rule) for concern, rules in RULEBOOK.rules.items() for rule in rules]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in run_examples(RULEBOOK):
        found[outcome.rule_id].append(outcome)
    return found


@pytest.mark.parametrize("rule_id", [rule.id for _, rule in RULES])
def test_examples_hold(rule_id: str, outcomes: dict[str, list[Outcome]]) -> None:
    ran = outcomes[rule_id]
    assert {o.script for o in ran if o.role == "example"} == {"hans", "hant"}, "the rule has no example"
    assert [(o.role, o.script, o.text, o.failures) for o in ran if o.failures] == []


def test_lexicon_examples_hold(outcomes: dict[str, list[Outcome]]) -> None:
    ran = [o for rule_id, found in outcomes.items() if rule_id.startswith("lexicon.") for o in found]
    assert [o for o in ran if o.failures] == []


def test_check_finds_no_error() -> None:
    assert [f"{f.rule_id}: {f.message}" for f in findings(RULEBOOK) if f.severity == "error"] == []


def test_every_concern_has_rules() -> None:
    assert {concern for concern, _ in RULES} == set(CONCERNS)


@pytest.mark.parametrize("concern", CONCERNS)
def test_the_checks_know_which_fields_hold_patterns(concern: str) -> None:
    # A new field that holds a string must be named here or in PATTERNS, so that no pattern goes unchecked.
    plain = {"id", "intent", "reason", "metric", "basis", "topic", "value"}
    strings = {n for n, field in CONCERNS[concern].model_fields.items() if field.annotation in (str, str | None)}
    patterns = {name for name in PATTERNS if name in CONCERNS[concern].model_fields}
    assert strings - patterns <= plain
