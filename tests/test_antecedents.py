"""What a number measures whose own words do not say it: as the one in front, as the row that it is an item of."""

from __future__ import annotations

import pytest

from casextract.api import extract_text

_LEAD = "江苏省苏州市民政局今年整修村口的戏台。"


def metrics(sentence: str) -> list[str]:
    """The metrics of the numbers of a report that holds a sentence, in order."""
    return [row.metric for row in extract_text(_LEAD + sentence).indicators]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("各镇的慈善会入冬募集善款320万元,比去年多募了近半,还比前年增加45万元。", ["fundraising", "fundraising"]),
        ("村里向银行借来200万美元(约1400万元)。", ["funds_other", "funds_other"]),
        ("县里评出示范村28个。评审的人走遍山上山下,挨家挨户看了又看,眼下又添了3个。", ["territories", "territories"]),
        ("县里评出示范村28个。评审的人走遍山上山下,挨家挨户看了又看,又新添戏台3个。", ["territories", "facilities"]),
        ("县里评出示范村28个。\n评审的人走遍山上山下,挨家挨户看了又看,眼下又添了3个。", ["territories", "count_other"]),
    ],
)
def test_a_number_without_a_noun_measures_what_the_one_in_front_does(sentence: str, expected: list[str]) -> None:
    assert metrics(sentence) == expected


def test_an_item_of_a_table_measures_what_its_heading_does() -> None:
    table = """| 项目 | 单位 | 数量 |
|---|---|---|
| (一)事业费支出 | 万元 | 900.5 |
| 1.山塘管护 | 万元 | 300.2 |
| (1)堤坝 | 万元 | 100.1 |
| 2.林木管护 | 万元 | 600.3 |
| (二)门票所得 | 万元 | 80.4 |
| 1.大殿 | 万元 | 50.1 |
"""
    rows = extract_text(f"# 苏州市各项收支\n\n{table}", source_path="table.md").indicators
    assert [r.metric for r in rows] == ["investment"] * 4 + ["funds_other"] * 2


def test_whose_clause_runs_on_is_counted() -> None:
    assert metrics("入冬以来44家敬老院获赠门帘。") == ["facilities"]


def test_a_verb_inside_another_word_governs_nothing() -> None:
    assert metrics("村里发放交通补贴600元。") == ["allowance"]
