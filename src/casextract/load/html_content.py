"""Which runs of a page are its article: the library's choice, mended where it leaves out what stands beside or takes
furniture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from resiliparse.extract.html2text import extract_plain_text

from casextract.language.word_lists import word_lists
from casextract.load.html_runs import Run

SENTENCE = re.compile("[。！？；]")

_NUMBERED = re.compile("\ue0f0([0-9]+)\ue0f1")

_WORDS = word_lists("casextract.load", "furniture")

_FURNITURE = re.compile(_WORDS.filled("(?:{navigation})"))

_FOOTER = re.compile(_WORDS.filled("{footer}"), re.IGNORECASE)

_RELATED = re.compile(_WORDS.filled("(?:{related})(?:{kinds_of_links})?[:：]?$|{below_articles}"))


def main_content(tree: Any, runs: list[Run]) -> set[int]:
    """The indices of the runs that belong to the article."""
    for i, run in enumerate(runs):
        for node in run.nodes or [run.first]:
            node.node_value = f"\ue0f0{i}\ue0f1{node.node_value}"
    kept = {
        int(n)
        for n in _NUMBERED.findall(extract_plain_text(tree, main_content=True, comments=False, list_bullets=False))
    }
    texts = [r.text for r in runs]
    beside = sum(len(t) for r, t in zip(runs, texts, strict=True) if r.aside and SENTENCE.search(t))
    if 2 * beside < sum(len(t) for t in texts if SENTENCE.search(t)):
        # Where most of the text were aside, the names would mean something else.
        kept = {i for i in kept if not runs[i].aside}
    else:
        for run in runs:
            run.aside = False
    prose = [i for i, r in enumerate(runs) if SENTENCE.search(texts[i]) and r.linked * 2 < len(texts[i])]
    kept |= set(_belonging(runs, texts, kept))
    # Where hardly any prose is left, the page is built in a way the library does not know: everything that is no link
    # stays.
    if sum(len(texts[i]) for i in prose if i in kept) * 4 < sum(len(texts[i]) for i in prose) or not kept:
        kept = {i for i, r in enumerate(runs) if r.linked * 2 < len(texts[i]) and not r.aside}
    # A page of nothing but links is a list of headlines; better that than nothing.
    return kept - set(_furniture(runs, texts, kept)) or set(range(len(runs)))


def _belonging(runs: list[Run], texts: list[str], kept: set[int]) -> Iterator[int]:
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
        if within[parent] or (parent in beside and SENTENCE.search(texts[i])):
            yield i


def _furniture(runs: list[Run], texts: list[str], kept: set[int]) -> Iterator[int]:
    """Of the kept runs those that are the page's furniture: bread crumbs, lists of links and what stands above them."""
    links = [run.is_link(text) for run, text in zip(runs, texts, strict=True)]
    order = sorted(kept)
    for i in reversed(order):
        # What a site says of itself at the foot of its pages; a page that ends with prose has no foot.
        if len(texts[i]) > 120 or not (links[i] or _FOOTER.search(texts[i])) or SENTENCE.search(texts[i]):
            break
        yield i
    related = False
    for k, i in enumerate(order):
        beside = (k > 0 and links[order[k - 1]]) or (k + 1 < len(order) and links[order[k + 1]])
        if len(texts[i]) <= 12 and _RELATED.match(texts[i]) and (i + 1 not in kept or links[i + 1]):
            related = True
        elif not links[i]:
            related = False
        crumbs = len(texts[i]) <= 80 and _FURNITURE.match(texts[i]) and not SENTENCE.search(texts[i])
        if related or crumbs or (links[i] and (beside or runs[i].links > 1)):
            yield i
