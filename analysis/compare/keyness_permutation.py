"""p of many terms at once, by permuting clusters: what their frequencies would look like if sides were exchangeable."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from analysis.compare.permutation import ENOUGH, LEAST, Order, Sums, count_reached, one_thread

#: Draws are made for so many numbers of terms (or clusters) at once, and worked out for so many: a dozen arrays that
#: stay in the processor's cache take an eighth less time, and cost no page faults.
_CELLS, _AT_ONCE = 1_000_000, 100_000
#: Draws of those that stand out, for a family of V terms: 20 V / k for k expected discoveries (5), five times that
#: where more are seen.
_PER_TERM, _EXPECTED = 100, 25
#: k terms that no draw has reached have q = V / k (1 + draws), which this many V / k draws bring under .05.
_LONE = 20
#: But no more than so many labels of clusters: at 200 microseconds a draw of 5,000 they would outlast all the rest.
_LONE_LABELS = 400_000_000


class Grid(NamedTuple):
    """Counts of one side: the clusters' names (sorted), counts (clusters, terms), and all words of each cluster.

    What a term is counted among can have a part of its own, ``more`` (clusters, terms): a term's share is its count by
    the sum of both.
    """

    clusters: np.ndarray
    counts: sparse.csr_array
    words: np.ndarray
    more: sparse.csr_array | None = None

    @property
    def n(self) -> np.ndarray:
        """Occurrences of each term."""
        return np.asarray(self.counts.sum(axis=0), dtype=float).ravel()

    @property
    def among(self) -> np.ndarray:
        """What each term is counted among; one number where it is the same for all."""
        more = 0.0 if self.more is None else np.asarray(self.more.sum(axis=0), dtype=float).ravel()
        return self.words.sum() + more


class _Words(NamedTuple):
    """What is counted among: a part that is the same for all terms and, with ``more``, one of each term's own."""

    same: Sums
    more: Sums | None

    def take(self, terms: np.ndarray) -> _Words:
        return self._replace(more=self.more and self.more.take(terms))

    def sides(self, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        sums = self.same.sides(labels)
        return sums if self.more is None else tuple(map(np.add, sums, self.more.sides(labels)))


class _Design(NamedTuple):
    """All that a draw needs. ``crossed`` is the sum of side a's counts times side b's words over shared clusters."""

    n: Sums
    repeats: Sums
    by_words: Sums
    crossed: Sums
    words: _Words
    words_squared: _Words
    products: np.ndarray
    words_product: np.ndarray

    def take(self, terms: np.ndarray) -> _Design:
        return _Design(*(part[terms] if isinstance(part, np.ndarray) else part.take(terms) for part in self))


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
    nothing (q = V p / k of k discoveries among V terms needs p as small as k / 20 V). Where fewer than five terms have
    then been reached by no draw at all, these go on until one does or their q can be under .05, unless that takes over
    400 million labels (20,000 terms in more than 1,000 clusters).

    Parameters
    ----------
    a, b : Grid
        With the same terms.
    draws : int
        Permutations for every term.

    Returns
    -------
    numpy.ndarray of float64, shape (terms,)
        (1 + draws that reach the statistic) / (1 + draws); NaN where a side has no words. The same for (b, a). A draw
        with the very same numbers but other words can pass below the observed statistic: p alone would call three
        occurrences rare because they stand on the side with the shorter utterances. The p that is given is
        therefore never below that of the interval, which takes the words as they are
        (`analysis.compare.log_ratio.agree`).

    """
    design, alone, shared, first = _design(*_in_order(a, b))
    observed = np.concatenate([np.arange(alone) < first, np.ones(shared, dtype=bool)]).astype(float)
    reached = _studentised(design, observed[:, None])[:, 0]
    exceed, done = np.zeros(len(reached), dtype=np.int64), np.zeros(len(reached), dtype=np.int64)
    tested = np.flatnonzero(np.isfinite(reached))

    def go_on(terms: np.ndarray, goal: int, enough: float = np.inf) -> None:
        """Draw on until ``goal``; terms that ``enough`` draws have reached stop on the way."""
        mine, drawn = design.take(terms), int(done[terms].max(initial=0))
        while len(terms) and drawn < goal:
            block = min(goal - drawn, max(1, _CELLS // max(len(terms), alone + shared)))
            labels, width = _labels(alone, first, shared, block, rng), max(1, _AT_ONCE // len(terms))
            for start in range(0, block, width):
                some = np.ascontiguousarray(labels[start : start + width].T, dtype=float)
                exceed[terms] += count_reached(_studentised(mine, some), reached[terms, None])
            drawn += block
            done[terms] = drawn
            if (exceed[terms] >= enough).any():
                terms = terms[exceed[terms] < enough]
                mine = design.take(terms)

    def never() -> np.ndarray:
        return tested[exceed[tested] == 0]

    with one_thread():
        goal = draws
        while len(active := tested[exceed[tested] < ENOUGH]) and goal > done[active].max():
            go_on(active, goal)
            goal = min(4 * goal, max(LEAST, _PER_TERM * len(tested) // max(_EXPECTED, len(never()))))
        affordable = _LONE_LABELS // max(alone + shared, 1)
        go_on(never(), min(_LONE * len(tested) // max(len(never()), 1), affordable), 1)
    with np.errstate(invalid="ignore"):
        return np.where(done > 0, (1 + exceed) / (1 + done), np.nan)


def _in_order(a: Grid, b: Grid) -> tuple[Grid, Grid]:
    """Return the sides in an order that does not depend on which is called a, so that p does not either."""
    keys = [(len(side.clusters), side.clusters.tolist(), side.words.tolist()) for side in (a, b)]
    return (a, b) if keys[0] <= keys[1] else (b, a)


def _labels(alone: int, first: int, shared: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw labels, shape (draws, clusters): lone clusters keep their number on side a, shared ones swap or not."""
    labels = np.zeros((draws, alone + shared), dtype=np.uint8)
    labels[:, :first] = 1
    rng.permuted(labels[:, :alone], axis=1, out=labels[:, :alone])
    labels[:, alone:] = rng.integers(0, 2, (draws, shared), dtype=np.uint8)
    return labels


def _design(a: Grid, b: Grid) -> tuple[_Design, int, int, int]:
    """Lay out the clusters, or random groups of them: lone ones of a, of b, shared ones; return their numbers too."""
    order = Order.of([a.clusters], [b.clusters])
    to_a, to_b = order.adding(a.clusters), order.adding(b.clusters)
    first, second = order.pieces(to_a @ a.counts, to_b @ b.counts)
    words_1, words_2 = order.pieces(to_a @ a.words, to_b @ b.words)
    scale_1, scale_2 = sparse.diags_array(words_1), sparse.diags_array(words_2)
    column_1, column_2 = (sparse.csr_array(words[:, None]) for words in (words_1, words_2))
    # Sums over clusters of: a term's own part of what it is counted among; the square of the whole less that of the
    # common part; the product of both sides' wholes.
    own = squared = None
    by_1, by_2, crossed_1, crossed_2 = scale_1 @ first, scale_2 @ second, scale_2 @ first, scale_1 @ second
    product = np.array([float(words_1 @ words_2)])
    if a.more is not None:
        more_1, more_2 = order.pieces(to_a @ a.more, to_b @ b.more)
        own = Sums.of(more_1, more_2)
        squared = Sums.of(*(m * m + 2 * (scale @ m) for m, scale in ((more_1, scale_1), (more_2, scale_2))))
        by_1, by_2 = by_1 + first * more_1, by_2 + second * more_2
        crossed_1, crossed_2 = crossed_1 + first * more_2, crossed_2 + second * more_1
        product = product + np.asarray((more_1 * more_2 + scale_2 @ more_1 + scale_1 @ more_2).sum(axis=0)).ravel()
    design = _Design(
        n=Sums.of(first, second),
        repeats=Sums.of(_repeats(first), _repeats(second)),
        by_words=Sums.of(by_1.tocsr(), by_2.tocsr()),
        crossed=Sums.of(crossed_1.tocsr(), crossed_2.tocsr()),
        words=_Words(Sums.of(column_1, column_2), own),
        words_squared=_Words(Sums.of(column_1**2, column_2**2), squared),
        products=np.asarray((first * second).sum(axis=0)).ravel(),
        words_product=np.broadcast_to(product, first.shape[1:]),
    )
    return design, order.alone, order.shared, order.first


def _repeats(counts: sparse.csr_array) -> sparse.csr_array:
    """Return count^2 - count: most cells hold one occurrence and need not be kept."""
    out = counts.copy()
    out.data = out.data**2 - out.data
    out.eliminate_zeros()
    return out


def _studentised(design: _Design, labels: np.ndarray) -> np.ndarray:
    """Return the absolute difference of the roots of the shares by its standard error, shape (terms, draws).

    Half an occurrence is added. The variance is the sum over clusters of (a's part - b's part)^2, a part being
    (count - share words) / all words of the side / twice the root of its share; it is expanded into sums that are
    linear in the labels. It is never less than that of Poisson counts, which on this scale is 1 / 4 words a side.
    """
    words_a, words_b = design.words.sides(labels)
    squared_a, squared_b = design.words_squared.sides(labels)
    (n_a, n_b), (by_a, by_b) = design.n.sides(labels), design.by_words.sides(labels)
    squares_a, squares_b = map(np.add, design.repeats.sides(labels), (n_a, n_b))
    with np.errstate(divide="ignore", invalid="ignore"):
        share_a, share_b = n_a / words_a, n_b / words_b
        root_a, root_b = np.sqrt((n_a + 0.5) / words_a), np.sqrt((n_b + 0.5) / words_b)
        # Four times the variance, and twice the difference.
        variance = (squares_a - share_a * (2 * by_a - share_a * squared_a)) / (words_a * root_a) ** 2
        variance += (squares_b - share_b * (2 * by_b - share_b * squared_b)) / (words_b * root_b) ** 2
        if design.words_product.any():
            crossed_a, crossed_b = design.crossed.sides(labels)
            product = design.products[:, None] + share_a * share_b * design.words_product[:, None]
            product -= share_b * crossed_a + share_a * crossed_b
            variance -= 2 * product / (words_a * words_b * root_a * root_b)
        return 2 * np.abs(root_a - root_b) / np.sqrt(np.maximum(variance, 1 / words_a + 1 / words_b))
