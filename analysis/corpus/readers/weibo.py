"""Weibo and other Chinese tables: CED reposts, Bilibili crawlers, tables with Chinese headers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from analysis.corpus.readers.fields import ParsedItem, constant, first_given, pick
from analysis.corpus.readers.format import ANY, File, Format

#: CED names its files after number, microblog and account.
_CED = re.compile(r"(?:^|_)\d+_([0-9A-Za-z]{7,10})_\d{5,}")
_BILIBILI = re.compile(r"(?i:BV)[0-9A-Za-z]{10}|av\d{2,}")
_NUMBERED = re.compile(r"(?<!\d)\d{15,20}(?!\d)")
_PLACE = re.compile(r"(?:IP属地|IP归属地|IP所在地|发布于|来自)\s*[:\uff1a]?\s*")
_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日\s*(\d{1,2}:\d{2}(?::\d{2})?)?")
_ADDRESS = re.compile(r"\d[.:]\d|::")
# "3小时前", "昨天 12:30", "07-30", "7月30日": of which day or year, only who was there knows.
_UNTIL_NOW = re.compile(r".*(?:前|刚刚|昨天|今天|前天).*|\d{1,2}[-月]\d{1,2}日?(?:\s.*)?", re.DOTALL)


def _microblog(file: File) -> str | None:
    found = _CED.search(file.stem)
    return found[1] if found else None


_repost = pick({"utterance_id": "mid", "parent_id": "parent", "text": "text", "author": "uid", "posted_at": "date"})
_original = pick(
    {"text": "text", "posted_at": "time", "likes": "likes", "replies": "comments", "platform_comment_count": "reposts"},
)


def _ced_repost(record: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield what somebody wrote with a repost; the microblog stands in the file's name."""
    yield {**_repost(record), "thread_id": _microblog(file)}


