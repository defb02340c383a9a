"""Concept mentions: a bilingual codebook of words and phrases, matched on tokens."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from analysis import paths
from analysis.errors import InputError
from analysis.measure.ragged import Ragged

CODEBOOK = paths.DATA / "concepts.csv"
LANGUAGES = ("en", "zh")
_WILDCARD = "*"
_EXCLUSION = "!"


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
        If a column is missing, or a concept stands twice or lacks a side.

    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for name in ("concept", "definition", "en", "zh", "seed_evidence"):
            if name not in (reader.fieldnames or ()):
                raise InputError("there is no such column", file=path, column=name)
        rows = list(reader)
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        if row["concept"] in seen:
            raise InputError(f"'{row['concept']}' stands twice", file=path, row=number, column="concept")
        seen.add(row["concept"])
        for language in LANGUAGES:
            if not row[language].strip():
                raise InputError("a concept needs a side in each language", file=path, row=number, column=language)
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
        bare = [part.removeprefix(_EXCLUSION).replace(_WILDCARD, "") for _, part in cells]
        self._patterns: list[Pattern] = []
        for (concept, part), tokens in zip(cells, tokenize(bare).lists(), strict=True):
            if not tokens:
                message = f"the pattern '{part}' of '{rows[concept]['concept']}' holds no word"
                raise InputError(message, column=language)
            starred = tuple(word.endswith(_WILDCARD) for word in part.removeprefix(_EXCLUSION).split())
            if language == "zh" or len(starred) != len(tokens):
                starred = (False,) * len(tokens)
            words = tuple(w + _WILDCARD if s else w for w, s in zip(tokens, starred, strict=True))
            self._patterns.append(Pattern(concept, words, part.startswith(_EXCLUSION)))
        # At one place the longest pattern comes first; among equals an exclusion wins.
        self._patterns.sort(key=lambda p: (-len(p.tokens), not p.excluded, p.concept, p.tokens))

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
        matches = _Matches(tokens)
        found = [matches.of(pattern) for pattern in self._patterns]
        at = np.concatenate([[], *found]).astype(np.int64)
        which = np.repeat(np.arange(len(found)), [len(places) for places in found])
        order = np.lexsort((which, at))
        at, which = at[order], which[order]
        text = np.searchsorted(tokens.offsets, at, side="right") - 1
        out: list[tuple[int, int, int, int]] = []
        taken: dict[tuple[int, int], int] = {}  # (text, concept) -> first token that is free again
        for i, j, first, number in zip(
            text.tolist(), at.tolist(), tokens.offsets[text].tolist(), which.tolist(), strict=True
        ):
            pattern = self._patterns[number]
            stop, place = j + len(pattern.tokens), (i, pattern.concept)
            if taken.get(place, 0) > j:
                continue
            taken[place] = stop
            if not pattern.excluded:
                out.append((i, pattern.concept, j - first, stop - first))
        rows = np.array(sorted(out), dtype=np.int64).reshape(-1, 4)
        return Mentions(rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3])


class _Matches:
    """Where patterns stand in a batch: all places of a pattern's first word at once, then of its next words."""

    def __init__(self, tokens: Ragged) -> None:
        self._tokens = tokens
        self._code = {word: code for code, word in enumerate(tokens.vocabulary)}
        self._order = np.argsort(tokens.codes, kind="stable")
        self._starts = np.searchsorted(tokens.codes[self._order], np.arange(len(tokens.vocabulary) + 1))

    def _codes(self, word: str) -> list[int]:
        if word.endswith(_WILDCARD):
            return [code for seen, code in self._code.items() if seen.startswith(word[:-1])]
        return [self._code[word]] if word in self._code else []

    def of(self, pattern: Pattern) -> np.ndarray:
        """Return the places of a pattern's first token, in no order."""
        wanted = [self._codes(word) for word in pattern.tokens]
        if not all(wanted):
            return np.array([], dtype=np.int64)
        at = np.concatenate([self._order[self._starts[code] : self._starts[code + 1]] for code in wanted[0]])
        if len(wanted) > 1:
            offsets, codes = self._tokens.offsets, self._tokens.codes
            at = at[at + len(wanted) <= offsets[np.searchsorted(offsets, at, side="right")]]
            for step, accepted in enumerate(wanted[1:], start=1):
                at = at[np.isin(codes[at + step], accepted)]
        return at


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
    total, n = np.zeros(len(start)), np.zeros(len(start), dtype=np.int64)
    # Word by word, not as differences of one running total, whose rounding would depend on the texts before.
    for step in range(1, window + 1):
        for at, inside in ((start - step, start - step >= first), (end + step - 1, end + step <= last)):
            seen = np.full(len(start), np.nan)
            seen[inside] = values[at[inside]]
            scored = ~np.isnan(seen)
            total[scored] += seen[scored]
            n += scored
    with np.errstate(invalid="ignore"):
        return np.where(n > 0, total / n, np.nan), n
