"""Web pages: the article as lines, without navigation, side bars, related links and comments.

Resiliparse parses the page and decides what its main content is. Every block of text is given a number before it
decides, and the numbers that come out say which blocks it kept: so the text is built here, with headings, lists, tables
and the path of every block, and the choice is the library's. What a browser strikes out or hides is not read.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, NamedTuple

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree, NodeType

from casextract.load.encodings import codec_name, decode
from casextract.load.html_tables import Row, data_rows
from casextract.load.html_tree import child_elements, children, elements
from casextract.load.page_blocks import PageBlock
from casextract.load.page_metadata import page_meta
from casextract.load.raised import raised
from casextract.load.source import Article, LoadError, Mark, MarkKind, Note
from casextract.load.tables import Table, printed
from casextract.word_lists import word_lists

DEEP = 400
"""Nesting from which no main content is looked for, since that takes quadratic time; browsers stop at 512."""

LONGEST = 10_000_000
"""Characters from which a page is refused, embedded pictures aside."""

MOST_TAGS = 300_000
"""Tags from which a page is refused."""

_EMBEDDED = re.compile(r"data:[a-z]+/[\w.+-]+;base64,[A-Za-z0-9+/=\s]{100,}")
# The parser compares each attribute of a tag with all others; what a page says in so many is nothing to read.
_CROWDED = re.compile(r"<([a-zA-Z][\w-]*)\s[^<>]{50000,}>")
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
_DECLARED = re.compile(rb"""<(?:meta\b[^>]*?charset|\?xml\b[^>]*?encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’…—]")
_BLANKS = re.compile(r"[ \t\r\n]+")
_STRUCK = re.compile("text-decoration(?:-line)?:[^;]*line-through")
_SPACE = re.compile(r"[ \t\r\n\f]+")
# Links stand between bars, brackets and blanks, which are no text beside them.
_WORD = re.compile(r"\W+")
_EDGE = " \t\r\n\f\xa0\u3000"
_NUMBERED = re.compile("\ue0f0([0-9]+)\ue0f1")
_SENTENCE = re.compile("[。！？；]")
_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:comments?(?:list|box|area)?|cmt|repl(?:y|ies)|pinglun|discuss(?:ion)?|[bj]d?share\w*"
    r"|share(?:s|bar|box|btns?|tools?|list|wrap)?|jiathis\w*|social(?:bar|links?)?|addthis\w*"
    r"|related?(?:s|news|posts?|list|articles?)?|recommend(?:s|ed|ation)?(?:list|news)?|tuijian|hotnews|guesslike"
    r"|thumb(?:s|list|nails)|qrcode|erweima|fenxiang|xgxw|xgyd|loginbox|popup)(?:$|[\s_-])",
    re.IGNORECASE,
)
_WORDS = word_lists("casextract.load", "furniture")
_FURNITURE = re.compile(_WORDS.filled("(?:{navigation})"))
_FOOTER = re.compile(_WORDS.filled("{footer}"), re.IGNORECASE)
_RELATED = re.compile(_WORDS.filled("(?:{related})(?:{kinds_of_links})?[:：]?$|{below_articles}"))


@dataclass(slots=True)
class _Run:
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
        return _SPACE.sub(" ", _BLANKS.sub(_unwrapped, "".join(self.parts))).strip(_EDGE)


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


def declared_encoding(data: bytes) -> str | None:
    """The encoding that a page's `<meta>` or XML declaration names, as it is written."""
    match = _DECLARED.search(data, 0, 8192)
    return match[1].decode("ascii") if match else None


