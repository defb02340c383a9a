"""Contrasts side by side, with intervals; what is withheld is drawn hollow and says why."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.compare.contrasts import CONSTANT_NOTE
from analysis.compare.shares import OF_INTEREST_LOG2
from analysis.compare.statistics import OF_INTEREST
from analysis.digits import settled
from analysis.show import style

_BAND = "#EFEFEF"
_GAP = "#F3DDB3"
#: Units that are the same for every row.
_PER_UNIT = {"points": 100.0, "delta": 1.0, "ratio": 1.0}
#: For each unit its axis label, and half the width of the band of differences too small to matter.
PANELS = {
    "sd": ("standard deviations of the scores", OF_INTEREST["sd"]),
    "sd of reference collection": ("standard deviations of the reference collection", OF_INTEREST["sd"]),
    "sd of ordinary language": ("standard deviations of ordinary language", OF_INTEREST["sd"]),
    "delta": ("Cliff's delta, -1 to 1", OF_INTEREST["delta"]),
    "log2": ("log2 of the ratio of observed to expected; 1 is twice", OF_INTEREST_LOG2),
    "points": ("percentage points", OF_INTEREST["points"]),
    "ratio": ("log2 of the ratio, of shares under 10 %; 1 is twice", OF_INTEREST_LOG2),
}
#: A figure of contrasts holds so many, the largest; the table holds them all.
_MOST = 40


def draw_contrasts(
    table: pd.DataFrame, title: str, labels: Sequence[str], empty: str = "Nothing to compare."
) -> Figure:
    """Draw a contrasts table in units of its effects, a panel a unit.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.contrasts.finish`, with ``unit``. Rows with ``gap_low`` and ``gap_high`` get that band
        behind them; those judged by a ratio (``scale``) are drawn as such.
    title : str
    labels : sequence of str
        What stands beside each row.
    empty : str
        What to say if there is nothing to compare.

    """
    table = style.read_back(table).assign(row_label=list(labels))
    table = by_scale(table)
    panels = PANELS
    units = [unit for unit in panels if len(table) and (table["unit"] == unit).any()]
    sizes = [int((table["unit"] == unit).sum()) for unit in units]
    figure = style.new_figure(1.5 + 0.215 * max(sum(sizes), 1) + 0.75 * len(units), 9.5)
    with mpl.rc_context(style.rc()):
        lines = [style.label(line, 100) for line in title.split("\n")]
        figure.suptitle("\n".join(lines), x=0.01, ha="left", fontsize=10)
        if not units:
            ax = figure.subplots()
            ax.axis("off")
            ax.text(0.5, 0.5, empty, ha="center", va="center", wrap=True)
            return figure
        axes = figure.subplots(len(units), 1, squeeze=False, height_ratios=[size + 1.5 for size in sizes])[:, 0]
        for ax, unit in zip(axes, units, strict=True):
            _draw_panel(ax, table[table["unit"] == unit], *panels[unit])
        figure.supxlabel(
            "Bar: 95 % interval. Grey: too small to matter. Hollow: no interval, the reason beside. "
            "q: Benjamini-Hochberg over the table.\nG*: effective clusters of each side. "
            + ("Ochre: what the same comparison leaves on aligned text of one content." if "gap_low" in table else ""),
            fontsize=7.5,
        )
    return figure


def draw_group_differences(table: pd.DataFrame, title: str, among: pd.DataFrame | None = None) -> Figure:
    """Draw the contrasts of a table that have an estimate, the largest of each unit.

    What neither side mentions is no difference; half a hit added to each of two unequal sides would make it one.

    Parameters
    ----------
    table : pandas.DataFrame
        As of :func:`draw_contrasts`; ``measure``, ``a`` and ``b`` name its rows.
    title : str
    among : pandas.DataFrame, optional
        Those rows of the table that may be drawn; default: all.

    """
    given = style.read_back(table if among is None else among).dropna(subset=["effect"])
    given = given[given["note"] != CONSTANT_NOTE]
    seen = by_scale(given)
    size = pd.Series(settled(seen["effect"].abs()), index=seen.index)
    places = size.groupby(seen["unit"]).rank(method="first", ascending=False)
    drawn = given[places <= _MOST // max(seen["unit"].nunique(), 1)]
    some = f"\n{len(drawn)} of {len(table)} contrasts, the largest of those that can be given; all are in the CSV"
    labels = [f"{row.measure}: {row.a} - {row.b}".replace("_", " ") for row in drawn.itertuples()]
    whole = f"{title}: differences between groups{some if len(drawn) < len(table) else ''}"
    return draw_contrasts(drawn, whole, labels, "There are no two groups with enough of a concept to compare.")


def by_scale(table: pd.DataFrame) -> pd.DataFrame:
    """Turn the rows of a contrasts table that are judged by a ratio to it, with the unit ``ratio``, for drawing."""
    if "scale" not in table:  # means alone, which are not shares
        return table
    rare = table["scale"] == "ratio"
    new = {"estimate": "log_ratio", "effect": "log_ratio", "ci_low": "ratio_low", "ci_high": "ratio_high"}
    turned = {name: table[name].mask(rare, table[other].astype(float)) for name, other in new.items()}
    return table.assign(unit=table["unit"].mask(rare, "ratio"), **turned)


def _draw_panel(ax: Axes, table: pd.DataFrame, unit: str, of_interest: float) -> None:
    scales = _scales(table)
    drawn = pd.concat([table["effect"], table["ci_low"] * scales, table["ci_high"] * scales]).astype(float)
    # What is open at one end reaches beyond all others.
    limit = 1.3 * max(of_interest, *drawn.abs()[np.isfinite(drawn)], 0.0)
    rows = table.to_dict("records")
    ax.axvspan(-of_interest, of_interest, color=_BAND, zorder=0, linewidth=0)
    ax.axvline(0, color=style.INK, linewidth=0.8)
    for y, (row, scale) in enumerate(zip(rows, scales, strict=True)):
        if not pd.isna(row.get("gap_low", float("nan"))):
            ax.fill_between([row["gap_low"], row["gap_high"]], y - 0.38, y + 0.38, color=_GAP, linewidth=0, zorder=1)
        given = not pd.isna(row["ci_low"]) and not pd.isna(scale)
        if given:
            ends = np.clip([row["ci_low"] * scale, row["ci_high"] * scale], -limit, limit)
            ax.plot(ends, [y, y], color=style.INK, linewidth=1.4)
        face = style.INK if given else "white"
        ax.plot(row["effect"], y, marker="o", markersize=4.5, color=style.INK, markerfacecolor=face, zorder=3)
        text = f"{_test(row)}   G* {_size(row['g_a'])} / {_size(row['g_b'])}"
        ax.text(1.01, y, text, transform=ax.get_yaxis_transform(), fontsize=6.5, va="center")
    ax.set_yticks(range(len(rows)), [style.label(row["row_label"], 80) for row in rows], fontsize=7)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlabel(f"difference ({unit})", fontsize=8)


def _scales(table: pd.DataFrame) -> pd.Series:
    """Return how many units of the effect one of the estimate is.

    An estimate of exactly 0 does not tell, but its unit does, or the rows of the same instrument and weighting.
    """
    nothing = table["estimate"] == 0
    scales = (table["effect"] / table["estimate"].mask(nothing)).astype(float)
    known = table["unit"].map(_PER_UNIT)
    if {"instrument", "weighting"} <= set(table):
        known = known.fillna(scales.groupby([table["instrument"], table["weighting"]]).transform("first"))
    return scales.mask(nothing, known)


def _size(effective: float) -> str:
    return f"{effective:,.1f}" if effective < 10 else f"{effective:,.0f}"  # noqa: PLR2004


def _test(row: dict[str, object]) -> str:
    if pd.isna(row["q"]):
        return str(row["note"])
    return f"q = {row['q']:.2g}" if row["q"] >= 0.001 else "q < .001"  # noqa: PLR2004
