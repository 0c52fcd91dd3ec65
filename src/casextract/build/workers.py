"""Worker processes: `ordered` maps tasks to results over several of them and gives the results in the order of the
tasks.

A worker is a Python of its own that is spoken to through its standard input and output: nothing is forked (threads of
Arrow would not survive it) and the caller's main module is not imported again, so that a plain script or a notebook may
call `build`. A worker that dies costs the task it was at; the next task gets a new worker.

A worker is isolated (`python -I`): it imports nothing from the current folder, where the articles may lie.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO

from casextract.build import limits
from casextract.build.process_tuning import lean
from casextract.errors import CasextractError

Handle = Callable[[Any], Any]
"""What a worker does with a task. Tasks and results must pickle."""

Setup = Callable[[], Handle]
"""Made once in each worker. Must pickle: a function of a module, or a `functools.partial` of one."""


@dataclass(frozen=True, slots=True)
class Death:
    """How a worker died."""

    how: str
    """The name of the signal, or the exit code; and whether the worker had been set up."""
    out_of_time: bool = False
    """Whether a limit of time killed it."""


_TIMERS = frozenset(("SIGXCPU", "SIGALRM"))

Lost = Callable[[Any, Death], Any]
"""The result of a task whose worker died."""

_LENGTH = 8
_BOOT = (
    "import sys, pickle; sys.path[:] = pickle.load(sys.stdin.buffer); from casextract.build.workers import serve; "
    "serve()"
)
_TRIES = 2
"""Workers that are started for one task."""

_STARTS = 4
"""After so many in a row that never got ready, no more are started: the fault is in no task."""


class WorkerError(CasextractError, RuntimeError):
    """The build was given up while a task waited for a worker."""

    exit_code = 1


def ordered(setup: Setup, tasks: Iterable[Sequence[Any]], jobs: int, lost: Lost) -> Iterator[tuple[Any, Any]]:
    """Each task with its result, in order.

    `tasks` come in groups, each of which one worker takes as a whole (so that small tasks do not cost a round trip
    each). Only a few groups are under way at a time, however slow the reader of the results is. `lost(task, death)`
    gives the result of a task whose worker died, be it before it was ready.
    """
    free: SimpleQueue[_Worker] = SimpleQueue()
    workers = [_Worker(setup) for _ in range(jobs)]
    groups = iter(tasks)
    under_way: deque[tuple[Sequence[Any], Future[list[Any]]]] = deque()
    with ThreadPoolExecutor(jobs) as threads:
        try:
            for worker in workers:
                free.put(worker)

            def handle(group: Sequence[Any]) -> list[Any]:
                worker = free.get()
                try:
                    return [worker.call(task, lost) for task in group]
                finally:
                    free.put(worker)

            while True:
                for group in islice(groups, 3 * jobs - len(under_way)):
                    under_way.append((group, threads.submit(handle, group)))
                if not under_way:
                    return
                group, future = under_way.popleft()
                yield from zip(group, future.result(), strict=True)
        finally:
            for _, future in under_way:
                future.cancel()
            for worker in workers:
                worker.stop()


class _Worker:
    """One worker process, begun with its first task and again after each death."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._process: _Process | None = None
        self._stopped = False
        self._failed_starts: list[Death] = []

    def call(self, task: Any, lost: Lost) -> Any:
        if self._stopped:
            raise WorkerError("the build was given up")
        # A start that failed says nothing of the task: it is given another.
        for _ in range(_TRIES):
            if self._process is None:
                self._start()
        if self._process is None:
            return lost(task, self._failed_starts[-1])
        try:
            self._process.send(pickle.dumps(task))
            return pickle.loads(self._process.receive())
        except (EOFError, BrokenPipeError):
            process, self._process = self._process, None
            how = _how(process.end())
            return lost(task, Death(how, out_of_time=how in _TIMERS))

    def _start(self) -> None:
        if len(self._failed_starts) == _STARTS:
            return
        process = _Process()
        try:
            process.send(pickle.dumps(self._setup))
            process.receive()
        except (EOFError, BrokenPipeError):
            self._failed_starts.append(Death(f"{_how(process.end())}, before it was ready"))
            return
        self._process, self._failed_starts = process, []

    def stop(self) -> None:
        self._stopped = True
        if self._process is not None:
            self._process.kill()
            self._process.end()


class _Process:
    """A Python that runs `serve`, and its pipes."""

    def __init__(self) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-I", "-c", _BOOT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        if self._popen.stdin is None or self._popen.stdout is None:
            raise WorkerError("the system gave a worker process no pipes")
        self._tasks, self._results = self._popen.stdin, self._popen.stdout
        # One that is dead already is noticed when it is asked to get ready.
        with suppress(BrokenPipeError):
            self._tasks.write(pickle.dumps(search_path()))

    def send(self, data: bytes) -> None:
        _send(self._tasks, data)

    def receive(self) -> bytes:
        return _receive(self._results)

    def kill(self) -> None:
        self._popen.kill()

    def end(self) -> int:
        """Wait for a process that ends, and let go of its pipes; its exit code."""
        code = self._popen.wait()
        for pipe in (self._tasks, self._results):
            # What was still to be sent has nowhere to go.
            with suppress(BrokenPipeError):
                pipe.close()
        return code


def search_path() -> list[str]:
    """Where a worker looks for modules: where this process does, but for the current folder, unless the package itself
    lies there."""
    try:
        here = Path.cwd().resolve()
    except FileNotFoundError:
        # It was removed.
        return [p for p in sys.path if Path(p).is_absolute()]
    home = Path(__file__).resolve().parents[2]
    return [p for p in sys.path if p and ((folder := Path(p).resolve()) == home or folder != here)]


def serve() -> None:
    """What a worker runs: a task from standard input, its result to standard output, until the input ends."""
    limits.starting()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lean()
    tasks = sys.stdin.buffer
    # What a library prints must not get among the results.
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    handle: Handle = pickle.loads(_receive(tasks))()
    limits.end()
    result = b"ready"
    while True:
        try:
            _send(results, result)
            task = _receive(tasks)
        except (EOFError, BrokenPipeError):
            # The one that asked is gone; nobody is left to tell, and closing must not raise again.
            os._exit(0)
        result = pickle.dumps(handle(pickle.loads(task)))


def _send(stream: BinaryIO | Any, data: bytes) -> None:
    stream.write(len(data).to_bytes(_LENGTH, "big"))
    stream.write(data)
    stream.flush()


def _receive(stream: BinaryIO | Any) -> bytes:
    length = stream.read(_LENGTH)
    if len(length) < _LENGTH:
        raise EOFError
    data: bytes = stream.read(int.from_bytes(length, "big"))
    if len(data) < int.from_bytes(length, "big"):
        raise EOFError
    return data


def _how(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
