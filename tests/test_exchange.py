"""Corrections in the forms of others: annotations, Label Studio, doccano, a workbook; and rules made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.cli import app
from casextract.dataset.read import Dataset
from casextract.review.corrections import Correction, anchor_of, append, read_log

ARTICLE = (
    "青石市着力办好老年餐厅😀\n"
    "青石市今年把老年餐厅开到小区门口。\n"
    "一是布点。全市建成老年餐厅35家,每天服务老人1200人次。\n"
    "二是补贴。对八十岁以上老人每餐补贴3元,全年支出260万元。\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text(ARTICLE, encoding="utf-8")
    build([tmp_path / "raw"], tmp_path / "out", BuildOptions(jobs=1))
    return tmp_path


def run(folder: Path, *arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, [a.format(raw=folder / "raw", out=folder / "out", at=folder) for a in arguments])
    assert done.exit_code == code, done.output
    return done


def log(folder: Path) -> list[Correction]:
    return list(read_log(folder / "raw" / "corrections.jsonl"))


def rows(folder: Path) -> dict[str, dict[str, Any]]:
    build([folder / "raw"], folder / "out", BuildOptions(jobs=1))
    return {r["text"]: r for r in Dataset.open(folder / "out").indicators.arrow().to_pylist()}


def say(folder: Path, text: str, **fields: Any) -> None:
    (records,) = Dataset.open(folder / "out").articles()
    row = next(i for i in records.indicators if i.text == text)
    common = {"id": f"k{len(text)}{fields['action']}", "source_path": "a.txt"}
    append(folder / "raw" / "corrections.jsonl", [Correction(**common, anchor=anchor_of(ARTICLE, row), **fields)])


def test_what_was_reviewed_becomes_gold_that_evaluate_reads(folder: Path) -> None:
    say(folder, "35家", action="change", field="status", old="achieved", new="target")
    say(folder, "260万元", action="accept")
    say(folder, "1200人次", action="reject")
    run(folder, "corrections", "to-gold", "{raw}", "{out}", "{at}/gold")
    gold = json.loads((folder / "gold" / "a.txt.json").read_text(encoding="utf-8"))
    assert {i["text"]: i["status"] for i in gold["indicators"] if i["core"]} == {
        "35家": "target",
        "260万元": "achieved",
    }
    assert "1200人次" not in {i["text"] for i in gold["indicators"]}
    # The dataset was built without the corrections, so the rejected number is wrong there, and one status is.
    figures = json.loads(run(folder, "evaluate", "{out}", "{at}/gold", "--format", "json").stdout)["figures"]
    assert (figures["indicators"]["tp"], figures["indicators"]["fp"]) == (2, 1)
    assert figures["status"]["right"] == 1
    build([folder / "raw"], folder / "out", BuildOptions(jobs=1))
    alone = json.loads(run(folder, "evaluate", "{out}", "--reviewed", "{raw}", "--format", "json").stdout)["figures"]
    assert (alone["indicators"]["tp"], alone["indicators"]["fp"], alone["status"]["right"]) == (2, 1, 1)
    run(folder, "evaluate", "{out}", code=2)


def test_label_studio_both_ways_counts_as_a_browser_does(folder: Path) -> None:
    run(folder, "corrections", "export", "{raw}", "{out}", "{at}/tasks.json")
    (task,) = json.loads((folder / "tasks.json").read_text(encoding="utf-8"))
    result = task["predictions"][0]["result"]
    units = ARTICLE.encode("utf-16-le")
    for r in result:
        value = r["value"]
        assert units[2 * value["start"] : 2 * value["end"]].decode("utf-16-le") == value["text"]
    kept = [dict(r) for r in result if r["value"]["text"] != "1200人次"]
    kept[0] = {**kept[0], "value": {**kept[0]["value"], "labels": ["organisations"]}}
    first = kept[0]["value"]["text"]
    task["annotations"] = [{"was_cancelled": True, "result": []}, {"result": kept}]
    (folder / "done.json").write_text(json.dumps([task]), encoding="utf-8")
    run(folder, "corrections", "import", "{raw}", "{out}", "{at}/done.json", "--who", "组员")
    actions = {c.anchor.text: c.action for c in log(folder) if c.anchor}
    assert actions[first] == "change"
    assert actions["1200人次"] == "reject"
    assert set(actions.values()) == {"change", "reject", "accept"}
    assert {c.who for c in log(folder)} == {"组员"}
    found = rows(folder)
    assert found[first]["metric"] == "organisations"
    assert "1200人次" not in found


def test_doccano_both_ways(folder: Path) -> None:
    run(folder, "corrections", "export", "{raw}", "{out}", "{at}/lines.jsonl", "--format", "doccano")
    line = json.loads((folder / "lines.jsonl").read_text(encoding="utf-8"))
    assert all(line["text"][a:b] == ARTICLE[a:b] for a, b, _ in line["label"])
    line["label"] = [x for x in line["label"] if line["text"][x[0] : x[1]] != "3元"]
    (folder / "back.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    run(folder, "corrections", "import", "{raw}", "{out}", "{at}/back.jsonl")
    assert [c.anchor.text for c in log(folder) if c.action == "reject" and c.anchor] == ["3元"]
    (folder / "bad.jsonl").write_text('{"text": 1}\n', encoding="utf-8")
    assert (
        "bad.jsonl:1: not as doccano exports it"
        in run(folder, "corrections", "import", "{raw}", "{out}", "{at}/bad.jsonl", code=2).stderr
    )


def test_a_workbook_is_sorted_edited_and_taken_back(folder: Path) -> None:
    run(folder, "export", "{out}", "{at}/review.xlsx", "--for-review")
    book = openpyxl.load_workbook(folder / "review.xlsx")
    sheet = book.worksheets[0]
    head = [c.value for c in sheet[1]]
    column = {name: n for n, name in enumerate(head, 1)}
    assert sheet.row_dimensions[1].hidden
    lines = {sheet.cell(r, column["text"]).value: r for r in range(3, sheet.max_row + 1)}
    sheet.cell(lines["35家"], column["value"]).value = 53
    sheet.cell(lines["35家"], column["comment"]).value = "原文印错"
    sheet.cell(lines["3元"], column["status"]).value = "目标"
    sheet.cell(lines["260万元"], column["verdict"]).value = "accept"
    sheet.cell(lines["1200人次"], column["verdict"]).value = "否决"
    sheet.cell(lines["1200人次"], column["indicator_id"]).value = "of another build"
    sheet.append(["a.txt", "", "没有这句话。", "9家"])
    # A sheet that was sorted: the last row comes first.
    sheet.move_range(f"A{lines['35家']}:Q{lines['35家']}", rows=20)
    book.save(folder / "back.xlsx")
    done = run(folder, "corrections", "import", "{raw}", "{out}", "{at}/back.xlsx", code=1)
    assert "«9家» of a.txt is not in the dataset" in done.stderr
    said = {(c.anchor.text, c.action, c.field) for c in log(folder) if c.anchor}
    assert said == {
        ("35家", "change", "value"), ("3元", "change", "status"), ("260万元", "accept", None), ("1200人次", "reject", None),
    }  # fmt: skip
    found = rows(folder)
    assert (found["35家"]["value"], found["3元"]["status"]) == (53.0, "target")
    lists = {next(iter(v.sqref.ranges)).min_col: v.formula1 for v in sheet.data_validations.dataValidation}
    assert "achieved" in lists[column["status"]] or "已实现" in lists[column["status"]]
    assert str(lists[column["metric"]]).startswith("=lists!") or str(lists[column["metric"]]).startswith("lists!")


def test_a_workbook_of_something_else_is_refused(folder: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["甲", "乙"])  # type: ignore[union-attr]
    book.save(folder / "other.xlsx")
    assert (
        "not a workbook for review"
        in run(folder, "corrections", "import", "{raw}", "{out}", "{at}/other.xlsx", code=2).stderr
    )
    (folder / "broken.xlsx").write_bytes(b"PK")
    assert (
        "cannot be opened" in run(folder, "corrections", "import", "{raw}", "{out}", "{at}/broken.xlsx", code=2).stderr
    )


def test_a_rule_is_made_from_a_correction(folder: Path) -> None:
    say(folder, "35家", action="change", field="metric", old="facilities", new="organisations")
    (made,) = log(folder)
    done = run(folder, "rules", "new", "--from-correction", made.id, "--log", "{raw}", "--id", "metric.mine.canteen")
    assert 'metric = "organisations"' in done.stdout
    assert "⟦35家⟧" in done.stdout
    missing = run(folder, "rules", "new", "--from-correction", "nobody", "--log", "{raw}", "--id", "x.y", code=2)
    assert "no correction nobody" in missing.stderr
