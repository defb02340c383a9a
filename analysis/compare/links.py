"""Across languages by a link: Chinese labMT scores on the English scale, and the gap that the link leaves.

Words are linked before the lens (:func:`analysis.measure.pairs.linked_word_means`); here the scores under the other
links are a line away from the column ``labmt_linked``, groups are compared, and the same is done to aligned lines:
what two groups' difference must exceed to be claimed is what the link leaves between the two sides of one content.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.compare.clusters import make_side
from analysis.compare.contrasts import compare
from analysis.compare.pairings import require_one_language
from analysis.compare.statistics import OF_INTEREST, make_scored, pooled_sd
from analysis.digits import settled
from analysis.errors import CrossLanguageError
from analysis.measure.pairs import Link, Points

#: The column that measuring gives (Chinese words linked by ``sd``), and the prefix of those that links make of it.
MEASURED, PREFIX = "labmt_linked", "labmt_"


def link_scores(scores: Points, link: Link, was: Link | None = None) -> Points:
    """Put Chinese scores on the English scale.

    A mean of linked ratings is the linked mean of the ratings, so this holds for words and for texts.

    Parameters
    ----------
    scores : float, array or Series
    was : Link, optional
        The link that the scores were put on the English scale by; without it they are in Chinese points.

    Examples
    --------
    >>> primary, other = Link("sd", 2.0, -5.0), Link("ols", 1.0, 0.5)
    >>> link_scores(5.5, primary), link_scores(6.0, other, was=primary)
    (6.0, 6.0)

    """
    return link(scores if was is None else was.back(scores))


def add_linked(measures: pd.DataFrame, links: Mapping[str, Link]) -> pd.DataFrame:
    """Add the columns ``labmt_sd``, ``labmt_ols`` and ``labmt_reverse``: tone in English points.

    English rows have their labMT score in all three, Chinese rows the linked one, other languages none. The three
    rest on the same words.
    """
    score, language = measures[MEASURED], measures["language"]
    moved = {
        PREFIX + name: score.where(language == "en", link_scores(score, link, links["sd"])).where(
            language.isin(("en", "zh"))
        )
        for name, link in links.items()
    }
    return measures.assign(**moved)


def linked_contrast(
    zh: pd.DataFrame,
    en: pd.DataFrame,
    link: Link,
    names: tuple[str, str] = ("zh", "en"),
    weighting: str = "utterance",
) -> dict[str, Any]:
    """Compare the tone of Chinese and English utterances on the English scale.

    The estimate is mean zh - mean en in English points. Its variance is the clusters' (see
    :func:`analysis.compare.contrasts.compare`) and the link's at the Chinese mean, which are independent.

    Parameters
    ----------
    zh, en : pandas.DataFrame
        Rows of the measures table with the columns that :func:`add_linked` adds.
    link : Link
        Which of them, and its variance.
    names : tuple of str
        What to call the two groups.
    weighting : {"utterance", "cluster", "likes"}

    Returns
    -------
    dict
        A contrasts row; ``effect`` is in standard deviations of the scores.

    Raises
    ------
    CrossLanguageError
        If a side holds scores of another language.

    """
    column = PREFIX + link.name
    for rows, language in ((zh, "zh"), (en, "en")):
        require_one_language(column, rows)
        found = set(rows.loc[rows[column].notna(), "language"].unique())
        if found - {language}:
            raise CrossLanguageError(column, [language, *found])
    sides = [make_side(rows[column], rows["cluster_id"], weighting, rows["likes"]) for rows in (zh, en)]
    return compare(
        f"labmt linked by {link.name}",
        names[0],
        sides[0],
        names[1],
        sides[1],
        extra_variance=link.variance(sides[0].mean),
        unit=pooled_sd(*(make_scored(rows, column, weighting).scores for rows in (zh, en))),
        unit_name="sd",
        of_interest=OF_INTEREST["sd"],
    )


def exceeds(row: Mapping[str, Any], gap: Mapping[str, Any]) -> bool:
    """Return whether a contrast's interval lies beyond 0 and beyond the whole interval of the gap on the same side."""
    (low, high), (below, above) = (settled((one["ci_low"], one["ci_high"])) for one in (row, gap))
    return bool(low > max(above, 0.0) or high < min(below, 0.0))
