"""What was read of a file of codes, whatever its form: rows of named cells, each of which knows its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

FORMS = (".xlsx", ".csv", "Label Studio's JSON or CSV", "doccano's JSONL")


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

    """

    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
