"""Comparisons: an old value and the new one it turned into (由20%下降到10%)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from casextract.extract import Quantity

_FROM = regex.compile(r"(?:从|由|自|变|将|把|较|比|原来的?|原先的?|原有的?|过去的?|起初的?|最初的?)[^。;!?]{0,24}$")
_FROM_STRONG = regex.compile(r"(?:从|由|变|原来|原先|原有|过去|起初|最初)[^,。;!?]{0,20}$")
_CHANGE = (
    r"(?:提高|增加|增长|上升|下降|降低|减少|缩短|压缩|压减|精简|扩大|提升|发展|拓展|延长|调整|上调|下调|缩减|攀升|跃升|改|变更|变|提|增|升|降|减|扩|翻|优化|改造|扩容|扩充|扩建|拓宽|延伸|转变)"
)
_TO = regex.compile(rf"^[^。;!?]{{0,28}}?(?:{_CHANGE}[^,。;]{{0,3}}?(?:到|至|为|成)|(?:到|至)[^,。;\d]{{0,12}}$)")
_CHANGED = regex.compile(rf"^[^。;!?]{{0,20}}{_CHANGE}[^,。;]{{0,3}}?(?:到|至|为)")


def link_changes(text: str, quantities: Sequence[Quantity]) -> list[Quantity]:
    """Mark the old values of comparisons `baseline` and point the new values at them."""
    linked = list(quantities)
    for i, old in enumerate(linked):
        floor = linked[i - 1].end if i and linked[i - 1].sentence == old.sentence else old.sentence[0]
        head = text[max(floor, old.start - 30) : old.start]
        m = _FROM.search(head)
        if m is None:
            continue
        new_index = next(
            (j for j in range(i + 1, min(i + 3, len(linked))) if linked[j].sentence == old.sentence and linked[j].dimension == old.dimension),
            None,
        )
        between = text[old.end : linked[new_index].start] if new_index is not None else ""
        if new_index is not None and len(between) <= 40 and _TO.search(between):
            new = linked[new_index]
            linked[i] = replace(old, status="baseline", time=old.time if _own_time(old) else None, period=old.period if _own_time(old) else (None, None), rules=(*old.rules, "change.from_to"))
            subject = new.subject if new.subject and len(new.subject) > 1 and not _CHANGED.search(between) else old.subject
            linked[new_index] = replace(new, baseline=i, subject=subject or new.subject, metric=linked[i].metric if new.dimension == "percent" else new.metric,
                                        status="achieved" if new.status == "standard" and new.dimension in ("percent", "count") and not new.per else new.status,
                                        rules=(*new.rules, "change.from_to"))  # fmt: skip
        elif _FROM_STRONG.search(head) and _CHANGED.search(text[old.end : old.sentence[1]]):
            linked[i] = replace(old, status="baseline", rules=(*old.rules, "change.from_to"))
    return linked


def _own_time(q: Quantity) -> bool:
    """Whether the time stands right before the number (由2019年的20%) and was not carried over from afar."""
    return q.time is not None and q.start - q.time[1] <= 4
