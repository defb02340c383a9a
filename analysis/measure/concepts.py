"""Concept mentions: a bilingual codebook of words and phrases, matched on tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from analysis import paths
from analysis.corpus.readers.table import read_rows, require_filled
from analysis.errors import InputError
from analysis.measure.phrases import WILDCARD, Phrases, crowded
from analysis.measure.ragged import Ragged

CODEBOOK = paths.DATA / "concepts.csv"
LANGUAGES = ("en", "zh")
_EXCLUSION = "!"
#: Signs of regular expressions, which no token has: such a pattern would find nothing and say nothing.
_EXPRESSION = re.compile(r"[\[\](){}\\^$+]|\.\*|\w\?")


@dataclass(frozen=True)
class Pattern:
    """A phrase of a concept as the tokens that it must be seen as; an excluded one is no mention of it."""

    concept: int
    tokens: tuple[str, ...]
    excluded: bool


class Mentions(NamedTuple):
    """Concept mentions of a batch, one a row: text index, concept index, first token, token after the last."""

    text: np.ndarray
    concept: np.ndarray
    start: np.ndarray
    end: np.ndarray


def read_codebook(path: Path = CODEBOOK) -> list[dict[str, str]]:
    """Read the codebook's rows.

    Raises
    ------
    InputError
        If a column is missing, a concept has no name, occurs twice or lacks a side, or a pattern is a regular
        expression.

    """
    rows = read_rows(path, ("concept", "definition", "en", "zh", "seed_evidence"))
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        row["concept"] = row["concept"].strip()
        require_filled(row, "concept", path, number)
        if row["concept"] in seen:
            raise InputError(f"'{row['concept']}' occurs twice", file=path, row=number, column="concept")
        seen.add(row["concept"])
        for language in LANGUAGES:
            if not row[language].strip("| "):
                raise InputError("a concept needs a side in each language", file=path, row=number, column=language)
            if (part := next(filter(_EXPRESSION.search, row[language].split("|")), None)) is not None:
                problem = f"'{part.strip()}' is no word: patterns are words and phrases, not regular expressions"
                raise InputError(problem, file=path, row=number, column=language)
    return rows


class Codebook:
    """The patterns of one language, ready to match.

    Parameters
    ----------
    rows : sequence of dict
        Of :func:`read_codebook`. A cell holds patterns between ``|``; ``!`` marks an exclusion, ``*`` at the end of
        a word any continuation of it.
    language : str
        ``en`` or ``zh``.
    tokenize : callable
        Texts to :class:`Ragged` tokens: the tokenizer of the corpus, so that a pattern is cut as the texts are.

    Raises
    ------
    InputError
        If a pattern holds no word.

    """

    def __init__(
        self, rows: Sequence[dict[str, str]], language: str, tokenize: Callable[[Sequence[str]], Ragged]
    ) -> None:
        """Cut the patterns as texts are cut."""
        self.concepts = [row["concept"] for row in rows]
        cells = [(i, part.strip()) for i, row in enumerate(rows) for part in row[language].split("|") if part.strip()]
        # The star is set aside, else the tokenizer would cut it off as punctuation.
        bare = [part.removeprefix(_EXCLUSION).replace(WILDCARD, "") for _, part in cells]
        self._patterns: list[Pattern] = []
        for (concept, part), tokens in zip(cells, tokenize(bare).lists(), strict=True):
            if not tokens:
                message = f"the pattern '{part}' of '{rows[concept]['concept']}' holds no word"
                raise InputError(message, file=CODEBOOK, row=concept + 1, column=language)
            starred = tuple(word.endswith(WILDCARD) for word in part.removeprefix(_EXCLUSION).split())
            if language == "zh" or len(starred) != len(tokens):
                starred = (False,) * len(tokens)
            words = tuple(w + WILDCARD if s else w for w, s in zip(tokens, starred, strict=True))
            self._patterns.append(Pattern(concept, words, part.startswith(_EXCLUSION)))
        # At one place the longest pattern comes first; among equals an exclusion wins.
        self._patterns.sort(key=lambda p: (-len(p.tokens), not p.excluded, p.concept, p.tokens))
        self._concept = np.array([pattern.concept for pattern in self._patterns], dtype=np.int64)
        self._length = np.array([len(pattern.tokens) for pattern in self._patterns], dtype=np.int64)
        self._excluded = np.array([pattern.excluded for pattern in self._patterns], dtype=bool)
        self._phrases = Phrases([pattern.tokens for pattern in self._patterns])

    def find(self, tokens: Ragged) -> Mentions:
        """Return every mention; a hit inside a longer hit (of the same concept, or excluded) does not count.

        Parameters
        ----------
        tokens : Ragged
            Of texts in the codebook's language.

        Returns
        -------
        Mentions
            Sorted by text, concept, start.

        """
        at, which = self._phrases.find(tokens)
        concept, length = self._concept[which], self._length[which]
        order = np.lexsort((which, at, concept))
        at, which, concept, length = at[order], which[order], concept[order], length[order]
        meets = crowded(concept, at, at + length)
        taken = ~meets
        free = [0] * len(self.concepts)  # the first token that no hit of the concept has taken
        for row in np.flatnonzero(meets).tolist():
            if free[concept[row]] <= at[row]:
                free[concept[row]] = at[row] + length[row]
                taken[row] = True
        taken &= ~self._excluded[which]
        start, concept, length = at[taken], concept[taken], length[taken]
        text = np.searchsorted(tokens.offsets, start, side="right") - 1
        start -= tokens.offsets[text]
        order = np.lexsort((start, concept, text))
        return Mentions(text[order], concept[order], start[order], (start + length)[order])


def tone_around(
    tokens: Ragged, values: np.ndarray, mentions: Mentions, window: int = 8
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean rating of the words around each mention, its own words left out.

    Parameters
    ----------
    tokens : Ragged
    values : numpy.ndarray of float64, shape (units,)
        Rating of each token occurrence, NaN where it has none.
    mentions : Mentions
    window : int
        Tokens on each side, within the text.

    Returns
    -------
    tuple of numpy.ndarray
        Mean (NaN where nothing is scored) and number of scored words, shape (mentions,).

    """
    first, last = tokens.offsets[mentions.text], tokens.offsets[mentions.text + 1]
    start, end = first + mentions.start, first + mentions.end
    scored = ~np.isnan(values)
    total, n = np.zeros(len(start)), np.zeros(len(start), dtype=np.int64)
    # Word by word, not as differences of one running total, whose rounding would depend on the texts before.
    for step in range(1, window + 1):
        for at, inside in ((start - step, start - step >= first), (end + step - 1, end + step <= last)):
            which = np.flatnonzero(inside)
            which = which[scored[at[which]]]
            total[which] += values[at[which]]
            n[which] += 1
    with np.errstate(invalid="ignore"):
        return np.where(n > 0, total / n, np.nan), n
