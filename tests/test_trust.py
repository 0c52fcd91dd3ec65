"""The page of promises names tests that there are, and the licence of everything that is installed along."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path


def test_every_promise_names_tests_that_there_are(root: Path) -> None:
    promises = (
        (root / "docs" / "trust.md").read_text(encoding="utf-8").partition("## Promises")[2].partition("\n## ")[0]
    )
    rows = [line for line in promises.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
    assert len(rows) > 10
    for row in rows:
        named = re.findall(r"`(tests/\w+\.py)`", row)
        assert named, row
        assert all((root / name).is_file() for name in named), row


def test_the_licences_are_those_of_the_run_time_dependencies(root: Path) -> None:
    listed = (root / "docs" / "trust.md").read_text(encoding="utf-8").partition("## Licences")[2]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[^\w.-]", d)[0].lower() for d in project["dependencies"]}
    found = set(re.findall(r"^\| ([\w.-]+) \| \S", listed, re.MULTILINE)) - {"package"}
    assert found == needed
