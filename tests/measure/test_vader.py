"""VADER on arrays held against NLTK's engine, before NLTK rounds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nltk.sentiment.vader import SentimentIntensityAnalyzer, VaderConstants

from analysis.measure import vader_words
from analysis.measure.chunks import split
from analysis.measure.instrument import Batch, Scores
from analysis.measure.vader import Vader

TOLERANCE = 1e-12
NAMES = ["Supreme Leader", "workers' party", "united states"]
MASKS = [*NAMES, "kind of", "party", "sort of"]
UNMASKED, NAMES_MASKED, ALL_MASKED = Vader(), Vader(NAMES), Vader(MASKS)


class Oracle(SentimentIntensityAnalyzer):
    """NLTK's engine, unrounded, with the word valences that it comes to."""

    def __init__(self) -> None:
        """Give it the lexicon as text: it opens no file of a package."""
        self.lexicon_file = (files("vaderSentiment") / "vader_lexicon.txt").read_text(encoding="utf-8").rstrip("\n")
        self.lexicon = self.make_lex_dict()
        self.constants = VaderConstants()

    def score_valence(self, sentiments: list[float], text: str) -> dict[str, float]:
        """Repeat NLTK's arithmetic up to where it rounds."""
        total = float(sum(sentiments))
        emphasis = self._punctuation_emphasis(total, text)
        total += emphasis if total > 0 else -emphasis if total < 0 else 0
        return {
            "compound": self.constants.normalize(total),
            "rounded": super().score_valence(sentiments, text)["compound"],
            "pos": sum(value for value in sentiments if value > 0),
            "neg": -sum(value for value in sentiments if value < 0),
        }


ORACLE = Oracle()


def words(text: str) -> list[str]:
    """Return the words of a list that is easier to read without quotes around each."""
    return text.split()


SCORED = words("""good great love happy win best like well hope fun bad hate war kill terrible dead party ass shit bomb
    kiss death cut mustard hand yeah right kind united supreme no l x-d :) :( :d d: <3 (8 );} o.o""")
BOOSTERS = words("""very so really extremely most fucking almost hardly kinda kind-of sort-of little less just enough
    sort marginally""")
NEGATIONS = words("not never don't isn't n't can't without doubt nor neither despite uh-uh dont won't rarely nothing")
CONTEXT = words("at least very this so never but of kind sort the to bad ass the shit the bomb yeah right the")
IDIOMS = """the shit|the bomb|bad ass|yeah right|cut the mustard|kiss of death|hand to mouth|kind of|sort of|just enough
at least|very least|never so|never this|without doubt|the least good|but|so good""".replace("\n", "|").split("|")
NEUTRAL = words("""pyongyang korea i a we saw 1950 caf\u00e9 o'clock x_y \u5317\u671d\u9c9c \U0001f600 \u00df \u0130
    \ufb01 don\u2019t""")
MARKS = words(""". , ! ? ; : - ' " !! !!! ?? ??? ?!? !?! ?!?! !?!? .. ... ( ) * _ ~ \u2019 \u201c \'\' ?! !!!! ????""")

word = st.one_of(*map(st.sampled_from, (SCORED, SCORED, BOOSTERS, NEGATIONS, CONTEXT, IDIOMS, NEUTRAL)))
cased = st.one_of(word, word, word, word.map(str.upper), word.map(str.title), word.map(str.swapcase))
marks = st.one_of(st.just(""), st.just(""), st.just(""), st.sampled_from(MARKS))
unit = st.one_of(cased, cased, st.tuples(marks, cased, marks).map("".join), st.sampled_from(MARKS))
rich = st.lists(unit, max_size=12).map(" ".join).flatmap(lambda text: st.sampled_from([*[text] * 7, text.upper()]))
# A word, what stands up to three before it and two after: the reach of every rule.
phrase = st.tuples(
    *[st.sampled_from(["we", *CONTEXT, *BOOSTERS, *NEGATIONS[:6], "not", "NEVER", "VERY", "SO"])] * 3,
    st.sampled_from(SCORED),
    st.sampled_from(["", "of", "the mustard", "of death", "to mouth", "shit", "right", "ass", "!", "but"]),
).map(" ".join)
anything = st.text(st.characters(codec="utf-8"))


