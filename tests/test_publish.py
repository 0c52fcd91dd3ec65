"""Publication: the former dataset or the new one, whole, at every moment and whatever goes wrong."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import handmade
from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.dataset import publish
from casextract.dataset.publish import PublishError
from casextract.dataset.read import Dataset
from casextract.dataset.write import DatasetWriter, TableFile
from casextract.errors import WriteError

KILL_POINTS = int(os.environ.get("CASEXTRACT_KILL_POINTS", "24"))
"""More of them take longer and find more."""

posix = pytest.mark.skipif(sys.platform == "win32", reason="forks and signals are those of POSIX")


@pytest.fixture(autouse=True)
def handmade_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    handmade.install(monkeypatch)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return handmade.write_articles(tmp_path / "raw", 3)


@posix
def test_a_killed_build_leaves_one_whole_dataset_and_readers_see_no_other(tmp_path: Path) -> None:
    command = [sys.executable, str(Path(__file__).parent / "kill_points.py"), str(tmp_path), str(KILL_POINTS)]
    reads = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killer:
        while killer.poll() is None:
            if (tmp_path / "out").exists():
                dataset = Dataset.open(tmp_path / "out")
                documents = dataset.documents.arrow(["doc_id"])["doc_id"].to_pylist()
                assert len(documents) in (3, 4)
                assert set(dataset.indicators.arrow(["doc_id"])["doc_id"].to_pylist()) == set(documents)
                reads += 1
            time.sleep(0.01)
        assert killer.stdout is not None
        seen = json.loads(killer.stdout.read())
    assert killer.returncode == 0
    assert seen["killed"] > KILL_POINTS // 3
    assert {"new", "former"} <= set(seen)
    assert seen["left"] == ["cache", "inputs.json", "lock", "state.json"]
    assert reads > KILL_POINTS


def test_two_builds_at_once_take_turns(tmp_path: Path, raw: Path) -> None:
    other = handmade.write_articles(tmp_path / "other", 5)
    waited = threading.Event()
    holding = threading.Event()

    def hold() -> None:
        with publish.generation(tmp_path / "out"):
            holding.set()
            waited.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert holding.wait(10)
    assert build([raw], tmp_path / "out", BuildOptions(jobs=1), on_wait=waited.set).documents == 3
    assert waited.is_set()
    holder.join()
    builds = [threading.Thread(target=build, args=([source], tmp_path / "out")) for source in (raw, other) * 3]
    for one in builds:
        one.start()
    for one in builds:
        one.join()
    dataset = Dataset.open(tmp_path / "out")
    assert dataset.verify() == []
    assert len(dataset.documents) in (3, 5)


@posix
def test_a_full_disk_is_told_and_leaves_the_former_dataset(tmp_path: Path, raw: Path) -> None:
    build([raw], tmp_path / "out", BuildOptions(jobs=1))
    before = (tmp_path / "out" / "datapackage.json").read_bytes()
    handmade.write_articles(raw, 400)
    # A limit on the size of a file fails a write as a full disk does, and needs no rights.
    command = [sys.executable, "-c", _LIMITED, str(raw), str(tmp_path / "out")]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "no room to write the dataset" in done.stdout
    assert "make room and build again" in done.stdout
    assert (tmp_path / "out" / "datapackage.json").read_bytes() == before
    assert Dataset.open(tmp_path / "out").verify() == []
    assert not (tmp_path / ".casextract" / "out" / "next").exists()


_LIMITED = """
import resource, sys
import pytest, handmade
from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.errors import WriteError
with pytest.MonkeyPatch.context() as patch:
    handmade.install(patch)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000))
    with pytest.raises(WriteError) as error:
        build([sys.argv[1]], sys.argv[2], BuildOptions(jobs=1))
