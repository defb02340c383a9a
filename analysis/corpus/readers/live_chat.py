"""Live chats, with the second of the video at which each message was written: yt-dlp's and chat-downloader's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analysis.corpus.readers.fields import OfFile, ParsedItem, find, is_true, pick, read, several, times
from analysis.corpus.readers.format import ANY, File, Format
from analysis.corpus.readers.youtube import video_in_name

#: What of a chat is somebody's words: messages, and those that were paid for.
_WORDS = ("liveChatTextMessageRenderer", "liveChatPaidMessageRenderer")
_NO_WORDS = "no message (a sticker, a membership, a notice)"


def _run(run: dict[str, Any]) -> str:
    """Return a piece of a message: words, or an emoji by its character or its code (``:elbowcough:``)."""
    emoji = run.get("emoji")
    if not isinstance(emoji, dict):
        return str(run.get("text", ""))
    custom = is_true(emoji.get("isCustomEmoji"))
    codes = emoji.get("shortcuts") or [""]
    return str(codes[0] if custom else emoji.get("emojiId") or codes[0])


def _text(item: dict[str, Any]) -> str:
    return "".join(map(_run, find(item, "message.runs") or ())) or str(find(item, "message.simpleText") or "")


def _is_owner(item: dict[str, Any]) -> bool | None:
    kinds = [find(each, "liveChatAuthorBadgeRenderer.icon.iconType") for each in item.get("authorBadges") or ()]
    return True if "OWNER" in kinds else None


_item = pick(
    {
        "utterance_id": "id",
        "text": _text,
        "author": ("authorExternalChannelId", "authorName.simpleText"),
        "names": several("authorName.simpleText"),
        "posted_at": "timestampUsec",
        "uploader": _is_owner,
    }
)


def _before(item: dict[str, Any]) -> bool:
    """Tell whether a message was written before the stream began, of which no second of the video is."""
    return str(find(item, "timestampText.simpleText") or "").startswith("-")


def _line(line: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield the messages of a line of yt-dlp's; the second is that of the replay."""
    replay = line.get("replayChatItemAction") or {"actions": [line]}
    offset = replay.get("videoOffsetTimeMsec", line.get("videoOffsetTimeMsec"))
    for action in replay.get("actions") or ():
        item = find(action, "addChatItemAction.item") or {}
        found = next((item[name] for name in _WORDS if name in item), None)
        if found is None:
            yield {"problem": _NO_WORDS}
            continue
        second = None if _before(found) else times(0.001, "ms")({"ms": offset})  # type: ignore[operator]
        yield {**_item(found), "thread_id": video_in_name(file), "position": second}


def _site(message: dict[str, Any]) -> str:
    """Return the platform: a channel of YouTube's is known by its form, and chat-downloader else is of Twitch."""
    return "youtube" if str(find(message, "author.id") or "").startswith("UC") else "twitch"


def _owns(message: dict[str, Any]) -> bool | None:
    titles = [str(each.get("title")).lower() for each in find(message, "author.badges") or () if isinstance(each, dict)]
    return True if {"owner", "broadcaster"} & set(titles) else None


_DOWNLOADED = {
    "utterance_id": "message_id",
    "thread_id": OfFile(video_in_name),
    "text": "message",
    "author": ("author.id", "author.name"),
    "names": several("author.name", "author.display_name"),
    "posted_at": "timestamp",
    "position": "time_in_seconds",
    "platform": _site,
    "uploader": _owns,
    "problem": lambda message: None if message.get("message") else _NO_WORDS,
}

_NAMED = "no video id but in the file's name"

FORMATS = (
    Format(
        name="yt-dlp-live-chat",
        tool="yt-dlp",
        platform="youtube",
        about="comments",
        required=("replayChatItemAction.actions",),
        read=_line,
        limitations=(_NAMED, "no likes, no language and no region"),
    ),
    Format(
        name="chat-downloader",
        tool="chat-downloader",
        platform="youtube",
        about="comments",
        required=("message_id", "message_type", "author.id|author.name", "timestamp"),
        read=read(_DOWNLOADED),
        kinds=ANY,
        limitations=(_NAMED, "no likes, no language and no region"),
    ),
)
