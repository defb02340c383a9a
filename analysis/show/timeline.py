"""Prevalence over time: a panel a concept, a line a group."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.compare.timeline import MIN_UTTERANCES
from analysis.show import style

_COLUMNS = 3
_TICKS = 6


def draw_timeline(table: pd.DataFrame) -> Figure:
    """Draw how often each group speaks of each concept over time.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.timeline.concept_timeline`.

    """
    table = style.read_back(table)
    if pd.api.types.is_numeric_dtype(table["period"]):  # years, from a CSV
        table["period"] = table["period"].astype("Int64").astype("string").fillna("")
    step = table["step"].iloc[0] if len(table) else "year"
    groups = table.drop_duplicates("a")[["a", "vantage", "label", "dated", "undated"]]
    table = table[table["period"] != ""]
    shown = table[table["estimate"].notna()]
    with mpl.rc_context(style.rc()):
        if shown.empty:
            return _nothing(table, groups, step)
        concepts = list(dict.fromkeys(table["measure"]))
        periods = _calendar(sorted(set(shown["period"])), step)
        lines = -(-len(concepts) // _COLUMNS)
        figure = style.new_figure(1.7 + 1.25 * lines + 0.18 * len(groups), 9.0)
        axes = figure.subplots(lines, _COLUMNS, sharex=True, squeeze=False).ravel()
        how = style.plot_styles(dict(zip(groups["a"], groups["vantage"], strict=True)))
        for ax, concept in zip(axes, concepts, strict=False):
            _panel(ax, shown[shown["measure"] == concept], periods, how)
            ax.set_title(style.label(concept, 30), fontsize=9)
        for ax in axes[len(concepts) :]:
            ax.axis("off")
        every = -(-len(periods) // _TICKS)
        for ax in axes[max(len(concepts) - _COLUMNS, 0) : len(concepts)]:
            ax.set_xticks(range(0, len(periods), every), periods[::every], fontsize=7)
            ax.tick_params(axis="x", labelbottom=True)
        figure.suptitle(f"How often each concept is mentioned, by {step}", x=0.01, ha="left", fontsize=11)
        figure.supylabel("utterances that mention it (%), 95 % interval", fontsize=8)
        said = table.drop_duplicates(["a", "period"])
        notes = (
            f"Hollow: too few clusters for an interval. A {step} with fewer than {MIN_UTTERANCES} utterances of a "
            f"group is left out ({said['estimate'].isna().sum()} of {len(said)}).\n"
            "Each panel has its own height. What changes may be the sources, not the talk."
        )
        handles = [
            _handle(row, how[row["a"]], drawn=(shown["a"] == row["a"]).any()) for row in groups.to_dict("records")
        ]
        title = {"title": notes, "title_fontsize": 7.5, "alignment": "left"}
        figure.legend(handles=handles, loc="outside lower left", fontsize=7.5, ncols=1, **title)
    return figure


def _nothing(table: pd.DataFrame, groups: pd.DataFrame, step: str) -> Figure:
    counts = table.drop_duplicates(["a", "period"]).set_index("a")
    lines = [f"No {step} holds {MIN_UTTERANCES} utterances of a group: there is no course of time to draw.", ""]
    for row in groups.itertuples():
        group = row.a
        mine = counts.loc[[group]] if group in counts.index else counts.head(0)
        said = ", ".join(f"{one.period}: {one.n_a}" for one in mine.itertuples()) or "none dated"
        # Long lists are cut by the label, a group a line.
        lines.append(style.label(f"{group.replace('_', ' ')}: {said}; {row.undated:,} without a date", 110))
    figure = style.new_figure(1.2 + 0.2 * len(lines))
    ax = figure.subplots()
    ax.axis("off")
    ax.text(0, 0.5, "\n".join(lines), fontsize=9, va="center", transform=ax.transAxes)
    figure.suptitle(f"How often each concept is mentioned, by {step}", x=0.01, ha="left", fontsize=11)
    return figure


def _calendar(periods: list[str], step: str) -> list[str]:
    """Return every period from the first to the last: a gap in time is a gap in the figure."""
    if step == "year":
        return [f"{year:04d}" for year in range(int(periods[0]), int(periods[-1]) + 1)]
    return [str(month) for month in pd.period_range(periods[0], periods[-1], freq="M")]


def _panel(ax: Axes, table: pd.DataFrame, periods: list[str], how: dict[str, style.PlotStyle]) -> None:
    for number, (group, (colour, marker)) in enumerate(how.items()):
        mine = table[table["a"] == group]
        if mine.empty:
            continue
        # Side by side, else intervals of one period hide each other; many groups stand closer, within their period.
        beside = min(0.12, 0.8 / len(how)) * (number - (len(how) - 1) / 2)
        x = [periods.index(period) + beside for period in mine["period"]]
        ax.plot(x, 100 * mine["estimate"], color=colour, linewidth=0.8, alpha=0.5)
        for at, row in zip(x, mine.to_dict("records"), strict=True):
            given = not pd.isna(row["ci_low"])
            if given:
                ax.plot([at, at], [100 * row["ci_low"], 100 * row["ci_high"]], color=colour, linewidth=1.2)
            face = colour if given else "white"
            ax.plot(at, 100 * row["estimate"], marker=marker, markersize=3.5, color=colour, markerfacecolor=face)
    ax.set_ylim(bottom=0)
    ax.set_xlim(-0.5, len(periods) - 0.5)
    ax.tick_params(axis="y", labelsize=7)


def _handle(row: dict[str, Any], how: style.PlotStyle, *, drawn: bool) -> Line2D:
    text = f": {row['dated']:,} utterances with a date, {row['undated']:,} without" + ("" if drawn else " (not drawn)")
    text = style.legend_label(row["label"], text, 130)
    return Line2D([], [], color=how.colour, marker=how.marker, markersize=4, linewidth=1.2, label=text)
