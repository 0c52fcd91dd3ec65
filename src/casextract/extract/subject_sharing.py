"""Numbers that stand without a subject share that of the number they are said together with."""

from __future__ import annotations

from collections.abc import Sequence

from casextract.extract.grammar import Grammar
from casextract.extract.model import Quantity
from casextract.extract.noun_phrase import CLAUSE_MARKS, PERSONS, names_nothing, trim
from casextract.rulebook.patterns import on_demand


def share_subjects(text: str, quantities: Sequence[Quantity], grammar: Grammar) -> list[Quantity]:
    """Give the numbers that stand without a subject that of the neighbour they are said together with."""
    shared = list(quantities)
    for i in range(1, len(shared)):
        before, q = shared[i - 1], shared[i]
        if (
            q.subject is None
            and q.dimension == before.dimension == "money"
            and before.sentence[1] <= q.sentence[0] <= before.sentence[1] + 2
            and text.startswith("其中", q.sentence[0])
        ):
            # 筹集公益金600亿元。其中,上缴中央297亿元: the sentence tells of parts of the sum in front.
            shared[i] = q._replace(subject=before.subject)
            continue
        if q.subject is not None or before.subject is None or before.sentence != q.sentence:
            continue
        between = text[before.end : q.start]
        if before.unit == q.unit and len(between) <= 24 and "。" not in between:
            # A number of the same unit whose clause names nothing counts the same thing (受理线索326条,办结319条).
            shared[i] = q._replace(subject=before.subject)
            continue
        if _PEOPLE_PAIR.fullmatch(between) and {before.unit, q.unit} <= _BEINGS_UNITS:
            # 村民1372户,2900余人.
            shared[i] = q._replace(subject=before.subject)
            continue
        if "其中" in between and q.unit in PERSONS and (whole := _whole_of(shared, i)) is not None:
            shared[i] = q._replace(subject=whole)
            continue
        if _JOINED.fullmatch(between) or (grammar.phrases.compares.fullmatch(between) and q.dimension != "age"):
            shared[i] = q._replace(subject=before.subject)
            continue
        if (
            q.dimension in _CARRIED
            and (alike := _alike(shared, i)) is not None
            and names_nothing(text[_clause_of(text, before, q) : q.start], grammar)
        ):
            # 建成社区300个,覆盖两成城镇,累计建成100个: a number of another kind stands between.
            shared[i] = q._replace(subject=alike.subject)
    for i in range(len(shared) - 2, -1, -1):
        q, behind = shared[i], shared[i + 1]
        if (
            q.subject is None
            and behind.subject is not None
            and _JOINED.fullmatch(text[q.end : behind.start])
            and q.sentence == behind.sentence
        ):
            shared[i] = q._replace(subject=behind.subject)
    return shared


_CARRIED = frozenset(["count", "money"])


def _clause_of(text: str, before: Quantity, q: Quantity) -> int:
    """Where what stands before a number begins: behind the number in front, or the mark behind that."""
    return max(before.end, *(text.rfind(mark, before.end, q.start) + 1 for mark in CLAUSE_MARKS))


def _alike(quantities: Sequence[Quantity], i: int) -> Quantity | None:
    """The nearest number in front in the sentence with the unit, and the bases, of the one at `i`, if it has a
    subject."""
    q = quantities[i]
    for other in reversed(quantities[max(0, i - 4) : i]):
        if other.sentence != q.sentence:
            return None
        if other.unit == q.unit and other.per == q.per:
            return other if other.subject is not None else None
    return None


def _whole_of(quantities: Sequence[Quantity], i: int) -> str | None:
    """What the people of whom 其中 names a part are: the subject of the nearest number of people in front in the
    sentence."""
    for q in reversed(quantities[:i]):
        if q.sentence != quantities[i].sentence:
            return None
        if q.unit in PERSONS and q.subject is not None:
            return q.subject
    return None


_BEINGS_UNITS = frozenset(["人", "户", "名", "位"])
_PEOPLE_PAIR = on_demand(r"[,，、]?(?:共|约|近|计)?")
_JOINED = on_demand(
    r"(?:以上|以下|以内|左右)?(?:/[\p{Han}·./]{1,4})?\s?[、和与及(]?\s?(?:共|最高|最低|约|近|分别|不低于|不超过|最多|至少|增长|下降|增加|减少|提高|降低)?"
)
_RESPECTIVE = on_demand(
    r"(?:^|(?<=[,，;。:!?\n”)\s]))(?:其中)?(?P<list>[^,，;。:!?\n\d]+?)(?:依次|分别)[^,，;。:!?\n\d、]{0,8}$"
)
_ITEM_SIGN = on_demand(r"[、和与及]")


def respective_subjects(text: str, quantities: Sequence[Quantity], grammar: Grammar) -> list[Quantity]:
    """Give the numbers of a respective list (甲、乙和丙分别为1项、2项和3项) the item that each belongs to."""
    shared = list(quantities)
    i = 0
    while i < len(shared):
        j = i
        while j + 1 < len(shared) and _LISTED.fullmatch(text, shared[j].end, shared[j + 1].start):
            j += 1
        if j > i:
            head = _RESPECTIVE.search(text, shared[i].sentence[0], shared[i].start)
            items = _ITEM_SIGN.split(head["list"]) if head else []
            benefit = shared[i].dimension == "money" and grammar.phrases.money_noun.search(shared[i].subject or "")
            if not benefit and len(items) == j - i + 1 and all(2 <= len(item) <= 20 for item in items[:-1]):
                for k, item in enumerate(items):
                    name = trim(item, grammar)
                    if name is not None and text[shared[j].end : shared[j].end + 1] in ",，;。)!?、\n":
                        shared[i + k] = shared[i + k]._replace(subject=name)
        i = j + 1
    return shared


_LISTED = on_demand(r"(?:以上|以下|左右)?[、和与及]")
