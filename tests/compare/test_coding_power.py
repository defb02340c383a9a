"""The widths that are promised before anybody codes are those of a sample that is drawn and coded."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.compare.clusters import weigh
from analysis.compare.coding_power import coding_power, planned
from analysis.compare.correction import Corrected, correct, corrected_row
from analysis.compare.sampling import UNIT, systematic

SIZES = np.array([150, 80, 60, 40, 30, 20, 20, 10, 10, *[5] * 16])


@pytest.mark.parametrize(("correlation", "number"), [(0.0, 30), (0.7, 30), (0.5, 120)])
def test_the_variance_is_that_of_corrected_means_of_simulated_samples(correlation: float, number: int) -> None:
    rng, icc, found = np.random.default_rng(3), 0.2, []
    clusters, whole = np.repeat(np.arange(len(SIZES)), SIZES), int(SIZES.sum())
    chances = np.full(whole, number * UNIT // whole)
    for _ in range(1500):
        parts = [
            np.sqrt(icc) * rng.normal(size=len(SIZES))[clusters] + np.sqrt(1 - icc) * rng.normal(size=whole)
            for _ in range(2)
        ]
        predicted, rest = correlation * parts[0], np.sqrt(1 - correlation**2) * parts[1]
        taken = systematic(chances, clusters, rng)
        found.append(predicted.mean() + rest[taken].mean())
    assert planned(SIZES, number, correlation, icc=icc).variance == pytest.approx(np.var(found), rel=0.12)


def test_alike_clusters_give_the_textbooks_design_effect() -> None:
    plan = planned(np.full(20, 50), 100, 0.0, icc=0.1)
    assert plan.variance == pytest.approx((1 + 0.1 * (5 - 1)) / 100)
    assert plan.clusters == pytest.approx(20)


def test_codes_of_a_cluster_each_are_as_good_as_independent() -> None:
    plan = planned(np.full(40, 5), 20, 0.0, icc=0.9)
    assert plan.variance == pytest.approx(1 / 20)
    assert plan.clusters == pytest.approx(20)


def test_the_table_is_t_times_the_root_and_joins_two_groups() -> None:
    table = coding_power({"a": np.full(20, 50), "b": np.full(30, 50)}, [120]).set_index("of")
    a, b = (planned(np.full(n, 50), 60, 0.3).variance for n in (20, 30))
    assert table.loc["a", "r=0.3"] == pytest.approx(stats.t.ppf(0.975, 19) * np.sqrt(a))
    df = (a + b) ** 2 / (a**2 / 19 + b**2 / 29)
    assert table.loc["a - b", "r=0.3"] == pytest.approx(stats.t.ppf(0.975, df) * np.sqrt(a + b))
    assert table.loc["a - b", "clusters"] == pytest.approx(20)
    assert (table[["r=0", "r=0.3", "r=0.5", "r=0.7"]].diff(axis=1).iloc[:, 1:] < 0).all(axis=None)


def test_few_clusters_give_no_interval_as_in_every_table() -> None:
    assert coding_power({"a": np.array([500])}, [100])["r=0"].isna().all()
    table = coding_power({"a": np.full(9, 100), "b": np.full(10, 100)}, [200]).set_index("of")["r=0.5"]
    assert table.isna().to_dict() == {"a": True, "b": False, "a - b": True}


def test_a_group_that_is_small_is_coded_whole_and_nothing_then_hangs_on_the_draw() -> None:
    table = coding_power({"a": np.full(20, 50), "b": np.full(20, 2)}, [200, 1040]).set_index(["in all", "of"])
    counts = {200: {"a": 160, "b": 40, "a - b": 40}, 1040: {"a": 1000, "b": 40, "a - b": 40}}
    assert table["codes"].to_dict() == {(whole, of): n for whole, each in counts.items() for of, n in each.items()}
    spread = 0.1 / 20 + 0.9 / 40  # of the clusters, and of the utterances that might have stood in them
    half = stats.t.ppf(0.975, 19) * np.sqrt(spread)
    assert table.loc[(slice(None), "b"), ["r=0", "r=0.7"]].to_numpy() == pytest.approx(half)


GIANT = np.array([180, 60, 60, 40, *[25] * 6, *[15] * 8, *[8] * 18])


def corrected(rng: np.random.Generator, name: str, sizes: np.ndarray, number: int, correlation: float) -> Corrected:
    """Return a corrected mean of a group whose utterances and clusters are what :func:`planned` assumes."""
    of, icc = np.repeat(np.arange(len(sizes)), sizes), 0.1
    parts = [
        np.sqrt(icc) * rng.normal(size=len(sizes))[of] + np.sqrt(1 - icc) * rng.normal(size=len(of)) for _ in range(2)
    ]
    predicted = correlation * parts[0]
    taken = systematic(np.full(len(of), number * UNIT // len(of)), of, rng)
    code = np.where(taken, predicted + np.sqrt(1 - correlation**2) * parts[1], np.nan)
    inverse = np.where(taken, len(of) / number, 0.0)
    return correct(predicted, code, inverse, weigh(pd.Series([f"{name} {i:03}" for i in of])))


@pytest.mark.parametrize(("sizes", "correlation"), [(GIANT, 0.0), (GIANT, 0.5), (np.full(12, 60), 0.7)])
def test_the_intervals_that_are_promised_are_those_that_are_given(sizes: np.ndarray, correlation: float) -> None:
    """Of one thread that holds a fifth of all, too, whose interval has few degrees of freedom."""
    rng, other = np.random.default_rng(5), np.full(40, 20)
    table = coding_power({"a": sizes, "b": other}, [150]).set_index("of")[f"r={correlation:g}"]
    rows = []
    for _ in range(120):
        a, b = (corrected(rng, name, of, 75, correlation) for name, of in (("a", sizes), ("b", other)))
        rows.append([corrected_row("x", "a", a), corrected_row("x", "a", a, "b", b)])
    for of, given in zip(("a", "a - b"), zip(*rows, strict=True), strict=True):
        found = pd.DataFrame(given)
        assert table[of] == pytest.approx((found["ci_high"] - found["ci_low"]).mean() / 2, rel=0.08)


def test_where_no_interval_will_be_given_none_is_promised() -> None:
    row = corrected_row("x", "a", corrected(np.random.default_rng(6), "a", np.full(8, 60), 75, 0.5))
    assert np.isnan(row["ci_low"])
    assert coding_power({"a": np.full(8, 60)}, [75])["r=0.5"].isna().all()
