"""Streams of records: what a file holds, one dictionary at a time, values as written, damaged ones with the reason."""

from __future__ import annotations

import csv
import io
import json
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, NamedTuple, Self, TextIO

from analysis.corpus.readers import jsonstream
from analysis.corpus.readers.jsonstream import LIMIT, Broken
from analysis.corpus.readers.source import Source, archive, refuse_swollen
from analysis.corpus.readers.unpack import DAMAGE, FREE
from analysis.errors import InputError

_HEAD = 2**20
_LINES = 50
#: A header may stand beneath a title and a source (ExportComments: row 6).
_ROWS = 20
DELIMITERS = (",", ";", "\t", "|")
_BOM = b"\xef\xbb\xbf"
_HALF = 0.5
_EXACT = 2**53
_FORMULA = re.compile(rb"<f[ />]")
#: A workbook's XML has these for signs that XML cannot hold or would change: a line's end within a cell is ``_x000D_``.
_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f])_")
#: A cell may hold a whole transcript (the csv module's own limit is 128 KB), but what holds more than this many
#: characters is a quote that was never closed.
csv.field_size_limit(16 * 2**20)


class Record(NamedTuple):
    """One record: its number (1 is the first), its values as written, or why it cannot be read."""

    number: int
    value: dict[str, Any]
    problem: str | None = None


@dataclass(frozen=True)
class Sample:
    """The beginning of a file, by which it is recognised.

    Attributes
    ----------
    kind : str
        ``json`` (a document), ``jsonl``, ``csv``, ``xlsx``, ``text`` or ``binary``.
    documents : list of dict
        The first objects; of a table, each of its first rows as possible header.
    text : str
        The beginning as text (empty where it is none).
    name : str
        The file's, for the few formats whose content says nothing.

    """

    kind: str
    documents: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    name: str = ""


def sample(source: Source) -> Sample:
    """Read the beginning of a source and tell what kind of records it holds."""
    return replace(_sample(source), name=source.name)


def _sample(source: Source) -> Sample:
    head = source.head(_HEAD)
    if not head:
        raise InputError("is empty", file=source.name)
    if kind := archive(head):
        raise InputError(f"is {kind} archive; unpack it first", file=source.name)
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise InputError("is an old workbook (.xls); open it and save it as XLSX", file=source.name)
    if head[:4] == b"PK\x03\x04":
        try:
            rows = [row for _, row in zip(range(_ROWS), workbook_rows(source), strict=False)]
        except InputError:
            return Sample("binary")
        return Sample("xlsx", [dict.fromkeys(_columns(row)) for row in rows])
    if b"\0" in head or head[:4] == b"PAR1":
        return Sample("binary")
    encoding = _encoding(head, whole=len(head) < _HEAD)
    text = head.decode(encoding, "replace").removeprefix("\ufeff")
    start = text.lstrip()
    if start[:1] == "{" and (documents := _objects(text, whole=len(head) < _HEAD)):
        return Sample("jsonl", documents, text, encoding)
    if start[:1] in {"{", "["}:
        outline = jsonstream.Scanner(io.BytesIO(head), encoding).outline()
        found = outline if isinstance(outline, list) else [outline]
        if documents := [value for value in found if isinstance(value, dict)]:
            return Sample("json", documents, text, encoding)
    documents, mark = _headers(text)
    return Sample("csv" if documents else "text", documents, text, encoding, mark)


def _encoding(head: bytes, *, whole: bool) -> str:
    """Return UTF-8, or GB 18030 where that reads the text and UTF-8 does not read half of its lines."""
    try:
        end = len(head) if whole else head.rfind(b"\n") + 1 or len(head) - 4
        head[:end].decode("utf-8")
    except UnicodeDecodeError:
        lines = [line for line in head[:end].split(b"\n") if not line.isascii()]
        good = 0
        for line in lines:
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                pass
        if good < _HALF * len(lines):
            try:
                head[:end].decode("gb18030")
            except UnicodeDecodeError:
                return "utf-8"
            return "gb18030"
    return "utf-8"


