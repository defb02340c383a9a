"""Blog posts: plain text and Markdown with a front matter."""

from __future__ import annotations

from analysis.corpus.readers.shape import Shape

SHAPES: tuple[Shape, ...] = ()
