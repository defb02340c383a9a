"""Shares from .0005 to .5: how often their intervals hold the truth, and how often two equal ones are called different.

``python tests/benchmarks/rare_shares.py`` prints five tables. Clusters differ in size (log-normal) and in level:
independent utterances, levels normal on the logit scale (log-sd .5), or beta with a correlation of .05 between two
utterances of a cluster. *cover*: the share of studies whose interval holds the truth; *above*, *below*: how often the
truth lies beyond each end; *out* where the coverage is out of .93 to .97 by more than the simulation's error (two-sided
1 %). *p < .05*: by permutation, after p and interval were made to agree. In the last two tables utterances weigh by
likes, which differ between clusters and, more, within them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from analysis.compare.clusters import FEW_FOR_INTERVAL, Side
from analysis.compare.contrasts import compare_shares, decide
from analysis.compare.permutation import share_test
from analysis.compare.shares import Share, difference_limits, make_share, ratio_limits, share_limits

SHARES = (0.0005, 0.002, 0.01, 0.05, 0.2, 0.5)
#: How levels differ between clusters: the kind, and its log-sd or correlation.
LEVELS = {"independent": ("logit", 0.0), "log-sd .5": ("logit", 0.5), "correlation .05": ("beta", 0.05)}
#: Fewer hits than this are expected in a group: there, counts are too coarse for any interval to hold .95 exactly.
COARSE = 5.0
#: Coverage that is wanted, and how many standard errors out of it are no accident.
WANTED, SURE = (0.93, 0.97), 2.576
#: log-sd of an utterance's likes within its cluster and between clusters, and their median.
LIKES = (1.3, 0.6, 3.0)


class Clusters(NamedTuple):
    """How many, of how many utterances on average, and the log-sd of their sizes."""

    count: int
    mean: float
    log_sd: float


ONE = (
    Clusters(15, 20, 0.8),
    Clusters(15, 200, 0.5),
    Clusters(60, 30, 1.2),
    Clusters(300, 10, 0.8),
    Clusters(1000, 5, 0.8),
)
TWO = (
    (Clusters(20, 20, 0.8), Clusters(20, 20, 0.8)),
    (Clusters(20, 20, 0.8), Clusters(100, 20, 0.8)),
    (Clusters(60, 10, 0.8), Clusters(30, 50, 0.5)),
    (Clusters(100, 5, 0.8), Clusters(1000, 5, 0.8)),
    (Clusters(1000, 3, 0.5), Clusters(1000, 3, 0.5)),
)


def draw(
    clusters: Clusters, share: float, level: tuple[str, float], runs: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Simulate hits and utterances by cluster, each of shape (runs, clusters); the mean share is exact."""
    shape = (runs, clusters.count)
    n = np.ceil(rng.lognormal(np.log(clusters.mean) - clusters.log_sd**2 / 2, clusters.log_sd, shape))
    kind, spread = level
    if kind == "beta":
        levels = rng.beta(share * (1 / spread - 1), (1 - share) * (1 / spread - 1), shape)
    else:
        at, weights = np.polynomial.hermite_e.hermegauss(40)
        weights = weights / weights.sum()
        middle = brentq(lambda x: weights @ expit(x + spread * at) - share, logit(share) - 5, logit(share) + 5)
        levels = expit(middle + spread * rng.normal(size=shape))
    return rng.binomial(n.astype(int), levels).astype(float), n


def weigh(hits: np.ndarray, n: np.ndarray, rng: np.random.Generator) -> Share:
    """Let the utterances of simulated clusters weigh by likes, drawn without regard to hits."""
    within, between, middle = LIKES
    size = n.astype(int).ravel()
    at = np.repeat(np.arange(n.size), size)
    hit = np.arange(len(at)) - np.repeat(np.cumsum(size) - size, size) < hits.ravel()[at]
    likes = np.floor(middle * np.exp(rng.normal(0, between, n.size)[at] + rng.normal(0, within, len(at))))
    total, weight, squares = (np.bincount(at, w, n.size).reshape(n.shape) for w in (likes * hit, likes, likes**2))
    return make_share(total, weight, weight.sum(axis=1) ** 2 / squares.sum(axis=1))


def out(cover: float, given: float, runs: int) -> str:
    """Mark a coverage that lies out of what is wanted by more than the simulation's error."""
    low, high = (end * runs * given for end in WANTED)
    error = SURE * np.sqrt(np.array([low, high]) * (1 - np.array(WANTED)))
    return " out" if not low - error[0] <= cover * runs * given <= high + error[1] else ""


def enough(*groups: Share, least: float = FEW_FOR_INTERVAL) -> np.ndarray:
    """Return which studies have so many effective clusters on every side."""
    return np.all([group.effective >= least for group in groups], axis=0)


def cover(limits: tuple[np.ndarray, np.ndarray], truth: float, given: np.ndarray) -> tuple[float, float, float]:
    """Return how often the given intervals hold the truth, and how often it lies above and below them."""
    low, high = (end[given] for end in limits)
    return float(((low <= truth) & (truth <= high)).mean()), float((high < truth).mean()), float((low > truth).mean())


