"""From files to a published dataset: process each file, write the tables in order of path, publish all in one step."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from casextract.build import cache as caching
from casextract.build import workers
from casextract.build.file_rows import Batches, FileRows, pack, problem_rows, renamed, repeating, rows_of, unpack
from casextract.build.guarded import distinct_id, failure, load_guarded, lost
from casextract.build.limits import Limits, begin, end
from casextract.build.process_tuning import freeze_garbage
from casextract.build.remote import address_of, find, upload
from casextract.dataset import datapackage
from casextract.dataset.digest import file_sha256
from casextract.dataset.publish import INPUTS_FILE, PACKAGE_FILE, PublishError, check_apart, generation, work_folder
from casextract.dataset.write import CONTENTS_KEY, DatasetWriter, file_name, to_batch
from casextract.errors import WriteError
from casextract.load import USUAL, Columns, Found, load_file
from casextract.load.dispatch import LARGEST_FILE
from casextract.pipeline import prepare
from casextract.records import TABLES, told
from casextract.review.corrections import Corrections, lost_file
from casextract.review.corrections import digest as corrections_digest
from casextract.review.corrections import load as load_corrections
from casextract.rulebook.models import Rulebook, RuleError, load_rulebook

if TYPE_CHECKING:
    from casextract.reports.diff import Difference

Progress = Callable[[int, int, str], None]
"""Called after each file with the number of files done, the number of files, and the path of the file."""

FAILURES_TOLD = 20
"""A folder of wrong files has thousands of errors; the table `problems` holds them all."""

SMALL = 2 * 2**20
"""Below this many bytes of input starting worker processes takes longer than the work itself."""

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

GROUP = 64 * 2**10
"""A worker takes files together until they have this many bytes."""

RAY_GROUP = 2**20
"""The same for a worker of Ray, for which a batch costs some milliseconds more."""

IN_WORKERS = True
"""Whether files are worked on in processes of their own, one at least, so that none can take the build along. Tests that put
something in the place of a stage turn it off."""

Engine = Literal["local", "ray"]

_BY_SIZE = Limits()


@dataclass(frozen=True, slots=True)
class Summary:
    """What a build gave."""

    out: Path | str
    """Folder or address of the dataset."""
    documents: int
    cases: int
    measures: int
    indicators: int
    numerals: int
    unresolved: int
    metrics: Mapping[str, int]
    """Indicators by metric, the most frequent first."""
    problems: Mapping[str, int]
    """Rows of `problems` by severity."""
    failed: int
    """Problems of severity error: data is missing."""
    reused: int
    """Files whose rows came from the cache."""
    unchanged: bool
    """Nothing was written, because the dataset already is what the inputs and rules give."""
    digest: str
    """Contents digest of the dataset."""
    repeated_documents: int = 0
    """Documents that repeat an earlier one."""
    repeated_indicators: int = 0
    """Indicators of those: whoever adds up leaves them out."""
    failures: tuple[str, ...] = ()
    """What the errors say, each with file, reason and remedy; no more than FAILURES_TOLD."""

    @property
    def warnings(self) -> int:
        """Problems of severity warning."""
        return self.problems.get("warning", 0)

    @property
    def unresolved_share(self) -> float:
        """The share of numerals that nobody could account for, from 0 to 1."""
        return self.unresolved / max(self.numerals, 1)

    @property
    def exit_code(self) -> int:
        """0, or 1 if a document failed."""
        return 1 if self.failed else 0


def build(
    inputs: Sequence[Path | str],
    out: Path | str,
    *,
    rules: Path | None = None,
    encoding: str | None = None,
    columns: Columns = USUAL,
    corrections: Path | None = None,
    jobs: int | None = None,
    cache: bool = True,
    engine: Engine = "local",
    address: str | None = None,
    limits: Limits = _BY_SIZE,
    follow_links: bool = False,
    allow_empty: bool = False,
    on_progress: Progress | None = None,
    on_wait: Callable[[], None] | None = None,
) -> Summary:
    """Build the dataset `out` from the files and folders `inputs`, and publish it in one step.

    `rules` is a folder laid over the shipped rules, `encoding` overrides what is detected for text files, `columns` names those of
    tables with an article in each row, `corrections`
    is the log of corrections to apply (None: those that lie beside the inputs, see `review.corrections`), `jobs` is the
    number of processes (None: one for a small input, else all cores), `cache` whether results of former builds are used.
    `engine` says what the documents are worked on by: processes of this machine, or Ray on the cluster at `address` (None: Ray
    started here). Inputs and `out` may be addresses (see `filesystems`); a dataset that goes to one is made without a cache.
    `limits` is what a file may cost; one that costs more is a row of `problems`, and the others are whole.
    `follow_links` has links read that lead out of the inputs. `allow_empty` lets inputs without any article take the place of a dataset that has some.
    `on_wait` is called if another build is writing `out` and this one waits for it.

    Raises EmptyError where that was not said, InputError, RuleError, CorrectionError, RayError and PublishError for what the caller got wrong, WriteError where the disk is full; in each
    case the former dataset is untouched. A document that fails is a row of `problems` and makes `exit_code` 1.
    """
    remote = address_of(out)
    if remote is not None:
        with TemporaryDirectory(prefix="casextract-") as folder:
            made = Path(folder) / "dataset"
            summary = build(
                inputs, made, rules=rules, encoding=encoding, columns=columns, corrections=corrections, jobs=jobs, cache=False, engine=engine, address=address,
                limits=limits, follow_links=follow_links, on_progress=on_progress,
            )  # fmt: skip
            upload(made, remote, replace=bool(summary.documents) or allow_empty)
        return replace(summary, out=remote)
    out = Path(out)
    kept = work_folder(out) / "cache" if cache else None
    plan = _plan(inputs, rules, encoding, columns, corrections, jobs, kept, engine, address, limits, follow_links)
    check_apart([Path(i) for i in inputs if address_of(i) is None], out)
    with generation(out, on_wait) as target:
        state_file = target.work / "state.json"
        state = plan.state() if cache else None
        if state is not None and _still_holds(state_file, state, out):
            if on_progress is not None and plan.found:
                on_progress(len(plan.found), len(plan.found), plan.found[-1].source_path)
            return summarise(out, out, reused=len(plan.found), unchanged=True)
        try:
            try:
                written = _write(plan, target.folder, on_progress)
            except OSError as error:
                if plan.cache is None or error.errno not in _NO_ROOM:
                    raise
                # The cache must not be what a build fails of.
                plan.cache.clear()
                plan = replace(plan, cache=None)
                target.empty()
                written = _write(plan, target.folder, on_progress)
            summary = summarise(target.folder, out, reused=written.reused)
            if not (summary.documents or allow_empty) and _articles(out):
                raise EmptyError(_nothing(inputs, out, target.folder))
            package = hashlib.sha256((target.folder / PACKAGE_FILE).read_bytes()).hexdigest()
            target.publish()
        except OSError as error:
            if error.errno in _NO_ROOM:
                message = (
                    f"{out}: no room to write the dataset ({error.strerror or os.strerror(error.errno)}); "
                    "the former one is untouched: make room and build again"
                )
                raise WriteError(message) from error
            raise
        with suppress(OSError):
            _remember(target.work / INPUTS_FILE, inputs, corrections)
        if plan.cache is not None:
            # Written last: a build killed before this line is only done again, and so is one that cannot write it.
            with suppress(OSError):
                state_file.write_text(json.dumps({"state": written.state, "package": package}), encoding="utf-8")
                plan.cache.sweep(written.keys)
    return summary


class EmptyError(PublishError):
    """Inputs without any article would have taken the place of a dataset (usage, exit code 2)."""


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


def check(
    inputs: Sequence[Path | str],
    out: Path | str,
    *,
    rules: Path | None = None,
    encoding: str | None = None,
    columns: Columns = USUAL,
    corrections: Path | None = None,
    jobs: int | None = None,
    cache: bool = True,
    engine: Engine = "local",
    address: str | None = None,
    limits: Limits = _BY_SIZE,
    follow_links: bool = False,
    on_progress: Progress | None = None,
) -> Difference:
    """The difference between the dataset in the folder `out` and what the inputs and rules give; `out` is only read.

    Raises as `build` does, and DatasetError where `out` is no dataset.
    """
    from casextract.dataset.read import Dataset
    from casextract.reports.diff import compare

    former = Dataset.open(out)
    kept = work_folder(Path(out)) / "cache" if cache else None
    plan = _plan(inputs, rules, encoding, columns, corrections, jobs, kept, engine, address, limits, follow_links)
    with TemporaryDirectory(prefix="casextract-") as folder:
        _write(plan, Path(folder), on_progress)
        return compare(former, Dataset.open(folder))


def summarise(folder: Path, out: Path, *, reused: int = 0, unchanged: bool = False) -> Summary:
    """Count the dataset in `folder`, which is or will be `out`."""
    import pyarrow.parquet as pq

    def counts(table: str, column: str) -> dict[str, int]:
        found: Counter[str] = Counter()
        # Batch by batch: a column of millions of rows is not needed at once.
        with pq.ParquetFile(folder / file_name(table)) as file:
            for batch in file.iter_batches(columns=[column]):
                found.update({v["values"]: v["counts"] for v in batch.column(0).value_counts().to_pylist()})
        return dict(sorted(found.items(), key=lambda v: (-v[1], v[0])))

    import pyarrow.compute as pc

    footers = {t: pq.read_metadata(folder / file_name(t)) for t in TABLES}
    documents = pq.read_table(folder / file_name("documents"), columns=["duplicate_of", "indicator_count"])
    repeats = documents.filter(pc.field("duplicate_of").is_valid())
    rows = {t: footer.num_rows for t, footer in footers.items()}
    problems = counts("problems", "severity")
    failures = _failures(folder / file_name("problems")) if problems.get("error") else ()
    return Summary(
        out=out, documents=rows["documents"], cases=rows["cases"], measures=rows["measures"],
        indicators=rows["indicators"], numerals=rows["numerals"],
        unresolved=counts("numerals", "disposition").get("unresolved", 0), metrics=counts("indicators", "metric"),
        problems=problems, failed=problems.get("error", 0), reused=reused, unchanged=unchanged,
        digest=footers["documents"].metadata[CONTENTS_KEY].decode(), repeated_documents=repeats.num_rows,
        repeated_indicators=pc.sum(repeats["indicator_count"]).as_py() or 0, failures=failures,
    )  # fmt: skip


def _failures(file: Path) -> tuple[str, ...]:
    """The messages of the first errors, each beginning with its file."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    rows = pq.read_table(file, columns=["source_path", "message"], filters=pc.field("severity") == "error")
    return tuple(told(row["source_path"], row["message"]) for row in rows.slice(0, FAILURES_TOLD).to_pylist())


