"""Generated pages are what their generator writes today."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import typer

from casextract.cli import app


@pytest.fixture
def accuracy(root: Path) -> dict[str, Any]:
    return runpy.run_path(str(root / "scripts" / "accuracy.py"), run_name="accuracy")


def test_the_accuracy_page_is_current(accuracy: dict[str, Any]) -> None:
    assert accuracy["main"]({"--check"}) == 0, "write it with: make docs"


def test_a_page_that_is_not_current_is_told(
    accuracy: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    globals_of_main = accuracy["main"].__globals__
    page = tmp_path / "accuracy.md"
    globals_of_main["PAGE"] = page
    globals_of_main["PARTS"] = {}
    assert accuracy["main"](set()) == 0
    assert accuracy["main"]({"--check"}) == 0
    page.write_text(page.read_text("utf-8") + "by hand", "utf-8")
    assert accuracy["main"]({"--check"}) == 1
    assert "make docs" in capsys.readouterr().err


def test_a_part_without_annotations_stays(accuracy: dict[str, Any], tmp_path: Path) -> None:
    globals_of_main = accuracy["main"].__globals__
    page = tmp_path / "accuracy.md"
    page.write_text("old head\n<!-- shared -->\nkept\n<!-- /shared -->\n", "utf-8")
    globals_of_main["PAGE"] = page
    globals_of_main["PARTS"] = {"shared": (tmp_path / "none", tmp_path / "none", "Title", "what")}
    assert accuracy["main"](set()) == 0
    assert page.read_text("utf-8").endswith("\n<!-- shared -->\nkept\n<!-- /shared -->\n")
    assert "old head" not in page.read_text("utf-8")


def test_the_sample_workflow_and_the_page_on_datasets_use_commands_that_exist(root: Path) -> None:
    click = typer.main.get_command(app)
    assert isinstance(click, typer.core.TyperGroup)
    checked = 0
    for name in ("ci-sample.yml", "dataset.md"):
        text = (root / "docs" / name).read_text("utf-8")
        for command, rest in re.findall(r"(?m)^\s*(?:run: |`)?casextract ([a-z]+)([^#`\n]*)", text):
            options = {o for p in click.commands[command].params for o in (*p.opts, *p.secondary_opts)}
            assert set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest.split(">")[0])) <= options, f"{name}: {command}{rest}"
            checked += 1
    assert checked > 12


def test_the_pictures_show_the_pages_as_they_are(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures = runpy.run_path(str(root / "scripts" / "make_pictures.py"), run_name="pictures")
    assert len(list((root / "docs" / "pictures").glob("*.png"))) == 4
    assert pictures["check"]() == 0, capsys.readouterr().err
