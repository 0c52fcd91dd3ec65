"""Links out of the input are told and not followed; loops, sockets and pipes hurt nobody."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import handmade
from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.dataset.read import Dataset
from casextract.load import discover, load_file

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")


@pytest.fixture(autouse=True)
def handmade_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    handmade.install(monkeypatch)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    handmade.write_articles(tmp_path / "elsewhere", 3)
    raw = handmade.write_articles(tmp_path / "raw", 1)
    (raw / "one.txt").symlink_to(tmp_path / "elsewhere" / "0001.txt")
    (raw / "folder").symlink_to(tmp_path / "elsewhere")
    (raw / "again.txt").symlink_to("0000.txt")
    return raw


def test_links_out_of_the_input_are_told_and_not_followed(tmp_path: Path, raw: Path) -> None:
    summary = build([raw], tmp_path / "out", BuildOptions(cache=False))
    assert (summary.documents, summary.exit_code) == (1, 0)
    rows = {p.source_path: p for p in Dataset.open(tmp_path / "out").problems.records()}
    assert {(name, p.code, p.severity) for name, p in rows.items()} == {
        ("one.txt", "link_outside", "warning"),
        ("folder", "link_outside", "warning"),
    }
    assert str(tmp_path / "elsewhere" / "0001.txt") in rows["one.txt"].message
    assert "--follow-links" in rows["one.txt"].message


def test_links_are_followed_where_that_is_said_or_where_they_lead_is_given(tmp_path: Path, raw: Path) -> None:
    assert build([raw], tmp_path / "out", BuildOptions(follow_links=True)).documents == 4
    assert build([raw, tmp_path / "elsewhere"], tmp_path / "out").documents == 4
    assert build([raw / "one.txt"], tmp_path / "out").documents == 1
    (tmp_path / "link").symlink_to(raw)
    assert [f.source_path for f in discover([tmp_path / "link" / "folder"])] == ["0000.txt", "0001.txt", "0002.txt"]


def test_loops_sockets_and_pipes_are_no_crash(tmp_path: Path, raw: Path) -> None:
    (raw / "loop.txt").symlink_to("loop.txt")
    (raw / "round").symlink_to("square")
    (raw / "square").symlink_to("round")
    (raw / "up").symlink_to(raw)
    os.mkfifo(raw / "pipe.txt")
    found = {f.source_path: f for f in discover([raw])}
    assert "pipe.txt" not in found
    (problem,) = load_file(found["loop.txt"]).problems
    assert problem.code == "unreadable"
    summary = build([raw], tmp_path / "out", BuildOptions(cache=False))
    assert (summary.documents, summary.exit_code) == (1, 1)
