"""Numbers in running text: sentences made of a notation, a unit, a frame, a neighbour and a script, each read back.

Other than `test_numbers`, which asks whether a numeral is read, this asks whether anything beside it changes what is read. The
sentences are drawn with a fixed seed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import NamedTuple

import pytest

from casextract.extract import compile_grammar
from casextract.rulebook.loading import load_rulebook
from casextract.ruletools.examples import read_sentence, traditional
from notations import DIGITS, chinese, decimal, in_words, mixed, stepped

GRAMMAR = compile_grammar(load_rulebook())
WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")
DRAWN = 80
"""Sentences for each template."""

Value = tuple[float, float | None]


class Unit(NamedTuple):
    """A unit word, what the number before it is multiplied by, and what it measures."""

    word: str
    factor: float
    kind: str


UNITS = [
    Unit("元", 1, "money"), Unit("万元", 1e4, "money"), Unit("亿元", 1e8, "money"),
    *(Unit(w, 1, "count") for w in ("人", "名", "户", "张", "处", "家", "人次", "件", "套", "个", "台", "份", "桶", "剂次")),
    *(Unit(w, 1, "measure") for w in ("平方米", "公里", "小时", "个工作日", "天", "亩", "吨", "个月", "千瓦时", "公斤", "分钟", "倍")),
    Unit("%", 1, "share"), Unit("个百分点", 1, "share"),
]  # fmt: skip
SMALL = {"小时", "个工作日", "天", "个月", "分钟", "倍", "%", "个百分点"}
SUBJECTS = {
    "money": ("全县投入资金", "累计发放补贴", "财政安排经费", "募集善款"),
    "count": ("全县现有", "建成", "登记", "新增", "现有床位"),
    "measure": ("总量", "规模", "测得"),
    "share": ("覆盖率", "满意率", "比例", "占比"),
}
OPENINGS = (
    "",
    "据统计，",
    "今年以来，",
    "（一）",
    "一是",
    "“十四五”期间，",
    "民发〔2023〕15号文下发后，",
    "80后社工带头，",
)
FRONTS = ("", "约", "近", "超过", "不少于", "共", "累计", "为", "达到", "合计", "增至", "（", "：", "，", " ")
BEHINDS = ("", "。", "，", "；", "、", "）", "以上", "左右", "，其中", "的任务", "！", "/", "\n", " ")


class Draw:
    """Draws the parts of a sentence."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def of(self, things: tuple[str, ...] | list[str]) -> str:
        return self.random.choice(things)

    def number(self, unit: Unit) -> float:
        r = self.random
        if unit.word in SMALL:
            return r.choice([r.randint(11, 99), r.randint(11, 999) / 10])
        if unit.factor > 1:
            return r.choice([r.randint(11, 9999), r.randint(11, 99999) / 10])
        return r.choice([r.randint(11, 99), r.randint(100, 999), r.randint(1000, 99999), r.randint(10, 9999) * 1000])

    def written(self, n: float, unit: Unit) -> list[str]:
        """The number in every notation that people print before the unit."""
        if n != int(n):
            return [str(n), in_words(round(n * 100), 2, ""), str(n).translate(WIDE)]
        whole = int(n)
        found = [str(whole), chinese(whole), re.sub(r"^一十", "十", chinese(whole)), str(whole).translate(WIDE)]
        if whole >= 1000:
            found.append(f"{whole:,}")
            if unit.factor == 1:
                found.append(stepped(whole))
        if unit.kind == "money":
            found.append(chinese(whole, "capital"))
        if whole >= 10**4 and unit.factor == 1:
            found += [decimal(whole, 4, "万"), in_words(whole, 4, "万")]
            if whole % 10**4 == 0 or whole % 10**4 >= 1000:
                found.append(mixed(whole))
        return found

    def quantity(self) -> tuple[Unit, str, Value]:
        unit = self.random.choice(UNITS)
        n = self.number(unit)
        return unit, self.of(self.written(n, unit)) + unit.word, (n * unit.factor, None)

    def two(self, unit: Unit) -> tuple[float, float]:
        low, high = sorted((self.number(unit), self.number(unit)))
        return low, high if high > low else low + 1


Made = tuple[str, list[Value]]


def alone(d: Draw) -> Made:
    unit, written, value = d.quantity()
    return f"{d.of(SUBJECTS[unit.kind])}{d.of(FRONTS)}{written}{d.of(BEHINDS)}", [value]


