"""Annotations by hand, as GUIDELINES.md describes them: one JSON file a document."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from casextract.errors import CasextractError


class GoldError(CasextractError, ValueError):
    """Annotations that cannot be used. The message names the file, the place and the remedy."""


class _Gold(BaseModel):
    """What is annotated; what an annotator notes beside it is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class GoldCase(_Gold):
    """A case. Offsets count characters of the document's text, here and below."""

    start: int
    end: int | None = None
    title: str | None = None
    province: str | None = None
    city: str | None = None
    county: str | None = None
    place: str | None = None
    adcode: str | None = None
    implicit: bool = False


class GoldMeasure(_Gold):
    """A measure: where it starts and of which level it is."""

    start: int
    level: int
    label: str | None = None


class GoldIndicator(_Gold):
    """A number with its attributes; one that is not `core` is neither demanded nor forbidden."""

    start: int
    end: int
    text: str = ""
    value: float
    value_high: float | None = None
    unit: str | None = None
    metric: str
    dimension: str | None = None
    bound: str | None = None
    per: list[str] = []
    status: str | None = None
    subject: str | None = None
    time: str | None = None
    currency: str | None = None
    core: bool


class GoldDocument(_Gold):
    """The annotations of one document."""

    doc: str
    """Name of the file annotated; its stem is what counts."""
    cases: list[GoldCase]
    measures: list[GoldMeasure]
    indicators: list[GoldIndicator]
    range: tuple[int, int] | None = Field(default=None)
    """What of the text is annotated; all of it where nothing is said."""


def read_gold(folder: Path) -> Sequence[GoldDocument]:
    """The annotations (`*.json`) in a folder, in order of name.

    Raises GoldError where there are none or one is not sound.
    """
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise GoldError(f"{folder}: no annotations (*.json) in it; give a folder like the one GUIDELINES.md describes")
    return [_read(path) for path in paths]


def gold_digest(folder: Path) -> str:
    """SHA-256 over the names and bytes of the annotations in a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.json")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _read(path: Path) -> GoldDocument:
    try:
        return GoldDocument.model_validate_json(path.read_bytes())
    except OSError as error:
        raise GoldError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'the file'}: {e['msg']}" for e in error.errors()[:3])
        raise GoldError(
            f"{path}: not as GUIDELINES.md describes ({faults}); correct the file, or move it away if it holds none"
        ) from error
