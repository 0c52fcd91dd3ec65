"""`casextract corrections`: what stands in a log of corrections, what became of it in a build, and what can go."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casextract.cli import messages

if TYPE_CHECKING:
    from casextract.records import Problem
    from casextract.review.corrections import Correction

Log = Annotated[
    Path, typer.Argument(metavar="LOG", help="A corrections.jsonl, or the folder of inputs that holds one.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]

group = typer.Typer(
    name="corrections", help="Look after the log of corrections.", no_args_is_help=True, rich_markup_mode=None
)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group)


@group.command("list")
def list_(
    log: Log,
    as_json: Json = False,
    everything: Annotated[bool, typer.Option("--all", help="Also what was undone or replaced.")] = False,
) -> None:
    """List the corrections that count, in the order they were made.

    Example: casextract corrections list data/raw
    """
    from casextract.review.corrections import in_force, read_log, to_line

    found = read_log(_log(log))
    shown = found if everything else in_force(found)
    for c in shown:
        messages.out(to_line(c) if as_json else _line(c))


@group.command()
def check(
    log: Log,
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder of the dataset built with it.")],
    as_json: Json = False,
) -> None:
    """Say which corrections no longer fit, and which the rules now agree with.

    The exit code is 0, or 1 if a correction is stale.

    Example: casextract corrections check data/raw data/out
    """
    from casextract.review.corrections import in_force, read_log

    count = len(in_force(read_log(_log(log))))
    rows = _told(dataset)
    stale = [p for _, p in rows if p.code == "stale_correction"]
    for correction_id, p in rows:
        said = {"id": correction_id, "source_path": p.source_path, "code": p.code, "message": p.message}
        messages.out(json.dumps(said, ensure_ascii=False) if as_json else f"{p.source_path}: {p.code}: {p.message}")
    messages.note(f"casextract: {count} corrections count, {len(stale)} stale, {len(rows) - len(stale)} obsolete")
    raise SystemExit(messages.WRONG if stale else messages.OK)


@group.command()
def prune(
    log: Log,
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder of the dataset built with it.")],
    stale: Annotated[
        bool, typer.Option("--stale", help="Remove the stale ones too, not only what the rules now give.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and write nothing.")] = False,
) -> None:
    """Remove from the log what was undone or replaced, and what the rules now give by themselves.

    The former log is kept beside it, with .bak behind its name.

    Example: casextract corrections prune data/raw data/out
    """
    from casextract.review.corrections import in_force, read_log, rewrite

    path = _log(log)
    everything = read_log(path)
    codes = {"obsolete_correction", *(["stale_correction"] if stale else [])}
    done = {correction_id for correction_id, p in _told(dataset) if p.code in codes}
    kept = [c for c in in_force(everything) if c.id not in done]
    gone = [c for c in everything if c.id not in {k.id for k in kept}]
    for c in gone:
        messages.out(_line(c))
    if gone and not dry_run:
        rewrite(path, kept)
    messages.note(f"casextract: {len(gone)} of {len(everything)} lines {'would go' if dry_run else 'removed'}")


def _log(given: Path) -> Path:
    from casextract.review.corrections import LOG_NAME, CorrectionError

    path = given / LOG_NAME if given.is_dir() else given
    if not path.is_file():
        raise CorrectionError(f"{path}: no such file; a review writes it, or give the path of another")
    return path


def _told(dataset: Path) -> Sequence[tuple[str, Problem]]:
    """What the build had to say of corrections, by their ids."""
    from casextract.dataset.read import Dataset
    from casextract.review.corrections import told_of

    return [(c, p) for p in Dataset.open(dataset).problems.records() if (c := told_of(p)) is not None]


def _line(c: Correction) -> str:
    """A correction in one line for a terminal."""
    if c.action == "undo":
        said = f"undo {c.undoes}"
    elif c.action == "change":
        said = f"{c.target} {c.field}: {c.old!r} -> {c.new!r}"
    else:
        said = f"{c.action} {c.target}"
    quoted = f" «{c.anchor.text}»" if c.anchor else ""
    by = " ".join(x for x in (c.when, c.who) if x)
    return " ".join(
        x
        for x in (c.id, c.source_path + quoted, said, f"({by})" if by else "", f"# {c.comment}" if c.comment else "")
        if x
    )
