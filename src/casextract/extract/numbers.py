"""Numerals as printed to their values: Arabic, Chinese (also in capitals) and mixed notations of normalised text.

Two steps. The lexer cuts the longest stretch that is printed as one numeral into amounts (`12,600`, 五, 二〇五), scales
(十, 万, 万亿), zeros and words of vagueness (余, 几). The grammar gives the stretch a value, or none: a numeral that is
torn (`5 00`, `1,2345`), runs against the order of its scales or may be read in two ways has no value, and its whole
stretch says so. The grammar is that of the language: a scale multiplies what stands before it, what follows is smaller
than the scale, a digit right behind a scale takes the next lower place (三万五), two neighbouring digits are a range
(七八十).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from casextract.records import Bound
from casextract.rulebook.patterns import on_demand
from casextract.rulebook.vocabulary import ARABIC, CHINESE

NINE = "一二三四五六七八九"
DIGITS = {"零": 0, "〇": 0, "两": 2} | {digit: value for value, digit in enumerate(NINE, start=1)}
CAPITALS = {"壹": 1, "贰": 2, "叁": 3, "参": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9}
"""Digits as cheques and contracts print them. 参, 伍 and 陆 are words as well: see `_CAPITAL`."""
SCALES = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8, "拾": 1, "佰": 2, "仟": 3}
"""Scale to its power of ten."""
_SCALE_OR_SHARE = "千百万亿%‰"
_SAID_YI = "个亿"
_TENS = {"廿": 2, "卅": 3}
_LETTERS = {"W": 4, "w": 4, "K": 3, "k": 3}
"""Letters that pages of the net put for 万 and 千 behind digits."""
_ENGLISH_POWERS = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12, "mn": 6, "bn": 9}
_ENGLISH = on_demand(r"\ ?((?i:thousand|million|billion|trillion|mn|bn))(?![A-Za-z])")
"""Scales in English behind a sum (US$3.5 million)."""
_VULGAR = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"


_EVERY_CAPITAL = "".join(CAPITALS)
_NO_WORD = "".join(c for c in CAPITALS if c not in "参伍陆")
_ONLY_NUMERALS = frozenset(_NO_WORD) | frozenset("佰仟") | frozenset(_VULGAR)
"""What is no part of a word: a number does not begin right behind it."""


_DIGIT_CAPITAL = rf"[参{_NO_WORD}]|(?<![队退入行落])伍|(?<![大登着水内海])陆"
_CAPITAL = (
    # 队伍, 大陆, 收拾 and 参与 hold characters that are numerals only before a scale or a unit of money.
    rf"(?:(?:{_DIGIT_CAPITAL})(?=\ "
    rf"?[拾佰仟百千万亿]|[元圆角])|[{_NO_WORD}](?=[个名张家户套份台件次项分])|(?<![收捡])拾(?=[万亿元圆{''.join(CAPITALS)}]))"
)

NUMERAL = on_demand(rf"(?:{ARABIC})|{CHINESE}++")
"""A maximal run of digits or of Chinese numeral characters."""

ANCHOR = rf"\d++|{CHINESE}++|[几数](?=[十百千万亿])|{_CAPITAL}|[{_VULGAR}]"
"""Where numerals begin: digits and Chinese numeral characters in one go, of which a numeral may be a part."""

_MARK = (
    r"\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a"
    r"\ufe20-\ufe2f"
)
"""Marks that combine with the character before them: what tears a number without a blank."""
_CHAIN = on_demand(
    rf"\d{{1,3}}+(?=(?:，\d{{3}})*?，0)(?:，\d{{3}})++(?!\d)|\d++(?:(?:[., ·•]|[{_MARK}]++)\d++)*+[{_MARK}]*+"
)
"""Digits and what may stand between the digits of one number. Commas of full width set groups apart where one begins
with 0: no number of a list does."""
_YEAR_APART = on_demand(r"(?:19|20)\d{2} (?=\d)")
"""A year in front of a number in a row of cells: the blank behind it groups nothing."""
_DOTTED = on_demand(r"\d+[·•]\d{1,2}")
"""3·5万: a point printed as a dot in the middle, where a scale or a sign of share follows; else a date (12·4)."""
_GROUPED = on_demand(
    r"[1-9]\d{0,2}(?:[,，]\d{3})+(?:\.\d+)?|[1-9]\d{0,2}(?: \d{3})+(?:\.\d+)?|(?:0|[1-9]\d*)(?:\.\d+)?"
)
_SPACED = on_demand(r"\d(?: \d)+(?:\.\d+)?")
_SPACED_BEHIND = on_demand(r" [\p{Han}%]")
_EVERY_NUMERAL = "".join((*DIGITS, *SCALES, *_TENS))
_GOES_ON = rf"[\d,.·•， 余多几来点{_EVERY_NUMERAL}WwKk{_VULGAR}{_MARK}]"
_SIMPLE = on_demand(rf"(?:[1-9]\d{{0,8}}+|0|[{NINE}两])(?!{_GOES_ON}|{_SAID_YI})")
"""A number that is nothing but digits, as most are, or one Chinese digit."""
_SMALL_BEHIND = on_demand(r"来(?=[个名岁人户家天年月万亿斤里块位张次项件台条亩米座间家元公万])")
_MORE_BEHIND = on_demand(r"余|多(?![样元媒功]\p{Han})|几(?!\p{Han}?何)")
_MINUTES = on_demand(rf"[零〇{NINE}]+(?:十|分(?![之钟])|刻)")
"""What follows 点 when it tells the time of day."""

_SHARE_OR_SCALE = on_demand(r"\d{1,2}(?:[%‰万亿]|个?百分点)")
_THREE = on_demand(r"\d{3}(?!\d)")
_GROUP_BEFORE = on_demand(r"(?<!\d)\d{1,3}，\Z")
_SHORT_BEHIND = on_demand(r"[.元块,，。;、)人户名多余]|左右|以[上下]|$")
_PREFIXED = on_demand(r"千(?=[克米瓦伏卡帕焦赫])|百(?=分[点之])")
"""A scale that belongs to the unit behind the number (5千克, 2百分点)."""

_POINT_BETWEEN = on_demand(r"点(?P<digits>\d{1,2})(?=[万亿%‰倍千百]|个?百分点)")

_SOME_TENTHS = on_demand(rf"点几(?=[{_SCALE_OR_SHARE}倍])|(?<=分之.)点几")
"""三点几亿: a little more than three."""

_LONGEST = 40
"""No quantity is written with so many characters: a code, left to be set aside."""


class Number(NamedTuple):
    """A number read at one place: half-open span, value, and what its own words (余, 多, 几, 来) make of it."""

    start: int
    end: int
    value: float
    hint: Bound | None
    scales: tuple[float, ...]
    """Multipliers behind the digits (百万 → 1e6, 1e4), the greatest first, of which a range may share one: 2至3万."""
    chinese: bool
    high: float | None = None
    """Upper value where two digits stand side by side (七八个)."""
    bare: bool = False
    """Whether it is nothing but scales (万, 百万), a number only where the words beside it say so."""

    @property
    def over(self) -> bool:
        """Whether the number says that it is a lower limit."""
        return self.hint == "over"


class Stretch(NamedTuple):
    """All characters that are printed as one numeral, and the number they make, if they make one."""

    start: int
    end: int
    number: Number | None


class _Token(NamedTuple):
    """A piece of a numeral: an amount, a scale (`power`), a zero, or a word of vagueness."""

    kind: str
    amount: Decimal = Decimal(0)
    power: int = 0
    digits: int = 0
    """How many digits an amount was printed with; 0 for one Chinese digit."""


def read_number(text: str, start: int) -> Number | None:
    """Read the number that starts at `start` of normalised text, or None."""
    return read_stretch(text, start).number


def read_stretch(text: str, start: int) -> Stretch:
    """The numeral that starts at `start`: where it ends, and its number, or None where it has no sure value."""
    simple = _SIMPLE.match(text, start)
    if simple is not None and not _is_tail(text, start):
        # Most numerals are a few digits or one Chinese digit.
        written, end = simple.group(), simple.end()
        chinese = written in DIGITS
        number = Number(start, end, float(DIGITS[written] if chinese else written), None, (), chinese)
        return Stretch(start, end, number)
    tokens, end, hint, sound = _lex(text, start)
    if end == start:
        return Stretch(start, start, None)
    if not sound or _is_tail(text, start) or end - start > _LONGEST:
        return Stretch(start, end, None)
    if (
        len(tokens) > 1
        and tokens[-1].kind == "arabic"
        and tokens[-1].digits == 1
        and tokens[-2].kind == "scale"
        and _SHORT_BEHIND.match(text, end)
    ):
        # 3万5 is said for 35000, where no 5岁 or 5月 begins behind the scale.
        tokens[-1] = _Token("digit", tokens[-1].amount)
    chinese = not any(t.digits for t in tokens)
    found = _pair(tokens)
    if found is None:
        value = _whole(tokens)
        if value is None:
            return Stretch(start, end, None)
        bare = hint is None and all(t.kind == "scale" for t in tokens) and tokens[-1].power > 1
        number = Number(start, end, float(value), hint, _shared_scales(tokens, value), chinese, None, bare)
        return Stretch(start, end, number)
    low, high = (_whole(t) for t in found)
    if low is None or high is None or low >= high:
        return Stretch(start, end, None)
    return Stretch(
        start, end, Number(start, end, float(low), hint, _shared_scales(found[0], low), chinese, float(high))
    )


def chinese_value(written: str) -> int | None:
    """The value of a Chinese numeral (三万二, 一百零五, 二〇二二, 十五), or None where the characters form no whole
    number."""
    stretch = read_stretch(written, 0)
    number = stretch.number
    whole = number is not None and stretch.end == len(written) and number.high is None and number.hint is None
    return int(number.value) if number is not None and whole and number.value == int(number.value) else None


def numeral_end(text: str, start: int) -> int:
    """Where the longest run of numeral characters that starts at `start` ends; at least one character behind it."""
    m = NUMERAL.match(text, start)
    return max(m.end() if m else 0, _lex(text, start)[1], start + 1)


def _is_tail(text: str, start: int) -> bool:
    """Whether the digits are the rest of a number that began before them (the 5 of .5, the 00 of 5 00)."""
    before = text[max(0, start - 2) : start]
    if not before:
        return False
    last = before[-1]
    if last in _ONLY_NUMERALS or (text[start] in _VULGAR and (last in DIGITS or last in SCALES)):
        # 佰5元, 三½, ½8%: nobody prints that.
        return True
    if not text[start : start + 1].isdecimal():
        # 三百 五十万, 6.三万: torn by a blank or a point.
        return last in " .·•" and (
            before[0] in DIGITS or before[0] in SCALES or (last != " " and before[0].isdecimal())
        )
    if "\u4e00" <= last <= "\u9fff":
        return False
    if last.isdecimal():
        return True
    if last == ".":
        # A full stop of ASCII stands behind a word, a bracket or a sign of share; behind a word it may still be half a
        # number.
        if before[0].isalpha() and before[0] >= "\u3000":
            if before[0] in SCALES:
                return True
            return _SHARE_OR_SCALE.match(text, start) is not None
        return len(before) == 1 or not (before[0].isalpha() or before[0] in ")]”%。")
    if last == "。" and before[0].isdecimal():
        # 3。5万元: a point of full width or the end of a sentence.
        return _SHARE_OR_SCALE.match(text, start) is not None
    if last in "·•":
        return before[0].isdecimal()
    if last == "，" and before[0].isdecimal():
        # 1，234: one number or two clauses.
        return (
            _THREE.match(text, start) is not None and _GROUP_BEFORE.search(text, max(0, start - 5), start) is not None
        )
    return (last == "," and before[0].isdecimal()) or unicodedata.category(last) in ("Mn", "Me")


_COUNTED = 10**27


def _lex(text: str, start: int) -> tuple[list[_Token], int, Bound | None, bool]:
    """The tokens of the longest numeral at `start`, its end, its vagueness, and whether its characters are in order."""
    tokens: list[_Token] = []
    at, length, sound = start, len(text), True
    bound: Bound | None = None
    capital = False
    while at < length:
        c = text[at]
        if c == "两" and tokens and tokens[-1].kind == "arabic":
            # 3两: the weight.
            break
        if c in DIGITS or ((capital or at == start) and c in CAPITALS):
            run = at
            while at < length and (text[at] in DIGITS or (text[at] in CAPITALS and (capital or run == start))):
                at += 1
            capital = capital or c in CAPITALS
            if tokens and tokens[-1].kind == "arabic" and text[run:at].strip("零〇"):
                sound = False
            tokens.extend(_Token("digit", Decimal(DIGITS[d] if d in DIGITS else CAPITALS[d])) for d in text[run:at])
        elif c in SCALES:
            if _is_prefix(text, at, tokens):
                break
            capital = capital or c in "拾佰仟"
            tokens.append(_Token("scale", power=SCALES[c]))
            at += 1
        elif c.isdecimal():
            apart = _YEAR_APART.match(text, at) if at == start else None
            chain = _CHAIN.match(text, at)
            assert chain is not None
            end = apart.end() - 1 if apart is not None else chain.end()
            if tokens and tokens[-1].kind in ("digit", "arabic") and tokens[-1].amount:
                sound = False
            written = text[at:end]
            if " " in written and _SPACED.fullmatch(written) and _SPACED_BEHIND.match(text, end):
                digits = written.replace(" ", "")
            elif _GROUPED.fullmatch(written):
                digits = written.replace(",", "").replace("，", "").replace(" ", "")
            elif _DOTTED.fullmatch(written) and text[end : end + 1] and text[end] in _SCALE_OR_SHARE:
                digits = written.replace("·", ".").replace("•", ".")
            else:
                digits, sound = "0", False
            tokens.append(_Token("arabic", Decimal(digits), digits=len(digits)))
            at = end
        elif tokens and text.startswith(_SAID_YI, at):
            # 2个亿, as it is said.
            at += 1
        elif c in _TENS:
            tokens += [_Token("digit", Decimal(_TENS[c])), _Token("scale", power=1)]
            at += 1
        elif c in "几数" and text[at + 1 : at + 2] in SCALES and not tokens:
            tokens.append(_Token("vague", Decimal(1)))
            bound = "over"
            at += 1
        elif c == "几" and tokens and tokens[-1].kind == "scale":
            following = text[at + 1 : at + 2]
            small = tokens[-1].power > 1 and following in SCALES
            tokens.append(_Token("vague", Decimal(1 if small and SCALES[following] < tokens[-1].power else 0)))
            bound = "over"
            at += 1
        elif c in "余多" and tokens and (text[at + 1 : at + 2] in SCALES and text[at + 1] not in "十拾"):
            bound = "over"
            at += 1
        elif c == "来" and tokens and tokens[-1].kind == "scale" and text[at + 1 : at + 2] in ("万", "亿"):
            bound = "about"
            at += 1
        elif tokens and tokens[-1].kind == "arabic" and (m := _ENGLISH.match(text, at)) is not None:
            tokens.append(_Token("scale", power=_ENGLISH_POWERS[m[1].lower()]))
            at = m.end()
            break
        elif c in _LETTERS and tokens and tokens[-1].kind == "arabic":
            if text[at + 1 : at + 2].isalnum() and text[at + 1 : at + 2] < "\u3000":
                break
            tokens.append(_Token("scale", power=_LETTERS[c]))
            at += 1
            break
        elif c in _VULGAR and (not tokens or tokens[-1].kind == "arabic"):
            part = Decimal(str(round(unicodedata.numeric(c), 6)))
            whole = tokens.pop().amount if tokens else Decimal(0)
            sound = sound and whole == int(whole)
            tokens.append(_Token("arabic", whole + part, digits=1))
            at += 1
            break
        elif c == "点" and tokens and tokens[-1].kind == "arabic" and (m := _POINT_BETWEEN.match(text, at)) is not None:
            # 3点5万, as speech is written down.
            tokens[-1] = _Token("arabic", tokens[-1].amount + Decimal("0." + m["digits"]), digits=2)
            at = m.end()
        elif c == "点" and tokens and (m := _SOME_TENTHS.match(text, at)) is not None:
            bound, at = "over", m.end()
        elif c == "点" and tokens and _decimals(text, at, tokens):
            run = at + 1
            at = run
            while at < length and text[at] in DIGITS:
                at += 1
            tokens.append(_Token("point", Decimal("0." + "".join(str(DIGITS[d]) for d in text[run:at]))))
        elif c == " " and tokens and _goes_on(text, at, start, tokens[-1].kind):
            at += 1
        else:
            break
    if tokens and bound is None:
        more = _MORE_BEHIND.match(text, at)
        round_one = tokens[-1].kind == "scale" or (
            # Of more digits than it counts with the decimal module gives no rest.
            tokens[-1].kind == "arabic" and tokens[-1].amount < _COUNTED and tokens[-1].amount % 10 == 0
        )
        few = _SMALL_BEHIND.match(text, at) if round_one else None
        if more is not None:
            bound, at = "over", more.end()
        elif few is not None:
            bound, at = "about", few.end()
    elif bound == "over" and tokens and text[at : at + 1] == "余":
        at += 1
    return tokens, at, bound, sound


def _is_prefix(text: str, at: int, tokens: Sequence[_Token]) -> bool:
    """Whether the scale at `at` belongs to the unit behind the number: 5千克, 1.2万千瓦时, 二十五千瓦, 2百分点."""
    if not tokens or _PREFIXED.match(text, at) is None:
        return False
    if text[at] == "百" or tokens[-1].kind in ("arabic", "scale"):
        return True
    lower = next((t.power for t in reversed(tokens) if t.kind == "scale"), 0)
    return 0 < lower < 4


def _decimals(text: str, at: int, tokens: Sequence[_Token]) -> bool:
    """Whether 点 at `at` is a decimal point: digits follow that tell no time of day."""
    if tokens[-1].kind not in ("digit", "scale") or any(t.kind == "point" for t in tokens):
        return False
    if text[at + 1 : at + 2] not in DIGITS or text[at + 1] == "两":
        return False
    return _MINUTES.match(text, at + 1) is None


def _goes_on(text: str, at: int, start: int, kind: str) -> bool:
    """Whether a numeral goes on behind the blank at `at`: before a scale, or where all its characters are set apart."""
    behind = text[at + 1 : at + 2]
    if behind in SCALES and behind:
        # 3 万, 伍 拾: a scale belongs to the number before it.
        return _PREFIXED.match(text, at + 1) is None and kind in ("arabic", "digit", "scale", "vague")
    if kind in ("digit", "scale") and behind and (behind in DIGITS or behind in CAPITALS):
        # 三 百 二 十: only where every character stands alone.
        apart = text[at - 2 : at - 1] in ("", " ") or at - 1 == start
        return apart and text[at + 2 : at + 3] == " " and kind == "scale"
    return False


def _pair(tokens: Sequence[_Token]) -> tuple[list[_Token], list[_Token]] | None:
    """The numeral with the smaller and with the greater of two neighbouring digits that mean a range (十五六, 七八百,
    三五)."""
    for i in range(len(tokens) - 1):
        a, b = tokens[i], tokens[i + 1]
        if a.kind != "digit" or b.kind != "digit":
            continue
        # Three digits in a row are a code or a year, not a range.
        alone = (i == 0 or tokens[i - 1].kind != "digit") and (i + 2 >= len(tokens) or tokens[i + 2].kind != "digit")
        # Nobody says 两三万五千: what is behind the two digits is their scale.
        alone = alone and all(t.kind == "scale" for t in tokens[i + 2 :])
        if alone and (0 < a.amount == b.amount - 1 or (int(a.amount), int(b.amount)) == (3, 5)):
            return [*tokens[: i + 1], *tokens[i + 2 :]], [*tokens[:i], *tokens[i + 1 :]]
        return None
    return None


def _whole(tokens: Sequence[_Token]) -> Decimal | None:
    """The value of a numeral without a range in it."""
    items = _amounts(tokens)
    if items is None or not items:
        return None
    return _above(_merged(items), bare=True)


def _amounts(tokens: Sequence[_Token]) -> list[_Token] | None:
    """The tokens with digits joined to amounts: single ones, those printed by place (二〇五), with a point (三点五),
    with zeros that bridge a gap as tokens of their own. None where digits stand as no number has them."""
    items: list[_Token] = []
    i = 0
    while i < len(tokens):
        if tokens[i].kind == "point":
            if not items or items[-1].kind == "gap":
                return None
            # 十二点五: what stands before the point is one amount.
            before = _above(_merged(items), bare=True)
            if before is None:
                return None
            items = [_Token("amount", before + tokens[i].amount, digits=2)]
            i += 1
            continue
        if tokens[i].kind not in ("digit", "vague"):
            items.append(
                _Token("amount", tokens[i].amount, digits=tokens[i].digits) if tokens[i].kind == "arabic" else tokens[i]
            )
            i += 1
            continue
        run = [tokens[i]]
        while i + len(run) < len(tokens) and tokens[i + len(run)].kind in ("digit", "vague"):
            run.append(tokens[i + len(run)])
        i += len(run)
        behind_scale = bool(items)
        zeros = next((n for n, t in enumerate(run) if t.amount or t.kind == "vague"), len(run))
        if behind_scale and zeros:
            items.append(_Token("gap"))
            run = run[zeros:]
        if not run:
            continue
        if len(run) == 1:
            items.append(_Token("amount", run[0].amount))
            continue
        if behind_scale or zeros or not _by_place(run):
            return None
        items.append(_Token("amount", Decimal("".join(str(t.amount) for t in run)), digits=len(run)))
    return items


def _by_place(run: Sequence[_Token]) -> bool:
    """Whether digits in a row are a number printed by place (二〇五, 一二五) and not an enumeration (一二三)."""
    values = [int(t.amount) for t in run]
    if any(t.kind == "vague" for t in run) or any(v > 9 for v in values):
        return False
    steps = {b - a for a, b in pairwise(values)}
    return 0 in values or (len(values) >= 3 and steps not in ({1}, {-1}, {0}))


def _merged(items: Sequence[_Token]) -> list[_Token]:
    """Scales that stand side by side as one: 万亿, 亿亿, 万万."""
    merged: list[_Token] = []
    for item in items:
        last = merged[-1] if merged else item
        if merged and item.kind == last.kind == "scale" and last.power >= 4 and item.power in (last.power, 8):
            merged[-1] = _Token("scale", power=last.power + item.power)
        else:
            merged.append(item)
    return merged


def _above(items: Sequence[_Token], bare: bool) -> Decimal | None:
    """The value of a numeral from 亿 down: the first such scale multiplies all before it."""
    for i, item in enumerate(items):
        if item.kind == "scale" and item.power >= 8:
            if item.power > 16 or (not items[:i] and item.power != 8):
                return None
            head = _myriads(items[:i], bare) if items[:i] else Decimal(1) if bare else None
            return _with_tail(head, item.power, items[i + 1 :])
    return _myriads(items, bare)


def _myriads(items: Sequence[_Token], bare: bool) -> Decimal | None:
    """The value of a numeral below 亿: the last 万 multiplies all before it (三万五千万)."""
    for i in range(len(items) - 1, -1, -1):
        if items[i].kind == "scale" and items[i].power >= 4:
            head = _myriads(items[:i], bare) if items[:i] else Decimal(1) if bare else None
            return _with_tail(head, items[i].power, items[i + 1 :])
    return _section(items, bare)


def _with_tail(head: Decimal | None, power: int, tail: Sequence[_Token]) -> Decimal | None:
    """`head` times a scale of 万 or more, and what follows it, which must be smaller than the scale."""
    if head is None or head <= 0:
        return None
    value = head * Decimal(10) ** power
    if not tail:
        return value
    if head != int(head):
        # 1.5万3千 is printed by nobody.
        return None
    if len(tail) == 1 and tail[0].kind == "amount":
        if tail[0].amount == 0:
            return value if not tail[0].digits else None
        if not tail[0].digits:
            # 三万五: the digit takes the next lower place.
            return value + tail[0].amount * Decimal(10) ** (power - 1)
        # 3万5000 is exact; 3万50 and 1亿3000 may be read in two ways.
        return value + tail[0].amount if power == 4 and tail[0].digits in (3, 4) else None
    gap = tail[0].kind == "gap"
    rest = _above(tail[1:] if gap else tail, bare=gap)
    return value + rest if rest is not None and 0 < rest < 10**power and rest == int(rest) else None


def _section(items: Sequence[_Token], bare: bool) -> Decimal | None:
    """The value of a numeral without 万 and 亿: 千, 百 and 十 in falling order, each with its amount."""
    if not items:
        return None
    if len(items) == 1 and items[0].kind == "scale":
        return Decimal(10) ** items[0].power if bare or items[0].power == 1 else None
    total, last, gap, i = Decimal(0), 4, False, 0
    while i < len(items):
        item = items[i]
        if item.kind == "gap":
            gap = True
            i += 1
            continue
        if item.kind == "scale":
            # Only 十 goes without an amount: 十六, 一千零十六, 一百十六.
            if item.power != 1 or last <= 1 or (i and items[i - 1].kind == "scale" and not total):
                return None
            total, last, gap = total + 10, 1, False
            i += 1
            continue
        scaled = i + 1 < len(items) and items[i + 1].kind == "scale"
        if scaled:
            power = items[i + 1].power
            first = total == 0 and not gap
            if power >= last or not item.amount:
                return None
            if not first and (item.amount >= 10 or item.amount != int(item.amount)):
                return None
            if first and item.digits > 1 and i + 2 < len(items):
                return None
            total, last, gap = total + item.amount * Decimal(10) ** power, power, False
            i += 2
            continue
        if i + 1 < len(items):
            return None
        if last == 4 and not gap:
            return item.amount
        if item.digits:
            # 2千500: digits fill the places below.
            fills = item.amount < 10**last if gap else item.digits == last
            return total + item.amount if last < 4 and fills and item.amount == int(item.amount) else None
        return total + (item.amount if gap or last <= 1 else item.amount * Decimal(10) ** (last - 1))
    return total or None


def _shared_scales(tokens: Sequence[_Token], value: Decimal) -> tuple[float, ...]:
    """The multipliers that the number in front of a range sign may share with this one, the greatest first."""
    found: list[float] = []
    if len(tokens) > 1 and all(t.kind == "scale" for t in tokens):
        return float(value), 10.0 ** tokens[-1].power
    if len(tokens) > 1 and tokens[-1].kind == "scale" and value:
        first = tokens[0]
        if first.amount and first.kind in ("digit", "arabic") and all(t.kind == "scale" for t in tokens[1:]):
            found.append(float(value / first.amount))
        items = _merged(tokens)
        found.append(10.0 ** items[-1].power)
    return tuple(sorted({s for s in found if s >= 100}, reverse=True))
