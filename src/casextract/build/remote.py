"""Files that lie elsewhere: `s3://bucket/folder` and every other address that pyarrow or fsspec can read and write.

An address goes wherever a folder does. pyarrow's own file systems serve `s3`, `gs`, `hdfs` and `file`; any other scheme
goes to fsspec, which then must be installed with its driver. Access keys, region and end point come from the
environment, as the store's own tools take them, or stand in the address:
`s3://bucket/folder?endpoint_override=host:port&scheme=http`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from casextract.dataset.publish import OWN_FILES, PACKAGE_FILE, PublishError
from casextract.errors import WriteError
from casextract.load import Found, InputError, discover
from casextract.load.files import is_litter

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

# Two letters at least, so that C:/ stays a drive; a `Path` has one slash left of two.
_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):/{1,2}(?P<rest>[^/].*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One object of a remote store, read as a `pathlib.Path` is. It pickles, so that a worker anywhere can read it."""

    root: str
    """Address of the folder it was found below, with the options behind the question mark."""
    path: str
    """Path inside the file system of `root`."""
    st_size: int
    """Size in bytes, under the name `stat` gives it."""

    def stat(self) -> RemoteFile:
        """Itself: its size is known from the listing."""
        return self

    def read_bytes(self) -> bytes:
        """The contents. Raises OSError where they cannot be had."""
        system, _ = _opened(self.root)
        with system.open_input_stream(self.path) as stream:
            data: bytes = stream.read()
        return data


def address_of(location: Path | str) -> str | None:
    """The address that `location` is, or None where it is a path of this machine."""
    m = _ADDRESS.fullmatch(str(location))
    if m is None or (isinstance(location, Path) and location.exists()):
        return None
    return f"{m['scheme'].lower()}://{m['rest']}"


def find(inputs: Sequence[Path | str], follow_links: bool = False) -> list[Found]:
    """All files below the folders and addresses of `inputs`, sorted by `source_path`, as `load.discover` gives them.

    Raises InputError where one does not exist or cannot be listed.
    """
    addresses = [a for a in map(address_of, inputs) if a is not None]
    found = discover([i for i in inputs if address_of(i) is None], follow_links)
    if not addresses:
        return found
    taken = {f.source_path for f in found}
    for address in dict.fromkeys(addresses):
        for file in _below(address):
            name = file.source_path
            if name in taken:
                # The same name below another input: with its folders in front it is another one.
                name = f"{_bare(address).removesuffix('/' + name)}/{name}"
            taken.add(name)
            found.append(Found(file.path, name))
    return sorted(found, key=lambda f: (f.source_path, str(f.path)))


def upload(folder: Path, address: str, replace: bool = True) -> None:
    """Put the dataset in `folder` at an address, the data package last, and remove nothing else there.

    A store knows no exchange of folders: for as long as it takes to send them, tables of two builds may lie side by
    side. The data package names the digest of each table, so a reader can tell.

    Raises PublishError where the address holds something else than a dataset, or one that is not to be `replace`d,
    WriteError where it cannot be written.
    """
    from pyarrow.fs import FileSelector

    system, path = _opened(address)
    try:
        present = {PurePosixPath(i.path).name for i in system.get_file_info(FileSelector(path, allow_not_found=True))}
        if present & OWN_FILES and PACKAGE_FILE not in present:
            raise PublishError(
                f"{address}: holds tables but no {PACKAGE_FILE}, so they are not from here; choose another"
            )
        if PACKAGE_FILE in present and not replace:
            raise PublishError(
                f"{address}: no article was found, so the dataset stays as it was; "
                "check the input, or use --allow-empty"
            )
        system.create_dir(path, recursive=True)
        for file in sorted(folder.iterdir(), key=lambda f: (f.name == PACKAGE_FILE, f.name)):
            with file.open("rb") as data, system.open_output_stream(f"{path}/{file.name}") as stream:
                while block := data.read(8 << 20):
                    stream.write(block)
    except OSError as error:
        raise WriteError(
            f"{address}: cannot be written ({_reason(error)}); check the address and the access keys"
        ) from error


def _below(address: str) -> list[Found]:
    from pyarrow.fs import FileSelector, FileType

    system, path = _opened(address)
    try:
        [info] = system.get_file_info([path])
        if info.type == FileType.NotFound:
            raise InputError(f"{address}: no such file or folder; check the address")
        if info.type == FileType.File:
            return [Found(RemoteFile(address, path, info.size), PurePosixPath(path).name)]
        infos = system.get_file_info(FileSelector(path, recursive=True))
    except OSError as error:
        raise InputError(
            f"{address}: cannot be listed ({_reason(error)}); check the address and the access keys"
        ) from error
    files = []
    for info in infos:
        name = str(PurePosixPath(info.path).relative_to(path))
        if info.type == FileType.File and not any(is_litter(part) for part in PurePosixPath(name).parts):
            files.append(Found(RemoteFile(address, info.path, info.size), name))
    return files


@cache
def _opened(address: str) -> tuple[FileSystem, str]:
    """The file system of an address, opened once in each process, and the path in it. Raises InputError."""
    import pyarrow as pa
    from pyarrow.fs import FileSystem, FSSpecHandler, PyFileSystem

    try:
        return FileSystem.from_uri(address)  # type: ignore[no-any-return]
    except pa.ArrowInvalid as unknown:
        try:
            from fsspec.core import url_to_fs

            system, path = url_to_fs(address)
        except (ImportError, ValueError) as error:
            scheme = address.partition(":")[0]
            message = (
                f"{address}: nothing here can read {scheme}:// ({error}; {unknown}); "
                "install fsspec and its driver for it"
            )
            raise InputError(message) from error
        return PyFileSystem(FSSpecHandler(system)), path


def _bare(address: str) -> str:
    """An address without its scheme and options."""
    return address.partition("://")[2].partition("?")[0].strip("/")


def _reason(error: OSError) -> Any:
    return error.strerror or " ".join(str(error).split())[:200] or type(error).__name__
