"""Streams of records: what a file holds, one dictionary at a time, values as written, damaged ones with the reason."""

from __future__ import annotations

import csv
import io
import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, BinaryIO, NamedTuple

from analysis.corpus.readers import delimited, jsonstream
from analysis.corpus.readers.column_names import WORDS, bare
from analysis.corpus.readers.delimited import ROWS, column_names
from analysis.corpus.readers.encodings import ENCODINGS, HALF, NO_SIGN, encoding_of
from analysis.corpus.readers.jsonstream import LIMIT, Broken
from analysis.corpus.readers.parquet import parquet_rows
from analysis.corpus.readers.source import Source, archive
from analysis.corpus.readers.unpack import DAMAGE
from analysis.corpus.readers.workbook import workbook_rows
from analysis.errors import InputError, plural

_HEAD = 2**20
_LINES = 50
_HALF = 0.5
#: Bytes that no text has but by damage. In damaged text they are 0, once in so many bytes at most; what programs write
#: for themselves has others too.
_ZEROS, _CONTROL = re.compile(rb"\0+"), bytes({*range(1, 32)} - {*b"\t\n\v\f\r\x1b"})
_MOST, _RARER = 50, 4
#: What programs write for themselves, by its first bytes, and what to do with it.
_FOREIGN = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old workbook (.xls); open it and save it as XLSX",
    b"<stata_dta>": "a Stata file; export it as CSV",
    b"$FL2@": "an SPSS file; save it as CSV",
    b"SQLite format 3\0": "an SQLite database; export its table as CSV",
    b"ARROW1\0\0": "an Arrow file; save it as Parquet or CSV",
    b"X\n\0\0": "an R file; write its table as CSV",
    b"%PDF-": "a PDF; texts are read from tables (CSV, XLSX) and exports",
    b"{\\rtf": "a document; put its texts into a table, one a row",
}
_NUMBERED = re.compile(r"id\b|^n[ro]\b|num|编号|序号|#", re.IGNORECASE)
#: What ``by_columns`` could not read by its rows.
_BY_COLUMNS = (
    "is JSON by columns that breaks off, has columns of unequal lengths or is too large, or lists without names; "
    "save it by rows (to_json(orient='records')) or as CSV"
)
_LISTS = re.compile(r"\s*\[\s*\[")
#: What a row beneath a header may say that its columns hold; one may have their names in another language too.
_TYPES = frozenset(["string", "str", "varchar", "object", "int", "integer", "bigint", "float", "double", "bool"])
#: So many names make a header.
_TWO, _SEVERAL = 2, 3
#: The kinds of file that are tables: a format that comes as one may come as another.
TABLES = frozenset({"csv", "xlsx", "parquet"})
#: The endings of files that are tables, if they are anything.
ENDINGS = (".csv", ".tsv", ".tab")


class EmptyError(InputError):
    """A file holds nothing."""


class Record(NamedTuple):
    """One record: its number (1 is the first), its values as written, or why it cannot be read.

    Of a table in text or in a workbook also the line (the row of the sheet) where it begins, as an editor counts.
    """

    number: int
    value: dict[str, Any]
    problem: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Sample:
    """The beginning of a file, by which it is recognised.

    Attributes
    ----------
    kind : str
        ``json`` (a document), ``jsonl``, ``csv``, ``xlsx``, ``parquet``, ``text`` or ``binary``.
    documents : list of dict
        The first objects; of a table of text or a workbook, each of its first rows as possible header.
    text : str
        The beginning as text (empty where it is none).
    encoding, delimiter, escape : str
        Of text; what escapes a quote within a cell, where quotes are not doubled.
    packed : str
        What stands between the cells of rows that each are in one cell: a spreadsheet opened CSV so, and saved it.
    name : str
        The file's, for the few formats whose content says nothing.

    """

    kind: str
    documents: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    escape: str | None = None
    packed: str = ""
    name: str = ""

    @property
    def has_headers(self) -> bool:
        """Tell whether each of the documents is a row that may be the header."""
        return self.kind in {"csv", "xlsx"}


def sample(source: Source, wanted: Sequence[str] = ()) -> Sample:
    """Read the beginning of a source and tell what kind of records it holds; of a table, some columns may be known."""
    begun = _sample(source, wanted)
    if begun.kind in {"xlsx", "parquet"} and not begun.documents:
        raise EmptyError("holds no row", file=source.name)
    if _is_by_columns(begun) and source.suffix not in ENDINGS:
        raise InputError(_BY_COLUMNS, file=source.name)
    return replace(begun, name=source.name)


