"""Word shifts against shifterator, the reference implementation, and against what they must sum to."""

from __future__ import annotations

import collections
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats
from shifterator import WeightedAvgShift
from statsmodels.stats.proportion import proportion_confint

from analysis.compare.clusters import Side
from analysis.compare.contrasts import compare, compare_shares
from analysis.compare.vocabulary import Counts, count_terms
from analysis.compare.word_shift import KINDS, NO_CHANGE, SUMMARY_COLUMNS, TERM_COLUMNS, summarize, word_shift
from analysis.measure import chinese, chunks, english
from analysis.measure.lexicon import read_masks, read_ratings, word_means

FLIPPED = {
    "positive up": "positive down",
    "positive down": "positive up",
    "negative up": "negative down",
    "negative down": "negative up",
    NO_CHANGE: NO_CHANGE,
}
TEXTS = {
    "en": (
        ["They smile because they must, a fake city for a sad king.", "Poor children, no freedom, no food, only fear."],
        [
            "A kind guide, a good dinner and a happy school concert!",
            "The children sing; friends laugh; not a war in sight.",
        ],
    ),
    "zh": (
        ["朝鲜人民很幸福，平壤真干净！", "他们没有自由，太可怜了，死也不怕。"],
        ["今天天气好，和朋友吃饭，开心。", "地震太可怕了，希望大家平安，爱你们。"],
    ),
}


@pytest.fixture(scope="module", autouse=True)
def _old_collections():
    """Give shifterator 0.3.0 the name that Python took away in 3.10; without it no dictionary can be scored."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collections, "Mapping", Mapping, raising=False)
        yield


def tokens(language, texts):
    cut = chinese.tokenize(texts) if language == "zh" else english.tokenize(chunks.split(texts))
    return pa.array(cut.lists(), pa.list_(pa.string()))


def counted(language, texts):
    return count_terms(tokens(language, texts), pd.Series([str(i) for i in range(len(texts))]))


def plain(counts):
    return dict(zip(counts.terms, np.asarray(counts.matrix.sum(axis=0)).ravel().tolist(), strict=True))


def reference(a, b, ratings, middle=5.0, **more):
    """Return shifterator's shift of a minus b: its second text minus its first."""
    return WeightedAvgShift(b, a, ratings, reference_value=middle, normalization="none", **more)


def check(table, shift):
    """Hold a table against shifterator's scores, components, total and (default) normalisation."""
    ours = table.set_index("term")["contribution"]
    theirs = pd.Series(shift.type2shift_score)
    assert set(theirs[theirs != 0].index) <= set(ours.index)
    assert (ours - theirs.reindex(ours.index)).abs().max() < 1e-9
    assert ours.sum() == pytest.approx(shift.diff, abs=1e-9)
    sums = shift.get_shift_component_sums()
    names = ("pos_s_pos_p", "neg_s_neg_p", "pos_s_neg_p", "neg_s_pos_p")
    for kind, name in zip(KINDS, names, strict=True):
        assert table.loc[table["kind"] == kind, "contribution"].sum() == pytest.approx(sums[name], abs=1e-9)
    share = ours / theirs.abs().sum()
    assert (table.set_index("term")["of_variation"] - share).abs().max() < 1e-9


def random_side(rng, clusters, terms, mean=2.0):
    matrix = rng.poisson(mean * rng.gamma(0.5, 2.0, len(terms)), (len(clusters), len(terms)))
    return Counts(np.array(clusters, dtype=object), np.array(terms, dtype=object), sparse.csr_array(matrix))


@pytest.mark.parametrize("seed", range(20))
def test_equals_shifterator_on_random_counts(seed):
    rng = np.random.default_rng(seed)
    words = [f"w{i:03d}" for i in range(80)]
    ratings = {word: float(value) for word, value in zip(words, rng.uniform(1, 9, 80).round(2), strict=True)}
    a, b = (
        {str(w): int(n) for w, n in zip(rng.permutation(words)[:50], rng.poisson(4, 50), strict=True)} for _ in "ab"
    )
    middle = float(rng.choice([5.0, 4.2]))
    check(word_shift(a, b, ratings, middle), reference(a, b, ratings, middle))
    check(word_shift(pd.Series(a), pd.Series(b), ratings, middle), reference(a, b, ratings, middle))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("lens", [0.0, 1.0])
