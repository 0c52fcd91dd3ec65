"""`casextract review`: the page on this machine where numbers are accepted, corrected and added."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casextract.cli import messages
from casextract.cli.options import Rules

if TYPE_CHECKING:
    from casextract.pipeline import Pipeline
    from casextract.rulebook.loading import Rulebook


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(review)


def review(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder of the dataset.")],
    corrections: Annotated[
        Path | None,
        typer.Option(
            "--corrections", metavar="FILE", help="Log to write to; corrections.jsonl beside the inputs if not given."
        ),
    ] = None,
    rules: Rules = None,
    who: Annotated[
        str | None, typer.Option("--who", help="Name to sign corrections with; the login name if not given.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page at once.")] = True,
) -> None:
    """Review a dataset in the browser; what is corrected stays, in a log that every build applies.

    The page is served on this machine only, at an address with a token, until Ctrl+C. Build again to have the
    corrections in the dataset.

    Example: casextract review data/out
    """
    import getpass
    import webbrowser

    import uvicorn

    from casextract.dataset.read import Dataset
    from casextract.pipeline import prepare
    from casextract.review.corrections import CorrectionError, log_of
    from casextract.review.desk import Desk
    from casextract.review.server import HOST, app, listening, new_token
    from casextract.rulebook.loading import load_rulebook

    opened = Dataset.open(dataset)
    log = corrections or log_of(dataset)
    if log is None:
        raise CorrectionError(
            f"{dataset}: it is not known which inputs it was built from; name the log with --corrections FILE"
        )

    def compiled() -> tuple[Pipeline, Rulebook]:
        rulebook = load_rulebook(rules)
        return prepare(rulebook, lazy=True), rulebook

    desk = Desk(
        opened,
        log,
        compiled,
        who if who is not None else getpass.getuser(),
        lambda: datetime.now().astimezone().isoformat(timespec="seconds"),
    )
    socket, token = listening(), new_token()
    port = socket.getsockname()[1]
    address = f"http://{HOST}:{port}/?token={token}"
    messages.out(address)
    messages.note(f"casextract: corrections are written to {log}; stop with Ctrl+C")
    if browser:
        webbrowser.open(address)
    server = uvicorn.Server(
        uvicorn.Config(app(desk, port, token, messages.asked()), log_level="warning", access_log=False)
    )
    server.run(sockets=[socket])
