"""The text of a page cut at the borders of its blocks: in document order, each run with what it stands in.

What a browser strikes out or hides is not read.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from resiliparse.parse.html import NodeType

from casextract.load.html_tables import Row, data_rows
from casextract.load.html_tree import child_elements, children, elements
from casextract.load.raised import raised
from casextract.load.source import MarkKind

DEEP = 400
"""Nesting from which no main content is looked for, since that takes quadratic time; browsers stop at 512."""

_BLOCK = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
        "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre "
        "section summary table tbody td tfoot th thead tr ul",
    )
)

_SILENT = frozenset(
    re.findall(
        r"\w+",
        "audio button canvas datalist del embed head iframe input map math meter noscript object optgroup option "
        "progress rp rt s script select strike style svg template textarea title video",
    )
)

_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’…—]")

_BLANKS = re.compile(r"[ \t\r\n]+")

_STRUCK = re.compile("text-decoration(?:-line)?:[^;]*line-through")

_SPACE = re.compile(r"[ \t\r\n\f]+")

# Links stand between bars, brackets and blanks, which are no text beside them.
_NOT_LETTERS = re.compile(r"\W+")
_EDGE = " \t\r\n\f\xa0\u3000"

_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:comments?(?:list|box|area)?|cmt|repl(?:y|ies)|pinglun|discuss(?:ion)?|[bj]d?share\w*"
    r"|share(?:s|bar|box|btns?|tools?|list|wrap)?|jiathis\w*|social(?:bar|links?)?|addthis\w*"
    r"|related?(?:s|news|posts?|list|articles?)?|recommend(?:s|ed|ation)?(?:list|news)?|tuijian|hotnews|guesslike"
    r"|thumb(?:s|list|nails)|qrcode|erweima|fenxiang|xgxw|xgyd|loginbox|popup)(?:$|[\s_-])",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Run:
    """Text between two block borders of a page."""

    kind: MarkKind
    level: int
    path: str
    parts: list[str] = field(default_factory=list)
    linked: int = 0
    """Characters inside links."""
    links: int = 0
    marker: str = ""
    """What a browser prints before an item of an ordered list."""
    row: int = 0
    """Number of the table row it stands in, 0 for none."""
    first: Any = None
    """The text node it begins with."""
    table: list[Row] | None = None
    """The rows of a table of data, which is one run."""
    nodes: list[Any] = field(default_factory=list)
    """The text nodes that its cells begin with."""
    aside: bool = False

    @property
    def text(self) -> str:
        """What it shows on one line."""
        return _SPACE.sub(" ", _BLANKS.sub(_unwrapped, "".join(self.parts))).strip(_EDGE)

    def is_link(self, text: str) -> bool:
        """Whether the run, whose text is `text`, is nothing but links."""
        return self.linked > 0 and self.linked >= 0.8 * len(_NOT_LETTERS.sub("", text))


def _unwrapped(blanks: re.Match[str]) -> str:
    """What stands for a run of blanks: a line break in the page's source is a space to a browser, but Chinese has
    none."""
    run, text = blanks[0], blanks.string
    if "\n" not in run and "\r" not in run:
        return run
    beside = text[blanks.start() - 1 : blanks.start()] + text[blanks.end() : blanks.end() + 1]
    return "" if _CJK.search(beside) else run


class _DataTable(NamedTuple):
    """A table of data in the place of its element."""

    rows: list[Row]
    nodes: list[Any]


class _State(NamedTuple):
    """What the walk knows about an element's content."""

    path: str
    kind: MarkKind
    level: int
    depth: int
    link: bool
    row: int
    pre: bool
    aside: bool = False
    """Inside what the page itself calls comments, a share bar, a list of related pages."""


def runs_of(body: Any) -> tuple[list[Run], int]:
    """The runs of text below `body` in document order, and the depth of the deepest element."""
    walk = _Walk(_State("body", "paragraph", 0, 0, False, 0, False))
    walk.go(body)
    return walk.runs, walk.deepest


Task = tuple[Any, _State, bool]
"""A node and its state; or, where an element begins or ends, nothing and the state to go on in; or an item's number."""


