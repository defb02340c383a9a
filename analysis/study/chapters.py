"""What notebook 01 calls: who was heard where, and what no instrument reads."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.compare.groups import describe
from analysis.corpus import store
from analysis.show import collected as show_collected
from analysis.show import grid as show_grid
from analysis.show import style
from analysis.study.session import Study


def corpus_grid(study: Study) -> style.Saved:
    """Draw who was heard where, when and in which language."""
    grid = show_grid.count_grid(study.measures)
    return study.save(show_grid.draw_grid(grid), grid, "01-grid")


def corpus_sizes(study: Study) -> pd.DataFrame:
    """Count utterances, threads and clusters by group and language."""
    return style.legible(describe(study.measures).round(1))


def collected_figure(study: Study) -> style.Saved:
    """Draw, thread by thread, what the platform said there was against what the corpus holds."""
    table = style.rounded(collected_threads(study))
    return study.save(show_collected.draw_collected(table), table, "01-collected")


def collected_sizes(study: Study) -> pd.DataFrame:
    """Sum what was collected and what there was by collection and platform."""
    return style.legible(show_collected.sum_collected(collected_threads(study)).round(3))


def collected_threads(study: Study) -> pd.DataFrame:
    """Return collected against existing, a row a thread, over all comments of the corpus whatever their evidence."""
    threads = pd.DataFrame(store.read_threads(study.corpus))
    return show_collected.count_collected(threads, study.measures)


def copied_sizes(study: Study) -> pd.DataFrame:
    """Count by group and language the texts that were pasted again and again, and the utterances that are copies."""
    rows = study.measures.merge(store.read_text_duplicates(study.corpus), on="utterance_id", how="left")
    by = rows.groupby(["group", "language"])["duplicate_group"]
    return style.legible(by.agg(utterances="size", copies="count", texts="nunique").query("copies > 0").reset_index())


def unread(study: Study) -> pd.DataFrame:
    """Count the utterances that no instrument could score, by group and language."""
    rows = study.own_words
    scored = np.logical_or.reduce([rows[name].notna() for name in study.scales])
    counts = rows[~scored].groupby(["group", "language"]).size().rename("utterances without any score")
    return style.legible(counts.reset_index())
