"""The library as its users meet it: names to complete, one path instead of a list, what notebooks show, what is missing."""

from __future__ import annotations

import builtins
import sys
import types
from pathlib import Path
from typing import Any

import pytest

import casextract
from casextract.dataset.read import Dataset
from casextract.errors import MissingExtraError
from casextract.reports.diff import compare

TEXT = "河湾县盘活闲置校舍12处,新增床位360张。"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("api")
    (folder / "a.txt").write_text(TEXT + "<b>粗</b>", encoding="utf-8")
    summary = casextract.build_dataset(str(folder / "a.txt"), str(folder / "out"), jobs=1)
    assert (summary.documents, summary.exit_code) == (1, 0)
    return Dataset.open(folder / "out")


def test_names_can_be_completed() -> None:
    assert {"Dataset", "build_dataset", "extract_text"} <= set(dir(casextract))


def test_inputs_are_one_path_or_several(dataset: Dataset, tmp_path: Path) -> None:
    article = dataset.path.parent / "a.txt"
    assert casextract.build_dataset([article], tmp_path / "out", jobs=1).digest == dataset.digest


def test_a_notebook_shows_what_a_value_holds(dataset: Dataset) -> None:
    records = casextract.extract_text(TEXT)
    for value, says in (
        (dataset, "indicators"), (dataset.indicators, "360"), (records, "床位"), (records.indicators[0], "facilities"),
        (compare(dataset, dataset), "0 changes"),
    ):  # fmt: skip
        shown = value._repr_html_()
        assert shown.startswith("<table>")
        assert says in shown
    assert "<b>" not in dataset.documents._repr_html_()
    assert repr(dataset).startswith("<Dataset ")


@pytest.mark.parametrize(("package", "use"), [("pandas", "pandas"), ("duckdb", "duckdb")])
def test_a_missing_extra_names_its_remedy(
    package: str, use: str, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    if package == "pandas":

        def missing(*_: Any, **__: Any) -> Any:
            raise ModuleNotFoundError("No module named 'pandas'", name="pandas")

        table = types.SimpleNamespace(to_pandas=missing)
        monkeypatch.setattr("casextract.dataset.read.Table.arrow", lambda self, columns=None: table)
    else:
        real = builtins.__import__

        def absent(name: str, *rest: Any, **more: Any) -> Any:
            if name == package:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            return real(name, *rest, **more)

        monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingExtraError, match=rf"{package} is not installed; .*casextract\[{package}\]"):
        getattr(dataset.indicators, use)()


def test_a_bar_is_shown_in_a_notebook_only(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    article = dataset.path.parent / "a.txt"
    casextract.build_dataset(article, tmp_path / "one", jobs=1)
    assert capsys.readouterr().err == ""

    class ZMQInteractiveShell: ...

    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=ZMQInteractiveShell))
    from tqdm.std import tqdm

    monkeypatch.setattr("tqdm.auto.tqdm", tqdm)
    casextract.build_dataset(article, tmp_path / "two", jobs=1)
    assert "1/1" in capsys.readouterr().err
