"""First pass over a text: every numeral becomes a reading (number, unit, span) or is set aside with its reason."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from casextract.extract.grammar import Grammar, Unit
from casextract.extract.numbers import (
    ANCHOR,
    DIGITS,
    NINE,
    NUMERAL,
    SCALES,
    Number,
    numeral_end,
    read_number,
    read_stretch,
)
from casextract.extract.reading import ARROW, Numeral, Reading, SetAside, UnitFound, compound, is_measured, unit_at
from casextract.extract.shares import half_at, ratio_at, ratio_chain, share_at
from casextract.records import Currency
from casextract.rulebook.patterns import on_demand, screened
from casextract.rulebook.vocabulary import CHINESE
from casextract.segment import Block

_YEAR_LIKE = on_demand(r"(?:19[5-9]|20[0-4])\d(?!\d)")
_PHRASE = on_demand(r"[\p{Han}()]{0,14}")
_UNSAID = frozenset({"metadata", "trailer", "noise", "outline"})
_TITLES = frozenset({"meta.title", "meta.subtitle"})
_SCAN = 48
"""How far beside a number its unit and what bounds it can stand."""
_OF_TWO = on_demand(r"\d/(?=\d)")
"""9.8/10分, 120/80: what the second number is of the first cannot be told."""
_TORN_GROUP = on_demand(r"(?<=\d)，(?=\d{3}(?!\d))")
"""1，200元: behind a comma of full width it may be the end of a number or a number of its own."""
_GOES_ON = on_demand(rf"[.,·• ]?\d|点[{NINE}]|{CHINESE}")
"""What a numeral may go on with."""
_ANCHOR = on_demand(screened(rf"{ANCHOR}|半|对(?=折)"))


@dataclass(frozen=True, slots=True)
class Scan:
    """What the pass found, each in text order."""

    readings: tuple[Reading, ...]
    aside: tuple[SetAside, ...]


def scan(text: str, blocks: Sequence[Block], currency: Currency, grammar: Grammar) -> Scan:
    """Read every numeral of normalised text once, from left to right. `currency` is the document's own."""
    return _Scanner(text, blocks, currency, grammar).run()


