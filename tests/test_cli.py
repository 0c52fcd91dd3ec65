"""The command line: help, exit codes, streams, and the stage commands against the build."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from casextract.cli import app
from casextract.dataset import json_lines as jsonl
from casextract.dataset.read import Dataset
from casextract.load import Source
from casextract.records import TABLES, Problem

Run = Callable[..., Result]

ARTICLE = """临水市民政局:把服务送到家门口

一是建网络。全市新建社区助餐点48家,总投入1200万元。
二是强队伍。培训护理员近600人次,持证率由55%提高到81%。
"""
TWIN = "河湾县盘活闲置校舍12处,新增床位360张。\n"


@pytest.fixture
def run() -> Run:
    runner = CliRunner()

    def invoke(*args: str | Path, stdin: str | bytes | None = None) -> Result:
        return runner.invoke(app, list(map(str, args)), input=stdin)

    return invoke


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text(ARTICLE, encoding="utf-8")
    (folder / "b.txt").write_text(TWIN, encoding="utf-8-sig")
    (folder / "sub" / "c.txt").write_text(TWIN, encoding="utf-8-sig")
    (folder / "empty.txt").write_text("", encoding="utf-8")
    (folder / "--help.txt").write_text("城北区走访老人3200人次。", encoding="utf-8")
    return folder


def commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []

    def walk(command: object, path: tuple[str, ...]) -> None:
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, (*path, name))
        if not getattr(command, "commands", None):
            found.append(path)

    walk(get_command(app), ())
    return found


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_every_command_has_help_with_an_example(path: tuple[str, ...], run: Run) -> None:
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert "Example: casextract" in " ".join(result.stdout.split())


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_every_command_is_in_the_readme(name: str, root: Path) -> None:
    readme = (root / name).read_text(encoding="utf-8")
    assert [c for c in map(" ".join, commands()) if f"`casextract {c}" not in readme] == []


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, typer.testing\n"
        "from casextract.cli import app\n"
        "known = set(sys.modules)\n"
        "typer.testing.CliRunner().invoke(app, ['--help'])\n"
        "heavy = {'pyarrow', 'pydantic', 'regex', 'rich', 'jieba', 'opencc', 'lxml', 'docx', 'pypdfium2', 'resiliparse'}\n"
        "print(sorted(heavy & set(sys.modules)), 'casextract.records' in known)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] False"


def test_help_answers_within_a_quarter_of_a_second() -> None:
    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "casextract", "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    # Processor time: what the command takes, not what else the machine does. The first run may write byte code.
    assert min(seconds() for _ in range(5)) < 0.25


def test_version(run: Run) -> None:
    assert run("--version").stdout.startswith("casextract ")


def test_stages_by_pipe_give_the_rows_of_the_build(run: Run, raw: Path, tmp_path: Path) -> None:
    built = run("build", raw, "--out", tmp_path / "out")
    loaded = run("load", raw)
    normalised = run("normalise", stdin=loaded.stdout)
    segmented = run("segment", stdin=normalised.stdout)
    extracted = run("extract", stdin=segmented.stdout)
    # The empty file is a problem, at every step.
    assert [r.exit_code for r in (built, loaded, normalised, segmented, extracted)] == [1] * 5
    assert_same_rows(extracted.stdout, Dataset.open(tmp_path / "out"))


@pytest.mark.needs_shared
def test_stages_by_pipe_give_the_rows_of_the_build_on_the_corpus(run: Run, shared: Path, tmp_path: Path) -> None:
    assert run("build", shared / "corpus", "--out", tmp_path / "out").exit_code == 0
    text = run("load", shared / "corpus").stdout
    for stage in ("normalise", "segment", "extract"):
        text = run(stage, stdin=text).stdout
    assert_same_rows(text, Dataset.open(tmp_path / "out"))


def assert_same_rows(lines: str, dataset: Dataset) -> None:
    streamed: dict[str, list[object]] = {table: [] for table in TABLES}
    for line in lines.splitlines():
        ((table, row),) = json.loads(line).items()
        streamed[table].append(TABLES[table].model_validate_json(json.dumps(row)))
    assert streamed["documents"]
    for table in TABLES:
        assert streamed[table] == list(dataset[table].records()), table


def test_stage_values_survive_json_lines(raw: Path) -> None:
    from casextract.load import discover, load_file
    from casextract.normalise import normalise

    source = load_file(discover([raw])[1]).sources[0]
    text = normalise(source)
    assert list(jsonl.parse([jsonl.line(source)], "source")) == [source]
    assert list(jsonl.parse(["\n", jsonl.line(text)], "text")) == [text]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 2: not JSON"),
        ("[]", "line 2: not an object with one key"),
        ('{"text": {}}', "line 2: holds 'text', not 'source'; feed it what 'casextract load' writes"),
        ('{"source": {"doc_id": 1}}', "line 2: no sound source"),
        ('{"problems": {"stage": "load"}}', "line 2: no sound problems"),
    ],
)
def test_a_bad_line_is_named_and_the_others_come_through(line: str, reason: str, run: Run) -> None:
    good = jsonl.line(Source("d", "a.txt", "0" * 64, "text/plain", "utf-8", TWIN))
    result = run("normalise", stdin=f"{good}\n{line}\n{good}\n")
    assert result.exit_code == 1
    assert reason in result.stderr
    assert result.stdout.count('{"text":') == 2


def test_a_stage_that_fails_costs_one_article_and_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import casextract.normalise as module

    real = module.normalise

    def failing(source: Source) -> module.Text:
        if source.path == "bad.txt":
            raise ZeroDivisionError("broken")
        return real(source)

    monkeypatch.setattr(module, "normalise", failing)
    sources = [Source("d", name, "0" * 64, "text/plain", "utf-8", TWIN) for name in ("bad.txt", "good.txt")]
    result = run("normalise", stdin="\n".join(map(jsonl.line, sources)))
    first, second = result.stdout.splitlines()
    problem = Problem.model_validate_json(json.dumps(json.loads(first)["problems"]))
    assert (result.exit_code, problem.severity, problem.source_path) == (1, "error", "bad.txt")
    assert "ZeroDivisionError" in problem.message
    assert second.startswith('{"text":')


@pytest.mark.parametrize("command", ["load", "show", "build"])
def test_a_parser_that_raises_costs_one_file(
    command: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import casextract.load.dispatch as module

    real = module.decode

    def failing(data: bytes, *args: str | None) -> object:
        if b"RAISE" in data:
            raise ZeroDivisionError("broken")
        return real(data, *args)

    monkeypatch.setattr(module, "decode", failing)
    monkeypatch.setattr("casextract.build.tasks.IN_WORKERS", False)
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "bad.txt").write_text("RAISE", encoding="utf-8")
    (raw / "good.txt").write_text(TWIN, encoding="utf-8")
    options = ("-o", tmp_path / "out") if command == "build" else ()
    result = run(command, raw, *options)
    assert result.exit_code == 1
    said = result.output
    if command == "build":
        dataset = Dataset.open(tmp_path / "out")
        said = "".join(
            [*(p.message for p in dataset.problems.records()), *(d.text for d in dataset.documents.records())]
        )
    assert "bad.txt: ZeroDivisionError in" in said
    assert "河湾县盘活闲置校舍" in said


@pytest.mark.parametrize("encoding", ["gb-18030-x", "rot13", "base64"])
@pytest.mark.parametrize("command", ["load", "build", "explain", "show"])
def test_an_encoding_that_is_none_is_wrong_usage(
    command: str, encoding: str, run: Run, raw: Path, tmp_path: Path
) -> None:
    # Else a slip of the pen would put an empty dataset in the place of the former one.
    options = ("-o", tmp_path / "out") if command == "build" else ()
    result = run(command, raw, *options, "--encoding", encoding)
    assert result.exit_code == 2
    assert f"there is no encoding '{encoding}'" in " ".join(result.stderr.split())
    assert not (tmp_path / "out").exists()


def test_an_encoding_of_two_bytes_a_character_may_be_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TWIN.encode("utf-16-be"))
    assert "河湾县" in run("load", tmp_path / "a.txt", "--encoding", "utf-16-be").stdout


def test_results_go_to_stdout_and_messages_to_stderr(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "nothing"
    empty.mkdir()
    result = run("build", empty, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "no articles below" in result.stderr
    assert "documents" in result.stdout
    quiet = run("build", empty, "--out", tmp_path / "out", "--quiet")
    assert quiet.stdout == ""


def test_build_says_what_it_made(run: Run, raw: Path, tmp_path: Path) -> None:
    result = run("build", raw, "-o", tmp_path / "out")
    lines = dict(line.split(maxsplit=1) for line in result.stdout.splitlines() if not line.startswith((" ", "tables")))
    assert lines["documents"].split()[0] == "4"
    assert lines["problems"].split("(")[1].startswith("1 error")
    assert result.exit_code == 1
    assert f"tables in {tmp_path / 'out'}" in result.stdout


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("build", "missing-folder", "-o", "out"), "missing-folder: no such file or folder"),
        (("load", "missing-folder"), "missing-folder: no such file or folder"),
        (("build", ".", "-o", "../beside", "--rules", "no-rules"), "no-rules: no such folder"),
        (("segment", "--rules", "no-rules"), "no-rules: no such folder"),
        (("normalise", "no-file.jsonl"), "no-file.jsonl: No such file"),
        (("numerals", "no-dataset"), "no-dataset: no such folder"),
        (("rules", "coverage", "no-dataset"), "no-dataset: no such folder"),
        (("rules", "show", "unit.percentage"), "did you mean unit.percent"),
        (("rules", "list", "--concern", "unit"), "unknown concern 'unit'"),
        (("explain",), "nothing to explain"),
        (("build", "."), "--out"),
    ],
)
def test_wrong_usage_exits_2_and_names_the_remedy(
    args: tuple[str, ...], reason: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*args)
    assert result.exit_code == 2
    assert reason in result.stderr
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("check", [False, True])
def test_rules_that_do_not_compile_are_wrong_usage_however_many_work(
    jobs: int, check: bool, run: Run, raw: Path, tmp_path: Path
) -> None:
    assert run("build", raw, "-o", tmp_path / "out").exit_code == 1
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "times.toml").write_text(
        '[[rule]]\nid = "time.broken"\nintent = "no pattern at all"\npattern = "(["\n', encoding="utf-8"
    )
    options = ["--check"] if check else []
    result = run("build", raw, "-o", tmp_path / "out", "--jobs", jobs, "--rules", rules, *options)
    assert result.exit_code == 2
    assert "times.toml: rule time.broken" in result.stderr


def test_schema_prints_both_forms(run: Run) -> None:
    assert list(json.loads(run("schema").stdout)["properties"]) == list(TABLES)
    assert "## `indicators`" in run("schema", "--format", "markdown").stdout
    assert "数据字典" in run("schema", "--format", "markdown", "--language", "zh").stdout
    assert run("schema", "--format", "xml").exit_code == 2


def test_python_api() -> None:
    import casextract

    records = casextract.extract_text(TWIN)
    assert [(i.value, i.unit) for i in records.indicators] == [(12.0, "处"), (360.0, "张")]
    document = records.documents[0]
    assert all(document.text[i.start : i.end] == i.text for i in records.indicators)
    with pytest.raises(ValueError, match=r"text\.txt"):
        casextract.extract_text("  \n")
    with pytest.raises(AttributeError):
        _ = casextract.no_such_name
    assert {*casextract.__all__} <= {*dir(casextract)}
    assert casextract.Dataset is Dataset


def test_every_exception_of_the_package_is_one_kind() -> None:
    import importlib
    import inspect
    import pkgutil

    import casextract
    from casextract.errors import CasextractError

    names = [
        m.name for m in pkgutil.walk_packages(casextract.__path__, "casextract.") if not m.name.endswith("__main__")
    ]
    own = {
        c
        for name in names
        for _, c in inspect.getmembers(importlib.import_module(name), inspect.isclass)
        if issubclass(c, Exception) and c.__module__.startswith("casextract.") and not c.__name__.startswith("_")
    }
    assert len(own) > 10
    assert {c for c in own if not issubclass(c, CasextractError)} == set()
    assert {c.exit_code for c in own} == {1, 2}
