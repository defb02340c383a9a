"""The sheets of a workbook, and the rows of one, as text."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, time
from itertools import chain, islice
from typing import Any, BinaryIO

from analysis.corpus.cells import Spanned
from analysis.corpus.readers.delimited import bare_formula
from analysis.corpus.readers.source import Source, printable, refuse_swollen, refused
from analysis.corpus.readers.unpack import DAMAGE, FREE
from analysis.corpus.readers.web_table import page_rows, tables_of
from analysis.errors import InputError

_VISIBLE, _HIDDEN = "visible", "is a hidden sheet of the workbook: to import it, show it there first (Excel: Unhide)"
_EXACT, _ZIP = 2**53, b"PK\x03\x04"
_FORMULA = re.compile(rb"<f[ />]")
#: A cell over several: letters of a column and a row, twice. Ranges are this long at most.
_MERGED, _LONGEST = re.compile(rb'<mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'), 64
#: No sheet has more rows; of rows and cells that are left out, empty ones are read. Beyond the first so many cells a
#: sheet may have so many a byte of its XML, in which one that is filled takes twenty.
_ROWS, _CELLS, _CELLS_A_BYTE = 2**20, 4_000_000, 10
#: A workbook's XML has these for signs that XML cannot hold or would change: a line's end within a cell is ``_x000D_``.
#: At the end of a text that was cut in an emoji stands half of it.
_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f]|[Dd][89ABab][0-9A-Fa-f]{2}(?=_$))_")

#: Merged cells: the first row and column, the last row and column, from 1.
Range = tuple[int, int, int, int]


def sheets(source: Source, *, hidden: bool = True) -> list[Source]:
    """Return a workbook's sheets that have rows, each as a file of its own where there are several; others as they are.

    A page with tables is such a workbook, whatever it is called.
    A hidden one, which may be left out, is refused: whoever looks at the workbook does not know of its rows. A workbook
    that cannot be opened is left to who reads it.
    """
    try:
        if tables := tables_of(source):
            several = [replace(source, name=f"{source.name}: table {nth}", inside=True) for nth in tables]
            found = [source] if len(tables) == 1 else several
            return [replace(each, sheet=str(nth)) for each, nth in zip(found, tables, strict=True)]
        if source.suffix == ".ods" or source.head(len(_ZIP)) != _ZIP:  # whatever it is called: XLSM, or XLS
            return [source]
        with _opened(source) as (_, book):
            names = {}
            for sheet in book.worksheets:
                sheet.reset_dimensions()
                if next(sheet.iter_rows(values_only=True), None) is not None:
                    names[sheet.title] = sheet.sheet_state == _VISIBLE
    except InputError:
        return [source]
    each = {name: replace(source, name=f"{source.name}: {printable(name)}", sheet=name, inside=True) for name in names}
    shown = [each[name] for name in names if names[name]]
    others = [replace(each[name], opens=refused(_HIDDEN, each[name].name)) for name in names if not names[name]]
    return [*([source] if len(shown) == 1 or not names else shown), *(others if hidden or not shown else ())]


@contextmanager
def _opened(source: Source) -> Iterator[tuple[BinaryIO, Any]]:
    """Open a workbook; whatever is wrong with it is an :class:`InputError`."""
    import openpyxl  # noqa: PLC0415  only who has a workbook pays for it
    from openpyxl.xml import DEFUSEDXML  # noqa: PLC0415

    if not DEFUSEDXML:
        raise InputError("workbooks are read with defusedxml only; install it", file=source.name)
    try:
        with ExitStack() as opened, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and print areas, which nothing here reads
            stream = opened.enter_context(_workbook(source))
            yield stream, openpyxl.load_workbook(stream, read_only=True, data_only=True)
    except (*DAMAGE, LookupError, ArithmeticError, ValueError, TypeError, AttributeError, SyntaxError) as error:
        raise InputError(f"is not a complete workbook: {error}", file=source.name) from error


def workbook_pages(source: Source) -> Iterator[tuple[str, list[tuple[Any, ...]], list[Range]]]:
    """Yield the pages of a workbook: the name of each, its rows with the values that it holds, what is merged."""
    with _opened(source) as (stream, book):
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            _, merged, size = _scanned(stream, sheet._worksheet_path)  # noqa: SLF001  openpyxl tells it nowhere else
            yield sheet.title, list(_within(sheet.iter_rows(values_only=True), size, source.name)), merged


def workbook_rows(source: Source) -> Iterator[list[str] | str]:
    """Yield the cells of a workbook's first shown sheet that has any, or of the one that the source is, as text.

    Of a page that breaks off within a row, why it is none.
    """
    import openpyxl  # noqa: PLC0415  only who has a workbook pays for it

    if source.suffix == ".ods":
        yield from _ods_rows(source)
        return
    if source.sheet and source.head(len(_ZIP)) != _ZIP:
        yield from page_rows(source)
        return
    with _opened(source) as (stream, book), ExitStack() as opened:
        for sheet in book.worksheets:
            if source.sheet != sheet.title if source.sheet else sheet.sheet_state != _VISIBLE:
                continue
            sheet.reset_dimensions()
            rows = (tuple(map(_value, row)) for row in sheet.iter_rows())
            first = next(rows, None)
            if first is None:
                continue
            formulas, merged, size = _scanned(stream, sheet._worksheet_path)  # noqa: SLF001  openpyxl tells it nowhere else
            said: Iterable[Iterable[Any]] = chain([first], rows)
            if formulas:
                other = openpyxl.load_workbook(opened.enter_context(_workbook(source)), read_only=True)[sheet.title]
                other.reset_dimensions()
                typed = islice(other.iter_rows(values_only=True), 1, None)
                said = chain([first], (map(_said, row, next(typed)) for row in rows))
            spans = {(top, left): bottom for top, left, bottom, _ in merged if top < bottom}
            read = _spanned(([_cell(value) for value in row] for row in said), spans)
            yield from _within(read, size, source.name)
            return


def _within(rows: Iterable[Any], size: int, name: str) -> Iterator[Any]:
    """Yield the rows of a sheet whose XML has so many bytes; refuse one that is far larger than what it holds."""
    left = _CELLS + _CELLS_A_BYTE * size
    for number, row in enumerate(rows):
        left -= len(row)
        if left < 0 or number == _ROWS:
            place = f"row {number + 1:,}" if number == _ROWS else f"column {len(row):,}"
            raise InputError(f"has cells in {place}, with nearly nothing before; delete those", file=name)
        yield row


def _ods_rows(source: Source) -> Iterator[list[str]]:
    """Yield the rows of an ODS workbook's first sheet, by odfpy where that is installed."""
    import pandas as pd  # noqa: PLC0415  only who has such a workbook pays for it

    try:
        frame = pd.read_excel(_workbook(source), engine="odf", header=None, dtype=object, keep_default_na=False)
    except ImportError:
        raise InputError("is an ODS workbook; save it as XLSX or CSV, or install odfpy", file=source.name) from None
    except Exception as error:  # of a damaged one odfpy raises whatever it stumbles over
        raise InputError(f"is not a complete workbook: {error}", file=source.name) from error
    for row in frame.itertuples(index=False):
        yield [_cell(value) for value in row]


