"""JSON that has a table's names apart from its rows, as data frames and sheets write it, as JSON Lines."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, BinaryIO

from analysis.corpus.readers.encodings import encoding_of
from analysis.corpus.readers.jsonstream import decoder
from analysis.corpus.readers.mapping import known_columns
from analysis.corpus.readers.source import Source
from analysis.corpus.readers.unpack import FREE
from analysis.errors import InputError

_HEAD = 2**12
#: How one may begin: ``{"text": {"0": "so"``, ``{"text": ["so"``, ``[["text"``, ``{"range": …, "values": …``.
_BEGINS = re.compile(
    rb'(?:\xef\xbb\xbf)?\s{0,9}(?:\[\s{0,99}\[|\{\s{0,99}"(?:(?:range|values)"|[^"\\]{0,200}"\s{0,9}:\s{0,9}'
    rb'(?:\{\s{0,99}"[^"\\]{0,200}"\s{0,9}:|\[)\s{0,99}(?![\s{\[])))'
)
#: Where the rows are that stand beside, or beneath, the names.
_COLUMNS, _ROWS, _SHEET = "columns", "data", "values"


def by_rows(source: Source) -> Source:
    """Return a source of JSON by columns as one of JSON Lines, any other as it is.

    It is held in memory: one of more than 64 MB stays as it is, and is refused by who reads it.
    """
    try:
        if _BEGINS.match(source.head(_HEAD)) is None or _rows(source) is None:
            return source
    except InputError:  # of a damaged one too its reader says so
        return source
    return replace(source, opens=lambda: _lines(source), packed=True)


def _lines(source: Source) -> BinaryIO:
    lines = (json.dumps(row, ensure_ascii=True) for row in _rows(source) or ())
    return io.BufferedReader(io.BytesIO("\n".join(lines).encode()))  # type: ignore[arg-type]


def _rows(source: Source) -> list[Any] | None:
    """Return the rows of a document by columns, None of any other."""
    with source.open() as stream:
        data = stream.read(FREE + 1)
    if len(data) > FREE:
        return None
    try:
        value = decoder.decode(data.decode(encoding_of(data[: 2**20], whole=len(data) <= 2**20)).lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None
    return _of_document(value)


def _of_document(value: Any) -> list[Any] | None:  # noqa: ANN401  any JSON value
    """Return the rows of what a document holds, None where it has none by columns."""
    if isinstance(value, dict):
        if isinstance(names := value.get(_COLUMNS), list) and isinstance(rows := value.get(_ROWS), list):
            return _beneath(names, rows)
        columns = list(value.values())
        if all(isinstance(column, dict) for column in columns):
            return _of_objects(value)
        same = len({len(column) for column in columns if isinstance(column, list)}) == 1
        if same and len(columns) > 1 and all(isinstance(column, list) for column in columns):
            cells = [cell for column in columns for cell in column[:1]]
            return (
                None
                if any(isinstance(cell, dict) for cell in cells)
                else _beneath(list(value), zip(*columns, strict=True))
            )
        value = value.get(_SHEET)
    if not (isinstance(value, list) and value and isinstance(value[0], list)):
        return None
    named = all(isinstance(name, str) for name in value[0]) and "text" in known_columns(value[0])
    return _beneath(value[0], value[1:]) if named else None


def _beneath(names: list[Any], rows: Iterable[Any]) -> list[Any] | None:
    """Return rows of cells with their names; one of more cells than there are names stays a list, which is no record.

    Of a row that ends with empty cells a sheet's interface leaves them out.
    """
    if not names or not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        return None
    found = [list(row) if isinstance(row, (list, tuple)) else row for row in rows]
    return [
        dict(zip(names, row, strict=False)) if isinstance(row, list) and len(row) <= len(names) else row
        for row in found
    ]


def _of_objects(columns: dict[str, dict[str, Any]]) -> list[Any] | None:
    """Return the rows of ``{"text": {"0": …}, …}``; of ``{"some id": {"text": …}, …}``, which has rows, None."""
    index = list(next(iter(columns.values()), {}))
    if len(columns) < 2 or any(list(column) != index for column in columns.values()):  # noqa: PLR2004  a table's
        return None
    numbered = index == [str(at) for at in range(len(index))]
    if not numbered and not (
        "text" in known_columns(columns) and "text" not in known_columns(index) and "index" not in columns
    ):
        return None
    label = {} if numbered else {"index": dict(zip(index, index, strict=True))}
    return [{name: column[at] for name, column in (label | columns).items()} for at in index]
