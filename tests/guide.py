"""Run the commands of a guide and compare, or write, what they print.

    python tests/guide.py docs/rules.md docs/rules.zh.md    # writes the output into the guides

In a guide, a block ```` ```text NAME ```` or ```` ```python NAME ```` is a file that the reader makes, a block ```` ```console ````
holds commands behind `$ `, each followed by what it prints. Commands run in one folder that holds the sample articles as
`data/raw` and nothing else, from the first to the last.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from typer.testing import CliRunner

from casextract.cli import app

RAW = Path(__file__).resolve().parents[1] / "data" / "raw"
_BLOCK = re.compile(
    r"^```(?P<kind>(?:text|python) (?P<name>\S+)|console)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)


def rerun(guide: str) -> str:
    """The guide with the output of its commands as it is now."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("data").mkdir()
        Path("data/raw").symlink_to(RAW, target_is_directory=True)
        return _BLOCK.sub(_block, guide)


def commands(body: str) -> Iterator[str]:
    """The commands of a console block, continued lines included."""
    lines = iter(body.splitlines())
    for line in lines:
        if line.startswith("$ "):
            command = line
            while command.endswith("\\"):
                command += "\n" + next(lines)
            yield command


def _block(block: re.Match[str]) -> str:
    if block["name"] is not None:
        path = Path(block["name"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block["body"], encoding="utf-8")
        return block[0]
    shown = [command + "\n" + _run(command) for command in commands(block["body"])]
    return "```console\n" + "".join(shown) + "```"


def _run(command: str) -> str:
    program, *args = shlex.split(command[2:].replace("\\\n", " "))
    if program == "cat":
        return "".join(Path(name).read_text(encoding="utf-8") for name in args)
    if program == "python":
        utf8 = os.environ | {"PYTHONUTF8": "1"}
        return subprocess.run(
            [sys.executable, *args], capture_output=True, encoding="utf-8", check=True, env=utf8
        ).stdout
    if program != "casextract":
        raise ValueError(f"a guide runs casextract, python and cat, not {program}")
    result = CliRunner().invoke(app, args)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name).resolve()
        path.write_text(rerun(path.read_text(encoding="utf-8")), encoding="utf-8")
