"""Web pages: what belongs to the article is kept, what stands around it is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from opencc import OpenCC

from casextract.load import Source, load_bytes
from casextract.normalise import normalise

ONE = "甲县建成养老床位120张，投入1000万元。"
TWO = "乙县新增岗位50个，覆盖率75%，群众满意。"
PROSE = f"<p>{ONE}</p><p>{TWO}</p>"


def load(page: str, name: str = "x.html") -> Source:
    (source,) = load_bytes(page.encode(), name).sources
    return source


def lines(page: str) -> list[str]:
    return load(page).text.splitlines()


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(f"<html><body>{PROSE}</body></html>", id="whole"),
        pytest.param(f"<p>{ONE}<p>{TWO}", id="fragment"),
        pytest.param(f"{ONE}<br>{TWO}", id="bare text"),
        pytest.param(f"<body><p>　　{ONE}<br>\n　　{TWO}<br/></p></body>", id="one paragraph with breaks"),
        pytest.param(f"<body><div>{ONE}<div>{TWO}</div></div></body>", id="nested blocks"),
        pytest.param(
            f"<body><div><p>甲县建成<b>养老<i>床位120张</b>，投入1000万元。<p>{TWO}</span></table></body>",
            id="unclosed",
        ),
        pytest.param(f"<p>甲县建成养老床位\n    120张，投入1000万元。</p><p>{TWO}</p>", id="wrapped source"),
        pytest.param(f"<p>甲县建成养老床位&#49;20张，投入1000万元。</p><p>{TWO}&nbsp;</p>", id="entities"),
        pytest.param(f"<main>{PROSE}</main><aside><p>丁县又建成床位9999张，投入很大。</p></aside>", id="side bar"),
        pytest.param(f"<nav><a>首页</a><a>要闻</a></nav>{PROSE}<footer>主办单位：某局</footer>", id="navigation"),
        pytest.param(
            f"<div class=article>{PROSE}</div><div class=comments><p>网友：点9999个赞。</p></div>", id="comments"
        ),
        pytest.param(
            f"{PROSE}<h3>相关阅读</h3><ul><li><a>新增托位500个</a></li><li><a>又一条</a></li></ul>", id="related"
        ),
        pytest.param(f"<p>当前位置：<a>首页</a> &gt; <a>要闻</a></p>{PROSE}<p>上一篇：<a>3家机构</a></p>", id="crumbs"),
        pytest.param(
            f"{PROSE}<script>var n = 3;</script><style>p {{}}</style><noscript>请启用脚本</noscript>", id="script"
        ),
        pytest.param(f"<p style='display: none'>隐去的999个。</p>{PROSE}", id="hidden"),
        pytest.param(f"<div id=js_content style='visibility: hidden'>{PROSE}</div>", id="hidden until a script runs"),
        pytest.param(f"<pre>{ONE}\n{TWO}</pre>", id="preformatted"),
        pytest.param(
            f"<div class=pages_content>{PROSE}</div><div class=foot_box><p>主办单位：某局 值班电话：000-1234567</p><p>某ICP备00000001号</p></div>",
            id="foot of the site",
        ),
        pytest.param(
            f"<table><tr><td><a>首页</a><a>要闻</a><td><p>{ONE}</p><p>{TWO}</p></table>", id="layout by table"
        ),
    ],
)
def test_the_article_and_nothing_else(page: str) -> None:
    assert lines(page) == [ONE, TWO]


def test_lists_tables_and_headings_are_marked() -> None:
    page = f"<h2>小标题</h2><ol start=3><li>丙<ul><li>子项</li></ul></li><li>丁</li></ol><table><tr><th>项目<th>数量<tr><td>床位<td>30张</table><p>{ONE}</p>"
    source = load(page)
    assert source.text.splitlines() == ["小标题", "3. 丙", "子项", "4. 丁", "项目\t数量", "床位\t30张", ONE]
    assert [(m.kind, m.level) for m in source.marks] == [
        ("heading", 2), ("list_item", 1), ("list_item", 2), ("list_item", 1), ("table_row", 0), ("table_row", 0), ("paragraph", 0),
    ]  # fmt: skip
    assert [source.text[m.start : m.end] for m in source.marks] == source.text.splitlines()
    assert [m.path for m in source.marks][2:5] == ["body/ol/li[1]/ul/li", "body/ol/li[2]", "body/table/tbody/tr[1]"]


@pytest.mark.parametrize(
    ("codec", "declared"), [("gb18030", "gb2312"), ("cp950", "utf-8"), ("utf-8", "gbk"), ("utf-16", "big5")]
)
def test_the_declared_encoding_may_be_wrong(codec: str, declared: str) -> None:
    text = "救助服務惠及長者120人，投入近1000萬元。" if codec == "cp950" else ONE
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={declared}"></head><body><p>{text}</p></body>'
    (source,) = load_bytes(page.encode(codec), "x.html").sources
    assert (source.text, source.encoding) == (text + "\n", codec)
    assert [p.code for p in source.problems] == ([] if declared in ("gb2312", "big5") else ["wrong_declaration"])


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="ArticleTitle" content="真标题"><meta name="PubDate" content="2023-05-06 08:00"><meta name="ContentSource" content="某报"><meta name="Author" content="苏禾"><meta name="Keywords" content="养老，救助">',
        '<meta property="og:title" content="真标题_某网"><meta property="article:published_time" content="2023-05-06T08:00:00+08:00"><meta property="og:site_name" content="某报"><meta property="article:author" content="苏禾"><meta name="keywords" content="养老,救助">',
        '<script type="application/ld+json">{"headline":"真标题","datePublished":"2023-05-06","author":[{"name":"苏禾"}],"publisher":{"name":"某报"},"keywords":["养老","救助"]}</script>',
    ],
    ids=["government", "open graph", "json-ld"],
)
def test_metadata(head: str) -> None:
    meta = load(f"<html><head><title>别的 - 某网</title>{head}</head><body>{PROSE}</body></html>").meta
    assert (meta.title, meta.published_on, meta.publisher) == ("真标题", date(2023, 5, 6), "某报")
    assert (meta.byline, meta.keywords) == ("苏禾", ("养老", "救助"))


def test_a_page_saved_as_one_file() -> None:
    body = f"<html><body>{PROSE}</body></html>".encode("gbk")
    head = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=cut\r\n\r\n--cut\r\nContent-Type: image/png\r\n\r\nx\r\n"
    part = b"--cut\r\nContent-Type: text/html; charset=gbk\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    (source,) = load_bytes(head + part + body + b"\r\n--cut--\r\n", "x.mhtml").sources
    assert source.text.splitlines() == [ONE, TWO]
    assert (source.media_type, source.encoding) == ("multipart/related", "gb18030")


def test_a_page_of_nothing_but_links_is_not_lost() -> None:
    assert lines(f"<div><p><a>{ONE}</a></p><p><a>{TWO}</a></p></div>") == [ONE, TWO]


@pytest.mark.parametrize(
    "gone",
    [
        "<del>100</del>", "<s>100</s>", "<strike>100</strike>", "<span style='text-decoration: line-through'>100</span>",
        "<span hidden>100</span>", "<span style='display: none'>100</span>", "<sup>[1]</sup>", "<sup><a href='#n'>①</a></sup>",
    ],
)  # fmt: skip
def test_what_is_struck_out_hidden_or_a_note_is_not_the_text(gone: str) -> None:
    assert lines(f"<p>甲县建成养老床位{gone}120张，投入1000万元。</p><p>{TWO}</p>") == [ONE, TWO]


@pytest.mark.parametrize("tags", [("<sup>", "</sup>"), ("<span style='vertical-align: super'>", "</span>")])
def test_raised_digits_stay_raised(tags: tuple[str, str]) -> None:
    on, off = tags
    source = load(f"<p>甲县投入320{on}1{off}万元，建成食堂120m{on}2{off}，老人都来。</p><p>{TWO}</p>")
    assert source.text.splitlines()[0] == "甲县投入320¹万元，建成食堂120m²，老人都来。"
    assert normalise(source).norm.splitlines()[0] == "甲县投入320万元,建成食堂120m²,老人都来。"


SHEETS = """<style>{sheet}</style><h1>北河县的助餐点</h1><div class="text"><p>北河县建成助餐点{noted}家，老人天天来。</p>
<p>县里给每家补贴，账目贴在村口。</p></div><div id="tip">订阅本站320元</div>"""


@pytest.mark.parametrize(
    ("sheet", "noted", "hidden"),
    [
        (".old{display:none}", '<b class="old">31</b>32', ("31",)),
        ("#tip { color: red; display : NONE !important }", "32", ("320",)),
        ("b.old,.x{display:none}", '<b class="old wide">31</b>32', ("31",)),
        (".old{display:none} .old{display:inline}", '<b class="old">3</b>2', ()),
        ("/* .old{display:none} */", '<b class="old">3</b>2', ()),
        ("@media print{.old{display:none}}", '<b class="old">3</b>2', ()),
        (".text{display:none}", "32", ()),
        (".old{display:none}", '<b class="old" style="display:inline">3</b>2', ()),
        (".old .in{display:none}", '<b class="old">3</b>2', ()),
    ],
)
@pytest.mark.parametrize("convert", [str, OpenCC("s2t").convert], ids=["simplified", "traditional"])
def test_what_a_sheet_hides_is_not_read(
    sheet: str, noted: str, hidden: tuple[str, ...], convert: Callable[[str], str]
) -> None:
    (source,) = load_bytes(convert(SHEETS.format(sheet=sheet, noted=noted)).encode(), "x.html").sources
    assert convert("助餐点32家") in source.text
    assert [text for text in hidden if text in source.text] == []
