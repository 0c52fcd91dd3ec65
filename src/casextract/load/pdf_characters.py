"""The characters of a PDF page that a reader sees, joined to segments: what stands together on one line.

Not read is what nobody sees: text outside the page, white on white, or drawn without ink and no picture over it (with
one, it is what OCR made of the picture). Raised small digits are written as such; letters set apart stay words.
"""

from __future__ import annotations

import ctypes
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium
import regex

from casextract.load.raised import raised

GAP = 1.5
"""Ems of white between two characters of one line from which they belong to two segments."""

WORD_GAP = 0.6
"""The same from which they are two words."""

SPACED = 0.2
"""Median of the white, in ems, from which a line is set with its letters apart."""

RAISED_SIZE = 0.8
"""Size, in those of the characters before, up to which a raised character is one."""

LOST = "\ufffd"
"""What stands for a character that the font has no code for."""

SOFT = "\xad"
"""What a hyphen at the end of a line is kept as until the next line is known."""

_HYPHENS = (0x2, 0xAD, 0xFFFE)
_SPACED_DIGITS = regex.compile(r"(?<![\d.,])\d(?:\ue000\d)+(?![\d.,]|\ue000)")
_RAISABLE = regex.compile(r"[\d\[\]［］()（）〔〕①-⑳*＊†‡注,，\-–]")


@dataclass(slots=True)
class Segment:
    """Characters that stand together on one line; distances in points, y upwards."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    row: tuple[int, int] | None = None
    """Which row of which table it is."""

    @property
    def middle(self) -> float:
        """Half way up."""
        return (self.bottom + self.top) / 2


class _Glyph(NamedTuple):
    text: str
    left: float
    bottom: float
    right: float
    top: float
    gap: float
    """Ems of white before it; 0 at the start of a segment."""
    blank: bool
    """Whether the file says that a blank stands before it."""

    @property
    def size(self) -> float:
        return max(1.0, self.top - self.bottom)


class _Area(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.bottom <= y <= self.top


def segments_of(page: pypdfium2.PdfPage, handle: pypdfium2.PdfTextPage) -> Iterator[Segment]:
    """The page's segments in the order they are drawn."""
    seen = _Visible(page, handle)
    box = pdfium.FS_RECTF()
    glyphs: list[_Glyph] = []
    high: list[_Glyph] = []
    blank = False
    drawn: Counter[tuple[int, int, int]] = Counter()
    for i in range(handle.count_chars()):
        code = pdfium.FPDFText_GetUnicode(handle, i)
        generated = pdfium.FPDFText_IsGenerated(handle, i) == 1
        if code in _HYPHENS or code in (0xA, 0xD, 0x20, 0xA0) or generated:
            blank = blank or (code in (0x20, 0xA0) and not generated)
            if code in _HYPHENS and glyphs:
                glyphs[-1] = glyphs[-1]._replace(text=glyphs[-1].text + SOFT)
            continue
        if not pdfium.FPDFText_GetLooseCharBox(handle, i, ctypes.byref(box)):
            continue
        # A watermark across the page is no line of it.
        if 0.2 < pdfium.FPDFText_GetCharAngle(handle, i) % 1.5707963 < 1.37:
            continue
        left, right, bottom, top = box.left, box.right, min(box.bottom, box.top), max(box.bottom, box.top)
        size = max(1.0, top - bottom)
        # Bold print is often one character drawn twice.
        spot = (code, round(left / size * 4), round(bottom / size * 4))
        drawn[spot] += 1
        if drawn[spot] > 1 or not seen(i, (left + right) / 2, (bottom + top) / 2):
            continue
        text = _character(code)
        if glyphs:
            last = (high or glyphs)[-1]
            line = glyphs[-1]
            if _is_raised(text, left, bottom, top, last.right, line):
                high.append(_Glyph(text, left, bottom, right, top, 0.0, False))
                continue
            gap = (left - last.right) / max(size, line.size)
            same_line = abs((bottom + top) / 2 - (line.bottom + line.top) / 2) < 0.5 * min(size, line.size)
            if same_line and left - last.right > -0.6 * size and gap < GAP:
                glyphs += _lowered(high, line)
                high = []
                glyphs.append(_Glyph(text, left, bottom, right, top, max(0.0, gap), blank))
                blank = False
                continue
            yield from _finished([*glyphs, *_lowered(high, line)])
            high = []
        glyphs = [_Glyph(text, left, bottom, right, top, 0.0, False)]
        blank = False
    if glyphs:
        yield from _finished([*glyphs, *_lowered(high, glyphs[-1])])


def _is_raised(text: str, left: float, bottom: float, top: float, edge: float, line: _Glyph) -> bool:
    """Whether a character is a small one set high, close behind what stands on the line."""
    return (
        top - bottom <= RAISED_SIZE * line.size
        and bottom >= line.bottom + 0.15 * line.size
        and top <= line.top + 0.5 * line.size
        and -0.3 * line.size < left - edge < 0.6 * line.size
        and _RAISABLE.fullmatch(text) is not None
    )


