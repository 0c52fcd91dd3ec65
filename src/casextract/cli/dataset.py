"""The commands that take a dataset: `diff`, `evaluate` and `export`, and what `build --check` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from casextract.cli import render as console

if TYPE_CHECKING:
    from casextract.build.build import Engine
    from casextract.reports.diff import Difference

Shown = Literal["table", "markdown", "json"]

View = Annotated[Shown, typer.Option("--format", "-f", help="Terminal table, Markdown or JSON.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="Most changes shown of each rule (JSON holds all).")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(diff)
    app.command()(evaluate)
    app.command()(export)


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="Folder of the former dataset.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Folder of the dataset to compare.")],
    format: View = "table",
    limit: Limit = 20,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 if the datasets differ.")] = False,
) -> None:
    """Show the records that were added, removed and changed, by the rule that caused it.

    Example: casextract diff data/out.main data/out --format markdown
    """
    from casextract.dataset.read import Dataset, DatasetError
    from casextract.reports.diff import compare

    try:
        difference = compare(Dataset.open(old), Dataset.open(new))
    except DatasetError as error:
        console.fail(str(error))
    _show_difference(difference, format, limit)
    raise SystemExit(difference.exit_code if exit_code else console.OK)


def check(
    inputs: Sequence[Path],
    out: Path,
    *,
    rules: Path | None = None,
    encoding: str | None = None,
    corrections: Path | None = None,
    jobs: int | None = None,
    cache: bool = True,
    engine: Engine = "local",
    address: str | None = None,
) -> int:
    """Print how `out` differs from what a build would give; the exit code of `build --check`."""
    from casextract.build.build import check
    from casextract.build.ray import RayError
    from casextract.build.workers import WorkerError
    from casextract.dataset.read import DatasetError
    from casextract.load import InputError
    from casextract.review.corrections import CorrectionError
    from casextract.rulebook.models import RuleError

    try:
        difference = check(
            inputs,
            out,
            rules=rules,
            encoding=encoding,
            corrections=corrections,
            jobs=jobs,
            cache=cache,
            engine=engine,
            address=address,
        )
    except (CorrectionError, InputError, RayError, RuleError) as error:
        console.fail(str(error))
    except (DatasetError, WorkerError) as error:
        console.fail(str(error), console.WRONG)
    _show_difference(difference, "table", 20)
    if difference:
        command = " ".join(["casextract build", *map(str, inputs), "-o", str(out)])
        console.note(f"casextract: {out} is not what the inputs and rules give; bring it up to date with: {command}")
    return difference.exit_code


def _show_difference(difference: Difference, format: Shown, limit: int) -> None:
    from casextract.reports.diff import markdown, terminal, to_json

    match format:
        case "json":
            console.out(to_json(difference))
        case "markdown":
            console.out(markdown(difference, limit).rstrip("\n"))
        case "table":
            console.show(terminal(difference, limit))


def evaluate(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder of the dataset.")],
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="Folder of annotations, one JSON file per document.")],
    format: View = "table",
    errors: Annotated[bool, typer.Option("--errors", help="List every disagreement as well.")] = False,
    floors: Annotated[
        Path | None, typer.Option("--floors", metavar="FILE", help="Fail where a figure is below its floor.")
    ] = None,
    pin: Annotated[bool, typer.Option("--pin", help="Write the figures to the floors file.")] = False,
    allow_lower: Annotated[bool, typer.Option("--allow-lower", help="Let --pin lower a floor.")] = False,
) -> None:
    """Score a dataset against gold annotations, and hold it to floors.

    The exit code is 0, 1 if a figure is below its floor or a gold document is absent, 2 for wrong usage.

    Example: casextract evaluate data/out tests/gold --floors accuracy/own.json
    """
    import json

    from casextract.dataset.read import Dataset, DatasetError
    from casextract.reports import evaluate as evaluation

    if floors is None and (pin or allow_lower):
        console.fail("--pin and --allow-lower need --floors FILE")
    try:
        result = evaluation.evaluate(Dataset.open(dataset), gold)
        found = []
        if floors is not None:
            if pin:
                lowered = evaluation.pin(floors, result, allow_lower=allow_lower)
                found = [*lowered, "floors are lowered with --allow-lower only"] if lowered else []
            else:
                found = evaluation.falls(result, evaluation.read_floors(floors))
    except (DatasetError, evaluation.GoldError) as error:
        console.fail(str(error))
    match format:
        case "json":
            misses = [
                {"document": m.document, "figure": m.figure, "start": m.start, "message": m.message}
                for m in result.misses
            ]
            console.out(
                json.dumps(result.to_dict() | ({"misses": misses} if errors else {}), ensure_ascii=False, indent=1)
            )
        case "markdown":
            console.out(evaluation.markdown(result).rstrip("\n"))
        case "table":
            console.show(evaluation.terminal(result))
    if errors and format != "json":
        console.out("\n".join(f"{m.document}@{m.start} {m.figure}: {m.message}" for m in result.misses))
    for name in result.absent:
        console.note(f"casextract: {name}: annotated, but not in the dataset")
    for line in found:
        console.note(f"casextract: {line}")
    if found and not pin:
        lower = " --allow-lower" if any("below" in f or "not measured" in f for f in found) else ""
        console.note(
            f"casextract: if that is meant: casextract evaluate {dataset} {gold} --floors {floors} --pin{lower}"
        )
    raise SystemExit(console.WRONG if found or result.absent else console.OK)


def export(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder of the dataset.")],
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="File, or folder for csv and jsonl.")],
    format: Annotated[
        Literal["csv", "xlsx", "jsonl", "sqlite", "duckdb"] | None,
        typer.Option("--format", "-f", help="Format; by the suffix of TARGET if not given."),
    ] = None,
) -> None:
    """Write a dataset as CSV, Excel workbook, JSON Lines, SQLite or DuckDB.

    Example: casextract export data/out report.xlsx
    """
    from casextract.dataset import export as exporting
    from casextract.dataset.read import Dataset, DatasetError

    try:
        result = exporting.export(Dataset.open(dataset), target, format)
    except (DatasetError, exporting.ExportError) as error:
        console.fail(str(error))
    except OSError as error:
        console.fail(f"{target}: cannot be written ({error.strerror or error})", console.WRONG)
    for note in result.notes:
        console.note(f"casextract: {note}")
    for path in result.files:
        console.out(str(path))
