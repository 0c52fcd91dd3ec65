"""`datapackage.json`: what a dataset holds, column by column, in the format of Frictionless Data.

Generated from the records' schema and from what was written; the extra properties of this tool lie under `casextract`,
and descriptions in Chinese under `description_zh`, which the standard allows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from casextract import __version__
from casextract.dataset import digest
from casextract.dataset.digest import file_sha256
from casextract.dataset.publish import PACKAGE_FILE
from casextract.dataset.schema import Column, columns
from casextract.dataset.write import TableFile, file_name
from casextract.language.labels import label

FORMAT = 1
"""Version of what lies under `casextract`; a reader refuses one it does not know."""

_CONSTRAINTS = {"minimum": "minimum", "maximum": "maximum", "pattern": "pattern", "minLength": "minLength"}
"""Keyword of JSON Schema to that of Table Schema; those it does not know are left to the records themselves."""


def describe(files: Sequence[TableFile], rules_digest: str, inputs_digest: str, inputs: int) -> dict[str, Any]:
    """The data package of the tables written.

    `rules_digest` is that of the rulebook, `inputs_digest` one over paths and contents of the `inputs` files read. No
    time, user or machine is named, so that the same inputs give the same bytes.
    """
    return {
        "name": "casextract",
        "title": label("package", "title", "en"),
        "title_zh": label("package", "title", "zh"),
        "description": label("package", "description", "en"),
        "description_zh": label("package", "description", "zh"),
        "version": __version__,
        "casextract": {
            "format": FORMAT,
            "tool_version": __version__,
            "rules_digest": rules_digest,
            "inputs_digest": inputs_digest,
            "inputs": inputs,
            "contents_digest": digest.combine((f.name, f.digest) for f in files),
        },
        "resources": [_resource(f) for f in files],
    }


def write(folder: Path, package: Mapping[str, Any]) -> None:
    """Write `datapackage.json` into `folder`."""
    text = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
    (folder / PACKAGE_FILE).write_bytes(text.encode())


def faults(folder: Path, package: Mapping[str, Any]) -> list[str]:
    """What of the files in `folder` is not as `package` says: missing, or other bytes. Reads every file whole."""
    found = []
    for resource in package["resources"]:
        path, written = folder / resource["path"], resource["casextract"]
        if not path.is_file():
            found.append(f"{resource['path']} is missing")
        elif path.stat().st_size != written["bytes"] or file_sha256(path) != written["sha256"]:
            found.append(f"{resource['path']} is not the file that was built")
    return found


def _resource(file: TableFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "type": "table",
        "path": file_name(file.name),
        "title": file.name.capitalize(),
        "description": label("resource", file.name, "en"),
        "description_zh": label("resource", file.name, "zh"),
        "scheme": "file",
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        # Under the standard's names `bytes` and `hash` its validator would look for them where it reads no Parquet
        # file.
        "casextract": {"rows": file.rows, "bytes": file.size, "sha256": file.sha256, "contents_digest": file.digest},
        "schema": _schema(file.name),
    }


def _schema(table: str) -> dict[str, Any]:
    described = columns(table)
    # Nulls among numbers come out of pandas as nan.
    schema: dict[str, Any] = {"fields": [_field(c) for c in described], "missingValues": ["", "nan"]}
    keys = [c.name for c in described if c.primary_key]
    if keys:
        schema["primaryKey"] = keys
    references = [(c.name, c.references.split(".")) for c in described if c.references and c.type != "list"]
    if references:
        schema["foreignKeys"] = [
            # The standard writes a reference into the table itself as the empty name.
            {"fields": [name], "reference": {"resource": "" if other == table else other, "fields": [column]}}
            for name, (other, column) in references
        ]
    return schema


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        # The validator reads Parquet through pandas and takes the arrays it gets for no `array`.
        "type": "any" if column.type == "list" else column.type,
        "description": column.description,
        "description_zh": column.zh,
    }
    if column.type == "list":
        field["items"] = "string"
    if column.unit:
        field["unit"] = column.unit
    constraints: dict[str, Any] = {} if column.nullable else {"required": True}
    constraints |= {"unique": True} if column.primary_key else {}
    constraints |= {"enum": list(column.enum)} if column.enum else {}
    constraints |= {_CONSTRAINTS[k]: v for k, v in column.constraints if k in _CONSTRAINTS}
    if constraints:
        field["constraints"] = constraints
    return field
