"""X and Twitter: twarc2, API v1.1, Zeeschuimer."""

from __future__ import annotations

from analysis.corpus.readers.shape import Shape

SHAPES: tuple[Shape, ...] = ()
