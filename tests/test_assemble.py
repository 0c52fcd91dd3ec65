"""The last stage: what breaks an invariant is no indicator, and is not lost either."""

from __future__ import annotations

from casextract.assemble import Records, assemble
from casextract.extract import Extraction, Quantity, compile_grammar, extract
from casextract.rulebook.loading import load_rulebook
from casextract.ruletools.examples import as_segmentation

GRAMMAR = compile_grammar(load_rulebook())


def extraction(text: str) -> Extraction:
    return extract(as_segmentation(text), GRAMMAR)


def with_first(found: Extraction, **changes: object) -> Extraction:
    first, *others = found.quantities
    broken: Quantity = first._replace(**changes)
    return Extraction(found.segmentation, (broken, *others), found.numerals)


def accounted(records: Records) -> None:
    (document,) = records.documents
    assert document.indicator_count == len(records.indicators)
    assert document.unresolved_count == sum(n.disposition == "unresolved" for n in records.numerals)
    known = {i.indicator_id for i in records.indicators}
    assert {n.indicator_id for n in records.numerals} - {None} == known
    assert {i.baseline_id for i in records.indicators} - {None} <= known


def test_an_unsound_quantity_is_a_problem_and_its_numeral_unresolved() -> None:
    found = extraction("全县覆盖率达到85%,新增床位360张。")
    assert [q.metric for q in found.quantities] == ["coverage_rate", "beds"]
    records = assemble(with_first(found, value=850.0))
    assert [i.text for i in records.indicators] == ["360张"]
    (problem,) = records.problems
    assert (problem.stage, problem.severity, problem.code) == ("record", "warning", "invalid_indicator")
    assert "'85%' is no sound indicator" in problem.message
    assert "coverage rate 850.0 is outside 0 to 100" in problem.message
    assert found.quantities[0].rule_id in problem.message
    assert records.documents[0].text[problem.start : problem.end] == "85%"
    assert [(n.text, n.disposition) for n in records.numerals] == [("85", "unresolved"), ("360", "indicator")]
    accounted(records)


def test_nothing_refers_to_an_indicator_that_was_refused() -> None:
    found = extraction("持证率由55%提高到81%。")
    assert [q.baseline for q in found.quantities] == [None, 0]
    assert assemble(found).indicators[1].baseline_id == assemble(found).indicators[0].indicator_id
    records = assemble(with_first(found, value_high=1.0))
    assert [(i.text, i.baseline_id) for i in records.indicators] == [("81%", None)]
    accounted(records)


def test_what_the_words_allow() -> None:
    limits = {
        i.text: (i.bound, i.value_min, i.value_max)
        for i in assemble(extraction("床位360张,近500张,不少于12家,不超过3公里,约40处,投入20万元至30万元。")).indicators
    }
    assert limits["360张"] == ("exact", 360, 360)
    assert limits["500张"] == ("nearly", None, 500)
    assert limits["12家"] == ("at_least", 12, None)
    assert limits["3公里"] == ("at_most", None, 3)
    assert limits["40处"] == ("about", None, None)
    assert limits["20万元至30万元"] == ("exact", 200_000, 300_000)
