"""Words by class, as `rules/lexicon/` holds them: nouns by what they name, verbs by what they do, cues by what they
set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from casextract.extract.endings import Endings
from casextract.extract.words import Words
from casextract.rulebook.loading import Rulebook
from casextract.rulebook.models import RuleError
from casextract.rulebook.patterns import on_demand

LEXICONS: Final = ("nouns", "verbs", "cues")
_TAIL: Final = "tail"
"""The class of the words that a noun phrase ends with and that are not what it names (社会组织总数)."""
RATES: Final = "rate_"
"""What the names of the classes of rates begin with."""
_NO_WORD: Final = "none"
"""The class of words that only look like one of another: nouns by their end (起征点), what only holds a verb (交通)."""
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
    tails: frozenset[str]
    """What a phrase ends with behind its noun."""
    noun_endings: Endings
    verb: re.Pattern[str]
    """Any verb, the longest first."""
    cue: re.Pattern[str]
    """Any cue, the longest first."""

    @staticmethod
    def of(rulebook: Rulebook) -> Lexicon:
        """The lexicons of a rulebook. Raises RuleError naming the file and line of a word without a class."""
        nouns, verbs, cues = (read_classes(rulebook, name) for name in LEXICONS)
        marks = [word for word, name in cues.items() if name not in ("adverb", "no_verb")]
        named = {word: name for word, name in nouns.items() if name != _TAIL}
        return Lexicon(
            named, verbs, cues, frozenset(nouns) - frozenset(named), Endings.of(named), _any_of(verbs), _any_of(marks)
        )

    def noun(self, phrase: str, words: Words) -> Classed | None:
        """The class of a noun phrase by the longest of the nouns that it ends with, brackets and tails (建设, 改造)
        left out."""
        phrase = _BRACKETS.sub("", phrase).rstrip("”》等的了")
        found = self._ending(phrase)
        if found is not None:
            return found
        tokens = list(words.cut(phrase))
        while len(tokens) > 1 and (
            words.is_nominal(tokens[-1]) or words.is_verb(tokens[-1]) or tokens[-1] in self.tails
        ):
            tokens.pop()
            if (found := self._ending("".join(tokens))) is not None:
                return found
        return self.before_verb(words.cut(phrase), words)

    def before_verb(self, tokens: Sequence[str], words: Words, sure: bool = False) -> Classed | None:
        """The class of the noun right before the first verb or particle of a phrase that runs on (机构出现亏损).

        With `sure`, only what the rules call a verb is one: what jieba calls one may stand inside a compound
        (城市阅读空间).
        """
        for i, token in enumerate(tokens):
            if i and (token in words.functions or (words.is_verb(token) if sure else words.is_predicate(token))):
                return self._ending(tokens[i - 1])
        return None

    def first_noun(self, tokens: Sequence[str], words: Words) -> Classed | None:
        """The class of the noun that a row of words comes to first: the longest run of nouns counts by its last one.

        People before a noun that the lexicon has not only describe it (骨干专业, 老人防走失手环).
        """
        found: Classed | None = None
        for token in tokens:
            own = self._ending(token)
            if own is None and found is not None:
                ends = words.is_predicate(token) or words.is_nominal(token) or token in words.functions
                return found if ends or found.name not in _BEINGS else None
            if own is not None and found is not None and own.name.startswith(RATES):
                # 11个县入园率: whose rate it is is counted.
                return found
            found = own or found
        return found

    def _ending(self, phrase: str) -> Classed | None:
        """The class of the longest noun that a phrase ends with."""
        start = self.noun_endings.start(phrase)
        if start is None or (name := self.nouns[phrase[start:]]) == _NO_WORD:
            return None
        return Classed(phrase[start:], name)

    def last_verb(self, text: str) -> Classed | None:
        """The last of the lexicon's verbs in a text."""
        words = (word for word in reversed(self.verb.findall(text)) if self.verbs[word] != _NO_WORD)
        return next((Classed(word, self.verbs[word]) for word in words), None)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return on_demand("|".join(map(re.escape, sorted(words, key=lambda w: (-len(w), w)))) or r"(?!)")


_BRACKETS: Final = on_demand(r"\([^()]*\)|[“”‘’《》]")
_BEINGS: Final = frozenset(("person", "household"))


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
