"""Files that people keep are written as a whole or not at all: aside, and put in place when all are there.

So a full disk, a limit or an interrupt leaves what was there before, and no file under its name is half of one.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from tempfile import mkdtemp

from casextract.errors import WriteError


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turn what the system says against writing `target` into a WriteError that names it."""
    try:
        yield
    except WriteError:
        raise
    except OSError as error:
        why = error.strerror or str(error)
        if error.errno in _NOT_ALLOWED:
            raise WriteError(f"{target}: cannot be written ({why}); check the permissions, or name another") from error
        if error.errno in _NO_ROOM:
            raise WriteError(f"{target}: cannot be written ({why}); make room, or name another") from error
        raise WriteError(f"{target}: cannot be written ({why}); name another") from error


_NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


@contextmanager
def replacing(targets: Sequence[Path]) -> Iterator[list[Path]]:
    """Paths to write to, in a folder beside the targets, which share one; each becomes its target if nothing is raised.

    Missing folders are made, and taken away again if something is raised. A target that is a link stays one: what it
    leads to is replaced.

    Raises WriteError where a target is no file that can be replaced (a folder, a device) or the system refuses.
    """
    first = targets[0]
    with writing(first):
        for target in targets:
            if target.is_dir():
                raise WriteError(f"{target}: is a folder; name a file")
            if target.exists() and not target.is_file():
                raise WriteError(f"{target}: is a device or pipe; name a file")
        made = _made(first.parent)
        aside = None
        try:
            aside = Path(mkdtemp(prefix=f".{first.name[:50]}.", dir=first.parent))
            paths = [aside / target.name for target in targets]
            yield paths
            for path, target in zip(paths, targets, strict=True):
                if target.exists():
                    shutil.copymode(target, path)
            for path, target in zip(paths, targets, strict=True):
                path.replace(os.path.realpath(target))
            made = None
        finally:
            if aside is not None:
                shutil.rmtree(aside, ignore_errors=True)
            if made is not None:
                _unmake(first.parent, made)


def write_text(target: Path, text: str) -> None:
    """Write a text as UTF-8 in the place of `target`, or into it where it is a device or pipe.

    Raises WriteError as `replacing` does.
    """
    if target.exists() and not (target.is_file() or target.is_dir()):
        with writing(target):
            target.write_text(text, encoding="utf-8", newline="\n")
        return
    with replacing([target]) as (aside,):
        aside.write_text(text, encoding="utf-8", newline="\n")


def _made(folder: Path) -> Path | None:
    """Make a folder with those above it; the highest that was made."""
    missing = list(takewhile(lambda p: not p.exists(), (folder, *folder.parents)))
    there = missing[-1].parent if missing else folder
    if not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    folder.mkdir(parents=True, exist_ok=True)
    return missing[-1] if missing else None


def _unmake(folder: Path, highest: Path) -> None:
    """Take away a folder and those above it up to one, as far as nothing is in them."""
    with suppress(OSError):
        for path in (folder, *folder.parents):
            path.rmdir()
            if path == highest:
                return
