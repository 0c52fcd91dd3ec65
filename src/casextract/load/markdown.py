"""Markdown: the text as it is, with marks on what is markup, what is a heading, an item, a caption or a row of a table.

markdown-it-py says which lines make which blocks. Inside a block the marks of emphasis, links and pictures are found
here, because the library keeps no offsets, and because its standard takes `**“养老”**模式` for no emphasis, which
writers mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from casextract.language.word_lists import word_lists
from casextract.load.encodings import decode
from casextract.load.metadata import clean, parse_date, split_keywords
from casextract.load.source import Article, Mark, MarkKind, Meta

LONGEST_HEADING: Final = 72
"""Characters from which an underlined line is a paragraph above a rule, and no heading."""

LONGEST_INLINE: Final = 2000
"""Characters that a comment or what is struck out may have on its line: one without an end must not be looked for
through all of it."""

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_FRONT = re.compile(
    r"\ufeff?(?P<fence>---|\+\+\+)[ \t]*(?:\r\n|\r|\n)(?P<body>.*?)(?:\r\n|\r|\n)(?:(?P=fence)|\.\.\.)[ "
    r"\t]*(?:\r\n|\r|\n|\Z)",
    re.DOTALL,
)
_FIELD = re.compile(r"^\s*([\w \-]{1,24}?)\s*[:：=]\s*(.*?)\s*$", re.MULTILINE)
# The names of front matter, in the writings of the common site generators and in Chinese.
_NAMES = word_lists("casextract.load", "front_matter")
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {field: _NAMES[field] for field in _NAMES.names}

_BLOCK_PREFIX = re.compile(r"(?:[ \t]*>)*[ \t]*(?:(?:[-*+]|(?=\d{1,9}[.)]))[ \t]+(?:\[[ xX]\][ \t]+)?)?")
_ATX = re.compile(r"(?:[ \t]*>)*[ \t]*(?:[-*+][ \t]+)?#{1,6}(?:[ \t]+|$)")
_ATX_END = re.compile(r"(?<![ \t])[ \t]++#++[ \t]*+$")
_RULE = re.compile(r"[ \t>]*(?:([-*_=])[ \t]*)(?:\1[ \t]*)+$|[ \t>]*`{3,}.*$|[ \t>]*~{3,}.*$")
_DELIMITERS = re.compile(r"[ \t>]*+\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*+$")
_BAR = re.compile(r"(?<!\\)\|")
_REFERENCE = re.compile(r"[ \t]{0,3}\[[^\]^][^\]]*\]:[ \t]*\S+.*$")
_NOTE_TEXT = re.compile(r"[ \t]*\[\^[^\]]+\]:[ \t]*")
_TARGET = r"\((?:[^()\s]|\([^()\s]*\))*(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)"
_PICTURE = re.compile(rf"!\[(?P<alt>[^\]]{{0,{LONGEST_INLINE}}}+)\](?:{_TARGET}|\[[^\]]*\])")
_INLINE = re.compile(
    rf"""
      (?P<escape>\\)(?=[!-/:-@\[-`{{-~])
    | (?P<comment><!--.{{0,{LONGEST_INLINE}}}?-->)
    | (?P<struck>~~(?=\S).{{1,{LONGEST_INLINE}}}?(?<=\S)~~
                 | <(?P<gone>del|s|strike)\b[^>]{{0,200}}+>.{{0,{LONGEST_INLINE}}}?</(?P=gone)\s*>)
    | (?P<raised><sup>\s*\[?\d{{1,3}}\]?\s*</sup> | \^\d{{1,3}}\^)
    | (?P<picture>{_PICTURE.pattern})
    | (?P<note>\[\^[^\]\s]{{1,100}}+\])
    | (?P<link>\[(?=(?:[^\[\]]|\[[^\[\]]*\])+\]{_TARGET}) | \[(?=[^\[\]]+\]\[[^\[\]]*\]))
    | (?P<target>\]{_TARGET} | \]\[[^\[\]]*\])
    | (?P<cell></?(?:td|th|tr|br|p|div|li)\b[^>]*> | &nbsp;|&emsp;|&ensp;)
    | (?P<tag></?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>)
    | (?P<sign>\$\s*)(?=[\d.,]+\s*\\?%?\s*\$)
    | (?<=[\d.,%])(?P<signed>\s*\$)
    | (?P<code>`+)
    | (?P<marker>={{2}}(?=\S) | (?<=\S)={{2}})
    """,
    re.VERBOSE | re.DOTALL,
)
# Two asterisks are emphasis wherever they stand; one is, unless it multiplies; underscores stand at the edges of words.
_EMPHASIS = (
    re.compile(r"(?P<a>\*{2,3})(?P<in>[^*\n]+(?:\*[^*\n]+\*[^*\n]*)*)(?P<b>\*{2,3})"),
    re.compile(r"(?<![\d*\\])(?P<a>\*)(?=[^\s*])(?P<in>[^*\n]+)(?<=[^\s*])(?P<b>\*)(?!\*)"),
    re.compile(r"(?<![\w\\])(?P<a>_{1,3})(?=\S)(?P<in>[^_\n]+?)(?<=\S)(?P<b>_{1,3})(?!\w)"),
)
_POWER = re.compile(r"[A-Za-z米里]")
_EVIDENCE = (
    re.compile(r"^#{1,6} +\S", re.MULTILINE),
    re.compile(r"\*\*(?=\S)[^*\n]+(?<=\S)\*\*"),
    re.compile(r"\[[^\]\n]+\]\((?:https?:|/|\.)[^)\s]*\)"),
    re.compile(r"^\|?[ :]*-{3,}[ :]*\|[-| :]*$", re.MULTILINE),
    re.compile(r"^!\[[^\]\n]*\]\(", re.MULTILINE),
)


def is_markdown(text: str) -> bool:
    """Whether a text that no name calls Markdown is: by two kinds of its marks, several headings, or front matter."""
    front = _FRONT.match(text)
    if front is not None and any(_field(name) for name, _ in _FIELD.findall(front["body"])):
        return True
    counts = [len(pattern.findall(text)) for pattern in _EVIDENCE]
    return sum(n > 0 for n in counts) > 1 or counts[0] > 1 or counts[3] > 0


def load_markdown(data: bytes, encoding: str | None = None) -> Article:
    """The article of a Markdown file, its text as decoded.

    Raises LoadError as `encodings.decode` does.
    """
    decoded = decode(data, encoding)
    return read_markdown(Article(decoded.text, notes=decoded.notes, encoding=decoded.encoding))


def read_markdown(page: Article) -> Article:
    """A page of Markdown text with its marks and the fields of its front matter."""
    text = page.text
    front = _FRONT.match(text)
    body = front.end() if front else 0
    marks = [Mark(0, body, "unread")] if front else []
    marks += _blocks(text, body)
    order = tuple(sorted(marks, key=lambda m: (m.start, -m.end)))
    return replace(page, marks=order, meta=_meta(front) if front else page.meta)


def _blocks(text: str, body: int) -> Iterator[Mark]:
    lines = [(m.start(1), m.end(1)) for m in _LINE.finditer(text, body) if m.end() > m.start()]
    owner: dict[int, tuple[MarkKind, int]] = {}
    plain: set[int] = set()
    for token in _parser().parse(text[body:]):
        if token.map is None:
            continue
        a, b = token.map
        match token.type:
            case "heading_open":
                start, end = lines[a]
                underlined = token.markup in ("=", "-")
                long = underlined and (b - a > 2 or end - start > LONGEST_HEADING or text[end - 1 : end] in "。！？；")
                # 各县人民政府: is whom a notice is for, however large it is set.
                if not long and not text[start:end].rstrip("# \t*").endswith((":", "：")):
                    owner[a] = ("heading", int(token.tag[1]))
                if underlined:
                    plain.add(b - 1)
            case "list_item_open":
                owner.setdefault(a, ("list_item", 1 + token.level // 2))
            case "tr_open":
                owner[a] = ("table_row", 0)
            case "fence":
                plain |= {a, b - 1}
            case "hr":
                plain.add(a)
    for n, (start, end) in enumerate(lines):
        yield from _line(text, start, end, *owner.get(n, ("paragraph", 0)), rule=n in plain)


def _line(text: str, start: int, end: int, kind: MarkKind, level: int, rule: bool) -> Iterator[Mark]:
    """The marks of one line."""
    line = text[start:end]
    if not line.strip():
        return
    row = kind == "table_row"
    if (
        (rule and _RULE.match(line))
        or _REFERENCE.match(line)
        or (_DELIMITERS.match(line) and "-" in line and "|" in line)
    ):
        yield Mark(start, end, "unread")
        return
    at = start
    prefix = _ATX.match(line) or (_BLOCK_PREFIX.match(line) if not row else None)
    if kind == "paragraph" and (note := _NOTE_TEXT.match(line)) is not None:
        kind, prefix = "footnote", note
    if prefix is not None and prefix[0].strip():
        yield Mark(start, start + prefix.end(), "unread")
        at = start + prefix.end()
        if (closing := _ATX_END.search(text, at, end)) is not None and "#" in prefix[0]:
            yield Mark(closing.start(), end, "unread")
            end = closing.start()
    whole = _PICTURE.fullmatch(text[at:end].strip())
    if whole is not None:
        # A picture by itself is there with its caption.
        shown = text.index("![", at) + 2
        yield Mark(at, shown, "unread")
        if whole["alt"]:
            yield Mark(shown, shown + len(whole["alt"]), "caption")
        yield Mark(shown + len(whole["alt"]), end, "unread")
        return
    if kind != "paragraph":
        inner = text[at:end]
        first, last = at + len(inner) - len(inner.lstrip()), end - (len(inner) - len(inner.rstrip()))
        if first < last:
            yield Mark(first, last, kind, level)
    if row:
        yield from _bars(text, at, end)
    yield from _inline(text, at, end)


def _bars(text: str, start: int, end: int) -> Iterator[Mark]:
    """The bars between the cells of a row, which are read as blanks; those at its edges are not read."""
    row = text[start:end]
    first = start + len(row) - len(row.lstrip(" \t>"))
    last = start + len(row.rstrip()) - 1
    for bar in (m.start() for m in _BAR.finditer(text, start, end)):
        yield Mark(bar, bar + 1, "unread" if bar in (first, last) else "gap")


def _inline(text: str, start: int, end: int) -> Iterator[Mark]:
    """The marks inside a line: emphasis, links, code, what is struck out, tags."""
    taken: list[tuple[int, int]] = []
    opened = signs = 0
    marked = text.count("==", start, end)
    for m in _INLINE.finditer(text, start, end):
        a, b = m.span()
        match m.lastgroup:
            case "link":
                opened += 1
            case "target" if opened == 0:
                continue
            case "target":
                opened -= 1
            case "sign":
                signs += 1
            case "signed" if signs == 0:
                continue
            case "signed":
                signs -= 1
            case "marker" if marked < 2:
                continue
            case "raised" if a > start and _POWER.match(text, a - 1, a):
                taken += ((a + edge.start(), a + edge.end()) for edge in re.finditer(r"</?sup>|\^", text[a:b]))
                continue
            case "cell":
                yield Mark(a, b, "gap")
                continue
            case _:
                pass
        taken.append((a, b))
    occupied = {i for a, b in taken for i in range(a, b)}
    for pattern in _EMPHASIS:
        for m in pattern.finditer(text, start, end):
            signs_of = {*range(*m.span("a")), *range(*m.span("b"))}
            if len(m["a"]) == len(m["b"]) and occupied.isdisjoint(signs_of):
                occupied |= signs_of
                taken += (m.span("a"), m.span("b"))
    last = start
    for a, b in sorted(taken):
        if b > last:
            yield Mark(max(a, last), b, "unread")
            last = b


def _parser() -> Any:
    from markdown_it import MarkdownIt

    # Chinese paragraphs begin with blanks, which are no code; links and emphasis are found here.
    return MarkdownIt("commonmark").enable("table").disable("code")


def _meta(front: re.Match[str]) -> Meta:
    found: dict[str, str] = {}
    for name, value in _fields(front):
        field = _field(name)
        if field is not None and value.strip():
            found.setdefault(field, value.strip())
    return Meta(
        title=clean(found.get("title")),
        subtitle=clean(found.get("subtitle")),
        publisher=clean(found.get("publisher")),
        issue=clean(found.get("issue")),
        published_on=parse_date(found.get("published_on")),
        byline=clean(found.get("byline")),
        keywords=split_keywords(found.get("keywords")),
    )


def _fields(front: re.Match[str]) -> list[tuple[str, str]]:
    """The fields of front matter with their values as strings; where it is no sound YAML or TOML, line by line."""
    import tomllib

    import yaml

    try:
        said = tomllib.loads(front["body"]) if front["fence"] == "+++" else yaml.load(front["body"], yaml.BaseLoader)
    except (tomllib.TOMLDecodeError, yaml.YAMLError, ValueError):
        said = None
    if not isinstance(said, dict):
        return [(m[1], m[2].strip("\"'")) for m in _FIELD.finditer(front["body"])]
    return [
        (str(k), ",".join(map(str, v)) if isinstance(v, list) else str(v))
        for k, v in said.items()
        if not isinstance(v, dict)
    ]


def _field(name: str) -> str | None:
    bare = name.strip().lower().replace("-", "_")
    return next((field for field, names in _FIELDS.items() if bare in names), None)
