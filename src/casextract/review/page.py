"""A page to review extractions in a browser: articles with their cases, measures and numbers marked, each with its
record.

The page is one file that asks for nothing from outside. Between its tags the text of an article stands character for
character; labels are drawn by the style sheet, so that what is copied or searched is the article and nothing else.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader

from casextract.assemble import Records
from casextract.language import Language, label, labels
from casextract.records import Case, Document, Measure, Numeral, Record

_LEFT_OUT = frozenset({"doc_id", "sentence", "lead"})
"""Columns that repeat what the page shows anyway."""
_CODED = ("metric", "dimension", "status", "bound", "direction", "disposition", "currency", "reason")
"""Columns whose codes are shown by their names."""


@dataclass(frozen=True, slots=True)
class _Span:
    """What is marked: offsets into the document's text, the element, and the row behind it."""

    start: int
    end: int
    element: str
    kind: str
    code: str
    label: str
    row: Record
    anchor: str | None = None


def review_page(
    articles: Sequence[Records], language: Language = "en", intents: Mapping[str, str] | None = None
) -> str:
    """The page as HTML: every article (one `Records` each) with its spans marked, its counts and its problems.

    Spans are nested by where they begin and end; one that would cross the border of another is drawn up to that border,
    and its record says where it really ends. `intents` says of each rule id what the rule is for.
    """
    rows: list[Record] = []
    said = intents or {}
    shown = [_article(n, records, rows, language) for n, records in enumerate(articles, 1)]
    spoken = {rule for r in rows for rule in (getattr(r, "rules", None) or [getattr(r, "rule_id", None)])}
    data = {
        "rows": [_fields(r) for r in rows],
        "words": labels("review", language),
        "fields": labels("field", language),
        "codes": {kind: labels(kind, language) for kind in _CODED},
        "intents": {rule: said[rule] for rule in sorted(filter(None, spoken)) if rule in said},
    }
    style, script = _file("page.css"), _file("page.js")
    return (
        templates()
        .get_template("page.html")
        .render(
            language=language,
            t=labels("review", language),
            articles=shown,
            groups=_choices(articles, language),
            legend=_legend(language),
            style=style,
            script=script,
            style_hash=_hash(style),
            script_hash=_hash(script),
            # Inside a script nothing is unescaped, so the one character that could end it must not stand there.
            data=json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
        )
    )


@cache
def templates() -> Environment:
    """The templates of the pages, in which everything is escaped that is not said to be markup."""
    return Environment(
        loader=PackageLoader("casextract.review"), autoescape=True, trim_blocks=True, keep_trailing_newline=True
    )


@cache
def _file(name: str) -> str:
    return resources.files("casextract.review").joinpath("static", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """What the page's policy lets through: this text and no other."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _article(number: int, records: Records, rows: list[Record], language: Language) -> dict[str, Any]:
    """One article for the template; the rows behind its marks are added to `rows`, marks refer to them by position."""
    document = records.documents[0]
    facts = [document.source_path, label("kind", document.kind, language), label("script", document.script, language)]
    facts.append(str(document.published_on or ""))
    facts += [
        f"{label('table', t, language)} {len(records.table(t))}"
        for t in ("cases", "measures", "indicators", "numerals", "problems")
    ]
    facts += [f"= {document.duplicate_of}"] if document.duplicate_of else []
    return {
        "anchor": f"article-{number}",
        "heading": _heading(document),
        "source_path": document.source_path,
        "facts": " · ".join(f for f in facts if f),
        "problems": records.problems,
        "cases": [(c.case_id, _place(c, language)) for c in records.cases],
        "body": "".join(_marked(document.text, _spans(records, language), rows)),
    }


def _spans(records: Records, language: Language) -> list[_Span]:
    """All spans of an article, those that hold others before them."""
    spans = [_Span(c.start, c.end, "div", "case", "case", _place(c, language), c, c.case_id) for c in records.cases]
    spans += [
        _Span(m.start, m.end, "div", "measure", "measure", f"{m.level}.{m.ordinal}", m, m.measure_id)
        for m in records.measures
    ]
    spans += [
        _Span(i.start, i.end, "mark", i.dimension, i.metric, label("metric", i.metric, language), i, i.indicator_id)
        for i in records.indicators
    ]
    spans += [
        _Span(n.start, n.end, "mark", n.disposition, _aside(n), _reason(_aside(n), language), n)
        for n in records.numerals
        if n.disposition != "indicator"
    ]
    outer = {"case": 0, "measure": 1}
    return sorted(spans, key=lambda s: (s.start, -s.end, outer.get(s.kind, 2)))


def _marked(text: str, spans: Iterable[_Span], rows: list[Record]) -> Iterator[str]:
    at = 0
    unclosed: list[tuple[int, str]] = []
    for span in spans:
        while unclosed and unclosed[-1][0] <= span.start:
            end, element = unclosed.pop()
            yield f"{_escaped(text[at:end])}</{element}>"
            at = end
        border = unclosed[-1][0] if unclosed else len(text)
        anchor = f' id="{escape(span.anchor)}"' if span.anchor else ""
        yield (
            f'{_escaped(text[at : span.start])}<{span.element}{anchor} class="{escape(span.kind)}" tabindex="0" '
            f'data-code="{escape(span.code)}" data-label="{escape(span.label)}" data-row="{len(rows)}">'
        )
        rows.append(span.row)
        unclosed.append((min(span.end, border), span.element))
        at = span.start
    for end, element in reversed(unclosed):
        yield f"{_escaped(text[at:end])}</{element}>"
        at = end
    yield _escaped(text[at:])


def _escaped(text: str) -> str:
    """Text for HTML; a carriage return as a reference, because a parser makes a line feed of the plain one."""
    return escape(text).replace("\r", "&#13;")


def _choices(articles: Sequence[Records], language: Language) -> list[tuple[str, list[tuple[str, str, int]]]]:
    """What the page can be confined to: metrics, and the reasons why numbers were set aside, the most frequent
    first."""
    metrics = Counter(i.metric for r in articles for i in r.indicators)
    aside = Counter(_aside(n) for r in articles for n in r.numerals if n.disposition != "indicator")
    return [
        (
            label("table", "indicators", language),
            [(k, label("metric", k, language), n) for k, n in metrics.most_common()],
        ),
        (label("disposition", "set_aside", language), [(k, _reason(k, language), n) for k, n in aside.most_common()]),
    ]


def _fields(row: Record) -> Mapping[str, Any]:
    """The columns of a row that say something; the text of a case or measure is what is marked."""
    left_out = _LEFT_OUT | ({"text"} if isinstance(row, Case | Measure) else set())
    return {k: v for k, v in row.model_dump(mode="json").items() if k not in left_out and v not in (None, [], "")}


def _heading(document: Document) -> str:
    return document.title or document.source_path


def _place(case: Case, language: Language) -> str:
    place = " ".join(p for p in (case.province, case.city, case.county, case.place) if p)
    t = labels("review", language)
    implicit = f" ({t['implicit']})" if case.implicit else ""
    return f"{t['case']} {case.ordinal} {place or '–'}{implicit}"


def _reason(reason: str, language: Language) -> str:
    return label("reason", label("disposition", reason, language), language)


def _aside(numeral: Numeral) -> str:
    return numeral.reason or numeral.disposition


def _legend(language: Language) -> list[tuple[str, str]]:
    kinds = [(k, label("dimension", k, language)) for k in ("count", "money", "percent", "duration")]
    return [*kinds, *((k, label("disposition", k, language)) for k in ("set_aside", "unresolved"))]
