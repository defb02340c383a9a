"""Weibo and other Chinese tables: CED reposts, tables with Chinese headers."""

from __future__ import annotations

from analysis.corpus.readers.shape import Shape

SHAPES: tuple[Shape, ...] = ()
