"""Generated pages are what their generator writes today."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest


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
