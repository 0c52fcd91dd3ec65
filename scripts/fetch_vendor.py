#!/usr/bin/env python3
"""Take the libraries of the report page from the npm registry, at the versions of src/casextract/reports/static/vendor/README.md.

    python scripts/fetch_vendor.py

Needs npm. The page's tests say whether it still works with what was taken.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "src" / "casextract" / "reports" / "static" / "vendor"
INSIDE = {
    "vega": ["build/vega.min.js"],
    "vega-lite": ["build/vega-lite.min.js"],
    "tabulator-tables": ["dist/js/tabulator.min.js", "dist/css/tabulator.min.css"],
}
_ROW = re.compile(r"^\| .*? \| ([a-z-]+) \| ([0-9.]+) \|", re.MULTILINE)
_SOURCE_MAP = re.compile(rb"\s*(?://# sourceMappingURL=\S*|/\*# sourceMappingURL=\S* ?\*/)\s*$")


def versions(page: str) -> dict[str, str]:
    """The packages and versions that the table names."""
    return {name: version for name, version in _ROW.findall(page) if name in INSIDE}


def fetch(name: str, version: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["npm", "pack", "--silent", f"{name}@{version}"], cwd=folder, check=True, capture_output=True, text=True
        ).stdout.strip()
        with tarfile.open(Path(folder) / packed) as archive:
            for inside in INSIDE[name]:
                (VENDOR / Path(inside).name).write_bytes(_SOURCE_MAP.sub(b"\n", _read(archive, inside)))
            (VENDOR / f"{name}.LICENSE.txt").write_bytes(_read(archive, "LICENSE"))


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(f"package/{name}")
    if member is None:
        raise SystemExit(f"{name} is not in the package any more; correct INSIDE")
    return member.read()


if __name__ == "__main__":
    for name, version in versions((VENDOR / "README.md").read_text("utf-8")).items():
        fetch(name, version)
        print(name, version, file=sys.stderr)
