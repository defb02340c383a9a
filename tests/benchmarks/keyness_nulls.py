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
from scipy import sparse, stats

from analysis.compare.contrasts import adjust
from analysis.compare.keyness import keyness
from analysis.compare.keyness_permutation import Grid, _design, _in_order, _labels, _studentised
from analysis.compare.vocabulary import Counts

#: Occurrences of a term per 10,000 words: five terms of each.
RATES = (0.5, 1, 2, 5, 10, 20, 50, 100)
EACH = 5
WORDS = 300
DRAWS = 199
#: Draws of the test as it was, enough for q of 40 terms.
PEERS = 999
#: Other tests see the first studies of a line only.
PEER_RUNS = 200
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
    "40 v 40, sizes log-sd .8": World((40, 40), 0.5, spread=0.8),
    "20 v 60, b's clusters 5 × as long": World((20, 60), 0.5, longer=5),
    "60 v 20, b's clusters 5 × as long": World((60, 20), 0.5, longer=5),
}
#: The tests beside: this study's, as it was before, on clusters' rates, and on tokens.
TESTS = {"": "this test", "_former": "before", "_welch": "Welch", "_ranks": "rank-sum", "_tokens": "G²"}


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


def former_p(a: Grid, b: Grid, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Return p as it was: a draw that gives the very same numbers counts as one that reaches the statistic."""
    design, alone, shared, first = _design(*_in_order(a, b))
    observed = np.concatenate([np.arange(alone) < first, np.ones(shared, dtype=bool)]).astype(float)[:, None]
    labels = np.ascontiguousarray(_labels(alone, first, shared, draws, rng).T, dtype=float)
    reached, drawn = (_studentised(design, given) for given in (observed, labels))
    same = design.n.sides(labels)[0] == design.n.sides(observed)[0]
    return (1 + np.count_nonzero(~(drawn < reached - 1e-9 * np.maximum(1, reached)) | same, axis=1)) / (1 + draws)


def table_of(a: Counts, b: Counts, rng: np.random.Generator, draws: int = DRAWS, peers: int = 0) -> pd.DataFrame:
    """Return keyness without the frequent word, with the p and q of other tests beside it; ``peers``: draws of one."""
    table = keyness(a, b, min_count=BINS[0], draws=draws, rng=rng)
    if peers and table["p"].notna().any():
        at = np.searchsorted(a.terms.astype(str), table["term"].to_numpy(dtype=str))
        words = [np.asarray(side.matrix.sum(axis=1), dtype=float).ravel() for side in (a, b)]
        grids = [Grid(s.clusters, s.matrix[:, at], w) for s, w in zip((a, b), words, strict=True)]
        rates = [grid.counts.toarray() / grid.words[:, None] for grid in grids]
        table["p_former"] = former_p(*grids, peers, rng)
        # Both take the samples for independent; where clusters stand on both sides they are too careful.
        table["p_welch"] = np.nan_to_num(stats.ttest_ind(*rates, equal_var=False).pvalue, nan=1.0)
        table["p_ranks"] = stats.mannwhitneyu(*rates).pvalue
    for name in TESTS:
        if f"p{name}" in table and table[f"p{name}"].notna().all():
            table[f"q{name}"] = adjust(table[f"p{name}"].to_numpy())
    return table[table["term"] != "the"]


def nulls(world: World, runs: int, rng: np.random.Generator, draws: int = DRAWS, peers: int = 0) -> dict[str, float]:
    """Return how often nulls are called findings: of terms at p < .05, of studies at any q < .05."""
    tables = [table_of(*draw(world, rng), rng, draws, peers * (run < PEER_RUNS)) for run in range(runs)]
    tested = [table for table in tables if table["p"].notna().any()]
    every = pd.concat(tables)
    apart = (every["ci_low"] > 0) | (every["ci_high"] < 0)
    out: dict[str, float] = {
        "p": float("nan"),
        "q": float("nan"),
        "given": len(tested) / runs,
        "interval": float(apart[every["ci_low"].notna()].mean()),
        "apart": int(((every["p"] < NOMINAL) != apart)[every["p"].notna() & every["ci_low"].notna()].sum()),
    }
    for name in TESTS:
        known = tables if name == "_tokens" else [table for table in tested if f"p{name}" in table]
        if known:
            out[f"p{name}"] = float((pd.concat(known)[f"p{name}"] < NOMINAL).mean())
            out[f"q{name}"] = float(np.mean([(table[f"q{name}"] < NOMINAL).any() for table in known]))
    return out


def planted(world: World, runs: int, rng: np.random.Generator, draws: int = DRAWS, peers: int = 0) -> pd.DataFrame:
    """Return every term of studies in which two terms of each rate are 2 and 3 times as frequent in a, with truth."""
    times = np.tile([3.0, 2.0, 1.0, 1.0, 1.0], len(RATES))
    rates = np.repeat(RATES, EACH) * 1e-4
    truth = np.log2(times) - np.log2((1 + (rates * times).sum()) / (1 + rates.sum()))
    known = pd.DataFrame({"term": [f"t{i:02}" for i in range(len(times))], "times": times, "truth": truth})
    known["rate"] = np.repeat(RATES, EACH)
    tables = (table_of(*draw(world, rng, times), rng, draws, peers) for _ in range(runs))
    return pd.concat([table.merge(known, on="term") for table in tables])


def covered(rows: pd.DataFrame) -> float:
    """Return the share of the given intervals that hold the truth."""
    given = rows[rows["ci_low"].notna()]
    return float(((given["ci_low"] <= given["truth"]) & (given["truth"] <= given["ci_high"])).mean())


def null_line(name: str, runs: int, seed: int) -> str:
    """Return the table's line of one null."""
    runs = runs if name in CHECKED else max(runs // 4, 1)
    found = nulls(NULLS[name], runs, np.random.default_rng([seed, *name.encode()]), DRAWS, PEERS)

    def shown(key: str) -> str:
        return f"{found[key]:.3f}" if not np.isnan(found.get(key, np.nan)) else "withheld"

    cells = [f"{found['given']:.3f}", *(f"{shown('p' + test)} / {shown('q' + test)}" for test in TESTS)]
    return f"| {name} | {' | '.join([*cells, shown('interval'), str(found['apart'])])} |"


def planted_lines(name: str, runs: int, seed: int) -> tuple[list[str], list[str], list[str]]:
    """Return the lines of power, beside other tests and by rate, and of coverage of one world."""
    runs = max(runs // 4, 1)
    rows = planted(PLANTED[name], runs, np.random.default_rng([seed, *name.encode()]), DRAWS, PEERS)
    beside, power, cover = [], [], []
    for times in (1, 2, 3):
        mine = rows[rows["times"] == times]
        each = runs * (3 if times == 1 else 1)
        # What is too rare to be counted was not found either.
        found = [[(mine[f"{k}{test}"] < NOMINAL).sum() / each / len(RATES) for k in "pq"] for test in TESTS]
        cells = [f"{p:.3f} / {q:.3f}" for p, q in found]
        beside.append(f"| {name} | ×{times} | {' | '.join(cells)} |")
        cells = []
        for rate in RATES:
            at = mine[mine["rate"] == rate]
            cells.append(" / ".join(f"{(at[column] < NOMINAL).sum() / each:.2f}" for column in ("p", "q")))
        power.append(f"| {name} | ×{times} | {' | '.join(cells)} |")
        at = np.digitize(mine["n_a"] + mine["n_b"], BINS)
        parts = [mine[at == i] for i in range(1, len(BINS) + 1)]
        parts.append(mine[(mine[["n_a", "n_b"]] == 0).any(axis=1)])
        cells = [
            f"{covered(part):.3f} ({part['ci_low'].notna().mean():.2f})" if len(part) >= 50 else "" for part in parts
        ]
        cover.append(f"| {name} | ×{times} | {' | '.join(cells)} |")
    return beside, power, cover


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
        lines, parts = [], ([], [], [])
        for result in (*waiting, *later):
            found = result.get()
            if isinstance(found, str):
                lines.append(found)
            else:
                parts = tuple(part + more for part, more in zip(parts, found, strict=True))
            args.out.write_text(_page(args, lines, *parts), encoding="utf-8")
            print(f"{len(lines)} + {len(parts[0]) // 3} lines, {time.perf_counter() - start:.0f} s", flush=True)


def _page(args: argparse.Namespace, lines: list[str], beside: list[str], power: list[str], cover: list[str]) -> str:
    parts = [
        "# Keyness: nulls, planted terms, intervals",
        "",
        f"Printed by `tests/benchmarks/keyness_nulls.py --runs {args.runs} --seed {args.seed}`: {args.runs:,}",
        "simulated pairs of groups a line (a quarter for planted terms and below the line of 12 v 12 speakers);",
        f"{len(RATES) * EACH} terms with {RATES[0]:g} to {RATES[-1]:g} occurrences in 10,000 words, {WORDS} words",
        f"a cluster (log-sd .3 where not said otherwise), {DRAWS} permutations for every term, 2,000 for those",
        f"that stand out. Terms with fewer than {BINS[0]} occurrences are no vocabulary.",
        "",
        "`before` is the permutation as it was (a draw with the very same counts counted against the finding; here",
        f"{PEERS} draws). `Welch` is Welch's t on the clusters' rates, `rank-sum` Mann & Whitney's test on them, both",
        f"for independent samples; these three saw the first {PEER_RUNS} studies of a line. `G²` takes each token for",
        "an independent event, as most tools do.",
        "",
        "## Nulls: how often nothing is called something",
        "",
        "Share of terms with p < .05 / share of studies with any q < .05; wanted: at most .07 and .08. `interval` is",
        "the share of the given 95 % intervals without 0; `apart` the number of rows whose p and interval contradict",
        "each other. With fewer than ten effective clusters on a side p is withheld; `given` is the share of studies",
        "that have p, and p and q (not of G²) are about these. The last two lines are no condition of the study but a",
        "warning: where one group's clusters are five times as long, the sides are not exchangeable.",
        "",
        f"| world | given | {' | '.join(TESTS.values())} | interval | apart |",
        f"|---|---|{'---|' * len(TESTS)}---|---|",
        *lines,
        "",
        "## Planted terms: how often they are found",
        "",
        "log-sd .5 between clusters; of 40 terms 8 are three times and 8 twice as frequent in a. Shares of all terms",
        "with p < .05 / q < .05. (Where a test above calls too many nulls something, its power is none.)",
        "",
        f"| world | times | {' | '.join(TESTS.values())} |",
        f"|---|---|{'---|' * len(TESTS)}",
        *beside,
        "",
        "This test by occurrences per 10,000 words in b:",
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
