"""The guides followed to the letter: every command prints what the guide says."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide import rerun


@pytest.mark.parametrize("name", ["rules.md", "rules.zh.md"])
def test_the_guide_prints_what_it_says(name: str, root: Path) -> None:
    guide = (root / "docs" / name).read_text(encoding="utf-8")
    assert guide.count("$ casextract") >= 10
    assert rerun(guide) == guide, "run: make docs"
