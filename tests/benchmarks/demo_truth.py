"""How often the study's intervals hold what was planted in the constructed corpus.

``python tests/benchmarks/demo_truth.py`` draws ``--runs`` constructed corpora of ``--utterances`` each, measures every
one of them whole, compares them with the study's own functions and prints the share of 95 % intervals that hold the
population value, by kind of estimate. A run's intervals are not independent of one another, so that the Monte Carlo
interval is of the mean of the runs' own shares. With ``--minutes`` it stops after so many and prints what the runs say
that are done by then, seed after seed, and how many they are. With ``--provinces region border made_up_income`` it
compares Chinese viewers by these instead; no text is measured then, for mentions are those planted in every utterance
(``tests/corpus/test_demo.py``).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis import paths
from analysis.compare import concepts, contested, keyness, vocabulary
from analysis.compare.across import reference_levels
from analysis.compare.attributes import join_attributes
from analysis.compare.clusters import make_side
from analysis.compare.contrasts import compare
from analysis.compare.dataset import flag_concepts
from analysis.compare.groups import UNKNOWN, add_group, main_groups
from analysis.corpus.demo import demo_tables
from analysis.corpus.demo_draw import plant
from analysis.corpus.demo_plan import (
    CELLS,
    LANGUAGES,
    OF_PROVINCES,
    VIEWERS,
    concepts_of,
    planted_truth,
    read_plan,
)
from analysis.measure.batch import NEEDED, measure_batch

PLAN = read_plan()
NAMES = [cell.collection for cell in CELLS]
#: Instruments and the languages that each reads.
INSTRUMENTS = {"labmt": LANGUAGES, "nrcvad": LANGUAGES, "vader": ("en",), "zh_rules": ("zh",)}
KEPT = ["utterance_id", "collection", "vantage", "language", "cluster_id", "likes", *INSTRUMENTS]
#: Two that are planted as contested, and one that is not.
CONTESTED = ("freedom", "surveillance", "staged")
PAIRS = [(a, b) for a, b in combinations(range(len(CELLS)), 2) if CELLS[a].language == CELLS[b].language]


class Expected:
    """Population means of scores: each possible sentence is measured once and weighted by its probability."""

    def __init__(self) -> None:
        self.scores: dict[tuple[str, int], float] = {}
        self.around: dict[tuple[str, int], float] = {}
        for language in LANGUAGES:
            bodies = PLAN.bodies(language)
            frame = pd.DataFrame({"utterance_id": [str(i) for i in range(len(bodies))], "text": bodies})
            frame = frame.reindex(columns=list(NEEDED)).assign(
                language=language, posted_at=pd.Timestamp("2020-01-01", tz="UTC")
            )
            measured = measure_batch(frame)
            mentions = measured.mentions.to_pandas()
            for number, cell in enumerate(CELLS):
                if cell.language != language:
                    continue
                share = _body_share(number)
                for name, reads in INSTRUMENTS.items():
                    if language in reads:
                        score = measured.measures[name].to_numpy()
                        self.scores[name, number] = _mean(score, share)
                at = mentions["utterance_id"].astype(int).to_numpy()
                for concept in PLAN.concepts:
                    mine = (mentions["concept"] == concept).to_numpy()
                    self.around[concept, number] = _mean(mentions["tone"].to_numpy()[mine], share[at[mine]])


def _body_share(cell: int) -> np.ndarray:
    """Return the probability of each of ``PLAN.bodies`` in a cell, in their order."""
    places = len(PLAN.words["place", "en"])
    share = PLAN.frame_share(cell)[:, None] * PLAN.thing_share[cell] / places
    return np.repeat(share.ravel(), places)


def _mean(values: np.ndarray, share: np.ndarray) -> float:
    """Return the mean of what has a value: a missing score is no score of 0."""
    scored = ~np.isnan(values)
    return float(values[scored] @ share[scored] / share[scored].sum())


def _hit(kind: str, what: str, row: Mapping[str, Any], truth: float) -> dict[str, Any]:
    low, high = row["ci_low"], row["ci_high"]
    given = not np.isnan(low)
    return {
        "kind": kind,
        "what": what,
        "given": given,
        "covered": given and low <= truth <= high,
        "truth": truth,
        "bias": row["estimate" if "estimate" in row else "log_ratio"] - truth,
        "below": given and truth < low,
        "above": given and truth > high,
        "width": high - low,
        "zero": given and not low <= 0 <= high,
    }


def one_run(utterances: int, seed: int, expected: Expected) -> Iterator[dict[str, Any]]:
    """Draw, measure and compare one corpus; yield a row an interval."""
    truth = planted_truth(utterances)
    corpus = pa.concat_tables(demo_tables(utterances, seed)).to_pandas()
    measured = measure_batch(corpus[list(NEEDED)])
    measures, mentions = measured.measures.select(KEPT).to_pandas(), measured.mentions.to_pandas()
    measures["row"] = np.arange(len(measures))
    # Numbers are grouped faster than names; which clusters are the same stays.
    measures["cluster_id"] = np.unique(measures["cluster_id"].to_numpy(dtype=str), return_inverse=True)[1]
    for by, told in (("collection", truth["collections"]), ("vantage", truth["groups"]["vantage"])):
        slim = add_group(measures, by).drop(columns=[*INSTRUMENTS, "row"])
        flagged = flag_concepts(slim, mentions, list(PLAN.concepts))
        for weighting in ("utterance", "cluster", "likes") if by == "collection" else ("utterance",):
            label = f"by {by}, {weighting}-weighted"
            for row in concepts.prevalence(flagged, list(PLAN.concepts), weighting).to_dict("records"):
                yield _hit(
                    f"prevalence {label}",
                    f"{row['measure']}: {row['a']}",
                    row,
                    told[row["a"]]["prevalence"][row["measure"]],
                )
            if weighting == "utterance":
                for row in concepts.prevalence_contrasts(flagged, list(PLAN.concepts), weighting).to_dict("records"):
                    away = told[row["a"]]["prevalence"][row["measure"]] - told[row["b"]]["prevalence"][row["measure"]]
                    yield _hit(
                        f"contrast of prevalence {label}", f"{row['measure']}: {row['a']} - {row['b']}", row, away
                    )
    cells = [measures[measures["collection"] == name] for name in NAMES]
    yield from _log_ratios(measured.measures["tokens"].combine_chunks(), cells, truth)
    yield from _tones(cells, expected)
    yield from _contested(add_group(measures, "collection"), mentions, expected)


def _log_ratios(tokens: pa.ListArray, cells: list[pd.DataFrame], truth: dict[str, Any]) -> Iterator[dict[str, Any]]:
    counts = [
        vocabulary.count_terms(tokens.take(pa.array(rows["row"].to_numpy())), rows["cluster_id"]) for rows in cells
    ]
    told = {(row["a"], row["b"], row["term"]): row["log_ratio"] for row in truth["log_ratios"]}
    for a, b in PAIRS:
        terms = keyness.keyness(counts[a], counts[b])
        for row in terms[terms["term"].isin(PLAN.words["thing", CELLS[a].language])].to_dict("records"):
            expected = told[NAMES[a], NAMES[b], row["term"]]
            kind = "log ratio of a planted key word" if abs(expected) > 0.2 else "log ratio of a word hardly planted"
            yield _hit(kind, f"{row['term']}: {NAMES[a]} / {NAMES[b]}", row, expected)


def _tones(cells: list[pd.DataFrame], expected: Expected) -> Iterator[dict[str, Any]]:
    for name, languages in INSTRUMENTS.items():
        for number, rows in enumerate(cells):
            if CELLS[number].language in languages:
                row = compare(name, NAMES[number], make_side(rows[name], rows["cluster_id"]))
                yield _hit("mean tone", f"{name}: {NAMES[number]}", row, expected.scores[name, number])


def _contested(measures: pd.DataFrame, mentions: pd.DataFrame, expected: Expected) -> Iterator[dict[str, Any]]:
    """Compare tones around concepts, each measured from the reference of its language, in this run's units."""
    levels = reference_levels(measures, (contested.TONE,))
    cells = contested.make_cells(main_groups(measures), mentions, CONTESTED)
    truth = {}
    for cell, of_cell in enumerate(CELLS):
        level = levels["reference collection", contested.TONE, of_cell.language]
        home = expected.scores[contested.TONE, NAMES.index(f"Constructed reference ({of_cell.language})")]
        for concept in CONTESTED:
            truth[concept, NAMES[cell]] = (expected.around[concept, cell] - home) / level.spread
    for row in contested.contested(cells, levels, "reference collection").to_dict("records"):
        yield _hit("contested concept", f"{row['measure']}: {row['a']}", row, truth[row["measure"], row["a"]])
    rng = np.random.default_rng(0)
    for row in contested.contested_contrasts(cells, levels, "reference collection", rng, draws=1).to_dict("records"):
        kind = "within a language" if row["language"] in LANGUAGES else "across languages"
        away = truth[row["measure"], row["a"]] - truth[row["measure"], row["b"]]
        yield _hit(f"contrast of a contested concept {kind}", f"{row['measure']}: {row['a']} - {row['b']}", row, away)


