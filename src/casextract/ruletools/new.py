"""Write a new rule from a sentence in which the number is marked: what can be read off the sentence is filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any, get_args

import regex
from pydantic import ValidationError

from casextract.dataset.writing import write_text
from casextract.extract import compile_grammar
from casextract.pipeline import prepare
from casextract.records import Indicator
from casextract.rulebook.loading import BUILT_IN, VOCABULARY, Rulebook, load_rulebook
from casextract.rulebook.models import CLOSE, CONCERNS, ID, OPEN, RuleError
from casextract.ruletools.examples import read_sentence, unmarked

_NUMERAL = regex.compile(r"[\d一二两三四五六七八九十百千万亿零〇.,%]+[余多几来]?[百千万亿]*")
_LAST_WORD = regex.compile(r"\p{Han}{1,2}$")
_PLACES = {"id": 0, "intent": 0, "examples": 2, "counterexamples": 2}
"""What a rule opens and closes with."""


@dataclass(frozen=True, slots=True)
class Scaffold:
    """A rule as written, and what its author still has to say."""

    concern: str
    toml: str
    open_points: tuple[str, ...]
    """Empty where nothing is left to say."""
    sound: bool
    """Whether the rule can be read as it stands; otherwise it is a draft, with what is missing as comments."""


def scaffold(concern: str, sentence: str, rule_id: str, given: Mapping[str, Any], rulebook: Rulebook) -> Scaffold:
    """A rule of `concern` that has the sentence as its example.

    Args:
        concern: the file stem, as in `CONCERNS`.
        sentence: with ⟦…⟧ around what the rule must find.
        rule_id: the id of the new rule.
        given: fields the author states; they win over what is read off the sentence.
        rulebook: the rules there are, which say what the sentence gives today.

    Raises RuleError for an unknown concern, an id that is none or is taken, or a given field that is wrong,
    ExampleError where the marks are wrong.
    """
    concerns = [c for c in CONCERNS if c != BUILT_IN]
    if concern not in concerns:
        raise RuleError(f"unknown concern {concern!r}; take one of {', '.join(concerns)}")
    if rulebook.find(rule_id) is not None:
        raise RuleError(
            f"rule {rule_id}: the id is taken; choose another, or write the id by hand to replace that rule"
        )
    if not regex.fullmatch(ID, rule_id):
        raise RuleError(
            f"{rule_id!r} is no id; write small letters, digits and _, with dots between, as in unit.count.aircraft"
        )
    model = CONCERNS[concern]
    unknown = {name: content for name, content in given.items() if name not in model.model_fields}
    given = {name: content for name, content in given.items() if name in model.model_fields}
    text, span = unmarked(sentence)
    if span is None:
        raise RuleError(
            f"{sentence}: nothing is marked; put {OPEN} and {CLOSE} around what the rule is about, "
            f"as in 全区配备{OPEN}15架{CLOSE}无人机。"
        )
    fields: dict[str, Any] = {"id": rule_id, "intent": "say in one line what it is for"}
    suggested = _suggested(concern, text, span, rulebook)
    # A pattern that the author gives says all of where it stands.
    fields |= {k: v for k, v in suggested.items() if "pattern" not in given or k != "before"}
    fields |= given
    example: dict[str, Any] = {"text": sentence}
    example |= {
        k: fields[k]
        for k in ("metric", "status", "bound")
        if k in fields and concern in ("metrics", "status", "bounds")
    }
    fields.setdefault("examples", [example])
    fields.setdefault("counterexamples", [])
    sound, points = _open_points(concern, fields, given)
    comments = []
    for name, field in model.model_fields.items():
        if field.is_required() and name not in fields:
            choices = get_args(field.annotation)
            known = " | ".join(map(str, choices)) if choices and all(isinstance(c, str) for c in choices) else "…"
            comments.append(f"# {name} = {known}")
    for name, content in unknown.items():
        comments.append(f"# {name} = {value(content)}")
        points.append(
            f"{name}: {concern} has no such field, so it was left out; its fields are {', '.join(model.model_fields)}"
        )
    ordered = {
        k: fields[k] for k in sorted(fields, key=lambda k: (_PLACES.get(k, 1), list(model.model_fields).index(k)))
    }
    toml = to_toml(ordered) + "".join(comment + "\n" for comment in comments)
    return Scaffold(concern, toml, tuple(points), sound)


def append(folder: Path, made: Scaffold) -> Path:
    """Append the rule to the file of its concern in `folder`, making both where they are missing. Returns the file.

    Raises RuleError where the file would not load with it, WriteError where it cannot be written;
    nothing is changed then.
    """
    with TemporaryDirectory(prefix="casextract-") as trial:
        # With the words that its patterns may name, but without other rules: `rules check` tells of a broken one.
        alone = Path(trial)
        for shared in folder.glob(VOCABULARY):
            copy(shared, alone)
        (alone / f"{made.concern}.toml").write_text(made.toml, encoding="utf-8")
        try:
            prepare(load_rulebook(alone))
        except RuleError as error:
            raise RuleError(str(error).replace(str(alone), str(folder))) from error
    if folder.is_file():
        raise RuleError(f"{folder}: is a file; --to takes a folder of rules")
    path = folder / f"{made.concern}.toml"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    write_text(path, before.rstrip("\n") + ("\n\n" if before.strip() else "") + made.toml)
    return path


def _suggested(concern: str, text: str, span: tuple[int, int], rulebook: Rulebook) -> dict[str, Any]:
    marked = text[slice(*span)]
    match concern:
        case "units":
            numeral = _NUMERAL.match(marked)
            word = marked[numeral.end() :] if numeral else marked
            return {"words": [word]} if word else {}
        case "exclusions":
            # A bare number is that number; inside a longer form (GB/T 29353) any number may stand.
            pattern = regex.escape(marked, special_only=True, literal_spaces=True)
            if not marked.isdecimal():
                pattern = regex.sub(r"[0-9]+(?:\\\.[0-9]+)?", "{D}", pattern)
            before = _LAST_WORD.search(text[: span[0]])
            return {"pattern": pattern} | ({"before": before[0]} if before else {})
        case "bounds":
            before = _LAST_WORD.search(text[: span[0]])
            return {"before": [before[0]]} if before else {}
        case "metrics":
            found = _indicator(text, span, rulebook)
            if found is None:
                return {}
            subject = (
                {"subject": regex.escape(found.subject, special_only=True, literal_spaces=True)}
                if found.subject
                else {}
            )
            return {"dimension": found.dimension, "units": [found.unit]} | subject
        case "times" | "segmentation":
            return {
                "pattern": regex.sub(r"[0-9]+", r"\\d+", regex.escape(marked, special_only=True, literal_spaces=True))
            }
        case "bases" | "words" | "topics":
            return {"words": [marked]}
        case _:
            return {}


def _indicator(text: str, span: tuple[int, int], rulebook: Rulebook) -> Indicator | None:
    records = read_sentence(text, compile_grammar(rulebook))
    return next((i for i in records.indicators if (i.start, i.end) == span), None)


def _open_points(concern: str, fields: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[bool, list[str]]:
    """Whether the fields make a rule, and what is left to say. Raises RuleError where what the author gave is wrong."""
    points = []
    try:
        CONCERNS[concern].model_validate(fields)
    except ValidationError as error:
        for e in error.errors():
            name = ".".join(map(str, e["loc"]))
            if e["loc"] and e["loc"][0] in given:
                raise RuleError(f"{name}: {e['msg']}, not {e['input']}") from error
            points.append(f"{name}: {e['msg']}")
    sound = not points
    if fields["intent"].startswith("say in one line"):
        points.append("intent: say in one line what the rule is for")
    if not fields["counterexamples"]:
        points.append("counterexamples: add a sentence in which it must not speak")
    return sound, points


def to_toml(fields: Mapping[str, Any]) -> str:
    """A rule as TOML."""
    return "[[rule]]\n" + "".join(f"{name} = {value(v)}\n" for name, v in fields.items())


def value(content: Any) -> str:
    """A value in TOML. Patterns are written as literal strings, so that a backslash stays one."""
    match content:
        case bool():
            return "true" if content else "false"
        case str() if "\\" in content and "'" not in content and "\n" not in content:
            return f"'{content}'"
        case str():
            return json.dumps(content, ensure_ascii=False)
        case int() | float():
            return repr(content)
        case Mapping():
            inner = ", ".join(f"{_key(k)} = {value(v)}" for k, v in content.items())
            return f"{{ {inner} }}" if inner else "{}"
        case list() | tuple():
            return f"[{', '.join(value(v) for v in content)}]"
        case _:
            return str(content)


def _key(name: str) -> str:
    return name if regex.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)
