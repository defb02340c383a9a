"""zh_rules: phrases that must come right, sums worked by hand, and properties that hold for any text."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import ParameterError
from analysis.measure.chinese import simplify, tokenize
from analysis.measure.instrument import Batch, Scores
from analysis.measure.ragged import Ragged
from analysis.measure.zh_rules import RULES_FILE, ZhRules, read_rules

RULES = ZhRules()
FACTORS = {"negation", "negation_wide", "double_negation", "rhetorical", "degree", "complement"}
MARKS = {"contrast", "border", "coordination"}
VALENCES = {"word", "emoji_code", "ironic"}


def scores(texts: list[str], instrument: ZhRules = RULES) -> Scores:
    """Score texts as the measure step does."""
    return instrument.score(Batch("zh", texts, tokenize(texts)))


def one(text: str, instrument: ZhRules = RULES) -> float:
    """Return the score of one text, NaN included."""
    return float(scores([text], instrument).score[0])


def of_tokens(*lists: list[str]) -> Scores:
    """Score tokens as given, past the segmenter."""
    vocabulary = sorted({word for words in lists for word in words})
    place = {word: number for number, word in enumerate(vocabulary)}
    codes = [place[word] for words in lists for word in words]
    offsets = np.cumsum([0, *map(len, lists)])
    return RULES.score(Batch("zh", [], Ragged(np.array(codes, np.int32), offsets.astype(np.int64), vocabulary)))


def same(a: Scores, b: Scores) -> bool:
    """Tell whether two scores are equal, NaN equal to NaN, but for the order of summing."""
    return all(np.allclose(x, y, rtol=0, atol=1e-12, equal_nan=True) for x, y in zip(a, b, strict=True))


# --- The data file ---------------------------------------------------------------------------------------------------


def test_every_rule_is_sound() -> None:
    with RULES_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["kind", "term", "value", "reason"]
    assert {row["kind"] for row in rows} == FACTORS | MARKS | VALENCES
    assert all(row["reason"].strip() for row in rows)
    assert all(simplify(row["term"]) == row["term"] == row["term"].strip() for row in rows)
    assert all(abs(float(row["value"])) <= 3 for row in rows)


@pytest.mark.parametrize("kinds", [VALENCES, FACTORS | MARKS], ids=["valences", "grammar"])
def test_no_term_has_two_meanings(kinds: set[str]) -> None:
    terms = [rule.term for rule in read_rules() if rule.kind in kinds]
    assert len(terms) == len(set(terms))


def test_emoji_codes_are_single_tokens() -> None:
    codes = [rule.term for rule in read_rules() if rule.kind == "emoji_code"]
    assert [code for code, tokens in zip(codes, tokenize(codes).lists(), strict=True) if len(tokens) > 1] == []


# --- Phrases ---------------------------------------------------------------------------------------------------------


def test_a_word_rated_near_neutral_is_not_taken_apart() -> None:
    words = tokenize(
        ["巨大 无穷 真人 不乏 多大 多媒体 未婚 老人 莫大 别人 多少 无条件 多重 不断 无疑 不禁 最终"]
    ).lists()[0]
    assert len(words) == 17
    assert scores(words).n.tolist() == [0] * len(words)
    assert one("很脏") < 0  # an unknown word still is


def test_the_five_phrases() -> None:
    assert one("一点也不自由") < 0
    assert 0 <= one("没有想象中那么差") < one("很好")
    assert one("并不恐怖") > 0
    assert one("永远不会被忘记") > 0
    assert one("太可怕了") < one("可怕") < 0


def test_sums_worked_by_hand() -> None:
    # 可怕 -2.3 in the data file, times 4/3; 太 1.6; 并 不 -.74; each exclamation mark adds .292.
    word = -2.3 * 4 / 3
    for text, total in [
        ("可怕", word),
        ("太可怕了", 1.6 * word),
        ("不可怕", -0.74 * word),
        ("可怕！！", word - 2 * 0.292),
        ("可怕！！！！！！", word - 4 * 0.292),
        ("可怕，可怕", 2 * word),
        ("[鼓掌]", 1.8 * 4 / 3),
        ("不可怕[鼓掌]", -0.74 * word + 1.8 * 4 / 3),
    ]:
        assert one(text) == pytest.approx(total / math.sqrt(total**2 + 15), abs=1e-12), text


def test_sides_and_units() -> None:
    got = scores(["可怕，但是好吃", "[鼓掌][鼓掌]", "平壤", ""])
    assert got.n.tolist() == [2, 2, 0, 0]
    assert got.n.dtype == "int64"
    assert got.pos is not None
    assert got.neg is not None
    assert got.neg[0] == pytest.approx(0.5 * 2.3 * 4 / 3)  # before but
    assert got.pos[0] == pytest.approx(1.5 * 2.0 * 4 / 3)  # after it
    assert np.isnan(got.score).tolist() == [False, False, True, True]
    assert (got.pos[2:] == 0).all()
    assert (got.neg[2:] == 0).all()


def test_nothing_reaches_over_a_border() -> None:
    assert one("我不去，很开心") > 0
    assert one("我不去[太阳]开心") > 0
    assert one("不去因为开心") > 0
    assert scores(["不", "开心"]).score[1] == one("开心")


def test_repetition_counts_three_times() -> None:
    assert one("[泪]" * 3) == one("[泪]" * 50)
    assert one("哈哈") == one("哈哈哈哈")


def test_codes_of_other_platforms_and_series() -> None:
    assert one("[哭惹R]") == one("[哭惹]") < 0
    assert one("[tv_流泪]") == one("[流泪]") < 0
    assert one("[bm可爱]") == one("[可爱]") > 0
    assert one("[可恶]") == one("可恶") < 0  # no code of the file, but a word
    assert np.isnan(one("[某某某]"))


def test_masked_words_are_not_scored_but_keep_their_grammar() -> None:
    masked = ZhRules(["自由", "没有", "战争"])
    assert np.isnan(one("自由", masked))
    assert np.isnan(one("战争", masked))
    assert one("没有欢笑", masked) < 0


def test_irony_is_the_readers_choice() -> None:
    for term in ("呵呵", "[doge]", "[微笑]"):
        assert np.isnan(one(term))
        assert one(term, ZhRules(ironic="literal")) > 0
        assert one(term, ZhRules(ironic="cold")) < 0
    with pytest.raises(ParameterError, match="skip, literal, cold"):
        ZhRules(ironic="warm")  # type: ignore[arg-type]


# --- Properties ------------------------------------------------------------------------------------------------------

WORDS = [
    rule.term
    for rule, tokens in zip(read_rules(), tokenize([rule.term for rule in read_rules()]).lists(), strict=True)
    if rule.kind == "word" and rule.value and len(tokens) == 1 and abs(rule.value) >= 1
]
TERMS = {rule.term for rule in read_rules()}
GRAMMAR = {rule.term for rule in read_rules() if rule.kind in FACTORS | MARKS}


@pytest.mark.parametrize("negator", ["不", "没有", "并不", "难道", "从未", "不太"])
def test_negation_turns_and_weakens_every_word(negator: str) -> None:
    words = [word for word in WORDS if word not in GRAMMAR and negator + word not in TERMS]
    plain = of_tokens(*[[word] for word in words]).score
    turned = of_tokens(*[[*tokenize([negator]).lists()[0], word] for word in words]).score
    assert (np.sign(turned) == -np.sign(plain)).all()
    assert (np.abs(turned) <= np.abs(plain) + 1e-12).all()


@pytest.mark.parametrize(("degree", "more"), [("非常", True), ("太", True), ("有点", False), ("稍微", False)])
def test_degree_strengthens_or_weakens_every_word(degree: str, more: bool) -> None:  # noqa: FBT001
    words = [word for word in WORDS if word not in GRAMMAR and degree + word not in TERMS]
    plain = np.abs(of_tokens(*[[word] for word in words]).score)
    weighed = np.abs(of_tokens(*[[degree, word] for word in words]).score)
    assert (weighed > plain).all() if more else (weighed < plain).all()


def test_two_negations_return() -> None:
    assert one("不是不喜欢") > one("不喜欢")
    assert 0 < one("不是不喜欢") < one("喜欢")


PIECES = st.lists(
    st.sampled_from(
        [*"不很太和的中也好死，！？。👍", *(rule for rule in sorted(GRAMMAR) if len(rule) > 1), *WORDS[::40]]
    )
    | st.sampled_from(["[泪]", "[doge]", "呵呵", "哈哈哈", "平壤", "自由", "t_t", "想象", "ok"]),
    max_size=12,
).map("".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES | st.text(max_size=20), max_size=6))
def test_a_batch_is_its_texts_one_by_one_in_any_order(texts: list[str]) -> None:
    together = scores(texts)
    assert all(len(part) == len(texts) for part in together)
    for i, text in enumerate(texts):
        assert same(Scores(*(part[i : i + 1] for part in together)), scores([text]))
    backwards = scores(texts[::-1])
    assert same(together, Scores(*(part[::-1] for part in backwards)))
    assert (np.isnan(together.score) == (together.n == 0)).all()
    scored = together.score[together.n > 0]
    assert (np.abs(scored) < 1).all()


def test_no_texts() -> None:
    got = scores([])
    assert [len(part) for part in got] == [0, 0, 0, 0]


# --- Slang that turned -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["这人真逆天", "又来赤石了", "太虾头了", "真是大聪明", "栓Q", "他红温了", "典中典"])
def test_slang_since_2018_is_cold(text: str) -> None:
    assert one(text) < 0


@pytest.mark.parametrize("text", ["[大哭]", "绷不住了", "我哭死", "尊重祝福", "他们都润了"])
def test_what_is_said_warmly_as_often_as_coldly_is_not_scored(text: str) -> None:
    assert np.isnan(one(text))


def test_the_idiom_keeps_its_praise() -> None:
    assert one("逆天改命") > 0


def test_what_turned_says_since_when() -> None:
    turned = {"逆天", "赤石", "虾头", "[大哭]", "润", "红温", "尊重祝福", "[允悲]"}
    with RULES_FILE.open(encoding="utf-8", newline="") as file:
        reasons = {row["term"]: row["reason"] for row in csv.DictReader(file)}
    assert all(any(str(year) in reasons[term] for year in range(2012, 2027)) for term in turned)


TWINS = ["平壤很美，哈哈哈", "不好", "好得很但是平壤的人哭了", "", "哈哈", "美丽的平壤一点也不可怕！"]


@pytest.mark.parametrize("masking", [True, False])
@pytest.mark.parametrize("laughter", [True, False])
def test_a_twin_says_of_a_batch_that_was_read_what_it_says_alone(masking: bool, laughter: bool) -> None:  # noqa: FBT001
    masks = ("美", "可怕", "好")
    batch = Batch("zh", TWINS, tokenize(TWINS))
    first = ZhRules(masks)
    first.score(batch)
    twin = first if masking else first.unmasked("plain")
    twin = twin.with_laughter(laughter=laughter)
    alone = ZhRules(masks if masking else (), laughter=laughter).score(batch)
    again = twin.score(batch)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(again, alone, strict=True))
    assert not np.array_equal(alone.n, ZhRules(masks if not masking else (), laughter=laughter).score(batch).n)
