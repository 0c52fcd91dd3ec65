"""Excel's way of correcting: a workbook with cells to edit, and what was changed in it as corrections.

Rows are found again by the quoted sentence and number, not by their place in the sheet: an analyst may sort, filter and
delete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, get_args

from casextract.assemble import Records
from casextract.dataset.workbook import book_at
from casextract.errors import CasextractError
from casextract.language import LANGUAGES, Language, label, labels
from casextract.records import Bound, Currency, Dimension, Indicator, Status
from casextract.review.corrections import Correction, anchor_of
from casextract.review.exchange import Sign, plain, snapshot

CHOICES: Mapping[str, tuple[str, ...]] = {
    "metric": tuple(labels("metric", "en")),
    "dimension": get_args(Dimension),
    "status": get_args(Status),
    "bound": get_args(Bound),
    "currency": get_args(Currency),
    "direction": tuple(labels("direction", "en")),
}
SHOWN = ("source_path", "place", "sentence", "text")
EDITED = ("subject", "value", "value_high", "unit", "metric", "bound", "per", "status", "time", "dimension", "currency")
VERDICTS = ("accept", "reject")
KEY = "indicator_id"
_WIDTHS = {"sentence": 60, "source_path": 24, "subject": 22, "place": 18, "comment": 24}
_SEPARATOR = "、"
_FIRST_ROW = 2
"""Row 1 holds the codes, hidden, which are read; row 2 the names."""


class WorkbookError(CasextractError):
    """A workbook that cannot be read. The message names the file and the remedy."""


@dataclass(slots=True)
class Taken:
    """What was found in a workbook."""

    corrections: list[Correction] = field(default_factory=list)
    unplaced: list[str] = field(default_factory=list)
    """Rows that could not be placed or read, each with the reason."""


def write(articles: Iterable[Records], target: Path, language: Language) -> int:
    """Write the indicators of `articles` for review; returns how many. Raises OSError where the system refuses."""
    count = 0
    with book_at(target, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        # The same rows give the same bytes.
        book.set_properties({"created": datetime(2000, 1, 1)})
        head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#DDE8F0", "text_wrap": True, "valign": "top"})
        fixed = book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#F2F4F6"})
        free = book.add_format({"text_wrap": True, "valign": "top", "locked": False})
        sheet = book.add_worksheet(label("review", "heading", language))
        names = (*SHOWN, *EDITED, "verdict", "comment", KEY)
        for column, name in enumerate(names):
            sheet.write(0, column, name)
            sheet.write(1, column, _named(name, language), head)
            sheet.set_column(column, column, _WIDTHS.get(name, 12))
        sheet.set_row(0, None, None, {"hidden": True})
        for records in articles:
            places = {c.case_id: c.county or c.city or c.province or "" for c in records.cases}
            for i in records.indicators:
                row = _FIRST_ROW + count
                count += 1
                shown = (
                    records.documents[0].source_path,
                    places.get(i.case_id or "", ""),
                    i.sentence.strip(),
                    i.text,
                )
                for column, text in enumerate(shown):
                    sheet.write_string(row, column, text[:32_767], fixed)
                for column, name in enumerate(EDITED, len(SHOWN)):
                    _put(sheet, row, column, _cell(name, getattr(i, name), language), free)
                for column in (len(names) - 3, len(names) - 2):
                    sheet.write_blank(row, column, None, free)
                sheet.write_string(row, len(names) - 1, i.indicator_id, fixed)
        last = _FIRST_ROW + max(count - 1, 0)
        for column, name in enumerate(names):
            options = _options(name, language)
            if options:
                _validate(book, sheet, column, last, options)
        sheet.set_column(len(names) - 1, len(names) - 1, 4, None, {"hidden": True})
        sheet.freeze_panes(_FIRST_ROW, len(SHOWN))
        sheet.autofilter(1, 0, last, len(names) - 1)
        sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
    return count


def read(path: Path, articles: Sequence[Records], sign: Sign) -> Taken:
    """What was changed in a workbook that `write` made of these articles. Raises WorkbookError where it is none."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises whatever its parts do
        raise WorkbookError(f"{path}: cannot be opened ({error}); save it as .xlsx") from error
    with closing(book):
        rows = list(book.worksheets[0].iter_rows(values_only=True))
    codes = [str(c) for c in rows[0] if c is not None] if rows else []
    if KEY not in codes or not {"value", "unit"} <= set(codes):
        raise WorkbookError(
            f"{path}: not a workbook for review; make one with: casextract export DATASET FILE --for-review"
        )
    known = {i.indicator_id: (r, i) for r in articles for i in r.indicators}
    taken = Taken()
    for number, cells in enumerate(rows[_FIRST_ROW:], _FIRST_ROW + 1):
        row = dict(zip(codes, cells, strict=False))
        if not any(v not in (None, "") for v in row.values()):
            continue
        found = _placed(row, known, articles)
        if found is None:
            taken.unplaced.append(
                f"row {number}: «{row.get('text')}» of {row.get('source_path')} is not in the dataset"
            )
            continue
        try:
            taken.corrections += _changes(row, *found, sign)
        except ValueError as error:
            taken.unplaced.append(f"row {number}: {error}")
    return taken


