"""What it costs to permute random groups of clusters in place of every cluster: level, agreement, time.

``python tests/benchmarks/random_groups.py`` prints four tables; `random_groups.md` says what they show. Every study
is tested twice, in groups and cluster by cluster (as if `LEAST_GROUPS` were never reached), so that what grouping does
can be told from what the test itself does. The nulls of one study are independent measures of the same clusters:
they share sizes, groups and draws, so errors are those between studies.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from scipy import sparse, stats

from analysis.compare import permutation
from analysis.compare.clusters import FEW_FOR_P, Side, effective_clusters
from analysis.compare.joint import joint_p
from analysis.compare.keyness_permutation import Grid, keyness_p
from analysis.compare.permutation import mean_test, permutation_p, share_test

#: Nulls of one study: measures of shares and means, terms; of a joint test the studies, each of so many specifications.
MEASURES, TERMS, JOINT, SPECIFICATIONS = 100, 100, 10, 6
#: Occurrences of a term per 10,000 words, and words of an utterance.
RATES, WORDS = (0.02, 0.1, 0.5, 2, 10), 40
NEVER, NOMINAL = 10**9, 0.05
#: Which p are compared with each other.
BETWEEN = (0.002, 0.2)


class World(NamedTuple):
    """Two groups: clusters on each side alone and on both, and what is measured (score, share, joint, keyness)."""

    lone: tuple[int, int]
    what: str = "score"
    shared: int = 0
    heavy: bool = False  # sizes are Pareto with alpha 1.2, else 1 to 9 utterances
    longer: int = 1  # how many times as long side b's clusters are
    share: float = 0.2
    alike: float = 0.05  # correlation of two utterances of a cluster
    sd: float = 1.0  # of side b's values, where side a's is 1
    trend: float = 0.0  # how far the mean moves from the first name to the last
    effect: float = 0.0  # of a score, how far side a is moved; of a share or frequency, how many times more it is


NULLS = {
    "means, 2,000 v 2,000": World((2000, 2000)),
    "means, 2,300 v 11,000": World((2300, 11000)),
    "means, 2,000 v 40,000": World((2000, 40000)),
    "means, 5,999 v 17,999 (groups of 5 and 6)": World((5999, 17999)),
    "means, 2,000 v 6,000, sizes Pareto 1.2": World((2000, 6000), heavy=True),
    "means, 20,000 v 20,000, sizes Pareto 1.2": World((20000, 20000), heavy=True),
    "means, 2,000 v 6,000, b's clusters 10 times as long": World((2000, 6000), longer=10),
    "means, 6,000 v 2,000, b's sd 3 times a's": World((6000, 2000), sd=3),
    "means, 6,000 v 2,000, b's sd 3 times a's, Pareto 1.2": World((6000, 2000), sd=3, heavy=True),
    "means, 2,000 v 2,000, 2,000 more on both": World((2000, 2000), shared=2000),
    "means, 6,000 all on both": World((0, 0), shared=6000),
    "means, 4,000 v 4,000, trend of 3 sd along names": World((4000, 4000), trend=3),
    "shares of .0005, 2,000 v 6,000": World((2000, 6000), "share", share=0.0005, alike=0),
    "shares of .0005, 20,000 v 20,000": World((20000, 20000), "share", share=0.0005, alike=0),
    "shares of .0005, 2,000 v 6,000, b's clusters 10 times as long": World(
        (2000, 6000), "share", share=0.0005, alike=0, longer=10
    ),
    "shares of .05, 2,000 v 6,000, correlation .5": World((2000, 6000), "share", share=0.05, alike=0.5),
    "shares of .01, 2,000 v 6,000, correlation .3, Pareto 1.2": World(
        (2000, 6000), "share", share=0.01, alike=0.3, heavy=True
    ),
    "shares of .05, 2,000 v 2,000, 2,000 more on both": World((2000, 2000), "share", shared=2000, share=0.05),
    "words, 2,000 v 6,000": World((2000, 6000), "keyness"),
    "words, 2,000 v 6,000, Pareto 1.2": World((2000, 6000), "keyness", heavy=True),
    "words, 2,000 v 2,000, 2,000 more on both": World((2000, 2000), "keyness", shared=2000),
    "words, 6,000 v 2,000, b's clusters 10 times as long": World((6000, 2000), "keyness", longer=10),
    "joint, 2,000 v 6,000": World((2000, 6000), "joint"),
    "joint, 6,000 v 2,000, b's sd 3 times a's, Pareto 1.2": World((6000, 2000), "joint", sd=3, heavy=True),
    "joint, 2,000 v 2,000, 2,000 more on both": World((2000, 2000), "joint", shared=2000),
}
PLANTED = {
    "means, 2,000 v 2,000": World((2000, 2000), effect=0.085),
    "means, 2,300 v 11,000": World((2300, 11000), effect=0.061),
    "means, 20,000 v 20,000": World((20000, 20000), effect=0.027),
    "means, 4,000 v 4,000, sizes Pareto 1.2": World((4000, 4000), heavy=True, effect=0.2),
    "means, 6,000 all on both": World((0, 0), shared=6000, effect=0.033),
    "shares of .05, 2,000 v 6,000": World((2000, 6000), "share", share=0.05, effect=1.16),
    "shares of .0005, 20,000 v 20,000": World((20000, 20000), "share", share=0.0005, alike=0, effect=1.7),
    "words, 4,000 v 4,000": World((4000, 4000), "keyness", effect=1.3),
    "joint, 2,000 v 6,000": World((2000, 6000), "joint", effect=0.055),
}


def study(world: World, rng: np.random.Generator) -> Callable[[int, np.random.Generator], np.ndarray]:
    """Simulate a study; return what gives p of each of its nulls, from so many draws."""
    alone, (more, many) = world.shared, world.lone
    # Names of both sides are sorted first, and stand for the rows of the levels that both sides have.
    names = [
        np.array([*(f"0{i:05}" for i in range(alone)), *(f"{side}{i:05}" for i in range(count))], dtype=object)
        for side, count in (("1", more), ("2", many))
    ]
    # As in the study, there is no p with fewer than ten effective clusters on a side.
    while min(map(effective_clusters, size := [sizes(world, len(one), rng) for one in names])) < FEW_FOR_P:
        pass
    size[1] = size[1] * world.longer
    if world.what == "joint":
        studies = [sides(world, names, size, rng, SPECIFICATIONS) for _ in range(JOINT)]
        return lambda draws, own: np.array([joint_p(pairs, draws, own)[1] for pairs in studies])
    if world.what == "keyness":
        a, b = grids(world, names, size, rng)
        return lambda draws, own: keyness_p(a, b, draws, own)
    test = share_test if world.what == "share" else mean_test
    tests = [test(*pair) for pair in sides(world, names, size, rng, MEASURES)]
    return lambda draws, own: permutation_p(tests, draws, own)


def sizes(world: World, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw how many utterances each cluster has."""
    if world.heavy:
        return np.maximum(np.ceil(rng.pareto(1.2, count)), 1).astype(int)
    return rng.integers(1, 10, count)


