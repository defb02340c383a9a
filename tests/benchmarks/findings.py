"""Findings read back from constructed corpora: how often something is found where nothing is, and what is said wrongly.

``python tests/benchmarks/findings.py`` constructs corpora (those of `null_studies.py`: threads of unequal size with
levels of their own, concepts of .2 to 20 %), splits their threads between two groups, makes the study's tables of
contrasts (prevalence, tone, tone around a concept, co-mention; claims in one corpus of four), judges them together and
reads every sentence back. Worlds: threads split 50 : 50 and 90 : 10, few clusters (24 threads, 12 a side), rare events
(concepts of a tenth of those shares), one cluster that holds a quarter of a side. Each as it is (nothing to be found),
and with a concept tripled and the tone of one group raised by half a standard deviation. Printed: corpora with any
finding; with a false one (of what was not planted, or the wrong way round); sentences that their rows do not carry.
Where something is planted, Benjamini & Hochberg's q holds the expected share of false ones among the findings at 5 %,
not the corpora with any: with three findings, up to some 15 % of corpora may hold one.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from string import ascii_lowercase

import numpy as np
import pandas as pd
from null_studies import CLAIMS, CONCEPTS, GROUPS, NOMINAL, Source, claims, construct, split
from scipy.special import betaincinv

sys.path.append(str(Path(__file__).parents[1]))
from helpers import unsaid

from analysis.compare.across import background_level
from analysis.compare.comention import comention_contrasts
from analysis.compare.concepts import prevalence, prevalence_contrasts
from analysis.compare.contested import TONE, contested_contrasts, make_cells
from analysis.compare.dataset import flag_concepts
from analysis.compare.findings import AROUND, CLAIM, CONCEPT, FOUND, OVERALL, SMALL, TOGETHER, find
from analysis.compare.groups import main_groups
from analysis.compare.tone import tone_contrasts
from analysis.study.findings import with_sentences

DRAWS = 199
MOST = 0.07
#: Name, threads, share of them in the first group, what the shares of concepts are multiplied by.
WORLDS = (
    ("50 : 50", 300, 0.5, 1.0),
    ("90 : 10", 300, 0.9, 1.0),
    ("12 against 12 threads", 24, 0.5, 1.0),
    ("rare concepts", 300, 0.5, 0.1),
    ("one large thread", 300, 0.5, 1.0),
)
PLANTED = "concept k"
#: Sentences are read back by their numerals: names hold none.
LETTERS = {name: f"concept {letter}" for name, letter in zip(CONCEPTS, ascii_lowercase, strict=False)}


def plant(source: Source, rng: np.random.Generator) -> Source:
    """Let the first group mention one concept about three times as often, and raise its labMT tone by half an sd."""
    measures, mentions, neutral = source
    mine = measures["vantage"] == GROUPS[0]
    measures = measures.assign(labmt=measures["labmt"] + 0.5 * measures["labmt"].std() * mine)
    said = set(mentions.loc[mentions["concept"] == PLANTED, "utterance_id"])
    silent = measures.loc[mine & ~measures["utterance_id"].isin(said), "utterance_id"].to_numpy()
    share = min(2 * len(said) / len(measures), 1.0)
    new = silent[rng.random(len(silent)) < share]
    more = pd.DataFrame({"utterance_id": new, "concept": PLANTED, "tone": 5.5 + rng.normal(0, 1, len(new))})
    return Source(measures, pd.concat([mentions, more], ignore_index=True), neutral)


def enlarge(measures: pd.DataFrame) -> pd.DataFrame:
    """Make one thread of so many that it holds about a quarter of the first group."""
    threads = measures.loc[measures["vantage"] == GROUPS[0], "cluster_id"].drop_duplicates().to_numpy()
    joined = set(threads[: len(threads) // 4])
    return measures.assign(cluster_id=measures["cluster_id"].where(~measures["cluster_id"].isin(joined), threads[0]))


def judge(source: Source, rng: np.random.Generator, *, with_claims: bool) -> pd.DataFrame:
    """Return the findings of the two groups, with their sentences."""
    measures, mentions, neutral = source
    measures = measures.assign(group=measures["vantage"])
    names = sorted(set(mentions["concept"]))
    flagged = flag_concepts(measures, mentions, names)
    level = background_level(np.array([0.5, 0.5]), np.array([5.0, 6.0]))
    levels = {("ordinary language", TONE, "en"): level}
    cells = make_cells(main_groups(measures), mentions, names)
    tables = {
        CONCEPT: prevalence_contrasts(flagged, names, rng=rng, draws=DRAWS),
        OVERALL: tone_contrasts(measures, neutral, rng, draws=DRAWS),
        AROUND: contested_contrasts(cells, levels, "ordinary language", rng, draws=DRAWS),
        TOGETHER: comention_contrasts(flagged, names, rng=rng, draws=DRAWS),
    }
    if with_claims:
        tables[CLAIM] = claims(measures, mentions, [name for name, _ in neutral], levels, rng)
    return with_sentences(find(tables, prevalence(flagged, names)))


def false(row: dict, *, planted: bool) -> bool:
    """Tell whether a finding is of what was not planted, or the wrong way round."""
    if row["family"] == CLAIM:  # its text tells nothing; what claims find is in null_studies.md
        return not planted
    true = planted and ((row["family"], row["measure"]) == (CONCEPT, PLANTED) or row["measure"] == "labmt:en mean")
    return not true or row["a"] != GROUPS[0]


def corpus(world: tuple[str, int, float, float], run: int, seed: int, *, planted: bool) -> tuple[bool, ...]:
    """Return, of one corpus: any finding, any false one, both plants found, and how many sentences, how many wrong."""
    name, threads, share, rarer = world
    rng = np.random.default_rng([seed, WORLDS.index(world), run, planted])
    source = construct(rng, threads)
    source = source._replace(mentions=source.mentions.replace({"concept": LETTERS}))
    if rarer < 1:
        source = source._replace(mentions=source.mentions[rng.random(len(source.mentions)) < rarer])
    source = source._replace(measures=split(source.measures, share, rng))
    if name == "one large thread":
        source = source._replace(measures=enlarge(source.measures))
    if planted:
        source = plant(source, rng)
    table = judge(source, rng, with_claims=run % CLAIMS == 0)
    rows = table.to_dict("records")
    found = [row for row in rows if row["kind"] in {FOUND, SMALL} and pd.isna(row["count"])]
    right = {row["family"] for row in found if row["family"] != CLAIM and not false(row, planted=planted)}
    wrong = [row["sentence"] for row in rows if unsaid(row)]
    for text in wrong:
        print("not carried by its row:", text)
    return bool(found), any(false(row, planted=planted) for row in found), len(right), len(rows), len(wrong)


def page(done: dict[tuple[str, bool], list[tuple]], head: str) -> str:
    """Return the table of all corpora so far."""
    lines = [head, "", "| world | planted | corpora | any finding (at least) | a false one | plants found, of 2 |"]
    lines[-1] += " sentences | not carried |"
    lines.append("|---|---|---|---|---|---|---|---|")
    every = {(name, planted): rows for (name, planted), rows in done.items() if rows}
    for planted in (False, True):
        mine = [row for (_, kind), rows in done.items() if kind == planted for row in rows]
        if mine:
            every["all", planted] = mine
    for (name, planted), rows in every.items():
        number, found = len(rows), sum(row[0] for row in rows)
        least = float(betaincinv(found, number - found + 1, NOMINAL)) if found else 0.0
        mark = " *" if not planted and least > MOST else ""
        cells = [name + mark, "yes" if planted else "no", str(number), f"{found}: {found / number:.3f} ({least:.3f})"]
        cells += [f"{sum(row[1] for row in rows)}", f"{sum(row[2] for row in rows) / number:.2f}" if planted else ""]
        cells += [f"{sum(row[3] for row in rows):,}", f"{sum(row[4] for row in rows)}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the counts; ``--out`` is written anew after every round, so that a run may be stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=int, default=200, help="three in four of them with nothing to be found")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    done: dict[tuple[str, bool], list[tuple]] = {(name, kind): [] for kind in (False, True) for name, *_ in WORLDS}
    text = ""
    for number in range(options.corpora):
        run, at = divmod(number, len(WORLDS))
        planted = run % 4 == 3
        done[WORLDS[at][0], planted].append(corpus(WORLDS[at], run, options.seed, planted=planted))
        head = f"# Findings\n\n{number + 1} corpora; {DRAWS} draws, more for what stands out; seed {options.seed}.\n"
        head += "In brackets the one-sided 95 % lower bound; * where it is above .07.\n"
        head += "Where something is planted, q holds the expected share of false ones among the findings at 5 %, not "
        head += "the corpora with any."
        text = page(done, head)
        if options.out:
            options.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
