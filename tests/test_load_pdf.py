"""PDF: reading order, paragraphs over lines and pages, what is printed around the article, characters that fonts disguise."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from casextract.load import Source, load_bytes
from casextract.normalise import normalise
from samples import article_text, builders

MAKE = builders()


def drawn(*pages: Callable[[Canvas], None]) -> Source:
    """What is loaded from pages drawn by hand, 600 by 800 points."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(600, 800), invariant=1)
    for draw in pages:
        canvas.setFont("STSong-Light", 10)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    loaded = load_bytes(buffer.getvalue(), "x.pdf")
    assert loaded.problems == ()
    return loaded.sources[0]


def lines(x: float, y: float, *texts: str) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        for n, text in enumerate(texts):
            canvas.drawString(x, y - 16 * n, text)

    return draw


def both(*draws: Callable[[Canvas], None]) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        for one in draws:
            one(canvas)

    return draw


FULL = "养老服务中心为老人提供助餐助浴和康复护理等多项"
"""As wide as the column."""


def full(count: int) -> list[str]:
    """Different full lines: pdfium takes equal ones that follow each other for one drawn twice."""
    return [FULL[n:] + FULL[:n] for n in range(count)]


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_one_two_and_three_columns_read_alike(columns: int) -> None:
    article = MAKE.read_article(article_text("magazine-2023-05-hant.txt"))
    (source,) = load_bytes(MAKE.pdf_file(article, columns), "x.pdf").sources
    assert source.text == article.text
    assert source.problems == ()


def test_columns_drawn_line_by_line_across_the_page() -> None:
    left, right = [*full(4), "左栏末行。"], [*(t[::-1] for t in full(4)), "右栏末行。"]
    page = both(
        *(
            both(lines(50, 600 - 16 * n, a), lines(320, 600 - 16 * n, b))
            for n, (a, b) in enumerate(zip(left, right, strict=True))
        )
    )
    assert drawn(page).text == "".join(left) + "\n" + "".join(right) + "\n"


def test_a_headline_over_both_columns_comes_first_and_one_inside_parts_them() -> None:
    def headline(y: float, text: str) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            canvas.setFont("STSong-Light", 22)
            canvas.drawString(150, y, text)
            canvas.setFont("STSong-Light", 10)

        return draw

    page = both(
        headline(690, "横跨两栏的大标题在此"), lines(50, 650, *full(3), "左上。"), lines(320, 650, *full(3), "右上。"),
        headline(540, "又一个横跨两栏的标题"), lines(50, 500, *full(3), "左下。"), lines(320, 500, *full(3), "右下。"),
    )  # fmt: skip
    assert [line[-10:] for line in drawn(page).text.splitlines()] == [
        "横跨两栏的大标题在此", *(("".join(full(3)) + end)[-10:] for end in ("左上。", "右上。")), "又一个横跨两栏的标题",
        *(("".join(full(3)) + end)[-10:] for end in ("左下。", "右下。")),
    ]  # fmt: skip


def test_running_heads_and_page_numbers_go_and_paragraphs_run_on() -> None:
    def page(number: int, *texts: str) -> Callable[[Canvas], None]:
        return both(
            lines(50, 770, f"某某杂志 2024年第{number}期"), lines(50, 600, *texts), lines(290, 30, f"- {number} -")
        )

    source = drawn(page(7, *full(3)), page(8, FULL, "共建成12个站点。"))
    assert source.text == "".join(full(3)) + FULL + "共建成12个站点。\n"
    assert [(m.kind, m.level, m.start, m.end) for m in source.marks] == [
        ("page", 1, 0, 3 * len(FULL)),
        ("page", 2, 3 * len(FULL), len(source.text)),
    ]


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        (FULL, "目服务。", FULL + "目服务。"),
        (FULL[:-2] + "12", "34人受益。", FULL[:-2] + "1234人受益。"),
        (FULL[:-4] + " smart", "home服务。", FULL[:-4] + " smart home服务。"),
        (FULL[:-4] + " plat-", "form服务。", FULL[:-4] + " platform服务。"),
    ],
)
def test_words_and_numbers_broken_over_lines(first: str, second: str, joined: str) -> None:
    assert drawn(lines(50, 600, *full(4)[1:], first, second)).text == "".join(full(4)[1:]) + joined + "\n"


def test_an_early_end_and_an_indent_begin_paragraphs() -> None:
    assert drawn(lines(50, 600, FULL, "一段到此。", FULL, "二段到此。")).text.count("\n") == 2
    indented = both(
        *(lines(50 + (20 if n % 2 == 0 else 0), 600 - 16 * n, FULL[2:] if n % 2 == 0 else FULL) for n in range(8))
    )
    assert drawn(indented).text.count("\n") == 4


def test_radicals_and_vertical_forms_are_the_characters_they_stand_for() -> None:
    assert drawn(lines(50, 600, "\u2f3c\u7406\u2f00\u70b9︵三︶老\u2f08")).text == "心理一点(三)老人\n"


def test_bold_print_by_drawing_twice_is_read_once() -> None:
    assert drawn(both(lines(50, 600, "建成3个站点。"), lines(50.3, 600, "建成3个站点。"))).text == "建成3个站点。\n"


def test_text_in_a_font_nobody_has_is_not_lost_in_silence() -> None:
    source = drawn(both(lines(50, 600, FULL), lines(50, 500, "难")))
    assert "难" in source.text or [p.code for p in source.problems] == ["missing_font"]


