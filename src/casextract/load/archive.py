"""ZIP archives and EPUB books: their members, and limits that a bomb does not pass."""

from __future__ import annotations

import contextlib
import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from urllib.parse import unquote
from xml.etree import ElementTree

from casextract.load.encodings import decode
from casextract.load.files import is_litter
from casextract.load.metadata import clean, parse_date, split_keywords
from casextract.load.source import LoadError, Meta, Note

MOST_MEMBERS = 2_000
LARGEST_MEMBER = 64 << 20
LARGEST_TOTAL = 512 << 20
HIGHEST_RATIO = 200
"""Unpacked by packed size, of what is larger than a megabyte; text has 2 to 10."""

_HARMLESS = 1 << 20

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, LookupError)
"""What the library raises on members that are damaged or packed in a way it does not know."""

_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_PAGE = (".html", ".htm", ".xhtml")
_PROTECTION = ("meta-inf/rights.xml", "meta-inf/license.lcpl", "meta-inf/sinf.xml")
_PICTURES = "the chapter holds no text, only pictures; it was passed over: run OCR on them if they are the article"
_TYPE = "{http://www.idpf.org/2007/ops}type"
_ASIDE = frozenset({"cover", "toc", "titlepage"})
_SPACES = {
    "c": "urn:oasis:names:tc:opendocument:xmlns:container",
    "o": "http://www.idpf.org/2007/opf",
    "d": "http://purl.org/dc/elements/1.1/",
}


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive, or why it could not be had."""

    name: str
    data: bytes = b""
    error: LoadError | None = None
    book: Meta = field(default_factory=Meta)

    def meta_for(self, meta: Meta) -> Meta:
        """What the member says of itself, and what the book says where the member is silent."""
        return replace(
            meta,
            publisher=meta.publisher or self.book.publisher,
            issue=meta.issue or self.book.issue,
            published_on=meta.published_on or self.book.published_on,
        )


def open_archive(data: bytes) -> zipfile.ZipFile:
    """The archive, once it has passed the limits.

    Raises LoadError: `broken_file` where it is no sound archive, `archive_bomb` where it unpacks to more than the
    limits.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise LoadError("broken_file", f"the archive is damaged or cut short ({error}); fetch it again") from None
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise LoadError(
            "archive_bomb", f"{len(infos):,} members are more than {MOST_MEMBERS:,}; unpack it and give the folder"
        )
    if sum(i.compress_size for i in infos) > len(data):
        raise LoadError(
            "archive_bomb", "its members overlap, so that it holds more than it is; unpack it yourself if you trust it"
        )
    total = sum(i.file_size for i in infos)
    if total > LARGEST_TOTAL:
        raise LoadError(
            "archive_bomb", f"it unpacks to {total:,} bytes, more than {LARGEST_TOTAL:,}; unpack it and give the folder"
        )
    if total > max(_HARMLESS, HIGHEST_RATIO * len(data)):
        message = (
            f"its {len(data):,} bytes unpack to {total:,}, which no articles do; unpack it yourself if you trust it"
        )
        raise LoadError("archive_bomb", message)
    for info in infos:
        if info.file_size > LARGEST_MEMBER or info.file_size > max(_HARMLESS, HIGHEST_RATIO * info.compress_size):
            message = (
                f"member {info.filename!r} unpacks from {info.compress_size:,} to {info.file_size:,} bytes, which no "
                "article does; unpack it yourself if you trust it"
            )
            raise LoadError("archive_bomb", message)
    return archive


def names(data: bytes) -> frozenset[str]:
    """The names of the members. Raises LoadError as `open_archive` does."""
    return frozenset(open_archive(data).namelist())


def holds_text(data: bytes) -> bool:
    """Whether an OpenDocument package is a text, by the type it states. Raises LoadError as `open_archive` does."""
    package = open_archive(data)
    try:
        stated = package.read("mimetype")
    except (KeyError, *_DAMAGE):
        return False
    return stated.startswith(b"application/vnd.oasis.opendocument.text")


def remarks(data: bytes) -> tuple[Note, ...]:
    """What there is to say of the archive itself."""
    return (
        ()
        if open_archive(data).infolist()
        else (Note("error", "no_text", "the archive is empty; check what was packed"),)
    )


def without_text(error: LoadError) -> LoadError:
    """What is said of a chapter that gave no article: one without text is a picture, and no fault of the book."""
    return LoadError("chapter_without_text", _PICTURES, "info") if error.code == "no_text" else error


