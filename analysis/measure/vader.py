"""VADER on arrays: NLTK's rules, applied to the few words of a batch that carry a valence, all of them at once."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from analysis.measure import chunks as chunking
from analysis.measure.emoji import emoji_names
from analysis.measure.instrument import Batch, Scores
from analysis.measure.laughter import laughs_in
from analysis.measure.vader_words import AT, BUT, KIND, LEAST, OF, VERY, Traits, Words, rules_of_nltk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.measure.ragged import Ragged

_ALPHA = 15  # of compound = sum / sqrt(sum^2 + alpha)
_ROUNDING = 1e-9


class _Read(NamedTuple):
    """Chunks, the row of each distinct one, those that an instrument made of all of them, and what it said."""

    chunks: Ragged
    row_of: np.ndarray
    rows: np.ndarray
    scores: Scores


class Vader:
    """NLTK's VADER (Hutto & Gilbert 2014) as an instrument: what it cannot score is missing, known traps are masked.

    Curly apostrophes are read as straight ones: NLTK knows ``don't`` and not ``don\N{RIGHT SINGLE QUOTATION MARK}t``.

    Parameters
    ----------
    masks : sequence of str
        Phrases of one or more words that are not scored (titles, names, hedges). Case does not matter, nor do a
        possessive ``'s`` and punctuation around the phrase; punctuation inside it keeps it from being one. Masked
        words still count as words, and still dampen what follows ("kind of bad").
    laughter : bool
        Score laughter (lol, haha); else it is treated as masked words are.
    emoji_names : bool
        Read the English name in the place of an emoji, as ``vaderSentiment`` does and NLTK does not.

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

    def __init__(self, masks: Sequence[str] = (), *, laughter: bool = True, emoji_names: bool = False) -> None:
        """Read the lexicon and the masks."""
        self._words = Words(tuple(masks))
        self._last: list[_Read] = []  # the last batch, shared with the twins
        self.masking, self._laughter, self._emoji_names = bool(masks), laughter, emoji_names

    def unmasked(self, name: str) -> Vader:
        """Return the same instrument without masks; the two look each chunk up once between them."""
        twin = copy.copy(self)
        twin.name, twin.masking = name, False
        return twin

    def with_laughter(self, *, laughter: bool) -> Vader:
        """Return the same instrument with laughter scored or not; the two share what they looked up."""
        twin = copy.copy(self)
        twin._laughter = laughter  # noqa: SLF001
        return twin

    def score(self, batch: Batch) -> Scores:
        """Score every text of a batch (see the class for what the numbers are)."""
        chunks = chunking.split(batch.texts) if batch.chunks is None else batch.chunks
        if self._emoji_names:
            chunks = _name_emoji(chunks, laughter=self._laughter)
        row_of, traits = self._words.look_up(chunks.vocabulary)
        rows = row_of[chunks.codes]
        if self.masking:
            rows[_masked(rows, chunks.offsets, traits, self._words.masks)] |= 1
        if not self._laughter:
            rows |= traits.laughs[rows]
        last = next((read for read in self._last if read.chunks is chunks and read.row_of is row_of), None)
        if last is None:
            scores = _score(rows, chunks.offsets, traits)
            self._last[:] = [_Read(chunks, row_of, rows, scores)]
            return scores
        # A twin of an instrument that has seen these chunks: only where it masks others can it say anything else.
        differs = _per_text(np.flatnonzero(rows != last.rows), chunks.offsets) > 0
        if not differs.any():
            return last.scores
        some = rows[np.repeat(differs, chunks.lengths())]
        offsets = np.concatenate([[0], np.cumsum(chunks.lengths()[differs])])
        scores = Scores(*(column.copy() for column in last.scores if column is not None))
        for column, values in zip(scores, _score(some, offsets, traits), strict=True):
            column[differs] = values
        return scores


def _name_emoji(chunks: Ragged, *, laughter: bool) -> Ragged:
    """Put the words of its name in the place of each emoji."""
    names, laughs = emoji_names(), laughs_in("")

    def read(sign: str) -> str:
        return f" {names[sign]} " if sign in names and (laughter or not laughs(sign)) else sign

    parts = {
        place: "".join(map(read, chunk)).split()
        for place, chunk in enumerate(chunks.vocabulary)
        if not chunk.isascii() and not names.keys().isdisjoint(chunk)
    }
    return chunks.replace(parts)[0]


