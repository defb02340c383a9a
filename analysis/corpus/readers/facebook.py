"""Facebook: Apify, Zeeschuimer, official downloads, Meta Content Library."""

from __future__ import annotations

from analysis.corpus.readers.shape import Shape

SHAPES: tuple[Shape, ...] = ()
