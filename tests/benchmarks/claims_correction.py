"""What human codes make of a claim about how often a concept is mentioned, where the truth is known.

``python tests/benchmarks/claims_correction.py [--runs 1000]`` prints the last table of ``correction.md``: how often the
headline's interval holds the true difference, uncorrected and corrected (as far as there is one), how often each lies
beyond 0, and how often the joint test of all specifications has p < .05, which where nothing is to be found and the
codebook is fair should be at most .07.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1]))
from coded_world import World, specifications

WORLDS = {
    "nothing to be found": World(),
    "the same, 15 against 60 clusters": World((15, 60)),
    "the same, 12 against 12 clusters": World((12, 12)),
    "the same, 20 of 60 clusters coded": World((60, 60), coded=20),
    "the same, 1 in 20 mentions it": World(shares=(0.05, 0.05)),
    "side a's mentions missed": World(missed=(0.4, 0.0)),
    "side a's missed, 1 in 20": World(shares=(0.05, 0.05), missed=(0.4, 0.0)),
    "side a's missed, a more often": World(shares=(0.35, 0.2), missed=(0.4, 0.0)),
}


def simulate(name: str, world: World, runs: int) -> str:
    """Return the row of one world."""
    truth = 100 * (world.shares[0] - world.shares[1])
    told: dict[str, list[list[float]]] = {"codebook": [], "codes": []}
    joint = []
    for seed in range(runs):
        # In points, whatever the headline is judged by.
        table, p = specifications(world, seed)
        joint.append(p < 0.05)
        for which, rows in told.items():
            row = table[(table["instrument"] == which) & (table["weighting"] == "utterance")].iloc[0]
            low, high = row["ci_low"], row["ci_high"]
            target = np.log2(world.shares[0] / world.shares[1]) if "ratio" in row["unit"] else truth
            rows.append([np.nan, np.nan] if np.isnan(low) else [low <= target <= high, low > 0 or high < 0])
    cells = []
    for rows in told.values():
        known = np.array(rows, dtype=float)
        shown = known[~np.isnan(known[:, 0])]
        cells += [f"{len(shown) / runs:.2f}", *(f"{x:.3f}" for x in shown.mean(axis=0))]
    return f"| {name} | {' | '.join(cells[1:])} | {np.mean(joint):.3f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    runs = parser.parse_args().runs
    print("| world | uncorrected holds | beyond 0 | shown | corrected holds | beyond 0 | joint p < .05 |")
    print("|---|---|---|---|---|---|---|")
    for name, world in WORLDS.items():
        print(simulate(name, world, runs), flush=True)


if __name__ == "__main__":
    main()
