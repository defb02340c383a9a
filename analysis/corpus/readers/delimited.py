"""Tables of text with a mark between cells: where the header stands, and rows of which no stray quote takes others."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import dropwhile, islice
from typing import Any, BinaryIO, Self, TextIO

from analysis.corpus.readers.encodings import HALF, NO_SIGN
from analysis.corpus.readers.jsonstream import LIMIT

#: A header may stand beneath a title and a source (ExportComments: row 6).
ROWS = 20
MARKS = (",", ";", "\t", "|")
#: What an id, a count or a time is made of.
#: Begun only where such a run begins: from within it, each place would be tried again.
_NUMBERS = re.compile(r"(?<![ ./:+\-TZE年月日])[ ./:+\-TZE年月日]*\d[\d ./:+\-TZE年月日]*")
_ID = re.compile(r"(?<![\w.-])(?=[\w.-]*\d)[\w.-]+")
#: A quote within a quoted cell that a backslash escapes. Before a mark it may be the end of a cell whose last sign is a
#: backslash: that alone tells nothing.
_BACKSLASH = re.compile(r'(?:^|[,;\t|\r\n])"(?:[^"\r\n]*[^"\\\r\n])?\\"[^"\r\n,;\t|]')
#: A cell may hold a whole transcript (the csv module's own limit is 128 KB), but what holds more than this many
#: characters is a quote that was never closed.
csv.field_size_limit(16 * 2**20)

#: What stands beneath the header of a table in Markdown.
_RULE = re.compile(r":?-{2,}:?")
#: A cell that was written as a formula, so that a spreadsheet keeps its digits.
_FORMULA = re.compile(r'="([^"]*)"')
_TWO = 2
#: An id or a time has so many characters; numbers of a list within a comment have fewer.
_LONG = 8
UNDOUBLED = "not valid CSV: a quote within a quoted cell that is not doubled"
STRAY = "a quote that is not closed"


def headers(text: str, wanted: Sequence[str] = (), fewest: int = 2) -> tuple[list[list[str]], str]:
    """Return the first rows of a table, each a possible header, and the mark between its cells.

    The mark is the one that shows most of the wanted columns, then the one by which most rows beneath a title have as
    many cells, several if possible: "&amp;" and a list within a comment have marks too, now more and now fewer. Where
    most rows have fewer cells than the fewest, there is no table. A row that cannot be read has no cells; since a cell
    with a quote begins in it, behind a mark, it is taken to have as many as the others.
    """
    best: tuple[tuple[int, ...], str, list[list[str]]] = ((-1,), ",", [])
    escape = escape_of(text)
    for mark in MARKS:
        begun = islice(rows(io.StringIO(text, newline=""), mark, escape=escape), ROWS)
        found = [[] if isinstance(row, str) else row for row in begun]
        good = [len(row) for row in found if row]
        widths = Counter(dropwhile(lambda width: width == 1, good)) or Counter(good)
        alike, width = max(((number, width) for width, number in widths.items()), default=(0, 0))
        shown = max((sum(name in row for name in wanted) for row in found), default=0)
        key = (shown, width > 1, alike + len(found) - len(good), width)
        if key > best[0] and (shown or (width >= fewest and (fewest == 1 or alike * 2 > len(good)))):
            best = key, mark, found
    return best[2], best[1]


def column_names(row: Sequence[str]) -> list[str]:
    """Return column names without blanks around them; an unnamed column is called by its place.

    A name that stands there twice is the first one's; the others are called by name and place.
    """
    names: dict[str, None] = {}
    for place, cell in enumerate(row, start=1):
        name = cell.strip() or f"column {place}"
        names[f"{name} ({place})" if name in names else name] = None
    return list(names)


def escape_of(text: str) -> str | None:
    """Return the sign that escapes a quote within a cell, where quotes are not doubled."""
    return "\\" if '""' not in text.replace(',""', "") and _BACKSLASH.search(text) else None


class Lines:
    """The lines of a text, none of them too long to hold; an iterator that goes on after an error.

    A byte that is 0 stands as one that is none. It keeps the lines of the row that is being read, so that they can be
    read again one by one.

    Attributes
    ----------
    begun : int
        On which line, from 1, the row began that was read last.

    """

    def __init__(self, text: TextIO) -> None:
        """Take a text that was opened with ``newline=""``."""
        self._text, self._again, self.row = text, deque[str](), list[str]()
        self._number = self.begun = 0

    def __iter__(self) -> Self:
        """Return itself."""
        return self

    def __next__(self) -> str:
        """Return the next line; csv.Error, once for each, where one is too long."""
        line = self._again.popleft() if self._again else self._text.readline(LIMIT)
        if not line:
            raise StopIteration
        line = line.replace("\0", NO_SIGN)
        self.row.append(line)
        self._number += 1
        if len(line) == LIMIT and line[-1] not in "\r\n":
            while (more := self._text.readline(LIMIT)) and more[-1] not in "\r\n":
                pass
            message = f"a line of more than {LIMIT // 2**20} MB"
            raise csv.Error(message)
        return line

    def first(self) -> str:
        """Return the first line, which is yet to be read."""
        self._again.append(self._text.readline(LIMIT))
        return self._again[0]

    def again(self) -> None:
        """Read the lines of this row again, but for the first."""
        self._again.extendleft(reversed(self.row[1:]))
        self._number -= len(self.row) - 1

    def end_row(self) -> None:
        """Note where the row began whose lines have been read."""
        self.begun = self._number - len(self.row) + 1


def opened(stream: BinaryIO, encoding: str) -> TextIO:
    """Return a stream as text, in which a byte that is none stands as half a character.

    Each line of ISO-2022-JP begins in ASCII: one that is not closed takes no other along.
    """
    if encoding == "iso2022_jp":
        return io.StringIO("".join(line.decode(encoding, HALF) for line in stream), newline="")
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    return io.TextIOWrapper(stream, encoding=codec, errors=HALF, newline="")


def rows(text: TextIO | Lines, mark: str, *, escape: str | None = None, skip: int = 0) -> Iterator[list[str] | str]:
    r"""Yield each row that is not blank as its cells, or why it is none; row ends are \n, \r and \r\n only.

    A quote that is not doubled or not closed would take the lines after it into its cell. Lines that were taken so and
    are rows by themselves are read again one by one, and the row at fault alone is none; a header is what its own line
    says.

    Parameters
    ----------
    text : text file
        Opened with ``newline=""``; its :class:`Lines`, for who wants to know where a row began.
    mark, escape : str
        What stands between cells; what escapes a quote where quotes are not doubled.
    skip : int
        How many rows above the first are no part of the table: a title.

    """
    lines = text if isinstance(text, Lines) else Lines(text)
    before: list[str] = []
    dialect = _dialect("" if skip else lines.first(), mark, escape)
    width, framed, reader = 0, False, csv.reader(lines, **dialect)
    while True:
        lines.row.clear()
        found: list[str] | str
        try:
            found = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            found = _unread(error, lines.row, mark, width)
        lines.end_row()
        of_many = len(lines.row) > 1
        if of_many and not width and (isinstance(found, str) or _alike(lines.row, dialect)):
            found = _cells(lines.row[0], dialect)
            lines.again()
        elif of_many and width and _are_rows(lines.row, found, before, width, dialect):
            lines.again()
            found = STRAY
        if isinstance(found, list):
            found, framed = _bare(found, lines.row, mark, framed=framed if width else None)
        if not found:
            continue
        width = width or (0 if skip else len(found))
        if not of_many and isinstance(found, list):
            before = found
        if skip:
            skip -= 1
        else:
            yield found


def _unread(error: csv.Error, lines: list[str], mark: str, width: int) -> list[str] | str:
    """Return why a row cannot be read; where tabs part cells, which no text has, a quote may be the writer's own."""
    if "expected after" not in str(error):
        return f"not valid CSV: {error}"
    cells = lines[0].rstrip("\r\n").split(mark)
    return cells if mark == "\t" and len(lines) == 1 and len(cells) == width else UNDOUBLED


