"""Contested concepts: the tone around the same concept, warm with one group and cold with another.

Tone is that of the words within a few tokens of a mention (see `analysis.measure.concepts.tone_around`). Two
languages share an axis only measured from a level of their own: (tone around the concept - level) / its spread. That
level is of whole utterances of a reference collection, not of windows around words: windows would need words to stand
around, and a mean does not depend on how long the texts are. The spread only sets the unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from analysis.compare.across import Basis, Level, Levels, View, centred_contrast
from analysis.compare.clusters import Side, make_side
from analysis.compare.contrasts import compare, decide, finish, withhold
from analysis.compare.dataset import Dataset
from analysis.compare.groups import REFERENCE, Group, join_names, main_groups
from analysis.compare.kept import kept
from analysis.compare.permutation import Test, mean_test
from analysis.compare.statistics import OF_INTEREST
from analysis.compare.tone import language_levels
from analysis.digits import rounded, settled
from analysis.errors import CrossLanguageError, plural
from analysis.measure.concepts import LANGUAGES

#: A cell is drawn only with so many scored hits in so many clusters; below that the counts are printed.
MIN_HITS = 30
MIN_CLUSTERS = 10
#: The instrument of the tone around a mention; its level is what that tone is measured from.
TONE = "labmt"
#: What of an utterance is needed for that.
_COLUMNS = ["utterance_id", "cluster_id", "language", "likes"]
_MORE = ("language", "vantage", "label", "units_a", "hits", "scored", "clusters", "drawn", "basis")


@dataclass(frozen=True)
class Cell:
    """The tone around one concept in one group.

    Attributes
    ----------
    concept : str
    group : Group
        Its rows are the utterances with a scored hit; the column :data:`TONE` holds the mean over an utterance's hits,
        so that saying a word five times is still one utterance.
    hits : int
        Mentions.
    scored : int
        Those with a scored word around them.

    """

    concept: str
    group: Group
    hits: int
    scored: int

    @property
    def clusters(self) -> int:
        """Clusters with a scored hit."""
        return int(self.group.rows["cluster_id"].nunique())

    @property
    def enough(self) -> bool:
        """Whether there are enough scored hits in enough clusters to speak of."""
        return self.scored >= MIN_HITS and self.clusters >= MIN_CLUSTERS

    @property
    def count(self) -> str:
        """The scored hits and clusters, in words."""
        return f"{plural(self.scored, 'scored hit')} in {plural(self.clusters, 'cluster')}"


def part_of_needed(cells: pd.DataFrame) -> pd.Series:
    """Return which part of what it needs each cell has, of mentions or clusters, whichever it has less of; 1 at most.

    Parameters
    ----------
    cells : pandas.DataFrame
        With ``scored`` and ``clusters``, as the first of :func:`contested_tone`.

    """
    part = np.minimum(cells["scored"].astype(float) / MIN_HITS, cells["clusters"].astype(float) / MIN_CLUSTERS)
    return pd.Series(settled(part.clip(upper=1)), cells.index)


def make_cells(groups: Sequence[Group], mentions: pd.DataFrame, concepts: Sequence[str]) -> list[Cell]:
    """Return the tone around each concept in each group, concepts first.

    Parameters
    ----------
    groups : sequence of Group
        Each in one language (`analysis.compare.groups.main_groups`).
    mentions : pandas.DataFrame
        ``utterance_id, concept, tone``; other utterances' mentions are left out.

    """
    out = []
    mentions = mentions[mentions["concept"].isin(concepts)]
    owners = [pd.Index(group.rows["utterance_id"]).get_indexer(mentions["utterance_id"]) for group in groups]
    tables = [mentions.assign(at=at)[at >= 0] for at in owners]
    for concept in concepts:
        for group, table in zip(groups, tables, strict=True):
            mine = table[table["concept"] == concept]
            tone = mine.groupby("at")["tone"].mean().dropna()
            rows = group.rows[_COLUMNS].take(tone.index).assign(**{TONE: tone.to_numpy(dtype=float)})
            out.append(Cell(concept, group._replace(rows=rows), len(mine), int(mine["tone"].notna().sum())))
    return out


def choose_basis(groups: Sequence[Group], levels: Levels) -> Basis:
    """Return what every group's language has: reference collections if all have one, else ordinary language.

    One collection and one list of words would be two units on one axis.

    Raises
    ------
    CrossLanguageError
        If the groups' languages have no level of one kind.

    """
    languages = {group.language for group in groups}
    bases: tuple[Basis, ...] = ("reference collection", "ordinary language")
    for basis in bases:
        if all((basis, TONE, language) in levels for language in languages):
            return basis
    raise CrossLanguageError("tone around a concept", languages)


def contested(cells: Sequence[Cell], levels: Levels, basis: Basis, weighting: str = "utterance") -> pd.DataFrame:
    """Return the tone around each concept in each group, measured from the level of its language.

    Parameters
    ----------
    levels : mapping
        Of `analysis.compare.across`.
    basis : {"reference collection", "ordinary language"}
    weighting : {"utterance", "cluster", "likes"}

    Returns
    -------
    pandas.DataFrame
        The contrasts columns: ``measure`` is the concept, ``a`` the group, ``estimate`` in standard deviations of the
        level, ``n_a`` utterances. Then ``language, vantage, label, units_a, hits, scored, clusters, drawn, basis``. A
        cell with too few hits has no estimate, here as in the figure: a number that is printed will be quoted.

    Raises
    ------
    CrossLanguageError
        If a cell's language has no such level.

    """
    rows = []
    for cell in cells:
        group, key = cell.group, (basis, TONE, cell.group.language)
        if key not in levels:
            raise CrossLanguageError("tone around a concept", {one.group.language for one in cells})
        row = level_row(cell.concept, group, levels[key], weighting)
        more = {"language": group.language, "vantage": group.vantage, "label": group.label, "units_a": group.units}
        more |= {"hits": cell.hits, "scored": cell.scored, "clusters": cell.clusters}
        more |= {"drawn": "yes" if cell.enough else "no", "basis": basis}
        rows.append({**(row if cell.enough else withhold(row, f"too few: {cell.count}")), **more})
    return finish(rows, _MORE)


def level_row(measure: str, group: Group, level: Level, weighting: str = "utterance") -> dict[str, Any]:
    """Describe a group's mean of :data:`TONE`, measured from a level in its sd; the level's own error counts."""
    side = _side(group, level.spread, weighting)
    extra = [] if level.rows is None else [(-1.0, level.side(TONE))]
    estimate = side.mean - (extra[0][1].mean if extra else level.mean / level.spread)
    return compare(measure, group.name, side, estimate=estimate, extra=extra)


def contested_contrasts(
    cells: Sequence[Cell],
    levels: Levels,
    basis: Basis,
    rng: np.random.Generator,
    weighting: str = "utterance",
    draws: int = 1999,
) -> pd.DataFrame:
    """Compare the tone around each concept between all pairs of groups; reference collections are no party.

    Within a language the level cancels but for its unit, and p permutes clusters; across languages each side is
    measured from its own level, whose error counts, and p is from t.

    Parameters
    ----------
    levels : mapping
    basis : {"reference collection", "ordinary language"}
    rng : numpy.random.Generator
        For the permutations.
    weighting : {"utterance", "cluster", "likes"}

    Returns
    -------
    pandas.DataFrame
        The contrasts columns (``measure`` is the concept, ``effect`` in standard deviations of the level), then
        ``language`` (one, or both as ``zh-en``), ``basis``, ``scored_a``, ``scored_b``. Pairs with too few hits on a
        side have no estimate and are not among those that q is over.

    Raises
    ------
    CrossLanguageError
        If two languages have no such level.

    """
    parties: dict[tuple[str, str], dict[str, Cell]] = {}
    for cell in cells:
        if cell.group.vantage != REFERENCE:
            parties.setdefault((cell.group.name, cell.group.language), {})[cell.concept] = cell
    pairs = [
        [_contrast(a[concept], b[concept], levels, basis, weighting) for concept in a]
        for a, b in combinations(parties.values(), 2)
    ]
    decide(pairs, draws, rng)
    more = ["language", "basis", "scored_a", "scored_b"]
    return finish((row for rows in pairs for row, _ in rows), more)


def _contrast(a: Cell, b: Cell, levels: Levels, basis: Basis, weighting: str) -> tuple[dict[str, Any], Test | None]:
    """Return a row, and within a language what to permute."""
    languages = a.group.language, b.group.language
    test = None
    if languages[0] == languages[1]:
        spread = levels[basis, TONE, languages[0]].spread
        sides = _side(a.group, spread, weighting), _side(b.group, spread, weighting)
        of_interest = {"unit_name": "sd", "of_interest": OF_INTEREST["sd"]}
        row = compare(a.concept, a.group.name, sides[0], b.group.name, sides[1], **of_interest)
        test = mean_test(*sides)
    else:
        row = centred_contrast(a.group, b.group, View(basis, TONE, (TONE, TONE)), levels, weighting)
        row = {key: row[key] for key in row if key not in {"instrument", "statistic", "weighting", "unit", "view"}}
    row |= {"measure": a.concept, "language": "-".join(dict.fromkeys(languages)), "basis": basis}
    row |= {"scored_a": a.scored, "scored_b": b.scored}
    poor = [f"{cell.group.name}: {cell.count}" for cell in (a, b) if not cell.enough]
    return (withhold(row, "too few: " + ", ".join(poor)) if poor else row), test


def by_distance(table: pd.DataFrame, contrasts: pd.DataFrame) -> pd.DataFrame:
    """Sort the concepts of :func:`contested` by the largest difference between two groups, kept as ``distance``.

    Concepts that fewer than two groups have enough hits of (``distance`` NaN) come last, in their own order.
    """
    largest = contrasts.assign(size=settled(contrasts["effect"].abs())).groupby("measure")["size"].max()
    out = table.assign(distance=table["measure"].map(largest).astype(float))
    order = list(dict.fromkeys(out.sort_values("distance", ascending=False, kind="stable")["measure"]))
    return out.iloc[np.argsort(out["measure"].map(order.index).to_numpy(dtype=int), kind="stable")].reset_index(
        drop=True
    )


def _side(group: Group, spread: float, weighting: str) -> Side:
    rows = group.rows
    return make_side(rows[TONE] / spread, rows["cluster_id"], weighting, rows["likes"])


# What notebook 04 calls -----------------------------------------------------------------------------------------------


@kept
def contested_tone(study: Dataset) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tone around each concept in each group, and its differences between groups.

    Paraphrases are left out; a group of paraphrases alone is still a group, whose empty cells are to be seen.

    Returns
    -------
    tuple of pandas.DataFrame
        As :func:`contested`, the farthest apart first, with ``baselines`` (what each language is measured from); as
        :func:`contested_contrasts`.

    """
    options = study.parameters
    groups = [
        group._replace(rows=group.rows[group.rows["evidence"] != "paraphrase"])
        for group in main_groups(study.measures)
        if group.language in LANGUAGES
    ]
    levels = language_levels(study, study.own_words, (TONE,))
    cells = make_cells(groups, study.mentions, study.concepts)
    basis = choose_basis(groups, levels)
    contrasts = contested_contrasts(cells, levels, basis, study.rng(), options.weighting, options.draws)
    table = by_distance(contested(cells, levels, basis, options.weighting), contrasts)
    names = {
        language: join_names(level.rows["collection"])
        for (kind, _, language), level in levels.items()
        if kind == basis and level.rows is not None
    }
    table = table.assign(baselines=table["language"].map(names).astype(object), weighting=options.weighting)
    return rounded(table), rounded(contrasts.assign(unit=f"sd of {basis}", weighting=options.weighting))