def test_equals_shifterator_on_texts_with_its_own_lens_and_stop_words(language, masked, lens):
    a, b = (counted(language, texts) for texts in TEXTS[language])
    labmt = word_means("labmt", lens, masked=masked, laughter=True)
    kept = labmt.ratings[language]
    masks = set(read_masks("labmt", language)) if masked else set()
    everything = read_ratings("labmt", language)
    # Shifterator's lens takes its ends, labMT's own keeps them.
    inside = [abs(v - 5) for w, v in everything.items() if w not in kept and w not in masks]
    lenses = [(5 - max(inside), 5 + max(inside))] if inside else None
    table = word_shift(a, b, kept, labmt.middle)
    assert len(table) > 3
    check(table, reference(plain(a), plain(b), everything, stop_lens=lenses, stop_words=masks))


def test_another_reference_changes_kinds_but_not_the_sum():
    a, b = (counted("en", texts) for texts in TEXTS["en"])
    ratings = word_means("labmt").ratings["en"]
    middle = word_shift(a, b, ratings)
    mean_b = (middle["share_b"] * middle["rating"]).sum()
    other = word_shift(a, b, ratings, mean_b)
    assert other["contribution"].sum() == pytest.approx(middle["contribution"].sum(), abs=1e-12)
    check(other, WeightedAvgShift(plain(b), plain(a), ratings, reference_value="average", normalization="none"))


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 9), min_size=1),
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 9), min_size=1),
    st.lists(st.floats(1, 9), min_size=8, max_size=8),
)
def test_contributions_sum_to_the_difference_and_swapping_flips_signs(a, b, values):
    ratings = dict(zip("abcdefgh", values, strict=True))
    table = word_shift(a, b, ratings)
    means = [sum(ratings[w] * n for w, n in side.items()) / sum(side.values()) for side in (a, b)]
    assert table["contribution"].sum() == pytest.approx(means[0] - means[1], abs=1e-9)
    swapped = word_shift(b, a, ratings)
    assert swapped["term"].tolist() == table["term"].tolist()
    assert (swapped["contribution"] == -table["contribution"]).all()
    assert swapped["kind"].tolist() == [FLIPPED[kind] for kind in table["kind"]]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_the_lens_or_a_mask_takes_out_is_neither_shown_nor_scored(language):
    labmt = word_means("labmt")
    ratings, everything = labmt.ratings[language], read_ratings("labmt", language)
    gone = sorted(everything.keys() - ratings.keys())[:200]
    kept = sorted(ratings)[:10]
    a, b = dict.fromkeys([*kept, *gone], 7), dict.fromkeys([*kept[5:], *gone[50:]], 3)
    table = word_shift(a, b, ratings)
    assert set(table["term"]) == set(kept)
    without = word_shift({w: a[w] for w in kept}, {w: b[w] for w in kept[5:]}, ratings)
    pd.testing.assert_frame_equal(table, without)
    summary = summarize(table, a, b, left_out=dict.fromkeys(gone, "masked")).set_index("name")
    assert summary.loc["masked", ["n_a", "n_b"]].tolist() == [7 * 200, 3 * 150]
    assert summary.loc["scored", ["n_a", "n_b"]].tolist() == [70, 15]
    assert summary.loc["not rated", ["n_a", "n_b"]].tolist() == [0, 0]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_scored_words_are_those_that_the_instrument_scores(language, bilingual_measures):
    rows, words = bilingual_measures
    at = np.flatnonzero(rows["language"] == language)
    counts = count_terms(words.take(pa.array(at)), rows["cluster_id"].iloc[at])
    table = word_shift(counts, counts, word_means("labmt").ratings[language])
    assert table["n_a"].sum() == rows["labmt_n"].iloc[at].sum() > 0
    assert (table["kind"] == NO_CHANGE).all()
    assert (table["contribution"] == 0).all()


@pytest.fixture(scope="module")
def bilingual_measures(bilingual):
    from analysis.corpus import store  # noqa: PLC0415  (only here)
    from analysis.measure.batch import NEEDED, measure_batch  # noqa: PLC0415

    corpus = store.read_corpus(bilingual, list(NEEDED)).iloc[::3].reset_index(drop=True)
    measures = measure_batch(corpus).measures
    return measures.drop_columns("tokens").to_pandas(), measures["tokens"].combine_chunks()


def test_order_is_by_size_then_term_whatever_the_order_of_input():
    ratings = {"e": 7.0, "d": 3.0, "c": 7.0, "b": 9.0, "a": 5.0}
    a, b = {"e": 1, "c": 1, "a": 2}, {"d": 2, "b": 1, "a": 1}
    table = word_shift(a, b, ratings)
    # c, d (twice the share, the other side) and e: sizes 1, 2, 2 and 4 quarters of a half point.
    assert table["term"].tolist() == ["b", "d", "c", "e", "a"]
    back = word_shift(dict(reversed(a.items())), dict(reversed(b.items())), dict(reversed(ratings.items())))
    pd.testing.assert_frame_equal(table, back)


