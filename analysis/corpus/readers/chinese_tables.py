"""Tables with Chinese headers: those of crawlers that say which they are, and any whose columns are named as usual."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from analysis.corpus.readers.fields import Get, ParsedItem, first, first_given, getter, pick
from analysis.corpus.readers.format import ANY, File, Format
from analysis.corpus.readers.mapping import known_columns

_BILIBILI = re.compile(r"(?i:BV)[0-9A-Za-z]{9,}|av\d{2,}")
_NUMBERED = re.compile(r"(?<!\d)\d{15,20}(?!\d)")
_DATE = re.compile(r"(\d{4})[年.](\d{1,2})[月.](\d{1,2})日?\s*(\d{1,2}:\d{2}(?::\d{2})?)?")
# 1dyer names a file of Weibo's comments after account and microblog.
_MICROBLOG = re.compile(r"_([0-9A-Za-z]{9})_评论")

TIMES = ("评论时间", "发布时间", "时间", "发表时间", "回复时间", "创建时间", "日期")
LIKES = ("评论点赞数", "评论点赞数量", "点赞数", "点赞数量", "点赞", "赞", "获赞数")
REPLIES = ("回复数", "回复数量", "评论回复数", "子评论数", "评论数")
ACCOUNTS = (
    *("评论者id", "评论者ID", "评论用户ID", "评论用户id", "评论人ID", "评论人id", "用户ID", "用户id", "用户Id"),
    *("评论作者ID", "评论作者id", "用户标识符", "UID", "uid", "user_id"),
)
#: Who wrote the comment, where a table may tell of the video's author too.
COMMENTERS = (
    *("评论者昵称", "评论者姓名", "评论者", "评论用户昵称", "评论用户", "评论人昵称", "评论人", "评论作者"),
    *("用户昵称", "用户名", "用户名称", "作者ID"),
)
NAMES = (
    *("用户昵称", "用户名", "昵称", "评论者", "评论者昵称", "评论者姓名", "评论作者", "评论用户", "用户名称", "作者"),
    *("微博昵称", "博主昵称", "微博作者"),
)
_PLACES = ("属地", "归属地", "归属", "所在地")
REGIONS = (
    *(f"{of}{ip}{what}" for of in ("", "评论", "评论者") for ip in ("IP", "ip", "IP ", "") for what in _PLACES),
    *("评论IP", "IP地址", "ip", "地区", "评论地区", "ip属地_省份"),
)
THREADS = (
    *("视频ID", "视频id", "作品ID", "作品id", "笔记ID", "笔记id", "微博ID", "微博id", "微博mid", "帖子ID", "文章ID"),
    *("回答ID", "回答id", "回答链接"),
    *("aweme_id", "BV号", "bv号", "bvid", "视频链接", "作品链接", "微博链接", "笔记链接", "链接"),
)
_IDS = ("评论ID", "评论id", "comment_id", "评论编号", "评论标识号", "cid")
_PARENTS = ("回复ID", "父评论ID", "父评论id", "上级评论ID", "上级评论", "一级评论ID", "根评论ID")
_USUAL = frozenset({*TIMES, *LIKES, *REPLIES, *ACCOUNTS, *COMMENTERS, *NAMES, *REGIONS, *THREADS, *_IDS, *_PARENTS})
#: Links that tell the platform, in the columns of threads and of the writer's page.
_LINKS = (
    *(name for name in THREADS if name.endswith("链接")),
    "评论者主页链接",
    "用户主页链接",
    "用户链接",
    "头像链接",
)
_SITES = {
    "xiaohongshu": re.compile(r"xiaohongshu\.com|xhslink\.com|xhscdn\.com"),
    "douyin": re.compile(r"douyin\.com|douyinpic\.com"),
    "bilibili": re.compile(r"bilibili\.com|b23\.tv|hdslb\.com"),
    "weibo": re.compile(r"weibo\.(?:com|cn)|sinaimg\.cn"),
    "kuaishou": re.compile(r"kuaishou\.com"),
    "zhihu": re.compile(r"zhihu\.com"),
    "tieba": re.compile(r"tieba\.baidu\.com"),
    "tiktok": re.compile(r"tiktok\.com"),
    "youtube": re.compile(r"youtube\.com|youtu\.be"),
}


#: What a column is called of which only one platform has the thing.
_CALLED = {
    **dict.fromkeys(("笔记ID", "笔记id", "笔记链接"), "xiaohongshu"),
    **dict.fromkeys(("微博ID", "微博id", "微博mid", "微博链接"), "weibo"),
    **dict.fromkeys(("BV号", "bv号", "bvid"), "bilibili"),
    **dict.fromkeys(("回答ID", "回答id", "回答链接"), "zhihu"),
    "aweme_id": "douyin",
}


def chinese_time(text: object) -> str | None:
    """Return a time as ISO text; as it stands where it counts back from a day that the table does not name.

    >>> chinese_time("2024年7月3日 9:05"), chinese_time("昨天 12:30"), chinese_time("2024-07-03 09:05")
    ('2024-07-03 09:05', '昨天 12:30', '2024-07-03 09:05')
    """
    text = str(text or "").strip()
    if found := _DATE.fullmatch(text):
        year, month, day, clock = found.groups()
        clock = f" 0{clock}" if clock and clock.index(":") == 1 else f" {clock}" if clock else ""
        return f"{year}-{int(month):02d}-{int(day):02d}{clock}"
    return text or None


def site(row: dict[str, Any]) -> str | None:
    """Return the platform that the row's links lead to, else that of which its columns speak."""
    told = " ".join(str(row.get(name) or "") for name in _LINKS)
    linked = next((platform for platform, hosts in _SITES.items() if hosts.search(told)), None)
    return linked or next((platform for name, platform in _CALLED.items() if name in row), None)


