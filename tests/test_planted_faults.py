"""A fault planted in what any stage gives costs the record it is in: the article stays, and a row of `problems` tells of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache, partial

import pytest

from casextract.assemble import Records, assemble
from casextract.build.file_rows import FileRows, rows_of
from casextract.extract import Extraction, extract
from casextract.load import Loaded, Mark, MarkKind, Source, load_bytes
from casextract.normalise import Text, normalise
from casextract.pipeline import Pipeline, prepare
from casextract.records import TABLES, Problem
from casextract.rulebook.loading import load_rulebook
from casextract.segment import Segmenter, segment
from casextract.segment.model import Segmentation

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


TABLE = "各县养老床位\n县\t床位(张)\n安吉县\t500\n德清县\t600\n长兴县\t700\n"


@cache
def loaded() -> Source:
    (source,) = load_bytes((ARTICLE + TABLE).encode(), "a.txt").sources
    assert source.tables
    return source


def in_meta(**changes: object) -> Source:
    return replace(loaded(), meta=replace(loaded().meta, **changes))  # type: ignore[arg-type]


def in_table(**changes: object) -> Source:
    (table,) = loaded().tables
    return replace(loaded(), tables=(replace(table, **changes),))  # type: ignore[arg-type]


def in_cell(**changes: object) -> Source:
    (table,) = loaded().tables
    first, *others = table.cells
    return in_table(cells=(first._replace(**changes), *others))


def mark(kind: MarkKind, start: int, end: int) -> Source:
    return replace(loaded(), marks=(*loaded().marks, Mark(start, end, kind)))


KINDS: tuple[MarkKind, ...] = ("heading", "list_item", "table_row", "caption", "page", "unread", "gap", "doubtful")

LOADED: dict[str, tuple[str, Callable[[], Source]]] = {
    **{f"a mark ({k}) behind the end": ("invalid_mark", partial(mark, k, 3, 10**9)) for k in KINDS},
    **{f"a mark ({k}) before the beginning": ("invalid_mark", partial(mark, k, -9, -2)) for k in KINDS},
    **{f"a mark ({k}) turned round": ("invalid_mark", partial(mark, k, 20, 10)) for k in KINDS},
    "half a character in the text": ("half_character", lambda: replace(loaded(), text=loaded().text + "\ud83d")),
    "half a character in the title": ("half_character", lambda: in_meta(title="养老\udc00")),
    "half a character in a keyword": ("half_character", lambda: in_meta(keywords=("养老\udc00",))),
    "a title that is no text": ("invalid_meta", lambda: in_meta(title=5)),
    "a date that is no date": ("invalid_meta", lambda: in_meta(published_on="2024")),
    "keywords that are none": ("invalid_meta", lambda: in_meta(keywords=None)),
    "a share that is none": ("invalid_meta", lambda: replace(loaded(), confidence=math.nan)),
    "a table behind the end": ("invalid_table", lambda: in_table(start=10**6, end=10**6 + 5)),
    "a cell behind the end": ("invalid_table", lambda: in_cell(start=10**6, end=10**6 + 5)),
    "a cell turned round": ("invalid_table", lambda: in_cell(start=9, end=3)),
    "a cell before the first row": ("invalid_table", lambda: in_cell(row=-1)),
    "a cell of no row": ("invalid_table", lambda: in_cell(row_span=0)),
    "a cell over a million rows": ("invalid_table", lambda: in_cell(row_span=10**7)),
    "a caption behind the end": ("invalid_table", lambda: in_table(caption=((10**6, 10**6 + 5),))),
}


def read(source: Source) -> tuple[FileRows, list[str]]:
    """The rows of one article, and the codes of all problems."""
    rows = rows_of(Loaded((source,)), pipeline())
    told = [rows.problems, *(d["problems"] for d in rows.documents)]
    return rows, [code for batch in told for code in batch["code"].to_pylist()]


@pytest.mark.parametrize("fault", LOADED)
def test_a_fault_of_a_loader_costs_what_is_wrong(fault: str) -> None:
    code, plant = LOADED[fault]
    sound, _ = read(loaded())
    rows, codes = read(plant())
    assert codes == [code]
    assert len(rows.documents) == 1
    # Of a table that cannot be read the text is left.
    assert rows.documents[0]["indicators"].num_rows >= sound.documents[0]["indicators"].num_rows - 3


@pytest.mark.parametrize("end", [0, 10**9, -5])
def test_a_fault_of_normalising_costs_the_record_it_touches(end: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def torn(source: Source) -> Text:
        text = normalise(source)
        last = text.norm.index("35处") + 2
        ends = [end if i == last else i + 1 for i in range(len(text.norm))]
        return replace(text, starts=tuple(range(len(text.norm))), ends=tuple(ends))

    before, _ = read(loaded())
    monkeypatch.setattr("casextract.build.guarded.normalise", torn)
    rows, codes = read(loaded())
    assert len(rows.documents) == 1
    assert codes == ["invalid_indicator"]
    assert rows.documents[0]["indicators"].num_rows == before.documents[0]["indicators"].num_rows - 1


@pytest.mark.parametrize("fault", [f for f in FAULTS if FAULTS[f][0] in ("invalid_case", "invalid_measure")])
def test_a_fault_of_segmentation_costs_its_record(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, plant = FAULTS[fault]

    def planted(text: Text, segmenter: Segmenter) -> Segmentation:
        segmentation = segment(text, segmenter)
        return plant(replace(sound("hans"), segmentation=segmentation)).segmentation

    monkeypatch.setattr("casextract.pipeline.segment", planted)
    rows, codes = read(loaded())
    assert len(rows.documents) == 1
    assert code in codes
    assert rows.documents[0]["indicators"].num_rows >= 4


UNSTORABLE: dict[str, tuple[str, str, dict[str, object]]] = {
    "half a character in a case": ("invalid_case", "cases", {"title": "\ud83d"}),
    "half a character in a measure": ("invalid_measure", "measures", {"label": "\ud83d"}),
    "half a character in a subject": ("invalid_indicator", "indicators", {"subject": "\ud83d"}),
    "a value that is a word": ("invalid_indicator", "indicators", {"value": "many"}),
    "an offset no table takes": ("invalid_indicator", "indicators", {"start": 2**70}),
    "a value that is no number": ("invalid_indicator", "indicators", {"value": math.nan}),
    "a limit without end": ("invalid_indicator", "indicators", {"value_max": math.inf}),
    "limits turned round": ("invalid_indicator", "indicators", {"value_min": 9.0, "value_max": 3.0}),
    "a period turned round": (
        "invalid_indicator",
        "indicators",
        {"period_start": date(2024, 1, 1), "period_end": date(2023, 1, 1)},
    ),
    "an indicator behind the text": ("invalid_indicator", "indicators", {"end": 10**6}),
    "an indicator before the text": ("invalid_indicator", "indicators", {"start": -3}),
    "a case of no text": ("invalid_case", "cases", {"start": 5, "end": 5}),
    "a measure turned round": ("invalid_measure", "measures", {"start": 50, "end": 40}),
    "a numeral behind the text": ("invalid_numeral", "numerals", {"end": 10**6}),
    "half a character in a numeral": ("invalid_numeral", "numerals", {"text": "\ud83d"}),
}


@pytest.mark.parametrize("fault", UNSTORABLE)
def test_a_record_that_no_table_takes_costs_itself(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, table, changes = UNSTORABLE[fault]

    def planted(extraction: Extraction) -> Records:
        records = assemble(extraction)
        first, *others = records.table(table)
        return replace(records, **{table: (first.model_copy(update=changes), *others)})  # type: ignore[arg-type]

    before, _ = read(loaded())
    monkeypatch.setattr("casextract.pipeline.assemble", planted)
    rows, codes = read(loaded())
    assert code in codes
    (document,) = rows.documents
    for name in ("cases", "measures", "indicators", "numerals"):
        lost = before.documents[0][name].num_rows - document[name].num_rows
        assert lost == (name == table) or (table, name) == ("cases", "measures")
    records = Records(**{t: tuple(TABLES[t](**row) for row in document[t].to_pylist()) for t in TABLES})  # type: ignore[arg-type]
    refers_to_what_is_there(records)


def test_a_problem_with_half_a_character_is_spelled_out() -> None:
    told = loaded().problems
    problem = Problem(
        source_path="a.txt",
        doc_id=None,
        stage="load",
        severity="info",
        code="mixed",
        message="甲\ud83d",
        start=None,
        end=None,
    )
    rows, codes = read(replace(loaded(), problems=(*told, problem)))
    assert codes == ["mixed"]
    assert rows.documents[0]["problems"]["message"].to_pylist() == ["甲\\ud83d"]


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
