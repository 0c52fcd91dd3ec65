"""Sentences and numbers that line ends and page furniture cut in two are read as one, or not at all and said so."""

from __future__ import annotations

import pytest

from casextract import pipeline
from casextract.assemble import Records
from casextract.load import Source, load_bytes
from casextract.normalise import normalise
from casextract.rulebook.loading import load_rulebook


@pytest.fixture(scope="module")
def rules() -> pipeline.Pipeline:
    return pipeline.prepare(load_rulebook())


def source_of(text: str, name: str = "x.txt") -> Source:
    (source,) = load_bytes(text.encode(), name).sources
    assert source.text == text
    return source


def read(text: str) -> str:
    return normalise(source_of(text)).norm


def rows(text: str, rules: pipeline.Pipeline) -> Records:
    records = pipeline.run(source_of(text), rules)
    for row in (*records.indicators, *records.numerals):
        assert text[row.start : row.end] == row.text
    return records


WRAPPED = """\
　　南河县在三个乡镇试办村级食堂，由村集体出房
出灶，县里按实际就餐人数给补贴，全年用餐老人达到
4200人次，比上年多出一半。
　　食堂的账目每月贴在村口，谁家出了菜、谁家出了
柴，一笔一笔写得清清楚楚，村民看得明白。
"""


def test_lines_filled_to_one_width_are_joined() -> None:
    assert read(WRAPPED).count("\n") == 2
    assert "由村集体出房出灶" in read(WRAPPED)
    assert "用餐老人达到4200人次" in read(WRAPPED)
    assert "谁家出了柴" in read(WRAPPED)


def test_a_line_for_each_paragraph_is_left_alone() -> None:
    text = "南河县试办村级食堂\n县里给补贴，村里出房。\n\n账目每月公布\n村口贴出，人人看得见。\n"
    assert read(text) == text.replace("，", ",")


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("全县建成食堂，共投入3\n20万元，老人都来。\n", "共投入320万元"),
        ("满意率很高，达到98.\n5%的受访者说好。\n", "达到98.5%"),
        ("满意率很高，达到98\n.5%的受访者说好。\n", "达到98.5%"),
        ("全县建成食堂，共投入320\n万元，老人都来。\n", "共投入320万元"),
        ("全县建成食堂，共投入三\n百万元，老人都来。\n", "共投入三百万元"),
        ("全县去年出钱出房，建成食堂三十\n二家，老人都来。\n", "建成食堂三十二家"),
        ("县里先后出台补贴办法，\n奖励120家食堂。\n", "补贴办法,奖励120家"),
        ("县里先后出台补贴办法\n，奖励120家食堂。\n", "补贴办法,奖励120家"),
        ("县里印发《村级食堂\n管理办法》，奖励120家。\n", "《村级食堂管理办法》"),
        ("县里出钱，村里出房，把空置的\n老校舍改成食堂。\n", "空置的老校舍"),
        ("縣裡出錢，共投入3\n20萬元，老人都來。\n", "共投入320万元"),
        ("县里请来一家公司（Green\nKitchen）。\n", "(Green Kitchen)"),
    ],
)
def test_a_line_that_cannot_end_goes_on(text: str, joined: str) -> None:
    assert joined in read(text)


@pytest.mark.parametrize(
    "text",
    [
        "床位\n120\n130\n张村\n",
        "经验交流材料之3\n20万元建起一座食堂，老人都说好。\n",
        "索引号：12/2024-00318\n发布机构：南河县民政局\n",
        "一、县里出钱，\n二、村里出房。\n",
        "食堂开张，见图3\n2021年的价目，贴在墙上。\n",
        "村名   食堂数量，合计   3\n20   4   5\n",
    ],
)
def test_cells_headings_and_lists_are_not_joined(text: str) -> None:
    assert read(text).count("\n") == text.count("\n")


@pytest.mark.parametrize("number", ["— 16 —", "第16页", "-16-", "第 16 頁，共 30 頁", "Page 16"])
def test_a_page_number_inside_a_number_is_not_read(number: str, rules: pipeline.Pipeline) -> None:
    records = rows(f"全县食堂全年服务老人，共2\n\n{number}\n\n300人次，村村都有。\n", rules)
    assert [(r.value, r.unit) for r in records.indicators] == [(2300, "人次")]
    assert {n.text for n in records.numerals if n.reason == "not_text"} >= {"16"}


def test_a_bare_page_number_is_known_by_the_next_one(rules: pipeline.Pipeline) -> None:
    text = "全县食堂全年服务老人，共2\n16\n300人次，村村都有。\n账目每月公布。\n村民都看得见。\n17\n食堂天天开张。\n"
    assert [r.value for r in rows(text, rules).indicators] == [2300]


def test_a_running_head_inside_a_sentence_is_not_read() -> None:
    text = (
        "南河县食堂工作简报\n县里出钱，村里出房，把空置的\n- 1 -\n南河县食堂工作简报\n老校舍改成食堂。食堂开张以后，老人\n- 2 -\n"
        "南河县食堂工作简报\n天天来吃饭，村里热闹了。\n"
    )
    assert (
        read(text)
        == "南河县食堂工作简报\n县里出钱,村里出房,把空置的老校舍改成食堂。食堂开张以后,老人天天来吃饭,村里热闹了。\n"
    )


def test_a_running_head_is_known_by_the_sentences_it_cuts() -> None:
    head = "南河县食堂工作简报  第{}页"
    text = f"县里出钱，村里出房，把空置的\n{head.format(3)}\n老校舍改成食堂。食堂开张以后，老人\n{head.format(4)}\n天天来吃饭，村里热闹了。\n"
    assert read(text) == "县里出钱,村里出房,把空置的老校舍改成食堂。食堂开张以后,老人天天来吃饭,村里热闹了。\n"


def test_a_page_number_between_sentences_is_not_read_either() -> None:
    assert read("县里出钱，村里出房。\n— 3 —\n老人都来吃饭。\n") == "县里出钱,村里出房。\n\n老人都来吃饭。\n"


def test_a_form_feed_ends_a_page_and_no_sentence() -> None:
    assert "空置的老校舍" in read("县里出钱，村里出房，把空置的\n3\n\f老校舍改成食堂，老人都来。\n")


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("某县投入3\n20万元建食堂。\n", "3\n20"),
        ("全县食堂全年服务老人，共2\n16\n300人次，村村都有。\n", "2\n16\n300"),
        ("全县建成食堂三十\n二家，村村都有。\n", "三十\n二"),
    ],
)
def test_where_nothing_decides_the_number_is_unresolved(text: str, printed: str, rules: pipeline.Pipeline) -> None:
    records = rows(text, rules)
    assert records.indicators == ()
    assert {n.disposition for n in records.numerals} == {"unresolved"}
    (problem,) = records.problems
    assert (problem.code, problem.severity) == ("broken_line", "warning")
    assert text[problem.start : problem.end] == printed


def test_digits_that_an_override_turns_round_are_reported(rules: pipeline.Pipeline) -> None:
    records = rows("南河县投入\u202e023\u202c万元，又投入3\u202e02\u202c万元，建成12家。\n", rules)
    assert [r.value for r in records.indicators] == [12]
    assert [p.code for p in records.problems] == ["reordered_number", "reordered_number"]
    assert sum(n.disposition == "unresolved" for n in records.numerals) == 2
