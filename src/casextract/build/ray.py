"""Many machines: Ray Data maps what one worker process does over Arrow batches and gives the results in order.

It takes the place of `workers.ordered` and keeps its promises. The driver writes the tables, because what joins
documents (distinct identifiers, repeats) goes by their order; so the dataset is the one that a single process writes.
The files are read inside the map and not by a Ray datasource, for which one file that cannot be read would fail all
others.
"""

from __future__ import annotations

import logging
import os
import pickle
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from casextract.build.process_tuning import admit, lean
from casextract.build.workers import Death, Handle, Lost, Setup
from casextract.errors import CasextractError

if TYPE_CHECKING:
    import pyarrow as pa

_DIED = Death("Ray lost its worker twice")


class RayError(CasextractError, RuntimeError):
    """Ray cannot be used (usage, exit code 2). The message says why and what to do."""


def ordered(
    setup: Setup,
    tasks: Iterable[Sequence[Any]],
    jobs: int | None,
    lost: Lost,
    address: str | None = None,
) -> Iterator[tuple[Any, Any]]:
    """Each task with its result, in order, as `workers.ordered` gives them.

    A group of `tasks` is one batch for Ray. `jobs` is the number of workers (None: one for each CPU of the cluster),
    `address` that of a running cluster (None: Ray is started on this machine and stopped at the end). Where a worker
    dies, the tasks of its batch are tried again one by one, and the one that kills its worker again is `lost`.

    Raises RayError where Ray is missing or the cluster cannot be reached.
    """
    groups = [list(group) for group in tasks]
    with _session(jobs, address) as ray:
        made = ray.cloudpickle.dumps(setup)
        missing: list[Any] = []
        for task, result in _mapped(made, groups, jobs):
            if result is None:
                missing.append(task)
                continue
            yield from _singly(made, missing, jobs, lost)
            missing = []
            yield task, pickle.loads(result)
        yield from _singly(made, missing, jobs, lost)


def _singly(setup: bytes, tasks: Sequence[Any], jobs: int | None, lost: Lost) -> Iterator[tuple[Any, Any]]:
    """The tasks of a lost batch once more, each a batch of its own."""
    for task, result in _mapped(setup, [[t] for t in tasks], jobs) if tasks else ():
        yield task, lost(task, _DIED) if result is None else pickle.loads(result)


def _mapped(setup: bytes, groups: Sequence[Sequence[Any]], jobs: int | None) -> Iterator[tuple[Any, bytes | None]]:
    """Each task in order with its result, or with None where its batch was lost."""
    import pyarrow as pa
    import ray.data

    tables: list[pa.Table] = []
    count = 0
    for group in groups:
        numbers = pa.array(range(count, count + len(group)), pa.int64())
        tables.append(pa.table({"number": numbers, "task": pa.array(map(pickle.dumps, group), pa.large_binary())}))
        count += len(group)
    if not tables:
        return
    # A task that takes its worker down is given one more try; without a limit it would take down one after the other.
    source = ray.data.from_arrow(tables)
    # Set up anew by Ray with the first dataset: one line on stderr for each step.
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # Ray has no other name for `max_retries` yet; pyproject.toml stays below the version that takes this one away.
        warnings.filterwarnings("ignore", message="`ray_remote_args` is deprecated")
        mapped = source.map_batches(
            work,
            batch_size=None,
            batch_format="pyarrow",
            zero_copy_batch=True,
            fn_args=(setup,),
            num_cpus=1,
            max_retries=1,
            **({"concurrency": jobs} if jobs is not None else {}),
        )
    results = (
        (number.as_py(), result.as_py())
        for batch in mapped.iter_batches(batch_size=None, batch_format="pyarrow")
        for number, result in zip(batch["number"], batch["result"], strict=True)
    )
    done = next(results, None)
    for number, task in enumerate(task for group in groups for task in group):
        if done is not None and done[0] == number:
            yield task, done[1]
            done = next(results, None)
        else:
            yield task, None


def work(batch: pa.Table, setup: bytes) -> pa.Table:
    """What a Ray worker does with a batch: the column `task` becomes the column `result`, both pickled."""
    import pyarrow as pa

    handle = _handle(setup)
    results = [pickle.dumps(handle(pickle.loads(task.as_py()))) for task in batch["task"]]
    return pa.table({"number": batch["number"], "result": pa.array(results, pa.large_binary())})


@cache
def _handle(setup: bytes) -> Handle:
    """The rules compiled once in each worker process."""
    lean(others=True)
    made: Handle = pickle.loads(setup)()
    return made


@contextmanager
def _session(jobs: int | None, address: str | None) -> Iterator[Any]:
    """Ray, its own noise turned down; one that was running already is used as it is and left running."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Ray Data imports pandas.
    admit()
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise RayError("Ray is not installed; pip install 'casextract[ray]'") from error
    own = not ray.is_initialized()
    if own:
        try:
            if address is None:
                ray.init(num_cpus=jobs, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
            else:
                ray.init(address=address, log_to_driver=False, logging_level="ERROR")
        except (ConnectionError, ValueError, RuntimeError) as error:
            reason = " ".join(str(error).split())[:300]
            raise RayError(f"no Ray cluster at {address or 'this machine'} ({reason}); check --address") from error
    context = ray.data.DataContext.get_current()
    former = (context.execution_options.preserve_order, context.max_errored_blocks, context.enable_progress_bars)
    try:
        context.execution_options.preserve_order = True
        # A batch whose worker died must not cost the others; `ordered` sees that it is missing.
        context.max_errored_blocks = -1
        context.enable_progress_bars = False
        yield ray
    finally:
        context.execution_options.preserve_order, context.max_errored_blocks, context.enable_progress_bars = former
        if own:
            ray.shutdown()