@dataclass(slots=True, eq=False)
class _Scanner:
    """The pass: what is read so far, and the bare numbers that wait for the unit of the next one."""

    text: str
    blocks: Sequence[Block]
    currency: Currency
    grammar: Grammar
    readings: list[Reading] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    waiting: list[Number] = field(default_factory=list)
    at: int = 0
    """Everything before it is accounted for."""
    starts: list[int] = field(init=False)
    spans: list[tuple[int, int, int]] = field(init=False)
    """Stretches without a measure, with the index of their rule."""
    opaque: int = 0
    """The first of them that is not passed yet."""
    colons: bool = field(init=False)

    def __post_init__(self) -> None:
        text = self.text
        self.starts = [b.start for b in self.blocks]
        self.spans = [(m.start(), m.end(), int(str(m.lastgroup)[1:])) for m in self.grammar.spans.finditer(text)]
        self.colons = ":" in text or "∶" in text or "比" in text

    def run(self) -> Scan:
        """Account for every numeral."""
        for m in _ANCHOR.finditer(self.text):
            self.at = max(self.at, m.start())
            while self.at < m.end():
                self._account(self.at)
        self._give_up()
        return Scan(tuple(self.readings), tuple(sorted(self.aside, key=lambda a: a.start)))

    def _account(self, anchor: int) -> None:
        """Read or set aside what begins at `anchor`; `at` is behind it then."""
        text = self.text
        word = text[anchor] in "半对"
        while self.opaque < len(self.spans) and self.spans[self.opaque][1] <= anchor:
            self.opaque += 1
        if self.opaque < len(self.spans) and self.spans[self.opaque][0] <= anchor:
            rule = self.grammar.span_rules[self.spans[self.opaque][2]]
            self._unsaid(anchor, min(numeral_end(text, anchor), self.spans[self.opaque][1]), rule.reason, rule.id)
            return
        block = self.blocks[bisect_right(self.starts, anchor) - 1] if self.blocks else None
        if block is not None and block.kind in _UNSAID and block.rule_id not in _TITLES:
            self._unsaid(anchor, numeral_end(text, anchor), block.kind, block.rule_id)
            return
        if text[anchor] == "零" and (below := self.grammar.phrases.below_zero.match(text, anchor)) is not None:
            number = read_number(text, below.end())
            found = quantity_at(text, number, self.currency, self.grammar) if number is not None else None
            if found is not None:
                self._take(found)
                return
        if (unsure := self.grammar.phrases.unsure.match(text, anchor)) is not None:
            self._give_up()
            self._aside(anchor, unsure.end(), None, None)
            return
        found = share_at(text, anchor, self.grammar)
        if found is not None and (signed := _with_sign(text, found, self.grammar)) is None:
            self._give_up()
            self._aside(anchor, found.end, None, None)
            return
        found = signed if found is not None else None
        if found is not None and text[anchor] == "一" and self._excluded(anchor):
            # 统一八折
            return
        told = bool(self.aside) and self.aside[-1].end == anchor and self.aside[-1].reason is not None
        if found is not None and anchor and not told and NUMERAL.match(text, anchor - 1) is not None:
            # 二百分之十5, 6百分之7: the tail of a number is no share.
            self._give_up()
            self._aside(anchor, found.end, None, None)
            return
        if found is None and self.colons:
            found = ratio_at(text, anchor, self.grammar.phrases)
        if found is None:
            found = self._either(anchor)
        if found is None and self._excluded(anchor):
            return
        if found is None and self.colons and (end := ratio_chain(text, anchor)) is not None:
            self._aside(anchor, end, None, None)
            return
        if found is None and word:
            found = half_at(text, anchor, self.grammar) if text[anchor] == "半" else None
        if found is not None:
            self._take(found)
        elif word:
            # A 半 that measures nothing is a word.
            self.at = anchor + 1
        else:
            self._read(anchor)

    def _unsaid(self, start: int, end: int, reason: str, rule_id: str | None) -> None:
        """Set aside what stands where no number measures anything; a 半 there is no numeral."""
        if self.text[start] in "半对":
            self.at = start + 1
        else:
            self._aside(start, end, reason, rule_id)

    def _read(self, anchor: int) -> None:
        """A number with or without a unit."""
        text = self.text
        stretch = read_stretch(text, anchor)
        number = stretch.number
        if number is None:
            self._give_up()
            end = max(stretch.end, anchor + 1)
            word = not any(c.isdecimal() for c in text[anchor:end]) and end - anchor < 3
            self._aside(anchor, end, "word" if word else None, None)
            return
        found = quantity_at(text, number, self.currency, self.grammar)
        if found is not None and (cut := _cut_off(text, found, self.grammar)) is not None:
            self._give_up()
            self._aside(anchor, cut, None, None)
            return
        if found is not None and self._half_of_range(found):
            self._give_up()
            self._aside(anchor, found.end, None, None)
            return
        if found is not None and number.bare and self._alone(number, found):
            self._give_up()
            self.aside.append(SetAside(anchor, number.end, "multiplier", "number.multiplier"))
            self.at = number.end
            return
        sign_at, negative = _minus(text, number.start, self.grammar)
        if found is None and negative is False:
            found = self._like_the_one_before(number)
        if found is not None:
            self._take(found)
            return
        self.at = number.end
        if negative is None:
            # The unit of a neighbour would make it positive in silence.
            self._give_up()
            self.aside.append(SetAside(number.start, number.end, None, None, number.value))
            return
        if negative:
            number = number._replace(start=sign_at, value=-number.value)
        if self.waiting and not self.grammar.phrases.list_gap.fullmatch(text, self.waiting[-1].end, number.start):
            self._give_up()
        listed = not number.chinese and self.grammar.phrases.list_gap.match(text, number.end)
        if listed or ARROW.match(text, number.end) or self._old(number):
            self.waiting.append(number)
            return
        self._give_up()
        unread = _unread(number)
        self.aside.append(unread._replace(reason=None) if self._amount(number) else unread)

    def _amount(self, number: Number) -> bool:
        """Whether a number without a unit is an amount and no word: bounded (五百上下), or behind money."""
        if number.bare or number.value <= 10:
            return False
        return self.grammar.bounds_after.match(self.text, number.end) is not None or (
            number.value >= 100
            and self.grammar.phrases.sum_said.search(self.text, max(0, number.start - 14), number.start) is not None
        )

    def _half_of_range(self, found: Reading) -> bool:
        """Whether a range with the same unit begins unread in front (五角至八角): half of it is no value."""
        last = self.aside[-1] if self.aside else None
        if last is None or last.value is None or last.rule_id is not None or last.reason not in (None, "word"):
            return False
        joint = self.text[last.end : found.start]
        return (
            joint[:-1] == found.unit.word
            and self.grammar.phrases.range_sign.match(self.text, found.start - 1) is not None
        )

    def _alone(self, number: Number, found: Reading) -> bool:
        """Whether a scale stands before a unit without a number: 万元 in a head, behind markup or digits that are no
        number.

        近万元, 上千元 and 数万元 are numbers all the same, and 百万元 in running text.
        """
        if found.unit.rule.small != "keep" or (number.value < 1e4 and found.unit.dimension != "money"):
            # 百岁, 百米
            return False
        before = self.text[max(0, number.start - 4) : number.start]
        if any(
            m.end() == len(before) for m in self.grammar.bounds_before.finditer(before)
        ) or self.grammar.phrases.rounding.search(before):
            return False
        if self.grammar.bounds_after.match(self.text, found.end) is not None:
            return False
        return len(number.scales) < 2 or not before[-1:].isalpha() or not before[-1:] >= "\u4e00" or before[-1:] == "位"

    def _old(self, number: Number) -> bool:
        """Whether the bare number is the old value of a change, whose unit stands behind the new one
        (由120增至150张)."""
        text = self.text
        if self.grammar.phrases.old_number.search(text, max(0, number.start - 16), number.start) is None:
            return False
        return self.grammar.phrases.becomes.match(text, number.end) is not None

    def _take(self, found: Reading) -> None:
        shared = self._shared(found)
        self.readings.extend(shared)
        if not shared:
            self._give_up()
        self.waiting.clear()
        self.readings.append(found)
        self.at = found.end

    def _shared(self, found: Reading) -> list[Reading]:
        """Bare numbers in front that share the unit: those of a list (1、2、3名), and the old value of a change."""
        waiting, text = self.waiting, self.text
        if not waiting:
            return []
        last = waiting[-1]
        listed = self.grammar.phrases.list_gap.fullmatch(text, last.end, found.start) is not None
        scale: float | None = _scale_of_list(text, waiting, found) if listed else 1.0
        if scale is None:
            return []
        if not listed:
            becomes = ARROW.fullmatch(text, last.end, found.start) or (
                self.grammar.phrases.becomes.fullmatch(text, last.end, found.start) and self._old(last)
            )
            scales = _scales_of(text, found)
            if not becomes or any(last.value * s < found.value * 10 for s in scales if not last.scales):
                # 由120增至150万: whether 万 holds for both cannot be told.
                return []
        return [
            found._replace(
                start=n.start,
                end=n.end,
                numerals=(Numeral(n.start, n.end, n.value * scale),),
                value=n.value * scale * found.unit.factor,
                value_high=None if n.high is None else n.high * scale * found.unit.factor,
                hint=n.hint,
                chinese=n.chinese,
            )
            for n in waiting
        ]

    def _like_the_one_before(self, number: Number) -> Reading | None:
        """A bare number that goes on from a reading: the sum again in brackets, the new value of what needs no unit."""
        if not self.readings:
            return None
        before, text = self.readings[-1], self.text
        gap = number.start - before.end
        if not 0 < gap <= 20:
            return None
        again = (
            before.unit.dimension == "money"
            and number.scales[-1:] >= (1e4,)
            and text[number.end : number.end + 1] in (")", "）")
            and self.grammar.phrases.sum_again.fullmatch(text, before.end, number.start)
        )
        goes_on = (
            before.implied
            and number.scales[-1:] >= (1e4,)
            and self.grammar.phrases.becomes.fullmatch(text, before.end, number.start)
        )
        part = (
            number.scales[-1:] >= (1e4,)
            and abs(number.value) < abs(before.value)
            and _ends(self.grammar.phrases.sum_ends, text, number.end)
            and self.grammar.phrases.part_of_sum.fullmatch(text, before.end, number.start) is not None
        )
        beside = (
            before.implied
            and number.scales[-1:] >= (1e4,)
            and _ends(self.grammar.phrases.sum_ends, text, number.end)
            and self.grammar.phrases.beside_part.fullmatch(text, before.end, number.start) is not None
        )
        if not again and not goes_on and not part and not beside:
            return None
        return before._replace(
            start=number.start,
            end=number.end,
            numerals=(Numeral(number.start, number.end, number.value),),
            value=number.value,
            value_high=number.high,
            hint=number.hint,
            chinese=number.chinese,
            implied=True,
        )

    def _either(self, start: int) -> Reading | None:
        """Two neighbouring digits with a mark between them that stand for a range (五、六百户, 三千四、五百元)."""
        text, phrases = self.text, self.grammar.phrases
        m = phrases.either.match(text, start)
        if m is None or DIGITS[m["high"]] - DIGITS[m["low"]] != 1:
            return None
        mark, low = m.start("mark"), max(0, start - _SCAN)
        for at in (start, mark + 1):
            rule = self.grammar.exclusions.match(text, at)
            if rule is not None and self.grammar.exclusion_rules[rule[0]].reason not in (
                "list_marker",
                "word",
                "idiom",
            ):
                return None
        beside = {v: k for k, v in DIGITS.items()}
        others = [beside[v] for v in (DIGITS[m["low"]] - 1, DIGITS[m["low"]] + 1) if v in beside]
        if text[start - 1 : start] in ("", "\n") and any(f"\n{other}{m['mark']}" in "\n" + text for other in others):
            # An item of an outline.
            return None
        joined = text[low:mark] + text[mark + 1 : mark + _SCAN]
        number = read_number(joined, start - low)
        if number is None or number.high is None:
            return None
        found = quantity_at(joined, number, self.currency, self.grammar)
        if found is None or len(found.numerals) > 1 or found.start != start - low:
            return None
        first = found.numerals[0]
        shift = low + 1
        return found._replace(
            start=start, end=found.end + shift, numerals=(Numeral(start, first.end + shift, first.value),)
        )

    def _excluded(self, start: int) -> bool:
        """Set the numeral aside where a rule says that it measures nothing."""
        text = self.text
        found = self.grammar.exclusions.match(text, start)
        if found is None or found[1] == start:
            return False
        index, end = found
        rule = self.grammar.exclusion_rules[index]
        if rule.currency is not None and rule.currency != self.currency:
            return False
        if rule.yields and self._measured(start):
            return False
        if rule.reason in ("code", "name") and _money_in_front(text, start, self.currency, self.grammar) is not None:
            # HKD 3000 is no code.
            return False
        if end < len(text) and _GOES_ON.match(text, end) is not None:
            if rule.reason == "word" and text[end - 1] not in SCALES and self._begins(end):
                # 统一八折, 逐一三次: the word ends, a number begins.
                self._aside(start, end, rule.reason, rule.id)
                return True
            # A pattern that ends inside a numeral sets the whole of it aside: its rest is no number.
            end = max(end, read_stretch(text, start).end)
            while end < len(text) and NUMERAL.fullmatch(text, end - 1, end + 1):
                end += 1
        self._aside(start, end, rule.reason, rule.id)
        return True

    def _begins(self, at: int) -> bool:
        """Whether a number with its unit begins at `at`, right behind a numeral character."""
        if share_at(self.text, at, self.grammar) is not None:
            return True
        number = read_number(self.text, at)
        return number is not None and quantity_at(self.text, number, self.currency, self.grammar) is not None

    def _measured(self, start: int) -> bool:
        """Whether the numeral has a unit that the words beside it speak for."""
        number = read_number(self.text, start)
        found = quantity_at(self.text, number, self.currency, self.grammar) if number is not None else None
        if found is None:
            return False
        compounded = len(found.numerals) > 1 and found.value_high is None
        return compounded or found.unit.only_before is not None or found.unit.only_after is not None

    def _aside(self, start: int, end: int, reason: str | None, rule_id: str | None) -> None:
        self.aside.append(SetAside(start, end, reason, rule_id, value_of(self.text, start, end)))
        self.at = end

    def _give_up(self) -> None:
        self.aside.extend(map(_unread, self.waiting))
        self.waiting.clear()