@dataclass(frozen=True, slots=True)
class _Plan:
    """A build before it begins."""

    found: Sequence[Found]
    rulebook: Rulebook
    encoding: str | None
    columns: Columns
    corrections: Corrections
    jobs: int | None
    """Processes; None for as many as the cluster has CPUs."""
    cache: caching.Cache | None
    engine: Engine = "local"
    address: str | None = None
    lazy: bool = True
    """Whether patterns are compiled when a text asks for them. An analyst's own are tried before any work."""
    limits: Limits = _BY_SIZE

    def state(self) -> str | None:
        """What the dataset will depend on, from the files as they lie; None where one cannot be read, or only from afar, or is too large."""
        try:
            inputs = _Inputs()
            for file in self.found:
                if not isinstance(file.path, Path) or _size(file) > LARGEST_FILE:
                    return None
                inputs.add(file.source_path, file_sha256(file.path))
        except OSError:
            return None
        return _state(self.rulebook, self.encoding, self.columns, self.corrections, inputs)


@dataclass(frozen=True, slots=True)
class _Written:
    state: str
    reused: int
    keys: frozenset[str]


def _plan(
    inputs: Sequence[Path | str],
    rules: Path | None,
    encoding: str | None,
    columns: Columns,
    log: Path | None,
    jobs: int | None,
    cache: Path | None,
    engine: Engine,
    address: str | None,
    limits: Limits,
    follow_links: bool,
) -> _Plan:
    rulebook = load_rulebook(rules)
    found = find(inputs, follow_links)
    corrections = load_corrections(inputs, log)
    if engine == "ray":
        # On another machine the folder of the cache would be another one.
        cache = cache if address is None else None
    elif jobs is None:
        jobs = 1 if sum(_size(f) for f in found) < SMALL else _cores()
    if rules is not None and jobs != 1:
        # A pattern that does not compile is told here; a worker could only die of it. The shipped ones are tested.
        prepare(rulebook)
    kept = caching.Cache(cache, caching.version(rulebook.digest, encoding, columns)) if cache is not None else None
    return _Plan(
        found,
        rulebook,
        encoding,
        columns,
        corrections,
        min(jobs, max(len(found), 1)) if jobs else None,
        kept,
        engine,
        address,
        rules is None or jobs != 1,
        limits,
    )