def in_brackets(d: Draw) -> Made:
    unit, written, value = d.quantity()
    return (
        f"{d.of(SUBJECTS[unit.kind])}（{d.of(('含', '约', '共', '', '即'))}{written}）{d.of(('。', '已全部落实。', '、'))}",
        [value],
    )


def side_by_side(d: Draw) -> Made:
    unit, written, value = d.quantity()
    _, other, second = d.quantity()
    joint = d.of(("，", "、", "；", "，其中", "（", "和")) + d.of(("占", "增长", "约", "共", ""))
    return f"{d.of(SUBJECTS[unit.kind])}{written}{joint}{other}。", [value, second]


def listed(d: Draw) -> Made:
    unit = d.random.choice(UNITS)
    numbers = [d.number(unit) for _ in range(3)]
    written = [d.of(d.written(n, unit)) + unit.word for n in numbers]
    text = f"{d.of(SUBJECTS[unit.kind])}分别为{d.of(('、', '，', '；')).join(written)}。"
    return text, [(n * unit.factor, None) for n in numbers]


def sharing_a_unit(d: Draw) -> Made:
    unit = d.random.choice([u for u in UNITS if u.word != "倍"])
    numbers = [d.random.randint(11, 99) for _ in range(3)]
    text = f"三镇分别{d.of(SUBJECTS[unit.kind])}{'、'.join(map(str, numbers))}{unit.word}。"
    return text, [(n * unit.factor, None) for n in numbers]


def ranged(d: Draw) -> Made:
    unit = d.random.choice(UNITS)
    low, high = d.two(unit)
    signs = ("至", "到", "~", "～", "-", "—", "－", "–")
    first, second = str(low), str(high)
    if d.random.random() < 0.5 and low == int(low) and high == int(high):
        first, second, signs = chinese(int(low)), chinese(int(high)), ("至", "到", "~", "～")
    word = unit.word if d.random.random() < 0.5 else ""
    sign = d.of(signs)
    if not word and re.search(r"[万亿千百]$", second):
        first, second = str(low), str(high)
    return f"{d.of(SUBJECTS[unit.kind])}{first}{word}{sign}{second}{unit.word}。", [
        (low * unit.factor, high * unit.factor)
    ]


def neighbouring_digits(d: Draw) -> Made:
    digit = d.random.randint(2, 8)
    scale, times = d.random.choice([("十", 10), ("百", 100), ("千", 1000), ("万", 10**4), ("十万", 10**5)])
    first = "两" if digit == 2 and scale in ("百", "千", "万") else DIGITS[digit]
    return f"来了{first}{DIGITS[digit + 1]}{scale}{d.of(('人', '名志愿者', '户'))}。", [
        (digit * times, (digit + 1) * times)
    ]


def halved(d: Draw) -> Made:
    digit = d.random.randint(1, 9)
    form = d.of(("{}斤半", "{}公里半", "{}天半", "{}年半", "{}个半小时", "{}个半月", "{}亩半", "{}吨半", "{}小时半"))
    written = d.of((str(digit), "两" if digit == 2 else DIGITS[digit]))
    return f"大约{form.format(written)}{d.of(('。', '，', '左右。'))}", [(digit + 0.5, None)]


def compounded(d: Draw) -> Made:
    a, b = d.random.randint(11, 99), d.random.randint(1, 9)
    form, value = d.random.choice(
        [
            (f"{a}元{b}角", a + b / 10), (f"{a}块{b}毛", a + b / 10), (f"{a}年零{b}个月", a + b / 12),
            (f"{a}小时{b}分", a + b / 60), (f"{a}分{b}秒", a + b / 60), (f"{a}公里{b}00米", a + b / 10), (f"{a}斤{b}两", a + b / 10),
        ]
    )  # fmt: skip
    if d.random.random() < 0.5:
        form = re.sub(r"\d+", lambda m: re.sub("^一十", "十", chinese(int(m[0]))), form)
    return f"票价或用时为{form}{d.of(('', '。', '，另行安排', '左右'))}", [(value, None)]


def changed(d: Draw) -> Made:
    unit = d.random.choice(UNITS)
    old, new = d.two(unit)
    form = d.of(("由{}增加到{}", "从{}降至{}", "{}→{}", "{}->{}", "由原来的{}提高到目前的{}", "由{}变为{}"))
    text = form.format(f"{old}{unit.word}", f"{new}{unit.word}")
    return f"{d.of(SUBJECTS[unit.kind])}{text}。", [(old * unit.factor, None), (new * unit.factor, None)]


