"""Reads `rules/`, validates every rule and lays an analyst's own rules over the shipped ones.

A rulebook is plain validated data. Each stage compiles the part it needs (`segment`, `extract`), so this module knows
no stage.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from casextract.rulebook.models import (
    CONCERNS,
    PATTERNS,
    BasisRule,
    BoundRule,
    BuiltInRule,
    CurrencyRule,
    DirectionRule,
    ExclusionRule,
    IntentRule,
    MetricRule,
    PhraseRule,
    Rule,
    RuleError,
    SegmentationRule,
    StatusRule,
    TableRule,
    TimeRule,
    TopicRule,
    UnitRule,
    WordRule,
)
from casextract.rulebook.vocabulary import NAME, expand, one_of

BUILT_IN = "built_in"
"""The concern of what no file can change."""

VOCABULARY = "vocabulary.toml"
"""The file of named lists of words."""

PLAIN_FILES = ("divisions.csv", "lexicon.txt")
"""Files that are not TOML: administrative units, and the user dictionary for jieba."""

LEXICON_FOLDER = "lexicon"
"""The folder of the lexicons: text files with words by class, one a line."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Validated rules, the enabled ones of each concern in file order, and the plain files as text."""

    segmentation: tuple[SegmentationRule, ...] = ()
    units: tuple[UnitRule, ...] = ()
    currencies: tuple[CurrencyRule, ...] = ()
    bounds: tuple[BoundRule, ...] = ()
    exclusions: tuple[ExclusionRule, ...] = ()
    status: tuple[StatusRule, ...] = ()
    times: tuple[TimeRule, ...] = ()
    directions: tuple[DirectionRule, ...] = ()
    bases: tuple[BasisRule, ...] = ()
    phrases: tuple[PhraseRule, ...] = ()
    words: tuple[WordRule, ...] = ()
    metrics: tuple[MetricRule, ...] = ()
    topics: tuple[TopicRule, ...] = ()
    built_in: tuple[BuiltInRule, ...] = ()
    intents: tuple[IntentRule, ...] = ()
    tables: tuple[TableRule, ...] = ()
    vocabulary: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name to words: what a pattern names in braces."""
    files: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    """SHA-256 over the names and bytes of all files read, in order of name."""

    @property
    def rules(self) -> dict[str, tuple[Rule, ...]]:
        """The rules by concern, in the order of `CONCERNS`."""
        return {concern: getattr(self, concern) for concern in CONCERNS}

    @property
    def laid_over(self) -> bool:
        """Whether rules come from elsewhere than the shipped folder."""
        shipped = str(shipped_folder())
        return any(not r._file.startswith(shipped) for rules in self.rules.values() for r in rules)

    def find(self, rule_id: str) -> tuple[str, Rule] | None:
        """The concern and the rule with this id, or None."""
        return next(((c, r) for c, rules in self.rules.items() for r in rules if r.id == rule_id), None)


def shipped_folder() -> Path:
    """The folder of the shipped rules: inside the wheel, or the checkout's `rules/`."""
    inside = Path(__file__).parents[1] / "_rules"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "rules"


def load_rulebook(
    overlay: Path | None = None, folder: Path | None = None, faults: list[RuleError] | None = None
) -> Rulebook:
    """Read and validate the shipped rules (or `folder`), with those of `overlay` laid over them.

    A rule of the overlay with a new id is added, one with a known id replaces it, and one with `disabled = true`
    removes it (then `id` alone suffices). Lines of an overlay's `divisions.csv`, `lexicon.txt` and lexicons are
    appended to the shipped ones.

    Raises RuleError with the file, the rule id and the remedy; where `faults` is given, what is wrong with single rules
    and files goes there and the others are read.
    """
    base = folder or shipped_folder()
    if overlay is not None and not overlay.is_dir():
        raise RuleError(f"{overlay}: no such folder; --rules takes a folder of TOML files")
    shelf = _Shelf(faults)
    shelf.read(base, shipped=True)
    if overlay is not None:
        shelf.read(overlay, shipped=False)
    return shelf.rulebook()


