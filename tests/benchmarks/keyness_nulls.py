"""How often keyness calls a null a finding, finds what was planted, and covers the truth: simulated vocabularies.

``python tests/benchmarks/keyness_nulls.py`` writes ``keyness_nulls.md`` beside itself, from ``--runs`` simulated pairs
of groups a line; the tests run the same simulations in smaller numbers. A cluster says about 300 words; each term has
its rate, which varies between clusters (log-normal, the mean kept); what is no term of interest is one frequent word.
"""

from __future__ import annotations

import argparse
import time
from itertools import pairwise
from multiprocessing import Pool
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.compare.contrasts import adjust
from analysis.compare.keyness import keyness
from analysis.compare.vocabulary import Counts

#: Occurrences of a term per 10,000 words: five terms of each.
RATES = (0.5, 1, 2, 5, 10, 20, 50, 100)
EACH = 5
WORDS = 300
DRAWS = 199
NOMINAL = 0.05
BINS = (3, 6, 9, 15, 30, 100)


class World(NamedTuple):
    """Two groups: their clusters, those on both sides, how much a term's rate varies, and speakers of videos."""

    clusters: tuple[int, int]
    sd: float
    shared: int = 0
    speakers: tuple[int, int] = (0, 0)  # if given, the clusters are videos of so many accounts
    by_video: bool = False  # the mistake: each video counts as a cluster
    longer: float = 1.0  # how many times as long side b's clusters are
    spread: float = 0.3  # log-sd of the clusters' sizes


NULLS = {
    "15 v 15, log-sd 0": World((15, 15), 0),
    "15 v 15, log-sd .5": World((15, 15), 0.5),
    "15 v 15, log-sd 1": World((15, 15), 1),
    "12 v 60, log-sd 0": World((12, 60), 0),
    "12 v 60, log-sd .5": World((12, 60), 0.5),
    "12 v 60, log-sd 1": World((12, 60), 1),
    "15 v 15, all on both sides, log-sd .5": World((15, 15), 0.5, 15),
    "15 v 15, all on both sides, log-sd 1": World((15, 15), 1, 15),
    "12 v 12 speakers x 25 videos": World((300, 300), 0.5, speakers=(12, 12)),
    "6 v 6 speakers x 25 videos": World((150, 150), 0.5, speakers=(6, 6)),
    "3 v 3 speakers x 25 videos": World((75, 75), 0.5, speakers=(3, 3)),
    "6 v 6 speakers, each video a cluster (the mistake)": World((150, 150), 0.5, speakers=(6, 6), by_video=True),
    "3 v 3 speakers, each video a cluster (the mistake)": World((75, 75), 0.5, speakers=(3, 3), by_video=True),
    "20 v 40, 10 on both sides, log-sd .5": World((20, 40), 0.5, 10),
    "40 v 40, clusters of very different size (log-sd .8), log-sd .5": World((40, 40), 0.5, spread=0.8),
    "20 v 60, b's clusters 5 times as long, log-sd .5": World((20, 60), 0.5, longer=5),
    "60 v 20, b's clusters 5 times as long, log-sd .5": World((60, 20), 0.5, longer=5),
}
#: The nulls that the study promises, simulated in full number.
CHECKED = tuple(NULLS)[:9]
PLANTED = {
    "15 v 15": World((15, 15), 0.5),
    "12 v 60": World((12, 60), 0.5),
    "30 v 30": World((30, 30), 0.5),
    "30 v 30, all on both sides": World((30, 30), 0.5, 30),
    "100 v 100": World((100, 100), 0.5),
}


