"""What labels, heads, caption and title say of a value in words: what it is of, and when."""

from __future__ import annotations

from typing import NamedTuple

from casextract.extract.grammar import Grammar
from casextract.extract.tables.heads import units_in
from casextract.extract.tables.layout import Chain, Layout, plain
from casextract.load.tables import Span
from casextract.rulebook.models import HeadRole
from casextract.rulebook.patterns import on_demand

_YEAR = on_demand(r"(?:19|20)\d{2}")
_NAMES_YEAR = on_demand(r"(?:19|20)\d{2}|[今去上本当前明]年|民国")
_PART_OF_YEAR = on_demand(r"\d{1,2}[-~—至]?(?:\d{1,2})?月|第?[一二三四]季度|[上下]半年")
_REST_OF_DATE = on_demand(r"^(?:年度|年|度|底|末)(?![^\s]{0,1}[院校])")
_HAN = on_demand(r"\p{Han}")
_TABLE_NUMBER = on_demand(r"^(?:[附续]?表\s?[-\d一二三四五六七八九十.—–]{1,6}|\d{1,2}[-–—]\d{1,2})[\s:、.]*")
_TABLE_KIND = on_demand(r"(?:基本)?(?:情况|统计|一览|汇总|明细|对照|对比|构成|分布|数据)*(?:月报|季报|年报)?表?$")
_ASIDE = on_demand(r"\([^()]*\)|\[[^\[\]]*\]")
_MARKS = on_demand(r"[,，;；。:：、“”\"'‘’]+")
_NUMBER_OF = on_demand(r"(?<=[^\s]{2})(?:总数量|总个数|数量|个数|总数|数)$")
_SPOKEN: tuple[HeadRole, ...] = ("total", "part", "change", "either", "before", "current")
_OF_HEADS: tuple[HeadRole, ...] = ("qualifier",)
_ADDS_NOTHING: tuple[HeadRole, ...] = ("plain", "change", "planned", "total")
"""What a head says beside a noun: it is no part of the subject then."""


class Wording(NamedTuple):
    """What stands around a value, put into words."""

    front: str
    """The words in front of it."""
    subject: str | None
    counted: str | None
    """What decides its metric: the subject, or what a total is the total of."""
    rules: list[str]
    """Of heads and labels that have spoken."""


def wording_of(layout: Layout, heads: Chain, labels: Chain, money: bool) -> Wording:
    """The words of a value under these heads, behind these labels. `money`: its unit is an amount."""
    head_words = [w for _, said in heads if (w := plain(timeless(layout, said.words)))]
    rules = _spoken(layout, heads, labels, head_words)
    label, total = _label(layout, labels)
    head, plainly = _head_noun(layout, head_words, label)
    rules += ["table.plain"] * plainly
    noun = _NUMBER_OF.sub("", label)
    first = bool(head) and layout.says("qualifier", head) is not None
    subject = noun if not head or noun.endswith(head) else head + noun if first else noun + head
    spoken = "".join(head_words)
    front = spoken + label if first else ("" if total else label) + spoken
    caption = caption_noun(layout)
    if _counts(layout, head):
        counted = head if total else subject
    else:
        # What is counted may be said in the label, or once, above the table.
        counted = noun if _counts(layout, label) and not total else caption or subject
    kind = layout.implied(heads) or layout.implied(labels)
    if money and not (kind is not None and kind.unit == "元"):
        front, counted = caption + front, subject
    elif not _counts(layout, label) and not _counts(layout, head):
        front = caption + front
    return Wording(_MARKS.sub("", front), subject or None, counted or None, list(dict.fromkeys(rules)))


def _spoken(layout: Layout, heads: Chain, labels: Chain, head_words: list[str]) -> list[str]:
    """The rules by which heads and labels say more than a name."""
    rules = [
        rule.id
        for _, said in (*labels, *heads)
        for role in _SPOKEN
        if (rule := layout.says(role, plain(said.words))) is not None
    ]
    return rules + [r.id for w in head_words for role in _OF_HEADS if (r := layout.says(role, w))]


