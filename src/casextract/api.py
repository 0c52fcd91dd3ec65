"""The Python API behind `import casextract`.

`build_dataset` is `build.build` under a name that the module `casextract.build.build` does not hide.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from casextract.assemble import Records
from casextract.build.build import build as build_dataset
from casextract.dataset.read import Dataset
from casextract.load import InputError, load_bytes
from casextract.pipeline import Pipeline, prepare, run
from casextract.rulebook.models import load_rulebook

__all__ = ["Dataset", "Records", "build_dataset", "extract_text"]


def extract_text(text: str, *, source_path: str = "text.txt", rules: Path | str | None = None) -> Records:
    """The records of one article given as text.

    Args:
        text: the article, in simplified or traditional characters; offsets of the records point into it.
        source_path: the name the records give as their source.
        rules: a folder of rules laid over the shipped ones.

    Raises InputError where the text gives no article (it is blank), RuleError where the rules cannot be used.

    >>> from casextract import extract_text
    >>> extract_text("全市建成养老服务站120家。").indicators[0].value
    120.0
    """
    loaded = load_bytes(text.encode("utf-8"), source_path, "utf-8")
    if len(loaded.sources) != 1:
        reasons = "; ".join(p.message for p in loaded.problems) or f"{len(loaded.sources)} articles in one text"
        raise InputError(f"{source_path}: no single article: {reasons}")
    return run(loaded.sources[0], _pipeline(str(rules) if rules is not None else None))


@cache
def _pipeline(rules: str | None) -> Pipeline:
    return prepare(load_rulebook(Path(rules) if rules is not None else None))
