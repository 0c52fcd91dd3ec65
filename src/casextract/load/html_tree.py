"""Walking the tree of a web page in linear time: the library's own lists are searched anew for each of their
members."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resiliparse.parse.html import NodeType


def children(node: Any) -> list[Any]:
    """The child nodes."""
    found = []
    child = node.first_child
    while child is not None:
        found.append(child)
        child = child.next_sibling
    return found


def child_elements(node: Any) -> list[Any]:
    """The elements among the child nodes."""
    return [c for c in children(node) if c.node_type == NodeType.ELEMENT]


def elements(node: Any, *names: str) -> Iterator[Any]:
    """The elements of these names below a node, in the order of the page."""
    at = node.first_child
    depth = 0
    while at is not None:
        if at.node_type == NodeType.ELEMENT and at.tag in names:
            yield at
        below = at.first_child
        if below is not None:
            at, depth = below, depth + 1
            continue
        after = at.next_sibling
        while after is None and depth:
            at, depth = at.parent, depth - 1
            after = at.next_sibling
        at = after
