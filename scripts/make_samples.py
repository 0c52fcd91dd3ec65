"""Write data/raw/formats: one article of data/raw as a web page, Word document, two-column PDF, book and archive.

Needs reportlab beside the package. Run it from the checkout; the same text gives the same bytes (with the same versions
of the libraries), so that a changed sample is a changed article.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from html import escape
from pathlib import Path

RAW = Path(__file__).resolve().parent.parent / "data" / "raw"
TARGET = RAW / "formats"
ARTICLE = "web-headings-hans.txt"
STAMP = (2024, 4, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Article:
    """A text as its parts: the first line is the title, the rest paragraphs or headings."""

    title: str
    lines: tuple[tuple[str, str], ...]
    """What follows the title: ("p" or "h2", text)."""

    @property
    def text(self) -> str:
        """The plain-text twin, a line for each paragraph."""
        return "\n".join([self.title, *(text for _, text in self.lines)]) + "\n"


def read_article(text: str) -> Article:
    """Take a text apart. A heading is a short line of two parts, without a full stop, once the article has begun."""
    title, *rest = [line.strip() for line in text.splitlines() if line.strip()]
    lines = []
    begun = False
    for line in rest:
        begun = begun or len(line) > 60
        heading = begun and len(line) <= 40 and re.fullmatch(r"[^\s。，；]+[ \u3000][^\s。；]+", line) is not None
        lines.append(("h2" if heading else "p", line))
    return Article(title, tuple(lines))


def html_page(article: Article, encoding: str = "utf-8", declared: str | None = None) -> bytes:
    """The article as a government site would show it, with everything that stands around."""
    body = "\n".join(f"<{tag}>{'　　' if tag == 'p' else ''}{escape(text)}</{tag}>" for tag, text in article.lines)
    page = f"""<!DOCTYPE html>
<html lang="zh"><head><meta charset="{declared or encoding}"><title>{escape(article.title)}-基层观察-某某民政网</title>
<meta name="SiteName" content="某某民政网"><meta name="ArticleTitle" content="{escape(article.title)}">
<meta name="PubDate" content="2024-03-11 10:46"><meta name="ContentSource" content="《社区与民政》">
<meta name="Author" content="苏禾"><meta name="Keywords" content="社区服务;养老;救助">
<style>p {{ text-indent: 2em }}</style><script>var visits = 31415; document.write("访问量");</script></head>
<body><div class="header"><ul class="nav"><li><a href="/">首页</a></li><li><a href="/xw">新闻动态</a></li>
<li><a href="/zw">政务公开</a></li><li><a href="/fw">办事服务</a></li></ul></div>
<div class="crumbs">当前位置：<a href="/">首页</a> &gt; <a href="/xw">新闻动态</a> &gt; <a href="/gc">基层观察</a></div>
<div class="wrapper"><div class="main"><h1>{escape(article.title)}</h1>
<div class="content" id="zoom">
{body}
</div>
<div class="share">分享到：<a href="#">微信</a> <a href="#">微博</a></div>
<div class="prevnext"><p>上一篇：<a href="/a/1">本市开展殡葬领域专项整治</a></p><p>下一篇：<a href="/a/2">3家机构通过等级评定</a></p></div>
<div class="related"><h3>相关阅读</h3><ul><li><a href="/b/1">全市新增普惠托位500个</a></li>
<li><a href="/b/2">一图读懂临时救助办法</a></li></ul></div>
<div class="comments"><h3>网友评论</h3><p>路过的人：写得实在，给100个赞。</p></div></div>
<div class="sidebar"><h3>热点新闻</h3><ul><li><a href="/c/1">投入2亿元的养老项目开工</a></li>
<li><a href="/c/2">12家社会组织获表彰</a></li></ul><p>值班电话：010-00000000</p></div></div>
<div class="footer"><p>主办单位：某某市民政局 网站标识码：0000000001</p></div></body></html>
"""
    return page.encode(encoding, "xmlcharrefreplace")


def docx_file(article: Article) -> bytes:
    """The article as a Word document with Word's own title and heading styles."""
    import docx

    document = docx.Document()
    document.add_paragraph(article.title, style="Title")
    for tag, text in article.lines:
        document.add_paragraph(text, style="Heading 1" if tag == "h2" else None)
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as package:
        return packed({name: package.read(name) for name in package.namelist()})


