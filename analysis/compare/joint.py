"""One test of many specifications: the median of their statistics, held against permutations that they share.

Specifications of one contrast are correlated, so that their agreement in sign proves nothing and each one's own p
cannot be counted. What can be tested is one number of all of them under the null that the groups' clusters are
exchangeable, with the clusters permuted once for all specifications together (Simonsohn, Simmons & Nelson 2020, Nature
Human Behaviour 4:1208, who take the median estimate; here the median studentised one, since units differ).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from analysis.compare.clusters import Side
from analysis.compare.permutation import Test, count_reached, draw_statistics


class Tests(Sequence[Test]):
    """Tests of pairs of sides, each made when it is asked for: of thousands only the sums by cluster are kept."""

    def __init__(self, make: Callable[[Side, Side], Test], pairs: Iterable[tuple[Side, Side]] = ()) -> None:
        """Take what makes a test of two sides."""
        self.make, self.pairs = make, list(pairs)

    def append(self, pair: tuple[Side, Side]) -> None:
        """Add a pair of sides."""
        self.pairs.append(pair)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.pairs)

    def __getitem__(self, at: int) -> Test:
        """Make one."""
        return self.make(*self.pairs[at])


def joint_p(tests: Sequence[Test], draws: int, rng: np.random.Generator) -> tuple[float, float]:
    """Test several specifications of one contrast together, two-sided.

    The statistic is the median over specifications of the difference of means divided by its linearised cluster
    standard error. Studentising keeps the level, asymptotically, where the two sides differ in more than their means,
    as they do across languages (Chung & Romano 2013, Annals of Statistics 41:484). A cluster that stands on both sides
    swaps them.

    Parameters
    ----------
    tests : sequence of Test
        One a specification, larger in the same direction.
    draws : int
        Permutations; the smallest p is 1 / (draws + 1).
    rng : numpy.random.Generator

    Returns
    -------
    tuple of float
        The median statistic and p; NaN without specifications, or where one of them has no statistic.

    """
    if not tests:
        return float("nan"), float("nan")
    observed, drawn = draw_statistics(tests, draws, rng)
    middle = float(np.median(observed))
    if np.isnan(middle):
        return middle, float("nan")
    exceed = int(count_reached(np.abs(np.median(drawn, axis=0)), np.array(abs(middle))))
    return middle, (1 + exceed) / (draws + 1)