def provinces(utterances: int, seed: int, ways: Sequence[str], draws: int = 199) -> Iterator[dict[str, Any]]:
    """Draw one corpus and compare its Chinese viewers by province and by what is said of provinces.

    All groups of one corpus share their threads, so that p comes from swapping the sides of a thread.
    """
    parts = [part for part in plant(utterances, seed) if part.cell == VIEWERS]
    topic, cluster, province, likes = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("topic", "cluster", "province", "likes")
    )
    has = np.array([[concept in concepts_of(of) for concept in PLAN.concepts] for of in PLAN.topics], dtype=float)
    rows = pd.DataFrame(has[topic], columns=list(PLAN.concepts)).assign(
        cluster_id=cluster,
        likes=likes,
        language="zh",
        region=np.array([*PLAN.provinces["region"], None], dtype=object)[province],
        collection=CELLS[VIEWERS].collection,
        vantage=CELLS[VIEWERS].vantage,
    )
    rows = join_attributes(rows, paths.DATA / "demo_provinces.csv")
    told = planted_truth(utterances)["groups"]
    for by in ways:
        grouped = add_group(rows, by)
        grouped = grouped[grouped["group"] != UNKNOWN]
        truth = {name: of["prevalence"] for name, of in told[by].items()}
        smaller = np.array([name not in set(grouped["group"]) for name in PLAN.provinces["region"]])
        mean = np.average(PLAN.province_prevalence, weights=PLAN.province_share * smaller) if by == "region" else 0
        contrasts = concepts.prevalence_contrasts(
            grouped, list(PLAN.concepts), "utterance", np.random.default_rng(seed), draws
        )
        for row in contrasts.to_dict("records"):
            other = truth[PLAN.provinces["region"][0]] | {OF_PROVINCES: mean} if by == "region" else {}
            a, b = (truth.get(row[side], other)[row["measure"]] for side in "ab")
            kind = f"{by}, {'a difference' if abs(a - b) > 1e-9 else 'nothing'} planted"
            yield _hit(kind, f"{row['measure']}: {row['a']} - {row['b']}", row, a - b) | {"p": row["p"]}


