"""Across languages: which comparisons are lawful, and those that are.

Everything that compares groups of different languages by their scores goes through :func:`lawful_views`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from analysis.compare.clusters import Side, make_side
from analysis.compare.contrasts import compare
from analysis.compare.groups import Group, require_one_language
from analysis.compare.statistics import OF_INTEREST
from analysis.errors import CrossLanguageError

#: Instruments that stand for each other in two languages: the same, or a counterpart.
COUNTERPARTS = {
    "labmt": {"en": "labmt", "zh": "labmt"},
    "nrcvad": {"en": "nrcvad", "zh": "nrcvad"},
    "vader / zh_rules": {"en": "vader", "zh": "zh_rules"},
    "emoji": {"en": "emoji", "zh": "emoji"},
}
Basis = Literal["direct", "reference collection", "ordinary language", "linked"]


class View(NamedTuple):
    """A lawful way to compare two groups' tone.

    Attributes
    ----------
    basis : str
        ``direct`` (one language), ``reference collection`` (each minus a reference of its own language),
        ``ordinary language`` (each minus the level that ordinary language has) or ``linked``.
    name : str
        The instrument, or the pair of counterparts.
    instruments : tuple of str
        The score columns of a and b.

    """

    basis: Basis
    name: str
    instruments: tuple[str, str]


class Level(NamedTuple):
    """The level and spread that a language's scores are measured from: a reference's rows, or two known numbers."""

    mean: float
    spread: float
    rows: pd.DataFrame | None = None


#: (basis, instrument, language) -> level
Levels = Mapping[tuple[str, str, str], Level]


def lawful_views(a: str, b: str, levels: Levels, linked: tuple[str, ...] = ()) -> list[View]:
    """Return the lawful ways to compare the scores of two languages: the one place that knows them.

    Parameters
    ----------
    a, b : str
        The languages.
    levels : mapping
        The levels at hand.
    linked : tuple of str
        Score columns of Chinese that are on an English scale, ``labmt_<link>``.

    Returns
    -------
    list of View
        For one language ``direct`` views only.

    """
    if a == b:
        names = [(name, sides[a]) for name, sides in COUNTERPARTS.items() if a in sides]
        return [View("direct", name, (column, column)) for name, column in names]
    views = []
    for name, sides in COUNTERPARTS.items():
        if a not in sides or b not in sides:
            continue
        views += [
            View(basis, name, (sides[a], sides[b]))
            for basis in ("reference collection", "ordinary language")
            if all((basis, sides[tongue], tongue) in levels for tongue in (a, b))
        ]
    if {a, b} == {"en", "zh"}:
        views += [View("linked", column, ("labmt", column) if a == "en" else (column, "labmt")) for column in linked]
    return views


def require_lawful(a: str, b: str, view: View, levels: Levels, linked: tuple[str, ...] = ()) -> None:
    """Refuse a view that is not lawful for the languages.

    Raises
    ------
    CrossLanguageError
        It names the lawful ones.

    """
    if view not in lawful_views(a, b, levels, linked):
        raise CrossLanguageError(view.name, [a, b])


def reference_levels(measures: pd.DataFrame, instruments: tuple[str, ...]) -> dict[tuple[str, str, str], Level]:
    """Return the level of each reference collection, by instrument and language.

    A reference is whatever has no vantage; all references of a language are one.
    """
    out = {}
    references = measures[measures["vantage"].isna()]
    for language, rows in references.groupby("language"):
        for instrument in instruments:
            scores = rows[instrument].dropna()
            if len(scores) > 1 and scores.std() > 0:
                key = ("reference collection", instrument, str(language))
                out[key] = Level(float(scores.mean()), float(scores.std()), rows)
    return out


def ordinary_level(shares: pd.Series, ratings: Mapping[str, float]) -> Level:
    """Return the mean and spread of a lexicon's ratings in ordinary language, each word weighted by its share.

    Parameters
    ----------
    shares : pandas.Series of float
        Word to share of ordinary language.
    ratings : mapping of str to float

    """
    known = pd.Series(ratings, dtype=float)
    weights = shares.reindex(known.index).fillna(0.0).to_numpy()
    values = known.to_numpy()
    mean = float(np.average(values, weights=weights))
    return Level(mean, float(np.sqrt(np.average((values - mean) ** 2, weights=weights))))


def centred_contrast(
    a: Group, b: Group, view: View, levels: Levels, weighting: str = "utterance", linked: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Compare two groups, each measured from the level of its own language in that level's standard deviations.

    The estimate is (mean a - level a) / spread a - (mean b - level b) / spread b. A reference collection's mean is
    estimated, and its clusters carry their share of the error; the spreads are taken as known.

    Raises
    ------
    CrossLanguageError
        If the view is not lawful for the groups' languages.

    """
    require_lawful(a.language, b.language, view, levels, linked)
    sides, extra, constant = [], [], 0.0
    for sign, group, column in ((1.0, a, view.instruments[0]), (-1.0, b, view.instruments[1])):
        require_one_language(column, group.rows)
        level = levels[view.basis, column, group.language]
        sides.append(_scaled(group.rows, column, level.spread, weighting))
        if level.rows is None:
            constant -= sign * level.mean / level.spread
        else:
            extra.append((-sign, _scaled(level.rows, column, level.spread, "utterance")))
    estimate = sides[0].mean - sides[1].mean + sum(sign * side.mean for sign, side in extra) + constant
    row = compare(
        f"{view.name} {view.basis}",
        a.name,
        sides[0],
        b.name,
        sides[1],
        estimate=estimate,
        extra=extra,
        unit_name="sd",
        of_interest=OF_INTEREST["sd"],
    )
    more = {"instrument": view.name, "language": f"{a.language}-{b.language}", "statistic": "mean"}
    return {**row, **more, "weighting": weighting, "unit": "sd", "view": view.basis}


def _scaled(rows: pd.DataFrame, column: str, spread: float, weighting: str) -> Side:
    return make_side(rows[column] / spread, rows["cluster_id"], weighting, rows["likes"])
