"""How often intervals corrected by human codes hold the truth, where an instrument is biased and clusters are few.

``python tests/benchmarks/correction.py [--runs 2000]`` prints the table of ``correction.md``. Two groups in two
languages; the instrument adds .5 to the scores of the first and takes .5 from those of the second, errs alike within a
cluster and is silent on 15 % of the utterances. Clusters differ in size (log-normal, log-sd .8) and larger ones are
darker (.35 a log unit). 300 codes, 150 a side, as they are drawn:

- *equal*: any utterance alike; *unequal*: extreme scores three times as likely; *spread*: the same number from each
  cluster; *chosen*: so many clusters of three times as many, and the same number from each.

*shown*: how often there is an interval; *cover*: how often it holds the truth, which is that of all clusters that there
might be; *out* where that is out of .93 to .97 by more than the simulation's error (two-sided 1 %). *uncorrected*: the
instrument's mean or share with its interval by cluster; *plain*: the same pseudo-outcomes as if utterances were
independent, with z; *codes*: codes alone, by cluster. *worth*: median of the codes alone that would be as precise.

Where ``glide`` (PyPI: glide-py, Python 3.12 or later) can be imported, *glide* is its ``ClusteredPPIMeanEstimator`` in
the worlds *chosen*, given every code of the chosen clusters (it refuses clusters that are coded in part), and elsewhere
its ``PPIMeanEstimator``, which knows no clusters.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri, stdtrit

from analysis.compare.clusters import Weights
from analysis.compare.correction import FEW_CODED, correct, corrected_row
from analysis.compare.cross_fitting import cross_fit, fold_of
from analysis.compare.jackknife import standard_error

try:
    from glide.estimators import ClusteredPPIMeanEstimator, PPIMeanEstimator
except ImportError:
    ClusteredPPIMeanEstimator = None

#: Bias of the instrument in each language, log-sd of the clusters' sizes, and their mean.
BIAS, LOG_SD, MEAN_SIZE = (0.5, -0.5), 0.8, 40
CODES = 150
WANTED, SURE = (0.93, 0.97), 2.576
#: Latent tone above this is the rare class: one in twenty.
CUT = 1.95
GROUP_SHIFT = (0.0, 0.3)


KINDS = ("corrected", "uncorrected", "plain", "glide", "codes")


class World(NamedTuple):
    """One row of the table."""

    clusters: int
    draw: str
    weighting: str = "utterance"
    rare: bool = False
    second: int = 0  # clusters of the second group, where there are more

    def count(self, side: int) -> int:
        """Return how many coded clusters a group has."""
        return self.second if side and self.second else self.clusters


class Talk(NamedTuple):
    """One group's utterances."""

    cluster: np.ndarray
    code: np.ndarray
    score: np.ndarray
    likes: np.ndarray


def talk(world: World, side: int, clusters: int, rng: np.random.Generator) -> Talk:
    """Return utterances of so many clusters."""
    size = np.maximum(np.rint(np.exp(rng.normal(np.log(MEAN_SIZE) - LOG_SD**2 / 2, LOG_SD, clusters))), 3).astype(int)
    of = np.repeat(np.arange(clusters), size)
    level = rng.normal(0, 0.4, clusters) - 0.35 * (np.log(size) - np.log(MEAN_SIZE))
    latent = GROUP_SHIFT[side] + level[of] + rng.normal(0, 1, len(of))
    code = (latent > CUT).astype(float) if world.rare else np.clip(np.rint(latent), -2, 2)
    machine = BIAS[side] + 0.7 * latent + rng.normal(0, 0.25, clusters)[of] + rng.normal(0, 0.8, len(of))
    machine[rng.random(len(of)) < 0.15] = np.nan
    likes = np.floor(np.exp(rng.normal(0.8, 1.0, len(of)) + rng.normal(0, 0.5, clusters)[of]))
    return Talk(of, code, machine, likes)


