"""What a process that only builds can do without. A notebook or another program that calls the API is left as it is."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder

COLLECTIONS = (100_000, 20, 100)
"""Thresholds of the collector of garbage."""


def lean() -> None:
    """Collect garbage seldom, and keep pandas out.

    Records are made by the million and form no cycles, so the collector has nothing to find among them. pyarrow imports pandas,
    where it is installed, with the first list it converts: a quarter of a second for nothing.
    """
    gc.set_threshold(*COLLECTIONS)
    if "pandas" not in sys.modules and not any(isinstance(f, _WithoutPandas) for f in sys.meta_path):
        sys.meta_path.insert(0, _WithoutPandas())


class _WithoutPandas(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, target: object = None) -> None:
        if name == "pandas":
            raise ImportError("not in a process that only builds")
