"""Bilibili: danmaku as XML (yt-dlp, BBDown, recorders), and replies as the site's API sends them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any
from xml.etree.ElementTree import ParseError

from analysis.corpus.readers.chinese_tables import NO_THREAD
from analysis.corpus.readers.fields import (
    CHILDREN,
    Get,
    ParsedItem,
    children,
    find,
    first,
    first_given,
    guarded,
    in_name,
    literal,
    marked,
    pick,
    read,
)
from analysis.corpus.readers.format import ANY, File, Format
from analysis.corpus.readers.mapping import known_columns
from analysis.corpus.readers.records import Sample

_VIDEO = in_name(r"(?i:BV)[0-9A-Za-z]{10}|(?<![0-9A-Za-z])av\d{2,}")
_DECLARED = re.compile(r"\s{0,20}<\?xml[^>]{0,200}\?>")
_BEGINS = re.compile(
    r"\s{0,20}(?:<\?xml[^>]{0,200}\?>\s{0,20})?(?:<\?xml-stylesheet[^>]{0,200}\?>\s{0,20})?<i>.{0,4000}?<d p=\"",
    re.DOTALL,
)
# Danmaku hold signs that XML does not know, and whoever wrote the file did not look. A byte that is no text stays.
_NO_XML = re.compile(
    "[^\t\n\r\u0020-\ud7ff\udc80-\udcff\ue000-\ufffd\U00010000-\U0010ffff]|&#(?:[0-8]|1[124-9]|2\\d|3[01]|x[0-8]);"
)
_CHAT = re.compile(r"<chatid>\s*(?!0\s*<)([^<\s]+)\s*</chatid>")  # of a stream it is 0
_STREAM = re.compile(
    r'<BililiveRecorderRecordInfo\b[^>]{0,200}?\sroomid="(\d+)"(?:[^>]{0,400}?\sstart_time="([\d-]{10}))?'
)
#: A danmaku, or in a recorded stream what somebody paid for (``sc``).
_BEGIN, _CLOSE = re.compile(r"<(d|sc)(?=[\s/>])"), "</{}>"
#: What stands in ``p``: second, mode, size, colour, Unix second, pool, account, id; newer files add a weight.
_SECOND, _MODE, _TIME, _ACCOUNT, _ID = 0, 1, 4, 6, 7
#: Modes: words that move as a list beside them says, and programs.
_MOVED, _PROGRAMS = "7", {"8", "9"}


def _is_danmaku(sample: Sample) -> bool:
    return _BEGINS.match(sample.text) is not None


def _danmaku(record: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield the danmaku of a file, each read by itself: one that is no XML costs no other."""
    from defusedxml.ElementTree import fromstring  # noqa: PLC0415  only who has danmaku pays for it

    text = _NO_XML.sub("", _DECLARED.sub("", record["text"], count=1))
    found, stream, end = _CHAT.search(text), _STREAM.search(text), 0
    thread = _VIDEO.look(file) or (found and f"cid{found[1]}")
    thread = thread or (stream and "-".join(filter(None, (f"live{stream[1]}", stream[2]))))
    begins = [(found.start(), _CLOSE.format(found[1])) for found in _BEGIN.finditer(text)]
    for (begin, close), (after, _) in zip(begins, [*begins[1:], (len(text), "")], strict=True):
        closed = text.find(close, begin, after) + len(close)
        # One without words may be closed where it begins.
        end = closed if closed >= len(close) else text.find("/>", begin, after) + 2
        try:
            node = fromstring(text[begin:end], forbid_dtd=True)
        except (ParseError, ValueError):  # defusedxml's own are ValueErrors
            yield {"problem": "not valid XML"}
            continue
        told = [*node.get("p", node.get("ts", "")).split(","), *[""] * _ID]
        yield {
            "utterance_id": f"dm{told[_ID]}" if told[_ID].strip("0") else None,
            "thread_id": thread,
            "text": _words(node.text, told[_MODE]),
            "author": told[_ACCOUNT] or node.get("uid") or node.get("user"),
            "names": (node.get("user"),),
            "posted_at": told[_TIME],
            "position": told[_SECOND],
            "apart": told[_SECOND],
            **({"problem": "a program, not words"} if told[_MODE] in _PROGRAMS else {}),
        }
    if end > 1 and "</i>" not in text[end:]:  # the last was whole
        yield {"problem": "not valid XML: the file ends too early"}


