"""Contrasts side by side, with intervals; what is withheld is drawn hollow and says why."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from analysis.show import style


def draw_contrasts(table: pd.DataFrame, title: str, unit: str, of_interest: float) -> Figure:
    """Draw a (rounded) contrasts table in units of its effect.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.contrasts.finish`.
    title, unit : str
    of_interest : float
        Half the width of the band of differences too small to matter.

    """
    rows = table.assign(scale=_scales(table)).to_dict("records")
    figure = style.new_figure(1.6 + 0.24 * max(len(rows), 1), 9.0)
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        ax.axvspan(-of_interest, of_interest, color="#F0F0F0", zorder=0, linewidth=0)
        ax.axvline(0, color=style.INK, linewidth=0.8)
        names = []
        for y, row in enumerate(rows):
            names.append(style.label(f"{row['measure']}: {row['a']} - {row['b']}".replace("_", " "), 70))
            scale = row["scale"]
            given = not pd.isna(row["ci_low"]) and not pd.isna(scale)
            if given:
                ax.plot([row["ci_low"] * scale, row["ci_high"] * scale], [y, y], color=style.INK, linewidth=1.5)
            face = style.INK if given else "white"
            ax.plot(row["effect"], y, marker="o", markersize=5, color=style.INK, markerfacecolor=face)
            q = "" if pd.isna(row["q"]) else f"q = {row['q']:.2g}" if row["q"] >= 0.001 else "q < .001"  # noqa: PLR2004
            text = f"{q or row['note']}   G* {row['g_a']:.0f} / {row['g_b']:.0f}"
            ax.text(1.01, y, text, transform=ax.get_yaxis_transform(), fontsize=7, va="center")
        ax.set_yticks(range(len(names)), names, fontsize=7.5)
        ax.set_ylim(max(len(rows), 1) - 0.4, -0.6)
        ax.set_xlabel(
            f"difference ({unit}), 95 % interval; grey: too small to matter; hollow: no interval, the reason beside\n"
            "q: Benjamini-Hochberg over this table; G*: how many equal clusters each side is worth",
            fontsize=8,
        )
        ax.set_title(title)
        if not rows:
            ax.text(0.5, 0.5, "no two groups share a language", transform=ax.transAxes, ha="center", va="center")
    return figure


def _scales(table: pd.DataFrame) -> pd.Series:
    """Return how many units of the effect one of the estimate is.

    An estimate of exactly 0 does not tell; where all others agree (shares are in points), theirs is taken.
    """
    nothing = table["estimate"] == 0
    scales = (table["effect"] / table["estimate"].mask(nothing)).astype(float)
    alike = scales.max() - scales.min() <= 1e-6 * scales.max()
    return scales.mask(nothing, scales.max()) if alike else scales
