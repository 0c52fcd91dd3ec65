"""Every schema is derived from the records and says the same as they do."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from casextract.dataset import schema
from casextract.records import TABLES, Problem, Record, described


@pytest.mark.parametrize("table", TABLES)
def test_every_field_is_a_column_in_its_order(table: str) -> None:
    names = list(TABLES[table].model_fields)
    assert [c.name for c in schema.columns(table)] == names
    assert schema.arrow_schema(table).names == names


@pytest.mark.parametrize("table", TABLES)
def test_columns_are_described_in_both_languages(table: str) -> None:
    for field in schema.arrow_schema(table):
        assert field.metadata[b"description"]
        assert any("\u4e00" <= c <= "\u9fff" for c in field.metadata[b"description_zh"].decode()), field.name


@pytest.mark.parametrize("table", TABLES)
def test_arrow_schema_survives_parquet(table: str, tmp_path: Path) -> None:
    wanted = schema.arrow_schema(table)
    pq.write_table(wanted.empty_table(), tmp_path / "t.parquet")
    assert pq.read_schema(tmp_path / "t.parquet").equals(wanted, check_metadata=True)


def test_types_nulls_and_closed_sets() -> None:
    columns = {c.name: c for c in schema.columns("indicators")}
    fields = schema.arrow_schema("indicators")
    assert (columns["per"].type, fields.field("per").type.value_type) == ("list", pa.string())
    assert (columns["period_start"].type, fields.field("period_start").type) == ("date", pa.date32())
    assert columns["value_high"].nullable
    assert not columns["value"].nullable
    assert not fields.field("value").nullable
    assert columns["currency"].enum[0] == "CNY"
    assert columns["currency"].nullable
    assert fields.field("status").metadata[b"enum"] == b"achieved target standard baseline"
    assert ("minimum", 0) in columns["start"].constraints
    assert columns["indicator_id"].primary_key
    assert columns["case_id"].references == "cases.case_id"


def test_a_row_of_the_model_fits_the_arrow_schema() -> None:
    problem = Problem(
        source_path="a.txt", doc_id=None, stage="load", severity="error", code="no_text", message="m", start=None, end=0
    )
    table = pa.Table.from_pylist([problem.model_dump()], schema=schema.arrow_schema("problems"))
    assert Problem.model_validate(table.to_pylist()[0]) == problem


def test_references_name_columns_that_exist() -> None:
    for table in TABLES:
        for c in schema.columns(table):
            if c.references is not None:
                other, name = c.references.split(".")
                assert next(o for o in schema.columns(other) if o.name == name).primary_key, c


class _Odd(Record):
    value: int | str = described("two types", "两种类型")


class _Bare(Record):
    value: int


class _Pair(Record):
    value: list[int] = described("numbers", "数字列")


@pytest.mark.parametrize(("model", "reason"), [(_Odd, "one type"), (_Bare, "description"), (_Pair, "no column type")])
def test_a_field_no_column_can_hold_is_refused(
    model: type[Record], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TABLES, "odd", model)
    with pytest.raises(schema.SchemaError, match=rf"odd\.value.*{reason}"):
        schema.columns("odd")


def test_json_schema_holds_every_table() -> None:
    content = schema.json_schema()
    assert list(content["properties"]) == list(TABLES) == list(content["$defs"])
    json.dumps(content)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_committed_dictionary_is_the_generated_one(language: Literal["en", "zh"], root: Path) -> None:
    name = "data-dictionary.md" if language == "en" else "data-dictionary.zh.md"
    assert (root / "docs" / name).read_text(encoding="utf-8").rstrip() == schema.data_dictionary(language).rstrip(), (
        "run: make docs"
    )


def test_dates_are_dates() -> None:
    table = schema.arrow_schema("documents").empty_table()
    assert table.field("published_on").type == pa.date32()
    assert pa.scalar(date(2024, 5, 1)).type == table.field("published_on").type
