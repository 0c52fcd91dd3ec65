"""The Python API behind `import casextract`."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from casextract.assemble import Records
from casextract.build.build import Progress, build
from casextract.build.options import BuildOptions
from casextract.build.summary import Summary
from casextract.dataset.read import Dataset
from casextract.load import InputError, load_bytes
from casextract.pipeline import Pipeline, prepare, run
from casextract.rulebook.loading import load_rulebook

__all__ = ["Dataset", "Records", "build_dataset", "extract_text"]


def build_dataset(
    inputs: Path | str | Sequence[Path | str],
    out: Path | str,
    *,
    rules: Path | str | None = None,
    on_progress: Progress | None = None,
    on_wait: Callable[[], None] | None = None,
    **options: Any,
) -> Summary:
    """Build the dataset `out` from a file, a folder, or several of them, and publish it in one step.

    Args:
        inputs: path or address, or a list of such.
        out: folder or address of the dataset.
        rules: a folder of rules laid over the shipped ones.
        on_progress: called after each file; in a notebook a bar is shown if it is None and tqdm is installed.
        on_wait: called if another build is writing `out` and this one waits for it.
        options: `encoding`, `corrections`, `jobs`, `cache` and what else `casextract.build.options.BuildOptions` holds.

    Raises as that does: InputError, RuleError, CorrectionError, PublishError, WriteError. A document that fails is a
    row of `problems` and makes `exit_code` 1.

    >>> build_dataset("data/raw", "data/out").documents  # doctest: +SKIP
    16
    """
    several = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    how = BuildOptions(rules=Path(rules) if rules is not None else None, **options)
    with _shown(on_progress) as told:
        return build(several, out, how, on_progress=told, on_wait=on_wait)


@contextmanager
def _shown(given: Progress | None) -> Iterator[Progress | None]:
    """The progress given, or a bar where a notebook can show one."""
    if given is not None or not _in_notebook():
        yield given
        return
    try:
        from tqdm.auto import tqdm
    except ImportError:
        yield None
        return
    with warnings.catch_warnings():
        # Without widgets the bar is text, which is as good.
        warnings.simplefilter("ignore")
        bar = tqdm(unit=" files")

    def told(done: int, total: int, path: str) -> None:
        bar.total = total
        bar.update(done - bar.n)

    with bar:
        yield told


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    return type(running).__name__ == "ZMQInteractiveShell"


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
