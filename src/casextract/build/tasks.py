"""What is done with each file, and by whom: in this process, in workers, or on Ray. Answers come in order of path."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from casextract.build import workers
from casextract.build.cache import Cache
from casextract.build.file_rows import pack, problem_rows, rows_of
from casextract.build.guarded import failure, load_guarded, lost
from casextract.build.limits import Limits, begin, end
from casextract.build.options import BuildOptions
from casextract.build.plan import Plan, size_of
from casextract.build.process_tuning import freeze_garbage
from casextract.load import Found, load_file
from casextract.load.dispatch import LARGEST_FILE
from casextract.pipeline import prepare
from casextract.records import Problem
from casextract.review.corrections import Corrections
from casextract.review.corrections import digest as corrections_digest
from casextract.rulebook.loading import Rulebook
from casextract.rulebook.models import RuleError

GROUP = 64 * 2**10
"""A worker takes files together until they have this many bytes."""

RAY_GROUP = 2**20
"""The same for a worker of Ray, for which a batch costs some milliseconds more."""

IN_WORKERS = True
"""Whether files are worked on in processes of their own, one at least, so that none can take the build along. Tests
that put something in the place of a stage turn it off."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker answers for one file."""

    packed: bytes
    """Its rows (`file_rows.unpack`)."""
    sha256: str = ""
    """Of the file; empty where it could not be read, or another build may get other rows of it."""
    key: str = ""
    """In the cache; empty where it has none."""
    reused: bool = False
    """Whether the rows came from the cache."""


Handle = Callable[[Found], Answer | RuleError]
"""Takes a file; gives its rows, or the error of the rules that stops the build."""


def answers(plan: Plan) -> Generator[tuple[Found, Answer], None, None]:
    """Each file of a plan with its rows.

    Raises RuleError where a text is the first to ask for a pattern that does not compile.
    """
    with closing(_asked(plan)) as asked:
        for found, answer in asked:
            if isinstance(answer, RuleError):
                raise answer
            yield found, answer


def _asked(plan: Plan) -> Generator[tuple[Found, Answer | RuleError], None, None]:
    handler = partial(handler_of, plan.rulebook, plan.options, plan.corrections, plan.cache, plan.lazy)
    limits = plan.options.limits
    setup, lost_one = partial(fenced, handler, limits), partial(lost_to, limits)
    if plan.options.engine == "ray":
        from casextract.build import ray as ray_engine

        groups = _groups(plan.found, RAY_GROUP)
        yield from ray_engine.ordered(setup, groups, plan.jobs, lost_one, plan.options.address)
    elif IN_WORKERS:
        yield from workers.ordered(setup, _groups(plan.found, GROUP), plan.jobs or 1, lost_one)
    else:
        handle = handler()
        for found in plan.found:
            yield found, handle(found)


def handler_of(
    rulebook: Rulebook, options: BuildOptions, corrections: Corrections, cache: Cache | None, lazy: bool
) -> Callable[[Found], Answer]:
    """What is done with a file, the rules compiled once."""
    pipeline = prepare(rulebook, lazy)
    freeze_garbage()
    encoding, columns = options.encoding, options.columns

    def handle(found: Found) -> Answer:
        data = _contents(found)
        if data is None:
            # The loader says what is wrong with it; such an answer is never kept.
            return Answer(pack(rows_of(load_file(found, encoding, columns), pipeline, corrections)))
        sha256 = hashlib.sha256(data).hexdigest()
        said = corrections_digest(corrections.of_file(found.source_path))
        key = cache.key(found.source_path, sha256, said) if cache is not None else ""
        kept = cache.get(key) if cache is not None else None
        if kept is not None:
            return Answer(kept, sha256, key, reused=True)
        file_rows = rows_of(load_guarded(data, found.source_path, encoding, columns), pipeline, corrections)
        try:
            packed = pack(file_rows)
        except Exception as error:  # One file's rows must not cost the others; the row and the exit code tell of it.
            return Answer(_row(failure(found.source_path, None, error, "record")), sha256)
        if cache is not None and file_rows.sound:
            cache.put(key, packed)
        # What a limit cost another build may have: its state is none to come back to.
        return Answer(packed, sha256 if file_rows.complete else "", key)

    return handle


def fenced(setup: Callable[[], Callable[[Found], Answer]], limits: Limits) -> Handle:
    """The same in another process, within limits.

    A rule that does not compile must not take the worker down but reach the one who asked.
    """
    try:
        handle = setup()
    except RuleError as error:
        refusal = error
        return lambda found: refusal

    def within_limits(found: Found) -> Answer | RuleError:
        begin(limits, size_of(found))
        try:
            return handle(found)
        except RuleError as error:
            return error
        except MemoryError as error:
            # Of a library that keeps the error where the row was to be made.
            end()
            return Answer(_row(failure(found.source_path, None, error, "extract")))
        finally:
            end()

    return within_limits


def lost_to(limits: Limits, found: Found, death: workers.Death) -> Answer:
    """The answer for a file whose worker died."""
    seconds = limits.seconds_for(size_of(found)) if death.out_of_time else None
    return Answer(_row(lost(found.source_path, death.how, seconds)))


def _row(problem: Problem) -> bytes:
    return pack(problem_rows(problem))


def _contents(found: Found) -> bytes | None:
    """The bytes of a file; None where it cannot be read, or is so large that reading it could take all memory."""
    try:
        return found.path.read_bytes() if found.path.stat().st_size <= LARGEST_FILE else None
    except OSError:
        return None


def _groups(found: Sequence[Found], bytes_each: int) -> Iterator[Sequence[Found]]:
    group: list[Found] = []
    size = 0
    for file in found:
        group.append(file)
        size += size_of(file)
        if size >= bytes_each:
            yield group
            group, size = [], 0
    if group:
        yield group
