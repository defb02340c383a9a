"""How often each group speaks of each concept."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from analysis.show import style
from analysis.show.contrasts import draw_group_differences

#: More groups than these stand closer.
_MANY = 5


def draw_prevalence(table: pd.DataFrame) -> Figure:
    """Draw the (rounded) table of `analysis.compare.concepts.prevalence`: a band a concept, a dot a group."""
    table = style.read_back(table)
    concepts = list(dict.fromkeys(table["measure"]))
    groups = list(dict.fromkeys(table["a"]))
    step = 0.8 / max(len(groups), 1)
    line = 0.21 if len(groups) <= _MANY else 0.15
    figure = style.new_figure(1.9 + line * len(groups) * len(concepts) + 0.2 * len(groups))
    shown = style.plot_styles({group: table.loc[table["a"] == group, "vantage"].iloc[0] for group in groups})
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        for g, group in enumerate(groups):
            mine = table[table["a"] == group].set_index("measure")
            first = mine.iloc[0]
            colour, marker = shown[group]
            text = f": n = {first['n_a']:,}, {style.effective_size(first['clusters_a'], first['g_a'])}"
            text += f", {first['languages']}" + (f"; {first['note']}" if first["note"] else "")
            # Who draws a part of the table may leave out a concept of one group.
            for i, concept in ((i, concept) for i, concept in enumerate(concepts) if concept in mine.index):
                row, y = mine.loc[concept], i + (g - (len(groups) - 1) / 2) * step
                said = style.legend_label(first["label"], text, 120) if concept == mine.index[0] else None
                where = {"color": colour, "label": said}
                # The first dot stands for the group in the legend; it is hollow there if the group has no interval.
                where["markerfacecolor"] = "white" if pd.isna(row["ci_low"]) else colour
                if not pd.isna(row["ci_low"]):
                    ax.plot([100 * row["ci_low"], 100 * row["ci_high"]], [y, y], color=colour, linewidth=1.6)
                ax.plot(100 * row["estimate"], y, marker=marker, markersize=5, linestyle="none", clip_on=False, **where)
                right = 100 * (row["estimate"] if pd.isna(row["ci_high"]) else row["ci_high"])
                ax.annotate(
                    f"{row['hits']:,}", (right, y), (5, 0), textcoords="offset points", fontsize=6.5, va="center"
                )
        for i in range(1, len(concepts)):
            ax.axhline(i - 0.5, color="#EEEEEE", linewidth=0.8, zorder=0)
        ax.set_yticks(range(len(concepts)), [style.label(concept, 30) for concept in concepts])
        ax.set_ylim(max(len(concepts), 1) - 0.5, -0.5)
        ax.set_xlim(left=0)
        ax.margins(x=0.08)
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(
            "utterances that mention the concept (%), with 95 % interval (hollow: none); number of utterances beside\n"
            "A mention is no opinion, and each language is read through its own side of the codebook.",
            fontsize=8,
        )
        ax.set_title("Which concepts each group speaks of")
        if groups:
            figure.legend(loc="outside lower left", fontsize=7.5, ncols=1)
        else:
            ax.text(0.5, 0.5, "no utterance in a language of the codebook", transform=ax.transAxes, ha="center")
        figure.suptitle(" ", fontsize=1)
    return figure


def draw_concept_differences(table: pd.DataFrame) -> Figure:
    """Draw the largest differences in how often two groups speak of a concept.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.concepts.concept_differences`.

    """
    return draw_group_differences(table, "How often a concept is mentioned")
