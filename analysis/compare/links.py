"""Across languages by a link: Chinese labMT scores on the English scale, and the gap that the link leaves.

Words are linked before the lens (:func:`analysis.measure.pairs.linked_word_means`); here the scores under the other
links are a line away from the column ``labmt_linked``, groups are compared, and the same is done to aligned lines:
what two groups' difference must exceed to be claimed is what the link leaves between the two sides of one content.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from analysis.compare.clusters import make_side
from analysis.compare.contrasts import compare, finish
from analysis.compare.groups import require_one_language
from analysis.compare.statistics import OF_INTEREST, make_scored, pooled_sd
from analysis.digits import settled
from analysis.errors import CrossLanguageError
from analysis.measure.pairs import LINKS, Link, Points

#: The column that measuring gives (Chinese words linked by ``sd``), and the prefix of those that links make of it.
MEASURED, PREFIX = "labmt_linked", "labmt_"
#: How far from 0 the gap on aligned lines may lie, in English points, stated before looking.
TARGET_GAP = 0.15


def link_scores(scores: Points, link: Link, was: Link | None = None) -> Points:
    """Put Chinese scores on the English scale.

    A mean of linked ratings is the linked mean of the ratings, so this holds for words and for texts.

    Parameters
    ----------
    scores : float, array or Series
    link : Link
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
    gap: Mapping[str, Any] | None = None,
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
    gap : mapping, optional
        The row of :func:`aligned_gap` for the same link: the note then says whether the contrast exceeds it.

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
        found = set(rows.loc[rows[column].notna(), "language"])
        if found - {language}:
            raise CrossLanguageError(column, [language, *found])
    sides = [make_side(rows[column], rows["cluster_id"], weighting, rows["likes"]) for rows in (zh, en)]
    row = compare(
        f"labmt linked by {link.name}",
        names[0],
        sides[0],
        names[1],
        sides[1],
        extra_variance=link.variance(sides[0].mean),
        unit=pooled_sd(*(make_scored(rows, column, weighting) for rows in (zh, en))),
        unit_name="sd",
        of_interest=OF_INTEREST["sd"],
    )
    if gap is None:
        return row
    verdict = "exceeded" if exceeds(row, gap) else "not exceeded"
    left = f"the link leaves {gap['estimate']:+.2f} [{gap['ci_low']:+.2f}, {gap['ci_high']:+.2f}] on aligned text"
    return row | {"note": "; ".join(filter(None, [row["note"], f"{left}: {verdict}"]))}


def exceeds(row: Mapping[str, Any], gap: Mapping[str, Any]) -> bool:
    """Return whether a contrast's interval lies beyond 0 and beyond the whole interval of the gap on the same side."""
    (low, high), (below, above) = (settled((one["ci_low"], one["ci_high"])) for one in (row, gap))
    return bool(low > max(above, 0.0) or high < min(below, 0.0))


def aligned_gap(
    en: pd.Series, zh: pd.Series, clusters: pd.Series, measure: str = "labmt linked by sd", *, paired: bool = True
) -> dict[str, Any]:
    """Measure the gap that a link leaves on text of the same content.

    The estimate is mean zh - mean en, in English points; 0 would be a perfect link. A line's two sides stand in one
    cluster and are left out together (with a line a cluster this is the paired t test). The interval is that of this
    link on such text: the link's own sampling error is not in it, since the contrast that it is held against was made
    with the same link.

    Parameters
    ----------
    en, zh : pandas.Series of float, shape (lines,)
        The English scores, and the Chinese ones on the English scale, NaN where not scored; in the same order.
    clusters : pandas.Series of str, shape (lines,)
        The line, or what it was taken from.
    measure : str
        What the row is called.
    paired : bool
        Only lines that have a score on both sides. Otherwise each side's scored lines, as in a contrast of groups:
        the gap then holds what the two languages score and leave unscored, too.

    Returns
    -------
    dict
        A contrasts row.

    """
    en, zh = (side.reset_index(drop=True) for side in (en, zh))
    if paired:
        en, zh = en.where(zh.notna()), zh.where(en.notna())
    sides = [make_side(side, clusters) for side in (zh, en)]
    row = compare(measure, "zh", sides[0], "en", sides[1])
    verdict = "within" if abs(row["estimate"]) <= TARGET_GAP else "beyond"
    return row | {"note": "; ".join(filter(None, [row["note"], f"{verdict} the target of {TARGET_GAP}"]))}


def aligned_gaps(aligned: pd.DataFrame, links: Iterable[str] = LINKS, *, paired: bool = True) -> pd.DataFrame:
    """Measure the gap of each link on aligned lines, overall and by tone.

    Parameters
    ----------
    aligned : pandas.DataFrame
        Measures of aligned lines (:func:`analysis.measure.aligned.aligned_lines`) after :func:`add_linked`: two rows a
        pair, whose ``cluster_id`` is the pair and whose ``kind`` is the tone.
    links : iterable of str
    paired : bool
        See :func:`aligned_gap`.

    Returns
    -------
    pandas.DataFrame
        The contrasts columns, and ``link, tone, r``: ``tone`` is ``all`` or the lines' own, ``r`` the correlation of
        the lines' scores across languages where both have one.

    """
    rows, more = [], []
    sides = [aligned[aligned["language"] == code].set_index("cluster_id") for code in ("en", "zh")]
    tones = sides[0]["kind"]
    for name in links:
        en, zh = sides[0][PREFIX + name], sides[1][PREFIX + name].reindex(sides[0].index)
        for tone in ("all", *sorted(tones.unique())):
            keep = tones.notna() if tone == "all" else tones == tone
            rows.append(
                aligned_gap(en[keep], zh[keep], en.index[keep].to_series(), f"labmt linked by {name}", paired=paired)
            )
            more.append({"link": name, "tone": tone, "r": en[keep].corr(zh[keep])})
    return pd.concat([finish(rows), pd.DataFrame(more)], axis=1)
