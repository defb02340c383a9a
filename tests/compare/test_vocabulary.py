"""Vocabulary: against Counter, NLTK, the paper's formulas in plain Python and a recount by deleted cluster."""

from __future__ import annotations

import math
import re
from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk import ConditionalFreqDist
from nltk.tokenize.casual import EMOTICONS
from scipy import stats

from analysis.compare.vocabulary import TERM_COLUMNS, count_terms, is_term, keyness
from analysis.measure.chinese import tokenize as tokenize_chinese
from analysis.measure.chunks import split
from analysis.measure.english import tokenize as tokenize_english

TERMS = [
    "so",
    "free",
    "don't",
    "#朝鲜",
    "朝鲜",
    "市场",
    "👍",
    "n.korea",
    "1st",
    "café",
    "貿易",
    "👨\u200d👩\u200d👧",
    "北",
    "🇰🇵",
]
NOISE = ["!", "...", "，", "2017", "3.5", "https://a.example/x", ":)", ":D", "50%", "—"]


def draw_talk(rng, clusters, utterances=8, tilt=0.0):
    """Return a list of (cluster, tokens) with frequencies that differ by cluster."""
    out = []
    for cluster in clusters:
        share = 1 / np.arange(1, len(TERMS) + 1) * np.exp(rng.normal(tilt * (np.arange(len(TERMS)) % 3), 0.5))
        share = share / share.sum()
        for _ in range(rng.integers(1, utterances)):
            words = rng.choice(TERMS, rng.integers(0, 15), p=share).tolist()
            out.append((cluster, words + rng.choice(NOISE, rng.integers(0, 4)).tolist()))
    return out


def count(talk):
    tokens = pa.array([tokens for _, tokens in talk], pa.list_(pa.string()))
    return count_terms(tokens, pd.Series([cluster for cluster, _ in talk], dtype=object))


def words(talk, without=None):
    """Return the words that are vocabulary, written out by hand."""
    return [t for cluster, tokens in talk if cluster != without for t in tokens if t not in NOISE]


def talks(seed, count_a=12, count_b=17, shared=0):
    rng = np.random.default_rng(seed)
    a = draw_talk(rng, [f"c{i:02}" for i in range(count_a)], tilt=0.4)
    return a, draw_talk(rng, [f"c{i:02}" for i in range(count_a - shared, count_a - shared + count_b)])


@pytest.mark.parametrize(
    "token", [*TERMS, "[捂脸]", "#nk", "t_t", "o_o", "北韩", "ㅋㅋ", "한국", "❤", "👍🏽", "f-35", "\U0001fae8"]
)
def test_words_emoji_han_and_hashtags_are_terms(token):
    assert is_term(token)


@pytest.mark.parametrize(
    "token",
    [*NOISE, "", "?!", "。", "“", "1,000", "2⃣", "¥", "+", "www.a.example", "HTTP://A.EXAMPLE", ":-p", "D:", "8d", "=P"],
)
def test_punctuation_numbers_links_and_emoticons_are_not(token):
    assert not is_term(token)


@settings(deadline=None, max_examples=200)
@given(st.from_regex(re.compile(EMOTICONS, re.VERBOSE), fullmatch=True))
def test_no_emoticon_that_nltk_knows_is_a_term(token):
    assert not is_term("".join(token.split()))


def test_terms_of_real_tokens():
    english = tokenize_english(split(["So FREE :D 👍🏽 https://a.example n.korea, don't #DPRK 2017!!"])).lists()[0]
    assert [t for t in english if is_term(t)] == ["so", "free", "👍", "n.korea", "don't", "#dprk"]
    chinese = tokenize_chinese(["朝鲜的市场，真的[捂脸]😂 2017！https://a.example"]).lists()[0]
    kept = [t for t in chinese if is_term(t)]
    assert {"朝鲜", "市场", "[捂脸]", "😂"} <= set(kept)
    assert not {"，", "2017", "！", "https://a.example"} & set(kept)


def test_counts_are_those_of_counter_and_nltk():
    talk, _ = talks(1)
    counts = count(talk)
    expected = Counter(words(talk))
    assert counts.terms.tolist() == sorted(expected)
    assert dict(zip(counts.terms, counts.matrix.sum(axis=0).tolist(), strict=True)) == expected
    by_cluster = ConditionalFreqDist((cluster, token) for cluster, tokens in talk for token in tokens)
    assert counts.clusters.tolist() == sorted({cluster for cluster, _ in talk})
    for i, cluster in enumerate(counts.clusters):
        row = counts.matrix[[i]].toarray().ravel()
        assert row.tolist() == [by_cluster[cluster][term] for term in counts.terms]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from("xyz"), st.lists(st.sampled_from([*TERMS[:6], *NOISE[:3]]), max_size=6)), max_size=12
    ),
    st.randoms(use_true_random=False),
)
def test_neither_order_of_rows_nor_empty_rows_change_the_counts(talk, random):
    mixed = list(talk)
    random.shuffle(mixed)
    first, second = count(talk), count(mixed)
    assert first.terms.tolist() == second.terms.tolist() == sorted(set(words(talk)))
    assert first.clusters.tolist() == second.clusters.tolist()
    assert first.matrix.shape == (len(first.clusters), len(first.terms))
    assert (first.matrix.toarray() == second.matrix.toarray()).all()


