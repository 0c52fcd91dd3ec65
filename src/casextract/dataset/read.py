"""`Dataset`: reading what `build` wrote, as Arrow, pandas or DuckDB, from one generation even while another is
published.

from casextract import Dataset

dataset = Dataset.open("data/out")
dataset.indicators.pandas()
dataset.flat().to_pandas()
print(dataset.show("3f2a….i000120"))
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casextract.dataset import datapackage
from casextract.dataset.publish import PACKAGE_FILE
from casextract.dataset.schema import arrow_schema, columns
from casextract.dataset.write import CONTENTS_KEY, file_name
from casextract.errors import CasextractError, needing
from casextract.language import display, label
from casextract.records import TABLES
from casextract.rulebook.models import CLOSE, OPEN

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    from casextract.assemble import Records

_TRIES = 5
"""A build that publishes while the files are opened can be met once or twice in a row, hardly more often."""

_SHOWN = 10
"""Rows of a table that a notebook shows."""

FLAT = {
    "cases": {
        "case_ordinal": "ordinal",
        "case_title": "title",
        "province": "province",
        "city": "city",
        "county": "county",
        "place": "place",
        "adcode": "adcode",
        "agency": "agency",
        "topics": "topics",
        "brands": "brands",
    },
    "measures": {"measure_label": "label", "measure_level": "level"},
    "documents": {
        "document_title": "title",
        "publisher": "publisher",
        "issue": "issue",
        "published_on": "published_on",
        "kind": "kind",
        "script": "script",
        "source_path": "source_path",
        "duplicate_of": "duplicate_of",
    },
    "baseline": {"baseline_value": "value", "baseline_unit": "unit", "baseline_text": "text"},
}
"""Columns of the flat view by where they come from: its name to the name there."""


class DatasetError(CasextractError, ValueError):
    """A folder that is no dataset, or a damaged one. The message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a dataset. Each call reads the file."""

    name: str
    dataset: Dataset

    def __len__(self) -> int:
        """Number of rows."""
        rows: int = self.dataset._files[self.name].metadata.num_rows
        return rows

    def arrow(self, columns: Sequence[str] | None = None) -> pa.Table:
        """The table, or some of its columns.

        Raises DatasetError for a damaged file and KeyError for an unknown column.
        """
        return self.dataset._read(self.name, columns)

    def pandas(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The table as a data frame; dates are `datetime64`."""
        with needing("pandas"):
            return self.arrow(columns).to_pandas(date_as_object=False)

    def _repr_html_(self) -> str:
        """The first rows, for a notebook."""
        names = [c.name for c in columns(self.name)]
        rows = self.arrow().slice(0, _SHOWN).to_pylist()
        caption = f"{self.name}: {len(self):,} rows" + (f", the first {_SHOWN}" if len(self) > _SHOWN else "")
        return display.table(names, ([row[n] for n in names] for row in rows), caption)

    def duckdb(self) -> duckdb.DuckDBPyRelation:
        """The table as a relation of a DuckDB connection of its own; `Dataset.duckdb` has all tables in one."""
        return self.dataset.duckdb().table(self.name)

    def records(self) -> Iterator[Any]:
        """The rows as records, instances of the model in `casextract.records`."""
        model = TABLES[self.name]
        for batch in self.arrow().to_batches():
            for row in batch.to_pylist():
                yield model.model_validate(row)


