"""Help and usage errors in the language of the reader; English ones are Typer's own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import typer
import typer.core

from casextract.cli import messages
from casextract.errors import CasextractError

_MARGIN = 2
_WIDEST, _NARROWEST = 100, 50
_WIDEST_NAME = 32
"""A name longer than this has its text on the next line."""


class SpokenCommand(typer.core.TyperCommand):
    """A command whose help is in the language of the reader."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        if messages.language() == "en":
            super().format_help(ctx, formatter)
        else:
            formatter.write(_page(self, ctx))


class SpokenGroup(typer.core.TyperGroup):
    """A group of commands whose help is in the language of the reader."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        if messages.language() == "en":
            super().format_help(ctx, formatter)
        else:
            formatter.write(_page(self, ctx))


class Commands(SpokenGroup):
    """The commands, where `--lang` may stand anywhere, and what the package raises on purpose is shown and becomes the
    exit code."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line; ends the process unless `standalone_mode` is off."""
        try:
            result = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except typer.TyperException as error:
            if not standalone_mode:
                raise
            _show(error)
            sys.exit(error.exit_code)
        except typer.Abort:
            if not standalone_mode:
                raise
            messages.note("Aborted!")
            sys.exit(messages.WRONG)
        if not standalone_mode:
            return result
        sys.exit(result if isinstance(result, int) else messages.OK)

    def make_context(self, info_name: Any, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of a run, after the language is chosen."""
        messages.speak(None)
        given, rest = _language_of(args)
        messages.speak(given)
        return super().make_context(info_name, rest, parent, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that the arguments name."""
        try:
            return super().invoke(ctx)
        except CasextractError as error:
            messages.fail(str(error), error.exit_code)


def spoken(app: typer.Typer) -> None:
    """Give all commands and groups of `app` help in the language of the reader."""
    for command in app.registered_commands:
        command.cls = SpokenCommand
    for group in app.registered_groups:
        group.cls = SpokenGroup
        if group.typer_instance is not None:
            spoken(group.typer_instance)


def _language_of(args: Sequence[str]) -> tuple[str | None, list[str]]:
    """What `--lang` says, wherever it stands, and the arguments without it."""
    given, rest = None, []
    waiting = list(args)
    while waiting:
        arg = waiting.pop(0)
        if arg == "--":
            rest += [arg, *waiting]
            break
        if arg == "--lang" and waiting:
            given = waiting.pop(0)
        elif arg.startswith("--lang="):
            given = arg.partition("=")[2]
        else:
            rest.append(arg)
    return given, rest


def _show(error: typer.TyperException) -> None:
    """A usage error on stderr."""
    show = getattr(error, "show", None)
    ctx = getattr(error, "ctx", None)
    if messages.language() == "en":
        show() if show is not None else messages.note(f"Error: {error.format_message()}")
    elif type(error).__name__ == "NoArgsIsHelpError":
        messages.note(error.format_message().rstrip("\n"))
    elif ctx is None:
        messages.note(f"Error: {error.format_message()}")
    else:
        messages.note(_usage(ctx))
        command = f"{ctx.command_path} {ctx.help_option_names[0]}"
        messages.note(f"Try '{command}' for help.")
        messages.note("")
        messages.note(f"Error: {error.format_message()}")


def _usage(ctx: Any) -> str:
    return messages.said("Usage: ") + " ".join([ctx.command_path, *ctx.command.collect_usage_pieces(ctx)])


def _page(command: Any, ctx: Any) -> str:
    """The help page of a command, as Typer lays it out, in the language of the reader."""
    lines = [_usage(ctx), ""]
    for paragraph in messages.helped(command.help or "").split("\n\n"):
        lines += [*_wrapped(paragraph, " " * _MARGIN), ""]
    shown: dict[str, list[tuple[str, str]]] = {"argument": [], "option": []}
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is not None:
            shown[param.param_type_name].append((record[0], _described(param, record[1])))
    subcommands = getattr(command, "commands", {})
    parts = {
        "Arguments": shown["argument"],
        "Options": shown["option"],
        "Commands": [
            (n, messages.helped(c.help or "").split("\n\n")[0]) for n, c in subcommands.items() if not c.hidden
        ],
    }
    for title, rows in parts.items():
        if rows:
            lines += [messages.said(title) + "：", *_list(rows), ""]
    return "\n".join(lines[:-1]) + "\n"


def _described(param: Any, text: str) -> str:
    """The help of a parameter with what Typer adds in brackets, translated."""
    own = getattr(param, "help", None) or ""
    extra = text[len(own) :].strip() if text.startswith(own) else text.strip()
    kept = "; ".join(messages.said(part) for part in extra.removeprefix("[").removesuffix("]").split("; ") if part)
    return messages.helped(own) + (f"  [{kept}]" if kept else "")


def _list(rows: Iterable[tuple[str, str]]) -> list[str]:
    rows = list(rows)
    names = [len(name) for name, _ in rows if len(name) <= _WIDEST_NAME]
    column = _MARGIN + max(names, default=0) + 2
    lines: list[str] = []
    for name, text in rows:
        first, *others = _wrapped(text, " " * column) or [" " * column]
        head = " " * _MARGIN + name
        lines += [head + first[len(head) :], *others] if len(name) <= _WIDEST_NAME else [head, first, *others]
    return [line.rstrip() for line in lines]


def _wrapped(text: str, indent: str) -> list[str]:
    """Lines no wider than the terminal; a Chinese character takes two columns."""
    from wcwidth import wrap

    width = max(_NARROWEST, min(shutil.get_terminal_size().columns, _WIDEST) - _MARGIN)
    return wrap(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
