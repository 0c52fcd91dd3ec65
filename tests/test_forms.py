"""Every form of a number that the grammar promises to read, with its span and value, in both scripts (`forms/*.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from casextract.assemble import assemble
from casextract.extract import compile_grammar, extract
from casextract.records import Indicator
from casextract.rulebook.loading import load_rulebook
from casextract.ruletools.examples import as_segmentation, read_sentence, traditional

GRAMMAR = compile_grammar(load_rulebook())
FOLDER = Path(__file__).parent / "forms"
BOUNDS = {"about", "nearly", "over", "at_least", "at_most", "under"}


def forms() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(FOLDER.glob("*.toml")):
        for number, form in enumerate(tomllib.loads(path.read_text(encoding="utf-8")).get("form", ()), start=1):
            yield f"{path.stem}-{number}", form


FORMS = dict(forms())


def wanted(line: str) -> tuple[str, dict[str, Any]]:
    """What a line of `found` says: the text, and the fields it names."""
    text, _, said = line.partition(" = ")
    amount, unit, *more = said.split(" ")
    low, _, high = amount.partition("..")
    fields: dict[str, Any] = {"value": float(low), "value_high": float(high) if high else None, "unit": unit}
    fields["bound"] = next((m for m in more if m in BOUNDS), "exact")
    fields["direction"] = next((m for m in more if m in ("up", "down")), None)
    currency = next((m for m in more if m.isupper()), None)
    return text, fields | ({"currency": currency} if currency else {})


def agrees(found: Indicator, fields: dict[str, Any], form: dict[str, Any]) -> list[str]:
    wrong = []
    for name, value in fields.items():
        if name == "direction" and form["kind"] not in ("direction", "shares in words"):
            continue
        actual = getattr(found, name)
        same = actual == pytest.approx(value, rel=1e-5) if isinstance(value, float) else actual == value
        if not same:
            wrong.append(f"{found.text}: {name} is {actual!r}, not {value!r}")
    return wrong


@pytest.mark.parametrize("script", ["hans", "hant"])
@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_read(name: str, script: str) -> None:
    form = FORMS[name]
    plain = form["text"]
    text = traditional(plain) if script == "hant" else plain
    assert len(text) == len(plain), "choose words whose traditional form is as long"

    def printed(part: str, start: int = 0) -> str:
        at = plain.index(part, start)
        return text[at : at + len(part)]

    records = read_sentence(text, GRAMMAR)
    for record in (*records.indicators, *records.numerals):
        assert text[record.start : record.end] == record.text
    assert records.problems == ()
    expected = [wanted(line) for line in form["found"]]
    assert [i.text for i in records.indicators] == [printed(part) for part, _ in expected]
    assert [line for i, (_, f) in zip(records.indicators, expected, strict=True) for line in agrees(i, f, form)] == []
    unresolved = [n.text for n in records.numerals if n.disposition == "unresolved"]
    unread = {n.text for n in records.numerals if n.disposition != "indicator" and n.reason in (None, "word")}
    if "unresolved" in form:
        assert {printed(part) for part in form["unresolved"]} <= unread
    elif form["found"] and form["kind"] != "multipliers without a number":
        assert unresolved == []
    aside = {(n.text, n.reason) for n in records.numerals if n.disposition == "set_aside"}
    for line in form.get("aside", ()):
        part, _, reason = line.rpartition(": ")
        assert (printed(part), reason) in aside


PERIODS = tomllib.loads((FOLDER / "periods.toml").read_text(encoding="utf-8"))["period"]


@pytest.mark.parametrize("script", ["hans", "hant"])
@pytest.mark.parametrize("period", PERIODS, ids=[p["text"][:12] for p in PERIODS])
def test_a_period_is_read(period: dict[str, Any], script: str) -> None:
    plain = period["text"]
    text = traditional(plain) if script == "hant" else plain
    segmentation = as_segmentation(text, published_on=period["published_on"])
    titled = replace(segmentation, meta=replace(segmentation.meta, title=period.get("title")))
    found = assemble(extract(titled, GRAMMAR)).indicators
    for line in period["found"]:
        part, _, said = line.partition(" = ")
        time, first, last = said.split(" | ")
        (hit,) = (i for i in found if i.start == plain.index(part))
        days = [str(day) if day is not None else "-" for day in (hit.period_start, hit.period_end)]
        at = plain.index(time)
        assert (hit.time, *days) == (text[at : at + len(time)], first, last), line
        assert hit.status == "achieved", line
    assert len(found) == len(period["found"])


def test_every_kind_has_its_forms() -> None:
    assert len({form["kind"] for form in FORMS.values()}) >= 17
    assert len({form["text"] for form in FORMS.values()}) == len(FORMS)
