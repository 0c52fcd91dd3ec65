"""Fixtures that several test modules use."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]

# No deadline: a loaded machine is no failure. CI tries the same examples every time, a developer's run ever new ones.
settings.register_profile("casextract", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("casextract")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs_shared: reads the corpus and gold that lie beside the checkout")
    config.addinivalue_line("markers", "ray: starts Ray, which takes some ten seconds")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI=true a skip is a failure: what a test needs is installed there, or the test would look green for ever."""
    report = yield
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with `corpus/` and `gold/`.

    Where it is absent the test is skipped and says so.
    """
    folder = Path(os.environ.get("CASEXTRACT_SHARED", ROOT.parent / "shared"))
    if (folder / "corpus").is_dir() and (folder / "gold").is_dir():
        return folder
    pytest.skip(f"no corpus/ and gold/ in {folder}")
