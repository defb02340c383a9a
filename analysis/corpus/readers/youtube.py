"""YouTube: the Data API's pages, youtube-comment-downloader, yt-dlp with comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from analysis.corpus.convert import precision_ago
from analysis.corpus.readers.fields import (
    OfFile,
    ParsedItem,
    added_thread,
    constant,
    edited,
    envelope,
    find,
    pick,
    read,
    several,
)
from analysis.corpus.readers.format import ANY, File, Format

_VIDEO = re.compile(r"(?<![^_\s.(=])(?=([\w-]{11})(?![^_\s.)&]))")
_MARKED = re.compile(r"\[([\w-]{11})\]")
_NO_PLACE = ("no language and no region",)


def video_in_name(file: File) -> str | None:
    """Return the video's id where a file's name shows one: in brackets as yt-dlp writes it, or between marks.

    >>> video_in_name(File("yt-comments_kJQP7kiw5Fk_22182891.csv")), video_in_name(File("comments_2025-09-21.json"))
    ('kJQP7kiw5Fk', None)
    """
    name = file.name.rsplit("/", 1)[-1]
    words = _MARKED.findall(name) or [word for word in _VIDEO.findall(name) if re.search(r"[a-z]", word, re.IGNORECASE)]
    mixed = {word for word in words if re.search(r"[A-Z0-9]", word)}
    # An id may hold _ and -, and so may two words beside each other: one without them is surer.
    plain = {word for word in mixed if word.isalnum()} or mixed
    return plain.pop() if len(plain) == 1 else None


def _api_markup(comment: dict[str, Any]) -> str | None:
    """Return how the text is written: without ``textOriginal`` it is HTML."""
    return None if find(comment, "snippet.textOriginal") else "html"


_API_COMMENT = {
    "utterance_id": "id",
    # Of a page of replies, the video may stand in the file's name only.
    "thread_id": ("snippet.videoId", OfFile(video_in_name)),
    "parent_id": "snippet.parentId",
    "text": ("snippet.textOriginal", "snippet.textDisplay"),
    "author": ("snippet.authorChannelId.value", "snippet.authorDisplayName"),
    "names": several("snippet.authorDisplayName"),
    "posted_at": "snippet.publishedAt",
    "edited": edited("snippet.updatedAt", "snippet.publishedAt"),
    "likes": "snippet.likeCount",
    "markup": _api_markup,
}
_api = read(_API_COMMENT)


def _api_thread(item: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield the comment on top and the replies that came with it (at most five)."""
    video = {"thread_id": find(item, "snippet.videoId")} if find(item, "snippet.videoId") else {}
    for top in _api(item["snippet"]["topLevelComment"], file):
        yield {**video, **top, "replies": find(item, "snippet.totalReplyCount")}
    for reply in find(item, "replies.comments") or ():
        for parsed in _api(reply, file):
            yield {**video, **parsed}


_downloaded = pick(
    {
        "utterance_id": "cid",
        "text": "text",
        "author": ("channel", "author"),
        "posted_at": "time_parsed",
        "likes": "votes",
        "replies": "replies",
    }
)


def _downloader(line: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield a line of youtube-comment-downloader; its times are worked out from "2 weeks ago"."""
    parsed = _downloaded(line)
    parent, dot, _ = str(line["cid"]).partition(".")
    yield {
        **parsed,
        "thread_id": added_thread(line) or video_in_name(file),
        "parent_id": parent if dot else None,
        "names": (line.get("author"),),
        "time_precision": precision_ago(str(line.get("time") or "")),
    }


#: The title and description: what the uploader says beneath the video.
_VIDEO_FIELDS = {
    "utterance_id": "id",
    "thread_id": "id",
    "text": lambda video: "\n".join(filter(None, (video.get("title"), video.get("description")))),
    "author": ("channel_id", "uploader_id", "uploader"),
    "names": several("uploader", "uploader_id"),
    "posted_at": ("timestamp", "upload_date"),
    "likes": "like_count",
    "platform_comment_count": "comment_count",
    "kind": constant("caption"),
}


def _ago(comment: dict[str, Any]) -> str | None:
    """Return how precise a comment's time is, which was worked out from ``_time_text``."""
    told = comment.get("_time_text")
    return precision_ago(told) if isinstance(told, str) else None


_INFO_COMMENT = {
    "utterance_id": "id",
    "thread_id": envelope("id"),
    "parent_id": "parent",
    "text": "text",
    "author": ("author_id", "author"),
    "names": several("author"),
    "posted_at": "timestamp",
    "time_precision": _ago,
    "likes": "like_count",
    "uploader": "author_is_uploader",
    "platform_comment_count": envelope("comment_count"),
}
_info_video, _info_comment = read(_VIDEO_FIELDS), read(_INFO_COMMENT)


def _info(record: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield a comment of an ``info.json``; before them what the video says."""
    yield from (_info_video if record is file.envelope else _info_comment)(record, file)


_format = partial(Format, platform="youtube")

FORMATS = (
    _format(
        name="youtube-api-threads",
        tool="YouTube Data API",
        about="comments",
        required=("items.snippet.topLevelComment.snippet",),
        record_path=("items",),
        read=_api_thread,
        limitations=("at most five replies to a comment", *_NO_PLACE),
    ),
    _format(
        name="youtube-api-thread-items",
        tool="YouTube Data API",
        about="comments",
        required=("snippet.topLevelComment.snippet",),
        read=_api_thread,
        limitations=("at most five replies to a comment", *_NO_PLACE),
    ),
    _format(
        name="youtube-api-comments",
        tool="YouTube Data API",
        about="replies and comments",
        required=("items.snippet.textDisplay", "items.snippet.publishedAt"),
        record_path=("items",),
        read=_api,
        limitations=("no video id but in the file's name, or of the comment that is answered", *_NO_PLACE),
    ),
    _format(
        name="youtube-api-comment-items",
        tool="YouTube Data API",
        about="replies and comments",
        required=("snippet.textDisplay", "snippet.publishedAt", "id"),
        read=_api,
        limitations=("no video id but in the file's name, or of the comment that is answered", *_NO_PLACE),
    ),
    _format(
        name="youtube-comment-downloader",
        tool="youtube-comment-downloader",
        about="comments",
        required=("cid", "text", "time", "author", "channel", "votes"),
        read=_downloader,
        kinds=ANY,
        versions={"2: with replies": ("reply",), "1: to 2022": ("cid",)},
        limitations=("no video id (it is taken from the file's name)", "times are estimates", *_NO_PLACE),
    ),
    _format(
        name="yt-dlp-comments",
        tool="yt-dlp",
        about="posts and comments",
        required=("id", "comments.id", "comments.parent", "comments.text"),
        record_path=("comments",),
        read=_info,
        envelope=True,
        emit_envelope=True,
        limitations=("times are estimates", *_NO_PLACE),
    ),
    _format(
        name="yt-dlp-video",
        tool="yt-dlp",
        about="posts",
        required=("id", "webpage_url", "extractor"),
        forbidden=("comments.parent",),
        read=_info_video,
        limitations=("no speech: import the captions (VTT, SRT)",),
    ),
)
