"""Short annotated sentences of every form the quantity grammar has to read, each in both scripts.

`examples/*.toml` hold the sentences. An `[[example]]` has `text`, perhaps the document it stands in (`kind`,
`published_on`, `province`), and `indicators`: all that must be found in it, in order, and nothing else. What an indicator
leaves unsaid has the commonest value (`bound` exact, `status` achieved, `per` empty, no range, no time, no baseline, the
document's currency) and is compared as well; only `subject`, `period_start` and `period_end` are compared just where they
are given (`subject = ""`: none), and `open` names fields that the guideline leaves to judgement. `baseline` is the text of
the indicator that holds the old value; a list where one word is due names several that will do. `marginal` lists what the
guideline neither demands nor forbids, `aside` numerals that must be set aside, with the reason or the reasons that will do.

What is known to be wrong stands in `known`, a field with what is read instead: of an indicator one of its fields, of an
example `indicators` (others are found), `aside` or `unresolved`. All else is asserted, and a known fault that is mended
fails the test, so that its line is taken away.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Self

import pytest
from opencc import OpenCC
from pydantic import BaseModel, ConfigDict, model_validator

from casextract.assemble import Records
from casextract.extract import Grammar, compile_grammar
from casextract.records import Bound, Currency, Indicator, Kind, Status
from casextract.rulebook.loading import load_rulebook
from casextract.ruletools.examples import read_sentence

FOLDER = Path(__file__).parent / "examples"
SCRIPTS = ("hans", "hant")
CURRENCIES = {"香港特别行政区": "HKD", "澳门特别行政区": "MOP", "台湾省": "TWD"}
CONVERSIONS = {"香港特别行政区": "s2hk", "台湾省": "s2tw"}

DIMENSIONS = {
    "money": {"investment", "fundraising", "allowance", "savings", "funds_other"},
    "percent": {
        "coverage_rate", "satisfaction_rate", "reimbursement_rate", "change_rate", "completion_rate", "share",
    },
    "duration": {"time_limit", "service_time", "period"},
    "count": {
        "beds", "people", "person_times", "households", "organisations", "facilities", "projects", "policies", "events",
        "frequency", "cases_handled", "service_items", "territories", "count_other",
    },
    "age": {"age"}, "area": {"area"}, "length": {"length"}, "multiple": {"multiple"}, "ratio": {"ratio"},
}  # fmt: skip
"""The guideline's metrics by dimension."""


class Strict(BaseModel):
    """What an example file may hold and nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Expected(Strict):
    """An indicator as annotated."""

    text: str
    value: float
    value_high: float | None = None
    unit: str | list[str]
    metric: str | list[str] | None = None
    bound: Bound | list[Bound] = "exact"
    per: list[str] = []
    status: Status | list[Status] = "achieved"
    subject: str | list[str] = ""
    time: str | None = None
    currency: Currency | None = None
    baseline: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    open: list[str] = []
    known: dict[str, str] = {}

    @model_validator(mode="after")
    def _names_are_fields(self) -> Self:
        fields = set(Expected.model_fields) - {"text", "open", "known"}
        assert {*self.open, *self.known} <= fields
        assert not set(self.open) & set(self.known)
        assert ("metric" in self.model_fields_set) != ("metric" in self.open)
        return self


class Aside(Strict):
    """A numeral that must be set aside, for one of the reasons."""

    text: str
    reason: str | list[str]


class Example(Strict):
    """A sentence with all that must be found in it."""

    text: str
    kind: Kind = "other"
    published_on: date | None = None
    province: str | None = None
    indicators: list[Expected]
    marginal: list[str] = []
    aside: list[Aside] = []
    known: dict[str, str] = {}

    @model_validator(mode="after")
    def _texts_stand_in_the_sentence(self) -> Self:
        at = 0
        for indicator in self.indicators:
            at = self.text.index(indicator.text, at) + len(indicator.text)
        assert all(text in self.text for text in (*self.marginal, *(a.text for a in self.aside)))
        assert set(self.known) <= {"indicators", "aside", "unresolved"}
        return self

    def printed(self, script: str, text: str) -> str:
        """A stretch of the example as a page in this script prints it."""
        if script == "hans":
            return text
        converted: str = converter(CONVERSIONS.get(self.province or "", "s2t")).convert(text)
        return converted


def examples() -> Iterator[tuple[str, Example]]:
    """Every example with its name: file and position in it, from 1."""
    for path in sorted(FOLDER.glob("*.toml")):
        for number, example in enumerate(tomllib.loads(path.read_text(encoding="utf-8"))["example"], start=1):
            yield f"{path.stem}-{number}", Example.model_validate(example)


EXAMPLES = dict(examples())


@cache
def converter(name: str) -> Any:
    return OpenCC(name)


@pytest.fixture(scope="module")
def grammar() -> Grammar:
    return compile_grammar(load_rulebook())


def read(example: Example, script: str, grammar: Grammar) -> Records:
    """The records of the example's sentence, printed in this script."""
    return read_sentence(
        example.printed(script, example.text),
        grammar,
        kind=example.kind,
        published_on=example.published_on,
        province=example.province,
    )


