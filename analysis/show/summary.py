"""The overview: one column a vantage, one row a question, on one page at a journal's width."""

from __future__ import annotations

from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.compare.contested import MIN_CLUSTERS, MIN_HITS
from analysis.compare.groups import LANGUAGE_NAMES
from analysis.compare.summary import REACH, called, column_names
from analysis.digits import settled
from analysis.errors import plural
from analysis.show import lettering, style

#: Inches; everything stands at a place in inches, so that nothing moves when a cell is filled.
WIDTH = style.WIDTH
_LEFT, _LABELS, _PAD = 0.06, 0.96, 0.09
#: Points: no text is smaller than the last at this width.
_TITLE, _HEAD, _TEXT, _SMALL = 9.0, 8.0, 6.5, 6.0
_GREY = "#5A5A5A"
_RULE = "#D0D0D0"
#: Tone around a concept, in sd of the reference: up to each limit one colour, cold to warm.
_LIMITS = (-0.6, -0.2, 0.2, 0.6)
_TONES = ("#2166AC", "#92C5DE", "#BDBDBD", "#F4A582", "#B2182B")
_VERDICTS = ("supported", "contradicted", "negligible", "undecided", "untestable")
_BINS, _BAR = 0.42, 0.105


class _Page(NamedTuple):
    """Where the columns stand, and what is drawn upon."""

    ax: Axes
    columns: list[str]
    colours: dict[str, str]

    @property
    def width(self) -> float:
        """Inches of a column, with its margin."""
        return (WIDTH - _LABELS - _LEFT) / len(self.columns)

    def left(self, column: str) -> float:
        """Return where a column begins."""
        return _LABELS + self.columns.index(column) * self.width

    def measure(self, text: str, size: float) -> float:
        """Return how wide a text is, in inches."""
        return lettering.width_of(self.ax.figure, text, size)

    def write(
        self, x: float, y: float, text: str, width: float, size: float = _TEXT, colour: str = style.INK, most: int = 12
    ) -> float:
        """Write a text on as many lines as it needs, from a place downward; return where the next line would be."""
        for line in lettering.wrap(text, lambda part: self.measure(part, size) <= settled(width), most):
            self.put(x, y, line, size, colour)
            y += _line(size)
        return y

    def put(self, x: float, y: float, line: str, size: float = _SMALL, colour: str = _GREY, ha: str = "left") -> None:
        """Draw a line of text below a place; on one baseline whatever its letters are."""
        self.ax.text(x, y + 0.95 * size / 72, line, fontsize=size, color=colour, va="baseline", ha=ha)

    def rule(self, y: float) -> None:
        """Draw a line across the page."""
        self.ax.plot([_LEFT, WIDTH - _LEFT], [y, y], color=_RULE, linewidth=0.6)


def _line(size: float) -> float:
    return 1.24 * size / 72


def draw_summary(table: pd.DataFrame) -> Figure:
    """Draw the overview.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.summary.summary`.

    """
    table = style.read_back(table)
    for name in ("column", "vantage", "language", "name", "text", "gloss", "unit", "evidence", "dates", "note"):
        table[name] = table[name].astype(object).where(table[name].notna(), "")
    figure = style.new_figure(4.0, WIDTH)
    figure.set_layout_engine(None)
    with mpl.rc_context(style.rc()):
        ax = figure.add_axes((0, 0, 1, 1))
        columns = column_names(table.loc[table["column"] != "", "column"])
        page = _Page(ax, columns, {name: style.COLOURS.get(name.split(",")[0], style.INK) for name in columns})
        parts = {str(name): rows for name, rows in table.groupby("part", sort=False)}
        none = table.head(0)
        y = _head(page, parts.get("title", none), parts.get("claim", none))
        y = _who(page, parts.get("who", none), y)
        y = _tone(page, table[table["part"].isin(["tone", "bin"])], parts.get("axis", none), y)
        if "quotation" in parts:
            y = _quotations(page, parts["quotation"], y)
        y = _shares(page, parts["concept"], y) if "concept" in parts else y
        y = _words(page, parts["word"], y) if "word" in parts else y
        y = _claims(page, parts["claim"], y) if "claim" in parts else y
        ax.set_xlim(0, WIDTH)
        ax.set_ylim(y + 0.04, 0)
        ax.axis("off")
    figure.set_size_inches(WIDTH, y + 0.04)
    return figure


def _empty(page: _Page, column: str, y: float, why: str) -> float:
    """Say in an empty cell what would fill it."""
    return page.write(page.left(column), y, why, page.width - _PAD, _SMALL, _GREY)