def _sample(source: Source, wanted: Sequence[str]) -> Sample:
    head = source.head(_HEAD)
    if not head.removeprefix(BOM_UTF8).strip():
        raise EmptyError("is empty", file=source.name)
    _refuse_foreign(head, source)
    if head[:4] == b"PK\x03\x04" or source.sheet:
        try:
            rows = list(islice(workbook_rows(source), ROWS))
        except InputError:
            if source.suffix in {".xlsx", ".ods"}:
                raise
            return Sample("binary")
        packed = _packed(rows)
        rows = [row for row in (_parted(row, packed) for row in rows) if not isinstance(row, str)]
        return Sample("xlsx", [dict.fromkeys(column_names(row)) for row in rows], packed=packed)
    if head[:4] == b"PAR1":
        return Sample("parquet", [row for row, _ in islice(parquet_rows(source), ROWS)])
    if _is_binary(head):
        return Sample("binary")
    whole = len(head) < _HEAD
    encoding = encoding_of(head, whole=whole)
    text = head.decode(encoding, "replace").removeprefix("\ufeff").replace("\0", NO_SIGN)
    if begun := _json_sample(head, text, encoding, whole=whole):
        return begun
    by_place = wanted and all(map(str.isdecimal, wanted))
    of_one_column = by_place or source.suffix in ENDINGS or text.partition("\n")[0].strip() in wanted
    rows, mark = delimited.headers(text, wanted, 1 if of_one_column else 2)
    packed = _packed(rows)
    rows = [row for row in (_parted(row, packed) for row in rows) if not isinstance(row, str)]
    documents = [dict.fromkeys(column_names(row)) for row in rows]
    return Sample("csv" if rows else "text", documents, text, encoding, mark, delimited.escape_of(text), packed)


def _packed(rows: Sequence[list[str]]) -> str:
    """Return the mark between the names of a header that stands in one cell, none where they have one each."""
    first = "".join(rows[0]) if rows and sum(map(bool, rows[0])) == 1 else ""
    counted = {mark: sum(bare(name) in WORDS for name in first.split(mark)) for mark in delimited.MARKS}
    best = max(counted, key=counted.__getitem__)
    return best if counted[best] >= _SEVERAL else ""


def _parted(cells: list[str] | str, mark: str, width: int | None = None) -> list[str] | str:
    """Return the cells of a row that stands in one; a spreadsheet has parted it where a semicolon is.

    Of a header that it has not put into one cell it has the rows with quotes there: they have as many cells.
    """
    if not mark or isinstance(cells, str) or not any(cells) or (width is not None and (len(cells) > 1 or width < _TWO)):
        return cells
    try:
        found = next(csv.reader([";".join(cells).rstrip(";")], delimiter=mark))
    except csv.Error as error:
        return f"not valid CSV: {error}"
    return found if found and width in {None, len(found)} else cells


def _refuse_foreign(head: bytes, source: Source) -> None:
    """Refuse what is not read and is known by its first bytes: :class:`InputError` says what to do with it."""
    if kind := archive(head):
        raise InputError(f"is {kind} archive; unpack it first", file=source.name)
    if told := next((told for begins, told in _FOREIGN.items() if head.startswith(begins)), None):
        raise InputError(f"is {told}", file=source.name)


def _is_binary(head: bytes) -> bool:
    """Tell whether bytes are no text: one 0, some here and there, or a run where a disk failed, makes a text none."""
    if b"\0" not in head:
        return False
    without = head.replace(b"\0", b"")
    zeros, others = len(_ZEROS.findall(head)), len(without) - len(without.translate(None, _CONTROL))
    return _MOST * (zeros + _RARER * others) > max(_MOST, len(without))


def _json_sample(head: bytes, text: str, encoding: str, *, whole: bool) -> Sample | None:
    """Return the sample of JSON or JSON Lines, None where it is neither."""
    start = text.lstrip()[:1]
    if start == "{" and (documents := _objects(text, whole=whole)):
        return Sample("jsonl", documents, text, encoding)
    if start in {"{", "["}:
        outline = jsonstream.Scanner(io.BytesIO(head), encoding).outline()
        found = outline if isinstance(outline, list) else [outline]
        if documents := [value for value in found if isinstance(value, dict)]:
            return Sample("json", documents, text, encoding)
    return None


