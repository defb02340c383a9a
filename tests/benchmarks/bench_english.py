"""How many texts a second: NLTK's tweet tokenizer and VADER beside ours, on one core, in one run, on the same texts.

``python tests/benchmarks/bench_english.py`` constructs a corpus; ``--file comments.csv --column text`` takes yours.
*Cold* starts with empty memories and includes the split into chunks and, for VADER, reading the lexicon; *warm*
has seen the texts before and includes the split. Imports and the compilation of patterns count for nobody. Times are
processor time; ours are the median of several repetitions, NLTK's the faster of two (which favours NLTK).
"""

from __future__ import annotations

import argparse
import time
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd
from nltk.sentiment.vader import SentimentIntensityAnalyzer, VaderConstants
from nltk.tokenize.casual import TweetTokenizer

from analysis.measure.chunks import split
from analysis.measure.english import forget, tokenize
from analysis.measure.instrument import Batch
from analysis.measure.vader import Vader

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_INVENTED = 60_000
MASKS = ("supreme leader", "dear leader", "workers' party", "united states", "kind of", "sort of")
SENTENCES = """\
The streets of the capital are wide, clean and almost empty.
I honestly can't believe how good the food looks in this video!
They never show you what happens outside of the city, though.
My grandfather fought in that war and he doesn't talk about it.
It's not a terrible place to visit, but I wouldn't want to live there.
Why would anybody believe a single word of this???
Thanks for sharing, this was kind of beautiful and sad at the same time :(
The Supreme Leader inspected a new greenhouse on Tuesday.
So much fun, the kids were dancing and everyone seemed very friendly :)
Sanctions hurt the people more than the government, at least in my opinion.
No one is free until everyone is free.
That guide was the best part of the trip, really kind and funny.
Propaganda, plain and simple; the whole tour is staged.
I don't know. Maybe we are the ones who are being lied to?
Great camera work, boring music... still watched it twice lol
According to the report, food prices went up by 20% in 2018.
WOW the subway is so deep and so pretty
You can't just go there and wander around like in any other country.
He said (and I agree) that the border towns have changed a lot since the 1990s.
This is what happens when a regime is afraid of its own people."""


class Nltk(SentimentIntensityAnalyzer):
    """NLTK's engine with the lexicon as text."""

    def __init__(self) -> None:
        """Read the lexicon from its package."""
        self.lexicon_file = (files("vaderSentiment") / "vader_lexicon.txt").read_text(encoding="utf-8").rstrip("\n")
        self.lexicon = self.make_lex_dict()
        self.constants = VaderConstants()


def construct(texts: int, seed: int) -> list[str]:
    """Construct comments: sentences repeated, words exchanged, stretched, shouted and invented, links added.

    One chunk in twelve or so is distinct, as in a real corpus of this size: a corpus of few words would flatter us.
    """
    rng = np.random.default_rng(seed)
    bank = [sentence.split() for sentence in SENTENCES.splitlines()]
    known = sorted({word for sentence in bank for word in sentence})
    letters = np.array(list("etaoinshrdlucmfwypvbgk"))
    invented = ["".join(rng.choice(letters, size)) for size in rng.integers(3, 11, _INVENTED)]

    def invent(word: str) -> str:
        new = invented[int(_INVENTED ** rng.random()) - 1]  # some invented words often, most of them once
        return new if word[-1].isalnum() else new + word[-1]

    def wrap(word: str) -> str:
        return rng.choice(["*{}*", '"{}"', "({})", "\u201c{}\u201d", "[{}]", ">{}", "{}/or"]).format(word)

    def link(_: str) -> str:
        return f"https://example.org/{invented[rng.integers(_INVENTED)]}/{rng.integers(10**6)}"

    changes = {
        str: 0.76,
        invent: 0.16,
        lambda _: known[rng.integers(len(known))]: 0.04,
        wrap: 0.02,
        str.upper: 0.01,
        lambda word: word + word[-1] * int(rng.integers(1, 6)): 0.005,
        link: 0.005,
    }
    kinds = list(changes)

    def comment() -> str:
        chosen = [word for i in rng.integers(len(bank), size=1 + int(rng.geometric(0.25))) for word in bank[i]]
        picked = rng.choice(len(kinds), len(chosen), p=list(changes.values())).tolist()
        return " ".join(kinds[kind](word) for kind, word in zip(picked, chosen, strict=True))

    return [comment() for _ in range(texts)]