def _label(page: _Page, y: float, text: str, below: str = "") -> float:
    width = _LABELS - _LEFT - 0.05
    y = page.write(_LEFT, y, text, width, _TEXT)
    return page.write(_LEFT, y, below, width, _SMALL, _GREY) if below else y


def _head(page: _Page, title: pd.DataFrame, claims: pd.DataFrame) -> float:
    y = 0.07
    for row in title.head(1).to_dict("records"):
        y = page.write(_LEFT, y, "How three vantage points speak of North Korea", WIDTH - 2 * _LEFT, _TITLE)
        verdicts = claims["verdict"].value_counts()
        judged = ", ".join(f"{verdicts[one]} {one}" for one in _VERDICTS if one in verdicts)
        told = f"{plural(int(row['n_a']), 'utterance')}: {row['name']}"
        if judged:
            told = f"The seeds' claims: {judged}. {told}"
        y = page.write(_LEFT, y, told, WIDTH - 2 * _LEFT, _SMALL, _GREY, 2) + 0.05
    for column in page.columns:
        x, colour = page.left(column), page.colours[column]
        name = called(column)
        page.write(x, y, name[0].upper() + name[1:], page.width - 0.02, _HEAD, most=1)
        page.ax.plot([x, x + page.width - _PAD], [y + 0.16] * 2, color=colour, linewidth=1.6, solid_capstyle="butt")
    return y + 0.21


def _who(page: _Page, rows: pd.DataFrame, y: float) -> float:
    ends = [_label(page, y, "who spoke")]
    for row in rows.to_dict("records"):
        x, width = page.left(row["column"]), page.width - _PAD
        if not row["n_a"]:
            ends.append(_empty(page, row["column"], y, row["note"]))
            continue
        below = page.write(x, y, plural(int(row["n_a"]), "utterance"), width)
        size = style.effective_size(int(row["clusters_a"]), settled(row["g_a"]))
        for line in (plural(int(row["threads"]), "thread"), size, row["text"], row["dates"]):
            below = page.write(x, below, line, width, _SMALL, _GREY)
        ends.append(below)
    return max(ends) + 0.06


# Tone -----------------------------------------------------------------------------------------------------------------


def _tone(page: _Page, rows: pd.DataFrame, axis: pd.DataFrame, y: float) -> float:
    page.rule(y)
    y += 0.05
    ends = [_label(page, y, "how warm their words are", "sd from the reference")]
    highest = float(rows["share"].max()) if rows["share"].notna().any() else 1.0
    means = rows[rows["part"] == "tone"]
    for column in page.columns:
        below = y
        mine = means[means["column"] == column]
        for row in mine.to_dict("records"):
            if pd.isna(row["estimate"]):
                below = _empty(page, column, below, row["note"])
                continue
            bins = rows[(rows["part"] == "bin") & (rows["column"] == column) & (rows["language"] == row["language"])]
            spoken = f"{LANGUAGE_NAMES.get(row['language'], '')} " if len(mine) > 1 else ""
            below = _spread(page, row, spoken, bins, highest, below)
        ends.append(below)
    y = max(ends)
    if len(means) and means["estimate"].notna().any():
        for row in axis.head(1).to_dict("records"):
            hollow = bool((means["estimate"].notna() & means["ci_low"].isna()).any())
            y = page.write(_LEFT, y + 0.03, _measured(row, hollow=hollow), WIDTH - 2 * _LEFT, _SMALL, _GREY)
    return y + 0.06


def _spread(page: _Page, row: dict[str, Any], spoken: str, bins: pd.DataFrame, highest: float, y: float) -> float:
    """Draw one distribution with its mean; return where the next may stand."""
    ax, x, colour = page.ax, page.left(str(row["column"])), page.colours[str(row["column"])]
    wide = page.width - _PAD

    def at(value: float) -> float:
        return x + wide * (min(max(value, -REACH), REACH) + REACH) / (2 * REACH)

    told = f"{spoken}{settled(row['estimate']):+.2f}"
    given = not pd.isna(row["ci_low"])
    told += f" [{settled(row['ci_low']):+.2f}, {settled(row['ci_high']):+.2f}]" if given else ""
    y = page.write(x, y, told, wide)
    base = y + _BINS
    ax.plot([x, x + wide], [base, base], color=_RULE, linewidth=0.6, zorder=0)
    ax.plot([at(0)] * 2, [y, base + 0.1], color=_GREY, linewidth=0.6, zorder=0)
    for each in bins.to_dict("records"):
        low, high = at(each["bin_low"]), at(each["bin_high"])
        size = _BINS * float(settled(each["share"] / highest))
        ax.add_patch(Rectangle((low, base - size), high - low, size, color=colour, alpha=0.4, linewidth=0))
    if given:
        ax.plot([at(row["ci_low"]), at(row["ci_high"])], [base + 0.055] * 2, color=colour, linewidth=2)
    face = colour if given else "white"
    ax.plot(at(row["estimate"]), base + 0.055, marker="o", markersize=4, color=colour, markerfacecolor=face)
    page.put(x, base + 0.11, "← colder")
    page.put(x + wide, base + 0.11, "warmer →", ha="right")
    y = base + 0.12 + _line(_SMALL)
    told = f"{int(row['n_a']):,} scored" + (f"; {row['note']}" if row["note"] else "")
    return page.write(x, y, told, wide, _SMALL, _GREY)