def pdf_file(article: Article, columns: int = 2) -> bytes:
    """The article as magazine pages: columns, a headline over all of them, running heads and page numbers."""
    from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import BaseDocTemplate, Frame, FrameBreak, NextPageTemplate, PageTemplate, Paragraph

    # A font that every viewer brings along, so none has to be embedded.
    font = "STSong-Light"
    pdfmetrics.registerFont(UnicodeCIDFont(font))
    width, height = A4
    side, foot, gutter, head = 18 * mm, 20 * mm, 8 * mm, 32 * mm
    column = (width - 2 * side - (columns - 1) * gutter) / columns

    def frames(top: float) -> list[Frame]:
        return [
            Frame(
                side + n * (column + gutter), foot, column, height - foot - 20 * mm - top, 0, 0, 0, 0, id=f"column{n}"
            )
            for n in range(columns)
        ]

    def ornaments(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.setFont(font, 9)
        canvas.drawString(side, height - 13 * mm, "社区与民政  2024年第3期")
        canvas.drawRightString(width - side, height - 13 * mm, "基层观察")
        canvas.drawCentredString(width / 2, 11 * mm, f"· {document.page + 40} ·")

    base = {"fontName": font, "wordWrap": "CJK"}
    title = ParagraphStyle("title", **base, fontSize=20, leading=26, alignment=TA_CENTER)
    heading = ParagraphStyle("heading", **base, fontSize=12.5, leading=20, spaceBefore=8)
    prose = ParagraphStyle("prose", **base, fontSize=10, leading=16, firstLineIndent=20, alignment=TA_JUSTIFY)
    buffer = io.BytesIO()
    document = BaseDocTemplate(buffer, pagesize=A4, title=article.title, invariant=1)
    banner = Frame(side, height - 20 * mm - head, width - 2 * side, head, 0, 0, 0, 0, id="banner")
    document.addPageTemplates(
        [
            PageTemplate("first", [banner, *frames(head)], onPage=ornaments),
            PageTemplate("later", frames(0), onPage=ornaments),
        ]
    )
    story = [NextPageTemplate("later"), Paragraph(escape(article.title), title), FrameBreak()]
    story += [Paragraph(escape(text), heading if tag == "h2" else prose) for tag, text in article.lines]
    document.build(story)
    return buffer.getvalue()


def epub_file(articles: list[Article]) -> bytes:
    """An issue as a book, a chapter for each article."""
    pages = {}
    for n, article in enumerate(articles, 1):
        body = "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in article.lines)
        pages[f"OEBPS/c{n}.xhtml"] = (
            f'<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head>'
            f"<title>{escape(article.title)}</title></head><body><h1>{escape(article.title)}</h1>{body}</body></html>"
        ).encode()
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(1, len(pages) + 1)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(1, len(pages) + 1))
    return packed(
        {
            "mimetype": b"application/epub+zip",
            "META-INF/container.xml": b'<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            b'<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
            "OEBPS/book.opf": (
                '<package version="3.0" unique-identifier="id" xmlns="http://www.idpf.org/2007/opf"><metadata '
                'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">casextract-sample</dc:identifier>'
                "<dc:title>社区与民政 2024年3期</dc:title><dc:language>zh</dc:language><dc:publisher>社区与民政</dc:publisher>"
                f"<dc:date>2024-03-11</dc:date></metadata><manifest>{items}"
                '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/></manifest>'
                f'<spine><itemref idref="nav"/>{spine}</spine></package>'
            ).encode(),
            "OEBPS/nav.xhtml": '<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><ol><li>目录</li></ol></nav></body></html>'.encode(),
            **pages,
        }
    )


def packed(members: dict[str, bytes]) -> bytes:
    """A ZIP archive of these members, the same bytes whenever it is made."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, STAMP)
            # Readers of books look for the first member as it stands.
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return buffer.getvalue()


def samples(text: str) -> dict[str, bytes]:
    """File name to content of every sample."""
    article = read_article(text)
    return {
        "page.html": html_page(article),
        "article.docx": docx_file(article),
        "two-columns.pdf": pdf_file(article),
        "issue.epub": epub_file([article]),
        "issue.zip": packed(
            {
                "第3期/网页.html": html_page(article, "gb18030", "gb2312"),
                "第3期/文本.txt": article.text.encode("gb18030"),
            }
        ),
    }


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    for name, data in samples((RAW / ARTICLE).read_text(encoding="utf-8")).items():
        (TARGET / name).write_bytes(data)
        print(f"{len(data):>8} {name}")


if __name__ == "__main__":
    main()
