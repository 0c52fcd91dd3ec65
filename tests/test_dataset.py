"""Reading a dataset: by this package, and by the tools that people use on Parquet files as they are."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import handmade
from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.dataset.read import Dataset, DatasetError, mark
from casextract.dataset.schema import columns
from casextract.records import TABLES, Indicator


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset")
    with pytest.MonkeyPatch.context() as patch:
        handmade.install(patch)
        raw = handmade.write_articles(folder / "raw", 4)
        (raw / "none.txt").write_text("没有数字", encoding="utf-8")
        build([raw], folder / "out", BuildOptions(jobs=1))
    return folder / "out"


@pytest.fixture(scope="module")
def dataset(out: Path) -> Dataset:
    return Dataset.open(out)


@pytest.fixture
def copy(out: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(out, tmp_path / "copy"))


class TestAccess:
    def test_each_table_in_each_form(self, dataset: Dataset) -> None:
        for name in TABLES:
            table = dataset[name]
            assert table.arrow().num_rows == len(table) == len(table.pandas()) == len(table.duckdb())
            assert table.arrow().column_names == [c.name for c in columns(name)]
            assert getattr(dataset, name) == table
        assert [len(dataset[t]) for t in TABLES] == [5, 5, 5, 12, 16, 0]

    def test_some_columns(self, dataset: Dataset) -> None:
        assert dataset.cases.arrow(["title", "adcode"]).column_names == ["title", "adcode"]
        with pytest.raises(KeyError, match="no column colour"):
            dataset.cases.arrow(["colour"])
        with pytest.raises(KeyError, match="no table"):
            dataset["nothing"]

    def test_records_are_those_of_the_contract(self, dataset: Dataset) -> None:
        records = list(dataset.indicators.records())
        assert all(isinstance(r, Indicator) for r in records)
        assert [r.text for r in records[:3]] == ["20张", "500元", "5%"]

    def test_records_of_all_tables_pass_validation_again(self, dataset: Dataset) -> None:
        assert sum(len(list(dataset[t].records())) for t in TABLES) == 43

    def test_sql_over_all_tables_and_the_flat_view(self, dataset: Dataset) -> None:
        query = "SELECT city, sum(value) FROM flat WHERE metric = 'beds' GROUP BY city"
        assert dataset.duckdb().sql(query).fetchall() == [("湖州市", 20.0 + 27 + 34 + 41)]

    def test_spans_are_grounded_in_the_files(self, dataset: Dataset) -> None:
        texts = dict(zip(*dataset.documents.arrow(["doc_id", "text"]).to_pydict().values(), strict=True))
        rows = dataset.indicators.arrow().to_pylist()
        assert rows
        assert all(texts[r["doc_id"]][r["start"] : r["end"]] == r["text"] for r in rows)


class TestFlat:
    def test_one_row_an_indicator_in_order_with_all_around_it(self, dataset: Dataset) -> None:
        flat = dataset.flat()
        assert flat["indicator_id"].to_pylist() == dataset.indicators.arrow()["indicator_id"].to_pylist()
        row = flat.to_pylist()[1]
        assert (row["value"], row["baseline_value"], row["baseline_unit"]) == (500.0, 20.0, "张")
        assert (row["province"], row["adcode"], row["topics"]) == ("浙江省", "330500", ["养老"])
        assert (row["measure_label"], row["source_path"], row["kind"]) == ("织里镇的食堂", "0000.txt", "single_case")

    def test_what_belongs_to_no_case_stays(self, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        dataset = Dataset.open(out)
        whole = dataset._read("indicators", None)
        nulls = pa.nulls(whole.num_rows, pa.string())
        for name in ("case_id", "measure_id", "baseline_id"):
            whole = whole.set_column(whole.schema.get_field_index(name), whole.schema.field(name), nulls)
        read = Dataset._read
        monkeypatch.setattr(
            Dataset, "_read", lambda self, table, names: whole if table == "indicators" else read(self, table, names)
        )
        flat = dataset.flat()
        assert flat.num_rows == 12
        assert flat["province"].null_count == flat["baseline_value"].null_count == 12
        assert flat["source_path"].null_count == 0


class TestShow:
    def test_marks_the_number_in_its_sentence(self, dataset: Dataset) -> None:
        ids = dataset.indicators.arrow()["indicator_id"].to_pylist()
        assert dataset.show(ids[1]) == "三年里拿出⟦500元⟧,老人用餐占5%。"
        with pytest.raises(KeyError, match="no indicator"):
            dataset.show("nobody")

    def test_of_equal_sentences_the_one_that_holds_it(self) -> None:
        text = "有3张。有3张。"
        assert mark(text, "有3张。", 5, 7) == "有⟦3张⟧。"
        assert mark("3张3张3张", "3张3张", 2, 4) == "3张⟦3张⟧"
        with pytest.raises(ValueError, match="does not hold"):
            mark(text, "别的句子", 5, 7)


class TestErrors:
    def test_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(DatasetError, match="casextract build"):
            Dataset.open(tmp_path / "nowhere")

    def damage(self, copy: Path) -> dict[str, Callable[[], object]]:
        package = copy / "datapackage.json"
        return {
            "no datapackage.json": lambda: package.unlink(),
            "cannot be read": lambda: package.write_text("{"),
            "not from casextract": lambda: package.write_text('{"resources": []}'),
            "written in format 99": lambda: package.write_text(
                package.read_text("utf-8").replace('"format": 1', '"format": 99'), "utf-8"
            ),
            "missing": lambda: (copy / "cases.parquet").unlink(),
            "damaged": lambda: (copy / "cases.parquet").write_bytes(b"PAR1 but not for long"),
            "belongs to another build": lambda: pq.write_table(
                pq.read_table(copy / "cases.parquet"), copy / "cases.parquet"
            ),
            "columns .*brands": lambda: pq.write_table(
                pq.read_table(copy / "cases.parquet").drop_columns(["brands"]), copy / "cases.parquet"
            ),
        }

    @pytest.mark.parametrize("kind", range(8))
    def test_says_what_is_wrong_and_where(self, copy: Path, kind: int) -> None:
        message, damage = list(self.damage(copy).items())[kind]
        damage()
        with pytest.raises(DatasetError, match=message) as error:
            Dataset.open(copy)
        assert str(copy) in str(error.value)

    def test_pages_damaged_behind_a_sound_footer(self, copy: Path) -> None:
        path = copy / "documents.parquet"
        data = bytearray(path.read_bytes())
        data[4:400] = bytes(396)
        path.write_bytes(data)
        dataset = Dataset.open(copy)
        with pytest.raises(DatasetError, match=r"documents\.parquet: damaged"):
            dataset.documents.arrow()
        assert dataset.verify() == ["documents.parquet is not the file that was built"]

    def test_a_build_published_later_does_not_change_an_open_dataset(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        handmade.install(monkeypatch)
        raw = handmade.write_articles(tmp_path / "raw", 2)
        build([raw], tmp_path / "out", BuildOptions(jobs=1))
        dataset = Dataset.open(tmp_path / "out")
        (raw / "0000.txt").unlink()
        build([raw], tmp_path / "out", BuildOptions(jobs=1))
        assert dataset.documents.arrow()["source_path"].to_pylist() == ["0000.txt", "0001.txt"]


class TestPackage:
    def test_is_valid_with_its_data_keys_and_constraints(self, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        import frictionless

        monkeypatch.chdir(out)
        report = frictionless.Package("datapackage.json").validate()
        assert report.valid, report.to_summary()

    def test_the_validator_sees_a_key_that_does_not_resolve(self, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        import frictionless

        table = pq.read_table(copy / "measures.parquet")
        index = table.schema.get_field_index("case_id")
        strange = pa.array(["nobody"] * table.num_rows)
        pq.write_table(table.set_column(index, table.schema.field(index), strange), copy / "measures.parquet")
        monkeypatch.chdir(copy)
        report = frictionless.Package("datapackage.json").validate()
        assert "foreign-key" in {e[0] for e in report.flatten(["type"])}

    def test_describes_every_column_in_both_languages(self, dataset: Dataset) -> None:
        assert [r["name"] for r in dataset.package["resources"]] == list(TABLES)
        for resource in dataset.package["resources"]:
            fields = resource["schema"]["fields"]
            assert [f["name"] for f in fields] == [c.name for c in columns(resource["name"])]
            assert all(f["description"] and f["description_zh"] for f in fields)
            assert resource["casextract"]["rows"] == len(dataset[resource["name"]])
        keys = {
            k["reference"]["resource"] for r in dataset.package["resources"] for k in r["schema"].get("foreignKeys", [])
        }
        assert keys == {"", "documents", "cases", "measures", "indicators"}

    def test_names_no_time_and_no_place_on_this_machine(self, out: Path) -> None:
        text = (out / "datapackage.json").read_text("utf-8")
        assert str(out.parent) not in text
        assert str(date.today().year) not in json.dumps(json.loads(text)["casextract"])


class TestReaders:
    """The files as they are, in the tools people have."""

    def test_pandas(self, out: Path) -> None:
        import pandas as pd

        frame = pd.read_parquet(out / "indicators.parquet").merge(
            pd.read_parquet(out / "cases.parquet", columns=["case_id", "city"]), on="case_id"
        )
        assert frame.groupby("city").value.count().to_dict() == {"湖州市": 12}

    def test_polars(self, out: Path) -> None:
        import polars as pl

        frame = pl.read_parquet(out / "indicators.parquet").join(pl.read_parquet(out / "cases.parquet"), on="case_id")
        assert frame.height == 12
        assert frame["topics"].to_list()[0] == ["养老"]
        assert (
            pl.scan_parquet(out / "numerals.parquet").filter(pl.col("disposition") == "unresolved").collect().height
            == 4
        )

    def test_duckdb(self, out: Path) -> None:
        import duckdb

        query = f"SELECT count(*), max(period_end) FROM '{out}/*cators.parquet'"
        assert duckdb.sql(query).fetchall() == [(12, None)]
        assert duckdb.sql(f"SELECT len(rules) FROM '{out}/indicators.parquet' LIMIT 1").fetchall() == [(1,)]