def _is_by_columns(begun: Sample) -> bool:
    """Tell whether JSON has the names of a table apart from its rows: ``{"text": {"0": …}}``, ``{"columns": […]}``."""
    if begun.kind not in {"json", "jsonl"}:
        return _LISTS.match(begun.text) is not None
    first = begun.documents[0]
    named = len(first) > 1 and all(isinstance(column, dict) and "0" in column for column in first.values())
    rows = [first.get(name) for name in ("columns", "data")]
    lists = [each for each in first.values() if isinstance(each, list) and each and not isinstance(each[0], dict)]
    whole = len(lists) == len(first) > 1 and len(set(map(len, lists))) == 1  # {"text": ["so", "no"], "id": [1, 2]}
    return named or whole or all(isinstance(each, list) and each and not isinstance(each[0], dict) for each in rows)


def _objects(text: str, *, whole: bool) -> list[dict[str, Any]]:
    """Return the first objects if the text holds one a line, else nothing."""
    lines = text.split("\n")
    lines = [line for line in (lines if whole else lines[:-1])[:_LINES] if line.strip()]
    if not lines:
        return []
    out = []
    for line in lines:
        try:
            value = jsonstream.lenient.decode(line.strip().rstrip(","))
        except (ValueError, RecursionError):
            continue
        out += [value] if isinstance(value, dict) else []
    # The first line of a document that is spread over many is no object of its own; one bad line is no other format.
    first = lines[0].strip()
    return out if first.endswith("}") or len(out) > _HALF * len(lines) else []


def table_rows(source: Source, begun: Sample, header: int, escape: str | None = None) -> Iterator[Record]:
    """Yield the rows of a table of any kind.

    Parameters
    ----------
    header : int
        In which row of a table of text or a workbook its header stands, from 0; -1 where it has none, and columns
        are called by their place.
    escape : str, optional
        The sign that escapes a quote, where it is known.

    """
    if begun.kind == "parquet":
        for number, (row, problem) in enumerate(parquet_rows(source), start=1):
            yield Record(number, row, problem)
    elif begun.kind == "xlsx":
        cells = (_parted(row, begun.packed) for row in workbook_rows(source))
        found = islice(enumerate(cells, start=1), max(header, 0), None)
        yield from _rows(found, headed=header >= 0, ragged=True)
    else:
        with source.open() as stream:
            how = {"escape": escape or begun.escape, "skip": max(header, 0)}
            lines = delimited.Lines(delimited.opened(stream, begun.encoding))
            found = (
                (lines.begun, _parted(cells, begun.packed)) for cells in delimited.rows(lines, begun.delimiter, **how)
            )
            shifted = header >= 0 and _has_row_names(begun.documents[header:])
            how = {"headed": header >= 0, "ragged": False, "shifted": shifted, "mark": begun.delimiter}
            yield from to_the_end(_rows(found, **how))


def to_the_end(found: Iterator[Record]) -> Iterator[Record]:
    """Yield records; where a packed stream breaks off, tell it as the last."""
    number = 0
    try:
        for record in found:
            number = record.number
            yield record
    except DAMAGE as error:
        yield Record(number + 1, {}, f"cannot be unpacked ({type(error).__name__}); nothing after it is read")


def _has_row_names(rows: Sequence[dict[str, Any]]) -> bool:
    """Tell whether R named the rows of a table: a number of its own in each, in a column without a header."""
    first, *later = [list(row) for row in rows]
    numbers = {row[0] for row in later if row and row[0].isdecimal() and len(row) == len(first) + 1}
    return 1 < len(numbers) == len(later) and not _NUMBERED.search(first[0])


def _rows(
    found: Iterable[tuple[int, list[str] | str]], *, headed: bool, ragged: bool, shifted: bool = False, mark: str = ""
) -> Iterator[Record]:
    names: list[str] = []
    header: list[str] = []
    named = number = 0
    for line, read in found:
        cells = _parted(read, mark, len(names))
        if isinstance(cells, str):
            number += 1
            yield Record(number, {}, cells, line)
            continue
        if not names:
            names = [*["row name"] * shifted, *column_names(cells if headed else [""] * len(cells))]
            named = (
                len(names)
                if not headed
                else shifted + max((n for n, cell in enumerate(cells, 1) if cell.strip()), default=0)
            )
            if headed:
                header = cells
                continue
        number += 1
        if ragged and not any(cells):
            continue
        if cells == header or _without_sign(cells) == header:  # tables that were put one after the other
            yield Record(number, {}, "the header once more", line)
            continue
        if number == 1 and headed and _names_columns(cells):
            yield Record(number, {}, "a second header", line)
            continue
        if len(names) == 1 and headed and mark:  # a line a text: it may have marks
            cells = [mark.join(cells).rstrip(mark)]
        more = len(cells) - len(names)
        value = dict(zip(names, cells if more >= 0 else [*cells, *[""] * -more], strict=False))
        # Marks at the end mean nothing; a mark within a cell that is not quoted moves all after it.
        lost = (more < 0 and not ragged) or (more > 0 and any(cells[named:]))
        yield Record(
            number, value, f"{plural(len(cells), 'cell')} where the header has {len(names)}" if lost else None, line
        )


