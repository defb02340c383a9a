"""The user's own scores and classes, from a person or a model, joined to what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.corpus import store
from analysis.corpus.readers.table import read_table
from analysis.corpus.spreadsheet import unguarded, with_points
from analysis.errors import InputError, plural
from analysis.measure.options import signed_scale
from analysis.parameters import CLASS, COLUMN

#: Classes that stand in an order, and so are scores too: a stance, or the tone that a model names.
ORDERED = {
    1.0: ("for", "favor", "favour", "positive", "支持", "赞成", "正面", "积极"),
    0.0: ("neutral", "none", "中立", "中性"),
    -1.0: ("against", "negative", "反对", "负面", "消极"),
    float("nan"): ("unclear", "不清楚", "不确定"),
}
_VALUES = {word: value for value, words in ORDERED.items() for word in words}
#: More classes than these are no classes but texts or ids.
MOST_CLASSES = 20
_LARGEST = 1e100


class Columns(NamedTuple):
    """Columns of the user's table.

    Attributes
    ----------
    path : Path
    cells : dict of str to dict
        Of each column the cell of every ``utterance_id``; empty ones are left out.
    rows : dict of str to int
        The row of every ``utterance_id``.

    """

    path: Path
    cells: dict[str, dict[str, str]]
    rows: dict[str, int]


def read_columns(path: Path, names: Sequence[str]) -> Columns:
    """Read columns of the user's table (CSV, TSV, JSON Lines, Parquet or XLSX).

    Raises
    ------
    InputError
        If a column is missing, a row cannot be read, or an id occurs twice.

    """
    found: dict[str, dict[str, str]] = {name: {} for name in names}
    numbers: dict[str, int] = {}
    for row in read_table(path, ["utterance_id", *names], ["utterance_id"]).rows:
        if row.problem is not None:
            raise InputError(row.problem, file=path, row=row.number)
        key = row.value.get("utterance_id") or ""
        if key in numbers:
            raise InputError(f"the id '{key}' occurs twice", file=path, row=row.number, column="utterance_id")
        numbers[key] = row.number
        for name in names:
            # Tables that we write keep a text such as "-1" from being a formula.
            if cell := unguarded((row.value.get(name) or "").strip()):
                found[name][key] = cell
    return Columns(path, found, numbers)


def strangers(path: Path, corpus: Path) -> str:
    """Say how many rows of the user's table are of no utterance of a corpus folder; nothing where there are none."""
    rows = read_columns(path, []).rows
    others = set(rows)
    for batch in store.batches(corpus, ["utterance_id"]):
        others.difference_update(batch.column(0).to_pylist())
    return f"{path}: {len(others):,} of {plural(len(rows), 'row')} are of no utterance of the corpus" if others else ""


def join_scores(
    measures: pd.DataFrame, given: Columns, names: Sequence[str], kept: np.ndarray | None = None
) -> tuple[pd.DataFrame, dict[str, tuple[float, float]]]:
    """Join the user's own scores by ``utterance_id``.

    Parameters
    ----------
    names : sequence of str
        Each ``column:NAME``; the score stands in the table's column NAME. An empty cell is a missing score; classes in
        an order (:data:`ORDERED`) count as 1, 0 and -1.
    kept : numpy.ndarray of bool, optional
        Of the measures, whose scores make the scale; default: all.

    Returns
    -------
    tuple
        The measures with ``column:NAME`` and ``column:NAME_n``, and the scale of each: the scores' range.

    Raises
    ------
    InputError
        If a score is not a number, or no id is the corpus's.

    """
    out, scales = {}, {}
    for name in names:
        column = name.removeprefix(COLUMN)
        cells = given.cells[column]
        written = zip(cells, with_points(list(cells.values())), strict=True)
        values = {key: _score(cell, given.path, given.rows[key], column) for key, cell in written}
        scores = measures["utterance_id"].map(values).astype(float)
        seen = scores if kept is None else scores[kept]
        if not seen.notna().any():
            problem = "no score belongs to an utterance of the corpus"
            raise InputError(problem, file=given.path, column="utterance_id")
        out |= {name: scores, f"{name}_n": scores.notna().astype(int)}
        scales[name] = signed_scale(float(seen.min()), float(seen.max()))
    return measures.assign(**out), scales


def _score(cell: str, path: Path, row: int, column: str) -> float:
    if cell.lower() in _VALUES:
        return _VALUES[cell.lower()]
    try:
        value = float(cell)
    except ValueError:
        value = float("inf")
    # Python reads 1_0 as ten; beyond the limit squares are infinite, and with them every mean.
    if "_" in cell or abs(value) > _LARGEST:
        accepted = ["numbers", "for, neutral, against, unclear", f"other classes as -p classes={column}"]
        raise InputError(f"'{cell}' is not a number", file=path, row=row, column=column, accepted=accepted)
    return value


def join_classes(measures: pd.DataFrame, given: Columns, names: Sequence[str]) -> pd.DataFrame:
    """Join the classes that a person or a model gave by ``utterance_id``.

    Parameters
    ----------
    names : sequence of str
        Columns of the table; capitals and blanks around a class make no other class, an empty cell is none.

    Returns
    -------
    pandas.DataFrame
        The measures with ``class:NAME``, a text or missing.

    Raises
    ------
    InputError
        As :func:`join_scores`, and where a column holds more than :data:`MOST_CLASSES` classes.

    """
    out = {}
    for name in names:
        found = {key: " ".join(cell.lower().split()) for key, cell in given.cells[name].items()}
        classes = measures["utterance_id"].map(found).astype(object)
        if not classes.notna().any():
            problem = "no class belongs to an utterance of the corpus"
            raise InputError(problem, file=given.path, column="utterance_id")
        if (count := classes.nunique()) > MOST_CLASSES:
            problem, accepted = f"holds {count} classes", [f"{MOST_CLASSES} at most"]
            raise InputError(problem, file=given.path, column=name, accepted=accepted)
        out[CLASS + name] = classes
    return measures.assign(**out)
