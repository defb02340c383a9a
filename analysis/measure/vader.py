"""VADER on arrays: NLTK's rules, applied to the few words of a batch that carry a valence, all of them at once."""

from __future__ import annotations

import copy
import string
from functools import cache
from importlib import import_module
from itertools import product
from threading import Lock
from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from analysis import paths
from analysis.measure import chunks as chunking
from analysis.measure.instrument import Batch, Scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.measure.ragged import Ragged

_ALPHA = 15  # of compound = sum / sqrt(sum^2 + alpha)
_PUNCTUATION = frozenset(string.punctuation)
_EDGES = string.punctuation + "\u2018\u2019\u201c\u201d\u2026\u2013\u2014"
_QUIET = _EDGES.replace("!", "").replace("?", "")
_REMEMBERED = 40  # characters; longer chunks (links) hardly ever come back
_MEMORY_LIMIT = 1_000_000  # chunks
_ROUNDING = 1e-9
_PER_CHUNK = 4  # more exclamation or question marks than that change nothing

# What the rules ask of a word in lower case, and nothing else of it.
_LEAST, _AT, _VERY, _KIND, _OF, _BUT = range(1, 7)
_LOWER = {"least": _LEAST, "at": _AT, "very": _VERY, "kind": _KIND, "of": _OF, "but": _BUT}


class Vader:
    """NLTK's VADER (Hutto & Gilbert 2014) as an instrument: what it cannot score is missing, known traps are masked.

    Parameters
    ----------
    masks : sequence of str
        Phrases of one or more words that are not scored (titles, names, hedges). Case does not matter, nor do a
        possessive ``'s`` and punctuation around the phrase; punctuation inside it keeps it from being one. Masked
        words still count as words, and still dampen what follows ("kind of bad").
    straighten : bool
        Read curly apostrophes as straight ones: NLTK knows ``don't`` and not ``don\N{RIGHT SINGLE QUOTATION MARK}t``.

    Notes
    -----
    `score` gives, for each text:

    ``score``
        NLTK's compound score before it is rounded to four decimals, NaN where no word is scored.
    ``n``
        Words scored: those in the lexicon that are neither boosters, nor masked, nor "kind" in "kind of".
    ``pos``, ``neg``
        The sums of positive and of negative valences (as a positive number) after all rules on words. Without
        exclamation and question marks, ``score = d / sqrt(d**2 + 15)`` with ``d = pos - neg``. A text is ambivalent
        if both are high. (NLTK's own ``pos`` and ``neg`` are shares of the text's length; they make a long mixed
        text look more neutral than a short one.)

    References
    ----------
    C. J. Hutto and E. Gilbert (2014), VADER: a parsimonious rule-based model for sentiment analysis of social media
    text, ICWSM. Rules: ``nltk.sentiment.vader`` in NLTK 3.10. Lexicon: the package ``vaderSentiment``.

    """

    name = "vader"
    languages = ("en",)
    scale = (-1.0, 1.0)

    def __init__(self, masks: Sequence[str] = (), *, straighten: bool = True) -> None:
        """Read the lexicon and the masks."""
        self._words = _Words(tuple(masks), straighten=straighten)
        self.masking = bool(masks)

    def unmasked(self, name: str) -> Vader:
        """Return the same instrument without masks; the two look each chunk up once between them."""
        twin = copy.copy(self)
        twin.name, twin.masking = name, False
        return twin

    def score(self, batch: Batch) -> Scores:
        """Score every text of a batch (see the class for what the numbers are)."""
        chunks = chunking.split(batch.texts) if batch.chunks is None else batch.chunks
        total, scored = _score(chunks, self._words, masking=self.masking)
        return scored._replace(score=np.where(scored.n > 0, _normalize(total), np.nan))


def compound(chunks: Ragged) -> np.ndarray:
    """Return what NLTK calls the compound score, masks off, without rounding; 0 where nothing is scored.

    Parameters
    ----------
    chunks : Ragged
        Texts cut at white space, from `analysis.measure.chunks.split`.

    Returns
    -------
    numpy.ndarray of float64, shape (texts,)
        Between -1 and 1. Rounded to four decimals it is ``polarity_scores(text)["compound"]``.

    """
    return _normalize(_score(chunks, _raw_words(), masking=False)[0])


