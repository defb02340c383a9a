"""Prevalence over time: a panel a concept, a line a group."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.compare.groups import any_of, called
from analysis.compare.timeline import MIN_UTTERANCES
from analysis.errors import plural
from analysis.show import lettering, naming, palette, style
from analysis.show.concepts import most_mentioned
from analysis.show.given import of_table

_COLUMNS = 4
#: Ticks of a panel, and of one of four in a line, at most.
_TICKS, _FEW_TICKS = 6, 4
#: In inches: what is beside the panels, and what is left free between two names of periods.
_BESIDE, _BETWEEN = 0.55, 0.08


@of_table
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
    title = f"How does what each group speaks of change, by {step}?"
    groups = table.drop_duplicates("a")[["a", "vantage", "label", "dated", "undated"]]
    spoken = dict(zip(table["a"], table["languages"], strict=True))
    table = table[table["period"] != ""]
    shown = table[table["estimate"].notna()]
    if shown.empty:
        return style.nothing_to_draw(f"{title} {_nothing(table, groups, step)}")
    with mpl.rc_context(style.rc()):
        # What nobody mentions has no course.
        concepts = most_mentioned(shown[shown["estimate"] > 0])
        if not concepts:
            return style.nothing_to_draw(f"{title} No {step} with enough utterances has a mention of a concept.")
        periods = _calendar(sorted(set(shown["period"])), step)
        columns = next((n for n in (4, 3, 2) if len(concepts) % n == 0), min(len(concepts), _COLUMNS))
        lines = -(-len(concepts) // columns)
        figure = style.new_figure(1.2 + 1.05 * lines + 0.12 * len(groups))
        axes = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).ravel()
        how = palette.plot_styles(dict(zip(groups["a"], groups["vantage"], strict=True)), spoken)
        for ax, concept in zip(axes, concepts, strict=False):
            _panel(ax, shown[shown["measure"] == concept], periods, how)
            ax.set_title(style.label(concept, 30))
        axes[0].set_ylim(bottom=0)  # of all, after the last has told how high it reaches
        for ax in axes[len(concepts) :]:
            ax.remove()
        every = -(-len(periods) // _ticks(periods[0], columns))
        for ax in axes[max(len(concepts) - columns, 0) : len(concepts)]:
            ax.set_xticks(range(0, len(periods), every), periods[::every])
            ax.tick_params(axis="x", labelbottom=True)
        lettering.head(figure, title)
        # In the middle of the panels, not of a figure that has a legend below them.
        place = {"y": 0.5 if lines % 2 else -0.25, "fontsize": style.SMALL}
        named = lettering.axis("fewer", "more", "utterances that mention it (%)")
        axes[(lines - 1) // 2 * columns].set_ylabel(named, **place)
        said = table.drop_duplicates(["a", "period"])
        more = [concept for concept in dict.fromkeys(table["measure"]) if concept not in concepts]
        units = any_of(table.get("units_a", []))
        hollow = (
            f"Bar: 95 % interval; hollow: too few {units} for one. A {step} with fewer than {MIN_UTTERANCES} "
            f"utterances of a group is left out and breaks its line ({said['estimate'].isna().sum()} of {len(said)}). "
            + lettering.in_csv(more, "concept")
        )
        change = f"What changes may be the sources, not the talk. {lettering.languages_told(list(spoken.values()))}"
        handles = [
            _handle(row, how[row["a"]], drawn=(shown["a"] == row["a"]).any()) for row in groups.to_dict("records")
        ]
        lettering.foot(figure, hollow, change, f"{lettering.READ} {lettering.weighed(table)}", handles=handles)
    return figure


def _ticks(period: str, columns: int) -> int:
    """Return how many names of periods stand below a panel without touching each other."""
    wide = (style.WIDTH - _BESIDE) / columns
    room = int(wide / (lettering.width_of(period, style.SMALL) + _BETWEEN))
    return max(min(room, _TICKS if columns < _COLUMNS else _FEW_TICKS), 1)


def _nothing(table: pd.DataFrame, groups: pd.DataFrame, step: str) -> str:
    said = []
    for row in groups.itertuples():
        counts = table.loc[table["a"] == row.a].drop_duplicates("period")
        dated = ", ".join(f"{one.period}: {one.n_a}" for one in counts.itertuples()) or "none dated"
        said.append(style.label(f"{called(row.a)}: {dated}; {row.undated:,} without a date", 110))
    why = f"No {step} holds {MIN_UTTERANCES} utterances of a group, as a course of time needs: more with a date would."
    return f"{why} There are, of {'; of '.join(said)}." if said else why


def _calendar(periods: list[str], step: str) -> list[str]:
    """Return every period from the first to the last: a gap in time is a gap in the figure."""
    if step == "year":
        return [f"{year:04d}" for year in range(int(periods[0]), int(periods[-1]) + 1)]
    return [str(month) for month in pd.period_range(periods[0], periods[-1], freq="M")]


def _panel(ax: Axes, table: pd.DataFrame, periods: list[str], how: dict[str, palette.PlotStyle]) -> None:
    for number, (group, (colour, marker)) in enumerate(how.items()):
        mine = table[table["a"] == group]
        if mine.empty:
            continue
        # Side by side, else intervals of one period hide each other; many groups stand closer, within their period.
        beside = min(0.12, 0.8 / len(how)) * (number - (len(how) - 1) / 2)
        places = [periods.index(period) for period in mine["period"]]
        x = [place + beside for place in places]
        # Over a period that is left out no line goes on.
        course = np.full(len(periods), np.nan)
        course[places] = 100 * mine["estimate"]
        ax.plot(np.arange(len(periods)) + beside, course, color=colour, linewidth=0.8, alpha=0.5)
        for at, row in zip(x, mine.to_dict("records"), strict=True):
            given = not pd.isna(row["ci_low"])
            if given:
                ax.plot([at, at], [100 * row["ci_low"], 100 * row["ci_high"]], color=colour, linewidth=1.2)
            face = colour if given else "white"
            how_filled = {"color": colour, "markerfacecolor": face, "clip_on": False, "zorder": 3}
            ax.plot(at, 100 * row["estimate"], marker=marker, markersize=3, **how_filled)
    ax.set_xlim(-0.5, len(periods) - 0.5)


def _handle(row: dict[str, Any], how: palette.PlotStyle, *, drawn: bool) -> Line2D:
    text = f": {plural(row['dated'], 'utterance')} with a date, {row['undated']:,} without" + (
        "" if drawn else " (not drawn)"
    )
    text = naming.legend_label(row["label"], text)
    return Line2D([], [], color=how.colour, marker=how.marker, markersize=4, linewidth=1.2, label=text)
