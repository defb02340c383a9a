"""Contrasts side by side, with intervals; what is withheld is drawn hollow and says why."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.compare.clusters import FEW_FOR_INTERVAL, FEW_FOR_P
from analysis.compare.contrasts import CONSTANT_NOTE, FEW_NOTE, FEW_P_NOTE, OPEN_NOTE, SAME_NOTE, of_reference
from analysis.compare.groups import REFERENCE
from analysis.compare.shares import OF_INTEREST_LOG2
from analysis.compare.statistics import OF_INTEREST
from analysis.digits import effective, settled, sure
from analysis.show import lettering, naming, palette, style

_BAND = "#EFEFEF"
_GAP, _HEADING = "#F3DDB3", "#666666"
#: Units that are the same for every row.
_PER_UNIT = {"points": 100.0, "delta": 1.0, "ratio": 1.0}
#: For each unit its axis label, and half the width of the band of differences too small to matter.
PANELS = {
    "sd": ("difference, sd of the scores", OF_INTEREST["sd"]),
    "sd of reference collection": ("difference, sd of the reference collection", OF_INTEREST["sd"]),
    "sd of ordinary language": ("difference, sd of ordinary language", OF_INTEREST["sd"]),
    "delta": (
        "Cliff's delta: of two utterances, how much more often the first's is warmer (−1 to 1)",
        OF_INTEREST["delta"],
    ),
    "log2": ("times as often against chance (log2 of observed to expected; 1: twice)", OF_INTEREST_LOG2),
    "points": ("difference, percentage points", OF_INTEREST["points"]),
    "ratio": ("times as often, of shares under 10 % (log2 of the ratio; 1: twice)", OF_INTEREST_LOG2),
}
#: Units of how often something is said, whatever the table is about.
_OFTEN = {"points", "ratio", "log2"}
LESS_MORE = ("less often in the first", "more often in the first")
COLDER_WARMER = ("the first is colder", "the first is warmer")
#: Inches of a row, and of a panel's axis with its name; columns of a row's label and of its note.
_ROW, _AXIS, _LABEL, _NOTE = 0.17, 0.42, 66, 34
#: What stands beside a row, and points between its columns.
_BESIDE, _BETWEEN = ("", "clusters", "n"), 6
#: Notes that a figure explains below it.
_FEW = {FEW_NOTE: "too few", FEW_P_NOTE: "too few for a p"}
_FEW |= {of_reference(note): "reference: " + said for note, said in _FEW.items()}
#: The same of a row by itself, and how.
_WHY = {
    SAME_NOTE: (
        "nothing varies",
        (
            "Nothing varies: the difference is the same whichever cluster is left out, as where all scores are equal "
            "or both sides say the same."
        ),
    ),
    OPEN_NOTE: (
        "too few beyond it",
        (
            "Too few beyond it: so few utterances or clusters do not tell how far beyond the outermost score such a "
            "quantile may lie."
        ),
    ),
}


def draw_contrasts(
    table: pd.DataFrame,
    title: str,
    labels: Sequence[str],
    empty: str = "Nothing to compare.",
    *,
    headings: Sequence[str] | None = None,
    ends: tuple[str, str] = LESS_MORE,
    others: str = "",
    of: int | None = None,
    bold: str = "the headline",
    note: str = "",
) -> Figure:
    """Draw a contrasts table in units of its effects: the first row first and bold, the others grouped, a panel a unit.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.contrasts.finish`, with ``unit``, the rows in the order of their weight; the first
        :data:`analysis.show.style.MOST_ROWS` are drawn. Rows with ``gap_low`` and ``gap_high`` get that band behind
        them; those judged by a ratio (``scale``) are drawn as such.
    labels : sequence of str
        What stands beside each row.
    empty : str
        What to say if there is nothing to compare.
    headings : sequence of str, optional
        What rows stand together under.
    ends : tuple of str
        What lies to the left and to the right of 0, on scales of tone.
    others : str, optional
        What the rows are that are not drawn; default: what they stand under.
    of : int, optional
        How many rows the table has from which these were taken.
    bold : str, optional
        What the first row is, which is not bold if nothing is said.
    note : str, optional
        What else is to be said below.

    """
    table = style.read_back(table).assign(row_label=list(labels), heading=headings if headings is not None else "")
    whole = max(len(table), of or 0)
    table, beyond = by_scale(table).head(style.MOST_ROWS), table["heading"].iloc[style.MOST_ROWS :]
    others = others or "; ".join(dict.fromkeys(beyond))
    units = list(dict.fromkeys(unit for unit in table["unit"] if unit in PANELS)) if len(table) else []
    if not units:
        return style.nothing_to_draw(empty)
    panels = [_lines(table[table["unit"] == unit]) for unit in units]
    few = table.loc[table["q"].isna(), "note"].isin(list(_FEW)).any()
    notes = [
        (
            f"{f'Bold: {bold}. ' if bold else ''}Bar: 95 % interval; hollow: none. Grey: too small to matter. q: p, "
            f"adjusted for all rows of all pairs{' (of a variable)' if 'variable' in table else ''} "
            "(Benjamini-Hochberg). n: utterances of the two sides."
        ),
        (
            "Clusters: the effective number on each side. A cluster is what speaks as one: the comments under one "
            "video or post, a vlogger's account, or an utterance of which neither is known."
        ),
        f"Too few: an interval needs {FEW_FOR_INTERVAL:g} effective clusters on each side, a p {FEW_FOR_P:g}. More "
        "threads or accounts would give them."
        if few
        else "",
        *(told for why, (_, told) in _WHY.items() if (table["note"] == why).any()),
        lettering.OCHRE if "gap_low" in table else "",
        "Arrow: the interval is open." if _is_open(table) else "",
        lettering.HALVES if "ratio" in units else "",
        note,
        lettering.weighed(table),
        lettering.in_csv(whole - len(table), which=others),
    ]
    height = (
        sum(_ROW * len(lines) + _AXIS for lines in panels) + 0.25 * (1 + title.count("\n")) + 0.15 * len(notes) + 0.1
    )
    figure = style.new_figure(height)
    with mpl.rc_context(style.rc()):
        lettering.head(figure, title)
        sizes = [_ROW * len(lines) + 0.1 for lines in panels]
        axes = figure.subplots(len(units), 1, squeeze=False, height_ratios=sizes)[:, 0]
        for ax, unit, lines in zip(axes, units, panels, strict=True):
            way = LESS_MORE if unit in _OFTEN else ends
            _draw_panel(ax, lines, *PANELS[unit], way, bold=bool(bold) and ax is axes[0])
        _write_beside(axes, panels)
        lettering.foot(figure, *notes)
    return figure


def draw_group_differences(
    table: pd.DataFrame, title: str, among: pd.DataFrame | None = None, ends: tuple[str, str] = LESS_MORE
) -> Figure:
    """Draw the contrasts of a table that have an estimate: the surest and largest, by pair of groups.

    First those whose interval excludes 0, then those with an interval, by their size in multiples of the smallest
    effect of interest; those with a reference collection last. What neither side mentions is no difference.

    Parameters
    ----------
    table : pandas.DataFrame
        As of :func:`draw_contrasts`; ``measure``, ``a`` and ``b`` name its rows, and ``language`` if it is there.
    title : str
        A question.
    among : pandas.DataFrame, optional
        Those rows of the table that may be drawn; default: all.
    ends : tuple of str
        As of :func:`draw_contrasts`.

    """
    given = style.read_back(table if among is None else among).dropna(subset=["effect"])
    given = given[(given["note"] != CONSTANT_NOTE) & ~_made_of_halves(given)]
    seen = by_scale(given)
    unsure = np.where(seen["ci_low"].isna(), 2, 1 - (seen["ci_low"] > 0) - (seen["ci_high"] < 0))
    size = settled(seen["effect"].astype(float).abs() / seen["unit"].map(lambda unit: PANELS[unit][1]).astype(float))
    beside = ((given["a"] == REFERENCE) | (given["b"] == REFERENCE)).to_numpy()
    given = given.iloc[np.lexsort((-size, unsure, beside))]
    labels, headings = given["measure"].astype(str).tolist(), []
    for row in given.to_dict("records"):
        spoken = [lettering.languages(code) for code in str(row.get("language", "")).split("-") if code]
        between = " against " if row.get("scale") == "ratio" or row["unit"] == "log2" else " minus "
        told = naming.sides((row["a"], row["b"]), spoken if len(spoken) > 1 else (), between)
        headings.append(told + (f", {spoken[0]}" if len(spoken) == 1 else ""))
    empty = (
        f"{title} There are no two groups with enough of a concept to compare: more utterances that mention one, in "
        "more threads, would give a figure."
    )
    # The first row, by what made it the first; of rows without an interval none is.
    bold = (
        "the largest of those whose interval excludes 0"
        if unsure.min(initial=2) == 0
        else "the largest with an interval"
    )
    bold = bold if given["ci_low"].notna().head(1).any() else ""
    rest = by_scale(given.assign(beside=np.sort(beside)))["beside"].to_numpy()[style.MOST_ROWS :]
    beyond = {
        "smaller or less sure differences": not rest.all(),
        "those with a reference collection": rest.any(),
        "what has no estimate, or none worth drawing": len(given) < len(table),
    }
    others = "; ".join(which for which, there in beyond.items() if there)
    return draw_contrasts(
        given, title, labels, empty, headings=headings, ends=ends, others=others, of=len(table), bold=bold
    )


def _made_of_halves(table: pd.DataFrame) -> pd.Series:
    """Tell which ratios without an interval have no direction but what half a hit added to few would give them."""
    if "scale" not in table:
        return pd.Series(data=False, index=table.index)
    against = (table["estimate"] * table["log_ratio"]).astype(float) <= 0
    return (table["scale"] == "ratio") & table["ci_low"].isna() & against


def by_scale(table: pd.DataFrame) -> pd.DataFrame:
    """Turn the rows of a contrasts table that are judged by a ratio to it, with the unit ``ratio``, for drawing."""
    if "scale" not in table:  # means alone, which are not shares
        return table
    rare = table["scale"] == "ratio"
    new = {"estimate": "log_ratio", "effect": "log_ratio", "ci_low": "ratio_low", "ci_high": "ratio_high"}
    turned = {name: table[name].mask(rare, table[other].astype(float)) for name, other in new.items()}
    return table.assign(unit=table["unit"].mask(rare, "ratio"), **turned)


def _lines(table: pd.DataFrame) -> list[dict[str, object] | str]:
    """Return the rows of a panel, each group's after its heading."""
    scales = _scales(table)
    out: list[dict[str, object] | str] = []
    for heading, rows in table.assign(to_effect=scales).groupby("heading", sort=False):
        out += [str(heading)] if heading else []
        out += rows.to_dict("records")
    return out


def _draw_panel(
    ax: Axes,
    lines: list[dict[str, object] | str],
    unit: str,
    of_interest: float,
    ends: tuple[str, str],
    *,
    bold: bool,
) -> None:
    rows = [line for line in lines if not isinstance(line, str)]
    reach = [row[end] * row["to_effect"] for row in rows for end in ("ci_low", "ci_high")]
    drawn = np.abs(np.array([*reach, *(row["effect"] for row in rows)], dtype=float))
    # What is open at one end reaches beyond all others.
    limit = 1.3 * max(of_interest, *drawn[np.isfinite(drawn)], 0.0)
    ax.axvspan(-of_interest, of_interest, color=_BAND, zorder=0, linewidth=0)
    ax.axvline(0, color=style.INK, linewidth=0.8)
    first = lines.index(rows[0]) if bold else -1
    for y, row in ((y, line) for y, line in enumerate(lines) if not isinstance(line, str)):
        if not pd.isna(row.get("gap_low", float("nan"))):
            ax.fill_between([row["gap_low"], row["gap_high"]], y - 0.38, y + 0.38, color=_GAP, linewidth=0, zorder=1)
        given = not pd.isna(row["ci_low"]) and not pd.isna(row["to_effect"])
        if given:
            to = np.clip([row["ci_low"] * row["to_effect"], row["ci_high"] * row["to_effect"]], -limit, limit)
            ax.plot(to, [y, y], color=style.INK, linewidth=2.2 if y == first else 1.2)
            for end, name, arrow in zip(to, ("ci_low", "ci_high"), "<>", strict=True):
                if np.isinf(float(row[name])):
                    ax.plot(end, y, marker=arrow, markersize=3.5, color=style.INK, clip_on=False)
        face, marker = style.INK if given else "white", palette.marker(row.get("language", ""))
        ax.plot(row["effect"], y, marker=marker, markersize=4, color=style.INK, markerfacecolor=face, zorder=3)
    names = [line if isinstance(line, str) else line["row_label"] for line in lines]
    ax.set_yticks(range(len(lines)), [style.label(str(name), _LABEL) for name in names])
    for y, name in enumerate(ax.get_yticklabels()):
        if isinstance(lines[y], str):
            name.set(color=_HEADING, fontsize=style.SMALL)
        if y == first:
            lettering.embolden(name)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(lines) - 0.4, -0.6)
    ax.set_xlim(-limit, limit)
    ax.set_xlabel(lettering.axis(*ends, unit))


def _is_open(table: pd.DataFrame) -> bool:
    """Tell whether an interval that is drawn has no end."""
    return bool(np.isinf(table[["ci_low", "ci_high"]].to_numpy(dtype=float)).any())


def _write_beside(axes: Sequence[Axes], panels: list[list[dict[str, object] | str]]) -> None:
    """Write beside each row its q, or why there is none, and the sizes of its sides: in columns, headed above."""
    cells = [[None if isinstance(line, str) else _beside(line) for line in lines] for lines in panels]
    known = [_BESIDE, *(row for panel in cells for row in panel if row)]
    left = 4.0
    for column, texts in enumerate(zip(*known, strict=True)):
        wide = 72 * max(lettering.width_of(text, style.SMALL) for text in texts)
        # What is tested starts at one place, and sizes end at one.
        x, ha = (left, "left") if not column else (left + wide, "right")
        how = {"textcoords": "offset points", "fontsize": style.SMALL, "ha": ha, "annotation_clip": False}
        axes[0].annotate(texts[0], (1, 1), xytext=(x, 1), xycoords="axes fraction", va="bottom", **how)
        for ax, panel in zip(axes, cells, strict=True):
            place = ax.get_yaxis_transform()
            for y, row in ((y, row) for y, row in enumerate(panel) if row):
                ax.annotate(row[column], (1, y), xytext=(x, 0), xycoords=place, va="center_baseline", **how)
        left += wide + _BETWEEN


def _beside(row: dict[str, object]) -> tuple[str, str, str]:
    sizes = (f"{_size(row['g_a'])} / {_size(row['g_b'])}", f"{row['n_a']:,.0f} / {row['n_b']:,.0f}")
    return (_test(row), *sizes)


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


def _size(number: float) -> str:
    return effective(number) if number < 10 else f"{number:,.0f}"  # noqa: PLR2004


def _test(row: dict[str, object]) -> str:
    if pd.isna(row["q"]):
        note = str(row["note"])
        return _FEW.get(note) or _WHY.get(note, ("",))[0] or style.label(note, _NOTE)
    return f"q {sure(row['q'])}"
