"""VK: posts and comments as its API sends them, in pages or one by one, or as a script's table."""

from __future__ import annotations

from typing import Any

from analysis.corpus.readers.fields import CHILDREN, Get, ParsedItem, children, constant, find, first, read
from analysis.corpus.readers.format import ANY, Format


def _on_wall(name: str) -> Get:
    """Return what names a post or comment everywhere on VK: its number counts on the wall of its owner alone."""

    def look(record: dict[str, Any]) -> str | None:
        owner, number = find(record, "owner_id"), find(record, name)
        return f"wall{owner}_{number}" if owner not in {None, ""} and number not in {None, "", 0, "0"} else None

    return look


_COMMENT: dict[str, Any] = {
    "utterance_id": _on_wall("id"),
    "thread_id": _on_wall("post_id"),
    "parent_id": _on_wall("reply_to_comment"),
    "text": "text",
    "author": "from_id",
    "posted_at": "date",
    "likes": ("likes.count", "likes"),
    "replies": "thread.count",
    CHILDREN: children("thread.items"),
}
_POST: dict[str, Any] = {
    "utterance_id": _on_wall("id"),
    "thread_id": _on_wall("id"),
    "text": "text",
    "author": first("signer_id", "from_id", "owner_id"),
    "posted_at": "date",
    "likes": ("likes.count", "likes"),
    "platform_comment_count": "comments.count",
    "kind": constant("post"),
}


def _numbers(parsed: ParsedItem, _: dict[str, Any]) -> None:
    """Leave out likes that come without their number."""
    if isinstance(parsed.get("likes"), dict):
        del parsed["likes"]


_WHAT = (
    ("comments", "comments", ("post_id",), ("post_type",), read(_COMMENT, _numbers)),
    ("posts", "posts", ("post_type",), ("post_id",), read(_POST, _numbers)),
)
_WHERE = (("-response", ("response", "items")), ("-pages", ("items",)), ("", ()))

FORMATS = tuple(
    Format(
        name=f"vk-{what}{where}",
        tool="VK's API",
        platform="vk",
        about=about,
        required=tuple(".".join((*path, key)) for key in ("id", "from_id", "owner_id", "date", "text", *keys)),
        forbidden=tuple(".".join((*path, key)) for key in others),
        read=reader,
        record_path=path,
        kinds=("json", "jsonl") if path else ANY,
        limitations=("no language and no region", "what a post reposts is left out: it is another's words"),
    )
    for what, about, keys, others, reader in _WHAT
    for where, path in _WHERE
)
