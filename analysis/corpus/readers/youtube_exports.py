"""YouTube by other tools: YouTube Data Tools, Takeout, Apify."""

from __future__ import annotations

from analysis.corpus.readers.shape import Shape

SHAPES: tuple[Shape, ...] = ()
