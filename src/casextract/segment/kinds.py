"""Documents that are no collection: whether they tell one practice, are a plan, or report without a practice of their
own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple, get_args

from casextract.rulebook.models import IntentName
from casextract.segment.dominant_place import DominantPlace
from casextract.segment.intents import ENOUGH, weigh, weight_of
from casextract.segment.model import Evidence
from casextract.segment.openings import Opening, first_sentence, is_strong
from casextract.segment.page import Page

Nature = Literal["practice", "plan", "report"]
_OPENING_PARAGRAPHS: Final = 3
_TELLS: Final[frozenset[IntentName]] = frozenset(("news", "report"))
"""What may tell of one place's practice."""
_NATURES: Final[Mapping[IntentName, Nature]] = {
    "plan": "plan",
    "notice": "plan",
    "regulation": "plan",
    "speech": "plan",
    "bulletin": "report",
}
_REGIONS: Final = frozenset(("香港特别行政区", "澳门特别行政区", "台湾省"))
_BODY: Final = ("body", None)
_TEXT: Final = frozenset(("body", "preamble", "heading", "trailer", "caption"))
_SHARE_WEIGHT, _EXACT_WEIGHT, _IN_TITLE_WEIGHT, _DEED_WEIGHT, _PROVINCE_WEIGHT = 4.0, 1.5, 2.0, 2.0, 1.5
_NAMED_ENOUGH, _SCATTERED = 4.0, 3
_PRACTICE: Final = 1.5
"""What speaks for one place must outweigh what speaks for the country by so much. Calibrated on the development half of
S1 and S3."""
_REGION_MIN: Final = 2
_AIMS_MIN: Final = 4
_AIMS_RATIO: Final = 3
"""A plan without a title speaks of aims so often, and so many times as often as of what was done."""


class DocumentKind(NamedTuple):
    """What kind of document a page is: its nature, the rule that says so, and what speaks for one place and for the
    country."""

    nature: Nature
    rule_id: str
    intent: IntentName = "news"
    local: tuple[Evidence, ...] = ()
    national: tuple[Evidence, ...] = ()

    press: bool = False
    """Whether it opens as press reports do."""

    def of_one_place(self, dominant: DominantPlace) -> bool:
        """Whether a document without a case may still be said to speak of the place it names."""
        if self.intent in _TELLS:
            return not self.national
        alone = dominant.provinces == 1 and dominant.opens
        return self.intent != "bulletin" or dominant.in_title or alone or dominant.weight >= _NAMED_ENOUGH


def kind_of(page: Page, openings: Sequence[Opening], region: str | None, dominant: DominantPlace) -> DocumentKind:
    """Whether a document tells one practice (then it is a case), is a plan, or reports without a practice of its own.

    What it is written for comes first: a plan, a notice, a regulation, a speech or a bulletin presents no case. News
    and reports are weighed: the place they name and its share, bodies and deeds in the opening, words for one place
    against words for the country and the number of provinces named. No feature decides alone.
    """
    title = page.frame.meta.title or ""
    lines = [(line.start, line.end) for k, line in enumerate(page.lines) if page.frame.roles.get(k, _BODY)[0] in _TEXT]
    found = weigh(page.norm, title, lines, page.rules.intents)
    intent = _intent(found)
    press = weight_of(found, "news") >= ENOUGH
    if intent not in _TELLS:
        return DocumentKind(_NATURES[intent], found[intent][0].rule_id, intent)
    if region is not None and (dominant.place is None or dominant.place.city is None) and not _office_acts(page):
        # A page on all of these regions reports policy; a city's or a county's practice is told like any other.
        return DocumentKind("report", "case.implicit", intent, press=press)
    local = (*found.get("local", ()), *_local(page, openings, dominant))
    national = (*found.get("national", ()), *_national(dominant))
    if region is None and sum(e.weight for e in local) - sum(e.weight for e in national) < _PRACTICE:
        return DocumentKind("report", "case.implicit", intent, local, national, press)
    deed = next((e for e in local if e.rule_id.startswith(("actor.", "opener."))), None)
    return DocumentKind("practice", deed.rule_id if deed else "case.single", intent, local, national)


