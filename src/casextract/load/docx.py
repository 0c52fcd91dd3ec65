"""Word documents: paragraphs, tables, text boxes and footnotes in document order, with the numbers that Word counts.

What Word does not show as the document's text is not read: deletions (of paragraph marks too), what is struck out or
hidden.

python-docx opens the package and knows its parts and styles; the body is walked here, because the library's own list of
paragraphs leaves out content controls, text boxes, footnotes and the text of automatic numbering.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml

from casextract.load.docx_tables import data_rows
from casextract.load.metadata import clean, split_keywords
from casextract.load.raised import raised
from casextract.load.source import Article, LoadError, Mark, MarkKind, Meta
from casextract.load.tables import Table, printed
from casextract.load.word_package import repaired

_DIGITS = "〇一二三四五六七八九"
_P, _TBL, _TR, _TC, _SDT, _CONTENT = (qn(f"w:{n}") for n in ("p", "tbl", "tr", "tc", "sdt", "sdtContent"))
_VAL = qn("w:val")
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# w:rt says how the character below it is read.
_SKIPPED = frozenset(
    qn(f"w:{n}") for n in ("del", "moveFrom", "instrText", "delText", "rPr", "pPr", "txbxContent", "rt")
)
_OFF = frozenset({"0", "false", "off", "none"})
# What python-docx and lxml raise on a damaged package: SyntaxError on broken XML, LookupError where there is no such
# encoding, it and the last three where a part is missing.
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, PackageNotFoundError, NotImplementedError, OSError, EOFError, SyntaxError),
    *(LookupError, ValueError, TypeError, AttributeError),
)
_RAISED = 4
"""Half points above the line from which a run is raised."""
_EDGE = " \t\xa0\u3000"


class _Line(NamedTuple):
    text: str
    kind: MarkKind
    level: int = 0
    table: Table | None = None
    """The table whose first row this is, with offsets from the line's start."""


class _Level(NamedTuple):
    """How Word counts the paragraphs of one level of a list."""

    start: int
    form: str
    pattern: str


def load_docx(data: bytes) -> Article:
    """The article of a Word document.

    Raises LoadError: `broken_file` where the package is damaged, `no_text` where it holds pictures only.
    """
    try:
        data, notes = repaired(data)
        document = docx.Document(io.BytesIO(data))
        walk = _Walk(document)
        lines = [line for line in walk.lines() if line.text or line.kind == "table_row"]
        meta = _meta(document, lines, walk.title)
        pictures = len(document.inline_shapes) > 0
    except (TypeError, AttributeError):
        # What the libraries say is of their own insides.
        raise LoadError(
            "broken_file",
            "the Word document lacks a part or holds it elsewhere; open it in Word or WPS and save it again",
        ) from None
    except _DAMAGE as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise LoadError(
            "broken_file", f"the Word document is damaged ({reason}); open it in Word or WPS and save it again"
        ) from None
    if not lines:
        message = "the Word document has no text" + (
            "; its pages are pictures: run OCR first" if pictures else "; check the file"
        )
        raise LoadError("no_text", message)
    marks: list[Mark] = []
    tables: list[Table] = []
    offset = 0
    for line in lines:
        if line.table is not None:
            tables.append(line.table.shifted(offset))
        if line.kind != "paragraph":
            marks.append(Mark(offset, offset + len(line.text), line.kind, line.level))
        offset += len(line.text) + 1
    return Article("\n".join(line.text for line in lines) + "\n", tuple(marks), meta, notes, tables=tuple(tables))


def _meta(document: Any, lines: list[_Line], title: str | None) -> Meta:
    """Word's own fields are often left over from another document: a title counts only where the text has it."""
    core = document.core_properties
    stated = clean(core.title)
    if title is None and stated and any(stated in line.text for line in lines[:20]):
        title = stated
    return Meta(title=title, keywords=split_keywords(core.keywords))


