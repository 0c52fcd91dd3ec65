#!/usr/bin/env python3
"""Compare with general recognisers on the same annotated sentences: Recognizers-Text and JioNLP.

    python scripts/peers.py [--write] [--json FILE]

Both are installed into an environment made for the run and thrown away; the project never depends on them. Counted is what is
found of the annotated indicators: a number is found where a result touches an annotated span and has its value in base units;
number and unit are found where the unit is the same as well, after the peers' English names are translated. Every other
result is wrong. `--write` puts the table into `docs/peers.md`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]
# Recognizers-Text imports a name that later releases of emoji do not have.
PACKAGES = ("recognizers-text-suite", "emoji<2", "jionlp")
NAMES = {"recognizers": "Recognizers-Text", "jionlp": "JioNLP", "casextract": "casextract"}
UNITS = {
    "Chinese yuan": "元", "Hong Kong dollar": "元", "United States dollar": "元", "Macanese pataca": "元",
    "New Taiwan dollar": "元", "Year": "岁", "Meter": "米", "Kilometer": "公里", "Square meter": "平方米",
    "Square kilometer": "平方公里", "Mu": "亩", "Hectare": "公顷", "Ton": "吨", "Kilogram": "公斤", "Percentage": "%",
}  # fmt: skip
SPANS = {
    "year": "年",
    "month": "个月",
    "day": "天",
    "workday": "工作日",
    "hour": "小时",
    "minute": "分钟",
    "second": "秒",
    "week": "周",
}
SECONDS = {"年": 31536000, "个月": 2592000, "周": 604800, "天": 86400, "小时": 3600, "分钟": 60, "秒": 1}
SAME = {"周岁": "岁", "月": "个月", "日": "天", "千米": "公里", "里": "公里"}

Result = dict[str, Any]
"""`start`, `end`, `value` (base units) and `unit` (None where the peer names none)."""


def recognizers(text: str) -> list[Result]:
    """All models of Recognizers-Text that read quantities; a result inside a longer one is left out."""
    number, with_unit, dates, culture = (
        importlib.import_module(f"recognizers_{m}") for m in ("number", "number_with_unit", "date_time", "text")
    )
    found: list[Result] = []
    chinese = culture.Culture.Chinese
    for read in (
        number.recognize_number, number.recognize_percentage, with_unit.recognize_currency,
        with_unit.recognize_dimension, with_unit.recognize_age, with_unit.recognize_temperature,
    ):  # fmt: skip
        for r in read(text, chinese):
            resolution = r.resolution or {}
            value = str(resolution.get("value") or "")
            unit = "%" if value.endswith("%") else UNITS.get(resolution.get("unit", ""), resolution.get("unit"))
            found.append({"start": r.start, "end": r.end + 1, "value": _float(value.rstrip("%")), "unit": unit})
    for r in dates.recognize_datetime(text, chinese):
        if r.type_name.endswith("duration"):
            seconds = _float(str(((r.resolution or {}).get("values") or [{}])[0].get("value", "")))
            unit = next((u for u in SECONDS if r.text.endswith((u, u[-1]))), None)
            value = seconds / SECONDS[unit] if seconds is not None and unit else None
            found.append({"start": r.start, "end": r.end + 1, "value": value, "unit": unit})
    return _outermost(found)


def jionlp(text: str) -> list[Result]:
    """What JioNLP reads of quantities: money and lengths of time."""
    ner = importlib.import_module("jionlp").ner
    found: list[Result] = []
    for m in ner.extract_money(text, with_parsing=True) or []:
        number = (m.get("detail") or {}).get("num")
        low = number[0] if isinstance(number, list) else number
        found.append({"start": m["offset"][0], "end": m["offset"][1], "value": _float(low), "unit": "元"})
    for t in ner.extract_time(text, with_parsing=True) or []:
        if t.get("type") != "time_delta":
            continue
        lengths = (t.get("detail") or {}).get("time") or {}
        for name, amount in (lengths[0] if isinstance(lengths, list) else lengths).items():
            low = amount[0] if isinstance(amount, list) else amount
            found.append(
                {"start": t["offset"][0], "end": t["offset"][1], "value": _float(low), "unit": SPANS.get(name)}
            )
            break
    return _outermost(found)


def casextract(text: str) -> list[Result]:
    """The indicators of this project."""
    api = importlib.import_module("casextract")
    return [
        {"start": i.start, "end": i.end, "value": i.value, "unit": i.unit} for i in api.extract_text(text).indicators
    ]


def _float(written: Any) -> float | None:
    try:
        return float(written)
    except (TypeError, ValueError):
        return None


def _outermost(found: list[Result]) -> list[Result]:
    kept: list[Result] = []
    for r in sorted(found, key=lambda r: (r["start"] - r["end"], r["unit"] is None, r["start"])):
        if not any(k["start"] <= r["start"] and r["end"] <= k["end"] for k in kept):
            kept.append(r)
    return sorted(kept, key=lambda r: r["start"])


def work(name: str) -> None:
    """In the peer's environment: texts from standard input as JSON, results and seconds to standard output."""
    texts = json.load(sys.stdin)
    read: Callable[[str], list[Result]] = {"recognizers": recognizers, "jionlp": jionlp, "casextract": casextract}[name]
    # What a library prints must not get among the results.
    with redirect_stdout(sys.stderr):
        read("新建助餐点12个,投入30万元。")
        begin = time.process_time()
        results = []
        raised = 0
        for text in texts:
            found: list[Result] = []
            # Paragraph by paragraph: whole articles take some of the peers minutes.
            for at, part in _parts(text, name):
                try:
                    found += [r | {"start": r["start"] + at, "end": r["end"] + at} for r in read(part)]
                except (ValueError, LookupError, AttributeError, TypeError):
                    if name == "casextract":
                        raise
                    raised += 1
            results.append(found)
        seconds = time.process_time() - begin
    json.dump({"results": results, "seconds": seconds, "raised": raised}, sys.stdout)


