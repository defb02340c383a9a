"""A page of columns on which everything stands at a place in inches, so that nothing moves when a cell is filled."""

from __future__ import annotations

from typing import NamedTuple

from matplotlib.axes import Axes

from analysis.digits import settled
from analysis.show import lettering, style

#: Inches: the page, its margin, where the first column begins, the margin between two.
WIDTH = style.WIDTH
LEFT, LABELS, PAD = 0.06, 0.96, 0.09
#: Points: no text is smaller than the last at this width.
TITLE, HEAD, TEXT, SMALL = 9.0, 8.0, 6.5, 6.0
GREY = "#5A5A5A"
RULE = "#D0D0D0"


class Page(NamedTuple):
    """What is drawn upon, and where its columns stand.

    ``rooms`` is how wide each is, in inches without its margin; of ``nobody`` the corpus holds nothing.
    """

    ax: Axes
    colours: dict[str, str]
    rooms: dict[str, float]
    nobody: frozenset[str]

    def left(self, column: str) -> float:
        """Return where a column begins."""
        names = list(self.rooms)
        return LABELS + sum(self.rooms[name] + PAD for name in names[: names.index(column)])

    def measure(self, text: str, size: float) -> float:
        """Return how wide a text is, in inches."""
        return lettering.width_of(text, size)

    def write(
        self, x: float, y: float, text: str, width: float, size: float = TEXT, colour: str = style.INK, most: int = 12
    ) -> float:
        """Write a text on as many lines as it needs, from a place downward; return where the next line would be."""
        for line in lettering.wrap(text, lambda part: self.measure(part, size) <= settled(width), most):
            self.put(x, y, line, size, colour)
            y += line_height(size)
        return y

    def put(self, x: float, y: float, line: str, size: float = SMALL, colour: str = GREY, ha: str = "left") -> None:
        """Draw a line of text below a place; on one baseline whatever its letters are."""
        self.ax.text(x, y + 0.95 * size / 72, line, fontsize=size, color=colour, va="baseline", ha=ha)

    def label(self, y: float, text: str, below: str = "") -> float:
        """Write what a row is about, and more of it in small letters, before the first column."""
        width = LABELS - LEFT - 0.05
        y = self.write(LEFT, y, text, width, TEXT)
        return self.write(LEFT, y, below, width, SMALL, GREY) if below else y

    def empty(self, column: str, y: float, why: str) -> float:
        """Say in an empty cell what would fill it; where nobody speaks, the first cell of a column says it for all."""
        why = "–" if column in self.nobody else why
        return self.write(self.left(column), y, why, self.rooms[column], SMALL, GREY)

    def rule(self, y: float) -> None:
        """Draw a line across the page."""
        self.ax.plot([LEFT, WIDTH - LEFT], [y, y], color=RULE, linewidth=0.6)


def line_height(size: float) -> float:
    """Return how far below a line of text the next one stands, in inches."""
    return 1.24 * size / 72
