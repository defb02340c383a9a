"""Contrasts: against a recount that leaves out one cluster at a time, scipy's t tests and statsmodels' regressions."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestIndPower, TTestPower

from analysis.compare.clusters import WEIGHTINGS, Side, make_side
from analysis.compare.contrasts import COLUMNS, compare, describe_share, detectable, finish
from analysis.compare.jackknife import jackknife

NUMBERS = ("estimate", "se", "df", "ci_low", "ci_high", "p")


def draw(rng, clusters, mean=0.0):
    """Return rows ``value, cluster, likes`` with unequal clusters that have levels of their own."""
    sizes = rng.integers(1, 12, len(clusters))
    where = np.repeat(np.arange(len(clusters)), sizes)
    levels = rng.normal(mean, 0.7, len(clusters))
    values = levels[where] + rng.normal(size=len(where))
    names = np.array(clusters, dtype=object)[where]
    return pd.DataFrame({"value": values, "cluster": names, "likes": rng.integers(1, 30, len(where))})


def draw_pair(rng, count_a=14, count_b=23, shared=0):
    first = [f"c{i:02}" for i in range(count_a)]
    second = [f"c{i:02}" for i in range(count_a - shared, count_a - shared + count_b)]
    return draw(rng, first, 0.5), draw(rng, second)


def side(rows, weighting="utterance"):
    return make_side(rows["value"], rows["cluster"], weighting, rows["likes"])


def singles(values, prefix):
    return make_side(pd.Series(values), pd.Series([f"{prefix}{i:03}" for i in range(len(values))]))


def recount(a, b, weighting):
    """Return estimate, se and df from the rows alone, one cluster after the other left out of both groups."""

    def mean(rows, without):
        total = whole = 0.0
        for value, cluster, likes in rows:
            if cluster != without:
                size = sum(other == cluster for _, other, _ in rows)
                weight = {"utterance": 1, "cluster": 1 / size, "likes": likes}[weighting]
                total, whole = total + weight * value, whole + weight
        return total / whole

    def effective(rows):
        weights = {}
        for _, cluster, likes in rows:
            weights[cluster] = weights.get(cluster, 0) + (likes if weighting == "likes" else 1)
        if weighting == "cluster":
            return len(weights)
        return sum(weights.values()) ** 2 / sum(w**2 for w in weights.values())

    groups = [list(rows[["value", "cluster", "likes"]].itertuples(index=False)) for rows in (a, b)]
    names = [{cluster for _, cluster, _ in rows} for rows in groups]
    deviations = []
    for rows, mine in zip(groups, names, strict=True):
        left_out = {cluster: mean(rows, cluster) for cluster in mine}
        middle = sum(left_out.values()) / len(mine)
        shrink = math.sqrt((len(mine) - 1) / len(mine))
        deviations.append({cluster: shrink * (value - middle) for cluster, value in left_out.items()})
    free = [effective(rows) - 1 for rows in groups]
    parts = {"a": 0.0, "b": 0.0, "both": 0.0}
    for cluster in names[0] | names[1]:
        where = "both" if cluster in names[0] & names[1] else "a" if cluster in names[0] else "b"
        parts[where] += (deviations[0].get(cluster, 0) - deviations[1].get(cluster, 0)) ** 2
    variance = sum(parts.values())
    spread = parts["a"] ** 2 / free[0] + parts["b"] ** 2 / free[1] + parts["both"] ** 2 / min(free)
    return mean(groups[0], None) - mean(groups[1], None), math.sqrt(variance), variance**2 / spread


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("shared", [0, 1, 6, 14])
def test_a_recount_that_leaves_out_one_cluster_at_a_time(weighting, shared):
    a, b = draw_pair(np.random.default_rng(shared), shared=shared)
    row = compare("x", "a", side(a, weighting), "b", side(b, weighting))
    estimate, se, df = recount(a, b, weighting)
    assert [row["estimate"], row["se"], row["df"]] == pytest.approx([estimate, se, df], rel=1e-9)
    margin = stats.t.ppf(0.975, df) * se
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([estimate - margin, estimate + margin], rel=1e-9)
    assert row["clusters_shared"] == shared
    assert (row["n_a"], row["n_b"]) == (len(a), len(b))


def test_single_utterances_give_welch():
    rng = np.random.default_rng(1)
    x, y = rng.normal(0.4, 1, 25), rng.normal(0, 3, 60)
    row = compare("x", "a", singles(x, "a"), "b", singles(y, "b"))
    welch = stats.ttest_ind(x, y, equal_var=False)
    interval = welch.confidence_interval()
    expected = (x.mean() - y.mean(), welch.df, interval.low, interval.high, welch.pvalue)
    assert [row[key] for key in ("estimate", "df", "ci_low", "ci_high", "p")] == pytest.approx(expected, rel=1e-10)


def test_one_utterance_on_each_side_of_shared_clusters_gives_the_paired_test():
    rng = np.random.default_rng(2)
    x = rng.normal(size=18)
    y = x + rng.normal(0.3, 0.5, 18)
    row = compare("x", "a", singles(x, "v"), "b", singles(y, "v"))
    paired = stats.ttest_rel(x, y)
    interval = paired.confidence_interval()
    expected = ((x - y).mean(), paired.df, interval.low, interval.high, paired.pvalue)
    assert [row[key] for key in ("estimate", "df", "ci_low", "ci_high", "p")] == pytest.approx(expected, rel=1e-10)
    assert row["clusters_shared"] == 18


def test_one_group_of_single_utterances_gives_the_interval_of_the_mean():
    x = np.random.default_rng(3).exponential(size=30)
    row = compare("x", "a", singles(x, "a"))
    one = sm.stats.DescrStatsW(x)
    assert [row["se"], row["df"]] == pytest.approx([one.std_mean, 29])
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(one.tconfint_mean())
    assert row["b"] is None
    assert math.isnan(row["p"])


@pytest.mark.parametrize("shared", [0, 5, 12])
def test_clusters_of_equal_size_give_the_cluster_robust_regression(shared):
    """Cluster-robust covariance without its correction (CR0), times G / (G - 1), where both sides have G clusters."""
    rng = np.random.default_rng(4)
    count, size = 12, 7
    frames = []
    for i, start in enumerate((0, count - shared)):
        cluster = np.repeat(np.arange(start, start + count), size)
        frames.append(pd.DataFrame({"value": rng.normal(cluster % 5, 2), "cluster": cluster, "a": 1 - i}))
    rows = pd.concat(frames)
    kwds = {"groups": rows["cluster"].to_numpy(), "use_correction": False}
    fit = sm.OLS(rows["value"].to_numpy(), sm.add_constant(rows["a"].to_numpy())).fit(cov_type="cluster", cov_kwds=kwds)
    a, b = (make_side(f["value"], f["cluster"].map("c{:02}".format)) for f in frames)
    row = compare("x", "a", a, "b", b)
    assert row["estimate"] == pytest.approx(fit.params[1], rel=1e-9)
    assert row["se"] == pytest.approx(fit.bse[1] * math.sqrt(count / (count - 1)), rel=1e-9)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_the_deviations_are_the_influence_that_statsmodels_finds(weighting):
    """For unequal clusters: the change in the weighted regression on a constant when one cluster is dropped."""
    mine = side(draw(np.random.default_rng(5), [f"c{i}" for i in range(20)]), weighting)
    root = np.sqrt(mine.weight)
    influence = sm.OLS(mine.total / root, root).fit().get_influence()
    dropped = np.asarray(influence.dfbeta).ravel()
    count = len(dropped)
    assert jackknife(mine) == pytest.approx(-math.sqrt((count - 1) / count) * (dropped - dropped.mean()), rel=1e-8)


@pytest.mark.parametrize("shared", [0, 4, 14])
@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_swapping_the_groups_turns_the_sign_and_nothing_else(shared, weighting):
    a, b = (side(rows, weighting) for rows in draw_pair(np.random.default_rng(6), shared=shared))
    there, back = compare("x", "a", a, "b", b), compare("x", "b", b, "a", a)
    for key in ("se", "df", "p", "clusters_shared", "note"):
        assert there[key] == back[key]
    assert there["estimate"] == -back["estimate"]
    assert there["effect"] == -back["effect"]
    assert (there["ci_low"], there["ci_high"]) == (-back["ci_high"], -back["ci_low"])
    for key in ("n", "clusters", "g"):
        assert (there[f"{key}_a"], there[f"{key}_b"]) == (back[f"{key}_b"], back[f"{key}_a"])


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1), st.floats(-50, 50), st.floats(0.01, 100))
def test_moving_and_stretching_the_scale_moves_and_stretches_the_interval(seed, move, stretch):
    a, b = draw_pair(np.random.default_rng(seed), shared=3)
    before = compare("x", "a", side(a), "b", side(b))
    a["value"], b["value"] = a["value"] * stretch + move, b["value"] * stretch
    after = compare("x", "a", side(a), "b", side(b))
    for key in ("estimate", "ci_low", "ci_high"):
        assert after[key] == pytest.approx(before[key] * stretch + move, rel=1e-6, abs=1e-6 * (1 + abs(move)))
    assert [after["se"], after["df"]] == pytest.approx([before["se"] * stretch, before["df"]], rel=1e-6)


def test_weights_have_no_unit():
    a, b = (side(rows, "likes") for rows in draw_pair(np.random.default_rng(7)))
    more = [Side(s.clusters, s.total * 1000, s.weight * 1000, s.n) for s in (a, b)]
    first, second = compare("x", "a", a, "b", b), compare("x", "a", more[0], "b", more[1])
    assert [first[key] for key in NUMBERS] == pytest.approx([second[key] for key in NUMBERS])


@pytest.mark.parametrize(
    ("count", "interval", "p"), [(2, False, False), (4, False, False), (5, True, False), (9, True, False)]
)
@pytest.mark.parametrize("swap", [False, True])
def test_few_clusters_on_either_side_withhold(count, interval, p, swap):
    rng = np.random.default_rng(8)
    pair = [singles(rng.normal(5, 1, count), "a"), singles(rng.normal(size=40), "b")]
    row = compare("x", "a", pair[swap], "b", pair[not swap])
    assert all(math.isnan(row[key]) != interval for key in ("se", "df", "ci_low", "ci_high"))
    assert math.isnan(row["p"]) != p
    assert "too few clusters" in row["note"]
    assert "no p" in row["note"]
    assert ("no interval" in row["note"]) != interval
    assert abs(row["estimate"]) > 3


@pytest.mark.parametrize(
    ("side_count", "reference_count", "said"),
    [
        (40, 4, "too few clusters of the reference: no interval, no p"),
        (40, 9, "too few clusters of the reference: no p"),
        (9, 4, "too few clusters of the reference: no interval, no p"),
        (4, 4, "too few clusters: no interval, no p"),
        (9, 9, "too few clusters: no p"),
    ],
)
def test_where_the_reference_is_small_the_sides_are_not_blamed(side_count, reference_count, said):
    rng = np.random.default_rng(11)
    a, b, subtracted = (
        singles(rng.normal(size=count), name) for count, name in ((side_count, "a"), (40, "b"), (reference_count, "r"))
    )
    assert compare("x", "a", a, "b", b, extra=[(-1.0, subtracted)])["note"] == said


def test_ten_clusters_are_enough_unless_one_outweighs_the_rest():
    rng = np.random.default_rng(9)
    many = singles(rng.normal(size=40), "b")
    ten = singles(rng.normal(5, 1, 10), "a")
    assert compare("x", "a", ten, "b", many)["p"] < 1e-6
    for weights, withheld in (([8, *[1] * 19], {"p"}), ([50, *[1] * 19], {"p", "ci_low"})):
        weight = np.array(weights, dtype=float)
        lopsided = Side(np.array([f"a{i:02}" for i in range(20)], dtype=object), 5 * weight, weight, int(weight.sum()))
        lopsided.total[1:] += rng.normal(size=19)
        row = compare("x", "a", lopsided, "b", many)
        assert {key for key in ("p", "ci_low") if math.isnan(row[key])} == withheld
        assert "too few clusters" in row["note"]


def test_a_group_alone_needs_five_clusters():
    rng = np.random.default_rng(10)
    assert math.isnan(compare("x", "a", singles(rng.normal(size=4), "a"))["ci_low"])
    assert not math.isnan(compare("x", "a", singles(rng.normal(size=5), "a"))["ci_low"])


def test_an_empty_side_is_nothing_to_measure():
    some, none = singles(np.arange(20.0), "a"), singles(np.array([]), "b")
    for pair in ((some, none), (none, some), (none, none)):
        row = compare("x", "a", pair[0], "b", pair[1])
        assert row["note"] == "nothing to measure"
        assert all(math.isnan(row[key]) for key in (*NUMBERS, "effect"))
    alone = compare("x", "a", none)
    assert (alone["n_a"], alone["note"]) == (0, "nothing to measure")


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, -1e9 / 3])
@pytest.mark.parametrize("names", ["ab", "aa"])
def test_no_variation_is_no_certainty(value, names):
    """Equal scores in every cluster: sums of tenths differ in their last digits, which must not become a p of 0."""
    where = np.random.default_rng(11).integers(0, 25, 500)
    sides = [
        make_side(pd.Series(np.full(500, constant)), pd.Series([f"{name}{i:02}" for i in where]))
        for name, constant in zip(names, (value, value / 2 + 0.3), strict=True)
    ]
    row = compare("x", "a", sides[0], "b", sides[1])
    assert "no variation" in row["note"]
    assert all(math.isnan(row[key]) for key in ("se", "df", "ci_low", "ci_high", "p"))


def test_variation_on_one_side_is_enough():
    row = compare("x", "a", singles(np.full(20, 0.1), "a"), "b", singles(np.arange(30.0), "b"))
    assert row["df"] == pytest.approx(29)
    assert row["se"] == pytest.approx(np.std(np.arange(30.0), ddof=1) / math.sqrt(30))


def test_effect_is_the_estimate_in_its_unit_and_the_note_says_what_could_be_found():
    rng = np.random.default_rng(12)
    sides = singles(rng.random(40), "a"), singles(rng.random(40), "b")
    row = compare("x", "a", sides[0], "b", sides[1], unit=0.01, unit_name="points", of_interest=5)
    assert row["effect"] == pytest.approx(100 * row["estimate"])
    found = detectable(row["se"], row["df"]) * 100
    assert f"80 % power from {found:.2g} points" in row["note"]
    assert "of interest from 5 points" in row["note"]


@pytest.mark.parametrize("n", [10, 15, 30, 100, 1000])
def test_detectable_has_the_power_that_it_claims(n):
    """Student's t shifted stands for the noncentral t: the power is within half a point, the effect within 1 %."""
    df = 2 * n - 2
    se = math.sqrt(2 / n)
    effect = detectable(se, df)
    assert effect == pytest.approx(TTestIndPower().solve_power(nobs1=n, alpha=0.05, power=0.8), rel=0.01)
    assert TTestIndPower().power(effect, nobs1=n, alpha=0.05) == pytest.approx(0.8, abs=0.005)
    assert detectable(1 / math.sqrt(n), n - 1) == pytest.approx(
        TTestPower().solve_power(nobs=n, alpha=0.05, power=0.8), rel=0.03
    )
    critical, shift = stats.t.ppf(0.975, df), effect / se
    power = stats.nct.sf(critical, df, shift) + stats.nct.cdf(-critical, df, shift)
    assert power == pytest.approx(0.8, abs=0.005)


