"""Worker processes: `ordered` maps tasks to bytes over several of them and gives the results in the order of the tasks.

A worker is a Python of its own that is spoken to through its standard input and output: nothing is forked (threads of
Arrow would not survive it) and the caller's main module is not imported again, so that a plain script or a notebook may
call `build`. A worker that dies costs the task it was at; the next task gets a new worker.
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
from itertools import islice
from queue import SimpleQueue
from typing import Any, BinaryIO

from casextract.build.process_tuning import lean
from casextract.errors import CasextractError

Handle = Callable[[Any], bytes]
"""What a worker does with a task."""

Setup = Callable[[], Handle]
"""Made once in each worker. Must pickle: a function of a module, or a `functools.partial` of one."""

_LENGTH = 8
_BOOT = "import sys, pickle; sys.path[:] = pickle.load(sys.stdin.buffer); from casextract.build.workers import serve; serve()"


class WorkerError(CasextractError, RuntimeError):
    """Workers die before they have done anything: the fault is not in a task."""

    exit_code = 1


def ordered(
    setup: Setup, tasks: Iterable[Sequence[Any]], jobs: int, lost: Callable[[Any, str], bytes]
) -> Iterator[tuple[Any, bytes]]:
    """Each task with its result, in order.

    `tasks` come in groups, each of which one worker takes as a whole (so that small tasks do not cost a round trip each). Only
    a few groups are under way at a time, however slow the reader of the results is. `lost(task, how)` gives the result of a
    task whose worker died.

    Raises WorkerError where a worker dies before it is ready.
    """
    free: SimpleQueue[_Worker] = SimpleQueue()
    workers = [_Worker(setup) for _ in range(jobs)]
    groups = iter(tasks)
    under_way: deque[tuple[Sequence[Any], Future[list[bytes]]]] = deque()
    with ThreadPoolExecutor(jobs) as threads:
        try:
            for worker in workers:
                free.put(worker)

            def handle(group: Sequence[Any]) -> list[bytes]:
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
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def call(self, task: Any, lost: Callable[[Any, str], bytes]) -> bytes:
        if self._stopped:
            raise WorkerError("the build was given up")
        if self._process is None:
            self._process = self._start()
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            _send(process.stdin, pickle.dumps(task))
            return _receive(process.stdout)
        except (EOFError, BrokenPipeError):
            self._process = None
            return lost(task, _how(_ended(process)))

    def stop(self) -> None:
        self._stopped = True
        if self._process is not None:
            self._process.kill()
            _ended(self._process)

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-c", _BOOT], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(pickle.dumps(sys.path))
            _send(process.stdin, pickle.dumps(self._setup))
            _receive(process.stdout)
        except (EOFError, BrokenPipeError) as error:
            how = _how(_ended(process))
            raise WorkerError(f"a worker process died before it was ready ({how}); see its message above") from error
        return process


def serve() -> None:
    """What a worker runs: a task from standard input, its result to standard output, until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lean()
    tasks = sys.stdin.buffer
    # What a library prints must not get among the results.
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    handle: Handle = pickle.loads(_receive(tasks))()
    result = b"ready"
    while True:
        try:
            _send(results, result)
            task = _receive(tasks)
        except (EOFError, BrokenPipeError):
            # The one that asked is gone; nobody is left to tell, and closing must not raise again.
            os._exit(0)
        result = handle(pickle.loads(task))


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Wait for a process that ends, and let go of its pipes; its exit code."""
    code = process.wait()
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        # What was still to be sent has nowhere to go.
        with suppress(BrokenPipeError):
            pipe.close()
    return code


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
