"""What people coded of a corpus: the sample that was drawn, the scheme that it was coded by, and every code.

All three stand as CSV in the folder ``coding`` of a corpus, so that they can be read, kept and archived without us. An
*item* is an utterance in one ``variant``: ``original``, or ``translation`` where the same words are coded in another
language as well, which tells how coders themselves shift between languages.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

FOLDER = "coding"
#: Each table and its columns.
TABLES = {
    "sample": ("utterance_id", "wave", "stratum", "probability", "translation"),
    "scheme": ("variable", "kind", "values", "meaning"),
    "codes": ("utterance_id", "variant", "coder", "variable", "value", "date", "sheet"),
}


def read_coding(corpus: Path, table: str) -> pd.DataFrame:
    """Read one of :data:`TABLES`; without rows where nothing was drawn or coded yet.

    Parameters
    ----------
    corpus : Path
    table : {"sample", "scheme", "codes"}
        ``sample``: one utterance a row, in the order drawn; ``probability`` is that of being in the sample at all,
        over all waves. ``scheme``: one variable a row, ``kind`` ordinal (numbers) or nominal, ``values`` those
        accepted, separated by spaces. ``codes``: one code a row, all as text; ``unclear`` is a code.

    Returns
    -------
    pandas.DataFrame
        Of texts, but ``probability`` (float64) and ``wave`` (int64).

    """
    path = corpus / FOLDER / f"{table}.csv"
    if not path.exists():
        return pd.DataFrame(columns=list(TABLES[table])).astype({"probability": float} if table == "sample" else {})
    read = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    return read.astype({"probability": float, "wave": int}) if table == "sample" else read
