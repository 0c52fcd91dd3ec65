"""Files that are broken, foreign or hostile: each gives its own code and a remedy, and none an exception."""

from __future__ import annotations

import io
import json
import random
import re
import struct
import zipfile

import pytest

from casextract.load import load_bytes
from samples import ROOT, article_text, builders

MAKE = builders()
ARTICLE = MAKE.read_article(article_text(MAKE.ARTICLE))
SAMPLES = MAKE.samples(article_text(MAKE.ARTICLE))
TEXT = ARTICLE.text.encode()


def pdf_with_password() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt="secret", invariant=1)
    canvas.drawString(72, 700, "120")
    canvas.save()
    return buffer.getvalue()


def pdf_of_pictures() -> bytes:
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    canvas.drawImage(ImageReader(Image.new("L", (40, 60), 200)), 0, 0, 400, 600)
    canvas.save()
    return buffer.getvalue()


def zip_with_password() -> bytes:
    data = bytearray(MAKE.packed({"a.txt": TEXT}))
    # Bit 0 of the flags says that a member is encrypted: in its own header and in the directory.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def zip_that_lies_about_size() -> bytes:
    data = bytearray(MAKE.packed({"a.txt": TEXT}))
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 100)
    return bytes(data)


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"0" * (8 << 20))
    return buffer.getvalue()


