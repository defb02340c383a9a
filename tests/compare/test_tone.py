"""Tone: the same contrast as from plain sums, within one language, and a refusal of everything across."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from analysis.compare import across, concepts
from analysis.compare.clusters import WEIGHTINGS, make_side
from analysis.compare.contrasts import COLUMNS, compare
from analysis.compare.groups import add_group, main_groups, plain_name, split_groups
from analysis.compare.statistics import make_scored, mean_difference
from analysis.compare.tone import _row, coverage, masking, tone_contrasts, tone_means, tone_side
from analysis.errors import CrossLanguageError

NEUTRAL = {("labmt", "en"): (5.7, 6.1), ("labmt", "zh"): (5.3, 5.6), ("vader", "en"): (-0.1, 0.4)}
NAMES = ("labmt", "vader")
LAWFUL = re.compile(r"reference-centred.*linked.*human-anchored", re.DOTALL)
WHO = (
    ("western_commenter", "en", "Reddit 2017", 14, 5.6),
    ("chinese_viewer", "zh", "Douyin 2025", 13, 5.2),
    ("vlogger", "en", "Vlogs", 12, 6.1),
    ("vlogger", "zh", "Vlogs zh", 12, 5.9),
    (None, "en", "Small talk", 12, 5.5),
    (None, "zh", "Small talk zh", 12, 5.8),
)


@pytest.fixture
def measures():
    """Return scored utterances of every vantage in both languages; one in eight is not scored."""
    rng = np.random.default_rng(1)
    parts = []
    for vantage, language, collection, clusters, mean in WHO:
        n = clusters * 8
        labmt = np.where(rng.random(n) < 0.125, np.nan, rng.normal(mean, 0.6, n))
        cluster = [f"{collection} {i:02}" for i in rng.permutation(np.repeat(np.arange(clusters), 8))]
        # VADER reads English only.
        vader = np.where(np.isnan(labmt) | (language != "en"), np.nan, np.tanh(labmt - 5.5))
        part = {"vantage": vantage, "language": language, "collection": collection, "cluster_id": cluster}
        scores = {"labmt": labmt, "vader": vader}
        for name, score in list(scores.items()):
            scores |= {f"{name}_n": np.where(np.isnan(score), 0, rng.integers(1, 9, n))}
            scores |= {f"{name}_pos": np.maximum(score, 0), f"{name}_neg": np.maximum(-score, 0)}
        likes = np.where(rng.random(n) < 0.1, np.nan, rng.integers(-3, 40, n))
        parts.append(pd.DataFrame({**part, **scores, "likes": likes, "thread_id": cluster}))
    table = pd.concat(parts, ignore_index=True)
    table["utterance_id"] = [f"u{i}" for i in range(len(table))]
    table["origin"] = table["language"].map({"en": "western", "zh": "chinese"})
    return add_group(table, "vantage")


def pick(measures, group, language):
    return measures[(measures["group"] == group) & (measures["language"] == language)]


def contrast(a, b, instrument, weighting="utterance"):
    """Return the row about the two means that the table of contrasts has."""
    scored = (make_scored(rows, instrument, weighting) for rows in (a, b))
    return _row(instrument, ("a", "b"), mean_difference(*scored))


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_a_contrast_is_the_contrast_of_the_sides(measures, weighting):
    a, b = pick(measures, "western_commenter", "en"), pick(measures, "vlogger", "en")
    row = contrast(a, b, "labmt", weighting)
    sides = [make_side(rows["labmt"], rows["cluster_id"], weighting, rows["likes"]) for rows in (a, b)]
    plain = compare("labmt", "a", sides[0], "b", sides[1])
    for key in ("estimate", "se", "df", "ci_low", "ci_high", "n_a", "n_b", "g_a", "g_b"):
        assert row[key] == pytest.approx(plain[key], rel=1e-10)
    if weighting == "likes":  # who is left out of the mean is left out of the spread
        a, b = a.dropna(subset="likes"), b.dropna(subset="likes")
    x, y = a["labmt"].dropna(), b["labmt"].dropna()
    pooled = np.sqrt(((len(x) - 1) * x.var() + (len(y) - 1) * y.var()) / (len(x) + len(y) - 2))
    assert row["effect"] == pytest.approx(row["estimate"] / pooled)
    assert "sd; of interest from 0.2 sd" in row["note"]


def test_single_utterances_give_welch_and_cohens_d(measures):
    a, b = (rows.assign(cluster_id=rows["utterance_id"]) for _, rows in list(measures.groupby("collection"))[1:3])
    a, b = a.assign(language="en"), b.assign(language="en")
    row = contrast(a, b, "labmt")
    welch = stats.ttest_ind(a["labmt"], b["labmt"], equal_var=False, nan_policy="omit")
    assert row["df"] == pytest.approx(welch.df)
    assert row["p"] == pytest.approx(welch.pvalue)


def test_an_instrument_that_scores_nothing_on_one_side_has_nothing_to_measure(measures):
    row = contrast(pick(measures, "vlogger", "zh"), pick(measures, "chinese_viewer", "zh"), "vader")
    assert row["note"] == "nothing to measure"
    assert np.isnan(row["estimate"])


def test_means_are_given_a_group_and_language_and_never_across(measures):
    table = tone_means(split_groups(measures), "labmt")
    assert len(table) == len(WHO)
    for _, row in table.iterrows():
        rows = pick(measures, row["a"], row["language"])
        assert row["estimate"] == pytest.approx(rows["labmt"].mean())
        said = plain_name(row["a"])
        assert row["label"] == f"{said} ({rows['collection'].iloc[0]})"
        assert pd.isna(row["b"])
        assert pd.isna(row["p"])
    assert set(tone_means(split_groups(measures), "vader")["language"]) == {"en"}


def test_contrasts_stay_within_a_language(measures):
    table = tone_contrasts(measures, NEUTRAL, np.random.default_rng(0), draws=199)
    assert list(table.columns[: len(COLUMNS)]) == list(COLUMNS)
    means = table[(table["statistic"] == "mean") & (table["weighting"] == "utterance")]
    assert set(zip(means["instrument"], means["language"], means["a"], means["b"], strict=True)) == {
        (instrument, language, a, b)
        for instrument, language, a, b in [
            ("labmt", "en", "western_commenter", "vlogger"),
            ("labmt", "en", "western_commenter", "reference"),
            ("labmt", "en", "vlogger", "reference"),
            ("labmt", "zh", "chinese_viewer", "vlogger"),
            ("labmt", "zh", "chinese_viewer", "reference"),
            ("labmt", "zh", "vlogger", "reference"),
            ("vader", "en", "western_commenter", "vlogger"),
            ("vader", "en", "western_commenter", "reference"),
            ("vader", "en", "vlogger", "reference"),
        ]
    }
    for _, row in means.iterrows():
        a, b = (pick(measures, row[key], row["language"])[row["instrument"]] for key in ("a", "b"))
        assert row["estimate"] == pytest.approx(a.mean() - b.mean())


def test_q_is_over_the_whole_table_and_p_follows_the_seed(measures):
    table = tone_contrasts(measures, NEUTRAL, np.random.default_rng(0), draws=199)
    tested = table["p"].notna()
    assert tested.sum() > 20
    expected = multipletests(table.loc[tested, "p"], method="fdr_bh")[1]
    assert table.loc[tested, "q"].to_numpy() == pytest.approx(expected)
    assert table.loc[~tested, "q"].isna().all()
    again = tone_contrasts(measures.sample(frac=1, random_state=3), NEUTRAL, np.random.default_rng(0), draws=199)
    assert again["p"].to_numpy() == pytest.approx(table["p"].to_numpy(), nan_ok=True)


def test_p_is_counted_among_permutations_and_near_that_of_t(measures):
    table = tone_contrasts(measures, NEUTRAL, np.random.default_rng(0), draws=199)
    p = table["p"].dropna()
    # A family of 90 with some that no draw reaches: up to 40 x 90 draws.
    assert 1 / 3601 <= p.min() <= 1 / 2000
    assert table["q"].min() < 0.05
    means = table[(table["statistic"] == "mean") & (table["weighting"] == "utterance")]
    for _, row in means.iterrows():
        a, b = (pick(measures, row[key], row["language"]) for key in ("a", "b"))
        assert row["p"] == pytest.approx(contrast(a, b, row["instrument"])["p"], abs=0.1)


def test_few_clusters_have_no_p_and_no_q(measures):
    few = measures[(measures["group"] != "vlogger") | measures["cluster_id"].str.contains("0[0-6]$")]
    table = tone_contrasts(few, NEUTRAL, np.random.default_rng(0), draws=199)
    seven = (table["a"] == "vlogger") | (table["b"] == "vlogger")
    assert seven.any()
    assert table.loc[seven, ["p", "q"]].isna().all(axis=None)
    assert table.loc[seven, "note"].str.contains("too few (?:utterances or )?clusters|nothing|no variation").all()


def test_a_stray_language_is_not_compared(measures):
    rows = measures.copy()
    chinese = rows.index[(rows["group"] == "chinese_viewer")]
    rows.loc[chinese[:5], "language"] = "en"  # 5 of 104: under one in twenty
    table = tone_contrasts(rows, NEUTRAL, np.random.default_rng(0), draws=9)
    assert set(table.loc[table["a"] == "chinese_viewer", "language"]) == {"zh"}
    rows.loc[chinese[:6], "language"] = "en"
    table = tone_contrasts(rows, NEUTRAL, np.random.default_rng(0), draws=9)
    assert set(table.loc[table["a"] == "chinese_viewer", "language"]) == {"en", "zh"}


def test_coverage_counts_what_was_scored(measures):
    reads = dict.fromkeys(NAMES, ("en", "zh")) | {"vader": ("en",)}
    table = coverage(split_groups(measures), reads)
    english = sum(language == "en" for _, language, *_ in WHO)
    assert len(table) == (len(NAMES) - 1) * len(WHO) + english
    assert set(table.loc[table["instrument"] == "vader", "language"]) == {"en"}
    for _, row in table.iterrows():
        rows = pick(measures, row["a"], row["language"])
        scored = rows[row["instrument"]].notna()
        assert row["scored"] == scored.sum()
        assert row["n_a"] == len(rows)
        assert row["estimate"] == pytest.approx(scored.mean())
        units = rows.loc[scored, f"{row['instrument']}_n"].mean()
        assert row["units"] == pytest.approx(units, nan_ok=True)


def everything_across(measures):
    """Yield a name and a call for each function through which English and Chinese scores could be subtracted."""
    english, chinese = pick(measures, "western_commenter", "en"), pick(measures, "chinese_viewer", "zh")
    both = pd.concat([english, chinese])
    a, b = (
        next(g for g in main_groups(measures) if g.name == name) for name in ("western_commenter", "chinese_viewer")
    )
    mixed = a._replace(rows=both)
    raw = across.View("direct", "labmt", ("labmt", "labmt"))
    yield "tone_side", lambda: tone_side(both, "labmt")
    yield "tone_means", lambda: tone_means([mixed], "labmt")
    yield "masking", lambda: masking([mixed], {"labmt": "labmt"})
    yield "prevalence of a score", lambda: concepts.prevalence(both.assign(group="all"), ["labmt"])
    yield "contrast of prevalences of a score", lambda: concepts.prevalence_contrasts(both, ["labmt"])
    yield "centred_contrast without a level", lambda: across.centred_contrast(a, b, raw, {})
    yield "require_lawful", lambda: across.require_lawful("en", "zh", raw, {})


def test_a_raw_difference_across_languages_is_refused_and_the_lawful_ones_are_named(measures):
    for name, call in everything_across(measures):
        with pytest.raises(CrossLanguageError) as refused:
            call()
        assert LAWFUL.search(str(refused.value)), name
        assert "en and zh" in str(refused.value), name


def test_what_is_not_scored_does_not_count_as_a_language(measures):
    english, chinese = pick(measures, "western_commenter", "en"), pick(measures, "chinese_viewer", "zh")
    both = pd.concat([english, chinese])
    assert tone_side(both, "vader").n == english["vader"].notna().sum()


def test_no_contrast_of_any_grouping_crosses_languages(measures):
    table = tone_contrasts(add_group(measures, "origin"), NEUTRAL, np.random.default_rng(0), draws=9)
    assert table.empty
    assert {"instrument", "language", "statistic", "weighting", "unit"} <= set(table.columns)
    for grouping in ("vantage", "collection"):
        rows = add_group(measures, grouping)
        table = tone_contrasts(rows, NEUTRAL, np.random.default_rng(0), draws=9)
        assert len(table)
        for a, b, language in set(zip(table["a"], table["b"], table["language"], strict=True)):
            for name in (a, b):
                assert language in set(rows.loc[rows["group"] == name, "language"])


def test_scores_that_are_all_the_same_have_no_effect_and_stop_nothing(measures):
    english = add_group(measures[measures["language"] == "en"].assign(emoji=0.25, emoji_masked=0.3), "vantage")
    table = masking(main_groups(english), {"emoji": "emoji_masked"})
    assert len(table) == 3
    assert table["estimate"].to_numpy() == pytest.approx(-0.05)
    assert table["effect"].isna().all()
