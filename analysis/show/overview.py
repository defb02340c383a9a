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

from analysis.compare.groups import REFERENCE, plain_name
from analysis.compare.overview import NO_UTTERANCE, SOURCE, UNDATED, UNKNOWN, sum_collected
from analysis.corpus.cells import platform_name
from analysis.corpus.schema import VANTAGES
from analysis.digits import settled
from analysis.errors import plural
from analysis.show import lettering, palette, style
from analysis.show.given import of_table

_PANELS = (*VANTAGES, REFERENCE)
_MOST_YEARS = 13
_VOICE = ["vantage", "platform", "kind", "language"]
#: Threads of which nothing was collected stand below the logarithmic axis: in a band, each source at its own height.
_BAND = (0.63, 0.09)
#: Columns of a row's name; from here on counts are told in thousands.
_NAME, _THOUSANDS = 58, 10_000
_ALL = "All comments of the corpus count, those too that other figures leave out."
_LINES = {1.0: "all", 0.1: "10 %", 0.01: "1 %"}


@of_table
def draw_grid(grid: pd.DataFrame) -> Figure:
    """Draw the grid of `analysis.compare.overview.count_grid`: one panel a vantage, a column a year, a row a source."""
    if grid.empty:
        return style.nothing_to_draw()
    # A row a voice, a column a year in which anybody speaks.
    said = grid[grid["utterances"] > 0].astype({"year": str})
    if said.empty:
        return style.nothing_to_draw("No utterance is counted in the rows that were chosen: choose others.")
    dated = sorted(set(said["year"]) - {UNDATED})
    early = dated[:-_MOST_YEARS]
    said["year"] = said["year"].replace(early, f"to {early[-1]}" if early else "")
    years = [*([f"to {early[-1]}"] if early else []), *dated[len(early) :]]
    years += [UNDATED] if UNDATED in set(said["year"]) else []
    sizes = said.groupby(_VOICE, sort=False)["utterances"].sum()
    voices = list(sizes.sort_values(ascending=False, kind="stable").index[: style.MOST_ROWS])
    voices.sort(key=lambda voice: _PANELS.index(voice[0]))
    counts = said.groupby([*_VOICE, "year"])["utterances"].sum()
    silent = [plain_name(vantage) for vantage in _PANELS if vantage not in set(said["vantage"])]
    figure = style.new_figure(1.1 + 0.19 * len(voices))
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        for y, voice in enumerate(voices):
            values = np.array([counts.get((*voice, year), 0) for year in years], dtype=float)
            shades = LinearSegmentedColormap.from_list(voice[0], ["#FFFFFF", palette.COLOURS[voice[0]]])
            # Never darker than .75, so that black numbers stay readable.
            colours = shades(settled(0.75 * np.log1p(values) / np.log1p(float(counts.max()))))
            ax.pcolormesh(np.arange(len(years) + 1) - 0.5, [y - 0.5, y + 0.5], colours[None])
            for x, value in enumerate(values):
                text, colour = (_short(int(value)), style.INK) if value else ("–", palette.FAINT)
                ax.text(x, y, text, ha="center", va="center", fontsize=style.SMALL, color=colour)
        ax.set_yticks(range(len(voices)), [_named(*voice) for voice in voices])
        for y, voice in enumerate(voices):
            ax.text(len(years) - 0.4, y, f"n = {sizes[voice]:,}", va="center", fontsize=style.SMALL)
        ax.set_ylim(len(voices) - 0.5, -0.5)
        ax.set_xlim(-0.5, len(years) - 0.5)
        ax.set_xticks(range(len(years)), years)
        ax.tick_params(length=0, labelsize=style.SMALL)
        for spine in ax.spines.values():
            spine.set_visible(False)
        thousands = " (k: thousand)" if counts.max() >= _THOUSANDS else ""
        lettering.head(figure, "Who was heard where, when and in which language?")
        lettering.foot(
            figure,
            f"Utterances by year of posting{thousands}. Where two sides share no platform, year or language, a "
            "difference between them may be that of platforms, years or languages. A year in which nobody speaks has "
            "no column.",
            f"Not in the corpus: {', '.join(silent)}." if silent else "",
            lettering.in_csv(len(sizes) - len(voices), "source", "the smallest"),
        )
    return figure


def _named(vantage: str, platform: str, kind: str, language: str) -> str:
    """Return what a row is called; where it is too long the platform is cut, which is somebody's own word."""
    before, after = f"{plain_name(vantage)}: ", f", {kind}, {lettering.languages(language)}"
    room = max(_NAME - len(before) - len(after), 8)
    named = "platform not told" if platform == UNKNOWN else style.label(platform_name(str(platform)), room)
    return style.label(before + named + after, _NAME)


