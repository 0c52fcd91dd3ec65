#!/usr/bin/env python3
"""Measure casextract: stage by stage beside `jieba.lcut`, from a cold start, in memory, over many documents, beside peers.

    python scripts/bench.py [FOLDER...] [--megabytes 5] [--counts 1000,10000] [--ray] [--peers] [--write] [--json FILE]

Without FOLDER it reads `data/raw` and, where it lies beside the checkout, the shared corpus: plain text only. Times are CPU
seconds of the process unless a row says wall. `--counts` builds so many generated articles in processes of their own,
`--ray` builds a thousand under Ray as well, `--peers` installs the peers into a throw-away environment. `--write` puts the
report into `docs/benchmarks.md`. The exit code is 1 if the whole way takes longer than jieba or a build failed.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))
PAGE = ROOT / "docs" / "benchmarks.md"
MARK = "<!-- last run -->"
STAGES = ("load", "normalise", "segment", "extract", "assemble")
SCRIPTS = {"hans": "simplified", "hant": "traditional"}
BASE = "import logging, pyarrow, pydantic, jieba; jieba.setLogLevel(logging.WARNING); jieba.initialize()"


@dataclass(frozen=True, slots=True)
class Text:
    """One file of the measured text, decoded for jieba."""

    name: str
    data: bytes
    text: str
    script: str


@dataclass(slots=True)
class Report:
    """All that was measured."""

    machine: Mapping[str, str]
    stages: dict[str, Any] = field(default_factory=dict)
    start: dict[str, Any] = field(default_factory=dict)
    builds: list[dict[str, Any]] = field(default_factory=list)
    ray: dict[str, Any] = field(default_factory=dict)
    peers: dict[str, Any] = field(default_factory=dict)


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    names = ("casextract", "jieba", "regex", "pydantic", "pyarrow", "opencc-python-reimplemented")
    return {
        "processor": f"{model}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "packages": ", ".join(f"{n} {version(n)}" for n in names),
    }


def read(folders: Sequence[Path]) -> list[Text]:
    """The plain-text articles below the folders."""
    from casextract.load import discover, load_bytes
    from casextract.normalise import normalise

    texts = []
    for found in discover([f for f in folders if f.is_dir()]):
        if not found.source_path.endswith(".txt"):
            continue
        data = found.path.read_bytes()
        for source in load_bytes(data, found.source_path).sources:
            script = "hans" if normalise(source).script == "hans" else "hant"
            texts.append(Text(found.source_path, data, source.text, script))
    return texts


def measure_stages(texts: Sequence[Text], megabytes: float, first_sight: bool) -> dict[str, float]:
    """CPU seconds of each stage and of `jieba.lcut`, article by article in turn, until so many bytes are through.

    `first_sight`: the phrases remembered from former articles are forgotten before each one, as if all text were new.
    """
    import jieba

    from casextract.assemble import assemble
    from casextract.build.process_tuning import COLLECTIONS
    from casextract.extract import extract, noun_phrase
    from casextract.extract.words import _cutter
    from casextract.load import load_bytes
    from casextract.normalise import normalise
    from casextract.pipeline import prepare
    from casextract.rulebook.loading import load_rulebook
    from casextract.segment import segment

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    rulebook = load_rulebook()
    pipeline = prepare(rulebook)
    phrases = _cutter(pipeline.grammar.words.lexicon)
    phrases("床位")
    remembered: list[Any] = [phrases, noun_phrase.bare_end, noun_phrase.noun_behind, noun_phrase.noun_in_front]
    # As in the process of a build, for both sides.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)
    clock = time.process_time
    total = dict.fromkeys((*STAGES, "jieba"), 0.0)

    def once(text: Text) -> None:
        t0 = clock()
        loaded = load_bytes(text.data, text.name)
        t1 = clock()
        total["load"] += t1 - t0
        for source in loaded.sources:
            t1 = clock()
            normal = normalise(source)
            t2 = clock()
            parts = segment(normal, pipeline.segmenter)
            t3 = clock()
            found = extract(parts, pipeline.grammar)
            t4 = clock()
            assemble(found)
            t5 = clock()
            for stage, seconds in zip(STAGES[1:], (t2 - t1, t3 - t2, t4 - t3, t5 - t4), strict=True):
                total[stage] += seconds
        t6 = clock()
        jieba.lcut(text.text)
        total["jieba"] += clock() - t6

    for text in texts:
        once(text)
    total.update(dict.fromkeys(total, 0.0))
    done = 0
    while done < megabytes * 1e6:
        for text in texts:
            if first_sight:
                for memory in remembered:
                    memory.cache_clear()
            once(text)
            done += len(text.data)
    return total | {"megabytes": done / 1e6}


def cpu_of(command: Sequence[str | Path], cwd: Path, rounds: int = 5) -> dict[str, float]:
    """The least CPU and wall seconds that a process took."""
    best = {"cpu": float("inf"), "wall": float("inf")}
    for _ in range(rounds):
        before, begin = os.times(), time.perf_counter()
        subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        best = {"cpu": min(best["cpu"], cpu), "wall": min(best["wall"], time.perf_counter() - begin)}
    return best


def measure_start(texts: Sequence[Text]) -> dict[str, dict[str, float]]:
    """Five articles from a cold start, five that need no words, and the process both are held against."""
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        chosen = sorted(texts, key=lambda t: -len(t.data))[:5]
        for i in range(5):
            for kind, data in (
                ("numbers", chosen[i % len(chosen)].data),
                ("none", "走访慰问困难群众。\n".encode() * (i + 1)),
            ):
                (folder / kind).mkdir(exist_ok=True)
                (folder / kind / f"{i}.txt").write_bytes(data)
        build = [sys.executable, "-m", "casextract", "build", "--no-cache", "--jobs", "1", "--quiet", "--out"]
        return {
            "imports and dictionary": cpu_of([sys.executable, "-c", BASE], folder),
            "five articles": cpu_of([*build, "out1", "numbers"], folder),
            "five articles without numbers": cpu_of([*build, "out2", "none"], folder),
        }


class Peak(threading.Thread):
    """The highest resident memory of each process below this one, by its role, as Linux counts it."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peaks, self.stopped = pid, {}, False  # type: ignore[var-annotated]

    def run(self) -> None:
        while not self.stopped:
            for pid in (self.pid, *_children(self.pid)):
                try:
                    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
                except OSError:
                    continue
                peak = next((int(x.split()[1]) for x in status.splitlines() if x.startswith("VmHWM")), 0)
                self.peaks[pid] = max(self.peaks.get(pid, 0), peak)
            time.sleep(0.2)

    def end(self) -> float:
        """The peak of the largest process, in MiB."""
        self.stopped = True
        self.join()
        return max(self.peaks.values(), default=0) / 1024