class _Walk:
    """One pass over a document; it counts lists as it goes."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.title: str | None = None
        self.styles = {s.style_id: s for s in document.styles}
        self.levels = _numbering(document)
        self.counts: dict[str, dict[int, int]] = {}
        """The last number of each list at each depth."""
        self.boxes: list[Any] = []

    def lines(self) -> Iterator[_Line]:
        yield from self.blocks(self.document.element.body)
        yield from self.footnotes()

    def blocks(self, parent: Any) -> Iterator[_Line]:
        kept = ""
        for child in parent.iterchildren():
            if child.tag == _P:
                if _mark_deleted(child):
                    # The paragraph goes on in the next one, which gives both its properties.
                    kept += "".join(self.runs(child, self.style(child)))
                    continue
                yield from self.paragraph(child, kept)
                kept = ""
                while self.boxes:
                    yield from self.blocks(self.boxes.pop(0))
            elif child.tag == _TBL:
                yield from self.table(child)
            elif child.tag == _SDT:
                for content in child.iterchildren(_CONTENT):
                    yield from self.blocks(content)
        if kept.strip(_EDGE):
            yield _Line(kept.strip(_EDGE), "paragraph")

    def paragraph(self, element: Any, before: str = "") -> Iterator[_Line]:
        style = self.style(element)
        text = before + "".join(self.runs(element, style))
        level = self.outline(element, style)
        marker = self.marker(element, style)
        kind: MarkKind = "heading" if level else "list_item" if marker is not None else "paragraph"
        if style is not None and (style.name or "").lower() in ("caption", "题注"):
            kind = "caption"
        parts = [p.strip(_EDGE) for p in text.split("\n")]
        if any(parts) and marker:
            parts[0] = marker + parts[0]
        if self.title is None and any(parts) and style is not None and (style.name or "").lower() in ("title", "标题"):
            self.title = clean("".join(parts))
        yield from (_Line(p, kind, level) for p in parts if p)

    def runs(self, element: Any, style: Any) -> Iterator[str]:
        """The characters of a paragraph of this style; text boxes anchored in it are put aside."""
        for child in element.iterchildren():
            tag = child.tag
            if tag == qn("w:txbxContent"):
                self.boxes.append(child)
            elif tag in _SKIPPED or not isinstance(tag, str):
                continue
            elif tag == f"{_MC}AlternateContent":
                # Of the alternatives for programs old and new the first that holds text; mostly they hold the same.
                boxes = len(self.boxes)
                for alternative in child.iterchildren():
                    text = "".join(self.runs(alternative, style))
                    if text.strip() or len(self.boxes) > boxes:
                        yield text
                        break
            elif tag == qn("w:r"):
                text = "".join(self.runs(child, style))
                if self.shown(child, style, "strike", "dstrike", "vanish"):
                    yield raised(text) if self.is_raised(child, style) else text
            elif tag == qn("w:t"):
                yield child.text or ""
            elif tag == qn("w:tab"):
                yield "\t"
            elif tag in (qn("w:br"), qn("w:cr")):
                yield "\n"
            elif tag == qn("w:noBreakHyphen"):
                yield "-"
            elif tag == qn("w:sym"):
                yield _symbol(child.get(qn("w:char")) or "20")
            else:
                yield from self.runs(child, style)

    def shown(self, run: Any, style: Any, *properties: str) -> bool:
        """Whether a run has none of these properties switched on."""
        found = (self.property(run, style, name) for name in properties)
        return all(value is None or value.get(_VAL) in _OFF for value in found)

    def is_raised(self, run: Any, style: Any) -> bool:
        align = self.property(run, style, "vertAlign")
        position = self.property(run, style, "position")
        height = position.get(_VAL) or "0" if position is not None else "0"
        return (align is not None and align.get(_VAL) == "superscript") or (height.isdigit() and int(height) >= _RAISED)

    def property(self, run: Any, style: Any, name: str) -> Any:
        """A run's property by its own word, its character style or its paragraph's style, in this order; or None."""
        path = f"{qn('w:rPr')}/{qn(f'w:{name}')}"
        own = run.find(path)
        if own is not None:
            return own
        named = run.find(f"{qn('w:rPr')}/{qn('w:rStyle')}")
        styles = [*_ancestry(self.styles.get(named.get(_VAL)) if named is not None else None), *_ancestry(style)]
        return next((found for s in styles if (found := s.element.find(path)) is not None), None)

    def table(self, element: Any) -> Iterator[_Line]:
        """A line for each row, cells apart by tabs; a row of one cell is a frame around its paragraphs."""
        rows = data_rows(element, lambda cell: [line.text for line in self.blocks(cell)])
        if rows is not None:
            lines, cells = printed(rows)
            table = Table(0, len("\n".join(lines)), cells)
            yield from (_Line(line, "table_row", 0, None if n else table) for n, line in enumerate(lines))
            return
        for row in element.iter(_TR):
            if next(row.iterancestors(_TBL)) is not element or row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None:
                continue
            row_cells = [c for c in row.iter(_TC) if next(c.iterancestors(_TR)) is row]
            if len(row_cells) == 1:
                yield from self.blocks(row_cells[0])
                continue
            texts = [" ".join(line.text for line in self.blocks(cell)) for cell in row_cells]
            if line := "\t".join(texts).strip(_EDGE):
                yield _Line(line, "table_row")

    def footnotes(self) -> Iterator[_Line]:
        for relation in self.document.part.rels.values():
            if not relation.is_external and relation.reltype.endswith(("/footnotes", "/endnotes")):
                root = parse_xml(relation.target_part.blob)
                for note in root.iterchildren():
                    # Word keeps the separator lines among the notes.
                    if note.get(qn("w:type")) in (None, "normal"):
                        yield from (_Line(line.text, "footnote") for line in self.blocks(note))

    def style(self, element: Any) -> Any:
        name = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return self.styles.get(name.get(_VAL)) if name is not None else None

    def outline(self, element: Any, style: Any) -> int:
        """The level of a heading, from 1; 0 for other paragraphs."""
        sources = [element.find(qn("w:pPr")), *(s.element.find(qn("w:pPr")) for s in _ancestry(style))]
        for properties in sources:
            level = properties.find(qn("w:outlineLvl")) if properties is not None else None
            if level is not None:
                value = int(level.get(_VAL))
                return value + 1 if value < 9 else 0
        for ancestor in _ancestry(style):
            name = (ancestor.name or "").lower()
            if name in ("title", "标题"):
                return 1
            number = name.removeprefix("heading").removeprefix("标题").strip()
            if number != name and number.isdigit():
                return int(number)
        return 0

    def marker(self, element: Any, style: Any) -> str | None:
        """What Word prints before a numbered paragraph, "" for a bullet, None outside lists."""
        sources = [element.find(qn("w:pPr")), *(s.element.find(qn("w:pPr")) for s in _ancestry(style))]
        number = next((n for p in sources if p is not None and (n := p.find(qn("w:numPr"))) is not None), None)
        if number is None or number.find(qn("w:numId")) is None:
            return None
        list_id = number.find(qn("w:numId")).get(_VAL)
        depth = _whole(number.find(qn("w:ilvl")), 0)
        levels = self.levels.get(list_id, {})
        if depth not in levels:
            return None
        counts = self.counts.setdefault(list_id, {})
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in [d for d in counts if d > depth]:
            del counts[deeper]
        if levels[depth].form in ("bullet", "none"):
            return ""
        text = levels[depth].pattern
        for n, level in levels.items():
            text = text.replace(f"%{n + 1}", _number(counts.get(n, level.start), level.form))
        return text + (" " if text[-1:].isascii() else "")


def _mark_deleted(paragraph: Any) -> bool:
    """Whether a tracked change takes the end of a paragraph away."""
    mark = paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}")
    return mark is not None and any(mark.find(qn(f"w:{n}")) is not None for n in ("del", "moveFrom"))


def _ancestry(style: Any) -> Iterator[Any]:
    seen: Counter[str] = Counter()
    while style is not None and not seen[style.style_id]:
        seen[style.style_id] += 1
        yield style
        style = style.base_style


def _numbering(document: Any) -> dict[str, dict[int, _Level]]:
    """The levels of every list, by the list's id."""
    relation = next((r for r in document.part.rels.values() if r.reltype.endswith("/numbering")), None)
    if relation is None or relation.is_external:
        return {}
    root = parse_xml(relation.target_part.blob)
    abstract = {a.get(qn("w:abstractNumId")): _levels(a) for a in root.iterchildren(qn("w:abstractNum"))}
    lists = {}
    for number in root.iterchildren(qn("w:num")):
        reference = number.find(qn("w:abstractNumId"))
        levels = dict(abstract.get(reference.get(_VAL) if reference is not None else None, {}))
        for override in number.iterchildren(qn("w:lvlOverride")):
            depth = int(override.get(qn("w:ilvl")))
            levels |= _levels(override)
            start = override.find(qn("w:startOverride"))
            if start is not None and depth in levels:
                levels[depth] = levels[depth]._replace(start=int(start.get(_VAL)))
        lists[number.get(qn("w:numId"))] = levels
    return lists


