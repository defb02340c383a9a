"""The tone of words: means by group, and every statistic of every lawful pair within a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.compare.clusters import WEIGHTINGS, Side, make_side
from analysis.compare.contrasts import SHARE_COLUMNS, compare, compare_shares, decide, describe_share, finish
from analysis.compare.groups import Group, lawful_pairs, main_groups, require_one_language
from analysis.compare.statistics import OF_INTEREST, Statistic, all_statistics, make_scored, mean_difference

#: For each instrument and language the lowest and the highest neutral score.
Neutral = Mapping[tuple[str, str], tuple[float, float]]

_CONTRAST_KEYS = ("instrument", "language", "statistic", "weighting", "unit", *SHARE_COLUMNS)


def tone_side(rows: pd.DataFrame, instrument: str, weighting: str = "utterance") -> Side:
    """Sum a group's scores by cluster.

    Raises
    ------
    CrossLanguageError
        If scored rows are in more than one language.

    """
    require_one_language(instrument, rows)
    return make_side(rows[instrument], rows["cluster_id"], weighting, rows["likes"])


def _row(measure: str, names: tuple[str, str], statistic: Statistic) -> dict[str, Any]:
    if statistic.unit_name == "points":
        return compare_shares(measure, names[0], statistic.sides[0], names[1], statistic.sides[1])
    return compare(
        measure,
        names[0],
        statistic.sides[0],
        names[1],
        statistic.sides[1],
        estimate=statistic.estimate,
        unit=statistic.unit,
        unit_name=statistic.unit_name,
        of_interest=OF_INTEREST[statistic.unit_name],
        limits=statistic.limits,
    )


def tone_means(groups: list[Group], instrument: str, weighting: str = "utterance") -> pd.DataFrame:
    """Return the mean tone of each group that has a score, one row a group and language, with its interval."""
    rows = []
    for group in groups:
        if group.rows[instrument].notna().any():
            row = compare(instrument, group.name, tone_side(group.rows, instrument, weighting))
            rows.append({**row, "language": group.language, "label": group.label})
    return finish(rows)


def tone_contrasts(
    measures: pd.DataFrame,
    neutral: Neutral,
    rng: np.random.Generator,
    weighting: str = "utterance",
    draws: int = 1999,
) -> pd.DataFrame:
    """Return every statistic of every lawful pair of groups (one language), by instrument.

    Parameters
    ----------
    measures : pandas.DataFrame
        With ``group``.
    neutral : mapping of (str, str) to tuple of float
        The instruments and languages, with the lowest and the highest neutral score.
    rng : numpy.random.Generator
        For the permutations.
    weighting : {"utterance", "cluster", "likes"}
        Of all statistics; means come in every weighting that the data allow.
    draws : int
        Permutations.

    Returns
    -------
    pandas.DataFrame
        The contrasts columns, then ``instrument, language, statistic, weighting, unit``, and of shares
        `analysis.compare.contrasts.SHARE_COLUMNS`. ``p`` is from permuting clusters, ``q`` over the whole table.

    """
    pairs = []
    for a, b in lawful_pairs(main_groups(measures)):
        made = []
        for instrument, band in ((name, band) for (name, language), band in neutral.items() if language == a.language):
            if not (a.rows[instrument].notna().any() and b.rows[instrument].notna().any()):
                continue
            for weighted, statistic in _statistics(a, b, instrument, band, weighting):
                row = _row(f"{instrument}:{a.language} {statistic.name}", (a.name, b.name), statistic)
                keys = (instrument, a.language, statistic.name, weighted, statistic.unit_name)
                made.append((row | dict(zip(_CONTRAST_KEYS, keys, strict=False)), statistic.test))
        pairs.append(made)
    decide(pairs, draws, rng)
    return finish((row for rows in pairs for row, _ in rows), _CONTRAST_KEYS)


def _statistics(
    a: Group, b: Group, instrument: str, neutral: tuple[float, float], weighting: str
) -> list[tuple[str, Statistic]]:
    out = []
    for weighted in WEIGHTINGS:
        sides = [make_scored(group.rows, instrument, weighted) for group in (a, b)]
        # Likes that nobody gave or knows weigh nothing.
        if min(side.weights.sum() for side in sides) <= 0:
            continue
        if weighted == weighting:
            out += [(weighted, statistic) for statistic in all_statistics(*sides, neutral)]
        else:
            out.append((weighted, mean_difference(*sides)))
    return out


def coverage(groups: list[Group], reads: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Return the share of utterances that have a score, by group, language and instrument, with its interval.

    Parameters
    ----------
    groups : list of Group
    reads : mapping of str to sequence of str
        The instruments, and the languages that each reads: the others are not its to score.

    Returns
    -------
    pandas.DataFrame
        The contrasts columns (``a`` is the group), then ``instrument, language, vantage, label, scored, units``
        (mean scored units of a scored utterance).

    """
    rows = []
    for group in groups:
        for instrument in (name for name, languages in reads.items() if group.language in languages):
            scored = group.rows[instrument].notna()
            side = make_side(scored.astype(float), group.rows["cluster_id"])
            units = group.rows.loc[scored, f"{instrument}_n"]
            rows.append(
                {
                    **describe_share(f"{instrument}:{group.language} coverage", group.name, side),
                    "instrument": instrument,
                    "language": group.language,
                    "vantage": group.vantage,
                    "label": group.label,
                    "scored": int(scored.sum()),
                    "units": float(units.mean()) if len(units) else float("nan"),
                }
            )
    return finish(rows)


def masking(groups: list[Group], pairs: Mapping[str, str], weighting: str = "utterance") -> pd.DataFrame:
    """Compare each group's mean with topic words masked and unmasked.

    Parameters
    ----------
    groups : list of Group
    pairs : mapping of str to str
        Masked instrument to its unmasked twin.
    weighting : {"utterance", "cluster", "likes"}

    Returns
    -------
    pandas.DataFrame
        The contrasts columns (``a`` masked, ``b`` unmasked, the same clusters on both sides), then ``group,
        instrument, language, vantage, label, masked, unmasked`` (the two means); effects in sd of the masked scores.

    """
    rows = []
    for group in groups:
        for masked, unmasked in pairs.items():
            if not group.rows[masked].notna().any():
                continue
            sides = [tone_side(group.rows, name, weighting) for name in (masked, unmasked)]
            spread = float(group.rows[masked].std())
            row = compare(
                f"{masked}:{group.language}", "masked", sides[0], "unmasked", sides[1], unit=spread, unit_name="sd"
            )
            more = {"group": group.name, "instrument": masked, "language": group.language, "vantage": group.vantage}
            rows.append({**row, **more, "label": group.label, "masked": sides[0].mean, "unmasked": sides[1].mean})
    return finish(rows)
