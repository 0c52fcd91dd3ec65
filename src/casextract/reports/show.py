"""An article for the terminal, with its cases, measures and numbers marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from casextract.assemble import Records
from casextract.language import Language, label, labels
from casextract.records import Case
from casextract.rulebook.models import CLOSE, OPEN

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


def marked(records: Records, language: Language = "en") -> Text:
    """The text of one document with marks put in: ⟦number metric⟧, a line before each case, the id before each measure.

    Colours are styles of the result, so that a pipe gets the marks alone.
    """
    from rich.text import Text

    document = records.documents[0]
    kind, script = (_named(k, getattr(document, k), language) for k in ("kind", "script"))
    head = f"{document.source_path}  {kind}  {script}"
    out = Text.assemble((f"{head}  {document.title or ''}\n", "bold"))
    text, at = document.text, 0
    for start, end, tag, style in _marks(records, language):
        out.append(text[at:start], style=_ground(records, at))
        at = start
        if end > start:
            out.append(f"{OPEN}{text[start:end]} {tag}{CLOSE}", style=style)
            at = end
        else:
            out.append(tag, style=style)
    out.append(text[at:], style=_ground(records, at))
    return out


def tables(records: Records) -> Iterator[Table]:
    """The tables of one document as their cells print them, one after the other."""
    from rich.table import Table

    from casextract.dataset.frames import frames_of

    for frame in frames_of(records.indicators):
        shown = Table(title=f"{records.documents[0].source_path}  {frame.number}", title_justify="left")
        shown.add_column("")
        for column in frame.columns:
            shown.add_column(column, justify="right")
        for row, cells in frame.rows:
            shown.add_row(row, *("" if cell is None else cell.text for cell in cells))
        yield shown


def _marks(records: Records, language: Language) -> Iterator[tuple[int, int, str, str]]:
    """What to put in, in order of the text: its span (empty for a mark between characters), its tag and its style."""
    marks: list[tuple[int, int, int, str, str]] = []
    words = labels("printed", language)
    for c in records.cases:
        head = f"{words['case'].format(ordinal=c.ordinal)}: {_heading(c, words)}"
        marks.append((c.start, c.start, 0, f"\n── {head} ──\n", "bold blue"))
        marks.append((c.end, c.end, -1, f"\n── {words['end']} ──\n", "blue"))
    marks += [(m.start, m.start, 1, f"[{m.level}.{m.ordinal}] ", "bold magenta") for m in records.measures]
    marks += [(i.start, i.end, 2, _named("metric", i.metric, language), "bold green") for i in records.indicators]
    marks += [(n.start, n.end, 2, "?", "bold red") for n in records.numerals if n.disposition == "unresolved"]
    for start, end, _, tag, style in sorted(marks, key=lambda m: (m[0], m[2], m[1])):
        yield start, end, tag, style


def _ground(records: Records, at: int) -> str:
    """The style of plain text at an offset: dim outside every case."""
    return "" if any(c.start <= at < c.end for c in records.cases) else "dim"


def _named(kind: str, code: str, language: Language) -> str:
    """A code by its name; English readers get the code itself, which is what tools and queries take."""
    return code if language == "en" else label(kind, code, language)


def _heading(case: Case, words: Mapping[str, str]) -> str:
    place = " ".join(p for p in (case.province, case.city, case.county, case.place) if p)
    implicit = words["implicit"] if case.implicit else None
    return "  ".join(p for p in (place or words["no_place"], case.title, implicit) if p)
