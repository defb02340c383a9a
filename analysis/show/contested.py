"""Contested concepts: the tone around each concept, a dot a group, the most contested first."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.compare.contested import MIN_CLUSTERS, MIN_HITS
from analysis.compare.groups import LANGUAGE_NAMES, REFERENCE
from analysis.show import style
from analysis.show.contrasts import draw_group_differences

_ROW = 0.165
_PLATE = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
_TITLE = "Contested concepts: the tone of the words around the same concept"
_BACKGROUND = (
    "ordinary language (wordfreq), for not every language has a reference collection; unit: the sd of its words"
)


def draw_contested(table: pd.DataFrame) -> Figure:
    """Draw the tone around each concept in each group.

    Parameters
    ----------
    table : pandas.DataFrame
        The first of `analysis.compare.contested.contested_tone`.

    """
    table = style.read_back(table)
    keys = list(dict.fromkeys(zip(table["a"], table["language"], strict=True)))
    shown = style.plot_styles({key: _first(table, key)["vantage"] for key in keys})
    concepts = list(dict.fromkeys(table["measure"]))
    drawn = table[table["drawn"] == "yes"].groupby("measure").size()
    full = [concept for concept in concepts if drawn.get(concept, 0)]
    apart = table.groupby("measure", sort=False)["distance"].first().notna() if len(table) else pd.Series(dtype=bool)
    # A concept without any dot takes one line of counts; a heading stands before the concepts that cannot be compared.
    band = max(len(keys), 1)
    size = {concept: band + 0.8 if concept in full else 2.0 for concept in concepts}
    alone = [concept for concept in concepts if not apart[concept]]
    height = sum(size.values()) + (1.6 if alone else 0)
    figure = style.new_figure(1.75 + _ROW * (height + 1.1 * len(keys)))
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        ticks, top = [], 0.0
        for concept in concepts:
            if alone and concept == alone[0]:
                _heading(ax, top, bool(apart.any()))
                top += 1.6
            mine = table[table["measure"] == concept].set_index(["a", "language"])
            middle = top + size[concept] / 2
            if concept not in full:
                # Shaded, so that counts are not taken for places on the axis.
                ax.axhspan(top, top + size[concept], color="#F1F1F1", linewidth=0, zorder=0.5)
            ticks.append(middle)
            for number, key in enumerate(keys):
                if key not in mine.index:
                    continue
                row = mine.loc[key]
                if concept in full:
                    _dot(ax, row, top + 0.9 + number, shown[key])
                else:
                    _count(ax, row, middle, 0.08 + number * min(0.25, 0.94 / band), shown[key])
            top += size[concept]
            ax.axhline(top, color="#EEEEEE", linewidth=0.8, zorder=0)
        _dress(ax, table, concepts, ticks, top)
        handles = [_handle(table, key, shown[key]) for key in keys]
        if handles:
            notes = {"title": _notes(table), "title_fontsize": 7.5, "alignment": "left"}
            figure.legend(handles=handles, loc="outside lower left", fontsize=7.5, ncols=1, **notes)
        else:
            ax.text(0.5, 0.5, "no group speaks a language of the codebook", transform=ax.transAxes, ha="center")
        figure.suptitle(" ", fontsize=1)
    return figure


def _first(table: pd.DataFrame, key: tuple[str, str]) -> pd.Series:
    return table[(table["a"] == key[0]) & (table["language"] == key[1])].iloc[0]


def _dot(ax: Axes, row: pd.Series, y: float, how: style.PlotStyle) -> None:
    colour, marker = how
    if row["drawn"] == "yes":
        given = not pd.isna(row["ci_low"])
        if given:
            ax.plot([row["ci_low"], row["ci_high"]], [y, y], color=colour, linewidth=1.6)
        face = colour if given else "white"
        ax.plot(row["estimate"], y, marker=marker, markersize=5, color=colour, markerfacecolor=face, linestyle="none")
        text = f"{row['scored']:,} in {row['clusters']:,}" + (f"; {row['note']}" if row["note"] else "")
    else:
        text = f"too few: {row['scored']:,} in {row['clusters']:,}"
    ax.text(1.01, y, text, transform=ax.get_yaxis_transform(), fontsize=6.5, va="center", color=colour)


def _count(ax: Axes, row: pd.Series, y: float, x: float, how: style.PlotStyle) -> None:
    colour, marker = how
    across = ax.get_yaxis_transform()
    ax.plot(x - 0.03, y, marker=marker, markersize=4, color=colour, markerfacecolor="white", transform=across)
    text = f"{row['scored']:,} in {row['clusters']:,}"
    ax.text(x - 0.012, y, text, transform=across, fontsize=6.5, va="center", color=colour)


def _heading(ax: Axes, top: float, some: bool) -> None:  # noqa: FBT001
    which = "Not compared" if some else "Nothing to compare"
    text = f"{which}: fewer than two groups with {MIN_HITS} scored hits in {MIN_CLUSTERS} clusters. Hits in clusters:"
    ax.text(0.008, top + 0.8, text, transform=ax.get_yaxis_transform(), fontsize=7, va="center", bbox=_PLATE)
    ax.axhline(top, color=style.INK, linewidth=0.8)


def _dress(ax: Axes, table: pd.DataFrame, concepts: list[str], ticks: list[float], bottom: float) -> None:
    ax.set_yticks(ticks, [style.label(concept, 30) for concept in concepts])
    ax.set_ylim(max(bottom, 1.0), 0)
    ax.tick_params(axis="y", length=0)
    if table["estimate"].notna().any():
        ax.axvline(0, color=style.INK, linewidth=0.8, zorder=0)
        ax.margins(x=0.06)
        ax.text(1.01, 1.0, "scored hits in clusters", transform=ax.transAxes, fontsize=6.5, va="bottom")
    else:
        ax.set_xticks([])
        ax.set_xlim(0, 1)
    ax.set_xlabel(
        "colder than the reference   <   tone of the words around the concept (sd)   >   warmer than the reference",
        fontsize=8,
    )
    ax.set_title(_TITLE)


def _notes(table: pd.DataFrame) -> str:
    named = _BACKGROUND
    if len(table) and table["basis"].iloc[0] == "reference collection":
        references = sorted(set(zip(table["language"], table["references"], strict=True)))
        said = [f"{style.label(name, 40)} ({LANGUAGE_NAMES[code]})" for code, name in references if name]
        named = f"{', '.join(said) or 'the collection of each language'}; unit: the sd of its utterances"
    return (
        f"Reference (0): {named}.\n"
        "labMT over 8 words on each side of the concept, its own and masked words left out, averaged in an utterance.\n"
        f"Bar: 95 % interval. A dot needs {MIN_HITS} scored hits in {MIN_CLUSTERS} clusters; hollow: too few equal "
        "clusters for an interval.\nTone is no stance: mockery scores as warmth."
    )


def _handle(table: pd.DataFrame, key: tuple[str, str], how: style.PlotStyle) -> Line2D:
    first = _first(table, key)
    text = f"{first['label']}, {LANGUAGE_NAMES[key[1]]}"
    text += ": the concept's own company, compared with nobody" if first["vantage"] == REFERENCE else ""
    return Line2D(
        [], [], color=how.colour, marker=how.marker, markersize=5, linewidth=1.6, label=style.label(text, 120)
    )


def draw_contested_differences(table: pd.DataFrame) -> Figure:
    """Draw the largest differences in the tone around a concept.

    Parameters
    ----------
    table : pandas.DataFrame
        The second of `analysis.compare.contested.contested_tone`.

    """
    return draw_group_differences(table, "Tone around a concept")