def load_html(data: bytes, encoding: str | None = None, declared: str | None = None) -> Article:
    """The article of a page. `encoding` is the user's word, `declared` what a header around the page says.

    Raises LoadError where the bytes are no text or the page has none.
    """
    said = declared or declared_encoding(data)
    decoded = decode(data, encoding, said)
    notes = list(decoded.notes)
    codec = codec_name(said)
    if encoding is None and codec is not None and _family(codec) != _family(decoded.encoding) and not data.isascii():
        notes.append(Note("info", "wrong_declaration", f"the page calls itself {said} but is {decoded.encoding}"))
    text = _CROWDED.sub(r"<\1>", _EMBEDDED.sub("", decoded.text))
    if len(text) > LONGEST or text.count("<") > MOST_TAGS:
        message = (
            f"{len(text):,} characters and {text.count('<'):,} tags are more than a page has; "
            "save the article by itself"
        )
        raise LoadError("too_large", message)
    tree = HTMLTree.parse(text)
    body = tree.body or tree.document
    runs, depth = _runs(body)
    shown = [run.text for run in runs]
    kept = _main(tree, runs) if depth <= DEEP else set(range(len(runs)))
    meta = page_meta(tree, _blocks_of(runs, shown, kept))
    if depth > DEEP:
        message = (
            f"elements are nested {depth} deep, so navigation could not be told from the article; save the page again"
        )
        notes.append(Note("warning", "deep_nesting", message))
    lines, marks, tables = _lines([r for i, r in enumerate(runs) if i in kept])
    if not lines:
        raise LoadError(
            "no_text", "the page has no text; if a script fills it in, save it from the browser after it has loaded"
        )
    return Article("\n".join(lines) + "\n", tuple(marks), meta, tuple(notes), decoded.encoding, tables=tuple(tables))


def _family(codec: str) -> str:
    return "utf-8" if codec == "utf-8-sig" else "big5" if codec in ("cp950", "big5hkscs") else codec[:6]


def _runs(body: Any) -> tuple[list[_Run], int]:
    """The runs of text below `body` in document order, and the depth of the deepest element."""
    runs: list[_Run] = []
    state = _State("body", "paragraph", 0, 0, False, 0, False)
    current = _Run("paragraph", 0, "body")
    rows = deepest = 0
    # A node and its state; or, where an element begins or ends, nothing and the state to go on in; or an item's number.
    stack: list[tuple[Any, _State, bool]] = [(body, state, False)]

    def close(after: _State) -> None:
        nonlocal current
        if current.first is not None:
            runs.append(current)
        current = _Run(after.kind, after.level, after.path, row=after.row, aside=after.aside)

    while stack:
        node, state, ends = stack.pop()
        if ends:
            close(state)
            continue
        if isinstance(node, str):
            current.marker = node
            continue
        if isinstance(node, _DataTable):
            current.table, current.nodes = node.rows, node.nodes
            current.first = node.nodes[0] if node.nodes else None
            current.parts = [" ".join(entry.text for row in node.rows for entry in row.entries)]
            continue
        if node.node_type == NodeType.TEXT:
            value = node.node_value or ""
            if state.pre and "\n" in value:
                for line in value.split("\n"):
                    _add(current, node, line, state.link)
                    close(state)
                continue
            _add(current, node, value, state.link)
            continue
        tag = node.tag or ""
        nodes = children(node)
        names = Counter(c.tag for c in nodes if c.node_type == NodeType.ELEMENT)
        inner: list[tuple[Any, _State, bool]] = []
        seen: Counter[str] = Counter()
        items = 0
        for child in nodes:
            if child.node_type == NodeType.TEXT:
                inner.append((child, state, False))
            if child.node_type != NodeType.ELEMENT or child.tag in _SILENT or _hidden(child):
                continue
            name = child.tag
            if (name == "sup" or _is_raised(child)) and not _lower(child):
                continue
            seen[name] += 1
            if name == "br":
                inner.append((None, state, True))
                continue
            step = f"{name}[{seen[name]}]" if names[name] > 1 else name
            depth = state.depth + 1
            deepest = max(deepest, depth)
            path = f"{state.path}/{step}" if depth <= DEEP else state.path
            if name not in _BLOCK:
                inner.append((child, state._replace(depth=depth, link=state.link or name == "a"), False))
                continue
            kind, level, row = state.kind, state.level, state.row
            if name in ("h1", "h2", "h3", "h4", "h5", "h6"):
                kind, level = "heading", int(name[1])
            elif name == "li":
                kind, level = "list_item", level + 1 if state.kind == "list_item" else 1
            elif name in ("figcaption", "caption"):
                kind, level = "caption", 0
            elif name == "tr" and depth <= DEEP and _is_data(child):
                rows += 1
                kind, level, row = "table_row", 0, rows
            below = state._replace(
                path=path,
                kind=kind,
                level=level,
                row=row,
                depth=depth,
                pre=state.pre or name == "pre",
                aside=state.aside or _is_aside(child),
            )
            inner.append((None, below, True))
            if name == "table" and depth <= DEEP and (data := data_rows(child, _lines_of)) is not None:
                for caption in elements(child, "caption"):
                    named = below._replace(path=f"{path}/caption", kind="caption", level=0)
                    inner += [(None, named, True), (caption, named, False), (None, below, True)]
                inner += [
                    (_DataTable(data, _cell_nodes(child)), below._replace(kind="table_row"), False),
                    (None, state, True),
                ]
                continue
            if name == "li":
                items += 1
                if tag == "ol":
                    inner.append((f"{items + _start(node) - 1}. ", below, False))
            inner.append((child, below, False))
            inner.append((None, state, True))
        stack.extend(reversed(inner))
    close(state)
    return runs, deepest


