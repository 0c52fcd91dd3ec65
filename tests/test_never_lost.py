"""A dataset that is there stays, whatever a command is asked to do in its place; and what fails is one clear line."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import handmade
from casextract.build.build import EmptyError, build
from casextract.build.options import BuildOptions
from casextract.dataset import export as exporting
from casextract.dataset.export import ExportError, export
from casextract.dataset.publish import PublishError
from casextract.dataset.read import Dataset

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX has these")


@pytest.fixture(autouse=True)
def handmade_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    handmade.install(monkeypatch)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return handmade.write_articles(tmp_path / "raw", 2)


def test_an_input_without_articles_does_not_replace_a_dataset(tmp_path: Path, raw: Path) -> None:
    build([raw], tmp_path / "out")
    before = (tmp_path / "out" / "datapackage.json").read_bytes()
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "a.txt").write_text(" ")
    with pytest.raises(EmptyError, match=r"a\.txt: there is nothing but white space.*--allow-empty"):
        build([empty], tmp_path / "out")
    assert EmptyError.exit_code == 2
    assert (tmp_path / "out" / "datapackage.json").read_bytes() == before
    assert build([empty], tmp_path / "out", BuildOptions(allow_empty=True)).documents == 0
    # Where there was none, an empty one is what the input gives, with its problems.
    assert build([empty], tmp_path / "other").failed == 1


@pytest.mark.parametrize("where", ["raw", "raw/out", "raw/deep/out", "link/out"])
def test_output_at_or_below_the_input_is_refused(tmp_path: Path, raw: Path, where: str) -> None:
    (tmp_path / "link").symlink_to(raw)
    before = sorted(raw.rglob("*"))
    with pytest.raises(PublishError, match=r"is the input itself|lies inside the input"):
        build([raw], tmp_path / where)
    assert sorted(raw.rglob("*")) == before
    assert not (tmp_path / ".casextract").exists()


@posix
def test_the_root_is_no_dataset(raw: Path) -> None:
    before = sorted(os.listdir("/"))  # noqa: PTH208
    with pytest.raises(PublishError, match="root of the file system"):
        build([raw], "/")
    assert sorted(os.listdir("/")) == before  # noqa: PTH208


def test_a_target_that_is_refused_leaves_no_work_folder(tmp_path: Path, raw: Path) -> None:
    (tmp_path / "here" / "out" / "folder").mkdir(parents=True)
    with pytest.raises(PublishError, match="folders that are no part"):
        build([raw], tmp_path / "here" / "out")
    assert [p.name for p in (tmp_path / "here").iterdir()] == ["out"]


def test_a_build_that_gives_nothing_leaves_no_work_folder(
    tmp_path: Path, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise RuntimeError("told to")

    monkeypatch.setattr("casextract.build.build.summarise", fail)
    with pytest.raises(RuntimeError, match="told to"):
        build([raw], tmp_path / "here" / "out")
    assert not (tmp_path / "here" / ".casextract").exists()


@posix
def test_foreign_files_of_every_sort_are_carried_along(tmp_path: Path, raw: Path) -> None:
    out = tmp_path / "out"
    build([raw], out)
    (out / "notes.md").write_text("mine")
    os.mkfifo(out / "pipe")
    (out / "loop").symlink_to("loop")
    (out / "nowhere").symlink_to("absent")
    handle = socket.socket(socket.AF_UNIX)
    os.chdir(out)
    try:
        handle.bind("socket")
    finally:
        handle.close()
        os.chdir(tmp_path)
    (raw / "more.txt").write_text("又5张", encoding="utf-8")
    assert build([raw], out).documents == 3
    assert {"notes.md", "pipe", "loop", "nowhere", "socket"} <= set(os.listdir(out))  # noqa: PTH208
    assert (out / "notes.md").read_text() == "mine"


@pytest.mark.parametrize(
    ("target", "file"), [("book.xlsx", "book.xlsx"), ("a.sqlite", "a.sqlite"), ("csv", "csv/cases.csv")]
)
def test_export_replaces_what_it_wrote_and_nothing_else(tmp_path: Path, raw: Path, target: str, file: str) -> None:
    build([raw], tmp_path / "out")
    dataset = Dataset.open(tmp_path / "out")
    format: exporting.Format | None = "csv" if target == "csv" else None
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text("mine")
    with pytest.raises(ExportError, match="--force"):
        export(dataset, tmp_path / target, format)
    assert (tmp_path / file).read_text() == "mine"
    export(dataset, tmp_path / target, format, force=True)
    export(dataset, tmp_path / target, format)
    with (tmp_path / file).open("ab") as end:
        end.write(b"edited")
    with pytest.raises(ExportError, match="--force"):
        export(dataset, tmp_path / target, format)
    assert (tmp_path / file).read_bytes().endswith(b"edited")
    assert not [p.name for p in tmp_path.rglob(".*") if p.name not in (exporting.WRITTEN, ".casextract", ".gitignore")]


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
@pytest.mark.parametrize("arguments", [["schema"], ["--version"], ["rules", "list"], ["load", "raw"]])
def test_standard_output_that_takes_nothing_is_one_line(tmp_path: Path, raw: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "casextract", *arguments], stdout=full, stderr=subprocess.PIPE, cwd=tmp_path, text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "casextract: standard output cannot be written (No space left on device); make room, or write elsewhere"
    ]


WRITTEN = {
    "a workbook": ["export", "out", "new/a.xlsx"],
    "a workbook for review": ["export", "out", "new/a.xlsx", "--for-review"],
    "a folder of CSV": ["export", "out", "new", "--format", "csv"],
    "one CSV": ["export", "out", "new/a.csv"],
    "a folder of JSON Lines": ["export", "out", "new", "--format", "jsonl"],
    "one file of JSON Lines": ["export", "out", "new/a.jsonl"],
    "SQLite": ["export", "out", "new/a.sqlite"],
    "DuckDB": ["export", "out", "new/a.duckdb"],
    "a report": ["report", "out", "new/a.html"],
    "a page for review": ["show", "out", "--html", "new/a.html"],
    "annotations of a review": ["corrections", "export", "raw", "out", "new/a.json"],
    "a rule": ["rules", "new", "units", "全区配备⟦15架⟧无人机。", "--id", "unit.mine", "--set", "dimension=count", "--to", "new"],
}  # fmt: skip


@posix
@pytest.mark.parametrize("earlier", [False, True], ids=["", "over-an-earlier-one"])
@pytest.mark.parametrize("what", WRITTEN)
def test_a_disk_that_is_full_is_one_line_and_leaves_what_was_there(
    tmp_path: Path, raw: Path, what: str, earlier: bool
) -> None:
    build([raw], tmp_path / "out")
    command = ["-m", "casextract", *WRITTEN[what]]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "CASEXTRACT_LANG": "en"}
    if earlier:
        made = subprocess.run(
            [sys.executable, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert made.returncode == 0, made.stderr
        command = [c.replace("unit.mine", "unit.other") for c in command]
    before = contents(tmp_path)
    # The system takes no file of more than so many bytes, as it takes none where the disk is full.
    limited = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); sys.argv[0] = 'casextract'; runpy.run_module('casextract', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-B", "-c", limited, *command[2:]], cwd=tmp_path, env=environment, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("still to say")]
    assert "cannot be written" in line
    assert contents(tmp_path) == before


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder below, with what is in it."""
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in sorted(folder.rglob("*"))}
