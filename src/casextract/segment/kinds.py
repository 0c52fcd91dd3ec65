"""Documents that are no collection: whether they tell one practice, are a plan, or report without a practice of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from casextract.segment.openings import Opening, first_sentence, is_strong
from casextract.segment.page import Page

Nature = Literal["practice", "plan", "report"]
_OPENING_PARAGRAPHS: Final = 3
_REGION_MIN: Final = 2
_AIMS_MIN: Final = 4
_AIMS_RATIO: Final = 3
"""A plan without a title speaks of aims so often, and so many times as often as of what was done."""


class DocumentKind(NamedTuple):
    """What kind of document a page is, and the rule that says so."""

    nature: Nature
    rule_id: str


def kind_of(page: Page, openings: Sequence[Opening], region: str | None) -> DocumentKind:
    """Whether a document tells one practice (then it is a case) or is a plan or a report."""
    title = page.frame.meta.title
    for nature in ("plan", "report"):
        if title and (hit := page.rules.search(nature, title, 0, len(title))) is not None:
            return DocumentKind(nature, hit[0].id)
    first = opening_paragraphs(page)
    for k in first:
        if (hit := page.search("announcement", page.lines[k].start, page.lines[k].end)) is not None:
            return DocumentKind("report", hit[0].id)
    if region is not None:
        # A page of these regions reports policy; a practice is told with the body's name first.
        return DocumentKind("report", "case.implicit")
    if any(o.line in first and o.shape in ("opener", "inline") for o in openings):
        return DocumentKind("practice", "case.single")
    for k in first:
        if (rule_id := _acts(page, page.lines[k].start, page.lines[k].end)) is not None:
            return DocumentKind("practice", rule_id)
    return DocumentKind("report", "case.implicit")


def _acts(page: Page, start: int, end: int) -> str | None:
    """The rule by which a paragraph tells what a body or a place does."""
    sentence = first_sentence(page.norm, start, end)
    if (hit := page.search("actor", start, sentence)) is not None:
        return hit[0].id
    hit = page.first("opener", start, sentence)
    if hit is not None and is_strong(hit):
        return hit[0].id
    if any(m.agency or is_strong(page.first("opener", m.agency_end, end)) for m in page.places(start, end)):
        return "case.single"
    return None


def opening_paragraphs(page: Page) -> list[int]:
    """The first paragraphs of the body, by line index."""
    running = (k for k in range(*page.frame.body) if k not in page.frame.roles and not page.is_heading(page.lines[k]))
    return [k for k, _ in zip(running, range(_OPENING_PARAGRAPHS), strict=False)]


def region_of(page: Page) -> str | None:
    """The code of the region whose peculiar words a page uses: at least two of them, more than of any other."""
    weights: Counter[str] = Counter()
    for form in page.rules.forms["region"]:
        words = {m.group() for m in form.pattern.finditer(page.norm)}
        if form.rule.value is not None and len(words) >= _REGION_MIN:
            weights[form.rule.value] += len(words)
    best = weights.most_common(1)
    return best[0][0] if best else None


def sets_targets(page: Page, nature: Nature) -> bool:
    """Whether a document without a case of its own is a plan or a speech: by its title, else by what its body speaks of."""
    title = page.frame.meta.title
    if title and page.rules.search("target", title, 0, len(title)) is not None:
        return True
    if nature == "practice":
        return False
    first, last = page.frame.body
    body = page.norm[page.lines[first].start : page.lines[last - 1].stop] if first < last else ""
    aims = sum(1 for form in page.rules.forms["aim"] for _ in form.pattern.finditer(body))
    done = sum(1 for form in page.rules.forms["done"] for _ in form.pattern.finditer(body))
    return aims >= _AIMS_MIN and aims >= _AIMS_RATIO * done
