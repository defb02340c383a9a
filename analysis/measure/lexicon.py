"""Instruments that average the ratings of a text's words: labMT, NRC-VAD, and a user's own list."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache, cached_property, lru_cache
from itertools import compress
from pathlib import Path
from threading import Lock

import numpy as np

from analysis import paths
from analysis.corpus.readers.table import read_number, read_rows, read_table, require_filled, require_known
from analysis.errors import InputError, plural
from analysis.measure.instrument import Batch, Scores
from analysis.measure.laughter import laughs_in
from analysis.measure.options import UNMASKED, signed_scale
from analysis.measure.ragged import Ragged
from analysis.parameters import lexicon_name

#: Where shifterator keeps the ratings of each instrument and language.
_RATINGS = {
    "labmt": {"en": "labMT/labMT_English.tsv", "zh": "labMT/labMT_Chinese.tsv"},
    "nrcvad": {"en": "NRC-VAD/NRC-VAD_valence_English.tsv", "zh": "NRC-VAD/NRC-VAD_valence_Chinese-Simplified.tsv"},
}
_SCALES = {"labmt": (1.0, 9.0), "nrcvad": (0.0, 1.0)}
_MASKS = paths.DATA / "masks.csv"
#: The instruments whose words are masked, with the languages that they read.
_MASKED = {"vader": ("en",), "labmt": ("en", "zh"), "nrcvad": ("en", "zh"), "zh_rules": ("zh",)}
#: Of the choices an instrument is made with so many are kept: all of every analysis.
REMEMBERED = 48
#: Function words that no mask holds: they are rated too neutral to count.
_NEUTRAL = {
    "en": "a an although and as however nor or per since the though unless until upon within",
    "zh": "一个 一种 中 为了 之后 之间 以及 们 使 其中 内 前 后 因此 如 如何 就是 已 是不是 或者 等 而且 至 还有 这种",
}


class Ratings(dict[str, float]):
    """Words with their ratings, and the same as arrays: instruments that differ in what counts share them."""

    __hash__ = object.__hash__  # each is read once, and nobody changes it

    @cached_property
    def array(self) -> np.ndarray:
        """The ratings, float64, shape (words,)."""
        return np.array(list(self.values()))

    @cached_property
    def numbers(self) -> np.ndarray:
        """The number of each word among all rated words, int64, shape (words,)."""
        return np.array(rated_words.add(self), np.int64)

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each word stands."""
        return {word: place for place, word in enumerate(self)}


@cache
def read_ratings(instrument: str, language: str) -> Ratings:
    """Return the ratings of one instrument and language, as shifterator ships them.

    ``labmt`` is labMT's happiness, 1 to 9 (Dodds et al. 2011, 2015), rated by native speakers of each language;
    ``nrcvad`` is NRC-VAD's valence, 0 to 1 (Mohammad 2018), whose Chinese side is translated from the English.
    Read as text: importing shifterator takes a second. A word that occurs twice
    (a translation of two English words) has the mean of its ratings.
    """
    file = f"shifterator/lexicons/{_RATINGS[instrument][language]}"
    text = paths.package_file("shifterator", file).read_text(encoding="utf-8")
    sums: dict[str, list[float]] = {}
    for line in text.split("\n"):
        word, tab, value = line.rstrip("\r").partition("\t")
        if tab:
            sums.setdefault(word.strip().lower(), []).append(float(value))
    return Ratings({word: sum(values) / len(values) for word, values in sums.items() if word})


@cache
def read_masks(instrument: str, language: str) -> tuple[str, ...]:
    """Return the words and phrases that an instrument must not score, from ``data/masks.csv``, sorted."""
    return tuple(
        sorted(row["term"] for row in _mask_rows() if (row["instrument"], row["language"]) == (instrument, language))
    )


@cache
def _mask_rows(path: Path = _MASKS) -> list[dict[str, str]]:
    """Return the rows of ``data/masks.csv``; :class:`InputError` names one that would mask nothing."""
    rows = read_rows(path, ("instrument", "language", "term", "reason"))
    for number, row in enumerate(rows, start=1):
        require_known(row, "instrument", _MASKED, path, number)
        require_known(row, "language", _MASKED[row["instrument"]], path, number)
        require_filled(row, "term", path, number)
    return rows


