"""Tables on a PDF page: ruled ones by their lines, which pdfplumber finds, and others by the columns that their text
stands in.

The characters are pdfium's either way: pdfplumber's own garble fonts with CIDs. It is asked only about pages that draw
lines.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from casextract.load.pdf_characters import Segment
from casextract.load.stacked_cells import Stack, unstacked
from casextract.load.table_cells import kind_of, lays_out
from casextract.load.tables import Cell, Entry, Table, printed
from casextract.load.text_tables import Field, PrintedRow, lined_up

FEWEST_LINES = 4
"""Drawn paths from which a page may hold a ruled table."""

SAME_EDGE = 3.0
"""Points up to which two edges of cells are the same line."""

FAR = 2.6
"""Distance of two rows, in their height, from which they belong to two tables."""

WITHIN_ROW = 0.75
"""Distance of two lines, in that of the rows of values around them, up to which both may be one label."""

_CJK_END = "\u2e80"


class Lines(NamedTuple):
    """The lines that a table prints, its cells with offsets into them joined by line feeds."""

    texts: list[str]
    cells: tuple[Cell, ...]


class Ruler:
    """A document as pdfplumber sees it, opened when the first page with lines comes."""

    def __init__(self, data: bytes) -> None:
        """`data` is the file."""
        self._data = data

    @cached_property
    def _document(self) -> Any:
        import pdfplumber

        return pdfplumber.open(io.BytesIO(self._data))

    def tables(self, page: pypdfium2.PdfPage, index: int) -> list[list[tuple[float, float, float, float]]]:
        """The cells of each ruled table of a page: left, bottom, right, top in points, y upwards."""
        paths = sum(1 for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=3))
        if paths < FEWEST_LINES:
            return []
        _, _, _, top = page.get_bbox()
        found = self._document.pages[index].find_tables()
        return [[(a, top - d, c, top - b) for a, b, c, d in table.cells] for table in found if len(table.cells) > 3]

    def close(self) -> None:
        """Let go of the file, if it was opened."""
        if "_document" in self.__dict__:
            self._document.close()


def tables_on(
    page: pypdfium2.PdfPage,
    handle: pypdfium2.PdfTextPage,
    segments: list[Segment],
    ruler: Ruler,
    index: int,
    known: int,
) -> tuple[list[Segment], list[Lines]]:
    """The segments of a page with one for each row in the place of its tables, and those tables.

    `known` is how many tables the pages before have: a row says which one it is of.
    """
    tables: list[Lines] = []
    for boxes in ruler.tables(page, index):
        rows = _grid(boxes, handle)
        if rows is None:
            continue
        area = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
        inside = [
            s for s in segments if area[0] - 2 < (s.left + s.right) / 2 < area[2] + 2 and area[1] < s.middle < area[3]
        ]
        if not inside:
            continue
        lines = Lines(*printed(rows))
        tables.append(lines)
        place = segments.index(inside[0])
        height = (area[3] - area[1]) / max(len(lines.texts), 1)
        size = sorted(s.size for s in inside)[len(inside) // 2]
        new = [
            Segment(
                text,
                area[0],
                area[3] - (n + 1) * height,
                area[2],
                area[3] - n * height,
                size,
                (known + len(tables) - 1, n),
            )
            for n, text in enumerate(lines.texts)
            if text
        ]
        segments = (
            [s for s in segments[:place] if s not in inside] + new + [s for s in segments[place:] if s not in inside]
        )
    segments = _unwrapped_labels(segments)
    for block in list(_blocks([s for s in segments if s.row is None])):
        for members_of, found in _unruled(block):
            members = [s for line in members_of for s in line]
            place = segments.index(members[0])
            new = []
            for n, (line, text) in enumerate(zip(members_of, found.texts, strict=True)):
                left, right = min(s.left for s in line), max(s.right for s in line)
                low, high = min(s.bottom for s in line), max(s.top for s in line)
                new.append(Segment(text, left, low, right, high, line[0].size, (known + len(tables), n)))
            tables.append(found)
            kept = [
                [s for s in part if not any(s is m for m in members)] for part in (segments[:place], segments[place:])
            ]
            segments = kept[0] + new + kept[1]
    return segments, tables


def placed_tables(tables: Sequence[Lines], starts: dict[tuple[int, int], int]) -> tuple[Table, ...]:
    """The tables in offsets of the text; `starts` says where each row of each table begins in it."""
    done = []
    for number, lines in enumerate(tables):
        begins = [0]
        for text in lines.texts:
            begins.append(begins[-1] + len(text) + 1)
        cells = []
        at = next((starts[number, n] for n in range(len(lines.texts)) if (number, n) in starts), None)
        if at is None:
            continue
        for cell in lines.cells:
            at = starts.get((number, cell.row), at)
            shift = at - begins[cell.row] if (number, cell.row) in starts else None
            span = (at, at) if shift is None else (cell.start + shift, cell.end + shift)
            cells.append(cell._replace(start=span[0], end=span[1]))
        done.append(Table(min(c.start for c in cells), max(c.end for c in cells), tuple(cells)))
    return tuple(done)


def _grid(
    boxes: Sequence[tuple[float, float, float, float]], handle: pypdfium2.PdfTextPage
) -> list[list[Entry]] | None:
    """The cells of a ruled table row by row, those that reach over several rows or columns as such; None for no
    data."""
    columns = _edges([x for b in boxes for x in (b[0], b[2])])
    levels = _edges([y for b in boxes for y in (b[1], b[3])])[::-1]
    if len(columns) < 3 or len(levels) < 3:
        return None
    stacks: list[list[Stack]] = [[] for _ in levels[1:]]
    taken: set[tuple[int, int]] = set()
    at: dict[tuple[int, int], Stack] = {}
    for left, bottom, right, top in boxes:
        row, column = _nearest(levels, top), _nearest(columns, left)
        down, across = max(1, _nearest(levels, bottom) - row), max(1, _nearest(columns, right) - column)
        text = handle.get_text_bounded(left + 0.5, bottom + 0.5, right - 0.5, top - 0.5)
        lines = [" ".join(line.split()) for line in text.replace("\ufffe", "").splitlines()]
        lines = [line for line in lines if line]
        if not _is_stack(lines):
            lines = [_joined(lines)] if lines else []
        at[row, column] = Stack(tuple(lines), down, across)
        taken |= {(r, c) for r in range(row, row + down) for c in range(column, column + across)}
    for row in range(len(stacks)):
        for column in range(len(columns) - 1):
            if (row, column) in at:
                stacks[row].append(at[row, column])
            elif (row, column) not in taken:
                stacks[row].append(Stack(()))
    rows = unstacked(stacks)
    texts = [[e.text for e in row] for row in rows]
    numbers = sum(kind_of(t) == "number" for row in texts for t in row)
    return None if lays_out(texts) or not numbers else rows


def _is_stack(lines: Sequence[str]) -> bool:
    """Whether the lines of a cell are values of as many rows."""
    return len(lines) > 1 and all(kind_of(t) in ("number", "gap", "year") for line in lines for t in line.split())


def _joined(lines: Sequence[str]) -> str:
    """The lines of a cell as one: a break between ideographs is none."""
    text = lines[0]
    for line in lines[1:]:
        text += line if text[-1] >= _CJK_END or line[0] >= _CJK_END else f" {line}"
    return text


def _edges(values: Sequence[float]) -> list[float]:
    """The lines that edges of cells lie on, in order."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > SAME_EDGE:
            found.append(value)
    return found


