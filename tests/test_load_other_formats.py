"""Mails, tables with an article in each row, documents through LibreOffice, pictures through OCR, and what is piped in."""

from __future__ import annotations

import io
import json
import stat
import sys
from collections.abc import Callable
from datetime import date, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from casextract import pipeline
from casextract.load import Columns, Loaded, Source, discover, load_bytes, load_file
from casextract.rulebook.loading import load_rulebook
from samples import article_text, builders

MAKE = builders()
BODY = "南河县投入320万元，建成村级食堂12家，老人的满意率达到95%以上。"
DOCX = MAKE.docx_file(MAKE.Article("南河县办食堂", (("p", BODY),)))


def one(data: bytes, name: str, columns: Columns | None = None) -> Source:
    loaded = load_bytes(data, name, None, columns or Columns())
    assert loaded.problems == ()
    (source,) = loaded.sources
    return source


# ---- mails --------------------------------------------------------------------------------------------------------------


def mail(subject: str = "转发：南河县办食堂") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "王某 <wang@example.cn>"
    message["To"] = "li@example.cn"
    message["Subject"] = subject
    message["Date"] = "Thu, 04 May 2023 10:00:00 +0800"
    return message


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "big5"])
def test_a_mail_is_its_letter(charset: str) -> None:
    message = mail()
    message.set_content("南河投入320萬元。" if charset == "big5" else BODY, charset=charset, cte="base64")
    source = one(message.as_bytes(), "x.eml")
    assert source.text.strip() == ("南河投入320萬元。" if charset == "big5" else BODY)
    assert (source.meta.title, source.meta.published_on, source.meta.byline) == (
        "南河县办食堂",
        date(2023, 5, 4),
        "王某",
    )
    assert source.media_type == "message/rfc822"


def test_the_page_in_a_mail_is_read_and_what_hangs_on_it_are_files() -> None:
    message = mail()
    message.set_content("文字版")
    message.add_alternative(f"<html><body><p>{BODY}</p></body></html>", subtype="html")
    message.add_attachment(DOCX, maintype="application", subtype="octet-stream", filename="案例.docx")
    message.add_attachment(b"x", maintype="application", subtype="octet-stream", filename="空/白.css")
    loaded = load_bytes(message.as_bytes(), "box/x.eml")
    assert [(s.path, BODY in s.text) for s in loaded.sources] == [("box/x.eml", True), ("box/x.eml!/案例.docx", True)]
    assert [(p.source_path, p.code) for p in loaded.problems] == [("box/x.eml!/空_白.css", "not_an_article")]


def test_a_mail_is_known_without_its_name_and_a_text_with_colons_is_none() -> None:
    message = mail()
    message.set_content(BODY)
    assert one(message.as_bytes(), "stdin").media_type == "message/rfc822"
    assert one(f"From: 南河县\n\n{BODY}\n".encode(), "x.txt").media_type == "text/plain"


# ---- tables with an article in each row ---------------------------------------------------------------------------------

ROWS = [
    {"标题": "南河县办食堂", "正文": BODY, "发布时间": "2023-05-04 10:00", "来源": "南河日报", "年份": "2023"},
    {"标题": "北山县办食堂", "正文": BODY.replace("南河", "北山"), "发布时间": "2023/6/7", "来源": "北山日报", "年份": "2023"},
]  # fmt: skip


