"""What a build is going to do, and the digest of all that its dataset depends on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from casextract.build import cache as caching
from casextract.build.options import BuildOptions
from casextract.build.remote import find
from casextract.dataset.digest import file_sha256
from casextract.load import Found
from casextract.load.dispatch import LARGEST_FILE
from casextract.pipeline import prepare
from casextract.review.corrections import Corrections
from casextract.review.corrections import load as load_corrections
from casextract.rulebook.loading import Rulebook, load_rulebook

SMALL = 2 * 2**20
"""Below this many bytes of input starting worker processes takes longer than the work itself."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A build before it begins: what was asked for, and what was read of it."""

    options: BuildOptions
    found: Sequence[Found]
    rulebook: Rulebook
    corrections: Corrections
    jobs: int | None
    """Processes; None for as many as the cluster has CPUs."""
    version: str
    """Of rules, code and options: what all keys of the cache have in common."""
    cache: caching.Cache | None

    @property
    def lazy(self) -> bool:
        """Whether patterns are compiled when a text asks for them. An analyst's own are tried before any work."""
        return self.options.rules is None or self.jobs != 1

    def state(self) -> str | None:
        """What the dataset will depend on, from the files as they lie.

        None where one cannot be read, or only from afar, or is too large.
        """
        try:
            inputs = Inputs()
            for file in self.found:
                if not isinstance(file.path, Path) or size_of(file) > LARGEST_FILE:
                    return None
                inputs.add(file.source_path, file_sha256(file.path))
        except OSError:
            return None
        return self.state_of(inputs)

    def state_of(self, inputs: Inputs) -> str:
        """A digest of all that a dataset's bytes depend on, its input files being these."""
        import pyarrow as pa

        parts = [self.version, pa.__version__, self.corrections.digest(), inputs.hexdigest()]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class Inputs:
    """A digest over the paths and contents of the files read, in order."""

    def __init__(self) -> None:
        """Without a file."""
        self._digest = hashlib.sha256()
        self.count = 0

    def add(self, source_path: str, sha256: str) -> None:
        """Count one more file."""
        self._digest.update(json.dumps([source_path, sha256]).encode() + b"\n")
        self.count += 1

    def hexdigest(self) -> str:
        """The digest so far."""
        return self._digest.hexdigest()


def plan_of(inputs: Sequence[Path | str], options: BuildOptions, cache: Path | None) -> Plan:
    """Find the files and read rules and corrections. `cache` is the folder that keeps what files gave, if any does.

    Raises InputError, RuleError and CorrectionError for what cannot be used.
    """
    rulebook = load_rulebook(options.rules)
    found = find(inputs, options.follow_links)
    corrections = load_corrections(inputs, options.corrections)
    jobs = _jobs(options, found)
    if options.rules is not None and jobs != 1:
        # A pattern that does not compile is told here; a worker could only die of it. The shipped ones are tested.
        prepare(rulebook)
    if options.engine == "ray" and options.address is not None:
        # On another machine the folder of the cache would be another one.
        cache = None
    version = caching.version(rulebook.digest, options.encoding, options.columns)
    kept = caching.Cache(cache, version) if cache is not None else None
    return Plan(options, found, rulebook, corrections, jobs, version, kept)


def _jobs(options: BuildOptions, found: Sequence[Found]) -> int | None:
    """The processes to work with, no more than there are files; None for as many as a cluster has CPUs."""
    jobs = options.jobs
    if jobs is None and options.engine == "ray":
        return None
    if jobs is None:
        jobs = 1 if sum(size_of(f) for f in found) < SMALL else _cores()
    return min(jobs, max(len(found), 1))


def size_of(found: Found) -> int:
    """Bytes of a file; 0 where it cannot be looked at."""
    try:
        return found.path.stat().st_size
    except OSError:
        return 0


def _cores() -> int:
    """The cores this process may use; a container is often given fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
