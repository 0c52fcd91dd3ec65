"""Comparisons: an old value and the new one it turned into (由20%下降到10%)."""

from __future__ import annotations

from collections.abc import Sequence

from casextract.extract.model import Quantity
from casextract.extract.reading import ARROW
from casextract.rulebook.patterns import on_demand

_FROM = on_demand(
    r"(?:从|由|自|变|将|把|较(?<!比较)|比(?<!占比)(?![例重率])|原来的?|原先的?|原有的?|过去的?|起初的?|最初的?)[^。;!?]{0,24}$"
)
_LISTED = on_demand(r"(?:以上|以下|左右)?[、和与及]")
# 增加4000张至1.6万张: the first number is the step, not the old value.
_INCREMENT = on_demand(r"(?:增加|减少|提高|降低|提升|增|减)(?:了|约)?$")
_THAN = on_demand(r"(?<!比)[较比][^,。;]{0,10}的$")
_MOVED = on_demand(r"(?:有所)?(?:增长|下降|增加|减少|提高|降低|上升)")
_FROM_STRONG = on_demand(r"(?:从|由|变|原来|原先|原有|过去|起初|最初)[^,。;!?]{0,20}$")
_CHANGE = r"(?:提高|增加|增长|上升|下降|降低|减少|缩短|压缩|压减|精简|扩大|提升|发展|拓展|延长|调整|上调|下调|缩减|攀升|跃升|改|变更|变|提|增|升|降|减|扩|翻|优化|细化|改善|放宽|改造|扩容|扩充|扩建|拓宽|延伸|转变)"
_TO = on_demand(rf"^[^。;!?]{{0,28}}?(?:{_CHANGE}[^,。;]{{0,3}}?(?:到|至|为|成)|(?:到|至)[^,。;\d]{{0,12}}$)")
_CHANGED = on_demand(rf"^[^。;!?]{{0,20}}{_CHANGE}[^,。;]{{0,3}}?(?:到|至|为)")


def link_changes(text: str, quantities: Sequence[Quantity]) -> list[Quantity]:
    """Mark the old values of comparisons `baseline` and point the new values at them."""
    linked = list(quantities)
    for i, old in enumerate(linked):
        pointed = _pointed(text, linked, i)
        if pointed is not None:
            linked[i] = _as_baseline(old)
            linked[pointed] = _changed(linked[pointed], old, i, said=True)
            continue
        head = _head(text, linked, i)
        if _FROM.search(head) is None or _INCREMENT.search(head):
            continue
        olds = _listed_with(text, linked, i)
        new = _new_value(text, linked, olds)
        if new is not None:
            between = text[linked[olds[-1]].end : linked[new].start]
            for k in olds:
                linked[k] = _as_baseline(linked[k])
            linked[new] = _changed(linked[new], old, i, said=_CHANGED.search(between) is not None)
        elif _THAN.search(head) and _MOVED.match(text, old.end):
            linked[i] = old._replace(status="baseline", rules=(*old.rules, "change.from_to"))
        elif _FROM_STRONG.search(head) and _CHANGED.search(text[linked[olds[-1]].end : old.sentence[1]]):
            for k in olds:
                linked[k] = _as_baseline(linked[k])
    return linked


def _pointed(text: str, quantities: Sequence[Quantity], i: int) -> int | None:
    """The quantity that an arrow behind this one points to (120→150张)."""
    j = i + 1
    if j >= len(quantities) or not _alike(quantities[j], quantities[i]):
        return None
    return j if ARROW.fullmatch(text, quantities[i].end, quantities[j].start) is not None else None


def _head(text: str, quantities: Sequence[Quantity], i: int) -> str:
    """What stands in front of a quantity, up to the one before it in its sentence."""
    q = quantities[i]
    floor = quantities[i - 1].end if i and quantities[i - 1].sentence == q.sentence else q.sentence[0]
    return text[max(floor, q.start - 30) : q.start]


def _alike(q: Quantity, old: Quantity) -> bool:
    return q.sentence == old.sentence and q.dimension == old.dimension


def _listed_with(text: str, quantities: Sequence[Quantity], i: int) -> list[int]:
    """The old value and those that stand in one list with it (由2人、3人增加到…)."""
    listed, j = [i], i + 1
    while j < len(quantities) and _alike(quantities[j], quantities[i]):
        if not _LISTED.fullmatch(text[quantities[j - 1].end : quantities[j].start]):
            break
        listed.append(j)
        j += 1
    return listed


def _new_value(text: str, quantities: Sequence[Quantity], olds: Sequence[int]) -> int | None:
    """The quantity that the old ones turned into."""
    old, j = quantities[olds[0]], olds[-1] + 1
    if j + 1 < len(quantities) and quantities[j].dimension != old.dimension and quantities[j + 1].end - old.end <= 40:
        # Another number may say by how much (由2400元增加四分之一至3000元).
        j += 1
    if j >= len(quantities) or not _alike(quantities[j], old):
        return None
    between = text[quantities[olds[-1]].end : quantities[j].start]
    return j if len(between) <= 40 and _TO.search(between) else None


def _changed(new: Quantity, old: Quantity, index: int, *, said: bool) -> Quantity:
    """The new value of a comparison with the old one at `index`. `said`: a verb of change stands between the two."""
    reported = new.status == "standard" and new.dimension in ("percent", "count") and not new.per
    return new._replace(
        baseline=index,
        subject=(old.subject if said or not new.subject else new.subject) or new.subject,
        metric=old.metric if new.dimension in ("percent", "money") else new.metric,
        status="achieved" if reported else new.status,
        per=new.per or (old.per if new.dimension == "money" else ()),
        rules=(*new.rules, "change.from_to"),
    )


def _as_baseline(q: Quantity) -> Quantity:
    own = _own_time(q)
    return q._replace(
        status="baseline",
        time=q.time if own else None,
        period=q.period if own else (None, None),
        rules=(*q.rules, "change.from_to"),
    )


def _own_time(q: Quantity) -> bool:
    """Whether the time stands right before the number (由2019年的20%) and was not carried over from afar."""
    return q.time is not None and q.start - q.time[1] <= 4
