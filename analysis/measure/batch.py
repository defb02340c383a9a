"""The measure step: a batch of utterances in, their measures and concept mentions out.

The same function runs on a pandas batch and on a partition of anything that hands out pandas batches: what a row
gets does not depend on the rows beside it.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.corpus.schema import ACCEPTED
from analysis.digits import settled
from analysis.measure import chinese, chunks, concepts, english, hashtags
from analysis.measure.instrument import Batch, Instrument
from analysis.measure.instruments import make_instruments, make_other_laughter
from analysis.measure.language import detect
from analysis.measure.laughter import Laughter
from analysis.measure.lexicon import WordMeans
from analysis.measure.options import DEFAULT, OTHER_LAUGHTER
from analysis.measure.ragged import Ragged
from analysis.parameters import Options

#: Columns of the corpus that the measures table repeats, so that it can be grouped alone.
GROUPING = ("collection", "vantage", "origin", "platform", "kind", "thread_id", "cluster_id", "evidence", "likes")
NEEDED = ("utterance_id", "text", "language", "posted_at", *GROUPING)
_TONE = "labmt"


class Measured(NamedTuple):
    """The two tables that measuring makes."""

    measures: pa.Table
    mentions: pa.Table


@cache
def codebook(language: str, dictionaries: tuple[str, ...] = ()) -> concepts.Codebook:
    """Return the project's codebook in one language, cut with the words of the user's dictionaries."""

    def tokenize(texts: Sequence[str]) -> Ragged:
        return read_texts(language, list(texts), Options(dictionaries=dictionaries)).batch.tokens

    return concepts.Codebook(concepts.read_codebook(), language, tokenize)


class Read(NamedTuple):
    """The texts of one language.

    Attributes
    ----------
    tokens : Ragged
        As they are stored, a hashtag as one.
    batch : Batch
        As they are read: by the instruments and the codebook.
    source : numpy.ndarray of int64, shape (units read,)
        For each token read, the place of the stored one that it comes from.

    """

    tokens: Ragged
    batch: Batch
    source: np.ndarray


def read_texts(language: str, texts: list[str], options: Options = DEFAULT) -> Read:
    """Cut texts of one language into tokens, and open their hashtags if they are to be read."""
    words = chinese.user_words(options.dictionaries)
    if language == "en":
        pieces = chunks.split(texts)
        cased = english.tokenize_cased(pieces)
        tokens = english.fold(cased)
        pieces = hashtags.read_chunks(pieces, open_hashtags=options.hashtags == "read")
    else:
        pieces, tokens = None, chinese.tokenize(texts, words)
        cased = tokens
    opened = {}
    if options.hashtags == "read":
        opened = hashtags.opened(cased.vocabulary) if language == "en" else chinese.opened(cased.vocabulary, words)
    read, source = cased.replace(opened) if opened else tokens.replace({})
    return Read(tokens, Batch(language, texts, read, pieces), source)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Work without the collector of cycles: a batch makes none, but so many lists that it would walk them for nothing.

    With the dictionaries in memory one such walk costs a tenth of the time of a batch.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@_uncollected()
def measure_batch(frame: pd.DataFrame, options: Options = DEFAULT) -> Measured:
    """Measure utterances.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of the corpus with the columns :data:`NEEDED`.
    options : Options

    Returns
    -------
    Measured
        ``measures``: one row an utterance, in the order given: id, grouping columns, ``year``, ``language``,
        ``tokens``, and for each instrument ``<name>``, ``<name>_n``, ``<name>_pos``, ``<name>_neg`` (a language that
        the instrument does not read: NaN and 0 units). ``mentions``: one row a concept mention, with the mean labMT
        rating of the words around it and their number ``n``.

    """
    texts = frame["text"].tolist()
    languages = detect(texts)
    given = frame["language"].to_numpy(dtype=object)
    # What a platform says is French is not what its letters say; nothing here reads it.
    languages = np.where(pd.isna(given), languages, np.where(np.isin(given, ACCEPTED["language"]), given, "none"))
    tools, others = make_instruments(options), make_other_laughter(options)
    scores = _blank((*tools, *others), len(texts))
    pieces, order, found = [], [], []
    for at, read in _by_language(texts, languages, options):
        _score(scores, tools, at, read.batch)
        _score_laughing(scores, others, at, read.batch)
        tokens = read.tokens
        if read.batch.language in concepts.LANGUAGES:
            found.append(_mentions(read, frame["utterance_id"].to_numpy(dtype=object)[at], options))
        words = pa.DictionaryArray.from_arrays(pa.array(tokens.codes), pa.array(tokens.vocabulary, pa.string()))
        pieces.append(pa.ListArray.from_arrays(pa.array(tokens.offsets, pa.int32()), words.dictionary_decode()))
        order.append(at)
    back = np.argsort(np.concatenate(order)) if order else np.array([], dtype=np.int64)
    tokens_column = pa.concat_arrays(pieces).take(pa.array(back)) if pieces else pa.array([], pa.list_(pa.string()))
    columns = {**grouping(frame), "language": pa.array(languages, pa.string()), "tokens": tokens_column}
    columns |= {name: pa.array(values) for name, values in _settled(scores).items()}
    return Measured(
        pa.table(columns).cast(measures_schema(options)), pa.concat_tables([mentions_schema().empty_table(), *found])
    )


@_uncollected()
def find_mentions(frame: pd.DataFrame, languages: np.ndarray, options: Options = DEFAULT) -> pa.Table:
    """Find concepts in utterances whose scores are known: the mentions of :func:`measure_batch`, to the bit.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of the corpus with ``utterance_id`` and ``text``.
    languages : numpy.ndarray of str, shape (utterances,)
        As the measures tell them.
    options : Options

    """
    ids, none = frame["utterance_id"].to_numpy(dtype=object), mentions_schema().empty_table()
    found = [
        _mentions(read, ids[at], options)
        for at, read in _by_language(frame["text"].tolist(), languages, options)
        if read.batch.language in concepts.LANGUAGES
    ]
    return pa.concat_tables([none, *found]).combine_chunks()


def grouping(frame: pd.DataFrame) -> dict[str, pa.Array]:
    """Return the columns of the measures that the corpus says: id, :data:`GROUPING` and ``year``."""
    columns = {name: pa.array(frame[name], from_pandas=True) for name in ("utterance_id", *GROUPING)}
    return columns | {"year": pa.array(frame["posted_at"].dt.year, pa.int64(), from_pandas=True)}


def score_texts(
    texts: Sequence[str], languages: np.ndarray, tools: Sequence[Instrument], options: Options = DEFAULT
) -> dict[str, np.ndarray]:
    """Score texts by every instrument that reads their language, without a corpus around them.

    Parameters
    ----------
    texts : sequence of str
    languages : numpy.ndarray of str, shape (texts,)
        The language of each text, such as :func:`analysis.measure.language.detect` tells.
    tools : sequence of Instrument
    options : Options
        What texts are read with; the tools have theirs already.

    Returns
    -------
    dict of str to numpy.ndarray, each of shape (texts,)
        For each instrument ``<name>``, ``<name>_pos`` and ``<name>_neg`` (float64, NaN where nothing was scored) and
        ``<name>_n`` (int64, 0 where nothing was scored or the language is not read).

    """
    scores = _blank(tools, len(texts))
    for at, read in _by_language(texts, languages, options):
        _score(scores, tools, at, read.batch)
    return _settled(scores)


def _by_language(texts: Sequence[str], languages: np.ndarray, options: Options) -> Iterator[tuple[np.ndarray, Read]]:
    """Yield each language's places and texts, languages sorted."""
    for language in sorted(set(languages.tolist())):
        at = np.flatnonzero(languages == language)
        yield at, read_texts(language, [texts[i] for i in at.tolist()], options)


