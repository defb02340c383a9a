"""How often the intervals hold the truth, and how often a null is called a finding: simulations with a known truth.

``python tests/benchmarks/coverage.py`` prints two tables, of means and shares and of vocabulary, each line from
``--runs`` simulated studies; the tests run the same studies in smaller numbers. Clusters differ in size (log-normal,
log-sd .8) and in level, and can stand on both sides. *given*: the share of studies in which an interval was given;
*cover*: the share of the given intervals that hold the truth; *raw*: the same for every study, withheld or not;
*p < .05*: the share of all studies called a finding (withheld is no finding; p from t); *raw p*: nothing withheld.
"""

from __future__ import annotations

import argparse
import time
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import stdtr, stdtrit

from analysis.compare.clusters import Side
from analysis.compare.contrasts import compare
from analysis.compare.jackknife import jackknife
from analysis.compare.keyness import keyness
from analysis.compare.vocabulary import Counts

#: Of cluster levels and of a cluster's levels on its two sides, where utterances have standard deviation 1.
BETWEEN, WITHIN = 0.5, 0.3
RAW = ("raw_low", "raw_high", "raw_p")


class World(NamedTuple):
    """What is simulated: the clusters on the two sides, how many stand on both, and what is averaged."""

    clusters: tuple[int, int]
    shared: int = 0
    values: str = "normal"  # or "share", "likes"
    means: tuple[float, float] = (0.0, 0.0)
    size: tuple[float, float] = (1.5, 0.8)  # mean and sd of the log of a cluster's number of utterances
    speakers: tuple[int, int] = (0, 0)  # if given, the clusters are videos of so many speakers


WORLDS = {
    "30 v 30": World((30, 30), means=(0.4, 0.1)),
    "15 v 15": World((15, 15), means=(0.4, 0.1)),
    "12 v 60": World((12, 60), means=(0.4, 0.1)),
    "30 v 30, half shared": World((30, 30), 15, means=(0.4, 0.1)),
    "30 v 30, all shared": World((30, 30), 30, means=(0.4, 0.1)),
    "15 v 15, all shared": World((15, 15), 15, means=(0.4, 0.1)),
    "shares .3 v .1, 30 v 30": World((30, 30), values="share", means=(0.3, 0.1)),
    "shares .05 v .02, 60 v 60": World((60, 60), values="share", means=(0.05, 0.02)),
    "likes, 60 v 60": World((60, 60), values="likes", means=(0.4, 0.1)),
    "null, 30 v 30": World((30, 30)),
    "null, 15 v 15": World((15, 15)),
    "null, 12 v 60": World((12, 60)),
    "null, 15 v 15, all shared": World((15, 15), 15),
    "null, 3 speakers x 25 videos, both sides": World((75, 75), speakers=(3, 3)),
    "null, 3 speakers x 25 videos v 60 threads": World((75, 60), speakers=(3, 0)),
    "null, 6 speakers x 25 videos, both sides": World((150, 150), speakers=(6, 6)),
}