class _Walk:
    """A walk through a page without recursion, which cuts its text at the borders of blocks."""

    def __init__(self, state: _State) -> None:
        self.runs: list[Run] = []
        self.deepest = 0
        self._start = state
        self._current = Run("paragraph", 0, "body")
        self._rows = 0

    def go(self, body: Any) -> None:
        """Walk through all below an element."""
        stack: list[Task] = [(body, self._start, False)]
        while stack:
            node, state, ends = stack.pop()
            if ends:
                self._close(state)
            elif isinstance(node, str):
                self._current.marker = node
            elif isinstance(node, _DataTable):
                self._take_table(node)
            elif node.node_type == NodeType.TEXT:
                self._take_text(node, state)
            else:
                stack.extend(reversed(self._inside(node, state)))
        self._close(self._start)

    def _close(self, after: _State) -> None:
        """End the run, and begin one in the state that follows."""
        if self._current.first is not None:
            self.runs.append(self._current)
        self._current = Run(after.kind, after.level, after.path, row=after.row, aside=after.aside)

    def _take_table(self, data: _DataTable) -> None:
        run = self._current
        run.table, run.nodes = data.rows, data.nodes
        run.first = data.nodes[0] if data.nodes else None
        run.parts = [" ".join(entry.text for row in data.rows for entry in row.entries)]

    def _take_text(self, node: Any, state: _State) -> None:
        value = node.node_value or ""
        if not (state.pre and "\n" in value):
            _add(self._current, node, value, state.link)
            return
        for line in value.split("\n"):
            _add(self._current, node, line, state.link)
            self._close(state)

    def _inside(self, node: Any, state: _State) -> list[Task]:
        """What stands in an element, in order."""
        nodes = children(node)
        names = Counter(c.tag for c in nodes if c.node_type == NodeType.ELEMENT)
        inner: list[Task] = []
        seen: Counter[str] = Counter()
        items = 0
        for child in nodes:
            if child.node_type == NodeType.TEXT:
                inner.append((child, state, False))
            if child.node_type != NodeType.ELEMENT or not _shows(child):
                continue
            name = child.tag
            seen[name] += 1
            if name == "br":
                inner.append((None, state, True))
                continue
            depth = state.depth + 1
            self.deepest = max(self.deepest, depth)
            step = f"{name}[{seen[name]}]" if names[name] > 1 else name
            path = f"{state.path}/{step}" if depth <= DEEP else state.path
            if name not in _BLOCK:
                inner.append((child, state._replace(depth=depth, link=state.link or name == "a"), False))
                continue
            below = self._below(child, state, path, depth)
            inner.append((None, below, True))
            if name == "table" and depth <= DEEP and (data := data_rows(child, _lines_of)) is not None:
                inner += _of_table(child, data, below)
            else:
                items += name == "li"
                if name == "li" and node.tag == "ol":
                    inner.append((f"{items + _first_number(node) - 1}. ", below, False))
                inner.append((child, below, False))
            inner.append((None, state, True))
        return inner

    def _below(self, child: Any, state: _State, path: str, depth: int) -> _State:
        """The state inside a block."""
        name = child.tag
        kind, level, row = state.kind, state.level, state.row
        if name in ("h1", "h2", "h3", "h4", "h5", "h6"):
            kind, level = "heading", int(name[1])
        elif name == "li":
            kind, level = "list_item", level + 1 if state.kind == "list_item" else 1
        elif name in ("figcaption", "caption"):
            kind, level = "caption", 0
        elif name == "tr" and depth <= DEEP and _is_data(child):
            self._rows += 1
            kind, level, row = "table_row", 0, self._rows
        return state._replace(
            path=path,
            kind=kind,
            level=level,
            row=row,
            depth=depth,
            pre=state.pre or name == "pre",
            aside=state.aside or _is_aside(child),
        )


def _shows(node: Any) -> bool:
    """Whether an element's text is read: not of a script, hidden, struck out, or raised with nothing to keep."""
    if node.tag in _SILENT or _hidden(node):
        return False
    return not (node.tag == "sup" or _is_raised(node)) or _lower(node)


def _of_table(table: Any, data: list[Row], below: _State) -> list[Task]:
    """A table of data behind its captions."""
    inner: list[Task] = []
    for caption in elements(table, "caption"):
        named = below._replace(path=f"{below.path}/caption", kind="caption", level=0)
        inner += [(None, named, True), (caption, named, False), (None, below, True)]
    inner.append((_DataTable(data, _cell_nodes(table)), below._replace(kind="table_row"), False))
    return inner


def _lines_of(node: Any) -> list[str]:
    """The text of an element line by line."""
    return [run.text for run in runs_of(node)[0] if run.text]


def _cell_nodes(table: Any) -> list[Any]:
    """The text node that each cell of a table begins with, in order; the caption is no cell."""
    firsts = ((run.first for run in runs_of(cell)[0]) for cell in elements(table, "th", "td"))
    return [node for found in firsts if (node := next(found, None)) is not None]


def _add(run: Run, node: Any, value: str, link: bool) -> None:
    run.parts.append(value)
    visible = len(value.strip(_EDGE))
    if visible and run.first is None:
        run.first = node
    if link and visible:
        run.linked += visible
        run.links += 1


def _first_number(node: Any) -> int:
    value = node.get_attribute("start") or "1"
    return int(value) if value.isascii() and value.isdigit() and len(value) < 5 else 1


def _hidden(node: Any) -> bool:
    style = (node.get_attribute("style") or "").replace(" ", "").lower()
    if "visibility:hidden" in style:
        # So the pages of WeChat come until a script shows the article; the library would leave it out.
        node.remove_attribute("style")
    return node.has_attribute("hidden") or "display:none" in style or _STRUCK.search(style) is not None


def _is_aside(node: Any) -> bool:
    return _ASIDE.search(f"{node.get_attribute('class') or ''} {node.get_attribute('id') or ''}") is not None


def _is_raised(node: Any) -> bool:
    return "vertical-align:super" in (node.get_attribute("style") or "").replace(" ", "").lower()


def _lower(node: Any) -> bool:
    """Put a raised element's text on the line, as `raised` writes it; whether anything is left of it."""
    text = node.text or ""
    lowered = raised(text)
    if lowered != text:
        node.text = lowered
    return bool(lowered)


def _is_data(row: Any) -> bool:
    """Whether a table row holds data; a table that lays out a page holds paragraphs, headings or further tables."""
    cells = child_elements(row)
    if len(cells) < 2:
        return False
    return all(
        len(c.query_selector_all("p, br")) <= 1
        and not c.query_selector_all("table, ul, ol, h1, h2, h3, h4, h5, h6, article")
        for c in cells
    )