def _measured(row: dict[str, Any], *, hollow: bool) -> str:
    told = f"0: the level of {row['text']}; unit: its sd. Instrument: labMT. The last bins hold what lies beyond."
    if not pd.isna(row["estimate"]):
        told += f" Aligned text of one content leaves {settled(row['estimate']):+.2f} (Chinese minus English): "
        told += "what differs no more than that may be the languages'."
    if hollow:
        told += " A hollow dot is a mean of too few clusters for an interval."
    return told + (f" {str(row['note'])[0].upper()}{str(row['note'])[1:]}." if row["note"] else "")


# Concepts -------------------------------------------------------------------------------------------------------------


def tone_colour(tone: float) -> str:
    """Return the colour of a tone around a concept; white where there is too little to tell.

    Examples
    --------
    >>> [tone_colour(value) for value in (-0.7, 0.2, float("nan"))]
    ['#2166AC', '#F4A582', 'white']

    """
    return "white" if pd.isna(tone) else _TONES[int(np.searchsorted(settled(_LIMITS), settled(tone), side="right"))]


def _shares(page: _Page, rows: pd.DataFrame, y: float) -> float:
    page.rule(y)
    y += 0.05
    top, step = y, 0.155
    concepts = list(dict.fromkeys(rows["name"]))
    ends = [rows[name].max() for name in ("estimate", "ci_high")]
    most = max([float(end) for end in ends if not pd.isna(end)] or [1.0]) or 1.0
    room = page.width - _PAD - 0.36
    for number, concept in enumerate(concepts):
        page.write(_LEFT, top + number * step, concept, _LABELS - _LEFT, _TEXT, most=1)
    for column in page.columns:
        x, mine = page.left(column), rows[rows["column"] == column]
        if len(mine) and mine["estimate"].isna().all():
            _empty(page, column, top, mine["note"].iloc[0])
            continue
        page.ax.plot([x, x], [top - 0.01, top + len(concepts) * step - 0.02], color=_GREY, linewidth=0.6)
        for row in mine.to_dict("records"):
            if pd.isna(row["estimate"]):
                continue
            middle = top + concepts.index(row["name"]) * step + 0.055
            size, face = room * row["estimate"] / most, tone_colour(row["tone"])
            edge = _GREY if face == "white" else face
            bar = Rectangle((x, middle - _BAR / 2), size, _BAR, facecolor=face, edgecolor=edge, linewidth=0.5, zorder=2)
            page.ax.add_patch(bar)
            end = size
            if not pd.isna(row["ci_low"]):
                low, end = room * row["ci_low"] / most, max(size, room * row["ci_high"] / most)
                page.ax.plot([x + low, x + end], [middle] * 2, color=style.INK, linewidth=0.9, zorder=3)
            text = _percent(row["estimate"])
            page.ax.text(x + end + 0.04, middle, text, fontsize=_SMALL, va="center", color=style.INK)
    y = top + len(concepts) * step + 0.02
    return _legend(page, y) + 0.06


def _percent(share: float) -> str:
    value = float(settled(100 * share))
    return f"{value:.0f} %" if value >= 9.95 or not value else f"{value:.1f} %" if value >= 0.05 else "< 0.1 %"  # noqa: PLR2004


def _legend(page: _Page, y: float) -> float:
    """Say what length, line and colour mean."""
    told = (
        "Share of the utterances that mention it; line: 95 % interval (none with too few clusters). Colour: the tone "
        "of the words around it, in sd from the reference:"
    )
    y = page.write(_LEFT, y, told, WIDTH - 2 * _LEFT, _SMALL, _GREY) + 0.02
    names = ("colder: under -0.6", "to -0.2", "to 0.2", "to 0.6", "warmer: above")
    names = (*names, f"under {MIN_HITS} scored in {MIN_CLUSTERS} clusters")
    x = _LEFT
    for colour, name in zip((*_TONES, "white"), names, strict=True):
        edge = _GREY if colour == "white" else colour
        page.ax.add_patch(Rectangle((x, y + 0.015), 0.1, 0.075, facecolor=colour, edgecolor=edge, linewidth=0.5))
        page.put(x + 0.14, y, name)
        x += 0.26 + page.measure(name, _SMALL)
    return y + _line(_SMALL)


