"""The title of an article of a page, and the block that prints it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from casextract.language.word_lists import word_lists
from casextract.load.metadata import clean
from casextract.load.page_blocks import CONTROL, SENTENCE, SHORT, PageBlock, is_masthead
from casextract.load.page_statements import first_of

_PAGE = word_lists("casextract.load", "page")

LONGEST_TITLE: Final = 120
"""Characters that a title has at most."""

SURE: Final = 8
"""Letters from which a title that is stated and printed is no name of a column."""

_TITLE = ("articletitle", "ld:headline", "citation_title", "dc.title", "dcterms.title", "twitter:title")

_PREFIX = re.compile(_PAGE.filled(r"^(?:{title_labels})\s*[:：]\s*"))

TITLE_TAIL = re.compile(r"\s*(?:[|｜_]|\s[-–—]|[-–—]{1,2}\s|--|——|-(?=[^-]{2,20}$)|·\s|«|»|>|<|::|\s/\s)\s*")

_CRUMBS = re.compile(_PAGE.filled("[>»›]|{crumbs}"))

_SUBTITLE = re.compile("[—–-]{1,3}|[(（]")


def title_of(
    tree: Any, said: Mapping[str, str], record: Mapping[str, str], blocks: Sequence[PageBlock]
) -> tuple[str | None, int]:
    """The title, and the block that prints it (or would come first below it)."""
    stated = [
        t for t in map(clean, (first_of(said, _TITLE), record.get("title"), said.get("og:title"), tree.title)) if t
    ]
    stated = [t for s in stated if (t := _PREFIX.sub("", s).strip())]
    found = _stated_title(stated, blocks)
    if found is not None and len(letters_of(found[0])) >= SURE:
        return found
    over = _over_masthead(blocks)
    if over is not None:
        title = clean(_PREFIX.sub("", blocks[over].text))
        return title, over
    if found is not None:
        return found
    first = next((i for i, b in enumerate(blocks) if b.kept), 0)
    headings = [i for i, b in enumerate(blocks) if b.level == 1 and 4 <= len(b.text) <= LONGEST_TITLE]
    if len(headings) == 1 and not (stated and record):
        return clean(_PREFIX.sub("", blocks[headings[0]].text)), headings[0]
    own = TITLE_TAIL.split(stated[0])[0].strip() or stated[0] if stated else ""
    # A page's `<title>` that is neither printed nor long names a column, or the site.
    sure = bool(said.keys() & {*_TITLE, "og:title"}) or len(letters_of(own)) >= 5
    return (own if sure and own else None), first


def _stated_title(stated: Sequence[str], blocks: Sequence[PageBlock]) -> tuple[str, int] | None:
    """The longest beginning of a stated title that the page prints by itself: what is behind that is the site's."""
    shown: dict[str, int] = {}
    for i, block in enumerate(blocks):
        shortest = 1 if block.level == 1 else 4
        if shortest <= len(block.text) <= LONGEST_TITLE and (not block.linked or block.level):
            shown.setdefault(letters_of(block.text), i)
    for title in stated:
        for end in _ends(title):
            own = title[:end].strip()
            at = shown.get(letters_of(own))
            # A short one is sure where it is all that is stated and the page's first heading as well.
            if at is not None and (len(letters_of(own)) >= 4 or (blocks[at].level == 1 and end == len(title))):
                return _as_printed(blocks[at], own), at
    for title in stated:
        for end in _ends(title):
            # A long title may take two lines or three.
            plain = letters_of(title[:end])
            for i in range(len(blocks) - 1) if len(plain) >= SURE else ():
                first = letters_of(blocks[i].text)
                if not first or not plain.startswith(first) or first == plain:
                    continue
                for j in (i + 1, i + 2):
                    if "".join(letters_of(b.text) for b in blocks[i : j + 1]) == plain:
                        return title[:end].strip(), j
    for title in stated:
        # A site may put its name behind the title with no more than a blank.
        for gap in reversed(list(re.finditer(r"\s+", title))):
            at = shown.get(letters_of(title[: gap.start()]))
            if at is not None and gap.start() >= SURE:
                return _as_printed(blocks[at], title[: gap.start()]), at
    return None


def _over_masthead(blocks: Sequence[PageBlock]) -> int | None:
    """The block over the line with date and source: where an article has such a line, its title stands there."""
    for n, block in enumerate(blocks):
        if block.kept and SENTENCE.search(block.text) and len(block.text) > SHORT:
            return None
        if not is_masthead(block):
            continue
        for k in range(n - 1, max(-1, n - 5), -1):
            text = blocks[k].text
            plain = letters_of(text)
            if (
                len(plain) < (4 if blocks[k].level else 6)
                or len(text) > LONGEST_TITLE
                or CONTROL.fullmatch(text)
                or _CRUMBS.search(text)
            ):
                continue
            if _SUBTITLE.match(text) and k > 0:
                continue
            return None if SENTENCE.search(text[:-1]) or is_masthead(blocks[k]) else k
    return None


def _ends(title: str) -> Iterator[int]:
    """Where a title may end, the longest first."""
    yield len(title)
    yield from (m.start() for m in reversed(list(TITLE_TAIL.finditer(title))))


def _as_printed(block: PageBlock, own: str) -> str:
    printed = clean(_PREFIX.sub("", block.text))
    return printed if printed and letters_of(printed) == letters_of(own) else own


def letters_of(text: str) -> str:
    """The letters of a title, by which two are the same."""
    return re.sub(r"[\W_]+", "", _PREFIX.sub("", text)).lower()
