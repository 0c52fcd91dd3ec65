"""What loading gives: `Source`, the decoded text of one article, and what its file says about it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from casextract.errors import CasextractError
from casextract.load.tables import Table
from casextract.records import Problem, Severity

MarkKind = Literal[
    "heading", "list_item", "table_row", "caption", "footnote", "page", "paragraph", "unread", "gap", "doubtful"
]
"""What a mark says of its stretch. The last three say how it is read: `unread` is no text of the article (markup, a
page number or a line end inside a sentence), `gap` is read as one blank, and a number in a `doubtful` stretch stays
unresolved."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Layout that a format states about a stretch of the text (offsets into `Source.text`)."""

    start: int
    end: int
    kind: MarkKind
    level: int = 0
    """Depth of a heading or list item, from 1; the number of a page; 0 where it says nothing."""
    path: str | None = None
    """Block path in the file, for example `body/article/p[3]`."""


@dataclass(frozen=True, slots=True)
class Meta:
    """What a file states about its article outside the text (page metadata, document properties)."""

    title: str | None = None
    subtitle: str | None = None
    publisher: str | None = None
    issue: str | None = None
    published_on: date | None = None
    byline: str | None = None
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One article as loaded. `text` is never changed again; all public offsets point into it."""

    doc_id: str
    path: str
    sha256: str
    media_type: str
    encoding: str | None
    text: str
    marks: tuple[Mark, ...] = ()
    """In order of `start`; marks of kind `page` tile the text, `unread`, `gap` and `doubtful` may lie inside others,
    the rest do not overlap each other."""
    meta: Meta = field(default_factory=Meta)
    problems: tuple[Problem, ...] = ()
    tables: tuple[Table, ...] = ()
    """In order, none inside another."""
    confidence: float | None = None
    """Of the characters that OCR read in it, on average from 0 to 1; None where it read none."""


class Size(Protocol):
    """What `stat` says of a file."""

    @property
    def st_size(self) -> int:
        """Bytes."""
        ...


class Stored(Protocol):
    """A file that can be read, as a `pathlib.Path` can, wherever it lies. Both raise OSError."""

    def stat(self) -> Size:
        """Its size."""
        ...

    def read_bytes(self) -> bytes:
        """Its contents."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """A file to load: where it lies, and the path its records will carry."""

    path: Stored
    source_path: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one file gave. Problems of an article that was loaded are in its `Source.problems`, the others here."""

    sources: tuple[Source, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of tables with an article in each row, by name; None for those to be found by their usual names."""

    text: str | None = None
    title: str | None = None
    date: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader should know of a file that was loaded; it becomes a row of `problems`."""

    severity: Severity
    code: str
    message: str
    start: int | None = None
    end: int | None = None
    """The characters concerned, in the text of the article."""


@dataclass(frozen=True, slots=True)
class Article:
    """What a format's loader makes of one article, before it has an id."""

    text: str
    marks: tuple[Mark, ...] = ()
    meta: Meta = field(default_factory=Meta)
    notes: tuple[Note, ...] = ()
    encoding: str | None = None
    media_type: str | None = None
    """What the content is, where it is not what the file's first bytes say."""
    confidence: float | None = None
    """Of the characters that OCR read in it, on average; None where it read none."""
    tables: tuple[Table, ...] = ()
    """Those that the loader has printed; what the text itself shows is found later."""


class LoadError(CasextractError):
    """A file (or member of an archive) that gives no article. Carries a stable code and what to do about it."""

    exit_code = 1

    def __init__(self, code: str, message: str, severity: Severity = "error") -> None:
        """`message` says what is wrong and the remedy; the name of the file is put before it."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.severity: Severity = severity


def shown(text: str, start: int, end: int, unread: Sequence[Mark]) -> str:
    """The stretch [start, end) of a text without what the marks in `unread`, in order of start, take out of it."""
    parts = []
    for at in range(max(0, bisect_left(unread, start, key=lambda m: m.start) - 1), len(unread)):
        mark = unread[at]
        if mark.start >= end:
            break
        if mark.end > start:
            parts.append(text[start : mark.start])
            start = max(start, mark.end)
    return "".join((*parts, text[start:end]))


def problem(
    source_path: str,
    severity: Severity,
    code: str,
    message: str,
    *,
    doc_id: str | None = None,
    start: int | None = None,
    end: int | None = None,
) -> Problem:
    """A row of `problems` of this stage, the file's name in front of its message."""
    return Problem(
        source_path=source_path,
        doc_id=doc_id,
        stage="load",
        severity=severity,
        code=code,
        message=f"{source_path}: {message}",
        start=start,
        end=end,
    )


__all__ = [
    "Article",
    "Columns",
    "Found",
    "LoadError",
    "Loaded",
    "Mark",
    "MarkKind",
    "Meta",
    "Note",
    "Source",
    "problem",
    "shown",
]
