"""Segmentation: own layouts, and what must hold of every document."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from casextract.load import Mark, Meta, Source
from casextract.normalise import normalise
from casextract.rulebook.loading import Rulebook, load_rulebook
from casextract.rulebook.models import Example, RuleError, SegmentationRule
from casextract.segment import Segmentation, Segmenter, check_example, compile_segmenter, segment

LAYOUTS = sorted((Path(__file__).parent / "layouts").glob("*.txt"))
SECONDS = 30
"""A hundred thousand hostile characters must be done in this time; a quadratic step takes minutes, a pattern that runs away hours."""
GLUED_UNKNOWN = {
    "08-title-then-place": "a title without a place, glued to the text on both sides, leaves no sign of where it begins",
    "09-signed-titles": "a title without a place, glued to the text on both sides, leaves no sign of where it begins",
    "10-captions": "a caption glued to the heading behind it hides the heading's place",
    "20-bracket-headings": "a bracketed heading glued to the title of the page",
    "21-areas-and-namesakes": "a heading glued to the title of the page hides its city",
    "26-inline-headings": "a heading glued to the title of the page",
    "31-round-up": "a paragraph glued to the one before it is led by no place",
    "34-title-above-place": "a title without a place, glued to the text on both sides, leaves no sign of where it begins",
    "35-numbered-places": "a number glued to the entry before it is no marker of a new one",
    "54-signed-reports": "a heading and a byline glued to the text on both sides leave no sign of where they begin",
    "55-persons-as-headings": "a heading that names no place, glued to the text on both sides, leaves no sign of where it begins",
    "60-round-up-mixed-paragraph": "where every sentence may be a paragraph, none of them holds several places",
    "67-caption-behind-case": "a caption glued to the heading behind it hides the heading's place",
    "61-feature-of-two-places": "a paragraph glued to the one before it is led by no place",
}
"""Layouts whose cases are lost when their lines are joined by nothing at all, and why."""


BLANKS_UNKNOWN = {
    "35-numbered-places": "behind a blank the number of an entry is the end of the entry before it",
    "54-signed-reports": "a heading without a place in front of a byline is the end of the report before it",
    "55-persons-as-headings": "a heading that names no place, with blanks around it, is a part of the sentence before it",
    "60-round-up-mixed-paragraph": "a sentence that begins with a place looks like a paragraph",
}
"""Layouts whose cases are lost when their lines are joined by blanks, and why."""


@cache
def rules() -> Rulebook:
    return load_rulebook()


@cache
def segmenter() -> Segmenter:
    return compile_segmenter(rules())


def source(text: str, **fields: Any) -> Source:
    return Source("0" * 16, "a.txt", "0" * 64, "text/plain", "utf-8", text, **fields)


def cut(text: str, **fields: Any) -> Segmentation:
    return segment(normalise(source(text, **fields)), segmenter())


def wanted(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def places(s: Segmentation) -> list[tuple[str | None, ...]]:
    return [(c.province, c.city, c.county, c.place, c.adcode) for c in s.cases]


def wanted_places(want: dict[str, Any]) -> list[tuple[str | None, ...]]:
    return [tuple(c[k] for k in ("province", "city", "county", "place", "adcode")) for c in want["cases"]]


def opens(s: Segmentation, want: dict[str, Any]) -> list[bool]:
    """Whether each case begins with the words it should."""
    wants = [squeezed(normalise(source(c["opens"])).norm) for c in want["cases"]]
    return [squeezed(s.text.norm[c.start : c.start + 60]).startswith(w) for c, w in zip(s.cases, wants, strict=True)]


def check_structure(s: Segmentation) -> None:
    norm = s.text.norm
    assert "".join(norm[b.start : b.end] for b in s.blocks) == norm
    assert all(b.start < b.end for b in s.blocks)
    ends = [0, *(c.end for c in s.cases)]
    for end, c in zip(ends, s.cases, strict=False):
        assert end <= c.start < c.end <= len(norm)
        assert c.title is None or norm[slice(*c.title)].strip()
        assert c.lead is None or c.start <= c.lead[0] < c.lead[1] <= c.end
    last = (-1, -1)
    for m in s.measures:
        case = s.cases[m.case]
        assert case.start <= m.start < m.end <= case.end
        assert (m.case, m.start) > last
        last = (m.case, m.start)
        assert m.label is None or m.start <= m.label[0] < m.label[1] <= m.end
        assert m.ordinal >= 1
        assert 1 <= m.level <= 4
        if m.parent is not None:
            parent = s.measures[m.parent]
            assert parent.case == m.case
            assert parent.level == m.level - 1
            assert parent.start <= m.start < m.end <= parent.end


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda p: p.stem)
def test_layout(path: Path) -> None:
    want = wanted(path)
    s = cut(path.read_text(encoding="utf-8"))
    check_structure(s)
    assert s.kind == want["kind"]
    assert places(s) == wanted_places(want)
    assert all(opens(s, want))
    assert [c.implicit for c in s.cases] == [c["implicit"] for c in want["cases"]]
    assert [s.text.raw(*c.title) if c.title else None for c in s.cases] == [c["title"] for c in want["cases"]]
    assert [[m.level, s.text.norm[slice(*m.label)] if m.label else None] for m in s.measures] == want["measures"]
    for field in ("title", "subtitle", "publisher"):
        if field in want:
            assert getattr(s.meta, field) == want[field]
    if "published_on" in want:
        assert str(s.meta.published_on) == want["published_on"]
    if "keywords" in want:
        assert list(s.meta.keywords) == want["keywords"]
    for kind, texts in want.get("blocks", {}).items():
        for text in texts:
            at = s.text.norm.index(text)
            assert [b.kind for b in s.blocks if b.start <= at < b.end] == [kind], text


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda p: p.stem)
def test_twins_segment_alike(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    ours, twin = cut(OpenCC("t2s").convert(text)), cut(OpenCC("s2t").convert(text))
    check_structure(twin)
    assert len(ours.text.norm) == len(twin.text.norm)
    assert places(ours) == places(twin)
    assert [(c.start, c.end, c.title, c.implicit) for c in ours.cases] == [
        (c.start, c.end, c.title, c.implicit) for c in twin.cases
    ]
    assert [(m.start, m.end, m.level, m.label) for m in ours.measures] == [
        (m.start, m.end, m.level, m.label) for m in twin.measures
    ]
    assert [(b.start, b.kind) for b in ours.blocks] == [(b.start, b.kind) for b in twin.blocks]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            p,
            id=p.stem,
            marks=pytest.mark.xfail(strict=True, reason=BLANKS_UNKNOWN[p.stem]) if p.stem in BLANKS_UNKNOWN else (),
        )
        for p in LAYOUTS
    ],
)
def test_joined_by_blanks_keeps_cases(path: Path) -> None:
    want = wanted(path)
    s = cut(" ".join(path.read_text(encoding="utf-8").split("\n")))
    check_structure(s)
    assert places(s) == wanted_places(want)
    assert [c.implicit for c in s.cases] == [c["implicit"] for c in want["cases"]]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            p,
            id=p.stem,
            marks=[pytest.mark.xfail(strict=True, reason=GLUED_UNKNOWN[p.stem])] if p.stem in GLUED_UNKNOWN else [],
        )
        for p in LAYOUTS
    ],
)
def test_joined_by_nothing_keeps_cases(path: Path) -> None:
    want = wanted(path)
    s = cut("".join(path.read_text(encoding="utf-8").split("\n")))
    check_structure(s)
    assert places(s) == wanted_places(want)
    assert [c.implicit for c in s.cases] == [c["implicit"] for c in want["cases"]]


FRAGMENTS = st.sampled_from(
    [
        "青岛市", "青岛 ", "江苏省苏州市吴江区民政局", "鼓楼区", "聚焦独居老人,办起食堂。", "一是", "二是", "三是", "一、", "二、", "(一)", "(二)", "1.", "2.",
        "首先,", "其次,", "摸清底数。", "压实责任,缩短时限。", "全年服务老人3万人次。", "\n", "\n\n", " ", "。", ",", "“四个一”", "来源:某报", "猜你喜欢", "目录",
        "案例一:", "案例二:", "——", "????", "2023-05-01", "近年来,", "为破解难题,", "志愿者为老人理发", "\u200b", "\r\n", "養老服務", "第一章", "①", "②",
    ]
)  # fmt: skip


@given(st.lists(FRAGMENTS, max_size=60).map("".join))
@settings(max_examples=250, deadline=None)
def test_structure_of_any_text(text: str) -> None:
    check_structure(cut(text))


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_structure_of_any_characters(text: str) -> None:
    check_structure(cut(text))


@pytest.mark.parametrize(
    "unit",
    [
        "一", "。", " ", "青岛市", "青岛 ", "一是", "一、", "(一)", "1.", "“", "??", "在", "近年来,", "案例一:", "在老人,", "积极", "来源:", "[《", "打造“", "市民政局", "目录 ",
        "为老人的", "积极在青岛市", "省市县", "\n", "一\n", "2021年1月1日", "第一步", "·", "①", "图", "组织", "。 ", "青岛市。", "青岛市在",
    ],
    ids=repr,
)  # fmt: skip
def test_no_pattern_runs_away(unit: str) -> None:
    text = (unit * (100_000 // len(unit) + 1))[:100_000]
    start = time.process_time()
    s = cut(text)
    assert time.process_time() - start < SECONDS
    check_structure(s)


def test_empty_and_blank_texts() -> None:
    assert cut("").blocks == ()
    assert cut("\x1f\n").cases == ()
    assert cut(" \n\u3000\n").cases == ()
    check_structure(cut(" \n\u3000\n"))


def test_marks_are_evidence() -> None:
    lines = [
        "守望相助的村庄",
        "全村老人有了照应。",
        "谁家有事谁伸手。",
        "邻居们在晒谷坪",
        "互助从一顿饭开始。村里办了食堂。",
        "食堂之后有澡堂。每周开放两天。",
    ]
    text = "\n".join(lines)
    at = {line: text.index(line) for line in lines}
    heading = Mark(at[lines[0]], at[lines[0]] + len(lines[0]), "heading", 1)
    caption = Mark(at[lines[3]], at[lines[3]] + len(lines[3]), "caption")
    s = cut(text, marks=(heading, caption))
    assert s.meta.title == lines[0]
    assert [m.start for m in s.measures if m.start == caption.start] == []


def test_stated_metadata_comes_first() -> None:
    s = cut(
        "邻里议事厅\n2020-01-02 来源:甲报\n青岛市把议事厅办到楼下。", meta=Meta(title="楼下议事厅", publisher="乙刊")
    )
    assert (s.meta.title, s.meta.publisher, str(s.meta.published_on)) == ("楼下议事厅", "乙刊", "2020-01-02")


def test_namesake_that_nothing_decides_is_a_problem() -> None:
    s = cut("鼓楼区把旧厂房改成邻里中心,老人有了去处。\n厂房归谁管。街道与企业签约。\n服务谁来供。引入社会组织。")
    assert [p.code for p in s.problems] == ["ambiguous_place"]
    assert s.cases[0].adcode is None


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "marker", "pattern": "[一二]、", "level": 30},
        {"kind": "marker", "pattern": "(?P<n>[一二])、"},
        {"kind": "trailer", "pattern": "(来源"},
        {"kind": "trailer"},
        {"kind": "trailer", "pattern": "来源", "words": ("来源",)},
    ],
    ids=["no-ordinal", "no-level", "bad-pattern", "nothing", "both"],
)
def test_unusable_rules_are_refused(fields: dict[str, Any]) -> None:
    rule = SegmentationRule(id="a.rule", intent="a rule that cannot be used", **fields)
    book = replace(rules(), segmentation=(rule,))
    with pytest.raises(RuleError, match=r"a\.rule"):
        compile_segmenter(book)


EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}-{i}")
    for concern in ("segmentation", "topics")
    for rule in rules().rules[concern]
    for i, example in enumerate((*rule.examples, *rule.counterexamples))
]


def in_traditional(example: Any) -> Any:
    """An example as a traditional page would print it, normalised again; the stated groups stay simplified."""
    text = example if isinstance(example, str) else example.text
    back = normalise(source(OpenCC("s2t").convert(text))).norm
    return back if isinstance(example, str) else example.model_copy(update={"text": back})


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_rule_examples_in_both_scripts(rule: Any, example: Any) -> None:
    assert check_example(rule, example) is None
    assert check_example(rule, in_traditional(example)) is None


def test_every_rule_has_both_kinds_of_examples() -> None:
    assert [
        r.id for c in ("segmentation", "topics") for r in rules().rules[c] if not (r.examples and r.counterexamples)
    ] == []


def test_a_failing_example_is_reported() -> None:
    rule = next(r for r in rules().segmentation if r.id == "marker.han")
    assert check_example(rule, Example(text="⟦甲、⟧乙")) is not None
    assert check_example(rule, Example(text="一、没有括号")) is not None
    assert check_example(rule, Example.model_validate({"text": "⟦二、⟧乙", "n": "三"})) is not None
    assert check_example(rule, "一、这是标记") is not None
