"""Media monitoring and comment exporters: Brandwatch, Meltwater, Talkwalker, Netlytic, IGCommentExport.

They hold several platforms in one table; the kind of a page or a source says which.
"""

from __future__ import annotations

from typing import Any

from analysis.corpus.readers.fields import Get, OfFile, constant, first, lines, matched, read, several
from analysis.corpus.readers.format import Format

#: What the tools call a platform: a part of the name is enough (``twitter_public``, ``X (Twitter)``, ``facebook.com``).
_PLATFORMS = {
    **{name: name for name in ("facebook", "instagram", "threads", "reddit", "youtube", "tiktok", "tumblr", "weibo")},
    **{name: name for name in ("bluesky", "mastodon", "telegram", "douyin", "bilibili", "linkedin", "quora", "vk")},
    "twitter": "twitter",
    "x.com": "twitter",
    "wechat": "wechat",
    "red": "xiaohongshu",
    "forum": "forum",
    "blog": "blog",
    "news": "news",
    "review": "review",
}


def _platform(*columns: str) -> Get:
    def look(row: dict[str, Any]) -> str | None:
        for column in columns:
            told = str(row.get(column) or "").strip().lower()
            if told in {"x", "x (twitter)"}:
                return "twitter"
            words = told.replace("_", " ").replace("/", " ").split()
            for name, platform in _PLATFORMS.items():
                if name in words or (len(name) > len("red") and name in told):
                    return platform
        return None

    return look


def _kind(*columns: str) -> Get:
    """Return whether a row is an answer: the tools call it a comment, a reply or an answer, else it is a post."""

    def look(row: dict[str, Any]) -> str:
        told = " ".join(str(row.get(column) or "") for column in columns).lower()
        return "comment" if any(word in told for word in ("comment", "reply", "answer")) else "post"

    return look


_BRANDWATCH = {
    "utterance_id": first("Resource Id", "Mention Id", "Url"),
    "thread_id": first("Thread Id", "Thread URL", "Url", "Resource Id"),
    "parent_id": first("Parent Post Id", "Twitter Reply to", "X Reply to", "Reply to"),
    "text": first("Full Text", "Snippet", "Title"),
    "author": first("X Author ID", "Twitter Author ID", "Author"),
    "names": several("Author", "Full Name"),
    "posted_at": "Date",
    "likes": first("Likes", "X Likes", "Twitter Likes", "Facebook Likes", "Instagram Likes", "Reddit Score"),
    "replies": first("Comments", "X Replies", "Twitter Replies", "Facebook Comments", "Instagram Comments"),
    "language": "Language",
    "region": first("Region", "Country", "Country Code"),
    "platform": _platform("Page Type", "Content Source Name", "Content Source", "Domain"),
    "kind": _kind("Thread Entry Type", "Pub Type"),
    "problem": lambda row: (
        "a repost of somebody else's words"
        if "share" in str(row.get("Thread Entry Type") or "").lower() or first("Twitter Retweet of", "X Repost of")(row)  # type: ignore[operator]
        else None
    ),
}


def _day_and_clock(row: dict[str, Any]) -> str:
    """Return when: newer exports have the clock in a column of its own, some of them once more beside the day."""
    day = str(row.get("Date") or "")
    return day if ":" in day else f"{day} {row.get('Time') or ''}".strip()


