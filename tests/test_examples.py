"""Short annotated sentences of every form the quantity grammar has to read, each in both scripts.

`examples/*.toml` hold the sentences. An `[[example]]` has `text`, perhaps the document it stands in (`kind`,
`published_on`, `province`), and `indicators`: all that must be found in it, in order, and nothing else. What an indicator
leaves unsaid has the commonest value (`bound` exact, `status` achieved, `per` empty, no range, no time, no baseline, the
document's currency) and is compared as well; only `subject`, `period_start` and `period_end` are compared just where they
are given (`subject = ""`: none), and `open` names fields that the guideline leaves to judgement. `baseline` is the text of
the indicator that holds the old value; a list where one word is due names several that will do. `marginal` lists what the guideline neither demands nor forbids, `aside` numerals
that must be set aside, with the reason or the reasons that will do. `xfail` says why an example is known to fail.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from opencc import OpenCC

from casextract.assemble import Records
from casextract.extract import Grammar, compile_grammar
from casextract.records import Indicator
from casextract.rulebook.models import load_rulebook
from casextract.ruletools.examples import read_sentence

FOLDER = Path(__file__).parent / "examples"
SCRIPTS = ("hans", "hant")

COMMONEST: dict[str, Any] = {
    "value_high": None, "bound": "exact", "per": [], "status": "achieved", "time": None, "baseline": None,
}  # fmt: skip
"""What an indicator is taken to be where the example does not say."""

FIELDS = {
    "text", "value", "value_high", "unit", "metric", "bound", "per", "status", "subject", "time", "currency", "baseline",
    "period_start", "period_end", "open",
}  # fmt: skip
KEYS = {"text", "kind", "published_on", "province", "indicators", "marginal", "aside", "xfail"}

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


def examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every example with its name: file and position in it, from 1."""
    for path in sorted(FOLDER.glob("*.toml")):
        for number, example in enumerate(tomllib.loads(path.read_text(encoding="utf-8"))["example"], start=1):
            yield f"{path.stem}-{number}", example


EXAMPLES = dict(examples())


def params() -> list[Any]:
    """A parameter for each example and script, the known failures marked."""
    found = []
    for name, example in EXAMPLES.items():
        marks = [pytest.mark.xfail(reason=example["xfail"], strict=True)] if "xfail" in example else []
        found += [pytest.param(name, script, id=f"{name}-{script}", marks=marks) for script in SCRIPTS]
    return found


@cache
def converter(name: str) -> Any:
    return OpenCC(name)


@pytest.fixture(scope="module")
def grammar() -> Grammar:
    return compile_grammar(load_rulebook())


def printed(example: dict[str, Any], script: str, text: str) -> str:
    """A stretch of the example as a page in this script prints it."""
    if script == "hans":
        return text
    converted: str = converter(CONVERSIONS.get(example.get("province", ""), "s2t")).convert(text)
    return converted


def read(example: dict[str, Any], script: str, grammar: Grammar) -> Records:
    """The records of the example's sentence, printed in this script."""
    return read_sentence(
        printed(example, script, example["text"]),
        grammar,
        kind=example.get("kind", "other"),
        published_on=example.get("published_on"),
        province=example.get("province"),
    )


def said(indicator: Indicator, records: Records) -> dict[str, Any]:
    """The fields of an indicator that examples speak of."""
    texts = {i.indicator_id: i.text for i in records.indicators}
    baseline = texts[indicator.baseline_id] if indicator.baseline_id is not None else None
    return indicator.model_dump() | {"baseline": baseline}


def differences(example: dict[str, Any], script: str, expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """What differs between an indicator as annotated and as found, a line for each field."""
    wanted = COMMONEST | expected
    if found["dimension"] == "money":
        wanted.setdefault("currency", CURRENCIES.get(example.get("province", ""), "CNY"))
    for name in ("text", "time", "baseline"):
        if wanted[name] is not None:
            wanted[name] = printed(example, script, wanted[name])
    if "subject" in wanted:
        wanted["subject"] = wanted["subject"] or None
    lines = []
    for name, value in wanted.items():
        if name == "open" or name in expected.get("open", ()):
            continue
        if name in ("value", "value_high") and value is not None:
            same = found[name] == pytest.approx(value, rel=1e-5)
        elif isinstance(value, list) and name != "per":
            same = found[name] in value
        else:
            same = found[name] == value
        if not same:
            lines.append(f"{expected['text']}: {name} is {found[name]!r}, not {value!r}")
    if found["metric"] not in DIMENSIONS[found["dimension"]]:
        lines.append(f"{expected['text']}: {found['metric']} is no metric of {found['dimension']}")
    return lines


@pytest.mark.parametrize(("name", "script"), params())
def test_example(name: str, script: str, grammar: Grammar) -> None:
    example = EXAMPLES[name]
    text = printed(example, script, example["text"])
    records = read(example, script, grammar)
    for record in (*records.indicators, *records.numerals):
        assert text[record.start : record.end] == record.text
    marginal = {printed(example, script, t) for t in example.get("marginal", ())}
    found = [i for i in records.indicators if i.text not in marginal]
    expected = example["indicators"]
    assert [i.text for i in found] == [printed(example, script, i["text"]) for i in expected]
    wrong = [
        line
        for want, got in zip(expected, found, strict=True)
        for line in differences(example, script, want, said(got, records))
    ]
    assert wrong == []
    assert [n.text for n in records.numerals if n.disposition == "unresolved"] == []
    for want in example.get("aside", ()):
        at = text.index(printed(example, script, want["text"]))
        inside = [n for n in records.numerals if n.start < at + len(want["text"]) and n.end > at]
        reasons = want["reason"] if isinstance(want["reason"], list) else [want["reason"]]
        assert inside
        assert [(n.text, n.reason) for n in inside if n.disposition != "set_aside" or n.reason not in reasons] == []


def test_examples_are_well_formed() -> None:
    for name, example in EXAMPLES.items():
        assert set(example) <= KEYS, name
        at = 0
        for indicator in example["indicators"]:
            assert {"text", "value", "unit"} <= set(indicator) <= FIELDS, name
            assert ("metric" in indicator) != ("metric" in indicator.get("open", ())), name
            at = example["text"].index(indicator["text"], at) + len(indicator["text"])
        assert all(t in example["text"] for t in example.get("marginal", ())), name
        assert all(a["text"] in example["text"] for a in example.get("aside", ())), name


def test_there_are_enough_examples_of_everything() -> None:
    metrics = [i.get("metric") for e in EXAMPLES.values() for i in e["indicators"]]
    assert len(EXAMPLES) >= 300
    assert len({e["text"] for e in EXAMPLES.values()}) == len(EXAMPLES)
    assert {m for known in DIMENSIONS.values() for m in known if metrics.count(m) < 3} == set()