@cache
def _raw_words() -> _Words:
    return _Words((), straighten=False)


def _normalize(total: np.ndarray) -> np.ndarray:
    return total / np.sqrt(total * total + _ALPHA)


# --- What is known about a chunk, once for each distinct one ---------------------------------------------------------


class _Traits(NamedTuple):
    """All that the rules ask about a chunk; in `_Words.look_up`, one array for each."""

    kept: bool | np.ndarray  # NLTK drops chunks of one character
    form: int | np.ndarray  # number of the exact word if it is to be scored, else -1
    valence: float | np.ndarray  # in the lexicon, -4 to 4
    known: bool | np.ndarray  # is in the lexicon: boosters and negations before such a word do not count
    upper: bool | np.ndarray
    boost: float | np.ndarray
    negates: bool | np.ndarray
    exact: int | np.ndarray  # number of a word of an idiom, case as written, else 0
    lower: int | np.ndarray  # one of the numbers _LEAST to _BUT, else 0
    exclaims: int | np.ndarray
    asks: int | np.ndarray
    mask: int | np.ndarray  # number of a word of a mask, else 0
    opens: bool | np.ndarray  # has punctuation before it
    closes: bool | np.ndarray  # has punctuation after it


_NO_WORD = _Traits(
    kept=False, form=-1, valence=0.0, known=True, upper=False, boost=0.0, negates=False,
    exact=0, lower=0, exclaims=0, asks=0, mask=0, opens=False, closes=False,
)  # fmt: skip


class _Words:
    """The traits of every chunk seen. Chunks with equal traits share a row; row 0 stands for "no word there".

    Every row has a twin at the next number, the same chunk masked: so masking sets the last bit of a row number.
    """

    def __init__(self, masks: tuple[str, ...], *, straighten: bool) -> None:
        self._straighten = straighten
        self._lexicon = _lexicon()
        self._rules = rules = _rules()
        phrases = [[_core(word)[0] for word in mask.split()] for mask in masks]
        self._mask_words = {word: i for i, word in enumerate(sorted({w for p in phrases for w in p}), start=1)}
        self.masks = [[self._mask_words[word] for word in phrase] for phrase in phrases if phrase]
        self._special = {*self._lexicon, *rules.boosters, *rules.negations, *rules.exact, *_LOWER, *self._mask_words}
        self._lock = Lock()  # threads of one process share an instrument
        self._forget()

    def _forget(self) -> None:
        self._memory: dict[str, int] = {}
        self._last: tuple[list[str], np.ndarray] = ([], np.zeros(0, np.int32))
        self._forms: dict[str, int] = {}
        self._rows: dict[_Traits, int] = {_NO_WORD: 0}
        self._plain: dict[tuple[bool, bool], int] = {}
        for kept, upper in product((False, True), repeat=2):
            traits = _NO_WORD._replace(kept=kept, upper=upper, known=False)
            self._plain[kept, upper] = 2 * self._rows.setdefault(traits, len(self._rows))
        self._columns = _Traits(*map(np.array, zip(_NO_WORD, _NO_WORD, strict=True)))

    def look_up(self, vocabulary: list[str]) -> tuple[np.ndarray, _Traits]:
        """Return the row number of each chunk, and the traits of all rows."""
        with self._lock:
            if vocabulary is self._last[0]:
                return self._last[1], self._columns
            if len(self._memory) > _MEMORY_LIMIT:
                self._forget()
            memory = self._memory
            rows = np.array([memory.get(chunk) or self._row(chunk) for chunk in vocabulary], np.int32)
            if 2 * len(self._rows) > len(self._columns.kept):
                both = [twin for traits in self._rows for twin in (traits, self._masked(traits))]
                self._columns = _Traits(*map(np.array, zip(*both, strict=True)))
            self._last = (vocabulary, rows)
            return rows, self._columns

    def _row(self, chunk: str) -> int:
        lower = chunk.lower()
        core = lower.strip(_QUIET)
        if core.isalnum() and core not in self._special and lower not in self._special:
            # Three chunks in four: a word that no rule names. (Speed alone: `_traits` would say the same.)
            row = self._plain[len(chunk) > 1, chunk.isupper()]
        else:
            traits = self._traits(chunk.replace("\u2019", "'") if self._straighten else chunk)
            row = 2 * self._rows.setdefault(traits, len(self._rows))
        if len(chunk) <= _REMEMBERED:
            self._memory[chunk] = row
        return row

    def _traits(self, chunk: str) -> _Traits:
        word = _bare(chunk, self._rules.marks, self._rules.signs)
        lower = word.lower()
        valence = self._lexicon.get(lower)
        boost = self._rules.boosters.get(lower, 0.0)
        scored = valence is not None and not boost
        core, opens, closes = _core(chunk) if self._mask_words else ("", False, False)
        mask = self._mask_words.get(core, 0)
        return _Traits(
            kept=len(chunk) > 1,
            form=self._forms.setdefault(word, len(self._forms)) if scored else -1,
            valence=valence or 0.0,
            known=valence is not None,
            upper=word.isupper(),
            boost=boost,
            negates=lower in self._rules.negations or "n't" in lower,
            exact=self._rules.exact.get(word, 0),
            lower=_LOWER.get(lower, 0),
            exclaims=min(chunk.count("!"), _PER_CHUNK),
            asks=min(chunk.count("?"), _PER_CHUNK),
            mask=mask,
            opens=opens and mask > 0,
            closes=closes and mask > 0,
        )

    def _masked(self, traits: _Traits) -> _Traits:
        """Return what is left of a masked chunk: a word, loud or not, and its part in "kind of" and the like."""
        exact = traits.exact if traits.exact in self._rules.hedges else 0
        return _NO_WORD._replace(
            kept=traits.kept, upper=traits.upper, known=False, exact=exact, exclaims=traits.exclaims, asks=traits.asks
        )


