"""Publication: a dataset is written aside as a whole and takes the place of the former one in a single step.

Beside the dataset `parent/NAME` lies the work folder `parent/.casextract/NAME` on the same file system, with the lock,
the generation being written and the cache. A finished generation and the published folder are exchanged by one call of
the kernel (`renameat2` on Linux, `renamex_np` on macOS), so at every moment the path holds the former dataset or the
new one, each complete. Where the file system knows no exchange, the former folder is renamed away first; a build killed
between the two renames is put right by the next one.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from casextract.dataset.write import file_name
from casextract.errors import CasextractError
from casextract.records import TABLES

WORK_FOLDER = ".casextract"
PACKAGE_FILE = "datapackage.json"
OWN_FILES = frozenset({PACKAGE_FILE, *(file_name(t) for t in TABLES)})


class PublishError(CasextractError, ValueError):
    """A folder that cannot take a dataset (usage, exit code 2). The message names the folder and the remedy."""


def work_folder(out: Path) -> Path:
    """Where lock, cache and unfinished generation of the dataset `out` lie."""
    real = Path(os.path.realpath(out))
    return real.parent / WORK_FOLDER / real.name


INPUTS_FILE = "inputs.json"
"""In the work folder: what the dataset was built from, as absolute paths.

No part of the dataset, which says nothing of a machine.
"""


@contextmanager
def generation(out: Path, on_wait: Callable[[], None] | None = None) -> Iterator[Generation]:
    """Lock `out` and give an empty folder to write the next generation into; `publish` on it puts it in place.

    Waits while another build holds the lock (`on_wait` is called once before). Leaving without `publish` removes what
    was written and leaves `out` as it was.

    Raises PublishError where `out` can take no dataset.
    """
    from filelock import FileLock, Timeout

    real = Path(os.path.realpath(out))
    if real == real.parent:
        raise PublishError(f"{out}: is the root of the file system; choose a folder of its own")
    check_target(real)
    work = work_folder(real)
    made = not work.exists()
    lock = FileLock(work / "lock")
    while True:
        try:
            work.mkdir(parents=True, exist_ok=True)
            ignore = work.parent / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                if on_wait is not None:
                    on_wait()
                lock.acquire()
        except FileNotFoundError:
            # Taken away by another build that gave up just now.
            continue
        except OSError as error:
            raise PublishError(
                f"{work}: cannot be made ({error.strerror}); choose an --out whose parent can be written"
            ) from error
        if _is_at(lock, work / "lock"):
            break
        lock.release()
    try:
        _recover(real, work)
        check_target(real)
        folder = work / "next"
        folder.mkdir()
        try:
            yield Generation(real, work, folder)
        finally:
            _remove(folder)
    finally:
        if made and not real.exists():
            # A build that gave nothing leaves nothing.
            shutil.rmtree(work, ignore_errors=True)
            with suppress(OSError):
                if {p.name for p in work.parent.iterdir()} <= {".gitignore"}:
                    shutil.rmtree(work.parent)
        lock.release()


def _is_at(lock: Any, path: Path) -> bool:
    """Whether the lock that is held is the file at `path`: a build that gave up meanwhile may have taken it away."""
    try:
        return os.path.samestat(os.fstat(lock._context.lock_file_fd), path.stat())
    except FileNotFoundError:
        return False


class Generation:
    """A folder that is to become the dataset."""

    def __init__(self, out: Path, work: Path, folder: Path) -> None:
        """Made by `generation` only."""
        self._out = out
        self.work = work
        self.folder = folder

    def empty(self) -> None:
        """Begin anew."""
        _remove(self.folder)
        self.folder.mkdir()

    def publish(self) -> None:
        """Put the folder in the place of the dataset.

        Raises PublishError where the system refuses, WriteError on a full disk.
        """
        try:
            _keep_foreign_files(self._out, self.folder)
            for path in [*self.folder.iterdir(), self.folder]:
                _flush(path)
            if not self._out.exists():
                self.folder.rename(self._out)
                _flush(self._out.parent)
                return
            shutil.copymode(self._out, self.folder)
            try:
                exchange(self.folder, self._out)
            except NotImplementedError:
                self._out.rename(self.work / "former")
                self.folder.rename(self._out)
                _remove(self.work / "former")
            _flush(self._out.parent)
        except OSError as error:
            if error.errno in (errno.EBUSY, errno.EXDEV):
                message = f"{self._out}: cannot be replaced, because it is a mount point; choose a folder inside of it"
                raise PublishError(message) from error
            if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise PublishError(
                    f"{self._out}: cannot be replaced ({error.strerror}); check the permissions"
                ) from error
            raise


def check_target(out: Path) -> None:
    """Raise PublishError if `out` is no folder, or a folder of something else than a dataset of this tool."""
    if not out.exists():
        return
    if not out.is_dir():
        raise PublishError(f"{out}: is a file; --out takes a folder")
    try:
        entries = sorted(out.iterdir())
    except OSError as error:
        raise PublishError(f"{out}: cannot be read ({error.strerror}); check the permissions") from error
    # Single files of other origin are carried along, but a folder could be anything (a checkout, a home).
    folders = [p.name for p in entries if p.is_dir() and not p.is_symlink()]
    if folders:
        raise PublishError(
            f"{out}: holds folders that are no part of a dataset ({', '.join(folders[:3])}); choose a folder of its own"
        )
    if not (out / PACKAGE_FILE).exists() and any(p.name in OWN_FILES for p in entries):
        raise PublishError(
            f"{out}: holds tables but no {PACKAGE_FILE}, so they are not from here; choose another folder"
        )


def check_apart(inputs: Iterable[Path], out: Path) -> None:
    """Raise PublishError if `out` is an input or lies inside of one: the next build would read the dataset as
    articles."""
    real = Path(os.path.realpath(out))
    for path in inputs:
        given = Path(os.path.realpath(path))
        if real == given:
            raise PublishError(f"{out}: is the input itself; choose another folder for --out")
        if given in real.parents:
            raise PublishError(f"{out}: lies inside the input {path}; choose a folder beside it for --out")


def exchange(one: Path, other: Path) -> None:
    """Exchange two folders of one file system in one step.

    Raises NotImplementedError where the system or the file system has no such call, OSError where it fails.
    """
    if sys.platform == "linux":
        at_fdcwd, rename_exchange = -100, 2
        call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
        arguments: tuple[object, ...] = (at_fdcwd, os.fsencode(one), at_fdcwd, os.fsencode(other), rename_exchange)
    elif sys.platform == "darwin":
        rename_swap = 2
        call = getattr(ctypes.CDLL(None, use_errno=True), "renamex_np", None)
        arguments = (os.fsencode(one), os.fsencode(other), rename_swap)
    else:
        call, arguments = None, ()
    if call is None:
        raise NotImplementedError("no call that exchanges two folders")
    if call(*arguments) != 0:
        number = ctypes.get_errno()
        if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
            raise NotImplementedError(f"exchange: {os.strerror(number)}")
        raise OSError(number, os.strerror(number), str(one), None, str(other))


def _recover(out: Path, work: Path) -> None:
    """Undo what a killed build left: only the holder of the lock calls this."""
    former = work / "former"
    if former.exists() and not out.exists():
        former.rename(out)
    _remove(former)
    _remove(work / "next")


def _keep_foreign_files(out: Path, folder: Path) -> None:
    """Carry along files that somebody else put into the dataset's folder."""
    if not out.exists():
        return
    for path in out.iterdir():
        if path.name in OWN_FILES:
            continue
        try:
            os.link(path, folder / path.name, follow_symlinks=False)
        except OSError:
            if not (path.is_symlink() or path.is_file()):
                raise PublishError(
                    f"{path}: is no file and cannot be carried along; take it out of the dataset"
                ) from None
            shutil.copy2(path, folder / path.name, follow_symlinks=False)


def _flush(path: Path) -> None:
    """Have a file or folder on the disk before the next step, so that a loss of power finds it whole."""
    if path.is_symlink() or not (path.is_file() or path.is_dir()) or (sys.platform == "win32" and path.is_dir()):
        return
    flags = os.O_RDONLY if path.is_dir() else os.O_RDWR
    try:
        handle = os.open(path, flags)
    except PermissionError:
        if path.name in OWN_FILES:
            raise
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
