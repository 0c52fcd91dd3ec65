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
from casextract.build.options import BuildOptions
from casextract.build.workers import Death, ordered, search_path
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


def lost(task: Any, death: Death) -> bytes:
    return f"lost {task}: {death.how}".encode()


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


def test_workers_that_never_get_ready_cost_every_task_and_end() -> None:
    tasks = [[n] for n in range(20)]
    found = [r.decode() for _, r in ordered(fail, tasks, 2, lost)]
    assert found == [f"lost {n}: exit code 1, before it was ready" for n in range(20)]


def fail_at_first(marker: Path) -> Callable[[Any], bytes]:
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return prepare("did ")


def test_a_worker_that_dies_before_it_is_ready_costs_nothing_where_the_next_one_gets_ready(tmp_path: Path) -> None:
    found = [r.decode() for _, r in ordered(partial(fail_at_first, tmp_path / "marker"), [["a"], ["b"]], 1, lost)]
    assert found == ["did a", "did b"]


def test_nothing_beside_the_articles_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = handmade.write_articles(tmp_path / "raw", 2)
    for name in ("pickle", "signal", "casextract", "regex", "pyarrow", "jieba", "sitecustomize"):
        (raw / f"{name}.py").write_text("import pathlib; pathlib.Path('executed').touch()\n", encoding="utf-8")
    command = Path(sys.executable).with_name("casextract")
    for start in ([str(command)], [sys.executable, "-P", "-m", "casextract"]):
        done = subprocess.run(
            [*start, "build", ".", "-o", "../out", "--no-cache", "-q"],
            cwd=raw,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert not (raw / "executed").exists()
    monkeypatch.chdir(raw)
    monkeypatch.setattr(sys, "path", ["", str(raw), ".", *sys.path])
    assert search_path() == [p for p in sys.path[3:] if p]


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
    script.write_text('import casextract\nprint(casextract.build_dataset("raw", "out", jobs=2).documents)\n')
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == "4\n"


def test_a_worker_killed_during_a_build_costs_one_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = handmade.write_articles(tmp_path / "raw", 60)
    killed: list[int] = []
    started: list[subprocess.Popen[bytes]] = []
    monkeypatch.setattr("casextract.build.tasks.GROUP", 1)
    start = subprocess.Popen

    def noted(*args: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(start(*args, **options))
        return started[-1]

    monkeypatch.setattr("casextract.build.workers.subprocess.Popen", noted)

    def kill(done: int, total: int, path: str) -> None:
        if done == 5:
            killed.append(started[0].pid)
            started[0].kill()

    summary = build([raw], tmp_path / "out", BuildOptions(jobs=2), on_progress=kill)
    assert len(killed) == 1
    assert (summary.documents, summary.failed, summary.exit_code) == (59, 1, 1)
    (row,) = (r for r in Dataset.open(tmp_path / "out").problems.arrow().to_pylist() if r["severity"] == "error")
    assert row["code"] == "worker_died"
    assert "SIGKILL" in row["message"]
    present = Dataset.open(tmp_path / "out").documents.arrow()["source_path"].to_pylist()
    assert sorted([row["source_path"], *present]) == sorted(p.name for p in raw.iterdir())
    assert build([raw], tmp_path / "out", BuildOptions(jobs=2)).documents == 60
