"""ExportComments.com: CSV and XLSX."""

from __future__ import annotations

from analysis.corpus.readers.shape import Shape

SHAPES: tuple[Shape, ...] = ()