def run(count: int) -> settings:
    """Return settings: the same examples in every run, and no limit that a busy machine would break."""
    return settings(derandomize=True, deadline=None, max_examples=count)


def nltk(texts: list[str], key: str = "compound") -> np.ndarray:
    """Return NLTK's number for each text, curly apostrophes straightened."""
    return np.array([ORACLE.polarity_scores(text.replace("\u2019", "'"))[key] for text in texts])


def score(instrument: Vader, *texts: str) -> Scores:
    """Score texts whose tokens do not matter."""
    chunks = split(texts)
    return instrument.score(Batch("en", list(texts), chunks, chunks))


def compound(texts: list[str]) -> np.ndarray:
    """Return our scores, 0 where nothing is scored, as NLTK has it."""
    return np.nan_to_num(score(UNMASKED, *texts).score)


def assert_equal(texts: list[str]) -> None:
    """Hold our compound scores against NLTK's."""
    ours = compound(texts)
    assert ours.shape == (len(texts),)
    assert np.abs(ours - nltk(texts)).max(initial=0) <= TOLERANCE


@run(200)
@given(st.lists(rich, min_size=1, max_size=4))
def test_rich_texts_score_as_in_nltk(texts: list[str]) -> None:
    assert_equal(texts)


@run(200)
@given(st.lists(phrase, min_size=1, max_size=6))
def test_every_context_scores_as_in_nltk(texts: list[str]) -> None:
    assert_equal(texts)
    assert_equal([" ".join(texts)])


@run(100)
@given(st.lists(anything, max_size=5))
@example([])
@example([""])
@example(["", " ", "good", "", "\u2028"])
@example(["good\x1cbad\u2028\x85never"])
@example(["a \ud800 good", "\udfff"])
def test_any_text_scores_as_in_nltk(texts: list[str]) -> None:
    assert_equal(texts)


@pytest.mark.parametrize(
    "text",
    [
        "good, cat good", "'good' ,good, good,,", "GOOD bad good GOOD", "good not good", "not good but good",
        "kind of nice, kind of", "of kind", "a kind Of kind", "at least good", "The least good", "very least good",
        "least good", "never so good", "never this we good", "we so we good", "without doubt good",
        "it is the bomb today",
        "they are bad ass people here", "he said yeah right ok then", "it was kiss of death today sort of bad",
        "we saw some hand to mouth", "but good but bad BUT good", "GREAT GREAT", "VERY GREAT",
        "SO VERY BAD", "KOREA IS GREAT", "GREAT we", "VERY good", "hardly BAD we", "it is sort of we good",
        "it is just enough we bad", "it is just enough bad", "good korea!! we??", "(korea?!) bad",
        "good !! ? ?? !!!", "bad?", "bad??", "bad????", "!!!!!!!!! good", "good bad !", "great -", ":) :( :D",
        "I we good", "x. y. good.", "good-", "-good-", "?!?good", "_good", "good_", "don't good", "AIN'T good",
        "l good",
        "\u00e9\u00c9 GOOD", "N'T good", "uh-uh good", "kind-of good", "fed up", "not", "so", "but",
    ],
)  # fmt: skip
def test_each_rule_scores_as_in_nltk(text: str) -> None:
    assert_equal([text])
    assert_equal([f"we think that {text} and that is all"])


def test_rounded_it_is_what_users_of_nltk_see() -> None:
    texts = [" ".join(SCORED[i::7] + NEUTRAL[i::3]) for i in range(7)]
    assert np.round(compound(texts), 4).tolist() == nltk(texts, "rounded").tolist()


