"""Measure the speed of each stage, in characters a second on one core, beside what jieba needs to cut the same texts.

    python scripts/bench.py [FOLDER...] [--rounds N] [--json]

Reads the articles below the folders (data/raw if none is given) and takes the best of some rounds. `make bench` runs it.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jieba

from casextract.assemble import assemble
from casextract.extract import extract
from casextract.load import discover, load_bytes
from casextract.normalise import normalise
from casextract.pipeline import prepare
from casextract.rulebook import load_rulebook
from casextract.segment import segment


def best(work: Callable[[], object], rounds: int) -> float:
    """The shortest time in seconds that `work` took."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def main() -> int:
    """Print the table; 1 if the whole way takes longer than jieba."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[Path("data/raw")])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = discover(options.folders)
    files = [(f.source_path, f.path.read_bytes()) for f in found]
    begin = time.perf_counter()
    pipeline = prepare(load_rulebook())
    setup = time.perf_counter() - begin
    sources = [s for path, data in files for s in load_bytes(data, path).sources]
    texts = [normalise(s) for s in sources]
    segmentations = [segment(t, pipeline.segmenter) for t in texts]
    # jieba loads with the first phrase it cuts; phrases are remembered, so only the first pass over a text is honest.
    extract(
        segment(normalise(load_bytes("新建助餐点12家。".encode(), "warm.txt").sources[0]), pipeline.segmenter),
        pipeline.grammar,
    )
    begin = time.perf_counter()
    extractions = [extract(s, pipeline.grammar) for s in segmentations]
    first_pass = time.perf_counter() - begin
    chars = sum(len(s.text) for s in sources)
    jieba.initialize()
    stages: dict[str, Callable[[], object]] = {
        "load": lambda: [load_bytes(data, path) for path, data in files],
        "normalise": lambda: [normalise(s) for s in sources],
        "segment": lambda: [segment(t, pipeline.segmenter) for t in texts],
        "assemble": lambda: [assemble(e) for e in extractions],
        "jieba.lcut": lambda: [jieba.lcut(s.text) for s in sources],
    }
    seconds = {name: best(work, options.rounds) for name, work in stages.items()} | {"extract": first_pass}
    whole = sum(t for name, t in seconds.items() if name != "jieba.lcut")
    result = {
        "documents": len(sources),
        "characters": chars,
        "setup_seconds": round(setup, 3),
        "characters_per_second": {name: round(chars / t) for name, t in (seconds | {"whole way": whole}).items()},
        "jieba_share": round(whole / seconds["jieba.lcut"], 2),
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        print(f"{len(sources)} documents, {chars:,} characters; rules compiled in {setup:.2f} s")
        for name, speed in result["characters_per_second"].items():
            print(f"{name:<12} {speed:>12,} characters a second")
        print(
            f"the whole way takes {result['jieba_share']} of the time jieba takes; peak {result['peak_megabytes']} MB"
        )
    return 0 if result["jieba_share"] <= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
