"""Words by class, as `rules/lexicon/` holds them: nouns by what they name, verbs by what they do, cues by what they set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from casextract.extract.endings import Endings
from casextract.rulebook.models import Rulebook, RuleError
from casextract.rulebook.patterns import on_demand

LEXICONS: Final = ("nouns", "verbs", "cues")
_CLASS: Final = re.compile(r"\[([a-z][a-z_]*)\]")


class Classed(NamedTuple):
    """A word of the lexicon and the class it belongs to."""

    word: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """The words of each lexicon with their class."""

    nouns: Mapping[str, str]
    verbs: Mapping[str, str]
    cues: Mapping[str, str]
    noun_endings: Endings
    verb_endings: Endings
    cue: re.Pattern[str]
    """Any cue, the longest first."""

    @staticmethod
    def of(rulebook: Rulebook) -> Lexicon:
        """The lexicons of a rulebook. Raises RuleError naming the file and line of a word without a class."""
        nouns, verbs, cues = (read_classes(rulebook, name) for name in LEXICONS)
        alternatives = sorted((w for w, c in cues.items() if c != "adverb"), key=lambda w: (-len(w), w))
        return Lexicon(
            nouns, verbs, cues, Endings.of(nouns), Endings.of(verbs), on_demand("|".join(map(re.escape, alternatives)) or r"(?!)")
        )  # fmt: skip

    def noun(self, phrase: str) -> Classed | None:
        """The class of a noun phrase by the longest of the nouns that it ends with."""
        return _ending(phrase, self.noun_endings, self.nouns)

    def verb(self, phrase: str) -> Classed | None:
        """The class of the longest of the verbs that a phrase ends with."""
        return _ending(phrase, self.verb_endings, self.verbs)


def _ending(phrase: str, endings: Endings, classes: Mapping[str, str]) -> Classed | None:
    start = endings.start(phrase)
    return Classed(phrase[start:], classes[phrase[start:]]) if start is not None else None


def read_classes(rulebook: Rulebook, name: str) -> dict[str, str]:
    """Word to class of one lexicon: classes in brackets on a line of their own, under each its words, one a line."""
    file = f"lexicon/{name}.txt"
    classes: dict[str, str] = {}
    current: str | None = None
    for number, line in enumerate(rulebook.files.get(file, "").splitlines(), 1):
        word = line.partition("#")[0].strip()
        if not word:
            continue
        header = _CLASS.fullmatch(word)
        if header is not None:
            current = header[1]
        elif current is None:
            raise RuleError(f"{file}:{number}: {word!r} stands under no class; write the class as [name] above it")
        else:
            classes.setdefault(word, current)
    return classes
