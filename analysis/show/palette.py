"""A colour a vantage and a marker a language, the same in every figure; what many groups of one are told apart by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from itertools import cycle
from typing import NamedTuple, TypeVar

from analysis.corpus.schema import VANTAGES

#: Colour-blind-safe (Okabe & Ito 2008); the same vantage has the same colour in every figure.
COLOURS = dict(
    zip((*VANTAGES, "reference", "several"), ("#0072B2", "#D55E00", "#009E73", "#6E6E6E", "#333333"), strict=True)
)
#: A marker means a language and nothing else; the last one another language, several, or one that is not told.
MARKERS = {"en": "o", "zh": "s", "": "D"}
#: Where more than so many groups share a vantage (provinces do), or several are of several vantages, other colours tell
#: them apart: none that means a vantage, each as far from the others as can be, also for the colour-blind.
_MOST_ALIKE = 4
#: Shades of one colour: how much white (above 0) or black is mixed in.
_SHADES = (0.0, 0.45, -0.4, 0.7)
_GROUP_COLOURS = (
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#882255",
    "#999933",
    "#332288",
    "#7B3F00",
    "#DDCC77",
    "#4B0055",
    "#E8B5D0",
)
FAINT = "#C8C8C8"
INK = "#222222"

Key = TypeVar("Key", bound=Hashable)


class PlotStyle(NamedTuple):
    """How a group is drawn: the colour of its vantage, a shade of it or one of its own, and its language's marker."""

    colour: str
    marker: str


def marker(languages: object) -> str:
    """Return the marker of a language, as a table names it (``en``); of several, or none, the third.

    Examples
    --------
    >>> marker("zh"), marker("en, zh"), marker("ko")
    ('s', 'D', 'D')

    """
    return MARKERS.get(str(languages), MARKERS[""])


def plot_styles(vantages: Mapping[Key, str], languages: Mapping[Key, str] | None = None) -> dict[Key, PlotStyle]:
    """Return how each group is drawn, by its vantage and language, in the order given; no two have one colour.

    Examples
    --------
    >>> [how.marker for how in plot_styles({"a": "vlogger", "b": "vlogger"}, {"a": "en", "b": "zh"}).values()]
    ['o', 's']

    """
    crowded = {name for name, many in Counter(vantages.values()).items() if many > (_MOST_ALIKE, 1)[name == "several"]}
    others = cycle(_GROUP_COLOURS)
    seen: Counter[str] = Counter()
    out = {}
    for key, vantage in vantages.items():
        colour = next(others) if vantage in crowded else COLOURS[vantage]
        out[key] = PlotStyle(_shade(colour, seen[colour]), marker((languages or {}).get(key, "")))
        seen[colour] += 1
    return out


def pair_colours(vantages: Sequence[str]) -> list[str]:
    """Return the colours of one group or two of a pair: two of one vantage are told apart by ink.

    Examples
    --------
    >>> pair_colours(["vlogger", "vlogger"]), pair_colours(["several", "several"])
    (['#222222', '#009E73'], ['#222222', '#CC79A7'])

    """
    colours = [COLOURS[vantage] for vantage in vantages]
    if len(set(colours)) < len(colours):
        # The colour of several vantages is as dark as ink.
        colours = [INK, _GROUP_COLOURS[0] if vantages[0] == "several" else colours[1]]
    return colours


def _shade(colour: str, number: int) -> str:
    """Return one of the shades of a colour."""
    mixed = _SHADES[number % len(_SHADES)]
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(part + abs(mixed) * ((255 if mixed > 0 else 0) - part)):02X}" for part in parts)