def _names_columns(cells: list[str]) -> bool:
    """Tell whether a row names columns, in another language, or says what they hold."""
    filled = [bare(cell) for cell in cells if cell.strip()]
    return len(filled) >= _SEVERAL and WORDS.union(_TYPES).issuperset(filled)


def _without_sign(cells: list[str]) -> list[str]:
    """Return the cells of a row without the sign that begins a file."""
    return [cells[0].removeprefix("\ufeff").strip('"'), *cells[1:]] if cells[0].startswith("\ufeff") else cells


def byte_lines(stream: BinaryIO) -> Iterator[bytes]:
    r"""Yield lines that end at \n alone; of one that is too long no more than its beginning, longer than the limit."""
    while line := stream.readline(LIMIT + 1):
        if len(line) > LIMIT and not line.endswith(b"\n"):
            while (more := stream.readline(LIMIT)) and not more.endswith(b"\n"):
                pass
        yield line


def json_lines(stream: BinaryIO, encoding: str) -> Iterator[Record]:
    r"""Yield one object a line; lines end at \n alone, since comments hold U+2028."""
    for number, line in enumerate(byte_lines(stream), start=1):
        if len(line) > LIMIT:
            yield Record(number, {}, f"a line of more than {LIMIT // 2**20} MB")
            continue
        bare = line.removeprefix(BOM_UTF8)  # files that were put one after the other have more than one
        if bare.isspace():
            continue
        try:
            text = bare.decode(encoding).replace("\0", NO_SIGN).strip().rstrip(",")
            end = 0
            while end < len(text):  # where a tool was stopped and began again, two objects stand on a line
                value, end = jsonstream.lenient.raw_decode(text, end)
                yield as_record(number, value)
        except UnicodeDecodeError:
            yield Record(number, {}, f"not {ENCODINGS.get(encoding, 'UTF-8')}")
        except json.JSONDecodeError as error:
            cut = "" if bare.endswith(b"\n") else " (the file ends too early)"
            yield Record(number, {}, f"not valid JSON: {error.msg}{cut}")
        except RecursionError:
            yield Record(number, {}, "JSON nested too deep")


def as_record(number: int, value: object) -> Record:
    """Return a value of JSON as the record of a number; what is no object with the reason."""
    if isinstance(value, dict):
        return Record(number, value)
    if isinstance(value, jsonstream.Skipped):
        return Record(number, {}, value.reason)
    return Record(number, {}, f"a JSON {type(value).__name__} where an object was expected")


def json_items(stream: BinaryIO, encoding: str, path: tuple[str, ...]) -> Iterator[Record]:
    """Yield the objects at a path of a JSON document; a fault ends it and is told."""
    number = 0
    try:
        for number, value in enumerate(jsonstream.items(stream, encoding, path), start=1):
            yield as_record(number, value)
    except Broken as error:
        yield Record(number + 1, {}, f"{error}; nothing after it is read")


def whole_text(stream: BinaryIO, encoding: str) -> Iterator[Record]:
    """Yield a text file as one record ``{"text": ...}``."""
    data = stream.read(LIMIT + 1)
    if len(data) > LIMIT:
        yield Record(1, {}, f"a text of more than {LIMIT // 2**20} MB")
        return
    # A byte that is none costs what it stands in, not the file.
    text = data.removeprefix(BOM_UTF8).decode(encoding, HALF).replace("\0", NO_SIGN)
    yield Record(1, {"text": text.replace("\r\n", "\n")})


def json_envelope(stream: BinaryIO, encoding: str, path: tuple[str, ...]) -> dict[str, Any]:
    """Return the members of a document beside its records; a document that breaks off has those before."""
    return jsonstream.Scanner(stream, encoding).envelope(path)
