"""Ways to score the same utterances: every instrument with its lens, masks and laughter, measured once, in arrays.

What is stored with the measures is taken from there. Word means with another lens are made of the stored tokens, never
of texts; a hashtag is stored in lower case, so that one which capitals alone would part stays whole there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
import pandas as pd

from analysis.compare.across import COUNTERPARTS, WORD_MEANS, Level, ordinary_levels
from analysis.compare.coded_scores import CodedScores
from analysis.compare.correction import Pseudo
from analysis.compare.dataset import Dataset
from analysis.digits import settled
from analysis.measure import chinese, hashtags
from analysis.measure.instrument import Batch
from analysis.measure.lexicon import WordMeans, word_means
from analysis.measure.options import LAUGHING, MASKED, OTHER_LAUGHTER, UNMASKED
from analysis.measure.pairs import linked_word_means
from analysis.measure.ragged import Ragged

#: The instrument of the headline: rated by natives in both languages.
INSTRUMENT = "labmt"
#: Beside the run's own lens.
LENSES = (0.0, 1.0)


@dataclass(frozen=True)
class Way:
    """One way to score every utterance.

    Attributes
    ----------
    instrument : str
    score : numpy.ndarray of float64, shape (utterances,), or None
        NaN where there is none; None where it cannot be computed, and ``why``.
    lens, masked, laughter : str
        The choices (``0.5 points``; ``yes, no``; ``apart, score``), empty where the instrument has none.
    linked : numpy.ndarray, optional
        Chinese scores on the English scale by the primary link, beside the English ones.
    ordinary : mapping of str to Level
        By language, the level of ordinary language.
    level : numpy.ndarray, optional
        What reference collections are measured by, if by something else than ``score``.
    coded : Pseudo, optional
        What human codes make of the utterances, of which ``score`` holds the pseudo-outcomes: on one scale in every
        language, so that two may be compared by it directly.
    why : str

    """

    instrument: str
    score: np.ndarray | None
    lens: str = ""
    masked: str = ""
    laughter: str = ""
    linked: np.ndarray | None = None
    ordinary: Mapping[str, Level] = field(default_factory=dict)
    level: np.ndarray | None = None
    coded: Pseudo | None = None
    why: str = ""

    @property
    def choices(self) -> tuple[str, str, str]:
        """Lens, masks and laughter."""
        return self.lens, self.masked, self.laughter


def score_ways(study: Dataset, rows: pd.DataFrame, coded: CodedScores) -> list[Way]:
    """Return every way to score, those of the headline first.

    Parameters
    ----------
    rows : pandas.DataFrame
        Of `Dataset.every`.
    coded : CodedScores
        Further instruments, from human codes.

    """
    names = dict.fromkeys([INSTRUMENT, *study.scales])
    tokens = _Tokens(study, rows)
    out = [way for name in names for way in _ways(name, study, tokens)]
    out += [Way(name, one.outcomes, coded=one) for name, one in coded.corrected.items()]
    return out + [Way(name, score) for name, score in coded.own.items()]


def for_language(ways: Sequence[Way], known: np.ndarray) -> list[Way]:
    """Return the ways that score any of some utterances (places), each with its own instrument."""
    read = {way.instrument for way in ways if way.score is not None and not np.isnan(way.score[known]).all()}
    return [way for way in ways if way.instrument in read]


def for_languages(ways: Sequence[Way], language: np.ndarray) -> list[Way]:
    """Return one way for each that several languages share, named as in `COUNTERPARTS`; the others as they are."""
    by = {(way.instrument, *way.choices): way for way in ways}
    out, seen = [], set()
    for name, sides in COUNTERPARTS.items():
        columns = list(dict.fromkeys(sides.values()))
        seen |= set(columns)
        for key, way in by.items():
            parts = [by.get((column, *key[1:])) for column in columns]
            if key[0] != columns[0] or any(part is None for part in parts):
                continue
            score = way.score
            if len(columns) > 1 and all(part.score is not None for part in parts):
                score = np.full(len(language), np.nan)
                for code, column in sides.items():
                    score = np.where(language == code, by[column, *key[1:]].score, score)
            out.append(replace(way, instrument=name, score=score))
    return out + [way for way in ways if way.instrument not in seen]


class _Tokens:
    """The stored tokens of the rows, as instruments read them."""

    def __init__(self, study: Dataset, rows: pd.DataFrame) -> None:
        self.study, self.rows = study, rows
        self.known: list[tuple[np.ndarray, Batch]] | None = None

    def score(self, tool: WordMeans) -> np.ndarray:
        """Return the scores of all rows, NaN where none."""
        out = np.full(len(self.rows), np.nan)
        if self.known is None:
            self.known = list(self._batches())
        for at, batch in self.known:
            out[at] = settled(tool.score(batch).score)
        return out

    def _batches(self) -> Iterator[tuple[np.ndarray, Batch]]:
        options, language = self.study.parameters, self.rows["language"].to_numpy()
        words = chinese.user_words(options.dictionaries)
        for code in ("en", "zh"):
            at = np.flatnonzero(language == code)
            if len(at):
                tokens = Ragged.of(self.study.tokens(self.rows[["row"]].iloc[at]))
                if options.hashtags == "read":
                    known = tokens.vocabulary
                    parts = hashtags.opened(known) if code == "en" else chinese.opened(known, words)
                    tokens = tokens.replace(parts)[0]
                yield at, Batch(code, [], tokens)


def _ways(name: str, study: Dataset, tokens: _Tokens) -> Iterator[Way]:
    run = study.parameters
    own, other = run.laughter, "score" if run.laughter == "apart" else "apart"
    lenses = [run.lens, *(lens for lens in LENSES if lens != run.lens)] if name in WORD_MEANS else [None]
    masks = ["yes", "no"] if name in MASKED else [""]
    laughs = [own, other] if name in LAUGHING else [""]
    several = set(study.measures["language"].unique()) >= set(COUNTERPARTS[INSTRUMENT])
    for lens, masked, laughter in product(lenses, masks, laughs):
        stored = _stored(masked, other=laughter == other) if lens in {None, run.lens} else None
        choices = {"lens": "" if lens is None else f"{lens:g} points", "masked": masked, "laughter": laughter}
        if lens is None:
            score = None if stored is None else study.scores(name + stored)
            yield Way(name, score, **choices, why="" if stored is not None else "not measured together")
            continue
        how = {"masked": masked == "yes", "laughter": laughter == "score"}
        tool, linked, ordinary = word_means(name, lens, **how), None, {}
        if several:
            ordinary = ordinary_levels(tool)
        if several and name == INSTRUMENT:
            both = linked_word_means(lens, **how)
            linked = tokens.score(both) if stored is None else study.scores(f"{name}_linked{stored}")
        score = tokens.score(tool) if stored is None else study.scores(name + stored)
        yield Way(name, score, **choices, linked=linked, ordinary=ordinary)


def _stored(masked: str, *, other: bool) -> str | None:
    """Return how the column of a choice ends that was measured with the corpus; None where none was."""
    if masked == "no":
        return None if other else UNMASKED
    return OTHER_LAUGHTER if other else "_masked" if masked else ""
