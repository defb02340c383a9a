"""A table that several notebooks of one run need is made once."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import pandas as pd

from analysis import disk
from analysis.compare.dataset import Dataset

#: Where the runner keeps tables while it runs; nowhere else are any kept.
FOLDER = "VANTAGE_TABLES"
Table = TypeVar("Table")


def kept(make: Callable[[Dataset], Table]) -> Callable[[Dataset], Table]:
    """Keep what a function makes of a study as it was opened, for the other notebooks of the run.

    Parameters
    ----------
    make : callable
        Of a study alone: it is the study's parameters that a table is known by, where figures go left out.

    Returns
    -------
    callable
        The same; of a study whose rows were changed after it was opened, nothing is kept or taken.

    """

    @wraps(make)
    def once(study: Dataset) -> Table:
        folder = os.environ.get(FOLDER)
        if not folder or not study.as_opened:
            return make(study)
        asked = study.parameters.model_dump_json(exclude={"out", "figure_formats"})
        name = f"{make.__name__}-{sha256(asked.encode()).hexdigest()[:16]}.pickle"
        path = Path(folder) / name
        if path.is_file():
            return pd.read_pickle(path)  # noqa: S301  of this run's own folder, which no other user can write to
        table = make(study)
        with disk.whole(path) as made:
            pd.to_pickle(table, made)
        return table

    return once
