"""What a process that only builds can do without. A notebook or another program that calls the API is left as it is."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder

COLLECTIONS = (100_000, 20, 100)
"""Thresholds of the collector of garbage."""


_made_lean = False


def lean(others: bool = False) -> None:
    """Collect garbage seldom, and keep out what libraries import where it is installed and do without where it is not.

    Where `others` use the process as well (a worker of a cluster), they keep their imports.

    Records are made by the million and form no cycles, so the collector has nothing to find among them. pyarrow imports
    pandas with the first list it converts, a quarter of a second for nothing; jieba imports pkg_resources to open its
    own files.
    """
    global _made_lean
    _made_lean = True
    gc.set_threshold(*COLLECTIONS)
    if not others and not any(isinstance(f, _Without) for f in sys.meta_path):
        sys.meta_path.insert(0, _Without())


def admit() -> None:
    """Let in again what was kept out, for a library that cannot do without it."""
    sys.meta_path[:] = [f for f in sys.meta_path if not isinstance(f, _Without)]


def freeze_garbage() -> None:
    """Take what a lean process has made so far for there to stay: the rules live to its end, and going through them at
    each collection of garbage takes a tenth of the time."""
    if _made_lean:
        gc.freeze()


class _Without(MetaPathFinder):
    """Modules that are loaded already stay: a finder is not asked for them."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: object = None) -> None:
        if name in ("pandas", "pkg_resources"):
            raise ImportError("not in a process that only builds")
