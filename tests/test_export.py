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
from casextract.build.options import BuildOptions
from casextract.cli import app
from casextract.dataset import export as exporting
from casextract.dataset import workbook
from casextract.dataset.export import ExportError, export
from casextract.dataset.read import Dataset
from casextract.dataset.schema import columns
from casextract.language import LANGUAGES, Language, label
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
        build([handmade.write_articles(folder / "raw", 3)], folder / "out", BuildOptions(jobs=1))
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_excel(dataset: Dataset, tmp_path: Path, language: Language) -> None:
    import openpyxl

    result = export(dataset, tmp_path / "report.xlsx", language=language)
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    names = [label("sheet", "numbers", language), label("sheet", "about", language)]
    assert book.sheetnames == names + [label("table", t, language) for t in workbook.TABLES_BEHIND]
    for sheet in book.worksheets:
        assert not any(c.data_type == "f" for row in sheet.iter_rows() for c in row)
        assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)
        assert sheet.page_setup.orientation == "landscape"
    for sheet in (book.worksheets[0], *book.worksheets[2:-1]):
        assert sheet.freeze_panes == "B2"
        heads = [c.value for c in sheet[1]]
        assert len(set(heads)) == len(heads)
        (table,) = sheet.tables.values()
        assert table.ref == sheet.dimensions
        assert all(c.comment is not None for c in sheet[1])
        assert all(8 <= d.width <= 63 for d in sheet.column_dimensions.values())
    assert result.notes == ("cases: 1 texts cut to the 32,767 characters that a cell holds",)
    documents = book[label("table", "documents", language)]
    column = {name: i for i, name in enumerate((c.value for c in documents[1]), 1)}
    assert documents.cell(2, column[label("field", "title", language)]).value == "=1+1"
    assert documents.cell(2, column[label("field", "published_on", language)]).value == datetime(2024, 5, 6)
    cases = book[label("table", "cases", language)]
    lead = [c.value for c in cases[1]].index(label("field", "lead", language)) + 1
    cut = cases.cell(2, lead).value
    assert (len(cut), cut[-1]) == (32_767, "…")


def test_the_first_sheet_reads_as_an_analyst_reads(dataset: Dataset, tmp_path: Path) -> None:
    import openpyxl

    export(dataset, tmp_path / "report.xlsx", language="zh")
    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx").worksheets[0]
    heads = [c.value for c in sheet[1]]
    assert heads[:13] == [
        "地区", "主题", "指标类别", "对象", "数值", "上限", "单位", "界限", "计量基准", "状态", "原值", "时间", "原句",
    ]  # fmt: skip
    assert all(h.endswith(("标识", "起点", "终点", "路径", "规则")) for h in heads[-10:])
    first = dict(zip(heads, (c.value for c in sheet[2]), strict=True))
    assert (first["地区"], first["指标类别"], first["数值"], first["单位"], first["界限"], first["状态"]) == (
        "浙江省 湖州市", "床位", 20, "张", "确数", "已实现",
    )  # fmt: skip
    assert [sheet.cell(r, 5).number_format for r in (2, 3)] == ["#,##0", "#,##0"]
    # What is read is what is printed.
    assert sheet.print_area.endswith(f"$P${sheet.max_row}")


def test_the_workbook_explains_every_column_and_code(dataset: Dataset, tmp_path: Path) -> None:
    import openpyxl

    export(dataset, tmp_path / "report.xlsx", language="en")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    about = [[c.value for c in row] for row in book.worksheets[1].iter_rows()]
    assert {row[0] for row in about} >= {c.value for c in book.worksheets[0][1]}
    assert ["bound", "at_least", "at least"] in about


def test_repeats_stay_out_of_the_workbook_unless_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import openpyxl

    handmade.install(monkeypatch)
    raw = handmade.write_articles(tmp_path / "raw", 1)
    (raw / "twin.txt").write_text("\n" + handmade.article(0), encoding="utf-8")
    build([raw], tmp_path / "out", BuildOptions(jobs=1))
    repeated = Dataset.open(tmp_path / "out")
    result = export(repeated, tmp_path / "a.xlsx")
    assert result.notes == ("3 numbers of repeated documents left out; --with-repeats keeps them",)
    assert export(repeated, tmp_path / "b.xlsx", with_repeats=True).notes == ()
    rows = [openpyxl.load_workbook(tmp_path / n).worksheets[0].max_row - 1 for n in ("a.xlsx", "b.xlsx")]
    assert rows == [3, 6]


def test_a_large_workbook_is_written_as_it_comes(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import openpyxl

    monkeypatch.setattr(workbook, "LARGE", 1)
    export(dataset, tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert (sheet.max_row, list(sheet.tables)) == (10, [])
    assert sheet.auto_filter.ref == sheet.dimensions


def test_excel_gives_the_same_bytes_again(dataset: Dataset, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        export(dataset, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_excel_says_that_a_sheet_is_too_small(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "ROWS", 9)
    with pytest.raises(workbook.SheetError, match="numbers: 9 rows, and a sheet holds 8; export to sqlite or duckdb"):
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
        patch.setattr(exporting, "_described_columns", broken)
        with pytest.raises(OSError, match="no room"):
            export(dataset, path, force=True)
    assert path.read_bytes() == b"former"
    assert [p.name for p in tmp_path.iterdir()] == ["data.sqlite"]
    export(dataset, path, force=True)
    assert path.read_bytes().startswith(b"SQLite format 3")


def test_errors_say_what_to_do(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ExportError, match="give one of csv"):
        export(dataset, tmp_path / "report")
    with pytest.raises(ExportError, match="is a folder"):
        export(dataset, tmp_path, "sqlite")
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="is a file"):
        export(dataset, tmp_path / "file", "csv")
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(ExportError, match=r"pip install 'casextract\[duckdb\]'"):
        export(dataset, tmp_path / "a.duckdb")


def test_the_command(dataset: Dataset, tmp_path: Path) -> None:
    runner = CliRunner()
    result = runner.invoke(app, ["export", str(dataset.path), str(tmp_path / "a.sqlite")])
    assert (result.exit_code, result.stdout.strip()) == (0, str(tmp_path / "a.sqlite"))
    assert runner.invoke(app, ["export", str(dataset.path), str(tmp_path / "a.odd")]).exit_code == 2
    assert runner.invoke(app, ["export", str(tmp_path / "nowhere"), str(tmp_path / "a.sqlite")]).exit_code == 2
    noted = runner.invoke(app, ["export", str(dataset.path), str(tmp_path / "a.xlsx")])
    assert (noted.exit_code, "1 texts cut" in noted.stderr) == (0, True)


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_a_name_with_the_suffix_is_one_file_of_the_flat_view(dataset: Dataset, tmp_path: Path, format: str) -> None:
    assert export(dataset, tmp_path / f"a.{format}").files == (tmp_path / f"a.{format}",)
    export(dataset, tmp_path / "all", format)
    assert (tmp_path / f"a.{format}").read_bytes() == (tmp_path / "all" / f"flat.{format}").read_bytes()
