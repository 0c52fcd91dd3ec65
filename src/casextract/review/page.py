"""A page to review extractions in a browser: articles with their cases, measures and numbers marked, each with its record.

The page is one file that asks for nothing from outside. Between its tags the text of an article stands character for
character; labels are drawn by the style sheet, so that what is copied or searched is the article and nothing else.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from casextract.assemble import Records
from casextract.records import Case, Document, Measure, Numeral, Problem, Record

_LEFT_OUT = frozenset({"doc_id", "sentence", "lead"})
"""Columns that repeat what the page shows anyway."""


@dataclass(frozen=True, slots=True)
class _Span:
    """What is marked: offsets into the document's text, the element, and the row behind it."""

    start: int
    end: int
    element: str
    kind: str
    label: str
    row: Record
    anchor: str | None = None


def review_page(articles: Sequence[Records]) -> str:
    """The page as HTML: every article (one `Records` each) with its spans marked, its counts and its problems.

    Spans are nested by where they begin and end; one that would cross the border of another is drawn up to that border,
    and its record says where it really ends.
    """
    rows: list[Record] = []
    bodies = [_article(n, records, rows) for n, records in enumerate(articles, 1)]
    contents = "".join(
        f'<li><a href="#article-{n}">{escape(_heading(d))}</a> <small>{escape(d.source_path)}</small></li>'
        for n, d in enumerate((r.documents[0] for r in articles), 1)
    )
    # Inside a script nothing is unescaped, so the one character that could end it must not stand there.
    data = json.dumps([_fields(r) for r in rows], ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return (
        '<!doctype html>\n<html lang="zh">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>casextract: {len(articles)} reviewed</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<header><label>Show only <select id="only"><option value="">everything</option>{_choices(articles)}</select>'
        f"</label>{_LEGEND}</header>\n"
        f"<main>{f'<ol>{contents}</ol>' if len(articles) > 1 else ''}{''.join(bodies)}</main>\n"
        '<aside id="record" aria-live="polite"><p>Point at a mark to see its record; click to keep it, Esc to let go.</p>'
        "</aside>\n"
        f'<script type="application/json" id="rows">{data}</script>\n'
        f"<script>{_SCRIPT}</script>\n</body>\n</html>\n"
    )


def _article(number: int, records: Records, rows: list[Record]) -> str:
    """One article; the rows behind its marks are added to `rows`, marks refer to them by position."""
    document = records.documents[0]
    facts = [document.source_path, document.kind, document.script, str(document.published_on or "")]
    facts += [f"{len(records.table(t))} {t}" for t in ("cases", "measures", "indicators", "numerals", "problems")]
    facts += [f"repeats {document.duplicate_of}"] if document.duplicate_of else []
    return (
        f'<article id="article-{number}"><h2>{escape(_heading(document))}</h2>'
        f"<p>{escape(' · '.join(f for f in facts if f))}</p>{_problems(records.problems)}"
        f'<div class="text">{"".join(_marked(document.text, _spans(records), rows))}</div></article>'
    )


def _spans(records: Records) -> list[_Span]:
    """All spans of an article, those that hold others before them."""
    spans = [_Span(c.start, c.end, "div", "case", _place(c), c, c.case_id) for c in records.cases]
    spans += [
        _Span(m.start, m.end, "div", "measure", f"{m.level}.{m.ordinal}", m, m.measure_id) for m in records.measures
    ]
    spans += [_Span(i.start, i.end, "mark", i.dimension, i.metric, i, i.indicator_id) for i in records.indicators]
    spans += [
        _Span(n.start, n.end, "mark", n.disposition, _aside(n), n)
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
            f'data-label="{escape(span.label)}" data-row="{len(rows)}">'
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


def _problems(problems: Sequence[Problem]) -> str:
    if not problems:
        return ""
    lines = "".join(f"<li><b>{escape(p.severity)}</b> {escape(p.code)}: {escape(p.message)}</li>" for p in problems)
    return f"<details><summary>{len(problems)} problems</summary><ul>{lines}</ul></details>"


def _choices(articles: Sequence[Records]) -> str:
    """What the page can be confined to: metrics, and the reasons why numbers were set aside, the most frequent first."""
    groups = {
        "metrics": Counter(i.metric for r in articles for i in r.indicators),
        "no indicator": Counter(_aside(n) for r in articles for n in r.numerals if n.disposition != "indicator"),
    }
    return "".join(
        f'<optgroup label="{name}">'
        + "".join(f'<option value="{escape(k)}">{escape(k)} ({n:,})</option>' for k, n in found.most_common())
        + "</optgroup>"
        for name, found in groups.items()
    )


def _fields(row: Record) -> Mapping[str, Any]:
    """The columns of a row that say something; the text of a case or measure is what is marked."""
    left_out = _LEFT_OUT | ({"text"} if isinstance(row, Case | Measure) else set())
    return {k: v for k, v in row.model_dump(mode="json").items() if k not in left_out and v not in (None, [], "")}


def _heading(document: Document) -> str:
    return document.title or document.source_path


def _place(case: Case) -> str:
    place = " ".join(p for p in (case.province, case.city, case.county, case.place) if p)
    return f"{case.ordinal} {place or '–'}{' (implicit)' if case.implicit else ''}"


def _aside(numeral: Numeral) -> str:
    return numeral.reason or numeral.disposition


_LEGEND = "".join(
    f' <mark class="{kind}">{name}</mark>'
    for kind, name in {
        "count": "count", "money": "money", "percent": "percent", "duration": "duration", "age": "other",
        "set_aside": "set aside", "unresolved": "unresolved",
    }.items()
)  # fmt: skip

_STYLE = """
:root { color-scheme: light; font: 16px/1.8 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
body { margin: 0; display: grid; grid-template-columns: minmax(0, 1fr) 24rem; color: #222; background: #fff; }
header { grid-column: 1 / -1; position: sticky; top: 0; z-index: 1; padding: .4rem 1rem; background: #f3f5f7; border-bottom: 1px solid #ccd; }
main { padding: 0 1rem 4rem; }
aside { position: sticky; top: 3.2rem; align-self: start; max-height: calc(100vh - 4rem); overflow: auto; padding: 0 1rem; font-size: .85rem; line-height: 1.5; }
aside table { border-collapse: collapse; width: 100%; }
aside td { border-bottom: 1px solid #e4e7ea; padding: .15rem .4rem .15rem 0; vertical-align: top; overflow-wrap: anywhere; }
aside td:first-child { color: #667; white-space: nowrap; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; color: #889; }
.case { color: #222; border-left: 3px solid #3a6ea5; padding-left: .7rem; margin: 1rem 0; }
.case::before { content: "case " attr(data-label); display: block; color: #3a6ea5; font-size: .8rem; font-weight: bold; }
.measure { border-left: 2px solid #b58bc0; padding-left: .7rem; }
.measure::before { content: attr(data-label); float: left; margin-right: .4rem; color: #8a4f9a; font-size: .75rem; font-weight: bold; }
mark { color: inherit; border-radius: 3px; padding: 0 2px; background: #e3dcf5; }
.text mark::after { content: attr(data-label); margin-left: 3px; font-size: .62rem; color: #556; }
mark.count { background: #d3ecd4; } mark.money { background: #ffe4b0; } mark.percent { background: #cfe6fa; }
mark.duration { background: #f9d6e2; } mark.set_aside { background: none; border-bottom: 1px dotted #889; }
mark.unresolved { background: #d33; color: #fff; }
.dim { opacity: .25; } .kept { outline: 2px solid #d60; }
[id] { scroll-margin-top: 3.5rem; }
[tabindex]:focus-visible, :target { outline: 2px solid #3a6ea5; }
@media (max-width: 60rem) { body { display: block; } aside { position: fixed; bottom: 0; top: auto; max-height: 40vh; background: #fff; border-top: 1px solid #ccd; } }
"""

_SCRIPT = """
const rows = JSON.parse(document.getElementById("rows").textContent);
const panel = document.getElementById("record");
let kept = null;
function show(mark) {
  const table = document.createElement("table");
  for (const [name, value] of Object.entries(rows[Number(mark.dataset.row)])) {
    const row = table.insertRow();
    row.insertCell().textContent = name;
    const cell = row.insertCell();
    const text = Array.isArray(value) ? value.join("; ") : String(value);
    if (name.endsWith("_id") && document.getElementById(text)) {
      const link = document.createElement("a");
      link.href = "#" + encodeURIComponent(text);
      link.textContent = text;
      cell.append(link);
    } else cell.textContent = text;
  }
  panel.replaceChildren(table);
}
function keep(mark) {
  if (kept) kept.classList.remove("kept");
  kept = mark;
  if (mark) { mark.classList.add("kept"); show(mark); }
}
const markOf = event => event.target.closest ? event.target.closest("[data-row]") : null;
for (const name of ["mouseover", "focusin"])
  document.addEventListener(name, event => { const mark = markOf(event); if (mark && !kept) show(mark); });
document.addEventListener("click", event => { const mark = markOf(event); if (mark) keep(mark === kept ? null : mark); });
document.addEventListener("keydown", event => { if (event.key === "Escape") keep(null); });
document.getElementById("only").addEventListener("change", event => {
  for (const mark of document.querySelectorAll(".text mark"))
    mark.classList.toggle("dim", event.target.value !== "" && mark.dataset.label !== event.target.value);
});
"""