def timed(work: Callable[[], T], before: Callable[[], object] | None = None, repeat: int = 1) -> tuple[T, list[float]]:
    """Return what the work gives, and the processor seconds of each repetition."""
    seconds = []
    for _ in range(repeat):
        if before:
            before()
        start = time.process_time()
        result = work()
        seconds.append(time.process_time() - start)
    return result, seconds


def compare_english(texts: list[str], repeat: int) -> None:
    """Measure tokens and VADER against NLTK and print."""
    first = texts[:1]
    tweet = TweetTokenizer(preserve_case=False, reduce_len=True, strip_handles=True)
    nltk, fresh = Nltk(), [Vader(MASKS)]
    # Compile and import what is compiled and imported at first use.
    tweet.tokenize("a"), tokenize(split(["@a http://b"])), nltk.polarity_scores("a")
    Vader().score(Batch("en", first, split(first), split(first)))

    def ours(vader: Vader) -> np.ndarray:
        chunks = split(texts)
        return vader.score(Batch("en", texts, chunks, chunks)).score

    _, tweet_seconds = timed(lambda: [tweet.tokenize(text) for text in texts], repeat=2)
    _, token_cold = timed(lambda: tokenize(split(texts)), forget, repeat)
    _, token_warm = timed(lambda: tokenize(split(texts)), None, repeat)
    reference, nltk_seconds = timed(lambda: [nltk.polarity_scores(text)["compound"] for text in texts], repeat=2)
    _, vader_cold = timed(lambda: ours(Vader(MASKS)), None, repeat)
    ours(fresh[0])
    _, vader_warm = timed(lambda: ours(fresh[0]), None, repeat)
    chunks, split_seconds = timed(lambda: split(texts), None, repeat)
    far = np.abs(np.round(np.nan_to_num(ours(Vader())), 4) - np.array(reference)).max(initial=0)

    print(f"{len(texts):,} texts, {sum(map(len, texts)):,} characters, {len(chunks.codes):,} chunks", end=", ")
    print(f"{len(chunks.vocabulary):,} distinct")
    print(f"masks off, the largest difference from NLTK's compound score is {far:g}\n")
    print(f"{'':<16}{'texts/s':>12}{'x NLTK':>10}{'slowest':>10}")
    for name, seconds, base in (
        ("split", split_seconds, None),
        ("TweetTokenizer", tweet_seconds, None),
        ("tokens, cold", token_cold, tweet_seconds),
        ("tokens, warm", token_warm, tweet_seconds),
        ("NLTK VADER", nltk_seconds, None),
        ("vader, cold", vader_cold, nltk_seconds),
        ("vader, warm", vader_warm, nltk_seconds),
    ):
        mine = float(np.median(seconds)) if base or name == "split" else min(seconds)
        ratios = f"{min(base) / mine:>10.1f}{min(base) / max(seconds):>10.1f}" if base else ""
        print(f"{name:<16}{len(texts) / mine:>12,.0f}{ratios}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, help="a CSV file; without it a corpus is constructed")
    parser.add_argument("--column", default="text", help="its column of texts")
    parser.add_argument("--texts", type=int, default=5_000, help="how many texts to construct")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=5)
    args = parser.parse_args()
    if args.file:
        texts = pd.read_csv(args.file, usecols=[args.column], dtype=str, keep_default_na=False)[args.column].tolist()
    else:
        texts = construct(args.texts, args.seed)
    compare_english(texts, args.repeat)


if __name__ == "__main__":
    main()
