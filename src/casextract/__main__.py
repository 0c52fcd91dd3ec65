"""`python -m casextract`."""

from casextract.cli import app

if __name__ == "__main__":
    app(prog_name="casextract")
