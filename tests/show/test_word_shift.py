"""Word shift figures: drawn without warnings whatever the labels, and nothing hidden or on top of each other."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from analysis.compare.groups import Group
from analysis.compare.pairings import name_sides
from analysis.compare.vocabulary import Counts
from analysis.compare.word_shift import KINDS, left_out, summarize, word_shift, word_shifts
from analysis.digits import rounded
from analysis.measure.lexicon import word_means
from analysis.show import style
from analysis.show.notebook import figure_png
from analysis.show.word_shift import COLOURS, SYMBOLS, draw_word_shift
from analysis.study import open_study

WORDS = [
    "好",
    "坏",
    "自由",
    "幸福",
    "good",
    "war",
    "$\\frac{x$",
    "=cmd|' /C calc'!A0",
    "\u202eevil",
    "😂",
    "W" * 90,
    "乐" * 60,
]


def group(name="western_commenter", collections="Reddit", language="zh"):
    return Group(name, language, "western_commenter", collections, pd.DataFrame({"cluster_id": ["c"] * 5}))


def side(seed, clusters, terms=WORDS, mean=2.0):
    rng = np.random.default_rng(seed)
    matrix = sparse.csr_array(rng.poisson(mean, (clusters, len(terms))))
    names = np.array([f"{seed}-{i:03d}" for i in range(clusters)], dtype=object)
    order = np.argsort(np.array(terms, dtype=str))
    return Counts(names, np.array(terms, dtype=object)[order], matrix)


def drawn(a, b, ratings, groups=None, most=25):
    table = word_shift(a, b, ratings)
    terms = table.assign(part="term").rename(columns={"term": "name"})
    about = {"utterances_a": 1_234, "utterances_b": 5, "weighting": "utterance", "middle": 5.0}
    whole = pd.concat([summarize(table, a, b), terms], ignore_index=True)
    return draw_word_shift(rounded(name_sides(whole, groups or (group(), group("vlogger")), **about)), most)


def texts(figure):
    found = figure.findobj(mpl.text.Text)
    return "\n".join(text.get_text() for text in found if text.get_visible())


def inside(figure):
    """Tell whether everything that is drawn lies within the picture, once it is laid out."""
    with mpl.rc_context(style.rc()):
        figure.get_layout_engine().execute(figure)
        box = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    slack = 0.01
    return box.x0 >= -slack and box.x1 <= width + slack and box.y0 >= -slack and box.y1 <= height + slack


RATINGS = dict(zip(WORDS, [7.5, 2.5, 7.0, 8.2, 7.9, 1.9, 3.0, 8.0, 2.0, 7.0, 6.5, 8.0], strict=True))


def test_hostile_labels_are_drawn_as_they_stand_and_stay_within_the_picture(tmp_path: Path):
    groups = group("很" * 200, "$\\alpha$ \u202e<b>\n{x}"), group("b" * 300, "\u202e" * 9)
    figure = drawn(side(1, 30), side(2, 30), RATINGS, groups)
    assert inside(figure)
    assert "$\\frac{x$" in texts(figure)
    assert "\u202e" not in texts(figure)
    table = word_shift(side(1, 30), side(2, 30), RATINGS)
    style.save(figure, table, tmp_path, "02-shift")
    csv = (tmp_path / "02-shift.csv").read_text(encoding="utf-8")
    assert "'=cmd" in csv


def test_labels_stand_beside_their_bars_and_intervals():
    figure = drawn(side(3, 12), side(4, 40), RATINGS)
    assert inside(figure)
    ax = figure.axes[2]
    lines = {round(float(line.get_ydata()[0]), 6): line.get_xdata() for line in ax.lines[:-1]}
    to_data = ax.transData.inverted()
    for note in (t for t in ax.texts if isinstance(t, mpl.text.Annotation)):
        box = note.get_window_extent().transformed(to_data)
        low, high = min(0, *lines[note.xy[1]]), max(0, *lines[note.xy[1]])
        assert box.x0 > high or box.x1 < low
        assert ax.get_xlim()[0] <= box.x0
        assert box.x1 <= ax.get_xlim()[1]


def test_what_is_drawn():
    figure = drawn(side(5, 20), side(6, 20), RATINGS, most=5)
    words = figure.axes[2]
    assert len(words.patches) == 5
    assert {mpl.colors.to_hex(bar.get_facecolor()).upper() for bar in words.patches} <= set(COLOURS.values())
    shown = texts(figure)
    assert "The 5 largest of 12 scored words" in shown
    assert "effective); 1,234 utterances" in shown
    assert "Tone of words, not stance" in shown
    assert all(symbol in shown for symbol in SYMBOLS.values())
    assert set(SYMBOLS) == set(COLOURS) == set(KINDS)


def test_bars_point_to_the_side_that_they_make_warmer():
    figure = drawn({"good": 3, "war": 1}, {"good": 1, "war": 3}, RATINGS)
    assert all(bar.get_width() > 0 for bar in figure.axes[2].patches)
    figure = drawn({"good": 1, "war": 3}, {"good": 3, "war": 1}, RATINGS)
    assert all(bar.get_width() < 0 for bar in figure.axes[2].patches)


def test_withheld_intervals_say_why():
    shown = texts(drawn(side(7, 4), side(8, 30), RATINGS))
    assert "(too few clusters: no interval)" in shown
    assert "descriptions, not findings" in shown


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        ({"good": 1}, {"the": 1}, "One side has no scored word"),
        ({"a": 1}, {"b": 1}, "No scored word on either side"),
        ({"good": 2, "war": 2}, {"good": 1, "war": 1}, "No word makes a difference"),
        ({}, {}, "No scored word on either side"),
    ],
)
def test_nothing_to_draw_is_said(a, b, says):
    assert says in drawn(a, b, RATINGS).said


PAIR = ("zh", "chinese_viewer", "vlogger")


@pytest.fixture(scope="module")
def study(bilingual):
    """Return the study of the bilingual fixture."""
    return open_study(corpus=str(bilingual))


def rows_of(study):
    table = word_shifts(study)
    return table[(table["language"] == PAIR[0]) & (table["a"] == PAIR[1]) & (table["b"] == PAIR[2])]


def test_the_study_saves_every_number_that_is_drawn(study, tmp_path):
    drawn = rows_of(study)
    style.write_csv(drawn, tmp_path / "x.csv")
    rows = pd.read_csv(tmp_path / "x.csv")
    assert figure_png(draw_word_shift(rows, 4)) == figure_png(draw_word_shift(drawn, 4))
    means = rows[rows["part"] == "mean"].set_index("name")
    total = rows.loc[rows["part"] == "term", "contribution"].sum()
    assert means.loc["mean of words", "contribution"] == pytest.approx(total, abs=1e-6)
    assert rows.loc[rows["part"] == "kind", "contribution"].sum() == pytest.approx(total, abs=1e-6)
    zh = study.own_words[study.own_words["language"] == "zh"]
    for letter, name in (("a", "chinese_viewer"), ("b", "vlogger")):
        mine = zh[zh["group"] == name]
        assert means.loc["mean of utterances", f"mean_{letter}"] == pytest.approx(mine["labmt"].mean(), abs=1e-7)
        assert means.loc["mean of words", f"n_{letter}"] == mine["labmt_n"].sum()
        assert rows.set_index("name").loc["scored", f"n_{letter}"] == mine["labmt_n"].sum()
        assert (rows[f"utterances_{letter}"] == len(mine)).all()


def test_lens_and_masks_reach_every_number(study, bilingual):
    rows = rows_of(open_study(corpus=str(bilingual), lens=0.0, masked=False))
    assert not set(rows["name"]) & {"masked", "near neutral"}
    mine = study.own_words.query("language == 'zh' and group == 'chinese_viewer'")
    assert rows.set_index("name").loc["scored", "n_a"] > mine["labmt_n"].sum()
    strict = word_means("labmt", 2.0)
    why = left_out(strict, "zh", masked=True)
    assert set(why.values()) == {"masked", "near neutral", "laughter"}
    assert not why.keys() & strict.ratings["zh"].keys()