def _dialect(header: str, mark: str, escape: str | None) -> dict[str, Any]:
    """Return how the csv module is to read a table with a header, where that is known."""
    # A blank before each name, or each quoted one.
    spaced = f'{mark} "' in header or 0 < header.count(mark) == header.count(f"{mark} ")
    name = r"'[^'\"]*'"
    quote = "'" if re.fullmatch(rf"{name}(?:{re.escape(mark)}{name})+\s*", header) else '"'
    dialect = {"delimiter": mark, "quotechar": quote, "strict": escape is None, "escapechar": escape}
    return {**dialect, "skipinitialspace": spaced}


def _bare(cells: list[str], lines: list[str], mark: str, *, framed: bool | None) -> tuple[list[str], bool]:
    """Return the cells of a row without what is no part of them, and whether the rows have a mark on both sides.

    The first row tells that, as Markdown has it; of the line beneath its header nothing is left.
    """
    if mark == "|":
        cells = [cell.strip() for cell in cells]
        framed = len(cells) > _TWO and not cells[0] and not cells[-1] if framed is None else framed
        cells = cells[1:-1] if framed and not cells[-1] else cells
        if all(map(_RULE.fullmatch, cells)):
            return [], framed
    if any('="' in line for line in lines):
        cells = list(map(bare_formula, cells))
    return cells, bool(framed)


