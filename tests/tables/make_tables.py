"""Write small documents with tables in many shapes, each with what its cells say.

    python make_tables.py FOLDER

`FOLDER/raw` gets the documents, `FOLDER/gold` one annotation each (README.md explains it). Places, bodies and figures
are invented. The same script writes the same bytes: no clock, no chance.
"""

from __future__ import annotations

import argparse
import html
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import docx
import xlsxwriter
from docx.enum.text import WD_ALIGN_PARAGRAPH
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

PDF_FONT = "STSong-Light"
ZIP_DATE = (2025, 1, 1, 0, 0, 0)
CONTEXT = 12
"""Characters before and behind a number in prose that the annotation quotes."""

_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")


# What is said: the model.


@dataclass(frozen=True)
class Meaning:
    """What a number measures; `{row}` and `{column}` in the subject stand for the names of the cell's row and column."""

    unit: str
    dimension: str
    metric: str
    subject: str | None = "{row}"
    scale: int = 1
    """Of one printed unit in base units (万元: 10000)."""
    time: str | None = None
    status: str = "achieved"
    per: tuple[str, ...] = ()
    bound: str = "exact"
    direction: str | None = None
    currency: str | None = None


@dataclass(frozen=True)
class Figure:
    """A number that is an indicator: as printed, its value in base units, its meaning."""

    text: str
    value: float
    meaning: Meaning
    value_high: float | None = None


@dataclass(frozen=True)
class Aside:
    """Something printed with a numeral that is no indicator, and why."""

    text: str
    why: str


Prose: TypeAlias = tuple["str | Figure | Aside", ...]
Spot: TypeAlias = tuple[int, int]
"""Row and column of a cell, counted from 0, the rows of the head included."""


@dataclass(frozen=True)
class Table:
    """A table as printed. Of merged cells the first holds the text and the others are empty."""

    grid: tuple[tuple[str, ...], ...]
    columns: dict[int, Meaning] = field(default_factory=dict)
    """What the cells of a column measure; goes before `rows`."""
    rows: dict[int, Meaning] = field(default_factory=dict)
    caption: Prose = ()
    unit_line: str = ""
    heads: int = 1
    """So many rows at the top are its head."""
    labels: tuple[int, ...] = (0,)
    """The columns that name a row."""
    merges: tuple[tuple[int, int, int, int], ...] = ()
    """First row, first column, last row, last column of each merged area."""
    time: str | None = None
    column_times: dict[int, str] = field(default_factory=dict)
    row_times: dict[int, str] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    """What a row is called in a subject, where that is not its label (brackets, 其中: and indents removed)."""
    not_data: dict[int, str] = field(default_factory=dict)
    """Columns whose cells are no indicators (row numbers, codes, units), and why."""
    label_figures: dict[Spot, Figure] = field(default_factory=dict)
    """Indicators that stand in a label (the ages of an age group), or in a cell that says more than its number."""
    bracketed: dict[int, Meaning] = field(default_factory=dict)
    """What the number in brackets behind the one of a column measures."""
    wrap: int = 0
    """Characters of a label from which a PDF prints it on two lines."""

    def anchor(self, row: int, column: int) -> Spot:
        """The cell that holds the text of this one."""
        for top, left, bottom, right in self.merges:
            if top <= row <= bottom and left <= column <= right:
                return top, left
        return row, column

    def text(self, row: int, column: int) -> str:
        """What is printed in a cell, or in the merged area it belongs to."""
        row, column = self.anchor(row, column)
        return self.grid[row][column]

    def row_label(self, row: int) -> str:
        """The labels of a row from the outer to the inner, joined with "/"."""
        return joined(self.text(row, column) for column in self.labels)

    def column_label(self, column: int) -> str:
        """The heads of a column from the outer to the inner, joined with "/"."""
        return joined(self.text(row, column) for row in range(self.heads))

    def name(self, row: int) -> str:
        """What the row is called in a subject."""
        return self.names.get(row) or bare(self.text(row, self.labels[-1]))

    def figures(self) -> Iterator[tuple[int, int, Figure]]:
        """Every cell that is an indicator, in reading order."""
        for row, cells in enumerate(self.grid):
            for column, text in enumerate(cells):
                if (row, column) in self.label_figures:
                    yield row, column, self.label_figures[row, column]
                elif row >= self.heads and column not in self.labels and column not in self.not_data:
                    meaning, number = self.columns.get(column) or self.rows.get(row), _NUMBER.search(text)
                    if meaning and number:
                        own, _, behind = text.strip().partition("（")
                        behind = behind.rstrip("）") if column in self.bracketed else ""
                        yield (
                            row,
                            column,
                            self._figure(row, column, own if behind else text.strip(), number[0], meaning),
                        )
                        if behind and (second := _NUMBER.search(behind)):
                            yield row, column, self._figure(row, column, behind, second[0], self.bracketed[column])

    def _figure(self, row: int, column: int, text: str, number: str, meaning: Meaning) -> Figure:
        time = self.column_times.get(column) or self.row_times.get(row) or meaning.time or self.time
        names = {"row": self.name(row), "column": bare(self.text(self.heads - 1, column))}
        subject = meaning.subject.format(**names) if meaning.subject else None
        if names["row"] == names["column"]:
            subject = names["row"]
        value = plain(Decimal(number.replace(",", "")) * meaning.scale)
        return Figure(text, value, replace(meaning, subject=subject, time=time))

    def asides(self) -> Iterator[tuple[int, int, Aside]]:
        """Every cell with a numeral that is no indicator."""
        for row, cells in enumerate(self.grid):
            for column, text in enumerate(cells):
                if not re.search(r"\d", text) or (row, column) in self.label_figures:
                    continue
                if row < self.heads or column in self.labels:
                    yield row, column, Aside(text.strip(), "date")
                elif column in self.not_data:
                    yield row, column, Aside(text.strip(), self.not_data[column])


@dataclass(frozen=True)
class Document:
    """One file: its title, then prose and tables in the order they are printed."""

    file: str
    title: Prose
    body: tuple[Prose | Table, ...]
    shape: str
    """What is special about it."""
    write: Callable[[Document], bytes | TextPage]
    outside: tuple[Aside, ...] = ()
    """Numerals around the article, in navigation and footer."""
    meta: dict[str, str | None] | None = None
    """Of a page that prints them: title, published_on, publisher, byline."""

    @property
    def tables(self) -> list[Table]:
        """The tables alone."""
        return [block for block in self.body if isinstance(block, Table)]


def joined(labels: Iterator[str]) -> str:
    """Labels without repetitions and blanks around them."""
    return "/".join(dict.fromkeys(label.strip() for label in labels if label.strip()))


def bare(label: str) -> str:
    """A label without indent, 其中: and the unit in brackets behind it."""
    return re.sub(r"[(（][^()（）]*[)）]$", "", re.sub("^其中[:：]", "", label.strip()).strip())


def plain(number: Decimal) -> int | float:
    """A number as JSON prints it best."""
    return int(number) if number == number.to_integral_value() else float(number)


def printed(prose: Prose) -> str:
    """Prose as printed."""
    return "".join(piece if isinstance(piece, str) else piece.text for piece in prose)


# What is annotated.


class TextPage:
    """The text of a file under way, with the places of its numbers."""

    def __init__(self) -> None:
        """An empty one."""
        self.text = ""
        self.spans: dict[tuple[int, ...], tuple[int, int]] = {}
        self.body_start = 0

    def put(self, text: str, *key: int) -> None:
        """Append; a key (block and piece of prose, or block, row and column) keeps where the text behind blanks stands."""
        if key:
            start = len(self.text) + len(text) - len(text.lstrip())
            self.spans[key] = start, start + len(text.strip())
        self.text += text

    def prose(self, prose: Prose, block: int) -> None:
        """Append prose; blocks are counted from 0, the title is -1, the caption of block N is -2 - N."""
        for number, piece in enumerate(prose):
            self.put(piece if isinstance(piece, str) else piece.text, block, number)