def _objects(text: str, *, whole: bool) -> list[dict[str, Any]]:
    """Return the first objects if the text holds one a line, else nothing."""
    lines = text.split("\n")
    lines = [line for line in (lines if whole else lines[:-1])[:_LINES] if line.strip()]
    if not lines:
        return []
    out = []
    for line in lines:
        try:
            value = jsonstream.decoder.decode(line.strip())
        except (ValueError, RecursionError):
            continue
        out += [value] if isinstance(value, dict) else []
    # The first line of a document that is spread over many is no object of its own; one bad line is no other format.
    first = lines[0].strip()
    return out if first.endswith("}") or len(out) > _HALF * len(lines) else []


def _headers(text: str) -> tuple[list[dict[str, Any]], str]:
    """Return the first rows of a table as possible headers, and the mark between its cells."""
    best: tuple[int, str, list[list[str]]] = (1, ",", [])
    for mark in DELIMITERS:
        rows: list[list[str]] = []
        try:
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark):
                rows.append(row)
                if len(rows) == _ROWS:
                    break
        except csv.Error:
            pass
        width = len(rows[0]) if rows else 0
        # A title above the header has few cells; then the widest of the first rows decides.
        width = max(width, min((len(row) for row in rows[1:]), default=0))
        if width > best[0]:
            best = (width, mark, rows)
    return [dict.fromkeys(_columns(row)) for row in best[2]], best[1]


def _columns(row: list[str]) -> list[str]:
    """Return column names without blanks around them; an unnamed column is called by its place."""
    return [name.strip() or f"column {place}" for place, name in enumerate(row, start=1)]


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
        bare = line.removeprefix(_BOM) if number == 1 else line
        if bare.isspace():
            continue
        try:
            text = bare.decode(encoding).strip()
            value, end = jsonstream.decoder.raw_decode(text)
            if end != len(text):
                jsonstream.decoder.decode(text)  # says what is wrong
        except UnicodeDecodeError:
            yield Record(number, {}, "not UTF-8" if encoding == "utf-8" else f"not {encoding.upper()}")
        except json.JSONDecodeError as error:
            cut = "" if bare.endswith(b"\n") else " (the file ends too early)"
            yield Record(number, {}, f"not valid JSON: {error.msg}{cut}")
        except RecursionError:
            yield Record(number, {}, "JSON nested too deep")
        else:
            yield _object(number, value)


def _object(number: int, value: object) -> Record:
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
            yield _object(number, value)
    except Broken as error:
        yield Record(number + 1, {}, f"{error}; nothing after it is read")


class Lines:
    """The lines of a table's text, none of them too long to hold; an iterator that goes on after an error."""

    def __init__(self, text: TextIO) -> None:
        """Take a text file opened with ``newline=""``."""
        self._text = text

    def __iter__(self) -> Self:
        """Return itself."""
        return self

    def __next__(self) -> str:
        """Return the next line; csv.Error, once for each, where one is too long."""
        line = self._text.readline(LIMIT)
        if not line:
            raise StopIteration
        if len(line) == LIMIT and line[-1] not in "\r\n":
            while (more := self._text.readline(LIMIT)) and more[-1] not in "\r\n":
                pass
            message = f"a line of more than {LIMIT // 2**20} MB"
            raise csv.Error(message)
        return line


def rows_or_problems(reader: Iterator[list[str]]) -> Iterator[list[str] | str]:
    """Yield each row, or why it is none: a quote that is not doubled or not closed would take other rows with it."""
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield f"not valid CSV: {error}"
        else:
            yield cells


def csv_rows(stream: BinaryIO, encoding: str, delimiter: str, *, header: int, escape: str | None) -> Iterator[Record]:
    r"""Yield the rows beneath a header; row ends are \n, \r and \r\n only.

    Parameters
    ----------
    header : int
        How many rows stand above the header.
    escape : str, optional
        The sign that escapes a quote, where quotes are not doubled.

    """
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    text = io.TextIOWrapper(stream, encoding=codec, errors="surrogateescape", newline="")
    reader = csv.reader(Lines(text), delimiter=delimiter, strict=escape is None, escapechar=escape)
    names: list[str] = []
    number = skipped = 0
    for cells in rows_or_problems(reader):
        if isinstance(cells, str):
            number += 1
            yield Record(number, {}, cells)
        elif skipped <= header:
            skipped += 1
            names = _columns(cells)
        elif cells:
            number += 1
            yield _row(number, names, cells)


