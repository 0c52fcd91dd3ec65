"""Ray gives the dataset that one process gives. Starting it takes some ten seconds, so that few tests do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import ray

from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.build.ray import RayError, ordered
from casextract.dataset.read import Dataset

# Ray leaves its sockets and pipes to the end of the process.
pytestmark = [
    pytest.mark.ray,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning", "ignore::FutureWarning"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """A Ray of two workers, for all tests of this module."""
    # Workers do not have the folder of the tests on their path.
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    yield
    ray.shutdown()


def articles(folder: Path) -> Path:
    folder.mkdir()
    for n in range(40):
        text = f"某镇第{n}号便民站一年接待来访{1000 + n}人次,为{20 + n}户困难家庭送去补助{3 + n}万元。"
        (folder / f"{n:03}.txt").write_text(text * (1 + n % 3), encoding="utf-8")
    (folder / "trad.txt").write_text("全縣新增養老床位260張,覆蓋率達到85%。", encoding="utf-8")
    (folder / "twin.txt").write_bytes((folder / "003.txt").read_bytes())
    (folder / "empty.txt").write_bytes(b"")
    (folder / "broken.docx").write_bytes(b"PK\x03\x04 cut short")
    return folder


@pytest.mark.usefixtures("cluster")
def test_the_same_contents_as_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casextract.build.tasks.RAY_GROUP", 1000)
    raw = articles(tmp_path / "raw")
    told: list[str] = []
    local = build([raw], tmp_path / "local", BuildOptions(jobs=1, cache=False))
    there = build(
        [raw], tmp_path / "ray", BuildOptions(engine="ray", cache=False), on_progress=lambda *p: told.append(p[2])
    )
    assert there.digest == local.digest
    assert (there.documents, there.failed, there.problems) == (local.documents, 2, local.problems)
    assert there.documents == 42
    assert there.indicators > 100
    assert told == sorted(p.name for p in raw.iterdir())
    for name in (p.name for p in (tmp_path / "local").iterdir()):
        assert (tmp_path / "ray" / name).read_bytes() == (tmp_path / "local" / name).read_bytes()
    assert Dataset.open(tmp_path / "ray").verify() == []


def prepare(marker: Path) -> Callable[[Any], bytes]:
    def handle(task: Any) -> bytes:
        if task == "die":
            os._exit(9)
        if task == "die once" and not marker.exists():
            marker.touch()
            os._exit(9)
        return f"did {task}".encode()

    return handle


@pytest.mark.usefixtures("cluster")
def test_a_worker_that_dies_costs_its_task_alone(tmp_path: Path) -> None:
    tasks = [[1, 2], [3, "die", 4], [5], ["die once"], [6, 7]]
    found = ordered(
        partial(prepare, tmp_path / "marker"), tasks, 2, lambda task, death: f"lost {task}: {death.how}".encode()
    )
    assert [(task, result.decode()) for task, result in found] == [
        (1, "did 1"), (2, "did 2"), (3, "did 3"), ("die", "lost die: Ray lost its worker twice"), (4, "did 4"), (5, "did 5"),
        ("die once", "did die once"), (6, "did 6"), (7, "did 7"),
    ]  # fmt: skip


@pytest.mark.usefixtures("cluster")
def test_nothing_to_do() -> None:
    assert list(ordered(partial(prepare, Path("none")), [], 2, lambda task, how: b"")) == []


def test_ray_that_is_not_installed_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.txt").write_text("新建床位20张。", encoding="utf-8")
    with pytest.raises(RayError, match=r"pip install 'casextract\[ray\]'"):
        build([raw], tmp_path / "out", BuildOptions(engine="ray"))
    assert not (tmp_path / "out").exists()


def test_the_command_line_builds_on_ray_as_well(tmp_path: Path) -> None:
    # Its process keeps pandas out, which Ray Data imports.
    (tmp_path / "a.txt").write_text("新建助餐点12家。", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "casextract",
        "build",
        "a.txt",
        "-o",
        "out",
        "--engine",
        "ray",
        "--jobs",
        "1",
        "-q",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=180)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "casextract" not in done.stderr, "a warning that points at this package is ours to mend"
    assert len(Dataset.open(tmp_path / "out").indicators) == 1
