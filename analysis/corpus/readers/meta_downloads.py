"""Meta's official downloads: what an account's owner gets of Instagram and Facebook.

Their text is UTF-8 written as Latin-1 characters, in names of fields too, and the names of fields are in the language
of the account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from analysis.corpus.clean import plain
from analysis.corpus.readers.fields import ParsedItem
from analysis.corpus.readers.format import File, Format

_COMMENT = frozenset(
    {
        "comment",
        "comentario",
        "comentário",
        "commentaire",
        "kommentar",
        "commento",
        "opmerking",
        "reactie",
        "комментарий",
        "yorum",
        "komentarz",
        "コメント",
        "评论",
        "評論",
        "留言",
        "댓글",
    }
)
#: A download is called instagram-ACCOUNT-2026-01-31-CODE.
_ACCOUNT = re.compile(r"(?:instagram|facebook)-([\w.]+)-\d{4}-\d\d-\d\d")
_OWNER = frozenset({"media owner", "media-eigenaar"})
#: What an account of Instagram may be called.
_NAME = re.compile(r"[A-Za-z0-9._]{1,30}")
_LIMITATIONS = ("no words but the account's own", "no ids, no likes, no region")
_NO_POST = "no post under which a comment stands"


def _written(value: object) -> str:
    """Return a name as text that can be stored: half a character, as broken downloads have, becomes its escape."""
    return plain(value, "latin1").encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else ""


def _owner(file: File) -> str | None:
    """Return whose download it is, where the name of the archive or the folder still says so."""
    found = _ACCOUNT.search(file.name)
    return found[1] if found else None


def _comment_of(fields: dict[str, Any]) -> ParsedItem:
    """Return comment and time of a comment's fields.

    Beside the comment stands the name of the media's owner, which is nobody's utterance: where no field is called as
    one of a comment is in a language that we met, what can be no account's name is the comment, else the first of two;
    one that may be a name cannot be told.
    """
    given = {_written(name).lower(): entry for name, entry in fields.items() if isinstance(entry, dict)}
    values = {name: entry["value"] for name, entry in given.items() if "value" in entry and name not in _OWNER}
    times = [entry["timestamp"] for entry in given.values() if "timestamp" in entry]
    parsed: ParsedItem = {"posted_at": times[0]} if times else {}
    called = [name for name in values if name in _COMMENT]
    called = called or [name for name, value in values.items() if not _NAME.fullmatch(_written(value))]
    if called or len(values) > 1:
        return {**parsed, "text": values[called[0] if called else next(iter(values))]}
    if not values:
        return parsed
    return {"problem": "a single field in a language that is not known: a comment, or the name of the media's owner"}


def _instagram_comment(record: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield a comment; before 2023 it was a single entry with its time, and the owner of the media was its title."""
    if "string_map_data" in record:
        yield {**_comment_of(record["string_map_data"]), "author": _owner(file)}
        return
    for entry in record["string_list_data"]:
        yield {"text": entry.get("value"), "posted_at": entry.get("timestamp"), "author": _owner(file)}


def _instagram_post(post: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield a post: with one picture the words stand at the picture, with several at the post."""
    pictures = [picture for picture in post.get("media") or () if isinstance(picture, dict)]
    first = pictures[0] if pictures else {}
    yield {
        "text": post.get("title") or first.get("title"),
        "posted_at": post.get("creation_timestamp") or first.get("creation_timestamp"),
        "author": _owner(file),
        "kind": _kind(first),
    }


def _instagram_picture(picture: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield what stands at a story, a profile picture or a reel of its own; a reel may have its media within."""
    within = picture.get("media")
    yield from _instagram_post(picture if within else {"media": [picture]}, file)


def _kind(picture: dict[str, Any]) -> str:
    return "caption" if str(picture.get("uri")).endswith((".mp4", ".mov")) else "post"


def _facebook_comment(entry: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    """Yield a comment; an entry without one was a picture or a sticker."""
    comments = [part["comment"] for part in entry.get("data") or () if isinstance(part, dict) and "comment" in part]
    for comment in comments or [{}]:
        author = _written(comment.get("author"))
        yield {
            "text": comment.get("comment"),
            "posted_at": comment.get("timestamp") or entry.get("timestamp"),
            "author": author,
            "names": (author,),
        }


def _facebook_post(entry: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield a post; what it was updated with later stands beside it."""
    posts = [part["post"] for part in entry.get("data") or () if isinstance(part, dict) and "post" in part]
    yield {
        "text": posts[0] if posts else None,
        "posted_at": entry.get("timestamp"),
        "author": _owner(file),
        "kind": "post",
    }


def _format(platform: str, name: str, about: str, required: tuple[str, ...], read: Any, **rest: Any) -> Format:  # noqa: ANN401
    """Return a format with what all downloads have."""
    return Format(
        name=f"{platform}-download-{name}",
        tool=f"{platform.capitalize()} download",
        platform=platform,
        about=about,
        required=required,
        read=read,
        markup="latin1",
        **{"limitations": (*_LIMITATIONS, _NO_POST) if about == "comments" else _LIMITATIONS, **rest},
    )


#: Lists of pictures and videos in files of their own: what is said at each.
_PICTURES = {
    "stories": "ig_stories",
    "profile-photos": "ig_profile_picture",
    "reels": "ig_reels_media",
    "archived-posts": "ig_archived_post_media",
}

FORMATS = (
    _format("instagram", "comments", "comments", ("media_list_data", "string_map_data"), _instagram_comment),
    *(
        _format(
            "instagram",
            f"{name}-comments",
            "comments",
            (f"comments_{name}_comments.string_map_data",),
            _instagram_comment,
            record_path=(f"comments_{name}_comments",),
        )
        for name in ("reels", "story")
    ),
    _format(
        "instagram",
        "media-comments",
        "comments",
        ("comments_media_comments.string_map_data|comments_media_comments.string_list_data",),
        _instagram_comment,
        record_path=("comments_media_comments",),
        versions={
            "2: of 2023": ("comments_media_comments.string_map_data",),
            "1: to 2022": ("comments_media_comments.string_list_data",),
        },
    ),
    _format("instagram", "posts", "posts", ("media.uri", "media.creation_timestamp"), _instagram_post),
    *(
        _format("instagram", name, "posts", (at,), _instagram_picture, record_path=(at,))
        for name, at in _PICTURES.items()
    ),
    _format(
        "facebook",
        "comments",
        "comments",
        ("comments_v2.timestamp|group_comments_v2.timestamp", "comments_v2.data|group_comments_v2.data"),
        _facebook_comment,
        record_path=("comments_v2|group_comments_v2",),
    ),
    _format("facebook", "posts", "posts", ("timestamp", "data.post"), _facebook_post),
)