def sides(world: World, names: list, size: list, rng: np.random.Generator, count: int) -> list[tuple[Side, Side]]:
    """Measure the clusters of both sides so many times; of a joint test each time with the same levels."""
    weight, out = [one.astype(float) for one in size], []
    common = rng.normal(0, 0.7, sum(world.lone) + world.shared)
    for _ in range(count):
        level = common if world.what == "joint" else rng.normal(0, 0.7, len(common))
        pair = []
        for number, (name, n, w) in enumerate(zip(names, size, weight, strict=True)):
            start = world.lone[0] if number else 0
            mine = level[np.r_[: world.shared, world.shared + start : start + len(name)]]
            if world.what == "share":
                share = world.share * (world.effect or 1) if number == 0 else world.share
                # Beta levels, by the rank of the normal ones: those on both sides have the same.
                between = 1 / world.alike - 1 if world.alike else 0
                given = stats.beta.ppf(stats.norm.cdf(mine / 0.7), share * between, (1 - share) * between)
                total = rng.binomial(n, np.nan_to_num(given) if world.alike else share).astype(float)
            else:
                value = mine + rng.normal(0, 0.5, len(n)) + rng.normal(0, 1, len(n)) / np.sqrt(n)
                value = value * (world.sd if number else 1) + (0 if number else world.effect)
                total = w * (value + world.trend * np.linspace(-0.5, 0.5, len(n)))
            pair.append(Side(name, total, w, int(n.sum())))
        out.append((pair[0], pair[1]))
    return out


