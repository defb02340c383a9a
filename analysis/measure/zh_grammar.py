"""The grammar of zh_rules, on arrays: what turns, weighs or takes back the valence of a Chinese word."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_NEAR, _WIDE, _DEGREE = 3, 5, 2  # how many words back an adverb, a denial of existence or opinion, a degree reaches
_LEAST_DEGREE, _MOST_DEGREE = 0.5, 2.0  # several words of degree together
_REPEATS = 3  # the same word or code in a row counts so many times
_BEFORE_BUT, _AFTER_BUT = 0.5, 1.5  # VADER

#: Kinds of units.
PLAIN, NEGATION, WIDE_NEGATION, DEGREE_WORD, COMPLEMENT, CONTRAST, BORDER, COORDINATION = range(8)
#: What else is asked of a unit: bits. CODE: an emoji code or typed face, which no grammar touches. OF: an adverb's
#: reach ends here. NOT: the middle of A-not-A.
CODE, MASKED, LAUGHS, OF, END, EXCLAIMS, NOT = (1 << bit for bit in range(7))
ALL = 255


class Units(NamedTuple):
    """What is known of each unit, or of each word of a vocabulary: five arrays of one length."""

    code: np.ndarray  # which word of the vocabulary
    value: np.ndarray  # valence on VADER's scale, 0 where not scored
    kind: np.ndarray  # one of the kinds above
    factor: np.ndarray  # of that kind
    flags: np.ndarray  # the bits above


def weigh(units: Units, text: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Let the grammar have its say.

    Parameters
    ----------
    units : Units
        Of several texts, one after the other; ``value`` and ``kind`` are changed.
    text : numpy.ndarray of int64, shape (units,)
        The text of each, rising.

    Returns
    -------
    tuple of numpy.ndarray
        The places of the units that are scored, and their points after all rules on words.

    """
    _drop_questions(units, text)
    _drop_repeats(units, text)
    _settle_degree(units, text)
    hits = np.flatnonzero(units.value)
    weight = _context(units, text, hits)
    weight *= _contrast(units, text, hits)
    return hits, units.value[hits] * np.where(units.flags[hits] & CODE, 1.0, weight)


def _drop_questions(units: Units, text: np.ndarray) -> None:
    """Take A-not-A (好不好, 喜欢不喜欢) for the question it is: nothing asserted, nothing denied."""
    middle = np.flatnonzero(units.flags[1:-1] & NOT) + 1
    before, after = middle - 1, middle + 1
    middle = middle[(units.code[before] == units.code[after]) & (text[before] == text[after])]
    units.kind[middle] = PLAIN
    units.value[middle - 1] = units.value[middle + 1] = 0.0


def _drop_repeats(units: Units, text: np.ndarray) -> None:
    """Count the same unit in a row so many times and no more."""
    at = np.flatnonzero(units.value[_REPEATS:]) + _REPEATS
    at = at[text[at] == text[at - _REPEATS]]
    for back in range(1, _REPEATS + 1):
        at = at[units.code[at] == units.code[at - back]]
    units.value[at] = 0.0


def _settle_degree(units: Units, text: np.ndarray) -> None:
    """Decide for each word of degree whether it is one here or a word of its own.

    好 is a degree in 好美 and praise in 很好: it is a degree right before a scored word or another degree. A
    complement is one right after a scored word: nobody dies in 累死了.
    """
    degree, complement = (np.flatnonzero(units.kind == kind) for kind in (DEGREE_WORD, COMPLEMENT))

    def scored(at: np.ndarray) -> np.ndarray:
        return (units.value[at] != 0) & (units.flags[at] & CODE == 0)

    after, before = np.minimum(degree + 1, text.size - 1), np.maximum(complement - 1, 0)
    is_degree = (after > degree) & (text[after] == text[degree]) & (scored(after) | (units.kind[after] == DEGREE_WORD))
    is_complement = (before < complement) & (text[before] == text[complement]) & scored(before)
    units.kind[degree[~is_degree & scored(degree)]] = PLAIN
    units.kind[complement[~is_complement]] = PLAIN
    units.value[degree[is_degree]] = units.value[complement[is_complement]] = 0.0


def _context(units: Units, text: np.ndarray, hits: np.ndarray) -> np.ndarray:
    """Return the factor of negation, rhetoric and degree for each scored unit, looking back step by step."""
    turn, degree = np.ones(hits.size), np.ones(hits.size)
    adverbs = np.flatnonzero((units.kind >= NEGATION) & (units.kind <= DEGREE_WORD))
    last = np.append(-_WIDE - 1, adverbs)[np.searchsorted(adverbs, hits)]  # the last one before each
    which = np.flatnonzero(hits - last <= _WIDE)
    turn[which], degree[which] = _governed(units, text, hits[which])
    at = np.minimum(hits + 1, text.size - 1)
    after = np.where((at > hits) & (text[at] == text[hits]) & (units.kind[at] == COMPLEMENT), units.factor[at], 1.0)
    return turn * np.sign(after) * np.clip(degree * np.abs(after), _LEAST_DEGREE, _MOST_DEGREE)


def _governed(units: Units, text: np.ndarray, hits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what turns and what weighs each of these units."""
    turn, degree = np.ones(hits.size), np.ones(hits.size)
    live = np.ones(hits.size, bool)
    near = live.copy()
    for step in range(1, _WIDE + 1):
        at = np.maximum(hits - step, 0)
        kind, factor = units.kind[at], units.factor[at]
        live &= (hits >= step) & (text[at] == text[hits]) & (kind != BORDER) & (kind != CONTRAST)
        # What governs an earlier scored word stops there, unless the two are joined (没有自由和快乐).
        live &= (units.value[at] == 0) | (units.kind[np.minimum(at + 1, hits)] == COORDINATION)
        near &= live & (units.flags[at] & OF == 0) & (step <= _NEAR)
        turn = np.where(live & (kind == WIDE_NEGATION) | near & (kind == NEGATION), turn * factor, turn)
        degree = np.where(live & (kind == DEGREE_WORD) & (step <= _DEGREE), degree * factor, degree)
    return turn, degree


def _contrast(units: Units, text: np.ndarray, hits: np.ndarray) -> np.ndarray:
    """Return VADER's weights for a sentence with a 'but': less before its last one, more after it."""
    sentence = text + np.cumsum((units.flags & END) > 0)
    last = np.full(int(sentence[-1]) + 1 if sentence.size else 1, -1)
    but = np.flatnonzero(units.kind == CONTRAST)
    last[sentence[but]] = but
    at = last[sentence[hits]]
    return np.where(at < 0, 1.0, np.where(hits < at, _BEFORE_BUT, _AFTER_BUT))
