"""The language of a text is told by its script; what says nothing about its writer does not count."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measure.batch import read_texts
from analysis.measure.language import detect

CASES = {
    "en": [
        "so free",
        "They'd never film this — trust me",
        "café naïve",
        "ＦＡＫＥ",  # full-width Latin
        "lol 😂😂😂 100%",
        "free 자유 so much more here",  # two thirds are Latin words
        "a 中 b",
        "NA",
        "None",
        "=HYPERLINK('x')",
        "<script>alert(1)</script>",
    ],
    "zh": [
        "这么自由",
        "我媽每天晚上準時去跳廣場舞",
        "平壤好干净[doge]",
        "@someuser 真的吗",
        "看这里 https://v.douyin.com/abcDEF 很好看",
        "www.example.com/a?b=c 好",
        "&amp;&nbsp;好",
        "是" * 19 + "の",  # one Kana in twenty is no Japanese
        "〇",
        "-5度还在摆摊，做生意真不容易",
    ],
    "ko": ["북한", "우리 말로 하는 영상이라서 더 반가워요", "진짜 ㅋㅋㅋ"],
    "ja": ["ほんとうにたのしそうですね", "カタカナ", "北朝鮮の人々は親切です"],
    "mixed": ["在 Pyongyang 吃 pizza", "hello world 中国", "자유 freedom"],
    "none": [
        "",
        " \t\n\u2028",
        "👍🏽 100!",
        "666 888!!! 1/2 ... 100%",
        "[doge]",
        "[doge][heart]@someone",
        "https://example.com/so/free",
        "Привет",
        "مرحبا",
        "สวัสดี",
        "Мы смотрим lol",  # letters of a script that nobody here reads outweigh a stray Latin word
    ],
}


@pytest.mark.parametrize(("language", "text"), [(name, text) for name, texts in CASES.items() for text in texts])
def test_language(language: str, text: str) -> None:
    assert detect([text]).tolist() == [language]


def test_many_texts_are_told_apart_as_one_by_one() -> None:
    texts = [text for some in CASES.values() for text in some]
    assert detect(texts).tolist() == [language for language, some in CASES.items() for _ in some]


def test_no_texts_have_no_languages() -> None:
    assert detect([]).tolist() == []


@settings(deadline=None)
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=5))
def test_any_text_has_exactly_one_known_language(texts: list[str]) -> None:
    found = detect(texts).tolist()
    assert len(found) == len(texts)
    assert set(found) <= set(CASES)
    assert found == [detect([text])[0] for text in texts]


@pytest.mark.parametrize(
    ("latin", "han", "language"),
    [(3, 0, "en"), (2, 1, "en"), (3, 2, "mixed"), (1, 1, "mixed"), (2, 3, "mixed"), (1, 2, "zh"), (0, 3, "zh")],
)
def test_two_thirds_of_the_units_decide(latin: int, han: int, language: str) -> None:
    assert detect([" ".join(["word"] * latin + ["字"] * han)]).tolist() == [language]


def test_pseudonyms_are_in_no_language_and_no_words():
    name = "user_b97464251646"
    texts = [f"加V：{name} 谢谢你们", f"@{name}你说得对啊", f"[email] 问 {name} 好吗", f"{name} so free"]
    assert detect(texts).tolist() == ["zh", "zh", "zh", "en"]
    chinese = read_texts("zh", texts[:2]).batch.tokens.lists()
    assert chinese == [["加", "v", ":", "谢谢你们"], ["你", "说得对", "啊"]]
    english = read_texts("en", [f"ask {name} about @{name}"]).batch.tokens.lists()
    assert english == [["ask", "about"]]


def counted(text: str, pattern: str) -> int:
    return pc.count_substring_regex(pa.array([text]), pattern)[0].as_py()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["@", "http://", "www.", "user_0123456789ab", "&amp;", "[doge]", "[泪]", ";", "_", "-", "\n"]
            ),
            st.sampled_from([*"aZ1é平〇⼀々あ가яع²😀．＠\u0301\u3000 "]),
            st.characters(exclude_categories=["Cs"]),
        ),
        max_size=14,
    ).map("".join)
)
def test_scripts_are_those_of_arrows_patterns(text: str) -> None:
    no_words = r"@?user_[0-9a-f]{12}|(?:https?://|www\.)[^\s\p{Han}]+|@[\p{L}\p{N}_\-.]+|\[[A-Za-z]{1,12}\]|&#?[A-Za-z0-9]{1,8};"
    bare = pc.replace_substring_regex(pa.array([text]), no_words, " ")[0].as_py()
    en, zh, ko = (counted(bare, pattern) for pattern in (r"\p{Latin}+", r"\p{Han}", r"\p{Hangul}+"))
    kana = counted(bare, r"[\p{Hiragana}\p{Katakana}]")
    others = counted(bare, r"[^\P{L}\p{Latin}\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}]+")
    japanese = kana > 0 and kana * 6 >= kana + zh
    units = {"en": en, "zh": 0 if japanese else zh, "ko": ko, "ja": kana + zh if japanese else kana}
    most, whole = max(units, key=units.__getitem__), sum(units.values())
    expected = "none" if not whole or others > whole else most if units[most] * 3 >= 2 * whole else "mixed"
    assert detect([text]).tolist() == [expected]