def _quotations(page: _Page, rows: pd.DataFrame, y: float) -> float:
    """Draw the words themselves: concept by vantage."""
    for concept in dict.fromkeys(rows["name"]):
        page.rule(y)
        y += 0.04
        mine = rows[rows["name"] == concept]
        ends = [_label(page, y, concept)]
        for column in page.columns:
            below, cells = y, mine[mine["column"] == column].to_dict("records")
            for row in cells:
                if not row["text"]:
                    below = _empty(page, column, below, row["note"])
                    continue
                retold = row["evidence"] == "paraphrase"
                text, colour = (row["text"], _GREY) if retold else (f"“{row['text']}”", style.INK)
                below = page.write(page.left(column), below, text, page.width - _PAD, _SMALL, colour, 6) + 0.02
            shown = len(cells)
            if shown and cells[0]["text"] and (more := int(cells[0]["n_a"]) - shown) > 0:
                below = _empty(page, column, below, f"and {more} more")
            ends.append(below)
        y = max(ends) + 0.02
    told = "In quotation marks: what was said, or its translation; grey: a paraphrase, or what the cell lacks."
    page.rule(y)
    return page.write(_LEFT, y + 0.03, told, WIDTH - 2 * _LEFT, _SMALL, _GREY) + 0.06


# Words and claims -----------------------------------------------------------------------------------------------------


def _words(page: _Page, rows: pd.DataFrame, y: float) -> float:
    page.rule(y)
    y += 0.05
    below = "times as often as the others of its language"
    ends = [_label(page, y, "the words that set them apart", below)]
    for column in page.columns:
        x, wide, end = page.left(column), page.width - _PAD, y
        for _, mine in rows[rows["column"] == column].groupby("language", sort=False, dropna=False):
            first = mine.iloc[0]
            if not first["name"]:
                end = _empty(page, column, end, first["note"])
                continue
            end = page.write(x, end, f"against {first['text']}", wide, _SMALL, _GREY)
            for row in mine.to_dict("records"):
                times = "only here" if row["unit"] == "only here" else f"× {_times(row['estimate'])}"
                page.put(x + wide, end, times, ha="right")
                gloss = f" ({row['gloss']})" if row["gloss"] else ""
                end = page.write(x, end, f"{row['name']}{gloss}", wide - 0.42, _TEXT, most=1)
        ends.append(end)
    return max(ends) + 0.06


def _times(log_ratio: float) -> str:
    times = float(settled(2.0 ** float(log_ratio)))
    return f"{times:.1f}" if times < 9.95 else f"{times:,.0f}"  # noqa: PLR2004


def _effect(row: dict[str, Any]) -> str:
    """Return the effect of a claim with its interval: differences with their sign, ratios as so many times."""
    ratio = row["unit"] == "log2 ratio"

    def number(name: str) -> str:
        value = float(settled(row[name]))
        return (f"{np.exp2(value):.2g}" if ratio else f"{value:+.2g}").replace("inf", "∞")

    shown = f"× {number('estimate')}" if ratio else f"{number('estimate')} {row['unit']}"
    return shown + ("" if pd.isna(row["ci_low"]) else f" [{number('ci_low')}, {number('ci_high')}]")


def _claims(page: _Page, rows: pd.DataFrame, y: float) -> float:
    page.rule(y)
    y = page.write(_LEFT, y + 0.05, "what the seeds claim, held against this corpus", WIDTH - 2 * _LEFT) + 0.02
    wide = WIDTH - _LABELS - _LEFT
    for verdict in _VERDICTS[:-1]:
        for row in rows[rows["verdict"] == verdict].to_dict("records"):
            page.write(_LEFT, y, verdict, _LABELS - _LEFT, _TEXT)
            page.put(WIDTH - _LEFT, y, _effect(row), ha="right")
            y = page.write(_LABELS, y, f"{row['name']}. {row['text']}", wide - 1.45, _TEXT, most=2)
    untold = rows[rows["verdict"] == "untestable"]
    for number, (reason, mine) in enumerate(untold.groupby("note", sort=False)):
        if not number:
            page.write(_LEFT, y, "untestable", _LABELS - _LEFT, _TEXT)
        y = page.write(_LABELS, y, f"{reason}:", wide, _SMALL, _GREY, 2)
        for row in mine.to_dict("records"):
            y = page.write(_LABELS, y, f"{row['name']}. {row['text']}", wide, _SMALL, most=2)
    return y + 0.04
