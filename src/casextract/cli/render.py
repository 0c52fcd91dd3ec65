"""How results look on stdout: tables for a terminal, plain lines for a pipe, JSON for tools."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from casextract.cli import messages
from casextract.cli.options import Shown

if TYPE_CHECKING:
    from casextract.build.build import Summary
    from casextract.reports.diff import Difference
    from casextract.reports.explain import Explanation


def show(*parts: Any) -> None:
    """Write rich renderables to stdout: coloured and folded on a terminal, plain whole lines in a pipe."""
    from rich.console import Console

    if sys.stdout.isatty():
        Console(highlight=False).print(*parts, sep="\n")
        return
    # What rich writes for a pipe is folded to 80 columns and padded with blanks; a file wants neither.
    plain = io.StringIO()
    Console(file=plain, width=1000, highlight=False, soft_wrap=True).print(*parts, sep="\n")
    sys.stdout.write("\n".join(line.rstrip(" ") for line in plain.getvalue().split("\n")))


def print_json(content: Any) -> None:
    """Write JSON to stdout, Chinese as it is."""
    from json import dumps

    messages.out(dumps(content, ensure_ascii=False, indent=2))


def summary_lines(summary: Summary) -> str:
    """The closing summary of a build, as plain text."""
    lines = [
        f"documents   {summary.documents:>8,}" + (f"  ({summary.reused:,} from the cache)" if summary.reused else ""),
        f"cases       {summary.cases:>8,}",
        f"measures    {summary.measures:>8,}",
        f"indicators  {summary.indicators:>8,}",
    ]
    lines += [f"  {metric:<22}{count:>6,}" for metric, count in summary.metrics.items()]
    share = summary.unresolved / max(summary.numerals, 1)
    remedy = f"  ({share:.1%}; list them: casextract numerals {summary.out} --unresolved)"
    lines += [
        f"numerals    {summary.numerals:>8,}",
        f"unresolved  {summary.unresolved:>8,}" + (remedy if summary.unresolved else ""),
        f"problems    {sum(summary.problems.values()):>8,}" + _by_severity(summary),
        f"tables in {summary.out}" + (" (unchanged)" if summary.unchanged else ""),
    ]
    return "\n".join(lines)


def _by_severity(summary: Summary) -> str:
    parts = [f"{summary.problems[s]:,} {s}" for s in ("error", "warning", "info") if summary.problems.get(s)]
    return f"  ({', '.join(parts)})" if parts else ""


def explanations(found: Iterable[Explanation]) -> None:
    """Print explanations, coloured on a terminal."""
    from rich.table import Table
    from rich.text import Text

    for e in found:
        colour = "green" if e.indicator else "red" if e.verdict == "unresolved" else "yellow"
        place = f"  {e.source_path}:{e.start}-{e.end}"
        head = Text.assemble((e.text, f"bold {colour}"), "  ", (e.verdict, colour), place)
        sentence = Text("  " + e.sentence.strip())
        sentence.highlight_words([e.text], f"bold {colour}")
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 2), pad_edge=True)
        for reason in e.reasons:
            saw = Text(reason.saw.strip().replace("\n", " "), style="cyan")
            rule = Text.assemble((reason.rule_id or "", "magenta"), f"  {reason.intent}" if reason.intent else "")
            style = "dim" if reason.role == "outranked" else ""
            table.add_row(Text(reason.role, style="bold"), saw, Text(f"→ {reason.outcome}"), rule, style=style)
        show(head, sentence, table, "")


def difference(found: Difference, format: Shown, limit: int) -> None:
    """Print a comparison of two datasets, at most `limit` changes of each rule."""
    from casextract.reports.diff import markdown, terminal, to_json

    match format:
        case "json":
            messages.out(to_json(found))
        case "markdown":
            messages.out(markdown(found, limit).rstrip("\n"))
        case "table":
            show(terminal(found, limit))
