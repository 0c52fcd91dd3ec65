"""jieba's dictionary, loaded once a process: a tokenizer with the words of the rules on top, and the verbs."""

from __future__ import annotations

import io
import logging
import marshal
import re
from functools import cache
from pathlib import Path
from tempfile import gettempdir
from typing import Any

_VERB_LINE = re.compile(r"\n(\S{1,4}) \d+ v[dqi]?(?=\n)")


def load(lexicon: str) -> Any:
    """A tokenizer of jieba that knows the words of a user dictionary as well; those of another tokenizer it does not know."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    lines = [line.split("#")[0].strip() for line in lexicon.splitlines()]
    kept = _kept()
    if kept is None:
        tokenizer.initialize()
    else:
        tokenizer.FREQ, tokenizer.total = kept
        tokenizer.initialized = True
    tokenizer.load_userdict(io.StringIO("\n".join(line for line in lines if line)))
    return tokenizer


def _kept() -> tuple[dict[str, int], int] | None:
    """The dictionary as jieba keeps it for the next process, read at once: jieba reads it piece by piece, in three times the time.

    None where there is none yet or it is damaged; jieba then makes it.
    """
    try:
        words, total = marshal.loads((Path(gettempdir()) / "jieba.cache").read_bytes())
    except (OSError, EOFError, ValueError, TypeError):
        return None
    return (words, total) if isinstance(words, dict) and words and isinstance(total, int) else None


@cache
def verbs() -> frozenset[str]:
    """The verbs of jieba's own dictionary of at most four characters, without its verbal nouns."""
    import jieba

    with jieba.get_dict_file() as file:
        return frozenset(_VERB_LINE.findall(file.read().decode("utf-8")))
