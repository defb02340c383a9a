"""Instagram: comments as its site and its app load them, page by page, or one by one as instagrapi gives them."""

from __future__ import annotations

from functools import partial
from typing import Any

from analysis.corpus.readers.fields import CHILDREN, OfFile, ParsedItem, children, find, read, several
from analysis.corpus.readers.format import ANY, Format
from analysis.corpus.readers.instagram import shortcode

_COMMENT: dict[str, Any] = {
    "utterance_id": ("pk", "id"),
    "thread_id": (
        lambda comment: shortcode(comment.get("media_id")),
        OfFile(lambda file: shortcode(find(file.envelope, "caption.media_id"))),
    ),
    "parent_id": ("parent_comment_id", "replied_to_comment_id"),
    "text": "text",
    "author": ("user.pk", "user.id", "user_id"),
    "names": several("user.username", "user.full_name"),
    "posted_at": ("created_at_utc", "created_at"),
    "likes": ("comment_like_count", "like_count"),
    "replies": "child_comment_count",
    CHILDREN: children("preview_child_comments", "child_comments"),
}


def _from_page(parsed: ParsedItem, comment: dict[str, Any]) -> None:
    """Leave out the caption, which stands among the comments of some pages: it is no comment."""
    if str(comment.get("type")) == "1":
        parsed["problem"] = "the caption of the post, among its comments"


_LIMITATIONS = (
    "no post but where a comment or the page says it",
    "of a comment's replies the first, unless their pages are saved too",
    "no language and no region",
)
_format = partial(
    Format,
    tool="Instagram's site",
    platform="instagram",
    about="comments",
    read=read(_COMMENT, _from_page),
    limitations=_LIMITATIONS,
)

FORMATS = (
    _format(
        name="instagram-site-comments",
        required=("comments.pk", "comments.text", "comments.user.username", "comments.created_at"),
        record_path=("comments",),
        envelope=True,
    ),
    _format(
        name="instagram-site-comment-items",
        required=("pk", "text", "user.username", "created_at_utc"),
        forbidden=("source_platform", "taken_at"),
        kinds=ANY,
    ),
)