def value_of(text: str, start: int, end: int) -> float | None:
    """The value of the one number that [start, end) holds; None where it holds several, or one that cannot be read."""
    stretch = read_stretch(text, start)
    if stretch.number is None or stretch.end > end or NUMERAL.search(text, stretch.end, end) is not None:
        return None
    return stretch.number.value


def quantity_at(text: str, number: Number, currency: Currency, grammar: Grammar) -> Reading | None:
    """The number with its unit, and with the second number of a range; None where it has no unit.

    `number` was read in normalised text; `currency` is the document's own.
    """
    sign_at, negative = _minus(text, number.start, grammar)
    if (
        negative is None
        or _TORN_GROUP.match(text, number.start - 1) is not None
        or _OF_TWO.match(text, number.start - 2)
    ):
        return None
    signed = _money_in_front(text, sign_at, currency, grammar)
    found = unit_at(text, number, grammar)
    first = number._replace(start=sign_at, value=-number.value) if negative else number
    ranged = _ranged(text, first, found, signed, currency, grammar)
    if ranged is not None:
        return ranged
    implied = False
    if found is None and signed is not None and (yuan := _yuan(grammar)) is not None:
        found = UnitFound(yuan, number.end)
    if found is None:
        unit = _implied_unit(text, number, grammar)
        if unit is None:
            return None
        found, implied = UnitFound(unit, number.end), True
    unit = found.unit
    whole = compound(text, number.value + found.more, unit, found.end, grammar)
    end, code, named = _currency_behind(text, whole.end, unit, signed, currency, grammar)
    factor = -unit.factor if negative else unit.factor
    printed = -number.value if negative else number.value
    high = None if number.high is None else number.high * unit.factor
    return Reading(
        sign_at,
        end,
        (Numeral(sign_at, number.end, printed), *whole.numerals),
        whole.value * factor,
        high,
        number.hint or found.hint,
        unit,
        number.chinese,
        code,
        named,
        implied,
    )


