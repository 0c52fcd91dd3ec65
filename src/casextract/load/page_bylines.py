"""Who wrote an article of a page: in its head, in a line of its own, in brackets at the beginning or the end of the
text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import regex

from casextract.language.word_lists import word_lists
from casextract.load.metadata import clean, is_platform
from casextract.load.page_blocks import SENTENCE, SHORT, Candidate, PageBlock
from casextract.load.page_publishers import BODY_NAME, SURNAMES
from casextract.load.page_statements import first_of

_PAGE = word_lists("casextract.load", "page")

_BYLINE = ("ld:author", "article:author", "citation_author", "dc.creator", "dcterms.creator")

_BYLINE_LABEL = re.compile(_PAGE.filled(r"{author}\s*[:：]\s*|(?<![\w])(?:{roles})\s*[:：/／|丨]\s*"))

# A role says by itself that a name follows; in prose it must stand at a bracket's or a block's edge.
_REPORTER = regex.compile(
    _PAGE.filled(
        r"(?:^|[(（\s【])"
        r"(?P<by>(?:[\p{Han}A-Za-z《》·]{0,10}?(?:{reporter_ranks})?(?:{reporters})|《\p{Han}{1,8}》{author_of})"
        r"\s*[:：]?\s*\p{Han}{2,4}(?:[\s、,，]{1,2}\p{Han}{2,4}){0,5}?)"
        r"(?=\s*(?:[)）】/／|]|$|\s{2}|\p{Han}{2,3}\d{1,2}日[电電]))"
    )
)

# An article may end with its author's name in brackets.
_SIGNED_NAME = rf"[{SURNAMES}][\u4e00-\u9fff]{{1,2}}"
_SIGNED = re.compile(rf"[。！？”][(（]\s*(?P<by>{_SIGNED_NAME}(?:[\s、]+{_SIGNED_NAME}){{0,3}})\s*[)）]$")

_NOBODY = re.compile(_PAGE.filled("{nobody}"), re.IGNORECASE)

_BEHIND_PEOPLE = re.compile(_PAGE.filled(r"\s{2,}|[|｜丨。；;）)】\]]|{behind_people}"))


def printed_bylines(
    head: Sequence[PageBlock], tail: Sequence[PageBlock], blocks: Sequence[PageBlock]
) -> Iterator[Candidate]:
    """The authors that blocks print, each with how sure it is one."""
    prose = [b for b in blocks if b.kept and SENTENCE.search(b.text)]
    ends = (*((2, b.text[:120]) for b in prose[:1]), *((12, b.text[-40:]) for b in prose[-1:]))
    for rank, text in (
        *((1, b.text) for b in head if len(b.text) <= 80),
        *ends,
        *((11, b.text) for b in tail if len(b.text) <= 80),
    ):
        m = _REPORTER.search(text)
        if m is not None:
            yield Candidate(rank, clean(m["by"]))
    m = _SIGNED.search(prose[-1].text) if prose else None
    if m is not None:
        yield Candidate(13, clean(m["by"]))
    for far, near in ((0, head), (10, tail)):
        for block in near:
            for m in _BYLINE_LABEL.finditer(block.text):
                if len(block.text) > SHORT and m.start() < len(block.text) - 60:
                    continue
                value = _people(block.text[m.end() :])
                if value is not None:
                    yield Candidate(far, value)


def _people(value: str) -> str | None:
    cut = _BEHIND_PEOPLE.search(value)
    name = (value[: cut.start()] if cut else value).strip(" \t\u3000\xa0:：/／,，、")
    return (
        clean(name) if 2 <= len(name) <= 40 and not _NOBODY.fullmatch(name) and regex.search(r"\p{L}", name) else None
    )


def stated_author(said: Mapping[str, str], others: Sequence[str | None], around: Sequence[PageBlock]) -> str | None:
    """The author that the head states, unless it is the publisher or nobody. Under the plain name of author sites state
    their web editor as often: such a one counts where the head states title and source of the article too, as the
    standard of government sites has it, or where the page prints it."""
    sure = clean(
        first_of(said, _BYLINE) or (said.get("author") if {"articletitle", "contentsource"} <= said.keys() else None)
    )
    name = sure or clean(said.get("author"))
    if name is None or not 2 <= len(name) <= 60 or "@" in name or _NOBODY.fullmatch(name) or is_platform(name):
        return None
    if any(o and (o in name or name in o) for o in others) or BODY_NAME.search(name):
        return None
    return name if sure or any(name in b.text and not b.linked for b in around) else None
