"""How many texts a second: the whole measure step beside NLTK and jieba, on one core and on two, on the same texts.

``python tests/benchmarks/measure_speed.py`` constructs a corpus, half English and half Chinese; ``--file comments.csv
--column text`` takes yours. The *measure step* is what ``vantage measure`` does to a batch: language, tokens, every
instrument with and without masks, concepts and the tone around them, two tables. *NLTK + jieba* is far less: NLTK's
tweet tokenizer and VADER for the English texts, jieba's words for the Chinese ones. Each process first reads its
lexicons and dictionaries on texts that are not measured; the measure step then begins with empty memories of words, in
batches as the study's. On one core, times are processor time; on two, two processes take half of the texts each and the
clock of the wall runs until both are done. English texts are then compared part by part, as in ``bench_english.py``.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import time
from collections.abc import Callable
from pathlib import Path

# One core means one: set before numpy and pyarrow are imported.
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS"), "1")

import jieba
import numpy as np
import pandas as pd
from bench_english import Nltk, compare_english, construct
from nltk.tokenize.casual import TweetTokenizer
from wordfreq import top_n_list

from analysis.measure.batch import NEEDED, measure_batch
from analysis.measure.english import forget
from analysis.measure.instruments import make_instruments, make_other_laughter
from analysis.measure.language import detect

BATCH = 20_000
TARGET = 8
REPEAT = 3
WARM_UP = ["Nothing of this is measured, it's only good to begin!", "这些不算，只是为了开始。[doge]", "😀 100"]
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


def measure(texts: list[str]) -> None:
    """Run the whole measure step, in batches."""
    for start in range(0, len(texts), BATCH):
        part = texts[start : start + BATCH]
        ids = [str(start + i) for i in range(len(part))]
        frame = pd.DataFrame({name: pd.Series([None] * len(part), dtype=object) for name in NEEDED})
        frame = frame.assign(utterance_id=ids, text=part, thread_id=ids, cluster_id=ids)
        frame["posted_at"] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us, UTC]")
        frame["likes"] = pd.Series(pd.NA, index=frame.index, dtype="Int64")
        measure_batch(frame)


class Rivals:
    """NLTK's tweet tokenizer and VADER for English, jieba for Chinese."""

    def __init__(self) -> None:
        """Read the dictionaries."""
        jieba.setLogLevel(logging.ERROR)
        jieba.initialize()
        self.tweet = TweetTokenizer(preserve_case=False, reduce_len=True, strip_handles=True)
        self.vader = Nltk()
        self(WARM_UP)

    def __call__(self, texts: list[str]) -> None:
        """Cut and score the texts."""
        for text, language in zip(texts, detect(texts).tolist(), strict=True):
            if language == "zh":
                jieba.lcut(text)
            else:
                self.tweet.tokenize(text)
                self.vader.polarity_scores(text)


def on_one_core(make: Callable[[], Callable[[list[str]], None]], texts: list[str], repeat: int) -> float:
    """Return the processor seconds of the fastest repetition."""
    seconds = []
    for _ in range(repeat):
        work = make()
        start = time.process_time()
        work(texts)
        seconds.append(time.process_time() - start)
    return min(seconds)


def ready_measure() -> Callable[[list[str]], None]:
    """Return the measure step: new instruments that have read their lexicons and remember almost no words."""
    make_instruments.cache_clear()
    make_other_laughter.cache_clear()
    forget()
    measure(WARM_UP)
    return measure


def _work(
    make: Callable[[], Callable[[list[str]], None]],
    texts: list[str],
    repeat: int,
    barrier: multiprocessing.synchronize.Barrier,
) -> None:
    for _ in range(repeat):
        work = make()
        barrier.wait()
        work(texts)
        barrier.wait()


def on_two_cores(make: Callable[[], Callable[[list[str]], None]], texts: list[str], repeat: int) -> float:
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, help="a CSV file; without it a corpus is constructed")
    parser.add_argument("--column", default="text", help="its column of texts")
    parser.add_argument("--texts", type=int, default=4_000, help="how many texts to construct")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=REPEAT)
    parser.add_argument("--only-whole", action="store_true", help="leave the parts out")
    args = parser.parse_args()
    if args.file:
        texts = pd.read_csv(args.file, usecols=[args.column], dtype=str, keep_default_na=False)[args.column].tolist()
    else:
        texts = construct(args.texts // 2, args.seed) + construct_chinese(args.texts - args.texts // 2, args.seed)
        texts = [texts[i] for i in np.random.default_rng(args.seed).permutation(len(texts))]
    languages = detect(texts)
    counts = ", ".join(f"{name} {(languages == name).sum():,}" for name in sorted(set(languages.tolist())))
    print(f"{len(texts):,} texts ({counts}), {sum(map(len, texts)):,} characters; of {args.repeat} runs the fastest\n")
    print(f"{'texts/s':<14}{'measure step':>14}{'NLTK + jieba':>14}{'ratio':>8}")
    for name, run in (("one core", on_one_core), ("two cores", on_two_cores)):
        mine, theirs = (run(make, texts, args.repeat) for make in (ready_measure, Rivals))
        met = f"   target {TARGET}: {'met' if theirs / mine >= TARGET else 'missed'}" if run is on_one_core else ""
        print(f"{name:<14}{len(texts) / mine:>14,.0f}{len(texts) / theirs:>14,.0f}{theirs / mine:>8.1f}{met}")
    english = [text for text, language in zip(texts, languages.tolist(), strict=True) if language == "en"]
    if len(english) * 2 >= len(texts) and not args.only_whole:
        print("\nEnglish, part by part (targets: tokens 6, vader 15 warm and 12 cold)\n")
        compare_english(english, args.repeat)


if __name__ == "__main__":
    main()