def _children(pid: int) -> list[int]:
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()]
    except OSError:
        return []


def measure_build(raw: Path, out: Path, *options: str) -> dict[str, Any]:
    """One build in a process of its own: wall and CPU seconds, peak memory of its largest process, contents digest."""
    import pyarrow.parquet as pq

    before, begin = os.times(), time.perf_counter()
    command = [sys.executable, "-m", "casextract", "build", raw, "--out", out, "--no-cache", "--quiet", *options]
    process = subprocess.Popen(command)
    peak = Peak(process.pid)
    peak.start()
    code = process.wait()
    wall, after = time.perf_counter() - begin, os.times()
    highest = peak.end()
    if code != 0:
        raise SystemExit(f"bench: the build of {raw} ended with exit code {code}")
    footer = pq.read_metadata(out / "documents.parquet")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {
        "documents": footer.num_rows, "wall": wall, "cpu": cpu, "peak": highest,
        "digest": footer.metadata[b"casextract.contents"].decode(),
    }  # fmt: skip


def measure_builds(counts: Sequence[int], ray: bool, report: Report) -> None:
    """Generated articles in growing numbers, with one process and with all cores, and under Ray."""
    from generate_corpus import write

    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        for count in counts:
            size = write(folder / str(count), count)
            for jobs in (1, os.cpu_count() or 1):
                row = measure_build(folder / str(count), folder / f"out{count}-{jobs}", "--jobs", str(jobs))
                report.builds.append(row | {"jobs": jobs, "megabytes": size / 1e6})
                print(f"bench: {report.builds[-1]}", file=sys.stderr)
        if ray:
            write(folder / "ray", 1000)
            here = measure_build(folder / "ray", folder / "out-here", "--jobs", "2")
            there = measure_build(folder / "ray", folder / "out-ray", "--engine", "ray", "--jobs", "2")
            (folder / "few").mkdir()
            (folder / "few" / "a.txt").write_text("新建助餐点12家。", encoding="utf-8")
            idle = measure_build(folder / "few", folder / "out-few", "--engine", "ray", "--jobs", "2")
            report.ray = {"here": here, "ray": there, "one article": idle}


