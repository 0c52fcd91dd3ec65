"""PDF pages: columns in reading order, running heads and page numbers gone, paragraphs put together again.

pdfium (through pypdfium2) gives the characters and their boxes, CID fonts and ligatures included. What a page looks
like is then read from the boxes alone: characters make segments, segments make columns, columns make paragraphs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median

import pypdfium2
import pypdfium2.raw as pdfium

from casextract.load import ocr
from casextract.load.metadata import clean, split_keywords
from casextract.load.ocr import ReadPage
from casextract.load.pdf_characters import LOST, SOFT, Segment, segments_of
from casextract.load.pdf_tables import Lines, Ruler, placed_tables, tables_on
from casextract.load.source import Article, LoadError, Mark, Meta, Note

GUTTER = 0.8
"""Least width in ems of the white between two columns."""

HEADLINE = 1.4
"""Size, in those of the text, from which a line that stands alone belongs to all columns."""

MARGIN = 0.12
"""Share of the page's height, above and below, in which running heads and page numbers stand."""

FEWEST = 40
"""Characters from which a picture is an article; a photograph has a few on signs."""

_NO_LAYER = (
    "the pages are pictures, there is no text layer; install casextract[ocr], which reads them, or run OCR first"
)
_PICTURES = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"BM": "image/bmp",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
    b"RIFF": "image/webp",
}

FOOT = 1.6
"""Distance of a footer from the last line, in those that lines have from each other."""

GARBLED = 0.2
"""Share of characters without a code from which a text layer is of no use."""

_PAGE_NUMBER = re.compile(
    r"[\s\-–—·•.|/第页頁共]*(?:\d{1,4}|[ivxlc]{1,6})(?:\s*/\s*\d{1,4})?[\s\-–—·•.|第页頁共]*", re.IGNORECASE
)

_NUMBERED = re.compile(
    "[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十]{1,3}[章节節]"
)
_CLOSED = re.compile("[。！？：；…”』」）)]$")


@dataclass(slots=True)
class _Line:
    text: str
    box: Segment
    page: int
    column_left: float
    column_right: float
    """Where the column's text ends; a line that ends much earlier ends a paragraph."""
    begins: bool = False
    """The first of its column."""
    foot: bool = False
    """The last of its column, well below the others in the page's margin: a footer, or the number of a page."""
    row: tuple[int, int] | None = None
    """Which row of which table it is."""


