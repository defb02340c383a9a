"""Douyin: posts that Zeeschuimer saw, as the site's API and as its pages have them, and the site's own comments."""

from __future__ import annotations

from functools import partial
from typing import Any

from analysis.corpus.readers import jsonstream
from analysis.corpus.readers.fields import CHILDREN, ParsedItem, children, envelope, first_given, one, read, several
from analysis.corpus.readers.format import Format
from analysis.corpus.readers.tiktok import answered
from analysis.corpus.readers.zeeschuimer import captured

# What the site writes beside the name of who answers under a video of his own.
_UPLOADER = "作者"


def _stream(item: dict[str, Any]) -> dict[str, Any] | None:
    """Return the live stream that a post is, if it is one: an object, or one written as text."""
    raw = first_given(item, "rawdata", "cell_room.rawdata", "cellRoom.rawdata")
    if isinstance(raw, str):
        try:
            raw = jsonstream.decoder.decode(raw)
        except RecursionError:
            return None
    return raw if isinstance(raw, dict) else None


def post(item: dict[str, Any]) -> ParsedItem:
    """Return the caption of a post, in snake_case of the API or camelCase of the page; of a live stream, its title."""
    stream = _stream(item)
    author = (first_given(stream, "owner") if stream else first_given(item, "author", "authorInfo")) or {}
    name = first_given(item, "aweme_id", "awemeId")
    comments = first_given(item, "statistics.comment_count", "stats.commentCount")
    return {
        "utterance_id": name,
        "thread_id": name,
        "text": first_given(stream, "title") if stream else first_given(item, "desc"),
        "kind": "caption",
        "author": first_given(author, "uid", "id_str", "id") or first_given(item, "author_user_id", "authorUserId"),
        "names": tuple(first_given(author, *paths) for paths in _NAMES),
        "posted_at": first_given(stream, "create_time", "createtime") or first_given(item, "create_time", "createTime"),
        "likes": first_given(item, "statistics.digg_count", "stats.diggCount"),
        "replies": comments,
        "platform_comment_count": comments,
        "region": first_given(item, "ip_attribution", "ipAttribution", "region"),
    }


_NAMES = (("nickname",), ("unique_id", "uniqueId"), ("sec_uid", "secUid"))


def _comment_also(parsed: ParsedItem, found: dict[str, Any]) -> None:
    """Count a page's comments for those on top, and mark the uploader's."""
    total = parsed.pop("total", None)
    if "platform_comment_count" not in parsed and "parent_id" not in parsed:
        parsed["platform_comment_count"] = total
    if found.get("label_text") == _UPLOADER:
        parsed["uploader"] = True


_comments = read(
    {
        "utterance_id": "cid",
        "thread_id": "aweme_id",
        "parent_id": answered,
        "text": "text",
        "author": ("user.uid", "user.sec_uid", "user.nickname"),
        "names": several("user.nickname", "user.unique_id", "user.sec_uid"),
        "posted_at": "create_time",
        "likes": "digg_count",
        "replies": "reply_comment_total",
        "platform_comment_count": "item_comment_total",
        "region": "ip_label",
        "crawled": envelope("extra.now"),
        "total": envelope("total"),
        CHILDREN: children("reply_comment"),
    },
    _comment_also,
)


_FOLDED = ("folded and hidden comments are mostly missing", "no language")

_format = partial(Format, platform="douyin")

FORMATS = (
    _format(
        name="zeeschuimer-douyin-posts",
        tool="Zeeschuimer",
        about="posts",
        required=("item_id", "timestamp_collected"),
        values={"source_platform": "douyin.com"},
        read=captured(post),
        versions={"of the API (snake_case)": ("data.aweme_id",), "of the page (camelCase)": ("data.awemeId",)},
        limitations=("no speech", "no language", "a place only where the site shows it; else the account's country"),
    ),
    _format(
        name="douyin-web-comments",
        tool="Douyin's site",
        about="comments",
        required=("comments.cid", "comments.aweme_id", "comments.text", "comments.ip_label"),
        record_path=("comments",),
        read=_comments,
        envelope=True,
        limitations=_FOLDED,
    ),
    _format(
        name="douyin-web-comment-items",
        tool="Douyin's site",
        about="comments",
        required=("cid", "aweme_id", "text", "ip_label", "create_time"),
        read=_comments,
        limitations=_FOLDED,
    ),
    _format(
        name="douyin-web-post-items",
        tool="Douyin's site",
        about="posts",
        required=("aweme_id", "desc", "create_time", "author.uid|author.nickname", "statistics"),
        forbidden=("__import_meta", "last_modify_ts"),
        read=one(post),
        limitations=("no speech", "no language", "a place only where the site shows it; else the account's country"),
    ),
)