def test_sums_that_cancel_take_no_punctuation() -> None:
    # 1.9 and -1.9 in several places: what is left of the sum is rounding, and its sign must be NLTK's.
    values = {}
    for some, valence in ORACLE.lexicon.items():
        if some.isalpha() and some.islower() and some not in BOOSTERS:
            values.setdefault(valence, some)
    pairs = [(values[v], values[-v]) for v in sorted(values) if v > 0 and -v in values]
    texts = [f"{a} x x x {c} x x x {b} x x x {d} !!!" for a, b in pairs for c, d in pairs]
    assert_equal(texts)


@run(80)
@given(st.lists(rich, min_size=1, max_size=3))
def test_sides_are_the_sums_of_nltks_valences(texts: list[str]) -> None:
    found = score(UNMASKED, *texts)
    assert np.allclose(found.pos, nltk(texts, "pos"), atol=TOLERANCE)
    assert np.allclose(found.neg, nltk(texts, "neg"), atol=TOLERANCE)
    scored = found.n > 0
    assert np.abs(found.score - nltk(texts))[scored].max(initial=0) <= TOLERANCE
    assert np.isnan(found.score[~scored]).all()
    assert not nltk(texts)[~scored].any()


@run(40)
@given(st.lists(rich, max_size=4), st.lists(rich, max_size=4))
def test_no_text_depends_on_its_neighbours(first: list[str], second: list[str]) -> None:
    both = score(ALL_MASKED, *first, *second)
    apart = [score(ALL_MASKED, *texts) for texts in (first, second)]
    for i, part in enumerate(both):
        assert np.array_equal(part, np.concatenate([scores[i] for scores in apart]), equal_nan=True)


def test_n_counts_scored_words() -> None:
    texts = ["good bad good", "a kind of", "very so", "", "\u5317\u671d\u9c9c", "good very kind x"]
    assert score(UNMASKED, *texts).n.tolist() == [3, 0, 0, 0, 0, 2]


def test_unscored_is_missing_and_cancelled_is_zero() -> None:
    found = score(UNMASKED, "Pyongyang!", "", "love x x x x hate")
    assert np.isnan(found.score[:2]).all()
    assert found.n[2] == 2
    assert found.pos[2] > 0 < found.neg[2]


def test_curly_apostrophes_are_straightened() -> None:
    curly, straight = "I don\u2019t like it", "I don't like it"
    assert score(UNMASKED, curly).score == score(UNMASKED, straight).score == nltk([straight])
    assert ORACLE.polarity_scores(curly)["compound"] != nltk([straight])


@pytest.mark.parametrize(
    "text",
    [
        "Supreme Leader", "the SUPREME LEADER\u2019s cat", "(Supreme Leader)", "**Supreme Leader**",
        "Workers' Party", "Workers\u2019 Party.", "the Workers' Party's cat", "United States,",
        "UNITED\nSTATES", "\"United States'\"",
        "Party", "party!", "party's", "a kind of", "kind of,",
    ],
)  # fmt: skip
def test_masked_phrases_are_not_scored(text: str) -> None:
    found = score(ALL_MASKED, text, "x " + text)
    assert found.n.tolist() == [0, 0]
    assert np.isnan(found.score).all()


@pytest.mark.parametrize(
    "text", ["supreme", "united, states", "united (states", "united we states", "supremes leader", "leader supreme"]
)
def test_other_phrases_are_scored(text: str) -> None:
    assert score(ALL_MASKED, text).n.tolist() == score(UNMASKED, text).n.tolist()


def test_masks_do_not_reach_across_texts() -> None:
    assert score(ALL_MASKED, "they stand united", "states").n.tolist() == [1, 0]


@run(100)
@given(st.lists(unit, max_size=9), st.sampled_from(NAMES), st.integers(0, 9))
def test_a_masked_phrase_scores_like_neutral_words(units: list[str], mask: str, at: int) -> None:
    texts = [" ".join([*units[:at], *middle, *units[at:]]) for middle in (mask.split(), ["korea"] * len(mask.split()))]
    masked, neutral = score(NAMES_MASKED, *texts), score(UNMASKED, texts[1])
    assert masked.n.tolist() == [neutral.n[0]] * 2
    assert np.allclose(masked.score, neutral.score[0], atol=TOLERANCE, equal_nan=True)


