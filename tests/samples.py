"""The articles of data/raw and the builders of scripts/make_samples.py, for the tests of loading."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]


def builders() -> ModuleType:
    """scripts/make_samples.py as a module."""
    path = ROOT / "scripts" / "make_samples.py"
    if (known := sys.modules.get("make_samples")) is not None:
        return known
    spec = importlib.util.spec_from_file_location("make_samples", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_samples"] = module
    spec.loader.exec_module(module)
    return module


def article_text(name: str) -> str:
    """A plain-text sample, decoded."""
    return (ROOT / "data" / "raw" / name).read_text(encoding="utf-8")