def table(kind: str, rows: list[dict[str, str]], encoding: str = "utf-8") -> bytes:
    import csv

    if kind == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode(encoding)
    if kind == "json":
        return json.dumps({"data": rows}, ensure_ascii=False).encode(encoding)
    if kind == "xlsx":
        import openpyxl

        book = openpyxl.Workbook()
        book.create_sheet("说明", 0).append(["说明"])
        sheet = book["Sheet"]
        for line in ([*rows[0]], *([*row.values()] for row in rows)):
            sheet.append(line)
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter="\t" if kind == "tsv" else ",")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "json", "xlsx"])
def test_each_row_is_an_article(kind: str) -> None:
    loaded = load_bytes(table(kind, ROWS), f"news.{kind}")
    assert loaded.problems == ()
    assert [s.path for s in loaded.sources] == [f"news.{kind}!/1", f"news.{kind}!/2"]
    assert [s.text for s in loaded.sources] == [row["正文"] for row in ROWS]
    assert [s.meta.title for s in loaded.sources] == ["南河县办食堂", "北山县办食堂"]
    assert [s.meta.published_on for s in loaded.sources] == [date(2023, 5, 4), date(2023, 6, 7)]
    assert [s.meta.publisher for s in loaded.sources] == ["南河日报", "北山日报"]
    assert len({s.doc_id for s in loaded.sources}) == 2


def test_columns_by_name_and_by_the_users_word() -> None:
    rows = [{"a": BODY, "b": "南河县办食堂", "c": "2023年5月4日", "d": "南河日报"}]
    data = table("csv", rows)
    assert [p.code for p in load_bytes(data, "x.csv").problems] == ["not_an_article"]
    source = one(data, "x.csv", Columns("a", "b", "c", "d"))
    assert (source.text, source.meta.title, source.meta.publisher) == (BODY, "南河县办食堂", "南河日报")
    assert source.meta.published_on == date(2023, 5, 4)
    assert [p.code for p in load_bytes(data, "x.csv", None, Columns(text="z")).problems] == ["no_text_column"]


def test_a_table_in_another_encoding_with_markup_and_times_of_databases() -> None:
    seconds = str(int(datetime(2023, 5, 4, 12).timestamp()))
    rows = [{"title": "办食堂", "content": f"<div><p>{BODY}</p><p>次段。</p></div>", "date": seconds}]
    source = one(table("csv", rows, "gb18030"), "x.csv")
    assert (source.text, source.encoding, source.meta.published_on) == (
        f"{BODY}\n次段。\n",
        "gb18030",
        date(2023, 5, 4),
    )


def test_a_bad_row_costs_itself() -> None:
    data = f"标题,正文\n一,{BODY}\n二,{BODY},多,余\n三,\n四,{BODY}\n".encode()
    loaded = load_bytes(data, "x.csv")
    assert [s.meta.title for s in loaded.sources] == ["一", "四"]
    assert [(p.source_path, p.code, p.severity) for p in loaded.problems] == [
        ("x.csv!/2", "broken_row", "error"),
        ("x.csv!/3", "empty_row", "info"),
    ]


