"""Fields of a parsed item as the corpus holds them: words, ids, languages, of which the wrong ones are refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from analysis.corpus.convert import LOST, missing, whole_id
from analysis.corpus.schema import ACCEPTED, LANGUAGE_OF, LANGUAGES

#: What platforms write for a language that they do not know.
_NO_TAG = frozenset({"un", "xx", "und", "qme", "zxx", "qht", "qam", "qct", "qst", "art"})
#: What platforms are called at home, and for short, in small letters and digits alone.
_ALSO_CALLED = {
    name: platform
    for platform, names in {
        "twitter": "x xtwitter twitterx xformerlytwitter 推特",
        "youtube": "yt 油管",
        "facebook": "fb fbwatch",
        "instagram": "ig insta",
        "xiaohongshu": "rednote xhs 小红书",
        "bilibili": "bili b23tv b站 哔哩哔哩",
        "bluesky": "bsky bskyapp",
        "telegram": "tme",
        "weibo": "weibocn 微博 新浪微博",
        "vk": "vkru вконтакте",
        "douyin": "抖音",
        "kuaishou": "快手",
        "tieba": "贴吧 百度贴吧",
        "zhihu": "知乎",
    }.items()
    for name in names.split()
}
#: What the corpus calls those that formats and people name.
PLATFORMS = (
    *("bilibili", "bluesky", "discord", "douyin", "facebook", "instagram", "kuaishou", "mastodon", "naver", "reddit"),
    *("telegram", "threads", "tieba", "tiktok", "truthsocial", "twitter", "vk", "weibo", "xiaohongshu", "youtube"),
    "zhihu",
)
#: Platforms whose names have more than one capital.
_WRITTEN = {"tiktok": "TikTok", "youtube": "YouTube", "vk": "VK", "truthsocial": "Truth Social"}
#: What sites write before a place; and what in its column is no place, but the number of somebody's connection.
_BEFORE_PLACE = re.compile(r"^\s*(?:IP\s*(?:属地|归属地|归属|所在地)|发布于|来自)\s*[:\uff1a]?\s*", re.IGNORECASE)
_ADDRESS = re.compile(r"\d[.:]\d|::|@|^[\d +()-]{8,}$")
#: A spreadsheet keeps so many digits of a number, of ids of so many. Six zeros in the place of digits that may be any
#: are a chance of one in a million, whether two ids have three each or six have one.
_DIGITS, _LONGEST = 15, 20
_ZEROS, _NEARLY_ALL = 6, 0.95
#: Codes that ISO 639-1 had until 1989, and X writes to this day.
_FORMERLY = {"in": "id", "iw": "he", "ji": "yi"}
#: Half of an emoji at the end of a text, and whatever shows that it was cut.
_HALF = re.compile("[\\ud800-\\udbff](?=(?:…|\\.{3})?\\s*\\Z)")
#: A link that a spreadsheet is to show under another name.
_LINKED = re.compile(r"""=HYPERLINK\("([^"]+)"(?:\s?[,;]\s?"[^"]*")?\)""", re.IGNORECASE)
#: How an object begins that JSON or Python wrote; who spoke may stand in it.
_OBJECT = re.compile(r"""\s*\{\s*(?:"[^"]{1,60}"|'[^']{1,60}')\s*:""")
#: So many units of UTF-16 a spreadsheet keeps of a text.
_CELL = 32_767
_OTHERS_LANGUAGE = frozenset({"mixed", "none"})


class Spanned(str):
    """A cell of a workbook beneath the first row that it goes over: a video's id holds for all, words are said once."""

    __slots__ = ()


class Watched(dict[str, Any]):
    """A record that remembers which of its keys were asked for."""

    def __init__(self, record: dict[str, Any], asked: set[str]) -> None:
        super().__init__(record)
        self._asked = asked

    def of(self, record: dict[str, Any]) -> Watched:
        """Return another record of the same keys, of which is remembered here what was asked for."""
        return Watched(record, self._asked)

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401  any JSON value
        """Return a value, and remember its key."""
        self._asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401  any JSON value
        """Return a value, and remember its key."""
        self._asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        """Tell whether a key is there, and remember it."""
        self._asked.add(str(key))
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        """Return all keys, and remember that all were asked for."""
        self._asked.update(super().keys())
        return super().__iter__()

    def items(self) -> Any:  # noqa: ANN401  a view
        """Return all, and remember that all were asked for."""
        self._asked.update(super().keys())
        return super().items()

    def values(self) -> Any:  # noqa: ANN401  a view
        """Return all values, and remember that all were asked for."""
        self._asked.update(super().keys())
        return super().values()


def as_text(value: object) -> str | None:
    """Return a cell as text; a list or an object as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (list, dict)) else str(value)


def accepted(name: str, value: object) -> str:
    """Return a word of those that a column of the corpus may hold; ValueError for another."""
    if value not in ACCEPTED[name]:
        message = f"{name} '{value}' is not known (accepted: {', '.join(ACCEPTED[name])})"
        raise ValueError(message)
    return str(value)


def as_words(value: object) -> str:
    """Return what was said, nothing where it is missing; ValueError for what is no text.

    Programs that count an emoji as two cut texts in the middle of one.
    """
    if value is not None and not isinstance(value, str):
        message = f"the text is a JSON {type(value).__name__}"
        raise ValueError(message)
    if value in LOST or (value and _OBJECT.match(value) and value[-1] == "}"):
        message = "the text is a spreadsheet's error" if value in LOST else "the text is an object, not words"
        raise ValueError(message)
    if isinstance(value, Spanned):
        message = "words in a cell over several rows, which are those of its first"
        raise ValueError(message)  # noqa: TRY004  it is a text
    return _HALF.sub("", value) if value and not value.isascii() else value or ""


def fills_a_cell(text: str) -> bool:
    """Tell whether a text is as long as a spreadsheet's cell, so that it was cut there."""
    return len(text) <= _CELL < 2 * len(text) and _CELL - 1 <= len(text.encode("utf-16-le", "replace")) // 2 <= _CELL


