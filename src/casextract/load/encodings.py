"""Which character encoding bytes are in, by evidence: what each decoding would say, and how likely anybody is to say
it.

Every codec that could have made the bytes decodes them; the likelihood of the characters it gives, by their frequency
in Chinese writing (`characters.txt`, both scripts), is the likelihood of the bytes. A plain order of trials would not
do: gb18030 decodes nearly anything, Big5 and UTF-16 among it.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from casextract.load.source import LoadError, Note

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks, longer ones first, and the Python codec that takes the mark off."""

CANDIDATES = ("utf-8", "gb18030", "cp950", "big5hkscs", "utf-16-le", "utf-16-be")
"""Of two codecs that give the same text the first is named."""

BIG5 = frozenset({"cp950", "big5hkscs"})
"""Two readings of one encoding: which of them it is casts no doubt on the file."""

SAMPLE = 1 << 13
"""Bytes that are weighed; more would change nothing."""

SHORT = 64
"""Bytes up to which even valid UTF-8 is weighed against the others: a few GBK characters can be valid UTF-8."""

CERTAIN = 20.0
"""Bits by which the best decoding must outdo the next one to pass without a warning (one in a million)."""

IMPLAUSIBLE = 14.0
"""Mean bits a character from which the best decoding is doubtful; Chinese prose has 8 to 9."""

NONSENSE = 20.0
"""Mean bits a character from which it is no writing at all; random bytes have 23 and more."""

BROKEN = 0.02
"""Share of undecodable characters from which the file is no text."""

DECLARED = 10.0
"""Bits that the page's own declaration is worth."""

_LIKELY = {"\n": 6.0, "\r": 6.0, " ": 6.0, "\u3000": 6.0, ",": 5.0, "。": 5.5, "、": 6.0, "\t": 8.0}
_UNDECODABLE = 40.0
_NOT_TEXT = "neither text nor a format that can be read; convert it, or name --encoding if it is text"
# Without the ends of lines and pages, and the sign that CP/M and its heirs end a file with.
_CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f-\x84\x86-\x9f]")
# GB18030-2022 (and browsers) give these code points; Python's table has the private-use ones of the year 2000.
_GB18030_2022 = str.maketrans(
    dict(zip("\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796", "︐︒︑︓︔︕︖︗︘︙", strict=True))
    | dict(zip("\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864", "龴龵龶龷龸龹龺龻", strict=True))
)
_OF_2000 = re.compile("[\ue78d-\ue796\ue81e-\ue864]")
# Browsers read these symbols of Big5 as the full-width ones; Python's big5hkscs has other code points. The sun that
# stands before bylines has one code in Big5, which Python's cp950 takes for the circled dot.
_BIG5 = {"big5hkscs": str.maketrans("∼¥¢£､•", "～￥￠￡﹑‧"), "cp950": str.maketrans("⊙", "☉")}


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the Python codec that gives it from the bytes, and what a reader should know."""

    text: str
    encoding: str
    notes: tuple[Note, ...] = ()


def decode(data: bytes, encoding: str | None = None, declared: str | None = None) -> Decoded:
    """Decode text.

    `encoding` is the user's word and final; `declared` is what the file says of itself, one piece of evidence. Raises
    LoadError where the bytes are no text (`not_text`), not in the encoding the user named (`wrong_encoding`), or there
    is no such encoding (`unknown_encoding`).
    """
    if encoding is not None:
        return _as_told(data, encoding)
    for bom, codec in BOMS:
        if data.startswith(bom):
            return _decode_as(data, codec)
    if b"\0" not in data and (len(data) > SHORT or data.isascii()):
        try:
            return _checked(Decoded(data.decode("utf-8"), "utf-8"))
        except UnicodeDecodeError:
            pass
    return _weighed(data, codec_name(declared))


def codec_name(label: str | None) -> str | None:
    """The codec for a label as web pages write it, or None where there is none.

    Labels mean what browsers take them to mean: gb2312 and gbk are decoded as gb18030, big5 as cp950.
    """
    if not label:
        return None
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    return {"gb2312": "gb18030", "gbk": "gb18030", "hz": "hz", "big5": "cp950", "ascii": None}.get(name, name)


def _as_told(data: bytes, encoding: str) -> Decoded:
    try:
        name = codecs.lookup(encoding).name
        if name == "utf-8" and data.startswith(codecs.BOM_UTF8):
            name = "utf-8-sig"
        text = data.decode(name)
    except LookupError:
        remedy = "name one Python knows, such as gb18030, big5hkscs or utf-16-le"
        raise LoadError("unknown_encoding", f"there is no encoding {encoding!r}; {remedy}") from None
    except UnicodeDecodeError as error:
        message = f"byte {error.start} cannot be {encoding}; leave --encoding out or name another"
        raise LoadError("wrong_encoding", message) from None
    return Decoded(_repaired(text, name), name)


def _weighed(data: bytes, declared: str | None) -> Decoded:
    sample = _sample(data)
    scores: dict[str, float] = {}
    texts: dict[str, str] = {}
    for codec in CANDIDATES if declared is None or declared in CANDIDATES else (*CANDIDATES, declared):
        try:
            text = codecs.getincrementaldecoder(codec)("replace").decode(sample, final=len(sample) == len(data))
        except (LookupError, ValueError):  # A declared codec that does not decode to text, such as rot13.
            continue
        if text in texts.values():
            continue
        texts[codec] = text
        scores[codec] = _bits(text) - (DECLARED if codec == declared else 0.0)
    best, *others = sorted(scores, key=lambda c: scores[c])
    others = [c for c in others if not {c, best} <= BIG5]
    mean = scores[best] / max(1, len(texts[best]))
    if mean > NONSENSE:
        raise LoadError("not_text", _NOT_TEXT)
    decoded = _decode_as(data, best)
    margin = scores[others[0]] - scores[best] if others else CERTAIN
    if margin >= CERTAIN and mean < IMPLAUSIBLE:
        return decoded
    message = (
        f"read as {best}, which is not certain (next: {others[0] if others else 'none'}); "
        "check a few sentences, or name --encoding"
    )
    return Decoded(decoded.text, decoded.encoding, (*decoded.notes, Note("warning", "uncertain_encoding", message)))


def _sample(data: bytes) -> bytes:
    """A stretch that holds the evidence: from the first byte that is no ASCII, at an even place for UTF-16's sake."""
    if len(data) <= SAMPLE:
        return data
    head = data[:SAMPLE]
    if not head.isascii() or b"\0" in head:
        return head
    first = next(i for i in range(0, len(data), SAMPLE) if not data[i : i + SAMPLE].isascii())
    return data[first - SAMPLE : first + SAMPLE]


