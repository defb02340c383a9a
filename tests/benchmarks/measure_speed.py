"""How many texts a second: the measure step beside its peers, on the same texts, in one run.

``python tests/benchmarks/measure_speed.py > tests/benchmarks/measure_speed.md`` constructs English and Chinese
comments; ``--file comments.csv text`` (any number of times) adds the texts of a column of yours.

The *measure step* is what ``vantage measure`` does to a batch of rows as the store hands them out: language, tokens,
every instrument with and without masks and with the other choice of laughter, concepts and the tone around them, two
tables. It begins with empty memories of words, in batches as the study's. The peers do far less: *NLTK* is its tweet
tokenizer and its VADER, *vaderSentiment* scores alone, *jieba* cuts into words alone, *jieba + lexicon* averages the
labMT ratings of those words. *Counts* are of the tokens that the measure step made: our table of terms by cluster,
beside polars-corpus's list of frequencies with ranges. A peer that is not installed is left out with its reason
(``pip install vantage-study[bench]``).

Every process first reads its lexicons and dictionaries on texts that are not measured. On one core, times are
processor time, peers and ours in turn, of each the fastest run; on two, two processes take half of the texts each and
the clock of the wall runs until both are done.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import multiprocessing
import os
import platform
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# One core means one: set before numpy, pyarrow and polars are imported.
os.environ |= dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS", "POLARS_MAX_THREADS"), "1"
)

import numpy as np
import pandas as pd
import pyarrow as pa
from bench_english import Nltk, construct
from nltk.tokenize.casual import TweetTokenizer
from wordfreq import top_n_list

from analysis.compare.vocabulary import count_terms
from analysis.corpus.schema import SCHEMA
from analysis.measure.batch import NEEDED
from analysis.measure.english import forget
from analysis.measure.instruments import make_instruments, make_other_laughter
from analysis.measure.known import measure_part, text_digests
from analysis.measure.language import detect
from analysis.measure.lexicon import read_ratings
from analysis.measure.options import DEFAULT

BATCH = 20_000
TARGETS = {("en", "NLTK"): 20, ("zh", "jieba"): 6}
PACKAGES = ("nltk", "vaderSentiment", "jieba", "polars-corpus", "rjieba", "opencc", "pyarrow", "numpy")
WARM_UP = [
    "Nothing of this is measured, it's only good to #begin!",
    "这些不算，#只是# 为了开始。[doge]#Begin#",
    "😀 100",
]
SENTENCES = """\
街道很宽也很干净，就是几乎看不到人。
说实话，这个视频里的食物看起来真不错！
他们从来不让你看城外是什么样子，对吧？
我爷爷参加过那场战争，他不愿意再提起。
这里并不可怕，但是我也不想住在这里。
难道这样的话你们也相信吗？？？
谢谢分享，看得又难过又感动[泪]
小朋友们跳舞跳得特别开心，大家都非常友好哈哈哈
受苦的总是普通老百姓，不是那些当官的。
导游是整个旅行里最好的部分，人很好，也很幽默。
这就是宣传，全都是演给游客看的[doge]
拍得真好，音乐太无聊了。。。不过我还是看了两遍
听说去年粮食价格涨了百分之二十。
地铁又深又漂亮，跟我们八十年代一模一样。"""


def construct_chinese(texts: int, seed: int) -> list[str]:
    """Construct comments: sentences into which words are put, by how frequent they are in ordinary Chinese."""
    rng = np.random.default_rng(seed)
    bank = SENTENCES.splitlines()
    words = np.array(top_n_list("zh", 50_000), dtype=object)
    shares = 1 / np.arange(1, len(words) + 1)
    shares /= shares.sum()

    def sentence() -> str:
        base = bank[rng.integers(len(bank))]
        for word in rng.choice(words, rng.integers(0, 4), p=shares):
            at = rng.integers(len(base))
            base = base[:at] + word + base[at:]
        return base

    return ["".join(sentence() for _ in range(int(rng.geometric(0.4)))) for _ in range(texts)]


Work = Callable[[], object]


def batches(texts: list[str]) -> list[pa.Table]:
    """Return rows of a corpus, as the store hands them out."""
    ids = [str(i) for i in range(len(texts))]
    given = {"utterance_id": ids, "text": texts, "thread_id": ids, "cluster_id": ids}
    columns = {name: pa.array(given.get(name, [None] * len(texts)), SCHEMA.field(name).type) for name in NEEDED}
    table = pa.table(columns)
    return [table.slice(start, BATCH) for start in range(0, len(texts), BATCH)]


def measure_step(texts: list[str]) -> Work:
    """Return the measure step: new instruments that have read their lexicons and remember almost no words."""
    make_instruments.cache_clear()
    make_other_laughter.cache_clear()
    forget()

    def measure(parts: list[pa.Table]) -> None:
        for part in parts:
            measure_part(part, text_digests(part), 0, None, DEFAULT)

    measure(batches(WARM_UP))
    parts = batches(texts)
    return lambda: measure(parts)


def nltk(texts: list[str]) -> Work:
    """NLTK's tweet tokenizer and VADER."""
    tweet, vader = TweetTokenizer(preserve_case=False, reduce_len=True, strip_handles=True), Nltk()
    tweet.tokenize(WARM_UP[0])
    return lambda: [(tweet.tokenize(text), vader.polarity_scores(text)) for text in texts]


