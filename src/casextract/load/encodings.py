"""Which character encoding bytes are in, by evidence."""

from __future__ import annotations

from dataclasses import dataclass

from casextract.load.source import LoadError
from casextract.records import Severity


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the codec it was decoded with, and what a reader should know: (severity, code, message)."""

    text: str
    encoding: str
    notes: tuple[tuple[Severity, str, str], ...] = ()


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """Decode text. Raises LoadError where it is no text, or not in the encoding named."""
    if encoding is not None:
        try:
            return Decoded(data.decode(encoding), encoding)
        except LookupError:
            raise LoadError(
                "unknown_encoding", f"no such encoding: {encoding}; name a codec such as gb18030 or big5hkscs"
            ) from None
        except UnicodeDecodeError as error:
            raise LoadError(
                "wrong_encoding", f"byte {error.start} is not {encoding}; leave --encoding out or name another"
            ) from None
    for codec in ("utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8", "gb18030"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return Decoded(text, codec)
    raise LoadError(
        "not_text", "neither text nor a format that can be read; convert it, or name --encoding if it is text"
    )
