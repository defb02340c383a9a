"""p by permuting clusters, against exact enumeration and nulls whose truth is known."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from exact import exact_p, side
from threadpoolctl import threadpool_info

from analysis.compare import permutation
from analysis.compare.clusters import Side, weigh
from analysis.compare.differences import difference_of_means, joined
from analysis.compare.permutation import _Layout, mean_test, one_thread, permutation_p, share_test


def statistic(a, b):
    """Recompute the studentised difference from (total, weight) of named clusters, in plain Python."""
    means, deviations = [], {}
    for sign, group in ((1, a), (-1, b)):
        weight = sum(w for _, w in group.values())
        mean = sum(t for t, _ in group.values()) / weight
        means.append(mean)
        for name, (t, w) in group.items():
            deviations[name] = deviations.get(name, 0) + sign * (t - mean * w) / weight
    return (means[0] - means[1]) / sum(deviation**2 for deviation in deviations.values()) ** 0.5


def as_side(group):
    names = sorted(group)
    return side(names, [group[n][0] for n in names], [group[n][1] for n in names])


def draw(rng, names, shift=0.0):
    return {
        name: (float(rng.normal(shift, 1) * w), float(w))
        for name, w in zip(names, rng.integers(1, 9, len(names)), strict=True)
    }


@pytest.mark.parametrize("shared", [0, 2, 4])
def test_p_is_that_of_exact_enumeration(shared):
    rng = np.random.default_rng(shared)
    names = [f"c{i}" for i in range(9)]
    a = draw(rng, names[: 4 + shared // 2], 1.0)
    b = draw(rng, names[len(a) - shared :][:5])
    assert len(set(a) & set(b)) == min(shared, len(b))
    p = permutation_p([mean_test(as_side(a), as_side(b))], 4000, np.random.default_rng(1))[0]
    truth = exact_p(statistic, a, b)
    assert p == pytest.approx(truth, abs=4 * (truth * (1 - truth) / 4000) ** 0.5 + 1e-3)


def test_measures_share_their_draws():
    rng = np.random.default_rng(5)
    a, b = (as_side(draw(rng, [f"{letter}{i}" for i in range(12)])) for letter in "ab")
    one, two = permutation_p([mean_test(a, b), mean_test(a, b)], 500, np.random.default_rng(2))
    assert one == two
    assert permutation_p([mean_test(a, b)], 500, np.random.default_rng(2))[0] == one
    assert permutation_p([mean_test(b, a)], 3000, np.random.default_rng(2))[0] == pytest.approx(one, abs=0.06)


def test_a_side_without_weight_has_no_p():
    a = side(["x", "y"], [1, 2], [1, 1])
    nothing = side([], [], [])
    assert np.isnan(permutation_p([mean_test(a, nothing)], 99, np.random.default_rng(1))[0])


@pytest.mark.parametrize(("ga", "gb", "shared"), [(15, 15, 0), (12, 60, 0), (20, 20, 10), (16, 16, 16)])
def test_nulls_are_rejected_at_the_nominal_rate(ga, gb, shared):
    rng = np.random.default_rng(ga + shared)
    rejected = 0
    for _ in range(300):
        names = [f"{i:03}" for i in range(ga + gb - shared)]
        level = dict(zip(names, rng.normal(0, 0.5, len(names)), strict=True))
        groups = []
        for members in (names[:ga], names[ga - shared :]):
            sizes = rng.integers(1, 21, len(members))
            totals = [level[m] * k + rng.normal(0, k**0.5) for m, k in zip(members, sizes, strict=True)]
            groups.append(side(members, totals, sizes))
        rejected += permutation_p([mean_test(*groups)], 199, np.random.default_rng(rejected))[0] <= 0.05
    # 300 nulls at 5 %: beyond .09 once in a thousand.
    assert 0.015 <= rejected / 300 <= 0.09


def test_a_true_difference_is_found():
    rng = np.random.default_rng(3)
    a, b = as_side(draw(rng, [f"a{i}" for i in range(30)], 1.5)), as_side(draw(rng, [f"b{i}" for i in range(30)]))
    assert permutation_p([mean_test(a, b)], 1999, rng)[0] == pytest.approx(0.0005)


@pytest.mark.parametrize("shares", [False, True])
def test_clusters_on_both_sides_count_once_in_the_variance(shares):
    rng = np.random.default_rng(5)
    names = [f"c{i}" for i in range(30)]
    a, b = ({name: (float(rng.integers(0, w + 1)), float(w)) for name, w in made} for made in sizes(names, rng))
    on_a, on_b = as_side(a), as_side(b)
    test = (share_test if shares else mean_test)(on_a, on_b)
    # The sums of a draw, and the variance by hand: what each cluster does to the difference, squared.
    estimate, variance = (
        _Layout.of([test._replace(statistic=partial(part_of_difference, name))]).observed()[0]
        for name in ("estimate", "variance")
    )
    means = [sum(total for total, _ in one.values()) / sum(weight for _, weight in one.values()) for one in (a, b)]
    whole = [sum(weight for _, weight in one.values()) for one in (a, b)]
    influence = [
        sum(
            sign * (one[name][0] - mean * one[name][1]) / weight
            for sign, one, mean, weight in zip((1, -1), (a, b), means, whole, strict=True)
            if name in one
        )
        for name in names
    ]
    assert estimate == pytest.approx(means[0] - means[1])
    assert variance == pytest.approx(np.square(influence).sum())


def part_of_difference(name, on_a, on_b):
    return getattr(difference_of_means(joined(on_a), joined(on_b)), name)


def sizes(names, rng):
    """Return two lots of clusters of so many utterances each; ten of the names are in both."""
    return ([(name, int(rng.integers(1, 9))) for name in part] for part in (names[:20], names[10:]))


def test_tests_of_the_same_sums_of_weights_share_their_block():
    rng = np.random.default_rng(6)
    by = weigh(pd.Series([f"c{i % 7}" for i in range(50)])), weigh(pd.Series([f"d{i % 5}" for i in range(40)]))
    first, second = (mean_test(*(one.side(rng.random(len(one.codes))) for one in by)) for _ in range(2))
    assert first.blocks[1] is second.blocks[1]
    assert first.blocks[0] is not second.blocks[0]


def test_numpy_keeps_to_one_thread_and_is_searched_for_once(monkeypatch):
    with one_thread():
        pass
    monkeypatch.delattr(permutation, "ThreadpoolController")
    with one_thread():
        numpys = [told for told in threadpool_info() if told["user_api"] == "blas" and "numpy" in told["filepath"]]
        assert {told["num_threads"] for told in numpys} == {1}


@pytest.mark.parametrize("test", [mean_test, share_test])
def test_clusters_that_weigh_nothing_are_not_permuted(test):
    """20 clusters against 50 beside 250 that weigh nothing: with these, no p was under .05, whatever the difference."""
    rng, low, high = np.random.default_rng(5), [], []

    def side(letter, count, share, nothing=0):
        names = np.array([f"{letter}{i:03}" for i in range(count + nothing)], dtype=object)
        weight = np.r_[rng.geometric(0.2, count), np.zeros(nothing)]
        hits = rng.binomial(weight.astype(int), share).astype(float)
        return Side(names, hits, weight, int(weight.sum())), Side(
            names[:count], hits[:count], weight[:count], int(weight.sum())
        )

    for _ in range(60):
        a, _ = side("a", 20, 0.3)
        (all_of_b, b), (all_of_c, _) = side("b", 50, 0.3, 250), side("b", 50, 0.6, 250)
        of_another_measure = side("a", 90, 0.3)[0], side("b", 300, 0.3)[0]
        draw = lambda *pairs: permutation_p([test(*pair) for pair in pairs], 199, np.random.default_rng(1), 1)[0]  # noqa: E731
        own = draw((a, b))
        assert draw((a, all_of_b)) == own
        assert draw((a, b), of_another_measure) == own
        low.append(own)
        high.append(draw((a, all_of_c)))
    assert np.mean(np.array(low) <= 0.05) <= 0.15
    assert np.mean(np.array(high) <= 0.05) >= 0.8
