"""Concordance: lines as written, without names, found where the tokens say, drawn over clusters."""

from __future__ import annotations

import time
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.compare.concordance import LINE_COLUMNS, _fold, columns_of, concordance, readable, word_places
from analysis.measure import chinese, english
from analysis.measure.chunks import split
from analysis.measure.concepts import Codebook, Mentions


def tokenize_english(texts):
    return english.tokenize(split(list(texts)))


TOKENIZE = {"en": tokenize_english, "zh": chinese.tokenize}


def lines(texts, node, language="en", clusters=None, evidence="verbatim", seed=1, **options):
    count = len(texts)
    rows = pd.DataFrame(
        {
            "utterance_id": [f"u{i:03}" for i in range(count)],
            "cluster_id": [f"c{i}" for i in range(count)] if clusters is None else clusters,
            "collection": "Test",
            "language": language,
            "evidence": evidence,
            "text": texts,
        }
    )
    tokens = TOKENIZE[language](texts)
    hits = Codebook([{"concept": "node", language: node}], language, TOKENIZE[language]).find(tokens)
    return concordance(rows, tokens, hits, np.random.default_rng(seed), **options)


def shown(*arguments, **options):
    table = lines(*arguments, **options)
    return list(zip(table["left"], table["keyword"], table["right"], strict=True))


@pytest.mark.parametrize(
    ("text", "node", "language", "expected"),
    [
        ("Why are we so FREE here?", "free", "en", ("Why are we so", "FREE", "here?")),
        ("such a u turn", "u", "en", ("such a", "u", "turn")),
        ("They don’t stage it", "don't", "en", ("They", "don’t", "stage it")),
        ("It is soooooo free", "sooo free", "en", ("It is", "soooooo free", "")),
        ("a &amp;gt; real &quot;people&quot; b", "people", "en", ('a > real "', "people", '" b')),
        ("so &lt;b&gt;free&lt;/b&gt;", "free", "en", ("so <b>", "free", "</b>")),
        ("see [this](https://free.example/free) free", "free", "en", ("see [this]([link])", "free", "")),
        ("nice 👍🏽 free", "👍", "en", ("nice", "👍", "🏽 free")),
        ("我們這裡很自由！", "自由", "zh", ("我們這裡很", "自由", "！")),
        ("平壤很乾淨啊", "干净", "zh", ("平壤很", "乾淨", "啊")),
        ("回复@自由人:真自由[doge]", "自由", "zh", ("真", "自由", "[doge]")),
        ("去ＫＴＶ唱歌", "ktv", "zh", ("去", "ＫＴＶ", "唱歌")),
        ("太假了[捂脸]是吧", "[捂脸]", "zh", ("太假了", "[捂脸]", "是吧")),
        ("  two\n\nlines\tfree\u2028here ", "free", "en", ("two lines", "free", "here")),
    ],
)
def test_the_keyword_is_shown_as_it_was_written(text, node, language, expected):
    assert shown([text], node, language) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "@kim_1 you are free",
        "you are free u/kim_1",
        "you /u/kim_1 are free",
        "you u/kim\\_1 are free",
        "https://www.reddit.com/user/kim_1/ free",
        "https://a.example/@kim_1 free",
        "回复@kim_1: free",
        "好//@kim_1:free",
        "free, says ＠kim_1",
        "@kim\u200b_1 free",
        "&#64;kim_1 free",
        "write to kim_1@mail.example free",
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_name_of_a_user_is_left_in_a_line(text, language):
    table = lines([text], "free", language)
    assert len(table) == 1
    assert not table["left"].str.contains("kim|_1").any()
    assert not table["right"].str.contains("kim|_1").any()


def test_a_name_does_not_hide_a_word_of_a_line():
    assert readable("and/or u/kim 3/4 you/we email @ home") == "and/or 3/4 you/we email @ home"


def test_marks_that_hide_or_turn_text_are_gone():
    (line,) = shown(["a\u202eb \u2066free\u2069 c\x07d\ufeff"], "free")
    assert line == ("ab", "free", "cd")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=3), st.sampled_from(["en", "zh"]))
