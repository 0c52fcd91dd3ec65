"""Fourth stage: `Segmentation` to `Extraction`: every numeral read, the quantities among them with all they say.

`quantities` reads the numbers; `sentence` cuts what they stand in; `bounds`, `bases`, `periods`, `subjects` read what
is said of them; `metric` and `status` decide by rules over their `frame`; `changes` links old values and new ones;
`stage` chains them for one article.
"""

from casextract.extract.explanation import Observer, Step, Trace
from casextract.extract.grammar import Grammar, compile_grammar
from casextract.extract.model import Extraction, NumeralSpan, Quantity
from casextract.extract.stage import extract

__all__ = [
    "Extraction",
    "Grammar",
    "NumeralSpan",
    "Observer",
    "Quantity",
    "Step",
    "Trace",
    "compile_grammar",
    "extract",
]
