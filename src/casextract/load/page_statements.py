"""What the head of a page states of its article, in `<meta>` and JSON-LD, and the record that an office puts over a
document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from casextract.language.word_lists import word_lists
from casextract.load.html_tree import elements
from casextract.load.page_blocks import PageBlock

_RECORD = word_lists("casextract.load", "record")

RECORD: Final = 80
"""Blocks among which the record of an office is sought."""


def statements(tree: Any) -> dict[str, str]:
    """What the head of a page states, by the names it uses, in small letters."""
    said: dict[str, str] = {}
    for node in elements(tree.document, "meta"):
        name = node.get_attribute("name") or node.get_attribute("property") or node.get_attribute("itemprop") or ""
        value = (node.get_attribute("content") or "").strip()
        if value:
            said.setdefault(name.strip().lower(), value)
    for name, value in _linked_data(tree):
        said.setdefault(name, value)
    return said


def _linked_data(tree: Any) -> Iterator[tuple[str, str]]:
    """The JSON-LD statements about an article, as `ld:` and the property in lower case."""
    for node in elements(tree.document, "script"):
        if node.get_attribute("type") != "application/ld+json":
            continue
        try:
            found = json.loads(node.text or "", strict=False)
        except (ValueError, RecursionError):  # Many pages carry broken JSON here; the page itself is still good.
            continue
        items = found if isinstance(found, list) else [found]
        items = [g for item in items if isinstance(item, dict) for g in (item, *_listed(item.get("@graph")))]
        for item in items:
            if not isinstance(item, dict) or not ("headline" in item or "pubDate" in item or "datePublished" in item):
                continue
            for key, value in item.items():
                name = _named(value)
                if name:
                    yield ("ld:datepublished" if key == "pubDate" else f"ld:{key.lower()}"), name


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _named(value: Any, depth: int = 0) -> str | None:
    if isinstance(value, dict):
        value = value.get("name")
    if isinstance(value, list) and depth < 4:
        # Lists inside of lists without end name nobody.
        names = [n for v in value if (n := _named(v, depth + 1))]
        return ",".join(names) or None
    return value if isinstance(value, str) and value.strip() else None


def first_of(said: Mapping[str, str], names: Sequence[str]) -> str | None:
    """The first of these names that the head states something under."""
    return next((said[n] for n in names if said.get(n, "").strip()), None)


_FIELDS: Final[Mapping[str, str]] = {label: field for field in _RECORD.names for label in _RECORD[field]}

_FIELD = re.compile(r"^\W{0,2}(?P<name>[^:：]{2,12}?)\W{0,2}[:：]\s*(?P<value>.*)$", re.DOTALL)


def record_of(blocks: Sequence[PageBlock]) -> dict[str, str]:
    """The fields of the record that an office puts over a document, where there are three of them: label and value in
    one block or in two, or in the cells of a table."""
    pieces = [p for b in blocks[:RECORD] for p in (b.pieces if len(b.pieces) > 3 else (b.text,)) if p.strip()]
    found: dict[str, str] = {}
    for n, piece in enumerate(pieces):
        m = _FIELD.match(piece.strip())
        name = re.sub(r"\s", "", m["name"] if m else piece.strip(" :：【】[]"))
        field = _FIELDS.get(name)
        if field is None:
            continue
        value = m["value"].strip() if m else ""
        if not value and n + 1 < len(pieces):
            following = pieces[n + 1].strip()
            value = "" if _FIELDS.get(re.sub(r"[\s:：]", "", following)) else following
        if value:
            found.setdefault(field, value)
    return found if len(found) > 2 else {}
