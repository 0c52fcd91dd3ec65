"""What the commands say is said in Chinese too: the catalogue lacks nothing, holds nothing that is not said, and is used."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import casextract
from casextract.cli import app
from casextract.language.catalogue import catalogue, holes, paragraphs, translated

SOURCE = Path(casextract.__file__).parent

SAID_BY = ("note", "fail", "said", "problem", "_problem", "Problem", "failure", "BadParameter", "add_task")
"""Calls whose texts are shown; so are those of exceptions, which are told by their names."""

FOR_PROGRAMMERS = (
    "AttributeError", "ImportError", "KeyError", "NotImplementedError", "TypeError", "ValueError", "SchemaError", "WorkerError",
)  # fmt: skip
"""Exceptions that no command shows: a mistake in a program that uses the package."""

NAME = "casextract: "


def variants(node: ast.expr) -> list[str]:
    """The templates that an expression can give: what is put in stands as {}."""
    match node:
        case ast.Constant(value=str(text)):
            return [text.replace("{}", "{{}}")]
        case ast.JoinedStr(values=parts):
            return ["".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in parts)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [a + b for a, b in itertools.product(variants(left), variants(right))]
        case ast.IfExp(body=body, orelse=other):
            return variants(body) + variants(other)
        case _:
            return ["{}"]


def shown() -> Iterator[tuple[str, str]]:
    """Every template that is shown to somebody, with where it stands."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in FOR_PROGRAMMERS or not (name in SAID_BY or name.endswith("Error")):
                continue
            for argument in [*node.args, *(k.value for k in node.keywords if k.arg in (None, "message", "told"))]:
                for template in variants(argument):
                    text = template.removeprefix(NAME)
                    # A word alone is a code or a name.
                    if any(c.isalpha() for c in text.replace("{}", "")) and (" " in text or name == "said"):
                        yield text, f"{path.relative_to(SOURCE)}:{node.lineno}"


def helps() -> Iterator[str]:
    """Every paragraph of help."""

    def walk(command: Any) -> Iterator[str]:
        yield from paragraphs(command.help or "")
        for param in command.params:
            yield from paragraphs(getattr(param, "help", None) or "")
        for inner in getattr(command, "commands", {}).values():
            yield from walk(inner)

    yield from walk(get_command(app))
    yield "Show this message and exit."


BY_TYPER = frozenset({
    "Usage: ", "Arguments", "Options", "Commands", "Error: {}", "Try '{}' for help.", "No such command '{}'.",
    "No such command '{}'. Did you mean {}?", "No such option: {}", "No such option: {} (Possible options: {})",
    "Missing option '{}'.", "Missing argument '{}'.", "Missing command.", "Invalid value for '{}': {}",
    "Invalid value for {}: {}", "Option '{}' requires an argument.", "Got unexpected extra argument(s) ({})",
    "Value error, {} is not one of {}.", "Input should be a valid integer, unable to parse string as an integer",
    "Input should be a valid number, unable to parse string as a number", "Input should be greater than or equal to {}",
    "Input should be less than or equal to {}", "Input should be {}", "Input should be a valid {}", "Field required", "Extra inputs are not permitted", "required",
    "default: {}", "Aborted!", "File '{}' does not exist.",
})  # fmt: skip
"""What the library of the command line says, which is not in the source of this package."""

BY_EXPLAIN = frozenset({
    "none", "None to None", "{} to {}", "{} has the lower order", "what the document is written for", "the old value of the comparison", "the unit",
    "the phrase behind the number", "the benefit granted", "the phrase before the number", "the topic of the sentence",
    "the topic of the clause before", "the noun right behind the number", "the extent named before the number",
    "the object of the verb behind", "the topic of the clause", "the deed within the time", "shared with its neighbours",
})  # fmt: skip
"""What the steps of an explanation say, whose English is made where the decision is taken."""

BY_THE_SYSTEM = frozenset({
    "No such file or directory", "Permission denied", "Is a directory", "Not a directory", "No space left on device", "Read-only file system",
    "File name too long",
})  # fmt: skip


def test_no_help_is_missing_in_chinese() -> None:
    wanted = {p for p in helps() if not p.startswith("Example:")}
    assert sorted(wanted - set(catalogue("help"))) == []
    assert sorted(set(catalogue("help")) - wanted) == []


def test_no_message_is_missing_in_chinese() -> None:
    wanted = dict(shown())
    known = set(catalogue("said"))
    assert sorted(f"{where}: {text}" for text, where in wanted.items() if text not in known) == []
    assert sorted(known - set(wanted) - BY_TYPER - BY_EXPLAIN - BY_THE_SYSTEM) == []


