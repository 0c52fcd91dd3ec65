"""The subject of a number: the noun phrase it counts or measures, found by the grammar around it."""

from __future__ import annotations

import regex

from casextract.extract.context import Surroundings
from casextract.extract.grammar import Grammar
from casextract.extract.scan import Reading
from casextract.extract.words import Words

_REACH = 26
_AFTER_LEAD = regex.compile(r"(?:\(含\))?(?:及以上|以上|以下|以内|之内|左右|上下|不等|多|余|内|起)?(?:\([^()]{0,8}\))?(?P<de>的)?")
_OPENERS = "“《‘("
_NOUN_END = regex.compile(r"[,，;:。!?、\n\d”》)]")
_LIST_TAIL = regex.compile(r"(?:等)(?:各类|各种|多个|多项)?$")
_BASIS = regex.compile(r"每[^,。;、]{1,10}?(?:[年月周天日次季度人户]|个?\p{Han}{1,6}(?=[至不约平建设配]))|(?:人|户|年|月|床)均")
_TARGET = regex.compile(r"^(?:对|为|给|用于|建设了?|支持|奖励|资助|补助)(?P<np>[^,。;、\d]{2,24})")
_VERBS_ABOUT = regex.compile(r"(?:进行|开展|实施|予以|给予|提供|完成|逐一|依法)")
_PREFIX = regex.compile(r"^(?:的|等|了|着|过|各类|各种|各级|全[市县区省国镇乡州]|辖区内?|我[市县区省]|目前|其中|现|由|该|其|新|共|已|并|以及|还|近年来|每年)+")
_SUFFIX = regex.compile(r"(?:的|了|等|约|近|超|共|已|为|达|是|有|至|到|数为|共计|合计|总计|累计|分别|均|在|由|从|总数|人数|数量|总量)+$")


def subject_of(text: str, reading: Reading, at: Surroundings, grammar: Grammar, words: Words) -> tuple[str | None, str]:
    """The subject in simplified characters, or None where the clause does not say it, and how it was found.

    The phrase behind the number is asked first for counts (1.2万名农村老人), the phrase before it where nothing countable
    follows (建成护理型床位1755张); for shares, durations and money the phrase before it names the measured thing.
    """
    dimension = reading.unit.dimension
    after = _after(text, reading, at, grammar, words)
    if dimension == "count" or dimension == "age":
        if after:
            return after, "behind the number"
        before = _before(text, reading, at, grammar, words)
        return (before, "before the number") if before else (None, "unsaid")
    if dimension == "percent":
        de = text[reading.end : reading.end + 4].lstrip("以上左右")
        before = _before(text, reading, at, grammar, words)
        if before:
            return before, "before the number"
        if de.startswith("的") and after:
            return after, "behind the number"
        return (after, "behind the number") if after else (None, "unsaid")
    if dimension == "duration":
        deed = _deed(text, reading, at)
        direct = text[reading.end : reading.end + 3]
        if deed and direct.startswith(("内", "以内", "之内")):
            before = _before(text, reading, at, grammar, words)
            if before and dimension == "duration" and _names_time(before):
                return before, "before the number"
            return deed, "the deed within the time"
        if after and "的" in text[reading.end : reading.end + 4]:
            return after, "behind the number"
    if dimension == "money" and after and not regex.match(r"(?:以上|以内|左右)?[,，;。、:!?\n)]", text[reading.end : reading.end + 3]):
        return after, "behind the number"
    before = _before(text, reading, at, grammar, words)
    if before:
        return before, "before the number"
    if after:
        return after, "behind the number"
    if dimension == "money":
        m = _TARGET.match(text[reading.end : at.clause[1]])
        if m is not None:
            cut = _phrase(m["np"], grammar, words)
            if cut:
                return cut, "what the money is for"
    return None, "unsaid"


def _names_time(phrase: str) -> bool:
    return regex.search(r"(?:时限|时间|期限|周期|时长)$", phrase) is not None


def _deed(text: str, reading: Reading, at: Surroundings) -> str | None:
    """What is done within a time: the words behind 内, up to the clause's end."""
    m = regex.compile(r"(?:以内|之内|内)(?:[,，])?(?P<deed>[\p{Han}“”]{2,14})").match(text, reading.end)
    return m["deed"][:10] if m else None


