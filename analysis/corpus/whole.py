"""Whether the files of a corpus are what an import wrote: what is damaged is told, not read."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analysis import disk
from analysis.corpus.schema import SCHEMA
from analysis.errors import InputError

#: 1 called formats, comment counts and duplicate texts otherwise, 2 had no ``position``; nothing reads them any more.
VERSION = 3
#: What is said of a file that is gone, and what may be done about it or a damaged one.
AGAIN = ("the file as it was, from a copy", "the same files imported again, into a new folder")
MISSING = "is missing, but corpus.json names it"
#: What is counted of each file: rows read, and what became of them.
COUNTS = ("read", "imported", "rejected", "duplicates")
_NAMES = {
    "table": r"corpus-.+\.parquet",
    "threads": r".+\.ndjson",
    "seen": r".+\.parquet",
    "text_duplicates": r".+\.parquet",
}


def read_description(path: Path) -> dict[str, Any]:
    """Return what ``corpus.json`` says, after a look at every field that anything rests on.

    Raises
    ------
    InputError
        If it is no JSON, lacks a field, has one of another type or below zero, or names a table that is not there,
        cannot be read, or has another number of rows or other columns.

    """
    accepted = [f"version {VERSION}", *AGAIN]
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError("is not a corpus description", file=path, accepted=accepted) from error
    if (wrong := _wrong(info)) is not None:
        raise InputError(f"is not a corpus description: '{wrong}' is missing or wrong", file=path, accepted=accepted)
    table = path.parent / info["table"]
    if not table.is_file():
        raise InputError("names a table that is not there", file=path, accepted=accepted)
    try:
        told = pq.read_metadata(table)
        rows, schema = told.num_rows, told.schema.to_arrow_schema()
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        raise InputError("is damaged", file=table, accepted=AGAIN) from error
    if not schema.equals(SCHEMA):
        raise InputError(f"is no table of a corpus: {_unlike(schema)}", file=table, accepted=AGAIN)
    if rows != info["rows"]:
        problem = f"says {info['rows']:,} rows where the table has {rows:,}"
        raise InputError(problem, file=path, accepted=accepted)
    return info


def _unlike(schema: pa.Schema) -> str:
    """Return how the columns of a table differ from a corpus's."""
    if schema.names != SCHEMA.names:
        return f"its columns are not {', '.join(SCHEMA.names)}"
    field = next(field for field, other in zip(SCHEMA, schema, strict=True) if not field.equals(other))
    return f"column {field.name} is not {field.type}" + (" without gaps" if not field.nullable else "")


def _wrong(info: Any) -> str | None:  # noqa: ANN401  any JSON value
    """Return the first field that is missing or wrong."""
    if not isinstance(info, dict):
        return "version"
    checks = {
        "version": info.get("version") == VERSION and not isinstance(info.get("version"), bool),
        "content": re.fullmatch("[0-9a-f]{64}", str(info.get("content"))),
        **{name: is_count(info.get(name)) for name in ("rows", "rejected")},
        # What stands elsewhere is no part of a corpus.
        **{
            name: isinstance(info[name], str) and re.fullmatch(form, info[name]) and Path(info[name]).name == info[name]
            for name, form in _NAMES.items()
            if name in info or (name == "table" and info.setdefault(name, None) is None)
        },
        "files": isinstance(info.get("files"), list) and all(map(_is_file, info["files"])),
    }
    return next((name for name, good in checks.items() if not good), None)


def _is_file(file: Any) -> bool:  # noqa: ANN401  any JSON value
    return (
        isinstance(file, dict)
        and isinstance(file.get("name"), str)
        and all(is_count(file.get(name)) for name in COUNTS)
    )


def is_count(value: object) -> bool:
    """Tell whether a value is a whole number, 0 or more."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def require_whole(path: Path, content: str | None = None, told: Path | None = None) -> Path:
    """Return the path of a file whose bytes have the hash that they should have: ``content``, else that in its name.

    ``told`` is the path that an error names, where the file is a copy.

    Raises
    ------
    InputError
        If they have not, or there is no such file.

    """
    if content is None:
        found = re.search(r"-([0-9a-f]{12})\.\w+$", path.name)
        content = found[1] if found else ""
    if not path.is_file():
        raise InputError(MISSING, file=told or path, accepted=AGAIN)
    if not sha256(path).startswith(content):
        problem = "is damaged, or was changed after the import that wrote it"
        raise InputError(problem, file=told or path, accepted=AGAIN)
    return path


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, which is read again only when something has written to it."""
    now = path.stat()
    return _sha256(path, now.st_mtime_ns, now.st_ctime_ns, now.st_size)


@lru_cache(maxsize=64)
def _sha256(path: Path, *_: int) -> str:
    return disk.sha256(path)