def bare_formula(cell: str) -> str:
    """Return what a formula of mere text holds; another cell as it is.

    >>> bare_formula('="0042"'), bare_formula("=)")
    ('0042', '=)')
    """
    found = _FORMULA.fullmatch(cell)
    return cell if found is None else found[1]


def _cells(line: str, dialect: dict[str, Any]) -> list[str]:
    """Return the cells of one line, whatever its quotes are."""
    return next(csv.reader([line], **{**dialect, "strict": False}), [])


def _alike(lines: list[str], dialect: dict[str, Any]) -> bool:
    """Tell whether the first two lines of a header are a header and a row: of as many cells."""
    one, two = (len(_cells(line, dialect)) for line in lines[:2])
    return one == two > 1


def _are_rows(lines: list[str], cells: list[str] | str, before: list[str], width: int, dialect: dict[str, Any]) -> bool:
    """Tell whether most lines within a cell are rows: of as many cells, with numbers (or else ids) where it has.

    A comment of several lines has commas here and there; an id, a time and a count in their places it has not. What
    stands after the cell stands in the last line: of that, only what stands before tells anything.
    """
    if isinstance(cells, str):
        return True
    like = next((form for form in (_NUMBERS, _ID) if any(map(form.fullmatch, cells))), _NUMBERS)
    within = [_cells(line, dialect) for line in lines[1:]]
    inside = next((place for place, cell in enumerate(cells) if "\n" in cell or "\r" in cell), len(cells))
    whole = len(cells) == width
    # An id in its place, as long as this row's or the one's before, begins a row whatever the other lines are: a list
    # is of short numbers. Of the last line, what stands after the cell is this row's own.
    known = (*enumerate(cells[:inside]), *enumerate(before))
    long = {(place, len(cell)) for place, cell in known if len(cell) >= _LONG and like.fullmatch(cell)}
    fewest = max(width, _TWO + 1) if whole else _TWO
    for found in within:
        telling = found[: inside + 1] if found is within[-1] else found
        if len(found) >= fewest and any(
            (place, len(cell)) in long and like.fullmatch(cell) for place, cell in enumerate(telling)
        ):
            return True
    if not whole:
        # A row of too many cells is none anyway: all the better if two are told apart.
        return any(width <= len(found) <= max(width, len(cells)) for found in within)
    numbers = [place for place, cell in enumerate(cells) if like.fullmatch(cell)]
    alike = judged = 0
    for place, (line, found) in enumerate(zip(lines[1:], within, strict=True), start=2):
        telling = [number for number in numbers if number < inside] if place == len(lines) else numbers
        if telling and line.strip('"\r\n '):
            judged += 1
            # A mark too many is no reason to lose a row that has two numbers in their places.
            fits = len(found) == len(cells) or (len(found) > len(cells) > _TWO and len(telling) > 1)
            alike += fits and all(like.fullmatch(found[number]) for number in telling)
    # Of two columns a list within a comment has as many: there all lines must be rows, and several of them.
    return alike * 2 > judged if len(cells) > _TWO else judged == alike > 1
