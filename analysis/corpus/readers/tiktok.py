"""TikTok as its site and its Research API send it: Zeeschuimer, web comments, pyktok, the Research API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from analysis.corpus.readers.apify import literal
from analysis.corpus.readers.fields import ParsedItem, constant, find, is_true, one, pick, read, several, with_replies
from analysis.corpus.readers.format import ANY, File, Format
from analysis.corpus.readers.zeeschuimer import captured

#: Why an advertisement is no utterance of whom the collection is about.
ADVERT = "an advertisement"
ACCOUNT_REGION = "the region is the account's, not where it was written"
# A cell of pyktok holds an account of some 5,000 signs; one beyond this is none of its cells.
_LONGEST_CELL = 200_000
_VIDEO = re.compile(r"tiktok\.com/@([^/?#]+)/(?:video|photo)/(\d+)")
_NUMBER = re.compile(r"[\d.,E+]+", re.IGNORECASE)  # as a spreadsheet may have rounded it
_NOTHING = (None, "", "0")
# What TikTok writes beside the name of who answers under a video of his own.
_CREATOR = ("Creator", "Author", "作者")


def video_in(url: object) -> tuple[str, str] | tuple[None, None]:
    """Return whose video an address shows, and the video's id.

    >>> video_in("https://www.tiktok.com/@someone/video/7011?lang=en"), video_in("https://www.tiktok.com/explore")
    (('someone', '7011'), (None, None))
    """
    found = _VIDEO.search(url) if isinstance(url, str) else None
    return (found[1], found[2]) if found else (None, None)


def is_uploader(url: object, thread: object, account: object) -> bool:
    """Tell whether the address of a video names an account as its uploader."""
    name, video = video_in(url)
    return name is not None and video == thread and isinstance(account, str) and name.lower() == account.lower()


def with_stickers(said: object, stickers: object) -> str:
    """Return a caption with what is written on the video beneath it."""
    texts = [said] if isinstance(said, str) and said else []
    for sticker in stickers if isinstance(stickers, list) else ():
        lines = sticker.get("stickerText")
        texts += [" ".join(filter(None, lines if isinstance(lines, list) else (lines,)))]
    return "\n".join(filter(None, texts))


def _words(video: Mapping[str, Any]) -> str:
    said = video.get("desc") or " ".join(part.get("desc") or "" for part in video.get("contents") or ())
    return with_stickers(said, video.get("stickersOnItem"))


def _name(video: Mapping[str, Any]) -> str | None:
    """Return the account's name where the page's own data has it in place of the account."""
    author = video.get("author")
    return author if isinstance(author, str) else None


_video = pick(
    {
        "utterance_id": "id",
        "thread_id": "id",
        "text": _words,
        "author": ("author.id", "authorId", "author.uniqueId", _name),
        "posted_at": "createTime",
        "likes": ("statsV2.diggCount", "stats.diggCount"),
        "replies": ("statsV2.commentCount", "stats.commentCount"),
        "platform_comment_count": ("statsV2.commentCount", "stats.commentCount"),
        "region": "locationCreated",
        "language": "textLanguage",
        "problem": lambda video: ADVERT if video.get("isAd") is True else None,
    }
)


def video(item: dict[str, Any]) -> ParsedItem:
    """Return the caption of a video as TikTok's site sends it."""
    names = (_name(item), item.get("nickname"), find(item, "author.uniqueId"), find(item, "author.nickname"))
    return {**_video(item), "kind": "caption", "names": names}


def answered(item: Mapping[str, Any]) -> object:
    """Return the comment that is answered: of an answer to a reply, the reply."""
    return next((item[name] for name in ("reply_to_reply_id", "reply_id") if item.get(name) not in _NOTHING), None)


_comment = pick(
    {
        "utterance_id": "cid",
        "thread_id": "aweme_id",
        "parent_id": answered,
        "text": "text",
        "author": ("user.uid", "user.unique_id", "user.nickname"),
        "posted_at": "create_time",
        "likes": "digg_count",
        "replies": "reply_comment_total",
        "language": "comment_language",
        "region": "user.region",
    }
)


def comments(item: dict[str, Any], source_url: object = None) -> Iterator[ParsedItem]:
    """Yield a comment as TikTok's site sends it, and the replies that came with it.

    Parameters
    ----------
    item : dict
        The comment.
    source_url : str, optional
        The page on which it was seen: it names the uploader of the video.

    """
    for found, _ in with_replies(item, "reply_comment"):
        parsed, account = _comment(found), find(found, "user.unique_id")
        labels = found.get("label_list")
        marks = [label.get("text") for label in labels] if isinstance(labels, list) else [found.get("label_text")]
        if any(mark in _CREATOR for mark in marks) or is_uploader(source_url, parsed.get("thread_id"), account):
            parsed["uploader"] = True
        yield {**parsed, "names": (account, find(found, "user.nickname"), find(found, "user.sec_uid"))}


