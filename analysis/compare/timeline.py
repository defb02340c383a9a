"""Prevalence over time: the share of each group's utterances that mention a concept, by year or month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from analysis.compare.concepts import make_sides
from analysis.compare.contrasts import describe_share, finish, withhold
from analysis.compare.dataset import Dataset
from analysis.compare.groups import describe_group, group_order
from analysis.corpus import store
from analysis.digits import rounded
from analysis.errors import plural

#: Below this many utterances of a group a period has no share.
MIN_UTTERANCES = 30
#: A corpus that spans fewer months than this is shown by month.
MONTHS = 36
Step = Literal["year", "month"]


def add_period(measures: pd.DataFrame, dates: pd.DataFrame) -> tuple[pd.DataFrame, Step]:
    """Add ``period``: the month (``2013-02``) or the year, null where an utterance has no date.

    Months are used if the dated utterances span fewer than :data:`MONTHS` and each is known to its month.

    Parameters
    ----------
    dates : pandas.DataFrame
        ``utterance_id, posted_at, time_precision`` of the corpus.

    Returns
    -------
    tuple of pandas.DataFrame and str
        The measures, and ``month`` or ``year``.

    """
    when = dates.set_index("utterance_id").reindex(measures["utterance_id"])
    posted = when["posted_at"].dt.tz_localize(None)
    known = posted.dropna()
    months = (known.dt.year * 12 + known.dt.month) if len(known) else pd.Series(dtype=int)
    fine = len(known) > 0 and months.max() - months.min() < MONTHS
    fine = fine and not (when.loc[posted.notna().to_numpy(), "time_precision"] == "year").any()
    step: Step = "month" if fine else "year"
    period = posted.dt.strftime("%Y-%m" if step == "month" else "%Y")
    return measures.assign(period=period.to_numpy(dtype=object)), step


def timeline(flagged: pd.DataFrame, concepts: Sequence[str], weighting: str = "utterance") -> pd.DataFrame:
    """Return the share of each group's utterances of each period that mention each concept.

    Parameters
    ----------
    flagged : pandas.DataFrame
        Of `analysis.compare.dataset.flag_concepts`, with ``period``.
    weighting : {"utterance", "cluster", "likes"}

    Returns
    -------
    pandas.DataFrame
        The contrasts columns, one row a concept (``measure``), group (``a``) and period in which the group said
        something; then ``period, hits, languages, vantage, label``. Under :data:`MIN_UTTERANCES` there is no estimate.

    """
    rows = []
    for name in group_order(flagged["group"]):
        whole = flagged[flagged["group"] == name]
        about = describe_group(name, whole)
        for period, mine in whole.dropna(subset=["period"]).groupby("period", sort=True):
            sides = make_sides(mine, concepts, weighting)
            for concept in concepts:
                row = describe_share(concept, name, sides[concept])
                if len(mine) < MIN_UTTERANCES:
                    row = withhold(row, f"too few: {plural(len(mine), 'utterance')}")
                rows.append({**row, "period": str(period), "hits": int(mine[concept].sum()), **about})
    table = finish(rows, ("period", "hits", "languages", "vantage", "label"))
    order = {concept: place for place, concept in enumerate(concepts)}
    return table.sort_values("measure", key=lambda names: names.map(order), kind="stable").reset_index(drop=True)


def dated(flagged: pd.DataFrame) -> pd.DataFrame:
    """Count each group's utterances with and without a date.

    Returns
    -------
    pandas.DataFrame
        ``a, languages, vantage, label, dated, undated``, in the study's order of groups.

    """
    rows = []
    for name in group_order(flagged["group"]):
        mine = flagged[flagged["group"] == name]
        known = int(mine["period"].notna().sum())
        rows.append({"a": name, **describe_group(name, mine), "dated": known, "undated": len(mine) - known})
    return pd.DataFrame(rows, columns=["a", "languages", "vantage", "label", "dated", "undated"])


def concept_timeline(study: Dataset) -> pd.DataFrame:
    """Return how often each group speaks of each concept over time.

    Returns
    -------
    pandas.DataFrame
        As :func:`timeline`, then ``step`` (``year`` or ``month``) and how many utterances of the group are ``dated``
        and ``undated``; a group without any date has one row without a period.

    """
    dates = store.read_corpus(study.corpus, ["utterance_id", "posted_at", "time_precision"])
    flagged, step = add_period(study.mentioned, dates)
    table = timeline(flagged, study.concepts, study.parameters.weighting)
    counts = dated(flagged)
    table = pd.concat(
        [table, counts.loc[counts["dated"] == 0, ["a", "languages", "vantage", "label"]]], ignore_index=True
    )
    about = {"step": step, "weighting": study.parameters.weighting}
    return rounded(table.merge(counts[["a", "dated", "undated"]], on="a", how="left").assign(**about))