def _row(number: int, names: list[str], cells: list[str]) -> Record:
    if len(cells) != len(names):
        return Record(number, {}, f"{len(cells)} cells where the header has {len(names)}")
    return Record(number, dict(zip(names, cells, strict=True)))


def xlsx_rows(source: Source, *, header: int) -> Iterator[Record]:
    """Yield the rows beneath the header of a workbook's first sheet that has any."""
    names: list[str] = []
    number = 0
    for place, cells in enumerate(workbook_rows(source)):
        if place == header:
            names = _columns(cells)
        elif place > header and any(cells):
            number += 1
            padded = [*cells, *[""] * (len(names) - len(cells))]
            yield Record(number, dict(zip(names, padded, strict=False)))


def workbook_rows(source: Source) -> Iterator[list[str]]:
    """Yield the cells of a workbook's first sheet that has any, as text."""
    import openpyxl  # noqa: PLC0415  only who has a workbook pays for it
    from openpyxl.xml import DEFUSEDXML  # noqa: PLC0415

    if not DEFUSEDXML:
        raise InputError("workbooks are read with defusedxml only; install it", file=source.name)
    try:
        with ExitStack() as opened, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and print areas, which nothing here reads
            stream = opened.enter_context(_workbook(source))
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            for sheet in book.worksheets:
                sheet.reset_dimensions()
                rows = sheet.iter_rows(values_only=True)
                first = next(rows, None)
                if first is None:
                    continue
                yield [_cell(value) for value in first]
                typed = None
                if _has_formulas(stream):
                    other = openpyxl.load_workbook(opened.enter_context(_workbook(source)), read_only=True)[sheet.title]
                    other.reset_dimensions()
                    typed = other.iter_rows(values_only=True, min_row=2)
                for row in rows:
                    yield [_cell(value) for value in (row if typed is None else map(_said, row, next(typed)))]
                return
    except (*DAMAGE, LookupError, ArithmeticError, ValueError, TypeError, AttributeError, SyntaxError) as error:
        raise InputError(f"is not a complete workbook: {error}", file=source.name) from error


def _workbook(source: Source) -> BinaryIO:
    """Open a workbook for reading here and there; one within an archive is unpacked to memory for it."""
    stream = source.opens()
    if stream.seekable():
        return stream
    with stream:
        data = stream.read(FREE + 1)
    if len(data) > FREE:
        raise InputError(f"is a workbook of more than {FREE // 2**20} MB in an archive; unpack it", file=source.name)
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        refuse_swollen(book.infolist(), source.name)
    return io.BytesIO(data)


def _has_formulas(stream: BinaryIO) -> bool:
    """Tell whether any sheet of a workbook holds a formula."""
    with zipfile.ZipFile(stream) as book:
        for name in book.namelist():
            if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
                continue
            with book.open(name) as sheet:
                before = b""
                while chunk := sheet.read(2**20):
                    if _FORMULA.search(before + chunk):
                        return True
                    before = chunk[-2:]
    return False


def _said(value: object, typed: object) -> object:
    """Return a cell's value; "=)" and "=1+1" that a tool wrote as formulas were never worked out: they are words."""
    return typed if value in {None, 0} and isinstance(typed, str) and typed.startswith("=") else value


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        # An id that a workbook keeps as a number has lost its last digits from here on: none are made up.
        return str(int(value)) if abs(value) < _EXACT else repr(value)
    if isinstance(value, str):
        return _ESCAPED.sub(_sign, value) if "_x00" in value else value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _sign(escaped: re.Match[str]) -> str:
    return chr(int(escaped[1], 16))


def whole_text(stream: BinaryIO, encoding: str) -> Iterator[Record]:
    """Yield a text file as one record ``{"text": ...}``."""
    data = stream.read(LIMIT + 1)
    if len(data) > LIMIT:
        yield Record(1, {}, f"a text of more than {LIMIT // 2**20} MB")
        return
    try:
        text = data.removeprefix(_BOM).decode(encoding)
    except UnicodeDecodeError:
        yield Record(1, {}, "not UTF-8")
        return
    yield Record(1, {"text": text.replace("\r\n", "\n")})


def json_envelope(stream: BinaryIO, encoding: str, path: tuple[str, ...]) -> dict[str, Any]:
    """Return the members of a document beside its records; a document that breaks off has those before."""
    return jsonstream.Scanner(stream, encoding).envelope(path)