def _intent(found: Mapping[str, Sequence[Evidence]]) -> IntentName:
    """The intent for which most speaks.

    Words of intention alone, or a draft that is told of, make no plan of a report: a practice has them too.
    """
    weights: dict[IntentName, float] = {}
    for name in get_args(IntentName):
        form = sum(e.weight for e in found.get(name, ()) if not e.rule_id.endswith((".words", "_told")))
        weights[name] = weight_of(found, name) if form else 0.0
    best = max(weights, key=lambda name: weights[name])
    return best if weights[best] >= ENOUGH else "news"


def _local(page: Page, openings: Sequence[Opening], dominant: DominantPlace) -> Iterator[Evidence]:
    """What a page's places and deeds say for its telling of one place."""
    if dominant.place is not None:
        named = dominant.mention.text if dominant.mention else ""
        yield Evidence("scope.place", named, _SHARE_WEIGHT * dominant.share * min(1.0, dominant.weight / _NAMED_ENOUGH))
        if dominant.place.city is not None or dominant.place.county is not None:
            yield Evidence("scope.place.exact", named, _EXACT_WEIGHT)
        if dominant.in_title:
            yield Evidence("scope.place.title", named, _IN_TITLE_WEIGHT)
    first = opening_paragraphs(page)
    if dominant.place is None and first:
        # A name that several units bear is a place, too.
        opening = page.lines[first[0]]
        unsure = next((m for m in page.places(opening.start, opening.end) if page.resolve(m).ambiguous), None)
        if unsure is not None:
            yield Evidence("scope.place.exact", unsure.text, _EXACT_WEIGHT)
    if any(o.line in first and o.shape in ("opener", "inline") for o in openings):
        yield Evidence("case.single", "", _DEED_WEIGHT)
        return
    for k in first:
        if (rule_id := _acts(page, page.lines[k].start, page.lines[k].end)) is not None:
            yield Evidence(rule_id, page.printed(page.lines[k])[:20], _DEED_WEIGHT)
            return


def _national(dominant: DominantPlace) -> Iterator[Evidence]:
    """What the spread of places says against it."""
    if dominant.provinces >= _SCATTERED:
        weight = _PROVINCE_WEIGHT * (dominant.provinces - _SCATTERED + 1) * (1.0 - dominant.share)
        yield Evidence("scope.scattered", str(dominant.provinces), weight)


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


def _office_acts(page: Page) -> bool:
    """Whether a page on a region opens with an office of it that does something."""
    return any(page.first("region_actor", page.lines[k].start, page.lines[k].end) for k in opening_paragraphs(page)[:1])


def opening_paragraphs(page: Page) -> list[int]:
    """The first paragraphs of the body, by line index."""
    running = (k for k in range(*page.frame.body) if k not in page.frame.roles and not page.is_heading(page.lines[k]))
    return [k for k, _ in zip(running, range(_OPENING_PARAGRAPHS), strict=False)]


def region_of(page: Page, dominant: DominantPlace) -> str | None:
    """The code of the region whose peculiar words a page uses: at least two of them, more than of any other.

    None where the page speaks more of a place elsewhere, whatever words it borrows.
    """
    weights: Counter[str] = Counter()
    for form in page.rules.forms["region"]:
        words = {m.group() for m in form.pattern.finditer(page.norm)}
        if form.rule.value is not None and len(words) >= _REGION_MIN:
            weights[form.rule.value] += len(words)
    best = weights.most_common(1)
    elsewhere = dominant.place is not None and dominant.place.province not in _REGIONS
    return best[0][0] if best and not (elsewhere and dominant.weight * dominant.share > best[0][1]) else None


def sets_targets(page: Page, nature: Nature) -> bool:
    """Whether a document without a case of its own is a plan or a speech: by its title, else by what its body speaks
    of."""
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
