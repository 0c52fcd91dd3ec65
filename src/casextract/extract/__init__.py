"""Fourth stage: `Segmentation` to `Extraction`: every numeral read, the quantities among them with all they say.

`quantities` reads the numbers, `bounds` their bounds and bases, `periods` their dates, `subjects` what they count, `metric` their
status and metric; `stage` chains them for one article.
"""

from casextract.extract.grammar import Grammar, compile_grammar
from casextract.extract.model import Extraction, NumeralSpan, Quantity, Step
from casextract.extract.stage import extract

__all__ = ["Extraction", "Grammar", "NumeralSpan", "Quantity", "Step", "compile_grammar", "extract"]
