"""Numerals as written to their values: Arabic, Chinese and mixed notations of normalised text."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from casextract.rulebook.patterns import on_demand
from casextract.rulebook.vocabulary import ARABIC, CHINESE

DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_TENS = {"廿": 20, "卅": 30}

_MULTIPLIER = r"(?:[十百千]?万亿|[十百千]?[万亿]|[百千])"

NUMERAL = on_demand(rf"(?:{ARABIC})|{CHINESE}++")
"""A maximal run of digits or of Chinese numeral characters: the anchor of everything the extractor does."""

NUMBER = on_demand(
    # Arabic, perhaps with a blank before the multiplier, 余 on either side of it, and a smaller part behind (1亿3000万).
    rf"(?P<arabic>{ARABIC})(?:(?P<more_a>\ ?[余多几])?\ ?(?P<scale_a>{_MULTIPLIER})(?:(?P<part>\d++(?:\.\d++)?)(?:(?P<part_scale>[百千万])|(?<=\d{{4}})(?!\d)))?)?"
    r"(?P<more_b>[余多几])?"
    # Chinese, perhaps indefinite (几十, 数百万), with 余 inside (三百余万) or behind, and 半.
    rf"|(?P<vague>[几数](?=[十百千万亿]))?(?P<chinese>{CHINESE}++)(?:(?P<more_c>[余多几])(?P<scale_c>[万亿]?+))?"
    r"|(?P<half>半)"
)

_PLAIN = on_demand(r"\d{1,9}+(?![\d,. 余多几十百千万亿])")
"""A number that is nothing but digits, as most are."""

_LONGEST = 30


class Number(NamedTuple):
    """A number read at one place: half-open span, value, and whether 余, 多, 几 or 数 makes it a lower limit."""

    start: int
    end: int
    value: float
    over: bool
    scale: float
    """Multiplier behind the digits (万 → 10000), which a range may share: 2至3万."""
    chinese: bool
    high: float | None = None
    """Upper value where two digits stand side by side (七八个)."""


def read_number(text: str, start: int) -> Number | None:
    """Read the number that starts at `start` of normalised text, or None."""
    plain = _PLAIN.match(text, start)
    if plain is not None:
        return Number(start, plain.end(), float(plain.group()), False, 1.0, False)
    m = NUMBER.match(text, start)
    if m is None:
        return None
    if m.end() - start > _LONGEST:
        # No quantity is written with so many digits: a code, left to be set aside.
        return None
    arabic, more_a, scale_a, part, part_scale, more_b, vague, written, more_c, scale_c, half = m.groups()
    if arabic is not None:
        digits = arabic.replace(",", "").replace(" ", "")
        if scale_a is None:
            return Number(start, m.end(), float(digits), more_b is not None, 1.0, chinese=False)
        scale = _scale(scale_a)
        value = Decimal(digits) * scale
        if part:
            value += Decimal(part) * _scale(part_scale)
        return Number(start, m.end(), float(value), bool(more_a or more_b), float(scale), chinese=False)
    if half:
        return Number(start, m.end(), 0.5, False, 1.0, chinese=True)
    pair = _side_by_side(written)
    if pair is not None:
        return Number(start, m.end(), pair[0], bool(more_c), 1.0, chinese=True, high=pair[1])
    read = chinese_value(written)
    if read is None:
        return None
    scale = _scale(scale_c)
    over = bool(vague or more_c)
    return Number(start, m.end(), float(read * scale), over, float(scale), chinese=True)


def chinese_value(written: str) -> int | None:
    """The value of a Chinese numeral (三万二, 一百零五, 二〇二二, 十五), or None where the characters form none."""
    if not any(c in SCALES or c in _TENS for c in written):
        if len(written) == 1:
            return DIGITS[written]
        # A row of digits is a code or a year (二〇二二); single digits in a row without zero are no number (一二三).
        return int("".join(str(DIGITS[c]) for c in written)) if len(written) >= 3 or "〇" in written else None
    total = section = digit = 0
    last_scale = 10**12
    pending = False
    for i, c in enumerate(written):
        if c in _TENS:
            if pending or section % 100:
                return None
            section += _TENS[c]
            last_scale = 10
        elif c in DIGITS:
            if pending and digit != 0:
                return None
            digit, pending = DIGITS[c], True
        else:
            scale = SCALES[c]
            if scale >= 10**4:
                section = section + digit if section or pending else 1
                total = (total + section) * scale if scale > last_scale and total else total + section * scale
                section, last_scale = 0, scale
            else:
                if i and written[i - 1] in SCALES and SCALES[written[i - 1]] < 10**4:
                    return None
                section += (digit if pending else 1) * scale
                last_scale = scale
            digit, pending = 0, False
    if pending and digit and len(written) >= 2 and written[-2] in SCALES and last_scale > 10:
        # 三万二 is 32,000: the digit takes the next lower place.
        digit *= last_scale // 10
    return total + section + digit


def _side_by_side(written: str) -> tuple[float, float] | None:
    """Two neighbouring digits that mean a range: 七八(个), 三四十, 两三百."""
    if len(written) < 2 or written[0] not in DIGITS or written[1] not in DIGITS:
        return None
    low, high = DIGITS[written[0]], DIGITS[written[1]]
    scales = written[2:]
    if not (0 < low < high <= low + 2) or any(c not in SCALES for c in scales):
        return None
    factor = 1
    for c in scales:
        factor *= SCALES[c]
    return float(low * factor), float(high * factor)


def _scale(written: str | None) -> int:
    factor = 1
    for c in written or "":
        factor *= SCALES[c]
    return factor
