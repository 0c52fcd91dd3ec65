"""A document that fails becomes a row that names the stage."""

from __future__ import annotations

import pytest

from casextract.build.guarded import run_guarded
from casextract.load import load_bytes
from casextract.pipeline import prepare
from casextract.rulebook.loading import load_rulebook


@pytest.mark.parametrize(
    ("raises", "stage"),
    [
        ("build.guarded.normalise", "normalise"), ("pipeline.segment", "segment"), ("pipeline.extract", "extract"),
        ("pipeline.assemble", "record"), ("build.guarded.correct", "correct"),
    ],
)  # fmt: skip
def test_the_row_names_the_stage_that_raised(raises: str, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("told to")

    (source,) = load_bytes("全县新增托位400个。".encode(), "a.txt", "utf-8").sources
    pipeline = prepare(load_rulebook(), lazy=True)
    monkeypatch.setattr(f"casextract.{raises}", broken)
    records, norm = run_guarded(source, pipeline)
    (problem,) = records.problems
    assert (problem.stage, problem.code, problem.severity, norm) == (stage, "stage_failed", "error", "")
    assert "a.txt: ZeroDivisionError in " in problem.message