def _placed(
    row: Mapping[str, Any], known: Mapping[str, tuple[Records, Indicator]], articles: Sequence[Records]
) -> tuple[Records, Indicator] | None:
    """The indicator of a row: by its words, of several with the same words the one whose identifier it has."""
    own = known.get(str(row.get(KEY)))
    if own is not None and own[1].text == row.get("text"):
        return own
    same = [
        (r, i)
        for r in articles
        if r.documents[0].source_path == row.get("source_path")
        for i in r.indicators
        if i.text == row.get("text") and i.sentence.strip() == row.get("sentence")
    ]
    return same[0] if len(same) == 1 else None


def _changes(row: Mapping[str, Any], records: Records, i: Indicator, sign: Sign) -> list[Correction]:
    document = records.documents[0]
    comment = str(row.get("comment") or "")

    def made(**rest: Any) -> Correction:
        return Correction(
            **sign(), source_path=document.source_path, anchor=anchor_of(document.text, i), comment=comment, **rest
        )

    verdict = _code("verdict", row.get("verdict"))
    if verdict == "reject":
        return [made(action="reject", old=snapshot(i))]
    found = []
    for name in EDITED:
        new, old = _value(name, row.get(name)), plain(getattr(i, name))
        if new != old:
            found.append(made(action="change", field=name, old=old, new=new))
    return found or ([made(action="accept", old=snapshot(i))] if verdict == "accept" else [])


def _value(name: str, cell: Any) -> Any:
    """What a cell says, as the column holds it. Raises ValueError for a number that is none."""
    if name == "per":
        return [p for p in str(cell or "").replace(",", _SEPARATOR).replace(",", _SEPARATOR).split(_SEPARATOR) if p]
    if cell is None or cell == "":
        return None
    if name in ("value", "value_high"):
        try:
            return float(str(cell).replace(",", ""))
        except ValueError:
            raise ValueError(f"{name}: {cell!r} is no number") from None
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    return _code(name, cell) if name in CHOICES else str(cell).strip()


def _code(kind: str, cell: Any) -> str | None:
    """The code that a name stands for, in either language."""
    text = str(cell or "").strip()
    if not text:
        return None
    for language in LANGUAGES:
        for code in VERDICTS if kind == "verdict" else labels(kind, language):
            if text in (code, label("review" if kind == "verdict" else kind, code, language)):
                return code
    return text


def _options(name: str, language: Language) -> list[str]:
    if name == "verdict":
        return [label("review", v, language) for v in VERDICTS]
    return [label(name, code, language) for code in CHOICES.get(name, ())]


def _cell(name: str, value: Any, language: Language) -> Any:
    if isinstance(value, list):
        return _SEPARATOR.join(value)
    return label(name, value, language) if name in CHOICES and value is not None else value


def _put(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, style)
    else:
        sheet.write_number(row, column, value, style)


def _validate(book: Any, sheet: Any, column: int, last: int, options: Sequence[str]) -> None:
    """A list to choose from; Excel takes one in the cell only up to 255 characters, a longer one stands in a sheet of
    its own."""
    source: Any = list(options)
    if sum(len(o) + 1 for o in options) > 255:
        lists = book.get_worksheet_by_name("lists") or book.add_worksheet("lists")
        lists.hide()
        for row, option in enumerate(options):
            lists.write_string(row, column, option)
        letter = chr(ord("A") + column)
        source = f"=lists!${letter}$1:${letter}${len(options)}"
    sheet.data_validation(
        _FIRST_ROW, column, last, column, {"validate": "list", "source": source, "error_type": "warning"}
    )


def _named(name: str, language: Language) -> str:
    return (
        label("review", name, language)
        if name in ("verdict", "comment", "place", "source_path")
        else label("field", name, language)
    )
