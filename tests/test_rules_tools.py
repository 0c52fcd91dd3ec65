"""The tools of the rules: overlays, messages, checks, examples, new rules, coverage, explanations."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from casextract.cli import app
from casextract.dataset.read import Dataset
from casextract.reports.numerals import form_of
from casextract.rulebook.checks import findings, nested_quantifier, slow_probe
from casextract.rulebook.loading import Rulebook, load_rulebook, shipped_folder
from casextract.rulebook.models import Rule, RuleError
from casextract.ruletools.coverage import coverage
from casextract.ruletools.examples import ExampleError, run_examples, unmarked
from casextract.ruletools.new import value

Run = Callable[..., Result]
Write = Callable[[str, str], Path]


@pytest.fixture
def run() -> Run:
    runner = CliRunner()
    return lambda *args: runner.invoke(app, list(map(str, args)))


@pytest.fixture
def overlay(tmp_path: Path) -> Write:
    folder = tmp_path / "my-rules"
    folder.mkdir()

    def write(name: str, content: str) -> Path:
        (folder / name).write_text(content, encoding="utf-8")
        return folder

    return write


AIRCRAFT = """
[[rule]]
id = "unit.count.rotor"
intent = "flying machines without a pilot"
dimension = "count"
words = ["旋翼架"]
examples = [{ text = "配备⟦15旋翼架⟧无人机。", unit = "旋翼架", value = 15, metric = "count_other" }]
counterexamples = ["配备无人机15套。"]
"""


# ---- overlays ---------------------------------------------------------------------------------------------------------


def test_an_overlay_adds_a_rule(overlay: Write) -> None:
    shipped, laid = load_rulebook(), load_rulebook(overlay("units.toml", AIRCRAFT))
    assert laid.find("unit.count.rotor") is not None
    assert shipped.find("unit.count.rotor") is None
    assert len(laid.units) == len(shipped.units) + 1
    assert laid.digest != shipped.digest
    assert [o.failures for o in run_examples(laid, {"unit.count.rotor"})] == [()] * 4


def test_an_overlay_replaces_a_rule_in_its_place(overlay: Write) -> None:
    shipped = load_rulebook()
    first = shipped.units[0]
    laid = load_rulebook(overlay("units.toml", AIRCRAFT.replace("unit.count.rotor", first.id)))
    assert [r.id for r in laid.units] == [r.id for r in shipped.units]
    assert laid.units[0].words == ("旋翼架",)


@pytest.mark.parametrize("more", ["", 'intent = "kept for later use"\ndimension = "percent"\nwords = ["%"]\n'])
def test_an_overlay_disables_a_rule(more: str, overlay: Write) -> None:
    first = load_rulebook().units[0]
    laid = load_rulebook(overlay("units.toml", f'[[rule]]\nid = "{first.id}"\ndisabled = true\n{more}'))
    assert laid.find(first.id) is None


def test_an_overlay_adds_lines_to_the_plain_files(overlay: Write) -> None:
    overlay("lexicon.txt", "助浴快车 2000 n # 开出⟦助浴快车⟧12辆")
    shipped = load_rulebook()
    head = shipped.files["divisions.csv"].splitlines()[0]
    laid = load_rulebook(overlay("divisions.csv", f"\ufeff{head}\n999999,无此县,county,370000,,,,,current,,,\n"))
    assert laid.files["lexicon.txt"] == shipped.files["lexicon.txt"] + "助浴快车 2000 n # 开出⟦助浴快车⟧12辆\n"
    assert laid.files["divisions.csv"].splitlines()[len(shipped.files["divisions.csv"].splitlines()) :] == [
        "999999,无此县,county,370000,,,,,current,,,"
    ]
    assert [o.failures for o in run_examples(laid, {"lexicon.助浴快车"})] == [()]


# ---- messages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("units.toml", '[[rule]]\nid = "unit.a.b\n', ["units.toml", "line 2", "mend that line"]),
        (
            "units.toml",
            AIRCRAFT.replace("words =", "word ="),
            [
                "units.toml: rule unit.count.rotor",
                "words: Field required",
                "word: Extra inputs",
                "the keys of units are id",
            ],
        ),
        (
            "units.toml",
            AIRCRAFT.replace('"count"', '"number"'),
            ["units.toml: rule unit.count.rotor", "dimension: Input should be 'count', 'money'"],
        ),
        ("units.toml", AIRCRAFT * 2, ["units.toml: rule unit.count.rotor: the id is taken; choose another"]),
        (
            "exclusions.toml",
            '[[rule]]\nid = "code.a.b"\nintent = "codes of some kind"\nreason = "code"\npattern = "(A"\n',
            ["exclusions.toml: rule code.a.b", "'(A'", "does not compile: missing )"],
        ),
        (
            "segmentation.toml",
            '[[rule]]\nid = "noise.a"\nintent = "lines of some kind"\nkind = "noise"\npattern = "[A"\n',
            ["segmentation.toml: rule noise.a", "bad pattern"],
        ),
        (
            "units.toml",
            '[[rule]]\nid = "rotor"\nintent = "flying things"\ndimension = "count"\nwords = ["架"]\n',
            ["units.toml: rule rotor: id: String should match pattern"],
        ),
        (
            "unit.toml",
            AIRCRAFT,
            ["unit.toml: unknown concern 'unit'", "name the file after one of segmentation, units"],
        ),
        ("units.toml", "[[rules]]\nid = 1\n", ["units.toml: unknown key rules", "[[rule]] tables only"]),
        ("units.toml", "rule = [1]\n", ["units.toml: unknown key rule", "[[rule]] tables only"]),
        (
            "units.toml",
            '[[rule]]\nid = "unit.no.such"\ndisabled = true\n',
            ["units.toml: rule unit.no.such: there is no such rule to disable"],
        ),
    ],
)
def test_a_malformed_file_is_named_with_its_rule_and_the_remedy(
    name: str, content: str, says: list[str], overlay: Write, run: Run
) -> None:
    folder = overlay(name, content)
    result = run("rules", "test", "--rules", folder)
    assert result.exit_code == 2
    assert [part for part in [str(folder / name), *says] if part not in result.stderr] == []
    assert "Traceback" not in result.stderr
    checked = run("rules", "check", "--rules", folder)
    assert checked.exit_code == 1
    assert [part for part in [str(folder / name), *says] if part not in checked.stdout] == []


@pytest.mark.parametrize("name", ["lexicon.txt", "divisions.csv"])
def test_a_file_that_is_not_utf8_is_named(name: str, overlay: Write) -> None:
    folder = overlay(name, "")
    (folder / name).write_bytes("词".encode("gb18030"))
    with pytest.raises(RuleError, match=rf"{re.escape(name)}: not UTF-8 at byte 0; save it as UTF-8"):
        load_rulebook(folder)


# ---- checks -----------------------------------------------------------------------------------------------------------


def book(**concerns: list[dict[str, Any]]) -> Rulebook:
    """A rulebook of a few rules; what a rule leaves out is filled in."""
    from casextract.rulebook.models import CONCERNS

    def rule(concern: str, i: int, fields: dict[str, Any]) -> Rule:
        given = {
            "id": f"{concern}.r{i}",
            "intent": "made for a test",
            "examples": ({"text": "x"},),
            "counterexamples": ("x",),
        }
        return CONCERNS[concern].model_validate(given | fields)

    rules = {c: tuple(rule(c, i, f) for i, f in enumerate(rows)) for c, rows in concerns.items()}
    return Rulebook(**rules)


def codes(rulebook: Rulebook) -> list[tuple[str, str]]:
    return [(f.rule_id, f.code) for f in findings(rulebook)]


def test_check_wants_examples() -> None:
    bare = {"dimension": "count", "words": ("架",), "examples": (), "counterexamples": ()}
    assert codes(book(units=[bare])) == [("units.r0", "no_example"), ("units.r0", "no_counterexample")]


def test_check_finds_clashing_words() -> None:
    one, two = {"dimension": "count", "words": ("架", "艘")}, {"dimension": "length", "words": ("艘",)}
    assert codes(book(units=[one, two])) == [("units.r1", "clashing_word")]
    assert codes(book(units=[one, two | {"implied": True}])) == []
    assert codes(book(units=[{"dimension": "count", "words": ("架", "架")}])) == [("units.r0", "repeated_word")]
    bounds = [{"bound": "about", "before": ("约",)}, {"bound": "over", "before": ("约",)}]
    assert codes(book(bounds=bounds)) == [("bounds.r1", "clashing_word")]
    assert codes(book(bounds=[bounds[0], {"bound": "over", "after": ("约",)}])) == []


def test_check_finds_names_that_nothing_gives() -> None:
    unit = {"dimension": "count", "words": ("个架",), "canonical": {"个架": "架"}}
    asks = [
        {"metric": "aircraft", "dimension": "count", "units": ("架",)},
        {"metric": "aircraft", "dimension": "count", "units": ("个架",), "order": 1},
        {"metric": "aircraft", "dimension": "length", "units": ("架",)},
    ]
    assert codes(book(units=[unit], metrics=asks)) == [
        ("metrics.r1", "unknown_unit"),
        ("metrics.r2", "other_dimension"),
    ]
    odd = unit | {"factor": {"艘": 2.0}}
    assert codes(book(units=[odd])) == [("units.r0", "unknown_word")]
    status = {"status": "target", "metrics": ("ships",)}
    assert codes(book(units=[unit], metrics=asks[:1], status=[status])) == [("status.r0", "unknown_metric")]


def test_check_finds_shadowed_rules() -> None:
    general = {"metric": "count_other", "dimension": "count"}
    special = {"metric": "beds", "dimension": "count", "subject": "床位"}
    assert codes(book(metrics=[general, special])) == [("metrics.r1", "shadowed")]
    assert codes(book(metrics=[special, general])) == []
    assert codes(book(metrics=[general | {"order": 90}, special])) == []
    assert codes(book(metrics=[general | {"dimension": "length"}, special])) == []
    wide = {"metric": "a", "dimension": "count", "units": ("张", "家")}
    units = [{"dimension": "count", "words": ("张", "家", "间")}]
    assert codes(book(units=units, metrics=[wide, wide | {"units": ("张",)}])) == [("metrics.r1", "shadowed")]
    assert codes(book(units=units, metrics=[wide, wide | {"units": ("张", "间")}])) == []
    sums = [
        {"metric": "a", "dimension": "money", "at_most": 9000.0},
        {"metric": "b", "dimension": "money", "at_most": 10.0},
    ]
    assert codes(book(metrics=sums)) == [("metrics.r1", "shadowed")]
    assert codes(book(metrics=sums[::-1])) == []
    statuses = [
        {"status": "target", "clause": "力争", "per": "some"},
        {"status": "standard", "clause": "力争", "per": "time"},
    ]
    assert codes(book(status=statuses)) == [("status.r1", "shadowed")]


@pytest.mark.parametrize("pattern", ["(a+)+b", r"(?:\d+,?)+元", r"(?:\w+的)*\w+员", r"(?:.*,)*.*完成", r"(?:a|aa)+b"])
def test_check_finds_patterns_that_run_away(pattern: str) -> None:
    assert slow_probe(pattern) is not None
    exclusion = {"reason": "code", "pattern": pattern}
    assert codes(book(exclusions=[exclusion])) == [("exclusions.r0", "runaway_pattern")]


@pytest.mark.parametrize(
    "pattern", [r"(?:\d++,?)+元", r"\d+个.*?人", r"[一二三]{1,3}年", r"(?:\.\d+)*", r"第{N}[批期]", r"(?:[^。]*)员"]
)
def test_check_lets_sound_patterns_pass(pattern: str) -> None:
    assert slow_probe(pattern) is None
    assert nested_quantifier(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "group"),
    [
        ("(a+)+", "(a+)"),
        ("(?:,a+|b)*", "(?:,a+|b)"),
        (r"x(?:\d*y?){2,}", r"(?:\d*y?)"),
        ("(?>a+)+", None),
        ("(a++)+", None),
        ("(a+)++", None),
        ("(?:a{1,3}+b?)*", None),
        ("(?:a{1,}b?)*", "(?:a{1,}b?)"),
        (r"\(a+\)+", None),
        ("[(+]a+(b)*[]+)]", None),
        ("(a+){1,3}", None),
    ],
)
def test_nested_quantifiers(pattern: str, group: str | None) -> None:
    assert nested_quantifier(pattern) == group


# ---- examples ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("value = 15", "value = 16"), "value is 15.0, not 16"),
        (('unit = "旋翼架"', 'unit = "架"'), "unit is '旋翼架', not '架'"),
        (("⟦15旋翼架⟧", "⟦15⟧旋翼架"), "'15' does not come out; there is '15旋翼架' (count_other)"),
        (("⟦15旋翼架⟧", "15旋翼架"), "nothing is marked"),
        (("⟦15旋翼架⟧", "⟦15⟧⟦旋翼架⟧"), "mark one stretch"),
        (("value = 15", "worth = 15"), "indicators have no column worth"),
        (("配备⟦15旋翼架⟧无人机", "床位⟦15张⟧"), "the rule does not speak"),
        (("配备无人机15套", "配备15旋翼架"), "the rule speaks of '15旋翼架'"),
    ],
)
def test_an_example_that_fails_says_why(change: tuple[str, str], says: str, overlay: Write, run: Run) -> None:
    content = AIRCRAFT.replace(*change)
    assert content != AIRCRAFT
    result = run("rules", "test", "unit.count.rotor", "--rules", overlay("units.toml", content))
    assert result.exit_code == 1
    assert says in result.stdout
    assert "unit.count.rotor: " in result.stdout


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("value = 15", 'kind = "speech"'), "examples.0.kind: Input should be 'case_collection'"),
        (("value = 15", 'published_on = "2024-01-01"'), "examples.0.published_on: Value error, no date; write"),
        (("text = ", "sentence = "), "examples.0.text: Field required"),
    ],
)
def test_an_example_that_is_none_is_refused(change: tuple[str, str], says: str, overlay: Write, run: Run) -> None:
    content = AIRCRAFT.replace(*change)
    assert content != AIRCRAFT
    result = run("rules", "test", "unit.count.rotor", "--rules", overlay("units.toml", content))
    assert result.exit_code == 2
    assert says in result.stderr
    assert "rule unit.count.rotor" in result.stderr


def test_examples_that_pass_exit_0(overlay: Write, run: Run) -> None:
    folder = overlay("units.toml", AIRCRAFT)
    result = run("rules", "test", "unit.count.rotor", "--rules", folder)
    assert (result.exit_code, result.stdout) == (0, "4 examples of 1 rules, 0 failed\n")
    assert run("rules", "test", "unit.count.rotor", "--rules", folder, "--quiet").stdout == ""
    ran = json.loads(run("rules", "test", "unit.count.rotor", "--rules", folder, "--json").stdout)
    assert [(o["script"], o["role"]) for o in ran] == [
        ("hans", "example"), ("hant", "example"), ("hans", "counterexample"), ("hant", "counterexample"),
    ]  # fmt: skip
    assert ran[1]["text"] == "配備⟦15旋翼架⟧無人機。"


WORDS = """
[[rule]]
id = "words.own"
intent = "verbs that a test made up"
role = "verb"
words = ["{word}"]
examples = [{{ text = "{example}", subject = "{subject}" }}]
counterexamples = ["{counter}"]
"""


def test_a_word_rule_must_be_needed_by_its_example(overlay: Write, run: Run) -> None:
    def outcome(word: str, example: str, subject: str, counter: str) -> tuple[int, str]:
        folder = overlay("words.toml", WORDS.format(word=word, example=example, subject=subject, counter=counter))
        result = run("rules", "test", "words.own", "--rules", folder)
        return result.exit_code, result.stdout

    needed = outcome("打包", "新近打包凉亭⟦12座⟧。", "凉亭", "凉亭共有12座。")
    assert needed == (0, "4 examples of 1 rules, 0 failed\n")
    needless = outcome("打包", "全县共有凉亭⟦12座⟧。", "凉亭", "凉亭共有12座。")
    assert needless[0] == 1
    assert "it comes out without the rule as well" in needless[1]
    changing = outcome("打包", "新近打包凉亭⟦12座⟧。", "凉亭", "近期打包凉亭15座。")
    assert changing[0] == 1
    assert "the records change when the rule is taken away" in changing[1]


def test_marks() -> None:
    assert unmarked("建成⟦12家⟧。") == ("建成12家。", (2, 5))
    assert unmarked("建成12家。") == ("建成12家。", None)
    for text in ("⟧建成⟦", "⟦⟧", "⟦一", "⟦一⟧⟦二⟧"):
        with pytest.raises(ExampleError):
            unmarked(text)


# ---- new rules --------------------------------------------------------------------------------------------------------


def test_new_writes_a_rule_that_works(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "mine"
    made = run(
        "rules", "new", "units", "配备⟦15旋翼架⟧无人机。", "--id", "unit.count.rotor", "--to", folder,
        "--set", "dimension=count", "--set", "intent=flying machines without a pilot",
        "--set", 'counterexamples=["配备无人机15套。"]',
    )  # fmt: skip
    assert made.exit_code == 0
    assert "still to say" not in made.stderr
    assert load_rulebook(folder).units[-1].words == ("旋翼架",)
    assert run("rules", "test", "unit.count.rotor", "--rules", folder).exit_code == 0
    again = run("rules", "new", "units", "配备⟦15旋翼架⟧。", "--id", "unit.count.rotor", "--to", folder)
    assert again.exit_code == 2
    assert "the id is taken" in again.stderr


def test_new_reads_what_it_can_off_the_sentence(run: Run) -> None:
    metric = run("rules", "new", "metrics", "建成农家书屋⟦30家⟧。", "--id", "metric.libraries")
    assert 'dimension = "count"\nunits = ["家"]\nsubject = "农家书屋"\n' in metric.stdout
    assert "still to say: metric" in metric.stderr
    code = run("rules", "new", "exclusions", "依据⟦GB/T 29353.2⟧建设。", "--id", "code.own", "--set", "reason=code")
    assert "pattern = 'GB/T {D}'" in code.stdout or 'pattern = "GB/T {D}"' in code.stdout
    assert 'before = "依据"' in code.stdout
    heading = run("rules", "new", "segmentation", "⟦案例3⟧ 老街新生", "--id", "label.own", "--set", "kind=label")
    assert "pattern = '案例\\d+'" in heading.stdout
    assert run("rules", "new", "bounds", "超乎⟦12家⟧。", "--id", "bound.own").stdout.count('before = ["超乎"]') == 1
    assert run("rules", "new", "topics", "⟦听障⟧儿童", "--id", "topic.own").stdout.count('words = ["听障"]') == 1


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("unit", "⟦1⟧", "--id", "a.b"), "unknown concern 'unit'"),
        (("units", "⟦1⟧", "--id", "unit.percent"), "the id is taken"),
        (("units", "⟦1", "--id", "a.b"), "mark one stretch"),
        (("units", "配备15架无人机。", "--id", "a.b"), "as in 全区配备⟦15架⟧无人机。"),
        (("units", "⟦1⟧", "--id", "a.b", "--set", "colour"), "write FIELD=VALUE"),
    ],
)
def test_new_refuses_what_makes_no_rule(args: tuple[str, ...], says: str, run: Run) -> None:
    result = run("rules", "new", *args)
    assert result.exit_code == 2
    assert says in result.stderr


def test_new_writes_nothing_that_does_not_load(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "mine"
    arguments = ("rules", "new", "units", "配备⟦15旋翼架⟧无人机。", "--id", "unit.count.rotor", "--to", folder)
    draft = run(*arguments)
    assert (draft.exit_code, folder.exists()) == (1, False)
    assert "# dimension = count | money" in draft.stdout
    assert "still to say: dimension" in draft.stderr
    assert "not added, because it would not load" in draft.stderr
    pattern = run("rules", "new", "times", "⟦腊月⟧办展。", "--id", "time.own", "--to", folder, "--set", "pattern=([")
    assert (pattern.exit_code, folder.exists()) == (2, False)
    assert "time.own" in pattern.stderr
    told = run(*arguments, "--set", "dimension=count", "--set", "colour=red", "--set", "intent=机型")
    assert told.exit_code == 0
    assert '# colour = "red"' in (folder / "units.toml").read_text("utf-8")
    assert "colour: units has no such field" in told.stderr
    assert load_rulebook(folder).units[-1].intent == "机型"


def test_a_folder_with_one_broken_rule_can_be_worked_with(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "metrics.toml").write_text('[[rule]]\nid = "metric.broken"\nintent = "x"\n', encoding="utf-8")
    (folder / "topics.toml").write_text("no toml", encoding="utf-8")
    assert run("build", tmp_path, "-o", tmp_path / "out", "--rules", folder).exit_code == 2
    made = run(
        "rules", "new", "units", "配备⟦15旋翼架⟧无人机。", "--id", "unit.count.rotor", "--to", folder,
        "--set", "dimension=count", "--set", "intent=机型", "--set", 'counterexamples=["配备无人机15套。"]',
    )  # fmt: skip
    assert made.exit_code == 0
    assert "left aside" in made.stderr
    assert "metric.broken" in made.stderr
    checked = run("rules", "check", "--rules", folder)
    assert checked.exit_code == 1
    assert "error: metric.broken: unreadable" in checked.stdout
    assert "topics.toml: not valid TOML" in checked.stdout
    assert checked.stdout.count(": unreadable: ") == 2


def test_a_table_of_divisions_without_its_header_is_refused(overlay: Write, run: Run) -> None:
    # Its first row would be taken for the header and be lost.
    header = (shipped_folder() / "divisions.csv").read_text("utf-8").partition("\n")[0]
    row = "370700,峡山度假岛,area,370700,峡山度假岛,,,,functional,,,functional_area\n"
    refused = run("rules", "list", "--rules", overlay("divisions.csv", row))
    assert refused.exit_code == 2
    assert f"divisions.csv:1: the first line must be the header {header}" in refused.stderr
    folder = overlay("divisions.csv", f"{header}\n{row}")
    assert load_rulebook(folder).files["divisions.csv"].endswith(row)


def test_new_names_the_folder_it_cannot_write_to(tmp_path: Path, run: Run) -> None:
    (tmp_path / "file").write_text("")
    result = run(
        "rules", "new", "units", "配备⟦15旋翼架⟧。", "--id", "unit.count.rotor", "--to", tmp_path / "file",
        "--set", "dimension=count",
    )  # fmt: skip
    assert result.exit_code == 2
    assert f"{tmp_path / 'file'}: is a file; --to takes a folder of rules" in result.stderr


@pytest.mark.parametrize(
    "content", ["a", "反\\d斜", "it's \\d", "多\n行", 1, 1.5, True, ["a", "b"], {"键": 1, "k": "v"}]
)
def test_values_survive_toml(content: Any) -> None:
    import tomllib

    assert tomllib.loads(f"v = {value(content)}")["v"] == content


def test_list_and_show(run: Run) -> None:
    listed = run("rules", "list", "--concern", "units").stdout
    assert "unit.percent " in listed
    assert "metric." not in listed
    everything = json.loads(run("rules", "list", "--json").stdout)
    assert {"concern", "id", "intent"} == set(everything[0])
    shown = run("rules", "show", "unit.percent").stdout
    assert 'id = "unit.percent"' in shown
    assert "passes" in shown


# ---- datasets ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset")
    (folder / "raw").mkdir()
    (folder / "raw" / "a.txt").write_text(
        "全市建成助餐点近120家,入住率由45%提高到62.5%。\n第三批名单已经公布,编号是ZX⟨77⟩。\n", encoding="utf-8"
    )
    (folder / "raw" / "b.txt").write_text("河湾县新增床位360张。\n", encoding="utf-8")
    CliRunner().invoke(app, ["build", str(folder / "raw"), "-o", str(folder / "out"), "--quiet"])
    return folder / "out"


def test_coverage_counts_rules_and_documents(dataset: Path, run: Run) -> None:
    rows = {row.rule_id: row for row in coverage(Dataset.open(dataset), load_rulebook())}
    assert (rows["unit.percent"].fired, rows["unit.percent"].documents) == (2, ("a.txt",))
    assert rows["ordinal.di"].fired == 1
    assert sum(row.fired == 0 for row in rows.values()) > 100
    unused = run("rules", "coverage", dataset, "--unused")
    assert "unit.percent " not in unused.stdout
    assert run("rules", "coverage", dataset, "--json").exit_code == 0


def test_the_ledger_adds_up(dataset: Path, run: Run) -> None:
    total = len(Dataset.open(dataset).numerals)
    rows = json.loads(run("numerals", dataset, "--json").stdout)
    assert sum(row["count"] for row in rows) == total
    open_forms = json.loads(run("numerals", dataset, "--unresolved", "--json").stdout)
    assert sum(form["count"] for form in open_forms) == sum(
        r["count"] for r in rows if r["disposition"] == "unresolved"
    )
    share = sum(form["count"] for form in open_forms) / total
    assert run("numerals", dataset, "--at-most", share).exit_code == 0
    over = run("numerals", dataset, "--at-most", share - 0.001)
    assert over.exit_code == 1
    assert "of the numerals are unresolved" in over.stderr
    assert run("numerals", dataset, "--unresolved", "--reason", "ordinal").exit_code == 2
    ordinals = run("numerals", dataset, "--reason", "ordinal").stdout
    assert "第⟦三⟧批名单" in ordinals


def test_explain_follows_a_number(run: Run) -> None:
    said = run("explain", "--text", "截至2023年底,全区建成助餐点近120家,比目标多12%。", "--json")
    assert said.exit_code == 0
    explained = {e["text"]: e for e in json.loads(said.stdout)}
    beds = explained["120家"]
    roles = {r["role"]: r for r in beds["reasons"]}
    assert beds["verdict"].startswith("indicator: ")
    assert beds["indicator"]["metric"] == roles["metric"]["outcome"]
    assert roles["bound"]["outcome"] == "nearly"
    assert roles["bound"]["rule"].startswith("bound.")
    assert roles["unit"]["outcome"] == "家"
    assert "助餐点" in roles["subject"]["outcome"]
    assert any(e["verdict"] == "set aside: date" for e in explained.values())


KINDS = {
    "建成驿站12家。": "indicator", "投入资金300万元。": "indicator", "入住率为81%。": "indicator", "须在20日内办结。": "indicator",
    "年满60周岁的居民可申领。": "indicator", "占地约30亩。": "indicator", "由45家增加到60家。": "indicator", "第三批名单公布。": "set aside",
    "2023年4月18日挂牌。": "set aside", "走进千家万户。": "set aside",
}  # fmt: skip


@pytest.mark.parametrize("text", KINDS)
def test_explain_ten_kinds_of_numbers(text: str, run: Run) -> None:
    explained = json.loads(run("explain", "--text", text, "--json").stdout)
    assert explained
    for one in explained:
        assert one["verdict"].startswith(KINDS[text]), one
        assert one["reasons"]
        assert all(r["outcome"] for r in one["reasons"])
        assert any(r["rule"] for r in one["reasons"])
    assert run("explain", "--text", text).exit_code == 0


def test_explain_finds_by_offset_id_and_text(dataset: Path, run: Run) -> None:
    rows = list(Dataset.open(dataset).indicators.records())
    first = next(r for r in rows if r.text == "120家")
    document = ("--document", "a.txt")
    by_id = json.loads(run("explain", dataset, "--id", first.indicator_id, "--json").stdout)
    by_offset = json.loads(run("explain", dataset, *document, "--at", first.start + 1, "--json").stdout)
    by_text = json.loads(run("explain", dataset.parent / "raw" / "a.txt", "--text", "近120家", "--json").stdout)
    assert by_id == by_offset == by_text
    assert by_id[0]["indicator"] == first.model_dump(mode="json")
    assert run("explain", dataset, *document, "--at", 0).exit_code == 1
    assert run("explain", dataset, "--document", "c.txt").exit_code == 1


def test_show_marks_the_text(dataset: Path, run: Run) -> None:
    shown = run("show", dataset.parent / "raw" / "a.txt").stdout
    assert "⟦120家 " in shown
    assert "── case 1: " in shown


@pytest.mark.parametrize(
    ("text", "numeral", "form"),
    [
        ("塔共120座。", "120", "N座"), ("约3.5万的样子", "3.5万", "N万"), ("见注[3]。", "3", "mark of a note"), ("一行\n 12 \n又一行", "12", "number alone on a line"),
        ("得了37,还不算", "37", "number without a unit"), ("三百二十坵田", "三百二十", "一坵田"),
    ],
)  # fmt: skip
def test_unresolved_numerals_are_grouped_by_what_is_around_them(text: str, numeral: str, form: str) -> None:
    start = text.index(numeral)
    assert form_of(text, start, start + len(numeral)) == form
