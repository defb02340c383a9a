"""Studies in which nothing is to be found: how often each table of the study finds something.

``python tests/benchmarks/null_studies.py`` constructs corpora, splits their threads at random between two groups,
50 : 50, 80 : 20 and 90 : 10, as often as asked (``--runs``), and makes the study's tables of them, as its notebooks do.
With ``--corpus`` (an imported corpus; its most frequent language is used) each study takes ``--threads`` of its threads
at random instead. Printed for each table: the rows that have a p, the share of them with p < .05, the studies with any
q < .05 (claims: any p < .05 after Holm), and the rows whose p and interval disagree about 0. In brackets the one-sided
95 % lower bounds of both, from studies, since the rows of one hang together; * marks a table whose bound is above .07
or .08. Key words, key pairs and collocations have a benchmark of their own, `null_splits.py`.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from scipy.special import betaincinv, stdtrit

from analysis.compare.across import background_level
from analysis.compare.claim_rules import MEASURES, parse_claims
from analysis.compare.claims import assess, explore_claims
from analysis.compare.comention import comention_contrasts
from analysis.compare.concepts import prevalence_contrasts
from analysis.compare.contested import TONE, contested_contrasts, make_cells
from analysis.compare.dataset import flag_concepts
from analysis.compare.groups import main_groups
from analysis.compare.talk import Talk
from analysis.compare.tone import Neutral, tone_contrasts
from analysis.compare.ways import Way
from analysis.study import open_study

#: What is neutral to each instrument of constructed corpora.
BANDS = {("vader", "en"): (-0.2, 0.2), ("labmt", "en"): (5.3, 5.7)}
DRAWS = 499
#: Claims take half of the time: only every fourth study has them.
CLAIMS = 4
NOMINAL = 0.05
#: Wanted: p < .05 in no more of the rows, any q < .05 in no more of the studies.
MOST_ROWS, MOST_STUDIES = 0.07, 0.08
SPLITS = (0.5, 0.8, 0.9)
GROUPS = ("western_commenter", "vlogger")
CONCEPTS = [f"concept {i:02}" for i in range(14)]


class Source(NamedTuple):
    """A corpus in one language: its measures with ``length``, its mentions, and what is neutral to each instrument."""

    measures: pd.DataFrame
    mentions: pd.DataFrame
    neutral: Neutral


def read(corpus: str) -> Source:
    """Open a corpus as the study does, and keep the most frequent language and the columns that are needed."""
    opened = open_study(corpus=corpus)
    language = opened.measures["language"].mode().iloc[0]
    measures = opened.measures[opened.measures["language"] == language]
    lengths = pc.list_value_length(opened.tokens(measures)).to_numpy(zero_copy_only=False)
    scores = [name for name, tongue in opened.neutral if tongue == language and measures[name].notna().any()]
    needed = ["utterance_id", "cluster_id", "language", "collection", "evidence", "vantage", "likes", *scores]
    measures = measures[needed].assign(length=lengths).reset_index(drop=True)
    return Source(measures, opened.mentions, {(name, language): opened.neutral[name, language] for name in scores})


def construct(rng: np.random.Generator, threads: int = 400) -> Source:
    """Make a corpus of one voice: threads of unequal size with levels of their own, many scores alike."""
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
    return Source(measures, mentions, BANDS)


def tables(source: Source, rng: np.random.Generator, *, with_claims: bool) -> dict[str, pd.DataFrame]:
    """Make the tables of contrasts of one study of the groups in ``vantage``."""
    measures, mentions, neutral = source
    measures = measures.assign(group=measures["vantage"])
    language = measures["language"].iloc[0]
    names = sorted(set(mentions["concept"]))
    flagged = flag_concepts(measures, mentions, names)
    groups = main_groups(measures)
    level = background_level(np.array([0.5, 0.5]), np.array([5.0, 6.0]))
    levels = {("ordinary language", TONE, language): level}
    tone = tone_contrasts(measures, neutral, rng, draws=DRAWS)
    kinds = tone["statistic"].str.extract("(quantile|share)")[0].fillna("means, delta")
    out = {f"tone: {kind}": table for kind, table in tone.groupby(kinds)} | {"tone (one q)": tone}
    out["prevalence"] = prevalence_contrasts(flagged, names, rng=rng, draws=DRAWS)
    if measures["likes"].notna().any():
        out["prevalence, likes"] = prevalence_contrasts(flagged, names, "likes", rng, DRAWS)
    cells = make_cells(groups, mentions, names)
    out["tone around a concept"] = contested_contrasts(cells, levels, "ordinary language", rng, draws=DRAWS)
    together = comention_contrasts(flagged, names, rng=rng, draws=DRAWS)
    out |= {f"co-mention: {statistic}": table for statistic, table in together.groupby("statistic")}
    out["co-mention (one q)"] = together
    if with_claims:
        out["claims"] = claims(measures, mentions, [name for name, _ in neutral], rng)
    return out


def claims(
    measures: pd.DataFrame,
    mentions: pd.DataFrame,
    instruments: list[str],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Hold claims of every measure against the groups: its p is that of the headline's joint test, ``q`` Holm's."""
    names = mentions["concept"].value_counts().index.tolist()
    asked = [("overall tone", "")]
    asked += [("prevalence", name) for name in names[::4]] + [("tone around a concept", name) for name in names[:3]]
    asked += [("co-mention", f"{one} + {two}") for one, two in pairwise(names[:4])]
    a, b = (f"vantage={name}" for name in GROUPS)
    rows = [
        {"id": str(number), "claim": "Nothing.", "document": "0", "measure": measure, "concept": concept}
        | {"a_name": "a", "a": a, "b_name": "b", "b": b, "direction": "higher", "source": "none", "needs": "nothing"}
        | {"smallest": f"5 {MEASURES[measure][1]}"}
        for number, (measure, concept) in enumerate(asked)
    ]
    order = sorted(instruments, key=lambda name: name != TONE)
    ways = [Way(name, measures[name].to_numpy(dtype=float), masked="yes") for name in order]
    talk = Talk(measures.assign(kept=True, boilerplate=False, copy_of=-1), lambda: ways, {})
    explored = explore_claims(parse_claims(rows), talk, mentions, names, rng, DRAWS)
    return assess(explored, talk.rows, DRAWS)[0].rename(columns={"p_holm": "q"})