def draw(world: World, rng: np.random.Generator, times: np.ndarray | float = 1.0) -> tuple[Counts, Counts]:
    """Simulate two groups; ``times`` is how many times as frequent each term is in a."""
    rates = np.repeat(RATES, EACH) * 1e-4
    total = sum(world.clusters) - world.shared
    # Of the variation .8 of the sd is the cluster's own, on whichever side; .6 is of its talk on one side.
    common = rng.normal(0, 0.8 * world.sd, (total, len(rates)))
    places = np.arange(world.clusters[0]), np.arange(world.clusters[0] - world.shared, total)
    sides = []
    for number, (place, accounts) in enumerate(zip(places, world.speakers, strict=True)):
        level, names = common[place], np.array([f"c{i:04}" for i in place], dtype=object)
        if accounts:
            who = np.arange(len(place)) * accounts // len(place)
            level = rng.normal(0, 0.8 * world.sd, (accounts, len(rates)))[who]
        own = rng.normal(0, 0.6 * world.sd, level.shape)
        size = rng.lognormal(np.log(WORDS * (world.longer if number else 1)), world.spread, len(place))
        expected = rates * (1 if number else times) * np.exp(level + own - world.sd**2 / 2)
        matrix = np.column_stack([rng.poisson(size[:, None] * expected), rng.poisson(size)])
        if accounts and not world.by_video:
            matrix = np.array([matrix[who == account].sum(axis=0) for account in range(accounts)])
            names = np.array([f"{'ab'[number]}{i:02}" for i in range(accounts)], dtype=object)
        terms = np.array([*(f"t{i:02}" for i in range(len(rates))), "the"], dtype=object)
        sides.append(Counts(names, terms, sparse.csr_array(matrix)))
    return sides[0], sides[1]


def table_of(a: Counts, b: Counts, rng: np.random.Generator, draws: int = DRAWS) -> pd.DataFrame:
    """Return keyness without the frequent word, with q of G^2 beside it."""
    table = keyness(a, b, min_count=BINS[0], draws=draws, rng=rng)
    table["q_tokens"] = adjust(table["p_tokens"].to_numpy())
    return table[table["term"] != "the"]


def nulls(world: World, runs: int, rng: np.random.Generator, draws: int = DRAWS) -> dict[str, float]:
    """Return how often nulls are called findings: of terms at p < .05, of studies at any q < .05."""
    tables = [table_of(*draw(world, rng), rng, draws) for _ in range(runs)]
    tested = [table for table in tables if table["p"].notna().any()]
    every, known = pd.concat(tables), pd.concat(tested) if tested else None
    interval = every[every["ci_low"].notna()]
    return {
        "given": len(tested) / runs,
        "p": float((known["p"] < NOMINAL).mean()) if tested else float("nan"),
        "q": float(np.mean([(table["q"] < NOMINAL).any() for table in tested])) if tested else float("nan"),
        "g2": float((every["p_tokens"] < NOMINAL).mean()),
        "q_g2": float(np.mean([(table["q_tokens"] < NOMINAL).any() for table in tables])),
        "interval": float(((interval["ci_low"] > 0) | (interval["ci_high"] < 0)).mean()),
    }


def planted(world: World, runs: int, rng: np.random.Generator, draws: int = DRAWS) -> pd.DataFrame:
    """Return every term of studies in which two terms of each rate are 2 and 3 times as frequent in a, with truth."""
    times = np.tile([3.0, 2.0, 1.0, 1.0, 1.0], len(RATES))
    rates = np.repeat(RATES, EACH) * 1e-4
    truth = np.log2(times) - np.log2((1 + (rates * times).sum()) / (1 + rates.sum()))
    known = pd.DataFrame({"term": [f"t{i:02}" for i in range(len(times))], "times": times, "truth": truth})
    known["rate"] = np.repeat(RATES, EACH)
    return pd.concat([table_of(*draw(world, rng, times), rng, draws).merge(known, on="term") for _ in range(runs)])


def covered(rows: pd.DataFrame) -> float:
    """Return the share of the given intervals that hold the truth."""
    given = rows[rows["ci_low"].notna()]
    return float(((given["ci_low"] <= given["truth"]) & (given["truth"] <= given["ci_high"])).mean())