def test_masked_hedges_still_dampen() -> None:
    text = "it was a kind of bad thing"
    assert score(ALL_MASKED, text).score == nltk([text]) != nltk(["it was a xxxx of bad thing"])


def test_shouting_is_not_undone_by_a_mask() -> None:
    assert score(ALL_MASKED, "I HATE THE UNITED STATES").score == nltk(["I HATE THE XXXXXX STATES"])
    assert score(ALL_MASKED, "I hate the United States?!!?").score == nltk(["I hate the xxxxxx xxxxxx?!!?"])


def test_masks_may_be_empty_or_unknown() -> None:
    text = "a good Supreme Leader"
    assert score(Vader(["", " ", "no such phrase"]), text).score == score(UNMASKED, text).score


def test_without_chunks_the_texts_are_split() -> None:
    texts = ["good \u2028 bad", ""]
    batch = Batch("en", texts, split(texts))
    assert np.array_equal(UNMASKED.score(batch).score, score(UNMASKED, *texts).score, equal_nan=True)


def test_memory_is_bounded_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"x{i} good{'!' * (i % 7)} not bad{i} very {SCORED[i % len(SCORED)]}" for i in range(300)]
    whole = score(Vader(), *texts)
    monkeypatch.setattr(vader_words, "_MEMORY_LIMIT", 50)
    instrument = Vader()
    parts = [score(instrument, *texts[i : i + 30]) for i in range(0, 300, 30)]
    assert np.array_equal(whole.score, np.concatenate([part.score for part in parts]), equal_nan=True)


def test_threads_share_an_instrument() -> None:
    texts = [[f"{w} w{i}{j} not {w}{'!' * j}" for j, w in enumerate(SCORED)] for i in range(40)]
    instrument = Vader(MASKS)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda some: score(instrument, *some).score, texts))
    for some, scores in zip(texts, found, strict=True):
        assert np.array_equal(scores, score(ALL_MASKED, *some).score, equal_nan=True)


def test_hostile_texts_come_back() -> None:
    texts = ["\U0001f600" * 10_000, "x" * 1_000_000, "good" + "!" * 1_000_000, "not good " * 50_000]
    found = score(ALL_MASKED, *texts)
    assert found.n.tolist() == [0, 0, 0, 50_000]


def test_a_long_text_of_distinct_words_scores_as_in_nltk() -> None:
    words = [some for some in ORACLE.lexicon if " " not in some]
    assert_equal([" ".join(words[:1_000]), " not ".join(words[2_000:2_500]), " ".join(words[::3]).title()])


def test_score_stays_on_its_scale() -> None:
    found = score(UNMASKED, "love " * 1_000, "hate " * 1_000)
    low, high = Vader.scale
    assert low <= found.score[1] < -0.99 < 0.99 < found.score[0] <= high


@pytest.mark.parametrize("masking", [True, False])
@pytest.mark.parametrize("laughter", [True, False])
def test_a_twin_says_of_a_batch_that_was_read_what_it_says_alone(masking: bool, laughter: bool) -> None:  # noqa: FBT001
    texts = ["The Supreme Leader is kind of great lol", "bad", "lol", "", "not a happy party!", "sort of sad :("]
    chunks = split(texts)
    batch = Batch("en", texts, chunks, chunks)
    first = Vader(MASKS)
    first.score(batch)
    twin = first if masking else first.unmasked("plain")
    again = twin.with_laughter(laughter=laughter).score(batch)
    alone = Vader(MASKS if masking else (), laughter=laughter).score(batch)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(again, alone, strict=True))
    assert not np.array_equal(alone.n, Vader(() if masking else MASKS, laughter=laughter).score(batch).n)
