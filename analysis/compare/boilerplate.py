"""Utterances that nobody wrote: a platform's ready-made phrase, or a bot's notice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.compare.vocabulary import HASHTAG, WORD, term_class
from analysis.measure.boilerplate import read_boilerplate

#: Between languages that write a space between words and those that do not.
_SPACE = {"en": " "}


def is_boilerplate(tokens: pa.ListArray, language: str, patterns: dict[str, Sequence[str]] | None = None) -> np.ndarray:
    """Tell utterances that are only a platform's phrase, or hold a bot's notice.

    Only words and hashtags are held against the patterns: punctuation, numbers, links, emoji and emoji codes around a
    phrase change nothing. (A repost with an emoji code of the writer's own is still a repost without words.) Where a
    language writes no spaces, neither do the patterns need any, so that it does not matter how a phrase was cut.

    Parameters
    ----------
    tokens : pyarrow.ListArray of string
        One list an utterance, as measured.
    language : str
        Of all of them.
    patterns : dict of str to sequence of str, optional
        By how they match; default: ``data/boilerplate.csv``.

    Returns
    -------
    numpy.ndarray of bool, shape (utterances,)

    """
    patterns = read_boilerplate(language) if patterns is None else patterns
    flat = tokens.flatten().dictionary_encode()
    words = np.array([term_class(token) in {WORD, HASHTAG} for token in flat.dictionary.to_pylist()], dtype=bool)
    keep = words[flat.indices.to_numpy()]
    lengths = tokens.value_lengths().to_numpy(zero_copy_only=False)
    utterance = np.repeat(np.arange(len(lengths)), lengths)[keep]
    ends = np.concatenate([[0], np.cumsum(np.bincount(utterance, minlength=len(lengths)))])
    kept = pa.ListArray.from_arrays(pa.array(ends, pa.int32()), tokens.flatten().filter(pa.array(keep)))
    space = _SPACE.get(language, "")
    said = pc.binary_join(kept, space)
    out = np.zeros(len(lengths), dtype=bool)
    whole = pa.array([pattern.replace(" ", space) for pattern in patterns["whole"]], pa.string())
    out |= pc.is_in(said, whole).to_numpy(zero_copy_only=False)
    edged = pc.binary_join_element_wise(space, said, space, "")
    for pattern in patterns["part"]:
        part = space + pattern.replace(" ", space) + space
        out |= pc.match_substring(edged, part).to_numpy(zero_copy_only=False)
    return out
