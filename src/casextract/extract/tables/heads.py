"""What the heads and labels of a table say: the unit of their cells, whether they sum up, count on, or compare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from casextract.extract.grammar import Grammar
from casextract.extract.quantities import scan
from casextract.extract.reading import Reading
from casextract.records import Currency
from casextract.rulebook.models import HeadRole, TableRule
from casextract.rulebook.patterns import on_demand

_BRACKETED = on_demand(r"[(\[【<]([^()\[\]【】<>]{1,16})[)\]】>]")
_BEHIND_SIGN = on_demand(r"[:：,，、/|]\s*([^\s:：,，、/|()]{1,8}(?:/[^\s()]{1,4})?)$")
_UNIT_LINE = on_demand(r"(?:计量)?单位\s*[:：]\s*(?P<units>[^()\[\]【】。;]{1,40})")
_UNIT_SIGN = on_demand(r"[、,，;；]|\s+|和|或|及")
_NUMBERING = on_demand(
    r"^(?:[一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十\d]{1,3}\)|\d{1,2}[、.)](?!\d)|[*·•\-—]+)\s*"
)
MULTIPLIER = on_demand(r"[十百千万亿]{1,2}")
_RATE = on_demand(r"(?:[/／每][\p{Han}\d./／·•每]{1,12})?")
_LETTER = on_demand(r"^\s*(?:[A-Z]|[IVX]{1,4})[\s.、]+(?=\p{Han})")
_TRANSLATION = on_demand(r"[A-Za-z][A-Za-z,.'’&/\-() ]{2,}")
_HAN = on_demand(r"\p{Han}")
_CURRENCY = on_demand(r"(?P<front>新台币|台币|港币|人民币|澳门币|葡币)(?P<behind>[十百千万亿]{0,2})元?")
_BLANK = on_demand(r"\s+")


class StatedUnit(NamedTuple):
    """A unit as printed for a cell, and the span it is printed at; a bare multiplier waits for the noun it
    multiplies."""

    text: str
    dimension: str
    canonical: str
    multiplies: bool = False
    front: str = ""
    """What stands before the number: a currency."""


class Said(NamedTuple):
    """The text of a head or a label, told apart: its words, and the unit printed with it."""

    words: str
    unit: StatedUnit | None
    printed: str


def read_head(text: str, grammar: Grammar, below: bool = False) -> Said:
    """Tell the words of a head or a label from the unit printed with it (金额（亿元）, 占比%, 床位/张).

    `below` says that it stands under another head: then it may be nothing but the unit of that one.
    """
    # A head in two languages says the same twice.
    own = _TRANSLATION.sub("", _LETTER.sub("", text)) if _HAN.search(text) is not None else text
    printed = _BLANK.sub("", own)
    words, unit = printed, None
    for m in list(_BRACKETED.finditer(printed))[::-1]:
        unit = unit_of(m[1].removeprefix("单位:"), grammar)
        if unit is not None:
            words = printed[: m.start()] + printed[m.end() :]
            break
    if unit is None and (behind := _BEHIND_SIGN.search(printed)) is not None:
        unit = unit_of(behind[1], grammar)
        if unit is not None:
            words = printed[: behind.start()]
    if unit is None and printed[-1:] in ("%", "‰"):
        unit, words = unit_of(printed[-1], grammar), printed[:-1]
    if unit is None and below and (alone := unit_of(printed, grammar)) is not None and not alone.multiplies:
        unit, words = alone, ""
    return Said(_NUMBERING.sub("", words), unit, text)


def units_in(text: str, grammar: Grammar) -> list[StatedUnit]:
    """The units that a caption names (单位:个、万元)."""
    m = _UNIT_LINE.search(text)
    if m is None:
        said = [unit_of(b[1], grammar) for b in _BRACKETED.finditer(text)]
        return [u for u in said if u is not None]
    found = [unit_of(part, grammar) for part in _UNIT_SIGN.split(m["units"].strip()) if part]
    return [u for u in found if u is not None]


def unit_of(text: str, grammar: Grammar) -> StatedUnit | None:
    """The unit that a text is from its first to its last character, or None."""
    text = _BLANK.sub("", text)
    if not text:
        return None
    if "/" in text:
        # 元/人、月 is 元/人·月.
        text = text.replace("、", "·")
    if (money := _CURRENCY.fullmatch(text)) is not None:
        return StatedUnit(f"{money['behind']}元", "money", "元", front=money["front"])
    if MULTIPLIER.fullmatch(text):
        return StatedUnit(text, "", "", multiplies=True)
    reading = reading_of(f"1{text}", "CNY", grammar)
    if reading is None or reading.start != 0:
        return None
    rest = text[reading.end - 1 :]
    if not _RATE.fullmatch(rest):
        return None
    return StatedUnit(text, reading.unit.dimension, reading.unit.canonical)


def reading_of(text: str, currency: Currency, grammar: Grammar) -> Reading | None:
    """The quantity that a text begins with, or None."""
    return next((r for r in scan(text, (), currency, grammar).readings if r.start == 0), None)


def rules_that_say(role: HeadRole, words: str, grammar: Grammar) -> Iterator[TableRule]:
    """The rules of a role that hold of the words of a head or a label, in order."""
    for rule, pattern in grammar.heads:
        if rule.says == role and pattern.search(words) is not None:
            yield rule


def rule_that_says(role: HeadRole, words: str, grammar: Grammar) -> TableRule | None:
    """The first of them."""
    return next(rules_that_say(role, words, grammar), None)
