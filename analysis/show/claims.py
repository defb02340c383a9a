"""Claims and their verdicts, on one axis: multiples of the smallest effect of interest."""

from __future__ import annotations

import textwrap

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.show import style

_ROW = 0.8
_WIDTH = 12.0
#: The axis reaches at least and at most so far; what lies beyond stands at the edge.
_LEAST, _MOST = 2.5, 10.0
_SMALL = 7.0
_BAND = "#EFEFEF"
_GAP = "#F3DDB3"
_NUMBERS = ("effect", "ci_low", "ci_high", "low_90", "high_90", "gap_low", "gap_high")


def draw_claims(table: pd.DataFrame) -> Figure:
    """Draw every claim with its verdict and its specifications: a row a claim.

    The axis is signed by the claim, so that right is as claimed, and divided by the claim's smallest effect of
    interest, so that points and standard deviations share it. A claim that could not be tested shows what would
    decide it in place of a number.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.claims.claim_rows`.

    """
    table = style.read_back(table)
    verdicts, specifications = (table[table["row"] == row] for row in ("claim", "specification"))
    rows = verdicts.to_dict("records")
    drawn = {row["id"]: _multiples(row, specifications) for row in rows if row["verdict"] != "untestable"}
    limit = max([_LEAST, *(np.abs(values).max() for values in drawn.values())])
    limit = min(1.05 * limit, _MOST)
    figure = style.new_figure(1.5 + _ROW * max(len(rows), 1), _WIDTH)
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        for y, row in enumerate(rows):
            if y:
                ax.axhline(y - 0.5, color="#E4E4E4", linewidth=0.6, zorder=0)
            if row["id"] in drawn:
                _draw_tested(ax, y, np.clip(drawn[row["id"]], -limit, limit))
            else:
                text = _wrap(f"Would decide it: {row['needs']}", 64 if drawn else 92, 4)
                ax.text(0.5, y, text, transform=ax.get_yaxis_transform(), fontsize=_SMALL, ha="center", va="center")
            verdict = _wrap(f"{row['verdict']}: {row['reason']}", 64, 2)
            told = _told(row)
            tall = 0.19 * (1 + verdict.count("\n"))
            top = y - (tall + (0.16 * (1 + told.count("\n")) if told else 0)) / 2
            ax.text(1.015, top, verdict, transform=ax.get_yaxis_transform(), fontsize=8.5, va="top")
            ax.text(1.015, top + tall, told, transform=ax.get_yaxis_transform(), fontsize=_SMALL, va="top")
        ax.set_yticks(range(len(rows)), [_wrap(f"{row['id']}. {row['claim']}", 46, 3) for row in rows], fontsize=8)
        ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
        ax.set_xlim(-limit, limit)
        ax.tick_params(axis="y", length=0)
        ax.set_title(_title(verdicts))
        if drawn:
            ax.set_xlabel(
                "effect, in multiples of the smallest effect of interest (5 points; for shares under 10 % a ratio of "
                "1.5; 0.2 sd); right: as claimed\n"
                "Dot and bar: the headline with its 95 % interval (thick: 90 %). Ticks: the estimates of all "
                "specifications. Grey: too small to matter.\nOchre: what the same comparison across languages leaves "
                "on aligned text. What reaches beyond the axis stands at its edge, in full in the table.\n"
                "The difference is between the collections that stand here, not between peoples.",
                fontsize=7.5,
            )
        else:
            ax.set_xticks([])
            ax.spines["bottom"].set_visible(False)
            ax.set_xlabel("No claim can be tested on this corpus: there is no number to draw.", fontsize=8)
    return figure


def _multiples(row: dict[str, object], specifications: pd.DataFrame) -> np.ndarray:
    """Return :data:`_NUMBERS` and all specifications, signed as claimed, in multiples of the smallest effect."""
    mine = specifications[(specifications["id"] == row["id"]) & (specifications["counted"].astype(str) == "True")]
    values = [row[key] for key in _NUMBERS]
    sign = 1.0 if row["direction"] == "higher" else -1.0
    return sign * np.array([*values, *mine["effect"]], dtype=float) / row["smallest"]


def _draw_tested(ax: Axes, y: int, values: np.ndarray) -> None:
    middle, low, high, low_90, high_90, gap_low, gap_high = values[: len(_NUMBERS)]
    ax.fill_between([-1, 1], y - 0.5, y + 0.5, color=_BAND, linewidth=0, zorder=-1)
    ax.fill_between([gap_low, gap_high], y - 0.15, y + 0.15, color=_GAP, linewidth=0, zorder=0)
    ax.plot([0, 0], [y - 0.5, y + 0.5], color=style.INK, linewidth=0.8, zorder=1)
    ax.plot([low, high], [y, y], color=style.INK, linewidth=1.0, zorder=2)
    ax.plot([low_90, high_90], [y, y], color=style.INK, linewidth=2.6, zorder=2, solid_capstyle="butt")
    ax.plot(middle, y, marker="o", markersize=6, color=style.INK, zorder=3, clip_on=False)
    ticks = values[len(_NUMBERS) :]
    ax.plot(ticks, np.full(len(ticks), y + 0.25), marker="|", markersize=7, color="#666666", linestyle="none", zorder=2)


def _told(row: dict[str, object]) -> str:
    """Say what the verdict rests on; of an untestable claim only its counts are told, if there are any."""
    lines = []
    if row["verdict"] != "untestable":
        names = " minus ".join(style.label(str(row[side]), 30) for side in ("a", "b"))
        ends = f"[{row['ci_low']:+.2g}, {row['ci_high']:+.2g}]".replace("inf", "∞")
        p = "p < .001" if row["p_holm"] < 0.001 else f"p = {row['p_holm']:.2g}"  # noqa: PLR2004
        lines.append(f"{names}: {row['effect']:+.2g} {row['unit']} {ends}")
        lines.append(f"{row['analysis']}; joint {p} (Holm) of {row['specifications']} specifications")
    if not pd.isna(row["n_a"]):
        for side in "ab":
            size = style.effective_size(row[f"clusters_{side}"], row[f"g_{side}"])
            collections = style.label(str(row[f"collections_{side}"]), 60)
            lines.append(f"n {row[f'n_{side}']:,} in {size}, {collections}")
    return "\n".join(lines)


def _title(verdicts: pd.DataFrame) -> str:
    counts = verdicts["verdict"].value_counts()
    words = ("supported", "contradicted", "negligible", "undecided", "untestable")
    told = ", ".join(f"{counts[word]} {word}" for word in words if word in counts)
    return f"The seeds' claims, held against this corpus: {told}" if told else "There are no claims"


def _wrap(text: str, width: int, most: int) -> str:
    return textwrap.fill(style.label(text, width * most), width, max_lines=most, placeholder=" …")
