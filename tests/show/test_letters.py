"""Letters that are kept: the same pixels and outlines as matplotlib's, rendered once; and what else is done once."""

from __future__ import annotations

import io
import warnings

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from analysis.show import letters, style
from analysis.show.lettering import wrap
from analysis.show.notebook import figure_png

TEXTS = ["AVAWA Təst, 1.5 – 2", "朝鲜 (North Korea) 👍", "북한 two\nlines of it", "e\u0301 office ffi"]


def draw():
    figure = style.new_figure(3.0)
    with mpl.rc_context(style.rc()):
        ax = figure.subplots()
        ax.set_ylabel(TEXTS[1])
        for i, text in enumerate(TEXTS):
            ax.text(0.1 + i / 7.3, i / 5.1, text, fontsize=5 + 1.7 * i, rotation=(0, 90, 30, 0)[i], color="#336699")
            ax.text(0.501, i / 6.3, text, linespacing=1.3, antialiased=i != 2)
        ax.text(0.5, 0.8, TEXTS[0], fontfeatures=["-kern", "-liga"])
        ax.set_title("$\\frac{1}{2}$", parse_math=True)
    return figure


def saved(folder, name="x", formats=("png", "svg", "pdf")):
    style.save(draw(), pd.DataFrame({"a": [1]}), folder, name, formats=formats)
    with mpl.rc_context({**style.rc(), "text.hinting": "none"}):
        draw().savefig(folder / f"{name}-other.png", dpi=170)
    pixels = [np.asarray(Image.open(folder / f"{name}{end}.png").convert("RGBA")).tobytes() for end in ("", "-other")]
    return pixels, *((folder / f"{name}.{ending}").read_bytes() for ending in formats[1:])


def test_they_are_drawn_as_matplotlib_draws_them(tmp_path, monkeypatch):
    ours = saved(tmp_path, "ours")
    for kind in (letters.Letters, letters.RasterLetters, letters.Outlines):
        for name in [name for name in vars(kind) if "__" not in name and name != "_font"]:
            monkeypatch.delattr(kind, name)
    theirs = saved(tmp_path, "theirs")
    assert ours == theirs


def test_they_are_measured_and_rendered_once(tmp_path, monkeypatch):
    saved(tmp_path)
    kept = (letters.extent, letters.picture, letters.glyph_name)
    before = [each.cache_info().misses for each in kept]
    asked = []
    find = letters.fontManager._find_fonts_by_props  # noqa: SLF001
    monkeypatch.setattr(
        letters.fontManager, "_find_fonts_by_props", lambda prop, *args: asked.append(hash(prop)) or find(prop, *args)
    )
    fonts, get_font = [], letters.get_font
    monkeypatch.setattr(letters, "get_font", lambda found: fonts.append(found) or get_font(found))
    style.save(draw(), pd.DataFrame({"a": [1]}), tmp_path, "x")
    assert [each.cache_info().misses for each in kept] == before
    # In the layout and the PNG, in the SVG's texts and outlines; and a formula asks on its own.
    assert max(map(asked.count, asked)) <= 4
    assert len(fonts) < 200  # a text's height does not ask again each time that it is laid out


def test_a_letter_without_a_glyph_is_told_though_it_was_measured_before(tmp_path):
    figure = style.new_figure(2.0)
    figure.subplots().set_title("\u0e44")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure_png(figure)
    with pytest.raises(style.GlyphError, match="Glyph 3652"):
        style.save(figure, pd.DataFrame({"a": [1]}), tmp_path, "x")


def test_a_picture_has_transparency_only_where_something_is_transparent(tmp_path):
    figure = draw()
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


def test_each_text_of_a_table_is_tamed_once(monkeypatch):
    told = []
    monkeypatch.setattr(style, "tame", lambda text: told.append(text) or (text and f"'{text}"))
    table = pd.DataFrame({"a": ["=1", None, "b", "=1"], "b": [1.0, np.nan, -0.0, 2.5], "c": [pd.NA, True, "=1", 3]})
    cells = style.csv_cells(table)
    assert cells["a"].tolist() == ["'=1", "", "'b", "'=1"]
    assert cells["b"].tolist() == ["1", "", "0", "2.5"]
    assert cells["c"].tolist() == ["", "'True", "'=1", "'3"]
    assert sorted(told) == ["", "", "3", "=1", "=1", "True", "b"]
