"""Every code that a table can hold has a name in both languages."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from casextract import records
from casextract.language import intent, label, labels
from casextract.language.catalogue import intents
from casextract.language.labels import LANGUAGES, _all
from casextract.records import TABLES
from casextract.review.corrections import EDITABLE
from casextract.rulebook.loading import load_rulebook
from casextract.rulebook.models import IntentName, Modality

CODES = {
    "dimension": get_args(records.Dimension), "status": get_args(records.Status), "bound": get_args(records.Bound),
    "currency": get_args(records.Currency), "disposition": get_args(records.Disposition), "kind": get_args(records.Kind),
    "script": get_args(records.Script), "severity": get_args(records.Severity), "stage": get_args(records.Stage),
    "table": tuple(TABLES), "row": tuple(TABLES), "resource": tuple(TABLES), "field": tuple({f for fields in EDITABLE.values() for f in fields}),
    "metric": tuple({r.metric for r in load_rulebook().metrics}),
    "intent": get_args(IntentName), "state": get_args(Modality),
    "topic": tuple({r.topic for r in load_rulebook().topics}),
}  # fmt: skip


@pytest.mark.parametrize("kind", CODES)
def test_every_code_has_names(kind: str) -> None:
    assert sorted(set(CODES[kind]) - set(labels(kind, "en"))) == []


def test_every_name_is_given_in_both_languages() -> None:
    found: Any = _all()
    poor = [(k, c) for k, codes in found.items() for c, n in codes.items() if len(n) != len(LANGUAGES) or not all(n)]
    assert poor == []
    assert label("metric", "of_an_analyst", "zh") == "of_an_analyst"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_has_a_name_of_its_own(language: Any) -> None:
    from casextract.dataset.schema import columns
    from casextract.dataset.workbook import numbers_columns

    names = labels("field", language)
    for heads in (numbers_columns(), *([c.name for c in columns(t)] for t in TABLES)):
        assert [n for n in heads if n not in names] == []
        assert len({names[n] for n in heads}) == len(heads)


def test_every_shipped_rule_says_in_chinese_what_it_is_for() -> None:
    said = {rule.intent for rules in load_rulebook().rules.values() for rule in rules}
    assert sorted(said - set(intents())) == [], "say it in src/casextract/language/intents.toml, too"
    assert sorted(set(intents()) - said) == []
    assert [zh for zh in intents().values() if zh.isascii()] == []


def test_the_intents_of_several_rules_are_told_one_by_one() -> None:
    about, years = "about", "the last years: a period that is named, not measured (GUIDELINES: 近两年 is no duration)"
    assert intent(f"{about}; {years}", "zh") == f"{intents()[about]}；{intents()[years]}"
    assert intent("a rule of an analyst", "zh") == "a rule of an analyst"
    assert intent(about, "en") == about
