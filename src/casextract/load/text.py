"""Plain text: bytes to characters, nothing else changed."""

from __future__ import annotations

from casextract.load.encodings import Decoded, decode

__all__ = ["Decoded", "decode"]
