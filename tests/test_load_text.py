"""Plain text: what is decoded is what was written, in every encoding, and a doubt is never silent."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from casextract.load import load_bytes
from casextract.load.encodings import decode
from casextract.load.source import LoadError
from samples import article_text

HANS = article_text("web-headings-hans.txt") + article_text("plan-outline-hans.txt")
HANT = article_text("magazine-2023-05-hant.txt")
SIZES = (15, 20, 30, 50, 100, 300, 1000)
CASES = [
    ("utf-8", HANS + HANT),
    ("gb2312", HANS),
    ("gbk", HANS + HANT),
    ("gb18030", HANS + HANT),
    ("big5", HANT),
    ("big5hkscs", HANT),
    ("utf-16-le", HANS + HANT),
    ("utf-16-be", HANS + HANT),
]


def snippets(text: str, codec: str, size: int, count: int) -> list[str]:
    """Pieces of the text that can be written in the codec and hold something but ASCII."""
    choose = random.Random(f"{codec}{size}")
    found = []
    while len(found) < count:
        start = choose.randrange(len(text) - size)
        piece = text[start : start + size].encode(codec, "ignore").decode(codec)
        if len(piece) >= 0.8 * size and not piece.isascii():
            found.append(piece)
    return found


def right(piece: str, codec: str) -> tuple[bool, bool]:
    """Whether a piece comes back as it was, and whether a doubt was voiced."""
    try:
        decoded = decode(piece.encode(codec))
    except LoadError:
        return False, True
    return decoded.text == piece, any(n.code == "uncertain_encoding" for n in decoded.notes)


@pytest.mark.parametrize(("codec", "text"), CASES, ids=[c for c, _ in CASES])
def test_snippets_are_decoded_right(codec: str, text: str) -> None:
    for size in SIZES:
        results = Counter(right(piece, codec) for piece in snippets(text, codec, size, 100))
        correct = results[True, True] + results[True, False]
        assert correct >= (99 if size >= 30 else 95), (size, results)
        assert results[False, False] <= (0 if size >= 30 else 1), (size, results)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\f"])
def test_characters_stay_as_they_are(ending: str) -> None:
    text = f"　　首行{ending}二\u200b行\xad有\ue000字{ending}\ufeff末行"
    assert load_bytes(text.encode(), "x.txt").sources[0].text == text


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_taken_off(codec: str) -> None:
    (source,) = load_bytes("建成3个站点。".encode(codec), "x.txt").sources
    assert (source.text, source.encoding) == ("建成3个站点。", codec)
    assert source.problems == ()


def test_two_characters_of_gbk_that_are_valid_utf8_are_read_as_gbk() -> None:
    assert decode("联通".encode("gbk")).text == "联通"


def test_gb18030_has_the_code_points_of_2022() -> None:
    assert decode(b"\xa6\xd9" + "直排的逗号在这里，后面还有一些字。".encode("gb18030")).text[0] == "︐"


@pytest.mark.parametrize("wave", [b"\xa1\xe3"])
def test_hong_kong_symbols_are_those_browsers_show(wave: bytes) -> None:
    data = "約75%".encode("big5hkscs") + wave + "80%的長者住在\u5605咗屋邨，".encode("big5hkscs")
    assert "75%～80%" in decode(data).text


def test_the_users_word_is_final() -> None:
    data = "救助120人".encode("gbk")
    assert load_bytes(data, "x.txt", encoding="gbk").sources[0].text == "救助120人"
    assert [p.code for p in load_bytes(data, "x.txt", encoding="utf-8").problems] == ["wrong_encoding"]
    assert [p.code for p in load_bytes(data, "x.txt", encoding="klingon").problems] == ["unknown_encoding"]


def test_an_encoding_nobody_expects_is_not_passed_over_in_silence() -> None:
    (source,) = load_bytes("これは日本語で書かれた文章です。読めますか。".encode("shift_jis"), "x.txt").sources
    assert "uncertain_encoding" in {p.code for p in source.problems}
    assert [p.code for p in load_bytes("déjà vu: le café où naît l'été".encode("latin-1"), "x.txt").problems] == [
        "not_text"
    ]


def test_ids_come_from_the_content() -> None:
    one, two = (load_bytes("有3张床。".encode(), name).sources[0] for name in ("a.txt", "b.txt"))
    assert one.doc_id == two.doc_id == one.sha256[:16]
    assert load_bytes("有4张床。".encode(), "a.txt").sources[0].doc_id != one.doc_id