def vader_sentiment(texts: list[str]) -> Work:
    """Score with the package of VADER's authors."""
    engine = importlib.import_module("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()
    return lambda: [engine.polarity_scores(text) for text in texts]


def jieba(texts: list[str]) -> Work:
    """Cut with jieba."""
    engine = importlib.import_module("jieba")
    engine.setLogLevel(logging.ERROR)
    engine.initialize()
    return lambda: [engine.lcut(text) for text in texts]


def jieba_lexicon(texts: list[str]) -> Work:
    """Cut with jieba and average the ratings of the words."""
    engine, ratings = importlib.import_module("jieba"), read_ratings("labmt", "zh")
    engine.initialize()

    def score(text: str) -> float:
        found = [ratings[word] for word in engine.lcut(text) if word in ratings]
        return sum(found) / len(found) if found else np.nan

    return lambda: [score(text) for text in texts]


def mixed(texts: list[str]) -> Work:
    """NLTK for what is not Chinese, jieba for what is."""
    chinese = detect(texts) == "zh"
    works = [
        peer([texts[i] for i in np.flatnonzero(which).tolist()]) for peer, which in ((jieba, chinese), (nltk, ~chinese))
    ]
    return lambda: [work() for work in works]


def our_counts(texts: list[str]) -> Work:
    """Count terms by cluster."""
    tokens, clusters = _tokens(texts)
    return lambda: count_terms(tokens, clusters)


def polars_counts(texts: list[str]) -> Work:
    """Count terms with polars-corpus, a file a cluster."""
    polars, corpus = importlib.import_module("polars"), importlib.import_module("polars_corpus")
    tokens, clusters = _tokens(texts)
    files = np.repeat(clusters.to_numpy(), np.diff(tokens.offsets.to_numpy()))
    frame = polars.DataFrame({"token": polars.Series(tokens.flatten().to_pylist()), "file_id": files.tolist()})
    return lambda: corpus.frequency_list(frame)


def _tokens(texts: list[str]) -> tuple[pa.ListArray, pd.Series]:
    tokens = pa.concat_arrays([measured.measures["tokens"].combine_chunks() for measured in measure_step(texts)()])
    return tokens, pd.Series([f"c{i // 4}" for i in range(len(texts))])


def on_one_core(makes: dict[str, Callable[[list[str]], Work]], texts: list[str], repeat: int) -> dict[str, float]:
    """Return the processor seconds of the fastest repetition of each, or nothing for one that is not installed."""
    seconds: dict[str, list[float]] = {}
    for _ in range(repeat):
        for name, make in makes.items():
            try:
                work = make(texts)
            except ImportError:
                continue
            start = time.process_time()
            work()
            seconds.setdefault(name, []).append(time.process_time() - start)
    return {name: min(times) for name, times in seconds.items()}


def _work(make: Callable[[list[str]], Work], texts: list[str], repeat: int, barrier: threading.Barrier) -> None:
    for _ in range(repeat):
        work = make(texts)
        barrier.wait()
        work()
        barrier.wait()


def on_two_cores(make: Callable[[list[str]], Work], texts: list[str], repeat: int) -> float:
    """Return the seconds on the wall of the fastest repetition, half of the texts in each of two processes."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(3)
    halves = (texts[::2], texts[1::2])
    workers = [context.Process(target=_work, args=(make, half, repeat, barrier), daemon=True) for half in halves]
    for worker in workers:
        worker.start()
    seconds = []
    for _ in range(repeat):
        barrier.wait()
        start = time.perf_counter()
        barrier.wait()
        seconds.append(time.perf_counter() - start)
    for worker in workers:
        worker.join()
    return min(seconds)


def compare(title: str, texts: list[str], repeat: int) -> None:
    """Print ours beside the peers, for each language that has texts."""
    languages = detect(texts)
    print(f"## {title}\n\n| texts | characters | what | texts/s | measure step is x times it | target |")
    print("|---|---|---|---|---|---|")
    for language, peers in (
        ("en", {"NLTK": nltk, "vaderSentiment": vader_sentiment}),
        ("zh", {"jieba": jieba, "jieba + lexicon": jieba_lexicon}),
    ):
        mine = [text for text, found in zip(texts, languages.tolist(), strict=True) if found == language]
        if len(mine) < 100:
            continue
        size = f"| {language} {len(mine):,} | {sum(map(len, mine)):,} |"
        seconds = on_one_core({"measure step": measure_step, **peers}, mine, repeat)
        for name in ("measure step", *peers):
            _row(size, name, seconds, "measure step", len(mine), TARGETS.get((language, name)))
        seconds = on_one_core({"counts": our_counts, "counts, polars-corpus": polars_counts}, mine, repeat)
        for name in ("counts", "counts, polars-corpus"):
            _row(size, name, seconds, "counts", len(mine), None)
    print()


def _row(size: str, name: str, seconds: dict[str, float], ours: str, texts: int, target: int | None) -> None:
    if name not in seconds:
        print(f"{size} {name} | not installed | | |")
        return
    ratio = seconds[name] / seconds[ours]
    met = "" if target is None else f"{target}: {'met' if ratio >= target else 'missed'}"
    beside = "" if name == ours else f"{ratio:.1f}" + (" (counts)" if ours == "counts" else "")
    print(f"{size} {name} | {texts / seconds[name]:,.0f} | {beside} | {met} |", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--file", nargs=2, action="append", default=[], metavar=("CSV", "COLUMN"), help="texts of yours"
    )
    parser.add_argument("--texts", type=int, default=8_000, help="how many texts to construct, half in each language")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=3)
    args = parser.parse_args()
    half = args.texts // 2
    texts = construct(half, args.seed) + construct_chinese(half, args.seed)
    texts = [texts[i] for i in np.random.default_rng(args.seed).permutation(len(texts))]
    versions = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    print("# Speed of the measure step\n")
    print(f"Printed by `tests/benchmarks/measure_speed.py` on {datetime.now(UTC):%Y-%m-%d}, ", end="")
    print(f"Python {platform.python_version()}, {versions}; {os.cpu_count()} cores that others use too.\n")
    print("\n\n".join(__doc__.split("\n\n")[2:]))
    compare("Constructed comments, one core", texts, args.repeat)
    print(
        "## Both languages together\n\n| cores | measure step, texts/s | NLTK + jieba, texts/s | ratio |\n"
        "|---|---|---|---|"
    )
    one = on_one_core({"ours": measure_step, "peers": mixed}, texts, args.repeat)
    two = {"ours": on_two_cores(measure_step, texts, args.repeat), "peers": on_two_cores(mixed, texts, args.repeat)}
    for cores, seconds in ((1, one), (2, two)):
        ours, peers = seconds["ours"], seconds["peers"]
        print(f"| {cores} | {len(texts) / ours:,.0f} | {len(texts) / peers:,.0f} | {peers / ours:.1f} |", flush=True)
    print()
    for file, column in args.file:
        own = pd.read_csv(file, usecols=[column], dtype=str, keep_default_na=False)[column].tolist()
        compare(f"{Path(file).parent.name}/{Path(file).name}, one core", own, args.repeat)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    main()