def draw(world: World, side: int, one: Talk, rng: np.random.Generator) -> np.ndarray:
    """Return 1 / pi of the utterances that are coded, 0 of the others."""
    n, inverse = len(one.cluster), np.zeros(len(one.cluster))
    if world.draw == "equal":
        at = rng.choice(n, min(CODES, n), replace=False)
        inverse[at] = n / len(at)
    elif world.draw == "unequal":
        score = np.nan_to_num(one.score, nan=0.0)
        extreme = np.abs(score - np.median(score)) > 0.8
        rate = np.where(extreme, 3.0, 1.0)
        for stratum in (extreme, ~extreme):
            members = np.flatnonzero(stratum)
            take = int(np.clip(round(CODES * rate[stratum].sum() / rate.sum()), 2, len(members)))
            at = rng.choice(members, take, replace=False)
            inverse[at] = len(members) / take
    else:
        names = np.unique(one.cluster)
        chosen = np.sort(rng.choice(names, world.count(side), replace=False)) if world.draw == "chosen" else names
        for name in chosen:
            members = np.flatnonzero(one.cluster == name)
            take = min(round(CODES / len(chosen)), len(members))
            at = rng.choice(members, take, replace=False)
            inverse[at] = len(members) / take * len(names) / len(chosen)
    return inverse


def weights(world: World, one: Talk) -> Weights:
    """Weigh as `analysis.compare.clusters.weigh` does."""
    names = np.unique(one.cluster)
    w = {"utterance": np.ones(len(one.cluster)), "likes": one.likes}
    w["cluster"] = 1 / np.bincount(one.cluster)[one.cluster]
    return Weights(np.ones(len(one.cluster), dtype=bool), w[world.weighting], one.cluster, names)


def truth(world: World, rng: np.random.Generator) -> list[float]:
    """Return the weighted mean of a great many clusters, of each side."""
    out = []
    for side in (0, 1):
        one = talk(world, side, 60_000, rng)
        out.append(float(np.average(one.code, weights=weights(world, one).weights)))
    return out


def interval(estimate: float, se: float, free: float) -> tuple[float, float]:
    margin = (stdtrit(free, 0.975) if np.isfinite(free) else ndtri(0.975)) * se
    return estimate - margin, estimate + margin


def peer(world: World, one: Talk, inverse: np.ndarray) -> tuple[float, float]:
    """Return the mean by GLIDE and its variance, NaN where it cannot be had."""
    if ClusteredPPIMeanEstimator is None or world.weighting != "utterance":
        return float("nan"), float("nan")
    score = np.nan_to_num(one.score, nan=np.nanmean(one.score))
    if world.rare:
        score = (score > CUT).astype(float)
    try:
        if world.draw == "chosen":
            full = np.isin(one.cluster, one.cluster[inverse > 0])
            found = ClusteredPPIMeanEstimator().estimate(np.where(full, one.code, np.nan), score, one.cluster)
        else:
            found = PPIMeanEstimator().estimate(np.where(inverse > 0, one.code, np.nan), score)
    except ValueError:
        return float("nan"), float("nan")
    return found.confidence_interval.mean, found.confidence_interval.var


