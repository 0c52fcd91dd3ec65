"""The commands that take a dataset: `diff`, `evaluate` and `export`, and what `build --check` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casextract.cli import messages, render
from casextract.cli.options import Limit, View

if TYPE_CHECKING:
    from casextract.build.options import BuildOptions
    from casextract.dataset.read import Dataset
    from casextract.reports.evaluate import Evaluation


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
    from casextract.dataset.read import Dataset
    from casextract.reports.diff import compare

    difference = compare(Dataset.open(old), Dataset.open(new))
    render.difference(difference, format, limit)
    raise SystemExit(difference.exit_code if exit_code else messages.OK)


def check(inputs: Sequence[Path], out: Path, options: BuildOptions) -> int:
    """Print how `out` differs from what a build would give; the exit code of `build --check`."""
    from casextract.build.build import check
    from casextract.dataset.read import DatasetError

    try:
        difference = check(inputs, out, options)
    except DatasetError as error:
        # A dataset that cannot be read is one that differs from what a build would give.
        messages.fail(str(error), messages.WRONG)
    render.difference(difference, "table", 20)
    if difference:
        command = " ".join(["casextract build", *map(str, inputs), "-o", str(out)])
        messages.note(f"casextract: {out} is not what the inputs and rules give; bring it up to date with: {command}")
    failed = _failures(out)
    for failure in failed:
        messages.note(f"casextract: {failure}")
    return messages.WRONG if failed else difference.exit_code


def _failures(dataset: Path) -> list[str]:
    """What the errors of a dataset say, by file: a dataset that lacks a document is not in order."""
    from casextract.dataset.read import Dataset
    from casextract.reports.problems import found

    return [p.told for p in found(Dataset.open(dataset), "error")]


def evaluate(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder of the dataset.")],
    gold: Annotated[
        Path | None, typer.Argument(metavar="GOLD", help="Folder of annotations, one JSON file per document.")
    ] = None,
    reviewed: Annotated[
        Path | None,
        typer.Option("--reviewed", metavar="LOG", help="Score the rules on what this log of corrections has reviewed."),
    ] = None,
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
    from casextract.dataset.read import Dataset
    from casextract.reports import evaluate as evaluation

    if floors is None and (pin or allow_lower):
        messages.fail("--pin and --allow-lower need --floors FILE")
    if (gold is None) == (reviewed is None):
        messages.fail("give GOLD, a folder of annotations, or --reviewed LOG, a log of corrections")
    if reviewed is not None and floors is not None:
        messages.fail("--floors goes with GOLD; a log changes with every review")
    opened = Dataset.open(dataset)
    if reviewed is not None:
        result = _on_reviewed(opened, reviewed)
    else:
        assert gold is not None
        result = evaluation.evaluate(opened, gold)
    found = _held_to(floors, result, pin, allow_lower) if floors is not None else []
    _show_evaluation(result, format, errors)
    for name in result.absent:
        messages.note(f"casextract: {name}: annotated, but not in the dataset")
    for line in found:
        messages.note(f"casextract: {line}")
    if found and not pin:
        lower = " --allow-lower" if any("below" in f or "not measured" in f for f in found) else ""
        messages.note(
            f"casextract: if that is meant: casextract evaluate {dataset} {gold} --floors {floors} --pin{lower}"
        )
    raise SystemExit(messages.WRONG if found or result.absent else messages.OK)


def _held_to(floors: Path, result: Evaluation, pin: bool, allow_lower: bool) -> list[str]:
    """What is wrong with figures beside their floors, or with pinning them."""
    from casextract.reports import evaluate as evaluation

    if not pin:
        return evaluation.falls(result, evaluation.read_floors(floors))
    lowered = evaluation.pin(floors, result, allow_lower=allow_lower)
    return [*lowered, "floors are lowered with --allow-lower only"] if lowered else []


def _show_evaluation(result: Evaluation, format: View, errors: bool) -> None:
    import json

    from casextract.reports import evaluate as evaluation

    match format:
        case "json":
            fields = ("document", "figure", "start", "message")
            misses = {"misses": [{f: getattr(m, f) for f in fields} for m in result.misses]} if errors else {}
            messages.out(json.dumps(result.to_dict() | misses, ensure_ascii=False, indent=1))
        case "markdown":
            messages.out(evaluation.markdown(result).rstrip("\n"))
        case "table":
            render.show(evaluation.terminal(result, messages.language()))
    if errors and format != "json":
        messages.out("\n".join(f"{m.document}@{m.start} {m.figure}: {m.message}" for m in result.misses))


def _on_reviewed(dataset: Dataset, log: Path) -> Evaluation:
    """How well the rules alone do on the numbers that somebody has accepted, corrected, rejected or added."""
    from casextract.pipeline import prepare, run
    from casextract.reports.evaluate import evaluate_numbers
    from casextract.reports.explain import sources_of
    from casextract.review.corrections import LOG_NAME, read_log
    from casextract.review.desk import live_articles
    from casextract.review.exchange import numbers, reviewed
    from casextract.rulebook.loading import load_rulebook

    kept = read_log(log / LOG_NAME if log.is_dir() else log)
    pipeline = prepare(load_rulebook(), lazy=True)
    sources = {source.doc_id: source for source in sources_of(dataset)}
    documents = []
    for records, own in live_articles(dataset.articles(), kept):
        found = reviewed(records, own)
        if found.places:
            documents.append(numbers(found, run(sources[records.documents[0].doc_id], pipeline)))
    return evaluate_numbers(documents)


def export(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder of the dataset.")],
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="File, or folder for csv and jsonl.")],
    format: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", metavar="NAME", help="Format (csv, xlsx, …); by the suffix of TARGET if not given."
        ),
    ] = None,
    for_review: Annotated[
        bool,
        typer.Option(
            "--for-review", help="A workbook to correct in Excel; casextract corrections import takes it back."
        ),
    ] = False,
    repeats: Annotated[
        bool,
        typer.Option(
            "--with-repeats", help="In the workbook, also the numbers of documents that repeat an earlier one."
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that no export has written, or that were changed since.")
    ] = False,
) -> None:
    """Write a dataset as Excel workbook, CSV, JSON Lines, SQLite or DuckDB.

    The workbook is for reading, in the language of the messages: the numbers with place, topic, value, unit and
    sentence come first, what columns and codes mean second. The other formats are for programs and hold everything.

    Example: casextract export data/out report.xlsx
    """
    from casextract.dataset import export as exporting
    from casextract.dataset.read import Dataset

    if for_review:
        from casextract.review.workbook import write

        if format not in (None, "xlsx"):
            messages.fail("--for-review is a workbook; leave --format out")
        with exporting.overwriting([target], force) as (aside,):
            count = write(Dataset.open(dataset).articles(), aside, messages.language())
        messages.out(str(target))
        messages.note(
            f"casextract: {count:,} numbers; take it back with: casextract corrections import LOG {dataset} {target}"
        )
        return
    result = exporting.export(
        Dataset.open(dataset), target, format, language=messages.language(), with_repeats=repeats, force=force
    )
    for note in result.notes:
        messages.note(f"casextract: {note}")
    for path in result.files:
        messages.out(str(path))
