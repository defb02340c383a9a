"""Concept mentions: a bilingual codebook of words and phrases, matched on tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis import paths
from analysis.corpus.readers.table import read_rows
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
        If a column is missing, or a concept occurs twice or lacks a side.

    """
    rows = read_rows(path, ("concept", "definition", "en", "zh", "seed_evidence"))
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        if row["concept"] in seen:
            raise InputError(f"'{row['concept']}' occurs twice", file=path, row=number, column="concept")
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
        self._automaton = _Automaton([pattern.tokens for pattern in self._patterns])

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
        at, which = self._automaton.find(tokens)
        order = np.lexsort((which, at))
        starts: list[int] = []
        taken: list[int] = []
        free = [0] * len(self.concepts)  # the first token that no hit of the concept has taken
        for j, number in zip(at[order].tolist(), which[order].tolist(), strict=True):
            pattern = self._patterns[number]
            if free[pattern.concept] <= j:
                free[pattern.concept] = j + len(pattern.tokens)
                if not pattern.excluded:
                    starts.append(j)
                    taken.append(number)
        start, number = np.array(starts, dtype=np.int64), np.array(taken, dtype=np.int64)
        concept = np.array([pattern.concept for pattern in self._patterns], dtype=np.int64)[number]
        length = np.array([len(pattern.tokens) for pattern in self._patterns], dtype=np.int64)[number]
        text = np.searchsorted(tokens.offsets, start, side="right") - 1
        start -= tokens.offsets[text]
        order = np.lexsort((start, concept, text))
        return Mentions(text[order], concept[order], start[order], (start + length)[order])


class _Automaton:
    """A trie of phrases, walked from all places of a batch at once, one token a step.

    An edge bears a symbol: a word, or the stem of a starred word. What is looked up in strings is looked up once a
    distinct word of the batch; the walk itself sees numbers, and only places whose word opens a phrase.
    """

    def __init__(self, phrases: Sequence[Sequence[str]]) -> None:
        written = sorted({word for phrase in phrases for word in phrase}, key=lambda w: (w.endswith(_WILDCARD), w))
        symbols = {word: symbol for symbol, word in enumerate(written)}
        self._words = pa.array([word for word in written if not word.endswith(_WILDCARD)], pa.string())
        self._stems = [word.removesuffix(_WILDCARD) for word in written[len(self._words) :]]
        edges: dict[int, int] = {}  # node * symbols + symbol -> the next node
        ends: list[list[int]] = [[]]  # of each node, the phrases that end there
        for number, phrase in enumerate(phrases):
            node = 0
            for word in phrase:
                node = edges.setdefault(node * len(symbols) + symbols[word], len(ends))
                if node == len(ends):
                    ends.append([])
            ends[node].append(number)
        self._depth = max(map(len, phrases), default=0)
        self._edges = np.array(sorted(edges), dtype=np.int64)
        self._next = np.array([edges[edge] for edge in sorted(edges)], dtype=np.int64)
        self._first = np.isin(np.arange(len(symbols)), self._edges)  # the root is node 0
        self._ends = np.array([number for here in ends for number in here], dtype=np.int64)
        self._ends_from = np.cumsum([0, *map(len, ends)])

    def find(self, tokens: Ragged) -> tuple[np.ndarray, np.ndarray]:
        """Return the places of the first tokens of what is found, and the numbers of the phrases, in no order."""
        symbol, symbol_from = self._symbols(tokens.vocabulary)
        opens = np.zeros(len(tokens.vocabulary), dtype=bool)
        opens[np.repeat(np.arange(len(opens)), np.diff(symbol_from))[self._first[symbol]]] = True
        at = np.flatnonzero(opens[tokens.codes])
        end = tokens.offsets[np.searchsorted(tokens.offsets, at, side="right")] - at
        node = np.zeros(len(at), dtype=np.int64)
        found = [(at[:0], at[:0])]
        for step in range(self._depth):
            inside = step < end
            at, end, node = at[inside], end[inside], node[inside]
            row, k = _spread(symbol_from, tokens.codes[at + step])
            edge = node[row] * len(self._first) + symbol[k]
            place = np.minimum(np.searchsorted(self._edges, edge), len(self._edges) - 1)
            there = self._edges[place] == edge
            row, node = row[there], self._next[place[there]]
            at, end = at[row], end[row]
            row, k = _spread(self._ends_from, node)
            found.append((at[row], self._ends[k]))
        places, phrases = zip(*found, strict=True)
        return np.concatenate(places), np.concatenate(phrases)

    def _symbols(self, vocabulary: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the symbols that each word of a batch can stand for, flat, and where those of each word begin."""
        words = pa.array(vocabulary, pa.string())
        exact = pc.index_in(words, value_set=self._words).fill_null(-1).to_numpy()
        seen = np.flatnonzero(exact >= 0)
        pairs = [(seen, exact[seen])]
        for symbol, stem in enumerate(self._stems, start=len(self._words)):
            seen = np.flatnonzero(pc.starts_with(words, stem).to_numpy(zero_copy_only=False))
            pairs.append((seen, np.full(len(seen), symbol)))
        word, symbols = (np.concatenate(side) for side in zip(*pairs, strict=True))
        order = np.argsort(word, kind="stable")
        return symbols[order].astype(np.int64), np.searchsorted(word[order], np.arange(len(vocabulary) + 1))


def _spread(begins: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Go through flat lists: for each list asked for, its row among those asked and the places of its items."""
    first, number = begins[which], begins[which + 1] - begins[which]
    row = np.repeat(np.arange(len(which)), number)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(number) - number - first, number)


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
