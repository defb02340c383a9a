"""How often halves of one collection seem to differ: real threads, split at random, in key words, pairs, collocations.

``python tests/benchmarks/null_splits.py FILE.csv --text comment --thread thread_id --node "war" --node "people"``
takes a table of comments with the thread of each (``--language zh`` for Chinese), and prints the table of its counts;
``--out`` adds it to a file. Each study takes ``--threads`` of the threads at random and splits them, so that every
finding is a false one.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.compare.collocations import CooccurrenceCounts, contrast_collocates, count_near
from analysis.compare.keyness import keyness
from analysis.compare.vocabulary import Counts, count_pairs, count_terms
from analysis.measure import chinese, english
from analysis.measure.chunks import split
from analysis.measure.concepts import Codebook
from analysis.measure.ragged import Ragged

SHARES = (0.5, 0.8, 0.9)
NOMINAL = 0.05
DRAWS = 499
OFTEN = 20


def of(counts: Counts | CooccurrenceCounts, rows: np.ndarray) -> Counts | CooccurrenceCounts:
    """Return the counts of some clusters; ``rows`` ascend."""
    wide = {"terms", "utterances"}
    return type(counts)(*(part if name in wide else part[rows] for name, part in counts._asdict().items()))


def study(
    words: Counts,
    pairs: Counts,
    nodes: dict[str, CooccurrenceCounts],
    chosen: np.ndarray,
    share: float,
    seed: list[int],
):
    """Yield the family and table of one null study: the first ``share`` of the chosen clusters against the others."""
    rng = np.random.default_rng(seed)
    names = words.clusters[chosen]
    cut = round(share * len(chosen))

    def sides(counts: Counts | CooccurrenceCounts) -> list[Counts | CooccurrenceCounts]:
        place = pd.Index(counts.clusters).get_indexer(names)
        return [of(counts, np.sort(part[part >= 0])) for part in (place[:cut], place[cut:])]

    for family, counts in (("key words", words), ("key pairs", pairs)):
        # Terms that none of the clusters has are never declared.
        yield family, keyness(*sides(counts), draws=DRAWS, rng=rng)
    for name, counts in nodes.items():
        table = contrast_collocates(*sides(counts), draws=DRAWS, rng=rng)
        both = {side: table[f"together_{side}"] for side in "ab"}
        yield f"collocations of “{name}”", table.assign(n_a=both["a"], n_b=both["b"])


def main() -> None:
    """Split, count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", help="a table of comments; none is part of the project")
    parser.add_argument("--text", default="text")
    parser.add_argument("--thread", default="thread")
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    parser.add_argument("--node", action="append", default=[])
    parser.add_argument("--threads", type=int, default=600)
    parser.add_argument("--runs", type=int, default=200, help="studies of each split")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    if not args.file:
        print("null_splits: nothing to split without a table of comments")
        return
    start = time.perf_counter()
    table = pd.read_csv(args.file, usecols=[args.text, args.thread], dtype=str).dropna()
    tokens = tokenize(table[args.text].tolist(), args.language)
    threads = table[args.thread].reset_index(drop=True)
    codes = pa.DictionaryArray.from_arrays(tokens.codes, tokens.vocabulary)
    lists = pa.ListArray.from_arrays(pa.array(tokens.offsets.astype(np.int32)), codes.cast(pa.string()))
    words, pairs = count_terms(lists, threads), count_pairs(lists, threads)
    nodes = {}
    for name in args.node:
        book = Codebook(
            [{"concept": name, "en": name, "zh": name}], args.language, lambda texts: tokenize(texts, args.language)
        )
        nodes[name] = count_near(tokens, threads, book.find(tokens))
    lines = [
        f"## {args.file.stem}: {len(table):,} comments in {len(words.clusters):,} threads",
        "",
        f"{args.runs} studies a line, each of {args.threads} threads at random; seed {args.seed}. `interval`: the",
        "share of 95 % intervals without 0; `apart`: rows whose p and interval contradict each other.",
        "",
        f"| threads | family | rows with p | p < .05 | of those from {OFTEN} times | any q < .05 | interval | apart |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for share in SHARES:
        found = defaultdict(list)
        for run in range(args.runs):
            seed = [args.seed, round(100 * share), run]
            chosen = np.random.default_rng(seed).permutation(len(words.clusters))[: args.threads]
            for family, rows in study(words, pairs, nodes, chosen, share, seed):
                found[family].append(rows[["n_a", "n_b", "ci_low", "ci_high", "p", "q"]])
        for family, tables in found.items():
            lines.append(line(share, family, tables))
        print(f"{share:g}: {time.perf_counter() - start:.0f} s", flush=True)
    print("\n".join(lines))
    if args.out:
        with args.out.open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n\n")


def tokenize(texts: list[str], language: str) -> Ragged:
    """Cut texts into tokens."""
    return english.tokenize(split(list(texts))) if language == "en" else chinese.tokenize(texts)


def line(share: float, family: str, tables: list[pd.DataFrame]) -> str:
    """Return the table's line of one family under one split."""
    tested = [rows[rows["p"].notna()] for rows in tables if rows["p"].notna().any()]
    name = f"{100 * share:.0f} : {100 - 100 * share:.0f}"
    if not tested:
        return f"| {name} | {family} | 0 | withheld | | | | |"
    rows = pd.concat(tested)
    often = rows[rows["n_a"] + rows["n_b"] >= OFTEN]
    given = rows[rows["ci_low"].notna()]
    apart = (given["ci_low"] > 0) | (given["ci_high"] < 0)
    cells = [
        f"{len(rows):,}",
        f"{(rows['p'] < NOMINAL).mean():.3f}",
        f"{(often['p'] < NOMINAL).mean():.3f} of {len(often):,}",
        f"{sum((table['q'] < NOMINAL).any() for table in tested)} of {len(tested)}",
        f"{apart.mean():.3f}",
        f"{(apart != (given['p'] < NOMINAL)).sum()}",
    ]
    return f"| {name} | {family} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
