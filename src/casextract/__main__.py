"""`casextract` and `python -m casextract`: the command line in a process of its own."""

import errno
import os
import sys


def run() -> None:
    """Run the command that the arguments name. A standard output that cannot be written is one line and exit code 1."""
    _leave_current_folder()
    if sys.argv[1:2] == ["build"]:
        from casextract.build.process_tuning import lean

        lean()
    from casextract.cli import app

    code: object = 0
    try:
        app(prog_name="casextract")
    except SystemExit as end:
        code = end.code
    except OSError as error:
        if error.errno not in _NOT_WRITTEN or error.filename is not None:
            raise
        code = _unwritten(error)
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _unwritten(error)
    raise SystemExit(code)


_NOT_WRITTEN = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def _leave_current_folder() -> None:
    """Import nothing from the current folder, where `python -m` looks first: articles of others may lie there."""
    here = os.getcwd()  # noqa: PTH109 - nothing that is not built in may be imported before
    if sys.path[:1] == [here] and not __file__.startswith(here + os.sep):
        del sys.path[0]


def _unwritten(error: OSError) -> int:
    sys.stderr.write(
        f"casextract: standard output cannot be written ({error.strerror}); make room, or write elsewhere\n"
    )
    # Python would try once more at its end, and complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


if __name__ == "__main__":
    run()
