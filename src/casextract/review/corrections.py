"""Corrections: what a reviewer said of single records, kept as a log beside the inputs and applied by every build.

A correction is anchored to words, not to offsets: the quoted sentence, and the number in it. A line put in front of the
article, or a rule that changed something else, leaves it where it belongs. A correction whose words are gone, or that
speaks of a value the rules no longer give, is never applied blindly: it is a row of `problems`.

`read_log` and `append` are the two ends that touch a file; `in_force` is pure. `applying` puts what is in force upon
the records of a document.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from shutil import copyfile
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from casextract.dataset.publish import INPUTS_FILE, work_folder
from casextract.dataset.writing import replacing
from casextract.errors import CasextractError
from casextract.load.files import CORRECTIONS
from casextract.records import Case, Indicator, Measure

LOG_NAME = CORRECTIONS
"""The name of the log in a folder of inputs."""

VERSION: Literal[1] = 1
"""The form of a line of the log. A line of an older form is brought up to date when it is read, see `_MIGRATIONS`."""

Action = Literal["accept", "change", "reject", "add", "undo"]
Target = Literal["indicator", "case", "measure"]

EDITABLE: Mapping[Target, tuple[str, ...]] = {
    "indicator": (
        "metric",
        "dimension",
        "subject",
        "value",
        "value_high",
        "unit",
        "currency",
        "bound",
        "per",
        "status",
        "direction",
        "time",
        "period_start",
        "period_end",
    ),
    "case": ("title", "province", "city", "county", "place", "adcode", "agency", "topics", "start", "end"),
    "measure": ("label", "level", "start", "end"),
}
"""The fields that a correction may change. `start` and `end` are moved by quoting the words at the new border."""


class CorrectionError(CasextractError, ValueError):
    """A log that cannot be used. The message names the file, the line and the remedy."""


class Anchor(BaseModel):
    """Where in an article, said in its own words.

    `sentence` is quoted as printed; `text` stands in it at the character offset `at`; where the article has the same
    sentence more than once, `nth` counts from 0 which one is meant.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sentence: str
    text: str
    at: int
    nth: int = 0

    @model_validator(mode="after")
    def _holds(self) -> Self:
        if not self.text or not self.sentence.startswith(self.text, self.at):
            raise ValueError(f"{self.text!r} does not stand at {self.at} of the sentence quoted")
        return self

    def find(self, text: str) -> tuple[int, int] | None:
        """The half-open span of the quoted number in `text`; None where the sentence is gone, or no longer there often
        enough."""
        at = -1
        for _ in range(self.nth + 1):
            at = text.find(self.sentence, at + 1)
            if at < 0:
                return None
        return at + self.at, at + self.at + len(self.text)


def anchor_at(text: str, start: int, end: int, sentence_start: int, sentence: str) -> Anchor:
    """The anchor of [start, end) of an article, quoted with the sentence that begins at `sentence_start`."""
    nth = _count_before(text, sentence, sentence_start)
    return Anchor(sentence=sentence, text=text[start:end], at=start - sentence_start, nth=nth)


def anchor_of(text: str, row: Indicator | Case | Measure) -> Anchor:
    """The anchor of a record: an indicator by its sentence, a case or a measure by its first line."""
    if isinstance(row, Indicator):
        low = text.rfind(row.sentence, max(0, row.start - len(row.sentence)), row.end + len(row.sentence))
        if 0 <= low <= row.start and row.end <= low + len(row.sentence):
            return anchor_at(text, row.start, row.end, low, row.sentence)
        # A sentence that is kept in part only: the line that holds the number says where it is.
        low, high = text.rfind("\n", 0, row.start) + 1, text.find("\n", row.end)
        return anchor_at(text, row.start, row.end, low, text[low : high if high >= 0 else len(text)])
    line = text[row.start : row.end].split("\n", 1)[0][:_QUOTED]
    return anchor_at(text, row.start, row.start + len(line), row.start, line)


_QUOTED = 60
"""Characters of a first line that say which case or measure is meant."""


def _count_before(text: str, sentence: str, start: int) -> int:
    count, at = 0, text.find(sentence)
    while 0 <= at < start:
        count, at = count + 1, text.find(sentence, at + 1)
    return count


