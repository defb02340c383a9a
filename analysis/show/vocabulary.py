"""Vocabulary: how much more often one group uses a term, against how often the term is used."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import textalloc
import textalloc.candidates
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from analysis.compare.groups import LANGUAGE_NAMES, Group
from analysis.compare.keyness import SIGNIFICANT, leading
from analysis.digits import settled
from analysis.show import style

_LABELLED = 16
#: Area of a point in square points: this much, and this much more for each root of its clusters.
_AREA = (3.0, 1.6)
#: The wider frequencies spread (largest over smallest), the fewer ticks they get.
_WIDE, _TICKS = (10, 200), ((1, 2, 3, 4, 5, 6, 8), (1, 2, 5), (1, 3))
_KEY = (1, 10, 100, 1000)


def side_colours(a: Group, b: Group) -> tuple[str, str]:
    """Return the colours of the two sides; two groups of one vantage are told apart by ink."""
    first, second = style.COLOURS[a.vantage], style.COLOURS[b.vantage]
    return (style.INK, second) if first == second else (first, second)


def draw_vocabulary(terms: pd.DataFrame, a: Group, b: Group, sizes: tuple[str, str], min_count: int) -> Figure:
    """Draw the (rounded) table of `analysis.compare.keyness.keyness`.

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
    figure = style.new_figure(6.4)
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        named = leading(terms, _LABELLED)
        colours = side_colours(a, b)
        ax.axhline(0, color=style.INK, linewidth=0.8)
        found = terms["q"] < SIGNIFICANT
        _points(ax, terms[~found], style.FAINT, zorder=2)
        for colour, above in zip(colours, (True, False), strict=True):
            _points(ax, terms[found & ((terms["log_ratio"] > 0) == above)], colour, zorder=3)
        _frame(ax, terms, min_count)
        above, below = (style.label(group.label, 70) for group in (a, b))
        ax.set_title(f"{LANGUAGE_NAMES[a.language]} vocabulary: {above} (above)\nagainst {below} (below)", fontsize=10)
        what = what_is_named(terms, named, "Coloured: q < .05. Named" if found.any() else "Named")
        figure.supxlabel(f"Above: {sizes[0]}.\nBelow: {sizes[1]}.\n{what}", fontsize=7.5)
        if len(named):
            _name(figure, ax, terms, named, colours)
    return figure


def _points(ax: Axes, terms: pd.DataFrame, colour: str, zorder: int) -> None:
    clusters = (terms["clusters_a"] + terms["clusters_b"]).to_numpy(dtype=float)
    frequency = (terms["n_a"] + terms["n_b"]).to_numpy(dtype=float)
    ax.scatter(
        frequency, terms["log_ratio"], s=_area(clusters), color=colour, alpha=0.7, linewidths=0, rasterized=True,
        zorder=zorder,
    )  # fmt: skip


def _area(clusters: np.ndarray) -> np.ndarray:
    return _AREA[0] + _AREA[1] * np.sqrt(clusters)


def _frame(ax: Axes, terms: pd.DataFrame, min_count: int) -> None:
    ax.set_xscale("log")
    frequency = (terms["n_a"] + terms["n_b"]).to_numpy()
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    most, least = (int(end) for end in (frequency.max(), frequency.min())) if len(terms) else (10, 1)
    ax.xaxis.set_major_locator(LogLocator(subs=_TICKS[int(np.searchsorted(_WIDE, most / least))]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.margins(x=0.12, y=0.12)
    if terms.empty:  # a logarithmic axis cannot be drawn around nothing
        ax.set_xlim(min_count, 10 * min_count)
    ax.set_xlabel(f"occurrences of the term in both groups (at least {min_count})")
    ax.set_ylabel("log ratio: +1 is twice as frequent above, -1 below")
    most = int((terms["clusters_a"] + terms["clusters_b"]).max()) if len(terms) else 0
    for size in (size for size in _KEY if size <= max(most, 1)):
        label = f"{size:,} cluster{'' if size == 1 else 's'}"
        ax.scatter([], [], s=float(_area(np.array([size]))[0]), color=style.FAINT, linewidths=0, label=label)
    ax.legend(loc="lower right", fontsize=7, title="in how many clusters", title_fontsize=7)


class _Stable:
    """numpy for textalloc, which sorts the places beside a point by their distance.

    Many are equally far, and in which order an unstable sort leaves those depends on the processor.
    """

    def __getattr__(self, name: str) -> object:
        return getattr(np, name)

    @staticmethod
    def argsort(values: np.ndarray) -> np.ndarray:
        return np.argsort(settled(values), kind="stable")


textalloc.candidates.np = _Stable()


def _name(figure: Figure, ax: Axes, terms: pd.DataFrame, named: pd.DataFrame, colours: tuple[str, str]) -> None:
    figure.canvas.draw()
    x, y = (named["n_a"] + named["n_b"]).to_numpy(dtype=float), named["log_ratio"].to_numpy()
    tested = terms["p"].notna().any()
    shades = [(colours[0] if value > 0 else colours[1]) if tested else style.INK for value in y]
    if not tested:
        ax.scatter(x, y, s=6, color=style.INK, linewidths=0, zorder=3)
    textalloc.allocate(
        ax,
        x,
        y,
        [style.label(term, 24) for term in named["term"]],
        x_scatter=x,
        y_scatter=y,
        textsize=8,
        textcolor=shades,
        linecolor=style.FAINT,
        linewidth=0.5,
        draw_all=True,
    )


def what_is_named(terms: pd.DataFrame, named: pd.DataFrame, names: str = "Named") -> str:
    """Say which terms a figure names, and how sure that is."""
    if terms.empty:
        return "No term is frequent enough."
    if terms["p"].notna().any():
        found, of = int((terms["q"] < SIGNIFICANT).sum()), f"{len(terms):,} terms"
        if named.empty:
            return f"None of {of} differs with q < .05 (clusters permuted, Benjamini-Hochberg)."
        return (
            f"{found:,} of {of} have q < .05 (clusters permuted, Benjamini-Hochberg). "
            f"{names}: those whose interval stays farthest from 0."
        )
    if terms["ci_low"].notna().any():
        if named.empty:
            return "Too few clusters for a p; no term's 95 % interval excludes 0."
        return (
            f"Too few clusters for a p. {names}: the farthest from 0 among terms whose 95 % cluster interval (one term "
            "at a time) excludes 0."
        )
    return (
        f"Too few clusters for any interval or p: a description, not a finding.\n{names}: the highest log ratios of "
        "terms in two clusters or more (or in one, where the side has one)."
    )
