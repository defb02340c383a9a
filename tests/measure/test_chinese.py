"""Chinese tokens: held against the segmenter, against jieba and against every string hypothesis can think of."""

from __future__ import annotations

import csv
import re
import time
from pathlib import Path
from unittest import mock

import jieba
import numpy as np
import pytest
import rjieba
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.measure import chinese
from analysis.measure.chinese import WORDS_FILE, read_words, simplify, tokenize, user_words

HAN = re.compile("[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
PLAIN = [
    "我们上个月去了一趟边境城市，江对面的灯光很少",
    "导游带着我们参观了地铁站和幼儿园",
    "那里的空气很好，街道也干净，人们骑着自行车上班",
    "工厂里生产的商品大部分卖到国外",
    "晚饭以后大家在广场上跳舞唱歌",
    "这个视频拍得真好，谢谢你让我们看到不一样的生活",
]


def one(text: str) -> list[str]:
    """Return the tokens of a single text."""
    return tokenize([text]).lists()[0]


@pytest.mark.parametrize("carrier", ["{}", "他们都说{}很多", "我觉得{}吗", "看到{}了"])
def test_words_of_the_project_stay_whole(carrier: str) -> None:
    words = read_words()
    tokens = tokenize([carrier.format(word) for word in words]).lists()
    broken = [word for word, some in zip(words, tokens, strict=True) if word.lower() not in some]
    assert not broken


def test_every_word_has_a_reason_and_stands_once() -> None:
    with WORDS_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["word"].strip() and row["reason"].strip() for row in rows)
    assert len({row["word"] for row in rows}) == len(rows)
    assert all(simplify(row["word"]) == row["word"] for row in rows)


def test_short_words_do_not_break_their_neighbours() -> None:
    for text, word in [
        ("罗先生来了", "罗先生"),
        ("其中朝鲜最穷", "朝鲜"),
        ("在我心目中朝鲜是这样", "朝鲜"),
        ("没有病人", "没有"),
        ("他朝中国走去", "中国"),
    ]:
        assert word in one(text)


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_is_cut_as_jieba_cuts_it(text: str) -> None:
    runs = re.findall("[\u4e00-\u9fff]+", text)
    expected = [word for run in runs for word in jieba.cut(run)]
    assert expected == [word for run in runs for word in rjieba.cut(run, hmm=True)]
    assert [token for token in one(text) if HAN.match(token)] == expected


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("這裡的空氣很乾淨，遊客卻不多", "这里的空气很干净，游客却不多"),
        ("導遊說這條街道兩邊的房子都是新蓋的", "导游说这条街道两边的房子都是新盖的"),
        ("北韓的發展讓人驚訝", "北韩的发展让人惊讶"),
    ],
)
def test_traditional_gives_the_tokens_of_simplified(traditional: str, simplified: str) -> None:
    assert one(traditional) == one(simplified)


@pytest.mark.parametrize(
    "code", ["[doge]", "[捂脸]", "[哭惹R]", "[good]", "[tv_微笑]", "[中国赞]", "[笑cry]", "[打call]"]
)
def test_emoji_codes_stay_whole(code: str) -> None:
    assert one(f"真好{code}{code}看") == ["真", "好", code, code, "看"]


def test_brackets_that_are_no_emoji_codes() -> None:
    assert one("[2012]年") == ["[", "2012", "]", "年"]
    assert one("[话题] 很好") == ["很", "好"]


@pytest.mark.parametrize(
    "text",
    ["回复@小明_88: 很好", "回覆@小明：很好", "//@旅行的猫:很好", "很好 @小明", "@a-b很-c 很好", "// @小明 ：很好"],
)
def test_handles_go_with_their_marks(text: str) -> None:
    assert one(text) == ["很", "好"]


def test_an_address_is_not_a_handle() -> None:
    assert one("写信给 abc.d@example.com 吧") == ["写信给", "abc.d@example.com", "吧"]


def test_white_space_separates_whatever_its_kind() -> None:
    for space in ("\u2028", "\u2029", "\u3000", "\u00a0", "\r\n", "\x1e", "\x00"):
        assert tokenize([f"平壤{space}很好", "好"]).lists() == [["平壤", "很", "好"], ["好"]]


