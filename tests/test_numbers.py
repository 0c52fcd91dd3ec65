"""Numerals of every notation: generated, read back, and compared with another library that reads Chinese numerals."""

from __future__ import annotations

import re
from itertools import pairwise

import cn2an
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from casextract.extract import compile_grammar
from casextract.extract.numbers import read_stretch
from casextract.load import Source
from casextract.normalise import Text, normalise
from casextract.rulebook.loading import load_rulebook
from casextract.ruletools.examples import read_sentence, traditional
from notations import LIMIT, chinese, notations

GRAMMAR = compile_grammar(load_rulebook())
MANY = settings(deadline=None, derandomize=True, max_examples=300)
numbers = st.one_of(
    st.integers(0, 99),
    st.integers(0, 10**5),
    st.integers(0, LIMIT),
    st.builds(lambda head, power: min(head * 10**power, LIMIT), st.integers(1, 9999), st.integers(0, 13)),
    st.builds(lambda a, b, p: a * 10**p + b, st.integers(1, 99), st.integers(0, 999), st.integers(4, 13)),
)


def normal(text: str) -> Text:
    return normalise(Source("example", "example.txt", "0" * 64, "text/plain", "utf-8", text))


def value_in(text: str) -> tuple[float | None, int]:
    """The value of the numeral that begins a text, as a page prints it, and how many normalised characters it takes."""
    norm = normal(text).norm
    stretch = read_stretch(norm, 0)
    return (None if stretch.number is None else stretch.number.value), len(norm) - stretch.end


@MANY
@given(numbers)
@example(10**16)
@example(150_000_000)
@example(105_000_000)
@example(5016)
@example(4 * 10**12)
@example(1_000_100_000_000)
@example(10**16 - 1)
def test_every_notation_is_read_back(n: int) -> None:
    for how, written in notations(n).items():
        for printed in (written, traditional(written)):
            value, rest = value_in(printed + "。")
            assert value == pytest.approx(float(n), rel=1e-12), (how, printed)
            assert rest == 1, (how, printed)


@MANY
@given(numbers.filter(lambda n: n < LIMIT))
def test_cn2an_agrees(n: int) -> None:
    # A second opinion, on what it writes and on what we write.
    for written in (cn2an.an2cn(n, "low"), cn2an.an2cn(n, "up"), chinese(n)):
        assert value_in(written + "。")[0] == pytest.approx(float(n), rel=1e-12), written
    assert int(cn2an.cn2an(chinese(n), "smart")) == n


@settings(MANY, max_examples=120)
@given(numbers.filter(lambda n: n >= 10), st.sampled_from(["每年安排资金{}元。", "登记在册老人{}人。"]))
def test_every_notation_is_read_in_a_sentence(n: int, frame: str) -> None:
    for how, written in notations(n).items():
        for printed in (frame.format(written), traditional(frame.format(written))):
            records = read_sentence(printed, GRAMMAR)
            assert [i.value for i in records.indicators] == [pytest.approx(float(n), rel=1e-12)], (how, printed)
            (found,) = records.indicators
            assert printed[found.start : found.end] == found.text
            assert found.text.startswith(traditional(written) if printed != frame.format(written) else written)


TORN = ("{} {}", "{},{}", "{}\u0301{}", "{}, {}")


@MANY
@given(st.integers(1, 999), st.integers(0, 9999), st.integers(1, 5), st.sampled_from(TORN[:3]))
def test_a_torn_number_is_right_or_unresolved(head: int, tail: int, width: int, how: str) -> None:
    printed = how.format(head, f"{tail:0{width}d}")
    whole = float(re.sub(r"\D", "", printed))
    records = read_sentence(f"床位{printed}张。", GRAMMAR)
    assert [i.value for i in records.indicators] in ([], [whole]), printed
    assert {c for n in records.numerals for c in range(n.start, n.end)} >= {
        i + 2 for i, c in enumerate(printed) if c.isdecimal()
    }


@settings(MANY, max_examples=200)
@given(numbers.filter(lambda n: n > 1), st.integers(1, 99999))
def test_a_numeral_says_what_was_read(n: int, m: int) -> None:
    records = read_sentence(f"编号第{n}件，办结{m}件。", GRAMMAR)
    assert [r.value for r in records.numerals] == [pytest.approx(float(n)), pytest.approx(float(m))]


