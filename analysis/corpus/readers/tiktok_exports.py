"""TikTok as other tools have it: TikTok-comment-scrapper, Apify."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from analysis.corpus.readers.apify import failed, unfolded
from analysis.corpus.readers.fields import (
    CHILDREN,
    OfFile,
    ParsedItem,
    children,
    constant,
    envelope,
    find,
    is_true,
    pick,
    read,
    several,
)
from analysis.corpus.readers.format import ANY, File, Format
from analysis.corpus.readers.tiktok import ADVERT, is_uploader, video_in

_ADDRESS = re.compile(r"/(?:video|photo|v)/(\d{6,})|share_item_id=(\d{6,})")


def video_id(url: object) -> str | None:
    """Return the id of the video that an address shows, in any of TikTok's forms of it.

    >>> video_id("https://t.example.org/i18n/share/video/7418294751977327878/?_d=0")
    '7418294751977327878'
    """
    found = _ADDRESS.search(url) if isinstance(url, str) else None
    return (found[1] or found[2]) if found else None


def _thread_of(file: File) -> str | None:
    return video_id(file.envelope.get("video_url"))


#: Comments of the first version have no ids, so that a reply has no parent. Nothing says whose video it is.
_scrapped = read(
    {
        "utterance_id": "comment_id",
        "thread_id": OfFile(_thread_of),
        "text": "comment",
        "author": ("username", "nickname"),
        "names": several("nickname"),
        "posted_at": "create_time",
        "replies": "total_reply",
        "crawled": envelope("date_now"),
        CHILDREN: children("replies"),
    }
)
_scrapped_video = read(
    {
        "utterance_id": OfFile(_thread_of),
        "thread_id": OfFile(_thread_of),
        "text": "caption",
        "kind": constant("caption"),
        "crawled": "date_now",
    }
)


def _scrapper(item: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield the caption, or a comment and its replies."""
    yield from (_scrapped_video if item is file.envelope else _scrapped)(item, file)


def _apify_also(parsed: ParsedItem, row: dict[str, Any]) -> None:
    """Say whether the uploader speaks, whom the video's address names, and whether an item is an error of the tool."""
    if is_uploader(row.get("videoWebUrl"), parsed.get("thread_id"), row.get("uniqueId")):
        parsed["uploader"] = True
    parsed |= failed(row)


_apify = read(
    {
        "utterance_id": "cid",
        "thread_id": lambda row: video_in(row.get("videoWebUrl"))[1] or video_id(row.get("videoWebUrl")),
        "parent_id": "repliesToId",
        "text": "text",
        "author": ("uid", "uniqueId"),
        "names": several("uniqueId"),
        "posted_at": ("createTime", "createTimeISO"),
        "likes": "diggCount",
        "replies": "replyCommentTotal",
    },
    _apify_also,
)


_apify_film = pick(
    {
        # Addresses survive a spreadsheet, numbers of 19 digits do not.
        "utterance_id": (lambda item: video_id(item.get("webVideoUrl")), "id"),
        "text": "text",
        "author": ("authorMeta.id", "authorMeta.name", lambda item: video_in(item.get("webVideoUrl"))[0]),
        "posted_at": ("createTimeISO", "createTime"),
        "likes": "diggCount",
        "replies": "commentCount",
        "platform_comment_count": "commentCount",
        "language": "textLanguage",
    }
)


def _apify_video(row: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    """Yield the caption of a video; an item may be an error of the tool."""
    item = unfolded(row)
    parsed = {**_apify_film(item), "kind": "caption"}
    parsed["thread_id"] = parsed.get("utterance_id")
    parsed["names"] = (video_in(item.get("webVideoUrl"))[0], *(find(item, name) for name in _APIFY_NAMES))
    if is_true(item.get("isAd")):
        parsed["problem"] = ADVERT
    yield parsed | failed(item)


_APIFY_NAMES = ("authorMeta.name", "authorMeta.nickName")

_format = partial(Format, platform="tiktok")

FORMATS = (
    _format(
        name="tiktok-comment-scrapper",
        tool="TikTok-comment-scrapper",
        about="posts and comments",
        required=("caption", "video_url", "comments.username", "comments.comment"),
        record_path=("comments",),
        read=_scrapper,
        envelope=True,
        emit_envelope=True,
        assumed_timezone="unknown",
        versions={"2: with ids": ("comments.comment_id",), "1: to 2023, without ids": ("comments.comment",)},
        limitations=(
            "no likes",
            "times are of an unknown time zone: only the day is kept",
            "no time of the video, and not whose it is",
            "no language and no region",
        ),
    ),
    _format(
        name="apify-tiktok-comments",
        tool="Apify",
        about="comments",
        required=("videoWebUrl", "cid", "text", "uniqueId", "diggCount"),
        read=_apify,
        kinds=ANY,
        limitations=("no language and no region",),
    ),
    _format(
        name="apify-tiktok-posts",
        tool="Apify",
        about="posts",
        required=("text", "webVideoUrl", "diggCount", "playCount", "createTimeISO|createTime"),
        forbidden=("cid",),
        read=_apify_video,
        kinds=ANY,
        limitations=("no speech and no comments", "no region"),
    ),
)
