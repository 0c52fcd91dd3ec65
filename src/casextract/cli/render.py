"""How results look on stdout: tables for a terminal, plain lines for a pipe, JSON for tools."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from casextract.cli import messages
from casextract.cli.options import Shown

if TYPE_CHECKING:
    from casextract.build.summary import Summary
    from casextract.dataset.read import Dataset
    from casextract.dataset.selection import Number
    from casextract.reports.diff import Difference
    from casextract.reports.explain import Explanation


PIPE = 120
"""Columns of a table in a pipe, where COLUMNS does not say."""


def show(*parts: Any, table: bool = False) -> None:
    """Write rich renderables to stdout: coloured and folded on a terminal, plain in a pipe, there as whole lines unless
    it is a table."""
    from rich.console import Console
    from rich.segment import Segments

    if sys.stdout.isatty():
        console = Console(highlight=False)
        for part in parts:
            # The text of what is printed is of others; the commands to the terminal are not.
            segments = (s if s.control else s._replace(text=messages.shown(s.text)) for s in console.render(part))
            console.print(Segments(segments), end="")
        return
    # What rich writes for a pipe is folded to 80 columns and padded with blanks; a file wants neither.
    plain = io.StringIO()
    width = int(os.environ.get("COLUMNS") or PIPE) if table else 1000
    Console(file=plain, width=width, highlight=False, soft_wrap=not table).print(*parts, sep="\n")
    sys.stdout.write("\n".join(line.rstrip(" ") for line in messages.shown(plain.getvalue()).split("\n")))


def print_json(content: Any) -> None:
    """Write JSON to stdout, Chinese as it is."""
    from json import dumps

    messages.out(dumps(content, ensure_ascii=False, indent=2))


def summary_lines(summary: Summary) -> str:
    """The closing summary of a build, as plain text."""
    counts = {
        "documents": summary.documents,
        "cases": summary.cases,
        "measures": summary.measures,
        "indicators": summary.indicators,
    }
    behind = {"documents": messages.said(f"({summary.reused:,} from the cache)") if summary.reused else ""}
    lines = [_counted(messages.named("table", table), n, behind.get(table, "")) for table, n in counts.items()]
    lines += [f"  {padded(messages.named('metric', m), 22)}{n:>6,}" for m, n in summary.metrics.items()]
    if summary.repeated_documents:
        behind_repeats = messages.said(f"({summary.repeated_indicators:,} indicators; leave them out before adding up)")
        lines.append(_counted(messages.said("repeats"), summary.repeated_documents, behind_repeats))
    remedy = messages.said(
        f"({summary.unresolved_share:.1%}; list them: casextract numerals {summary.out} --unresolved)"
    )
    lines += [
        _counted(messages.named("table", "numerals"), summary.numerals),
        _counted(messages.named("disposition", "unresolved"), summary.unresolved, remedy if summary.unresolved else ""),
        _counted(messages.named("table", "problems"), sum(summary.problems.values()), _by_severity(summary)),
        messages.said(f"tables in {summary.out}") + (messages.said(" (unchanged)") if summary.unchanged else ""),
    ]
    return "\n".join(lines)


def summary_values(summary: Summary) -> dict[str, Any]:
    """The summary of a build as plain values, for JSON."""
    from dataclasses import asdict

    values = asdict(summary)
    return values | {
        "out": str(summary.out),
        "failures": list(summary.failures),
        "unresolved_share": round(summary.unresolved_share, 6),
    }


def _counted(name: str, count: int, behind: str = "") -> str:
    return f"{padded(name, 12)}{count:>8,}" + (f"  {behind}" if behind else "")


def padded(text: str, columns: int) -> str:
    """The text with blanks up to a column; a Chinese character takes two."""
    if text.isascii():
        return text.ljust(columns)
    from wcwidth import wcswidth

    return text + " " * max(columns - wcswidth(text), 1)


def _by_severity(summary: Summary) -> str:
    parts = [
        f"{summary.problems[s]:,} {messages.named('severity', s)}"
        for s in ("error", "warning", "info")
        if summary.problems.get(s)
    ]
    return f"({', '.join(parts)})" if parts else ""


def explanations(found: Iterable[Explanation]) -> None:
    """Print explanations, coloured on a terminal."""
    from rich.table import Table
    from rich.text import Text

    for e in found:
        colour = "green" if e.indicator else "red" if e.verdict == "unresolved" else "yellow"
        place = f"  {e.source_path}:{e.start}-{e.end}"
        head = Text.assemble((e.text, f"bold {colour}"), "  ", (_verdict(e), colour), place)
        sentence = Text("  " + e.sentence.strip())
        sentence.highlight_words([e.text], f"bold {colour}")
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 2), pad_edge=True)
        for name in ("role", "saw", "outcome"):
            table.add_column(name, overflow="fold")
        # An id is there to be copied.
        table.add_column(
            "rule", no_wrap=True, overflow="ignore", min_width=max(len(r.rule_id or "") for r in e.reasons)
        )
        table.add_column("intent", overflow="fold")
        for reason in e.reasons:
            saw = Text(messages.said(reason.saw.strip().replace("\n", " ")), style="cyan")
            style = "dim" if reason.role == "outranked" else ""
            table.add_row(
                Text(messages.named("role", reason.role), style="bold"),
                saw,
                Text(f"→ {_outcome(reason.role, reason.outcome)}"),
                Text(reason.rule_id or "", style="magenta"),
                Text(messages.intended(reason.intent or "")),
                style=style,
            )
        show(head, sentence, table, "")


def _verdict(explanation: Explanation) -> str:
    """What became of the number, its codes by their names."""
    disposition, _, code = explanation.verdict.partition(": ")
    named = messages.named("disposition", disposition.replace(" ", "_")) if messages.language() != "en" else disposition
    kind = "metric" if explanation.indicator is not None else "reason"
    return f"{named}: {messages.named(kind, code)}" if code else named


def _outcome(role: str, outcome: str) -> str:
    """What came of a step; a code by its name."""
    if role in ("metric", "status", "bound", "intent", "state"):
        return messages.named(role, outcome)
    return messages.said(outcome)


def numbers(dataset: Dataset, rows: Iterable[Number]) -> None:
    """Print numbers with their place and sentence, the number marked, coloured on a terminal."""
    from rich.text import Text

    from casextract.dataset.read import mark
    from casextract.rulebook.models import CLOSE, OPEN

    rows = list(rows)
    ids = {row["doc_id"] for row in rows}
    documents = dataset.documents.arrow(["doc_id", "text"]).to_pylist() if ids else []
    texts = {d["doc_id"]: d["text"] for d in documents if d["doc_id"] in ids}
    for row in rows:
        per = "/".join(row["per"])
        words = [
            messages.named("metric", row["metric"]),
            row["subject"],
            f"{row['value']:,.10g} {row['unit']}" + (f"/{per}" if per else ""),
            "" if row["bound"] == "exact" else messages.named("bound", row["bound"]),
            messages.named("status", row["status"]),
            row["time"],
        ]
        source = " ".join(filter(None, (row["document_title"], row["issue"]))) or row["source_path"]
        sentence = Text("  " + " ".join(mark(texts[row["doc_id"]], row["sentence"], row["start"], row["end"]).split()))
        sentence.highlight_regex(f"{OPEN}[^{CLOSE}]*{CLOSE}", "bold green")
        show(
            Text.assemble((row["where"] or "-", "bold"), "  ", "  ".join(filter(None, words))),
            sentence,
            Text(f"  {source}", "dim"),
            "",
        )


def difference(found: Difference, format: Shown, limit: int) -> None:
    """Print a comparison of two datasets, at most `limit` changes of each rule."""
    from casextract.reports.diff import markdown, terminal, to_json

    match format:
        case "json":
            messages.out(to_json(found))
        case "markdown":
            messages.out(markdown(found, limit).rstrip("\n"))
        case "table":
            show(terminal(found, limit, messages.language()), table=True)
