"""What utterances can be grouped by beside the measures' own columns: the user's own table, and two periods."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.corpus.readers.table import read_table
from analysis.errors import InputError

#: What a table of attributes is joined by, the narrowest first.
KEYS = ("utterance_id", "thread_id", "speaker", "region", "collection")
#: Columns of the corpus that the measures do not repeat.
IN_CORPUS = ("region", "speaker", "posted_at", "time_precision")


def read_attributes(path: Path) -> tuple[str, pd.DataFrame]:
    """Read the user's own table of attributes; all cells stay text.

    Returns
    -------
    tuple of (str, pandas.DataFrame)
        The key that it is joined by, and its other columns, indexed by the key. An empty cell is missing; a row without
        a key is left out.

    Raises
    ------
    InputError
        If it has no key or a key occurs twice.

    """
    columns = read_table(path).columns
    key = next((name for name in KEYS if name in columns), None)
    if key is None:
        raise InputError("no column to join it by", file=path, accepted=KEYS)
    found: dict[str, dict[str, str | None]] = {}
    for row in read_table(path, columns, [key]).rows:
        if row.problem is not None:
            raise InputError(row.problem, file=path, row=row.number)
        value = (row.value.get(key) or "").strip()
        if not value:  # nobody's: the empty rows at the end of many spreadsheets
            continue
        if value in found:
            whom = "" if key == "speaker" else f" '{value}'"  # it may be a name
            raise InputError(f"the {key}{whom} occurs twice", file=path, row=row.number, column=key)
        found[value] = {name: (row.value.get(name) or "").strip() or None for name in columns if name != key}
    others = [name for name in columns if name != key]
    return key, pd.DataFrame.from_dict(found, orient="index", columns=others, dtype=object)


def join_attributes(measures: pd.DataFrame, path: Path, compare: str = "") -> pd.DataFrame:
    """Add the columns of the user's own table; a name that the measures have already keeps their meaning.

    Parameters
    ----------
    compare : str
        The column that groups are to be made of: two of one name would leave it open which is meant.

    Raises
    ------
    InputError
        If no row of the table belongs to the corpus, or the measures have the column of ``compare`` too.

    """
    key, table = read_attributes(path)
    if key not in measures or not measures[key].isin(table.index).any():
        raise InputError(f"no {key} of it is in the corpus", file=path, column=key)
    if compare in table and compare in measures:
        raise InputError("the corpus has a column of this name itself: rename it", file=path, column=compare)
    new = {name: measures[key].map(table[name]) for name in table if name not in measures}
    return measures.assign(**new)


def add_split(measures: pd.DataFrame, split_at: str) -> pd.DataFrame:
    """Add the column ``period``: before a date, and from it on, in UTC.

    A month or a year alone is on a side where it lies there as a whole; else, and without a date, it is missing.

    Parameters
    ----------
    measures : pandas.DataFrame
        With ``posted_at`` and ``time_precision``.
    split_at : str
        A date, ``2025-03-05``.

    """
    begins = measures["posted_at"].dt.tz_convert("UTC").dt.tz_localize(None)
    ends = begins.copy()
    for precision, span in (("month", pd.DateOffset(months=1)), ("year", pd.DateOffset(years=1))):
        coarse = (measures["time_precision"] == precision) & begins.notna()
        ends[coarse] = begins[coarse] + span - pd.Timedelta(1, "us")
    date = pd.Timestamp(split_at)
    period = pd.Series(None, measures.index, dtype=object)
    period[ends < date] = f"before {split_at}"
    period[begins >= date] = f"from {split_at} on"
    return measures.assign(period=period)
