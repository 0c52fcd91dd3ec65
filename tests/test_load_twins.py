"""An article gives the same records in every format as its plain-text twin, offsets and places in the file aside."""

from __future__ import annotations

import html
import io
import itertools
import json
import re
from bisect import bisect_right
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

from casextract import pipeline
from casextract.load import Source, load_bytes
from casextract.rulebook.loading import load_rulebook
from samples import ROOT, article_text, builders

ARTICLES = ("web-headings-hans.txt", "magazine-2023-05-hant.txt")
OFFSETS = {"start", "end", "page", "path"}


@pytest.fixture(scope="module")
def rules() -> pipeline.Pipeline:
    return pipeline.prepare(load_rulebook())


def records(source: Source, rules: pipeline.Pipeline) -> dict[str, list[dict[str, Any]]]:
    """The rows of cases, measures and indicators; ids hold the document's, which differs, so they become numbers."""
    rows = pipeline.run(source, rules)
    ids = {r.indicator_id: n for n, r in enumerate(rows.indicators)} | {
        r.measure_id: n for n, r in enumerate(rows.measures)
    }
    ids |= {r.case_id: n for n, r in enumerate(rows.cases)} | {source.doc_id: 0}
    tables = {name: rows.table(name) for name in ("cases", "measures", "indicators")}
    return {
        name: [
            {
                k: ids[v] if k.endswith("_id") and v in ids else v
                for k, v in row.model_dump().items()
                if k not in OFFSETS
            }
            for row in table
        ]
        for name, table in tables.items()
    }


@pytest.mark.parametrize("name", ARTICLES)
@pytest.mark.parametrize("sample", ["page.html", "article.docx", "two-columns.pdf", "issue.epub", "issue.zip"])
def test_the_same_records_as_the_plain_text(name: str, sample: str, rules: pipeline.Pipeline) -> None:
    make = builders()
    article = make.read_article(article_text(name))
    loaded = load_bytes(make.samples(article_text(name))[sample], sample)
    assert loaded.problems == ()
    assert len(loaded.sources) == (2 if sample == "issue.zip" else 1)
    for source in loaded.sources:
        assert source.text == article.text
        # What a page says outside its text (its date) is the twin's too, so that both know the same.
        (plain,) = load_bytes(article.text.encode(), "twin.txt").sources
        twin = Source(
            plain.doc_id, plain.path, plain.sha256, plain.media_type, plain.encoding, plain.text, meta=source.meta
        )
        expected = records(twin, rules)
        assert len(expected["indicators"]) > 50
        assert records(source, rules) == expected


def test_the_samples_in_the_repository_are_those_the_script_makes() -> None:
    make = builders()
    for name, data in make.samples(article_text(make.ARTICLE)).items():
        kept = (ROOT / "data" / "raw" / "formats" / name).read_bytes()
        # Bytes may differ between versions of the libraries that write them; what is read may not.
        expected = [s.text for s in load_bytes(data, name).sources]
        assert [s.text for s in load_bytes(kept, name).sources] == expected, "run scripts/make_samples.py"


def test_records_say_where_in_the_file_they_stand(rules: pipeline.Pipeline) -> None:
    make = builders()
    made = make.samples(article_text(make.ARTICLE))
    rows = pipeline.run(load_bytes(made["two-columns.pdf"], "x.pdf").sources[0], rules)
    assert [r.page for r in rows.indicators] == sorted(r.page or 0 for r in rows.indicators)
    assert {r.page for r in rows.indicators} == {1, 2}
    rows = pipeline.run(load_bytes(made["page.html"], "x.html").sources[0], rules)
    assert all((r.path or "").startswith("body/div[3]/div[1]/div[1]/") for r in rows.indicators)
    assert all(c.path for c in rows.cases)


# ---- twins in the dress that documents come in ---------------------------------------------------------------------------

RAW = OFFSETS | {"text", "sentence", "time", "title", "rule_id", "rules"}
"""Fields that show the raw text, markup included, or which rule saw a heading."""

NUMBER = re.compile(r"(?<![\d.])\d[\d.]*(?![\d.])")


def every_third(dress: Callable[[str], str], text: str) -> str:
    """The text with every third of its numbers put through `dress`."""
    count = itertools.count()
    return NUMBER.sub(lambda m: dress(m[0]) if next(count) % 3 == 0 else m[0], text)


def dressed_page(article: Any) -> bytes:
    """Numbers with struck, hidden and raised neighbours, and marks of emphasis inside."""
    changes = (
        lambda n: f"<del>9{n}</del>{n}<sup>[3]</sup>",
        lambda n: f"<s>77</s><b>{n}</b><sup>1</sup>",
        lambda n: f"<span hidden>5</span>{n[0]}<i>{n[1:]}</i><span style='display:none'>9</span>",
    )
    lines = [
        f"<{tag}>{every_third(changes[i % 3], html.escape(text)) if tag == 'p' else text}</{tag}>"
        for i, (tag, text) in enumerate(article.lines)
    ]
    return f"<html><body><h1>{article.title}</h1>{''.join(lines)}</body></html>".encode()


