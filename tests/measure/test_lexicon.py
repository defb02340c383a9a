"""Ratings come from the packages as they are; a text's score is the mean of the words that count, or nothing."""

from __future__ import annotations

import csv
from collections import Counter
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import paths
from analysis.errors import InputError
from analysis.measure.instrument import Batch
from analysis.measure.instruments import make_instruments
from analysis.measure.lexicon import WordMeans, read_masks, read_ratings, user_lexicon, word_means
from analysis.measure.ragged import Ragged

LISTS = {
    ("labmt", "en"): "labMT/labMT_English.tsv",
    ("labmt", "zh"): "labMT/labMT_Chinese.tsv",
    ("nrcvad", "en"): "NRC-VAD/NRC-VAD_valence_English.tsv",
    ("nrcvad", "zh"): "NRC-VAD/NRC-VAD_valence_Chinese-Simplified.tsv",
}


def ragged(*texts: str) -> Ragged:
    """Return texts as tokens, cut at blanks."""
    words = [text.split() for text in texts]
    vocabulary = sorted({word for some in words for word in some})
    codes = np.array([vocabulary.index(word) for some in words for word in some], dtype=np.int32)
    return Ragged(codes, np.cumsum([0, *map(len, words)]), vocabulary)


def scores(tool: WordMeans, *texts: str, language: str = "en") -> list[tuple[float, ...]]:
    """Return score, n, pos and neg of each text."""
    result = tool.score(Batch(language, list(texts), ragged(*texts)))
    assert result.pos is not None
    assert result.neg is not None
    return list(zip(result.score, result.n, result.pos, result.neg, strict=True))


# The lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("instrument", "language"), LISTS)
def test_ratings_are_those_that_the_package_ships(instrument: str, language: str) -> None:
    path = Path(str(files("shifterator"))) / "lexicons" / LISTS[instrument, language]
    table = pd.read_csv(path, sep="\t", header=None, names=["word", "value"], quoting=csv.QUOTE_NONE, na_filter=False)
    means = table.assign(word=table["word"].str.strip().str.lower()).groupby("word")["value"].mean()
    ours = read_ratings(instrument, language)
    assert set(ours) == set(means.index) - {""}
    np.testing.assert_allclose([ours[word] for word in means.index if word], means[means.index != ""], rtol=1e-12)


@pytest.mark.parametrize(
    ("instrument", "language", "word", "rating"),
    [
        ("labmt", "en", "laughter", 8.50),
        ("labmt", "en", "terrorist", 1.30),
        ("labmt", "zh", "快乐", 7.82),
        ("nrcvad", "en", "enjoyable", 1.0),
    ],
)
def test_ratings_that_the_papers_print(instrument: str, language: str, word: str, rating: float) -> None:
    assert read_ratings(instrument, language)[word] == pytest.approx(rating)


def test_the_words_na_null_and_nan_are_words() -> None:
    assert isinstance(read_ratings("nrcvad", "en").get("null"), float)
    assert len(read_ratings("labmt", "en")) == 10_222  # Dodds et al. 2011


# The masks ------------------------------------------------------------------------------------------------------------