print(error.value)
"""


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_no_room_at_the_last_step(tmp_path: Path, raw: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    build([raw], tmp_path / "out", BuildOptions(jobs=1))
    (raw / "more.txt").write_text("又5张", encoding="utf-8")

    def full(path: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(publish, "_flush", full)
    with pytest.raises(WriteError, match="former one is untouched"):
        build([raw], tmp_path / "out", BuildOptions(jobs=1))
    assert len(Dataset.open(tmp_path / "out").documents) == 3


def test_the_cache_gives_way_before_a_build_fails(tmp_path: Path, raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build([raw], tmp_path / "out", BuildOptions(jobs=1))
    (raw / "more.txt").write_text("又5张", encoding="utf-8")
    cache = tmp_path / ".casextract" / "out" / "cache"
    finish = DatasetWriter.finish

    def crowded(writer: DatasetWriter) -> tuple[TableFile, ...]:
        if cache.exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return finish(writer)

    monkeypatch.setattr(DatasetWriter, "finish", crowded)
    assert build([raw], tmp_path / "out", BuildOptions(jobs=1)).documents == 4
    assert Dataset.open(tmp_path / "out").verify() == []


class TestWithoutExchange:
    """File systems that cannot exchange two folders."""

    @pytest.fixture(autouse=True)
    def no_exchange(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing(one: Path, other: Path) -> None:
            raise NotImplementedError

        monkeypatch.setattr(publish, "exchange", missing)

    def test_a_build_replaces_the_former_one(self, tmp_path: Path, raw: Path) -> None:
        build([raw], tmp_path / "out", BuildOptions(jobs=1))
        (raw / "more.txt").write_text("又5张", encoding="utf-8")
        assert build([raw], tmp_path / "out", BuildOptions(jobs=1)).documents == 4
        assert Dataset.open(tmp_path / "out").verify() == []
        assert sorted(p.name for p in (tmp_path / ".casextract" / "out").iterdir()) == [
            "cache",
            "inputs.json",
            "lock",
            "state.json",
        ]

    def test_one_killed_between_the_renames_is_put_right(self, tmp_path: Path, raw: Path) -> None:
        build([raw], tmp_path / "out", BuildOptions(jobs=1))
        former = (tmp_path / "out" / "datapackage.json").read_bytes()
        (tmp_path / "out").rename(tmp_path / ".casextract" / "out" / "former")
        assert build([raw], tmp_path / "out", BuildOptions(jobs=1)).unchanged
        assert (tmp_path / "out" / "datapackage.json").read_bytes() == former


class TestTarget:
    def test_a_file(self, tmp_path: Path, raw: Path) -> None:
        (tmp_path / "out").write_text("")
        with pytest.raises(PublishError, match="--out takes a folder"):
            build([raw], tmp_path / "out", BuildOptions(jobs=1))

    def test_a_folder_with_folders_of_others(self, tmp_path: Path, raw: Path) -> None:
        (tmp_path / "out" / "holiday").mkdir(parents=True)
        with pytest.raises(PublishError, match="holiday"):
            build([raw], tmp_path / "out", BuildOptions(jobs=1))
        assert (tmp_path / "out" / "holiday").is_dir()

    def test_tables_of_another_origin(self, tmp_path: Path, raw: Path) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "cases.parquet").write_bytes(b"theirs")
        with pytest.raises(PublishError, match="not from here"):
            build([raw], tmp_path / "out", BuildOptions(jobs=1))
        assert (tmp_path / "out" / "cases.parquet").read_bytes() == b"theirs"

    def test_single_files_of_others_stay(self, tmp_path: Path, raw: Path) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / ".gitkeep").write_text("")
        (tmp_path / "out" / "notes.txt").write_text("mine", encoding="utf-8")
        build([raw], tmp_path / "out", BuildOptions(jobs=1))
        (raw / "more.txt").write_text("又5张", encoding="utf-8")
        build([raw], tmp_path / "out", BuildOptions(jobs=1))
        assert (tmp_path / "out" / "notes.txt").read_text(encoding="utf-8") == "mine"
        assert (tmp_path / "out" / ".gitkeep").exists()

    def test_a_link_to_a_folder_keeps_being_one(self, tmp_path: Path, raw: Path) -> None:
        (tmp_path / "disk").mkdir()
        (tmp_path / "out").symlink_to(tmp_path / "disk")
        build([raw], tmp_path / "out", BuildOptions(jobs=1))
        assert (tmp_path / "out").is_symlink()
        assert (tmp_path / "disk" / "cases.parquet").exists()

    def test_permissions_of_the_folder_stay(self, tmp_path: Path, raw: Path) -> None:
        (tmp_path / "out").mkdir(mode=0o750)
        build([raw], tmp_path / "out", BuildOptions(jobs=1))
        assert (tmp_path / "out").stat().st_mode & 0o777 == 0o750

    def test_a_mount_point(self, tmp_path: Path, raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        build([raw], tmp_path / "out", BuildOptions(jobs=1))
        (raw / "more.txt").write_text("又5张", encoding="utf-8")

        def busy(one: Path, other: Path) -> None:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

        monkeypatch.setattr(publish, "exchange", busy)
        with pytest.raises(PublishError, match="mount point"):
            build([raw], tmp_path / "out", BuildOptions(jobs=1))
        assert len(Dataset.open(tmp_path / "out").documents) == 3
