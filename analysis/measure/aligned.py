"""The project's aligned lines: the same content in English and Chinese, to see what a comparison leaves of nothing."""

from __future__ import annotations

import pandas as pd

from analysis import paths
from analysis.corpus.readers.table import read_rows

LANGUAGES = ("en", "zh")


def aligned_lines() -> pd.DataFrame:
    """Return ``data/aligned.csv`` as rows of the corpus: two utterances a pair, which is their cluster.

    Returns
    -------
    pandas.DataFrame
        The columns that measuring needs; ``kind`` holds the line's tone (warm, cold, mixed, neutral).

    """
    pairs = read_rows(paths.DATA / "aligned.csv", ("pair", "tone", *LANGUAGES))
    rows = [
        {
            "utterance_id": f"{language}-{pair['pair']}",
            "text": pair[language],
            "language": language,
            "collection": "aligned lines",
            "vantage": None,
            "origin": None,
            "platform": None,
            "kind": pair["tone"],
            "thread_id": pair["pair"],
            "cluster_id": pair["pair"],
            "evidence": "constructed",
            "likes": None,
        }
        for language in LANGUAGES
        for pair in pairs
    ]
    frame = pd.DataFrame(rows).astype({"likes": "Int64"})
    return frame.assign(posted_at=pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us, UTC]"))
