"""Facebook: Zeeschuimer, zs-parser, Apify, facebook-scraper."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from analysis.corpus.readers.apify import failed, unfolded
from analysis.corpus.readers.fields import (
    CHILDREN,
    ParsedItem,
    children,
    constant,
    find,
    is_true,
    one,
    pick,
    read,
    several,
)
from analysis.corpus.readers.format import ANY, File, Format
from analysis.corpus.readers.zeeschuimer import captured, fourcat

_PAGE = re.compile(r"facebook\.com/([\w.-]+)/(?:posts|videos|photos|reels?)/")
_COMMENT = re.compile(r"comment:(\d+)_(\d+)")
_LIMITATIONS = ("no language and no region", "likes are reactions of every kind")


def _decoded(name: object) -> str:
    """Return an id that Facebook writes in base64 as text; nothing for another."""
    try:
        return base64.b64decode(str(name), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""


def parts(name: object) -> tuple[str, str] | tuple[None, None]:
    """Return the numbers of post and comment in a comment's id, which may be in base64.

    >>> parts("Y29tbWVudDoxMDFfMjAy")
    ('101', '202')
    """
    found = _COMMENT.fullmatch(str(name)) or _COMMENT.fullmatch(_decoded(name))
    return (found[1], found[2]) if found else (None, None)


def _first(value: object) -> object:
    """Return a value, or the first of a list of them."""
    return (value[0] if value else None) if isinstance(value, list) else value


def _once(text: object) -> object:
    r"""Return a text that stands there twice, one below the other, once.

    >>> _once("so quiet\nso quiet")
    'so quiet'
    """
    if not isinstance(text, str):
        return text
    half = len(text) // 2
    return text[:half] if text[half : half + 1] == "\n" and text[:half] == text[half + 1 :] else text


def _page(record: dict[str, Any]) -> str | None:
    """Return the page in a post's address."""
    found = _PAGE.search(str(_first(record.get("post_url"))))
    return found[1] if found else None


_parsed = pick(
    {
        "utterance_id": "post_id",
        "thread_id": "post_id",
        "text": lambda post: _once(_first(post.get("text"))),
        "author": _page,
        "posted_at": "creation_time",
        "likes": "total_reaction_count",
        "replies": lambda post: _first(post.get("comment_count")),
        "platform_comment_count": lambda post: _first(post.get("comment_count")),
        "kind": constant("post"),
    }
)

_STAMP = "comet_sections.context_layout.story.comet_sections.metadata"
_story = pick(
    {
        "utterance_id": ("comet_sections.content.story.post_id", "post_id"),
        "thread_id": ("comet_sections.content.story.post_id", "post_id"),
        "text": "comet_sections.content.story.message.text",
        "posted_at": lambda post: next(
            (time for part in find(post, _STAMP) or () if (time := find(part, "story.creation_time"))), None
        ),
        "kind": constant("post"),
    }
)


def story(post: dict[str, Any]) -> ParsedItem:
    """Return a post as Facebook's pages load it (``data`` of Zeeschuimer, an item of 4CAT's NDJSON)."""
    if post.get("sponsored_data"):
        return {"problem": "an advertisement"}
    actor = _first(find(post, "comet_sections.content.story.actors")) or {}
    return {**_story(post), "author": actor.get("id") or actor.get("name"), "names": (actor.get("name"),)}


_node = pick(
    {
        "utterance_id": "legacy_fbid",
        "text": "body.text",
        "author": ("author.id", "author.name"),
        "posted_at": "created_time",
        "likes": "feedback.reactors.count",
        "replies": "feedback.replies_fields.total_count",
    }
)


