"""What the commands say in Chinese: the catalogue messages.toml, applied where a text is shown.

The package speaks English inside: exceptions, rows of `problems`, help. A dataset is the same whatever the locale of
who built it. A message is translated at the edge, by the template that it was made from: `{}` stands for what was put
in, and what was put in is translated as well where it is a message itself.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

from casextract.language.labels import Language

_HOLE = re.compile(r"\{(\d*)\}")
_DEEPEST = 4
"""Messages within messages: a problem's path, reason, and what the system said."""


def translated(text: str, language: Language) -> str:
    """The text in a language: as it is in English, by the catalogue in Chinese; what the catalogue lacks stays as it
    is."""
    return text if language == "en" or not text.strip() else _translated(text, _DEEPEST)


def help_text(text: str, language: Language) -> str:
    """The help of a command or option in a language, paragraph by paragraph; whole lines stay what they are."""
    if language == "en":
        return text
    return "\n\n".join(catalogue("help").get(p, p) for p in paragraphs(text))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a help text, each on one line, as the catalogue names them."""
    return [" ".join(p.split()) for p in re.split(r"\n\s*\n", text.strip())]


@cache
def catalogue(part: str) -> Mapping[str, str]:
    """One part of the catalogue, English to Chinese: `help` or `said`."""
    text = resources.files("casextract.language").joinpath("messages.toml").read_text(encoding="utf-8")
    entries: Mapping[str, str] = tomllib.loads(text)[part]
    return entries


def intent(text: str, language: Language) -> str:
    """What a rule is for, or several rules with semicolons between; what an analyst's own rule says stays as it is."""
    if language == "en":
        return text
    known = intents()
    if text in known:
        return known[text]
    for mark in re.finditer("; ", text):
        if text[: mark.start()] in known:
            return known[text[: mark.start()]] + "；" + intent(text[mark.end() :], language)
    return text


@cache
def intents() -> Mapping[str, str]:
    """The intents of the shipped rules, English to Chinese."""
    return tomllib.loads(resources.files("casextract.language").joinpath("intents.toml").read_text(encoding="utf-8"))


def holes(template: str) -> list[str]:
    """What a template leaves open, in order: empty strings, or the numbers that a translation gives."""
    return _HOLE.findall(template)


def _translated(text: str, depth: int) -> str:
    exact = catalogue("said").get(text)
    if exact is not None:
        return exact
    if depth:
        for pattern, chinese in _templates():
            found = pattern.fullmatch(text)
            if found is not None:
                return _filled(chinese, [_translated(part, depth - 1) for part in found.groups()])
        # A file, or a rule, and what is said of it.
        for colon in re.finditer(": ", text):
            rest = text[colon.end() :]
            told = _translated(rest, depth - 1)
            if told != rest:
                return text[: colon.start()] + "：" + told
    return text


def _filled(template: str, parts: Sequence[str]) -> str:
    position = iter(range(len(parts)))
    return _HOLE.sub(lambda hole: parts[int(hole[1]) if hole[1] else next(position)], template)


@cache
def _templates() -> Sequence[tuple[re.Pattern[str], str]]:
    """The templates with holes, those that say most first: a short one would match nearly anything."""
    open_ones = [(k, v) for k, v in catalogue("said").items() if "{}" in k]
    open_ones.sort(key=lambda entry: -len(entry[0].replace("{}", "")))
    return [(re.compile("(.*?)".join(map(re.escape, k.split("{}"))), re.DOTALL), v) for k, v in open_ones]
