"""What a build gives: every document accounted for, keys that hold, the same bytes whatever the circumstances."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import handmade
from casextract.build.build import build, check
from casextract.build.options import BuildOptions
from casextract.build.summary import Summary
from casextract.dataset.read import Dataset
from casextract.dataset.schema import arrow_schema, columns
from casextract.dataset.write import ROWS_PER_GROUP
from casextract.load import InputError
from casextract.records import TABLES
from casextract.rulebook import loading as rulebook


@pytest.fixture
def handmade_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    handmade.install(monkeypatch)


def hashes(out: Path) -> Mapping[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(out.iterdir())}


def make(raw: Path, out: Path, **options: object) -> Summary:
    options = {"jobs": 1} | options
    return build([raw], out, BuildOptions(**options))  # type: ignore[arg-type]


@pytest.mark.usefixtures("handmade_pipeline")
class TestTables:
    def test_one_flat_file_a_table_in_the_schema_of_the_contract(self, tmp_path: Path) -> None:
        summary = make(handmade.write_articles(tmp_path / "raw", 3), tmp_path / "out")
        assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(
            ["datapackage.json", *(f"{t}.parquet" for t in TABLES)]
        )
        for table in TABLES:
            written = pq.read_schema(tmp_path / "out" / f"{table}.parquet")
            assert written.equals(arrow_schema(table))
            assert [f.metadata[b"description_zh"] for f in written] == [c.zh.encode() for c in columns(table)]
        compression = pq.ParquetFile(tmp_path / "out" / "cases.parquet").metadata.row_group(0).column(0).compression
        assert compression == "ZSTD"
        assert (summary.documents, summary.cases, summary.indicators, summary.unresolved) == (3, 3, 9, 3)
        assert summary.metrics == {"beds": 3, "investment": 3, "share": 3}
        assert summary.exit_code == 0

    def test_rows_in_order_of_path(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 12)
        make(raw, tmp_path / "out")
        dataset = Dataset.open(tmp_path / "out")
        paths = dataset.documents.arrow(["source_path"])["source_path"].to_pylist()
        assert paths == sorted(paths)
        ids = dataset.documents.arrow(["doc_id"])["doc_id"].to_pylist()
        met = dataset.indicators.arrow(["doc_id"])["doc_id"].to_pylist()
        assert list(dict.fromkeys(met)) == ids

    def test_every_reference_resolves(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 4)
        (raw / "twin.txt").write_bytes((raw / "0002.txt").read_bytes())
        make(raw, tmp_path / "out")
        assert_keys_hold(tmp_path / "out")

    def test_identical_files_stay_two_documents(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 1)
        (raw / "a.txt").write_bytes((raw / "0000.txt").read_bytes())
        (raw / "b.txt").write_bytes((raw / "0000.txt").read_bytes())
        make(raw, tmp_path / "out")
        dataset = Dataset.open(tmp_path / "out")
        first, *others = dataset.documents.arrow(["doc_id"])["doc_id"].to_pylist()
        assert others == [f"{first}~2", f"{first}~3"]
        last = dataset.indicators.arrow().to_pylist()[-1]
        assert last["indicator_id"].startswith(f"{first}~3.i")
        assert last["case_id"] == f"{first}~3.c001"
        assert last["baseline_id"].startswith(f"{first}~3.i")

    def test_an_article_in_the_other_script_is_a_repeat(self, tmp_path: Path) -> None:
        raw = tmp_path / "raw"
        raw.mkdir()
        clauses = [f"第{i}组老人每周来食堂用餐{len(i)}回" for i in "一二三四五六七八九"]
        (raw / "a.txt").write_text("。".join(clauses), encoding="utf-8")
        (raw / "b.txt").write_text(
            "。".join(clauses).replace("组", "組").replace("来", "來").replace("周", "週"), "utf-8"
        )
        (raw / "c.txt").write_bytes((raw / "a.txt").read_bytes())
        for cache in (True, True, False):
            make(raw, tmp_path / "out", cache=cache)
            first, other, same, *_ = Dataset.open(tmp_path / "out").documents.arrow().to_pylist()
            assert first["duplicate_of"] is None
            assert other["duplicate_of"] == same["duplicate_of"] == first["doc_id"]
            (raw / "d.txt").write_text("别的文章", encoding="utf-8")

    def test_row_groups_end_where_the_rows_say(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("casextract.dataset.write.ROWS_PER_GROUP", 10)
        make(handmade.write_articles(tmp_path / "raw", 30), tmp_path / "out")
        metadata = pq.ParquetFile(tmp_path / "out" / "numerals.parquet").metadata
        assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [12] * 10
        assert ROWS_PER_GROUP > 10


@pytest.mark.usefixtures("handmade_pipeline")
class TestFailures:
    def test_a_document_that_fails_is_a_row_and_costs_no_other(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 3)
        (raw / "0001.txt").write_text("RAISE 3张", encoding="utf-8")
        summary = make(raw, tmp_path / "out")
        assert (summary.documents, summary.failed, summary.exit_code) == (2, 1, 1)
        (row,) = Dataset.open(tmp_path / "out").problems.arrow().to_pylist()
        assert (row["source_path"], row["severity"], row["code"]) == ("0001.txt", "error", "stage_failed")
        assert "told to" in row["message"]

    def test_a_failure_is_not_kept_in_the_cache(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 1)
        monkeypatch.setattr("casextract.build.guarded.run_normalised", lambda *_: 1 / 0)
        assert make(raw, tmp_path / "out").failed == 1
        monkeypatch.setattr("casextract.build.guarded.run_normalised", handmade.on_text(handmade.run))
        (raw / "more.txt").write_text("又添5张", encoding="utf-8")
        assert make(raw, tmp_path / "out").failed == 0

    def test_a_parser_that_raises_is_a_row(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise EOFError("cut short")

        monkeypatch.setattr("casextract.build.guarded.load_bytes", broken)
        summary = make(handmade.write_articles(tmp_path / "raw", 1), tmp_path / "out")
        (row,) = Dataset.open(tmp_path / "out").problems.arrow().to_pylist()
        assert (summary.exit_code, row["code"], row["stage"]) == (1, "stage_failed", "load")

    def test_a_file_that_cannot_be_read_is_a_row(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 1)
        (raw / "gone.txt").symlink_to(raw / "nowhere")
        summary = make(raw, tmp_path / "out")
        (row,) = Dataset.open(tmp_path / "out").problems.arrow().to_pylist()
        assert (row["source_path"], summary.exit_code) == ("gone.txt", 1)

    def test_a_file_too_large_to_read_is_a_row_and_is_not_read(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 1)
        with (raw / "disk-image.txt").open("wb") as file:
            file.truncate(2**40)
        summary = make(raw, tmp_path / "out")
        (row,) = Dataset.open(tmp_path / "out").problems.arrow().to_pylist()
        assert (row["source_path"], row["code"], summary.documents, summary.exit_code) == (
            "disk-image.txt",
            "too_large",
            1,
            1,
        )

    def test_no_input_at_all_is_an_empty_dataset(self, tmp_path: Path) -> None:
        (tmp_path / "raw").mkdir()
        summary = make(tmp_path / "raw", tmp_path / "out")
        assert summary.documents == 0
        assert len(Dataset.open(tmp_path / "out").indicators) == 0

    def test_an_input_that_does_not_exist_leaves_the_dataset(self, tmp_path: Path) -> None:
        make(handmade.write_articles(tmp_path / "raw", 1), tmp_path / "out")
        before = hashes(tmp_path / "out")
        with pytest.raises(InputError, match="nowhere"):
            make(tmp_path / "nowhere", tmp_path / "out")
        assert hashes(tmp_path / "out") == before


@pytest.mark.usefixtures("handmade_pipeline")
class TestCache:
    def test_a_second_build_writes_nothing(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 5)
        first = make(raw, tmp_path / "out")
        inode = (tmp_path / "out").stat().st_ino
        second = make(raw, tmp_path / "out")
        assert second.unchanged
        assert (tmp_path / "out").stat().st_ino == inode
        assert (second.reused, second.digest, second.indicators) == (5, first.digest, first.indicators)

    def test_only_what_changed_is_read_anew(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 5)
        make(raw, tmp_path / "out")
        (raw / "0003.txt").write_text("改成9张", encoding="utf-8")
        summary = make(raw, tmp_path / "out")
        assert (summary.reused, summary.unchanged) == (4, False)
        assert 9.0 in Dataset.open(tmp_path / "out").indicators.arrow(["value"])["value"].to_pylist()

    def test_a_removed_file_takes_its_rows_along(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 3)
        make(raw, tmp_path / "out")
        (raw / "0001.txt").unlink()
        assert make(raw, tmp_path / "out").documents == 2
        assert Dataset.open(tmp_path / "out").documents.arrow()["source_path"].to_pylist() == ["0000.txt", "0002.txt"]

    def test_without_the_cache_the_same_bytes(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 6)
        make(raw, tmp_path / "out")
        (raw / "0003.txt").write_text("改成9张", encoding="utf-8")
        assert make(raw, tmp_path / "out").reused == 5
        with_cache = hashes(tmp_path / "out")
        summary = make(raw, tmp_path / "out", cache=False)
        assert (summary.reused, summary.unchanged) == (0, False)
        assert hashes(tmp_path / "out") == with_cache

    @pytest.mark.parametrize("change", ["rules", "encoding", "code"])
    def test_what_decides_the_result_is_in_the_key(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
    ) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 2)
        make(raw, tmp_path / "out")
        options: dict[str, object] = {}
        if change == "code":
            monkeypatch.setattr("casextract.build.cache.code_digest", lambda: "another")
        else:
            options = {"rules": Path("mine")} if change == "rules" else {"encoding": "utf-8"}
        assert make(raw, tmp_path / "out", **options).reused == 0

    def test_damage_to_the_cache_is_no_damage_to_the_dataset(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 3)
        make(raw, tmp_path / "out")
        before = hashes(tmp_path / "out")
        entries = [p for p in (tmp_path / ".casextract" / "out" / "cache").rglob("*") if p.is_file()]
        assert len(entries) == 3
        entries[0].write_bytes(_with_another_size(entries[0].read_bytes()))
        entries[1].write_bytes(entries[1].read_bytes()[:-1])
        (tmp_path / ".casextract" / "out" / "state.json").unlink()
        assert make(raw, tmp_path / "out").reused == 1
        for entry in entries:
            entry.write_bytes(b"nothing of ours")
        (tmp_path / ".casextract" / "out" / "state.json").unlink()
        assert make(raw, tmp_path / "out").reused == 0
        assert hashes(tmp_path / "out") == before

    def test_a_state_that_cannot_be_written_costs_time_only(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 1)
        (tmp_path / ".casextract" / "out" / "state.json").mkdir(parents=True)
        assert make(raw, tmp_path / "out").documents == 1
        assert not make(raw, tmp_path / "out").unchanged

    def test_damage_to_the_dataset_is_repaired(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 2)
        make(raw, tmp_path / "out")
        before = hashes(tmp_path / "out")
        (tmp_path / "out" / "cases.parquet").write_bytes(b"PAR1")
        assert not make(raw, tmp_path / "out").unchanged
        assert hashes(tmp_path / "out") == before

    def test_entries_no_build_needs_are_removed(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 3)
        make(raw, tmp_path / "out")
        (raw / "0000.txt").unlink()
        make(raw, tmp_path / "out")
        assert sum(p.is_file() for p in (tmp_path / ".casextract" / "out" / "cache").rglob("*")) == 2


@pytest.mark.usefixtures("handmade_pipeline")
class TestCheck:
    def test_says_nothing_where_nothing_changed(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 2)
        make(raw, tmp_path / "out")
        assert check([raw], tmp_path / "out").exit_code == 0

    def test_says_what_a_build_would_change_and_changes_nothing(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 2)
        make(raw, tmp_path / "out")
        before = hashes(tmp_path / "out")
        (raw / "0002.txt").write_text("新开12张", encoding="utf-8")
        difference = check([raw], tmp_path / "out")
        assert difference.exit_code == 1
        assert difference.counts()["indicators"] == {"added": 1, "removed": 0, "changed": 0}
        assert hashes(tmp_path / "out") == before


def _with_another_size(entry: bytes) -> bytes:
    """A cache entry that says of itself that it unpacks to far more than it does."""
    at = len(b"casextract cache 1\n") + 32
    return entry[:at] + b"\x7f" + entry[at + 1 :]


class TestSameBytes:
    """The real pipeline in processes of their own: whatever differs about the run, the bytes do not."""

    VARIATIONS = (
        {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "0"},
        {"LC_ALL": "C.UTF-8", "TZ": "Asia/Shanghai", "PYTHONHASHSEED": "4711"},
        {"LC_ALL": "POSIX", "TZ": "America/St_Johns", "PYTHONHASHSEED": "random"},
    )

    def test_for_processes_order_locale_zone_and_hash_seed(self, tmp_path: Path) -> None:
        raw = handmade.write_articles(tmp_path / "raw", 7)
        (raw / "twin.txt").write_bytes((raw / "0001.txt").read_bytes())
        (raw / "empty.txt").write_bytes(b"")
        files = sorted(map(str, raw.iterdir()))
        results = set()
        for seed, variation in enumerate(self.VARIATIONS):
            for jobs in (1, 2):
                random.Random(seed).shuffle(files)
                out = tmp_path / f"out{seed}{jobs}"
                command = [sys.executable, "-c", _BUILD, str(jobs), str(out), *files]
                subprocess.run(command, env=dict(os.environ) | variation, check=True, cwd=tmp_path)
                results.add(json.dumps(hashes(out)))
        assert len(results) == 1
        dataset = Dataset.open(tmp_path / "out01")
        assert len(dataset.documents) == 8
        assert [r["source_path"] for r in dataset.problems.arrow().to_pylist() if r["severity"] == "error"] == [
            "empty.txt"
        ]
        assert_keys_hold(tmp_path / "out01")

    def test_of_the_digest_for_other_row_groups(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        handmade.install(monkeypatch)
        raw = handmade.write_articles(tmp_path / "raw", 20)
        digest = make(raw, tmp_path / "one", cache=False).digest
        monkeypatch.setattr("casextract.dataset.write.BYTES_PER_GROUP", 2000)
        assert make(raw, tmp_path / "other", cache=False).digest == digest
        assert pq.read_metadata(tmp_path / "other" / "documents.parquet").num_row_groups > 1


_BUILD = """
import sys
import casextract
summary = casextract.build_dataset(sys.argv[3:], sys.argv[2], jobs=int(sys.argv[1]), cache=False)
assert summary.failed == 1, summary
"""


def assert_keys_hold(out: Path) -> None:
    """Primary keys are unique and every reference is found, over the files as they were written."""
    tables = {t: pq.read_table(out / f"{t}.parquet") for t in TABLES}
    checked = 0
    for name, table in tables.items():
        for column in columns(name):
            values = table[column.name].drop_null().to_pylist()
            if column.primary_key:
                assert len(set(values)) == len(values) == table.num_rows, f"{name}.{column.name}"
                checked += 1
            if column.references:
                other, key = column.references.split(".")
                named = [v for row in values for v in row] if column.type == "list" else values
                assert set(named) <= set(tables[other][key].to_pylist()), f"{name}.{column.name}"
                checked += 1
    assert checked > 10
    assert tables["indicators"]["case_id"].null_count < tables["indicators"].num_rows


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        ("status.toml", 'status = "target"\norder = 1\nbefore = "(计划"'),
        ("exclusions.toml", 'reason = "date"\norder = 1\npattern = "{N}(天"'),
        ("times.toml", 'order = 1\npattern = "(去年"'),
        ("segmentation.toml", 'kind = "section"\npattern = "(背景"\norder = 1'),
    ],
)
@pytest.mark.parametrize(("lazy", "jobs"), [(True, 1), (True, 2), (False, 1)])
def test_a_bad_pattern_among_the_shipped_rules_fails_the_build_and_no_document(
    file: str, rule: str, lazy: bool, jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(rulebook.shipped_folder(), folder)
    with (folder / file).open("a", encoding="utf-8") as end:
        end.write(f'\n[[rule]]\nid = "own.bad"\nintent = "a pattern nobody tried"\n{rule}\n')
    monkeypatch.setattr(rulebook, "shipped_folder", lambda: folder)
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("做法\n计划到2025年新建助餐点12家。", encoding="utf-8")
    (tmp_path / "mine").mkdir()
    with pytest.raises(rulebook.RuleError, match=r"does not compile|bad pattern"):
        build(
            [tmp_path / "a.txt", tmp_path / "b.txt"],
            tmp_path / "out",
            BuildOptions(jobs=jobs, rules=None if lazy else tmp_path / "mine"),
        )
    assert not (tmp_path / "out" / "documents.parquet").exists()
