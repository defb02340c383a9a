"""What was read of a file of codes, whatever its form: rows of named cells, each of which knows its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from analysis.corpus.coding_scheme import plain
from analysis.errors import plural

FORMS = (".xlsx", ".csv", "Label Studio's JSON or CSV", "doccano's JSONL")
_QUOTED = 60


class Cell(NamedTuple):
    """What stands in a cell, and where that is."""

    value: Any
    place: str


class Row(NamedTuple):
    """One item as a coder left it: cells by the names of a sheet's columns, those that are there."""

    place: str
    cells: dict[str, Cell]
    #: The day, where the file tells it; and the columns that the sheet has not: there a blank means nothing.
    coded_on: str | None = None
    absent: frozenset[str] = frozenset()


@dataclass
class Opened:
    """A file that was read.

    Attributes
    ----------
    rows : list of Row
    problems : list of str
        What could not be read, a line each.
    notes : list of str
        What was read in another way than it says.
    lost_rows, lost_codes : int
        Those of which a problem tells, and which are in no row: they are refused.

    """

    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lost_rows: int = 0
    lost_codes: int = 0


def alike_too(number: int, what: str) -> str:
    """Return what is said of further cells or rows, of which the first is told."""
    return f"; {plural(number, f'more {what}')} alike" if number else ""


def quoted(value: object) -> str:
    """Return what a message quotes of a cell: a coder's note in the wrong column may be long."""
    text = plain(value)
    return f"'{text}'" if len(text) <= _QUOTED else f"'{text[:_QUOTED]}…'"
