"""Scores against gold: the matching, the intervals, the floors, and agreement with the scorer that lies beside the gold."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import handmade
from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.cli import app
from casextract.dataset.read import Dataset
from casextract.errors import WriteError
from casextract.reports.evaluate import (
    GoldError,
    Tally,
    evaluate,
    falls,
    markdown,
    pin,
    read_floors,
    wilson,
)


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    handmade.install(monkeypatch)
    build([handmade.write_articles(tmp_path / "raw", 6)], tmp_path / "out", BuildOptions(jobs=1))
    return tmp_path / "out"


def truth(out: Path) -> list[dict[str, Any]]:
    """Gold that agrees with the dataset in everything."""
    dataset = Dataset.open(out)
    tables = {t: dataset[t].arrow().to_pylist() for t in ("documents", "cases", "measures", "indicators")}

    def of(table: str, doc_id: str) -> list[dict[str, Any]]:
        return [_plain(r) for r in tables[table] if r["doc_id"] == doc_id]

    gold = []
    for d in tables["documents"]:
        parts = {t: of(t, d["doc_id"]) for t in ("cases", "measures", "indicators")}
        for r in parts["indicators"]:
            r["core"] = True
        gold.append({"doc": d["source_path"], **parts})
    return gold


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in row.items() if not hasattr(v, "isoformat")}


def write_gold(folder: Path, annotations: list[dict[str, Any]]) -> Path:
    folder.mkdir(exist_ok=True)
    for a in annotations:
        (folder / f"{Path(a['doc']).stem}.json").write_text(json.dumps(a, ensure_ascii=False), encoding="utf-8")
    return folder


class TestMatching:
    def test_all_right(self, out: Path, tmp_path: Path) -> None:
        result = evaluate(Dataset.open(out), write_gold(tmp_path / "gold", truth(out)))
        assert {name: t.value for name, t in result.figures.items()} == dict.fromkeys(result.figures, 1.0)
        assert result.figures["indicators"].tp == 18
        assert result.figures["· funds"].tp == result.figures["· beds"].tp == 6
        assert (result.misses, result.absent) == ([], [])
        assert result.metrics["share"].tp == 6

    def test_each_kind_of_error_in_its_figure(self, out: Path, tmp_path: Path) -> None:
        gold = truth(out)
        beds, money, share = gold[0]["indicators"]
        beds["metric"] = "facilities"
        money["value"] += 1
        share["bound"], share["subject"] = "about", "老人"
        gold[1]["cases"][0]["city"] = "嘉兴市"
        gold[2]["measures"] = []
        result = evaluate(Dataset.open(out), write_gold(tmp_path / "gold", gold))
        counts = {n: (t.tp, t.fp, t.fn) for n, t in result.figures.items()}
        assert counts["indicators"] == (17, 1, 1)
        assert counts["strict"] == (15, 3, 3)
        assert counts["metric"] == (16, 0, 1)
        assert counts["bound"] == (16, 0, 1)
        assert counts["subject"] == (16, 0, 1)
        assert counts["region"] == (5, 0, 1)
        assert counts["measures L1"] == (5, 1, 0)
        assert counts["· beds"] == (5, 1, 0)
        assert counts["· funds"] == (5, 1, 1)
        assert (result.metrics["facilities"].fn, result.metrics["beds"].fp) == (1, 1)
        said = {(m.document, m.figure) for m in result.misses}
        assert {
            ("0000.txt", "metric"),
            ("0000.txt", "indicators"),
            ("0001.txt", "region"),
            ("0002.txt", "measures L1"),
        } <= said
        assert result.documents["0003.txt"]["strict"].value == 1.0

    def test_starts_may_be_off_by_three_characters_blanks_not_counted(self, out: Path, tmp_path: Path) -> None:
        gold = truth(out)
        for i, a in enumerate(gold):
            a["measures"][0]["start"] += i
        result = evaluate(Dataset.open(out), write_gold(tmp_path / "gold", gold))
        tally = result.figures["measures L1"]
        assert (tally.tp, tally.fp, tally.fn) == (4, 2, 2)

    def test_enumeration_of_any_depth_is_level_two(self, out: Path, tmp_path: Path) -> None:
        gold = truth(out)
        for a, level in zip(gold, (1, 2, 3, 4, 2, 1), strict=False):
            a["measures"] += [a["measures"][0] | {"start": 10_000 + level, "level": level}]
            a["range"] = [0, 20_000]
        result = evaluate(Dataset.open(out), write_gold(tmp_path / "gold", gold))
        counts = {n: (result.figures[n].tp, result.figures[n].fn) for n in ("measures L1", "measures L2")}
        assert counts == {"measures L1": (6, 2), "measures L2": (0, 4)}

    def test_what_is_not_core_counts_neither_way(self, out: Path, tmp_path: Path) -> None:
        gold = truth(out)
        gold[0]["indicators"][0] |= {"core": False, "value": 99}
        gold[1]["indicators"].append({"start": 1, "end": 2, "text": "x", "value": 3, "metric": "beds", "core": False})
        tally = evaluate(Dataset.open(out), write_gold(tmp_path / "gold", gold)).figures["indicators"]
        assert (tally.tp, tally.fp, tally.fn) == (17, 0, 0)

    def test_only_the_range_counts(self, out: Path, tmp_path: Path) -> None:
        gold = truth(out)
        for a in gold:
            a["range"] = [0, a["indicators"][1]["start"]]
        tally = evaluate(Dataset.open(out), write_gold(tmp_path / "gold", gold)).figures["indicators"]
        assert (tally.tp, tally.fp, tally.fn) == (6, 0, 0)

    def test_a_document_the_dataset_lacks(self, out: Path, tmp_path: Path) -> None:
        gold = truth(out)
        gold[0]["doc"] = "elsewhere.txt"
        result = evaluate(Dataset.open(out), write_gold(tmp_path / "gold", gold))
        assert result.absent == ["elsewhere.txt"]
        assert (result.figures["indicators"].fn, result.figures["cases"].fn) == (3, 1)


class TestAgreement:
    """The scorer beside the gold is what hidden evaluations use; every figure must be the same."""

    def scorer(self, shared: Path, out: Path, gold: Path) -> dict[str, dict[str, float]]:
        command = [sys.executable, str(shared / "gold" / "score.py"), str(out), str(gold), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        figures: dict[str, dict[str, float]] = json.loads(done.stdout)
        return figures

    def ours(self, out: Path, gold: Path) -> dict[str, dict[str, float]]:
        figures = evaluate(Dataset.open(out), gold).to_dict()["figures"]
        return {n: {k: v for k, v in f.items() if "interval" not in k} for n, f in figures.items()}

    @pytest.mark.needs_shared
    def test_on_gold_with_random_faults(self, out: Path, tmp_path: Path, shared: Path) -> None:
        for seed in range(6):
            gold = write_gold(tmp_path / f"gold{seed}", _spoiled(truth(out), random.Random(seed)))
            assert self.ours(out, gold) == self.scorer(shared, out, gold)

    @pytest.mark.needs_shared
    def test_on_the_real_gold(self, tmp_path: Path, shared: Path) -> None:
        build([shared / "corpus"], tmp_path / "real", BuildOptions(jobs=1, cache=False))
        assert self.ours(tmp_path / "real", shared / "gold") == self.scorer(shared, tmp_path / "real", shared / "gold")


def _spoiled(gold: list[dict[str, Any]], dice: random.Random) -> list[dict[str, Any]]:
    for a in gold:
        for r in [*a["cases"], *a["measures"], *a["indicators"]]:
            if dice.random() < 0.3:
                r["start"] = max(0, r["start"] + dice.randint(-3, 5))
        for c in a["cases"]:
            c["implicit"] = dice.random() < 0.3
            c["adcode"] = dice.choice([c["adcode"], None, "330400"])
        a["measures"] = [m | {"level": dice.choice([1, 2, 3, 4])} for m in a["measures"] * dice.randint(0, 2)]
        for r in a["indicators"]:
            r["metric"] = dice.choice([r["metric"], "beds", "coverage_rate", "savings", "time_limit"])
            r["core"] = dice.random() < 0.8
            r["value"] += dice.choice([0, 0, 0, 1])
            r["subject"] = dice.choice([None, "老人"])
            r["per"] = dice.choice([[], ["人"]])
        a["indicators"] = [r for r in a["indicators"] for _ in range(dice.choice([0, 1, 1, 1, 2]))]
        if dice.random() < 0.3:
            a["range"] = sorted(dice.sample(range(90), 2))
    if dice.random() < 0.5:
        gold[0]["doc"] = "elsewhere.txt"
    return gold


class TestIntervals:
    def test_wilson_as_published(self) -> None:
        # Newcombe (1998), Statistics in Medicine 17, table I, method 3.
        for right, of, low, high in (
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ):
            assert wilson(right, of) == pytest.approx((low, high), abs=5e-5)
        assert wilson(0, 0) == (0.0, 1.0)

    def test_they_hold_the_value_and_shrink_with_more_counts(self) -> None:
        few, many = Tally(8, 1, 1), Tally(800, 100, 100)
        for tally in (few, many, Tally(0, 3, 4), Tally(5, 0, 0), Tally(tp=3, fn=1, share=True)):
            low, high = tally.interval
            assert 0 <= low <= tally.value <= high <= 1
        assert many.interval[1] - many.interval[0] < (few.interval[1] - few.interval[0]) / 5


class TestFloors:
    @pytest.fixture
    def gold(self, out: Path, tmp_path: Path) -> Path:
        gold = truth(out)
        gold[0]["indicators"][0]["value"] = 1
        return write_gold(tmp_path / "gold", gold)

    def test_a_fall_fails_and_names_the_command(self, out: Path, gold: Path, tmp_path: Path) -> None:
        floors = tmp_path / "accuracy" / "floors.json"
        runner = CliRunner()
        command = ["evaluate", str(out), str(gold), "--floors", str(floors)]
        missing = runner.invoke(app, command)
        assert (missing.exit_code, "--pin" in missing.stderr) == (2, True)
        assert runner.invoke(app, [*command, "--pin"]).exit_code == 0
        assert runner.invoke(app, command).exit_code == 0
        content = json.loads(floors.read_text("utf-8"))
        content["floors"]["indicators"] = 0.99
        floors.write_text(json.dumps(content), "utf-8")
        fallen = runner.invoke(app, command)
        assert fallen.exit_code == 1
        assert "indicators: 0.9444 is below the floor 0.9900" in fallen.stderr
        assert f"casextract {' '.join(command)} --pin --allow-lower" in fallen.stderr
        refused = runner.invoke(app, [*command, "--pin"])
        assert (refused.exit_code, "0.9900 would become 0.9444" in refused.stderr) == (1, True)
        assert read_floors(floors).figures["indicators"] == 0.99
        assert runner.invoke(app, [*command, "--pin", "--allow-lower"]).exit_code == 0
        assert read_floors(floors).figures["indicators"] == 0.9444

    def test_other_gold_fails(self, out: Path, gold: Path, tmp_path: Path) -> None:
        dataset = Dataset.open(out)
        pin(tmp_path / "floors.json", evaluate(dataset, gold))
        (gold / "0005.json").unlink()
        result = evaluate(dataset, gold)
        assert (
            falls(result, read_floors(tmp_path / "floors.json"))[0]
            == "the gold is not the one that the floors were pinned on"
        )

    def test_a_figure_that_is_gone_fails_and_is_no_silent_drop(self, out: Path, gold: Path, tmp_path: Path) -> None:
        result = evaluate(Dataset.open(out), gold)
        floors = tmp_path / "floors.json"
        pin(floors, result)
        del result.figures["unit"]
        assert falls(result, read_floors(floors)) == ["unit: not measured any more, the floor is 1.0000"]
        assert pin(floors, result) == ["unit: would be dropped"]

    def test_what_was_pinned_holds_at_once(self, out: Path, gold: Path, tmp_path: Path) -> None:
        result = evaluate(Dataset.open(out), gold)
        result.figures["strict"] = Tally(2, 1, 0)
        assert pin(tmp_path / "floors.json", result) == []
        assert falls(result, read_floors(tmp_path / "floors.json")) == []

    def test_options_that_need_a_file(self, out: Path, gold: Path) -> None:
        assert CliRunner().invoke(app, ["evaluate", str(out), str(gold), "--pin"]).exit_code == 2


class TestGoldErrors:
    @pytest.mark.parametrize(
        ("content", "message"),
        [("{", "Invalid JSON"), ("[]", "the file: Input should be an object"),
         ('{"doc": "0000.txt", "cases": [], "measures": []}', "indicators: Field required"),
         ('{"doc": "0000.txt", "cases": [{}], "measures": [], "indicators": []}', r"cases\.0\.start: Field required")],
    )  # fmt: skip
    def test_name_the_file(self, out: Path, tmp_path: Path, content: str, message: str) -> None:
        (tmp_path / "gold").mkdir()
        (tmp_path / "gold" / "bad.json").write_text(content)
        with pytest.raises(GoldError, match=rf"bad\.json: .*{message}"):
            evaluate(Dataset.open(out), tmp_path / "gold")

    def test_what_is_no_file(self, out: Path, tmp_path: Path) -> None:
        (tmp_path / "gold" / "bad.json").mkdir(parents=True)
        with pytest.raises(GoldError, match=r"bad\.json: cannot be read"):
            evaluate(Dataset.open(out), tmp_path / "gold")
        gold = write_gold(tmp_path / "right", truth(out))
        with pytest.raises(WriteError, match="is a folder"):
            pin(tmp_path / "gold" / "bad.json", evaluate(Dataset.open(out), gold), allow_lower=True)

    def test_an_empty_folder(self, out: Path, tmp_path: Path) -> None:
        with pytest.raises(GoldError, match="no annotations"):
            evaluate(Dataset.open(out), tmp_path)


def test_the_forms_of_output(out: Path, tmp_path: Path) -> None:
    gold = truth(out)
    gold[0]["indicators"][0]["unit"] = "个"
    folder = str(write_gold(tmp_path / "gold", gold))
    runner = CliRunner()
    table = runner.invoke(app, ["evaluate", str(out), folder, "--errors"])
    assert table.exit_code == 0
    assert "17 of 18" in table.stdout
    assert "0000.txt@" in table.stdout
    value = json.loads(runner.invoke(app, ["evaluate", str(out), folder, "-f", "json", "--errors"]).stdout)
    assert value["figures"]["unit"]["right"] == 17
    assert value["figures"]["indicators"]["interval"] == [round(2 * 0.824118 / 1.824118, 4), 1.0]
    assert value["misses"][0]["figure"] == "unit"
    text = runner.invoke(app, ["evaluate", str(out), folder, "-f", "markdown"]).stdout
    assert text.rstrip("\n") == markdown(evaluate(Dataset.open(out), Path(folder))).rstrip("\n")
    assert "| unit | 0.944 |" in text
