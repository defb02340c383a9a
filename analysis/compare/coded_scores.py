"""What human codes add to the multiverse: corrected scores and mentions, and scores learned from codes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.compare.corrected import corrected_codes, corrected_codes_around, corrected_mentions
from analysis.compare.correction import Pseudo
from analysis.compare.dataset import Dataset
from analysis.compare.learned import LEARNED, learned_scores
from analysis.compare.predicted import correction_of

CORRECTED = "codes"


class CodedScores(NamedTuple):
    """Scores of utterances: on one scale in every language (corrected), or of each its own (learned)."""

    corrected: dict[str, Pseudo]
    own: dict[str, np.ndarray]


def coded_scores(study: Dataset, rows: pd.DataFrame) -> CodedScores:
    """Return the corrected codes of the first ordinal variable, and what a classifier learned from them, of rows."""
    if study.coding("codes").empty:
        return CodedScores({}, {})
    codes, learned = corrected_codes(study), learned_scores(study)
    places = correction_of(study).places(rows)
    own = np.where(places >= 0, learned.to_numpy()[places], np.nan)
    return CodedScores(
        {} if codes is None else {CORRECTED: codes.take(places)}, {} if learned.isna().all() else {LEARNED: own}
    )


def coded_concept(study: Dataset, rows: pd.DataFrame, concept: str, *, around: bool) -> Pseudo | None:
    """Return whether rows speak of a concept by what readers find, or the codes of those who do; None without codes."""
    if study.coding("codes").empty:
        return None
    found = (corrected_codes_around if around else corrected_mentions)(study, concept)
    return found and found.take(correction_of(study).places(rows))
