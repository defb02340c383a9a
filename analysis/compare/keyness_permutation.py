"""p of many terms at once, by permuting clusters: what their frequencies would look like if sides were exchangeable."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

#: Ties count within this much, so that p does not hang on the last bit of a sum.
_TIE = 1e-9
#: Numbers held at once in one array of terms (or clusters) by draws, 8 MB.
_CELLS = 1_000_000
#: Steps of a random label.
_STEPS = 1 << 16
#: A term is known well enough after so many draws that reach it (Besag & Clifford 1991, Biometrika 78:301).
_ENOUGH = 10
#: Draws of those that stand out: this many at least, and for a family of V terms 20 V / k for k expected discoveries
#: (5), five times that where more are seen.
_LEAST, _PER_TERM, _EXPECTED = 1999, 100, 25
#: Up to this many clusters are shuffled by sorting, which is slower for more of them.
_FEW = 500


class Grid(NamedTuple):
    """Counts of one side: the clusters' names (sorted), counts (clusters, terms), and all words of each cluster."""

    clusters: np.ndarray
    counts: sparse.csr_array
    words: np.ndarray


class _Moment(NamedTuple):
    """A sum over the clusters of side a that depends on the labels: ``slope @ labels + start``; both sides: ``both``.

    A cluster has two pieces; label 1 puts the first on side a and the second on side b, label 0 the other way round.
    """

    slope: sparse.csr_array
    start: np.ndarray
    both: np.ndarray

    @classmethod
    def of(cls, first: sparse.csr_array, second: sparse.csr_array) -> _Moment:
        start = np.asarray(second.sum(axis=0)).ravel()
        return cls((first - second).T.tocsr(), start, start + np.asarray(first.sum(axis=0)).ravel())

    def take(self, terms: np.ndarray) -> _Moment:
        return _Moment(self.slope[terms], self.start[terms], self.both[terms])

    def on_a(self, labels: np.ndarray) -> np.ndarray:
        return self.slope @ labels + self.start[:, None]


class _Design(NamedTuple):
    """All that a draw needs. ``crossed`` is the sum of side a's counts times side b's words over shared clusters."""

    n: _Moment
    repeats: _Moment
    by_words: _Moment
    words: _Moment
    words_squared: _Moment
    crossed: _Moment
    products: np.ndarray
    words_product: float

    def take(self, terms: np.ndarray) -> _Design:
        n, repeats, by_words = (moment.take(terms) for moment in (self.n, self.repeats, self.by_words))
        crossed, products = self.crossed.take(terms), self.products[terms]
        return self._replace(n=n, repeats=repeats, by_words=by_words, crossed=crossed, products=products)


