"""What a case is about and what it calls itself: topics by the evidence of words, quoted names, the body that acts."""

from __future__ import annotations

from collections import Counter
from typing import Final

from casextract.places.model import Place, PlaceMention
from casextract.segment.page import Page

_TITLE_WEIGHT: Final = 3
_AGENCY_WINDOW: Final = 120
_OFFICE_ENDS: Final = "局厅站院会"


def topics_of(page: Page, span: tuple[int, int], title: tuple[int, int] | None) -> tuple[str, ...]:
    """The topics whose words weigh enough in a case, the heaviest first, ties in the order of the rules."""
    rules, weights = page.rules, Counter[int]()
    for word, times in Counter(rules.topic_words.findall(page.norm, *span)).items():
        for i in rules.topics_of[word]:
            weights[i] += times
    if title is not None:
        for word in rules.topic_words.findall(page.norm, *title):
            for i in rules.topics_of[word]:
                weights[i] += _TITLE_WEIGHT
    chosen = [(-weight, i) for i, weight in weights.items() if weight >= rules.topics[i].threshold]
    return tuple(rules.topics[i].topic for _, i in sorted(chosen))


def brands_of(page: Page, spans: list[tuple[int, int]]) -> tuple[str, ...]:
    """The quoted names of a practice, in order of first appearance."""
    found: dict[str, int] = {}
    for start, end in spans:
        for form in page.rules.forms["brand"]:
            for m in form.pattern.finditer(page.norm, start, end):
                found[m["name"]] = min(m.start("name"), found.get(m["name"], m.start("name")))
    return tuple(sorted(found, key=found.__getitem__))


def agency_of(page: Page, opening: tuple[int, int], place: Place | None, mention: PlaceMention | None) -> str | None:
    """The body that acts: of the heading, else of the first sentences, named or taken for granted (县民政局)."""
    start, end = opening[0], min(opening[1], opening[0] + _AGENCY_WINDOW)
    for found in (mention, *page.places(start, end)):
        if found is None or not found.agency:
            continue
        if found is mention or place is None or place.contains(page.resolve(found)):
            below = found.place or ""
            return found.text.removesuffix(below if found.agency.startswith(below) else "") + found.agency
    hit = page.search("actor", start, end)
    return str(hit[1].group()) if hit is not None and hit[1].group()[-1] in _OFFICE_ENDS else None
