"""How far coders agree, and how far instruments and codebook agree with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.compare.agreement import RELIABLE, TENTATIVE
from analysis.compare.groups import LANGUAGE_NAMES
from analysis.errors import plural
from analysis.show import lettering, palette, style
from analysis.show.given import of_table

_ROW, _DOT = 0.15, 3.8
_CODES = {name: code for code, name in LANGUAGE_NAMES.items()}
_NO_CODES = "draw a sample with vantage sheet, have it coded, and read the codes back with vantage codes."


@of_table
def draw_agreement(table: pd.DataFrame) -> Figure:
    """Draw the table of `analysis.compare.agreement.coder_agreement`: a band a variable, a mark a part of the items."""
    table = style.read_back(table)
    title = "Do the coders agree?"
    given = table.dropna(subset=["alpha"])
    if given.empty:
        more = (
            ""
            if table.empty
            else " No item was coded by two of them in different ways: sheets that overlap would tell."
        )
        return style.nothing_to_draw(f"{title} Nothing to tell: {_NO_CODES}" if table.empty else f"{title}{more}")
    every = list(dict.fromkeys(given["variable"]))
    variables = every[: style.MOST_ROWS]
    parts = [(name, given[given["variable"] == name]) for name in variables]
    more = lettering.in_csv(every[len(parts) :], "variable")
    untold = table.loc[~table["variable"].isin(given["variable"]), "variable"].unique()
    if len(untold):
        names = ", ".join(style.label(name, 30) for name in untold)
        more = f"No alpha, for no item was coded by two of them in different ways: {names}. {more}"
    figure = style.new_figure(1.45 + _ROW * sum(len(part) + 0.8 for _, part in parts))
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        places, y = [], 0.6
        for name, part in parts:
            places.append((y + (len(part) - 1) / 2, style.label(name, 30)))
            for row in part.to_dict("records"):
                style.mark(ax, row["alpha"], (row["ci_low"], row["ci_high"]), y, style.INK, _shape(row["part"]), _DOT)
                told = f"{row['part']}: {plural(row['items'], 'item')}, {plural(row['clusters'], 'cluster')}"
                beside = {"fontsize": style.SMALL, "va": "center"}
                ax.text(1.02, y, told, transform=ax.get_yaxis_transform(), **beside)
                y += 1
            y += 0.8
            ax.axhline(y - 0.9, color="#EEEEEE", linewidth=0.8, zorder=0)
        for mark in (TENTATIVE, RELIABLE):
            ax.axvline(mark, color=palette.FAINT, linewidth=0.8, zorder=0)
        ax.axvline(0, color=style.INK, linewidth=0.8, zorder=0)
        lowest = min(given[["alpha", "ci_low"]].min())
        ax.set_xlim(min(lowest - 0.05, -0.05), 1)
        ax.set_ylim(y - 0.6, -0.4)
        ax.set_yticks([place for place, _ in places], [name for _, name in places])
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(lettering.axis("no more than chance (0)", "always (1)", "Krippendorff's alpha, 95 % interval"))
        lettering.head(figure, title)
        lettering.foot(
            figure,
            f"Lines: {TENTATIVE:g} (tentative conclusions) and {RELIABLE:g} (reliable). Numbers: ordinal alpha; others "
            "nominal. Hollow: no interval, for too few clusters, a second code that is hardly used or never agreed on, "
            f"or coders who differ in one cluster at most. {more}",
            handles=_handles(given["part"]),
        )
    return figure


@of_table
def draw_validity(table: pd.DataFrame) -> Figure:
    """Draw how each instrument agrees with the codes of the first variable, in each language.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `analysis.compare.validity.instrument_validity`.

    """
    table = style.read_back(table)
    title = "How well does each instrument tell what people coded?"
    if table.empty:
        return style.nothing_to_draw(f"{title} Too few codes: {_NO_CODES}")
    variable = table["variable"].iloc[0]
    mine = table[(table["variable"] == variable) & table["part"].isin(_CODES)]
    names = list(dict.fromkeys(mine["instrument"]))[: style.MOST_ROWS]
    panels = [("r", "correlation with the code", (0.0, 0.0)), ("auc", "AUC, for and against", (0.5, 0.5))]
    panels += [("f1", "macro-F1 of three classes", None)]
    more = lettering.in_csv(len(table) - len(mine), which="of other variables, or of parts of a language")
    unseen = f"What was learned from codes is judged on clusters that it had not seen. {more}"
    return _panels(
        *(mine, "instrument", names, panels, title),
        notes=[
            f"Coded: {style.label(variable, 30)}. Bar: 95 % interval from clusters; hollow: too few. Line: chance.",
            (
                "An utterance without a score, which other figures leave out, is coded all the same: here it counts as "
                f"neutral. {unseen}"
            ),
        ],
    )


@of_table
def draw_codebook_validity(table: pd.DataFrame) -> Figure:
    """Draw the table of `analysis.compare.validity.codebook_validity`."""
    table = style.read_back(table)
    title = "Does the codebook find what people find?"
    if table.empty:
        return style.nothing_to_draw(f"{title} No concept was coded: {_NO_CODES}")
    names = list(dict.fromkeys(table.dropna(subset=["precision", "recall"], how="all")["concept"]))
    panels = [
        ("recall", "% of what people found (recall)", None),
        ("precision", "% of what it found (precision)", None),
    ]
    more = lettering.in_csv(names[style.MOST_ROWS :], "concept")
    weighted = "Of all utterances, by the codes of a sample weighted by 1 / probability."
    return _panels(
        *(table.assign(part=table["language"]), "concept", names[: style.MOST_ROWS], panels, title),
        notes=[f"{weighted} Bar: 95 % interval from clusters; hollow: too few clusters hold it. {more}"],
        percent=True,
    )


def _panels(
    table: pd.DataFrame,
    key: str,
    names: Sequence[str],
    panels: Sequence[tuple[str, str, tuple[float, float] | None]],
    title: str,
    *,
    notes: Sequence[str],
    percent: bool = False,
) -> Figure:
    """Draw a row a name and a mark a language, a panel a measure."""
    languages = list(dict.fromkeys(table["part"]))
    step = len(languages) + 0.6
    times = 100 if percent else 1
    figure = style.new_figure(1.35 + _ROW * step * len(names) + 0.15 * len(languages))
    with mpl.rc_context(style.rc()):
        axes = figure.subplots(1, len(panels), sharey=True)
        for ax, (measure, label, chance) in zip(axes, panels, strict=True):
            for place, name in enumerate(names):
                rows = table[table[key] == name].set_index("part")
                for number, language in enumerate(languages):
                    if language in rows.index and not pd.isna(rows.loc[language, measure]):
                        row = rows.loc[language]
                        ends = times * row[f"{measure}_low"], times * row[f"{measure}_high"]
                        where, shape = place * step + number, _shape(language)
                        style.mark(ax, times * row[measure], ends, where, style.INK, shape, _DOT)
            if chance is not None:
                ax.axvline(chance[0], color=palette.FAINT, linewidth=0.8, zorder=0)
            if percent:
                ax.set_xlim(0, 100)
            ax.set_xlabel(lettering.axis("worse", "better", label))
            ax.set_ylim(len(names) * step - 0.6, -0.8)
            ax.tick_params(axis="y", length=0)
        middles = [place * step + (len(languages) - 1) / 2 for place in range(len(names))]
        called = map(lettering.instruments, names) if key == "instrument" else names
        axes[0].set_yticks(middles, [style.label(name, 26) for name in called])
        lettering.head(figure, title)
        sizes = table.groupby("part", sort=False)["n"].max()
        lettering.foot(figure, *notes, handles=_handles(table["part"], sizes.to_dict()))
    return figure


def _shape(part: str) -> str:
    return palette.marker(_CODES.get(part, ""))


def _handles(parts: pd.Series, sizes: Mapping[str, int] | None = None) -> list[Line2D]:
    names: dict[str, list[str]] = {_shape(part): [] for part in parts}
    for part in dict.fromkeys(parts):
        names[_shape(part)].append(f"{part}: {sizes[part]:,} coded" if sizes else part)
    look = {"color": style.INK, "linestyle": "none", "markersize": 4}
    return [Line2D([], [], marker=marker, label=", ".join(told), **look) for marker, told in names.items()]