def _after(text: str, reading: Reading, at: Surroundings, grammar: Grammar, words: Words) -> str | None:
    lead = _AFTER_LEAD.match(text, reading.end)
    start = lead.end() if lead else reading.end
    if start < len(text) and text[start] == " ":
        start += 1
    stop = _NOUN_END.search(text, start, min(start + _REACH, len(text)))
    high = stop.start() if stop else min(start + _REACH, len(text))
    if high <= start:
        return None
    return _phrase(text[start:high], grammar, words, closing=text[high : high + 1])


def _phrase(window: str, grammar: Grammar, words: Words, closing: str = "") -> str | None:
    """The noun phrase a window opens with."""
    tokens = words.cut(window)
    kept: list[str] = []
    for i, token in enumerate(tokens):
        if token == "的":
            if not kept or i + 1 >= len(tokens):
                break
            kept.append(token)
            continue
        if token in ("“", "‘", "《", "("):
            kept.append(token)
            continue
        if token in grammar.functions and token not in ("等",):
            break
        if token in grammar.verbs:
            following = tokens[i + 1] if i + 1 < len(tokens) else ""
            if not kept:
                return None
            if following != "的" or i > 5:
                break
        kept.append(token)
        if len("".join(kept)) >= 20:
            break
    while kept and (kept[-1] in ("的", "“", "(", "《", "‘", "等") or kept[-1] in grammar.functions):
        kept.pop()
    phrase = "".join(kept)
    if "的" in phrase:
        head = phrase.rsplit("的", 1)[1]
        phrase = head or phrase
    phrase = _trim(phrase)
    return phrase if len(phrase) >= 1 and regex.search(r"\p{Han}", phrase) and phrase not in grammar.functions else None


def _before(text: str, reading: Reading, at: Surroundings, grammar: Grammar, words: Words) -> str | None:
    low = max(at.previous_end, reading.start - _REACH)
    window = text[low : reading.start]
    comma = max(window.rfind(c) for c in ",，;:。!?、\n")
    listed = window[comma] if comma >= 0 else ""
    inner = window[comma + 1 :]
    inner = _strip_links(inner, grammar)
    inner = regex.sub(r"(?:每|人均|户均)[\p{Han}()]{0,8}$", "", inner) or inner
    inner = _strip_links(inner, grammar)
    if not inner and listed == "、":
        return None
    inner = _SUFFIX.sub("", inner).rstrip(" ")
    if not inner:
        return None
    tokens = list(words.cut(inner))
    kept: list[str] = []
    stopped_by_verb = False
    while tokens:
        token = tokens.pop()
        if token == "的" and kept:
            kept.insert(0, token)
            continue
        if token in grammar.verbs:
            stopped_by_verb = True
            break
        if token in grammar.functions and token not in ("等", "和", "与", "及"):
            break
        if token in ("“", "(", "《") and not any(c in kept for c in ("”", ")", "》")):
            break
        kept.insert(0, token)
    if not stopped_by_verb:
        # The clause has no other verb: the first of the nominal ones is its verb (共调解合同纠纷25起).
        verb = next((i for i, t in enumerate(kept[:-1]) if t in grammar.nominals), None)
        if verb is not None and reading.unit.dimension in ("count", "money"):
            kept = kept[verb + 1 :]
    phrase = "".join(kept)
    if "的" in phrase and phrase.rsplit("的", 1)[1]:
        tail = phrase.rsplit("的", 1)[1]
        phrase = phrase if tail in grammar.generics or len(tail) < 2 else tail
    phrase = _trim(phrase)
    if not phrase or not regex.search(r"\p{Han}", phrase) or regex.fullmatch(r"全?[市县区省国]|\d+", phrase):
        return None
    return phrase


def _strip_links(window: str, grammar: Grammar) -> str:
    """Take the words between a thing and its value off the window's end."""
    while True:
        window = window.rstrip(" “(")
        m = grammar.links.search(window) or grammar.bounds_before.search(window, max(0, len(window) - 4))
        if m is None or m.end() != len(window):
            return window
        if m.start() == 0:
            return ""
        window = window[: m.start()]


def _trim(phrase: str) -> str:
    phrase = _PREFIX.sub("", phrase)
    phrase = _SUFFIX.sub("", phrase)
    if phrase.count("“") != phrase.count("”"):
        phrase = phrase.replace("“", "").replace("”", "")
    if phrase.count("(") != phrase.count(")"):
        phrase = phrase.replace("(", "").replace(")", "")
    return phrase.strip(" ,、的")
