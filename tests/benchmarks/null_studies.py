"""Studies in which nothing is to be found: how often each table of the study finds something.

``python tests/benchmarks/null_studies.py --corpus FOLDER [--runs 60]`` splits the threads of a corpus that
``vantage import`` made at random between two groups, 50 : 50, 80 : 20 and 90 : 10, as often as asked, and makes the
study's tables of them, as its notebooks do; without ``--corpus`` it constructs corpora. The score columns are those of
a measured corpus (``--measures``, ``--mentions``: Parquet, as the study keeps them). Printed for each table: the rows
that have a p, the share of them with p < .05, the share of studies with any q < .05, and the rows whose p and interval
disagree about 0. The study's words and collocations have benchmarks of their own.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.compare.across import ordinary_level, reference_levels
from analysis.compare.comention import comention_contrasts
from analysis.compare.concepts import flag_concepts, prevalence_contrasts
from analysis.compare.contested import TONE, contested_contrasts, make_cells
from analysis.compare.groups import main_groups
from analysis.compare.tone import tone_contrasts

SCALES = {"vader": (-1.0, 1.0), "labmt": (1.0, 9.0)}
SPLITS = (0.5, 0.8, 0.9)
GROUPS = ("western_commenter", "vlogger")
CONCEPTS = [f"concept {i:02}" for i in range(14)]


def construct(rng: np.random.Generator, threads: int = 400) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make measures and mentions of one voice: threads of unequal size with levels of their own, many scores alike."""
    sizes = np.ceil(rng.lognormal(1.5, 1.0, threads)).astype(int)
    thread = np.repeat(np.arange(threads), sizes)
    count = len(thread)
    level = rng.normal(0, 0.4, (2, threads))[:, thread]
    vader = np.round(np.clip(0.4 * (level[0] + rng.normal(0, 1, count)), -1, 1), 1)
    vader[rng.random(count) < 0.3] = 0.0
    measures = pd.DataFrame(
        {"utterance_id": [f"u{i}" for i in range(count)], "cluster_id": [f"t{i:05}" for i in thread]}
    )
    measures["labmt"] = 5.5 + 0.5 * (level[1] + rng.normal(0, 1, count))
    measures["vader"] = vader
    measures.loc[rng.random(count) < 0.2, ["vader", "labmt"]] = np.nan
    measures["likes"] = np.floor(3 * np.exp(1.3 * rng.normal(0, 1, count)))
    measures["length"] = np.ceil(rng.lognormal(2.5, 1, count)).astype(int)
    measures = measures.assign(language="en", collection="constructed", evidence="verbatim", vantage=None)
    parts = []
    for name, share in zip(CONCEPTS, np.geomspace(0.002, 0.2, len(CONCEPTS)), strict=True):
        odds = share / (1 - share) * np.exp(rng.normal(0, 0.7, threads)[thread]) * (measures["length"] / 12) ** 0.5
        said = rng.random(count) < odds / (1 + odds)
        parts.append(pd.DataFrame({"utterance_id": measures["utterance_id"][said], "concept": name}))
    mentions = pd.concat(parts, ignore_index=True)
    mentions["tone"] = 5.5 + rng.normal(0, 1, len(mentions))
    return measures, mentions


def tables(measures: pd.DataFrame, mentions: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Make the tables of contrasts of one study of the groups in ``vantage``."""
    measures = measures.assign(group=measures["vantage"])
    names = sorted(set(mentions["concept"]))
    flagged = flag_concepts(measures, mentions, names)
    scales = {name: scale for name, scale in SCALES.items() if name in measures}
    groups = main_groups(measures)
    levels = {("ordinary language", TONE, "en"): ordinary_level(pd.Series({"a": 0.5, "b": 0.5}), {"a": 5.0, "b": 6.0})}
    levels |= reference_levels(measures, (TONE,)) if measures["vantage"].isna().any() else {}
    cells = make_cells(groups, mentions, names)
    out = {
        "tone": tone_contrasts(measures, scales, rng),
        "prevalence": prevalence_contrasts(flagged, names, rng=rng),
        "prevalence, likes": prevalence_contrasts(flagged, names, "likes", rng),
        "tone around a concept": contested_contrasts(cells, levels, "ordinary language", rng),
    }
    together = comention_contrasts(flagged, names, rng=rng)
    for statistic, table in together.groupby("statistic"):
        out[f"co-mention, {statistic}"] = table
    quantiles = out["tone"]["statistic"].str.contains("quantile")
    out |= {"of tone: quantiles": out["tone"][quantiles], "of tone: others": out["tone"][~quantiles]}
    out["co-mention, both (one q)"] = together
    return out


def split(measures: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Give this share of the threads to one group, the others to the other."""
    threads = np.array(sorted(measures["cluster_id"].unique()), dtype=object)
    first = set(rng.permutation(threads)[: round(share * len(threads))])
    return measures.assign(vantage=np.where(measures["cluster_id"].isin(first), *GROUPS))


def disagree(table: pd.DataFrame) -> pd.Series:
    """Return which rows with p and interval contradict each other."""
    low, high = table["ci_low"].astype(float), table["ci_high"].astype(float)
    return ((table["p"] < 0.05) != ((low > 0) | (high < 0))) & table["p"].notna() & low.notna()


def simulate(source: tuple[pd.DataFrame, pd.DataFrame] | None, share: float, runs: int, seed: int) -> pd.DataFrame:
    """Count, for each table of so many studies: rows with p, with p < .05, contradictions, and any q < .05."""
    found = []
    for rng in np.random.default_rng(seed).spawn(runs):
        measures, mentions = source or construct(rng)
        for name, table in tables(split(measures, share, rng), mentions, rng).items():
            given = table["p"].notna()
            numbers = (given.sum(), (table["p"] < 0.05).sum(), disagree(table).sum(), bool((table["q"] < 0.05).any()))
            found.append((name, *numbers, bool(given.any())))
    return pd.DataFrame(found, columns=["table", "rows", "small", "contradict", "any_q", "tested"])


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measures", type=Path)
    parser.add_argument("--mentions", type=Path)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    source = None
    if options.measures:
        source = pd.read_parquet(options.measures), pd.read_parquet(options.mentions)
    print("| threads | table | studies | rows with p | p < .05 | any q < .05 | p and interval disagree |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for share in SPLITS:
        begun = time.perf_counter()
        counts = simulate(source, share, options.runs, options.seed)
        for name, mine in counts.groupby("table", sort=False):
            rows = mine["rows"].sum()
            small, any_q = mine["small"].sum() / max(rows, 1), mine.loc[mine["tested"], "any_q"].mean()
            where = f"{100 * share:.0f} : {100 - 100 * share:.0f}"
            numbers = f"{mine['tested'].sum()} | {rows} | {small:.3f} | {any_q:.3f} | {mine['contradict'].sum()}"
            print(f"| {where} | {name} | {numbers} |")
        print(f"<!-- {time.perf_counter() - begun:.0f} s -->", flush=True)


if __name__ == "__main__":
    main()
