"""Put the rules of a file into the order in which they are asked: those of one kind, dimension or family of ids together.

    python scripts/sort_rules.py rules/status.toml

A comment before a rule goes with it. A section heading (`# ---- ...`) begins a stretch that is sorted by itself.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

_SECTION = re.compile(r"(?m)^(?=# -{4} )")
_RULE = re.compile(r"(?m)^(?=(?:#(?! -{4}).*\n)*\[\[rule\]\]$)")


def sort(text: str) -> str:
    """The text of a rule file with the rules of each section in order; rules of one order stay as they were."""
    return "".join(map(_sort_section, _SECTION.split(text)))


def _sort_section(text: str) -> str:
    head, *blocks = _RULE.split(text)
    places = {scope: i for i, scope in reversed([*enumerate(map(_scope, blocks))])}
    ordered = sorted(blocks, key=lambda b: (places[_scope(b)], _rule(b).get("order", 50)))
    tail = text[len(text.rstrip("\n")) :]
    return "\n\n".join(b.strip("\n") for b in [head, *ordered] if b.strip("\n")) + tail


def _rule(block: str) -> dict[str, object]:
    rule: dict[str, object] = tomllib.loads(block)["rule"][0]
    return rule


def _scope(block: str) -> object:
    rule = _rule(block)
    return rule.get("kind") or (rule.get("dimension") if "metric" in rule else str(rule["id"]).partition(".")[0])


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(sort(path.read_text(encoding="utf-8")), encoding="utf-8")
