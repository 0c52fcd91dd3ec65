"""The files to load: everything below the folders given, and the files given, in an order that never changes."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from casextract.errors import CasextractError
from casextract.load.source import Found, LoadError, Size

SIDE_FOLDER_SUFFIXES = ("_files", ".files")
"""What browsers and word processors add to a page's name for the folder of its pictures and scripts."""

LITTER = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
"""Names that operating systems leave behind, in lower case."""

CORRECTIONS = "corrections.jsonl"
"""The log of corrections that may lie beside the articles; what its name begins (`.bak`, `.lock`) goes with it."""


STDIN = "-"
"""The input that is what is piped in."""


@dataclass(frozen=True, slots=True)
class Piped:
    """What was piped in, held in memory, read as a file is. It pickles, so that a worker can read it."""

    data: bytes

    @property
    def st_size(self) -> int:
        """Bytes."""
        return len(self.data)

    def stat(self) -> Piped:
        """Itself, which knows its size."""
        return self

    def read_bytes(self) -> bytes:
        """The contents."""
        return self.data


class InputError(CasextractError, ValueError):
    """An input that cannot be used at all (usage, exit code 2). The message names the path and the remedy."""


class OutsideError(LoadError, OSError):
    """A link out of the folders given, which is told and not followed."""


@dataclass(frozen=True, slots=True)
class OutsideLink:
    """Stands for the file or folder behind a link that leads out of the folders given: asking it anything raises
    OutsideError."""

    target: str

    def stat(self) -> Size:
        """Raise OutsideError."""
        raise self._error()

    def read_bytes(self) -> bytes:
        """Raise OutsideError."""
        raise self._error()

    def _error(self) -> OutsideError:
        message = (
            f"is a link out of the input, to {self.target}, and is not followed; give what it leads to as well, "
            "or build with --follow-links"
        )
        return OutsideError("link_outside", message, "warning")


def discover(inputs: Sequence[Path | str], follow_links: bool = False) -> list[Found]:
    """All files below the folders and among the files of `inputs`, sorted by `source_path`.

    `source_path` is POSIX and relative to the folder given; a file given by itself keeps its name. The result does not
    depend on the order of `inputs`: a file reached twice comes once, under the longer path; files of two folders with
    the same relative path get their folders' names in front until they differ. Hidden files, the side folders of saved
    pages, what operating systems leave behind, and pipes, sockets and devices are passed over. An empty folder adds
    nothing. A folder that may not be read comes as a `Found` of its own, for which `load_file` reports the problem. `-`
    is standard input, read to its end, as a file called `stdin`; a file that is called so is `./-`.

    Raises InputError where a path does not exist, or is a pipe, socket or device.
    """
    chosen: dict[Path, tuple[str, tuple[str, ...]]] = {}
    roots = tuple(_real(Path(given)) for given in inputs)
    outside: dict[Path, OutsideLink] = {}
    piped = [Found(_piped(), "stdin")] if any(str(given) == STDIN for given in inputs) else []
    for given in inputs:
        if str(given) == STDIN:
            continue
        path = Path(given)
        if not path.exists():
            raise InputError(f"{_printable(str(path))}: no such file or folder; check the path")
        if _never_ends(path):
            raise InputError(f"{_printable(str(path))}: neither a file nor a folder; put what it gives into a file")
        root = _real(path) if path.is_dir() else _real(path.parent)
        for file in _below(root, None if follow_links else roots) if path.is_dir() else (root / path.name,):
            relative = file.relative_to(root).as_posix() if file != root else root.name
            real = _real(file)
            if path.is_dir() and not (follow_links or _is_below(real, roots)):
                outside[file] = OutsideLink(_printable(str(real)))
                real = file
            if real not in chosen or (len(relative), relative) > (len(chosen[real][0]), chosen[real][0]):
                chosen[real] = (relative, root.parts)
    names = _distinct(chosen)
    return sorted(
        (*piped, *(Found(outside.get(path, path), _printable(name)) for path, name in names.items())),
        key=lambda f: (f.source_path, str(f.path)),
    )


@cache
def _piped() -> Piped:
    # It can be read but once.
    return Piped(sys.stdin.buffer.read())


def is_litter(name: str) -> bool:
    """Whether a file or folder of this name is hidden, a lock file, left behind by an operating system, or a log of
    corrections."""
    return name.startswith((".", "~$", CORRECTIONS)) or name.lower() in LITTER


def _real(path: Path) -> Path:
    """Where a path leads; one that goes in a circle leads to itself."""
    return Path(os.path.realpath(path))


def _is_below(real: Path, roots: Sequence[Path]) -> bool:
    return any(real == root or root in real.parents for root in roots)


def _below(root: Path, roots: Sequence[Path] | None) -> Iterator[Path]:
    """The files below `root`, and the folders that may not be read, or that lie behind a link out of `roots`."""
    unreadable: list[Path] = []
    seen = {_real(root)}
    for folder, folders, files in os.walk(
        root, onerror=lambda e: unreadable.append(Path(e.filename)), followlinks=True
    ):
        here = Path(folder)
        pages = {Path(n).stem for n in files if n.lower().endswith((".html", ".htm"))}
        kept = []
        for name in sorted(folders):
            real = _real(here / name)
            side = any(name.removesuffix(s) in pages for s in SIDE_FOLDER_SUFFIXES if name.endswith(s))
            # A link to a folder already walked would never end.
            if not (side or is_litter(name) or real in seen):
                seen.add(real)
                if roots is None or _is_below(real, roots):
                    kept.append(name)
                else:
                    unreadable.append(here / name)
        folders[:] = kept
        yield from (here / name for name in sorted(files) if not (is_litter(name) or _never_ends(here / name)))
    yield from unreadable


def _never_ends(path: Path) -> bool:
    """Whether reading would wait, or go on for ever: a pipe, a socket, a device."""
    try:
        mode = path.stat().st_mode
    except OSError:
        # The loader says what is wrong with it.
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _distinct(chosen: dict[Path, tuple[str, tuple[str, ...]]]) -> dict[Path, str]:
    """A name for each file: the relative path, with as many folders in front as it takes to tell files apart."""
    names = {path: relative for path, (relative, _) in chosen.items()}
    for depth in range(1, max((len(parts) for _, parts in chosen.values()), default=0) + 1):
        counts: dict[str, int] = {}
        for name in names.values():
            counts[name] = counts.get(name, 0) + 1
        clashing = [path for path, name in names.items() if counts[name] > 1]
        if not clashing:
            break
        for path in clashing:
            relative, parts = chosen[path]
            names[path] = "/".join([*(p.strip("/\\") for p in parts[-depth:]), relative])
    return names


def _printable(path: str) -> str:
    """The path with bytes that are no UTF-8 spelled out, so that it can be written to any table."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
