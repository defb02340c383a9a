"""Co-mention: which concepts stand in one utterance, and whether more often than chance would have it."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.compare.comention import MIN_TOGETHER, RATIO, SHARE
from analysis.compare.groups import any_of
from analysis.digits import settled
from analysis.errors import plural
from analysis.show import lettering, naming, palette, style
from analysis.show.concepts import most_bands
from analysis.show.contrasts import draw_group_differences
from analysis.show.given import of_table

_ROW = 0.115
_TITLE = "Which concepts go together, and in whose talk?"
_NOTES = (
    "Bar: 95 % interval; hollow: too few {} for one. Expected: if each were mentioned independently, among "
    "utterances of like length (long ones mention more of everything). "
    "A ratio is given from {} utterances with both. To mention two concepts is not to connect them."
)


def chosen_pairs(table: pd.DataFrame) -> list[str]:
    """Return the pairs that are drawn, those whose ratios lie farthest apart between groups first.

    Chosen are the pairs named together most often (by the mean of the groups' shares), not those that differ most: of
    91 pairs the most different are the luckiest.
    """
    most = most_bands(table["a"].nunique())
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


@of_table
def draw_comention(table: pd.DataFrame) -> Figure:
    """Draw the (rounded) table of `analysis.compare.comention.concept_pairs`: shares beside ratios, a dot a group."""
    table = style.read_back(table)
    pairs = chosen_pairs(table)
    possible = table["measure"].nunique()
    if not pairs:
        if (table["together"] > 0).any():
            return style.nothing_to_draw(f"{_TITLE} The shares are not in the table: choose those rows, too.")
        return style.nothing_to_draw(
            f"{_TITLE} No utterance mentions two concepts: longer ones, or more of them, would give this figure."
        )
    firsts = table.drop_duplicates("a").set_index("a")
    groups = list(firsts.index)
    shown = palette.plot_styles(firsts["vantage"].to_dict(), firsts["languages"].to_dict())
    step = len(groups) + 0.8
    figure = style.new_figure(1.6 + _ROW * (step * len(pairs) + 1.1 * len(groups)))
    scales = {SHARE: 100.0, RATIO: 1.0}
    if table.loc[table["measure"].isin(pairs) & (table["statistic"] == RATIO), "estimate"].isna().all():
        del scales[RATIO]
    with mpl.rc_context(style.rc()):
        axes = figure.subplots(1, len(scales), sharey=True, squeeze=False)[0]
        for ax, (statistic, scale) in zip(axes, scales.items(), strict=True):
            for place, pair in enumerate(pairs):
                mine = table[(table["measure"] == pair) & (table["statistic"] == statistic)].set_index("a")
                for number, group in ((number, group) for number, group in enumerate(groups) if group in mine.index):
                    y = place * step + 0.9 + number
                    _dot(ax, mine.loc[group], y, shown[group], scale, counts=ax is axes[-1])
                ax.axhline((place + 1) * step, color="#EEEEEE", linewidth=0.8, zorder=0)
            ax.tick_params(axis="y", length=0)
        names = [style.label(pair.replace(" + ", " +\n"), 60) for pair in pairs]
        axes[0].set_yticks([(place + 0.5) * step for place in range(len(pairs))], names)
        axes[0].set_ylim(len(pairs) * step, 0)
        axes[0].set_xlim(left=0)
        axes[0].set_xlabel(lettering.axis("fewer", "more", "utterances with both (%)"))
        if RATIO in scales:
            axes[1].axvline(0, color=style.INK, linewidth=0.8, zorder=0)
            what = "log2 of observed to expected (1: twice as often)"
            axes[1].set_xlabel(lettering.axis("less than chance", "more than chance", what))
        lettering.head(figure, _TITLE)
        often = "named together most often; all are in the CSV"
        which = often if len(pairs) == most_bands(len(groups)) else "that anybody names together"
        which = f"Of {plural(possible, 'pair')} the {len(pairs) if len(pairs) > 1 else 'only one'} {which}."
        said = f"{naming.in_order(len(groups))} {lettering.languages_told(list(firsts['languages']))}"
        handles = [naming.group_handle(firsts.loc[group], shown[group]) for group in groups]
        notes = _NOTES.format(any_of(firsts.get("units_a", [])), MIN_TOGETHER)
        beside = f"Beside: utterances with both / expected. {said}"
        lettering.foot(figure, which, notes, beside, f"{lettering.READ} {lettering.weighed(table)}", handles=handles)
    return figure


def _dot(ax: Axes, row: pd.Series, y: float, how: palette.PlotStyle, scale: float, *, counts: bool) -> None:
    if not pd.isna(row["estimate"]):
        ends = scale * row["ci_low"], scale * row["ci_high"]
        style.mark(ax, scale * row["estimate"], ends, y, *how, 3.8, 1.3, linestyle="none")
    if counts:
        text = f"{row['together']:,} / {row['expected']:,.1f}"
        ax.text(1.01, y, text, transform=ax.get_yaxis_transform(), fontsize=style.SMALL, va="center")


@of_table
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
    return draw_group_differences(table, "Who speaks of two concepts in one breath more often?", drawn)
