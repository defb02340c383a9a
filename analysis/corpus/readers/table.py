"""Read any CSV, TSV, JSON Lines, Parquet or XLSX table as rows of text, in batches, without guessing at values."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.corpus.readers.jsonstream import LIMIT
from analysis.corpus.readers.records import DELIMITERS, Lines, byte_lines, rows_or_problems, workbook_rows
from analysis.corpus.readers.source import sources
from analysis.errors import InputError

FORMATS = ("CSV", "TSV", "JSON Lines", "Parquet", "XLSX")
#: The endings by which a table is known.
SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "workbook",
}
_BOM = "\ufeff"
_SAMPLE = 1000
#: Characters of a header by which the mark between its cells is told.
_HEADER = 2**20


class Row(NamedTuple):
    """One row as read: its number (1 is the first after the header), its cells, or why it cannot be read."""

    number: int
    cells: dict[str, str | None]
    problem: str | None = None


class Table(NamedTuple):
    """The columns of a file and an iterator over its rows."""

    columns: list[str]
    rows: Iterator[Row]


def read_table(path: Path, wanted: Sequence[str] = (), ids: Sequence[str] = ()) -> Table:
    """Open a table whose cells all stay text: ids keep their digits, "NA" and "null" stay words.

    Parameters
    ----------
    path : Path
        A file ending in .csv, .tsv, .tab, .txt, .jsonl, .ndjson, .parquet, .pq or .xlsx (its first sheet).
    wanted : sequence of str
        Columns that must be there; of the usual delimiters, the one that shows them is taken.
    ids : sequence of str
        Columns that hold ids: refused where a file stores them as floating-point numbers.

    Returns
    -------
    Table
        Rows that cannot be read come with a ``problem`` and are not dropped.

    Raises
    ------
    InputError
        If the file is missing, empty, binary, of another format, or lacks a wanted column.

    """
    if not path.is_file():
        problem = "no such file" if not path.exists() else "is not a file"
        raise InputError(problem, file=path, accepted=FORMATS)
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        problem = f"the ending '{path.suffix}' is not known"
        raise InputError(problem, file=path, accepted=sorted(SUFFIXES))
    if path.stat().st_size == 0:
        raise InputError("is empty; a header and rows were expected", file=path, accepted=FORMATS)
    if kind == "parquet":
        table = _read_parquet(path, ids)
    elif kind == "workbook":
        table = _read_workbook(path)
    else:
        _refuse_binary(path)
        table = _read_jsonl(path, wanted) if kind == "jsonl" else _read_csv(path, wanted)
    missing = [name for name in wanted if name not in table.columns]
    if missing:
        problem = f"there is no such column; the file has: {', '.join(table.columns)}"
        raise InputError(problem, file=path, column=missing[0])
    return table


def read_rows(path: Path, wanted: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows of a table that rests on every one of them: one that cannot be read is an :class:`InputError`."""
    out = []
    for row in read_table(path, wanted).rows:
        if row.problem is not None:
            raise InputError(row.problem, file=path, row=row.number)
        out.append({name: cell or "" for name, cell in row.cells.items()})
    return out


def read_number(row: dict[str, str], column: str, file: Path, number: int) -> float:
    """Return a cell as a number; :class:`InputError` names the row and the column of one that is none."""
    try:
        return float(row[column])
    except ValueError:
        raise InputError(f"'{row[column]}' is not a number", file=file, row=number, column=column) from None


def _refuse_binary(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(8192)
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise InputError("is UTF-16 text; save it as UTF-8", file=path, accepted=["UTF-8 text"])
    if b"\0" in head or head[:4] in {b"PK\x03\x04", b"PAR1", b"\x1f\x8b\x08\x08"}:
        raise InputError("is a binary file, not text", file=path, accepted=["UTF-8 text", "Parquet as .parquet"])


def _readable(text: str) -> bool:
    """Tell whether text is Unicode that can be stored: undecodable bytes and half characters are surrogates."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _read_csv(path: Path, wanted: Sequence[str]) -> Table:
    # newline="" leaves row ends to the csv module, which knows \n, \r and \r\n only: U+2028 stays in its cell.
    file = path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")
    with file:
        first = file.readline(LIMIT)
    if not _readable(first):
        raise InputError("is not UTF-8 text; save it as UTF-8", file=path, row=0, accepted=["UTF-8 text"])
    headers = {mark: next(csv.reader([first[:_HEADER]], delimiter=mark), []) for mark in DELIMITERS}
    mark = max(DELIMITERS, key=lambda m: (sum(name in headers[m] for name in wanted), len(headers[m])))

    def rows() -> Iterator[Row]:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as source:
            reader = csv.reader(Lines(source), delimiter=mark, strict=True)
            header = next(reader, [])
            for number, cells in enumerate(filter(None, rows_or_problems(reader)), start=1):
                if isinstance(cells, str):
                    yield Row(number, {}, cells)
                    continue
                values: dict[str, str | None] = dict(zip(header, cells, strict=False))
                if len(cells) != len(header):
                    yield Row(number, values, f"{len(cells)} cells where the header has {len(header)}")
                elif not all(map(_readable, cells)):
                    yield Row(number, values, "not UTF-8")
                else:
                    yield Row(number, values)

    return Table(_unique(path, _whole_header(path, mark)), rows())


def _read_workbook(path: Path) -> Table:
    source = replace(sources(path)[0], name=str(path))
    header = _unique(path, next(workbook_rows(source), []))

    def rows() -> Iterator[Row]:
        for number, cells in enumerate(workbook_rows(source)):
            if number and any(cells):
                lost = any(cells[len(header) :])
                problem = f"{len(cells)} cells where the header has {len(header)}" if lost else None
                yield Row(number, dict(zip_longest(header, cells[: len(header)], fillvalue="")), problem)

    return Table(header, rows())


def _whole_header(path: Path, mark: str) -> list[str]:
    """Read the header with its quoted line ends, if it has such."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as source:
        try:
            header = next(csv.reader(Lines(source), delimiter=mark, strict=True), [])
        except csv.Error as error:
            raise InputError(f"is not valid CSV: {error}", file=path, row=0, accepted=FORMATS) from error
    if not header:
        raise InputError("is empty; a header and rows were expected", file=path, accepted=FORMATS)
    return header


def _unique(path: Path, columns: list[str]) -> list[str]:
    twice = sorted(name for name, number in Counter(columns).items() if number > 1 and name)
    if twice:
        raise InputError("the header names this column twice", file=path, column=twice[0])
    return columns


#: More rows than this, and than a bit each, are no table but one cell over and over.
_FREE_ROWS, _ROWS_A_BYTE = 100_000, 8
_NO_TEXT = "\udcff"  # half a character: no cell is that


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (list, dict)) else str(value)


