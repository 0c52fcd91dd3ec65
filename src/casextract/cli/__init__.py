"""The command line: thin commands over the library, one module per group.

Nothing but Typer is imported before a command runs, so that `casextract --help` answers at once.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer
import typer.core

from casextract import __version__
from casextract.cli import build, corrections, dataset, explain, messages, review, rules, stages
from casextract.errors import CasextractError


class Commands(typer.core.TyperGroup):
    """The commands, where what the package raises on purpose is shown and becomes the exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that the arguments name."""
        try:
            return super().invoke(ctx)
        except CasextractError as error:
            messages.fail(str(error), error.exit_code)


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
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Turn Chinese articles about civil-affairs practice into tables.

    Start with: casextract build data/raw -o data/out
    """
    messages.speak_utf8()


for group in (build, stages, explain, rules, dataset, review, corrections):
    group.register(app)
