"""What the measuring scripts rest on: the same corpus every time, peers scored as they deserve."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from casextract.build.build import build
from casextract.build.options import BuildOptions


@pytest.fixture
def scripts(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(str(root / "scripts"))
    yield root / "scripts"
    for name in ("generate_corpus", "peers", "bench"):
        sys.modules.pop(name, None)


@pytest.fixture
def corpus(scripts: Path) -> ModuleType:
    import generate_corpus

    return generate_corpus


@pytest.fixture
def peers(scripts: Path) -> ModuleType:
    import peers

    return peers


class TestCorpus:
    def test_an_article_is_the_same_in_every_corpus(self, corpus: ModuleType, tmp_path: Path) -> None:
        corpus.write(tmp_path / "few", 3)
        corpus.write(tmp_path / "more", 5)
        for n in range(3):
            few, more = (tmp_path / f / "0000" / f"{n:07}.txt" for f in ("few", "more"))
            assert few.read_bytes() == more.read_bytes() == corpus.article(n).encode()
        assert len({corpus.article(n) for n in range(50)}) == 50
        assert corpus.article(1, seed=2) != corpus.article(1, seed=1)

    def test_both_scripts_and_no_field_left_open(self, corpus: ModuleType) -> None:
        assert "養老" in corpus.article(3) or "老人" in corpus.article(3)
        assert "縣" in corpus.article(3) + corpus.article(7) + corpus.article(11)
        assert not any(c in corpus.article(n) for n in range(40) for c in "{}")

    def test_it_is_work_for_the_pipeline(self, corpus: ModuleType, tmp_path: Path) -> None:
        corpus.write(tmp_path / "raw", 20)
        summary = build([tmp_path / "raw"], tmp_path / "out", BuildOptions(jobs=1))
        assert summary.documents == 20
        assert summary.indicators > 20 * 15
        assert summary.unresolved < summary.numerals / 100


class TestPeers:
    GOLD = (
        {"start": 5, "end": 10, "value": 1200.0, "unit": "张"},
        {"start": 20, "end": 24, "value": 85.0, "unit": "%"},
        {"start": 30, "end": 32, "value": 1.0, "unit": "个", "core": False},
    )

    def test_a_bare_number_is_found_but_not_with_its_unit(self, peers: ModuleType) -> None:
        found = [
            {"start": 5, "end": 9, "value": 1200.0, "unit": None},
            {"start": 20, "end": 24, "value": 85.0, "unit": "%"},
        ]
        figures = peers.score([found], [self.GOLD])
        assert figures["number"] == (1.0, 1.0, 1.0)
        assert figures["number and unit"] == (0.5, 0.5, 0.5)

    def test_a_wrong_value_and_an_invention_cost_precision_an_optional_number_nothing(self, peers: ModuleType) -> None:
        found = [
            {"start": 5, "end": 9, "value": 12.0, "unit": "张"},
            {"start": 20, "end": 24, "value": 85.0, "unit": "%"},
            {"start": 30, "end": 32, "value": 7.0, "unit": None},
            {"start": 50, "end": 54, "value": 2023.0, "unit": None},
        ]
        precision, recall, _ = peers.score([found], [self.GOLD])["number"]
        assert (precision, recall) == (pytest.approx(1 / 3), 0.5)

    def test_names_of_one_unit_are_one_unit(self, peers: ModuleType) -> None:
        gold = ({"start": 0, "end": 4, "value": 60.0, "unit": "周岁"},)
        found = [{"start": 0, "end": 3, "value": 60.0, "unit": "岁"}]
        assert peers.score([found], [gold])["number and unit"] == (1.0, 1.0, 1.0)

    def test_a_result_inside_a_longer_one_is_left_out(self, peers: ModuleType) -> None:
        inner = {"start": 2, "end": 4, "value": 3.0, "unit": None}
        outer = {"start": 2, "end": 5, "value": 3.0, "unit": "元"}
        apart = {"start": 8, "end": 9, "value": 1.0, "unit": None}
        assert peers._outermost([inner, outer, apart]) == [outer, apart]


def test_the_bench_prints_its_table(scripts: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    import bench

    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text("某县新建助餐点12家,覆盖率达85%。\n" * 5, encoding="utf-8")
    texts = bench.read([tmp_path / "raw"])
    report = bench.Report({"processor": "any"})
    report.stages["Stages"] = {"simplified": bench.measure_stages(texts, 0.001, first_sight=True)}
    table = "\n".join(bench.tables(report))
    assert "| **whole way** |" in table
    assert bench.ratio(report.stages["Stages"]["simplified"]) > 0
    assert [t.script for t in texts] == ["hans"]
