"""Bluesky and Mastodon as an account's own data hold them: records, a stream of them, archives."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from analysis.corpus.readers.fields import ParsedItem, constant, find, getter, matched, read
from analysis.corpus.readers.format import File, Format
from analysis.corpus.readers.networks import content, of_bluesky, only


def _record(where: str) -> dict[str, Any]:
    """Return the fields of a post as its account's repository holds it: without likes, the account by its number."""
    author = matched(r"at://(did:[^/]+)/", "uri")
    return {**of_bluesky(where), "author": author, "posted_at": f"{where}.createdAt"}


_kept = read(_record("value"))
_streamed_record = read(_record("commit.record"))


def _streamed(event: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield the post of a stream's event (Jetstream); others (deletions, likes) have no words."""
    commit = event.get("commit") if isinstance(event.get("commit"), dict) else {}
    if commit.get("collection") != "app.bsky.feed.post" or not isinstance(commit.get("record"), dict):
        yield {"problem": "an event without a post"}
        return
    address = f"at://{event.get('did')}/app.bsky.feed.post/{commit.get('rkey')}"
    yield from _streamed_record({**event, "uri": address}, file)


_NUMBER = r"/([\w-]+)/?(?=[?#]|$)"


_number = getter(matched(_NUMBER, "object.id"))


def _began(activity: dict[str, Any]) -> object:
    """Return the thread of a post that answers none."""
    return None if find(activity, "object.inReplyTo") else _number(activity)


def _activity(activity: dict[str, Any]) -> str | None:
    return None if isinstance(activity.get("object"), dict) else "nothing but a repost"


def _words_of(activity: dict[str, Any]) -> object:
    return content(activity["object"]) if isinstance(activity.get("object"), dict) else None


#: What an account's archive holds of it, as servers tell each other.
_ACTIVITY = {
    "utterance_id": matched(_NUMBER, "object.id"),
    "thread_id": _began,
    "parent_id": matched(_NUMBER, "object.inReplyTo"),
    "text": _words_of,
    "author": "actor",
    "posted_at": ("object.published", "published"),
    "language": lambda each: only(list(find(each, "object.contentMap") or ())),
    "kind": lambda each: "comment" if find(each, "object.inReplyTo") else "post",
    "markup": constant("html"),
    "problem": _activity,
}

_bluesky = partial(
    Format,
    tool="Bluesky's repositories",
    platform="bluesky",
    about="posts and comments",
    limitations=("no likes and no replies", "no region"),
)

FORMATS = (
    _bluesky(
        name="bluesky-records",
        required=("uri", "value.text", "value.createdAt"),
        read=_kept,
    ),
    _bluesky(
        name="bluesky-stream",
        required=("did", "time_us", "commit.collection"),
        read=_streamed,
    ),
    Format(
        name="mastodon-archive",
        tool="Mastodon's archive",
        platform="mastodon",
        about="posts and comments",
        required=("type", "actor", "published", "object.content", "object.id"),
        read=read(_ACTIVITY),
        limitations=("only the account's own words", "no likes", "no thread of a reply", "no region"),
    ),
)
