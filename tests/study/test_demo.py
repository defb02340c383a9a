"""Constructed data says that it is, in figures of every size, whatever is cut out of them."""

import re
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from analysis.compare.concepts import concept_prevalence
from analysis.corpus.demo import write_demo
from analysis.show import style
from analysis.show.concepts import draw_prevalence
from analysis.study import open_study

ROOMS = Path(__file__).parents[2] / "analysis"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    write_demo(1_000, folder / "corpus", 5)
    return open_study(corpus=str(folder / "corpus"), out=str(folder / "out"))


def blank(height, width):
    figure = style.new_figure(height, width)
    with mpl.rc_context(style.rc()):
        figure.subplots().plot([0, 1], [0, 1])
    return figure


def changed(folder, height, width):
    """Return which pixels the mark changes."""
    for name, constructed in (("plain", False), ("marked", True)):
        table, formats = pd.DataFrame({"x": [1]}), ["png"]
        style.save(blank(height, width), table, folder, name, constructed=constructed, formats=formats)
    return (imread(folder / "plain.png") != imread(folder / "marked.png")).any(axis=2)


@pytest.mark.parametrize(("height", "width"), [(1.7, 9.5), (10.0, 8.0), (2.7, 20.0), (22.0, 8.0)])
def test_the_mark_stands_whole_in_figures_of_every_size(tmp_path, height, width):
    marked = changed(tmp_path, height, width)
    assert not np.concatenate([marked[0], marked[-1], marked[:, 0], marked[:, -1]]).any()
    # Whatever part of a page's size is cut out, the mark is in it.
    page = 9 * 300
    for top in range(0, max(marked.shape[0] - page, 0) + 1, 300):
        for left in range(0, max(marked.shape[1] - page, 0) + 1, 300):
            assert marked[top : top + page, left : left + page].sum() > 1_000
    # A mark that nobody notices is none: it reaches over a good part of a figure that is not long.
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    assert np.ptp(rows) > 0.2 * marked.shape[0]
    assert np.ptp(columns) > 0.25 * marked.shape[1]


def test_figures_of_a_demo_bear_the_mark_and_those_of_what_was_said_do_not(study, monkeypatch):
    written = []
    declare = style.declare
    monkeypatch.setattr(style, "declare", lambda figure: written.append(declare(figure)))
    table = concept_prevalence(study)
    study.save("04-prevalence", table, draw_prevalence(table))
    assert len(written) == 1
    assert (study.out / "04-prevalence.png").is_file()
    study.save("one", pd.DataFrame({"x": [1]}), blank(3, 8))
    assert len(written) == 2
    said = replace(study, measures=study.measures.assign(evidence="verbatim"))
    said.save("two", pd.DataFrame({"x": [1]}), blank(3, 8))
    assert len(written) == 2


def test_every_figure_of_the_study_goes_through_the_door_that_declares():
    doors = [
        path.name for path in (ROOMS / "study").glob("*.py") if re.search(r"\bstyle\.save\(", path.read_text("utf-8"))
    ]
    assert doors == ["study.py"]
