"""Exports: what other programs find in them, and that nothing in a text can become a formula."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import handmade
from casextract.assemble import Records
from casextract.build.build import build
from casextract.cli import app
from casextract.dataset import export as exporting
from casextract.dataset.export import ExportError, export
from casextract.dataset.read import Dataset
from casextract.dataset.schema import columns
from casextract.load import Source
from casextract.records import TABLES

SHEETS = ["flat", *TABLES]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Three articles; the first has texts that a spreadsheet would take for formulas, a date and long text."""

    def run(source: Source, pipeline: object) -> Records:
        records = handmade.run(source, pipeline)
        if "0000" not in source.path:
            return records
        (document,), (case,) = records.documents, records.cases
        update: dict[str, Any] = {
            "title": "=1+1",
            "byline": "-甲",
            "publisher": "@乙",
            "subtitle": "\uff1d丙",
            "published_on": date(2024, 5, 6),
        }
        return Records(
            (document.model_copy(update=update),),
            (case.model_copy(update={"brands": ["甲", "乙;丙"], "agency": "+戊", "lead": "长" * 40_000}),),
            records.measures, records.indicators, records.numerals, records.problems,
        )  # fmt: skip

    folder = tmp_path_factory.mktemp("export")
    with pytest.MonkeyPatch.context() as patch:
        handmade.install(patch)
        patch.setattr("casextract.build.guarded.run_normalised", handmade.on_text(run))
        build([handmade.write_articles(folder / "raw", 3)], folder / "out", jobs=1)
    return Dataset.open(folder / "out")


