"""What groups are called in figures, in the room that there is, and what they rest on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.lines import Line2D

from analysis.compare.concordance import columns_of
from analysis.compare.groups import plain_name
from analysis.digits import effective
from analysis.show import lettering, style
from analysis.show.palette import PlotStyle

#: What opens a bracket, and closes it; fewer characters than these within tell nothing.
_BRACKETS, _LEFT = {"(": ")", "（": "）"}, 5
#: Columns of a line of a legend.
_LEGEND = 124
#: More groups than these are told apart by their order too.
_TOLD_APART = 5
#: Columns of one of two names in a heading.
_HEADING = 29


def group_name(text: str, most: int) -> str:
    """Return the name of a group in so many columns: what is cut within brackets closes them, or goes with them.

    Examples
    --------
    >>> group_name("not known (Douyin 2025, TikTok 2025)", 22), group_name("not known (Douyin 2025, TikTok 2025)", 14)
    ('not known (Douyin 20…)', 'not known …')
    >>> group_name("Rason (a zone, visited in 2019) (Douyin 2025)", 24)
    'Rason (a zone, visited…)'

    """
    cut = style.label(text, most)
    if not cut.endswith("…") or cut == style.label(text, most + 1):
        return cut
    while (missing := _closing(cut)) and columns_of(cut + missing) > most:
        cut = cut.removesuffix("…")[:-1].rstrip() + "…"
    opened = max(map(cut.rfind, _BRACKETS))
    if missing and len(cut) - opened < _LEFT:
        return group_name(cut[:opened].rstrip() + " …", most)
    return cut + missing


def _closing(text: str) -> str:
    """Return the brackets that a text has opened and not closed."""
    closing: list[str] = []
    for character in text:
        if character in _BRACKETS:
            closing.append(_BRACKETS[character])
        elif closing and character == closing[-1]:
            closing.pop()
    return "".join(reversed(closing))


def legend_label(name: str, counts: str, most: int = _LEGEND) -> str:
    """Return what a legend says of a group; where it is too long the name is cut, never the counts.

    Examples
    --------
    >>> legend_label("not known (Douyin 2025, TikTok 2025)", ": n = 1,200", 32)
    'not known (Douyin 2…): n = 1,200'

    """
    return group_name(name, most - columns_of(counts)) + counts


def effective_size(clusters: int, worth: float, units: str = "clusters") -> str:
    """Say how many clusters there are, by the name of what they are, and how many effective ones.

    Examples
    --------
    >>> effective_size(5, 3.96), effective_size(1, 1.0, "threads and accounts")
    ('5 clusters (4.0 effective)', '1 thread or account (1.0 effective)')

    """
    one = " or ".join(unit.removesuffix("s") for unit in units.split(" and "))
    size = f"{worth:,.0f}" if worth >= 100 else effective(worth)  # noqa: PLR2004
    return f"{clusters:,} {one if clusters == 1 else units} ({size} effective)"


def group_handle(first: pd.Series, how: PlotStyle, more: str = "") -> Line2D:
    """Return a group's mark in a legend, with what it rests on, of a row of a table that has ``languages``."""
    size = effective_size(first["clusters_a"], first["g_a"], first.get("units_a", "clusters"))
    text = f": n = {first['n_a']:,}, {size}"
    text = legend_label(first["label"], f"{text}, {lettering.languages(first['languages'])}{more}")
    return Line2D([], [], color=how.colour, marker=how.marker, markersize=4, linewidth=1.4, label=text)


def sides(names: Sequence[str], spoken: Sequence[str] = (), between: str = " minus ") -> str:
    """Return what two sides are called above their rows, each with its language where they speak different ones.

    Neither name is cut for the other's sake; a ratio is no difference: for one, say ``against``.

    Examples
    --------
    >>> sides(("chinese_viewer", "vlogger"), ("Chinese", "English")), sides(("a", "b"), between=" against ")
    ('Chinese viewer (Chinese) minus vlogger (English)', 'a against b')

    """
    tongues = [f" ({language})" for language in spoken] or [""] * len(names)
    return between.join(
        group_name(plain_name(name), _HEADING - len(tongue)) + tongue
        for name, tongue in zip(names, tongues, strict=True)
    )


def in_order(groups: int) -> str:
    """Say where each group stands in a band of many, whose colours are not all far apart.

    Examples
    --------
    >>> in_order(4), in_order(9)
    ('', 'In each band groups stand in the order of the legend.')

    """
    return "In each band groups stand in the order of the legend." if groups > _TOLD_APART else ""
