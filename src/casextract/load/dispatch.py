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
from casextract.load.sound import sound
from casextract.load.source import Article, Columns, Found, Loaded, LoadError, Note, Source, problem
from casextract.load.split_issue import split
from casextract.load.table_structure import read_tables
from casextract.records import Problem

FileFormat = Literal[
    "text",
    "markdown",
    "html",
    "mhtml",
    "mail",
    "pdf",
    "docx",
    "doc",
    "rtf",
    "odt",
    "image",
    "epub",
    "zip",
    "csv",
    "tsv",
    "jsonl",
    "json",
    "xlsx",
]

MEDIA_TYPES: dict[FileFormat, str] = {
    "text": "text/plain",
    "markdown": "text/markdown",
    "html": "text/html",
    "mhtml": "multipart/related",
    "mail": "message/rfc822",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "doc": "application/msword",
    "rtf": "application/rtf",
    "odt": "application/vnd.oasis.opendocument.text",
    "image": "image/*",
    "epub": "application/epub+zip",
    "zip": "application/zip",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "jsonl": "application/jsonl",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

USUAL = Columns()
"""Tables with an article in each row have their columns found by name."""

LARGEST_FILE = 256 << 20
"""Bytes from which a file is refused unread."""

LONGEST_TEXT = 5_000_000
"""Characters from which a text is refused; a magazine issue has some 300,000."""

_NAMES: dict[FileFormat, tuple[str, ...]] = {
    "text": (".txt", ".text", ""),
    "markdown": (".md", ".markdown"),
    "html": (".html", ".htm", ".xhtml", ".shtml"),
    "mhtml": (".mhtml", ".mht"),
    "mail": (".eml",),
    "pdf": (".pdf",),
    "docx": (".docx", ".docm"),
    "doc": (".doc", ".dot", ".wps", ".wpt"),
    "rtf": (".rtf",),
    "odt": (".odt", ".ott", ".fodt"),
    "image": (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"),
    "epub": (".epub",),
    "zip": (".zip",),
    "csv": (".csv",),
    "tsv": (".tsv",),
    "jsonl": (".jsonl", ".ndjson"),
    "json": (".json",),
    "xlsx": (".xlsx", ".xlsm"),
}
_ROWS: tuple[FileFormat, ...] = ("csv", "tsv", "jsonl", "json", "xlsx")
_PRINTED: tuple[FileFormat, ...] = ("csv", "tsv", "xlsx")
_OFFICE: dict[FileFormat, str] = {
    "doc": "an old Word or WPS document",
    "rtf": "a Rich Text document",
    "odt": "an OpenDocument text",
}
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*", b"RIFF")
_OTHER_FILES = frozenset(
    re.findall(
        r"\S+",
        ".css .eot .gif .ico .js .mp3 .mp4 .ncx .opf .otf .parquet .svg .toml .ttf .wav .woff .woff2 .xls .xml "
        ".yaml .yml",
    )
)
_FOREIGN = (
    (b"Rar!", "a RAR archive", "unpack it"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it"),
    (b"\x1f\x8b", "a gzip archive", "unpack it"),
    (b"BZh", "a bzip2 archive", "unpack it"),
    (b"\xfd7zXZ", "an xz archive", "unpack it"),
    (b"HN\x01\x00", "a CAJ document", "export it as PDF"),
    (b"CAJ\x00", "a CAJ document", "export it as PDF"),
)
# Formats that their first bytes do not tell, or not all of them.
_BY_NAME = {
    ".ofd": ("an OFD document", "open it in a reader of OFD and export it as PDF"),
    ".caj": ("a CAJ document", "export it as PDF"),
    ".kdh": ("a KDH document", "export it as PDF"),
    ".nh": ("an NH document", "export it as PDF"),
    ".mobi": ("a Kindle book", "turn it into EPUB"),
    ".azw3": ("a Kindle book", "turn it into EPUB"),
    ".djvu": ("a DjVu document", "turn it into PDF"),
    ".msg": ("an Outlook message", "save it as .eml"),
    ".pages": ("a Pages document", "export it as .docx"),
}
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?>(?:<!--.*?-->\s*)*)<(?:!doctype\s+html|html|head|body|meta|title|div|p|article|section|table|h[1-6])\b",
    re.IGNORECASE | re.DOTALL,
)
_MAIL = re.compile(rb"[A-Za-z][A-Za-z-]+:")
_MHTML = re.compile(
    rb"(?:From:|MIME-Version:|Snapshot-Content-Location:|Content-Type:\s*multipart/related)", re.IGNORECASE
)


def load_file(found: Found, encoding: str | None = None, columns: Columns = USUAL) -> Loaded:
    """Read one file and give its articles, as `load_bytes` does. A file that cannot be read gives a problem too."""
    try:
        size = found.path.stat().st_size
        if size > LARGEST_FILE:
            return _failed(found.source_path, _too_large(size))
        data = found.path.read_bytes()
    except LoadError as error:
        return _failed(found.source_path, error)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return _failed(
            found.source_path, LoadError("unreadable", f"cannot be read ({reason}); check the path and its permissions")
        )
    return load_bytes(data, found.source_path, encoding, columns)


def load_bytes(data: bytes, source_path: str, encoding: str | None = None, columns: Columns = USUAL) -> Loaded:
    """The articles in `data`, the content of the file that `source_path` names.

    `encoding` (a Python codec name) overrides what would be found for text and web pages, `columns` what would be found
    for tables with an article in each row. A file that gives no article gives one problem of severity error; a file
    that gives articles carries its problems in them; of an archive, every member does either.

    `doc_id` is the first 16 hex digits of the SHA-256 of the bytes (of the member's bytes in an archive); the parts of
    a file split into articles get `-1`, `-2` … behind it. It says nothing about the path: two identical files have the
    same `doc_id`, and whoever collects documents makes them distinct (`~2`, `~3` … in order of path).
    """
    try:
        return _load(data, source_path, encoding, columns)
    except LoadError as error:
        return _failed(source_path, error)
    except RecursionError:
        return _failed(source_path, _too_deep())


def optional_readers() -> tuple[str, ...]:
    """What is here of the programs that not everybody has and with which more files can be read."""
    from importlib.util import find_spec

    from casextract.load.office import program

    found = ("LibreOffice" if program() else "", "OCR" if find_spec("rapidocr_onnxruntime") else "")
    return tuple(name for name in found if name)


def detect(data: bytes, source_path: str) -> FileFormat:
    """The format of `data`, by its first bytes; the name decides only between text and a page that looks like text.

    Raises LoadError where it is a format that cannot be read.
    """
    suffix = PurePosixPath(source_path.rpartition("!/")[2]).suffix.lower()
    if data[:1024].lstrip(b"\0\t\n\r \xef\xbb\xbf").startswith(b"%PDF-"):
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return _compound(data)
    if data.startswith(b"{\\rtf"):
        return "rtf"
    if suffix in _NAMES["image"] and data.startswith(_IMAGES):
        return "image"
    for magic, name, remedy in _FOREIGN:
        if data.startswith(magic):
            raise LoadError("unsupported_format", f"{name} cannot be read; {remedy}")
    if suffix in _BY_NAME:
        name, remedy = _BY_NAME[suffix]
        raise LoadError("unsupported_format", f"{name} cannot be read; {remedy}")
    if suffix in _OTHER_FILES:
        message = (
            f"{suffix} files hold no article and are not read; if this one does, save it as text, HTML, DOCX or PDF"
        )
        raise LoadError("not_an_article", message, "warning")
    head = data[:4096]
    if any(head.startswith(bom) for bom, _ in BOMS[1:]):
        head = head.decode("utf-16", "ignore").encode()
    for rows in _ROWS[:-1]:
        if suffix in _NAMES[rows]:
            return rows
    if not suffix and data[:64].lstrip().startswith(b'{"'):
        # What is piped in has no name.
        return "jsonl"
    if suffix in _NAMES["mail"] or (suffix not in _NAMES["mhtml"] and _is_mail(data)):
        return "mail"
    if suffix in _NAMES["mhtml"] or (_MHTML.match(data) and b"multipart/related" in data[:4096]):
        return "mhtml"
    if suffix in _NAMES["markdown"]:
        # Markdown may begin with a tag.
        return "markdown"
    return "html" if suffix in _NAMES["html"] or _HTML.match(head.removeprefix(b"\xef\xbb\xbf")) else "text"


def _is_mail(data: bytes) -> bool:
    # The parser of mails is imported where something looks like one.
    if not _MAIL.match(data) or b"Snapshot-Content-Location:" in data[:4096]:
        return False
    from casextract.load.mail import is_mail

    return is_mail(data[: 1 << 14])


def _compound(data: bytes) -> FileFormat:
    """The format of a file in the container of the old Office programs, by the name of the stream it must have."""

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        raise LoadError("encrypted", "the document is protected by a password; save it without one")
    for stream, name, remedy in (
        ("Workbook", "an old workbook (.xls)", "save it as .xlsx"),
        ("PowerPoint Document", "an old presentation (.ppt)", "save it as PDF"),
        ("__properties_version1.0", "an Outlook message (.msg)", "save it as .eml"),
    ):
        if holds(stream) and not holds("WordDocument"):
            raise LoadError("unsupported_format", f"{name} cannot be read; {remedy}")
    return "doc"


def _zipped(data: bytes) -> FileFormat:
    from casextract.load import archive

    names = archive.names(data)
    if any(re.fullmatch(r"word/document\d*\.xml", name) for name in names):
        return "docx"
    if "META-INF/container.xml" in names:
        return "epub"
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "OFD.xml" in names:
        message = "an OFD document cannot be read; open it in a reader of OFD and export it as PDF"
        raise LoadError("unsupported_format", message)
    if "content.xml" in names and archive.holds_text(data):
        return "odt"
    if "[Content_Types].xml" in names or "content.xml" in names:
        message = "a presentation, a drawing or an OpenDocument workbook cannot be read; save it as .docx or PDF"
        raise LoadError("unsupported_format", message)
    return "zip"


def _load(data: bytes, source_path: str, encoding: str | None, columns: Columns, depth: int = 0) -> Loaded:
    if not data:
        raise LoadError("empty_file", "the file is empty; fetch it again or take it away")
    if len(data) > LARGEST_FILE:
        raise _too_large(len(data))
    form = detect(data, source_path)
    if form in ("zip", "epub"):
        return _load_members(data, source_path, encoding, columns, form, depth)
    if form in _ROWS:
        return _load_sheet(data, source_path, encoding, columns, form)
    suffix = PurePosixPath(source_path.rpartition("!/")[2]).suffix.lower()
    if form == "mail":
        return _load_mail(data, source_path, encoding, columns, depth)
    page = _page(data, form, encoding)
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
    return _loaded(replace(page, notes=notes), source_path, data, form)


def _loaded(page: Article, source_path: str, data: bytes, form: FileFormat) -> Loaded:
    if not page.text.strip():
        raise LoadError("no_text", "there is nothing but white space in it; fetch it again or take it away")
    if len(page.text) > LONGEST_TEXT:
        raise LoadError(
            "too_large", f"{len(page.text):,} characters are more than {LONGEST_TEXT:,}; split it into articles"
        )
    page = replace(page, tables=read_tables(page.text, page.tables))
    return Loaded(_sources(page, source_path, hashlib.sha256(data).hexdigest(), page.media_type or MEDIA_TYPES[form]))


def _load_mail(data: bytes, source_path: str, encoding: str | None, columns: Columns, depth: int) -> Loaded:
    """A mail's letter, and what hangs on it as members of an archive are."""
    from casextract.load import mail

    if depth > 1:
        raise LoadError(
            "nested_archive", "a mail inside an archive inside an archive is not opened; unpack the outer one"
        )
    sources: list[Source] = []
    problems: list[Problem] = []
    missing: LoadError | None = None
    try:
        sources += _loaded(mail.load_letter(data, encoding), source_path, data, "mail").sources
    except LoadError as error:
        missing = error
    for name, content in mail.attachments(data):
        path = f"{source_path}!/{name}"
        try:
            loaded = _load(content, path, encoding, columns, depth + 1)
        except LoadError as error:
            loaded = _failed(path, error)
        sources += loaded.sources
        problems += loaded.problems
    if missing is not None and not (missing.code == "no_text" and sources):
        problems.append(problem(source_path, missing.severity, missing.code, missing.message))
    return Loaded(tuple(sources), tuple(problems))


def _load_sheet(data: bytes, source_path: str, encoding: str | None, columns: Columns, form: FileFormat) -> Loaded:
    """The articles of a sheet that has one in each row; else the sheet itself, if it is a table that somebody
    printed."""
    failure: LoadError | None = None
    loaded = Loaded()
    try:
        loaded = _load_rows(data, source_path, encoding, columns, form)
    except LoadError as error:
        if error.code not in ("not_an_article", "no_text"):
            raise
        failure = error
    if not loaded.sources and columns == USUAL and form in _PRINTED:
        from casextract.load.sheets import load_sheet

        page = load_sheet(data, form, encoding)  # type: ignore[arg-type]
        if page is not None:
            return _loaded(page, source_path, data, form)
    if failure is not None:
        raise failure
    return loaded


def _load_rows(data: bytes, source_path: str, encoding: str | None, columns: Columns, form: FileFormat) -> Loaded:
    """The articles of a table, each named by the number of its row: `news.csv!/12`."""
    from casextract.load.article_rows import article_rows

    digest = hashlib.sha256(data).hexdigest()
    sources: list[Source] = []
    problems: list[Problem] = []
    for row in article_rows(data, form, columns, encoding):  # type: ignore[arg-type]
        path = f"{source_path}!/{row.number}"
        if row.page is None:
            assert row.error is not None
            problems.append(problem(path, row.error.severity, row.error.code, row.error.message))
            continue
        page = replace(row.page, tables=read_tables(row.page.text, row.page.tables))
        sources.append(_source(_finished(page), path, digest, MEDIA_TYPES[form], f"{digest[:16]}-{row.number}"))
    if not sources and not problems:
        raise LoadError("no_text", "the table has no row with an article; check what was written to it")
    return Loaded(tuple(sources), tuple(problems))


def _page(data: bytes, form: FileFormat, encoding: str | None) -> Article:
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
        case "doc" | "rtf" | "odt":
            from casextract.load.docx import load_docx
            from casextract.load.office import converted

            return load_docx(converted(data, _NAMES[form][0], _OFFICE[form]))
        case "pdf":
            from casextract.load.pdf import load_pdf

            return load_pdf(data)
        case "image":
            from casextract.load.pdf import load_picture

            return load_picture(data)
        case _:
            decoded = decode(data, encoding)
            page = Article(decoded.text, notes=decoded.notes, encoding=decoded.encoding)
            if any(sign in page.text for sign in ("# ", "**", "](", "|", "---", "+++")):
                from casextract.load.markdown import is_markdown, read_markdown

                if is_markdown(page.text):
                    return read_markdown(replace(page, media_type=MEDIA_TYPES["markdown"]))
            return page


def _load_members(
    data: bytes, source_path: str, encoding: str | None, columns: Columns, form: FileFormat, depth: int
) -> Loaded:
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
            loaded = _load(member.data, path, encoding, columns, depth + 1)
        except LoadError as error:
            loaded = _failed(path, archive.without_text(error) if form == "epub" else error)
        sources += (replace(s, meta=member.meta_for(s.meta)) for s in loaded.sources)
        problems += loaded.problems
    if not sources and not any(p.severity == "error" for p in problems):
        problems.append(
            problem(source_path, "error", "no_text", "no member of the archive is an article; check what was packed")
        )
    return Loaded(tuple(sources), tuple(problems))


def _sources(page: Article, source_path: str, digest: str, media_type: str) -> tuple[Source, ...]:
    """The articles of a file: one, or several where it evidently holds several."""
    parts = split(page)
    names = [digest[:16]] if len(parts) == 1 else [f"{digest[:16]}-{n}" for n in range(1, len(parts) + 1)]
    # A PDF's lines are joined by what its pages look like.
    drawn = media_type == MEDIA_TYPES["pdf"] or media_type.startswith("image/")
    return tuple(
        _source(report_reordered(part) if drawn else _finished(part), source_path, digest, media_type, doc_id)
        for part, doc_id in zip(parts, names, strict=True)
    )


def reread(source: Source) -> Source:
    """An article whose text alone is left, with the marks and tables that the text shows by itself."""
    page = Article(source.text, meta=source.meta)
    if source.media_type == MEDIA_TYPES["markdown"]:
        from casextract.load.markdown import read_markdown

        page = read_markdown(page)
    page = replace(page, tables=read_tables(page.text, page.tables))
    drawn = source.media_type == MEDIA_TYPES["pdf"] or source.media_type.startswith("image/")
    page = report_reordered(page if drawn else join_lines(page))
    return replace(source, marks=page.marks, tables=page.tables)


def _finished(page: Article) -> Article:
    """An article with the marks that depend on all of its text."""
    return report_reordered(join_lines(page))


def _source(article: Article, source_path: str, digest: str, media_type: str, doc_id: str) -> Source:
    loaded = Source(
        doc_id=doc_id,
        path=source_path,
        sha256=digest,
        media_type=media_type,
        encoding=article.encoding,
        text=article.text,
        marks=article.marks,
        meta=article.meta,
        tables=article.tables,
        problems=tuple(
            problem(source_path, n.severity, n.code, n.message, doc_id=doc_id, start=n.start, end=n.end)
            for n in article.notes
        ),
        confidence=article.confidence,
    )
    return sound(loaded)


def _failed(source_path: str, error: LoadError) -> Loaded:
    return Loaded(problems=(problem(source_path, error.severity, error.code, error.message),))


def _too_deep() -> LoadError:
    return LoadError("too_deep", "its parts stand inside of each other so deep that it cannot be read; save it anew")


def _too_large(size: int) -> LoadError:
    return LoadError(
        "too_large", f"{size:,} bytes are more than {LARGEST_FILE:,}; split the file or take out its pictures"
    )