def at(*pieces: tuple[float, float, float, str]) -> Callable[[Canvas], None]:
    """Pieces of text, each at a place and in a size."""

    def draw(canvas: Canvas) -> None:
        for x, y, size, text in pieces:
            canvas.setFont("STSong-Light", size)
            canvas.drawString(x, y, text)

    return draw


@pytest.mark.parametrize(
    ("high", "text", "norm"),
    [("1", "投入320¹万元。", "投入320万元。"), ("[2]", "投入320万元。", "投入320万元。"), ("①", "投入320万元。", "投入320万元。")],
)  # fmt: skip
def test_a_raised_small_digit_joins_no_number(high: str, text: str, norm: str) -> None:
    edge = 50 + pdfmetrics.stringWidth("投入320", "STSong-Light", 10)
    after = edge + pdfmetrics.stringWidth(high, "STSong-Light", 5.5)
    source = drawn(at((50, 700, 10, "投入320"), (edge, 704.5, 5.5, high), (after, 700, 10, "万元。")))
    assert (source.text, normalise(source).norm) == (text + "\n", norm + "\n")


def test_a_raised_power_stays() -> None:
    edge = 50 + pdfmetrics.stringWidth("面积120m", "STSong-Light", 10)
    source = drawn(at((50, 700, 10, "面积120m"), (edge, 704.5, 5.5, "2"), (edge + 3, 700, 10, "，又建一处。")))
    assert source.text == "面积120m²，又建一处。\n"


def test_white_and_outside_is_not_read() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "投入320万元。")
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(50, 650, "暗投999万元。")
        canvas.setFillColorRGB(0, 0, 0)
        canvas.drawString(700, 600, "页外888万元。")
        canvas.drawString(50, -40, "页下777万元。")
        hidden = canvas.beginText(50, 560)
        hidden.setTextRenderMode(3)
        hidden.textLine("无墨666万元。")
        canvas.drawText(hidden)

    assert drawn(draw).text == "投入320万元。\n"


def test_white_on_a_dark_ground_and_what_ocr_put_over_a_picture_is_read() -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    def draw(canvas: Canvas) -> None:
        canvas.setFillColorRGB(0.8, 0, 0)
        canvas.rect(40, 640, 300, 30, stroke=0, fill=1)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(50, 650, "红底白字320万元。")
        canvas.drawImage(ImageReader(Image.new("L", (40, 60), 200)), 40, 500, 300, 100)
        layer = canvas.beginText(50, 560)
        layer.setTextRenderMode(3)
        layer.textLine("图上识得120万元。")
        canvas.drawText(layer)

    assert drawn(draw).text == "红底白字320万元。\n图上识得120万元。\n"


def spaced(text: str, by: float) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        piece = canvas.beginText(50, 700)
        piece.setFont("STSong-Light", 10)
        piece.setCharSpace(by)
        piece.textLine(text)
        canvas.drawText(piece)

    return draw


@pytest.mark.parametrize("by", [0, 1.5, 4, 7])
def test_letters_set_apart_make_one_word(by: float) -> None:
    assert drawn(spaced("全县投入320万元建食堂", by)).text == "全县投入320万元建食堂\n"


@pytest.mark.parametrize("step", [9, 12])
def test_digits_set_apart_make_one_number(step: float) -> None:
    edge = 50 + pdfmetrics.stringWidth("全县投入", "STSong-Light", 10)
    digits = tuple((edge + 3 + step * n, 700, 10, d) for n, d in enumerate("320"))
    source = drawn(at((50, 700, 10, "全县投入"), *digits, (edge + 3 * step + 2, 700, 10, "万元建食堂。")))
    assert source.text.replace(" ", "") == "全县投入320万元建食堂。\n"
    assert "320" in source.text


def test_a_footer_under_a_column_swallows_no_heading() -> None:
    left = lines(50, 600, *full(6))
    right = lines(320, 600, "一、把账目贴出来", *full(5))
    source = drawn(both(left, lines(50, 60, "社区与民政二〇二四年第三期"), right))
    assert "一、把账目贴出来" in source.text.splitlines()
    assert "社区与民政二〇二四年第三期" in source.text.splitlines()


def test_a_font_that_prints_control_characters_is_garbled(monkeypatch: pytest.MonkeyPatch) -> None:
    # Where OCR is installed it reads the page instead.
    monkeypatch.setattr("casextract.load.ocr.available", lambda: False)
    cmap = b"".join(b"<%02X> <%04X>\n" % (n, n - 0x30) for n in range(0x31, 0x46))
    text = b"BT /F 10 Tf 50 700 Td (12456789:;<=>?@ABCDE) Tj ET"
    loaded = load_bytes(one_page(text, cmap), "x.pdf")
    assert [p.code for p in loaded.problems] == ["garbled_text"]


def one_page(content: bytes, cmap: bytes) -> bytes:
    """A page whose font says by `cmap` which characters it prints."""
    to_unicode = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def 1 begincodespacerange <00> <FF>"
        b" endcodespacerange 21 beginbfchar\n" + cmap + b"endbfchar endcmap end end"
    )
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(to_unicode), to_unicode),
    ]
    body, offsets = b"%PDF-1.4\n", []
    for n, part in enumerate(parts, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (n, part)
    table = b"xref\n0 7\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return body + table + b"trailer<</Size 7/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)
