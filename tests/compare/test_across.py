"""Across languages: only lawful views, each beside what it leaves on aligned text."""

import numpy as np
import pandas as pd
import pytest

from analysis.compare import across
from analysis.compare.groups import Group
from analysis.compare.links import add_linked
from analysis.errors import CrossLanguageError
from analysis.measure.background import background_shares
from analysis.measure.lexicon import word_means
from analysis.measure.pairs import labmt_links

LINKS = labmt_links()


def utterances(language, vantage, shift, clusters, each, seed):
    rng = np.random.default_rng(seed)
    count = clusters * each
    ids = [f"{language}-{vantage}-{i}" for i in range(count)]
    score = 5 + shift + rng.normal(0, 1, count)
    return pd.DataFrame(
        {
            "utterance_id": ids,
            "collection": f"{vantage} {language}",
            "vantage": vantage,
            "group": vantage or "reference",
            "language": language,
            "cluster_id": [f"{language}-{vantage}-{i // each}" for i in range(count)],
            "likes": 1,
            "labmt": score,
            "nrcvad": score / 10,
            "vader": np.where(language == "en", (score - 5) / 5, np.nan),
            "zh_rules": np.where(language == "zh", (score - 5) / 5, np.nan),
            "emoji": np.nan,
            "labmt_linked": score,
        }
    )


@pytest.fixture(scope="module")
def measures():
    parts = [
        utterances("en", "western_commenter", 0.0, 40, 10, 1),
        utterances("zh", "chinese_viewer", 1.0, 40, 10, 2),
        utterances("en", None, 0.5, 40, 10, 3),
        utterances("zh", None, 0.5, 40, 10, 4),
    ]
    return add_linked(pd.concat(parts, ignore_index=True), LINKS)


@pytest.fixture(scope="module")
def aligned():
    parts = []
    for language in ("en", "zh"):
        lines = utterances(language, None, 0.0, 200, 1, 5)
        lines["cluster_id"] = [f"line-{i}" for i in range(200)]
        # The same content, and an instrument's own noise.
        for column in ("labmt", "nrcvad", "vader", "zh_rules", "labmt_linked"):
            lines[column] += np.random.default_rng(len(parts)).normal(0, 0.05, 200)
        parts.append(lines)
    return add_linked(pd.concat(parts, ignore_index=True), LINKS)


def group(measures, name, language):
    rows = measures[(measures["group"] == name) & (measures["language"] == language)]
    return Group(name, language, name, "made", rows)


def test_two_languages_are_never_compared_directly():
    views = across.lawful_views("zh", "en", {}, tuple(LINKS))
    assert {view.basis for view in views} == {"linked"}
    assert across.lawful_views("ko", "en", {}, tuple(LINKS)) == []
    assert {view.basis for view in across.lawful_views("zh", "zh", {})} == {"direct"}


def test_an_unlawful_view_raises_and_names_the_lawful_ones(measures):
    view = across.View("direct", "labmt", ("labmt", "labmt"))
    sides = group(measures, "chinese_viewer", "zh"), group(measures, "western_commenter", "en")
    with pytest.raises(CrossLanguageError, match=r"reference-centred.*linked.*human-anchored"):
        across.centred_contrast(*sides, view, {})


def test_a_contrast_is_centred_on_the_reference_of_its_own_language(measures):
    levels = across.reference_levels(measures, ("labmt",))
    view = across.View("reference collection", "labmt", ("labmt", "labmt"))
    sides = group(measures, "chinese_viewer", "zh"), group(measures, "western_commenter", "en")
    row = across.centred_contrast(*sides, view, levels)
    by_hand = []
    for side in sides:
        reference = group(measures, "reference", side.language).rows["labmt"]
        by_hand.append((side.rows["labmt"].mean() - reference.mean()) / reference.std())
    assert row["estimate"] == pytest.approx(by_hand[0] - by_hand[1])
    # Four independent means of 400 scores with sd 1 (clusters add nothing here).
    assert row["se"] == pytest.approx((4 / 400) ** 0.5, rel=0.15)
    assert row["ci_low"] < 1.0 < row["ci_high"]


def test_a_reference_carries_its_share_of_the_error(measures):
    view = across.View("reference collection", "labmt", ("labmt", "labmt"))
    sides = group(measures, "chinese_viewer", "zh"), group(measures, "western_commenter", "en")
    levels = across.reference_levels(measures, ("labmt",))
    known = {key: level._replace(rows=None) for key, level in levels.items()}
    free, fixed = (across.centred_contrast(*sides, view, which) for which in (levels, known))
    assert free["estimate"] == pytest.approx(fixed["estimate"])
    assert free["se"] > 1.3 * fixed["se"]


def test_ordinary_language_weighs_words_by_how_often_they_occur():
    level = across.background_level(np.array([0.75, 0.25, 0.0]), np.array([8.0, 2.0, 5.0]))
    assert level.mean == pytest.approx(6.5)
    assert level.spread == pytest.approx((0.75 * 1.5**2 + 0.25 * 4.5**2) ** 0.5)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_ordinary_levels_are_of_the_words_that_count_by_their_shares(language):
    tool, shares = word_means("labmt", 0.8), background_shares(language)
    words = pd.Series(tool.ratings[language])
    weights = pd.Series({word: shares.get(word, 0.0) for word in words.index})
    assert (weights == 0).any()
    level = across.ordinary_levels(tool)[language]
    mean = (weights * words).sum() / weights.sum()
    assert level.mean == pytest.approx(mean)
    assert level.spread == pytest.approx(((weights * (words - mean) ** 2).sum() / weights.sum()) ** 0.5)


def test_stray_languages_of_a_reference_are_no_reference(measures):
    few = utterances("en", None, 0.0, 3, 1, 9).assign(collection="None zh")
    only = measures[~((measures["group"] == "reference") & (measures["language"] == "en"))]
    levels = across.reference_levels(pd.concat([only, few], ignore_index=True), ("labmt",))
    assert {key[2] for key in levels} == {"zh"}


def test_every_lawful_view_stands_beside_its_gap(measures, aligned):
    levels = across.reference_levels(measures, ("labmt", "nrcvad", "vader", "zh_rules", "emoji"))
    table = across.crossings(measures, aligned, levels, LINKS)
    assert set(table["view"]) == {"reference collection", "linked by sd", "linked by ols", "linked by reverse"}
    assert set(table["a"]) == {"chinese_viewer"}
    assert set(table["b"]) == {"western_commenter"}
    assert table["gap_low"].notna().all()
    assert (table["gap_low"] <= table["gap"]).all()
    # Nearly the same scores on both sides of the aligned lines leave hardly a gap; a shift of 1 sd exceeds it.
    linked = table[table["view"] == "linked by sd"].iloc[0]
    assert abs(linked["gap"]) < 0.2
    assert linked["exceeds"] == "yes"
