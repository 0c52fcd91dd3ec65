"""What must hold of the quantity grammar for every number and every sentence, not for chosen ones only."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from casextract.assemble import Records
from casextract.extract import compile_grammar
from casextract.rulebook.loading import load_rulebook
from casextract.ruletools.examples import read_sentence, traditional
from test_examples import EXAMPLES, SCRIPTS, Example, read, said

GRAMMAR = compile_grammar(load_rulebook())
QUICK = settings(deadline=None, derandomize=True, max_examples=100)

PLACE = {"indicator_id", "doc_id", "case_id", "measure_id", "baseline_id", "start", "end", "sentence"}
"""Fields that say where an indicator stands, not what it says."""

# ---- notations ----------------------------------------------------------------------------------------------------------

DIGITS = "零一二三四五六七八九"
FULL_WIDTH = str.maketrans("0123456789,.%", "０１２３４５６７８９，．％")
FULL_WIDTH_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")


def below_ten_thousand(n: int, liang: bool) -> str:
    """0 < n < 10,000 in Chinese numerals, with 两 or 二 before 百 and 千."""
    written, gap = "", False
    for scale, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, n = divmod(n, scale)
        if digit == 0:
            gap = bool(written)
            continue
        two = "两" if liang and digit == 2 and scale >= 100 else DIGITS[digit]
        written += ("零" if gap else "") + two + sign
        gap = False
    return written


def chinese(n: int, liang: bool = False, short_ten: bool = True) -> str:
    """0 < n < 10**12 in Chinese numerals."""
    written, gap = "", False
    for scale, sign in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part, n = divmod(n, scale)
        if part == 0:
            gap = bool(written)
            continue
        head = "零" if written and (gap or part < 1000) else ""
        gap = False
        written += head + ("两" if liang and part == 2 and sign else below_ten_thousand(part, liang)) + sign
    return written.removeprefix("一") if short_ten and written.startswith("一十") else written


def with_multiplier(n: int, scale: int, sign: str) -> str:
    """The number before 万 or 亿, as short as it goes: 15000 as 1.5万."""
    whole, rest = divmod(n, scale)
    decimals = f"{rest:0{len(str(scale)) - 1}d}".rstrip("0")
    return f"{whole}{'.' if decimals else ''}{decimals}{sign}"


def notations(n: int) -> dict[str, str]:
    """The number in every notation that gives it exactly."""
    plain = str(n)
    found = {
        "plain": plain,
        "full width": plain.translate(FULL_WIDTH_DIGITS),
        "separators": f"{n:,}",
        "chinese": chinese(n),
        "with 两": chinese(n, liang=True),
        "with 一十": chinese(n, short_ten=False),
    }
    if n >= 1000:
        found["万"] = with_multiplier(n, 10**4, "万")
        found["traditional 萬"] = with_multiplier(n, 10**4, "萬")
    if n >= 10**7:
        found["亿"] = with_multiplier(n, 10**8, "亿")
    return found


FRAMES = {
    "全县登记在册的志愿者有{}名。": "people",
    "养老机构的护理床位达到{}张。": "beds",
    "全年为居民提供助餐服务{}人次。": "person_times",
    "市里拨付专项资金{}元。": "investment",
    "共走访困难群众{}户。": "households",
}

numbers = st.one_of(
    st.integers(10, 9_999),
    st.integers(10_000, 99_999_999),
    st.integers(10, 9_999).map(lambda n: n * 10_000),
    st.integers(1, 99).map(lambda n: n * 100),
)


def only(records: Records) -> dict[str, Any]:
    """What the one indicator of a sentence says."""
    (indicator,) = records.indicators
    return {k: v for k, v in indicator.model_dump().items() if k not in PLACE}


@QUICK
@given(numbers, st.sampled_from(sorted(FRAMES)))
def test_every_notation_of_a_number_says_the_same(n: int, frame: str) -> None:
    plain = only(read_sentence(frame.format(n), GRAMMAR))
    assert (plain["value"], plain["metric"]) == (n, FRAMES[frame])
    for how, written in notations(n).items():
        found = only(read_sentence(frame.format(written), GRAMMAR))
        assert found["text"].startswith(written), how
        assert {**found, "text": ""} == {**plain, "text": ""}, how


@QUICK
@given(st.integers(0, 100), st.integers(0, 99))
def test_every_notation_of_a_share_says_the_same(whole: int, hundredths: int) -> None:
    sign = f"{whole}.{hundredths:02d}".rstrip("0").rstrip(".")
    frame = "全市社区食堂的使用率达到{}。"
    written = [f"{sign}%", f"{sign}％", f"{sign}%".translate(FULL_WIDTH), f"百分之{sign}"]
    if hundredths == 0 and whole:
        written.append(f"百分之{'一百' if whole == 100 else chinese(whole)}")
    if hundredths == 0 and whole % 10 == 0 and 20 <= whole <= 90:
        written.append(f"{DIGITS[whole // 10]}成")
    for text in written:
        found = only(read_sentence(frame.format(text), GRAMMAR))
        assert found["value"] == pytest.approx(float(sign)), text
        assert (found["unit"], found["metric"], found["bound"]) == ("%", "share", "exact"), text


# ---- bounds -------------------------------------------------------------------------------------------------------------

REPORTS = (
    "建成农村互助幸福院{}处{}。",
    "募集助学善款{}万元{}。",
    "全县培育社区社会组织{}家{}。",
    "累计服务老人{}人次{}。",
    "养老服务设施覆盖率达到{}%{}。",
    "家庭养老床位签约{}张{}。",
    "每个社区配备专职社工{}名{}。",
    "对困难家庭每户补助{}元{}。",
)
BEFORE = {
    "近": "nearly", "将近": "nearly", "接近": "nearly", "约": "about", "大约": "about", "超": "over", "超过": "over",
    "逾": "over", "突破": "over", "不少于": "at_least", "不低于": "at_least", "至少": "at_least", "不超过": "at_most",
    "不足": "under", "不到": "under",
}  # fmt: skip
BEHIND = {"左右": "about", "以上": "at_least", "以内": "at_most", "以下": "at_most"}
DEMANDS = {"不少于", "不低于", "至少", "不超过"}
"""Words that may turn a report into what a rule demands, and so its status."""

MOVED_BY_BOUND = {"bound", "value_min", "value_max", "rules", "rule_id"}


@settings(QUICK, max_examples=200)
@given(st.sampled_from(REPORTS), st.integers(11, 99), st.sampled_from(sorted(BEFORE | BEHIND)))
def test_a_bound_word_changes_the_bound_and_nothing_else(frame: str, n: int, word: str) -> None:
    plain = only(read_sentence(frame.format(n, ""), GRAMMAR))
    assert plain["bound"] == "exact"
    bounded = frame.format(f"{word}{n}", "") if word in BEFORE else frame.format(n, word)
    found = only(read_sentence(bounded, GRAMMAR))
    assert found["bound"] == (BEFORE | BEHIND)[word]
    loose = MOVED_BY_BOUND | ({"status"} if word in DEMANDS else set())
    assert {k: v for k, v in found.items() if k not in loose} == {k: v for k, v in plain.items() if k not in loose}


@settings(QUICK, max_examples=200)
@given(st.sampled_from(REPORTS), st.integers(11, 99), st.sampled_from(["", *BEFORE]), st.sampled_from(["", *BEHIND]))
def test_the_bounds_hold_the_value(frame: str, n: int, before: str, behind: str) -> None:
    (found,) = read_sentence(frame.format(f"{before}{n}", behind), GRAMMAR).indicators
    low, high = found.value_min, found.value_max
    match found.bound:
        case "exact":
            assert (low, high) == (found.value, found.value)
        case "over" | "at_least":
            assert low == found.value
            assert high is None
        case "nearly" | "at_most" | "under":
            assert high == found.value
        case "about":
            assert low is None or high is None or low <= found.value <= high


# ---- sentences ----------------------------------------------------------------------------------------------------------

PLAIN = [
    n
    for n, e in EXAMPLES.items()
    if {"kind", "published_on", "province"}.isdisjoint(e.model_fields_set) and "|" not in e.text
]
"""Examples that need no document around them, so that any two can stand in one; two rows of pipes would be a table."""


def statements(records: Records) -> list[dict[str, Any]]:
    """What the indicators say, in order, wherever they stand."""
    return [
        {k: v for k, v in said(i, records).items() if k not in PLACE} | {"sentence": i.sentence.strip()}
        for i in records.indicators
    ]


@cache
def records_of(name: str, script: str) -> Records:
    return read(EXAMPLES[name], script, GRAMMAR)


@settings(QUICK, max_examples=200)
@given(
    st.sampled_from(PLAIN), st.sampled_from(PLAIN), st.sampled_from(["", "\n", "\n\n　　"]), st.sampled_from(SCRIPTS)
)  # fmt: skip
@example("bounds-1", "percent-22", "", "hans")
def test_two_sentences_joined_give_the_union_of_their_indicators(
    first: str, second: str, sign: str, script: str
) -> None:
    head = EXAMPLES[first].text + sign
    # A full stop of ASCII has a test of its own below; a text without any ends with its line.
    head += "" if head.endswith(("。", "！", "？", "”", "\n", "\u3000")) else "\n"
    one, two = records_of(first, script), records_of(second, script)
    joined = read(Example(text=head + EXAMPLES[second].text, indicators=[]), script, GRAMMAR)
    assert statements(joined) == statements(one) + statements(two)
    spans = [(i.start, i.end) for i in one.indicators] + [
        (i.start + len(head), i.end + len(head)) for i in two.indicators
    ]
    assert [(i.start, i.end) for i in joined.indicators] == spans


def test_a_full_stop_of_ascii_ends_a_sentence() -> None:
    # Many pages print every mark of punctuation in ASCII.
    first, second = "全县建成互助养老点210个.", "去年培训护理员86名.今年新增床位3.5万张."
    joined = read_sentence(first + second, GRAMMAR)
    alone = (*read_sentence(first, GRAMMAR).indicators, *read_sentence(second, GRAMMAR).indicators)
    assert [i.sentence for i in joined.indicators] == [first, "去年培训护理员86名.", "今年新增床位3.5万张."]
    assert [(i.subject, i.time) for i in joined.indicators] == [(i.subject, i.time) for i in alone]


@QUICK
@given(st.sampled_from(sorted(EXAMPLES)))
def test_full_width_digits_change_nothing_but_the_print(name: str) -> None:
    sentence = EXAMPLES[name]
    plain = read(sentence, "hans", GRAMMAR)
    wide = read(sentence.model_copy(update={"text": sentence.text.translate(FULL_WIDTH_DIGITS)}), "hans", GRAMMAR)
    assert [i.text.translate(FULL_WIDTH_DIGITS) for i in plain.indicators] == [
        i.text.translate(FULL_WIDTH_DIGITS) for i in wide.indicators
    ]
    printed_fields = {*PLACE, "text", "time", "baseline"}
    for a, b in zip(statements(plain), statements(wide), strict=True):
        assert {k: v for k, v in a.items() if k not in printed_fields} == {
            k: v for k, v in b.items() if k not in printed_fields
        }


@QUICK
@given(st.sampled_from(PLAIN))
def test_traditional_characters_change_nothing_but_the_print(name: str) -> None:
    plain, twin = (read(EXAMPLES[name], script, GRAMMAR) for script in ("hans", "hant"))
    assert [traditional(i.text) for i in plain.indicators] == [i.text for i in twin.indicators]
    printed_fields = {*PLACE, "text", "time", "baseline"}
    for a, b in zip(statements(plain), statements(twin), strict=True):
        assert {k: v for k, v in a.items() if k not in printed_fields} == {
            k: v for k, v in b.items() if k not in printed_fields
        }
