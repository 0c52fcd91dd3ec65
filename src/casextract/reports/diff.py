"""The difference between two datasets, record by record, with the rule that caused it and the sentence it stands in.

Documents are matched by content, and where the content changed by path. Inside a document of equal content records are
matched by where they start; inside a changed one by what they say, because offsets move. References between records are
compared by where the record they name starts, so that a case put in front does not make all others look changed, and
the counts in `documents` are left out, because they only repeat what the other tables show.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from casextract.dataset.read import Dataset, mark
from casextract.dataset.schema import columns
from casextract.language import Language, display, label, labels
from casextract.records import TABLES

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import RenderableType

Row = Mapping[str, Any]
ChangeKind = Literal["added", "removed", "changed"]

_KEYS: Mapping[str, tuple[str, ...]] = {
    "documents": (),
    "cases": ("start",),
    "measures": ("start", "level"),
    "indicators": ("start",),
    "numerals": ("start",),
    "problems": ("code", "start", "message"),
}
"""What tells the records of one document apart, content being equal."""

_LOOSE_KEYS: Mapping[str, tuple[str, ...]] = {
    "documents": (),
    "cases": ("province", "city", "county", "title"),
    "measures": ("marker", "label"),
    "indicators": ("sentence", "text"),
    "numerals": ("text",),
    "problems": ("code", "message"),
}
"""The same where the content changed."""

_COUNTS = frozenset({"case_count", "measure_count", "indicator_count", "unresolved_count"})
_MARKUP = re.compile(r"[\\`*_<>\[\]|]")
_SHORT = 60
"""Longest value printed whole."""


@dataclass(frozen=True, slots=True)
class Change:
    """One record added, removed or changed."""

    table: str
    kind: ChangeKind
    rule: str | None
    """The rule that caused it, as far as the records tell: the one that now decides, for a number that is gone the one
    that set it aside."""
    source_path: str
    start: int | None
    quote: str
    """What the record is about: the sentence with the number marked, a heading, a message."""
    columns: tuple[tuple[str, Any, Any], ...] = ()
    """(column, old, new) of a changed record."""
    record: Mapping[str, Any] | None = None
    """The most telling columns of an added or removed record."""

    @property
    def values_kept(self) -> bool:
        """Whether only the rule behind the record changed."""
        return self.kind == "changed" and all(name in ("rule_id", "rules") for name, _, _ in self.columns)


_SHOWN = 20
"""Changes that a notebook shows."""


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes, by table in the order of the contract, in order of document and offset."""

    old: str
    new: str
    changes: tuple[Change, ...]

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.changes)

    @property
    def exit_code(self) -> int:
        """1 if the datasets differ."""
        return 1 if self.changes else 0

    def _repr_html_(self) -> str:
        """The counts by table, and the first changes, for a notebook."""
        counts = [(t, n["added"], n["removed"], n["changed"]) for t, n in self.counts().items()]
        first = [(c.rule, c.kind, c.table, _where(c), _what(c), c.quote) for c in self.changes[:_SHOWN]]
        caption = f"{len(self.changes):,} changes" + (f", the first {_SHOWN}" if len(self.changes) > _SHOWN else "")
        return display.table(
            ("table", "added", "removed", "changed"), counts, f"{self.old} → {self.new}"
        ) + display.table(("rule", "change", "table", "where", "what", "text"), first, caption)

    def counts(self) -> dict[str, dict[ChangeKind, int]]:
        """Number of changes by table and kind; tables without any are left out."""
        counted = Counter((c.table, c.kind) for c in self.changes)
        kinds: tuple[ChangeKind, ...] = ("added", "removed", "changed")
        return {
            table: {kind: counted[table, kind] for kind in kinds}
            for table in TABLES
            if any(counted[table, kind] for kind in kinds)
        }

    def by_rule(self) -> dict[str | None, list[Change]]:
        """The changes by rule, the rule with most of them first."""
        groups: dict[str | None, list[Change]] = defaultdict(list)
        for change in self.changes:
            groups[change.rule].append(change)
        return dict(sorted(groups.items(), key=lambda g: (-len(g[1]), g[0] or "")))


def compare(old: Dataset, new: Dataset) -> Difference:
    """What changed from `old` to `new`. Raises DatasetError where one cannot be read."""
    changes: list[Change] = []
    if old.digest != new.digest:
        in_one_only = _rules(old) ^ _rules(new)
        for before, after in _matched(old, new):
            changes += _document_changes(before, after, in_one_only)
    order = {table: i for i, table in enumerate(TABLES)}
    changes.sort(key=lambda c: order[c.table])
    return Difference(str(old.path), str(new.path), tuple(changes))


