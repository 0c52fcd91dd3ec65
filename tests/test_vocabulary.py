"""Named lists of words in patterns, and how much of the language still stands in Python."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

import casextract
from casextract.cli import app
from casextract.language.word_lists import FILE, WordLists
from casextract.rulebook.checks import findings
from casextract.rulebook.loading import VOCABULARY, load_rulebook, shipped_folder
from casextract.rulebook.models import RuleError
from casextract.rulebook.vocabulary import expand, names_in

SOURCE = Path(casextract.__file__).parent

RULE = """
[[rule]]
id = "exclude.keeper"
intent = "made for a test"
reason = "name"
order = 1
pattern = "{N}号{keeper}"
examples = [{ text = "请找⟦3⟧号门房。" }]
counterexamples = ["请找门房。"]
"""


def test_a_list_is_put_in_the_longest_word_first() -> None:
    lists = {"keeper": ("门", "门房", "a.b")}
    assert expand("{keeper}?$", lists) == r"(?:a\.b|门房|门)?$"


def test_what_only_looks_like_a_name_stays() -> None:
    for pattern in (r"\p{Han}{2,3}", r"\P{Lu}", r"a{2}", r"x{1,}+"):
        assert expand(pattern, {}) == pattern
    assert names_in(r"{keeper}\p{Han}{N}") == {"keeper"}


def test_an_overlay_adds_words_and_rules_that_name_them(tmp_path: Path) -> None:
    (tmp_path / VOCABULARY).write_text('keeper = ["门房"]\nagenda = ["盘算"]\n', encoding="utf-8")
    (tmp_path / "exclusions.toml").write_text(RULE, encoding="utf-8")
    laid = load_rulebook(tmp_path)
    assert laid.vocabulary["keeper"] == ("门房",)
    assert laid.vocabulary["agenda"] == (*load_rulebook().vocabulary["agenda"], "盘算")
    runner = CliRunner()
    ran = runner.invoke(app, ["rules", "test", "exclude.keeper", "--rules", str(tmp_path)])
    assert (ran.exit_code, ran.stdout) == (0, "4 examples of 1 rules, 0 failed\n")
    shown = json.loads(
        runner.invoke(app, ["rules", "show", "exclude.keeper", "--rules", str(tmp_path), "--json"]).stdout
    )
    assert shown["rule"]["pattern"] == "{N}号{keeper}"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("exclusions.toml", RULE, "rule exclude.keeper: no list of words is called 'keeper'; there are agenda"),
        (VOCABULARY, "keeper = []", "keeper: write a list of words"),
        (VOCABULARY, 'K = ["门房"]', "K: a list's name is of small letters"),
    ],
)
def test_what_cannot_be_used_is_refused(name: str, content: str, says: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(RuleError, match=re.escape(says)):
        load_rulebook(tmp_path)


def test_the_shipped_lists_are_sorted_and_used() -> None:
    for name, words in tomllib.loads((shipped_folder() / VOCABULARY).read_text(encoding="utf-8")).items():
        assert words == sorted(set(words)), name
    assert [f.rule_id for f in findings(load_rulebook()) if f.code == "unused_list"] == []


def test_a_name_in_braces_is_filled_in_the_order_of_its_words() -> None:
    lists = WordLists({"keeper": ("门房?", "门"), "edge": ("边", "沿")})
    assert lists.filled(r"(?:{keeper})\p{Han}{2,3}[{edge}]") == r"(?:门房?|门)\p{Han}{2,3}[边|沿]"
    with pytest.raises(KeyError):
        lists.filled("{nobody}")


WALKED = {"record", "columns", "front_matter", "after_suffix", "not_place_after"}
"""Tables that are read as a whole: their lists are called as what they stand for."""


@pytest.mark.parametrize("path", sorted(SOURCE.rglob(FILE)), ids=lambda path: path.parent.name)
def test_every_list_of_a_room_is_used_and_holds_each_word_once(path: Path) -> None:
    code = "".join(module.read_text(encoding="utf-8") for module in path.parent.glob("*.py"))
    for table, lists in tomllib.loads(path.read_text(encoding="utf-8")).items():
        for name, words in lists.items():
            assert len(set(words)) == len(words), (table, name)
            assert table in WALKED or "{" + name + "}" in code or f'"{name}"' in code, (table, name)


# Ideographs in string literals, docstrings left out, by room. Words of the language belong into rules/, words that are no rule
# into the room's words.toml: lower a figure when you move some, never raise one. What stays has a reason: `records` describes
# its columns in both languages, beside each column; `reports` sets the provinces out on a map; `normalise` folds characters one
# by one; in `load` are numerals, signs of dates and the characters that patterns of lines and cells tell apart.
CEILINGS = {
    "cli": 6,
    "dataset": 5,
    "extract": 1444,
    "load": 576,
    "normalise": 91,
    "places": 96,
    "records": 878,
    "reports": 137,
    "rulebook": 89,
    "ruletools": 35,
    "segment": 197,
}


def ideographs() -> Counter[str]:
    found: Counter[str] = Counter()
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                found[path.relative_to(SOURCE).parts[0].removesuffix(".py")] += len(re.findall(r"[㐀-鿿]", node.value))
    return +found


def test_no_more_of_the_language_stands_in_python() -> None:
    over = {room: count for room, count in ideographs().items() if count > CEILINGS.get(room, 0)}
    assert over == {}, "put the words into rules/"


def test_every_phrase_that_the_code_asks_for_is_a_rule() -> None:
    asked = {
        name
        for path in (SOURCE / "extract").rglob("*.py")
        for name in re.findall(r"phrases\.([a-z_]+)", path.read_text(encoding="utf-8"))
    }
    known = {rule.id.rpartition(".")[2] for rule in load_rulebook().phrases}
    assert asked - known == set()
