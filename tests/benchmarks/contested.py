"""How often the intervals of contested concepts and co-mentions hold a planted truth.

``python tests/benchmarks/contested.py`` simulates studies and writes ``contested.md``. Clusters differ in size
(log-normal) and in level (sd .4 where utterances have 1); a concept is hit once or several times in an utterance.
*given*: the share of studies with an interval; *cover*: the share of those that hold the truth; *p* to .05: of all.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.compare import comention, contested
from analysis.compare.across import Level, reference_levels
from analysis.compare.groups import Group

BETWEEN = 0.4
#: Mean and sd of the tone in each language's reference: two scales that share nothing.
SCALES = {"en": (5.4, 1.0), "zh": (6.2, 0.6)}
BACKGROUND = {("ordinary language", "labmt", language): Level(*scale) for language, scale in SCALES.items()}
#: Languages of the two sides, their clusters, the planted tones in sd, and whether the references are sampled.
WORLDS = {
    "en v en, 40 v 40": (("en", "en"), (40, 40), (-0.3, 0.3), False),
    "en v en, 15 v 60": (("en", "en"), (15, 60), (-0.3, 0.3), False),
    "en v en, null, 20 v 20": (("en", "en"), (20, 20), (0.2, 0.2), False),
    "en v zh, ordinary language, 40 v 40": (("en", "zh"), (40, 40), (-0.3, 0.3), False),
    "en v zh, ordinary language, null, 15 v 60": (("en", "zh"), (15, 60), (0.2, 0.2), False),
    "en v zh, references of 60 clusters, 40 v 40": (("en", "zh"), (40, 40), (-0.3, 0.3), True),
    "en v zh, references of 60 clusters, null, 20 v 20": (("en", "zh"), (20, 20), (0.2, 0.2), True),
}
#: Clusters, and how much likelier the second concept is where the first stands.
LIFTS = {"20 v 20, x2 v x1": (20, (2.0, 1.0)), "60 v 60, null x1.5": (60, (1.5, 1.5))}


def sizes(rng: np.random.Generator, clusters: int, mean: float) -> np.ndarray:
    """Return how many utterances each cluster holds."""
    return np.maximum(rng.lognormal(mean, 0.7, clusters).astype(int), 1)


def side(rng: np.random.Generator, name: str, language: str, clusters: int, tone: float) -> tuple[Group, pd.DataFrame]:
    """Return a group whose tone around the concept is planted, in sd from the level of its language."""
    level, spread = SCALES[language]
    each = sizes(rng, clusters, 1.0)
    where = np.repeat(np.arange(clusters), each)
    mean = level + spread * (tone + BETWEEN * rng.normal(size=clusters)[where] + rng.normal(size=len(where)))
    rows = pd.DataFrame({"utterance_id": [f"{name} {i}" for i in range(len(where))], "likes": 1, "language": language})
    rows["cluster_id"] = [f"{name} {c}" for c in where]
    rows["collection"] = name
    hits = 1 + rng.poisson(0.3, len(where))
    mentions = pd.DataFrame({"utterance_id": np.repeat(rows["utterance_id"].to_numpy(), hits), "concept": "planted"})
    mentions["tone"] = np.repeat(mean, hits) + 0.5 * spread * rng.normal(size=hits.sum())
    return Group(name, language, "vlogger", name, rows), mentions


def reference(rng: np.random.Generator, language: str) -> pd.DataFrame:
    """Return a sampled reference collection; its spread counts the clusters' too."""
    level, spread = SCALES[language]
    where = np.repeat(np.arange(60), sizes(rng, 60, 2.0))
    scale = spread / np.sqrt(1 + BETWEEN**2)
    tone = level + scale * (BETWEEN * rng.normal(size=60)[where] + rng.normal(size=len(where)))
    rows = pd.DataFrame(
        {"labmt": tone, "language": language, "collection": f"r {language}", "vantage": None, "likes": 1}
    )
    return rows.assign(cluster_id=[f"r {language} {c}" for c in where])


def tone_study(rng: np.random.Generator, world: str) -> tuple[bool, bool, bool]:
    """Simulate a study: is an interval given, does it hold the truth, is it called a finding."""
    languages, clusters, tones, sampled = WORLDS[world]
    made = [side(rng, name, *planted) for name, *planted in zip("ab", languages, clusters, tones, strict=True)]
    levels, basis = BACKGROUND, "ordinary language"
    if sampled:
        rows = pd.concat([reference(rng, language) for language in languages], ignore_index=True)
        levels, basis = reference_levels(rows, ("labmt",)), "reference collection"
    cells = contested.make_cells([group for group, _ in made], pd.concat([m for _, m in made]), ["planted"])
    row = contested.contested_contrasts(cells, levels, basis, rng, draws=99).iloc[0]
    truth = tones[0] - tones[1]
    return not np.isnan(row["ci_low"]), row["ci_low"] <= truth <= row["ci_high"], row["p"] <= 0.05


def together_study(rng: np.random.Generator, world: str) -> tuple[bool, bool, bool]:
    """Simulate a study of two concepts in one utterance."""
    clusters, lifts = LIFTS[world]
    parts = []
    for name, lift in zip(("vlogger", "western_commenter"), lifts, strict=True):
        where = np.repeat(np.arange(clusters), sizes(rng, clusters, 3.0))
        first = rng.random(len(where)) < np.clip(rng.normal(0.25, 0.06, clusters), 0.05, 0.6)[where]
        base = 0.2 / (0.25 * lift + 0.75)
        second = rng.random(len(where)) < np.where(first, lift * base, base)
        part = pd.DataFrame({"first": first.astype(float), "second": second.astype(float), "group": name})
        part["cluster_id"] = [f"{name} {c}" for c in where]
        parts.append(part.assign(vantage=name, collection=name, language="en", likes=1))
    table = comention.comention_contrasts(pd.concat(parts, ignore_index=True), ["first", "second"])
    row = table[table["statistic"] == comention.RATIO].iloc[0]
    a, b = (lift / (0.25 * lift + 0.75) for lift in lifts[::-1])  # western commenters are side a
    truth = np.log2(a / b)
    return not np.isnan(row["ci_low"]), row["ci_low"] <= truth <= row["ci_high"], row["p"] <= 0.05


def main() -> None:
    """Simulate every world, print the table and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    runs = parser.parse_args().runs
    lines = [f"# Contested concepts and co-mentions: coverage of planted truths, {runs} studies a line", ""]
    lines += ["| what | world | given | cover | p to .05 |", "|---|---|---|---|---|"]
    started = time.perf_counter()
    for what, study, worlds in (("tone", tone_study, WORLDS), ("together", together_study, LIFTS)):
        for number, world in enumerate(worlds):
            rng = np.random.default_rng([1, number])
            given, held, called = np.array([study(rng, world) for _ in range(runs)]).T
            cover = held[given].mean() if given.any() else float("nan")
            lines.append(f"| {what} | {world} | {given.mean():.2f} | {cover:.3f} | {called.mean():.3f} |")
            print(lines[-1], f"{time.perf_counter() - started:.0f} s", flush=True)
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
