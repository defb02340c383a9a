"""Who was heard where and when, and how many comments of each thread the corpus holds of those that there were."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from analysis.compare.groups import REFERENCE
from analysis.compare.overview import NO_UTTERANCE, SOURCE, sum_collected
from analysis.corpus.schema import VANTAGES
from analysis.digits import settled
from analysis.errors import plural
from analysis.show import style

_PANELS = (*VANTAGES, REFERENCE)
_MOST_SOURCES = 24
_MOST_ROWS = 12
#: Threads of which nothing was collected stand below the logarithmic axis: in a band, each source at its own height.
_BAND = (0.63, 0.09)
_LINES = {1.0: "all", 0.1: "10 %", 0.01: "1 %"}


def draw_grid(grid: pd.DataFrame) -> Figure:
    """Draw the grid of `analysis.compare.overview.count_grid`: one panel a vantage, a column a year, a row a source."""
    if grid.empty:
        return style.nothing_to_draw()
    grid = grid.astype({"year": str})
    years = list(dict.fromkeys(grid["year"]))
    sources = list(dict.fromkeys(zip(grid["platform"], grid["kind"], grid["language"], strict=True)))
    sizes = grid.groupby(["platform", "kind", "language"])["utterances"].sum()
    kept = sorted(sources, key=lambda source: -sizes[source])[:_MOST_SOURCES]
    left_out = len(sources) - len(kept)
    sources = [source for source in sources if source in kept]
    height = 1.7 + 0.26 * len(sources)
    figure = style.new_figure(height, max(style.WIDTH, 2.2 + 4 * 0.46 * len(years)))
    most = max(int(grid["utterances"].max()), 1)
    with mpl.rc_context(style.rc()):
        axes = figure.subplots(1, len(_PANELS), sharey=True)
        for ax, vantage in zip(axes, _PANELS, strict=True):
            mine = grid[grid["vantage"] == vantage]
            table = mine.set_index(["platform", "kind", "language", "year"])["utterances"]
            values = np.array([[table.get((*source, year), 0) for year in years] for source in sources], dtype=float)
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


def draw_collected(table: pd.DataFrame) -> Figure:
    """Draw a point for each thread that is known to have had comments.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.overview.collected_threads`.

    """
    table = style.read_back(table)
    table[["collection", "vantage"]] = table[["collection", "vantage"]].replace("", None)
    sums = sum_collected(table)
    shown = table[table["share"].notna()]
    with mpl.rc_context(style.rc()):
        if shown.empty:
            return _nothing(table, sums)
        source = _sources(table, sums)
        how = style.plot_styles({key: _vantage(table[source == key]) for key in sums.index})
        told = sums[sums["with_total"] > 0].sort_values("with_total", ascending=False, kind="stable")
        named = told.head(_MOST_ROWS).sort_index()
        figure = style.new_figure(5.6 + 0.17 * len(named))
        ax = figure.subplots()
        _frame(ax, shown)
        drawn = sorted(set(source[shown.index]))
        for key, none in zip(drawn, np.geomspace(*_BAND, len(drawn) + 2)[1:-1], strict=True):
            mine = shown[source[shown.index] == key].astype({"platform_comment_count": float, "collected": float})
            colour, marker = how[key]
            ax.scatter(
                mine["platform_comment_count"], mine["collected"].replace(0, none), s=22, marker=marker, color=colour,
                alpha=0.6, linewidths=0, rasterized=True, zorder=3,
            )  # fmt: skip
        middle = _percent(shown["share"].median())
        ax.set_title(
            f"Collected against existing: a median of {middle} of a thread's comments ({plural(len(shown), 'thread')})"
        )
        handles = [_handle(row, how[key]) for key, row in named.to_dict("index").items()]
        title = {"title": _notes(table, shown, len(told) - len(named)), "title_fontsize": 7.5, "alignment": "left"}
        figure.legend(handles=handles, loc="outside lower left", fontsize=7.5, ncols=1, **title)
    return figure


def _sources(table: pd.DataFrame, sums: pd.DataFrame) -> np.ndarray:
    """Return for each thread the row of its collection and platform in the sums."""
    names = pd.MultiIndex.from_frame(sums[SOURCE])
    return names.get_indexer(pd.MultiIndex.from_frame(table[SOURCE].fillna({"collection": NO_UTTERANCE})))


def _vantage(rows: pd.DataFrame) -> str:
    """Return the vantage of a source's comments; of all its threads where it has none."""
    commented = rows[rows["collected"] > 0]
    seen = set((commented if len(commented) else rows)["vantage"].dropna())
    return seen.pop() if len(seen) == 1 else "several" if seen else REFERENCE


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:.0f} %"  # noqa: PLR2004


def _frame(ax: Axes, shown: pd.DataFrame) -> None:
    # One range for both axes: a step down from the diagonal is the same share wherever a point stands.
    most = max(float(shown["platform_comment_count"].max()), float(shown["collected"].max()), 10.0) * 1.4
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(0.8, most)
    ax.set_ylim(_BAND[1], most)
    ax.axhspan(*_BAND, color="#F1F1F1", linewidth=0, zorder=0.5)
    for share, name in _LINES.items():
        if share * most > 1:
            ax.plot([1 / share, most], [1, share * most], color=style.FAINT, linewidth=0.9, zorder=1)
            ax.text(1.01, share * most, name, transform=ax.get_yaxis_transform(), fontsize=7.5, va="center")
    decades = [10.0**power for power in range(int(np.log10(most)) + 1)]
    ax.xaxis.set_major_locator(LogLocator(numticks=12))
    ax.yaxis.set_major_locator(FixedLocator([float(np.sqrt(_BAND[0] * _BAND[1])), *decades]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else "none"))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_locator(NullLocator())
    ax.set_xlabel("comments that the platform said the thread had")
    ax.set_ylabel("comments of it in the corpus")


def _notes(table: pd.DataFrame, shown: pd.DataFrame, left_out: int) -> str:
    some = shown[shown["collected"] > 0]
    nothing = int(table["platform_comment_count"].notna().sum()) - len(shown)
    lines = [
        f"A point is a thread that is known to have had comments: {len(shown):,} of {plural(len(table), 'thread')}"
        + (f"; {nothing:,} more had none." if nothing else "."),
        f"The corpus holds comments of {len(some):,} of them"
        + (f": a median of {_percent(some['share'].median())} of a thread's." if len(some) else "."),
        "A platform may count what cannot be collected (hidden and deleted comments, deeper replies).",
        "Above 'all': comments that came after the count. Below: collected, in threads of a known total alone.",
    ]
    if left_out:
        lines.append(f"The {_MOST_ROWS} sources with most such threads; {left_out} more are in the table beside.")
    return "\n".join(lines)


def _name(row: dict[str, Any]) -> str:
    return style.label(f"{row['collection']}, {row['platform']}", 50)


def _handle(row: dict[str, Any], how: style.PlotStyle) -> Line2D:
    share = (
        f" ({_percent(row['share'])}; median {_percent(row['median_share'])})" if row["platform_comment_count"] else ""
    )
    text = f"{_name(row)}: {row['collected']:,} of {plural(row['platform_comment_count'], 'comment')}{share}"
    text += f" in {row['with_total']:,} of {plural(row['threads'], 'thread')}"
    return Line2D([], [], color=how.colour, marker=how.marker, markersize=4.5, linestyle="none", label=text)


def _nothing(table: pd.DataFrame, sums: pd.DataFrame) -> Figure:
    said = "No file said how many comments there were."
    if table["platform_comment_count"].notna().any():
        said = "Of no thread did a file say that it had a comment."
    lines = [f"{said} What share of the talk was collected is not known.", ""]
    named = sums.sort_values("threads", ascending=False, kind="stable").head(_MOST_ROWS).sort_index()
    for row in named.to_dict("records"):
        counts = f"{plural(row['comments'], 'comment')} in {plural(row['threads'], 'thread')}"
        lines.append(f"{_name(row)}: {counts}")
    if sums.empty:
        lines.append("No thread has a count of comments.")
    if len(sums) > len(named):
        lines.append(f"{len(sums) - len(named)} more are in the table beside.")
    figure = style.new_figure(0.5 + 0.15 * len(lines))
    ax = figure.subplots()
    ax.axis("off")
    ax.text(0, 1, "\n".join(lines), fontsize=8, va="top", transform=ax.transAxes)
    figure.suptitle("Collected against existing: comments of each thread", x=0.01, ha="left", fontsize=11)
    return figure