def null_line(name: str, runs: int, seed: int) -> str:
    """Return the table's line of one null."""
    world = NULLS[name]
    found = nulls(world, runs if name in CHECKED else max(runs // 5, 1), np.random.default_rng([seed, *name.encode()]))
    cells = ["withheld" if np.isnan(value) else f"{value:.3f}" for value in found.values()]
    return f"| {name} | {' | '.join(cells)} |"


def planted_lines(name: str, runs: int, seed: int) -> tuple[list[str], list[str]]:
    """Return the lines of power and of coverage of one world."""
    runs = max(runs // 5, 1)
    rows = planted(PLANTED[name], runs, np.random.default_rng([seed, *name.encode()]))
    power, cover = [], []
    for times in (1, 2, 3):
        mine = rows[rows["times"] == times]
        cells = []
        for rate in RATES:
            # What is too rare to be counted was not found either.
            at, drawn = mine[mine["rate"] == rate], runs * (3 if times == 1 else 1)
            cells.append(" / ".join(f"{(at[column] < NOMINAL).sum() / drawn:.2f}" for column in ("p", "q")))
        power.append(f"| {name} | ×{times} | {' | '.join(cells)} |")
        at = np.digitize(mine["n_a"] + mine["n_b"], BINS)
        parts = [mine[at == i] for i in range(1, len(BINS) + 1)]
        parts.append(mine[(mine[["n_a", "n_b"]] == 0).any(axis=1)])
        cells = [
            f"{covered(part):.3f} ({part['ci_low'].notna().mean():.2f})" if len(part) >= 50 else "" for part in parts
        ]
        cover.append(f"| {name} | ×{times} | {' | '.join(cells)} |")
    return power, cover


def main() -> None:
    """Simulate and write the table, a line as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2, help="the table does not depend on it")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".md"))
    args = parser.parse_args()
    start = time.perf_counter()
    with Pool(args.processes) as pool:
        waiting = [pool.apply_async(null_line, (name, args.runs, args.seed)) for name in NULLS]
        later = [pool.apply_async(planted_lines, (name, args.runs, args.seed)) for name in PLANTED]
        lines, power, cover = [], [], []
        for result in (*waiting, *later):
            found = result.get()
            if isinstance(found, str):
                lines.append(found)
            else:
                power, cover = power + found[0], cover + found[1]
            args.out.write_text(_page(args, lines, power, cover), encoding="utf-8")
            print(f"{len(lines)} + {len(power) // 3} lines, {time.perf_counter() - start:.0f} s", flush=True)


def _page(args: argparse.Namespace, lines: list[str], power: list[str], cover: list[str]) -> str:
    parts = [
        "# Keyness: nulls, planted terms, intervals",
        "",
        f"Printed by `tests/benchmarks/keyness_nulls.py --runs {args.runs} --seed {args.seed}`: {args.runs:,}",
        "simulated pairs of groups a line (a fifth for planted terms and below the line of 12 v 12 speakers);",
        f"{len(RATES) * EACH} terms with {RATES[0]:g} to {RATES[-1]:g} occurrences in 10,000 words, {WORDS} words",
        f"a cluster (log-sd .3 where not said otherwise), {DRAWS} permutations for every term, 2,000 for those",
        f"that stand out. Terms with fewer than {BINS[0]} occurrences are no vocabulary.",
        "",
        "## Nulls: how often nothing is called something",
        "",
        "Wanted: p < .05 for at most .07 of the terms, any q < .05 in at most .08 of the studies. `G²` takes each",
        "token for an independent event, as most tools do; `interval` is the share of the given 95 % intervals without",
        "0. With fewer than ten effective clusters on a side p is withheld; `given` is the share of studies that have",
        "p, and p and q are about these. The last two lines are no condition of the study but a warning: where one",
        "group's clusters are five times as long, the sides are not exchangeable.",
        "",
        "| world | given | p < .05, terms | any q < .05 | G² p < .05, terms | any G² q < .05 | interval without 0 |",
        "|---|---|---|---|---|---|---|",
        *lines,
        "",
        "## Planted terms: how often they are found",
        "",
        "log-sd .5 between clusters; of 40 terms 8 are three times and 8 twice as frequent in a. Shares of all terms",
        "with p < .05 / q < .05, by occurrences per 10,000 words in b.",
        "",
        f"| world | times | {' | '.join(f'{rate:g}' for rate in RATES)} |",
        f"|---|---|{'---|' * len(RATES)}",
        *power,
        "",
        "## Intervals: how often they hold the truth",
        "",
        "The same studies, by occurrences in both groups. In brackets the share of terms that got an interval; terms",
        "that a side lacks are among them, with an open interval (last column: those alone).",
        "",
        f"| world | times | {' | '.join(_names())} | absent on a side |",
        f"|---|---|{'---|' * (len(BINS) + 1)}",
        *cover,
    ]
    return "\n".join(parts) + "\n"


def _names() -> list[str]:
    return [f"{low}-{high - 1}" for low, high in pairwise(BINS)] + [f"{BINS[-1]} and more"]


if __name__ == "__main__":
    main()