def keyness_p(a: Grid, b: Grid, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Return two-sided p of the difference in frequency of each term.

    Clusters of one side only change sides at random, the numbers on each side kept; a cluster that stands on both
    sides swaps its two sides or not. The statistic is the difference of the square roots of the shares by its
    linearised cluster standard error: studentised, so that unequal variances do not make it reject (Chung & Romano
    2013, Annals of Statistics 41:484); on the scale that makes a count's variance the same at every level, because
    the difference itself has little power where the rarer side is the larger one, and its logarithm little the other
    way round (``tests/benchmarks/keyness_nulls.md``).

    All terms see the same draws, and all get ``draws`` of them. Those that fewer than ten draws have reached go on, to
    2,000 and up to four draws a term of the family, or fewer where many terms stand out: else a corrected p could find
    nothing (q = V p / k of k discoveries among V terms needs p as small as k / 20 V).

    Parameters
    ----------
    a, b : Grid
        With the same terms.
    draws : int
        Permutations for every term.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray of float64, shape (terms,)
        (1 + draws that reach the statistic) / (1 + draws); NaN where a side has no words. The same for (b, a).

    """
    design, alone, shared, first = _design(*_in_order(a, b))
    observed = np.concatenate([np.arange(alone) < first, np.ones(shared, dtype=bool)]).astype(float)
    reached, said = (found[:, 0] for found in _studentised(design, observed[:, None]))
    exceed, done = np.zeros(len(reached), dtype=np.int64), np.zeros(len(reached), dtype=np.int64)
    active = np.flatnonzero(np.isfinite(reached))
    tested, drawn, goal = len(active), 0, draws
    while drawn < goal and len(active):
        mine = design.take(active) if len(active) < len(reached) else design
        level = (reached[active] - _TIE * np.maximum(1.0, reached[active]))[:, None]
        block = max(1, _CELLS // max(len(active), alone + shared))
        for start in range(drawn, goal, block):
            labels = _labels(alone, first, shared, min(block, goal - start), rng)
            statistic, n = _studentised(mine, labels)
            # A draw that leaves a side without words has no statistic; it counts against the finding. So does one that
            # gives the very same numbers: else the words of its clusters would break such ties, and three occurrences
            # on the side with the shorter utterances would look rarer than they are.
            exceed[active] += np.count_nonzero(~(statistic < level) | (n == said[active, None]), axis=1)
        drawn = goal
        done[active] = drawn
        active = active[exceed[active] < _ENOUGH]
        standing = max(_EXPECTED, np.count_nonzero(exceed[active] == 0))
        goal = min(4 * drawn, max(_LEAST, _PER_TERM * tested // standing))
    with np.errstate(invalid="ignore"):
        return np.where(done > 0, (1 + exceed) / (1 + done), np.nan)


def _in_order(a: Grid, b: Grid) -> tuple[Grid, Grid]:
    """Return the sides in an order that does not depend on which is called a, so that p does not either."""
    keys = [(len(side.clusters), side.clusters.tolist(), side.words.tolist()) for side in (a, b)]
    return (a, b) if keys[0] <= keys[1] else (b, a)


def _labels(alone: int, first: int, shared: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw labels, shape (clusters, draws): lone clusters keep their number on side a, shared ones swap or not."""
    labels = rng.integers(0, 2, (draws, alone + shared), dtype=np.uint8).astype(bool)
    if alone <= _FEW:
        order = np.argsort(rng.random((draws, alone)), axis=1)
        np.put_along_axis(labels, order, np.arange(alone) < first, axis=1)
        return np.ascontiguousarray(labels.T, dtype=float)
    # Independent labels, then as many at random turned round as are too many or too few: as good as a shuffle, and
    # several times as fast.
    lone = rng.integers(0, _STEPS, (draws, alone), dtype=np.uint16) < round(_STEPS * first / alone)
    for row, surplus in zip(lone, np.count_nonzero(lone, axis=1) - first, strict=True):
        if surplus:
            at = np.flatnonzero(row == (surplus > 0))
            row[rng.choice(at, abs(surplus), replace=False, shuffle=False)] = surplus < 0
    labels[:, :alone] = lone
    return np.ascontiguousarray(labels.T, dtype=float)


def _design(a: Grid, b: Grid) -> tuple[_Design, int, int, int]:
    """Lay out the clusters: lone ones of a, lone ones of b, shared ones; return their numbers too."""
    _, in_a, in_b = np.intersect1d(a.clusters, b.clusters, assume_unique=True, return_indices=True)
    lone_a, lone_b = (np.setdiff1d(np.arange(len(s.clusters)), taken) for s, taken in ((a, in_a), (b, in_b)))
    x, y = a.counts.astype(float), b.counts.astype(float)
    empty = sparse.csr_array((len(lone_a) + len(lone_b), x.shape[1]))
    first = sparse.vstack([x[lone_a], y[lone_b], x[in_a]], format="csr")
    second = sparse.vstack([empty, y[in_b]], format="csr")
    words_1 = np.concatenate([a.words[lone_a], b.words[lone_b], a.words[in_a]])
    words_2 = np.concatenate([np.zeros(empty.shape[0]), b.words[in_b]])
    scale_1, scale_2 = sparse.diags_array(words_1), sparse.diags_array(words_2)
    column_1, column_2 = (sparse.csr_array(words[:, None]) for words in (words_1, words_2))
    design = _Design(
        n=_Moment.of(first, second),
        repeats=_Moment.of(_repeats(first), _repeats(second)),
        by_words=_Moment.of((scale_1 @ first).tocsr(), (scale_2 @ second).tocsr()),
        words=_Moment.of(column_1, column_2),
        words_squared=_Moment.of(column_1**2, column_2**2),
        crossed=_Moment.of((scale_2 @ first).tocsr(), (scale_1 @ second).tocsr()),
        products=np.asarray((first * second).sum(axis=0)).ravel(),
        words_product=float(words_1 @ words_2),
    )
    return design, len(lone_a) + len(lone_b), len(in_a), len(lone_a)


def _repeats(counts: sparse.csr_array) -> sparse.csr_array:
    """Return count^2 - count: most cells hold one occurrence and need not be kept."""
    out = counts.copy()
    out.data = out.data**2 - out.data
    out.eliminate_zeros()
    return out


def _studentised(design: _Design, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the statistic and the occurrences on side a, both of shape (terms, draws).

    The statistic is the absolute difference of the roots of the shares by its standard error.

    Half an occurrence is added. The variance is the sum over clusters of (a's part - b's part)^2, a part being
    (count - share words) / all words of the side / twice the root of its share; it is expanded into sums that are
    linear in the labels. It is never less than that of Poisson counts, which on this scale is 1 / 4 words a side.
    """
    words_a, squared_a = design.words.on_a(labels), design.words_squared.on_a(labels)
    words_b, squared_b = design.words.both[:, None] - words_a, design.words_squared.both[:, None] - squared_a
    n_a, by_a = design.n.on_a(labels), design.by_words.on_a(labels)
    squares_a = design.repeats.on_a(labels) + n_a
    n_b, by_b = design.n.both[:, None] - n_a, design.by_words.both[:, None] - by_a
    squares_b = (design.repeats.both + design.n.both)[:, None] - squares_a
    with np.errstate(divide="ignore", invalid="ignore"):
        share_a, share_b = n_a / words_a, n_b / words_b
        root_a, root_b = np.sqrt((n_a + 0.5) / words_a), np.sqrt((n_b + 0.5) / words_b)
        # Four times the variance, and twice the difference.
        variance = (squares_a - share_a * (2 * by_a - share_a * squared_a)) / (words_a * root_a) ** 2
        variance += (squares_b - share_b * (2 * by_b - share_b * squared_b)) / (words_b * root_b) ** 2
        if design.words_product > 0:
            crossed = design.crossed.on_a(labels)
            product = design.products[:, None] + share_a * share_b * design.words_product
            product -= share_b * crossed + share_a * (design.crossed.both[:, None] - crossed)
            variance -= 2 * product / (words_a * words_b * root_a * root_b)
        return 2 * np.abs(root_a - root_b) / np.sqrt(np.maximum(variance, 1 / words_a + 1 / words_b)), n_a