def _short(count: int) -> str:
    """Write a count in five characters at most."""
    if count < _THOUSANDS:
        return f"{count:,}"
    return f"{count / 1000:,.0f}k" if count < 1_000_000 else f"{count / 1e6:.1f}M"  # noqa: PLR2004


@of_table
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
    if shown.empty:
        return style.nothing_to_draw(_nothing(table, sums))
    with mpl.rc_context(style.rc()):
        source = _sources(table, sums)
        how = palette.plot_styles({key: _vantage(table[source == key]) for key in sums.index})
        told = sums[sums["with_total"] > 0].sort_values("with_total", ascending=False, kind="stable")
        named = told.head(style.MOST_ROWS).sort_index()
        figure = style.new_figure(4.6 + 0.125 * len(named))
        ax = figure.subplots()
        _frame(ax, shown)
        drawn = sorted(set(source[shown.index]))
        for key, none in zip(drawn, np.geomspace(*_BAND, len(drawn) + 2)[1:-1], strict=True):
            mine = shown[source[shown.index] == key].astype({"platform_comment_count": float, "collected": float})
            ax.scatter(
                mine["platform_comment_count"], mine["collected"].replace(0, none), s=16, marker=how[key].marker,
                color=how[key].colour, alpha=0.6, linewidths=0, rasterized=True, zorder=3,
            )  # fmt: skip
        middle = _percent(shown["share"].median())
        lettering.head(
            figure,
            f"How much of the talk was collected? A median of {middle} of a thread's comments "
            f"({plural(len(shown), 'thread')})",
        )
        handles = [_handle(row, how[key]) for key, row in named.to_dict("index").items()]
        lettering.foot(figure, *_notes(table, shown, len(told) - len(named)), handles=handles)
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
            ax.plot([1 / share, most], [1, share * most], color=palette.FAINT, linewidth=0.9, zorder=1)
            ax.text(1.01, share * most, name, transform=ax.get_yaxis_transform(), fontsize=style.SMALL, va="center")
    decades = [10.0**power for power in range(int(np.log10(most)) + 1)]
    ax.xaxis.set_major_locator(LogLocator(numticks=12))
    ax.yaxis.set_major_locator(FixedLocator([float(np.sqrt(_BAND[0] * _BAND[1])), *decades]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else "none"))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_locator(NullLocator())
    ax.set_xlabel(lettering.axis("fewer", "more", "comments that the platform said the thread had"))
    ax.set_ylabel(lettering.axis("fewer", "more", "comments of it in the corpus"))


def _notes(table: pd.DataFrame, shown: pd.DataFrame, left_out: int) -> list[str]:
    some = shown[shown["collected"] > 0]
    nothing = int(table["platform_comment_count"].notna().sum()) - len(shown)
    return [
        f"A point is a thread that is known to have had comments: {len(shown):,} of {plural(len(table), 'thread')}"
        + (f"; {nothing:,} more had none." if nothing else ".")
        + f" The corpus holds comments of {len(some):,} of them"
        + (f": a median of {_percent(some['share'].median())} of a thread's." if len(some) else "."),
        f"A platform may count what cannot be collected (hidden and deleted comments, deeper replies). {_ALL}",
        "Above 'all': comments that came after the count. Below: collected, in threads of a known total alone.",
        lettering.in_csv(left_out, "source", "those with the fewest threads of a known total"),
    ]


def _name(row: dict[str, Any]) -> str:
    platform = "" if row["platform"] == UNKNOWN else f", {platform_name(str(row['platform']))}"
    return style.label(f"{row['collection']}{platform}", 50)


def _handle(row: dict[str, Any], how: palette.PlotStyle) -> Line2D:
    share = (
        f" ({_percent(row['share'])}; median {_percent(row['median_share'])})" if row["platform_comment_count"] else ""
    )
    text = f"{_name(row)}: {row['collected']:,} of {plural(row['platform_comment_count'], 'comment')}{share}"
    text += f" in {row['with_total']:,} of {plural(row['threads'], 'thread')}"
    return Line2D(
        [], [], color=how.colour, marker=how.marker, markersize=4, linestyle="none", label=style.label(text, 122)
    )


def _nothing(table: pd.DataFrame, sums: pd.DataFrame) -> str:
    said = "no file said how many comments there were"
    if table["platform_comment_count"].notna().any():
        said = "of no thread did a file say that it had a comment"
    counts = "; ".join(
        f"{_name(row)}: {plural(row['comments'], 'comment')} in {plural(row['threads'], 'thread')}"
        for row in sums.sort_values("threads", ascending=False, kind="stable").head(style.MOST_ROWS).to_dict("records")
    )
    return (
        f"What share of the talk was collected is not known: {said}. An export with the platform's own count of each "
        f"video's or post's comments would tell. Collected: {counts or 'nothing'}. {_ALL}"
    )
