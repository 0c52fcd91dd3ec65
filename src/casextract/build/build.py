"""From files to a published dataset: process each file, write the tables in order of path, publish all in one step."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from casextract.build.file_rows import Batches, FileRows, renamed, repeating, unpack
from casextract.build.guarded import distinct_id
from casextract.build.options import USUALLY, BuildOptions
from casextract.build.plan import Inputs, Plan, plan_of
from casextract.build.remote import address_of, upload
from casextract.build.summary import Summary, summarise
from casextract.build.tasks import answers
from casextract.dataset import datapackage
from casextract.dataset.publish import (
    INPUTS_FILE,
    PACKAGE_FILE,
    Generation,
    PublishError,
    check_apart,
    generation,
    work_folder,
)
from casextract.dataset.write import DatasetWriter, file_name, to_batch
from casextract.errors import WriteError
from casextract.review.applying import lost_file

if TYPE_CHECKING:
    from casextract.reports.diff import Difference

Progress = Callable[[int, int, str], None]
"""Called after each file with the number of files done, the number of files, and the path of the file."""

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class EmptyError(PublishError):
    """Inputs without any article would have taken the place of a dataset (usage, exit code 2)."""


def build(
    inputs: Sequence[Path | str],
    out: Path | str,
    options: BuildOptions = USUALLY,
    *,
    on_progress: Progress | None = None,
    on_wait: Callable[[], None] | None = None,
) -> Summary:
    """Build the dataset `out` from the files and folders `inputs`, and publish it in one step.

    Inputs and `out` may be addresses (see `filesystems`); a dataset that goes to one is made without a cache.
    `on_wait` is called if another build is writing `out` and this one waits for it.

    Raises EmptyError where there is no article and the options do not allow that, InputError, RuleError,
    CorrectionError, RayError and PublishError for what the caller got wrong, WriteError where the disk is full; in each
    case the former dataset is untouched. A document that fails is a row of `problems` and makes `exit_code` 1.
    """
    remote = address_of(out)
    if remote is not None:
        return _build_afar(inputs, remote, options, on_progress)
    out = Path(out)
    plan = plan_of(inputs, options, _cache_of(out, options))
    check_apart([Path(i) for i in inputs if address_of(i) is None], out)
    with generation(out, on_wait) as target:
        state_file = target.work / "state.json"
        state = plan.state() if options.cache else None
        if state is not None and _still_holds(state_file, state, out):
            if on_progress is not None and plan.found:
                on_progress(len(plan.found), len(plan.found), plan.found[-1].source_path)
            return summarise(out, out, reused=len(plan.found), unchanged=True)
        with _room_for(out):
            plan, written = _written(plan, target, on_progress)
            summary = summarise(target.folder, out, reused=written.reused)
            if not (summary.documents or options.allow_empty) and _articles(out):
                raise EmptyError(_nothing(inputs, out, target.folder))
            package = hashlib.sha256((target.folder / PACKAGE_FILE).read_bytes()).hexdigest()
            target.publish()
        with suppress(OSError):
            _remember(target.work / INPUTS_FILE, inputs, options.corrections)
        if plan.cache is not None:
            # Written last: a build killed before this line is only done again, and so is one that cannot write it.
            with suppress(OSError):
                state_file.write_text(json.dumps({"state": written.state, "package": package}), encoding="utf-8")
                plan.cache.sweep(written.keys)
    return summary


def check(
    inputs: Sequence[Path | str],
    out: Path | str,
    options: BuildOptions = USUALLY,
    *,
    on_progress: Progress | None = None,
) -> Difference:
    """The difference between the dataset in the folder `out` and what the inputs and rules give; `out` is only read.

    Raises as `build` does, and DatasetError where `out` is no dataset.
    """
    from casextract.dataset.read import Dataset
    from casextract.reports.diff import compare

    former = Dataset.open(out)
    plan = plan_of(inputs, options, _cache_of(Path(out), options))
    with TemporaryDirectory(prefix="casextract-") as folder:
        _write(plan, Path(folder), on_progress)
        return compare(former, Dataset.open(folder))


def _build_afar(
    inputs: Sequence[Path | str], address: str, options: BuildOptions, on_progress: Progress | None
) -> Summary:
    """Build here and bring the dataset to an address."""
    with TemporaryDirectory(prefix="casextract-") as folder:
        made = Path(folder) / "dataset"
        # Whether it may be empty is asked of the dataset at the address.
        here = replace(options, cache=False, allow_empty=False)
        summary = build(inputs, made, here, on_progress=on_progress)
        upload(made, address, replace=bool(summary.documents) or options.allow_empty)
    return replace(summary, out=address)


def _cache_of(out: Path, options: BuildOptions) -> Path | None:
    return work_folder(out) / "cache" if options.cache else None


@contextmanager
def _room_for(out: Path) -> Iterator[None]:
    """Say what to do where the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        message = (
            f"{out}: no room to write the dataset ({error.strerror or os.strerror(error.errno)}); "
            "the former one is untouched: make room and build again"
        )
        raise WriteError(message) from error


