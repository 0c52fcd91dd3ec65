"""Who published an article of a page: behind a label, beside the date, by the account, the title of the page or its
foot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import regex

from casextract.language.word_lists import word_lists
from casextract.load.html_tree import elements
from casextract.load.metadata import clean, is_platform
from casextract.load.page_blocks import (
    BANNER,
    CLOCK,
    CONTROL,
    DATE_LABEL,
    SENTENCE,
    SHORT,
    SOURCE_LABEL,
    Candidate,
    PageBlock,
    days_in,
    is_apart,
)
from casextract.load.page_titles import TITLE_TAIL, letters_of

_PAGE = word_lists("casextract.load", "page")

FOOT: Final = 25
"""Blocks at the end of a page in which it says whose it is."""

BUTTONS: Final = 3
"""Controls that may stand between the name of an account and the date."""

BUTTON: Final = 8
"""Characters of a control."""

LONGEST_ACCOUNT: Final = 16
"""Characters of an account's name, or of what stands above it."""

LONGEST_NAME: Final = 30
"""Characters that the name of a publisher has at most."""

_CUT = re.compile(_PAGE.filled(r"\s{2,}|[|｜丨]|{next_label}"))

_NAME = regex.compile(r"[《“]?(?:\d{1,4}(?=\p{Han}{2}))?[\p{Han}A-Za-z][\p{Han}A-Za-z0-9·&\-—.“”\s]{1,29}?[》”]?$")

BODY_NAME = regex.compile(_PAGE.filled("(?:{body_endings})$"), regex.IGNORECASE)

# Where somebody wrote from, as platforms print it beside the hour.
_PROVINCE = re.compile(_PAGE.filled("(?:{wrote_from})?(?:{provinces})(?:{province_endings})?"))

_NOBODY = re.compile(_PAGE.filled("(?:{no_publisher})"))

SURNAMES = "".join(_PAGE["surnames"])

_PERSON = re.compile(rf"[{SURNAMES}][\u4e00-\u9fff]{{1,2}}")

_COLUMN = re.compile(_PAGE.filled("{columns_of_a_site}"))


_CRUMB_HEAD = re.compile(_PAGE.filled(r"(?:{crumb_labels})\s*[:：]?\s*(?P<name>[^>»›/\s:：]{3,20})\s*(?:[>»›]|-+>)"))

_OWNER = re.compile(
    _PAGE.filled(
        r"(?:{owner_labels})\s*(?:[:：©]|\s)\s*(?P<name>[\u4e00-\u9fff]{3,20}?)(?=$|[\s,，。.©(（|｜]|{owner_ends})"
    ),
    re.IGNORECASE,
)

_HOME = re.compile(_PAGE.filled("(?:{home})$"))

_KIND_OF_TEXT = re.compile(_PAGE.filled("^(?:{kinds_of_text})"))

_WECHAT_NAME = re.compile(
    r"""(?:var\s+nickname|nick_name|var\s+nick_name)\s*[:=]\s*(?:htmlDecode\()?["'](?P<name>[^"']{2,40})["']"""
)

_NUMBER = re.compile("\ue0f0\\d+\ue0f1")


def stated_name(said: Mapping[str, str], names: Sequence[str]) -> str | None:
    """The first publisher that the head states under one of these names."""
    return next((name for n in names if n in said and (name := publisher_name(said[n])) is not None), None)


def printed_publishers(
    head: Sequence[PageBlock], tail: Sequence[PageBlock], article: Sequence[PageBlock]
) -> Iterator[Candidate]:
    """The publishers that blocks print, each with how sure it is one."""
    for block in article:
        label = SOURCE_LABEL.match(block.text) if block.kept and len(block.text) <= 60 else None
        if label is not None and (value := _behind(block, label)) is not None:
            yield Candidate(8, value)
    for far, blocks in ((0, head), (10, tail)):
        for n, block in enumerate(blocks):
            labels = list(SOURCE_LABEL.finditer(block.text))
            for m in labels:
                if far and len(block.text) > SHORT and m.start() < len(block.text) - 60:
                    continue
                value = _behind(block, m) or (publisher_name(block.after) if m.end() >= len(block.text) else None)
                if value is not None:
                    yield Candidate(far + (0 if re.search("[来來稿出转轉摘]", m[0]) else 1), value)
            if not labels and far == 0 and len(block.text) <= 80 and (name := _beside_date(block)) is not None:
                yield Candidate(3, name)
            elif far == 0 and (account := _account_line(blocks, n)) is not None:
                yield Candidate(4, account)