def as_word(value: object) -> str | None:
    """Return an id, a name or a place as text; None for what is none (missing, a list, an object, a truth value)."""
    if not isinstance(value, str):
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
    text = value.strip()
    return None if missing(text) else text


def as_label(value: object) -> str | None:
    """Return a word that rows are put together by; ValueError for half a character, which no table can hold."""
    name = as_word(value)
    require_text(name)
    return name


def as_platform(value: object) -> str | None:
    """Return a platform by the name that formats have for it.

    >>> as_platform("抖音"), as_platform("YouTube.com"), as_platform("X (Twitter)"), as_platform("My forum")
    ('douyin', 'youtube', 'twitter', 'My forum')
    """
    name = as_label(value)
    return None if name is None else _platform(name)


@lru_cache(maxsize=1_000)
def _platform(name: str) -> str:
    small = name.lower().removeprefix("www.").removesuffix(".com").removesuffix(".net")
    small = "".join(filter(str.isalnum, small))
    return small if small in PLATFORMS else _ALSO_CALLED.get(small, name)


def platform_name(platform: str) -> str:
    """Return what people call a platform of the corpus.

    >>> platform_name("tiktok"), platform_name("douyin"), platform_name("my own forum")
    ('TikTok', 'Douyin', 'My own forum')
    """
    return _WRITTEN.get(platform, platform[:1].upper() + platform[1:])


def as_place(value: object) -> str | None:
    """Return a place without what a site writes before it; None for what is none, or names somebody.

    >>> as_place("IP属地：辽宁"), as_place("发布于上海"), as_place("未知"), as_place("10.1.2.3")
    ('辽宁', '上海', None, None)
    """
    place = _BEFORE_PLACE.sub("", as_word(value) or "", count=1).strip()
    return None if not place or place.endswith("未知") or _ADDRESS.search(place) else place


def as_id(value: object) -> str | None:
    """Return an id as text, None for what is none; ValueError refuses a rounded number.

    >>> as_id("751"), as_id('=HYPERLINK("https://www.tiktok.com/@x/video/751","View")')
    ('751', 'https://www.tiktok.com/@x/video/751')
    """
    name = as_word(value)
    linked = name is not None and name.startswith("=") and _LINKED.fullmatch(name)
    return None if name is None else whole_id(linked[1] if linked else name)


def cut_digits(name: str) -> int:
    """Return how many digits of an id a spreadsheet may have made zeros: all after the 15th are; 0 where some are not.

    >>> cut_digits("7241024491999020000"), cut_digits("7241024491999022391"), cut_digits("4812000000000000")
    (4, 0, 1)
    """
    long = _DIGITS < len(name) <= _LONGEST and name.isdecimal()
    return len(name) - _DIGITS if long and name[_DIGITS:].strip("0") == "" else 0


def is_rounded(name: str) -> bool:
    """Tell whether an id that two utterances have may have been a number for a while, of a spreadsheet or a float.

    Of one id alone a float tells nothing: many of X's end in twelve bits of zeros.

    >>> is_rounded("7241024491999020000"), is_rounded("7241024491999022080"), is_rounded("4812000000000001")
    (True, True, False)
    """
    long = _DIGITS < len(name) <= _LONGEST and name.isdecimal()
    return long and (cut_digits(name) > 0 or (math.ulp(float(name)) > 1 and int(float(name)) == int(name)))


def are_rounded(names: Iterable[str]) -> bool:
    """Tell whether a spreadsheet rounded a column of ids: nearly all are cut, and of more digits than by chance.

    >>> are_rounded(["7241024491999020000", "7241024491999110000"]), are_rounded(["7241024491999020000"])
    (True, False)
    >>> are_rounded(["7241024491999020000", "7241024491999110000", "7241024491999022391"])
    False
    """
    long = {name for name in names if _DIGITS < len(name) <= _LONGEST and name.isdecimal()}
    cut = [digits for digits in map(cut_digits, long) if digits]
    return sum(cut) >= _ZEROS and len(cut) >= _NEARLY_ALL * len(long)


def require_text(*parts: str | None) -> None:
    """Refuse a byte that is no UTF-8, and half a character."""
    for part in parts:
        if part is not None and not part.isascii():
            part.encode()


def as_language(value: object) -> str | None:
    """Return the language of a tag or name (``zh-Hans``, ``English``) by ISO 639-1; None where it is not known.

    What a platform calls French is not left to the script, which would make it English. X's ``und`` and ``qme`` are no
    languages; TikTok's ``un`` is none either.

    Raises
    ------
    ValueError
        If it is no tag or name of a language.

    Examples
    --------
    >>> [as_language(text) for text in ("EN-us", "English (UK)", "cmn", "中文", "in", "und")]
    ['en', 'en', 'zh', 'zh', 'id', None]

    """
    short = str(value).strip().lower()
    short = short if short in _OTHERS_LANGUAGE or not short else re.split("[-_ ]", short)[0]
    short = _FORMERLY.get(short, LANGUAGE_OF.get(short, short))
    if missing(short) or short in _NO_TAG:
        return None
    if short not in LANGUAGES and short not in _OTHERS_LANGUAGE:
        message = f"language '{value}' is not one of ISO 639-1"
        raise ValueError(message)
    return short


def reason_of(error: ValueError) -> str:
    """Return why a row is rejected."""
    return "not valid Unicode text" if isinstance(error, UnicodeError) else str(error)