def row_with(p):
    return {**dict.fromkeys(COLUMNS, float("nan")), "measure": "x", "a": "a", "b": "b", "n_a": 3, "p": p, "note": ""}


@settings(deadline=None, max_examples=50)
@given(st.lists(st.one_of(st.floats(0, 1), st.just(float("nan")), st.sampled_from([0.01, 0.05])), min_size=1))
def test_q_is_benjamini_and_hochbergs_over_the_rows_with_a_p(values):
    table = finish(row_with(p) for p in values)
    p = np.array(values)
    tested = ~np.isnan(p)
    assert (table["q"].notna().to_numpy() == tested).all()
    if tested.any():
        expected = multipletests(p[tested], method="fdr_bh")[1]
        assert table.loc[tested, "q"].to_numpy() == pytest.approx(expected, rel=1e-12, abs=1e-300)


def test_the_table_has_its_columns_and_whole_numbers_even_when_it_is_empty():
    rng = np.random.default_rng(13)
    alone = compare("x", "a", singles(rng.normal(size=9), "a"))
    pair = compare("x", "a", singles(rng.normal(size=19), "a"), "b", singles(rng.normal(size=19), "b"))
    for rows in ([], [alone], [alone, pair]):
        table = finish(rows)
        assert tuple(table.columns) == COLUMNS
        assert len(table) == len(rows)
        assert all(str(table[name].dtype) == "Int64" for name in ("n_a", "n_b", "clusters_a", "clusters_shared"))
    assert pd.isna(table.loc[0, "n_b"])
    assert table.loc[1, "n_b"] == 19


def test_a_shares_interval_is_that_of_a_clustered_logistic_regression():
    rng = np.random.default_rng(5)
    rows = draw(rng, [f"c{i:03}" for i in range(400)])
    rows["value"] = (rows["value"] > 1.5).astype(float)
    row = describe_share("freedom", "a", side(rows))
    codes = pd.factorize(rows["cluster"])[0]
    fit = sm.GLM(rows["value"], np.ones(len(rows)), family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": codes}
    )
    margin = stats.t.ppf(0.975, row["df"]) * fit.bse.iloc[0]
    expected = 1 / (1 + np.exp(-(fit.params.iloc[0] + np.array([-margin, margin]))))
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(expected, rel=5e-3)
    assert row["estimate"] == pytest.approx(rows["value"].mean())
    # The upper end lies further away than the lower one, unlike that of a mean.
    assert row["ci_high"] - row["estimate"] > 1.05 * (row["estimate"] - row["ci_low"])
