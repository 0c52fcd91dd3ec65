"""The page of promises names tests that there are, and the licence of everything that is installed along."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest


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


def audit(root: Path) -> dict[str, Any]:
    return runpy.run_path(str(root / "scripts" / "audit.py"), run_name="audit")


def test_the_licences_are_those_of_what_runs_with_the_package(root: Path) -> None:
    said = audit(root)
    text = (root / "docs" / "trust.md").read_text(encoding="utf-8")
    listed = text.partition(said["BEGIN"])[2].partition(said["END"])[0]
    assert listed == said["licences"]()
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[^\w.-]", d)[0].lower() for d in project["dependencies"]}
    assert needed <= set(re.findall(r"^\| ([\w.-]+) \| \w", listed, re.MULTILINE))


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_nothing_that_is_pinned_has_a_weakness_that_is_known_here(root: Path, lock: str) -> None:
    said = audit(root)
    pinned = said["locked"](root / lock)
    assert len(pinned) > 40
    assert list(said["known_weak"](pinned)) == []


def test_a_version_below_the_fix_is_told(root: Path) -> None:
    (line,) = audit(root)["known_weak"]({"jinja2": "3.1.5", "starlette": "9.0"})
    assert line.startswith("jinja2 3.1.5: CVE-2025-27516")
    assert line.endswith("take 3.1.6 or later")


def test_pip_audit_comes_with_the_tools_of_developers(root: Path) -> None:
    assert "pip-audit" in audit(root)["locked"](root / "requirements-dev.lock")
    assert "scripts/audit.py" in (root / ".ci" / "run").read_text(encoding="utf-8")
