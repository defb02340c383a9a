"""Contested concepts: against sums by hand, statsmodels, and thresholds that hold at their edge."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from analysis.compare import contested
from analysis.compare.across import Level, background_level, reference_levels
from analysis.compare.contrasts import COLUMNS
from analysis.compare.groups import Group, main_groups
from analysis.errors import CrossLanguageError

BACKGROUND = {
    ("ordinary language", "labmt", "en"): Level(5.5, 2.0),
    ("ordinary language", "labmt", "zh"): Level(6.0, 0.5),
}
BASIS = "ordinary language"


def talk(name, language, tones, clusters=None, vantage=None, concept="freedom"):
    """Return a group and mentions: one utterance a tone, in a cluster of its own unless told otherwise."""
    count = len(tones)
    rows = pd.DataFrame(
        {
            "utterance_id": [f"{name} {language} {i}" for i in range(count)],
            "cluster_id": [f"{name} {language} {c}" for c in (range(count) if clusters is None else clusters)],
            "vantage": vantage or name,
            "group": name,
            "language": language,
            "collection": "C",
            "likes": np.arange(count) % 3,
            "labmt": np.asarray(tones, dtype=float),
        }
    )
    mentions = pd.DataFrame({"utterance_id": rows["utterance_id"], "concept": concept, "tone": rows["labmt"]})
    return Group(name, language, vantage or name, "C", rows), mentions


def compared(*made, levels=None, basis=BASIS, seed=1, draws=199, weighting="utterance"):
    """Return the cells' table and the contrasts of groups and mentions."""
    mentions = pd.concat([mention for _, mention in made], ignore_index=True)
    cells = contested.make_cells([group for group, _ in made], mentions, ["freedom"])
    levels = levels or BACKGROUND
    table = contested.contested(cells, levels, basis, weighting)
    rng = np.random.default_rng(seed)
    return table, contested.contested_contrasts(cells, levels, basis, rng, weighting, draws)


def normal(seed, mean, count=60):
    return np.random.default_rng(seed).normal(mean, 1, count)


def test_the_rows_of_a_cell_are_those_that_mention_it_in_the_order_of_the_group():
    group, mentions = talk("vlogger", "en", [1.0, 2.0, 3.0, 4.0])
    (cell,) = contested.make_cells([group], mentions.iloc[[3, 1]], ["freedom"])
    assert cell.group.rows["labmt"].tolist() == [2.0, 4.0]
    assert cell.group.rows[["utterance_id", "cluster_id", "likes"]].equals(
        group.rows.iloc[[1, 3]][["utterance_id", "cluster_id", "likes"]]
    )


def test_hits_are_averaged_within_an_utterance_and_unscored_ones_only_counted():
    group, mentions = talk("vlogger", "en", [0.0, 0.0, 0.0])
    ids = group.rows["utterance_id"]
    mentions = pd.DataFrame(
        {
            "utterance_id": [ids[0], ids[0], ids[0], ids[1], "of somebody else"],
            "concept": ["freedom", "freedom", "fear", "freedom", "freedom"],
            "tone": [4.0, 8.0, 1.0, math.nan, 9.0],
        }
    )
    freedom, fear, staged = contested.make_cells([group], mentions, ["freedom", "fear", "staged"])
    assert freedom.group.rows["labmt"].tolist() == [6.0]
    assert (freedom.hits, freedom.scored, freedom.clusters) == (3, 2, 1)
    assert (fear.hits, fear.scored, fear.group.rows["labmt"].tolist()) == (1, 1, [1.0])
    assert (staged.hits, staged.scored, staged.clusters) == (0, 0, 0)
    assert group.rows["labmt"].tolist() == [0, 0, 0]


def test_a_cell_is_measured_from_the_level_of_its_language_in_its_spread():
    tones = {"en": normal(1, 6.0), "zh": normal(2, 6.0)}
    table, contrasts = compared(talk("vlogger", "en", tones["en"]), talk("chinese_viewer", "zh", tones["zh"]))
    expected = [(tones["en"].mean() - 5.5) / 2.0, (tones["zh"].mean() - 6.0) / 0.5]
    assert list(table.columns[: len(COLUMNS)]) == list(COLUMNS)
    assert table["estimate"].tolist() == pytest.approx(expected)
    for (_, row), spread, values, centre in zip(table.iterrows(), (2.0, 0.5), tones.values(), (5.5, 6.0), strict=True):
        interval = DescrStatsW((values - centre) / spread).tconfint_mean()
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(interval)
    (row,) = contrasts.to_dict("records")
    assert row["estimate"] == pytest.approx(expected[0] - expected[1])
    sides = [DescrStatsW((tones["en"] - 5.5) / 2.0), DescrStatsW((tones["zh"] - 6.0) / 0.5)]
    means = CompareMeans(*sides)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(means.tconfint_diff(usevar="unequal"))
    assert row["p"] == pytest.approx(means.ttest_ind(usevar="unequal")[1])
    assert row["language"] == "en-zh"
    assert "of interest from 0.2 sd" in row["note"]


