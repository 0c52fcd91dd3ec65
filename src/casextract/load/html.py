"""Web pages: the article as lines, without navigation, side bars, related links and comments.

Resiliparse parses the page and decides what its main content is. Every block of text is given a number before it
decides, and the numbers that come out say which blocks it kept: so the text is built here, with headings, lists, tables
and the path of every block, and the choice is the library's. What a browser strikes out or hides is not read.
"""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from itertools import pairwise

from resiliparse.parse.html import HTMLTree

from casextract.load.encodings import codec_name, decode
from casextract.load.html_content import main_content
from casextract.load.html_runs import DEEP, Run, runs_of
from casextract.load.html_sheets import mark_hidden
from casextract.load.page_blocks import PageBlock
from casextract.load.page_metadata import page_meta
from casextract.load.source import Article, LoadError, Mark, Note
from casextract.load.tables import Table, printed

LONGEST = 10_000_000
"""Characters from which a page is refused, embedded pictures aside."""

MOST_TAGS = 300_000
"""Tags from which a page is refused."""

_EMBEDDED = re.compile(r"data:[a-z]+/[\w.+-]+;base64,[A-Za-z0-9+/=\s]{100,}")

# The parser compares each attribute of a tag with all others; what a page says in so many is nothing to read.
_CROWDED = re.compile(r"<([a-zA-Z][\w-]*)\s[^<>]{50000,}>")

_DECLARED = re.compile(rb"""<(?:meta\b[^>]*?charset|\?xml\b[^>]*?encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)


def declared_encoding(data: bytes) -> str | None:
    """The encoding that a page's `<meta>` or XML declaration names, as it is written."""
    match = _DECLARED.search(data, 0, 8192)
    return match[1].decode("ascii") if match else None


def load_html(data: bytes, encoding: str | None = None, declared: str | None = None) -> Article:
    """The article of a page. `encoding` is the user's word, `declared` what a header around the page says.

    Raises LoadError where the bytes are no text or the page has none.
    """
    said = declared or declared_encoding(data)
    decoded = decode(data, encoding, said)
    notes = list(decoded.notes)
    codec = codec_name(said)
    if encoding is None and codec is not None and _family(codec) != _family(decoded.encoding) and not data.isascii():
        notes.append(Note("info", "wrong_declaration", f"the page calls itself {said} but is {decoded.encoding}"))
    text = _CROWDED.sub(r"<\1>", _EMBEDDED.sub("", decoded.text))
    if len(text) > LONGEST or text.count("<") > MOST_TAGS:
        message = (
            f"{len(text):,} characters and {text.count('<'):,} tags are more than a page has; "
            "save the article by itself"
        )
        raise LoadError("too_large", message)
    tree = HTMLTree.parse(text)
    mark_hidden(tree)
    body = tree.body or tree.document
    runs, depth = runs_of(body)
    shown = [run.text for run in runs]
    kept = main_content(tree, runs) if depth <= DEEP else set(range(len(runs)))
    meta = page_meta(tree, _blocks_of(runs, shown, kept))
    if depth > DEEP:
        message = (
            f"elements are nested {depth} deep, so navigation could not be told from the article; save the page again"
        )
        notes.append(Note("warning", "deep_nesting", message))
    lines, marks, tables = _lines([r for i, r in enumerate(runs) if i in kept])
    if not lines:
        raise LoadError(
            "no_text", "the page has no text; if a script fills it in, save it from the browser after it has loaded"
        )
    return Article("\n".join(lines) + "\n", tuple(marks), meta, tuple(notes), decoded.encoding, tables=tuple(tables))


def _family(codec: str) -> str:
    return "utf-8" if codec == "utf-8-sig" else "big5" if codec in ("cp950", "big5hkscs") else codec[:6]


def _lines(runs: list[Run]) -> tuple[list[str], list[Mark], list[Table]]:
    lines: list[str] = []
    marks: list[Mark] = []
    tables: list[Table] = []
    offset = 0
    at = 0
    while at < len(runs):
        run, after = runs[at], at + 1
        if run.table is not None:
            rows, cells = printed([row.entries for row in run.table])
            tables.append(Table(0, len("\n".join(rows)), cells).shifted(offset))
            for row, line in zip(run.table, rows, strict=True):
                lines.append(line)
                marks.append(Mark(offset, offset + len(line), "table_row", 0, f"{run.path}/{row.path}"))
                offset += len(line) + 1
            at = after
            continue
        if run.row:
            while after < len(runs) and runs[after].row == run.row:
                after += 1
            line = "\t".join(r.text for r in runs[at:after])
        else:
            line = run.marker + run.text
        path = run.path.rpartition("/")[0] if run.row else run.path
        lines.append(line)
        marks.append(Mark(offset, offset + len(line), run.kind, run.level, path))
        offset += len(line) + 1
        at = after
    return lines, marks, tables


def _blocks_of(runs: list[Run], shown: list[str], kept: set[int]) -> list[PageBlock]:
    """The runs as `page_meta` looks at them."""
    blocks = [_block(run, text, i in kept) for i, (run, text) in enumerate(zip(runs, shown, strict=True))]
    return [replace(a, after=b.text) for a, b in pairwise(blocks)] + blocks[-1:]


def _block(run: Run, text: str, kept: bool) -> PageBlock:
    linked = run.is_link(text)
    if run.table is not None:
        cells = [entry.text for row in run.table for entry in row.entries if entry.text.strip()]
        return PageBlock("  ".join(cells), tuple(cells), 0, linked, kept)
    return PageBlock(text, tuple(run.parts), run.level if run.kind == "heading" else 0, linked, kept)


_BOUNDARY = re.compile(rb"""(boundary\s*=\s*[^\s"';(]+)\([^\r\n]*""", re.IGNORECASE)
"""A boundary with comments behind it, which the plain policy would take for a part of it."""


def load_mhtml(data: bytes, encoding: str | None = None) -> Article:
    """The article of a page saved as one file (MHTML): its first HTML part.

    Raises LoadError where there is none, or as `load_html` does.
    """
    # The plain policy takes headers as they come; the newer one's parser of parameters goes as deep as they are nested.
    message = email.message_from_bytes(_BOUNDARY.sub(rb"\1", data), policy=email.policy.compat32)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and payload.strip():
                return load_html(payload, encoding, part.get_content_charset())
    raise LoadError("broken_file", "the saved page holds no HTML; save it again")
