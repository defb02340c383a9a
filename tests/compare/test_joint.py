"""The joint test of specifications: plain loops, exact enumeration, nulls whose truth is known, planted effects."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product
from math import asin, sqrt
from statistics import median

import numpy as np
import pytest
from exact import side

from analysis.compare.joint import _median, _Specifications, joint_p
from analysis.compare.permutation import mean_test, permutation_p, share_test


def linearised(a, b, unit=None):
    """Return z, what each cluster does to it, and what its variance lacks: of {cluster: (total, weight)}, in loops.

    With ``unit``, what an utterance weighs, of shares on the arcsine scale.
    """
    estimate, influence, least = 0.0, {}, 0.0
    for sign, group in ((1, a), (-1, b)):
        total, weight = (sum(one[i] for one in group.values()) for i in (0, 1))
        mean, slope, value = total / weight, 1.0, total / weight
        if unit is not None:
            share = (total + unit / 2) / (weight + unit)
            value, slope, least = 2 * asin(sqrt(share)), 1 / sqrt(share * (1 - share)), least + unit / weight
        estimate += sign * value
        for name, (t, w) in group.items():
            influence[name] = influence.get(name, 0) + sign * slope * (t - mean * w) / weight
    own = sum(one**2 for one in influence.values())
    variance = max(own, least)
    se = sqrt(variance)
    return estimate / se, {name: one / se for name, one in influence.items()}, 1 - own / variance


def combined(specifications, units=None):
    """Return the median of z by the standard error of its mean, in loops."""
    found = [linearised(a, b, unit) for (a, b), unit in zip(specifications, units or [None] * len(specifications))]  # noqa: B905
    names = set().union(*(influence for _, influence, _ in found))
    variance = sum((sum(one.get(name, 0) for _, one, _ in found) / len(found)) ** 2 for name in names)
    lacking = sum(sqrt(one) for _, _, one in found) / len(found)
    return median(z for z, _, _ in found) / sqrt(variance + lacking**2)


def moved(specifications, on_a, swapped):
    """Put lone clusters on side a or b, and let shared ones change places."""
    out = []
    for a, b in specifications:
        one, two = {}, {}
        for name in a.keys() | b.keys():
            if name in swapped:
                places = ((b, one), (a, two)) if swapped[name] else ((a, one), (b, two))
            else:
                target = one if name in on_a else two
                places = ((a, target), (b, target))
            for source, target in places:
                if name in source:
                    target[name] = source[name]
        out.append((one, two))
    return out


def members(specifications):
    """Return the clusters of one side only, those of both, and how many of the former are of a."""
    on_a, on_b = ({name for pair in specifications for name in pair[i]} for i in (0, 1))
    return sorted(on_a ^ on_b), sorted(on_a & on_b), len(on_a - on_b)


def exact_p(specifications):
    """Enumerate every assignment of lone clusters and swap of shared ones, the same for all specifications."""
    lone, shared, first = members(specifications)
    reached = abs(combined(specifications))
    drawn = [
        abs(combined(moved(specifications, chosen, dict(zip(shared, swaps, strict=True)))))
        for chosen in combinations(lone, first)
        for swaps in product((False, True), repeat=len(shared))
    ]
    return float(np.mean(np.array(drawn) >= reached - 1e-9))


def as_sides(specifications):
    return [
        tuple(side(sorted(g), [g[n][0] for n in sorted(g)], [g[n][1] for n in sorted(g)]) for g in pair)
        for pair in specifications
    ]


def small(rng, shared, specifications, *, shares=False, lack=0.0):
    """Return specifications of 9 clusters and more, ``lack`` of which each specification has not."""
    names = [f"c{i}" for i in range(9)]
    groups = names[: 4 + shared // 2], names[4 + shared // 2 - shared :][: 5 + shared // 2]
    base = [{n: (rng.normal(move, 1), rng.integers(1, 9)) for n in mine} for mine, move in zip(groups, (1, 0))]  # noqa: B905
    out = []
    for _ in range(specifications):
        pair = []
        for group in base:
            kept = [n for i, n in enumerate(group) if i < 2 or rng.random() >= lack]
            pair.append({n: (float(group[n][1] * (group[n][0] + rng.normal(0, 2))), float(group[n][1])) for n in kept})
            if shares:
                pair[-1] = {n: (float(rng.binomial(int(w), 0.3)), w) for n, (_, w) in pair[-1].items()}
        out.append(tuple(pair))
    return out


@pytest.mark.parametrize("shares", [False, True, (True, False, True, False, False)])
@pytest.mark.parametrize("shared", [0, 2, 4])
def test_the_statistic_is_that_of_plain_loops(shared, shares):
    """As observed and under labels; specifications lack clusters, each others; some may be corrected by codes."""
    rng = np.random.default_rng(20 + shared)
    specifications = small(rng, shared, 5, shares=bool(shares), lack=0.2)
    flags = np.broadcast_to(shares, 5)
    if isinstance(shares, tuple):
        means = small(rng, shared, 5)
        specifications = [flagged if flag else mean for flagged, mean, flag in zip(specifications, means, flags)]  # noqa: B905
    whole = _Specifications.of(as_sides(specifications), shares=shares)
    # All utterances weigh 1.
    units = [1.0 if flag else None for flag in flags]
    lone, both, _ = members(specifications)
    assert _median(*whole.combined(whole.order.observed())) == pytest.approx(
        [combined(specifications, units)], rel=1e-9
    )
    labels = np.concatenate(list(whole.order.labels(20, rng, 7)), axis=1)
    found = _median(*whole.combined(labels))
    for draw in range(20):
        label = {name: labels[place, draw] for name, place in whole.order.place.items()}
        sides = moved(specifications, {n for n in lone if label[n]}, {n: not label[n] for n in both})
        if all(map(all, sides)):
            assert found[draw] == pytest.approx(combined(sides, units), rel=1e-9)
    assert np.isfinite(found).sum() > 15


@pytest.mark.parametrize("shared", [0, 2, 4])
def test_p_is_that_of_exact_enumeration(shared):
    specifications = small(np.random.default_rng(10 + shared), shared, 3)
    truth = exact_p(specifications)
    assert 0.01 < truth < 0.9
    p = joint_p(as_sides(specifications), 4000, np.random.default_rng(1))[1]
    assert p == pytest.approx(truth, abs=4 * (truth * (1 - truth) / 4000) ** 0.5 + 1e-3)


def corpus(rng, ga, gb, shared=0, effect=0.0, specifications=7):
    """Return correlated specifications: cluster levels shared by all, noise of their own, and two weightings."""
    names = [f"{i:03}" for i in range(ga + gb - shared)]
    level = dict(zip(names, rng.normal(0, 0.5, len(names)), strict=True))
    pairs, sizes = [], [rng.integers(1, 21, ga), rng.integers(1, 21, gb)]
    for number in range(specifications):
        sides = []
        for members, size, move in zip((names[:ga], names[ga - shared :]), sizes, (effect, 0.0), strict=True):
            mean = np.array([level[m] + move for m in members]) + rng.normal(0, 0.3, len(members)) / size**0.5
            weight = size if number % 2 else np.ones(len(members))
            sides.append(side(members, mean * weight, weight))
        pairs.append(tuple(sides))
    return pairs


@pytest.mark.parametrize(("shares", "test"), [(False, mean_test), (True, share_test)])
def test_one_specification_is_the_plain_test_and_copies_of_it_change_nothing(shares, test):
    rng = np.random.default_rng(2)
    (pair,) = corpus(rng, 12, 15, effect=0.4, specifications=1)
    if shares:
        # A hit or two on a side: the variance is at times taken for more than it is.
        pair = tuple(replace(one, total=(np.arange(len(one.total)) < hits) * 1.0) for one, hits in zip(pair, (6, 1)))  # noqa: B905
    plain = permutation_p([test(*pair)], 500, np.random.default_rng(3))[0]
    assert 0.002 < plain < 0.9
    for copies in (1, 4):
        found = joint_p([pair] * copies, 500, np.random.default_rng(3), shares=shares)
        assert (found.p, found.own.tolist()) == (plain, [plain] * copies)


@pytest.mark.parametrize(("shares", "test"), [(False, mean_test), (True, share_test)])
def test_each_specification_has_the_p_that_it_has_by_itself(shares, test):
    rng = np.random.default_rng(5)
    pairs = corpus(rng, 11, 70, effect=0.4, specifications=3)
    if shares:
        pairs = [
            tuple(replace(one, total=(rng.random(len(one.total)) < p) * 1.0) for one in pair)
            for p, pair in zip((0.1, 0.3, 0.5), pairs, strict=True)
        ]
    own = joint_p(pairs, 4000, np.random.default_rng(3), shares=shares).own
    alone = [permutation_p([test(*pair)], 4000, np.random.default_rng(4))[0] for pair in pairs]
    assert len(set(alone)) == 3
    assert own == pytest.approx(alone, abs=0.03)


def test_the_statistic_is_signed_and_p_two_sided():
    pairs = corpus(np.random.default_rng(4), 20, 20, effect=0.5)
    middle, p, _ = joint_p(pairs, 400, np.random.default_rng(1))
    back, again, _ = joint_p([(b, a) for a, b in pairs], 400, np.random.default_rng(2))
    assert back == pytest.approx(-middle)
    assert middle > 0
    assert again == pytest.approx(p, abs=0.05)


def test_without_specifications_weight_or_variance_there_is_no_p():
    assert np.isnan(joint_p([], 99, np.random.default_rng(1))[:2]).all()
    a, nothing, flat = side(["x", "y"], [1, 2], [1, 1]), side([], [], []), side(["z", "u"], [1, 1], [1, 1])
    for pair in ((a, nothing), (flat, replace(flat, clusters=np.array(["v", "w"], dtype=object)))):
        assert np.isnan(joint_p([pair], 99, np.random.default_rng(1))[1])


@pytest.mark.parametrize(("ga", "gb", "shared"), [(12, 40, 0), (16, 16, 8)])
def test_correlated_nulls_are_rejected_at_the_nominal_rate(ga, gb, shared):
    rng = np.random.default_rng(ga * 100 + shared)
    found = [joint_p(corpus(rng, ga, gb, shared, specifications=5), 99, rng)[1] for _ in range(200)]
    # 200 nulls at 5 %: beyond .105 once in a thousand.
    assert 0.01 <= np.mean(np.array(found) <= 0.05) <= 0.105


@pytest.mark.parametrize("shares", [False, True])
def test_nulls_whose_smaller_side_is_the_same_by_every_specification_are_rejected_no_more_often(shares):
    """Specifications agree about the smaller side and differ about the larger one, so that permuted ones agree less."""
    rng, found = np.random.default_rng(12), []
    for _ in range(150):
        sides = []
        for letter, count, own in (("a", 12, 0.0), ("b", 150, 1.0)):
            value = rng.normal(0, 0.7, count) + rng.normal(0, own, (9, count))
            # Of ten utterances as many as lie under the value of their cluster.
            total = np.clip(np.rint(5 + 3 * value), 0, 10) if shares else 10 * value
            sides.append([side([f"{letter}{i:03}" for i in range(count)], one, np.full(count, 10)) for one in total])
        found.append(joint_p(list(zip(*sides, strict=True)), 99, rng, shares=shares)[1])
    assert 0.01 <= np.mean(np.array(found) <= 0.05) <= 0.105


def test_one_odd_specification_does_not_decide():
    pairs = corpus(np.random.default_rng(6), 15, 20)
    far = replace(pairs[0][0], total=pairs[0][0].total + 9 * pairs[0][0].weight)
    alone = joint_p([(far, pairs[0][1])], 400, np.random.default_rng(1))[1]
    odd = (far, pairs[0][1])
    without, beside = (joint_p(some, 400, np.random.default_rng(1))[1] for some in (pairs, [*pairs, odd]))
    assert alone < 0.01
    assert without > 0.1
    assert beside == pytest.approx(without, abs=0.1)


def test_a_planted_effect_is_found():
    rng = np.random.default_rng(8)
    found = [joint_p(corpus(rng, 25, 25, effect=0.6), 99, rng)[1] for _ in range(40)]
    assert np.mean(np.array(found) <= 0.05) > 0.85