def test_intervals_are_those_of_shares():
    rng = np.random.default_rng(7)
    terms = [f"w{i:02d}" for i in range(30)]
    ratings = dict(zip(terms[:25], rng.uniform(1, 9, 25).tolist(), strict=True))
    # Ten clusters stand on both sides.
    a = random_side(rng, [f"c{i:02d}" for i in range(25)], terms)
    b = random_side(rng, [f"c{i:02d}" for i in range(15, 40)], terms, 1.0)
    table = word_shift(a, b, ratings)

    def side(counts, values):
        total = counts.matrix @ np.array([values.get(t, 0.0) for t in counts.terms])
        weight = counts.matrix @ np.array([float(t in ratings) for t in counts.terms])
        return Side(counts.clusters, total, weight, int(weight.sum()))

    assert table["note"].eq("").sum() > 20
    for row in table[table["note"] == ""].to_dict("records"):
        one = {row["term"]: row["rating"] - 5.0}
        theirs = compare("", "a", side(a, one), "b", side(b, one))
        assert row["contribution"] == pytest.approx(theirs["estimate"], abs=1e-9)
        hit = dict.fromkeys(one, 1.0)
        theirs = compare_shares("", "a", side(a, hit), "b", side(b, hit))
        ends = sorted(theirs[end] * one[row["term"]] for end in ("ci_low", "ci_high"))
        assert [row["ci_low"], row["ci_high"]] == pytest.approx(ends, abs=1e-9)
    mean = summarize(table, a, b).iloc[0]
    theirs = compare("", "a", side(a, ratings), "b", side(b, ratings))
    assert mean["contribution"] == pytest.approx(table["contribution"].sum(), abs=1e-9)
    assert [mean["ci_low"], mean["ci_high"]] == pytest.approx([theirs["ci_low"], theirs["ci_high"]], abs=1e-9)


@pytest.mark.parametrize("rating", [8.0, 2.0])
def test_a_word_that_clusters_say_once_has_newcombes_interval_of_its_share(rating):
    """One rated word a cluster: nothing is clustered, but for t on few degrees of freedom."""
    sides, limits = [], []
    for name, hits, n in (("a", 3, 40), ("b", 30, 90)):
        grid = np.zeros((n, 2), dtype=np.int64)
        grid[:hits, 0], grid[hits:, 1] = 1, 1
        clusters = np.array([f"{name}{i:03}" for i in range(n)], dtype=object)
        sides.append(Counts(clusters, np.array(["one", "other"], dtype=object), sparse.csr_array(grid)))
        # The jackknife divides by n - 1, not by n.
        m = (n - 1) * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, n - 1)) ** 2
        limits.append(proportion_confint(hits / n * m, m, method="jeffreys"))
    p, q = 3 / 40, 30 / 90
    (low_p, high_p), (low_q, high_q) = limits
    low, high = p - q - np.hypot(p - low_p, high_q - q), p - q + np.hypot(high_p - p, q - low_q)
    row = word_shift(*sides, {"one": rating, "other": 5.0}).set_index("term").loc["one"]
    ends = sorted([low * (rating - 5), high * (rating - 5)])
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(ends, abs=1e-9)


def test_intervals_of_rare_words_hold_the_truth():
    """20 clusters against 400, words with 4 to 20 occurrences in the smaller: t and the jackknife held .90."""
    rng = np.random.default_rng(11)
    expected = np.repeat([4, 8, 20], 4)
    terms = np.array([f"w{i:02}" for i in range(12)] + ["zz"], dtype=object)
    held = []
    for _ in range(60):
        sides, shares = [], []
        for name, count in (("a", 20), ("b", 400)):
            words = rng.lognormal(np.log(200), 0.6, count).astype(int) + 5
            if not shares:
                share = expected / words.sum()
            shares.append(share / (2 if name == "b" else 1))
            uneven = rng.lognormal(-0.32, 0.8, (count, 12))
            hits = rng.poisson(words[:, None] * shares[-1] * uneven)
            grid = np.column_stack([hits, np.maximum(words - hits.sum(axis=1), 0)])
            clusters = np.array([f"{name}{i:03}" for i in range(count)], dtype=object)
            sides.append(Counts(clusters, terms, sparse.csr_array(grid)))
        table = word_shift(*sides, dict.fromkeys(terms, 6.0)).set_index("term").loc[list(terms[:12])]
        truth, given = shares[0] - shares[1], table["ci_low"].notna()
        held += ((table["ci_low"] <= truth) & (truth <= table["ci_high"]))[given].tolist()
    assert len(held) > 680
    assert np.mean(held) > 0.93


