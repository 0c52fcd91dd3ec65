"""Ask for known weaknesses of what is installed, and keep the list of licences.

    python scripts/audit.py              # pip-audit where the advisory service answers; else the fixes of .ci/advisories.toml
    python scripts/audit.py --licences   # write the licences of requirements.lock into docs/trust.md

Exits with 1 where something installed has a known weakness. Where the service does not answer, the reason is printed, and what is
installed is compared with the first versions without the weaknesses that were known when the file was last looked over.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
ADVISORIES = ROOT / ".ci" / "advisories.toml"
TRUST = ROOT / "docs" / "trust.md"
BEGIN, END = "<!-- licences -->\n", "<!-- end of licences -->\n"

FOR_BUILDING = frozenset({"hatchling", "editables", "packaging", "pathspec", "pluggy", "trove-classifiers"})
"""In the lock to install the checkout itself; nothing of it runs with the package."""

_NAMES = {
    "MIT License": "MIT", "BSD License": "BSD", "Apache Software License": "Apache-2.0", "ISC License": "ISC",
    "Apache License": "Apache-2.0",
}  # fmt: skip


def locked(lock: Path) -> dict[str, str]:
    """The packages of a lock and their versions."""
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


def known_weak(versions: Mapping[str, str]) -> Iterator[str]:
    """What of these versions has a weakness that is kept in the file of advisories."""
    for advisory in tomllib.loads(ADVISORIES.read_text(encoding="utf-8"))["advisory"]:
        version = versions.get(advisory["package"])
        if version is not None and Version(version) < Version(advisory["fixed"]):
            yield f"{advisory['package']} {version}: {advisory['id']} ({advisory['what']}); take {advisory['fixed']} or later"


def licences() -> str:
    """The table of licences of what runs with the package, as the packages state them."""
    rows = ["| package | licence |", "|---|---|"]
    for name in sorted(locked(ROOT / "requirements.lock").keys() - FOR_BUILDING):
        try:
            said = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            # Only for another system: colorama is for Windows.
            rows.append(f"| {name} | not installed on this system |")
            continue
        classified = [c.split(" :: ")[-1] for c in said.get_all("Classifier") or [] if c.startswith("License ::")]
        stated = (
            said.get("License-Expression") or (said.get("License") or "").partition("\n")[0] or ", ".join(classified)
        )
        rows.append(f"| {name} | {_NAMES.get(stated, stated)} |")
    return "\n".join(rows) + "\n"


def main() -> int:
    """Audit, or write the licences."""
    if "--licences" in sys.argv:
        text = TRUST.read_text(encoding="utf-8")
        head, _, rest = text.partition(BEGIN)
        TRUST.write_text(head + BEGIN + licences() + END + rest.partition(END)[2], encoding="utf-8")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "audit.json"
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", "--skip-editable", "--strict", "--format", "json", "--output", str(report)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if report.is_file():
            weak = [
                f"{d['name']} {d['version']}: {v['id']}; take {', '.join(v['fix_versions']) or 'another package'}"
                for d in json.loads(report.read_bytes())["dependencies"]
                for v in d.get("vulns", ())
            ]
            source = "the advisory service"
        else:
            reason = (done.stderr.strip().splitlines() or ["no answer"])[-1]
            print(f"audit: NOT asked of the advisory service: {reason}", file=sys.stderr)
            installed = {d.metadata["Name"].lower().replace("_", "-"): d.version for d in metadata.distributions()}
            weak = list(known_weak(installed))
            checked = tomllib.loads(ADVISORIES.read_text(encoding="utf-8"))["looked_over"]
            source = f".ci/advisories.toml, looked over on {checked}"
    for line in weak:
        print(f"audit: {line}", file=sys.stderr)
    print(f"audit: {len(weak)} known weaknesses by {source}")
    return 1 if weak else 0


if __name__ == "__main__":
    sys.exit(main())
