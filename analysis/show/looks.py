"""How groups look: the colour of their vantage, and a marker of their own among those of that colour."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import NamedTuple, TypeVar

from analysis.show import style

Key = TypeVar("Key", bound=Hashable)


class Look(NamedTuple):
    """A colour and a marker."""

    colour: str
    marker: str


def looks(vantages: Mapping[Key, str]) -> dict[Key, Look]:
    """Return each group's look, by its vantage, in the order given.

    Examples
    --------
    >>> [look.marker for look in looks({"a": "vlogger", "b": "vlogger", "c": "several"}).values()]
    ['o', 's', 'o']

    """
    seen: list[str] = []
    out = {}
    for key, vantage in vantages.items():
        out[key] = Look(style.COLOURS[vantage], style.MARKERS[seen.count(vantage) % len(style.MARKERS)])
        seen.append(vantage)
    return out