def publisher_name(value: str | None) -> str | None:
    """A publisher's name out of what stands where one should; None where it is none, or a platform's."""
    name = (value or "").strip(" \t\r\n\u3000\xa0:：-—>·")
    day = next(days_in(name), None)
    if day is not None:
        name = name[: day.start()] or CLOCK.sub("", name[day.end() :], count=1)
    name = name.strip(" \t\u3000\xa0:：-—>·")
    cut = _CUT.search(name, 1) if len(name) > 1 else None
    if cut is not None:
        name = name[: cut.start()]
    # A name has no blank inside, unless it is of Latin letters.
    name = re.split(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", name.strip())[0]
    name = name.strip(" \t\r\n\u3000\xa0:：|-—>·,，。;；/")
    if re.fullmatch(r"[《“\"'【\[][^《》“”\[\]]*[》”\"'】\]]", name):
        name = name[1:-1]
    if (
        not 2 <= len(name) <= LONGEST_NAME
        or is_platform(name)
        or _NOBODY.fullmatch(name)
        or not regex.search(r"[\p{Han}A-Za-z]{2}", name)
        or SENTENCE.search(name)
    ):
        return None
    return clean(name)


def account_name(tree: Any) -> str | None:
    """The name of the WeChat account that published a page."""
    node = tree.document.query_selector("#js_name, .profile_nickname, .account_nickname_inner")
    # The loader has numbered the pieces of text by then.
    if node is not None and (name := clean(_NUMBER.sub("", node.text or ""))):
        return name
    for script in elements(tree.document, "script"):
        if (m := _WECHAT_NAME.search(script.text or "")) is not None:
            return clean(m["name"])
    return None


def name_behind_title(tree: Any, title: str | None) -> str | None:
    """The site's name behind the title of the page."""
    parts = TITLE_TAIL.split(clean(tree.title) or "")
    name = parts[-1].strip() if len(parts) > 1 else ""
    return (
        publisher_name(name)
        if name and title and letters_of(name) not in letters_of(title) and BODY_NAME.search(name)
        else None
    )


def owner_name(blocks: Sequence[PageBlock]) -> str | None:
    """The site by the beginning of its bread crumbs, or by what it says of itself at its foot."""
    for block in blocks:
        m = _CRUMB_HEAD.search(block.text) if len(block.text) <= SHORT else None
        if m is not None and BODY_NAME.search(name := _HOME.sub("", m["name"]).strip()):
            return publisher_name(name)
    for block in reversed(blocks[-FOOT:]):
        m = _OWNER.search(block.text)
        if m is not None and (found := publisher_name(m["name"])) is not None:
            return found
    return None


def _account_line(blocks: Sequence[PageBlock], n: int) -> str | None:
    """The name of an account that stands alone between the title and the date: right above the date, or as a link with
    buttons between the two."""
    block = blocks[n]
    if block.level or len(block.text) > LONGEST_ACCOUNT or any(len(b.text) > LONGEST_ACCOUNT for b in blocks[:n]):
        return None
    dated = DATE_LABEL.match(block.after) is not None or next(days_in(block.after), None) is not None
    if (n and not block.linked) or not (dated or (block.linked and _dated_behind_buttons(blocks[n + 1 :]))):
        return None
    # 甲/某报 names its writer first.
    return _loose_name(block.text.rpartition("/")[2])


def _dated_behind_buttons(blocks: Sequence[PageBlock]) -> bool:
    for block in blocks[: BUTTONS + 1]:
        if next(days_in(block.text), None) is not None:
            return True
        if len(block.text) > BUTTON:
            return False
    return False


def _behind(block: PageBlock, label: re.Match[str]) -> str | None:
    """The name behind a label: in the piece of text that the label ends, or in the next one."""
    end = 0
    shown = ""
    for n, piece in enumerate(block.pieces):
        shown += piece
        end = len(re.sub(r"\s+", "", shown))
        place = len(re.sub(r"\s+", "", block.text[: label.end()]))
        if end > place:
            rest = piece[len(piece) - _raw_length(piece, end - place) :]
            return publisher_name(rest) or next(
                (p for q in block.pieces[n + 1 : n + 2] if (p := publisher_name(q)) and not rest.strip(" :：")), None
            )
    return publisher_name(block.text[label.end() :])


def _raw_length(piece: str, visible: int) -> int:
    """How long the end of a piece is that holds so many characters which are no blanks."""
    count = 0
    for n, c in enumerate(reversed(piece), 1):
        count += not c.isspace()
        if count == visible:
            return n
    return len(piece)


def _beside_date(block: PageBlock) -> str | None:
    """The name that stands beside a date without a label: 原创 某报 2023-05-04, or 2023年05月04日 某网."""
    if BANNER.search(block.text):
        return None
    pieces = [p for p in block.pieces if p.strip()]
    at = next((n for n, piece in enumerate(pieces) if next(days_in(piece), None) is not None), None)
    if at is None:
        return None
    day = next(days_in(pieces[at]))
    before, behind = pieces[at][: day.start()], CLOCK.sub("", pieces[at][day.end() :], count=1)
    # In front of a date any name is one; behind it stand places, columns and counters as well.
    front = [w for w in re.split(r"[\s|｜丨·]+", before) if w] or ([pieces[at - 1].strip()] if at else [])
    for word in reversed(front):
        name = _loose_name(_KIND_OF_TEXT.sub("", word))
        if name is not None:
            return name
    for n, piece in enumerate((behind, *pieces[at + 1 : at + 3])):
        for word in re.split(r"[\s|｜丨·]+", piece):
            name = _loose_name(_KIND_OF_TEXT.sub("", word))
            # The piece that follows the date is a name of its own more often than not.
            alone = n == 1 and not behind.strip() and 2 < len(piece.strip()) <= 12
            if name is not None and (BODY_NAME.search(name) or alone or piece.strip().startswith("·")):
                return name
    only = is_apart(before, behind) and len(pieces) == at + 1
    after = _loose_name(block.after) if only and len(block.after) <= 16 else None
    return after if after is not None and BODY_NAME.search(after) else None


def _loose_name(text: str) -> str | None:
    """A name that no label announces: of letters only, no control of the page, and not a person's."""
    name = publisher_name(text)
    if name is None or not _NAME.fullmatch(name) or CONTROL.fullmatch(name) or _COLUMN.search(name):
        return None
    if _PROVINCE.fullmatch(name) or (_PERSON.fullmatch(name) and not BODY_NAME.search(name)):
        return None
    return name
