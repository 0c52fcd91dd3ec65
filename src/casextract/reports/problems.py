"""What went wrong in a build, or should be looked at: the rows of `problems` as lines to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from casextract.dataset.read import Dataset
from casextract.records import Severity, told

ORDER: tuple[Severity, ...] = ("error", "warning", "info")
"""The gravest first."""


@dataclass(frozen=True, slots=True)
class ProblemFound:
    """One problem. The offsets count characters of the document's text, where it has any."""

    severity: Severity
    stage: str
    code: str
    source_path: str
    message: str
    start: int | None
    end: int | None

    @property
    def told(self) -> str:
        """What happened and what to do, beginning with the file."""
        return told(self.source_path, self.message)

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {
            "severity": self.severity,
            "stage": self.stage,
            "code": self.code,
            "source_path": self.source_path,
            "message": self.message,
            "start": self.start,
            "end": self.end,
        }


def found(dataset: Dataset, severity: Severity | None = None) -> list[ProblemFound]:
    """The problems of a dataset, or those of one severity: the gravest first, then in order of the documents."""
    names = ["severity", "stage", "code", "source_path", "message", "start", "end"]
    rows = [
        ProblemFound(**row) for row in dataset.problems.arrow(names).to_pylist() if severity in (None, row["severity"])
    ]
    return sorted(rows, key=lambda p: ORDER.index(p.severity))


def counts(problems: Sequence[ProblemFound]) -> Counter[Severity]:
    """How many there are of each severity."""
    return Counter(p.severity for p in problems)
