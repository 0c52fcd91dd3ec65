"""Patterns of others come to an end, what is shown is text, a rule's numbers are finite, and no assert carries behaviour."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.cli import messages
from casextract.dataset.read import Dataset
from casextract.language import label
from casextract.records import TABLES
from casextract.rulebook import patterns
from casextract.rulebook.loading import load_rulebook
from casextract.rulebook.models import RuleError

TEXT = "青原县建成养老床位500张。\n"
EVIL = '[[rule]]\nid = "own.evil"\nintent = "a pattern that never ends"\npattern = "(?:甲|甲甲|甲甲甲)+乙"\n'


def overlay(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_pattern_of_an_analyst_that_never_ends_costs_the_file_it_meets(tmp_path: Path) -> None:
    rules = overlay(tmp_path / "mine", "times.toml", EVIL)
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "evil.txt").write_text(TEXT + "甲" * 300 + "建成床位5张,", encoding="utf-8")
    (raw / "good.txt").write_text(TEXT, encoding="utf-8")
    summary = build([raw], tmp_path / "out", BuildOptions(rules=rules))
    dataset = Dataset.open(tmp_path / "out")
    assert [d.source_path for d in dataset.documents.records()] == ["good.txt"]
    (row,) = dataset.problems.records()
    assert (row.source_path, row.code) in (("evil.txt", "pattern_timeout"), ("evil.txt", "time_limit"))
    assert summary.exit_code == 1


def test_watched_patterns_give_what_others_give_and_raise_where_they_take_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with patterns.watched():
        made, asked = patterns.compile_regex("(?P<a>甲)+乙"), patterns.on_demand("丙+")
    plain = patterns.compile_regex("(?P<a>甲)+乙")
    assert [m.span() for m in made.finditer("丁甲甲乙甲乙", 1)] == [m.span() for m in plain.finditer("丁甲甲乙甲乙", 1)]
    assert made.groupindex["a"] == 1
    monkeypatch.setattr(patterns, "PATTERN_SECONDS", 0.05)
    with patterns.watched():
        endless = patterns.compile_regex("(?:甲|甲甲|甲甲甲)+乙")
    with pytest.raises(TimeoutError):
        endless.search("甲" * 5000)
    # What is made later is made as it was asked for.
    assert asked.search("丙丙") is not None
    assert type(plain) is not type(made)


def test_shipped_rules_are_not_watched_and_laid_over_ones_are(tmp_path: Path) -> None:
    assert not load_rulebook().laid_over
    assert load_rulebook(overlay(tmp_path / "mine", "times.toml", EVIL)).laid_over


@pytest.mark.parametrize("factor", ["inf", "-inf", "nan", "0.0", "-2.0"])
def test_a_factor_that_is_no_number_to_multiply_by_is_refused(factor: str, tmp_path: Path) -> None:
    rule = (
        '[[rule]]\nid = "own.unit"\nintent = "a unit"\ndimension = "count"\nwords = ["捆"]\n'
        f'factor = {{ "捆" = {factor} }}\n'
    )
    with pytest.raises(RuleError, match=r"own\.unit.*factor"):
        load_rulebook(overlay(tmp_path / "mine", "units.toml", rule))


def test_what_commands_the_terminal_is_spelled_out_as_json_spells_it() -> None:
    hostile = "\x1b]0;title\x07\x9b31m\u202e甲\r\x08"
    assert messages.shown(hostile) == "\\u001b]0;title\\u0007\\u009b31m\\u202e甲\\u000d\\u0008"
    assert messages.shown("一\t二\n") == "一\t二\n"
    assert json.loads(messages.shown(json.dumps({"a": hostile}, ensure_ascii=False))) == {"a": hostile}


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals of POSIX")
@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("command", ["show", "explain", "numerals", "load", "build"])
def test_no_control_character_of_an_article_or_a_name_reaches_a_terminal(
    command: str, terminal: bool, tmp_path: Path
) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    name = "a\x1b[31m\u202eb.txt"
    (raw / name).write_text("青原县\x1b]0;owned\x07建成养老床位\x9b500张,又\x1b[2J某7。", encoding="utf-8")
    build([raw], tmp_path / "out")
    subject = {"numerals": [tmp_path / "out"], "build": [raw, "-o", tmp_path / "other"]}.get(command, [raw / name])
    parent, child = pty.openpty() if terminal else os.pipe()
    with subprocess.Popen(
        [sys.executable, "-m", "casextract", command, *map(str, subject)], stdout=child, stderr=child,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "COLUMNS": "200"},
    ):  # fmt: skip
        os.close(child)
        said = b""
        while True:
            try:
                block = os.read(parent, 65536)
            except OSError:
                break
            if not block:
                break
            said += block
    os.close(parent)
    text = said.decode("utf-8")
    assert text.strip()
    for sequence in ("\x1b]", "\x07", "\x9b", "\u202e", "\x1b[2J\x1b", "\x1b[31m\u202e"):
        assert sequence not in text
    assert "owned" not in text or "\\u001b]0;owned" in text


def test_summaries_of_tables_are_those_of_the_records() -> None:
    assert {t: (c.__doc__ or "").strip().splitlines()[0] for t, c in TABLES.items()} == {
        t: label("row", t, "en") for t in TABLES
    }


def test_a_build_without_asserts_and_docstrings_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    for out, flags in (("plain", []), ("lean", ["-OO"])):
        command = [sys.executable, *flags, "-m", "casextract", "build", "a.txt", "-o", out, "-q"]
        subprocess.run(command, cwd=tmp_path, check=True, timeout=120, env=environment)
    one, other = (Dataset.open(tmp_path / name).package["resources"] for name in ("plain", "lean"))
    assert one == other
