"""Key terms: the terms that set two groups apart most, each with its interval."""

from __future__ import annotations

from textwrap import wrap

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.compare.groups import LANGUAGE_NAMES, Group
from analysis.compare.keyness import SIGNIFICANT
from analysis.show import style
from analysis.show.vocabulary import side_colours, what_is_named

_ROW = 0.19
#: Columns that a term may take; a Chinese character takes two.
_TERM = 26
_LIMIT = 14.0


def draw_key_terms(
    terms: pd.DataFrame, drawn: pd.DataFrame, a: Group, b: Group, sizes: tuple[str, str], what: str = "words"
) -> Figure:
    """Draw terms with their intervals, a's on the left and b's on the right.

    Parameters
    ----------
    terms : pandas.DataFrame
        The (rounded) table of `analysis.compare.keyness.keyness`.
    drawn : pandas.DataFrame
        The rows to draw, of `analysis.compare.keyness.leading`.
    a, b : Group
    sizes : tuple of str
        What each side rests on.
    what : str
        What the terms are.

    """
    rows = [drawn[drawn["log_ratio"] > 0], drawn[drawn["log_ratio"] < 0]]
    figure = style.new_figure(2.1 + _ROW * max(3, *map(len, rows)))
    with mpl.rc_context(style.rc()):
        axes = figure.subplots(1, 2)
        limits = drawn[["ci_low", "ci_high", "log_ratio"]].to_numpy(dtype=float)
        finite = np.abs(limits[np.isfinite(limits)])
        limit = min(1.05 * float(finite.max(initial=1.0)), _LIMIT)
        sides = zip(axes, rows, (a, b), side_colours(a, b), (1, -1), strict=True)
        for ax, mine, group, colour, sign in sides:
            _panel(ax, mine, colour, sign, limit)
            ax.set_title("\n".join(wrap(f"more in {style.label(group.label, 64)}", 40)), fontsize=8)
        figure.suptitle(f"{LANGUAGE_NAMES[a.language]} {what} that set the two apart", x=0.01, ha="left", fontsize=10)
        filled = " Filled: q < .05." if terms["p"].notna().any() else ""
        absent = " Arrow: the other side lacks it, the interval is open." if np.isinf(limits).any() else ""
        given = drawn["ci_low"].notna().any()
        bars = f"Bars: 95 % cluster intervals, one term at a time.{filled}{absent}" if given else ""
        numbers = "Right of each panel: occurrences there : elsewhere, in clusters there : elsewhere."
        rests = f"Left: {sizes[0]}.\nRight: {sizes[1]}."
        notes = [rests, what_is_named(terms, drawn, "Drawn"), bars, numbers]
        figure.supxlabel("\n".join(note for note in notes if note), fontsize=7.5)
    return figure


def _panel(ax: Axes, rows: pd.DataFrame, colour: str, sign: int, limit: float) -> None:
    ax.axvline(0, color=style.INK, linewidth=0.8)
    for y, row in enumerate(rows.itertuples()):
        centre, low, high = (sign * value for value in (row.log_ratio, row.ci_low, row.ci_high))
        low, high = min(low, high), max(low, high)
        if not np.isnan(low):
            ends = np.clip([low, high], -0.25 * limit, limit)
            ax.plot(ends, [y, y], color=colour, linewidth=1)
            if np.isinf(high) or high > limit:
                ax.plot([limit], [y], marker=">", markersize=3.5, color=colour, clip_on=False)
        face = colour if row.q < SIGNIFICANT else "white"
        ax.plot([centre], [y], marker="o", markersize=4, color=colour, markerfacecolor=face, zorder=3)
    ax.set_yticks(range(len(rows)), [style.label(term, _TERM) for term in rows["term"]], fontsize=8)
    ax.set_ylim(max(len(rows), 3) - 0.4, -0.6)
    ax.set_xlim(-0.25 * limit, 1.02 * limit)
    ax.set_xlabel("log ratio: 1 is twice as frequent, 2 four times", fontsize=8)
    ax.tick_params(axis="y", length=0)
    counts = ax.secondary_yaxis("right")
    counts.set_yticks(range(len(rows)), [_counts(row, sign) for row in rows.itertuples()], fontsize=6.5)
    counts.tick_params(length=0, pad=8)
    counts.spines["right"].set_visible(False)
    if not len(rows):
        ax.text(0.5, 0.5, "none", transform=ax.transAxes, ha="center", va="center", color=style.COLOURS["reference"])


def _counts(row: tuple, sign: int) -> str:
    """Write the occurrences on the side that has more and on the other, and the clusters that they lie in."""
    n, clusters = (row.n_a, row.n_b), (row.clusters_a, row.clusters_b)
    return "{:,} : {:,} in {:,} : {:,}".format(*n[::sign], *clusters[::sign])
