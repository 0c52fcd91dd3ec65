"""Twenty mistakes that people make, and what each prints: the place, the reason, the remedy, and an exit code; in Chinese as well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.cli import app

TEXT = "河湾县盘活闲置校舍12处,新增床位360张。\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with articles `raw`, a dataset `out` of them, one with a failure `poor`, and files that are wrong."""
    folder = tmp_path_factory.mktemp("mistakes")
    for name in ("raw", "mixed", "rules", "nothing", "unfit"):
        (folder / name).mkdir()
    (folder / "raw" / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / "mixed" / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / "mixed" / "empty.txt").write_text("", encoding="utf-8")
    (folder / "mixed" / "scan.pdf").write_bytes(b"%PDF-1.4\nbroken")
    (folder / "rules" / "units.toml").write_text('[[rule]]\nid = "unit.own"\nintent = "own"\ncolour = "red"\n', "utf-8")
    (folder / "unfit" / "casextract.toml").write_text('output = "out"\n', encoding="utf-8")
    (folder / "notes.txt").write_text("not a folder", encoding="utf-8")
    build([folder / "raw"], folder / "out", BuildOptions(jobs=1))
    build([folder / "mixed"], folder / "poor", BuildOptions(jobs=1))
    return folder


MISTAKES: dict[str, tuple[str, int, str, str]] = {
    # name: (command line, exit code, what it says, what it says in Chinese)
    "a command that there is not": ("biuld raw -o out", 2, "Did you mean 'build'?", "是否要用 'build'"),
    "an option that there is not": ("build raw -o new --job 2", 2, "No such option: --job (Possible options: --jobs", "没有选项 --job"),
    "no output named": ("build raw", 2, "Missing option '--out' / '-o'.", "缺少选项"),
    "a folder mistyped": ("build rwa -o new", 2, "rwa: no such file or folder; check the path", "没有这个文件或文件夹"),
    "an option before its value": ("build raw -o", 2, "Option '-o' requires an argument.", "需要一个值"),
    "a word for a number": ("build raw -o new --jobs many", 2, "Invalid value for '--jobs' / '-j': Input should be a valid integer", "应为整数"),
    "output onto a file": ("build raw -o notes.txt", 2, "notes.txt: is a file; --out takes a folder", "--out 应为文件夹"),
    "files that cannot be read": ("build mixed -o new -q", 1, "empty.txt: the file is empty; fetch it again or take it away", "文件为空"),
    "an encoding that there is not": ("build raw -o new --encoding gbk2", 2, "there is no encoding 'gbk2'", "没有编码"),
    "rules that are wrong": ("build raw -o new --rules rules", 2, "units.toml: rule unit.own: dimension: Field required", "units.toml"),
    "a dataset that is none": ("report raw report.html", 2, "raw: no datapackage.json, so it is no dataset", "不是数据集"),
    "a dataset that is not there": ("problems none", 2, "none: no such folder; build a dataset with: casextract build", "没有这个文件夹"),
    "a report beside nothing": ("report out", 2, "Missing argument 'REPORT.html'.", "缺少参数“REPORT.html”"),
    "a date as people say it": ("report out r.html --since last-year", 2, "write a date as 2024, 2024-05 or 2024-05-01", "日期请写作"),
    "words that do not occur": ("find -d out 月球", 1, "nothing found; try fewer words, or part of a word", "没有找到"),
    "a format that there is not": ("export out numbers.xls", 2, "numbers.xls: the name does not say the format", "看不出格式"),
    "a sentence without a mark": ("rules new units 配备15架无人机 --id unit.own", 2, "as in 全区配备⟦15架⟧无人机。", "没有标记"),
    "an id half remembered": ("rules show unit.percentage", 2, "did you mean unit.percent", "是否要用 unit.percent"),
    "a question without a text": ("explain", 2, "nothing to explain; give FILE or DATASET, or a sentence with --text", "没有可说明的内容"),
    "settings by another name": ("build raw -o new", 2, "casextract.toml: output: Extra inputs are not permitted", "可用的设置有 inputs"),
    "a metric that there is not": ("find --metric nix -d out", 2, "no metric is called nix; take one of age, allowance", "没有名为 nix 的指标类别"),
    "a topic that there is not": ("report out r.html --topic nix", 2, "no topic is called nix; take one of charity", "没有名为 nix 的主题"),
    "a reason that there is not": ("numerals out --reason nix", 2, "no reason is called nix; take one of basis", "没有名为 nix 的搁置原因"),
    "a page of nothing": ("report out r.html --place 火星", 1, "nothing found, so no page is written", "因此未生成网页"),
    "no words to find": ("find -d out", 2, "nothing to find; give words", "没有要查找的内容"),
    "an id with a blank": ("rules new units 配备⟦15架⟧机。 --id Own --to own", 2, "'Own' is no id; write small letters", "不是规则编号"),
    "a field of a wrong value": ("rules new units 配备⟦15架⟧机。 --id unit.own --set dimension=nix --to own", 2, "dimension: Input should be 'count'", "应为 'count'"),
    "rules into a file": ("rules new units 配备⟦15架⟧机。 --id unit.own --set dimension=count --to notes.txt", 2, "notes.txt: is a file; --to takes a folder of rules", "--to 应为规则文件夹"),
    "a page onto a folder": ("show raw --html nothing", 1, "nothing: is a folder; name a file", "是文件夹"),
    "output inside the input": ("build raw -o raw/out", 2, "raw/out: lies inside the input raw", "raw/out"),
    "an input without articles": ("build nothing -o out", 2, "no article below nothing; the dataset out stays as it was", "out"),
    "a share above one": ("build raw -o new --at-most 20", 2, "Input should be less than or equal to 1", "应不大于 1"),
    "a dataset that has gone stale": ("build raw -o poor --check", 1, "poor is not what the inputs and rules give", "与输入和规则的结果不一致"),
}  # fmt: skip


