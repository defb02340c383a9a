"""A lexicon, a dictionary, a list or scores: any table whose columns are known, as rows of text."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from analysis.corpus.cells import as_text
from analysis.corpus.convert import whole_id
from analysis.corpus.readers.format import File, read_records
from analysis.corpus.readers.mapping import require_columns, table_match
from analysis.corpus.readers.records import Record, sample
from analysis.corpus.readers.source import Source, sources
from analysis.corpus.readers.workbook import sheets
from analysis.errors import InputError

FORMATS = ("CSV", "TSV", "JSON", "JSON Lines", "Parquet", "XLSX")


class Table(NamedTuple):
    """The columns of a file and an iterator over its rows, whose values are text."""

    columns: list[str]
    rows: Iterator[Record]


def read_table(path: Path, wanted: Sequence[str] = (), ids: Sequence[str] = ()) -> Table:
    """Open a table whose cells all stay text: ids keep their digits, "NA" and "null" stay words.

    Parameters
    ----------
    path : Path
        CSV, TSV, JSON, JSON Lines, Parquet or XLSX (every sheet that has the wanted columns, no hidden one), told by
        its content.
    wanted : sequence of str
        Columns that must be there.
    ids : sequence of str
        Columns that hold ids: refused where one has lost digits.

    Returns
    -------
    Table
        Rows that cannot be read come with a ``problem`` and are not dropped.

    Raises
    ------
    InputError
        If the file is missing, empty, no table, or lacks a wanted column.

    """
    if not path.is_file():
        problem = "no such file" if not path.exists() else "is not a file"
        raise InputError(problem, file=path, accepted=FORMATS)
    several = sheets(replace(sources(path)[0], name=str(path)), hidden=False)
    opened = [(source, *_opened(source, wanted, path)) for source in several]
    fullest = max(opened, key=lambda one: len({*one[1]}.intersection(wanted)))
    chosen = [one for one in opened if wanted and {*one[1]}.issuperset(wanted)] or [fullest]
    for source, columns, _ in chosen:
        require_columns(source, columns, wanted)
    records = (record for *_, found in chosen for record, _ in found)
    return Table(chosen[0][1], (_as_text(record, ids, path) for record in records))


def _opened(source: Source, wanted: Sequence[str], path: Path) -> tuple[list[str], Iterator[tuple[Record, File]]]:
    """Return the columns of a file or a sheet, and its records."""
    begun = sample(source, wanted)
    if begun.kind in {"text", "binary"}:
        raise InputError("is not a table", file=path, accepted=FORMATS)
    place = next((n for n, row in enumerate(begun.documents) if all(name in row for name in wanted)), 0)
    found = begun.documents[place : place + 1] if begun.has_headers else begun.documents
    columns = dict.fromkeys(name for document in found for name in document)
    match = table_match({"text": ""}, place if begun.has_headers else 0)
    missing = [name for name in wanted if name not in columns]
    if missing and not begun.has_headers:  # a key that few objects have may come late
        for record, _ in read_records(source, match, begun):
            columns.update(dict.fromkeys(record.value))
            missing = [name for name in missing if name not in columns]
            if not missing:
                break
    return list(columns), read_records(source, match, begun)


def _as_text(record: Record, ids: Sequence[str], path: Path) -> Record:
    cells = {name: as_text(value) for name, value in record.value.items()}
    try:
        "".join(filter(None, cells.values())).encode()
        for name in ids:
            whole_id(cells.get(name) or "")
    except UnicodeEncodeError:
        return Record(record.number, cells, record.problem or "not valid Unicode text")
    except ValueError as error:
        raise InputError(str(error), file=path, row=record.number) from None
    return Record(record.number, cells, record.problem)


def read_rows(path: Path, wanted: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows of a table that rests on every one of them: one that cannot be read is an :class:`InputError`."""
    out = []
    for row in read_table(path, wanted).rows:
        if row.problem is not None:
            raise InputError(row.problem, file=path, row=row.number)
        out.append({name: cell or "" for name, cell in row.value.items()})
    return out


def require_known(row: dict[str, str], column: str, accepted: Collection[str], file: Path, number: int) -> None:
    """Refuse a cell that is none of the accepted: :class:`InputError` names it. With a slip a row would do nothing."""
    if row[column] not in accepted:
        raise InputError(f"'{row[column]}' is not known", file=file, row=number, column=column, accepted=accepted)


def require_filled(row: dict[str, str], column: str, file: Path, number: int) -> None:
    """Refuse a cell that holds nothing: :class:`InputError` names it."""
    if not row[column].strip():
        raise InputError("is empty", file=file, row=number, column=column)


def read_number(row: dict[str, str], column: str, file: Path, number: int) -> float:
    """Return a cell as a number; :class:`InputError` names the row and the column of one that is none."""
    try:
        value = float(row[column])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        accepted = ["3.5, with a point"] if re.fullmatch(r"-?\d+,\d+", row[column].strip()) else None
        raise InputError(f"'{row[column]}' is not a number", file=file, row=number, column=column, accepted=accepted)
    return value
