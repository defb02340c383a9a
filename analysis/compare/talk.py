"""What a study's corpus holds, as the multiverse takes it: everything measured once, when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from analysis.compare.dataset import Dataset
from analysis.compare.multiverse import Talk
from analysis.compare.ways import score_ways
from analysis.measure.options import MASKED
from analysis.measure.pairs import labmt_links


def study_talk(study: Dataset, more: Mapping[str, pd.Series] | None = None) -> Talk:
    """Return what everybody said in a study.

    Parameters
    ----------
    study : Dataset
    more : mapping of str to pandas.Series, optional
        Further instruments, by ``utterance_id``, on one scale in every language: scores corrected by human codes.

    """
    rows, run = study.every, study.parameters

    def count() -> np.ndarray:
        return pc.list_value_length(study.tokens(rows)).to_numpy(zero_copy_only=False)

    return Talk(
        rows=rows,
        score=lambda: score_ways(study, rows, more),
        links=labmt_links(),
        boilerplate=run.boilerplate,
        duplicates=run.duplicates,
        aligned=study.aligned.assign(**{name: study.aligned[f"{name}_masked"] for name in MASKED}),
        count=count,
    )