def said(indicator: Indicator, records: Records) -> dict[str, Any]:
    """The fields of an indicator that examples speak of."""
    texts = {i.indicator_id: i.text for i in records.indicators}
    baseline = texts[indicator.baseline_id] if indicator.baseline_id is not None else None
    return indicator.model_dump() | {"baseline": baseline}


def differences(example: Example, script: str, expected: Expected, found: dict[str, Any]) -> dict[str, str]:
    """What differs between an indicator as annotated and as found, by field."""
    wanted = expected.model_dump(exclude={"text", "open", "known"})
    for name in ("subject", "period_start", "period_end", "currency"):
        if name not in expected.model_fields_set:
            del wanted[name]
    if found["dimension"] == "money":
        wanted.setdefault("currency", CURRENCIES.get(example.province or "", "CNY"))
    for name in ("time", "baseline"):
        if wanted[name] is not None:
            wanted[name] = example.printed(script, wanted[name])
    if "subject" in wanted:
        wanted["subject"] = wanted["subject"] or None
    wrong = {}
    for name, value in wanted.items():
        if name in expected.open:
            continue
        if name in ("value", "value_high") and value is not None:
            same = found[name] == pytest.approx(value, rel=1e-5)
        elif isinstance(value, list) and name != "per":
            same = found[name] in value
        else:
            same = found[name] == value
        if not same:
            wrong[name] = f"{expected.text}: {name} is {found[name]!r}, not {value!r}"
    if found["metric"] not in DIMENSIONS[found["dimension"]]:
        wrong.setdefault("metric", f"{expected.text}: {found['metric']} is no metric of {found['dimension']}")
    return wrong


def unlike_known(wrong: dict[str, str], known: dict[str, str], where: str) -> list[str]:
    """What is wrong and not known to be, and what is known to be wrong and is right."""
    mended = [f"{where}: {name} is right now; take it from `known`" for name in known if name not in wrong]
    return [message for name, message in wrong.items() if name not in known] + mended


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str, script: str, grammar: Grammar) -> None:
    example = EXAMPLES[name]
    text = example.printed(script, example.text)
    records = read(example, script, grammar)
    for record in (*records.indicators, *records.numerals):
        assert text[record.start : record.end] == record.text
    marginal = {example.printed(script, t) for t in example.marginal}
    found = [i for i in records.indicators if i.text not in marginal]
    texts = [i.text for i in found]
    wrong: dict[str, str] = {}
    if texts != (due := [example.printed(script, i.text) for i in example.indicators]):
        wrong["indicators"] = f"indicators are {texts}, not {due}"
    unresolved = [n.text for n in records.numerals if n.disposition == "unresolved"]
    if unresolved:
        wrong["unresolved"] = f"unresolved: {unresolved}"
    for want in example.aside:
        at = text.index(example.printed(script, want.text))
        inside = [n for n in records.numerals if n.start < at + len(want.text) and n.end > at]
        reasons = want.reason if isinstance(want.reason, list) else [want.reason]
        others = [(n.text, n.reason) for n in inside if n.disposition != "set_aside" or n.reason not in reasons]
        if others or not inside:
            wrong["aside"] = f"{want.text}: set aside as {others}, not as {reasons}"
    lines = unlike_known(wrong, example.known, "the example")
    at = 0
    for expected, due_text in zip(example.indicators, due, strict=True):
        if due_text not in texts[at:]:
            continue
        at = texts.index(due_text, at)
        lines += unlike_known(
            differences(example, script, expected, said(found[at], records)), expected.known, expected.text
        )
        at += 1
    assert lines == []


def test_a_known_fault_that_is_mended_fails() -> None:
    wrong = {"subject": "5人: subject is 'a', not 'b'"}
    assert unlike_known(wrong, {"subject": "reads a"}, "5人") == []
    assert unlike_known({}, {"subject": "reads a"}, "5人") == ["5人: subject is right now; take it from `known`"]
    assert unlike_known(wrong, {}, "5人") == ["5人: subject is 'a', not 'b'"]


def test_there_are_enough_examples_of_everything() -> None:
    metrics = [i.metric for e in EXAMPLES.values() for i in e.indicators]
    assert len(EXAMPLES) >= 300
    assert len({e.text for e in EXAMPLES.values()}) == len(EXAMPLES)
    assert {m for known in DIMENSIONS.values() for m in known if metrics.count(m) < 3} == set()
