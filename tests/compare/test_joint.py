"""The joint test of specifications: exact enumeration, nulls whose truth is known, and a planted effect."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from analysis.compare.clusters import Side
from analysis.compare.joint import joint_p
from analysis.compare.permutation import mean_test, permutation_p


def side(names, totals, weights):
    return Side(np.array(names, dtype=object), np.array(totals, float), np.array(weights, float), int(sum(weights)))


def means(pairs):
    return [mean_test(a, b) for a, b in pairs]


def studentised(a, b):
    """Recompute the statistic from (total, weight) of named clusters, in plain Python."""
    means, deviations = [], {}
    for sign, group in ((1, a), (-1, b)):
        weight = sum(w for _, w in group.values())
        mean = sum(t for t, _ in group.values()) / weight
        means.append(mean)
        for name, (t, w) in group.items():
            deviations[name] = deviations.get(name, 0) + sign * (t - mean * w) / weight
    return (means[0] - means[1]) / sum(deviation**2 for deviation in deviations.values()) ** 0.5


def exact_p(specifications):
    """Enumerate every assignment of lone clusters and swap of shared ones, the same for all specifications."""
    names = [sorted(set().union(*(pair[i] for pair in specifications))) for i in (0, 1)]
    shared = sorted(set(names[0]) & set(names[1]))
    lone = sorted(set(names[0]) ^ set(names[1]))
    reached = abs(np.median([studentised(a, b) for a, b in specifications]))
    hits = count = 0
    for chosen in combinations(lone, len(names[0]) - len(shared)):
        for swaps in product((False, True), repeat=len(shared)):
            drawn = []
            for a, b in specifications:
                whole = {**b, **{name: a[name] for name in a if name in lone}}
                one = {name: whole[name] for name in lone if name in chosen}
                two = {name: whole[name] for name in lone if name not in chosen}
                for name, swap in zip(shared, swaps, strict=True):
                    one[name], two[name] = (b[name], a[name]) if swap else (a[name], b[name])
                drawn.append(studentised(one, two))
            hits += abs(np.median(drawn)) >= reached - 1e-9
            count += 1
    return hits / count


def as_side(group):
    return side(sorted(group), [group[n][0] for n in sorted(group)], [group[n][1] for n in sorted(group)])


@pytest.mark.parametrize("shared", [0, 2, 4])
def test_p_is_that_of_exact_enumeration(shared):
    rng = np.random.default_rng(10 + shared)
    names = [f"c{i}" for i in range(9)]
    members = names[: 4 + shared // 2], names[4 + shared // 2 - shared :][: 5 + shared // 2]
    base = [{n: (rng.normal(move, 1), rng.integers(1, 9)) for n in mine} for mine, move in zip(members, (1, 0))]  # noqa: B905
    specifications = [
        tuple({n: (float(w * (x + rng.normal(0, 2.0))), float(w)) for n, (x, w) in group.items()} for group in base)
        for _ in range(3)
    ]
    truth = exact_p(specifications)
    assert 0.01 < truth < 0.9
    p = joint_p([mean_test(as_side(a), as_side(b)) for a, b in specifications], 4000, np.random.default_rng(1))[1]
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


def test_one_specification_is_the_plain_test_and_copies_of_it_change_nothing():
    pairs = corpus(np.random.default_rng(2), 12, 15, effect=0.4, specifications=1)
    plain = permutation_p(means(pairs), 500, np.random.default_rng(3))[0]
    assert 0.002 < plain < 0.9
    for copies in (1, 4):
        assert joint_p(means(pairs * copies), 500, np.random.default_rng(3))[1] == plain


def test_the_median_is_signed_and_p_two_sided():
    pairs = corpus(np.random.default_rng(4), 20, 20, effect=0.5)
    middle, p = joint_p(means(pairs), 400, np.random.default_rng(1))
    back, again = joint_p(means([(b, a) for a, b in pairs]), 400, np.random.default_rng(2))
    assert back == pytest.approx(-middle)
    assert middle > 0
    assert again == pytest.approx(p, abs=0.05)


def test_without_specifications_or_weight_there_is_no_p():
    assert np.isnan(joint_p([], 99, np.random.default_rng(1))).all()
    a, nothing = side(["x", "y"], [1, 2], [1, 1]), side([], [], [])
    assert np.isnan(joint_p(means([(a, nothing)]), 99, np.random.default_rng(1))[1])


@pytest.mark.parametrize(("ga", "gb", "shared"), [(12, 40, 0), (16, 16, 8)])
def test_correlated_nulls_are_rejected_at_the_nominal_rate(ga, gb, shared):
    rng = np.random.default_rng(ga * 100 + shared)
    found = [joint_p(means(corpus(rng, ga, gb, shared, specifications=5)), 99, rng)[1] for _ in range(200)]
    # 200 nulls at 5 %: beyond .105 once in a thousand.
    assert 0.01 <= np.mean(np.array(found) <= 0.05) <= 0.105


def test_a_planted_effect_is_found():
    rng = np.random.default_rng(8)
    found = [joint_p(means(corpus(rng, 25, 25, effect=0.6)), 99, rng)[1] for _ in range(40)]
    assert np.mean(np.array(found) <= 0.05) > 0.85