def seekable(source: Source) -> BinaryIO:
    """Open a file for reading here and there; one within an archive is unpacked to memory for it."""
    stream = source.opens()
    if stream.seekable() and not source.packed:
        return stream
    with stream:
        data = stream.read(FREE + 1)
    if len(data) > FREE:
        raise InputError(f"is more than {FREE // 2**20} MB in an archive; unpack it", file=source.name)
    return io.BytesIO(data)


def _workbook(source: Source) -> BinaryIO:
    stream = seekable(source)
    if isinstance(stream, io.BytesIO):
        with zipfile.ZipFile(stream) as book:
            refuse_swollen(book.infolist(), source.name)
    return stream


def _scanned(stream: BinaryIO, path: str) -> tuple[bool, list[Range], int]:
    """Tell whether a sheet holds a formula, which of its cells are merged, and how many bytes it has."""
    from openpyxl.utils import column_index_from_string  # noqa: PLC0415  only who has a workbook pays for it

    formulas, merged, before = False, dict[Range, None](), b""
    with zipfile.ZipFile(stream) as book, book.open(path) as sheet:
        while chunk := sheet.read(2**20):
            seen = before + chunk
            formulas = formulas or _FORMULA.search(seen) is not None
            for left, top, right, bottom in _MERGED.findall(seen):
                columns = (column_index_from_string(letters.decode()) for letters in (left, right))
                merged[int(top), next(columns), int(bottom), next(columns)] = None
            before = seen[-_LONGEST:]
        size = book.getinfo(path).file_size
    return formulas, list(merged), size


def _spanned(rows: Iterator[list[str]], spans: Mapping[tuple[int, int], int]) -> Iterator[list[str]]:
    """Yield rows in which a cell over several rows stands in each that has anything: a video over its comments."""
    held: dict[int, tuple[str, int]] = {}
    for number, cells in enumerate(rows, start=1) if spans else ():
        for column, (value, last) in held.items() if any(cells) else ():
            if number <= last:
                cells.extend([""] * (column - len(cells)))
                cells[column - 1] = Spanned(value)
        held |= {
            column: (value, spans[number, column])
            for column, value in enumerate(cells, start=1)
            if (number, column) in spans
        }
        yield cells
    yield from rows


def _said(value: object, typed: object) -> object:
    """Return a cell's value; "=)" and "=1+1" that a tool wrote as formulas were never worked out: they are words."""
    return bare_formula(typed) if value in {None, 0} and isinstance(typed, str) and typed.startswith("=") else value


def _value(cell: Any) -> object:  # noqa: ANN401  openpyxl's cells have no common type
    """Return what a cell holds; a day that shows no clock is a date, and not the midnight of some zone."""
    value = cell.value
    if isinstance(value, datetime) and value.time() == time.min and "h" not in cell.number_format.lower():
        return value.date()
    return value


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        # An id that a workbook keeps as a number has lost its last digits from here on: it is what CSV saved of it has.
        return str(int(value)) if abs(value) < _EXACT else f"{value:.15G}"
    if isinstance(value, str):
        return _ESCAPED.sub(_sign, value) if "_x" in value else value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _sign(escaped: re.Match[str]) -> str:
    return chr(int(escaped[1], 16))