class _Shelf:
    """What is read, folder by folder: rules by concern and id, words by list, lines by file."""

    def __init__(self, faults: list[RuleError] | None) -> None:
        self._faults = faults
        self._digest = hashlib.sha256()
        self._rules: dict[str, dict[str, Rule]] = {concern: {} for concern in CONCERNS}
        self._concern_of: dict[str, str] = {}
        self._lists: dict[str, tuple[str, ...]] = {}
        self._files: dict[str, str] = {}

    def read(self, folder: Path, shipped: bool) -> None:
        """Lay the files of a folder over what was read."""
        own = [p for p in folder.iterdir() if p.suffix == ".toml" or p.name in PLAIN_FILES]
        for path in sorted([*own, *folder.glob(f"{LEXICON_FOLDER}/*.txt")]):
            with _told(self._faults):
                data, content = _read(path)
                self._digest.update(path.name.encode() + b"\0" + data + b"\0")
                self._add(path, content, shipped)

    def rulebook(self) -> Rulebook:
        """All rules, what they name put into their patterns."""
        classes = _unit_classes(self._rules)
        by_name: dict[str, Any] = {}
        for concern, rules in self._rules.items():
            worded = []
            for rule in rules.values():
                with _told(self._faults):
                    worded.append(_worded(rule, self._lists, classes))
            by_name[concern] = tuple(worded)
        return Rulebook(**by_name, vocabulary=self._lists, files=self._files, digest=self._digest.hexdigest())

    def _add(self, path: Path, content: str, shipped: bool) -> None:
        if path.name in PLAIN_FILES:
            self._add_lines(path, content)
        elif path.parent.name == LEXICON_FOLDER:
            name = f"{LEXICON_FOLDER}/{path.name}"
            self._files[name] = self._files.get(name, "") + content.rstrip("\n") + "\n"
        elif path.name == VOCABULARY:
            _add_words(self._lists, path, content)
        else:
            self._add_rules(path, content, shipped)

    def _add_lines(self, path: Path, content: str) -> None:
        lines = content.splitlines()
        if path.suffix == ".csv" and path.name in self._files:
            # The header is said once; a file without one would lose its first row.
            header = self._files[path.name].partition("\n")[0]
            if lines[:1] != [header]:
                raise RuleError(f"{path}:1: the first line must be the header {header}")
            lines = lines[1:]
        self._files[path.name] = self._files.get(path.name, "") + "".join(f"{line}\n" for line in lines)

    def _add_rules(self, path: Path, content: str, shipped: bool) -> None:
        if path.stem not in CONCERNS:
            raise RuleError(f"{path}: unknown concern {path.stem!r}; name the file after one of {', '.join(CONCERNS)}")
        if path.stem == BUILT_IN and not shipped:
            raise RuleError(f"{path}: what is built in is decided by the code; write a rule of another concern")
        seen: set[str] = set()
        for entry in _tables(path, content):
            with _told(self._faults):
                rule_id = str(entry.get("id", "(no id)"))
                if rule_id in seen or self._concern_of.get(rule_id, path.stem) != path.stem:
                    raise RuleError(f"{path}: rule {rule_id}: the id is taken; choose another")
                seen.add(rule_id)
                self._concern_of[rule_id] = path.stem
                self._put(path, rule_id, entry)

    def _put(self, path: Path, rule_id: str, entry: dict[str, Any]) -> None:
        """Add a rule, let it take the place of another, or take that away."""
        rules = self._rules[path.stem]
        if entry.get("disabled") is True and set(entry) == {"id", "disabled"}:
            if rules.pop(rule_id, None) is None:
                raise RuleError(f"{path}: rule {rule_id}: there is no such rule to disable; see casextract rules list")
            return
        rule = _validated(CONCERNS[path.stem], entry, path, rule_id)
        if rule.disabled:
            rules.pop(rule_id, None)
        else:
            rules[rule_id] = rule


@contextmanager
def _told(faults: list[RuleError] | None) -> Iterator[None]:
    """Keep what is wrong among the faults, where somebody asks for them."""
    try:
        yield
    except RuleError as error:
        if faults is None:
            raise
        faults.append(error)


def _read(path: Path) -> tuple[bytes, str]:
    """The bytes of a file and its text; a byte order mark is passed over."""
    try:
        data = path.read_bytes()
        return data, data.decode("utf-8-sig")
    except OSError as error:
        raise RuleError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    except UnicodeDecodeError as error:
        raise RuleError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from error


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{path}: not valid TOML: {error}; mend that line") from error


def _tables(path: Path, text: str) -> list[dict[str, Any]]:
    content = _parsed(path, text)
    unknown = set(content) - {"rule"}
    tables = content.get("rule", [])
    if unknown or not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise RuleError(
            f"{path}: unknown key {', '.join(sorted(unknown)) or 'rule'}; a rule file holds [[rule]] tables only"
        )
    return tables


def _add_words(lists: dict[str, tuple[str, ...]], path: Path, text: str) -> None:
    """Add the lists of a vocabulary to those there are."""
    for name, words in _parsed(path, text).items():
        if NAME.fullmatch(name) is None:
            raise RuleError(f"{path}: {name}: a list's name is of small letters and low lines, two at least")
        if not isinstance(words, list) or not words or not all(isinstance(w, str) and w for w in words):
            raise RuleError(f'{path}: {name}: write a list of words, as {name} = ["…", "…"]')
        lists[name] = tuple(dict.fromkeys((*lists.get(name, ()), *words)))


def _unit_classes(by_concern: Mapping[str, Mapping[str, Rule]]) -> dict[str, str]:
    """What `{U}` and `{L}` stand for: the words of all units, nouns apart, and those of them in Latin letters."""
    words = [
        w
        for r in by_concern["units"].values()
        if isinstance(r, UnitRule) and not r.noun and not r.implied
        for w in r.words
    ]
    words += [w for r in by_concern["currencies"].values() if isinstance(r, CurrencyRule) for w in r.words]
    return {"U": one_of(words), "L": one_of([*(w for w in words if w[0].isascii()), *"WwKk"])}


def _worded(rule: Rule, lists: Mapping[str, tuple[str, ...]], classes: Mapping[str, str]) -> Rule:
    """The rule with what its patterns name put in; `written` keeps them as they were."""
    try:
        patterns = {
            name: expand(value, lists, classes)
            for name in PATTERNS
            if isinstance(value := getattr(rule, name, None), str) and "{" in value
        }
    except KeyError as error:
        known = ", ".join(sorted(lists))
        raise RuleError(
            f"{rule.origin}: no list of words is called {error.args[0]!r}; there are {known}; add it to {VOCABULARY}"
        ) from None
    changed = {name: value for name, value in patterns.items() if value != getattr(rule, name)}
    if not changed:
        return rule
    worded = rule.model_copy(update=changed)
    worded._file, worded._as_written = rule._file, {name: getattr(rule, name) for name in changed}
    return worded


def _validated(model: type[Rule], entry: dict[str, Any], path: Path, rule_id: str) -> Rule:
    try:
        rule = model.model_validate(entry)
    except ValidationError as error:
        reasons = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        unknown = any(e["type"] == "extra_forbidden" for e in error.errors())
        remedy = f"; the keys of {path.stem} are {', '.join(model.model_fields)}" if unknown else ""
        raise RuleError(f"{path}: rule {rule_id}: {reasons}{remedy}") from error
    rule._file = str(path)
    return rule
