"""4CAT: the CSV that it makes of each platform, and the NDJSON that it keeps.

Times are always those of ``unix_timestamp``: ``timestamp`` shows the clock of the server for some platforms and UTC
for others. What ``missing_fields`` names stands in the row as an empty text or a 0 that nobody has seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from analysis.corpus.readers import douyin, rednote, tiktok
from analysis.corpus.readers.fields import Get, ParsedItem, constant, pick
from analysis.corpus.readers.format import File, Format
from analysis.corpus.readers.twitter import RETWEETED
from analysis.corpus.readers.zeeschuimer import fourcat

# Whom a post on X answers.
_ADDRESSED = re.compile(r"^(?:@\w{1,15}\s+)+")
_COMMON = {"utterance_id": "id", "thread_id": "thread_id", "text": "body", "posted_at": "unix_timestamp"}


def _account(row: Mapping[str, Any]) -> str | None:
    """Return an account's name: of one without, 4CAT gives the number behind an @ (and calls it missing)."""
    name = row.get("author")
    return name.removeprefix("@") if isinstance(name, str) else None


def _yes(row: Mapping[str, Any], name: str) -> bool:
    return str(row.get(name)).strip().lower() in {"yes", "true"}


def _reader(
    fields: Mapping[str, Get], *names: str, adds: Callable[[dict[str, Any]], ParsedItem] | None = None
) -> Callable[[dict[str, Any], File], Iterator[ParsedItem]]:
    """Return a reader of rows that passes over what ``missing_fields`` names."""
    picked = pick({**_COMMON, "author": _account, **fields})

    def read(row: dict[str, Any], _: File) -> Iterator[ParsedItem]:
        absent = {name.strip() for name in str(row.get("missing_fields") or "").split(",")} - {"author"}
        row = {name: value for name, value in row.items() if name not in absent}
        parsed = {**picked(row), "names": tuple(row.get(name) for name in names)}
        yield parsed if adds is None else {**parsed, **adds(row)}

    return read


_tiktok_video = _reader(
    {
        "thread_id": "id",
        "text": lambda row: "\n".join(filter(None, (row.get("body"), row.get("stickers")))),
        "likes": "likes",
        "replies": "comments",
        "platform_comment_count": "comments",
        "region": "location_created",
        "kind": constant("caption"),
        "problem": lambda row: tiktok.ADVERT if _yes(row, "is_ad") else None,
    },
    "author_full",
)


def _seen_uploader(row: dict[str, Any]) -> ParsedItem:
    """Return whether the page on which a comment was seen names its writer as the uploader."""
    url, account = row.get("collected_from_url"), _account(row)
    return {"uploader": True} if tiktok.is_uploader(url, row.get("post_id"), account) else {}


_tiktok_comment = _reader(
    {
        # thread_id is the comment that is answered; of a comment that answers none it is the video.
        "thread_id": "post_id",
        "parent_id": "thread_id",
        "likes": "likes",
        "replies": "replies",
        "language": "language_guess",
    },
    "author_full",
    adds=_seen_uploader,
)


def _spoken(row: dict[str, Any]) -> ParsedItem:
    """Return the kind of a post on X, and what it says without whom it answers or passes on.

    A retweet's likes are those of the tweet that it passes on, or nobody's: they are left out.
    """
    text, parsed = str(row.get("body") or ""), {"kind": "post"}
    if _yes(row, "is_retweet"):
        return {**parsed, "text": RETWEETED.sub("", text)}
    counts = {"likes": row.get("like_count"), "replies": row.get("reply_count")}
    if _yes(row, "is_reply"):
        return {**counts, "text": _ADDRESSED.sub("", text), "kind": "comment"}
    return {**parsed, **counts, "platform_comment_count": row.get("reply_count")}


_x = _reader(
    {
        "author": ("author_id", "author"),
        "language": "language_guess",
        "region": "place_name",
        "problem": lambda row: "withheld by X" if _yes(row, "is_withheld") else None,
    },
    "author",
    "author_fullname",
    adds=_spoken,
)


