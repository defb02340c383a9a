"""What coders give back: workbooks, CSV, and exports of Label Studio and doccano, as rows of named cells.

Nothing is judged here but whether there is a sheet at all (:mod:`analysis.study.coded_rows` does that). Each cell knows
its place as the coder finds it: ``sheet.xlsx, cell D17``.
"""

from __future__ import annotations

import io
import zipfile
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl.utils import get_column_letter

from analysis.corpus.codes import is_item_code
from analysis.corpus.coding_scheme import CODER, ITEM, NOTE, OWN, TEXT, TRANSLATION, Variable, folded, plain
from analysis.corpus.readers import delimited
from analysis.corpus.readers.encodings import encoding_of
from analysis.corpus.readers.source import sources
from analysis.corpus.readers.workbook import Range, workbook_pages
from analysis.errors import InputError
from analysis.study.coded_cells import FORMS, Cell, Opened, Row, quoted
from analysis.study.coded_exports import of_documents, of_json, unpacked
from analysis.study.sheet_files import CODES

#: A header may stand beneath a title; and of a column of items so many may be damaged.
_HEADER, _HALF = 20, 0.5
#: What tells Label Studio's CSV from a sheet.
_EXPORTED = {"annotation_id", "annotator"}
#: How old workbooks begin, and those with a password.
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def open_coded(path: Path, scheme: Sequence[Variable]) -> Opened:
    """Read a file of codes, told by its content.

    Raises
    ------
    InputError
        If it cannot be read as any of :data:`analysis.study.coded_cells.FORMS`, or holds no sheet.

    """
    if not path.is_file():
        raise InputError("is a folder" if path.is_dir() else "no such file", file=path, accepted=FORMS)
    with path.open("rb") as file:
        head = file.read(8)
    if head == _OLE:
        raise InputError("is an old workbook (.xls) or an encrypted one", file=path, accepted=FORMS)
    if head.startswith(b"PK\x03\x04"):
        _require_workbook(path)
        return _of_pages(path, list(workbook_pages(sources(path)[0])), scheme, {})
    text = _decoded(path.read_bytes())
    if not text.strip():
        raise InputError("is empty", file=path, accepted=FORMS)
    if text.lstrip()[0] in "[{":
        return of_json(path, text, scheme)
    wanted = [ITEM, TEXT, *(variable.name for variable in scheme)]
    _, mark = delimited.headers(text, wanted)
    rows: list[list[Any]] = []
    broken: dict[int, str] = {}
    for number, row in enumerate(delimited.rows(io.StringIO(text, newline=""), mark), start=1):
        rows.append([] if isinstance(row, str) else row)
        if isinstance(row, str):
            broken[number] = row
    if rows and set(rows[0]) >= _EXPORTED:
        tasks = [
            (f"row {at}", dict(zip(rows[0], map(unpacked, row), strict=False)))
            for at, row in enumerate(rows[1:], start=2)
            if at not in broken
        ]
        out = of_documents(path, tasks, scheme, Opened())
        _tell_broken(out, path, broken)
        return out
    return _of_pages(path, [(CODES, rows, [])], scheme, broken)


def _require_workbook(path: Path) -> None:
    """Refuse what is packed and no workbook: doccano gives its exports so."""
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as packed:
        if not any(name.startswith("xl/") for name in packed.namelist()):
            accepted = ("the files in it, unpacked", *FORMS)
            raise InputError("is an archive, or a workbook of another kind than .xlsx", file=path, accepted=accepted)


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if data[1:2] == b"\0" or data[:1] == b"\0":
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    return data.removeprefix(BOM_UTF8).decode(encoding_of(data, whole=True), "replace")


# Tables ---------------------------------------------------------------------------------------------------------------


