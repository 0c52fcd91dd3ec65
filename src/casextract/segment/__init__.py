"""Third stage: `Text` to `Segmentation`: typed blocks that tile the text, cases and measures (offsets into `norm`).

The way through it: `lines` cuts the text into paragraphs and headings, `head_and_trailer` takes off what stands around
the article, `starts` finds where cases begin and where they happened, `measures` finds their steps, `topics` says what
they are about, `intents` what the document is written for; `compiled` holds the rules; `stage` chains them.
"""

from casextract.segment.compiled import Segmenter, check_example, compile_segmenter
from casextract.segment.model import Block, BlockKind, CaseSpan, Evidence, Intent, MeasureSpan, Section, Segmentation
from casextract.segment.stage import scope_of, segment

__all__ = [
    "Block",
    "BlockKind",
    "CaseSpan",
    "Evidence",
    "Intent",
    "MeasureSpan",
    "Section",
    "Segmentation",
    "Segmenter",
    "check_example",
    "compile_segmenter",
    "scope_of",
    "segment",
]
