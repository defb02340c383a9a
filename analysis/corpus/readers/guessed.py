"""What to type for a table of which no column is known to hold the text: told by what stands in its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

from analysis.corpus.convert import is_ambiguous, missing, moment
from analysis.corpus.readers.column_names import is_header
from analysis.corpus.readers.format import read_records
from analysis.corpus.readers.mapping import MAPPABLE, known_columns, table_match
from analysis.corpus.readers.records import Sample
from analysis.corpus.readers.source import Source
from analysis.corpus.readers.unnamed import as_option, may_be_speakers, may_be_threads

#: So many rows are looked at; of a column, so large a share must be alike.
_SEEN, _MOST = 200, 0.8
#: What nobody says: a link, an id, a number.
_NO_WORDS = re.compile(r"\S+://\S+|(?a:(?=\S*\d)[\w.@:+-]{6,})|[\W\d]+")
#: A day at least; a long number may be an id.
_DATED = re.compile(r"\d{1,4}\s?[-/.年년]\s?\d{1,2}|[^\W\d]{3}.*\d{4}")


def guessed_option(source: Source, begun: Sample) -> str:
    """Return the ``--columns`` by which a table may be read; empty where no column looks like words.

    Of a table without a sure header only places are told, never what stands in its first row.
    """
    if not begun.has_headers or not any(begun.documents[:1]):
        return ""
    headed = is_header([list(row) for row in begun.documents])
    first = next(iter(begun.documents[0]))
    match = table_match({"text": first if headed else "column 1"}, 0 if headed else -1)
    rows = [record.value for record, _ in islice(read_records(source, match, begun), _SEEN) if record.problem is None]
    names = list(rows[0]) if rows else []
    columns = {name: [cell.strip() for row in rows if not missing(cell := row.get(name, ""))] for name in names}
    known = known_columns(names) if headed else {}
    left = [name for name in names if name not in known.values()]
    words = max(left, key=lambda name: _letters(columns[name], len(rows)), default="")
    if not words or not _letters(columns[words], len(rows)):
        return ""
    found = {"text": words, **known}
    for name, others in (
        ("posted_at", [other for other in left if _are_times(columns[other])]),
        ("thread_id", may_be_threads(left, rows) if headed else []),
        ("speaker", may_be_speakers(left) if headed else []),
    ):
        free = [other for other in others if other not in found.values()]
        found |= {name: free[0]} if name not in found and free else {}
    if not headed:
        found = {name: str(names.index(column) + 1) for name, column in found.items()}
    return as_option({name: found[name] for name in ("text", *MAPPABLE) if name in found})


def _letters(cells: Sequence[str], rows: int) -> float:
    """Return how many letters a column has in a row, 0 where it is none of words that differ from row to row."""
    if (
        not cells
        or (rows > 1 and 2 * len(set(cells)) <= rows)
        or _share(cells, _NO_WORDS.fullmatch) > 1 - _MOST
        or _are_times(cells)
    ):
        return 0
    return sum(sum(map(str.isalpha, cell)) for cell in cells) / rows


def _are_times(cells: Sequence[str]) -> bool:
    return bool(cells) and _share(cells, _is_time) >= _MOST


def _is_time(cell: str) -> bool:
    if not _DATED.match(cell):
        return False
    try:
        return is_ambiguous(cell) or moment(cell)[0] is not None
    except ValueError:
        return False


def _share(cells: Sequence[str], holds: Any) -> float:  # noqa: ANN401  a function of a text, true of it or not
    return sum(bool(holds(cell)) for cell in cells) / len(cells)
