"""Worker processes: order, deaths, and what they must not disturb."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import handmade
from casextract.build.build import build
from casextract.build.workers import WorkerError, ordered
from casextract.dataset.read import Dataset

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")


def prepare(prefix: str) -> Callable[[Any], bytes]:
    """What the workers of these tests do; made in each worker."""

    def handle(task: Any) -> bytes:
        match task:
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "exit":
                os._exit(7)
            case "raise":
                raise EOFError("a task may raise this as well")
            case "print":
                print("to standard output")
                os.write(1, b"past Python")
            case "sleep":
                time.sleep(0.3)
        return f"{prefix}{task}".encode()

    return handle


def fail() -> Callable[[Any], bytes]:
    raise RuntimeError("cannot be set up")


def lost(task: Any, how: str) -> bytes:
    return f"lost {task}: {how}".encode()


def results(tasks: list[list[Any]], jobs: int = 2) -> list[str]:
    return [r.decode() for _, r in ordered(partial(prepare, "did "), tasks, jobs, lost)]


def test_results_come_in_the_order_of_the_tasks() -> None:
    tasks = [["sleep", 1], [2], [3, 4], *([n] for n in range(5, 40))]
    assert results(tasks) == ["did sleep", *(f"did {n}" for n in range(1, 40))]


def test_a_death_costs_the_task_it_came_at() -> None:
    assert results([[1, "die", 2], [3], ["exit"], [4], ["raise", 5]]) == [
        "did 1", "lost die: SIGKILL", "did 2", "did 3", "lost exit: exit code 7", "did 4", "lost raise: exit code 1", "did 5",
    ]  # fmt: skip


def test_prints_do_not_get_among_the_results() -> None:
    assert results([["print"], [1]]) == ["did print", "did 1"]


def test_workers_that_cannot_start_are_an_error_and_no_lost_tasks() -> None:
    with pytest.raises(WorkerError, match="before it was ready"):
        list(ordered(fail, [[1], [2]], 2, lost))


def test_groups_are_taken_only_as_results_are_read() -> None:
    taken = 0

    def groups() -> Iterator[list[int]]:
        nonlocal taken
        for taken in range(1, 101):
            yield [taken]

    stream = ordered(partial(prepare, ""), groups(), 2, lost)
    next(stream)
    time.sleep(0.3)
    assert taken <= 7
    stream.close()  # type: ignore[attr-defined]


def test_a_plain_script_needs_no_guard_around_its_main(tmp_path: Path) -> None:
    handmade.write_articles(tmp_path / "raw", 4)
    script = tmp_path / "script.py"
    script.write_text('from casextract.build.build import build\nprint(build(["raw"], "out", jobs=2).documents)\n')
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == "4\n"


def test_a_worker_killed_during_a_build_costs_one_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = handmade.write_articles(tmp_path / "raw", 60)
    killed: list[int] = []
    started: list[subprocess.Popen[bytes]] = []
    monkeypatch.setattr("casextract.build.build.GROUP", 1)
    start = subprocess.Popen

    def noted(*args: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(start(*args, **options))
        return started[-1]

    monkeypatch.setattr("casextract.build.workers.subprocess.Popen", noted)

    def kill(done: int, total: int, path: str) -> None:
        if done == 5:
            killed.append(started[0].pid)
            started[0].kill()

    summary = build([raw], tmp_path / "out", jobs=2, on_progress=kill)
    assert len(killed) == 1
    assert (summary.documents, summary.failed, summary.exit_code) == (59, 1, 1)
    (row,) = (r for r in Dataset.open(tmp_path / "out").problems.arrow().to_pylist() if r["severity"] == "error")
    assert row["code"] == "worker_died"
    assert "SIGKILL" in row["message"]
    present = Dataset.open(tmp_path / "out").documents.arrow()["source_path"].to_pylist()
    assert sorted([row["source_path"], *present]) == sorted(p.name for p in raw.iterdir())
    assert build([raw], tmp_path / "out", jobs=2).documents == 60
