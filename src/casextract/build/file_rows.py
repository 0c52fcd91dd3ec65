"""`FileRows`: the rows of one file as Arrow batches, in the form that goes from a worker to the writer and into the
cache."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casextract.assemble import Records
from casextract.build.guarded import failure, run_guarded
from casextract.build.storable import PLACED, storable
from casextract.dataset.schema import arrow_schema, columns
from casextract.dataset.write import to_batch
from casextract.load import Loaded
from casextract.load.source import LoadError, problem
from casextract.pipeline import Pipeline
from casextract.records import TABLES, Problem
from casextract.review.corrections import NONE, Corrections

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS = 256 << 20
"""Bytes of rows that one document may give; a magazine issue gives a hundredth. The writer joins the rows of several
documents, and an Arrow column ends at eight times that."""

Batches = Mapping[str, "pa.RecordBatch"]
"""Table to the rows that one document adds to it."""


@dataclass(frozen=True, slots=True)
class FileRows:
    """The rows of one file."""

    doc_ids: tuple[str, ...]
    """As the pipeline gave them; the writer makes them distinct."""
    documents: tuple[Batches, ...]
    """All tables of each document, in the order of `doc_ids`."""
    norms: tuple[str, ...]
    """The normalised text of each document, by which repeats are found."""
    problems: pa.RecordBatch
    """Rows of `problems` that belong to no document of the dataset."""
    sound: bool = True
    """No stage raised: the same bytes would give the same rows again."""
    complete: bool = True
    """No limit of memory was met: another build, with more, would give the same."""


def rows_of(loaded: Loaded, pipeline: Pipeline, corrections: Corrections = NONE) -> FileRows:
    """Run the pipeline over the articles of one file. Total: what goes wrong becomes a row of `problems`."""
    doc_ids, documents, norms, problems = [], [], [], list(loaded.problems)
    for source in loaded.sources:
        records, norm = run_guarded(source, pipeline, corrections.of(source.path))
        if not records.documents:
            problems += records.problems
            continue
        try:
            batches = _batches(records)
            size = sum(batch.nbytes for batch in batches.values())
            if size > MOST_ROWS:
                raise LoadError("too_large", f"gives {size:,} bytes of rows, more than {MOST_ROWS:,}; split it")
        except LoadError as error:
            problems.append(problem(source.path, error.severity, error.code, error.message))
        except (
            Exception
        ) as error:  # One document's rows must not cost the others; the row and the exit code tell of it.
            problems.append(failure(source.path, None, error, "record"))
        else:
            doc_ids.append(source.doc_id)
            documents.append(batches)
            norms.append(norm)
    codes = {p.code for p in problems}
    return FileRows(
        tuple(doc_ids),
        tuple(documents),
        tuple(norms),
        to_batch("problems", problems),
        sound=codes.isdisjoint({"stage_failed", "memory_limit", "pattern_timeout"}),
        complete="memory_limit" not in codes,
    )


def _batches(records: Records) -> dict[str, pa.RecordBatch]:
    """The rows of a document, without single records that no table takes."""
    length = len(records.documents[0].text)
    try:
        if any(row.end > length for t in PLACED for row in records.table(t)):  # type: ignore[attr-defined]
            raise ValueError("a record lies behind the text")
        return {t: to_batch(t, records.table(t)) for t in TABLES}
    except MemoryError:
        raise
    except Exception:  # Which record it was is asked of each, and told of.
        kept = storable(records)
        return {t: to_batch(t, kept.table(t)) for t in TABLES}


def problem_rows(problem: Problem) -> FileRows:
    """The rows of a file that gave no document, with one problem."""
    return FileRows((), (), (), to_batch("problems", [problem]), sound=False)


def renamed(batches: Batches, old: str, new: str) -> dict[str, pa.RecordBatch]:
    """The batches of a document with `new` for its `doc_id` `old`, in all identifiers that begin with it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    result: dict[str, Any] = {}
    for table, batch in batches.items():
        changed = batch
        for column in columns(table):
            if column.primary_key or column.references or column.name == "doc_id":
                index = batch.schema.get_field_index(column.name)
                values = batch.column(index)
                if column.type == "list":
                    inner = pc.utf8_replace_slice(values.flatten(), 0, len(old), new)
                    values = pa.ListArray.from_arrays(_offsets(values), inner, type=values.type)
                else:
                    values = pc.utf8_replace_slice(values, 0, len(old), new)
                changed = changed.set_column(index, batch.schema.field(index), values)
        result[table] = changed
    return result


def _offsets(lists: pa.ListArray) -> pa.Array:
    """Where each list begins among the values of all, without what a slice left out."""
    import pyarrow as pa

    first = lists.offsets[0].as_py()
    return pa.array([offset - first for offset in lists.offsets.to_pylist()], pa.int32())


def repeating(batches: Batches, earlier: str) -> dict[str, pa.RecordBatch]:
    """The batches of a document that repeats the document `earlier`."""
    import pyarrow as pa

    documents = batches["documents"]
    index = documents.schema.get_field_index("duplicate_of")
    values = pa.array([earlier] * documents.num_rows, pa.string())
    return {**batches, "documents": documents.set_column(index, documents.schema.field(index), values)}


def pack(file_rows: FileRows) -> bytes:
    """The rows as bytes: a line of JSON that says what follows, then Arrow messages without their schemas."""
    messages = [memoryview(b.serialize()) for d in file_rows.documents for b in (d[t] for t in TABLES)]
    messages.append(memoryview(file_rows.problems.serialize()))
    messages += [memoryview(norm.encode()) for norm in file_rows.norms]
    head = {"doc_ids": file_rows.doc_ids, "sizes": [len(m) for m in messages], "sound": file_rows.sound}
    line = json.dumps(head, separators=(",", ":")).encode() + b"\n"
    # Arrow wants its messages aligned to read them where they lie.
    return b"".join([line, b"\0" * (-len(line) % _ALIGNMENT), *(_padded(m) for m in messages)])


def unpack(data: bytes) -> FileRows:
    """The rows that `pack` made bytes of, read in place. Raises ValueError where the bytes are no such thing."""
    import pyarrow as pa

    length = data.index(b"\n") + 1
    head = json.loads(data[:length])
    position = length + -length % _ALIGNMENT
    buffer = pa.py_buffer(data)
    names = [*(t for _ in head["doc_ids"] for t in TABLES), "problems"]
    parts = []
    for size in head["sizes"]:
        parts.append(buffer.slice(position, size))
        position += size + -size % _ALIGNMENT
    batches = [pa.ipc.read_record_batch(p, arrow_schema(n)) for n, p in zip(names, parts, strict=False)]
    norms = tuple(str(memoryview(p), "utf-8") for p in parts[len(names) :])
    tables = len(TABLES)
    documents = tuple(
        dict(zip(TABLES, batches[i * tables : (i + 1) * tables], strict=True)) for i in range(len(head["doc_ids"]))
    )
    return FileRows(tuple(head["doc_ids"]), documents, norms, batches[-1], head["sound"])


_ALIGNMENT = 8


def _padded(message: memoryview) -> bytes:
    return bytes(message) + b"\0" * (-len(message) % _ALIGNMENT)