def masks() -> list[dict[str, str]]:
    """Return the rows of ``data/masks.csv``."""
    with (paths.DATA / "masks.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_mask_belongs_to_an_instrument_and_has_a_reason() -> None:
    known = {(tool.name, language) for tool in make_instruments() for language in tool.languages}
    assert {(row["instrument"], row["language"]) for row in masks()} <= known
    assert [row for row in masks() if not row["reason"].strip() or row["term"] != row["term"].strip().lower()] == []


def test_no_mask_stands_twice() -> None:
    times = Counter((row["instrument"], row["language"], row["term"]) for row in masks())
    assert [mask for mask, number in times.items() if number > 1] == []


@pytest.mark.parametrize(("instrument", "language"), LISTS)
def test_masked_words_are_not_scored_and_all_others_stay(instrument: str, language: str) -> None:
    masked, plain = word_means(instrument), word_means(instrument, masked=False)
    assert set(plain.ratings[language]) - set(masked.ratings[language]) == set(plain.ratings[language]) & set(
        read_masks(instrument, language)
    )
    assert set(masked.ratings[language]) <= set(plain.ratings[language])
    assert (masked.name, plain.name) == (instrument, f"{instrument}_unmasked")


# Scores ---------------------------------------------------------------------------------------------------------------

TOY = WordMeans(
    "toy",
    {"en": {"love": 8.0, "nice": 6.0, "so": 5.5, "edge": 4.0, "bad": 2.0, "korea": 1.0}, "zh": {"爱": 9.0}},
    (1.0, 9.0),
    {"en": 1.0, "zh": 0.0},
    {"en": {"korea"}, "zh": set()},
)


@pytest.mark.parametrize(
    ("text", "score", "n", "pos", "neg"),
    [
        ("love", 8.0, 1, 3.0, 0.0),
        ("love nice bad", 16 / 3, 3, 4 / 3, 1.0),
        ("love so the", 8.0, 1, 3.0, 0.0),  # inside the lens, and unknown
        ("edge", 4.0, 1, 0.0, 1.0),  # on the lens: it counts
        ("bad korea", 2.0, 1, 0.0, 3.0),  # masked
        ("love love bad", 6.0, 3, 2.0, 1.0),
    ],
)
def test_a_text_is_the_mean_of_the_words_that_count(text: str, score: float, n: int, pos: float, neg: float) -> None:
    assert scores(TOY, text) == [pytest.approx((score, n, pos, neg))]


@pytest.mark.parametrize("text", ["", "the", "so", "korea", "爱"])
def test_a_text_without_a_word_that_counts_has_no_score_and_never_a_neutral_one(text: str) -> None:
    ((score, n, pos, neg),) = scores(TOY, text)
    assert n == 0
    assert np.isnan([score, pos, neg]).all()


def test_each_language_has_its_own_words() -> None:
    assert scores(TOY, "爱", "love", language="zh")[0] == pytest.approx((9.0, 1, 4.0, 0.0))
    assert scores(TOY, "爱", "love", language="zh")[1][1] == 0


_texts = st.lists(st.lists(st.sampled_from([*TOY.ratings["en"], "so", "korea", "x"])).map(" ".join), max_size=4)


@settings(deadline=None)
@given(texts=_texts)
def test_score_is_the_middle_plus_the_warm_minus_the_cold_part_within_the_scale(texts: list[str]) -> None:
    words = TOY.ratings["en"]
    for text, (score, n, pos, neg) in zip(texts, scores(TOY, *texts), strict=True):
        rated = [words[word] for word in text.split() if word in words]
        assert n == len(rated)
        if rated:
            assert score == pytest.approx(float(np.mean(rated)))
            assert score == pytest.approx(5.0 + pos - neg)
            assert 1.0 <= score <= 9.0
            assert min(pos, neg) >= 0.0


def test_the_lens_of_compressed_ratings_is_narrower() -> None:
    tool = word_means("labmt", 1.0)
    distances = {language: [abs(value - 5.0) for value in tool.ratings[language].values()] for language in ("en", "zh")}
    spread = {language: np.std(list(read_ratings("labmt", language).values())) for language in ("en", "zh")}
    assert min(distances["en"]) >= 1.0
    assert min(distances["zh"]) >= spread["zh"] / spread["en"]
    assert min(distances["zh"]) < 1.0
    assert (
        len(word_means("labmt", 2.0).ratings["en"])
        < len(tool.ratings["en"])
        < len(word_means("labmt", 0).ratings["en"])
    )


# A user's own lexicon -------------------------------------------------------------------------------------------------


def write(path: Path, *rows: str) -> Path:
    """Write a CSV file of the rows given."""
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_users_lexicon_scores_every_language_without_a_lens(tmp_path: Path) -> None:
    tool = user_lexicon(write(tmp_path / "my list.csv", "term,score", "Staged,-2", "自由,1.5", "meh,0.1"))
    assert (tool.name, tool.scale, tool.middle) == ("my_list", (-2.0, 2.0), 0.0)
    assert scores(tool, "staged meh")[0] == pytest.approx((-0.95, 2, 0.05, 1.0))
    assert scores(tool, "自由", language="zh")[0] == pytest.approx((1.5, 1, 1.5, 0.0))


def test_a_users_lexicon_is_found_whatever_its_characters_and_apostrophes(tmp_path: Path) -> None:
    rows = ["term,score", "美麗,2", "don\N{RIGHT SINGLE QUOTATION MARK}t,-1", "自由,1", "後,3", "后,-3"]
    tool = user_lexicon(write(tmp_path / "mine.csv", *rows))
    assert scores(tool, "美丽 自由", language="zh")[0][:2] == pytest.approx((1.5, 2))
    assert scores(tool, "we don't")[0][:2] == pytest.approx((-1, 1))
    # What the list holds in simplified characters keeps its own score; Japanese tokens are left as they are written.
    assert scores(tool, "后", language="zh")[0][:2] == pytest.approx((-3, 1))
    assert scores(tool, "美麗", language="ja")[0][:2] == pytest.approx((2, 1))


def test_a_users_lexicon_on_one_side_of_zero_keeps_its_range(tmp_path: Path) -> None:
    tool = user_lexicon(write(tmp_path / "a.csv", "term,score", "a,1", "b,5"))
    assert (tool.scale, tool.middle) == ((1.0, 5.0), 3.0)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["term,value", "a,1"], "column score: there is no such column"),
        (["term,score", "a,1", "b,warm"], "row 2, column score: 'warm' is not a number"),
        (["term,score", "a,1", "b,nan"], "row 2, column score: 'nan' is not a number"),
        (["term,score", "a,inf"], "row 1, column score: 'inf' is not a number"),
        (["term;score", "a;-1,5"], "row 1, column score: '-1,5' is not a number (accepted: 3.5, with a point)"),
        (["term,score", "a,1", ",2"], "row 2: a term and a number were expected"),
        (["term,score", "a,1", "A,2"], "row 2, column term: 'a' occurs twice"),
        (["term,score", "a,1,2"], "row 1: 3 cells where the header has 2"),
        (["term,score"], "holds no terms"),
        (
            ["term,score", "a,1", "North Korea,2"],
            "row 2, column term: 'north korea' would never be found, for",
        ),
        (["term,score", "happ*,1"], "row 1, column term: 'happ*' would never be found"),
        (["term,score", "a b,1", "c,2", "d e,1", "f*,1"], "as they stand; so it is with 2 more rows (accepted: single"),
    ],
)
def test_a_lexicon_that_is_none_is_refused_with_its_row(tmp_path: Path, rows: list[str], said: str) -> None:
    path = write(tmp_path / "a.csv", *rows)
    with pytest.raises(InputError) as caught:
        user_lexicon(path)
    assert str(caught.value).startswith(f"{path}")
    assert said in str(caught.value)
