"""Feeds builds with mutated articles and looks for what is unaccounted for: `python scripts/fuzz.py --minutes 10`.

Seeds are the files below data/raw. A mutation knows what it mutates: lines, numerals and marks of a text, tags and attributes of a
page, the members of a package and the tags in them; anything else is changed by bytes. Every input must come out as an article or as
a row of `problems`, the dataset must verify, and every record must fill its span. A fault of casextract (`stage_failed`,
`worker_died`, an `invalid_` record) or a met limit is a finding, and its input is kept. The exit code is 1 where an input is
unaccounted for.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.dataset.read import Dataset

RAW = Path(__file__).parents[1] / "data" / "raw"
FINDINGS = ("stage_failed", "worker_died", "time_limit", "memory_limit", "invalid_", "pattern_timeout")
SNIPPETS = (
    "12%", "五百余张", "3.5万元", "1,234,567人次", "一、", "(二)", "①", "❶", "第三、", "2023年", "去年底", "每人每月", "由30下降到20",
    "目录", "〇〇〇", "½", "３００", "萬", "\u202e", "\u200b", "\x00", "\x1b[31m", "\ufeff", "\u3000", "\t", "\n\n", "。", ";", "“", "》",
    "(" * 40, " " * 200, "\n" * 60, "一" * 80, "9" * 60, "%", "青原县", "某区", "\ud7ff", "𠀀", "-", "~", "至", "以上", "近", "多",
)  # fmt: skip
TAGS = (
    "div",
    "p",
    "table",
    "tr",
    "td",
    "th",
    "h1",
    "h3",
    "li",
    "ol",
    "ul",
    "figure",
    "figcaption",
    "caption",
    "span",
    "sup",
    "pre",
)


def mutate_text(text: str, random: random.Random) -> str:
    """A text with snippets put in, lines doubled, cut and exchanged, and digits changed."""
    for _ in range(random.randint(1, 8)):
        at = random.randrange(len(text) + 1)
        match random.randrange(6):
            case 0 | 1:
                text = text[:at] + random.choice(SNIPPETS) * random.choice((1, 1, 1, 30)) + text[at:]
            case 2:
                text = text[:at] + text[at + random.randint(1, 200) :]
            case 3:
                lines = text.split("\n")
                lines.insert(random.randrange(len(lines) + 1), random.choice(lines))
                text = "\n".join(lines)
            case 4:
                text = re.sub(r"\d", lambda m: random.choice("0123456789零〇."), text, count=random.randint(1, 20))
            case _:
                text = text[:at] + text[max(0, at - random.randint(1, 500)) : at] * 2 + text[at:]
    return text[:300_000]


def mutate_markup(text: str, random: random.Random) -> str:
    """Markup with elements opened, closed, nested and crowded, and its text mutated as well."""
    for _ in range(random.randint(1, 6)):
        borders = [m.end() for m in re.finditer(">", text)] or [len(text)]
        at, tag = random.choice(borders), random.choice(TAGS)
        piece = random.choice(
            (f"<{tag}>", f"</{tag}>", f"<{tag}>" * 50, f"<{tag} rowspan='9' colspan='0' style='display:none'>", "<!--", "-->",
             "&#55357;", "&#0;", "&nbsp;" * 50, f"<{tag}>{random.choice(SNIPPETS)}</{tag}>")
        )  # fmt: skip
        text = text[:at] + piece + text[at:]
    return mutate_text(text, random) if random.random() < 0.5 else text


def mutate_bytes(data: bytes, random: random.Random) -> bytes:
    """Bytes changed, cut out and doubled."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 12)):
        at = random.randrange(len(changed) + 1)
        match random.randrange(3):
            case 0:
                changed[at : at + 1] = random.randbytes(1)
            case 1:
                del changed[at : at + random.randint(1, 64)]
            case _:
                changed[at:at] = changed[at : at + random.randint(1, 64)]
    return bytes(changed)


