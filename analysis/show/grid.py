"""The collection grid: which vantage was heard where, when and in which language, and where there is nothing."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from analysis.compare.groups import REFERENCE
from analysis.corpus.schema import VANTAGES
from analysis.digits import settled
from analysis.show import style

_VANTAGES = (*VANTAGES, REFERENCE)
_UNDATED = "undated"
_MOST_ROWS = 24


def count_grid(measures: pd.DataFrame) -> pd.DataFrame:
    """Count utterances by vantage, platform, kind, language and year, empty cells included.

    Returns
    -------
    pandas.DataFrame
        ``vantage, platform, kind, language, year, utterances, clusters``: every vantage with every year and every
        combination of platform, kind and language that occurs at all.

    """
    frame = pd.DataFrame(
        {
            "vantage": measures["vantage"].astype(object).where(measures["vantage"].notna(), "reference"),
            "source": [
                (str(p), str(k), str(g))
                for p, k, g in zip(
                    measures["platform"].fillna("unknown"),
                    measures["kind"].fillna("unknown"),
                    measures["language"],
                    strict=True,
                )
            ],
            "year": measures["year"].astype("Int64").astype("string").fillna(_UNDATED),
            "cluster": measures["cluster_id"],
        }
    )
    groups = frame.groupby(["vantage", "source", "year"])["cluster"].agg(["size", "nunique"])
    sources = frame["source"].value_counts().index.sort_values()
    years = sorted(set(frame["year"]), key=lambda year: (year == _UNDATED, year))
    cells = []
    for source in sources:
        for vantage in _VANTAGES:
            for year in years:
                size, clusters = (
                    groups.loc[(vantage, source, year)] if (vantage, source, year) in groups.index else (0, 0)
                )
                cells.append((vantage, *source, year, int(size), int(clusters)))
    return pd.DataFrame(cells, columns=["vantage", "platform", "kind", "language", "year", "utterances", "clusters"])


def draw_grid(grid: pd.DataFrame) -> Figure:
    """Draw the grid of :func:`count_grid`: one panel a vantage, a column a year, a row a source."""
    years = list(dict.fromkeys(grid["year"]))
    sources = list(dict.fromkeys(zip(grid["platform"], grid["kind"], grid["language"], strict=True)))
    sizes = grid.groupby(["platform", "kind", "language"])["utterances"].sum()
    kept = sorted(sources, key=lambda source: -sizes[source])[:_MOST_ROWS]
    left_out = len(sources) - len(kept)
    sources = [source for source in sources if source in kept]
    height = 1.7 + 0.26 * len(sources)
    figure = style.new_figure(height, max(style.WIDTH, 2.2 + 4 * 0.46 * len(years)))
    most = max(int(grid["utterances"].max()), 1)
    with mpl.rc_context(style.rc()):
        axes = figure.subplots(1, len(_VANTAGES), sharey=True)
        for ax, vantage in zip(axes, _VANTAGES, strict=True):
            mine = grid[grid["vantage"] == vantage]
            table = mine.set_index(["platform", "kind", "language", "year"])["utterances"]
            values = np.array([[table[(*source, year)] for year in years] for source in sources], dtype=float)
            shades = LinearSegmentedColormap.from_list(vantage, ["#FFFFFF", style.COLOURS[vantage]])
            # Never darker than .75, so that black numbers stay readable.
            colours = shades(settled(0.75 * np.log1p(values) / np.log1p(most)))
            ax.pcolormesh(np.arange(len(years) + 1) - 0.5, np.arange(len(sources) + 1) - 0.5, colours)
            for (i, j), value in np.ndenumerate(values):
                text, colour = (f"{int(value):,}", style.INK) if value else ("–", style.FAINT)
                ax.text(j, i, text, ha="center", va="center", fontsize=7, color=colour)
            total = int(mine["utterances"].sum())
            ax.set_title(f"{vantage.replace('_', ' ')}\nn = {total:,}", fontsize=9)
            ax.set_xticks(range(len(years)), [style.label(year, 8) for year in years], fontsize=7, rotation=60)
            ax.set_yticks(range(len(sources)), [style.label(" · ".join(s), 40) for s in sources], fontsize=7)
            ax.tick_params(length=0)
            ax.set_ylim(len(sources) - 0.5, -0.5)
            for spine in ax.spines.values():
                spine.set_visible(False)
        figure.suptitle("Who was heard where, when and in which language (utterances)", fontsize=11, x=0.01, ha="left")
        figure.supxlabel(
            "Year of posting. Where vantage, platform, year and language do not cross, nothing can tell them apart."
            + (f"\nThe {len(kept)} largest sources; {left_out} more are in the table beside." if left_out else ""),
            fontsize=7.5,
        )
    return figure
