"""`problems`, `find` and `report`: what a dataset holds, for people who want to read it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from casextract.cli import messages, render
from casextract.cli.options import Json

if TYPE_CHECKING:
    from casextract.dataset.read import Dataset
    from casextract.dataset.selection import Selection

Severity = Literal["error", "warning", "info"]

PlaceOption = Annotated[str | None, typer.Option("--place", help="Only this place: part of its name, or its code.")]
Topic = Annotated[str | None, typer.Option("--topic", help="Only this topic: its code or name, such as 养老服务.")]
Metric = Annotated[
    str | None, typer.Option("--metric", help="Only this metric: its code or name, such as beds or 床位.")
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="DATE", help="Only documents published since: 2024, 2024-05 or 2024-05-01."),
]
Repeats = Annotated[
    bool, typer.Option("--with-repeats", help="Also the numbers of documents that repeat an earlier one.")
]

DEFAULT_DATASET = Path("data/out")
"""Where `make build` and the README's first command put a dataset."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (report, find, problems):
        app.command()(command)


def problems(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder of the dataset.")],
    severity: Annotated[Severity | None, typer.Option("--severity", help="Only the problems of this severity.")] = None,
    json: Json = False,
) -> None:
    """List what went wrong in a build, or should be looked at: file, reason and remedy, the gravest first.

    The exit code is 1 if data is missing because of an error.

    Example: casextract problems data/out --severity error
    """
    from casextract.dataset.read import Dataset
    from casextract.reports.problems import counts, found

    rows = found(Dataset.open(dataset), severity)
    if json:
        render.print_json([row.to_dict() for row in rows])
    else:
        for row in rows:
            messages.out(f"{messages.named('severity', row.severity)}: {messages.said(row.told)}")
        number = counts(rows)
        messages.note(f"casextract: {number['error']} errors, {number['warning']} warnings, {number['info']} notices")
    raise SystemExit(messages.WRONG if any(row.severity == "error" for row in rows) else messages.OK)


def find(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORDS", help="Words to find; all of them have to be met.")
    ] = None,
    dataset: Annotated[
        Path | None,
        typer.Option("--dataset", "-d", metavar="DIR", help="Folder of the dataset; data/out if not given."),
    ] = None,
    place: PlaceOption = None,
    topic: Topic = None,
    metric: Metric = None,
    since: Since = None,
    repeats: Repeats = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Most numbers to print (JSON holds all).")] = 20,
    json: Json = False,
) -> None:
    """Find numbers by place, topic, metric or words of the text.

    A word may be part of a place (泸县), a topic or metric in either language (养老服务, beds), or stand in the
    sentence. The exit code is 1 if nothing is found.

    Example: casextract find 泸县 床位
    """
    from casextract.dataset.read import Dataset
    from casextract.dataset.selection import select

    words = list(words or ())
    narrowed = any((place, topic, metric, since))
    first = Path(words[0]) if words else None
    if dataset is None and first is not None and (narrowed or words[1:]) and (first / "datapackage.json").is_file():
        dataset, words = first, words[1:]
    if not words and not narrowed:
        messages.fail("nothing to find; give words, or --place, --topic, --metric, --since")
    opened = Dataset.open(dataset or DEFAULT_DATASET)
    chosen = select(opened, selection(place, topic, metric, since, repeats, words=words))
    if json:
        render.print_json([_values(row) for row in chosen.numbers])
    else:
        render.numbers(opened, chosen.numbers[:limit])
        if len(chosen.numbers) > limit:
            messages.note(f"casextract: {len(chosen.numbers) - limit:,} more; show them with --limit or --json")
        elif not chosen.numbers:
            messages.note("casextract: nothing found; try fewer words, or part of a word")
    told(opened, chosen.repeated, chosen.undated)
    raise SystemExit(messages.OK if chosen.numbers else messages.WRONG)


def report(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder of the dataset.")],
    target: Annotated[Path, typer.Argument(metavar="REPORT.html", help="The page to write.")],
    place: PlaceOption = None,
    topic: Topic = None,
    metric: Metric = None,
    since: Since = None,
    repeats: Repeats = False,
) -> None:
    """Write a page for the browser: tables and charts of a dataset, with filters that act on both.

    It is one file that needs no network and no server, made to be read, searched, printed and sent on.

    Example: casextract report data/out report.html --topic 养老服务
    """
    from casextract.dataset.read import Dataset
    from casextract.dataset.writing import write_text
    from casextract.reports.report import report as page

    opened = Dataset.open(dataset)
    made = page(opened, messages.language(), selection(place, topic, metric, since, repeats))
    if not made.numbers and any((place, topic, metric, since)):
        told(opened, made.repeated, made.undated)
        messages.fail("nothing found, so no page is written; ask for less", messages.WRONG)
    write_text(target, made.html)
    told(opened, made.repeated, made.undated)
    if made.shortened:
        messages.note(
            f"casextract: the sentences are cut to {made.shortened} characters either side of the number, to keep the "
            "page small"
        )
    messages.out(str(target))


def selection(
    place: str | None,
    topic: str | None,
    metric: str | None,
    since: str | None,
    repeats: bool,
    words: list[str] | None = None,
) -> Selection:
    """What the options ask for. A date that is none ends the command with 2."""
    from casextract.dataset.selection import Selection

    return Selection(place, topic, metric, first_day(since), tuple(words or ()), repeats)


def first_day(text: str | None) -> date | None:
    """The first day of what is named: 2024, 2024-05 or 2024-05-01."""
    if text is None:
        return None
    parts = text.split("-")
    try:
        year, month, day, *rest = (*map(int, parts), *[1] * (3 - len(parts)))
        if rest:
            raise ValueError(text)
        return date(year, month, day)
    except ValueError:
        messages.fail(f"--since {text}: write a date as 2024, 2024-05 or 2024-05-01")


def told(dataset: Dataset, repeated: int, undated: int) -> None:
    """Say what was left out."""
    if repeated:
        messages.note(f"casextract: {repeated:,} numbers of repeated documents left out; --with-repeats shows them")
    if undated:
        messages.note(
            f"casextract: {undated:,} numbers left out because it is not known when their document was published"
        )


_TOLD = (
    "indicator_id",
    "where",
    "topics",
    "metric",
    "subject",
    "value",
    "value_high",
    "unit",
    "currency",
    "bound",
    "per",
    "status",
    "time",
    "baseline_value",
    "text",
    "sentence",
    "document_title",
    "issue",
    "published_on",
    "source_path",
)


def _values(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in row.items() if k in _TOLD}
