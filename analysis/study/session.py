"""What a notebook opens: the measures of its corpus, ready to compare, and the folder for its figures."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis import paths
from analysis.compare.groups import add_group
from analysis.corpus import store
from analysis.corpus.quotations import NAME, import_quotations
from analysis.errors import ParameterError
from analysis.measure.cache import MeasuredFiles, measured_files

#: Where the runner has put the imported quotations and what it measured, so that no kernel does either again.
QUOTATIONS_FOLDER = "VANTAGE_QUOTATIONS"
MEASURED_FOLDER = "VANTAGE_MEASURED"


@dataclass(frozen=True)
class Study:
    """An opened study.

    Attributes
    ----------
    corpus : Path
        The corpus folder.
    out : Path
        Where figures go.
    measures : pandas.DataFrame
        The measures of the utterances that the evidence parameter allows, with ``group``, without ``tokens``.
    mentions : pandas.DataFrame
    files : MeasuredFiles
    weighting : str

    """

    corpus: Path
    out: Path
    measures: pd.DataFrame
    mentions: pd.DataFrame
    files: MeasuredFiles
    weighting: str

    @property
    def own_words(self) -> pd.DataFrame:
        """The utterances in somebody's own (or translated) words: all but paraphrases, which are never scored."""
        return self.measures[self.measures["evidence"] != "paraphrase"]

    def tokens(self, rows: pd.DataFrame) -> pa.ListArray:
        """Return the tokens of rows of :attr:`measures`, in their order."""
        column = pq.read_table(self.files.measures, columns=["tokens"])["tokens"].combine_chunks()
        return column.take(pa.array(rows["row"].to_numpy()))

    def with_text(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Add the texts of rows of :attr:`measures`."""
        texts = store.read_corpus(self.corpus, ["utterance_id", "text"])
        return rows.merge(texts, on="utterance_id", how="left")


def default_out(corpus: str) -> Path:
    """Return ``figures/`` for the quotations and ``runs/<corpus name>/`` for anything else."""
    return paths.FIGURES if corpus == NAME else paths.RUNS / Path(corpus).resolve().name


def corpus_folder(corpus: str) -> Path:
    """Return the folder of a corpus; the quotations are imported afresh unless the runner has done it."""
    if corpus != NAME:
        return Path(corpus).expanduser()
    if QUOTATIONS_FOLDER in os.environ:
        return Path(os.environ[QUOTATIONS_FOLDER])
    folder = Path(tempfile.mkdtemp(prefix="vantage-")) / NAME
    import_quotations(folder)
    return folder


def open_study(
    corpus: str = NAME,
    out: str = "",
    compare: str = "vantage",
    evidence: Sequence[str] = ("verbatim", "translated", "paraphrase", "constructed"),
    weighting: str = "utterance",
) -> Study:
    """Open a corpus for comparison; it is measured first if that was not done.

    Parameters
    ----------
    corpus : str
        ``quotations`` or the folder of a corpus.
    out : str
        Where figures go; empty: :func:`default_out`.
    compare : {"vantage", "origin", "collection"}
    evidence : sequence of str
        Kinds of evidence to keep.
    weighting : {"utterance", "cluster", "likes"}

    Returns
    -------
    Study

    """
    folder = corpus_folder(corpus)
    given = os.environ.get(MEASURED_FOLDER)
    files = MeasuredFiles.of(Path(given)) if given else measured_files(folder)
    names = [name for name in pq.read_schema(files.measures).names if name != "tokens"]
    measures = pq.read_table(files.measures, columns=names).to_pandas()
    measures["row"] = np.arange(len(measures))
    measures = measures[measures["evidence"].isin(list(evidence))]
    if measures.empty:
        message = f"no utterance is left with evidence {', '.join(evidence)} (accepted: those that the corpus holds)"
        raise ParameterError(message)
    mentions = pq.read_table(files.mentions).to_pandas()
    place = Path(out) if out else default_out(corpus)
    return Study(folder, place, add_group(measures, compare), mentions, files, weighting)
