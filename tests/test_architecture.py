"""Imports go one way, as docs/architecture.md draws them and pyproject.toml states."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

import casextract

SOURCE = Path(casextract.__file__).parent


def test_imports_go_one_way(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = lint_imports(config_filename=str(root / "pyproject.toml"), no_cache=True)
    assert broken == 0, capsys.readouterr().out


@pytest.mark.parametrize("stage", ["normalise.py", "assemble.py", "pipeline.py", "segment", "extract", "places"])
def test_no_stage_touches_files(stage: str) -> None:
    # Reading and writing happens at the two ends.
    place = SOURCE / stage
    found = [place] if place.is_file() else sorted(place.rglob("*.py"))
    assert found
    for path in found:
        if path.stem == "jieba_dictionary":
            # Data of the language, as the rules are: read once a process, never of a document.
            continue
        names = {n.id for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Name)}
        assert names.isdisjoint({"open", "Path"}), path


def test_a_room_hands_names_on_and_defines_nothing() -> None:
    for path in SOURCE.glob("*/__init__.py"):
        if path.parent.name == "cli":
            # The room that is a program: its front door assembles the commands.
            continue
        defined = [
            type(node).__name__
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
        ]
        assert defined == [], path


# The same word for two things, each of which is called so by its users: a row of the table `numerals` and a numeral as it is
# read, a table of a document and one of a dataset.
TWINS = {"Numeral", "Table"}


def test_no_two_classes_share_a_name() -> None:
    homes: dict[str, list[str]] = {}
    for path in SOURCE.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(path.relative_to(SOURCE).as_posix())
    assert {name for name, places in homes.items() if len(places) > 1} == TWINS
