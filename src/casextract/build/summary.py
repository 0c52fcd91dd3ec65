"""What a build gave, counted from the tables it has written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from casextract.dataset.write import CONTENTS_KEY, file_name
from casextract.records import TABLES, told

FAILURES_TOLD = 20
"""A folder of wrong files has thousands of errors; the table `problems` holds them all."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a build gave."""

    out: Path | str
    """Folder or address of the dataset."""
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
    """Files whose rows came from the cache."""
    unchanged: bool
    """Nothing was written, because the dataset already is what the inputs and rules give."""
    digest: str
    """Contents digest of the dataset."""
    repeated_documents: int = 0
    """Documents that repeat an earlier one."""
    repeated_indicators: int = 0
    """Indicators of those: whoever adds up leaves them out."""
    failures: tuple[str, ...] = ()
    """What the errors say, each with file, reason and remedy; no more than FAILURES_TOLD."""

    @property
    def warnings(self) -> int:
        """Problems of severity warning."""
        return self.problems.get("warning", 0)

    @property
    def unresolved_share(self) -> float:
        """The share of numerals that nobody could account for, from 0 to 1."""
        return self.unresolved / max(self.numerals, 1)

    @property
    def exit_code(self) -> int:
        """0, or 1 if a document failed."""
        return 1 if self.failed else 0


def summarise(folder: Path, out: Path, *, reused: int = 0, unchanged: bool = False) -> Summary:
    """Count the dataset in `folder`, which is or will be `out`."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    footers = {t: pq.read_metadata(folder / file_name(t)) for t in TABLES}
    documents = pq.read_table(folder / file_name("documents"), columns=["duplicate_of", "indicator_count"])
    repeats = documents.filter(pc.field("duplicate_of").is_valid())
    rows = {t: footer.num_rows for t, footer in footers.items()}
    problems = _counts(folder / file_name("problems"), "severity")
    return Summary(
        out=out,
        documents=rows["documents"],
        cases=rows["cases"],
        measures=rows["measures"],
        indicators=rows["indicators"],
        numerals=rows["numerals"],
        unresolved=_counts(folder / file_name("numerals"), "disposition").get("unresolved", 0),
        metrics=_counts(folder / file_name("indicators"), "metric"),
        problems=problems,
        failed=problems.get("error", 0),
        reused=reused,
        unchanged=unchanged,
        digest=footers["documents"].metadata[CONTENTS_KEY].decode(),
        repeated_documents=repeats.num_rows,
        repeated_indicators=pc.sum(repeats["indicator_count"]).as_py() or 0,
        failures=_failures(folder / file_name("problems")) if problems.get("error") else (),
    )


def _counts(table: Path, column: str) -> dict[str, int]:
    """How often each value stands in a column, the most frequent first."""
    import pyarrow.parquet as pq

    found: Counter[str] = Counter()
    # Batch by batch: a column of millions of rows is not needed at once.
    with pq.ParquetFile(table) as file:
        for batch in file.iter_batches(columns=[column]):
            found.update({v["values"]: v["counts"] for v in batch.column(0).value_counts().to_pylist()})
    return dict(sorted(found.items(), key=lambda v: (-v[1], v[0])))


def _failures(problems: Path) -> tuple[str, ...]:
    """The messages of the first errors, each beginning with its file."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    rows = pq.read_table(problems, columns=["source_path", "message"], filters=pc.field("severity") == "error")
    return tuple(told(row["source_path"], row["message"]) for row in rows.slice(0, FAILURES_TOLD).to_pylist())
