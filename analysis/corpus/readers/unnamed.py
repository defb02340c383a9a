"""Columns of no known name: which of them may say what a comment stands under or who wrote it, and the question."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from analysis.corpus.cells import Watched
from analysis.corpus.convert import missing
from analysis.corpus.links import thread_id
from analysis.corpus.readers.column_names import SIMPLE
from analysis.corpus.readers.fields import FAULTS, ParsedItem, find
from analysis.corpus.readers.format import File, Match, read_records
from analysis.corpus.readers.records import Sample
from analysis.corpus.readers.source import Source
from analysis.errors import InputError, argument

_WORD = r"(?<![a-z])(?:{})s?(?![a-z])"
#: What the video or post is called that a comment stands under, the likeliest first; names are as :func:`_apart` has
#: them.
_THREAD = tuple(
    re.compile(words)
    for words in (
        _WORD.format("aid|vid|note|tweet|pin")
        + r"|\b[a-z]?id\b|_id\b|^id|video|clip|url|link|post|thread|aweme|bv"
        + "|视频|链接|帖|笔记|作品|编号|微博|博文|网址|动画|영상|글번호|게시글|게시물|видео|vid[eé]o|vídeo",
        _WORD.format("yt|youtube|tiktok|bilibili|weibo|episode|movie|film|title|article|story|item|media|song|stream")
        + "|title|标题|影片|电影|文章|主题|节目|剧集|直播|动态|问题|기사|记事|статья",
        _WORD.format("source|chat|channel|page|forum|subreddit|show") + "|来源|频道|出处|贴吧",
    )
)
_SPEAKER = re.compile(
    _WORD.format(
        "who|person|from|nick|commenter|contributor|poster|speaker|sender|account|handle|participant|respondent|"
        "user|author|name|member|blogger|writer"
    )
    + "|nickname|username|用户|作者|发送者|发送人|发言人|博主|楼主|网友|账号|姓名|昵称|发布者"
)
#: What else is told of a video, an account or a comment: how many, when, of which kind, by whom, how it looks.
_OF_IT = re.compile(
    r"(?:count|number|num|like|view|time|date|_at|length|duration|type|lang|language|status|level|score|rating)s?$"
    r"|^notes$|^(?:is|has|reply|in_reply|parent|root|num|number|row)_|^repl(?:y|ies)\.|^comments?_(?:url|link|id)$|^urls?_in_|avatar|profile|thumb|image|picture|photo"
    r"|head_?url|icon|^_?id$|\._$|头像|主页|图片|图像|封面|^(?:回复|父|根|上级|一级)|^评论(?:链接|地址|id)$|性别|签名|[数量]$|时间|日期|时长|类型|等级|状态"
)
#: What repeats in a table and is no thread: codes of whoever made it, and what is known of people and places.
_CODES = re.compile(
    r"label|class|categor|topic|group|cluster|sentiment|emotion|polarity|stance|tone|mood|theme|gender|sex|\bage\b|"
    r"countr|region|cit(?:y|ies)|location|place|lang|verified|device|client|cod(?:e|er|ing)|annotat|split|fold|note|"
    r"tag|标签|分类|类别|话题|情感|情绪|立场|性别|年龄|国家|地区|城市|省|地|认证|是否|设备|语言|备注|编码|签名"
)
#: How an address goes on that is one post's or video's.
_A_POST = re.compile(r"/(?:posts|permalink|videos?|reels?|status|watch|story\.php|photo)[/?]")
_ADDRESS = re.compile(r"https?://[^\s,;|]{4,}")
#: Bilibili's, YouTube's as yt-dlp writes it, TikTok's and Douyin's.
_IN_NAME = re.compile(r"(?<![0-9A-Za-z])BV1[0-9A-Za-z]{9}(?![0-9A-Za-z])|\[[\w-]{11}\]|(?<!\d)[67]\d{17,18}(?!\d)")
_NUMBER = re.compile(r"[-+]?[\d.,:/\s-]+")
#: So many records are looked at.
_SEEN = 200
_FEWEST = 4
_NAMED = 20


class ColumnsError(InputError):
    """A table is read once ``--columns`` says, or says otherwise, which of its columns is what."""


def _apart(name: str) -> str:
    """Return a name in small letters and simplified characters, its words apart.

    >>> _apart("videoTitle"), _apart("Video ID"), _apart("conversation_id_str"), _apart("標題")
    ('video_title', 'video_id', 'conversation_id', '标题')
    """
    apart = re.sub(r"[\s-]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).lower().removesuffix("_str")
    return apart.translate(SIMPLE)


def _repeats(values: Iterable[object]) -> bool:
    """Tell whether words stand in a column again and again, as what stands under one video does."""
    words = [text for value in values if isinstance(value, str) and not missing(text := value.strip())]
    several = 1 < len(set(words)) <= len(words) / 2
    return several and len(words) >= _FEWEST and not any(_NUMBER.fullmatch(word) for word in words)


def may_be_threads(names: Sequence[str], rows: Sequence[dict[str, Any]] = ()) -> list[str]:
    """Return which columns of no known name may say the video or post, the likeliest first.

    Those whose name says so, unless nothing stands in them; then those of words that repeat from row to row, and are
    neither codes nor accounts.

    >>> may_be_threads(["标题", "likes", "videoUrl", "mood"])
    ['videoUrl', '标题']
    """
    left = {name: _apart(name) for name in names if not rows or any(not missing(find(row, name)) for row in rows)}
    left = {name: apart for name, apart in left.items() if not _OF_IT.search(apart) and not _is_account(apart)}
    found = [name for words in _THREAD for name, apart in left.items() if words.search(apart)]
    found += [
        name
        for name, apart in left.items()
        if not _CODES.search(apart) and not _SPEAKER.search(apart) and _repeats(find(row, name) for row in rows)
    ]
    return list(dict.fromkeys(found))


def _is_account(apart: str) -> bool:
    """Tell whether a name is of an account, and not of the video or post (``video_name``)."""
    whose = re.search(r"user|author|commenter|用户|作者|博主|昵称|姓名|账号", apart)
    # An account's id is one (``sender_id``, ``from.id``), and must never stand for the video: it is kept as written.
    bare = re.sub(r"[._]?(?:id|url|link)$", "", apart)
    whose = whose or _SPEAKER.fullmatch(bare)
    return bool(whose or (_SPEAKER.search(bare) and not any(words.search(bare) for words in _THREAD)))


def may_be_speakers(names: Sequence[str]) -> list[str]:
    """Return which columns of no known name may say who wrote it, ids before names.

    >>> may_be_speakers(["who", "video_name", "user_avatar", "发送者"])
    ['who', '发送者']
    """
    found = [name for name in names if _is_account(_apart(name)) and not _OF_IT.search(_apart(name))]
    return sorted(found, key=lambda name: not re.search(r"[._]id$", _apart(name)))


def as_option(mapping: Mapping[str, str]) -> str:
    """Return a mapping as it is given on a command line.

    >>> as_option({"text": "words", "thread_id": "video id"})
    '--columns "text=words,thread_id=video id"'
    """
    text = ",".join(f"{name}={column}" for name, column in mapping.items())
    if re.fullmatch(r"[\w=,.\-]+", text):
        return f"--columns {text}"
    return f"--columns {argument(text)}"


def under_one(read: Callable[..., Iterable[ParsedItem]]) -> Callable[..., Iterator[ParsedItem]]:
    """Return a reader whose rows stand under the video or post that the file is of, if one is told.

    By the address above the header, else by an id in the file's name that is nothing else.
    """

    def read_under(record: dict[str, Any], file: File) -> Iterator[ParsedItem]:
        above = " ".join(str(cell) for row in file.envelope.get("above", ()) for cell in row)
        thread = _thread_of(above, file.own)
        for item in read(record, file):
            yield item if thread is None or item.get("thread_id") else {**item, "thread_id": thread}

    return read_under


@lru_cache(maxsize=64)
def _thread_of(above: str, name: str) -> str | None:
    """Return the video or post whose address stands above a header, or which a file's name is of; None of several."""
    found_in = {thread_id(address): address for address in _ADDRESS.findall(above)}
    # A post's address stays one: whose page it is on becomes a pseudonym later, and tells it from others.
    linked = {
        address if "://" in thread else thread
        for thread, address in found_in.items()
        if "://" not in thread or _A_POST.search(thread)
    }
    for found in (linked, set(_IN_NAME.findall(name))):
        if len(found) == 1:
            return found.pop().strip("[]")
    return None


