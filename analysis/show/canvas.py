"""A canvas whose files do not depend on the last bits of coordinates, which differ from processor to processor.

Layout and transforms are matrix products and sums of floats. A text may then stand at 449.5 pixels on one machine and a
bit below on the next, and is drawn a 64th of a pixel away; a clip path is named by the hash of its corners. Here every
coordinate is rounded in the renderer, on its way to the file, after all of matplotlib's arithmetic.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.cbook import open_file_cm
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.path import Path
from matplotlib.textpath import TextToPath
from matplotlib.transforms import Bbox, BboxBase, IdentityTransform, Transform
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from analysis.digits import settled

#: How hard PNG is pressed: matplotlib's own 6 takes twice as long, for files that are not smaller.
_PRESSED = 3
#: Points of an inch.
POINTS = 72
#: FreeType measures in parts of a point.
_FREETYPE = 64
#: Steps in a pixel (PNG) or a point (SVG).
_STEPS = 1000
#: Where between two steps the rounding turns. Layouts are full of halves, thirds and tenths, and a rounding that turned
#: at one of them would itself hang on a last bit; the golden ratio is as far from all simple fractions as can be.
_TURN = (5**0.5 - 1) / 2
#: Where a font says how high its lines are, the first that it has.
_LINE = (
    ("OS/2", "sTypoLineGap", "sTypoAscender", "sTypoDescender"),
    ("hhea", "lineGap", "ascent", "descent"),
)


def steady(values: Any) -> np.ndarray:
    """Round coordinates to thousandths, so that equal ones but for the last bits become equal.

    Examples
    --------
    >>> steady([449.5, 449.49999999999994, -1e-17]).tolist()
    [449.5, 449.5, 0.0]

    """
    return np.floor(np.asarray(values, dtype=float) * _STEPS + _TURN) / _STEPS + 0.0


def text_size(text: str, font: FontProperties) -> tuple[float, float, float]:
    """Return the width, height and descent of a text in points."""
    scale = font.get_size_in_points() / _LETTERS.FONT_SCALE
    (width, height, descent), missing = _measured(text, _face(font.copy()))
    for warning in missing:  # each time, not only the first
        warnings.warn(warning.message, stacklevel=2)
    return width * scale, height * scale, descent * scale


@lru_cache(maxsize=1000)
def _face(font: FontProperties) -> FT2Font:
    """Look a font up, which takes longer than to draw a word of it."""
    return TextToPath._get_font(_LETTERS, font)  # noqa: SLF001  overridden below


@lru_cache(maxsize=50_000)
def _measured(text: str, face: FT2Font) -> tuple[tuple[float, float, float], list[warnings.WarningMessage]]:
    """Return the size of a text of letters of a hundred points, and what matplotlib says of missing ones."""
    face.set_size(_LETTERS.FONT_SCALE, POINTS)  # a PDF sets others
    with warnings.catch_warnings(record=True) as missing:
        warnings.simplefilter("always")
        face.set_text(text, 0, flags=LoadFlags.NO_HINTING)
    width, height = face.get_width_height()
    return (width / _FREETYPE, height / _FREETYPE, face.get_descent() / _FREETYPE), missing


@lru_cache(maxsize=5000)
def _placed_letters(text: str, face: FT2Font) -> list[tuple[str, float, float, float]]:
    """Return which letter stands where in a text, and how large."""
    face.set_size(_LETTERS.FONT_SCALE, POINTS)
    return TextToPath.get_glyphs_with_font(_LETTERS, face, text, glyph_map=_LETTERS.outlines)[0]


@lru_cache(maxsize=1000)
def _outline(text: str, face: FT2Font) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of all letters of a text, and what leads to each."""
    letters, outlines = _placed_letters(text, face), _LETTERS.outlines
    if not letters:
        return np.empty((0, 2)), np.empty(0, Path.code_type)
    corners = [outlines[name][0] * scale + (x, y) for name, x, y, scale in letters]
    return np.concatenate(corners), np.concatenate([outlines[name][1] for name, *_ in letters])


class _Letters(TextToPath):
    """Texts as outlines, laid out once: names of groups, terms and notes stand in figure after figure.

    PNG and SVG measure and draw the same letters, a hundred points high before they are scaled; a PDF embeds its fonts.
    """

    def __init__(self) -> None:
        super().__init__()
        self.outlines: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def _get_font(self, prop: FontProperties) -> FT2Font:
        return _face(prop.copy())

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        return super().get_text_width_height_descent(s, prop, ismath) if ismath else text_size(s, prop)

    def get_glyphs_with_font(self, font: FT2Font, s: str, glyph_map: Any = None, *_: Any, **__: Any) -> Any:
        letters = _placed_letters(s, font)
        return letters, {name: self.outlines[name] for name, *_ in letters if name not in (glyph_map or ())}, []

    def get_text_path(self, prop: FontProperties, s: str, ismath: Any = None, **options: Any) -> Any:
        return super().get_text_path(prop, s, ismath, **options) if ismath else _outline(s, self._get_font(prop))


_LETTERS = _Letters()


@lru_cache(maxsize=1000)
def _line(font: FontProperties, dpi: float) -> tuple[float | None, float | None, float | None]:
    """Return how far a line goes up and down, and the gap between two, as `matplotlib.text` computes them each time."""
    face = get_font(findfont(font))
    for name, gap, up, down in _LINE:
        if table := face.get_sfnt_table(name):
            scale = 1 / face.get_sfnt_table("head")["unitsPerEm"] * font.get_size_in_points() * dpi / POINTS
            return table[up] * scale, -table[down] * scale, table[gap] * scale
    return None, None, None