def _lowered(high: list[_Glyph], line: _Glyph) -> list[_Glyph]:
    if not high:
        return []
    text = raised("".join(g.text for g in high))
    return [_Glyph(text, high[0].left, line.bottom, high[-1].right, line.top, 0.0, False)]


def _finished(glyphs: list[_Glyph]) -> Iterator[Segment]:
    text = _spelled(glyphs).strip(" \u3000")
    text = text[:-1].replace(SOFT, "-") + text[-1:]
    if text:
        yield Segment(
            text,
            glyphs[0].left,
            min(g.bottom for g in glyphs),
            max(g.right for g in glyphs),
            max(g.top for g in glyphs),
            glyphs[0].size,
        )


def _spelled(glyphs: list[_Glyph]) -> str:
    """The text of a segment, with blanks where the white is wider than what the line has between its letters."""
    gaps = [g.gap for g in glyphs[1:]]
    usual = median(gaps) if len(gaps) > 2 else 0.0
    even = usual >= SPACED and sum(abs(gap - usual) < 0.15 for gap in gaps) >= 0.6 * len(gaps)
    wide = WORD_GAP + (usual if even else 0.0)
    parts = [glyphs[0].text]
    for glyph in glyphs[1:]:
        # A stand-in for white that may turn out to be a way of setting digits.
        parts.append(" " if glyph.blank and not (even and glyph.gap < wide) else "\ue000" if glyph.gap > wide else "")
        parts.append(glyph.text)
    text = "".join(parts)
    if "\ue000" not in text:
        return text
    if regex.search(r"\p{Han}{2}", text):
        at = [i for i, part in enumerate(parts[1::2]) if part == "\ue000"]
        white = [gaps[i] for i in at]
        if max(white) - min(white) < 0.1:
            text = _SPACED_DIGITS.sub(lambda m: m[0].replace("\ue000", ""), text)
    return text.replace("\ue000", " ")


def _character(code: int) -> str:
    """The character; radicals, ligatures and vertical forms, which fonts put for it, as what they stand for."""
    if code > 0x10FFFF or 0xD800 <= code < 0xE000 or code < 0x20 or 0x7F <= code < 0xA0:
        return LOST
    c = chr(code)
    if 0x2E80 <= code <= 0x2FDF or 0xF900 <= code <= 0xFB06 or 0xFE10 <= code <= 0xFE19 or 0xFE30 <= code <= 0xFE48:
        return unicodedata.normalize("NFKC", c)
    return c


class _Visible:
    """Whether a character of a page can be seen."""

    def __init__(self, page: pypdfium2.PdfPage, handle: pypdfium2.PdfTextPage) -> None:
        self.page, self.handle = page, handle
        self.area = _Area(*page.get_bbox())
        self.ways: dict[int | None, str] = {}
        self.grounds: list[_Area] | None = None
        self.pictures: list[_Area] | None = None

    def __call__(self, i: int, x: float, y: float) -> bool:
        if not self.area.holds(x, y):
            return False
        item = pdfium.FPDFText_GetTextObject(self.handle, i)
        # One piece of text is drawn in one way.
        key = ctypes.addressof(item.contents) if item else None
        if key is None or key not in self.ways:
            self.ways[key] = self._way(i, item)
        match self.ways[key]:
            case "inked":
                return True
            case "white":
                return any(area.holds(x, y) for area in (*self._grounds(), *self._pictures()))
            case _:
                return any(area.holds(x, y) for area in self._pictures())

    def _way(self, i: int, item: Any) -> Literal["inked", "white", "none"]:
        mode = pdfium.FPDFTextObj_GetTextRenderMode(item) if item else None
        if mode == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE:
            return "none"
        r, g, b, a = (ctypes.c_uint() for _ in range(4))
        if not pdfium.FPDFText_GetFillColor(self.handle, i, *map(ctypes.byref, (r, g, b, a))) or mode in _OUTLINED:
            return "inked"
        return "white" if min(r.value, g.value, b.value) >= _WHITE or a.value <= _CLEAR else "inked"

    def _pictures(self) -> list[_Area]:
        if self.pictures is None:
            found = self.page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING], max_depth=3)
            self.pictures = [_Area(*item.get_bounds()) for item in found]
        return self.pictures

    def _grounds(self) -> list[_Area]:
        """The filled shapes that are not white: what white letters can be read on."""
        if self.grounds is None:
            self.grounds = [
                _Area(*item.get_bounds())
                for item in self.page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=3)
                if _is_dark(item)
            ]
        return self.grounds


_WHITE, _CLEAR = 250, 5
_OUTLINED = (
    pdfium.FPDF_TEXTRENDERMODE_STROKE,
    pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE,
    pdfium.FPDF_TEXTRENDERMODE_STROKE_CLIP,
    pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE_CLIP,
)


def _is_dark(shape: pypdfium2.PdfObject) -> bool:
    r, g, b, a = (ctypes.c_uint() for _ in range(4))
    if not pdfium.FPDFPageObj_GetFillColor(shape.raw, *map(ctypes.byref, (r, g, b, a))):
        return False
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(shape.raw, ctypes.byref(fill), ctypes.byref(stroke))
    return fill.value != 0 and a.value > _CLEAR and min(r.value, g.value, b.value) < _WHITE
