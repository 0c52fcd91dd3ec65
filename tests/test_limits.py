"""A file costs at most itself: what runs into a limit of time or memory is a row, and the others are whole."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer import BadParameter

from casextract.build.build import build
from casextract.build.file_rows import unpack
from casextract.build.limits import BY_THE_CLOCK, MEMORY, SECONDS, Limits
from casextract.build.options import BuildOptions
from casextract.build.tasks import Answer, fenced, lost_to
from casextract.build.workers import ordered
from casextract.cli.options import memory_size
from casextract.dataset.read import Dataset
from casextract.load import Found

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits of other systems are others")

TEXT = "四川省泸州市泸县建成养老床位500张。\n"


def costly() -> Callable[[Found], Answer]:
    """What takes the place of a parser: it costs what the file's name says."""

    def handle(found: Found) -> Answer:
        match found.source_path:
            case "time":
                while True:
                    pass
            case "clock":
                time.sleep(60)
            case "memory":
                return Answer(bytes(2 << 30))
        return Answer(b"done")

    return handle


def answers(limits: Limits, names: list[str], folder: Path) -> list[Any]:
    """What `build` would get of each file."""
    for name in names:
        (folder / name).write_text(name)
    tasks = [[Found(folder / name, name)] for name in names]
    setup = partial(fenced, costly, limits)
    return [data for _, data in ordered(setup, tasks, 1, partial(lost_to, limits))]


def problem(answer: Answer) -> dict[str, Any]:
    (row,) = unpack(answer.packed).problems.to_pylist()
    return row  # type: ignore[no-any-return]


def test_each_limit_costs_the_file_that_meets_it(tmp_path: Path) -> None:
    names = ["a", "time", "b", "memory", "c", "clock", "d"]
    given = answers(Limits(seconds=0.5, memory=512 << 20), names, tmp_path)
    assert [given[i] for i in (0, 2, 4, 6)] == [Answer(b"done")] * 4
    spent, large, slow = (problem(given[i]) for i in (1, 3, 5))
    assert (spent["code"], large["code"], slow["code"]) == ("time_limit", "memory_limit", "time_limit")
    assert "--limit-time" in spent["message"]
    # On a machine with much else to do the clock may be first.
    assert "SIGXCPU" in spent["message"] or "SIGALRM" in spent["message"]
    assert "--limit-memory" in large["message"]
    assert "SIGALRM" in slow["message"]


def test_limits_go_by_the_size_of_the_file_unless_they_are_given() -> None:
    assert Limits().seconds_for(0) == SECONDS
    assert Limits().seconds_for(10 << 20) > 2 * Limits().seconds_for(2 << 20) > SECONDS
    assert Limits().memory_for(1 << 20) > Limits().memory_for(0) == MEMORY
    assert Limits(0, 0).seconds_for(5) == Limits(0, 0).memory_for(5) == 0
    assert SECONDS * BY_THE_CLOCK >= 60


def test_a_build_of_one_small_file_is_fenced_as_well(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    summary = build([tmp_path / "a.txt"], tmp_path / "out", BuildOptions(limits=Limits(memory=4 << 20)))
    assert (summary.documents, summary.exit_code) == (0, 1)
    (row,) = Dataset.open(tmp_path / "out").problems.arrow().to_pylist()
    assert row["code"] in ("memory_limit", "worker_died")
    # What a limit cost is no state to come back to.
    summary = build([tmp_path / "a.txt"], tmp_path / "out")
    assert (summary.documents, summary.indicators, summary.exit_code) == (1, 1, 0)


@pytest.mark.parametrize(
    ("text", "size"),
    [("512", 512 << 20), ("2G", 2 << 30), ("1.5 GiB", 3 << 29), ("64k", 65536), ("0", 0), (None, None)],
)
def test_sizes_of_memory(text: str | None, size: int | None) -> None:
    assert memory_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1", "1X", "1e400"])
def test_what_is_no_size_is_wrong_usage(text: str) -> None:
    with pytest.raises(BadParameter):
        memory_size(text)