def _cut_off(text: str, found: Reading, grammar: Grammar) -> int | None:
    """Where digits end that stand right behind a measure and end a clause (三小时五); of which place cannot be told.
    None where there are none."""
    if not is_measured(found.unit) and found.unit.dimension != "money":
        return None
    m = grammar.phrases.cut_off.match(text, found.end)
    return m.end() if m is not None else None


def _ranged(
    text: str, first: Number, unit_1: UnitFound | None, signed: Currency | None, currency: Currency, grammar: Grammar
) -> Reading | None:
    """Two numbers with a sign of range between them, the first with or without the unit of the second."""
    if grammar.phrases.range_near.match(text, first.end) is None:
        return None
    candidates = [unit_at(text, first, grammar, lenient=True), unit_1, None]
    for own in candidates:
        part = compound(text, first.value + own.more, own.unit, own.end, grammar) if own is not None else None
        stop = part.end if part is not None else first.end
        sign = grammar.phrases.range_sign.match(text, stop)
        if sign is None:
            continue
        second_at = sign.start("second") if sign["second"] else sign.end()
        second = read_number(text, sign.end())
        if second is None or ((first.value < 0 or second_at < second.start) and sign["sign"][0] in "-–―"):
            return None
        unit_2 = unit_at(text, second, grammar, front=first.start)
        if unit_2 is None and signed is not None and (yuan := _yuan(grammar)) is not None:
            unit_2 = UnitFound(yuan, second.end)
        # 从1.2万元到4.5万元不等 is a range all the same.
        if unit_2 is None or (
            _from_to(text, first.start, sign["sign"], own is None, grammar) and not text.startswith("不等", unit_2.end)
        ):
            return None
        low = first.value if part is None else part.value
        if second.high is not None and second_at < second.start:
            return None
        high = second.high if second.high is not None else -second.value if second_at < second.start else second.value
        whole = compound(text, high + unit_2.more, unit_2.unit, unit_2.end, grammar)
        if own is None:
            # 三至五万: the first number shares the second one's scale, where that leaves it the smaller.
            low = next((low * s for s in second.scales if not _has(first, s) and low * s < high), low)
        elif own.unit.canonical != unit_2.unit.canonical and own.unit.rule.small != "level":
            continue
        high, unit = whole.value, unit_2.unit
        low_factor = own.unit.factor if own and own.unit.canonical == unit.canonical else unit.factor
        if low * low_factor >= high * unit.factor:
            return None
        end, code, named = _currency_behind(text, whole.end, unit, signed, currency, grammar)
        numerals = (
            Numeral(first.start, first.end, low if part is None else first.value),
            *(part.numerals if part is not None else ()),
            Numeral(second_at, second.end, -second.value if second_at < second.start else second.value),
            *whole.numerals,
        )
        hint = first.hint or second.hint or unit_2.hint
        return Reading(
            first.start,
            end,
            numerals,
            low * low_factor,
            high * unit.factor,
            hint,
            unit,
            first.chinese and second.chinese,
            code,
            named,
        )
    return None


