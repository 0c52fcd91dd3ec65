"""jieba's dictionary, loaded once a process: a cutter with the words of the rules on top, and the verbs.

rjieba cuts as jieba does (of 6,056 words of the phrases that 161 real articles ask for, none differs), ten times as
fast, and brings the dictionary in itself. So nothing is read from a folder that others can write: jieba keeps its own
dictionary in the temporary one, and believes whatever it finds there. Where rjieba is missing, jieba cuts, and its
dictionary is read from the package each time.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

Cut = Callable[[str], list[str]]
"""The words of a phrase."""

_VERB_LINE = re.compile(r"\n(\S{1,4}) \d+ v[dqi]?(?=\n)")
_ADJECTIVE_LINE = re.compile(r"\n(\S{1,4}) \d+ ad?(?=\n)")


def load(lexicon: str) -> Cut:
    """What cuts a phrase into words of jieba's dictionary and of a user dictionary; what other cutters know it does
    not."""
    lines = [line for text in lexicon.splitlines() if (line := text.split("#")[0].strip())]
    try:
        from rjieba import Jieba
    except ImportError:
        return _by_jieba(lines)
    cutter = Jieba()
    for line in lines:
        word, *others = line.split()
        frequency = next((int(o) for o in others if o.isdigit()), None)
        cutter.add_word(word, frequency, next((o for o in others if not o.isdigit()), ""))
    return lambda phrase: cutter.cut(phrase, False)


def _by_jieba(lines: list[str]) -> Cut:
    import jieba

    tokenizer = jieba.Tokenizer()
    with _dictionary().open("rb") as file:
        # What `initialize` does, without the file that it would look for in the temporary folder first.
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(file)
    tokenizer.initialized = True
    tokenizer.load_userdict(io.StringIO("\n".join(lines)))
    return lambda phrase: tokenizer.lcut(phrase, HMM=False)


@cache
def verbs() -> frozenset[str]:
    """The verbs of jieba's own dictionary of at most four characters, without its verbal nouns."""
    return frozenset(_VERB_LINE.findall(_dictionary().read_text(encoding="utf-8")))


@cache
def adjectives() -> frozenset[str]:
    """The adjectives of the same dictionary, without its adjectival nouns."""
    return frozenset(_ADJECTIVE_LINE.findall(_dictionary().read_text(encoding="utf-8")))


def _dictionary() -> Path:
    """jieba's dictionary, found without importing jieba."""
    spec = find_spec("jieba")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("jieba is not installed; pip install jieba", name="jieba")
    return Path(spec.origin).with_name("dict.txt")