def _lines_of(node: Any) -> list[str]:
    """The text of an element line by line."""
    return [run.text for run in _runs(node)[0] if run.text]


def _cell_nodes(table: Any) -> list[Any]:
    """The text node that each cell of a table begins with, in order; the caption is no cell."""
    firsts = ((run.first for run in _runs(cell)[0]) for cell in elements(table, "th", "td"))
    return [node for found in firsts if (node := next(found, None)) is not None]


def _add(run: _Run, node: Any, value: str, link: bool) -> None:
    run.parts.append(value)
    visible = len(value.strip(_EDGE))
    if visible and run.first is None:
        run.first = node
    if link and visible:
        run.linked += visible
        run.links += 1


def _start(node: Any) -> int:
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


def _main(tree: Any, runs: list[_Run]) -> set[int]:
    """The indices of the runs that belong to the article."""
    for i, run in enumerate(runs):
        for node in run.nodes or [run.first]:
            node.node_value = f"\ue0f0{i}\ue0f1{node.node_value}"
    kept = {
        int(n)
        for n in _NUMBERED.findall(extract_plain_text(tree, main_content=True, comments=False, list_bullets=False))
    }
    texts = [r.text for r in runs]
    beside = sum(len(t) for r, t in zip(runs, texts, strict=True) if r.aside and _SENTENCE.search(t))
    if 2 * beside < sum(len(t) for t in texts if _SENTENCE.search(t)):
        # Where most of the text were aside, the names would mean something else.
        kept = {i for i in kept if not runs[i].aside}
    else:
        for run in runs:
            run.aside = False
    prose = [i for i, r in enumerate(runs) if _SENTENCE.search(texts[i]) and r.linked * 2 < len(texts[i])]
    kept |= set(_belonging(runs, texts, kept))
    # Where hardly any prose is left, the page is built in a way the library does not know: everything that is no link
    # stays.
    if sum(len(texts[i]) for i in prose if i in kept) * 4 < sum(len(texts[i]) for i in prose) or not kept:
        kept = {i for i, r in enumerate(runs) if r.linked * 2 < len(texts[i]) and not r.aside}
    # A page of nothing but links is a list of headlines; better that than nothing.
    return kept - set(_furniture(runs, texts, kept)) or set(range(len(runs)))


def _belonging(runs: list[_Run], texts: list[str], kept: set[int]) -> Iterator[int]:
    """Runs that were left out although they stand in the same list as a kept one, or are prose beside it."""
    inside = {runs[i].path for i in kept}
    beside = {path.rpartition("/")[0] for path in inside}
    lists = {path[: match.end()] for path in inside if (match := re.match(r".*/(?:ol|ul|dl)(?:\[\d+\])?(?=/)", path))}
    within = {"": False}
    """Whether what stands below a path stands in such a list, or below a kept run."""
    for i, run in enumerate(runs):
        if i in kept or run.aside or run.linked * 2 >= len(texts[i]):
            continue
        parent = above = run.path.rpartition("/")[0]
        unknown = []
        while above not in within:
            unknown.append(above)
            above = above.rpartition("/")[0]
        for path in reversed(unknown):
            within[path] = within[above] or path in lists or (path in inside and path != "body")
            above = path
        if within[parent] or (parent in beside and _SENTENCE.search(texts[i])):
            yield i


