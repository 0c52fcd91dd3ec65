"""Word documents: order, tables, lists that Word counts, footnotes, text boxes, tracked changes."""

from __future__ import annotations

import io
import zipfile

import pytest

from casextract.load import Source, load_bytes
from casextract.normalise import normalise
from samples import builders

MAKE = builders()
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def package(body: str, numbering: str = "", notes: str = "") -> bytes:
    """A Word document with this body; `numbering` replaces the levels of its lists, `notes` are its footnotes."""
    with zipfile.ZipFile(io.BytesIO(MAKE.docx_file(MAKE.Article("空", ())))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document.xml"] = (
        f'<w:document {W} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">'
        f"<w:body>{body}</w:body></w:document>"
    ).encode()
    if numbering:
        parts["word/numbering.xml"] = f"<w:numbering {W}>{numbering}</w:numbering>".encode()
    if notes:
        parts["word/footnotes.xml"] = f"<w:footnotes {W}>{notes}</w:footnotes>".encode()
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
        types = f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>'
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", types.encode())
        relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
        entry = f'<Relationship Id="rId99" Type="{relation}" Target="footnotes.xml"/></Relationships>'
        name = "word/_rels/document.xml.rels"
        parts[name] = parts[name].replace(b"</Relationships>", entry.encode())
    return MAKE.packed(parts)