def _levels(parent: Any) -> dict[int, _Level]:
    found = {}
    for level in parent.iterchildren(qn("w:lvl")):
        start, form, pattern = (level.find(qn(f"w:{n}")) for n in ("start", "numFmt", "lvlText"))
        depth = level.get(qn("w:ilvl")) or ""
        if not (depth.isascii() and depth.isdigit() and int(depth) < _DEPTHS):
            continue
        found[int(depth)] = _Level(
            _whole(start, 1),
            (form.get(_VAL) if form is not None else None) or "decimal",
            (pattern.get(_VAL) or "" if pattern is not None else "")[:_LONGEST_PATTERN],
        )
    return found


def _whole(element: Any, default: int) -> int:
    """The number that an element gives as its value; `default` where it gives none that a list has."""
    value = element.get(_VAL) or "" if element is not None else ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 8 else default


def _symbol(code: str) -> str:
    """The character of a symbol, given in hexadecimal digits; what is none is shown as unreadable."""
    try:
        return chr(int(code, 16))
    except (ValueError, OverflowError):
        return "\ufffd"


_DEPTHS = 9
"""Levels of a list that Word knows."""

_LONGEST_PATTERN = 64
"""Characters of what is printed before an item, which every item repeats."""


def _number(n: int, form: str) -> str:
    """A list number as Word writes it; forms that Chinese documents do not use come as digits."""
    match form:
        case (
            "chineseCounting"
            | "chineseCountingThousand"
            | "japaneseCounting"
            | "taiwaneseCounting"
            | "taiwaneseCountingThousand"
            | "ideographDigital"
        ):
            return _chinese(n)
        case "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" if 1 <= n <= 20:
            return chr(ord("①") + n - 1)
        case "decimalFullWidth":
            return "".join(chr(ord(d) - ord("0") + ord("０")) for d in str(n))
        case "lowerLetter" | "upperLetter" if 1 <= n <= 26:
            return chr(ord("a" if form == "lowerLetter" else "A") + n - 1)
        case _:
            return str(n)


def _chinese(n: int) -> str:
    if not 0 < n < 100:
        return str(n)
    tens, ones = divmod(n, 10)
    return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones else "")
