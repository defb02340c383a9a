"""Instagram: Apify, instaloader, Zeeschuimer, official downloads."""

from __future__ import annotations

from analysis.corpus.readers.shape import Shape

SHAPES: tuple[Shape, ...] = ()