def _nearest(edges: Sequence[float], value: float) -> int:
    return min(range(len(edges)), key=lambda i: abs(edges[i] - value))


def _rows(segments: Sequence[Segment]) -> list[list[Segment]]:
    """The segments that stand at one height, from the top, each row from the left."""
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: -s.middle):
        if rows and abs(rows[-1][0].middle - segment.middle) < 0.5 * min(segment.size, rows[-1][0].size):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    for row in rows:
        row.sort(key=lambda s: s.left)
    return rows


def _unwrapped_labels(segments: list[Segment]) -> list[Segment]:
    """The segments with labels on two lines in one: their lines stand closer to each other than rows of values do, with
    the values between them or beside the first."""
    rows = _rows([s for s in segments if s.row is None])
    valued = [_holds_values(row) for row in rows]
    heights = [row[0].middle for row, values in zip(rows, valued, strict=True) if values]
    pitches = sorted(a - b for a, b in pairwise(heights))
    if len(pitches) < 2:
        return segments
    near = WITHIN_ROW * pitches[len(pitches) // 2]
    merged: dict[int, Segment] = {}
    gone: set[int] = set()
    for n in range(1, len(rows)):
        if len(rows[n]) != 1 or valued[n]:
            continue
        below = rows[n][0]
        before = rows[n - 1][0]
        if (
            valued[n - 1]
            and below.right < before.left + SAME_EDGE
            and n > 1
            and len(rows[n - 2]) == 1
            and not valued[n - 2]
        ):
            before = rows[n - 2][0]
        elif not valued[n - 1]:
            continue
        first = merged.get(id(before), before)
        if (
            abs(first.left - below.left) > SAME_EDGE
            or kind_of(before.text) != "text"
            or before.middle - below.middle > near
        ):
            continue
        # As high as the row of its values.
        high = rows[n - 1][-1]
        merged[id(before)] = replace(
            first,
            text=_joined([first.text, below.text]),
            bottom=high.bottom,
            top=high.top,
            right=max(first.right, below.right),
        )
        gone.add(id(below))
    return [merged.get(id(s), s) for s in segments if id(s) not in gone]


def _holds_values(row: Sequence[Segment]) -> bool:
    return sum(kind_of(p[0]) == "number" for s in row for p in _pieces(s)) > 1


def _blocks(segments: Sequence[Segment]) -> Iterator[list[list[Segment]]]:
    """Rows that follow each other with two segments or more; a row of one may stand between them."""
    rows = _rows(segments)
    block: list[list[Segment]] = []
    for n, (before, row) in enumerate(pairwise([[], *rows, []])):
        far = bool(before) and bool(row) and _far(rows, n - 1)
        single = len(row) == 1 and len(_pieces(row[0])) < 2
        if block and (not row or far or (single and len(block[-1]) == 1 and len(_pieces(block[-1][0])) < 2)):
            yield from _trimmed(block)
            block = []
        if row and (block or not single):
            block.append(row)
    if block:
        yield from _trimmed(block)


def _far(rows: Sequence[Sequence[Segment]], n: int) -> bool:
    """Whether row `n` and the next are too far apart for one table: further than rows stand, unless all stand so."""
    pitch = rows[n][0].middle - rows[n + 1][0].middle
    if pitch <= FAR * rows[n + 1][0].size:
        return False
    beside = [rows[k][0].middle - rows[k + 1][0].middle for k in (n - 1, n + 1) if 0 <= k < len(rows) - 1]
    even = len(rows[n]) == len(rows[n + 1]) > 1 and any(abs(pitch - other) < SAME_EDGE for other in beside)
    return not even or pitch > 2 * FAR * rows[n + 1][0].size


def _trimmed(block: list[list[Segment]]) -> Iterator[list[list[Segment]]]:
    while block and len(block[-1]) == 1 and len(_pieces(block[-1][0])) < 2:
        block.pop()
    if len(block) > 1:
        yield block


def _pieces(segment: Segment, every: bool = False) -> list[tuple[str, float, float]]:
    """A segment as the fields that it holds: values that stand close together are several; with `every`, words too."""
    tokens = segment.text.split(" ")
    if len(tokens) < 2 or not (every or all(kind_of(t) in ("number", "gap", "year") for t in tokens)):
        return [(segment.text, segment.left, segment.right)]
    widths = [sum(1.0 if c >= _CJK_END else 0.5 for c in token) * segment.size for token in tokens]
    white = max(0.0, segment.right - segment.left - sum(widths)) / (len(tokens) - 1)
    found, at = [], segment.left
    for token, width in zip(tokens, widths, strict=True):
        found.append((token, at, at + width))
        at += width + white
    return found


_Block = list[list[Segment]]


def _unruled(block: _Block) -> list[tuple[_Block, Lines]]:
    """The table that rows of segments are, where they line up in columns and hold values."""
    counts = [sum(len(_pieces(s, every=True)) for s in row) for row in block]
    start, end = _even(counts)
    even = block[start:end]
    if end - start > 1 and end - start >= len(block) - 1 and (lines := _lines(even, every=True)) is not None:
        return [(even, lines)]
    if (lines := _lines(block, every=False)) is not None:
        return [(block, lines)]
    lines = _lines(even, every=True) if end - start > 2 else None
    return [(even, lines)] if lines is not None else []


def _even(counts: Sequence[int]) -> tuple[int, int]:
    """The longest stretch of rows with the same number of fields, two at least."""
    best, start = (0, 0), 0
    for n in range(1, len(counts) + 1):
        if n == len(counts) or counts[n] != counts[start]:
            if counts[start] > 1 and n - start > best[1] - best[0]:
                best = (start, n)
            start = n
    return best


def _lines(block: _Block, every: bool) -> Lines | None:
    texts: list[str] = []
    rows: list[PrintedRow] = []
    offset = 0
    for row in block:
        fields = [piece for segment in row for piece in _pieces(segment, every)]
        text, placed = "", []
        for value, left, right in fields:
            start = offset + len(text) + (1 if text else 0)
            text += ("\t" if text else "") + value
            placed.append(Field(start, start + len(value), round(left), round(right)))
        rows.append(PrintedRow(offset, offset + len(text), tuple(placed)))
        texts.append(text)
        offset += len(text) + 1
    table = lined_up("\n".join(texts), rows)
    return Lines(texts, table.cells) if table is not None and table.fault is None else None
