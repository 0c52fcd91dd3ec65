"""Offsets survive normalisation: whatever is dropped, folded or converted, a span of the normal form leads back to its characters."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casextract import normalise as module
from casextract.load import Mark, Source
from casextract.normalise import Text, normalise

PHRASES = [
    line.split("\t")[0]
    for line in files("opencc").joinpath("dictionary", "TSPhrases.txt").read_text(encoding="utf-8").splitlines()
    if line
]
PIECES = st.one_of(
    st.sampled_from(PHRASES),
    st.sampled_from(
        [
            *"養老社區餘萬億陜於　１，。「」ㄧ○\t\r\n\f\v",
            "\r\n",
            "\u200b",
            "\ufeff",
            "\u00ad",
            "一○二",
            "1，755",
            "二〇二二",
            "𠀀",
            "¹²",
            "m²",
            "（lì）",
            "⺠",
            "\u2067",
            "\U000e0031",
        ]
    ),
    st.characters(codec="utf-8"),
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)


def text_of(raw: str) -> Text:
    return normalise(Source("d", "x.txt", "0" * 64, "text/plain", "utf-8", raw))


def check_map(raw: str, text: Text) -> None:
    """Every character of the normal form stands for raw characters in order, and nothing but what is dropped lies between."""
    spans = [text.raw_span(i, i + 1) for i in range(len(text.norm))]
    assert all(0 <= a < b <= len(raw) for a, b in spans)
    assert spans == sorted(spans)
    covered = {at for a, b in spans for at in range(a, b)}
    dropped = {at for m in module._DROPPED.finditer(raw) for at in range(*m.span())}
    assert covered == set(range(len(raw))) - dropped
    for i, (a, b) in enumerate(spans):
        for j in (i + 1, len(spans)):
            assert text.raw_span(i, j) == (a, spans[j - 1][1])
        assert text.raw(i, i + 1) == raw[a:b]


@given(TEXTS)
def test_every_span_leads_back_to_the_characters_behind_it(raw: str) -> None:
    check_map(raw, text_of(raw))


@given(TEXTS)
def test_a_character_has_the_normal_form_that_it_has_in_its_place(raw: str) -> None:
    # No folding moves: what stands at an offset is the folded form of what stood there.
    text = text_of(raw)
    for i, c in enumerate(text.norm):
        a, _ = text.raw_span(i, i + 1)
        if raw[a].isascii() and raw[a] not in "\t\r\f\v":
            assert c == raw[a]


class Lengthening:
    """A converter that changes lengths, as OpenCC's other tables do: 養 becomes two characters."""

    def convert(self, text: str) -> str:
        return text.replace("養", "抚养")


def lengthened(raw: str) -> Text:
    with pytest.MonkeyPatch.context() as patch:
        traditional, _, table = module._conversion()
        # Every clause is one that holds a phrase, and goes to the converter.
        patch.setattr(module, "_conversion", lambda: (traditional, re.compile(""), table))
        patch.setattr(module, "_converter", Lengthening)
        return text_of(raw)


def test_a_conversion_that_changes_lengths_is_mapped_character_by_character() -> None:
    text = lengthened("甲,社區\u200b養老12處")
    assert text.norm == "甲,社區抚养老12處"
    assert [text.raw_span(i, i + 1) for i in range(3, 7)] == [(3, 4), (5, 6), (5, 6), (6, 7)]


@given(TEXTS)
def test_a_conversion_that_changes_lengths_shifts_no_offset(raw: str) -> None:
    text = lengthened(raw)
    spans = [text.raw_span(i, i + 1) for i in range(len(text.norm))]
    assert all(0 <= a < b <= len(raw) for a, b in spans)
    assert spans == sorted(spans)
    for c, (a, b) in zip(text.norm, spans, strict=True):
        if c in "抚养" and raw[a:b] != c:
            assert raw[a:b] == "養"


def test_no_entry_of_opencc_changes_its_length() -> None:
    # Two changes in one clause could make up for each other and go unnoticed; with these tables there is none.
    for name in ("TSPhrases.txt", "TSCharacters.txt"):
        table = files("opencc").joinpath("dictionary", name).read_text(encoding="utf-8")
        entries = [line.split() for line in table.splitlines() if line]
        assert len(entries) > 200
        assert [e for e in entries if any(len(target) != len(e[0]) for target in e[1:])] == []


@pytest.mark.parametrize(
    ("raw", "norm"),
    [
        ("１，７５５張", "1，755张"),
        ("1,755張", "1,755张"),
        ("新\u200b增\ufeff床\u00ad位", "新增床位"),
        ("甲\r\n乙\r丙\u2028丁", "甲\n乙\n丙\n丁"),
        ("「博通辦」", "“博通办”"),
        ("二○二二年，○○縣", "二〇二二年,○○县"),
        ("陜西", "陕西"),
        ("７５％～８０％", "75%~80%"),
        ("\u2f49\u2fa5⻓⺠，\uf9d1\U0002f801", "月里长民,六丸"),
        ("甲\u2066乙\u2069丙\u034f丁\U000e0041戊\ufe01", "甲乙丙丁戊"),
        ("320¹万元，120m²，45公里²，3×10⁸元", "320万元,120m²,45公里²,3×10⁸元"),
        ("320¹²万元", "320万元"),
        ("溧（lì）阳市、盱眙(xūyí)县、歙(she)县", "溧阳市、盱眙县、歙县"),
        ("坪（ㄆㄧㄥˊ）林區", "坪林区"),
        ("5亩(mu)、6公顷(ha)地、使用(app)下单、12(li)", "5亩(mu)、6公顷(ha)地、使用(app)下单、12(li)"),
    ],
)
def test_what_is_folded(raw: str, norm: str) -> None:
    text = text_of(raw)
    assert text.norm == norm
    check_map(raw, text)


def test_what_the_loader_marked_is_not_read() -> None:
    raw = "**320**万元\n共2\n- 5 -\n300人，见Green\nKitchen"
    marks = [
        *(Mark(0, 2, "unread"), Mark(5, 7, "unread"), Mark(12, 19, "unread")),
        Mark(raw.index("\nK"), raw.index("K"), "gap"),
    ]
    text = normalise(Source("d", "x.txt", "0" * 64, "text/plain", "utf-8", raw, tuple(marks)))
    assert text.norm == "320万元\n共2300人,见Green Kitchen"
    assert text.raw(0, 5) == "320**万元"
    at = text.norm.index("2300")
    assert text.raw(at, at + 4) == "2\n- 5 -\n300"
