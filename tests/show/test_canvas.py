"""Texts as outlines: they are matplotlib's own, whatever was drawn before, in every kind of file."""

import io
import warnings

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath
from PIL import Image

from analysis.show import style
from analysis.show.canvas import _LETTERS, POINTS, _face, _measured, _outline, _placed_letters, text_size

TEXTS = ["Rason", "朝鲜 = 深圳? AVATA", "سُلامٌ 12", "👍 ab", "", "  ", "fi – ∞ “q”"]


@pytest.fixture(autouse=True)
def fonts():
    with mpl.rc_context(style.rc()):
        yield


def font(size: float) -> FontProperties:
    return FontProperties(family=list(mpl.rcParams["font.family"]), size=size)


@pytest.mark.parametrize("text", TEXTS)
def test_letters_are_those_of_matplotlib_whatever_size_was_drawn_before(text):
    for size in (7.0, 44.0):
        figure = style.new_figure(2, 1)
        figure.text(0.1, 0.5, text, fontsize=size)
        for kind in ("png", "svg", "pdf"):
            figure.savefig(io.BytesIO(), format=kind)
        for known in (_measured, _placed_letters, _outline):
            known.cache_clear()
        _face(font(size)).set_size(size, 300)
        assert text_size(text, font(size)) == TextToPath().get_text_width_height_descent(text, font(size), ismath=False)
        _face(font(size)).set_size(size, 300)
        corners, codes = _LETTERS.get_text_path(font(size), text)
        expected, expected_codes = TextToPath().get_text_path(font(size), text)
        np.testing.assert_array_equal(corners, np.asarray(expected).reshape(-1, 2))
        assert list(codes) == list(expected_codes)


def ink(figure: Figure, dpi: int) -> np.ndarray:
    """Return the first and last column and row with ink, in inches."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi)
    down, across = np.nonzero(np.asarray(Image.open(file).convert("L")) < 128)
    return np.array([across.min(), across.max(), down.min(), down.max()]) / dpi


@pytest.mark.parametrize("angle", [0, 90, 24])
@pytest.mark.parametrize("text", TEXTS[:2])
def test_a_text_stands_where_matplotlib_would_draw_it(text, angle):
    """Within a seventh of a point: matplotlib fits letters to pixels, we do not."""

    def drawn(figure: Figure) -> np.ndarray:
        how = {"rotation": angle, "fontsize": 9, "ha": "center", "va": "baseline", "rotation_mode": "anchor"}
        figure.text(0.5, 0.5, text, **how)
        return ink(figure, 1200)

    plain = Figure((2, 2))
    FigureCanvasAgg(plain)
    np.testing.assert_allclose(drawn(style.new_figure(2, 2)), drawn(plain), atol=0.15 / POINTS)


def test_a_missing_letter_is_told_each_time():
    for _ in range(2):
        with pytest.warns(UserWarning, match="Glyph 3652"):
            text_size("ไ", font(9))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text_size("x", font(9))


def test_the_last_bit_of_a_height_cuts_off_no_pixel():
    sizes = set()
    for height in (1.03, np.nextafter(1.03, 0), np.nextafter(1.03, 2)):
        figure, file = style.new_figure(height), io.BytesIO()
        figure.savefig(file, format="png")
        sizes.add(Image.open(file).size)
    assert sizes == {(round(300 * style.WIDTH), 309)}