def negative(d: Draw) -> Made:
    unit = d.random.choice(UNITS)
    n = d.number(unit)
    front = d.of(("同比增长", "增速为", "结余为", "净增", "差额为", "余额：", "较上年"))
    return f"{front}{d.of(('-', '－', '−'))}{n}{unit.word}。", [(-n * unit.factor, None)]


def fractional(d: Draw) -> Made:
    whole = d.random.randint(2, 9)
    part = d.random.randint(1, whole - 1)
    form = d.of((f"{DIGITS[whole]}分之{DIGITS[part]}", f"{whole}分之{part}", f"超过{part}/{whole}"))
    return f"{form}的老人参加。", [(100 * part / whole, None)]


def of_money(d: Draw) -> Made:
    n, tenths = d.random.randint(11, 9999), d.random.randint(1, 9)
    form, value = d.random.choice(
        [
            (f"人民币{n}元", n), (f"￥{n}", n), (f"HK${n}万", n * 1e4), (f"{n}万港元", n * 1e4), (f"{n}元{tenths}角", n + tenths / 10),
            (f"€{n:,}", n), (f"US$ {n:,}", n), (f"{n}万余元", n * 1e4), (f"{n}亿多元", n * 1e8), (f"{tenths}亿{n}万元", tenths * 1e8 + n * 1e4),
            (f"US${tenths}.5 million", (tenths + 0.5) * 1e6), (f"{chinese(n, 'capital')}圆整", n),
        ]
    )  # fmt: skip
    return f"票价为{form}{d.of(('。', '，', '（不含税）'))}", [(value, None)]


TEMPLATES: list[Callable[[Draw], Made]] = [
    alone, in_brackets, side_by_side, listed, sharing_a_unit, ranged, neighbouring_digits, halved, compounded, changed, negative,
    fractional, of_money,
]  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES, ids=[t.__name__ for t in TEMPLATES])
def test_what_stands_beside_a_number_changes_nothing(template: Callable[[Draw], Made]) -> None:
    draw = Draw(20261128)
    for _ in range(DRAWN):
        text, expected = template(draw)
        text = draw.of(OPENINGS) + text
        printed = traditional(text) if draw.random.random() < 0.5 else text
        records = read_sentence(printed, GRAMMAR)
        found = [(i.value, i.value_high) for i in records.indicators]
        assert [v for v, _ in found] == [pytest.approx(v, rel=1e-4) for v, _ in expected], printed
        assert [h for _, h in found] == [h if h is None else pytest.approx(h, rel=1e-4) for _, h in expected], printed
        assert all(printed[i.start : i.end] == i.text for i in records.indicators)


PIECES = (
    *"0123456789零一二两三四五六七八九十百千万亿点余多几半来至到第每由从负廿卅", "，", ".", ",", "-", "—", "~", " ", "\u3000", "\t", "\n", "(", ")",
    "%", "元", "万元", "人", "张", "年", "月", "日", "增长", "百分之", "分之", "折", "成", "约", "以上", "小时", "分", "秒", "·", "：", "/", "×",
    "+", "*", "$", "W", "k", "km", "m²", "½", "壹", "拾", "佰", "零下", "“", "”", "《", "》",
)  # fmt: skip
NUMERAL = re.compile(r"[\d零〇一二两三四五六七八九十百千万亿廿卅½]")


def test_no_quantity_is_the_rest_of_a_number() -> None:
    """Whatever stands around, no digit is lost and no reading begins behind a digit or ends before one."""
    draw = random.Random(20261129)
    for _ in range(700):
        text = "".join(draw.choices(PIECES, k=draw.randint(4, 16)))
        records = read_sentence(text, GRAMMAR)
        held = {at for n in records.numerals for at in range(n.start, n.end)}
        inside = {at for i in records.indicators for at in range(i.start, i.end)}
        assert [c for at, c in enumerate(text) if NUMERAL.match(c) and at not in held | inside] == [], text
        for found in records.indicators:
            before, behind = text[max(0, found.start - 1) : found.start], text[found.end : found.end + 1]
            assert not (before.isdecimal() and found.text[:1].isdecimal()), (text, found.text)
            assert not (behind.isdecimal() and found.text[-1:].isdecimal()), (text, found.text)
