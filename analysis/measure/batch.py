"""The measure step: a batch of utterances in, their measures and concept mentions out.

The same function runs on a pandas batch and on a partition of anything that hands out pandas batches: what a row
gets does not depend on the rows beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.digits import settled
from analysis.measure import chinese, chunks, concepts, english, language
from analysis.measure.instrument import Batch, Instrument
from analysis.measure.instruments import make_instruments
from analysis.measure.lexicon import WordMeans
from analysis.measure.options import DEFAULT, Options
from analysis.measure.ragged import Ragged

#: Columns of the corpus that the measures table repeats, so that it can be grouped alone.
GROUPING = (
    "collection",
    "vantage",
    "origin",
    "platform",
    "kind",
    "thread_id",
    "cluster_id",
    "evidence",
    "likes",
)
NEEDED = ("utterance_id", "text", "language", "posted_at", *GROUPING)
_TONE = "labmt"


class Measured(NamedTuple):
    """The two tables that measuring makes."""

    measures: pa.Table
    mentions: pa.Table


@cache
def codebook(tongue: str, words: tuple[str, ...] = ()) -> concepts.Codebook:
    """Return the project's codebook in one language, cut with the user's words."""

    def tokenize(texts: Sequence[str]) -> Ragged:
        return _tokens(tongue, list(texts), words)[0]

    return concepts.Codebook(concepts.read_codebook(), tongue, tokenize)


def _tokens(tongue: str, texts: list[str], words: tuple[str, ...]) -> tuple[Ragged, Ragged | None]:
    if tongue == "en":
        pieces = chunks.split(texts)
        return english.tokenize(pieces), pieces
    return chinese.tokenize(texts, words), None


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
    tongues = language.detect(texts)
    given = frame["language"].to_numpy(dtype=object)
    tongues = np.where(pd.isna(given), tongues, given)
    tools = make_instruments(options)
    scores = _blank(tools, len(texts))
    pieces, order, found = [], [], []
    for at, batch in _by_language(texts, tongues, chinese.user_words(options.dictionaries)):
        _score(scores, tools, at, batch)
        tokens = batch.tokens
        if batch.language in concepts.LANGUAGES:
            found.append(_mentions(batch, frame["utterance_id"].to_numpy(dtype=object)[at], options))
        words = pa.DictionaryArray.from_arrays(pa.array(tokens.codes), pa.array(tokens.vocabulary, pa.string()))
        pieces.append(pa.ListArray.from_arrays(pa.array(tokens.offsets, pa.int32()), words.dictionary_decode()))
        order.append(at)
    back = np.argsort(np.concatenate(order)) if order else np.array([], dtype=np.int64)
    tokens_column = pa.concat_arrays(pieces).take(pa.array(back)) if pieces else pa.array([], pa.list_(pa.string()))
    columns = {name: pa.array(frame[name], from_pandas=True) for name in ("utterance_id", *GROUPING)}
    columns |= {
        "year": pa.array(frame["posted_at"].dt.year, pa.int64(), from_pandas=True),
        "language": pa.array(tongues, pa.string()),
        "tokens": tokens_column,
    }
    columns |= {name: pa.array(v if name.endswith("_n") else settled(v)) for name, v in scores.items()}
    return Measured(
        pa.table(columns).cast(measures_schema(options)), pa.concat_tables([mentions_schema().empty_table(), *found])
    )


def score_texts(texts: Sequence[str], tongues: np.ndarray, tools: Sequence[Instrument]) -> dict[str, np.ndarray]:
    """Score texts by every instrument that reads their language, without a corpus around them.

    Parameters
    ----------
    texts : sequence of str
    tongues : numpy.ndarray of str, shape (texts,)
        The language of each text, such as :func:`analysis.measure.language.detect` tells.
    tools : sequence of Instrument

    Returns
    -------
    dict of str to numpy.ndarray, each of shape (texts,)
        For each instrument ``<name>``, ``<name>_pos`` and ``<name>_neg`` (float64, NaN where nothing was scored) and
        ``<name>_n`` (int64, 0 where nothing was scored or the language is not read).

    """
    scores = _blank(tools, len(texts))
    for at, batch in _by_language(texts, tongues, ()):
        _score(scores, tools, at, batch)
    return scores


def _by_language(
    texts: Sequence[str], tongues: np.ndarray, words: tuple[str, ...]
) -> Iterator[tuple[np.ndarray, Batch]]:
    """Yield each language's places and texts, languages sorted."""
    for tongue in sorted(set(tongues.tolist())):
        at = np.flatnonzero(tongues == tongue)
        mine = [texts[i] for i in at.tolist()]
        yield at, Batch(tongue, mine, *_tokens(tongue, mine, words))


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


def _mentions(batch: Batch, ids: np.ndarray, options: Options) -> pa.Table:
    book = codebook(batch.language, chinese.user_words(options.dictionaries))
    found = book.find(batch.tokens)
    rater = next(tool for tool in make_instruments(options) if isinstance(tool, WordMeans) and tool.name == _TONE)
    tone, n = concepts.tone_around(batch.tokens, rater.values(batch.tokens, batch.language), found)
    columns = {
        "utterance_id": ids[found.text],
        "concept": np.array(book.concepts, dtype=object)[found.concept],
        "start": found.start,
        "end": found.end,
        "tone": settled(tone),
        "n": n,
    }
    return pa.table([pa.array(values) for values in columns.values()], schema=mentions_schema())


def measures_schema(options: Options = DEFAULT) -> pa.Schema:
    """Return the schema of the measures table."""
    text = [(name, pa.int64() if name == "likes" else pa.string()) for name in ("utterance_id", *GROUPING)]
    fields = [*text, ("year", pa.int64()), ("language", pa.string()), ("tokens", pa.list_(pa.string()))]
    for tool in make_instruments(options):
        fields += [(f"{tool.name}{part}", pa.float64()) for part in ("", "_pos", "_neg")]
        fields += [(f"{tool.name}_n", pa.int64())]
    return pa.schema(fields)


def mentions_schema() -> pa.Schema:
    """Return the schema of the mentions table."""
    return pa.schema(
        [
            ("utterance_id", pa.string()),
            ("concept", pa.string()),
            ("start", pa.int64()),
            ("end", pa.int64()),
            ("tone", pa.float64()),
            ("n", pa.int64()),
        ]
    )
