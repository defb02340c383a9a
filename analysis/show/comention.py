"""Co-mention: which concepts stand in one utterance, and whether more often than chance would have it."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.compare.comention import MIN_TOGETHER, RATIO, SHARE
from analysis.digits import settled
from analysis.show import style
from analysis.show.contrasts import draw_group_differences

#: So many pairs of concepts are drawn: those named together most often, taking the mean of the groups' shares.
MOST = 12
_ROW = 0.165
_NOTES = (
    "Expected: if each were mentioned independently, among utterances of like length (long ones mention more of "
    "everything).\n"
    f"A ratio is given from {MIN_TOGETHER} utterances with both. Hollow: too few clusters for an interval. "
    "To mention two concepts is not to connect them."
)


def chosen_pairs(table: pd.DataFrame, most: int = MOST) -> list[str]:
    """Return the pairs that are drawn, those whose ratios lie farthest apart between groups first.

    Chosen are the pairs named together most often (by the mean of the groups' shares), not those that differ most: of
    91 pairs the most different are the luckiest.
    """
    shares = table[(table["statistic"] == SHARE) & (table["together"] > 0)]
    sums = shares.groupby("measure", sort=False)["estimate"].sum()
    often = pd.Series(settled(sums), sums.index).sort_values(ascending=False, kind="stable")
    chosen = table[table["measure"].isin(often.index[:most]) & (table["statistic"] == RATIO)]
    ratios = chosen.groupby("measure", sort=False)["estimate"]
    apart = settled(ratios.max() - ratios.min())
    apart = pd.Series(apart, ratios.count().index).where(ratios.count() > 1)
    # Pairs with one ratio or none have no distance and come last, the most frequent first.
    order = apart.reindex(often.index[:most]).sort_values(ascending=False, kind="stable", na_position="last")
    return list(order.index)


def draw_comention(table: pd.DataFrame) -> Figure:
    """Draw the (rounded) table of `analysis.compare.comention`: shares beside ratios, a dot a group."""
    table = style.read_back(table)
    pairs = chosen_pairs(table)
    groups = list(dict.fromkeys(table["a"]))
    shown = style.plot_styles({group: table.loc[table["a"] == group, "vantage"].iloc[0] for group in groups})
    step = len(groups) + 0.8
    figure = style.new_figure(1.9 + _ROW * (step * max(len(pairs), 2) + 1.1 * len(groups)), 9.5)
    with mpl.rc_context(style.rc()):
        axes = figure.subplots(1, 2, sharey=True)
        for ax, statistic, scale in zip(axes, (SHARE, RATIO), (100.0, 1.0), strict=True):
            for place, pair in enumerate(pairs):
                mine = table[(table["measure"] == pair) & (table["statistic"] == statistic)].set_index("a")
                for number, group in ((number, group) for number, group in enumerate(groups) if group in mine.index):
                    y = place * step + 0.9 + number
                    _dot(ax, mine.loc[group], y, shown[group], scale, counts=statistic == RATIO)
                ax.axhline((place + 1) * step, color="#EEEEEE", linewidth=0.8, zorder=0)
            ax.tick_params(axis="y", length=0)
        names = [style.label(pair.replace(" + ", " +\n"), 60) for pair in pairs]
        axes[0].set_yticks([(place + 0.5) * step for place in range(len(pairs))], names, fontsize=8)
        axes[0].set_ylim(max(len(pairs), 1) * step, 0)
        axes[0].set_xlim(left=0)
        axes[0].set_xlabel("utterances with both (%), 95 % interval", fontsize=8)
        axes[1].axvline(0, color=style.INK, linewidth=0.8, zorder=0)
        axes[1].set_xlabel("log2 of observed to expected, 95 % interval\n0: as often as chance; 1: twice", fontsize=8)
        above = {"transform": axes[1].transAxes, "fontsize": 6.5, "va": "bottom"}
        axes[1].text(1.01, 1.0, "both / expected", **above)
        if not pairs:
            axes[0].text(0.5, 0.5, "no utterance mentions two concepts", transform=axes[0].transAxes, ha="center")
        if table.loc[table["measure"].isin(pairs) & (table["statistic"] == RATIO), "estimate"].isna().all():
            axes[1].set_xlim(-1, 1)
        figure.suptitle(_title(table, pairs), x=0.01, ha="left", fontsize=11)
        if groups:
            handles = [_handle(table, group, shown[group]) for group in groups]
            notes = {"title": _NOTES, "title_fontsize": 7.5, "alignment": "left"}
            figure.legend(handles=handles, loc="outside lower left", fontsize=7.5, ncols=1, **notes)
    return figure


def _title(table: pd.DataFrame, pairs: list[str]) -> str:
    possible = table["measure"].nunique()
    if not pairs:
        return "Which concepts go together"
    which = "named together most often" if len(pairs) == MOST else "that anybody names together"
    return f"Which concepts go together, and in whose talk: the {len(pairs)} of {possible} pairs {which}"


def _dot(ax: Axes, row: pd.Series, y: float, how: style.PlotStyle, scale: float, *, counts: bool) -> None:
    colour, marker = how
    given = not pd.isna(row["ci_low"])
    if given:
        ax.plot([scale * row["ci_low"], scale * row["ci_high"]], [y, y], color=colour, linewidth=1.5)
    if not pd.isna(row["estimate"]):
        face = colour if given else "white"
        where = {"linestyle": "none", "clip_on": False}
        ax.plot(scale * row["estimate"], y, marker=marker, markersize=4.5, color=colour, markerfacecolor=face, **where)
    if counts:
        text = f"{row['together']:,} / {row['expected']:,.1f}"
        text += "  no interval" if pd.isna(row["ci_low"]) and not pd.isna(row["estimate"]) else ""
        ax.text(1.01, y, text, transform=ax.get_yaxis_transform(), fontsize=6.5, va="center", color=colour)


def _handle(table: pd.DataFrame, group: str, how: style.PlotStyle) -> Line2D:
    first = table[table["a"] == group].iloc[0]
    text = f": n = {first['n_a']:,}, {style.effective_size(first['clusters_a'], first['g_a'])}, {first['languages']}"
    text = style.legend_label(first["label"], text, 130)
    return Line2D([], [], color=how.colour, marker=how.marker, markersize=5, linewidth=1.5, label=text)


def draw_concept_pair_differences(table: pd.DataFrame, pairs: pd.DataFrame) -> Figure:
    """Draw the largest differences in which concepts go together.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.comention.concept_pair_differences`.
    pairs : pandas.DataFrame
        Of `analysis.compare.comention.concept_pairs`: only the pairs that its figure shows are drawn.

    """
    drawn = table[table["measure"].isin(chosen_pairs(pairs))]
    return draw_group_differences(table, "Two concepts together", drawn)