def test_a_slice_of_a_column_counts_only_its_rows():
    talk, _ = talks(2)
    tokens = pa.array([tokens for _, tokens in talk], pa.list_(pa.string()))
    clusters = pd.Series([cluster for cluster, _ in talk])
    some = count_terms(tokens.slice(5, 9), clusters[5:14])
    assert dict(zip(some.terms, some.matrix.sum(axis=0).tolist(), strict=True)) == Counter(words(talk[5:14]))


def monroe(a, b, prior, strength):
    """Monroe, Colaresi & Quinn (2008), equations 15, 16, 19 (as approximated in 20) and 22, term by term."""
    y_a, y_b = Counter(a), Counter(b)
    n_a, n_b = len(a), len(b)
    out = {}
    for word in set(a) | set(b):
        alpha = prior[word]
        omega_a = (y_a[word] + alpha) / (n_a + strength - y_a[word] - alpha)
        omega_b = (y_b[word] + alpha) / (n_b + strength - y_b[word] - alpha)
        delta = math.log(omega_a) - math.log(omega_b)
        variance = 1 / (y_a[word] + alpha) + 1 / (y_b[word] + alpha)
        out[word] = (delta, math.sqrt(variance), delta / math.sqrt(variance))
    return out


@pytest.mark.parametrize("prior_share", [0.01, 0.05, 0.5])
@pytest.mark.parametrize("kind", ["ordinary", "pooled", "flat"])
def test_log_odds_are_those_of_the_paper(prior_share, kind):
    a, b = talks(3)
    said_a, said_b = words(a), words(b)
    strength = prior_share * min(len(said_a), len(said_b))
    seen = sorted(set(said_a) | set(said_b))
    if kind == "ordinary":
        ordinary = pd.Series({"so": 0.02, "free": 0.001, "朝鲜": 0.0005, "unseen": 0.00001})
        share = {word: ordinary.get(word, 0.00001) for word in seen}
    elif kind == "flat":  # as implementations of "fighting words" with one constant have it
        ordinary = pd.Series(1 / len(seen), index=seen)
        share = dict.fromkeys(seen, 1 / len(seen))
    else:
        ordinary = None
        share = {word: n / len(said_a + said_b) for word, n in Counter(said_a + said_b).items()}
    expected = monroe(said_a, said_b, {word: strength * share[word] for word in seen}, strength)
    table = keyness(count(a), count(b), ordinary, min_count=3, prior_share=prior_share).set_index("term")
    assert len(table) > 8
    for term, row in table.iterrows():
        assert (row["log_odds"], row["se_tokens"], row["z_tokens"]) == pytest.approx(expected[term], rel=1e-10)


def test_a_stronger_prior_pulls_log_odds_together():
    a, b = talks(3)
    spread = [keyness(count(a), count(b), prior_share=share)["log_odds"].abs().max() for share in (0.01, 0.1, 1.0)]
    assert spread[0] > spread[1] > spread[2]


def test_rates_and_log_ratio_by_hand():
    a = [(f"a{i}", ["free"] * 2 + ["so"] * 98) for i in range(5)] + [("a9", ["the"] * 500)]
    b = [(f"b{i}", ["so"] * 400) for i in range(5)] + [("b9", ["free"] * 4 + ["the"] * 1996)]
    row = keyness(count(a), count(b)).set_index("term").loc["free"]
    assert (row["n_a"], row["n_b"], row["clusters_a"], row["clusters_b"]) == (10, 4, 5, 1)
    assert (row["per_million_a"], row["per_million_b"]) == pytest.approx((10_000, 1000))
    assert row["log_ratio"] == pytest.approx(math.log2((10.5 / 1000) / (4.5 / 4000)))


@pytest.mark.parametrize("min_count", [1, 5, 40])
def test_the_declared_vocabulary_is_what_the_pair_holds_often_enough(min_count):
    a, b = talks(4)
    both = Counter(words(a)) + Counter(words(b))
    table = keyness(count(a), count(b), min_count=min_count)
    assert tuple(table.columns) == TERM_COLUMNS
    assert table["term"].tolist() == sorted(word for word, n in both.items() if n >= min_count)
    assert (table["n_a"] + table["n_b"]).tolist() == [both[term] for term in table["term"]]
    assert table["clusters_a"].tolist() == [len({c for c, t in a if term in t}) for term in table["term"]]