def load_pdf(data: bytes) -> Article:
    """The text of a PDF, a line for each paragraph.

    Raises LoadError: `encrypted`, `broken_file`, `no_text_layer` where the pages are pictures, `garbled_text` where the
    fonts do not say which characters they print.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise LoadError("encrypted", "the PDF is protected by a password; save it without one") from None
        raise LoadError("broken_file", "the PDF is damaged or cut short; fetch it again") from None
    ruler = Ruler(data)
    try:
        page = _read(document, ruler)
    except pypdfium2.PdfiumError as error:
        raise LoadError("broken_file", f"the PDF is damaged ({error}); fetch it again") from None
    finally:
        ruler.close()
        document.close()
    if b"%%EOF" not in data[-2048:]:
        note = Note("warning", "truncated", "the PDF ends before its end mark, pages may be missing; fetch it again")
        return replace(page, notes=(*page.notes, note))
    return page


def _read(document: pypdfium2.PdfDocument, ruler: Ruler) -> Article:
    pages: list[list[Segment]] = []
    heights: list[tuple[float, float]] = []
    silent: list[int] = []
    lost = 0
    pictures = False
    broken: list[int] = []
    tables: list[Lines] = []
    read: dict[int, ReadPage] = {}
    for index in range(len(document)):
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            broken.append(index + 1)
            pages.append([])
            heights.append((0.0, 1.0))
            continue
        handle = page.get_textpage()
        segments = list(segments_of(page, handle))
        lost += _lost(page, handle)
        if not segments:
            drawn = any(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3))
            pictures = pictures or drawn
            if drawn and ocr.available():
                read[index] = _read_by_ocr(page)
                segments = read[index].segments
            if not segments:
                silent.append(index + 1)
        segments, found = tables_on(page, handle, segments, ruler, index, len(tables))
        tables += found
        handle.close()
        _, bottom, _, top = page.get_bbox()
        pages.append(segments)
        heights.append((bottom, top))
        page.close()
    total = sum(len(s.text) for p in pages for s in p)
    if not total:
        if pictures:
            raise LoadError("no_text_layer", _NO_LAYER)
        raise LoadError(
            "broken_file" if broken else "no_text",
            "no page can be read; fetch it again" if broken else "the pages are blank; check the file",
        )
    garbled = _garbled(pages)
    if garbled > GARBLED * total and ocr.available():
        # What the pages look like is right all the same.
        read |= {n: _read_by_ocr(document[n]) for n, segments in enumerate(pages) if segments}
        pages = [read[n].segments if n in read else segments for n, segments in enumerate(pages)]
        total, garbled = sum(len(s.text) for p in pages for s in p), _garbled(pages)
    if garbled > GARBLED * total:
        raise LoadError(
            "garbled_text", "the fonts do not say which characters they print; run OCR, or fetch the article elsewhere"
        )
    notes: list[Note] = []
    if silent:
        numbers = ", ".join(map(str, silent[:20]))
        notes.append(
            Note(
                "warning",
                "page_without_text",
                f"there is no text layer on page {numbers}; if it is no picture page, run OCR on it",
            )
        )
    if lost:
        message = (
            f"{lost} pieces of text, single characters mostly, are in a font that is neither in the file nor on this "
            "machine and cannot be read; embed the fonts"
        )
        notes.append(Note("warning", "missing_font", message))
    if broken:
        notes.append(
            Note(
                "error", "broken_page", f"page {', '.join(map(str, broken[:20]))} cannot be read; fetch the file again"
            )
        )
    if garbled:
        notes.append(
            Note("warning", "garbled_characters", f"{garbled} characters have no code in their font; check the text")
        )
    confidence = _confidence(read.values())
    if confidence is not None:
        notes += ocr.remark(confidence)
    text, marks, rows = _laid_out(pages, heights)
    return Article(
        text, marks, _meta(document, text), tuple(notes), confidence=confidence, tables=placed_tables(tables, rows)
    )


def load_picture(data: bytes) -> Article:
    """The text on a picture, a line for each paragraph, where the extra for OCR is installed.

    Raises LoadError: `not_an_article` (a warning) where it is not, or where hardly anything is written on the picture,
    `broken_file` where the picture is damaged.
    """
    if not ocr.available():
        raise LoadError(
            "not_an_article", "pictures are read where casextract[ocr] is installed; this one was not", "warning"
        )
    picture = ocr.picture_of(data)
    found = ocr.read_picture(picture)
    if sum(len(s.text) for s in found.segments) < FEWEST:
        raise LoadError("not_an_article", "hardly anything is written on the picture; it was passed over", "warning")
    text, marks, _ = _laid_out([found.segments], [(0.0, float(picture.shape[0]))])
    kind = next(kind for magic, kind in _PICTURES.items() if data.startswith(magic))
    return Article(text, marks, notes=ocr.remark(found.confidence), media_type=kind, confidence=found.confidence)


def _read_by_ocr(page: pypdfium2.PdfPage) -> ReadPage:
    left, bottom, _, _ = page.get_bbox()
    picture = page.render(scale=ocr.SCALE, rev_byteorder=True).to_numpy()[:, :, :3]
    found = ocr.read_picture(picture, ocr.SCALE)
    for s in found.segments:
        s.left, s.right, s.bottom, s.top = s.left + left, s.right + left, s.bottom + bottom, s.top + bottom
    return found


def _confidence(pages: Iterable[ReadPage]) -> float | None:
    """The mean over the characters of all pages; None where none was read."""
    weights = [(sum(len(s.text) for s in page.segments), page.confidence) for page in pages]
    characters = sum(n for n, _ in weights)
    return sum(n * c for n, c in weights) / characters if characters else None


def _garbled(pages: list[list[Segment]]) -> int:
    """How many characters are none: without a code, or with one that means nothing elsewhere."""
    return sum(s.text.count(LOST) + sum("\ue000" <= c <= "\uf8ff" for c in s.text) for p in pages for s in p)


def _laid_out(
    pages: list[list[Segment]], heights: list[tuple[float, float]]
) -> tuple[str, tuple[Mark, ...], dict[tuple[int, int], int]]:
    """The text of pages whose segments are known, in reading order, a mark for each page, and where rows of tables
    begin."""
    running = _running(pages, heights)
    bodies = [[s for s in p if not _is_running(s, *h, running)] for p, h in zip(pages, heights, strict=True)]
    # The last page may hold too little to show its columns; those of the others say where they are.
    gutters = [g for body in bodies if body and (g := _gutter(body)) is not None]
    lines: list[_Line] = []
    for number, body in enumerate(bodies, 1):
        lines += (
            line for column in _columns(body, gutters) for line in _column_lines(column, number, heights[number - 1])
        )
    return _paragraphs(lines, len(pages))


def _meta(document: pypdfium2.PdfDocument, text: str) -> Meta:
    """The document's own fields; a title counts only where the first page has it, since many are left over."""
    fields = document.get_metadata_dict(skip_empty=True)
    title = clean(fields.get("Title"))
    return Meta(
        title=title if title and title in text[:2000] else None, keywords=split_keywords(fields.get("Keywords"))
    )


