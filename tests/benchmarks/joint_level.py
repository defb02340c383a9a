"""How often the joint test of correlated specifications rejects: under nulls, and under a planted effect.

Run: python tests/benchmarks/joint_level.py (some 20 minutes). It prints tables and writes them to joint_level.md.
*Median alone*: the same test without the standard error of the combination, for comparison, on the same studies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.special import expit

from analysis.compare.clusters import Side
from analysis.compare.joint import _Specifications
from analysis.compare.permutation import count_reached

#: Clusters of a and of b, how many of them stand on both sides.
DESIGNS = ((15, 15, 0), (14, 60, 0), (14, 200, 0), (30, 120, 0), (60, 14, 0), (12, 40, 0), (16, 16, 8), (30, 30, 0))
EFFECTS = (0.0, 0.3, 0.6)
SPECIFICATIONS, RUNS, DRAWS, BETWEEN = 24, 1000, 199, 0.5
#: sd of the noise that a specification has of its own, on side a and on side b.
OWN = ((0.3, 0.6), (0.6, 0.3))
#: Shares at an effect of 0, and how much of each side's utterances a specification leaves out.
SHARES, LEFT_OUT = (0.02, 0.2), ((0.1, 0.6), (0.6, 0.1))

Study = list[tuple[Side, Side]]


def clusters(rng: np.random.Generator, design: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray, list, list]:
    """Return the clusters' names and levels, and the members of both sides with their utterances."""
    ga, gb, shared = design
    names = np.array([f"{i:03}" for i in range(ga + gb - shared)], dtype=object)
    members = [np.arange(ga), np.arange(ga - shared, ga + gb - shared)]
    return names, rng.normal(0, BETWEEN, len(names)), members, [rng.integers(1, 21, len(mine)) for mine in members]


def means(rng: np.random.Generator, design: tuple[int, int, int], effect: float, own: tuple[float, float]) -> Study:
    """Return specifications that share their clusters' levels; every other one weights clusters equally."""
    names, level, members, sizes = clusters(rng, design)
    out = []
    for number in range(SPECIFICATIONS):
        sides = []
        for mine, size, move, spread in zip(members, sizes, (effect, 0.0), own, strict=True):
            mean = level[mine] + move + rng.normal(0, spread, len(mine))
            weight = (size if number % 2 else np.ones(len(mine))).astype(float)
            sides.append(Side(names[mine], mean * weight, weight, int(size.sum())))
        out.append((sides[0], sides[1]))
    return out


def shares(
    rng: np.random.Generator, design: tuple[int, int, int], effect: float, left_out: tuple[float, float], share: float
) -> Study:
    """Return specifications of the same hits, each without other utterances; an effect is on the logit scale."""
    names, level, members, sizes = clusters(rng, design)
    middle = np.log(share / (1 - share))
    hits = [
        rng.binomial(size, expit(middle + level[mine] + move))
        for mine, size, move in zip(members, sizes, (2 * effect, 0.0), strict=True)
    ]
    out = []
    for number in range(SPECIFICATIONS):
        sides = []
        for mine, size, hit, left in zip(members, sizes, hits, left_out, strict=True):
            total, miss = rng.binomial(hit, 1 - left), rng.binomial(size - hit, 1 - left)
            n = total + miss
            at = n > 0
            each = (np.ones(len(n)) if number % 2 else 1 / np.maximum(n, 1))[at]
            total, n = total[at], n[at]
            sides.append(Side(names[mine[at]], total * each, n * each, int(n.sum()), float((n * each**2).sum())))
        out.append((sides[0], sides[1]))
    return out


def rejected(
    make: Callable[[np.random.Generator], Study], runs: int, rng: np.random.Generator, *, rates: bool
) -> np.ndarray:
    """Return the share of studies with p <= .05, by the median alone and by the joint test, on the same draws."""
    found = []
    for _ in range(runs):
        whole = _Specifications.of(make(rng), shares=rates)
        labels = np.concatenate(list(whole.order.labels(DRAWS, rng, DRAWS)), axis=1)
        z, variance = whole.combined(np.concatenate([whole.order.observed(), labels], axis=1))
        middle = np.median(z, axis=0)
        both = np.abs([middle, middle / np.sqrt(variance)])
        found.append((1 + count_reached(both[:, 1:], both[:, :1])) / (DRAWS + 1))
    return (np.array(found) <= 0.05).mean(axis=0)


def table(title: str, make: Callable, rng: np.random.Generator, *, rates: bool) -> Iterator[str]:
    """Yield the lines of one world; of shares, half of the studies of half of the designs."""
    yield f"\n## {title}\n"
    runs, designs = (RUNS // 2, DESIGNS[::2]) if rates else (RUNS, DESIGNS)
    columns = [f"{what}, effect {effect:g}" for effect in EFFECTS for what in ("median alone", "joint test")]
    yield "| clusters a | clusters b | shared | " + " | ".join(columns) + " |"
    yield "|---|---|---|" + "---|" * len(columns)
    nulls = []
    for design in designs:
        cells: list[float] = []
        for effect in EFFECTS:

            def study(rng: np.random.Generator, design: tuple = design, effect: float = effect) -> Study:
                return make(rng, design, effect)

            cells.extend(rejected(study, runs if effect == 0 else runs // 5, rng, rates=rates))
        nulls.append(cells[:2])
        yield f"| {' | '.join(map(str, design))} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |"
    alone, joint = np.mean(nulls, axis=0)
    yield f"\nOf all {runs * len(designs):,} nulls: median alone {alone:.3f}, joint test {joint:.3f}."


def worlds(only: Sequence[int] = (0, 1, 2, 3, 4, 5)) -> Iterator[str]:
    """Yield the lines of all worlds, each with a generator of its own."""
    for at in only:
        rng, side = np.random.default_rng([1, at]), at % 2
        if at < len(OWN):
            title = f"Means, own noise {OWN[side][0]} on side a, {OWN[side][1]} on side b"
            yield from table(title, lambda *world, own=OWN[side]: means(*world, own), rng, rates=False)
            continue
        share, left = SHARES[at // 2 - 1], LEFT_OUT[side]
        title = f"Shares of {share}, {left[0]} of the utterances left out of side a, {left[1]} of side b"
        yield from table(title, lambda *world, how=(left, share): shares(*world, *how), rng, rates=True)


def main() -> None:
    """Measure, print and write."""
    lines = [
        "# The joint test of specifications",
        "",
        f"Share of {RUNS:,} simulations (of {RUNS // 5} with an effect; of shares half as many) with p <= .05,",
        f"{SPECIFICATIONS} specifications, {DRAWS} permutations; cluster levels of sd {BETWEEN} (of shares on the",
        "logit scale, where effects are twice as large), noise of its own by specification and cluster, 1 to 20",
        "utterances a cluster (14: 11 effective; below 10 no claim is tested), every cluster alike or every utterance",
        "by turns. An effect of 0 is a null: the simulation's error is .007, of shares .01. *Median alone* is the same",
        "test without the standard error of the combination, on the same studies and draws. By `joint_level.py`.",
    ]
    for line in worlds():
        lines.append(line)
        print(line, flush=True)
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