def _write(plan: _Plan, folder: Path, on_progress: Progress | None) -> _Written:
    """Write tables and data package into `folder`."""
    inputs = _Inputs()
    keys: set[str] = set()
    reused = 0
    collection = _Collection()
    with DatasetWriter(folder) as writer, closing(_results(plan)) as results:
        for i, (file, data) in enumerate(results, 1):
            result = _Result.unpack(data)
            reused += result.reused
            inputs.add(file.source_path, result.sha256)
            if plan.cache is not None:
                keys.add(result.key)
            for batches in collection.batches(result.file_rows):
                writer.append(batches)
            if on_progress is not None:
                on_progress(i, len(plan.found), file.source_path)
        lost_ones = plan.corrections.elsewhere(f.source_path for f in plan.found)
        if lost_ones:
            writer.append({"problems": to_batch("problems", [lost_file(c) for c in lost_ones])})
        files = writer.finish()
    datapackage.write(folder, datapackage.describe(files, plan.rulebook.digest, inputs.hexdigest(), inputs.count))
    return _Written(
        _state(plan.rulebook, plan.encoding, plan.columns, plan.corrections, inputs), reused, frozenset(keys)
    )


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


@dataclass(frozen=True, slots=True)
class _Result:
    """What a worker answers for one file."""

    sha256: str
    """Of the file; empty where it could not be read."""
    key: str
    """In the cache; empty where it has none."""
    reused: bool
    file_rows: FileRows

    @classmethod
    def unpack(cls, data: bytes) -> _Result:
        head = data[:_HEAD].decode()
        if head[128] == _REFUSED:
            raise RuleError(data[_HEAD:].decode())
        return cls(head[:64].strip(), head[64:128].strip(), head[128] == "1", unpack(data[_HEAD:]))


