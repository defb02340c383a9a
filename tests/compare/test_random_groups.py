"""Permuting random groups of clusters: the same test as of clusters that were put together by hand, and its level."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse, stats

from analysis.compare import permutation
from analysis.compare.clusters import Side
from analysis.compare.joint import joint_p
from analysis.compare.keyness_permutation import Grid, _design, _studentised, keyness_p
from analysis.compare.permutation import mean_test, permutation_p, random_groups, share_test


@pytest.fixture
def few(monkeypatch):
    """Let groups be made of clusters that a test can afford."""

    def least(count):
        monkeypatch.setattr(permutation, "LEAST_GROUPS", count)

    return least


def drawn(rng, names, share=None, longest=9):
    """Draw the sums of clusters: scores around 0, or hits of a share that differs between clusters."""
    return of_weight(rng, np.array(names, dtype=object), rng.integers(1, longest, len(names)).astype(float), share)


def of_weight(rng, names, weight, share):
    if share is None:
        total = rng.normal(0, 1, len(names)) * weight
    else:
        total = rng.binomial(weight.astype(int), rng.beta(20 * share, 20 * (1 - share), len(names))).astype(float)
    return Side(names, total, weight, int(weight.sum()))


def by_hand(kinds, sides):
    """Put the clusters of each side together as `random_groups` says, group by group, in plain Python."""
    groups, _ = random_groups(*map(len, kinds))
    group_of = dict(zip((name for kind in kinds for name in sorted(kind)), groups.tolist(), strict=True))
    made = []
    for side in sides:
        sums = {}
        for name, total, weight in zip(side.clusters, side.total, side.weight, strict=True):
            known = sums.setdefault(f"{group_of[name]:06}", [0.0, 0.0])
            known[0] += total
            known[1] += weight
        names = sorted(sums)
        made.append(Side(np.array(names, dtype=object), *np.array([sums[name] for name in names]).T, side.n))
    return made


@pytest.mark.parametrize("shared", [0, 40])
@pytest.mark.parametrize("test", [mean_test, share_test])
def test_it_is_the_test_of_clusters_put_together_by_hand(few, test, shared):
    rng = np.random.default_rng(shared)
    both = [f"c{i:03}" for i in range(shared)]
    lone = [[f"{letter}{i:03}" for i in range(count)] for letter, count in (("a", 41), ("b", 130))]
    a, b = (drawn(rng, sorted([*both, *names]), 0.2) for names in lone)
    few(10)
    whole = permutation_p([test(a, b)], 500, np.random.default_rng(1))
    pair = by_hand([*lone, both], (a, b))
    assert [len(side.clusters) for side in pair] == ([20, 42] if shared else [10, 32])
    few(10**9)
    assert permutation_p([test(*pair)], 500, np.random.default_rng(1)) == whole
    together = joint_p([pair, pair], 500, np.random.default_rng(1))[:2]
    few(10)
    assert joint_p([(a, b), (a, b)], 500, np.random.default_rng(1))[:2] == pytest.approx(together)


@pytest.mark.parametrize("shared", [0, 40])
def test_words_are_put_together_likewise(few, shared):
    rng = np.random.default_rng(4)
    both = [f"c{i:03}" for i in range(shared)]
    lone = [[f"{letter}{i:03}" for i in range(count)] for letter, count in (("a", 41), ("b", 130))]
    names = [sorted([*both, *own]) for own in lone]
    # Words that come in bursts: squares of sums are far from sums of squares.
    counts = [rng.poisson(np.array([2, 9, 0.3, 5]) * rng.gamma(0.3, 3, (len(each), 4))).astype(float) for each in names]
    grids = [
        Grid(np.array(each, dtype=object), sparse.csr_array(of), of.sum(axis=1) + 3, sparse.csr_array(of * 2))
        for each, of in zip(names, counts, strict=True)
    ]
    few(10)
    whole, reached = keyness_p(*grids, 500, np.random.default_rng(1)), as_observed(*grids)
    columns = [
        by_hand(
            [*lone, both], [Side(grid.clusters, part, grid.words, 1) for grid, part in zip(grids, parts, strict=True)]
        )
        for parts in zip(*(of.T for of in counts), strict=True)
    ]
    few(10**9)
    put = [
        Grid(
            sides[0].clusters,
            sparse.csr_array(of := np.stack([side.total for side in sides], axis=1)),
            sides[0].weight,
            sparse.csr_array(of * 2),
        )
        for sides in zip(*columns, strict=True)
    ]
    assert as_observed(*put) == pytest.approx(reached)
    assert keyness_p(*put, 500, np.random.default_rng(1)) == pytest.approx(whole)


def as_observed(a, b):
    design, alone, shared, first = _design(a, b)
    observed = np.concatenate([np.arange(alone) < first, np.ones(shared, dtype=bool)])
    return _studentised(design, observed[:, None].astype(float))[:, 0]


def test_a_few_clusters_of_one_kind_are_never_put_together(few):
    few(10)
    for kinds in ((19, 5000, 19), (5000, 19, 0), (1, 0, 1)):
        groups, ends = random_groups(*kinds)
        assert groups.tolist() == list(range(sum(kinds)))
        assert ends[-1] == sum(kinds)
    # Those on both sides change places with themselves alone: how many of them there are says nothing of the others.
    assert random_groups(5000, 5000, 19)[1] == [10, 20, 39]
    assert random_groups(19, 5000, 45)[1] == [19, 5019, 5030]
    groups, ends = random_groups(45, 5000, 0)
    assert ends == [11, 1261, 1261]
    assert set(np.bincount(groups[:45])) == {4, 5}
    assert set(np.bincount(groups[45:] - 11)) == {4}
    # At random, not as they are sorted: names often tell when a thread began.
    assert stats.spearmanr(np.arange(5000), groups[45:]).pvalue > 0.001


def study(rng, names, number, share=None, longest=9):
    """Return so many pairs of sides, measures of the same clusters that are independent of each other."""
    sides = []
    for each in names:
        weight = rng.integers(1, longest, len(each)).astype(float)
        sides.append([of_weight(rng, np.array(each, dtype=object), weight, share) for _ in range(number)])
    return list(zip(*sides, strict=True))


@pytest.mark.parametrize(("share", "longest"), [(None, 9), (0.3, 9), (0.01, 9), (0.01, 200)])
def test_the_level_holds_for_unequal_groups_and_rare_hits(few, share, longest):
    few(40)
    rng = np.random.default_rng(8)
    names = [[f"{letter}{i:04}" for i in range(count)] for letter, count in (("a", 120), ("b", 900))]
    test = mean_test if share is None else share_test
    found = [permutation_p([test(*pair) for pair in study(rng, names, 50, share, longest)], 199, rng) for _ in range(8)]
    # 400 nulls: more than .08 of them under .05 has a chance of .005 at the level.
    assert np.mean(np.array(found) < 0.05) < 0.08


def test_it_finds_what_permuting_each_cluster_finds(few):
    rng = np.random.default_rng(2)
    names = [[f"{letter}{i:04}" for i in range(count)] for letter, count in (("a", 400), ("b", 1600))]
    tests = [mean_test(a, replace(b, total=b.total + 0.12 * b.weight)) for a, b in study(rng, names, 60)]
    apart = []
    for count in (100, 10**9):
        few(count)
        apart.append(stats.norm.isf(permutation_p(tests, 1999, np.random.default_rng(1)) / 2))
    z = np.array(apart)
    assert z[1].mean() > 1.5
    # 100 and 400 groups instead of 400 and 1,600 clusters: the standard error is known to 1 / sqrt(2 x 99) = 7 %.
    assert z[0].mean() == pytest.approx(z[1].mean(), abs=0.1)
    assert np.corrcoef(z)[0, 1] > 0.95
    # And it is another one: a quarter of the rows, not the clusters themselves.
    assert np.std(z[0] - z[1]) > 0.02


@pytest.mark.parametrize("test", [mean_test, share_test])
def test_tests_that_cover_different_clusters_are_put_together_alike(few, test):
    """Some of a test's groups are empty, some clusters of both sides stand on one in it; one test goes on alone."""
    rng = np.random.default_rng(5)
    kinds = [[f"{letter}{i:03}" for i in range(count)] for letter, count in (("a", 45), ("b", 83), ("c", 61))]
    names = [sorted([*own, *kinds[2]]) for own in kinds[:2]]
    pairs = []
    for kept in (1, 0.6, 0.15, 0.5):
        mine = [[name for name in each if rng.random() < kept] for each in names]
        pairs.append(tuple(drawn(rng, each, 0.3) for each in mine))
    few(10)
    together = joint_p(pairs, 300, np.random.default_rng(1))[:2]
    put = [tuple(by_hand(kinds, pair)) for pair in pairs]
    few(10**9)
    assert joint_p(put, 300, np.random.default_rng(1))[:2] == pytest.approx(together)
    gone_on = 0
    for a, b in pairs:
        # By themselves tests are of their own clusters.
        more = a, replace(b, total=np.minimum(b.total + (np.arange(len(b.total)) % 3 == 0), b.weight))
        on_a, on_b = (set(side.clusters[side.weight > 0]) for side in (a, b))
        own = [sorted(on_a - on_b), sorted(on_b - on_a), sorted(on_a & on_b)]
        few(10)
        whole = permutation_p([test(a, b), test(*more)], 40, np.random.default_rng(1))
        put = [tuple(by_hand(own, pair)) for pair in ((a, b), more)]
        few(10**9)
        found = permutation_p([test(*pair) for pair in put], 40, np.random.default_rng(1))
        assert found == pytest.approx(whole, abs=1e-12)
        gone_on += 1 / 2000 < whole[1] < 10 / 41 < whole[0]
    assert gone_on


def test_the_statistic_is_the_same_with_the_sides_the_other_way_round(few):
    few(10)
    rng = np.random.default_rng(7)
    names = [[f"{letter}{i:03}" for i in range(count)] for letter, count in (("a", 61), ("b", 44))]
    both = [f"c{i:03}" for i in range(37)]
    pairs = [tuple(drawn(rng, sorted([*each, *both])) for each in names) for _ in range(3)]
    forth, back = (joint_p(each, 1, rng)[0] for each in (pairs, [pair[::-1] for pair in pairs]))
    assert forth == pytest.approx(-back)