def _parts(text: str, name: str) -> Iterator[tuple[int, str]]:
    if name == "casextract":
        yield 0, text
        return
    at = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            yield at, line
        at += len(line)


def annotated(folder: Path, texts: Path) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The annotated texts with their indicators."""
    documents = []
    for path in sorted(folder.glob("*.json")):
        gold = json.loads(path.read_text(encoding="utf-8"))
        low, high = gold.get("range") or (0, None)
        text = (texts / f"{path.stem}.txt").read_text(encoding="utf-8")
        # Before the range nothing is annotated: blanks keep the offsets.
        cut = " " * low + text[low:high]
        documents.append((cut, [i for i in gold["indicators"] if i["start"] >= low]))
    return documents


def score(
    results: Sequence[Sequence[Result]], gold: Sequence[Sequence[Mapping[str, Any]]]
) -> dict[str, tuple[float, float, float]]:
    """Precision, recall and F1 of the number alone and of number and unit; optional annotations cost neither way."""
    figures = {}
    for figure in ("number", "number and unit"):
        tp = fp = fn = 0
        for found, wanted in zip(results, gold, strict=True):
            used: set[int] = set()
            for g in wanted:
                hit = next((n for n, r in enumerate(found) if n not in used and _matches(r, g, figure)), None)
                if hit is not None:
                    used.add(hit)
                if g.get("core", True):
                    tp += hit is not None
                    fn += hit is None
            optional = [g for g in wanted if not g.get("core", True)]
            fp += sum(
                n not in used and not any(r["start"] < g["end"] and g["start"] < r["end"] for g in optional)
                for n, r in enumerate(found)
            )
        p, r_ = tp / max(tp + fp, 1), tp / max(tp + fn, 1)
        figures[figure] = (p, r_, 2 * p * r_ / (p + r_) if p + r_ else 0.0)
    return figures


def _matches(r: Result, g: Mapping[str, Any], figure: str) -> bool:
    if r["end"] <= g["start"] or g["end"] <= r["start"] or r["value"] is None:
        return False
    if abs(r["value"] - g["value"]) > 1e-6 * max(1.0, abs(g["value"])):
        return False
    return figure == "number" or SAME.get(r["unit"], r["unit"]) == SAME.get(g["unit"], g["unit"])


def environment(folder: Path) -> Path:
    """A new environment with the peers; its Python."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run([python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", *PACKAGES], check=True)
    return python