class Correction(BaseModel):
    """One line of the log."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = VERSION
    id: str
    """Given by whoever writes it; distinct in a log."""
    who: str = ""
    when: str = ""
    """ISO 8601, given by the page or the command, never by a build."""
    source_path: str
    """As in `documents.source_path`."""
    action: Action
    target: Target = "indicator"
    anchor: Anchor | None = None
    """None for `undo` only."""
    field: str | None = None
    """For `change`: the column."""
    old: Any = None
    """What the record said when it was corrected: the field's value; for `accept` and `reject` the fields that
    matter."""
    new: Any = None
    """For `change` the field's value; for `add` the record's fields."""
    undoes: str | None = None
    """For `undo`: the correction taken back."""
    comment: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.action == "undo":
            if self.undoes is None:
                raise ValueError("an undo names in `undoes` what it takes back")
            return self
        if self.anchor is None:
            raise ValueError(f"{self.action} needs an anchor")
        if self.action == "change" and self.field not in EDITABLE[self.target]:
            known = ", ".join(EDITABLE[self.target])
            raise ValueError(f"{self.field!r} of a {self.target} cannot be changed; one of {known} can")
        if self.action == "add" and not isinstance(self.new, dict):
            raise ValueError("an addition gives the record's fields in `new`")
        return self

    @cached_property
    def place(self) -> tuple[str, Target, str, int, str, int]:
        """What the correction speaks of, as a key."""
        assert self.anchor is not None
        a = self.anchor
        return self.source_path, self.target, a.sentence, a.at, a.text, a.nth


_MIGRATIONS: Mapping[int, Any] = {}
"""Version of a line to the function that makes a line of the next version of it."""


def read_log(path: Path) -> tuple[Correction, ...]:
    """The lines of a log in order. A file that is not there is an empty log.

    Raises CorrectionError where the file cannot be read, a line is no correction, or an id comes twice.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise CorrectionError(
            f"{path}: cannot be read ({error}); mend the file or give another with --corrections"
        ) from error
    found: dict[str, Correction] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            correction = parse(json.loads(line))
        except (ValueError, TypeError) as error:
            reason = "; ".join(e["msg"] for e in error.errors()) if isinstance(error, ValidationError) else str(error)
            raise CorrectionError(f"{path}:{number}: no correction: {reason}; mend or remove the line") from error
        if correction.id in found:
            raise CorrectionError(f"{path}:{number}: the id {correction.id!r} stands in the log already; give another")
        found[correction.id] = correction
    return tuple(found.values())


def log_paths(inputs: Sequence[Path | str], given: Path | None = None) -> tuple[Path, ...]:
    """The logs that a build of `inputs` reads: the one given, else those that lie in the folders of the inputs.

    Raises CorrectionError where the one given is not there.
    """
    if given is not None:
        if not given.is_file():
            raise CorrectionError(f"{given}: no such file; check the path given with --corrections")
        return (given,)
    folders = [path if path.is_dir() else path.parent for path in map(Path, inputs) if path.exists()]
    return tuple(dict.fromkeys(log for folder in folders if (log := folder / LOG_NAME).is_file()))


def load(inputs: Sequence[Path | str], given: Path | None = None) -> Corrections:
    """What counts of the logs that a build of `inputs` reads. Raises CorrectionError where one cannot be used."""
    return by_source(c for path in log_paths(inputs, given) for c in read_log(path))


