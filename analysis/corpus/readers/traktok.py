"""traktok, TikTok from R: its tables of videos, by the Research API and by the site's own interface.

Its comments have the columns of the Research API (:mod:`analysis.corpus.readers.tiktok`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from analysis.corpus.readers.fields import ParsedItem, constant, read, several
from analysis.corpus.readers.format import ANY, File, Format
from analysis.corpus.readers.tiktok import ACCOUNT_REGION, VIDEO_ROW, research_video

_RDS = "no .rds files (write the table as CSV)"


def _given(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without what R writes for a value that is missing: a caption of nothing but NA is none."""
    return {name: value for name, value in row.items() if value != "NA"}


def _searched(row: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    yield from research_video(_given(row), file)


_video = read(
    {
        **VIDEO_ROW,
        "kind": constant("caption"),
        "names": several("author_username", "author_name", "author_nickname"),
    }
)


def _seen(row: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield the caption of a video of the site; of one that is gone, nothing but its id is there."""
    yield from _video(_given(row), file)


_format = partial(Format, tool="traktok", platform="tiktok")

FORMATS = (
    _format(
        name="traktok-posts",
        about="posts",
        required=("video_id", "author_name", "video_description", "create_time", "region_code"),
        read=_searched,
        kinds=ANY,
        versions={"2: with likes": ("like_count",), "1: without likes": ("video_id",)},
        limitations=("no language", ACCOUNT_REGION, _RDS),
    ),
    _format(
        name="traktok-hidden-posts",
        about="posts",
        required=("video_id", "video_timestamp", "video_title", "video_diggcount"),
        forbidden=("video_description",),
        read=_seen,
        kinds=ANY,
        versions={"of addresses": ("author_username",), "of a search": ("author_name",)},
        limitations=("no speech and no language", _RDS),
    ),
)