def fields(figure: Figure) -> dict[str, Any]:
    """The fields of an indicator."""
    meaning: dict[str, Any] = asdict(figure.meaning)
    del meaning["scale"]
    meaning["per"] = list(figure.meaning.per)
    if figure.meaning.dimension == "money" and figure.meaning.currency is None:
        meaning["currency"] = "CNY"
    return {"text": figure.text, "value": figure.value, "value_high": figure.value_high, **meaning}


def annotation(document: Document, page: TextPage | None) -> dict[str, Any]:
    """The annotation of a document; with offsets where its text is the file itself."""
    spans = page.spans if page else {}
    prose_rows: list[dict[str, Any]] = []
    cells: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []

    def placed(row: dict[str, Any], *key: int) -> dict[str, Any]:
        if key not in spans:
            return row
        start = spans[key][0]
        if page and row["text"] in page.text[start : spans[key][1]]:
            start = page.text.index(row["text"], start)
        return row | {"start": start, "end": start + len(row["text"])}

    def read(prose: Prose, block: int, table: int | None) -> None:
        whole, at = printed(prose), 0
        for number, piece in enumerate(prose):
            text = piece if isinstance(piece, str) else piece.text
            if isinstance(piece, Figure):
                around = {"before": whole[max(0, at - CONTEXT) : at], "after": whole[at + len(text) :][:CONTEXT]}
                prose_rows.append(placed(around | fields(piece), block, number))
            elif isinstance(piece, Aside):
                where: dict[str, Any] = {"table": table, "row": None, "column": None}
                others.append(placed(where | {"text": text, "why": piece.why}, block, number))
            at += len(text)

    read(document.title, -1, None)
    number = -1
    for block, part in enumerate(document.body):
        if isinstance(part, tuple):
            read(part, block, None)
            continue
        number += 1
        read(part.caption, -2 - block, number)
        for row, column, figure in part.figures():
            label = row < part.heads or column in part.labels
            where: dict[str, Any] = {"table": number, "row": row, "column": column, "is_label": label}
            where |= {"row_label": part.row_label(row), "column_label": part.column_label(column)}
            cells.append(placed(where | fields(figure), block, row, column))
        for row, column, aside in part.asides():
            where = {"table": number, "row": row, "column": column}
            others.append(placed(where | {"text": aside.text, "why": aside.why}, block, row, column))
    others += [{"table": None, "row": None, "column": None, "text": a.text, "why": a.why} for a in document.outside]
    gold: dict[str, Any] = {"doc": document.file, "shape": document.shape}
    if document.meta:
        gold["meta"] = document.meta
    if page:
        gold |= offset_annotation(page, prose_rows, cells, others)
    return gold | {"cells": cells, "prose": prose_rows, "not_cells": others}


def offset_annotation(
    page: TextPage, prose: list[dict[str, Any]], cells: list[dict[str, Any]], others: list[dict[str, Any]]
) -> dict[str, Any]:
    """The same in the shape that the scorer of texts reads."""
    whole: dict[str, Any] = {
        "start": page.body_start,
        "end": len(page.text.rstrip()),
        "title": None,
        "province": None,
        "city": None,
    }
    whole |= {"county": None, "place": None, "adcode": None, "implicit": True}
    left_out = {"table", "row", "column", "row_label", "column_label", "is_label", "before", "after"}
    rows = sorted(prose + cells, key=lambda row: row["start"])
    indicators = [{k: v for k, v in row.items() if k not in left_out} | {"core": True} for row in rows]
    excluded = sorted((row for row in others if "start" in row), key=lambda row: row["start"])
    kept = [{"start": row["start"], "text": row["text"], "why": row["why"]} for row in excluded]
    return {"cases": [whole], "measures": [], "indicators": indicators, "excluded": kept}


# How it is written: one function a format.


def text_file(
    table_rows: Callable[[TextPage, Table, int], None], heading: str = "", gap: str = "\n"
) -> Callable[[Document], TextPage]:
    """A writer of texts: title, paragraphs, captions, and tables in the way of `table_rows`."""

    def write(document: Document) -> TextPage:
        page = TextPage()
        page.put(heading)
        page.prose(document.title, -1)
        page.put("\n" + gap)
        page.body_start = len(page.text)
        for block, part in enumerate(document.body):
            if isinstance(part, tuple):
                page.prose(part, block)
                page.put("\n" + gap)
                continue
            page.prose(part.caption, -2 - block)
            page.put("\n" + gap if part.caption else "")
            page.put(part.unit_line + "\n" + gap if part.unit_line else "")
            table_rows(page, part, block)
            page.put(gap)
        return page

    return write


def pipes(page: TextPage, table: Table, block: int) -> None:
    """A pipe table, numbers to the right."""
    for row, cells in enumerate(table.grid):
        for column, cell in enumerate(cells):
            page.put("| " if column == 0 else " | ")
            page.put(cell, block, row, column)
        page.put(" |\n")
        if row == table.heads - 1:
            page.put("|" + "|".join(" --- " if c in table.labels else " ---: " for c in range(len(cells))) + "|\n")


def tabs(page: TextPage, table: Table, block: int) -> None:
    """One line a row, cells set apart by tabs."""
    for row, cells in enumerate(table.grid):
        for column, cell in enumerate(cells):
            page.put("\t" if column else "")
            page.put(cell, block, row, column)
        page.put("\n")


