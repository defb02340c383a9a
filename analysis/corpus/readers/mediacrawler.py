"""MediaCrawler: Douyin, Bilibili, Weibo, Xiaohongshu, Zhihu, Tieba and Kuaishou; comments, posts; three versions."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from analysis.corpus.convert import missing, moment
from analysis.corpus.readers.fields import constant, lines, marked, read, several
from analysis.corpus.readers.format import ANY, Format

_VERSIONS = {
    "3: since July 2026, without accounts": ("creator_hash",),
    "2: with parents": ("parent_comment_id",),
    "1: to mid-2024, without parents": ("last_modify_ts",),
}
_POSTS = {"3: since July 2026, without accounts": ("creator_hash",), "1 or 2: with accounts": ("user_id",)}
_LIMITATIONS = ("by default only the first 10 comments of a post, and no replies",)
# Weibo's create_time took the clock of +08:00 for UTC in files of these months: it is eight hours late.
_LATE_FROM, _LATE_UNTIL = datetime(2023, 12, 24, tzinfo=UTC), datetime(2026, 7, 30, tzinfo=UTC)
_EIGHT_HOURS = 8 * 3600
# Names since July 2026 are masked (``a***b``): one mask is many people's.
_MASK = "***"
#: What only Tieba's records have.
_OF_TIEBA = ("tieba_name", "tieba_link")


def _author(record: dict[str, Any]) -> object:
    """Return who wrote it: the account, else its hash, else a name that is written out."""
    for name in ("user_id", "creator_hash", "nickname", "user_nickname"):
        value = record.get(name)
        if value and not missing(value) and _MASK not in str(value):
            return value
    return None


def _fields(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return MediaCrawler's common fields, and the platform's own."""
    return {"author": _author, "names": several(*names), "crawled": "last_modify_ts", **fields}


def _weibo_time(record: dict[str, Any]) -> object:
    """Return the time with its zone; where only the number is there, undo the eight hours of the faulty months."""
    written = record.get("create_date_time")
    if isinstance(written, str) and not missing(written):
        return written
    time, (crawled, _) = record.get("create_time"), moment(record.get("last_modify_ts"))
    if str(time).isdigit() and crawled is not None and _LATE_FROM <= crawled < _LATE_UNTIL:
        return str(int(str(time)) - _EIGHT_HOURS)
    return time


def _zhihu_thread(record: dict[str, Any]) -> str | None:
    """Return what a comment stands under: an answer, an article or a video."""
    if missing(record.get("content_id")):
        return None
    return f"{record.get('content_type') or 'content'}-{record['content_id']}"


def _zhihu_text(record: dict[str, Any]) -> object:
    """Return what was written; a video has a title and a description alone (the title of an answer is the asker's)."""
    return lines("title", "desc")(record) if record.get("content_type") == "zvideo" else record.get("content_text")


_PARENT = {"parent_id": "parent_comment_id", "utterance_id": "comment_id", "text": "content"}

_douyin_comment = _fields(
    {
        **_PARENT,
        "thread_id": "aweme_id",
        "posted_at": "create_time",
        "likes": "like_count",
        "replies": "sub_comment_count",
        "region": "ip_location",
    },
    "nickname",
    "user_unique_id",
    "sec_uid",
)
_douyin_post = _fields(
    {
        "utterance_id": "aweme_id",
        "thread_id": "aweme_id",
        "text": lines("title", "desc"),
        "posted_at": "create_time",
        "likes": "liked_count",
        "replies": "comment_count",
        "platform_comment_count": "comment_count",
        "region": "ip_location",
        "kind": constant("caption"),
    },
    "nickname",
    "user_unique_id",
    "sec_uid",
)
_bilibili_comment = _fields(
    {
        **_PARENT,
        "thread_id": marked("av", "video_id"),
        "posted_at": "create_time",
        "likes": "like_count",
        "replies": "sub_comment_count",
    },
    "nickname",
)
_bilibili_post = _fields(
    {
        "utterance_id": marked("av", "video_id"),
        "thread_id": marked("av", "video_id"),
        "text": lines("title", "desc"),
        "posted_at": "create_time",
        "likes": "liked_count",
        "replies": "video_comment",
        "platform_comment_count": "video_comment",
        "kind": constant("caption"),
    },
    "nickname",
)
_weibo_comment = _fields(
    {
        **_PARENT,
        "thread_id": "note_id",
        "posted_at": _weibo_time,
        "likes": ("comment_like_count", "like_count"),
        "replies": "sub_comment_count",
        "region": "ip_location",
    },
    "nickname",
)
_weibo_post = _fields(
    {
        "utterance_id": "note_id",
        "thread_id": "note_id",
        "text": "content",
        "posted_at": _weibo_time,
        "likes": "liked_count",
        "replies": "comments_count",
        "platform_comment_count": "comments_count",
        "region": "ip_location",
        "kind": constant("post"),
    },
    "nickname",
)
_xhs_comment = _fields(
    {
        **_PARENT,
        "thread_id": "note_id",
        "posted_at": "create_time",
        "likes": "like_count",
        "replies": "sub_comment_count",
        "region": "ip_location",
    },
    "nickname",
)
_xhs_post = _fields(
    {
        "utterance_id": "note_id",
        "thread_id": "note_id",
        "text": lines("title", "desc"),
        "posted_at": "time",
        "likes": "liked_count",
        "replies": "comment_count",
        "platform_comment_count": "comment_count",
        "region": "ip_location",
        "kind": lambda note: "caption" if note.get("type") == "video" else "post",
    },
    "nickname",
)
_zhihu_comment = _fields(
    {
        **_PARENT,
        "thread_id": _zhihu_thread,
        "posted_at": "publish_time",
        "likes": "like_count",
        "replies": "sub_comment_count",
        "region": "ip_location",
    },
    "user_nickname",
)
_zhihu_post = _fields(
    {
        "utterance_id": _zhihu_thread,
        "thread_id": _zhihu_thread,
        "text": _zhihu_text,
        "posted_at": "created_time",
        "likes": "voteup_count",
        "replies": "comment_count",
        "platform_comment_count": "comment_count",
        "kind": lambda content: "caption" if content.get("content_type") == "zvideo" else "post",
    },
    "user_nickname",
)


