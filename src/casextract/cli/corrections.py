"""`casextract corrections`: what stands in a log of corrections, what became of it in a build, and what can go."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from casextract.cli import messages

if TYPE_CHECKING:
    from casextract.records import Problem
    from casextract.review.corrections import Correction

Log = Annotated[
    Path, typer.Argument(metavar="LOG", help="A corrections.jsonl, or the folder of inputs that holds one.")
]
Dataset_ = Annotated[Path, typer.Argument(metavar="DATASET", help="Folder of the dataset built with it.")]
ExchangeFormat = Literal["label-studio", "doccano", "excel"]
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


@group.command("to-gold")
def to_gold(
    log: Log,
    dataset: Dataset_,
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="Folder to write annotations to, one file a document.")],
) -> None:
    """Write what was accepted, corrected and added as annotations for casextract evaluate.

    Example: casextract corrections to-gold data/raw data/out my-gold
    """
    from casextract.dataset.read import Dataset
    from casextract.review.corrections import read_log
    from casextract.review.desk import live_articles
    from casextract.review.exchange import reviewed
    from casextract.review.exchange import to_gold as write

    found = [reviewed(r, own) for r, own in live_articles(Dataset.open(dataset).articles(), read_log(_log(log)))]
    written = write(found, gold)
    for path in written:
        messages.out(str(path))
    messages.note(f"casextract: {sum(len(f.places) for f in found)} reviewed numbers in {len(written)} documents")


@group.command()
def export(
    log: Log,
    dataset: Dataset_,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File to write.")],
    format: Annotated[ExchangeFormat, typer.Option("--format", "-f", help="What the file is for.")] = "label-studio",
) -> None:
    """Write the articles with their indicators as labels, for a team that reviews in another program.

    Example: casextract corrections export data/raw data/out tasks.json --format label-studio
    """
    from casextract.dataset.read import Dataset
    from casextract.dataset.writing import write_text
    from casextract.review.corrections import read_log
    from casextract.review.desk import live_articles
    from casextract.review.exchange import to_doccano, to_label_studio

    path = _named(log)
    kept = read_log(path) if path.is_file() else ()
    articles = [r for r, _ in live_articles(Dataset.open(dataset).articles(), kept)]
    if format == "doccano":
        write_text(file, "".join(f"{line}\n" for line in to_doccano(articles)))
    else:
        write_text(file, json.dumps(to_label_studio(articles), ensure_ascii=False, indent=1) + "\n")
    messages.out(str(file))


@group.command("import")
def import_(
    log: Log,
    dataset: Dataset_,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A workbook for review, or an export of Label Studio or doccano.")
    ],
    format: Annotated[
        ExchangeFormat | None, typer.Option("--format", "-f", help="What the file is; by its suffix if not given.")
    ] = None,
    who: Annotated[str | None, typer.Option("--who", help="Name to sign with; the login name if not given.")] = None,
) -> None:
    """Take over what was changed in a workbook or in another program, as corrections.

    What cannot be placed is told on stderr, and the exit code is 1.

    Example: casextract corrections import data/raw data/out reviewed.xlsx
    """
    from casextract.dataset.read import Dataset
    from casextract.errors import CasextractError
    from casextract.pipeline import prepare
    from casextract.review.corrections import append, read_log
    from casextract.review.desk import live_articles, read_number
    from casextract.review.exchange import compared, from_doccano, from_label_studio
    from casextract.review.workbook import Taken
    from casextract.review.workbook import read as read_workbook
    from casextract.rulebook.loading import load_rulebook

    path, sign = _named(log), _signed(who)
    kept = read_log(path) if path.is_file() else ()
    articles = [r for r, _ in live_articles(Dataset.open(dataset).articles(), kept)]
    chosen = format or {".xlsx": "excel", ".jsonl": "doccano"}.get(file.suffix.lower(), "label-studio")
    if chosen == "excel":
        taken = read_workbook(file, articles, sign)
    else:
        taken = Taken()
        pipeline = prepare(load_rulebook(), lazy=True)
        by_path = {r.documents[0].source_path: r for r in articles}
        for source_path, spans in (from_doccano if chosen == "doccano" else from_label_studio)(file):
            records = by_path.get(source_path)
            if records is None:
                taken.unplaced.append(f"{source_path}: not in the dataset")
                continue
            try:
                taken.corrections += compared(records, spans, sign, lambda t: read_number(t, "marked.txt", pipeline))
            except CasextractError as error:
                taken.unplaced.append(f"{source_path}: {error}")
    if taken.corrections:
        append(path, taken.corrections)
    for reason in taken.unplaced:
        messages.note(f"casextract: {file}: {reason}")
    messages.note(f"casextract: {len(taken.corrections)} corrections added to {path}; build again to apply them")
    raise SystemExit(messages.WRONG if taken.unplaced else messages.OK)


def _signed(who: str | None) -> Callable[[], dict[str, str]]:
    """What signs each correction that a command makes."""
    import getpass
    import secrets
    from datetime import datetime

    name = who if who is not None else getpass.getuser()
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return lambda: {"id": secrets.token_hex(5), "who": name, "when": now}


def _named(given: Path) -> Path:
    """The log of a folder of inputs, or the file itself, whether it is there or not."""
    from casextract.review.corrections import LOG_NAME

    return given / LOG_NAME if given.is_dir() else given


def _log(given: Path) -> Path:
    from casextract.review.corrections import CorrectionError

    path = _named(given)
    if not path.is_file():
        raise CorrectionError(f"{path}: no such file; a review writes it, or give the path of another")
    return path


def _told(dataset: Path) -> Sequence[tuple[str, Problem]]:
    """What the build had to say of corrections, by their ids."""
    from casextract.dataset.read import Dataset
    from casextract.review.applying import told_of

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
