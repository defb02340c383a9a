"""What human codes add to the instruments of the multiverse: corrected scores, and those learned from codes."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from analysis.compare.corrected import corrected_means, corrected_scores, learned_scores
from analysis.compare.dataset import Dataset

CORRECTED, LEARNED = "codes", "learned from codes"


class CodedScores(NamedTuple):
    """Scores by ``utterance_id``: on one scale in every language (corrected), or of each its own (learned)."""

    anchored: dict[str, pd.Series]
    own: dict[str, pd.Series]


def coded_scores(study: Dataset) -> CodedScores:
    """Return the corrected scores of the first ordinal variable, and what a classifier learned from its codes.

    Only of groups whose corrected mean has an interval: with fewer coded clusters the multiverse, whose intervals count
    all clusters, would be surer than the codes are.
    """
    if study.coding("codes").empty:
        return CodedScores({}, {})
    means = corrected_means(study)
    means = means[(means["statistic"] == "mean") & means["ci_low"].notna()]
    ids = study.measures["utterance_id"].to_numpy()
    if means.empty:
        return CodedScores({}, {})
    means = means[means["variable"] == means["variable"].iloc[0]]
    sure = pd.MultiIndex.from_frame(means[["a", "language_a"]])
    known = pd.MultiIndex.from_frame(study.measures[["group", "language"]]).isin(sure)
    anchored = corrected_scores(study, means["variable"].iloc[0]).where(known)
    learned = learned_scores(study, means["variable"].iloc[0])
    own = {LEARNED: pd.Series(learned.to_numpy(), ids)} if learned.notna().any() else {}
    return CodedScores({CORRECTED: pd.Series(anchored.to_numpy(), ids)}, own)