# ---- through LibreOffice -----------------------------------------------------------------------------------------------


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a program called soffice on the path that runs these lines of Python."""

    def install(lines: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        script = folder / "soffice"
        script.write_text(f"#!{sys.executable}\nimport sys, pathlib\nsource = pathlib.Path(sys.argv[-1])\n{lines}\n")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(folder))

    return install


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "WordDocument".encode("utf-16-le")
RTF = rb"{\rtf1\ansi 120}"
ODT = MAKE.packed({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"})


@pytest.mark.parametrize(
    ("name", "data", "suffix"),
    [("x.doc", OLD, ".doc"), ("x.wps", OLD, ".doc"), ("x.rtf", RTF, ".rtf"), ("x.odt", ODT, ".odt")],
)
def test_documents_of_other_programs_are_turned_into_word(
    name: str, data: bytes, suffix: str, tmp_path: Path, office: Callable[[str], None]
) -> None:
    (tmp_path / "made.docx").write_bytes(DOCX)
    made = tmp_path / "made.docx"
    office(
        f"assert source.suffix == {suffix!r} and source.read_bytes()\n"
        f"source.with_suffix('.docx').write_bytes(pathlib.Path({str(made)!r}).read_bytes())"
    )
    source = one(data, name)
    assert BODY in source.text
    assert source.media_type in ("application/msword", "application/rtf", "application/vnd.oasis.opendocument.text")


def test_what_libreoffice_makes_nothing_of_is_broken(office: Callable[[str], None]) -> None:
    office("print('source file could not be loaded', file=sys.stderr)")
    (problem,) = load_bytes(OLD, "x.doc").problems
    assert problem.code == "broken_file"
    assert "could not be loaded" in problem.message


def test_without_libreoffice_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, data in (("x.doc", OLD), ("x.wps", OLD), ("x.rtf", RTF), ("x.odt", ODT)):
        (problem,) = load_bytes(data, name).problems
        assert (problem.code, problem.severity) == ("needs_libreoffice", "error")
        assert "install it" in problem.message


# ---- pictures ----------------------------------------------------------------------------------------------------------

FIRST = next(line for line in article_text("web-headings-hans.txt").splitlines() if "社区食堂142家" in line)


def drawn(text: str, width: int = 1240, height: int = 620) -> bytes:
    """A page with this paragraph, 150 dots an inch, as PNG."""
    from importlib.resources import files

    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.truetype(str(files("zhplot").joinpath("fonts", "NotoSansSC-Regular.ttf")), 30)
    page = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(page)
    line, y = "　　", 100
    for c in text:
        if font.getlength(line + c) > width - 240 and c not in "，,。、；：）”》)":
            pen.text((120, y), line, font=font, fill="black")
            line, y = "", y + 54
        line += c
    pen.text((120, y), line, font=font, fill="black")
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return buffer.getvalue()


def scanned(picture: bytes) -> bytes:
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 298), invariant=1)
    canvas.drawImage(ImageReader(io.BytesIO(picture)), 0, 0, 595, 298)
    canvas.save()
    return buffer.getvalue()


@pytest.fixture(scope="module")
def rules() -> pipeline.Pipeline:
    return pipeline.prepare(load_rulebook())


@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_a_drawn_page_is_read(kind: str, rules: pipeline.Pipeline) -> None:
    picture = drawn(FIRST)
    source = one(picture if kind == "png" else scanned(picture), f"x.{kind}")
    read = pipeline.run(source, rules)
    twin = pipeline.run(one(FIRST.encode(), "x.txt"), rules)
    assert [(r.value, r.value_high, r.unit, r.metric) for r in read.indicators] == [
        (r.value, r.value_high, r.unit, r.metric) for r in twin.indicators
    ]
    assert len(read.indicators) > 4
    (document,) = read.documents
    assert document.ocr
    assert document.ocr_confidence is not None
    assert document.ocr_confidence > 0.95
    assert twin.documents[0].ocr_confidence is None


def test_a_low_confidence_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [([[100, y], [900, y], [900, y + 30], [100, y + 30]], BODY, 0.8) for y in (100, 160)]
    monkeypatch.setattr("casextract.load.ocr._engine", lambda: lambda picture: (lines, None))
    (source,) = load_bytes(drawn("无"), "x.png").sources
    assert [(p.code, p.severity) for p in source.problems] == [("low_confidence", "warning")]
    assert source.confidence == pytest.approx(0.8)


def test_a_photograph_is_no_article(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [([[100, 100], [300, 100], [300, 130], [100, 130]], "养老服务中心", 0.99)]
    monkeypatch.setattr("casextract.load.ocr._engine", lambda: lambda picture: (lines, None))
    assert [p.code for p in load_bytes(drawn("无"), "x.png").problems] == ["not_an_article"]


# ---- what is piped in --------------------------------------------------------------------------------------------------


def piped(data: bytes, monkeypatch: pytest.MonkeyPatch) -> Loaded:
    from casextract.load import files

    files._piped.cache_clear()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    (found,) = discover(["-"])
    assert discover(["-"]) == [found]
    return load_file(found)


def test_standard_input_is_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = piped(BODY.encode(), monkeypatch)
    assert [(s.path, s.text) for s in loaded.sources] == [("stdin", BODY)]
    assert [s.meta.title for s in piped(table("jsonl", ROWS), monkeypatch).sources] == ["南河县办食堂", "北山县办食堂"]
    assert [p.code for p in piped(b"", monkeypatch).problems] == ["empty_file"]
