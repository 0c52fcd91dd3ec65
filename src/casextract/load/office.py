"""Documents of older and other word processors (.doc, .wps, .rtf, .odt), turned into .docx by LibreOffice where it is
installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from casextract.load.source import LoadError

PROGRAMS = ("soffice", "libreoffice")
"""Names of LibreOffice on the path of programs."""

PATIENCE = 180
"""Seconds from which a conversion is given up; LibreOffice starts in two to ten."""


def program() -> str | None:
    """Where LibreOffice is, or None."""
    return next((found for name in PROGRAMS if (found := shutil.which(name)) is not None), None)


def converted(data: bytes, suffix: str, name: str) -> bytes:
    """The .docx that LibreOffice makes of a document; `suffix` tells it the format, `name` is what to call it in
    errors.

    Raises LoadError: `needs_libreoffice` where it is not installed, `broken_file` where it makes nothing of the file.
    """
    office = program()
    if office is None:
        message = (
            f"{name} is read through LibreOffice, which is not installed here: install it (soffice on the PATH), or "
            "save the file as .docx"
        )
        raise LoadError("needs_libreoffice", message)
    with TemporaryDirectory(prefix="casextract-office-") as folder:
        source = Path(folder) / f"document{suffix}"
        source.write_bytes(data)
        # A profile of its own: a LibreOffice that is open would take the work over and give nothing back.
        profile = f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}"
        command = [
            office,
            profile,
            "--headless",
            "--norestore",
            "--convert-to",
            "docx",
            "--outdir",
            folder,
            str(source),
        ]
        try:
            result = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            raise LoadError(
                "broken_file", f"LibreOffice made nothing of it in {PATIENCE} seconds; open it and save it as .docx"
            ) from None
        except OSError as error:
            raise LoadError(
                "needs_libreoffice",
                f"{office} cannot be started ({error.strerror}); repair it, or save the file as .docx",
            ) from None
        made = source.with_suffix(".docx")
        if not made.is_file():
            said = b" ".join((result.stderr or result.stdout).split())[:200].decode("utf-8", "replace")
            raise LoadError(
                "broken_file",
                f"LibreOffice made nothing of it ({said or result.returncode}); open it and save it as .docx",
            )
        return made.read_bytes()
