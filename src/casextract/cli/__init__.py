"""The command line: thin commands over the library, one module per group.

Nothing but Typer is imported before a command runs, so that `casextract --help` answers at once.
"""

from __future__ import annotations

from typing import Annotated

import typer

from casextract import __version__
from casextract.cli import build, corrections, dataset, explain, look, messages, review, rules, settings, stages
from casextract.cli.speech import Commands, spoken

app = typer.Typer(
    name="casextract",
    cls=Commands,
    help="Turn Chinese articles about civil-affairs practice into tables.\n\n"
    "Start with: casextract build data/raw -o data/out",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help: rich alone would cost half of the time that --help may take
    pretty_exceptions_enable=False,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        messages.out(f"casextract {__version__}")
        raise typer.Exit


@app.callback()
def main(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            metavar="en|zh",
            help="Language of help, messages and pages, with any command; by the locale if not given.",
        ),
    ] = None,
) -> None:
    """Turn Chinese articles about civil-affairs practice into tables.

    Start with: casextract build data/raw -o data/out
    """
    messages.speak_utf8()
    settings.configure(ctx)


for group in (build, look, stages, explain, rules, dataset, review, corrections):
    group.register(app)
spoken(app)
