"""Keyness: how much more often one group uses a term than another, for all terms and for those that differ most."""

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

from analysis.compare.groups import LANGUAGE_NAMES, PAIR
from analysis.compare.keyness import SIGNIFICANT, leading
from analysis.digits import settled
from analysis.errors import plural
from analysis.show import style

_LABELLED = 16
#: Area of a point in square points: this much, and this much more for each root of its clusters.
_AREA = (3.0, 1.6)
#: The wider frequencies spread (largest over smallest), the fewer ticks they get.
_WIDE, _TICKS = (10, 200), ((1, 2, 3, 4, 5, 6, 8), (1, 2, 5), (1, 3))
_KEY = (1, 10, 100, 1000)
_ROW = 0.19
#: Columns that a term may take; a Chinese character takes two.
_TERM = 26
_REACH = 14.0


def _pair(table: pd.DataFrame) -> dict[str, str]:
    """Return what names the pair of groups of a table, and the colours of its two sides."""
    first = table.iloc[0]
    sizes = {
        side: f"{first[f'tokens_{side}']:,} {{}}, {first[f'utterances_{side}']:,} utterances, "
        + style.effective_size(first[f"group_clusters_{side}"], first[f"group_g_{side}"])
        for side in "ab"
    }
    return {key: first[key] for key in ("language", "label_a", "label_b", "min_count")} | sizes


def _colours(table: pd.DataFrame) -> tuple[str, str]:
    """Return the colours of the two sides; two groups of one vantage are told apart by ink."""
    first, second = (style.COLOURS[table.iloc[0][f"vantage_{side}"]] for side in "ab")
    return (style.INK, second) if first == second else (first, second)


def draw_keyness(table: pd.DataFrame) -> Figure:
    """Draw every term of one pair of groups: how much more often one uses it, against how often it is used.

    Parameters
    ----------
    table : pandas.DataFrame
        The rows of one pair of `analysis.compare.keyness.key_words`.

    """
    table = style.read_back(table, *PAIR)
    if table.empty:
        return style.nothing_to_draw()
    pair, colours = _pair(table), _colours(table)
    terms = table[table["term"] != ""]
    figure = style.new_figure(6.4)
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        named = leading(terms, _LABELLED)
        ax.axhline(0, color=style.INK, linewidth=0.8)
        found = terms["q"] < SIGNIFICANT
        _points(ax, terms[~found], style.FAINT, zorder=2)
        for colour, above in zip(colours, (True, False), strict=True):
            _points(ax, terms[found & ((terms["log_ratio"] > 0) == above)], colour, zorder=3)
        _frame(ax, terms, pair["min_count"])
        above, below = (style.label(pair[f"label_{side}"], 70) for side in "ab")
        title = f"{LANGUAGE_NAMES[pair['language']]} vocabulary: {above} (above)\nagainst {below} (below)"
        ax.set_title(title, fontsize=10)
        what = what_is_named(terms, named, "Coloured: q < .05. Named" if found.any() else "Named")
        sizes = [pair[side].format("words") for side in "ab"]
        figure.supxlabel(f"Above: {sizes[0]}.\nBelow: {sizes[1]}.\n{what}", fontsize=7.5)
        if len(named):
            _name(figure, ax, terms, named, colours)
    return figure


def draw_key_terms(table: pd.DataFrame, what: str = "words", most: int = 25) -> Figure:
    """Draw the terms that set one pair of groups apart most with their intervals, a's on the left, b's on the right.

    Parameters
    ----------
    table : pandas.DataFrame
        The rows of one pair of `analysis.compare.keyness.key_words` or ``key_pairs``.
    what : str
        What the terms are.
    most : int
        Terms of each side.

    """
    table = style.read_back(table, *PAIR)
    if table.empty:
        return style.nothing_to_draw()
    pair = _pair(table)
    terms = table[table["term"] != ""]
    drawn = leading(terms, most)
    rows = [drawn[drawn["log_ratio"] > 0], drawn[drawn["log_ratio"] < 0]]
    figure = style.new_figure(2.1 + _ROW * max(3, *map(len, rows)))
    with mpl.rc_context(style.rc()):
        axes = figure.subplots(1, 2)
        limits = drawn[["ci_low", "ci_high", "log_ratio"]].to_numpy(dtype=float)
        finite = np.abs(limits[np.isfinite(limits)])
        reach = min(1.05 * float(finite.max(initial=1.0)), _REACH)
        for ax, mine, side, colour, sign in zip(axes, rows, "ab", _colours(table), (1, -1), strict=True):
            _panel(ax, mine, colour, sign, reach)
            ax.set_title("\n".join(wrap(f"more in {style.label(pair[f'label_{side}'], 64)}", 40)), fontsize=8)
        title = f"{LANGUAGE_NAMES[pair['language']]} {what} that set the two apart"
        figure.suptitle(title, x=0.01, ha="left", fontsize=10)
        filled = " Filled: q < .05." if terms["p"].notna().any() else ""
        absent = " Arrow: the other side lacks it, the interval is open." if np.isinf(limits).any() else ""
        given = drawn["ci_low"].notna().any()
        bars = f"Bars: 95 % cluster intervals, one term at a time.{filled}{absent}" if given else ""
        numbers = "Right of each panel: occurrences there : elsewhere, in clusters there : elsewhere."
        sizes = [pair[side].format("words" if what == "words" else "pairs") for side in "ab"]
        notes = [f"Left: {sizes[0]}.\nRight: {sizes[1]}.", what_is_named(terms, drawn, "Drawn"), bars, numbers]
        figure.supxlabel("\n".join(note for note in notes if note), fontsize=7.5)
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
        label = plural(size, "cluster")
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
    """Say which terms a figure names, and what that is worth."""
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


def _panel(ax: Axes, rows: pd.DataFrame, colour: str, sign: int, reach: float) -> None:
    ax.axvline(0, color=style.INK, linewidth=0.8)
    for y, row in enumerate(rows.itertuples()):
        centre, low, high = (sign * value for value in (row.log_ratio, row.ci_low, row.ci_high))
        low, high = min(low, high), max(low, high)
        if not np.isnan(low):
            ends = np.clip([low, high], -0.25 * reach, reach)
            ax.plot(ends, [y, y], color=colour, linewidth=1)
            if np.isinf(high) or high > reach:
                ax.plot([reach], [y], marker=">", markersize=3.5, color=colour, clip_on=False)
        face = colour if row.q < SIGNIFICANT else "white"
        ax.plot([centre], [y], marker="o", markersize=4, color=colour, markerfacecolor=face, zorder=3)
    ax.set_yticks(range(len(rows)), [style.label(term, _TERM) for term in rows["term"]], fontsize=8)
    ax.set_ylim(max(len(rows), 3) - 0.4, -0.6)
    ax.set_xlim(-0.25 * reach, 1.02 * reach)
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
