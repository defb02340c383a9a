"""Contested concepts: the tone around each concept, a dot a group, the most contested first."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.compare.contested import MIN_CLUSTERS, MIN_HITS, part_of_needed
from analysis.compare.groups import LANGUAGE_NAMES, REFERENCE, any_of
from analysis.show import lettering, naming, palette, style
from analysis.show.concepts import most_bands
from analysis.show.contrasts import COLDER_WARMER, draw_group_differences
from analysis.show.given import of_table

_ROW = 0.115
_TITLE = "Contested concepts: in what tone does each group speak of the same thing?"
_BACKGROUND = (
    "ordinary language (word frequencies), for not every language has a reference collection; unit: the sd of its words"
)


@of_table
def draw_contested(table: pd.DataFrame) -> Figure:
    """Draw the tone around each concept in each group.

    Parameters
    ----------
    table : pandas.DataFrame
        The first of `analysis.compare.contested.contested_tone`.

    """
    table = style.read_back(table)
    if not (table["drawn"] == "yes").any():
        nearest = "nobody has one"
        if (table["scored"] > 0).any():
            most = table.loc[part_of_needed(table).idxmax()]
            nearest = f"the nearest has {most['scored']:,} in {most['clusters']:,}"
        return style.nothing_to_draw(
            f"{_TITLE} There is nothing to compare: a group's tone around a concept takes {MIN_HITS} scored mentions "
            f"in {MIN_CLUSTERS} {_units(table)}; {nearest}."
        )
    keys = list(dict.fromkeys(zip(table["a"], table["language"], strict=True)))
    vantages = {key: _first(table, key)["vantage"] for key in keys}
    shown = palette.plot_styles(vantages, {key: key[1] for key in keys})
    every = list(dict.fromkeys(table["measure"]))
    drawn = set(table.loc[table["drawn"] == "yes", "measure"])
    # Those farthest apart come first; a concept that nobody has enough of is in the CSV alone.
    concepts = [concept for concept in every if concept in drawn][: most_bands(len(keys))]
    step = len(keys) + 0.8
    figure = style.new_figure(1.9 + _ROW * (step * len(concepts) + len(keys)))
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        for place, concept in enumerate(concepts):
            mine = table[table["measure"] == concept].set_index(["a", "language"])
            for number, key in ((number, key) for number, key in enumerate(keys) if key in mine.index):
                _dot(ax, mine.loc[key], place * step + 0.9 + number, shown[key])
            ax.axhline((place + 1) * step, color="#EEEEEE", linewidth=0.8, zorder=0)
        ax.axvline(0, color=style.INK, linewidth=0.8, zorder=0)
        ax.margins(x=0.06)
        names = [style.label(concept, 30) for concept in concepts]
        ax.set_yticks([(place + 0.5) * step for place in range(len(concepts))], names)
        ax.set_ylim(len(concepts) * step, 0)
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(lettering.axis("colder", "warmer", "tone of the words around the concept (sd from the baseline)"))
        lettering.head(figure, _TITLE)
        left = [concept for concept in every if concept not in concepts]
        more = f"{naming.in_order(len(keys))} {lettering.in_csv(left, 'concept')}"
        lettering.foot(figure, *_notes(table), more, handles=[_handle(table, key, shown[key]) for key in keys])
    return figure


def _first(table: pd.DataFrame, key: tuple[str, str]) -> pd.Series:
    return table[(table["a"] == key[0]) & (table["language"] == key[1])].iloc[0]


def _dot(ax: Axes, row: pd.Series, y: float, how: palette.PlotStyle) -> None:
    text = f"{row['scored']:,} in {row['clusters']:,}"
    if row["drawn"] == "yes":
        ends = row["ci_low"], row["ci_high"]
        style.mark(ax, row["estimate"], ends, y, *how, 4, 1.4, linestyle="none", clip_on=True)
    else:
        text = f"too few: {text}"
    ax.text(1.01, y, text, transform=ax.get_yaxis_transform(), fontsize=style.SMALL, va="center", color=style.INK)


def _units(table: pd.DataFrame) -> str:
    """Return what the clusters of the groups are."""
    return any_of(table.get("units_a", []))


def _notes(table: pd.DataFrame) -> list[str]:
    named, units = _BACKGROUND, _units(table)
    if table["basis"].iloc[0] == "reference collection":
        baselines = sorted(set(zip(table["language"], table["baselines"], strict=True)))
        said = [f"{style.label(name, 40)} ({LANGUAGE_NAMES[code]})" for code, name in baselines if name]
        named = f"{', '.join(said) or 'the collection of each language'}; unit: the sd of its utterances"
    return [
        f"Baseline (0): {named}. Beside: scored mentions in {units}.",
        "labMT over 8 words on each side of the concept, its own and masked words left out, averaged in an utterance.",
        f"Bar: 95 % interval. A dot needs {MIN_HITS} scored mentions in {MIN_CLUSTERS} {units}; hollow: no interval.",
        f"Tone is no stance: mockery scores as warmth. {lettering.weighed(table)}",
    ]


def _handle(table: pd.DataFrame, key: tuple[str, str], how: palette.PlotStyle) -> Line2D:
    first = _first(table, key)
    text = f", {LANGUAGE_NAMES[key[1]]}"
    text += ": the concept's own company, compared with nobody" if first["vantage"] == REFERENCE else ""
    text = naming.legend_label(first["label"], text)
    return Line2D([], [], color=how.colour, marker=how.marker, markersize=4, linewidth=1.4, label=text)


@of_table
def draw_contested_differences(table: pd.DataFrame) -> Figure:
    """Draw the largest differences in the tone around a concept.

    Parameters
    ----------
    table : pandas.DataFrame
        The second of `analysis.compare.contested.contested_tone`.

    """
    title = "Who speaks of a concept in a warmer tone?"
    return draw_group_differences(table, title, ends=COLDER_WARMER)
