"""From files to a published dataset: discover, process each file, write the tables in order of path, publish."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casextract.assemble import Records
from casextract.load import Found, discover, load_file
from casextract.pipeline import Pipeline, prepare, run
from casextract.publish import WriteError, generation
from casextract.records import TABLES, Problem
from casextract.rulebook import Rulebook, load_rulebook
from casextract.schema import columns
from casextract.write import DatasetWriter, file_name, to_batch

if TYPE_CHECKING:
    import pyarrow as pa

Progress = Callable[[int, int, str], None]
"""Called after each file with the files done, the files there are, and the path of the file."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a build gave."""

    out: Path
    documents: int
    cases: int
    measures: int
    indicators: int
    numerals: int
    unresolved: int
    metrics: Mapping[str, int]
    """Indicators by metric, the most frequent first."""
    problems: Mapping[str, int]
    """Rows of `problems` by severity."""
    failed: int
    """Problems of severity error: data is missing."""
    reused: int
    """Files whose records came from the cache."""
    unchanged: bool
    """Nothing was written, because the dataset already is what the inputs and rules give."""
    digest: str
    """Contents digest of the dataset."""

    @property
    def exit_code(self) -> int:
        """0, or 1 if a document failed."""
        return 1 if self.failed else 0


@dataclass(frozen=True, slots=True)
class Parcel:
    """The rows of one file, as Arrow batches: by document, and the problems of no document."""

    documents: tuple[tuple[str, Mapping[str, pa.RecordBatch]], ...]
    """(doc_id, table to batch) in order of the file."""
    problems: pa.RecordBatch


def build(
    inputs: Sequence[Path | str],
    out: Path,
    *,
    rules: Path | None = None,
    encoding: str | None = None,
    jobs: int | None = None,
    cache: bool = True,
    on_progress: Progress | None = None,
) -> Summary:
    """Build the dataset `out` from the files and folders `inputs`, and publish it in one step.

    `rules` is laid over the shipped rules, `encoding` overrides what is detected for text files.

    Raises InputError, RuleError and PublishError for what the caller got wrong, WriteError where the disk is full; in each
    case the former dataset is untouched. A document that fails is a row of `problems`.
    """
    rulebook = load_rulebook(rules)
    found = discover(inputs)
    with generation(out) as target:
        try:
            with DatasetWriter(target.folder) as writer:
                for batches in _rows(found, rulebook, encoding, on_progress):
                    writer.append(batches)
                files = writer.finish()
            (target.folder / "datapackage.json").write_text("{}\n", encoding="utf-8")
            summary = summarise(target.folder, out)
            target.publish()
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise WriteError(f"{out}: no space left to write the dataset ({error.strerror}); the former one is untouched, make room and build again") from error
            raise
    assert files
    return summary


def process(found: Found, pipeline: Pipeline, encoding: str | None) -> Parcel:
    """All rows of one file. Total: whatever goes wrong with a document becomes a row of `problems`."""
    loaded = load_file(found, encoding)
    problems = list(loaded.problems)
    documents = []
    for source in loaded.sources:
        try:
            records = run(source, pipeline)
        except Exception as error:  # noqa: BLE001 - one document's failure must not cost the others
            problems += [*source.problems, failure(found.source_path, source.doc_id, error)]
            continue
        documents.append((source.doc_id, {t: to_batch(t, records.table(t)) for t in TABLES}))
    return Parcel(tuple(documents), to_batch("problems", problems))


def failure(source_path: str, doc_id: str | None, error: BaseException) -> Problem:
    """The row that stands for a document nobody expected to fail."""
    trace, place = error.__traceback__, "?"
    while trace is not None:
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    message = f"{source_path}: {type(error).__name__} at {place}: {error}; this is a fault of casextract, please report it with the file"
    return Problem(
        source_path=source_path, doc_id=doc_id, stage="extract", severity="error", code="internal_error", message=message, start=None, end=None
    )  # fmt: skip


def summarise(folder: Path, out: Path, *, reused: int = 0, unchanged: bool = False) -> Summary:
    """Count the dataset in `folder`."""
    import pyarrow.parquet as pq

    def counts(table: str, column: str) -> dict[str, int]:
        values = pq.read_table(folder / file_name(table), columns=[column])[column].value_counts().to_pylist()
        return {v["values"]: v["counts"] for v in sorted(values, key=lambda v: (-v["counts"], v["values"]))}

    footers = {t: pq.read_metadata(folder / file_name(t)) for t in TABLES}
    rows = {t: footer.num_rows for t, footer in footers.items()}
    problems = counts("problems", "severity")
    return Summary(
        out=out, documents=rows["documents"], cases=rows["cases"], measures=rows["measures"],
        indicators=rows["indicators"], numerals=rows["numerals"],
        unresolved=counts("numerals", "disposition").get("unresolved", 0), metrics=counts("indicators", "metric"),
        problems=problems, failed=problems.get("error", 0), reused=reused, unchanged=unchanged,
        digest=footers["documents"].metadata[b"casextract.contents"].decode(),
    )  # fmt: skip


def _rows(
    found: Sequence[Found], rulebook: Rulebook, encoding: str | None, on_progress: Progress | None
) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The batches to write, in order of path, with identifiers made distinct."""
    pipeline = prepare(rulebook)
    seen: dict[str, int] = {}
    for i, file in enumerate(found, 1):
        parcel = process(file, pipeline, encoding)
        for doc_id, batches in parcel.documents:
            seen[doc_id] = seen.get(doc_id, 0) + 1
            yield batches if seen[doc_id] == 1 else rename(batches, doc_id, f"{doc_id}~{seen[doc_id]}")
        yield {"problems": parcel.problems}
        if on_progress is not None:
            on_progress(i, len(found), file.source_path)


def rename(batches: Mapping[str, pa.RecordBatch], old: str, new: str) -> dict[str, pa.RecordBatch]:
    """The batches of a document with another `doc_id`, all identifiers made of it included."""
    import pyarrow.compute as pc

    renamed: dict[str, Any] = {}
    for table, batch in batches.items():
        for column in columns(table):
            if column.name == "doc_id" or column.primary_key or column.references:
                index = batch.schema.get_field_index(column.name)
                values = pc.utf8_replace_slice(batch.column(index), 0, len(old), new)
                batch = batch.set_column(index, batch.schema.field(index), values)
        renamed[table] = batch
    return renamed


__all__ = ["Parcel", "Progress", "Records", "Summary", "build", "process", "rename", "summarise"]