def run(world: World, true: list[float], rng: np.random.Generator) -> dict[str, list[float]]:
    """Return for each kind of interval whether it is shown and holds the truth."""
    sides, plain, machine, peers = [], [], [], []
    for side in (0, 1):
        one = talk(world, side, world.count(side) * (3 if world.draw == "chosen" else 1), rng)
        inverse = draw(world, side, one, rng)
        seen = inverse > 0
        code = np.where(seen, one.code, np.nan)
        fold = fold_of(one.cluster, seen)
        flag = (one.score > CUT).astype(float)
        scores = np.stack([one.score, flag], axis=1) if world.rare else one.score[:, None]
        found = correct(cross_fit(scores, code, inverse, fold), code, inverse, weights(world, one))
        sides.append(found)
        said = flag if world.rare else np.nan_to_num(one.score, nan=np.nanmean(one.score))
        machine.append(weights(world, one).side(said))
        plain.append((found.side.mean, found.independent))
        peers.append(peer(world, one, inverse))
    out = {}
    for name, at, target in (("group", [1], true[1]), ("contrast", [0, 1], true[0] - true[1])):
        given = [sides[i] for i in at]
        signs = [1.0, -1.0]
        args = [x for i, one in zip(at, given, strict=True) for x in (f"g{i}", one)]
        row = corrected_row("x", *args, share=world.rare)
        out[name, "corrected"] = (row["ci_low"], row["ci_high"])
        out[name, "estimate"] = row["estimate"] - target
        out[name, "worth"] = row["worth"]
        naive = [(s, machine[i]) for s, i in zip(signs, at, strict=False)]
        estimate = sum(s * side.mean for s, side in naive)
        out[name, "uncorrected"] = interval(estimate, *standard_error(naive))
        for kind, known in (("plain", plain), ("glide", peers)):
            flat = [known[i] for i in at]
            estimate = sum(s * e for s, (e, _) in zip(signs, flat, strict=False))
            out[name, kind] = interval(estimate, sum(v for _, v in flat) ** 0.5, np.inf)
        terms = [(s, one.coded) for s, one in zip(signs, given, strict=False)]
        out[name, "codes"] = interval(sum(s * side.mean for s, side in terms), *standard_error(terms))
        for kind in KINDS:
            low, high = out[name, kind]
            out[name, kind] = np.nan if not np.isfinite(low) else float(low <= target <= high)
    return out


def simulate(world: World, runs: int, seed: int) -> list[str]:
    """Return the rows of one world."""
    rng = np.random.default_rng(seed)
    true = truth(world, rng)
    found = [run(world, true, rng) for _ in range(runs)]
    rows = []
    for name in ("group", "contrast"):
        cells = []
        for kind in KINDS:
            values = np.array([one[name, kind] for one in found])
            shown = values[~np.isnan(values)]
            cover = shown.mean() if len(shown) else np.nan
            error = SURE * np.sqrt(0.95 * 0.05 / max(len(shown), 1))
            out = len(shown) and not WANTED[0] - error <= cover <= WANTED[1] + error
            if kind == "corrected":
                cells.append(f"{len(shown) / runs:.2f}")
            cells.append(f"{cover:.3f}{' out' if out and kind == 'corrected' else ''}")
        bias = np.mean([one[name, "estimate"] for one in found])
        worth = np.nanmedian([one[name, "worth"] for one in found])
        what = f"{'rare class' if world.rare else 'mean'}, {world.weighting}"
        count = f"{world.clusters} v {world.second}" if world.second else world.clusters
        rows.append(f"| {count} | {world.draw} | {what} | {name} | {' | '.join(cells)} | {bias:+.3f} | {worth:.0f} |")
    return rows


WORLDS = [
    *(World(clusters, how) for clusters in (6, 10, 15, 40) for how in ("equal", "unequal", "chosen")),
    World(15, "spread"),
    World(15, "unequal", second=60),
    *(World(15, "unequal", weighting) for weighting in ("likes", "cluster")),
    World(40, "unequal", "likes"),
    *(World(clusters, "unequal", rare=True) for clusters in (6, 10, 15, 40)),
    World(15, "chosen", rare=True),
]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--only", default="", help="part of a world's fields, as '15 chosen'")
    parser.add_argument(
        "--part", type=int, nargs=2, default=(0, 1), metavar=("K", "N"), help="every N-th from the K-th"
    )
    options = parser.parse_args()
    print("| clusters | codes | of | what | shown | corrected | uncorrected | plain | glide | codes | bias | worth |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for number, world in enumerate(WORLDS):
        if options.only in " ".join(map(str, world)) and number % options.part[1] == options.part[0]:
            # With so few there is never an interval.
            runs = options.runs if world.clusters >= FEW_CODED else min(options.runs, 200)
            for row in simulate(world, runs, number):
                print(row, flush=True)


if __name__ == "__main__":
    main()
