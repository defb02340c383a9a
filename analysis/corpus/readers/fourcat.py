"""4CAT: CSV and NDJSON of every platform that it maps."""

from __future__ import annotations

from analysis.corpus.readers.shape import Shape

SHAPES: tuple[Shape, ...] = ()