def _instagram_counts(row: dict[str, Any]) -> ParsedItem:
    """Return the counts: likes that Instagram hides are written as 0, comments that nobody counted as -1."""
    counts: ParsedItem = {} if _yes(row, "likes_hidden") else {"likes": row.get("num_likes")}
    if str(row.get("num_comments")) != "-1":
        counts["replies"] = row.get("num_comments")
        counts |= {"platform_comment_count": row.get("num_comments")} if row.get("id") == row.get("thread_id") else {}
    if str(counts.get("likes")) == "-1":
        del counts["likes"]
    return counts


def _instagram_kind(row: Mapping[str, Any]) -> str:
    """Return what a row is: 4CAT's own scraper, to 2020, wrote comments among the posts."""
    kind = str(row.get("type", row.get("media_type")))
    return "comment" if kind == "comment" else "caption" if kind == "video" else "post"


_instagram = _reader(
    {"parent_id": "parent_id", "author": ("author_id", "author"), "kind": _instagram_kind},
    "author",
    "author_fullname",
    adds=_instagram_counts,
)
_douyin = _reader(
    {
        # thread_id is the group of reposts; comments name the video.
        "thread_id": "id",
        "author": ("author_user_id", "author_nickname"),
        "likes": "digg_count",
        "replies": "comment_count",
        "platform_comment_count": "comment_count",
        "region": "region",
        "kind": constant("caption"),
    },
    "author_nickname",
)
_rednote_comment = _reader({"likes": "likes", "replies": "replies", "region": "ip_location"})
_rednote_note = _reader(
    {
        "text": lambda row: "\n".join(filter(None, (row.get("title"), row.get("body")))),
        "likes": "likes",
        "kind": lambda row: "caption" if row.get("video_url") else "post",
    }
)
_any = _reader({"posted_at": ("unix_timestamp", "timestamp")})


def _format(platform: str, about: str, required: tuple[str, ...], read: Any, *limitations: str, **rest: Any) -> Format:  # noqa: ANN401  passed on
    """Return the format of a CSV."""
    return Format(
        name=f"4cat-{platform}-{about}",
        tool="4CAT",
        platform=platform,
        about=about,
        required=("id", "thread_id", "body", "author", "unix_timestamp", *required),
        read=read,
        kinds=("csv",),
        assumed_timezone="unknown",
        limitations=limitations,
        **rest,
    )


FORMATS = (
    _format("tiktok", "posts", ("author_full", "plays", "tiktok_url", "comments"), _tiktok_video, "no language"),
    _format("tiktok", "comments", ("post_id", "post_body", "is_comment_on_comment"), _tiktok_comment, "no region"),
    _format(
        "twitter",
        "posts",
        ("author_fullname", "reply_count", "like_count", "is_retweet"),
        _x,
        "no parents",
        "no likes of retweets",
        markup="entities",
    ),
    _format(
        "instagram",
        "posts",
        ("parent_id", "num_likes", "num_comments"),
        _instagram,
        "no language and no region",
        versions={"2: from Zeeschuimer": ("num_media",), "1: to 2020, with comments": ("type",)},
    ),
    Format(
        name="4cat-douyin-posts",
        tool="4CAT",
        platform="douyin",
        about="posts",
        required=("id", "thread_id", "subject", "body", "unix_timestamp", "digg_count", "author_nickname"),
        read=_douyin,
        kinds=("csv",),
        assumed_timezone="unknown",
        limitations=("no language", "the region is the account's country"),
    ),
    _format("xiaohongshu", "comments", ("ip_location", "likes", "replies", "url"), _rednote_comment, "no parents"),
    _format(
        "xiaohongshu", "posts", ("title", "hashtags", "likes", "url"), _rednote_note, "mostly no text, but the title"
    ),
    Format(
        name="4cat-any",
        tool="4CAT",
        platform="",
        about="comments",
        required=("id", "thread_id", "author", "body", "timestamp"),
        read=_any,
        kinds=("csv",),
        assumed_timezone="unknown",
        limitations=(
            "no platform: say --platform",
            "without unix_timestamp only the day is kept: the server's time zone is unknown",
        ),
    ),
    *(
        fourcat(format_)
        for module in (tiktok, douyin, rednote)
        for format_ in module.FORMATS
        if format_.tool == "Zeeschuimer"
    ),
)
