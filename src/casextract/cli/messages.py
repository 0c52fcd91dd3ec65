"""What the commands share: results go to stdout, messages to stderr, and the exit codes mean what DESIGN says."""

from __future__ import annotations

import io
import sys
from typing import NoReturn

OK, WRONG, USAGE = 0, 1, 2
"""Exit codes: done; done but something is wrong; wrong usage or configuration."""


def speak_utf8() -> None:
    """Write UTF-8 whatever the locale says; what a terminal cannot show is escaped, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def out(text: str) -> None:
    """Write a result to stdout."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """Write a message to stderr."""
    sys.stderr.write(text + "\n")


def fail(message: str, code: int = USAGE) -> NoReturn:
    """Write the message to stderr and end the command with this exit code."""
    note(f"casextract: {message}")
    raise SystemExit(code)
