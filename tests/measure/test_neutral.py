"""What is neutral: a third of what an instrument says of ordinary language, whatever the instrument."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.measure.background import frequent_words
from analysis.measure.batch import score_texts
from analysis.measure.instruments import make_instruments
from analysis.measure.lexicon import word_means
from analysis.measure.neutral import TEXTS, WORDS, background_texts, neutral_bands, neutral_table
from analysis.measure.options import SCALES, neutral_band
from analysis.parameters import Options


def test_a_third_of_ordinary_language_lies_below_and_a_third_above() -> None:
    texts = [text for some in background_texts().values() for text in some]
    languages = np.repeat(np.array(list(background_texts()), object), TEXTS)
    tools = make_instruments()
    scores = score_texts(texts, languages, tools)
    for (name, language), (low, high) in neutral_bands().items():
        if name in scores and not name.startswith("emoji"):
            known = scores[name][languages == language]
            known = known[~np.isnan(known)]
            assert (known < low).mean() == pytest.approx(1 / 3, abs=0.03), name
            assert (known > high).mean() == pytest.approx(1 / 3, abs=0.03), name


def test_the_middle_of_the_band_is_near_the_level_of_ordinary_words() -> None:
    """An oracle that draws nothing: the mean rating of words, weighted by their shares."""
    for language in ("en", "zh"):
        ratings, shares = word_means("labmt").ratings[language], frequent_words(language)
        level = np.average(list(ratings.values()), weights=[shares.get(word, 0.0) for word in ratings])
        low, high = neutral_bands()["labmt", language]
        assert low < level < high


def test_every_instrument_has_a_band_in_the_languages_that_it_reads_and_they_are_wider_than_nothing() -> None:
    bands = neutral_bands()
    for name in SCALES:
        tool = next(tool for tool in make_instruments() if tool.name == name)
        for language in {"en", "zh"} & set(tool.languages):
            low, high = bands[name, language]
            assert tool.scale[0] < low < high < tool.scale[1]
    assert ("laughter", "en") not in bands
    assert neutral_table().column_names == ["instrument", "language", "low", "high"]


def test_texts_of_ordinary_language_are_drawn_by_frequency_and_always_the_same() -> None:
    texts = background_texts()
    assert {language: len(some) for language, some in texts.items()} == {"en": TEXTS, "zh": TEXTS, "none": TEXTS}
    words = " ".join(texts["en"]).split()
    assert len(words) == TEXTS * WORDS
    share = frequent_words("en")["the"] / sum(frequent_words("en").values())
    assert words.count("the") / len(words) == pytest.approx(share, rel=0.1)
    assert words[:6] == " ".join(background_texts.__wrapped__()["en"]).split()[:6]


def test_options_move_the_band_and_a_scale_alone_gives_its_middle() -> None:
    assert neutral_bands(Options(lens=0.0))["labmt", "en"] != neutral_bands()["labmt", "en"]
    assert neutral_band((1.0, 9.0)) == (4.8, 5.2)
