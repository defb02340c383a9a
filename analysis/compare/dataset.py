"""What is compared: the measured utterances of a corpus, in groups, and the parameters that say how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.compare.groups import Group, main_groups
from analysis.compare.kept import keep
from analysis.compare.pairings import too_small_to_draw, without_partner
from analysis.corpus import store
from analysis.corpus.codes import read_coding
from analysis.measure.cache import MeasuredFiles
from analysis.measure.concepts import LANGUAGES, read_codebook
from analysis.measure.options import SCALES
from analysis.parameters import Parameters

Drawing = TypeVar("Drawing")


def concept_flags(ids: pd.Index, mentions: pd.DataFrame, concepts: Sequence[str]) -> np.ndarray:
    """Return 1 where an utterance mentions a concept, 0 where not; int8, shape (concepts, utterances)."""
    which = pd.Index(concepts).get_indexer(mentions["concept"])
    mentions, which = mentions[which >= 0], which[which >= 0]
    at = ids.get_indexer(mentions["utterance_id"])
    flags = np.zeros((len(concepts), len(ids)), dtype=np.int8)
    flags[which[at >= 0], at[at >= 0]] = 1
    return flags


def flag_concepts(measures: pd.DataFrame, mentions: pd.DataFrame, concepts: list[str]) -> pd.DataFrame:
    """Add one column a concept: 1 where the utterance mentions it, 0 where not.

    Utterances in a language without a codebook side are left out: not to mention is not the same as not to be read.
    """
    out = measures[measures["language"].isin(LANGUAGES)]
    flags = concept_flags(pd.Index(out["utterance_id"]), mentions, concepts)
    return out.assign(**dict(zip(concepts, flags, strict=True)))


def keep_rows(
    among: np.ndarray, nobodys: np.ndarray, copies: np.ndarray, boilerplate: str, duplicates: str
) -> np.ndarray:
    """Return which utterances the choices of ``boilerplate`` and ``duplicates`` keep.

    Parameters
    ----------
    among : numpy.ndarray of bool, shape (utterances,)
        Those that are there at all.
    nobodys : numpy.ndarray of bool, shape (utterances,)
        Boilerplate; where all are, they are kept.
    copies : numpy.ndarray of int64, shape (utterances,)
        The text that each is a copy of, -1 for none.
    boilerplate : {"drop", "keep"}
    duplicates : {"keep", "first"}

    """
    kept = among.copy()
    if boilerplate == "drop" and not nobodys[among].all():
        kept &= ~nobodys
    if duplicates == "first":
        at = np.flatnonzero(kept & (copies >= 0))
        _, first = np.unique(copies[at], return_index=True)
        kept[np.delete(at, first)] = False
    return kept


@dataclass(frozen=True)
class Dataset:
    """The measured utterances of a corpus, in groups.

    Attributes
    ----------
    corpus : Path
        The corpus folder.
    files : MeasuredFiles
    parameters : Parameters
    measures : pandas.DataFrame
        The measures of the utterances that the parameters allow, with ``group``, without ``tokens``; ``row`` is the
        place in the measures table.
    mentions : pandas.DataFrame
    aligned : pandas.DataFrame
        The measures of the project's aligned lines.
    scales : dict of str to tuple of float
        The instruments that were asked for, and the scale of each.
    neutral : dict of (str, str) to tuple of float
        For each instrument and language the lowest and the highest neutral score.
    left_out : pandas.DataFrame
        The utterances that ``boilerplate`` and ``duplicates`` left out of ``measures``, with the same columns.
    nobodys : numpy.ndarray of bool
        Which rows of the measures table are boilerplate.

    """

    corpus: Path
    files: MeasuredFiles
    parameters: Parameters
    measures: pd.DataFrame
    mentions: pd.DataFrame = field(default_factory=pd.DataFrame)
    aligned: pd.DataFrame = field(default_factory=pd.DataFrame)
    scales: dict[str, tuple[float, float]] = field(default_factory=dict)
    neutral: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    left_out: pd.DataFrame = field(default_factory=pd.DataFrame)
    nobodys: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    #: Whether all of it is what its parameters say: not after `dataclasses.replace`.
    as_opened: bool = field(default=False, init=False)

    @property
    def every(self) -> pd.DataFrame:
        """All utterances whose evidence is allowed, in the corpus's order, those left out too, without scores.

        With ``kept`` (is it one of :attr:`measures`), ``boilerplate`` and ``copy_of`` (the long text that it is a copy
        of, -1 for none).
        """
        rows = self.measures[self.unscored].assign(kept=True)
        if len(self.left_out):
            rows = pd.concat([rows, self.left_out[self.unscored].assign(kept=False)])
        rows = rows.sort_values("row", kind="stable").reset_index(drop=True)
        copies = store.read_text_duplicates(self.corpus).set_index("utterance_id")["duplicate_group"]
        copy_of = rows["utterance_id"].map(copies).fillna(-1).astype(int)
        return rows.assign(boilerplate=self.nobodys[rows["row"].to_numpy()], copy_of=copy_of)

    def scores(self, name: str) -> np.ndarray:
        """Return the scores of :attr:`every` utterance, float64; NaN where there are none."""
        parts = self.measures, self.left_out
        row, score = (np.concatenate([part[column] for part in parts if len(part)]) for column in ("row", name))
        return score[np.argsort(row)].astype(float)

    @cached_property
    def own_words(self) -> pd.DataFrame:
        """The utterances in somebody's own (or translated) words: all but paraphrases, which are never scored."""
        own = self.measures["evidence"] != "paraphrase"
        return self.measures if own.all() else self.measures[own]

    @cached_property
    def groups(self) -> list[Group]:
        """The groups of :attr:`own_words`, each in one language (`analysis.compare.groups.main_groups`)."""
        return main_groups(self.own_words)

    @property
    def without_partner(self) -> pd.DataFrame:
        """The groups that no comparison within a language has, and why (`pairings.without_partner`)."""
        return without_partner(main_groups(self.measures), self.groups)

    @cached_property
    def _undrawn(self) -> set[tuple[str, str]]:
        return too_small_to_draw(self.groups)

    def drawn(self, draw: Callable[..., Drawing], table: pd.DataFrame, *more: object) -> Drawing | None:
        """Return the figure of a pair's table; None where a group is too small (`pairings.too_small_to_draw`).

        Of a pair across languages (``zh-en``) each group counts where it is largest.
        """
        language, *names = table[["language", "a", "b"]].iloc[0]
        spoken = str(language).split("-")
        small = any(all((one, name) in self._undrawn for one in spoken) for name in names)
        return None if small else draw(table, *more)

    @cached_property
    def concepts(self) -> list[str]:
        """The concepts of the codebook."""
        return [row["concept"] for row in read_codebook()]

    @cached_property
    def mentioned(self) -> pd.DataFrame:
        """The utterances in a language of the codebook, a column a concept, without scores (:func:`flag_concepts`)."""
        return flag_concepts(self.measures[self.unscored], self.mentions, self.concepts)

    @property
    def unscored(self) -> list[str]:
        """The columns that are no scores."""
        scored = (*SCALES, *self.scales, "laughter")
        return [name for name in self.measures if not any(f"{name}_".startswith(f"{each}_") for each in scored)]

    def coding(self, table: str) -> pd.DataFrame:
        """Return what people coded of the corpus (`analysis.corpus.codes.read_coding`)."""
        return read_coding(self.corpus, table)

    def rng(self) -> np.random.Generator:
        """Return a generator of the run's seed, the same for each table."""
        return np.random.default_rng(self.parameters.seed)

    @cached_property
    def _tokens(self) -> pa.ListArray:
        def read() -> pa.ListArray:
            return pq.read_table(self.files.measures, columns=["tokens"])["tokens"].combine_chunks()

        return keep("tokens", self.parameters, read)

    def tokens(self, rows: pd.DataFrame) -> pa.ListArray:
        """Return the tokens of rows of :attr:`measures`, in their order."""
        return self._tokens.take(pa.array(rows["row"].to_numpy()))

    def lengths(self, rows: pd.DataFrame) -> np.ndarray:
        """Return how many tokens rows of :attr:`measures` have, int64, without holding the tokens."""
        batches = pq.ParquetFile(self.files.measures).iter_batches(columns=["tokens"])
        return np.concatenate([pc.list_value_length(batch["tokens"]) for batch in batches])[rows["row"].to_numpy()]

    def with_text(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Add the texts of rows of :attr:`measures`."""
        texts = store.read_corpus(self.corpus, ["utterance_id", "text"])
        return rows.merge(texts, on="utterance_id", how="left")
