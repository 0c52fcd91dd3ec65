"""What a document is written for (plan, notice, regulation, report, bulletin, news, speech), weighed from evidence.

Rules of `intents` give the evidence: the title, the addressee, the line that issues it, datelines, headings, numbered
articles, words of intention and of report. Headings also say of the section below them whether it tells what was done
or what is to be.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, get_args

from casextract.rulebook.models import IntentName, IntentRule, Tense
from casextract.rulebook.patterns import on_demand
from casextract.segment.compiled import Segmenter
from casextract.segment.model import Evidence, Intent, Section, Segmentation

ENOUGH: Final = 4.0
"""Less evidence than this leaves a document what most are: news. Calibrated on the development half of S1 and S3."""
_OPENING: Final = 500
"""Characters of the first paragraphs."""
_HEADING_MAX: Final = 40
"""A heading that announces a section is shorter; a topic sentence in front of its paragraph is cut at its first
mark."""
_RANKS: Final = tuple(
    on_demand(p)
    for p in (
        r"第[一二三四五六七八九十百]+[章节部]",
        r"[一二三四五六七八九十]{1,3}\s?[、.．]",
        r"\([一二三四五六七八九十]{1,3}\)",
        r"\d{1,2}\s?[、.．](?!\d)",
        r"\(\d{1,2}\)",
    )
)
"""Numbers of headings, the coarsest first."""
_END: Final = on_demand(r"[。;:!?\n,]")


def with_intent(segmentation: Segmentation, segmenter: Segmenter) -> Segmentation:
    """The segmentation with what its document is written for."""
    text = segmentation.text.norm
    lines = [(b.start, b.end) for b in segmentation.blocks if b.kind not in ("metadata", "outline", "noise")]
    title = segmentation.meta.title or ""
    practice = any(not case.implicit for case in segmentation.cases)
    # A practice is told with words of intention and of report alike; they say nothing of what it is told for.
    rules = [r for r in segmenter.intents if not (practice and r[0].where == "anywhere")]
    return replace(segmentation, intent=intent_of(text, title, lines, rules))


def intent_of(
    text: str,
    title: str,
    lines: Sequence[tuple[int, int]],
    rules: Sequence[tuple[IntentRule, re.Pattern[str]]],
) -> Intent:
    """Weigh the evidence in normalised text; `lines` are the spans of its paragraphs and headings, in order."""
    found = weigh(text, title, lines, rules)
    names: tuple[IntentName, ...] = get_args(IntentName)
    best = max(names, key=lambda name: weight_of(found, name))
    name = best if weight_of(found, best) >= ENOUGH else "news"
    return Intent(name, found.get(name, ()), tuple(_sections(text, lines, rules)))


def weigh(
    text: str,
    title: str,
    lines: Sequence[tuple[int, int]],
    rules: Sequence[tuple[IntentRule, re.Pattern[str]]],
) -> dict[str, tuple[Evidence, ...]]:
    """The evidence for each intent and each scope: what every rule saw first, and what all it saw weighs."""
    found: dict[str, list[Evidence]] = defaultdict(list)
    for rule, pattern in rules:
        if rule.says in get_args(Tense):
            continue
        words, weight = "", 0.0
        for seen in _seen(rule, pattern, text, title, lines):
            words = words or seen
            weight = min(weight + rule.weight, rule.most)
            if weight == rule.most:
                break
        if weight:
            found[rule.says].append(Evidence(rule.id, words, weight))
    return {says: tuple(evidence) for says, evidence in found.items()}


def weight_of(found: Mapping[str, Sequence[Evidence]], says: str) -> float:
    """What all evidence for an intent or a scope weighs."""
    return sum(e.weight for e in found.get(says, ()))


def _seen(
    rule: IntentRule, pattern: re.Pattern[str], text: str, title: str, lines: Sequence[tuple[int, int]]
) -> Iterator[str]:
    """The words that a rule sees where it looks."""
    match rule.where:
        case "title":
            yield from (m.group() for m in pattern.finditer(title))
        case "opening":
            start = lines[0][0] if lines else 0
            yield from (m.group() for m in pattern.finditer(text, start, min(len(text), start + _OPENING)))
        case "line" | "heading":
            yield from (m.group() for a, b in lines if (m := _at_line(rule, pattern, text, a, b)) is not None)
        case _:
            yield from (m.group() for m in pattern.finditer(text))


def _at_line(rule: IntentRule, pattern: re.Pattern[str], text: str, start: int, end: int) -> re.Match[str] | None:
    """The match at the start of a line, or anywhere in its heading."""
    if rule.where == "line":
        return pattern.match(text, start, end)
    return pattern.search(text, start, _heading_end(text, start, end))


def _heading_end(text: str, start: int, end: int) -> int:
    """Where the heading at the start of a line ends; the start where there is none."""
    m = _END.search(text, start, min(end, start + _HEADING_MAX))
    stop = m.start() if m is not None else min(end, start + _HEADING_MAX)
    if m is None and end - start > _HEADING_MAX:
        return start
    return stop if m is None or m.group() in "\n:" or _rank(text, start) is not None else start


def _rank(text: str, start: int) -> int | None:
    """How coarse the number of a heading is, 0 the coarsest; None where it has none."""
    return next((i for i, pattern in enumerate(_RANKS) if pattern.match(text, start) is not None), None)


def _sections(
    text: str, lines: Sequence[tuple[int, int]], rules: Sequence[tuple[IntentRule, re.Pattern[str]]]
) -> Iterator[Section]:
    """The sections whose headings say what they tell, each up to the next heading that is as coarse."""
    tenses = [(rule, pattern) for rule, pattern in rules if rule.says in get_args(Tense)]
    opened: tuple[int, Tense, str, int | None] | None = None
    for start, end in lines:
        stop = _heading_end(text, start, end)
        if stop == start:
            continue
        rank = _rank(text, start)
        hit = next((rule for rule, pattern in tenses if pattern.search(text, start, stop) is not None), None)
        coarser = opened is not None and (
            (rank is not None and (opened[3] is None or rank <= opened[3])) or (rank is None and opened[3] is None)
        )
        if opened is not None and (hit is not None or coarser):
            yield Section(opened[0], start, opened[1], opened[2])
            opened = None
        if hit is not None and hit.says in ("done", "to_come"):
            opened = (start, hit.says, hit.id, rank)
    if opened is not None:
        yield Section(opened[0], len(text), opened[1], opened[2])
