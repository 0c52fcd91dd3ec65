"""`casextract` and `python -m casextract`: the command line in a process of its own."""

import sys


def run() -> None:
    """Run the command that the arguments name."""
    if sys.argv[1:2] == ["build"]:
        from casextract.build.process_tuning import lean

        lean()
    from casextract.cli import app

    app(prog_name="casextract")


if __name__ == "__main__":
    run()