def test_many_terms_are_worked_on_in_pieces(monkeypatch):
    rng = np.random.default_rng(3)
    terms = [f"w{i:02d}" for i in range(40)]
    a, b = (random_side(rng, [f"{s}{i}" for i in range(12)], terms) for s in "ab")
    ratings = dict(zip(terms, rng.uniform(1, 9, 40).tolist(), strict=True))
    whole = word_shift(a, b, ratings)
    monkeypatch.setattr("analysis.compare.word_shift._CELLS", 40)
    pd.testing.assert_frame_equal(word_shift(a, b, ratings), whole, rtol=1e-12)


def test_few_clusters_withhold_every_interval():
    rng = np.random.default_rng(5)
    terms, ratings = ["bad", "good"], {"bad": 2.0, "good": 8.0}
    a, b = random_side(rng, list("pqrs"), terms, 9.0), random_side(rng, [f"c{i}" for i in range(30)], terms, 9.0)
    table = word_shift(a, b, ratings)
    assert table["ci_low"].isna().all()
    assert set(table["note"]) == {"too few clusters: no interval"}
    mean = summarize(table, a, b).iloc[0]
    assert np.isnan(mean["ci_low"])
    assert mean["note"] == "too few clusters: no interval"


def test_a_word_that_a_side_lacks_or_few_clusters_hold_has_no_interval():
    clusters, terms = [f"c{i}" for i in range(20)], ["bad", "good", "joy", "rare"]
    rng = np.random.default_rng(6)
    grid = rng.poisson(3.0, (20, 4)) + 1
    grid[:, 3] = 0
    grid[:2, 3] = 1
    a = Counts(np.array(clusters, dtype=object), np.array(terms, dtype=object), sparse.csr_array(grid))
    other = grid.copy()
    other[:, 2] = 0
    b = a._replace(matrix=sparse.csr_array(other), clusters=np.array([f"d{i}" for i in range(20)], dtype=object))
    notes = word_shift(a, b, {"bad": 2.0, "good": 8.0, "joy": 8.5, "rare": 1.5}).set_index("term")["note"]
    assert notes.to_dict() == {
        "bad": "",
        "good": "",
        "joy": "absent on one side: no interval",
        "rare": "in too few clusters: no interval",
    }


def test_sides_without_a_common_word_a_scored_word_or_any_word():
    ratings = {"good": 8.0, "bad": 2.0}
    apart = word_shift({"good": 2}, {"bad": 1}, ratings)
    assert apart[["term", "contribution", "kind"]].to_numpy().tolist() == [
        ["bad", 3.0, "negative down"],
        ["good", 3.0, "positive up"],
    ]
    one = word_shift({"good": 2}, {"the": 5}, ratings)
    assert one["contribution"].isna().all()
    assert one["kind"].tolist() == [""]
    for a, b in (({"x": 1}, {"y": 1}), ({}, {})):
        table = word_shift(a, b, ratings)
        assert tuple(table.columns) == TERM_COLUMNS
        assert table.empty
        summary = summarize(table, a, b)
        assert tuple(summary.columns) == SUMMARY_COLUMNS
        assert summary["note"].iloc[0] == "nothing to measure"


def test_both_means_are_given_and_can_differ_in_sign():
    """One long cold text among warm short ones: the words are colder, the utterances warmer."""
    ratings = {"good": 8.0, "bad": 2.0}
    a, b = {"good": 9, "bad": 20}, {"good": 10, "bad": 10}
    names = np.array([f"c{i}" for i in range(10)], dtype=object)
    by_utterance = [
        Side(names, np.array([8.0] * 9 + [2.0]), np.ones(10), 10),
        Side(names, np.full(10, 5.0), np.ones(10), 10),
    ]
    summary = summarize(word_shift(a, b, ratings), a, b, utterances=(by_utterance[0], by_utterance[1])).set_index(
        "name"
    )
    assert summary.loc["mean of words", "contribution"] < 0 < summary.loc["mean of utterances", "contribution"]


def test_hostile_terms_are_counted_like_any_other():
    ratings = {"=1+1": 8.0, "$x$": 2.0, "\u202egood": 8.0, "😂": 7.0, "a\nb": 3.0}
    a, b = dict.fromkeys(ratings, 2) | {"😂": 5}, dict.fromkeys(ratings, 1)
    check(word_shift(a, b, ratings), reference(a, b, ratings))