def _furniture(runs: list[_Run], texts: list[str], kept: set[int]) -> Iterator[int]:
    """Of the kept runs those that are the page's furniture: bread crumbs, lists of links and what stands above them."""
    links = [r.linked > 0 and r.linked >= 0.8 * len(_WORD.sub("", text)) for r, text in zip(runs, texts, strict=True)]
    order = sorted(kept)
    for i in reversed(order):
        # What a site says of itself at the foot of its pages; a page that ends with prose has no foot.
        if len(texts[i]) > 120 or not (links[i] or _FOOTER.search(texts[i])) or _SENTENCE.search(texts[i]):
            break
        yield i
    related = False
    for k, i in enumerate(order):
        beside = (k > 0 and links[order[k - 1]]) or (k + 1 < len(order) and links[order[k + 1]])
        if len(texts[i]) <= 12 and _RELATED.match(texts[i]) and (i + 1 not in kept or links[i + 1]):
            related = True
        elif not links[i]:
            related = False
        crumbs = len(texts[i]) <= 80 and _FURNITURE.match(texts[i]) and not _SENTENCE.search(texts[i])
        if related or crumbs or (links[i] and (beside or runs[i].links > 1)):
            yield i


def _lines(runs: list[_Run]) -> tuple[list[str], list[Mark], list[Table]]:
    lines: list[str] = []
    marks: list[Mark] = []
    tables: list[Table] = []
    offset = 0
    at = 0
    while at < len(runs):
        run, after = runs[at], at + 1
        if run.table is not None:
            rows, cells = printed([row.entries for row in run.table])
            tables.append(Table(0, len("\n".join(rows)), cells).shifted(offset))
            for row, line in zip(run.table, rows, strict=True):
                lines.append(line)
                marks.append(Mark(offset, offset + len(line), "table_row", 0, f"{run.path}/{row.path}"))
                offset += len(line) + 1
            at = after
            continue
        if run.row:
            while after < len(runs) and runs[after].row == run.row:
                after += 1
            line = "\t".join(r.text for r in runs[at:after])
        else:
            line = run.marker + run.text
        path = run.path.rpartition("/")[0] if run.row else run.path
        lines.append(line)
        marks.append(Mark(offset, offset + len(line), run.kind, run.level, path))
        offset += len(line) + 1
        at = after
    return lines, marks, tables


def _blocks_of(runs: list[_Run], shown: list[str], kept: set[int]) -> list[PageBlock]:
    """The runs as `page_meta` looks at them."""
    blocks = [_block(run, text, i in kept) for i, (run, text) in enumerate(zip(runs, shown, strict=True))]
    return [replace(a, after=b.text) for a, b in pairwise(blocks)] + blocks[-1:]


def _block(run: _Run, text: str, kept: bool) -> PageBlock:
    linked = run.linked > 0 and run.linked >= 0.8 * len(_WORD.sub("", text))
    if run.table is not None:
        cells = [entry.text for row in run.table for entry in row.entries if entry.text.strip()]
        return PageBlock("  ".join(cells), tuple(cells), 0, linked, kept)
    return PageBlock(text, tuple(run.parts), run.level if run.kind == "heading" else 0, linked, kept)


_BOUNDARY = re.compile(rb"""(boundary\s*=\s*[^\s"';(]+)\([^\r\n]*""", re.IGNORECASE)
"""A boundary with comments behind it, which the plain policy would take for a part of it."""


def load_mhtml(data: bytes, encoding: str | None = None) -> Article:
    """The article of a page saved as one file (MHTML): its first HTML part.

    Raises LoadError where there is none, or as `load_html` does.
    """
    # The plain policy takes headers as they come; the newer one's parser of parameters goes as deep as they are nested.
    message = email.message_from_bytes(_BOUNDARY.sub(rb"\1", data), policy=email.policy.compat32)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and payload.strip():
                return load_html(payload, encoding, part.get_content_charset())
    raise LoadError("broken_file", "the saved page holds no HTML; save it again")
