"""Keyness: how much more often one group uses a term than another, for all terms and for those that differ most."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import textalloc
import textalloc.candidates
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from analysis.compare.groups import LANGUAGE_NAMES
from analysis.compare.keyness import SIGNIFICANT, leading
from analysis.compare.pairings import PAIR
from analysis.digits import settled
from analysis.errors import plural
from analysis.show import lettering, naming, palette, style
from analysis.show.given import of_table

_LABELLED = 16
#: Area of a point in square points: this much, and this much more for each root of its clusters.
_AREA = (3.0, 1.6)
#: The wider frequencies spread (largest over smallest), the fewer ticks they get.
_WIDE, _TICKS = (10, 200), ((1, 2, 3, 4, 5, 6, 8), (1, 2, 5), (1, 3))
_KEY = (1, 10, 100, 1000)
_ROW = 0.165
#: Columns that a term may take; a Chinese character takes two.
_TERM = 20
_REACH = 14.0


def _pair(table: pd.DataFrame) -> dict[str, str]:
    """Return what names the pair of groups of a table, and the colours of its two sides."""
    first = table.iloc[0]
    sizes = {
        side: f"{first[f'tokens_{side}']:,} {{}}, {first[f'utterances_{side}']:,} utterances, "
        + naming.effective_size(
            first[f"group_clusters_{side}"], first[f"group_g_{side}"], first.get(f"units_{side}", "clusters")
        )
        for side in "ab"
    }
    return {key: first[key] for key in ("language", "label_a", "label_b", "min_count")} | sizes


def _colours(table: pd.DataFrame) -> list[str]:
    return palette.pair_colours([table.iloc[0][f"vantage_{side}"] for side in "ab"])


@of_table
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
    title = f"Which words set the two apart? {LANGUAGE_NAMES[pair['language']]}: {{}} (above), {{}} (below)".format(
        *(naming.group_name(pair[f"label_{side}"], 60) for side in "ab")
    )
    if terms.empty:
        return style.nothing_to_draw(f"{title}. {_no_term(pair)}")
    figure = style.new_figure(5.4)
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        named = leading(terms, _LABELLED)
        ax.axhline(0, color=style.INK, linewidth=0.8)
        found = terms["q"] < SIGNIFICANT
        shape = palette.marker(pair["language"])
        _points(ax, terms[~found], palette.FAINT, shape, zorder=2)
        for colour, above in zip(colours, (True, False), strict=True):
            _points(ax, terms[found & ((terms["log_ratio"] > 0) == above)], colour, shape, zorder=3)
        _frame(ax, terms, shape)
        what = what_is_named(terms, named, "Coloured: q < .05. Named" if found.any() else "Named")
        sizes = [pair[side].format("words") for side in "ab"]
        lettering.head(figure, title)
        lettering.foot(
            figure,
            f"Above: {sizes[0]}. Below: {sizes[1]}.",
            what,
            lettering.translated(pair["language"], named["term"]),
        )
        if len(named):
            _name(figure, ax, terms, named, colours)
    return figure


def _no_term(pair: dict[str, str]) -> str:
    return (
        f"No term occurs {plural(pair['min_count'], 'time')} in the two: more talk, or a lower min_count, would give "
        "this figure."
    )


@of_table
def draw_key_terms(table: pd.DataFrame, what: str = "words", most: int = style.MOST_ROWS) -> Figure:
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
    title = f"Which {what} set the two apart? {LANGUAGE_NAMES[pair['language']]}"
    if terms.empty:
        return style.nothing_to_draw(f"{title}. {_no_term(pair)}")
    drawn = leading(terms, most)
    if drawn.empty:
        return style.nothing_to_draw(f"{title}. {what_is_named(terms, drawn)}")
    rows = [drawn[drawn["log_ratio"] > 0], drawn[drawn["log_ratio"] < 0]]
    figure = style.new_figure(1.75 + _ROW * max(3, *map(len, rows)))
    with mpl.rc_context(style.rc()):
        axes = figure.subplots(1, 2)
        limits = drawn[["ci_low", "ci_high", "log_ratio"]].to_numpy(dtype=float)
        finite = np.abs(limits[np.isfinite(limits)])
        reach = min(1.05 * float(finite.max(initial=1.0)), _REACH)
        for ax, mine, side, colour, sign in zip(axes, rows, "ab", _colours(table), (1, -1), strict=True):
            _panel(ax, mine, colour, sign, reach, pair["language"])
            name = naming.group_name(pair[f"label_{side}"], 70)
            told = lettering.fold_to(f"more in {name}", 1.9, style.TEXT, 3)
            ax.set_title(told, loc="left" if side == "a" else "right")
        lettering.head(figure, title)
        filled = " Filled: q < .05." if terms["p"].notna().any() else ""
        absent = " Arrow: the other side lacks it, the interval is open." if np.isinf(limits).any() else ""
        given = drawn["ci_low"].notna().any()
        bars = f"Bars: 95 % intervals, one term at a time.{filled}{absent}" if given else ""
        units = lettering.units_of(terms)
        numbers = f"Right of each panel: occurrences there : elsewhere, in {units} there : elsewhere."
        sizes = [pair[side].format("words" if what == "words" else "pairs") for side in "ab"]
        more = lettering.in_csv(len(terms) - len(drawn), what.split(" ", maxsplit=1)[0].removesuffix("s"))
        if what == "words" and more:
            more = more.removesuffix(".") + " of the figure of all words."
        lettering.foot(
            figure,
            f"Left: {sizes[0]}. Right: {sizes[1]}.",
            what_is_named(terms, drawn, "Drawn"),
            f"{bars} {numbers}",
            lettering.translated(pair["language"], drawn["term"]),
            more,
        )
    return figure


def _points(ax: Axes, terms: pd.DataFrame, colour: str, shape: str, zorder: int) -> None:
    clusters = (terms["clusters_a"] + terms["clusters_b"]).to_numpy(dtype=float)
    frequency = (terms["n_a"] + terms["n_b"]).to_numpy(dtype=float)
    ax.scatter(
        frequency, terms["log_ratio"], s=_area(clusters), color=colour, alpha=0.7, linewidths=0, rasterized=True,
        zorder=zorder, marker=shape,
    )  # fmt: skip


def _area(clusters: np.ndarray) -> np.ndarray:
    return _AREA[0] + _AREA[1] * np.sqrt(clusters)


def _frame(ax: Axes, terms: pd.DataFrame, shape: str) -> None:
    ax.set_xscale("log")
    frequency = (terms["n_a"] + terms["n_b"]).to_numpy()
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    most, least = int(frequency.max()), int(frequency.min())
    ax.xaxis.set_major_locator(LogLocator(subs=_TICKS[int(np.searchsorted(_WIDE, most / least))]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.margins(x=0.12, y=0.12)
    ax.set_xlabel(lettering.axis("rarer", "more frequent", "occurrences of the term in both groups"))
    ax.set_ylabel(lettering.axis("more below", "more above", "log ratio (±1: twice as frequent)"))
    most = int((terms["clusters_a"] + terms["clusters_b"]).max())
    for size in (size for size in _KEY if size <= max(most, 1)):
        area = float(_area(np.array([size]))[0])
        ax.scatter([], [], s=area, marker=shape, color=palette.FAINT, linewidths=0, label=f"{size:,}")
    title = f"size: in how many {lettering.units_of(terms)} it occurs"
    ax.legend(loc="lower right", fontsize=style.SMALL, title=title, title_fontsize=style.SMALL)


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


def _name(figure: Figure, ax: Axes, terms: pd.DataFrame, named: pd.DataFrame, colours: list[str]) -> None:
    figure.draw_without_rendering()
    x, y = (named["n_a"] + named["n_b"]).to_numpy(dtype=float), named["log_ratio"].to_numpy()
    tested = terms["p"].notna().any()
    shades = [(colours[0] if value > 0 else colours[1]) if tested else style.INK for value in y]
    if not tested:
        ax.scatter(x, y, s=6, color=style.INK, linewidths=0, zorder=3, marker=palette.marker(terms["language"].iloc[0]))
    textalloc.allocate(
        ax,
        x,
        y,
        [lettering.glossed(term, terms["language"].iloc[0], 24) for term in named["term"]],
        x_scatter=x,
        y_scatter=y,
        textsize=style.TEXT,
        textcolor=shades,
        linecolor=palette.FAINT,
        linewidth=0.5,
        draw_all=True,
    )
    # Else a name that stands on grey points, or on the line at 0, cannot be read.
    for text in ax.texts:
        text.set_path_effects([withStroke(linewidth=1.6, foreground="white")])


def what_is_named(terms: pd.DataFrame, named: pd.DataFrame, names: str = "Named") -> str:
    """Say which terms a figure names, and what that is worth."""
    units = lettering.units_of(terms)
    if terms["p"].notna().any():
        fewest = min(terms[f"group_clusters_{side}"].iloc[0] for side in "ab")
        how = lettering.permuted(units, fewest)
        found, of = int((terms["q"] < SIGNIFICANT).sum()), plural(len(terms), "term")
        if named.empty:
            return f"None of {of} differs with q < .05 ({how}; Benjamini-Hochberg)."
        return (
            f"{found:,} of {of} {'has' if found == 1 else 'have'} q < .05 ({how}; Benjamini-Hochberg). "
            f"{names}: those whose interval stays farthest from 0."
        )
    if terms["ci_low"].notna().any():
        if named.empty:
            return f"Too few {units} for a p; no term's 95 % interval excludes 0."
        return (
            f"Too few {units} for a p. {names}: the farthest from 0 among terms whose 95 % interval (one term "
            "at a time) excludes 0."
        )
    return (
        f"Too few {units} for any interval or p: a description, not a finding.\n{names}: the highest log ratios of "
        f"terms in two {units} or more (or in one, where the side has one)."
    )


def _panel(ax: Axes, rows: pd.DataFrame, colour: str, sign: int, reach: float, language: str) -> None:
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
        ax.plot(
            [centre], [y], marker=palette.marker(language), markersize=4, color=colour, markerfacecolor=face, zorder=3
        )
    ax.set_yticks(range(len(rows)), [lettering.glossed(term, language, _TERM) for term in rows["term"]])
    ax.set_ylim(max(len(rows), 3) - 0.4, -0.6)
    ax.set_xlim(-0.25 * reach, 1.02 * reach)
    ax.set_xlabel(lettering.axis("less so", "more so", "log ratio (1: twice as frequent)"))
    ax.tick_params(axis="y", length=0)
    counts = ax.secondary_yaxis("right")
    counts.set_yticks(range(len(rows)), [_counts(row, sign) for row in rows.itertuples()], fontsize=style.SMALL)
    counts.tick_params(length=0, pad=8)
    counts.spines["right"].set_visible(False)
    if not len(rows):
        ax.text(0.5, 0.5, "none", transform=ax.transAxes, ha="center", va="center", color=palette.COLOURS["reference"])


def _counts(row: tuple, sign: int) -> str:
    """Write the occurrences on the side that has more and on the other, and the clusters that they lie in."""
    n, clusters = (row.n_a, row.n_b), (row.clusters_a, row.clusters_b)
    return "{:,} : {:,} in {:,} : {:,}".format(*n[::sign], *clusters[::sign])
