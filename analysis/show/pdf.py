"""PDF whose coordinates are rounded, as `analysis.show.canvas` rounds those of PNG and SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from matplotlib.backends.backend_pdf import GraphicsContextPdf, PdfFile, RendererPdf

from analysis.show.canvas import Clips, Steady


class _PdfContext(Clips, GraphicsContextPdf):
    pass


class _Paper(Steady, RendererPdf):
    _draw_markers = RendererPdf.draw_markers

    def new_gc(self) -> GraphicsContextPdf:
        return _PdfContext(self.file)


@contextmanager
def written(
    filename: Path, width: float, height: float, metadata: dict[str, str | None] | None
) -> Iterator[Callable[[float], RendererPdf]]:
    """Open a file of one page, its size in inches, and yield what makes its renderer; written where it is left."""
    file = PdfFile(filename, metadata=metadata)
    try:
        file.newPage(width, height)
        yield lambda dpi: _Paper(file, dpi, height, width)
        file.finalize()
    finally:
        file.close()