def _lost(page: pypdfium2.PdfPage, handle: pypdfium2.PdfTextPage) -> int:
    """How many pieces of text pdfium leaves out: those of one character whose font it does not have."""
    lost = 0
    for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=3):
        font = pdfium.FPDFTextObj_GetFont(item.raw)
        if (
            font
            and not pdfium.FPDFFont_GetIsEmbedded(font)
            and pdfium.FPDFTextObj_GetText(item.raw, handle.raw, None, 0) <= 2
        ):
            lost += 1
    return lost


def _running(pages: list[list[Segment]], heights: list[tuple[float, float]]) -> frozenset[tuple[str, int, int]]:
    """The running heads: what stands at the same height in a margin of two pages or more, numbers aside."""
    counts: Counter[tuple[str, int, int]] = Counter()
    for segments, (low, high) in zip(pages, heights, strict=True):
        counts.update({_key(s) for s in segments if _in_margin(s, low, high)})
    return frozenset(key for key, n in counts.items() if n > 1)


def _is_running(segment: Segment, low: float, high: float, running: frozenset[tuple[str, int, int]]) -> bool:
    return _in_margin(segment, low, high) and (
        _key(segment) in running or _PAGE_NUMBER.fullmatch(segment.text) is not None
    )


def _in_margin(segment: Segment, low: float, high: float) -> bool:
    edge = MARGIN * (high - low)
    return segment.middle > high - edge or segment.middle < low + edge


def _key(segment: Segment) -> tuple[str, int, int]:
    return re.sub(r"\d+", "#", segment.text), round(segment.middle / 4), round(segment.size)


def _columns(segments: list[Segment], gutters: list[float]) -> Iterator[list[Segment]]:
    """The segments by column, columns in reading order.

    A gutter is a stretch of white that hardly any segment crosses. Those that do (a headline over both columns) cut the
    page into bands; in each band the left column comes before the right one.
    """
    if not segments:
        return
    gutter = _gutter(segments)
    if gutter is None:
        gutter = next((g for g in gutters if _divides(g, segments)), None)
    if gutter is None:
        yield segments
        return
    em = median(s.size for s in segments)
    crossing = sorted((s for s in segments if _spans(s, segments, gutter, em)), key=lambda s: -s.top)
    rest = [s for s in segments if s not in crossing]
    while crossing:
        head = crossing.pop(0)
        spanning = [head]
        above = [s for s in rest if s.middle > head.top]
        rest = [s for s in rest if s.middle <= head.top]
        # Lines that cross the gutter and follow each other, nothing beside them, are one block.
        while crossing and not any(crossing[0].top < s.middle < spanning[-1].bottom for s in rest):
            spanning.append(crossing.pop(0))
        beside = [s for s in rest if s.middle > spanning[-1].bottom]
        rest = [s for s in rest if s.middle <= spanning[-1].bottom]
        yield from _sides(above, gutter, gutters)
        yield spanning + beside
    yield from _sides(rest, gutter, gutters)


