"""What a notebook opens: the measures of its corpus, ready to compare, and the folder for its figures."""

from __future__ import annotations

import atexit
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from matplotlib.figure import Figure

from analysis import paths
from analysis.compare.boilerplate import LANGUAGES as BOILERPLATE_LANGUAGES
from analysis.compare.boilerplate import is_boilerplate
from analysis.compare.groups import LANGUAGE_NAMES, add_group
from analysis.corpus import store
from analysis.corpus.quotations import NAME, import_quotations
from analysis.corpus.readers.table import read_table
from analysis.errors import InputError, ParameterError
from analysis.measure.cache import READ_ONLY, MeasuredFiles, measured_files
from analysis.measure.lexicon import lexicon_name, user_lexicon
from analysis.measure.options import MASKED, SCALES, UNMASKED, Options, neutral_band, signed_scale
from analysis.show import style

#: Where the runner has put the imported quotations and what it measured, so that no kernel does either again.
QUOTATIONS_FOLDER = "VANTAGE_QUOTATIONS"
MEASURED_FOLDER = "VANTAGE_MEASURED"
#: What marks an instrument as a column of the user's own table.
COLUMN = "column:"


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
    aligned : pandas.DataFrame
        The measures of the project's aligned lines.
    files : MeasuredFiles
    boilerplate : pandas.DataFrame
        How many utterances are a platform's phrase or a bot's notice, by group and language; they are left out of
        ``measures`` unless asked for.
    scales : dict of str to tuple of float
        The instruments that were asked for, and the scale of each.
    neutral : dict of (str, str) to tuple of float
        For each instrument and language the lowest and the highest neutral score.
    weighting : str
    masked : bool
    laughter : {"apart", "score"}

    """

    corpus: Path
    out: Path
    measures: pd.DataFrame
    mentions: pd.DataFrame
    aligned: pd.DataFrame
    files: MeasuredFiles
    boilerplate: pd.DataFrame
    scales: dict[str, tuple[float, float]]
    neutral: dict[tuple[str, str], tuple[float, float]]
    weighting: str
    masked: bool
    laughter: str

    @property
    def own_words(self) -> pd.DataFrame:
        """The utterances in somebody's own (or translated) words: all but paraphrases, which are never scored."""
        return self.measures[self.measures["evidence"] != "paraphrase"]

    def tokens(self, rows: pd.DataFrame) -> pa.ListArray:
        """Return the tokens of rows of :attr:`measures`, in their order."""
        column = pq.read_table(self.files.measures, columns=["tokens"])["tokens"].combine_chunks()
        return column.take(pa.array(rows["row"].to_numpy()))

    def save(self, figure: Figure, table: pd.DataFrame, name: str) -> style.Saved:
        """Write a figure and its numbers; constructed utterances are declared on it."""
        constructed = bool((self.measures["evidence"] == "constructed").any())
        return style.save(figure, table, self.out, name, constructed=constructed)

    def with_text(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Add the texts of rows of :attr:`measures`."""
        texts = store.read_corpus(self.corpus, ["utterance_id", "text"])
        return rows.merge(texts, on="utterance_id", how="left")


def slug(name: str) -> str:
    """Make a name fit for a file name; one that has to be changed carries its hash, so that names stay different.

    Examples
    --------
    >>> slug("western_commenter"), slug("Reddit 2017-19")
    ('western_commenter', 'Reddit_2017_19_c1db72')

    """
    if re.fullmatch("[a-z0-9_]{1,50}", name):
        return name
    plain = "".join(c if c.isalnum() else "_" for c in name)[:50]
    return f"{plain}_{hashlib.blake2b(name.encode(), digest_size=3).hexdigest()}"


def default_out(corpus: str) -> Path:
    """Return ``runs/<corpus name>/by-hand/``: what the runner made is held by its manifest, and is not touched."""
    return run_folder(corpus) / "by-hand"


def run_folder(corpus: str) -> Path:
    """Return ``runs/<corpus name>/``."""
    return paths.RUNS / (NAME if corpus == NAME else Path(corpus).expanduser().resolve().name)


def corpus_folder(corpus: str) -> Path:
    """Return the folder of a corpus; the quotations are imported afresh unless the runner has done it."""
    if corpus != NAME:
        return Path(corpus).expanduser()
    if QUOTATIONS_FOLDER in os.environ:
        return Path(os.environ[QUOTATIONS_FOLDER])
    folder = _temporary() / NAME
    import_quotations(folder)
    return folder


def _temporary() -> Path:
    """Return a folder that is gone with this process."""
    folder = Path(tempfile.mkdtemp(prefix="vantage-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _measured(folder: Path, options: Options) -> MeasuredFiles:
    """Return what was measured; of a corpus that cannot be written to, it is measured elsewhere."""
    try:
        return measured_files(folder, options)
    except OSError as error:
        if error.errno not in READ_ONLY:
            raise
    copy = _temporary() / "corpus"
    store.pin(folder, copy)
    return measured_files(copy, options)


def open_study(
    corpus: str = NAME,
    out: str = "",
    compare: str = "vantage",
    evidence: Sequence[str] = ("verbatim", "translated", "paraphrase", "constructed"),
    *,
    weighting: str = "utterance",
    instruments: Sequence[str] = tuple(SCALES),
    scores: str = "",
    lexicons: Sequence[str] = (),
    dictionaries: Sequence[str] = (),
    lens: float = 0.5,
    masked: bool = True,
    ironic: Literal["skip", "literal", "cold"] = "skip",
    hashtags: Literal["read", "skip"] = "read",
    laughter: Literal["apart", "score"] = "apart",
    emoji: Literal["apart", "names"] = "apart",
    boilerplate: Literal["drop", "keep"] = "drop",
    floods: Literal["keep", "first"] = "keep",
) -> Study:
    """Open a corpus for comparison; it is measured first if that was not done.

    Parameters
    ----------
    corpus : str
        ``quotations`` or the folder of a corpus.
    out : str
        Where figures go; empty: :func:`default_out` (the runner always says where).
    compare : {"vantage", "origin", "collection"}
    evidence : sequence of str
        Kinds of evidence to keep.
    weighting : {"utterance", "cluster", "likes"}
    instruments : sequence of str
        Names of instruments; ``column:NAME`` is the column NAME of ``scores``. A lexicon's name is its file's.
    scores : str
        A table with ``utterance_id`` and the user's own scores.
    lexicons : sequence of str
        The user's lexicons (CSV: term, score); they are instruments without being named.
    dictionaries : sequence of str
        The user's own words (CSV: word) that Chinese segmentation is to keep whole.
    lens, ironic, hashtags, laughter, emoji
        See :class:`analysis.measure.options.Options`.
    masked : bool
        Leave the words of ``data/masks.csv`` unscored.
    boilerplate : {"drop", "keep"}
        What to do with utterances that nobody wrote: a platform's phrase, a bot's notice.
    floods : {"keep", "first"}
        Keep every copy of a text that was pasted again and again, or the first one alone.

    Returns
    -------
    Study

    """
    folder = corpus_folder(corpus)
    given = os.environ.get(MEASURED_FOLDER)
    options = Options(lens, ironic, tuple(lexicons), tuple(dictionaries), hashtags, laughter, emoji)
    files = MeasuredFiles.of(Path(given)) if given else _measured(folder, options)
    names = [name for name in pq.read_schema(files.measures).names if name != "tokens"]
    measures = pq.read_table(files.measures, columns=names).to_pandas()
    aligned = pq.read_table(files.aligned, columns=names).to_pandas()
    measures["row"] = np.arange(len(measures))
    nobodys = _boilerplate(files, measures["language"].to_numpy())
    measures = measures[measures["evidence"].isin(list(evidence))]
    if measures.empty:
        message = f"no utterance is left with evidence {', '.join(evidence)} (accepted: those that the corpus holds)"
        raise ParameterError(message)
    nobodys = nobodys[measures["row"].to_numpy()]
    counted = _count_boilerplate(add_group(measures, compare), nobodys)
    if boilerplate == "drop" and not nobodys.all():
        measures = measures[~nobodys]
    if floods == "first":
        flood = measures["utterance_id"].map(
            store.read_text_duplicates(folder).set_index("utterance_id")["duplicate_group"]
        )
        measures = measures[flood.isna() | ~flood.duplicated()]
    mentions = pq.read_table(files.mentions).to_pandas()
    scales = dict(SCALES)
    for path in map(Path, lexicons):
        scales[lexicon_name(path)] = user_lexicon(path).scale
    for name in instruments:
        if name.startswith(COLUMN):
            measures, scales[name] = join_scores(measures, Path(scores), name)
        elif name not in scales:
            accepted = ", ".join([*scales, f"{COLUMN}NAME with scores=FILE"])
            message = f"unknown instrument '{name}' (accepted: {accepted})"
            raise ParameterError(message)
    chosen = [name for name in scales if name in instruments or name not in SCALES]
    measures, aligned = (_choose_masking(frame, masked=masked) for frame in (measures, aligned))
    return Study(
        corpus=folder,
        out=Path(out) if out else default_out(corpus),
        measures=add_group(measures, compare),
        mentions=mentions,
        aligned=aligned,
        files=files,
        boilerplate=style.legible(counted),
        scales={name: scales[name] for name in chosen},
        neutral=_neutral(files, {name: scales[name] for name in chosen}, masked=masked),
        weighting=weighting,
        masked=masked,
        laughter=laughter,
    )


def _neutral(
    files: MeasuredFiles, scales: Mapping[str, tuple[float, float]], *, masked: bool
) -> dict[tuple[str, str], tuple[float, float]]:
    """Return what is neutral by instrument and language: by ordinary language where that tells, else by the scale."""
    known = {
        (row["instrument"], row["language"]): (row["low"], row["high"])
        for row in pq.read_table(files.neutral).to_pylist()
    }
    measured = {name: name if masked or name not in MASKED else name + UNMASKED for name in scales}
    return {
        (name, language): known.get((measured[name], language), neutral_band(scale))
        for name, scale in scales.items()
        for language in LANGUAGE_NAMES
    }


def _boilerplate(files: MeasuredFiles, languages: np.ndarray) -> np.ndarray:
    """Tell which rows of the measures are boilerplate, in batches."""
    found, start = np.zeros(len(languages), dtype=bool), 0
    for batch in pq.ParquetFile(files.measures).iter_batches(batch_size=50_000, columns=["tokens"]):
        part = languages[start : start + len(batch)]
        for language in BOILERPLATE_LANGUAGES:
            at = np.flatnonzero(part == language)
            if len(at):
                found[start + at] = is_boilerplate(batch["tokens"].take(pa.array(at)), language)
        start += len(batch)
    return found


def _count_boilerplate(measures: pd.DataFrame, nobodys: np.ndarray) -> pd.DataFrame:
    by = measures.assign(boilerplate=nobodys).groupby(["group", "language"], sort=True)["boilerplate"]
    return by.agg(utterances="size", boilerplate="sum").reset_index()


def _choose_masking(measures: pd.DataFrame, *, masked: bool) -> pd.DataFrame:
    """Give the plain names to the masked or the unmasked scores; both keep a name of their own."""
    for name in MASKED:
        for part in ("", "_n", "_pos", "_neg"):
            measures[f"{name}_masked{part}"] = measures[f"{name}{part}"]
            if not masked:
                measures[f"{name}{part}"] = measures[f"{name}{UNMASKED}{part}"]
    return measures


def join_scores(measures: pd.DataFrame, path: Path, name: str) -> tuple[pd.DataFrame, tuple[float, float]]:
    """Join the user's own scores by ``utterance_id``.

    Parameters
    ----------
    measures : pandas.DataFrame
    path : Path
        A CSV, TSV, JSON Lines, Parquet or XLSX table.
    name : str
        ``column:NAME``; the score stands in the table's column NAME. An empty cell is a missing score.

    Returns
    -------
    tuple
        The measures with ``column:NAME`` and ``column:NAME_n``, and the scale: the scores' range.

    Raises
    ------
    InputError
        If a column is missing, a score is no number, an id stands twice, or no id is the corpus's.

    """
    column = name.removeprefix(COLUMN)
    if not path.name:
        message = f"'{name}' needs the table that holds it: scores=FILE"
        raise ParameterError(message)
    found: dict[str, float] = {}
    for row in read_table(path, ["utterance_id", column], ["utterance_id"]).rows:
        if row.problem is not None:
            raise InputError(row.problem, file=path, row=row.number)
        key, cell = row.cells.get("utterance_id") or "", (row.cells.get(column) or "").strip()
        try:
            value = float(cell) if cell else float("nan")
        except ValueError:
            raise InputError(f"'{cell}' is no number", file=path, row=row.number, column=column) from None
        if key in found:
            raise InputError(f"the id '{key}' stands twice", file=path, row=row.number, column="utterance_id")
        found[key] = value
    scores = measures["utterance_id"].map(found).astype(float)
    if not scores.notna().any():
        raise InputError("no score belongs to an utterance of the corpus", file=path, column="utterance_id")
    out = measures.assign(**{name: scores, f"{name}_n": scores.notna().astype(int)})
    return out, signed_scale(float(scores.min()), float(scores.max()))
