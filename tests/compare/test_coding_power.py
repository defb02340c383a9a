"""The widths that are promised before anybody codes are those of a sample that is drawn and coded."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analysis.compare.coding_power import coding_power, variance_of_mean
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
    assert variance_of_mean(SIZES, number, correlation, icc=icc)[0] == pytest.approx(np.var(found), rel=0.12)


def test_alike_clusters_give_the_textbooks_design_effect() -> None:
    variance, effective = variance_of_mean(np.full(20, 50), 100, 0.0, icc=0.1)
    assert variance == pytest.approx((1 + 0.1 * (5 - 1)) / 100)
    assert effective == pytest.approx(20)


def test_codes_of_a_cluster_each_are_as_good_as_independent() -> None:
    variance, effective = variance_of_mean(np.full(40, 5), 20, 0.0, icc=0.9)
    assert variance == pytest.approx(1 / 20)
    assert effective == pytest.approx(20)


def test_the_table_is_t_times_the_root_and_joins_two_groups() -> None:
    table = coding_power({"a": np.full(20, 50), "b": np.full(30, 50)}, [120]).set_index("of")
    a, b = (variance_of_mean(np.full(n, 50), 60, 0.3) for n in (20, 30))
    assert table.loc["a", "r=0.3"] == pytest.approx(stats.t.ppf(0.975, 19) * np.sqrt(a[0]))
    df = (a[0] + b[0]) ** 2 / (a[0] ** 2 / 19 + b[0] ** 2 / 29)
    assert table.loc["a - b", "r=0.3"] == pytest.approx(stats.t.ppf(0.975, df) * np.sqrt(a[0] + b[0]))
    assert table.loc["a - b", "clusters"] == pytest.approx(20)
    assert (table[["r=0", "r=0.3", "r=0.5", "r=0.7"]].diff(axis=1).iloc[:, 1:] < 0).all(axis=None)


def test_few_clusters_give_no_interval_as_in_every_table() -> None:
    assert coding_power({"a": np.array([500])}, [100])["r=0"].isna().all()
    table = coding_power({"a": np.full(4, 100), "b": np.full(5, 100)}, [200]).set_index("of")["r=0.5"]
    assert table.isna().to_dict() == {"a": True, "b": False, "a - b": True}


def test_a_group_that_is_small_is_coded_whole_and_nothing_then_hangs_on_the_draw() -> None:
    table = coding_power({"a": np.full(20, 50), "b": np.full(20, 2)}, [200, 1040]).set_index(["of", "in all"])
    assert table["codes"].unstack().to_numpy().tolist() == [[160, 1000], [40, 40], [40, 40]]
    spread = 0.1 / 20 + 0.9 / 40  # of the clusters, and of the utterances that might have stood in them
    half = stats.t.ppf(0.975, 19) * np.sqrt(spread)
    assert table.loc["b", ["r=0", "r=0.7"]].to_numpy() == pytest.approx(half)
