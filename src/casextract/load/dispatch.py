"""From the bytes of a file to its articles: which format they are, by their content first and by their name second."""

from __future__ import annotations

import hashlib

from casextract.load.source import Found, Loaded, LoadError, Source, problem
from casextract.load.text import decode


def load_file(found: Found, encoding: str | None = None) -> Loaded:
    """Read one file and give its articles; see `load_bytes`. A file that cannot be read gives a problem, never an exception."""
    try:
        data = found.path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return Loaded(
            problems=(
                problem(
                    found.source_path,
                    "error",
                    "unreadable",
                    f"cannot be read ({reason}); check the path and the permissions",
                ),
            )
        )
    return load_bytes(data, found.source_path, encoding)


def load_bytes(data: bytes, source_path: str, encoding: str | None = None) -> Loaded:
    """The articles in `data`, the content of the file that `source_path` names.

    `encoding` (a Python codec name) overrides what would be found for text and web pages. A file that gives no article
    gives one problem of severity error; a file that gives articles carries its problems in them.

    `doc_id` is the first 16 hex digits of the SHA-256 of the bytes (of the member's bytes in an archive); parts of a file
    split into articles get `-1`, `-2` … behind it. It says nothing about the path: two identical files have the same
    `doc_id`, and whoever collects documents makes them distinct (`~2`, `~3` … in order of path).
    """
    try:
        digest = hashlib.sha256(data).hexdigest()
        doc_id = digest[:16]
        if not data:
            raise LoadError("empty_file", "the file is empty; take it away or fetch it again")
        decoded = decode(data, encoding)
        if not decoded.text.strip():
            raise LoadError("no_text", "the file holds only white space; take it away or fetch it again")
        problems = tuple(problem(source_path, s, c, m, doc_id=doc_id) for s, c, m in decoded.notes)
        source = Source(doc_id, source_path, digest, "text/plain", decoded.encoding, decoded.text, problems=problems)
        return Loaded((source,))
    except LoadError as error:
        return Loaded(problems=(problem(source_path, error.severity, error.code, error.message),))
