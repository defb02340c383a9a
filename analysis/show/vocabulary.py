"""Vocabulary: how much more often one group uses a word, against how often the word is used."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import textalloc
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from analysis.compare.groups import LANGUAGE_NAMES, Group
from analysis.show import style

_LABELLED = 16


def labelled(terms: pd.DataFrame, most: int = _LABELLED) -> pd.DataFrame:
    """Choose the terms to name, the same number on each side.

    Ranked by log-odds (shrunk by the prior). Where intervals could be given, only terms whose interval excludes 0;
    where they were all withheld, any term.
    """
    known = terms[terms["ci_low"].notna()]
    pool = terms if known.empty else known[(known["ci_low"] > 0) | (known["ci_high"] < 0)]
    ranked = pool.sort_values(["log_odds", "term"])
    low = ranked[ranked["log_odds"] < 0].head(most)
    high = ranked[ranked["log_odds"] > 0].tail(most)
    return pd.concat([low, high])


def draw_vocabulary(terms: pd.DataFrame, a: Group, b: Group, sizes: tuple[str, str], min_count: int) -> Figure:
    """Draw the (rounded) table of `analysis.compare.vocabulary.keyness`.

    Parameters
    ----------
    terms : pandas.DataFrame
    a, b : Group
        Above and below zero.
    sizes : tuple of str
        What each side rests on (words, utterances, clusters).
    min_count : int
        The declared vocabulary's threshold.

    """
    figure = style.new_figure(6.0)
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        frequency = (terms["n_a"] + terms["n_b"]).to_numpy(dtype=float)
        named = labelled(terms)
        ax.axhline(0, color=style.INK, linewidth=0.8)
        ax.scatter(frequency, terms["log_ratio"], s=6, color=style.FAINT, linewidths=0, rasterized=True)
        colours = [style.COLOURS[(a if value > 0 else b).vantage] for value in named["log_ratio"]]
        if a.vantage == b.vantage:
            colours = [style.INK if value > 0 else style.COLOURS[b.vantage] for value in named["log_ratio"]]
        x = (named["n_a"] + named["n_b"]).to_numpy(dtype=float)
        for at, low, high, colour in zip(x, named["ci_low"], named["ci_high"], colours, strict=True):
            if not np.isnan(low):
                ax.plot([at, at], [low, high], color=colour, linewidth=0.7, alpha=0.5)
        ax.scatter(x, named["log_ratio"], s=14, c=colours, linewidths=0, zorder=3)
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.margins(x=0.12, y=0.1)
        if terms.empty:  # a logarithmic axis cannot be drawn around nothing
            ax.set_xlim(min_count, 10 * min_count)
        ax.set_xlabel(f"occurrences of the term in both groups (at least {min_count})")
        ax.set_ylabel("log ratio: +1 is twice as frequent above, -1 below")
        above, below = (style.label(group.label, 70) for group in (a, b))
        title = f"{LANGUAGE_NAMES[a.language]} vocabulary: {above} (above)\nagainst {below} (below)"
        ax.set_title(title, fontsize=10)
        figure.supxlabel(f"Above: {sizes[0]}. Below: {sizes[1]}.\n{_what_is_named(terms, named)}", fontsize=7.5)
        if len(named):
            figure.canvas.draw()
            textalloc.allocate(
                ax,
                x,
                named["log_ratio"].to_numpy(),
                [style.label(term, 24) for term in named["term"]],
                x_scatter=x,
                y_scatter=named["log_ratio"].to_numpy(),
                textsize=8,
                textcolor=colours,
                linecolor=style.FAINT,
                linewidth=0.5,
                draw_all=True,
            )
    return figure


def _what_is_named(terms: pd.DataFrame, named: pd.DataFrame) -> str:
    if terms.empty:
        return "No term is frequent enough."
    if terms["ci_low"].isna().all():
        return "Named: the highest log-odds. Too few clusters for any interval: these are descriptions, not findings."
    if named.empty:
        return "No term's 95 % interval excludes 0."
    return "Named: the highest log-odds among terms whose 95 % cluster interval (bar, one term at a time) excludes 0."
