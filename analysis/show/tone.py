"""The tone of words by group: every utterance on the scale, differences, coverage, laughter and masking."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from analysis.compare.groups import LANGUAGE_NAMES, PAIR
from analysis.show import style
from analysis.show.contrasts import draw_contrasts

_ROW, _LINE = 0.21, 0.23
_BAND = 1.6
CAVEAT = "Tone of words, not stance: mockery can score as warmth. Group, platform and period coincide; see the grid."


def draw_tone(table: pd.DataFrame) -> Figure:
    """Draw the utterances of one language on the scale of one instrument.

    Parameters
    ----------
    table : pandas.DataFrame
        The rows of one instrument and language of `analysis.compare.tone.tone_scores`, or the CSV of such a figure.

    """
    table = style.read_back(table, "instrument", "language")
    if table.empty:
        return style.nothing_to_draw()
    first = table.iloc[0]
    scale, instrument = (first["scale_low"], first["scale_high"]), first["instrument"]
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
        ax.set_title(f"Tone of words in {LANGUAGE_NAMES[first['language']]} by group ({instrument})")
        figure.supxlabel(f"{marks}: mean and 95 % interval.\n{CAVEAT}", fontsize=7.5)
    return figure


def draw_tone_differences(table: pd.DataFrame) -> Figure:
    """Draw every statistic of one pair of groups of one language.

    Parameters
    ----------
    table : pandas.DataFrame
        The rows of one pair of `analysis.compare.tone.tone_differences`.

    """
    table = style.read_back(table, *PAIR)
    if table.empty:
        return style.nothing_to_draw()
    first = table.iloc[0]
    title = f"Tone of words in {LANGUAGE_NAMES[first['language']]}: {first['label_a']}\nminus {first['label_b']}"
    return draw_contrasts(
        table, title, table["instrument"] + ": " + table["statistic"] + " (" + table["weighting"] + ")"
    )


def draw_across_languages(table: pd.DataFrame) -> Figure:
    """Draw the lawful comparisons across languages beside what they leave on aligned text.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.tone.tone_across_languages`.

    """
    title = "Tone of words across languages: every lawful view (Chinese side minus English side)"
    empty = "No two groups of different languages have scores here: there is nothing to compare across languages."
    labels = [f"{r.a} (zh) - {r.b} (en): {r.instrument}, {r.view}" for r in table.itertuples()]
    return draw_contrasts(table, title, labels, empty)


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
            names.append(style.label(row["text"], 64))
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
        if len(bins):
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
    ax.set_ylim(-_BAND * max(len(means) - 1, 0) - 0.25, 1.35)
    ax.set_ylabel("share per bin", fontsize=8)


# Dots with intervals, a row a group -----------------------------------------------------------------------------------


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
        "Who laughs may laugh with somebody or at him: laughter stands beside the tone.\n"
        "What counts: data/laughter.csv."
    )
    return _draw_shares(table, axis, "How much of the talk laughs")


def _draw_shares(table: pd.DataFrame, axis: str, title: str) -> Figure:
    table = style.read_back(table[table["n_a"] > 0])
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
    table = style.read_back(table)
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
    figure = style.new_figure(1.5 + _LINE * max(len(table), 1), 9.5)
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