def ask(source: Source, begun: Sample, match: Match, mapping: Mapping[str, str], names: Sequence[str]) -> None:
    """Refuse a file that does not say what comments stand under, where a column of no known name may say it.

    Parameters
    ----------
    match : Match
        How the file would be read.
    mapping : mapping
        Corpus column to file column, by the names that are known.
    names : sequence of str
        The file's columns.

    Raises
    ------
    ColumnsError
        With the mapping to use, whole.

    """
    rows: list[dict[str, Any]] = []
    asked = set(mapping.values())
    platforms: set[str] = set()
    for record, file in islice(read_records(source, match, begun), _SEEN):
        try:
            found = list(match.format.items(Watched(record.value, asked), file)) if record.problem is None else []
        except FAULTS:
            continue
        if any(not missing(item.get("thread_id")) for item in found):
            return
        rows.append(record.value)
        platforms |= {str(item["platform"]) for item in found if item.get("platform")}
    left = [name for name in names if name not in asked]
    threads = may_be_threads(left, rows)
    speakers = may_be_speakers(left) if "speaker" not in mapping else []
    # In a folder much else may lie about: words and a name alone are not known to be comments there.
    if not threads and (not speakers or (source.inside and len(mapping) == 1)):
        return
    guess = {"thread_id": threads[0]} if threads else {}
    guess |= {"speaker": speakers[0]} if speakers else {}
    # Read by a mapping, a table is no longer of the format that knew its clock and its platform.
    also = f" --platform {platforms.pop()}" if len(platforms) == 1 and "platform" not in mapping else ""
    zone = match.format.assumed_timezone
    also += f" --timezone {zone}" if zone != "UTC" and "posted_at" in mapping else ""
    which = "if it is" if threads else "no column looks like it; if who wrote it is"
    problem = (
        "does not say by a known name which column is the video or post that a comment stands under, and without one "
        f"each comment would be a cluster of its own; {which} {' and '.join(guess.values())}: "
        f"{as_option({**mapping, **guess})}{also} (else without {' and '.join(guess)}; "
        f"columns of no known name: {', '.join(left[:_NAMED])})"
    )
    raise ColumnsError(problem, file=source.name)
