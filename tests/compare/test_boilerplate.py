"""Boilerplate: the project's own patterns, on the tokens that measuring makes."""

from __future__ import annotations

import pyarrow as pa
import pytest

from analysis.compare.boilerplate import is_boilerplate
from analysis.errors import InputError
from analysis.measure.boilerplate import read_boilerplate
from analysis.measure.chinese import tokenize as tokenize_chinese
from analysis.measure.chunks import split
from analysis.measure.english import tokenize as tokenize_english


def mask(texts, language):
    lists = tokenize_chinese(texts).lists() if language == "zh" else tokenize_english(split(texts)).lists()
    return is_boilerplate(pa.array(lists, pa.list_(pa.string())), language).tolist()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "转发微博"),
        ("zh", "轉發微博。"),
        ("zh", "转发微博[哈哈]"),
        ("zh", "//@某人: 转发微博"),
        ("zh", "Repost"),
        ("zh", "分享图片"),
        ("zh", "推荐@某人 的帖子《平壤》，大家也来看看吧～"),
        ("en", "*I am a bot, and this action was performed automatically. Please contact the moderators.*"),
        ("en", "Nice day. ^I’m a bot, beep boop"),
        ("en", "This is the best tl;dr I could make, [original](https://a.example/x) reduced by 83%. (I'm a bot)"),
        ("en", "[removed]"),
    ],
)
def test_what_nobody_wrote_is_boilerplate(language, text):
    assert mask([text], language) == [True]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "转发微博，求扩散"),
        ("zh", "转发的人都没看"),
        ("zh", "[哈哈]"),
        ("zh", ""),
        ("en", "I am a bot? You are a bot."),
        ("en", "what a repost"),
        ("en", "!!!"),
        ("en", "this article was deleted"),
    ],
)
def test_what_somebody_wrote_is_none(language, text):
    assert mask([text], language) == [False]


def test_each_utterance_is_judged_alone():
    texts = ["", "转发微博", "平壤", "转发", "微博", "转发微博 话题详情:http", ""]
    assert mask(texts, "zh") == [False, True, False, True, False, True, False]
    tokens = pa.array(tokenize_chinese(texts).lists(), pa.list_(pa.string()))
    assert is_boilerplate(tokens.slice(3, 2), "zh").tolist() == [True, False]
    assert is_boilerplate(tokens, "ko").tolist() == [False] * 7


def test_a_part_is_made_of_whole_words_where_words_have_spaces():
    tokens = pa.array([["i", "am", "a", "bottle"], ["i", "am", "a", "bot", "!"]])
    assert is_boilerplate(tokens, "en", {"whole": (), "part": ("i am a bot",)}).tolist() == [False, True]


def test_a_wrong_row_of_the_file_is_named(tmp_path):
    file = tmp_path / "boilerplate.csv"
    file.write_text("pattern,language,match,reason\nx,en,whole,y\nx,en,regex,y\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"row 2, column match.*accepted: whole, part"):
        read_boilerplate("en", file)
    file.write_text("pattern,language,match,reason\n ,en,whole,y\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 1, column pattern"):
        read_boilerplate("en", file)


def test_every_pattern_of_the_project_has_a_reason_and_stands_once():
    for language in ("en", "zh"):
        found = read_boilerplate(language)
        patterns = [pattern for match in found.values() for pattern in match]
        assert len(patterns) == len(set(patterns)) > 5