_HEAD = 136
_REFUSED = "!"


def _answer(sha256: str, key: str, reused: bool, file_rows: bytes) -> bytes:
    return f"{sha256:64}{key:64}{int(reused):<8}".encode() + file_rows


def _refused(error: RuleError) -> bytes:
    """The answer of a worker that is the first to ask for a pattern that does not compile."""
    return f"{'':128}{_REFUSED:<8}{error}".encode()


def _results(plan: _Plan) -> Generator[tuple[Found, bytes], None, None]:
    handler = partial(_handler, plan.rulebook, plan.encoding, plan.columns, plan.corrections, plan.cache, plan.lazy)
    setup = partial(_elsewhere, handler, plan.limits)
    if plan.engine == "ray":
        from casextract.build import ray as ray_engine

        yield from ray_engine.ordered(
            setup, _groups(plan.found, RAY_GROUP), plan.jobs, partial(_lost, plan.limits), plan.address
        )
        return
    if not IN_WORKERS:
        handle = handler()
        for found in plan.found:
            yield found, handle(found)
        return
    yield from workers.ordered(setup, _groups(plan.found, GROUP), plan.jobs or 1, partial(_lost, plan.limits))


def _handler(
    rulebook: Rulebook,
    encoding: str | None,
    columns: Columns,
    corrections: Corrections,
    cache: caching.Cache | None,
    lazy: bool,
) -> Callable[[Found], bytes]:
    """What a worker does with a file, the rules compiled once."""
    pipeline = prepare(rulebook, lazy)
    freeze_garbage()

    def handle(found: Found) -> bytes:
        data = _contents(found)
        if data is None:
            # The loader says what is wrong with it; such an answer is never kept.
            return _answer("", "", False, pack(rows_of(load_file(found, encoding, columns), pipeline, corrections)))
        sha256 = hashlib.sha256(data).hexdigest()
        said = corrections_digest(corrections.of_file(found.source_path))
        key = cache.key(found.source_path, sha256, said) if cache is not None else ""
        kept = cache.get(key) if cache is not None else None
        if kept is not None:
            return _answer(sha256, key, True, kept)
        file_rows = rows_of(load_guarded(data, found.source_path, encoding, columns), pipeline, corrections)
        try:
            packed = pack(file_rows)
        except Exception as error:  # One file's rows must not cost the others; the row and the exit code tell of it.
            return _answer(sha256, "", False, pack(problem_rows(failure(found.source_path, None, error, "record"))))
        if cache is not None and file_rows.sound:
            cache.put(key, packed)
        # What a limit cost another build may have: its state is none to come back to.
        return _answer(sha256 if file_rows.complete else "", key, False, packed)

    return handle


