"""Whether a figure can be read in print: no letter too small at a page's width, cut off, or on another."""

from __future__ import annotations

from itertools import combinations

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis.show import style

#: Inches of a journal's page, and points of the smallest letters on it.
PAGE, SMALLEST = 6.5, 6.0
#: Inches that two boxes may share: lines of one text touch at the tails of letters.
_ACROSS, _DOWN = 0.01, 0.03


def problems(figure: Figure, *, drawn: bool = False) -> list[str]:
    """Return what a reader in print would stumble over, empty if nothing; one that was drawn is where it will stand."""
    with mpl.rc_context(style.rc()):
        if not drawn:
            figure.draw_without_rendering()
        renderer = figure.canvas.get_renderer()
        boxes = [(text, text.get_window_extent(renderer).extents / figure.dpi) for text in _shown(figure)]
    width, height = figure.get_size_inches()
    out = [
        f"{text.get_fontsize() * PAGE / width:.2f} points: {text.get_text()}"
        for text, _ in boxes
        if text.get_fontsize() * min(1, PAGE / width) < SMALLEST - 1e-9
    ]
    out += [
        f"cut off: {text.get_text()}"
        for text, (left, bottom, right, top) in boxes
        if min(left, bottom) < -_ACROSS or right > width + _ACROSS or top > height + _ACROSS
    ]
    for (text, one), (other, two) in combinations(boxes, 2):
        across, down = (min(one[i + 2], two[i + 2]) - max(one[i], two[i]) for i in (0, 1))
        if across > _ACROSS and down > _DOWN:
            out.append(f"on each other: {text.get_text()} | {other.get_text()}")
    return out


def _shown(figure: Figure) -> list[Text]:
    """Return the texts that are drawn: no tick beyond its axis, no mark across a whole figure."""
    beyond = set()
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                if not low <= tick.get_loc() <= high:
                    beyond |= {tick.label1, tick.label2}
    hidden = {
        text for ax in figure.axes if not ax.axison for axis in (ax.xaxis, ax.yaxis) for text in axis.findobj(Text)
    }
    return [
        text
        for text in figure.findobj(Text)
        if text.get_visible()
        and text.get_text().strip()
        and text not in beyond
        and text not in hidden
        and text.get_text() != style.CONSTRUCTED
    ]
