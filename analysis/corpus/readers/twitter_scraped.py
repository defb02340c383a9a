"""X and Twitter by tools that needed no key: snscrape and twint."""

from __future__ import annotations

import re
from typing import Any

from analysis.corpus.readers.fields import ParsedItem, constant, find, first, read, several, unwrap
from analysis.corpus.readers.format import ANY, Format
from analysis.corpus.readers.twitter import ADDRESSED

_OFFSET = re.compile(r"[+-]\d{4}")


def _placed(parsed: ParsedItem, tweet: dict[str, Any]) -> None:
    """Say whether a tweet answers another; then the accounts that it is addressed to stand before its words."""
    answers = first("inReplyToTweetId", "inReplyToUser", "in_reply_to_tweet_id")(tweet)  # type: ignore[operator]
    if answers or str(parsed.get("thread_id", parsed.get("utterance_id"))) != str(parsed.get("utterance_id")):
        parsed["kind"] = "comment"
        if isinstance(parsed.get("text"), str):
            parsed["text"] = ADDRESSED.sub("", parsed["text"], count=1)
    elif "replies" in parsed:
        parsed["platform_comment_count"] = parsed["replies"]


def _passed_on(parsed: ParsedItem, tweet: dict[str, Any]) -> None:
    """Give a retweet the words, the thread and none of the likes of the tweet that it passes on."""
    if isinstance(original := tweet.get("retweetedTweet"), dict):
        inner = next(_SNSCRAPE_READ(original, None))  # type: ignore[arg-type]
        for name in ("likes", "replies", "platform_comment_count"):
            parsed.pop(name, None)
        told = {name: inner[name] for name in ("text", "thread_id", "language") if name in inner}
        parsed |= {**told, "parent_id": inner.get("utterance_id"), "kind": "post"}


_SNSCRAPE = {
    "utterance_id": "id",
    "thread_id": "conversationId",
    "parent_id": "inReplyToTweetId",
    "text": ("rawContent", "content", "renderedContent"),
    "author": ("user.id", unwrap("user", "id"), "user.username", unwrap("user", "username"), "username"),
    "names": several("user.username", "user.displayname", unwrap("user", "username"), "username"),
    "posted_at": "date",
    "likes": "likeCount",
    "replies": "replyCount",
    "language": "lang",
    "region": "place.fullName",
    "kind": constant("post"),
}
_SNSCRAPE_READ = read(_SNSCRAPE, _placed)


def _clock(tweet: dict[str, Any]) -> object:
    """Return the time with its zone: what twint calls ``created_at`` had three forms in its years."""
    day, clock, zone = (tweet.get(name) for name in ("date", "time", "timezone"))
    if day and clock and _OFFSET.fullmatch(str(zone)):
        return f"{day}T{clock}{zone}"
    return tweet.get("created_at")


_TWINT = {
    "utterance_id": "id",
    "thread_id": "conversation_id",
    "text": "tweet",
    "author": ("user_id", "username"),
    "names": several("username", "name"),
    "posted_at": _clock,
    "likes": ("likes_count", "nlikes"),
    "replies": ("replies_count", "nreplies"),
    "language": "language",
    "region": lambda tweet: tweet["place"] if isinstance(tweet.get("place"), str) else find(tweet, "place.full_name"),
    "kind": constant("post"),
}

#: The columns of the much-copied script that turns snscrape's tweets into a data frame.
_SCRIPTED = {
    "utterance_id": ("Tweet Id", "TweetId", "Tweet ID", "tweet_id"),
    "text": ("Text", "Tweet", "Content", "content"),
    "author": ("Username", "User", "username"),
    "posted_at": ("Datetime", "Date", "date"),
    "likes": ("Likes", "Like Count", "LikeCount", "likeCount"),
    "replies": ("Replies", "Reply Count", "replyCount"),
    "language": ("Language", "Lang", "lang"),
    "kind": constant("post"),
}


def _format(name: str, required: tuple[str, ...], read_: Any, **rest: Any) -> Format:  # noqa: ANN401  passed on
    return Format(
        name=name,
        tool=name.partition("-")[0],
        platform="twitter",
        about="posts",
        required=required,
        read=read_,
        kinds=ANY,
        markup="entities",
        limitations=("no region but a tagged place",),
        **rest,
    )


FORMATS = (
    _format(
        "snscrape-tweets",
        ("id", "date", "content|rawContent", "user", "likeCount", "conversationId"),
        read(_SNSCRAPE, _placed, _passed_on),
        versions={"2: rawContent": ("rawContent",), "1: to 2022": ("content",)},
    ),
    _format(
        "snscrape-table",
        (
            "Tweet Id|TweetId|Tweet ID|tweet_id",
            "Datetime|Date|date",
            "Text|Tweet|Content|content",
            "Username|User|username",
        ),
        read(_SCRIPTED),
    ),
    _format(
        "twint-tweets",
        ("id", "conversation_id", "tweet", "user_id|username", "likes_count|nlikes", "date"),
        read(_TWINT, _placed),
    ),
)
