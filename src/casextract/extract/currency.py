"""The money of a document and of its cases, where a sum does not name it."""

from __future__ import annotations

from casextract.extract.reading import Reading
from casextract.records import Currency
from casextract.segment import CaseSpan, Segmentation

_CURRENCIES: dict[str, Currency] = {"香港特别行政区": "HKD", "澳门特别行政区": "MOP", "台湾省": "TWD"}


def currency_of(segmentation: Segmentation) -> Currency:
    """The document's own currency: that of Hong Kong, Macao or Taiwan where its cases or its head say so, else CNY."""
    provinces = {c.province for c in segmentation.cases if c.province}
    if len(provinces) == 1:
        return _CURRENCIES.get(next(iter(provinces)), "CNY")
    if provinces:
        return "CNY"
    text = segmentation.text.norm
    counts: dict[Currency, int] = {
        "HKD": text.count("香港") + text.count("港元"),
        "MOP": text.count("澳门"),
        "TWD": text.count("台湾") + text.count("卫生福利部") + text.count("新台币"),
    }
    best = max(counts, key=lambda c: counts[c])
    return best if segmentation.text.script == "hant" and counts[best] >= 2 else "CNY"


def money_of_case(reading: Reading, case: CaseSpan, text: str) -> Currency | None:
    """The currency of a sum in a case: a collection may tell of Hong Kong and of the mainland, 元 is the money of the case's place."""
    if reading.currency is not None and reading.unit.currency is None:
        own = _CURRENCIES.get(case.province or "")
        if own is not None and "人民币" not in text[max(0, reading.start - 4) : reading.start]:
            return own
    return reading.currency
