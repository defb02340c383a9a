"""What a classifier made of the user's own codes: one more instrument, and the words that it went by."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.compare.classifier import strongest, usable
from analysis.compare.coded import SIGNS
from analysis.compare.dataset import Dataset
from analysis.compare.predicted import correction_of
from analysis.digits import rounded, settled

#: What such scores are called, wherever they stand beside those of instruments.
LEARNED = "learned from codes"


def learned_scores(study: Dataset, variable: str = "") -> pd.Series:
    """Return what the classifier makes of every utterance: one more instrument, learned from the user's own codes.

    Parameters
    ----------
    variable : str
        An ordinal variable; default: the first of the scheme that somebody coded.

    Returns
    -------
    pandas.Series of float64
        By the index of ``study.measures``: P(for) - P(against), cross-fitted by cluster; NaN in a language with too few
        codes to learn from. An instrument like others: uncorrected, and of each language its own.

    """
    correction = correction_of(study)
    coding = correction.coding
    out = np.full(len(study.measures), np.nan)
    named = coding.ordinal_of(variable)
    for language in sorted(set(correction.language)) if named else []:
        learned = correction.learned(named[0], language)
        if learned is not None:
            first = 1 - learned.of.sum(axis=1, keepdims=True)
            value = [SIGNS.index(name) - 1 for name in learned.classes]
            of = np.einsum("nc,c->n", np.hstack([first, learned.of]), np.array(value, dtype=float))
            out[correction.language == language] = settled(of)
    return pd.Series(out, study.measures.index, name="learned")


def learned_words(study: Dataset) -> pd.DataFrame:
    """Return the words that speak most for each class of a variable, learned from the user's own codes, by language.

    Returns
    -------
    pandas.DataFrame
        ``variable, language, class, term, weight, codes`` (`analysis.compare.classifier.strongest`); no row where there
        are too few codes to learn from.

    """
    correction = correction_of(study)
    tables = []
    for variable in correction.coding.variables:
        label = correction.coding.label(variable)
        for language in sorted(set(correction.language)):
            mine = label[correction.language == language]
            if classes := usable(mine):
                learned = np.where(np.isin(mine.astype(str), classes), mine, None)
                table = strongest(correction.features(language), learned)
                tables.append(table.assign(variable=variable, language=language))
    columns = ["variable", "language", "class", "term", "weight", "codes"]
    return rounded(pd.concat(tables, ignore_index=True)[columns]) if tables else pd.DataFrame(columns=columns)
