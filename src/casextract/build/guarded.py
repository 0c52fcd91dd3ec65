"""What joins documents into a collection: distinct identifiers, and a row for a document that nobody expected to
fail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from casextract.assemble import Records
from casextract.load import USUAL, Columns, Found, Loaded, Source, load_bytes, load_file, sound
from casextract.normalise import normalise
from casextract.pipeline import Pipeline, run_normalised
from casextract.records import Problem, Stage
from casextract.review.applying import correct
from casextract.review.corrections import Correction
from casextract.rulebook.models import RuleError


def distinct(sources: Iterable[Source]) -> Iterator[Source]:
    """The same articles with distinct `doc_id`: of identical contents the second gets `~2` behind it, and so on.

    `sources` come in order of path, so the numbers say nothing but that order.
    """
    seen: dict[str, int] = {}
    for source in sources:
        doc_id = distinct_id(source.doc_id, seen)
        yield source if doc_id == source.doc_id else replace(source, doc_id=doc_id)


def distinct_id(doc_id: str, seen: dict[str, int]) -> str:
    """`doc_id`, or the same with a number if `seen` (which counts it) has met it before."""
    seen[doc_id] = seen.get(doc_id, 0) + 1
    return doc_id if seen[doc_id] == 1 else f"{doc_id}~{seen[doc_id]}"


def run_guarded(source: Source, pipeline: Pipeline, corrections: Sequence[Correction] = ()) -> tuple[Records, str]:
    """`pipeline.run` with corrections applied, and the normalised text; a stage that raises gives one row of `problems`
    and no text.

    Raises RuleError where a text is the first to ask for a pattern that does not compile: that fails every document.
    """
    stage: Stage = "normalise"

    def begin(begun: Stage) -> None:
        nonlocal stage
        stage = begun

    try:
        text = normalise(sound(source))
        records = run_normalised(text, pipeline, begin)
        begin("correct")
        return correct(records, corrections), text.norm
    except RuleError:
        raise
    except Exception as error:  # One document's failure must not cost the others; the row and the exit code tell of it.
        return Records(problems=(*source.problems, failure(source.path, source.doc_id, error, stage))), ""


def load_guarded(data: bytes, source_path: str, encoding: str | None, columns: Columns = USUAL) -> Loaded:
    """`load_bytes`, where a parser that raises gives one problem in place of the file's articles."""
    try:
        return load_bytes(data, source_path, encoding, columns)
    except Exception as error:  # As above.
        return Loaded(problems=(failure(source_path, None, error, "load"),))


def load_file_guarded(found: Found, encoding: str | None, columns: Columns = USUAL) -> Loaded:
    """`load_file`, guarded like `load_guarded`."""
    try:
        return load_file(found, encoding, columns)
    except Exception as error:  # As above.
        return Loaded(problems=(failure(found.source_path, None, error, "load"),))


_REFUSED_MEMORY = re.compile("bad_alloc|bad allocation|allocate memory", re.IGNORECASE)
"""How libraries that keep a MemoryError to themselves say it."""


def failure(source_path: str, doc_id: str | None, error: Exception, stage: Stage) -> Problem:
    """The row that stands for a document after `stage` raised `error`."""
    place = _place(error.__traceback__)
    if isinstance(error, MemoryError) or _REFUSED_MEMORY.search(str(error)):
        code = "memory_limit"
        message = (
            f"{source_path}: takes more memory than one file may ({place}); "
            "split it, or give it more with --limit-memory"
        )
    elif isinstance(error, TimeoutError):
        code = "pattern_timeout"
        message = (
            f"{source_path}: a pattern of your own rules does not come to an end on it ({place}); "
            "look for repetitions inside of repetitions in it, and give them fewer ways to match"
        )
    else:
        code = "stage_failed"
        reason = " ".join(_whole(str(error)).split())[:400]
        message = (
            f"{source_path}: {type(error).__name__} in {place}: {reason}; "
            "a fault of casextract, not of the file: please report it with the file"
        )
    return Problem(
        source_path=source_path,
        doc_id=doc_id,
        stage=stage,
        severity="error",
        code=code,
        message=message,
        start=None,
        end=None,
    )


def lost(source_path: str, how: str, seconds: float | None = None) -> Problem:
    """The row that stands for a file whose worker process died; `how` says of what, `seconds` is the limit of time if
    that was it."""
    if seconds is not None:
        code = "time_limit"
        message = (
            f"{source_path}: takes longer than one file may ({seconds:.3g} s of processor time, {how}); "
            "split it, or give it more with --limit-time"
        )
    else:
        code = "worker_died"
        message = (
            f"{source_path}: the process that worked on it died ({how}); it may need more memory than there is: "
            "build again with fewer --jobs, or split the file"
        )
    return Problem(
        source_path=source_path,
        doc_id=None,
        stage="extract",
        severity="error",
        code=code,
        message=message,
        start=None,
        end=None,
    )


def _whole(text: str) -> str:
    """The text without halves of characters, which no table takes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _place(trace: TracebackType | None) -> str:
    """The last line of this package on the way down."""
    place = "casextract"
    while trace is not None:
        if str(trace.tb_frame.f_globals.get("__name__", "")).partition(".")[0] == "casextract":
            place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