def _lexicon() -> dict[str, float]:
    """Read the lexicon as ``SentimentIntensityAnalyzer.make_lex_dict`` does, from the package's text."""
    text = paths.package_file("vaderSentiment", "vaderSentiment/vader_lexicon.txt").read_text(encoding="utf-8")
    pairs = (line.strip().split("\t")[:2] for line in text.rstrip("\n").split("\n"))
    return {word: float(valence) for word, valence in pairs}


@cache
def _rules() -> SimpleNamespace:
    """Return NLTK's constants, with the idioms as tables over the numbers of their words."""
    # Not imported with this module: `nltk` takes over a second, and not every kernel scores.
    vader = import_module("nltk.sentiment.vader")
    constants = vader.VaderConstants()
    idioms = {tuple(idiom.split()): value for idiom, value in constants.SPECIAL_CASE_IDIOMS.items()}
    hedges = [tuple(phrase.split()) for phrase in constants.BOOSTER_DICT if " " in phrase]
    words = sorted({"never", "so", "this"}.union(*idioms, *hedges))
    exact = {word: i for i, word in enumerate(words, start=1)}
    tables = {length: np.full((len(words) + 1,) * length, np.nan) for length in (2, 3)}
    for idiom, value in idioms.items():
        tables[len(idiom)][tuple(exact[word] for word in idiom)] = value
    hedged = np.zeros((len(words) + 1,) * 2, bool)
    for phrase in hedges:
        hedged[tuple(exact[word] for word in phrase)] = True
    return SimpleNamespace(
        boosters=constants.BOOSTER_DICT,
        negations=constants.NEGATE,
        marks=frozenset(constants.PUNC_LIST),
        signs="".join(constants.PUNC_LIST),
        exact=exact,
        hedges={exact[word] for phrase in hedges for word in phrase},
        pairs=tables[2],
        triples=tables[3],
        hedged=hedged,
        caps=constants.C_INCR,
        negation=constants.N_SCALAR,
        dampening=constants.B_DECR,
    )


def _bare(chunk: str, marks: frozenset[str], signs: str) -> str:
    """Take one of VADER's punctuation marks off one end, if what is left is a word of two letters or more.

    NLTK looks a chunk up among all words of the text, each with every mark before and after it. A chunk can only
    match its own word (a word has no punctuation, so chunk minus word is the mark), so the text does not matter.
    """
    word = chunk.strip(signs)
    if len(word) in (0, 1, len(chunk)) or not _PUNCTUATION.isdisjoint(word):
        return chunk
    rest = chunk[len(word) :] if chunk.startswith(word) else chunk[: -len(word)] if chunk.endswith(word) else ""
    return word if rest in marks else chunk


