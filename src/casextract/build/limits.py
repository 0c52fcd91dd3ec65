"""How much one file may cost: processor time, time by the clock and memory. The kernel keeps watch over the worker.

A worker sets the limits upon itself before each file (`begin`) and lifts them behind it (`end`). What runs into a limit
of time is killed by a signal that says which one; what runs into the limit of memory is refused more. So the fence
holds inside of any parser, without anybody looking on. Where a system knows no such limits (Windows), there are none.
"""

from __future__ import annotations

import math
import signal
import time
from dataclasses import dataclass

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

SECONDS = 12.0
"""Processor time of a file, plus `SECONDS_PER_MEBIBYTE`. A text of a mebibyte takes 3 s, a scan in PDF less than a
second."""

SECONDS_PER_MEBIBYTE = 15.0

BY_THE_CLOCK = 5
"""As many times the processor time a file may take by the clock, so that a machine with much else to do fails none."""

MEMORY = 800 << 20
"""Bytes that a file may take beside what its worker has already (some 150 MiB; what reads pictures takes 500), plus
`MEMORY_PER_BYTE` for each of its own."""

MEMORY_PER_BYTE = 4

START = 300
"""Seconds by the clock in which a worker must be ready."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost; None: by its size, 0: without a limit."""

    seconds: float | None = None
    """Of processor time."""
    memory: int | None = None
    """Bytes."""

    def seconds_for(self, size: int) -> float:
        """Processor time of a file of `size` bytes; 0 for no limit."""
        return self.seconds if self.seconds is not None else SECONDS + SECONDS_PER_MEBIBYTE * size / 2**20

    def memory_for(self, size: int) -> int:
        """Bytes of memory for a file of `size` bytes; 0 for no limit."""
        return self.memory if self.memory is not None else MEMORY + MEMORY_PER_BYTE * size


BY_SIZE = Limits()


def starting() -> None:
    """What a worker calls first: it leaves no core behind, and one that never gets ready ends."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, START)


def begin(limits: Limits, size: int) -> None:
    """Limit this process for a file of `size` bytes, until `end`."""
    if resource is None:
        return
    seconds, memory = limits.seconds_for(size), limits.memory_for(size)
    if seconds:
        _set(resource.RLIMIT_CPU, math.ceil(time.process_time() + seconds))
        signal.setitimer(signal.ITIMER_REAL, seconds * BY_THE_CLOCK)
    held = _held() if memory else None
    if held is not None:
        _set(resource.RLIMIT_DATA, held + memory)


def end() -> None:
    """Lift the limits."""
    if resource is None:
        return
    signal.setitimer(signal.ITIMER_REAL, 0)
    for which in (resource.RLIMIT_CPU, resource.RLIMIT_DATA):
        _set(which, resource.RLIM_INFINITY)


def _set(which: int, value: int) -> None:
    """Set the soft limit; the hard one, which cannot be raised again, stays and bounds it."""
    _, hard = resource.getrlimit(which)
    resource.setrlimit(
        which,
        (
            value if hard == resource.RLIM_INFINITY else min(value, hard) if value != resource.RLIM_INFINITY else hard,
            hard,
        ),
    )


def _held() -> int | None:
    """Bytes of data that this process has; None where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - a path costs more than the reading
            return int(file.read().split()[5]) * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        return None
