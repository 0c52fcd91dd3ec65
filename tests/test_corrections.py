"""Corrections: anchored to words, applied by every build, told where they no longer fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from casextract import extract_text
from casextract.assemble import Records
from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.cli import app
from casextract.dataset.read import Dataset
from casextract.review.applying import correct
from casextract.review.corrections import (
    Anchor,
    Correction,
    CorrectionError,
    anchor_of,
    append,
    by_source,
    in_force,
    parse,
    read_log,
)

ARTICLE = (
    "青石市着力办好老年餐厅\n"
    "青石市今年把老年餐厅开到小区门口。\n"
    "一是布点。全市建成老年餐厅35家,每天服务老人1200人次。\n"
    "二是补贴。对八十岁以上老人每餐补贴3元,全年支出260万元。\n"
)


def records() -> Records:
    return extract_text(ARTICLE, source_path="a.txt")


def said(row: Any, **fields: Any) -> Correction:
    document = records().documents[0]
    return Correction(**({"id": "k1", "source_path": "a.txt", "anchor": anchor_of(document.text, row)} | fields))


def of(found: Records, text: str) -> Any:
    return next(i for i in found.indicators if i.text == text)


def codes(found: Records) -> list[str]:
    return [p.code for p in found.problems if p.code.endswith("_correction")]


def test_a_changed_field_is_named_and_the_rule_stays() -> None:
    was = of(records(), "35家")
    now = of(correct(records(), [said(was, action="change", field="value", old=35.0, new=53.0)]), "35家")
    assert (now.value, now.value_min, now.value_max, now.corrected) == (53.0, 53.0, 53.0, ["value"])
    assert (now.rule_id, now.rules, now.start) == (was.rule_id, was.rules, was.start)


def test_a_line_put_in_front_changes_nothing() -> None:
    change = said(of(records(), "35家"), action="change", field="subject", old="老年餐厅", new="社区老年餐厅")
    moved = extract_text("本期策划:老有所养\n" + ARTICLE, source_path="a.txt")
    found = correct(moved, [change])
    assert of(found, "35家").subject == "社区老年餐厅"
    assert codes(found) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"field": "value", "old": 36.0, "new": 53.0}, "stale_correction"),
        ({"field": "value", "old": 36.0, "new": 35.0}, "obsolete_correction"),
        ({"field": "status", "old": "achieved", "new": "done"}, "stale_correction"),
    ],
    ids=["the old value no longer holds", "the rules now agree", "not a value of the column"],
)
def test_what_does_not_fit_is_told_and_not_applied(fields: dict[str, Any], code: str) -> None:
    found = correct(records(), [said(of(records(), "35家"), action="change", **fields)])
    assert codes(found) == [code]
    assert found.indicators == records().indicators


def test_a_sentence_that_is_gone_is_stale() -> None:
    change = said(of(records(), "35家"), action="change", field="value", old=35.0, new=53.0)
    found = correct(
        extract_text(ARTICLE.replace("着力", "用心").replace("建成", "开设"), source_path="a.txt"), [change]
    )
    assert codes(found) == ["stale_correction"]


def test_a_rejected_number_is_set_aside() -> None:
    gone = of(records(), "1200人次")
    found = correct(records(), [said(gone, action="reject", old={"value": 1200.0})])
    assert all(i.text != "1200人次" for i in found.indicators)
    (numeral,) = [n for n in found.numerals if n.start == gone.start]
    assert (numeral.disposition, numeral.reason, numeral.indicator_id) == ("set_aside", "rejected", None)
    assert found.documents[0].indicator_count == len(found.indicators) == len(records().indicators) - 1


def test_a_missed_number_becomes_an_indicator_in_its_case() -> None:
    base = records()
    gone = of(base, "35家")
    without = correct(base, [said(gone, action="reject", id="k0")])
    new = {"value": 35, "unit": "家", "dimension": "count", "metric": "facilities", "subject": "老年餐厅"}
    found = correct(without, [said(gone, action="add", new=new)])
    row = of(found, "35家")
    assert (row.value, row.unit, row.case_id, row.measure_id) == (35.0, "家", gone.case_id, gone.measure_id)
    assert [n.disposition for n in found.numerals if n.start == gone.start] == ["indicator"]
    assert codes(correct(base, [said(gone, action="add", new={"value": 35.0, "unit": "家"})])) == [
        "obsolete_correction"
    ]


def test_what_was_accepted_and_changed_since_is_told() -> None:
    row = of(records(), "35家")
    assert codes(correct(records(), [said(row, action="accept", old={"value": 35.0, "status": "achieved"})])) == []
    assert codes(correct(records(), [said(row, action="accept", old={"value": 36.0})])) == ["stale_correction"]


def test_cases_and_measures_open_close_and_move() -> None:
    base = records()
    text = base.documents[0].text
    first, second = base.measures
    closed = correct(base, [said(second, action="reject", target="measure")])
    assert [m.label for m in closed.measures] == [first.label]
    assert of(closed, "260万元").measure_id is None
    renamed = correct(base, [said(first, action="change", target="measure", field="label", old="布点", new="开店布点")])
    assert (renamed.measures[0].label, renamed.measures[0].corrected) == ("开店布点", ["label"])
    opened = Anchor(sentence="二是补贴。", text="二是补贴。", at=0)
    two = correct(
        base,
        [Correction(id="c", source_path="a.txt", action="add", target="case", anchor=opened, new={"title": "补贴"})],
    )
    assert [c.ordinal for c in two.cases] == [1, 2]
    assert text[two.cases[1].start :].startswith("二是补贴")
    assert of(two, "260万元").case_id == two.cases[1].case_id
    assert two.cases[0].end == two.cases[1].start


def test_a_border_is_moved_to_quoted_words() -> None:
    base = records()
    text = base.documents[0].text
    first = base.measures[0]
    there = {"sentence": "每天服务老人1200人次。", "text": "每天服务老人1200人次。", "at": 0}
    moved = correct(base, [said(first, action="change", target="measure", field="start", old=first.start, new=there)])
    assert [text[m.start :].split("。")[0] for m in moved.measures] == ["每天服务老人1200人次", "二是补贴"]
    assert of(moved, "35家").measure_id is None
    assert of(moved, "1200人次").measure_id == moved.measures[0].measure_id
    assert moved.measures[0].corrected == ["start"]
    gone = {"sentence": "没有这句话。", "text": "没有", "at": 0}
    stale = correct(base, [said(first, action="change", target="measure", field="start", old=first.start, new=gone)])
    assert codes(stale) == ["stale_correction"]
    assert stale.measures == base.measures


def test_undo_takes_back_and_can_be_taken_back() -> None:
    row = of(records(), "35家")
    one = said(row, action="change", field="value", old=35.0, new=53.0)
    undo = Correction(id="k2", source_path="a.txt", action="undo", undoes="k1")
    redo = Correction(id="k3", source_path="a.txt", action="undo", undoes="k2")
    assert in_force([one, undo]) == ()
    assert in_force([one, undo, redo]) == (one,)


def test_a_later_change_counts_with_the_first_old_value() -> None:
    row = of(records(), "35家")
    one = said(row, action="change", field="value", old=35.0, new=53.0)
    two = said(row, id="k2", action="change", field="value", old=53.0, new=54.0)
    (kept,) = in_force([one, two])
    assert (kept.id, kept.old, kept.new) == ("k2", 35.0, 54.0)
    assert of(correct(records(), in_force([one, two])), "35家").value == 54.0


def test_the_same_sentence_twice_is_told_apart() -> None:
    text = "服务点共9个。\n服务点共9个。\n"
    base = extract_text(text, source_path="a.txt")
    second = base.indicators[1]
    change = said(second, anchor=anchor_of(text, second), action="change", field="value", old=9.0, new=8.0)
    assert [i.value for i in correct(base, [change]).indicators] == [9.0, 8.0]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "1: no correction"),
        ('{"id":"a","source_path":"a.txt","action":"change","field":"value"}', "needs an anchor"),
        ('{"version":9,"id":"a","source_path":"a.txt","action":"undo","undoes":"b"}', "version 9 is not known"),
        (
            '{"id":"a","source_path":"a.txt","action":"change","field":"doc_id",'
            '"anchor":{"sentence":"共9个","text":"9个","at":1}}',
            "'doc_id' of a indicator cannot be changed",
        ),
    ],
)
def test_a_bad_line_is_refused_with_its_number(tmp_path: Path, line: str, reason: str) -> None:
    log = tmp_path / "corrections.jsonl"
    log.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(CorrectionError, match=reason):
        read_log(log)


def test_a_line_of_the_first_form_is_read_for_ever() -> None:
    # Written by the first version that had corrections; a later form needs a migration that keeps this test green.
    first = {
        "version": 1, "id": "k1", "who": "甲", "when": "2026-11-28T10:00:00+08:00", "source_path": "a.txt",
        "action": "change", "target": "indicator", "anchor": {"sentence": "共9个。", "text": "9个", "at": 1, "nth": 0},
        "field": "value", "old": 9.0, "new": 8.0, "comment": "印刷错误",
    }  # fmt: skip
    read = parse(first)
    assert (read.field, read.old, read.new, read.anchor) == (
        "value",
        9.0,
        8.0,
        Anchor(sentence="共9个。", text="9个", at=1),
    )


def test_a_build_applies_the_log_beside_its_inputs_every_time(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    (raw / "a.txt").write_text(ARTICLE, encoding="utf-8")
    first = build([raw], out, BuildOptions(jobs=1))
    change = said(of(records(), "35家"), action="change", field="value", old=35.0, new=53.0)
    lost = change.model_copy(update={"id": "k9", "source_path": "b.txt"})
    append(raw / "corrections.jsonl", [change, lost])
    second = build([raw], out, BuildOptions(jobs=1))
    assert (first.documents, second.documents) == (1, 1)
    found = {r["text"]: r for r in Dataset.open(out).indicators.arrow().to_pylist()}
    assert (found["35家"]["value"], found["35家"]["corrected"]) == (53.0, ["value"])
    told = [(p.code, p.source_path) for p in Dataset.open(out).problems.records()]
    assert told == [("stale_correction", "b.txt")]
    assert build([raw], out, BuildOptions(jobs=1)).unchanged
    again = build([raw], tmp_path / "again", BuildOptions(jobs=1, cache=False))
    assert again.digest == second.digest != first.digest
    # Who said it and when is no part of what a build gives.
    (raw / "corrections.jsonl").unlink()
    append(raw / "corrections.jsonl", [change.model_copy(update={"who": "乙"}), lost])
    assert build([raw], out, BuildOptions(jobs=1)).digest == second.digest


def test_the_command_lists_checks_and_prunes(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    (raw / "a.txt").write_text(ARTICLE, encoding="utf-8")
    row = of(records(), "35家")
    good = said(row, action="change", field="value", old=35.0, new=53.0)
    old = said(row, id="k2", action="change", field="unit", old="个", new="家")
    stale = said(row, id="k3", action="change", field="metric", old="beds", new="organisations")
    append(raw / "corrections.jsonl", [good, old, stale])
    build([raw], out, BuildOptions(jobs=1))
    run = CliRunner().invoke
    listed = run(app, ["corrections", "list", str(raw)])
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["k1", "k2", "k3"]
    checked = run(app, ["corrections", "check", str(raw), str(out), "--json"])
    assert checked.exit_code == 1
    assert {json.loads(x)["id"]: json.loads(x)["code"] for x in checked.stdout.splitlines()} == {
        "k2": "obsolete_correction",
        "k3": "stale_correction",
    }
    assert run(app, ["corrections", "prune", str(raw), str(out)]).exit_code == 0
    assert [c.id for c in read_log(raw / "corrections.jsonl")] == ["k1", "k3"]
    assert [c.id for c in read_log(raw / "corrections.jsonl.bak")] == ["k1", "k2", "k3"]
    assert by_source(read_log(raw / "corrections.jsonl")).of("a.txt") == (good, stale)
    # Neither the former log nor a lock is an article of the next build.
    (raw / "corrections.jsonl.lock").touch()
    again = build([raw], out, BuildOptions(jobs=1))
    assert (again.documents, again.failed) == (1, 0)