def _core(chunk: str) -> tuple[str, bool, bool]:
    """Return a chunk as masks see it (lower case, no possessive), and whether punctuation stands before, after it."""
    whole = chunk.lower().replace("\u2019", "'")
    start = whole.lstrip(_EDGES)
    core = start.rstrip(_EDGES)
    return core.removesuffix("'s"), len(start) < len(whole), start[len(core) :] not in ("", "'")


# --- Whole batches ---------------------------------------------------------------------------------------------------


def _score(chunks: Ragged, words: _Words, *, masking: bool) -> tuple[np.ndarray, Scores]:
    """Return the sum that the compound score normalizes, and the scores, still without their ``score``."""
    row_of, traits = words.look_up(chunks.vocabulary)
    rows = row_of[chunks.codes]
    if masking:
        rows[_masked(rows, chunks.offsets, traits, words.masks)] |= 1
    emphasis = _emphasis(rows, chunks.offsets, traits)
    kept = traits.kept[rows]
    offsets = chunks.offsets - np.searchsorted(np.flatnonzero(~kept), chunks.offsets)
    text, valence = _valences(rows[kept], offsets, traits)
    texts = len(chunks)
    n = np.bincount(text, minlength=texts)
    total = _sum(text, valence, texts)
    # The sign of the sum decides on the punctuation. Where nothing but rounding is left of it, add as NLTK does:
    # from Python 3.12 on, `sum` rounds in another way than `bincount`.
    for i in np.flatnonzero((np.abs(total) < _ROUNDING) & (n > 0)).tolist():
        total[i] = sum(valence[slice(*np.searchsorted(text, (i, i + 1)))].tolist())
    pos, neg = (_sum(text, np.maximum(side, 0), texts) for side in (valence, -valence))
    return total + np.sign(total) * emphasis, Scores(np.empty(0), n, pos, neg)


def _sum(text: np.ndarray, values: np.ndarray, texts: int) -> np.ndarray:
    return np.bincount(text, values, texts).astype(np.float64)  # of no value at all, `bincount` makes whole numbers


def _per_text(places: np.ndarray, offsets: np.ndarray, values: np.ndarray | None = None) -> np.ndarray:
    """Count sorted places within each text, or sum the whole numbers that stand there."""
    cuts = np.searchsorted(places, offsets)
    return np.diff(cuts if values is None else np.concatenate([[0], np.cumsum(values)])[cuts])


def _emphasis(rows: np.ndarray, offsets: np.ndarray, traits: _Traits) -> np.ndarray:
    """Return what exclamation marks (up to four) and question marks (two or more) add to each text."""
    loud = np.flatnonzero(((traits.exclaims > 0) | (traits.asks > 0))[rows])
    exclaims = np.minimum(_per_text(loud, offsets, traits.exclaims[rows[loud]]), 4)
    asks = _per_text(loud, offsets, traits.asks[rows[loud]])
    return exclaims * 0.292 + np.select([asks <= 1, asks <= 3], [0.0, asks * 0.18], 0.96)  # noqa: PLR2004