def draw_sides(world: World, rng: np.random.Generator) -> tuple[Side, Side]:
    """Simulate one study and sum it by cluster."""
    count_a, count_b = world.clusters
    common = rng.normal(0, BETWEEN, count_a + count_b - world.shared)
    names = np.array([f"c{i:04}" for i in range(len(common))], dtype=object)
    places = (np.arange(count_a), np.arange(count_a - world.shared, len(names)))
    sides = []
    for place, mean, speakers in zip(places, world.means, world.speakers, strict=True):
        n = np.ceil(rng.lognormal(*world.size, len(place))).astype(int)
        levels = common[place]
        if speakers:
            levels = np.repeat(rng.normal(0, BETWEEN, speakers), len(place) // speakers)
        levels = levels + rng.normal(0, WITHIN, len(place))
        sides.append(_draw_side(world.values, names[place], n, mean, levels, rng))
    return sides[0], sides[1]


def _draw_side(
    kind: str, names: np.ndarray, n: np.ndarray, mean: float, levels: np.ndarray, rng: np.random.Generator
) -> Side:
    if kind == "share":  # beta-binomial, correlation .1 between two utterances of a cluster
        hits = rng.binomial(n, rng.beta(9 * mean, 9 * (1 - mean), len(n)))
        return Side(names, hits.astype(float), n.astype(float), int(n.sum()))
    if kind == "likes":  # what is liked more is warmer too, the same on both sides
        cluster = np.repeat(np.arange(len(n)), n)
        log_likes = rng.normal(0, 1, len(cluster))
        likes = np.floor(3 * np.exp(log_likes))
        value = mean + levels[cluster] + 0.3 * log_likes + rng.normal(0, 1, len(cluster))
        return Side(names, np.bincount(cluster, likes * value), np.bincount(cluster, likes), len(cluster))
    return Side(names, n * (mean + levels) + np.sqrt(n) * rng.normal(0, 1, len(n)), n.astype(float), int(n.sum()))


def by_speaker(side: Side, speakers: int) -> Side:
    """Sum a side's videos by the speaker, who is the cluster."""
    who = np.arange(len(side.clusters)) // (len(side.clusters) // speakers)
    names = np.array([f"{side.clusters[0]} speaker {i}" for i in range(speakers)], dtype=object)
    return Side(names, np.bincount(who, side.total), np.bincount(who, side.weight), side.n)


def simulate(world: World, runs: int, rng: np.random.Generator, *, videos: bool = False) -> pd.DataFrame:
    """Simulate studies; one row a study: the contrast, ``truth``, and ``raw_low, raw_high, raw_p`` never withheld.

    With ``videos`` the speakers are ignored and each video counts as a cluster, which is the mistake to be shown.
    """
    rows = []
    for _ in range(runs):
        a, b = draw_sides(world, rng)
        if not videos:
            a, b = (by_speaker(s, k) if k else s for s, k in zip((a, b), world.speakers, strict=True))
        row = compare("x", "a", a, "b", b)
        rows.append({**row, "truth": world.means[0] - world.means[1], **_raw(a, b)})
    return pd.DataFrame(rows)


def _raw(a: Side, b: Side) -> dict[str, float]:
    """Return interval and p of sides without a common cluster as they would be if nothing were withheld."""
    if set(a.clusters) & set(b.clusters):
        return dict.fromkeys(RAW, float("nan"))
    parts = [float(np.square(jackknife(side)).sum()) for side in (a, b)]
    variance = sum(parts)
    df = variance**2 / sum(part**2 / (side.effective - 1) for part, side in zip(parts, (a, b), strict=True))
    estimate, se = a.mean - b.mean, variance**0.5
    margin = stdtrit(df, 0.975) * se
    p = 2 * stdtr(df, -abs(estimate) / se)
    return {"raw_low": estimate - margin, "raw_high": estimate + margin, "raw_p": p}


def covered(studies: pd.DataFrame, prefix: str = "ci") -> float:
    """Return the share of the given intervals that hold the truth."""
    given = studies[studies[f"{prefix}_low"].notna()]
    return float(((given[f"{prefix}_low"] <= given["truth"]) & (given["truth"] <= given[f"{prefix}_high"])).mean())


def found(studies: pd.DataFrame, column: str = "p") -> float:
    """Return the share of all studies with p < .05."""
    return float((studies[column] < 0.05).mean())


#: Occurrences of a term on side b per 10,000 words, and how many times as frequent it is on side a.
RATES, TIMES = (2, 10, 50), (1, 3)


def draw_counts(clusters: tuple[int, int], shared: int, rng: np.random.Generator, words: int = 200) -> pd.DataFrame:
    """Simulate a vocabulary of 60 terms, log-sd .5 between clusters; return keyness with ``rate, times, truth``.

    Each cluster has about ``words`` words (log-sd .8); what is no term of interest is one frequent word.
    """
    kinds = [(rate, times) for rate in RATES for times in TIMES for _ in range(10)]
    rate, times = (np.array(column, dtype=float) for column in zip(*kinds, strict=True))
    terms = np.array([f"t{i:02}" for i in range(len(kinds))] + ["the"], dtype=object)
    total = sum(clusters) - shared
    names = np.array([f"c{i:04}" for i in range(total)], dtype=object)
    common = rng.normal(0, 0.4, (total, len(kinds)))
    places = (np.arange(clusters[0]), np.arange(clusters[0] - shared, total))
    shares, sides = [], []
    for place, factor in zip(places, (times, 1), strict=True):
        # Log-sd .5 in all: .4 of the cluster, .3 of its side. The mean of a log-normal effect is exp(sd^2 / 2).
        effect = np.exp(common[place] + rng.normal(0, 0.3, (len(place), len(kinds))))
        size = rng.lognormal(np.log(words), 0.8, len(place))
        expected = rate * factor * 1e-4
        counts = rng.poisson(size[:, None] * expected * effect)
        rest = rng.poisson(size)
        matrix = sparse.csr_array(np.column_stack([counts, rest]))
        expected = expected * np.exp(0.125)
        shares.append(expected / (1 + expected.sum()))
        sides.append(Counts(names[place], terms, matrix))
    truth = pd.DataFrame({"term": terms[:-1], "rate": rate, "times": times, "truth": np.log2(shares[0] / shares[1])})
    return keyness(*sides, min_count=5).merge(truth, on="term")


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    print(f"{'means and shares':<54}{'given':>8}{'cover':>8}{'raw':>8}{'p < .05':>9}{'raw p':>8}{'seconds':>9}")
    for name, world in WORLDS.items():
        for videos in (False, True) if any(world.speakers) else (False,):
            start = time.perf_counter()
            studies = simulate(world, args.runs, rng, videos=videos)
            given = studies["ci_low"].notna().mean()
            figures = (covered(studies), covered(studies, "raw"))
            text = f"{name}{', by video' if videos else ''}"
            print(f"{text:<54}{given:>8.3f}{figures[0]:>8.3f}{figures[1]:>8.3f}", end="")
            raw = found(studies, "raw_p") if studies["raw_p"].notna().any() else float("nan")
            print(f"{found(studies):>9.3f}{raw:>8.3f}{time.perf_counter() - start:>9.1f}")
    print(
        f"\n{'log ratio of a term':<28}{'per 10,000':>12}{'times':>7}{'n':>8}{'given':>8}{'cover':>8}{'beyond 0':>10}"
    )
    for clusters, shared in (((30, 30), 0), ((15, 15), 0), ((30, 30), 30)):
        terms = pd.concat([draw_counts(clusters, shared, rng) for _ in range(max(args.runs // 20, 1))])
        for (rate, times), mine in terms.groupby(["rate", "times"]):
            given = mine["ci_low"].notna()
            beyond = (mine.loc[given, "ci_low"] > 0) | (mine.loc[given, "ci_high"] < 0)
            text = f"{clusters[0]} v {clusters[1]}{', all shared' if shared else ''}"
            n = (mine["n_a"] + mine["n_b"]).mean()
            print(f"{text:<28}{rate:>12.0f}{times:>7.0f}{n:>8.0f}{given.mean():>8.3f}{covered(mine):>8.3f}", end="")
            print(f"{beyond.mean():>10.3f}")


if __name__ == "__main__":
    main()