def members(data: bytes, form: str) -> Iterator[Member]:
    """The members that may be articles: of a ZIP in order of name, of a book in the order it is read."""
    archive = open_archive(data)
    if form == "epub":
        yield from _chapters(archive)
        return
    infos = sorted((i for i in archive.infolist() if not i.filename.endswith("/")), key=_name)
    stems = {name.rsplit(".", 1)[0] for i in infos if (name := _name(i)).lower().endswith(_PAGE)}
    for info in infos:
        name = _name(info)
        side = any(
            str(p).removesuffix(s) in stems
            for p in PurePosixPath(name).parents
            for s in ("_files", ".files")
            if str(p).endswith(s)
        )
        if not side and not any(is_litter(part) for part in PurePosixPath(name).parts):
            yield _read(archive, info, name)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, book: Meta | None = None) -> Member:
    book = book or Meta()
    if info.flag_bits & _ENCRYPTED:
        return Member(
            name,
            error=LoadError("encrypted", "the member is protected by a password; pack it again without one"),
            book=book,
        )
    try:
        # The size in the directory may lie: no more than it says is ever read.
        with archive.open(info) as stream:
            data = stream.read(info.file_size + 1)
    except _DAMAGE as error:
        return Member(
            name, error=LoadError("broken_file", f"the member is damaged ({error}); fetch the archive again"), book=book
        )
    if len(data) > info.file_size:
        return Member(
            name,
            error=LoadError("archive_bomb", "the member is larger than the archive says; it was not read"),
            book=book,
        )
    return Member(name, data, book=book)


def _name(info: zipfile.ZipInfo) -> str:
    """The member's path; names that are not marked as UTF-8 are mostly GB18030 or UTF-8 all the same."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME and not name.isascii():
        # Where it is neither, the name stays as the library read it.
        with contextlib.suppress(UnicodeEncodeError, LoadError):
            name = decode(name.encode("cp437")).text
    # It names a document and no file of this machine; yet ./ would look like something hidden, and ../ like a way out.
    return "/".join(part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")) or "unnamed"


def _chapters(archive: zipfile.ZipFile) -> Iterator[Member]:
    """The pages of a book in the order of its spine, without the cover and the table of contents."""
    infos = {i.filename: i for i in archive.infolist()}
    if any(name.lower() in _PROTECTION for name in infos):
        raise LoadError("encrypted", "the book is protected (DRM); get one without protection")
    try:
        container = _parse(archive, infos, "META-INF/container.xml")
        root = container.find(".//c:rootfile", _SPACES)
        package_path = root.get("full-path", "") if root is not None else ""
        package = _parse(archive, infos, package_path)
    except (KeyError, ElementTree.ParseError, *_DAMAGE) as error:
        raise LoadError(
            "broken_file", f"the book's list of contents cannot be read ({error}); fetch it again"
        ) from None
    book = Meta(
        publisher=clean(package.findtext(".//d:publisher", None, _SPACES)),
        published_on=parse_date(package.findtext(".//d:date", None, _SPACES)),
        keywords=split_keywords(package.findtext(".//d:subject", None, _SPACES)),
    )
    items = {i.get("id"): i for i in package.iterfind(".//o:manifest/o:item", _SPACES)}
    aside = {
        posixpath.normpath(r.get("href", "").partition("#")[0])
        for r in package.iterfind(".//o:guide/o:reference", _SPACES)
        if r.get("type") in ("cover", "toc", "title-page")
    } | _landmarks(archive, infos, package_path, items.values())
    read: set[str] = set()
    for ref in package.iterfind(".//o:spine/o:itemref", _SPACES):
        item = items.get(ref.get("idref"))
        href = item.get("href", "").partition("#")[0] if item is not None else ""
        if item is None or "nav" in (item.get("properties") or "").split() or posixpath.normpath(href) in aside:
            continue
        name = posixpath.normpath(posixpath.join(posixpath.dirname(package_path), unquote(href)))
        # A spine may come back to a chapter; its article is one all the same.
        if name in read:
            continue
        read.add(name)
        if name not in infos:
            yield Member(
                name, error=LoadError("broken_file", "the book lists this chapter but does not hold it; fetch it again")
            )
        elif name.lower().endswith(_PAGE) or "html" in (item.get("media-type") or ""):
            yield _read(archive, infos[name], name, book)
        else:
            yield Member(name, error=LoadError("chapter_without_text", _PICTURES, "info"))


def _landmarks(
    archive: zipfile.ZipFile,
    infos: dict[str, zipfile.ZipInfo],
    package_path: str,
    items: Iterable[ElementTree.Element],
) -> frozenset[str]:
    """The pages that a book's navigation calls its cover, title page or contents, as its list of contents names
    them."""
    nav = next((i.get("href", "") for i in items if "nav" in (i.get("properties") or "").split()), None)
    if nav is None:
        return frozenset()
    try:
        page = _parse(archive, infos, posixpath.normpath(posixpath.join(posixpath.dirname(package_path), unquote(nav))))
    except (KeyError, ElementTree.ParseError, *_DAMAGE):
        # The chapters are there without it.
        return frozenset()
    found = (a for a in page.iter() if _ASIDE.intersection(a.get(_TYPE, "").split()) and a.get("href"))
    folder = posixpath.dirname(nav)
    return frozenset(posixpath.normpath(posixpath.join(folder, a.get("href", "").partition("#")[0])) for a in found)


def _parse(archive: zipfile.ZipFile, infos: dict[str, zipfile.ZipInfo], name: str) -> ElementTree.Element:
    return ElementTree.fromstring(archive.read(infos[name]))