def run(name: str, python: Path, texts: Sequence[str]) -> dict[str, Any]:
    """What one peer finds in the texts, and how long it took."""
    done = subprocess.run(
        [python, __file__, "--work", name], input=json.dumps(list(texts)).encode(), stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def versions(python: Path) -> str:
    """The peers' versions."""
    code = "from importlib.metadata import version as v; print('recognizers-text-suite', v('recognizers-text-suite') + ', jionlp', v('jionlp'))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def compare(shared: Path, python: Path) -> dict[str, Any]:
    """All figures: for each set of annotations and each peer."""
    sets = {"own articles": annotated(ROOT / "tests" / "gold", ROOT / "data" / "raw")}
    if (shared / "gold").is_dir():
        sets["shared corpus"] = annotated(shared / "gold", shared / "corpus")
    report: dict[str, Any] = {"versions": versions(python), "sets": {}}
    for title, documents in sets.items():
        texts, gold = [t for t, _ in documents], [g for _, g in documents]
        rows = {}
        for name in NAMES:
            answer = run(name, Path(sys.executable) if name == "casextract" else python, texts)
            figures = score(answer["results"], gold)
            speed = sum(map(len, texts)) / answer["seconds"]
            rows[NAMES[name]] = {"figures": figures, "characters_per_second": speed, "raised": answer["raised"]}
        report["sets"][title] = {"documents": len(texts), "indicators": sum(map(len, gold)), "rows": rows}
    return report


def markdown(report: Mapping[str, Any]) -> str:
    """The comparison as a page."""
    lines = ["# Beside general recognisers", "", "Generated by `python scripts/peers.py --write`.", ""]
    lines += [" ".join((__doc__ or "").split("\n\n")[2].split("`--write`")[0].split()), ""]
    for title, part in report["sets"].items():
        lines += [f"## {title.capitalize()}: {part['documents']} documents, {part['indicators']} annotated numbers", ""]
        lines += [
            "| | number P | R | F1 | number and unit P | R | F1 | characters a second | paragraphs it raised on |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
        ]
        for name, row in part["rows"].items():
            cells = [f"{v:.3f}" for f in ("number", "number and unit") for v in row["figures"][f]]
            lines.append(f"| {name} | {' | '.join(cells)} | {row['characters_per_second']:,.0f} | {row['raised']} |")
        lines.append("")
    lines += [
        f"Versions: {report['versions']}. Recognizers-Text with its number, percentage, currency, dimension, age, temperature and",
        "date-time (durations) models; JioNLP with money and lengths of time, the only quantities it reads. Neither reads",
        "classifiers (1755张), so most counts can be found as bare numbers at best. casextract was developed with these texts in",
        "view, the peers were not: its figures here say what the rules reach, not what they reach on unseen pages.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", choices=NAMES, help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("CASEXTRACT_SHARED", ROOT.parent / "shared"))
    )
    options = parser.parse_args()
    if options.work:
        work(options.work)
        return
    with TemporaryDirectory(prefix="peers-") as folder:
        report = compare(options.shared, environment(Path(folder)))
    page = markdown(report)
    if options.json:
        options.json.write_text(json.dumps(report, ensure_ascii=False, indent=2), encoding="utf-8")
    if options.write:
        (ROOT / "docs" / "peers.md").write_text(page, encoding="utf-8")
    print(page, end="")


if __name__ == "__main__":
    main()
