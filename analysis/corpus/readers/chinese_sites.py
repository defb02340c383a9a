"""Zhihu and Kuaishou: comments one by one, as their sites load them and scripts keep them."""

from __future__ import annotations

from functools import partial
from typing import Any

from analysis.corpus.readers.fields import CHILDREN, children, find, first, in_name, marked, read, records_at, several
from analysis.corpus.readers.format import File, Format

_ANSWER = in_name(r"(?<!\d)\d{9,19}(?!\d)")


def _under(comment: dict[str, Any]) -> str | None:
    """Return what a comment on Zhihu stands under, if it says so itself."""
    kind = comment.get("resource_type") or "answer"
    return marked(f"{kind}-", first("resource_id", "content_id", "answer_id"))(comment)  # type: ignore[operator]


def _place(comment: dict[str, Any]) -> object:
    """Return the place among the tags that the site shows beside a comment."""
    tags = [tag for tag in records_at(comment, "comment_tag") if isinstance(tag, dict)]
    return next((tag.get("text") for tag in tags if tag.get("type") == "ip_info"), None)


_zhihu = read(
    {
        "utterance_id": "id",
        "parent_id": "reply_comment_id",
        "thread_id": _under,
        "text": "content",
        "author": first("author.id", "author.member.id", "author.url_token", "author.name", "author.member.name"),
        "names": several("author.name", "author.member.name", "author.url_token"),
        "posted_at": "created_time",
        "likes": ("like_count", "vote_count"),
        "replies": "child_comment_count",
        "region": _place,
        CHILDREN: children("child_comments"),
    }
)


def _of_zhihu(comment: dict[str, Any], file: File) -> Any:  # noqa: ANN401  parsed items
    """Yield a comment and its replies; what they stand under is in the file's name, if anywhere."""
    answer = _ANSWER.look(file)
    kind = find(comment, "resource_type") or "answer"
    for item in _zhihu(comment, file):
        yield {"thread_id": answer and f"{kind}-{answer}", **item}


_kuaishou = read(
    {
        "utterance_id": first("commentId", "comment_id"),
        "thread_id": (first("photoId", "photo_id"), in_name(r"(?<![0-9a-z])3x[0-9a-z]{13}(?![0-9a-z])")),
        "text": "content",
        "author": first("authorId", "author_id", "authorName", "author_name"),
        "names": several("authorName", "author_name"),
        "posted_at": "timestamp",
        "likes": first("realLikedCount", "likedCount", "likeCount"),
        "replies": first("subCommentCount", "commentCount"),
        CHILDREN: children("subComments"),
    }
)

_format = partial(Format, about="comments")
FORMATS = (
    _format(
        name="zhihu-comment-items",
        tool="Zhihu's site",
        platform="zhihu",
        required=("id", "content", "created_time", "author", "child_comments|child_comment_count"),
        read=_of_zhihu,
        markup="html",
        limitations=("mostly no answer but in the file's name", "of a comment's replies the first"),
    ),
    _format(
        name="kuaishou-comment-items",
        tool="Kuaishou's site",
        platform="kuaishou",
        required=("content", "timestamp", "headurl", "commentId|comment_id", "authorId|author_id"),
        read=_kuaishou,
        limitations=("mostly no video but in the file's name", "no region"),
    ),
)
