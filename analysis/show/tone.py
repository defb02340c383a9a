"""Every utterance on the tone scale, by group: labelled dots for a few, densities for many."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from analysis.compare.groups import LANGUAGE_NAMES, Group
from analysis.digits import settled
from analysis.show import style

#: Up to this many utterances are drawn one by one, with their words.
FEW = 40
_BINS = 60
_ROW = 0.21
_BAND = 1.6
CAVEAT = "Tone of words, not stance: mockery can score as warmth. Group, platform and period coincide; see the grid."


def tone_rows(groups: list[Group], means: pd.DataFrame, instrument: str, scale: tuple[float, float]) -> pd.DataFrame:
    """Collect what the tone figure draws.

    Parameters
    ----------
    groups : list of Group
        Of one language; their rows carry ``text`` where there are few.
    means : pandas.DataFrame
        Of `analysis.compare.tone.tone_means`.
    instrument : str
    scale : tuple of float
        Lowest and highest possible score.

    Returns
    -------
    pandas.DataFrame
        ``part`` is ``mean`` (one a group), ``utterance`` (few) or ``density`` (many: one a bin).

    """
    out = []
    few = sum(len(group.rows) for group in groups) <= FEW
    for group in groups:
        base = {"group": group.name, "vantage": group.vantage, "label": group.label}
        scores = group.rows[instrument]
        for row in means[means["a"] == group.name].to_dict("records"):
            keys = ("estimate", "ci_low", "ci_high", "n_a", "clusters_a", "g_a", "note")
            out.append(
                {"part": "mean", **base, **{key: row[key] for key in keys}, "unscored": int(scores.isna().sum())}
            )
        if few:
            ordered = group.rows.sort_values([instrument, "utterance_id"])
            out += [
                {
                    "part": "utterance",
                    **base,
                    "utterance_id": row["utterance_id"],
                    "text": style.label(row["text"], 64),
                    "estimate": row[instrument],
                    "units": row[f"{instrument}_n"],
                }
                for row in ordered.to_dict("records")
            ]
        elif scores.notna().any():
            edges = settled(np.linspace(*scale, _BINS + 1))
            counts, _ = np.histogram(settled(scores.dropna()), bins=edges)
            for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True):
                share = count / counts.sum()
                out.append({"part": "density", **base, "bin_low": low, "bin_high": high, "share": share})
    names = [
        "part",
        "group",
        "vantage",
        "label",
        "estimate",
        "ci_low",
        "ci_high",
        "n_a",
        "unscored",
        "clusters_a",
        "g_a",
    ]
    more = ["utterance_id", "text", "units"] if few else ["bin_low", "bin_high", "share"]
    table = pd.DataFrame(out).reindex(columns=[*names, *more, "note"])
    for name in {"n_a", "unscored", "clusters_a", "units"} & set(table.columns):
        table[name] = table[name].astype("Int64")
    return style.rounded(table)


def draw_tone(table: pd.DataFrame, instrument: str, language: str, scale: tuple[float, float]) -> Figure:
    """Draw the rows of :func:`tone_rows`."""
    few = (table["part"] == "utterance").any()
    means = table[table["part"] == "mean"]
    height = 1.5 + (_ROW * (len(table) + 1.5 * len(means)) if few else 1.15 * len(means))
    figure = style.new_figure(max(height, 2.4))
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        (_draw_few if few else _draw_many)(ax, table, means, scale)
        middle = (scale[0] + scale[1]) / 2
        ax.axvline(middle, color=style.FAINT, linewidth=0.8, zorder=0)
        marks = "Dot: an utterance. Cross: no scored word. Line and band" if few else "Dot and bar"
        ax.set_xlabel(f"{instrument} score, {scale[0]:g} (cold) to {scale[1]:g} (warm)", fontsize=8)
        ax.set_title(f"Tone of words in {LANGUAGE_NAMES[language]} by group ({instrument})")
        figure.supxlabel(f"{marks}: mean and 95 % interval.\n{CAVEAT}", fontsize=7.5)
    return figure


def _head(row: dict[str, object]) -> str:
    counts = f"{row['n_a']:,} utterances scored, {row['unscored']:,} without a scored word; "
    counts += f"{style.effective_size(row['clusters_a'], row['g_a'])}; mean {row['estimate']:.3g}"
    note = f"; {row['note']}" if row["note"] else ""
    return style.label(str(row["label"]), 100) + "\n" + counts + note


def _draw_few(ax: Axes, table: pd.DataFrame, means: pd.DataFrame, scale: tuple[float, float]) -> None:
    y, ticks, names = 0.0, [], []
    across = blended_transform_factory(ax.figure.transFigure, ax.transData)
    edge = scale[0] - 0.04 * (scale[1] - scale[0])
    for mean in means.to_dict("records"):
        colour = style.COLOURS[str(mean["vantage"])]
        rows = table[(table["part"] == "utterance") & (table["group"] == mean["group"])]
        head = ax.text(0.02, y, _head(mean), transform=across, fontsize=8, color=colour, va="center")
        head.set_in_layout(False)
        y += 0.6
        top = y + 0.5
        for row in rows.to_dict("records"):
            y += 1
            ticks.append(y)
            names.append(row["text"])
            if pd.isna(row["estimate"]):
                ax.plot(edge, y, marker="x", color=style.FAINT, markersize=4)
            else:
                ax.plot([scale[0], scale[1]], [y, y], color="#EEEEEE", linewidth=0.6, zorder=0)
                ax.plot(row["estimate"], y, marker="o", color=colour, markersize=5)
        ax.plot([mean["estimate"]] * 2, [top, y + 0.4], color=colour, linewidth=1.4, alpha=0.8)
        if not pd.isna(mean["ci_low"]):
            ax.fill_betweenx([top, y + 0.4], mean["ci_low"], mean["ci_high"], color=colour, alpha=0.12, linewidth=0)
        y += 1.9
    ax.set_yticks(ticks, names, fontsize=7)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(y - 1.0, -0.9)
    ax.set_xlim(edge - 0.02 * (scale[1] - scale[0]), scale[1] + 0.02 * (scale[1] - scale[0]))
    ax.spines["left"].set_visible(False)


def _draw_many(ax: Axes, table: pd.DataFrame, means: pd.DataFrame, scale: tuple[float, float]) -> None:
    highest = table["share"].max()
    for i, mean in enumerate(means.to_dict("records")):
        colour, base = style.COLOURS[str(mean["vantage"])], -_BAND * i
        bins = table[(table["part"] == "density") & (table["group"] == mean["group"])]
        edges = [*bins["bin_low"], bins["bin_high"].iloc[-1]]
        ax.stairs(base + bins["share"] / highest, edges, baseline=base, fill=True, color=colour, alpha=0.45)
        ax.plot(mean["estimate"], base - 0.09, marker="o", color=colour, markersize=5)
        if not pd.isna(mean["ci_low"]):
            ax.plot([mean["ci_low"], mean["ci_high"]], [base - 0.09] * 2, color=colour, linewidth=2)
        where = {"transform": ax.get_yaxis_transform(), "fontsize": 8, "color": colour, "va": "top"}
        ax.text(0, base + 1.28, _head(mean), **where).set_in_layout(False)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlim(*scale)
    ax.set_ylim(-_BAND * (len(means) - 1) - 0.25, 1.35)
    ax.set_ylabel("share per bin", fontsize=8)
