"""What a case is about and what it calls itself: topics by the evidence of words, quoted names, the body that acts."""

from __future__ import annotations

from collections import Counter
from typing import Final

from casextract.segment.compiled import Segmenter

_TITLE_WEIGHT: Final = 3


def topics_of(norm: str, span: tuple[int, int], title: tuple[int, int] | None, segmenter: Segmenter) -> tuple[str, ...]:
    """The topics whose words weigh enough in a case, the heaviest first, ties in the order of the rules."""
    weights: Counter[int] = Counter()
    for word, times in Counter(segmenter.topic_words.findall(norm, *span)).items():
        for i in segmenter.topics_of[word]:
            weights[i] += times
    if title is not None:
        for word in segmenter.topic_words.findall(norm, *title):
            for i in segmenter.topics_of[word]:
                weights[i] += _TITLE_WEIGHT
    chosen = [(-weight, i) for i, weight in weights.items() if weight >= segmenter.topics[i].threshold]
    return tuple(segmenter.topics[i].topic for _, i in sorted(chosen))


def brands_of(norm: str, spans: list[tuple[int, int]], segmenter: Segmenter) -> tuple[str, ...]:
    """The quoted names of a practice, in order of first appearance."""
    found: dict[str, int] = {}
    for start, end in spans:
        for form in segmenter.forms["brand"]:
            for m in form.pattern.finditer(norm, start, end):
                found[m["name"]] = min(m.start("name"), found.get(m["name"], m.start("name")))
    return tuple(sorted(found, key=found.__getitem__))
