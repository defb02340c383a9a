"""What notebook 01 calls: who was heard where, and what no instrument reads."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.compare.groups import describe
from analysis.show import grid as show_grid
from analysis.show import style
from analysis.study.session import Study


def corpus_grid(study: Study) -> style.Saved:
    """Draw who was heard where, when and in which language."""
    grid = show_grid.count_grid(study.measures)
    return study.save(show_grid.draw_grid(grid), grid, "01-grid")


def corpus_sizes(study: Study) -> pd.DataFrame:
    """Count utterances, threads and clusters by group and language."""
    return describe(study.measures).round(1)


def unread(study: Study) -> pd.DataFrame:
    """Count the utterances that no instrument could score, by group and language."""
    rows = study.own_words
    scored = np.logical_or.reduce([rows[name].notna() for name in study.scales])
    return rows[~scored].groupby(["group", "language"]).size().rename("utterances without any score").reset_index()
