"""Units and limits of the figures: what an axis says in percent is drawn in percent; what is left out is counted."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from readable import problems

from analysis.compare.contrasts import FEW_NOTE, FEW_P_NOTE, OPEN_NOTE, SAME_NOTE
from analysis.show import lettering, notebook, overview
from analysis.show.collocations import listed
from analysis.show.comention import draw_comention
from analysis.show.concepts import draw_prevalence
from analysis.show.contrasts import draw_contrasts, draw_group_differences
from analysis.show.timeline import draw_timeline
from analysis.show.tone import draw_coverage, draw_masking

#: A quarter of 200 utterances, from a fifth to a third: whatever the figures of shares read.
SHARE = (
    {"measure": "fear", "a": "vlogger", "vantage": "vlogger", "label": "vlogger (V)", "languages": "en"}
    | {"language": "en", "instrument": "labmt", "estimate": 0.25, "ci_low": 0.2, "ci_high": 0.3, "hits": 50}
    | {"n_a": 200, "clusters_a": 20, "g_a": 18.5, "note": "", "scored": 50, "units": 3.0}
    | {"period": "2013", "step": "year", "dated": 200, "undated": 0}
    | {"statistic": "share", "together": 50, "expected": 40.0}
)


def bars(ax):
    """Return the ends of every interval drawn."""
    lines = [np.asarray(line.get_xydata(), dtype=float) for line in ax.lines]
    return [line for line in lines if len(line) == 2 and line[0].tolist() != line[1].tolist()]


def dots(ax):
    return [np.asarray(line.get_xydata(), dtype=float)[0] for line in ax.lines if line.get_marker() not in {"None", ""}]


def ratio(table):
    return table.assign(statistic="log2 ratio", estimate=0.32, ci_low=0.1, ci_high=0.5)


@pytest.mark.parametrize(
    ("draw", "along"),
    [
        (draw_prevalence, 0),
        (draw_coverage, 0),
        (draw_timeline, 1),
        (lambda table: draw_comention(pd.concat([table, ratio(table)], ignore_index=True)), 0),
    ],
    ids=["prevalence", "coverage", "timeline", "comention"],
)
def test_shares_are_drawn_in_percent(draw, along):
    ax = draw(pd.DataFrame([SHARE])).axes[0]
    assert "%" in ax.get_xlabel() + ax.get_ylabel()
    ((low, high),) = [line[:, along] for line in bars(ax) if line[0, along] == pytest.approx(20)]
    assert (low, high) == pytest.approx((20, 30))
    assert [dot[along] for dot in dots(ax)][-1] == pytest.approx(25)


def test_ratios_beside_shares_stay_ratios():
    table = pd.DataFrame([SHARE])
    ax = draw_comention(pd.concat([table, ratio(table)], ignore_index=True)).axes[1]
    assert dots(ax)[-1][0] == pytest.approx(0.32)


def test_the_axis_that_panels_of_time_share_holds_the_highest_of_all():
    rows = [{**SHARE, "measure": name, "estimate": share} for name, share in (("a", 0.1), ("b", 0.25), ("c", 0.9))]
    figure = draw_timeline(pd.DataFrame(rows).assign(ci_low=np.nan, ci_high=np.nan))
    assert len(figure.axes) == 3
    for ax in figure.axes:
        assert ax.get_ylim()[0] == 0
        assert ax.get_ylim()[1] >= 90


# Contrasts ------------------------------------------------------------------------------------------------------------

CONTRAST = {"measure": "fear", "a": "x", "b": "y", "estimate": 0.06, "effect": 6.0, "ci_low": 0.01, "ci_high": 0.11} | {
    "p": 0.02,
    "q": 0.03,
    "g_a": 20.0,
    "g_b": 30.0,
    "n_a": 200,
    "n_b": 300,
    "note": "",
    "unit": "points",
}


@pytest.mark.parametrize(
    ("unit", "half"),
    [
        ("points", 5.0),
        ("sd", 0.2),
        ("sd of reference collection", 0.2),
        ("sd of ordinary language", 0.2),
        ("delta", 0.11),
        ("log2", 0.5849625),
        ("ratio", 0.5849625),
    ],
)
def test_the_grey_band_is_as_wide_as_what_is_too_small_to_matter(unit, half):
    ax = draw_contrasts(pd.DataFrame([{**CONTRAST, "unit": unit}]), "title", ["row"]).axes[0]
    band = ax.patches[0].get_extents().transformed(ax.transData.inverted())
    assert (band.x0, band.x1) == pytest.approx((-half, half))


def test_a_difference_of_nothing_has_its_interval_in_points():
    table = pd.DataFrame([CONTRAST, {**CONTRAST, "estimate": 0.0, "effect": 0.0, "ci_low": -0.04, "ci_high": 0.04}])
    ax = draw_contrasts(table, "title", ["row", "none"]).axes[0]
    ends = [line[:, 0].tolist() for line in bars(ax) if line[0, 1] == line[1, 1]]
    assert ends == [pytest.approx([1, 11]), pytest.approx([-4, 4])]


@pytest.mark.parametrize(
    ("rows", "more"), [(12, ""), (13, "1 more row is in the CSV: smaller or"), (40, "28 more rows are")]
)
def test_twelve_contrasts_are_drawn_the_largest_first_and_bold(rows, more):
    table = pd.DataFrame([{**CONTRAST, "measure": f"m{at:02}", "effect": 1.0 + at} for at in range(rows)])
    figure = draw_group_differences(table, "What?")
    labels = figure.axes[0].get_yticklabels()
    assert [text.get_text() for text in labels] == ["x minus y", *(f"m{at:02}" for at in range(rows)[:-13:-1])]
    assert [bool(text.get_path_effects()) for text in labels] == [False, True, *[False] * 11]
    assert more in figure.get_supxlabel()
    assert "Bold: the largest of those whose interval excludes 0." in figure.get_supxlabel()
    told = " ".join(figure.get_supxlabel().split())
    assert "a vlogger's account, or an utterance of which neither is known." in told
    assert problems(figure) == []


def test_rows_that_are_not_drawn_are_named_by_what_they_stand_under():
    table = pd.DataFrame([{**CONTRAST, "measure": f"m{at:02}"} for at in range(15)])
    headings = ["drawn"] * 12 + ["VADER, other statistics"] * 2 + ["emoji, other statistics"]
    told = " ".join(draw_contrasts(table, "?", table["measure"], headings=headings).get_supxlabel().split())
    assert "3 more rows are in the CSV: VADER, other statistics; emoji, other statistics." in told
    # Of groups the names alone: collections would be cut off.
    labels = [f"group {at:02} (a collection of a name as long as they are)" for at in range(14)]
    groups = pd.DataFrame(
        [{**SHARE, "a": "masked", "label": label, "unmasked": 5.5, "masked": 5.6} for label in labels]
    )
    for draw in (draw_coverage, draw_masking):
        told = " ".join(draw(groups.assign(effect=0.1)).get_supxlabel().split())
        assert "2 more rows are in the CSV: labMT, English: group 12; labMT, English: group 13." in told


@pytest.mark.parametrize("most", [0.004, 0.17, 0.2, 3.0, 1234.5, 0.000_123])
def test_no_number_of_an_axis_stands_on_the_next(most):
    row = {**SHARE, "estimate": 0.1, "effect": most, "ci_low": -0.1, "ci_high": 0.1, "unmasked": 5.5, "masked": 5.6}
    rows = [{**row, "label": "a group with a name that leaves little room"}, {**row, "effect": -most / 3}]
    figure = draw_masking(pd.DataFrame(rows))
    assert problems(figure) == []
    figure.set_size_inches(5.2, 3)  # somebody makes it narrow
    assert [told for told in problems(figure) if re.search(r"[\d.−]+ \| [\d.−]+$", told)] == []
    assert len(figure.axes[0].get_xticks()) > 1


def test_of_differences_without_an_interval_none_is_called_sure():
    hollow = {**CONTRAST, "ci_low": np.nan, "ci_high": np.nan, "p": np.nan, "q": np.nan}
    beside = {**CONTRAST, "measure": "beside", "b": "reference"}
    figure = draw_group_differences(pd.DataFrame([{**hollow, "measure": "a"}, beside]), "What?")
    assert "Bold" not in figure.get_supxlabel()
    assert "Bar: 95 % interval" in figure.get_supxlabel()
    assert not [text for text in figure.axes[0].get_yticklabels() if text.get_path_effects()]


def test_sure_differences_come_before_large_ones_and_references_last():
    unsure = {**CONTRAST, "measure": "unsure", "effect": 60.0, "ci_low": -0.2, "ci_high": 1.4}
    hollow = {**CONTRAST, "measure": "hollow", "effect": 90.0, "ci_low": np.nan, "ci_high": np.nan}
    beside = {**CONTRAST, "measure": "beside", "b": "reference", "effect": 99.0}
    figure = draw_group_differences(pd.DataFrame([beside, hollow, unsure, {**CONTRAST, "measure": "sure"}]), "What?")
    # Nothing is said to be sure that has an interval around 0.
    assert "Bold: the largest with an interval." in draw_group_differences(pd.DataFrame([unsure]), "?").get_supxlabel()
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["x minus y", "sure", "unsure", "hollow", "x minus reference collection", "beside"]
    one, several = (
        draw_group_differences(pd.DataFrame([{**CONTRAST, "measure": "m", "language": spoken}]), "What?")
        for spoken in ("en", "zh-en")
    )
    assert one.axes[0].get_yticklabels()[0].get_text() == "x minus y, English"
    assert several.axes[0].get_yticklabels()[0].get_text() == "x (Chinese) minus y (English)"


def test_contrasts_say_beside_each_row_what_it_rests_on_and_below_what_is_too_few():
    few = {**CONTRAST, "q": np.nan, "ci_low": np.nan, "ci_high": np.nan, "note": FEW_NOTE, "g_b": 2.5}
    figure = draw_contrasts(pd.DataFrame([CONTRAST, few]), "title", ["row", "few"])
    beside = [text.get_text() for text in figure.axes[0].texts]
    assert beside == ["", "q = 0.03", "too few", "clusters", "20 / 30", "20 / 2.5", "n", "200 / 300", "200 / 300"]
    said = " ".join(figure.get_supxlabel().split())
    assert "Too few: an interval needs 5 effective clusters on each side, a p 10." in said
    assert problems(figure) == []
    assert "Too few" not in draw_contrasts(pd.DataFrame([CONTRAST]), "title", ["row"]).get_supxlabel()


@pytest.mark.parametrize(("note", "short"), [(SAME_NOTE, "nothing varies"), (OPEN_NOTE, "too few beyond it")])
def test_contrasts_without_an_interval_say_why_in_whole_words(note, short):
    """Two groups of the same utterances in the same threads: the reason was cut off ("no variation between clus…")."""
    none = {**CONTRAST, "q": np.nan, "ci_low": np.nan, "ci_high": np.nan, "note": note}
    figure = draw_contrasts(pd.DataFrame([CONTRAST, none]), "title", ["row", "none"])
    assert short in [text.get_text() for text in figure.axes[0].texts]
    assert f"{short.capitalize()}: " in " ".join(figure.get_supxlabel().split())
    assert problems(figure) == []
    assert f"{short.capitalize()}: " not in draw_contrasts(pd.DataFrame([CONTRAST]), "title", ["row"]).get_supxlabel()


def test_ratios_are_said_to_have_halves_and_few_clusters_do_not_look_like_enough():
    table = pd.DataFrame([{**CONTRAST, "unit": "ratio", "g_a": 9.96, "note": FEW_P_NOTE, "q": np.nan}])
    figure = draw_contrasts(table, "title", ["row"])
    assert "Ratios are of shares with half a mention added to each side." in figure.get_supxlabel()
    assert any(text.get_text().startswith("9.96 / ") for text in figure.axes[0].texts)
    assert "half a mention" not in draw_contrasts(pd.DataFrame([CONTRAST]), "title", ["row"]).get_supxlabel()


def test_an_open_interval_has_an_arrow():
    table = pd.DataFrame([{**CONTRAST, "ci_high": np.inf}, CONTRAST])
    figure = draw_contrasts(table, "title", ["open", "row"])
    assert [line.get_marker() for line in figure.axes[0].lines if line.get_marker() in {"<", ">"}] == [">"]
    assert "Arrow: the interval is open." in figure.get_supxlabel()


def test_half_a_hit_added_to_one_utterance_is_no_difference():
    rare = {
        **CONTRAST,
        "scale": "ratio",
        "ci_low": np.nan,
        "ci_high": np.nan,
        "ratio_low": np.nan,
        "ratio_high": np.nan,
    }
    rows = [
        {**rare, "measure": "made of halves", "estimate": -0.05, "effect": -5.0, "log_ratio": 1.7},
        {**rare, "measure": "nobody", "estimate": 0.0, "effect": 0.0, "log_ratio": -1.8},
        {**rare, "measure": "counted", "estimate": 0.05, "effect": 5.0, "log_ratio": 2.0},
    ]
    labels = [text.get_text() for text in draw_group_differences(pd.DataFrame(rows), "What?").axes[0].get_yticklabels()]
    assert labels == ["x against y", "counted"]


def test_contrasts_of_two_languages_name_them():
    table = pd.DataFrame([{**CONTRAST, "unit": "sd", "language": code} for code in ("en", "zh-en")])
    labels = [text.get_text() for text in draw_group_differences(table, "What?").axes[0].get_yticklabels()]
    assert labels == ["x minus y, English", "fear", "x (Chinese) minus y (English)", "fear"]


# What is chosen -------------------------------------------------------------------------------------------------------


def test_a_group_alone_has_clusters_with_a_name():
    alone = pd.DataFrame({"units_a": ["threads"], "units_b": [np.nan]})
    assert lettering.units_of(alone) == lettering.units_of(alone.fillna("")) == "threads"


def test_collocates_drawn_stand_near_in_two_clusters_and_twice_as_often_as_chance():
    table = pd.DataFrame(
        [
            ("drawn", 5, 2, 1.0, 9.0),
            ("seldom", 4, 2, 1.0, 9.0),
            ("in one cluster", 5, 1, 1.0, 9.0),
            ("by chance", 5, 2, 0.99, 9.0),
        ],
        columns=["collocate", "together_a", "clusters_a", "mi_a", "log_dice_a"],
    )
    assert listed(table, "a", 5)["collocate"].tolist() == ["drawn"]
    many = pd.concat([table.head(1).assign(collocate=f"w{at:02}", log_dice_a=float(at)) for at in range(7)])
    assert sorted(listed(many, "a", 5)["collocate"]) == [f"w{at:02}" for at in range(1, 7)]


def test_shares_of_threads_are_in_percent():
    threads = pd.DataFrame({"collection": "C", "platform": "p", "thread_id": list("abc"), "vantage": "vlogger"})
    threads = threads.assign(platform_comment_count=1000, collected=[1000, 997, 5]).astype({"collected": "Int64"})
    table = threads.assign(share=threads["collected"].astype(float) / 1000)
    figure = overview.draw_collected(table)
    ax = figure.axes[0]
    lines = [line.get_xydata() for line in ax.lines]
    # Lines of all, a tenth and a hundredth, from where one comment would be.
    assert [float(line[0, 0]) for line in lines] == pytest.approx([1, 10, 100])
    assert all(line[:, 1] / line[:, 0] == pytest.approx(share) for line, share in zip(lines, (1, 0.1, 0.01)))  # noqa: B905
    assert "A median of 100 % of a thread's comments (3 threads)" in figure.get_suptitle()
    text = figure.legends[0].get_texts()[0].get_text()
    assert text == "C, P: 2,002 of 3,000 comments (67 %; median 100 %) in 3 of 3 threads"


@pytest.mark.parametrize(("rows", "said"), [(20, False), (21, True)])
def test_twenty_rows_of_a_table_are_shown(rows, said):
    text = notebook.table_text(pd.DataFrame({"n": range(rows)}))
    assert len(text.splitlines()) == 1 + 20 + said
    assert ("20 of 21 rows" in text) == said
