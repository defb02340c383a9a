"""Dots with intervals, a row a group: how much was scored, and what masking topic words changes."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.compare.groups import LANGUAGE_NAMES
from analysis.show import style

_ROW = 0.23


def draw_coverage(table: pd.DataFrame) -> Figure:
    """Draw the (rounded) table of `analysis.compare.tone.coverage`: what share of each group could be scored."""
    axis = (
        "utterances with a scored unit (%), with 95 % interval\n"
        "What is not scored is missing from the tone, never neutral."
    )
    return _draw_shares(table, axis, "How much of the talk each instrument reads")


def draw_laughter(table: pd.DataFrame) -> Figure:
    """Draw the same of laughter: what share of each group's utterances laugh."""
    axis = (
        "utterances that laugh (%), with 95 % interval\n"
        "Who laughs may laugh with somebody or at him: laughter stands beside the tone. What counts: data/laughter.csv."
    )
    return _draw_shares(table, axis, "How much of the talk laughs")


def _draw_shares(table: pd.DataFrame, axis: str, title: str) -> Figure:
    table = table[table["n_a"] > 0]
    with mpl.rc_context(style.rc()):
        figure, ax = _rows(table, "instrument")
        for y, row in enumerate(table.to_dict("records")):
            colour = style.COLOURS[row["vantage"]]
            _interval(ax, y, (100 * row["ci_low"], 100 * row["ci_high"]), colour)
            ax.plot(100 * row["estimate"], y, marker="o", markersize=5, color=colour, clip_on=False)
            units = "" if pd.isna(row["units"]) else f", {row['units']:.1f} units each"
            text = f"{row['scored']:,} of {row['n_a']:,}{units}" + (f"; {row['note']}" if row["note"] else "")
            ax.text(1.02, y, text, transform=ax.get_yaxis_transform(), fontsize=7, va="center")
        ax.set_xlim(0, 100)
        ax.set_xlabel(axis, fontsize=8)
        ax.set_title(title)
    return figure


def draw_masking(table: pd.DataFrame) -> Figure:
    """Draw the (rounded) table of `analysis.compare.tone.masking`: each mean with and without topic words."""
    with mpl.rc_context(style.rc()):
        figure, ax = _rows(table, "instrument")
        ax.axvline(0, color=style.INK, linewidth=0.8)
        for y, row in enumerate(table.to_dict("records")):
            colour = style.COLOURS[row["vantage"]]
            scale = row["effect"] / row["estimate"] if row["estimate"] else float("nan")
            _interval(ax, y, (row["ci_low"] * scale, row["ci_high"] * scale), colour)
            face = "white" if pd.isna(row["ci_low"]) else colour
            ax.plot(row["effect"], y, marker="o", markersize=5, color=colour, markerfacecolor=face)
            text = f"{row['unmasked']:.3g} → {row['masked']:.3g}"
            text += "; few clusters: no interval" if pd.isna(row["ci_low"]) and row["estimate"] else ""
            ax.text(1.02, y, text, transform=ax.get_yaxis_transform(), fontsize=7, va="center")
        ax.set_xlabel(
            "mean with topic words masked minus mean with them scored (sd of the scores), 95 % interval\n"
            "Beside: mean unmasked → masked. The masked words and why: data/masks.csv.",
            fontsize=8,
        )
        ax.set_title("What masking names, titles and topic words changes")
    return figure


def _rows(table: pd.DataFrame, by: str) -> tuple[Figure, Axes]:
    figure = style.new_figure(1.5 + _ROW * max(len(table), 1), 9.5)
    ax = figure.subplots()
    names = [
        style.label(f"{row[by]}, {LANGUAGE_NAMES[row['language']]}: {row['label']}", 78)
        for row in table.to_dict("records")
    ]
    ax.set_yticks(range(len(names)), names, fontsize=7.5)
    ax.set_ylim(max(len(names), 1) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    for y in range(len(names)):
        ax.axhline(y, color="#F0F0F0", linewidth=0.6, zorder=0)
    return figure, ax


def _interval(ax: Axes, y: float, ends: tuple[float, float], colour: str) -> None:
    if not any(map(pd.isna, ends)):
        ax.plot(ends, [y, y], color=colour, linewidth=1.6)
