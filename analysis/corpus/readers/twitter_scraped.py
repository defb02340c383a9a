"""X and Twitter by tools that need no key of X's: snscrape, twint, Apify's scrapers, twitterapi.io."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from analysis.corpus.readers.apify import unfolded
from analysis.corpus.readers.fields import ParsedItem, constant, find, first, is_true, read, several, unwrap
from analysis.corpus.readers.format import ANY, File, Format
from analysis.corpus.readers.twitter import ADDRESSED, RETWEETED

_OFFSET = re.compile(r"[+-]\d{4}")


def _placed(parsed: ParsedItem, tweet: dict[str, Any]) -> None:
    """Say whether a tweet answers another; then the accounts that it is addressed to stand before its words."""
    answers = first("inReplyToTweetId", "inReplyToUser", "in_reply_to_tweet_id", "inReplyToId")(tweet)  # type: ignore[operator]
    if answers or str(parsed.get("thread_id", parsed.get("utterance_id"))) != str(parsed.get("utterance_id")):
        parsed["kind"] = "comment"
        if isinstance(parsed.get("text"), str):
            parsed["text"] = ADDRESSED.sub("", parsed["text"], count=1)
    elif "replies" in parsed:
        parsed["platform_comment_count"] = parsed["replies"]


def _passed_on(parsed: ParsedItem, tweet: dict[str, Any], read_: Any = None) -> None:  # noqa: ANN401  a reader
    """Give a retweet the words, the thread and none of the likes of the tweet that it passes on.

    Tables and trimmed exports only say that it is one.
    """
    passed = (tweet.get(name) for name in ("retweetedTweet", "retweet", "retweeted_tweet"))
    original = next((each for each in passed if isinstance(each, dict) and each), None)
    if original is None and not is_true(tweet.get("isRetweet")):
        return
    for name in ("likes", "replies", "platform_comment_count"):
        parsed.pop(name, None)
    parsed |= {"kind": "post", "text": RETWEETED.sub("", str(parsed.get("text") or ""))}
    if original is not None:
        inner = next((read_ or _SNSCRAPE_READ)(original, None))
        told = {name: inner[name] for name in ("text", "thread_id", "language") if name in inner}
        parsed |= {**told, "parent_id": inner.get("utterance_id")}


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

#: What Apify's most used scrapers and twitterapi.io call things; long tweets stand whole in ``fullText``.
_ITEM = {
    "utterance_id": "id",
    "thread_id": "conversationId",
    "parent_id": "inReplyToId",
    "text": first("fullText", "text"),
    "author": ("author.id", "author.userName"),
    "names": several("author.userName", "author.name"),
    "posted_at": "createdAt",
    "likes": "likeCount",
    "replies": "replyCount",
    "language": "lang",
    "region": "place.full_name",
    "kind": constant("post"),
}
_ITEM_READ = read(_ITEM, _placed)
_RETWEETED = read(_ITEM, _placed, lambda parsed, tweet: _passed_on(parsed, tweet, _ITEM_READ))


def _item(row: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield a tweet; where a search found nothing, the tool says so in a row of its own."""
    if row.get("noResults"):
        yield {"problem": "a notice of the tool that nothing was found"}
        return
    yield from _RETWEETED(unfolded(row), file)


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
        platform="twitter",
        about="posts",
        required=required,
        read=read_,
        markup="entities",
        limitations=("no region but a tagged place",),
        **{"tool": name.partition("-")[0], "kinds": ANY, **rest},
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
    _format(
        "apify-tweets",
        ("id", "text|fullText", "createdAt", "author.userName", "likeCount", "retweetCount"),
        _item,
        tool="Apify",
    ),
    _format(
        "twitterapi-io-pages",
        ("tweets.id", "tweets.text", "tweets.author.userName", "tweets.likeCount"),
        _item,
        tool="twitterapi.io",
        kinds=("json", "jsonl"),
        record_path=("tweets",),
    ),
)