def _articles(out: Path) -> int:
    """How many articles the former dataset has; 0 where there is none that can be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(out / file_name("documents")).num_rows)
    except (OSError, pa.ArrowInvalid):
        return 0


def _nothing(inputs: Sequence[Path | str], out: Path, folder: Path) -> str:
    """What is said of a build that found no article, with the first reason."""
    import pyarrow.parquet as pq

    messages = pq.read_table(folder / file_name("problems"), columns=["message"])["message"].to_pylist()
    reason = f" ({messages[0]}{f'; {len(messages) - 1:,} more' if messages[1:] else ''})" if messages else ""
    return (
        f"no article below {', '.join(map(str, inputs))}{reason}; the dataset {out} stays as it was: "
        "check the input, or replace the dataset with --allow-empty"
    )


def _remember(file: Path, inputs: Sequence[Path | str], corrections: Path | None) -> None:
    """Keep for `casextract review` what was built: a log of corrections lies beside it."""
    paths = [str(Path(path).absolute()) for path in inputs]
    log = str(corrections.absolute()) if corrections is not None else None
    file.write_text(json.dumps({"inputs": paths, "corrections": log}), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _Written:
    """What tables were made of."""

    state: str
    reused: int
    keys: frozenset[str]
    """Of the cache: entries without one of them are old."""


def _written(plan: Plan, target: Generation, on_progress: Progress | None) -> tuple[Plan, _Written]:
    """Write the tables, without the cache if that takes the room they need; the plan that was followed."""
    try:
        return plan, _write(plan, target.folder, on_progress)
    except OSError as error:
        if plan.cache is None or error.errno not in _NO_ROOM:
            raise
        plan.cache.clear()
        plan = replace(plan, cache=None)
        target.empty()
        return plan, _write(plan, target.folder, on_progress)


def _write(plan: Plan, folder: Path, on_progress: Progress | None) -> _Written:
    """Write tables and data package into `folder`."""
    inputs = Inputs()
    keys: set[str] = set()
    reused = 0
    collection = _Collection()
    with DatasetWriter(folder) as writer, closing(answers(plan)) as answered:
        for i, (file, answer) in enumerate(answered, 1):
            reused += answer.reused
            inputs.add(file.source_path, answer.sha256)
            if plan.cache is not None:
                keys.add(answer.key)
            for batches in collection.batches(unpack(answer.packed)):
                writer.append(batches)
            if on_progress is not None:
                on_progress(i, len(plan.found), file.source_path)
        lost_ones = plan.corrections.elsewhere(f.source_path for f in plan.found)
        if lost_ones:
            writer.append({"problems": to_batch("problems", [lost_file(c) for c in lost_ones])})
        files = writer.finish()
    datapackage.write(folder, datapackage.describe(files, plan.rulebook.digest, inputs.hexdigest(), inputs.count))
    return _Written(plan.state_of(inputs), reused, frozenset(keys))


class _Collection:
    """What documents need to know of each other: which identifiers are taken, which articles were there before."""

    def __init__(self) -> None:
        from casextract.build.repeats import RepeatIndex

        self._seen: dict[str, int] = {}
        self._repeats = RepeatIndex()

    def batches(self, file_rows: FileRows) -> Iterator[Batches]:
        """The batches of a file in the order they are written."""
        for doc_id, norm, batches in zip(file_rows.doc_ids, file_rows.norms, file_rows.documents, strict=True):
            own = distinct_id(doc_id, self._seen)
            named = batches if own == doc_id else renamed(batches, doc_id, own)
            earlier = self._repeats.add(own, norm)
            yield named if earlier is None else repeating(named, earlier)
        yield {"problems": file_rows.problems}


def _still_holds(state_file: Path, state: str, out: Path) -> bool:
    """Whether `out` is what a build of this state has published, byte for byte."""
    try:
        former = json.loads(state_file.read_bytes())
        package = (out / PACKAGE_FILE).read_bytes()
    except (OSError, ValueError):
        return False
    if former != {"state": state, "package": hashlib.sha256(package).hexdigest()}:
        return False
    return not datapackage.faults(out, json.loads(package))
