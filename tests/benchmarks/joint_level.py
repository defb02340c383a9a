"""How often the joint test of correlated specifications rejects: under nulls, and under a planted effect.

Run: python tests/benchmarks/joint_level.py. It prints a table and writes it to joint_level.md beside it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from analysis.compare.clusters import Side
from analysis.compare.joint import joint_p
from analysis.compare.permutation import mean_test

#: Clusters of a and of b, how many of them stand on both sides.
DESIGNS = ((15, 15, 0), (14, 60, 0), (60, 14, 0), (14, 200, 0), (30, 30, 0))
EFFECTS = (0.0, 0.3, 0.6)
SPECIFICATIONS, RUNS, DRAWS, BETWEEN, OWN = 24, 1000, 199, 0.5, 0.3


def specifications(rng: np.random.Generator, ga: int, gb: int, shared: int, effect: float) -> list[tuple[Side, Side]]:
    """Return specifications that share their clusters' levels; every other one weights clusters equally."""
    names = [f"{i:03}" for i in range(ga + gb - shared)]
    level = rng.normal(0, BETWEEN, len(names))
    members = np.arange(ga), np.arange(ga - shared, ga + gb - shared)
    sizes = [rng.integers(1, 21, len(mine)) for mine in members]
    out = []
    for number in range(SPECIFICATIONS):
        sides = []
        # Side b varies twice as much around its clusters: equal means, unequal distributions.
        for mine, size, move, spread in zip(members, sizes, (effect, 0.0), (OWN, 2 * OWN), strict=True):
            mean = level[mine] + move + rng.normal(0, spread, len(mine))
            weight = (size if number % 2 else np.ones(len(mine))).astype(float)
            sides.append(Side(np.array(names, dtype=object)[mine], mean * weight, weight, int(size.sum())))
        out.append((sides[0], sides[1]))
    return out


def main() -> None:
    """Measure, print and write."""
    rng = np.random.default_rng(1)
    lines = [
        "# The joint test of specifications",
        "",
        f"Share of {RUNS:,} simulations with p <= .05, {SPECIFICATIONS} specifications, {DRAWS} permutations; cluster",
        f"levels of sd {BETWEEN}, own noise per specification of sd {OWN} (side b: {2 * OWN}), 1 to 20 utterances a",
        "cluster (14: 11 effective; below 10 no claim is tested). An effect of 0 is a null. By `joint_level.py`.",
        "",
        "| clusters a | clusters b | shared | " + " | ".join(f"effect {effect:g}" for effect in EFFECTS) + " |",
        "|---|---|---|" + "---|" * len(EFFECTS),
    ]
    nulls = []
    for ga, gb, shared in DESIGNS:
        found = []
        for effect in EFFECTS:
            runs = RUNS if effect == 0 else RUNS // 5
            p = []
            for _ in range(runs):
                tests = [mean_test(*pair) for pair in specifications(rng, ga, gb, shared, effect)]
                p.append(joint_p(tests, DRAWS, rng)[1])
            found.append(float(np.mean(np.array(p) <= 0.05)))
        nulls.append(found[0])
        lines.append(f"| {ga} | {gb} | {shared} | " + " | ".join(f"{share:.3f}" for share in found) + " |")
        print(lines[-1], flush=True)
    lines += ["", f"Of all {RUNS * len(DESIGNS):,} nulls: {np.mean(nulls):.3f}."]
    text = "\n".join(lines).replace("simulations with", f"simulations (of {RUNS // 5} with an effect) with") + "\n"
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
