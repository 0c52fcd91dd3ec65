"""Finding mentions: chains of names from the larger to the smaller unit, what is named below the county, the body that
acts."""

from __future__ import annotations

from collections.abc import Iterator

from casextract.places.divisions import RANK, Divisions, Proof
from casextract.places.model import PlaceMention
from casextract.places.names import (
    AGENCY,
    AREA,
    AREA_ALONE,
    BLANKS,
    CORPS,
    DISTRICT,
    FREE_TRADE,
    TAIWAN,
    TAIWAN_DISTRICT,
    TOWNSHIP,
    VILLAGE,
    cuts_word,
    edge_after,
    edge_before,
    han_at,
    stands_bare,
)

Chain = tuple[int, tuple[str, ...], tuple[int, ...]]
"""The end, the names and the candidates' indices of a chain of names."""


class MentionFinder:
    """Reads place expressions with the table of divisions."""

    __slots__ = ("_divisions",)

    def __init__(self, divisions: Divisions) -> None:
        """Read with a table of divisions."""
        self._divisions = divisions

    def match_at(
        self, text: str, start: int, end: int | None = None, *, within: tuple[str, ...] = ()
    ) -> PlaceMention | None:
        """The longest place expression that starts exactly at an offset.

        Args:
            text: normalised text.
            start: offset of the first character of the expression.
            end: offset to read up to; None for the end of the text.
            within: codes of provinces and cities the surroundings speak of. Names that otherwise need their parent
                before them (任城, 日照, 城区) count when they belong to one of these and end at a word's edge.

        Returns:
            The mention, or None where no place starts.
        """
        stop = len(text) if end is None else end
        best = self._chain(text, start, stop, frozenset(within), frozenset())
        return None if best is None else self._complete(text, start, stop, best)

    def find(self, text: str, start: int = 0, end: int | None = None) -> tuple[PlaceMention, ...]:
        """All place expressions between two offsets, from left to right, none overlapping another.

        In a list (济南、日照、德州) a name that needs its parent counts as well when it belongs to the same unit as the
        one before it.
        """
        return tuple(self.iter_mentions(text, start, len(text) if end is None else end))

    def iter_mentions(self, text: str, start: int, end: int) -> Iterator[PlaceMention]:
        """The mentions of ``find``, one at a time."""
        reached = start
        for m in self._divisions.begins.finditer(text, start, end):
            at = m.start()
            if at < reached or text[at : at + 2] not in self._divisions.starts:
                continue
            chain = self._chain(text, at, end, frozenset(), frozenset())
            while chain is not None:
                mention = self._complete(text, at, end, chain)
                yield mention
                reached = at = max(mention.agency_end, mention.end)
                chain = None
                if at + 2 < end and text[at] in "、和与及":
                    at += 1
                    chain = self._chain(text, at, end, frozenset(), self._siblings(mention))

    def _siblings(self, mention: PlaceMention) -> frozenset[str]:
        """The codes of the units directly above what was mentioned."""
        return frozenset(unit.parent for unit in mention.candidates if unit.parent)

    def _chain(
        self, text: str, start: int, stop: int, within: frozenset[str], siblings: frozenset[str]
    ) -> Chain | None:
        """End, names and candidate indices of the longest chain at an offset."""
        best: Chain | None = None
        for length in self._divisions.lengths.get(text[start : start + 2], ()):
            after = start + length
            if after > stop:
                continue
            form = text[start:after]
            entries = self._divisions.forms.get(form)
            if entries is None:
                continue
            first = self._first(text, start, after, stop, form, entries, within, siblings)
            proven = bool(first)
            if not proven:
                # The full name of a county behind it proves a city's short form as well (日照岚山区).
                first = tuple(index for index, _ in entries if self._divisions.units[index].level == "city")
                if not first or not edge_before(text, start):
                    continue
            found = self._extend(text, after, stop, (form,), first)
            if found[0] == after and (not proven or cuts_word(text, form, after, stop)):
                continue
            if not proven and self._divisions.units[found[2][0]].name != found[1][-1]:
                continue
            if best is None or found[0] > best[0]:
                best = found
        return best

    def _first(
        self,
        text: str,
        start: int,
        after: int,
        stop: int,
        form: str,
        entries: tuple[tuple[int, Proof], ...],
        within: frozenset[str],
        siblings: frozenset[str],
    ) -> tuple[int, ...]:
        """The candidates a form may mean at the head of a chain."""
        kept: list[tuple[int, Proof]] = []
        for index, proof in entries:
            if proof == Proof.FULL:
                good = True
            elif proof == Proof.EDGE:
                good = edge_before(text, start)
            elif proof == Proof.ALONE:
                good = stands_bare(text, start, after, stop, form, self._divisions.units[index].level)
            elif proof == Proof.BOTH:
                good = edge_before(text, start) and edge_after(text, after, stop)
            else:
                good = False
            if not good and proof >= Proof.BOTH and edge_before(text, start):
                parent = self._divisions.units[index].parent
                if parent in siblings:
                    good = edge_after(text, after, stop)
                elif within and edge_after(text, after, stop):
                    good = (
                        parent in within
                        if proof == Proof.DIRECT
                        else not within.isdisjoint(self._divisions.codes(index))
                    )
            if good:
                kept.append((index, proof))
        return self._highest(kept)

    def _highest(self, kept: list[tuple[int, Proof]]) -> tuple[int, ...]:
        """Of short forms shared by levels (吉林, 恩施) the highest level; full names all."""
        full = [index for index, proof in kept if proof in (Proof.FULL, Proof.EDGE, Proof.DIRECT)]
        if full or not kept:
            return tuple(full)
        rank = min(RANK[self._divisions.units[index].level] for index, _ in kept)
        return tuple(index for index, _ in kept if RANK[self._divisions.units[index].level] == rank)

    def _extend(self, text: str, at: int, stop: int, names: tuple[str, ...], candidates: tuple[int, ...]) -> Chain:
        """The longest continuation of a chain by names of units below its candidates."""
        best = (at, names, candidates)
        offsets = [at]
        if corps := CORPS.match(text, at, stop):
            offsets.append(corps.end())
        if at < stop and text[at] in BLANKS:
            offsets.append(at + 1)
        for begin in offsets:
            for length in self._divisions.lengths.get(text[begin : begin + 2], ()):
                after = begin + length
                if after > stop:
                    continue
                form = text[begin:after]
                entries = self._divisions.forms.get(form)
                if entries is None:
                    continue
                below = self._below(text, after, stop, entries, candidates)
                if below:
                    found = self._extend(text, after, stop, (*names, form), below)
                    if found[0] > best[0] and not (found[0] == after and cuts_word(text, form, after, stop)):
                        best = found
        return best

    def _below(
        self, text: str, after: int, stop: int, entries: tuple[tuple[int, Proof], ...], candidates: tuple[int, ...]
    ) -> tuple[int, ...]:
        """The candidates a form may mean behind names that mean ``candidates``."""
        kept: list[tuple[int, Proof]] = []
        for index, proof in entries:
            unit = self._divisions.units[index]
            above = self._divisions.lineage(index)
            for parent in candidates:
                head = self._divisions.units[parent]
                # An area may reach over the borders of the city it is named with (西安市西咸新区).
                if parent not in above and not (unit.level == "area" and head.code[:2] == unit.code[:2]):
                    continue
                if parent == index or RANK[head.level] >= RANK[unit.level]:
                    continue
                if proof == Proof.DIRECT and head.code != unit.parent:
                    continue
                if proof == Proof.WORD and not edge_after(text, after, stop):
                    continue
                kept.append((index, proof))
                break
        return self._highest(kept)

    def _complete(self, text: str, start: int, stop: int, chain: Chain) -> PlaceMention:
        """A chain with the functional area, the place below county level and the body behind it."""
        at, names, indices = chain
        candidates = tuple(self._divisions.units[index] for index in indices)
        level = candidates[0].level
        area: str | None = None
        place: str | None = None
        if level in ("city", "province") and (match := FREE_TRADE.match(text, at, stop)):
            area, at = match.group(1), match.end()
        elif level == "city" and candidates[0].code == TAIWAN and (match := TAIWAN_DISTRICT.match(text, at, stop)):
            area, at = match.group(), match.end()
        elif level in ("city", "province") and (match := AREA.match(text, at, stop)):
            printed = match.group()
            if printed not in AREA_ALONE and (level == "city" or len(printed) > 3):
                area, at = printed, match.end()
        match = DISTRICT.match(text, at, stop) if area is None and level == "city" else None
        if match is not None and edge_after(text, match.end(), stop):
            area, at = match.group(), match.end()
        below = (
            level in ("county", "area")
            or area is not None
            or (level == "city" and not self._divisions.has_counties(indices))
        )
        if below:
            match = TOWNSHIP.match(text, at, stop)
            if match is None and at < stop and text[at] in BLANKS:
                # Behind a blank the title may begin: only a name that is set apart or acts itself is the place.
                apart = TOWNSHIP.match(text, at + 1, stop)
                if apart is not None and (AGENCY.match(text, apart.end(), stop) or not han_at(text, apart.end(), stop)):
                    match, at = apart, at + 1
            village = VILLAGE.match(text, match.end() if match else at, stop)
            if match is not None and village is not None and text[match.end() : match.end() + 3] == "办事处":
                village = None
            last = village or match
            if last is not None:
                place, at = text[at : last.end()], last.end()
        agency: str | None = None
        agency_end = at
        if body := AGENCY.match(text, at, stop):
            agency, agency_end = body.group(), body.end()
            if (
                place is not None
                and place.endswith(("街道", "镇", "乡"))
                and agency.startswith(("办事处", "人民政府", "政府"))
            ):
                agency = place + agency
        return PlaceMention(start, at, text[start:at], names, candidates, area, place, agency, agency_end)