@pytest.mark.parametrize(
    "written",
    ["5 00", "1,2345", "12,00", "1.5万3千", "3万5", "1亿3000", "一二三", "三四五", "12\u03045万", "007", "一百千"],
)
def test_what_has_no_sure_value_has_none(written: str) -> None:
    assert value_in(written + "个")[0] is None


# ---- every character ----------------------------------------------------------------------------------------------------

PIECES = st.one_of(
    st.sampled_from([*"0123456789０５零〇一二两三四五六七八九十百千万亿萬億半几数余廿壹贰叁拾佰仟"]),
    st.sampled_from([*"，。、；：,.;:!?%‰~—-+/*= \n\t　（）()“”《》", "→", "−", "\u0301"]),
    st.sampled_from(
        ["元", "万元", "个", "张", "人", "年", "月", "日", "小时", "的", "第", "每", "由", "至", "增至", "分之", "百分之", "折", "点",
         "http://a.cn/%E9%95", "A@b.cn", "2023-24", "m²", "kg", "W", "K", "$", "￥", "号", "室", "千米", "千瓦时", "百分点", "۳", "১", "𝟑", "①", "½", "零下", "负", "五折", "统一", "万一", "<b>", "[12]"]
    ),
    numbers.map(str), numbers.map(chinese),
)  # fmt: skip
NUMERAL = re.compile(r"[\d零〇一二三四五六七八九十百千万亿廿卅]")


@settings(MANY, max_examples=400)
@given(st.lists(PIECES, max_size=24).map("".join), st.booleans())
def test_every_character_of_every_numeral_is_accounted_for(text: str, hant: bool) -> None:
    text = traditional(text) if hant else text
    records = read_sentence(text, GRAMMAR)
    held = {at for n in records.numerals for at in range(n.start, n.end)}
    # 千 of 千米 belongs to a unit, not to a numeral.
    in_unit = {at for i in records.indicators for at in range(i.start, i.end)}
    norm = normal(text)
    lost = [
        (at, c)
        for at, c in enumerate(norm.norm)
        if NUMERAL.match(c) and norm.raw_span(at, at + 1)[0] not in (held if c.isdecimal() else held | in_unit)
    ]
    assert lost == []
    ends = sorted((n.start, n.end) for n in records.numerals)
    assert all(a[1] <= b[0] for a, b in pairwise(ends))


@pytest.mark.parametrize("cell", ["1五千卅", "2031年一季度", "3一览", "第4期三册"])
def test_a_cell_that_is_taken_leaves_no_numeral(cell: str) -> None:
    text = f"名目|{cell}\n---|---\n3|4"
    records = read_sentence(text, GRAMMAR)
    held = {at for n in records.numerals for at in range(n.start, n.end)}
    assert [c for at, c in enumerate(text) if NUMERAL.match(c) and at not in held] == []


# ---- ranges by the units' own rules -------------------------------------------------------------------------------------

WORDS = sorted(w for w, units in GRAMMAR.units.items() if any(u.rule.small != "level" for u in units))
SIGNS = ("至", "到", "~", "—", "-")


@pytest.mark.parametrize("word", WORDS)
def test_a_range_is_one_with_every_unit_word(word: str) -> None:
    units = GRAMMAR.units[word]
    only = [
        n
        for n in ("", "内")
        if any(u.only_before is None or u.only_after is not None or u.only_before.match(n, 0) for u in units)
    ]
    front = "票价" if any(u.dimension == "money" and u.only_after for u in units) else "需"
    for sign in SIGNS:
        text = f"{front}12{word}{sign}15{word}{only[0]}。"
        found = [(i.text, i.value, i.value_high) for i in read_sentence(text, GRAMMAR).indicators]
        assert len(found) == 1, (text, found)
        ((printed, low, high),) = found
        assert printed == f"12{word}{sign}15{word}", text
        assert high is not None, text
        assert high == pytest.approx(low * 15 / 12, rel=0.05), text