def _valences(rows: np.ndarray, offsets: np.ndarray, traits: _Traits) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each scored word, the text that it stands in and its valence after all rules."""
    form = traits.form[rows]
    at = np.flatnonzero(form >= 0)
    text = np.searchsorted(offsets, at, side="right") - 1
    # NLTK takes the context of a word's first occurrence in the text for all its occurrences.
    key = text * (traits.form.max() + 1) + form[at]
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    valence, counts = _in_context(at[first], text[first], rows, offsets, traits)
    counts = counts[which]
    at, text, valence = at[counts], text[counts], valence[which[counts]]
    # Half before the first "but" of a text, one and a half after it.
    but = np.append(np.flatnonzero(traits.lower[rows] == _BUT), len(rows))
    turn = but[np.searchsorted(but, offsets[:-1])][text]
    has_but = turn < offsets[1:][text]
    return text, np.where(has_but, valence * np.where(at < turn, 0.5, 1.5), valence)


def _in_context(
    at: np.ndarray, text: np.ndarray, rows: np.ndarray, offsets: np.ndarray, traits: _Traits
) -> tuple[np.ndarray, np.ndarray]:
    """Return the valences of the words at these places before "but", and whether they are scored at all."""
    rules = _rules()
    padded = np.concatenate([np.zeros(3, rows.dtype), rows, np.zeros(3, rows.dtype)])

    def word(step: int) -> np.ndarray:
        inside = (at + step >= offsets[text]) & (at + step < offsets[text + 1])
        return np.where(inside, padded[at + step + 3], 0)

    here, following, before = word(0), word(1), (word(-1), word(-2), word(-3))
    capitals = _per_text(np.flatnonzero(traits.upper[rows]), offsets)
    mixed = ((capitals > 0) & (capitals < np.diff(offsets)))[text]  # some words in capitals, but not all
    never, so = (traits.exact == rules.exact["never"]), np.isin(traits.exact, [rules.exact["so"], rules.exact["this"]])
    so_1, so_2 = so[before[0]], so[before[1]]
    stressed = (  # (where, by what factor) "never so", "never this" stress instead of negating, for each step back
        (np.zeros(len(at), bool), 1.0),
        (never[before[1]] & so_1, 1.5),
        ((never[before[2]] & so_2) | so_1, 1.25),
    )

    valence = traits.valence[here]
    valence = valence + np.where(traits.upper[here] & mixed, np.where(valence > 0, rules.caps, -rules.caps), 0)
    for step, (prior, fade, (stress, factor)) in enumerate(zip(before, (1, 0.95, 0.9), stressed, strict=True)):
        boost = np.where(valence < 0, -traits.boost[prior], traits.boost[prior])
        shouted = (boost != 0) & traits.upper[prior] & mixed
        boost = boost + np.where(shouted, np.where(valence > 0, rules.caps, -rules.caps), 0)
        changed = valence + boost * fade
        changed = changed * np.where(stress, factor, np.where(traits.negates[prior], rules.negation, 1))
        if step == 2:  # noqa: PLR2004
            changed = _idioms(changed, [traits.exact[w] for w in (*before[::-1], here, following, word(2))])
        valence = np.where(traits.known[prior], valence, changed)
    lower = traits.lower[before[1]]
    least = (traits.lower[before[0]] == _LEAST) & ~traits.known[before[0]] & (lower != _AT) & (lower != _VERY)
    counts = (traits.lower[here] != _KIND) | (traits.lower[following] != _OF)
    return np.where(least, valence * rules.negation, valence), counts


def _idioms(valence: np.ndarray, exact: list[np.ndarray]) -> np.ndarray:
    """Replace the valences of words in idioms; `exact` are the words from three before to two after."""
    rules = _rules()
    b3, b2, b1, here, f1, f2 = exact
    # Where several match, NLTK lets the later of these win.
    for found in (
        rules.pairs[b3, b2],
        rules.triples[b3, b2, b1],
        rules.pairs[b2, b1],
        rules.triples[b2, b1, here],
        rules.pairs[b1, here],
        rules.pairs[here, f1],
        rules.triples[here, f1, f2],
    ):
        valence = np.where(np.isnan(found), valence, found)
    return valence + np.where(rules.hedged[b3, b2] | rules.hedged[b2, b1], rules.dampening, 0)


def _masked(rows: np.ndarray, offsets: np.ndarray, traits: _Traits, masks: list[list[int]]) -> np.ndarray:
    """Return the places of the chunks that stand in a masked phrase."""
    at = np.flatnonzero(traits.mask[rows])
    text = np.searchsorted(offsets, at, side="right")
    row = rows[at]
    word, opens, closes = traits.mask[row], traits.opens[row], traits.closes[row]
    # Does a phrase go on from one of these chunks to the next of them?
    goes_on = (np.diff(at) == 1) & (text[1:] == text[:-1]) & ~closes[:-1] & ~opens[1:]
    hit = np.zeros(len(at), bool)
    for mask in masks:
        starts = np.flatnonzero(word == mask[0])
        for step, expected in enumerate(mask[1:]):
            starts = starts[starts + step < len(goes_on)]
            starts = starts[goes_on[starts + step] & (word[starts + step + 1] == expected)]
        for step in range(len(mask)):
            hit[starts + step] = True
    return at[hit]
