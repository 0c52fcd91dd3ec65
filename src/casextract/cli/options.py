"""Options that several commands take."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import typer

Shown = Literal["table", "markdown", "json"]

View = Annotated[Shown, typer.Option("--format", "-f", help="Terminal table, Markdown or JSON.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="Most changes shown of each rule (JSON holds all).")]

LimitTime = Annotated[
    float | None,
    typer.Option(
        "--limit-time",
        metavar="SECONDS",
        min=0,
        help="Processor time a file may take; by its size if not given, 0 for any.",
    ),
]


def memory_size(text: str | None) -> int | None:
    """A size as bytes: `512` is of mebibytes, `2G` of gibibytes."""
    if text is None:
        return None
    m = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?\s*", text, re.IGNORECASE)
    if m is None:
        raise typer.BadParameter(f"{text!r} is no size; give mebibytes (512), or a number with K, M, G or T behind it")
    return int(float(m[1]) * 1024 ** ("BKMGT".index(m[2].upper()) if m[2] else 2))


LimitMemory = Annotated[
    str | None,
    typer.Option(
        "--limit-memory",
        metavar="SIZE",
        help="Memory a file may take (512 for MiB, 2G); by its size if not given, 0 for any.",
    ),
]

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing if nothing is wrong.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for tools.")]

Document = Annotated[
    str | None, typer.Option("--document", "-d", help="One document of a dataset or archive: its path or identifier.")
]
STDIN = Path("-")
Input = Annotated[Path, typer.Argument(help="JSON Lines of the stage before; - is standard input.")]
Rules = Annotated[
    Path | None, typer.Option("--rules", metavar="DIR", help="Your own rules, laid over the shipped ones.")
]


def text_encoding(name: str | None) -> str | None:
    """The name of an encoding as it is; one that Python does not know, or that is not of text, is wrong usage."""
    try:
        # Of no bytes at all any name would do.
        b" ".decode(name or "utf-8")
    except LookupError:
        raise typer.BadParameter(
            f"there is no encoding {name!r}; name one such as gb18030, big5hkscs or utf-16-le"
        ) from None
    except UnicodeDecodeError:
        pass
    return name


Encoding = Annotated[
    str | None,
    typer.Option(
        "--encoding", callback=text_encoding, help="Encoding of the files, where you know better than the loader."
    ),
]
TextColumn = Annotated[
    str | None,
    typer.Option(
        "--text-column",
        metavar="NAME",
        help="Column of the articles in .csv, .tsv, .jsonl and .xlsx files; found by its name if not given.",
    ),
]
TitleColumn = Annotated[str | None, typer.Option("--title-column", metavar="NAME", help="Column of their titles.")]
DateColumn = Annotated[str | None, typer.Option("--date-column", metavar="NAME", help="Column of their dates.")]
SourceColumn = Annotated[
    str | None, typer.Option("--source-column", metavar="NAME", help="Column of who published them.")
]
