"""X and Twitter: Zeeschuimer, the API's version 2 (twarc2), its version 1.1, an account's own download."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from analysis.corpus.readers.fields import ParsedItem, find, pick
from analysis.corpus.readers.format import File, Format
from analysis.corpus.readers.zeeschuimer import captured, fourcat

# The accounts that a reply is addressed to stand before it; X shows them above the text.
ADDRESSED = re.compile(r"(?:@\w{1,15}\s+)+")
# What X writes before the words of another's tweet that somebody passes on.
RETWEETED = re.compile(r"^RT @\w{1,15}:? ")
_LIST = (list, tuple)
#: Where the ids of all versions of an edited tweet stand, the first one first: in the API, X's pages, a download.
_VERSIONS = (
    "edit_history_tweet_ids",
    "edit_control.edit_control_initial.edit_tweet_ids",
    "edit_control.edit_tweet_ids",
    "edit_info.edit.editControlInitial.editTweetIds",
    "edit_info.initial.editTweetIds",
)
#: A tweet's id holds when it was written, in milliseconds since this one.
_TWEET_ID, _EPOCH = re.compile(r"\b\d{10,19}\b"), 1_288_834_974_657
_LIMITATIONS = (
    "no likes of a retweet (it has the words and the thread of the tweet that it passes on)",
    "no region but a tagged place",
)
_CUT = "no whole text of retweets and long posts where the file does not hold it"


def _spoken(text: object, shown: object, *, reply: bool) -> object:
    """Return a text without the accounts that it is addressed to and without the link of its own picture.

    ``shown`` is X's ``display_text_range``: it counts the characters of the text as written, ``&amp;`` being five.
    """
    if not isinstance(text, str):
        return text
    if isinstance(shown, _LIST) and len(shown) == 2 and all(str(end).isdigit() for end in shown):  # noqa: PLR2004  a pair
        text = text[: int(shown[1])]
    return text[found.end() :] if reply and (found := ADDRESSED.match(text)) else text


def _passed_on(retweet: ParsedItem, original: ParsedItem) -> ParsedItem:
    """Return a retweet with the words of the tweet that it passes on, in whose thread its cluster is.

    The counts are left out: what a reader likes is the tweet, not that it was passed on.
    """
    own = {name: value for name, value in retweet.items() if name not in {"likes", "replies", "region"}}
    told = {name: original[name] for name in ("text", "thread_id", "language") if name in original}
    return {**own, **told, "parent_id": original.get("utterance_id"), "kind": "post"}


def _placed(parsed: ParsedItem, *, reply: bool) -> ParsedItem:
    """Return a parsed item with its kind, and of a post how many answers X said there were."""
    if reply:
        return {**parsed, "kind": "comment"}
    return {**parsed, "kind": "post", **({"platform_comment_count": parsed["replies"]} if "replies" in parsed else {})}


def _one_of_versions(tweet: dict[str, Any], parsed: ParsedItem) -> ParsedItem:
    """Return a tweet under the id and the time of its first version: all of them are one, of which the newest counts.

    Each version is a tweet to X. When it was written tells which is newer; when it was gathered does not.
    """
    own = str(parsed.get("utterance_id"))
    ids = _TWEET_ID.findall(str(next(filter(None, (find(tweet, path) for path in _VERSIONS)), "")))
    if own not in ids:
        return parsed
    if len(ids) == 1:
        return {"edited": _written(own), **parsed}
    out = {**parsed, "utterance_id": ids[0], "crawled": _written(own)}
    out |= {"posted_at": _written(ids[0])} if "posted_at" in parsed else {}
    return out | ({"thread_id": ids[0]} if str(parsed.get("thread_id")) in ids else {})


def _written(tweet_id: str) -> str:
    """Return when a tweet was written, which its id tells, to the second as X tells it.

    >>> _written("1578900353814519810")
    '2022-10-09T00:09:13+00:00'
    """
    return datetime.fromtimestamp(((int(tweet_id) >> 22) + _EPOCH) // 1000, UTC).isoformat()


_zs_tweet = pick(
    {
        "utterance_id": ("rest_id", "legacy.id_str"),
        "thread_id": "legacy.conversation_id_str",
        "parent_id": "legacy.in_reply_to_status_id_str",
        "author": ("legacy.user_id_str", "core.user_results.result.rest_id", "user.id_str"),
        "posted_at": "legacy.created_at",
        "likes": "legacy.favorite_count",
        "replies": "legacy.reply_count",
        "region": "legacy.place.full_name",
        "language": "legacy.lang",
    }
)
#: Where the user's names stand: since 2025, to 2024, and in the search results of 2022.
_ZS_NAMES = ("core.user_results.result.core", "core.user_results.result.legacy", "user")


def zeeschuimer_tweet(tweet: dict[str, Any], *, follow: bool = True) -> ParsedItem:
    """Return a tweet as X's own pages load it (``data`` of Zeeschuimer, an item of 4CAT's NDJSON)."""
    if "legacy" not in tweet and isinstance(tweet.get("tweet"), dict):  # TweetWithVisibilityResults
        tweet = {**tweet["tweet"], "promoted": tweet.get("promoted")}
    if tweet.get("promoted") is True:
        return {"problem": "an advertisement"}
    if not isinstance(tweet.get("legacy"), dict):
        return {"problem": "a tweet that X does not show (deleted, withheld or protected)"}
    parsed = _one_of_versions(tweet, _zs_tweet(tweet))
    reply = "parent_id" in parsed
    parsed["names"] = tuple(find(tweet, f"{place}.{name}") for place in _ZS_NAMES for name in ("screen_name", "name"))
    long = find(tweet, "note_tweet.note_tweet_results.result.text")
    shown = None if long else find(tweet, "legacy.display_text_range")
    parsed["text"] = _spoken(long or find(tweet, "legacy.full_text"), shown, reply=reply)
    original = find(tweet, "legacy.retweeted_status_result.result")
    if isinstance(original, dict) and follow:
        inner = zeeschuimer_tweet({**original, "promoted": None}, follow=False)
        return _passed_on(parsed, {} if "problem" in inner else inner)
    return _placed(parsed, reply=reply)


_v2_tweet = pick(
    {
        "utterance_id": "id",
        "thread_id": "conversation_id",
        "author": "author_id",
        "posted_at": "created_at",
        "likes": "public_metrics.like_count",
        "replies": "public_metrics.reply_count",
        "region": ("geo.full_name", "geo.place.full_name"),
        "language": "lang",
        "crawled": "__twarc.retrieved_at",
    }
)


def _v2(tweet: dict[str, Any], look: Callable[[str, object], dict[str, Any]], *, follow: bool = True) -> ParsedItem:
    """Return a tweet of version 2; ``look`` finds what stands elsewhere (kind, id)."""
    parsed = _one_of_versions(tweet, _v2_tweet(tweet))
    referenced = {each["type"]: each for each in tweet.get("referenced_tweets") or () if "type" in each}
    user = tweet.get("author") or look("users", parsed.get("author"))
    parsed["names"] = (user.get("username"), user.get("name"))
    if "region" not in parsed:
        parsed["region"] = look("places", find(tweet, "geo.place_id")).get("full_name")
    reply = "replied_to" in referenced
    parsed["text"] = _spoken(find(tweet, "note_tweet.text") or tweet.get("text"), None, reply=reply)
    if "retweeted" in referenced and follow:
        original = referenced["retweeted"]
        original = original if "text" in original else look("tweets", original.get("id")) or original
        return _passed_on(parsed, _v2(original, look, follow=False) if "text" in original else _v2_tweet(original))
    if reply:
        parsed["parent_id"] = referenced["replied_to"].get("id")
    return _placed(parsed, reply=reply)


def _v2_page(page: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    """Yield the tweets of a page (``data`` a list) or of a stream (``data`` one tweet); an empty page has no data."""
    if "data" not in page:
        yield from ({"problem": "an API error, not a tweet"} for _ in page.get("errors") or ())
        return
    found = page.get("includes") or {}
    index = {
        (kind, each["id"]): each
        for kind in ("users", "tweets", "places")
        for each in found.get(kind) or ()
        if isinstance(each, dict) and isinstance(each.get("id"), str)
    }

    def look(kind: str, name: object) -> dict[str, Any]:
        return index.get((kind, name), {}) if isinstance(name, str) else {}

    seen = find(page, "__twarc.retrieved_at")
    tweets = page["data"] if isinstance(page["data"], list) else [page["data"]]
    yield from (_whole(tweet, look, seen) for tweet in tweets)


def _whole(tweet: dict[str, Any], look: Callable[[str, object], dict[str, Any]], seen: object) -> ParsedItem:
    """Return a tweet of a page; one that is damaged must not cost the others."""
    try:
        return {"crawled": seen, **_v2(tweet, look)}
    except (AttributeError, TypeError, KeyError, LookupError) as error:
        return {"problem": f"not in the format that the X API writes ({type(error).__name__})"}


def _v2_flat(tweet: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    """Yield a tweet into which twarc2 has flattened its author and the tweets that it refers to."""
    yield _v2(tweet, lambda _, __: {})


def _v2_users(page: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    """Yield the tweets that the accounts of a page have pinned: all that they say in it."""
    yield from _v2_page({**page, "data": find(page, "includes.tweets"), "includes": {"users": page["data"]}}, _)


_table_tweet = pick(
    {
        "utterance_id": "id",
        "thread_id": "conversation_id",
        "parent_id": ("referenced_tweets.replied_to.id", "referenced_tweets.retweeted.id"),
        "author": ("author_id", "author.id"),
        "names": lambda row: (row.get("author.username"), row.get("author.name")),
        "posted_at": "created_at",
        "likes": "public_metrics.like_count",
        "replies": "public_metrics.reply_count",
        "region": "geo.full_name",
        "language": "lang",
        "crawled": "__twarc.retrieved_at",
    }
)


def _v2_table(row: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    """Yield a row of twarc-csv, which has put the whole words of a tweet into its retweets, and its counts."""
    parsed, reply = _one_of_versions(row, _table_tweet(row)), bool(row.get("referenced_tweets.replied_to.id"))
    parsed["text"] = _spoken(row.get("note_tweet.text") or row.get("text"), None, reply=reply)
    retweeted = row.get("referenced_tweets.retweeted.id")
    # The row does not say in which conversation the tweet stood: mostly it began one.
    original = {"utterance_id": retweeted, "thread_id": retweeted}
    yield _passed_on(parsed, original) if retweeted else _placed(parsed, reply=reply)


_v1_tweet = pick(
    {
        "utterance_id": "id_str",
        "parent_id": "in_reply_to_status_id_str",
        "author": ("user.id_str", "user.screen_name"),
        "posted_at": ("created_at", "timestamp_ms"),
        "likes": "favorite_count",
        "replies": "reply_count",
        "region": "place.full_name",
        "language": "lang",
    }
)


def _v1(tweet: dict[str, Any], *, follow: bool = True) -> ParsedItem:
    """Return a tweet of version 1.1; it names no conversation, so that a reply's thread is not known."""
    parsed = _one_of_versions(tweet, _v1_tweet(tweet))
    reply = "parent_id" in parsed
    parsed["names"] = (find(tweet, "user.screen_name"), find(tweet, "user.name"))
    whole = tweet.get("extended_tweet") or tweet
    parsed["text"] = _spoken(whole.get("full_text") or tweet.get("text"), whole.get("display_text_range"), reply=reply)
    if not reply:
        parsed["thread_id"] = parsed.get("utterance_id")
    if isinstance(tweet.get("retweeted_status"), dict) and follow:
        return _passed_on(parsed, _v1(tweet["retweeted_status"], follow=False))
    return _placed(parsed, reply=reply)