def test_within_a_language_the_level_cancels_and_clusters_are_permuted():
    a, b = normal(1, 5.0), normal(2, 5.9)
    _, contrasts = compared(talk("western_commenter", "en", a), talk("vlogger", "en", b), draws=999)
    (row,) = contrasts.to_dict("records")
    means = CompareMeans(DescrStatsW(a / 2), DescrStatsW(b / 2))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(means.tconfint_diff(usevar="unequal"))
    assert row["effect"] == pytest.approx((a.mean() - b.mean()) / 2)
    assert row["p"] == pytest.approx(1 / 2000)
    assert row["language"] == "en"


def test_swapping_two_groups_flips_the_sign():
    made = talk("western_commenter", "en", normal(1, 5.0)), talk("vlogger", "en", normal(2, 5.5))
    made += (talk("chinese_viewer", "zh", normal(3, 5.2)),)
    _, forth = compared(*made)
    _, back = compared(*made[::-1])
    back = back.set_index(["a", "b"])
    assert len(forth) == 3
    for row in forth.to_dict("records"):
        other = back.loc[row["b"], row["a"]]
        assert row["estimate"] == pytest.approx(-other["estimate"])
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((-other["ci_high"], -other["ci_low"]))


def test_clusters_count_not_utterances():
    tones = np.repeat(normal(1, 5.0, 15), 20)
    _, many = compared(talk("vlogger", "en", tones), talk("western_commenter", "en", normal(2, 5, 300)))
    clustered = talk("vlogger", "en", tones, np.repeat(np.arange(15), 20))
    _, few = compared(clustered, talk("western_commenter", "en", normal(2, 5, 300)))
    assert few["se"][0] > 2.5 * many["se"][0]
    assert few["clusters_a"][0] == 15


def reference(language, mean, seed, count=50):
    rows, _ = talk("reference", language, normal(seed, mean, count))
    return rows.rows.assign(vantage=None, cluster_id=[f"r {language} {i}" for i in range(count)])


def test_a_reference_collection_carries_its_share_of_the_error():
    rows = {"en": reference("en", 5.0, 4), "zh": reference("zh", 6.0, 5)}
    levels = BACKGROUND | reference_levels(pd.concat(rows.values(), ignore_index=True), ("labmt",))
    made = talk("vlogger", "en", normal(1, 6.0)), talk("chinese_viewer", "zh", normal(2, 6.0))
    assert contested.choose_basis([group for group, _ in made], levels) == "reference collection"
    table, contrasts = compared(*made, levels=levels, basis="reference collection")
    variance = 0.0
    for (_, row), (group, _) in zip(table.iterrows(), made, strict=True):
        mine, its = group.rows["labmt"], rows[group.language]["labmt"]
        assert row["estimate"] == pytest.approx((mine.mean() - its.mean()) / its.std())
        own = (mine.var() / len(mine) + its.var() / len(its)) / its.var()
        assert row["se"] == pytest.approx(math.sqrt(own))
        variance += own
    assert contrasts["se"][0] == pytest.approx(math.sqrt(variance))
    assert contrasts["basis"].tolist() == ["reference collection"]


def test_one_collection_and_one_word_list_are_not_one_axis():
    levels = BACKGROUND | reference_levels(reference("zh", 6.0, 5), ("labmt",))
    groups = [talk("vlogger", "en", [5.0])[0], talk("chinese_viewer", "zh", [5.0])[0]]
    assert contested.choose_basis(groups, levels) == "ordinary language"
    assert contested.choose_basis(groups[1:], levels) == "reference collection"
    only = {key: level for key, level in levels.items() if key[0] == "reference collection"}
    with pytest.raises(CrossLanguageError, match="reference-centred"):
        contested.choose_basis(groups, only)


def test_raw_means_of_two_languages_are_refused():
    made = talk("vlogger", "en", normal(1, 6.0)), talk("chinese_viewer", "zh", normal(2, 6.0))
    english = {key: level for key, level in BACKGROUND.items() if key[2] == "en"}
    with pytest.raises(CrossLanguageError, match="lawful"):
        compared(*made, levels=english)
    cells = contested.make_cells([group for group, _ in made], pd.concat([m for _, m in made]), ["freedom"])
    with pytest.raises(CrossLanguageError, match="lawful"):
        contested.contested_contrasts(cells, english, BASIS, np.random.default_rng(1))