def dressed_word(article: Any) -> bytes:
    """The same in Word, with a paragraph whose end a tracked change has deleted for every other one."""
    import docx
    from docx.oxml import OxmlElement

    document = docx.Document()
    document.add_paragraph(article.title, style="Title")
    for i, (tag, text) in enumerate(article.lines):
        paragraph = document.add_paragraph(style="Heading 1" if tag == "h2" else None)
        for n, piece in enumerate(re.split(f"({NUMBER.pattern})", text) if tag == "p" else [text]):
            if n % 2 == 0 and n and i % 2 and "，" in piece:
                before, after = piece.split("，", 1)
                paragraph.add_run(before + "，")
                mark = OxmlElement("w:rPr")
                mark.append(OxmlElement("w:del"))
                paragraph._p.get_or_add_pPr().append(mark)
                paragraph = document.add_paragraph(after)
                continue
            if n % 6 == 1:
                gone = paragraph.add_run("9" + piece)
                gone.font.strike, gone.font.hidden = (True, None) if i % 2 else (None, True)
            paragraph.add_run(piece)
            if n % 6 == 1:
                paragraph.add_run("2").font.superscript = True
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def dressed_markdown(article: Any) -> bytes:
    changes = (
        lambda n: f"**{n}**",
        lambda n: f"~~9{n}~~{n}[^1]",
        lambda n: f"[{n}](http://example.cn/2023/{n}.html)",
    )
    lines = [
        f"## {text}" if tag == "h2" else every_third(changes[i % 3], text)
        for i, (tag, text) in enumerate(article.lines)
    ]
    return "\n\n".join(["# " + article.title, *lines, "[^1]: 注文\n"]).encode()


def dressed_text(article: Any) -> bytes:
    """Hard lines of 60 columns with an indent before each paragraph, a page number and a running head every 25 lines."""
    lines: list[str] = []
    page = 0
    for tag, text in (("h2", article.title), *article.lines):
        rest = text if tag == "h2" else "　　" + text
        while rest:
            columns = list(itertools.accumulate(1 if c.isascii() else 2 for c in rest))
            cut = bisect_right(columns, 60) if tag == "p" else len(rest)
            while cut < len(rest) and rest[cut] in "，。、；：？！”）》%":
                cut += 1
            lines.append(rest[:cut])
            rest = rest[cut:]
            if len(lines) % 25 == 0 and rest:
                page += 1
                lines += ["", f"— {page} —", "\f社区与民政2024年第3期", ""]
    return ("\n".join(lines) + "\n").encode()


def dressed_mail(article: Any) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.cn", "b@example.cn", article.title
    message.set_content(article.text, charset="gb18030", cte="base64")
    return message.as_bytes()


def dressed_row(article: Any) -> bytes:
    return json.dumps({"标题": article.title, "正文": article.text}, ensure_ascii=False).encode()


def dressed_print(article: Any) -> bytes:
    """A PDF with raised numbers of notes, and white text between its lines."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    title = ParagraphStyle("title", fontName="STSong-Light", fontSize=18, leading=30)
    heading = ParagraphStyle("heading", fontName="STSong-Light", fontSize=13, leading=24, spaceBefore=10)
    prose = ParagraphStyle(
        "prose", fontName="STSong-Light", fontSize=10, leading=18, firstLineIndent=20, wordWrap="CJK"
    )

    def hidden(canvas: Any, document: Any) -> None:
        canvas.setFont("STSong-Light", 10)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(100, 300, "另投入9999万元，建成8888家。")

    story = [Paragraph(article.title, title)]
    story += [Paragraph(html.escape(text), heading if tag == "h2" else prose) for tag, text in article.lines]
    buffer = io.BytesIO()
    SimpleDocTemplate(buffer, invariant=1).build(story, onFirstPage=hidden, onLaterPages=hidden)
    return buffer.getvalue()


DRESSES: dict[str, Callable[[Any], bytes]] = {
    "x.html": dressed_page,
    "x.docx": dressed_word,
    "x.md": dressed_markdown,
    "x.txt": dressed_text,
    "x.eml": dressed_mail,
    "x.jsonl": dressed_row,
    "x.pdf": dressed_print,
}


@pytest.mark.parametrize("sample", sorted(DRESSES))
@pytest.mark.parametrize("name", ARTICLES)
def test_what_a_document_strikes_hides_raises_and_breaks_changes_no_record(
    name: str, sample: str, rules: pipeline.Pipeline
) -> None:
    article = builders().read_article(article_text(name))
    loaded = load_bytes(DRESSES[sample](article), sample)
    (source,) = loaded.sources
    assert [p.code for p in (*loaded.problems, *source.problems)] == []
    (plain,) = load_bytes(article.text.encode(), "twin.txt").sources
    twin = Source(
        plain.doc_id, plain.path, plain.sha256, plain.media_type, plain.encoding, plain.text, meta=source.meta
    )

    def read(document: Source) -> list[dict[str, Any]]:
        rows = records(document, rules)["indicators"]
        return [{k: v for k, v in row.items() if k not in RAW} for row in rows]

    expected = read(twin)
    assert len(expected) > 50
    assert read(source) == expected
