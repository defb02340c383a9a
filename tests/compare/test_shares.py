"""Shares: against scipy, statsmodels and exact tests, and simulations whose truth is known.

The studies are those of ``tests/benchmarks/rare_shares.py``, which prints the same numbers from more of them.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from analysis.compare import contrasts, shares
from analysis.compare.clusters import Side
from analysis.compare.permutation import permutation_p, share_test

_PLACE = Path(__file__).parents[1] / "benchmarks" / "rare_shares.py"
_spec = importlib.util.spec_from_file_location("rare_shares", _PLACE)
rare = sys.modules["rare_shares"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(rare)


def side(name, hits, each=1, clusters=None):
    """Return a side of so many clusters of ``each`` utterances, the first ``hits`` clusters with one hit."""
    total = np.zeros(clusters)
    total[:hits] = 1
    names = np.array([f"{name}{i:05}" for i in range(clusters)], dtype=object)
    return Side(names, total, np.full(clusters, float(each)), clusters * each)


@pytest.mark.parametrize(("hits", "n"), [(0, 500), (1, 500), (7, 500), (250, 500), (499, 500), (500, 500)])
def test_single_utterances_have_jeffreys_interval(hits, n):
    row = contrasts.describe_share("x", "a", side("a", hits, clusters=n))
    low, high = proportion_confint(hits, n, method="jeffreys")
    low, high = 0.0 if hits == 0 else low, 1.0 if hits == n else high
    # t on 499 degrees of freedom in place of the normal.
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([low, high], rel=0.02, abs=1e-5)
    assert math.isnan(row["se"]) == (hits in {0, n})


@pytest.mark.parametrize(("a", "b"), [((15, 900), (3, 400)), ((40, 500), (41, 600)), ((300, 600), (200, 700))])
def test_a_difference_is_that_of_newcombe(a, b):
    row = contrasts.compare_shares("x", "a", side("a", a[0], clusters=a[1]), "b", side("b", b[0], clusters=b[1]))
    known = confint_proportions_2indep(a[0], a[1], b[0], b[1], method="newcomb", correction=False)
    # Its arms are Wilson's, ours Jeffreys'.
    width = known[1] - known[0]
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(known, abs=0.06 * width)


@pytest.mark.parametrize("correlation", [0.0, 0.4])
@pytest.mark.parametrize(("a", "b"), [((15, 900), (3, 400)), ((2, 500), (41, 600)), ((300, 600), (200, 700))])
def test_a_ratio_is_where_the_weighted_difference_touches_0(a, b, correlation):
    """Its limits solve share a - R share b = 0, found here by trying ratios."""
    groups = [
        shares.make_share(s.total, s.weight, s.n)
        for s in (side("a", *a[:1], clusters=a[1]), side("b", *b[:1], clusters=b[1]))
    ]
    ends = shares.ratio_limits(*groups, correlation)
    limits = [shares.share_limits(group) for group in groups]
    for end, sign in zip(ends, (1, -1), strict=True):
        ratio = 2.0 ** float(end)
        (low_a, high_a), (low_b, high_b) = limits
        given = groups[1].share * ratio, low_b * ratio, high_b * ratio
        low, high = shares.mover(groups[0].share, low_a, high_a, *given, correlation)
        assert (low if sign > 0 else high) == pytest.approx(0, abs=1e-9)
    swapped = shares.ratio_limits(*groups[::-1], correlation)
    assert [float(end) for end in swapped] == [-float(ends[1]), -float(ends[0])]


def test_fifteen_against_none_at_88_to_12_is_no_finding():
    """Nothing on the smaller side is what chance gives in one study of seven (and of two-sided ones in four)."""
    a, b = side("a", 15, 3, 4688), side("b", 0, 3, 640)
    row = contrasts.compare_shares("x", "a", a, "b", b)
    assert row["p"] > 0.05
    assert row["ci_low"] < 0 < row["ci_high"]
    assert (row["ratio_high"], row["scale"]) == (np.inf, "ratio")
    assert "of interest from a ratio of 1.5" in row["note"]
    p = permutation_p([share_test(a, b)], 1999, np.random.default_rng(1))[0]
    exact = stats.fisher_exact([[15, 4673], [0, 640]]).pvalue
    assert p == pytest.approx(exact, abs=0.04)


def test_p_is_the_error_at_which_the_interval_touches_0():
    a, b = side("a", 14, 3, 200), side("b", 40, 3, 300)
    row = contrasts.compare_shares("x", "a", a, "b", b)
    at = contrasts.share_limits_at(a, b, row["p"])
    assert min(map(abs, at[0])) == pytest.approx(0, abs=1e-5)
    assert min(map(abs, at[1])) == pytest.approx(0, abs=1e-3)


def test_the_more_cautious_of_p_and_interval_holds():
    row = {"estimate": 2.0, "ci_low": 0.5, "ci_high": 3.5, "p": 0.01}
    contrasts.agree(row, 0.2)
    assert (row["p"], row["ci_high"]) == (0.2, 3.5)
    # A test-based limit: the estimate lies as many of its standard errors from 0 as p says.
    assert row["ci_low"] == pytest.approx(2.0 * (1 - stats.norm.isf(0.025) / stats.norm.isf(0.1)))
    other = {"estimate": -2.0, "ci_low": -4.5, "ci_high": 0.5, "p": 0.11}
    contrasts.agree(other, 0.001)
    assert (other["p"], other["ci_low"], other["ci_high"]) == (0.11, -4.5, 0.5)
    agreed = {"estimate": 2.0, "ci_low": 0.5, "ci_high": 3.5, "p": 0.01}
    contrasts.agree(agreed, 0.0005)
    assert agreed == {"estimate": 2.0, "ci_low": 0.5, "ci_high": 3.5, "p": 0.0005}


@pytest.mark.parametrize("p", [0.4, 0.96, 1.0])
def test_no_end_moves_further_beyond_0_than_the_estimate_lies_from_it(p):
    # Most draws of likes may leave a side without weight: a delta would have been from -37 to 1.
    row = {"estimate": -0.5, "ci_low": -0.9, "ci_high": -0.1, "p": 0.01, "log_ratio": -2.0}
    row |= {"ratio_low": -4.0, "ratio_high": -0.5}
    contrasts.agree(row, p)
    assert row["p"] == p
    assert [row[name] for name in ("ci_low", "ci_high", "ratio_low", "ratio_high")] == pytest.approx([-0.9, 0.5, -4, 2])


def test_a_lone_large_effect_among_140_rows_reaches_q():
    rng = np.random.default_rng(3)
    pair = []
    for i in range(140):
        each = [
            replace(
                side(name, 0, 5, 40), total=rng.binomial(5, 0.9 if i == 0 and name == "a" else 0.3, 40).astype(float)
            )
            for name in "ab"
        ]
        pair.append((contrasts.compare_shares(f"x{i}", "a", each[0], "b", each[1]), share_test(*each)))
    contrasts.decide([pair], 1999, rng)
    table = contrasts.finish(row for row, _ in pair)
    assert table["q"].iloc[0] < 0.05
    assert (table["q"].iloc[1:] > 0.05).all()


@pytest.mark.parametrize(
    ("small", "large", "scale"), [(0.0023, 0.0126, "ratio"), (0.02, 0.099, "ratio"), (0.02, 0.1, "points")]
)
def test_shares_under_a_tenth_are_judged_by_their_ratio(small, large, scale):
    sides = [side(name, round(share * 10_000), 1, 10_000) for name, share in (("a", large), ("b", small))]
    row = contrasts.compare_shares("x", "a", sides[0], "b", sides[1])
    assert row["scale"] == scale
    assert row["log_ratio"] == pytest.approx(np.log2(large / small), rel=0.03)
    assert row["ratio_low"] < row["log_ratio"] < row["ratio_high"]


@pytest.mark.parametrize("level", rare.LEVELS)
@pytest.mark.parametrize("clusters", [rare.ONE[0], rare.ONE[2], rare.ONE[3]])
def test_intervals_of_one_share_hold_the_truth(clusters, level):
    rng = np.random.default_rng(11)
    for share in rare.SHARES:
        hits, _, (held, _, _) = rare.one_group(clusters, share, rare.LEVELS[level], 600, rng)
        # 600 studies at .93: under .90 once in 500. Few hits are too coarse for .95, and err on the safe side.
        assert held >= 0.90, (share, hits)
        assert held <= 0.985 or hits < 3 * rare.COARSE, (share, hits)


@pytest.mark.parametrize("pair", [rare.TWO[1], rare.TWO[3]])
def test_intervals_of_two_shares_hold_the_truth(pair):
    rng = np.random.default_rng(12)
    for both in ((0.002, 0.002), (0.01, 0.002), (0.002, 0.01), (0.05, 0.05), (0.1, 0.3)):
        _, _, difference, ratio = rare.two_groups(pair, both, rare.LEVELS["log-sd .5"], 600, rng)
        assert min(difference[0], ratio[0]) >= 0.90, both


def test_equal_shares_are_rarely_called_different_and_no_row_contradicts_itself():
    rng = np.random.default_rng(13)
    rows = []
    for share in (0.005, 0.05):
        rows += list(rare.found(rare.TWO[1], share, rare.LEVELS["log-sd .5"], 60, rng))
    rows = [row for row in rows if not math.isnan(row["p"])]
    assert not any(map(rare.contradicts, rows))
    # 120 at 5 %: beyond .12 once in a thousand.
    assert np.mean([row["p"] < 0.05 for row in rows]) <= 0.12


def test_an_end_of_exactly_0_is_0_whatever_the_last_bits():
    for away in (1 - 2**-52, 1, 1 + 2**-52):
        assert shares.mover(0.3 * away, 0.1, 0.4, 0.1, 0.05, 0.1)[0] == 0
        assert shares.mover(0.1, 0.1, 0.1, 0.3, 0.1 * away, 0.4)[1] == 0


def test_the_correlation_of_shares_is_their_covariance_by_the_variances_that_are_known():
    rng = np.random.default_rng(3)
    names = np.array([f"c{i:02}" for i in range(60)], dtype=object)
    # Unequal groups, 9 : 1, of which half the smaller side's clusters are on both.
    a = Side(names[:54], rng.binomial(9, 0.3, 54).astype(float), np.full(54, 9.0), 486)
    b = Side(names[48:], rng.binomial(2, 0.4, 12).astype(float), np.full(12, 2.0), 24)
    known = shares.share_of(a)._replace(design=np.array(2.5)), shares.share_of(b)._replace(design=np.array(4.0))
    whole = [one.weight.sum() for one in (a, b)]
    left_out = [(one.total.sum() - one.total) / (w - one.weight) for one, w in zip((a, b), whole, strict=True)]
    moved = [np.sqrt((len(one) - 1) / len(one)) * (one - one.mean()) for one in left_out]
    covariance = sum(moved[0][48 + i] * moved[1][i] for i in range(6))
    by_hand = covariance / math.sqrt(known[0].variance * known[1].variance)
    assert contrasts.share_correlation(a, b, known) == pytest.approx(by_hand, rel=1e-9)
    assert contrasts.share_correlation(a, b, known) != pytest.approx(contrasts.share_correlation(a, b), rel=0.1)


@pytest.mark.parametrize(("hits", "others"), [((0, 36), (8, 800)), ((1, 36), (25, 800)), ((0, 47), (0, 300))])
def test_half_a_hit_gives_no_ratio_its_direction(hits, others):
    # Hand-worked: (0 + .5) / 37 is more than (8 + .5) / 801, though 0 of 36 is less than 8 of 800.
    a, b = (shares.make_share(np.array([float(n)]), np.array([float(of)]), float(of)) for n, of in (hits, others))
    assert (hits[0] + 0.5) / (hits[1] + 1) > (others[0] + 0.5) / (others[1] + 1)
    assert shares.log_ratio(a, b) == shares.log_ratio(b, a) == 0


def test_a_ratio_that_goes_the_way_of_its_shares_has_half_a_hit_on_each_side():
    a, b = (shares.make_share(np.array([n]), np.array([of]), of) for n, of in ((0.0, 36.0), (80.0, 800.0)))
    assert shares.log_ratio(a, b) == pytest.approx(np.log2(0.5 / 37) - np.log2(80.5 / 801))
