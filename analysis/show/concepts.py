"""How often each group speaks of each concept."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from analysis.compare.groups import any_of
from analysis.digits import settled
from analysis.show import lettering, naming, palette, style
from analysis.show.contrasts import draw_group_differences
from analysis.show.given import of_table

#: More groups than these stand closer.
_MANY = 5
#: So many dots stand below each other on a page, a band of them for each concept.
_ON_A_PAGE = 50


@of_table
def draw_prevalence(table: pd.DataFrame) -> Figure:
    """Draw the (rounded) table of `analysis.compare.concepts.concept_prevalence`: a band a concept, a dot a group.

    The concepts are those that some group mentions most, in the order of the codebook.
    """
    table = style.read_back(table)
    title = "Which concepts does each group speak of?"
    if table.empty:
        return style.nothing_to_draw(
            f"{title} No utterance is in a language of the codebook: English or Chinese ones would be read."
        )
    nobody = [concept for concept, hits in table.groupby("measure", sort=False)["hits"].sum().items() if not hits]
    groups = list(dict.fromkeys(table["a"]))
    concepts = most_mentioned(table[~table["measure"].isin(nobody)], most_bands(len(groups)))
    if not concepts:
        return style.nothing_to_draw(f"{title} None that the codebook knows: more utterances, or more patterns, might.")
    more = [concept for concept in dict.fromkeys(table["measure"]) if concept not in {*nobody, *concepts}]
    table = table[table["measure"].isin(concepts)]
    step = 0.8 / len(groups)
    line = 0.14 if len(groups) <= _MANY else 0.125
    figure = style.new_figure(1.3 + line * len(groups) * len(concepts) + 0.14 * len(groups))
    firsts = table.drop_duplicates("a").set_index("a")
    shown = palette.plot_styles(firsts["vantage"].to_dict(), firsts["languages"].to_dict())
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        for g, group in enumerate(groups):
            mine = table[table["a"] == group].set_index("measure")
            # Who draws a part of the table may leave out a concept of one group.
            for i, concept in ((i, concept) for i, concept in enumerate(concepts) if concept in mine.index):
                row, y = mine.loc[concept], i + (g - (len(groups) - 1) / 2) * step
                ends = 100 * row["ci_low"], 100 * row["ci_high"]
                style.mark(ax, 100 * row["estimate"], ends, y, *shown[group], 4, 1.4, linestyle="none")
                right = 100 * (row["estimate"] if pd.isna(row["ci_high"]) else row["ci_high"])
                beside = {"textcoords": "offset points", "fontsize": style.SMALL, "va": "center"}
                ax.annotate(f"{row['hits']:,}", (right, y), (5, 0), **beside)
        for i in range(1, len(concepts)):
            ax.axhline(i - 0.5, color="#EEEEEE", linewidth=0.8, zorder=0)
        ax.set_yticks(range(len(concepts)), [style.label(concept, 30) for concept in concepts])
        ax.set_ylim(len(concepts) - 0.5, -0.5)
        ax.set_xlim(left=0)
        ax.margins(x=0.08)
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(lettering.axis("less", "more", "utterances that mention the concept (%), 95 % interval"))
        lettering.head(figure, title)
        units = any_of(firsts.get("units_a", []))
        order = naming.in_order(len(groups))
        said = f"{order} {lettering.languages_told(list(firsts['languages']))} {lettering.in_csv(more, 'concept')}"
        lettering.foot(
            figure,
            f"Beside a dot: how many utterances. Hollow: too few {units} for an interval. {said}",
            f"Nobody mentions: {', '.join(nobody)}." if nobody else "",
            f"A mention is no opinion. {lettering.READ} {lettering.weighed(table)}",
            handles=[
                naming.group_handle(first, shown[group], _note(first))
                for group, first in ((group, firsts.loc[group]) for group in groups)
            ],
        )
    return figure


def _note(first: pd.Series) -> str:
    """Say why a group has no interval, and call its clusters what they are."""
    named = any_of([first.get("units_a", "clusters")])
    return f"; {first['note'].replace('clusters', named)}" if first["note"] else ""


def most_bands(groups: int) -> int:
    """Return how many bands of so many groups fit on a page; the table holds them all.

    Examples
    --------
    >>> most_bands(3), most_bands(9), most_bands(20)
    (12, 5, 2)

    """
    return max(2, min(style.MOST_ROWS, _ON_A_PAGE // max(groups, 1)))


def most_mentioned(table: pd.DataFrame, most: int = style.MOST_ROWS) -> list[str]:
    """Return the concepts that some group mentions most, in the order of the table."""
    highest = table.groupby("measure", sort=False)["estimate"].max()
    ranked = pd.Series(settled(highest), highest.index).sort_values(ascending=False, kind="stable")
    return [concept for concept in highest.index if concept in set(ranked.index[:most])]


@of_table
def draw_concept_differences(table: pd.DataFrame) -> Figure:
    """Draw the largest differences in how often two groups speak of a concept.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.concepts.concept_differences`.

    """
    return draw_group_differences(table, "Who speaks of which concept more often?")