class Dataset:
    """The tables of one build, opened together: a build published later does not change what this one gives."""

    def __init__(self, path: Path, package: Mapping[str, Any], files: Mapping[str, pq.ParquetFile]) -> None:
        """Use `Dataset.open`."""
        self.path = path
        self.package = package
        """`datapackage.json`."""
        self._files = files

    @classmethod
    def open(cls, path: Path | str) -> Dataset:
        """Open the dataset in the folder `path`.

        Raises DatasetError where there is none, where it is not from this tool, or where a file is missing or damaged.
        """
        folder = Path(path)
        if not folder.is_dir():
            raise DatasetError(f"{folder}: no such folder; build a dataset with: casextract build INPUT -o {folder}")
        for _ in range(_TRIES - 1):
            try:
                return cls._opened(folder)
            except DatasetError:
                # It may have been caught between two generations.
                time.sleep(0.05)
        return cls._opened(folder)

    @property
    def documents(self) -> Table:
        """One row per article."""
        return Table("documents", self)

    @property
    def cases(self) -> Table:
        """One row per practice of a place or body."""
        return Table("cases", self)

    @property
    def measures(self) -> Table:
        """One row per section or step of a case."""
        return Table("measures", self)

    @property
    def indicators(self) -> Table:
        """One row per number that measures something."""
        return Table("indicators", self)

    @property
    def numerals(self) -> Table:
        """One row per numeral, with what became of it."""
        return Table("numerals", self)

    @property
    def problems(self) -> Table:
        """One row per thing that went wrong or needs a look."""
        return Table("problems", self)

    @property
    def digest(self) -> str:
        """Contents digest: equal for datasets with equal rows."""
        digest: str = self.package["casextract"]["contents_digest"]
        return digest

    def __repr__(self) -> str:
        """Where it lies and how much it holds."""
        return f"<Dataset {self.path}: " + ", ".join(f"{len(self[t]):,} {t}" for t in TABLES) + ">"

    def _repr_html_(self) -> str:
        """What it holds, for a notebook."""
        rows = [(t, label("table", t, "zh"), len(self[t])) for t in TABLES]
        return display.table(("table", "表", "rows"), rows, f"Dataset {self.path}")

    def __getitem__(self, table: str) -> Table:
        """The table of this name. Raises KeyError."""
        if table not in TABLES:
            raise KeyError(f"no table {table!r}; there are {', '.join(TABLES)}")
        return Table(table, self)

    def articles(self) -> Iterator[Records]:
        """Each document with its rows of every table, in document order; problems of files that gave none belong to no
        one.

        All tables but `documents` are held in memory. Raises DatasetError for a damaged file.
        """
        from casextract.assemble import Records

        rows: dict[str, dict[str, list[Any]]] = {}
        for name in TABLES:
            if name != "documents":
                for row in self[name].records():
                    rows.setdefault(row.doc_id, {}).setdefault(name, []).append(row)
        for document in self.documents.records():
            own = rows.get(document.doc_id, {})
            yield Records((document,), **{name: tuple(found) for name, found in own.items()})

    def duckdb(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection in which the tables and the flat view `flat` can be queried by name."""
        with needing("duckdb"):
            import duckdb

        connection = duckdb.connect()
        for name in TABLES:
            connection.register(name, self[name].arrow())
        connection.register("flat", self.flat())
        return connection

    def flat(self) -> pa.Table:
        """One row per indicator in document order, with its case, place, measure, document and baseline beside it."""
        indicators = self.indicators.arrow()
        keys = {"cases": "case_id", "measures": "measure_id", "documents": "doc_id", "baseline": "baseline_id"}
        flat = indicators
        for origin, names in FLAT.items():
            other = indicators if origin == "baseline" else self[origin].arrow([keys[origin], *names.values()])
            found = _looked_up(
                indicators[keys[origin]], other["indicator_id" if origin == "baseline" else keys[origin]]
            )
            for name, source in names.items():
                field = other.schema.field(source).with_name(name).with_nullable(True)
                flat = flat.append_column(field, other[source].combine_chunks().take(found))
        return flat

    def frames(self, doc_id: str) -> list[pd.DataFrame]:
        """The tables of a document as data frames: labels as the index, heads as columns, values in base units.

        `attrs["table"]` of a frame is the number of the table. Cells that hold no number are missing values.
        """
        with needing("pandas"):
            import pandas as pd
        from casextract.dataset.frames import frames_of

        found = []
        for frame in frames_of(r for r in self.indicators.records() if r.doc_id == doc_id):
            values = [[None if cell is None else cell.value for cell in cells] for _, cells in frame.rows]
            table = pd.DataFrame(values, index=[label for label, _ in frame.rows], columns=list(frame.columns))
            table.attrs["table"] = frame.number
            found.append(table)
        return found

    def show(self, indicator_id: str) -> str:
        """The sentence of an indicator as printed, the number between ⟦ and ⟧. Raises KeyError for an unknown id."""
        import pyarrow.compute as pc

        table = self.indicators.arrow(["indicator_id", "doc_id", "sentence", "start", "end"])
        rows = table.filter(pc.field("indicator_id") == indicator_id).to_pylist()
        if not rows:
            raise KeyError(f"no indicator {indicator_id!r} in {self.path}")
        row = rows[0]
        documents = self.documents.arrow(["doc_id", "text"])
        text = documents.filter(pc.field("doc_id") == row["doc_id"])["text"][0].as_py()
        return mark(text, row["sentence"], row["start"], row["end"])

    def verify(self) -> list[str]:
        """What is wrong with the files on the disk, compared with `datapackage.json` byte for byte."""
        return datapackage.faults(self.path, self.package)

    @classmethod
    def _opened(cls, folder: Path) -> Dataset:
        package = _package(folder)
        files = {name: _parquet(folder / file_name(name), name) for name in TABLES}
        wanted = package["casextract"]["contents_digest"]
        for name, file in files.items():
            if (file.metadata.metadata or {}).get(CONTENTS_KEY, b"").decode() != wanted:
                path = folder / file_name(name)
                raise DatasetError(f"{path}: belongs to another build than {PACKAGE_FILE}; build the dataset again")
        return cls(folder, package, files)

    def _read(self, table: str, columns: Sequence[str] | None) -> pa.Table:
        known = set(self._files[table].schema_arrow.names)
        unknown = sorted(set(columns or ()) - known)
        if unknown:
            raise KeyError(f"no column {', '.join(unknown)} in {table}; there are {', '.join(sorted(known))}")
        try:
            return self._files[table].read(columns=list(columns) if columns is not None else None)
        except (OSError, ValueError) as error:
            path = self.path / file_name(table)
            raise DatasetError(f"{path}: damaged ({error}); build the dataset again with --no-cache") from error


def mark(text: str, sentence: str, start: int, end: int) -> str:
    """`sentence`, a stretch of `text` that holds [start, end) of it, with that stretch between ⟦ and ⟧.

    Of a table's cell the sentence is what the table prints for it, of which the last line holds it. Raises ValueError
    where it does not.
    """
    at = text.find(sentence, max(0, end - len(sentence)), start + len(sentence))
    if at < 0 and "\n" in sentence:
        above, _, row = sentence.rpartition("\n")
        return f"{above}\n{mark(text, row, start, end)}"
    if at < 0:
        raise ValueError(f"the sentence does not hold [{start}, {end}) of the text")
    return sentence[: start - at] + OPEN + sentence[start - at : end - at] + CLOSE + sentence[end - at :]


def _package(folder: Path) -> dict[str, Any]:
    path = folder / PACKAGE_FILE
    try:
        package: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise DatasetError(f"{folder}: no {PACKAGE_FILE}, so it is no dataset; casextract build makes one") from None
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path}: cannot be read ({error}); build the dataset again") from error
    own = package.get("casextract") if isinstance(package, dict) else None
    if not isinstance(own, dict) or "contents_digest" not in own:
        raise DatasetError(f"{path}: not from casextract; give the folder that casextract build has written")
    if own.get("format") != datapackage.FORMAT:
        raise DatasetError(
            f"{path}: written in format {own.get('format')}, this version reads {datapackage.FORMAT}; "
            "build the dataset again"
        )
    return package


def _parquet(path: Path, table: str) -> pq.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.memory_map(str(path)))
    except FileNotFoundError:
        raise DatasetError(f"{path}: missing; build the dataset again") from None
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path}: damaged ({error}); build the dataset again with --no-cache") from error
    missing = [f.name for f in arrow_schema(table) if f not in file.schema_arrow]
    if missing:
        raise DatasetError(f"{path}: the columns {', '.join(missing)} are not as this version writes them; build again")
    return file


def _looked_up(keys: pa.ChunkedArray, among: pa.ChunkedArray) -> pa.Array:
    """For each key its row in `among`, or null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.index_in(keys, value_set=among)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
