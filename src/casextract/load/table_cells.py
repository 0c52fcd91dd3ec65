"""What a cell of a table holds, by its characters alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

CellKind = Literal["empty", "gap", "number", "year", "date", "text"]
"""What a cell holds; a `gap` is a sign that there is no value, or a code, a `year` may be a number in a column of
numbers (1972)."""

LONG_CELL = 200
"""Characters from which a cell is a passage: a table of passages lays out a page."""

_FIGURE = r"\d{1,3}(?:(?:,| )\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_NUMBER = re.compile(
    rf"[-+−–—↑↓▲▼△≥≤><约約近~〜(]{{0,3}}[¥$]?\s?(?:{_FIGURE})(?:\s?[-~至到—–]\s?(?:{_FIGURE}))?\s?"
    r"(?P<unit>(?:%|‰|℃|[^\W\d_]|[/·²³]){0,8})(?P<mark>\s?[*①-⑳\[\]()a-z\d]{0,4})\)?"
)
_BRACKETED = re.compile(
    r"(?P<first>.*\d[^\s()]{0,8}?)\s?\(\s?(?P<second>[≥≤><]?\s?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:\s?[-~]\s?\d+(?:\.\d+)?)?\s?(?:%|‰|[^\W\d_a-zA-Z]{1,3}))\s?\)"
)
"""A number with another one and its unit in brackets behind it: 336(37.6%)."""
_DATE = re.compile(
    r"(?:截[至止])?(?:(?:19|20)\d\d(?:[-/.]\d{1,2}){1,2}|(?:19|20)\d\d年?(?:[-~至—–](?:19|20)?\d\d年?)?(?:\d{1,2}(?:[-~至—–]\d{1,2})?月(?:\d{1,2}日)?)?(?:[底末度初]|上半年|下半年|第?[一二三四]季度|全年)*"
    r"|(?:1[0-2]|0?[1-9])(?:[-~至—–](?:1[0-2]|0?[1-9]))?月(?:份|底|末)?(?:\d{1,2}日)?|\d{1,2}月\d{1,2}日|第?[一二三四1-4]季度|\d{1,3}年(?:[底末度])?)"
)
_CODE = re.compile(r"[A-Z]{1,6}\d{4,}[A-Z0-9]*")
_RAISED = re.compile(r"(?<=[\d%‰\s])[⁰¹²³⁴-⁹]+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_GAP = re.compile(r"[-—–―－/／\\.…·*×xX无無]{1,6}|[nN][/.]?[aA]\.?|/+|空")


def kind_of(text: str) -> CellKind:
    """What a cell holds, by its characters alone."""
    folded = unicodedata.normalize("NFKC", _RAISED.sub("", text)).strip()
    if not folded:
        return "empty"
    if _GAP.fullmatch(folded) or _CODE.fullmatch(folded):
        return "gap"
    if _YEAR.fullmatch(folded):
        return "year"
    if _DATE.fullmatch(folded.replace(" ", "")):
        return "date"
    if _NUMBER.fullmatch(folded):
        return "number"
    both = _BRACKETED.fullmatch(folded)
    return "number" if both is not None and _NUMBER.fullmatch(both["first"].strip()) else "text"


def figures_in(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The stretches of a cell [start, end) that hold one value each: 336(37.6%) holds two. `text` is normalised."""
    both = _BRACKETED.fullmatch(text, start, end)
    return [both.span("first"), both.span("second")] if both is not None else [(start, end)]


def lays_out(texts: Sequence[Sequence[str]]) -> bool:
    """Whether rows of cells lay out a page instead of holding data: passages, or less than two rows of two cells."""
    filled = [[t for t in row if t.strip()] for row in texts]
    if sum(len(row) > 1 for row in filled) < 2:
        return True
    cells = [t for row in filled for t in row]
    numbers = sum(kind_of(t) in ("number", "year", "date", "gap") for t in cells)
    passages = sum(len(t) > LONG_CELL for t in cells)
    return passages * 4 > len(filled) and passages * 3 > numbers
