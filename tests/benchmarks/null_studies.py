"""Studies in which nothing is to be found: how often each table of the study finds something.

``python tests/benchmarks/null_studies.py`` constructs corpora, splits their threads at random between two groups,
50 : 50, 80 : 20 and 90 : 10, as often as asked (``--runs``), and makes the study's tables of them, as its notebooks do.
With ``--measures`` and ``--mentions`` (Parquet: an imported corpus in one language, as the study has it measured) each
study takes ``--threads`` of its threads at random instead. Printed for each table: the rows that have a p, the share of
them with p < .05, the share of studies with any q < .05 (claims: any p < .05 after Holm), and the rows whose p and
interval disagree about 0. Key words, key pairs and collocations have a benchmark of their own, `null_splits.py`.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.compare.across import Levels, background_level
from analysis.compare.claim_rules import MEASURES, parse_claims
from analysis.compare.claims import assess
from analysis.compare.comention import comention_contrasts
from analysis.compare.concepts import prevalence_contrasts
from analysis.compare.contested import TONE, contested_contrasts, make_cells
from analysis.compare.dataset import flag_concepts
from analysis.compare.groups import main_groups
from analysis.compare.specifications import ClaimInputs, Scores
from analysis.compare.tone import Neutral, tone_contrasts

#: What is neutral to each instrument; a corpus of one's own is cut at the thirds of its own scores.
BANDS = {("vader", "en"): (-0.2, 0.2), ("labmt", "en"): (5.3, 5.7)}
DRAWS = 499
#: Claims take half of the time: only every fourth study has them.
CLAIMS = 4
NOMINAL = 0.05
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


def bands(measures: pd.DataFrame) -> Neutral:
    """Return the instruments of a measured corpus, each with its middle third for neutral."""
    names = [name for name in ("vader", "labmt", "nrcvad", "zh_rules") if name in measures]
    language = measures["language"].iloc[0]
    return {(name, language): tuple(measures[name].quantile([1 / 3, 2 / 3])) for name in names}


def tables(
    measures: pd.DataFrame, mentions: pd.DataFrame, neutral: Neutral, rng: np.random.Generator, *, with_claims: bool
) -> dict[str, pd.DataFrame]:
    """Make the tables of contrasts of one study of the groups in ``vantage``."""
    measures = measures.assign(group=measures["vantage"])
    language = measures["language"].iloc[0]
    names = sorted(set(mentions["concept"]))
    flagged = flag_concepts(measures, mentions, names)
    groups = main_groups(measures)
    level = background_level(pd.Series({"a": 0.5, "b": 0.5}), {"a": 5.0, "b": 6.0})
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
        out["claims"] = claims(measures, mentions, [name for name, _ in neutral], levels, rng)
    return out


def claims(
    measures: pd.DataFrame,
    mentions: pd.DataFrame,
    instruments: list[str],
    levels: Levels,
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
    scores = {"yes": Scores(measures, levels)}
    inputs = ClaimInputs(measures, mentions, names, scores, {"yes": instruments, "no": []}, {})
    return assess(parse_claims(rows), inputs, rng, DRAWS)[0].rename(columns={"p_holm": "q"})


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


def study(
    source: tuple[pd.DataFrame, pd.DataFrame] | None, share: float, threads: int, seed: int, run: int
) -> list[tuple]:
    """Count, for each table of one study: rows with p, with p < .05, contradictions, and any q < .05."""
    rng = np.random.default_rng([seed, round(100 * share), run])
    measures, mentions = (take(source[0], threads, rng), source[1]) if source else construct(rng, threads)
    mentions = mentions[mentions["utterance_id"].isin(measures["utterance_id"])]
    neutral = bands(source[0]) if source else BANDS
    found = []
    for name, table in tables(
        split(measures, share, rng), mentions, neutral, rng, with_claims=run % CLAIMS == 0
    ).items():
        given = table["p"].notna()
        # A claim's p is of all its specifications, its interval of one.
        apart = 0 if name == "claims" else disagree(table).sum()
        numbers = (given.sum(), (table["p"] < NOMINAL).sum(), apart, bool((table["q"] < NOMINAL).any()))
        found.append((share, name, *numbers, bool(given.any())))
    return found


def page(found: list[tuple], head: list[str]) -> str:
    """Return the table of all studies so far."""
    counts = pd.DataFrame(found, columns=["share", "table", "rows", "small", "contradict", "any_q", "tested"])
    lines = [
        *head,
        "",
        "| threads | table | studies | rows with p | p < .05 | studies with q < .05 | p and interval disagree |",
        "|---|---|---|---|---|---|---|",
    ]
    for (share, name), mine in counts.groupby(["share", "table"], sort=False):
        rows = mine["rows"].sum()
        small = f"{mine['small'].sum() / rows:.3f}" if rows else ""
        where = f"{100 * share:.0f} : {100 - 100 * share:.0f}"
        numbers = f"{mine['tested'].sum()} | {rows:,} | {small} | {mine['any_q'].sum()} | {mine['contradict'].sum()}"
        lines.append(f"| {where} | {name} | {numbers} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the counts; ``--out`` is written anew after every study, so that a run may be stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measures", type=Path)
    parser.add_argument("--mentions", type=Path)
    parser.add_argument("--threads", type=int, default=300)
    parser.add_argument("--runs", type=int, default=60, help="studies of each split")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    source = None
    if options.measures:
        source = pd.read_parquet(options.measures), pd.read_parquet(options.mentions)
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
