"""What the commands share: results go to stdout, messages to stderr, and the exit codes mean what DESIGN says.

The language is chosen once a run, before anything is said: `--lang`, then CASEXTRACT_LANG or casextract.toml, then the
locale.
"""

from __future__ import annotations

import io
import re
import sys
from typing import Literal, NoReturn

OK, WRONG, USAGE = 0, 1, 2
"""Exit codes: done; done but something is wrong; wrong usage or configuration."""

_NAME = "casextract: "

Language = Literal["en", "zh"]
_chosen: dict[str, Language] = {}
"""The language in force, and `asked` where `--lang` named it."""


def speak(given: str | None) -> None:
    """Choose the language: the one given, else what the environment prefers. One that there is not ends the run with
    2."""
    from casextract.language.labels import LANGUAGES, preferred

    _chosen.clear()
    if given is None:
        from casextract.cli.settings import language_of_file

        _chosen["spoken"] = preferred(language_of_file())
        return
    for language in LANGUAGES:
        if given == language:
            _chosen.update(spoken=language, asked=language)
            return
    fail(f"--lang is one of {', '.join(LANGUAGES)}, not {given}")


def language() -> Language:
    """The language in force."""
    return _chosen.get("spoken", "en")


def asked() -> Language | None:
    """The language that `--lang` named, None where the environment decided."""
    return _chosen.get("asked")


def said(text: str) -> str:
    """A message in the language in force."""
    if language() == "en":
        return text
    from casextract.language.catalogue import translated

    return translated(text, language())


def helped(text: str) -> str:
    """A help text in the language in force."""
    from casextract.language.catalogue import help_text

    return help_text(text, language())


def intended(text: str) -> str:
    """What a rule is for in the language in force."""
    from casextract.language.catalogue import intent

    return intent(text, language())


def named(kind: str, code: str) -> str:
    """A code's name in the language in force: English readers get the code itself, which is what tools and queries
    take."""
    if language() == "en":
        return code
    from casextract.language.labels import label

    return label(kind, code, language())


def speak_utf8() -> None:
    """Write UTF-8 whatever the locale says; what a terminal cannot show is escaped, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def shown(text: str) -> str:
    """The text as a terminal may print it: what would command the terminal, or turn the direction of writing, is
    spelled out.

    It is spelled as JSON spells it, so that JSON says the same as before.
    """
    return _CONTROL.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


_CONTROL = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")


def out(text: str) -> None:
    """Write a result to stdout."""
    sys.stdout.write(shown(text) + "\n")


def note(text: str) -> None:
    """Write a message to stderr, in the language in force."""
    own = text.startswith(_NAME)
    sys.stderr.write(shown(_NAME + said(text[len(_NAME) :]) if own else said(text)) + "\n")


def fail(message: str, code: int = USAGE) -> NoReturn:
    """Write the message to stderr and end the command with this exit code."""
    note(_NAME + message)
    raise SystemExit(code)
