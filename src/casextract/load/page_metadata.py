"""Title, date, publisher and byline of a web page: from what its head states, and from what it prints around the
article.

A page states them in `<meta>` (Open Graph, Dublin Core, the names that Chinese government sites use) and in JSON-LD;
where it does not, they stand in short lines under the title, over it or below the last paragraph, with or without a
label, glued to each other, to counters and to buttons. A date that a banner prints is today's; a platform that anybody
writes on is no publisher.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from casextract.load.metadata import split_keywords
from casextract.load.page_blocks import SENTENCE, SHORT, PageBlock, best
from casextract.load.page_bylines import printed_bylines, stated_author
from casextract.load.page_dates import (
    day_in_address,
    day_of_time_element,
    printed_dates,
    recorded_day,
    scripted_day,
    stated_day,
)
from casextract.load.page_publishers import (
    account_name,
    name_behind_title,
    owner_name,
    printed_publishers,
    publisher_name,
    stated_name,
)
from casextract.load.page_statements import first_of, record_of, statements
from casextract.load.page_titles import title_of
from casextract.load.source import Meta

ABOVE, BELOW, BEHIND = 6, 10, 12
"""Blocks over the title, under it and behind the last paragraph that may hold what is sought."""

_PUBLISHER = (
    "contentsource",
    "source",
    "article:source",
    "ld:publisher",
    "citation_journal_title",
    "mediaid",
    "dc.source",
)

_SITE = ("sitename", "og:site_name", "dc.publisher", "dcterms.publisher", "application-name")


def page_meta(tree: Any, blocks: Sequence[PageBlock]) -> Meta:
    """What a page says of its article. `tree` is the parsed page, `blocks` all the text that it shows, in order."""
    said = statements(tree)
    record = record_of(blocks)
    title, at = title_of(tree, said, record, blocks)
    head, tail = _around(blocks, at)
    published = (
        stated_day(said, 0)
        or recorded_day(record)
        or best(printed_dates(head, tail))
        or stated_day(said, 1)
        or stated_day(said, 2)
        or day_of_time_element(tree)
        or scripted_day(tree)
        or day_in_address(tree, said)
    )
    site = stated_name(said, _SITE)
    publisher = stated_name(said, _PUBLISHER)
    printed = best(printed_publishers(head, tail, blocks[at:]))
    byline = best(printed_bylines(head, tail, blocks)) or stated_author(
        said, (publisher, printed, site), [*head, *tail]
    )
    account = account_name(tree)
    recorded = publisher_name(record.get("publisher"))
    return Meta(
        title=title,
        publisher=recorded
        or printed
        or publisher
        or account
        or site
        or name_behind_title(tree, title)
        or owner_name(blocks),
        published_on=published,
        byline=byline,
        keywords=split_keywords(first_of(said, ("keywords", "ld:keywords", "article:tag", "citation_keywords"))),
    )


def _around(blocks: Sequence[PageBlock], at: int) -> tuple[list[PageBlock], list[PageBlock]]:
    """The short blocks near the title, those below it first, and the last ones behind the text, the nearest first."""
    below: list[PageBlock] = []
    for block in blocks[at + 1 : at + 1 + BELOW]:
        if len(block.text) > SHORT and SENTENCE.search(block.text):
            break
        below.append(block)
    above = [b for b in reversed(blocks[max(0, at - ABOVE) : at]) if len(b.text) <= SHORT]
    prose = [i for i, b in enumerate(blocks) if b.kept and SENTENCE.search(b.text)]
    last = prose[-1] if prose else at
    tail = [b for b in blocks[max(at + 1, last - 2) : last + BEHIND] if len(b.text) <= SHORT or b.kept]
    return [*below, *above], tail