def in_file_name(file: File) -> str | None:
    """Return the one id in a file's name that can be a video's or a post's."""
    name = file.own
    found = {*_BILIBILI.findall(name), *_NUMBERED.findall(name), *_MICROBLOG.findall(name)}
    return found.pop() if len(found) == 1 else None


def table(
    text: str, fields: Mapping[str, Get], *, by_names: bool = False
) -> Callable[[dict[str, Any], File], Iterator[ParsedItem]]:
    """Return a reader of rows: the columns as they usually are called, and what a format says otherwise.

    Where ``by_names``, what none of these has may be in a column that is known of any table (``video_id``, ``姓名``).
    """
    usual = {
        "text": text,
        "author": first(*ACCOUNTS, *COMMENTERS, *NAMES),
        "posted_at": lambda row: chinese_time(first_given(row, *TIMES)),
        "likes": first(*LIKES),
        "replies": first(*REPLIES),
        "region": first(*REGIONS),
        "platform": site,
    }
    picked, thread, name = pick({**usual, **fields}), getter(first(*THREADS)), getter(first(*NAMES))

    def read(row: dict[str, Any], file: File) -> Iterator[ParsedItem]:
        more = _otherwise(tuple(row.keys()))(row) if by_names else {}
        under = thread(row) or more.get("thread_id") or in_file_name(file)
        yield {**more, "thread_id": under, **picked(row), "names": (name(row),)}

    return read


@lru_cache(maxsize=64)
def _otherwise(columns: tuple[str, ...]) -> Callable[[dict[str, Any]], ParsedItem]:
    """Return what reads the columns that have none of the usual names, and one that is known of any table."""
    found = known_columns(name for name in columns if name not in _USUAL)
    fields: dict[str, Get] = {
        "author" if name == "speaker" else name: column for name, column in found.items() if name != "text"
    }
    if "posted_at" in found:
        fields["posted_at"] = lambda row: chinese_time(row.get(found["posted_at"]))
    return pick(fields)


COMMENT: dict[str, Get] = {"utterance_id": first(*_IDS), "parent_id": first(*_PARENTS)}
NO_THREAD = "no video id but in the file's name (else every comment is a cluster of its own)"
_BACK = "times that count back (昨天, 3小时前) are left out"


def _format(name: str, tool: str, platform: str, required: tuple[str, ...], **rest: Any) -> Format:  # noqa: ANN401  passed on
    return Format(
        name=name,
        tool=tool,
        platform=platform,
        about="comments",
        required=required,
        kinds=ANY,
        by_names=True,
        **{
            "read": table("评论内容", COMMENT, by_names=True),
            "assumed_timezone": "+08:00",
            "markup": "either",
            "limitations": (NO_THREAD,),
            **rest,
        },
    )


_TABLE = "table with Chinese headers"
_ANY_PLATFORM = ("no platform but by its links and columns: say --platform", _BACK)

FORMATS = (
    _format("chinese-table-comments", _TABLE, "", ("评论内容",), limitations=_ANY_PLATFORM),
    _format(
        "chinese-table-comments-short",
        _TABLE,
        "",
        ("评论", "时间"),
        read=table("评论", COMMENT, by_names=True),
        limitations=_ANY_PLATFORM,
    ),
    _format(
        "1dyer-bilibili-comments",
        "1dyer's Bilibili crawler",
        "bilibili",
        ("序号", "用户等级", "性别", "评论内容", "评论时间", "个性签名"),
        assumed_timezone="UTC",  # it writes the Unix second without the clock of China
        versions={"2: with ids": ("评论ID",), "1: without ids": ("序号",)},
    ),
    _format(
        "1dyer-weibo-comments",
        "1dyer's Weibo crawler",
        "weibo",
        ("评论标识号", "上级评论", "用户标识符", "时间", "评论内容"),
        limitations=("no microblog but in the file's name",),
    ),
    _format(
        "mage-weibo-comments",
        "马哥's Weibo crawler",
        "weibo",
        ("微博id", "评论者姓名", "评论内容"),
        limitations=("does not say which comment a reply answers",),
    ),
    _format(
        "mage-comments",
        "马哥's crawlers",
        "",
        ("笔记链接|视频链接|作品链接|帖子链接", "评论者昵称", "评论内容"),
        limitations=("no ids", "does not say which comment a reply answers", _BACK),
    ),
    _format(
        "mage-douyin-comments",
        "马哥's Douyin crawler",
        "douyin",
        ("评论属性", "cid", "评论内容"),
        limitations=(NO_THREAD, "does not say which comment a reply answers"),
    ),
    _format(
        "redbookspider-comments",
        "RedBookSpider",
        "xiaohongshu",
        ("用户ID", "头像链接", "点赞数量", "IP属地", "评论内容"),
        limitations=("no ids", NO_THREAD, "times are days"),
    ),
)
