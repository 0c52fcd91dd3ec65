"""The contents digest, taken a second time in plain Python by its description."""

from __future__ import annotations

import hashlib
import json
import random
import struct
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import handmade
from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.dataset.digest import ContentsDigest, combine
from casextract.dataset.read import Dataset
from casextract.dataset.schema import ColumnType, arrow_schema, columns
from casextract.records import TABLES


def plain_digest(table: str, rows: Sequence[Mapping[str, Any]]) -> str:
    streams: list[list[str]] = []

    def stream(path: str, parts: Sequence[bytes]) -> None:
        streams.append([path, hashlib.sha256(b"".join(parts)).hexdigest()])

    def add(path: str, kind: ColumnType, values: Sequence[Any]) -> None:
        stream(f"{path}/presence", [bytes([v is not None]) for v in values])
        match kind:
            case "list":
                stream(f"{path}/lengths", [struct.pack("<i", len(v or ())) for v in values])
                add(f"{path}/elements", "string", [x for v in values for x in v or ()])
            case "string":
                encoded = [(v or "").encode() for v in values]
                stream(f"{path}/lengths", [struct.pack("<i", len(v)) for v in encoded])
                stream(f"{path}/values", encoded)
            case "boolean":
                stream(f"{path}/values", [bytes([bool(v)]) for v in values])
            case "date":
                days = [(v - date(1970, 1, 1)).days if v else 0 for v in values]
                stream(f"{path}/values", [struct.pack("<i", d) for d in days])
            case "integer":
                stream(f"{path}/values", [struct.pack("<q", v or 0) for v in values])
            case "number":
                stream(f"{path}/values", [struct.pack("<d", v or 0.0) for v in values])

    for column in columns(table):
        add(column.name, column.type, [row[column.name] for row in rows])
    return hashlib.sha256(json.dumps(streams).encode()).hexdigest()


def test_of_a_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handmade.install(monkeypatch)
    raw = handmade.write_articles(tmp_path / "raw", 5)
    (raw / "0001.txt").write_text("RAISE", encoding="utf-8")
    summary = build([raw], tmp_path / "out", BuildOptions(jobs=1))
    dataset = Dataset.open(tmp_path / "out")
    digests = [(t, plain_digest(t, dataset[t].arrow().to_pylist())) for t in TABLES]
    assert combine(digests) == dataset.digest == summary.digest
    written = {r["name"]: r["casextract"]["contents_digest"] for r in dataset.package["resources"]}
    assert written == dict(digests)


@pytest.mark.parametrize("seed", range(5))
def test_does_not_depend_on_batches_slices_or_what_lies_behind_a_null(seed: int) -> None:
    dice = random.Random(seed)
    table = dice.choice(list(TABLES))
    rows = [{c.name: _value(dice, c.type, c.nullable) for c in columns(table)} for _ in range(40)]
    schema = arrow_schema(table)
    whole = pa.RecordBatch.from_pylist(rows, schema)
    digest = ContentsDigest(schema)
    position = 0
    while position < len(rows):
        step = dice.randint(1, 9)
        digest.update(whole.slice(position, step))
        position += step
    assert digest.hexdigest() == plain_digest(table, rows)


def test_a_value_behind_a_null_does_not_count() -> None:
    hidden = pa.Array.from_buffers(
        pa.string(), 3, [pa.py_buffer(bytes([0b101])), *pa.array(["a", "hidden", "b"]).buffers()[1:]]
    )
    schema = pa.schema([("text", pa.string())])
    one, other = ContentsDigest(schema), ContentsDigest(schema)
    one.update(pa.RecordBatch.from_arrays([hidden], schema=schema))
    other.update(pa.RecordBatch.from_arrays([pa.array(["a", None, "b"])], schema=schema))
    assert hidden.to_pylist() == ["a", None, "b"]
    assert one.hexdigest() == other.hexdigest()


def test_tells_apart_what_differs() -> None:
    schema = pa.schema([("a", pa.string()), ("b", pa.list_(pa.string()))])

    def of(a: str | None, b: list[str]) -> str:
        digest = ContentsDigest(schema)
        digest.update(pa.RecordBatch.from_pylist([{"a": a, "b": b}], schema))
        return digest.hexdigest()

    assert len({of("", []), of(None, []), of("x", []), of("", ["x"]), of("", ["", "x"]), of("", ["x", ""])}) == 6


def _value(dice: random.Random, kind: ColumnType, nullable: bool) -> Any:
    if nullable and dice.random() < 0.4:
        return None
    text = "".join(dice.choices("民政a1 。", k=dice.randint(0, 6)))
    values: dict[ColumnType, Any] = {
        "string": text, "integer": dice.randint(-9, 10**12), "number": dice.uniform(-1, 1e9), "boolean": dice.random() < 0.5,
        "date": date(1999, 1, 1 + dice.randint(0, 30)), "list": [text] * dice.randint(0, 3),
    }  # fmt: skip
    return values[kind]