def test_any_text_around_a_word_gives_one_tame_line(pieces, language):
    for left, word, right in shown([" free ".join(["", *pieces])], "free", language):
        assert word.lower() == "free"
        for text in (left, right):
            assert columns_of(text) <= 56
            assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in text)
            assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def test_lines_are_cut_by_columns_of_which_chinese_takes_two():
    ((left, word, right),) = shown(["很" * 40 + "自由" + "a" * 9 + "好" * 40], "自由", "zh")
    assert (columns_of(left), word, columns_of(right)) == (55, "自由", 56)
    assert (left[0], right[-1]) == ("…", "…")
    assert left.endswith("很")
    assert shown(["x" * 56 + " free " + "y" * 56], "free") == [("x" * 56, "free", "y" * 56)]


def test_only_words_that_somebody_wrote_are_quoted():
    texts = ["a free", "b free", "c free", "d free"]
    table = lines(texts, "free", evidence=["verbatim", "translated", "paraphrase", "constructed"])
    assert table[["left", "evidence"]].to_numpy().tolist() == [["a", "verbatim"], ["d", "constructed"]]
    assert list(table.columns) == list(LINE_COLUMNS)


def test_every_cluster_has_a_line_before_any_has_a_second():
    texts = [f"free w{i}" for i in range(40)]
    clusters = ["big"] * 37 + ["x", "y", "z"]
    table = lines(texts, "free", clusters=clusters, most=4)
    held = [clusters[int(name[1:])] for name in table["utterance_id"]]
    assert sorted(held) == ["big", "x", "y", "z"]
    assert len(lines(texts, "free", clusters=clusters, most=6)) == 6


def test_a_seed_decides_the_sample_and_lines_are_sorted_by_what_follows():
    texts = [f"free w{i:02}" for i in range(40)]
    draws = [lines(texts, "free", most=5, seed=seed) for seed in (1, 1, 2)]
    pd.testing.assert_frame_equal(draws[0], draws[1])
    assert not draws[0].equals(draws[2])
    for table in draws:
        assert table["right"].tolist() == sorted(table["right"])
    assert [right for _, _, right in shown(["free , b", "free A", "free (a", "free"], "free")] == ["", "(a", "A", ", b"]


def test_equal_lines_are_shown_once():
    assert shown(["so free"] * 5 + ["free"], "free") == [("", "free", ""), ("so", "free", "")]


def test_without_the_node_there_are_no_lines():
    table = lines(["nothing", ""], "free")
    assert table.empty
    assert list(table.columns) == list(LINE_COLUMNS)


def test_what_cannot_be_found_in_the_text_is_not_shown():
    assert word_places("something else", ["free"], "en") == [None]
    assert word_places("unfree freedom", ["free"], "en") == [None]
    assert word_places("so free, Free", ["so", "free", "free"], "en")[2] == (9, 13)


@pytest.mark.parametrize("unit", ["freedom ", "a.b freedom ", "https://x.org/1 freedom ", "İ freedom "])
def test_a_text_that_holds_the_node_ten_thousand_times_is_laid_out_once(unit: str):
    text = unit * 10_000
    tokens = english.tokenize(split([text]))
    node = tokens.vocabulary.index("freedom")
    start = np.flatnonzero(tokens.codes == node)
    none = np.zeros(len(start), dtype=np.int64)
    row = {"utterance_id": "u", "cluster_id": "c", "collection": "x", "language": "en", "evidence": "verbatim"}
    begun = time.process_time()
    lines = concordance(
        pd.DataFrame([{**row, "text": text}]), tokens, Mentions(none, none, start, start + 1), np.random.default_rng(1)
    )
    assert time.process_time() - begun < 5  # a minute and more, when each occurrence laid the text out again
    assert 0 < len(lines) <= 20
    assert (lines["keyword"] == "freedom").all()


def test_a_text_in_which_nothing_is_found_is_given_up():
    words = [f"word{number}" for number in range(100_000)]
    begun = time.process_time()
    assert set(word_places("x" * 500_000, words, "en")) == {None}
    assert time.process_time() - begun < 2


def test_a_long_text_is_folded_sign_by_distinct_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    normalise = english.normalise
    monkeypatch.setattr(english, "normalise", lambda text: (asked.append(text), normalise(text))[1])
    folded, origin = _fold("so frée " * 1000, "en")
    assert (folded, list(origin)) == ("so frée " * 1000, list(range(8000)))
    assert len(asked) == len(set("so frée "))