@pytest.mark.parametrize(("count", "clusters", "drawn"), [(30, 10, "yes"), (29, 10, "no"), (30, 9, "no")])
def test_a_cell_needs_30_scored_hits_in_10_clusters(count, clusters, drawn):
    few = talk("vlogger", "en", normal(1, 5.0, count), np.arange(count) % clusters)
    table, contrasts = compared(few, talk("western_commenter", "en", normal(2, 5.0)))
    assert table["drawn"].tolist() == [drawn, "yes"]
    assert table["scored"].tolist() == [count, 60]
    assert table["clusters"].tolist() == [clusters, 60]
    withheld = drawn == "no"
    assert np.isnan(table["estimate"][0]) == withheld
    for name in ("estimate", "effect", "ci_low", "p", "q"):
        assert np.isnan(contrasts[name][0]) == (withheld or (name in "pq" and clusters < 10))
    if withheld:
        assert table["note"][0] == f"too few: {count} scored hits in {clusters} clusters"
        assert f"vlogger: {count} scored hits in {clusters} clusters" in contrasts["note"][0]
    assert (contrasts["n_a"][0], contrasts["clusters_a"][0]) == (count, clusters)


def test_a_side_without_any_hit_is_a_row_of_counts():
    empty = talk("chinese_viewer", "zh", [])
    table, contrasts = compared(empty, talk("vlogger", "en", normal(1, 5.0)))
    assert table["note"][0] == "too few: 0 scored hits in 0 clusters"
    assert contrasts["estimate"].isna().all()
    assert contrasts["scored_a"].tolist() == [0]


def test_references_are_described_but_no_party():
    at_large = talk("Weibo at large", "zh", normal(3, 5.0), vantage="reference")
    table, contrasts = compared(talk("vlogger", "en", normal(1, 5.0)), at_large)
    assert table["drawn"].tolist() == ["yes", "yes"]
    assert contrasts.empty
    assert {"language", "basis", "q", "scored_b"} <= set(contrasts.columns)


def test_the_most_contested_come_first_and_what_cannot_be_compared_last():
    tables = []
    for concept, shift, count in (("apart", 3.0, 40), ("rare", 9.0, 5), ("close", 0.1, 40), ("rarer", 0.0, 2)):
        both = talk("western_commenter", "en", normal(1, 5.0, 40)), talk("vlogger", "en", normal(2, 5 + shift, count))
        for group, mentions in both:
            ids = {i: f"{concept} {i}" for i in group.rows["utterance_id"]}
            rows = group.rows.assign(utterance_id=group.rows["utterance_id"].map(ids))
            tables.append((rows, mentions.assign(utterance_id=mentions["utterance_id"].map(ids), concept=concept)))
    groups = main_groups(pd.concat([rows for rows, _ in tables], ignore_index=True))
    mentions = pd.concat([table for _, table in tables], ignore_index=True)
    cells = contested.make_cells(groups, mentions, ["rare", "close", "rarer", "apart"])
    contrasts = contested.contested_contrasts(cells, BACKGROUND, BASIS, np.random.default_rng(1), draws=99)
    table = contested.by_distance(contested.contested(cells, BACKGROUND, BASIS), contrasts)
    assert table["measure"].tolist() == [name for name in ("apart", "close", "rare", "rarer") for _ in range(2)]
    largest = contrasts.set_index("measure")["effect"].abs()
    assert table["distance"][0] == pytest.approx(largest["apart"])
    assert table["distance"].isna().tolist() == [False] * 4 + [True] * 4
    # The two that cannot be compared are not among those that q is over.
    tested = contrasts.dropna(subset=["p"])
    assert len(tested) == 2
    assert tested["q"].max() == pytest.approx(tested["p"].max())
    assert tested["q"].min() == pytest.approx(min(2 * tested["p"].min(), tested["p"].max()))


def test_levels_come_from_the_same_words_as_the_tone():
    level = background_level(np.array([0.5, 0.5]), np.array([7.0, 3.0]))
    made = talk("vlogger", "en", [7.0] * 20 + [5.0] * 20)
    table, _ = compared(made, levels={(BASIS, "labmt", "en"): level})
    assert table["estimate"][0] == pytest.approx(0.5)


def test_the_last_bits_of_a_distance_do_not_rank():
    table = pd.DataFrame({"measure": ["three tenths", "their sum"]})
    contrasts = table.assign(effect=[0.3, 0.1 + 0.2])
    assert contested.by_distance(table, contrasts)["measure"].tolist() == ["three tenths", "their sum"]
