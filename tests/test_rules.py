"""The shipped rules: every example and counterexample holds in both scripts, and no rule is dead or dangerous."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

import casextract
from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.dataset.read import Dataset
from casextract.records import TABLES
from casextract.rulebook.checks import findings
from casextract.rulebook.loading import load_rulebook
from casextract.rulebook.models import CONCERNS, PATTERNS
from casextract.ruletools.examples import Outcome, run_examples

SOURCE = Path(casextract.__file__).parent
RULEBOOK = load_rulebook()
RULES = [(concern, rule) for concern, rules in RULEBOOK.rules.items() for rule in rules]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in run_examples(RULEBOOK):
        found[outcome.rule_id].append(outcome)
    return found


@pytest.mark.parametrize("rule_id", [r.id for _, r in RULES if getattr(r, "decides", None) != "correction"])
def test_examples_hold(rule_id: str, outcomes: dict[str, list[Outcome]]) -> None:
    ran = outcomes[rule_id]
    assert {o.script for o in ran if o.role == "example"} == {"hans", "hant"}, "the rule has no example"
    assert [(o.role, o.script, o.text, o.failures) for o in ran if o.failures] == []


def test_lexicon_examples_hold(outcomes: dict[str, list[Outcome]]) -> None:
    ran = [o for rule_id, found in outcomes.items() if rule_id.startswith("lexicon.") for o in found]
    assert [o for o in ran if o.failures] == []


def test_check_finds_nothing() -> None:
    # Not a warning either: an analyst who checks rules of her own reads about them alone.
    assert [f"{f.rule_id}: {f.message}" for f in findings(RULEBOOK)] == []


def ids_of(folder: Path) -> set[str]:
    """Every rule id in any column of any table of a dataset."""
    dataset = Dataset.open(folder)
    found: set[str] = set()
    for table in TABLES:
        for row in dataset[table].arrow().to_pylist():
            for column, value in row.items():
                if column in ("rule_id", "rules"):
                    found.update(value if isinstance(value, list) else [value] if value is not None else [])
    return found


def test_every_id_in_a_dataset_is_a_rule(root: Path, tmp_path: Path) -> None:
    build([root / "data" / "raw"], tmp_path / "out", BuildOptions(jobs=1))
    found = ids_of(tmp_path / "out")
    assert len(found) > 50
    assert found - {rule.id for _, rule in RULES} == set()


@pytest.mark.needs_shared
@pytest.mark.parametrize("folder", ["corpus", "dev/raw"])
def test_every_id_in_a_dataset_of_the_annotated_articles_is_a_rule(folder: str, shared: Path, tmp_path: Path) -> None:
    build([shared / folder], tmp_path / "out", BuildOptions(jobs=1))
    assert ids_of(tmp_path / "out") - {rule.id for _, rule in RULES} == set()


def test_every_id_that_the_code_names_is_a_rule() -> None:
    # What looks like the id of a rule (its first part begins one) and is none would be a record without an intent.
    known = {rule.id for _, rule in RULES}
    heads = {rule_id.partition(".")[0] for rule_id in known}
    named = {
        (path.name, node.value)
        for room in ("segment", "extract", "review")
        for path in (SOURCE / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.fullmatch(r"[a-z_]+(\.[a-z0-9_]+)+", node.value) and node.value.partition(".")[0] in heads
        if not node.value.endswith((".css", ".html", ".js", ".jsonl"))
    }
    assert len(named) > 10
    assert {(path, rule_id) for path, rule_id in named if rule_id not in known} == set()


@pytest.mark.parametrize("concern", ["segmentation", "status", "times", "exclusions", "metrics"])
def test_rules_stand_in_the_order_in_which_they_are_asked(concern: str) -> None:
    own = {rule.id for rule in RULEBOOK.rules[concern]}
    assert [f.rule_id for f in findings(RULEBOOK) if f.code == "out_of_order" and f.rule_id in own] == []


def test_every_concern_has_rules() -> None:
    assert {concern for concern, _ in RULES} == set(CONCERNS)


@pytest.mark.parametrize("concern", CONCERNS)
def test_the_checks_know_which_fields_hold_patterns(concern: str) -> None:
    # A new field that holds a string must be named here or in PATTERNS, so that no pattern goes unchecked.
    plain = {"id", "intent", "reason", "metric", "basis", "topic", "value", "code", "unit"}
    strings = {n for n, field in CONCERNS[concern].model_fields.items() if field.annotation in (str, str | None)}
    patterns = {name for name in PATTERNS if name in CONCERNS[concern].model_fields}
    assert strings - patterns <= plain