@cache
def topic_words(language: str) -> frozenset[str]:
    """Return the words of ``data/masks.csv`` that name what the talk is about: the topic, countries, offices."""
    return _masked_as(language, ("the topic itself", "a country", "a topic word"))


@cache
def function_words(language: str) -> frozenset[str]:
    """Return the words of grammar: those of ``data/masks.csv``, and those so neutral that none had to be masked."""
    return _masked_as(language, ("a function word",)) | set(_NEUTRAL.get(language, "").split())


def _masked_as(language: str, reasons: tuple[str, ...]) -> frozenset[str]:
    return frozenset(
        row["term"]
        for row in _mask_rows()
        if (row["instrument"], row["language"]) == ("labmt", language) and row["reason"].startswith(reasons)
    )


@cache
def not_scored(instrument: str, language: str, *, masked: bool, laughter: bool) -> frozenset[str]:
    """Return the words that an instrument must not score: those of the masks, and laughter unless that counts."""
    words = set(read_masks(instrument, language)) if masked else set()
    if not laughter:
        words.update(filter(laughs_in(language), read_ratings(instrument, language)))
    return frozenset(words)


class _RatedWords:
    """The words that any list rates, numbered: all instruments look a vocabulary up once between them."""

    def __init__(self) -> None:
        self._lock = Lock()  # threads of one process share the instruments
        self._numbers: dict[str, int] = {}
        self._last: tuple[list[str], int, np.ndarray] = ([], 0, np.zeros(0, np.int64))

    def add(self, words: Collection[str]) -> list[int]:
        """Return the number of each word, from 1 on."""
        with self._lock:
            numbers = self._numbers
            return [numbers.setdefault(word, len(numbers) + 1) for word in words]

    def numbers(self, vocabulary: list[str]) -> np.ndarray:
        """Return the number of each word, 0 where nothing rates it."""
        known, count, found = self._last
        if known is not vocabulary or count != len(self._numbers):
            count, look_up = len(self._numbers), self._numbers.get
            found = np.array([look_up(word, 0) for word in vocabulary], np.int64)
            self._last = (vocabulary, count, found)
        return found


rated_words = _RatedWords()


class WordMeans:
    """The mean rating of a text's words, near-neutral and masked words left out.

    Parameters
    ----------
    name : str
        The instrument's name.
    ratings : mapping of str to mapping of str to float
        For each language, word to rating.
    scale : tuple of float
        The lowest and the highest rating.
    lens : mapping of str to float
        For each language, how far from the middle of the scale a rating must lie to count (Dodds et al. 2011).
    masks : mapping of str to collection of str
        For each language, words that are not scored.

    """

    def __init__(
        self,
        name: str,
        ratings: Mapping[str, Mapping[str, float]],
        scale: tuple[float, float],
        lens: Mapping[str, float],
        masks: Mapping[str, Collection[str]],
    ) -> None:
        """Keep the words that count."""
        self.name, self.scale, self.languages = name, scale, tuple(ratings)
        self.middle, self.lens = (scale[0] + scale[1]) / 2, lens
        #: What is rated, in the order of `counts`.
        self.rated = {code: words if isinstance(words, Ratings) else Ratings(words) for code, words in ratings.items()}
        #: Which of the words count.
        self.counts: dict[str, np.ndarray] = {}
        for code, words in self.rated.items():
            self.counts[code] = np.abs(words.array - self.middle) >= lens[code]
            self.counts[code][[words.places[word] for word in masks[code] if word in words]] = False
        self._tables: dict[str, np.ndarray] = {}

    @cached_property
    def ratings(self) -> dict[str, dict[str, float]]:
        """The words that count with their ratings, by language."""
        return {code: dict(compress(words.items(), self.counts[code].tolist())) for code, words in self.rated.items()}

    def values(self, tokens: Ragged, language: str) -> np.ndarray:
        """Return the rating of each token occurrence, NaN where it does not count, shape (units,)."""
        table = self._tables.get(language)
        if table is None:
            words, counts = self.rated[language], self.counts[language]
            numbers = words.numbers[counts]
            table = np.full(numbers.max(initial=0) + 2, np.nan)
            table[numbers] = words.array[counts]
            self._tables[language] = table
        # A word of a higher number is rated by another instrument only: the last place says so.
        return table[np.minimum(rated_words.numbers(tokens.vocabulary), len(table) - 1)][tokens.codes]

    def score(self, batch: Batch) -> Scores:
        """Return mean ratings; ``pos`` and ``neg`` are the mean distances above and below the middle."""
        texts = len(batch.tokens)
        values = self.values(batch.tokens, batch.language)
        # Two words in three are not scored: only those that are get summed.
        hits = np.flatnonzero(~np.isnan(values))
        text = batch.text_of[hits]
        away = values[hits] - self.middle
        n = np.bincount(text, minlength=texts)
        with np.errstate(invalid="ignore"):
            pos, neg = (np.bincount(text, np.maximum(side, 0), texts) / n for side in (away, -away))
        return Scores(self.middle + (pos - neg), n, pos, neg)


