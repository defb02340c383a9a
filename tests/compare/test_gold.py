"""Agreement held against scipy, against tables worked by hand, and against a truth known by construction."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import stats

from analysis.compare.gold import MEASURES, _figures, _weights, agreement, label_words, read_gold
from analysis.errors import ParameterError

BAND = {"x": (-0.05, 0.05)}


def rng():
    return np.random.default_rng(7)


def one(score, gold, band=(-0.05, 0.05), clusters=None, draws=200):
    return agreement({"x": np.array(score, dtype=float)}, {"x": band}, gold, rng(), clusters, draws).iloc[0]


def classes(tones):
    return read_gold([None if tone is None else str(tone) for tone in tones], label_words(["1"], ["-1"], ["0"]))


@pytest.mark.parametrize("seed", range(5))
def test_auc_is_mann_whitney_with_ties(seed):
    random = np.random.default_rng(seed)
    score = np.round(random.normal(size=80), 1)
    tone = random.integers(-1, 2, 80)
    up, down = score[tone == 1], score[tone == -1]
    expected = stats.mannwhitneyu(up, down).statistic / (len(up) * len(down))
    assert one(score, classes(tone), (-5, 5))["auc"] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_r_is_scipys(seed):
    random = np.random.default_rng(seed)
    score = random.normal(size=60)
    label = 1e6 + 3 * score + random.normal(size=60)
    row = one(score, read_gold([repr(float(value)) for value in label]), (-5, 5))
    assert row["r"] == pytest.approx(stats.pearsonr(score, label).statistic, abs=1e-9)


def test_measures_of_a_draw_are_those_of_the_drawn_texts():
    """Weights must say the same as rows that are really repeated."""
    random = np.random.default_rng(3)
    away = np.round(random.normal(size=40), 1)
    tone = random.integers(-1, 2, 40).astype(float)
    gold = classes(tone.astype(int))._replace(number=random.normal(size=40))
    for weights in _weights(np.arange(40), 5, random):
        figures = _figures(away, (-0.05, 0.05), gold, weights)
        for draw in range(weights.shape[1]):
            assert weights[:, draw].sum() == 40
            at = np.repeat(np.arange(40), weights[:, draw].astype(int))
            up, down = away[at][tone[at] == 1], away[at][tone[at] == -1]
            auc = stats.mannwhitneyu(up, down).statistic / (len(up) * len(down))
            assert figures["auc"][draw] == pytest.approx(auc)
            assert figures["r"][draw] == pytest.approx(stats.pearsonr(away[at], gold.number[at]).statistic)
            said = np.where(np.abs(away[at]) <= 0.05, 0, np.sign(away[at]))
            assert figures["accuracy"][draw] == pytest.approx((said == tone[at]).mean())


def test_confusion_worked_by_hand():
    #                 positive: 3 of 4 found     neutral: 1 of 2    negative: 2 of 4, one silent, one called warm
    score = [0.9, 0.2, 0.051, 0.01, 0.0, -0.3, -0.8, -0.051, np.nan, 0.4]
    row = one(score, classes([1, 1, 1, 1, 0, 0, -1, -1, -1, -1]))
    assert row["accuracy"] == pytest.approx(6 / 10)
    # positive: TP 3, named 4, labelled 4; neutral: TP 1, named 3 (.01, 0, silent), labelled 2; negative: 2, 3, 4.
    assert row["f1"] == pytest.approx((2 * 3 / 8 + 2 * 1 / 5 + 2 * 2 / 7) / 3)
    assert (row["n"], row["scored"], row["coverage"]) == (10, 9, 0.9)


def test_the_band_holds_its_ends_whatever_the_last_bit():
    gold = classes([1, 0, 0, -1])
    assert one([6.11, 6.1, 5.7, 5.69], gold, (5.7, 6.1))["accuracy"] == 1
    # .1 + .2 is no more than .3.
    assert one([0.31, 0.1 + 0.2, 0.2, -0.2], gold, (0.1, 0.3))["accuracy"] == 1


def test_without_neutral_labels_a_neutral_score_is_a_miss_and_f1_is_over_two_classes():
    row = one([0.9, 0.0, -0.9, -0.9], classes([1, 1, -1, -1]))
    assert row["accuracy"] == 0.75
    assert row["f1"] == pytest.approx((2 / 3 + 1) / 2)


def test_silence_counts_as_the_middle_and_gains_nothing():
    gold = classes([1, 1, -1, -1])
    assert one([8, np.nan, np.nan, 2], gold, (4, 6))["auc"] == pytest.approx(3.5 / 4)
    silent = one([np.nan] * 4, gold, (4, 6))
    assert (silent["auc"], silent["coverage"], silent["accuracy"]) == (0.5, 0, 0)
    labels = read_gold(["1.5", "2", "-1", "-3"])
    assert one([8, np.nan, np.nan, 2], labels, (4, 6))["r"] == pytest.approx(
        stats.pearsonr([8, 5, 5, 2], [1.5, 2, -1, -3]).statistic
    )


def test_what_is_not_defined_is_missing():
    assert np.isnan(one([0.1, 0.2, 0.3], classes([1, 1, 0]))["auc"])
    assert np.isnan(one([0.5] * 9, read_gold([str(i) for i in range(9)]))["r"])
    assert np.isnan(one([0.1, 0.2, 0.3], read_gold(["3", "3", "3"]))["r"])
    nothing = one([0.1, 0.2], read_gold([None, ""]))
    assert nothing["n"] == 0
    assert nothing[list(MEASURES)].isna().all()
    assert one([0.1, 0.2, 0.3], classes([1, 1, 1]))[list(MEASURES)].isna().all()


def test_few_units_have_no_interval():
    gold = classes([1, 1, -1, -1] * 5)
    score = np.tile([0.5, 0.1, 0.2, -0.5], 5)
    assert one(score, gold)[["auc_low", "auc_high"]].notna().all()
    alone = one(score, gold, clusters=["a"] * 10 + ["b"] * 10)
    assert alone["units"] == 2
    assert alone[["auc_low", "auc_high", "f1_low"]].isna().all()
    assert alone["auc"] == one(score, gold)["auc"]


def test_a_text_without_a_cluster_is_its_own():
    gold = classes([1, -1] * 5)
    assert one(np.arange(10) / 10, gold, clusters=[None, ""] * 5)["units"] == 10
    assert one(np.arange(10) / 10, gold, clusters=["a", None] * 5)["units"] == pytest.approx(100 / 30)


def draw_texts(random, groups, size, between):
    """Draw texts in clusters that share a part of score and label; the true r is .6 and the true AUC known."""
    cluster = np.repeat(np.arange(groups), size)
    truth, noise = (
        between**0.5 * random.normal(size=groups)[cluster] + (1 - between) ** 0.5 * random.normal(size=groups * size)
        for _ in range(2)
    )
    return truth, 0.6 * truth + 0.8 * noise, cluster


@pytest.mark.parametrize(("groups", "size", "between"), [(120, 1, 0.0), (50, 4, 0.6), (6, 20, 0.2), (8, 10, 0.2)])
def test_intervals_hold_the_truth(groups, size, between):
    random = np.random.default_rng(11)
    clusters = None
    hits, alone = np.zeros(2), 0
    # AUC of two normal samples that are the halves of a bivariate normal one, by simulation.
    label, score, _ = draw_texts(np.random.default_rng(1), 300_000, 1, 0.0)
    ranks = stats.rankdata(score)
    up = label > 0
    auc = (ranks[up].sum() - up.sum() * (up.sum() + 1) / 2) / (up.sum() * (~up).sum())
    runs = 200
    for _ in range(runs):
        label, score, cluster = draw_texts(random, groups, size, between)
        clusters = [str(c) for c in cluster]
        gold = read_gold(list(map(str, label)))._replace(tone=np.sign(label))
        row = agreement({"x": score}, {"x": (-0.45, 0.45)}, gold, random, clusters, 200).iloc[0]
        hits += [row["r_low"] <= 0.6 <= row["r_high"], row["auc_low"] <= auc <= row["auc_high"]]
        if groups == 50:
            row = agreement({"x": score}, {"x": (-0.45, 0.45)}, gold, random, None, 200).iloc[0]
            alone += row["r_low"] <= 0.6 <= row["r_high"]
    assert (hits / runs > 0.89).all()  # 200 runs of a nominal 95 %: .95 +- .03, percentiles of 200 draws a little less
    assert (hits / runs < 0.985).all()
    if groups == 50:
        assert alone / runs < 0.85  # texts of one thread taken for independent ones


def test_same_generator_same_intervals_whatever_the_other_instruments():
    gold = classes([1, 0, -1] * 20)
    score = np.random.default_rng(1).normal(size=60)
    alone = agreement({"x": score}, BAND, gold, rng())
    both = agreement({"y": -score, "x": score}, BAND | {"y": (-0.05, 0.05)}, gold, rng())
    assert alone.iloc[0].equals(both.iloc[1])


def test_speed_of_four_thousand_texts_and_a_thousand_draws():
    random = np.random.default_rng(1)
    label = random.normal(size=4_200)
    gold = read_gold(list(map(str, label)))._replace(tone=np.sign(np.round(label)))
    scores = {name: label + random.normal(size=4_200) for name in "abcd"}
    start = time.process_time()
    agreement(scores, dict.fromkeys("abcd", (-0.45, 0.45)), gold, random)
    assert time.process_time() - start < 5  # about one second on an idle machine


def test_labels_are_read_as_what_they_are():
    words = read_gold([" Happy", "ANGRY", "Neutral", "surprise", "", None, "-1", "+1", "1.0"])
    assert words.tone.tolist()[:3] == [1, -1, 0]
    assert words.tone.tolist()[-3:] == [-1, 1, 1]
    assert np.isnan(words.number).all()
    assert (words.left_out, words.blank) == ({"surprise": 1}, 2)
    assert read_gold(["积极", "消极", "中性"]).tone.tolist() == [1, -1, 0]


def test_numbers_are_numbers_and_signs_are_classes_too():
    ratings = read_gold(["2.5", "-1", "1e2", "n/a", "nan", ""])
    assert ratings.number.tolist()[:3] == [2.5, -1, 100]
    assert np.isnan(ratings.tone).all()
    assert (ratings.left_out, ratings.blank) == ({"n/a": 1, "nan": 1}, 1)
    assert read_gold(["inf", "-inf"]).labelled.tolist() == [False, False]
    signs = read_gold(["1", "-1", "0", "1"])
    assert signs.tone.tolist() == signs.number.tolist() == [1, -1, 0, 1]
    # 0 and 1 may be anything: without words they are numbers and no classes.
    assert np.isnan(read_gold(["0", "1", "1"]).tone).all()
    offence = read_gold(["0", "1", "1"], label_words(["0"], ["1"], ["x"]))
    assert offence.tone.tolist() == [1, -1, -1]
    assert np.isnan(offence.number).all()


def test_a_word_has_one_class():
    with pytest.raises(ParameterError, match="'sad' is given for two classes"):
        label_words(["sad"], ["Sad "])
    words = label_words(positive=["sad"])
    assert "sad" not in words[-1]
    assert "angry" in words[-1]
    assert read_gold(["sad", "happy"], words).left_out == {"happy": 1}