_MELTWATER = {
    "utterance_id": first("Document ID", "URL"),
    "thread_id": first("URL", "Document ID"),
    # What a headline says, the words of an article follow; a post on a network has none.
    "text": lines(first("Headline", "Title"), first("Hit Sentence", "Opening Text")),
    "author": matched(r"@?(.+)", first("Author Handle", "Influencer", "Author Name")),
    "names": several("Influencer", "Author Name", "Author Handle"),
    "posted_at": _day_and_clock,
    "likes": "Likes",
    "replies": first("Replies", "Comments"),
    "language": "Language",
    "region": first("Country"),
    "platform": _platform("Source", "Source Name", "Source Type", "Information Type"),
    "kind": _kind("Content Type"),
}
_TALKWALKER = {
    "utterance_id": first("url", "Url", "URL"),
    "thread_id": first("parent_url", "Parent Url", "url", "Url", "URL"),
    "text": lines(
        first("title", "Title"), first("content", "Content", "content_snippet", "Content Snippet", "Snippet")
    ),
    "author": first("extra_author_attributes.id", "extra_author_attributes.name", "Author Name", "Author", "author"),
    "names": several("extra_author_attributes.name", "extra_author_attributes.short_name", "Author Name"),
    "posted_at": first("published", "Published", "Date"),
    "likes": first(
        *("article_extended_attributes.twitter_likes", "article_extended_attributes.facebook_likes", "Likes"),
        *("article_extended_attributes.instagram_likes", "article_extended_attributes.youtube_likes"),
    ),
    "replies": first("article_extended_attributes.num_comments", "Comments"),
    "language": "lang",
    "region": first("extra_source_attributes.world_data.country", "Country"),
    "platform": _platform("source_type", "Source Type", "domain_url", "Domain Url"),
    "kind": _kind("post_type", "Post Type"),
}
_NETLYTIC = {
    "utterance_id": first("guid", "id"),
    "thread_id": first("videoid", "video_id", "link"),
    "parent_id": first("replyto", "in_reply_to"),
    "text": "description",
    "author": first("author_id", "author"),
    "names": several("author"),
    "posted_at": "pubdate",
    "likes": first("likecount", "like_count"),
    "platform": _platform("source", "link"),
}
_COMMENT_EXPORT = {
    "utterance_id": "Comment Id",
    "thread_id": OfFile(lambda _: None),
    "parent_id": first("Reply To", "Parent Comment Id"),
    "text": "Comment Text",
    "author": first("User Id", "Username"),
    "names": several("Username", "Full Name"),
    "posted_at": "Date",
    "likes": first("Likes", "Like Count"),
    "replies": first("Replies", "Reply Count"),
}


def _format(name: str, tool: str, required: tuple[str, ...], fields: dict[str, Any], **rest: Any) -> Format:  # noqa: ANN401  passed on
    return Format(
        name=name,
        tool=tool,
        required=required,
        read=read(fields),
        kinds=("csv",),
        **{"platform": "", "about": "posts and comments", "assumed_timezone": "unknown", **rest},
    )


_CLOCK = "times are by the clock that the query was set to: only the day is kept"

FORMATS = (
    _format(
        "brandwatch",
        "Brandwatch",
        ("Query Name", "Page Type|Content Source", "Snippet", "Url", "Date"),
        _BRANDWATCH,
        versions={"with whole texts": ("Full Text",), "with snippets": ("Snippet",)},
        limitations=(_CLOCK, "the country is a guess of the tool's"),
    ),
    _format(
        "meltwater",
        "Meltwater",
        ("Hit Sentence", "Opening Text", "URL", "Date"),
        _MELTWATER,
        versions={"2: Title": ("Title",), "1: Headline": ("Headline",)},
        limitations=(_CLOCK, "the country is a guess of the tool's", "an address is the thread"),
    ),
    _format(
        "talkwalker",
        "Talkwalker",
        (
            "url|Url",
            "published|Published",
            "content|Content|content_snippet",
            "sentiment|Sentiment",
            "source_type|Source Type",
        ),
        _TALKWALKER,
        assumed_timezone="UTC",
        limitations=("an address is the thread",),
    ),
    _format(
        "netlytic",
        "Netlytic",
        ("guid|id", "link", "pubdate", "author", "description"),
        _NETLYTIC,
        about="comments",
        limitations=("no platform but by its links: say --platform",),
    ),
    _format(
        "igcommentexport",
        "IGCommentExport",
        ("User Id", "Username", "Comment Id", "Comment Text", "Profile URL"),
        {**_COMMENT_EXPORT, "platform": constant("instagram")},
        about="comments",
        limitations=("no post", "times are by the exporter's clock: only the day is kept"),
    ),
)
