"""The money of a document and of its cases, where a sum does not name it."""

from __future__ import annotations

from casextract.extract.grammar import Grammar
from casextract.extract.reading import Reading
from casextract.records import Currency
from casextract.segment import CaseSpan, Segmentation


def currency_of(segmentation: Segmentation, grammar: Grammar) -> Currency:
    """The document's own currency: that of the region where its cases or its head say so, else the renminbi."""
    provinces = {c.province for c in segmentation.cases if c.province}
    if len(provinces) == 1:
        return grammar.money_of_region.get(next(iter(provinces)), "CNY")
    if provinces or segmentation.text.script != "hant":
        return "CNY"
    text = segmentation.text.norm
    found: Currency = "CNY"
    most = 1
    for code, words in grammar.money_evidence.items():
        count = sum(map(text.count, words))
        if count > most:
            found, most = code, count
    return found


def money_of_case(reading: Reading, case: CaseSpan, grammar: Grammar) -> Currency | None:
    """The currency of a sum in a case: a collection may tell of Hong Kong and of the mainland, 元 is the money of the
    case's place."""
    if reading.currency is not None and reading.unit.currency is None and not reading.named:
        return grammar.money_of_region.get(case.province or "", reading.currency)
    return reading.currency
