"""Which files are loaded, under which names, in which order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from casextract.load import InputError, discover, load_file


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}里有3张床。", encoding="utf-8")


def paths(*inputs: Path | str) -> list[str]:
    return [f.source_path for f in discover(inputs)]


def test_files_come_sorted_and_relative_to_their_folder(tmp_path: Path) -> None:
    write(tmp_path, "b.txt", "a/二.txt", "a/-x.txt", "a b/c d.txt")
    assert paths(tmp_path) == ["a b/c d.txt", "a/-x.txt", "a/二.txt", "b.txt"]


def test_a_single_file_keeps_its_name(tmp_path: Path) -> None:
    write(tmp_path, "deep/down/x.txt")
    assert paths(tmp_path / "deep/down/x.txt") == ["x.txt"]


def test_the_order_of_inputs_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, "one/x.txt", "two/x.txt", "two/y.txt")
    inputs = [tmp_path / "one", tmp_path / "two", tmp_path / "two" / "y.txt"]
    assert paths(*inputs) == paths(*reversed(inputs)) == ["one/x.txt", "two/x.txt", "y.txt"]


def test_a_file_reached_twice_comes_once_under_the_longer_path(tmp_path: Path) -> None:
    write(tmp_path, "outer/inner/x.txt")
    assert paths(tmp_path / "outer" / "inner", tmp_path / "outer") == ["inner/x.txt"]


def test_hidden_files_and_litter_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, ".hidden.txt", ".git/x.txt", "__MACOSX/x.txt", "Thumbs.db", "~$draft.docx", "kept.txt")
    assert paths(tmp_path) == ["kept.txt"]


def test_the_side_folder_of_a_saved_page_is_passed_over_but_not_others_of_such_a_name(tmp_path: Path) -> None:
    write(tmp_path, "page.html", "page_files/script.txt", "old.htm", "old.files/x.txt", "case_files/x.txt")
    assert paths(tmp_path) == ["case_files/x.txt", "old.htm", "page.html"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with a name")
def test_what_never_ends_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, "x.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    assert paths(tmp_path) == ["x.txt"]
    with pytest.raises(InputError, match=r"pipe\.txt: neither a file nor a folder"):
        discover([tmp_path / "pipe.txt"])


def test_a_link_that_leads_back_does_not_loop(tmp_path: Path) -> None:
    write(tmp_path, "a/x.txt")
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert paths(tmp_path) == ["a/x.txt"]


def test_an_empty_folder_gives_nothing(tmp_path: Path) -> None:
    assert discover([tmp_path]) == []


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere.*no such file"):
        discover([tmp_path / "nowhere"])


def test_a_name_that_is_no_utf8_can_be_written_to_a_table(tmp_path: Path) -> None:
    name = os.fsdecode("名.txt".encode("gbk"))
    (tmp_path / name).write_text("有3张床。", encoding="utf-8")
    (found,) = discover([tmp_path])
    assert found.source_path.encode("utf-8") == b"\\xc3\\xfb.txt"
    assert load_file(found).sources[0].text == "有3张床。"


def test_a_file_that_vanishes_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, "x.txt")
    (found,) = discover([tmp_path])
    found.path.unlink()
    loaded = load_file(found)
    assert loaded.sources == ()
    assert [(p.code, p.severity, p.source_path) for p in loaded.problems] == [("unreadable", "error", "x.txt")]


def test_a_file_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    with path.open("wb") as file:
        file.truncate(300 << 20)
    (found,) = discover([path])
    assert [p.code for p in load_file(found).problems] == ["too_large"]
