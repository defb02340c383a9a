"""Co-mention: against a table worked by hand, and a recount that leaves out one cluster at a time."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable, Table2x2

from analysis.compare.clusters import WEIGHTINGS, make_side
from analysis.compare.comention import (
    MIN_TOGETHER,
    RATIO,
    SHARE,
    comention,
    comention_contrasts,
    concept_matrices,
    together,
)
from analysis.compare.concepts import make_sides
from analysis.compare.contrasts import COLUMNS

NAMES = ["freedom", "staged", "fear"]


def make(flags, group="vlogger", clusters=None, lengths=None, language="en"):
    """Return flagged utterances from rows of 0 and 1, each in a cluster of its own unless told otherwise."""
    out = pd.DataFrame(np.asarray(flags, dtype=float), columns=NAMES)
    count = len(out)
    return out.assign(
        group=group,
        vantage=group,
        language=language,
        collection="C",
        likes=np.arange(count) % 5,
        cluster_id=[f"{group} {c}" for c in (range(count) if clusters is None else clusters)],
        **({} if lengths is None else {"length": lengths}),
    )


def matrix(group, seed, clusters=25, each=30, lift=0.4):
    """Return clustered utterances in which staged follows freedom more often than chance."""
    rng = np.random.default_rng(seed)
    level = np.repeat(rng.normal(0.3, 0.08, clusters).clip(0.05, 0.9), each)
    freedom = rng.random(clusters * each) < level
    staged = rng.random(clusters * each) < np.where(freedom, 0.2 + lift, 0.2)
    fear = rng.random(clusters * each) < 0.01
    lengths = rng.integers(1, 60, clusters * each)
    return make(np.stack([freedom, staged, fear], axis=1), group, np.repeat(np.arange(clusters), each), lengths)


# 40 utterances: 12 with both, 8 with the first alone, 4 with the second alone, 16 with neither.
HAND = [(1, 1, 0)] * 12 + [(1, 0, 0)] * 8 + [(0, 1, 0)] * 4 + [(0, 0, 0)] * 16


def test_what_the_clusters_are_is_told_by_their_own_names():
    said = make(HAND, clusters=[n // 8 for n in range(40)])
    said = said.assign(thread_id=said["cluster_id"], platform="x", utterance_id=[str(n) for n in range(40)])
    assert set(comention(said, NAMES)["units_a"]) == {"threads"}


def test_a_table_by_hand():
    table = comention(make(HAND), NAMES)
    assert list(table.columns[: len(COLUMNS)]) == list(COLUMNS)
    assert len(table) == 3 * 2
    share, ratio = table[table["measure"] == "freedom + staged"].to_dict("records")
    assert (share["statistic"], ratio["statistic"]) == (SHARE, RATIO)
    assert share["together"] == 12
    assert share["expected"] == pytest.approx(20 * 16 / 40)
    assert share["estimate"] == pytest.approx(12 / 40)
    assert ratio["estimate"] == pytest.approx(math.log2(12.5 / 8.5))
    assert (share["given_first"], share["given_second"]) == pytest.approx((12 / 20, 12 / 16))
    assert share["expected"] == pytest.approx(Table2x2([[12, 8], [4, 16]]).fittedvalues[0, 0])
    nobody = table[table["measure"] == "staged + fear"].iloc[1]
    assert nobody["note"] == "too few: 0 utterances with both"
    assert np.isnan(nobody["estimate"])


def test_long_utterances_are_compared_with_long_ones():
    """Among the short nobody mentions either; among the long the two are independent."""
    long = [(1, 1, 0)] * 20 + [(1, 0, 0)] * 20 + [(0, 1, 0)] * 20 + [(0, 0, 0)] * 20
    flags, lengths = long + [(0, 0, 0)] * 80, np.array([40] * 80 + [3] * 80)
    ratios = [
        comention(make(flags, lengths=which), NAMES).query("statistic == @RATIO")["estimate"].iloc[0]
        for which in (None, lengths)
    ]
    assert ratios == pytest.approx([math.log2(20.5 / 10.5), 0.0])


def test_strata_are_expected_as_in_mantel_and_haenszel():
    flagged = matrix("vlogger", 3)
    stratum = np.log2(flagged["length"]).astype(int)
    tables = [pd.crosstab(mine["freedom"], mine["staged"]).to_numpy() for _, mine in flagged.groupby(stratum)]
    pooled = StratifiedTable([table.astype(float) for table in tables if table.shape == (2, 2)])
    assert len(tables) == 6
    expected = comention(flagged, NAMES)["expected"].iloc[0]
    # The test of Mantel & Haenszel compares the same sum of cells with the same expectation.
    observed = (flagged["freedom"] * flagged["staged"]).sum()
    variance = sum(
        table.sum(axis=0).prod() * table.sum(axis=1).prod() / table.sum() ** 2 / (table.sum() - 1) for table in tables
    )
    assert pooled.test_null_odds().statistic == pytest.approx((observed - expected) ** 2 / variance)


def recount(rows, weighting, stratified):
    weights = np.ones(len(rows))
    if weighting == "likes":
        weights = rows["likes"].to_numpy(float)
    elif weighting == "cluster":
        weights = 1 / rows.groupby("cluster_id")["cluster_id"].transform("size").to_numpy(float)
    weights = weights * len(rows) / weights.sum()
    a, b = rows["freedom"].to_numpy(), rows["staged"].to_numpy()
    stratum = np.log2(rows["length"]).astype(int).to_numpy() if stratified else np.zeros(len(rows))
    expected = 0.0
    for s in set(stratum):
        w = weights * (stratum == s)
        expected += (w @ a) * (w @ b) / w.sum() if w.sum() else 0.0
    return math.log2((weights @ (a * b) + 0.5) / (expected + 0.5))


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_the_interval_is_that_of_leaving_out_one_cluster_at_a_time(weighting):
    flagged = pd.concat([matrix("vlogger", 1), matrix("western_commenter", 2, lift=0.1)], ignore_index=True)
    row = comention_contrasts(flagged, NAMES, weighting).query("statistic == @RATIO").iloc[0]
    assert (row["a"], row["b"]) == ("western_commenter", "vlogger")
    ratios, variance = [], 0.0
    for name in (row["a"], row["b"]):
        mine = flagged[flagged["group"] == name]
        without = [mine[mine["cluster_id"] != cluster] for cluster in sorted(set(mine["cluster_id"]))]
        left_out = [recount(rows, weighting, stratified=True) for rows in without]
        variance += (len(left_out) - 1) * np.var(left_out)
        ratios.append(recount(mine, weighting, stratified=True))
    assert row["estimate"] == pytest.approx(ratios[0] - ratios[1])
    # Influence values are the linear part of what leaving out does.
    assert row["se"] == pytest.approx(math.sqrt(variance), rel=0.05)
    assert row["effect"] == row["estimate"]


def test_the_interval_holds_where_length_drives_both_and_clusters_differ_in_length():
    rng = np.random.default_rng(4)
    lengths = np.repeat(rng.integers(1, 6, 30), 20)
    flags = rng.random((600, 3)) < (lengths / 8)[:, None]
    flagged = make(flags, clusters=np.repeat(np.arange(30), 20), lengths=2**lengths)
    row = comention(flagged, NAMES).query("statistic == @RATIO").iloc[0]
    clusters = sorted(set(flagged["cluster_id"]))
    left_out = [recount(flagged[flagged["cluster_id"] != c], "utterance", stratified=True) for c in clusters]
    assert row["se"] == pytest.approx(math.sqrt(29 * np.var(left_out)), rel=0.05)


def test_swapping_two_groups_flips_the_sign():
    a, b = matrix("vlogger", 1), matrix("western_commenter", 2, lift=0.1)
    names = {"vlogger": "western_commenter", "western_commenter": "vlogger"}
    forth = comention_contrasts(pd.concat([a, b], ignore_index=True), NAMES)
    swapped = pd.concat([a, b], ignore_index=True)
    swapped["group"] = swapped["group"].map(names)
    back = comention_contrasts(swapped, NAMES)
    assert forth["estimate"].notna().sum() == 4
    for sign in ("estimate", "effect"):
        assert forth[sign].tolist() == pytest.approx((-back[sign]).tolist(), nan_ok=True)
    assert forth["ci_low"].tolist() == pytest.approx((-back["ci_high"]).tolist(), nan_ok=True)
    assert forth["q"].tolist() == pytest.approx(back["q"].tolist(), nan_ok=True)


def test_a_ratio_needs_ten_utterances_with_both():
    for count, given in ((MIN_TOGETHER, True), (MIN_TOGETHER - 1, False)):
        flags = [(1, 1, 0)] * count + [(1, 0, 0)] * 20 + [(0, 1, 0)] * 20 + [(0, 0, 0)] * 50
        one = comention(make(flags), NAMES).iloc[1]
        assert one["statistic"] == RATIO
        assert (not np.isnan(one["estimate"])) == given
        assert (not np.isnan(one["ci_low"])) == given


@pytest.mark.parametrize(("first", "second"), [(12, 8), (0, 20), (20, 0), (12, 7), (0, 19)])
def test_whether_two_ratios_are_compared_does_not_hang_on_which_side_the_hits_fell(first, second):
    rest = [(1, 0, 0)] * 20 + [(0, 1, 0)] * 20
    rows = [[(1, 1, 0)] * count + rest + [(0, 0, 0)] * (60 - count) for count in (first, second)]
    two = pd.concat([make(rows[0], "western_commenter"), make(rows[1])], ignore_index=True)
    row = comention_contrasts(two, NAMES).iloc[1]
    given = first + second >= 2 * MIN_TOGETHER
    assert (not np.isnan(row["p"])) == given
    assert (not np.isnan(row["ci_low"])) == given
    assert (row["together_a"], row["together_b"]) == (first, second)


def test_few_clusters_have_no_interval():
    flagged = make(HAND * 2, clusters=np.arange(80) % 3)
    share, ratio = comention(flagged, NAMES).iloc[:2].to_dict("records")
    assert "too few clusters" in share["note"]
    assert np.isnan(share["ci_low"])
    assert "too few clusters" in ratio["note"]
    assert ratio["estimate"] == pytest.approx(math.log2(24.5 / 16.5))


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_shares_are_those_of_make_side(weighting):
    flagged = matrix("vlogger", 1).assign(likes=lambda rows: rows["likes"].where(rows.index % 7 > 0))
    both = flagged["freedom"] * flagged["staged"]
    side = make_side(both, flagged["cluster_id"], weighting, flagged["likes"])
    (one,) = concept_matrices(flagged, NAMES, weighting)
    assert together(one, 0, 1).share.mean == pytest.approx(side.mean)
    mine = make_sides(flagged.assign(both=both), ["both"], weighting)["both"]
    assert mine.clusters.tolist() == side.clusters.tolist()
    assert mine.total == pytest.approx(side.total)
    assert mine.weight == pytest.approx(side.weight)
    assert mine.n == side.n


def test_nobody_and_nothing():
    table = comention(make(HAND).head(0), NAMES)
    assert table.empty
    assert comention_contrasts(make(HAND), NAMES).empty
    assert comention(make(HAND), ["freedom"]).empty
