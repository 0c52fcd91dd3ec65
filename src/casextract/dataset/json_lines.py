"""What flows between the stage commands: JSON Lines, each line an object with one key that says what it holds.

`source`, `text` and `segmentation` hold the value of a stage; a table's name (`documents` ... `problems`) holds a row
of that table. Rows pass through a stage untouched, so that what went wrong early arrives at the end of the pipe.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from casextract.errors import CasextractError
from casextract.load import Source
from casextract.normalise import Text
from casextract.records import TABLES, Record
from casextract.segment import Segmentation

Value = Source | Text | Segmentation | Record

STAGE_VALUES: dict[str, type[Source] | type[Text] | type[Segmentation]] = {
    "source": Source,
    "text": Text,
    "segmentation": Segmentation,
}
"""Key of a line to the stage value it holds."""

_WRITTEN_BY = {"source": "load", "text": "normalise", "segmentation": "segment"}
_KEYS: dict[type[Any], str] = {kind: key for key, kind in (STAGE_VALUES | TABLES).items()}


class LineError(CasextractError, ValueError):
    """A line that is not what the stage reads. The message names the line and the remedy."""

    exit_code = 1


def line(value: Value) -> str:
    """One value or row as a line of JSON, without the line break."""
    key = _KEYS[type(value)]
    return f'{{"{key}":{_adapter(key).dump_json(value).decode()}}}'


def parse(lines: Iterable[str], expected: str) -> Iterator[Value | LineError]:
    """Read lines written by the stage before.

    Args:
        lines: JSON Lines; blank lines are passed over.
        expected: the key of the stage value to read: `source`, `text` or `segmentation`.

    Yields stage values and rows in order; for a line that cannot be read, the error in its place, so that one bad line
    does not take the others with it.
    """
    for number, content in enumerate(lines, 1):
        if content.strip():
            try:
                yield _parse(content, expected)
            except LineError as error:
                yield LineError(f"line {number}: {error}")


def _parse(content: str, expected: str) -> Value:
    remedy = f"feed it what 'casextract {_WRITTEN_BY[expected]}' writes"
    try:
        entry = json.loads(content)
    except json.JSONDecodeError as error:
        raise LineError(f"not JSON ({error}); {remedy}") from error
    if not isinstance(entry, dict) or len(entry) != 1:
        raise LineError(f"not an object with one key; {remedy}")
    ((key, value),) = entry.items()
    if key != expected and key not in TABLES:
        raise LineError(f"holds {key!r}, not {expected!r}; {remedy}")
    try:
        # Through JSON again: only in JSON mode do the strict records take a date written as a string.
        checked: Value = _adapter(key).validate_json(json.dumps(value))
    except ValidationError as error:
        reasons = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:3])
        raise LineError(f"no sound {key}: {reasons}; {remedy}") from error
    return checked


@cache
def _adapter(key: str) -> TypeAdapter[Any]:
    return TypeAdapter(TABLES[key] if key in TABLES else STAGE_VALUES[key])
