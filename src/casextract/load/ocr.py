"""Characters read from pictures, where the extra `casextract[ocr]` is installed: lines with their boxes, as a PDF gives
them.

The engine is RapidOCR; its models come inside its package, so nothing is fetched.
"""

from __future__ import annotations

import importlib.util
import io
import re
from functools import cache
from statistics import median
from typing import Any, NamedTuple

from casextract.load.pdf_characters import Segment
from casextract.load.source import LoadError, Note

SCALE = 200 / 72
"""Pixels to a point that a page is drawn with: 200 dots an inch, at which print of 9 points has letters of 25
pixels."""

LOW = 0.9
"""Mean confidence below which a reader is told. Clean drawn pages have 0.98 and more, photographed ones 0.85 to
0.95."""

LEAST = 0.5
"""Confidence of a line below which it is no writing: stains, stamps, ornaments."""


# Between two numbers there is a dash; the engine takes it for the character that looks like one.
_DASH = re.compile(r"(?<=[\d%万亿元岁年月日])一(?=\d)")

SAME_SIZE = 0.25
"""Share by which the boxes of lines in one size may differ."""


class ReadPage(NamedTuple):
    """What was read on a picture: its lines, and how sure the engine is of each of their characters on average."""

    segments: list[Segment]
    confidence: float


def available() -> bool:
    """Whether the extra is installed."""
    return importlib.util.find_spec("rapidocr_onnxruntime") is not None


def read_picture(picture: Any, scale: float = 1.0) -> ReadPage:
    """The lines on a picture (an array of rows of RGB pixels, `scale` pixels to a point), distances in points from
    below."""
    found, _ = _engine()(picture)
    height = picture.shape[0]
    segments: list[Segment] = []
    sure = characters = 0.0
    for corners, text, confidence in found or ():
        if float(confidence) < LEAST or not text.strip():
            continue
        across = [x for x, _ in corners]
        down = [y for _, y in corners]
        left, right = min(across) / scale, max(across) / scale
        top, bottom = (height - min(down)) / scale, (height - max(down)) / scale
        segments.append(Segment(_DASH.sub("—", text.strip()), left, bottom, right, top, max(1.0, top - bottom)))
        sure += float(confidence) * len(text)
        characters += len(text)
    # The boxes of one print differ with its letters: those of about one size are of one.
    for s, size in [
        (s, median(t.size for t in segments if abs(t.size - s.size) < SAME_SIZE * s.size)) for s in segments
    ]:
        s.size = size
    return ReadPage(segments, sure / characters if characters else 1.0)


def picture_of(data: bytes) -> Any:
    """The pixels of a picture file. Raises LoadError `broken_file` where it is damaged."""
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            return np.asarray(image.convert("RGB"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise LoadError("broken_file", f"the picture is damaged or too large ({error}); fetch it again") from None


def remark(confidence: float) -> tuple[Note, ...]:
    """What is to be said of a text read with this confidence."""
    if confidence >= LOW:
        return ()
    message = (
        f"the text was read from pictures with a confidence of {confidence:.2f}, less than {LOW}; check its numbers"
    )
    return (Note("warning", "low_confidence", message),)


@cache
def _engine() -> Any:
    from rapidocr_onnxruntime import RapidOCR

    return RapidOCR()
