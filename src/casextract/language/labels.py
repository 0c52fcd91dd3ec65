"""The names of codes and columns in English and Chinese, read from labels.toml."""

from __future__ import annotations

import os
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


def preferred() -> Language:
    """The language of the environment: Chinese where the locale says so, else English."""
    for name in ("CASEXTRACT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


@cache
def _all() -> Mapping[str, Mapping[str, list[str]]]:
    text = resources.files("casextract.language").joinpath("labels.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
