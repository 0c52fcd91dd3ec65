"""A tiny pipeline for tests of what comes after the stages: it makes records by pattern, without rules.

`123张`, `123元` and `123%` become indicators, each the baseline of the next; any other number stays unresolved. A text that
holds RAISE makes the pipeline raise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from casextract.assemble import Records
from casextract.load import Source
from casextract.normalise import Text
from casextract.records import Case, Dimension, Document, Indicator, Measure, Numeral
from casextract.rulebook.loading import Rulebook

_UNITS: dict[str, tuple[str, Dimension, str]] = {
    "张": ("beds", "count", "metric.beds"),
    "元": ("investment", "money", "metric.investment"),
    "%": ("share", "percent", "metric.share"),
}


def on_text(run: Callable[[Source, object], Records]) -> Callable[[Text, object, object], Records]:
    """A stand-in for `casextract.pipeline.run_normalised` made of one for `casextract.pipeline.run`."""
    return lambda text, pipeline, begin: run(text.source, pipeline)


def run(source: Source, pipeline: object) -> Records:
    """Stands in for `casextract.pipeline.run`."""
    text, doc = source.text, source.doc_id
    if "RAISE" in text:
        raise ValueError("told to")
    nowhere: dict[str, Any] = {"page": None, "path": None}
    case = Case(
        case_id=f"{doc}.c001", doc_id=doc, ordinal=1, implicit=False, title=text[:4], lead=None, province="浙江省",
        city="湖州市", county=None, place=None, adcode="330500", agency=None, brands=[], topics=["养老"], start=0,
        end=len(text), text=text, rule_id="segmentation.case", **nowhere,
    )  # fmt: skip
    measure = Measure(
        measure_id=f"{doc}.c001.m001", case_id=case.case_id, doc_id=doc, parent_id=None, level=1, ordinal=1, marker=None,
        label=text[:6], start=0, end=len(text), text=text, rule_id="segmentation.measure", **nowhere,
    )  # fmt: skip
    indicators: list[Indicator] = []
    numerals = []
    for m in re.finditer(r"([0-9]+)([张元%])?", text):
        made = m[2] is not None
        if made:
            indicators.append(_indicator(doc, text, m, indicators))
        numerals.append(
            Numeral(
                doc_id=doc, start=m.start(), end=m.end(), text=m[0], value=float(m[1]), disposition="indicator" if made else "unresolved",
                reason=None, rule_id=indicators[-1].rule_id if made else None,
                indicator_id=indicators[-1].indicator_id if made else None,
            )
        )  # fmt: skip
    document = Document(
        doc_id=doc, source_path=source.path, sha256=source.sha256, media_type=source.media_type, encoding=source.encoding, ocr=False, ocr_confidence=None,
        script="hans", kind="single_case", title=text[:4], subtitle=None, publisher=None, issue=None, published_on=None,
        byline=None, keywords=[], text=text, char_count=len(text), case_count=1, measure_count=1,
        indicator_count=len(indicators), unresolved_count=len(numerals) - len(indicators), duplicate_of=None,
    )  # fmt: skip
    return Records((document,), (case,), (measure,), tuple(indicators), tuple(numerals), source.problems)


def _indicator(doc: str, text: str, m: re.Match[str], before: Sequence[Indicator]) -> Indicator:
    metric, dimension, rule = _UNITS[m[2]]
    first = text.rfind("。", 0, m.start()) + 1
    last = text.find("。", m.end()) + 1 or len(text)
    return Indicator(
        indicator_id=f"{doc}.i{m.start():06d}", doc_id=doc, case_id=f"{doc}.c001", measure_id=f"{doc}.c001.m001",
        metric=metric, dimension=dimension, subject=None, value=float(m[1]), value_high=None, value_min=float(m[1]),
        value_max=float(m[1]), unit=m[2], currency="CNY" if m[2] == "元" else None, bound="exact", per=[],
        status="achieved", baseline_id=before[-1].indicator_id if before else None, time=None, period_start=None,
        period_end=None, table=None, row=None, column=None, part_of=[], text=m[0], sentence=text[first:last], start=m.start(), end=m.end(), page=None, path=None,
        rule_id=rule, rules=[rule],
    )  # fmt: skip


def article(number: int) -> str:
    """An own-written article with figures that depend on `number`."""
    return (
        f"织里镇的食堂。全镇办起助餐点{number + 3}处,添置床位{number * 7 + 20}张。"
        f"三年里拿出{number * 1000 + 500}元,老人用餐占{number % 90 + 5}%。"
    )


def write_articles(folder: Path, count: int) -> Path:
    """`count` articles in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        (folder / f"{i:04}.txt").write_text(article(i), encoding="utf-8")
    return folder


def install(patch: pytest.MonkeyPatch) -> None:
    """Put the tiny pipeline in the place of the real one, for builds in this process."""
    patch.setattr("casextract.build.tasks.IN_WORKERS", False)
    patch.setattr("casextract.build.guarded.run_normalised", on_text(run))
    patch.setattr("casextract.build.tasks.prepare", lambda rulebook, lazy=False: None)
    patch.setattr("casextract.build.plan.load_rulebook", lambda rules: Rulebook(digest=str(rules)))
