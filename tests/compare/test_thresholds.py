"""Limits and units: what a finding hangs on, at its edge and on both sides of it, in numbers worked by hand.

The limits are written out here: a test that reads a constant from the code does not see it change.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

from analysis.compare import across, permutation, shares, statistics
from analysis.compare.clusters import Side, make_side, weigh
from analysis.compare.collocations import CooccurrenceCounts, contrast_collocates
from analysis.compare.comention import comention
from analysis.compare.contrasts import compare, compare_shares
from analysis.compare.gold import _interval
from analysis.compare.groups import Group, add_group
from analysis.compare.joint import joint_p
from analysis.compare.links import add_linked
from analysis.compare.permutation import _Layout
from analysis.compare.timeline import add_period, timeline
from analysis.compare.tone import coverage, tone_contrasts, tone_scores
from analysis.measure.pairs import labmt_links


def scored(scores, clusters):
    return statistics.Scored(np.array(scores, dtype=float), weigh(pd.Series(clusters, dtype=object)))


def names(letter, count, each=1):
    return [f"{letter}{i:04}" for i in range(count) for _ in range(each)]


def side(letter, values, weight=1.0):
    """Return clusters with these means, of one weight."""
    values = np.array(values, dtype=float)
    count = len(values)
    return Side(np.array(names(letter, count), dtype=object), values * weight, np.full(count, weight), count)


def group(rows, name="vlogger", language="en"):
    rows = rows.assign(collection="C", vantage=name, language=language, group=name, likes=1)
    return Group(name, language, name, "C", rows)


# Quantiles ------------------------------------------------------------------------------------------------------------


def test_a_score_at_the_quantile_lies_below_the_cut():
    """Six clusters of five say 1 and six say 2: the median is 1, and half of all scores are not above it."""
    a, b = scored([1] * 30 + [2] * 30, names("a", 12, 5)), scored([3] * 60, names("b", 12, 5))
    median = statistics.quantile_differences(a, b)[1]
    assert median.name == "50 % quantile"
    assert median.estimate == 1 - 3
    assert _Layout.of([median.test]).observed().tolist() == [-2]
    # Pure clusters of 5: the variance is p (1 - p) / 11 instead of p (1 - p) / 60, and six clusters carry the hits.
    low, high = shares.share_limits(shares.Share(*map(np.array, (0.5, 60.0, 60 / 11, 6.0, 12.0))))
    row = compare("m", "a", median.sides[0], "b", median.sides[1], estimate=-2, limits=median.limits)
    # Influence is plus or minus half the width; the variance of the mean of 12 such is width^2 / 4 / 11.
    assert row["se"] == pytest.approx(1 / (high - low) / 44**0.5)


@pytest.mark.parametrize(("place", "share"), [(0, 0.1), (1, 0.5), (2, 0.9)])
def test_the_error_of_a_quantile_is_that_of_the_textbook(place, share):
    """sqrt(p (1 - p) / n) / f: scores are the normal quantiles themselves, so that nothing is left to chance."""
    sides = [scored(stats.norm.ppf((np.arange(n) + 0.5) / n), names(x, n)) for x, n in (("a", 4000), ("b", 2000))]
    found = statistics.quantile_differences(*sides)[place]
    row = compare("m", "a", found.sides[0], "b", found.sides[1], estimate=found.estimate, limits=found.limits)
    density = stats.norm.pdf(stats.norm.ppf(share))
    se = (share * (1 - share) * (1 / 4000 + 1 / 2000)) ** 0.5 / density
    assert row["se"] == pytest.approx(se, rel=0.02)
    assert (row["ci_high"] - row["ci_low"]) / 2 == pytest.approx(1.96 * se, rel=0.03)


def test_the_ends_of_the_neutral_band_are_neutral():
    a = scored([-0.2, -0.1, -0.1, 0.3, 0.3, 0.3, 0.4, 0.4, 0.4, 0.4], names("a", 10))
    b = scored([0.0] * 10, names("b", 10))
    found = {one.name: one for one in statistics.shares(a, b, (-0.1, 0.3))}
    assert [round(found[f"share {name}"].sides[0].mean, 9) for name in ("negative", "neutral", "positive")] == [
        0.1,
        0.5,
        0.4,
    ]


# Scores drawn ---------------------------------------------------------------------------------------------------------


def drawn(scores, scale=(1.0, 9.0)):
    """Return the table that notebook 02 draws of one group's scores, each utterance in a cluster of its own."""
    ids = names("u", len(scores))
    rows = pd.DataFrame({"utterance_id": ids, "cluster_id": ids, "labmt": scores, "labmt_n": 1})
    study = SimpleNamespace(
        scales={"labmt": scale},
        groups=[group(rows)],
        parameters=SimpleNamespace(weighting="utterance", lines=20),
        with_text=lambda rows: rows.assign(text="so"),
    )
    return tone_scores(study)


