"""Kills builds with SIGKILL and looks at what is left: `python kill_points.py FOLDER POINTS` prints what it saw as JSON.

Two kinds of points in turn: before the n-th step of a build that touches its files (counted by an audit hook, spread from the
first step to the last), and after a random time. Each build is a fork of this process, which has imported everything and
started no thread.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import casextract.build.build
import casextract.build.guarded
import casextract.build.plan
import casextract.build.tasks
import handmade
from casextract.build.options import BuildOptions
from casextract.dataset.read import Dataset
from casextract.rulebook.loading import Rulebook

EVENTS = {
    "open",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.mkdir",
    "os.link",
    "os.chmod",
    "shutil.rmtree",
    "ctypes.dlsym",
}

casextract.build.guarded.run_normalised = handmade.on_text(handmade.run)
casextract.build.tasks.IN_WORKERS = False
casextract.build.tasks.prepare = lambda rulebook, lazy=False: None
casextract.build.plan.load_rulebook = lambda rules: Rulebook(digest="none")


def build(raw: Path, out: Path, *, die_before: int | None = None, after: float | None = None) -> int:
    """A build in a fork; its wait status. It dies before the step `die_before`, or is killed `after` seconds."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        steps = 0

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal steps
            if event == "ctypes.dlsym" or (event in EVENTS and str(arguments[0]).startswith(str(out.parent))):
                steps += 1
                if steps == die_before:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        casextract.build.build.build([raw], out, BuildOptions(jobs=1))
        os.write(writer, str(steps).encode())
        os._exit(0)
    os.close(writer)
    timer = threading.Timer(after, os.kill, (pid, signal.SIGKILL)) if after is not None else None
    if timer is not None:
        timer.start()
    with os.fdopen(reader) as pipe:
        steps_taken = pipe.read()
    if timer is not None:
        timer.cancel()
        timer.join()
    _, status = os.waitpid(pid, 0)
    return -1 if os.WIFSIGNALED(status) else int(steps_taken) if status == 0 else 0


def main(folder: Path, points: int) -> None:
    """Alternate two inputs, kill, look."""
    raws = [handmade.write_articles(folder / f"raw{n}", 3 + n) for n in range(2)]
    out = folder / "out"
    expected = [package_of(raw, folder / f"good{raw.name}") for raw in raws]
    assert build(raws[1], out) > 0
    began = time.perf_counter()
    steps = build(raws[0], out)
    seconds = time.perf_counter() - began
    seen: Counter[str] = Counter()
    random.seed(6)
    for point in range(points):
        raw = point % 2
        if point % 4 < 2:
            status = build(raws[raw], out, die_before=1 + (point // 4 * 2 + raw) * steps * 2 // points)
        else:
            status = build(raws[raw], out, after=random.uniform(0, seconds))
        assert status != 0, "the build failed"
        seen["killed" if status < 0 else "ended"] += 1
        dataset = Dataset.open(out)
        package = (out / "datapackage.json").read_bytes()
        assert dataset.verify() == []
        assert package in expected
        seen["new" if package == expected[raw] else "former"] += 1
    assert build(raws[0], out) > 0
    assert (out / "datapackage.json").read_bytes() == expected[0]
    left = sorted(p.name for p in (folder / ".casextract" / "out").iterdir())
    print(json.dumps({**seen, "steps": steps, "left": left}))


def package_of(raw: Path, out: Path) -> bytes:
    """The data package of an undisturbed build."""
    assert build(raw, out) > 0
    return (out / "datapackage.json").read_bytes()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
