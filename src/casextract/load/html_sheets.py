"""What the style sheets inside a page hide: elements whose class or id has `display: none` there."""

from __future__ import annotations

import re
from typing import Any, Final

from casextract.load.html_tree import elements

MOST_SELECTORS: Final = 100
"""Hidden classes and ids that are looked up; pages built from parts name thousands that they do not use."""

SMALL: Final = 0.3
"""Share of a page's text up to which a sheet may hide an element: what holds the article is shown by a script."""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# For printers and narrow screens another thing is hidden than what a reader sees.
_AT_RULE = re.compile(r"@[^{};]*+(?:;|\{(?:[^{}]*+\{[^{}]*+\})*+[^{}]*+\})")
_RULE = re.compile(r"(?P<selectors>[^{}]++)\{(?P<declared>[^{}]*+)\}")
_SIMPLE = re.compile(r"[a-z][a-z\d]*[.#][\w-]+|[.#][\w-]+", re.IGNORECASE)
_DISPLAY = re.compile(r"(?:^|;)\s*display\s*:\s*(?P<value>[\w-]+)", re.IGNORECASE)


def hidden_selectors(sheet: str) -> list[str]:
    """The simple selectors (.note, #note, p.note) that a sheet hides, in order; of several rules the last one holds."""
    shown: dict[str, bool] = {}
    for rule in _RULE.finditer(_AT_RULE.sub("", _COMMENT.sub("", sheet))):
        said = list(_DISPLAY.finditer(rule["declared"]))
        if not said:
            continue
        for selector in rule["selectors"].split(","):
            if _SIMPLE.fullmatch(selector.strip()):
                shown[selector.strip()] = said[-1]["value"].lower() != "none"
    return [selector for selector, visible in shown.items() if not visible]


def mark_hidden(tree: Any) -> None:
    """Give the attribute `hidden` to what the sheets of a parsed page hide.

    What holds much of the page's text stays, and so does what its own `style` shows.
    """
    sheets = "\n".join(node.text or "" for node in elements(tree.document, "style"))
    selectors = hidden_selectors(sheets)[:MOST_SELECTORS] if "none" in sheets.lower() else []
    if not selectors or tree.body is None:
        return
    most = SMALL * len(tree.body.text or "")
    for selector in selectors:
        for node in tree.document.query_selector_all(selector):
            own = _DISPLAY.search(node.get_attribute("style") or "")
            if own is None and len(node.text or "") <= most:
                node["hidden"] = ""