def _ced_original(record: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield the microblog that was reposted; its own id, too, stands in the file's name."""
    mid = _microblog(file)
    yield {**_original(record), "utterance_id": mid, "thread_id": mid, "kind": "post"}


def _bilibili_reader(
    fields: Mapping[str, Any], time: str, account: str, *also: str
) -> Callable[[dict[str, Any], File], Iterator[ParsedItem]]:
    picked = pick({"text": "content", "posted_at": time, "author": account, **fields})

    def read(record: dict[str, Any], file: File) -> Iterator[ParsedItem]:
        found = _BILIBILI.search(file.name)
        thread = found[0] if found else None
        yield {**picked(record), "thread_id": thread, "apart": "|".join(str(record.get(part)) for part in also)}

    return read


_bilibili_comment = _bilibili_reader({"likes": "likes", "region": "ip_location"}, "time", "username")
_danmaku = _bilibili_reader({"position": "video_time"}, "real_time", "user_hash", "video_time")

_TIMES = ("评论时间", "发布时间", "时间", "发表时间", "回复时间", "创建时间")
_LIKES = ("点赞数", "点赞数量", "点赞", "赞", "获赞数")
_REPLIES = ("回复数", "回复数量", "子评论数", "评论数")
_ACCOUNTS = ("用户ID", "用户id", "用户Id", "UID", "uid", "user_id", "作者ID")
_NAMES = ("用户昵称", "用户名", "昵称", "评论者", "评论用户", "用户名称", "作者", "微博昵称", "博主昵称")
_REGIONS = ("IP属地", "IP归属地", "ip属地", "IP所在地", "ip", "地区", "属地", "评论地区")
_THREADS = (
    *("视频ID", "视频id", "作品ID", "作品id", "笔记ID", "笔记id", "微博ID", "微博id", "微博mid", "帖子ID", "文章ID"),
    *("aweme_id", "BV号", "bv号", "bvid", "视频链接", "作品链接", "微博链接", "笔记链接", "链接"),
)
_IDS = ("评论ID", "评论id", "comment_id", "评论编号")
_PARENTS = ("回复ID", "父评论ID", "父评论id", "上级评论ID", "一级评论ID", "根评论ID")


def _first(*names: str) -> Callable[[dict[str, Any]], object]:
    return lambda row: first_given(row, *names)


def chinese_time(text: object) -> str | None:
    """Return a time as ISO text; none where it counts back from a day that the table does not name.

    >>> chinese_time("2024年7月3日 9:05"), chinese_time("昨天 12:30"), chinese_time("2024-07-03 09:05")
    ('2024-07-03 09:05', None, '2024-07-03 09:05')
    """
    text = str(text or "").strip()
    if found := _DATE.fullmatch(text):
        year, month, day, clock = found.groups()
        clock = f" 0{clock}" if clock and clock.index(":") == 1 else f" {clock}" if clock else ""
        return f"{year}-{int(month):02d}-{int(day):02d}{clock}"
    return None if not text or _UNTIL_NOW.fullmatch(text) else text


def _region(row: dict[str, Any]) -> str | None:
    place = _first(*_REGIONS)(row)
    # The number of somebody's connection is no place, and nobody's to keep.
    if not isinstance(place, str) or _ADDRESS.search(place):
        return None
    return _PLACE.sub("", place).strip()


def _table(text: str, **fields: Any) -> Callable[[dict[str, Any], File], Iterator[ParsedItem]]:  # noqa: ANN401  passed on
    thread = _first(*_THREADS)
    picked = pick(
        {
            "text": text,
            "author": _first(*_ACCOUNTS, *_NAMES),
            "posted_at": lambda row: chinese_time(_first(*_TIMES)(row)),
            "likes": _first(*_LIKES),
            "replies": _first(*_REPLIES),
            "region": _region,
            **fields,
        }
    )

    def read(row: dict[str, Any], file: File) -> Iterator[ParsedItem]:
        yield {"thread_id": thread(row) or _in_name(file), **picked(row), "names": (_first(*_NAMES)(row),)}

    return read


def _in_name(file: File) -> str | None:
    """Return the one id in a file's name that can be a video's or a post's."""
    name = file.name.rsplit("/", 1)[-1]
    found = {*_BILIBILI.findall(name), *_NUMBERED.findall(name)}
    return found.pop() if len(found) == 1 else None


_COMMENT = {"utterance_id": _first(*_IDS), "parent_id": _first(*_PARENTS)}
_weibo_post = _table(
    "微博正文",
    utterance_id=_first("微博id", "微博ID", "微博mid", "id", "mid"),
    thread_id=_first("微博id", "微博ID", "微博mid", "id", "mid"),
    platform_comment_count=_first("评论数"),
    kind=constant("post"),
)

_NO_THREAD = "no video id but in the file's name (else every comment is a cluster of its own)"


def _comment_table(name: str, text: str, *also: str) -> Format:
    return Format(
        name=name,
        tool="table with Chinese headers",
        platform="",
        about="comments",
        required=(text, *also),
        read=_table(text, **_COMMENT),
        kinds=ANY,
        assumed_timezone="+08:00",
        limitations=("no platform: say --platform", "times that count back (昨天, 3小时前) are left out"),
    )


FORMATS = (
    Format(
        name="weibo-ced-reposts",
        tool="CED",
        platform="weibo",
        about="comments",
        required=("mid", "parent", "kids", "uid", "text", "date"),
        read=_ced_repost,
        assumed_timezone="+08:00",
        limitations=("no microblog id but in the file's name", "no likes and no region"),
    ),
    Format(
        name="weibo-ced-original",
        tool="CED",
        platform="weibo",
        about="posts",
        required=("text", "user.verified_type", "has_url", "reposts", "comments", "time"),
        read=_ced_original,
        assumed_timezone="+08:00",
        limitations=("no account", "no id but in the file's name"),
    ),
    Format(
        name="bilibili-crawler-comments",
        tool="Bilibili crawler",
        platform="bilibili",
        about="comments",
        required=("content", "username", "time", "ip_location", "user_level", "likes"),
        read=_bilibili_comment,
        kinds=("csv",),
        assumed_timezone="+08:00",
        limitations=("no ids (what one account says twice in one second counts once)", _NO_THREAD, "no replies"),
    ),
    Format(
        name="bilibili-crawler-danmaku",
        tool="Bilibili crawler",
        platform="bilibili",
        about="comments",
        required=("video_time", "real_time", "content", "user_hash"),
        read=_danmaku,
        kinds=("csv",),
        assumed_timezone="+08:00",
        limitations=(
            "no ids (what one account says twice in one second counts once)",
            _NO_THREAD,
            "no likes, no region",
        ),
    ),
    _comment_table("chinese-table-comments", "评论内容"),
    _comment_table("chinese-table-comments-short", "评论", "时间"),
    Format(
        name="weibo-table-posts",
        tool="table with Chinese headers",
        platform="weibo",
        about="posts",
        required=("微博正文",),
        read=_weibo_post,
        kinds=ANY,
        assumed_timezone="+08:00",
        limitations=("times that count back (昨天, 3小时前) are left out",),
    ),
)