def _placed(path: Path, transform: Transform) -> Path:
    """Return a path where it is drawn, rounded."""
    placed = transform.transform_path(path)
    out = Path(steady(placed.vertices), placed.codes)
    out.should_simplify, out.simplify_threshold = path.should_simplify, path.simplify_threshold
    return out


class Clips(GraphicsContextBase):
    """A graphics context that clips at rounded corners."""

    def set_clip_rectangle(self, rectangle: BboxBase | None) -> None:
        super().set_clip_rectangle(None if rectangle is None else Bbox(steady(rectangle.get_points())))


class Steady(RendererBase):
    """What all renderers do with coordinates before they draw."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._text2path = _LETTERS

    def new_gc(self) -> GraphicsContextBase:
        return Clips()

    def draw_path(self, gc: GraphicsContextBase, path: Path, transform: Transform, rgbFace: Any = None) -> None:
        super().draw_path(gc, _placed(path, transform), IdentityTransform(), rgbFace)

    def draw_markers(  # one name for each of matplotlib's own
        self,
        gc: GraphicsContextBase,
        marker_path: Path,
        marker_trans: Transform,
        path: Path,
        trans: Transform,
        rgbFace: Any = None,
    ) -> None:
        marker, places, here = _placed(marker_path, marker_trans), _placed(path, trans), IdentityTransform()
        self._draw_markers(gc, marker, here, places, here, rgbFace)

    def draw_text(self, gc: GraphicsContextBase, x: float, y: float, *args: Any, **options: Any) -> None:
        super().draw_text(gc, *steady((x, y)).tolist(), *args, **options)

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float | None, float | None, float | None]:
        # matplotlib asks a renderer that has it, and looks the fonts up for every text again where none has.
        return _line(prop.copy(), self.points_to_pixels(POINTS))

    # One path at a time, each through draw_path: the faster ways of the renderers would pass it by.
    draw_path_collection = RendererBase.draw_path_collection
    draw_quad_mesh = RendererBase.draw_quad_mesh


class _Raster(Steady, RendererAgg):
    def _update_methods(self) -> None:
        super()._update_methods()
        # Agg sets its fast methods on the instance.
        self._draw_markers = self.__dict__.pop("draw_markers")
        del self.draw_path_collection, self.draw_quad_mesh

    def draw_text(self, gc: GraphicsContextBase, x: float, y: float, *args: Any, **options: Any) -> None:
        RendererBase.draw_text(self, gc, *steady((x, y)).tolist(), *args, **options)

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        width, height, descent = map(self.points_to_pixels, _LETTERS.get_text_width_height_descent(s, prop, ismath))
        return width, height, descent


class _Vector(Steady, RendererSVG):
    _draw_markers = RendererSVG.draw_markers


class Canvas(FigureCanvasAgg):
    """A canvas that writes PNG, SVG and PDF with rounded coordinates."""

    def get_renderer(self) -> RendererAgg:
        # Of 4.12 inches that lack the last bit a pixel would be cut off.
        width, height = settled(self.figure.bbox.size).tolist()
        if getattr(self, "_key", None) != (key := (width, height, self.figure.dpi)):
            self._key, self.renderer = key, _Raster(*key)
        return self.renderer

    def print_png(self, filename: Any, *, metadata: dict[str, str | None] | None = None, **_: Any) -> None:
        FigureCanvasAgg.draw(self)
        pixels, info = np.asarray(self.buffer_rgba()), PngInfo()
        for key, value in (metadata or {}).items():
            if value is not None:
                info.add_text(key, value)
        # Where nothing is transparent, as in all figures of the study, three bytes a pixel are enough.
        picture = Image.fromarray(pixels)
        picture = picture.convert("RGB") if pixels[..., 3].min() == 255 else picture  # noqa: PLR2004
        dpi = self.figure.dpi
        picture.save(filename, "png", dpi=(dpi, dpi), pnginfo=info, compress_level=_PRESSED)

    def print_svg(self, filename: Any, *, metadata: dict[str, str | None] | None = None, **_: Any) -> None:
        # matplotlib's own would open the file with the line ends of the system.
        # Clip paths are named by what is counted from the height, to its last bit.
        (width, height), drawing = settled(self.figure.get_size_inches() * POINTS).tolist(), io.StringIO()
        self._print(lambda dpi: _Vector(width, height, drawing, image_dpi=dpi, metadata=metadata))
        with open_file_cm(filename, "wb") as file:  # a name, a path or a file
            file.write(drawing.getvalue().encode())

    def print_pdf(self, filename: FilePath, *, metadata: dict[str, str | None] | None = None, **_: Any) -> None:
        # It takes every kernel a quarter of a second to import, and only those who ask for PDF need it.
        from analysis.show.pdf import written  # noqa: PLC0415

        width, height = self.figure.get_size_inches()
        with written(filename, width, height, metadata) as renderer:
            self._print(renderer)

    def _print(self, made: Callable[[float], RendererBase]) -> None:
        dpi, self.figure.dpi = self.figure.dpi, POINTS
        width, height = self.figure.get_size_inches()
        # Clouds of thousands of points are pictures within the drawing.
        renderer = MixedModeRenderer(self.figure, width, height, dpi, made(dpi), raster_renderer_class=_Raster)
        self.figure.draw(renderer)
        renderer.finalize()
