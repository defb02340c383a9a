"""YouTube: the Data API's pages, youtube-comment-downloader, yt-dlp with comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from analysis.corpus.convert import precision_ago
from analysis.corpus.readers.shape import Draft, File, Shape, find, pick

_VIDEO = re.compile(r"(?<![^_\s.(=])(?=([\w-]{11})(?![^_\s.)&]))")
_MARKED = re.compile(r"\[([\w-]{11})\]")
_LACKS_PLACE = ("no language and no region",)


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


_api_comment = pick(
    {
        "utterance_id": "id",
        "thread_id": "snippet.videoId",
        "parent_id": "snippet.parentId",
        "text": ("snippet.textOriginal", "snippet.textDisplay"),
        "author": ("snippet.authorChannelId.value", "snippet.authorDisplayName"),
        "posted_at": "snippet.publishedAt",
        "likes": "snippet.likeCount",
    }
)


def _api(comment: dict[str, Any], thread: str | None = None) -> Draft:
    """Return a comment of the API; without ``textOriginal`` its text is HTML."""
    draft = _api_comment(comment)
    draft["names"] = (find(comment, "snippet.authorDisplayName"),)
    if not find(comment, "snippet.textOriginal"):
        draft["markup"] = "html"
    return {"thread_id": thread, **draft} if thread else draft


def _api_thread(item: dict[str, Any], _: File) -> Iterator[Draft]:
    """Yield the comment on top and the replies that came with it (at most five)."""
    video = find(item, "snippet.videoId")
    yield {**_api(item["snippet"]["topLevelComment"], video), "replies": find(item, "snippet.totalReplyCount")}
    for reply in find(item, "replies.comments") or ():
        yield _api(reply, video)


def _api_reply(item: dict[str, Any], file: File) -> Iterator[Draft]:
    """Yield a reply of ``comments.list``: the video may stand in the file's name only."""
    yield _api(item, video_in_name(file))


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


def _downloader(line: dict[str, Any], file: File) -> Iterator[Draft]:
    """Yield a line of youtube-comment-downloader; its times are worked out from "2 weeks ago"."""
    draft = _downloaded(line)
    parent, dot, _ = str(line["cid"]).partition(".")
    yield {
        **draft,
        "thread_id": video_in_name(file),
        "parent_id": parent if dot else None,
        "names": (line.get("author"),),
        "time_precision": precision_ago(str(line.get("time") or "")),
    }


_info_comment = pick(
    {
        "utterance_id": "id",
        "parent_id": "parent",
        "text": "text",
        "author": ("author_id", "author"),
        "posted_at": "timestamp",
        "likes": "like_count",
        "uploader": "author_is_uploader",
    }
)


def _info(comment: dict[str, Any], file: File) -> Iterator[Draft]:
    """Yield a comment of an ``info.json``, its time worked out from ``_time_text``; before them what the video says."""
    if comment is file.beside:
        yield from _info_video(comment, file)
        return
    draft = _info_comment(comment)
    ago = comment.get("_time_text")
    if isinstance(ago, str):
        draft["time_precision"] = precision_ago(ago)
    yield {
        **draft,
        "thread_id": file.beside.get("id"),
        "names": (comment.get("author"),),
        "said": file.beside.get("comment_count"),
    }


_video = pick(
    {
        "utterance_id": "id",
        "thread_id": "id",
        "text": lambda video: "\n".join(filter(None, (video.get("title"), video.get("description")))),
        "author": ("channel_id", "uploader_id", "uploader"),
        "posted_at": ("timestamp", "upload_date"),
        "likes": "like_count",
        "said": "comment_count",
    }
)


def _info_video(video: dict[str, Any], _: File) -> Iterator[Draft]:
    """Yield title and description: what the uploader says beneath the video."""
    yield {**_video(video), "kind": "caption", "names": (video.get("uploader"), video.get("uploader_id"))}


SHAPES = (
    Shape(
        name="youtube-api-threads",
        tool="YouTube Data API",
        platform="youtube",
        about="comments",
        required=("items.snippet.topLevelComment.snippet",),
        at=("items",),
        read=_api_thread,
        kinds=("json", "jsonl"),
        lacks=("at most five replies a comment", *_LACKS_PLACE),
    ),
    Shape(
        name="youtube-api-thread-items",
        tool="YouTube Data API",
        platform="youtube",
        about="comments",
        required=("snippet.topLevelComment.snippet",),
        read=_api_thread,
        kinds=("json", "jsonl"),
        lacks=("at most five replies a comment", *_LACKS_PLACE),
    ),
    Shape(
        name="youtube-api-comments",
        tool="YouTube Data API",
        platform="youtube",
        about="comments",
        required=("items.snippet.textDisplay", "items.snippet.publishedAt"),
        at=("items",),
        read=_api_reply,
        kinds=("json", "jsonl"),
        lacks=("no video id (it is taken from the file's name)", *_LACKS_PLACE),
    ),
    Shape(
        name="youtube-api-comment-items",
        tool="YouTube Data API",
        platform="youtube",
        about="comments",
        required=("snippet.textDisplay", "snippet.publishedAt", "id"),
        read=_api_reply,
        kinds=("json", "jsonl"),
        lacks=("no video id (it is taken from the file's name)", *_LACKS_PLACE),
    ),
    Shape(
        name="youtube-comment-downloader",
        tool="youtube-comment-downloader",
        platform="youtube",
        about="comments",
        required=("cid", "text", "time", "author", "channel", "votes"),
        read=_downloader,
        generations={"2: with replies": ("reply",), "1: to 2022": ("cid",)},
        lacks=("no video id (it is taken from the file's name)", "times are estimates", *_LACKS_PLACE),
    ),
    Shape(
        name="yt-dlp-comments",
        tool="yt-dlp",
        platform="youtube",
        about="posts and comments",
        required=("id", "comments.id", "comments.parent", "comments.text"),
        at=("comments",),
        read=_info,
        kinds=("json", "jsonl"),
        beside=True,
        head=True,
        lacks=("times are estimates", *_LACKS_PLACE),
    ),
    Shape(
        name="yt-dlp-video",
        tool="yt-dlp",
        platform="youtube",
        about="posts",
        required=("id", "webpage_url", "extractor"),
        forbidden=("comments.parent",),
        read=_info_video,
        kinds=("json", "jsonl"),
        lacks=("the speech: it is in the captions (VTT, SRT)",),
    ),
)