def test_every_translation_takes_up_what_is_put_in() -> None:
    for english, chinese in (catalogue("said") | catalogue("help")).items():
        own = holes(chinese)
        numbered = sorted({int(n) for n in own if n})
        assert (numbered or list(range(len(own)))) == list(range(len(holes(english)))), english
        assert not chinese.isascii(), english


def test_a_message_within_a_message_is_translated() -> None:
    assert translated("data/x.pdf: the pages are blank; check the file", "zh").startswith("data/x.pdf：")
    assert "空白" in translated("data/x.pdf: the pages are blank; check the file", "zh")
    assert translated("nobody has said this", "zh") == "nobody has said this"
    assert translated("the pages are blank; check the file", "en") == "the pages are blank; check the file"


def test_an_explanation_is_in_chinese_but_for_what_rules_say_of_themselves() -> None:
    text = "截至年底,全区建成助餐点近120家,老人20名、儿童15名,时限由20天缩短到5天。"
    page = CliRunner().invoke(app, ["explain", "--text", text, "--lang", "zh"]).stdout
    told = [line.split("→")[0] + (line.split("→")[1:] or [""])[0].split("  ")[0] for line in page.splitlines()]
    assert re.findall(r"^  ([a-z]+) ", page, re.MULTILINE) == []
    words = {w for line in told for w in re.findall(r"[a-z]{2,}", line)}
    # File names and ids of rules stay what they are.
    assert {w for w in words if not re.search(rf"(?:example|[.]{w}|{w}[.])", page)} == set()


def commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [()]

    def walk(command: Any, path: tuple[str, ...]) -> None:
        for name, inner in getattr(command, "commands", {}).items():
            found.append((*path, name))
            walk(inner, (*path, name))

    walk(get_command(app), ())
    return found


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_help_in_chinese_fits_the_terminal(path: tuple[str, ...]) -> None:
    from wcwidth import wcswidth

    page = CliRunner().invoke(app, [*path, "--help", "--lang", "zh"]).stdout
    assert page.startswith("用法：")
    assert "选项：" in page
    assert "显示本帮助并退出" in page
    examples = [line for line in page.splitlines() if "casextract" in line]
    assert [line for line in page.splitlines() if wcswidth(line) > 100 and line not in examples] == []


@pytest.mark.parametrize(
    ("environment", "args", "language"),
    [
        ({}, [], "en"),
        ({"LANG": "zh_CN.UTF-8"}, [], "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, [], "en"),
        ({"LANG": "zh_CN.UTF-8"}, ["--lang", "en"], "en"),
        ({"CASEXTRACT_LANG": "zh"}, [], "zh"),
        ({"CASEXTRACT_LANG": "en"}, ["--lang=zh"], "zh"),
    ],
)
def test_the_language_is_the_one_asked_for(
    environment: dict[str, str], args: list[str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANG", "LC_ALL", "LC_MESSAGES", "CASEXTRACT_LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    page = CliRunner().invoke(app, ["rules", "list", *args, "--help"]).stdout
    assert page.lstrip().startswith("用法" if language == "zh" else "Usage")


def test_a_language_there_is_not_is_wrong_usage() -> None:
    result = CliRunner().invoke(app, ["schema", "--lang", "fr"])
    assert result.exit_code == 2
    assert "--lang is one of en, zh, not fr" in result.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two datasets that differ, and annotations of the first."""
    import json

    from casextract.build.build import build

    folder = tmp_path_factory.mktemp("terminal")
    for name, text in (("one", "河湾县新增床位360张，投入5万元。\n"), ("two", "河湾县新增床位380张，投入5万元。\n")):
        (folder / name).mkdir()
        (folder / name / "a.txt").write_text(text, encoding="utf-8")
        build([folder / name], folder / f"{name}.out")
    (folder / "gold").mkdir()
    gold = {"doc": "a.txt", "range": None, "cases": [], "measures": [], "indicators": []}
    (folder / "gold" / "a.json").write_text(json.dumps(gold), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "line",
    ["diff one.out two.out", "diff one.out one.out", "show one/a.txt", "evaluate one.out gold", "find 床位 -d one.out"],
)
def test_what_stands_on_a_terminal_is_chinese(line: str, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built)
    page = CliRunner().invoke(app, ["--lang", "zh", *line.split()]).stdout
    assert page
    # Identifiers of rules, names of files and the signs of precision and recall stay what they are.
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"[\w/]+(?:\.\w+)+(?:@\d+)?|SHA-256|\b[0-9a-f]{8,}", "", page))
    assert words == []