def _v1_record(tweet: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    """Yield a tweet; between the tweets of a stream stand notices (a deletion, a limit, a withheld tweet)."""
    notice = "id_str" not in tweet and len(tweet) == 1
    yield {"problem": f"a notice of the stream ({next(iter(tweet))[:20]})"} if notice else _v1(tweet)


def _downloaded(entry: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    """Yield a tweet of an account's own download, which has retweets as mere text, cut."""
    tweet = entry["tweet"]
    repost = str(tweet.get("full_text")).startswith("RT @")
    yield {"problem": "nothing but a repost"} if repost else _v1(tweet)


def _format(name: str, tool: str, required: tuple[str, ...], read: Any, **rest: Any) -> Format:  # noqa: ANN401  passed on
    """Return a format with what all of them have."""
    return Format(
        name=name,
        tool=tool,
        platform="twitter",
        about="posts",
        required=required,
        read=read,
        markup="entities",
        **{"limitations": (*_LIMITATIONS, _CUT), **rest},
    )


_ZEESCHUIMER = (
    _format(
        "zeeschuimer-twitter",
        "Zeeschuimer",
        ("timestamp_collected", "data"),
        captured(zeeschuimer_tweet),
        values={"source_platform": "twitter.com|x.com|twitter-comments"},
        versions={
            "3: since 2025, names in user.core": ("data.core.user_results.result.core",),
            "2: 2023 and 2024, names in user.legacy": ("data.core.user_results.result.legacy",),
            "1: search results of 2022": ("data.user",),
        },
        limitations=(*_LIMITATIONS, "no sign of what was searched for: it holds all that was on the screen"),
    ),
)

FORMATS = (
    *_ZEESCHUIMER,
    *map(fourcat, _ZEESCHUIMER),
    _format(
        "twitter-v2-pages",
        "twarc2 / X API v2",
        ("data.id", "data.text", "data.author_id"),
        _v2_page,
        forbidden=("source_platform",),
        versions={"stream": ("matching_rules",), "pages with includes": ("includes",), "pages": ("data",)},
    ),
    _format(
        "twitter-v2-pages-bare",
        "X API v2",
        ("data.id", "data.text", "data.edit_history_tweet_ids"),
        _v2_page,
        forbidden=("source_platform", "data.author_id"),
        limitations=("no author and no thread", *_LIMITATIONS, _CUT),
    ),
    _format("twitter-v2-flat", "twarc2", ("id", "text", "author_id", "conversation_id"), _v2_flat),
    _format(
        "twitter-v2-table",
        "twarc-csv",
        ("id", "conversation_id", "author_id", "text", "reply_settings"),
        _v2_table,
        kinds=("csv",),
    ),
    _format(
        "twitter-v2-users",
        "twarc2",
        ("data.username", "data.public_metrics", "includes.tweets.text"),
        _v2_users,
        limitations=("no tweets but those that the accounts have pinned",),
    ),
    _format(
        "twitter-v1",
        "Twitter API v1.1",
        ("id_str", "user.screen_name", "created_at", "retweet_count"),
        _v1_record,
        versions={
            "extended": ("full_text",),
            "stream with extended_tweet": ("extended_tweet",),
            "to 2016: 140 characters": ("text",),
        },
        limitations=("no thread of a reply", *_LIMITATIONS, _CUT),
    ),
    _format(
        "twitter-v1-search",
        "Twitter API v1.1",
        ("statuses.id_str", "statuses.user.screen_name"),
        _v1_record,
        record_path=("statuses",),
        limitations=("no thread of a reply", *_LIMITATIONS, _CUT),
    ),
    _format(
        "twitter-download-tweets",
        "X download",
        ("tweet.full_text", "tweet.id_str", "tweet.created_at"),
        _downloaded,
        limitations=("does not say whose download it is", "no thread of a reply", "no retweets"),
    ),
)
