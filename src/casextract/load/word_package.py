"""The package of a Word document made as python-docx expects it: no relation to a part that is not there, one
vocabulary.

Programs leave relations behind whose part is missing or called NULL; Word opens such files without a word. The strict
form of the standard names its elements by other addresses than the usual one; its elements are the same.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Mapping
from urllib.parse import unquote
from xml.etree import ElementTree

from casextract.load.source import Note

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_STRICT = (
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
    (b"http://purl.oclc.org/ooxml/officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
)
# Documents with macros and templates are documents; the library knows the plain kind only.
_MAIN = re.compile(
    rb"application/vnd\.(?:ms-word\.|openxmlformats-officedocument\.wordprocessingml\.)(?:document|template)(?:\.macroEnabled(?:Template)?)?\.main\+xml"
)
_PLAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_READ = frozenset({"styles", "numbering", "footnotes", "endnotes"})
"""Kinds of parts that the text needs; nobody need know that another one is missing."""


def repaired(data: bytes) -> tuple[bytes, tuple[Note, ...]]:
    """The package with its faults taken out, and a note where a part with text or numbering is missing.

    Raises what `zipfile` and `ElementTree` raise on a damaged package.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    changed = {name: new for name, old in parts.items() if (new := _usual(name, old)) != old}
    lost: list[str] = []
    for name in parts:
        if name.endswith(".rels"):
            content = changed.get(name, parts[name])
            cleaned, missing = _without_missing(name, content, parts)
            if missing:
                changed[name] = cleaned
                lost += missing
    if not changed:
        return data, ()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, content in (parts | changed).items():
            package.writestr(name, content)
    named = sorted(_READ.intersection(lost))
    message = f"the Word document names parts that it does not hold ({', '.join(named)}); it was read without them"
    return buffer.getvalue(), (Note("warning", "missing_part", message),) if named else ()


def _usual(name: str, content: bytes) -> bytes:
    if name == "[Content_Types].xml":
        return _MAIN.sub(_PLAIN, content)
    if name.endswith((".xml", ".rels")) and b"purl.oclc.org/ooxml" in content:
        for strict, usual in _STRICT:
            content = content.replace(strict, usual)
    return content


def _without_missing(name: str, content: bytes, parts: Mapping[str, bytes]) -> tuple[bytes, list[str]]:
    """A part's relations without those to parts of this package that it does not hold, and what those were to."""
    root = ElementTree.fromstring(content)
    folder = posixpath.dirname(posixpath.dirname(name))
    missing: list[str] = []
    for relation in list(root):
        target = relation.get("Target", "")
        if relation.get("TargetMode") == "External":
            continue
        path = posixpath.normpath(posixpath.join("/" + folder, unquote(target).partition("#")[0])).lstrip("/")
        if path not in parts and posixpath.normpath(target).lstrip("/") not in parts:
            missing.append(relation.get("Type", "").rpartition("/")[2] or target)
            root.remove(relation)
    if not missing:
        return content, []
    ElementTree.register_namespace("", _RELATIONS)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True), missing
