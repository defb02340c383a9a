"""Hashtags are one token in the store and words to the instruments, in both languages, unless told otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from analysis.measure import chunks, english, hashtags
from analysis.measure.batch import measure_batch, read_texts, score_texts
from analysis.measure.hashtags import words_of
from analysis.measure.instruments import make_instruments
from analysis.measure.options import DEFAULT
from analysis.measure.vader import Vader
from analysis.parameters import Options

SKIP = Options(hashtags="skip")


def scores(texts: list[str], language: str = "en", options: Options = DEFAULT) -> dict[str, np.ndarray]:
    """Score texts of one language by every instrument."""
    return score_texts(texts, np.full(len(texts), language, object), make_instruments(options), options)


@pytest.mark.parametrize(
    ("hashtag", "words"),
    [
        ("#sad", "sad"),
        ("#NorthKoreaIsScary", "North Korea Is Scary"),
        ("#DPRKNews", "DPRK News"),
        ("#northkorea", "north korea"),
        ("#SOSAD", "SO SAD"),
        ("#Prayforkorea", "Pray for korea"),
        ("#so_sad", "so sad"),
        ("#covid19", "covid 19"),
        ("#100days", "100 days"),
        # Words stay whole, however they could be cut.
        ("#together", "together"),
        ("#therapist", "therapist"),
        ("#manslaughter", "manslaughter"),
        ("#iPhone", "iPhone"),
        ("#nowhere", "nowhere"),
        # Two ways with as few words (is it friday, i sit friday), none, and a name that would be cut wrongly.
        ("#isitfriday", "isitfriday"),
        ("#kkkqqq", "kkkqqq"),
        ("#kimjongun", "kimjongun"),
        ("#Café", "Café"),
    ],
)
def test_words_of_hashtags(hashtag: str, words: str) -> None:
    assert " ".join(words_of(hashtag)) == words


@given(st.text(st.sampled_from("abceghilmnorstABST1_'é朝"), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_no_letter_of_a_hashtag_is_lost(letters: str) -> None:
    kept = "".join(words_of("#" + letters))
    assert [c for c in kept if c.isalnum()] == [c for c in letters if c.isalnum()]


def test_english_hashtags_are_scored_as_vaders_authors_score_single_words() -> None:
    texts = ["what a day #happy #love", "it is so #sad", "not #good at all", "#sad!"]
    theirs = [SentimentIntensityAnalyzer().polarity_scores(text)["compound"] for text in texts]
    assert scores(texts)["vader"] == pytest.approx(theirs, abs=6e-5)
    assert np.isnan(scores(texts[:1], options=SKIP)["vader"]).all()
    assert scores(["#NorthKoreaIsScary"])["vader"][0] < 0
    assert scores(["a #happy day"])["labmt"][0] > scores(["a #happy day"], options=SKIP)["labmt"][0]


def test_chinese_hashtags_are_read_and_no_grammar_reaches_over_their_marks() -> None:
    assert scores(["#太好了#"], "zh")["zh_rules"][0] > 0
    assert np.isnan(scores(["#太好了#"], "zh", SKIP)["zh_rules"]).all()
    assert scores(["我不#高兴#"], "zh")["zh_rules"][0] > 0 > scores(["我不高兴"], "zh")["zh_rules"][0]
    assert read_texts("zh", ["#SoSad# 朝鲜"]).batch.tokens.lists() == [["#", "so", "sad", "#", "朝鲜"]]


def test_the_stored_tokens_know_no_switch() -> None:
    for language, text in (("en", "What a day #HappyDay :D #xD #sad,#Bad"), ("zh", "#朝鲜旅游#真好")):
        read, skipped = (read_texts(language, [text], options) for options in (DEFAULT, SKIP))
        assert read.tokens.lists() == skipped.tokens.lists() == skipped.batch.tokens.lists()
        assert read.tokens.lists() != read.batch.tokens.lists()
    assert read_texts("en", [text]).tokens.lists() == english.tokenize(chunks.split([text])).lists()


@given(st.lists(st.text(st.sampled_from("ab!?.,@&; :)'\n😂"), max_size=30), max_size=5))
@settings(max_examples=100, deadline=None)
def test_without_a_hashtag_nothing_changes(texts: list[str]) -> None:
    read, skipped = (read_texts("en", texts, options) for options in (DEFAULT, SKIP))
    assert read.batch.tokens.lists() == skipped.batch.tokens.lists()
    assert read.batch.chunks is not None
    assert skipped.batch.chunks is not None
    assert read.batch.chunks.lists() == skipped.batch.chunks.lists()


def test_a_mention_in_a_hashtag_stands_at_the_hashtag(frame_of: Callable[[Sequence[str]], pd.DataFrame]) -> None:
    frame = frame_of(["yes #SoStaged really", "又来 #自由行# 了", "so staged"])
    measured, skipped = measure_batch(frame), measure_batch(frame, SKIP)
    tokens = measured.measures["tokens"].to_pylist()
    places = [
        (row["concept"], *tokens[int(row["utterance_id"])][row["start"] : row["end"]])
        for row in measured.mentions.to_pylist()
    ]
    assert ("staged", "#sostaged") in places
    assert ("staged", "staged") in places
    assert {row["utterance_id"] for row in skipped.mentions.to_pylist()} == {"2"}


def test_entities_are_decoded_before_vader_as_before_tokens() -> None:
    plain, coded = (
        ["don't be sad", "good & bad", "a b sad"],
        ["don&#39;t be sad", "good &amp; bad", "a&nbsp;b&nbsp;sad"],
    )
    assert scores(coded)["vader"].tolist() == scores(plain)["vader"].tolist()
    assert scores(coded)["vader_n"].tolist() == [1, 2, 1]


def test_emoji_names_are_read_as_vaders_authors_read_them_and_only_if_asked() -> None:
    texts = ["great 😂", "ok 😭", "😍😍", "nothing here 🚀", "fine👍🏽then"]
    own = SentimentIntensityAnalyzer()
    theirs = [own.polarity_scores(text)["compound"] for text in (*texts[:4], "fine thumbs up then")]
    mine = Vader(laughter=True, emoji_names=True)
    found = mine.score(read_texts("en", texts).batch).score
    assert np.nan_to_num(found) == pytest.approx(theirs, abs=6e-5)
    apart = Vader(laughter=False, emoji_names=True).score(read_texts("en", texts[:1]).batch).score
    assert apart.tolist() == pytest.approx(scores(["great"])["vader"].tolist(), abs=1e-12)
    assert np.isnan(scores(["hm 😭"])["vader"]).all()


def test_a_long_hashtag_of_many_words_is_cut_without_trying_every_two_places(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counted(frozenset):
        asked = 0

        def __contains__(self, word: object) -> bool:
            Counted.asked += 1
            return super().__contains__(word)

    words = Counted(hashtags._words_to_cut())  # noqa: SLF001
    monkeypatch.setattr(hashtags, "_words_to_cut", lambda: words)
    assert hashtags._cut("q" * 60) == ("q" * 60,)  # noqa: SLF001
    assert Counted.asked < 10
