"""Weibo: CED reposts, dataabc's three crawlers, and comments as the site's API sends them."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from analysis.corpus.readers.chinese_tables import table
from analysis.corpus.readers.fields import (
    CHILDREN,
    OfFile,
    children,
    constant,
    find,
    first,
    first_given,
    in_name,
    matched,
    read,
    several,
)
from analysis.corpus.readers.format import ANY, File, Format

#: CED names its files after number, microblog and account.
_CED = re.compile(r"(?:^|_)\d+_([0-9A-Za-z]{7,10})_\d{5,}")


def _microblog(file: File) -> str | None:
    found = _CED.search(file.stem)
    return found[1] if found else None


_IN_NAME = OfFile(_microblog)
#: What somebody wrote with a repost; the microblog stands in the file's name.
_REPOST = {
    "utterance_id": "mid",
    "thread_id": _IN_NAME,
    "parent_id": "parent",
    "text": "text",
    "author": "uid",
    "posted_at": "date",
}
#: The microblog that was reposted; its own id, too, stands in the file's name.
_ORIGINAL = {
    "utterance_id": _IN_NAME,
    "thread_id": _IN_NAME,
    "text": "text",
    "posted_at": "time",
    "likes": "likes",
    "replies": "comments",
    "platform_comment_count": "reposts",
    "kind": constant("post"),
}

# weiboSpider writes what was reposted beneath the words of who did it.
_PASSED_ON = re.compile(r"\n?(?:原始用户|转发内容): .*", re.DOTALL)


def _own(row: dict[str, Any]) -> object:
    """Return what the account itself wrote."""
    text = first_given(row, "微博正文", "微博内容", "content")
    return _PASSED_ON.sub("", text.removeprefix("转发理由:").strip()) if isinstance(text, str) else text


_OF_POST = ("微博id", "微博ID", "微博mid", "id", "mid")
_weibo_post = table(
    "微博正文",
    {
        "text": _own,
        "utterance_id": first(*_OF_POST),
        "thread_id": first(*_OF_POST),
        "platform_comment_count": first("评论数"),
        "platform": constant(None),
        "kind": constant("post"),
    },
)

# -- dataabc: weibo-crawler, weiboSpider, weibo-search -----------------------------------------------------------------

#: A file of one account's microblogs is called after it.
_ACCOUNT = in_name(r"^(\d{5,})(?=[._ -])")


def _post(*ids: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401  passed on
    """Return the fields of a microblog, in the names of tables and of JSON."""
    return {
        "utterance_id": ids,
        "thread_id": ids,
        "author": ("user_id", _ACCOUNT),
        "names": several("screen_name", "用户昵称"),
        "likes": ("点赞数", "attitudes_count", "up_num"),
        "replies": ("评论数", "comments_count", "comment_num"),
        "platform_comment_count": ("评论数", "comments_count", "comment_num"),
        "kind": constant("post"),
        **fields,
    }


_CRAWLED = _post("id", text=("正文", "text"), posted_at=("完整日期", "full_created_at", "日期", "created_at"))
_SPIDERED = _post("微博id", "id", text=_own, posted_at=("发布时间", "publish_time"))
_FOUND = _post(
    "id",
    text=("微博正文", "text"),
    author=("user_id", "用户昵称"),
    posted_at=("发布时间", "created_at"),
    region=first("ip"),
    # The words of a row that passes a microblog on are that one's, which has a row of its own.
    problem=lambda row: "a repost of somebody else's words" if row.get("retweet_id") else None,
)
_COMMENTED = {
    "utterance_id": "id",
    "thread_id": "weibo_id",
    "parent_id": ("root_id", "rootid"),
    "text": "text",
    "author": ("user_id", "user_screen_name"),
    "names": several("user_screen_name"),
    "posted_at": "created_at",
    "likes": "like_count",
}

# -- the site's API ----------------------------------------------------------------------------------------------------


_REPLY = {
    "utterance_id": ("idstr", "id"),
    "thread_id": ("mblogid", in_name(r"(?<!\d)\d{16}(?!\d)")),
    "parent_id": ("reply_comment.id", "rootidstr", "rootid"),
    "text": ("text", "text_raw"),
    "author": ("user.idstr", "user.id", "user.screen_name"),
    "names": lambda item: (find(item, "user.screen_name"),),
    "posted_at": "created_at",
    "likes": ("like_count", "like_counts"),
    "replies": "total_number",
    "region": matched(r"来自\s*(\S+)", "source"),
    CHILDREN: children("comments"),
}

_SITE_POST = _post(
    "idstr",
    "id",
    text=("text", "text_raw"),
    author=("user.idstr", "user.id", "user.screen_name"),
    names=several("user.screen_name"),
    posted_at="created_at",
    region=matched(r"发布于\s*(\S+)", "region_name"),
)

_NO_POST = ("no microblog but by the number in the file's name", "no language")


def _format(name: str, tool: str, about: str, required: tuple[str, ...], read_: Any, **rest: Any) -> Format:  # noqa: ANN401  passed on
    return Format(
        name=name,
        tool=tool,
        platform="weibo",
        about=about,
        required=required,
        read=read_,
        **{"assumed_timezone": "+08:00", "kinds": ANY, **rest},
    )


_api = partial(_format, tool="Weibo's site", about="comments", read_=read(_REPLY), kinds=("json", "jsonl"))

FORMATS = (
    _format(
        "weibo-ced-reposts",
        "CED",
        "comments",
        ("mid", "parent", "kids", "uid", "text", "date"),
        read(_REPOST),
        kinds=("json", "jsonl"),
        limitations=("no microblog id but in the file's name", "no likes and no region"),
    ),
    _format(
        "weibo-ced-original",
        "CED",
        "posts",
        ("text", "user.verified_type", "has_url", "reposts", "comments", "time"),
        read(_ORIGINAL),
        kinds=("json", "jsonl"),
        limitations=("no account", "no id but in the file's name"),
    ),
    _format(
        "weibo-table-posts",
        "table with Chinese headers",
        "posts",
        ("微博正文|微博内容",),
        _weibo_post,
        forbidden=("评论内容", "评论"),
        markup="either",
        limitations=("times that count back (昨天, 3小时前) are left out",),
    ),
    _format(
        "weibo-crawler-posts",
        "dataabc/weibo-crawler",
        "posts",
        ("id", "bid", "正文", "点赞数", "转发数"),
        read(_CRAWLED),
        markup="html",
        versions={"2: with the second": ("完整日期",), "1: with the day": ("日期",)},
        limitations=("no account but in the file's name", "no region"),
        of_account=True,
    ),
    _format(
        "weibo-crawler-post-items",
        "dataabc/weibo-crawler",
        "posts",
        ("weibo.bid", "weibo.text", "weibo.attitudes_count", "weibo.reposts_count"),
        read(_CRAWLED),
        kinds=("json", "jsonl"),
        record_path=("weibo",),
        markup="html",
        limitations=("no region",),
        of_account=True,
    ),
    _format(
        "weibo-crawler-rows",
        "dataabc's crawlers (database)",
        "posts",
        ("id", "bid", "text", "attitudes_count", "reposts_count", "created_at", "topics"),
        read(_CRAWLED),
        markup="html",
        limitations=("no region",),
    ),
    _format(
        "weibo-crawler-comments",
        "dataabc/weibo-crawler",
        "comments",
        ("id", "weibo_id", "user_screen_name", "text", "created_at"),
        read(_COMMENTED),
        markup="html",
        limitations=("no accounts but by name", "no region"),
        of_account=True,
    ),
    _format(
        "weibospider-posts",
        "dataabc/weiboSpider",
        "posts",
        ("微博id", "微博正文", "头条文章url", "发布工具", "点赞数"),
        read(_SPIDERED),
        markup="either",
        limitations=("no account but in the file's name", "no region"),
        of_account=True,
    ),
    _format(
        "weibospider-post-items",
        "dataabc/weiboSpider",
        "posts",
        ("weibo.content", "weibo.publish_time", "weibo.up_num"),
        read(_SPIDERED),
        kinds=("json", "jsonl"),
        record_path=("weibo",),
        limitations=("no account but in the file's name", "no region"),
        of_account=True,
    ),
    _format(
        "weibo-search-posts",
        "dataabc/weibo-search",
        "posts",
        ("id", "bid", "user_id", "用户昵称", "微博正文", "发布时间"),
        read(_FOUND),
        markup="either",
        versions={"2: with region": ("ip",), "1": ("bid",)},
        limitations=("reposts are left out: the words are another's",),
    ),
    _api(
        "weibo-hotflow-comments",
        required=("data.data.rootid", "data.data.text", "data.data.user"),
        record_path=("data", "data"),
        markup="html",
        limitations=_NO_POST,
    ),
    _api(
        "weibo-site-comments",
        required=("data.rootid", "data.text", "data.user.screen_name", "data.created_at"),
        record_path=("data|rootComment",),  # what the replies of a page answer stands beside them
        markup="html",
        limitations=_NO_POST,
    ),
    _api(
        "weibo-comment-items",
        required=("rootid", "text", "user.screen_name", "created_at"),
        markup="html",
        limitations=_NO_POST,
    ),
    _api(
        "weibo-site-post-items",
        about="posts",
        required=("id", "mblogid|bid", "text", "attitudes_count", "user.screen_name", "created_at"),
        read_=read(_SITE_POST),
        markup="html",
        limitations=("long posts are cut", "no language"),
    ),
)
