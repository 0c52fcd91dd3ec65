"""`build`, which runs all stages and publishes the tables, and `schema`, which says what is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from casextract.cli import messages, render
from casextract.cli.options import (
    DateColumn,
    Encoding,
    LimitMemory,
    LimitTime,
    Rules,
    SourceColumn,
    TextColumn,
    TitleColumn,
    memory_size,
)

if TYPE_CHECKING:
    from casextract.build.summary import Summary

Engine = Literal["local", "ray"]
Format = Literal["json", "markdown"]
Language = Literal["en", "zh"]


def register(app: typer.Typer) -> None:
    """Add the commands `build` and `schema`."""
    app.command()(build)
    app.command()(schema)


def build(
    raw: Annotated[
        list[Path], typer.Argument(metavar="RAW", help="Folders and files of articles; - is standard input.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder of the dataset.")],
    rules: Rules = None,
    encoding: Encoding = None,
    text_column: TextColumn = None,
    title_column: TitleColumn = None,
    date_column: DateColumn = None,
    source_column: SourceColumn = None,
    corrections: Annotated[
        Path | None,
        typer.Option(
            "--corrections",
            metavar="FILE",
            help="Log of corrections; corrections.jsonl beside the inputs if not given.",
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Processes; decided by the input if not given.")
    ] = None,
    engine: Annotated[
        Engine,
        typer.Option(
            "--engine", help="What works on the documents: processes here, or Ray (pip install 'casextract[ray]')."
        ),
    ] = "local",
    address: Annotated[
        str | None,
        typer.Option("--address", metavar="ADDRESS", help="A running Ray cluster; Ray is started here if not given."),
    ] = None,
    cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Reuse the records of files that did not change.")
    ] = True,
    limit_time: LimitTime = None,
    limit_memory: LimitMemory = None,
    follow_links: Annotated[
        bool, typer.Option("--follow-links", help="Read what links lead to that go out of RAW.")
    ] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Let an input without articles replace a dataset that has some.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing: say what a build would change in DIR.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings are errors: end with 1 where there is one.")
    ] = False,
    most: Annotated[
        float | None,
        typer.Option(
            "--at-most",
            metavar="SHARE",
            min=0,
            max=1,
            help="End with 1 if more than this share of the numerals is unresolved.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON, for tools.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress and no summary; errors are told all the same.")
    ] = False,
) -> None:
    """Build the dataset from articles.

    Reads the articles, extracts the records and publishes one Parquet table per record type, all of them or none. What
    recurs can stand in casextract.toml: inputs, out, rules, corrections, lang.

    The exit code is 0, 1 if a document failed, if --check finds a difference or a failed document, or if --strict or
    --at-most is not met, 2 for wrong usage or rules.

    Example: casextract build data/raw -o data/out
    """
    from casextract.build.build import build as run
    from casextract.build.limits import Limits
    from casextract.build.options import BuildOptions
    from casextract.load import Columns

    if address is not None and engine != "ray":
        messages.fail("--address is for --engine ray; name the engine, or leave the address out")
    options = BuildOptions(
        rules=rules,
        encoding=encoding,
        columns=Columns(text_column, title_column, date_column, source_column),
        corrections=corrections,
        jobs=jobs,
        cache=cache,
        engine=engine,
        address=address,
        limits=Limits(limit_time, memory_size(limit_memory)),
        follow_links=follow_links,
        allow_empty=allow_empty,
    )
    if check:
        from casextract.cli.dataset import check as compare

        raise SystemExit(compare(raw, out, options))
    with _progress(quiet) as on_progress:
        summary = run(raw, out, options, on_progress=on_progress, on_wait=_waiting)
    if json:
        render.print_json(render.summary_values(summary))
    elif not quiet:
        messages.out(render.summary_lines(summary))
    if summary.documents == 0 and not summary.problems:
        messages.note("casextract: no articles below " + ", ".join(map(str, raw)))
    raise SystemExit(max(summary.exit_code, _told(summary, strict, most)))


def _told(summary: Summary, strict: bool, most: float | None) -> int:
    """Say on stderr what went wrong, also where the summary is not wanted; the exit code that it asks for."""
    code = messages.OK
    for failure in summary.failures:
        messages.note(f"casextract: {failure}")
    if summary.failed > len(summary.failures):
        more = summary.failed - len(summary.failures)
        messages.note(
            f"casextract: {more:,} more errors; read them: casextract problems {summary.out} --severity error"
        )
    if summary.warnings:
        messages.note(f"casextract: {summary.warnings:,} warnings; read them: casextract problems {summary.out}")
    if strict and summary.warnings:
        messages.note("casextract: warnings are errors with --strict")
        code = messages.WRONG
    if most is not None and summary.unresolved_share > most:
        messages.note(
            f"casextract: {summary.unresolved_share:.2%} of the numerals are unresolved, at most {most:.2%} may be; "
            f"list them: casextract numerals {summary.out} --unresolved"
        )
        code = messages.WRONG
    return code


def _waiting() -> None:
    messages.note("casextract: another build is writing this dataset; waiting for it to end")


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int, int, str], None] | None]:
    """A progress bar on stderr, only where somebody watches it."""
    import sys

    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("[progress.description]{task.description}", markup=True),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(messages.said("building"), total=None)
        yield lambda done, total, path: bar.update(task, completed=done, total=total, description=_short(path))


def _short(path: str) -> str:
    from rich.markup import escape

    path = messages.shown(path)
    return escape(path if len(path) <= 40 else "…" + path[-39:])


def schema(
    format: Annotated[
        Format, typer.Option("--format", "-f", help="JSON Schema, or data dictionary in Markdown.")
    ] = "json",
    language: Annotated[
        Language | None,
        typer.Option("--language", "-l", help="Language of the data dictionary; that of the messages if not given."),
    ] = None,
) -> None:
    """Print what the tables hold.

    Example: casextract schema --format markdown --language zh
    """
    import json

    from casextract.dataset.schema import data_dictionary, json_schema

    if format == "json":
        messages.out(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    else:
        messages.out(data_dictionary(language or messages.language()).rstrip())
