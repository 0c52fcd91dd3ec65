"""Hostile texts: whatever stands in them, extraction ends in time and accounts for every digit."""

from __future__ import annotations

import random
import sys
import time
from itertools import pairwise
from types import FrameType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from casextract.assemble import Records
from casextract.extract import compile_grammar, extract
from casextract.rulebook.loading import load_rulebook
from casextract.ruletools.examples import as_segmentation, read_sentence, traditional

GRAMMAR = compile_grammar(load_rulebook())

PIECES = (
    *"0123456789０１２３４５６７８９零〇一二两三四五六七八九十百千万亿半几数余多廿",
    *"，。、；：,.;:!?！？%％‰~～—–-+/·*×=\n \u3000\t",
    *"（）()“”‘’《》〈〉〔〕[]【】「」『』\"'",
    "元", "万元", "亿元", "港元", "$", "HK$", "¥", "个", "名", "张", "家", "处", "人次", "户", "件", "次", "项", "级", "类",
    "小时", "个工作日", "天", "日", "月", "个月", "年", "岁", "周岁", "平方米", "㎡", "m²", "公里", "倍", "成", "个百分点", "号",
    "2022年", "2022年5月", "年底前", "截至", "以来", "第", "每", "每人每月", "每千人", "人均", "至", "到", "由", "从", "比",
    "近", "约", "超过", "不少于", "不低于", "至少", "最高", "以上", "以内", "左右", "内", "分之", "百分之", "达到", "下降到",
    "提高", "覆盖率", "满意率", "补贴", "投入", "募集", "减免", "建成", "护理床位", "老人", "社区", "社会组织", "分别", "其中",
    "和", "及", "的", "确保", "目标", "一是", "（一）", "热线", "文件", "《方案》", "GB/T", "4A", "**", "十四五", "一站式",
    "萬", "億", "餘", "兩", "個", "養老", "𠮷", "\u200b", "\ufeff", "é", "ａｂ", "http://a.cn/1",
)  # fmt: skip

LONGEST = 20_000
"""Characters of the longest text."""

PER_CHARACTER = 1e-3
"""Seconds of processor time that a character may cost: far more than it does, far less than backtracking takes."""

SHORT, LONG = 750, 3_000
GROWTH = 6
"""Four times the text may take up to six times the steps; a loop in a loop over it takes sixteen times as many."""


def check(text: str) -> Records:
    """What must hold of the records of any text."""
    records = read_sentence(text, GRAMMAR)
    for record in (*records.indicators, *records.numerals):
        assert record.text == text[record.start : record.end] != ""
    for rows in (records.indicators, records.numerals):
        assert all(a.end <= b.start for a, b in pairwise(rows))
    spans = {i.indicator_id: (i.start, i.end) for i in records.indicators}
    held = set()
    for numeral in records.numerals:
        if numeral.indicator_id is not None:
            low, high = spans[numeral.indicator_id]
            assert low <= numeral.start < numeral.end <= high
            held.add(numeral.indicator_id)
    assert held == set(spans)
    covered = {at for n in records.numerals for at in range(n.start, n.end)}
    assert [text[max(0, at - 8) : at + 8] for at, c in enumerate(text) if c.isdecimal() and at not in covered] == []
    assert {i.baseline_id for i in records.indicators} - {None} <= set(spans)
    assert all(text[i.start : i.end] in i.sentence for i in records.indicators)
    return records


def timed(text: str) -> float:
    """Seconds of processor time, so that the load of the machine does not count."""
    started = time.process_time()
    check(text)
    return time.process_time() - started


@settings(deadline=None, derandomize=True, max_examples=250)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
@example("1" * 400)
@example("一" * 400)
@example("每" * 50 + "1")
def test_any_short_text_is_accounted_for(text: str) -> None:
    check(text)


@pytest.mark.parametrize("seed", range(2))
def test_a_long_random_text_takes_linear_time(seed: int) -> None:
    draw = random.Random(seed)
    text = "".join(draw.choices(PIECES, k=LONGEST))[:LONGEST]
    assert timed(text) < PER_CHARACTER * LONGEST


REPEATED = (
    "1", "１", "一", "万", "亿", "半", "余", "每", "近", "第", "、", ",", "，", ".", "(", "“", "《", "每每人", "1,", "1.", "1、",
    "1:", "1~", "1至", "1+", "百分之", "分之", "三分之", "由1到", "从1%下降到", "一户", "一一", "一线一", "十五", "2022年", "2022-",
    "1万", "1亿", "1 ", "1 000 ", "1,000,", "每人每月1元、", "分别1个、", "第1条、", "不低于", "不不", "超过", "以上", "年底前",
    "的", "养老服务", "服务1", "(1", "1)", "“1", "《1", "A1", "1A", "http://", "电话", "电话1", "1-", "1/", "元/人", "/人/月",
    "老人1名、", "1名老人、", "县、乡每季分别补贴5万元、3万元;", "护理床位由1张增至2张,", "覆盖率", "\n1", "　", "零", "〇一",
)  # fmt: skip


def steps(text: str) -> int:
    """Calls of functions, built-in ones included: what loops cost, the same on every machine."""
    count = 0

    def seen(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        read_sentence(text, GRAMMAR)
    finally:
        sys.setprofile(None)
    return count


def grows_linearly(text: str) -> None:
    """Fails where LONG characters take steps out of proportion to SHORT ones, or too much time."""
    assert timed(text[:LONG]) < PER_CHARACTER * LONG
    assert steps(text[:LONG]) < GROWTH * steps(text[:SHORT])


@pytest.mark.parametrize("piece", REPEATED)
def test_a_piece_without_end_takes_linear_time(piece: str) -> None:
    grows_linearly(piece * (LONG // len(piece) + 1))


@pytest.mark.parametrize("piece", ["由1到", "老人1名、"])
def test_the_longest_text_ends_in_time(piece: str) -> None:
    text = (piece * (LONGEST // len(piece) + 1))[:LONGEST]
    assert timed(text) < PER_CHARACTER * LONGEST


@pytest.mark.parametrize("opening", ["每人每月", "由2019年的", "“", "《", "(", "第", "截至", "比", "覆盖率", "不低于"])
@pytest.mark.parametrize("filling", ["养老", "1", "一", "、"])
def test_an_opening_that_is_never_closed_takes_linear_time(opening: str, filling: str) -> None:
    grows_linearly(opening + filling * LONG)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=30).map("".join))
def test_a_traditional_twin_is_accounted_for(text: str) -> None:
    check(traditional(text))


def test_a_text_that_takes_too_long_is_a_problem_and_loses_no_numeral() -> None:
    segmentation = as_segmentation("全县设驿站12处。" * 100)
    extraction = extract(segmentation, GRAMMAR, limit=-1.0)
    assert [(p.code, p.severity, p.start) for p in extraction.problems] == [("time_limit", "error", 5)]
    assert len(extraction.numerals) == 100
    assert {n.disposition for n in extraction.numerals} == {"unresolved"}
    assert extract(segmentation, GRAMMAR).problems == ()
