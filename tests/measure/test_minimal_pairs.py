"""Minimal pairs in English and Chinese: two texts that differ in one thing, and what that does to the score."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from analysis.measure import chunks, english
from analysis.measure.chinese import tokenize
from analysis.measure.instrument import Batch, Instrument
from analysis.measure.lexicon import read_masks
from analysis.measure.vader import Vader
from analysis.measure.zh_rules import ZhRules

FILE = Path(__file__).parents[1] / "fixtures" / "minimal_pairs.csv"
INSTRUMENTS: dict[str, Instrument] = {
    "en": Vader(masks=read_masks("vader", "en")),
    "zh": ZhRules(masks=read_masks("zh_rules", "zh")),
}
with FILE.open(encoding="utf-8", newline="") as _file:
    PAIRS = list(csv.DictReader(_file))


def score(language: str, texts: list[str]) -> np.ndarray:
    """Return the scores of texts in one language; what has no scored word stands at the neutral point, 0."""
    if language == "en":
        pieces = chunks.split(texts)
        batch = Batch("en", texts, english.tokenize(pieces), pieces)
    else:
        batch = Batch("zh", texts, tokenize(texts))
    return np.nan_to_num(INSTRUMENTS[language].score(batch).score)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair['language']}-{pair['kind']}-{pair['a']}")
def test_pair(pair: dict[str, str]) -> None:
    a, b = score(pair["language"], [pair["a"], pair["b"]])
    if pair["expect"] == "=":
        assert a == pytest.approx(b, abs=1e-12)
    else:
        assert (a > b + 1e-12) if pair["expect"] == ">" else (a < b - 1e-12)


def test_there_are_enough_pairs_of_each_kind() -> None:
    kinds = Counter((pair["language"], pair["kind"]) for pair in PAIRS)
    assert sum(number for (language, _), number in kinds.items() if language == "zh") >= 60
    assert sum(number for (language, _), number in kinds.items() if language == "en") >= 65
    for kind in ("negated", "intensified", "masked"):
        assert min(kinds["en", kind], kinds["zh", kind]) >= 7, kind
    assert {pair["expect"] for pair in PAIRS} == {"<", ">", "="}
    assert len({(pair["a"], pair["b"]) for pair in PAIRS}) == len(PAIRS)
