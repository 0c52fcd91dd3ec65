"""How the label of a row is numbered: 一、, (一), 1., (1), A, I."""

from __future__ import annotations

from casextract.rulebook.patterns import on_demand
from casextract.rulebook.vocabulary import CHINESE

NUMBERED = on_demand(
    rf"\s*(?:\p{{Han}}{{2}}[::]\s*)?(?:(?P<s0>{CHINESE}{{1,3}})[、.]|\((?P<s1>{CHINESE}{{1,3}})\)|(?P<s2>\d{{1,2}})[、.](?!\d)"
    r"|\(?(?P<s3>\d{1,2})\)|(?P<s5>[IVX]{1,4})[\s.、]|(?P<s4>[A-Z])[\s.、])"
)
"""The styles of numbers, each under the one before it."""


def number_style(label: str) -> int | None:
    """The weight of the style that a label is numbered in, 0 the most; None without a number."""
    m = NUMBERED.match(label)
    return int(m.lastgroup[1]) if m is not None and m.lastgroup is not None else None
