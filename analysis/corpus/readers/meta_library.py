"""Tables of Meta's archives for researchers: the Content Library, and CrowdTangle before it."""

from __future__ import annotations

import re
from typing import Any

from analysis.corpus.readers.fields import constant, edited, one, pick, several
from analysis.corpus.readers.format import ANY, Format
from analysis.corpus.readers.instagram import code_in
from analysis.corpus.spelt_times import ZONES

#: CrowdTangle shows the clock of its dashboard, New York's if nobody changed it. Of times in a zone that is two in the
#: world the day is kept.
_STORY, _BEHIND = re.compile(r"story_fbid=(\w*)"), re.compile("[?#]")
_CLOCK = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d) ([A-Z]{3,5}|[+-]\d\d(?::?\d\d)?)")
_LIMITATIONS = ("no language and no region",)


_COUNTS = ("statistics.reaction_count", "statistics.reactions", "statistics.like_count", "statistics.likes")
_ANSWERS = ("statistics.comment_count", "statistics.comments")
_post = pick(
    {
        "utterance_id": "id",
        "thread_id": "id",
        "text": ("text", "caption"),
        "author": ("post_owner.id", "owner.id", "post_owner.username"),
        "names": several("post_owner.username", "post_owner.name"),
        "posted_at": "creation_time",
        "edited": edited("modified_time", "creation_time"),
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
        "names": several("owner.username", "owner.name"),
        "posted_at": "creation_time",
        "likes": _COUNTS,
        "replies": (*_ANSWERS, "statistics.top_level_reply_count"),
        "language": "lang",
    }
)


def clocked(record: dict[str, Any]) -> object:
    """Return a post's time with its zone as an offset; of a zone that may be two, the day."""
    written = record.get("Post Created") or record.get("Created")
    found = _CLOCK.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        return written
    offset = ZONES.get(found[3]) or (f"{found[3]:0<6}" if found[3][0] in "+-" else None)
    if offset and ":" not in offset:
        offset = f"{offset[:3]}:{offset[3:5]}"
    return f"{found[1]}T{found[2]}{offset}" if offset else found[1]


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
        "names": several("User Name", "Page Name", "Group Name"),
        "posted_at": clocked,
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
        "names": several("User Name", "Account"),
        "posted_at": clocked,
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