def to_json(difference: Difference) -> str:
    """The difference as a JSON object: `counts` and `changes`."""
    value = {"counts": difference.counts(), "changes": [asdict(c) for c in difference.changes]}
    return json.dumps(value, ensure_ascii=False, indent=1, default=_plain)


def markdown(difference: Difference, limit: int = 20) -> str:
    """The difference for a pull request: a table of counts, then at most `limit` changes of each rule."""
    if not difference:
        return "The datasets hold the same records.\n"
    lines = ["| table | added | removed | changed |", "|---|--:|--:|--:|"]
    lines += [f"| {t} | {n['added']} | {n['removed']} | {n['changed']} |" for t, n in difference.counts().items()]
    for rule, changes in difference.by_rule().items():
        lines += ["", f"### {f'`{rule}`' if rule else 'no rule'} ({len(changes)})", ""]
        shown, rest = _cut(changes, limit)
        lines += [_markdown_item(c) for c in shown] + [f"- {line}" for line in rest]
    return "\n".join(lines) + "\n"


def terminal(difference: Difference, limit: int = 20, language: Language = "en") -> RenderableType:
    """The difference for a terminal, at most `limit` changes of each rule."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    words = labels("printed", language)
    if not difference:
        return Text(words["same"])
    counts = Table(words["table"], words["added"], words["removed"], words["changed"])
    for table, n in difference.counts().items():
        counts.add_row(label("table", table, language), str(n["added"]), str(n["removed"]), str(n["changed"]))
    parts: list[RenderableType] = [counts]
    for rule, changes in difference.by_rule().items():
        title = f"{rule or words['no_rule']} ({len(changes)})"
        heads = (words[name] for name in ("table", "where", "what", "text"))
        shown = Table("", *heads, title=title, title_justify="left")
        first, rest = _cut(changes, limit, language)
        for c in first:
            what = Text(_what(c, language))
            shown.add_row(_SIGNS[c.kind], label("table", c.table, language), Text(_where(c)), what, Text(c.quote))
        for line in rest:
            shown.add_row("", "", "", line, "")
        parts.append(shown)
    return Group(*parts)


_SIGNS: Mapping[ChangeKind, str] = {"added": "+", "removed": "-", "changed": "~"}


def _cut(changes: Sequence[Change], limit: int, language: Language = "en") -> tuple[list[Change], list[str]]:
    """What is shown of the changes of a rule, and in words what is not."""
    words = labels("printed", language)
    telling = [c for c in changes if not c.values_kept]
    rest = [words["more"].format(count=len(telling) - limit)] if len(telling) > limit else []
    kept = len(changes) - len(telling)
    if kept:
        rest.append(words["values_kept"].format(count=kept))
    return telling[:limit], rest


def _markdown_item(change: Change) -> str:
    where = _where(change).replace("`", "'")
    head = f"- **{change.kind}** {change.table} `{where}` {_plain_text(_what(change))}"
    return f"{head}  \n  {_plain_text(change.quote)}".rstrip()


def _plain_text(text: str) -> str:
    """Text of an article as Markdown that shows it and does nothing else."""
    return _MARKUP.sub(r"\\\g<0>", text.replace("\n", " "))


def _where(change: Change) -> str:
    return change.source_path + (f"@{change.start}" if change.start is not None else "")


def _what(change: Change, language: Language | None = None) -> str:
    """The columns of a change and their values, by their names in a language; None: as the tables have them."""

    def named(column: str) -> str:
        return column if language in (None, "en") else label("field", column, language)

    def value(column: str, content: Any) -> Any:
        return label(column, content, language) if language == "zh" and column in _NAMED and content else content

    if change.kind == "changed":
        steps = ((name, value(name, a), value(name, b)) for name, a, b in change.columns)
        return ", ".join(f"{named(name)}: {_step(a, b)}" for name, a, b in steps)
    kept = {k: v for k, v in (change.record or {}).items() if v not in (None, [], "")}
    return ", ".join(f"{named(k)}: {_short(value(k, v))}" for k, v in kept.items())


_NAMED = frozenset({"metric", "status", "bound", "dimension", "direction", "disposition", "reason", "kind", "severity"})
"""Columns that hold a code which has names."""


def _step(old: Any, new: Any) -> str:
    """From one value to another; of long lists only what went and what came."""
    if isinstance(old, list) and isinstance(new, list) and set(old) != set(new) and len(old) + len(new) > 4:
        return " ".join([*(f"-{v}" for v in old if v not in new), *(f"+{v}" for v in new if v not in old)])
    return f"{_short(old)} → {_short(new)}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=_plain)
    text = text.replace("\n", " ")
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")


@dataclass(frozen=True, slots=True)
class _Slice:
    """The rows of one document in each table, still as Arrow."""

    doc_id: str | None
    source_path: str
    tables: Mapping[str, pa.Table]


def _rules(dataset: Dataset) -> set[str]:
    """All rules that speak anywhere in a dataset."""
    import pyarrow.compute as pc

    named = {
        r
        for t in ("cases", "measures", "indicators", "numerals")
        for r in _unique(dataset[t].arrow(["rule_id"])["rule_id"])
    }
    return named | set(_unique(pc.list_flatten(dataset.indicators.arrow(["rules"])["rules"])))


def _unique(values: pa.ChunkedArray) -> list[str]:
    unique: list[str] = values.unique().drop_null().to_pylist()
    return unique


class _Documents:
    """A dataset by document. Tables are in document order, so a document is a stretch of rows in each."""

    def __init__(self, dataset: Dataset) -> None:
        self._tables = {t: dataset[t].arrow() for t in TABLES}
        documents = self._tables["documents"]
        self.paths: dict[str, str] = dict(
            zip(documents["doc_id"].to_pylist(), documents["source_path"].to_pylist(), strict=True)
        )
        self._stretches: dict[str, dict[str, tuple[int, int]]] = {t: {} for t in TABLES}
        for name, table in self._tables.items():
            # Problems of a file that gave no document have no doc_id.
            keys = table["doc_id"].to_pylist()
            if name == "problems":
                paths = table["source_path"].to_pylist()
                keys = [k if k in self.paths else f"/{p}" for k, p in zip(keys, paths, strict=True)]
            for i, key in enumerate(keys):
                first, _ = self._stretches[name].get(key, (i, i))
                self._stretches[name][key] = (first, i + 1)
        self.failed = {k[1:]: k for k in self._stretches["problems"] if k.startswith("/")}

    def slice(self, key: str) -> _Slice:
        tables = {}
        for name, table in self._tables.items():
            first, end = self._stretches[name].get(key, (0, 0))
            tables[name] = table.slice(first, end - first)
        return _Slice(key if key in self.paths else None, self.paths.get(key, key[1:]), tables)


def _matched(old: Dataset, new: Dataset) -> Iterator[tuple[_Slice | None, _Slice | None]]:
    """The documents of both that belong together, in the order of the new paths, then those that are gone."""
    before, after = _Documents(old), _Documents(new)
    left = dict(before.paths)
    by_path = {path: doc_id for doc_id, path in before.paths.items()}
    pairs: list[tuple[str | None, str]] = []
    for doc_id in after.paths:
        if doc_id in left:
            pairs.append((doc_id, doc_id))
            del left[doc_id]
        else:
            pairs.append((None, doc_id))
    for former, doc_id in pairs:
        match = former or by_path.get(after.paths[doc_id])
        if match is not None and former is None:
            match = match if left.pop(match, None) is not None else None
        yield before.slice(match) if match is not None else None, after.slice(doc_id)
    for doc_id in left:
        yield before.slice(doc_id), None
    for path in sorted({*before.failed, *after.failed}):
        one = before.slice(before.failed[path]) if path in before.failed else None
        other = after.slice(after.failed[path]) if path in after.failed else None
        yield one, other


def _document_changes(before: _Slice | None, after: _Slice | None, in_one_only: Set[str]) -> list[Change]:
    if before is not None and after is not None and all(before.tables[t].equals(after.tables[t]) for t in TABLES):
        return []
    old, new = _Rows(before), _Rows(after)
    keys = _KEYS if old.doc_id is not None and old.doc_id == new.doc_id else _LOOSE_KEYS
    changes: list[Change] = []
    for table in TABLES:
        gone = _keyed(old.rows[table], keys[table])
        for key, row in _keyed(new.rows[table], keys[table]).items():
            former = gone.pop(key, None)
            if former is None:
                changes.append(new.change(table, "added", row))
                continue
            different = _different(table, old.comparable(table, former), new.comparable(table, row), keys is _KEYS)
            if different:
                change = replace(new.change(table, "changed", row), columns=different, record=None)
                changes.append(replace(change, rule=_cause(former, row, in_one_only)))
        changes += [replace(old.change(table, "removed", row), rule=_remover(table, row, new)) for row in gone.values()]
    return _without_echoes(changes, old, new)


class _Rows:
    """The rows of one document as Python values."""

    def __init__(self, part: _Slice | None) -> None:
        self.doc_id = part.doc_id if part is not None else None
        self.source_path = part.source_path if part is not None else ""
        self.rows: dict[str, list[dict[str, Any]]] = {
            t: part.tables[t].to_pylist() if part is not None else [] for t in TABLES
        }
        documents = self.rows["documents"]
        self.text: str = documents[0]["text"] if documents else ""
        self._starts = {
            r[f"{t[:-1]}_id"]: r["start"] for t in ("cases", "measures", "indicators") for r in self.rows[t]
        }

    def comparable(self, table: str, row: Row) -> dict[str, Any]:
        """The columns that count, references by where they lead."""
        kept = {}
        for column in columns(table):
            if column.primary_key or column.name == "doc_id" or column.name in _COUNTS:
                continue
            value = row[column.name]
            if column.references and not column.references.startswith("documents"):
                value = [*map(self._starts.get, value)] if isinstance(value, list) else self._starts.get(value)
            kept[column.name] = value
        return kept

    def change(self, table: str, kind: ChangeKind, row: Row) -> Change:
        shown = {k: row[k] for k in _TELLING[table] if k in row}
        source_path = row.get("source_path") or self.source_path
        return Change(
            table, kind, row.get("rule_id"), source_path, row.get("start"), self._quote(table, row), record=shown
        )

    def _quote(self, table: str, row: Row) -> str:
        match table:
            case "indicators":
                return mark(self.text, row["sentence"], row["start"], row["end"])
            case "numerals":
                first, last = max(0, row["start"] - 15), row["end"] + 15
                return mark(self.text, self.text[first:last], row["start"], row["end"])
            case "problems":
                return str(row["message"])
            case "documents":
                return str(row["title"] or row["text"][:_SHORT])
            case "measures":
                return str(row["label"] or row["text"][:_SHORT])
            case _:
                return str(row["title"] or row["text"][:_SHORT])


_TELLING: Mapping[str, tuple[str, ...]] = {
    "documents": ("kind", "script", "encoding"),
    "cases": ("province", "city", "county", "place", "adcode"),
    "measures": ("level", "marker"),
    "indicators": ("metric", "value", "value_high", "unit", "bound", "per", "status", "subject", "time"),
    "numerals": ("disposition", "reason"),
    "problems": ("severity", "code"),
}


def _keyed(rows: Sequence[dict[str, Any]], key: Sequence[str]) -> dict[Hashable, dict[str, Any]]:
    """The rows by key; equal keys are told apart by their order."""
    met: Counter[Hashable] = Counter()
    keyed: dict[Hashable, dict[str, Any]] = {}
    for row in rows:
        plain = tuple(row[k] for k in key)
        met[plain] += 1
        keyed[plain, met[plain]] = row
    return keyed


def _different(table: str, old: Row, new: Row, same_content: bool) -> tuple[tuple[str, Any, Any], ...]:
    moving = () if same_content else _MOVING
    return tuple((k, old[k], new[k]) for k in old if old[k] != new[k] and k not in moving)


_MOVING = ("start", "end", "case_id", "measure_id", "parent_id", "baseline_id", "part_of", "indicator_id")
"""Columns that change wherever something was put in front of the record."""


def _cause(old: Row, new: Row, in_one_only: Set[str]) -> str | None:
    """The rule behind a changed record.

    Of the rules that spoke on one side only, one that did so in the whole dataset (it is new, or gone), deciding ones
    first, else the one that decides now if another did before, else the first that is new to the record.
    """
    before, after = _speaking(old), _speaking(new)
    fresh, silent = [r for r in after if r not in before], [r for r in before if r not in after]
    deciding = [r["rule_id"] for r in (new, old) if r.get("rule_id") in {*fresh, *silent}]
    telling = [r for r in deciding + fresh + silent if r in in_one_only]
    decided = [new["rule_id"]] if "rule_id" in new and new["rule_id"] != old["rule_id"] else []
    candidates = [*telling, *decided, *fresh, *silent, new.get("rule_id")]
    rule: str | None = candidates[0]
    return rule


def _speaking(row: Row) -> list[str]:
    """All rules a record names."""
    return [r for r in [*(row.get("rules") or ()), row.get("rule_id")] if r]


def _remover(table: str, row: Row, new: _Rows) -> str | None:
    """The rule behind a removed record: for a number the one that set it aside now."""
    if table == "indicators":
        for numeral in new.rows["numerals"]:
            if row["start"] <= numeral["start"] < row["end"] and numeral["rule_id"]:
                rule: str = numeral["rule_id"]
                return rule
    return row.get("rule_id")


def _without_echoes(changes: list[Change], old: _Rows, new: _Rows) -> list[Change]:
    """The changes without those numerals that only repeat what became of an indicator."""
    spans = {c.start for c in changes if c.table == "indicators"}
    ends = {r["start"]: r["end"] for rows in (old, new) for r in rows.rows["indicators"]}
    covered = {i for start in spans if start is not None for i in range(start, ends[start])}
    return [c for c in changes if c.table != "numerals" or c.start not in covered]
