"""What somebody left of a table by choosing rows: what is missing is named, and nothing is said that is not so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.compare import comention, concepts, tone, word_shift
from analysis.errors import ParameterError
from analysis.show import style
from analysis.show.comention import draw_comention
from analysis.show.tone import draw_coverage, draw_laughter, draw_masking, draw_tone
from analysis.show.word_shift import draw_word_shift
from analysis.study import open_study


@pytest.fixture(scope="module")
def study(bilingual):
    return open_study(corpus=str(bilingual), draws=99)


def test_ratios_without_their_shares_are_not_said_to_be_nothing(study):
    table = comention.concept_pairs(study)
    assert (table["together"] > 0).any()
    said = draw_comention(table[table["statistic"] == comention.RATIO]).said
    assert said.endswith("The shares are not in the table: choose those rows, too.")
    assert "No utterance mentions two concepts" in draw_comention(table[table["together"] == 0]).said


def test_a_word_shift_without_its_words_is_not_said_to_have_none(study):
    shifts = word_shift.word_shifts(study)
    (_, table), *_ = shifts.groupby(["language", "a", "b"], sort=False)
    assert draw_word_shift(table[table["part"] != "term"]).said.endswith(
        "The words are not in the table: choose those rows, too."
    )


def test_scores_without_their_means_are_no_empty_axis(study):
    table = tone.tone_scores(study).query("instrument == 'labmt' and language == 'en'")
    assert draw_tone(table[table["part"] != "mean"]).said == "The means are not in the table: choose those rows, too."


def test_a_concept_that_is_none_is_named(study):
    for function in (concepts.prevalence, concepts.prevalence_contrasts):
        with pytest.raises(ParameterError, match=r"'freedom' is no list of concepts \(accepted: \['freedom'\]\)"):
            function(study.mentioned, "freedom")
        with pytest.raises(ParameterError, match="'liberty' in no column"):
            function(study.mentioned, ["freedom", "liberty"])


def scores(instrument, likes=1.0):
    """Return 50 equal scores of two groups with long names, as `tone_scores` would."""
    rows = [{"part": "mean", "group": group, "label": group, "vantage": "vlogger", "estimate": 5.0, "n_a": 123_456,
             "unscored": 12_345, "clusters_a": 12_345, "g_a": 1_234.5, "units_a": "threads and accounts",
             "note": "no variation between clusters: no interval"} for group in ("a group", "another")]  # fmt: skip
    bins = [{"part": "density", "group": group, "bin_low": 4.0, "bin_high": 6.0, "share": likes} for group in "ab"]
    about = {"instrument": instrument, "language": "en", "scale_low": 1, "scale_high": 9, "weighting": "utterance"}
    return pd.DataFrame([*rows, *bins]).assign(ci_low=np.nan, ci_high=np.nan, text="", **about)


def test_what_an_instrument_scores_is_called_what_it_is():
    emoji = "\n".join(text.get_text() for text in draw_tone(scores("emoji")).axes[0].texts)
    assert "12,345 without a scored emoji" in emoji
    assert "scored word" not in emoji


def test_no_row_is_bold_where_no_note_says_what_bold_is(study):
    for draw, table in (
        (draw_coverage, tone.tone_coverage),
        (draw_laughter, tone.laughter_shares),
        (draw_masking, tone.masking_effect),
    ):
        figure = draw(table(study))
        assert len(figure.axes[0].get_yticklabels()) > 1
        assert not [text for text in figure.axes[0].get_yticklabels() if text.get_path_effects()]


@pytest.mark.parametrize("instrument", ["labmt", "column:mine"])
def test_what_stands_above_scores_is_not_cut_at_the_edge(tmp_path, instrument):
    figure = draw_tone(scores(instrument))
    style.save(figure, pd.DataFrame(), tmp_path, "02-tone", formats=("png",))
    heads = [text for text in figure.axes[0].texts if "12,345 without a" in text.get_text()]
    assert len(heads) == 2
    for head in heads:
        assert head.get_window_extent().x1 < figure.bbox.x1
        assert head.get_text().endswith("no interval")
    told = "\n".join(text.get_text() for text in [*figure.axes[0].texts, figure.axes[0].xaxis.label])
    own = instrument.startswith("column:")
    assert ("without a scored word" in told) is not own
    assert ("colder" in told) is not own
    assert ("← lower" in told) is own
    assert "or because nothing varies" in " ".join(figure._supxlabel.get_text().split())  # noqa: SLF001
