"""The difference of two datasets: what changed, of which table, by which rule, in which sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import handmade
from casextract.assemble import Records
from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.cli import app
from casextract.dataset.read import Dataset
from casextract.load import Source
from casextract.reports.diff import Difference, compare, markdown, to_json


@pytest.fixture(autouse=True)
def handmade_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    handmade.install(monkeypatch)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return handmade.write_articles(tmp_path / "raw", 3)


@pytest.fixture
def changed(tmp_path: Path, raw: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Difference]:
    """Builds, lets the test change files or rows, builds again, compares."""

    def change(edit: Callable[[], object] | None = None, **rows: Callable[[Any], Any]) -> Difference:
        build([raw], tmp_path / "old", BuildOptions(jobs=1))
        if edit is not None:
            edit()

        def run(source: Source, pipeline: object) -> Records:
            records = handmade.run(source, pipeline)
            tables = {t: tuple(k for r in records.table(t) if (k := rows.get(t, lambda r: r)(r))) for t in _TABLES}
            return Records(records.documents, **tables)

        monkeypatch.setattr("casextract.build.guarded.run_normalised", handmade.on_text(run))
        build([raw], tmp_path / "new", BuildOptions(jobs=1))
        return compare(Dataset.open(tmp_path / "old"), Dataset.open(tmp_path / "new"))

    return change


_TABLES = ("cases", "measures", "indicators", "numerals", "problems")


def test_no_change_is_no_difference(changed: Callable[..., Difference]) -> None:
    difference = changed()
    assert not difference
    assert (difference.exit_code, difference.counts(), difference.changes) == (0, {}, ())
    assert "same records" in markdown(difference)


def test_a_changed_metric_is_one_change_with_its_rule_and_sentence(changed: Callable[..., Difference]) -> None:
    def rule(r: Any) -> Any:
        if r.text != "27张":
            return r
        return r.model_copy(
            update={"metric": "facilities", "rule_id": "metric.bunks", "rules": ["unit.bunk", "metric.bunks"]}
        )

    difference = changed(indicators=rule)
    (change,) = difference.changes
    assert (change.table, change.kind, change.rule) == ("indicators", "changed", "metric.bunks")
    assert ("metric", "beds", "facilities") in change.columns
    assert change.quote.endswith("添置床位⟦27张⟧。")
    assert change.source_path == "0001.txt"
    text = markdown(difference)
    assert "| indicators | 0 | 0 | 1 |" in text
    assert "### `metric.bunks` (1)" in text
    assert "metric: beds → facilities" in text


def test_a_rule_that_is_new_or_gone_is_the_cause_of_what_follows(changed: Callable[..., Difference]) -> None:
    def rule(r: Any) -> Any:
        if r.metric != "beds":
            return r
        metric = "facilities" if r.value > 30 else r.metric
        return r.model_copy(
            update={"metric": metric, "rule_id": "metric.share", "rules": ["status.new", "unit.bed", "metric.share"]}
        )

    def numeral(n: Any) -> Any:
        return n.model_copy(update={"rule_id": "metric.share"}) if n.rule_id == "metric.beds" else n

    difference = changed(indicators=rule, numerals=numeral)
    # metric.share speaks elsewhere as before, metric.beds nowhere any more, status.new and unit.bed only now.
    assert {c.rule for c in difference.changes} == {"metric.beds"}
    assert [c.values_kept for c in difference.changes] == [True, True, False]
    text = markdown(difference)
    assert "- 2 with the same values, under another rule" in text
    assert text.count("**changed**") == 1
    assert r'rules: \["metric.beds"\] → \["status.new", "unit.bed", "metric.share"\]' in text


def test_a_number_set_aside_names_the_rule_that_did_it(changed: Callable[..., Difference]) -> None:
    def drop(r: Any) -> Any:
        return None if r.text == "500元" else r.model_copy(update={"baseline_id": None}) if r.text == "5%" else r

    def aside(n: Any) -> Any:
        if n.text != "500元":
            return n
        update = {"disposition": "set_aside", "reason": "name", "rule_id": "exclusion.name", "indicator_id": None}
        return n.model_copy(update=update)

    difference = changed(indicators=drop, numerals=aside)
    gone, follower = sorted(difference.changes, key=lambda c: c.kind, reverse=True)
    assert (gone.kind, gone.rule, gone.quote) == ("removed", "exclusion.name", "三年里拿出⟦500元⟧,老人用餐占5%。")
    assert [name for name, _, _ in follower.columns] == ["baseline_id"]
    # The numeral only repeats what became of the indicator.
    assert "numerals" not in difference.counts()


def test_a_new_document_and_one_that_is_gone(changed: Callable[..., Difference], raw: Path) -> None:
    def edit() -> None:
        (raw / "0000.txt").unlink()
        (raw / "0009.txt").write_text("新设6张", encoding="utf-8")

    counts = changed(edit).counts()
    assert counts["documents"] == {"added": 1, "removed": 1, "changed": 0}
    assert counts["indicators"] == {"added": 1, "removed": 3, "changed": 0}
    assert counts["numerals"] == {"added": 0, "removed": 1, "changed": 0}


def test_a_sentence_put_in_front_changes_only_what_it_says(changed: Callable[..., Difference], raw: Path) -> None:
    def edit() -> None:
        (raw / "0000.txt").write_text("织里镇又添8张。" + handmade.article(0), encoding="utf-8")

    difference = changed(edit)
    assert difference.counts()["indicators"] == {"added": 1, "removed": 0, "changed": 0}
    (added,) = (c for c in difference.changes if c.table == "indicators")
    assert added.quote == "织里镇又添⟦8张⟧。"
    assert added.record is not None
    assert added.record["value"] == 8.0
    assert difference.counts()["documents"] == {"added": 0, "removed": 0, "changed": 1}


def test_a_file_moved_is_a_changed_path(changed: Callable[..., Difference], raw: Path) -> None:
    difference = changed(lambda: (raw / "0000.txt").rename(raw / "zz.txt"))
    (change,) = difference.changes
    assert (change.table, change.columns) == ("documents", (("source_path", "0000.txt", "zz.txt"),))


def test_a_document_that_fails_now(changed: Callable[..., Difference], raw: Path) -> None:
    difference = changed(lambda: (raw / "0001.txt").write_text("RAISE", encoding="utf-8"))
    assert difference.counts()["problems"] == {"added": 1, "removed": 0, "changed": 0}
    assert any("told to" in c.quote for c in difference.changes)


def test_a_case_put_in_front_does_not_touch_the_others(changed: Callable[..., Difference]) -> None:
    # The numbers in the identifiers move on; what they refer to is the same.
    def renumber(r: Any) -> Any:
        return r.model_copy(
            update={k: getattr(r, k).replace(".c001", ".c002") for k in ("case_id", "measure_id") if hasattr(r, k)}
        )

    assert not changed(cases=renumber, measures=renumber, indicators=renumber)


def test_markdown_is_cut_to_the_limit_and_cannot_be_broken_by_text(
    changed: Callable[..., Difference], raw: Path
) -> None:
    def edit() -> None:
        (raw / "x.txt").write_text("|*床位*|`9张`<b>。" + "又8张。" * 30, encoding="utf-8")

    text = markdown(changed(edit), limit=5)
    assert "- … and 26 more" in text
    assert "\\|\\*床位\\*\\|\\`⟦9张⟧\\`\\<b\\>" in text


def test_markdown_of_a_changed_value_is_text(changed: Callable[..., Difference]) -> None:
    difference = changed(indicators=lambda r: r.model_copy(update={"subject": "[床](//x)<img>"}))
    assert "\\[床\\](//x)\\<img\\>" in markdown(difference)


def test_json_holds_everything(changed: Callable[..., Difference], raw: Path) -> None:
    difference = changed(lambda: (raw / "x.txt").write_text("又8张。" * 30, encoding="utf-8"))
    value = json.loads(to_json(difference))
    assert len(value["changes"]) == len(difference.changes)
    assert value["counts"]["indicators"]["added"] == 30


def test_the_command(changed: Callable[..., Difference], raw: Path, tmp_path: Path) -> None:
    changed(lambda: (raw / "x.txt").write_text("又8张。", encoding="utf-8"))
    old, new = str(tmp_path / "old"), str(tmp_path / "new")
    runner = CliRunner()
    assert runner.invoke(app, ["diff", old, new]).exit_code == 0
    result = runner.invoke(app, ["diff", old, new, "--exit-code"])
    assert result.exit_code == 1
    assert "⟦8张⟧" in result.stdout
    assert runner.invoke(app, ["diff", old, old, "--exit-code"]).exit_code == 0
    assert json.loads(runner.invoke(app, ["diff", old, new, "-f", "json"]).stdout)["changes"]
    assert "| indicators | 1 | 0 | 0 |" in runner.invoke(app, ["diff", old, new, "-f", "markdown"]).stdout
    result = runner.invoke(app, ["diff", old, str(tmp_path / "nowhere")])
    assert (result.exit_code, "no such folder" in result.stderr) == (2, True)


def test_build_check_as_a_command(raw: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    out = str(tmp_path / "out")
    missing = runner.invoke(app, ["build", str(raw), "-o", out, "--check"])
    assert (missing.exit_code, "casextract build" in missing.stderr) == (1, True)
    assert runner.invoke(app, ["build", str(raw), "-o", out, "-q"]).exit_code == 0
    assert runner.invoke(app, ["build", str(raw), "-o", out, "--check"]).exit_code == 0
    (raw / "x.txt").write_text("又8张。", encoding="utf-8")
    result = runner.invoke(app, ["build", str(raw), "-o", out, "--check"])
    assert result.exit_code == 1
    assert "⟦8张⟧" in result.stdout
    assert f"casextract build {raw} -o {out}" in result.stderr