def _of_pages(
    path: Path,
    pages: Sequence[tuple[str, Sequence[Sequence[Any]], Sequence[Range]]],
    scheme: Sequence[Variable],
    broken: dict[int, str],
) -> Opened:
    out, known = Opened(), {folded(name): name for name in OWN}
    known |= {folded(variable.name): variable.name for variable in scheme}
    found = [(*page, header) for page in pages if (header := _header(page[1], known)) is not None]
    if not found:
        names = [one.name for one in scheme]
        accepted = [f"a page with the columns {', '.join((ITEM, TEXT, *names))}; of several coders {names[0]} (NAME)"]
        raise InputError("holds no coding sheet", file=path, accepted=accepted)
    for title, rows, merged, header in found:
        named = str(path) if len(found) == 1 else f"{path}, page {title}"
        for coder, own in _by_coder(rows, header, known.keys() - {ITEM, TEXT}):
            if coder is not None:
                out.notes.append(f"{named}: what stands in brackets behind names is who coded: {quoted(coder)}")
            page = _Page(named, own, header)
            columns = _columns(out, page, known, scheme)
            _read_page(out, page._replace(rows=_spread(out, page, columns, merged)), columns, scheme, coder)
    out.problems, out.notes = (list(dict.fromkeys(said)) for said in (out.problems, out.notes))
    _tell_broken(out, path, broken)
    return out


def _by_coder(
    rows: Sequence[Sequence[Any]], header: int, names: Collection[str]
) -> list[tuple[str | None, Sequence[Sequence[Any]]]]:
    """Return a page once for each coder whose name stands in its header (``stance (Anna)``), without the others' cells.

    A page that has nothing of two coders is returned as it is, for ``stance (-2 to 2)`` names nobody; but for one of
    several variables with the same name in all their brackets, and no other place that says who coded.
    """
    titled = {at: _of_coder(plain(cell)) for at, cell in enumerate(rows[header])}
    of_whom = {at: (name, who) for at, (name, who) in titled.items() if who and folded(name) in names}
    out: list[tuple[str | None, Sequence[Sequence[Any]]]] = []
    alone = len(of_whom) > 1 and len({who for _, who in of_whom.values()}) == 1
    named = CODER in {folded(title) for title, _ in titled.values()}
    if len({folded(name) for name, _ in of_whom.values()}) == len(of_whom) and (named or not alone):
        return [(None, rows)]
    for coder in dict.fromkeys(who for _, who in of_whom.values()):
        own = [list(row) for row in rows]
        for at, (name, who) in of_whom.items():
            for row in own:
                row[at : at + 1] = [row[at] if who == coder else None] if at < len(row) else []
            own[header][at] = name if who == coder else None
        out.append((coder, own))
    return out


def _tell_broken(out: Opened, path: Path, broken: Mapping[int, str]) -> None:
    out.lost_rows += len(broken)
    for number, why in broken.items():
        accepted = "(accepted: the row as it was on the sheet)"
        out.problems.append(f"{path}, row {number}: {why}; nothing of it is read {accepted}")


def _of_coder(title: str) -> tuple[str, str]:
    """Return what a column codes and by whom; a title that names nobody is what it codes.

    >>> _of_coder("stance (Anna)"), _of_coder("stance"), _of_coder("(Anna)")
    (('stance', 'Anna'), ('stance', ''), ('(Anna)', ''))
    """
    name, _, who = title.rpartition("(")
    named = name.strip() and who.endswith(")") and who[:-1].strip()
    return (name.rstrip(), who[:-1].strip()) if named else (title, "")


def _header(rows: Sequence[Sequence[Any]], known: Mapping[str, str]) -> int | None:
    """Return which row of a page names the columns; None for a page that is no coding sheet."""
    named = [{folded(_of_coder(plain(cell))[0]) for cell in row} & set(known) for row in rows[:_HEADER]]
    best = max(range(len(named)), key=lambda at: (len(named[at]), -at), default=None)
    if best is None or not named[best]:
        return None
    told = ITEM in named[best] or (TEXT in named[best] and len(named[best]) > 1)
    return best if told or _column_of_items(rows) is not None else None


def _column_of_items(rows: Sequence[Sequence[Any]]) -> int | None:
    """Return the column that holds the codes of items, whatever it is called."""
    counts, filled = Counter[int](), Counter[int]()
    for row in rows:
        for at, cell in enumerate(row):
            if cell not in {None, ""}:
                filled[at] += 1
                counts[at] += is_item_code(plain(cell).upper())
    best = max(counts, key=lambda at: (counts[at], -at), default=None)
    return best if best is not None and counts[best] > _HALF * (filled[best] - 1) and counts[best] else None