def recount(a, b, term):
    """Return se and df of the log ratio from the raw words, one cluster after the other left out of both groups."""
    names = [sorted({cluster for cluster, _ in talk}) for talk in (a, b)]
    moves, free = [], []
    for talk, mine in zip((a, b), names, strict=True):
        left_out = {}
        for cluster in mine:
            said = words(talk, cluster)
            left_out[cluster] = math.log2((said.count(term) + 0.5) / len(said))
        middle = sum(left_out.values()) / len(mine)
        shrink = math.sqrt((len(mine) - 1) / len(mine))
        moves.append({cluster: shrink * (value - middle) for cluster, value in left_out.items()})
        sizes = [len(words([pair for pair in talk if pair[0] == cluster])) for cluster in mine]
        free.append(sum(sizes) ** 2 / sum(size**2 for size in sizes) - 1)
    parts = Counter()
    for cluster in {*names[0], *names[1]}:
        parts[cluster in moves[0], cluster in moves[1]] += (moves[0].get(cluster, 0) - moves[1].get(cluster, 0)) ** 2
    variance = sum(parts.values())
    frees = {(True, False): free[0], (False, True): free[1], (True, True): min(free)}
    return math.sqrt(variance), variance**2 / sum(part**2 / frees[key] for key, part in parts.items() if part)


@pytest.mark.parametrize("shared", [0, 1, 7, 12])
def test_intervals_are_those_of_a_recount_without_one_cluster_at_a_time(shared):
    a, b = talks(5, shared=shared)
    table = keyness(count(a), count(b)).set_index("term")
    given_one = table[table["ci_low"].notna()]
    assert len(given_one) > 8
    for term, row in given_one.iterrows():
        se, df = recount(a, b, term)
        reach = stats.t.ppf(0.975, df) * se
        expected = (row["log_ratio"] - reach, row["log_ratio"] + reach)
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("shared", [0, 7])
def test_swapping_the_groups_turns_the_signs_exactly(shared):
    a, b = (count(talk) for talk in talks(6, shared=shared))
    there, back = keyness(a, b), keyness(b, a)
    assert there["term"].tolist() == back["term"].tolist()
    for name in ("log_ratio", "log_odds", "z_tokens"):
        assert there[name].tolist() == (-back[name]).tolist()
    assert there["se_tokens"].tolist() == pytest.approx(back["se_tokens"].tolist(), rel=1e-15)
    assert there["ci_low"].to_numpy() == pytest.approx(-back["ci_high"].to_numpy(), rel=1e-12, nan_ok=True)
    for name in ("n", "per_million", "clusters"):
        assert there[f"{name}_a"].tolist() == back[f"{name}_b"].tolist()


def test_order_of_rows_does_not_matter():
    a, b = talks(7, shared=3)
    random = np.random.default_rng(0)
    mixed = [[talk[i] for i in random.permutation(len(talk))] for talk in (a, b)]
    pd.testing.assert_frame_equal(keyness(count(a), count(b)), keyness(*map(count, mixed)))


def test_few_clusters_have_no_interval_and_say_so():
    a, b = talks(8, count_a=4)
    table = keyness(count(a), count(b))
    assert table[["ci_low", "ci_high"]].isna().all(axis=None)
    assert table["note"].str.contains("few clusters").all()
    assert table["log_ratio"].notna().all()


def test_a_term_in_few_clusters_has_no_interval():
    a, b = talks(9)
    a.append((a[0][0], ["somewhere"] * 50))
    b += [(b[0][0], ["somewhere"]), (b[-1][0], ["somewhere"])]
    table = keyness(count(a), count(b)).set_index("term")
    assert math.isnan(table.loc["somewhere", "ci_low"])
    assert "few clusters" in table.loc["somewhere", "note"]
    assert table.loc["so", "note"] == ""


def test_a_term_that_no_cluster_moves_has_no_interval():
    a = [(f"a{i}", ["so"] * 3 + ["free"]) for i in range(8)]
    b = [(f"b{i}", ["so"] * 2 + ["free"] * 2) for i in range(8)]
    table = keyness(count(a), count(b))
    assert table["ci_low"].isna().all()
    assert table["note"].str.contains("no variation").all()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_side_without_words_gives_no_interval_and_no_error():
    a, _ = talks(10)
    for pair in ((a, [("b", ["!"])]), ([("b", [])], a), ([], a)):
        table = keyness(*map(count, pair))
        assert table["ci_low"].isna().all()
        assert table["note"].str.contains("few clusters").all()
    assert keyness(count([]), count([])).empty
