"""Numbers that direction marks print in another order than they are written in."""

from __future__ import annotations

import re
from dataclasses import replace

from casextract.load.source import Article, Mark, Note

# From an override to the mark or the line end that takes it back: letters and digits run from right to left there.
_OVERRIDE = re.compile("\u202e[^\u202c\n\r]*")
_NUMBER = re.compile(r"\d[\d.,]*")


def report_reordered(page: Article) -> Article:
    """The article with every number of two digits or more behind a right-to-left override marked `doubtful`, and a note
    on each."""
    if "\u202e" not in page.text:
        return page
    marks, notes = [], []
    for stretch in _OVERRIDE.finditer(page.text):
        # Digits that stand at the mark are one number with those behind it, whatever is shown.
        before = re.search(r"[\d.,]*$", page.text[: stretch.start()])
        start = before.start() if before else stretch.start()
        for number in _NUMBER.finditer(page.text.replace("\u202e", "0"), start, stretch.end()):
            if len(number[0]) > 1:
                marks.append(Mark(number.start(), number.end(), "doubtful"))
                message = (
                    "a right-to-left override prints the digits of this number in another order than they are written; "
                    "it was not read: check what the page shows, and take the mark out"
                )
                notes.append(Note("warning", "reordered_number", message, number.start(), number.end()))
    order = tuple(sorted((*page.marks, *marks), key=lambda m: (m.start, -m.end)))
    return replace(page, marks=order, notes=(*page.notes, *notes))