class _Page(NamedTuple):
    """A page with a sheet: what its messages call it, its rows, and which of them names the columns."""

    name: str
    rows: Sequence[Sequence[Any]]
    header: int

    def place(self, row: int, column: int) -> str:
        return f"{self.name}, cell {get_column_letter(column + 1)}{row + 1}"

    def title(self, column: int) -> str:
        row = self.rows[self.header]
        return plain(row[column]) if column < len(row) else ""

    @property
    def beneath(self) -> Sequence[Sequence[Any]]:
        return self.rows[self.header + 1 :]


def _columns(out: Opened, page: _Page, known: Mapping[str, str], scheme: Sequence[Variable]) -> dict[str, int]:
    """Return which column of a page is which; what is none is told."""
    columns: dict[str, int] = {}
    strange: list[int] = []
    for at in range(max(map(len, page.rows))):
        name = known.get(folded(page.title(at)))
        if name is not None and name not in columns:
            columns[name] = at
        elif any(len(row) > at and plain(row[at]) for row in page.beneath):
            strange.append(at)
    items = _column_of_items(page.beneath)
    if ITEM not in columns and items in strange:
        columns[ITEM] = items
        strange.remove(items)
        out.notes.append(f"{page.place(page.header, items)}: read as {ITEM}, by what stands beneath")
    missing = [one.name for one in scheme if one.name not in columns]
    for at in strange:
        title = page.title(at)
        if not title and at == 0 and _are_numbered(page):
            continue
        twice = folded(title) in known
        said = (
            f"{quoted(title)} is no column of the sheet" if title else "has no name, but there is something beneath it"
        )
        said = f"{page.place(page.header, at)}: {f'{quoted(title)} stands there twice' if twice else said}"
        if missing or not title or twice:
            accepted = "one column of that name" if twice else ", ".join(missing or columns)
            out.problems.append(f"{said}; the column is not read (accepted: {accepted})")
        else:
            out.notes.append(f"{said}, and is not read")
    if missing:
        out.notes.append(f"{page.name}: has no column {', '.join(missing)}; nothing is read for it")
    return columns


def _are_numbered(page: _Page) -> bool:
    """Tell whether the first column only counts the rows, as R and pandas write it."""
    numbers = [plain(row[0]) for row in page.beneath if row and plain(row[0])]
    first = numbers[0] if numbers else ""
    return first in {"0", "1"} and numbers == [str(int(first) + at) for at in range(len(numbers))]


def _spread(out: Opened, page: _Page, columns: Mapping[str, int], merged: Sequence[Range]) -> Sequence[Sequence[Any]]:
    """Return the rows of a page in which what is merged stands in each of its cells, items and words once."""
    coded = {column for name, column in columns.items() if name not in {ITEM, TEXT, NOTE, TRANSLATION}}
    rows = [list(row) for row in page.rows] if merged else page.rows
    for top, left, bottom, right in merged:
        if not page.header < top - 1 < len(rows) or left - 1 not in coded or left > len(rows[top - 1]):
            continue
        value = page.rows[top - 1][left - 1]
        for row in rows[top - 1 : bottom] if plain(value) else ():
            row.extend([None] * (min(right, max(coded) + 1) - len(row)))
            for column in coded.intersection(range(left - 1, right)):
                row[column] = row[column] if plain(row[column]) else value
        if plain(value) and columns.get(CODER) != left - 1:
            until = f"{get_column_letter(right)}{bottom}"
            out.notes.append(f"{page.place(top - 1, left - 1)}: is merged, and counts for each cell down to {until}")
    return rows


def _read_page(
    out: Opened, page: _Page, columns: Mapping[str, int], scheme: Sequence[Variable], coder: str | None
) -> None:
    missing = frozenset(one.name for one in scheme if one.name not in columns)
    for at, row in enumerate(page.beneath, start=page.header + 1):
        cells = {
            name: Cell(row[column], page.place(at, column))
            for name, column in columns.items()
            if column < len(row) and plain(row[column])
        }
        if coder is not None:
            cells[CODER] = Cell(coder, page.place(page.header, 0))
        if set(cells) - {CODER}:
            out.rows.append(Row(page.place(at, columns.get(ITEM, 0)), cells, absent=missing))