def grids(world: World, names: list, size: list, rng: np.random.Generator) -> tuple[Grid, Grid]:
    """Count terms whose rates differ between clusters, log-sd .8, half of that variance the cluster's on both sides."""
    rates, both = np.repeat(RATES, TERMS // len(RATES)) * 1e-4, rng.normal(0, 0.57, (world.shared, TERMS))
    made = []
    for number, (name, n) in enumerate(zip(names, size, strict=True)):
        level = rng.normal(0, 0.57, (len(name), TERMS))
        level[: world.shared] += both
        level[world.shared :] += rng.normal(0, 0.57, (len(name) - world.shared, TERMS))
        times = (world.effect or 1) if number == 0 else 1
        counts = rng.poisson(n[:, None] * WORDS * rates * times * np.exp(level - 0.57**2))
        made.append(Grid(name, sparse.csr_array(counts), counts.sum(axis=1) + rng.poisson(n * WORDS).astype(float)))
    return made[0], made[1]


@contextmanager
def least(groups: int) -> Iterator[None]:
    """Group clusters if so many groups are left."""
    before, permutation.LEAST_GROUPS = permutation.LEAST_GROUPS, groups
    try:
        yield
    finally:
        permutation.LEAST_GROUPS = before


def both_ways(world: World, draws: int, seed: list[int], ways: tuple[int, ...]) -> np.ndarray:
    """Return p of a study for each number of groups, shape (ways, nulls); each way has draws of its own."""
    p_of, found = study(world, np.random.default_rng(seed)), []
    for number, groups in enumerate(ways):
        with least(groups):
            found.append(p_of(draws, np.random.default_rng([*seed, number])))
    return np.array(found)


def levels(studies: int, draws: int, groups: int, only: str) -> None:
    """Print how often nulls are rejected in both ways."""
    print(
        "| nulls | number | every cluster | groups | groups less every cluster (error) |\n|---|---|---|---|---|",
        flush=True,
    )
    for at, (name, world) in enumerate(NULLS.items()):
        if only not in name:
            continue
        # A joint test is one null, not a hundred: more studies, of fewer draws.
        runs, n = (4 * studies, draws) if world.what == "joint" else (studies, draws)
        p = np.array([both_ways(world, n, [1, at, run], (NEVER, groups)) for run in range(runs)])
        below = (p < NOMINAL).mean(axis=2)
        apart = below[:, 1] - below[:, 0]
        cells = [
            f"{np.sum(~np.isnan(p[:, 0])):,}",
            *(f"{x:.3f} ({e:.3f})" for x, e in zip(below.mean(0), error(below), strict=True)),
        ]
        print(f"| {name} | {' | '.join(cells)} | {apart.mean():+.4f} ({error(apart):.4f}) |", flush=True)
    print(flush=True)


def error(values: np.ndarray) -> np.ndarray:
    """Return the standard error of a mean over studies."""
    return values.std(axis=0, ddof=1) / np.sqrt(len(values))


def agreement(studies: int, groups: int, only: str) -> None:
    """Print how far p of groups lies from p of every cluster, and that from itself with other draws."""
    head = "planted | number | z | z of groups less z | sd of that | sd with other draws | power, every cluster, groups"
    print(f"| {head} |\n|---|---|---|---|---|---|---|", flush=True)
    for at, (name, world) in enumerate(PLANTED.items()):
        if only not in name:
            continue
        runs, ways = 4 * studies if world.what == "joint" else studies, (NEVER, groups, NEVER)
        p = np.concatenate([both_ways(world, 1999, [2, at, run], ways) for run in range(runs)], axis=1)
        power = (p < NOMINAL).mean(axis=1)
        # Beyond, p is as small as its draws let it be, or nothing is found.
        low, high = BETWEEN
        z = stats.norm.isf(p[:, (p.mean(axis=0) >= low) & (p.mean(axis=0) <= high)] / 2)
        apart, again = z[1] - z[0], z[2] - z[0]
        numbers = f"{z.shape[1]} | {z[0].mean():.2f} | {apart.mean():+.3f} | {apart.std():.3f} | {again.std():.3f}"
        print(f"| {name} | {numbers} | {power[0]:.3f}, {power[1]:.3f} |", flush=True)


def speed(groups: int) -> None:
    """Print seconds of the processor for 20 tests of 4,200 v 5,000 clusters, 1,999 draws, three times each way."""
    print("\n| 20 tests, 4,200 v 5,000 | every cluster, s | groups, s | ratio |\n|---|---|---|---|", flush=True)
    for what, function in (("score", mean_test), ("share", share_test)):
        rng, taken = np.random.default_rng(3), []
        names = [np.array([f"{side}{i:05}" for i in range(n)], dtype=object) for side, n in (("1", 4200), ("2", 5000))]
        size = [rng.integers(1, 10, len(one)) for one in names]
        tests = [function(*pair) for pair in sides(World((4200, 5000), what), names, size, rng, 20)]
        for way in (NEVER, groups):
            times = []
            for _ in range(3):
                with least(way):
                    start = time.process_time()
                    permutation_p(tests, 1999, np.random.default_rng(1))
                    times.append(time.process_time() - start)
            taken.append(min(times))
        print(f"| {what}s | {taken[0]:.2f} | {taken[1]:.2f} | {taken[0] / taken[1]:.1f} |", flush=True)


def spread() -> None:
    """Print how much the standard error of 20,000 clusters, c in each of G groups, hangs on which are put together."""
    rng = np.random.default_rng(4)
    data = {
        "normal": rng.normal(size=20000),
        "sizes Pareto 1.2": rng.normal(size=20000) * np.ceil(rng.pareto(1.2, 20000)),
        "share of .0005": (rng.random(20000) < 0.0005).astype(float),
    }
    print("\n| groups | " + " | ".join(data) + " | sqrt((1 - 1 / c) / 2 G) |\n|---|---|---|---|---|", flush=True)
    for groups in (250, 500, 1000, 2000):
        cells = []
        for values in data.values():
            apart = values - values.mean()
            grouped = [np.bincount(rng.permutation(20000) % groups, apart) for _ in range(1000)]
            se = np.sqrt(np.square(grouped).sum(axis=1))
            cells.append(se.std() / se.mean())
        formula = np.sqrt((1 - groups / 20000) / (2 * groups))
        print(f"| {groups:,} | " + " | ".join(f"{100 * cell:.1f} %" for cell in [*cells, formula]) + " |", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=10)
    parser.add_argument("--draws", type=int, default=199)
    parser.add_argument("--groups", type=int, default=permutation.LEAST_GROUPS)
    parser.add_argument("--only", default="", help="lines whose name holds this")
    options = parser.parse_args()
    levels(options.studies, options.draws, options.groups, options.only)
    agreement(max(1, options.studies // 5), options.groups, options.only)
    speed(options.groups)
    spread()


if __name__ == "__main__":
    main()
