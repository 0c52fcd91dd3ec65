"""Turns collections of Chinese civil-affairs practice into validated, traceable tables.

    from casextract import Dataset, build_dataset, extract_text

`extract_text` gives the records of one text, `build_dataset` makes a dataset of files, `Dataset` opens one. They are
imported when they are first used, so that `import casextract` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from casextract.api import Dataset, Records, build_dataset, extract_text

__version__ = "0.1.0"
__all__ = ["Dataset", "Records", "__version__", "build_dataset", "extract_text"]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    if name in __all__:
        from casextract import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