def columns_of_blanks(page: TextPage, table: Table, block: int) -> None:
    """Aligned with blanks: labels filled up with ideographic spaces, numbers to the right."""
    widths = [max(shown_width(cells[column]) for cells in table.grid) for column in range(len(table.grid[0]))]
    for row, cells in enumerate(table.grid):
        for column, cell in enumerate(cells):
            space = widths[column] - shown_width(cell)
            if column in table.labels:
                page.put("   " if column and column - 1 not in table.labels else "")
                page.put(cell, block, row, column)
                page.put("\u3000" * (space // 2) + " " * (space % 2))
            else:
                page.put("   " + " " * space)
                page.put(cell, block, row, column)
        page.put("\n")


def shown_width(text: str) -> int:
    """Columns of a terminal that a text takes."""
    return sum(1 if ord(character) < 0x2E80 else 2 for character in text)


def csv_file(document: Document) -> TextPage:
    """A sheet saved as CSV: where there is a title it is the first row, prose stands in rows of its own."""
    page, width = TextPage(), max(len(table.grid[0]) for table in document.tables)

    def full_row(prose: Prose, block: int) -> None:
        if prose:
            page.prose(prose, block)
            page.put("," * (width - 1) + "\r\n")

    full_row(document.title, -1)
    page.body_start = len(page.text)
    for block, part in enumerate(document.body):
        if isinstance(part, tuple):
            full_row(part, block)
            continue
        full_row(part.caption, -2 - block)
        for row, cells in enumerate(part.grid):
            for column, cell in enumerate(cells):
                quote = '"' if "," in cell else ""
                page.put(("," if column else "") + quote)
                page.put(cell, block, row, column)
                page.put(quote)
            page.put("\r\n")
    return page


def html_table(table: Table, caption_inside: bool) -> str:
    """A table with colspan and rowspan."""
    lines = ["<table border=1 class=sj>"]
    if caption_inside and table.caption:
        lines.append(f"<caption>{html.escape(printed(table.caption))}</caption>")
    spans = {merge[:2]: merge for merge in table.merges}
    for row, cells in enumerate(table.grid):
        line = "<tr>"
        for column, cell in enumerate(cells):
            if table.anchor(row, column) != (row, column):
                continue
            tag, extent = "th" if row < table.heads else "td", ""
            if (row, column) in spans:
                top, left, bottom, right = spans[row, column]
                extent += f' rowspan="{bottom - top + 1}"' if bottom > top else ""
                extent += f' colspan="{right - left + 1}"' if right > left else ""
            line += f"<{tag}{extent}>{html.escape(cell).replace(chr(0x3000), '&emsp;')}</{tag}>"
        lines.append(line + "</tr>")
    return "\n".join([*lines, "</table>"])


def html_body(document: Document, caption_inside: bool) -> str:
    """Title, paragraphs and tables as HTML."""
    lines = [f"<h1>{html.escape(printed(document.title))}</h1>"]
    meta = document.meta or {}
    if meta.get("published_on"):
        lines.append(f"<p class=info>发布时间：{meta['published_on']} 来源：{meta['publisher']}</p>")
    for part in document.body:
        if isinstance(part, tuple):
            lines.append(f"<p>{html.escape(printed(part))}</p>")
            continue
        if part.caption and not caption_inside:
            lines.append(f'<p align="center"><b>{html.escape(printed(part.caption))}</b></p>')
        if part.unit_line:
            lines.append(f'<p align="right">{html.escape(part.unit_line)}</p>')
        lines.append(html_table(part, caption_inside))
    return "\n".join(lines)


def html_file(
    caption_inside: bool = False, language: str = "zh-CN", layout: bool = False
) -> Callable[[Document], bytes]:
    """A writer of pages; with `layout` all of it hangs in tables that are no data."""

    def write(document: Document) -> bytes:
        body = html_body(document, caption_inside)
        if layout:
            body = LAYOUT.replace("@ARTICLE@", body)
        title = html.escape(printed(document.title))
        head = f'<meta charset="utf-8">\n<title>{title}</title>'
        page = f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n'
        return page.encode("utf-8")

    return write


LAYOUT = """<table width="980" align="center" cellpadding="0"><tr><td colspan="2">
<table width="100%"><tr><td><a href="/">首页</a></td><td><a href="/xx/">信息公开</a></td>
<td><a href="/cs/">慈善项目</a></td><td><a href="/zy/">志愿服务</a></td><td><a href="/lx/">联系我们</a></td></tr></table>
</td></tr><tr><td width="220" valign="top">
<table><tr><td>栏目导航</td></tr><tr><td><a href="/a1/">年度报告</a></td></tr><tr><td><a href="/a2/">项目公示</a></td></tr>
<tr><td><a href="/a3/">捐赠查询</a></td></tr></table>
</td><td valign="top"><table width="100%"><tr><td>当前位置：<a href="/">首页</a> &gt; <a href="/xx/">信息公开</a></td></tr>
<tr><td>
@ARTICLE@
</td></tr></table></td></tr><tr><td colspan="2" align="center">
<table><tr><td>主办：云浦市慈善会</td><td>咨询电话：0999-8800123</td><td>网站标识码：9901000007</td></tr></table>
</td></tr></table>"""


def fixed_zip(data: bytes) -> bytes:
    """The same archive without the time it was written at."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            entry = zipfile.ZipInfo(info.filename, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(info.filename))
    return kept.getvalue()


def docx_file(document: Document) -> bytes:
    """A Word file; merged cells are merged as Word does it."""
    word = docx.Document()
    word.add_heading(printed(document.title), level=1)
    for part in document.body:
        if isinstance(part, tuple):
            word.add_paragraph(printed(part))
            continue
        if part.caption:
            word.add_paragraph(printed(part.caption)).alignment = WD_ALIGN_PARAGRAPH.CENTER
        if part.unit_line:
            word.add_paragraph(part.unit_line).alignment = WD_ALIGN_PARAGRAPH.RIGHT
        grid = word.add_table(rows=len(part.grid), cols=len(part.grid[0]), style="Table Grid")
        for top, left, bottom, right in part.merges:
            grid.cell(top, left).merge(grid.cell(bottom, right))
        for row, cells in enumerate(part.grid):
            for column, cell in enumerate(cells):
                if part.anchor(row, column) == (row, column):
                    grid.cell(row, column).text = cell
    data = io.BytesIO()
    word.save(data)
    return fixed_zip(data.getvalue())


def pdf_file(ruled: bool) -> Callable[[Document], bytes]:
    """A writer of PDF pages, the table with rules or without."""

    def write(document: Document) -> bytes:
        data = io.BytesIO()
        pdfmetrics.registerFont(UnicodeCIDFont(PDF_FONT))
        canvas = Canvas(data, pagesize=A4, invariant=1)
        left, right, y = 70.0, A4[0] - 70.0, A4[1] - 90.0
        canvas.setFont(PDF_FONT, 16)
        canvas.drawCentredString(A4[0] / 2, y, printed(document.title))
        canvas.setFont(PDF_FONT, 10.5)
        y -= 36
        for part in document.body:
            if isinstance(part, tuple):
                canvas.drawString(left + 21, y, printed(part))
                y -= 24
                continue
            canvas.drawCentredString(A4[0] / 2, y, printed(part.caption))
            y -= 18
            if part.unit_line:
                canvas.drawRightString(right, y, part.unit_line)
            y = draw_table(canvas, part, left, right, y - 8, ruled) - 24
        canvas.save()
        return data.getvalue()

    return write


def paged_pdf_file(ruled: bool, repeated: bool = False, room: int = 9) -> Callable[[Document], bytes]:
    """A writer of PDF pages whose table goes on overleaf; `repeated` prints its head there again.

    `room` rows of it stand on the first page. Every page has its number at its foot.
    """

    def write(document: Document) -> bytes:
        data = io.BytesIO()
        pdfmetrics.registerFont(UnicodeCIDFont(PDF_FONT))
        canvas = Canvas(data, pagesize=A4, invariant=1)
        left, right = 70.0, A4[0] - 70.0
        (table,) = document.tables
        y = 110.0 + 20 * room + 48
        canvas.setFont(PDF_FONT, 16)
        canvas.drawCentredString(A4[0] / 2, A4[1] - 90, printed(document.title))
        canvas.setFont(PDF_FONT, 10.5)
        above = A4[1] - 126
        for part in document.body:
            if isinstance(part, tuple):
                canvas.drawString(left + 21, above, printed(part))
                above -= 24
        canvas.drawCentredString(A4[0] / 2, y, printed(table.caption))
        if table.unit_line:
            canvas.drawRightString(right, y - 18, table.unit_line)
        draw_table(canvas, replace(table, grid=table.grid[:room]), left, right, y - 26, ruled)
        canvas.drawCentredString(A4[0] / 2, 40, "— 1 —")
        canvas.showPage()
        canvas.setFont(PDF_FONT, 10.5)
        head = table.grid[: table.heads] if repeated else ()
        rest = replace(table, grid=head + table.grid[room:], heads=len(head), merges=())
        draw_table(canvas, rest, left, right, A4[1] - 80, ruled)
        canvas.drawCentredString(A4[0] / 2, 40, "— 2 —")
        canvas.save()
        return data.getvalue()

    return write


def draw_table(canvas: Canvas, table: Table, left: float, right: float, top: float, ruled: bool) -> float:
    """Draw a table of even columns below `top`; returns where it ends."""
    height, width = 32.0 if table.wrap else 20.0, (right - left) / len(table.grid[0])
    bottom = top - height * len(table.grid)
    size = 8.5 if len(table.labels) > 1 else 10.5
    canvas.setFont(PDF_FONT, size)
    for row, cells in enumerate(table.grid):
        base = top - height * (row + 1) + 6
        for column, cell in enumerate(cells):
            x = left + width * column
            if column in table.labels and 0 < table.wrap < len(cell):
                canvas.drawString(x + 4, base + 6, cell[: table.wrap])
                canvas.drawString(x + 4, base - 6, cell[table.wrap :])
            elif column in table.labels:
                canvas.drawString(x + 4, base, cell)
            elif row < table.heads:
                canvas.drawCentredString(x + width / 2, base, cell)
            else:
                canvas.drawRightString(x + width - 4, base, cell)
    if ruled:
        for row in range(len(table.grid) + 1):
            canvas.line(left, top - height * row, right, top - height * row)
        for column in range(len(table.grid[0]) + 1):
            canvas.line(left + width * column, top, left + width * column, bottom)
    return bottom


def xlsx_file(document: Document) -> bytes:
    """A workbook of one sheet; its numbers are numbers, printed through the format of the cell."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    book.set_properties({"created": datetime(*ZIP_DATE)})
    sheet, at = book.add_worksheet("统计表"), 0
    middle = book.add_format({"align": "center", "bold": True})
    width = max(len(table.grid[0]) for table in document.tables)
    sheet.merge_range(at, 0, at, width - 1, printed(document.title), middle)
    for part in document.body:
        if isinstance(part, tuple):
            at += 1
            sheet.write_string(at, 0, printed(part))
            continue
        for line in (printed(part.caption), part.unit_line):
            if line:
                at += 1
                sheet.write_string(at, 0, line)
        at += 1
        for row, cells in enumerate(part.grid):
            for column, cell in enumerate(cells):
                number = _NUMBER.fullmatch(cell.rstrip("%"))
                if number and row >= part.heads and column not in part.labels:
                    value = Decimal(cell.rstrip("%").replace(",", ""))
                    decimals = "." + "0" * len(cell.rstrip("%").split(".")[1]) if "." in cell else ""
                    shape = f"0{decimals}%" if cell.endswith("%") else f"#,##0{decimals}"
                    stored = float(value / 100 if cell.endswith("%") else value)
                    sheet.write_number(at + row, column, stored, book.add_format({"num_format": shape}))
                else:
                    sheet.write_string(at + row, column, cell)
        at += len(part.grid) - 1
    book.close()
    return fixed_zip(data.getvalue())


# The meanings that come up again.

YUAN_10K = Meaning("元", "money", "investment", scale=10_000)
RAISED_10K = replace(YUAN_10K, metric="fundraising")
BEDS = Meaning("张", "count", "beds", "{row}床位")
PEOPLE = Meaning("人", "count", "people")
TIMES_10K = Meaning("人次", "count", "person_times", scale=10_000)
TIMES = Meaning("人次", "count", "person_times")
BODIES = Meaning("个", "count", "organisations")
PLACES = Meaning("处", "count", "facilities")
HOUSEHOLDS = Meaning("户", "count", "households")
MATTERS = Meaning("件", "count", "cases_handled")
SHARE = Meaning("%", "percent", "share")
COVERAGE = Meaning("%", "percent", "coverage_rate")
GROWTH = Meaning("%", "percent", "change_rate", direction="up")
MONTHLY = Meaning("元", "money", "allowance", status="standard", per=("人", "月"))
AGE = Meaning("岁", "age", "age", None, status="standard")


def about(meaning: Meaning, subject: str | None, time: str | None = None, **changes: Any) -> Meaning:
    """A meaning for prose."""
    return replace(meaning, subject=subject, time=time, **{"scale": 1} | changes)


def date(text: str) -> Aside:
    """A date or year, which is no indicator."""
    return Aside(text, "date")


def name(text: str) -> Aside:
    """A name with a numeral in it (表1)."""
    return Aside(text, "name")


# The documents.

DOCUMENTS = [
    Document(
        "t01-merged-heads.html",
        ("云浦市养老服务机构和床位情况",),
        (
            (
                "截至",
                date("2024年"),
                "末，全市",
                Figure("60周岁", 60, about(AGE, "户籍老年人口", bound="at_least")),
                "以上户籍老年人口",
                Figure("11.8万人", 118_000, about(PEOPLE, "户籍老年人口", "截至2024年末")),
                "，占户籍总人口的",
                Figure("24.6%", 24.6, about(SHARE, "户籍老年人口", "截至2024年末")),
                "。各县区机构和床位见",
                name("表1"),
                "。",
            ),
            Table(
                caption=(name("表1"), " ", date("2024年"), "末全市养老服务机构和床位情况"),
                grid=(
                    ("片区", "县区", "养老机构", "", "社区养老服务设施", ""),
                    ("", "", "机构（个）", "床位（张）", "设施（处）", "床位（张）"),
                    ("北片", "临汀区", "18", "2,146", "64", "512"),
                    ("", "云麓区", "12", "1,305", "47", "376"),
                    ("南片", "石杼县", "9", "884", "38", "228"),
                    ("", "青埠县", "7", "612", "31", "155"),
                    ("合计", "", "46", "4,947", "180", "1,271"),
                ),
                heads=2,
                labels=(0, 1),
                merges=(
                    (0, 0, 1, 0),
                    (0, 1, 1, 1),
                    (0, 2, 0, 3),
                    (0, 4, 0, 5),
                    (2, 0, 3, 0),
                    (4, 0, 5, 0),
                    (6, 0, 6, 1),
                ),
                time="2024年末",
                columns={
                    2: replace(BODIES, subject="{row}养老机构"),
                    3: replace(BEDS, subject="{row}养老机构床位"),
                    4: replace(PLACES, subject="{row}社区养老服务设施"),
                    5: replace(BEDS, subject="{row}社区养老服务设施床位"),
                },
            ),
            ("注：本表不含在建项目。",),
        ),
        "HTML, head of two rows with colspan and rowspan, row groups",
        html_file(),
    ),
    Document(
        "t02-unit-column.html",
        ("云浦市民政工作主要指标",),
        (
            (
                "全市设有民政服务窗口",
                Figure("31个", 31, Meaning("个", "count", "facilities", "民政服务窗口")),
                "，当年办结各类事项",
                Figure("4.6万件", 46_000, about(MATTERS, "事项", "当年")),
                "。主要指标见",
                name("表2"),
                "。",
            ),
            Table(
                caption=(name("表2"), " ", date("2024年"), "主要指标"),
                grid=(
                    ("指标", "单位", "数值"),
                    ("城乡低保家庭", "户", "3,412"),
                    ("城乡低保对象", "人", "5,087"),
                    ("城乡低保资金支出", "万元", "6,192.8"),
                    ("城市低保标准", "元/人·月", "845"),
                    ("护理型床位占比", "%", "57.0"),
                    ("老年助餐点", "处", "76"),
                    ("老年助餐点覆盖率", "%", "91.2"),
                    ("老年助餐", "万人次", "42.7"),
                    ("适老化改造家庭", "户", "620"),
                    ("登记社会组织", "个", "513"),
                    ("志愿服务时长", "万小时", "31.8"),
                    ("服务对象满意率", "%", "97.6"),
                ),
                not_data={1: "unit"},
                time="2024年",
                rows={
                    1: HOUSEHOLDS,
                    2: PEOPLE,
                    3: YUAN_10K,
                    4: MONTHLY,
                    5: SHARE,
                    6: PLACES,
                    7: COVERAGE,
                    8: TIMES_10K,
                    9: HOUSEHOLDS,
                    10: BODIES,
                    11: Meaning("小时", "duration", "service_time", scale=10_000),
                    12: Meaning("%", "percent", "satisfaction_rate"),
                },
            ),
        ),
        "HTML, a column of units",
        html_file(caption_inside=True),
    ),
    Document(
        "t03-layout.html",
        ("云浦市慈善会公布年度项目收支",),
        (
            (
                "云浦市慈善会日前公布年度项目收支。全年共收到捐赠",
                Figure("3,204笔", 3204, Meaning("笔", "count", "count_other", "捐赠")),
                "，参与志愿者",
                Figure("860名", 860, Meaning("名", "count", "people", "志愿者")),
                "。",
            ),
            Table(
                caption=(date("2024年"), "度慈善项目收支情况"),
                unit_line="单位：万元、人次",
                grid=(
                    ("项目", "募集收入（万元）", "支出（万元）", "受益（人次）"),
                    ("助学", "126.4", "118.0", "2,310"),
                    ("助医", "98.2", "95.7", "1,146"),
                    ("助老", "154.6", "149.3", "8,925"),
                    ("救灾", "41.8", "36.5", "1,530"),
                    ("合计", "421.0", "399.5", "13,911"),
                ),
                time="2024年度",
                columns={
                    1: replace(RAISED_10K, subject="{row}募集收入"),
                    2: replace(YUAN_10K, subject="{row}支出"),
                    3: replace(TIMES, subject="{row}受益"),
                },
            ),
            ("结余资金转入下一年度，继续用于同类项目，接受社会监督。",),
        ),
        "HTML, article inside tables for layout, navigation and footer in tables too",
        html_file(layout=True),
        outside=(Aside("0999-8800123", "telephone"), Aside("9901000007", "code")),
        meta={
            "title": "云浦市慈善会公布年度项目收支",
            "published_on": "2025-02-18",
            "publisher": "云浦市慈善会",
            "byline": None,
        },
    ),
    Document(
        "t04-merged.docx",
        ("云浦市", date("2025年"), "拟建养老服务项目"),
        (
            (
                date("2025年"),
                "计划实施养老服务项目",
                Figure("5个", 5, Meaning("个", "count", "projects", "养老服务项目", time="2025年", status="target")),
                "，改造老旧床位",
                Figure("200张", 200, about(BEDS, "老旧床位", "2025年", status="target")),
                "，详见",
                name("表3"),
                "。",
            ),
            Table(
                caption=(name("表3"), " ", date("2025年"), "拟建养老服务项目计划"),
                grid=(
                    ("序号", "类别", "项目名称", "计划投资（万元）", "新增床位（张）", "建筑面积（平方米）"),
                    ("1", "改造类", "临汀区老年公寓改造", "1,280", "120", "5,600"),
                    ("2", "", "石杼县敬老院改造", "640", "80", "3,150"),
                    ("3", "新建类", "青埠县护理院", "3,450.5", "200", "9,800"),
                    ("4", "", "云麓区嵌入式养老服务中心", "860", "45", "1,720"),
                    ("5", "", "北片失能照护中心", "2,100", "150", "6,480"),
                    ("合计", "", "", "8,330.5", "595", "26,750"),
                ),
                labels=(1, 2),
                merges=((1, 1, 2, 1), (3, 1, 5, 1), (6, 0, 6, 2)),
                names={6: "合计"},
                not_data={0: "row number"},
                time="2025年",
                columns={
                    3: replace(YUAN_10K, status="target"),
                    4: replace(BEDS, status="target", subject="{row}新增床位"),
                    5: Meaning("平方米", "area", "area", "{row}建筑面积", status="target"),
                },
            ),
        ),
        "DOCX, cells merged down and across, row numbers, targets",
        docx_file,
    ),
    Document(
        "t05-two-years.docx",
        ("云浦市社会救助主要指标",),
        (
            (
                date("2024年"),
                "全市社会救助资金支出总体平稳，临时救助人次比上年下降",
                Figure("9.0%", 9, about(GROWTH, "临时救助人次", "2024年", direction="down")),
                "。",
            ),
            Table(
                caption=(name("表4"), " ", date("2024年"), "社会救助主要指标与上年比较"),
                grid=(
                    ("指标", "2023年", "2024年", "增长(%)"),
                    ("城市低保支出(万元)", "1,864.0", "1,790.5", "-3.9"),
                    ("农村低保支出(万元)", "4,215.6", "4,402.3", "4.4"),
                    ("特困人员供养支出(万元)", "2,038.1", "2,207.9", "8.3"),
                    ("临时救助(人次)", "3,640", "3,312", "-9.0"),
                    ("基本生活保障孤儿(人)", "214", "205", "-4.2"),
                ),
                time="2024年",
                column_times={1: "2023年", 2: "2024年"},
                columns={3: GROWTH},
                rows={1: YUAN_10K, 2: YUAN_10K, 3: YUAN_10K, 4: TIMES, 5: PEOPLE},
            ),
            ("注：增长按可比口径计算。",),
        ),
        "DOCX, two years side by side and the growth, units in the labels of rows",
        docx_file,
    ),
    Document(
        "t06-ruled.pdf",
        ("云浦市福利彩票公益金分配情况",),
        (
            (
                date("2024年"),
                "全市共销售福利彩票",
                Figure("2.16亿元", 216_000_000, about(YUAN_10K, "福利彩票", "2024年", metric="funds_other")),
                "，比上年增长",
                Figure("5.2%", 5.2, about(GROWTH, "福利彩票", "2024年")),
                "。",
            ),
            Table(
                caption=(name("表5"), " ", date("2024年"), "福利彩票公益金分配情况"),
                unit_line="单位：万元",
                grid=(
                    ("县区", "老年福利", "残疾人福利", "儿童福利", "社会公益", "合计"),
                    ("临汀区", "186.0", "64.5", "32.0", "21.5", "304.0"),
                    ("云麓区", "142.4", "51.0", "27.6", "18.0", "239.0"),
                    ("石杼县", "120.8", "47.2", "30.5", "12.5", "211.0"),
                    ("青埠县", "98.6", "40.3", "22.1", "10.0", "171.0"),
                    ("市本级", "210.2", "75.0", "48.8", "36.0", "370.0"),
                    ("合计", "758.0", "278.0", "161.0", "98.0", "1,295.0"),
                ),
                time="2024年",
                columns={column: replace(YUAN_10K, subject="{row}{column}") for column in range(1, 6)},
            ),
        ),
        "PDF, ruled, one place a row, the unit above the table",
        pdf_file(ruled=True),
    ),
    Document(
        "t07-unruled.pdf",
        ("云浦市慈善捐赠和收养登记情况",),
        (
            ("收养登记数量逐年回落，社会捐赠总体增加。",),
            (
                date("2024年"),
                "全市接收社会捐赠",
                Figure("1402.9万元", 14_029_000, about(RAISED_10K, "社会捐赠", "2024年")),
                "，为历年最高。",
            ),
            Table(
                caption=(name("表6"), " ", date("2020—2024年"), "慈善捐赠和收养登记情况"),
                grid=(
                    ("年份", "收养登记（件）", "接收社会捐赠（万元）", "志愿服务（万人次）"),
                    ("2020年", "41", "1,204.5", "8.6"),
                    ("2021年", "36", "986.3", "9.4"),
                    ("2022年", "33", "1,110.0", "7.1"),
                    ("2023年", "29", "1,326.8", "10.3"),
                    ("2024年", "27", "1,402.9", "12.2"),
                ),
                row_times={1: "2020年", 2: "2021年", 3: "2022年", 4: "2023年", 5: "2024年"},
                columns={
                    1: replace(MATTERS, subject="{column}"),
                    2: replace(RAISED_10K, subject="{column}"),
                    3: replace(TIMES_10K, subject="{column}"),
                },
            ),
        ),
        "PDF, no rules, one year a row",
        pdf_file(ruled=False),
    ),
    Document(
        "t08-pipes.md",
        ("云浦市高龄津贴标准和发放情况",),
        (
            (
                "自",
                date("2024年1月"),
                "起，高龄津贴按年龄分档发放，发放对象",
                Figure("9,640人", 9640, about(PEOPLE, "发放对象", "自2024年1月起")),
                "。",
            ),
            Table(
                caption=("**", name("表7"), " ", date("2024年"), "高龄津贴标准和发放人数**"),
                grid=(
                    ("年龄段", "城镇标准（元/人·月）", "农村标准（元/人·月）", "发放人数（人）"),
                    ("80—89周岁", "100", "80", "7,815"),
                    ("90—99周岁", "200", "180", "1,786"),
                    ("100周岁以上", "600", "600", "39"),
                ),
                time="2024年",
                columns={
                    1: replace(MONTHLY, subject="{row}{column}"),
                    2: replace(MONTHLY, subject="{row}{column}"),
                    3: replace(PEOPLE, subject="{row}{column}"),
                },
                label_figures={
                    (1, 0): Figure("80—89周岁", 80, AGE, value_high=89),
                    (2, 0): Figure("90—99周岁", 90, AGE, value_high=99),
                    (3, 0): Figure("100周岁", 100, replace(AGE, bound="at_least")),
                },
            ),
            ("注：津贴通过社会保障卡发放。",),
        ),
        "Markdown, pipe table, ages in the labels of rows",
        text_file(pipes, heading="# "),
    ),
    Document(
        "t09-tabs.txt",
        ("云浦市社会组织登记情况",),
        (
            ("全市社会组织数量稳中有增，养老服务类增加较快。",),
            Table(
                caption=(name("表8"), " ", date("2024年"), "社会组织登记情况"),
                grid=(
                    ("类别", "数量(个)", "新登记(个)", "占比(%)"),
                    ("合计", "513", "46", "100.0"),
                    ("社会团体", "248", "19", "48.3"),
                    ("\u3000其中：行业协会商会", "61", "5", "11.9"),
                    ("民办非企业单位", "257", "25", "50.1"),
                    ("\u3000其中：养老服务类", "42", "8", "8.2"),
                    ("基金会", "8", "2", "1.6"),
                ),
                time="2024年",
                columns={1: BODIES, 2: replace(BODIES, subject="{row}新登记"), 3: SHARE},
            ),
        ),
        "text, cells set apart by tabs, sub-totals by 其中 and indent, shares",
        text_file(tabs, gap=""),
    ),
    Document(
        "t10-blanks.txt",
        ("临汀区老年助餐情况",),
        (
            (
                "截至",
                date("2024年"),
                "底，全区助餐价格平均每份",
                Figure("11元", 11, about(YUAN_10K, "助餐价格", "截至2024年底", metric="funds_other", per=("份",))),
                "，各街道情况见下表。",
            ),
            Table(
                caption=(name("表9"), "\u3000", date("2024年"), "各街道（镇）养老服务设施和助餐情况"),
                grid=(
                    ("街道（镇）", "日间照料中心（处）", "助餐点（处）", "助餐（人次）"),
                    ("榆荫街道", "3", "11", "26,480"),
                    ("柳汀街道", "2", "9", "18,305"),
                    ("槐里街道", "2", "7", "15,920"),
                    ("桐花街道", "4", "13", "31,264"),
                    ("杉湾镇", "—", "4", "6,071"),
                    ("合计", "11", "44", "98,040"),
                ),
                time="2024年",
                columns={
                    1: replace(PLACES, subject="{row}日间照料中心"),
                    2: replace(PLACES, subject="{row}助餐点"),
                    3: replace(TIMES, subject="{row}助餐"),
                },
            ),
        ),
        "text, aligned by blanks and ideographic spaces, a dash for nothing",
        text_file(columns_of_blanks, gap=""),
    ),
    Document(
        "t11-sheet.csv",
        (date("2024年"), "临时救助情况统计表"),
        (
            ("填报单位：云浦市民政局",),
            Table(
                grid=(
                    ("序号", "区划代码", "县区", "救助人次（人次）", "救助支出（万元）", "人均救助金额（元）"),
                    ("1", "990102", "临汀区", "1,105", "214.4", "1,940"),
                    ("2", "990103", "云麓区", "866", "160.2", "1,850"),
                    ("3", "990121", "石杼县", "728", "121.6", "1,670"),
                    ("4", "990122", "青埠县", "613", "98.1", "1,600"),
                    ("", "", "合计", "3,312", "594.3", "1,794"),
                ),
                labels=(2,),
                not_data={0: "row number", 1: "code"},
                time="2024年",
                columns={
                    3: replace(TIMES, subject="{row}救助人次"),
                    4: replace(YUAN_10K, subject="{row}救助支出"),
                    5: Meaning("元", "money", "funds_other", "{row}人均救助金额", per=("人",)),
                },
            ),
            ("注：本表由各县区报送汇总。",),
        ),
        "CSV, a sheet with a title row, row numbers and codes",
        csv_file,
    ),
    Document(
        "t12-bare.csv",
        (),
        (
            Table(
                grid=(
                    ("指标", "单位", "2022年", "2023年", "2024年"),
                    ("基本生活保障孤儿", "人", "231", "214", "205"),
                    ("事实无人抚养儿童", "人", "486", "502", "517"),
                    ("儿童主任", "名", "389", "392", "398"),
                    ("未成年人救助保护机构", "个", "—", "5", "6"),
                    ("儿童福利支出", "万元", "1,020.7", "1,064.9", "1,138.4"),
                    ("社会散居孤儿生活标准", "元/人·月", "1,350", "1,400", "1,450"),
                ),
                not_data={1: "unit"},
                column_times={2: "2022年", 3: "2023年", 4: "2024年"},
                rows={1: PEOPLE, 2: PEOPLE, 3: replace(PEOPLE, unit="名"), 4: BODIES, 5: YUAN_10K, 6: MONTHLY},
            ),
        ),
        "CSV, nothing but the table, units in a column, one year a column",
        csv_file,
    ),
    Document(
        "t13-sheet.xlsx",
        ("云浦市", date("2024年"), "末养老床位结构和巡访情况"),
        (
            ("填报单位：云浦市民政局",),
            Table(
                grid=(
                    ("县区", "养老床位（张）", "护理型床位（张）", "护理型床位占比", "巡访覆盖率"),
                    ("临汀区", "2,658", "1,594", "60.0%", "98.5%"),
                    ("云麓区", "1,681", "958", "57.0%", "96.2%"),
                    ("石杼县", "1,112", "601", "54.0%", "94.0%"),
                    ("青埠县", "767", "391", "51.0%", "91.7%"),
                    ("合计", "6,218", "3,544", "57.0%", "95.6%"),
                ),
                time="2024年末",
                columns={
                    1: replace(BEDS, subject="{row}养老床位"),
                    2: replace(BEDS, subject="{row}护理型床位"),
                    3: replace(SHARE, subject="{row}护理型床位占比"),
                    4: replace(COVERAGE, subject="{row}巡访覆盖率"),
                },
            ),
            ("注：巡访对象为独居、空巢老年人。",),
        ),
        "XLSX, numbers printed through formats (0.6 as 60.0%)",
        xlsx_file,
    ),
    Document(
        "t14-shares.html",
        ("云浦市养老服务支出构成",),
        (
            (
                date("2024年"),
                "，全市养老服务支出",
                Figure("6325万元", 63_250_000, about(YUAN_10K, "养老服务", "2024年")),
                "，其中用于机构运营补助的占",
                Figure("两成", 20, about(SHARE, "机构运营补助", "2024年", bound="at_least")),
                "以上。",
            ),
            Table(
                caption=(name("表10"), " ", date("2024年"), "养老服务支出构成"),
                grid=(
                    ("用途", "金额（万元）", "占比（%）"),
                    ("基本养老服务补贴", "2,460.0", "38.9"),
                    ("机构运营补助", "1,315.0", "20.8"),
                    ("适老化改造", "930.0", "14.7"),
                    ("人才培训", "215.5", "3.4"),
                    ("信息化建设", "148.5", "2.3"),
                    ("其他", "1,256.0", "19.9"),
                    ("合计", "6,325.0", "100.0"),
                ),
                time="2024年",
                columns={1: YUAN_10K, 2: SHARE},
            ),
            ("注：", Aside("1", "list marker"), ".本表按支出功能统计。"),
            (Aside("2", "list marker"), ".因四舍五入，分项之和与合计可能略有出入。"),
        ),
        "HTML, shares, notes with numbers of their own below",
        html_file(),
    ),
    Document(
        "t15-places.docx",
        ("云浦市各县区社会救助资金支出",),
        (
            (
                date("2024年"),
                "城市低保标准为每人每月",
                Figure("845元", 845, about(MONTHLY, "城市低保标准", "2024年")),
                "，农村低保标准为每人每年",
                Figure("7,980元", 7980, about(MONTHLY, "农村低保标准", "2024年", per=("人", "年"))),
                "。",
            ),
            Table(
                caption=(name("表11"), " ", date("2024年"), "各县区社会救助资金支出（单位：万元）"),
                grid=(
                    ("县区", "城市低保", "农村低保", "特困人员供养"),
                    ("临汀区", "812.4", "506.2", "318.7"),
                    ("云麓区", "604.6", "688.5", "402.0"),
                    ("石杼县", "201.5", "1,745.9", "766.2"),
                    ("青埠县", "172.0", "1,461.7", "721.0"),
                    ("合计", "1,790.5", "4,402.3", "2,207.9"),
                ),
                time="2024年",
                columns={column: replace(YUAN_10K, subject="{row}{column}") for column in range(1, 4)},
            ),
        ),
        "DOCX, one county a row, the unit in brackets in the caption",
        docx_file,
    ),
    Document(
        "t16-hongkong.html",
        ("香港社區安老服務名額和開支",),
        (
            (
                "香港社區安老服務於",
                date("2023-24年"),
                "度共有",
                Figure("21,470個", 21_470, Meaning("个", "count", "count_other", "名额", time="2023-24年度")),
                "名額，開支約",
                Figure(
                    "15.9億元", 1_590_000_000, about(YUAN_10K, "开支", "2023-24年度", currency="HKD", bound="about")
                ),
                "。",
            ),
            Table(
                caption=("社區安老服務名額和開支",),
                grid=(
                    ("服務類別", "名額（個）", "開支（百萬元）", ""),
                    ("", "2023-24年度", "2022-23年度", "2023-24年度"),
                    ("家居照顧服務", "7,400", "612.5", "655.8"),
                    ("日間護理中心", "4,150", "388.0", "421.6"),
                    ("流動護理隊", "620", "41.2", "44.9"),
                    ("暫託服務", "9,300", "405.7", "468.3"),
                    ("總計", "21,470", "1,447.4", "1,590.6"),
                ),
                heads=2,
                merges=((0, 0, 1, 0), (0, 2, 0, 3)),
                names={2: "家居照顾服务", 3: "日间护理中心", 4: "流动护理队", 5: "暂托服务", 6: "总计"},
                column_times={1: "2023-24年度", 2: "2022-23年度", 3: "2023-24年度"},
                columns={
                    1: Meaning("个", "count", "count_other", "{row}名额"),
                    2: Meaning("元", "money", "investment", "{row}开支", scale=1_000_000, currency="HKD"),
                    3: Meaning("元", "money", "investment", "{row}开支", scale=1_000_000, currency="HKD"),
                },
            ),
            ("註：數字經四捨五入，總計未必等於分項之和。",),
        ),
        "HTML, traditional script, Hong Kong dollars in millions, years under a merged head",
        html_file(language="zh-HK"),
    ),
    Document(
        "t17-taiwan.md",
        ("嵐縣社區關懷據點辦理成果",),
        (
            ("嵐縣政府彙整各鄉鎮社區關懷據點辦理成果，補助支出以新臺幣計。",),
            Table(
                caption=("表一 ", date("113年"), "度各鄉鎮據點辦理成果"),
                grid=(
                    ("鄉鎮", "據點（處）", "服務長者（人）", "補助支出（新臺幣萬元）"),
                    ("北岬鄉", "6", "412", "183.5"),
                    ("溪尾鎮", "9", "688", "264.0"),
                    ("竹崙鄉", "5", "305", "141.2"),
                    ("合計", "20", "1,405", "588.7"),
                ),
                names={1: "北岬乡", 2: "溪尾镇", 3: "竹仑乡", 4: "合计"},
                time="113年度",
                columns={
                    1: replace(PLACES, subject="{row}据点"),
                    2: replace(PEOPLE, subject="{row}服务长者"),
                    3: replace(YUAN_10K, subject="{row}补助支出", currency="TWD"),
                },
            ),
        ),
        "Markdown, traditional script, New Taiwan dollars, year of the Republic",
        text_file(pipes, heading="## "),
    ),
    Document(
        "t18-transposed.html",
        ("云浦市城乡社区治理情况",),
        (
            ("各县区持续完善网格服务，居民议事逐步常态化。",),
            Table(
                caption=(name("表12"), " ", date("2024年"), "城乡社区治理主要数据"),
                grid=(
                    ("指标", "临汀区", "云麓区", "石杼县", "青埠县"),
                    ("村(居)委会(个)", "86", "74", "112", "95"),
                    ("网格员(名)", "412", "365", "318", "276"),
                    ("居民议事(次)", "1,032", "888", "672", "570"),
                    ("办理事项(件)", "5,214", "4,630", "3,307", "2,945"),
                    ("网格覆盖率(%)", "100", "100", "98.6", "97.4"),
                ),
                time="2024年",
                rows={
                    1: replace(BODIES, subject="{column}{row}"),
                    2: replace(PEOPLE, unit="名", subject="{column}{row}"),
                    3: Meaning("次", "count", "events", "{column}{row}"),
                    4: replace(MATTERS, subject="{column}{row}"),
                    5: replace(COVERAGE, subject="{column}{row}"),
                },
            ),
        ),
        "HTML, one place a column, units in the labels of rows",
        html_file(caption_inside=True),
    ),
]


def in_formats(
    stem: str,
    shape: str,
    title: Prose,
    body: tuple[Prose | Table, ...],
    **writers: Callable[[Document], bytes | TextPage],
) -> list[Document]:
    """The same document in several formats; a writer's name is the format's, and what is special behind `_`."""
    return [
        Document(f"{stem}-{name.replace('_', '-')}.{name.split('_')[0]}", title, body, f"{shape} ({name})", write)
        for name, write in writers.items()
    ]


# Of shapes that the first eighteen do not have, each in several formats.

FUNDS = Table(
    caption=(name("表15"), " ", date("2024年"), "民政资金投入情况"),
    unit_line="单位：万元",
    grid=(
        ("项目", "资金总额", "其中", "", "", ""),
        ("", "", "财政资金", "", "", "社会捐赠"),
        ("", "", "中央", "省级", "市县", ""),
        ("总计", "9,640.5", "3,120.0", "2,240.0", "3,860.5", "420.0"),
        ("一、社会救助", "6,180.0", "2,650.0", "1,480.0", "1,930.0", "120.0"),
        ("1.城乡低保", "4,215.0", "1,900.0", "1,005.0", "1,310.0", "—"),
        ("2.特困供养", "1,365.0", "540.0", "325.0", "480.0", "20.0"),
        ("3.临时救助", "600.0", "210.0", "150.0", "140.0", "100.0"),
        ("二、养老服务", "3,460.5", "470.0", "760.0", "1,930.5", "300.0"),
        ("1.运营补助", "1,290.5", "170.0", "310.0", "810.5", "—"),
        ("2.设施建设", "2,170.0", "300.0", "450.0", "1,120.0", "300.0"),
    ),
    heads=3,
    merges=((0, 0, 2, 0), (0, 1, 2, 1), (0, 2, 0, 5), (1, 2, 1, 4), (1, 5, 2, 5)),
    names={4: "社会救助", 5: "城乡低保", 6: "特困供养", 7: "临时救助", 8: "养老服务", 9: "运营补助", 10: "设施建设"},
    time="2024年",
    columns={
        **{column: replace(YUAN_10K, subject="{row}") for column in range(1, 5)},
        5: replace(YUAN_10K, subject="{row}", metric="fundraising"),
    },
)
TOWNS = (
    ("榆荫镇", "6", "412", "283", "61.2"),
    ("柳汀镇", "4", "265", "190", "58.5"),
    ("槐里镇", "3", "180", "117", "55.0"),
    ("桐花镇", "5", "346", "259", "63.6"),
    ("杉湾镇", "2", "124", "88", "50.8"),
    ("松坪镇", "4", "238", "161", "57.1"),
    ("柏庄镇", "3", "205", "142", "60.0"),
    ("枫桥乡", "2", "96", "71", "48.9"),
    ("竹溪乡", "1", "60", "39", "45.0"),
    ("梅岭乡", "2", "110", "83", "52.7"),
    ("兰皋乡", "3", "168", "120", "56.5"),
    ("菊潭街道", "7", "530", "437", "68.3"),
    ("荷塘街道", "8", "615", "502", "70.1"),
    ("芦荻街道", "5", "374", "291", "64.7"),
    ("合计", "55", "3,723", "2,783", "61.0"),
)
HOMES = Table(
    caption=(name("表16"), " ", date("2024年"), "各乡镇（街道）养老机构基本情况"),
    grid=(("乡镇（街道）", "养老机构（个）", "床位（张）", "入住老人（人）", "护理型占比（%）"), *TOWNS),
    time="2024年",
    columns={
        1: replace(BODIES, subject="{row}养老机构"),
        2: BEDS,
        3: replace(PEOPLE, subject="{row}入住老人"),
        4: replace(SHARE, subject="{row}"),
    },
)
HALVES = Table(
    caption=(name("表17"), " ", date("2024年"), "各社区高龄老人和津贴发放情况"),
    grid=(
        ("社区", "高龄老人（人）", "津贴发放（万元）", "社区", "高龄老人（人）", "津贴发放（万元）"),
        ("榆荫社区", "128", "15.4", "松坪社区", "96", "11.5"),
        ("柳汀社区", "203", "24.4", "柏庄社区", "157", "18.8"),
        ("槐里社区", "88", "10.6", "枫桥社区", "74", "8.9"),
        ("桐花社区", "165", "19.8", "竹溪社区", "112", "13.4"),
        ("杉湾社区", "91", "10.9", "梅岭社区", "139", "16.7"),
    ),
    labels=(0, 3),
    time="2024年",
)
TASKS = Table(
    caption=(name("表18"), " ", date("2024年"), "民生实事完成情况"),
    grid=(
        ("任务", "年度目标", "实际完成", "完成率"),
        ("老年助餐服务", "1.2万人次", "1.35万人次", "112.5%"),
        ("新增护理型床位", "300张", "318张", "106.0%"),
        ("困难家庭适老化改造", "260户", "260户", "100%"),
        ("服务对象满意率", "≥95%", "97.3%", "102.4%"),
        ("新建社工站", "12个", "12个", "100%"),
        ("慈善募捐", "800万元", "912.6万元", "114.1%"),
    ),
    time="2024年",
    columns={3: replace(SHARE, metric="completion_rate", subject="{row}")},
)


def _tasks() -> dict[Spot, Figure]:
    """The cells of aims and results, which print their own units."""
    kinds = {
        1: (replace(TIMES_10K, scale=1), 12_000.0, 13_500.0),
        2: (replace(BEDS, subject=None), 300.0, 318.0),
        3: (HOUSEHOLDS, 260.0, 260.0),
        4: (Meaning("%", "percent", "satisfaction_rate"), 95.0, 97.3),
        5: (replace(PLACES, unit="个"), 12.0, 12.0),
        6: (replace(RAISED_10K, scale=1), 8_000_000.0, 9_126_000.0),
    }
    found: dict[Spot, Figure] = {}
    for row, (meaning, aim, result) in kinds.items():
        own = replace(meaning, subject=TASKS.grid[row][0], time="2024年")
        bound = "at_least" if row == 4 else "exact"
        found[row, 1] = Figure(TASKS.grid[row][1], aim, replace(own, status="target", bound=bound))
        found[row, 2] = Figure(TASKS.grid[row][2], result, own)
    return found


VISITS = Table(
    caption=(name("表十九"), " 長照服務使用情形"),
    unit_line="單位：人次",
    grid=(
        ("區別", "112年", "113年", "增減(%)"),
        ("居家服務", "", "", ""),
        ("北區", "12,480", "13,102", "5.0"),
        ("南區", "9,865", "9,549*", "-3.2"),
        ("小計", "22,345", "22,651", "1.4"),
        ("日間照顧", "", "", ""),
        ("北區", "4,310", "4,902", "13.7"),
        ("南區", "—", "1,204", "—"),
        ("小計", "4,310", "6,106", "41.7"),
        ("總計", "26,655", "28,757", "7.9"),
    ),
    merges=((1, 0, 1, 3), (5, 0, 5, 3)),
    names={2: "北区", 3: "南区", 4: "小计", 6: "北区", 7: "南区", 8: "小计", 9: "总计"},
    column_times={1: "112年", 2: "113年"},
    columns={1: TIMES, 2: TIMES},
)


def _visits() -> dict[Spot, Figure]:
    """The changes of the visits, up or down by their sign; a note stands behind one of the visits."""
    found: dict[Spot, Figure] = {}
    for row, cells in enumerate(VISITS.grid):
        if row and _NUMBER.fullmatch(cells[3]):
            way = "down" if cells[3].startswith("-") else "up"
            meaning = Meaning("%", "percent", "change_rate", VISITS.names[row], direction=way)
            found[row, 3] = Figure(cells[3], float(cells[3]), meaning)
    found[3, 2] = Figure("9,549", 9549, replace(TIMES, subject="南区", time="113年"))
    return found


WISHES = Table(
    caption=(name("表20"), " ", date("2024年"), "老年人服务需求调查结果"),
    unit_line="单位：人",
    grid=(
        ("服务项目", "非常需要", "一般需要", "不需要"),
        ("上门做饭打扫卫生等居家服务", "336（37.6%）", "402（45.0%）", "155（17.4%）"),
        ("康复护理", "281（31.5%）", "390（43.7%）", "222（24.9%）"),
        ("陪同就医取药和代办事项服务", "457（51.2%）", "318（35.6%）", "118（13.2%）"),
        ("心理慰藉", "190（21.3%）", "376（42.1%）", "327（36.6%）"),
    ),
    wrap=8,
    time="2024年",
    columns={column: replace(PEOPLE, subject="{row}") for column in (1, 2, 3)},
    bracketed={column: replace(SHARE, subject="{row}") for column in (1, 2, 3)},
)

DOCUMENTS += [
    *in_formats(
        "t19-three-heads",
        "head of three rows, sums in sums",
        ("云浦市民政资金投入情况",),
        (("全市民政资金投入稳步增加，各项资金按规定用途使用。",), FUNDS),
        html=html_file(),
        docx=docx_file,
        pdf=pdf_file(ruled=True),
        md=text_file(pipes, heading="# "),
    ),
    *in_formats(
        "t20-overleaf",
        "goes on over two pages",
        ("石杼县养老机构基本情况",),
        (("县民政局近日公布各乡镇养老机构的基本情况。",), HOMES),
        pdf_ruled_again=paged_pdf_file(True, True),
        pdf_ruled=paged_pdf_file(True),
        pdf_again=paged_pdf_file(False, True),
        pdf=paged_pdf_file(False),
    ),
    *in_formats(
        "t21-halves",
        "two halves side by side",
        ("云麓区高龄津贴发放情况",),
        (
            ("区里按月核对高龄老人名册，津贴当月发放到人。",),
            replace(
                HALVES,
                columns={
                    1: replace(PEOPLE, subject="高龄老人"),
                    2: replace(YUAN_10K, subject="津贴"),
                    4: replace(PEOPLE, subject="高龄老人"),
                    5: replace(YUAN_10K, subject="津贴"),
                },
            ),
        ),
        html=html_file(),
        docx=docx_file,
        txt=text_file(columns_of_blanks),
        pdf=pdf_file(ruled=False),
    ),
    *in_formats(
        "t22-tasks",
        "aims and results, each cell with its unit",
        ("青埠县民生实事完成情况",),
        (("县里年初确定的民生实事全部完成。",), replace(TASKS, label_figures=_tasks())),
        html=html_file(caption_inside=True),
        docx=docx_file,
        md=text_file(pipes),
        txt=text_file(tabs, gap=""),
        pdf=pdf_file(ruled=False),
    ),
    *in_formats(
        "t23-visits",
        "traditional script, headings of sections between the rows",
        ("某縣長照服務使用情形",),
        (("縣府公布長照服務使用情形，整體使用量增加。",), replace(VISITS, label_figures=_visits())),
        html=html_file(language="zh-TW"),
        docx=docx_file,
        txt=text_file(columns_of_blanks),
        pdf=pdf_file(ruled=True),
    ),
    *in_formats(
        "t24-wishes",
        "a share in brackets behind each number, labels on two lines",
        ("云浦市老年人服务需求调查",),
        (("调查采取入户访谈的方式进行，覆盖城乡各类老年人家庭。",), WISHES),
        html=html_file(),
        docx=docx_file,
        md=text_file(pipes),
        pdf=pdf_file(ruled=False),
        pdf_ruled=pdf_file(ruled=True),
    ),
]


def main() -> None:
    """Write all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    for part in ("raw", "gold"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    cells = prose = 0
    for document in DOCUMENTS:
        written = document.write(document)
        page = written if isinstance(written, TextPage) else None
        data = written.text.encode("utf-8") if isinstance(written, TextPage) else written
        gold = annotation(document, page)
        (folder / "raw" / document.file).write_bytes(data)
        text = json.dumps(gold, ensure_ascii=False, indent=1) + "\n"
        (folder / "gold" / f"{Path(document.file).stem}.json").write_text(text, encoding="utf-8")
        cells += len(gold["cells"])
        prose += len(gold["prose"])
    print(f"{len(DOCUMENTS)} documents, {cells} cells, {prose} numbers in prose")


if __name__ == "__main__":
    main()