def test_csv(dataset: Dataset, tmp_path: Path) -> None:
    files = export(dataset, tmp_path / "csv", "csv").files
    assert [p.name for p in files] == [f"{s}.csv" for s in SHEETS]
    for path in files:
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "csv" / "documents.csv").open(encoding="utf-8-sig", newline="") as file:
        first, second, _ = csv.DictReader(file)
    assert list(first) == [c.name for c in columns("documents")]
    assert (first["title"], first["byline"], first["publisher"], first["subtitle"]) == (
        "'=1+1",
        "'-甲",
        "'@乙",
        "'\uff1d丙",
    )
    assert (first["published_on"], second["published_on"]) == ("2024-05-06", "")
    assert second["text"] == handmade.article(1)
    with (tmp_path / "csv" / "flat.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 9
    assert (rows[0]["brands"], rows[0]["agency"], rows[0]["value"]) == ("甲; 乙;丙", "'+戊", "20.0")


def test_no_cell_of_a_csv_begins_as_a_formula(dataset: Dataset, tmp_path: Path) -> None:
    checked = 0
    for path in export(dataset, tmp_path, "csv").files:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    assert not cell.startswith(("=", "+", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff20", "\uff0d"))
                    assert not cell.startswith("-") or float(cell) < 0
                    checked += 1
    assert checked > 300


def test_excel(dataset: Dataset, tmp_path: Path) -> None:
    import openpyxl

    result = export(dataset, tmp_path / "report.xlsx")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    assert book.sheetnames == ["indicators with case and place", *TABLES]
    for sheet, name in zip(book.worksheets, SHEETS, strict=True):
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref == sheet.dimensions if sheet.max_row > 1 else sheet.auto_filter.ref
        heads = [c.value for c in sheet[1]]
        assert heads == (dataset.flat() if name == "flat" else dataset[name].arrow()).column_names
        assert all(c.comment is not None for c in sheet[1])
        assert all(8 <= d.width <= 63 for d in sheet.column_dimensions.values())
        assert not any(c.data_type == "f" for row in sheet.iter_rows() for c in row)
    documents = book["documents"]
    assert documents.cell(2, 8).value == "=1+1"
    assert documents.cell(2, 12).value == datetime(2024, 5, 6)
    assert "标题" in documents.cell(1, 8).comment.text
    assert "title" in documents.cell(1, 8).comment.text
    flat = book.worksheets[0]
    assert [flat.cell(r, 8).value for r in (2, 3, 4)] == [20, 500, 5]
    assert result.notes == ("cases: 1 texts cut to the 32,767 characters that a cell holds",)
    lead = columns("cases")
    cut = book["cases"].cell(2, [c.name for c in lead].index("lead") + 1).value
    assert (len(cut), cut[-1]) == (32_767, "…")


def test_excel_gives_the_same_bytes_again(dataset: Dataset, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        export(dataset, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_excel_says_that_a_sheet_is_too_small(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_EXCEL_ROWS", 9)
    with pytest.raises(ExportError, match="flat: 9 rows, and a sheet holds 8; export to sqlite or duckdb"):
        export(dataset, tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_json_lines(dataset: Dataset, tmp_path: Path) -> None:
    export(dataset, tmp_path, "jsonl")
    for name in TABLES:
        lines = (tmp_path / f"{name}.jsonl").read_text("utf-8").splitlines()
        expected = dataset[name].arrow().to_pylist()
        assert [json.loads(line) for line in lines] == [
            {k: v.isoformat() if isinstance(v, date) else v for k, v in row.items()} for row in expected
        ]
    assert "湖州市" in (tmp_path / "flat.jsonl").read_text("utf-8")


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_databases(dataset: Dataset, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"data.{kind}"
    export(dataset, path)
    query = _ask(kind, path)
    for name in TABLES:
        assert query(f'SELECT count(*) FROM "{name}"') == [(len(dataset[name]),)]
    assert query(
        "SELECT city, sum(value), max(baseline_value) FROM flat WHERE metric = 'investment' GROUP BY city"
    ) == [("湖州市", 4500.0, 34.0)]
    named = query("SELECT name FROM pragma_table_info('flat')")
    assert [n for (n,) in named] == dataset.flat().column_names
    assert query("SELECT title FROM documents WHERE published_on = '2024-05-06'") == [("=1+1",)]
    if kind == "sqlite":
        assert query("PRAGMA foreign_key_check") == []
        assert query("SELECT json_extract(topics, '$[0]') FROM cases LIMIT 1") == [("养老",)]
        assert query("SELECT description_zh FROM columns WHERE \"table\" = 'cases' AND \"column\" = 'city'") == [
            ("地级行政区全称",)
        ]
    else:
        assert query("SELECT topics[1] FROM cases LIMIT 1") == [("养老",)]
        comment = "SELECT comment FROM duckdb_columns() WHERE table_name = 'cases' AND column_name = 'city'"
        assert "地级行政区全称" in query(comment)[0][0]


def _ask(kind: str, path: Path) -> Callable[[str], list[Any]]:
    def sqlite(query: str) -> list[Any]:
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute(query).fetchall()

    def duck(query: str) -> list[Any]:
        import duckdb

        with duckdb.connect(str(path), read_only=True) as connection:
            rows: list[Any] = connection.execute(query).fetchall()
            return rows

    return sqlite if kind == "sqlite" else duck


def test_a_file_is_replaced_as_a_whole_or_not_at_all(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "data.sqlite"
    path.write_bytes(b"former")

    def broken() -> list[tuple[str, str, str, str]]:
        raise OSError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(exporting, "_dictionary", broken)
        with pytest.raises(OSError, match="no room"):
            export(dataset, path)
    assert path.read_bytes() == b"former"
    assert [p.name for p in tmp_path.iterdir()] == ["data.sqlite"]
    export(dataset, path)
    assert path.read_bytes().startswith(b"SQLite format 3")


def test_errors_say_what_to_do(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ExportError, match="give one of csv"):
        export(dataset, tmp_path / "report")
    with pytest.raises(ExportError, match="is a folder"):
        export(dataset, tmp_path, "sqlite")
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="is a file"):
        export(dataset, tmp_path / "file", "csv")
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    with pytest.raises(ExportError, match=r"pip install 'casextract\[excel\]'"):
        export(dataset, tmp_path / "a.xlsx")


def test_the_command(dataset: Dataset, tmp_path: Path) -> None:
    runner = CliRunner()
    result = runner.invoke(app, ["export", str(dataset.path), str(tmp_path / "a.sqlite")])
    assert (result.exit_code, result.stdout.strip()) == (0, str(tmp_path / "a.sqlite"))
    assert runner.invoke(app, ["export", str(dataset.path), str(tmp_path / "a.odd")]).exit_code == 2
    assert runner.invoke(app, ["export", str(tmp_path / "nowhere"), str(tmp_path / "a.sqlite")]).exit_code == 2
    noted = runner.invoke(app, ["export", str(dataset.path), str(tmp_path / "a.xlsx")])
    assert (noted.exit_code, "1 texts cut" in noted.stderr) == (0, True)
