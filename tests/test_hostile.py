"""What is made to hurt costs at most itself: every shape that once took minutes, a build or an article along.

The work that a shape costs is counted in lines of Python and, where a pattern or a library does it, in processor time of runs
side by side; twice the shape may cost less than three times as much.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from docx import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl import Workbook

from casextract.build.build import build
from casextract.dataset.read import Dataset
from casextract.load import Loaded, load_bytes
from casextract.pipeline import Pipeline, prepare, run
from casextract.rulebook.loading import load_rulebook

TEXT = "青原县建成养老床位500张。"


@cache
def pipeline() -> Pipeline:
    return prepare(load_rulebook(None))


def texts(loaded: Loaded) -> list[str]:
    return [s.text for s in loaded.sources]


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return file.getvalue()


def page(inner: str) -> bytes:
    return f"<html><body>{inner}<p>{TEXT}</p></body></html>".encode()


def word(*xml: str, numbering: str = "") -> bytes:
    document = WordDocument()
    document.add_paragraph(TEXT)
    for part in xml:
        document.element.body.insert(0, parse_xml(part))
    if numbering:
        root = document.part.numbering_part.element
        root.insert(0, parse_xml(numbering))
        root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="99"><w:abstractNumId w:val="99"/></w:num>'))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def list_of(items: int, pattern: int) -> bytes:
    numbering = (
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="99"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
        f'<w:lvlText w:val="%1{"、" * pattern}"/></w:lvl></w:abstractNum>'
    )
    item = (
        f'<w:p {nsdecls("w")}><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="99"/></w:numPr></w:pPr>'
        "<w:r><w:t>办好助餐点</w:t></w:r></w:p>"
    )
    return word(*[item] * items, numbering=numbering)


def lines(line: str) -> Callable[[int], bytes]:
    return lambda n: f"{TEXT}\n\n{line * n}\n\n{TEXT}".encode()


def pdf(content: bytes, pages: int = 1) -> bytes:
    """A PDF whose pages all show the same."""
    kids = b" ".join(b"%d 0 R" % n for n in range(5, 5 + pages))
    leaf = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents 4 0 R>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content), *[leaf] * pages,
    ]  # fmt: skip
    file, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(file))
        file += b"%d 0 obj%sendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(file))
    return file + head + table + end


def glyphs(text: bytes, step: Callable[[int], tuple[int, int]]) -> Callable[[int], bytes]:
    """A page that shows a text so many times, each at its own place."""
    return lambda n: pdf(b"".join(b"BT /F1 8 Tf 1 0 0 1 %d %d Tm (%s)Tj ET " % (*step(i), text) for i in range(n)))


SHAPES: dict[str, tuple[str, Callable[[int], bytes], int]] = {
    "a contents line of blanks": ("a.txt", lambda n: f"目录\n甲{' ' * n}乙\n{TEXT}".encode(), 20_000),
    "comments": ("a.txt", lambda n: ("<!---->" * n + TEXT).encode(), 20_000),
    "comments without an end": ("a.txt", lambda n: ("<!--" * n + TEXT).encode(), 20_000),
    "headings in headings": ("a.html", lambda n: page("<h1>" * n), 1_000),
    "headings": ("a.html", lambda n: page("<h1>甲</h1>" * n), 1_000),
    "divisions in divisions": ("a.html", lambda n: page("<div>甲" * n), 2_000),
    "tables in tables": ("a.html", lambda n: page("<table><tr><td>1<td>" * n), 300),
    "rows": ("a.html", lambda n: page(f"<table>{'<tr><td>甲</td><td>5张</td></tr>' * n}</table>"), 300),
    "blanks in a paragraph": ("a.html", lambda n: page(f"<p>甲{' ' * n}乙</p>"), 40_000),
    "line ends in a paragraph": ("a.html", lambda n: page("<p>甲" + "\n" * n + "乙</p>"), 40_000),
    "attributes": ("a.html", lambda n: page("<p " + " ".join(f"a{i}=1" for i in range(n)) + ">甲</p>"), 30_000),
    "numerals of one sentence": ("a.txt", lambda n: f"{TEXT}{'12%' * n}".encode(), 2_000),
    "measures of one sentence": ("a.txt", lambda n: (TEXT + "建成床位5张," * n).encode(), 1_000),
    "a sentence without numbers": ("a.txt", lambda n: (TEXT + "民政" * n).encode(), 40_000),
    "line ends": ("a.txt", lambda n: (TEXT + "\n" * n + TEXT).encode(), 40_000),
    "blanks": ("a.txt", lambda n: (TEXT + " " * n + TEXT).encode(), 40_000),
    "opening brackets": ("a.txt", lambda n: (TEXT + "(" * n).encode(), 10_000),
    "quotation marks": ("a.txt", lambda n: (TEXT + "“" * n + "”" * n).encode(), 10_000),
    "a list of numbers": ("a.txt", lambda n: (TEXT + "1、" * n + "2张").encode(), 2_500),
    "a range of ranges": ("a.txt", lambda n: (TEXT + "1~" * n).encode(), 2_500),
    "numbers with a stroke": ("a.txt", lambda n: (TEXT + "1-" * n).encode(), 2_500),
    "digits": ("a.txt", lambda n: (TEXT + "1" * n).encode(), 10_000),
    "Chinese digits": ("a.txt", lambda n: (TEXT + "一" * n).encode(), 10_000),
    "list marks": ("a.txt", lambda n: (TEXT + "\n一、甲" * n).encode(), 2_000),
    "brackets that open behind a character": ("a.txt", lines("(甲"), 4_000),
    "rows of a table": ("a.md", lambda n: (TEXT + "\n\n|甲|乙|\n|-|-|\n" + "|1|2|\n" * n).encode(), 600),
    "tables behind tables": ("a.md", lines("|甲|乙|\n|-|-|\n|1|2|\n\n说明。\n\n"), 150),
    "bars of one row": ("a.md", lambda n: ("|" * n + "\n" + "|-" * n + "\n" + TEXT).encode(), 8_000),
    "lists in lists": ("a.md", lambda n: ("".join("  " * i + "- 甲\n" for i in range(n)) + TEXT).encode(), 150),
    "comments without an end, in Markdown": ("a.md", lines("<!-- "), 8_000),
    "struck out without an end": ("a.md", lines("~~甲 "), 4_000),
    "deleted without an end": ("a.md", lines("<del>"), 8_000),
    "emphasis": ("a.md", lines("**甲 "), 8_000),
    "pictures without an end": ("a.md", lines("!["), 8_000),
    "notes without an end": ("a.md", lines("[^"), 8_000),
    "show operators": ("a.pdf", lambda n: pdf(b"BT /F1 8 Tf 50 800 Td " + b"(5)Tj " * n + b"ET"), 2_000),
    "words of a page": ("a.pdf", glyphs(b"500", lambda i: (i % 20 * 28, 800 - i // 20 % 90 * 9)), 1_000),
    "glyphs far off the page": ("a.pdf", glyphs(b"5", lambda i: (10**6 * i, 10**6 * i)), 1_000),
    "rules of a page": (
        "a.pdf",
        lambda n: pdf(
            b"".join(b"%d %d 10 10 re S " % (i % 50 * 10, i // 50 % 80 * 10) for i in range(n))
            + b"BT /F1 8 Tf (500)Tj ET"
        ),
        2_000,
    ),
    "pages": ("a.pdf", lambda n: pdf(b"BT /F1 8 Tf 50 800 Td (500 beds)Tj ET", n), 60),
    "a list's format": ("a.docx", lambda n: list_of(100, n), 20_000),
    "items of a list": ("a.docx", lambda n: list_of(n, 1), 300),
}


def cost(name: str, data: bytes) -> float:
    """Processor seconds of the whole way, the lesser of two."""

    def once() -> float:
        began = time.process_time()
        for source in load_bytes(data, name).sources:
            run(source, pipeline())
        return time.process_time() - began

    return min(once(), once())


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_shape_costs_less_than_three_times_the_work(shape: str) -> None:
    name, made, n = SHAPES[shape]
    load_and_warm = cost(name, made(8))
    one = cost(name, made(n))
    two = cost(name, made(2 * n))
    # What hardly costs anything says nothing of how it grows.
    assert two < 3 * max(one, 0.05 + load_and_warm), f"{one:.3f} s, then {two:.3f} s"


def test_a_sentence_is_no_longer_than_what_a_reader_takes_in() -> None:
    (source,) = load_bytes((TEXT + "建成床位5张," * 2000).encode(), "a.txt").sources
    records = run(source, pipeline())
    assert len(records.indicators) == 2001
    assert max(len(i.sentence) for i in records.indicators) <= 800
    assert all(i.text in i.sentence for i in records.indicators)


def test_an_archive_member_without_a_name_is_read() -> None:
    loaded = load_bytes(zipped({"": TEXT.encode(), "b.txt": TEXT.encode()}), "a.zip")
    assert texts(loaded) == [TEXT, TEXT]


def test_members_that_overlap_are_refused() -> None:
    data = bytearray(zipped({"a.txt": b"a" * 5000, "b.txt": b"a" * 5000}, zipfile.ZIP_STORED))
    second = data.rindex(b"PK\x01\x02")
    # The directory's second entry points at the first member.
    data[second + 42 : second + 46] = (0).to_bytes(4, "little")
    del data[5035:10070]
    end = data.rindex(b"PK\x05\x06")
    data[end + 16 : end + 20] = (5035).to_bytes(4, "little")
    (problem,) = load_bytes(bytes(data), "a.zip").problems
    assert problem.code == "archive_bomb"


def test_members_that_are_harmless_one_by_one_count_together() -> None:
    members = {f"{n}.txt": b"a" * 900_000 for n in range(10)}
    (problem,) = load_bytes(zipped(members), "a.zip").problems
    assert problem.code == "archive_bomb"


def test_half_characters_are_shown_as_unreadable_and_the_article_stays() -> None:
    said = json.dumps({"@type": "NewsArticle", "headline": "青原县养老床位\ud83d"})
    loaded = load_bytes(page(f'<script type="application/ld+json">{said}</script>'), "a.html")
    (source,) = loaded.sources
    assert source.meta.title == "青原县养老床位\ufffd"
    assert [p.code for p in source.problems] == ["half_character"]
    symbol = f'<w:p {nsdecls("w")}><w:r><w:sym w:font="Wingdings" w:char="D83D"/><w:t>甲</w:t></w:r></w:p>'
    (source,) = load_bytes(word(symbol), "a.docx").sources
    assert source.text.startswith("\ufffd甲")


@pytest.mark.parametrize("code", ["x", "", "FFFFFFFF", "-5"])
def test_a_symbol_of_no_character_costs_itself(code: str) -> None:
    symbol = f'<w:p {nsdecls("w")}><w:r><w:sym w:font="Wingdings" w:char="{code}"/><w:t>甲</w:t></w:r></w:p>'
    (source,) = load_bytes(word(symbol), "a.docx").sources
    assert TEXT in source.text


def test_a_boundary_with_comments_inside_of_comments_is_read() -> None:
    data = f"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b{'(' * 5000}\n\n--b\nContent-Type: text/html\n\n<p>{TEXT}</p>\n--b--\n"
    (source,) = load_bytes(data.encode(), "a.mhtml").sources
    assert TEXT in source.text


def test_parts_inside_of_parts_are_a_row() -> None:
    head = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(3000))
    loaded = load_bytes(f"MIME-Version: 1.0\n{head}Content-Type: text/html\n\n<p>{TEXT}</p>".encode(), "a.mhtml")
    assert [p.severity for p in loaded.problems] == ["error"] or texts(loaded)


def test_every_file_that_once_hurt_is_an_article_or_a_row(tmp_path: Path, shared: Path) -> None:
    hostile = shared / "hostile"
    if not hostile.is_dir():
        pytest.skip("no hostile files")
    summary = build([hostile], tmp_path / "out")
    dataset = Dataset.open(tmp_path / "out")
    articles = {d.source_path.partition("!/")[0] for d in dataset.documents.records()}
    rows = {p.source_path.partition("!/")[0]: p.code for p in dataset.problems.records() if p.severity == "error"}
    assert articles | rows.keys() == {p.name for p in hostile.iterdir()}
    assert summary.exit_code == 1
    refused = {"overlap.zip": "archive_bomb", "small_members10.zip": "archive_bomb", "forms9x10.pdf": "time_limit"}
    assert {name: rows[name] for name in rows.keys() & refused.keys()}.items() <= {
        **refused,
        "forms9x10.pdf": rows.get("forms9x10.pdf", ""),
    }.items()
    lost = rows.keys() - articles
    assert lost <= {*refused, "CRASH-a-403-plain.pdf"}, {name: rows[name] for name in lost}


@pytest.mark.parametrize("digits", [27, 28, 29, 60, 5000])
@pytest.mark.parametrize("behind", ["几张", "多张", "张", "%", "万元"])
def test_a_number_of_any_length_is_read_or_left(digits: int, behind: str) -> None:
    (source,) = load_bytes(f"{TEXT}又建成{'9' * digits}0{behind}床位。".encode(), "a.txt").sources
    assert run(source, pipeline()).indicators[0].value == 500


@pytest.mark.parametrize(
    ("sample", "part"),
    [
        ("docx", "word/document.xml"),
        ("docx", "word/_rels/document.xml.rels"),
        ("epub", "META-INF/container.xml"),
        ("xlsx", "xl/workbook.xml"),
    ],
)
def test_an_encoding_that_there_is_not_is_a_row(sample: str, part: str, root: Path) -> None:
    file = io.BytesIO()
    if sample == "xlsx":
        book = Workbook()
        book.active.append(["text", TEXT])
        book.save(file)
    else:
        file.write(next(p for p in sorted((root / "data" / "raw").rglob(f"*.{sample}"))).read_bytes())
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    body = members[part].partition(b"?>")[2] if members[part].startswith(b"<?") else members[part]
    members[part] = b'<?xml version="1.0" encoding="UTF-4"?>' + body
    loaded = load_bytes(zipped(members), f"a.{sample}")
    assert [p.code for p in loaded.problems if p.severity == "error"] or texts(loaded)


def test_what_a_library_says_of_its_insides_is_not_told() -> None:
    file = io.BytesIO()
    document = WordDocument()
    document.element.remove(document.element.body)
    document.save(file)
    (problem,) = load_bytes(file.getvalue(), "a.docx").problems
    assert "lacks a part" in problem.message
    assert "NoneType" not in problem.message
