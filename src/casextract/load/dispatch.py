"""From the bytes of a file to its articles: by the format they are in, whatever the file's name says."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Literal

from casextract.load.broken_lines import join_lines
from casextract.load.direction import report_reordered
from casextract.load.encodings import BOMS, decode
from casextract.load.source import Found, Loaded, LoadError, Note, Page, Source, problem
from casextract.load.split_issue import split
from casextract.load.table_structure import read_tables

Format = Literal["text", "markdown", "html", "mhtml", "pdf", "docx", "epub", "zip"]

MEDIA_TYPES: dict[Format, str] = {
    "text": "text/plain",
    "markdown": "text/markdown",
    "html": "text/html",
    "mhtml": "multipart/related",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "epub": "application/epub+zip",
    "zip": "application/zip",
}

LARGEST_FILE = 256 << 20
"""Bytes from which a file is refused unread."""

LONGEST_TEXT = 5_000_000
"""Characters from which a text is refused; a magazine issue has some 300,000."""

_NAMES: dict[Format, tuple[str, ...]] = {
    "text": (".txt", ".text", ""),
    "markdown": (".md", ".markdown"),
    "html": (".html", ".htm", ".xhtml", ".shtml"),
    "mhtml": (".mhtml", ".mht"),
    "pdf": (".pdf",),
    "docx": (".docx", ".docm"),
    "epub": (".epub",),
    "zip": (".zip",),
}
_OTHER_FILES = frozenset(
    re.findall(
        r"\S+",
        ".bmp .css .csv .eot .gif .ico .jpeg .jpg .js .json .jsonl .mp3 .mp4 .ncx .opf .otf .parquet .png .svg .tif .tiff .toml"
        " .tsv .ttf .wav .webp .woff .woff2 .xls .xlsx .xml .yaml .yml",
    )
)
_FOREIGN = (
    (b"Rar!", "a RAR archive", "unpack it"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it"),
    (b"\x1f\x8b", "a gzip archive", "unpack it"),
    (b"BZh", "a bzip2 archive", "unpack it"),
    (b"\xfd7zXZ", "an xz archive", "unpack it"),
    (b"{\\rtf", "an RTF document", "save it as .docx"),
    (b"\xd0\xcf\x11\xe0", "an old Office document (.doc, .wps, .xls, .ppt)", "save it as .docx"),
    (b"HN\x01\x00", "a CAJ document", "export it as PDF"),
    (b"CAJ\x00", "a CAJ document", "export it as PDF"),
)
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|title|div|p|article|section|table|h[1-6])\b",
    re.IGNORECASE | re.DOTALL,
)
_MHTML = re.compile(
    rb"(?:From:|MIME-Version:|Snapshot-Content-Location:|Content-Type:\s*multipart/related)", re.IGNORECASE
)


def load_file(found: Found, encoding: str | None = None) -> Loaded:
    """Read one file and give its articles, as `load_bytes` does. A file that cannot be read gives a problem too."""
    try:
        size = found.path.stat().st_size
        if size > LARGEST_FILE:
            return _failed(found.source_path, _too_large(size))
        data = found.path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return _failed(
            found.source_path, LoadError("unreadable", f"cannot be read ({reason}); check the path and its permissions")
        )
    return load_bytes(data, found.source_path, encoding)


def load_bytes(data: bytes, source_path: str, encoding: str | None = None) -> Loaded:
    """The articles in `data`, the content of the file that `source_path` names.

    `encoding` (a Python codec name) overrides what would be found for text and web pages. A file that gives no article
    gives one problem of severity error; a file that gives articles carries its problems in them; of an archive, every
    member does either.

    `doc_id` is the first 16 hex digits of the SHA-256 of the bytes (of the member's bytes in an archive); the parts of a
    file split into articles get `-1`, `-2` … behind it. It says nothing about the path: two identical files have the same
    `doc_id`, and whoever collects documents makes them distinct (`~2`, `~3` … in order of path).
    """
    try:
        return _load(data, source_path, encoding)
    except LoadError as error:
        return _failed(source_path, error)


def detect(data: bytes, source_path: str) -> Format:
    """The format of `data`, by its first bytes; the name decides only between text and a page that looks like text.

    Raises LoadError where it is a format that cannot be read.
    """
    suffix = PurePosixPath(source_path.rpartition("!/")[2]).suffix.lower()
    if data[:1024].lstrip(b"\0\t\n\r \xef\xbb\xbf").startswith(b"%PDF-"):
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(data)
    for magic, name, remedy in _FOREIGN:
        if data.startswith(magic):
            if magic == b"\xd0\xcf\x11\xe0" and "EncryptedPackage".encode("utf-16-le") in data:
                raise LoadError("encrypted", "the document is protected by a password; save it without one")
            raise LoadError("unsupported_format", f"{name} cannot be read; {remedy}")
    if suffix in _OTHER_FILES:
        message = (
            f"{suffix} files hold no article and are not read; if this one does, save it as text, HTML, DOCX or PDF"
        )
        raise LoadError("not_an_article", message, "warning")
    head = data[:4096]
    if any(head.startswith(bom) for bom, _ in BOMS[1:]):
        head = head.decode("utf-16", "ignore").encode()
    if suffix in _NAMES["mhtml"] or (_MHTML.match(data) and b"multipart/related" in data[:4096]):
        return "mhtml"
    if suffix in _NAMES["markdown"]:
        # Markdown may begin with a tag.
        return "markdown"
    return "html" if suffix in _NAMES["html"] or _HTML.match(head.removeprefix(b"\xef\xbb\xbf")) else "text"


def _zipped(data: bytes) -> Format:
    from casextract.load import archive

    names = archive.names(data)
    if any(re.fullmatch(r"word/document\d*\.xml", name) for name in names):
        return "docx"
    if "META-INF/container.xml" in names:
        return "epub"
    if "[Content_Types].xml" in names or "content.xml" in names:
        message = "a workbook, a presentation or an OpenDocument file cannot be read; save it as .docx or PDF"
        raise LoadError("unsupported_format", message)
    return "zip"


def _load(data: bytes, source_path: str, encoding: str | None, depth: int = 0) -> Loaded:
    if not data:
        raise LoadError("empty_file", "the file is empty; fetch it again or take it away")
    if len(data) > LARGEST_FILE:
        raise _too_large(len(data))
    form = detect(data, source_path)
    if form in ("zip", "epub"):
        return _load_members(data, source_path, encoding, form, depth)
    page = _page(data, form, encoding)
    if not page.text.strip():
        raise LoadError("no_text", "there is nothing but white space in it; fetch it again or take it away")
    if len(page.text) > LONGEST_TEXT:
        raise LoadError(
            "too_large", f"{len(page.text):,} characters are more than {LONGEST_TEXT:,}; split it into articles"
        )
    notes = page.notes
    suffix = PurePosixPath(source_path.rpartition("!/")[2]).suffix.lower()
    expected = next((f for f, suffixes in _NAMES.items() if suffix in suffixes), "text")
    if (
        suffix
        and expected != form
        and (form != "text" or expected != "html")
        and suffix in {s for f in _NAMES.values() for s in f}
    ):
        notes = (
            *notes,
            Note(
                "info",
                "wrong_extension",
                f"the name ends in {suffix} but the content is {MEDIA_TYPES[form]}; it was read as such",
            ),
        )
    digest = hashlib.sha256(data).hexdigest()
    page = replace(page, notes=notes, tables=read_tables(page.text, page.tables))
    return Loaded(_sources(page, source_path, digest, page.media_type or MEDIA_TYPES[form]))


def _page(data: bytes, form: Format, encoding: str | None) -> Page:
    # A parser is imported when the first file of its format comes: each costs more than reading a text does.
    match form:
        case "html":
            from casextract.load.html import load_html

            return load_html(data, encoding)
        case "mhtml":
            from casextract.load.html import load_mhtml

            return load_mhtml(data, encoding)
        case "markdown":
            from casextract.load.markdown import load_markdown

            return load_markdown(data, encoding)
        case "docx":
            from casextract.load.docx import load_docx

            return load_docx(data)
        case "pdf":
            from casextract.load.pdf import load_pdf

            return load_pdf(data)
        case _:
            decoded = decode(data, encoding)
            page = Page(decoded.text, notes=decoded.notes, encoding=decoded.encoding)
            if any(sign in page.text for sign in ("# ", "**", "](", "|", "---", "+++")):
                from casextract.load.markdown import is_markdown, read_markdown

                if is_markdown(page.text):
                    return read_markdown(replace(page, media_type=MEDIA_TYPES["markdown"]))
            return page


def _load_members(data: bytes, source_path: str, encoding: str | None, form: Format, depth: int) -> Loaded:
    from casextract.load import archive

    # A book is an archive too, and an issue may well hold one; an archive of archives is the way bombs are built.
    if depth > 0 and (form == "zip" or depth > 1):
        raise LoadError("nested_archive", "an archive inside an archive is not opened; unpack the outer one")
    sources: list[Source] = []
    problems = [problem(source_path, n.severity, n.code, n.message) for n in archive.remarks(data)]
    for member in archive.members(data, form):
        path = f"{source_path}!/{member.name}"
        try:
            if member.error is not None:
                raise member.error
            loaded = _load(member.data, path, encoding, depth + 1)
        except LoadError as error:
            loaded = _failed(path, archive.without_text(error) if form == "epub" else error)
        sources += (replace(s, meta=member.meta_for(s.meta)) for s in loaded.sources)
        problems += loaded.problems
    if not sources and not any(p.severity == "error" for p in problems):
        problems.append(
            problem(source_path, "error", "no_text", "no member of the archive is an article; check what was packed")
        )
    return Loaded(tuple(sources), tuple(problems))


def _sources(page: Page, source_path: str, digest: str, media_type: str) -> tuple[Source, ...]:
    """The articles of a file: one, or several where it evidently holds several."""
    # A PDF's lines are joined by what its pages look like.
    parts = split(page) if media_type == MEDIA_TYPES["pdf"] else tuple(map(join_lines, split(page)))
    parts = tuple(map(report_reordered, parts))
    return tuple(
        Source(
            doc_id=(doc_id := digest[:16] if len(parts) == 1 else f"{digest[:16]}-{n}"),
            path=source_path,
            sha256=digest,
            media_type=media_type,
            encoding=part.encoding,
            text=part.text,
            marks=part.marks,
            meta=part.meta,
            tables=part.tables,
            problems=tuple(
                problem(source_path, n.severity, n.code, n.message, doc_id=doc_id, start=n.start, end=n.end)
                for n in part.notes
            ),
        )
        for n, part in enumerate(parts, 1)
    )


def _failed(source_path: str, error: LoadError) -> Loaded:
    return Loaded(problems=(problem(source_path, error.severity, error.code, error.message),))


def _too_large(size: int) -> LoadError:
    return LoadError(
        "too_large", f"{size:,} bytes are more than {LARGEST_FILE:,}; split the file or take out its pictures"
    )
