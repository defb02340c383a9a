"""Each statistic of two groups' scores against scipy, and its interval against a simulated truth."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.compare import statistics
from analysis.compare.clusters import make_side, weigh
from analysis.compare.contrasts import OPEN_NOTE, compare


def rows(scores, clusters, **more):
    return pd.DataFrame({"tool": scores, "cluster_id": clusters, "likes": 1, **more})


@pytest.fixture
def pair():
    rng = np.random.default_rng(4)
    out = []
    for letter, shift, count in (("a", 0.3, 180), ("b", 0.0, 240)):
        clusters = [f"{letter}{i}" for i in rng.integers(0, 30, count)]
        out.append(statistics.make_scored(rows(np.round(rng.normal(shift, 1, count), 1), clusters), "tool"))
    return out


def test_cliffs_delta_is_that_of_the_rank_sum(pair):
    a, b = pair
    found = statistics.cliffs_delta(a, b)
    u = stats.mannwhitneyu(a.scores, b.scores).statistic
    truth = 2 * u / (len(a.scores) * len(b.scores)) - 1
    assert found.estimate == pytest.approx(truth)
    assert statistics.cliffs_delta(b, a).estimate == pytest.approx(-truth)
    # What is permuted, the difference of mean midranks, is delta times half the utterances.
    totals, weights = found.test.blocks
    sides = (totals.a, weights.a), (totals.b, weights.b)
    ranks = [total[:, 0].sum() / weight[:, 0].sum() for total, weight in sides]
    assert 2 * (ranks[0] - ranks[1]) == pytest.approx(truth)


def test_shares_and_quantiles_are_plain_counts(pair):
    a, b = pair
    found = {s.name: s.estimate for s in statistics.all_statistics(a, b, (-0.1, 0.3))}
    assert found["share negative"] == pytest.approx((a.scores < -0.1).mean() - (b.scores < -0.1).mean())
    assert found["share positive"] == pytest.approx((a.scores > 0.3).mean() - (b.scores > 0.3).mean())
    assert found["share negative"] + found["share neutral"] + found["share positive"] == pytest.approx(0)
    for share in (0.1, 0.5, 0.9):
        quantiles = [np.quantile(side.scores, share, method="inverted_cdf") for side in (a, b)]
        assert found[f"{100 * share:.0f} % quantile"] == pytest.approx(quantiles[0] - quantiles[1])


def test_ambivalence_counts_warm_and_cold_words_at_once():
    pos, neg = [1.0, 0.0, 2.0, 1.0], [1.0, 1.0, 0.5, 0.0]
    mixed = rows([0.1, -0.5, 0.4, 0.5], list("wxyz"), tool_pos=pos, tool_neg=neg)
    plain = rows([0.1, 0.2], list("uv"), tool_pos=[1.0, 1.0], tool_neg=[0.0, 0.0])
    scored = [statistics.make_scored(frame, "tool") for frame in (mixed, plain)]
    (found,) = statistics.ambivalence(*scored)
    assert found.estimate == pytest.approx(0.5)
    assert statistics.ambivalence(statistics.make_scored(rows([1.0], ["x"]), "tool"), scored[1]) == []


def test_weights_by_likes_and_cluster():
    frame = rows([1.0, 0.0, 0.0, 0.0], ["x", "y", "y", "y"])
    frame["likes"] = pd.array([3, 1, 0, None], dtype="Int64")
    assert make_side(frame["tool"], frame["cluster_id"], "cluster").mean == pytest.approx(0.5)
    assert make_side(frame["tool"], frame["cluster_id"], "likes", frame["likes"]).mean == pytest.approx(0.75)
    by_likes = statistics.make_scored(frame, "tool", "likes")
    assert len(by_likes.scores) == 3
    assert by_likes.by.side(by_likes.scores).mean == pytest.approx(0.75)


def interval(statistic):
    row = compare("m", "a", statistic.sides[0], "b", statistic.sides[1], estimate=statistic.estimate)
    return row["ci_low"], row["ci_high"]


def test_intervals_cover_the_truth():
    """Normal scores, 30 unequal clusters a side; the true shift is .5."""
    rng = np.random.default_rng(8)
    spread = (1 + 0.3**2) ** 0.5
    truth = {"10 % quantile": 0.5, "50 % quantile": 0.5, "90 % quantile": 0.5}
    truth["Cliff's delta"] = 2 * stats.norm.cdf(0.5 / (spread * 2**0.5)) - 1
    covered = dict.fromkeys(truth, 0)
    for _ in range(300):
        sides = []
        for letter, shift in (("a", 0.5), ("b", 0.0)):
            sizes = rng.integers(4, 25, 30)
            cluster = np.repeat(np.arange(30), sizes)
            scores = shift + 0.3 * rng.normal(size=30)[cluster] + rng.normal(size=len(cluster))
            names = np.char.add(letter, cluster.astype(str)).astype(object)
            sides.append(statistics.Scored(scores, weigh(pd.Series(names))))
        for one in [statistics.cliffs_delta(*sides), *statistics.quantile_differences(*sides)]:
            low, high = interval(one)
            covered[one.name] += low <= truth[one.name] <= high
    # 300 intervals at 95 %: under .91 once in a thousand.
    assert all(0.91 <= count / 300 <= 0.99 for count in covered.values()), covered


@pytest.mark.parametrize(("clusters", "each", "correlation"), [(12, 1, 0.0), (34, 1, 0.0), (40, 1, 0.0), (6, 10, 0.3)])
def test_no_quantile_has_an_interval_that_holds_less_than_it_says(clusters, each, correlation):
    """Small a against 400 utterances: of 12 all lie above the 10 % quantile with .9^12 = .28."""
    rng, truth = (
        np.random.default_rng(11),
        dict(zip(("10 %", "50 %", "90 %"), 1 + stats.norm.ppf([0.1, 0.5, 0.9]) / 2, strict=True)),
    )
    held = {name: [] for name in truth}
    for _ in range(200):
        codes = np.repeat(np.arange(clusters), each)
        shared = correlation**0.5 * rng.normal(size=clusters)[codes]
        scores = 1 + 1.5 * (shared + (1 - correlation) ** 0.5 * rng.normal(size=len(codes)))
        a = statistics.make_scored(rows(scores, [f"a{i}" for i in codes]), "tool")
        b = statistics.make_scored(rows(rng.normal(size=400), [f"b{i}" for i in range(400)]), "tool")
        for one in statistics.quantile_differences(a, b):
            row = compare("m", "a", one.sides[0], "b", one.sides[1], estimate=one.estimate, limits=one.limits)
            name = one.name.removesuffix(" quantile")
            if np.isnan(row["ci_low"]):
                assert np.isnan([row["p"], row["se"]]).all()
                assert row["note"] == OPEN_NOTE
            else:
                held[name].append(row["ci_low"] <= truth[name] <= row["ci_high"])
    # n scores all lie beyond the quantile with .025 at most from log .025 / log .9 = 35.01 on.
    assert [len(held[name]) > 0 for name in truth] == [clusters == 40, True, clusters == 40]
    assert all(np.mean(each) >= 0.9 for each in held.values() if each), {
        name: np.mean(each) for name, each in held.items() if each
    }


def test_swapping_the_groups_flips_every_sign(pair):
    there = statistics.all_statistics(*pair, (-1.0, 1.0))
    back = statistics.all_statistics(*pair[::-1], (-1.0, 1.0))
    for one, other in zip(there, back, strict=True):
        assert one.estimate == pytest.approx(-other.estimate)
        assert interval(one)[0] == pytest.approx(-interval(other)[1])


@pytest.mark.parametrize("count", [7, 30, 97])
def test_the_delta_of_the_same_scores_is_nothing_whatever_its_last_bits(count):
    scores, clusters = np.random.default_rng(count).normal(size=count), [f"t{i % 16}" for i in range(count)]
    a = statistics.make_scored(rows(scores, clusters), "tool")
    b = statistics.make_scored(rows(scores[::-1], clusters[::-1]), "tool")
    assert statistics.cliffs_delta(a, b).estimate == 0


def test_equal_scores_have_no_spread_whatever_their_last_bits():
    assert np.isnan(statistics.pooled_sd(np.full(7, 0.1 + 0.2), np.full(3, 0.7)))
    assert statistics.pooled_sd(np.array([0.0, 1e-6]), np.array([1.0, 1.0])) == pytest.approx(1e-6 / 2)
