"""Markdown is read without its marks, and every offset leads to the text as it was loaded."""

from __future__ import annotations

from datetime import date

import pytest

from casextract import pipeline
from casextract.load import Source, load_bytes, reread
from casextract.normalise import normalise
from casextract.rulebook.loading import load_rulebook


@pytest.fixture(scope="module")
def rules() -> pipeline.Pipeline:
    return pipeline.prepare(load_rulebook())


def load(text: str, name: str = "x.md") -> Source:
    (source,) = load_bytes(text.encode(), name).sources
    assert source.text == text
    assert source.media_type == "text/markdown"
    return source


def read(text: str) -> str:
    return normalise(load(text)).norm


@pytest.mark.parametrize(
    ("raw", "norm"),
    [
        ("投入**320**万元", "投入320万元"),
        ("投入**3**20万元", "投入320万元"),
        ("***重点***和*强调*", "重点和强调"),
        ("推行**“老有所养”**模式", "推行“老有所养”模式"),
        ("见[补贴办法](http://a.cn/2023/99.html \"办法\")第3条", "见补贴办法第3条"),
        ("见[补贴**办法**][1]第3条\n\n[1]: http://a.cn/99", "见补贴办法第3条\n\n"),
        ("原价~~100~~<del>90</del>80元", "原价80元"),
        ("投入320[^1]万元", "投入320万元"),
        ("投入320<sup>1</sup>万元，面积120m<sup>2</sup>", "投入320万元,面积120m2"),
        ("投入320^1^万元", "投入320万元"),
        ("用`320`万元和==50==万元", "用320万元和50万元"),
        (r"3\*5米，李\_某", "3*5米,李_某"),
        ("长3*5*2米，file_name_2", "长3*5*2米,file_name_2"),
        ("覆盖率$98.5\\%$", "覆盖率98.5%"),
        ("甲<br>乙&nbsp;丙<span style='color:red'>丁</span><!-- 9 -->", "甲 乙 丙丁"),
        ("食堂![图标](a/9.png)开张", "食堂开张"),
        ("> 引语**有力**", "引语有力"),
        ("- [x] 建**5**家", "建5家"),
        ("1. 建5家", "1. 建5家"),
        ("```\n320万元\n```", "\n320万元\n"),
        ("　　段首空两格，投入320万元", "  段首空两格,投入320万元"),
    ],
)  # fmt: skip
def test_marks_are_not_read(raw: str, norm: str) -> None:
    assert read(raw) == norm


def test_front_matter_is_metadata() -> None:
    text = "---\ntitle: 南河县办食堂\ndate: 2023-05-04 10:00\nauthor: [王某, 李某]\nsource: 南河日报\ntags: [养老, 食堂]\n---\n正文投入320万元。\n"
    source = load(text)
    assert normalise(source).norm == "正文投入320万元。\n"
    meta = source.meta
    assert (meta.title, meta.published_on, meta.publisher) == ("南河县办食堂", date(2023, 5, 4), "南河日报")
    assert (meta.byline, meta.keywords) == ("王某,李某", ("养老", "食堂"))


@pytest.mark.parametrize(
    "front",
    [
        '+++\ntitle = "南河县办食堂"\ndate = 2023-05-04\n+++\n',
        "---\n标题: 南河县办食堂\n发布日期: 2023年5月4日\n---\n",
        "---\ntitle: 南河县办食堂: [坏\ndate: 2023-05-04\n---\n",
    ],
)
def test_front_matter_in_other_forms(front: str) -> None:
    meta = load(front + "正文投入320万元。\n", "x.txt").meta
    assert meta.title is not None
    assert meta.title.startswith("南河县办食堂")
    assert meta.published_on == date(2023, 5, 4)


def test_headings_captions_tables_and_notes_are_marked() -> None:
    text = (
        "# 题**目**\n\n## 一、办法 ##\n\n两行题\n---\n\n这一段的末尾是句号。\n---\n\n![食堂开张](a.jpg)\n\n| 项目 | 数量 |\n|:--|--:|\n"
        "| 床位 | **30**张 |\n\n[^1]: 含村级食堂\n"
    )
    source = load(text)
    marked = [(m.kind, m.level, text[m.start : m.end]) for m in source.marks if m.kind not in ("unread", "gap")]
    assert marked == [
        ("heading", 1, "题**目**"),
        ("heading", 2, "一、办法"),
        ("heading", 2, "两行题"),
        ("caption", 0, "食堂开张"),
        ("table_row", 0, "| 项目 | 数量 |"),
        ("table_row", 0, "| 床位 | **30**张 |"),
        ("footnote", 0, "含村级食堂"),
    ]
    assert [line.split() for line in normalise(source).norm.splitlines() if "项目" in line or "床位" in line] == [
        ["项目", "数量"],
        ["床位", "30张"],
    ]


def test_an_addressee_is_no_heading() -> None:
    assert [m.kind for m in load("### 各县人民政府:\n\n请**照办**。\n").marks if m.kind == "heading"] == []


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_end_counts(ending: str) -> None:
    text = ending.join(["# 题目", "", "投入**320**万元。", ""])
    source = load(text)
    assert [text[m.start : m.end] for m in source.marks if m.kind == "heading"] == ["题目"]
    assert "投入320万元" in normalise(source).norm


def test_markdown_is_known_by_its_marks() -> None:
    assert load("# 题目\n\n投入**320**万元。\n", "x.txt").media_type == "text/markdown"
    for plain in (
        "李**说，手机13****8000。\n",
        "一、办法\n# 题\n投入3*5*2米。\n",
        "---\n三条横线\n---\n投入320万元。\n",
    ):
        (source,) = load_bytes(plain.encode(), "x.txt").sources
        assert source.media_type == "text/plain"
        assert [m for m in source.marks if m.kind == "unread"] == []


def test_records_point_into_the_text_as_loaded(rules: pipeline.Pipeline) -> None:
    text = "# 南河县办食堂\n\n全县投入**320**万元，见[2023年办法](http://a.cn/2023/7.html)，建成~~10~~12家食堂。\n"
    records = pipeline.run(load(text), rules)
    assert [(r.value, r.unit, r.text) for r in records.indicators] == [(3200000, "元", "320**万元"), (12, "家", "12家")]
    for row in (*records.indicators, *records.numerals):
        assert text[row.start : row.end] == row.text
    assert [n.text for n in records.numerals if n.reason == "not_text"] == ["2023", "7", "10"]


def test_what_the_text_shows_is_found_again_without_its_file() -> None:
    source = load("# 南河县办食堂\n\n全县投入**320**万元，建成食堂，共\n- 1 -\n12家，老人都来。\n")
    bare = Source(source.doc_id, source.path, source.sha256, source.media_type, source.encoding, source.text)
    assert reread(bare).marks == source.marks
    assert normalise(bare).norm != normalise(source).norm


def test_bulletins_in_one_file_are_documents_of_their_own() -> None:
    body = "全县投入**320**万元，建成12家村级食堂，由村集体出房出灶，县里按实际就餐人数给补贴，老人天天来吃饭，账目每月贴在村口。\n\n"
    text = "".join(
        f"# {place}办食堂\n\n**发布日期：** 2023-05-0{n}\n\n{body}"
        for n, place in enumerate(("甲县", "乙县", "丙县"), 1)
    )
    loaded = load_bytes(text.encode(), "x.md")
    assert "".join(s.text for s in loaded.sources) == text
    assert [s.text.splitlines()[0] for s in loaded.sources] == ["# 甲县办食堂", "# 乙县办食堂", "# 丙县办食堂"]