def _blank(tools: Sequence[Instrument], texts: int) -> dict[str, np.ndarray]:
    scores: dict[str, np.ndarray] = {}
    for tool in tools:
        scores |= {f"{tool.name}{part}": np.full(texts, np.nan) for part in ("", "_pos", "_neg")}
        scores[f"{tool.name}_n"] = np.zeros(texts, dtype=np.int64)
    return scores


def _score(scores: dict[str, np.ndarray], tools: Sequence[Instrument], at: np.ndarray, batch: Batch) -> None:
    for tool in tools:
        if batch.language in tool.languages:
            result = tool.score(batch)
            scores[tool.name][at], scores[f"{tool.name}_n"][at] = result.score, result.n
            if result.pos is not None and result.neg is not None:
                for part, side in (("pos", result.pos), ("neg", result.neg)):
                    scores[f"{tool.name}_{part}"][at] = np.where(result.n > 0, side, np.nan)


def _score_laughing(scores: dict[str, np.ndarray], others: Sequence[Instrument], at: np.ndarray, batch: Batch) -> None:
    """Score the texts that laugh with the other choice of laughter; for the rest the two choices are one."""
    laughing = np.flatnonzero(scores[f"{Laughter.name}_n"][at] > 0)
    chunks = None if batch.chunks is None else batch.chunks.take(laughing)
    tokens = batch.tokens.take(laughing)
    part = Batch(batch.language, [batch.texts[i] for i in laughing.tolist()], tokens, chunks)
    for tool in others:
        if batch.language in tool.languages:
            for column in ("", "_n", "_pos", "_neg"):
                scores[tool.name + column][at] = scores[tool.name.removesuffix(OTHER_LAUGHTER) + column][at]
    _score(scores, others, at[laughing], part)


