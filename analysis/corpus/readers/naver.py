"""Naver: comments on news as its site loads them, page by page, or one by one as scripts keep them."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from analysis.corpus.readers.fields import read, several
from analysis.corpus.readers.format import ANY, Format

#: "news001,0014000001": the newspaper, and the number of its article.
_ARTICLE = re.compile(r"news(\d{3}),(\d{6,})")


def _article(comment: dict[str, Any]) -> str | None:
    """Return what a comment stands under, called as a link to an article is."""
    name = str(comment.get("objectId") or "")
    found = _ARTICLE.fullmatch(name)
    return f"{found[1]}/{found[2]}" if found else name or None


_read = read(
    {
        "utterance_id": "commentNo",
        "thread_id": _article,
        "parent_id": "parentCommentNo",
        "text": "contents",
        "author": ("userIdNo", "maskedUserId", "userName"),
        "names": several("maskedUserId", "userName"),
        "posted_at": ("regTimeGmt", "regTime"),
        "edited": ("modTimeGmt", "modTime"),
        "likes": "sympathyCount",
        "replies": "replyCount",
    }
)

_LIMITATIONS = ("no language and no region", "names are masked by the site")
_format = partial(
    Format,
    tool="Naver's site",
    platform="naver",
    about="comments",
    read=_read,
    assumed_timezone="+09:00",
    limitations=_LIMITATIONS,
)

FORMATS = (
    _format(
        name="naver-comments",
        required=("result.commentList.commentNo", "result.commentList.contents", "result.commentList.objectId"),
        record_path=("result", "commentList"),
    ),
    _format(
        name="naver-comment-items",
        required=("commentNo", "contents", "objectId", "regTime"),
        kinds=ANY,
    ),
)
