"""First stage: bytes to `Source`, the decoded text of one article and what the file says about it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from casextract.records import Problem

MarkKind = Literal["heading", "list_item", "table_row", "caption", "footnote", "page"]


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
    meta: Meta = field(default_factory=Meta)
    problems: tuple[Problem, ...] = ()


__all__ = ["Mark", "MarkKind", "Meta", "Source", "replace"]
