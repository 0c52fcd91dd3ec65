"""Places: find the administrative units a text names and say which unit of China each one is.

All functions are pure and work on *normalised* text (simplified characters, half-width forms); every offset is a
``str`` offset into that text.

* ``Gazetteer.match_at`` reads one place expression: a chain of names from the larger to the smaller unit
  (江苏省无锡市新吴区), a place below county level behind it (旺庄街道), and the body that acts (街道办事处, 民政局).
* ``Gazetteer.find`` reads all of them in a stretch of text.
* ``Gazetteer.resolve`` decides which unit is meant, with what the document says elsewhere (``Surroundings``).
"""

from __future__ import annotations

from collections.abc import Iterable

from casextract.places.divisions import Divisions
from casextract.places.mentions import MentionFinder
from casextract.places.model import NOWHERE, Division, Place, PlaceMention, Surroundings
from casextract.places.resolve import resolve, surroundings


class Gazetteer(MentionFinder):
    """All units of the table, compiled for look-up. Immutable once made; make one a process and pass it on."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str, source: str = "divisions.csv") -> Gazetteer:
        """Compile the table from its text, header line included.

        Raises:
            PlacesError: the text does not hold a usable table.
        """
        return cls(Divisions.from_text(text, source))

    @property
    def units(self) -> tuple[Division, ...]:
        """All units of the table."""
        return self._divisions.units

    def province(self, code: str) -> Division | None:
        """The province, municipality or region with a code."""
        return self._divisions.province(code)

    def surroundings(
        self, mentions: Iterable[PlaceMention], *, home: Iterable[PlaceMention] = (), year: int | None = None
    ) -> Surroundings:
        """What a document's mentions say about place: see `resolve.surroundings`."""
        return surroundings(self._divisions, mentions, home=home, year=year)

    def resolve(self, mention: PlaceMention, context: Surroundings = NOWHERE) -> Place:
        """Which unit a mention means: see `resolve.resolve`."""
        return resolve(self._divisions, mention, context)