def _spans(segment: Segment, segments: list[Segment], gutter: float, em: float) -> bool:
    """Whether a segment goes over the gutter, or is a headline that stands by itself at its height."""
    if segment.left < gutter - 0.3 * em and segment.right > gutter + 0.3 * em:
        return True
    if segment.size < HEADLINE * em:
        return False
    return not any(s is not segment and s.bottom < segment.top and s.top > segment.bottom for s in segments)


def _sides(segments: list[Segment], gutter: float, gutters: list[float]) -> Iterator[list[Segment]]:
    for side in (
        [s for s in segments if (s.left + s.right) / 2 < gutter],
        [s for s in segments if (s.left + s.right) / 2 >= gutter],
    ):
        if side:
            yield from _columns(side, gutters)


def _divides(gutter: float, segments: list[Segment]) -> bool:
    """Whether a gutter known from other pages has text on both sides, and nothing across it."""
    sides = {s.left > gutter for s in segments}
    return len(sides) == 2 and not any(s.left < gutter < s.right for s in segments)


def _gutter(segments: list[Segment]) -> float | None:
    """The middle of the widest gap that few segments cross, with several lines on both sides of it; None if there is
    none."""
    em = median(s.size for s in segments)
    left, right = min(s.left for s in segments), max(s.right for s in segments)
    step = em / 3
    crossed = []
    x = left + 3 * em
    while x < right - 3 * em:
        crossed.append((x, sum(s.left < x < s.right for s in segments)))
        x += step
    # Few lines first: a short column would be taken for the white between its neighbours.
    for allowed in sorted({0, 1, len(segments) // 10, len(segments) // 5}):
        best = (0.0, 0.0)
        for white, run in groupby(crossed, key=lambda place: place[1] <= allowed):
            places = [x for x, _ in run]
            if white:
                best = max(best, (places[-1] - places[0], (places[0] + places[-1]) / 2))
        if best[0] >= GUTTER * em - step and _beside(segments, best[1], em):
            return best[1]
    return None


def _beside(segments: list[Segment], gutter: float, em: float) -> bool:
    """Whether two columns run beside each other along a gutter, of lines rather than the cells of a table."""
    sides = [s for s in segments if s.right <= gutter], [s for s in segments if s.left >= gutter]
    if min(map(len, sides)) < 3:
        return False
    low, high = max(min(s.bottom for s in side) for side in sides), min(max(s.top for s in side) for side in sides)
    return high - low > 3 * em and min(median(len(s.text) for s in side) for side in sides) >= 6


def _column_lines(segments: list[Segment], page: int, height: tuple[float, float]) -> Iterator[_Line]:
    """The lines of a column from top to bottom, segments of one line side by side; `height` is the page's."""
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: -s.middle):
        if rows and abs(rows[-1][0].middle - segment.middle) < 0.5 * min(segment.size, rows[-1][0].size):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    if not rows:
        return
    body = Counter(round(s.size) for s in segments for _ in s.text).most_common(1)[0][0]
    usual = [s for s in segments if round(s.size) == body]
    column_left = min(s.left for s in usual)
    column_right = sorted(s.right for s in usual)[int(0.9 * len(usual))]
    leads = [a[0].middle - b[0].middle for a, b in pairwise(rows)]
    for n, row in enumerate(rows):
        row.sort(key=lambda s: s.left)
        text = "\t".join(s.text for s in row)
        of_table = next((s.row for s in row if s.row is not None), None)
        size = max(row, key=lambda s: len(s.text)).size
        box = Segment(
            text, row[0].left, min(s.bottom for s in row), max(s.right for s in row), max(s.top for s in row), size
        )
        # A footer stands apart: further below the last line than lines are below each other.
        foot = len(leads) > 1 and n == len(rows) - 1 and leads[-1] > FOOT * median(leads) and _in_margin(box, *height)
        yield _Line(text, box, page, column_left, column_right, n == 0, foot, of_table)


def _paragraphs(lines: list[_Line], pages: int) -> tuple[str, tuple[Mark, ...], dict[tuple[int, int], int]]:
    """Join the lines of a paragraph, over columns and pages too; a mark for each page; where the rows of tables
    begin."""
    rows: dict[tuple[int, int], int] = {}
    parts: list[str] = []
    offset = 0
    starts: dict[int, int] = {}
    previous: _Line | None = None
    flush, indents = _is_flush(lines), _indents(lines)
    for line in lines:
        glue = (
            ""
            if previous is None
            else "\n"
            if _starts_paragraph(previous, line, flush, indents)
            else _glue(previous.text, line.text)
        )
        if glue == "\b":
            glue = ""
            parts[-1] = parts[-1][:-1]
            offset -= 1
        parts.append(glue)
        offset += len(glue)
        starts.setdefault(line.page, offset)
        if line.row is not None:
            rows[line.row] = offset
        parts.append(line.text)
        offset += len(line.text)
        previous = line
    text = "".join(parts).replace(SOFT, "-") + "\n"
    order = sorted(starts)
    ends = [starts[n] for n in order[1:]] + [len(text)]
    return text, tuple(Mark(starts[n] if k else 0, ends[k], "page", n) for k, n in enumerate(order)), rows


def _is_flush(lines: list[_Line]) -> bool:
    """Whether lines are set to the full width of their column, so that a line that ends early ends a paragraph."""
    full = sum(_missing(line) < 0.5 for line in lines)
    nearly = sum(0.5 <= _missing(line) < 3 for line in lines)
    return full > 3 * nearly


def _indents(lines: list[_Line]) -> bool:
    """Whether paragraphs begin with an indent: whether lines do that follow one which ended well before its column."""
    after = [line for before, line in pairwise(lines) if not line.begins and _missing(before) > 3]
    return len(after) > 2 and sum(_indent(line) > 1.2 for line in after) > 0.5 * len(after)


def _indent(line: _Line) -> float:
    """Ems between the column's left edge and the line's."""
    return (line.box.left - line.column_left) / line.box.size


def _missing(line: _Line) -> float:
    """Ems between the line's end and the column's right edge."""
    return (line.column_right - line.box.right) / line.box.size


def _starts_paragraph(previous: _Line, line: _Line, flush: bool, indents: bool) -> bool:
    if line.row is not None or previous.row is not None:
        return True
    if abs(previous.box.size - line.box.size) > 0.12 * line.box.size or "\t" in line.text or "\t" in previous.text:
        return True
    if line.begins and line.page == previous.page and line.box.middle < previous.box.middle + line.box.size:
        return True
    indented = _indent(line) > 1.2
    if previous.foot or line.foot or _NUMBERED.match(line.text):
        return True
    if line.begins:
        # In a new column the gap above says nothing; an indent does, or a line that ended early with its sentence.
        return indented or (_missing(previous) > 3 and _CLOSED.search(previous.text) is not None)
    if previous.box.bottom - line.box.top > 1.1 * line.box.size:
        return True
    closed = _CLOSED.search(previous.text) is not None
    if indented:
        # Where paragraphs have no indent, a block that is set in as a whole goes on while its lines are full.
        return indents or closed or _missing(previous) > 1.6 or abs(_indent(line) - _indent(previous)) > 0.6
    # Lines that are not set to full width end some characters early without ending a paragraph.
    return _missing(previous) > (1.6 if closed else 3) * (1 if flush else 2)


def _glue(before: str, after: str) -> str:
    """What belongs between two lines of a paragraph: a space between Latin words, nothing in Chinese or inside a
    number."""
    a, b = before[-1:], after[:1]
    if (
        a in (SOFT, "-", "\u2010")
        and before[-2:-1].isascii()
        and before[-2:-1].isalpha()
        and b.isascii()
        and b.islower()
    ):
        return "\b"
    letter = a if a not in ",.;:)" else before[-2:-1]
    latin = letter.isascii() and letter.isalpha() and b.isascii() and b.isalnum()
    return " " if latin else ""
