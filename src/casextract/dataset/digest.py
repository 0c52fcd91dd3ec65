"""The contents digest of a table: equal for equal rows, whatever wrote the file, in whatever pieces, at whatever
version.

Parquet bytes change with the version of the writer, so a dataset is compared by this digest. It is taken column by
column over the values alone:

- presence: one byte a row, 1 for a value and 0 for null;
- values: integers, numbers and dates (days since 1970) as 8, 8 and 4 little-endian bytes, booleans as one byte, strings
  as their UTF-8 bytes end to end; null counts as zero or the empty string;
- lengths: of strings in bytes, of lists in elements, 4 little-endian bytes a row;
- elements: of lists, the same again.

Each of these streams has its own SHA-256; the table's digest is the SHA-256 of the JSON list of
`[path, hex]` in order of the columns. Streams are what makes the digest independent of batches and row groups.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

if sys.byteorder != "little":  # pragma: no cover
    raise ImportError("casextract needs a little-endian machine: contents digests are taken over Arrow's memory")


class ContentsDigest:
    """Takes in the record batches of one table in order."""

    def __init__(self, schema: pa.Schema) -> None:
        """`schema`: of all batches to come."""
        self._names: tuple[str, ...] = tuple(schema.names)
        self._streams: dict[str, hashlib._Hash] = {}

    def update(self, batch: pa.RecordBatch) -> None:
        """Add the rows of one batch."""
        for name in self._names:
            self._add(name, batch.column(name))

    def hexdigest(self) -> str:
        """The digest over everything added so far, 64 hex digits."""
        streams = [[path, stream.hexdigest()] for path, stream in self._streams.items()]
        return hashlib.sha256(json.dumps(streams, ensure_ascii=True).encode()).hexdigest()

    def _add(self, path: str, array: pa.Array) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        kind = array.type
        self._stream(f"{path}/presence", pc.cast(pc.is_valid(array), pa.uint8()))
        if pa.types.is_list(kind):
            self._stream(f"{path}/lengths", pc.fill_null(pc.list_value_length(array), 0))
            # `flatten` leaves out what lies behind a null, `values` would not.
            self._add(f"{path}/elements", array.flatten())
        elif pa.types.is_string(kind):
            filled = pc.fill_null(array, "")
            self._stream(f"{path}/lengths", pc.binary_length(filled))
            self._stream(f"{path}/values", filled)
        elif pa.types.is_boolean(kind):
            self._stream(f"{path}/values", pc.cast(pc.fill_null(array, False), pa.uint8()))
        elif pa.types.is_date32(kind):
            self._stream(f"{path}/values", pc.fill_null(pc.cast(array, pa.int32()), 0))
        else:
            self._stream(f"{path}/values", pc.fill_null(array, 0))

    def _stream(self, path: str, array: pa.Array) -> None:
        self._streams.setdefault(path, hashlib.sha256()).update(_bytes(array))


def combine(digests: Iterable[tuple[str, str]]) -> str:
    """The digest of a dataset from the (table, digest) of its tables, in order."""
    return hashlib.sha256(json.dumps(list(digests), ensure_ascii=True).encode()).hexdigest()


def _bytes(array: pa.Array) -> memoryview | bytes:
    """The values of an array without nulls as they lie in memory, cut to the rows the array holds."""
    import pyarrow as pa

    if len(array) == 0:
        return b""
    *_, data = array.buffers()
    if data is None:
        return b""
    if pa.types.is_string(array.type):
        offsets = memoryview(array.buffers()[1]).cast("i")
        first, last = offsets[array.offset], offsets[array.offset + len(array)]
        return memoryview(data)[first:last]
    width = array.type.bit_width // 8
    return memoryview(data)[array.offset * width : (array.offset + len(array)) * width]


def file_sha256(path: Path) -> str:
    """SHA-256 over the bytes of a file. Raises OSError where it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
