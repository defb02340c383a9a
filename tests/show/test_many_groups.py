"""Figures of many groups of one vantage, as provinces are: each is told from the others, and none loses its counts."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.compare.concepts import concept_prevalence, prevalence, prevalence_contrasts
from analysis.compare.contrasts import CONSTANT_NOTE
from analysis.show import palette, style
from analysis.show.concepts import draw_concept_differences, draw_prevalence
from analysis.show.lettering import wrap
from analysis.show.timeline import draw_timeline

GROUPS = [*(f"province {number}" for number in range(8)), "other (4 smaller groups)", "not known"]


def test_nine_provinces_of_one_vantage_have_nine_colours_and_the_marker_of_their_language():
    many = dict.fromkeys(GROUPS[:-1], "chinese_viewer") | {"not known": "several"}
    styles = list(palette.plot_styles(many, dict.fromkeys(many, "zh")).values())
    assert len({how.colour for how in styles}) == 10
    assert {how.marker for how in styles} == {palette.MARKERS["zh"]}
    # Few groups of a vantage have its colour in shades, and one its colour itself.
    spoken = dict(zip("abcd", ("en", "zh", "en+zh", ""), strict=True))
    few = palette.plot_styles(dict.fromkeys("abcd", "vlogger"), spoken)
    assert few["a"].colour == palette.COLOURS["vlogger"]
    assert len({how.colour for how in few.values()}) == 4
    assert [how.marker for how in few.values()] == ["o", "s", "D", "D"]


@pytest.fixture(scope="module")
def flagged():
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"group": np.repeat(GROUPS, 120), "cluster_id": np.tile(np.arange(40), 30)})
    rows = rows.assign(language="zh", likes=1, vantage="chinese_viewer", collection="A long name of a collection " * 5)
    rows["trade"] = (rng.random(len(rows)) < np.where(rows["group"] == GROUPS[0], 0.3, 0.1)).astype(float)
    # Nobody at all mentions it, and groups differ in size.
    return rows.assign(safety=0.0).drop(index=range(60))


def test_a_legend_cuts_names_and_no_counts(flagged):
    table = prevalence(flagged, ["trade"])
    legend = draw_prevalence(table).legends[0]
    for group, text in zip(GROUPS, legend.get_texts(), strict=True):
        size = 60 if group == GROUPS[0] else 120
        assert text.get_text().startswith(group)
        assert f"…): n = {size}, " in text.get_text()
        assert text.get_text().endswith(" effective), Chinese")


def test_bands_of_many_groups_fit_on_a_page_and_the_order_tells_groups_apart(flagged):
    names = [f"concept {number}" for number in range(style.MOST_ROWS)]
    table = prevalence(flagged.assign(**dict.fromkeys(names, flagged["trade"])), names)
    figure = draw_prevalence(table)
    assert figure.get_figheight() < 10
    told = figure.legends[0].get_title().get_text()
    assert "In each band groups stand in the order of the legend." in " ".join(told.split())
    named = re.search(r"7 more concepts are in the CSV: ((?:concept \d+; ){6})and 1 other\.", " ".join(told.split()))
    drawn = {text.get_text() for text in draw_prevalence(table).axes[0].get_yticklabels()}
    assert named
    assert drawn.isdisjoint(named[1].split("; "))
    few = draw_prevalence(table[table["a"].isin(GROUPS[:4])])
    assert len(few.axes[0].get_yticks()) == style.MOST_ROWS
    assert "order of the legend" not in few.legends[0].get_title().get_text()


def test_figures_say_what_counts_where_not_every_utterance_counts_alike(flagged):
    told = "Weighted by likes: what was liked more counts more"
    table = prevalence(flagged, ["trade"], "likes").assign(weighting="likes")
    assert told in " ".join(draw_prevalence(table).legends[0].get_title().get_text().split())
    plain = table.assign(weighting="utterance")
    assert "Weighted" not in draw_prevalence(plain).legends[0].get_title().get_text()
    study = SimpleNamespace(
        as_opened=False, mentioned=flagged, concepts=["trade"], parameters=SimpleNamespace(weighting="likes")
    )
    assert set(concept_prevalence(study)["weighting"]) == {"likes"}
    contrasts = prevalence_contrasts(flagged, ["trade"]).assign(unit="points", weighting="likes")
    assert told in draw_concept_differences(contrasts).get_supxlabel()


def test_a_pair_of_long_or_arabic_names_loses_neither_and_runs_from_left_to_right(flagged):
    long, arabic = "Pyongyang Tourist Board and all its agencies (in Europe, Asia)", "\u062c\u0645\u0639"
    renamed = flagged.assign(group=flagged["group"].replace({GROUPS[0]: arabic, GROUPS[1]: long}))
    table = prevalence_contrasts(renamed[renamed["group"].isin([arabic, long])], ["trade"]).assign(unit="points")
    figure = draw_concept_differences(table)
    heading = figure.axes[0].get_yticklabels()[0].get_text()
    assert heading.startswith("\u200e")
    assert {"Pyongyang", arabic} <= set(heading.replace("\u200e", "").split())


def test_a_number_after_an_arabic_or_hebrew_name_stays_after_it():
    """By the rules of Unicode a number goes to the left of a name that runs that way, whatever is between."""
    for name in ("\u05ea\u05d2\u05d5\u05d1\u05d5\u05ea \u05e6\u05e4\u05d5\u05df", "\u062c\u0645\u0639\u064b"):
        for text in (f"{name}: 55 times", f"{name} (2025), 7", style.label(name) + ": n = 9", f"a {name}"):
            (line,) = wrap(text, lambda line: len(line) < 99)
            assert line.replace("\u200e", "") == text.replace("\u200e", "")
            after = line.replace("\u200e", "", 1).partition(name)[2]
            assert after.startswith("\u200e")
        assert style.forward(style.forward(f"{name}: 55")) == style.forward(f"{name}: 55")
    assert style.forward("Rason: 55 朝鲜") == "Rason: 55 朝鲜"


def test_what_nobody_mentions_is_no_difference_to_draw(flagged):
    table = prevalence_contrasts(flagged, ["trade", "safety"]).assign(unit="points")
    nobody = table[table["measure"] == "safety"]
    assert set(nobody["note"]) == {CONSTANT_NOTE}
    assert (nobody["log_ratio"] == 0).all()
    figure = draw_concept_differences(table)
    rows = [text.get_text() for ax in figure.axes for text in ax.get_yticklabels()]
    assert rows
    assert {row for row in rows if " minus " not in row} == {"trade"}
    told = "smaller or less sure differences; what has no estimate, or none worth drawing."
    assert f"{90 - style.MOST_ROWS} more rows are in the CSV: {told}" in " ".join(figure.get_supxlabel().split())
    few = draw_concept_differences(table[table["measure"] == "trade"].head(3)).get_supxlabel()
    assert "more row" not in few
    beside = table[table["measure"] == "trade"].assign(b="reference")
    said = " ".join(draw_concept_differences(beside).get_supxlabel().split())
    assert f"{len(beside) - style.MOST_ROWS} more rows are in the CSV: those with a reference collection." in said


def test_ten_groups_of_a_period_stay_within_it():
    rows = [
        {"measure": "trade", "a": group, "period": str(year), "estimate": 0.1, "ci_low": 0.05, "ci_high": 0.2}
        for group in GROUPS
        for year in (2024, 2025)
    ]
    about = {"step": "year", "languages": "zh", "vantage": "chinese_viewer", "n_a": 50, "dated": 100, "undated": 0}
    table = pd.DataFrame(rows).assign(**about, label=lambda rows: rows["a"])
    ax = draw_timeline(table).axes[0]
    dots = [line.get_xdata()[0] for line in ax.lines if line.get_marker() not in {"None", ""}]
    assert len(dots) == 20
    assert np.abs(np.array(dots) - np.round(dots)).max() < 0.45
    assert len(set(np.round(dots, 6))) == 20
