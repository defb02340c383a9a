"""The course of time: names of periods beside each other, and marks that are whole."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from analysis.compare.timeline import dated, timeline
from analysis.show import style
from analysis.show.timeline import draw_timeline


def table_of(periods, concepts):
    rows = pd.DataFrame({"period": [period for period in periods for _ in range(30)]})
    rows = rows.assign(group="vlogger", vantage="vlogger", collection="Vlogs", language="en", likes=1)
    rows["cluster_id"] = [f"c{i % 10}" for i in range(len(rows))]
    for number, concept in enumerate(concepts):
        rows[concept] = [float(i % 7 == number) for i in range(len(rows))]
    about = dated(rows)[["a", "dated", "undated"]]
    step = "month" if "-" in periods[0] else "year"
    return timeline(rows, concepts).merge(about, on="a").assign(step=step)


MONTHS = [str(month) for month in pd.period_range("2023-02", "2026-01", freq="M")]
YEARS = [str(year) for year in range(1998, 2026)]


@pytest.mark.parametrize("periods", [MONTHS, MONTHS[:23], MONTHS[:4], YEARS, YEARS[:3]])
@pytest.mark.parametrize("panels", [1, 2, 5])
def test_names_of_periods_do_not_touch(tmp_path, periods, panels):
    figure = draw_timeline(table_of(periods, [f"concept {number}" for number in range(panels)]))
    style.save(figure, pd.DataFrame(), tmp_path, "04-timeline", formats=("png",))
    labelled = [ax for ax in figure.axes if any(text.get_text() for text in ax.get_xticklabels())]
    assert labelled
    places = []
    for ax in labelled:
        places += [text.get_window_extent() for text in ax.get_xticklabels() if text.get_text()]
    for a, b in pairwise(sorted(places, key=lambda place: (round(place.y0), place.x0))):
        assert round(a.y0) != round(b.y0) or a.x1 < b.x0


def test_who_has_too_few_in_any_period_is_called_as_sentences_do():
    table = table_of(YEARS[:2], ["trade"]).assign(a="chinese_viewer", n_a=7, estimate=float("nan"))
    assert "There are, of Chinese viewers: 1998: 7, 1999: 7; 0 without a date." in draw_timeline(table).said


def test_no_line_goes_over_a_period_that_is_left_out():
    table = table_of(MONTHS[:5], ["trade"])
    table.loc[table["period"] == MONTHS[2], "estimate"] = float("nan")
    figure = draw_timeline(table)
    (course,) = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 5]
    assert np.isnan(course.get_ydata()).tolist() == [False, False, True, False, False]
    assert course.get_marker() == "None"
    said = " ".join(" ".join(text.get_text() for text in figure.findobj(Text)).split())
    assert "is left out and breaks its line (1 of 5)" in said


def test_marks_at_the_edges_are_whole():
    figure = draw_timeline(table_of(MONTHS[:5], ["trade", "fear"]))
    marks = [line for ax in figure.axes for line in ax.lines if line.get_marker() not in {"None", ""}]
    assert marks
    assert not any(line.get_clip_on() for line in marks)


@pytest.mark.parametrize("panels", [1, 3, 5, 9])
def test_the_name_of_the_axis_stands_beside_the_panels_and_off_the_notes(tmp_path, panels):
    table = table_of(MONTHS[:4], [f"concept {number}" for number in range(panels)])
    figure = draw_timeline(table.assign(label="A long name of a group " * 9, undated=5))
    style.save(figure, pd.DataFrame(), tmp_path, "04-timeline", formats=("png",))
    (named,) = [ax.yaxis.label.get_window_extent() for ax in figure.axes if ax.get_ylabel()]
    boxes = [ax.get_window_extent() for ax in figure.axes]
    middle = (max(box.y1 for box in boxes) + min(box.y0 for box in boxes)) / 2
    assert abs((named.y0 + named.y1) / 2 - middle) < 0.15 * figure.dpi
    assert named.y0 > figure.legends[0].get_window_extent().y1