def summary(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return coverage with its Monte Carlo interval, runs as the unit."""
    out = []
    for name, mine in rows.groupby(by, sort=False):
        given = mine[mine["given"]]
        shares = given.groupby("run")["covered"].mean()
        margin = 1.96 * shares.std() / np.sqrt(len(shares))
        each = given.groupby("what")[["bias", "width"]].mean()
        out.append(
            {
                by: name,
                "intervals": len(mine),
                "given": f"{mine['given'].mean():.3f}",
                "covered": f"{given['covered'].mean():.3f}",
                "monte carlo 95 %": f"[{shares.mean() - margin:.3f}, {min(shares.mean() + margin, 1):.3f}]",
                "truth below": f"{given['below'].mean():.3f}",
                "truth above": f"{given['above'].mean():.3f}",
                "bias / width": f"{(each['bias'] / each['width']).abs().mean():.3f}",
                "excludes 0": f"{given['zero'].mean():.2f}",
            }
        )
    return pd.DataFrame(out)


@cache
def _expected() -> Expected:
    return Expected()


def _one(utterances: int, seed: int, *, ways: list[str] | None) -> pd.DataFrame:
    return pd.DataFrame(provinces(utterances, seed, ways) if ways else one_run(utterances, seed, _expected()))


def _markdown(table: pd.DataFrame) -> str:
    lines = ["| " + " | ".join(table.columns) + " |", "|" + " --- |" * len(table.columns)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in table.itertuples(index=False))])


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--utterances", type=int, default=6_000)
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the others count on")
    parser.add_argument("--provinces", nargs="+", metavar="COLUMN", help="compare Chinese viewers by these")
    parser.add_argument("--worst", type=int, default=12, help="print so many estimates that are covered least")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="stop after so many minutes, with the runs that are done")
    args = parser.parse_args()
    start = time.perf_counter()
    seeds = range(args.seed, args.seed + args.runs)
    with ProcessPoolExecutor(args.workers) as pool:
        runs = pool.map(partial(_one, ways=args.provinces), [args.utterances] * args.runs, seeds)
        parts = []
        for seed, run in zip(seeds, runs, strict=True):
            parts.append(run.assign(run=seed))
            if args.minutes and time.perf_counter() - start > 60 * args.minutes:
                pool.shutdown(cancel_futures=True)
                break
    rows = pd.concat(parts, ignore_index=True)
    args.runs = len(parts)
    print(f"{args.runs} runs of {args.utterances:,} utterances, seeds {args.seed} to {args.seed + args.runs - 1}\n")
    print(_markdown(summary(rows, "kind")))
    told = rows[rows["kind"].str.startswith("contrast of a contested") & rows["what"].str.startswith("freedom")]
    if len(told):
        planted = told.groupby("what")["truth"].mean().map("{:.2f}".format).rename("planted (sd)").reset_index()
        print("\nThe concept that is contested most, pair by pair:\n")
        print(_markdown(planted.merge(summary(told, "what"), on="what")))
    each = rows[rows["given"]].groupby(["kind", "what"])["covered"].agg(["mean", "size"]).reset_index()
    few = each[each["size"] >= args.runs / 2].sort_values(["mean", "kind", "what"]).head(args.worst)
    print(f"\nThe {args.worst} least covered of {len(each):,} estimates:\n")
    print(
        _markdown(few.assign(mean=few["mean"].map("{:.3f}".format)).rename(columns={"mean": "covered", "size": "runs"}))
    )
    print(f"\n{time.perf_counter() - start:.0f} seconds, {args.workers} at a time")


if __name__ == "__main__":
    main()
