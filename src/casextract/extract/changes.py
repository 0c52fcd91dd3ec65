"""Comparisons: an old value and the new one it turned into (由20%下降到10%)."""

from __future__ import annotations

from collections.abc import Sequence

from casextract.extract.grammar import Phrases
from casextract.extract.model import Quantity
from casextract.extract.reading import ARROW


def link_changes(text: str, quantities: Sequence[Quantity], phrases: Phrases) -> list[Quantity]:
    """Mark the old values of comparisons `baseline` and point the new values at them."""
    linked = list(quantities)
    for i, old in enumerate(linked):
        pointed = _pointed(text, linked, i)
        if pointed is not None:
            linked[i] = _as_baseline(old)
            linked[pointed] = _changed(linked[pointed], old, i, said=True)
            continue
        head = _head(text, linked, i)
        if phrases.old_value.search(head) is None or phrases.change_step.search(head):
            continue
        olds = _listed_with(text, linked, i, phrases)
        new = _new_value(text, linked, olds, phrases)
        if new is not None:
            between = text[linked[olds[-1]].end : linked[new].start]
            for k in olds:
                linked[k] = _as_baseline(linked[k])
            linked[new] = _changed(linked[new], old, i, said=phrases.change_done.search(between) is not None)
        elif phrases.than_those.search(head) and phrases.has_moved.match(text, old.end):
            linked[i] = old._replace(status="baseline", rules=(*old.rules, "change.from_to"))
        elif phrases.old_value_alone.search(head) and phrases.change_done.search(
            text[linked[olds[-1]].end : old.sentence[1]]
        ):
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


def _listed_with(text: str, quantities: Sequence[Quantity], i: int, phrases: Phrases) -> list[int]:
    """The old value and those that stand in one list with it (由2人、3人增加到…)."""
    listed, j = [i], i + 1
    while j < len(quantities) and _alike(quantities[j], quantities[i]):
        if not phrases.old_values.fullmatch(text[quantities[j - 1].end : quantities[j].start]):
            break
        listed.append(j)
        j += 1
    return listed


def _new_value(text: str, quantities: Sequence[Quantity], olds: Sequence[int], phrases: Phrases) -> int | None:
    """The quantity that the old ones turned into."""
    old, j = quantities[olds[0]], olds[-1] + 1
    if j + 1 < len(quantities) and quantities[j].dimension != old.dimension and quantities[j + 1].end - old.end <= 40:
        # Another number may say by how much (由2400元增加四分之一至3000元).
        j += 1
    if j >= len(quantities) or not _alike(quantities[j], old):
        return None
    between = text[quantities[olds[-1]].end : quantities[j].start]
    return j if len(between) <= 40 and phrases.becomes_new.search(between) else None


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
