"""Other networks: Bluesky, Mastodon and Truth Social, Threads, Telegram, Discord."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from analysis.corpus.readers.fields import (
    CHILDREN,
    ParsedItem,
    children,
    constant,
    edited,
    envelope,
    find,
    first_given,
    in_name,
    matched,
    pick,
    read,
    several,
)
from analysis.corpus.readers.format import File, Format
from analysis.corpus.readers.zeeschuimer import captured, fourcat

# -- Bluesky ----------------------------------------------------------------------------------------------------------

#: A post's address holds its writer's account; its last part names it.
_POST = r"/app\.bsky\.feed\.post/(\w+)"


def only(values: object) -> object:
    """Return what a list of one holds: a post in two languages is in none."""
    return values[0] if isinstance(values, list) and len(values) == 1 else None


def of_bluesky(where: str) -> dict[str, Any]:
    """Return the fields of a post whose own words stand somewhere in what is said of it."""
    return {
        "utterance_id": matched(_POST, "uri"),
        "thread_id": matched(_POST, f"{where}.reply.root.uri", "uri"),
        "parent_id": matched(_POST, f"{where}.reply.parent.uri"),
        "text": f"{where}.text",
        "language": lambda post: only(find(post, f"{where}.langs")),
        "kind": lambda post: "comment" if find(post, f"{where}.reply") else "post",
    }


_BLUESKY = {
    **of_bluesky("record"),
    "author": ("author.did", "author.handle"),
    "names": several("author.handle", "author.displayName"),
    "posted_at": ("record.createdAt", "record.created_at", "indexedAt"),
    "likes": ("likeCount", "like_count"),
    "replies": ("replyCount", "reply_count"),
}
_bluesky_post = read(_BLUESKY)


def _reposted(entry: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield the post of a feed's entry; a repost is the same post, by its own writer."""
    yield from _bluesky_post(entry["post"], file)