def _normalize(total: np.ndarray) -> np.ndarray:
    return total / np.sqrt(total * total + _ALPHA)


def _score(rows: np.ndarray, offsets: np.ndarray, traits: Traits) -> Scores:
    """Score texts from the rows of their chunks."""
    emphasis = _emphasis(rows, offsets, traits)
    kept = traits.kept[rows]
    texts = len(offsets) - 1
    offsets = offsets - np.searchsorted(np.flatnonzero(~kept), offsets)
    text, valence = _valences(rows[kept], offsets, traits)
    n = np.bincount(text, minlength=texts)
    total = _sum(text, valence, texts)
    # The sign of the sum decides on the punctuation. Where nothing but rounding is left of it, add as NLTK does:
    # from Python 3.12 on, `sum` rounds in another way than `bincount`.
    for i in np.flatnonzero((np.abs(total) < _ROUNDING) & (n > 0)).tolist():
        total[i] = sum(valence[slice(*np.searchsorted(text, (i, i + 1)))].tolist())
    pos, neg = (_sum(text, np.maximum(side, 0), texts) for side in (valence, -valence))
    score = np.where(n > 0, _normalize(total + np.sign(total) * emphasis), np.nan)
    return Scores(score, n, pos, neg)


def _sum(text: np.ndarray, values: np.ndarray, texts: int) -> np.ndarray:
    return np.bincount(text, values, texts).astype(np.float64)  # of no value at all, `bincount` makes whole numbers


def _per_text(places: np.ndarray, offsets: np.ndarray, values: np.ndarray | None = None) -> np.ndarray:
    """Count sorted places within each text, or sum the whole numbers that stand there."""
    cuts = np.searchsorted(places, offsets)
    return np.diff(cuts if values is None else np.concatenate([[0], np.cumsum(values)])[cuts])


def _emphasis(rows: np.ndarray, offsets: np.ndarray, traits: Traits) -> np.ndarray:
    """Return what exclamation marks (up to four) and question marks (two or more) add to each text."""
    loud = np.flatnonzero(((traits.exclaims > 0) | (traits.asks > 0))[rows])
    exclaims = np.minimum(_per_text(loud, offsets, traits.exclaims[rows[loud]]), 4)
    asks = _per_text(loud, offsets, traits.asks[rows[loud]])
    return exclaims * 0.292 + np.select([asks <= 1, asks <= 3], [0.0, asks * 0.18], 0.96)  # noqa: PLR2004


def _valences(rows: np.ndarray, offsets: np.ndarray, traits: Traits) -> tuple[np.ndarray, np.ndarray]:
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
    but = np.append(np.flatnonzero(traits.lower[rows] == BUT), len(rows))
    turn = but[np.searchsorted(but, offsets[:-1])][text]
    has_but = turn < offsets[1:][text]
    return text, np.where(has_but, valence * np.where(at < turn, 0.5, 1.5), valence)


def _in_context(
    at: np.ndarray, text: np.ndarray, rows: np.ndarray, offsets: np.ndarray, traits: Traits
) -> tuple[np.ndarray, np.ndarray]:
    """Return the valences of the words at these places before "but", and whether they are scored at all."""
    rules = rules_of_nltk()
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
    least = (traits.lower[before[0]] == LEAST) & ~traits.known[before[0]] & (lower != AT) & (lower != VERY)
    counts = (traits.lower[here] != KIND) | (traits.lower[following] != OF)
    return np.where(least, valence * rules.negation, valence), counts


def _idioms(valence: np.ndarray, exact: list[np.ndarray]) -> np.ndarray:
    """Replace the valences of words in idioms; `exact` are the words from three before to two after."""
    rules = rules_of_nltk()
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


def _masked(rows: np.ndarray, offsets: np.ndarray, traits: Traits, masks: list[list[int]]) -> np.ndarray:
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