_tieba_comment = _fields(
    {
        **_PARENT,
        "parent_id": ("parent_comment_id", "parment_comment_id"),
        "thread_id": "note_id",
        "posted_at": "publish_time",
        "replies": "sub_comment_count",
        "region": "ip_location",
    },
    "user_nickname",
)
_tieba_post = _fields(
    {
        "utterance_id": "note_id",
        "thread_id": "note_id",
        "text": lines("title", "desc"),
        "posted_at": "publish_time",
        "replies": "total_replay_num",
        "platform_comment_count": "total_replay_num",
        "region": "ip_location",
        "kind": constant("post"),
    },
    "user_nickname",
)
_kuaishou_comment = _fields(
    {**_PARENT, "thread_id": "video_id", "posted_at": "create_time", "replies": "sub_comment_count"}, "nickname"
)
_kuaishou_post = _fields(
    {
        "utterance_id": "video_id",
        "thread_id": "video_id",
        "text": lines("title", "desc"),
        "posted_at": "create_time",
        "likes": "liked_count",
        "kind": constant("caption"),
    },
    "nickname",
)


def _on_bilibili(record: dict[str, Any]) -> bool:
    """Tell Bilibili's comments, whose videos are numbers, from Kuaishou's, whose are words (``3x…``)."""
    return not _on_kuaishou(record)


def _on_kuaishou(record: dict[str, Any]) -> bool:
    # A spreadsheet writes a long number with a letter too: 1.13E+14.
    return re.search("[a-df-z]|^[^0-9]", str(record.get("video_id") or ""), re.IGNORECASE) is not None


def _format(platform: str, about: str, required: tuple[str, ...], fields: Any, **rest: Any) -> Format:  # noqa: ANN401  passed on
    """Return a format with what all of MediaCrawler's have."""
    comments = about == "comments"
    return Format(
        name=f"mediacrawler-{platform}-{about}",
        tool="MediaCrawler",
        platform=platform,
        about=about,
        required=("last_modify_ts", *required),
        read=read(fields),
        kinds=ANY,
        assumed_timezone="+08:00",
        **{"versions": _VERSIONS if comments else _POSTS, "limitations": _LIMITATIONS if comments else (), **rest},
    )


FORMATS = (
    _format("douyin", "comments", ("comment_id", "aweme_id", "content"), _douyin_comment),
    _format("douyin", "posts", ("aweme_id", "aweme_type", "desc"), _douyin_post),
    _format(
        "bilibili",
        "comments",
        ("comment_id", "video_id", "content"),
        _bilibili_comment,
        forbidden=_OF_TIEBA,
        tells=_on_bilibili,
        limitations=("no region", *_LIMITATIONS),
    ),
    _format(
        "bilibili",
        "posts",
        ("video_id", "video_comment", "desc"),
        _bilibili_post,
        limitations=("descriptions cut at 500",),
    ),
    # Both have a note_id; the readable date of Weibo's is redundant, and people delete it.
    _format(
        "weibo",
        "comments",
        ("comment_id", "note_id", "content", "create_date_time|comment_like_count"),
        _weibo_comment,
        markup="html",
    ),
    _format(
        "weibo",
        "posts",
        ("note_id", "content", "comments_count"),
        _weibo_post,
        markup="html",
        limitations=("long posts found by search are cut",),
    ),
    _format(
        "xiaohongshu",
        "comments",
        ("comment_id", "note_id", "content"),
        _xhs_comment,
        forbidden=("create_date_time", "comment_like_count", *_OF_TIEBA),
    ),
    _format("xiaohongshu", "posts", ("note_id", "desc", "liked_count"), _xhs_post, forbidden=_OF_TIEBA),
    _format(
        "kuaishou",
        "comments",
        ("comment_id", "video_id", "content"),
        _kuaishou_comment,
        tells=_on_kuaishou,
        versions={"3: since July 2026, without accounts": ("creator_hash",), "1 or 2: with accounts": ("user_id",)},
        limitations=("no region, no likes and no parents", *_LIMITATIONS),
    ),
    _format(
        "kuaishou",
        "posts",
        ("video_id", "viewd_count|viewed_count", "desc"),
        _kuaishou_post,
        limitations=("captions cut at 500",),
    ),
    _format(
        "tieba",
        "comments",
        ("comment_id", "note_id", "content", "tieba_name|tieba_link|tieba_id"),
        _tieba_comment,
        versions={
            "3: since July 2026, without accounts": ("creator_hash",),
            "2": ("parent_comment_id",),
            "1: of 2024, parent misspelt": ("parment_comment_id",),
        },
        limitations=("no likes", "no accounts but by name", *_LIMITATIONS),
    ),
    _format(
        "tieba",
        "posts",
        ("note_id", "title", "tieba_name|tieba_link|tieba_id", "total_replay_num"),
        _tieba_post,
        versions={"3: since July 2026, without accounts": ("creator_hash",), "1 or 2": ("user_nickname",)},
        limitations=("no likes", "no accounts but by name"),
    ),
    _format(
        "zhihu", "comments", ("comment_id", "content_id", "content", "publish_time"), _zhihu_comment, markup="html"
    ),
    _format("zhihu", "posts", ("content_id", "content_text", "created_time"), _zhihu_post, markup="html"),
)
