"""A process that only builds starts without pandas; no other process is touched."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from casextract.build.process_tuning import lean
{start}
import pyarrow as pa
from casextract.dataset.write import to_batch
assert to_batch("problems", []).num_rows == 0
assert pa.array([1, None]).null_count == 1
print("pandas" in sys.modules)
"""


def output(start: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(start=start)], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def test_lean_keeps_pandas_out() -> None:
    assert output("lean(); lean()") == "False"
    assert output("") == "True"
    assert output("import pandas; lean()") == "True"


def test_a_shared_process_keeps_its_imports_and_its_garbage() -> None:
    assert output("lean(others=True)") == "True"
    script = "import gc; from casextract.build.process_tuning import {0}; {1}freeze_garbage(); print(gc.get_freeze_count() > 0)"
    for names, first, frozen in (("freeze_garbage", "", "False"), ("lean, freeze_garbage", "lean(); ", "True")):
        command = [sys.executable, "-c", script.format(names, first)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        assert done.stdout.strip() == frozen


def test_a_build_needs_no_jieba_where_no_number_asks_for_words(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text("某区民政局走访慰问困难群众,把温暖送到家门口。", encoding="utf-8")
    script = (
        "import sys; sys.argv[1:] = ['build', 'raw', '-o', 'out', '-q']\n"
        "from casextract.__main__ import run\n"
        "try:\n    run()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "print([m for m in ('jieba', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