def without(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return MAKE.packed({n: package.read(n) for n in package.namelist() if n != name})


# name of the file, its content, the codes of its problems, whether an article is loaded all the same
BROKEN: list[tuple[str, str, bytes, list[str], bool]] = [
    ("zero bytes", "x.txt", b"", ["empty_file"], False),
    ("white space", "x.txt", "\ufeff\n　 \r\n".encode(), ["no_text"], False),
    ("noise", "x.txt", random.Random(1).randbytes(4000), ["not_text"], False),
    ("zeros", "x.txt", bytes(100_000), ["not_text"], False),
    ("picture called text", "x.txt", b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(3000), ["not_text"], False),
    ("picture", "x.png", b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(3000), ["not_an_article"], False),
    ("text cut inside a character", "x.txt", TEXT[:-2], ["truncated"], True),
    ("damaged text", "x.txt", TEXT[:300] + b"\xff\xfe" + TEXT[300:], ["undecodable_bytes"], True),
    ("two encodings in one file", "x.txt", TEXT + ARTICLE.text.encode("gbk"), ["not_text"], False),
    ("100 MB of one character", "x.txt", b"8" * 100_000_000, ["too_large"], False),
    ("100 MB of one character in a page", "x.html", b"<p>" + b"8" * 100_000_000, ["too_large"], False),
    ("page called PDF", "x.pdf", SAMPLES["page.html"], ["wrong_extension"], True),
    ("PDF called text", "x.txt", SAMPLES["two-columns.pdf"], ["wrong_extension"], True),
    ("page filled by a script", "x.html", b"<html><body><script>load()</script><div id=app></div></body></html>", ["no_text"], False),
    ("100,000 open tags", "x.html", b"<div>" * 100_000 + TEXT, ["deep_nesting"], True),
    ("2,000,000 open tags", "x.html", b"<div>" * 2_000_000, ["too_large"], False),
    ("saved page without a page", "x.mhtml", b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b--\r\n", ["broken_file"], False),
    ("Word cut short", "x.docx", SAMPLES["article.docx"][:9000], ["broken_file"], False),
    ("Word without its styles", "x.docx", without(SAMPLES["article.docx"], "word/styles.xml"), ["missing_part"], True),
    ("Word with a password", "x.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le"), ["encrypted"], False),
    ("old Word", "x.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), ["needs_libreoffice"], False),
    ("old workbook", "x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "Workbook".encode("utf-16-le"), ["unsupported_format"], False),
    ("rich text", "x.rtf", b"{\\rtf1\\ansi 120}", ["needs_libreoffice"], False),
    ("workbook that is damaged", "x.xlsx", MAKE.packed({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), ["broken_file"], False),
    ("presentation", "x.pptx", MAKE.packed({"[Content_Types].xml": b"<x/>", "ppt/presentation.xml": b"<x/>"}), ["unsupported_format"], False),
    ("OFD", "x.ofd", MAKE.packed({"OFD.xml": b"<x/>", "Doc_0/Document.xml": b"<x/>"}), ["unsupported_format"], False),
    ("table of figures", "x.csv", "年份,床位\n2023,120\n".encode(), [], True),
    ("table without a row", "x.csv", "标题,正文\n".encode(), ["no_text"], False),
    ("JSON of settings", "x.json", b'{"a": 1}', ["not_an_article"], False),
    ("lines of JSON with a bad one", "x.jsonl", b'{"text": ' + json.dumps(ARTICLE.text).encode() + b'}\n{"text": "12\n', ["broken_row"], True),
    ("mail without a letter", "x.eml", b"From: a@b.cn\nTo: c@d.cn\nSubject: x\n\n", ["no_text"], False),
    ("PDF cut short", "x.pdf", SAMPLES["two-columns.pdf"][:900], ["broken_file"], False),
    ("PDF with a password", "x.pdf", pdf_with_password(), ["encrypted"], False),
    ("scanned PDF", "x.pdf", pdf_of_pictures(), ["no_text_layer"], False),
    ("archive cut short", "x.zip", SAMPLES["issue.zip"][:-40], ["broken_file"], False),
    ("empty archive", "x.zip", MAKE.packed({}), ["no_text"], False),
    ("archive in an archive", "x.zip", MAKE.packed({"in.zip": SAMPLES["issue.zip"]}), ["nested_archive"], False),
    ("archive with a password", "x.zip", zip_with_password(), ["encrypted"], False),
    ("archive that lies about a size", "x.zip", zip_that_lies_about_size(), ["broken_file"], False),
    ("archive bomb", "x.zip", bomb(), ["archive_bomb"], False),
    ("archive of too many", "x.zip", MAKE.packed({f"{n}.txt": b"1" for n in range(2001)}), ["archive_bomb"], False),
    ("archive with one bad member", "x.zip", MAKE.packed({"bad.txt": b"", "good.txt": TEXT}), ["empty_file"], True),
    ("RAR", "x.rar", b"Rar!\x1a\x07\x01\x00", ["unsupported_format"], False),
    ("book without its contents", "x.epub", without(SAMPLES["issue.epub"], "OEBPS/book.opf"), ["broken_file"], False),
    ("book without a chapter", "x.epub", without(SAMPLES["issue.epub"], "OEBPS/c1.xhtml"), ["broken_file"], False),
    ("book with rights management", "x.epub", MAKE.packed({"META-INF/container.xml": b"<container/>", "META-INF/rights.xml": b"<r/>"}), ["encrypted"], False),
]  # fmt: skip


@pytest.fixture(autouse=True)
def plain_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without LibreOffice and without OCR, whatever this one has."""
    monkeypatch.setattr("casextract.load.office.program", lambda: None)
    monkeypatch.setattr("casextract.load.ocr.available", lambda: False)


@pytest.mark.parametrize(("name", "data", "codes", "loads"), [c[1:] for c in BROKEN], ids=[c[0] for c in BROKEN])
def test_a_broken_file(name: str, data: bytes, codes: list[str], loads: bool) -> None:
    loaded = load_bytes(data, name)
    problems = [*loaded.problems, *(p for s in loaded.sources for p in s.problems)]
    assert [p.code for p in problems] == codes
    assert bool(loaded.sources) == loads
    # A file that gives nothing is an error, but for those that nobody takes for an article.
    assert loads or [p.severity for p in problems] == ["warning" if codes == ["not_an_article"] else "error"]
    for p in problems:
        assert p.source_path.split("!/")[0] == name
        assert p.message.startswith(p.source_path + ": ")


@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_damage_anywhere_gives_an_article_or_an_error(sample: str) -> None:
    choose = random.Random(sample)
    for n in range(40):
        data = bytearray(SAMPLES[sample])
        if n % 2:
            del data[choose.randrange(len(data)) :]
        for _ in range(n % 7):
            if data:
                data[choose.randrange(len(data))] = choose.randrange(256)
        loaded = load_bytes(bytes(data), sample)
        assert loaded.sources or any(p.severity == "error" for p in loaded.problems)


def test_every_code_is_explained() -> None:
    sources = sorted((ROOT / "src" / "casextract" / "load").glob("*.py"))
    code = re.compile(r'(?:LoadError|Note)\(\s*(?:"(?:info|warning|error)",\s*)?"(\w+)"|"(broken_file)" if')
    codes = {
        name for path in sources for pair in code.findall(path.read_text(encoding="utf-8")) for name in pair if name
    }
    assert len(codes) > 20
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    assert {c for c in codes if f"`{c}`" not in text} == set()
