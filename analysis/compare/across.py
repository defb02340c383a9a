"""Across languages: which comparisons are lawful, and those that are.

Everything that compares groups of different languages by their scores goes through :func:`lawful_views`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from analysis.compare.clusters import Side, make_side
from analysis.compare.contrasts import compare, finish
from analysis.compare.groups import REFERENCE, Group, main_groups
from analysis.compare.links import PREFIX, exceeds, linked_contrast
from analysis.compare.pairings import require_one_language
from analysis.compare.statistics import OF_INTEREST
from analysis.errors import CrossLanguageError
from analysis.measure.background import background_shares
from analysis.measure.lexicon import Ratings, WordMeans
from analysis.measure.pairs import Link

#: Instruments that stand for each other in two languages: the same, or a counterpart.
COUNTERPARTS = {
    "labmt": {"en": "labmt", "zh": "labmt"},
    "nrcvad": {"en": "nrcvad", "zh": "nrcvad"},
    "vader / zh_rules": {"en": "vader", "zh": "zh_rules"},
    "emoji": {"en": "emoji", "zh": "emoji"},
}
#: Instruments whose score is the mean of its words' ratings.
WORD_MEANS = ("labmt", "nrcvad")
#: A link held exact: a gap and the contrast beside it are made with the same one.
_EXACT = {"slope_variance": 0.0, "intercept_variance": 0.0, "covariance": 0.0}
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

    def side(self, column: str) -> Side:
        """Sum the reference's scores by cluster, in standard deviations."""
        return make_side(self.rows[column] / self.spread, self.rows["cluster_id"])


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
        Names of links between labMT's two scales.

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
            if all((basis, sides[language], language) in levels for language in (a, b))
        ]
    if {a, b} == {"en", "zh"}:
        views += [View("linked", link, (PREFIX + link, PREFIX + link)) for link in linked]
    return views


def require_lawful(a: str, b: str, view: View, levels: Levels) -> None:
    """Refuse a view that is not lawful for the languages.

    Raises
    ------
    CrossLanguageError
        It names the lawful ones.

    """
    if view not in lawful_views(a, b, levels):
        raise CrossLanguageError(view.name, [a, b])


def reference_levels(measures: pd.DataFrame, instruments: tuple[str, ...]) -> dict[tuple[str, str, str], Level]:
    """Return the level of each reference collection, by instrument and language.

    A reference is whatever has no vantage; all references of a language are one. Stray languages of a collection
    (see `analysis.compare.groups.main_groups`) are none.
    """
    out = {}
    columns = ["vantage", "collection", "language", "cluster_id", *instruments]
    references = measures.loc[measures["vantage"].isna(), columns]
    main = main_groups(references.assign(group=references["collection"]))
    kept = references[references.index.isin([at for group in main for at in group.rows.index])]
    for language, rows in kept.groupby("language"):
        for instrument in instruments:
            scores = rows[instrument].dropna()
            if len(scores) > 1 and scores.min() < scores.max():
                key = ("reference collection", instrument, str(language))
                out[key] = Level(float(scores.mean()), float(scores.std()), rows)
    return out


def background_level(shares: np.ndarray, ratings: np.ndarray) -> Level:
    """Return the mean and spread of a lexicon's ratings in ordinary language, each word weighted by its share.

    Parameters
    ----------
    shares : numpy.ndarray of float64, shape (words,)
        Of ordinary language; 0 for a word that does not occur.
    ratings : numpy.ndarray of float64, shape (words,)

    """
    mean = float(np.average(ratings, weights=shares))
    return Level(mean, float(np.sqrt(np.average((ratings - mean) ** 2, weights=shares))))


@cache
def _ordinary_shares(language: str, words: Ratings) -> np.ndarray:
    shares = background_shares(language)
    return np.array([shares.get(word, 0.0) for word in words], dtype=float)


def ordinary_levels(tool: WordMeans) -> dict[str, Level]:
    """Return, by language, where an instrument puts ordinary language (:func:`background_level`)."""
    levels = {}
    for language, words in tool.rated.items():
        counts = tool.counts[language]
        levels[language] = background_level(_ordinary_shares(language, words)[counts], words.array[counts])
    return levels


