"""Talk drawn at random, with words whose shares differ by cluster and with what is no word between them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.compare.vocabulary import count_terms

TERMS = [
    *("so", "free", "don't", "#朝鲜", "朝鲜", "市场", "👍", "n.korea", "1st", "café", "貿易"),
    *("👨\u200d👩\u200d👧", "北", "🇰🇵"),
]
NOISE = ["\ufe0f", "🏽", "@kim", "!", "...", "，", "2017", "3.5", "https://a.example/x", ":)", ":D", "50%", "—"]


def draw_talk(rng, clusters, utterances=8, tilt=0.0):
    """Return a list of (cluster, tokens) with frequencies that differ by cluster."""
    out = []
    for cluster in clusters:
        share = 1 / np.arange(1, len(TERMS) + 1) * np.exp(rng.normal(tilt * (np.arange(len(TERMS)) % 3), 0.5))
        share = share / share.sum()
        for _ in range(rng.integers(1, utterances)):
            words = rng.choice(TERMS, rng.integers(0, 15), p=share).tolist()
            out.append((cluster, words + rng.choice(NOISE, rng.integers(0, 4)).tolist()))
    return out


def count(talk):
    tokens = pa.array([tokens for _, tokens in talk], pa.list_(pa.string()))
    return count_terms(tokens, pd.Series([cluster for cluster, _ in talk], dtype=object))


def words(talk, without=None):
    """Return the words that are vocabulary, written out by hand."""
    return [t for cluster, tokens in talk if cluster != without for t in tokens if t not in NOISE]


def talks(seed, count_a=12, count_b=17, shared=0):
    rng = np.random.default_rng(seed)
    a = draw_talk(rng, [f"c{i:02}" for i in range(count_a)], tilt=0.4)
    return a, draw_talk(rng, [f"c{i:02}" for i in range(count_a - shared, count_a - shared + count_b)])
