"""What this package raises on purpose: every exception of its own says what is wrong, where, and what to do about it.

Each is defined beside what raises it. The command line prints the message of any of them and ends with its `exit_code`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar


class CasextractError(Exception):
    """What all exceptions of this package are. The message names the place and the remedy, and is meant to be shown."""

    exit_code: ClassVar[int] = 2
    """What a command ends with: 2 for wrong usage or configuration, 1 where the work itself went wrong."""


class WriteError(CasextractError, OSError):
    """Writing failed; what was there before is untouched. The message says what to do."""

    exit_code = 1


class MissingExtraError(CasextractError, ImportError):
    """A package that only some uses need is not installed. The message says how to install it."""


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """Turn a missing package into a MissingExtraError that names the extra it comes with."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"{error.name} is not installed; install it with: pip install 'casextract[{extra}]'"
        ) from error
