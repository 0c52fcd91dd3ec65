"""The notebook runs from the first cell to the last, and its charts have Chinese labels and no boxes in their place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from casextract.build.build import build
from casextract.build.options import BuildOptions

CHARTS = 7


@pytest.fixture(scope="module")
def notebook(root: Path) -> Any:
    import nbformat

    return nbformat.read(root / "notebooks" / "explore.ipynb", as_version=4)


def test_is_committed_without_outputs(notebook: Any) -> None:
    code = [c for c in notebook.cells if c.cell_type == "code"]
    assert len(code) > 10
    assert all(c.outputs == [] and c.execution_count is None for c in code)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning", "ignore::ResourceWarning")
def test_runs_and_draws_chinese(notebook: Any, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbclient

    build([root / "data" / "raw"], tmp_path / "out", BuildOptions(jobs=1, cache=False))
    monkeypatch.setenv("CASEXTRACT_DATASET", str(tmp_path / "out"))
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    # Matplotlib warns of every character that the font lacks.
    assert [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"] == []
    charts = [o for o in outputs if "image/png" in o.get("data", {})]
    assert len(charts) == CHARTS
    assert all(len(o.data["image/png"]) > 10_000 for o in charts)
    (shown,) = (o.text for o in outputs if o.output_type == "stream")
    assert "⟦" in shown
