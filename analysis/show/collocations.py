"""Collocates: how typical each is of a node in two groups, and how far the groups differ."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.compare.groups import LANGUAGE_NAMES, plain_name
from analysis.compare.pairings import PAIR
from analysis.errors import plural
from analysis.show import lettering, naming, palette, style
from analysis.show.given import of_table

_MOST = style.MOST_ROWS // 2  # of each group
#: What stands near the node in one cluster only is that thread's, and is not named as the group's.
_CLUSTERS = 2
#: MI from which a collocate is named: twice as often as chance. Without it function words fill the list of a rare node.
_ATTRACTED = 1.0
_ROW = 0.17
_LOG_DICE = (
    "logDice: 14 + log2 of the share of the occurrences of two terms that they have near each other; 14 at most, one "
    "more is twice the share."
)


def listed(table: pd.DataFrame, sides: str, min_count: int) -> pd.DataFrame:
    """Choose the collocates to draw: each group's highest logDice, sorted from what is a's to what is b's.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.collocations.contrast_collocates`.
    sides : str
        ``ab``, or ``a`` for one group alone.
    min_count : int
        How often a collocate must stand near the node in the group; it must do so in at least two clusters, and at
        least twice as often as chance has it (MI from 1).

    """
    names: set[str] = set()
    for side in sides:
        often = (table[f"together_{side}"] >= min_count) & (table[f"clusters_{side}"] >= _CLUSTERS)
        often &= table[f"mi_{side}"] >= _ATTRACTED
        ranked = table[often].sort_values([f"log_dice_{side}", "collocate"], ascending=[False, True])
        names |= set(ranked["collocate"].head(_MOST))
    drawn = table[table["collocate"].isin(names)].copy()
    a = drawn["log_dice_a"].fillna(-np.inf)
    b = drawn["log_dice_b"].fillna(-np.inf) if "b" in sides else pd.Series(0.0, index=drawn.index)
    # Infinite where one group has none of it: these stand at the ends, by how typical they are.
    drawn["order"] = a - b
    drawn["typical"] = np.where(a > b, a, -b)
    return drawn.sort_values(["order", "typical", "collocate"], ascending=[False, False, True])


@of_table
def draw_collocations(table: pd.DataFrame) -> Figure:
    """Draw what stands near one node, in one pair of groups or in a group alone.

    Parameters
    ----------
    table : pandas.DataFrame
        The rows of one node and pair (or lone group) of `analysis.compare.collocations.collocates`.

    """
    table = style.read_back(table, "node", *PAIR)
    if table.empty:
        return style.nothing_to_draw()
    first = table.iloc[0]
    sides, min_count = "ab" if first["b"] else "a", int(first["min_count"])
    drawn = listed(table[table["collocate"] != ""], sides, min_count)
    title = (
        f"What stands near “{style.label(first['node'], 50)}”, and in whose talk? {LANGUAGE_NAMES[first['language']]}, "
        f"up to {plural(first['window'], 'term')} away"
    )
    if drawn.empty:
        return style.nothing_to_draw(
            f"{title}. No term stands near it {plural(min_count, 'time')}, in {_CLUSTERS} "
            f"{lettering.units_of(table)} and twice as often as chance: more utterances with it would show one. It "
            "occurs: " + "; ".join(f"{first[f'label_{side}']}, {_rests_on(first, side)}" for side in sides) + "."
        )
    colours = palette.pair_colours([first[f"vantage_{side}"] for side in sides])
    with mpl.rc_context(style.rc()):
        figure = style.new_figure(1.9 + _ROW * len(drawn))
        _draw_panels(figure, drawn, sides, colours, palette.marker(first["language"]))
        lettering.head(figure, title)
        told = [f"{naming.group_name(first[f'label_{side}'], 60)}: {_rests_on(first, side)}." for side in sides]
        more = lettering.in_csv(int((table["collocate"] != "").sum()) - len(drawn), "term")
        glossed = lettering.translated(first["language"], drawn["collocate"])
        lettering.foot(figure, *told, _LOG_DICE, _what_is_drawn(drawn, sides, min_count), glossed, more)
    return figure


def _rests_on(first: pd.Series, side: str) -> str:
    where = f"{first[f'holding_{side}']:,} of {plural(first[f'utterances_{side}'], 'utterance')}"
    units = first.get(f"units_{side}", "clusters")
    size = naming.effective_size(first[f"node_clusters_{side}"], first[f"node_effective_{side}"], units)
    return f"{plural(first[f'times_{side}'], 'time')} in {where}, {size}"


def _draw_panels(figure: Figure, drawn: pd.DataFrame, sides: str, colours: list[str], shape: str) -> None:
    """Draw the scores of each group and, for two, how far they differ; the rows are the collocates."""
    two = len(sides) > 1
    panels = figure.subplots(1, 2, sharey=True, width_ratios=(1, 1.1)) if two else [figure.subplots()]
    for y in range(len(drawn)):
        for ax in panels:
            ax.axhline(y, color="#F0F0F0", linewidth=0.6, zorder=0)
    _draw_scores(panels[0], drawn, sides, colours, shape)
    if two:
        _draw_differences(panels[1], drawn, shape)
    panels[0].set_yticks(
        range(len(drawn)), [lettering.glossed(term, drawn["language"].iloc[0], 24) for term in drawn["collocate"]]
    )
    panels[0].set_ylim(len(drawn) - 0.4, -0.6)
    for ax in panels:
        ax.tick_params(axis="y", length=0)
    _count_beside(panels[-1], drawn, sides)


def _draw_scores(ax: Axes, drawn: pd.DataFrame, sides: str, colours: list[str], shape: str) -> None:
    for side, colour in zip(sides, colours, strict=True):
        ax.plot(
            drawn[f"log_dice_{side}"],
            np.arange(len(drawn)),
            linestyle="none",
            marker=shape,
            markersize=4,
            color=colour,
            label=naming.group_name(drawn[f"label_{side}"].iloc[0], 60),
        )
    ax.set_xlabel(lettering.axis("less typical", "more typical", "logDice (+1: twice as typical)"))
    ax.legend(fontsize=style.SMALL, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)


def _draw_differences(ax: Axes, drawn: pd.DataFrame, shape: str) -> None:
    ax.axvline(0, color=style.INK, linewidth=0.8)
    for y, row in enumerate(drawn.to_dict("records")):
        if pd.isna(row["log_dice_difference"]):
            continue
        apart = row["ci_low"] > 0 or row["ci_high"] < 0
        if not pd.isna(row["ci_low"]):
            ax.plot([row["ci_low"], row["ci_high"]], [y, y], color=style.INK, linewidth=1.2, solid_capstyle="butt")
        face = style.INK if apart else "white"
        ax.plot(row["log_dice_difference"], y, marker=shape, markersize=4, color=style.INK, markerfacecolor=face)
    if drawn["log_dice_difference"].isna().all():
        ax.set_xticks([])
        where = {"transform": ax.transAxes, "ha": "center", "fontsize": style.SMALL}
        ax.text(0.5, 0.5, "none stands near it in both groups", **where)
    first, second = (naming.group_name(plain_name(drawn[side].iloc[0]), 22) for side in "ab")
    ax.set_xlabel(lettering.axis(second, first, "difference in logDice"))


def _count_beside(ax: Axes, drawn: pd.DataFrame, sides: str) -> None:
    """Write how often the two stand together, and in how many clusters, beside each row; the foot says so."""
    place = ax.get_yaxis_transform()
    for y, row in enumerate(drawn.to_dict("records")):
        counts = [f"{row[f'together_{side}']:,} in {row[f'clusters_{side}']:,}" for side in sides]
        ax.text(1.02, y, " | ".join(counts), transform=place, fontsize=style.SMALL, va="center")


def _what_is_drawn(drawn: pd.DataFrame, sides: str, min_count: int) -> str:
    units = lettering.units_of(drawn)
    chosen = (
        f"Beside: how often together, in how many {units}. Drawn: the highest logDice of each group among terms near "
        f"it at least {plural(min_count, 'time')}, in {_CLUSTERS} {units} and twice as often as chance"
    )
    if len(sides) == 1:
        return f"{chosen}. One group alone: no differences."
    if drawn["ci_low"].isna().all():
        return (
            f"{chosen}.\nToo few {units} hold both for any interval: these are descriptions, not findings. "
            "No dot where a group never has both."
        )
    return (
        f"{chosen}.\nBar: 95 % interval, one collocate at a time; filled where it excludes 0; "
        f"none where under 5 {units} hold both, no dot where a group never has both (the CSV has its open interval)."
    )