def _bluesky_thread(node: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield the posts of a thread, however deep: those above, the one that was asked for, those beneath."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found.get("post"), dict):
            yield from _bluesky_post(found["post"], file)
        beneath = found.get("replies") if isinstance(found.get("replies"), list) else []
        waiting += [each for each in (*reversed(beneath), found.get("parent")) if isinstance(each, dict)]


# -- Mastodon, Truth Social --------------------------------------------------------------------------------------------

_PARAGRAPH = re.compile(r"</p>\s*<p\b[^<>]*>", re.IGNORECASE)


def content(status: dict[str, Any]) -> object:
    """Return a status's HTML with line breaks for its paragraphs."""
    words = status.get("content")
    return _PARAGRAPH.sub("<br><br>", words) if isinstance(words, str) else words


_STATUS = {
    "utterance_id": "id",
    # Of a reply only the one that it answers is known, not what began the conversation.
    "thread_id": lambda status: None if status.get("in_reply_to_id") else status.get("id"),
    "parent_id": "in_reply_to_id",
    "text": content,
    "author": ("account.id", "account.acct"),
    "names": several("account.acct", "account.username", "account.display_name"),
    "posted_at": "created_at",
    "edited": edited("edited_at", "created_at"),
    "likes": ("favourites_count", "favorites_count"),
    "replies": "replies_count",
    "language": "language",
    "kind": lambda status: "comment" if status.get("in_reply_to_id") else "post",
    "markup": constant("html"),
    "problem": lambda status: "nothing but a repost" if isinstance(status.get("reblog"), dict) else None,
}

# -- Threads ----------------------------------------------------------------------------------------------------------


def _began(post: dict[str, Any]) -> object:
    """Return the thread of a post that answers none; Threads does not say in which one a reply stands."""
    return None if find(post, "text_post_app_info.is_reply") is True else post.get("code") or post.get("pk")


_THREADS = {
    "utterance_id": ("code", "pk"),
    "thread_id": _began,
    "text": "caption.text",
    "author": ("user.pk", "user.id", "user.username"),
    "names": several("user.username", "user.full_name"),
    "posted_at": "taken_at",
    "likes": "like_count",
    "replies": "text_post_app_info.direct_reply_count",
    "kind": lambda post: "comment" if find(post, "text_post_app_info.is_reply") is True else "post",
}

# -- Telegram ---------------------------------------------------------------------------------------------------------


def _said(message: dict[str, Any]) -> object:
    """Return a message's text, which is cut into pieces where something in it is bold or leads somewhere."""
    text = message.get("text")
    if not isinstance(text, list):
        return text
    return "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in text)


def _no_message(message: dict[str, Any]) -> str | None:
    if message.get("type") != "message":
        return "a notice of the chat, not a message"
    return "forwarded: somebody else's words" if message.get("forwarded_from") else None


_MESSAGE = {
    "utterance_id": "id",
    "parent_id": "reply_to_message_id",
    "text": _said,
    "author": ("from_id", "from", "actor_id"),
    "names": several("from"),
    "posted_at": ("date_unixtime", "date"),
    "edited": edited(("edited_unixtime", "edited"), ("date_unixtime", "date")),
    "problem": _no_message,
}
_in_chat = read({"thread_id": "id", "name": "type", CHILDREN: children("messages", fields=_MESSAGE)})


def _chat(chat: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield a chat's messages: they are numbered within it, and what a channel says are posts."""
    number, kind = chat.get("id"), "post" if "channel" in str(chat.get("type")) else "comment"
    for parsed in _in_chat(chat, file):
        del parsed["name"]
        own = {name: str(parsed.get(name) or 0) for name in ("utterance_id", "parent_id")}
        told = {name: f"{number}/{value}" for name, value in own.items() if value != "0"}
        yield {**parsed, **told, "kind": kind}


def _message(message: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield a message of an export of one chat."""
    yield from _chat({**file.envelope, "messages": [message]}, file)


def _of_telethon(message: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    """Yield a message as Telethon writes it: what a channel says itself has no sender but the channel."""
    chats = [find(message, f"peer_id.{kind}_id") for kind in ("channel", "chat", "user")]
    chat = next((each for each in chats if each is not None), None)
    sender = first_given(message, "from_id.user_id", "from_id.channel_id", "from_id.chat_id", "sender_id")
    numbers = {"utterance_id": message.get("id"), "parent_id": find(message, "reply_to.reply_to_msg_id")}
    problem = "forwarded: somebody else's words" if message.get("fwd_from") else None
    problem = "a notice of the chat, not a message" if message.get("_") == "MessageService" else problem
    yield {
        **{name: f"{chat}/{number}" for name, number in numbers.items() if number is not None},
        "thread_id": chat,
        "text": message.get("message"),
        "author": chat if sender is None else sender,
        "posted_at": message.get("date"),
        "edited": message.get("edit_date"),
        "replies": find(message, "replies.replies"),
        "kind": "post" if message.get("post") else "comment",
        **({} if problem is None else {"problem": problem}),
    }


# -- Discord ----------------------------------------------------------------------------------------------------------

_SAID = frozenset({"Default", "Reply"})


def _no_talk(message: dict[str, Any]) -> str | None:
    if message.get("type") not in _SAID:
        return "a notice of the channel, not a message"
    return "written by a bot" if find(message, "author.isBot") is True else None


def _mentioned(parsed: ParsedItem, message: dict[str, Any]) -> None:
    """Put the account for each name that is mentioned: as they are shown, names may have blanks."""
    for each in message.get("mentions") or ():
        shown = sorted({str(each[key]) for key in ("nickname", "name") if each.get(key)}, key=len, reverse=True)
        for name in shown if each.get("id") and isinstance(parsed.get("text"), str) else ():
            parsed["text"] = parsed["text"].replace(f"@{name}", f"@{each['id']}")


_DISCORD = {
    "utterance_id": "id",
    "thread_id": envelope("channel.id"),
    "parent_id": "reference.messageId",
    "text": "content",
    "author": ("author.id", "author.name"),
    "names": several("author.name", "author.nickname"),
    "posted_at": "timestamp",
    "edited": edited("timestampEdited", "timestamp"),
    "problem": _no_talk,
}
_DISCORD_TABLE = {
    "thread_id": in_name(r"\[(\d{15,20})\]"),
    "text": "Content",
    "author": "AuthorID",
    "names": several("Author"),
    "posted_at": "Date",
}

_bluesky = partial(
    Format, tool="Bluesky's API", platform="bluesky", about="posts and comments", limitations=("no region",)
)
_mastodon = partial(Format, platform="mastodon", about="posts and comments", forbidden=("__import_meta",))
_HTML = ("no thread of a reply", "no region")
_status = read(_STATUS)

_SEEN = (
    Format(
        name="zeeschuimer-truthsocial",
        tool="Zeeschuimer",
        platform="truthsocial",
        about="posts",
        required=("item_id", "timestamp_collected", "data.content", "data.account"),
        values={"source_platform": "truthsocial.com|truthsocial"},
        read=captured(pick(_STATUS)),
        limitations=_HTML,
    ),
    Format(
        name="zeeschuimer-threads",
        tool="Zeeschuimer",
        platform="threads",
        about="posts",
        required=("item_id", "timestamp_collected", "data.text_post_app_info"),
        values={"source_platform": "threads.net|threads.com|threads"},
        read=captured(pick(_THREADS)),
        limitations=("no thread of a reply", "no language and no region"),
    ),
)

FORMATS = (
    *_SEEN,
    *map(fourcat, _SEEN),
    _bluesky(
        name="bluesky-posts",
        required=("posts.record.text", "posts.author.did", "posts.uri"),
        record_path=("posts",),
        read=_bluesky_post,
    ),
    _bluesky(
        name="bluesky-feed",
        required=("feed.post.record.text", "feed.post.author.did"),
        record_path=("feed",),
        read=_reposted,
    ),
    _bluesky(
        name="bluesky-thread",
        required=("thread.post.record.text", "thread.post.author.did"),
        record_path=("thread",),
        read=_bluesky_thread,
    ),
    _bluesky(
        name="bluesky-post-items",
        required=("uri", "author.did", "record.text"),
        kinds=("json", "jsonl", "csv"),
        read=_bluesky_post,
    ),
    _mastodon(
        name="mastodon-statuses",
        tool="Mastodon's API",
        required=("id", "content", "account.acct", "created_at", "favourites_count"),
        read=_status,
        limitations=_HTML,
    ),
    _mastodon(
        name="mastodon-search",
        tool="Mastodon's API",
        required=("statuses.content", "statuses.account.acct", "statuses.favourites_count"),
        record_path=("statuses",),
        read=_status,
        limitations=_HTML,
    ),
    _mastodon(
        name="mastodon-context",
        tool="Mastodon's API",
        required=("descendants.content", "descendants.account.acct"),
        record_path=("descendants",),
        read=_status,
        limitations=("not the post that was asked for", *_HTML),
    ),
    Format(
        name="telegram-desktop-chat",
        tool="Telegram Desktop",
        platform="telegram",
        about="posts and comments",
        required=("messages.date", "messages.type", "messages.id", "type"),
        record_path=("messages",),
        envelope=True,
        read=_message,
        assumed_timezone="unknown",
        versions={"2: with the second of UTC": ("messages.date_unixtime",), "1: to 2021": ("messages.date",)},
        limitations=("a chat is one thread", "forwarded messages are left out: they are another's words"),
    ),
    Format(
        name="telethon-messages",
        tool="Telethon",
        platform="telegram",
        about="posts and comments",
        required=("_", "id", "peer_id._", "date", "message|action"),
        read=_of_telethon,
        limitations=("a chat is one thread", "forwarded messages are left out: they are another's words", "no likes"),
    ),
    Format(
        name="telegram-desktop",
        tool="Telegram Desktop",
        platform="telegram",
        about="posts and comments",
        required=("chats.list.messages",),
        record_path=("chats|left_chats", "list"),
        read=_chat,
        assumed_timezone="unknown",
        limitations=("a chat is one thread", "forwarded messages are left out: they are another's words"),
    ),
    Format(
        name="discord-chat-exporter",
        tool="DiscordChatExporter",
        platform="discord",
        about="comments",
        required=("messages.id", "messages.content", "messages.author.id", "messages.timestamp", "channel.id"),
        record_path=("messages",),
        envelope=True,
        read=read(_DISCORD, _mentioned),
        limitations=("a channel is one thread", "no likes", "messages of bots are left out"),
    ),
    Format(
        name="discord-chat-exporter-table",
        tool="DiscordChatExporter",
        platform="discord",
        about="comments",
        required=("AuthorID", "Author", "Date", "Content", "Attachments", "Reactions"),
        kinds=("csv",),
        read=read(_DISCORD_TABLE),
        assumed_timezone="unknown",
        limitations=("no channel but by the number in the file's name", "no ids and no replies", "no likes"),
    ),
)