def _elsewhere(setup: Callable[[], Callable[[Found], bytes]], limits: Limits) -> Callable[[Found], bytes]:
    """The same in another process, within limits. A rule that does not compile must not take the worker down but reach the one who asked."""
    try:
        handle = setup()
    except RuleError as error:
        refusal = _refused(error)
        return lambda found: refusal

    def fenced(found: Found) -> bytes:
        begin(limits, _size(found))
        try:
            return handle(found)
        except RuleError as error:
            return _refused(error)
        except MemoryError as error:
            # Of a library that keeps the error where the row was to be made.
            end()
            return _answer("", "", False, pack(problem_rows(failure(found.source_path, None, error, "extract"))))
        finally:
            end()

    return fenced


def _contents(found: Found) -> bytes | None:
    """The bytes of a file; None where it cannot be read, or is so large that reading it could take all memory."""
    try:
        return found.path.read_bytes() if found.path.stat().st_size <= LARGEST_FILE else None
    except OSError:
        return None


def _lost(limits: Limits, found: Found, death: workers.Death) -> bytes:
    seconds = limits.seconds_for(_size(found)) if death.out_of_time else None
    return _answer("", "", False, pack(problem_rows(lost(found.source_path, death.how, seconds))))


def _groups(found: Sequence[Found], bytes_each: int) -> Iterator[Sequence[Found]]:
    group: list[Found] = []
    size = 0
    for file in found:
        group.append(file)
        size += _size(file)
        if size >= bytes_each:
            yield group
            group, size = [], 0
    if group:
        yield group


class _Inputs:
    """A digest over the paths and contents of the files read, in order."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.count = 0

    def add(self, source_path: str, sha256: str) -> None:
        self._digest.update(json.dumps([source_path, sha256]).encode() + b"\n")
        self.count += 1

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def _state(
    rulebook: Rulebook, encoding: str | None, columns: Columns, corrections: Corrections, inputs: _Inputs
) -> str:
    """A digest of all that a dataset's bytes depend on."""
    import pyarrow as pa

    version = caching.version(rulebook.digest, encoding, columns)
    return hashlib.sha256(
        json.dumps([version, pa.__version__, corrections.digest(), inputs.hexdigest()]).encode()
    ).hexdigest()


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


def _cores() -> int:
    """The cores this process may use; a container is often given fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _size(found: Found) -> int:
    try:
        return found.path.stat().st_size
    except OSError:
        return 0