@pytest.fixture
def run(place: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str], Result]:
    def invoke(name: str, line: str, language: str) -> Result:
        monkeypatch.chdir(place)
        if name == "settings by another name":
            monkeypatch.setenv("CASEXTRACT_CONFIG", str(place / "unfit" / "casextract.toml"))
        return CliRunner().invoke(app, ["--lang", language, *line.split()], prog_name="casextract")

    return invoke


def test_there_are_twenty() -> None:
    assert len(MISTAKES) >= 20


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_remedy(name: str, run: Callable[[str, str, str], Result]) -> None:
    line, code, english, chinese = MISTAKES[name]
    for language, says in (("en", english), ("zh", chinese)):
        result = run(name, line, language)
        told = " ".join(result.stderr.split())
        assert says in told
        assert result.exit_code == code
        assert "Traceback" not in told
        assert result.stdout == "" or code == 1


# ---- builds that speak ------------------------------------------------------------------------------------------------


def cli(*args: str | Path) -> Result:
    return CliRunner().invoke(app, list(map(str, args)))


def test_each_error_is_told_also_where_the_summary_is_not_wanted(place: Path, tmp_path: Path) -> None:
    result = cli("build", place / "mixed", "-o", tmp_path / "out", "-q")
    assert (result.exit_code, result.stdout) == (1, "")
    told = result.stderr.splitlines()
    assert [line.split(":")[1].strip() for line in told] == ["empty.txt", "scan.pdf"]
    # The dataset that is up to date still lacks them.
    assert cli("build", place / "mixed", "-o", tmp_path / "out", "-q").stderr == result.stderr
    checked = cli("build", place / "mixed", "-o", tmp_path / "out", "--check")
    assert checked.exit_code == 1
    assert "empty.txt: the file is empty" in checked.stderr


