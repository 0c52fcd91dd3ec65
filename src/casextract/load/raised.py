"""Raised characters: the power of a unit, the number of a note, or text that is merely set high."""

from __future__ import annotations

import re

_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_NUMBERS = re.compile(r"\s*\d{1,4}\s*")
_NOTE = re.compile(
    r"\s*[\[［〔(（【]?\s*(?:注\s?|註\s?)?(?:\d{1,3}(?:\s?[-–—~,，、]\s?\d{1,3})*|[①-⑳]|[a-z]|[*＊†‡※#]{1,3}|注|註)\s*[\]］〕)）】]?\s*"
)


def raised(text: str) -> str:
    """What a raised piece of text is in a text without raised type.

    Digits become raised digits, of which `normalise` keeps the powers (120m²) and drops the numbers of notes
    (320¹万元); the mark of a note in brackets, or a sign, is dropped; anything else is text.
    """
    if _NUMBERS.fullmatch(text):
        return text.strip().translate(_DIGITS)
    return "" if _NOTE.fullmatch(text) else text