def _words(text: str | None, mode: str | None) -> str | None:
    """Return what a danmaku says; of one that moves, the words among the numbers that say how."""
    moved = literal(text) if mode == _MOVED else None
    return moved[4] if isinstance(moved, list) and len(moved) > 4 and isinstance(moved[4], str) else text  # noqa: PLR2004


def _position(shown: dict[str, Any]) -> float | None:
    """Return the second of a danmaku; what is 0 is left out of such messages."""
    if (second := shown.get("dm_time")) is None:
        return float(shown.get("progress") or 0) / 1000
    return float(second)


#: As protobuf's JSON calls things, as Python's code for it does, and as bilibili-api does.
_SEGMENT = {
    "utterance_id": marked("dm", first("idStr", "id_str", "dmid", "id", "id_")),
    "thread_id": _VIDEO,
    "text": lambda shown: _words(shown.get("content", shown.get("text")), str(shown.get("mode"))),
    "author": first("midHash", "mid_hash", "crc32_id"),
    "posted_at": ("ctime", "send_time"),
    "position": _position,
    "problem": lambda shown: "a program, not words" if str(shown.get("mode")) in _PROGRAMS else None,
}
_REPLY = {
    "utterance_id": ("rpid_str", "rpid"),
    "parent_id": ("parent_str", "parent"),
    "text": "content.message",
    "author": ("mid_str", "mid", "member.mid", "member.uname"),
    "names": lambda reply: (find(reply, "member.uname"),),
    "posted_at": "ctime",
    "likes": "like",
    "replies": ("rcount", "count"),
    "region": "reply_control.location",
}
#: What the comments of a page stand under, by the ``type`` of each: a video, a column, else what its number says.
_UNDER = {"1": "av", "12": "cv"}


def _thread(reply: dict[str, Any]) -> str | None:
    """Return what a reply stands under; videos are ``av123`` everywhere."""
    mark = _UNDER.get(str(reply.get("type", "1")), "")
    return marked(mark, ("oid_str", "oid"))(reply)  # type: ignore[operator]


_REPLY |= {"thread_id": _thread}
_ITEM = read({**_REPLY, CHILDREN: children("replies")})
_PAGE = ("replies", "top_replies", "hots")


#: What stands on top of a page of comments, and what the replies of a page are to.
_ABOVE = ("top.upper", "top.admin", "upper.top", "root")