def _label(layout: Layout, labels: Chain) -> tuple[str, bool]:
    """The label that names a row, and whether it is that of a total."""
    words = [_without_part(w, layout.grammar) for _, said in labels if (w := plain(timeless(layout, said.words)))]
    label, outer = (words[-1], words[:-1]) if words else ("", [])
    total = bool(label) and layout.says("total", label) is not None
    if label and layout.says("plain", label) is not None and outer:
        label = outer[-1] + label
    elif not label and outer:
        label = outer[-1]
    if not _HAN.search(label):
        # A column of labels in another language says the same again.
        label = next((w for w in reversed(outer) if _HAN.search(w)), label)
    return label, total


def _head_noun(layout: Layout, head_words: list[str], label: str) -> tuple[str, int]:
    """The noun that heads add to a label, and how many of them name nothing but that there is a number."""
    nouns: list[str] = []
    plainly = 0
    for words in head_words:
        bare = _without_part(words, layout.grammar)
        said_of = {r for r in _ADDS_NOTHING if layout.says(r, bare) is not None}
        if "plain" in said_of:
            plainly += 1
        elif not said_of or (said_of == {"total"} and not label):
            noun = _NUMBER_OF.sub("", bare)
            if not (nouns and nouns[-1].endswith(noun)):
                # 养老机构 over 机构 says the same again.
                nouns.append(noun)
    return "".join(nouns), plainly


def _counts(layout: Layout, words: str) -> bool:
    return bool(words) and layout.says("unit", words) is not None


def caption_noun(layout: Layout) -> str:
    """What the table is of by its name: 社会组织登记 of 表8 2024年社会组织登记情况."""
    for span in reversed(layout.table.caption):
        text = layout.printed(span)
        if units_in(text, layout.grammar) and ":" in text and len(text) < 16:
            continue
        words = plain(timeless(layout, _TABLE_NUMBER.sub("", text.strip())))
        return _TABLE_KIND.sub("", _ASIDE.sub("", words))
    return ""


def timeless(layout: Layout, words: str) -> str:
    """Words without the dates they name, which the line says first."""
    for start, end in reversed([s for s, _ in _times(words, layout.grammar)]):
        words = words[:start] + words[end:]
    return "" if _YEAR.fullmatch(words) else _REST_OF_DATE.sub("", words)


def time_of(layout: Layout, heads: Chain, labels: Chain, title: Span | None) -> tuple[str, Span | None]:
    """The time of a value in words, and where it is printed: by its head, its label, the caption or the title."""
    cells = [*(c for c, _ in reversed(heads)), *(c for c, _ in reversed(labels))]
    spans = [(c.start, c.end) for c in cells]
    if not any(layout.says("before", plain(said.words)) for _, said in heads):
        # What caption and title name is not the time of 上期.
        spans += [*reversed(layout.table.caption), *([title] if title else [])]
    found: tuple[str, Span] | None = None
    for start, end in spans:
        times = _times(layout.norm[start:end], layout.grammar)
        if len(times) > 1 and _PART_OF_YEAR.match(times[-1][1]) is not None:
            # 2022年…统计月报(3月份): the month is the time, of that year.
            times.reverse()
        for (low, high), time in times:
            if found is None:
                found = time, (start + low, start + high)
            elif (year := _YEAR.search(time)) is not None:
                return f"{year[0]}年{found[0]}", found[1]
            if _NAMES_YEAR.search(found[0]):
                return found
    return found if found is not None else ("", None)


def year_of(layout: Layout, chain: Chain) -> int | None:
    """The year that heads name, the innermost first."""
    found = [m for c, _ in reversed(chain) if (m := _YEAR.search(layout.text_of(c))) is not None]
    return int(found[0][0]) if found else None


def _times(text: str, grammar: Grammar) -> list[tuple[Span, str]]:
    """The dates that a head, a label or a caption names for its values, with what they are in a sentence."""
    if (bare := _YEAR.fullmatch(text.strip())) is not None:
        start = text.index(bare[0])
        return [((start, start + 4), f"{bare[0]}年")]
    found = []
    for m in grammar.times.finditer(text):
        assert m.lastgroup is not None
        if grammar.time_rules[int(m.lastgroup[1:])].governs:
            found.append((m.span(), m[0].strip(" ,")))
    return found


def _without_part(words: str, grammar: Grammar) -> str:
    """A label without the 其中 that it begins with."""
    for rule, pattern in grammar.heads:
        if rule.says == "part" and (m := pattern.match(words)) is not None:
            return words[m.end() :].lstrip(":：")
    return words
