"""How each group falls into classes: a panel a class, a dot a group, in rows of another variable's classes."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from analysis.compare.classes import ALL, class_order
from analysis.digits import settled
from analysis.show import lettering, naming, palette, style
from analysis.show.concepts import most_bands
from analysis.show.contrasts import draw_group_differences
from analysis.show.given import of_table

#: More classes, or rows, than these are in the CSV alone.
_MOST_CLASSES = 6
_LINE = 0.135
#: Where rows are the classes of another column.
_IN_ROW = " (in the row's class)"


@of_table
def draw_class_shares(table: pd.DataFrame) -> Figure:
    """Draw one variable of `analysis.compare.classes.class_shares`, over all and within the classes of the others.

    Parameters
    ----------
    table : pandas.DataFrame
        The rows of one ``variable``, or the CSV of such a figure.

    """
    table = style.read_back(table)
    if table.empty:
        return style.nothing_to_draw(
            "No classes were given: -p scores=FILE -p classes=stance,theme shows how each group falls into those of a "
            "person or a model."
        )
    name = table["variable"].iloc[0]
    classes = _largest(table)
    rows = _rows(table)
    hidden = [each for each in class_order(table["class"]) if each not in classes]
    table = table[table["class"].isin(classes)]
    groups = list(dict.fromkeys(table["a"]))
    more = lettering.in_csv(each for each in dict.fromkeys(table["within"]) if each not in rows)
    firsts = table[table["within"] == ALL].drop_duplicates("a").set_index("a")
    shown = palette.plot_styles(firsts["vantage"].to_dict(), firsts["languages"].to_dict())
    figure = style.new_figure(1.35 + _LINE * (len(groups) + 0.8) * len(rows) + 0.15 * len(groups))
    highest = float(table[["estimate", "ci_high"]].max(axis=None))
    right = float(settled(min(100.0, 105 * highest))) or 100.0
    with mpl.rc_context(style.rc()):
        axes = figure.subplots(1, len(classes), sharey=True, sharex=True, squeeze=False)[0]
        for ax, each in zip(axes, classes, strict=True):
            mine = table[table["class"] == each].set_index(["within", "a"])
            for place, within in enumerate(rows):
                for g, group in enumerate(groups):
                    if (within, group) in mine.index:
                        y = place + (g - (len(groups) - 1) / 2) * 0.8 / len(groups)
                        row = mine.loc[within, group]
                        ends = 100 * row["ci_low"], 100 * row["ci_high"]
                        style.mark(ax, 100 * row["estimate"], ends, y, *shown[group], 3.5)
            for place in range(1, len(rows)):
                ax.axhline(place - 0.5, color="#DDDDDD" if place > 1 else style.INK, linewidth=0.6, zorder=0)
            ax.set_title(style.label(each, 60 // len(classes)), loc="left", fontsize=style.SMALL)
            ax.set_ylim(len(rows) - 0.5, -0.5)
            ax.set_xlim(0, right)
            ax.tick_params(axis="y", length=0)
        labels = [style.label(within, 24) for within in rows]
        axes[0].set_yticks(range(len(rows)), labels)
        others = [other for other in dict.fromkeys(table["within_variable"]) if other]
        title = f"How does each group fall into the classes of {style.label(name, 30)}"
        lettering.head(figure, f"{title}, by {', '.join(map(str, others))}?" if others else f"{title}?")
        lettering.foot(
            figure,
            f"% of the group's classified utterances{_IN_ROW if others else ''}, 95 % interval; less ← → more. "
            f"Hollow: too few clusters for an interval. {more}",
            f"Not drawn: {', '.join(style.label(each, 20) for each in hidden)}." if hidden else "",
            "Classes of a person or a model, not corrected: one model errs otherwise in each language. What differs "
            "may be the platform's or the period's: see the grid.",
            lettering.weighed(table),
            handles=[
                naming.group_handle(firsts.loc[group], shown[group], f"; {_none(firsts.loc[group])}")
                for group in groups
            ],
        )
    return figure


def _largest(table: pd.DataFrame) -> list[str]:
    """Return the classes that are drawn, in their order: the largest over all groups."""
    whole = table[table["within"] == ALL]
    hits = whole.groupby("class")["hits"].sum().sort_index().sort_values(ascending=False, kind="stable")
    return class_order(pd.Series(hits.index[:_MOST_CLASSES], dtype=object))


def _rows(table: pd.DataFrame) -> list[str]:
    """Return the rows that are drawn: all utterances, then the largest classes of the other variables."""
    most = most_bands(table["a"].nunique())
    parts = table[table["within"] != ALL].groupby("within", sort=False)["n_a"].sum()
    ranked = parts.sort_values(ascending=False, kind="stable").index[: most - 1]
    return [ALL, *(within for within in parts.index if within in set(ranked))]


def _none(first: pd.Series) -> str:
    return f"{first['unclassified']:,} without a class"


@of_table
def draw_class_differences(table: pd.DataFrame) -> Figure:
    """Draw the largest differences between two groups in `analysis.compare.classes.class_differences`."""
    return draw_group_differences(table, "Which classes does one group hold more often than another?")
