"""The tables' schemas, all derived from the models in `records`: Arrow, JSON Schema and the data dictionary.

Nothing here names a column. What a column is (type, nullable, closed set of values, descriptions, keys) is read from
the JSON Schema that Pydantic makes of the model, so a change in `records` shows everywhere or fails here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from casextract.errors import CasextractError
from casextract.language.labels import Language, label, labels
from casextract.records import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

ColumnType = Literal["string", "integer", "number", "boolean", "date", "list"]

_CONSTRAINTS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "pattern", "minLength", "maxLength")
_KNOWN = {
    "type",
    "format",
    "enum",
    "const",
    "items",
    "anyOf",
    "title",
    "description",
    "default",
    "zh",
    "unit",
    "primary_key",
    "references",
    *_CONSTRAINTS,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table, as its record defines it."""

    name: str
    type: ColumnType
    """`list` is a list of strings."""
    nullable: bool
    description: str
    zh: str
    """The description in Chinese."""
    enum: tuple[str, ...] = ()
    """The closed set of values; empty where any value of the type may stand."""
    unit: str | None = None
    primary_key: bool = False
    references: str | None = None
    """`table.column` that the values point to."""
    constraints: tuple[tuple[str, Any], ...] = ()
    """JSON Schema keyword and value, for example `("minimum", 0)`."""


class SchemaError(CasextractError, TypeError):
    """A record holds a field for which no table column is defined."""

    exit_code = 1


@cache
def columns(table: str) -> tuple[Column, ...]:
    """The columns of `table` in the order they are written.

    Raises KeyError for an unknown table and SchemaError for a field whose type no column can hold.
    """
    properties: Mapping[str, Any] = TABLES[table].model_json_schema(mode="serialization")["properties"]
    return tuple(_column(table, name, prop) for name, prop in properties.items())


@cache
def arrow_schema(table: str) -> pa.Schema:
    """The Arrow schema of `table`; every field carries `description`, `description_zh` and what else is known of it."""
    import pyarrow as pa

    types: dict[ColumnType, pa.DataType] = {
        "string": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "list": pa.list_(pa.field("element", pa.string(), nullable=False)),
    }
    fields = [pa.field(c.name, types[c.type], nullable=c.nullable, metadata=_field_metadata(c)) for c in columns(table)]
    return pa.schema(fields, metadata={"table": table, "description": label("row", table, "en")})


def json_schema() -> dict[str, Any]:
    """One JSON Schema for all tables: each table is a definition, the top level an object with an array per table."""
    definitions = {name: model.model_json_schema(mode="serialization") for name, model in TABLES.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "casextract records",
        "type": "object",
        "properties": {name: {"type": "array", "items": {"$ref": f"#/$defs/{name}"}} for name in TABLES},
        "additionalProperties": False,
        "$defs": definitions,
    }


def data_dictionary(language: Language = "en") -> str:
    """The data dictionary of all tables as Markdown, in English or Chinese."""
    words = labels("dictionary", language)
    parts = [f"# {words['title']}\n\n{words['preface']}\n"]
    for table in TABLES:
        head = f"| {words['column']} | {words['type']} | {words['meaning']} |\n|---|---|---|\n"
        rows = "".join(f"| `{c.name}` | {_type_text(c, words)} | {_meaning(c, language)} |\n" for c in columns(table))
        parts.append(f"## `{table}`\n\n{label('row', table, language)}\n\n{head}{rows}")
    return "\n".join(parts)


def _column(table: str, name: str, prop: Mapping[str, Any]) -> Column:
    inner = dict(prop)
    nullable = False
    if "anyOf" in inner:
        options = inner.pop("anyOf")
        kept = [o for o in options if o.get("type") != "null"]
        nullable = len(kept) < len(options)
        if len(kept) != 1:
            raise SchemaError(f"{table}.{name}: a column has one type, not {len(kept)}")
        inner |= kept[0]
    unknown = set(inner) - _KNOWN
    if unknown:
        raise SchemaError(f"{table}.{name}: unknown schema keywords {', '.join(sorted(unknown))}")
    if not inner.get("description") or not inner.get("zh"):
        raise SchemaError(f"{table}.{name}: needs a description in English and in Chinese")
    return Column(
        name=name,
        type=_type(table, name, inner),
        nullable=nullable,
        description=inner["description"],
        zh=inner["zh"],
        enum=tuple(inner.get("enum", ())) or ((inner["const"],) if "const" in inner else ()),
        unit=inner.get("unit"),
        primary_key=bool(inner.get("primary_key", False)),
        references=inner.get("references"),
        constraints=tuple((k, inner[k]) for k in _CONSTRAINTS if k in inner),
    )


def _type(table: str, name: str, prop: Mapping[str, Any]) -> ColumnType:
    match prop:
        case {"type": "array", "items": {"type": "string"}}:
            return "list"
        case {"type": "string", "format": "date"}:
            return "date"
        case {"type": "string"} if "format" not in prop:
            return "string"
        case {"type": "integer" | "number" | "boolean" as kind}:
            plain: ColumnType = kind
            return plain
        case _:
            raise SchemaError(f"{table}.{name}: no column type for {dict(prop)}")


def _field_metadata(column: Column) -> dict[str, str]:
    notes = {"description": column.description, "description_zh": column.zh}
    if column.unit:
        notes["unit"] = column.unit
    if column.enum:
        notes["enum"] = " ".join(column.enum)
    if column.references:
        notes["references"] = column.references
    return notes


def _type_text(column: Column, words: Mapping[str, str]) -> str:
    notes = [words["key"]] if column.primary_key else []
    notes += [words["nullable"]] if column.nullable else []
    return ", ".join([column.type, *notes])


def _meaning(column: Column, language: Language) -> str:
    text = column.zh if language == "zh" else column.description
    if column.enum:
        text += ": " + " ".join(f"`{v}`" for v in column.enum)
    if column.unit:
        text += f" ({column.unit})"
    if column.references:
        text += f" → `{column.references}`"
    return text.replace("|", "\\|")
