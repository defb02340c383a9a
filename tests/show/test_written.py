"""What it takes to write a figure and its table: nothing is stored, measured or tamed twice."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from analysis.show import style
from analysis.show.lettering import effect, wrap
from analysis.show.notebook import figure_png


def test_a_picture_has_transparency_only_where_something_is_transparent(tmp_path):
    figure = style.new_figure(2.0)
    figure.subplots().set_title("a")
    opaque = Image.open(io.BytesIO(figure_png(figure)))
    assert (opaque.mode, round(opaque.info["dpi"][0])) == ("RGB", 300)
    figure.patch.set_alpha(0.0)
    figure.savefig(tmp_path / "x.png", metadata={"Title": "mine", "Software": None})
    clear = Image.open(tmp_path / "x.png")
    assert (clear.mode, clear.info["Title"], clear.getpixel((0, 0))[3]) == ("RGBA", "mine", 0)
    assert "Software" not in clear.info


def test_lines_are_sought_from_where_the_one_before_ended():
    words = ["word"] * 300
    asked = []
    lines = wrap(" ".join(words), lambda line: asked.append(line) or len(line) <= 80, 40)
    assert lines == [" ".join(words[i : i + 16]) for i in range(0, 300, 16)]
    assert len(asked) < 5 * len(lines)


@pytest.mark.parametrize("most", range(11, 40))
def test_a_number_and_its_sign_stand_in_one_line(most):
    text = "the instrument 94 %, keeping copies 3 %; need not add up to 100 %."
    lines = wrap(text, lambda line: len(line) <= most)
    assert " ".join(lines) == text
    assert not [line for line in lines if line.startswith("%")]


def test_nothing_has_no_direction():
    row = {"estimate": 0.0, "ci_low": -0.2, "ci_high": 0.2, "unit": "sd"}
    assert effect(row) == "0 sd [−0.2, +0.2]"


def test_each_text_of_a_table_is_tamed_once(monkeypatch):
    told = []
    monkeypatch.setattr(style, "tame", lambda text: told.append(text) or (text and f"'{text}"))
    table = pd.DataFrame({"a": ["=1", None, "b", "=1"], "b": [1.0, np.nan, -0.0, 2.5], "c": [pd.NA, True, "=1", 3]})
    cells = style.csv_cells(table)
    assert cells["a"].tolist() == ["'=1", "", "'b", "'=1"]
    assert cells["b"].tolist() == ["1", "", "0", "2.5"]
    assert cells["c"].tolist() == ["", "'True", "'=1", "'3"]
    assert sorted(told) == ["", "", "3", "=1", "=1", "True", "b"]
