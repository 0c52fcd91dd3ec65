"""jieba's dictionary, the rules' words on top of it, and which words are verbs."""

from __future__ import annotations

import jieba
import pytest

from casextract.extract import jieba_dictionary as dictionary

LEXICON = "幸福食堂 9000 n\n# a note\n护理员 3000 n  # and another\n"
PHRASES = ["新建幸福食堂", "护理员上门服务困难老人", "全市城乡社区养老服务设施", "ABC平台3个"]


@pytest.mark.parametrize("phrase", PHRASES)
def test_both_cutters_know_the_words_of_the_rules(phrase: str) -> None:
    lines = ["幸福食堂 9000 n", "护理员 3000 n"]
    words = dictionary.load(LEXICON)(phrase)
    assert words == dictionary._by_jieba(lines)(phrase)
    assert {"幸福食堂", "护理员"} & set(words) == {w for w in ("幸福食堂", "护理员") if w in phrase}


def test_the_words_of_one_cutter_are_not_those_of_another() -> None:
    plain, laid = dictionary.load(""), dictionary.load("甲乙丙食堂 9000 n")
    assert "甲乙丙食堂" in laid("甲乙丙食堂")
    assert "甲乙丙食堂" not in plain("甲乙丙食堂")


def test_verbs_are_those_that_the_dictionary_marks_as_such() -> None:
    found = dictionary.verbs()
    with jieba.get_dict_file() as file:
        entries = [line.split(" ") for line in file.read().decode("utf-8").splitlines()]
    assert found == {e[0] for e in entries if len(e) == 3 and e[2] in ("v", "vd", "vi", "vq") and len(e[0]) <= 4}
    assert {"参加", "走访"} <= found
    assert "食堂" not in found
