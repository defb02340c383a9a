"""TikTok: Research API, pyktok, comment scrapers, Zeeschuimer, Apify, official downloads."""

from __future__ import annotations

from analysis.corpus.readers.shape import Shape

SHAPES: tuple[Shape, ...] = ()
