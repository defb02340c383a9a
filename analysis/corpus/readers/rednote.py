"""Xiaohongshu (RedNote): notes and comments that Zeeschuimer saw, and comments as the site's own API sends them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from analysis.corpus.readers.fields import CHILDREN, ParsedItem, children, find, one, pick, read, several
from analysis.corpus.readers.format import File, Format
from analysis.corpus.readers.zeeschuimer import captured

LIMITATIONS = ("no text, no time and no place but from a note's own page: titles only", "no language")
_UPLOADER = "is_author"
# What the page shows in place of a count where nobody has liked a note.
_NO_LIKES = "赞"

_note = pick(
    {
        "title": ("title", "display_title", "displayTitle"),
        "desc": "desc",
        "author": ("user.user_id", "user.userId", "user.nickname", "user.nick_name", "author_name"),
        "posted_at": "time",
        "likes": ("interact_info.liked_count", "interactInfo.likedCount", "likes"),
        "replies": ("interact_info.comment_count", "interactInfo.commentCount"),
        "region": ("ip_location", "ipLocation", "location"),
    }
)


def note(item: dict[str, Any]) -> ParsedItem:
    """Return what a note says: of the feed and of a user's page, of its own page, or read from the page's HTML.

    Only a note's own page has its text and its time; elsewhere the title is all that there is.
    """
    found = item.get("note_card") or item.get("note") or item
    parsed = _note(found)
    title, said = parsed.pop("title", ""), parsed.pop("desc", "")
    if parsed.get("likes") == _NO_LIKES:
        del parsed["likes"]
    name = item.get("id") or item.get("note_id")
    if "author" not in parsed and not title and not said:
        parsed["problem"] = "a thumbnail without a note"
    return {
        **parsed,
        "utterance_id": name,
        "thread_id": name,
        "text": "\n".join(filter(None, (title, said))),
        "kind": "caption" if found.get("type") == "video" else "post",
        "names": (find(found, "user.nickname"), find(found, "user.nick_name")),
        **({"platform_comment_count": parsed["replies"]} if "replies" in parsed else {}),
    }


def _is_uploader(comment: dict[str, Any]) -> bool | None:
    return True if _UPLOADER in (comment.get("show_tags") or ()) else None


#: A comment and the replies that came with it: what they answer is told, or is what they stand under.
comments = read(
    {
        "utterance_id": "id",
        "thread_id": "note_id",
        "parent_id": "target_comment.id",
        "text": "content",
        "author": ("user_info.user_id", "user_info.nickname"),
        "names": several("user_info.nickname"),
        "posted_at": "create_time",
        "likes": "like_count",
        "replies": "sub_comment_count",
        "region": "ip_location",
        "uploader": _is_uploader,
        CHILDREN: children("sub_comments"),
    }
)


def _zeeschuimer_comment(line: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    for parsed in comments(line["data"], file):
        yield {**parsed, "crawled": line.get("timestamp_collected")}


_format = partial(Format, tool="Zeeschuimer", platform="xiaohongshu")
_site = partial(
    _format,
    tool="Xiaohongshu's site",
    about="comments",
    read=comments,
    limitations=("of a comment's replies the first, unless their pages are saved too", "no language"),
)

FORMATS = (
    _format(
        name="zeeschuimer-xiaohongshu-posts",
        about="posts",
        required=("item_id", "timestamp_collected"),
        forbidden=("data.sub_comment_count",),
        values={"source_platform": "xiaohongshu.com"},
        read=captured(note),
        versions={
            "of a note's own page": ("data.note",),
            "of the feed": ("data.note_card",),
            "of the page's HTML": ("data._zs-origin",),
            "of a user's page": ("data.note_id",),
        },
        limitations=LIMITATIONS,
    ),
    _format(
        name="zeeschuimer-xiaohongshu-comments",
        about="comments",
        required=("item_id", "timestamp_collected", "data.content", "data.note_id", "data.sub_comment_count"),
        values={"source_platform": "xiaohongshu-comments|xiaohongshu.com"},
        read=_zeeschuimer_comment,
        limitations=("only comments that were scrolled into view", "no language"),
    ),
    _site(
        name="xiaohongshu-web-comments",
        required=("data.comments.content", "data.comments.note_id", "data.comments.user_info"),
        record_path=("data", "comments"),
    ),
    _site(
        name="xiaohongshu-web-comment-items",
        required=("id", "content", "note_id", "user_info", "ip_location|sub_comment_count"),
        forbidden=("__import_meta",),
    ),
    _site(
        name="xiaohongshu-web-post-items",
        about="posts",
        required=("id", "note_card.user", "note_card.interact_info"),
        forbidden=("__import_meta",),
        read=one(note),
        limitations=LIMITATIONS,
    ),
)