def one_group(
    clusters: Clusters,
    share: float,
    level: tuple[str, float],
    runs: int,
    rng: np.random.Generator,
    *,
    liked: bool = False,
) -> tuple:
    """Return the expected hits (of equal utterances), the share of studies with an interval, and its coverage."""
    hits, n = draw(clusters, share, level, runs, rng)
    group = weigh(hits, n, rng) if liked else make_share(hits, n, n.sum(axis=1))
    given = enough(group)
    return share * group.n.mean(), given.mean(), cover(share_limits(group), share, given)


def two_groups(
    pair: tuple, shares: tuple, level: tuple[str, float], runs: int, rng: np.random.Generator, *, liked: bool = False
) -> tuple:
    """Return the expected hits of the rarer side, and the coverage of the difference and of the ratio."""
    groups, expected = [], []
    for clusters, share in zip(pair, shares, strict=True):
        hits, n = draw(clusters, share, level, runs, rng)
        groups.append(weigh(hits, n, rng) if liked else make_share(hits, n, n.sum(axis=1)))
        expected.append(share * groups[-1].n.mean())
    given = enough(*groups)
    difference = cover(difference_limits(*groups), shares[0] - shares[1], given)
    return min(expected), given.mean(), difference, cover(ratio_limits(*groups), np.log2(shares[0] / shares[1]), given)


def found(pair: tuple, share: float, level: tuple[str, float], runs: int, rng: np.random.Generator) -> Iterator[dict]:
    """Yield the row of each of so many studies of two equal shares, decided by 199 permutations."""
    drawn = [draw(clusters, share, level, runs, rng) for clusters in pair]
    names = [
        np.array([f"{side}{i:05}" for i in range(one.count)], dtype=object)
        for side, one in zip("ab", pair, strict=True)
    ]
    for run in range(runs):
        sides = [Side(name, hits[run], n[run], int(n[run].sum())) for name, (hits, n) in zip(names, drawn, strict=True)]
        row = compare_shares("x", "a", sides[0], "b", sides[1])
        decide([[(row, share_test(*sides))]], 199, rng)
        yield row


def contradicts(row: dict) -> bool:
    """Return whether p and the interval of a row disagree about 0, or those of the difference and the ratio."""
    outside = [row["ci_low"] > 0 or row["ci_high"] < 0, row["ratio_low"] > 0 or row["ratio_high"] < 0]
    return len({*outside, row["p"] < 0.05}) > 1


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--nulls", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    # Each table has a generator of its own, so that one can be printed without the others.
    rngs = [np.random.default_rng([options.seed, table]) for table in (1, 2, 3, 4, 5)]
    print_one(options.runs, rngs[0])
    print_two(options.runs, rngs[1])
    print_nulls(options.nulls, rngs[2])
    print_one(options.runs, rngs[3], liked=True)
    print_two(options.runs, rngs[4], liked=True)


def print_nulls(runs: int, rng: np.random.Generator) -> None:
    """Print how often two equal shares are called different."""
    print("\n| a v b | levels | share | studies with p | p < .05 | contradictions |", flush=True)
    print("|---|---|---|---|---|---|")
    for pair in TWO:
        where = " v ".join(f"{one.count} x {one.mean}" for one in pair)
        for name, level in LEVELS.items():
            for share in (0.002, 0.01, 0.2):
                rows = [row for row in found(pair, share, level, runs, rng) if not np.isnan(row["p"])]
                small = np.mean([row["p"] < 0.05 for row in rows]) if rows else float("nan")
                numbers = f"{len(rows)} | {small:.3f} | {sum(map(contradicts, rows))}"
                print(f"| {where} | {name} | {share} | {numbers} |", flush=True)


def print_one(runs: int, rng: np.random.Generator, *, liked: bool = False) -> None:
    """Print the coverage of one group's shares."""
    weighing = ", likes-weighted" if liked else ""
    head = f"clusters x utterances (log-sd){weighing} | levels | share | hits expected | given | cover | above | below"
    print(f"\n| {head} |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for clusters in ONE:
        for name, level in LEVELS.items():
            for share in SHARES:
                hits, given, (held, above, below) = one_group(clusters, share, level, runs, rng, liked=liked)
                where = f"{clusters.count} x {clusters.mean} ({clusters.log_sd})"
                numbers = f"{hits:.1f} | {given:.2f} | {held:.3f}{out(held, given, runs)} | {above:.3f} | {below:.3f}"
                print(f"| {where} | {name} | {share} | {numbers} |", flush=True)


def print_two(runs: int, rng: np.random.Generator, *, liked: bool = False) -> None:
    """Print the coverage of the contrasts of two groups' shares."""
    weighing = ", likes-weighted" if liked else ""
    print(f"\n| a v b{weighing} | levels | shares | hits expected, rarer side | given | difference | ratio |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for pair in TWO:
        where = " v ".join(f"{one.count} x {one.mean}" for one in pair)
        for name, level in LEVELS.items():
            for shares in [*((share, share) for share in SHARES), (0.01, 0.002), (0.002, 0.01), (0.1, 0.3)]:
                hits, given, *both = two_groups(pair, shares, level, runs, rng, liked=liked)
                cells = " | ".join(f"{held:.3f}{out(held, given, runs)}" for held, _, _ in both)
                numbers = f"{hits:.1f} | {given:.2f} | {cells}"
                print(f"| {where} | {name} | {shares[0]} v {shares[1]} | {numbers} |", flush=True)


if __name__ == "__main__":
    main()
