"""A canvas whose files do not depend on the last bits of coordinates, which differ from processor to processor.

Layout and transforms are matrix products and sums of floats. A text may then stand at 449.5 pixels on one machine and a
bit below on the next, and is drawn a 64th of a pixel away; a clip path is named by the hash of its corners. Here every
coordinate is rounded in the renderer, on its way to the file, after all of matplotlib's arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg, get_hinting_flag
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.ft2font import FT2Font, LoadFlags, RenderMode
from matplotlib.path import Path
from matplotlib.textpath import TextToPath
from matplotlib.transforms import Bbox, BboxBase, IdentityTransform, Transform
from PIL import Image

#: Steps in a pixel (PNG) or a point (SVG).
_STEPS = 1000
#: Where between two steps the rounding turns. Layouts are full of halves, thirds and tenths, and a rounding that turned
#: at one of them would itself hang on a last bit; the golden ratio is as far from all simple fractions as can be.
_TURN = (5**0.5 - 1) / 2


def steady(values: Any) -> np.ndarray:
    """Round coordinates to thousandths, so that equal ones but for the last bits become equal.

    Examples
    --------
    >>> steady([449.5, 449.49999999999994, -1e-17]).tolist()
    [449.5, 449.5, 0.0]

    """
    return np.floor(np.asarray(values, dtype=float) * _STEPS + _TURN) / _STEPS + 0.0


def _placed(path: Path, transform: Transform) -> Path:
    """Return a path where it is drawn, rounded."""
    placed = transform.transform_path(path)
    out = Path(steady(placed.vertices), placed.codes)
    out.should_simplify, out.simplify_threshold = path.should_simplify, path.simplify_threshold
    return out


@lru_cache(maxsize=20_000)
def _extent(font: FT2Font, text: str, size: float, dpi: float, flags: LoadFlags) -> tuple[float, float, float]:
    """Return the width, height and descent of a line, in pixels: the same ones stand on figure after figure."""
    font.set_size(size, dpi)
    font.set_text(text, 0.0, flags=flags)
    width, height = font.get_width_height()
    return width / 64, height / 64, font.get_descent() / 64


@lru_cache(maxsize=20_000)
def _glyph(
    font: FT2Font, glyph: int, size: float, dpi: float, angle: float, right: int, up: int, flags: LoadFlags
) -> tuple[np.ndarray, int, int]:
    """Return the picture of a glyph so many 64ths of a pixel from a corner, and where its left and top are."""
    cos, sin = (round(0x10000 * of(math.radians(angle))) for of in (math.cos, math.sin))
    font.set_size(size, dpi)
    font._set_transform([[cos, -sin], [sin, cos]], [right, up])
    drawn = font._render_glyph(glyph, flags, RenderMode.NORMAL)
    return drawn.buffer, drawn.left, drawn.top


class Clips(GraphicsContextBase):
    """A graphics context that clips at rounded corners."""

    def set_clip_rectangle(self, rectangle: BboxBase | None) -> None:
        super().set_clip_rectangle(None if rectangle is None else Bbox(steady(rectangle.get_points())))


class Steady(RendererBase):
    """What all renderers do with coordinates before they draw."""

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

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float, float, float]:
        # Else matplotlib looks it up in the font's tables for each text, again whenever it asks how large that is.
        key = prop.copy()
        heights = self.__dict__.setdefault("_heights", {})
        if key not in heights:
            font = get_font(fontManager._find_fonts_by_props(prop))
            table, em = font.get_sfnt_table("OS/2"), font.get_sfnt_table("head")["unitsPerEm"]
            scale = 1 / em * prop.get_size_in_points() * self.points_to_pixels(72) / 72
            names = "sTypoAscender", "sTypoDescender", "sTypoLineGap"
            ascent, descent, gap = (table[name] * scale for name in names)
            heights[key] = ascent, -descent, gap
        return heights[key]

    # One path at a time, each through draw_path: the faster ways of the renderers would pass it by.
    draw_path_collection = RendererBase.draw_path_collection
    draw_quad_mesh = RendererBase.draw_quad_mesh


class _Raster(Steady, RendererAgg):
    def _update_methods(self) -> None:
        super()._update_methods()
        # Agg sets its fast methods on the instance.
        self._draw_markers = self.__dict__.pop("draw_markers")
        del self.draw_path_collection, self.draw_quad_mesh

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        if ismath:
            return super().get_text_width_height_descent(s, prop, ismath)
        return _extent(self._prepare_font(prop), s, prop.get_size_in_points(), self.dpi, get_hinting_flag())

    def _draw_text_glyphs_and_boxes(
        self, gc: GraphicsContextBase, x: float, y: float, angle: float, glyphs: Iterable[Any], boxes: Any
    ) -> None:
        cos, sin, flags = math.cos(math.radians(angle)), math.sin(math.radians(angle)), get_hinting_flag()
        height = int(self.height)
        for font, size, glyph, _, _, dx, dy in glyphs:
            column, right = divmod(round(0x40 * (x + dx * cos - dy * sin)), 0x40)
            row, up = divmod(round(0x40 * (self.height - y + dx * sin + dy * cos)), 0x40)
            picture, left, top = _glyph(font, glyph, size, self.dpi, angle, right, up, flags)
            self._renderer.draw_text_image(picture, column + left, height - row - top + picture.shape[0], 0, gc)


class _Outlines(TextToPath):
    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        if ismath:
            return super().get_text_width_height_descent(s, prop, ismath)
        scale = prop.get_size_in_points() / self.FONT_SCALE
        extent = _extent(self._get_font(prop), s, self.FONT_SCALE, self.DPI, LoadFlags.NO_HINTING)
        return tuple(v * scale for v in extent)

    def get_glyphs_with_font(self, font, s, glyph_map=None, return_new_glyphs_only=False, *, features=None, language=None):
        known = {} if glyph_map is None else glyph_map
        new = {} if return_new_glyphs_only else known
        placed = []
        for item in font._layout(s, LoadFlags.NO_HINTING, features=features, language=language):
            name = _name(item.ft_object, item.glyph_index)
            if name not in known and name not in new:
                item.ft_object.load_glyph(item.glyph_index, flags=LoadFlags.NO_HINTING)
                new[name] = item.ft_object.get_path()
            placed.append((name, item.x, item.y, 1.0))
        return placed, new, []


@lru_cache(maxsize=20_000)
def _name(font: FT2Font, glyph: int) -> str:
    return TextToPath()._get_glyph_repr(font, glyph)


class _Vector(Steady, RendererSVG):
    _draw_markers = RendererSVG.draw_markers

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._text2path = _Outlines()


class Canvas(FigureCanvasAgg):
    """A canvas that writes PNG, SVG and PDF with rounded coordinates."""

    def get_renderer(self) -> RendererAgg:
        width, height = self.figure.bbox.size
        if getattr(self, "_key", None) != (key := (width, height, self.figure.dpi)):
            self._key, self.renderer = key, _Raster(*key)
        return self.renderer

    def print_png(self, filename_or_obj: Any, *, metadata: Any = None, **_: Any) -> None:
        FigureCanvasAgg.draw(self)
        picture = Image.fromarray(np.asarray(self.buffer_rgba()))
        if picture.getextrema()[3][0] == 255:
            picture = picture.convert("RGB")
        picture.save(filename_or_obj, "png", compress_level=3, dpi=(self.figure.dpi, self.figure.dpi))

    def print_svg(self, filename: FilePath, *, metadata: dict[str, str | None] | None = None, **_: Any) -> None:
        # matplotlib's own would open the file with the line ends of the system.
        with open(filename, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123  a name or a path
            width, height = self.figure.get_size_inches()
            self._print(lambda dpi: _Vector(width * 72, height * 72, file, image_dpi=dpi, metadata=metadata))

    def print_pdf(self, filename: FilePath, *, metadata: dict[str, str | None] | None = None, **_: Any) -> None:
        # It takes every kernel a quarter of a second to import, and only those who ask for PDF need it.
        from analysis.show.pdf import written  # noqa: PLC0415

        width, height = self.figure.get_size_inches()
        with written(filename, width, height, metadata) as renderer:
            self._print(renderer)

    def _print(self, made: Callable[[float], RendererBase]) -> None:
        dpi, self.figure.dpi = self.figure.dpi, 72
        width, height = self.figure.get_size_inches()
        # Clouds of thousands of points are pictures within the drawing.
        renderer = MixedModeRenderer(self.figure, width, height, dpi, made(dpi), raster_renderer_class=_Raster)
        self.figure.draw(renderer)
        renderer.finalize()
