"""The tone of words: means by group, and their contrasts within a language."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.compare.clusters import Side, make_side
from analysis.compare.contrasts import compare, finish
from analysis.compare.groups import Group, lawful_pairs, main_groups, require_one_language

#: The smallest difference worth speaking of, stated before looking, in standard deviations of the scores.
OF_INTEREST_SD = 0.2


def tone_side(rows: pd.DataFrame, instrument: str, weighting: str = "utterance") -> Side:
    """Sum a group's scores by cluster.

    Raises
    ------
    CrossLanguageError
        If scored rows are in more than one language.

    """
    require_one_language(instrument, rows)
    return make_side(rows[instrument], rows["cluster_id"], weighting, rows["likes"])


def tone_contrast(
    a: pd.DataFrame, b: pd.DataFrame, instrument: str, names: tuple[str, str] = ("a", "b"), weighting: str = "utterance"
) -> dict[str, object]:
    """Compare the mean tone of two sets of utterances in one language.

    Parameters
    ----------
    a, b : pandas.DataFrame
        Rows of the measures table.
    instrument : str
        The column that holds the scores.
    names : tuple of str
        What to call the two.
    weighting : {"utterance", "cluster", "likes"}

    Returns
    -------
    dict
        A contrasts row; ``effect`` is the difference in standard deviations of the scores.

    Raises
    ------
    CrossLanguageError
        If the two are not in one language.

    """
    require_one_language(instrument, a, b)
    return compare(
        instrument,
        names[0],
        tone_side(a, instrument, weighting),
        names[1],
        tone_side(b, instrument, weighting),
        unit=pooled_sd(a[instrument], b[instrument]),
        unit_name="sd",
        of_interest=OF_INTEREST_SD,
    )


def pooled_sd(a: pd.Series, b: pd.Series) -> float:
    """Return the pooled standard deviation of two sets of scores; NaN where it cannot be known."""
    free = [max(int(side.notna().sum()) - 1, 0) for side in (a, b)]
    squares = sum(f * float(np.nan_to_num(side.var(ddof=1))) for f, side in zip(free, (a, b), strict=True))
    return float(np.sqrt(squares / sum(free))) if sum(free) and squares > 0 else float("nan")


def tone_means(groups: list[Group], instrument: str, weighting: str = "utterance") -> pd.DataFrame:
    """Return the mean tone of each group that has a score, one row a group and language, with its interval."""
    rows = []
    for group in groups:
        if group.rows[instrument].notna().any():
            row = compare(instrument, group.name, tone_side(group.rows, instrument, weighting))
            rows.append({**row, "language": group.language, "label": group.label})
    table = finish(rows)
    return table.assign(language=[r["language"] for r in rows], label=[r["label"] for r in rows])


def tone_contrasts(measures: pd.DataFrame, instruments: tuple[str, ...], weighting: str = "utterance") -> pd.DataFrame:
    """Return every lawful contrast of mean tone: pairs of groups of one language, by instrument.

    ``measure`` names instrument and language (``labmt:zh``); ``q`` is over the whole table.
    """
    rows = []
    for a, b in lawful_pairs(main_groups(measures)):
        for instrument in instruments:
            if a.rows[instrument].notna().any() and b.rows[instrument].notna().any():
                row = tone_contrast(a.rows, b.rows, instrument, (a.name, b.name), weighting)
                rows.append({**row, "measure": f"{instrument}:{a.language}"})
    return finish(rows)


def coverage(groups: list[Group], instruments: tuple[str, ...]) -> pd.DataFrame:
    """Count, by group, language and instrument, the utterances that have a score.

    Returns
    -------
    pandas.DataFrame
        ``group, language, instrument, utterances, scored, share, units`` (mean scored units of a scored utterance).

    """
    rows = []
    for group in groups:
        for instrument in instruments:
            scored = group.rows[instrument].notna()
            units = group.rows.loc[scored, f"{instrument}_n"]
            rows.append(
                {
                    "group": group.name,
                    "language": group.language,
                    "instrument": instrument,
                    "utterances": len(group.rows),
                    "scored": int(scored.sum()),
                    "share": float(scored.mean()) if len(scored) else float("nan"),
                    "units": float(units.mean()) if len(units) else float("nan"),
                }
            )
    return pd.DataFrame(rows)
