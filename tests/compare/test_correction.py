"""Correction by codes: by hand, against other people's regressions, and against a truth that is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student
from statsmodels.api import OLS

from analysis.compare import correction, cross_fitting
from analysis.compare.clusters import weigh
from analysis.compare.contrasts import COLUMNS, compare
from analysis.compare.correction import correct, corrected_row, free_of, linearised, pseudo_outcomes, share_of
from analysis.compare.cross_fitting import cross_fit, fold_of


def by_of(clusters, weighting="utterance", likes=None):
    return weigh(pd.Series(clusters), weighting, likes)


def talk(clusters=20, each=12, codes=5, seed=0, *, share=False):
    """Return predictions, codes, 1 / pi and the clusters of a group, so many codes a cluster."""
    rng = np.random.default_rng(seed)
    names = np.repeat([f"c{i:02}" for i in range(clusters)], each)
    truth = rng.normal(0, 0.4, clusters).repeat(each) + rng.normal(0, 1, len(names))
    if share:
        truth = (truth > 1).astype(float)
    inverse = np.zeros(len(names))
    for start in range(0, len(names), each):
        inverse[start + rng.choice(each, codes, replace=False)] = each / codes
    code = np.where(inverse > 0, truth, np.nan)
    return 0.5 * truth + rng.normal(0, 0.3, len(names)), code, inverse, names


def test_a_table_by_hand():
    prediction = np.array([0.5, 0.5, 1.0, 0.0, 0.0])
    code = np.array([1.0, np.nan, 0.0, np.nan, 2.0])
    inverse = np.array([2.0, 0.0, 4.0, 0.0, 1.0])
    by = by_of(["a", "a", "b", "b", "b"])
    assert pseudo_outcomes(prediction, code, inverse).tolist() == [1.5, 0.5, -3.0, 0.0, 2.0]
    one = correct(prediction, code, inverse, by)
    assert one.side.total.tolist() == [2.0, -1.0]
    assert one.side.weight.tolist() == [2.0, 3.0]
    assert one.side.mean == pytest.approx(1 / 5)
    assert one.predicted.mean == pytest.approx(2 / 5)
    assert one.coded.mean == pytest.approx((2 * 1 + 4 * 0 + 1 * 2) / 7)
    assert one.coded.weight.tolist() == [2.0, 5.0]
    assert one.codes == 3
    assert one.independent == pytest.approx(np.square(np.array([1.5, 0.5, -3, 0, 2]) - 0.2).sum() / 25)


def test_likes_weigh_pseudo_outcomes():
    likes = pd.Series([3, 1, 0, None], dtype="Int64")
    by = by_of(["a", "a", "b", "b"], "likes", likes)
    one = correct(np.zeros(4), np.array([1.0, np.nan, 5.0, 9.0]), np.array([2.0, 0, 2, 1]), by)
    assert one.side.mean == pytest.approx(3 * 2 / 4)
    assert one.codes == 2


def test_where_all_are_coded_it_is_the_mean_of_the_codes_with_its_jackknife():
    prediction, _, _, names = talk()
    truth = np.random.default_rng(5).normal(0, 1, len(names))
    one = correct(prediction, truth, np.ones(len(names)), by_of(names))
    plain = compare("x", "a", by_of(names).side(truth))
    row = corrected_row("x", "a", one)
    assert row["estimate"] == pytest.approx(truth.mean())
    assert row["se"] == pytest.approx(plain["se"])
    assert row["codes_only"] == pytest.approx(plain["estimate"])
    assert row["worth"] == pytest.approx(len(names))
    assert row["df"] == pytest.approx(19)  # twenty clusters of one size


def test_predictions_are_those_of_a_ridge_regression_that_saw_the_other_folds():
    rng = np.random.default_rng(1)
    scores = rng.normal(0, 1, (120, 2)) * (1, 30)
    scores[rng.random(120) < 0.2, 0] = np.nan
    inverse = np.where(rng.random(120) < 0.6, rng.uniform(1, 8, 120), 0)
    code = np.where(inverse > 0, rng.normal(0, 1, 120) + np.nan_to_num(scores[:, 0]), np.nan)
    levels, fold = np.arange(120) % 2, np.arange(120) // 24
    found = cross_fit(scores, code, inverse, fold, levels)
    for number in range(5):
        there, here = (fold != number) & (inverse > 0), fold == number
        middle = np.nanmean(scores[there], axis=0)
        table = np.hstack([np.where(np.isnan(scores), middle, scores), np.isnan(scores[:, :1]), np.eye(2)[levels]])
        table = (table - table[there].mean(axis=0)) / table[there].std(axis=0)
        weight = inverse[there] / inverse[there].mean()
        # The belief as rows of its own, each saying that a slope is 0: ordinary least squares does the rest.
        level = np.ones((len(table), 1))
        believed = np.sqrt(cross_fitting.RIDGE) * np.eye(table.shape[1] + 1)[1:]
        rows = np.vstack([np.sqrt(weight)[:, None] * np.hstack([level, table])[there], believed])
        wanted = np.concatenate([np.sqrt(weight) * code[there], np.zeros(len(believed))])
        fitted = OLS(wanted, rows).fit().params
        assert found[here] == pytest.approx((np.hstack([level, table]) @ fitted)[here], abs=1e-7)


def test_what_predicts_a_cluster_saw_none_of_its_codes():
    _, code, inverse, names = talk()
    scores = np.random.default_rng(2).normal(0, 1, (len(names), 2))
    fold = fold_of(names, inverse > 0)
    before = cross_fit(scores, code, inverse, fold)
    mine = names == "c03"
    after = cross_fit(scores, np.where(mine, code + 9, code), inverse, fold)
    assert (after[mine] == before[mine]).all()
    assert not np.isclose(after[~mine], before[~mine]).all()


def test_folds_are_of_clusters_hold_codes_and_know_no_order():
    names = np.array([f"c{i:02}" for i in range(30)]).repeat(4)
    coded = np.isin(names, [f"c{i:02}" for i in range(12)])
    fold = fold_of(names, coded)
    assert len(set(zip(names, fold, strict=True))) == 30
    assert set(fold[coded]) == set(range(5))
    turned = fold_of(names[::-1], coded[::-1])
    assert turned[::-1].tolist() == fold.tolist()
    assert fold_of(names, coded, seed=2).tolist() != fold.tolist()


def test_nothing_varies_or_nothing_is_coded():
    fold = np.arange(10) % 5
    alike = cross_fit(np.ones((10, 1)), np.full(10, 3.0), np.ones(10), fold)
    assert alike.tolist() == [3.0] * 10
    assert cross_fit(np.ones((10, 1)), np.full(10, np.nan), np.zeros(10), fold).tolist() == [0.0] * 10
    assert cross_fit(np.empty((10, 0)), np.arange(10.0), np.ones(10), fold)[0] == pytest.approx(5.0)


def test_the_mean_is_that_of_the_codes_whatever_the_instrument_is_worth():
    # Codes are likelier where the score is high and the truth is too; the instrument is far off.
    rng = np.random.default_rng(3)
    names = np.repeat([f"c{i}" for i in range(12)], 20)
    truth = rng.normal(0, 1, 240) + rng.normal(0, 0.5, 12).repeat(20)
    score = 5 - 2 * truth + rng.normal(0, 1, 240)
    rate = np.where(truth > 0, 0.6, 0.2)
    estimates = {"mean": [], "predicted": [], "unweighted": []}
    for _ in range(120):
        drawn = rng.random(240) < rate
        inverse = np.where(drawn, 1 / rate, 0)
        code = np.where(drawn, truth, np.nan)
        fold = fold_of(names, drawn)
        one = correct(cross_fit(score[:, None], code, inverse, fold), code, inverse, by_of(names))
        estimates["mean"].append(one.side.mean)
        estimates["unweighted"].append(code[drawn].mean())
    error = np.std(estimates["mean"]) / 120**0.5
    assert abs(np.mean(estimates["mean"]) - truth.mean()) < 4 * error
    assert np.mean(estimates["unweighted"]) - truth.mean() > 20 * error


def test_the_interval_is_that_of_t_with_the_jackknife_and_its_degrees_of_freedom():
    one = correct(*talk()[:3], by_of(talk()[3]))
    row = corrected_row("x", "a", one)
    names = talk()[3]
    pseudo = pd.Series(pseudo_outcomes(*talk()[:3]))
    without = np.array([pseudo[names != name].mean() for name in np.unique(names)])
    se = np.sqrt(19 / 20 * np.square(without - without.mean()).sum())
    assert row["se"] == pytest.approx(se)
    assert row["df"] == pytest.approx(19)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(student.interval(0.95, 19, row["estimate"], se))


def test_degrees_of_freedom_count_coded_clusters_as_far_as_codes_bring_the_variance():
    prediction, code, inverse, names = talk(40)
    # Only a quarter of the clusters are coded, each for four.
    coded = np.isin(names, np.unique(names)[::4])
    inverse, code = np.where(coded, 4 * inverse, 0), np.where(coded, code, np.nan)
    poor = correct(np.zeros(len(names)), code, inverse, by_of(names))
    assert free_of(poor) == pytest.approx(9)  # all variance is that of ten clusters' codes
    better = correct(prediction + 20 * (names > "c19"), code, inverse, by_of(names))
    assert 9 < free_of(better) < 39
    assert better.free(0) == pytest.approx(better.free(1))  # clusters of one size lean nowhere


def test_few_clusters_codes_or_hits_have_no_interval():
    def row(clusters, codes=5, scale=1.0, keep=None, *, share=False):
        prediction, code, inverse, names = talk(clusters, codes=codes, share=share)
        if keep is not None:
            inverse = np.where(np.isin(names, np.unique(names)[:keep]), inverse, 0)
        return corrected_row("x", "a", correct(prediction, code * scale, inverse, by_of(names)), share=share)

    assert row(9)["note"] == correction.FEW_CODED_NOTE
    assert np.isnan(row(9)["ci_low"])
    assert np.isfinite(row(10)["ci_low"])
    assert row(40, keep=14)["note"] == correction.FEW_CODED_NOTE  # of many more
    assert np.isfinite(row(40, keep=15)["ci_low"])
    assert np.isfinite(row(20, keep=10)["ci_low"])  # half of the weight
    assert row(14, codes=2)["note"] == correction.FEW_CODES_NOTE
    assert np.isfinite(row(15, codes=2)["ci_low"])
    assert np.isfinite(row(20, share=True)["ci_low"])
    assert row(20, share=True, scale=0.0)["note"] == correction.FEW_HITS_NOTE
    for name in ("estimate", "codes_a", "coded_clusters_a"):
        assert np.isfinite(row(9)[name])


def test_a_contrast_is_the_difference_and_has_p_from_its_interval():
    sides = []
    for seed in (0, 1):
        prediction, code, inverse, names = talk(seed=seed)
        names = np.array([f"{seed}{name}" for name in names])
        sides.append(correct(prediction, code + seed, inverse, by_of(names)))
    row = corrected_row("x", "a", sides[0], "b", sides[1], unit=2.0, unit_name="sd")
    assert row["estimate"] == pytest.approx(sides[0].side.mean - sides[1].side.mean)
    assert row["effect"] == pytest.approx(row["estimate"] / 2)
    variances = [side.variance for side in sides]
    assert row["se"] == pytest.approx(np.sqrt(sum(variances)))
    assert row["df"] == pytest.approx(sum(variances) ** 2 / sum(v**2 / 19 for v in variances), rel=0.01)
    assert row["p"] == pytest.approx(2 * student.sf(abs(row["estimate"]) / row["se"], row["df"]), rel=1e-3)
    assert row["codes_b"] == 100
    assert set(COLUMNS) <= set(row)


def test_groups_that_share_clusters_share_their_noise():
    prediction, code, inverse, names = talk()
    one = correct(prediction, code, inverse, by_of(names))
    assert corrected_row("x", "a", one, "b", one)["note"].startswith("no variation")
    assert free_of(one, one) == pytest.approx(19)


def test_a_share_stays_within_its_bounds_and_its_width_is_the_jackknifes():
    prediction, code, inverse, names = talk(60, share=True)
    one = correct(prediction, code, inverse, by_of(names))
    row = corrected_row("x", "a", one, share=True)
    assert 0 <= row["ci_low"] < row["estimate"] < row["ci_high"] <= 1
    assert share_of(one).variance == pytest.approx(one.variance, rel=0.3)
    assert one.hits == np.nansum(code)
    turned = correct(1 - prediction, 1 - code, inverse, by_of(names))
    other = corrected_row("x", "a", turned, share=True)
    assert (1 - other["ci_high"], 1 - other["ci_low"]) == pytest.approx((row["ci_low"], row["ci_high"]))


def test_a_domain_that_only_codes_can_tell_is_a_ratio_with_its_jackknife():
    prediction, code, inverse, names = talk(30)
    rng = np.random.default_rng(8)
    domain = np.where(inverse > 0, rng.random(len(names)) < 0.5, np.nan)
    guess, by = np.full(len(names), 0.5), by_of(names)
    both = linearised((guess * prediction, guess), (domain * code, domain), inverse, by)
    one = correct(both[0], both[1], inverse, by)
    above = pseudo_outcomes(guess * prediction, domain * code, inverse)
    below = pseudo_outcomes(guess, domain, inverse)
    assert one.side.mean == pytest.approx(above.sum() / below.sum())
    kept = [names != name for name in np.unique(names)]
    without = np.array([above[some].sum() / below[some].sum() for some in kept])
    assert one.variance == pytest.approx(29 / 30 * np.square(without - without.mean()).sum(), rel=0.1)
    empty = linearised((guess * 0, guess * 0), (code * 0, code * 0), inverse, by)
    assert np.isnan(empty[0]).all()


def test_what_codes_are_worth_and_how_many_more_halve_the_interval():
    prediction, code, inverse, names = talk()
    one = correct(prediction, code, inverse, by_of(names))
    row = corrected_row("x", "a", one)
    alone, known = (compare("x", "a", side)["se"] ** 2 for side in (one.coded, one.predicted))
    assert row["worth"] == pytest.approx(100 * alone / row["se"] ** 2)
    assert row["more"] == float("inf") or known < row["se"] ** 2 / 4
    for each, more in ((20, 300), (19, np.inf)):  # four times as many codes, where there are so many utterances
        prediction, code, inverse, names = talk(each=each)
        flat = correct(np.zeros(len(names)), code, inverse, by_of(names))
        assert corrected_row("x", "a", flat)["more"] == more


@pytest.mark.parametrize("said", [0.1, 0.3, -1.7])
def test_codes_that_all_say_the_same_have_no_error_of_their_own(said):
    prediction, code, inverse, names = talk(clusters=23, codes=3)
    # Weights that are no binary fractions leave last bits in the means without each cluster.
    one = correct(prediction, np.where(np.isnan(code), np.nan, said), inverse * 0.7, by_of(names))
    row = corrected_row("stance", "a", one, of_interest=None, unit=1.0, unit_name="sd")
    assert (row["codes_only_se"], row["worth"]) == (0, 0)
