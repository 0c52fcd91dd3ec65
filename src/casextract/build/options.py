"""How a dataset is built: one value, made where the options are read and carried from there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from casextract.build.limits import BY_SIZE, Limits
from casextract.load import USUAL, Columns

Engine = Literal["local", "ray"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """What a build may be told besides its inputs and where the dataset goes."""

    rules: Path | None = None
    """A folder laid over the shipped rules."""
    encoding: str | None = None
    """Of text files, in place of what is detected."""
    columns: Columns = USUAL
    """What is read of tables that hold an article in each row."""
    corrections: Path | None = None
    """The log of corrections to apply; None: those that lie beside the inputs, see `review.corrections`."""
    jobs: int | None = None
    """Processes; None: one for a small input, else as many as there are cores, or CPUs of the cluster."""
    cache: bool = True
    """Whether results of former builds are used."""
    engine: Engine = "local"
    """What works on the documents: processes of this machine, or Ray."""
    address: str | None = None
    """Of the Ray cluster; None: Ray is started here."""
    limits: Limits = BY_SIZE
    """What a file may cost; one that costs more is a row of `problems`, and the others are whole."""
    follow_links: bool = False
    """Whether links are read that lead out of the inputs."""
    allow_empty: bool = False
    """Whether inputs without any article may take the place of a dataset that has some."""


USUALLY = BuildOptions()
