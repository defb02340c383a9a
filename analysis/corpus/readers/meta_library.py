"""Tables of Meta's archives for researchers: the Content Library, and CrowdTangle before it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from analysis.corpus.readers.fields import constant, find, one, pick
from analysis.corpus.readers.format import ANY, Format
from analysis.corpus.readers.instagram import code_in

#: CrowdTangle shows New York's clock and says which half of the year it is.
_EASTERN = {"EST": "-05:00", "EDT": "-04:00"}
_STORY, _BEHIND = re.compile(r"story_fbid=(\w*)"), re.compile("[?#]")
_CLOCK = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d) (EST|EDT)")
_LIMITATIONS = ("no language and no region",)


def _names(owner: str) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    return lambda record: tuple(find(record, f"{owner}.{name}") for name in ("username", "name"))


_COUNTS = ("statistics.reaction_count", "statistics.reactions", "statistics.like_count", "statistics.likes")
_ANSWERS = ("statistics.comment_count", "statistics.comments")
_post = pick(
    {
        "utterance_id": "id",
        "thread_id": "id",
        "text": ("text", "caption"),
        "author": ("post_owner.id", "owner.id", "post_owner.username"),
        "names": _names("post_owner"),
        "posted_at": "creation_time",
        "likes": _COUNTS,
        "replies": _ANSWERS,
        "platform_comment_count": _ANSWERS,
        "language": "lang",
        "kind": constant("post"),
    }
)
_comment = pick(
    {
        "utterance_id": "id",
        "thread_id": "post_id",
        "parent_id": ("parent_comment_id", "parent_id"),
        "text": "text",
        "author": ("owner.id", "owner.username"),
        "names": _names("owner"),
        "posted_at": "creation_time",
        "likes": _COUNTS,
        "replies": (*_ANSWERS, "statistics.top_level_reply_count"),
        "language": "lang",
    }
)


def eastern(record: dict[str, Any]) -> object:
    """Return a post's time with its zone as an offset."""
    written = record.get("Post Created") or record.get("Created")
    found = _CLOCK.fullmatch(written) if isinstance(written, str) else None
    return f"{found[1]}T{found[2]}{_EASTERN[found[3]]}" if found else written


def _numbered(record: dict[str, Any]) -> str | None:
    """Return a post's number or word in its address, which is one of its page's only.

    What follows a question mark is how somebody came there, but for ``story_fbid``.
    """
    address = str(record.get("URL") or "")
    found = _STORY.search(address)
    name = found[1] if found else _BEHIND.split(address, 1)[0].removesuffix("/").rpartition("/")[2]
    return f"{record.get('Facebook Id')}_{name}" if name else None


_tangled = pick(
    {
        "utterance_id": _numbered,
        "thread_id": _numbered,
        "text": "Message",
        "author": "Facebook Id",
        "names": lambda row: tuple(row.get(name) for name in ("User Name", "Page Name", "Group Name")),
        "posted_at": eastern,
        "likes": "Likes",
        "replies": "Comments",
        "platform_comment_count": "Comments",
        "kind": constant("post"),
    }
)
_tangled_instagram = pick(
    {
        "utterance_id": lambda row: code_in(row.get("URL")),
        "thread_id": lambda row: code_in(row.get("URL")),
        "text": "Description",
        "author": ("User Name", "Account"),
        "names": lambda row: (row.get("User Name"), row.get("Account")),
        "posted_at": eastern,
        "likes": "Likes",
        "replies": "Comments",
        "platform_comment_count": "Comments",
        "kind": lambda row: "caption" if "video" in str(row.get("Type")).lower() else "post",
    }
)


def _library(name: str, about: str, required: tuple[str, ...], read: Any, **rest: Any) -> Format:  # noqa: ANN401
    """Return a format of the Content Library."""
    return Format(
        name=f"meta-content-library-{name}",
        tool="Meta Content Library",
        about=about,
        required=("id", "creation_time", *required),
        read=one(read),
        kinds=ANY,
        **{"platform": "facebook", "limitations": ("no region", "likes are reactions of every kind"), **rest},
    )


FORMATS = (
    _library("posts", "posts", ("text", "modified_time"), _post, forbidden=("post_id", "caption")),
    _library(
        "instagram-posts",
        "posts",
        ("caption", "modified_time"),
        _post,
        platform="instagram",
        forbidden=("post_id",),
        limitations=("no region",),
    ),
    _library(
        "comments",
        "comments",
        ("post_id", "text"),
        _comment,
        forbidden=("modified_time", "post_url"),
        limitations=(
            "does not say if a comment is Facebook's or Instagram's (Facebook's is assumed; a rule may say otherwise)",
            "replies come from a request of their own",
            "no region",
        ),
    ),
    Format(
        name="crowdtangle-facebook",
        tool="CrowdTangle",
        platform="facebook",
        about="posts",
        required=("Facebook Id", "Message", "Total Interactions", "Likes at Posting"),
        read=one(_tangled),
        kinds=("csv",),
        versions={"2: Post Created": ("Post Created",), "1: Created": ("Created",)},
        limitations=("no comments", *_LIMITATIONS),
    ),
    Format(
        name="crowdtangle-instagram",
        tool="CrowdTangle",
        platform="instagram",
        about="posts",
        required=("Account", "User Name", "Followers at Posting", "Description", "Photo"),
        forbidden=("Facebook Id",),
        read=one(_tangled_instagram),
        kinds=("csv",),
        limitations=("no comments", *_LIMITATIONS),
    ),
)
