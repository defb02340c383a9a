"""Keyness: how much more often one group uses a term, against its frequency; and the terms that part two groups."""

from __future__ import annotations

from textwrap import wrap

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
#: Of the figure of key terms: a row's height, columns that a term may take (a Chinese character takes two), and the
#: axis at most.
_ROW, _TERM, _LIMIT = 0.19, 26, 14.0


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


def draw_key_terms(
    terms: pd.DataFrame, drawn: pd.DataFrame, a: Group, b: Group, sizes: tuple[str, str], what: str = "words"
) -> Figure:
    """Draw terms with their intervals, a's on the left and b's on the right.

    Parameters
    ----------
    terms : pandas.DataFrame
        The (rounded) table of `analysis.compare.keyness.keyness`.
    drawn : pandas.DataFrame
        The rows to draw, of `analysis.compare.keyness.leading`.
    a, b : Group
    sizes : tuple of str
        What each side rests on.
    what : str
        What the terms are.

    """
    rows = [drawn[drawn["log_ratio"] > 0], drawn[drawn["log_ratio"] < 0]]
    figure = style.new_figure(2.1 + _ROW * max(3, *map(len, rows)))
    with mpl.rc_context(style.rc()):
        axes = figure.subplots(1, 2)
        limits = drawn[["ci_low", "ci_high", "log_ratio"]].to_numpy(dtype=float)
        finite = np.abs(limits[np.isfinite(limits)])
        limit = min(1.05 * float(finite.max(initial=1.0)), _LIMIT)
        sides = zip(axes, rows, (a, b), side_colours(a, b), (1, -1), strict=True)
        for ax, mine, group, colour, sign in sides:
            _panel(ax, mine, colour, sign, limit)
            ax.set_title("\n".join(wrap(f"more in {style.label(group.label, 64)}", 40)), fontsize=8)
        figure.suptitle(f"{LANGUAGE_NAMES[a.language]} {what} that set the two apart", x=0.01, ha="left", fontsize=10)
        filled = " Filled: q < .05." if terms["p"].notna().any() else ""
        absent = " Arrow: the other side lacks it, the interval is open." if np.isinf(limits).any() else ""
        given = drawn["ci_low"].notna().any()
        bars = f"Bars: 95 % cluster intervals, one term at a time.{filled}{absent}" if given else ""
        numbers = "Right of each panel: occurrences there : elsewhere, in clusters there : elsewhere."
        rests = f"Left: {sizes[0]}.\nRight: {sizes[1]}."
        notes = [rests, what_is_named(terms, drawn, "Drawn"), bars, numbers]
        figure.supxlabel("\n".join(note for note in notes if note), fontsize=7.5)
    return figure


def _panel(ax: Axes, rows: pd.DataFrame, colour: str, sign: int, limit: float) -> None:
    ax.axvline(0, color=style.INK, linewidth=0.8)
    for y, row in enumerate(rows.itertuples()):
        centre, low, high = (sign * value for value in (row.log_ratio, row.ci_low, row.ci_high))
        low, high = min(low, high), max(low, high)
        if not np.isnan(low):
            ends = np.clip([low, high], -0.25 * limit, limit)
            ax.plot(ends, [y, y], color=colour, linewidth=1)
            if np.isinf(high) or high > limit:
                ax.plot([limit], [y], marker=">", markersize=3.5, color=colour, clip_on=False)
        face = colour if row.q < SIGNIFICANT else "white"
        ax.plot([centre], [y], marker="o", markersize=4, color=colour, markerfacecolor=face, zorder=3)
    ax.set_yticks(range(len(rows)), [style.label(term, _TERM) for term in rows["term"]], fontsize=8)
    ax.set_ylim(max(len(rows), 3) - 0.4, -0.6)
    ax.set_xlim(-0.25 * limit, 1.02 * limit)
    ax.set_xlabel("log ratio: 1 is twice as frequent, 2 four times", fontsize=8)
    ax.tick_params(axis="y", length=0)
    counts = ax.secondary_yaxis("right")
    counts.set_yticks(range(len(rows)), [_counts(row, sign) for row in rows.itertuples()], fontsize=6.5)
    counts.tick_params(length=0, pad=8)
    counts.spines["right"].set_visible(False)
    if not len(rows):
        ax.text(0.5, 0.5, "none", transform=ax.transAxes, ha="center", va="center", color=style.COLOURS["reference"])


def _counts(row: tuple, sign: int) -> str:
    """Write the occurrences on the side that has more and on the other, and the clusters that they lie in."""
    n, clusters = (row.n_a, row.n_b), (row.clusters_a, row.clusters_b)
    return "{:,} : {:,} in {:,} : {:,}".format(*n[::sign], *clusters[::sign])