def test_scores_are_counted_in_sixty_bins_of_the_whole_scale():
    bins = drawn([1.0] * 30 + [5.0] * 15 + [9.0] * 15).query("part == 'density'")
    edges = [1 + 8 * i / 60 for i in range(61)]
    assert bins["bin_low"].tolist() == pytest.approx(edges[:-1])
    assert bins["bin_high"].tolist() == pytest.approx(edges[1:])
    # A score on an edge lies above it, and the highest in the last bin.
    assert {at: share for at, share in enumerate(bins["share"]) if share} == {0: 0.5, 30: 0.25, 59: 0.25}


@pytest.mark.parametrize(("count", "part"), [(40, "utterance"), (41, "density")])
def test_forty_utterances_are_listed_one_by_one(count, part):
    table = drawn([5.0] * count)
    assert set(table["part"]) == {"mean", part}


# The joint test -------------------------------------------------------------------------------------------------------


def test_a_lone_wild_specification_does_not_move_the_joint_test():
    """Two of three are one and the same: the median is theirs in every draw, whatever the third says."""
    rng = np.random.default_rng(1)
    pair = side("a", rng.normal(0.2, 1, 12)), side("b", rng.normal(0, 1, 12))
    plain, wild = permutation.mean_test(*pair), (replace(pair[0], total=pair[0].total + 1000), pair[1])
    alone = permutation.permutation_p([plain], 300, np.random.default_rng(2))[0]
    assert 0.1 < alone < 0.6
    z = _Layout.of([plain]).observed()[0]
    # The influence of a shift is none: all three have the same, and the variance of their mean is 1.
    statistic, p, _ = joint_p([pair, pair, wild], 300, np.random.default_rng(2))
    assert statistic == pytest.approx(z)
    assert p == pytest.approx(alone, abs=0.1)


# Across languages -----------------------------------------------------------------------------------------------------


