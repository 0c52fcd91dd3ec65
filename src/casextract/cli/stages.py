"""The stages one by one, each reading and writing JSON Lines, so that they chain by pipes and can be looked at half
way."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from casextract.cli import messages
from casextract.cli.options import STDIN, DateColumn, Encoding, Input, Rules, SourceColumn, TextColumn, TitleColumn

if TYPE_CHECKING:
    from casextract.dataset.json_lines import Value
    from casextract.load import Source
    from casextract.normalise import Text
    from casextract.records import Stage
    from casextract.segment import Segmentation


def register(app: typer.Typer) -> None:
    """Add the commands `load`, `normalise`, `segment` and `extract`."""
    for command in (load, normalise, segment, extract):
        app.command(rich_help_panel="Stages")(command)


def load(
    raw: Annotated[
        list[Path], typer.Argument(metavar="RAW", help="Folders and files of articles; - is standard input.")
    ],
    encoding: Encoding = None,
    text_column: TextColumn = None,
    title_column: TitleColumn = None,
    date_column: DateColumn = None,
    source_column: SourceColumn = None,
) -> None:
    """Read files and write one decoded article a line.

    Example: casextract load data/raw | head -1
    """
    from dataclasses import replace

    from casextract.build.guarded import distinct_id, load_file_guarded
    from casextract.build.remote import find
    from casextract.load import Columns

    found = find(raw)
    if not found:
        messages.note("casextract: nothing to load below " + ", ".join(map(str, raw)))
    columns = Columns(text_column, title_column, date_column, source_column)
    output = _Output()
    seen: dict[str, int] = {}
    for file in found:
        loaded = load_file_guarded(file, encoding, columns)
        for source in loaded.sources:
            output.write(replace(source, doc_id=distinct_id(source.doc_id, seen)))
        for problem in loaded.problems:
            output.write(problem)
    output.end()


def normalise(input: Input = STDIN) -> None:
    """Fold script and width, keeping the way back to the raw offsets.

    Example: casextract load data/raw | casextract normalise
    """
    from casextract.normalise import normalise

    _stage(input, "source", "normalise", lambda source: [normalise(source)])


def segment(input: Input = STDIN, rules: Rules = None) -> None:
    """Divide each article into blocks, cases and measures.

    Example: casextract load data/raw | casextract normalise | casextract segment
    """
    from casextract.rulebook.loading import load_rulebook
    from casextract.segment import compile_segmenter, segment

    segmenter = compile_segmenter(load_rulebook(rules))
    _stage(input, "text", "segment", lambda text: [segment(text, segmenter)])


def extract(input: Input = STDIN, rules: Rules = None) -> None:
    """Read the numbers and write the rows of every table.

    They are the rows that `build` writes, each under its table's name.

    Example: casextract load data/raw | casextract normalise | casextract segment | casextract extract
    """
    from casextract.assemble import assemble
    from casextract.build.repeats import RepeatIndex
    from casextract.extract import compile_grammar, extract
    from casextract.records import TABLES
    from casextract.rulebook.loading import load_rulebook

    grammar = compile_grammar(load_rulebook(rules))
    repeats = RepeatIndex()

    def rows(segmentation: Segmentation) -> Iterator[Value]:
        records = assemble(extract(segmentation, grammar))
        for document in records.documents:
            earlier = repeats.add(document.doc_id, segmentation.text.norm)
            yield document if earlier is None else document.model_copy(update={"duplicate_of": earlier})
        yield from (row for table in TABLES if table != "documents" for row in records.table(table))

    _stage(input, "segmentation", "extract", rows)


class _Output:
    """Writes lines to stdout and remembers whether an error went by."""

    def __init__(self) -> None:
        self.wrong = False

    def write(self, value: Value) -> None:
        from casextract.dataset.json_lines import line
        from casextract.records import Problem

        if isinstance(value, Problem) and value.severity == "error":
            self.wrong = True
        messages.out(line(value))

    def end(self) -> None:
        if self.wrong:
            raise SystemExit(messages.WRONG)


def _stage(input: Path, expected: str, name: Stage, work: Callable[[Any], Iterable[Value]]) -> None:
    """Apply `work` to every value of the stage before; rows pass through, a failure becomes a row of `problems`."""
    from casextract.build.guarded import failure
    from casextract.dataset.json_lines import LineError, parse
    from casextract.records import Record

    output = _Output()
    with _lines(input) as lines:
        for item in parse(lines, expected):
            if isinstance(item, LineError):
                messages.note(f"casextract {name}: {input if input != STDIN else 'standard input'}, {item}")
                output.wrong = True
            elif isinstance(item, Record):
                output.write(item)
            else:
                source = _source(item)
                try:
                    results = list(work(item))
                except Exception as error:  # One article's failure must not cost the others; the row tells of it.
                    results = [*source.problems, failure(source.path, source.doc_id, error, name)]
                for result in results:
                    output.write(result)
    output.end()


def _source(value: Source | Text | Segmentation) -> Source:
    from casextract.load import Source
    from casextract.normalise import Text

    if isinstance(value, Source):
        return value
    return value.source if isinstance(value, Text) else value.text.source


@contextmanager
def _lines(input: Path) -> Iterator[TextIO]:
    if input == STDIN:
        # Whatever the locale says: JSON Lines are UTF-8.
        yield io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8")
        return
    try:
        file = input.open(encoding="utf-8")
    except OSError as error:
        messages.fail(f"{input}: {error.strerror}; give a file of JSON Lines or - for standard input")
    with file:
        yield file