def centred_contrast(a: Group, b: Group, view: View, levels: Levels, weighting: str = "utterance") -> dict[str, Any]:
    """Compare two groups, each measured from the level of its own language in that level's standard deviations.

    The estimate is (mean a - level a) / spread a - (mean b - level b) / spread b. A reference collection's mean is
    estimated, and its clusters carry their share of the error; the spreads are taken as known.

    Raises
    ------
    CrossLanguageError
        If the view is not lawful for the groups' languages.

    """
    require_lawful(a.language, b.language, view, levels)
    sides, extra, constant = [], [], 0.0
    for sign, group, column in ((1.0, a, view.instruments[0]), (-1.0, b, view.instruments[1])):
        require_one_language(column, group.rows)
        level = levels[view.basis, column, group.language]
        rows = group.rows
        sides.append(make_side(rows[column] / level.spread, rows["cluster_id"], weighting, rows["likes"]))
        if level.rows is None:
            constant -= sign * level.mean / level.spread
        else:
            extra.append((-sign, level.side(column)))
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


def aligned_sides(aligned: pd.DataFrame) -> tuple[Group, Group]:
    """Return the Chinese and the English side of the aligned lines."""
    zh, en = (
        Group(f"aligned {code}", code, REFERENCE, "aligned lines", aligned[aligned["language"] == code])
        for code in ("zh", "en")
    )
    return zh, en


def aligned_gap(aligned: pd.DataFrame, view: View, levels: Levels) -> dict[str, Any]:
    """Compare the two sides of the aligned lines, Chinese minus English: what a view leaves of one content.

    Levels are held exact: the contrast that the gap stands beside is made with the same ones.
    """
    known = {key: level._replace(rows=None) for key, level in levels.items()}
    return centred_contrast(*aligned_sides(aligned), view, known)


def crossings(
    measures: pd.DataFrame,
    aligned: pd.DataFrame,
    levels: Levels,
    links: Mapping[str, Link],
    weighting: str = "utterance",
) -> pd.DataFrame:
    """Compare every pair of groups of two languages in every lawful way, beside what the aligned lines leave.

    Parameters
    ----------
    measures : pandas.DataFrame
        With ``group`` and the columns of `analysis.compare.links.add_linked`.
    aligned : pandas.DataFrame
        The same of the aligned lines.
    levels : mapping
    links : mapping of str to Link
    weighting : {"utterance", "cluster", "likes"}

    Returns
    -------
    pandas.DataFrame
        The contrasts columns (``a`` is the Chinese side), then ``instrument, language, statistic, weighting, unit,
        view``, the ``gap`` that the same comparison leaves on aligned text with ``gap_low`` and ``gap_high`` (in
        units of the effect), and ``exceeds``: whether the interval lies beyond 0 and beyond the gap.

    """
    out = []
    for pair in combinations(main_groups(measures), 2):
        en, zh = sorted(pair, key=lambda group: group.language)
        if (en.language, zh.language) != ("en", "zh") or REFERENCE in {en.vantage, zh.vantage}:
            continue
        for view in lawful_views("zh", "en", levels, tuple(links)):
            if not all(group.rows[c].notna().any() for group, c in zip((zh, en), view.instruments, strict=True)):
                continue
            if view.basis == "linked":
                row, gap = _linked(zh, en, links[view.name], aligned, weighting)
            else:
                row = centred_contrast(zh, en, view, levels, weighting)
                gap = aligned_gap(aligned, view, levels)
            scale = row["effect"] / row["estimate"] if row["estimate"] else 1.0
            more = {
                "gap": gap["estimate"] * scale,
                "gap_low": gap["ci_low"] * scale,
                "gap_high": gap["ci_high"] * scale,
                "exceeds": "" if np.isnan(row["ci_low"]) else "yes" if exceeds(row, gap) else "no",
            }
            out.append({**row, **more})
    told = ("instrument", "language", "statistic", "weighting", "unit", "view")
    return finish(out, (*told, "gap", "gap_low", "gap_high", "exceeds"))


def _linked(
    zh: Group, en: Group, link: Link, aligned: pd.DataFrame, weighting: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    row = linked_contrast(zh.rows, en.rows, link, (zh.name, en.name), weighting)
    gap = linked_contrast(*(side.rows for side in aligned_sides(aligned)), replace(link, **_EXACT))
    more = {"instrument": "labmt", "language": "zh-en", "statistic": "mean", "weighting": weighting, "unit": "sd"}
    return {**row, **more, "view": f"linked by {link.name}"}, gap