def _has(number: Number, scale: float) -> bool:
    """Whether a number is printed with a scale as great itself."""
    return any(s >= scale for s in number.scales)


def _scales_of(text: str, reading: Reading) -> tuple[float, ...]:
    """The multipliers that the first number of a reading is printed with."""
    number = read_number(text, reading.numerals[0].start)
    return tuple(s for s in number.scales if s >= 1e4) if number is not None else ()


def _yuan(grammar: Grammar) -> Unit | None:
    return next(iter(grammar.units.get("元", ())), None)


def _unread(number: Number) -> SetAside:
    word = number.chinese and number.end - number.start < 3
    return SetAside(number.start, number.end, "word" if word else None, None, number.value)


_MINUS = "-−－–"


def _minus(text: str, start: int, grammar: Grammar) -> tuple[int, bool | None]:
    """Where the number begins with its sign, and whether that is a minus; None where it cannot be told whether it is
    one."""
    before = text[start - 1 : start]
    if before == "负":
        # 增长负2.5%; in 自负20%, 减负30万元 and 肩负3项 it is part of a verb.
        if grammar.phrases.no_sign.search(text, max(0, start - 2), start - 1) is not None:
            # 正负 is ±.
            return start, None if text[start - 2] == "正" else False
        return (start - 1, True) if _sign_told(text, start - 1, grammar) else (start, None)
    if before == "下" and grammar.phrases.below_zero.match(text, start - 2) is not None:
        return start - 2, True
    if not before or before not in _MINUS:
        return start, None if before == "±" else False
    if _sign_told(text, start - 1, grammar):
        return start - 1, True
    neighbour = text[start - 2 : start - 1]
    if neighbour in _MINUS and grammar.phrases.two_hyphens.search(text, max(0, start - 4), start) is not None:
        # -5%--2%: a dash and a sign, or one long dash.
        return start, None
    # 2019-2021, A-3, 元-5: a hyphen between two things. Behind any other word it may be either.
    joined = neighbour.isascii() or grammar.phrases.hyphen_joins.match(neighbour) is not None
    return start, False if joined else None


