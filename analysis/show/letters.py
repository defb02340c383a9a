"""Letters, looked up, measured and rendered once; matplotlib does it anew for each text, each time that it asks.

No pixel and no outline differs from matplotlib's: what is kept is kept under all that it hangs on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg, get_hinting_flag
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.ft2font import FT2Font, LoadFlags, RenderMode
from matplotlib.textpath import TextToPath

Extent = tuple[float, float, float]
#: So many extents and pictures of glyphs are kept: those of some fifty figures.
_KEPT = 20_000
#: FreeType's steps in a pixel.
_STEPS = 64


@lru_cache(_KEPT)
def extent(font: FT2Font, text: str, size: float, dpi: float, flags: LoadFlags) -> Extent:
    """Return the width, height and descent of a line, in pixels; figures of one notebook share most of their texts."""
    font.set_size(size, dpi)
    font.set_text(text, 0.0, flags=flags)
    width, height = font.get_width_height()
    return width / _STEPS, height / _STEPS, font.get_descent() / _STEPS


@lru_cache(_KEPT)
def picture(
    font: FT2Font, glyph: int, size: float, dpi: float, angle: float, right: int, up: int, flags: LoadFlags
) -> tuple[np.ndarray, int, int]:
    """Return the pixels of a glyph that stands so many steps from a pixel's corner, and where their left and top are.

    Letters of a line stand whole pixels apart: each of them is rendered once a line, not once a place.
    """
    cos, sin = (round(0x10000 * of(math.radians(angle))) for of in (math.cos, math.sin))
    font.set_size(size, dpi)
    font._set_transform([[cos, -sin], [sin, cos]], [right, up])
    drawn = font._render_glyph(glyph, flags, RenderMode.NORMAL)
    return drawn.buffer, drawn.left, drawn.top


@lru_cache(_KEPT)
def glyph_name(font: FT2Font, glyph: int) -> str:
    """Return what the outline of a glyph is called in an SVG."""
    return TextToPath()._get_glyph_repr(font, glyph)


class Letters:
    """Fonts and their heights, looked up once a figure: a font that is added later is found in the next one."""

    def _font(self, prop: FontProperties) -> FT2Font:
        found, key = self.__dict__.setdefault("_found", {}), prop.copy()  # the one given may change
        if key not in found:
            found[key] = fontManager._find_fonts_by_props(prop)
        return get_font(found[key])

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float | None, float | None, float | None]:
        heights, key = self.__dict__.setdefault("_heights", {}), prop.copy()
        if key not in heights:
            font = self._font(prop)
            table = font.get_sfnt_table("OS/2")
            if table is None:  # matplotlib knows another way
                return None, None, None
            points = self.points_to_pixels(72) / 72
            scale = 1 / font.get_sfnt_table("head")["unitsPerEm"] * prop.get_size_in_points() * points
            heights[key] = (
                table["sTypoAscender"] * scale, -table["sTypoDescender"] * scale, table["sTypoLineGap"] * scale,
            )  # fmt: skip
        return heights[key]


class RasterLetters(Letters, RendererAgg):
    """Letters of pixels."""

    def _prepare_font(self, font_prop: FontProperties) -> FT2Font:
        font = self._font(font_prop)
        font.clear()
        font.set_size(font_prop.get_size_in_points(), self.dpi)
        return font

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> Extent:
        if ismath:
            return super().get_text_width_height_descent(s, prop, ismath)
        return extent(self._font(prop), s, prop.get_size_in_points(), self.dpi, get_hinting_flag())

    def _draw_text_glyphs_and_boxes(
        self, gc: GraphicsContextBase, x: float, y: float, angle: float, glyphs: Iterable[Any], boxes: Any
    ) -> None:
        if boxes or not gc.get_antialiased():  # a reader's formula, or his coarse letters
            super()._draw_text_glyphs_and_boxes(gc, x, y, angle, glyphs, boxes)
            return
        cos, sin, flags = math.cos(math.radians(angle)), math.sin(math.radians(angle)), get_hinting_flag()
        for font, size, glyph, _, _, dx, dy in glyphs:
            column, right = divmod(round(_STEPS * (x + dx * cos - dy * sin)), _STEPS)
            row, up = divmod(round(_STEPS * (self.height - y + dx * sin + dy * cos)), _STEPS)
            pixels, left, top = picture(font, glyph, size, self.dpi, angle, right, up, flags)
            bottom = int(self.height) - (row + top) + pixels.shape[0]
            self._renderer.draw_text_image(pixels, column + left, bottom, 0, gc)


class Outlines(Letters, TextToPath):
    """Letters of lines and curves."""

    def _get_font(self, prop: FontProperties) -> FT2Font:
        font = self._font(prop)
        font.set_size(self.FONT_SCALE, self.DPI)
        return font

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> Extent:
        if ismath:
            return super().get_text_width_height_descent(s, prop, ismath)
        scale = prop.get_size_in_points() / self.FONT_SCALE
        width, height, descent = extent(self._font(prop), s, self.FONT_SCALE, self.DPI, LoadFlags.NO_HINTING)
        return width * scale, height * scale, descent * scale

    def get_glyphs_with_font(
        self, font: FT2Font, s: str, glyph_map: Any = None, return_new_glyphs_only: Any = False, **how: Any
    ) -> tuple[list[tuple[str, float, float, float]], dict[str, Any], list[Any]]:
        known = {} if glyph_map is None else glyph_map
        new = {} if return_new_glyphs_only else known
        placed = []
        for item in font._layout(s, LoadFlags.NO_HINTING, **how):
            name = glyph_name(item.ft_object, item.glyph_index)
            if name not in known and name not in new:  # only these need be loaded
                item.ft_object.load_glyph(item.glyph_index, flags=LoadFlags.NO_HINTING)
                new[name] = item.ft_object.get_path()
            placed.append((name, item.x, item.y, 1.0))
        return placed, new, []
