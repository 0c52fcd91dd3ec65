"""Repeated articles are recognised, and those that only look alike are not."""

from __future__ import annotations

import random
from collections.abc import Iterable
from time import process_time

from casextract.build.repeats import RepeatIndex
from casextract.load import load_bytes
from casextract.normalise import normalise
from samples import article_text

HANT = article_text("magazine-2023-05-hant.txt")
WEB = article_text("web-headings-hans.txt")


def norm(text: str) -> str:
    return normalise(load_bytes(text.encode(), "x.txt").sources[0]).norm


def find_repeats(texts: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Of (doc_id, normalised text) in order, the earlier document of each one that repeats another."""
    index = RepeatIndex()
    found = [(doc_id, index.add(doc_id, text)) for doc_id, text in texts]
    return {doc_id: earlier for doc_id, earlier in found if earlier is not None}


def test_the_same_article_with_another_trailer_in_other_lines_or_in_the_other_script() -> None:
    text = norm(HANT)
    variants = {
        "trailer": norm(HANT + "\n责任编辑：苏禾\n来源：某网\n猜你喜欢\n" + "又一条新闻的标题在这里\n" * 5),
        "one line": norm(HANT.replace("\n", "")),
        "simplified": text,
    }
    found = find_repeats([("first", text), ("other", norm(WEB)), *variants.items()])
    assert found == dict.fromkeys(variants, "first")


def test_a_repeat_of_a_repeat_names_the_first() -> None:
    assert find_repeats((n, norm(WEB)) for n in "abc") == {"b": "a", "c": "a"}


def test_an_excerpt_does_not_hide_the_whole() -> None:
    assert find_repeats([("excerpt", norm(WEB)[:800]), ("whole", norm(WEB))]) == {}


def test_short_notes_repeat_only_where_they_are_equal() -> None:
    notes = [
        ("a", "本周六停止办理业务。"),
        ("b", "本周日停止办理业务。"),
        ("c", "本周六停止办理业务。"),
        ("d", "。"),
        ("e", "。"),
    ]
    assert find_repeats(notes) == {"c": "a"}


def test_articles_of_one_template_with_other_words_are_no_repeats() -> None:
    choose = random.Random(4)
    clauses = [
        f"{a}{b}{c}"
        for a in "甲乙丙丁戊己庚辛"
        for b in "建成投入惠及覆盖新增"
        for c in ("床位若干", "资金若干", "老人若干")
    ]
    documents = [(str(n), "，".join(choose.sample(clauses, 80))) for n in range(50)]
    assert find_repeats(documents) == {}


def test_the_cost_of_a_document_does_not_grow_with_their_number() -> None:
    choose = random.Random(5)
    index = RepeatIndex()
    texts = ["，".join(f"{choose.getrandbits(60):x}" for _ in range(200)) for _ in range(3000)]
    times = []
    for part in range(3):
        begin = process_time()
        assert all(
            index.add(f"{part}-{n}", text) is None for n, text in enumerate(texts[part * 1000 : part * 1000 + 1000])
        )
        times.append(process_time() - begin)
    # A comparison of all with all would take five times as long for the third thousand as for the first.
    assert times[2] < 3 * times[0]


def test_short_notes_that_differ_in_a_digit_are_no_repeats() -> None:
    index = RepeatIndex()
    assert index.add("a", "青原县:床位,5张,7%。") is None
    assert index.add("b", "青原县:床位,6张,7%。") is None
    assert index.add("c", "青原县: 床位, 5张,\n7%。") == "a"
