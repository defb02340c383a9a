"""Corrected estimates, dark, beside what would have been said without codes, light."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.compare.contrasts import cause
from analysis.compare.groups import plain_name
from analysis.digits import settled
from analysis.show import lettering, palette, style
from analysis.show.given import of_table

#: For each unit how much one of its numbers is on the axis, what the axis is called, and where it leads to.
_AXES = {
    "sd": (1.0, "code", ("against", "for")),
    "points": (100.0, "% of utterances", ("less often", "more often")),
}
_LIGHT, _HEADING = "#B4B4B4", "#666666"
#: Inches of a row and of a panel's axis; columns of a label; how far beside the middle of a row both marks stand.
_ROW, _AXIS, _LABEL, _BESIDE = 0.24, 0.45, 60, 0.16


@of_table
def draw_corrected(table: pd.DataFrame, title: str, why: str = "Nobody has coded any utterance.") -> Figure:
    """Draw corrected means, shares or contrasts beside uncorrected ones, a panel a unit.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.corrected`, or its CSV; the first :data:`analysis.show.style.MOST_ROWS` rows are drawn.
    title : str
        A question.
    why : str
        What to say where the table has no row (`analysis.compare.corrected.why_none`).

    """
    table = style.read_back(table).dropna(subset=["estimate"]) if len(table) else table
    drawn, others = table.head(style.MOST_ROWS), table.iloc[style.MOST_ROWS :].to_dict("records")
    if drawn.empty:
        return style.nothing_to_draw(why or "No group has a code that can be used.")
    panels = [(unit, _lines(rows)) for unit, rows in drawn.groupby("unit", sort=False)]
    by = sorted({lettering.instruments(name) for name in drawn["uncorrected_by"] if name})
    whose = f" ({', '.join(by)})" if by else ""
    told = "Dark: corrected by codes, with its 95 % interval; hollow where there is none."
    notes = [
        f"{told} Light: uncorrected{whose}.",
        "Beside each row: codes / coded clusters, and how many codes alone would be as precise; or why no interval.",
        lettering.languages_told([_language(row) for row in drawn.to_dict("records")]),
        lettering.in_csv(f"{row['measure']}, {_named(row)}" for row in others),
    ]
    sizes = [_ROW * len(lines) + 0.1 for _, lines in panels]
    height = sum(sizes) + _AXIS * len(panels) + 0.25 * (1 + title.count("\n")) + 0.15 * len(notes)
    figure = style.new_figure(height)
    with mpl.rc_context(style.rc()):
        lettering.head(figure, title)
        axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=sizes)[:, 0]
        for ax, (unit, lines) in zip(axes, panels, strict=True):
            _draw_panel(ax, lines, str(unit))
        lettering.foot(figure, *notes)
    return figure


def _language(row: dict[str, Any]) -> str:
    """Return the language of a row, of both its sides if they share one."""
    both = {row["language_a"], row["language_b"] or row["language_a"]}
    return both.pop() if len(both) == 1 else ""


def _lines(table: pd.DataFrame) -> list[dict[str, Any] | str]:
    """Return the rows of a panel, those of a measure after its name."""
    out: list[dict[str, Any] | str] = []
    for measure, rows in table.groupby("measure", sort=False):
        out += [str(measure), *rows.to_dict("records")]
    return out


def _draw_panel(ax: Axes, lines: list[dict[str, Any] | str], unit: str) -> None:
    rows = [line for line in lines if not isinstance(line, str)]
    per, name, ends = _AXES[unit]
    vantages = {(row["a"], row["language_a"]): row["vantage_a"] for row in rows}
    known = {key: value for key, value in vantages.items() if value in palette.COLOURS}
    colours = {key: how.colour for key, how in palette.plot_styles(known).items()}
    contrast = any(row["b"] for row in rows)
    for y, row in enumerate(lines):
        if isinstance(row, str):
            continue
        colour = style.INK if row["b"] else colours.get((row["a"], row["language_a"]), style.INK)
        marker = palette.marker(_language(row))
        for part, at, tint, width in (("uncorrected", y + _BESIDE, _LIGHT, 1.0), ("", y - _BESIDE, colour, 1.8)):
            centre, low, high = (row[key] for key in _KEYS[part])
            if pd.isna(centre):
                continue
            given = not pd.isna(low)
            if given:
                ax.plot([per * low, per * high], [at, at], color=tint, linewidth=width, solid_capstyle="butt")
            face = tint if given else "white"
            ax.plot(per * centre, at, marker=marker, markersize=4, color=tint, markerfacecolor=face, zorder=3)
        ax.text(1.01, y, _told(row), transform=ax.get_yaxis_transform(), fontsize=style.SMALL, va="center")
    if contrast:
        ax.axvline(0, color=style.INK, linewidth=0.8, zorder=0)
    ax.set_yticks(range(len(lines)), [style.label(_named(line), _LABEL) for line in lines])
    for y, tick in enumerate(ax.get_yticklabels()):
        if isinstance(lines[y], str):
            tick.set(color=_HEADING, fontsize=style.SMALL)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(lines) - 0.4, -0.6)
    # A difference of two percentages is none of them.
    name = "percentage points" if contrast and unit == "points" else name
    ax.set_xlabel(lettering.axis(*ends, f"difference, {name}" if contrast else name))


_KEYS = {"": ("estimate", "ci_low", "ci_high"), "uncorrected": ("uncorrected", "uncorrected_low", "uncorrected_high")}


def _named(line: dict[str, Any] | str) -> str:
    if isinstance(line, str):
        return line
    if not line["b"]:
        return plain_name(line["label_a"] or line["a"])
    return " minus ".join(
        f"{plain_name(line[side])} ({lettering.languages(line[f'language_{side}'])})" for side in "ab"
    )


def _told(row: dict[str, Any]) -> str:
    count = f"{_sum(row, 'codes'):,} / {_sum(row, 'coded_clusters'):,}"
    if pd.isna(row["ci_low"]):
        return f"{count}, {style.label(cause(str(row['note'])), 24)}"
    worth = row["worth"]
    return f"{count}, worth {int(np.rint(settled(worth))):,}" if np.isfinite(worth) else count


def _sum(row: dict[str, Any], name: str) -> int:
    return sum(int(row[f"{name}_{side}"]) for side in "ab" if not pd.isna(row[f"{name}_{side}"]))
