"""What is a term, and how often it is said: against lists written out by hand, Counter and NLTK."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk import ConditionalFreqDist
from nltk.tokenize.casual import EMOTICONS
from talk import NOISE, TERMS, count, talks, words

from analysis.compare.vocabulary import count_pairs, count_terms, is_term, term_class, term_classes
from analysis.measure.chinese import tokenize as tokenize_chinese
from analysis.measure.chunks import split
from analysis.measure.english import tokenize as tokenize_english


@pytest.mark.parametrize(
    "token", [*TERMS, "[捂脸]", "#nk", "t_t", "o_o", "北韩", "ㅋㅋ", "한국", "❤", "👍🏽", "f-35", "\U0001fae8"]
)
def test_words_emoji_han_and_hashtags_are_terms(token):
    assert is_term(token)


@pytest.mark.parametrize(
    "token",
    [
        *NOISE,
        *["", "?!", "。", "“", "1,000", "2⃣", "¥", "+", "www.a.example", "HTTP://A.EXAMPLE", ":-p", "D:", "8d", "=P"],
        *[
            "＠小明",
            "bbc.com",
            "youtube.com/watch?v=x",
            "t.cn/abc",
            "me@a.example",
            "https",
            "©",
            "°",
            "─",
            "►",
            "\u20e3",
        ],
    ],
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


def test_terms_have_classes():
    classes = {"word": ["not", "不", "t_t", "4chan"], "hashtag": ["#dprk", "#平壤#"], "code": ["[捂脸]", "[doge]"]}
    classes["emoji"] = ["👍", "🇰🇵", "❤", "👨\u200d👩\u200d👧"]
    for name, tokens in classes.items():
        assert {term_class(token) for token in tokens} == {name}
    assert term_classes(["not", "not free"]) == ["word", "pair"]


def test_no_word_is_left_out_for_being_common():
    for text in ("no not never very don't is the", "不 没 没有 别 很 太 的 了"):
        tokens = text.split()
        assert [t for t in tokens if is_term(t)] == tokens


def test_traditional_and_simplified_are_counted_together():
    lists = tokenize_chinese(["我們去平壤旅遊", "我们去平壤旅游"]).lists()
    assert lists[0] == lists[1]


def test_a_user_name_on_reddit_is_no_term():
    talk = [("c", tokenize_english(split(["thanks u/bob and /u/kim_2 for u and i/o, u / me"])).lists()[0])]
    counts = count(talk)
    assert counts.terms.tolist() == ["and", "for", "i", "o", "thanks", "u"]
    pairs = count_pairs(pa.array([talk[0][1]], pa.list_(pa.string())), pd.Series(["c"]))
    assert pairs.terms.tolist() == ["and i", "for u", "u and"]


def by_hand(talk):
    """Return pairs of neighbouring words with nothing between, written out by hand."""
    apart = {*NOISE, "👍", "👨\u200d👩\u200d👧", "🇰🇵"}
    out = []
    for _, tokens in talk:
        out += [f"{x} {y}" for x, y in pairwise(tokens) if not {x, y} & apart]
    return out


def test_pairs_are_neighbours_with_nothing_between():
    talk, _ = talks(11)
    tokens = pa.array([tokens for _, tokens in talk], pa.list_(pa.string()))
    counts = count_pairs(tokens, pd.Series([cluster for cluster, _ in talk], dtype=object))
    expected = Counter(by_hand(talk))
    assert len(expected) > 20
    assert counts.terms.tolist() == sorted(expected)
    assert dict(zip(counts.terms, counts.matrix.sum(axis=0).tolist(), strict=True)) == expected
    first = counts.clusters[0]
    mine = Counter(by_hand([pair for pair in talk if pair[0] == first]))
    assert dict(zip(counts.terms, counts.matrix[[0]].toarray().ravel().tolist(), strict=True)) == {
        pair: mine[pair] for pair in counts.terms
    }


def test_no_words_make_no_pairs():
    for lists in ([], [[]], [["so"], ["free"]], [["so", "!", "free"]]):
        counts = count_pairs(pa.array(lists, pa.list_(pa.string())), pd.Series(["c"] * len(lists), dtype=object))
        assert counts.terms.tolist() == []


def test_an_utterance_that_ends_on_u_and_a_slash_names_nobody_in_the_next():
    tokens = pa.array([["thanks", "u", "/"], ["great", "video"], ["u", "/", "kim", "said"]], pa.list_(pa.string()))
    found = count_terms(tokens, pd.Series(["a", "b", "c"]))
    assert found.terms.tolist() == ["great", "said", "thanks", "u", "video"]


@pytest.mark.parametrize("host", ["stuff.co.nz", "news.com.br", "beehive.govt.nz", "bbc.co.uk", "kim.ac.kr/x"])
def test_hosts_under_a_country_are_no_words(host):
    assert term_class(host) is None
    assert term_class(host.split(".")[0]) == "word"