def take(measures: pd.DataFrame, threads: int, rng: np.random.Generator) -> pd.DataFrame:
    """Take so many threads at random."""
    names = np.array(sorted(measures["cluster_id"].unique()), dtype=object)
    return measures[measures["cluster_id"].isin(rng.permutation(names)[:threads])].reset_index(drop=True)


def split(measures: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Give this share of the threads to one group, the others to the other."""
    threads = np.array(sorted(measures["cluster_id"].unique()), dtype=object)
    first = set(rng.permutation(threads)[: round(share * len(threads))])
    return measures.assign(vantage=np.where(measures["cluster_id"].isin(first), *GROUPS))


def disagree(table: pd.DataFrame) -> pd.Series:
    """Return which rows with p and interval contradict each other."""
    low, high = table["ci_low"].astype(float), table["ci_high"].astype(float)
    return ((table["p"] < NOMINAL) != ((low > 0) | (high < 0))) & table["p"].notna() & low.notna()


def study(source: Source | None, share: float, threads: int, seed: int, run: int) -> list[tuple]:
    """Count, for each table of one study: rows with p, with p < .05, contradictions, and any q < .05."""
    rng = np.random.default_rng([seed, round(100 * share), run])
    mine = source._replace(measures=take(source.measures, threads, rng)) if source else construct(rng, threads)
    mentions = mine.mentions[mine.mentions["utterance_id"].isin(mine.measures["utterance_id"])]
    mine = Source(split(mine.measures, share, rng), mentions, mine.neutral)
    found = []
    for name, table in tables(mine, rng, with_claims=run % CLAIMS == 0).items():
        given = table["p"].notna()
        # A claim's p is of all its specifications, its interval of one.
        apart = 0 if name == "claims" else disagree(table).sum()
        numbers = (given.sum(), (table["p"] < NOMINAL).sum(), apart, bool((table["q"] < NOMINAL).any()))
        found.append((share, name, *numbers, bool(given.any())))
    return found


def bounds(small: np.ndarray, rows: np.ndarray, any_q: int, tested: int) -> tuple[float, float]:
    """Return one-sided 95 % lower bounds of the share of rows (linearised over studies) and of studies (exact)."""
    count, rate = len(rows), small.sum() / rows.sum()
    error = np.sqrt(count / (count - 1) * np.square(small - rate * rows).sum()) / rows.sum() if count > 1 else np.inf
    of_rows = max(rate - stdtrit(count - 1, 0.95) * error, 0.0) if error < np.inf else 0.0
    return of_rows, float(betaincinv(any_q, tested - any_q + 1, 0.05)) if any_q else 0.0


def page(found: list[tuple], head: list[str]) -> str:
    """Return the table of all studies so far, by split and of all splits."""
    counts = pd.DataFrame(found, columns=["share", "table", "rows", "small", "contradict", "any_q", "tested"])
    lines = [
        *head,
        "",
        "| threads | table | studies | rows with p | p < .05 (at least) | any q < .05 (at least) | disagree |",
        "|---|---|---|---|---|---|---|",
    ]
    every = [(share, name) for share in (*SPLITS, None) for name in counts["table"].unique()]
    for share, name in every:
        mine = counts[(counts["table"] == name) & ((counts["share"] == share) | (share is None)) & counts["tested"]]
        where = f"{100 * share:.0f} : {100 - 100 * share:.0f}" if share else "all"
        if mine.empty:
            lines.append(f"| {where} | {name} | 0 | 0 | | | |")
            continue
        small, rows = mine["small"].to_numpy(dtype=float), mine["rows"].to_numpy(dtype=float)
        any_q, tested = int(mine["any_q"].sum()), len(mine)
        of_rows, of_studies = bounds(small, rows, any_q, tested)
        above = " *" if of_rows > MOST_ROWS or of_studies > MOST_STUDIES else ""
        cells = [
            where,
            name + above,
            f"{tested}",
            f"{rows.sum():,.0f}",
            f"{small.sum() / rows.sum():.3f} ({of_rows:.3f})",
        ]
        cells += [f"{any_q}: {any_q / tested:.3f} ({of_studies:.3f})", f"{mine['contradict'].sum()}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the counts; ``--out`` is written anew after every study, so that a run may be stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="the folder of an imported corpus; without it corpora are constructed")
    parser.add_argument("--threads", type=int, default=300)
    parser.add_argument("--runs", type=int, default=60, help="studies of each split")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    source = read(options.corpus) if options.corpus else None
    found: list[tuple] = []
    for run in range(options.runs):
        for share in SPLITS:
            found += study(source, share, options.threads, options.seed, run)
        title = "Threads of an imported corpus" if source else "Constructed threads"
        told = f"{run + 1} studies a split, each of {options.threads} threads; {DRAWS} draws, more for what stands out;"
        text = page(found, [f"## {title}", "", told, f"claims in one study of {CLAIMS}; seed {options.seed}."])
        if options.out:
            options.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
