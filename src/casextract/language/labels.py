"""The names of codes and columns in English and Chinese, read from labels.toml."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal, get_args

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


def label(kind: str, code: str, language: Language) -> str:
    """The name of a code in a language; the code itself where nobody has named it, as an analyst's own metric."""
    return labels(kind, language).get(code, code)


@cache
def labels(kind: str, language: Language) -> Mapping[str, str]:
    """All names of one kind of code (`metric`, `status`, `column` …). Raises KeyError where there is no such kind."""
    at = LANGUAGES.index(language)
    return {code: names[at] for code, names in _all()[kind].items()}


def preferred(configured: str | None = None) -> Language:
    """The language of the environment: CASEXTRACT_LANG, else what is configured, else Chinese where the locale says so,
    else English."""
    for value in (os.environ.get("CASEXTRACT_LANG"), configured, *map(os.environ.get, _LOCALE), _of_windows()):
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


def _of_windows() -> str | None:
    """The language of Windows, which sets no variables."""
    if sys.platform != "win32":
        return None
    import ctypes
    import locale

    return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage())


@cache
def _all() -> Mapping[str, Mapping[str, list[str]]]:
    text = resources.files("casextract.language").joinpath("labels.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