def _sign_told(text: str, at: int, grammar: Grammar) -> bool:
    """Whether the words in front of the minus at `at` make it a sign: of balances, rates and changes, words that a
    hyphen joins to nothing, and those that bound a number."""
    window = text[max(0, at - 12) : at]
    if grammar.phrases.signed_before.search(window) is not None:
        return True
    return any(m.end() == len(window) for m in grammar.bounds_before.finditer(window))


def _with_sign(text: str, share: Reading, grammar: Grammar) -> Reading | None:
    """A share with the minus in front of it (增长负百分之三), if there is one; None where that cannot be told."""
    at, negative = _minus(text, share.start, grammar)
    if negative is False or at < share.start - 1:
        # 零下 is said of temperatures.
        return share
    if negative is None or share.value < 0 or share.value_high is not None:
        return None
    first, *rest = share.numerals
    numerals = (Numeral(at, first.end, None if first.value is None else -first.value), *rest)
    return share._replace(start=at, numerals=numerals, value=-share.value)


def _from_to(text: str, start: int, sign: str, bare: bool, grammar: Grammar) -> bool:
    """由20%到10% tells a change, 160元至300元 a range: 从 or 由 right before makes 到 and 至 the former, a verb of
    change where the first number has a unit of its own (增加3张至8张, not 提高三到五倍)."""
    if sign not in "到至":
        return False
    m = grammar.phrases.changing.search(text, max(0, start - 8), start)
    return m is not None and (not bare or m.group()[0] in "从由")


def _money_in_front(text: str, start: int, currency: Currency, grammar: Grammar) -> Currency | None:
    """The currency that stands before the number ($, 港币, 新台币)."""
    window = text[max(0, start - 8) : start].rstrip(" ")
    if not window:
        return None
    at = grammar.money_signs.start(window)
    if at is not None:
        sign = window[at:]
        if not (
            sign[0].isascii() and sign[0].isalpha() and window[at - 1 : at].isascii() and window[at - 1 : at].isalpha()
        ):
            return grammar.money_before[sign].code
    if window[-1] == "$":
        # A dollar without a name is Hong Kong's, or the document's own.
        return currency if currency != "CNY" else "HKD"
    return None


