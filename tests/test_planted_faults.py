"""A fault planted in what any stage gives costs the record it is in: the article stays, and a row of `problems` tells of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from casextract.assemble import Records, assemble
from casextract.extract import Extraction, extract
from casextract.load import load_bytes
from casextract.normalise import normalise
from casextract.pipeline import Pipeline, prepare
from casextract.rulebook.loading import load_rulebook
from casextract.segment import segment

ARTICLE = """青原县的养老服务
一、建设网络。全县建成助餐点35处,2023年投入120万元。
二、培训队伍。培训护理员80人。
临川县的社会救助
一、提高标准。低保标准提高到每人每月750元。
二、主动发现。走访困难家庭400户。
"""


@cache
def pipeline() -> Pipeline:
    return prepare(load_rulebook(None))


@cache
def sound(script: str) -> Extraction:
    text = (
        ARTICLE if script == "hans" else ARTICLE.replace("养老服务", "養老服務").replace("县", "縣").replace("万", "萬")
    )
    (source,) = load_bytes(text.encode(), "a.txt").sources
    return extract(segment(normalise(source), pipeline().segmenter), pipeline().grammar)


def in_case(found: Extraction, **changes: object) -> Extraction:
    first, *others = found.segmentation.cases
    segmentation = replace(found.segmentation, cases=(replace(first, **changes), *others))  # type: ignore[arg-type]
    return replace(found, segmentation=segmentation)


def in_measure(found: Extraction, **changes: object) -> Extraction:
    first, *others = found.segmentation.measures
    segmentation = replace(found.segmentation, measures=(first._replace(**changes), *others))
    return replace(found, segmentation=segmentation)


def in_quantity(found: Extraction, **changes: object) -> Extraction:
    first, *others = found.quantities
    return replace(found, quantities=(first._replace(**changes), *others))


def in_numeral(found: Extraction, **changes: object) -> Extraction:
    at = next(i for i, n in enumerate(found.numerals) if n.quantity is None)
    changed = found.numerals[at]._replace(**changes)
    return replace(found, numerals=(*found.numerals[:at], changed, *found.numerals[at + 1 :]))


FAULTS: dict[str, tuple[str, Callable[[Extraction], Extraction]]] = {
    "a case of no text": ("invalid_case", lambda e: in_case(e, start=5, end=5)),
    "a case behind the end": ("invalid_case", lambda e: in_case(e, end=10**6)),
    "a case before the beginning": ("invalid_case", lambda e: in_case(e, start=-4)),
    "a case turned round": ("invalid_case", lambda e: in_case(e, start=9, end=3)),
    "a case that is no number": ("invalid_case", lambda e: in_case(e, ordinal=0)),
    "a measure of no text": ("invalid_measure", lambda e: in_measure(e, start=12, end=12)),
    "a measure behind the end": ("invalid_measure", lambda e: in_measure(e, start=10**6, end=10**6 + 1)),
    "a measure of no level": ("invalid_measure", lambda e: in_measure(e, level=9)),
    "an indicator of no text": ("invalid_indicator", lambda e: in_quantity(e, start=20, end=20)),
    "an indicator behind the end": ("invalid_indicator", lambda e: in_quantity(e, end=10**6)),
    "a value that is no number": ("invalid_indicator", lambda e: in_quantity(e, value=math.nan)),
    "an infinite value": ("invalid_indicator", lambda e: in_quantity(e, value=math.inf)),
    "a range turned round": ("invalid_indicator", lambda e: in_quantity(e, value=9.0, value_high=3.0)),
    "a period that ends before it starts": (
        "invalid_indicator",
        lambda e: in_quantity(e, period=(date(2024, 1, 1), date(2023, 1, 1))),
    ),
    "a numeral of no text": ("invalid_numeral", lambda e: in_numeral(e, start=3, end=3)),
    "a numeral without its reason": ("invalid_numeral", lambda e: in_numeral(e, disposition="set_aside", reason=None)),
}


@pytest.mark.parametrize("script", ["hans", "hant"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_costs_its_record(fault: str, script: str) -> None:
    code, plant = FAULTS[fault]
    before, after = assemble(sound(script)), assemble(plant(sound(script)))
    assert [p for p in before.problems if p.code.startswith("invalid")] == []
    assert len(after.documents) == 1
    said = [p.code for p in after.problems if p.code.startswith("invalid")]
    assert code in said
    refers_to_what_is_there(after)
    if code in ("invalid_case", "invalid_measure"):
        assert len(after.indicators) == len(before.indicators)
    assert len(after.indicators) >= len(before.indicators) - 1
    assert len(after.numerals) >= len(before.numerals) - 1


def refers_to_what_is_there(records: Records) -> None:
    cases = {c.case_id for c in records.cases}
    measures = {m.measure_id for m in records.measures}
    indicators = {i.indicator_id for i in records.indicators}
    assert {m.case_id for m in records.measures} <= cases
    assert {m.parent_id for m in records.measures} - {None} <= measures
    assert {i.case_id for i in records.indicators} - {None} <= cases
    assert {i.measure_id for i in records.indicators} - {None} <= measures
    assert {i.baseline_id for i in records.indicators} - {None} <= indicators
    assert {n.indicator_id for n in records.numerals} - {None} <= indicators
    (document,) = records.documents
    assert document.case_count == len(records.cases)
    assert document.measure_count == len(records.measures)