def _zeeschuimer_comment(line: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    for parsed in comments(line["data"], line.get("source_platform_url")):
        yield {**parsed, "crawled": line.get("timestamp_collected")}


def _web_comment(item: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    for parsed in comments(item):
        yield {**parsed, "crawled": find(file.envelope, "extra.now")}


def _pyktok(row: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    """Yield a row of pyktok: accounts, labels and replies are Python in its cells.

    It adds page after page without looking at the columns: a row whose id is not a number belongs under another header.
    """
    item = {**row, **{name: literal(row.get(name), _LONGEST_CELL) for name in ("user", "label_list", "reply_comment")}}
    for parsed in comments(item):
        if not all(_NUMBER.fullmatch(str(row[name])) for name in ("cid", "aweme_id")):
            parsed["problem"] = "the cells do not match the header (cid is not a number)"
        yield parsed


#: A video as pyktok and traktok have it, one a row.
VIDEO_ROW = {
    "utterance_id": "video_id",
    "thread_id": "video_id",
    "text": ("video_description", "video_title"),
    "author": ("author_id", "author_username", "author_name"),
    "posted_at": "video_timestamp",
    "likes": "video_diggcount",
    "replies": "video_commentcount",
    "platform_comment_count": "video_commentcount",
    "region": "video_locationcreated",
    "problem": lambda row: ADVERT if is_true(row.get("video_is_ad")) else None,
}


_research_comment = read(
    {
        "utterance_id": "id",
        "thread_id": "video_id",
        "parent_id": "parent_comment_id",
        "text": "text",
        "posted_at": "create_time",
        "likes": "like_count",
        "replies": "reply_count",
    }
)


_research = pick(
    {
        "utterance_id": ("id", "video_id"),
        "thread_id": ("id", "video_id"),
        "text": "video_description",
        "author": ("username", "author_name"),
        "posted_at": "create_time",
        "likes": "like_count",
        "replies": "comment_count",
        "platform_comment_count": "comment_count",
        "region": "region_code",
    }
)


def research_video(row: dict[str, Any], _: File) -> Iterator[ParsedItem]:
    """Yield the caption, and what is said in the video where TikTok has written it down."""
    parsed = {**_research(row), "kind": "caption"}
    yield parsed
    if row.get("voice_to_text"):
        spoken = {name: parsed[name] for name in ("thread_id", "author", "posted_at", "region") if name in parsed}
        yield {
            **spoken,
            "utterance_id": f"{parsed.get('utterance_id')}-voice",
            "text": row["voice_to_text"],
            "kind": "transcript",
        }


_RESEARCH = ("no names of commenters", "no language of comments")

_format = partial(Format, platform="tiktok")

FORMATS = (
    _format(
        name="zeeschuimer-tiktok-posts",
        tool="Zeeschuimer",
        about="posts",
        required=("item_id", "timestamp_collected", "data.desc", "data.author", "data.createTime"),
        values={"source_platform": "tiktok.com"},
        read=captured(video),
        versions={"2: with the text's language": ("data.textLanguage",), "1: of 2023": ("data.createTime",)},
        limitations=("videos of the feed, not of a search alone", "no speech"),
    ),
    _format(
        name="zeeschuimer-tiktok-comments",
        tool="Zeeschuimer",
        about="comments",
        required=("item_id", "timestamp_collected", "data.cid", "data.aweme_id", "data.text"),
        values={"source_platform": "tiktok-comments|tiktok.com"},
        read=_zeeschuimer_comment,
        limitations=("only comments that were scrolled into view", ACCOUNT_REGION),
    ),
    _format(
        name="tiktok-web-comments",
        tool="TikTok's site",
        about="comments",
        required=("comments.cid", "comments.aweme_id", "comments.text", "comments.share_info"),
        forbidden=("comments.ip_label",),  # Douyin's
        record_path=("comments",),
        read=_web_comment,
        envelope=True,
        limitations=(ACCOUNT_REGION,),
    ),
    _format(
        name="tiktok-web-comment-items",
        tool="TikTok's site",
        about="comments",
        required=("cid", "aweme_id", "text", "create_time", "share_info"),
        forbidden=("__import_meta", "ip_label"),
        read=_web_comment,
        limitations=(ACCOUNT_REGION,),
    ),
    _format(
        name="tiktok-web-post-items",
        tool="TikTok's site",
        about="posts",
        required=("id", "desc", "createTime", "author", "stats|statsV2"),
        forbidden=("__import_meta",),
        read=one(video),
        limitations=("no speech",),
    ),
    _format(
        name="pyktok-comments",
        tool="pyktok",
        about="comments",
        required=("cid", "text", "aweme_id", "create_time", "user", "reply_id", "share_info"),
        read=_pyktok,
        kinds=("csv",),
        limitations=("no replies", ACCOUNT_REGION),
    ),
    _format(
        name="pyktok-posts",
        tool="pyktok",
        about="posts",
        required=("video_id", "video_timestamp", "video_description", "author_username"),
        read=read({**VIDEO_ROW, "kind": constant("caption"), "names": several("author_name")}),
        kinds=("csv",),
        assumed_timezone="unknown",
        limitations=("times are of an unknown time zone: only the day is kept", "no language"),
    ),
    _format(
        name="tiktok-research-comments",
        tool="TikTok Research API",
        about="comments",
        required=("data.comments.id", "data.comments.video_id", "data.comments.text"),
        record_path=("data", "comments"),
        read=_research_comment,
        limitations=_RESEARCH,
    ),
    _format(
        name="tiktok-research-comment-items",
        tool="TikTok Research API",
        about="comments",
        required=("id", "video_id", "parent_comment_id", "text", "create_time", "like_count"),
        read=_research_comment,
        kinds=ANY,
        limitations=_RESEARCH,
    ),
    _format(
        name="tiktok-research-posts",
        tool="TikTok Research API",
        about="posts",
        required=("data.videos.video_description", "data.videos.create_time"),
        record_path=("data", "videos"),
        read=research_video,
        versions={"2: with what is said": ("data.videos.voice_to_text",), "1": ("data.videos.create_time",)},
        limitations=("no language", ACCOUNT_REGION),
    ),
    _format(
        name="tiktok-research-post-items",
        tool="TikTok Research API",
        about="posts",
        required=("video_description", "create_time", "region_code"),
        read=research_video,
        kinds=ANY,
        limitations=("no language", ACCOUNT_REGION),
    ),
)