def mutate_package(data: bytes, random: random.Random) -> bytes:
    """A package with one of its members mutated, as markup where it is markup."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        members = {i.filename: package.read(i) for i in package.infolist()}
    name = random.choice(sorted(members))
    content = members[name]
    try:
        text = content.decode()
        members[name] = mutate_markup(text, random).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        members[name] = mutate_bytes(content, random)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for n, c in members.items():
            package.writestr(
                zipfile.ZipInfo(random.choice((n, n, n, n, "")) if n == name else n), c, zipfile.ZIP_DEFLATED
            )
    return file.getvalue()


def mutated(seed: Path, random: random.Random) -> bytes:
    """One mutation of a seed."""
    data = seed.read_bytes()
    as_text: dict[str, Callable[[str, random.Random], str]] = {
        ".txt": mutate_text, ".md": mutate_text, ".csv": mutate_text, ".html": mutate_markup, ".htm": mutate_markup, ".mhtml": mutate_markup,
    }  # fmt: skip
    change = as_text.get(seed.suffix.lower())
    if change is not None and random.random() < 0.9:
        try:
            return change(data.decode(), random).encode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return mutate_bytes(data, random)
    if data.startswith(b"PK\x03\x04") and random.random() < 0.8:
        return mutate_package(data, random)
    return mutate_bytes(data, random)


def unaccounted(folder: Path, out: Path, seen: Counter[str]) -> dict[str, str]:
    """Build the inputs of a folder; those that nothing accounts for, and the findings, by name."""
    build([folder], out, BuildOptions(cache=False, jobs=1, allow_empty=True))
    dataset = Dataset.open(out)
    wrong: dict[str, str] = dict.fromkeys((p.name for p in folder.iterdir()), "unaccounted")
    for document in dataset.documents.records():
        wrong.pop(document.source_path.partition("!/")[0], None)
        seen["articles"] += 1
    texts = {d.doc_id: d for d in dataset.documents.records()}
    for row in dataset.problems.records():
        name = row.source_path.partition("!/")[0]
        seen[row.code] += 1
        if row.code.startswith(FINDINGS):
            wrong[name] = f"finding: {row.message[:300]}"
        elif row.severity == "error" or wrong.get(name) == "unaccounted":
            wrong.pop(name, None)
    for indicator in dataset.indicators.records():
        document = texts[indicator.doc_id]
        if document.text[indicator.start : indicator.end] != indicator.text:
            wrong[document.source_path] = f"unaccounted: {indicator.indicator_id} does not fill its span"
    for fault in dataset.verify():
        wrong[f"the dataset ({fault})"] = "unaccounted"
    return wrong


def main() -> int:
    """Run, and say what was found."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=10)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--batch", type=int, default=40, help="Inputs of one build.")
    arguments.add_argument("--keep", type=Path, default=Path("fuzz-findings"), help="Folder for inputs with findings.")
    given = arguments.parse_args()
    chance = random.Random(given.seed)
    seeds = sorted(p for p in RAW.rglob("*") if p.is_file() and not p.name.startswith("."))
    ends, inputs, seen = time.monotonic() + given.minutes * 60, 0, Counter[str]()
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="casextract-fuzz-") as work:
        while time.monotonic() < ends:
            folder = Path(work) / f"{inputs:07}"
            folder.mkdir()
            for _ in range(given.batch):
                seed = chance.choice(seeds)
                (folder / f"{inputs:07}{seed.suffix}").write_bytes(mutated(seed, chance))
                inputs += 1
            for name, what in unaccounted(folder, Path(work) / "out", seen).items():
                found[name] = what
                given.keep.mkdir(parents=True, exist_ok=True)
                if (folder / name).is_file():
                    (given.keep / name).write_bytes((folder / name).read_bytes())
                print(f"{name}: {what}", file=sys.stderr)
    lost = sum(what.startswith("unaccounted") for what in found.values())
    print(f"{inputs:,} inputs of {len(seeds)} seeds, {len(found) - lost} findings, {lost} unaccounted")
    print(", ".join(f"{n:,} {code}" for code, n in seen.most_common()))
    return 1 if lost else 0


if __name__ == "__main__":
    raise SystemExit(main())