def ratio(total: Mapping[str, float]) -> float:
    """The whole way as a multiple of `jieba.lcut`."""
    return sum(total[s] for s in STAGES) / total["jieba"]


def tables(report: Report) -> list[str]:
    """The report in Markdown."""
    lines = [f"{key}: {value}  " for key, value in report.machine.items()]
    for title, part in report.stages.items():
        lines += ["", f"### {title}", "", "| stage | " + " | ".join(f"{s} MB/s | × jieba" for s in part) + " |"]
        lines.append("|---|" + "--:|" * (2 * len(part)))
        for stage in (*STAGES, "whole way", "jieba"):
            cells = []
            for total in part.values():
                seconds = sum(total[s] for s in STAGES) if stage == "whole way" else total[stage]
                cells += [f"{total['megabytes'] / max(seconds, 1e-9):.2f}", f"{seconds / total['jieba']:.3f}"]
            name = {"jieba": "`jieba.lcut`", "whole way": "**whole way**"}.get(stage, stage)
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
    if report.start:
        base = report.start["imports and dictionary"]
        lines += ["", "### Start-up", "", "| process | CPU s | × | wall s |", "|---|--:|--:|--:|"]
        for name, row in report.start.items():
            lines.append(f"| {name} | {row['cpu']:.2f} | {row['cpu'] / base['cpu']:.2f} | {row['wall']:.2f} |")
    if report.builds:
        lines += ["", "### Many documents (generated)", ""]
        lines += [
            "| documents | MB | jobs | wall s | CPU s | ms CPU each | peak MiB of the largest process | contents |"
        ]
        lines.append("|--:|--:|--:|--:|--:|--:|--:|---|")
        for b in report.builds:
            lines.append(
                f"| {b['documents']:,} | {b['megabytes']:.1f} | {b['jobs']} | {b['wall']:.1f} | {b['cpu']:.1f} "
                f"| {1000 * b['cpu'] / b['documents']:.1f} | {b['peak']:.0f} | `{b['digest'][:12]}` |"
            )
    if report.ray:
        lines += [
            "",
            "### Ray (two workers on this machine)",
            "",
            "| build | wall s | CPU s | contents |",
            "|---|--:|--:|---|",
        ]
        names = {
            "here": "1,000 documents, two processes",
            "ray": "1,000 documents, Ray",
            "one article": "one document, Ray",
        }
        for key, row in report.ray.items():
            lines.append(f"| {names[key]} | {row['wall']:.1f} | {row['cpu']:.1f} | `{row['digest'][:12]}` |")
    if report.peers:
        lines += [
            "",
            "### Peers, on the annotated articles (see [peers.md](peers.md))",
            "",
            "| | characters a second |",
            "|---|--:|",
        ]
        part = list(report.peers["sets"].values())[-1]
        lines += [f"| {name} | {row['characters_per_second']:,.0f} |" for name, row in part["rows"].items()]
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("CASEXTRACT_SHARED", ROOT.parent / "shared"))
    parser.add_argument("folders", nargs="*", type=Path, default=[ROOT / "data" / "raw", shared / "corpus"])
    parser.add_argument("--megabytes", type=float, default=5.0)
    parser.add_argument("--counts", type=lambda s: [int(n) for n in s.split(",") if n], default=[1000, 10_000])
    parser.add_argument("--ray", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report = Report(machine())
    texts = read(options.folders)
    modes: list[tuple[str, bool]] = [("Stages, warm", False), ("Stages, every phrase new", True)]
    for title, first_sight in modes:
        report.stages[title] = {}
        for script, name in SCRIPTS.items():
            own = [t for t in texts if t.script == script]
            if own:
                report.stages[title][name] = measure_stages(own, options.megabytes, first_sight)
    report.start = measure_start(texts)
    measure_builds(options.counts, options.ray, report)
    if options.peers:
        import peers

        with TemporaryDirectory(prefix="peers-") as folder:
            report.peers = peers.compare(shared, peers.environment(Path(folder)))
    page = "\n".join(tables(report)) + "\n"
    if options.json:
        options.json.write_text(json.dumps(_plain(report), indent=2), encoding="utf-8")
    if options.write:
        head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
        PAGE.write_text(f"{head}{MARK}\n{page}", encoding="utf-8")
    print(page, end="")
    return 0 if all(ratio(t) <= 1 for t in report.stages["Stages, warm"].values()) else 1


def _plain(report: Report) -> dict[str, Any]:
    return {name: getattr(report, name) for name in Report.__slots__}


if __name__ == "__main__":
    sys.exit(main())