def test_thousands_of_errors_do_not_fill_the_screen(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    for i in range(25):
        (tmp_path / "raw" / f"{i:02}.txt").write_text("", encoding="utf-8")
    told = cli("build", tmp_path / "raw", "-o", tmp_path / "out", "-q").stderr.splitlines()
    assert len(told) == 21
    assert "5 more errors; read them: casextract problems" in told[-1]
    listed = cli("problems", tmp_path / "out", "--severity", "error")
    assert (listed.exit_code, len(listed.stdout.splitlines())) == (1, 25)


def test_the_summary_is_there_for_tools(place: Path, tmp_path: Path) -> None:
    import json

    result = cli("build", place / "mixed", "-o", tmp_path / "out", "--json")
    summary = json.loads(result.stdout)
    assert summary["documents"] == 1
    assert summary["failed"] == len(summary["failures"]) == 2
    assert summary["problems"]["error"] == 2
    problems = json.loads(cli("problems", tmp_path / "out", "--json").stdout)
    assert [p["source_path"] for p in problems] == ["empty.txt", "scan.pdf"]
    assert all(p["severity"] == "error" and p["message"] for p in problems)


def test_limits_make_a_build_fail(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.txt").write_text("去冬以来凿机井12眼。室温提高4度。\n", encoding="utf-8")
    assert cli("build", raw, "-o", tmp_path / "out", "-q").exit_code == 0
    result = cli("build", raw, "-o", tmp_path / "out", "-q", "--at-most", "0.01")
    assert result.exit_code == 1
    assert "of the numerals are unresolved, at most 1.00% may be; list them" in result.stderr


def test_warnings_are_counted_and_may_be_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import handmade
    from casextract.assemble import Records
    from casextract.load import Source
    from casextract.records import Problem

    def doubtful(source: Source, pipeline: object) -> Records:
        records = handmade.run(source, pipeline)
        problem = Problem(
            source_path=source.path, doc_id=source.doc_id, stage="segment", severity="warning", code="doubtful_place",
            message="which place is meant is open; look at it", start=None, end=None,
        )  # fmt: skip
        return Records(
            records.documents, records.cases, records.measures, records.indicators, records.numerals, (problem,)
        )

    handmade.install(monkeypatch)
    monkeypatch.setattr("casextract.build.guarded.run_normalised", handmade.on_text(doubtful))
    raw = handmade.write_articles(tmp_path / "raw", 2)
    loose = cli("build", raw, "-o", tmp_path / "out", "--no-cache", "-j", "1")
    assert loose.exit_code == 0
    assert "2 warnings; read them: casextract problems" in loose.stderr
    strict = cli("build", raw, "-o", tmp_path / "out", "--no-cache", "-j", "1", "--strict")
    assert strict.exit_code == 1
    assert "warnings are errors with --strict" in strict.stderr


def test_repeats_are_told(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.txt").write_text(TEXT, encoding="utf-8")
    (raw / "b.txt").write_text(TEXT + "\n", encoding="utf-8")
    summary = cli("build", raw, "-o", tmp_path / "out").stdout
    assert "repeats            1  (2 indicators; leave them out before adding up)" in summary
    chinese = cli("build", raw, "-o", tmp_path / "out", "--lang", "zh").stdout
    assert "重复文档           1  (2 个指标" in chinese


# ---- settings ---------------------------------------------------------------------------------------------------------


def test_settings_stand_in_a_file_and_the_environment(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CASEXTRACT_OUT", "CASEXTRACT_LANG", "CASEXTRACT_INPUTS"):
        monkeypatch.delenv(name, raising=False)
    settings = f'inputs = ["{place / "raw"}"]\nout = "made"\nlang = "zh"\n'
    (tmp_path / "casextract.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    made = cli("build")
    assert made.exit_code == 0
    assert "文档" in made.stdout
    # A path is meant from the folder of the file.
    assert (tmp_path / "made" / "datapackage.json").is_file()
    assert cli("problems").exit_code == 0
    assert cli("find", "床位", "-d", "../made", "--lang", "en").stdout.startswith("河湾县") is False
    monkeypatch.setenv("CASEXTRACT_OUT", str(tmp_path / "other"))
    assert cli("build", "-q").exit_code == 0
    assert (tmp_path / "other").is_dir()
    assert cli("build", "-q", "-o", tmp_path / "third").exit_code == 0
    assert (tmp_path / "third").is_dir()


def test_settings_that_cannot_be_used_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "casextract.toml").write_text("jobs = [", encoding="utf-8")
    broken = cli("rules", "list")
    assert (broken.exit_code, "casextract.toml: not valid TOML" in broken.stderr) == (2, True)
    (tmp_path / "casextract.toml").unlink()
    monkeypatch.setenv("CASEXTRACT_CONFIG", "elsewhere.toml")
    absent = cli("rules", "list")
    assert (absent.exit_code, "elsewhere.toml: no such file" in absent.stderr) == (2, True)