def p(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def cell(text: str) -> str:
    return f"<w:tc>{p(text)}</w:tc>"


def load(data: bytes) -> Source:
    loaded = load_bytes(data, "x.docx")
    assert loaded.problems == ()
    return loaded.sources[0]


def test_tables_stand_where_they_stand() -> None:
    rows = f"<w:tr>{cell('项目')}{cell('数量')}</w:tr><w:tr>{cell('床位')}{cell('30张')}</w:tr>"
    source = load(package(p("前") + f"<w:tbl>{rows}</w:tbl>" + p("后")))
    assert source.text == "前\n项目\t数量\n床位\t30张\n后\n"
    assert [(m.kind, source.text[m.start : m.end]) for m in source.marks] == [
        ("table_row", "项目\t数量"),
        ("table_row", "床位\t30张"),
    ]


def test_a_table_of_one_column_is_a_frame() -> None:
    frame = f"<w:tbl><w:tr><w:tc>{p('框内一')}{p('框内二')}</w:tc></w:tr></w:tbl>"
    assert load(package(frame + p("后"))).text == "框内一\n框内二\n后\n"


def test_headings_by_style_and_by_outline_level() -> None:
    body = (
        p("题", '<w:pStyle w:val="Title"/>')
        + p("节", '<w:pStyle w:val="Heading2"/>')
        + p("目", '<w:outlineLvl w:val="2"/>')
        + p("文")
    )
    source = load(package(body))
    assert [(m.kind, m.level) for m in source.marks] == [("heading", 1), ("heading", 2), ("heading", 3)]
    assert source.meta.title == "题"


def test_the_numbers_that_word_counts_are_text() -> None:
    levels = (
        '<w:abstractNum w:abstractNumId="7">'
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
        '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl>'
        '</w:abstractNum><w:num w:numId="5"><w:abstractNumId w:val="7"/></w:num>'
    )

    def item(text: str, depth: int) -> str:
        return p(text, f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="5"/></w:numPr>')

    body = (
        item("建机制", 0)
        + item("定规则", 1)
        + item("抓落实", 1)
        + item("强保障", 0)
        + item("增投入", 1)
        + "".join(item("续", 0) for _ in range(9))
    )
    assert load(package(body, levels)).text.splitlines() == [
        "一、建机制", "1. 定规则", "2. 抓落实", "二、强保障", "1. 增投入",
        *(f"{n}、续" for n in ["三", "四", "五", "六", "七", "八", "九", "十", "十一"]),
    ]  # fmt: skip


def test_footnotes_come_last_without_their_separator() -> None:
    notes = f'<w:footnote w:type="separator" w:id="0">{p("线")}</w:footnote><w:footnote w:id="1">{p("注：含农村床位20张")}</w:footnote>'
    source = load(package(p("文") + p("尾"), notes=notes))
    assert source.text == "文\n尾\n注：含农村床位20张\n"
    assert [(m.kind, source.text[m.start : m.end]) for m in source.marks] == [("footnote", "注：含农村床位20张")]


def test_a_text_box_is_read_once_behind_its_paragraph() -> None:
    box = f"<w:txbxContent>{p('框中有3项')}</w:txbxContent>"
    both = f"<mc:AlternateContent><mc:Choice Requires='wps'><wps:txbx>{box}</wps:txbx></mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>"
    assert (
        load(package(f"<w:p><w:r><w:t>锚</w:t></w:r><w:r>{both}</w:r></w:p>" + p("后"))).text == "锚\n框中有3项\n后\n"
    )


def test_tracked_changes_are_read_as_accepted() -> None:
    body = "<w:p><w:r><w:t>投入</w:t></w:r><w:del><w:r><w:delText>100</w:delText></w:r></w:del><w:ins><w:r><w:t>200</w:t></w:r></w:ins><w:r><w:t>万元</w:t></w:r></w:p>"
    assert load(package(body)).text == "投入200万元\n"


def test_content_controls_links_breaks_and_fields() -> None:
    control = f"<w:sdt><w:sdtContent>{p('控件')}</w:sdtContent></w:sdt>"
    link = "<w:p><w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink><w:r><w:instrText>PAGE</w:instrText><w:br/><w:t>次行</w:t><w:tab/><w:noBreakHyphen/></w:r></w:p>"
    assert load(package(control + link)).text == "控件\n链接\n次行\t-\n"


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


@pytest.mark.parametrize("hidden", ["strike", "dstrike", "vanish"])
def test_what_is_struck_out_or_hidden_is_not_the_text(hidden: str) -> None:
    runs = (run("投入"), run("100", f"<w:{hidden}/>"), run("200", f'<w:{hidden} w:val="0"/>'), run("万元"))
    body = f"<w:p>{''.join(runs)}</w:p>"
    assert load(package(body)).text == "投入200万元\n"


def test_a_style_strikes_out_and_a_run_takes_it_back() -> None:
    style = '<w:style w:type="character" w:styleId="Gone"><w:name w:val="gone"/><w:rPr><w:strike/></w:rPr></w:style></w:styles>'
    parts = unpacked(package(f"<w:p>{run('100', GONE)}{run('200', GONE + KEPT)}</w:p>"))
    parts["word/styles.xml"] = parts["word/styles.xml"].replace(b"</w:styles>", style.encode())
    assert load(MAKE.packed(parts)).text == "200\n"


KEPT = '<w:strike w:val="false"/>'
HIGH = '<w:position w:val="6"/>'
GONE = '<w:rStyle w:val="Gone"/>'
RAISED = '<w:vertAlign w:val="superscript"/>'


@pytest.mark.parametrize(
    ("raised", "text"),
    [
        ("1", "320¹万元"),
        ("[1]", "320万元"),
        ("〔12〕", "320万元"),
        ("①", "320万元"),
        ("*", "320万元"),
        ("注1", "320万元"),
    ],
)
def test_the_number_of_a_note_joins_no_number(raised: str, text: str) -> None:
    source = load(package(f"<w:p>{run('320')}{run(raised, RAISED)}{run('万元')}</w:p>"))
    assert source.text == text + "\n"
    assert normalise(source).norm == "320万元\n"


def test_the_power_of_a_unit_stays() -> None:
    source = load(package(f"<w:p>{run('120m')}{run('2', RAISED)}{run('，')}{run('9', HIGH)}</w:p>"))
    assert source.text == "120m²，⁹\n"


def test_a_deleted_paragraph_mark_joins_two_paragraphs() -> None:
    gone = '<w:rPr><w:del w:id="1" w:author="a"/></w:rPr>'
    body = p("投入3", gone) + p("20万元，建成", gone) + p("食堂。", '<w:pStyle w:val="Heading2"/>') + p("尾")
    source = load(package(body))
    assert source.text == "投入320万元，建成食堂。\n尾\n"
    assert [m.kind for m in source.marks] == ["heading"]


def test_a_deleted_row_is_not_read() -> None:
    gone = f"<w:tr><w:trPr><w:del/></w:trPr>{cell('床位')}{cell('30张')}</w:tr>"
    rows = f"<w:tr>{cell('项目')}{cell('数量')}</w:tr>{gone}<w:tr>{cell('床位')}{cell('40张')}</w:tr>"
    assert load(package(f"<w:tbl>{rows}</w:tbl>")).text == "项目\t数量\n床位\t40张\n"


def test_how_a_character_is_read_is_not_the_text() -> None:
    ruby = f"<w:ruby><w:rt>{run('lì')}</w:rt><w:rubyBase>{run('溧')}</w:rubyBase></w:ruby>"
    assert load(package(f"<w:p><w:r>{ruby}</w:r>{run('阳市')}</w:p>")).text == "溧阳市\n"


def test_a_text_box_that_only_old_programs_know_is_read() -> None:
    box = f"<w:pict><v:textbox><w:txbxContent>{p('框中有3项')}</w:txbxContent></v:textbox></w:pict>"
    both = f"<mc:AlternateContent><mc:Choice Requires='wps'/><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    assert load(package(f"<w:p><w:r><w:t>锚</w:t></w:r><w:r>{both}</w:r></w:p>")).text == "锚\n框中有3项\n"


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("target", ["NULL", "../NULL", "media/gone.png", "/word/gone.xml"])
def test_a_relation_to_nothing_costs_nothing(target: str) -> None:
    parts = unpacked(package(p("投入20万元")))
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    entry = f'<Relationship Id="rId98" Type="{kind}" Target="{target}"/></Relationships>'
    name = "word/_rels/document.xml.rels"
    parts[name] = parts[name].replace(b"</Relationships>", entry.encode())
    (source,) = load_bytes(MAKE.packed(parts), "x.docx").sources
    assert source.text == "投入20万元\n"


@pytest.mark.parametrize("part", ["styles", "numbering", "settings", "fontTable", "theme/theme1"])
def test_a_missing_part_is_done_without(part: str) -> None:
    parts = unpacked(package(p("投入20万元")))
    del parts[f"word/{part}.xml"]
    (source,) = load_bytes(MAKE.packed(parts), "x.docx").sources
    assert source.text == "投入20万元\n"
    assert [q.code for q in source.problems] == (["missing_part"] if part in ("styles", "numbering") else [])


def test_the_strict_form_of_the_standard_is_read() -> None:
    parts = unpacked(package(p("题", '<w:pStyle w:val="Title"/>') + p("投入20万元")))
    strict = {
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main": b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    }
    for name, content in parts.items():
        for usual, other in strict.items():
            content = content.replace(usual, other)
        parts[name] = content
    source = load(MAKE.packed(parts))
    assert (source.text, source.meta.title) == ("题\n投入20万元\n", "题")


def test_a_document_with_macros_is_a_document() -> None:
    parts = unpacked(package(p("投入20万元")))
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = parts["[Content_Types].xml"]
    assert plain in types
    parts["[Content_Types].xml"] = types.replace(plain, b"application/vnd.ms-word.document.macroEnabled.main+xml")
    assert load(MAKE.packed(parts)).text == "投入20万元\n"