def measured(language, vantage, mean, spread, clusters, each=4):
    """Return scores that alternate around a mean, `spread` apart from it, in clusters that differ a little."""
    count = clusters * each
    score = mean + spread * np.tile([-1.0, 1.0], count // 2) + np.repeat(np.linspace(-0.1, 0.1, clusters), each)
    frame = pd.DataFrame(
        {"labmt": score, "labmt_linked": score, "cluster_id": names(f"{language} {vantage}", clusters, each)}
    )
    return group(frame, vantage or "reference", language).rows.assign(vantage=vantage)


def test_the_gap_is_in_the_units_of_the_effect():
    """Scores of standard deviation 2, and aligned lines that are half a point apart: a gap of a quarter."""
    rows = pd.concat([measured("en", "western_commenter", 5, 2, 40), measured("zh", "chinese_viewer", 6, 2, 40)])
    lines = [measured(language, None, 5, 1, 40, 1) for language in ("en", "zh")]
    lines[1]["labmt_linked"] += np.tile([0.4, 0.6], 20)
    aligned = pd.concat(lines).assign(cluster_id=names("line", 40) * 2)
    links = labmt_links()
    table = across.crossings(*(add_linked(frame.reset_index(drop=True), links) for frame in (rows, aligned)), {}, links)
    row = table[table["view"] == "linked by sd"].iloc[0]
    assert row["estimate"] == pytest.approx(1)
    sd = rows.groupby("language")["labmt"].std().mean()
    assert sd == pytest.approx(2, rel=0.01)
    assert row["effect"] == pytest.approx(1 / sd)
    # The sides of a line share a cluster: what varies is .4 and .6, by turns.
    margin = stats.t.ppf(0.975, 39) * 0.1 / 39**0.5
    assert [row[f"gap{end}"] * sd for end in ("", "_low", "_high")] == pytest.approx([0.5, 0.5 - margin, 0.5 + margin])


@pytest.mark.parametrize(
    ("clusters", "interval", "p"), [(4, False, False), (5, True, False), (9, True, False), (10, True, True)]
)
def test_a_reference_of_few_clusters_withholds_like_a_side_of_few(clusters, interval, p):
    rng = np.random.default_rng(3)
    a, b = side("a", rng.normal(0, 1, 30)), side("b", rng.normal(0, 1, 30))
    row = compare("m", "a", a, "b", b, extra=[(-1.0, side("r", rng.normal(0, 1, clusters)))])
    assert (not np.isnan(row["ci_low"]), not np.isnan(row["p"])) == (interval, p)
    assert ("too few clusters" in row["note"]) == (not p)
    rows = [measured("en", "western_commenter", 5, 1, 40), measured("zh", "chinese_viewer", 6, 1, 40)]
    rows += [measured("en", None, 5, 1, 40), measured("zh", None, 5, 1, clusters)]
    levels = across.reference_levels(pd.concat(rows, ignore_index=True), ("labmt",))
    view = across.View("reference collection", "labmt", ("labmt", "labmt"))
    row = across.centred_contrast(group(rows[1], "chinese_viewer", "zh"), group(rows[0]), view, levels)
    assert (not np.isnan(row["ci_low"]), not np.isnan(row["p"])) == (interval, p)
    assert row["note"].endswith("sd; of interest from 0.2 sd") == p


# Counts ---------------------------------------------------------------------------------------------------------------


def near(letter, clusters, holding=None):
    """Return a node that stands once in each cluster, next to a word every second time (or in the first few)."""
    at = np.arange(clusters)
    together = (at % 2 if holding is None else (at < holding).astype(int))[:, None]
    sums = [np.full(clusters, n) for n in (1, 1, 10)]
    columns = [sparse.csc_array(part) for part in (together, together + 1)]
    return CooccurrenceCounts(
        np.array(names(letter, clusters), dtype=object), np.array(["w"], dtype=object), *columns, *sums, clusters
    )


@pytest.mark.parametrize(("clusters", "given"), [(9, False), (10, True)])
def test_collocates_have_no_p_under_ten_clusters_of_the_node(clusters, given):
    for pair in ((clusters, 40), (40, clusters)):
        sides = [near(letter, count) for letter, count in zip("ab", pair, strict=True)]
        row = contrast_collocates(*sides, 1, draws=99, rng=np.random.default_rng(4)).iloc[0]
        assert not np.isnan(row["ci_low"])
        assert (not np.isnan(row["p"]), not np.isnan(row["q"])) == (given, given)
        assert row["note"] == ("" if given else "too few clusters: no p")


@pytest.mark.parametrize(("holding", "given"), [((2, 2), False), ((2, 3), True), ((0, 5), True), ((4, 0), False)])
def test_a_collocate_has_an_interval_from_five_clusters_of_both_sides_together(holding, given):
    row = contrast_collocates(*(near(letter, 20, each) for letter, each in zip("ab", holding, strict=True)), 1).iloc[0]
    assert (not row[["ci_low", "ci_high"]].isna().all()) == given
    assert ("in too few clusters" in row["note"]) == (not given)


@pytest.mark.parametrize(("both", "given"), [(9, False), (10, True)])
def test_a_ratio_is_given_from_ten_utterances_with_both(both, given):
    flags = [(1, 1)] * both + [(1, 0)] * 20 + [(0, 1)] * 20 + [(0, 0)] * 50
    rows = pd.DataFrame(flags, columns=["freedom", "fear"], dtype=float)
    table = comention(group(rows.assign(cluster_id=names("c", len(rows)))).rows, ["freedom", "fear"])
    row = table[table["statistic"] == "log2 ratio"].iloc[0]
    assert (not np.isnan(row["estimate"])) == given
    assert (f"too few: {both}" in row["note"]) == (not given)


def test_votes_below_zero_neither_pull_nor_push():
    known = pd.Series([4, -4, 0, 1], dtype="Int64")
    made = make_side(pd.Series([1.0, 7.0, 9.0, 0.0]), pd.Series(["a", "a", "a", "b"]), "likes", known)
    assert made.weight.tolist() == [4, 1]
    assert made.mean == pytest.approx(4 / 5)
    assert made.effective == pytest.approx(25 / 17)


def test_coverage_is_of_utterances_not_of_clusters():
    rows = pd.DataFrame({"cluster_id": names("c", 6) + ["c0005"] * 6, "labmt": [5.0] * 3 + [np.nan] * 9, "labmt_n": 2})
    row = coverage([group(rows)], {"labmt": ("en",)}).iloc[0]
    assert (row["estimate"], row["scored"], row["n_a"]) == (0.25, 3, 12)


@pytest.mark.parametrize(("count", "groups"), [(8, 8), (9, 9), (10, 9), (12, 9)])
def test_of_more_than_eight_groups_the_smaller_become_one(count, groups):
    """The ninth alone keeps its name: "other" would be one group too."""
    regions = [f"r{at:02}" for at in range(count) for _ in range(20 - at)]
    found = add_group(pd.DataFrame({"region": regions}), "region")["group"]
    assert found.nunique() == groups
    others = set(found) - set(regions)
    assert others == ({f"other ({count - 8} smaller groups)"} if count > 9 else set())


@pytest.mark.parametrize(("clusters", "interval", "p"), [(5, False, False), (6, True, False), (10, True, False)])
def test_a_smaller_cluster_counts_for_less_than_one(clusters, interval, p):
    """One of .7 among clusters of 1: of five 4.92 are effective, of ten 9.92."""
    rng = np.random.default_rng(5)
    weights = np.array([1.0] * (clusters - 1) + [0.7])
    few = side("a", rng.normal(0, 1, clusters))
    few = replace(few, total=few.total * weights, weight=weights)
    assert few.effective == pytest.approx((clusters - 0.3) ** 2 / (clusters - 0.51))
    row = compare("m", "a", few, "b", side("b", rng.normal(0, 1, 30)))
    assert (not np.isnan(row["ci_low"]), not np.isnan(row["p"])) == (interval, p)


# Shares ---------------------------------------------------------------------------------------------------------------


def hits(letter, hits, each, clusters=10):
    total = np.zeros(clusters)
    total[: len(hits)] = hits
    return Side(np.array(names(letter, clusters), dtype=object), total, np.full(clusters, float(each)), each * clusters)


@pytest.mark.parametrize(
    ("found", "design"),
    [
        # Without a hit two utterances of a cluster are assumed to correlate by .02: 1 + .02 (20 - 1).
        ([], 1.38),
        # Two hits in one cluster: the jackknife's 2.02 is stretched, as one cluster carries them, to 1 + .1 (20 - 1).
        ([2], 2.9),
    ],
)
def test_rare_shares_have_jeffreys_interval_of_as_many_utterances_as_they_are_worth(found, design):
    low, high = shares.share_limits(shares.share_of(hits("a", found, 20)))
    worth, share = 200 / design, sum(found) / 200
    beta = stats.beta(share * worth + 0.5, (1 - share) * worth + 0.5)
    assert high == pytest.approx(beta.ppf(0.975))
    assert low == pytest.approx(beta.ppf(0.025) if found else 0)


def test_the_smallest_effects_of_interest_are_those_that_were_stated():
    points = compare_shares("m", "a", hits("a", [15] * 12, 30, 12), "b", hits("b", [9] * 12, 30, 12))
    assert points["effect"] == pytest.approx(100 * (15 - 9) / 30)
    assert points["note"].endswith("; of interest from 5 points")
    # Half an interval is 1.96 standard errors; what is found four times in five is .84 more of them.
    found = 50 * (points["ci_high"] - points["ci_low"]) * (1 + stats.norm.ppf(0.8) / stats.norm.ppf(0.975))
    assert points["note"].startswith(f"80 % power from {found:.2g} points;")
    ratio = compare_shares("m", "a", hits("a", [2] * 12, 30, 12), "b", hits("b", [1] * 12, 30, 12))
    assert ratio["note"].endswith("; of interest from a ratio of 1.5")
    assert ratio["log_ratio"] == pytest.approx(np.log2(24.5 / 12.5))
    rng = np.random.default_rng(6)
    rows = [
        group(pd.DataFrame({"cluster_id": names(letter, 12, 5), "labmt": rng.normal(5, 1, 60)}), letter).rows
        for letter in "ab"
    ]
    table = tone_contrasts(pd.concat(rows), {("labmt", "en"): (4.5, 5.5)}, rng, draws=9).set_index("statistic")
    notes = {name: note.rpartition("from ")[2] for name, note in table["note"].items() if note}
    assert notes == {
        "mean": "0.2 sd",
        "Cliff's delta": "0.11 delta",
        **{f"share {name}": "5 points" for name in ("negative", "neutral", "positive")},
        **{f"{share} % quantile": "0.2 sd" for share in (10, 50, 90)},
    }


# Time -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "given"), [(29, False), (30, True)])
def test_a_period_has_a_share_from_thirty_utterances(count, given):
    rows = pd.DataFrame({"cluster_id": names("c", count), "fear": 1.0, "period": "2013"})
    (row,) = timeline(group(rows).rows, ["fear"]).to_dict("records")
    assert (not np.isnan(row["estimate"])) == given
    assert (row["note"] == f"too few: {count} utterances") == (not given)


@pytest.mark.parametrize(("last", "step"), [("2015-12-31", "month"), ("2016-01-01", "year")])
def test_three_calendar_years_are_shown_by_month(last, step):
    when = pd.to_datetime(["2013-01-01", last], utc=True)
    dates = pd.DataFrame({"utterance_id": ["u0", "u1"], "posted_at": when, "time_precision": "day"})
    assert add_period(dates[["utterance_id"]], dates)[1] == step


# Draws ----------------------------------------------------------------------------------------------------------------


def reached(times):
    """Return a test whose statistic so many of the draws of each round reach, and no other."""

    def statistic(on_a, _on_b):
        draws = on_a[0].shape[1]
        return np.ones(1) if draws == 1 else (np.arange(draws) < times).astype(float)

    sides = [side(letter, range(12)) for letter in "ab"]
    return permutation.Test(permutation.mean_test(*sides).blocks, statistic)


@pytest.mark.parametrize(
    ("tests", "family", "p"),
    [
        # Ten are enough; with nine there are four times as many draws, which nine more reach.
        ([10], None, 11 / 100),
        ([9], None, 19 / 397),
        # What no draw reaches gets 1,999, or 40 for each test of the family, shared by those that stand out.
        ([0], None, 1 / 2000),
        ([0], 100, 1 / 4001),
        ([0, 0], 100, 1 / 2001),
    ],
)
def test_draws_go_on_until_ten_reach_or_q_could_be_small(tests, family, p):
    found = permutation.permutation_p([reached(times) for times in tests], 99, np.random.default_rng(7), family)
    assert found.tolist() == pytest.approx([p] * len(tests))


@pytest.mark.parametrize(("missing", "ends"), [(0, (25, 975)), (50, (25, 926)), (51, (np.nan, np.nan))])
def test_an_interval_of_draws_leaves_out_a_fortieth_on_either_side(missing, ends):
    """Nineteen of twenty draws must have a value; there are 1,000, from 0 or 1 on. Of few units it leaves out less."""
    draws = np.arange(1001.0)[1 if missing else 0 :]
    draws[len(draws) - missing :] = np.nan
    found = _interval(np.array([-1.0, *draws]), 1e9)
    assert found == pytest.approx(ends, abs=1, nan_ok=True)
    few = stats.norm.cdf(-np.sqrt(5 / 4) * stats.t.ppf(0.975, 4))
    assert few == pytest.approx(0.00095, abs=0.00001)
    known = np.nanmax(draws) - np.nanmin(draws)
    of_few = np.nanmin(draws) + known * few, np.nanmax(draws) - known * few
    assert _interval(np.array([-1.0, *draws]), 5.0) == pytest.approx(of_few if missing <= 50 else ends, nan_ok=True)
    assert np.isnan(_interval(np.array([-1.0, *draws]), 4.9)).all()