def _decode_as(data: bytes, codec: str) -> Decoded:
    """Decode all of it, with U+FFFD for what cannot be decoded and a note that says so."""
    notes: tuple[Note, ...] = ()
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        text = data.decode(codec, "replace")
        broken = text.count("\ufffd")
        if broken > max(2, BROKEN * len(text)):
            raise LoadError("not_text", _NOT_TEXT) from None
        if error.end == len(data) and error.reason in (
            "unexpected end of data",
            "incomplete multibyte sequence",
            "truncated data",
        ):
            message = "the file ends in the middle of a character; it may be cut short: fetch it again"
            notes = (Note("warning", "truncated", message),)
        else:
            message = (
                f"{broken} characters cannot be decoded as {codec}, the first at byte {error.start}; "
                "U+FFFD stands for them: fetch the file again"
            )
            notes = (Note("warning", "undecodable_bytes", message),)
    return _checked(Decoded(_repaired(text, codec), codec, notes))


def _checked(decoded: Decoded) -> Decoded:
    """Refuse what decodes but is no writing: control characters are the mark of a binary file."""
    text = decoded.text
    head = text[:SAMPLE]
    if len(_CONTROL.findall(head)) > max(2, BROKEN * len(head)):
        raise LoadError("not_text", _NOT_TEXT)
    return decoded


def _repaired(text: str, codec: str) -> str:
    if codec == "gb18030" and _OF_2000.search(text):
        return text.translate(_GB18030_2022)
    return text.translate(_BIG5[codec]) if codec in BIG5 else text


def _bits(text: str) -> float:
    """How surprising the text is, in bits: the sum over its characters."""
    known = _characters()
    return sum(n * (known.get(c) or _other(c)) for c, n in Counter(text).items())


@cache
def _characters() -> dict[str, float]:
    table = dict(_LIKELY)
    for line in (Path(__file__).parent / "characters.txt").read_text(encoding="utf-8").splitlines():
        bits, _, characters = line.partition("\t")
        table.update(dict.fromkeys(characters, float(bits)))
    return table


@cache
def _other(c: str) -> float:
    """Bits of a character that is not among the frequent ones, by its block."""
    if "!" <= c <= "~":
        return 9.0
    if "①" <= c <= "⒇":
        return 11.0
    if "\u3001" <= c <= "\u303f" or "\uff01" <= c <= "\uff5e" or c in "“”‘’—…·《》":
        return 8.0
    if "\u4e00" <= c <= "\u9fff":
        return 23.0
    if c == "\ufffd":
        return _UNDECODABLE
    if c < " " or "\x7f" <= c < "\xa0" or "\ue000" <= c <= "\uf8ff" or c >= "\U000e0000" or not c.isprintable():
        return 32.0 if c not in "\x85\u200b\u200c\u200d\ufeff\xad\f\v\u2028\u2029\xa0" else 14.0
    if "\u3041" <= c <= "\u30fe" and c != "の":
        return 20.0
    if "\u2000" <= c <= "\u27bf" or "\u3000" <= c <= "\u33ff" or "\ufe10" <= c <= "\ufe4f":
        return 16.0
    return 20.0 if c < "\u0530" else 26.0