@lru_cache(REMEMBERED)
def word_means(instrument: str, lens: float = 0.5, *, masked: bool = True, laughter: bool = False) -> WordMeans:
    """Return labMT or NRC-VAD in English and Chinese, which others share: do not change it.

    Parameters
    ----------
    instrument : {"labmt", "nrcvad"}
    lens : float
        In points of labMT's English ratings (1 of 9), the same share of the scale for NRC-VAD. In the Chinese ratings
        of labMT, which are compressed, it shrinks with their spread (standard deviation .74 against 1.09), so that
        both languages drop words that are alike in their neutrality.
    masked : bool
        Leave topic words, country names, function and negation words unscored.
    laughter : bool
        Score laughter (haha, 哈哈) too.

    """
    ratings = {language: read_ratings(instrument, language) for language in _RATINGS[instrument]}
    low, high = scale = _SCALES[instrument]
    spread = {language: float(words.array.std()) for language, words in ratings.items()}
    lenses = {language: lens * (high - low) / 8 * spread[language] / spread["en"] for language in ratings}
    masks = {language: not_scored(instrument, language, masked=masked, laughter=laughter) for language in ratings}
    return WordMeans(instrument if masked else instrument + UNMASKED, ratings, scale, lenses, masks)


def _simplified(words: dict[str, float]) -> dict[str, float]:
    """Return words in the characters of Chinese tokens; what the list holds in both keeps the score it has there."""
    if all(map(str.isascii, words)):
        return words
    from analysis.measure.chinese import simplify  # noqa: PLC0415  its converter takes long to load

    return {simplify(word): score for word, score in words.items()} | words


def user_lexicon(path: Path) -> WordMeans:
    """Return a user's own lexicon: a CSV with the columns ``term`` and ``score``, for every language.

    Terms are matched on tokens: lower-case English words with straight apostrophes, Chinese words in simplified
    characters, whatever characters the file has. Every term counts; the middle of the scale is 0 if it lies within the
    scores, else the middle of their range.

    Raises
    ------
    InputError
        If the file is missing, a column is missing, a score is no number, a term occurs twice, or is no single word and
        would never be found.

    """
    table = read_table(path, ["term", "score"])
    words: dict[str, float] = {}
    never: list[tuple[str, int]] = []
    for row in table.rows:
        term = (row.value.get("term") or "").strip().lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        if row.problem is not None or not term:
            raise InputError(row.problem or "a term and a number were expected", file=path, row=row.number)
        value = read_number({"score": row.value.get("score") or ""}, "score", path, row.number)
        if term in words:
            raise InputError(f"'{term}' occurs twice", file=path, row=row.number, column="term")
        if len(term.split()) > 1 or (len(term) > 1 and "*" in term):
            never.append((term, row.number))
        words[term] = value
    if never:
        term, number = never[0]
        more = f"; so it is with {plural(len(never) - 1, 'more row')}" if len(never) > 1 else ""
        message = f"'{term}' would never be found, for words are looked up one by one, as they stand{more}"
        raise InputError(message, file=path, row=number, column="term", accepted=["single words, without *"])
    if not words:
        raise InputError("holds no terms", file=path, accepted=["a CSV with the columns term, score"])
    scale = signed_scale(min(words.values()), max(words.values()))
    languages = ("en", "zh", "ko", "ja", "mixed")
    none: dict[str, frozenset[str]] = dict.fromkeys(languages, frozenset())
    rated = dict.fromkeys(languages, Ratings(words)) | {"zh": Ratings(_simplified(words))}
    return WordMeans(lexicon_name(str(path)), rated, scale, dict.fromkeys(languages, 0.0), none)
