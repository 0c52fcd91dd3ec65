"""The guides followed to the letter: every command prints what the guide says."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide import rerun


@pytest.mark.parametrize(
    ("name", "commands"), [("docs/rules.md", 10), ("docs/rules.zh.md", 10), ("README.md", 5), ("README.zh.md", 5)]
)
def test_the_guide_prints_what_it_says(name: str, commands: int, root: Path) -> None:
    guide = (root / name).read_text(encoding="utf-8")
    assert guide.count("\n$ ") >= commands
    assert rerun(guide) == guide, "run: make docs"
