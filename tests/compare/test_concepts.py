"""Concepts: shares against counts by hand, statsmodels, and a recount that leaves out one cluster at a time."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from analysis.compare.clusters import WEIGHTINGS
from analysis.compare.concepts import prevalence, prevalence_contrasts
from analysis.compare.contrasts import COLUMNS
from analysis.compare.dataset import flag_concepts
from analysis.errors import ParameterError

NAMES = ["freedom", "staged"]


def make(rows, mentioned):
    """Return measures from ``(group, language, cluster)`` rows and mentions of ``(row, concept)``."""
    measures = pd.DataFrame(rows, columns=["group", "language", "cluster_id"])
    measures["utterance_id"] = [f"u{i}" for i in range(len(rows))]
    measures["vantage"] = measures["group"]
    measures["collection"] = "C"
    measures["likes"] = np.arange(len(rows)) % 7
    mentions = pd.DataFrame(
        [(f"u{i}", concept, 0, 1) for i, concept in mentioned], columns=["utterance_id", "concept", "start", "end"]
    )
    return measures, mentions


@pytest.fixture
def talk():
    """Return 300 utterances of three groups in 60 clusters with levels of their own."""
    rng = np.random.default_rng(2)
    rows, mentioned = [], []
    for group, language, level in (
        ("western_commenter", "en", 0.2),
        ("chinese_viewer", "zh", 0.1),
        ("vlogger", "en", 0.4),
    ):
        for cluster in range(20):
            share = np.clip(rng.normal(level, 0.1), 0, 1)
            for _ in range(rng.integers(1, 10)):
                if rng.random() < share:
                    mentioned.append((len(rows), "freedom"))
                if rng.random() < 0.3:
                    mentioned += [(len(rows), "staged")] * int(rng.integers(1, 3))
                rows.append((group, language, f"{group} {cluster:02}"))
    return make(rows, mentioned)


def test_unread_languages_are_left_out_of_the_denominator_and_twice_said_counts_once():
    measures, mentions = make(
        [("vlogger", language, f"c{i}") for i, language in enumerate(["en", "zh", "ko", "none", "mixed", "en", "ja"])],
        [(0, "freedom"), (0, "freedom"), (1, "staged"), (2, "freedom"), (9, "freedom")],
    )
    flagged = flag_concepts(measures, mentions, NAMES)
    assert flagged["utterance_id"].tolist() == ["u0", "u1", "u5"]
    assert flagged["freedom"].tolist() == [1, 0, 0]
    assert flagged["staged"].tolist() == [0, 1, 0]
    assert "freedom" not in measures
    table = prevalence(flagged, NAMES)
    assert table["n_a"].tolist() == [3, 3]
    assert table["estimate"].tolist() == pytest.approx([1 / 3, 1 / 3])
    assert table["languages"].tolist() == ["en+zh", "en+zh"]


def test_shares_and_hits_are_those_of_a_count(talk):
    measures, mentions = talk
    flagged = flag_concepts(measures, mentions, NAMES)
    table = prevalence(flagged, NAMES)
    assert list(table.columns[: len(COLUMNS)]) == list(COLUMNS)
    assert list(zip(table["measure"], table["a"], strict=True)) == [
        (concept, group) for concept in NAMES for group in ("western_commenter", "chinese_viewer", "vlogger")
    ]
    who = dict(zip(measures["utterance_id"], measures["group"], strict=True))
    distinct = set(zip(mentions["utterance_id"], mentions["concept"], strict=True))
    hits = Counter((concept, who[utterance]) for utterance, concept in distinct)
    whole = Counter(measures["group"])
    for _, row in table.iterrows():
        assert row["hits"] == hits[row["measure"], row["a"]]
        assert row["estimate"] == pytest.approx(hits[row["measure"], row["a"]] / whole[row["a"]])
        assert row["clusters_a"] == 20
        assert row["label"] == f"{row['a'].replace('_', ' ').replace('chinese', 'Chinese')} (C)"
        assert row["vantage"] == row["a"]


def test_independent_utterances_have_the_interval_of_statsmodels(talk):
    measures, mentions = talk
    flagged = flag_concepts(measures.assign(cluster_id=measures["utterance_id"]), mentions, NAMES)
    for _, row in prevalence(flagged, NAMES).iterrows():
        mine = flagged.loc[flagged["group"] == row["a"], row["measure"]]
        low, high = proportion_confint(mine.sum(), len(mine), method="jeffreys")
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high), rel=0.06)
        # The jackknife's variance is p (1 - p) / (n - 1), that of the normal interval for a share p (1 - p) / n.
        low, high = proportion_confint(mine.sum(), len(mine), method="normal")
        half = row["se"] * math.sqrt((len(mine) - 1) / len(mine)) * 1.959964
        assert half == pytest.approx((high - low) / 2, rel=1e-6)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_contrasts_in_points_leave_out_one_cluster_at_a_time(talk, weighting):
    measures, mentions = talk
    flagged = flag_concepts(measures, mentions, NAMES)
    table = prevalence_contrasts(flagged, NAMES, weighting)
    assert len(table) == 3 * len(NAMES)
    for _, row in table.iterrows():
        shares, variance = [], 0.0
        for name in (row["a"], row["b"]):
            mine = flagged[flagged["group"] == name]

            def share(rows, concept=row["measure"]):
                if weighting == "cluster":
                    return rows.groupby("cluster_id")[concept].mean().mean()
                return np.average(rows[concept], weights=rows["likes"] if weighting == "likes" else None)

            left_out = [share(mine[mine["cluster_id"] != cluster]) for cluster in set(mine["cluster_id"])]
            variance += (len(left_out) - 1) * np.var(left_out)
            shares.append(share(mine))
        assert row["estimate"] == pytest.approx(shares[0] - shares[1])
        assert row["effect"] == pytest.approx(100 * row["estimate"])
        assert row["se"] == pytest.approx(math.sqrt(variance))
        assert "of interest from 5 points" in row["note"]
        assert row["scale"] == "points"


def test_shares_may_be_compared_across_languages_and_agree_with_statsmodels(talk):
    measures, mentions = talk
    flagged = flag_concepts(measures.assign(cluster_id=measures["utterance_id"]), mentions, NAMES)
    row = prevalence_contrasts(flagged, ["freedom"]).iloc[0]
    assert (row["a"], row["b"]) == ("western_commenter", "chinese_viewer")
    counts = [flagged.loc[flagged["group"] == name, "freedom"] for name in (row["a"], row["b"])]
    # Newcombe's own arms are Wilson's, ours Jeffreys'.
    known = confint_proportions_2indep(
        counts[0].sum(), len(counts[0]), counts[1].sum(), len(counts[1]), method="newcomb", correction=False
    )
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(known, abs=0.008)


def test_nobody_and_everybody_have_an_interval_but_two_constants_no_p():
    rows = [(group, "en", f"{group}{i:02}") for group in ("vlogger", "western_commenter") for i in range(15)]
    measures, mentions = make(rows, [(i, "freedom") for i in range(15)])
    flagged = flag_concepts(measures, mentions, NAMES)
    table = prevalence(flagged, NAMES)
    assert table["estimate"].tolist() == [0, 1, 0, 0]
    # 15 equal clusters of one: the effective count is 15, less what t on 14 degrees of freedom takes.
    count = 15 * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 14)) ** 2
    high = stats.beta.ppf(0.975, 0.5, count + 0.5)
    assert table["ci_low"].tolist() == pytest.approx([0, 1 - high, 0, 0])
    assert table["ci_high"].tolist() == pytest.approx([high, 1, high, high])
    assert table["se"].isna().all()
    contrasts = prevalence_contrasts(flagged, NAMES, rng=np.random.default_rng(1))
    assert contrasts["estimate"].tolist() == [-1, 0]
    assert contrasts["p"].iloc[0] == pytest.approx(1 / 2000)
    assert np.isnan(contrasts["p"].iloc[1])
    assert contrasts["note"].iloc[1] == "all or none on both sides: no p"
    assert contrasts[["ci_low", "ci_high"]].iloc[1].tolist() == pytest.approx([-high, high])
    assert np.isnan(contrasts["q"].iloc[1])


def test_without_utterances_that_are_read_there_is_nothing_to_say():
    measures, mentions = make([("vlogger", "ko", "c")], [])
    flagged = flag_concepts(measures, mentions, NAMES)
    assert prevalence(flagged, NAMES).empty
    assert prevalence_contrasts(flagged, NAMES).empty


def test_p_from_permuted_clusters_agrees_with_t_where_both_hold(talk):
    measures, mentions = talk
    flagged = flag_concepts(measures, mentions, NAMES)
    by_t = prevalence_contrasts(flagged, NAMES)
    permuted = prevalence_contrasts(flagged, NAMES, rng=np.random.default_rng(1), draws=1999)
    assert permuted["estimate"].tolist() == by_t["estimate"].tolist()
    assert permuted["ci_low"].tolist() == by_t["ci_low"].tolist()
    assert permuted["p"].tolist() == pytest.approx(by_t["p"].tolist(), abs=0.04)
    assert permuted["p"].tolist() != by_t["p"].tolist()
    assert permuted["p"].min() == pytest.approx(1 / 2000)
    again = prevalence_contrasts(flagged, NAMES, rng=np.random.default_rng(1), draws=1999)
    assert again["p"].tolist() == permuted["p"].tolist()


def test_an_unknown_weighting_is_refused(talk):
    flagged = flag_concepts(*talk, NAMES)
    with pytest.raises(ParameterError, match="accepted: utterance, cluster, likes"):
        prevalence(flagged, NAMES, "views")