def log_of(dataset: Path) -> Path | None:
    """The log that a build of this dataset on this machine reads, there or yet to be written; None where nothing is
    known."""
    try:
        built = json.loads((work_folder(dataset) / INPUTS_FILE).read_text(encoding="utf-8"))
        inputs, given = built["inputs"], built["corrections"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if given is not None:
        return Path(given)
    folders = [path if path.is_dir() else path.parent for path in map(Path, inputs) if path.exists()]
    logs = [folder / LOG_NAME for folder in folders]
    return next((log for log in logs if log.is_file()), logs[0] if logs else None)


def parse(line: Any) -> Correction:
    """A correction from a line's JSON, brought up to the present version. Raises ValueError where it is none."""
    if not isinstance(line, dict):
        raise ValueError("a line holds one JSON object")
    version = line.get("version", VERSION)
    while version != VERSION and version in _MIGRATIONS:
        line = _MIGRATIONS[version](line)
        version = line["version"]
    if version != VERSION:
        raise ValueError(f"version {version!r} is not known here; update casextract")
    return Correction.model_validate(line)


def to_line(correction: Correction) -> str:
    """The correction as its line of the log, without what is empty."""
    kept = {k: v for k, v in correction.model_dump(mode="json").items() if v not in (None, "") or k in ("old", "new")}
    if correction.action not in ("change", "add"):
        kept.pop("new", None)
    if kept.get("old") is None and correction.action != "change":
        kept.pop("old", None)
    return json.dumps(kept, ensure_ascii=False)


def append(path: Path, corrections: Iterable[Correction]) -> None:
    """Add corrections at the end of the log, each its line, all or none. Raises OSError where the file takes none."""
    lines = "".join(f"{to_line(c)}\n" for c in corrections).encode()
    with path.open("ab+", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            lines = lines if file.read(1) == b"\n" else b"\n" + lines
        try:
            # A disk that is nearly full takes part of it first.
            while lines:
                lines = lines[file.write(lines) or 0 :]
        except OSError:
            file.truncate(end)
            raise


def rewrite(path: Path, corrections: Iterable[Correction]) -> None:
    """Put a log of these lines in place of the former one, which is kept with `.bak` behind its name.

    Raises WriteError where the system refuses.
    """
    with replacing([path.with_name(f"{path.name}.bak"), path]) as (former, new):
        copyfile(path, former)
        new.write_text("".join(f"{to_line(c)}\n" for c in corrections), encoding="utf-8", newline="\n")


def in_force(log: Iterable[Correction]) -> tuple[Correction, ...]:
    """What of a log counts, in its order: without what was undone, each field of a record once.

    Of two corrections of one field the later counts, with what the first one found as its old value. A rejection ends
    all that was said of the record before, and so does an addition at the same place.
    """
    lines = list(log)
    undone: set[str] = set()
    for c in reversed(lines):
        # Backwards, so that an undo that is itself undone takes nothing back.
        if c.action == "undo" and c.id not in undone and c.undoes is not None:
            undone.add(c.undoes)
    kept: dict[tuple[Any, ...], Correction] = {}
    for c in lines:
        if c.action == "undo" or c.id in undone:
            continue
        key = (*c.place, c.field if c.action == "change" else "whole")
        if c.action in ("reject", "add"):
            for k in [k for k in kept if k[:-1] == c.place]:
                del kept[k]
        former = kept.pop(key, None)
        kept[key] = c.model_copy(update={"old": former.old}) if former is not None and c.action == "change" else c
    return tuple(kept.values())


@dataclass(frozen=True, slots=True)
class Corrections:
    """What counts of a log, by article."""

    by_source: Mapping[str, tuple[Correction, ...]]

    def of(self, source_path: str) -> tuple[Correction, ...]:
        """Those of one article."""
        return self.by_source.get(source_path, ())

    def of_file(self, source_path: str) -> tuple[Correction, ...]:
        """Those of a file and of the members of an archive (`a.zip!/b.txt`)."""
        inside = f"{source_path}!/"
        return tuple(
            c for path, own in self.by_source.items() if path == source_path or path.startswith(inside) for c in own
        )

    def elsewhere(self, source_paths: Iterable[str]) -> tuple[Correction, ...]:
        """Those whose file is none of `source_paths`."""
        files = set(source_paths)
        return tuple(c for path, own in self.by_source.items() if path.partition("!/")[0] not in files for c in own)

    def digest(self) -> str:
        """SHA-256 over all that can change a dataset: who said it and when cannot."""
        return digest(c for _, own in sorted(self.by_source.items()) for c in own)


NONE = Corrections({})


def digest(corrections: Iterable[Correction]) -> str:
    """SHA-256 over what corrections do, in order; empty for none."""
    lines = [c.model_dump_json(exclude={"who", "when", "comment"}) for c in corrections]
    return sha256("\n".join(lines).encode()).hexdigest() if lines else ""


def by_source(log: Iterable[Correction]) -> Corrections:
    """What counts of a log, sorted by article."""
    found: dict[str, list[Correction]] = {}
    for c in in_force(log):
        found.setdefault(c.source_path, []).append(c)
    return Corrections({path: tuple(own) for path, own in found.items()})
