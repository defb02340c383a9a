"""The tables beside a run's figures as the page holds them: what all rows share stands above, numbers are short."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.compare.concordance import visible
from analysis.show.notebook import number

#: So many rows of a longer table stand on the page.
MOST_ROWS = 250
#: Every term is a point of the explorer, and a row of its table.
IN_EXPLORER = "03-keyness-"
_WHOLE = 1e15


#: Names that may be numbers: of groups (years, topics), of collections, of what is counted.
_NAMES = ("group", "a", "b", "label", "collection", "collections", "name", "contrast", "term", "collocate", "node")


def read_run_table(path: Path) -> pd.DataFrame:
    """Read the CSV of a figure; texts are texts, and no cell that is not empty is missing."""
    texts = dict.fromkeys([*_NAMES, *(f"{name}_{side}" for name in ("group", "label") for side in "ab")], str)
    return pd.read_csv(path, keep_default_na=False, na_values=[""], low_memory=False, dtype=texts)


def page_table(table: pd.DataFrame) -> dict[str, Any]:
    """Return a table as the page holds it.

    Returns
    -------
    dict
        ``columns`` and ``rows`` (texts, row by row, the first :data:`MOST_ROWS`), ``numeric`` (which columns hold
        numbers), ``all`` (what every row says alike, as pairs of name and value), ``count`` (of all rows).

    """
    shown = table.head(MOST_ROWS)
    cells = {str(name): shown[name].tolist() for name in shown}
    one = [name for name, values in cells.items() if len(table) > 1 and _are_alike(values)]
    if len(table) > len(shown):
        one = [name for name in one if len(table[name].drop_duplicates()) == 1]
    texts = {name: [cell_text(value) for value in values] for name, values in cells.items()}
    alike = {name: texts[name][0] for name in one}
    kept = [name for name in texts if name not in alike]
    return {
        "columns": [visible(name) for name in kept],
        "numeric": [bool(pd.api.types.is_numeric_dtype(shown[name].dtype)) for name in kept],
        "rows": [list(row) for row in zip(*(texts[name] for name in kept), strict=True)],
        "all": [[visible(name), value] for name, value in alike.items() if value],
        "count": len(table),
    }


def _are_alike(values: list[Any]) -> bool:
    """Tell whether all values are one, or all are missing."""
    first = values[0]
    return all(map(pd.isna, values)) if pd.isna(first) else all(value == first for value in values)


@lru_cache(maxsize=100_000)
def cell_text(value: Any) -> str:  # noqa: ANN401
    """Return a cell as the page shows it: three digits, nothing that hides or reverses text.

    Examples
    --------
    >>> cell_text(0.0123456), cell_text(1234.0), cell_text(float("nan")), cell_text("a\u202eb")
    ('0.0123', '1,234', '', 'ab')

    """
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() and abs(value) < _WHOLE else number(value)
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else visible(str(value))
