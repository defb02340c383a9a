"""What is neutral: the middle third of what an instrument says of ordinary language.

The middle of a scale is not neutral: raters find most words pleasant, and language holds more pleasant words than
others (Dodds et al. 2015). So negative, neutral and positive are the lower, the middle and the upper third of the
scores that an instrument gives to texts of ordinary language: by one rule for every instrument and language, fixed
before any labelled text was looked at and fitted to none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pyarrow as pa

from analysis.digits import settled
from analysis.measure.background import frequent_words
from analysis.measure.batch import read_texts
from analysis.measure.emoji import read_occurrences
from analysis.measure.instrument import Batch, Instrument
from analysis.measure.instruments import make_instruments, make_other_laughter
from analysis.measure.laughter import Laughter
from analysis.measure.options import DEFAULT
from analysis.parameters import Options

#: So many texts of ordinary language, of so many words: about as many as half of all comments have at most.
TEXTS, WORDS = 2_000, 20
#: With fewer scored ones nothing is said; see `analysis.measure.options.neutral_band` for what holds then.
_FEWEST = 200
_EMOJI = "none"

Bands = Mapping[tuple[str, str], tuple[float, float]]


@cache
def background_texts() -> dict[str, list[str]]:
    """Return constructed texts of ordinary language.

    Returns
    -------
    dict of str to list of str
        ``en`` and ``zh``: texts of :data:`WORDS` words, drawn by the share that each word of at least one in a million
        has of ordinary language (wordfreq), in no order. ``none``: texts of one emoji, drawn by how often the Emoji
        Sentiment Ranking met it. The seed is fixed, so that what is neutral depends on no corpus and no run.

    """
    rng = np.random.default_rng(1)
    out = {}
    for language in ("en", "zh"):
        words = _draw(frequent_words(language), TEXTS * WORDS, rng)
        out[language] = [" ".join(words[i : i + WORDS]) for i in range(0, len(words), WORDS)]
    out[_EMOJI] = _draw(read_occurrences(), TEXTS, rng)
    return out


def _draw(shares: Mapping[str, float], size: int, rng: np.random.Generator) -> list[str]:
    """Draw words by their shares; where a draw falls may not hang on the last bit of a sum."""
    words = sorted(shares)
    ends = np.cumsum([shares[word] for word in words])
    ends = settled(ends / ends[-1])
    return [words[i] for i in np.minimum(np.searchsorted(ends, rng.random(size), side="right"), len(words) - 1)]


@cache
def neutral_bands(options: Options = DEFAULT) -> Bands:
    """Return where each instrument is neutral: the lower and the upper third of its scores of ordinary language.

    Returns
    -------
    mapping of (instrument, language) to (low, high)
        A score from low to high is neutral. What scores fewer than 200 of the 2,000 texts has no band, except in
        emoji: then it has that of the texts of one emoji, in both languages.

    """
    out = {}
    for tool in (*make_instruments(options), *make_other_laughter(options)):
        for language in ("en", "zh"):
            band = None if tool.name == Laughter.name else neutral_of(tool, language, options)
            if band is not None:
                out[tool.name, language] = band
    return out


def neutral_table(options: Options = DEFAULT) -> pa.Table:
    """Return the bands as a table: ``instrument, language, low, high``."""
    rows = [(*key, *band) for key, band in neutral_bands(options).items()]
    return pa.table(
        dict(zip(("instrument", "language", "low", "high"), map(list, zip(*rows, strict=True)), strict=True))
    )


def neutral_of(tool: Instrument, language: str, options: Options = DEFAULT) -> tuple[float, float] | None:
    """Return the band of one instrument in one language, None where too few texts are scored."""
    for read in (language, _EMOJI):
        if read in tool.languages:
            known = settled(tool.score(_read(read, options)).score)
            known = known[~np.isnan(known)]
            if len(known) >= _FEWEST:
                low, high = np.quantile(known, (1 / 3, 2 / 3), method="inverted_cdf")
                return float(low), float(high)
    return None


@cache
def _read(language: str, options: Options) -> Batch:
    return read_texts(language, background_texts()[language], options).batch
