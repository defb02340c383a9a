"""Tables of web pages, which panels and platforms also save as ``.xls``, and of Excel's XML: their rows as text.

What a page says is cut at its ``<`` and ``>`` in one pass, whatever is damaged in it; nothing of it is run or fetched.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator

from analysis.corpus.cells import Spanned
from analysis.corpus.readers.encodings import HALF, NO_SIGN, encoding_of
from analysis.corpus.readers.source import Source
from analysis.corpus.readers.unpack import FREE
from analysis.errors import InputError

_HEAD = 2**20
#: How many columns a table has at least, by the file's ending: many a page has pairs of a name and a value.
_ENDINGS = {".xls": 2, ".xlsx": 2, ".xml": 2, ".html": 3, ".htm": 3}
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,99}<")
_HOLDS = re.compile(rb"<(?:table|ss:table)\b", re.IGNORECASE)
_TAG = re.compile(r"(/?)(?:ss:)?([a-z][a-z0-9]{0,20})\b", re.IGNORECASE)
_TABLE, _ROW, _CELL = "table", frozenset(["tr", "row"]), frozenset(["td", "th", "cell"])
_LINE, _UNSEEN = frozenset(["br", "p", "div", "li"]), frozenset(["script", "style", "template"])
#: How many columns and rows a cell takes; in Excel's XML, at which column it stands and over how many more it reaches.
_SPAN = re.compile(
    r"(?<![\w-])(?:ss:)?(colspan|rowspan|index|mergeacross|mergedown)\s{0,3}=\s{0,3}[\"']?(\d{1,5})", re.IGNORECASE
)
_ALT = re.compile(r"(?<![\w-])alt\s{0,3}=\s{0,3}(?:\"([^\"]{0,99})\"|'([^']{0,99})')", re.IGNORECASE)
_BLANK = re.compile(r"[ \t\r\n\f]+")
#: Blank cells are made up to this column, and so many cells reach down: no page becomes thousands of times itself.
_WIDEST, _REACHING = 1_000, 64


def tables_of(source: Source) -> list[int]:
    """Return which tables of a page have a header and a row of several columns, from 1; of what is no page none."""
    head = source.head(_HEAD) if source.suffix in _ENDINGS else b""
    if not (_BEGINS.match(head) and _HOLDS.search(head)):
        return []
    rows = Counter(
        number for number, cells in _rows(source) if isinstance(cells, list) and len(cells) >= _ENDINGS[source.suffix]
    )
    return sorted(number for number, many in rows.items() if many > 1)


def page_rows(source: Source) -> Iterator[list[str] | str]:
    """Yield the rows of the table of a page that the source is (its ``sheet`` is the table's number).

    Where the page ends within a cell, what is said of its row.
    """
    return (cells for number, cells in _rows(source) if number == int(source.sheet))


class _Table:
    """A table that is read: its row, and the cells above that reach into it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.row: list[str] | None = None
        self.cell: list[str] | None = None
        self._held: dict[int, tuple[str, int]] = {}
        self._spans: dict[str, int] = {}

    def begin(self, spans: dict[str, int]) -> None:
        """Begin a cell."""
        self.end()
        self.row = [] if self.row is None else self.row
        self._fill()
        place = min(spans.get("index", 0), _WIDEST) - 1
        self.row += [""] * (place - len(self.row))
        self.cell, self._spans = [], spans

    def end(self) -> None:
        """End the cell that is open."""
        if self.cell is None or self.row is None:
            return
        value, self.cell = "".join(self.cell).strip(), None
        down = max(self._spans.get("rowspan", 1), self._spans.get("mergedown", 0) + 1)
        if down > 1 and len(self._held) < _REACHING:
            self._held[len(self.row)] = value, down
        across = max(self._spans.get("colspan", 1), self._spans.get("mergeacross", 0) + 1)
        self.row += [value, *[""] * (min(across, _WIDEST - len(self.row)) - 1)]

    def next(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the row that ends."""
        self.end()
        if self.row is not None:
            self._fill()
            yield self.number, self.row
            self._held = {at: (value, left - 1) for at, (value, left) in self._held.items() if left > 1}
        self.row = None

    def broken_off(self) -> Iterator[tuple[int, list[str] | str]]:
        """Yield the row in which the page ends: of a cell that is not closed nobody knows how it went on."""
        if self.cell is None:
            yield from self.next()
        else:
            yield self.number, "the file ends within a cell"

    def _fill(self) -> None:
        """Put what stands in a cell over several rows where the row has come to it."""
        while self.row is not None and len(self.row) in self._held:
            self.row.append(Spanned(self._held[len(self.row)][0]))


def _rows(source: Source) -> Iterator[tuple[int, list[str] | str]]:
    """Yield the rows of all tables of a page, each with its table's number."""
    open_, number, unseen = list[_Table](), 0, ""
    for tag, said in _cut(_text(source)):
        found = _TAG.match(tag)
        name, ends = (found[2].lower(), bool(found[1])) if found else ("", False)
        if unseen and not (ends and name == unseen):
            continue
        unseen = name if name in _UNSEEN and not ends else ""
        table = open_[-1] if open_ else None
        if name == _TABLE and not ends:
            number += 1
            open_.append(_Table(number))
        elif table is not None and name == _TABLE:
            yield from table.next()
            open_.pop()
        elif table is not None and name in _ROW:
            yield from table.next()
            table.row = table.row if ends else []
        elif table is not None and name in _CELL:
            if ends:
                table.end()
            else:
                table.begin({key.lower(): int(value) for key, value in _SPAN.findall(tag)})
        table = open_[-1] if open_ else None
        if table is not None and table.cell is not None and not unseen:
            alt = _ALT.search(tag) if name == "img" else None
            mark = "\n" if name in _LINE else html.unescape(alt[1] or alt[2] or "") if alt else ""
            table.cell += [mark, html.unescape(_BLANK.sub(" ", said))]
    while open_:
        yield from open_.pop().broken_off()


def _text(source: Source) -> str:
    with source.open() as stream:
        data = stream.read(FREE + 1)
    if len(data) > FREE:
        raise InputError(f"is a page of more than {FREE // 2**20} MB; save its table as CSV", file=source.name)
    encoding = encoding_of(data[:_HEAD], whole=len(data) <= _HEAD)
    return data.decode(encoding, HALF).removeprefix("\ufeff").replace("\0", NO_SIGN)


def _cut(text: str) -> Iterator[tuple[str, str]]:
    """Yield the tags of a page, each with what is said behind it; a ``<`` that begins none belongs to what is said."""
    for nth, piece in enumerate(text.split("<!--")):
        shown = piece.partition("-->")[2] if nth else piece
        for place, part in enumerate(shown.split("<")):
            if place and (_TAG.match(part) or part[:1] in "!?"):
                tag, _, said = part.partition(">")
                yield tag, said
            else:
                yield "", ("<" if place else "") + part