def _read_jsonl(path: Path, wanted: Sequence[str]) -> Table:
    # Objects may leave a key out: the columns are those of the first thousand objects, and on until all are found.
    columns: dict[str, None] = {}
    for count, (number, line) in enumerate(_lines(path)):
        row = _parse_json(number, line)
        columns.update(dict.fromkeys(row.cells if row.problem is None else ()))
        if count >= _SAMPLE and all(name in columns for name in wanted):
            break
    if not columns:
        problem = "no line is a JSON object; if it is one JSON array, save it as one object a line"
        raise InputError(problem, file=path, row=1, accepted=["JSON Lines"])
    return Table(list(columns), (_parse_json(number, line) for number, line in _lines(path)))


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    # Bytes end at \n alone; text files would end lines at \r too, and str.splitlines at U+2028.
    with path.open("rb") as file:
        for number, line in enumerate(byte_lines(file), start=1):
            bare = line.removeprefix(_BOM.encode()) if number == 1 else line
            if bare.strip():
                yield number, bare


def _parse_json(number: int, line: bytes) -> Row:
    if len(line) > LIMIT:
        return Row(number, {}, f"a line of more than {LIMIT // 2**20} MB")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return Row(number, {"line": line.decode("utf-8", "backslashreplace")}, "not UTF-8")
    try:
        # Numbers stay as written: a 19-digit id or 1.10 is text here.
        value = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError) as error:
        return Row(number, {"line": text}, f"not valid JSON: {error}")
    if not isinstance(value, dict):
        return Row(number, {"line": text}, f"a JSON {type(value).__name__} where an object was expected")
    try:
        cells = {name: _text(cell) for name, cell in value.items()}
    except RecursionError:
        return Row(number, {}, "JSON nested too deep")
    readable = all(_readable(cell) for cell in cells.values() if cell is not None)
    readable = readable and all(map(_readable, cells))
    return Row(number, cells, None if readable else "not valid Unicode text")


def _read_parquet(path: Path, ids: Sequence[str]) -> Table:
    try:
        file = pq.ParquetFile(path)
        names = file.schema_arrow.names
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        problem = "is not a Parquet file"
        raise InputError(problem, file=path, accepted=FORMATS) from error
    for field in file.schema_arrow:
        if field.name in ids and pa.types.is_floating(field.type):
            problem = f"ids are stored as {field.type} numbers, which have lost digits; export them as text"
            raise InputError(problem, file=path, column=field.name)

    most = _FREE_ROWS + _ROWS_A_BYTE * path.stat().st_size
    if file.metadata.num_rows > most:
        raise InputError(f"holds {file.metadata.num_rows:,} rows, more than it has bits; it is not read", file=path)

    def rows() -> Iterator[Row]:
        number = 0
        try:
            for batch in file.iter_batches(batch_size=8192):
                for cells in zip(*(_parquet_column(column) for column in batch.columns), strict=True):
                    number += 1
                    problem = "not UTF-8" if _NO_TEXT in cells else None
                    yield Row(number, dict(zip(names, cells, strict=True)), problem)
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"is damaged after row {number:,}: {error}", file=path) from error

    return Table(names, rows())


def _parquet_column(column: pa.Array) -> list[str | None]:
    try:
        return [_moment(value) for value in column.to_pylist()]
    except (ValueError, OverflowError):  # a time or a zone that Python does not know, bytes that are no text
        return [_parquet_cell(value) for value in column]


def _parquet_cell(value: pa.Scalar) -> str | None:
    try:
        return _moment(value.as_py())
    except UnicodeDecodeError:
        return _NO_TEXT
    except (ValueError, OverflowError):
        return f"{value.type} out of range"


def _moment(value: object) -> str | None:
    return value.isoformat() if isinstance(value, date) else _text(value)
