"""The faster engine matches what the slower one does."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

import casextract
from casextract.rulebook import patterns
from casextract.rulebook.first_match import choice
from casextract.rulebook.patterns import HAN, _OnDemand, compile_regex, is_for_re, on_demand, screened

TEXT = "据第3号报告,2021年底全县4.5万名老人入住,其中每人每月补助1,200元(含护理费)。自2019年以来增长12%;覆盖率由70%升至95%!\n一、做法"
PATTERNS = [
    r"(?<=第|报告[,，])\d+",
    r"(?<=(?:每人|每月)|年)\p{Han}",
    r"(?<!由|升至|[0-9.,])\d+%",
    r"[^\p{Han}\d]+|[\p{Han}(]{2,4}",
    r"(?<=(?:^|[。;]))自",
    r"(?<=[(](?:含))护理",
    r"(?<=(?:每)(?:人))每",
    r"[]年(|]",
    r"(?P<y>\d{4})年(?=底|以来)",
    r"\d++(?:,\d{3})*+",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_same_matches_as_regex(pattern: str) -> None:
    found = [(m.span(), m.groupdict()) for m in compile_regex(pattern).finditer(TEXT)]
    assert found == [(m.span(), m.groupdict()) for m in regex.compile(pattern).finditer(TEXT)]
    assert found
    assert isinstance(compile_regex(pattern), re.Pattern)


@given(st.text(alphabet="a|bc()[]?:\\<=!^{1}", max_size=12), st.text(alphabet="abc|(])", max_size=8))
def test_any_pattern_means_what_it_means_to_regex(pattern: str, text: str) -> None:
    try:
        wanted = regex.compile(pattern)
    except regex.error:
        return
    assert [m.span() for m in compile_regex(pattern).finditer(text)] == [m.span() for m in wanted.finditer(text)]


@pytest.mark.parametrize("pattern", [r"(?<=第 ?)\d+", r"(?P<a>x)y|(?P<a>y)", r"[[\d]--[3]]\w"])
def test_what_only_regex_knows_goes_to_regex(pattern: str) -> None:
    assert isinstance(compile_regex(pattern), type(regex.compile("")))


def test_a_bad_pattern_is_refused() -> None:
    with pytest.raises(regex.error):
        compile_regex("(新建")


def test_han_is_the_script_han() -> None:
    everything = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x20000))))
    assert re.findall(f"[{HAN}]", everything) == regex.findall(r"\p{Han}", everything)
    beyond = "".join(map(chr, range(0x20000, 0x40000)))
    assert set(regex.findall(r"\p{Han}", beyond)) <= set(re.findall(f"[{HAN}]", beyond))


def test_of_a_choice_the_first_in_order_counts_whatever_stands_in_front() -> None:
    tried = choice([("第 ?", r"\d+"), (None, r"\d+年"), ("长 ?", r"\d+"), (None, r"\d")])
    assert tried.match("第12年", 1) == (0, 3)
    assert tried.match("第 12年", 2) == (0, 4)
    assert tried.match("长12年", 1) == (1, 4)
    assert tried.match("长 12", 2) == (2, 4)
    assert tried.match("12", 0) == (3, 1)
    assert tried.match("年", 0) is None


FRONTS = [
    "第 ?|第\\d{1,3}条[、和至]",
    "《[^《》]{0,12}",
    "(?:^|[。;][ \n]*|\n *)",
    "(?:图|(?<!代)表)[:：]? ?",
    "[A-Z](?:[\\w.-]{0,9}[A-Z/-])?",
]


@given(
    st.sampled_from(FRONTS), st.sampled_from([r"\d+", r"[一二]+", r"\d{1,2}(?=条)"]),
    st.text(alphabet="第条图代表:《》。; \nAB-.12一和", max_size=24), st.integers(0, 24),
)  # fmt: skip
def test_what_stands_in_front_is_what_a_look_behind_finds(front: str, body: str, text: str, at: int) -> None:
    wanted = regex.compile(f"(?<={front})(?:{body})").match(text, at) if at <= len(text) else None
    if at <= len(text):
        found = choice([(front, body)]).match(text, at)
        assert found == (None if wanted is None else (0, wanted.end()))


def test_a_front_is_sought_as_far_back_as_it_reaches() -> None:
    assert choice([(r"表\d{12} ?", "[一二]")]).match(f"表{'1' * 12} 一", 14) == (0, 15)
    assert choice([(r"表(?:\d\.){30} ?", "[一二]")]).match(f"表{'1.' * 30} 一", 62) == (0, 63)
    assert choice([(r"表\d* ?", "[一二]")]).match(f"表{'1' * 238}一", 239) == (0, 240)
    assert choice([(r"表\d* ?", "[一二]")]).match(f"表{'1' * 400}一", 401) is None


def test_which_engine_takes_a_pattern_is_guessed_right() -> None:
    from casextract.rulebook.loading import load_rulebook

    fronts = [f"(?<={r.before})" for r in load_rulebook().exclusions if r.before]
    sources = [
        *PATTERNS,
        *fronts,
        r"(?<=第 ?)\d+",
        r"(?<![^第]{1,3})\d",
    ]
    taken = [is_for_re(s) for s in sources]
    assert taken == [isinstance(compile_regex(s), re.Pattern) for s in sources]
    assert set(taken) == {True, False}


def test_a_pattern_on_demand_is_compiled_once_asked_and_answers_as_any(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    monkeypatch.setattr(patterns, "compile_regex", lambda s, f=0: (compiled.append(s), compile_regex(s, f))[1])
    year = on_demand(r"(?P<y>\d{4})年")
    assert (year.pattern, compiled) == (r"(?P<y>\d{4})年", [])
    assert [m["y"] for m in year.finditer(TEXT)] == ["2021", "2019"]
    assert year.search(TEXT, 20) is not None
    assert year.fullmatch("2021年") is not None
    assert year.sub("", "2021年底") == "底"
    assert dict(year.groupindex) == {"y": 1}
    assert len(compiled) == 1
    with pytest.raises(AttributeError):
        year.flags_of  # type: ignore[attr-defined]  # noqa: B018


def test_a_bad_pattern_on_demand_is_refused_when_asked() -> None:
    with pytest.raises(regex.error):
        on_demand("(新建").search("")
    with pytest.raises(ValueError, match="rule 7"):
        on_demand("(新建", refusal=lambda error: ValueError(f"rule 7: {error}")).search("")


def test_every_pattern_of_the_package_compiles() -> None:
    found = 0
    for module in pkgutil.walk_packages(casextract.__path__, "casextract."):
        if module.name.endswith(("__main__", "ray_engine")):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, _OnDemand):
                value.search("")
                found += 1
    assert found > 80


def test_a_screened_pattern_finds_the_same() -> None:
    for pattern in [
        r"(?:自|从)?\d{4}年(?:底|以来)?", r"(?<!升)至\d+|每\p{Han}", r"(?<=底)全", r".县", r"\p{Han}{2}县", r"[一-龥]县", r"\w底", r"[^年]县",
    ]:  # fmt: skip
        found = [m.span() for m in compile_regex(screened(pattern)).finditer(TEXT)]
        assert found == [m.span() for m in regex.finditer(pattern, TEXT)]
        assert found


def test_the_rules_find_the_same_with_either_engine(root: Path) -> None:
    from casextract.rulebook.loading import load_rulebook

    texts = [p.read_text(encoding="utf-8") for p in sorted((root / "data" / "raw").glob("*-hans.txt"))]
    assert texts
    rulebook = load_rulebook(None)
    tried = 0
    for rule in rulebook.segmentation:
        if rule.pattern is None:
            continue
        fast, slow = compile_regex(rule.pattern, re.MULTILINE), regex.compile(rule.pattern, regex.MULTILINE)
        if isinstance(fast, re.Pattern):
            tried += 1
            for text in texts:
                assert [m.span() for m in fast.finditer(text)] == [m.span() for m in slow.finditer(text)], rule.id
    assert tried > 30
