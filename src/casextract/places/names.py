"""How names of places stand in running text: what may be before and behind one, and what is named below the county."""

from __future__ import annotations

import re
from typing import Final

from casextract.language.word_lists import word_lists

_NAMES = word_lists("casextract.places", "names")
_AFTER_SUFFIX = word_lists("casextract.places", "after_suffix")
_NOT_PLACE_AFTER = word_lists("casextract.places", "not_place_after")

HAN = re.compile(r"[\u3400-\u9fff]")
BLANKS: Final = " \u3000\xa0·"
_EDGE_BEFORE: Final = _NAMES.set_of("edge_before")
_VERB_BEFORE: Final = _NAMES.set_of("verb_before")
_NATURE_BEFORE: Final = _NAMES.set_of("nature_before")
_NATURE_AFTER: Final = _NAMES.set_of("nature_after")
_AFTER_TWO: Final = _NAMES.set_of("county_of_two_after")
_CONJUNCTION: Final = _NAMES.set_of("conjunction")
_NAMED_AFTER = re.compile(_NAMES.filled("{named_after}"))
CORPS = re.compile(r"生产建设兵团(?:第[一二三四五六七八九十]+师)?")

_NO_STOP = _NAMES.filled(r"(?:(?!{running_text})[\u3400-\u9fff])")
# Places below county level and functional areas: the shortest stem without a word of running text in it.
TOWNSHIP = re.compile(_NAMES.filled(rf"(?!{{no_township}}){_NO_STOP}{{1,9}}?(?:{{township}})"))
VILLAGE = re.compile(_NAMES.filled(rf"(?!{{no_village}}){_NO_STOP}{{1,6}}?(?:{{village}})"))
AREA = re.compile(
    _NAMES.filled(rf"(?:{_NO_STOP}{{0,6}}?(?:{{area_with_any_name}})|{_NO_STOP}{{2,5}}?(?:{{area_with_a_name}}))")
)
_COMMON_NOUN = "".join(_NAMES["no_district"])
# A district no table holds (潍坊某某区): two or three characters, no common noun in …区, and a word's end behind it.
DISTRICT = re.compile(rf"{_NO_STOP}{{2,3}}?(?<![{_COMMON_NOUN}])区(?![域块间划县])")
TAIWAN: Final = "710000"
# In Taiwan everything behind a city or a county is a district or township of it (新北市板桥区, 屏东县恒春镇).
TAIWAN_DISTRICT = re.compile(rf"{_NO_STOP}{{1,3}}?[区乡镇市](?![域间划])")
# A free-trade area is named behind its province or city, in brackets or without (中国(上海)自由贸易试验区).
FREE_TRADE = re.compile(r"\)?(自(?:由贸易|贸)(?:试验)?区)")
AREA_ALONE: Final = _NAMES.set_of("area_alone")

AGENCY = re.compile(
    _NAMES.filled(
        r"街道办事处|办事处|(?:人民)?政府(?:办公[厅室]|(?:{agency_word})*?[局署厅处](?!长))?"
        r"|(?:{level_of_body})?(?:{party_body})(?=[\s,。、:“”]|$)"
        r"|(?:{agency_word})*?(?:{body})"
    )
)


def han_at(text: str, at: int, stop: int) -> bool:
    """Whether an ideograph stands at an offset."""
    return at < stop and HAN.match(text, at) is not None


def edge_before(text: str, at: int) -> bool:
    """Whether a word can start at an offset."""
    if at == 0 or not HAN.match(text, at - 1) or text[at - 1] in _EDGE_BEFORE:
        return True
    return text[max(0, at - 2) : at] in _VERB_BEFORE


def edge_after(text: str, at: int, stop: int) -> bool:
    """Whether a word ends at an offset: no further character of a word, or a body of civil affairs, or a
    conjunction."""
    return at >= stop or not HAN.match(text, at) or text[at] in _CONJUNCTION or AGENCY.match(text, at, stop) is not None


def stands_bare(text: str, start: int, after: int, stop: int, form: str, level: str) -> bool:
    """Whether the short form of a province or city stands as a place here."""
    follow = text[after] if after < stop else ""
    if follow and (follow in _NOT_PLACE_AFTER.get(form) or _NAMED_AFTER.match(text, after, stop)):
        return False
    if level == "province":
        before = text[start - 1] if start else ""
        return not (before in _NATURE_BEFORE and before) and (follow not in _NATURE_AFTER or not follow)
    return len(form) > 2 or edge_before(text, start)


def cuts_word(text: str, form: str, after: int, stop: int) -> bool:
    """Whether the last character of a full name belongs to the next word instead."""
    if after >= stop:
        return False
    follow, last = text[after], form[-1]
    if last == "市" and follow == "民":
        return text[after : after + 2] != "民政"
    if follow in _AFTER_SUFFIX.get(last):
        return True
    return len(form) == 2 and last == "县" and follow in _AFTER_TWO and text[after : after + 2] != "城关"
