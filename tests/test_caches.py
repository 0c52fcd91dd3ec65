"""No cache is believed blindly, and nothing is read from a folder that others can write."""

from __future__ import annotations

import builtins
import marshal
import tempfile
from pathlib import Path
from typing import Any

import pytest

from casextract.build.cache import Cache
from casextract.extract import jieba_dictionary

PHRASE = "居家养老服务中心建设家庭养老床位"
LEXICON = "家庭养老床位 2000 n # a word of its own\n"


@pytest.mark.parametrize("with_rjieba", [True, False])
def test_a_dictionary_in_the_temporary_folder_is_not_read(
    with_rjieba: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = jieba_dictionary.load(LEXICON)(PHRASE)
    assert "家庭养老床位" in expected
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    foreign = dict.fromkeys([PHRASE[i : i + 2] for i in range(len(PHRASE))], 10**9)
    (tmp_path / "jieba.cache").write_bytes(marshal.dumps((foreign, 10**10)))
    if not with_rjieba:
        real = builtins.__import__

        def without(name: str, *arguments: Any, **options: Any) -> Any:
            if name == "rjieba":
                raise ImportError(name)
            return real(name, *arguments, **options)

        monkeypatch.setattr(builtins, "__import__", without)
    assert jieba_dictionary.load(LEXICON)(PHRASE) == expected
    assert [p.name for p in tmp_path.iterdir()] == ["jieba.cache"]


def test_both_cutters_cut_alike(root: Path) -> None:
    lexicon = (root / "rules" / "lexicon.txt").read_text(encoding="utf-8")
    lines = [line for text in lexicon.splitlines() if (line := text.split("#")[0].strip())]
    one, other = jieba_dictionary.load(lexicon), jieba_dictionary._by_jieba(lines)
    for path in sorted((root / "data" / "raw").glob("*.txt")):
        for line in path.read_bytes().decode("utf-8", "ignore").splitlines():
            assert one(line) == other(line)


def test_an_entry_of_the_cache_under_another_key_is_none(tmp_path: Path) -> None:
    cache = Cache(tmp_path, "version")
    one, other = cache.key("a.txt", "0" * 64), cache.key("b.txt", "1" * 64)
    cache.put(one, b"rows of a")
    assert cache.get(one) == b"rows of a"
    (tmp_path / other[:2]).mkdir(exist_ok=True)
    (tmp_path / other[:2] / other).write_bytes((tmp_path / one[:2] / one).read_bytes())
    assert cache.get(other) is None


def test_the_cache_is_its_owners_alone(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", "version")
    cache.put(cache.key("a.txt", "0" * 64), b"rows")
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0