def test_marks_emoji_numbers_latin() -> None:
    assert one("好！？,好……。。。~") == ["好", "!", "?", ",", "好", "…", "…", "~"]
    assert one("👍🏽👍 ❤️👨‍👩‍👧🇰🇵") == ["👍", "👍", "❤", "👨‍👩‍👧", "🇰🇵"]
    assert one("花了3.5元和2,000块 4G ＡＢ１２") == ["花", "了", "3.5", "元", "和", "2,000", "块", "4g", "ab12"]
    assert one("YYDS! don’t T_T ^_^") == ["yyds", "!", "don’t", "t_t", "^_^"]
    assert one("见http://t.cn/zYabc，好") == ["见", "http://t.cn/zYabc", ",", "好"]
    assert one("我们唱卡拉OK，Up主拍") == ["我们", "唱", "卡拉ok", ",", "up主", "拍"]
    assert one("朝\u200b鲜") == ["朝鲜"]
    assert one("안녕 かな") == ["안녕", "かな"]


def test_no_texts_and_empty_texts() -> None:
    assert tokenize([]).lists() == []
    assert tokenize(["", " ", "好", ""]).lists() == [[], [], ["好"], []]
    assert tokenize([""]).vocabulary == []


@settings(max_examples=120, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_text_keeps_its_han_characters(texts: list[str]) -> None:
    tokens = tokenize(texts)
    assert len(tokens) == len(texts)
    assert tokens.vocabulary == sorted(set(tokens.vocabulary))
    assert tokens.codes.dtype == "int32"
    assert tokens.offsets.dtype == "int64"
    for text, some in zip(texts, tokens.lists(), strict=True):
        assert all(token and not token.isspace() for token in some)
        if "@" not in text and "＠" not in text:
            assert "".join(HAN.findall("".join(some))) == "".join(HAN.findall(simplify(text)))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(alphabet="平壤很好不错哈[doge]@:/#！!up主 \u2028👍🏽\ud83d", max_size=30), max_size=5))
def test_a_text_does_not_depend_on_its_neighbours(texts: list[str]) -> None:
    assert tokenize(texts).lists() == [one(text) for text in texts]


def test_a_hashtag_needs_a_letter_of_its_own_not_of_the_next_text() -> None:
    assert tokenize(["＃가", "a好"]).lists() == [["가"], ["a", "好"]]


@example(["1,1", "回复 user_0123456789ab ：好", "好//@某人 ：好", "#好，不#", "^~^好"])
@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.text(
            alphabet="平壤國好不。…，！～：“# ＃@＠_[doge]泪1.,?T^ü가\u200d\u3000\n\x00卡拉OK话题回复//", max_size=25
        ),
        max_size=4,
    )
)
def test_what_needs_no_pattern_is_cut_as_the_patterns_cut_it(texts: list[str]) -> None:
    short = tokenize(texts)
    everything = np.zeros_like(chinese._kind_of)  # noqa: SLF001  no character stands alone, so patterns see all
    everything[0] = chinese._END  # noqa: SLF001
    with mock.patch.object(chinese, "_kind_of", everything):
        assert tokenize(texts).lists() == short.lists()


@pytest.mark.parametrize(
    "text",
    ["😀" * 10_000, "哈" * 300_000, "a" * 1_000_000, "[你" * 100_000, "@" * 200_000, "a@" * 100_000, "1," * 200_000],
    ids=["emoji", "laughter", "one word", "brackets", "at signs", "addresses", "numbers"],
)
def test_hostile_text_takes_bounded_time(text: str) -> None:
    start = time.perf_counter()
    tokenize([text])
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("#平壤旅行[话题]#很好", ["#平壤旅行", "很", "好"]),
        ("#平壤旅行#好", ["#平壤旅行", "好"]),
        ("＃朝鲜＃Korea", ["#朝鲜", "korea"]),
        ("去过#平壤 真好", ["去过", "#平壤", "真", "好"]),
        ("#羅先##平壤#", ["#罗先", "#平壤"]),
        ("#我的up主#看看", ["#我的up主", "看看"]),
        ("第#1名", ["第", "1", "名"]),
        ("C# ## #", ["c"]),
    ],
)
def test_a_hashtag_is_one_token_with_one_mark(text: str, tokens: list[str]) -> None:
    assert one(text) == tokens


def test_the_users_words_stay_whole(tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    file.write_text("word\n罗先市场\n縫紉女工\n", encoding="utf-8")
    words = user_words((str(file),))
    assert words == ("罗先市场", "缝纫女工")
    assert one("罗先市场的缝纫女工") != ["罗先市场", "的", "缝纫女工"]
    assert tokenize(["罗先市场的縫紉女工"], words).lists() == [["罗先市场", "的", "缝纫女工"]]


def test_a_users_word_of_no_chinese_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    file.write_text("word\n罗先\nup主\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"words\.csv, row 2, column word: 'up主'"):
        user_words((str(file),))
