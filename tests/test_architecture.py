"""Imports go one way, as docs/architecture.md draws them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

# Each part may import those before it, never one behind it. Parts in one set do not know each other.
ORDER: list[set[str]] = [
    {"records", "errors", "language"},
    {"rulebook", "load"},
    {"normalise", "places"},
    {"segment"},
    {"extract"},
    {"assemble"},
    {"pipeline"},
    {"dataset"},
    {"reports"},
    {"review", "ruletools"},
    {"build"},
    {"api"},
    {"cli"},
]
RANK = {name: i for i, names in enumerate(ORDER) for name in names}
SOURCE = Path(__file__).parents[1] / "src" / "casextract"
MODULES = sorted(p for p in SOURCE.rglob("*.py") if p.parent != SOURCE or p.stem not in ("__init__", "__main__"))


def part(module: str) -> str | None:
    """The part of the package that a dotted module name belongs to."""
    names = module.split(".")
    return names[1] if names[0] == "casextract" and len(names) > 1 else None


def imported(path: Path) -> set[str]:
    """The parts of the package that a module imports, inside functions too; imports for types alone do not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = []
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "casextract":
            found |= {alias.name for alias in node.names if not alias.name.startswith("_")}
        elif isinstance(node, ast.ImportFrom) and node.module and (name := part(node.module)):
            found.add(name)
        elif isinstance(node, ast.Import):
            found |= {name for alias in node.names if (name := part(alias.name))}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_imports_point_backwards(path: Path) -> None:
    own = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    assert own in RANK, f"say in ORDER where {own} stands"
    others = imported(path) - {own}
    assert {o for o in others if RANK[o] >= RANK[own]} == set()


def test_no_stage_touches_files() -> None:
    # Reading and writing happens at the two ends.
    for stage in ("normalise.py", "assemble.py", "pipeline.py", "segment", "extract"):
        place = SOURCE / stage
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            if path.stem == "jieba_dictionary":
                # Data of the language, as the rules are: read once a process, never of a document.
                continue
            names = {n.id for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Name)}
            assert names.isdisjoint({"open", "Path"}), path