def _page(page: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield the replies of a page, and those that stand on top of it; it says who posted the video."""
    upper, total = find(page, "upper.mid"), find(page, "cursor.all_count") or find(page, "page.acount")
    replies = [reply for name in _PAGE for reply in page.get(name) or ()]
    there = {find(reply, "rpid") for reply in replies}
    above = {find(reply, "rpid"): reply for name in _ABOVE if isinstance(reply := find(page, name), dict)}
    replies += [reply for number, reply in above.items() if number is not None and number not in there]
    for reply in replies:
        for parsed in guarded(_ITEM, reply, file):
            own = {"uploader": True} if upper and parsed.get("author") == upper else {}
            yield {**parsed, **own, **({"platform_comment_count": total} if total else {})}


# -- tables of replies -------------------------------------------------------------------------------------------------

#: What only this site calls so; the rest as people call it.
_WORDS = ("content.message", "content_message", "message", "content", "text", "comment", "评论内容", "评论")
_OWN = pick(
    {
        "utterance_id": first("rpid_str", "rpid"),
        "parent_id": first("parent_str", "parent_rpid", "parent"),
        "text": first(*_WORDS),
        "author": first("mid_str", "mid", "member.mid", "member_mid", "user_mid"),
        "posted_at": first("ctime"),
        "likes": first("like"),
        "replies": first("rcount", "count"),
        "region": first("reply_control.location", "reply_control_location", "location", "IP", "ip"),
    }
)
_UNAMES = ("member.uname", "member_uname", "uname")


def _row(row: dict[str, Any], file: File) -> Iterator[ParsedItem]:
    """Yield a reply of a table whose columns are called as the site or as people call them."""
    item = _known(tuple(row.keys()))(row) | _OWN(row)
    name = first_given(row, *_UNAMES)
    thread = item.get("thread_id") or _VIDEO.look(file)
    if str(thread).isdecimal():
        kind = str(row.get("type"))
        thread = f"{_UNDER.get(kind, '') if kind.isdecimal() else 'av'}{thread}"
    yield {"author": name, **item, "thread_id": thread, "names": (name,)}


@lru_cache(maxsize=64)
def _known(columns: tuple[str, ...]) -> Callable[[dict[str, Any]], ParsedItem]:
    found = known_columns(columns)
    return pick({"author" if name == "speaker" else name: column for name, column in found.items()})


# -- a crawler whose tables have no ids --------------------------------------------------------------------------------


def _table(fields: Mapping[str, Get], *also: str) -> Callable[[dict[str, Any], File], Iterator[ParsedItem]]:
    """Return a reader of rows without ids; ``also`` names what else tells a row from another."""

    def tell_apart(parsed: ParsedItem, row: dict[str, Any]) -> None:
        parsed["apart"] = "|".join(str(row.get(name)) for name in also)

    return read({"text": "content", "thread_id": _VIDEO, **fields}, tell_apart)


_COMMENT = {"posted_at": "time", "author": "username", "likes": "likes", "region": "ip_location"}
_SHOWN = {"posted_at": "real_time", "author": "user_hash", "position": "video_time"}
_NO_IDS = "no ids (what one account says twice in one second counts once)"

_format = partial(Format, tool="Bilibili's site", platform="bilibili", about="comments")

FORMATS = (
    _format(
        name="bilibili-danmaku",
        required=(),
        read=_danmaku,
        kinds=("xml",),
        sniff=_is_danmaku,
        sniff_hint='<i> and <d p="…"> beneath it',
        limitations=("no video id but in the file's name (else the number of its chat)", "no likes, no region"),
    ),
    _format(
        name="bilibili-danmaku-segments",
        required=("content|text", "midHash|mid_hash|crc32_id", "ctime|send_time", "progress|dm_time"),
        read=read(_SEGMENT),
        kinds=ANY,
        limitations=("no video id but in the file's name", "no likes, no region"),
    ),
    _format(
        name="bilibili-replies",
        required=("data.replies.rpid", "data.replies.content.message", "data.replies.oid"),
        record_path=("data",),
        forbidden=("data.rpid",),  # a list of replies, which have replies
        read=_page,
        limitations=("no language",),
    ),
    _format(
        name="bilibili-reply-pages",
        required=("replies.rpid", "replies.content.message", "replies.oid"),
        forbidden=("rpid",),
        read=_page,
        limitations=("no language",),
    ),
    _format(
        name="bilibili-reply-items",
        required=("rpid", "content.message", "oid", "ctime"),
        read=_ITEM,
        limitations=("no language",),
    ),
    _format(
        name="bilibili-reply-table",
        tool="table of Bilibili's replies",
        required=("rpid", "|".join(_WORDS)),
        read=_row,
        kinds=ANY,
        assumed_timezone="+08:00",
        by_names=True,
        limitations=("no language",),
    ),
    _format(
        name="bilibili-crawler-comments",
        tool="Bilibili crawler",
        required=("content", "username", "time", "ip_location", "user_level", "likes"),
        read=_table(_COMMENT),
        kinds=("csv",),
        assumed_timezone="+08:00",
        limitations=(_NO_IDS, NO_THREAD, "no replies"),
    ),
    _format(
        name="bilibili-crawler-danmaku",
        tool="Bilibili crawler",
        required=("video_time", "real_time", "content", "user_hash"),
        read=_table(_SHOWN, "video_time"),
        kinds=("csv",),
        assumed_timezone="+08:00",
        limitations=(_NO_IDS, NO_THREAD, "no likes, no region"),
    ),
)
