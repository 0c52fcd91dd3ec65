"""Records to Arrow batches, and batches to Parquet files: one table each, streamed, the same bytes for equal rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from casextract.dataset import digest
from casextract.dataset.schema import arrow_schema
from casextract.records import TABLES, Record

if TYPE_CHECKING:
    import pyarrow as pa

CONTENTS_KEY = b"casextract.contents"
"""Key in the footer of every Parquet file: the contents digest of the dataset it belongs to."""

ROWS_PER_GROUP = 32_768
BYTES_PER_GROUP = 8 * 2**20
"""A row group ends once it holds this many rows, or this many bytes in memory: what bounds the memory of a build."""

BATCHES_AS_THEY_CAME = 128
"""As many batches are held as they came before they are copied together."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """What was written of one table."""

    name: str
    rows: int
    digest: str
    """Contents digest, see `casextract.dataset.digest`."""
    sha256: str
    """SHA-256 of the file."""
    size: int
    """Size of the file in bytes."""


def file_name(table: str) -> str:
    """The name of a table's file inside the dataset."""
    return f"{table}.parquet"


def to_batch(table: str, rows: Sequence[Record]) -> pa.RecordBatch:
    """Records of one table as an Arrow batch in the schema of the contract.

    Raises ValueError, or what Arrow raises, where one of them is nothing to publish: a record that was changed after it
    was validated is looked at here again.
    """
    import pyarrow as pa

    schema = arrow_schema(table)
    columns = [pa.array([getattr(r, f.name) for r in rows], type=f.type) for f in schema]
    batch = pa.RecordBatch.from_arrays(columns, schema=schema)
    _check(batch)
    return batch


_IN_ORDER = (("start", "end", False), ("period_start", "period_end", True), ("value_min", "value_max", True))
"""Columns of which the first is less than the second, or may be the same."""


def _check(batch: pa.RecordBatch) -> None:
    """Raise ValueError where a number is none, a span holds nothing, or a range or period is turned round."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not batch.num_rows:
        return
    for field in batch.schema:
        if pa.types.is_floating(field.type) and pc.all(pc.is_finite(batch[field.name])).as_py() is False:
            raise ValueError(f"{field.name} is no number")
    names = set(batch.schema.names)
    for first, second, same in _IN_ORDER:
        if {first, second} <= names:
            # A problem may be of one place.
            order = pc.less_equal if same or "severity" in names else pc.less
            if pc.all(order(batch[first], batch[second])).as_py() is False:
                raise ValueError(f"{second} does not lie behind {first}")
    if "start" in names and (pc.min(batch["start"]).as_py() or 0) < 0:
        raise ValueError("start lies before the text")


class DatasetWriter:
    """Writes the tables of one dataset into a folder, batch by batch; a context that closes the files whatever happens.

    Row groups end where the rows say, not where a batch ended, so one process and many give the same bytes.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` exists and holds no table yet. Raises OSError where a file cannot be made."""
        self._folder = folder
        self._tables: dict[str, _TableWriter] = {}
        try:
            for name in TABLES:
                self._tables[name] = _TableWriter(name, folder / file_name(name))
        except BaseException:
            self._abandon()
            raise

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files; `finish` has done so already unless something was raised."""
        if kind is not None:
            self._abandon()

    def append(self, batches: Mapping[str, pa.RecordBatch]) -> None:
        """Add the rows of one document, or of one file that gave none. Raises OSError where the disk is full."""
        for name, batch in batches.items():
            self._tables[name].append(batch)

    def finish(self) -> tuple[TableFile, ...]:
        """Write what is held back and the footers; what each file holds, in the order of the contract."""
        for writer in self._tables.values():
            writer.flush()
        digests = [(name, writer.digest.hexdigest()) for name, writer in self._tables.items()]
        contents = digest.combine(digests)
        for writer in self._tables.values():
            writer.close(contents)
        return tuple(self._described(name, table_digest) for name, table_digest in digests)

    def _described(self, name: str, table_digest: str) -> TableFile:
        path = self._folder / file_name(name)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return TableFile(name, self._tables[name].rows, table_digest, sha256, path.stat().st_size)

    def _abandon(self) -> None:
        for writer in self._tables.values():
            writer.abandon()


class _TableWriter:
    def __init__(self, table: str, path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._schema = arrow_schema(table)
        self._fresh: list[pa.RecordBatch] = []
        self._held: list[pa.RecordBatch] = []
        self._held_rows = self._held_bytes = self.rows = 0
        self.digest = digest.ContentsDigest(self._schema)
        self._file = pa.OSFile(str(path), "wb")
        self._parquet = pq.ParquetWriter(self._file, self._schema, compression="zstd", version="2.6")

    def append(self, batch: pa.RecordBatch) -> None:
        if batch.num_rows == 0:
            return
        self.rows += batch.num_rows
        self._fresh.append(batch)
        if len(self._fresh) >= BATCHES_AS_THEY_CAME:
            self._settle()
        self._held_rows += batch.num_rows
        self._held_bytes += batch.nbytes
        if self._held_rows >= ROWS_PER_GROUP or self._held_bytes >= BYTES_PER_GROUP:
            self.flush()

    def _settle(self) -> None:
        """Copy what came into one batch: a batch of a few rows keeps all of its document in memory."""
        import pyarrow as pa

        self._held += pa.Table.from_batches(self._fresh, self._schema).combine_chunks().to_batches()
        self._fresh = []

    def flush(self) -> None:
        import pyarrow as pa

        if self._fresh:
            self._settle()
        if self._held:
            # One chunk a column: the writer would otherwise end pages where batches ended.
            table = pa.Table.from_batches(self._held, self._schema).combine_chunks()
            self._held, self._held_rows, self._held_bytes = [], 0, 0
            # Here and not for each document: its cost is that of the calls.
            for batch in table.to_batches():
                self.digest.update(batch)
            self._parquet.write_table(table, row_group_size=max(table.num_rows, 1))
            del table
            # Arrow keeps what it freed for itself, and each table comes to its largest group at another time.
            pa.default_memory_pool().release_unused()

    def close(self, contents: str) -> None:
        self._parquet.add_key_value_metadata({CONTENTS_KEY.decode(): contents})
        self._parquet.close()
        self._file.close()

    def abandon(self) -> None:
        self._fresh, self._held = [], []
        # Its finaliser would write the footer of a table nobody wants.
        self._parquet.is_open = False
        if not self._file.closed:
            self._file.close()