def _settled(scores: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: values if name.endswith("_n") else settled(values) for name, values in scores.items()}


def _mentions(read: Read, ids: np.ndarray, options: Options) -> pa.Table:
    batch, book = read.batch, codebook(read.batch.language, options.dictionaries)
    found = book.find(batch.tokens)
    rater = next(tool for tool in make_instruments(options) if isinstance(tool, WordMeans) and tool.name == _TONE)
    tone, n = concepts.tone_around(batch.tokens, rater.values(batch.tokens, batch.language), found)
    # Where the words stand in the stored tokens: those of a hashtag are the hashtag.
    first, stored = batch.tokens.offsets[found.text], read.tokens.offsets[found.text]
    start, end = read.source[first + found.start] - stored, read.source[first + found.end - 1] + 1 - stored
    columns = {
        "utterance_id": ids[found.text],
        "concept": np.array(book.concepts, dtype=object)[found.concept],
        "start": start,
        "end": end,
        "tone": settled(tone),
        "n": n,
    }
    return pa.table([pa.array(values) for values in columns.values()], schema=mentions_schema())


def measures_schema(options: Options = DEFAULT) -> pa.Schema:
    """Return the schema of the measures table."""
    text = [(name, pa.int64() if name == "likes" else pa.string()) for name in ("utterance_id", *GROUPING)]
    fields = [*text, ("year", pa.int64()), ("language", pa.string()), ("tokens", pa.list_(pa.string()))]
    for tool in (*make_instruments(options), *make_other_laughter(options)):
        fields += [(f"{tool.name}{part}", pa.float64()) for part in ("", "_pos", "_neg")]
        fields += [(f"{tool.name}_n", pa.int64())]
    return pa.schema(fields)


def mentions_schema() -> pa.Schema:
    """Return the schema of the mentions table."""
    fields = {"utterance_id": pa.string(), "concept": pa.string(), "start": pa.int64(), "end": pa.int64()}
    return pa.schema({**fields, "tone": pa.float64(), "n": pa.int64()})
