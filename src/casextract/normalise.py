"""Second stage: `Source` to `Text`, simplified and width-folded, with a map back to the raw offsets.

What is folded, so that one rule reads every page: traditional to simplified characters (OpenCC `t2s`), full-width forms
to ASCII, corner brackets to quotation marks, odd blanks to plain ones, line ends to a line feed, radicals and
compatibility ideographs to the characters they stand for. Invisible characters, raised numbers of notes and pinyin
behind a character go, and so do the stretches that the loader marked as `unread`. What stays between two digits: a
full-width comma (ASCII `1,755` may be one number, `1，755` is two), and a tab or an ideographic space, which sets cells
apart where a plain blank may group digits.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import regex

from casextract.load import Source
from casextract.records import Script

if TYPE_CHECKING:
    from opencc import OpenCC

# What Unicode says is not to be shown (joiners, direction and variation marks, tags), and what stands for no character.
_INVISIBLE = r"[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]"
# A raised digit is the number of a note, unless it is the power of a unit (120m²) or of ten (3×10⁸).
_NOTE = r"(?<![\p{Latin}米里]|[×xX*]\s?10)[⁰¹²³⁴-⁹]+(?![⁰¹²³⁴-⁹])"
_TONES = "āáǎăàēéěĕèīíǐĭìōóǒŏòūúǔŭùǖǘǚǜńňǹḿ"
_INITIAL, _FINAL = "[bpmfdtnlgkhjqxzcsrwy]", "[aeiouüv]"
_SYLLABLE = rf"(?:(?:{_INITIAL}|[zcs]h)?[aeiouüv{_TONES}]{{1,3}}(?:ng?|r)?)"
_ZHUYIN = r"[\u3105-\u312f\u31a0-\u31bfˊˇˋ˙ˉ\s]+"
# How a character is read, in brackets behind it: with its tone, or between two characters in letters that make a
# syllable.
_PRONOUNCED = (
    rf"(?<=\p{{Han}})[(（]\s?(?:(?=[^)）]{{0,40}}[{_TONES}])(?:{_SYLLABLE}[\s'’]?){{1,4}}|(?:{_SYLLABLE}[1-4]\s?){{1,4}}"
    rf"|{_ZHUYIN}|(?!ha[)）]|mu[)）])(?:(?:{_INITIAL}|[zcs]h){_FINAL}{{1,3}}(?:ng?)?){{1,2}}(?=[)）]\p{{Han}}))[)）]"
)
_DROPPED = regex.compile(rf"{_INVISIBLE}|\r(?=\n)|{_NOTE}|{_PRONOUNCED}")
# The radicals of dictionaries look like the characters they classify, and fonts of PDF files put the one for the other.
_RADICALS = dict(
    zip(
        "⺁⺄⺈⺊⺌⺎⺐⺒⺓⺕⺗⺛⺜⺝⺟⺠⺧⺩⺫⺬⺮⺰⺶⺻⺼⻁⻄⻅⻆⻉⻋⻌⻏⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
        "厂乙刀卜小兀尢巳幺彐心旡日月母民牛王目示竹纟羊聿肉虎西见角贝车辶邑長长门雨青韦页风飞食马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
        strict=True,
    )
)
_COMPATIBLE = [
    *range(0x2E9F, 0x2EA0),
    *range(0x2EF3, 0x2EF4),
    *range(0x2F00, 0x2FD6),
    *range(0xF900, 0xFADA),
    *range(0x2F800, 0x2FA1E),
]
# The zeros of the scripts that count by ten, mathematical alphabets too; each is followed by its nine digits.
_ZEROS = (
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20,
    0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0,
    0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450,
    0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50,
    0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
)  # fmt: skip
_FOLD = (
    {chr(c): chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)}
    | dict.fromkeys("\u3000\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\t", " ")
    | dict.fromkeys("\r\f\v\x85\u2028\u2029", "\n")
    | dict(zip("「」『』﹁﹂﹃﹄〝〞〜﹪﹐﹑﹔﹕﹙﹚ㄧ", "“”‘’“”‘’“”~%,、;:()一", strict=True))
    | _RADICALS
    | {chr(c): unicodedata.normalize("NFKC", chr(c)) for c in _COMPATIBLE}
    | {chr(zero + i): str(i) for zero in _ZEROS for i in range(10)}
    # Every OpenCC leaves this look-alike of 陕 as it is.
    | {"陜": "陕"}
)
MAX_BASIC = "\uffff"
"""The last character of the plane that `re` has fast classes for."""

# Few characters of a text are folded, so finding them is many times as fast as `str.translate`, which looks up each
# one.
_FOLDED = re.compile(f"[{''.join(c for c in _FOLD if c <= MAX_BASIC)}]")
# ○ stands for 〇 between Chinese digits (二○二二); elsewhere it masks a name (○○县).
_ROUND_ZERO = regex.compile(r"(?<=[一二三四五六七八九〇○])○(?=[○〇一二三四五六七八九年岁歲個个人名%])")
_BETWEEN_DIGITS = regex.compile(r"(?<=[0-9０-９])[，\t\u3000](?=[0-9０-９])")
_CLAUSE = regex.compile(r"[^\s,。、;:?!“”‘’()《》…—]+")
_HANT_SHARE, _HANS_SHARE = 0.8, 0.2


@dataclass(frozen=True, slots=True)
class Text:
    """The normalised text of one article. Later stages work on `norm` and map back once, when a record is made."""

    source: Source
    norm: str
    script: Script
    starts: tuple[int, ...] | None = None
    """Raw offset of the first raw character behind each character of `norm`; None where the map is the identity."""
    ends: tuple[int, ...] | None = None
    """Raw offset one past the last raw character behind each character of `norm`; None as above."""

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Map the half-open span [start, end) of `norm` (start < end) to raw offsets."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def norm_span(self, start: int, end: int) -> tuple[int, int]:
        """Map a span of the raw text to offsets into `norm`: the characters of `norm` that stand for those in it."""
        if self.starts is None or self.ends is None:
            return start, end
        low = bisect_right(self.ends, start)
        return low, max(low, bisect_left(self.starts, end))

    def without_tables(self) -> Text:
        """The same text with line feeds in the place of its tables and their notes: what is left is running text.

        Of each table its first row of heads stays, so that a case may begin where its body does.
        """
        norm = self.norm
        for table in self.source.tables:
            heads = [c.end for c in table.cells if c.row in table.head[:1]]
            for span in ((max([table.start, *heads]), table.end), *table.notes):
                start, end = self.norm_span(*span)
                norm = norm[:start] + "\n" * (end - start) + norm[end:]
        return self if norm is self.norm else replace(self, norm=norm)

    def raw(self, start: int, end: int) -> str:
        """The raw characters behind [start, end) of `norm`."""
        a, b = self.raw_span(start, end)
        return self.source.text[a:b]


def normalise(source: Source) -> Text:
    """Normalise one article. Total: every text has a normal form, and every span of it maps back to raw offsets."""
    raw = source.text
    kept = raw
    origin: list[int] | None = None
    gone, gaps = _unread(source)
    if gone or gaps:
        origin = [i for i in range(len(raw)) if i not in gone]
        kept = "".join(" " if i in gaps else raw[i] for i in origin)
    folded = _FOLDED.sub(lambda m: _FOLD[m[0]], kept)
    if max(kept, default="") > MAX_BASIC:
        folded = "".join(_FOLD.get(c, c) if c > MAX_BASIC else c for c in folded)
    parts, at = [], 0
    for m in _BETWEEN_DIGITS.finditer(kept):
        parts += [folded[at : m.start()], m.group()]
        at = m.end()
    folded = "".join([*parts, folded[at:]]) if parts else folded
    if "○" in folded:
        folded = _ROUND_ZERO.sub("〇", folded)
    norm, lengths = simplify(folded)
    script = script_of(folded)
    if origin is None and lengths is None:
        return Text(source, norm, script)
    origin = origin if origin is not None else list(range(len(raw)))
    if lengths is None:
        return Text(source, norm, script, tuple(origin), tuple(i + 1 for i in origin))
    starts = [i for i, n in zip(origin, lengths, strict=True) for _ in range(n)]
    return Text(source, norm, script, tuple(starts), tuple(i + 1 for i in starts))


def _unread(source: Source) -> tuple[set[int], set[int]]:
    """The offsets of characters that are not read, and of those that are read as a blank."""
    gone = {i for m in _DROPPED.finditer(source.text) for i in range(m.start(), m.end())}
    gaps: set[int] = set()
    for mark in source.marks:
        if mark.kind == "unread":
            gone.update(range(mark.start, mark.end))
        elif mark.kind == "gap":
            gaps.add(mark.start)
            gone.update(range(mark.start + 1, mark.end))
    return gone, gaps - gone


def simplify(text: str) -> tuple[str, list[int] | None]:
    """Convert to simplified characters, clause by clause and only where there is something to convert.

    Returns the converted text and, only where a conversion changes a length, how many characters of it stand for each
    character of `text` (None: one each).
    """
    traditional, phrases, table = _conversion()
    if traditional.search(text) is None:
        return text, None
    parts: list[str] = []
    lengths: list[int] | None = None
    at = 0
    for m in _CLAUSE.finditer(text):
        clause = m.group()
        if traditional.search(clause) is None:
            continue
        parts.append(text[at : m.start()])
        at = m.end()
        if phrases.search(clause) is None:
            # OpenCC would do no more than look up each character, in many times the time.
            parts.append(clause.translate(table))
            continue
        simple = _converter().convert(clause)
        if len(simple) != len(clause):
            # A phrase that changes its length has no map inside; single characters do.
            singles = [_converter().convert(c) for c in clause]
            simple = "".join(singles)
            lengths = [1] * len(text) if lengths is None else lengths
            lengths[m.start() : m.end()] = [len(s) for s in singles]
        parts.append(simple)
    parts.append(text[at:])
    return "".join(parts), lengths


def script_of(text: str) -> Script:
    """`hant` or `hans` by the share of traditional among the characters that only one script uses; between, `mixed`."""
    if _conversion()[0].search(text) is None:
        return "hans"
    traditional, simplified = _inventory()
    # A page has few distinct characters: look up those, not each occurrence.
    counts = Counter(text)
    distinct = set(counts)
    hant = sum(counts[c] for c in distinct & traditional)
    hans = sum(counts[c] for c in distinct & simplified)
    if hant <= _HANS_SHARE * (hant + hans):
        return "hans"
    return "hant" if hant >= _HANT_SHARE * (hant + hans) else "mixed"


@cache
def _converter() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


@cache
def _inventory() -> tuple[frozenset[str], frozenset[str]]:
    """The characters that only traditional and that only simplified text uses, from OpenCC's character table."""
    pairs = _opencc_table("TSCharacters.txt")
    traditional = frozenset(p[0] for p in pairs if p[0] not in p[1:])
    simplified = frozenset(s for p in pairs for s in p[1:] if s != p[0]) - traditional - frozenset(p[0] for p in pairs)
    return traditional, simplified