def _currency_behind(
    text: str, end: int, unit: Unit, signed: Currency | None, currency: Currency, grammar: Grammar
) -> tuple[int, Currency | None, bool]:
    """Where the span of a sum ends, its currency, and whether that is named: 300元港币 holds the name, 300元(港币) does
    not."""
    if unit.dimension != "money":
        return end, None, False
    if unit.currency is not None:
        return end, unit.currency, True
    m = grammar.money_behind.match(text, end)
    if m is not None:
        return end if text[end] == "(" else m.end(), grammar.money_names[m["name"]].code, True
    return end, signed or currency, signed is not None


def _ends(what: re.Pattern[str], text: str, at: int) -> bool:
    """Whether the text ends at `at`, or what ends a phrase stands there."""
    return at == len(text) or what.match(text, at) is not None


_NOUN_REACH = 12


def _implied_unit(text: str, number: Number, grammar: Grammar) -> Unit | None:
    """A unit that goes without saying; the span ends at the number.

    A noun that needs no classifier (12万城乡居民), the noun in front that is counted (人口超过80万), or money where a
    sum is spoken of and 元 is left out (支出低保金3347万).
    """
    large = number.scales[-1:] >= (1e4,) or (number.chinese and number.value >= 1e4 and not number.bare)
    # 每户补助两千: of numbers in words hundreds and thousands do, too.
    in_words = number.chinese and number.scales and not number.bare
    if (
        (large or in_words)
        and _ends(grammar.phrases.sum_ends, text, number.end)
        and grammar.phrases.sum_said.search(text, max(0, number.start - 14), number.start)
    ):
        return _yuan(grammar)
    if large:
        counted = _counted_in_front(text, number, grammar)
        if counted is not None:
            return counted
    if number.chinese or grammar.implied is None or number.value < 2:
        return None
    if _YEAR_LIKE.fullmatch(text, number.start, number.end):
        return None
    stop = _PHRASE.match(text, number.end)
    assert stop is not None
    phrase = stop.group()[: _NOUN_REACH + 2]
    m = grammar.implied.search(phrase)
    if m is None or grammar.phrases.noun_ends.search(phrase, 0, m.start()) is not None:
        return None
    return grammar.implied_units[m.group()]


def _counted_in_front(text: str, number: Number, grammar: Grammar) -> Unit | None:
    """The unit of what a noun in front counts, with nothing but words of amount between: 人口超过80万的县,
    志愿者从51万升至73万."""
    if grammar.implied is None or not _ends(grammar.phrases.counted_ends, text, number.end):
        return None
    window = text[max(0, number.start - 16) : number.start]
    filler = grammar.phrases.amount_filler.search(window)
    stop = len(window) if filler is None else filler.start()
    found = [m for m in grammar.implied.finditer(window) if m.end() == stop]
    return grammar.implied_units[found[-1].group()] if found else None


_MULTIPLIED = on_demand(r"(?P<digits>[\d.,]+)[百千万亿]+")
_ALIKE, _UNLIKE = 20, 200
"""How many times as great as the digits in front of 万 a number of the list may be that shares the 万, and must be that
does not: 12、15、18万元 against 8000、1.2万元. Between them it cannot be told. Set by the lists of tests/forms."""


def _scale_of_list(text: str, listed: Sequence[Number], last: Reading) -> float | None:
    """What the bare numbers of a list are multiplied by, by the scale of its last number; None where it cannot be
    told."""
    numeral = last.numerals[-1 if last.value_high is not None else 0]
    number = read_number(text, numeral.start)
    if number is None or not number.scales:
        return 1.0
    if any(n.scales for n in listed):
        return 1.0 if all(n.scales for n in listed) else None
    m = _MULTIPLIED.match(text, numeral.start)
    if m is None or m.end() != numeral.end or not numeral.value:
        return None
    digits = float(m["digits"].replace(",", ""))
    if all(n.value <= digits * _ALIKE for n in listed):
        return numeral.value / digits
    return 1.0 if all(digits * _UNLIKE <= n.value < numeral.value for n in listed) else None
