"""jieba's dictionary as kept for the next process, the rules' words on top of it, and which words are verbs."""

from __future__ import annotations

import logging
import marshal
from pathlib import Path

import jieba
import pytest

from casextract.extract import jieba_dictionary as dictionary

LEXICON = "幸福食堂 9000 n\n# a note\n护理员 3000 n  # and another\n"
PHRASES = ["新建幸福食堂", "护理员上门服务困难老人", "全市城乡社区养老服务设施", "ABC平台3个"]


@pytest.fixture(autouse=True)
def _quiet() -> None:
    jieba.setLogLevel(logging.WARNING)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which jieba keeps its dictionary, in a folder of the test's own."""
    monkeypatch.setattr(dictionary, "gettempdir", lambda: str(tmp_path))
    return tmp_path / "jieba.cache"


def own_way() -> list[list[str]]:
    tokenizer = dictionary.load(LEXICON)
    return [tokenizer.lcut(phrase, HMM=False) for phrase in PHRASES]


def test_a_kept_dictionary_cuts_as_the_one_that_jieba_loads(kept: Path) -> None:
    assert dictionary._kept() is None
    made_by_jieba = own_way()
    jieba.initialize()
    kept.write_bytes(marshal.dumps((jieba.dt.FREQ, jieba.dt.total)))
    assert dictionary._kept() == (jieba.dt.FREQ, jieba.dt.total)
    assert own_way() == made_by_jieba
    assert made_by_jieba[0][-1] == "幸福食堂"


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"no marshal", marshal.dumps(7), marshal.dumps(({}, 1)), marshal.dumps(({"a": 1}, "b"))]
)
def test_a_damaged_dictionary_is_left_to_jieba(content: bytes, kept: Path) -> None:
    kept.write_bytes(content)
    assert dictionary._kept() is None
    assert own_way()[1][0] == "护理员"


def test_the_words_of_one_cutter_are_not_those_of_another() -> None:
    plain, laid = dictionary.load(""), dictionary.load("甲乙丙食堂 9000 n")
    assert "甲乙丙食堂" in laid.lcut("甲乙丙食堂", HMM=False)
    assert "甲乙丙食堂" not in plain.lcut("甲乙丙食堂", HMM=False)


def test_verbs_are_those_that_the_dictionary_marks_as_such() -> None:
    found = dictionary.verbs()
    with jieba.get_dict_file() as file:
        entries = [line.split(" ") for line in file.read().decode("utf-8").splitlines()]
    assert found == {e[0] for e in entries if len(e) == 3 and e[2] in ("v", "vd", "vi", "vq") and len(e[0]) <= 4}
    assert {"参加", "走访"} <= found
    assert "食堂" not in found
