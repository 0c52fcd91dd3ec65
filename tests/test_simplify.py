"""The shortcut around OpenCC gives what OpenCC gives."""

from __future__ import annotations

from importlib.resources import files

import regex
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from casextract.normalise import script_of, simplify

CONVERTER = OpenCC("t2s")
DICTIONARY = files("opencc").joinpath("dictionary")


def entries(name: str) -> list[str]:
    return [line.split("\t")[0] for line in DICTIONARY.joinpath(name).read_text(encoding="utf-8").splitlines() if line]


CHARACTERS = entries("TSCharacters.txt")
PHRASES = entries("TSPhrases.txt")
# OpenCC takes the first of the forms a character may become; those that stay as they are need no conversion.
CONVERTED = frozenset(
    source
    for source, first in (
        line.split()[:2]
        for line in DICTIONARY.joinpath("TSCharacters.txt").read_text(encoding="utf-8").splitlines()
        if line
    )
    if source != first
)


def by_clause(text: str) -> str:
    """OpenCC itself on every clause that holds a character it converts."""
    return "".join(
        CONVERTER.convert(part) if not CONVERTED.isdisjoint(part) else part
        for part in regex.split(r"([\s,。、;:?!“”‘’()《》…—]+)", text)
    )


def pieces() -> st.SearchStrategy[str]:
    parts = st.one_of(
        st.sampled_from(CHARACTERS),
        st.sampled_from(PHRASES),
        # Phrases cut short and run together overlap with others: where a shortcut would go wrong first.
        st.builds(lambda p, n: p[:n], st.sampled_from(PHRASES), st.integers(1, 3)),
        st.sampled_from([*"乾藉著了床位家园,。、 \n12%", "養老", "社區"]),
    )
    return st.lists(parts, max_size=12).map("".join)


@given(pieces())
def test_simplify_gives_what_opencc_gives_clause_by_clause(text: str) -> None:
    norm, lengths = simplify(text)
    assert norm == by_clause(text)
    assert lengths is None or sum(lengths) == len(norm)


def test_every_entry_of_opencc_is_converted_as_opencc_does() -> None:
    entries = [f"縣{entry}時" for entry in (*CHARACTERS, *PHRASES)]
    assert {e: simplify(e)[0] for e in entries} == {e: CONVERTER.convert(e) for e in entries}


def test_script_is_told_by_the_characters_one_script_has_alone() -> None:
    assert script_of("2023年新建床位30张") == "hans"
    assert script_of("2023年新建床位30張,補貼養老機構") == "hant"
    assert script_of("补贴养老机构,補貼養老機構") == "mixed"
    assert script_of("2023") == "hans"
