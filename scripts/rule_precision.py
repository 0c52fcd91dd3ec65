"""How often each rule is right where it decides: uses, right, and what the annotations say instead.

    casextract build ../shared/dev/silver/S1/raw -o /tmp/S1 -q
    python scripts/rule_precision.py /tmp/S1 ../shared/dev/silver/S1/gold [DATASET GOLD ...]

A rule that is right less often than the last rule of its dimension, over ten uses or more, is marked: without it the
number would fare better. Documents whose annotated text (GOLD/../text) is not the one that was read are left out and told.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from casextract.dataset.read import Dataset
from casextract.reports.gold import GoldIndicator, read_gold
from casextract.rulebook.loading import load_rulebook

FIELDS = {"metric": "metric", "status": "status", "bound": "bound"}
"""The first part of a rule's id to the field that it decides."""
FEW = 10
"""Uses below which a share says nothing of a rule."""


def pairs(dataset: Dataset, gold: Path) -> Iterator[tuple[dict[str, Any], GoldIndicator]]:
    """The numbers of a dataset with the core annotation each agrees with in place and value."""
    documents = {PurePosixPath(d["source_path"]).stem: d for d in dataset.documents.arrow().to_pylist()}
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in dataset["indicators"].arrow().to_pylist():
        rows[row["doc_id"]].append(row)
    for annotation in read_gold(gold):
        document = documents.get(PurePosixPath(annotation.doc).stem)
        text = gold.parent / "text" / f"{annotation.doc}.txt"
        if document is None or (text.is_file() and text.read_bytes().decode() != document["text"]):
            print(f"left out: {annotation.doc}", file=sys.stderr)
            continue
        wanted = [g for g in annotation.indicators if g.core]
        for row in rows[document["doc_id"]]:
            for g in wanted:
                if (
                    row["start"] < g.end
                    and g.start < row["end"]
                    and abs(row["value"] - g.value) <= 1e-6 * max(1, abs(g.value))
                ):
                    yield row, g
                    break


def main() -> int:
    """Print the table for the datasets and folders of annotations named on the command line."""
    paths = [Path(a) for a in sys.argv[1:]]
    if not paths or len(paths) % 2:
        print(__doc__, file=sys.stderr)
        return 2
    uses: Counter[str] = Counter()
    instead: dict[str, Counter[str]] = defaultdict(Counter)
    for dataset, gold in zip(paths[::2], paths[1::2], strict=True):
        for row, g in pairs(Dataset.open(dataset), gold):
            for rule in row["rules"]:
                field = FIELDS.get(rule.partition(".")[0])
                if field is not None:
                    uses[rule] += 1
                    if row[field] != getattr(g, field):
                        instead[rule][str(getattr(g, field))] += 1
    dimensions = {rule.id: rule.dimension for rule in load_rulebook().metrics}
    last = {rule.dimension: rule.id for rule in sorted(load_rulebook().metrics, key=lambda r: r.order)}

    def share(rule: str) -> float:
        return 1 - instead[rule].total() / uses[rule]

    print("| rule | uses | right | share | instead | |\n|---|--:|--:|--:|---|---|")
    for rule in sorted(uses, key=lambda r: (share(r), -uses[r])):
        floor = last.get(dimensions.get(rule, "count"), rule) if rule in dimensions else rule
        below = uses[rule] >= FEW and floor in uses and share(rule) < share(floor)
        others = ", ".join(f"{name} {n}" for name, n in instead[rule].most_common(3))
        print(
            f"| {rule} | {uses[rule]} | {uses[rule] - instead[rule].total()} | {share(rule):.2f} | {others} | {'below' * below} |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
