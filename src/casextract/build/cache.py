"""The cache of a build: what a file gave, under a key of everything that could change it.

One file an entry, named by its key, written aside and renamed, so that builds and workers may share a folder. An entry
that is damaged counts as absent. The cache saves work and decides nothing: without it a build gives the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Set
from contextlib import suppress
from dataclasses import dataclass
from functools import cache as memoised
from importlib import metadata
from pathlib import Path
from platform import python_version

from casextract.load import USUAL, Columns, optional_readers

_MAGIC = b"casextract cache 2\n"
_SIZE = hashlib.sha256().digest_size
_DISTRIBUTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Cache:
    """Entries in `folder` that hold for one set of rules, code and options, `version`."""

    folder: Path
    version: str

    def key(self, source_path: str, sha256: str, corrections: str = "") -> str:
        """The key of a file with the digest of its corrections.

        Its path counts, because records and messages carry it and formats go by it.
        """
        return hashlib.sha256("\0".join([self.version, source_path, sha256, corrections]).encode()).hexdigest()

    def get(self, key: str) -> bytes | None:
        """The entry, or None where there is none or its bytes are not those that were put under this key."""
        import pyarrow as pa

        try:
            data = self._path(key).read_bytes()
        except OSError:
            return None
        start = len(_MAGIC) + _SIZE
        head, sealed = data[:start], data[start:]
        if head != _MAGIC + _seal(key, sealed):
            return None
        return bytes(pa.decompress(sealed[8:], int.from_bytes(sealed[:8], "big"), codec="zstd", asbytes=True))

    def put(self, key: str, value: bytes) -> None:
        """Keep an entry. A disk that takes no more is no error here: the entry is made again next time."""
        import pyarrow as pa

        sealed = len(value).to_bytes(8, "big") + pa.compress(value, codec="zstd", asbytes=True)
        path = self._path(key)
        aside = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            aside.write_bytes(_MAGIC + _seal(key, sealed) + sealed)
            aside.replace(path)
        except OSError:
            with suppress(OSError):
                aside.unlink()

    def sweep(self, used: Set[str]) -> None:
        """Remove all entries but those with the keys `used`."""
        if self.folder.is_dir():
            for shelf in self.folder.iterdir():
                for path in shelf.iterdir():
                    if path.name not in used:
                        path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key


def _seal(key: str, sealed: bytes) -> bytes:
    """The digest of an entry with its key: an entry that was moved to another key's place is none."""
    return hashlib.sha256(key.encode() + b"\0" + sealed).digest()


def version(rules_digest: str, encoding: str | None, columns: Columns = USUAL) -> str:
    """What all keys of a build have in common: its rules, its code, its options and the programs that can help to read
    a file."""
    parts = [rules_digest, code_digest(), encoding or "", repr(columns), *optional_readers()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@memoised
def code_digest() -> str:
    """SHA-256 over the package's files and the versions of Python and of the packages it computes with."""
    digest = hashlib.sha256(python_version().encode())
    package = Path(__file__).parents[1]
    for path in sorted(package.rglob("*")):
        relative = path.relative_to(package)
        # The rules have a digest of their own.
        if path.is_file() and path.suffix != ".pyc" and relative.parts[0] != "_rules":
            digest.update(relative.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for requirement in sorted(metadata.requires("casextract") or ()):
        name = _DISTRIBUTION.match(requirement)
        if name is not None and "extra ==" not in requirement:
            digest.update(f"{name[0]} {_installed(name[0])}\0".encode())
    return digest.hexdigest()


def _installed(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "absent"
