"""Links and gaps: against numpy, scipy and statsmodels, a recount that leaves words out, and a known truth."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from analysis import paths
from analysis.compare.contrasts import COLUMNS
from analysis.compare.links import (
    add_linked,
    exceeds,
    link_scores,
    linked_contrast,
)
from analysis.errors import CrossLanguageError, ParameterError
from analysis.measure import chinese
from analysis.measure.instrument import Batch
from analysis.measure.lexicon import word_means
from analysis.measure.pairs import LINKS, Link, fit_links, labmt_links, linked_word_means, read_pairs

TRUTH = Link("sd", 1.6, -2.6)


@pytest.fixture(scope="module")
def pairs():
    return read_pairs()


@pytest.fixture(scope="module")
def links():
    return labmt_links()


def draw_pairs(rng, words=300):
    """Draw English words with one to four Chinese ones each; the SD link of what is drawn is TRUTH."""
    happy = rng.normal(0, 1, words)
    which = np.repeat(np.arange(words), rng.integers(1, 5, words))
    # What raters of both languages share, and as much of its own in each: the ratio of SDs is the slope.
    english = happy + 0.6 * rng.normal(size=words)
    chinese_side = happy[which] + 0.6 * rng.normal(size=len(which))
    zh = 5 + 0.7 * chinese_side
    en = TRUTH(5 + 0.7 * english[which])
    return pd.DataFrame({"zh_rating": zh, "en": which, "en_rating": en})


def rows(rng, language, mean, clusters=30, size=8):
    """Draw utterances of one language on the English scale."""
    names = np.repeat([f"{language}{i:02}" for i in range(clusters)], size)
    scores = mean + np.repeat(rng.normal(0, 0.3, clusters), size) + rng.normal(0, 1, len(names))
    table = pd.DataFrame({"language": language, "cluster_id": names, "likes": 1, "labmt_linked": scores})
    return add_linked(table, labmt_links())


def test_pairs_are_those_that_have_both_ratings(pairs):
    assert len(pairs) == 6993
    assert pairs["en"].nunique() == 3271
    assert not pairs["zh"].duplicated().any()
    first = pairs.iloc[0]
    assert (first["zh"], first["zh_rating"], first["en"], first["en_rating"]) == ("快乐", 7.82, "happy", 8.30)
    assert pairs[["zh_rating", "en_rating"]].apply(lambda side: side.between(1, 9)).all(axis=None)


def test_links_against_numpy_scipy_and_statsmodels(pairs, links):
    x, y = pairs["zh_rating"], pairs["en_rating"]
    forward, back = stats.linregress(x, y), stats.linregress(y, x)
    slope, intercept = np.polyfit(x, y, 1)
    fitted = sm.OLS(y, sm.add_constant(x)).fit()
    assert links["ols"].slope == pytest.approx(forward.slope, rel=1e-12)
    assert (links["ols"].slope, links["ols"].intercept) == pytest.approx((slope, intercept), rel=1e-9)
    assert (links["ols"].intercept, links["ols"].slope) == pytest.approx(tuple(fitted.params), rel=1e-9)
    assert links["reverse"].slope == pytest.approx(1 / back.slope, rel=1e-12)
    assert links["reverse"].intercept == pytest.approx(-back.intercept / back.slope, rel=1e-9)
    assert links["sd"].slope == pytest.approx(np.sqrt(links["ols"].slope * links["reverse"].slope), rel=1e-12)
    assert [round(links[name].slope, 2) for name in LINKS] == [1.59, 1.19, 2.12]


def test_sd_link_matches_mean_and_sd_of_the_pairs(pairs, links):
    linked = links["sd"](pairs["zh_rating"])
    assert linked.mean() == pytest.approx(pairs["en_rating"].mean(), abs=1e-12)
    assert linked.std() == pytest.approx(pairs["en_rating"].std(), abs=1e-12)
    for link in links.values():
        assert link(pairs["zh_rating"].mean()) == pytest.approx(pairs["en_rating"].mean(), abs=1e-12)


def test_sd_link_is_the_same_both_ways_and_the_bounds_trade_places(pairs, links):
    swapped = fit_links(
        pairs.assign(zh_rating=pairs["en_rating"], en_rating=pairs["zh_rating"])[["zh_rating", "en", "en_rating"]]
    )
    x = np.linspace(1, 9, 5)
    for name, other in (("sd", "sd"), ("ols", "reverse"), ("reverse", "ols")):
        np.testing.assert_allclose(swapped[name](links[other](x)), x, atol=1e-9)


def test_links_follow_a_change_of_units(pairs, links):
    moved = fit_links(pairs.assign(zh_rating=10 * pairs["zh_rating"] - 3, en_rating=2 * pairs["en_rating"] + 1))
    x = np.linspace(1, 9, 5)
    for name in LINKS:
        np.testing.assert_allclose(moved[name](10 * x - 3), 2 * links[name](x) + 1, atol=1e-9)
        assert moved[name].variance(2 * 6.0 + 1) == pytest.approx(4 * links[name].variance(6.0), rel=1e-6)


def test_variance_is_a_recount_that_leaves_each_english_word_out():
    drawn = draw_pairs(np.random.default_rng(1), words=25)
    got = fit_links(drawn)
    without = [fit_links(drawn[drawn["en"] != word]) for word in range(25)]
    for name in LINKS:
        lines = np.array([(fit[name].slope, fit[name].intercept) for fit in without])
        away = lines - lines.mean(axis=0)
        expected = 24 / 25 * away.T @ away
        link = got[name]
        assert link.slope_variance == pytest.approx(expected[0, 0], rel=1e-9)
        assert link.intercept_variance == pytest.approx(expected[1, 1], rel=1e-9)
        assert link.covariance == pytest.approx(expected[0, 1], rel=1e-9)
        at = link.back(6.3)
        assert link.variance(6.3) == pytest.approx(np.array([at, 1]) @ expected @ np.array([at, 1]), rel=1e-6)
    sizes = drawn["en"].value_counts()
    assert got["sd"].words == pytest.approx(sizes.sum() ** 2 / (sizes**2).sum())


def test_ols_variance_is_near_that_of_statsmodels_by_cluster(pairs, links):
    codes = pairs["en"].astype("category").cat.codes
    fit = sm.OLS(pairs["en_rating"], sm.add_constant(pairs["zh_rating"])).fit(
        cov_type="cluster", cov_kwds={"groups": codes}
    )
    expected = fit.cov_params().to_numpy()
    got = links["ols"]
    np.testing.assert_allclose(
        [got.intercept_variance, got.covariance, got.slope_variance],
        [expected[0, 0], expected[0, 1], expected[1, 1]],
        rtol=0.02,
    )


def test_english_words_as_groups_give_larger_errors_than_pairs(pairs, links):
    alone = fit_links(pairs.assign(en=np.arange(len(pairs))))
    for name in LINKS:
        assert links[name].slope == pytest.approx(alone[name].slope, rel=1e-12)
        assert links[name].slope_variance > 1.3 * alone[name].slope_variance
        assert links[name].variance(5.6) > 1.3 * alone[name].variance(5.6)


def test_link_error_is_least_near_the_middle_and_vanishes_for_a_given_line(links):
    for link in links.values():
        at = [link.variance(mean) for mean in (2.5, 4.0, 5.6, 7.5, 9.0)]
        assert at[0] > at[1] > at[2] < at[3] < at[4]
    assert TRUTH.variance(7.0) == 0


def test_link_variance_covers_the_truth():
    rng = np.random.default_rng(7)
    hits = dict.fromkeys((4.0, 5.4, 7.0), 0)
    runs = 250
    for _ in range(runs):
        link = fit_links(draw_pairs(rng))["sd"]
        for mean in hits:
            got = link(TRUTH.back(mean))
            hits[mean] += abs(got - mean) <= 1.96 * np.sqrt(link.variance(got))
    # 250 runs at 95 % give .915 to .985 in 99 of 100.
    for count in hits.values():
        assert 0.915 <= count / runs <= 0.985


@pytest.mark.parametrize(
    "table",
    [
        {"zh_rating": [1.0, 2.0], "en": ["a", "b"], "en_rating": [1.0, 2.0]},
        {"zh_rating": [1.0, 2.0, 3.0], "en": ["a", "b", "c"], "en_rating": [3.0, 2.0, 1.0]},
        {"zh_rating": [2.0, 2.0, 2.0], "en": ["a", "b", "c"], "en_rating": [3.0, 2.0, 1.0]},
    ],
)
def test_what_gives_no_link_is_refused(table):
    with pytest.raises(ParameterError, match="no link"):
        fit_links(pd.DataFrame(table))


def test_links_are_inverted_and_changed_without_loss(links):
    scores = pd.Series([2.0, 4.5, np.nan, 7.8])
    for link in links.values():
        pd.testing.assert_series_equal(link.back(link_scores(scores, link)), scores)
        again = link_scores(link_scores(scores, links["sd"]), link, links["sd"])
        pd.testing.assert_series_equal(again, link_scores(scores, link))


def test_linked_words_are_rated_on_the_english_scale_and_lensed_there(links):
    tool, plain = linked_word_means(lens=0.8), word_means("labmt", lens=0.8)
    assert tool.name == "labmt_linked"
    assert tool.ratings["en"] == plain.ratings["en"]
    every = word_means("labmt", lens=0.0).ratings["zh"]
    expected = {w: links["sd"](v) for w, v in every.items() if abs(links["sd"](v) - 5) >= 0.8}
    assert tool.ratings["zh"] == pytest.approx(expected)
    assert min(expected.values()) >= tool.scale[0]
    assert max(expected.values()) <= tool.scale[1]
    assert linked_word_means(masked=False).name == "labmt_linked_unmasked"


def test_a_text_under_another_link_is_the_mean_of_its_words_under_that_link(links):
    texts = ["我很高兴，朋友也喜欢。", "监狱里的恐惧", "，"]
    tool = linked_word_means()
    tokens = chinese.tokenize(texts)
    scored = pd.Series(tool.score(Batch("zh", texts, tokens)).score)
    ratings = word_means("labmt", lens=0.0).ratings["zh"]
    for link in links.values():
        means = [
            np.mean([link(ratings[word]) for word in words if word in tool.ratings["zh"]] or [np.nan])
            for words in tokens.lists()
        ]
        np.testing.assert_allclose(link_scores(scored, link, links["sd"]), means)
    assert scored.isna().tolist() == [False, False, True]


def test_add_linked_moves_chinese_keeps_english_and_leaves_others_out(links):
    table = pd.DataFrame({"language": ["en", "zh", "ko"], "labmt_linked": [6.0, 6.0, 6.0]})
    out = add_linked(table, links)
    for name, link in links.items():
        assert out[f"labmt_{name}"].iloc[0] == 6
        assert out[f"labmt_{name}"].iloc[1] == pytest.approx(link(links["sd"].back(6.0)))
        assert np.isnan(out[f"labmt_{name}"].iloc[2])
    assert out["labmt_sd"].iloc[1] == pytest.approx(6)


def test_linked_contrast_adds_the_links_variance(links):
    rng = np.random.default_rng(2)
    zh, en = rows(rng, "zh", 6.4), rows(rng, "en", 5.7)
    for name, link in links.items():
        got = linked_contrast(zh, en, link)
        column = f"labmt_{name}"
        assert tuple(got) == COLUMNS
        assert got["estimate"] == pytest.approx(zh[column].mean() - en[column].mean())
        # Equal clusters: the jackknife is the variance of the cluster means.
        clusters = [side.groupby("cluster_id")[column].mean().var(ddof=1) / 30 for side in (zh, en)]
        assert got["se"] ** 2 == pytest.approx(sum(clusters) + link.variance(zh[column].mean()))
        pooled = np.sqrt((zh[column].var(ddof=1) + en[column].var(ddof=1)) / 2)
        assert got["effect"] == pytest.approx(got["estimate"] / pooled)
        assert got["se"] > linked_contrast(zh, en, Link(name, link.slope, link.intercept))["se"]


def test_linked_contrast_refuses_sides_of_the_wrong_language(links):
    rng = np.random.default_rng(3)
    zh, en = rows(rng, "zh", 6.4), rows(rng, "en", 5.7)
    for sides in ((en, zh), (zh, zh), (pd.concat([zh, en]), en)):
        with pytest.raises(CrossLanguageError):
            linked_contrast(*sides, links["sd"])


def test_only_what_lies_beyond_the_gap_exceeds_it():
    def row(low, high):
        return {"estimate": (low + high) / 2, "ci_low": low, "ci_high": high}

    assert exceeds(row(0.4, 0.6), row(0.1, 0.3))
    assert not exceeds(row(0.2, 0.6), row(0.1, 0.3))
    assert not exceeds(row(-0.1, 0.6), row(-0.4, -0.3))
    assert exceeds(row(0.1, 0.6), row(-0.4, -0.3))
    assert exceeds(row(-0.9, -0.5), row(-0.4, 0.3))
    assert not exceeds(row(np.nan, np.nan), row(-0.4, 0.3))


def test_aligned_lines_are_well_formed():
    with (paths.DATA / "aligned.csv").open(encoding="utf-8", newline="") as file:
        lines = pd.DataFrame(csv.DictReader(file))
    assert list(lines.columns) == ["pair", "en", "zh", "tone"]
    assert len(lines) >= 200
    for column in ("pair", "en", "zh"):
        assert not lines[column].duplicated().any()
    assert (lines == lines.apply(lambda column: column.str.strip())).all(axis=None)
    assert lines["zh"].str.contains("[\u4e00-\u9fff]").all()
    assert not lines["en"].str.contains("[\u4e00-\u9fff]").any()
    assert [chinese.simplify(text) for text in lines["zh"]] == lines["zh"].tolist()
    counts = lines["tone"].value_counts()
    assert set(counts.index) == {"warm", "cold", "neutral", "mixed"}
    assert counts["warm"] == counts["cold"]
    assert counts.min() >= 40