def _zeeschuimer_comments(line: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    """Yield the comments of a post, and the replies that were loaded with them."""
    feedback = line["data"]
    post = str(feedback.get("id")).removeprefix("feedback:")
    edges = find(feedback, "comment_rendering_instance_for_feed_location.comments.edges") or ()
    waiting = [(find(edge, "node"), None) for edge in reversed(list(edges))]
    while waiting:
        node, parent = waiting.pop()
        parsed = _node(node)
        thread, name = parts(node.get("id"))
        parsed.setdefault("utterance_id", name)
        names = (find(node, "author.name"),)
        yield {
            **parsed,
            "thread_id": thread or post,
            "parent_id": parent,
            "names": names,
            "crawled": line.get("timestamp_collected"),
        }
        replies = find(node, "feedback.replies_connection.edges") or ()
        waiting += [(find(edge, "node"), parsed["utterance_id"]) for edge in reversed(list(replies))]


_apify = pick(
    {
        "utterance_id": lambda comment: parts(comment.get("id"))[1] or comment.get("id"),
        "thread_id": (lambda comment: parts(comment.get("id"))[0], "facebookId", "inputUrl", "facebookUrl"),
        "parent_id": lambda comment: parts(comment.get("replyToCommentId"))[1] or comment.get("replyToCommentId"),
        "text": "text",
        "author": ("profileId", "profileName"),
        "names": lambda comment: (comment.get("profileName"),),
        "posted_at": "date",
        "likes": "likesCount",
        "replies": "commentsCount",
        "problem": lambda comment: failed(comment).get("problem"),
    }
)


def _post_in(name: object) -> str | None:
    """Return the number that comments have of the post in its own id for them, ``feedback:801`` in base64."""
    kind, _, number = _decoded(name).partition(":")
    return number if kind == "feedback" and number.isdigit() else None


_apify_item = pick(
    {
        "utterance_id": "postId",
        "thread_id": (lambda post: _post_in(post.get("feedbackId")), "postId"),
        "text": "text",
        "author": ("user.id", "user.name", "pageName"),
        "posted_at": ("time", "timestamp"),
        "likes": "likes",
        "replies": "comments",
        "platform_comment_count": "comments",
        "kind": lambda post: "caption" if is_true(post.get("isVideo")) else "post",
    }
)


def _apify_post(record: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    post = unfolded(record)
    yield _apify_item(post) | {"names": (find(post, "user.name"), post.get("pageName"))} | failed(post)


_SCRAPED_COMMENT: dict[str, Any] = {
    "utterance_id": "comment_id",
    "text": "comment_text",
    "author": ("commenter_id", "commenter_name"),
    "names": several("commenter_name"),
    "posted_at": "comment_time",
    "likes": "comment_reaction_count",
    CHILDREN: children("replies"),
}
_SCRAPED_POST: dict[str, Any] = {
    "utterance_id": "post_id",
    "thread_id": "post_id",
    "text": "post_text",  # "text" has what it shares, too
    "author": ("user_id", "username"),
    "names": several("username"),
    "posted_at": ("timestamp", "time"),
    "likes": ("reaction_count", "likes"),
    "platform_comment_count": "comments",
    "kind": constant("post"),
    CHILDREN: children("comments_full", fields=_SCRAPED_COMMENT),
}
_SCRAPED_HAS = ("post_id", "post_text", "shared_text", "timestamp|time", "user_id|username")
_format = partial(Format, platform="facebook")
_scraped = partial(_format, tool="facebook-scraper", assumed_timezone="unknown")

_ZEESCHUIMER = (
    _format(
        name="zeeschuimer-facebook",
        tool="Zeeschuimer",
        about="posts",
        required=("timestamp_collected", "data"),
        values={"source_platform": "facebook.com"},
        read=captured(story),
        limitations=("no comments and no counts", "no language and no region"),
    ),
    _format(
        name="zeeschuimer-facebook-comments",
        tool="Zeeschuimer",
        about="comments",
        required=("timestamp_collected", "data"),
        values={"source_platform": "facebook-comments"},
        read=_zeeschuimer_comments,
        limitations=("only the comments that were on the screen", *_LIMITATIONS),
    ),
)

FORMATS = (
    *_ZEESCHUIMER,
    *map(fourcat, _ZEESCHUIMER),
    _format(
        name="facebook-zs-parser",
        tool="Zeeschuimer and zs-parser",
        about="posts",
        required=("post_id", "post_url", "creation_time", "text", "total_reaction_count"),
        read=one(_parsed),
        assumed_timezone="unknown",
        limitations=(
            "no comments",
            "no author but the page in the address",
            "times are by the clock of the computer that parsed them",
            *_LIMITATIONS,
        ),
    ),
    _format(
        name="apify-facebook-comments",
        tool="Apify",
        about="comments",
        required=("facebookUrl", "commentUrl", "feedbackId", "text", "profileName"),
        read=one(_apify),
        kinds=ANY,
        limitations=_LIMITATIONS,
    ),
    _format(
        name="apify-facebook-posts",
        tool="Apify",
        about="posts",
        required=("facebookUrl", "postId", "url", "text", "time|timestamp"),
        read=_apify_post,
        kinds=ANY,
        limitations=("no comments", *_LIMITATIONS),
    ),
    _scraped(
        name="facebook-scraper-posts",
        about="posts and comments",
        required=_SCRAPED_HAS,
        read=read(_SCRAPED_POST),
        limitations=_LIMITATIONS,
    ),
    _scraped(
        name="facebook-scraper-table",
        about="posts",
        required=_SCRAPED_HAS,
        read=one(pick({name: get for name, get in _SCRAPED_POST.items() if name != CHILDREN})),
        kinds=("csv",),
        limitations=("no comments", *_LIMITATIONS),
    ),
    _scraped(
        name="facebook-scraper-comments",
        about="comments",
        required=("comment_id", "comment_text", "comment_time", "commenter_id|commenter_name", "comment_url"),
        read=read(_SCRAPED_COMMENT),
        limitations=("not the post", *_LIMITATIONS),
    ),
)