@cache
def _conversion() -> tuple[re.Pattern[str], re.Pattern[str], dict[int, str]]:
    """OpenCC's `t2s` for text that holds none of its phrases: what finds a traditional character, what finds a phrase,
    and
    the table of single characters (of several simplified ones the first, as OpenCC chooses)."""
    # A character may be both: OpenCC makes 于 of 於, though 於 is a surname in simplified text as well.
    traditional = frozenset(p[0] for p in _opencc_table("TSCharacters.txt") if p[1] != p[0])
    # `re` is fast with a class up to U+FFFF only; the few characters beyond are let through and looked at again.
    common = "".join(c for c in traditional if c <= "\uffff")
    found = re.compile(f"[{common}\U00010000-\U0010ffff](?<=[{''.join(traditional)}])")
    phrases = re.compile("|".join(re.escape(p[0]) for p in _opencc_table("TSPhrases.txt")))
    return found, phrases, {ord(p[0]): p[1] for p in _opencc_table("TSCharacters.txt")}


def _opencc_table(name: str) -> list[list[str]]:
    """One of OpenCC's dictionaries: each entry followed by what it may become."""
    from importlib.resources import files

    table = files("opencc").joinpath("dictionary", name).read_text(encoding="utf-8")
    return [line.split() for line in table.splitlines() if line]
