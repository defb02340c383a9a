"""The rows of a Parquet file as text; structures stay what they are, for a path of names to look into."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.corpus.readers.encodings import NO_SIGN
from analysis.corpus.readers.source import Source
from analysis.corpus.readers.unpack import DAMAGE, FREE
from analysis.corpus.readers.workbook import seekable
from analysis.errors import InputError

#: More rows than this, and than a bit each, are no table but one cell over and over.
_FREE_ROWS, _ROWS_A_BYTE = 100_000, 8


def parquet_rows(source: Source) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Yield each row, and why it cannot be read if it cannot; an :class:`InputError` where the file is damaged."""
    number = 0
    try:
        with seekable(source) as stream:
            file = pq.ParquetFile(stream)
            size = source.path.stat().st_size if not source.packed else FREE
            if file.metadata.num_rows > _FREE_ROWS + _ROWS_A_BYTE * size:
                problem = f"holds {file.metadata.num_rows:,} rows, more than it has bits; it is not read"
                raise InputError(problem, file=source.name)
            names = file.schema_arrow.names
            for batch in file.iter_batches(batch_size=8192):
                for cells in zip(*map(_column, batch.columns), strict=True):
                    number += 1
                    yield dict(zip(names, cells, strict=True)), "not UTF-8" if NO_SIGN in cells else None
    except (pa.ArrowException, UnicodeDecodeError, *DAMAGE) as error:
        problem = f"is damaged after row {number:,}: {error}" if number else "is not a Parquet file"
        raise InputError(problem, file=source.name) from error


def _column(column: pa.Array) -> list[Any]:
    try:
        return [_text(value) for value in column.to_pylist()]
    except (ValueError, OverflowError):  # a time or a zone that Python does not know, bytes that are no text
        return [_cell(value) for value in column]


def _cell(value: pa.Scalar) -> Any:  # noqa: ANN401  text or a structure
    try:
        return _text(value.as_py())
    except UnicodeDecodeError:
        return NO_SIGN
    except (ValueError, OverflowError):
        return f"{value.type} out of range"


def _text(value: Any) -> Any:  # noqa: ANN401  text or a structure
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {name: _text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_text(inner) for inner in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value.isoformat() if isinstance(value, date) else str(value)
